//! The checksum of Bech32 (BIP 173), which Bitcoin addresses and age identities share.

pub(super) const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [
    0x3b6a_57b2,
    0x2650_8e6d,
    0x1ea1_19fa,
    0x3d42_33dd,
    0x2a14_62b3,
];

/// What the code gives over the human-readable part and the data, both in small letters: 1 for Bech32 and another constant
/// for Bech32m (BIP 350). `None` where the data has a character that is not of the alphabet.
pub(super) fn checksum(human: &str, data: &str) -> Option<u32> {
    let high = human.bytes().map(|byte| u32::from(byte >> 5));
    let low = human.bytes().map(|byte| u32::from(byte & 31));
    let start = high.chain([0]).chain(low).fold(1, step);
    data.bytes().try_fold(start, |sum, byte| {
        let place = ALPHABET.iter().position(|&known| known == byte)?;
        Some(step(sum, u32::try_from(place).ok()?))
    })
}

/// The six characters that behind `data` make [`checksum`] give `constant`.
pub(super) fn seal(human: &str, data: &str, constant: u32) -> Option<String> {
    let sum = checksum(human, &format!("{data}qqqqqq"))? ^ constant;
    let symbol = |place: u32| char::from(ALPHABET[(sum >> (5 * (5 - place)) & 31) as usize]);
    Some((0..6).map(symbol).collect())
}

/// One step of the BCH code.
fn step(sum: u32, value: u32) -> u32 {
    let top = sum >> 25;
    let shifted = ((sum & 0x01ff_ffff) << 5) ^ value;
    GENERATOR
        .iter()
        .enumerate()
        .filter(|(bit, _)| (top >> bit) & 1 == 1)
        .fold(shifted, |sum, (_, term)| sum ^ term)
}
