//! The stretch of a stream that is in memory: what is not decided yet, and a little of what stands before it.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::credentials::Credentials;
use super::names::{MAX_NAME, Names};
use super::release::Release;
use super::{MAX_KNOWN, Taker};
use crate::scan::boundary::run_start;
use crate::scan::finding::Finding;
use crate::scan::horizon::{AHEAD, BEHIND, MARGIN, PATIENCE};
use crate::scan::known::Known;
use crate::scan::matcher::Matcher;
use crate::scan::matcher::pem::base64_end;
use crate::scan::position::{Position, positions};
use crate::scan::resolve::resolve;
use crate::scan::reuse::MAX_LENGTH;
use crate::scan::scanner::{Effort, Scanner};
use crate::scan::sweep::Progress;
use crate::scan::taken::Taken;

/// So many bytes are collected before they are scanned.
const STEP: usize = 8 << 10;
/// Findings that overlap are waited for until so many bytes are held.
const MAX_HELD: usize = 2 * PATIENCE;

/// All places are bytes of `text` unless they say otherwise.
pub(super) struct Window {
    scanner: Scanner,
    text: Zeroizing<String>,
    /// Where `text` begins in the whole.
    origin: Position,
    progress: Progress,
    /// How long `text` has to be before it is worth while to go on.
    enough: usize,
    /// What was found and may still be overlapped by something better.
    open: Vec<Open>,
    /// What is settled and not released yet, ascending.
    settled: Vec<Finding>,
    /// Nothing that begins before here is settled any more.
    floor: usize,
    /// What comes before here was released.
    released: usize,
    /// A value that was too long to be waited for, as far as it was seen.
    overlong: Option<Finding>,
    names: Option<Names>,
    credentials: Credentials,
    effort: Effort,
}

/// A finding that may still be overlapped.
struct Open {
    finding: Finding,
    /// It stands in a part that decodes to text; such findings yield to what was settled without them, as in a whole text.
    decoded: bool,
}

impl Window {
    pub(super) fn new(scanner: Scanner) -> Self {
        let names = scanner.repeated().map(|rule| Names::new(Arc::clone(rule)));
        Self {
            progress: Progress::new(scanner.rules().len()),
            scanner,
            text: Zeroizing::default(),
            origin: Position {
                line: 1,
                ..Position::default()
            },
            enough: STEP + AHEAD,
            open: Vec::new(),
            settled: Vec::new(),
            floor: 0,
            released: 0,
            overlong: None,
            names,
            credentials: Credentials::default(),
            effort: Effort::default(),
        }
    }

    /// Bytes of the whole text so far.
    pub(super) fn taken(&self) -> usize {
        self.origin.byte + self.text.len()
    }

    /// Bytes that were not released yet.
    pub(super) fn held(&self) -> usize {
        self.text.len() - self.released
    }

    pub(super) fn effort(&self) -> Effort {
        self.effort
    }

    /// Takes a piece of text and releases what is decided with it.
    pub(super) fn take(&mut self, piece: &str, taker: &mut dyn Taker) {
        self.text.push_str(piece);
        if self.text.len() >= self.enough {
            self.scan(false);
            let cut = self.settle(false);
            self.release(cut, false, taker);
            self.forget();
        }
    }

    /// Releases the rest.
    pub(super) fn end(&mut self, taker: &mut dyn Taker) {
        self.scan(true);
        let cut = self.settle(true);
        self.release(cut, true, taker);
    }

