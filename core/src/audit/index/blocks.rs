//! Which blocks of a file hold a member: coarser than single records, because most members say the same in all of them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::ops::{Range, RangeInclusive};

use memchr::memchr;

use super::super::lines;
use super::nested::{self, ANY};

/// Bytes of a block. A line belongs to the block in which it begins.
const BLOCK: u64 = 8 << 10;
/// A block that has more members than one for so many bytes is one that may have any: so the index stays smaller than the log.
const BYTES_OF_A_MEMBER: usize = 32;
/// Reading a block costs as much as reading so many records elsewhere.
const RECORDS: usize = 8;
/// Blocks that follow each other and are read at once, at most.
const RUN: u32 = 8;
/// Entries that are looked at for each block that would be read instead, at most.
const ENTRIES: usize = 16;

/// The keys of the members of each block.
#[derive(Default)]
pub(super) struct Blocks {
    entries: BTreeSet<(u64, u32)>,
    /// Those of the last block, which is not full yet, and its bytes.
    open: Vec<u64>,
    bytes: usize,
    last: u32,
}

impl Blocks {
    /// None yet; the first line begins at this offset.
    pub(super) fn from(start: u64) -> Self {
        Self {
            last: block_of(start),
            ..Self::default()
        }
    }

    /// Takes the next line, which begins at `offset`.
    pub(super) fn note(&mut self, line: &[u8], offset: u64) {
        let block = block_of(offset);
        if block != self.last {
            self.finish();
            self.last = block;
        }
        self.bytes += line.len();
        nested::each_key(line, |key| self.open.push(key));
    }

    /// What there is of the last block is all of it.
    pub(super) fn finish(&mut self) {
        self.open.sort_unstable();
        self.open.dedup();
        if self.open.len() > self.bytes / BYTES_OF_A_MEMBER {
            self.open.clear();
            self.open.push(ANY);
        }
        let last = self.last;
        self.entries
            .extend(self.open.drain(..).map(|key| (key, last)));
        self.bytes = 0;
    }

    /// All of a file that is finished, in their order.
    pub(super) fn entries(&self) -> &BTreeSet<(u64, u32)> {
        &self.entries
    }

    /// The blocks that may have a member with one of these keys; nothing if they are more than `most`.
    pub(super) fn find(&self, keys: &RangeInclusive<u64>, most: usize) -> Option<Vec<u32>> {
        let entries = |keys: RangeInclusive<u64>| {
            let entries = (*keys.start(), 0)..=(*keys.end(), u32::MAX);
            self.entries.range(entries).map(|(_, block)| *block)
        };
        let found = entries(keys.clone()).chain(entries(ANY..=ANY));
        let mut found: Vec<u32> = found.take(most_entries(most).saturating_add(1)).collect();
        if found.len() > most_entries(most) {
            return None;
        }
        found.push(self.last);
        at_most(found, most)
    }
}

/// The block in which a line begins. Everything behind 32 TiB is one.
pub(super) fn block_of(offset: u64) -> u32 {
    u32::try_from(offset / BLOCK).unwrap_or(u32::MAX)
}

/// All blocks with lines of a stretch of a file.
pub(in crate::audit) fn all(stretch: &Range<u64>) -> Vec<u32> {
    (block_of(stretch.start)..=block_of(stretch.end)).collect()
}

/// Blocks that may be read instead of so many records, or of a whole stretch.
pub(super) fn worth_reading(records: Option<usize>, stretch: &Range<u64>) -> usize {
    let all = block_of(stretch.end) - block_of(stretch.start);
    let all = usize::try_from(all).unwrap_or(usize::MAX);
    records.map_or(all, |records| all.min(records / RECORDS))
}

/// Entries that are worth looking at where so many blocks would be.
pub(super) fn most_entries(most: usize) -> usize {
    most.saturating_mul(ENTRIES)
}

/// Each once and in their order, if they are not more than `most`.
pub(super) fn at_most(mut blocks: Vec<u32>, most: usize) -> Option<Vec<u32>> {
    blocks.sort_unstable();
    blocks.dedup();
    (blocks.len() <= most).then_some(blocks)
}

/// Blocks in their order as runs of those that follow each other.
pub(in crate::audit) fn runs(blocks: &[u32]) -> Vec<RangeInclusive<u32>> {
    let mut runs: Vec<RangeInclusive<u32>> = Vec::new();
    for block in blocks {
        match runs.last_mut() {
            Some(run) if block - run.end() == 1 && block - run.start() < RUN => {
                *run = *run.start()..=*block;
            }
            _ => runs.push(*block..=*block),
        }
    }
    runs
}

