//! What ran and what it cost, day by day: what coverage and thresholds stand on.

use super::coverage::short;
use crate::period::BillingPeriod;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The namespace of model calls.
pub const NAMESPACE: &str = "AWS/Bedrock";
/// The dimension that models are published under.
pub const MODEL: &str = "ModelId";
/// Input tokens outside the prompt cache.
pub const INPUT: &str = "InputTokenCount";
/// Output tokens.
pub const OUTPUT: &str = "OutputTokenCount";
/// Input tokens read from the prompt cache.
pub const CACHE_READ: &str = "CacheReadInputTokens";
/// Input tokens written to the prompt cache.
pub const CACHE_WRITE: &str = "CacheWriteInputTokens";
/// Requests.
pub const INVOCATIONS: &str = "Invocations";
/// Every metric that counts tokens.
pub const TOKEN_METRICS: [&str; 4] = [INPUT, OUTPUT, CACHE_READ, CACHE_WRITE];

/// Fewer days with tokens than this are too few to compute a threshold from.
pub(super) const FEWEST_DAYS: usize = 7;
/// Models with an alarm of their own at most, the dearest: each alarm is paid for every month.
pub(super) const MOST_MODELS: usize = 10;

/// Daily sums of one metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeteredSeries {
    /// The metric, of [`NAMESPACE`].
    pub metric: String,
    /// The value of [`MODEL`]; `None` for the whole account.
    pub model: Option<String>,
    /// One sum for each day of the period.
    pub days: Vec<Decimal>,
}

/// What one service charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSpend {
    /// The SERVICE.
    pub service: String,
    /// USD, in the whole period.
    pub cost: Decimal,
}

/// What ran in one region, and what the account was charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The region of the metrics.
    pub region: String,
    /// The whole days that every series has a value of.
    pub period: BillingPeriod,
    /// Every Bedrock service charged, of all regions; `None` where it could not be read.
    pub spend: Option<Vec<ServiceSpend>>,
    /// What these services cost on each day, USD; `None` where it was not read.
    pub spend_by_day: Option<Vec<Decimal>>,
    /// The metrics of the region; `None` where they could not be read.
    pub metrics: Option<Vec<MeteredSeries>>,
    /// What people call a model whose id says nothing, such as an application profile.
    pub names: BTreeMap<String, String>,
    /// List rates in USD for a single token, by model and metric. A model without rates has no entry.
    pub rates: Vec<(String, &'static str, Decimal)>,
}

impl Usage {
    /// Returns the daily sums of a metric, of a model or of the whole account.
    #[must_use]
    pub fn days(&self, metric: &str, model: Option<&str>) -> Option<&[Decimal]> {
        self.metrics
            .iter()
            .flatten()
            .find(|series| series.metric == metric && series.model.as_deref() == model)
            .map(|series| series.days.as_slice())
    }

    /// Returns what the account was charged for Bedrock, USD.
    #[must_use]
    pub fn spend_total(&self) -> Decimal {
        self.spend.iter().flatten().map(|one| one.cost).sum()
    }

    /// Returns the Bedrock services that were charged for, the dearest first.
    #[must_use]
    pub fn services(&self) -> Vec<&ServiceSpend> {
        let mut out: Vec<&ServiceSpend> = self
            .spend
            .iter()
            .flatten()
            .filter(|one| one.cost > Decimal::ZERO)
            .collect();
        out.sort_by_key(|one| (std::cmp::Reverse(one.cost), &one.service));
        out
    }

    /// Returns every model that has a series, in order of name.
    #[must_use]
    pub fn models(&self) -> Vec<&str> {
        let mut out: Vec<&str> = self
            .metrics
            .iter()
            .flatten()
            .filter_map(|series| series.model.as_deref())
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Returns what people call a model: its name, or the last part of its id, as an ARN holds the account's id.
    #[must_use]
    pub fn name_of<'a>(&'a self, model: &'a str) -> &'a str {
        self.names
            .get(model)
            .map_or_else(|| short(model), String::as_str)
    }

    /// Returns the list rate of a token, USD.
    pub(super) fn rate(&self, model: &str, metric: &str) -> Option<Decimal> {
        self.rates
            .iter()
            .find(|(of, counted, _)| of == model && *counted == metric)
            .map(|(.., rate)| *rate)
    }

    /// The token metrics of a model that counted anything.
    pub(super) fn token_series(&self, model: &str) -> Vec<(&'static str, &[Decimal])> {
        TOKEN_METRICS
            .into_iter()
            .filter_map(|metric| Some((metric, self.days(metric, Some(model))?)))
            .filter(|(_, days)| days.iter().any(|day| *day > Decimal::ZERO))
            .collect()
    }

    /// What a model cost on each day at list rates, USD; `None` where a rate is missing.
    pub(super) fn cost_by_day(&self, model: &str) -> Option<Vec<Decimal>> {
        let series = self.token_series(model);
        let mut costs = Vec::new();
        for (metric, days) in &series {
            let rate = self.rate(model, metric)?;
            costs.push(days.iter().map(|day| day.saturating_mul(rate)).collect());
        }
        let costs: Vec<Vec<Decimal>> = costs;
        Some(sum(costs.iter().map(Vec::as_slice)))
    }

    /// How many tokens of every kind a model used on each day.
    pub(super) fn tokens_by_day(&self, model: &str) -> Vec<Decimal> {
        sum(self.token_series(model).into_iter().map(|(_, days)| days))
    }

    /// The models worth an alarm of their own: used on enough days, the dearest first. The rest are those left out.
    pub(super) fn worth_watching(&self) -> (Vec<&str>, Vec<&str>) {
        let mut models: Vec<(Option<Decimal>, Decimal, &str)> = self
            .models()
            .into_iter()
            .filter_map(|model| {
                let tokens = self.tokens_by_day(model);
                let used = tokens.iter().filter(|day| **day > Decimal::ZERO).count();
                let cost = self.cost_by_day(model).map(|days| days.iter().sum());
                (used >= FEWEST_DAYS).then(|| (cost, tokens.iter().sum(), model))
            })
            .collect();
        // One whose cost is not known may be the dearest.
        models.sort_by_key(|(cost, tokens, model)| {
            (
                cost.is_some(),
                std::cmp::Reverse(*cost),
                std::cmp::Reverse(*tokens),
                *model,
            )
        });
        let mut models: Vec<&str> = models.into_iter().map(|(.., model)| model).collect();
        let rest = models.split_off(models.len().min(MOST_MODELS));
        (models, rest)
    }
}

/// Adds series up day by day.
fn sum<'a>(all: impl Iterator<Item = &'a [Decimal]>) -> Vec<Decimal> {
    let mut out: Vec<Decimal> = Vec::new();
    for days in all {
        if out.len() < days.len() {
            out.resize(days.len(), Decimal::ZERO);
        }
        for (total, day) in out.iter_mut().zip(days) {
            *total = total.saturating_add(*day);
        }
    }
    out
}