    /// Looks for values as far as what is known decides.
    fn scan(&mut self, last: bool) {
        let length = self.text.len();
        let whole = last || length - self.progress.at > MAX_HELD;
        let swept = self.scanner.sweep(&self.text, &self.progress, whole);
        self.effort.candidates += swept.effort.candidates;
        self.effort.bytes += swept.effort.bytes;
        self.progress = swept.progress;
        self.continue_overlong();
        let cut = |finding: &&Finding| {
            finding.span.len() >= PATIENCE / 2 && length - finding.span.end <= MARGIN
        };
        if !last && let Some(cut) = swept.found.iter().find(cut) {
            self.overlong = Some(cut.clone());
        }
        let open = |decoded: bool| move |finding| Open { finding, decoded };
        self.open.extend(swept.found.into_iter().map(open(false)));
        self.open.extend(swept.decoded.into_iter().map(open(true)));
        let undecided = length - self.progress.at;
        let wait = if undecided > AHEAD { undecided } else { 0 };
        self.enough = length + wait.clamp(STEP, PATIENCE);
    }

    /// What follows a value that was cut belongs to it, up to the next white space.
    fn continue_overlong(&mut self) {
        let Some(finding) = self.overlong.take() else {
            return;
        };
        let rest = &self.text[finding.span.end..];
        let length = if finding.rule.spec.matcher == Some(Matcher::Pem) {
            base64_end(rest)
        } else {
            rest.find(char::is_whitespace).unwrap_or(rest.len())
        };
        let span = finding.span.end..finding.span.end + length;
        let more = Finding {
            context: span.clone(),
            span: span.clone(),
            ..finding
        };
        if self.text.len() - span.end <= MARGIN {
            self.overlong = Some(more.clone());
        }
        if !span.is_empty() {
            self.open.push(Open {
                finding: more,
                decoded: false,
            });
        }
    }

    /// Settles which of the findings stay that nothing still to be found can overlap. Gives the place up to which they are
    /// settled.
    fn settle(&mut self, last: bool) -> usize {
        let safe = if last {
            self.text.len()
        } else {
            self.progress.at.saturating_sub(BEHIND).max(self.released)
        };
        for Open { finding, .. } in &mut self.open {
            // What lies before was settled without it.
            finding.span.start = finding.span.start.max(self.floor);
        }
        self.open.retain(|open| !open.finding.span.is_empty());
        self.open
            .sort_by_key(|Open { finding, .. }| (finding.span.start, Reverse(finding.span.end)));
        let patient = !last && self.held() <= MAX_HELD;
        let (mut whole, mut end) = (0, self.floor);
        for (place, Open { finding, .. }) in self.open.iter().enumerate() {
            if finding.span.start >= end {
                whole = place;
            }
            end = end.max(finding.span.end);
            if finding.span.start >= safe || (patient && end > safe) {
                break;
            }
            whole = place + 1;
        }
        let (decoded, plain): (Vec<Open>, Vec<Open>) =
            self.open.drain(..whole).partition(|open| open.decoded);
        let plain = plain.into_iter().map(|open| open.finding).collect();
        let mut settled = resolve(&self.text, plain);
        if !decoded.is_empty() {
            settled.extend(decoded.into_iter().map(|open| open.finding));
            settled = resolve(&self.text, settled);
        }
        self.floor = settled
            .last()
            .map_or(self.floor, |last| last.span.end.max(self.floor));
        for finding in &settled {
            self.credentials
                .learn(finding, &self.text, self.origin.byte);
            if let Some(names) = &mut self.names {
                names.learn(finding, &self.text, self.origin.byte);
            }
        }
        self.settled.extend(settled);
        self.open
            .first()
            .map_or(safe, |open| open.finding.span.start.min(safe))
    }

    /// Where names and credentials stand again that begin in `stretch`, in ascending order.
    fn repeats(&mut self, stretch: &Range<usize>) -> Vec<Finding> {
        let origin = self.origin.byte;
        let credentials = &mut self.credentials;
        let mut hits = credentials.hits(&self.text, stretch, origin, &self.settled);
        if let Some(names) = &mut self.names {
            let mut again = names.hits(&self.text, stretch, origin, &self.settled);
            let mut taken = Taken::by(&hits);
            again.retain(|name| taken.leaves(&name.span));
            hits.append(&mut again);
            hits.sort_by_key(|hit| hit.span.start);
        }
        self.scanner.retain(&self.text, &mut hits);
        hits
    }

