//! Encrypting and decrypting with one key.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use super::cobblestone::{Message, PREFIX, Root, plaintext_len, sealed_len};
use super::envelope::{DOMAIN, Header, KeyId, Label};
use super::provider::{self, Aead};
use super::{Key, legacy};
use crate::isolation::{Locked, with_clean_stack};
use crate::{Classification, Error, Kind, Result, Sensitive};

/// A decrypted envelope.
#[derive(Debug)]
pub struct Opened {
    /// The plaintext, wiped on drop.
    pub plaintext: Sensitive<Vec<u8>>,
    /// The classification that the plaintext was encrypted under.
    pub classification: Classification,
    /// The content type that it was encrypted with; may be empty.
    pub content_type: String,
    /// When it was encrypted, in seconds since 1970, by the clock of that machine.
    pub created: u64,
}

/// Encrypts and decrypts with one key. Any number of threads may use one cipher. What it holds of the key is wiped on drop.
///
/// It lies where the key does: in a forked child every call is [`Kind::Unsupported`].
#[derive(Clone)]
pub struct Cipher {
    expanded: Result<Arc<Expanded>>,
    key_id: KeyId,
}

/// A key made ready for use.
struct Expanded {
    root: Locked<Root>,
    /// For ciphertexts of older systems.
    legacy: Locked<Aead>,
}

