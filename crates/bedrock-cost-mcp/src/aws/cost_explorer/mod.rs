//! Cost Explorer: valid queries in, whole answers out; every page is one billed request.

mod wire;

use super::{
    Aws, HOME_REGION, Meter, Target,
    pages::{self, Page, Paged},
    settle,
};
use crate::error::ToolError;
use aws_sdk_costexplorer::{
    Client,
    types::{Context, Dimension, Metric},
};
use bedrock_cost::{
    cost_query::{
        ComparisonQuery, DimensionKey, ForecastQuery, ProductAttribute, UsageQuery, ValuesContext,
        ValuesQuery,
    },
    cost_report::{Amount, CostReport},
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use wire::{
    amount, comparison, days, expression, forecast_period, granularity, group_definition,
    hours_or_days, page_size, period_parts, selector, some, value_and_name,
};

/// The unit of every cost that Cost Explorer reports to accounts billed in dollars.
const USD: &str = "USD";

/// One line of work against Cost Explorer: whom to ask, what counts the requests, how far to page.
pub(crate) struct Link<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) meter: &'a Meter,
    pub(crate) target: &'a Target,
    /// Pages to read at most; each is billed.
    pub(crate) max_pages: u32,
    /// Told after every page how many have been read.
    pub(crate) on_page: &'a (dyn Fn(u32) + Sync),
}

/// Charges, and the names of accounts and other coded values in them.
pub(crate) struct Charges {
    pub(crate) report: CostReport,
    pub(crate) names: BTreeMap<String, String>,
}

/// A forecast: the total, then `(start, mean, lower, upper)` per period.
pub(crate) struct Forecast {
    pub(crate) total: Amount,
    pub(crate) periods: Vec<(String, Decimal, Option<Decimal>, Option<Decimal>)>,
}

/// Two months side by side.
pub(crate) struct Comparison {
    /// What the row is about, `KEY = value` joined with commas; empty for everything.
    pub(crate) selector: String,
    pub(crate) part: Part,
    pub(crate) baseline: Decimal,
    pub(crate) compared: Decimal,
    pub(crate) difference: Decimal,
    pub(crate) unit: String,
}

/// Which part of a comparison a row is.
pub(crate) enum Part {
    /// All that was compared.
    Total,
    /// All of one selection.
    Selection,
    /// One cause inside a selection.
    Driver {
        name: String,
        /// In AWS's words.
        kind: String,
    },
}

impl Link<'_> {
    async fn client(&self) -> Client {
        let shared = self.aws.configuration(self.target).await;
        Client::from_conf(
            aws_sdk_costexplorer::config::Builder::from(&shared)
                .region(aws_sdk_costexplorer::config::Region::new(HOME_REGION))
                .build(),
        )
    }

    /// Reads pages until the last or the limit; `ask` sends one request and returns its part and the next token.
    async fn pages<'p, T>(
        &self,
        ask: impl Fn(Option<String>) -> Page<'p, T>,
    ) -> Result<Paged<Vec<T>>, ToolError> {
        pages::read(self.max_pages, |pages, _| (self.on_page)(pages), ask).await
    }
}

/// `GetCostAndUsage`, or `GetCostAndUsageWithResources`.
pub(crate) async fn cost_and_usage(
    link: &Link<'_>,
    query: &UsageQuery,
    with_resources: bool,
) -> Result<Paged<Charges>, ToolError> {
    let client = link.client().await;
    let interval = hours_or_days(query.period)?;
    let metrics: Vec<String> = query
        .metrics
        .iter()
        .map(|metric| metric.as_str().to_owned())
        .collect();
    let groups: Vec<_> = query.group_by.iter().map(group_definition).collect();
    let filter = query.filter.as_ref().map(expression).transpose()?;
    let (client, interval, metrics, groups, filter) =
        (&client, &interval, &metrics, &groups, &filter);
    let found = link
        .pages(|token| {
            Box::pin(async move {
                let (results, attributes, next) = if with_resources {
                    let request = client
                        .get_cost_and_usage_with_resources()
                        .time_period(interval.clone())
                        .granularity(granularity(query.granularity))
                        .set_metrics(Some(metrics.clone()))
                        .set_group_by(some(groups.clone()))
                        .set_filter(filter.clone())
                        .set_next_page_token(token)
                        .customize()
                        .interceptor(link.meter.clone());
                    let page = settle("ce:GetCostAndUsageWithResources", request.send().await)?;
                    (
                        page.results_by_time,
                        page.dimension_value_attributes,
                        page.next_page_token,
                    )
                } else {
                    let request = client
                        .get_cost_and_usage()
                        .time_period(interval.clone())
                        .granularity(granularity(query.granularity))
                        .set_metrics(Some(metrics.clone()))
                        .set_group_by(some(groups.clone()))
                        .set_filter(filter.clone())
                        .set_next_page_token(token)
                        .customize()
                        .interceptor(link.meter.clone());
                    let page = settle("ce:GetCostAndUsage", request.send().await)?;
                    (
                        page.results_by_time,
                        page.dimension_value_attributes,
                        page.next_page_token,
                    )
                };
                let parts = period_parts(results.unwrap_or_default(), &query.metrics)?;
                Ok((vec![(parts, attributes.unwrap_or_default())], next))
            })
        })
        .await?;
    let mut names = BTreeMap::new();
    let mut parts = Vec::new();
    for (part, attributes) in found.value {
        parts.push(part);
        for named in attributes {
            if let (Some(value), Some(name)) = value_and_name(named) {
                names.insert(value, name);
            }
        }
    }
    let report = CostReport::from_pages(parts);
    Ok(Paged {
        value: Charges { report, names },
        cut: found.cut,
    })
}

