//! Checkpoints (C2SP `tlog-checkpoint`): the signed root of all lines so far, as a record of the log itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::merkle::{Frontier, Hash};
use super::note::{PublicKey, SigningKey};
use crate::Result;

/// The event type, and the data member, of the record.
pub(super) const CHECKPOINT: &str = "checkpoint";
/// Records from one to the next at most.
pub(super) const CHECKPOINT_EVERY: u64 = 1024;

/// What a checkpoint says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    /// Lines that it covers.
    pub(super) size: u64,
    pub(super) root: Hash,
}

impl Checkpoint {
    /// Reads a signed note; nothing if it is not a checkpoint of this log.
    pub(super) fn open(note: &str, key: &PublicKey) -> Option<Self> {
        let text = key.open(note)?;
        let mut lines = text.split('\n');
        let origin = lines.next()?;
        let size = lines.next()?;
        let canonical = size == "0" || !size.starts_with('0');
        let digits = size.bytes().all(|byte| byte.is_ascii_digit());
        let root = STANDARD.decode(lines.next()?).ok()?;
        (origin == key.name() && canonical && digits).then_some(())?;
        Some(Self {
            size: size.parse().ok()?,
            root: root.try_into().ok()?,
        })
    }

    /// The signed note.
    pub(super) fn sign(tree: &Frontier, key: &SigningKey) -> Result<String> {
        let root = STANDARD.encode(tree.root());
        key.sign(&format!("{}\n{}\n{root}\n", key.name(), tree.size()))
    }
}

/// The data of a checkpoint record: the note, and what must be known to go on building the tree.
pub(super) fn detail(note: &str, tree: &Frontier) -> Map<String, Value> {
    let frontier = tree.roots().iter().map(|root| STANDARD.encode(root));
    Map::from_iter([
        ("note".to_owned(), note.into()),
        ("frontier".to_owned(), frontier.collect()),
    ])
}

/// The note of a checkpoint record.
pub(super) fn note_of(line: &[u8]) -> Option<String> {
    let record: Value = serde_json::from_slice(line).ok()?;
    let note = record.get(CHECKPOINT)?.get("note")?.as_str()?;
    Some(note.to_owned())
}

/// The tree before a checkpoint record; nothing unless the record is signed and says the same as its note.
pub(super) fn tree_before(line: &[u8], key: &PublicKey) -> Option<Frontier> {
    let record: Value = serde_json::from_slice(line).ok()?;
    let detail = record.get(CHECKPOINT)?;
    let checkpoint = Checkpoint::open(detail.get("note")?.as_str()?, key)?;
    let roots = detail.get("frontier")?.as_array()?.iter().map(|root| {
        let bytes = STANDARD.decode(root.as_str()?).ok()?;
        bytes.try_into().ok()
    });
    let tree = Frontier::new(checkpoint.size, roots.collect::<Option<_>>()?)?;
    (tree.root() == checkpoint.root).then_some(tree)
}
