//! Ends that a clock decides.

use std::time::{Duration, Instant, SystemTime};

/// When something ends, by two clocks. Whichever is later in its course decides: the monotonic one cannot be set back, the
/// clock on the wall goes on while the machine sleeps and is the only one that another process can read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lifetime(Option<(Instant, SystemTime)>);

impl Lifetime {
    /// A life of `ttl` from now; one too long for the clocks has no end.
    pub(crate) fn starting_now(ttl: Option<Duration>) -> Self {
        Self(ttl.and_then(|ttl| {
            let monotonic = Instant::now().checked_add(ttl)?;
            Some((monotonic, SystemTime::now().checked_add(ttl)?))
        }))
    }

    /// A life until a moment that another process has decided.
    pub(crate) fn until(moment: SystemTime) -> Self {
        let left = moment.duration_since(SystemTime::now()).unwrap_or_default();
        let monotonic = Instant::now().checked_add(left);
        Self(monotonic.map(|monotonic| (monotonic, moment)))
    }

    pub(crate) fn ends_at(self) -> Option<SystemTime> {
        self.0.map(|(_, wall)| wall)
    }

    /// What is left; nothing for a life without an end.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0.map(|(monotonic, wall)| {
            let wall = wall.duration_since(SystemTime::now()).unwrap_or_default();
            wall.min(monotonic.saturating_duration_since(Instant::now()))
        })
    }

    pub(crate) fn is_over(self) -> bool {
        self.0.is_some_and(|(monotonic, wall)| {
            Instant::now() >= monotonic || SystemTime::now() >= wall
        })
    }
}
