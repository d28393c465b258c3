//! Files as envelopes: encrypted, decrypted, and read in part.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use super::envelope::Label;
use super::seal::Cipher;
use crate::files::{create_new, temporary};
use crate::{Error, Kind, Result, Sensitive};

/// Bytes that are read and written at once.
const BUFFER: usize = 1 << 18;
/// Most bytes of a part that is read into memory.
const MAX_PART: usize = 1 << 30;

impl Cipher {
    /// Encrypts a file into a new one, mode 0600, which has its name only when it is whole and on the disk. Memory does not
    /// grow with it. How many bytes of plaintext it had.
    ///
    /// [`Kind::NotFound`] if `source` does not exist; [`Kind::InvalidArgument`] if `target` exists; [`Kind::Io`].
    pub fn encrypt_file(
        &self,
        source: impl AsRef<Path>,
        target: impl AsRef<Path>,
        label: &Label,
        context: &[u8],
    ) -> Result<u64> {
        let source = open(source.as_ref())?;
        into_new(target.as_ref(), |target| {
            self.encrypt_stream(source, target, label, context)
        })
    }

    /// Decrypts a file into a new one, mode 0600, which is there only if all of the envelope was found unaltered. Its label.
    ///
    /// Errors as of [`Cipher::decrypt`] and [`Cipher::encrypt_file`].
    pub fn decrypt_file(
        &self,
        source: impl AsRef<Path>,
        target: impl AsRef<Path>,
        context: &[u8],
    ) -> Result<Label> {
        let source = open(source.as_ref())?;
        into_new(target.as_ref(), |target| {
            self.decrypt_stream(source, target, context)
        })
    }

    /// Decrypts a part of a file: up to `length` bytes, at most 1 GiB, from the byte `offset` of the plaintext on. Fewer
    /// where it ends. Only the chunks of the part, and the last one, are read.
    pub fn decrypt_part(
        &self,
        source: impl AsRef<Path>,
        offset: u64,
        length: usize,
        context: &[u8],
    ) -> Result<Sensitive<Vec<u8>>> {
        let file =
            File::open(source).map_err(|error| Error::io("cannot open the envelope", &error))?;
        let mut file = self.decrypt_at(file, context)?;
        let length = length.min(MAX_PART);
        let there = file.length().saturating_sub(offset);
        let room = usize::try_from(there).unwrap_or(usize::MAX).min(length);
        let mut part = Sensitive::new(Vec::with_capacity(room));
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.take(length as u64).read_to_end(&mut part))
            .map_err(super::stream::of_io)?;
        Ok(part)
    }
}

fn open(path: &Path) -> Result<BufReader<File>> {
    File::open(path)
        .map(|file| BufReader::with_capacity(BUFFER, file))
        .map_err(|error| Error::io("cannot open the file", &error))
}

/// Makes a file beside its place, and moves it there when everything went well.
fn into_new<T>(target: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> Result<T>) -> Result<T> {
    let failed = |error: std::io::Error| Error::io("cannot write the file", &error);
    let exists = || {
        Error::new(
            Kind::InvalidArgument,
            "the target exists; hint: choose another name",
        )
    };
    if fs::symlink_metadata(target).is_ok() {
        return Err(exists());
    }
    let part = temporary(target)?;
    let file = create_new(&part).map_err(failed)?;
    let written = || {
        let mut buffer = BufWriter::with_capacity(BUFFER, &file);
        let result = write(&mut buffer)?;
        buffer.flush().map_err(failed)?;
        file.sync_all().map_err(failed)?;
        // Unlike a rename, it fails where somebody else was faster.
        fs::hard_link(&part, target).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => exists(),
            _ => failed(error),
        })?;
        Ok(result)
    };
    let result = written();
    let removed = fs::remove_file(&part).map_err(failed);
    result.and_then(|result| removed.map(|()| result))
}
