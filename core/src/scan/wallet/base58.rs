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

/// The text that stands for `bytes`.
pub(super) fn encode(bytes: &[u8], alphabet: &[u8; 58]) -> String {
    // The digits of the number, the lowest first.
    let mut digits: Vec<u8> = Vec::with_capacity(MAX_LENGTH);
    for &byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58).to_le_bytes()[0];
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58).to_le_bytes()[0]);
            carry /= 58;
        }
    }
    let noughts = bytes.iter().take_while(|&&byte| byte == 0).count();
    let noughts = std::iter::repeat_n(0, noughts);
    let symbol = |digit: u8| char::from(alphabet[usize::from(digit)]);
    noughts
        .chain(digits.into_iter().rev())
        .map(symbol)
        .collect()
}

/// How many characters so many bytes become in Monero's form.
const CHARACTERS: [usize; 9] = [0, 2, 3, 5, 6, 7, 9, 10, 11];

/// The text in Monero's form that stands for `bytes`.
pub(super) fn encode_blocks(bytes: &[u8]) -> String {
    let mut whole = String::with_capacity(112);
    for block in bytes.chunks(8) {
        let text = encode(block, BITCOIN);
        let text = text.trim_start_matches('1');
        let noughts = CHARACTERS[block.len()].saturating_sub(text.len());
        whole.extend(std::iter::repeat_n('1', noughts));
        whole.push_str(text);
    }
    whole
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
