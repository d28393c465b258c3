//! The columns of activations, laid out as the kernel reads them.

use std::arch::x86_64::{_mm_cvtph_ps, _mm_cvtsi32_si128, _mm_cvtss_f32};
use std::ops::Range;

use super::Call;
use super::kernel::{self, Column};

/// A format of activations: quantized to bytes in blocks, each with a scale.
pub(super) trait Activations<const G: usize> {
    /// Bytes in a block.
    const BYTES: usize;

    /// Reads a block, and gives each `G * 4` values of it to `each` with their scale, and the scaled sum of the values where the
    /// format has one at hand.
    ///
    /// # Safety
    /// `block` is a block of this format, and the CPU has F16C.
    unsafe fn read(block: *const u8, each: impl FnMut([[i8; 4]; G], f32, Option<f32>));
}

/// `d` of half precision, 32 bytes.
pub(super) struct Q8_0;

/// `d` and `d * sum` of half precision, 32 bytes.
pub(super) struct Q8_1;

/// `d` of single precision, 256 bytes, and the sums of each 16.
pub(super) struct Q8K;

impl Activations<8> for Q8_0 {
    const BYTES: usize = 34;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn read(block: *const u8, mut each: impl FnMut([[i8; 4]; 8], f32, Option<f32>)) {
        // SAFETY: as the caller promises.
        unsafe {
            let values = block.add(2).cast::<[[i8; 4]; 8]>().read();
            each(values, half(block), None);
        }
    }
}

impl Activations<8> for Q8_1 {
    const BYTES: usize = 36;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn read(block: *const u8, mut each: impl FnMut([[i8; 4]; 8], f32, Option<f32>)) {
        // SAFETY: as the caller promises.
        unsafe {
            let values = block.add(4).cast::<[[i8; 4]; 8]>().read();
            each(values, half(block), Some(half(block.add(2))));
        }
    }
}

impl<const G: usize> Activations<G> for Q8K {
    const BYTES: usize = 4 + 256 + 32;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn read(block: *const u8, mut each: impl FnMut([[i8; 4]; G], f32, Option<f32>)) {
        // SAFETY: as the caller promises.
        unsafe {
            let scale = block.cast::<f32>().read_unaligned();
            for step in 0..64 / G {
                let values = block.add(4 + step * G * 4).cast::<[[i8; 4]; G]>().read();
                each(values, scale, None);
            }
        }
    }
}

/// # Safety
/// There are two bytes, and the CPU has F16C.
#[inline]
#[target_feature(enable = "f16c")]
pub(super) unsafe fn half(at: *const u8) -> f32 {
    // SAFETY: as the caller promises.
    unsafe {
        let bits = at.cast::<u16>().read_unaligned();
        _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(i32::from(bits))))
    }
}

/// Lays out columns of `B`, in the groups that the kernel takes, for weights that are stored greater by `bias` than they are.
///
/// # Safety
/// `B` has these columns, in this format.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
pub(super) unsafe fn lay_out<const G: usize, B: Activations<G>>(
    call: &Call,
    columns: Range<usize>,
    steps: usize,
    bias: i32,
    panel: &mut Vec<Column<G>>,
) {
    panel.clear();
    panel.resize(columns.len() * steps, Column::EMPTY);
    let stride = call.b_stride * B::BYTES;
    for (first, width) in kernel::groups(columns.len()) {
        let group = &mut panel[first * steps..(first + width) * steps];
        for number in 0..width {
            // SAFETY: `B` has this column.
            let column = unsafe {
                call.b
                    .cast::<u8>()
                    .add((columns.start + first + number) * stride)
            };
            let mut places = group.iter_mut().skip(number).step_by(width);
            for block in 0..call.blocks {
                let each = |values: [[i8; 4]; G], scale: f32, sum: Option<f32>| {
                    let total: i32 = values
                        .as_flattened()
                        .iter()
                        .map(|value| i32::from(*value))
                        .sum();
                    if let Some(place) = places.next() {
                        *place = Column {
                            values: values.map(i32_of),
                            start: -bias * total,
                            scale,
                            sum: sum.unwrap_or_else(|| scaled(total, scale)),
                        };
                    }
                };
                // SAFETY: the column has this block.
                unsafe { B::read(column.add(block * B::BYTES), each) };
            }
        }
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "the sum of at most 32 bytes is exact"
)]
fn scaled(total: i32, scale: f32) -> f32 {
    scale * total as f32
}

fn i32_of(bytes: [i8; 4]) -> i32 {
    i32::from_ne_bytes(bytes.map(i8::cast_unsigned))
}
