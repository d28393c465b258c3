//! The names of months and weekdays, and writing another one in the same way.

const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const GERMAN: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const FRENCH: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const SPANISH: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
const ITALIAN: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];
const DUTCH: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];
const PORTUGUESE: [&str; 12] = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// How a name is written.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    names: &'static [&'static str],
    /// Only so many letters of it.
    letters: Option<usize>,
    letter_case: Case,
}

#[derive(Clone, Copy)]
enum Case {
    Small,
    Title,
    Capitals,
}

impl Spelling {
    /// The name of that number, counted from zero.
    pub(super) fn write(self, index: usize) -> String {
        let name = self.names[index % self.names.len()];
        let letters = name.chars().take(self.letters.unwrap_or(usize::MAX));
        match self.letter_case {
            Case::Small => letters.flat_map(char::to_lowercase).collect(),
            Case::Capitals => letters.flat_map(char::to_uppercase).collect(),
            Case::Title => letters
                .enumerate()
                .map(|(place, c)| {
                    if place == 0 {
                        c.to_ascii_uppercase()
                    } else {
                        c
                    }
                })
                .collect(),
        }
    }
}

/// The month, counted from zero, that a word names, and how. `german` settles names that several languages share.
pub(super) fn month(word: &str, german: bool) -> Option<(usize, Spelling)> {
    let languages: [&'static [&'static str]; 7] = if german {
        [
            &GERMAN,
            &ENGLISH,
            &FRENCH,
            &SPANISH,
            &ITALIAN,
            &DUTCH,
            &PORTUGUESE,
        ]
    } else {
        [
            &ENGLISH,
            &FRENCH,
            &SPANISH,
            &ITALIAN,
            &DUTCH,
            &PORTUGUESE,
            &GERMAN,
        ]
    };
    languages
        .into_iter()
        .find_map(|names| in_full(word, names))
        .or_else(|| shortened(word, &ENGLISH, 4))
}

/// The day of the week, counted from zero for Monday, that an English word names, and how.
pub(super) fn weekday(word: &str) -> Option<(usize, Spelling)> {
    in_full(word, &WEEKDAYS).or_else(|| shortened(word, &WEEKDAYS, 5))
}

fn in_full(word: &str, names: &'static [&'static str]) -> Option<(usize, Spelling)> {
    let small = word.to_lowercase();
    let index = names.iter().position(|name| name.to_lowercase() == small)?;
    // `MAY` beside `JAN` is no full name, and `15-MAY-80` no rare form.
    let letters = (small == "may" && case_of(word).is_capitals()).then_some(3);
    Some((index, spelled(word, names, letters)))
}

fn shortened(
    word: &str,
    names: &'static [&'static str],
    longest: usize,
) -> Option<(usize, Spelling)> {
    let fits = (3..=longest).contains(&word.len()) && word.is_ascii();
    let index = names.iter().position(|name| {
        fits && name.len() > word.len() && name[..word.len()].eq_ignore_ascii_case(word)
    })?;
    Some((index, spelled(word, names, Some(3))))
}

fn spelled(word: &str, names: &'static [&'static str], letters: Option<usize>) -> Spelling {
    Spelling {
        names,
        letters,
        letter_case: case_of(word),
    }
}

impl Case {
    fn is_capitals(self) -> bool {
        matches!(self, Self::Capitals)
    }
}

fn case_of(word: &str) -> Case {
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some(first), _) if first.is_lowercase() => Case::Small,
        (_, Some(second)) if second.is_uppercase() => Case::Capitals,
        _ => Case::Title,
    }
}
