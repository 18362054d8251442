//! Time ranges in UTC seconds, for metrics, and the texts that name an instant.
//!
//! The core has no clock: whatever is relative is read against a `now` that the caller passes in.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

use crate::period::{
    BillingPeriod, PeriodError, Unit, calendar_date, day_name, midnight, named_period, plus_days,
    plus_months, present, relative, too_far, utc_date,
};

/// A half-open range of time in UTC seconds, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeRange {
    start: Timestamp,
    end: Timestamp,
}

impl TimeRange {
    /// Makes the range from `start` up to but excluding `end`, both cut to whole seconds.
    ///
    /// # Errors
    ///
    /// Fails when `end` is not after `start`.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, PeriodError> {
        let (start, end) = (whole_second(start), whole_second(end));
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(PeriodError::Empty {
                start: start.to_string(),
                end: end.to_string(),
            })
        }
    }

    /// Reads a range from its two bounds, each an instant as [`parse_instant`] reads it or the name of a period.
    ///
    /// Without an end the range reaches up to `now`; without a start it is the 24 hours before the end.
    ///
    /// # Errors
    ///
    /// Fails when a bound cannot be read, or when the end is not after the start.
    pub fn parse(
        start: Option<&str>,
        end: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, PeriodError> {
        let today = utc_date(now);
        let period = |text: &str| -> Result<Option<BillingPeriod>, PeriodError> {
            // A single day's name is an instant, its midnight, unless it stands alone.
            if day_name(text).is_some() {
                Ok(None)
            } else {
                named_period(text, today)
            }
        };
        let instant = |text: &str, side: fn(BillingPeriod) -> Date| match period(text)? {
            Some(period) => Ok(midnight(side(period))),
            None => parse_instant(text, now),
        };
        match (present(start), present(end)) {
            (Some(start), None) => match named_period(start, today)? {
                Some(period) => {
                    Self::new(midnight(period.start()), midnight(period.end()).min(now))
                }
                None => Self::new(parse_instant(start, now)?, now),
            },
            (start, end) => {
                let last = match end {
                    Some(text) => instant(text, BillingPeriod::end)?,
                    None => now,
                };
                let first = match start {
                    Some(text) => instant(text, BillingPeriod::start)?,
                    None => last
                        .checked_sub(Span::new().hours(24))
                        .map_err(|_| too_far(end.unwrap_or("now")))?,
                };
                Self::new(first, last)
            }
        }
    }

    /// Returns the inclusive start.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        self.start
    }

    /// Returns the exclusive end.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        self.end
    }

    /// Returns the length in seconds, at least 1.
    #[must_use]
    pub fn seconds(self) -> u64 {
        u64::try_from(self.end.as_second() - self.start.as_second()).unwrap_or(1)
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.start, self.end)
    }
}

/// Reads one instant: ISO 8601 with `Z`, an offset or neither (UTC), a date (its midnight), epoch seconds or
/// milliseconds, `now`, `today`, `yesterday`, `-3h`, `now-3h`, `90 minutes ago`.
///
/// # Errors
///
/// Fails when the text has none of these forms, or names a date that is not in the calendar.
pub fn parse_instant(text: &str, now: Timestamp) -> Result<Timestamp, PeriodError> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Ok(whole_second(now));
    }
    if let Some(distance) = day_name(text) {
        return plus_days(utc_date(now), distance)
            .map(midnight)
            .ok_or_else(|| too_far(text));
    }
    if let Some(date) = calendar_date(text) {
        return date.map(midnight);
    }
    if let Some(instant) = iso_instant(text)? {
        return Ok(whole_second(instant));
    }
    if let Some(instant) = epoch(text) {
        return Ok(instant);
    }
    let relative = relative(text.strip_prefix("now").unwrap_or(text));
    let Some((distance, unit)) = relative else {
        return Err(PeriodError::NotATime {
            given: text.to_owned(),
        });
    };
    let moved = match unit {
        Unit::Seconds => now.checked_add(Span::new().seconds(distance)).ok(),
        Unit::Days => distance
            .checked_mul(86_400)
            .and_then(|s| now.checked_add(Span::new().seconds(s)).ok()),
        Unit::Months => {
            let civil = Offset::UTC.to_datetime(now);
            plus_months(civil.date(), distance).and_then(|date| {
                Offset::UTC
                    .to_timestamp(date.to_datetime(civil.time()))
                    .ok()
            })
        }
    };
    moved.map(whole_second).ok_or_else(|| too_far(text))
}

