//! Cobblestone-256: C2SP `chunked-encryption` with SHA-512 and AES-256-GCM.
//!
//! A message is `salt[24] ‖ commitment[32] ‖ chunks`; each chunk is 16 KiB of ciphertext and a tag of 16 bytes, the last
//! one is shorter. Key, nonce and commitment of a message follow from the key, the salt and the context.

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::provider::{Aead, Expander, Hash, NONCE, fill_random};
use crate::{Error, Kind, Result};

pub(super) use super::provider::TAG;

/// Bytes of plaintext in every chunk but the last, which has fewer.
pub(super) const CHUNK: usize = 16 << 10;
/// Bytes of a chunk with its tag.
pub(super) const SEALED_CHUNK: usize = CHUNK + TAG;
/// Bytes before the first chunk.
pub(super) const PREFIX: usize = SALT + COMMITMENT;
const SALT: usize = 24;
const COMMITMENT: usize = 32;
const KEY: usize = 32;
const OUTPUT: usize = KEY + NONCE + COMMITMENT;
/// Chunks of a message at most.
const MAX_CHUNKS: u64 = 1 << 38;
/// Chunks from which on several threads work on one message.
const MANY_CHUNKS: usize = 64;
/// Threads that work on one message at most.
const MAX_THREADS: usize = 8;

const PROTOCOL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";

/// What is the same for all messages of one key. Wiped on drop.
pub(super) struct Root(Expander);

/// The keys of one message.
pub(super) struct Message {
    aead: Aead,
    base_nonce: [u8; NONCE],
    prefix: [u8; PREFIX],
}

impl Root {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(Expander::new(Hash::Sha512, key))
    }

    /// The keys of a new message.
    pub(super) fn begin(&self, context: &[&[u8]]) -> Result<Message> {
        let mut salt = [0; SALT];
        if !fill_random(&mut salt) {
            return Err(Error::new(
                Kind::Io,
                "the operating system gives no random numbers",
            ));
        }
        Message::expand(&self.0, salt, context).ok_or_else(defect)
    }

    /// The keys of the message that begins so; nothing if key or context are not those it was made with.
    pub(super) fn resume(&self, prefix: &[u8; PREFIX], context: &[&[u8]]) -> Option<Message> {
        let mut salt = [0; SALT];
        salt.copy_from_slice(&prefix[..SALT]);
        let message = Message::expand(&self.0, salt, context)?;
        bool::from(message.prefix.ct_eq(prefix)).then_some(message)
    }
}

impl Message {
    /// HKDF-Expand (RFC 5869 §2.3); the key takes the place of the pseudorandom key.
    fn expand(expander: &Expander, salt: [u8; SALT], context: &[&[u8]]) -> Option<Self> {
        let mut output = Zeroizing::new([0; OUTPUT]);
        let filled = match context {
            [context] => expander.expand(&[PROTOCOL, &salt, context], &mut *output),
            [first, second, third] => {
                expander.expand(&[PROTOCOL, &salt, first, second, third], &mut *output)
            }
            parts => {
                let context = parts.concat();
                expander.expand(&[PROTOCOL, &salt, &context], &mut *output)
            }
        };
        let (key, rest) = output.split_first_chunk::<KEY>().filter(|_| filled)?;
        let mut message = Self {
            aead: Aead::new(key),
            base_nonce: [0; NONCE],
            prefix: [0; PREFIX],
        };
        message.base_nonce.copy_from_slice(&rest[..NONCE]);
        message.prefix[..SALT].copy_from_slice(&salt);
        message.prefix[SALT..].copy_from_slice(&rest[NONCE..]);
        Some(message)
    }

    /// What the message begins with.
    pub(super) fn prefix(&self) -> &[u8; PREFIX] {
        &self.prefix
    }

    /// Encrypts one chunk into `sealed`, which is longer by a tag.
    pub(super) fn seal(&self, number: u64, chunk: &[u8], sealed: &mut [u8]) -> Result<()> {
        let (ciphertext, tag) = sealed.split_at_mut(chunk.len());
        let made = self
            .aead
            .seal(self.nonce(number)?, chunk, ciphertext)
            .ok_or_else(defect)?;
        tag.copy_from_slice(&made);
        Ok(())
    }