    /// What `taker` knows that begins before `end`.
    fn known<'t>(&self, end: usize, taker: &'t dyn Taker) -> Vec<Known<'t>> {
        // The last of them has to be whole, with a character behind it.
        let ahead = self.text.ceil_char_boundary(end + MAX_KNOWN + 4);
        let mut known = taker.known(&self.text[self.released..ahead]);
        for Known { span, .. } in &mut known {
            *span = span.start + self.released..span.end + self.released;
        }
        known.retain(|known| known.span.start < end);
        known
    }

    /// The last place up to `end` at which nothing is cut in two that was found or is known.
    fn uncut(&self, mut end: usize, hits: &[Finding], known: &[Known<'_>]) -> usize {
        loop {
            let over = reaching(&self.settled, end, |it| &it.span)
                .or_else(|| reaching(hits, end, |it| &it.span))
                .or_else(|| reaching(known, end, |it| &it.span));
            let Some(over) = over else {
                return end;
            };
            end = over;
        }
    }

    /// Hands over the text up to `cut`, less what a name, a credential or something known might reach over.
    fn release(&mut self, cut: usize, last: bool, taker: &mut dyn Taker) {
        let reach = if last { 0 } else { MAX_NAME.max(MAX_LENGTH) };
        let mut end = cut.saturating_sub(reach).max(self.released);
        end = self.text.floor_char_boundary(end);
        let mut known = self.known(end, taker);
        let mut hits = self.repeats(&(self.released..end));
        let cut = end;
        end = self.uncut(cut, &hits, &known);
        if end <= self.released && self.held() > MAX_HELD {
            known.clear();
            end = self.uncut(cut, &hits, &known);
        }
        if end <= self.released {
            return;
        }
        hits.retain(|hit| hit.span.end <= end);
        known.retain(|known| known.span.end <= end);
        let count = self
            .settled
            .partition_point(|finding| finding.span.end <= end);
        let mut found: Vec<Finding> = self.settled.drain(..count).collect();
        if !hits.is_empty() {
            found.append(&mut hits);
            found.sort_by_key(|finding| finding.span.start);
        }
        let found = self.scanner.with_known(&self.text, found, known);
        taker.take(Release {
            window: &self.text,
            origin: self.origin,
            start: self.released,
            end,
            found,
        });
        self.released = end;
    }

    /// Lets go of what no rule looks back at.
    fn forget(&mut self) {
        let passed = self.released.min(self.progress.at).saturating_sub(BEHIND);
        let passed = between_groups(&self.text, self.text.floor_char_boundary(passed));
        if passed < STEP / 2 {
            return;
        }
        self.origin = positions(&self.text, &[passed])[0].behind(&self.origin);
        self.text.drain(..passed);
        self.progress.forget(passed);
        self.released -= passed;
        self.enough -= passed;
        self.floor = self.floor.saturating_sub(passed);
        let open = self.open.iter_mut().map(|open| &mut open.finding);
        let kept = open.chain(&mut self.settled);
        for finding in kept.chain(&mut self.overlong) {
            for range in [&mut finding.span, &mut finding.context] {
                *range = range.start.saturating_sub(passed)..range.end.saturating_sub(passed);
            }
        }
    }
}

/// Where the one of some places begins, which ascend and do not overlap, that goes on behind `end`.
fn reaching<T>(places: &[T], end: usize, span: impl Fn(&T) -> &Range<usize>) -> Option<usize> {
    let first = places.partition_point(|place| span(place).end <= end);
    let start = span(places.get(first)?).start;
    (start < end).then_some(start)
}

/// Where a text may be cut not far before `at` so that what stands in base64 behind it is still read in the same groups of
/// four: at the start of a line, or else such groups behind the start of the run.
fn between_groups(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let line = run_start(bytes, at, BEHIND, |byte| byte != b'\n');
    if at - line < BEHIND {
        return line;
    }
    let digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    at - (at - run_start(bytes, at, at, digit)) % 4
}
