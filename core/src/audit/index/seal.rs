//! What an index on the disk is sealed with, so that none is believed that somebody else made.

use super::super::chain::Chain;
use super::super::note::SigningKey;

/// What an index is sealed with.
#[derive(Clone, Copy)]
pub(in crate::audit) enum Sealing<'k> {
    /// With nothing secret: whoever may write to the log can write it anew as a whole, too.
    Open,
    /// With the key that the log begins with.
    Keyed(&'k Chain),
    Signed(&'k SigningKey),
    /// There is a key, and it is not at hand: what is on the disk cannot be checked, and nothing is put there.
    Unknown,
}

impl<'k> Sealing<'k> {
    pub(in crate::audit) fn of(chain: &'k Chain, signing_key: Option<&'k SigningKey>) -> Self {
        match (chain, signing_key) {
            (Chain::Keyed(_), _) => Self::Keyed(chain),
            (_, Some(key)) => Self::Signed(key),
            (Chain::Unkeyed, None) => Self::Open,
            (Chain::Sealed(_), None) => Self::Unknown,
        }
    }

    /// Whether an index can be checked when it is read again.
    pub(super) fn is_known(self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// What stands in the file for this digest; nothing where nobody could check it.
    pub(super) fn seal(self, digest: [u8; 32]) -> Option<[u8; 32]> {
        match self {
            Self::Open => Some(digest),
            Self::Keyed(Chain::Keyed(start)) => {
                let start = start.get().ok()?;
                Some(start.statement(&[b"index ".as_slice(), &digest].concat()))
            }
            Self::Signed(key) => key.authenticate(b"cloister audit v1 index\0", &digest).ok(),
            Self::Keyed(_) | Self::Unknown => None,
        }
    }
}
