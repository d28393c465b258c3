//! Several keys, of which one encrypts and all that are enabled decrypt.

use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Key;
use super::envelope::{Header, KeyId, Label};
use super::seal::{Cipher, Opened, decode_text, split};
use crate::{Error, Kind, Result, Sensitive};

/// The content type of a keyring in an envelope.
const CONTENT_TYPE: &str = "application/vnd.cloister.keyring+json";
/// Separates the envelopes of keyrings from all others of the same key.
const CONTEXT: &[u8] = b"cloister keyring v1";

/// What a key of a ring may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// Decrypts, and encrypts if it is the primary one.
    Enabled,
    /// Kept, and used for nothing until it is enabled again.
    Disabled,
    /// Gone: what was encrypted with it can no longer be read by anybody. Its id is remembered.
    Destroyed,
}

/// A key of a ring, as others may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// 16 hexadecimal digits, as in envelopes.
    pub id: String,
    /// What it may be used for.
    pub state: KeyState,
    /// Whether new envelopes are made with it.
    pub primary: bool,
}

/// Keys of which one is primary. Any number of threads may use and change one ring.
pub struct Keyring {
    entries: RwLock<Vec<Entry>>,
}

struct Entry {
    id: KeyId,
    state: KeyState,
    /// Nothing once it is destroyed.
    held: Option<Held>,
    primary: bool,
}

struct Held {
    key: Key,
    cipher: Cipher,
}

#[derive(Serialize, Deserialize)]
struct StoredEntry {
    id: String,
    state: KeyState,
    primary: bool,
    key: Option<Zeroizing<String>>,
}

impl Keyring {
    /// A ring of one key, which is the primary one.
    pub fn new(key: Key) -> Self {
        Self {
            entries: RwLock::new(vec![Entry::new(key, true)]),
        }
    }

    /// Adds a key that decrypts. False if it is there already. [`Kind::InvalidKey`] for one that was destroyed.
    pub fn add(&self, key: Key) -> Result<bool> {
        let mut entries = self.entries.write();
        let entry = Entry::new(key, false);
        match entries.iter().find(|known| known.id == entry.id) {
            Some(known) if known.state == KeyState::Destroyed => Err(Error::new(
                Kind::InvalidKey,
                "this key was destroyed and is not taken back",
            )),
            Some(_) => Ok(false),
            None => {
                entries.push(entry);
                Ok(true)
            }
        }
    }

    /// Makes `key` the primary one; those so far go on decrypting. The id of the new one.
    pub fn rotate(&self, key: Key) -> Result<String> {
        let id = key.id();
        self.add(key)?;
        let mut entries = self.entries.write();
        let usable = entries
            .iter()
            .any(|entry| entry.id == id && entry.state == KeyState::Enabled);
        if !usable {
            return Err(Error::new(
                Kind::InvalidKey,
                "a key that is disabled cannot be the primary one; hint: enable it first",
            ));
        }
        for entry in entries.iter_mut() {
            entry.primary = entry.id == id;
        }
        Ok(text_of(id))
    }

    /// Enables or disables a key. [`Kind::NotFound`] for an unknown id, [`Kind::InvalidArgument`] for the primary key or a
    /// destroyed one.
    pub fn set_enabled(&self, id: &str, enabled: bool) -> Result<()> {
        self.change(id, |entry| {
            entry.state = if enabled {
                KeyState::Enabled
            } else {
                KeyState::Disabled
            };
        })
    }

    /// Wipes a key for ever. Errors as of [`Keyring::set_enabled`]. Copies that were made elsewhere are not affected.
    pub fn destroy(&self, id: &str) -> Result<()> {
        self.change(id, |entry| {
            entry.held = None;
            entry.state = KeyState::Destroyed;
        })
    }

    /// The keys in the order in which they came.
    pub fn keys(&self) -> Vec<KeyInfo> {
        let entries = self.entries.read();
        let info = |entry: &Entry| KeyInfo {
            id: text_of(entry.id),
            state: entry.state,
            primary: entry.primary,
        };
        entries.iter().map(info).collect()
    }

    /// [`Cipher::encrypt_as`] with the primary key.
    pub fn encrypt(&self, plaintext: &[u8], label: &Label, context: &[u8]) -> Result<Vec<u8>> {
        self.primary()?.encrypt_as(plaintext, label, context)
    }

    /// [`Cipher::decrypt`] with the key that the envelope names. [`Kind::Decrypt`] if the ring does not have it, or if it
    /// is disabled or destroyed.
    pub fn decrypt(&self, envelope: &[u8], context: &[u8]) -> Result<Opened> {
        self.cipher_of(envelope)?.decrypt(envelope, context)
    }

