//! Texts as vectors.

use std::ptr::{self, NonNull};

use cloister_core::engine::{EmbedOptions, Pooling};

use crate::boundary::{borrow, call, flag, get, required};
use crate::engine::cloister_engine;
use crate::error::{Result, cloister_error, cloister_status};
use crate::text::cloister_str;

/// How many numbers an embedding of this model has. Zero for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_embedding_length(engine: *const cloister_engine) -> usize {
    get(0, || {
        // SAFETY: the calling contract.
        let engine = unsafe { engine.as_ref() }?;
        usize::try_from(engine.0.info().embedding_length).ok()
    })
}

/// Turns a text into a vector of unit length, the mean over its tokens.
///
/// `values` is memory of the caller's for `count` numbers, as many as cloister_engine_embedding_length says.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_embed(
    engine: *const cloister_engine,
    text: cloister_str,
    values: *mut f32,
    count: usize,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let text = text.read("text")?;
            let values = required(values, "values")?;
            given(&engine.0.embed(text)?, values, count)
        })
    }
}

/// Turns a text into a vector by another pooling, "mean", "first" or "last"; `normalize` 1 gives it unit length, 0 the length
/// that the model gives.
///
/// `values` and `count` as of cloister_engine_embed.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cloister_engine_embed_with(
    engine: *const cloister_engine,
    text: cloister_str,
    pooling: cloister_str,
    normalize: u32,
    values: *mut f32,
    count: usize,
    error: *mut *mut cloister_error,
) -> cloister_status {
    // SAFETY: the calling contract.
    unsafe {
        call(error, || {
            let engine = borrow(engine, "engine")?;
            let text = text.read("text")?;
            let options = EmbedOptions {
                pooling: Pooling::parse(pooling.read("pooling")?)?,
                normalize: flag(normalize, "normalize")?,
            };
            let values = required(values, "values")?;
            given(&engine.0.embed_with(text, options)?, values, count)
        })
    }
}

/// Writes an embedding to memory of the caller's.
///
/// # Safety
/// `values` points to `count` numbers.
unsafe fn given(embedding: &[f32], values: NonNull<f32>, count: usize) -> Result<()> {
    if embedding.len() != count {
        return Err(cloister_error::invalid(format!(
            "`count` is {count} but an embedding of this model has {} numbers; hint: `cloister_engine_embedding_length` gives it",
            embedding.len()
        )));
    }
    // SAFETY: the caller's.
    unsafe { ptr::copy_nonoverlapping(embedding.as_ptr(), values.as_ptr(), count) };
    Ok(())
}
