//! The values of a header: `gguf_metadata_value_type` of the specification.

use std::io::BufRead;

use super::reader::Reader;
use super::refuse;
use crate::Result;

/// Integers of an array that are kept without being asked for.
const FEW: u64 = 1024;

/// A value of the header, as far as anything here looks at it.
pub(super) enum Value {
    /// An integer of any width.
    Integer(i128),
    /// A floating-point number of 32 bits.
    Float(f32),
    /// A floating-point number of 64 bits.
    Double(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A string.
    Text(Vec<u8>),
    /// An array with what was kept of its elements.
    Array(Array),
}

/// An array of the header.
pub(super) struct Array {
    pub(super) kind: u32,
    pub(super) count: u64,
    /// The strings, where they were asked for.
    pub(super) texts: Vec<Vec<u8>>,
    /// The integers and flags, where they were asked for or are at most 1024.
    pub(super) integers: Vec<i64>,
    /// The bytes, where they were asked for.
    pub(super) bytes: Vec<u8>,
}

/// Reads a type and a value of it. `keep` asks for all elements of an array.
pub(super) fn read<R: BufRead>(reader: &mut Reader<R>, keep: bool) -> Result<Value> {
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
        kind::F32 => Value::Float(f32::from_le_bytes(reader.array()?)),
        kind::F64 => Value::Double(f64::from_le_bytes(reader.array()?)),
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
        bytes: Vec::new(),
    };
    let width: u64 = match kind {
        kind::U8 | kind::I8 | kind::BOOL => 1,
        kind::U16 | kind::I16 => 2,
        kind::U32 | kind::I32 | kind::F32 => 4,
        kind::U64 | kind::I64 | kind::F64 => 8,
        kind::STRING => {
            if count > reader.remaining() / 8 {
                return Err(too_long());
            }
            for _ in 0..count {
                let text = reader.string()?;
                if keep {
                    array.texts.push(text);
                }
            }
            return Ok(array);
        }
        // An array of arrays, too: no model has one, and readers recurse over them.
        _ => return Err(refuse("an array in its header has an unknown type")),
    };
    let bytes = count
        .checked_mul(width)
        .filter(|bytes| *bytes <= reader.remaining())
        .ok_or_else(too_long)?;
    match kind {
        kind::U8 | kind::I8 if keep => array.bytes = reader.bytes(bytes)?,
        kind::F32 | kind::F64 => reader.skip(bytes)?,
        _ if !keep && count > FEW => reader.skip(bytes)?,
        _ => {
            for _ in 0..count {
                match read_scalar(reader, kind)? {
                    Value::Integer(value) => array
                        .integers
                        .push(i64::try_from(value).unwrap_or(i64::MAX)),
                    Value::Bool(flag) => array.integers.push(flag.into()),
                    _ => {}
                }
            }
        }
    }
    Ok(array)
}

fn too_long() -> crate::Error {
    refuse("an array in its header is longer than the file")
}

/// `gguf_metadata_value_type`.
pub(super) mod kind {
    pub(in super::super) const U8: u32 = 0;
    pub(in super::super) const I8: u32 = 1;
    pub(in super::super) const U16: u32 = 2;
    pub(in super::super) const I16: u32 = 3;
    pub(in super::super) const U32: u32 = 4;
    pub(in super::super) const I32: u32 = 5;
    pub(in super::super) const F32: u32 = 6;
    pub(in super::super) const BOOL: u32 = 7;
    pub(in super::super) const STRING: u32 = 8;
    pub(in super::super) const ARRAY: u32 = 9;
    pub(in super::super) const U64: u32 = 10;
    pub(in super::super) const I64: u32 = 11;
    pub(in super::super) const F64: u32 = 12;
}