/// `GetDimensionValues`: each value with its name, where AWS has one.
pub(crate) async fn dimension_values(
    link: &Link<'_>,
    dimension: DimensionKey,
    attribute: Option<ProductAttribute>,
    context: Option<ValuesContext>,
    query: &ValuesQuery,
) -> Result<Paged<Vec<(String, Option<String>)>>, ToolError> {
    let client = link.client().await;
    let filter = query.filter.as_ref().map(expression).transpose()?;
    let period = days(query.period)?;
    let (client, filter, period) = (&client, &filter, &period);
    link.pages(|token| {
        Box::pin(async move {
            let request = client
                .get_dimension_values()
                .time_period(period.clone())
                .dimension(Dimension::from(dimension.as_str()))
                .set_dimension_key(attribute.map(|key| key.as_str().to_owned()))
                .set_context(context.map(|context| Context::from(context.as_str())))
                .set_search_string(query.search.clone())
                .set_filter(filter.clone())
                .set_max_results(page_size(query.max_results))
                .set_next_page_token(token)
                .customize()
                .interceptor(link.meter.clone());
            let page = settle("ce:GetDimensionValues", request.send().await)?;
            let values = page
                .dimension_values
                .into_iter()
                .map(value_and_name)
                .filter_map(|(value, name)| value.map(|value| (value, name)))
                .collect();
            Ok((values, page.next_page_token))
        })
    })
    .await
}

/// `GetTags`: tag keys, or the values of one.
pub(crate) async fn tags(
    link: &Link<'_>,
    key: Option<&str>,
    query: &ValuesQuery,
) -> Result<Paged<Vec<String>>, ToolError> {
    let client = link.client().await;
    let filter = query.filter.as_ref().map(expression).transpose()?;
    let period = days(query.period)?;
    let (client, filter, period) = (&client, &filter, &period);
    link.pages(|token| {
        Box::pin(async move {
            let request = client
                .get_tags()
                .time_period(period.clone())
                .set_tag_key(key.map(str::to_owned))
                .set_search_string(query.search.clone())
                .set_filter(filter.clone())
                .set_max_results(page_size(query.max_results))
                .set_next_page_token(token)
                .customize()
                .interceptor(link.meter.clone());
            let page = settle("ce:GetTags", request.send().await)?;
            Ok((page.tags, page.next_page_token))
        })
    })
    .await
}

/// `GetCostCategories`: names, or the values of one.
pub(crate) async fn cost_categories(
    link: &Link<'_>,
    name: Option<&str>,
    query: &ValuesQuery,
) -> Result<Paged<Vec<String>>, ToolError> {
    let client = link.client().await;
    let filter = query.filter.as_ref().map(expression).transpose()?;
    let period = days(query.period)?;
    let (client, filter, period) = (&client, &filter, &period);
    link.pages(|token| {
        Box::pin(async move {
            let request = client
                .get_cost_categories()
                .time_period(period.clone())
                .set_cost_category_name(name.map(str::to_owned))
                .set_search_string(query.search.clone())
                .set_filter(filter.clone())
                .set_max_results(page_size(query.max_results))
                .set_next_page_token(token)
                .customize()
                .interceptor(link.meter.clone());
            let page = settle("ce:GetCostCategories", request.send().await)?;
            let found = if name.is_some() {
                page.cost_category_values
            } else {
                page.cost_category_names
            };
            Ok((found.unwrap_or_default(), page.next_page_token))
        })
    })
    .await
}

