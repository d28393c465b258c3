//! Addresses of cryptocurrencies: `Base58Check`, Bech32, hexadecimal with EIP-55, and the checksums that each has.

mod another;
mod base58;
mod keccak;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::bech32;
use super::check::Verdict;
use keccak::keccak_256;

/// The checks of addresses that a rule may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wallet {
    /// A version, a hash and four bytes of their double SHA-256, in the alphabet of Bitcoin or of XRP.
    Base58,
    /// A Bitcoin address: `Base58Check`, or Bech32 (BIP 173, BIP 350).
    Bitcoin,
    /// Bech32 behind the human-readable part of a ledger that uses it.
    Bech32,
    /// Ethereum: the case of the letters is a checksum, unless all have one case (EIP-55).
    Ethereum,
    /// Monero: Base58 in blocks, with four bytes of Keccak-256.
    Monero,
    /// Solana: 32 bytes in Base58, without a checksum.
    Solana,
}

impl Wallet {
    pub(super) fn of(self, address: &str) -> Verdict {
        let holds = match self {
            Self::Base58 => is_base58_check(address),
            Self::Bitcoin => is_bitcoin(address),
            Self::Bech32 => is_bech32(address),
            Self::Ethereum => return ethereum(address),
            Self::Monero => is_monero(address),
            Self::Solana => {
                let bytes = base58::decode(address, base58::BITCOIN);
                return Verdict::plausible_if(bytes.is_some_and(|bytes| bytes.len() == 32));
            }
        };
        Verdict::valid_if(holds)
    }
}

/// Versions of main-net addresses of Bitcoin and Dash, of Litecoin, Dogecoin, Tron, Zcash and Bitcoin Gold.
const VERSIONS: &[&[u8]] = &[
    &[0x00],
    &[0x05],
    &[0x1e],
    &[0x16],
    &[0x26],
    &[0x30],
    &[0x32],
    &[0x41],
    &[0x4c],
    &[0x10],
    &[0x1c, 0xb8],
    &[0x1c, 0xbd],
];

/// Parts before the `1` of Bech32 addresses: Bitcoin, its test net, Litecoin, Cardano, Cosmos and its relatives, Zcash, Nostr.
const HUMAN: &[&str] = &[
    "bc", "tb", "ltc", "addr", "stake", "cosmos", "osmo", "terra", "inj", "celestia", "bnb",
    "thor", "zs", "u", "erd", "one", "npub",
];

fn is_bitcoin(address: &str) -> bool {
    match address.as_bytes() {
        [b'1' | b'3', ..] => {
            let bytes = base58::decode(address, base58::BITCOIN);
            bytes.is_some_and(|bytes| has_checksum(&bytes) && matches!(bytes[0], 0 | 5))
        }
        _ => is_bech32(address),
    }
}

fn is_base58_check(address: &str) -> bool {
    if address.starts_with('r') {
        let bytes = base58::decode(address, base58::XRP);
        return bytes.is_some_and(|bytes| has_checksum(&bytes) && bytes[0] == 0);
    }
    base58::decode(address, base58::BITCOIN).is_some_and(|bytes| {
        has_checksum(&bytes)
            && VERSIONS
                .iter()
                .any(|version| bytes.starts_with(version) && bytes.len() == version.len() + 24)
    })
}

/// A version of one or two bytes, twenty bytes of hash and four bytes of their double SHA-256.
fn has_checksum(bytes: &[u8]) -> bool {
    match bytes.split_last_chunk::<4>() {
        Some((body @ [_, ..], check)) => {
            matches!(body.len(), 21 | 22) && Sha256::digest(Sha256::digest(body))[..4] == *check
        }
        _ => false,
    }
}

/// A known part, `1`, data, and a checksum over both; one letter case throughout (BIP 173, and BIP 350 for version 1 and later).
fn is_bech32(address: &str) -> bool {
    let mixed = address.bytes().any(|byte| byte.is_ascii_lowercase())
        && address.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = address.to_ascii_lowercase();
    let Some((human, data)) = lower.rsplit_once('1').filter(|_| !mixed) else {
        return false;
    };
    HUMAN.contains(&human)
        && (11..=128).contains(&data.len())
        && matches!(bech32::checksum(human, data), Some(1 | 0x2bc8_30a3))
}