/// Gives the lines of a run of blocks that begin in `stretch` to `take`, until it returns false. The stretch begins where a
/// line does.
pub(in crate::audit) fn each_line(
    file: &File,
    run: &RangeInclusive<u32>,
    stretch: &Range<u64>,
    mut take: impl FnMut(&[u8]) -> bool,
) -> io::Result<()> {
    let begin = (u64::from(*run.start()) * BLOCK).max(stretch.start);
    let end = match *run.end() {
        u32::MAX => stretch.end,
        last => stretch.end.min((u64::from(last) + 1) * BLOCK),
    };
    let is_at_a_line = begin == stretch.start;
    // The line feed before the first line may be the last byte of the block before.
    let from = if is_at_a_line { begin } else { begin - 1 };
    if from >= end {
        return Ok(());
    }
    let bytes = lines::read(file, from, end)?;
    let mut rest = &bytes[..];
    if !is_at_a_line {
        match memchr(b'\n', rest) {
            Some(feed) => rest = &rest[feed + 1..],
            None => return Ok(()),
        }
    }
    while let Some(feed) = memchr(b'\n', rest) {
        if !take(&rest[..feed]) {
            return Ok(());
        }
        rest = &rest[feed + 1..];
    }
    if !rest.is_empty()
        && let Some(line) = lines::line_after(file, end - rest.len() as u64, stretch.end)?
    {
        take(&line);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;
    use serde_json::json;

    use super::super::super::filter::Filter;
    use super::*;

    fn file_of(lines: &[String]) -> (File, u64) {
        let mut file = tempfile::tempfile().unwrap();
        let text: String = lines.iter().map(|line| line.clone() + "\n").collect();
        file.write_all(text.as_bytes()).unwrap();
        (file, text.len() as u64)
    }

    fn lines_of(file: &File, run: &RangeInclusive<u32>, length: u64) -> Vec<String> {
        let mut lines = Vec::new();
        each_line(file, run, &(0..length), |line| {
            lines.push(String::from_utf8(line.to_vec()).unwrap());
            true
        })
        .unwrap();
        lines
    }

    proptest! {
        #[test]
        fn every_line_is_in_one_block(
            lengths in prop::collection::vec(prop_oneof![0..9_usize, 8180..8200_usize, 0..30_000_usize], 0..30),
        ) {
            let lines: Vec<String> = (0..).zip(lengths).map(|(n, length)| format!("{n}{}", "x".repeat(length))).collect();
            let (file, length) = file_of(&lines);
            let all = all(&(0..length));
            for runs in [runs(&all), all.iter().map(|block| *block..=*block).collect()] {
                let read: Vec<String> = runs.iter().flat_map(|run| lines_of(&file, run, length)).collect();
                prop_assert_eq!(&read, &lines);
            }
        }
    }

    #[test]
    fn a_line_that_is_not_finished_is_none() {
        let (file, length) = file_of(&["a".to_owned(), "b".repeat(10_000), "c".to_owned()]);
        assert_eq!(lines_of(&file, &(0..=0), length - 1).len(), 2);
        assert_eq!(lines_of(&file, &(1..=1), length - 1), Vec::<String>::new());
        assert_eq!(lines_of(&file, &(0..=0), 9_000), ["a"]);
        assert_eq!(lines_of(&file, &(9..=9), length), Vec::<String>::new());
    }

    /// Of 5000 records in some 60 blocks.
    #[test]
    fn what_is_rare_is_in_few_blocks_and_what_is_not_takes_little_room() {
        let lines: Vec<String> = (0..5000)
            .map(|n| {
                let kind = if n == 2500 { "rare" } else { "usual" };
                json!({"security": {"kind": kind, "count": n, "of": "x"}, "chain": {"seq": n}})
                    .to_string()
            })
            .collect();
        let mut blocks = Blocks::default();
        let mut offset = 0;
        for line in &lines {
            blocks.note(line.as_bytes(), offset);
            offset += line.len() as u64 + 1;
        }
        let most = worth_reading(None, &(0..offset));
        let find = |blocks: &Blocks, name: &str, value| {
            let keys = Filter::new(name, &value).unwrap().keys().unwrap();
            blocks.find(&keys, most)
        };
        let last = block_of(offset - 1);
        for (name, value, found) in [
            ("security__kind", json!("rare"), 2),
            ("security__count", json!(17), 2),
            ("security__count__lt", json!(10), 2),
            ("security__count__gt", json!(5000), 1),
            ("security__count__gte", json!(4999), 1),
            ("security__other__ne", json!(1), 1),
        ] {
            let at = find(&blocks, name, value.clone());
            assert!(
                at.as_ref()
                    .is_some_and(|at| at.len() <= found && at.contains(&last)),
                "{name} {value}: {at:?}"
            );
        }
        assert_eq!(
            find(&blocks, "security__kind", json!("usual")),
            None,
            "all of them"
        );
        let before = blocks.entries().len();
        blocks.finish();
        assert!(blocks.entries().len() > before);
        let at = find(&blocks, "security__kind", json!("rare")).unwrap();
        let (file, length) = file_of(&lines);
        assert!(lines_of(&file, &(at[0]..=at[0]), length).contains(&lines[2500]));
        // A number of its own in each record, the rest once for each block.
        let entries = blocks.entries().len();
        assert!(entries < 5000 + 4 * all(&(0..length)).len(), "{entries}");
    }

    #[test]
    fn a_block_with_too_many_members_may_have_any() {
        let members: Vec<String> = (0..3000).map(|n| format!("\"m{n}\":{n}")).collect();
        let wide = format!("{{{}}}", members.join(","));
        let mut blocks = Blocks::default();
        blocks.note(
            br#"{"a":1,"text":"long enough for two members, which is one for 32 bytes"}"#,
            0,
        );
        blocks.note(wide.as_bytes(), 9_000);
        blocks.note(b"{}", 90_000);
        blocks.finish();
        assert_eq!(blocks.entries().len(), 3);
        let keys = Filter::new("m17", &json!(17)).unwrap().keys().unwrap();
        assert_eq!(blocks.find(&keys, 99), Some(vec![1, 10]));
    }
}
