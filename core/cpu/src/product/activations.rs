//! The columns of activations, laid out as the kernel reads them.

use std::arch::x86_64::{_mm_cvtph_ps, _mm_cvtsi32_si128, _mm_cvtss_f32};
use std::ops::Range;

use super::Call;
use super::kernel::{self, Column};
use super::weights::Weights;

/// A format of activations: quantized to bytes in blocks, each with a scale.
pub(super) trait Activations<const G: usize> {
    /// Bytes in a block.
    const BYTES: usize;

    /// Reads a block, gives each `G * 4` values of it to `each`, with their sum where the format has a rounded one, and returns
    /// their scale.
    ///
    /// # Safety
    /// `block` is a block of this format, and the CPU has F16C.
    unsafe fn read(block: *const u8, each: impl FnMut([[i8; 4]; G], Option<f32>)) -> f32;
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
    unsafe fn read(block: *const u8, mut each: impl FnMut([[i8; 4]; 8], Option<f32>)) -> f32 {
        // SAFETY: as the caller promises.
        unsafe {
            each(block.add(2).cast::<[[i8; 4]; 8]>().read(), None);
            half(block)
        }
    }
}

impl Activations<8> for Q8_1 {
    const BYTES: usize = 36;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn read(block: *const u8, mut each: impl FnMut([[i8; 4]; 8], Option<f32>)) -> f32 {
        // SAFETY: as the caller promises.
        unsafe {
            let (scale, sum) = (half(block), half(block.add(2)));
            let sum = if scale == 0.0 { 0.0 } else { sum / scale };
            each(block.add(4).cast::<[[i8; 4]; 8]>().read(), Some(sum));
            scale
        }
    }
}

impl<const G: usize> Activations<G> for Q8K {
    const BYTES: usize = 4 + 256 + 32;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn read(block: *const u8, mut each: impl FnMut([[i8; 4]; G], Option<f32>)) -> f32 {
        // SAFETY: as the caller promises.
        unsafe {
            for step in 0..64 / G {
                let values = block.add(4 + step * G * 4).cast::<[[i8; 4]; G]>().read();
                each(values, None);
            }
            block.cast::<f32>().read_unaligned()
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

/// Columns of activations, a few blocks of all of them behind the other, in the groups that the kernel takes.
pub(super) struct Panel<const G: usize> {
    /// How many columns.
    count: usize,
    values: Vec<Column<G>>,
    scales: Vec<f32>,
}

impl<const G: usize> Panel<G> {
    pub(super) fn new() -> Self {
        Self {
            count: 0,
            values: Vec::new(),
            scales: Vec::new(),
        }
    }

    /// Lays out columns of `B`, so many blocks together, for such weights.
    ///
    /// # Safety
    /// `B` has these columns, in this format.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    pub(super) unsafe fn fill<W: Weights<G>, B: Activations<G>>(
        &mut self,
        call: &Call,
        columns: Range<usize>,
        together: usize,
    ) {
        self.count = columns.len();
        self.values.clear();
        self.values
            .resize(self.count * call.blocks * W::STEPS, Column::EMPTY);
        self.scales.clear();
        self.scales.resize(self.count * call.blocks, 0.0);
        for block in 0..call.blocks {
            let begin = block / together * together;
            let blocks = together.min(call.blocks - begin);
            for (first, width) in kernel::groups(self.count) {
                let place = begin * self.count + first * blocks + (block - begin) * width;
                for number in 0..width {
                    let column = (columns.start + first + number) * call.b_stride + block;
                    let mut step = 0;
                    let each = |values: [[i8; 4]; G], sum: Option<f32>| {
                        self.values[(place * W::STEPS) + step * width + number] =
                            laid_out(values, sum, W::BIAS);
                        step += 1;
                    };
                    // SAFETY: `B` has this block of this column.
                    self.scales[place + number] =
                        unsafe { B::read(call.b.cast::<u8>().add(column * B::BYTES), each) };
                }
            }
        }
    }

    /// So many blocks from this one on, of all columns.
    pub(super) fn blocks<W: Weights<G>>(
        &self,
        from: usize,
        blocks: usize,
    ) -> (&[Column<G>], &[f32]) {
        let (from, len) = (from * self.count, blocks * self.count);
        (
            &self.values[from * W::STEPS..][..len * W::STEPS],
            &self.scales[from..][..len],
        )
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "the sum of at most 32 bytes is exact"
)]
fn laid_out<const G: usize>(values: [[i8; 4]; G], sum: Option<f32>, bias: i32) -> Column<G> {
    let total: i32 = values
        .as_flattened()
        .iter()
        .map(|value| i32::from(*value))
        .sum();
    Column {
        values: values.map(|bytes| i32::from_ne_bytes(bytes.map(i8::cast_unsigned))),
        start: -bias * total,
        total: sum.unwrap_or(total as f32),
    }
}
