//! How many requests there are in a month, and how many in a busy minute.

use rust_decimal::Decimal;

use super::arguments::{RequestRate, RequestsArgument};
use super::arithmetic::{self, Inexact};
use super::error::ScenarioError;
use super::validate::{Bounds, in_bounds, whole};

/// The most requests in a month: 400,000 a second.
const MAX_REQUESTS: i64 = 1_000_000_000_000;

/// A rate of requests and the lengths of days have at most this many decimal places, so that costs stay exact.
const RATE_PLACES: u32 = 4;

/// Requests of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requests {
    monthly: Decimal,
    spread: Option<Spread>,
}

/// The rate that the month was computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spread {
    rate: Decimal,
    per: &'static str,
    hours: Option<Decimal>,
    days: Decimal,
    /// Minutes in which `rate` requests come, when it is known.
    minutes: Option<Decimal>,
}

impl Requests {
    /// Checks what was said about requests.
    ///
    /// # Errors
    /// When hours or days are missing, more than one rate is given, or a number is out of bounds.
    pub fn new(argument: &RequestsArgument) -> Result<Self, ScenarioError> {
        match argument {
            RequestsArgument::Monthly(requests) => Ok(Self {
                monthly: whole("requests", *requests, Decimal::ONE, MAX_REQUESTS.into())?,
                spread: None,
            }),
            RequestsArgument::Rate(rate) => Self::spread(rate),
        }
    }

    fn spread(rate: &RequestRate) -> Result<Self, ScenarioError> {
        let rates = [
            ("minute", "requests.per_minute", rate.per_minute),
            ("hour", "requests.per_hour", rate.per_hour),
            ("day", "requests.per_day", rate.per_day),
        ];
        let given: Vec<_> = rates
            .into_iter()
            .filter_map(|(per, field, value)| Some((per, field, value?)))
            .collect();
        let [(per, field, value)] = *given.as_slice() else {
            return Err(ScenarioError::OneRate { given: given.len() });
        };
        let positive = |max: i64| Bounds {
            min: Decimal::ZERO,
            above_min: true,
            max: max.into(),
            places: RATE_PLACES,
        };
        let value = in_bounds(field, value, positive(MAX_REQUESTS))?;
        let hours = rate
            .hours_per_day
            .map(|hours| in_bounds("requests.hours_per_day", hours, positive(24)))
            .transpose()?;
        let days = rate.days_per_month.ok_or(ScenarioError::Missing {
            field: "requests.days_per_month",
        })?;
        let days = in_bounds("requests.days_per_month", days, positive(31))?;
        let needed = hours.ok_or(ScenarioError::Missing {
            field: "requests.hours_per_day",
        });
        let sixty = Decimal::from(60);
        let (times_a_day, minutes) = match per {
            "minute" => (arithmetic::times(needed?, sixty)?, Some(Decimal::ONE)),
            "hour" => (needed?, Some(sixty)),
            _ => {
                let minutes = hours.map(|hours| arithmetic::times(hours, sixty));
                (Decimal::ONE, minutes.transpose()?)
            }
        };
        let monthly = arithmetic::times(arithmetic::times(value, times_a_day)?, days)?;
        if monthly > MAX_REQUESTS.into() {
            return Err(ScenarioError::OutOfRange {
                field: "requests",
                given: monthly.normalize(),
                min: Decimal::ZERO,
                max: MAX_REQUESTS.into(),
            });
        }
        Ok(Self {
            monthly: monthly.normalize(),
            spread: Some(Spread {
                rate: value,
                per,
                hours: hours.filter(|_| per != "day"),
                days,
                minutes,
            }),
        })
    }

    /// Returns the requests of a month: a mean, so that a rate over a stretch of time may give a fraction.
    #[must_use]
    pub const fn monthly(&self) -> Decimal {
        self.monthly
    }

    /// Returns this part of the requests, 0 to 1, spread over the same hours.
    pub(super) fn part(&self, share: Decimal) -> Result<Self, Inexact> {
        let spread = self.spread.as_ref().map(|spread| {
            Ok(Spread {
                rate: arithmetic::times(spread.rate, share)?,
                ..spread.clone()
            })
        });
        Ok(Self {
            monthly: arithmetic::times(self.monthly, share)?,
            spread: spread.transpose()?,
        })
    }

    /// Returns the whole requests that come in a stretch of minutes when they come evenly; none where the hours of a
    /// day are not known.
    pub(crate) fn during(&self, minutes: u32) -> Option<Decimal> {
        let spread = self.spread.as_ref()?;
        let rate = arithmetic::times(spread.rate, minutes.into()).ok()?;
        Some(rate.checked_div(spread.minutes?)?.floor())
    }