    /// Decrypts one chunk into `chunk`, which is shorter by a tag; false, and zeros, if it was altered.
    pub(super) fn open(&self, number: u64, sealed: &[u8], chunk: &mut [u8]) -> bool {
        let Some((ciphertext, tag)) = sealed.split_last_chunk::<TAG>() else {
            return false;
        };
        let Ok(nonce) = self.nonce(number) else {
            return false;
        };
        let opened = self.aead.open(nonce, &[], ciphertext, *tag, chunk);
        if !opened {
            chunk.zeroize();
        }
        opened
    }

    /// Encrypts a whole message behind the prefix; `sealed` has [`sealed_len`] bytes less the prefix.
    pub(super) fn seal_all(&self, plaintext: &[u8], sealed: &mut [u8]) -> Result<()> {
        let whole = plaintext.len() / CHUNK;
        let work = |first: usize, chunks: &[u8], sealed: &mut [u8]| {
            let pairs = chunks.chunks(CHUNK).zip(sealed.chunks_mut(SEALED_CHUNK));
            for (number, (chunk, sealed)) in (first as u64..).zip(pairs) {
                self.seal(number, chunk, sealed)?;
            }
            Ok(())
        };
        let (body, last) = plaintext.split_at(whole * CHUNK);
        let (sealed_body, sealed_last) = sealed.split_at_mut(whole * SEALED_CHUNK);
        self.seal(whole as u64, last, sealed_last)?;
        let share = share_of(whole);
        if share >= whole {
            return work(0, body, sealed_body);
        }
        std::thread::scope(|scope| {
            let parts = body
                .chunks(share * CHUNK)
                .zip(sealed_body.chunks_mut(share * SEALED_CHUNK));
            let threads: Vec<_> = (0..)
                .step_by(share)
                .zip(parts)
                .map(|(first, (chunks, sealed))| scope.spawn(move || work(first, chunks, sealed)))
                .collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|_| Err(defect())))
        })
    }

    /// Decrypts what follows the prefix; false, and nothing released, if a bit of it was altered.
    pub(super) fn open_all(&self, sealed: &[u8], plaintext: &mut [u8]) -> bool {
        let whole = sealed.len() / SEALED_CHUNK;
        let work = |first: usize, sealed: &[u8], chunks: &mut [u8]| {
            let pairs = sealed.chunks(SEALED_CHUNK).zip(chunks.chunks_mut(CHUNK));
            (first as u64..)
                .zip(pairs)
                .all(|(number, (sealed, chunk))| self.open(number, sealed, chunk))
        };
        let (sealed_body, sealed_last) = sealed.split_at(whole * SEALED_CHUNK);
        let (body, last) = plaintext.split_at_mut(whole * CHUNK);
        let share = share_of(whole);
        let opened = self.open(whole as u64, sealed_last, last)
            && if share >= whole {
                work(0, sealed_body, body)
            } else {
                std::thread::scope(|scope| {
                    let parts = sealed_body
                        .chunks(share * SEALED_CHUNK)
                        .zip(body.chunks_mut(share * CHUNK));
                    let threads: Vec<_> = (0..)
                        .step_by(share)
                        .zip(parts)
                        .map(|(first, (sealed, chunks))| {
                            scope.spawn(move || work(first, sealed, chunks))
                        })
                        .collect();
                    threads
                        .into_iter()
                        .all(|thread| thread.join().unwrap_or(false))
                })
            };
        if !opened {
            plaintext.zeroize();
        }
        opened
    }

    /// The base nonce with the number in its last bytes.
    fn nonce(&self, number: u64) -> Result<[u8; NONCE]> {
        if number >= MAX_CHUNKS {
            return Err(Error::new(
                Kind::TooLarge,
                "one message may have 4 PiB; hint: encrypt it in parts",
            ));
        }
        let mut nonce = self.base_nonce;
        for (byte, number) in nonce[NONCE - 8..].iter_mut().zip(number.to_be_bytes()) {
            *byte ^= number;
        }
        Ok(nonce)
    }
}

