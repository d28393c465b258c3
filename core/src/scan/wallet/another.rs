//! Another address of the same ledger and form, with a right checksum.

use sha2::{Digest, Sha256};

use super::{Wallet, base58, keccak_256, mixed_case};
use crate::scan::bech32;

/// How often an address is drawn until it has the length and the first character of the one that it stands for.
const ATTEMPTS: usize = 256;

/// Draws a byte.
pub(in crate::scan) type Draw<'d> = &'d mut dyn FnMut() -> u8;

impl Wallet {
    /// Another address in the place of `address`; `None` where that is none of this wallet's.
    pub(in crate::scan) fn another(self, address: &str, draw: Draw<'_>) -> Option<String> {
        match self {
            Self::Bitcoin | Self::Base58 => {
                base58_check(address, draw).or_else(|| bech32_address(address, draw))
            }
            Self::Bech32 => bech32_address(address, draw),
            Self::Ethereum => ethereum(address, draw),
            Self::Monero => monero(address, draw),
            Self::Solana => {
                let length = base58::decode(address, base58::BITCOIN)?.len();
                like(address, || {
                    let key: Vec<u8> = (0..length).map(|_| draw()).collect();
                    base58::encode(&key, base58::BITCOIN)
                })
            }
        }
    }
}

/// What `make` gives, once it is as long as `address` and begins as it does.
fn like(address: &str, mut make: impl FnMut() -> String) -> Option<String> {
    (0..ATTEMPTS).map(|_| make()).find(|made| {
        made.len() == address.len()
            && made.as_bytes()[0] == address.as_bytes()[0]
            && made != address
    })
}

fn base58_check(address: &str, draw: Draw<'_>) -> Option<String> {
    let alphabet = if address.starts_with('r') {
        base58::XRP
    } else {
        base58::BITCOIN
    };
    let bytes = base58::decode(address, alphabet)?;
    // Twenty bytes of hash behind the version, and four of checksum.
    let version = bytes.len().checked_sub(24)?;
    if !super::has_checksum(&bytes) {
        return None;
    }
    like(address, || {
        let mut body = bytes[..version].to_vec();
        body.extend((0..20).map(|_| draw()));
        let check = Sha256::digest(Sha256::digest(&body));
        body.extend_from_slice(&check[..4]);
        base58::encode(&body, alphabet)
    })
}

fn bech32_address(address: &str, draw: Draw<'_>) -> Option<String> {
    let lower = address.to_ascii_lowercase();
    let (human, data) = lower.rsplit_once('1')?;
    let constant = bech32::checksum(human, data)?;
    // The version in front and the last character, which is filled up with zeros, stay.
    let (kept, last) = (data.get(..1)?, data.len().checked_sub(7)?);
    let mut body = kept.to_owned();
    while body.len() < last {
        body.push(char::from(bech32::ALPHABET[usize::from(draw() & 31)]));
    }
    body.push_str(data.get(last..=last)?);
    let check = bech32::seal(human, &body, constant)?;
    let made = format!("{human}1{body}{check}");
    let capitals = address.bytes().any(|byte| byte.is_ascii_uppercase());
    Some(if capitals {
        made.to_ascii_uppercase()
    } else {
        made
    })
}

fn ethereum(address: &str, draw: Draw<'_>) -> Option<String> {
    let digits = address.strip_prefix("0x")?;
    let drawn = |_| char::from(b"0123456789abcdef"[usize::from(draw() & 15)]);
    let made: String = digits.chars().map(drawn).collect();
    let has = |kind: fn(&u8) -> bool| digits.bytes().any(|byte| kind(&byte));
    let made = match (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase)) {
        (true, true) => mixed_case(&made),
        (false, true) => made.to_ascii_uppercase(),
        _ => made,
    };
    Some(format!("0x{made}"))
}

fn monero(address: &str, draw: Draw<'_>) -> Option<String> {
    let bytes = base58::decode_blocks(address)?;
    let length = bytes.len().checked_sub(4)?;
    like(address, || {
        let mut body = vec![bytes[0]];
        body.extend((1..length).map(|_| draw()));
        let check = keccak_256(&body);
        body.extend_from_slice(&check[..4]);
        base58::encode_blocks(&body)
    })
}
