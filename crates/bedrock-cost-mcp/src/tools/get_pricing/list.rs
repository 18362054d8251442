//! Rates from AWS's Price List: every service code and region asked for, every page, and what a filter that fits nothing hides.

use super::{Answer, Query, filters};
use crate::{
    aws::{
        Target,
        pricing::{self, ProductFilter, Products},
    },
    error::ToolError,
    tools::{
        Call,
        reply::{Reply, Warning},
    },
};
use bedrock_cost::{
    names::nearest,
    price_list::{self, ListedPrice},
};
use serde_json::{Map, Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use tokio::{sync::Semaphore, task::JoinSet};

/// The Price List throttles early; four readers at a time stay under its rate.
const AT_ONCE: usize = 4;
/// Values of an attribute that an answer lists.
const VALUES_SHOWN: usize = 12;

/// What one reading of the list gave.
#[derive(Default)]
struct Read {
    rates: Vec<ListedPrice>,
    more: bool,
    /// Places that were not read to the end, and why the first was not.
    unread: Vec<String>,
    failure: Option<ToolError>,
}

/// Asks and answers.
pub(super) async fn answer(
    call: &Call,
    target: &Target,
    query: &Query,
    codes: &[&str],
) -> Result<Reply, ToolError> {
    let mut warnings = Vec::new();
    let mut values = Map::new();
    let reading = Reading {
        call,
        target,
        query,
        codes,
    };
    let mut read = reading.all(&query.filters, query.max_pages).await?;
    if read.rates.is_empty() && !query.filters.is_empty() {
        let (kept, left_out) = reading
            .without_failing(&mut values)
            .await
            .unwrap_or_else(|error| unexplained(query, &error));
        read = reading.all(&kept, query.max_pages).await?;
        warnings.extend(left_out);
    }
    if read.more {
        warnings.push(Warning::new(
            "more_pages",
            format!("read the first {} pages of each service code and region; raise max_pages for the rest", query.max_pages),
        ));
    }
    if let Some(error) = &read.failure {
        warnings.push(Warning::new(
            "prices_missing",
            format!(
                "not every price of {} was read, so some are missing here: {error}",
                read.unread.join(", ")
            ),
        ));
    }
    warnings.extend(about_codes(query, codes));
    let rates: Vec<ListedPrice> = read
        .rates
        .into_iter()
        .filter(|rate| query.keeps(rate))
        .collect();
    if rates.is_empty() {
        warnings.push(Warning::new(
            "no_prices",
            "the Price List has no such price: check the region, the model and the filters",
        ));
    }
    let mut answer = Answer {
        service_codes_read: codes.iter().map(|code| (*code).to_owned()).collect(),
        attribute_values: values,
        ..Answer::default()
    };
    warnings.extend(super::table::fill(&mut answer, query, &rates));
    Ok(Reply::new(super::table::headline(&rates, query), &answer)
        .warn(warnings)
        .corrected(query.corrections.clone()))
}

/// Filters that are tried one by one where together they match nothing: each try is free and a few requests.
const MOST_TRIED: usize = 5;

/// What is read: the service codes and regions of one question.
#[derive(Clone, Copy)]
struct Reading<'a> {
    call: &'a Call,
    target: &'a Target,
    query: &'a Query,
    codes: &'a [&'a str],
}

