//! What a GGUF file says about itself, checked in safe Rust before llama.cpp sees a byte of it.
//!
//! The layout is that of the GGUF specification (ggml, `docs/gguf.md`), versions 2 and 3, little-endian. Published
//! memory errors of GGUF readers come from lengths, counts, types and extents that a file states and that the file does
//! not honour; each of them is checked here.

mod reader;
mod rules;

use std::collections::{HashMap, HashSet};
use std::io::BufRead;

use self::reader::Reader;
use crate::{Error, Kind, Result};

const MAGIC: [u8; 4] = *b"GGUF";
const MAX_ENTRIES: u64 = 65_536;
const MAX_TENSORS: u64 = 65_536;
const MAX_KEY: usize = 256;
/// `GGML_MAX_NAME` without its terminator.
const MAX_TENSOR_NAME: usize = 63;
/// `GGML_MAX_DIMS`.
const MAX_DIMENSIONS: u32 = 4;

/// A value of the header, as far as anything here looks at it.
pub(super) enum Value {
    /// An integer of any width.
    Integer(i128),
    /// A floating-point number.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A string.
    Text(Vec<u8>),
    /// An array with what was kept of its elements.
    Array(Array),
}

/// An array of the header.
pub(super) struct Array {
    kind: u32,
    count: u64,
    /// The strings, where the array is the vocabulary.
    texts: Vec<Vec<u8>>,
    /// The integers, where there are at most 1024 or they are the types of tokens.
    integers: Vec<i128>,
}

/// A tensor of the header.
struct Tensor {
    dimensions: Vec<u64>,
    kind: u32,
    offset: u64,
}

/// A header that passed every check.
pub(super) struct Header {
    entries: HashMap<String, Value>,
    longest_token: usize,
}

impl Header {
    /// Reads and checks the header of a file of `length` bytes. `layout` gives a tensor type's elements and bytes per
    /// block.
    pub(super) fn read(
        file: impl BufRead,
        length: u64,
        layout: impl Fn(u32) -> Option<(u64, u64)>,
    ) -> Result<Self> {
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
        let alignment = rules::alignment(&entries)?;
        let tensors = read_tensors(&mut reader, tensors)?;
        let start = reader.position().next_multiple_of(alignment);
        rules::extents(&tensors, length.saturating_sub(start), alignment, layout)?;
        rules::architecture(&entries)?;
        let longest_token = rules::vocabulary(&entries)?;
        Ok(Self {
            entries,
            longest_token,
        })
    }

    /// A text, where the header has one of that name.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        text(&self.entries, key)
    }

    /// A flag, where the header has one of that name.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.entries.get(key) {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// Bytes of the longest entry of the vocabulary, at least 1.
    pub(super) fn longest_token(&self) -> usize {
        self.longest_token
    }
}

