//! What Bedrock cost, by what, and why it changed: charges of two periods side by side, added up exactly.
//!
//! The change of a cost is split into three parts that add up to it to the last digit. Lines are the finest charges
//! known, one for a usage type of a service; each has a quantity and a cost in both periods, and an effective rate,
//! which is cost / quantity. Quantities are added within a unit only, so that tokens are never added to hours:
//!
//! - **volume** is the change of the total quantity of a unit at the average rate of the period before. Of a unit that
//!   was not used at all before, it is the whole change.
//! - **rate** is this period's quantity times the change of the effective rate, line by line. A line that is new or
//!   gone has no rate to compare and adds nothing here.
//! - **mix** is the rest: what moved between lines of different rates, such as from one model to another or from input
//!   to output, and charges that have no quantity.
//!
//! The rate parts of any cut of the lines add up to the rate part of the whole, but where models share a line: there a
//! change of rate is mix, since it cannot be told from a move. Volume and mix do not, since what moves
//! from one model to another is volume of each and mix of both together.

mod billed;
mod breakdown;
mod caching;
mod cause;
mod change;
mod item;
mod peak;
#[cfg(test)]
mod tests;

pub use billed::BilledTokens;
pub use breakdown::{By, Row};
pub use caching::CacheSavings;
pub use cause::{Cause, Effect};
pub use change::Change;
pub use item::NONE;
pub use peak::Peak;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::cost_report::Amount;
use item::Item;

/// Which of the two periods a charge fell into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The period before.
    Before,
    /// The period asked about.
    Now,
}

/// What a charge is told apart by. What was not asked for is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChargeKey {
    /// The SERVICE.
    pub service: String,
    /// The `USAGE_TYPE`.
    pub usage_type: String,
    /// The account, by id.
    pub account: String,
    /// Keys and values of tags, in the order asked.
    pub tags: Vec<(String, String)>,
    /// The first day of the time it is told apart by, UTC.
    pub start: Option<Date>,
}

/// Quantity and cost of something in one period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Used {
    /// In the smallest unit: tokens, not thousands of them.
    quantity: Decimal,
    /// USD.
    cost: Decimal,
}

/// One charge in both periods.
#[derive(Debug, Clone)]
struct Line {
    key: ChargeKey,
    item: Item,
    before: Used,
    now: Used,
}

impl Line {
    const fn at(&self, when: When) -> Used {
        match when {
            When::Before => self.before,
            When::Now => self.now,
        }
    }
}

/// The charges of a period, and of the one before it where they were asked for.
#[derive(Debug, Clone, Default)]
pub struct Spend {
    lines: Vec<Line>,
}

/// Dollars of usage types that no grammar reads. They are part of every total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnclassifiedSpend {
    /// USD, of this period.
    pub cost: Decimal,
    /// The usage types, dearest first.
    pub usage_types: Vec<String>,
}

impl Spend {
    /// Adds charges up. Several of one key and period are added.
    #[must_use]
    pub fn new(charges: impl IntoIterator<Item = (When, ChargeKey, Amount, Decimal)>) -> Self {
        let mut lines: BTreeMap<ChargeKey, Line> = BTreeMap::new();
        for (when, key, quantity, cost) in charges {
            let line = lines.entry(key.clone()).or_insert_with(|| Line {
                item: Item::read(&key.service, &key.usage_type),
                key,
                before: Used::default(),
                now: Used::default(),
            });
            let units = line.item.smallest_units(&quantity);
            let used = match when {
                When::Before => &mut line.before,
                When::Now => &mut line.now,
            };
            used.quantity = used.quantity.saturating_add(units);
            used.cost = used.cost.saturating_add(cost);
        }
        Self {
            lines: lines.into_values().collect(),
        }
    }

    /// Returns the sum of every charge of a period, USD.
    #[must_use]
    pub fn total(&self, when: When) -> Decimal {
        self.lines.iter().fold(Decimal::ZERO, |sum, line| {
            sum.saturating_add(line.at(when).cost)
        })
    }

    /// Returns the change between the periods, split into volume, rate and mix.
    #[must_use]
    pub fn change(&self) -> Change {
        Change::of(&self.lines)
    }

    /// Returns the usage types of this period that no grammar reads, or `None` where every one is read.
    #[must_use]
    pub fn unclassified(&self) -> Option<UnclassifiedSpend> {
        let mut by_type: BTreeMap<&str, Decimal> = BTreeMap::new();
        for line in &self.lines {
            if !line.item.is_classified() && !line.now.cost.is_zero() {
                *by_type.entry(&line.key.usage_type).or_default() += line.now.cost;
            }
        }
        if by_type.is_empty() {
            return None;
        }
        let cost = by_type.values().sum();
        let mut usage_types: Vec<(&str, Decimal)> = by_type.into_iter().collect();
        usage_types.sort_by_key(|(_, cost)| Reverse(*cost));
        Some(UnclassifiedSpend {
            cost,
            usage_types: usage_types
                .into_iter()
                .map(|(name, _)| name.to_owned())
                .collect(),
        })
    }
}
