//! Numbers and texts as bytes, all numbers big endian, a text behind its length: what is encrypted is first written so.

use zeroize::Zeroizing;

use crate::{Error, Result};

/// Writes into room that was measured before, so that growing leaves no copy behind.
pub(crate) struct Writer {
    out: Zeroizing<Vec<u8>>,
}

impl Writer {
    pub(crate) fn with_room(room: usize) -> Self {
        Self {
            out: Zeroizing::new(Vec::with_capacity(room)),
        }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        debug_assert!(
            self.out.len() + bytes.len() <= self.out.capacity(),
            "growing would leave a copy behind"
        );
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.bytes(&number.to_be_bytes());
    }

    /// A text longer than 4 GiB is none that a scanner finds.
    pub(crate) fn text(&mut self, text: &str) {
        let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.bytes(&len.to_be_bytes());
        self.bytes(&text.as_bytes()[..len as usize]);
    }

    pub(crate) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.out
    }
}

/// Reads what a [`Writer`] wrote.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    malformed: fn() -> Error,
}

impl<'a> Reader<'a> {
    /// `malformed` is what is said of anything else.
    pub(crate) fn new(bytes: &'a [u8], malformed: fn() -> Error) -> Self {
        Self {
            rest: bytes,
            malformed,
        }
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(self.malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| (self.malformed)())
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn number(&mut self) -> Result<u64> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str> {
        let len = u32::from_be_bytes(self.array()?);
        let bytes = self.take(usize::try_from(len).map_err(|_| (self.malformed)())?)?;
        std::str::from_utf8(bytes).map_err(|_| (self.malformed)())
    }

    /// What comes behind.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.rest
    }
}
