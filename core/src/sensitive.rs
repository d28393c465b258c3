//! A value that is wiped when it is dropped and that no formatter shows.

use std::fmt;
use std::ops::{Deref, DerefMut};

use zeroize::Zeroize;

/// Wipes its value on drop; `Debug` and `Display` print `[REDACTED]`.
///
/// Growing a wrapped `Vec` or `String` may leave a copy behind where the allocator moved it: give it its final capacity
/// first.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sensitive<T: Zeroize>(T);

impl<T: Zeroize> Sensitive<T> {
    /// Takes charge of `value`.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Gives the value back, unwiped: from here on it is the caller's to protect.
    pub fn into_inner(mut self) -> T
    where
        T: Default,
    {
        std::mem::take(&mut self.0)
    }
}

impl<T: Zeroize> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Zeroize> Deref for Sensitive<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> DerefMut for Sensitive<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Drop for Sensitive<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl<T: Zeroize> fmt::Display for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_formatter_shows_the_value() {
        let secret = Sensitive::new(String::from("123-45-6789"));
        assert_eq!(
            format!("{secret} {secret:?} {:?}", Some(&secret)),
            "[REDACTED] [REDACTED] Some([REDACTED])"
        );
    }
}