fn ethereum(address: &str) -> Verdict {
    let Some(digits) = address
        .strip_prefix("0x")
        .filter(|digits| digits.len() == 40)
    else {
        return Verdict::Invalid;
    };
    let has = |kind: fn(&u8) -> bool| digits.bytes().any(|byte| kind(&byte));
    if !(has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase)) {
        let varied = digits.bytes().any(|byte| byte != digits.as_bytes()[0]);
        return Verdict::plausible_if(varied);
    }
    Verdict::valid_if(mixed_case(digits) == digits)
}

/// The 40 hexadecimal digits with the letters in the case that is their checksum.
fn mixed_case(digits: &str) -> String {
    let small = digits.to_ascii_lowercase();
    let hash = keccak_256(small.as_bytes());
    let cased = |(place, c): (usize, char)| {
        let nibble = hash[place / 2] >> (if place % 2 == 0 { 4 } else { 0 }) & 15;
        if nibble > 7 {
            c.to_ascii_uppercase()
        } else {
            c
        }
    };
    small.chars().enumerate().map(cased).collect()
}

fn is_monero(address: &str) -> bool {
    base58::decode_blocks(address).is_some_and(|bytes| match bytes.split_last_chunk::<4>() {
        Some((body, check)) => {
            matches!((body.len(), body[0]), (65, 18 | 42) | (73, 19))
                && keccak_256(body)[..4] == *check
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses that the projects themselves have published.
    const PUBLISHED: &[(Wallet, &str)] = &[
        (Wallet::Bitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (Wallet::Bitcoin, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
        (
            Wallet::Bitcoin,
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ),
        (
            Wallet::Bitcoin,
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        ),
        (Wallet::Base58, "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1"),
        (Wallet::Base58, "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"),
        (Wallet::Base58, "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"),
        (Wallet::Base58, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
        (
            Wallet::Bech32,
            "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x",
        ),
        (
            Wallet::Ethereum,
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        ),
        (
            Wallet::Ethereum,
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        ),
        (
            Wallet::Monero,
            "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
        ),
    ];

    #[test]
    fn published_addresses_pass_and_one_wrong_character_is_enough() {
        for (check, address) in PUBLISHED {
            assert_eq!(check.of(address), Verdict::Valid, "{address}");
            let at = address.len() - 8;
            let other = if &address[at..=at] == "3" { "4" } else { "3" };
            let wrong = format!("{}{other}{}", &address[..at], &address[at + 1..]);
            assert_eq!(check.of(&wrong), Verdict::Invalid, "{wrong}");
        }
    }

    #[test]
    fn another_address_has_its_own_checksum_and_the_form_of_the_first() {
        let solana = "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA";
        let upper = "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4";
        let more = [(Wallet::Solana, solana), (Wallet::Bech32, upper)];
        for (check, address) in PUBLISHED.iter().chain(&more) {
            let mut state = 1_u32;
            let mut draw = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            };
            for _ in 0..20 {
                let other = check.another(address, &mut draw).expect("it is an address");
                assert_ne!(other, *address);
                assert_eq!(check.of(&other), check.of(address), "{other}");
                assert_eq!(other.len(), address.len(), "{other}");
                assert_eq!(other[..1], address[..1], "{other}");
            }
        }
        assert_eq!(
            Wallet::Bitcoin.another("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", &mut || 7),
            None
        );
    }

    #[test]
    fn addresses_without_a_checksum_are_plausible() {
        let solana = "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx62YypT7avPYvA";
        assert_eq!(Wallet::Solana.of(solana), Verdict::Plausible);
        let lower = "0xde709f2102306220921060314715629080e2fb77";
        assert_eq!(Wallet::Ethereum.of(lower), Verdict::Plausible);
    }
}
