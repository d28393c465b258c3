//! Signed notes (C2SP `signed-note`) with Ed25519 (RFC 8032): a text that whoever has the public key can check.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use hmac::{Hmac, KeyInit, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::cipher::expect_unguessable;
use crate::isolation::{Locked, with_clean_stack};
use crate::{Error, Kind, Result, Sensitive};

/// The signature type of Ed25519.
const ED25519: u8 = 1;
/// How the text of a private key begins.
const PRIVATE: &str = "PRIVATE+KEY+";
/// What stands before each signature: an em dash and a space.
const SIGNED_BY: &str = "\u{2014} ";
/// Most characters of a name.
const MAX_NAME: usize = 128;

/// The key that signs the checkpoints of a log, with the name of the log. Wiped when its last clone is dropped.
///
/// It lies where a [`Key`](crate::cipher::Key) does: in a forked child, whatever needs it is [`Kind::Unsupported`].
#[derive(Clone)]
pub struct SigningKey {
    public: PublicKey,
    key: Arc<Locked<ed25519_dalek::SigningKey>>,
}

/// The key that checks them. It is no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    key: VerifyingKey,
}

impl SigningKey {
    /// A new key for a log with this name, for example `hospital.example/audit`: 1 to 128 characters without white space
    /// and `+`, else [`Kind::InvalidArgument`].
    pub fn generate(name: &str) -> Result<Self> {
        let mut seed = Sensitive::new([0; 32]);
        getrandom::fill(seed.as_mut_slice())
            .map_err(|_| Error::new(Kind::Io, "the operating system gives no random numbers"))?;
        Self::from_seed(name, seed.as_slice())
    }

    /// Reads `PRIVATE+KEY+name+hash+base64`, the form of Go's `note` package. [`Kind::InvalidKey`] for anything else, and for
    /// a key that can be guessed.
    pub fn from_text(text: &str) -> Result<Self> {
        let read = || {
            let (name, hash, bytes) = parts(text.trim_ascii().strip_prefix(PRIVATE)?)?;
            let key = Self::from_seed(name, &bytes).ok()?;
            (key.public_key().id() == hash).then_some((key, bytes))
        };
        let (key, seed) = read().ok_or_else(|| {
            Error::new(
                Kind::InvalidKey,
                "this is not a signing key; hint: make one with `cloister audit keygen`",
            )
        })?;
        expect_unguessable(&seed)?;
        Ok(key)
    }

    /// The form that [`SigningKey::from_text`] reads.
    pub fn to_text(&self) -> Result<Sensitive<String>> {
        let mut bytes = Sensitive::new(Vec::with_capacity(33));
        bytes.push(ED25519);
        bytes.extend_from_slice(self.key.get()?.as_bytes());
        let encoded = Sensitive::new(STANDARD.encode(bytes.as_slice()));
        let PublicKey { name, .. } = &self.public;
        Ok(Sensitive::new(format!(
            "{PRIVATE}{name}+{:08x}+{}",
            self.public.id(),
            *encoded
        )))
    }

    /// HMAC-SHA256 under this key of a document of the log that nobody else need check.
    pub(super) fn authenticate(&self, domain: &[u8], text: &[u8]) -> Result<[u8; 32]> {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.key.get()?.as_bytes())
            .expect("HMAC takes keys of every length");
        Ok(mac
            .chain_update(domain)
            .chain_update(text)
            .finalize()
            .into_bytes()
            .into())
    }

    /// The other half.
    pub fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    /// Whether this is a forked child of the process that has the key.
    pub(super) fn is_lost(&self) -> bool {
        self.key.get().is_err()
    }

    /// The name of the log, which its checkpoints begin with.
    pub fn name(&self) -> &str {
        &self.public.name
    }

    /// A note: the text, which ends with a line feed, an empty line and the signature.
    pub(super) fn sign(&self, text: &str) -> Result<String> {
        let key = self.key.get()?;
        let mut signature = self.public.id().to_be_bytes().to_vec();
        signature.extend_from_slice(&with_clean_stack(|| key.sign(text.as_bytes())).to_bytes());
        let encoded = STANDARD.encode(signature);
        Ok(format!("{text}\n{SIGNED_BY}{} {encoded}\n", self.name()))
    }

    fn from_seed(name: &str, seed: &[u8]) -> Result<Self> {
        let well_named = (1..=MAX_NAME).contains(&name.len())
            && !name.contains(|c: char| c == '+' || c.is_whitespace() || c.is_control());
        if !well_named {
            return Err(Error::new(
                Kind::InvalidArgument,
                "a log has a name of 1 to 128 characters without white space and `+`; hint: use one such as \
                 `hospital.example/audit`",
            ));
        }
        let seed = seed
            .try_into()
            .map_err(|_| Error::new(Kind::InvalidKey, "a signing key has 32 bytes"))?;
        let key = Locked::new(|| ed25519_dalek::SigningKey::from_bytes(seed));
        Ok(Self {
            public: PublicKey {
                name: name.to_owned(),
                key: key.get()?.verifying_key(),
            },
            key: Arc::new(key),
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl PublicKey {
    /// The name of the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of a digest over name, type and key.
    fn id(&self) -> u32 {
        let digest = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }

    /// The text of a note that this key has signed; nothing for any other note. Signatures of others are passed over.
    pub(super) fn open<'n>(&self, note: &'n str) -> Option<&'n str> {
        let end = note.rfind("\n\n")?;
        let (text, signatures) = (&note[..=end], note[end + 2..].strip_suffix('\n')?);
        signatures
            .split('\n')
            .any(|line| self.made(line, text))
            .then_some(text)
    }

    fn made(&self, line: &str, text: &str) -> bool {
        let read = || {
            let (name, encoded) = line.strip_prefix(SIGNED_BY)?.split_once(' ')?;
            let bytes = STANDARD.decode(encoded).ok()?;
            let (id, signature) = bytes.split_first_chunk::<4>()?;
            let ours = name == self.name && u32::from_be_bytes(*id) == self.id();
            let signature = Signature::from_slice(signature).ok()?;
            let good = self.key.verify_strict(text.as_bytes(), &signature).is_ok();
            Some(ours && good)
        };
        read().unwrap_or(false)
    }
}

/// `name+hash+base64`, the form of Go's `note` package.
impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![ED25519];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            self.id(),
            STANDARD.encode(bytes)
        )
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let (name, hash, bytes) = parts(text.trim_ascii())?;
            let key = VerifyingKey::from_bytes(bytes.as_slice().try_into().ok()?).ok()?;
            let public = Self {
                name: name.to_owned(),
                key,
            };
            (public.id() == hash).then_some(public)
        };
        read().ok_or_else(|| {
            Error::new(
                Kind::InvalidKey,
                "this is not a public key of a log; hint: it has the form `name+hash+base64`",
            )
        })
    }
}

