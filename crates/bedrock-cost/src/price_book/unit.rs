//! Rates per image, second of video, query: what a model bills beside tokens.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::rates::Basis;
use super::tables;
use crate::money::{UnitRate, Usd};
use crate::region::Region;

/// A listed rate per unit, in its raw form.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListedUnit {
    pub(super) regions: &'static [&'static str],
    pub(super) from: Option<Date>,
    pub(super) usd: Decimal,
    pub(super) unit: &'static str,
    pub(super) basis: u16,
}

/// A rate per unit of a model in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelUnitRate {
    /// US dollars per unit, and the unit.
    pub rate: UnitRate,
    /// The regions it is listed for.
    pub regions: &'static [&'static str],
    /// What the rate is made from.
    pub basis: Basis,
}

impl ListedUnit {
    pub(super) fn is_in_force(&self, region: &Region, on: Date) -> bool {
        self.regions.contains(&region.as_str()) && self.from.is_none_or(|from| from <= on)
    }

    pub(super) fn rate(&self) -> ModelUnitRate {
        ModelUnitRate {
            rate: UnitRate {
                usd: Usd::new(self.usd),
                unit: self.unit,
            },
            regions: self.regions,
            basis: *tables::basis(self.basis),
        }
    }
}
