//! Where keys come from. One that is missing, too short or easily guessed is refused: none is ever invented.

use std::fs::{self, Metadata};
use std::io::Read as _;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};

use super::Key;
use crate::{Error, Kind, Result, Sensitive, files};

/// Most bytes of a key file; a key as text has less than 70.
const MAX_FILE: u64 = 4096;
/// Fewest characters of a passphrase.
const MIN_PASSPHRASE: usize = 12;
/// Fewest different characters of a passphrase.
const MIN_DIFFERENT: usize = 6;
/// Fewest bytes of a salt (RFC 9106 §3.1 recommends 16).
const MIN_SALT: usize = 16;

/// What [`Key::from_passphrase`] costs whoever guesses, and us. The default is the second recommendation of RFC 9106 §4:
/// 64 MiB, 3 passes, 4 lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassphraseCost {
    /// Memory in KiB, at least 19 MiB.
    pub memory_kib: u32,
    /// Passes over it, at least 2.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for PassphraseCost {
    fn default() -> Self {
        Self {
            memory_kib: 64 << 10,
            passes: 3,
            lanes: 4,
        }
    }
}

impl Key {
    /// The key in an environment variable, in the forms of [`Key::from_text`].
    ///
    /// [`Kind::NotFound`] if it is not set or empty, [`Kind::InvalidKey`] if it holds anything but a key.
    pub fn from_env(variable: &str) -> Result<Self> {
        let text = std::env::var_os(variable).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| {
            Error::new(
                Kind::NotFound,
                "the environment variable of the key is not set; hint: make a key with `cloister keygen`",
            )
        })?;
        let text = Sensitive::new(text.into_string().unwrap_or_default());
        Self::from_text(&text)
    }

    /// The key in a file: 32 bytes, or the forms of [`Key::from_text`].
    ///
    /// The file must belong to this user or root, be a regular file and no symbolic link, and be closed to everybody else
    /// (mode 0600 or less), else [`Kind::Denied`]. [`Kind::NotFound`] if there is none; [`Kind::InvalidKey`] if it holds
    /// anything but a key.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let failed = |error: std::io::Error| Error::io("cannot open the key file", &error);
        if fs::symlink_metadata(path.as_ref())
            .map_err(failed)?
            .is_symlink()
        {
            return Err(Error::new(
                Kind::Denied,
                "the key file is a symbolic link; hint: name the file that it points to",
            ));
        }
        let file = files::options().read(true).open(path).map_err(failed)?;
        let found = file.metadata().map_err(failed)?;
        if !found.is_file() {
            return Err(Error::new(
                Kind::Denied,
                "the key file is not a regular file",
            ));
        }
        must_be_the_owners(&found)?;
        let mut bytes = Sensitive::new(Vec::with_capacity(256));
        file.take(MAX_FILE)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() == 32 {
            return Self::from_bytes(&bytes);
        }
        Self::from_text(std::str::from_utf8(&bytes).unwrap_or_default())
    }

    /// A key from a passphrase with Argon2id (RFC 9106). The same salt and cost give the same key again; neither is
    /// secret. Draw the salt once, at random, at least 16 bytes.
    ///
    /// [`Kind::InvalidKey`] for a passphrase of fewer than 12 characters or with fewer than 6 different ones;
    /// [`Kind::InvalidArgument`] for a salt or a cost that is too small.
    pub fn from_passphrase(passphrase: &str, salt: &[u8], cost: PassphraseCost) -> Result<Self> {
        let mut different: Vec<char> = passphrase.chars().collect();
        let length = different.len();
        different.sort_unstable();
        different.dedup();
        if length < MIN_PASSPHRASE || different.len() < MIN_DIFFERENT {
            return Err(Error::new(
                Kind::InvalidKey,
                "the passphrase is easily guessed; hint: use at least 12 characters, or several random words",
            ));
        }
        let least = PassphraseCost {
            memory_kib: 19 << 10,
            passes: 2,
            lanes: 1,
        };
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32));
        let sound = cost.memory_kib >= least.memory_kib && cost.passes >= least.passes;
        let params = params.ok().filter(|_| sound && salt.len() >= MIN_SALT);
        let params = params.ok_or_else(|| {
            Error::new(
                Kind::InvalidArgument,
                "salt or cost of a passphrase are too small; hint: use 16 random bytes, 19 MiB and 2 passes at least",
            )
        })?;
        let mut bytes = Sensitive::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, bytes.as_mut_slice())
            .map_err(|_| {
                Error::new(
                    Kind::TooLarge,
                    "there is not enough memory for the passphrase",
                )
            })?;
        Self::from_bytes(bytes.as_slice())
    }

    /// The key that a function of the caller's gives: a key management service, a TPM, an HSM. What it gives is wiped.
    pub fn from_source(source: impl FnOnce() -> Result<Vec<u8>>) -> Result<Self> {
        let bytes = Sensitive::new(source()?);
        Self::from_bytes(&bytes)
    }
}

/// Refuses a key file that others than its owner and root may have read.
#[cfg(unix)]
fn must_be_the_owners(found: &Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    /// Bits of the mode that let others than the owner at the file.
    const OTHERS: u32 = 0o077;
    if found.uid() != rustix::process::geteuid().as_raw() && found.uid() != 0 {
        return Err(Error::new(
            Kind::Denied,
            "the key file belongs to another user; hint: `chown` it",
        ));
    }
    if found.mode() & OTHERS != 0 {
        return Err(Error::new(
            Kind::Denied,
            "the key file is open to other users; hint: `chmod 600` it",
        ));
    }
    Ok(())
}

/// Windows has lists of rights instead of modes; they are not read.
#[cfg(not(unix))]
fn must_be_the_owners(_found: &Metadata) -> Result<()> {
    Ok(())
}
