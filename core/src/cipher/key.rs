//! A 256-bit key and the forms in which people keep it.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::expect_unguessable;
use crate::isolation::Block;
use crate::{Error, Kind, Result, Sensitive};

/// Bytes of a key.
const KEY_LEN: usize = 32;
/// Separates the digest that names a key from every other use of SHA-256.
const KEY_ID_DOMAIN: &[u8] = b"cloister key id v1\0";

/// A 256-bit key. Wiped when its last clone is dropped; `Debug` prints `[REDACTED]`.
///
/// On Linux it lies in pages that are neither swapped out nor dumped, and that a forked child finds empty: there, whatever needs
/// the key is [`Kind::Unsupported`].
#[derive(Clone)]
pub struct Key {
    bytes: Arc<Block>,
    id: [u8; 8],
}

impl Key {
    /// Exactly 32 bytes that nobody made up, else [`Kind::InvalidKey`]: bytes that repeat, count, keep to a few values or spell
    /// words are a placeholder, not a key. Of 2^62 random keys less than one is taken for such.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if bytes.len() != KEY_LEN {
            return Err(Error::new(
                Kind::InvalidKey,
                "a key has exactly 32 bytes; hint: make one with `cloister keygen`",
            ));
        }
        expect_unguessable(bytes)?;
        let mut key = Block::zeroed(KEY_LEN);
        key.get_mut().copy_from_slice(bytes);
        Ok(Self::named(key))
    }

    /// 64 hexadecimal digits, or 32 bytes in standard or URL-safe base64 with or without padding; white space around it
    /// is ignored. Anything else is [`Kind::InvalidKey`].
    pub fn from_text(text: &str) -> Result<Self> {
        decode(text.trim_ascii())
            .ok_or_else(|| {
                Error::new(
                    Kind::InvalidKey,
                    "a key is 64 hexadecimal digits or 32 bytes in base64; hint: make one with `cloister keygen`",
                )
            })
            .and_then(|bytes| Self::from_bytes(&bytes))
    }

    /// What [`Key::from_text`] takes, or else a text of exactly 32 bytes as it stands.
    ///
    /// The last form is for keys that other software made as random 32-character strings. It is not for passphrases:
    /// nothing here makes guessing slow, and words are refused.
    pub fn from_secret(secret: &str) -> Result<Self> {
        match decode(secret.trim_ascii()) {
            Some(bytes) => Self::from_bytes(&bytes),
            None => Self::from_bytes(secret.as_bytes()),
        }
    }

    /// 32 bytes from the operating system's random number generator.
    pub fn generate() -> Result<Self> {
        let mut key = Block::zeroed(KEY_LEN);
        getrandom::fill(key.get_mut())
            .map_err(|_| Error::new(Kind::Io, "the operating system gives no random numbers"))?;
        Ok(Self::named(key))
    }

    /// Standard base64 with padding: 44 characters.
    pub fn to_base64(&self) -> Result<Sensitive<String>> {
        Ok(Sensitive::new(STANDARD.encode(self.as_bytes()?)))
    }

    /// The key itself.
    pub fn as_bytes(&self) -> Result<&[u8; KEY_LEN]> {
        self.bytes
            .get()?
            .try_into()
            .map_err(|_| Error::new(Kind::Internal, "a key has another length"))
    }

    /// The id that envelopes carry: tells keys apart without telling anything about them.
    pub(super) fn id(&self) -> [u8; 8] {
        self.id
    }

    fn named(mut key: Block) -> Self {
        let digest = Sha256::new()
            .chain_update(KEY_ID_DOMAIN)
            .chain_update(key.get_mut())
            .finalize();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        Self {
            bytes: Arc::new(key),
            id,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// Hexadecimal first: 64 digits would also be valid base64, of 48 bytes.
fn decode(text: &str) -> Option<Sensitive<Vec<u8>>> {
    if text.len() == 2 * KEY_LEN
        && let Ok(bytes) = base16ct::mixed::decode_vec(text)
    {
        return Some(Sensitive::new(bytes));
    }
    [&STANDARD, &URL_SAFE, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD]
        .into_iter()
        .filter_map(|alphabet| alphabet.decode(text).ok())
        .map(Sensitive::new)
        .find(|bytes| bytes.len() == KEY_LEN)
}
