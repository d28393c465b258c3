//! The ids of records.

use std::fmt;

use crate::{Error, Kind, Result};

/// Random bytes that are drawn at once.
const POOL: usize = 384;
/// Random bytes of an id.
const LEN: usize = 6;

/// What every id begins with.
const PREFIX: &[u8; 4] = b"evt_";

/// `evt_` and 12 random hexadecimal digits.
#[derive(Clone, Copy)]
pub(super) struct EventId([u8; LEN]);

impl EventId {
    /// As it stands in a record.
    pub(super) fn text(self) -> [u8; PREFIX.len() + 2 * LEN] {
        let mut text = [0; PREFIX.len() + 2 * LEN];
        text[..PREFIX.len()].copy_from_slice(PREFIX);
        // The only error is a destination that is too short.
        let _ = base16ct::lower::encode(&self.0, &mut text[PREFIX.len()..]);
        text
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

/// Where ids come from. A forked child needs one of its own, or both processes would give the same ids.
#[derive(Default)]
pub(super) struct Ids {
    pool: Vec<u8>,
}

impl Ids {
    pub(super) fn next(&mut self) -> Result<EventId> {
        if self.pool.len() < LEN {
            self.pool.resize(POOL, 0);
            if getrandom::fill(&mut self.pool).is_err() {
                self.pool.clear();
                return Err(Error::new(
                    Kind::Io,
                    "the operating system gives no random numbers",
                ));
            }
        }
        let mut id = [0; LEN];
        id.copy_from_slice(&self.pool[self.pool.len() - LEN..]);
        self.pool.truncate(self.pool.len() - LEN);
        Ok(EventId(id))
    }
}
