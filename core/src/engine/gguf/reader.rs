//! Bytes of a GGUF header, read once and never beyond the end of the file.

use std::io::{BufRead, Read};

use super::refuse;
use crate::{Error, Result};

/// Longest string that a header may hold. Chat templates, the longest in practice, are far below.
const MAX_STRING: u64 = 16 << 20;

/// A reader that knows how many bytes the file has left.
pub(super) struct Reader<R> {
    inner: R,
    position: u64,
    length: u64,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(inner: R, length: u64) -> Self {
        Self {
            inner,
            position: 0,
            length,
        }
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Bytes that the file still has.
    pub(super) fn remaining(&self) -> u64 {
        self.length - self.position
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.take(N as u64)?;
        self.inner.read_exact(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    /// A length and that many bytes.
    pub(super) fn string(&mut self) -> Result<Vec<u8>> {
        let length = self.u64()?;
        if length > MAX_STRING {
            return Err(refuse("a string in its header is longer than 16 MiB"));
        }
        self.bytes(length)
    }

    /// That many bytes.
    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        self.take(length)?;
        let mut bytes = Vec::new();
        (&mut self.inner)
            .take(length)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if bytes.len() as u64 != length {
            return Err(truncated());
        }
        Ok(bytes)
    }

    /// Passes over `count` bytes.
    pub(super) fn skip(&mut self, count: u64) -> Result<()> {
        self.take(count)?;
        let skipped = std::io::copy(&mut (&mut self.inner).take(count), &mut std::io::sink())
            .map_err(unreadable)?;
        if skipped == count {
            Ok(())
        } else {
            Err(truncated())
        }
    }

    fn take(&mut self, count: u64) -> Result<()> {
        if count > self.remaining() {
            return Err(truncated());
        }
        self.position += count;
        Ok(())
    }
}

fn truncated() -> Error {
    refuse("it is shorter than its header says; hint: copy or download it again")
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a `map_err` function"
)]
fn unreadable(source: std::io::Error) -> Error {
    if source.kind() == std::io::ErrorKind::UnexpectedEof {
        truncated()
    } else {
        Error::io("cannot read the model file", &source)
    }
}
