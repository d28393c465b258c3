//! From a literal to a value: the pattern on a bounded window, the grammar of labels, the check.

use std::ops::Range;

use super::boundary::{ends_word, is_word, run_end, starts_token};
use super::check::{Verdict, entropy};
use super::evidence::{Told, Why, label_at};
use super::exempt::Exemption;
use super::literal::Literal;
use super::near::{Surroundings, is_whole};
use super::rule::{Category, Rule};
use super::wording::randomness;
use super::{around, matcher, vendor};

/// A value that a rule has found, before its check.
pub(super) struct Value {
    pub(super) span: Range<usize>,
    pub(super) context: Range<usize>,
    pub(super) verdict: Verdict,
}

impl Value {
    /// A value without a label.
    pub(super) fn bare(span: Range<usize>) -> Self {
        Self {
            context: span.clone(),
            span,
            verdict: Verdict::Plausible,
        }
    }
}

/// What came of one candidate.
pub(super) struct Attempt {
    pub(super) value: Option<Value>,
    /// The rule need not look at literals that begin before here; another that begins at the same place may be longer.
    pub(super) resume: usize,
    /// Bytes looked at.
    pub(super) read: usize,
}

impl Attempt {
    /// Nothing here, and `read` bytes looked at to see it.
    pub(super) fn nothing(resume: usize, read: usize) -> Self {
        Self {
            value: None,
            resume,
            read,
        }
    }

    /// A value; the rule goes on behind it.
    pub(super) fn found(value: Value, read: usize) -> Self {
        Self {
            resume: value.context.end.max(value.span.end),
            value: Some(value),
            read,
        }
    }
}

/// Confirms the rule at a literal of its own.
pub(super) fn attempt(rule: &Rule, text: &str, literal: Range<usize>) -> Attempt {
    if let Some(matcher) = rule.spec.matcher {
        return matcher::attempt(matcher, rule, text, literal);
    }
    if rule.spec.around {
        return around::attempt(rule, text, literal);
    }
    if rule.spec.vendor {
        return vendor::attempt(rule, text, literal);
    }
    if rule.spec.labels.is_empty() {
        return match literal.start.checked_sub(rule.spec.offset) {
            Some(at) if rule.spec.offset == 0 || starts_token(text.as_bytes(), at) => {
                pattern_at(rule, text, at, at)
            }
            _ => Attempt::nothing(literal.start, 1),
        };
    }
    match behind_label(text.as_bytes(), literal.end, rule) {
        Some(at) => pattern_at(rule, text, at, literal.start),
        None => Attempt::nothing(literal.start, MAX_LABEL_TAIL),
    }
}

/// Confirms the rule's pattern at `at`; the context begins at `from`.
pub(super) fn pattern_at(rule: &Rule, text: &str, at: usize, from: usize) -> Attempt {
    let stop = text.floor_char_boundary(at.saturating_add(rule.spec.window));
    let nothing = Attempt::nothing(from, stop.saturating_sub(at));
    let Some(window) = text.get(at..stop) else {
        return nothing;
    };
    let Some(found) = rule.matches(window) else {
        return nothing;
    };
    let mut span = at + found.value.start..at + found.value.end;
    match &rule.alphabet {
        Some(alphabet) => {
            span.end = run_end(text.as_bytes(), span.end, usize::MAX, |byte| {
                alphabet.has(byte)
            });
            span.end = span.start + untied(text, &span);
        }
        None if !ends_word(text.as_bytes(), span.end) => return nothing,
        None => {}
    }
    if span.is_empty() {
        return nothing;
    }
    let context = from..span.end.max(at + found.end);
    let read = context.end.max(stop) - at;
    Attempt::found(
        Value {
            span,
            context,
            verdict: Verdict::Plausible,
        },
        read,
    )
}

/// The length of the value at `span` without the full stop, dash or emphasis that closes it but is of its alphabet too.
fn untied(text: &str, span: &Range<usize>) -> usize {
    let Some(value) = text.get(span.clone()) else {
        return span.len();
    };
    let value = value.trim_end_matches('.');
    let closes = ['_', '-', '*'].into_iter().find(|&mark| {
        let opened = text[..span.start].ends_with(mark) && value.ends_with(mark);
        let twice = value
            .strip_suffix(mark)
            .is_some_and(|rest| rest.ends_with(mark));
        opened || twice
    });
    closes.map_or(value.len(), |mark| value.trim_end_matches(mark).len())
}

/// Whether no word that `rule` wants near a value can be near the one at `span`, and it does not take it without.
#[inline]
pub(super) fn lacks_words(
    rule: &Rule,
    text: &str,
    span: &Range<usize>,
    surroundings: &mut Surroundings<'_>,
) -> bool {
    let alone = || rule.spec.alone.is_some() && is_whole(text, span);
    !rule.spec.near.is_empty() && !alone() && !surroundings.may_be_near(span, rule)
}

