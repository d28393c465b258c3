//! Rules in the form of gitleaks: read, translated to this crate's own form, or refused with the reason.
//!
//! The form is described at <https://github.com/gitleaks/gitleaks#configuration>. A rule is taken where it can be applied
//! to a text in linear time: it has keywords, and its pattern compiles to a bounded size. Its pattern is looked for around
//! each of its keywords, not in the whole text.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;

use super::exempt::{Exemption, Target};
use super::go_regex;
use super::rule::{Category, MAX_WINDOW, Rule, Severity, Spec};
use crate::{Error, Kind, Result};

/// The longest configuration, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// The most rules.
const MAX_RULES: usize = 2000;
/// The most keywords of a rule, and the longest in bytes.
const MAX_KEYWORDS: usize = 200;
const MAX_KEYWORD: usize = 64;
/// How sure such a rule is: it has a pattern and no check.
const CONFIDENCE: f32 = 0.8;

/// A part of a gitleaks configuration that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule's id; `rule number 3` where it has none that is fit to be shown, `extend` for that table.
    pub rule: String,
    /// Why, in one line.
    pub reason: String,
}

impl fmt::Display for Refusal {
    /// `rule: reason`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.reason)
    }
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    extend: Option<toml::Value>,
    allowlist: Option<Allowlist>,
    #[serde(default)]
    allowlists: Vec<Allowlist>,
    #[serde(default)]
    rules: Vec<toml::Value>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Allowlist {
    condition: Option<String>,
    commits: Vec<String>,
    paths: Vec<String>,
    regex_target: Option<String>,
    regexes: Vec<String>,
    stopwords: Vec<String>,
    target_rules: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    id: String,
    #[serde(default)]
    description: String,
    regex: Option<String>,
    secret_group: Option<usize>,
    entropy: Option<f64>,
    #[serde(default)]
    keywords: Vec<String>,
    path: Option<String>,
    allowlist: Option<Allowlist>,
    #[serde(default)]
    allowlists: Vec<Allowlist>,
    #[serde(default)]
    required: Vec<toml::Value>,
}

/// The rules of a configuration that can be applied, and what was refused.
///
/// `InvalidArgument` where the text is not such a configuration at all.
pub(super) fn read(text: &str) -> Result<(Vec<Rule>, Vec<Refusal>)> {
    let refused = |message: &str| Error::new(Kind::InvalidArgument, message.to_owned());
    if text.len() > MAX_TEXT {
        return Err(refused(
            "the gitleaks configuration is longer than 1024 KiB",
        ));
    }
    let config: Config = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| {
            1 + text[..span.start.min(text.len())].matches('\n').count()
        });
        refused(&format!(
            "the text is no gitleaks configuration: line {line}; hint: hand over the contents of a `.gitleaks.toml`"
        ))
    })?;
    if config.rules.len() > MAX_RULES {
        return Err(refused(
            "the gitleaks configuration has more than 2000 rules",
        ));
    }
    let mut refusals = Vec::new();
    if config.extend.is_some() {
        refusals.push(Refusal {
            rule: "extend".to_owned(),
            reason: "other configurations are not read; hint: hand them over one by one".to_owned(),
        });
    }
    let everywhere: Vec<Allowlist> = config
        .allowlists
        .into_iter()
        .chain(config.allowlist)
        .collect();
    let mut rules = Vec::new();
    let mut known = HashSet::new();
    for (place, value) in config.rules.into_iter().enumerate() {
        let name = value
            .get("id")
            .and_then(toml::Value::as_str)
            .and_then(fit_id)
            .unwrap_or_else(|| format!("rule number {}", place + 1));
        let taken = value
            .try_into::<Given>()
            .map_err(|_| "a field is missing or of the wrong type".to_owned())
            .and_then(|given| {
                if !known.insert(given.id.clone()) {
                    return Err("there is a rule of that id already".to_owned());
                }
                rule(given, &everywhere)
            });
        match taken {
            Ok(rule) => rules.push(rule),
            Err(reason) => refusals.push(Refusal { rule: name, reason }),
        }
    }
    Ok((rules, refusals))
}

/// An id in the letters of ours.
fn fit_id(id: &str) -> Option<String> {
    let fit: String = id
        .to_ascii_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    (1..=54).contains(&fit.len()).then_some(fit)
}

fn rule(given: Given, everywhere: &[Allowlist]) -> Result<Rule, String> {
    let id = fit_id(&given.id).ok_or("its id is empty or longer than 54 characters")?;
    if given.path.is_some() {
        return Err("it is for files of certain paths, and a text has no path".to_owned());
    }
    if !given.required.is_empty() {
        return Err("it needs findings of other rules nearby".to_owned());
    }
    let pattern = given.regex.as_deref().ok_or("it has no pattern")?;
    if given.keywords.is_empty() {
        return Err("it has no keywords, so that its pattern would be tried everywhere; hint: add literals of which every match contains one".to_owned());
    }
    let fits = |keyword: &String| (1..=MAX_KEYWORD).contains(&keyword.len());
    if given.keywords.len() > MAX_KEYWORDS || !given.keywords.iter().all(fits) {
        return Err(format!(
            "a rule has at most {MAX_KEYWORDS} keywords of 1 to {MAX_KEYWORD} bytes"
        ));
    }
    let pattern = go_regex::translate(pattern)?;
    let exemptions = everywhere
        .iter()
        .filter(|list| list.target_rules.is_empty() || list.target_rules.contains(&given.id))
        .chain(&given.allowlists)
        .chain(&given.allowlist)
        .filter_map(|list| exemption(list).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    let spec = Spec {
        id: id.clone(),
        kind: id.replace('-', "_"),
        token: id.replace('-', "_").to_ascii_uppercase(),
        what: given.description,
        severity: Severity::High,
        anchors: given
            .keywords
            .iter()
            .map(|word| word.to_ascii_lowercase())
            .collect(),
        pattern: Some(pattern),
        around: true,
        group: given.secret_group.filter(|&group| group > 0),
        confidence: CONFIDENCE,
        min_entropy: given.entropy.filter(|bits| *bits > 0.0),
        window: MAX_WINDOW,
        generic: id.contains("generic"),
        ..Spec::default()
    };
    let rule = Rule::with_exemptions(spec, Category::Secret, exemptions);
    rule.try_compile()?;
    Ok(rule)
}

/// An allowlist, or `None` where it is about files and commits alone.
fn exemption(list: &Allowlist) -> Result<Option<Exemption>, String> {
    let every = match list
        .condition
        .as_deref()
        .map(str::to_ascii_uppercase)
        .as_deref()
    {
        None | Some("OR" | "||") => false,
        Some("AND" | "&&") => true,
        Some(_) => {
            return Err("the condition of its allowlist is neither `AND` nor `OR`".to_owned());
        }
    };
    let elsewhere = !list.paths.is_empty() || !list.commits.is_empty();
    if list.regexes.is_empty() && list.stopwords.is_empty() || every && elsewhere {
        return Ok(None);
    }
    let target = match list.regex_target.as_deref() {
        None | Some("" | "secret") => Target::Value,
        Some("match") => Target::Match,
        Some("line") => Target::Line,
        Some(_) => return Err("its allowlist has an unknown `regexTarget`".to_owned()),
    };
    let patterns = list
        .regexes
        .iter()
        .map(|pattern| go_regex::translate(pattern))
        .collect::<Result<Vec<_>, _>>()?;
    Exemption::new(target, &patterns, &list.stopwords, every).map(Some)
}