/// Chunks for each thread.
fn share_of(chunks: usize) -> usize {
    if chunks < MANY_CHUNKS {
        return chunks;
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    chunks.div_ceil(threads.min(MAX_THREADS))
}

/// Bytes of a message with this much plaintext.
pub(super) fn sealed_len(plaintext: usize) -> usize {
    PREFIX + plaintext + (plaintext / CHUNK + 1) * TAG
}

/// Bytes of plaintext in what follows the prefix; nothing if no message has this length.
pub(super) fn plaintext_len(sealed: u64) -> Option<u64> {
    let (whole, last) = (sealed / SEALED_CHUNK as u64, sealed % SEALED_CHUNK as u64);
    Some(whole * CHUNK as u64 + last.checked_sub(TAG as u64)?)
}

fn defect() -> Error {
    Error::new(Kind::Internal, "a chunk could not be encrypted")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Vector {
        name: String,
        expect: String,
        key: String,
        context: String,
        ciphertext: String,
        #[serde(default)]
        plaintext_sha256: Option<String>,
        #[serde(default)]
        plaintext_len: Option<usize>,
    }

    /// Those for AES-256-GCM with less than 1 KiB of the Python package `cryptography-vectors` 50.0.2. They are made with
    /// SHA-256 in the place of SHA-512, and are otherwise the same; the Python tests compare with `cryptography` itself.
    #[test]
    fn every_published_vector_comes_out() {
        let vectors: Vec<Vector> = serde_json::from_str(include_str!(
            "../../tests/cipher_vectors/cobblestone_256.json"
        ))
        .unwrap();
        assert!(vectors.len() > 15);
        for vector in vectors {
            let key = base16ct::lower::decode_vec(&vector.key).unwrap();
            let context = vector.context.into_bytes();
            let message = STANDARD.decode(&vector.ciphertext).unwrap();
            let opened = message
                .split_first_chunk::<PREFIX>()
                .and_then(|(prefix, sealed)| {
                    let expander = Expander::new(Hash::Sha256, &key);
                    let salt = prefix[..SALT].try_into().unwrap();
                    let keys = Message::expand(&expander, salt, &[&context])?;
                    (key.len() == KEY && keys.prefix == *prefix).then_some(())?;
                    let mut plaintext =
                        vec![0; usize::try_from(plaintext_len(sealed.len() as u64)?).unwrap()];
                    keys.open_all(sealed, &mut plaintext).then_some(plaintext)
                });
            assert_eq!(
                opened.is_some(),
                vector.expect == "success",
                "{}",
                vector.name
            );
            if let (Some(opened), Some(length)) = (opened, vector.plaintext_len) {
                assert_eq!(opened.len(), length, "{}", vector.name);
                let digest = <sha2::Sha256 as sha2::Digest>::digest(&opened);
                assert_eq!(
                    Some(base16ct::lower::encode_string(&digest)),
                    vector.plaintext_sha256
                );
            }
        }
    }

    fn open(root: &Root, message: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let (prefix, sealed) = message.split_first_chunk()?;
        let keys = root.resume(prefix, &[context])?;
        let length = usize::try_from(plaintext_len(sealed.len() as u64)?).unwrap();
        let mut plaintext = vec![0; length];
        keys.open_all(sealed, &mut plaintext).then_some(plaintext)
    }

    #[test]
    fn every_length_around_the_borders_of_chunks_comes_back() {
        let root = Root::new(&[7; 32]);
        for length in [
            0,
            1,
            CHUNK - 1,
            CHUNK,
            CHUNK + 1,
            3 * CHUNK,
            65 * CHUNK + 5,
            130 * CHUNK,
        ] {
            let plaintext: Vec<u8> = (0..=250).cycle().take(length).collect();
            let keys = root.begin(&[b"context"]).unwrap();
            let mut message = keys.prefix().to_vec();
            message.resize(sealed_len(length), 0);
            keys.seal_all(&plaintext, &mut message[PREFIX..]).unwrap();
            assert_eq!(open(&root, &message, b"context").unwrap(), plaintext);
            assert!(open(&root, &message, b"contexts").is_none());
            for cut in [1, TAG, CHUNK, SEALED_CHUNK] {
                if cut <= message.len() - PREFIX {
                    assert!(open(&root, &message[..message.len() - cut], b"context").is_none());
                }
            }
        }
    }
}
