//! Code points that a cut between chunks goes through.

use std::str;

use crate::{Error, Kind, Result};

/// The first bytes of a code point whose last ones are still to come.
#[derive(Default)]
pub(super) struct Partial {
    bytes: [u8; 4],
    len: usize,
}

impl Partial {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// What `chunk` adds to the text: the code point that was incomplete, and whole ones. `taken` bytes of text came before.
    pub(super) fn complete<'c>(
        &mut self,
        chunk: &'c [u8],
        taken: usize,
    ) -> Result<(String, &'c str)> {
        let mut bytes = self.bytes;
        let mut len = self.len;
        let mut rest = chunk;
        let mut head = String::new();
        while len > 0 && !rest.is_empty() {
            bytes[len] = rest[0];
            len += 1;
            rest = &rest[1..];
            match str::from_utf8(&bytes[..len]) {
                Ok(text) => {
                    text.clone_into(&mut head);
                    len = 0;
                }
                Err(error) if error.error_len().is_some() => return Err(invalid(taken)),
                Err(_) => {}
            }
        }
        let (text, tail) = match str::from_utf8(rest) {
            Ok(text) => (text, &[][..]),
            Err(error) => {
                let at = error.valid_up_to();
                if error.error_len().is_some() {
                    let before = chunk.len() - rest.len();
                    return Err(invalid(taken + self.len + before + at));
                }
                let text = str::from_utf8(&rest[..at]).unwrap_or_default();
                (text, &rest[at..])
            }
        };
        bytes[len..len + tail.len()].copy_from_slice(tail);
        self.bytes = bytes;
        self.len = len + tail.len();
        Ok((head, text))
    }

    /// Refuses a text that ends inside a code point.
    pub(super) fn end(&self, taken: usize) -> Result<()> {
        if self.len == 0 {
            return Ok(());
        }
        Err(invalid(taken))
    }
}

fn invalid(at: usize) -> Error {
    Error::new(
        Kind::InvalidUtf8,
        format!("byte {at} is not UTF-8; hint: decode the text with its own encoding first"),
    )
}
