//! Rules as data: reads a pack and refuses what does not make sense.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::boundary::Alphabet;
use super::format::Format;
use super::matcher::Matcher;
use super::profile::Profile;
use super::rule::{Category, Lists, MAX_WINDOW, Rule, Spec, Words};
use super::shape::is_shape;
use super::vocabulary::Vocabulary;
use crate::{Error, Kind, Result};

/// A pack as the build script leaves it: JSON of the same form as the TOML, without the examples.
macro_rules! packed {
    ($name:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/rules/", $name, ".json"))
    };
}

/// The packs of identifiers that are part of the library.
pub(super) const IDENTIFIERS: &[&str] = &[
    packed!("pii/names"),
    packed!("pii/places"),
    packed!("pii/contact"),
    packed!("pii/government"),
    packed!("pii/health"),
    packed!("pii/financial"),
    packed!("pii/crypto"),
    packed!("pii/network"),
    packed!("pii/africa_oceania"),
    packed!("pii/americas_north"),
    packed!("pii/americas_south"),
    packed!("pii/asia_east"),
    packed!("pii/asia_south_west"),
    packed!("pii/europe_east"),
    packed!("pii/europe_germany"),
    packed!("pii/europe_north"),
    packed!("pii/europe_south"),
    packed!("pii/europe_vat"),
    packed!("pii/europe_west"),
    packed!("pii/labelled"),
    packed!("pii/safe_harbor"),
    packed!("pii/things"),
];

/// The packs of secrets that are part of the library.
pub(super) const SECRETS: &[&str] = &[
    packed!("secrets/vendors"),
    packed!("secrets/cloud_1"),
    packed!("secrets/cloud_2"),
    packed!("secrets/cloud_3"),
    packed!("secrets/ai_1"),
    packed!("secrets/ai_2"),
    packed!("secrets/vcs_1"),
    packed!("secrets/vcs_2"),
    packed!("secrets/payments_1"),
    packed!("secrets/payments_2"),
    packed!("secrets/messaging_1"),
    packed!("secrets/messaging_2"),
    packed!("secrets/observability"),
    packed!("secrets/data_1"),
    packed!("secrets/data_2"),
    packed!("secrets/identity"),
    packed!("secrets/nearby_a_d_1"),
    packed!("secrets/nearby_a_d_2"),
    packed!("secrets/nearby_a_d_3"),
    packed!("secrets/nearby_e_k_1"),
    packed!("secrets/nearby_e_k_2"),
    packed!("secrets/nearby_l_p_1"),
    packed!("secrets/nearby_l_p_2"),
    packed!("secrets/nearby_l_p_3"),
    packed!("secrets/nearby_q_z_1"),
    packed!("secrets/nearby_q_z_2"),
    packed!("secrets/nearby_q_z_3"),
    packed!("secrets/nearby_more"),
    packed!("secrets/private_keys"),
    packed!("secrets/logins"),
    packed!("secrets/systems"),
    packed!("secrets/tokens"),
    packed!("secrets/tools"),
    packed!("secrets/commands"),
    packed!("secrets/calls"),
    packed!("secrets/devices"),
    packed!("secrets/vendors_1"),
    packed!("secrets/vendors_2"),
    packed!("secrets/vendors_3"),
    packed!("secrets/generic"),
];

/// The longest pack, in bytes.
const MAX_PACK: usize = 1 << 20;
/// The most rules in one pack.
const MAX_RULES: usize = 2000;
/// The most literals of one rule, and the longest literal in bytes.
const MAX_LITERALS: usize = 200;
const MAX_LITERAL: usize = 64;
/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 4096;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack<R> {
    #[serde(default)]
    category: Category,
    #[serde(default)]
    words: BTreeMap<String, Vec<String>>,
    #[serde(default = "Vec::new", rename = "rule")]
    rules: Vec<R>,
}

