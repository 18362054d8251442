//! Billing periods: half-open, in whole UTC days, and the arithmetic of dates behind them.
//!
//! The core has no clock: whatever is relative is read against a `today` that the caller passes in.

mod text;

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

use crate::names::Shown;
pub use text::parse_date;
pub(crate) use text::{Unit, calendar_date, day_name, named_period, present, relative};

/// Why a text or a pair of bounds is not a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The text is not a date or a day-based relative form.
    #[error(
        "cannot read {} as a date, expected a form like 2024-11-01, today, -30d, last_month or month_to_date",
        Shown(.given)
    )]
    NotADate {
        /// The text as it was given.
        given: String,
    },
    /// The text is not an instant.
    #[error(
        "cannot read {} as a time, expected a form like 2024-11-01T00:00:00Z, 2024-11-01, -3h or epoch seconds",
        Shown(.given)
    )]
    NotATime {
        /// The text as it was given.
        given: String,
    },
    /// The date has the right form but is not in the calendar.
    #[error("{given} does not exist: {reason}")]
    Impossible {
        /// The date as it was given, `YYYY-MM-DD`.
        given: String,
        /// What the calendar has instead.
        reason: String,
    },
    /// The end is not after the start.
    #[error("the end {end} is not after the start {start} (the end is exclusive)")]
    Empty {
        /// The inclusive start.
        start: String,
        /// The exclusive end.
        end: String,
    },
    /// A relative form reaches out of the calendar.
    #[error("{} reaches too far", Shown(.given))]
    TooFar {
        /// The text as it was given.
        given: String,
    },
}

/// A half-open period of whole UTC days, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillingPeriod {
    start: Date,
    end: Date,
}

impl BillingPeriod {
    /// Makes the period from `start` up to but excluding `end`.
    ///
    /// # Errors
    ///
    /// Fails when `end` is not after `start`.
    pub fn new(start: Date, end: Date) -> Result<Self, PeriodError> {
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(PeriodError::Empty {
                start: start.to_string(),
                end: end.to_string(),
            })
        }
    }

    /// Returns the one day `date`, or `None` at the end of the calendar.
    #[must_use]
    pub fn day(date: Date) -> Option<Self> {
        Some(Self {
            start: date,
            end: date.tomorrow().ok()?,
        })
    }

    /// Returns the calendar month that holds `date`, or `None` at the end of the calendar.
    #[must_use]
    pub fn month_of(date: Date) -> Option<Self> {
        Some(Self {
            start: date.first_of_month(),
            end: plus_months(date.first_of_month(), 1)?,
        })
    }

    /// Reads a period from its two bounds, each a date, a relative form or the name of a period.
    ///
    /// A named period (`last_month`, `2024-11`) gives its start as a start and its end as an end; alone it is the
    /// period. Without an end the period reaches up to `today`, or is the start's one day when that is later.
    /// Without a start it is the 30 days before the end. Without both it is the last 30 complete days.
    ///
    /// # Errors
    ///
    /// Fails when a bound cannot be read or is not in the calendar, or when the end is not after the start.
    pub fn parse(start: Option<&str>, end: Option<&str>, today: Date) -> Result<Self, PeriodError> {
        match (present(start), present(end)) {
            (Some(start), None) => {
                if let Some(named) = named_period(start, today)? {
                    return Ok(named);
                }
                let date = parse_date(start, today)?;
                if date < today {
                    return Self::new(date, today);
                }
                Self::day(date).ok_or_else(|| too_far(start))
            }
            (start, end) => {
                let last = match end {
                    Some(text) => bound(text, today, |period| period.end)?,
                    None => today,
                };
                let first = match start {
                    Some(text) => bound(text, today, |period| period.start)?,
                    None => plus_days(last, -30).ok_or_else(|| too_far(end.unwrap_or("today")))?,
                };
                Self::new(first, last)
            }
        }
    }

    /// Makes the period of every day that the instants from `start` up to `end` touch, at least the first.
    pub(crate) fn touching(start: Timestamp, end: Timestamp) -> Self {
        let (first, last) = (utc_date(start), utc_date(end));
        let ends_at_midnight = midnight(last) == end && last > first;
        let end = if ends_at_midnight {
            last
        } else {
            last.max(first).tomorrow().unwrap_or(Date::MAX)
        };
        Self { start: first, end }
    }

    /// Reads one bound: a date, a relative form, or the named period's `side`.
    pub(crate) fn parse_bound(
        text: &str,
        today: Date,
        side: fn(Self) -> Date,
    ) -> Result<Date, PeriodError> {
        bound(text, today, side)
    }

    /// Returns the first day.
    #[must_use]
    pub const fn start(self) -> Date {
        self.start
    }

    /// Returns the day after the last day.
    #[must_use]
    pub const fn end(self) -> Date {
        self.end
    }

    /// Returns the last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.end.yesterday().unwrap_or(self.start)
    }

    /// Returns the number of days, at least 1.
    #[must_use]
    pub fn days(self) -> u32 {
        u32::try_from(days_between(self.start, self.end)).unwrap_or(1)
    }

    /// Tells whether `date` lies in the period.
    #[must_use]
    pub fn contains(self, date: Date) -> bool {
        self.start <= date && date < self.end
    }

    /// Tells whether the period begins and ends on the first of a month.
    #[must_use]
    pub fn is_whole_months(self) -> bool {
        self.start.day() == 1 && self.end.day() == 1
    }

    /// Tells whether the period is exactly one calendar month.
    #[must_use]
    pub fn is_one_month(self) -> bool {
        self.start.day() == 1 && plus_months(self.start, 1) == Some(self.end)
    }

    /// Returns the period just before of the same length: as many months for whole months, as many days otherwise.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        let start = if self.is_whole_months() {
            plus_months(self.start, -months_between(self.start, self.end))?
        } else {
            plus_days(self.start, -days_between(self.start, self.end))?
        };
        Some(Self {
            start,
            end: self.start,
        })
    }
}

