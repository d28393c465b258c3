//! A date as it is written, taken apart so that another one can be written in the same way.

use std::ops::Range;

use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::TimeZone};

use super::month::{self, Spelling};

/// The year of a date that names none: a leap year, so that it may be the 29th of February.
const ANY_YEAR: i16 = 2000;
/// Ages above it must not show in a year: 45 CFR 164.514(b)(2)(i)(C).
const OLDEST: i16 = 89;

/// A written date: what each piece of it says. The time of day, and whatever else stands in it, stays as it is.
pub(super) struct Written<'a> {
    text: &'a str,
    parts: Vec<(Range<usize>, Part)>,
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
}

#[derive(Clone, Copy)]
enum Part {
    Year,
    Month,
    MonthName(Spelling),
    Day,
    Ordinal,
    Weekday(Spelling),
}

/// A run of figures and its place in the text.
type Figures = (Range<usize>, u32);

impl<'a> Written<'a> {
    /// Takes a date apart; `None` for what is none.
    pub(super) fn read(text: &'a str, day_first: bool) -> Option<Self> {
        let mut date = Self {
            text,
            parts: Vec::new(),
            year: None,
            month: None,
            day: None,
        };
        let figures = date.read_words();
        if date.month.is_some() {
            date.beside_name(&figures)?;
        } else {
            date.in_figures(&figures, day_first)?;
        }
        date.parts.sort_by_key(|(range, _)| range.start);
        date.civil()?;
        Some(date)
    }

    /// The same date, so many days later.
    pub(super) fn shifted(&self, days: i32) -> Option<String> {
        let moved = self
            .civil()?
            .checked_add(Span::new().try_days(days).ok()?)
            .ok()?;
        // In figures `15` says by its neighbours whether a one would be `01`; beside a name it says so by itself.
        let wide = self
            .parts
            .iter()
            .all(|(range, part)| !matches!(part, Part::Month | Part::Day) || range.len() == 2);
        let named = self
            .parts
            .iter()
            .any(|(_, part)| matches!(part, Part::MonthName(_)));
        let mut out = String::with_capacity(self.text.len() + 8);
        let mut at = 0;
        for (range, part) in &self.parts {
            out.push_str(&self.text[at..range.start]);
            let written = &self.text[range.clone()];
            let pad = if named {
                written.starts_with('0')
            } else {
                wide
            };
            match part {
                Part::Year => out.push_str(&year(moved.year(), range.len())),
                Part::Month => out.push_str(&padded(moved.month(), pad)),
                Part::Day => out.push_str(&padded(moved.day(), pad)),
                Part::MonthName(spelling) => {
                    out.push_str(&spelling.write(index(moved.month())));
                }
                Part::Weekday(spelling) => {
                    out.push_str(&spelling.write(index(moved.weekday().to_monday_one_offset())));
                }
                Part::Ordinal => {
                    let ordinal = ordinal(moved.day());
                    if written.starts_with(|c: char| c.is_ascii_uppercase()) {
                        out.push_str(&ordinal.to_ascii_uppercase());
                    } else {
                        out.push_str(ordinal);
                    }
                }
            }
            at = range.end;
        }
        out.push_str(&self.text[at..]);
        Some(out)
    }

    /// The year alone; `None` if the date names none, or one so long ago that it tells of an age over 89.
    pub(super) fn year(&self) -> Option<String> {
        let now = Timestamp::now().to_zoned(TimeZone::UTC).year();
        let year = self.year?;
        let two = self
            .parts
            .iter()
            .any(|(range, part)| matches!(part, Part::Year) && range.len() == 2);
        let year = if two && year > now { year - 100 } else { year };
        (year >= now - OLDEST).then(|| format!("{year:04}"))
    }

    /// The date, with the middle of what it leaves open.
    fn civil(&self) -> Option<Date> {
        let (month, day) = match (self.month, self.day) {
            (None, _) => (7, 2),
            (Some(month), day) => (month, day.unwrap_or(15)),
        };
        Date::new(self.year.unwrap_or(ANY_YEAR), month, day).ok()
    }

