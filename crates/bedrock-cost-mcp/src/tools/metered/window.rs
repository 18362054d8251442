//! The time that metrics are read of, cut so that no value counts what lies outside, and how finely it is read.

use super::super::{metric_rules, reply::Correction};
use crate::error::ToolError;
use bedrock_cost::{
    metric_query::{self, Retention},
    period::{BillingPeriod, midnight, utc_date},
    time_range::TimeRange,
};
use jiff::{SignedDuration, Timestamp, civil::Date};

const MINUTE: u32 = 60;
const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;
/// Longer windows are read by the day: so many hours of every series are a page of values.
const MOST_HOURS: u64 = 15 * 24;

/// A window and the lengths of the points that it is read in, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) range: TimeRange,
    /// For what is added up.
    pub(super) sums: u32,
    /// For what is limited by the minute.
    pub(crate) peaks: u32,
    /// For percentiles and extremes, which cannot be put together from parts.
    pub(super) whole: u32,
}

impl Window {
    /// Reads the bounds of a call: the last 24 hours where there are none.
    pub(crate) fn read(
        start: Option<&str>,
        end: Option<&str>,
        now: Timestamp,
    ) -> Result<(Self, Vec<Correction>), ToolError> {
        let range = metric_query::range(start, end, now)
            .map_err(|error| metric_rules::refusal(&error.problem))?;
        if range.start() >= now {
            return Err(ToolError::invalid(
                format!("{} is not over yet", range.start()),
                "give a start_time before now, such as -24h",
            ));
        }
        if Retention::of(range, now) == Retention::Expired {
            return Err(ToolError::invalid(
                format!(
                    "CloudWatch keeps 455 days, and {} is before them",
                    range.end()
                ),
                "ask bedrock_spend for older months",
            ));
        }
        let window = Self::over(range, now);
        let is_given = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        let mut corrections = Vec::new();
        if is_given(start) && window.range.start() != range.start() {
            let change = format!("{}, where a point begins", window.range.start());
            corrections.push(Correction::new("start_time", change));
        }
        if is_given(end) && window.range.end() != range.end().min(now) {
            let change = format!("{}, where a point ends", window.range.end());
            corrections.push(Correction::new("end_time", change));
        }
        Ok((window, corrections))
    }

    /// The UTC days of a billing period that have begun.
    pub(crate) fn of_days(period: BillingPeriod, now: Timestamp) -> Option<Self> {
        let end = midnight(period.end()).min(now);
        let range = TimeRange::new(midnight(period.start()), end).ok()?;
        let mut window = Self::over(range, now);
        window.sums = DAY;
        Some(window)
    }

    /// Widens a range to whole points. What is not over ends now, rounded down to the minute.
    fn over(range: TimeRange, now: Timestamp) -> Self {
        let sums = if range.seconds().div_ceil(u64::from(HOUR)) > MOST_HOURS {
            DAY
        } else {
            HOUR
        };
        let start = down(range.start(), sums);
        let last = down(now, MINUTE);
        let end = down(
            range
                .end()
                .saturating_add(SignedDuration::from_secs(i64::from(sums) - 1))
                .unwrap_or(now),
            sums,
        )
        .min(last);
        let range = TimeRange::new(start, end).unwrap_or(range);
        let finest = Retention::of(range, now).finest();
        let seconds = range.seconds();
        let peaks = if seconds <= 25 * u64::from(HOUR) {
            MINUTE
        } else if seconds <= 5 * u64::from(DAY) {
            5 * MINUTE
        } else {
            HOUR
        };
        let hours = seconds.div_ceil(u64::from(HOUR));
        Self {
            range,
            sums,
            peaks: peaks.max(finest),
            whole: u32::try_from(hours)
                .unwrap_or(u32::MAX / HOUR)
                .saturating_mul(HOUR),
        }
    }

    /// The last UTC day that is at least partly in the window.
    pub(crate) fn last_day(self) -> Date {
        utc_date(
            self.range
                .end()
                .saturating_sub(SignedDuration::from_secs(1))
                .unwrap_or(self.range.end()),
        )
    }
}

