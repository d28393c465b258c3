//! A vault as bytes, and those bytes encrypted.
//!
//! The plaintext, version 1, all numbers big endian: `CLOVAULT`, the version (8 bits), the end in milliseconds since 1970
//! and the time to live in milliseconds (64 bits each, 0 for none), the capacity (64 bits), then four lists, each after
//! its length (64 bits): counters (token, 32 bits), reserved names, names written in small letters, and entries (form in
//! 8 bits, token, what is written, value). A text stands after its length in bytes (32 bits).
//!
//! It is never written as it is, but in the envelope of [`crate::cipher`], classification `SENSITIVE`, with the context
//! `cloister vault v1`, a zero byte and the caller's context.

use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use super::surrogates::Nature;
use super::{Entry, Form, Vault, VaultOptions};
use crate::binary::{Reader, Writer};
use crate::cipher::Cipher;
use crate::isolation::LockedText;
use crate::lifetime::Lifetime;
use crate::{Classification, Error, Kind, Result};

const MAGIC: &[u8; 8] = b"CLOVAULT";
const VERSION: u8 = 1;
/// Separates the envelopes of vaults from all others of the same key.
const CONTEXT: &[u8] = b"cloister vault v1\0";

impl Vault {
    /// The vault in an encrypted envelope. `context` (may be empty) is not stored and must be given again to import it:
    /// the id of the conversation for example, so that nobody can put one vault in the place of another.
    ///
    /// # Errors
    ///
    /// [`Kind::Closed`] if the vault has expired; those of [`Cipher::encrypt`].
    pub fn export(&self, cipher: &Cipher, context: &[u8]) -> Result<Vec<u8>> {
        if self.is_expired() {
            return Err(expired());
        }
        cipher.encrypt(&self.encode(), Classification::Sensitive, &bound(context))
    }

    /// The vault of an envelope, which goes on with the same placeholders and ends when the first one would have.
    ///
    /// # Errors
    ///
    /// [`Kind::Decrypt`] for another key or context, or an envelope that was altered or holds no vault; [`Kind::Closed`]
    /// if the vault has expired; [`Kind::Unsupported`] for one of a later release.
    pub fn import(cipher: &Cipher, envelope: &[u8], context: &[u8]) -> Result<Self> {
        let opened = cipher.decrypt(envelope, &bound(context))?;
        let vault = Self::decode(&opened.plaintext)?;
        if vault.is_expired() {
            return Err(expired());
        }
        Ok(vault)
    }

    /// All of it, in the clear.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let lengths = self.lists().map(|text| text.len() + 8);
        let size: usize = 128 + lengths.sum::<usize>() + self.entries.len();
        let mut out = Writer::with_room(size);
        out.bytes(MAGIC);
        out.bytes(&[VERSION]);
        let end = self.expires_at();
        let end = end.and_then(|end| end.duration_since(SystemTime::UNIX_EPOCH).ok());
        out.number(end.map_or(0, millis));
        out.number(self.options.ttl.map_or(0, millis));
        out.number(self.options.capacity as u64);
        out.number(self.counters.len() as u64);
        for (token, counter) in &self.counters {
            out.text(token);
            out.bytes(&counter.to_be_bytes());
        }
        for names in [&self.reserved, &self.written_small] {
            out.number(names.len() as u64);
            for name in names {
                out.text(name);
            }
        }
        out.number(self.entries.len() as u64);
        for entry in &self.entries {
            out.bytes(&[code(entry.form)]);
            out.text(&entry.token);
            out.text(&entry.written);
            out.text(entry.value.as_str());
        }
        out.finish()
    }

    /// All texts that are encoded.
    fn lists(&self) -> impl Iterator<Item = &str> {
        let entries = self.entries.iter();
        let names = self.reserved.iter().chain(&self.written_small);
        names
            .chain(self.counters.keys())
            .map(String::as_str)
            .chain(entries.flat_map(|entry| [&*entry.token, &*entry.written, entry.value.as_str()]))
    }
}

impl Vault {
    /// What [`Vault::encode`] made; it goes on with the same placeholders.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes, malformed);
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(malformed());
        }
        if reader.byte()? != VERSION {
            return Err(Error::new(
                Kind::Unsupported,
                "the vault was written by a later release; hint: update the library",
            ));
        }
        let end = reader.number()?;
        let ttl = reader.number()?;
        let capacity = usize::try_from(reader.number()?).map_err(|_| malformed())?;
        let mut vault = Vault::with_options(VaultOptions {
            ttl: (ttl > 0).then(|| Duration::from_millis(ttl)),
            capacity,
        });
        if end > 0 {
            let moment = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(end));
            vault.lifetime = Lifetime::until(moment.ok_or_else(malformed)?);
        }
        for _ in 0..reader.number()? {
            let token = reader.text()?.to_owned();
            let counter = u32::from_be_bytes(reader.array()?);
            vault.counters.insert(token, counter);
        }
        for _ in 0..reader.number()? {
            vault.reserved.insert(reader.text()?.to_owned());
        }
        for _ in 0..reader.number()? {
            vault.written_small.insert(reader.text()?.to_owned());
        }
        for _ in 0..reader.number()? {
            let entry = Entry::read(&mut reader)?;
            vault.adopt(entry);
        }
        if reader.rest().is_empty() {
            Ok(vault)
        } else {
            Err(malformed())
        }
    }
}

impl Entry {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let code = reader.byte()?;
        Ok(Self {
            form: FORMS
                .into_iter()
                .find(|form| self::code(*form) == code)
                .ok_or_else(malformed)?,
            token: reader.text()?.to_owned(),
            written: reader.text()?.to_owned(),
            value: LockedText::new(reader.text()?),
        })
    }
}

const FORMS: [Form; 4] = [
    Form::Placeholder,
    Form::Surrogate(Nature::Name),
    Form::Surrogate(Nature::Date),
    Form::Surrogate(Nature::Other),
];

/// Frozen: these numbers stand in stored vaults.
fn code(form: Form) -> u8 {
    match form {
        Form::Placeholder => 1,
        Form::Surrogate(Nature::Name) => 2,
        Form::Surrogate(Nature::Date) => 3,
        Form::Surrogate(Nature::Other) => 4,
    }
}

/// In milliseconds, rounded up.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

fn bound(context: &[u8]) -> Vec<u8> {
    [CONTEXT, context].concat()
}

fn expired() -> Error {
    Error::new(Kind::Closed, "the vault has expired; hint: begin a new one")
}

fn malformed() -> Error {
    Error::new(Kind::Decrypt, "the envelope holds no vault")
}
