//! What a handle is asked: for records, and whether its log is intact.

use serde_json::Value;

use super::chain::Chain;
use super::index::Sealing;
use super::note::SigningKey;
use super::{AuditLog, Expected, Query, Verification, pseudonyms, query, verify};
use crate::{Error, Kind, Result};

impl AuditLog {
    /// Matching records, rotated files included. See [`query`](super::query()).
    ///
    /// The first query reads what is not indexed yet and notes where users, sessions, event types, actions, states,
    /// classes, minutes, persons (the members `subject_id` and `patient_id`) and, by blocks of 8 KiB, all other members
    /// stand: for each 16 MiB of a file on the disk, in the directory `….index`, where every handle of this log finds it, and
    /// for the rest of the file that is being written in memory. Those that follow read only what they find. That of a
    /// sealed log without a signing key, which nobody could check, and where nothing can be written, stays in memory, up to
    /// 64 MiB; what goes beyond is read. The whole log is read for a query without a condition, for one with nothing but filters on `timestamp`,
    /// `event_id`, `version` or `chain`, or with `__ne` on a person or a member of the core but `error`, while another
    /// thread asks, and in a forked child.
    pub fn query(&self, query: &Query) -> Result<Vec<Value>> {
        self.expect_open()?;
        self.find(query)
    }

    /// [`AuditLog::query`] for whoever may.
    pub(crate) fn find(&self, query: &Query) -> Result<Vec<Value>> {
        let Some(query) = &pseudonyms::asked(&self.shared.config.options, query)? else {
            return Ok(Vec::new());
        };
        self.shared.flush(false)?;
        let config = &self.shared.config;
        let names = &config.names;
        let sealing = Sealing::of(&config.chain, config.options.signing_key.as_ref());
        match self.shared.index.try_lock() {
            Ok(mut index) => query::run_with(names, &mut index, query, sealing),
            Err(_) => query::run(names, query),
        }
    }

    /// Checks this log with its own keys. See [`verify`](super::verify()).
    ///
    /// [`Kind::InvalidKey`] for a sealed log, whose first key is elsewhere.
    pub fn verify(&self) -> Result<Verification> {
        self.expect_open()?;
        self.check()
    }

    /// [`AuditLog::verify`] for whoever may.
    pub(crate) fn check(&self) -> Result<Verification> {
        self.shared.flush(false)?;
        let config = &self.shared.config;
        if let Chain::Sealed(_) = config.chain {
            return Err(Error::new(
                Kind::InvalidKey,
                "a sealed audit log is verified with the key that was set aside; hint: use the function that takes a key",
            ));
        }
        let public_key = config
            .options
            .signing_key
            .as_ref()
            .map(SigningKey::public_key);
        let expected = Expected {
            key: None,
            public_key: public_key.as_ref(),
            checkpoints: &[],
        };
        verify::run(&config.names, Some(&config.chain), &expected)
    }
}
