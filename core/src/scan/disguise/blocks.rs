//! Which bytes of a text are of some kind, sixty-four at a time, without a branch for each.

/// The bytes of a block.
pub(in crate::scan) const BITS: usize = u64::BITS as usize;

/// The blocks of a text from some place on.
pub(in crate::scan) struct Blocks<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Blocks<'t> {
    pub(in crate::scan) fn from(bytes: &'t [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where the next block begins, and a bit for each of its bytes that `is` of the kind, the first in the lowest.
    #[inline]
    pub(in crate::scan) fn next(&mut self, is: impl Fn(u8) -> bool) -> Option<(usize, u64)> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let at = self.at;
        self.at += BITS;
        let flag = |byte: u8| u8::from(is(byte));
        let bits = if let Some(block) = rest.first_chunk::<BITS>() {
            packed(&block.map(flag))
        } else {
            let mut flags = [0; BITS];
            for (place, byte) in flags.iter_mut().zip(rest) {
                *place = flag(*byte);
            }
            packed(&flags)
        };
        Some((at, bits))
    }
}

/// Bytes that are 0 or 1 as bits.
fn packed(flags: &[u8; BITS]) -> u64 {
    /// Moves the lowest bit of each of eight bytes into the highest byte, in their order.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (words, _) = flags.as_chunks();
    words.iter().rev().fold(0, |bits, word| {
        bits << 8 | u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_bit() {
        for length in [0, 1, 7, 63, 64, 65, 130] {
            for place in 0..length {
                let mut text = vec![b'-'; length];
                text[place] = b'x';
                let mut blocks = Blocks::from(&text, 0);
                let mut found = Vec::new();
                while let Some((at, bits)) = blocks.next(|byte| byte == b'x') {
                    found.extend(
                        (0..BITS)
                            .filter(|bit| bits >> bit & 1 != 0)
                            .map(|bit| at + bit),
                    );
                }
                assert_eq!(found, [place]);
            }
        }
    }
}
