//! Proof of what is enforced, tried on the running threads, for somebody else to read.
//!
//! An attestation is a JSON document: what the kernel says about each thread, what was refused when it was tried, which file the
//! library and which the model came from, what was refused since, and two lists in words: what is enforced and what is
//! not. With an audit log that has a key, its last member `mac` is HMAC-SHA256 over the document without that member, and the
//! log holds a record with its digest.
//!
//! What it proves, and what it cannot: it is made by the process that it is about, so it convinces whoever trusts that the
//! process was not taken over before. It shows configuration and accidents, not an attacker who already controls the host.

mod page;
mod process;
mod statement;

use base16ct::lower;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

pub use process::lock_process;

use crate::audit::{AuditLog, Event};
use crate::engine::Backend;
use crate::{Error, Kind, Result};

/// A finished attestation.
#[derive(Clone, Debug, PartialEq)]
pub struct Attestation(Value);

/// Tries, reads and writes down what holds now. `backend` is the engine, or nothing for the library and the process alone.
/// With `log`, the attestation is authenticated by its key, where it has one, and recorded.
///
/// # Errors
///
/// [`Kind::Audit`] if it could not be recorded; whatever keeps the engine from being asked: [`Kind::Closed`],
/// [`Kind::Busy`], [`Kind::Io`].
pub fn attest(backend: Option<&dyn Backend>, log: Option<&AuditLog>) -> Result<Attestation> {
    let engine = backend.map(Backend::evidence).transpose()?.flatten();
    let mut statement = statement::statement(engine.as_ref())?;
    let said = statement.to_string();
    let mac = log
        .map(|log| log.authenticate(said.as_bytes()))
        .transpose()?;
    if let Some(mac) = mac.flatten() {
        statement["mac"] = json!({
            "alg": "hmac-sha256",
            "value": lower::encode_string(&mac),
        });
    }
    let attestation = Attestation(statement);
    if let Some(log) = log {
        log.write(&attestation.event())?;
    }
    Ok(attestation)
}

/// Whether `document` is an attestation that was authenticated by the key of `log` and not altered since.
///
/// # Errors
///
/// [`Kind::InvalidArgument`] for what is no attestation, or was made without a key; [`Kind::InvalidKey`] where the log has none.
pub fn is_authentic(document: &str, log: &AuditLog) -> Result<bool> {
    let wrong = |what| Error::new(Kind::InvalidArgument, what);
    let mut document: Map<String, Value> =
        serde_json::from_str(document).map_err(|_| wrong("the document is not an attestation"))?;
    let mac = document
        .shift_remove("mac")
        .and_then(|mac| Some(mac.get("value")?.as_str()?.to_owned()))
        .ok_or_else(|| wrong("the attestation was made without a key"))?;
    let covered = Value::Object(document).to_string();
    let expected = log.authenticate(covered.as_bytes())?.ok_or_else(|| {
        Error::new(
            Kind::InvalidKey,
            "the audit log was opened without a key; hint: give it the one it was begun with",
        )
    })?;
    let expected = lower::encode_string(&expected);
    Ok(bool::from(subtle::ConstantTimeEq::ct_eq(
        expected.as_bytes(),
        mac.as_bytes(),
    )))
}

impl Attestation {
    /// Whether everything that was tried was refused, and the library imports nothing that is forbidden to it.
    pub fn holds(&self) -> bool {
        self.0["holds"] == Value::Bool(true)
    }

    /// The document, indented. [`is_authentic`] takes it in any layout.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(&self.0).unwrap_or_default()
    }

    /// The document as a page for people: HTML that loads nothing from anywhere.
    pub fn to_html(&self) -> String {
        page::html(&self.0)
    }

    fn event(&self) -> Event {
        let list = |name: &str| self.0[name].as_array().map_or(0, Vec::len);
        let digest = Sha256::digest(self.0.to_string().as_bytes());
        let mut data = Map::new();
        data.insert(
            "attestation".into(),
            json!({
                "sha256": lower::encode_string(&digest),
                "holds": self.holds(),
                "enforced": list("enforced"),
                "not_enforced": list("not_enforced"),
                "model_sha256": self.0["engine"]["model_sha256"],
            }),
        );
        Event {
            event_type: "attestation".to_owned(),
            action: "attest".to_owned(),
            status: if self.holds() { "success" } else { "failed" }.to_owned(),
            data,
            ..Event::default()
        }
    }
}
