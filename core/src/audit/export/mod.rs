//! Records in the forms that other systems read: one line for each record, without anything that the record does not say.

mod cef;
mod ecs;
mod fhir;
mod ocsf;
mod syslog;

use std::str::FromStr;

use jiff::Timestamp;
use serde_json::Value;

use crate::{Error, Kind, Result};

/// The name of the product in exported records.
const PRODUCT: &str = "cloister";

/// A form of another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Open Cybersecurity Schema Framework 1.6: API Activity (6003), and Detection Finding (2004) for violations.
    Ocsf,
    /// Elastic Common Schema 8.17.
    Ecs,
    /// Common Event Format, version 0 (implementation standard, revision 25).
    Cef,
    /// Syslog (RFC 5424), facility 13, with one structured element.
    Syslog,
    /// HL7 FHIR R4 `AuditEvent`; what was stored, read and deleted as IHE BALP has it.
    Fhir,
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "ocsf" => Ok(Self::Ocsf),
            "ecs" => Ok(Self::Ecs),
            "cef" => Ok(Self::Cef),
            "syslog" => Ok(Self::Syslog),
            "fhir" => Ok(Self::Fhir),
            _ => Err(Error::new(
                Kind::InvalidArgument,
                "unknown format; hint: use `ocsf`, `ecs`, `cef`, `syslog` or `fhir`",
            )),
        }
    }
}

/// A record that a query returned, in another form: one line without its line feed.
///
/// `host` is the name of the machine, for the formats that carry one. [`Kind::InvalidArgument`] if this is no record.
pub fn export(record: &Value, format: Format, host: &str) -> Result<String> {
    let entry = Entry::of(record).ok_or_else(|| {
        Error::new(
            Kind::InvalidArgument,
            "this is not a record of an audit log; hint: export what a query returns",
        )
    })?;
    Ok(match format {
        Format::Ocsf => ocsf::line(&entry, host).to_string(),
        Format::Ecs => ecs::line(&entry, host).to_string(),
        Format::Fhir => fhir::line(&entry, host).to_string(),
        Format::Cef => cef::line(&entry, host),
        Format::Syslog => syslog::line(&entry, host),
    })
}

/// [`export`] for many records: a line with a line feed for each.
pub fn export_all(records: &[Value], format: Format, host: &str) -> Result<String> {
    let mut text = String::new();
    for record in records {
        text.push_str(&export(record, format, host)?);
        text.push('\n');
    }
    Ok(text)
}

/// The members that every form needs.
struct Entry<'r> {
    time: Timestamp,
    timestamp: &'r str,
    event_id: &'r str,
    event_type: &'r str,
    user: &'r str,
    session: &'r str,
    action: &'r str,
    classification: &'r str,
    status: &'r str,
    error: &'r str,
    seq: u64,
    record: &'r Value,
}

/// How an operation ended, as far as other systems tell it apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Success,
    /// Policy did not let it happen.
    Refused,
    Failure,
}

impl<'r> Entry<'r> {
    fn of(record: &'r Value) -> Option<Self> {
        let text = |name: &str| record.get(name)?.as_str();
        let timestamp = text("timestamp")?;
        Some(Self {
            time: timestamp.parse().ok()?,
            timestamp,
            event_id: text("event_id")?,
            event_type: text("event_type")?,
            user: text("user_id")?,
            session: text("session_id")?,
            action: text("action")
                .filter(|action| !action.is_empty())
                .or(text("event_type"))?,
            classification: text("classification")?,
            status: text("status")?,
            error: text("error")?,
            seq: record.pointer("/chain/seq")?.as_u64()?,
            record,
        })
    }

    fn ending(&self) -> Ending {
        match self.status {
            "success" => Ending::Success,
            "blocked" | "denied" | "cancelled" => Ending::Refused,
            _ => Ending::Failure,
        }
    }

    fn is_violation(&self) -> bool {
        self.event_type == "security_violation"
    }

    /// `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`, of a violation that says it.
    fn severity(&self) -> Option<&'r str> {
        self.record.pointer("/violation/severity")?.as_str()
    }

    fn violation(&self) -> &'r str {
        self.record
            .pointer("/violation/type")
            .and_then(Value::as_str)
            .unwrap_or(self.action)
    }
}