    /// Notes the names of months and weekdays, and gives the figures before the time of day.
    fn read_words(&mut self) -> Vec<Figures> {
        let bytes = self.text.as_bytes();
        let german = self.text.contains(". ");
        let mut figures = Vec::new();
        let mut at = 0;
        while let Some(c) = self.text[at..].chars().next() {
            let start = at;
            if c.is_ascii_digit() {
                at += run(&self.text[at..], |c| c.is_ascii_digit());
                if bytes.get(at) == Some(&b':') {
                    break;
                }
                let number = self.text[start..at].parse().unwrap_or(u32::MAX);
                figures.push((start..at, number));
            } else if c.is_alphabetic() {
                at += run(&self.text[at..], char::is_alphabetic);
                let word = &self.text[start..at];
                let behind_figure = figures.last().is_some_and(|(range, _)| range.end == start);
                if self.month.is_none()
                    && let Some((index, spelling)) = month::month(word, german)
                {
                    self.month = i8::try_from(index + 1).ok();
                    self.parts.push((start..at, Part::MonthName(spelling)));
                } else if let Some((_, spelling)) = month::weekday(word) {
                    self.parts.push((start..at, Part::Weekday(spelling)));
                } else if behind_figure
                    && ["st", "nd", "rd", "th"]
                        .iter()
                        .any(|s| word.eq_ignore_ascii_case(s))
                {
                    self.parts.push((start..at, Part::Ordinal));
                }
            } else {
                at += c.len_utf8();
            }
        }
        figures
    }

    /// Beside the name of a month: a year of four figures, a day, a year of two.
    fn beside_name(&mut self, figures: &[Figures]) -> Option<()> {
        for (range, number) in figures.iter().take(2) {
            let (len, number) = (range.len(), *number);
            if len == 4 && self.year.is_none() {
                self.set(range, Part::Year, number);
            } else if len <= 2 && self.day.is_none() && (1..=31).contains(&number) {
                self.set(range, Part::Day, number);
            } else if len == 2 && self.year.is_none() {
                self.set(range, Part::Year, number);
            } else {
                return None;
            }
        }
        (self.year.is_some() || self.day.is_some()).then_some(())
    }

    fn in_figures(&mut self, figures: &[Figures], day_first: bool) -> Option<()> {
        let first = figures.first()?;
        let lens = |n: usize| figures.get(n).map_or(0, |(range, _)| range.len());
        match (lens(0), lens(1), lens(2)) {
            (8 | 12 | 14, ..) => return self.compact(first),
            (4, 1..=2, 1..=2) => {
                self.set(&first.0, Part::Year, first.1);
                // A year is followed by its month, but for a day that can be none.
                self.pair(figures, 1, figures[1].1 > 12);
            }
            (1..=2, 1..=2, 2 | 4) => {
                self.set(&figures[2].0, Part::Year, figures[2].1);
                self.pair(figures, 0, self.is_day_first(figures, day_first));
            }
            (4, 1..=2, 0) => {
                self.set(&first.0, Part::Year, first.1);
                self.set(&figures[1].0, Part::Month, figures[1].1);
            }
            (1..=2, 4, 0) => {
                self.set(&first.0, Part::Month, first.1);
                self.set(&figures[1].0, Part::Year, figures[1].1);
            }
            (1..=2, 1..=2, 0) => {
                self.pair(figures, 0, self.is_day_first(figures, day_first));
            }
            (4, 0, 0) => self.set(&first.0, Part::Year, first.1),
            _ => return None,
        }
        Some(())
    }

    /// `19800115`, with or without a time behind it.
    fn compact(&mut self, figures: &Figures) -> Option<()> {
        let start = figures.0.start;
        let pieces = [(0..4, Part::Year), (4..6, Part::Month), (6..8, Part::Day)];
        for (place, part) in pieces {
            let range = start + place.start..start + place.end;
            let number = self.text.get(range.clone())?.parse().ok()?;
            self.set(&range, part, number);
        }
        (1800..=2200).contains(&self.year?).then_some(())
    }

    fn pair(&mut self, figures: &[Figures], at: usize, day_first: bool) {
        let (first, second) = if day_first {
            (Part::Day, Part::Month)
        } else {
            (Part::Month, Part::Day)
        };
        self.set(&figures[at].0, first, figures[at].1);
        self.set(&figures[at + 1].0, second, figures[at + 1].1);
    }