    /// Returns the whole requests of one of the days on which they come; none where only a month is known.
    pub(crate) fn in_a_day(&self) -> Option<Decimal> {
        let spread = self.spread.as_ref()?;
        Some(self.monthly.checked_div(spread.days)?.floor())
    }

    /// Returns how the month was computed: `50 a minute x 60 x 8 hours x 30 days = 720000 requests a month`.
    #[must_use]
    pub fn formula(&self) -> String {
        let Some(spread) = &self.spread else {
            return format!("{} requests a month", self.monthly);
        };
        let sixty = if spread.per == "minute" { " x 60" } else { "" };
        let hours = spread
            .hours
            .map_or_else(String::new, |hours| format!("{sixty} x {hours} hours"));
        format!(
            "{} {} {}{hours} x {} days = {} requests a month",
            spread.rate,
            if spread.per == "hour" { "an" } else { "a" },
            spread.per,
            spread.days,
            self.monthly
        )
    }

    /// Returns the thousands of tokens of a busy minute, rounded up, when the hours of a day are known.
    pub(super) fn thousand_tokens_a_minute(
        &self,
        tokens: Decimal,
    ) -> Result<Option<Decimal>, Inexact> {
        let Some(Spread {
            rate,
            minutes: Some(minutes),
            ..
        }) = &self.spread
        else {
            return Ok(None);
        };
        let tokens = arithmetic::times(*rate, tokens)?;
        let per_unit = arithmetic::times(*minutes, Decimal::ONE_THOUSAND)?;
        arithmetic::whole_times(tokens, per_unit).map(Some)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Option<Decimal> {
        (!text.is_empty()).then(|| text.parse().unwrap())
    }

    fn check(per: &str, rate: &str, hours: &str, days: &str, expected: &str) {
        let rate = decimal(rate);
        let of = |name: &str| rate.filter(|_| name == per);
        let argument = RequestsArgument::Rate(RequestRate {
            per_minute: of("minute"),
            per_hour: of("hour"),
            per_day: of("day"),
            hours_per_day: decimal(hours),
            days_per_month: decimal(days),
        });
        let formula = Requests::new(&argument).map(|requests| requests.formula());
        assert_eq!(
            formula.unwrap_or_else(|error| error.to_string()),
            expected,
            "{per} {hours} {days}"
        );
    }

    #[test]
    fn a_month_is_computed_from_what_is_given() {
        check(
            "minute",
            "50",
            "8",
            "30",
            "50 a minute x 60 x 8 hours x 30 days = 720000 requests a month",
        );
        check(
            "hour",
            "500",
            "10",
            "21",
            "500 an hour x 10 hours x 21 days = 105000 requests a month",
        );
        check(
            "day",
            "1000",
            "",
            "22",
            "1000 a day x 22 days = 22000 requests a month",
        );
        check(
            "minute",
            "0.5",
            "7.5",
            "21.67",
            "0.5 a minute x 60 x 7.5 hours x 21.67 days = 4875.75 requests a month",
        );
    }

    #[test]
    fn hours_and_days_are_asked_for() {
        let days = "requests.days_per_month is missing: 30 or 22? it is never assumed";
        check("minute", "50", "8", "", days);
        check("day", "50", "", "", days);
        check(
            "hour",
            "50",
            "",
            "22",
            "requests.hours_per_day is missing: 24 or 8? it is never assumed",
        );
        check(
            "second",
            "50",
            "8",
            "30",
            "requests need exactly one of per_minute, per_hour and per_day, 0 are given",
        );
    }

    #[test]
    fn absurd_numbers_are_refused() {
        check(
            "minute",
            "50",
            "25",
            "30",
            "requests.hours_per_day is 25, outside 0 to 24",
        );
        check(
            "minute",
            "50",
            "8",
            "32",
            "requests.days_per_month is 32, outside 0 to 31",
        );
        check(
            "minute",
            "0",
            "8",
            "30",
            "requests.per_minute is 0, it must be above 0",
        );
        check(
            "minute",
            "-50",
            "8",
            "30",
            "requests.per_minute is -50, outside 0 to 1000000000000",
        );
        check(
            "minute",
            "1000000000",
            "24",
            "31",
            "requests is 44640000000000, outside 0 to 1000000000000",
        );
        check(
            "minute",
            "0.00001",
            "8",
            "30",
            "requests.per_minute is 0.00001, which has more than 4 decimal places",
        );
        let monthly = |text: &str| {
            Requests::new(&RequestsArgument::Monthly(decimal(text).unwrap()))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(monthly("0"), "requests is 0, outside 1 to 1000000000000");
        assert_eq!(
            monthly("1.5"),
            "requests is 1.5, which is not a whole number"
        );
        assert_eq!(
            monthly("1000000000001"),
            "requests is 1000000000001, outside 1 to 1000000000000"
        );
    }
}
