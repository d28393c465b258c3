//! The normalisation table of a `SentencePiece` unigram vocabulary: a compact double array (XCDA) and the replacements that
//! its leaves point to.
//!
//! llama.cpp walks it with the text of a caller and throws, which ends the process, where a step leads out of the table.
//! Here every step that any text can take is tried once.

use super::refuse;
use crate::Result;

/// Checks a table as the file holds it: the length of the array in bytes, the array, the replacements.
pub(super) fn check(table: &[u8]) -> Result<()> {
    let malformed = || refuse("the normalisation table of its vocabulary is malformed");
    let (length, rest) = table.split_first_chunk::<4>().ok_or_else(malformed)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| malformed())?;
    if length % 4 != 0 || length >= rest.len() {
        return Err(malformed());
    }
    let (array, replacements) = rest.split_at(length);
    let node = |index: usize| {
        let (node, _) = array
            .get(index.checked_mul(4)?..)?
            .split_first_chunk::<4>()?;
        Some(u32::from_le_bytes(*node))
    };
    // Each replacement ends with a NUL; with one at the end, none runs out of the table.
    if array.is_empty() || replacements.last() != Some(&0) {
        return Err(malformed());
    }
    let mut seen = vec![false; array.len() / 4];
    let mut open = vec![base(node(0).ok_or_else(malformed)?)];
    while let Some(state) = open.pop() {
        match seen.get_mut(state) {
            Some(seen) if *seen => continue,
            Some(seen) => *seen = true,
            None => return Err(malformed()),
        }
        for character in 1..=u8::MAX {
            let next = state ^ usize::from(character);
            let packed = node(next).ok_or_else(malformed)?;
            // LCHECK: bit 31 and the low byte.
            if packed & (1 << 31 | 0xFF) != u32::from(character) {
                continue;
            }
            let child = next ^ base(packed);
            if packed & 1 << 8 != 0 {
                let value = node(child).ok_or_else(malformed)? & !(1 << 31);
                if value as usize >= replacements.len() {
                    return Err(malformed());
                }
            }
            open.push(child);
        }
    }
    Ok(())
}

/// Where the children of a node are, relative to it.
const fn base(packed: u32) -> usize {
    ((packed >> 10) << ((packed & 1 << 9) >> 6)) as usize
}
