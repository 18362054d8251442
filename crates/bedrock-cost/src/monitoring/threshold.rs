//! Thresholds from an account's own days: a rule that one bad day does not move, and the figures that it stands on.

use rust_decimal::Decimal;
use std::fmt;

/// Three standard deviations, where the spread is measured by the median absolute deviation (1.4826 of them are one).
const SPREADS: Decimal = Decimal::from_parts(445, 0, 0, false, 2);
/// However alike the days are, growth of a half is not worth a call.
const TIMES_USUAL: Decimal = Decimal::from_parts(15, 0, 0, false, 1);
/// Failures of less than this share of a usual day's requests are not worth a call.
const SHARE_OF_REQUESTS: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
/// The days of the longest month.
const DAYS_OF_A_MONTH: Decimal = Decimal::from_parts(31, 0, 0, false, 0);

/// How the days of a series lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// From the first day that has a value on; days without one count as 0.
    days: Vec<Decimal>,
    /// The value in the middle.
    pub median: Decimal,
    /// The median of the distances from the median.
    pub spread: Decimal,
    /// The greatest value.
    pub highest: Decimal,
}

impl Distribution {
    /// Reads a series of days; `None` where no day has a value above 0.
    #[must_use]
    pub fn of(days: &[Decimal]) -> Option<Self> {
        let first = days.iter().position(|day| *day > Decimal::ZERO)?;
        let days = days.get(first..)?.to_vec();
        let median = middle(days.clone());
        let distances = days.iter().map(|day| (*day - median).abs()).collect();
        Some(Self {
            median,
            spread: middle(distances),
            highest: days.iter().copied().max()?,
            days,
        })
    }

    /// Returns that of so many days without anything.
    pub(super) fn none(days: usize) -> Self {
        Self {
            days: vec![Decimal::ZERO; days],
            median: Decimal::ZERO,
            spread: Decimal::ZERO,
            highest: Decimal::ZERO,
        }
    }

    /// Returns the number of days it stands on.
    #[must_use]
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Tells whether it stands on nothing, which it never does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Returns a value that a day of volume or cost stays below unless something is wrong.
    #[must_use]
    pub fn volume_limit(&self) -> Threshold {
        // What is used on fewer than half of the days has no usual day: only the highest says what it can be.
        if self.median.is_zero() {
            return self.threshold(times(self.highest, TIMES_USUAL), Rule::Highest);
        }
        let far = plus(self.median, times(self.spread, SPREADS));
        let floor = times(self.median, TIMES_USUAL);
        self.threshold(far.max(floor), Rule::Volume)
    }

    /// Returns a number of failures that a day stays below unless something is wrong, of so many requests on a usual day.
    #[must_use]
    pub fn event_limit(&self, usual_requests: Decimal) -> Threshold {
        let far = plus(self.median, times(self.spread, SPREADS));
        let floor = times(usual_requests, SHARE_OF_REQUESTS);
        self.threshold(far.max(floor), Rule::Events)
    }

    /// Returns what a month costs if each of its days is a usual one, and as far off as days usually are.
    #[must_use]
    pub fn month_limit(&self) -> Threshold {
        let day = plus(self.median, self.spread);
        let mut limit = self.threshold(times(day, DAYS_OF_A_MONTH), Rule::Month);
        // Days are not compared with the limit of a month.
        limit.rings = 0;
        limit
    }

    /// Returns the excess over a usual day that is worth a message.
    #[must_use]
    pub fn excess_limit(&self) -> Threshold {
        let far = times(self.spread, SPREADS);
        let floor = times(self.median, TIMES_USUAL - Decimal::ONE);
        let mut limit = self.threshold(far.max(floor), Rule::Excess);
        let from = plus(self.median, limit.value);
        limit.rings = self.above(from);
        limit
    }

    fn threshold(&self, value: Decimal, rule: Rule) -> Threshold {
        let value = rounded_up(value.max(Decimal::ONE));
        Threshold {
            value,
            rule,
            rings: self.above(value),
            distribution: self.clone(),
        }
    }

    fn above(&self, value: Decimal) -> usize {
        self.days.iter().filter(|day| **day > value).count()
    }
}

/// A threshold, with what it was computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// Rounded up to two digits, never below 1.
    pub value: Decimal,
    /// How it was computed.
    pub rule: Rule,
    /// How many of the days it stands on are above it.
    pub rings: usize,
    /// What it stands on.
    pub distribution: Distribution,
}

/// How a threshold is computed from a distribution. Its text is the formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Of a volume or a cost.
    Volume,
    /// Of a volume or a cost that most days do not have.
    Highest,
    /// Of failures.
    Events,
    /// Of the cost of a month.
    Month,
    /// Of what a day costs more than a usual one.
    Excess,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Volume => "the greater of median + 4.45 MAD and 1.5 x median",
            Self::Highest => "1.5 x the highest day, as most days have none",
            Self::Events => "the greater of median + 4.45 MAD and 1% of a usual day's requests",
            Self::Month => "31 x (median + MAD) of a day",
            Self::Excess => "the greater of 4.45 MAD and 0.5 x median of a day",
        })
    }
}

impl fmt::Display for Threshold {
    /// The rule with its figures, for whoever finds the resource later.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Distribution {
            median,
            spread,
            highest,
            ..
        } = &self.distribution;
        write!(
            f,
            "{}, rounded up; {} days: median {}, MAD {}, highest {}",
            self.rule,
            self.distribution.len(),
            shown(*median),
            shown(*spread),
            shown(*highest)
        )
    }
}

