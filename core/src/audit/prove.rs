//! Proofs that leave the log: that one record is in it (C2SP `tlog-proof`), and that it still begins as it did.

use std::collections::HashMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::chain::{Chain, Link};
use super::checkpoint::{self, CHECKPOINT, Checkpoint};
use super::lines::Line;
use super::merkle::{self, Frontier, Hash};
use super::names::Names;
use super::note::PublicKey;
use super::query::Query;
use super::snapshot::Snapshot;
use crate::{Error, Kind, Result};

/// How a proof of one record begins.
const INCLUSION: &str = "c2sp.org/tlog-proof@v1";
/// How a proof that a log only grew begins.
const CONSISTENCY: &str = "cloister audit consistency 1";
/// Hashes of a proof at most: more than any tree of 2^63 leaves needs.
const MAX_HASHES: usize = 128;
/// Records that are proven at once at most.
const MAX_PROOFS: usize = 100;

/// One record, and what proves that it is in the log: nothing of any other record is shown.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The line of the record as it stands in the log, without its line feed.
    pub record: String,
    /// In the form of C2SP `tlog-proof`, with the checkpoint that it refers to.
    pub proof: String,
}

/// Two checkpoints of one log, the first of which may be older, and what proves that the second only added to it.
#[derive(Clone, Debug)]
pub struct Consistency {
    /// A first line, the hashes in base64, and an empty line, followed by the later checkpoint.
    pub proof: String,
    /// Lines that the later checkpoint covers.
    pub size: u64,
}

/// Proves that the record `seq` is in the log, against the last checkpoint in it.
///
/// [`Kind::NotFound`] if there is no such record; [`Kind::Audit`] if no checkpoint covers it yet, or if the log does not
/// fit its checkpoint, so that there is nothing to prove.
pub fn prove(path: impl AsRef<Path>, seq: u64, key: &PublicKey) -> Result<Proof> {
    let mut proofs = prove_each(path, &[seq], key)?;
    proofs.pop().ok_or_else(unknown)
}

/// [`prove`] for up to 100 records, in their order, reading the log as often as for one.
///
/// [`Kind::TooLarge`] for more; else as [`prove`].
pub fn prove_each(path: impl AsRef<Path>, seqs: &[u64], key: &PublicKey) -> Result<Vec<Proof>> {
    if seqs.len() > MAX_PROOFS {
        return Err(Error::new(
            Kind::TooLarge,
            "at most 100 records are proven at once; hint: narrow the query, or give it a limit",
        ));
    }
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let names = Names::new(path.as_ref())?;
    let mut survey = Survey::of(&names, key, seqs)?;
    let (note, last) = survey.last;
    let wanted: Vec<(u64, String)> = seqs
        .iter()
        .map(|seq| survey.wanted.remove(seq).ok_or_else(unknown))
        .collect::<Result<_>>()?;
    if wanted.iter().any(|(index, _)| last.size <= *index) {
        return Err(Error::new(
            Kind::Audit,
            "no checkpoint covers this record yet; hint: make one with `cloister audit checkpoint`",
        ));
    }
    let paths: Vec<Vec<(u64, u64)>> = wanted
        .iter()
        .map(|(index, _)| merkle::inclusion_path(*index, last.size))
        .collect();
    // Paths share most of their upper parts.
    let mut spans: Vec<(u64, u64)> = paths.iter().flatten().copied().collect();
    spans.sort_unstable();
    spans.dedup();
    let hashes = walk(&names, &survey.start, &spans, last)?;
    let known: HashMap<(u64, u64), Hash> = spans.into_iter().zip(hashes).collect();
    let proof = |(index, record): (u64, String), path: Vec<(u64, u64)>| {
        let hashes: Vec<Hash> = path
            .iter()
            .filter_map(|it| known.get(it).copied())
            .collect();
        let hashes = lines_of(&hashes);
        Proof {
            record,
            proof: format!("{INCLUSION}\nindex {index}\n{hashes}\n{note}"),
        }
    };
    Ok(wanted
        .into_iter()
        .zip(paths)
        .map(|(record, path)| proof(record, path))
        .collect())
}

/// The records that match, each with what proves that it is in the log, so that a result can be handed to somebody who trusts
/// the public key alone. Whether there are further matches is not proven.
///
/// Errors as of [`prove_each`] and [`query`](super::query()).
pub fn query_with_proofs(
    path: impl AsRef<Path>,
    query: &Query,
    key: &PublicKey,
) -> Result<Vec<Proof>> {
    let found = super::query(path.as_ref(), query)?;
    let seqs: Vec<u64> = found
        .iter()
        .filter_map(|record| record.pointer("/chain/seq")?.as_u64())
        .collect();
    prove_each(path, &seqs, key)
}

/// Checks a proof from [`prove`]: true if `record` is in the log whose checkpoint the proof holds.
pub fn check_proof(record: &str, proof: &str, key: &PublicKey) -> bool {
    let read = || {
        let (head, note) = proof.split_once("\n\n")?;
        let mut lines = head.split('\n');
        (lines.next()? == INCLUSION).then_some(())?;
        let mut line = lines.next()?;
        if line.starts_with("extra ") {
            line = lines.next()?;
        }
        let index = line.strip_prefix("index ")?.parse().ok()?;
        let hashes = parse_hashes(lines)?;
        let Checkpoint { size, root } = Checkpoint::open(note, key)?;
        let leaf = merkle::leaf(record.strip_suffix('\n').unwrap_or(record).as_bytes());
        Some(merkle::root_of_inclusion(index, size, leaf, &hashes)? == root)
    };
    read().unwrap_or(false)
}

