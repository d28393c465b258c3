//! Another value of the same shape: figures for figures, letters for letters, everything else as it is.

use crate::pii::keyed::{Draws, Pseudonyms};
use crate::scan::Rule;

/// What is tried until check digit and date of birth fit, which they do once in about a thousand drawings.
const PHASES: [Phase; 4] = [
    Phase::new(1024, true, 0, false),
    Phase::new(4096, false, 0, false),
    // A century must be one.
    Phase::new(4096, false, 2, false),
    // Of a date of birth in the middle some figures must stay.
    Phase::new(16384, true, 0, true),
];
/// The zeros of the scripts whose figures a scanner reads.
const ZEROS: [char; 5] = ['0', '０', '٠', '۰', '०'];

/// A value of the same shape as `value`, which `rule` has found, with a right check digit where the value has one. The
/// first `kept` letters and figures stay.
pub(super) fn of(
    keyed: &Pseudonyms,
    rule: &Rule,
    value: &str,
    kept: usize,
    attempt: u8,
) -> Option<String> {
    let mut draws = keyed.draws("shape", rule.kind(), value, attempt);
    let (fits, confirmed) = (rule.fits(value), rule.confirms(value));
    let alphabet = Alphabet::of(rule.kind(), value);
    for phase in PHASES {
        let phase = phase.keeping(kept);
        for _ in 0..phase.tries {
            let picked = redrawn(&mut draws, value, phase, alphabet);
            let right = picked != value
                && !rule.refuses(&picked)
                && (!fits || rule.fits(&picked))
                && (!confirmed || rule.confirms(&picked));
            if right {
                return Some(picked);
            }
        }
    }
    let shape_alone = Phase::new(1, true, kept, false);
    let picked = redrawn(&mut draws, value, shape_alone, alphabet);
    (picked != value).then_some(picked)
}

/// One way of drawing.
#[derive(Clone, Copy)]
struct Phase {
    tries: usize,
    /// Whether letters change too.
    letters: bool,
    /// So many of the first letters and figures stay.
    kept: usize,
    /// Whether every second one of the others stays as well, by chance.
    sparse: bool,
}

impl Phase {
    const fn new(tries: usize, letters: bool, kept: usize, sparse: bool) -> Self {
        Self {
            tries,
            letters,
            kept,
            sparse,
        }
    }

    fn keeping(self, more: usize) -> Self {
        Self {
            kept: self.kept + more,
            ..self
        }
    }
}

/// The letters that a value may have.
#[derive(Clone, Copy)]
enum Alphabet {
    Latin,
    /// `a` to `f`.
    Hexadecimal,
    /// Without I, O and Q: 49 CFR 565.
    Vehicle,
}

impl Alphabet {
    fn of(kind: &str, value: &str) -> Self {
        let mut letters = value.chars().filter(|c| c.is_alphabetic());
        if kind == "vin" {
            Self::Vehicle
        } else if letters.clone().count() > 1 && letters.all(|c| c.is_ascii_hexdigit()) {
            Self::Hexadecimal
        } else {
            Self::Latin
        }
    }

    fn letters(self) -> &'static [u8] {
        match self {
            Self::Latin => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Self::Hexadecimal => b"ABCDEF",
            Self::Vehicle => b"ABCDEFGHJKLMNPRSTUVWXYZ",
        }
    }
}

fn redrawn(draws: &mut Draws, value: &str, phase: Phase, alphabet: Alphabet) -> String {
    let mut out = String::with_capacity(value.len());
    let mut seen = 0;
    for c in value.chars() {
        if !c.is_alphanumeric() {
            out.push(c);
            continue;
        }
        seen += 1;
        if seen <= phase.kept || phase.sparse && draws.below(2) == 0 {
            out.push(c);
        } else if let Some((zero, figure)) = figure(c) {
            // A number without a leading zero gets none.
            let picked = match (seen, figure) {
                (1, 0) => 0,
                (1, _) => 1 + draws.below(9),
                _ => draws.below(10),
            };
            let code = u32::from(zero) + u32::try_from(picked).unwrap_or_default();
            out.push(char::from_u32(code).unwrap_or('0'));
        } else if !phase.letters {
            out.push(c);
        } else {
            let picked = draws.letter(alphabet.letters());
            out.push(if c.is_lowercase() {
                picked.to_ascii_lowercase()
            } else {
                picked
            });
        }
    }
    out
}

/// The zero of the same script, and the figure.
fn figure(c: char) -> Option<(char, u32)> {
    ZEROS.into_iter().find_map(|zero| {
        let figure = u32::from(c).checked_sub(u32::from(zero))?;
        (figure < 10).then_some((zero, figure))
    })
}