impl fmt::Display for BillingPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.start, self.end)
    }
}

impl FromStr for BillingPeriod {
    type Err = PeriodError;

    /// Reads `2024-11-01 to 2024-12-01` or `2024-11-01/2024-12-01`, the end exclusive.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let not_a_date = || PeriodError::NotADate {
            given: text.to_owned(),
        };
        let (start, end) = text
            .split_once(" to ")
            .or_else(|| text.split_once('/'))
            .ok_or_else(not_a_date)?;
        let start = calendar_date(start.trim()).ok_or_else(not_a_date)??;
        let end = calendar_date(end.trim()).ok_or_else(not_a_date)??;
        Self::new(start, end)
    }
}

/// Returns the instant at which the UTC day begins.
#[must_use]
pub fn midnight(date: Date) -> Timestamp {
    Offset::UTC
        .to_timestamp(date.to_datetime(Time::midnight()))
        .unwrap_or(Timestamp::MAX)
}

/// Returns the UTC date of an instant.
#[must_use]
pub fn utc_date(instant: Timestamp) -> Date {
    Offset::UTC.to_datetime(instant).date()
}

/// Moves a date by whole months, to the last day of a month that is too short; `None` out of the years 1 to 9999.
#[must_use]
pub fn plus_months(date: Date, months: i64) -> Option<Date> {
    date.checked_add(Span::new().try_months(months).ok()?)
        .ok()
        .filter(|date| date.year() >= 1)
}

/// Moves a date by whole days; `None` out of the years 1 to 9999.
#[must_use]
pub fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?)
        .ok()
        .filter(|date| date.year() >= 1)
}

/// Returns the number of days from `start` to `end`, negative when `end` is earlier.
#[must_use]
pub fn days_between(start: Date, end: Date) -> i64 {
    (midnight(end).as_second() - midnight(start).as_second()) / 86_400
}

