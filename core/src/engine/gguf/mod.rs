//! What a GGUF file says about itself, checked in safe Rust before llama.cpp sees a byte of it.
//!
//! The layout is that of the GGUF specification (ggml, `docs/gguf.md`), versions 2 and 3, little-endian. Published
//! memory errors of GGUF readers come from lengths, counts, types and extents that a file states and that the file does
//! not honour; each of them is checked here. So is what a file may state correctly and llama.cpp nevertheless ends the
//! process over.
//!
//! | file | what it is for |
//! |---|---|
//! | `reader`, `value` | bytes, and the values that they stand for |
//! | `tensors`, `types` | where the weights lie, and how long they are |
//! | `hyper`, `architectures`, `assumptions` | sizes of the model |
//! | `vocabulary`, `charsmap` | tokens |
//! | `memory` | what all of it comes to |
//! | `adapter` | the same for a file that changes a model |

#[cfg(feature = "llama")]
mod adapter;
mod architectures;
mod assumptions;
mod charsmap;
mod hyper;
mod memory;
mod reader;
mod tensors;
mod types;
mod value;
mod vocabulary;

use std::collections::HashMap;
use std::io::BufRead;

#[cfg(feature = "llama")]
pub(super) use self::adapter::AdapterHeader;
use self::hyper::Hyper;
pub(super) use self::memory::Demand;
pub use self::memory::MemoryEstimate;
use self::reader::Reader;
use self::tensors::Tensor;
use self::value::Value;
use crate::{Error, Kind, Result};

const MAGIC: [u8; 4] = *b"GGUF";
const MAX_ENTRIES: u64 = 65_536;
const MAX_TENSORS: u64 = 65_536;
const MAX_KEY: usize = 256;

type Entries = HashMap<String, Value>;

/// A header that passed every check.
pub(super) struct Header {
    entries: Entries,
    #[cfg_attr(not(feature = "llama"), expect(dead_code, reason = "for the engine"))]
    longest_token: usize,
    tokens: u64,
    weights: u64,
    /// The format and the number of elements of each matrix.
    #[cfg_attr(not(feature = "llama"), expect(dead_code, reason = "for the engine"))]
    matrices: Vec<(u32, u64)>,
}

/// Checks the header of a GGUF file of `length` bytes, from its first byte on.
///
/// Takes time and memory in proportion to the header, whatever it says. That it passes means that llama.cpp can read it
/// safely; whether llama.cpp knows the architecture is another question.
///
/// # Errors
/// [`Kind::Model`] that says what is wrong, [`Kind::Io`] from `file`.
pub fn check(file: impl BufRead, length: u64) -> Result<()> {
    Header::read(file, length).map(drop)
}

impl Header {
    /// Reads and checks the header of a file of `length` bytes.
    pub(super) fn read(file: impl BufRead, length: u64) -> Result<Self> {
        let contents = Contents::read(file, length)?;
        let hyper = Hyper::of(&contents.entries)?;
        hyper.check()?;
        hyper.assumed_tensors(&contents.tensors)?;
        let (longest_token, tokens) = vocabulary::check(&contents.entries)?;
        Ok(Self {
            entries: contents.entries,
            longest_token,
            tokens,
            weights: contents.weights,
            matrices: contents
                .tensors
                .iter()
                .filter(|tensor| tensor.dimensions.len() > 1)
                .map(|tensor| (tensor.kind, tensor.dimensions.iter().product()))
                .collect(),
        })
    }

    /// A text, where the header has one of that name.
    #[cfg(feature = "llama")]
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        text(&self.entries, key)
    }

    /// A flag, where the header has one of that name.
    #[cfg(feature = "llama")]
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.entries.get(key) {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// How much of the matrices is in formats that are `chosen`, 0 to 1.
    #[cfg(feature = "llama")]
    pub(super) fn share_of_matrices(&self, chosen: impl Fn(u32) -> bool) -> f64 {
        let elements = |which: &dyn Fn(u32) -> bool| -> u64 {
            let chosen = self.matrices.iter().filter(|(kind, _)| which(*kind));
            chosen.map(|(_, elements)| elements).sum()
        };
        #[expect(clippy::cast_precision_loss, reason = "it is a share")]
        let share = elements(&chosen) as f64 / elements(&|_| true).max(1) as f64;
        share
    }

    /// Bytes of the longest entry of the vocabulary, at least 1.
    #[cfg(feature = "llama")]
    pub(super) fn longest_token(&self) -> usize {
        self.longest_token
    }
}

/// What every GGUF file has.
struct Contents {
    entries: Entries,
    tensors: Vec<Tensor>,
    /// Bytes of all tensors.
    weights: u64,
}

impl Contents {
    fn read(file: impl BufRead, length: u64) -> Result<Self> {
        let mut reader = Reader::new(file, length);
        if length < 24 || reader.array::<4>()? != MAGIC {
            return Err(refuse("it is not a GGUF file"));
        }
        match reader.u32()? {
            2 | 3 => {}
            version if matches!(version.swap_bytes(), 2 | 3) => {
                return Err(refuse("it is a big-endian GGUF file"));
            }
            version => return Err(refuse(format!("GGUF version {version} is not supported"))),
        }
        let tensors = reader.u64()?;
        let entries = reader.u64()?;
        if tensors > MAX_TENSORS || entries > MAX_ENTRIES {
            return Err(refuse("its header is malformed"));
        }
        let entries = read_entries(&mut reader, entries)?;
        let alignment = tensors::alignment(&entries)?;
        let tensors = tensors::read(&mut reader, tensors)?;
        let start = reader.position().next_multiple_of(alignment);
        let weights = tensors::check(&tensors, length.saturating_sub(start), alignment)?;
        Ok(Self {
            entries,
            tensors,
            weights,
        })
    }
}

fn text<'a>(entries: &'a Entries, key: &str) -> Option<&'a str> {
    match entries.get(key) {
        Some(Value::Text(bytes)) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

fn read_entries<R: BufRead>(reader: &mut Reader<R>, count: u64) -> Result<Entries> {
    let kept = [
        vocabulary::TOKENS,
        vocabulary::TOKEN_TYPES,
        vocabulary::CHARSMAP,
    ];
    let mut entries = Entries::new();
    for _ in 0..count {
        let key = String::from_utf8(reader.string()?)
            .ok()
            .filter(|key| !key.is_empty() && key.len() <= MAX_KEY && !key.contains('\0'))
            .ok_or_else(|| refuse("a key in its header is malformed"))?;
        let value = value::read(reader, kept.contains(&key.as_str()))?;
        if entries.insert(key, value).is_some() {
            return Err(refuse("a key appears twice in its header"));
        }
    }
    Ok(entries)
}

/// The one way in which this module says no.
fn refuse(why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Model, format!("the model file is unusable: {why}"))
}
