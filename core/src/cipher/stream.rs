//! Envelopes that are too large for memory: written and read in chunks of 16 KiB, from the beginning or from anywhere.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};

use zeroize::Zeroizing;

use super::cobblestone::{CHUNK, Message, PREFIX, SEALED_CHUNK, TAG, plaintext_len};
use super::envelope::{FIXED_LEN, Header, Label};
use super::seal::{Cipher, altered, too_short};
use crate::{Error, Kind, Result};

/// Encrypts what is written to it. The envelope is whole after [`EncryptWriter::finish`]; without it, it does not decrypt.
pub struct EncryptWriter<W: Write> {
    inner: W,
    keys: Message,
    number: u64,
    chunk: Zeroizing<Vec<u8>>,
    sealed: Vec<u8>,
}

impl Cipher {
    /// Begins an envelope as a stream; memory does not grow with it.
    pub fn encrypt_to<W: Write>(
        &self,
        mut inner: W,
        label: &Label,
        context: &[u8],
    ) -> Result<EncryptWriter<W>> {
        let (header, keys) = self.begin(label, context)?;
        inner
            .write_all(&header)
            .and_then(|()| inner.write_all(keys.prefix()))
            .map_err(|error| Error::io("cannot write the envelope", &error))?;
        Ok(EncryptWriter {
            inner,
            keys,
            number: 0,
            chunk: Zeroizing::new(Vec::with_capacity(CHUNK)),
            sealed: vec![0; SEALED_CHUNK],
        })
    }

    /// Opens an envelope as a stream; memory does not grow with it.
    ///
    /// Every byte that it gives was found unaltered, but only its end shows that nothing is missing: what was read before
    /// an error must not be used where a part is dangerous. Errors as of [`Cipher::decrypt`].
    pub fn decrypt_from<R: Read>(&self, mut inner: R, context: &[u8]) -> Result<DecryptReader<R>> {
        let (label, _, keys) = self.open_header(&mut inner, context)?;
        Ok(DecryptReader {
            inner,
            keys,
            label,
            number: 0,
            sealed: vec![0; SEALED_CHUNK],
            chunk: Zeroizing::new(vec![0; CHUNK]),
            filled: 0,
            taken: 0,
            ended: false,
        })
    }

    /// Opens an envelope of which any part can be read. Its length is checked here, so that a truncated one is refused.
    pub fn decrypt_at<R: Read + Seek>(
        &self,
        mut inner: R,
        context: &[u8],
    ) -> Result<DecryptFile<R>> {
        let failed = |error| Error::io("cannot read the envelope", &error);
        inner.rewind().map_err(failed)?;
        let (label, start, keys) = self.open_header(&mut inner, context)?;
        let end = inner.seek(SeekFrom::End(0)).map_err(failed)?;
        let sealed = end.checked_sub(start).ok_or_else(too_short)?;
        let length = plaintext_len(sealed).ok_or_else(too_short)?;
        let mut file = DecryptFile {
            inner,
            keys,
            label,
            start,
            length,
            position: length,
            number: None,
            sealed: vec![0; SEALED_CHUNK],
            chunk: Zeroizing::new(vec![0; CHUNK]),
            filled: 0,
        };
        // The last chunk is the only one that is short, so it proves the length.
        file.load(length / CHUNK as u64).map_err(of_io)?;
        file.position = 0;
        Ok(file)
    }

    /// Encrypts a whole stream. How many bytes of plaintext it had.
    pub fn encrypt_stream(
        &self,
        mut plaintext: impl Read,
        envelope: impl Write,
        label: &Label,
        context: &[u8],
    ) -> Result<u64> {
        let mut writer = self.encrypt_to(envelope, label, context)?;
        let count = io::copy(&mut plaintext, &mut writer).map_err(of_io)?;
        writer.finish()?;
        Ok(count)
    }

    /// Decrypts a whole stream, and gives its label. See [`Cipher::decrypt_from`] for what an error means.
    pub fn decrypt_stream(
        &self,
        envelope: impl Read,
        mut plaintext: impl Write,
        context: &[u8],
    ) -> Result<Label> {
        let mut reader = self.decrypt_from(envelope, context)?;
        io::copy(&mut reader, &mut plaintext).map_err(of_io)?;
        plaintext
            .flush()
            .map_err(|error| Error::io("cannot write the plaintext", &error))?;
        Ok(reader.label)
    }

    /// Label, offset of the first chunk, and keys.
    fn open_header(&self, inner: &mut impl Read, context: &[u8]) -> Result<(Label, u64, Message)> {
        let mut header = vec![0; FIXED_LEN];
        read_all(inner, &mut header)?;
        let fixed = header.first_chunk().ok_or_else(too_short)?;
        let length = Header::length_of(fixed)?;
        header.resize(length, 0);
        read_all(inner, &mut header[FIXED_LEN..])?;
        let decoded = Header::decode(&header)?;
        let mut prefix = [0; PREFIX];
        read_all(inner, &mut prefix)?;
        let keys = self.resume(&decoded, &header, &prefix, context)?;
        Ok((decoded.label, (length + PREFIX) as u64, keys))
    }
}