impl Reading<'_> {
    /// Reads every service code in every region.
    ///
    /// What was read is kept when something else was not; an error is only that nothing was found where reading failed,
    /// as that does not say that there is nothing.
    async fn all(&self, filters: &[ProductFilter], max_pages: usize) -> Result<Read, ToolError> {
        let Self {
            call,
            target,
            query,
            codes,
        } = *self;
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        let pages = Arc::new(AtomicU32::new(0));
        let mut readers: JoinSet<Result<(usize, Products), ToolError>> = JoinSet::new();
        let places = combinations(query, codes);
        for (index, (code, region)) in places.iter().copied().enumerate() {
            let mut filters = filters.to_vec();
            filters.extend(region.map(|region| ProductFilter::equals("regionCode", region)));
            let (call, target, code) = (call.clone(), target.clone(), code.to_owned());
            let (permits, pages) = (Arc::clone(&permits), Arc::clone(&pages));
            readers.spawn(async move {
                // The semaphore is never closed.
                let _permit = permits.acquire().await.ok();
                let page = || {
                    let done = pages.fetch_add(1, Ordering::Relaxed) + 1;
                    call.progress(done, None, format!("{code}: page {done} of the Price List"));
                };
                pricing::products(
                    &call.aws,
                    &call.meter,
                    &target,
                    &code,
                    &filters,
                    max_pages,
                    page,
                )
                .await
                .map(|products| (index, products))
            });
        }
        let mut parts = Vec::new();
        while let Some(part) = readers.join_next().await {
            let part = part.map_err(|_| ToolError::Cancelled)?;
            parts.push(part?);
        }
        // Readers end in any order; the answer must not depend on it.
        parts.sort_by_key(|(index, _)| *index);
        let mut read = Read::default();
        for (index, products) in parts {
            read.more |= products.more;
            for item in &products.items {
                let prices =
                    price_list::read_product(item).map_err(|error| ToolError::OddAnswer {
                        problem: error.to_string(),
                    })?;
                read.rates.extend(prices);
            }
            if let Some(error) = products.failure {
                read.unread.extend(places.get(index).map(place));
                read.failure = read.failure.or(Some(error));
            }
        }
        match read.failure {
            Some(error) if read.rates.is_empty() => Err(error),
            _ => Ok(read),
        }
    }

    /// Finds the filters whose attribute has no such value anywhere, and says which values there are.
    async fn without_failing(
        &self,
        values: &mut Map<String, Value>,
    ) -> Result<(Vec<ProductFilter>, Vec<Warning>), ToolError> {
        let Self {
            call,
            target,
            query,
            codes,
        } = *self;
        let mut kept = Vec::new();
        let mut warnings = Vec::new();
        for filter in &query.filters {
            let mut existing: Vec<String> = Vec::new();
            let mut known = false;
            for code in codes {
                if let Some(found) =
                    pricing::attribute_values(&call.aws, &call.meter, target, code, &filter.field)
                        .await?
                {
                    known = true;
                    existing.extend(found);
                }
            }
            existing.sort_unstable();
            existing.dedup();
            if existing.iter().any(|value| filters::passes(filter, value)) {
                kept.push(filter.clone());
                continue;
            }
            let field = &filter.field;
            let reason = if known {
                values.insert(field.clone(), json!(likely(filter, &existing)));
                format!(
                    "values that exist: attribute_values, {} in all",
                    existing.len()
                )
            } else {
                format!("there is no attribute {field}")
            };
            warnings.push(Warning::new(
            "filter_matched_nothing",
            format!(
                "{} matches no price ({reason}); the rates here are those WITHOUT this filter on {field}",
                filters::described(filter)
            ),
        ));
        }
        if warnings.is_empty() {
            return self.without_conflicting().await;
        }
        Ok((kept, warnings))
    }

    /// Whether there is any price with these filters; the first page of each place tells.
    async fn matches_any(&self, filters: &[ProductFilter]) -> Result<bool, ToolError> {
        Ok(!self.all(filters, 1).await?.rates.is_empty())
    }

    /// Finds which of several filters, each of a value that exists somewhere, exclude everything where prices were asked.
    async fn without_conflicting(&self) -> Result<(Vec<ProductFilter>, Vec<Warning>), ToolError> {
        let given = &self.query.filters;
        let text = |filters: &[ProductFilter]| {
            let all: Vec<String> = filters.iter().map(filters::described).collect();
            all.join(" and ")
        };
        if given.len() > MOST_TRIED {
            let warning = format!(
                "{} match no price together; the rates here are those WITHOUT these filters",
                text(given)
            );
            return Ok((
                Vec::new(),
                vec![Warning::new("filter_matched_nothing", warning)],
            ));
        }
        let (mut kept, mut out, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
        for filter in given {
            let alone = std::slice::from_ref(filter);
            if self.matches_any(alone).await? {
                kept.push(filter.clone());
                continue;
            }
            warnings.push(Warning::new(
            "filter_matched_nothing",
            format!(
                "{} matches no price{}, though the value exists elsewhere; the rates here are those WITHOUT this filter",
                text(alone),
                self.query.placed()
            ),
        ));
        }
        if kept.is_empty() || self.matches_any(&kept).await? {
            return Ok((kept, warnings));
        }
        // Those that the others would match without.
        let mut rest = Vec::new();
        for (at, filter) in kept.iter().enumerate() {
            let others: Vec<ProductFilter> = kept
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
                .map(|(_, other)| other.clone())
                .collect();
            if self.matches_any(&others).await? {
                out.push(filter.clone());
            } else {
                rest.push(filter.clone());
            }
        }
        let message = match out.as_slice() {
            [] => {
                rest.clear();
                format!(
                    "{} match no price together, though each does alone",
                    text(&kept)
                )
            }
            [one] => format!(
                "{} excludes every price that the other filters match",
                text(std::slice::from_ref(one))
            ),
            several => format!(
                "{} match no price together, though each does alone",
                text(several)
            ),
        };
        warnings.push(Warning::new(
            "filter_matched_nothing",
            format!(
                "{message}; the rates here are those WITHOUT {}",
                if out.len() == 1 {
                    "it"
                } else {
                    "these filters"
                }
            ),
        ));
        Ok((rest, warnings))
    }
}