/// Proves that the log only grew since `old`, a checkpoint of it, against the last checkpoint in it.
///
/// [`Kind::InvalidArgument`] if `old` is not a checkpoint of this key; [`Kind::Audit`] if the log is not consistent with it.
pub fn prove_consistency(
    path: impl AsRef<Path>,
    old: &str,
    key: &PublicKey,
) -> Result<Consistency> {
    let names = Names::new(path.as_ref())?;
    let old = Checkpoint::open(old, key).ok_or_else(|| {
        Error::new(
            Kind::InvalidArgument,
            "the older checkpoint was not signed with this key",
        )
    })?;
    let survey = Survey::of(&names, key, &[])?;
    let (note, last) = survey.last;
    if old.size > last.size {
        return Err(inconsistent());
    }
    let spans = merkle::consistency_path(old.size, last.size);
    let path = walk(&names, &survey.start, &spans, last)?;
    if !merkle::is_consistent(old.size, old.root, last.size, last.root, &path) {
        return Err(inconsistent());
    }
    let hashes = lines_of(&path);
    Ok(Consistency {
        proof: format!("{CONSISTENCY}\n{hashes}\n{note}"),
        size: last.size,
    })
}

/// Checks a proof from [`prove_consistency`] against the older checkpoint.
pub fn check_consistency(old: &str, proof: &str, key: &PublicKey) -> bool {
    let read = || {
        let old = Checkpoint::open(old, key)?;
        let (head, note) = proof.split_once("\n\n")?;
        let mut lines = head.split('\n');
        (lines.next()? == CONSISTENCY).then_some(())?;
        let hashes = parse_hashes(lines)?;
        let new = Checkpoint::open(note, key)?;
        Some(merkle::is_consistent(
            old.size, old.root, new.size, new.root, &hashes,
        ))
    };
    read().unwrap_or(false)
}

/// What one pass over the log finds.
struct Survey {
    /// The tree before the first line that is still there.
    start: Frontier,
    /// The last checkpoint, with its note.
    last: (String, Checkpoint),
    /// The wanted records by their numbers, with their index in the tree.
    wanted: HashMap<u64, (u64, String)>,
}

impl Survey {
    fn of(names: &Names, key: &PublicKey, wanted: &[u64]) -> Result<Self> {
        let mut start = None;
        let mut last = None;
        let mut found = HashMap::new();
        let mut index = 0;
        each_line(names, |line| {
            let link = Link::parse(line);
            let is_checkpoint = link
                .as_ref()
                .is_some_and(|link| link.event_type == CHECKPOINT);
            if is_checkpoint && let Some(note) = checkpoint::note_of(line) {
                let signed = Checkpoint::open(&note, key).ok_or_else(foreign)?;
                if start.is_none() {
                    let tree = checkpoint::tree_before(line, key).ok_or_else(foreign)?;
                    index = tree.size();
                    start = Some(tree);
                }
                last = Some((note, signed));
            }
            start.get_or_insert_default();
            let seq = link.map(|link| link.position.seq);
            if let Some(seq) = seq.filter(|seq| wanted.contains(seq)) {
                let record = String::from_utf8_lossy(line).into_owned();
                found.insert(seq, (index, record));
            }
            index += 1;
            Ok(())
        })?;
        Ok(Self {
            start: start.unwrap_or_default(),
            last: last.ok_or_else(foreign)?,
            wanted: found,
        })
    }
}

/// The hashes of the parts of a path, after the log was found to be the one that was signed.
fn walk(
    names: &Names,
    start: &Frontier,
    spans: &[(u64, u64)],
    signed: Checkpoint,
) -> Result<Vec<Hash>> {
    let mut path = merkle::Path::new(spans, start).ok_or_else(deleted)?;
    let mut tree = start.clone();
    let mut root = None;
    each_line(names, |line| {
        if tree.size() == signed.size {
            root.get_or_insert_with(|| tree.root());
        }
        let leaf = merkle::leaf(line);
        path.leaf(tree.size(), leaf);
        tree.push(leaf);
        Ok(())
    })?;
    if root.unwrap_or_else(|| tree.root()) != signed.root {
        return Err(inconsistent());
    }
    path.finish().ok_or_else(deleted)
}

fn each_line(names: &Names, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    // Nothing here depends on the MACs.
    let snapshot = Snapshot::take(names, &mut Chain::Unkeyed.keys()?)?;
    for part in snapshot.parts {
        let Some(mut lines) = part.lines()? else {
            continue;
        };
        while let Some(line) = lines
            .next()
            .map_err(|error| Error::io("cannot read the audit log", &error))?
        {
            if let Line::Whole(line) = line {
                take(line)?;
            }
        }
    }
    Ok(())
}

fn lines_of(hashes: &[Hash]) -> String {
    hashes
        .iter()
        .map(|hash| STANDARD.encode(hash) + "\n")
        .collect()
}

fn parse_hashes<'t>(lines: impl Iterator<Item = &'t str>) -> Option<Vec<Hash>> {
    lines
        .filter(|line| !line.is_empty())
        .take(MAX_HASHES)
        .map(|line| STANDARD.decode(line).ok()?.try_into().ok())
        .collect()
}

fn unknown() -> Error {
    Error::new(Kind::NotFound, "the audit log has no record of this number")
}

fn foreign() -> Error {
    Error::new(
        Kind::Audit,
        "the audit log has no checkpoint that was signed with this key; hint: give the public key of this log",
    )
}

fn deleted() -> Error {
    Error::new(
        Kind::NotFound,
        "lines that the proof needs were deleted after their retention",
    )
}

fn inconsistent() -> Error {
    Error::new(
        Kind::Audit,
        "the audit log is not the one that was signed; hint: verify it",
    )
}