/// The last multiple of a length that is not after an instant; UTC days and hours begin at such.
fn down(instant: Timestamp, length: u32) -> Timestamp {
    let length = i64::from(length);
    Timestamp::from_second(instant.as_second().div_euclid(length) * length).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    const NOW: &str = "2026-11-22T15:30:40Z";

    #[track_caller]
    fn check(given: (&str, &str), range: &str, steps: (u32, u32, u32), corrected: usize) {
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        let (start, end) = given;
        let (start, end) = (start.to_owned().leak(), end.to_owned().leak());
        let (window, corrections) =
            Window::read(some(start), some(end), NOW.parse().unwrap()).unwrap();
        assert_eq!(window.range.to_string(), range);
        assert_eq!((window.sums, window.peaks, window.whole), steps);
        assert_eq!(corrections.len(), corrected, "{corrections:?}");
    }

    #[test]
    fn windows_begin_and_end_where_points_do() {
        // Nothing given: a day up to the minute.
        check(
            ("", ""),
            "2026-11-21T15:00:00Z to 2026-11-22T15:30:00Z",
            (HOUR, MINUTE, 25 * HOUR),
            0,
        );
        check(
            ("-2h", ""),
            "2026-11-22T13:00:00Z to 2026-11-22T15:30:00Z",
            (HOUR, MINUTE, 3 * HOUR),
            1,
        );
        // The end of what is over is a whole hour, or the values of the hour would be counted in full.
        check(
            ("2026-11-20T10:20:00Z", "2026-11-20T11:20:00Z"),
            "2026-11-20T10:00:00Z to 2026-11-20T12:00:00Z",
            (HOUR, MINUTE, 2 * HOUR),
            2,
        );
        check(
            ("-3d", "today"),
            "2026-11-19T15:00:00Z to 2026-11-22T00:00:00Z",
            (HOUR, 300, 57 * HOUR),
            1,
        );
        // A month by the day, from midnight; minutes of it are no longer kept.
        check(
            ("2026-10", ""),
            "2026-10-01T00:00:00Z to 2026-11-01T00:00:00Z",
            (DAY, HOUR, 744 * HOUR),
            0,
        );
        // A day of three weeks ago has points of five minutes, one of a year ago of hours.
        check(
            ("2026-11-01", "2026-11-02"),
            "2026-11-01T00:00:00Z to 2026-11-02T00:00:00Z",
            (HOUR, 300, DAY),
            0,
        );
        check(
            ("2025-11-22", "2025-11-23"),
            "2025-11-22T00:00:00Z to 2025-11-23T00:00:00Z",
            (HOUR, HOUR, DAY),
            0,
        );
    }

    #[test]
    fn what_metrics_do_not_have_is_refused() {
        let now = NOW.parse().unwrap();
        for (start, end, part) in [
            ("2026-11-23", "2026-11-24", "not over yet"),
            ("2025-01-01", "2025-02-01", "455 days"),
            ("yesterdy", "", "yesterdy"),
        ] {
            let error = Window::read(Some(start), Some(end), now).unwrap_err();
            assert!(error.to_text().contains(part), "{}", error.to_text());
        }
    }

    #[test]
    fn billing_periods_are_read_by_the_utc_day() {
        let now = NOW.parse().unwrap();
        let day = |text: &str| text.parse::<Date>().unwrap();
        let november = BillingPeriod::new(day("2026-11-01"), day("2026-12-01")).unwrap();
        let window = Window::of_days(november, now).unwrap();
        assert_eq!(
            window.range.to_string(),
            "2026-11-01T00:00:00Z to 2026-11-22T15:30:00Z"
        );
        assert_eq!(window.sums, DAY);
        assert_eq!(window.last_day(), day("2026-11-22"));
        let december = BillingPeriod::new(day("2026-12-01"), day("2026-12-05")).unwrap();
        assert!(Window::of_days(december, now).is_none());
    }
}
