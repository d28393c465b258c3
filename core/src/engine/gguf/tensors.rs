//! What the tensors of a file must be like: whole blocks, aligned, inside the file, and each on its own.

use std::collections::HashSet;
use std::io::BufRead;

use super::reader::Reader;
use super::types;
use super::{Entries, Value, refuse};
use crate::Result;

/// `GGML_MAX_NAME` without its terminator.
const MAX_NAME: usize = 63;
/// `GGML_MAX_DIMS`.
const MAX_DIMENSIONS: u32 = 4;
/// Elements of a tensor.
const MAX_ELEMENTS: u64 = 1 << 48;

/// A tensor of the header.
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) dimensions: Vec<u64>,
    pub(super) kind: u32,
    offset: u64,
}

/// Reads what the header says of its tensors.
pub(super) fn read<R: BufRead>(reader: &mut Reader<R>, count: u64) -> Result<Vec<Tensor>> {
    let mut names = HashSet::new();
    let mut tensors = Vec::new();
    for _ in 0..count {
        let name = reader.string()?;
        let name = String::from_utf8(name)
            .ok()
            .filter(|name| !name.is_empty() && name.len() <= MAX_NAME && !name.contains('\0'))
            .ok_or_else(|| refuse("a tensor's name is malformed"))?;
        if !names.insert(name.clone()) {
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
            name,
            dimensions,
            kind: reader.u32()?,
            offset: reader.u64()?,
        });
    }
    Ok(tensors)
}

/// `general.alignment`, or its default, in bytes.
pub(super) fn alignment(entries: &Entries) -> Result<u64> {
    match entries.get("general.alignment") {
        None => Ok(32),
        Some(Value::Integer(value)) => u64::try_from(*value)
            .ok()
            .filter(|value| value.is_power_of_two() && *value <= 1 << 20)
            .ok_or_else(|| refuse("its alignment is not a power of two up to 1 MiB")),
        Some(_) => Err(refuse("its alignment is not a number")),
    }
}

/// Every tensor lies inside the `available` bytes behind the header, aligned, in whole blocks, and on its own. Returns the
/// bytes of all.
pub(super) fn check(tensors: &[Tensor], available: u64, alignment: u64) -> Result<u64> {
    if tensors.is_empty() {
        return Err(refuse("it has no weights"));
    }
    let mut used = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        let end = tensor
            .bytes()?
            .checked_add(tensor.offset)
            .filter(|end| *end <= available)
            .ok_or_else(|| {
                refuse("a tensor reaches beyond its end; hint: copy or download it again")
            })?;
        if !tensor.offset.is_multiple_of(alignment) {
            return Err(refuse("a tensor is not aligned"));
        }
        used.push((tensor.offset, end));
    }
    used.sort_unstable();
    if used.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(refuse("two tensors overlap"));
    }
    // They do not overlap, so that the sum is at most the length of the file.
    Ok(used.iter().map(|(start, end)| end - start).sum())
}

impl Tensor {
    /// Its size in bytes, when it consists of whole blocks of a type that weights have.
    fn bytes(&self) -> Result<u64> {
        let layout =
            types::layout(self.kind).ok_or_else(|| refuse("a tensor has an unknown type"))?;
        // Norms and biases are added and multiplied as they are; ggml ends the process where they are quantised.
        let vector = self.dimensions.iter().skip(1).all(|size| *size == 1);
        if !layout.stored || (vector && layout.elements > 1) {
            return Err(refuse("a tensor has a type that weights do not have"));
        }
        let total = self
            .dimensions
            .iter()
            .try_fold(1_u64, |total, dimension| total.checked_mul(*dimension))
            .filter(|total| (1..MAX_ELEMENTS).contains(total))
            .ok_or_else(|| refuse("a tensor has an impossible size"))?;
        if !self.dimensions[0].is_multiple_of(layout.elements) {
            return Err(refuse("a tensor does not consist of whole blocks"));
        }
        (total / layout.elements)
            .checked_mul(layout.bytes)
            .ok_or_else(|| refuse("a tensor has an impossible size"))
    }
}
