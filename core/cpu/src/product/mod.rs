//! The product of quantized weights with several rows of activations at once, for CPUs with AVX-512 VNNI.
//!
//! Several conversations that are decoded together are several rows. ggml takes them one by one for most of its formats and
//! unpacks the weights anew for each. Here 16 rows of weights are unpacked once, side by side, and multiplied with all rows of
//! activations: the integers of a block are summed exactly, as in ggml, and only the floating-point sum over the blocks has
//! another order.

#![allow(
    clippy::cast_ptr_alignment,
    reason = "blocks of weights and of activations lie at any address, and are read so"
)]

mod activations;
mod kernel;
mod one;
mod rows;
#[cfg(test)]
mod tests;
mod weights;

use std::ffi::c_void;
use std::ops::Range;

use llama_cpp_sys_2 as sys;

use activations::{Activations, Q8_0, Q8_1, Q8K};
use kernel::Step;
use rows::Rows;
use weights::{Q4_1, Q4K, Q5_0, Q5K, Q6K, Weights};

/// How many columns of activations are held ready at once, so that they stay in the cache while all rows pass by.
const COLUMNS: usize = 128;

/// What a variant calls before ggml's own functions, with the arguments of `llamafile_sgemm` in the order of [`Call`].
pub(crate) type Product = unsafe extern "C" fn(*const Call) -> bool;

/// A matrix product `C = A * B`, of which this thread computes its share.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Call {
    /// This thread's number, from 0, and how many there are.
    thread: usize,
    threads: usize,
    /// The rows of `A` and of `C`, the columns of `B` and of `C`, and the blocks in a row of `A`.
    rows: usize,
    columns: usize,
    blocks: usize,
    a: *const c_void,
    /// From one row of `A` to the next, in its blocks.
    a_stride: usize,
    b: *const c_void,
    /// From one column of `B` to the next, in its blocks.
    b_stride: usize,
    c: *mut c_void,
    /// From one column of `C` to the next, in numbers.
    c_stride: usize,
    a_type: sys::ggml_type,
    b_type: sys::ggml_type,
    c_type: sys::ggml_type,
}

impl Call {
    /// This thread's part of so many things.
    fn share_of(&self, count: usize) -> Range<usize> {
        count * self.thread / self.threads..count * (self.thread + 1) / self.threads
    }
}

/// Computes this thread's share and returns true, or returns false and has done nothing where ggml shall compute the product.
///
/// # Safety
/// The CPU has AVX-512 with VNNI. The matrices are as `call` says; while `A` and `B` are read, nobody writes them, and the rows of
/// `C` that are this thread's nobody else touches.
pub(crate) unsafe extern "C" fn product(call: *const Call) -> bool {
    // SAFETY: as the caller promises.
    let call = unsafe { &*call };
    let types = (call.a_type, call.b_type);
    if call.c_type != sys::GGML_TYPE_F32 || call.rows % 16 != 0 {
        return false;
    }
    // SAFETY: as the caller promises; each format is read as the type that was named.
    unsafe {
        match types {
            _ if call.columns == 0 => return false,
            (sys::GGML_TYPE_Q4_K, sys::GGML_TYPE_Q8_K) if call.columns == 1 => one::q4_k(call),
            _ if call.columns == 1 => return false,
            (sys::GGML_TYPE_Q4_1, sys::GGML_TYPE_Q8_1) => share::<8, Q4_1, Q8_1>(call),
            (sys::GGML_TYPE_Q5_0, sys::GGML_TYPE_Q8_0) => share::<8, Q5_0, Q8_0>(call),
            (sys::GGML_TYPE_Q8_0, sys::GGML_TYPE_Q8_0) => share::<8, weights::Q8_0, Q8_0>(call),
            (sys::GGML_TYPE_Q4_K, sys::GGML_TYPE_Q8_K) => share::<8, Q4K, Q8K>(call),
            (sys::GGML_TYPE_Q5_K, sys::GGML_TYPE_Q8_K) => share::<8, Q5K, Q8K>(call),
            (sys::GGML_TYPE_Q6_K, sys::GGML_TYPE_Q8_K) => share::<4, Q6K, Q8K>(call),
            _ => return false,
        }
    }
    true
}

/// The rows of one thread, in tiles of 16.
///
/// # Safety
/// As for [`product`]; `A` is of `W` and `B` of `B`, with as many values in a block.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
unsafe fn share<const G: usize, W: Weights<G>, B: Activations<G>>(call: &Call) {
    let tiles = call.share_of(call.rows / 16);
    let (columns, steps) = (call.columns, call.blocks * W::STEPS);
    let stride = call.a_stride * W::BYTES;
    let mut tile = Vec::with_capacity(steps);
    tile.resize_with(steps, || Step::empty());
    let mut panel = Vec::with_capacity(columns.min(COLUMNS) * steps);
    for first in (0..columns).step_by(COLUMNS) {
        let count = (columns - first).min(COLUMNS);
        // SAFETY: these are columns of `B`.
        unsafe {
            activations::lay_out::<G, B>(call, first..first + count, steps, W::BIAS, &mut panel);
        }
        for row in tiles.clone().map(|tile| tile * 16) {
            // SAFETY: `A` has sixteen rows from here.
            let weights = unsafe { Rows::new(call.a.cast::<u8>().add(row * stride), stride) };
            for (block, steps) in tile.chunks_exact_mut(W::STEPS).enumerate() {
                let at = block * W::BYTES;
                weights.fetch(16 * (stride + at), 16 * W::BYTES);
                // SAFETY: there are so many blocks in each row.
                unsafe { W::unpack(&weights, at, steps) };
            }
            // SAFETY: these rows and columns of `C` are this thread's.
            unsafe {
                let c = call.c.cast::<f32>().add(first * call.c_stride + row);
                kernel::multiply::<G, W>(&tile, &panel, count, c, call.c_stride);
            }
        }
    }
}
