//! Where the records of a user, about a person, of a session, an event type, an action, a status, a class or a minute stand, and
//! in which blocks those with any other member ([`blocks`]), so that a query need not read the whole log.
//!
//! Each file is cut into stretches of 16 MiB. What is complete lies on the disk ([`part`]), where every process finds it that can
//! check it; the end of the file that is being written is gathered in memory when it is first needed, and then follows what is
//! added. So the index of a file takes no more memory than that of 16 MiB, however long the file is. An index decides nothing:
//! whatever it names is read again and compared, so an altered record is at worst not found under its old name.

pub(super) mod blocks;
mod gathered;
pub(super) mod nested;
mod pages;
mod part;
mod seal;
#[cfg(test)]
mod tests;
mod wanted;

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use self::gathered::Gathered;
use self::part::Part;
pub(super) use self::seal::Sealing;
pub(super) use self::wanted::{Field, PERSONS, Places, Wanted};
use super::chain::Link;
use super::lines;
use super::names::Names;
use crate::files::{self, Identity};

/// Bytes of a stretch; the line that goes beyond them belongs to it.
const STRETCH: u64 = 16 << 20;
/// Bytes of an index that are kept in memory at most where they can neither be written nor be found again: what there is
/// besides is read.
const HELD: usize = 64 << 20;

/// What is known of the files of a log.
pub(super) struct Index {
    directory: PathBuf,
    files: Vec<Known>,
    /// It is asked more than once.
    is_lasting: bool,
    /// Bytes of a stretch.
    stretch: u64,
    /// Bytes of indexes that are kept in memory at most.
    held: usize,
}

/// One file, known by what stays when it is rotated.
struct Known {
    identity: Identity,
    first_seq: u64,
    pieces: Vec<Piece>,
    /// What follows the pieces.
    end: Gathered,
}

enum Piece {
    Indexed(Part),
    /// To be read.
    Unknown(Range<u64>),
}

/// A file to be asked about, up to what it held.
pub(super) struct LogFile {
    pub(super) file: File,
    pub(super) length: u64,
    /// Nothing will be added to it.
    pub(super) is_rotated: bool,
}

impl Index {
    /// Of a log that is open.
    pub(super) fn lasting(names: &Names) -> Self {
        Self {
            directory: names.index(),
            files: Vec::new(),
            is_lasting: true,
            stretch: STRETCH,
            held: HELD,
        }
    }

    /// For one query: what is not on the disk, and cannot be put there, is read and not indexed.
    pub(super) fn once(names: &Names) -> Self {
        Self {
            is_lasting: false,
            ..Self::lasting(names)
        }
    }

    /// The number of the file for [`Index::places`], and how many stretches it has; nothing if nothing is known of it.
    pub(super) fn survey(
        &mut self,
        log: &LogFile,
        sealing: Sealing<'_>,
    ) -> io::Result<Option<(usize, usize)>> {
        if !self.is_lasting && !sealing.is_known() {
            return Ok(None);
        }
        let first = lines::line_after(&log.file, 0, log.length)?;
        let Some(first) = first.as_deref().and_then(Link::parse) else {
            return Ok(None);
        };
        let number = self.number_of(log, first.position.seq, sealing)?;
        self.extend(number, log, sealing)?;
        Ok(Some((number, self.files[number].pieces.len() + 1)))
    }

    /// A stretch of a file that was surveyed, and where in it the records may be that are `wanted`.
    pub(super) fn places(
        &mut self,
        (number, stretch): (usize, usize),
        log: &LogFile,
        wanted: &Wanted,
        sealing: Sealing<'_>,
    ) -> io::Result<(Range<u64>, Places)> {
        let known = &mut self.files[number];
        let everything =
            |stretch: &Range<u64>| (stretch.clone(), Places::Blocks(blocks::all(stretch)));
        match known.pieces.get_mut(stretch) {
            None if self.is_lasting => {
                let places = known.end.places(wanted)?;
                Ok((known.end.stretch().clone(), places))
            }
            // Of what was not indexed, because it is asked once.
            None => Ok(everything(&(known.end.stretch().end..log.length))),
            Some(Piece::Unknown(stretch)) => Ok(everything(stretch)),
            Some(Piece::Indexed(part)) => {
                let of = part.stretch().clone();
                if let Ok(places) = part.places(wanted) {
                    return Ok((of, places));
                }
                // Altered, or gone.
                let mut again = Gathered::from(of.start);
                again.extend(&log.file, of.end, u64::MAX)?;
                again.finish();
                let path = path_of(&self.directory, known.first_seq, of.end);
                let path = sealing.is_known().then_some(&*path);
                match Part::make(&again, &log.file, path, sealing)? {
                    Some(made) if made.held() == 0 => *part = made,
                    _ => known.pieces[stretch] = Piece::Unknown(of.clone()),
                }
                Ok((of, again.places(wanted)?))
            }
        }
    }

