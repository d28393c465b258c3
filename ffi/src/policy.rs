//! What is done with findings, as options of a scrubber or a guard say it.

use cloister_core::cipher::Key;
use cloister_core::pii::Policy;

use crate::error::{Result, cloister_error};
use crate::text::{cloister_bytes, cloister_str};

/// The policy that options name, under their key; nothing where they name none.
///
/// # Safety
/// The calling contract.
pub(crate) unsafe fn policy(text: cloister_str, key: cloister_bytes) -> Result<Option<Policy>> {
    // SAFETY: the caller's, here and below.
    let text = unsafe { text.read_optional("policy") }?;
    // SAFETY: as above.
    let key = unsafe { key.read("key") }?;
    let Some(text) = text else {
        return match key {
            [] => Ok(None),
            _ => Err(cloister_error::invalid(
                "`key` is set without `policy`, which alone uses it; hint: set both",
            )),
        };
    };
    let policy = Policy::parse(text)?;
    Ok(Some(match key {
        [] => policy,
        key => policy.key(&Key::from_bytes(key)?)?,
    }))
}
