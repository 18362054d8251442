//! How much may be spent on requests to AWS: amounts, and the limits that `--spend-limit` sets.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use std::{
    fmt,
    ops::{Add, AddAssign},
    str::FromStr,
};

/// An amount in millionths of a dollar, in which every charge of AWS for a request is whole: one request to Cost
/// Explorer is 10,000 of them, one metric of `GetMetricData` 10.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MicroUsd(pub(crate) i64);

impl MicroUsd {
    /// The decimal places of a dollar that are kept.
    const PLACES: u32 = 6;

    /// The same amount in dollars.
    pub(crate) fn usd(self) -> Decimal {
        Decimal::new(self.0, Self::PLACES).normalize()
    }
}

impl Add for MicroUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for MicroUsd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} USD", self.usd())
    }
}

/// The time over which a limit counts, in UTC as AWS bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    Day,
    Month,
}

impl Span {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// The most that may be spent on requests to AWS in a UTC day and in a UTC month; none is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpendLimit {
    pub(crate) day: Option<MicroUsd>,
    pub(crate) month: Option<MicroUsd>,
}

impl Default for SpendLimit {
    /// One dollar a day: a hundred requests to Cost Explorer. Bills of 50 dollars a month for polling are what this
    /// keeps from happening unseen.
    fn default() -> Self {
        Self {
            day: Some(MicroUsd(1_000_000)),
            month: None,
        }
    }
}

impl SpendLimit {
    const NONE: Self = Self {
        day: None,
        month: None,
    };
}

/// Why a text is not a limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a limit: give dollars a day or a month, such as 1, 2.50/day, 20/month or 1/day,20/month, or none"
)]
pub(crate) struct NotALimit(String);

impl FromStr for SpendLimit {
    type Err = NotALimit;

    /// Reads `1`, `1/day`, `20/month`, both with a comma between them, or `none`.
    fn from_str(text: &str) -> Result<Self, NotALimit> {
        let wrong = || NotALimit(text.to_owned());
        if text.trim().eq_ignore_ascii_case("none") {
            return Ok(Self::NONE);
        }
        let mut limit = Self::NONE;
        for part in text.split(',') {
            let (amount, span) = part.split_once('/').unwrap_or((part, "day"));
            let amount = amount.trim().trim_start_matches('$');
            let place = match span.trim().to_ascii_lowercase().as_str() {
                "day" | "d" => &mut limit.day,
                "month" | "m" => &mut limit.month,
                _ => return Err(wrong()),
            };
            let micros = Decimal::from_str_exact(amount)
                .ok()
                .and_then(|usd| usd.checked_mul(Decimal::from(1_000_000)))
                .filter(|micros| micros.fract().is_zero() && !micros.is_sign_negative())
                .and_then(|micros| micros.to_i64())
                .ok_or_else(wrong)?;
            if place.replace(MicroUsd(micros)).is_some() {
                return Err(wrong());
            }
        }
        Ok(limit)
    }
}

impl fmt::Display for SpendLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.day, self.month) {
            (None, None) => f.write_str("none"),
            (Some(day), None) => write!(f, "{day} a day"),
            (None, Some(month)) => write!(f, "{month} a month"),
            (Some(day), Some(month)) => write!(f, "{day} a day, {month} a month"),
        }
    }
}

/// What was spent in the current UTC day and month, with what is reserved for requests under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) day: MicroUsd,
    pub(crate) month: MicroUsd,
}

impl Add for Spent {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            day: self.day + other.day,
            month: self.month + other.month,
        }
    }
}

/// A request that would have gone over a limit, and was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the spend limit of {limit} a {} is reached: {spent} spent, {price} more asked for", .span.name())]
pub(crate) struct LimitReached {
    pub(crate) span: Span,
    pub(crate) limit: MicroUsd,
    pub(crate) spent: MicroUsd,
    pub(crate) price: MicroUsd,
    /// What is cached of the service that was asked, newest first, and costs nothing to ask for again.
    pub(crate) cached: Vec<String>,
}

impl SpendLimit {
    /// Tells whether a request of this price still fits.
    ///
    /// # Errors
    ///
    /// The limit it would go over.
    pub(crate) fn admits(&self, spent: Spent, price: MicroUsd) -> Result<(), LimitReached> {
        for (span, limit, spent) in [
            (Span::Month, self.month, spent.month),
            (Span::Day, self.day, spent.day),
        ] {
            if let Some(limit) = limit
                && spent + price > limit
            {
                return Err(LimitReached {
                    span,
                    limit,
                    spent,
                    price,
                    cached: Vec::new(),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn limits_are_read_in_the_forms_people_write() {
        for (text, day, month) in [
            ("1", Some(1_000_000), None),
            ("$1", Some(1_000_000), None),
            ("2.50/day", Some(2_500_000), None),
            (" 20 / month ", None, Some(20_000_000)),
            ("1/day,20/month", Some(1_000_000), Some(20_000_000)),
            ("0", Some(0), None),
            ("0.000001/Month", None, Some(1)),
            ("none", None, None),
            ("None", None, None),
        ] {
            let read: SpendLimit = text.parse().unwrap();
            let expected = SpendLimit {
                day: day.map(MicroUsd),
                month: month.map(MicroUsd),
            };
            assert_eq!(read, expected, "{text}");
        }
        for wrong in [
            "",
            "one",
            "-1",
            "1/year",
            "1/day,2/day",
            "1,2",
            "0.0000001",
            "1e3",
            "99999999999999999999",
            "none,1",
        ] {
            let error = wrong.parse::<SpendLimit>().unwrap_err().to_string();
            assert!(error.contains("20/month"), "{wrong}: {error}");
        }
    }

    #[test]
    fn the_last_cent_fits_and_no_more() {
        let limit: SpendLimit = "0.05/day,0.06/month".parse().unwrap();
        let spent = |day, month| Spent {
            day: MicroUsd(day),
            month: MicroUsd(month),
        };
        let cent = MicroUsd(10_000);
        assert_eq!(limit.admits(spent(40_000, 40_000), cent), Ok(()));
        let refused = limit.admits(spent(40_001, 40_001), cent).unwrap_err();
        assert_eq!(refused.span, Span::Day);
        let refused = limit.admits(spent(0, 60_000), cent).unwrap_err();
        assert_eq!(refused.span, Span::Month);
        assert_eq!(
            refused.to_string(),
            "the spend limit of 0.06 USD a month is reached: 0.06 USD spent, 0.01 USD more asked for"
        );
        assert_eq!(
            SpendLimit::NONE.admits(spent(i64::MAX, i64::MAX), cent),
            Ok(())
        );
    }
}
