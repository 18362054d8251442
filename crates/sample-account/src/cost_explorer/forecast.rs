//! Forecasts: the weekly pattern of the last eight weeks, carried forward.
//!
//! A day is expected to cost what the same weekday cost in the last four weeks (the median, so
//! that one bad day is not expected to return), moved along the change from the four weeks
//! before. The interval comes from how far those days lay from their median.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::expression::{select, text};
use super::period::{Granularity, Period};
use super::usage::Sum;
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::calendar::Day;

/// Days of one half of the history.
const HALF: i32 = 28;

/// What a metric is expected to be on days to come.
#[derive(Clone, Debug)]
pub(crate) struct Outlook {
    /// The day after the last complete day of the history.
    next: Day,
    /// The expected value by weekday, Monday first.
    weekdays: [Decimal; 7],
    /// The change from one day to the next.
    drift: Decimal,
    /// The mean distance of a day from its weekday's median.
    spread: Decimal,
}

impl Outlook {
    /// Learns from the complete days before the end of the bill; none where nothing was charged.
    pub(crate) fn learn(ledger: &Ledger, passes: &[bool], metric: &str) -> Option<Self> {
        let next = Day::of(ledger.billed_until()).0;
        let first = next.plus(-2 * HALF);
        let mut days = vec![Sum::default(); usize::try_from(2 * HALF).unwrap_or(0)];
        for charge in ledger.daily(first, next) {
            if !passes.get(charge.line.id).copied().unwrap_or(false) {
                continue;
            }
            let index = usize::try_from(charge.day.0 - first.0).unwrap_or(usize::MAX);
            if let Some(day) = days.get_mut(index) {
                day.add(&charge);
            }
        }
        let values: Vec<Decimal> = days.iter().map(|day| day.metric(metric).0).collect();
        let (before, recent) = values.split_at_checked(values.len() / 2)?;
        if recent.iter().all(Decimal::is_zero) {
            return None;
        }
        // Both halves start on the same weekday, since each has whole weeks.
        let medians = |half: &[Decimal]| -> [Decimal; 7] {
            std::array::from_fn(|weekday| {
                median(half.iter().skip(weekday).step_by(7).copied().collect())
            })
        };
        let (was, is) = (medians(before), medians(recent));
        let level = |week: &[Decimal; 7]| week.iter().sum::<Decimal>() / Decimal::from(7);
        let drift = if level(&was).is_zero() {
            Decimal::ZERO
        } else {
            (level(&is) - level(&was)) / Decimal::from(HALF)
        };
        let spread = recent
            .iter()
            .zip(is.iter().cycle())
            .map(|(value, median)| (value - median).abs())
            .sum::<Decimal>()
            / Decimal::from(HALF);
        let offset = usize::try_from(first.weekday()).unwrap_or(0);
        let mut weekdays = is;
        weekdays.rotate_right(offset);
        Some(Self {
            next,
            weekdays,
            drift,
            spread,
        })
    }

    /// The expected value of one day; nothing is expected to fall below zero.
    pub(crate) fn day(&self, day: Day) -> Decimal {
        let weekday = usize::try_from(day.weekday()).unwrap_or(0);
        let level = self.weekdays.get(weekday).copied().unwrap_or_default();
        // The medians stand for the middle of their four weeks.
        let ahead = Decimal::from(day.0 - self.next.0 + HALF / 2);
        (level + self.drift * ahead).max(Decimal::ZERO).round_dp(10)
    }

    /// The expected value of the days from `from` up to but not including `to`.
    pub(crate) fn days(&self, from: Day, to: Day) -> Decimal {
        (from.0..to.0).map(|day| self.day(Day(day))).sum()
    }

    /// Half the width of the interval around a number of days, at a level in percent.
    fn margin(&self, days: i32, level: u64) -> Decimal {
        // 1.25 mean distances are a standard deviation, and those of days add as squares.
        let root = u64::from(days.unsigned_abs())
            .saturating_mul(1_000_000)
            .isqrt();
        let hundredths = self.spread * Decimal::from(125) * z_hundredths(level);
        (hundredths * Decimal::from(root) / Decimal::from(10_000_000)).round_dp(10)
    }
}

