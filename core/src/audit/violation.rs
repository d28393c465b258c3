//! The record of a system call that a lockdown refused.

use std::sync::{Arc, Weak};

use serde_json::{Map, json};

use super::{AuditLog, Event};
use crate::isolation::{Observer, Violation};

impl AuditLog {
    /// Writes a `security_violation` record for each violation that it is told of, as long as the log is open.
    pub fn observer(self: &Arc<Self>) -> Observer {
        let log: Weak<Self> = Arc::downgrade(self);
        Box::new(move |violation| match log.upgrade() {
            Some(log) => {
                // Where it cannot be written, the next guarded call fails for the same reason; the violation itself makes
                // the answers in progress fail.
                let _ = log.write(&event(violation));
                true
            }
            None => false,
        })
    }
}

fn event(violation: &Violation) -> Event {
    let mut data = Map::new();
    data.insert(
        "violation".into(),
        json!({
            "type": "system_call_refused",
            "severity": if violation.grave { "CRITICAL" } else { "LOW" },
            "details": { "call": violation.call, "count": violation.count },
            "blocked": true,
        }),
    );
    Event {
        event_type: "security_violation".to_owned(),
        action: "system_call".to_owned(),
        status: "blocked".to_owned(),
        error: "a locked thread made a system call that its lockdown refuses".to_owned(),
        data,
        ..Event::default()
    }
}
