//! Bitcoin addresses: `Base58Check` for those that begin with 1 or 3, Bech32 for those that begin with `bc1`.

use sha2::{Digest, Sha256};

use super::bech32;

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Whether the checksum of a main-net address is right.
pub(super) fn is_bitcoin(address: &str) -> bool {
    match address.as_bytes() {
        [b'1' | b'3', ..] => is_base58_check(address.as_bytes()),
        _ => is_bech32(address),
    }
}

/// A version, twenty bytes of hash and four bytes of their double SHA-256.
fn is_base58_check(address: &[u8]) -> bool {
    if !(26..=35).contains(&address.len()) {
        return false;
    }
    let mut bytes = [0_u8; 25];
    for symbol in address {
        let Some(value) = BASE58.iter().position(|known| known == symbol) else {
            return false;
        };
        let mut carry = u32::try_from(value).unwrap_or_default();
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry != 0 {
            return false;
        }
    }
    let (body, check) = bytes.split_at(21);
    matches!(body[0], 0 | 5) && Sha256::digest(Sha256::digest(body))[..4] == *check
}

/// `bc1`, data, and a checksum over both; one letter case throughout (BIP 173, and BIP 350 for version 1 and later).
fn is_bech32(address: &str) -> bool {
    let mixed = address.bytes().any(|byte| byte.is_ascii_lowercase())
        && address.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = address.to_ascii_lowercase();
    let Some(data) = lower.strip_prefix("bc1").filter(|_| !mixed) else {
        return false;
    };
    let checksum = bech32::checksum("bc", data);
    (11..=71).contains(&data.len()) && matches!(checksum, Some(1 | 0x2bc8_30a3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_character_is_enough() {
        for address in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ] {
            assert!(is_bitcoin(address), "{address}");
            let wrong = address.replace('Q', "R").replace('q', "p");
            assert!(wrong == address || !is_bitcoin(&wrong), "{wrong}");
        }
        assert!(!is_bitcoin("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
    }
}
