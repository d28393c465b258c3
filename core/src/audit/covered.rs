//! The part of a verification that needs the public key alone: checkpoints in the log, and those that were kept elsewhere.

use super::chain::Link;
use super::checkpoint::{self, CHECKPOINT, Checkpoint};
use super::merkle::{self, Frontier};
use super::note::PublicKey;
use crate::{Error, Kind, Result};

/// Follows the tree of the log and compares it with every checkpoint.
pub(super) struct Coverage<'k> {
    key: &'k PublicKey,
    /// Nothing before the first line.
    tree: Option<Frontier>,
    /// Lines that the last good checkpoint covers.
    pub(super) covered: u64,
    /// Good checkpoints.
    seen: u64,
    /// Kept elsewhere, smallest last.
    expected: Vec<Checkpoint>,
}

impl<'k> Coverage<'k> {
    /// [`Kind::InvalidArgument`] for a note that is no checkpoint of this key.
    pub(super) fn new(key: &'k PublicKey, notes: &[String]) -> Result<Self> {
        let expected = notes.iter().map(|note| {
            Checkpoint::open(note, key).ok_or_else(|| {
                Error::new(
                    Kind::InvalidArgument,
                    "a checkpoint that was kept elsewhere was not signed with this key; hint: give the public key of this log",
                )
            })
        });
        let mut expected = expected.collect::<Result<Vec<_>>>()?;
        expected.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.size));
        Ok(Self {
            key,
            tree: None,
            covered: 0,
            seen: 0,
            expected,
        })
    }

    /// Takes the next line of the log, and says what is wrong.
    pub(super) fn line(&mut self, bytes: &[u8], link: Option<&Link<'_>>) -> Option<String> {
        let is_checkpoint = link.is_some_and(|link| link.event_type == CHECKPOINT);
        let problem = if is_checkpoint {
            self.compare(bytes)
        } else {
            None
        };
        let tree = self.tree.get_or_insert_default();
        let elsewhere = compare_expected(&mut self.expected, tree);
        tree.push(merkle::leaf(bytes));
        problem.or(elsewhere)
    }

    /// Compares the tree with a checkpoint record and goes on from what that says, so that what follows is judged alone.
    fn compare(&mut self, bytes: &[u8]) -> Option<String> {
        let Some(signed) = checkpoint::tree_before(bytes, self.key) else {
            return Some(
                "this checkpoint was not signed with the key of the log (edit or splice)"
                    .to_owned(),
            );
        };
        let size = signed.size();
        let known = self.tree.replace(signed);
        let first = self.covered;
        self.covered = size;
        self.seen += 1;
        match (known, &self.tree) {
            (Some(known), Some(signed)) if known != *signed => Some(format!(
                "{} of the {} lines before this checkpoint, after the first {first}, are not those that were signed \
                 (edit, deletion, insertion, reordering or splice)",
                if known.size() == size {
                    "some"
                } else {
                    "the number or the content"
                },
                size.saturating_sub(first),
            )),
            _ => None,
        }
    }

    /// What is wrong at the end, and what is to be said about it.
    pub(super) fn finish(&mut self) -> (Vec<String>, Vec<String>) {
        let mut problems = Vec::new();
        let tree = self.tree.take().unwrap_or_default();
        problems.extend(compare_expected(&mut self.expected, &tree));
        for missed in &self.expected {
            problems.push(format!(
                "a checkpoint that was kept elsewhere covers {} lines, the log has {} (truncation or rollback)",
                missed.size,
                tree.size()
            ));
        }
        if self.seen == 0 {
            problems.push(
                "the log has no checkpoint that was signed with this key (deletion or splice)"
                    .to_owned(),
            );
        }
        let mut notes = Vec::new();
        // The last checkpoint covers everything before itself.
        let open = tree.size().saturating_sub(self.covered + 1);
        if open > 0 {
            notes.push(format!(
                "the last {open} lines came after the last checkpoint: no signature covers them yet"
            ));
        }
        notes.push(
            "lines that were cut off behind a checkpoint are shown only by a later one that was kept elsewhere".to_owned(),
        );
        (problems, notes)
    }
}

/// Compares the tree with the checkpoints of its size.
fn compare_expected(expected: &mut Vec<Checkpoint>, tree: &Frontier) -> Option<String> {
    let mut problem = None;
    while let Some(next) = expected.last()
        && next.size <= tree.size()
    {
        // What retention has deleted cannot be compared.
        if next.size == tree.size() && next.root != tree.root() {
            problem = Some(
                "the lines up to here are not those of a checkpoint that was kept elsewhere (rollback, splice or edit)"
                    .to_owned(),
            );
        }
        expected.pop();
    }
    problem
}
