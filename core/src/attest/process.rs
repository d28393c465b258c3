//! Locking the process with an audit log that must go on.

use std::path::PathBuf;
use std::sync::Arc;

use crate::audit::AuditLog;
use crate::isolation::{self, ProcessLock, ProcessOptions};
use crate::{Error, Kind, Result};

/// [`isolation::lock_process`], after which the directory of `log` stays writable and the log is told what is refused.
/// `writable` are further directories and files.
///
/// # Errors
///
/// As [`isolation::lock_process`].
pub fn lock_process(
    log: Option<&Arc<AuditLog>>,
    mut writable: Vec<PathBuf>,
) -> Result<ProcessLock> {
    if let Some(log) = log {
        let directory = std::path::absolute(log.path())
            .ok()
            .and_then(|path| Some(path.parent()?.to_owned()));
        writable.push(directory.ok_or_else(|| {
            Error::new(Kind::Io, "the directory of the audit log cannot be named")
        })?);
    }
    isolation::lock_process(ProcessOptions {
        writable,
        observer: log.map(AuditLog::observer),
    })
}
