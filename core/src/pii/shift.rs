//! Moving dates by a number of days that is the same for all dates of a subject.

use super::date::Written;
use super::keyed::Pseudonyms;
use super::operator::DateShift;

/// The date, written in the same way, as many days away as key and subject say; `None` for what is no date. One without
/// a day or a month is moved from its middle, and may stay what it was.
pub(super) fn shifted(
    keyed: &Pseudonyms,
    options: DateShift,
    value: &str,
    subject: &str,
    attempt: u8,
) -> Option<String> {
    let most = usize::from(options.days.max(1));
    let mut draws = keyed.draws("date shift", "date", subject, attempt);
    let picked = draws.below(2 * most);
    let days = i32::try_from(picked).ok()? - i32::try_from(most).ok()?;
    // From -n to -1 and from 1 to n: never none.
    let days = if days >= 0 { days + 1 } else { days };
    Written::read(value, options.day_first)?.shifted(days)
}
