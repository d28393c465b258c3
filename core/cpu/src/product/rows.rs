//! Sixteen rows of weights, read side by side.

use std::arch::x86_64::{
    __m128i, __m256i, __m512, __m512i, _MM_HINT_T1, _mm_loadu_si128, _mm_prefetch,
    _mm256_loadu_si256, _mm512_castsi128_si512, _mm512_castsi256_si512, _mm512_cvtepi32_epi16,
    _mm512_cvtph_ps, _mm512_inserti32x4, _mm512_inserti64x4, _mm512_set_epi32,
    _mm512_shuffle_i32x4, _mm512_srli_epi32, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
};

/// Sixteen rows, one behind the other.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    first: *const u8,
    /// Bytes from one to the next.
    stride: usize,
}

impl Rows {
    /// # Safety
    /// There are sixteen rows for as long as this is used.
    pub(super) unsafe fn new(first: *const u8, stride: usize) -> Self {
        Self { first, stride }
    }

    /// # Safety
    /// The row has a byte at `at`.
    #[inline]
    unsafe fn byte(&self, row: usize, at: usize) -> *const u8 {
        // SAFETY: as the caller promises.
        unsafe { self.first.add(at).add(row.wrapping_mul(self.stride)) }
    }

    /// The 16 bytes at `at` of each row, as four vectors: the first has the first four bytes of every row, one row in each lane.
    ///
    /// # Safety
    /// Each row has these bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    pub(super) unsafe fn sixteen(&self, at: usize) -> [__m512i; 4] {
        // SAFETY: the rows have the bytes.
        let load = |row: usize| unsafe { _mm_loadu_si128(self.byte(row, at).cast::<__m128i>()) };
        transposed(std::array::from_fn(|row| {
            let first = _mm512_castsi128_si512(load(row));
            let second = _mm512_inserti32x4::<1>(first, load(row + 4));
            let third = _mm512_inserti32x4::<2>(second, load(row + 8));
            _mm512_inserti32x4::<3>(third, load(row + 12))
        }))
    }

    /// The 32 bytes at `at` of each row, as eight vectors in the manner of [`sixteen`](Self::sixteen).
    ///
    /// # Safety
    /// Each row has these bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    pub(super) unsafe fn thirty_two(&self, at: usize) -> [__m512i; 8] {
        // SAFETY: the rows have the bytes.
        let load = |row: usize| unsafe { _mm256_loadu_si256(self.byte(row, at).cast::<__m256i>()) };
        let pair =
            |row: usize| _mm512_inserti64x4::<1>(_mm512_castsi256_si512(load(row)), load(row + 4));
        // In each, bytes of four rows, those 16 on, and the same of four other rows.
        let first: [_; 4] = transposed(std::array::from_fn(pair));
        let second: [_; 4] = transposed(std::array::from_fn(|row| pair(row + 8)));
        std::array::from_fn(|group| {
            let (first, second) = (first[group % 4], second[group % 4]);
            if group < 4 {
                _mm512_shuffle_i32x4::<0b10_00_10_00>(first, second)
            } else {
                _mm512_shuffle_i32x4::<0b11_01_11_01>(first, second)
            }
        })
    }

    /// The four bytes at `at` of each row.
    ///
    /// # Safety
    /// Each row has these bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    pub(super) unsafe fn four(&self, at: usize) -> __m512i {
        // SAFETY: the rows have the bytes.
        let n = |row: usize| unsafe { self.byte(row, at).cast::<i32>().read_unaligned() };
        _mm512_set_epi32(
            n(15),
            n(14),
            n(13),
            n(12),
            n(11),
            n(10),
            n(9),
            n(8),
            n(7),
            n(6),
            n(5),
            n(4),
            n(3),
            n(2),
            n(1),
            n(0),
        )
    }
}

/// How many bytes a line of the cache has.
const LINE: usize = 64;

/// Bytes that will be read soon, wherever they lie.
#[derive(Clone, Copy)]
pub(super) struct Ahead {
    next: *const u8,
    /// How many lines are fetched at a time: the CPU can wait for a few only, and stands still for more.
    lines: usize,
}

impl Ahead {
    pub(super) const NOTHING: Self = Self {
        next: std::ptr::null(),
        lines: 0,
    };

    /// So many bytes, in so many parts.
    pub(super) fn new(next: *const u8, bytes: usize, parts: usize) -> Self {
        let lines = bytes.div_ceil(LINE * parts);
        Self { next, lines }
    }

    /// Has the CPU fetch the next part.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
    pub(super) fn fetch(&mut self) {
        for _ in 0..self.lines {
            _mm_prefetch::<_MM_HINT_T1>(self.next.cast());
            self.next = self.next.wrapping_add(LINE);
        }
    }
}

/// Exchanges rows and columns of the four by four numbers of 32 bits in each 128 bits of four vectors.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
fn transposed([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    let (ab, cd) = (_mm512_unpacklo_epi32(a, b), _mm512_unpacklo_epi32(c, d));
    let (ab_high, cd_high) = (_mm512_unpackhi_epi32(a, b), _mm512_unpackhi_epi32(c, d));
    [
        _mm512_unpacklo_epi64(ab, cd),
        _mm512_unpackhi_epi64(ab, cd),
        _mm512_unpacklo_epi64(ab_high, cd_high),
        _mm512_unpackhi_epi64(ab_high, cd_high),
    ]
}

/// The numbers of half precision in the lower halves of the lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
pub(super) fn lower_halves(lanes: __m512i) -> __m512 {
    _mm512_cvtph_ps(_mm512_cvtepi32_epi16(lanes))
}

/// The numbers of half precision in the upper halves of the lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
pub(super) fn upper_halves(lanes: __m512i) -> __m512 {
    lower_halves(_mm512_srli_epi32::<16>(lanes))
}
