//! The tensor types of ggml (`ggml.h`, `enum ggml_type`): how many elements and bytes one block of each has.

/// What is known of a tensor type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Elements per block.
    pub(super) elements: u64,
    /// Bytes per block.
    pub(super) bytes: u64,
    /// Whether weights may have it. The others occur in computations only, or in none.
    pub(super) stored: bool,
}

/// Types that occur in computations only, or in none with weights: `Q8_1`, `Q8_K`, I8, I16, I64, F64.
const NOT_STORED: [u32; 6] = [9, 15, 24, 25, 27, 28];

/// The layout of a type; `None` where ggml does not know the type or dropped it.
pub(super) const fn layout(kind: u32) -> Option<Layout> {
    let (elements, bytes) = match kind {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        2 | 20 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        9 => (32, 36),
        10 => (256, 84),
        11 | 21 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        15 => (256, 292),
        16 | 35 => (256, 66),
        17 => (256, 74),
        18 => (256, 98),
        19 => (256, 50),
        22 => (256, 82),
        23 => (256, 136),
        24 => (1, 1),
        27 | 28 => (1, 8),
        29 => (256, 56),
        34 => (256, 54),
        39 => (32, 17),
        40 => (64, 36),
        41 => (128, 18),
        42 => (64, 18),
        _ => return None,
    };
    let mut stored = true;
    let mut index = 0;
    while index < NOT_STORED.len() {
        stored &= NOT_STORED[index] != kind;
        index += 1;
    }
    Some(Layout {
        elements,
        bytes,
        stored,
    })
}

#[cfg(all(test, feature = "llama"))]
mod tests {
    use llama_cpp_sys_2 as sys;

    #[test]
    fn the_layouts_are_those_of_ggml() {
        for kind in 0..sys::GGML_TYPE_COUNT {
            // SAFETY: both functions read a constant table of `GGML_TYPE_COUNT` rows.
            let (elements, bytes) =
                unsafe { (sys::ggml_blck_size(kind), sys::ggml_type_size(kind)) };
            let known = super::layout(kind).map_or((0, 0), |it| (it.elements, it.bytes));
            assert_eq!(
                known,
                (elements.cast_unsigned(), bytes as u64),
                "type {kind}"
            );
        }
        assert_eq!(super::layout(sys::GGML_TYPE_COUNT), None);
    }
}