    /// Whether the first of two figures is the day: it is too large for a month, or full stops join them.
    fn is_day_first(&self, figures: &[Figures], usual: bool) -> bool {
        let (one, other) = (figures[0].1, figures[1].1);
        let dotted = self.text.as_bytes().get(figures[0].0.end) == Some(&b'.');
        one > 12 || (other <= 12 && (usual || dotted))
    }

    fn set(&mut self, range: &Range<usize>, part: Part, number: u32) {
        match part {
            Part::Year if range.len() == 2 => self.year = i16::try_from(2000 + number).ok(),
            Part::Year => self.year = i16::try_from(number).ok(),
            Part::Month => self.month = i8::try_from(number).ok(),
            _ => self.day = i8::try_from(number).ok(),
        }
        self.parts.push((range.clone(), part));
    }
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn index(number: i8) -> usize {
    usize::try_from(number - 1).unwrap_or_default()
}

/// In as many figures as there were.
fn year(year: i16, figures: usize) -> String {
    if figures == 2 {
        format!("{:02}", year % 100)
    } else {
        format!("{year:04}")
    }
}

fn padded(number: i8, wide: bool) -> String {
    if wide {
        format!("{number:02}")
    } else {
        number.to_string()
    }
}

fn ordinal(day: i8) -> &'static str {
    match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shifted(text: &str, days: i32) -> Option<String> {
        Written::read(text, false)?.shifted(days)
    }

    #[test]
    fn a_shifted_date_is_written_as_the_first_one_was() {
        for (text, days, moved) in [
            ("01/15/1980", 20, "02/04/1980"),
            ("1/15/80", 20, "2/4/80"),
            ("1980-01-15", -15, "1979-12-31"),
            ("15.01.1980", 20, "04.02.1980"),
            ("31/12/2023", 1, "01/01/2024"),
            ("January 15, 1980", 20, "February 4, 1980"),
            ("Jan 05, 1980", 1, "Jan 06, 1980"),
            ("Sept. 30, 2021", 1, "Oct. 1, 2021"),
            ("3rd of May 2021", -1, "2nd of May 2021"),
            ("21ST MAY 2021", 1, "22ND MAY 2021"),
            ("15-JAN-80", 20, "4-FEB-80"),
            ("15-MAY-80", 20, "4-JUN-80"),
            ("2024-01-15T10:30:00Z", 1, "2024-01-16T10:30:00Z"),
            ("1998-06-28 14:48:14", 3, "1998-07-01 14:48:14"),
            ("20240115", 20, "20240204"),
            ("20240115103000", 20, "20240204103000"),
            ("Monday, January 15, 2024", 2, "Wednesday, January 17, 2024"),
            ("15. März 2024", 20, "4. April 2024"),
            ("15 mars 2024", 20, "4 avril 2024"),
            ("Jan 15", 20, "Feb 4"),
            ("June 2019", 30, "July 2019"),
            ("12/2023", 40, "01/2024"),
            ("1980", 365, "1981"),
        ] {
            assert_eq!(shifted(text, days).as_deref(), Some(moved), "{text}");
        }
    }

    #[test]
    fn intervals_stay() {
        let (one, other) = ("02/10/2024", "03/09/2024");
        assert_eq!(shifted(one, 100).unwrap(), "05/20/2024");
        assert_eq!(shifted(other, 100).unwrap(), "06/17/2024");
    }

    #[test]
    fn the_day_may_come_first() {
        let date = Written::read("03/04/2024", true).unwrap();
        assert_eq!(date.shifted(30).unwrap(), "03/05/2024");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "13/32/1980",
            "02/30/2024",
            "1/2/3/4x",
            "Jan",
            "99",
            "2024-13-45",
        ] {
            assert!(Written::read(text, false).is_none(), "{text}");
        }
    }

    #[test]
    fn of_a_date_the_year_stays_unless_it_tells_of_a_great_age() {
        let year = |text| Written::read(text, false).and_then(|date| date.year());
        assert_eq!(year("01/15/1980").as_deref(), Some("1980"));
        assert_eq!(year("01/15/80").as_deref(), Some("1980"));
        assert_eq!(year("Jan 15, 2021").as_deref(), Some("2021"));
        assert_eq!(year("Jan 15"), None);
        assert_eq!(year("01/15/1921"), None);
    }
}
