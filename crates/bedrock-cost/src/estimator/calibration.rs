//! Factors that correct an estimate from an account's own logged counts.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::content::Content;
use super::family::TokenFamily;
use crate::tokens::TokenCount;

/// What an estimate is multiplied by: 0.2 to 5, in millionths.
///
/// A count outside this range of its estimate is a mistake in what was compared, such as cached tokens left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Factor(u64);

/// Why a number is not a calibration factor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactorError {
    /// Out of bounds.
    #[error(
        "a calibration factor of {0} is outside 0.2 to 5: compare tokens of the same requests, cached ones included"
    )]
    OutOfBounds(Decimal),
    /// Nothing was estimated.
    #[error("there is no factor from an estimate of 0 tokens")]
    NoEstimate,
}

impl Factor {
    const MILLION: u64 = 1_000_000;

    /// Leaves an estimate as it is.
    pub const ONE: Self = Self(Self::MILLION);

    /// Makes a factor from a number; digits after the sixth decimal are cut.
    ///
    /// # Errors
    /// When the number is not within 0.2 to 5.
    pub fn new(factor: Decimal) -> Result<Self, FactorError> {
        factor
            .checked_mul(Decimal::from(Self::MILLION))
            .and_then(|millionths| millionths.to_u64())
            .filter(|millionths| (Self::MILLION / 5..=Self::MILLION * 5).contains(millionths))
            .map(Self)
            .ok_or(FactorError::OutOfBounds(factor))
    }

    /// Makes the factor of logged tokens over the estimate for the same texts.
    ///
    /// # Errors
    /// When the estimate is 0, or the factor is not within 0.2 to 5.
    pub fn of_counts(logged: TokenCount, estimated: TokenCount) -> Result<Self, FactorError> {
        let factor = Decimal::from(logged.get())
            .checked_div(Decimal::from(estimated.get()))
            .ok_or(FactorError::NoEstimate)?;
        Self::new(factor)
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> Decimal {
        Decimal::new(i64::try_from(self.0).unwrap_or(i64::MAX), 6).normalize()
    }

    /// Multiplies a count of tokens, rounding to the nearest.
    pub(super) fn times(self, tokens: u64) -> u64 {
        let million = u128::from(Self::MILLION);
        let product = (u128::from(tokens) * u128::from(self.0) + million / 2) / million;
        u64::try_from(product).unwrap_or(u64::MAX)
    }
}

/// A factor with where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction {
    /// The factor.
    pub factor: Factor,
    /// How far single counts are from it, where enough of them were logged.
    pub spread: Option<Spread>,
}

impl From<Factor> for Correction {
    fn from(factor: Factor) -> Self {
        Self {
            factor,
            spread: None,
        }
    }
}

/// The factors between which 9 of 10 logged counts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// 5 of 100 counts have a smaller factor.
    pub low: Factor,
    /// 5 of 100 counts have a larger factor.
    pub high: Factor,
    /// The number of counts.
    pub counts: u32,
}

/// Calibration factors of an account by token family and kind of content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calibration {
    corrections: BTreeMap<(TokenFamily, Option<Content>), Correction>,
}

impl Calibration {
    /// Sets the factor of a family: for one kind of content, or for every kind that has none of its own.
    #[must_use]
    pub fn with(
        mut self,
        family: TokenFamily,
        content: Option<Content>,
        correction: impl Into<Correction>,
    ) -> Self {
        self.corrections
            .insert((family, content), correction.into());
        self
    }

    /// Returns the factor for a family and kind of content, if there is one.
    #[must_use]
    pub fn correction(&self, family: TokenFamily, content: Content) -> Option<Correction> {
        self.corrections
            .get(&(family, Some(content)))
            .or_else(|| self.corrections.get(&(family, None)))
            .copied()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn factors_are_bounded() {
        let check = |text: &str, holds: bool| {
            assert_eq!(Factor::new(text.parse().unwrap()).is_ok(), holds, "{text}");
        };
        check("0.2", true);
        check("5", true);
        check("1.0625", true);
        check("0.19", false);
        check("5.01", false);
        check("0", false);
        check("-1", false);
        check("79228162514264337593543950335", false);
    }

    #[test]
    fn a_factor_is_logged_over_estimated() {
        let count = |tokens| TokenCount::new(tokens).unwrap();
        let factor = Factor::of_counts(count(1_250), count(1_000)).unwrap();
        assert_eq!(factor.get().to_string(), "1.25");
        assert_eq!(factor.times(10), 13, "12.5 rounds up");
        assert_eq!(Factor::ONE.times(u64::MAX), u64::MAX);
        assert_eq!(
            Factor::of_counts(count(1), TokenCount::ZERO),
            Err(FactorError::NoEstimate)
        );
    }

    #[test]
    fn the_factor_of_the_content_wins() {
        let half = Factor::new("0.5".parse().unwrap()).unwrap();
        let calibration = Calibration::default()
            .with(TokenFamily::Nova, None, half)
            .with(TokenFamily::Nova, Some(Content::Json), Factor::ONE);
        let check = |family, content, expected| {
            let factor = calibration.correction(family, content).map(|c| c.factor);
            assert_eq!(factor, expected);
        };
        check(TokenFamily::Nova, Content::Json, Some(Factor::ONE));
        check(TokenFamily::Nova, Content::Prose, Some(half));
        check(TokenFamily::Claude3, Content::Json, None);
    }
}
