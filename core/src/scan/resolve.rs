//! Which of several overlapping findings stays.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::ops::Range;

use super::evidence::Origin;
use super::finding::Finding;
use super::rule::Category;

/// From this confidence on, what a loser covers beyond the winner is reported too.
const KEEP_REST: f32 = 0.7;

/// Non-overlapping findings in ascending order. Takes time `n log n` in the number of findings.
pub(super) fn resolve(text: &str, mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by_key(|finding| (finding.span.start, Reverse(finding.span.end)));
    if found.is_sorted_by(|a, b| a.span.end <= b.span.start) {
        return found;
    }
    let mut kept = Vec::with_capacity(found.len());
    let mut cluster: Vec<Finding> = Vec::new();
    let mut end = 0;
    for finding in found {
        if finding.span.start >= end {
            settle(text, &mut cluster, &mut kept);
        }
        end = end.max(finding.span.end);
        cluster.push(finding);
    }
    settle(text, &mut cluster, &mut kept);
    kept
}

/// Moves the winners of a cluster, which overlap directly or through others, to `kept`.
fn settle(text: &str, cluster: &mut Vec<Finding>, kept: &mut Vec<Finding>) {
    if cluster.len() < 2 {
        kept.append(cluster);
        return;
    }
    cluster.sort_by(better_first);
    // The best one often covers all the others.
    let (start, end) = (cluster[0].span.start, cluster[0].span.end);
    let covers = |other: &Finding| start <= other.span.start && other.span.end <= end;
    if cluster.iter().all(covers) {
        kept.extend(cluster.drain(..).take(1));
        return;
    }
    let mut taken: BTreeMap<usize, Finding> = BTreeMap::new();
    for finding in cluster.drain(..) {
        let gaps = gaps(&taken, &finding.span);
        if gaps.len() == 1 && gaps[0] == finding.span {
            taken.insert(finding.span.start, finding);
        } else if finding.category() == Category::Secret || finding.confidence >= KEEP_REST {
            for gap in gaps {
                let prefix = finding.rule.spec.generic && taken.contains_key(&gap.end);
                let rest = trimmed(text, gap)
                    .filter(|span| !prefix || !text[span.clone()].bytes().all(is_of_words));
                if let Some(span) = rest {
                    let rest = Finding {
                        context: span.clone(),
                        span: span.clone(),
                        ..finding.clone()
                    };
                    taken.insert(span.start, rest);
                }
            }
        }
    }
    kept.extend(taken.into_values());
}

/// Secrets before identifiers, then what the caller denies, then validated before unvalidated, specific before generic, confident before doubtful, longer
/// before shorter, earlier before later, with more around it before less; what is left by the ids of the rules, so that
/// the order of finding decides nothing.
fn better_first(a: &Finding, b: &Finding) -> Ordering {
    let rank = |f: &Finding| {
        (
            f.category() == Category::Secret,
            f.why.origin == Origin::DenyList,
            f.validated(),
            !f.rule.spec.generic,
        )
    };
    rank(b)
        .cmp(&rank(a))
        .then(b.confidence.total_cmp(&a.confidence))
        .then(b.span.len().cmp(&a.span.len()))
        .then(a.span.start.cmp(&b.span.start))
        .then(b.context.len().cmp(&a.context.len()))
        .then_with(|| a.rule.id().cmp(b.rule.id()))
}

/// The parts of `span` that none of `taken` covers.
fn gaps(taken: &BTreeMap<usize, Finding>, span: &Range<usize>) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let mut at = span.start;
    let before = taken.range(..span.start).next_back();
    for (_, other) in before.into_iter().chain(taken.range(span.clone())) {
        if other.span.start > at {
            gaps.push(at..other.span.start);
        }
        at = at.max(other.span.end);
    }
    if at < span.end {
        gaps.push(at..span.end);
    }
    gaps
}

/// Whether a byte is one of the words before a key of a known form: `secret-token:` says what follows and is no secret.
fn is_of_words(byte: u8) -> bool {
    byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_')
}

/// Without the punctuation and space around it; `None` when nothing else is left.
fn trimmed(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let rest = text.get(span.clone())?;
    let outer = |c: char| !c.is_alphanumeric();
    let start = span.start + (rest.len() - rest.trim_start_matches(outer).len());
    let rest = rest.trim_matches(outer);
    (!rest.is_empty()).then(|| start..start + rest.len())
}
