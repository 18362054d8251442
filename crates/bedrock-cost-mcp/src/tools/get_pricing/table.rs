//! Rates of the Price List as rows: a short answer by model, or every rate.

use super::{Answer, Query};
use crate::tools::{
    reply::{Warning, exact},
    table::{Room, named},
};
use bedrock_cost::{
    inference::{Routing, Tier},
    price_list::ListedPrice,
    tokens::TokenKind,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Models in a short answer without `limit`.
const MODELS_SHOWN: usize = 10;
/// Rates in a full answer without `limit`.
const RATES_SHOWN: usize = 100;

const SUMMARY_COLUMNS: [&str; 5] = ["model", "regions", "routing", "input", "output"];
const FULL_COLUMNS: [&str; 8] = [
    "model",
    "region",
    "what",
    "tier",
    "routing",
    "usd",
    "unit",
    "usage_type",
];

/// Fills the answer with a page of rates; the warnings say what a row cannot.
pub(super) fn fill(answer: &mut Answer, query: &Query, rates: &[ListedPrice]) -> Vec<Warning> {
    answer.prices = Some(rates.len());
    let models: BTreeSet<&str> = rates
        .iter()
        .filter_map(|rate| rate.model.as_deref())
        .collect();
    answer.models = Some(models.len());
    answer.listed_since = rates
        .iter()
        .map(|rate| rate.effective.clone())
        .max()
        .filter(|day| !day.is_empty());
    if query.full {
        full(answer, query, rates).into_iter().collect()
    } else {
        summary(answer, query, rates)
    }
}

/// The answer in a line.
pub(super) fn headline(rates: &[ListedPrice], query: &Query) -> String {
    let models: BTreeSet<&str> = rates
        .iter()
        .filter_map(|rate| rate.model.as_deref())
        .collect();
    let regions: Vec<&str> = query
        .regions
        .iter()
        .map(bedrock_cost::region::Region::as_str)
        .collect();
    format!(
        "{} prices, {} models, in {}",
        rates.len(),
        models.len(),
        regions.join(", ")
    )
}

fn full(answer: &mut Answer, query: &Query, rates: &[ListedPrice]) -> Option<Warning> {
    let mut sorted: Vec<&ListedPrice> = rates.iter().collect();
    sorted.sort_by(|left, right| {
        (&left.model, &left.region, &left.usage_type, left.usd).cmp(&(
            &right.model,
            &right.region,
            &right.usage_type,
            right.usd,
        ))
    });
    let rows = sorted
        .into_iter()
        .map(|rate| {
            vec![
                json!(rate.model.as_deref().unwrap_or_default()),
                json!(rate.region),
                json!(rate.what),
                json!(rate.tier.map_or("", Tier::as_str)),
                json!(rate.routing.map_or("", Routing::as_str)),
                exact(rate.usd),
                json!(rate.unit),
                json!(rate.usage_type),
            ]
        })
        .collect();
    turn_page(answer, query, named(FULL_COLUMNS), rows, RATES_SHOWN)
}

/// Shows the page asked for; the warning is that there is no such page.
fn turn_page(
    answer: &mut Answer,
    query: &Query,
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    most: usize,
) -> Option<Warning> {
    answer.page = query.paging.page(columns, rows, Room::Rows(most));
    answer.page.past_end.take()
}
/// Standard rates of one model: more than one where two service codes or two families of SKU disagree.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Card {
    input: BTreeSet<Decimal>,
    output: BTreeSet<Decimal>,
}

fn summary(answer: &mut Answer, query: &Query, rates: &[ListedPrice]) -> Vec<Warning> {
    let mut cards: BTreeMap<(&str, Routing, &str), Card> = BTreeMap::new();
    let tier = query.tier.unwrap_or(Tier::Standard);
    let mut summed = 0;
    for rate in rates {
        let (Some(model), Some(kind), Some(routing)) =
            (rate.model.as_deref(), rate.plain_token, rate.routing)
        else {
            continue;
        };
        if rate.tier != Some(tier) || !matches!(kind, TokenKind::Input | TokenKind::Output) {
            continue;
        }
        summed += 1;
        let card = cards.entry((model, routing, &rate.region)).or_default();
        match kind {
            TokenKind::Input => card.input.insert(rate.usd),
            _ => card.output.insert(rate.usd),
        };
    }
    // One line for all regions in which a model costs the same.
    let mut lines: BTreeMap<(&str, Routing, Card), Vec<&str>> = BTreeMap::new();
    for ((model, routing, region), card) in cards {
        lines
            .entry((model, routing, card))
            .or_default()
            .push(region);
    }
    let mut lines: Vec<_> = lines.into_iter().collect();
    lines.sort_by(|((left_model, _, left), _), ((right_model, _, right), _)| {
        let price = |card: &Card| (card.input.first().copied(), card.output.first().copied());
        price(left)
            .cmp(&price(right))
            .then(left_model.cmp(right_model))
    });
    let doubled: BTreeSet<&str> = lines
        .iter()
        .filter(|((_, _, card), _)| card.input.len() > 1 || card.output.len() > 1)
        .map(|((model, _, _), _)| *model)
        .collect();
    let rows = lines
        .into_iter()
        .map(|((model, routing, card), regions)| {
            vec![
                json!(model),
                json!(regions.join(", ")),
                json!(routing.as_str()),
                shown(&card.input),
                shown(&card.output),
            ]
        })
        .collect();
    let mut warnings = Vec::new();
    warnings.extend(turn_page(
        answer,
        query,
        named(SUMMARY_COLUMNS),
        rows,
        MODELS_SHOWN,
    ));
    if !answer.page.rows.is_empty() {
        answer.unit = Some("USD per 1M tokens");
        answer.tier = Some(tier.as_str());
    }
    if !doubled.is_empty() {
        let names: Vec<&str> = doubled.into_iter().collect();
        warnings.push(Warning::new(
            "two_prices",
            format!(
                "the Price List has two {tier} prices for {}; a bill can show either",
                names.join(", ")
            ),
        ));
    }
    let others = rates.len().saturating_sub(summed);
    if others > 0 {
        warnings.push(Warning::new(
            "summary",
            format!(
                "{summed} {tier} input and output prices, cheapest first; {others} others (caches, tiers, guardrails, images...) with detail \"full\""
            ),
        ));
    }
    warnings
}

fn shown(prices: &BTreeSet<Decimal>) -> Value {
    let mut all = prices.iter();
    match (all.next(), all.next()) {
        (None, _) => json!(""),
        (Some(only), None) => exact(*only),
        _ => {
            let all: Vec<String> = prices
                .iter()
                .map(|usd| usd.normalize().to_string())
                .collect();
            json!(all.join(" or "))
        }
    }
}