/// Reads an instant in ISO 8601 with a date and a time, or returns `None` when the text does not look like one.
///
/// # Errors
///
/// Fails when the date is not in the calendar.
pub fn iso_instant(text: &str) -> Result<Option<Timestamp>, PeriodError> {
    let (Some(date), Some(rest)) = (text.get(..10), text.get(10..)) else {
        return Ok(None);
    };
    let Some(date) = calendar_date(date) else {
        return Ok(None);
    };
    date?;
    let Some(clock) = rest.strip_prefix(['T', 't', ' ']) else {
        return Ok(None);
    };
    if clock.contains('[') {
        return Ok(None);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(Some(instant));
    }
    if clock
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'))
    {
        let civil = text.parse::<DateTime>().ok();
        return Ok(civil.and_then(|civil| Offset::UTC.to_timestamp(civil).ok()));
    }
    Ok(None)
}

fn whole_second(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}

/// Reads epoch seconds (9 to 11 digits) or milliseconds (12 to 14 digits), with or without a fraction.
fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !whole.bytes().all(|b| b.is_ascii_digit()) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9..=11 => Timestamp::from_second(number).ok(),
        12..=14 => Timestamp::from_second(number / 1_000).ok(),
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads the two bounds (empty for absent) as of 2024-12-05T10:30:15.5Z.
    fn check_range(start: &str, end: &str, expected: &str) {
        let found = TimeRange::parse(
            Some(start),
            Some(end),
            "2024-12-05T10:30:15.5Z".parse().unwrap(),
        );
        assert_eq!(
            found.map_or_else(|e| e.to_string(), |r| r.to_string()),
            expected,
            "{start:?} {end:?}"
        );
    }

    #[test]
    fn time_ranges_are_read() {
        let now = "2024-12-05T10:30:15Z";
        check_range(
            "2024-11-01T00:00:00Z",
            "2024-12-01T00:00:00Z",
            "2024-11-01T00:00:00Z to 2024-12-01T00:00:00Z",
        );
        check_range(
            "2024-11-01",
            "2024-12-01",
            "2024-11-01T00:00:00Z to 2024-12-01T00:00:00Z",
        );
        check_range(
            "2024-11-01T02:00:00+02:00",
            "",
            &format!("2024-11-01T00:00:00Z to {now}"),
        );
        check_range(
            "2024-11-01 06:15",
            "2024-11-01T06:15:30",
            "2024-11-01T06:15:00Z to 2024-11-01T06:15:30Z",
        );
        check_range("-3h", "now", &format!("2024-12-05T07:30:15Z to {now}"));
        check_range("now-90m", "", &format!("2024-12-05T09:00:15Z to {now}"));
        check_range("7 days ago", "", &format!("2024-11-28T10:30:15Z to {now}"));
        check_range("-1mo", "", &format!("2024-11-05T10:30:15Z to {now}"));
        check_range(
            "1730419200",
            "1730419260000",
            "2024-11-01T00:00:00Z to 2024-11-01T00:01:00Z",
        );
        check_range(
            "1730419200.25",
            "1730419260",
            "2024-11-01T00:00:00Z to 2024-11-01T00:01:00Z",
        );
        check_range(
            "yesterday",
            "today",
            "2024-12-04T00:00:00Z to 2024-12-05T00:00:00Z",
        );
        check_range("today", "", &format!("2024-12-05T00:00:00Z to {now}"));
        check_range(
            "last_month",
            "",
            "2024-11-01T00:00:00Z to 2024-12-01T00:00:00Z",
        );
        check_range("this_month", "", &format!("2024-12-01T00:00:00Z to {now}"));
        check_range("", "", &format!("2024-12-04T10:30:15Z to {now}"));
        check_range(
            "2024-02-30T00:00:00Z",
            "",
            "2024-02-30 does not exist: February 2024 has 29 days",
        );
        check_range(
            "now",
            "-3h",
            "the end 2024-12-05T07:30:15Z is not after the start 2024-12-05T10:30:15Z (the end is exclusive)",
        );
        for text in [
            "2024-11-01T25:00:00Z",
            "2024-11-01T00:00:00+99:00",
            "5",
            "tuesday",
            "2024-11-01T00:00:00[UTC]",
        ] {
            let now = Timestamp::UNIX_EPOCH;
            assert_eq!(
                parse_instant(text, now),
                Err(PeriodError::NotATime {
                    given: text.to_owned()
                })
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[-+]?[0-9]{1,20}(d|w|mo|y|h)|[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?") {
            let _ = TimeRange::parse(Some(&text), None, Timestamp::UNIX_EPOCH);
            let _ = TimeRange::parse(None, Some(&text), Timestamp::UNIX_EPOCH);
        }
    }
}
