//! How unlike words a string is: the cost of its letters in a model of written words.
//!
//! The table holds the cost in bits of each letter behind the two before it, over the words of the sources of this
//! crate's dependencies. `cargo run --example wording` writes it anew.

/// Word boundary and 26 letters.
const SYMBOLS: usize = 27;
/// What one step of the table stands for, in bits.
const STEP: f32 = 0.75;
/// Two costs a byte: that of `27 * (27 * before_last + last) + next`, the lower half first.
static PACKED: &[u8; (SYMBOLS * SYMBOLS * SYMBOLS).div_ceil(2)] = include_bytes!("wording.bin");
/// The bits of a symbol in a place of [`COSTS`].
const SYMBOL_BITS: u32 = 5;
const PLACES: usize = 1 << (3 * SYMBOL_BITS);
/// The costs in steps, unpacked: that of the symbols `before_last`, `last` and `next`, in the bits of its place.
static COSTS: [u8; PLACES] = {
    let mut costs = [0; PLACES];
    let mut packed = 0;
    while packed < SYMBOLS * SYMBOLS * SYMBOLS {
        let (before_last, last) = (packed / (SYMBOLS * SYMBOLS), packed / SYMBOLS % SYMBOLS);
        let row = (before_last << SYMBOL_BITS | last) << SYMBOL_BITS;
        costs[row + packed % SYMBOLS] = PACKED[packed / 2] >> (4 * (packed % 2)) & 0xF;
        packed += 1;
    }
    costs
};

/// What a letter costs in an ordinary word, in bits; the model's own average is below 3.5.
const ORDINARY: f32 = 4.0;
/// What a change between letters and digits says beyond the first one, in bits.
const CHANGE: f32 = 2.0;
/// What a digit that does not count on from the one before says, in bits.
const DIGIT: f32 = 0.5;

/// The kinds of bytes that are told apart, in two bits.
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const FIGURE: u8 = 3;

/// The kind of each byte.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        kinds[byte as usize] = match byte {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => FIGURE,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// What a byte is to the words of a value.
#[derive(Clone, Copy)]
struct Part {
    /// All bits where a word ends before it.
    ends: usize,
    /// All bits of a letter.
    letter: usize,
    /// One for a letter, and another one where a word begins with it.
    symbols: u32,
    /// One where letters and figures change.
    change: u32,
    /// One for a figure behind anything else.
    digit: u32,
    /// One for a figure behind a figure.
    further: u32,
}

/// For the kinds of the byte before, of the byte and of the one behind it, two bits each.
static PARTS: [Part; 64] = {
    let mut parts = [Part::of(0, 0, 0); 64];
    let mut place = 0_u8;
    while place < 64 {
        parts[place as usize] = Part::of(place >> 4, place >> 2 & 3, place & 3);
        place += 1;
    }
    parts
};

impl Part {
    const fn of(last: u8, own: u8, next: u8) -> Self {
        let letter = own == LOWER || own == UPPER;
        let behind_letter = last == LOWER || last == UPPER;
        // `Capitalised`, `lower` or `UPPER`, as in the parts of `camelCase` and `HTTPServer`.
        let capital = own == UPPER && (last == LOWER || next == LOWER);
        let begins = letter && (!behind_letter || capital);
        let ends = behind_letter && (begins || !letter);
        let change = letter && last == FIGURE || own == FIGURE && behind_letter;
        Self {
            ends: if ends { usize::MAX } else { 0 },
            letter: if letter { usize::MAX } else { 0 },
            symbols: letter as u32 + begins as u32,
            change: change as u32,
            digit: (own == FIGURE && last != FIGURE) as u32,
            further: (own == FIGURE && last == FIGURE) as u32,
        }
    }
}

/// Bits that speak for a random string and against words, names and counting: below 0 for words, above 10 for keys.
///
/// Grows with the length of a random value. Takes time linear in it.
pub(super) fn randomness(value: &str) -> f32 {
    let bytes = value.as_bytes();
    let kind = |byte: &u8| usize::from(KINDS[usize::from(*byte)]);
    let (mut steps, mut symbols, mut changes, mut digits) = (0_usize, 0_u32, 0_u32, 0_u32);
    // The symbols before, where a word has begun: the last one, and where the row of both begins in the table.
    let (mut last, mut row) = (0_usize, 0_usize);
    let mut kinds = bytes.first().map_or(0, kind);
    let mut before = 0_u8;
    for (at, &byte) in bytes.iter().enumerate() {
        kinds = kinds << 2 | bytes.get(at + 1).map_or(0, kind);
        let part = &PARTS[kinds % PARTS.len()];
        // Without a branch, since what a random value goes on with cannot be foreseen.
        steps = steps.wrapping_add(cost(row) & part.ends);
        (last, row) = (last & !part.ends, row & !part.ends);
        // The low bits of a letter are its place in the alphabet, in either case.
        let symbol = usize::from(byte & 31) & part.letter;
        steps = steps.wrapping_add(cost(row | symbol) & part.letter);
        row = (last << SYMBOL_BITS | symbol) << SYMBOL_BITS & part.letter;
        last = symbol;
        symbols = symbols.wrapping_add(part.symbols);
        changes = changes.wrapping_add(part.change);
        let counts = u32::from(byte.wrapping_sub(before).wrapping_add(1) <= 2);
        digits = digits.wrapping_add(part.digit | (part.further & !counts));
        before = byte;
    }
    if row > 0 {
        steps = steps.wrapping_add(cost(row));
    }
    #[allow(
        clippy::cast_precision_loss,
        reason = "a value of 2^21 bytes costs about as much"
    )]
    let [symbols, digits, changes] =
        [symbols, digits, changes.saturating_sub(1)].map(|count| count as f32);
    #[allow(clippy::cast_precision_loss, reason = "as above")]
    let steps = steps as f32;
    steps * STEP - ORDINARY * symbols + DIGIT * digits + CHANGE * changes
}

/// What a symbol costs, in steps, by its place in the table.
#[inline]
fn cost(place: usize) -> usize {
    usize::from(COSTS[place % PLACES])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_ordinary_and_keys_are_not() {
        for word in [
            "password",
            "something",
            "myAuthPassword",
            "test-user-name",
            "RESOURCE_NOT_FOUND",
            "hunter2",
            "12345678",
        ] {
            assert!(randomness(word) < 4.0, "{word}: {}", randomness(word));
        }
        for key in [
            "ydpyrxrkucgqyzzogdpz",
            "7f9781eae9bd37e21a38",
            "GuqBB1lbvN4x",
            "aB3dE5gH7jK9mN1p",
        ] {
            assert!(randomness(key) > 10.0, "{key}: {}", randomness(key));
        }
    }
}
