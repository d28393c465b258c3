//! A vault in a file, from which another process goes on.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::Vault;
use crate::cipher::Cipher;
use crate::{Error, Kind, Result};

/// Nobody but the owner reads or writes the file.
const OWNER_ONLY: u32 = 0o600;
/// The tag at the end of an envelope tells one state of a vault from every other.
const TAG_LEN: usize = 16;

/// The state of a file that a vault was read from or written to last.
pub(super) type State = [u8; TAG_LEN];

impl Vault {
    /// Writes the vault to a file, encrypted, in one step: the file holds the old state or the new one whatever happens.
    /// Mode 0600. `context` as in [`Vault::export`].
    ///
    /// # Errors
    ///
    /// [`Kind::Busy`] if the file is not the one that this vault was opened from or saved to last, because another
    /// process has saved to it meanwhile: nothing is written then. [`Kind::Io`], [`Kind::NotFound`], and those of
    /// [`Vault::export`].
    pub fn save(&mut self, path: &Path, cipher: &Cipher, context: &[u8]) -> Result<()> {
        let envelope = self.export(cipher, context)?;
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let failed = |error: &std::io::Error| Error::io("cannot write the vault", error);
        let guard = File::open(folder).map_err(|error| failed(&error))?;
        guard.lock().map_err(|error| failed(&error))?;
        if state_of(path)? != self.saved {
            return Err(Error::new(
                Kind::Busy,
                "another process has written this vault; hint: open the file again and go on from there",
            ));
        }
        let temporary = temporary(path)?;
        let written = write(&temporary, &envelope)
            .and_then(|()| fs::rename(&temporary, path))
            .and_then(|()| guard.sync_all());
        if let Err(error) = written {
            // The failure that is reported is the first one.
            let _ = fs::remove_file(&temporary);
            return Err(failed(&error));
        }
        self.saved = Some(tag(&envelope)?);
        Ok(())
    }

    /// Reads a vault that [`Vault::save`] wrote, and goes on with the same placeholders.
    ///
    /// # Errors
    ///
    /// [`Kind::NotFound`], [`Kind::Io`], and those of [`Vault::import`].
    pub fn open(path: &Path, cipher: &Cipher, context: &[u8]) -> Result<Self> {
        let failed = |error: &std::io::Error| Error::io("cannot read the vault", error);
        let mut file = File::open(path).map_err(|error| failed(&error))?;
        let is_file = file.metadata().map_err(|error| failed(&error))?.is_file();
        if !is_file {
            return Err(Error::new(Kind::Io, "the vault is not a regular file"));
        }
        let mut envelope = Vec::new();
        file.read_to_end(&mut envelope)
            .map_err(|error| failed(&error))?;
        let mut vault = Self::import(cipher, &envelope, context)?;
        vault.saved = Some(tag(&envelope)?);
        Ok(vault)
    }
}

fn write(path: &Path, envelope: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(path)?;
    file.write_all(envelope)?;
    file.sync_all()
}

/// The state that a file is in; `None` if there is none.
fn state_of(path: &Path) -> Result<Option<State>> {
    match fs::read(path) {
        Ok(envelope) => tag(&envelope).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("cannot read the vault", &error)),
    }
}

fn tag(envelope: &[u8]) -> Result<State> {
    envelope
        .last_chunk()
        .copied()
        .ok_or_else(|| Error::new(Kind::Decrypt, "this is too short for an encrypted envelope"))
}

/// A name beside `path` that nobody uses.
fn temporary(path: &Path) -> Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)
        .map_err(|_| Error::new(Kind::Io, "the operating system gives no random numbers"))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", base16ct::lower::encode_string(&random)));
    Ok(path.with_file_name(name))
}
