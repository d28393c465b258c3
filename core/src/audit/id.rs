//! The ids of records.

use std::fmt;

use crate::{Error, Kind, Result};

/// Random bytes that are drawn at once.
const POOL: usize = 384;
/// Random bytes of an id.
const LEN: usize = 6;

/// `evt_` and 12 random hexadecimal digits.
#[derive(Clone, Copy)]
pub(super) struct EventId([u8; LEN]);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 2 * LEN];
        let digits = base16ct::lower::encode_str(&self.0, &mut digits).map_err(|_| fmt::Error)?;
        write!(f, "evt_{digits}")
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
