//! Amounts and rates in US dollars: exact decimals of different types, so that they cannot be mixed.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::exact;
use crate::tokens::TokenCount;

/// An amount of US dollars. It may be negative: a saving can be a loss.
///
/// Amounts are never rounded: the bounds of the rates and counts keep every cost within the 28 digits
/// that a [`Decimal`] holds exactly. Rounding belongs to display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(Decimal);

impl Usd {
    /// No dollars.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Makes an amount of `amount` dollars.
    #[must_use]
    pub const fn new(amount: Decimal) -> Self {
        Self(amount)
    }

    /// Returns the dollars as a plain decimal.
    #[must_use]
    pub const fn amount(self) -> Decimal {
        self.0
    }

    /// Returns this amount `factor` times, or `None` beyond what a decimal holds.
    #[must_use]
    pub fn checked_times(self, factor: Decimal) -> Option<Self> {
        self.0.checked_mul(factor).map(Self)
    }

    /// Rounds to `places` decimal places, halves away from zero. For display only.
    #[must_use]
    pub fn rounded(self, places: u32) -> Self {
        Self(
            self.0.round_dp_with_strategy(
                places,
                rust_decimal::RoundingStrategy::MidpointAwayFromZero,
            ),
        )
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Usd {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Neg for Usd {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl<'a> Sum<&'a Self> for Usd {
    fn sum<I: Iterator<Item = &'a Self>>(amounts: I) -> Self {
        amounts.copied().sum()
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.normalize(), f)
    }
}

impl FromStr for Usd {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        exact::parse(text)
            .map(Self)
            .ok_or_else(|| MoneyError::NotDecimal(text.to_owned()))
    }
}

impl serde::Serialize for Usd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        exact::serialize(self.0, serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Usd {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        exact::deserialize(deserializer).map(Self)
    }
}

/// Why a text or number is not an amount or a rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a plain decimal number.
    #[error("`{0}` is not a decimal number of dollars")]
    NotDecimal(String),
    /// Outside the bounds of the kind of rate.
    #[error("{value} USD per {unit} is outside 0 to {max}")]
    OutOfRange {
        /// The value that was given.
        value: Decimal,
        /// What the rate is per.
        unit: &'static str,
        /// The largest rate accepted.
        max: u32,
    },
    /// More decimal places than a rate may have.
    #[error("{value} USD per {unit} has more than {MAX_RATE_DECIMALS} decimal places")]
    TooFine {
        /// The value that was given.
        value: Decimal,
        /// What the rate is per.
        unit: &'static str,
    },
}

/// The decimal places a rate may have: the finest published one has 8 once a tier halves it.
///
/// Together with the upper bounds it keeps rate x count under 28 digits, so every cost is exact.
pub const MAX_RATE_DECIMALS: u32 = 8;

fn checked_rate(value: Decimal, unit: &'static str, max: u32) -> Result<Decimal, MoneyError> {
    if value < Decimal::ZERO || value > Decimal::from(max) {
        return Err(MoneyError::OutOfRange { value, unit, max });
    }
    let value = value.normalize();
    if value.scale() > MAX_RATE_DECIMALS {
        return Err(MoneyError::TooFine { value, unit });
    }
    Ok(value)
}

