//! Rows of an answer: usage by model and region, or by each id that was called.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Called, Cost, Counts, Latency, Metered, Peak, ratio};
use crate::price_book::PriceBook;
use crate::region::Region;

/// What was counted of one model in one region, or of one id.
#[derive(Debug, Clone)]
pub struct Row {
    /// The model by its name in the price book, or the id where it is not listed.
    pub model: String,
    /// The region that was called.
    pub region: Region,
    /// What it was called as: ids and names of profiles.
    pub called_as: Vec<String>,
    /// Requests and tokens.
    pub counts: Counts,
    /// Their cost, or why there is none.
    pub cost: Result<Cost, String>,
    /// Requests refused for exceeding a quota.
    pub throttles: u64,
    /// Requests refused as wrong.
    pub client_errors: u64,
    /// Requests that failed in the service.
    pub server_errors: u64,
    /// How long answers took.
    pub latency: Latency,
    /// The busiest stretch of the busiest id.
    pub peak: Peak,
    /// Whether this is provisioned throughput, with the hours in which it answered something.
    pub hours_served: Option<u32>,
}

impl Row {
    /// Returns USD for one request.
    #[must_use]
    pub fn per_request(&self) -> Option<Decimal> {
        let cost = self.cost.as_ref().ok()?;
        cost.usd.checked_div(Decimal::from(self.counts.requests))
    }

    /// Returns USD for a thousand tokens of the kinds that were used.
    #[must_use]
    pub fn per_thousand_tokens(&self) -> Option<Decimal> {
        let cost = self.cost.as_ref().ok()?;
        let thousand = Decimal::from(self.counts.tokens()).checked_div(Decimal::ONE_THOUSAND)?;
        cost.usd.checked_div(thousand)
    }

    /// Returns the part of the requests that were refused as wrong or failed, 0 to 1.
    #[must_use]
    pub fn error_rate(&self) -> Option<Decimal> {
        let errors = self.client_errors.saturating_add(self.server_errors);
        ratio(errors, self.counts.requests)
    }

    /// Returns the part of what was asked that a quota refused, 0 to 1.
    #[must_use]
    pub fn throttled(&self) -> Option<Decimal> {
        let asked = self.counts.requests.saturating_add(self.throttles);
        ratio(self.throttles, asked)
    }
}

/// Makes the rows, dearest first and then those without a price, by tokens. What served nothing is left out, except
/// provisioned throughput, which costs money all the same.
///
/// Rates are those of `on`. With `by_id` each id has a row of its own.
#[must_use]
pub fn rows(book: &PriceBook, usage: &[(Called, Metered)], on: Date, by_id: bool) -> Vec<Row> {
    let mut rows: BTreeMap<(String, &str, bool, &str), Row> = BTreeMap::new();
    for (called, metered) in usage {
        let is_capacity = matches!(called, Called::Capacity { .. });
        if metered.is_idle() && !is_capacity {
            continue;
        }
        let cost = Cost::of(book, called, metered, on);
        let model = called
            .model()
            .map_or_else(|| called.name().to_owned(), |model| model.name().to_owned());
        let own_id = if by_id || is_capacity {
            metered.model_id.as_str()
        } else {
            ""
        };
        let key = (model.clone(), metered.region.as_str(), cost.is_ok(), own_id);
        let row = rows.entry(key).or_insert_with(|| Row {
            model,
            region: metered.region.clone(),
            called_as: Vec::new(),
            counts: Counts::default(),
            cost: Ok(Cost::default()),
            throttles: 0,
            client_errors: 0,
            server_errors: 0,
            latency: Latency::default(),
            peak: Peak::default(),
            hours_served: is_capacity.then_some(metered.hours_served),
        });
        row.called_as.push(called.name().to_owned());
        row.counts = row.counts.plus(metered.all);
        row.throttles = row.throttles.saturating_add(metered.throttles);
        row.client_errors = row.client_errors.saturating_add(metered.client_errors);
        row.server_errors = row.server_errors.saturating_add(metered.server_errors);
        row.latency = row.latency.plus(metered.latency);
        row.peak = row.peak.or_higher(metered.peak);
        match (&mut row.cost, cost) {
            (Ok(sum), Ok(cost)) => sum.add(cost),
            (kept, Err(reason)) => *kept = Err(reason),
            (Err(_), Ok(_)) => {}
        }
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    rows.sort_by_key(|row| {
        let usd = row.cost.as_ref().ok().map(|cost| cost.usd);
        Reverse((usd, row.counts.tokens()))
    });
    rows
}
