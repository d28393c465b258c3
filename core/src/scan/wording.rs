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
/// All bits of a place.
const PLACE: u32 = (1 << (3 * SYMBOL_BITS)) - 1;
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
    /// All bits of a place where no word ends before it.
    goes_on: u32,
    /// All bits of a place where it is a letter.
    letter: u32,
    /// See [`Counts`].
    counts: u64,
    /// The count of a figure where it is one behind a figure.
    further: u64,
}

/// What is counted, in one number: symbols, of which a letter is one and the word that begins with it another, changes between
/// letters and figures, and figures that do not count on.
#[derive(Clone, Copy)]
struct Counts(u64);

impl Counts {
    const BITS: u32 = 20;
    /// So many bytes are counted in one, of which none is two symbols and one behind it too.
    const STRETCH: usize = 1 << (Self::BITS - 1);
    const SYMBOL: u64 = 1;
    const CHANGE: u64 = 1 << Self::BITS;
    const DIGIT: u64 = 1 << (2 * Self::BITS);

    fn each(self) -> [u64; 3] {
        [0, 1, 2].map(|place| self.0 >> (place * Self::BITS) & ((1 << Self::BITS) - 1))
    }
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
        let symbols = letter as u64 + begins as u64;
        let further = (own == FIGURE && last == FIGURE) as u64 * Counts::DIGIT;
        let first = (own == FIGURE && last != FIGURE) as u64 * Counts::DIGIT;
        Self {
            goes_on: if ends { 0 } else { PLACE },
            letter: if letter { PLACE } else { 0 },
            counts: symbols * Counts::SYMBOL + change as u64 * Counts::CHANGE + first + further,
            further,
        }
    }
}

/// The words of a value, as far as they were read.
#[derive(Clone, Copy, Default)]
struct Words {
    /// The kinds of the last bytes.
    kinds: usize,
    /// The last byte.
    before: u8,
    /// The place in the table of the row of the last two symbols, where a word has begun.
    row: u32,
    /// What the letters have cost so far.
    steps: u32,
}

impl Words {
    /// Reads `byte`, which is followed by one of the kind `next`, and counts it.
    ///
    /// Without a branch, since what a random value goes on with cannot be foreseen.
    #[inline]
    fn read(&mut self, byte: u8, next: u8, counts: &mut Counts) {
        self.kinds = self.kinds << 2 | usize::from(next);
        let part = &PARTS[self.kinds % PARTS.len()];
        let ended = cost(self.row) & !part.goes_on;
        // The low bits of a letter are its place in the alphabet, in either case.
        let place = self.row & part.goes_on | u32::from(byte & 31) & part.letter;
        let own = cost(place) & part.letter;
        self.steps = self.steps.wrapping_add(ended).wrapping_add(own);
        // The symbol before the last two falls out at the top.
        self.row = place << SYMBOL_BITS & part.letter;
        let on = u64::from(byte.wrapping_sub(self.before).wrapping_add(1) <= 2);
        let not_on = part.counts.wrapping_sub(part.further & on.wrapping_neg());
        counts.0 = counts.0.wrapping_add(not_on);
        self.before = byte;
    }
}

/// Bits that speak for a random string and against words, names and counting: below 0 for words, above 10 for keys.
///
/// Grows with the length of a random value. Takes time linear in it.
pub(crate) fn randomness(value: &str) -> f32 {
    let bytes = value.as_bytes();
    let kind = |byte: &u8| KINDS[usize::from(*byte)];
    let mut words = Words {
        kinds: bytes.first().map_or(0, kind).into(),
        ..Words::default()
    };
    let (mut symbols, mut changes, mut digits) = (0, 0, 0);
    for (stretch, from) in bytes
        .chunks(Counts::STRETCH)
        .zip((0..).step_by(Counts::STRETCH))
    {
        let mut counts = Counts(0);
        let mut read = words;
        for pair in stretch.windows(2) {
            read.read(pair[0], kind(&pair[1]), &mut counts);
        }
        if let Some(&last) = stretch.last() {
            let next = bytes.get(from + stretch.len());
            read.read(last, next.map_or(0, kind), &mut counts);
        }
        words = read;
        let more = counts.each();
        (symbols, changes, digits) = (symbols + more[0], changes + more[1], digits + more[2]);
    }
    if words.row > 0 {
        words.steps = words.steps.wrapping_add(cost(words.row));
    }
    #[allow(
        clippy::cast_precision_loss,
        reason = "a value of 2^21 bytes costs about as much"
    )]
    let [symbols, digits, changes] =
        [symbols, digits, changes.saturating_sub(1)].map(|count| count as f32);
    #[allow(clippy::cast_precision_loss, reason = "as above")]
    let steps = words.steps as f32;
    steps * STEP - ORDINARY * symbols + DIGIT * digits + CHANGE * changes
}

/// What a symbol costs, in steps, by its place in the table.
#[inline]
fn cost(place: u32) -> u32 {
    COSTS[place as usize % PLACES].into()
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
