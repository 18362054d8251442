//! Rows of an answer: charges by model, kind of token, account, day and so on.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::change::Change;
use super::item::{NONE, Tokens};
use super::{Line, Spend, When};
use crate::names::UnknownName;
use crate::price_book::{Basis, PriceBook, RateQuery};

/// Tokens that a rate is given for.
const MILLION: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// What rows are told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The model, or what stands in its place, such as `Guardrails`.
    Model,
    /// Input, output, cache reads and writes; for other usage what is counted.
    TokenType,
    /// The service tier; `provisioned` and `reserved` for capacity.
    Tier,
    /// Regional or global.
    Routing,
    /// The account, by id.
    Account,
    /// The region.
    Region,
    /// The SERVICE of Cost Explorer.
    Service,
    /// A cost allocation tag.
    Tag(String),
    /// The UTC day.
    Day,
    /// The calendar month, or as much of it as the period holds.
    Month,
}

impl By {
    /// Every name accepted, but for `tag:KEY`.
    pub const NAMES: &'static [&'static str] = &[
        "model",
        "token_type",
        "tier",
        "routing",
        "account",
        "region",
        "service",
        "tag:KEY",
        "day",
        "month",
    ];

    /// Returns the name of the column.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Model => "model",
            Self::TokenType => "token_type",
            Self::Tier => "tier",
            Self::Routing => "routing",
            Self::Account => "account",
            Self::Region => "region",
            Self::Service => "service",
            Self::Tag(_) => "tag",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// Tells whether rows are periods of time.
    #[must_use]
    pub const fn is_time(&self) -> bool {
        matches!(self, Self::Day | Self::Month)
    }

    fn value(&self, line: &Line) -> String {
        let or_none = |text: &str| if text.is_empty() { NONE } else { text }.to_owned();
        match self {
            Self::Model => line.item.model.clone(),
            Self::TokenType => line.item.token_type.clone(),
            Self::Tier => line.item.tier.to_owned(),
            Self::Routing => line.item.routing.to_owned(),
            Self::Account => or_none(&line.key.account),
            Self::Region => line.item.region.clone(),
            Self::Service => or_none(&line.key.service),
            Self::Tag(wanted) => {
                let found = line.key.tags.iter().find(|(key, _)| key == wanted);
                or_none(found.map_or("", |(_, value)| value))
            }
            Self::Day | Self::Month => {
                let start = line.key.start.map(|start| start.to_string());
                let text = start.as_deref().unwrap_or(NONE);
                let length = if *self == Self::Month {
                    "2026-10".len()
                } else {
                    text.len()
                };
                text.get(..length).unwrap_or(text).to_owned()
            }
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(key) => write!(f, "tag:{key}"),
            other => f.write_str(other.name()),
        }
    }
}

impl FromStr for By {
    type Err = UnknownName;

    /// Reads a name without regard to case, and `tag:KEY` with the case of its key.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let text = text.trim();
        if let Some((prefix, key)) = text.split_once(':')
            && prefix.trim().eq_ignore_ascii_case("tag")
            && !key.trim().is_empty()
        {
            return Ok(Self::Tag(key.trim().to_owned()));
        }
        let word = text.to_ascii_lowercase().replace(['-', ' '], "_");
        Ok(match word.as_str() {
            "model" => Self::Model,
            "token_type" | "tokentype" | "token" | "kind" => Self::TokenType,
            "tier" | "service_tier" => Self::Tier,
            "routing" => Self::Routing,
            "account" | "linked_account" => Self::Account,
            "region" => Self::Region,
            "service" => Self::Service,
            "day" | "date" | "daily" => Self::Day,
            "month" | "monthly" => Self::Month,
            _ => {
                return Err(UnknownName {
                    what: "by",
                    given: text.to_owned(),
                    allowed: Self::NAMES,
                });
            }
        })
    }
}

/// Charges that share what was asked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// One value for each thing asked by.
    pub keys: Vec<String>,
    /// Cost in both periods, USD, and what the change between them is made of.
    pub change: Change,
    /// Tokens of inference in this period.
    pub tokens: Decimal,
    /// Tokens of inference in the period before.
    pub tokens_before: Decimal,
    /// What a million of this period's tokens was charged, USD; `None` where there were none.
    pub per_mtok: Option<Decimal>,
    /// What a million of them costs at the rates of the price book, USD; `None` where a rate is not listed.
    pub listed_per_mtok: Option<Decimal>,
}

