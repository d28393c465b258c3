//! Where words of letters and figures begin, sixty-four bytes at a time.

use std::ops::Range;

use super::disguise::blocks::{BITS, Blocks};

/// Tells of each place of `stretch` at which `run` ASCII letters and figures begin behind none; near the end of a block, of
/// which fewer are there, of some that are shorter.
pub(super) fn word_starts(
    bytes: &[u8],
    stretch: &Range<usize>,
    run: usize,
    mut tell: impl FnMut(usize),
) {
    let inside = |byte: u8| (byte | 0x20).wrapping_sub(b'a') < 26 || byte.wrapping_sub(b'0') < 10;
    let mut blocks = Blocks::from(bytes, stretch.start);
    let last = bytes[..stretch.start].last();
    let mut before = u64::from(last.is_some_and(|last| inside(*last)));
    while let Some((at, words)) = blocks.next(inside) {
        let Some(rest) = stretch.end.checked_sub(at).filter(|rest| *rest > 0) else {
            return;
        };
        let mut starts = words & !(words << 1 | before);
        before = words >> (u64::BITS - 1);
        // What is behind the block counts as one of them.
        let (mut long, mut length) = (words, 1);
        while length < run {
            let more = length.min(run - length);
            long &= long >> more | !(u64::MAX >> more);
            length += more;
        }
        starts &= long;
        if rest < BITS {
            starts &= !(u64::MAX << rest);
        }
        while starts != 0 {
            tell(at + starts.trailing_zeros() as usize);
            starts &= starts - 1;
        }
    }
}
