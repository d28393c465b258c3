//! Points in time: as records have them, and as callers write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::{Error, Kind, Result};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The smallest step of time.
const INSTANT: SignedDuration = SignedDuration::from_nanos(1);

/// RFC 3339 in UTC with microseconds, `2025-11-25T10:30:00.000000Z`: what is smaller is cut off.
pub(super) fn write(out: &mut Vec<u8>, instant: Timestamp) {
    let time = Offset::UTC.to_datetime(instant);
    // Clocks that stand before the year 0 stand there.
    let year = time.year().max(0).unsigned_abs();
    let two = |number: i8| u32::from(number.unsigned_abs());
    for (number, digits, after) in [
        (u32::from(year), 4, b'-'),
        (two(time.month()), 2, b'-'),
        (two(time.day()), 2, b'T'),
        (two(time.hour()), 2, b':'),
        (two(time.minute()), 2, b':'),
        (two(time.second()), 2, b'.'),
        (time.subsec_nanosecond().unsigned_abs() / 1000, 6, b'Z'),
    ] {
        let start = out.len();
        let mut rest = number;
        out.resize(start + digits, b'0');
        for place in out[start..].iter_mut().rev() {
            let [digit, ..] = (rest % 10).to_le_bytes();
            *place += digit;
            rest /= 10;
        }
        out.push(after);
    }
}

/// Later than any minute.
pub(super) const LAST_MINUTE: u64 = (1 << 63) - 1;

/// Minutes since 1970; 0 before that.
pub(super) fn minute_of(instant: Timestamp) -> u64 {
    u64::try_from(instant.as_second().div_euclid(60)).unwrap_or(0)
}

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
    let Some(at) = text.find(['T', 't', ' ', ':', '[']) else {
        let date: Date = text.parse().ok()?;
        let start = in_utc(date.into());
        let end = start.saturating_add(DAY - INSTANT).ok()?;
        return Some((start, end));
    };
    // The parser of a date-time passes over a zone, which says when it is.
    let is_without_zone = !text[at..].contains(['+', '-', 'Z', 'z', '[']);
    let instant = if is_without_zone {
        in_utc(text.parse().ok()?)
    } else {
        text.parse().ok()?
    };
    Some((instant, instant))
}

/// The instant that a date-time without zone names. What lies behind the last one, as the end of the year 9999 does, is the
/// last one.
fn in_utc(time: DateTime) -> Timestamp {
    match time.to_zoned(TimeZone::UTC) {
        Ok(zoned) => zoned.timestamp(),
        Err(_) if time.year() > 0 => Timestamp::MAX,
        Err(_) => Timestamp::MIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_with_microseconds() {
        for (nanoseconds, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_999, "1970-01-01T00:00:00.000001Z"),
            (1_764_066_600_123_456_789, "2025-11-25T10:30:00.123456Z"),
            (253_402_207_200_999_999_999, "9999-12-30T22:00:00.999999Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
        ] {
            let instant = Timestamp::from_nanosecond(nanoseconds).unwrap();
            let mut out = Vec::new();
            write(&mut out, instant);
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }

    #[test]
    fn every_form_of_an_instant_is_the_same_instant() {
        for text in [
            "2025-11-01T10:30:00Z",
            "2025-11-01T10:30:00",
            "2025-11-01 10:30:00",
            "2025-11-01T10:30:00.000000+00:00",
            "2025-11-01T12:30:00+02:00",
            "20251101T103000",
            "20251101T103000Z",
            "2025-11-01T10:49:32+00:19:32",
            "2025-11-01T11:30:00+01:00[Europe/Berlin]",
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
    fn a_period_may_be_open_at_its_end() {
        for text in ["9999-12-31", "9999-12-31T23:59:59.999999"] {
            assert_eq!(until(text).unwrap(), Timestamp::MAX, "{text}");
        }
        assert!(since("0001-01-01T00:00:00").unwrap() < Timestamp::UNIX_EPOCH);
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
            "2025-11-01T10:30:00[Europe/Berlin]",
            "2025-11-01[Europe/Berlin]",
            "2025-11-01T10:30:00+99:00",
        ] {
            assert_eq!(
                since(text).unwrap_err().kind(),
                Kind::InvalidArgument,
                "{text}"
            );
        }
    }
}
