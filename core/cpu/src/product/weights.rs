//! The formats of weights, unpacked for the kernel. How the bits lie is said in `ggml-common.h` of ggml.

#![allow(
    clippy::large_types_passed_by_value,
    reason = "they are vectors, and lie in registers"
)]

use std::arch::x86_64::{
    __m512i, _mm512_and_si512, _mm512_cvtepi32_ps, _mm512_mul_ps, _mm512_mullo_epi32,
    _mm512_or_si512, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_setzero_ps, _mm512_slli_epi32,
    _mm512_sllv_epi32, _mm512_srai_epi32, _mm512_srli_epi32, _mm512_srlv_epi32, _mm512_sub_ps,
    _mm512_xor_si512,
};

use super::kernel::Step;
use super::rows::{Rows, lower_halves, upper_halves};

/// A format of weights, read in steps of `G * 4` values.
pub(super) trait Weights<const G: usize> {
    /// Bytes in a block.
    const BYTES: usize;
    /// Steps in a block.
    const STEPS: usize;
    /// By how much the unpacked values are greater than the weights, in units of the scale.
    const BIAS: i32 = 0;

    /// Unpacks the block at `at` of sixteen rows.
    ///
    /// # Safety
    /// The rows have this block, and the CPU has AVX-512.
    unsafe fn unpack(rows: &Rows, at: usize, into: &mut [Step<G>]);
}

/// The first bit of each byte of a lane.
const BYTES: [i32; 4] = [0, 8, 16, 24];

pub(super) struct Q4_1;
pub(super) struct Q5_0;
pub(super) struct Q8_0;
pub(super) struct Q4K;
pub(super) struct Q5K;
pub(super) struct Q6K;

impl Weights<8> for Q4_1 {
    const BYTES: usize = 20;
    const STEPS: usize = 1;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn unpack(rows: &Rows, at: usize, into: &mut [Step<8>]) {
        // SAFETY: as the caller promises.
        let (halves, packed) = unsafe { (rows.four(at), rows.sixteen(at + 4)) };
        into[0].values = nibbles(packed);
        into[0].scale = lower_halves(halves);
        into[0].offset = upper_halves(halves);
    }
}

impl Weights<8> for Q5_0 {
    const BYTES: usize = 22;
    const STEPS: usize = 1;
    const BIAS: i32 = 16;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn unpack(rows: &Rows, at: usize, into: &mut [Step<8>]) {
        // SAFETY: as the caller promises.
        let (scale, high, packed) =
            unsafe { (rows.four(at), rows.four(at + 2), rows.sixteen(at + 6)) };
        let mut values = nibbles(packed);
        for (group, values) in (0..).step_by(4).zip(&mut values) {
            // Four bits, each into a byte of its own: the product has copies of them, 7 bits apart.
            let bits = _mm512_and_si512(
                _mm512_srlv_epi32(high, _mm512_set1_epi32(group)),
                _mm512_set1_epi32(0xf),
            );
            let spread = _mm512_mullo_epi32(bits, _mm512_set1_epi32(0x0020_4081));
            let fifth = _mm512_slli_epi32::<4>(_mm512_and_si512(spread, _mm512_set1_epi8(1)));
            *values = _mm512_or_si512(*values, fifth);
        }
        into[0].values = values;
        into[0].scale = lower_halves(scale);
    }
}

impl Weights<8> for Q8_0 {
    const BYTES: usize = 34;
    const STEPS: usize = 1;
    const BIAS: i32 = 128;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn unpack(rows: &Rows, at: usize, into: &mut [Step<8>]) {
        // SAFETY: as the caller promises.
        let (scale, values) = unsafe { (rows.four(at), rows.thirty_two(at + 2)) };
        let unsigned = |values: __m512i| _mm512_xor_si512(values, _mm512_set1_epi8(i8::MIN));
        into[0].values = values.map(unsigned);
        into[0].scale = lower_halves(scale);
    }
}

impl Weights<8> for Q4K {
    const BYTES: usize = 144;
    const STEPS: usize = 8;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn unpack(rows: &Rows, at: usize, into: &mut [Step<8>]) {
        // SAFETY: as the caller promises.
        unsafe { k_quants(rows, at, at + 16, None, into) };
    }
}

impl Weights<8> for Q5K {
    const BYTES: usize = 176;
    const STEPS: usize = 8;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn unpack(rows: &Rows, at: usize, into: &mut [Step<8>]) {
        // SAFETY: as the caller promises.
        unsafe {
            let high = rows.thirty_two(at + 16);
            k_quants(rows, at, at + 48, Some(high), into);
        }
    }
}