/// Name, hash, and the 32 bytes of an Ed25519 key.
fn parts(text: &str) -> Option<(&str, u32, Sensitive<Vec<u8>>)> {
    let (name, rest) = text.split_once('+')?;
    let (hash, encoded) = rest.split_once('+')?;
    let bytes = Sensitive::new(STANDARD.decode(encoded).ok()?);
    let well_formed = hash.len() == 8 && bytes.len() == 33 && bytes[0] == ED25519;
    let hash = u32::from_str_radix(hash, 16).ok()?;
    well_formed.then(|| (name, hash, Sensitive::new(bytes[1..].to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key pair and the note in the documentation of Go's `golang.org/x/mod/sumdb/note`.
    const GO_PRIVATE: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const GO_PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\
        \n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn notes_of_other_implementations_are_read_and_made() {
        let public: PublicKey = GO_PUBLIC.parse().unwrap();
        let text = public.open(GO_NOTE).unwrap();
        assert!(text.ends_with("problem is.\n"));
        let key = SigningKey::from_text(GO_PRIVATE).unwrap();
        assert_eq!(key.public_key().to_string(), GO_PUBLIC);
        assert_eq!(*key.to_text().unwrap(), GO_PRIVATE);
        assert_eq!(key.sign(text).unwrap(), GO_NOTE);
    }

    #[test]
    fn nothing_but_the_signed_text_is_accepted() {
        let key = SigningKey::generate("hospital.example/audit").unwrap();
        let note = key.sign("one\ntwo\n").unwrap();
        let public = key.public_key();
        assert_eq!(public.open(&note), Some("one\ntwo\n"));
        for other in [
            "",
            "\n\n",
            "one\ntwo\n",
            &note[..note.len() - 1],
            &note.replace("one", "eno"),
        ] {
            assert_eq!(public.open(other), None);
        }
        let another = SigningKey::generate("hospital.example/audit").unwrap();
        assert_eq!(another.public_key().open(&note), None);
    }

    #[test]
    fn malformed_keys_and_names_are_refused() {
        for text in [
            "",
            "a+b+c",
            &GO_PUBLIC[1..],
            GO_PRIVATE,
            &GO_PUBLIC.replace("c7", "c8"),
        ] {
            assert_eq!(
                text.parse::<PublicKey>().unwrap_err().kind(),
                Kind::InvalidKey
            );
        }
        for text in ["", GO_PUBLIC, &GO_PRIVATE.replace("c7", "c8")] {
            assert_eq!(
                SigningKey::from_text(text).unwrap_err().kind(),
                Kind::InvalidKey
            );
        }
        let counted: Vec<u8> = (0..32).collect();
        let guessable = SigningKey::from_seed("a", &counted).unwrap();
        let guessable = guessable.to_text().unwrap();
        let error = SigningKey::from_text(&guessable).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidKey);
        assert!(error.message().contains("can be guessed"), "{error}");
        for name in ["", "a b", "a+b", "a\nb"] {
            assert_eq!(
                SigningKey::generate(name).unwrap_err().kind(),
                Kind::InvalidArgument
            );
        }
    }
}
