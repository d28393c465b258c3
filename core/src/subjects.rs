//! One key for each person: erasing a person is destroying a key.
//!
//! A directory holds a file for each person: 32 random bytes in an envelope of the master key, classification `SENSITIVE`,
//! with the context `cloister subject key v1` ‖ 0x00 ‖ name of the file. The name is 32 hexadecimal digits of
//! HMAC-SHA256(locator, id of the person) and `.key`, where the locator is HMAC-SHA256(master key, `cloister subject locator
//! v1`): without the master key the directory does not tell who is in it. `master` is an envelope that only the master key
//! opens. What is encrypted with the key of a person can be read by nobody once the key is destroyed; copies of the directory
//! that were made before are not affected, so back it up for less time than erasure may take.
//!
//! The pseudonym of a person is `psn_` and 24 hexadecimal digits of HMAC-SHA256(key of the person, `cloister pseudonym v1`).
//! Whoever holds the directory and the master key finds it again; once the key is destroyed, nobody does: neither can it be
//! told any more whose it was (Regulation (EU) 2016/679, articles 4(5) and 17).

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac as _};
use parking_lot::RwLock;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::cipher::{Cipher, Key};
use crate::{Classification, Error, Kind, Result, files};

const KEY_CONTEXT: &[u8] = b"cloister subject key v1\0";
const MASTER_CONTEXT: &[u8] = b"cloister subjects v1\0";
const LOCATOR: &[u8] = b"cloister subject locator v1";
const PSEUDONYM: &[u8] = b"cloister pseudonym v1";
/// Most bytes of the id of a person.
const MAX_ID: usize = 256;
/// Bytes of an HMAC that name a file.
const TAG: usize = 16;
/// Bytes of an HMAC that a pseudonym shows.
const SHOWN: usize = 12;
/// Persons whose keys are kept at hand.
const AT_HAND: usize = 10_000;

/// The keys of persons in a directory. Any number of threads, and several processes, may use one.
pub struct SubjectKeys {
    directory: PathBuf,
    master: Cipher,
    locator: Key,
    at_hand: RwLock<HashMap<String, Arc<Person>>>,
}

/// What follows from the key of one person.
pub(crate) struct Person {
    pub(crate) cipher: Cipher,
    pub(crate) pseudonym: String,
}