impl Weights<4> for Q6K {
    const BYTES: usize = 210;
    const STEPS: usize = 16;
    const BIAS: i32 = 32;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    unsafe fn unpack(rows: &Rows, at: usize, into: &mut [Step<4>]) {
        // SAFETY: as the caller promises.
        let (factors, end) = unsafe { (rows.sixteen(at + 192), rows.four(at + 206)) };
        let scale = upper_halves(end);
        for (half, into) in into.chunks_exact_mut(8).enumerate() {
            let low = at + half * 64;
            // SAFETY: as above.
            let ([first, second], high) = unsafe {
                (
                    [rows.thirty_two(low), rows.thirty_two(low + 32)],
                    rows.thirty_two(at + 128 + half * 32),
                )
            };
            let thirty_twos = [
                six::<0, 0>(first, high),
                six::<0, 2>(second, high),
                six::<4, 4>(first, high),
                six::<4, 6>(second, high),
            ];
            let (sixteens, _) = thirty_twos.as_flattened().as_chunks::<4>();
            for (step, (values, into)) in sixteens.iter().zip(into).enumerate() {
                let left = _mm512_set1_epi32(24 - BYTES[step % 4]);
                let factor = _mm512_sllv_epi32(factors[half * 2 + step / 4], left);
                let factor = _mm512_cvtepi32_ps(_mm512_srai_epi32::<24>(factor));
                into.values = *values;
                into.scale = _mm512_mul_ps(scale, factor);
            }
        }
    }
}

/// Values of six bits: four of them from bit `LOW` of the bytes in `low`, two from bit `HIGH` of those in `high`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
fn six<const LOW: u32, const HIGH: u32>(low: [__m512i; 8], high: [__m512i; 8]) -> [__m512i; 8] {
    std::array::from_fn(|group| {
        let four = _mm512_and_si512(_mm512_srli_epi32::<LOW>(low[group]), _mm512_set1_epi8(0xf));
        let two = _mm512_and_si512(_mm512_srli_epi32::<HIGH>(high[group]), _mm512_set1_epi8(3));
        _mm512_or_si512(four, _mm512_slli_epi32::<4>(two))
    })
}

/// The eight steps of `Q4_K`, and with the fifth bits in `high` those of `Q5_K`.
///
/// # Safety
/// As for [`Weights::unpack`], with the lower four bits at `packed`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
unsafe fn k_quants(
    rows: &Rows,
    at: usize,
    packed: usize,
    high: Option<[__m512i; 8]>,
    into: &mut [Step<8>],
) {
    // SAFETY: as the caller promises.
    let [halves, first, second, third] = unsafe { rows.sixteen(at) };
    let scale = lower_halves(halves);
    let least = _mm512_sub_ps(_mm512_setzero_ps(), upper_halves(halves));
    let low_six = |bits: __m512i| _mm512_and_si512(bits, _mm512_set1_epi8(0x3f));
    let four = |bits: __m512i| _mm512_and_si512(bits, _mm512_set1_epi8(0xf));
    let upper =
        |bits: __m512i| _mm512_and_si512(_mm512_srli_epi32::<2>(bits), _mm512_set1_epi8(0x30));
    let scales = [low_six(first), _mm512_or_si512(four(third), upper(first))];
    let mins = [
        low_six(second),
        _mm512_or_si512(four(_mm512_srli_epi32::<4>(third)), upper(second)),
    ];
    for (pair, into) in into.chunks_exact_mut(2).enumerate() {
        // SAFETY: as the caller promises.
        let bytes = unsafe { rows.thirty_two(packed + pair * 32) };
        let mut values = [
            bytes.map(four),
            bytes.map(|bytes| four(_mm512_srli_epi32::<4>(bytes))),
        ];
        if let Some(high) = high {
            for (number, values) in (0..).skip(pair * 2).zip(&mut values) {
                for (value, high) in values.iter_mut().zip(high) {
                    let bit = _mm512_srlv_epi32(high, _mm512_set1_epi32(number));
                    let bit = _mm512_and_si512(bit, _mm512_set1_epi8(1));
                    *value = _mm512_or_si512(*value, _mm512_slli_epi32::<4>(bit));
                }
            }
        }
        for ((step, values), into) in (pair * 2..).zip(values).zip(into) {
            let of = |bytes: [__m512i; 2]| {
                let place = _mm512_set1_epi32(BYTES[step % 4]);
                let byte = _mm512_srlv_epi32(bytes[step / 4], place);
                _mm512_cvtepi32_ps(_mm512_and_si512(byte, _mm512_set1_epi32(0xff)))
            };
            into.values = values;
            into.scale = _mm512_mul_ps(scale, of(scales));
            into.offset = _mm512_mul_ps(least, of(mins));
        }
    }
}

/// The values of four bits each: the lower ones of all bytes, then the upper ones.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
fn nibbles(packed: [__m512i; 4]) -> [__m512i; 8] {
    let four = |bits: __m512i| _mm512_and_si512(bits, _mm512_set1_epi8(0xf));
    std::array::from_fn(|group| match group.checked_sub(4) {
        None => four(packed[group]),
        Some(group) => four(_mm512_srli_epi32::<4>(packed[group])),
    })
}