fn months_between(start: Date, end: Date) -> i64 {
    (i64::from(end.year()) - i64::from(start.year())) * 12 + i64::from(end.month())
        - i64::from(start.month())
}

pub(crate) fn too_far(given: &str) -> PeriodError {
    PeriodError::TooFar {
        given: given.to_owned(),
    }
}

fn bound(text: &str, today: Date, side: fn(BillingPeriod) -> Date) -> Result<Date, PeriodError> {
    if day_name(text).is_none()
        && let Some(period) = named_period(text, today)?
    {
        return Ok(side(period));
    }
    parse_date(text, today)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    /// Reads the two bounds (empty for absent) as of Thursday 2024-12-05.
    fn check(start: &str, end: &str, expected: &str) {
        let found = BillingPeriod::parse(Some(start), Some(end), date(2024, 12, 5));
        assert_eq!(
            found.map_or_else(|e| e.to_string(), |p| p.to_string()),
            expected,
            "{start:?} {end:?}"
        );
    }

    #[test]
    fn dates_are_read() {
        check("2024-11-01", "2024-12-01", "2024-11-01 to 2024-12-01");
        check(
            "2024-11-01T00:00:00Z",
            "2024-12-01T00:00:00Z",
            "2024-11-01 to 2024-12-01",
        );
        check(
            "2024-11-01T01:00:00+02:00",
            "2024-12-01",
            "2024-10-31 to 2024-12-01",
        );
        check("-30d", "today", "2024-11-05 to 2024-12-05");
        check("2 weeks ago", "yesterday", "2024-11-21 to 2024-12-04");
        check("-1mo", "tomorrow", "2024-11-05 to 2024-12-06");
        check("-1y", "+1d", "2023-12-05 to 2024-12-06");
        check("2024-11-20", "", "2024-11-20 to 2024-12-05");
        check("today", "", "2024-12-05 to 2024-12-06");
        check("yesterday", "", "2024-12-04 to 2024-12-05");
        check("2024-12-09", "", "2024-12-09 to 2024-12-10");
        check("", "2024-12-01", "2024-11-01 to 2024-12-01");
        check("", "", "2024-11-05 to 2024-12-05");
    }

    #[test]
    fn named_periods_are_read() {
        check("last_month", "", "2024-11-01 to 2024-12-01");
        check("Last Month", "last-month", "2024-11-01 to 2024-12-01");
        check("last_month", "this_month", "2024-11-01 to 2025-01-01");
        check("this_month", "", "2024-12-01 to 2025-01-01");
        check("month_to_date", "", "2024-12-01 to 2024-12-06");
        check("last_7_days", "", "2024-11-28 to 2024-12-05");
        check("last_3_months", "", "2024-09-01 to 2024-12-01");
        check("past_2_weeks", "", "2024-11-21 to 2024-12-05");
        check("next_3_months", "", "2025-01-01 to 2025-04-01");
        check("rest_of_month", "", "2024-12-05 to 2025-01-01");
        check("this_week", "", "2024-12-02 to 2024-12-09");
        check("last_week", "", "2024-11-25 to 2024-12-02");
        check("last_quarter", "", "2024-07-01 to 2024-10-01");
        check("ytd", "", "2024-01-01 to 2024-12-06");
        check("last_year", "", "2023-01-01 to 2024-01-01");
        check("2024-02", "", "2024-02-01 to 2024-03-01");
        check("2024-02", "2024-03", "2024-02-01 to 2024-04-01");
    }

    #[test]
    fn what_is_no_period_says_why() {
        check(
            "2024-02-30",
            "",
            "2024-02-30 does not exist: February 2024 has 29 days",
        );
        check(
            "2023-02-29T00:00:00Z",
            "",
            "2023-02-29 does not exist: February 2023 has 28 days",
        );
        check(
            "2024-13-01",
            "",
            "2024-13-01 does not exist: months run from 01 to 12",
        );
        check(
            "2024-00",
            "",
            "2024-00 does not exist: months run from 01 to 12",
        );
        check(
            "2024-11-31",
            "2024-12-01",
            "2024-11-31 does not exist: November 2024 has 30 days",
        );
        check(
            "2024-12-01",
            "2024-11-01",
            "the end 2024-11-01 is not after the start 2024-12-01 (the end is exclusive)",
        );
        check(
            "2024-11-01",
            "2024-11-01",
            "the end 2024-11-01 is not after the start 2024-11-01 (the end is exclusive)",
        );
        for text in [
            "-3h",
            "-3m",
            "01/11/2024",
            "24-1-1",
            "-d",
            "-99999999999999999999d",
            "last_0_days",
            "\u{0}",
        ] {
            let error = BillingPeriod::parse(Some(text), None, date(2024, 12, 5)).unwrap_err();
            assert_eq!(
                error,
                PeriodError::NotADate {
                    given: text.to_owned()
                }
            );
        }
        check("-9999y", "", r#""-9999y" reaches too far"#);
    }

    #[test]
    fn weeks_begin_on_monday() {
        for (today, monday) in [(2, "2024-12-02"), (8, "2024-12-02"), (9, "2024-12-09")] {
            let week =
                BillingPeriod::parse(Some("this_week"), None, date(2024, 12, today)).unwrap();
            assert_eq!(week.start().to_string(), monday);
            assert_eq!(week.days(), 7);
        }
    }

    #[test]
    fn the_period_before_has_the_same_length() {
        for (period, previous) in [
            ("2024-11-01/2024-12-01", "2024-10-01 to 2024-11-01"),
            ("2024-01-01/2024-04-01", "2023-10-01 to 2024-01-01"),
            ("2024-03-01/2024-03-15", "2024-02-16 to 2024-03-01"),
        ] {
            let period: BillingPeriod = period.parse().unwrap();
            assert_eq!(period.previous().unwrap().to_string(), previous);
        }
    }

    #[test]
    fn length_and_months_are_known() {
        let november: BillingPeriod = "2024-11-01 to 2024-12-01".parse().unwrap();
        assert_eq!(
            (
                november.days(),
                november.is_one_month(),
                november.is_whole_months()
            ),
            (30, true, true)
        );
        assert_eq!(november.last_day(), date(2024, 11, 30));
        assert!(november.contains(date(2024, 11, 30)) && !november.contains(date(2024, 12, 1)));
        let quarter: BillingPeriod = "2024-01-01 to 2024-04-01".parse().unwrap();
        assert_eq!(
            (
                quarter.days(),
                quarter.is_one_month(),
                quarter.is_whole_months()
            ),
            (91, false, true)
        );
    }

    proptest! {
        #[test]
        fn a_period_reads_back_from_its_own_text(start in -20_000_i64..20_000, days in 1_i64..4_000) {
            let start = plus_days(date(2000, 1, 1), start).unwrap();
            let period = BillingPeriod::new(start, plus_days(start, days).unwrap()).unwrap();
            prop_assert_eq!(period.to_string().parse(), Ok(period));
            prop_assert_eq!(i64::from(period.days()), days);
            let bounds = (period.start().to_string(), period.end().to_string());
            prop_assert_eq!(BillingPeriod::parse(Some(&bounds.0), Some(&bounds.1), date(2024, 12, 5)), Ok(period));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[-+]?[0-9]{1,20}(d|w|mo|y|h)|[0-9]{4}-[0-9]{2}(-[0-9]{2}(T.*)?)?") {
            let _ = BillingPeriod::parse(Some(&text), None, date(2024, 12, 5));
            let _ = BillingPeriod::parse(None, Some(&text), date(2024, 12, 5));
        }
    }
}
