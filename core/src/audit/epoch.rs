//! A sealed log: the key that begins the chain is kept elsewhere, and beside the log lies only the key of the current
//! epoch, which is overwritten by the next one.

use std::io::Write as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::chain::Keys;
use super::names::Names;
use super::open::{Access, open, refused};
use super::ratchet::Ratchet;
use crate::files::{FileExt as _, create_new};
use crate::{Error, Kind, Result, Sensitive};

/// What the file is, and its version.
const PREFIX: &[u8] = b"cloister-audit-epoch 1 ";
/// Prefix, 20 digits, a space, 64 digits, a line feed: always the same, so that the old key is overwritten in place.
const LEN: usize = PREFIX.len() + 20 + 1 + 64 + 1;

/// Begins a sealed log and returns its key, 32 bytes: keep them where this machine cannot read them.
///
/// [`super::AuditLog::open`] then needs no key for this log. Whoever takes over the machine finds the key of the current
/// epoch of 1024 records, and cannot make or alter records of an earlier one without [`super::verify()`] with the
/// returned key showing it. What a file system keeps of overwritten blocks is beyond this library.
///
/// [`Kind::InvalidArgument`] if there is a log at `path` already.
pub fn seal(path: impl AsRef<Path>) -> Result<Sensitive<Vec<u8>>> {
    let names = Names::new(path.as_ref())?;
    if [names.log(), names.head()].iter().any(|path| path.exists()) {
        return Err(Error::new(
            Kind::InvalidArgument,
            "there is a log already; hint: a log is sealed before its first record",
        ));
    }
    let mut key = Sensitive::new(vec![0; 32]);
    getrandom::fill(&mut key)
        .map_err(|_| Error::new(Kind::Io, "the operating system gives no random numbers"))?;
    let line = encode(&Ratchet::new(&key));
    create_new(&names.epoch())
        .and_then(|mut file| {
            file.write_all(line.as_slice())?;
            file.sync_all()
        })
        .map_err(|error| refused("cannot seal the audit log", &error))?;
    Ok(key)
}

/// The keys from the current epoch on.
pub(super) fn load(path: &Path) -> Result<Keys> {
    let failed = |error| refused("cannot open the epoch key of the audit log", &error);
    let file = open(path, Access::Read).map_err(failed)?;
    let mut line = Zeroizing::new([0; LEN]);
    file.read_exact_at(line.as_mut_slice(), 0).map_err(failed)?;
    decode(line.as_slice()).ok_or_else(|| {
        Error::new(
            Kind::InvalidKey,
            "the epoch key of the audit log is damaged; hint: verify the log with the key that was set aside, then begin a \
             new one",
        )
    })
}

/// Replaces the key on the disk by that of the current epoch.
pub(super) fn store(path: &Path, keys: &Keys, durable: bool) -> Result<()> {
    let Some(ratchet) = keys.ratchet() else {
        return Ok(());
    };
    open(path, Access::Write)
        .and_then(|file| {
            file.write_all_at(encode(ratchet).as_slice(), 0)?;
            if durable { file.sync_data() } else { Ok(()) }
        })
        .map_err(|error| Error::io("cannot replace the epoch key of the audit log", &error))
}

fn encode(ratchet: &Ratchet) -> Zeroizing<[u8; LEN]> {
    let (epoch, key) = ratchet.epoch();
    let mut line = Zeroizing::new([0; LEN]);
    let mut rest = line.as_mut_slice();
    // The line is exactly as long as what is written.
    let _ = rest.write_all(PREFIX);
    let _ = write!(rest, "{epoch:020} ");
    let _ = base16ct::lower::encode(key, &mut rest[..64]);
    rest[64] = b'\n';
    line
}

fn decode(line: &[u8]) -> Option<Keys> {
    let text = std::str::from_utf8(line.strip_prefix(PREFIX)?).ok()?;
    let (epoch, key) = text.strip_suffix('\n')?.split_once(' ')?;
    let mut bytes = Zeroizing::new([0; 32]);
    let length = base16ct::lower::decode(key, bytes.as_mut_slice())
        .ok()?
        .len();
    let epoch: u64 = epoch.parse().ok()?;
    (length == 32 && epoch < 1 << 43).then(|| Keys::at_epoch(epoch, &bytes))
}