/// The confidence in a found value and the reasons for it, or `None` where the rule's checks refuse it. `literal` is what has
/// led to it, and where that begins.
pub(super) fn judge(
    rule: &Rule,
    text: &str,
    value: &Value,
    literal: Option<(&Literal, usize)>,
    surroundings: &mut Surroundings<'_>,
) -> Option<(f32, Why)> {
    let found = text.get(value.span.clone())?;
    if lacks_words(rule, text, &value.span, surroundings) {
        return None;
    }
    let wants_words = !rule.spec.near.is_empty();
    if rule
        .spec
        .min_entropy
        .is_some_and(|least| entropy(found) < least)
    {
        return None;
    }
    // A matcher has used these already.
    let random = |least| randomness(found) >= least;
    if rule.spec.matcher.is_none()
        && (Rule::lists_have(&rule.lists.except, found)
            || !rule.spec.min_randomness.is_none_or(random))
    {
        return None;
    }
    let written = rule.spec.matcher.is_none() && rule.category() == Category::Secret;
    if written && matcher::is_stand_in(found) {
        return None;
    }
    let exempt = |exemption: &Exemption| exemption.covers(text, &value.span, &value.context);
    if rule.exemptions.iter().any(exempt) {
        return None;
    }
    let verdict = match (rule.spec.check, value.verdict) {
        (Some(check), Verdict::Plausible) => check.of(found),
        (_, verdict) => verdict,
    };
    let confidence = match verdict {
        Verdict::Valid => rule.spec.confidence.max(0.99),
        Verdict::Plausible => rule.spec.confidence,
        // No word around it makes up for that.
        Verdict::Invalid => rule.spec.unchecked_confidence?,
    };
    let near = if wants_words {
        surroundings.near(&value.span, rule)
    } else {
        None
    };
    if near.is_none() && wants_words {
        // The whole of a field needs no words around it.
        let confidence = rule.spec.alone.filter(|_| is_whole(text, &value.span))?;
        return (verdict != Verdict::Invalid)
            .then(|| (confidence, Why::of(rule, verdict, None, None)));
    }
    let label = text.get(value.context.start..value.span.start);
    let label = label.filter(|label| !label.is_empty()).and_then(|label| {
        let at_start = |(literal, start): &(&Literal, usize)| {
            *start == value.context.start && literal.length <= label.len()
        };
        match literal
            .filter(at_start)
            .map(|(literal, _)| literal.told(rule))
        {
            Some(Told::Label(place)) => place,
            _ => label_at(rule, label),
        }
    });
    Some((confidence, Why::of(rule, verdict, label, near)))
}

/// The most bytes between a label and its value.
const MAX_LABEL_TAIL: usize = 40;
/// Words that may stand between a label and its value.
const LABEL_WORDS: &[&str] = &[
    "number", "numbers", "num", "no", "nr", "nbr", "id", "is", "was", "are", "value", "code",
];

/// Where the value behind a label begins: `MRN # 12`, `"mrn": 12`, `**MRN:** 12`, `MRN number is 12`.
///
/// An assigned rule's label may be a part of a longer name (`prod_api_key_2 =`) and needs a sign or word of assignment.
pub(super) fn behind_label(bytes: &[u8], end: usize, rule: &Rule) -> Option<usize> {
    let stop = bytes.len().min(end + MAX_LABEL_TAIL);
    let mut at = end;
    if rule.spec.assigned {
        at = behind_name(bytes, end, rule)?;
    } else if bytes
        .get(at)
        .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
    {
        // `phone_number`, `mrnNumber`: the joint of a longer name; any other letter makes it another word.
        let joint = at + usize::from(bytes[at] == b'_');
        let word = run_end(bytes, joint, 12, |byte| byte.is_ascii_alphabetic());
        if !is_label_word(&bytes[joint..word]) {
            return None;
        }
        at = word;
    }
    let mut assigned = false;
    let mut lines = 0;
    while at < stop {
        match bytes[at] {
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b'*' | b'\\' | b']' | b')' => at += 1,
            b':' | b'=' | b'>' => {
                assigned = true;
                at += 1;
            }
            b'#' | b'-' | b'.' | b'(' | b'[' | b',' | b'|' | b'_' | b'\r'
                if !rule.spec.assigned =>
            {
                at += 1;
            }
            b'\n' if !rule.spec.assigned && lines == 0 => {
                lines += 1;
                at += 1;
            }
            byte if byte.is_ascii_alphabetic() => {
                let word = run_end(bytes, at, 12, |byte| byte.is_ascii_alphabetic());
                let joins = is_label_word(&bytes[at..word])
                    && !bytes.get(word).copied().is_some_and(is_word);
                if !joins {
                    break;
                }
                assigned |= matches!(&bytes[at..word], b"is" | b"was");
                at = word;
            }
            _ => break,
        }
    }
    (at < bytes.len() && (assigned || !rule.spec.assigned)).then_some(at)
}

fn is_label_word(word: &[u8]) -> bool {
    LABEL_WORDS
        .iter()
        .any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}

/// The end of the name that a label is part of, or `None` when the rest of the name says that it is no value of this kind.
pub(super) fn behind_name(bytes: &[u8], end: usize, rule: &Rule) -> Option<usize> {
    const MAX_NAME: usize = 40;
    let stop = run_end(bytes, end, MAX_NAME, |byte| is_word(byte) || byte == b'-');
    let tail = &bytes[end..stop];
    if tail.len() == MAX_NAME {
        return None;
    }
    if tail.is_empty() || rule.lists.except_names.is_empty() {
        return Some(stop);
    }
    // `_-` and a capital begin a word of the name: `token_type`, `tokenType`.
    let mut words = Vec::new();
    let mut start = 0;
    for (place, &byte) in tail.iter().enumerate() {
        let joint = matches!(byte, b'_' | b'-');
        let hump = byte.is_ascii_uppercase() && place > 0 && tail[place - 1].is_ascii_lowercase();
        if joint || hump {
            words.push(&tail[start..place]);
            start = place + usize::from(joint);
        }
    }
    words.push(&tail[start..]);
    let refused = words.iter().any(|word| {
        std::str::from_utf8(word).is_ok_and(|word| Rule::lists_have(&rule.lists.except_names, word))
    });
    (!refused).then_some(stop)
}
