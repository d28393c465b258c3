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

use std::arch::x86_64::{_mm512_setzero_ps, _mm512_storeu_ps};
use std::ffi::c_void;
use std::ops::Range;

use llama_cpp_sys_2 as sys;

use activations::{Activations, Panel, Q8_0, Q8_1, Q8K};
use kernel::Step;
use rows::{Ahead, Rows};
use weights::{Q4_1, Q4K, Q5_0, Q5K, Q6K, Weights};

/// How many columns of activations are held ready at once, so that they stay in the cache while all rows pass by.
const COLUMNS: usize = 128;
/// How many steps are unpacked before they are multiplied: they stay in the nearest cache.
const STEPS: usize = 16;

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

/// Whether there is a product for weights of this format.
pub(crate) fn knows(format: sys::ggml_type) -> bool {
    matches!(
        format,
        sys::GGML_TYPE_Q4_1
            | sys::GGML_TYPE_Q5_0
            | sys::GGML_TYPE_Q8_0
            | sys::GGML_TYPE_Q4_K
            | sys::GGML_TYPE_Q5_K
            | sys::GGML_TYPE_Q6_K
    )
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
    let stride = call.a_stride * W::BYTES;
    let together = STEPS.div_ceil(W::STEPS);
    let mut unpacked: Vec<_> = std::iter::repeat_with(|| Step::empty())
        .take(together * W::STEPS)
        .collect();
    let mut panel = Panel::<G>::new();
    let mut sums = Vec::new();
    for first in (0..call.columns).step_by(COLUMNS) {
        let count = (call.columns - first).min(COLUMNS);
        // SAFETY: these are columns of `B`.
        unsafe { panel.fill::<W, B>(call, first..first + count, together) };
        for row in tiles.clone().map(|tile| tile * 16) {
            let tile = call.a.cast::<u8>().wrapping_add(row * stride);
            // SAFETY: `A` has sixteen rows from here.
            let weights = unsafe { Rows::new(tile, stride) };
            sums.clear();
            sums.resize(count, _mm512_setzero_ps());
            for begin in (0..call.blocks).step_by(together) {
                let blocks = together.min(call.blocks - begin);
                for (block, steps) in
                    (begin..begin + blocks).zip(unpacked.chunks_exact_mut(W::STEPS))
                {
                    let at = block * W::BYTES;
                    // SAFETY: there are so many blocks in each row.
                    unsafe { W::unpack(&weights, at, steps) };
                }
                // As much of the next sixteen rows, which lie behind these.
                let ahead = Ahead::new(
                    tile.wrapping_add(16 * (stride + begin * W::BYTES)),
                    16 * blocks * W::BYTES,
                    blocks * W::STEPS,
                );
                let (values, scales) = panel.blocks::<W>(begin, blocks);
                kernel::add_products::<G, W>(
                    &unpacked[..blocks * W::STEPS],
                    values,
                    scales,
                    &mut sums,
                    ahead,
                );
            }
            for (column, sum) in (first..).zip(&sums) {
                // SAFETY: these rows of the column are this thread's.
                unsafe {
                    _mm512_storeu_ps(call.c.cast::<f32>().add(column * call.c_stride + row), *sum);
                }
            }
        }
    }
}
