//! How long a vault lives and how much it holds.

use std::time::Duration;

/// The most values that a vault holds unless told otherwise, and the most words that it keeps from being surrogates.
pub(super) const MAX_PLACES: usize = 1 << 20;

/// Bounds of a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultOptions {
    /// How long values are remembered, from when the vault was made; `None` for as long as it exists.
    pub ttl: Option<Duration>,
    /// The most values. Default 2^20.
    pub capacity: usize,
}

impl Default for VaultOptions {
    fn default() -> Self {
        Self {
            ttl: None,
            capacity: MAX_PLACES,
        }
    }
}
