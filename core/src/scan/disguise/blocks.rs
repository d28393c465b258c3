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
        let (block, length) = block_at(self.bytes, self.at)?;
        let at = self.at;
        self.at += BITS;
        Some((at, bits_of(&block, is) & u64::MAX >> (BITS - length)))
    }
}

/// The block at `at`, and how many bytes of it the text has; the rest is zero. `None` at the end of the text.
#[inline]
pub(in crate::scan) fn block_at(bytes: &[u8], at: usize) -> Option<([u8; BITS], usize)> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    Some(match rest.first_chunk() {
        Some(block) => (*block, BITS),
        None => (last_block(rest), rest.len()),
    })
}

#[cold]
fn last_block(rest: &[u8]) -> [u8; BITS] {
    let mut block = [0; BITS];
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// A bit for each of the sixty-four bytes before `end` that `is` of the kind, the last in the highest. Those before the text are
/// zero.
#[inline]
pub(in crate::scan) fn bits_before(bytes: &[u8], end: usize, is: impl Fn(u8) -> bool) -> u64 {
    let head = &bytes[..end];
    match head.last_chunk() {
        Some(block) => bits_of(block, is),
        None => bits_of(&first_block(head), is),
    }
}

#[cold]
fn first_block(head: &[u8]) -> [u8; BITS] {
    let mut block = [0; BITS];
    block[BITS - head.len()..].copy_from_slice(head);
    block
}

/// A bit for each byte of a block that `is` of the kind, the first in the lowest.
#[inline]
pub(in crate::scan) fn bits_of(block: &[u8; BITS], is: impl Fn(u8) -> bool) -> u64 {
    packed(&block.map(|byte| u8::from(is(byte))))
}

/// Bytes that are 0 or 1 as bits.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline]
fn packed(flags: &[u8; BITS]) -> u64 {
    use std::arch::x86_64::{_mm_movemask_epi8, _mm_set_epi64x, _mm_slli_epi16};

    #[target_feature(enable = "sse2")]
    #[inline]
    fn gathered(flags: &[u8; BITS]) -> u64 {
        let (words, _) = flags.as_chunks();
        let (pairs, _) = words.as_chunks();
        pairs.iter().rev().fold(0, |bits, [low, high]| {
            let flags = _mm_set_epi64x(i64::from_le_bytes(*high), i64::from_le_bytes(*low));
            let mask = _mm_movemask_epi8(_mm_slli_epi16::<7>(flags));
            bits << 16 | u64::from(mask.cast_unsigned())
        })
    }
    // SAFETY: without SSE2 this function is not compiled.
    unsafe { gathered(flags) }
}

/// Bytes that are 0 or 1 as bits.
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
#[inline]
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
    fn the_bytes_before_a_place_have_theirs() {
        let text: Vec<u8> = (0..130).map(|place| b"-x-xx"[place % 5]).collect();
        for end in 0..=text.len() {
            let bits = bits_before(&text, end, |byte| byte == b'x');
            for back in 1..=BITS {
                let stands = end.checked_sub(back).is_some_and(|at| text[at] == b'x');
                assert_eq!(
                    bits >> (BITS - back) & 1 != 0,
                    stands,
                    "{back} before {end}"
                );
            }
        }
    }

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
