//! Where words may begin with a capital, sixty-four bytes at a time.

use super::boundary::ALPHANUMERIC;
use super::disguise::blocks::{BITS, bits_of, block_at};

/// The places of a text, in ascending order, at which a byte stands that is in the column of the ASCII capitals or beyond
/// ASCII, and no ASCII letter or figure before it.
pub(super) struct Capitals<'t> {
    bytes: &'t [u8],
    /// Where the block ends that was read last, and a bit for each of its places.
    end: usize,
    marks: u64,
}

impl<'t> Capitals<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            bytes: text.as_bytes(),
            end: 0,
            marks: 0,
        }
    }

    /// The first at `from` or behind it; no less than the last time.
    #[inline]
    pub(super) fn next(&mut self, from: usize) -> Option<usize> {
        if from >= self.end {
            self.end = from;
            self.marks = 0;
        } else if let Some(seen) = (from + BITS).checked_sub(self.end) {
            self.marks &= u64::MAX << seen;
        }
        while self.marks == 0 {
            self.read()?;
        }
        Some(self.end - BITS + self.marks.trailing_zeros() as usize)
    }

    fn read(&mut self) -> Option<()> {
        let (block, _) = block_at(self.bytes, self.end)?;
        self.marks = bits_of(&block, |byte| byte & 0xE0 == 0x40 || byte >= 0x80);
        if self.marks != 0 {
            let last = self.bytes[..self.end].last();
            let before = last.is_some_and(|last| ALPHANUMERIC[usize::from(*last)]);
            let inside = bits_of(&block, |byte| {
                (byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'0') < 10
            });
            self.marks &= !(inside << 1 | u64::from(before));
        }
        self.end += BITS;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_told_from_wherever_one_looks() {
        let text = format!("{}Ab cD 7E \u{e9} (F{}G", " ".repeat(60), "-".repeat(70));
        let places: Vec<usize> = text
            .bytes()
            .enumerate()
            .filter(|&(at, byte)| {
                let before = at > 0 && text.as_bytes()[at - 1].is_ascii_alphanumeric();
                (byte & 0xE0 == 0x40 || byte >= 0x80) && !before
            })
            .map(|(at, _)| at)
            .collect();
        assert_eq!(places.len(), 5);
        for step in [1, 2, 7, 64, 100] {
            let mut capitals = Capitals::of(&text);
            for from in (0..text.len()).step_by(step) {
                let next = places.iter().copied().find(|place| *place >= from);
                assert_eq!(capitals.next(from), next, "from {from}");
            }
        }
    }
}
