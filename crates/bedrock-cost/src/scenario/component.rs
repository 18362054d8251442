//! The cost component: one line of an estimate, with everything its figure was made from.

use std::borrow::Cow;
use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::arithmetic::{self, Inexact};
use crate::money::Usd;
use crate::price_book::Basis;

/// One line of an estimate: quantity x rate = cost, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostComponent {
    /// What is billed: `input tokens`, `guardrail pii, input`.
    pub name: Cow<'static, str>,
    /// How much of it in a month, in `unit`.
    pub quantity: Decimal,
    /// What is counted: `1M tokens`, `text unit`, `model unit-hour`.
    pub unit: &'static str,
    /// US dollars per `unit`.
    pub rate: Usd,
    /// US dollars a month.
    pub cost: Usd,
    /// What the quantity was computed from.
    pub factors: Vec<Factor>,
    /// How many of what is counted make one `unit`: 1,000,000 for `1M tokens`.
    pub per: u32,
    /// The day the rate was checked, its sources, how far they agree, and what must be said about it.
    pub basis: Basis,
    /// The regions that the rate is listed for, where that of the scenario is none of them and theirs stands in.
    pub elsewhere: Option<&'static [&'static str]>,
}

/// One factor of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    /// The number.
    pub value: Decimal,
    /// What it counts: `requests`, `input tokens`.
    pub what: &'static str,
}

impl Factor {
    pub(super) const fn new(value: Decimal, what: &'static str) -> Self {
        Self { value, what }
    }
}

/// What a component is billed by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Price<'a> {
    pub(super) usd: Decimal,
    pub(super) unit: &'static str,
    pub(super) per: u32,
    pub(super) basis: &'a Basis,
    /// As [`CostComponent::elsewhere`].
    pub(super) elsewhere: Option<&'static [&'static str]>,
}

impl CostComponent {
    pub(super) fn new(
        name: impl Into<Cow<'static, str>>,
        factors: Vec<Factor>,
        price: Price<'_>,
    ) -> Result<Self, Inexact> {
        let counted = factors.iter().try_fold(Decimal::ONE, |product, factor| {
            arithmetic::times(product, factor.value)
        })?;
        // `per` is a power of ten, so that the quotient is exact.
        let per_unit = Decimal::new(1, price.per.max(1).ilog10());
        let quantity = arithmetic::times(counted, per_unit)?;
        Ok(Self {
            name: name.into(),
            quantity,
            unit: price.unit,
            rate: Usd::new(price.usd),
            cost: Usd::new(arithmetic::times(quantity, price.usd)?),
            factors,
            per: price.per,
            basis: *price.basis,
            elsewhere: price.elsewhere,
        })
    }

    /// Returns how the cost was computed: `720000 requests x 25000 input tokens / 1000000 x 0.8 USD = 14400 USD`.
    #[must_use]
    pub fn formula(&self) -> String {
        let mut text = String::new();
        for factor in &self.factors {
            if !text.is_empty() {
                text.push_str(" x ");
            }
            text.push_str(&factor.value.to_string());
            text.push(' ');
            let one = factor.value == Decimal::ONE;
            let what = factor.what.strip_suffix('s').filter(|_| one);
            text.push_str(what.unwrap_or(factor.what));
        }
        if self.per > 1 {
            let _ = write!(text, " / {}", self.per);
        }
        let _ = write!(text, " x {} USD = {} USD", self.rate, self.cost);
        text
    }
}

/// Returns the sum of the costs.
pub(super) fn total(components: &[CostComponent]) -> Result<Usd, Inexact> {
    let sum = components
        .iter()
        .try_fold(Decimal::ZERO, |sum, component| {
            arithmetic::plus(sum, component.cost.amount())
        })?;
    Ok(Usd::new(sum))
}

/// Splits `1,000 queries` and `1M speech input tokens` into how many and what.
pub(super) fn counted(unit: &'static str) -> (u32, &'static str) {
    match unit.split_once(' ') {
        Some(("1,000", what)) => (1_000, what),
        Some(("10,000", what)) => (10_000, what),
        Some(("1M", what)) => (1_000_000, what),
        _ => (1, unit),
    }
}
