//! The pure Rust crates `aes-gcm`, `hmac` and `sha2`.

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{Aes256Gcm, Key, KeyInit};
use hmac::{Hmac, Mac};
use sha2::Sha512;
use zeroize::{Zeroize as _, Zeroizing};

use super::{Hash, NONCE, TAG};

/// AES-256-GCM (NIST SP 800-38D) with one key. Wiped on drop.
#[derive(Clone)]
pub(in crate::cipher) struct Aead(Aes256Gcm);

impl Aead {
    pub(in crate::cipher) fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(<&Key<Aes256Gcm>>::from(key)))
    }

    /// Encrypts into `ciphertext`, which has the length of the plaintext; nothing if it cannot.
    pub(in crate::cipher) fn seal(
        &self,
        nonce: [u8; NONCE],
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Option<[u8; TAG]> {
        let buffer = InOutBuf::new(plaintext, ciphertext).ok()?;
        let tag = self.0.encrypt_inout_detached(&nonce.into(), &[], buffer);
        tag.ok().map(Into::into)
    }

    /// Decrypts into `plaintext`, which has the length of the ciphertext; false if it was altered.
    #[must_use]
    pub(in crate::cipher) fn open(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        ciphertext: &[u8],
        tag: [u8; TAG],
        plaintext: &mut [u8],
    ) -> bool {
        let Ok(buffer) = InOutBuf::new(ciphertext, plaintext) else {
            return false;
        };
        let opened = self
            .0
            .decrypt_inout_detached(&nonce.into(), aad, buffer, &tag.into());
        opened.is_ok()
    }
}

/// HKDF-Expand (RFC 5869 §2.3) with one pseudorandom key. Wiped on drop.
#[derive(Clone)]
pub(in crate::cipher) enum Expander {
    Sha512(Hmac<Sha512>),
    #[cfg(test)]
    Sha256(Hmac<sha2::Sha256>),
}

impl Expander {
    pub(in crate::cipher) fn new(hash: Hash, key: &[u8]) -> Self {
        match hash {
            Hash::Sha512 => Self::Sha512(keyed(key)),
            #[cfg(test)]
            Hash::Sha256 => Self::Sha256(keyed(key)),
        }
    }

    /// Fills `output`, of at most 255 hashes; false if it cannot.
    #[must_use]
    pub(in crate::cipher) fn expand(&self, info: &[&[u8]], output: &mut [u8]) -> bool {
        match self {
            Self::Sha512(keyed) => expand(keyed, info, output),
            #[cfg(test)]
            Self::Sha256(keyed) => expand(keyed, info, output),
        }
        true
    }
}

fn keyed<M: KeyInit>(key: &[u8]) -> M {
    M::new_from_slice(key).expect("HMAC takes keys of every length")
}

fn expand<M: Mac + Clone>(keyed: &M, info: &[&[u8]], output: &mut [u8]) {
    let mut previous = Zeroizing::new([0; 64]);
    let mut length = 0;
    for (block, number) in output.chunks_mut(M::output_size()).zip(1_u8..) {
        let mut mac = keyed.clone();
        mac.update(&previous[..length]);
        for part in info {
            mac.update(part);
        }
        mac.update(&[number]);
        let mut made = mac.finalize().into_bytes();
        length = made.len();
        previous[..length].copy_from_slice(&made);
        block.copy_from_slice(&made[..block.len()]);
        made.zeroize();
    }
}

/// Fills `place` from the operating system's generator; false if it gives none.
#[must_use]
pub(in crate::cipher) fn fill_random(place: &mut [u8]) -> bool {
    getrandom::fill(place).is_ok()
}

/// Whether a FIPS module is in use, and in its approved mode.
pub(in crate::cipher) fn is_fips_mode() -> bool {
    false
}
