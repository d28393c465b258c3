//! A vault in a file, from which another process goes on.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use super::Vault;
use crate::cipher::Cipher;
use crate::files;
use crate::{Error, Kind, Result};

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
        let failed = |error: &std::io::Error| Error::io("cannot write the vault", error);
        let _guard = locked(path).map_err(|error| failed(&error))?;
        if state_of(path)? != self.saved {
            return Err(Error::new(
                Kind::Busy,
                "another process has written this vault; hint: open the file again and go on from there",
            ));
        }
        files::replace(path, &envelope, "cannot write the vault")?;
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

/// A lock that whoever saves to this file waits for. It is that of the folder; on Windows, where a folder has none, that of an
/// empty file beside, which stays.
fn locked(path: &Path) -> io::Result<File> {
    #[cfg(not(windows))]
    let file = File::open(files::folder_of(path))?;
    #[cfg(windows)]
    let file = files::options()
        .write(true)
        .create(true)
        .open(path.with_added_extension("lock"))?;
    file.lock()?;
    Ok(file)
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
