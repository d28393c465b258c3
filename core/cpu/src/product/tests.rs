//! Against ggml's own product of a row and a column.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "the numbers of the tests are small"
)]
#![allow(clippy::print_stdout, reason = "says what is not tested")]

use std::ffi::c_void;

use llama_cpp_sys_2 as sys;

use super::{Call, product};

/// Numbers between -1 and 1 that are the same at every run (Knuth's generator, MMIX).
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Rows of numbers in a format of ggml.
struct Matrix {
    format: sys::ggml_type,
    bytes: Vec<u8>,
    row: usize,
}

impl Matrix {
    fn new(format: sys::ggml_type, rows: usize, width: usize, seed: u64) -> Self {
        // SAFETY: the formats exist, and each row has its place.
        unsafe {
            let from_float = (*sys::ggml_get_type_traits_cpu(format)).from_float;
            let row = sys::ggml_row_size(format, width as i64);
            let mut bytes = vec![0; rows * row];
            for (numbers, place) in numbers(rows * width, seed)
                .chunks_exact(width)
                .zip(bytes.chunks_exact_mut(row))
            {
                from_float.expect("each format can be written")(
                    numbers.as_ptr(),
                    place.as_mut_ptr().cast(),
                    width as i64,
                );
            }
            Self { format, bytes, row }
        }
    }

    fn row(&self, number: usize) -> *const c_void {
        self.bytes[number * self.row..].as_ptr().cast()
    }
}

/// `C` by ggml.
fn by_ggml(a: &Matrix, b: &Matrix, rows: usize, columns: usize, width: usize) -> Vec<f32> {
    let mut c = Vec::new();
    for column in 0..columns {
        for row in 0..rows {
            let mut number = 0.0;
            // SAFETY: the rows have the format and the width.
            unsafe {
                let vec_dot = (*sys::ggml_get_type_traits_cpu(a.format)).vec_dot;
                vec_dot.expect("each format can be multiplied")(
                    width as i32,
                    &raw mut number,
                    0,
                    a.row(row),
                    0,
                    b.row(column),
                    0,
                    1,
                );
            }
            c.push(number);
        }
    }
    c
}

/// `C` by all threads, or none where the product is left to ggml.
fn ours(
    a: &Matrix,
    b: &Matrix,
    [rows, columns, blocks]: [usize; 3],
    threads: usize,
) -> Option<Vec<f32>> {
    let mut c = vec![f32::NAN; rows * columns];
    let done: Vec<_> = (0..threads)
        .map(|thread| {
            let call = Call {
                thread,
                threads,
                rows,
                columns,
                blocks,
                a: a.row(0),
                a_stride: blocks,
                b: b.row(0),
                b_stride: blocks,
                c: c.as_mut_ptr().cast(),
                c_stride: rows,
                a_type: a.format,
                b_type: b.format,
                c_type: sys::GGML_TYPE_F32,
            };
            // SAFETY: the CPU was asked, and the matrices are as large as the call says.
            unsafe { product(&raw const call) }
        })
        .collect();
    assert!(done.iter().all(|one| *one == done[0]), "threads disagree");
    done[0].then_some(c)
}

/// Each format of weights with that of its activations, the values in a block, and the fewest columns.
const FORMATS: [(sys::ggml_type, sys::ggml_type, usize, usize); 6] = [
    (sys::GGML_TYPE_Q4_1, sys::GGML_TYPE_Q8_1, 32, 2),
    (sys::GGML_TYPE_Q5_0, sys::GGML_TYPE_Q8_0, 32, 2),
    (sys::GGML_TYPE_Q8_0, sys::GGML_TYPE_Q8_0, 32, 2),
    (sys::GGML_TYPE_Q4_K, sys::GGML_TYPE_Q8_K, 256, 1),
    (sys::GGML_TYPE_Q5_K, sys::GGML_TYPE_Q8_K, 256, 2),
    (sys::GGML_TYPE_Q6_K, sys::GGML_TYPE_Q8_K, 256, 2),
];

fn suits() -> bool {
    let suits = crate::variants()
        .iter()
        .any(|variant| variant.name() == "avx512_vnni" && variant.suits());
    if !suits {
        println!("not tested: products for AVX-512 VNNI, which this CPU does not have");
    }
    suits
}

#[test]
fn products_are_those_of_ggml_in_every_format() {
    if !suits() {
        return;
    }
    // SAFETY: sets up tables, as often as one likes.
    unsafe { sys::ggml_cpu_init() };
    for (weights, activations, block, fewest) in FORMATS {
        for (rows, columns, blocks, threads) in [
            (16, 1, 1, 1),
            (16, 2, 1, 1),
            (48, 3, 2, 2),
            (32, 8, 5, 1),
            (80, 15, 3, 4),
            (32, 9, 35, 2),
            (16, 129, 2, 3),
        ] {
            let width = blocks * block;
            let a = Matrix::new(weights, rows, width, 1);
            let b = Matrix::new(activations, columns, width, 2);
            let Some(ours) = ours(&a, &b, [rows, columns, blocks], threads) else {
                assert!(columns < fewest, "{weights}: {columns} columns");
                continue;
            };
            assert!(columns >= fewest, "{weights}: {columns} columns");
            let theirs = by_ggml(&a, &b, rows, columns, width);
            // A number is the sum of `width` products between -1 and 1, added in another order.
            let near = width as f32 * 1e-6;
            for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
                assert!(
                    (ours - theirs).abs() < near,
                    "{weights}, {rows} x {columns} x {width}, {at}: {ours}, not {theirs}"
                );
            }
        }
    }
}

#[test]
fn other_formats_and_shapes_are_left_to_ggml() {
    if !suits() {
        return;
    }
    let formats = [
        (sys::GGML_TYPE_Q4_0, sys::GGML_TYPE_Q8_0),
        (sys::GGML_TYPE_F32, sys::GGML_TYPE_F32),
        (sys::GGML_TYPE_Q4_1, sys::GGML_TYPE_F32),
    ];
    let matrix = |format| Matrix {
        format,
        bytes: vec![0; 4096],
        row: 0,
    };
    for (weights, activations) in formats {
        let (a, b) = (matrix(weights), matrix(activations));
        assert!(ours(&a, &b, [16, 2, 1], 1).is_none(), "{weights}");
    }
    let (a, b) = (matrix(sys::GGML_TYPE_Q4_1), matrix(sys::GGML_TYPE_Q8_1));
    assert!(ours(&a, &b, [15, 2, 1], 1).is_none());
    assert!(ours(&a, &b, [16, 2, 1], 1).is_some());
}