impl Spend {
    /// Returns the rows, dearest first; days and months in their order.
    ///
    /// Rates of the price book are those in force on a day, as a rule the last of the period.
    #[must_use]
    pub fn rows(&self, by: &[By], book: &PriceBook, on: Date) -> Vec<Row> {
        let mut groups: BTreeMap<Vec<String>, Vec<&Line>> = BTreeMap::new();
        for line in &self.lines {
            let keys = by.iter().map(|by| by.value(line)).collect();
            groups.entry(keys).or_default().push(line);
        }
        let mut rows: Vec<Row> = groups
            .into_iter()
            .map(|(keys, lines)| row(keys, &lines, book, on))
            .filter(|row| {
                let Change { before, now, .. } = row.change;
                !(before.is_zero() && now.is_zero() && row.tokens.is_zero())
            })
            .collect();
        // The sort is stable, so that what costs the same stays in the order of its keys.
        rows.sort_by_key(|row| Reverse(row.change.now));
        for (at, by) in by.iter().enumerate().rev() {
            if by.is_time() {
                rows.sort_by(|left, right| left.keys.get(at).cmp(&right.keys.get(at)));
            }
        }
        rows
    }

    /// Returns what the rates of the price book stand on that [`Self::rows`] compares with, each with its model.
    #[must_use]
    pub fn rates_compared(&self, book: &PriceBook, on: Date) -> Vec<(&str, Basis)> {
        let mut out: Vec<(&str, Basis)> = Vec::new();
        for line in &self.lines {
            if let Some((_, basis)) = list_rate(line, book, on)
                && !out.contains(&(line.item.model.as_str(), basis))
            {
                out.push((&line.item.model, basis));
            }
        }
        out
    }
}

fn row(keys: Vec<String>, lines: &[&Line], book: &PriceBook, on: Date) -> Row {
    let mut tokens = Decimal::ZERO;
    let mut tokens_before = Decimal::ZERO;
    let mut charged = Decimal::ZERO;
    let mut listed = Some(Decimal::ZERO);
    for line in lines.iter().filter(|line| line.item.tokens.is_some()) {
        let now = line.at(When::Now);
        tokens_before = tokens_before.saturating_add(line.before.quantity);
        if now.quantity.is_zero() {
            continue;
        }
        tokens = tokens.saturating_add(now.quantity);
        charged = charged.saturating_add(now.cost);
        listed = listed.and_then(|sum| {
            let (rate, _) = list_rate(line, book, on)?;
            sum.checked_add(rate.checked_mul(now.quantity)?)
        });
    }
    let per = |cost: Decimal| cost.checked_div(tokens.checked_div(MILLION)?);
    Row {
        keys,
        change: Change::of(lines.iter().copied()),
        tokens,
        tokens_before,
        per_mtok: per(charged),
        listed_per_mtok: listed
            .and_then(|cost| cost.checked_div(MILLION))
            .and_then(per),
    }
}

/// The rate of the price book for the tokens of a line, USD per million, and what it stands on.
fn list_rate(line: &Line, book: &PriceBook, on: Date) -> Option<(Decimal, Basis)> {
    list_rate_of(line.item.model_id?, line.item.tokens.as_ref()?, book, on)
}

/// The rate of the price book for tokens of a kind, USD per million, and what it stands on.
pub(super) fn list_rate_of(
    model_id: &str,
    tokens: &Tokens,
    book: &PriceBook,
    on: Date,
) -> Option<(Decimal, Basis)> {
    if !tokens.is_plain {
        return None;
    }
    let models = book.models();
    let at = models
        .binary_search_by(|model| model.id().cmp(model_id))
        .ok()?;
    let rates = models.get(at)?.rates_if_listed(&RateQuery {
        region: tokens.region.clone()?,
        routing: tokens.routing,
        tier: tokens.tier,
        date: on,
    })?;
    let rate = if tokens.long_context {
        rates.long_context?.rates.get(tokens.kind)
    } else {
        rates.get(tokens.kind)
    };
    Some((rate?.usd(), rates.basis))
}