fn text<'a>(entries: &'a HashMap<String, Value>, key: &str) -> Option<&'a str> {
    match entries.get(key) {
        Some(Value::Text(bytes)) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

fn read_entries<R: BufRead>(reader: &mut Reader<R>, count: u64) -> Result<HashMap<String, Value>> {
    let mut entries = HashMap::new();
    for _ in 0..count {
        let key = String::from_utf8(reader.string()?)
            .ok()
            .filter(|key| !key.is_empty() && key.len() <= MAX_KEY && !key.contains('\0'))
            .ok_or_else(|| refuse("a key in its header is malformed"))?;
        let keep = key == rules::TOKENS || key == rules::TOKEN_TYPES;
        let value = read_value(reader, keep)?;
        if entries.insert(key, value).is_some() {
            return Err(refuse("a key appears twice in its header"));
        }
    }
    Ok(entries)
}

fn read_value<R: BufRead>(reader: &mut Reader<R>, keep: bool) -> Result<Value> {
    let kind = reader.u32()?;
    if kind == kind::ARRAY {
        return read_array(reader, keep).map(Value::Array);
    }
    read_scalar(reader, kind)
}

fn read_scalar<R: BufRead>(reader: &mut Reader<R>, kind: u32) -> Result<Value> {
    Ok(match kind {
        kind::U8 => Value::Integer(reader.u8()?.into()),
        kind::I8 => Value::Integer(i8::from_le_bytes(reader.array()?).into()),
        kind::U16 => Value::Integer(u16::from_le_bytes(reader.array()?).into()),
        kind::I16 => Value::Integer(i16::from_le_bytes(reader.array()?).into()),
        kind::U32 => Value::Integer(reader.u32()?.into()),
        kind::I32 => Value::Integer(i32::from_le_bytes(reader.array()?).into()),
        kind::U64 => Value::Integer(reader.u64()?.into()),
        kind::I64 => Value::Integer(i64::from_le_bytes(reader.array()?).into()),
        kind::F32 => Value::Float(f32::from_le_bytes(reader.array()?).into()),
        kind::F64 => Value::Float(f64::from_le_bytes(reader.array()?)),
        kind::BOOL => match reader.u8()? {
            0 => Value::Bool(false),
            1 => Value::Bool(true),
            _ => return Err(refuse("a flag in its header is neither 0 nor 1")),
        },
        kind::STRING => Value::Text(reader.string()?),
        _ => return Err(refuse("a value in its header has an unknown type")),
    })
}

fn read_array<R: BufRead>(reader: &mut Reader<R>, keep: bool) -> Result<Array> {
    let kind = reader.u32()?;
    let count = reader.u64()?;
    let mut array = Array {
        kind,
        count,
        texts: Vec::new(),
        integers: Vec::new(),
    };
    let width: u64 = match kind {
        kind::U8 | kind::I8 | kind::BOOL => 1,
        kind::U16 | kind::I16 => 2,
        kind::U32 | kind::I32 | kind::F32 => 4,
        kind::U64 | kind::I64 | kind::F64 => 8,
        kind::STRING => {
            if count > reader.remaining() / 8 {
                return Err(refuse("an array in its header is longer than the file"));
            }
            for _ in 0..count {
                let text = reader.string()?;
                if keep {
                    array.texts.push(text);
                }
            }
            return Ok(array);
        }
        _ => return Err(refuse("an array in its header has an unknown type")),
    };
    let bytes = count
        .checked_mul(width)
        .filter(|bytes| *bytes <= reader.remaining())
        .ok_or_else(|| refuse("an array in its header is longer than the file"))?;
    let small = keep || count <= 1024;
    if !small || matches!(kind, kind::F32 | kind::F64 | kind::BOOL) {
        reader.skip(bytes)?;
        return Ok(array);
    }
    for _ in 0..count {
        if let Value::Integer(value) = read_scalar(reader, kind)? {
            array.integers.push(value);
        }
    }
    Ok(array)
}

fn read_tensors<R: BufRead>(reader: &mut Reader<R>, count: u64) -> Result<Vec<Tensor>> {
    let mut names = HashSet::new();
    let mut tensors = Vec::new();
    for _ in 0..count {
        let name = reader.string()?;
        if name.is_empty() || name.len() > MAX_TENSOR_NAME || name.contains(&0) {
            return Err(refuse("a tensor's name is malformed"));
        }
        if !names.insert(name) {
            return Err(refuse("a tensor appears twice"));
        }
        let dimensions = reader.u32()?;
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            return Err(refuse("a tensor has a wrong number of dimensions"));
        }
        let dimensions = (0..dimensions)
            .map(|_| reader.u64())
            .collect::<Result<Vec<_>>>()?;
        tensors.push(Tensor {
            dimensions,
            kind: reader.u32()?,
            offset: reader.u64()?,
        });
    }
    Ok(tensors)
}

/// The one way in which this module says no.
fn refuse(why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Model, format!("the model file is unusable: {why}"))
}

/// `gguf_metadata_value_type`.
mod kind {
    pub(super) const U8: u32 = 0;
    pub(super) const I8: u32 = 1;
    pub(super) const U16: u32 = 2;
    pub(super) const I16: u32 = 3;
    pub(super) const U32: u32 = 4;
    pub(super) const I32: u32 = 5;
    pub(super) const F32: u32 = 6;
    pub(super) const BOOL: u32 = 7;
    pub(super) const STRING: u32 = 8;
    pub(super) const ARRAY: u32 = 9;
    pub(super) const U64: u32 = 10;
    pub(super) const I64: u32 = 11;
    pub(super) const F64: u32 = 12;
}
