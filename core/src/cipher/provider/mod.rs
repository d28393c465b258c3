//! Where AES-256-GCM, HKDF-Expand and random bytes come from: the `aes-gcm` and `hmac` crates, or with the feature `fips` the
//! module of AWS-LC. Both offer the same three things.

#[cfg(feature = "fips")]
mod aws_lc;
#[cfg(not(feature = "fips"))]
mod rust_crypto;

#[cfg(feature = "fips")]
pub(super) use aws_lc::{Aead, Expander, fill_random, is_fips_mode};
#[cfg(not(feature = "fips"))]
pub(super) use rust_crypto::{Aead, Expander, fill_random, is_fips_mode};

/// Bytes of a nonce.
pub(super) const NONCE: usize = 12;
/// Bytes of a tag.
pub(super) const TAG: usize = 16;

/// The hash of an HMAC.
#[derive(Clone, Copy)]
pub(super) enum Hash {
    /// SHA-512.
    Sha512,
    /// SHA-256: published vectors use it.
    #[cfg(test)]
    Sha256,
}