/// A figure as text that a person reads: whole from a thousand on, else with two digits behind the point.
pub(super) fn shown(value: Decimal) -> String {
    let digits = if value.abs() < Decimal::ONE_THOUSAND {
        2
    } else {
        0
    };
    value.round_dp(digits).normalize().to_string()
}

fn middle(mut values: Vec<Decimal>) -> Decimal {
    values.sort_unstable();
    let upper = values.get(values.len() / 2).copied().unwrap_or_default();
    let lower = values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or_default();
    plus(lower, upper) / Decimal::TWO
}

/// Rounds up to two digits: 23,560 is 24,000, and 1.234 is 1.3.
fn rounded_up(value: Decimal) -> Decimal {
    let mut unit = Decimal::ONE;
    let mut scaled = value;
    while scaled >= Decimal::ONE_HUNDRED {
        scaled /= Decimal::TEN;
        unit *= Decimal::TEN;
    }
    while scaled < Decimal::TEN && scaled > Decimal::ZERO {
        scaled *= Decimal::TEN;
        unit /= Decimal::TEN;
    }
    (scaled.ceil() * unit).normalize()
}

fn plus(a: Decimal, b: Decimal) -> Decimal {
    a.saturating_add(b)
}

fn times(a: Decimal, b: Decimal) -> Decimal {
    a.saturating_mul(b)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn days(values: &[i64]) -> Distribution {
        let values: Vec<Decimal> = values.iter().copied().map(Decimal::from).collect();
        Distribution::of(&values).unwrap()
    }

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn one_bad_day_does_not_move_the_threshold() {
        // Median 100; the distances are 0, 5, 5, 10, 10, 20 and, of the bad day, 900: their median is 10.
        let with = days(&[100, 95, 105, 90, 110, 80, 1000]);
        assert_eq!((with.median, with.spread), (100.into(), 10.into()));
        let limit = with.volume_limit();
        // 100 + 4.45 x 10 = 144.5; 1.5 x 100 = 150 is greater.
        assert_eq!((limit.value, limit.rings), (150.into(), 1));
        assert_eq!(
            limit.to_string(),
            "the greater of median + 4.45 MAD and 1.5 x median, rounded up; 7 days: median 100, MAD 10, highest 1000"
        );
    }

    #[test]
    fn days_that_differ_by_nature_get_room() {
        // Working days of 100 and weekends of 20: the median is 100, the distances are 0 x 10 and 80 x 4.
        let week = [100, 100, 100, 100, 100, 20, 20];
        assert_eq!(
            days(&[week, week].concat()).volume_limit().value,
            150.into()
        );
        // Half and half: median 60, MAD 40, so 60 + 4.45 x 40 = 238, rounded up to two digits.
        let uneven = days(&[100, 20, 100, 20, 100, 20, 100, 20]);
        assert_eq!(uneven.volume_limit().value, 240.into());
        assert_eq!(uneven.volume_limit().rings, 0);
    }

    #[test]
    fn what_is_rarely_used_is_measured_by_its_highest_day() {
        let rare = days(&[7, 0, 0, 0, 0, 9, 0]);
        let limit = rare.volume_limit();
        assert_eq!((limit.rule, limit.value), (Rule::Highest, 14.into()));
    }

    #[test]
    fn days_before_the_first_use_do_not_count() {
        let late = days(&[0, 0, 0, 0, 0, 0, 10, 10, 0]);
        assert_eq!((late.len(), late.median), (3, 10.into()));
        assert_eq!(Distribution::of(&[Decimal::ZERO; 5]), None);
        assert_eq!(Distribution::of(&[]), None);
    }

    #[test]
    fn failures_are_measured_by_requests_too() {
        // No failures on most days: 1 percent of 50,000 requests.
        assert_eq!(
            days(&[3, 0, 0, 0]).event_limit(50_000.into()).value,
            500.into()
        );
        // 40 + 4.45 x 10 = 84.5 is more than 1 percent of 1,000.
        assert_eq!(
            days(&[30, 40, 50, 30, 50]).event_limit(1_000.into()).value,
            85.into()
        );
        // Nothing is below 1.
        assert_eq!(
            days(&[1, 0, 0]).event_limit(Decimal::ZERO).value,
            Decimal::ONE
        );
    }

    #[test]
    fn a_month_is_its_longest_number_of_usual_days() {
        // 31 x (700 + 60) = 23,560.
        let limit = days(&[640, 700, 760, 700, 620, 780]).month_limit();
        assert_eq!((limit.value, limit.rings), (24_000.into(), 0));
        // 4.45 x 60 = 267 is less than half of 700.
        assert_eq!(
            days(&[640, 700, 760, 700, 620, 780]).excess_limit().value,
            350.into()
        );
    }

    #[test]
    fn thresholds_are_rounded_up_to_two_digits() {
        for (value, expected) in [
            ("1", "1"),
            ("1.234", "1.3"),
            ("9.99", "10"),
            ("10", "10"),
            ("10.01", "11"),
            ("99.5", "100"),
            ("100", "100"),
            ("101", "110"),
            ("23560", "24000"),
            ("238000001", "240000000"),
            ("0.0123", "0.013"),
        ] {
            assert_eq!(rounded_up(number(value)), number(expected), "{value}");
        }
    }
}
