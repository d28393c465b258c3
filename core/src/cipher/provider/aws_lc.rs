//! The FIPS 140-3 module of AWS-LC, through `aws-lc-rs`.
//!
//! Expanded keys lie in memory of the module, which wipes them when it frees them, but neither locks that memory nor keeps it
//! from a dump.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{self, KeyType, Prk};
use aws_lc_rs::rand;

use super::{Hash, NONCE, TAG};

/// AES-256-GCM (NIST SP 800-38D) with one key.
pub(in crate::cipher) struct Aead(LessSafeKey);

impl Aead {
    pub(in crate::cipher) fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("the key has the length of one");
        Self(LessSafeKey::new(key))
    }

    /// Encrypts into `ciphertext`, which has the length of the plaintext; nothing if it cannot.
    pub(in crate::cipher) fn seal(
        &self,
        nonce: [u8; NONCE],
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Option<[u8; TAG]> {
        ciphertext.copy_from_slice(plaintext);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::empty(), ciphertext);
        tag.ok()?.as_ref().try_into().ok()
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
        let nonce = Nonce::assume_unique_for_key(nonce);
        let aad = Aad::from(aad);
        self.0
            .open_separate_gather(nonce, aad, ciphertext, &tag, plaintext)
            .is_ok()
    }
}

/// HKDF-Expand (RFC 5869 §2.3) with one pseudorandom key. Wiped on drop.
#[derive(Clone)]
pub(in crate::cipher) struct Expander(Prk);

/// Bytes that are asked for.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Expander {
    pub(in crate::cipher) fn new(hash: Hash, key: &[u8]) -> Self {
        let algorithm = match hash {
            Hash::Sha512 => hkdf::HKDF_SHA512,
            #[cfg(test)]
            Hash::Sha256 => hkdf::HKDF_SHA256,
        };
        Self(Prk::new_less_safe(algorithm, key))
    }

    /// Fills `output`, of at most 255 hashes; false if it cannot.
    #[must_use]
    pub(in crate::cipher) fn expand(&self, info: &[&[u8]], output: &mut [u8]) -> bool {
        let made = self.0.expand(info, Length(output.len()));
        made.and_then(|made| made.fill(output)).is_ok()
    }
}

/// Fills `place` from the generator of the module; false if it gives none.
#[must_use]
pub(in crate::cipher) fn fill_random(place: &mut [u8]) -> bool {
    rand::fill(place).is_ok()
}

/// Whether a FIPS module is in use, and in its approved mode.
pub(in crate::cipher) fn is_fips_mode() -> bool {
    aws_lc_rs::try_fips_mode().is_ok()
}
