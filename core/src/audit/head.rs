//! The head file: which record is the last, so that cutting off the end shows. It is also the lock of all writers.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use super::chain::{Keys, MAX_SEQ, Position, digits, parse_digits};
use super::open::{Access, open};
use crate::files::{FileExt as _, has_a_name};
use crate::{Error, Kind, Result};

/// Before the number: what the file is, and its version.
const PREFIX: &str = "cloister-audit-head 1 ";
/// Prefix, 20 digits, a space, 64 digits, a space, 64 digits, a line feed. Always the same, so that it is rewritten in
/// place within one page: far cheaper than a new file and a rename for each record.
const LEN: usize = PREFIX.len() + 20 + 1 + 64 + 1 + 64 + 1;

/// What the head file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    /// No file, or an empty one.
    Absent,
    /// Not what a writer with this key wrote.
    Damaged,
    At(Position),
}

/// The open head file.
pub(super) struct HeadFile {
    file: Arc<File>,
}

/// Holds the lock until it is dropped.
pub(super) struct Lock(Arc<File>);

impl Drop for Lock {
    fn drop(&mut self) {
        // Nothing is to be done about a failure here; closing the file releases the lock as well.
        let _ = self.0.unlock();
    }
}

impl HeadFile {
    pub(super) fn open(path: &Path, access: Access) -> io::Result<Self> {
        open(path, access).map(|file| Self {
            file: Arc::new(file),
        })
    }

    /// Waits until no other writer or reader holds the lock. Nothing if the file has been deleted meanwhile: whoever
    /// opened it since then holds another lock.
    pub(super) fn lock(&self, access: Access) -> io::Result<Option<Lock>> {
        loop {
            let locked = match access {
                Access::Read => self.file.lock_shared(),
                Access::Write | Access::Append => self.file.lock(),
            };
            match locked {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(()) => break,
            }
        }
        let lock = Lock(Arc::clone(&self.file));
        Ok(has_a_name(&self.file)?.then_some(lock))
    }

    /// [`Kind::Unsupported`] for the file of a later release.
    pub(super) fn read(&self, keys: &mut Keys) -> Result<Head> {
        let mut bytes = [0; LEN + 1];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.file.read_at(&mut bytes[filled..], filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(Error::io("cannot read the head of the audit log", &error));
                }
            }
        }
        if filled == 0 {
            return Ok(Head::Absent);
        }
        let family = &PREFIX.as_bytes()[..PREFIX.len() - 2];
        if bytes.starts_with(family)
            && bytes[family.len()].is_ascii_digit()
            && bytes[family.len()] != b'1'
        {
            return Err(Error::new(
                Kind::Unsupported,
                "the head of the audit log was written by a later release; hint: update this one",
            ));
        }
        Ok(decode(&bytes[..filled], keys).map_or(Head::Damaged, Head::At))
    }

    pub(super) fn write(&self, keys: &mut Keys, position: Position) -> io::Result<()> {
        let line = encode(keys, position).ok_or(ErrorKind::InvalidData)?;
        self.file.write_all_at(&line, 0)
    }
}

/// `cloister-audit-head 1 <seq> <mac> <tag>`, the tag over everything before it. Nothing if the key is out of reach.
fn encode(keys: &mut Keys, position: Position) -> Option<[u8; LEN]> {
    use std::io::Write as _;

    let mut line = [0; LEN];
    let (said, tag) = line.split_at_mut(LEN - 65);
    let mut rest = &mut *said;
    write!(rest, "{PREFIX}{:020} ", position.seq).ok()?;
    rest[..64].copy_from_slice(&digits(&position.mac));
    rest[64] = b' ';
    tag[..64].copy_from_slice(&digits(&keys.head_tag(position.seq, said)?));
    tag[64] = b'\n';
    Some(line)
}

fn decode(bytes: &[u8], keys: &mut Keys) -> Option<Position> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (seq, rest) = text.strip_prefix(PREFIX)?.split_once(' ')?;
    let position = Position {
        seq: seq.parse().ok().filter(|seq| *seq <= MAX_SEQ)?,
        mac: parse_digits(rest.split(' ').next()?)?,
    };
    (encode(keys, position)? == bytes).then_some(position)
}
