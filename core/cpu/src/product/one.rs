//! `Q4_K` weights times a single column: a conversation alone. ggml has a fast product for these too, but for a copy of the
//! weights in another order, and a copy is not shared between the processes that map a model.

use std::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_add_ps, _mm_cvtepi32_ps, _mm_cvtepu8_epi16, _mm_cvtsi64_si128,
    _mm_cvtss_f32, _mm_fmadd_ps, _mm_hadd_epi16, _mm_loadu_si128, _mm_madd_epi16, _mm_movehdup_ps,
    _mm_movehl_ps, _mm_set1_ps, _mm_setzero_ps, _mm256_loadu_si256, _mm512_and_si512,
    _mm512_broadcast_i32x4, _mm512_broadcast_i64x4, _mm512_cvtepi32_ps, _mm512_dpwssd_epi32,
    _mm512_fmadd_ps, _mm512_loadu_si512, _mm512_maddubs_epi16, _mm512_mask_blend_epi32,
    _mm512_permutexvar_epi16, _mm512_reduce_add_ps, _mm512_set_epi64, _mm512_set1_epi8,
    _mm512_set1_epi16, _mm512_set1_ps, _mm512_setzero_ps, _mm512_setzero_si512, _mm512_srlv_epi64,
};

use super::Call;
use super::activations::{Activations, Q8K, half};
use super::weights::{Q4K, Weights};

/// This thread's rows.
///
/// # Safety
/// As for [`product`](super::product); `A` is of `Q4_K` and `B` of `Q8_K`.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c,fma")]
pub(super) unsafe fn q4_k(call: &Call) {
    let stride = call.a_stride * <Q4K as Weights<8>>::BYTES;
    for row in call.share_of(call.rows) {
        // SAFETY: `A` and `C` have this row, and it is this thread's.
        unsafe {
            let weights = call.a.cast::<u8>().add(row * stride);
            *call.c.cast::<f32>().add(row) = row_times_column(weights, call.b.cast(), call.blocks);
        }
    }
}

/// # Safety
/// There are so many blocks of `Q4_K` and of `Q8_K`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c,fma")]
unsafe fn row_times_column(row: *const u8, column: *const u8, blocks: usize) -> f32 {
    let four = _mm512_set1_epi8(0xf);
    let upper_half = _mm512_set_epi64(4, 4, 4, 4, 0, 0, 0, 0);
    let mut sum = _mm512_setzero_ps();
    let mut sum_of_mins = _mm_setzero_ps();
    for block in 0..blocks {
        // SAFETY: this block is there, and what is read of it lies within.
        unsafe {
            let weights = row.add(block * <Q4K as Weights<8>>::BYTES);
            let activations = column.add(block * <Q8K as Activations<8>>::BYTES);
            let unit = activations.cast::<f32>().read_unaligned();
            let (scales, mins) = scales_and_mins(weights.add(4));
            let scales = _mm512_broadcast_i32x4(_mm_cvtepu8_epi16(_mm_cvtsi64_si128(scales)));
            let mut products = _mm512_setzero_si512();
            for (pair, first) in (0..4).zip((0..).step_by(2)) {
                let packed = _mm256_loadu_si256(weights.add(16 + pair * 32).cast::<__m256i>());
                let packed = _mm512_srlv_epi64(_mm512_broadcast_i64x4(packed), upper_half);
                let values = _mm512_and_si512(packed, four);
                let bytes = _mm512_loadu_si512(activations.add(4 + pair * 64).cast::<__m512i>());
                let scales = _mm512_permutexvar_epi16(scales_of(first), scales);
                products =
                    _mm512_dpwssd_epi32(products, _mm512_maddubs_epi16(values, bytes), scales);
            }
            let factor = _mm512_set1_ps(half(weights) * unit);
            sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(products), factor, sum);

            let sums = activations.add(4 + 256).cast::<__m128i>();
            let sums = _mm_hadd_epi16(_mm_loadu_si128(sums), _mm_loadu_si128(sums.add(1)));
            let mins = _mm_madd_epi16(_mm_cvtepu8_epi16(_mm_cvtsi64_si128(mins)), sums);
            let factor = _mm_set1_ps(-half(weights.add(2)) * unit);
            sum_of_mins = _mm_fmadd_ps(_mm_cvtepi32_ps(mins), factor, sum_of_mins);
        }
    }
    let pairs = _mm_add_ps(sum_of_mins, _mm_movehl_ps(sum_of_mins, sum_of_mins));
    let mins = _mm_add_ps(pairs, _mm_movehdup_ps(pairs));
    _mm512_reduce_add_ps(sum) + _mm_cvtss_f32(mins)
}

/// The numbers of two scales, `first` and the next, each for the 32 values that it is for.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c,fma")]
fn scales_of(first: i16) -> __m512i {
    _mm512_mask_blend_epi32(
        0xff00,
        _mm512_set1_epi16(first),
        _mm512_set1_epi16(first + 1),
    )
}

/// The eight scales and the eight minima in the twelve bytes of a block, a byte each.
///
/// # Safety
/// There are twelve bytes.
#[inline]
unsafe fn scales_and_mins(at: *const u8) -> (i64, i64) {
    // SAFETY: as the caller promises.
    let [first, second, third] = unsafe { at.cast::<[u32; 3]>().read_unaligned() };
    let (six, four, two) = (0x3f3f_3f3f, 0x0f0f_0f0f, 0x3030_3030);
    let scales = [first & six, third & four | first >> 2 & two];
    let mins = [second & six, third >> 4 & four | second >> 2 & two];
    let joined = |[low, high]: [u32; 2]| (u64::from(high) << 32 | u64::from(low)).cast_signed();
    (joined(scales), joined(mins))
}