/// `GetCostForecast`, or `GetUsageForecast` where the metric is a usage.
pub(crate) async fn forecast(
    link: &Link<'_>,
    query: &ForecastQuery,
) -> Result<Forecast, ToolError> {
    let client = link.client().await;
    let metric = Metric::from(query.metric.forecast_name());
    let filter = query.filter.as_ref().map(expression).transpose()?;
    let interval = query.prediction_interval.map(i32::from);
    let (total, periods) = if query.metric.is_cost() {
        let request = client
            .get_cost_forecast()
            .time_period(days(query.period)?)
            .granularity(granularity(query.granularity))
            .metric(metric)
            .set_filter(filter)
            .set_prediction_interval_level(interval)
            .customize()
            .interceptor(link.meter.clone());
        let answer = settle("ce:GetCostForecast", request.send().await)?;
        (answer.total, answer.forecast_results_by_time)
    } else {
        let request = client
            .get_usage_forecast()
            .time_period(days(query.period)?)
            .granularity(granularity(query.granularity))
            .metric(metric)
            .set_filter(filter)
            .set_prediction_interval_level(interval)
            .customize()
            .interceptor(link.meter.clone());
        let answer = settle("ce:GetUsageForecast", request.send().await)?;
        (answer.total, answer.forecast_results_by_time)
    };
    Ok(Forecast {
        total: amount(total.as_ref())?,
        periods: periods
            .unwrap_or_default()
            .into_iter()
            .map(forecast_period)
            .collect::<Result<_, _>>()?,
    })
}

/// `GetCostAndUsageComparisons`.
pub(crate) async fn comparisons(
    link: &Link<'_>,
    query: &ComparisonQuery,
) -> Result<Paged<Vec<Comparison>>, ToolError> {
    let client = link.client().await;
    let filter = query.filter.as_ref().map(expression).transpose()?;
    let groups: Vec<_> = query.group_by.iter().map(group_definition).collect();
    let (baseline, compared) = (days(query.baseline)?, days(query.comparison)?);
    let (client, filter, groups, baseline, compared) =
        (&client, &filter, &groups, &baseline, &compared);
    link.pages(|token| {
        Box::pin(async move {
            let request = client
                .get_cost_and_usage_comparisons()
                .baseline_time_period(baseline.clone())
                .comparison_time_period(compared.clone())
                .metric_for_comparison(query.metric.as_str())
                .set_group_by(some(groups.clone()))
                .set_filter(filter.clone())
                .set_max_results(page_size(query.max_results))
                .set_next_page_token(token)
                .customize()
                .interceptor(link.meter.clone());
            let page = settle("ce:GetCostAndUsageComparisons", request.send().await)?;
            let mut rows = Vec::new();
            rows.extend(comparison(
                String::new(),
                Part::Total,
                page.total_cost_and_usage.as_ref(),
                query.metric,
            )?);
            for row in page.cost_and_usage_comparisons.unwrap_or_default() {
                let selector = row
                    .cost_and_usage_selector
                    .as_ref()
                    .map(selector)
                    .unwrap_or_default();
                rows.extend(comparison(
                    selector,
                    Part::Selection,
                    row.metrics.as_ref(),
                    query.metric,
                )?);
            }
            Ok((rows, page.next_page_token))
        })
    })
    .await
}

/// `GetCostComparisonDrivers`.
pub(crate) async fn comparison_drivers(
    link: &Link<'_>,
    query: &ComparisonQuery,
) -> Result<Paged<Vec<Comparison>>, ToolError> {
    let client = link.client().await;
    let filter = query.filter.as_ref().map(expression).transpose()?;
    let groups: Vec<_> = query.group_by.iter().map(group_definition).collect();
    let (baseline, compared) = (days(query.baseline)?, days(query.comparison)?);
    let (client, filter, groups, baseline, compared) =
        (&client, &filter, &groups, &baseline, &compared);
    link.pages(|token| {
        Box::pin(async move {
            let request = client
                .get_cost_comparison_drivers()
                .baseline_time_period(baseline.clone())
                .comparison_time_period(compared.clone())
                .metric_for_comparison(query.metric.as_str())
                .set_group_by(some(groups.clone()))
                .set_filter(filter.clone())
                .set_max_results(page_size(query.max_results))
                .set_next_page_token(token)
                .customize()
                .interceptor(link.meter.clone());
            let page = settle("ce:GetCostComparisonDrivers", request.send().await)?;
            let mut rows = Vec::new();
            for row in page.cost_comparison_drivers.unwrap_or_default() {
                let selector = row.cost_selector.as_ref().map(selector).unwrap_or_default();
                rows.extend(comparison(
                    selector.clone(),
                    Part::Selection,
                    row.metrics.as_ref(),
                    query.metric,
                )?);
                for driver in row.cost_drivers.unwrap_or_default() {
                    let part = Part::Driver {
                        name: driver.name.unwrap_or_default(),
                        kind: driver.r#type.unwrap_or_default(),
                    };
                    rows.extend(comparison(
                        selector.clone(),
                        part,
                        driver.metrics.as_ref(),
                        query.metric,
                    )?);
                }
            }
            Ok((rows, page.next_page_token))
        })
    })
    .await
}
