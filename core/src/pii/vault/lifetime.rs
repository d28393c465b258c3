//! How long a vault lives and how much it holds.

use std::time::{Duration, Instant, SystemTime};

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

/// When a vault ends, by two clocks. Whichever is later in its course decides: the monotonic one cannot be set back, the
/// clock on the wall goes on while the machine sleeps and is the only one that another process can read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lifetime(Option<(Instant, SystemTime)>);

impl Lifetime {
    /// A life of `ttl` from now; one too long for the clocks has no end.
    pub(super) fn starting_now(ttl: Option<Duration>) -> Self {
        Self(ttl.and_then(|ttl| {
            let monotonic = Instant::now().checked_add(ttl)?;
            Some((monotonic, SystemTime::now().checked_add(ttl)?))
        }))
    }

    /// A life until a moment that another process has decided.
    pub(super) fn until(moment: SystemTime) -> Self {
        let left = moment.duration_since(SystemTime::now()).unwrap_or_default();
        let monotonic = Instant::now().checked_add(left);
        Self(monotonic.map(|monotonic| (monotonic, moment)))
    }

    pub(super) fn ends_at(self) -> Option<SystemTime> {
        self.0.map(|(_, wall)| wall)
    }

    pub(super) fn is_over(self) -> bool {
        self.0.is_some_and(|(monotonic, wall)| {
            Instant::now() >= monotonic || SystemTime::now() >= wall
        })
    }
}
