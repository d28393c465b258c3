//! Sixteen rows of weights times up to eight columns of activations, in registers.

use std::arch::x86_64::{
    __m512, __m512i, _mm512_cvtepi32_ps, _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_mul_ps,
    _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps, _mm512_setzero_si512, _mm512_storeu_ps,
};

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

/// `G * 4` values of a column of activations, four in each integer: an activation is `value * scale`.
#[derive(Clone, Copy)]
pub(super) struct Column<const G: usize> {
    pub(super) values: [i32; G],
    /// What the sum of the products of integers starts from.
    pub(super) start: i32,
    pub(super) scale: f32,
    /// The sum of the activations.
    pub(super) sum: f32,
}

impl<const G: usize> Column<G> {
    pub(super) const EMPTY: Self = Self {
        values: [0; G],
        start: 0,
        scale: 0.0,
        sum: 0.0,
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

/// The tile times all columns of the panel, into sixteen rows of the columns at `c`.
///
/// # Safety
/// `panel` has `columns` columns of as many steps as `tile`, in [`groups`]; `c` has that many columns, `stride` numbers apart, with
/// these rows.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
pub(super) unsafe fn multiply<const G: usize, W: Weights<G>>(
    tile: &[Step<G>],
    panel: &[Column<G>],
    columns: usize,
    c: *mut f32,
    stride: usize,
) {
    for (first, width) in groups(columns) {
        let group = &panel[first * tile.len()..][..width * tile.len()];
        // SAFETY: the columns are within `c`.
        unsafe {
            let c = c.add(first * stride);
            match width {
                8 => together::<G, W, 8>(tile, group, c, stride),
                4 => together::<G, W, 4>(tile, group, c, stride),
                2 => together::<G, W, 2>(tile, group, c, stride),
                _ => together::<G, W, 1>(tile, group, c, stride),
            }
        }
    }
}

/// # Safety
/// `c` has `N` columns, `stride` numbers apart, with sixteen rows.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
unsafe fn together<const G: usize, W: Weights<G>, const N: usize>(
    tile: &[Step<G>],
    group: &[Column<G>],
    c: *mut f32,
    stride: usize,
) {
    let mut sums = [_mm512_setzero_ps(); N];
    let (group, _) = group.as_chunks::<N>();
    for (step, columns) in tile.iter().zip(group) {
        let mut products = columns.map(|column| _mm512_set1_epi32(column.start));
        for (at, weights) in step.values.iter().enumerate() {
            for (product, column) in products.iter_mut().zip(columns) {
                *product =
                    _mm512_dpbusd_epi32(*product, *weights, _mm512_set1_epi32(column.values[at]));
            }
        }
        for ((sum, product), column) in sums.iter_mut().zip(products).zip(columns) {
            let scale = _mm512_mul_ps(step.scale, _mm512_set1_ps(column.scale));
            *sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(product), scale, *sum);
            if W::BIAS == 0 {
                *sum = _mm512_fmadd_ps(step.offset, _mm512_set1_ps(column.sum), *sum);
            }
        }
    }
    for (number, sum) in sums.into_iter().enumerate() {
        // SAFETY: the column is within `c`.
        unsafe { _mm512_storeu_ps(c.add(number * stride), sum) };
    }
}
