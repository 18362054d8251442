//! Volume, rate and mix: what the change of a cost is made of.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::item::UnitFamily;
use super::{Line, Used};

/// Decimal places to which volume and rate are worked out: finer than AWS reports an amount.
const PLACES: u32 = 12;

/// A part of a change above this, USD, is none: a quantity went from next to nothing to a great deal.
///
/// With it the parts stay within the 28 digits of a decimal, so that they add up exactly.
const MOST: Decimal = Decimal::from_parts(1_316_134_912, 2_328, 0, false, 0);

/// The change of a cost and its three parts, which add up to it exactly. The module says what each is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// Cost of the period before, USD.
    pub before: Decimal,
    /// Cost of this period, USD.
    pub now: Decimal,
    /// What more or less of the same would have changed, USD.
    pub volume: Decimal,
    /// What higher or lower effective rates changed, USD.
    pub rate: Decimal,
    /// What moved between lines of different rates, USD.
    pub mix: Decimal,
}

impl Change {
    /// Returns the change: volume + rate + mix.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.now.saturating_sub(self.before)
    }

    /// Works out the change of some lines.
    pub(super) fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        let mut families: BTreeMap<UnitFamily, Vec<&Line>> = BTreeMap::new();
        for line in lines {
            // A charge without a quantity, such as a fee, must not move the average rate of its unit.
            let family = if line.before.quantity.is_zero() && line.now.quantity.is_zero() {
                UnitFamily::Own(line.key.service.clone(), line.key.usage_type.clone())
            } else {
                line.item.unit.clone()
            };
            families.entry(family).or_default().push(line);
        }
        families
            .into_values()
            .map(|lines| Self::of_one_unit(&lines))
            .fold(Self::default(), |sum, part| Self {
                before: sum.before.saturating_add(part.before),
                now: sum.now.saturating_add(part.now),
                volume: sum.volume.saturating_add(part.volume),
                rate: sum.rate.saturating_add(part.rate),
                mix: sum.mix.saturating_add(part.mix),
            })
    }

    fn of_one_unit(lines: &[&Line]) -> Self {
        let before = sum(lines.iter().map(|line| line.before));
        let now = sum(lines.iter().map(|line| line.now));
        let change = now.cost.saturating_sub(before.cost);
        let volume = if before.quantity > Decimal::ZERO {
            let more = now.quantity.saturating_sub(before.quantity);
            at_rate_of(before, more).unwrap_or(change)
        } else if now.quantity > Decimal::ZERO {
            change
        } else {
            Decimal::ZERO
        };
        let rate = lines
            .iter()
            // Of models in one line a move from one to another would look like a rate that changed.
            .filter(|line| !line.item.merges_models)
            .filter(|line| {
                line.before.quantity > Decimal::ZERO && line.now.quantity > Decimal::ZERO
            })
            .filter_map(|line| {
                let at_old_rate = at_rate_of(line.before, line.now.quantity)?;
                Some(line.now.cost.saturating_sub(at_old_rate))
            })
            .fold(Decimal::ZERO, Decimal::saturating_add);
        Self {
            before: before.cost,
            now: now.cost,
            volume,
            rate,
            mix: change.saturating_sub(volume).saturating_sub(rate),
        }
    }
}

fn sum(parts: impl Iterator<Item = Used>) -> Used {
    parts.fold(Used::default(), |sum, part| Used {
        quantity: sum.quantity.saturating_add(part.quantity),
        cost: sum.cost.saturating_add(part.cost),
    })
}

/// Returns what a quantity costs at the effective rate of a usage, or `None` where that has no rate that is one.
///
/// The proportion has 28 decimal places, far more than a cost, so that rounding gives back exactly what divides evenly:
/// the same quantity costs the same, to the last digit.
pub(super) fn at_rate_of(used: Used, quantity: Decimal) -> Option<Decimal> {
    let times = quantity.checked_div(used.quantity)?;
    let cost = times.checked_mul(used.cost)?;
    let places = PLACES.max(used.cost.normalize().scale());
    (cost.abs() <= MOST)
        .then(|| cost.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
}