/// Reads a pack. The patterns are compiled only where they are first used: see [`Rule::try_compile`].
pub(super) fn read(format: Format, text: &str) -> Result<Vec<Arc<Rule>>> {
    if text.len() > MAX_PACK {
        return Err(refused(format!(
            "the rules are longer than {} KiB",
            MAX_PACK >> 10
        )));
    }
    let pack: Pack<Value> = format.read(text).map_err(|line| {
        refused(format!(
            "the rules are not a {} pack: line {line}; hint: see core/rules/README.md",
            format.as_str()
        ))
    })?;
    if pack.rules.is_empty() {
        return Err(refused(
            "the pack has no rules; hint: see core/rules/README.md".to_owned(),
        ));
    }
    if pack.rules.len() > MAX_RULES {
        return Err(refused(format!("the pack has more than {MAX_RULES} rules")));
    }
    let words = words(pack.words);
    pack.rules
        .into_iter()
        .enumerate()
        .map(|(place, value)| {
            let name = rule_name(&value, place);
            serde_json::from_value(value)
                .map_err(|error| field_error(&error))
                .and_then(|spec| rule(spec, pack.category, &words))
                .map(Arc::new)
                .map_err(|reason| refused(format!("{name}: {reason}")))
        })
        .collect()
}

/// Reads a pack of the library's own: nobody needs to be told which of its rules is wrong.
pub(super) fn read_built_in(text: &str) -> std::result::Result<Vec<Arc<Rule>>, String> {
    let pack: Pack<Spec> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let words = words(pack.words);
    pack.rules
        .into_iter()
        .map(|spec| rule(spec, pack.category, &words).map(|rule| Arc::new(rule.built_in())))
        .collect()
}

fn words(lists: BTreeMap<String, Vec<String>>) -> BTreeMap<String, Words> {
    lists
        .into_iter()
        .map(|(name, list)| (name, Arc::new(Vocabulary::of(&list))))
        .collect()
}

fn refused(message: String) -> Error {
    Error::new(Kind::InvalidArgument, message)
}

/// What an error calls a rule: its id where that is one, else its place in the pack.
fn rule_name(value: &Value, place: usize) -> String {
    match value.get("id").and_then(Value::as_str) {
        Some(id) if is_name(id) => format!("rule `{id}`"),
        _ => format!("rule number {}", place + 1),
    }
}

fn rule(spec: Spec, category: Category, words: &BTreeMap<String, Words>) -> Result<Rule, String> {
    check_names(&spec)?;
    check_ranges(&spec)?;
    check_method(&spec)?;
    let alphabet = match spec.alphabet.as_deref() {
        None => None,
        Some(class) => {
            Some(Alphabet::parse(class).ok_or("the alphabet is not a class of ASCII characters")?)
        }
    };
    let lists = |names: &[String]| -> Result<Vec<Words>, String> {
        names
            .iter()
            .map(|name| {
                words
                    .get(name)
                    .cloned()
                    .ok_or_else(|| "`except` names a list that `[words]` does not have".to_owned())
            })
            .collect()
    };
    let lists = Lists {
        except: lists(&spec.except)?,
        except_names: lists(&spec.except_names)?,
        except_before: lists(&spec.except_before)?,
        except_members: lists(&spec.except_members)?,
        doubtful_names: lists(&spec.doubtful_names)?,
    };
    Ok(Rule::new(spec, category, alphabet, lists))
}

/// Names of fields are worth repeating; values may be anything and are not.
fn field_error(error: &serde_json::Error) -> String {
    let message = error.to_string();
    if message.starts_with("unknown field") || message.starts_with("missing field") {
        message
            .split(", expected")
            .next()
            .unwrap_or(&message)
            .to_owned()
    } else {
        "a field has a value of the wrong type or beyond its range".to_owned()
    }
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
}

/// The rule to which what a caller denies under `kind` belongs; `token` stands in the text for it.
pub(super) fn denial(kind: &str, token: &str, category: Category) -> Result<Rule> {
    let fields = json!({
        "id": format!("denied-{kind}"),
        "kind": kind,
        "token": token,
        "what": "on the deny list",
        "matcher": Matcher::Derived,
        "confidence": 1.0,
    });
    serde_json::from_value(fields)
        .map_err(|error| field_error(&error))
        .and_then(|spec| rule(spec, category, &BTreeMap::new()))
        .map_err(|reason| refused(format!("the deny list: {reason}")))
}

