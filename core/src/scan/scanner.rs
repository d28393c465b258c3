//! Compiled rules, and the three ready-made sets of them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use once_cell::sync::Lazy;

use super::builder::ScannerBuilder;
use super::confirm::Value;
use super::disguise::{Budget, DEPTH};
use super::evidence::{Layer, Origin, Why};
use super::finding::Finding;
use super::horizon::{AHEAD, Horizon};
use super::index::Index;
use super::list::{Allowed, DenyList};
use super::prose::Prose;
use super::rule::Rule;
use super::sweep::{Progress, Sweep};
use super::tagger::Tagger;
use super::view::View;
use super::{disguise, repeat, resolve, reuse};

/// Compiled rules. Cheap to clone; any number of threads may scan at once.
#[derive(Clone)]
pub struct Scanner {
    parts: Arc<Parts>,
}

struct Parts {
    rules: Vec<Arc<Rule>>,
    index: Index,
    /// The rules for names that a tagger or an earlier finding points to.
    tagged: Option<Arc<Rule>>,
    repeated: Option<Arc<Rule>>,
    prose: Option<Prose>,
    settings: Settings,
    denied: Option<DenyList>,
}

/// What a scanner lets through, and who helps it.
#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) min_confidence: f32,
    pub(super) min_confidence_of: HashMap<Box<str>, f32>,
    pub(super) allowed: Allowed,
    pub(super) tagger: Option<Arc<dyn Tagger>>,
}

impl Settings {
    fn min_confidence_of(&self, kind: &str) -> f32 {
        if self.min_confidence_of.is_empty() {
            return self.min_confidence;
        }
        let of_kind = self.min_confidence_of.get(kind);
        of_kind.copied().unwrap_or(self.min_confidence)
    }
}

/// What a scan has cost, apart from reading the text once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Places at which a rule was tried.
    pub candidates: usize,
    /// Bytes that the rules looked at there, counted as often as they were looked at.
    pub bytes: usize,
}

/// What a sweep over a part of a text has found, unresolved.
pub(super) struct Swept {
    pub(super) found: Vec<Finding>,
    /// What stands in parts that decode to text.
    pub(super) decoded: Vec<Finding>,
    pub(super) effort: Effort,
    pub(super) progress: Progress,
}

static ALL: Lazy<Scanner> = Lazy::new(|| built_in(Scanner::builder().identifiers().secrets()));
static IDENTIFIERS: Lazy<Scanner> = Lazy::new(|| built_in(Scanner::builder().identifiers()));
static SECRETS: Lazy<Scanner> = Lazy::new(|| built_in(Scanner::builder().secrets()));

fn built_in(builder: ScannerBuilder) -> Scanner {
    builder
        .build()
        .expect("the packs of this crate are well-formed, as the rule tests show")
}

impl Scanner {
    /// Identifiers and secrets. Built once per process and shared.
    pub fn all() -> Self {
        ALL.clone()
    }

    /// Identifiers only. Built once per process and shared.
    pub fn identifiers() -> Self {
        IDENTIFIERS.clone()
    }

    /// Secrets only. Built once per process and shared.
    pub fn secrets() -> Self {
        SECRETS.clone()
    }

    /// A scanner of one's own, without any rule so far.
    pub fn builder() -> ScannerBuilder {
        ScannerBuilder::default()
    }

    pub(super) fn compile(
        rules: Vec<Arc<Rule>>,
        settings: Settings,
        denied: Option<DenyList>,
    ) -> Self {
        let index = Index::build(&rules);
        let named = |id: &str| rules.iter().find(|rule| rule.id() == id).cloned();
        Self {
            parts: Arc::new(Parts {
                tagged: named("name-tagged"),
                repeated: named("name-repeat"),
                prose: Prose::of(&rules),
                rules,
                index,
                settings,
                denied,
            }),
        }
    }

    /// Non-overlapping findings in ascending order.
    pub fn scan(&self, text: &str) -> Vec<Finding> {
        self.scan_measured(text).0
    }

    /// Like [`Scanner::scan`], with what it has cost.
    pub fn scan_measured(&self, text: &str) -> (Vec<Finding>, Effort) {
        self.scan_written(text, &mut Budget::of(text), 0)
    }

    /// Scans a text as it reads, and what it says in other writing.
    fn scan_written(
        &self,
        text: &str,
        budget: &mut Budget,
        depth: usize,
    ) -> (Vec<Finding>, Effort) {
        let Some(view) = View::of(text) else {
            return self.scan_layers(text, budget, depth);
        };
        let (mut found, effort) = self.scan_layers(&view.text, budget, depth);
        for finding in &mut found {
            finding.read_in(&view, Layer::Unicode.into());
        }
        (found, effort)
    }

    /// Scans a text that reads as it is written, and what it decodes to.
    fn scan_layers(&self, text: &str, budget: &mut Budget, depth: usize) -> (Vec<Finding>, Effort) {
        let (mut found, mut effort) = self.scan_plain(text);
        let mut inner = self.decode(text, budget, depth, &mut effort);
        if !inner.is_empty() {
            found.append(&mut inner);
            found = resolve::resolve(text, found);
        }
        (found, effort)
    }

    /// What stands in the parts of a text that decode to text.
    fn decode(
        &self,
        text: &str,
        budget: &mut Budget,
        depth: usize,
        effort: &mut Effort,
    ) -> Vec<Finding> {
        let mut found = Vec::new();
        if depth == DEPTH {
            return found;
        }
        disguise::decoded(text, |view, layers| {
            if !budget.allows(view.text.len()) {
                return;
            }
            let (inner, cost) = self.scan_written(&view.text, budget, depth + 1);
            effort.candidates += cost.candidates;
            effort.bytes += cost.bytes + view.text.len();
            for mut finding in inner {
                // What the text says in plain has been found there.
                if view.alters(&finding.context) {
                    finding.read_in(&view, layers);
                    found.push(finding);
                }
            }
        });
        found
    }