/// How many standard deviations hold a share of a normal distribution, in hundredths.
fn z_hundredths(percent: u64) -> Decimal {
    const TABLE: [(u64, u64); 9] = [
        (51, 69),
        (60, 84),
        (70, 104),
        (80, 128),
        (85, 144),
        (90, 164),
        (95, 196),
        (98, 233),
        (99, 258),
    ];
    let mut low = (51, 69);
    for (level, z) in TABLE {
        if level >= percent {
            let width = (level - low.0).max(1);
            return Decimal::from(low.1 + (z - low.1) * percent.saturating_sub(low.0) / width);
        }
        low = (level, z);
    }
    Decimal::from(low.1)
}

pub(crate) fn median(mut values: Vec<Decimal>) -> Decimal {
    values.sort_unstable();
    let middle = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or_default();
    if values.len().is_multiple_of(2) {
        (at(middle.saturating_sub(1)) + at(middle)) / Decimal::TWO
    } else {
        at(middle)
    }
}

pub(super) fn cost_forecast(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    forecast(ledger, input, "USD")
}

pub(super) fn usage_forecast(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    let passes = select(ledger.lines(), input.get("Filter"))?;
    let next = Day::of(ledger.billed_until()).0;
    let mut sum = Sum::default();
    for charge in ledger.daily(next.plus(-2 * HALF), next) {
        if passes.get(charge.line.id).copied().unwrap_or(false) {
            sum.add(&charge);
        }
    }
    let unit = sum.metric("UsageQuantity").1;
    if unit == "N/A" && !sum.metric("UsageQuantity").0.is_zero() {
        return Err(Fault::new(
            "UnresolvableUsageUnitException",
            "Cost Explorer was unable to identify the usage unit. Filter by usage types that \
             have the same unit.",
        ));
    }
    forecast(ledger, input, unit)
}

fn forecast(ledger: &Ledger, input: &Value, unit: &str) -> Result<Value, Fault> {
    let granularity = Granularity::from_input(input)?;
    let whole = Period::from_input(input, "TimePeriod")?;
    let passes = select(ledger.lines(), input.get("Filter"))?;
    let metric = text(input, "Metric").unwrap_or("UNBLENDED_COST");
    let outlook = Outlook::learn(ledger, &passes, metric).ok_or_else(|| {
        Fault::data_unavailable(
            "Insufficient amount of historical data to generate forecast. Try again in a few days",
        )
    })?;
    let level = input.get("PredictionIntervalLevel").and_then(Value::as_u64);
    let mut total = Decimal::ZERO;
    let mut results = Vec::new();
    for period in granularity.cut(whole) {
        let (from, to) = period.days();
        let mean = outlook.days(from, to);
        total += mean;
        let mut result = Map::new();
        result.insert("TimePeriod".to_owned(), period.to_json(granularity));
        result.insert("MeanValue".to_owned(), json!(mean.normalize().to_string()));
        if let Some(level) = level {
            let margin = outlook.margin(to.0 - from.0, level);
            let low = (mean - margin).max(Decimal::ZERO).normalize();
            let high = (mean + margin).normalize();
            result.insert(
                "PredictionIntervalLowerBound".to_owned(),
                json!(low.to_string()),
            );
            result.insert(
                "PredictionIntervalUpperBound".to_owned(),
                json!(high.to_string()),
            );
        }
        results.push(Value::Object(result));
    }
    Ok(json!({
        "Total": { "Amount": total.normalize().to_string(), "Unit": unit },
        "ForecastResultsByTime": results,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_shrugs_off_one_bad_day() {
        let days = [10, 11, 240, 12].map(Decimal::from).to_vec();
        assert_eq!(median(days), Decimal::new(115, 1));
    }

    #[test]
    fn the_interval_grows_with_its_level() {
        assert_eq!(z_hundredths(51), Decimal::from(69));
        assert_eq!(z_hundredths(80), Decimal::from(128));
        assert_eq!(z_hundredths(99), Decimal::from(258));
        assert!((51..99).all(|level| z_hundredths(level) <= z_hundredths(level + 1)));
    }
}