fn check_names(spec: &Spec) -> Result<(), String> {
    if !is_name(&spec.id) || !is_name(&spec.kind) {
        return Err("`id` and `kind` are 1 to 64 lower-case letters, digits, `_` or `-`".into());
    }
    let country = spec.country.as_ref();
    if country.is_some_and(|code| code.len() != 2 || !code.bytes().all(|b| b.is_ascii_lowercase()))
    {
        return Err("`country` is two lower-case letters".into());
    }
    if spec
        .profiles
        .iter()
        .any(|name| Profile::named(name).is_err())
    {
        return Err("`profiles` names one that there is not".into());
    }
    let token = &spec.token;
    let fits = (1..=64).contains(&token.len())
        && token
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if fits {
        Ok(())
    } else {
        Err("`token` is 1 to 64 upper-case letters, digits or `_`".into())
    }
}

fn check_ranges(spec: &Spec) -> Result<(), String> {
    let confidences = [Some(spec.confidence), spec.unchecked_confidence, spec.alone];
    if confidences
        .into_iter()
        .flatten()
        .any(|c| !(c > 0.0 && c <= 1.0))
    {
        return Err("a confidence is above 0 and at most 1".into());
    }
    if spec
        .min_entropy
        .is_some_and(|bits| !(0.0..=8.0).contains(&bits))
    {
        return Err("`min_entropy` is 0 to 8 bits".into());
    }
    if spec
        .min_randomness
        .is_some_and(|bits| !(0.0..=1000.0).contains(&bits))
    {
        return Err("`min_randomness` is 0 to 1000 bits".into());
    }
    if !(16..=MAX_WINDOW).contains(&spec.window) {
        return Err(format!("`window` is 16 to {MAX_WINDOW} bytes"));
    }
    if spec
        .pattern
        .as_ref()
        .is_some_and(|pattern| pattern.len() > MAX_PATTERN)
    {
        return Err(format!("`pattern` is at most {MAX_PATTERN} bytes"));
    }
    let literals = spec
        .anchors
        .iter()
        .chain(&spec.labels)
        .chain(&spec.shapes)
        .chain(&spec.near);
    if literals.clone().count() > MAX_LITERALS
        || literals
            .clone()
            .any(|l| l.is_empty() || l.len() > MAX_LITERAL)
    {
        return Err(format!(
            "a rule has at most {MAX_LITERALS} literals of 1 to {MAX_LITERAL} bytes"
        ));
    }
    Ok(())
}

/// Every rule has literals and one way to confirm: a pattern, or a matcher that can do with what it has.
fn check_method(spec: &Spec) -> Result<(), String> {
    if !spec.shapes.is_empty() {
        let alone = spec.pattern.is_none()
            && spec.matcher.is_none()
            && spec.anchors.is_empty()
            && spec.labels.is_empty();
        let formed = spec.shapes.iter().all(|form| is_shape(form));
        return match (alone, formed) {
            (true, true) => Ok(()),
            (false, _) => {
                Err("`shapes` are without `anchors`, `labels`, `pattern` and `matcher`".into())
            }
            (true, false) => Err(
                "a shape is groups of up to 6 letters, 1 to 20 digits, and then anything".into(),
            ),
        };
    }
    match (&spec.pattern, spec.matcher) {
        (Some(_), Some(_)) => return Err("a rule has a pattern or a matcher, not both".into()),
        (None, None) => return Err("a rule needs a pattern or a matcher".into()),
        (None, Some(Matcher::Derived)) => return Ok(()),
        (None, Some(matcher)) if !spec.labels.is_empty() && matcher != Matcher::Labelled => {
            return Err("`labels` go with a pattern or with the matcher `labelled`".into());
        }
        _ => {}
    }
    if spec.vendor && spec.labels.is_empty() {
        return Err("`vendor` goes with `labels`".into());
    }
    if spec.offset > 0 && (spec.anchors.is_empty() || spec.pattern.is_none()) {
        return Err("`offset` goes with `anchors` and a pattern".into());
    }
    match (spec.anchors.is_empty(), spec.labels.is_empty()) {
        (true, true) => Err("a rule needs `anchors` or `labels`; hint: literals that every value contains or follows, or `#` for any digit".into()),
        (false, false) => Err("a rule has `anchors` or `labels`, not both".into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_library_compiles_within_the_limits_of_callers() {
        for pack in IDENTIFIERS.iter().chain(SECRETS) {
            for rule in read_built_in(pack).expect("it is well-formed") {
                assert_eq!(rule.try_compile(), Ok(()), "{}", rule.id());
            }
        }
    }
}