/// `AmazonBedrock in us-east-1`.
fn place((code, region): &(&str, Option<&str>)) -> String {
    region.map_or_else(
        || (*code).to_owned(),
        |region| format!("{code} in {region}"),
    )
}

fn combinations<'a>(query: &'a Query, codes: &[&'a str]) -> Vec<(&'a str, Option<&'a str>)> {
    codes
        .iter()
        .flat_map(|code| {
            let regions: Vec<Option<&str>> = if query.regions.is_empty() {
                vec![None]
            } else {
                query
                    .regions
                    .iter()
                    .map(|region| Some(region.as_str()))
                    .collect()
            };
            regions.into_iter().map(move |region| (*code, region))
        })
        .collect()
}

/// Nothing matched, and which values there are could not be asked: the filters are left out as if none did.
fn unexplained(query: &Query, error: &ToolError) -> (Vec<ProductFilter>, Vec<Warning>) {
    let all: Vec<String> = query.filters.iter().map(filters::described).collect();
    let warning = Warning::new(
        "filter_matched_nothing",
        format!(
            "{} matches no price; the rates here are those WITHOUT it, and which values exist could not be asked: {error}",
            all.join(" and ")
        ),
    );
    (Vec::new(), vec![warning])
}

/// The values an answer lists: those that look like the one asked for first.
fn likely(filter: &ProductFilter, existing: &[String]) -> Vec<String> {
    let mut shown: Vec<String> = Vec::new();
    for value in &filter.values {
        let near = nearest(value, existing.iter().map(String::as_str), VALUES_SHOWN);
        shown.extend(near.into_iter().map(str::to_owned));
    }
    for value in existing {
        if shown.len() >= VALUES_SHOWN {
            break;
        }
        if !shown.contains(value) {
            shown.push(value.clone());
        }
    }
    shown.truncate(VALUES_SHOWN);
    shown
}

/// Where Claude and others are, and which filters cannot find them.
fn about_codes(query: &Query, codes: &[&str]) -> Vec<Warning> {
    let mut out = Vec::new();
    if query.service_code.as_deref() != Some(super::codes::NATIVE) {
        return out;
    }
    if !codes.contains(&super::codes::MARKETPLACE) {
        out.push(Warning::new(
            "models_elsewhere",
            "AmazonBedrock alone: Claude, Cohere and other models sold through AWS Marketplace are in \
             AmazonBedrockFoundationModels, left out by bedrock_scope \"exact\"",
        ));
        return out;
    }
    out.push(Warning::new(
        "service_codes",
        "AmazonBedrock has no Claude, Cohere and other models sold through AWS Marketplace: \
         AmazonBedrockFoundationModels and AmazonBedrockService were read too (bedrock_scope \"exact\": AmazonBedrock only)",
    ));
    for filter in &query.filters {
        if !super::codes::MARKETPLACE_ATTRIBUTES.contains(&filter.field.as_str()) {
            out.push(Warning::new(
                "filter_leaves_out_marketplace",
                format!(
                    "prices in AmazonBedrockFoundationModels have no attribute {}: the filter on it leaves out Claude, \
                     Cohere and others; name the model argument instead",
                    filter.field
                ),
            ));
        }
    }
    out
}
