//! Decimal arithmetic that is exact or refused: nothing is rounded on the way to a cost.

use rust_decimal::Decimal;

/// The result has more digits than a decimal holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amounts are too large or too fine to be computed exactly: give fewer digits")]
pub struct Inexact;

/// The decimal places that a decimal holds at most.
const MAX_SCALE: u32 = 28;

/// Returns the exact product.
pub(crate) fn times(left: Decimal, right: Decimal) -> Result<Decimal, Inexact> {
    let (left, right) = (left.normalize(), right.normalize());
    let mut scale = left.scale() + right.scale();
    let mut mantissa = left
        .mantissa()
        .checked_mul(right.mantissa())
        .ok_or(Inexact)?;
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    if scale > MAX_SCALE {
        return Err(Inexact);
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).map_err(|_| Inexact)
}

/// Returns the exact sum.
pub(crate) fn plus(left: Decimal, right: Decimal) -> Result<Decimal, Inexact> {
    let (left, right) = (left.normalize(), right.normalize());
    let scale = left.scale().max(right.scale());
    let aligned = |value: Decimal| {
        let factor = 10_i128.checked_pow(scale - value.scale())?;
        value.mantissa().checked_mul(factor)
    };
    let sum = aligned(left).zip(aligned(right));
    let sum = sum.and_then(|(left, right)| left.checked_add(right));
    Decimal::try_from_i128_with_scale(sum.ok_or(Inexact)?, scale).map_err(|_| Inexact)
}

/// Returns the exact difference.
pub(crate) fn minus(left: Decimal, right: Decimal) -> Result<Decimal, Inexact> {
    plus(left, -right)
}

/// Returns how many whole times `divisor` is needed to reach `value`; both are positive or zero.
pub(crate) fn whole_times(value: Decimal, divisor: Decimal) -> Result<Decimal, Inexact> {
    let rest = value.checked_rem(divisor).ok_or(Inexact)?;
    let whole = minus(value, rest)?
        .checked_div(divisor)
        .ok_or(Inexact)?
        .round();
    if rest.is_zero() {
        Ok(whole)
    } else {
        plus(whole, Decimal::ONE)
    }
}

/// Returns the quotient to `places` decimal places: for figures that are shown and never added up.
pub(crate) fn quotient(value: Decimal, divisor: Decimal, places: u32) -> Option<Decimal> {
    let quotient = value.checked_div(divisor)?;
    let rounding = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    Some(
        quotient
            .round_dp_with_strategy(places, rounding)
            .normalize(),
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn products_are_exact_or_refused() {
        let check = |left: &str, right: &str, expected: Option<&str>| {
            let product = times(decimal(left), decimal(right)).ok();
            assert_eq!(product, expected.map(decimal), "{left} x {right}");
        };
        check("18000", "0.80", Some("14400"));
        check("0.00000001", "0.00000001", Some("0.0000000000000001"));
        check("2.5", "-4", Some("-10"));
        // 10^15 x 10^15 has 31 digits.
        check("1000000000000000", "1000000000000000", None);
        check("0.000000000000001", "0.00000000000001", None);
        check("1.000000000000001", "1.000000000000001", None);
    }

    #[test]
    fn sums_are_exact_or_refused() {
        let check = |left: &str, right: &str, expected: Option<&str>| {
            let sum = plus(decimal(left), decimal(right)).ok();
            assert_eq!(sum, expected.map(decimal), "{left} + {right}");
        };
        check("0.1", "0.02", Some("0.12"));
        check("-0.1", "0.1", Some("0"));
        check("79228162514264337593543950335", "1", None);
        check("10000000000000000000000000000", "0.01", None);
    }

    #[test]
    fn whole_times_are_rounded_up() {
        let check = |value: &str, divisor: &str, expected: &str| {
            let whole = whole_times(decimal(value), decimal(divisor)).unwrap();
            assert_eq!(whole, decimal(expected), "{value} / {divisor}");
        };
        check("1000", "3", "334");
        check("999", "3", "333");
        check("0.5", "10", "1");
        check("0", "10", "0");
        check("7", "3.5", "2");
        assert!(whole_times(Decimal::ONE, Decimal::ZERO).is_err());
    }

    proptest! {
        #[test]
        fn whole_times_equal_integer_arithmetic(value in 0_u64..=1_000_000_000_000, divisor in 1_u64..=1_000_000_000) {
            let whole = whole_times(value.into(), divisor.into()).unwrap();
            prop_assert_eq!(whole, Decimal::from(value.div_ceil(divisor)));
        }

        #[test]
        fn products_and_sums_equal_integer_arithmetic(left in -1_000_000_000_000_i64..=1_000_000_000_000, right in any::<i32>(), scale in 0_u32..=8) {
            let (a, b) = (Decimal::from_i128_with_scale(left.into(), scale), Decimal::from_i128_with_scale(right.into(), scale));
            prop_assert_eq!(times(a, b).unwrap(), Decimal::from_i128_with_scale(i128::from(left) * i128::from(right), 2 * scale));
            prop_assert_eq!(plus(a, b).unwrap(), Decimal::from_i128_with_scale(i128::from(left) + i128::from(right), scale));
        }
    }
}
