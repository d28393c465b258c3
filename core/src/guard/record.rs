//! What the guard writes into the audit log: kinds and counts, never a value.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::emergency::Emergency;
use super::ledger::Member;
use super::{Guard, Session, State};
use crate::access::{Decision, Reason};
use crate::audit::Event;
use crate::engine::Completion;
use crate::isolation::{Lockdown, is_wiping};
use crate::scan::{Category, Finding};
use crate::{Error, Kind, Result};

/// What was found in a text, by kind and number. Never a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many identifiers.
    pub identifiers: usize,
    /// How many secrets.
    pub secrets: usize,
    /// Their distinct kinds, in the order of first appearance.
    pub identifier_kinds: Vec<String>,
    /// Likewise for secrets.
    pub secret_kinds: Vec<String>,
}

impl Summary {
    pub(super) fn of(findings: &[Finding]) -> Self {
        let mut summary = Self::default();
        summary.add(findings);
        summary
    }

    pub(super) fn add(&mut self, findings: &[Finding]) {
        for finding in findings {
            let (count, kinds) = match finding.category() {
                Category::Identifier => (&mut self.identifiers, &mut self.identifier_kinds),
                Category::Secret => (&mut self.secrets, &mut self.secret_kinds),
            };
            *count += 1;
            if !kinds.iter().any(|kind| kind == finding.kind()) {
                kinds.push(finding.kind().to_owned());
            }
        }
    }
}

/// How the model call ended.
pub(super) enum Outcome<'a> {
    Answered(&'a Completion, &'a Summary),
    Failed(&'a Error),
}

/// Who calls the guard, and the member of its records that says about whom.
pub(super) struct Caller<'s> {
    pub(super) session: &'s Session,
    pub(super) about: Option<Member>,
}

impl Session {
    /// What was decided about the permission that a call needed, and why.
    pub(super) fn access_member(
        &self,
        state: &State,
        decision: Decision,
        permission: &str,
    ) -> Map<String, Value> {
        let emergency = (decision.reason() == Reason::BreakGlass)
            .then(|| state.emergency.as_ref().map(Emergency::id));
        let mut member = json!({
            "granted": decision.is_allowed(),
            "permission": permission,
            "role": self.identity().role,
            "reason": decision.reason().as_str(),
        });
        if let Some(id) = emergency {
            member["emergency"] = id.into();
        }
        members([("access", member)])
    }
}

impl Guard {
    /// The record that must exist before the model is asked.
    pub(super) fn record_request(
        &self,
        caller: &Caller<'_>,
        bytes: usize,
        found: &Summary,
        access: Option<Map<String, Value>>,
    ) -> Result<Option<String>> {
        let mut security = security(found);
        security["sanitization_applied"] = Value::Bool(true);
        let mut event = self.event(caller, "llm_request", "success");
        event.data.extend(members([
            ("llm", self.llm()),
            ("request", json!({ "size_bytes": bytes })),
            ("security", security),
            (
                "compliance",
                self.compliance(caller.session, access.is_some()),
            ),
        ]));
        event.data.extend(access.into_iter().flatten());
        self.record(&event)
    }

    /// The record of a text that policy refused.
    pub(super) fn record_blocked(
        &self,
        caller: &Caller<'_>,
        bytes: usize,
        found: &Summary,
    ) -> Result<Option<String>> {
        let mut event = self.event(caller, "security_violation", "blocked");
        "secret found in the text".clone_into(&mut event.error);
        event.data.extend(members([
            ("llm", self.llm()),
            ("request", json!({ "size_bytes": bytes })),
            ("security", security(found)),
            (
                "violation",
                json!({
                    "type": "secrets_detected",
                    "severity": "HIGH",
                    "details": { "secret_types": &found.secret_kinds },
                    "blocked": true,
                }),
            ),
        ]));
        self.record(&event)
    }

    /// The record of what came back.
    pub(super) fn record_response(
        &self,
        caller: &Caller<'_>,
        request: Option<&str>,
        duration: Duration,
        outcome: &Outcome<'_>,
    ) -> Result<Option<String>> {
        let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let status = match outcome {
            Outcome::Answered(..) => "success",
            Outcome::Failed(error) if error.kind() == Kind::Cancelled => "cancelled",
            Outcome::Failed(_) => "failed",
        };
        let mut event = self.event(caller, "llm_response", status);
        event.data.extend(members([
            ("request_event_id", request.map_or(Value::Null, Value::from)),
            ("llm", self.llm()),
        ]));
        match outcome {
            Outcome::Answered(completion, found) => {
                let usage = completion.usage;
                event.data.insert("security".into(), security(found));
                event.data.insert(
                    "performance".into(),
                    json!({
                        "duration_ms": duration_ms,
                        "tokens_used": usage.prompt_tokens.saturating_add(usage.completion_tokens),
                        "prompt_tokens": usage.prompt_tokens,
                        "completion_tokens": usage.completion_tokens,
                        "finish_reason": completion.finish_reason.as_str(),
                    }),
                );
            }
            Outcome::Failed(error) => {
                error.message().clone_into(&mut event.error);
                event
                    .data
                    .insert("performance".into(), json!({ "duration_ms": duration_ms }));
            }
        }
        self.record(&event)
    }

    fn event(&self, caller: &Caller<'_>, event_type: &str, status: &str) -> Event {
        Event {
            action: "llm_interaction".to_owned(),
            classification: self.classification,
            data: caller.about.clone().into_iter().collect(),
            ..caller.session.shared.event(event_type, status)
        }
    }

    fn llm(&self) -> Value {
        let mut llm = json!({ "provider": self.backend.provider(), "model": self.backend.name() });
        if let Some(lockdown) = self.backend.lockdown() {
            llm["lockdown"] = lockdown.as_str().into();
            if lockdown == Lockdown::Off {
                llm["warning"] = "the engine's threads are not confined by the kernel".into();
            }
        }
        if let Some(model) = self.backend.provenance() {
            llm["model_sha256"] = model.sha256.into();
            llm["model_verified"] = model.verified.as_str().into();
            if let Some(signer) = model.signer {
                llm["model_signer"] = signer.into();
            }
            if let Some(adapter) = model.adapter_sha256 {
                llm["adapter_sha256"] = adapter.into();
            }
        }
        if !is_wiping() {
            llm["memory_warning"] = "memory is not wiped before it is freed".into();
        }
        llm
    }

    /// Which technical safeguards took part in this call, and what follows from them alone: `hipaa` from all of
    /// 45 CFR 164.312(a) and (b) that this library performs, `gdpr` from minimisation (article 5(1)(c)), `soc2` from a
    /// record that names who acted. It says nothing about the organisation around the software.
    fn compliance(&self, session: &Session, access_checked: bool) -> Value {
        let user_identified = !session.identity().user.is_empty();
        json!({
            "hipaa_compliant": user_identified && access_checked,
            "gdpr_compliant": true,
            "soc2_compliant": user_identified,
            "retention_days": self.audit.as_ref().map(|log| log.retention_days()),
            "evidence": {
                "user_identified": user_identified,
                "access_checked": access_checked,
                "identifiers_replaced": true,
                "secrets_forwarded": false,
            },
        })
    }

    fn record(&self, event: &Event) -> Result<Option<String>> {
        self.audit.as_ref().map(|log| log.write(event)).transpose()
    }
}

fn security(found: &Summary) -> Value {
    json!({
        "pii_scrubbed": found.identifiers,
        "pii_types": &found.identifier_kinds,
        "secrets_detected": found.secrets,
        "secret_types": &found.secret_kinds,
        "encryption_used": false,
    })
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