    /// Scans a text that reads as it is written.
    fn scan_plain(&self, text: &str) -> (Vec<Finding>, Effort) {
        let parts = &*self.parts;
        let (mut found, effort) = Sweep::new(text, &parts.rules, &parts.index).run();
        if let Some(prose) = &parts.prose {
            prose.find(text, &mut found);
        }
        found.extend(self.tagged(text));
        if let Some(denied) = &parts.denied {
            denied.find(text, &mut found);
        }
        self.retain(text, &mut found);
        let mut found = resolve::resolve(text, found);
        let mut reused = reuse::reuses(text, &found);
        if !reused.is_empty() {
            found.append(&mut reused);
            found.sort_by_key(|finding| finding.span.start);
        }
        if let Some(rule) = &parts.repeated {
            let mut again = repeat::repeats(text, &found, rule);
            self.retain(text, &mut again);
            if !again.is_empty() {
                found.append(&mut again);
                found.sort_by_key(|finding| finding.span.start);
            }
        }
        (found, effort)
    }

    /// Looks for values in a text that was scanned before as far as `progress` says, and that goes on unless it is `whole`.
    pub(super) fn sweep(&self, text: &str, progress: &Progress, whole: bool) -> Swept {
        let Some(view) = View::of(text) else {
            return self.sweep_layers(text, progress.clone(), whole);
        };
        let length = view.text.len();
        let seen = |place: usize| {
            let behind = |at: usize| view.original(&(at..at + 1)).start >= place;
            partition_point(length, |at| !behind(at))
        };
        let written = |place: usize| {
            let last = place.checked_sub(1);
            last.map_or(0, |last| view.original(&(last..place)).end)
        };
        let at = seen(progress.at);
        let mut swept = self.sweep_layers(&view.text, progress.translated(at, seen), whole);
        let at = written(swept.progress.at).max(progress.at);
        swept.progress = swept.progress.translated(at, written);
        for finding in swept.found.iter_mut().chain(&mut swept.decoded) {
            finding.read_in(&view, Layer::Unicode.into());
        }
        swept
    }

    fn sweep_layers(&self, text: &str, progress: Progress, whole: bool) -> Swept {
        let from = progress.at;
        let mut swept = self.sweep_plain(text, progress, whole);
        let stretch = from..swept.progress.at;
        let mut budget = Budget::of(text);
        let effort = &mut swept.effort;
        swept.decoded = self.decode(text, &mut budget, 0, effort);
        let begins = |finding: &Finding| stretch.contains(&finding.span.start);
        swept.decoded.retain(begins);
        swept
    }

    fn sweep_plain(&self, text: &str, progress: Progress, whole: bool) -> Swept {
        let parts = &*self.parts;
        let (horizon, end) = if whole {
            (None, text.len())
        } else {
            (Some(Horizon::of(text)), text.len().saturating_sub(AHEAD))
        };
        let from = progress.at;
        let sweep = Sweep::resumed(text, &parts.rules, &parts.index, progress, horizon);
        let (mut found, effort, progress) = sweep.run_to(end);
        let mut others: Vec<Finding> = self.tagged(text).collect();
        if let Some(prose) = &parts.prose {
            prose.find(text, &mut others);
        }
        if let Some(denied) = &parts.denied {
            denied.find(text, &mut others);
        }
        let stretch = from..progress.at;
        others.retain(|finding| stretch.contains(&finding.span.start));
        found.append(&mut others);
        self.retain(text, &mut found);
        Swept {
            found,
            decoded: Vec::new(),
            effort,
            progress,
        }
    }

    /// What the tagger takes for names.
    fn tagged(&self, text: &str) -> impl Iterator<Item = Finding> {
        let helper = self.parts.settings.tagger.as_ref();
        let both = helper.and_then(|tagger| Some((tagger.tag(text), self.parts.tagged.as_ref()?)));
        both.into_iter().flat_map(move |(names, rule)| {
            names.into_iter().filter_map(move |tagged| {
                let whole = text
                    .get(tagged.span.clone())
                    .is_some_and(|name| !name.is_empty());
                whole.then(|| {
                    let confidence = tagged.confidence.clamp(0.0, 1.0);
                    let why = Why::because(Origin::Tagger);
                    Finding::of(rule, Value::bare(tagged.span), confidence, why)
                })
            })
        })
    }

    /// Drops what the settings let through.
    pub(super) fn retain(&self, text: &str, found: &mut Vec<Finding>) {
        let settings = &self.parts.settings;
        found.retain(|finding| {
            let allowed = || {
                text.get(finding.span())
                    .is_some_and(|value| settings.allowed.has(value))
            };
            finding.confidence >= settings.min_confidence_of(finding.kind())
                && (settings.allowed.is_empty() || !allowed())
        });
    }

    /// The rule for names that an earlier finding points to, where there is one.
    pub(super) fn repeated(&self) -> Option<&Arc<Rule>> {
        self.parts.repeated.as_ref()
    }

    /// The rules, in the order in which they were added.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.parts.rules
    }
}

impl fmt::Debug for Scanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanner")
            .field("rules", &self.parts.rules.len())
            .finish_non_exhaustive()
    }
}

/// The first number below `length` for which `before` does not hold, where it holds for all that are smaller.
fn partition_point(length: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
