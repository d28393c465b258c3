//! The vault: which placeholder stands for which value.

/// Remembers which placeholder stands for which value. Wiped on drop; Debug shows only the count.
pub struct Vault {}

impl Vault {
    pub fn new() -> Self {
        todo!()
    }
    /// Keeps placeholder-shaped text that the caller wrote from being restored later: call with raw text before scrubbing it.
    pub fn reserve(&mut self, _text: &str) {
        todo!()
    }
    /// The placeholder of `value`: the same one every time.
    pub fn placeholder(&mut self, _token: &str, _value: &str) -> String {
        todo!()
    }
    pub fn len(&self) -> usize {
        todo!()
    }
    pub fn is_empty(&self) -> bool {
        todo!()
    }
    /// Puts every value back.
    pub fn restore(&self, _text: &str) -> String {
        todo!()
    }
    /// Restores a text that arrives in chunks, holding back at most one placeholder's length.
    pub fn restorer(&self) -> Restorer<'_> {
        todo!()
    }
    pub fn clear(&mut self) {
        todo!()
    }
}

/// See [`Vault::restorer`].
pub struct Restorer<'a> {
    _vault: &'a Vault,
}

impl Restorer<'_> {
    /// The part of the text so far that is certain.
    pub fn push(&mut self, _chunk: &str) -> String {
        todo!()
    }
    /// The rest.
    pub fn finish(self) -> String {
        todo!()
    }
}