impl Cipher {
    /// A cipher for `key`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the key ends the caller's need to hold a copy"
    )]
    pub fn new(key: Key) -> Self {
        let expand = || {
            let bytes = key.as_bytes()?;
            Ok(Arc::new(Expanded {
                root: Locked::new(|| Root::new(bytes)),
                legacy: Locked::new(|| Aead::new(bytes)),
            }))
        };
        Self {
            // That a forked child does not have the key is told where it is needed.
            expanded: with_clean_stack(expand),
            key_id: key.id(),
        }
    }

    /// Whether ciphers work with a FIPS 140-3 module in its approved mode: only where this crate was built with the feature
    /// `fips`, and the module has passed its self-tests. It says nothing about the rest of the application.
    pub fn is_fips_mode() -> bool {
        provider::is_fips_mode()
    }

    fn expanded(&self) -> Result<&Expanded> {
        self.expanded.as_deref().map_err(Clone::clone)
    }

    /// The keys of a new message.
    fn new_message(&self, context: &[&[u8]]) -> Result<Message> {
        let root = self.expanded()?.root.get()?;
        with_clean_stack(|| root.begin(context))
    }

    /// The keys of the message that begins with `prefix`.
    fn message(&self, prefix: &[u8; PREFIX], context: &[&[u8]]) -> Result<Message> {
        let root = self.expanded()?.root.get()?;
        with_clean_stack(|| root.resume(prefix, context)).ok_or_else(altered)
    }

    /// An envelope: a versioned header and a Cobblestone-256 message; 95 bytes longer than the plaintext, and 16 more for
    /// each 16 KiB of it.
    ///
    /// `context` (may be empty) is not stored and must be given again to decrypt: the id of the record that the
    /// plaintext belongs to, for example, so that nobody can put one record's ciphertext in the place of another's.
    pub fn encrypt(
        &self,
        plaintext: &[u8],
        classification: Classification,
        context: &[u8],
    ) -> Result<Vec<u8>> {
        let label = Label {
            classification,
            ..Label::default()
        };
        self.encrypt_as(plaintext, &label, context)
    }

    /// [`Cipher::encrypt`] with a content type. [`Kind::TooLarge`] if that has more than 127 bytes.
    pub fn encrypt_as(&self, plaintext: &[u8], label: &Label, context: &[u8]) -> Result<Vec<u8>> {
        let mut envelope = vec![0; Self::envelope_len(plaintext.len(), label)];
        self.encrypt_into(plaintext, label, context, &mut envelope)?;
        Ok(envelope)
    }

    /// Bytes of the envelope of a plaintext of this length.
    pub fn envelope_len(plaintext: usize, label: &Label) -> usize {
        super::envelope::FIXED_LEN + label.content_type.len() + sealed_len(plaintext)
    }

    /// [`Cipher::encrypt_as`] into a place of exactly [`Cipher::envelope_len`] bytes, else [`Kind::InvalidArgument`].
    pub fn encrypt_into(
        &self,
        plaintext: &[u8],
        label: &Label,
        context: &[u8],
        envelope: &mut [u8],
    ) -> Result<()> {
        if envelope.len() != Self::envelope_len(plaintext.len(), label) {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the place for the envelope has another length than the envelope",
            ));
        }
        let (header, keys) = self.begin(label, context)?;
        let (head, rest) = envelope.split_at_mut(header.len());
        head.copy_from_slice(&header);
        let (prefix, sealed) = rest.split_at_mut(PREFIX);
        prefix.copy_from_slice(keys.prefix());
        keys.seal_all(plaintext, sealed)
    }

    /// Checks and decrypts an envelope.
    ///
    /// [`Kind::Decrypt`] for another key or context, or if a bit of it was altered; [`Kind::Unsupported`] for a version
    /// or algorithm of another release. Nothing of the plaintext is released before all of it was found unaltered.
    pub fn decrypt(&self, envelope: &[u8], context: &[u8]) -> Result<Opened> {
        let (header, message) = split(envelope)?;
        let decoded = Header::decode(header)?;
        let (prefix, sealed) = message.split_first_chunk().ok_or_else(too_short)?;
        let keys = self.resume(&decoded, header, prefix, context)?;
        let length = plaintext_len(sealed.len() as u64).ok_or_else(too_short)?;
        let length = usize::try_from(length).map_err(|_| too_short())?;
        let mut plaintext = Sensitive::new(vec![0; length]);
        if !keys.open_all(sealed, &mut plaintext) {
            return Err(altered());
        }
        Ok(Opened {
            plaintext,
            classification: decoded.label.classification,
            content_type: decoded.label.content_type,
            created: decoded.created,
        })
    }

    /// [`Cipher::encrypt`] as base64 text (URL-safe alphabet, no padding).
    pub fn encrypt_to_text(
        &self,
        plaintext: &[u8],
        classification: Classification,
        context: &[u8],
    ) -> Result<String> {
        self.encrypt(plaintext, classification, context)
            .map(|envelope| URL_SAFE_NO_PAD.encode(envelope))
    }

    /// [`Cipher::decrypt`] for the text form; white space around it is ignored.
    pub fn decrypt_text(&self, text: &str, context: &[u8]) -> Result<Opened> {
        self.decrypt(&decode_text(text)?, context)
    }

    /// `base64(nonce[12] ‖ ciphertext ‖ tag[16])` without a header, as older systems wrote it. Decrypt only.
    ///
    /// Nothing but the plaintext is authenticated in that form: neither a classification nor a context.
    pub fn decrypt_legacy(&self, text: &str) -> Result<Sensitive<Vec<u8>>> {
        let aead = self.expanded()?.legacy.get()?;
        with_clean_stack(|| legacy::decrypt(aead, text))
    }

    /// A Cobblestone-256 message (C2SP `chunked-encryption`) and nothing else: what other implementations read with the
    /// same key and context.
    pub fn encrypt_message(&self, plaintext: &[u8], context: &[u8]) -> Result<Vec<u8>> {
        let mut message = vec![0; sealed_len(plaintext.len())];
        self.encrypt_message_into(plaintext, context, &mut message)?;
        Ok(message)
    }

    /// Bytes of the message of a plaintext of this length.
    pub fn message_len(plaintext: usize) -> usize {
        sealed_len(plaintext)
    }

    /// [`Cipher::encrypt_message`] into a place of exactly [`Cipher::message_len`] bytes, else [`Kind::InvalidArgument`].
    pub fn encrypt_message_into(
        &self,
        plaintext: &[u8],
        context: &[u8],
        message: &mut [u8],
    ) -> Result<()> {
        if message.len() != sealed_len(plaintext.len()) {
            return Err(Error::new(
                Kind::InvalidArgument,
                "the place for the message has another length than the message",
            ));
        }
        let keys = self.new_message(&[context])?;
        let (prefix, sealed) = message.split_at_mut(PREFIX);
        prefix.copy_from_slice(keys.prefix());
        keys.seal_all(plaintext, sealed)
    }

    /// Checks and decrypts a Cobblestone-256 message of whatever implementation. [`Kind::Decrypt`] as for an envelope.
    pub fn decrypt_message(&self, message: &[u8], context: &[u8]) -> Result<Sensitive<Vec<u8>>> {
        let (prefix, sealed) = message.split_first_chunk().ok_or_else(too_short)?;
        let keys = self.message(prefix, &[context])?;
        let length = plaintext_len(sealed.len() as u64).ok_or_else(too_short)?;
        let length = usize::try_from(length).map_err(|_| too_short())?;
        let mut plaintext = Sensitive::new(vec![0; length]);
        if keys.open_all(sealed, &mut plaintext) {
            Ok(plaintext)
        } else {
            Err(altered())
        }
    }

    /// The header and the keys of a new envelope.
    pub(super) fn begin(&self, label: &Label, context: &[u8]) -> Result<(Vec<u8>, Message)> {
        let header = Header {
            label: label.clone(),
            key_id: self.key_id,
            created: u64::try_from(Timestamp::now().as_second()).unwrap_or_default(),
        }
        .encode()?;
        let keys = self.new_message(&[DOMAIN, &header, context])?;
        Ok((header, keys))
    }

    /// The keys of an envelope that begins so.
    pub(super) fn resume(
        &self,
        decoded: &Header,
        header: &[u8],
        prefix: &[u8; PREFIX],
        context: &[u8],
    ) -> Result<Message> {
        if decoded.key_id != self.key_id {
            return Err(Error::new(
                Kind::Decrypt,
                "the envelope was encrypted with another key",
            ));
        }
        self.message(prefix, &[DOMAIN, header, context])
    }

    pub(super) fn key_id(&self) -> KeyId {
        self.key_id
    }
}

/// The bytes of an envelope in its text form.
pub(super) fn decode_text(text: &str) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD
        .decode(text.trim_ascii())
        .map_err(|_| Error::new(Kind::Decrypt, "the text of the envelope is not base64url"))
}

/// Header and message.
pub(super) fn split(envelope: &[u8]) -> Result<(&[u8], &[u8])> {
    let fixed = envelope.first_chunk().ok_or_else(too_short)?;
    envelope
        .split_at_checked(Header::length_of(fixed)?)
        .ok_or_else(too_short)
}

pub(super) fn altered() -> Error {
    Error::new(
        Kind::Decrypt,
        "the envelope was altered or belongs to another context",
    )
}

pub(super) fn too_short() -> Error {
    Error::new(Kind::Decrypt, "this is too short for an encrypted envelope")
}
