//! Points in time as callers write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::{Error, Kind, Result};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The smallest step of time.
const INSTANT: SignedDuration = SignedDuration::from_nanos(1);

/// The beginning of a period: RFC 3339 with any offset, a date-time without zone (UTC), or a date (its first instant).
pub(super) fn since(text: &str) -> Result<Timestamp> {
    parse(text).map(|(start, _)| start).ok_or_else(malformed)
}

/// The end of a period, which belongs to it: the same forms, a date meaning its last instant.
pub(super) fn until(text: &str) -> Result<Timestamp> {
    parse(text).map(|(_, end)| end).ok_or_else(malformed)
}

fn malformed() -> Error {
    Error::new(
        Kind::InvalidArgument,
        "a date is malformed; hint: write `2025-11-01` or `2025-11-01T10:30:00Z`",
    )
}

/// First and last instant of what `text` names.
fn parse(text: &str) -> Option<(Timestamp, Timestamp)> {
    let text = text.trim_ascii();
    let in_utc = |time: DateTime| {
        let zoned = time.to_zoned(TimeZone::UTC).ok()?;
        Some(zoned.timestamp())
    };
    if !text.contains(':') {
        let date: Date = text.parse().ok()?;
        let start = in_utc(date.into())?;
        let end = start.checked_add(DAY - INSTANT).ok()?;
        return Some((start, end));
    }
    let instant = match text.parse() {
        Ok(instant) => instant,
        Err(_) => in_utc(text.parse().ok()?)?,
    };
    Some((instant, instant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_instant_is_the_same_instant() {
        for text in [
            "2025-11-01T10:30:00Z",
            "2025-11-01T10:30:00",
            "2025-11-01 10:30:00",
            "2025-11-01T10:30:00.000000+00:00",
            "2025-11-01T12:30:00+02:00",
            " 2025-11-01T04:30:00-06:00 ",
        ] {
            assert_eq!(since(text).unwrap().as_second(), 1_761_993_000, "{text}");
            assert_eq!(since(text), until(text));
        }
    }

    #[test]
    fn a_date_is_the_whole_day() {
        let day = until("2025-11-30")
            .unwrap()
            .duration_since(since("2025-11-30").unwrap());
        assert_eq!(day.as_nanos(), 86_400_000_000_000 - 1);
    }

    #[test]
    fn a_malformed_date_is_an_invalid_argument() {
        for text in [
            "",
            "yesterday",
            "2025-13-01",
            "2025-02-30",
            "10:30",
            "2025-11-01T25:00:00Z",
            "1761993000",
        ] {
            assert_eq!(
                since(text).unwrap_err().kind(),
                Kind::InvalidArgument,
                "{text}"
            );
        }
    }
}