    /// Forgets files that are at none of these paths any more, if there may be any.
    pub(super) fn keep(&mut self, paths: &[&Path]) {
        if self.files.len() <= paths.len() {
            return;
        }
        let there: Vec<_> = paths
            .iter()
            .filter_map(|path| Some((*path, fs::symlink_metadata(path).ok()?)))
            .collect();
        self.files.retain(|known| {
            there
                .iter()
                .any(|(path, found)| known.identity.is_at(path, found))
        });
    }

    fn number_of(
        &mut self,
        log: &LogFile,
        first_seq: u64,
        sealing: Sealing<'_>,
    ) -> io::Result<usize> {
        let identity = Identity::of(&log.file)?;
        let found = self
            .files
            .iter()
            .position(|known| known.identity == identity && known.first_seq == first_seq);
        // Cut or replaced: what was known does not hold.
        let fits = |number: &usize| self.files[*number].end.stretch().end <= log.length;
        if let Some(number) = found.filter(fits) {
            return Ok(number);
        }
        let pieces = self.stored(log, first_seq, sealing);
        let end = pieces.last().map_or(0, |part| part.stretch().end);
        let known = Known {
            identity,
            first_seq,
            pieces: pieces.into_iter().map(Piece::Indexed).collect(),
            end: Gathered::from(end),
        };
        match found {
            Some(number) => self.files[number] = known,
            None => self.files.push(known),
        }
        Ok(found.unwrap_or(self.files.len() - 1))
    }

    /// The stretches of a file from its beginning on that are on the disk.
    fn stored(&self, log: &LogFile, first_seq: u64, sealing: Sealing<'_>) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        if !sealing.is_known() {
            return parts;
        }
        for (end, path) in stored(&self.directory, first_seq) {
            let begin = parts.last().map_or(0, |part| part.stretch().end);
            if end <= begin || end > log.length {
                break;
            }
            match Part::open(&path, &log.file, &(begin..end), sealing) {
                Ok(Some(part)) => parts.push(part),
                // Damaged, or of another log: from here on it is made anew.
                _ => break,
            }
        }
        parts
    }

    /// Indexes what was added to a file.
    fn extend(&mut self, number: usize, log: &LogFile, sealing: Sealing<'_>) -> io::Result<()> {
        let mut may_store = sealing.is_known() && (self.is_lasting || files::is_own(&log.file)?);
        let mut held: usize = self.files.iter().map(Known::held).sum();
        let known = &mut self.files[number];
        loop {
            let left = log.length - known.end.stretch().start;
            if !self.is_lasting && (!may_store || (left < self.stretch && !log.is_rotated)) {
                return Ok(());
            }
            let is_full = known.end.extend(&log.file, log.length, self.stretch)?;
            let is_complete = is_full || (log.is_rotated && known.end.size() > 0);
            if !is_complete {
                return Ok(());
            }
            known.end.finish();
            let stretch = known.end.stretch().clone();
            may_store = may_store && files::create_directory(&self.directory).is_ok();
            let path = path_of(&self.directory, known.first_seq, stretch.end);
            let path = may_store.then_some(&*path);
            let part = Part::make(&known.end, &log.file, path, sealing)?;
            // A directory that cannot be written once will not be the next time.
            may_store = may_store && part.as_ref().is_none_or(|part| part.held() == 0);
            let piece = match part {
                Some(part) if held + part.held() <= self.held => {
                    held += part.held();
                    Piece::Indexed(part)
                }
                _ => Piece::Unknown(stretch.clone()),
            };
            known.pieces.push(piece);
            known.end = Gathered::from(stretch.end);
        }
    }
}

impl Known {
    fn held(&self) -> usize {
        let held = self.pieces.iter().map(|piece| match piece {
            Piece::Indexed(part) => part.held(),
            Piece::Unknown(_) => 0,
        });
        held.sum()
    }
}

/// Removes the index of a file that is deleted.
pub(super) fn delete(names: &Names, first_seq: u64) {
    for (_, path) in stored(&names.index(), first_seq) {
        // Without its file it is of no use, and never asked for.
        let _ = fs::remove_file(path);
    }
}

fn path_of(directory: &Path, first_seq: u64, end: u64) -> PathBuf {
    directory.join(format!("{first_seq}-{end}"))
}

/// What may be the index of the file that begins with this record: where each stretch ends, in their order.
fn stored(directory: &Path, first_seq: u64) -> Vec<(u64, PathBuf)> {
    let prefix = format!("{first_seq}-");
    let mut found: Vec<(u64, PathBuf)> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let end = entry
                .file_name()
                .to_str()?
                .strip_prefix(&prefix)?
                .parse()
                .ok()?;
            Some((end, entry.path()))
        })
        .collect();
    found.sort_unstable();
    found
}
