//! Base58: the digits and letters that are not taken for each other, as digits of one large number.

pub(super) const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
pub(super) const XRP: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/// The longest text that is decoded, in characters; the time to decode grows with its square.
const MAX_LENGTH: usize = 52;

/// The bytes that `text` stands for. `None` where it has a character beyond the alphabet or is too long.
pub(super) fn decode(text: &str, alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(40);
    for symbol in text.bytes() {
        let place = alphabet.iter().position(|&known| known == symbol)?;
        let mut carry = u32::try_from(place).ok()?;
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry > 0 {
            bytes.insert(0, carry.to_le_bytes()[0]);
        }
    }
    let noughts = text
        .bytes()
        .take_while(|&symbol| symbol == alphabet[0])
        .count();
    let mut whole = vec![0; noughts];
    whole.append(&mut bytes);
    Some(whole)
}

/// Monero's form: eleven characters for each eight bytes, and fewer for the rest.
pub(super) fn decode_blocks(text: &str) -> Option<Vec<u8>> {
    /// How many bytes so many characters stand for.
    const LENGTHS: [usize; 12] = [0, 0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8];
    let mut whole = Vec::with_capacity(80);
    for block in text.as_bytes().chunks(11) {
        let length = LENGTHS[block.len()];
        let mut sum: u128 = 0;
        for symbol in block {
            let place = BITCOIN.iter().position(|known| known == symbol)?;
            sum = sum * 58 + u128::try_from(place).ok()?;
        }
        if length == 0 || sum >> (8 * length) > 0 {
            return None;
        }
        whole.extend(&sum.to_be_bytes()[16 - length..]);
    }
    Some(whole)
}
