//! Pseudonyms instead of users and patients, where a log is kept so.

use std::borrow::Cow;

use serde_json::Value;

use super::index::{Field, PERSONS};
use super::{AuditOptions, Event, Query};
use crate::{Error, Kind, Result};

/// The log itself, which is nobody.
const SYSTEM: &str = "system";

/// How a user stands in the records.
pub(super) fn recorded_name<'u>(options: &AuditOptions, user: &'u str) -> Result<Cow<'u, str>> {
    match &options.subjects {
        Some(subjects) if !user.is_empty() && user != SYSTEM => subjects
            .pseudonym(user)
            .map(Cow::Owned)
            .map_err(|error| Error::new(Kind::Audit, error.message().to_owned())),
        _ => Ok(Cow::Borrowed(user)),
    }
}

/// The event as it is recorded.
pub(super) fn recorded<'e>(options: &AuditOptions, event: &'e Event) -> Result<Cow<'e, Event>> {
    if options.subjects.is_none() {
        return Ok(Cow::Borrowed(event));
    }
    let mut event = event.clone();
    event.user_id = recorded_name(options, &event.user_id)?.into_owned();
    for (name, _) in PERSONS {
        if let Some(Value::String(person)) = event.data.get_mut(name) {
            *person = recorded_name(options, person)?.into_owned();
        }
    }
    Ok(Cow::Owned(event))
}

/// The query as the records answer it; nothing if it asks for a person who has no pseudonym, or no longer.
pub(super) fn asked(options: &AuditOptions, query: &Query) -> Result<Option<Query>> {
    let mut query = query.clone();
    let Some(subjects) = &options.subjects else {
        return Ok(Some(query));
    };
    let mut persons: Vec<&mut String> = query.user_id.iter_mut().collect();
    for (name, value) in &mut query.filters {
        if let Value::String(person) = value
            && Field::of_person(name).is_some()
        {
            persons.push(person);
        }
    }
    for person in persons
        .into_iter()
        .filter(|it| !it.is_empty() && *it != SYSTEM)
    {
        match subjects.find(person)? {
            Some(pseudonym) => *person = pseudonym,
            None => return Ok(None),
        }
    }
    Ok(Some(query))
}
