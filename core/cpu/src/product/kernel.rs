//! Sixteen rows of weights times up to eight columns of activations, in registers.

use std::arch::x86_64::{
    __m512, __m512i, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_set1_epi32,
    _mm512_set1_ps, _mm512_setzero_ps, _mm512_setzero_si512,
};

use super::rows::Ahead;
use super::weights::Weights;

/// `G * 4` values of sixteen rows of weights, a row in each lane: a weight is `(value - bias) * scale + offset`, and of bias and offset one is
/// zero throughout.
pub(super) struct Step<const G: usize> {
    pub(super) values: [__m512i; G],
    pub(super) scale: __m512,
    pub(super) offset: __m512,
}

impl<const G: usize> Step<G> {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    pub(super) fn empty() -> Self {
        Self {
            values: [_mm512_setzero_si512(); G],
            scale: _mm512_setzero_ps(),
            offset: _mm512_setzero_ps(),
        }
    }
}

/// `G * 4` values of a column of activations, four in each integer.
#[derive(Clone, Copy)]
pub(super) struct Column<const G: usize> {
    pub(super) values: [i32; G],
    /// What the sum of the products of integers starts from.
    pub(super) start: i32,
    /// The sum of the values, as the format has it.
    pub(super) total: f32,
}

impl<const G: usize> Column<G> {
    pub(super) const EMPTY: Self = Self {
        values: [0; G],
        start: 0,
        total: 0.0,
    };
}

/// Where each group of columns that are computed together begins, and how many it has: eights, then what is left.
pub(super) fn groups(columns: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut first = 0;
    std::iter::from_fn(move || {
        let width = [8, 4, 2, 1]
            .into_iter()
            .find(|width| first + width <= columns)?;
        first += width;
        Some((first - width, width))
    })
}

/// Adds the products of a few blocks of sixteen rows with all columns of activations to `sums`, which has as many columns.
///
/// `values` and `scales` are these blocks of the columns, in [`groups`]; in a group stands one step, or block, behind the other with
/// that of each of its columns. A part of what lies `ahead` is fetched with each step.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
pub(super) fn add_products<const G: usize, W: Weights<G>>(
    steps: &[Step<G>],
    values: &[Column<G>],
    scales: &[f32],
    sums: &mut [__m512],
    mut ahead: Ahead,
) {
    let blocks = steps.len() / W::STEPS;
    for (first, width) in groups(sums.len()) {
        let values = &values[first * steps.len()..][..width * steps.len()];
        let scales = &scales[first * blocks..][..width * blocks];
        let sums = &mut sums[first..];
        match width {
            8 => together::<G, W, 8>(steps, values, scales, sums, ahead),
            4 => together::<G, W, 4>(steps, values, scales, sums, ahead),
            2 => together::<G, W, 2>(steps, values, scales, sums, ahead),
            _ => together::<G, W, 1>(steps, values, scales, sums, ahead),
        }
        ahead = Ahead::NOTHING;
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
fn together<const G: usize, W: Weights<G>, const N: usize>(
    steps: &[Step<G>],
    values: &[Column<G>],
    scales: &[f32],
    sums: &mut [__m512],
    mut ahead: Ahead,
) {
    let Some(sums) = sums.first_chunk_mut::<N>() else {
        return;
    };
    let mut sum = *sums;
    let blocks = steps.chunks_exact(W::STEPS);
    let columns = values.as_chunks::<N>().0.chunks_exact(W::STEPS);
    for ((steps, columns), scales) in blocks.zip(columns).zip(scales.as_chunks::<N>().0) {
        let mut parts = [_mm512_setzero_ps(); N];
        for (step, columns) in steps.iter().zip(columns) {
            ahead.fetch();
            let mut products = columns.map(|column| _mm512_set1_epi32(column.start));
            for (at, weights) in step.values.iter().enumerate() {
                for (product, column) in products.iter_mut().zip(columns) {
                    let values = _mm512_set1_epi32(column.values[at]);
                    *product = _mm512_dpbusd_epi32(*product, *weights, values);
                }
            }
            for ((part, product), column) in parts.iter_mut().zip(products).zip(columns) {
                *part = _mm512_fmadd_ps(_mm512_cvtepi32_ps(product), step.scale, *part);
                if W::BIAS == 0 {
                    *part = _mm512_fmadd_ps(step.offset, _mm512_set1_ps(column.total), *part);
                }
            }
        }
        for ((sum, part), scale) in sum.iter_mut().zip(parts).zip(scales) {
            *sum = _mm512_fmadd_ps(part, _mm512_set1_ps(*scale), *sum);
        }
    }
    *sums = sum;
}
