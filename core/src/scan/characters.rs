//! Which characters a value has, read once for all that is asked about them.

/// The marks that are told apart.
const MARKS: &[u8] = b"!\"#$%&()*+,-./:<=?@[\\^_{~";
const DIGIT: u32 = 1 << 28;
const LOWER: u32 = 1 << 29;
const UPPER: u32 = 1 << 30;
const WIDE: u32 = 1 << 31;

/// The bits of each byte.
static BITS: [u32; 256] = {
    let mut bits = [WIDE; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        bits[byte as usize] = match byte {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            _ => 0,
        };
        byte += 1;
    }
    let mut mark = 0;
    while mark < MARKS.len() {
        bits[MARKS[mark] as usize] = 1 << mark;
        mark += 1;
    }
    bits
};

/// The kinds of characters that a value has.
#[derive(Clone, Copy, Default)]
pub(super) struct Characters(u32);

impl Characters {
    pub(super) fn of(value: impl AsRef<[u8]>) -> Self {
        let bits = |byte: &u8| BITS[usize::from(*byte)];
        Self(value.as_ref().iter().fold(0, |all, byte| all | bits(byte)))
    }

    /// Whether the value has any of `marks`, each of which must be one that is told apart.
    pub(super) fn any(self, marks: &[u8]) -> bool {
        marks
            .iter()
            .any(|mark| self.0 & BITS[usize::from(*mark)] != 0)
    }

    pub(super) fn has_digit(self) -> bool {
        self.0 & DIGIT != 0
    }

    pub(super) fn has_lowercase(self) -> bool {
        self.0 & LOWER != 0
    }

    pub(super) fn has_uppercase(self) -> bool {
        self.0 & UPPER != 0
    }

    pub(super) fn is_ascii(self) -> bool {
        self.0 & WIDE == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_has_a_bit_of_its_own() {
        assert!(MARKS.len() <= 28);
        for (place, mark) in MARKS.iter().enumerate() {
            let all = Characters::of([*mark]);
            assert_eq!(all.0, 1 << place);
            assert!(all.any(&[*mark]) && !all.has_digit() && all.is_ascii());
        }
        let all = Characters::of("a7\u{e9}");
        assert!(all.has_lowercase() && all.has_digit() && !all.has_uppercase() && !all.is_ascii());
    }
}