impl SubjectKeys {
    /// Opens the directory, or makes it (mode 0700); its parent must exist.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidKey`] if it belongs to another master key; [`Kind::NotFound`] if the parent is missing; [`Kind::Io`].
    pub fn open(directory: impl AsRef<Path>, master: &Key) -> Result<Self> {
        let directory = directory.as_ref().to_owned();
        files::create_directory(&directory)
            .map_err(|error| Error::io("cannot make the directory of the keys", &error))?;
        let cipher = Cipher::new(master.clone());
        let marker = directory.join("master");
        let envelope = match fs::read(&marker) {
            Ok(envelope) => envelope,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let envelope = cipher.encrypt(b"", Classification::Internal, MASTER_CONTEXT)?;
                files::place(
                    &marker,
                    &envelope,
                    "cannot write to the directory of the keys",
                )?;
                fs::read(&marker).map_err(|error| unreadable(&error))?
            }
            Err(error) => return Err(unreadable(&error)),
        };
        cipher.decrypt(&envelope, MASTER_CONTEXT).map_err(|_| {
            Error::new(
                Kind::InvalidKey,
                "the keys of persons belong to another master key; hint: open them with the one they were begun with",
            )
        })?;
        let locator = mac(master.as_bytes()?, LOCATOR);
        Ok(Self {
            directory,
            master: cipher,
            locator: Key::from_bytes(&*locator)?,
            at_hand: RwLock::default(),
        })
    }

    /// The pseudonym of a person, who gets a key if there is none.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidArgument`] for an id that is empty or has more than 256 bytes; [`Kind::Decrypt`] if the file of the key
    /// was altered; [`Kind::Io`].
    pub fn pseudonym(&self, subject: &str) -> Result<String> {
        Ok(self.person(subject)?.pseudonym.clone())
    }

    /// The pseudonym of a person who has a key.
    ///
    /// # Errors
    ///
    /// As [`SubjectKeys::pseudonym`].
    pub fn find(&self, subject: &str) -> Result<Option<String>> {
        let known = self.known(&self.tag(subject)?)?;
        Ok(known.map(|person| person.pseudonym.clone()))
    }

    /// Destroys the key of a person for ever. False if there is none.
    ///
    /// # Errors
    ///
    /// As [`SubjectKeys::pseudonym`].
    pub fn destroy(&self, subject: &str) -> Result<bool> {
        self.destroy_tag(&self.tag(subject)?)
    }

    pub(crate) fn destroy_tag(&self, tag: &str) -> Result<bool> {
        self.at_hand.write().remove(tag);
        files::destroy(&self.file_of(tag), "cannot destroy the key")
    }

    /// The key of a person, made if there is none.
    pub(crate) fn person(&self, subject: &str) -> Result<Arc<Person>> {
        let tag = self.tag(subject)?;
        if let Some(person) = self.known(&tag)? {
            return Ok(person);
        }
        let key = Key::generate()?;
        let envelope =
            self.master
                .encrypt(key.as_bytes()?, Classification::Sensitive, &context(&tag))?;
        // Where another thread or process was faster, its key holds.
        files::place(&self.file_of(&tag), &envelope, "cannot write a key")?;
        self.known(&tag)?
            .ok_or_else(|| Error::new(Kind::NotFound, "the key was destroyed meanwhile"))
    }

    /// 32 hexadecimal digits that stand for a person in names of files.
    pub(crate) fn tag(&self, subject: &str) -> Result<String> {
        if subject.is_empty() || subject.len() > MAX_ID {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the id of a person has 1 to 256 bytes",
            ));
        }
        let tag = mac(self.locator.as_bytes()?, subject.as_bytes());
        Ok(base16ct::lower::encode_string(&tag[..TAG]))
    }

    /// The person of a tag, unless another process has destroyed the key.
    pub(crate) fn known(&self, tag: &str) -> Result<Option<Arc<Person>>> {
        let path = self.file_of(tag);
        let at_hand = self.at_hand.read().get(tag).cloned();
        if let Some(person) = at_hand {
            if fs::symlink_metadata(&path).is_ok() {
                return Ok(Some(person));
            }
            self.at_hand.write().remove(tag);
            return Ok(None);
        }
        let envelope = match fs::read(&path) {
            Ok(envelope) => envelope,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&error)),
        };
        let opened = self.master.decrypt(&envelope, &context(tag))?;
        let key = Key::from_bytes(&opened.plaintext)?;
        let shown = mac(key.as_bytes()?, PSEUDONYM);
        let person = Arc::new(Person {
            pseudonym: format!("psn_{}", base16ct::lower::encode_string(&shown[..SHOWN])),
            cipher: Cipher::new(key),
        });
        let mut at_hand = self.at_hand.write();
        if at_hand.len() >= AT_HAND {
            at_hand.clear();
        }
        at_hand.insert(tag.to_owned(), Arc::clone(&person));
        Ok(Some(person))
    }

    fn file_of(&self, tag: &str) -> PathBuf {
        self.directory.join(format!("{tag}.key"))
    }
}

impl std::fmt::Debug for SubjectKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubjectKeys").finish_non_exhaustive()
    }
}

fn context(tag: &str) -> Vec<u8> {
    [KEY_CONTEXT, tag.as_bytes()].concat()
}

fn mac(key: &[u8; 32], message: &[u8]) -> Zeroizing<[u8; 32]> {
    let mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length");
    Zeroizing::new(mac.chain_update(message).finalize().into_bytes().into())
}

fn unreadable(error: &std::io::Error) -> Error {
    Error::io("cannot read the keys of persons", error)
}
