//! Why a cost changed: the model that moved it most, by what, and with which tokens.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::breakdown::{By, Row};
use super::change::Change;
use super::{Spend, When};
use crate::price_book::PriceBook;

/// Which part of a change is the largest in its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// More or less of it.
    Volume,
    /// Higher or lower effective rates.
    Rate,
    /// Other kinds of it.
    Mix,
}

impl Change {
    /// Returns the part that did most of the change, or `None` where nothing changed.
    #[must_use]
    pub fn effect(&self) -> Option<Effect> {
        let towards = |part: Decimal| {
            if self.total().is_sign_negative() {
                -part
            } else {
                part
            }
        };
        [
            (Effect::Volume, towards(self.volume)),
            (Effect::Rate, towards(self.rate)),
            (Effect::Mix, towards(self.mix)),
        ]
        .into_iter()
        // The first of equals.
        .rev()
        .max_by_key(|(_, part)| *part)
        .filter(|(_, part)| *part > Decimal::ZERO)
        .map(|(effect, _)| effect)
    }
}

/// What did most of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The model, or what stands in its place.
    pub model: String,
    /// Its own change.
    pub change: Change,
    /// Its tokens of inference in this period.
    pub tokens: Decimal,
    /// Its tokens of inference in the period before.
    pub tokens_before: Decimal,
    /// The kind of token, or other usage, that moved it most, with the change of its cost, USD.
    pub token_type: (String, Decimal),
    /// The services and usage types it was charged under in this period.
    pub charged_as: Vec<(String, String)>,
}

impl Spend {
    /// Returns what moved the total most in the direction it went, or `None` where it did not change.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        let model = most_moved(self.cut(&By::Model), self.change().total())?;
        let name = model.keys.concat();
        let only = Self {
            lines: self
                .lines
                .iter()
                .filter(|line| line.item.model == name)
                .cloned()
                .collect(),
        };
        let kind = most_moved(only.cut(&By::TokenType), model.change.total())?;
        let mut charged_as: Vec<(String, String)> = only
            .lines
            .iter()
            .filter(|line| !line.at(When::Now).cost.is_zero())
            .map(|line| (line.key.service.clone(), line.key.usage_type.clone()))
            .collect();
        charged_as.dedup();
        Some(Cause {
            model: name,
            change: model.change,
            tokens: model.tokens,
            tokens_before: model.tokens_before,
            token_type: (kind.keys.concat(), kind.change.total()),
            charged_as,
        })
    }

    /// The rows without rates, which a cause needs none of.
    fn cut(&self, by: &By) -> Vec<Row> {
        self.rows(std::slice::from_ref(by), PriceBook::embedded(), Date::ZERO)
    }
}

/// The row that moved furthest in a direction; none for no direction.
fn most_moved(rows: Vec<Row>, direction: Decimal) -> Option<Row> {
    if direction.is_zero() {
        return None;
    }
    let towards = |row: &Row| {
        let change = row.change.total();
        if direction.is_sign_negative() {
            -change
        } else {
            change
        }
    };
    // Rows come dearest first; of equals that one is taken.
    rows.into_iter().rev().max_by_key(towards)
}