macro_rules! rate {
    ($(#[$doc:meta])* $name:ident, $unit:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Decimal);

        impl $name {
            /// The largest rate accepted, in US dollars: far above any published one.
            pub const MAX: u32 = $max;

            /// Makes a rate of `usd` dollars.
            ///
            /// # Errors
            /// When `usd` is negative, above [`Self::MAX`], or finer than [`MAX_RATE_DECIMALS`].
            pub fn new(usd: Decimal) -> Result<Self, MoneyError> {
                checked_rate(usd, $unit, Self::MAX).map(Self)
            }

            /// Returns the dollars per unit.
            #[must_use]
            pub const fn usd(self) -> Decimal {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.normalize(), f)
            }
        }

        impl FromStr for $name {
            type Err = MoneyError;
            fn from_str(text: &str) -> Result<Self, MoneyError> {
                let usd = exact::parse(text).ok_or_else(|| MoneyError::NotDecimal(text.to_owned()))?;
                Self::new(usd)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                exact::serialize(self.0, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(exact::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

rate! {
    /// A rate in US dollars per million tokens, 0 to 10,000.
    TokenRate, "million tokens", 10_000
}

rate! {
    /// A rate in US dollars per hour, 0 to 1,000,000: of one model unit, for instance.
    HourlyRate, "hour", 1_000_000
}

rate! {
    /// A rate in US dollars per guardrail text unit (up to 1,000 characters), 0 to 1.
    TextUnitRate, "text unit", 1
}

const MILLIONTH: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

impl TokenRate {
    /// Makes a rate from a mantissa of up to 64 bits, without a check: for the generated tables,
    /// whose values were checked when they were generated.
    pub(crate) const fn listed(mantissa_low: u32, mantissa_high: u32, scale: u32) -> Self {
        Self(Decimal::from_parts(
            mantissa_low,
            mantissa_high,
            0,
            false,
            scale,
        ))
    }

    /// Returns rate x count, exactly.
    ///
    /// At most 10^4 x 10^8 x 10^15 = 10^27 with 14 decimal places: within a decimal's 28 digits.
    #[must_use]
    pub fn cost(self, count: TokenCount) -> Usd {
        Usd(self.0 * Decimal::from(count.get()) * MILLIONTH)
    }
}

impl HourlyRate {
    /// Returns rate x hours.
    #[must_use]
    pub fn cost(self, hours: u32) -> Usd {
        Usd(self.0 * Decimal::from(hours))
    }
}

impl TextUnitRate {
    /// Returns rate x text units, exactly.
    #[must_use]
    pub fn cost(self, text_units: u64) -> Usd {
        Usd(self.0 * Decimal::from(text_units))
    }
}

/// A rate in US dollars per anything else: an image, a second of video, 1,000 queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct UnitRate {
    /// US dollars per unit.
    pub usd: Usd,
    /// What one unit is, in words: `image`, `1,000 queries`.
    pub unit: &'static str,
}

impl UnitRate {
    /// Returns rate x units.
    #[must_use]
    pub fn cost(self, units: u64) -> Usd {
        Usd(self.usd.0 * Decimal::from(units))
    }
}

impl fmt::Display for UnitRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", self.usd, self.unit)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(text: &str) -> TokenRate {
        text.parse().unwrap()
    }

    #[test]
    fn costs_are_exact() {
        let check = |per_million: &str, tokens: u64, expected: &str| {
            let cost = rate(per_million).cost(TokenCount::new(tokens).unwrap());
            assert_eq!(cost.to_string(), expected);
        };
        check("0.035", 20_000_000, "0.7");
        check("15", 20_000_000, "300");
        check("3", 1, "0.000003");
        check("0.00000001", 1, "0.00000000000001");
        check("10000", 1_000_000_000_000_000, "10000000000000");
        check(
            "9999.99999999",
            999_999_999_999_999,
            "9999999999989.99000000000001",
        );
    }

    #[test]
    fn refuses_what_is_no_rate() {
        let check = |text: &str, expected: &str| {
            assert_eq!(text.parse::<TokenRate>().unwrap_err().to_string(), expected);
        };
        check("-1", "-1 USD per million tokens is outside 0 to 10000");
        check(
            "10000.01",
            "10000.01 USD per million tokens is outside 0 to 10000",
        );
        check(
            "0.000000001",
            "0.000000001 USD per million tokens has more than 8 decimal places",
        );
        check("free", "`free` is not a decimal number of dollars");
        check("", "`` is not a decimal number of dollars");
    }

    #[test]
    fn json_keeps_every_digit() {
        let check = |text: &str, json: &str| {
            let amount: Usd = text.parse().unwrap();
            assert_eq!(serde_json::to_string(&amount).unwrap(), json);
            assert_eq!(serde_json::from_str::<Usd>(json).unwrap(), amount);
        };
        check("0.1", "0.1");
        check("3.00", "3");
        check("-12", "-12");
        check("17280.00", "17280");
        // Eighteen digits do not survive a double, so they travel as text.
        check("0.100000000000000001", "\"0.100000000000000001\"");
        // Sixteen digits may survive, but not every JSON reader keeps the last one.
        check("-989969288183834.5", "\"-989969288183834.5\"");
        check("9007199254740993", "\"9007199254740993\"");
        assert_eq!(
            serde_json::from_str::<Usd>("\"2.50\"").unwrap().to_string(),
            "2.5"
        );
        assert!(serde_json::from_str::<TokenRate>("-0.5").is_err());
    }

    proptest! {
        #[test]
        fn cost_equals_integer_arithmetic(mantissa in 0_u64..=1_000_000_000_000, tokens in 0_u64..=TokenCount::MAX) {
            let rate = TokenRate::new(Decimal::from_i128_with_scale(mantissa.into(), 8)).unwrap();
            let cost = rate.cost(TokenCount::new(tokens).unwrap());
            // In units of 10^-14 dollars the cost is an integer.
            let expected = u128::from(mantissa) * u128::from(tokens);
            let mut amount = cost.amount();
            amount.rescale(14);
            prop_assert_eq!(u128::try_from(amount.mantissa()).unwrap(), expected);
        }

        #[test]
        fn sums_are_exact(left in 0_u64..=u64::MAX / 2, right in 0_u64..=u64::MAX / 2) {
            let micro = |units: u64| Usd::new(Decimal::from_i128_with_scale(units.into(), 6));
            prop_assert_eq!(micro(left) + micro(right), micro(left + right));
        }

        #[test]
        fn text_round_trips(mantissa in any::<i64>(), scale in 0_u32..=18) {
            let amount = Usd::new(Decimal::from_i128_with_scale(mantissa.into(), scale));
            prop_assert_eq!(amount.to_string().parse::<Usd>().unwrap(), amount);
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), amount);
        }

        #[test]
        fn no_json_text_panics(text in ".*") {
            let _ = serde_json::from_str::<Usd>(&text);
            let _ = text.parse::<Usd>();
        }
    }
}
