//! The length of a point: what CloudWatch keeps, and how many points one answer has.

use jiff::{SignedDuration, Timestamp};

use super::{MetricError, MetricProblem};
use crate::period::{midnight, utc_date};
use crate::time_range::TimeRange;

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Days that CloudWatch keeps metrics, by its API reference, checked 2026-11-22.
const KEPT_DAYS: u64 = 455;

/// Lengths of a point that people think in, in seconds.
const USUAL: &[u32] = &[
    60, 300, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200, 86_400, 604_800,
];

/// Points of an answer whose period nobody asked for: the hours of a month.
const UNASKED_POINTS: u64 = 744;

/// What CloudWatch still keeps of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// All of it, in points of this many seconds or more.
    Whole(u32),
    /// Only what is younger than 455 days, in points of an hour or more.
    Partial,
    /// Nothing.
    Expired,
}

impl Retention {
    /// Returns what is kept of a range as of `now`.
    ///
    /// Points of 60 seconds are kept for 15 days, of 300 seconds for 63 days, of 3,600 seconds for 455 days.
    #[must_use]
    pub fn of(range: TimeRange, now: Timestamp) -> Self {
        let oldest = oldest(now);
        if range.end() <= oldest {
            Self::Expired
        } else if range.start() < oldest {
            Self::Partial
        } else {
            let age = age_seconds(range.start(), now);
            Self::Whole(if age < 15 * DAY {
                60
            } else if age < 63 * DAY {
                300
            } else {
                3_600
            })
        }
    }

    /// Returns the shortest length of a point that is kept, in seconds.
    #[must_use]
    pub const fn finest(self) -> u32 {
        match self {
            Self::Whole(seconds) => seconds,
            Self::Partial | Self::Expired => 3_600,
        }
    }
}

/// Returns the usual length of a point, at least `wanted` seconds, that CloudWatch keeps of this range and that gives
/// at most `max_points` points.
#[must_use]
pub fn fitting_period(range: TimeRange, wanted: i64, now: Timestamp, max_points: u64) -> u32 {
    let finest = Retention::of(range, now).finest();
    let fits = |period: u32| {
        i64::from(period) >= wanted
            && period.is_multiple_of(finest)
            && range.seconds().div_ceil(u64::from(period)) <= max_points
    };
    USUAL
        .iter()
        .copied()
        .find(|period| fits(*period))
        .unwrap_or_else(|| {
            let days = range.seconds().div_ceil(max_points.max(1)).div_ceil(DAY);
            u32::try_from(days.saturating_mul(DAY)).unwrap_or(u32::MAX - u32::MAX % 86_400)
        })
}

/// Checks a length of a point, or chooses one, for a range of which CloudWatch keeps something.
pub(super) fn check(
    range: TimeRange,
    given: Option<i64>,
    now: Timestamp,
    max_points: Option<u64>,
) -> Result<u32, MetricError> {
    let most = max_points.unwrap_or(u64::MAX);
    let retention = Retention::of(range, now);
    let wanted = given.unwrap_or(1);
    let refuse = |problem| {
        let range = if retention == Retention::Expired {
            recent(range, now)
        } else {
            Some(range)
        };
        let most = most.min(if given.is_none() {
            UNASKED_POINTS
        } else {
            u64::MAX
        });
        // A period that CloudWatch cannot take gives no length to go by.
        let wanted = if (1..=i64::from(i32::MAX)).contains(&wanted) {
            wanted
        } else {
            1
        };
        let suggested = range.map(|range| (range, fitting_period(range, wanted, now, most)));
        Err(MetricError {
            problem: Box::new(problem),
            suggested,
        })
    };
    if retention == Retention::Expired {
        return refuse(MetricProblem::Expired {
            oldest: oldest(now),
            end: range.end(),
        });
    }
    let Some(given) = given else {
        return Ok(fitting_period(range, wanted, now, most.min(UNASKED_POINTS)));
    };
    let step = match i32::try_from(given).map(i32::cast_unsigned) {
        Ok(period) if given > 0 && period.is_multiple_of(60) => period,
        _ => return refuse(MetricProblem::PeriodStep { given }),
    };
    let finest = retention.finest();
    if !step.is_multiple_of(finest) {
        let days = age_seconds(range.start(), now) / DAY;
        return refuse(MetricProblem::PeriodTooFine {
            given,
            finest,
            days,
        });
    }
    let points = range.seconds().div_ceil(u64::from(step));
    if points > most {
        return refuse(MetricProblem::TooManyPoints {
            period: step,
            points,
            max: most,
        });
    }
    Ok(step)
}

fn oldest(now: Timestamp) -> Timestamp {
    before(now, KEPT_DAYS * DAY)
}

fn before(instant: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    instant
        .checked_sub(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::MIN)
}

fn age_seconds(start: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.as_second() - start.as_second()).unwrap_or(0)
}

/// Returns the range of the same length, or of all that is kept, that ended last midnight.
fn recent(range: TimeRange, now: Timestamp) -> Option<TimeRange> {
    let end = midnight(utc_date(now));
    // The day before the oldest would begin before what is kept.
    let length = range.seconds().min((KEPT_DAYS - 1) * DAY);
    TimeRange::new(before(end, length), end).ok()
}
