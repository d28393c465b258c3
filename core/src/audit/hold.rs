//! Legal hold: while it lasts, retention deletes nothing.

use std::fs;
use std::io::{ErrorKind, Write as _};

use serde_json::{Map, Value, json};

use super::open::refused;
use super::own::Outcome;
use super::writer::Writer;
use crate::files::create_new;
use crate::{Error, Result};

/// The event type, and the data member, of the record about a hold.
pub(super) const LEGAL_HOLD: &str = "legal_hold";

impl Writer {
    /// Whether the marker file is there.
    pub(super) fn is_held(&self) -> bool {
        fs::symlink_metadata(self.config.names.hold()).is_ok()
    }

    /// Places or releases the hold, with a record. The marker is there before a hold is recorded, and goes after its
    /// release was. False if nothing was to be done.
    pub(super) fn hold(&mut self, held: bool, reason: &str) -> Result<bool> {
        let _lock = self.begin()?;
        if self.is_held() == held {
            return Ok(false);
        }
        let path = self.config.names.hold();
        if held {
            let placed = create_new(&path).and_then(|mut file| {
                file.write_all(b"no file of this audit log may be deleted\n")?;
                file.sync_all()
            });
            placed.map_err(|error| refused("cannot place the legal hold", &error))?;
            self.sync_directory()?;
        }
        let detail = json!({"held": held, "reason": reason});
        let detail = match detail {
            Value::Object(detail) => detail,
            _ => Map::new(),
        };
        self.append_own(LEGAL_HOLD, Outcome::Success, detail)?;
        self.flush()?;
        if !held {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Error::io("cannot release the legal hold", &error));
                }
                _ => self.sync_directory()?,
            }
        }
        Ok(true)
    }
}