    /// [`Keyring::decrypt`] for the text form.
    pub fn decrypt_text(&self, text: &str, context: &[u8]) -> Result<Opened> {
        self.decrypt(&decode_text(text)?, context)
    }

    /// The same content in an envelope of the primary key, with the same label; nothing if it is one already.
    pub fn rewrap(&self, envelope: &[u8], context: &[u8]) -> Result<Option<Vec<u8>>> {
        let primary = self.primary()?;
        let used = self.cipher_of(envelope)?;
        if used.key_id() == primary.key_id() {
            return Ok(None);
        }
        let opened = used.decrypt(envelope, context)?;
        let label = Label {
            classification: opened.classification,
            content_type: opened.content_type,
        };
        primary
            .encrypt_as(&opened.plaintext, &label, context)
            .map(Some)
    }

    /// The ring in an envelope of another key, to be stored.
    pub fn export(&self, wrapping: &Cipher) -> Result<Vec<u8>> {
        let stored: Vec<StoredEntry> = self
            .entries
            .read()
            .iter()
            .map(|entry| {
                let key = entry.held.as_ref().map(|held| held.key.to_base64());
                Ok(StoredEntry {
                    id: text_of(entry.id),
                    state: entry.state,
                    primary: entry.primary,
                    key: key.transpose()?.map(|key| Zeroizing::new(key.into_inner())),
                })
            })
            .collect::<Result<_>>()?;
        let json =
            Sensitive::new(serde_json::to_vec(&stored).map_err(|_| {
                Error::new(Kind::Internal, "the keyring cannot be written as JSON")
            })?);
        let label = Label {
            content_type: CONTENT_TYPE.to_owned(),
            ..Label::default()
        };
        wrapping.encrypt_as(&json, &label, CONTEXT)
    }

    /// What [`Keyring::export`] made. [`Kind::Decrypt`] for another key, or if it was altered or holds no keyring.
    pub fn import(wrapping: &Cipher, envelope: &[u8]) -> Result<Self> {
        let none = || Error::new(Kind::Decrypt, "the envelope holds no keyring");
        let opened = wrapping.decrypt(envelope, CONTEXT)?;
        let stored: Vec<StoredEntry> =
            serde_json::from_slice(&opened.plaintext).map_err(|_| none())?;
        let entries = stored
            .into_iter()
            .map(|stored| {
                let held = stored.key.map(|key| Key::from_text(&key)).transpose()?;
                let mut id = KeyId::default();
                base16ct::lower::decode(&stored.id, &mut id).map_err(|_| none())?;
                Ok(Entry {
                    id,
                    state: stored.state,
                    held: held.map(Held::new),
                    primary: stored.primary,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        if entries.iter().filter(|entry| entry.primary).count() != 1 {
            return Err(none());
        }
        Ok(Self {
            entries: RwLock::new(entries),
        })
    }

    fn primary(&self) -> Result<Cipher> {
        let entries = self.entries.read();
        let primary = entries.iter().find(|entry| entry.primary);
        primary
            .and_then(|entry| Some(entry.held.as_ref()?.cipher.clone()))
            .ok_or_else(|| Error::new(Kind::InvalidKey, "the keyring has no primary key"))
    }

    fn cipher_of(&self, envelope: &[u8]) -> Result<Cipher> {
        let id = Header::decode(split(envelope)?.0)?.key_id;
        let entries = self.entries.read();
        let message = match entries.iter().find(|entry| entry.id == id) {
            None => "the keyring does not have the key of this envelope",
            Some(entry) => match (&entry.held, entry.state) {
                (Some(held), KeyState::Enabled) => return Ok(held.cipher.clone()),
                (_, KeyState::Disabled) => "the key of this envelope is disabled; hint: enable it",
                _ => "the key of this envelope was destroyed",
            },
        };
        Err(Error::new(Kind::Decrypt, message))
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Entry)) -> Result<()> {
        let mut entries = self.entries.write();
        let entry = entries
            .iter_mut()
            .find(|entry| text_of(entry.id) == id)
            .ok_or_else(|| Error::new(Kind::NotFound, "the keyring has no key of this id"))?;
        if entry.primary || entry.state == KeyState::Destroyed {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the primary key and destroyed keys cannot be changed; hint: rotate to another key first",
            ));
        }
        change(entry);
        Ok(())
    }
}

impl Entry {
    fn new(key: Key, primary: bool) -> Self {
        Self {
            id: key.id(),
            state: KeyState::Enabled,
            held: Some(Held::new(key)),
            primary,
        }
    }
}

impl Held {
    fn new(key: Key) -> Self {
        Self {
            cipher: Cipher::new(key.clone()),
            key,
        }
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("keys", &self.keys())
            .finish()
    }
}

fn text_of(id: KeyId) -> String {
    base16ct::lower::encode_string(&id)
}