impl<W: Write> EncryptWriter<W> {
    /// Writes the last chunk and gives back what was written to.
    pub fn finish(mut self) -> Result<W> {
        self.seal_chunk().map_err(of_io)?;
        self.inner
            .flush()
            .map_err(|error| Error::io("cannot write the envelope", &error))?;
        Ok(self.inner)
    }

    fn seal_chunk(&mut self) -> io::Result<()> {
        let sealed = &mut self.sealed[..self.chunk.len() + TAG];
        self.keys
            .seal(self.number, &self.chunk, sealed)
            .map_err(to_io)?;
        self.inner.write_all(sealed)?;
        self.number += 1;
        self.chunk.clear();
        Ok(())
    }
}

impl<W: Write> Write for EncryptWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.chunk.len() == CHUNK {
            self.seal_chunk()?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        if self.chunk.len() == CHUNK {
            self.seal_chunk()?;
        }
        Ok(taken)
    }

    /// What is not yet a whole chunk stays here.
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The plaintext of an envelope, from its beginning to its end.
pub struct DecryptReader<R: Read> {
    inner: R,
    keys: Message,
    label: Label,
    number: u64,
    sealed: Vec<u8>,
    chunk: Zeroizing<Vec<u8>>,
    filled: usize,
    taken: usize,
    ended: bool,
}

impl<R: Read> DecryptReader<R> {
    /// What the envelope says about its content.
    pub fn label(&self) -> &Label {
        &self.label
    }
}

impl<R: Read> Read for DecryptReader<R> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.filled && !self.ended {
            let length = fill(&mut self.inner, &mut self.sealed)?;
            let plain = length.checked_sub(TAG).ok_or_else(|| to_io(altered()))?;
            (self.filled, self.taken) = (0, 0);
            if !self.keys.open(
                self.number,
                &self.sealed[..length],
                &mut self.chunk[..plain],
            ) {
                return Err(to_io(altered()));
            }
            self.number += 1;
            self.filled = plain;
            self.ended = plain < CHUNK;
            if self.ended && fill(&mut self.inner, &mut [0])? > 0 {
                self.filled = 0;
                return Err(to_io(altered()));
            }
        }
        let count = place.len().min(self.filled - self.taken);
        place[..count].copy_from_slice(&self.chunk[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

/// The plaintext of an envelope, of which any part can be read.
pub struct DecryptFile<R: Read + Seek> {
    inner: R,
    keys: Message,
    label: Label,
    /// Offset of the first chunk.
    start: u64,
    /// Bytes of plaintext.
    length: u64,
    position: u64,
    /// The chunk that is in memory.
    number: Option<u64>,
    sealed: Vec<u8>,
    chunk: Zeroizing<Vec<u8>>,
    filled: usize,
}

impl<R: Read + Seek> DecryptFile<R> {
    /// What the envelope says about its content.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// Bytes of plaintext.
    pub fn length(&self) -> u64 {
        self.length
    }

    fn load(&mut self, number: u64) -> io::Result<()> {
        if self.number == Some(number) {
            return Ok(());
        }
        self.number = None;
        let offset = self.start + number * SEALED_CHUNK as u64;
        self.inner.seek(SeekFrom::Start(offset))?;
        let length = fill(&mut self.inner, &mut self.sealed)?;
        let plain = length.checked_sub(TAG).ok_or_else(|| to_io(altered()))?;
        if !self
            .keys
            .open(number, &self.sealed[..length], &mut self.chunk[..plain])
        {
            return Err(to_io(altered()));
        }
        self.filled = plain;
        self.number = Some(number);
        Ok(())
    }
}

impl<R: Read + Seek> Read for DecryptFile<R> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.length || place.is_empty() {
            return Ok(0);
        }
        self.load(self.position / CHUNK as u64)?;
        let within = usize::try_from(self.position % CHUNK as u64).unwrap_or_default();
        let available = self.chunk.get(within..self.filled).unwrap_or_default();
        let count = place.len().min(available.len());
        place[..count].copy_from_slice(&available[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: Read + Seek> Seek for DecryptFile<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// As many bytes as there are, up to the size of the place.
fn fill(inner: &mut impl Read, place: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < place.len() {
        match inner.read(&mut place[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn read_all(inner: &mut impl Read, place: &mut [u8]) -> Result<()> {
    let filled =
        fill(inner, place).map_err(|error| Error::io("cannot read the envelope", &error))?;
    if filled == place.len() {
        Ok(())
    } else {
        Err(too_short())
    }
}

fn to_io(error: Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

/// The error that [`to_io`] has wrapped, or one about reading and writing.
#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(super) fn of_io(error: io::Error) -> Error {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
    {
        Some(inner) => inner.clone(),
        None if error.kind() == ErrorKind::InvalidData => {
            Error::new(Kind::Decrypt, "the envelope was altered")
        }
        None => Error::io("cannot read or write the stream", &error),
    }
}
