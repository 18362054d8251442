//! Cost Explorer: valid queries in, whole answers out; every page is one billed request.

use super::{Aws, HOME_REGION, Meter, Target, settle};
use crate::error::ToolError;
use aws_sdk_costexplorer::{
    Client,
    types::{
        ComparisonMetricValue, Context, CostCategoryValues, DateInterval, Dimension,
        DimensionValues, Expression, ForecastResult, Granularity as AwsGranularity,
        GroupDefinition, GroupDefinitionType, MatchOption as AwsMatch, Metric, MetricValue,
        ProductAttributeValues, ResultByTime, TagValues,
    },
};
use bedrock_cost::{
    cost_query::{
        ComparisonQuery, CostMetric, DimensionKey, Filter, FilterLeaf, ForecastQuery, Granularity,
        GroupBy, MatchOption, ProductAttribute, QueryPeriod, UsageQuery, ValuesContext,
        ValuesQuery,
    },
    cost_report::{Amount, CostReport, Group, PeriodPart},
    period::BillingPeriod,
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

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

/// An answer, and whether pages were left unread.
pub(crate) struct Paged<T> {
    pub(crate) value: T,
    pub(crate) pages: u32,
    pub(crate) cut: bool,
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

/// Two months side by side for one selection of charges.
pub(crate) struct Comparison {
    /// What the row is about, `KEY = value` joined with commas; empty for the total.
    pub(crate) selector: String,
    /// The driver's name, where AWS names one.
    pub(crate) driver: String,
    pub(crate) baseline: Decimal,
    pub(crate) comparison: Decimal,
    pub(crate) difference: Decimal,
    pub(crate) unit: String,
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

    /// Counts a page as billed and says whether another may be read.
    fn turn(&self, pages: &mut u32, next: Option<String>) -> Turn {
        self.meter.bill_cost_explorer();
        *pages += 1;
        (self.on_page)(*pages);
        match next.filter(|token| !token.is_empty()) {
            None => Turn::Last,
            Some(_) if *pages >= self.max_pages => Turn::Cut,
            Some(token) => Turn::Next(token),
        }
    }
}

enum Turn {
    Next(String),
    Last,
    Cut,
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
    let (mut pages, mut token) = (0, None);
    let (mut parts, mut names) = (Vec::new(), BTreeMap::new());
    let cut = loop {
        let (results, attributes, next) = if with_resources {
            let request = client
                .get_cost_and_usage_with_resources()
                .time_period(interval.clone())
                .granularity(granularity(query.granularity))
                .set_metrics(Some(metrics.clone()))
                .set_group_by(some(groups.clone()))
                .set_filter(filter.clone())
                .set_next_page_token(token.take())
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
                .set_next_page_token(token.take())
                .customize()
                .interceptor(link.meter.clone());
            let page = settle("ce:GetCostAndUsage", request.send().await)?;
            (
                page.results_by_time,
                page.dimension_value_attributes,
                page.next_page_token,
            )
        };
        parts.push(period_parts(results.unwrap_or_default(), &query.metrics)?);
        for named in attributes.unwrap_or_default() {
            let description = named
                .attributes
                .and_then(|known| known.get("description").cloned());
            if let (Some(value), Some(name)) = (named.value, description) {
                names.insert(value, name);
            }
        }
        match link.turn(&mut pages, next) {
            Turn::Next(next) => token = Some(next),
            Turn::Last => break false,
            Turn::Cut => break true,
        }
    };
    Ok(Paged {
        value: Charges {
            report: CostReport::from_pages(parts),
            names,
        },
        pages,
        cut,
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
    let (mut pages, mut token, mut values) = (0, None, Vec::new());
    let cut = loop {
        let request = client
            .get_dimension_values()
            .time_period(days(query.period)?)
            .dimension(Dimension::from(dimension.as_str()))
            .set_dimension_key(attribute.map(|key| key.as_str().to_owned()))
            .set_context(context.map(|context| Context::from(context.as_str())))
            .set_search_string(query.search.clone())
            .set_filter(filter.clone())
            .set_max_results(query.max_results.and_then(|most| i32::try_from(most).ok()))
            .set_next_page_token(token.take())
            .customize()
            .interceptor(link.meter.clone());
        let page = settle("ce:GetDimensionValues", request.send().await)?;
        values.extend(page.dimension_values.into_iter().filter_map(|found| {
            let name = found
                .attributes
                .and_then(|known| known.get("description").cloned());
            found.value.map(|value| (value, name))
        }));
        match link.turn(&mut pages, page.next_page_token) {
            Turn::Next(next) => token = Some(next),
            Turn::Last => break false,
            Turn::Cut => break true,
        }
    };
    Ok(Paged {
        value: values,
        pages,
        cut,
    })
}

/// `GetTags`: tag keys, or the values of one.
pub(crate) async fn tags(
    link: &Link<'_>,
    key: Option<&str>,
    query: &ValuesQuery,
) -> Result<Paged<Vec<String>>, ToolError> {
    let client = link.client().await;
    let filter = query.filter.as_ref().map(expression).transpose()?;
    let (mut pages, mut token, mut values) = (0, None, Vec::new());
    let cut = loop {
        let request = client
            .get_tags()
            .time_period(days(query.period)?)
            .set_tag_key(key.map(str::to_owned))
            .set_search_string(query.search.clone())
            .set_filter(filter.clone())
            .set_max_results(query.max_results.and_then(|most| i32::try_from(most).ok()))
            .set_next_page_token(token.take())
            .customize()
            .interceptor(link.meter.clone());
        let page = settle("ce:GetTags", request.send().await)?;
        values.extend(page.tags);
        match link.turn(&mut pages, page.next_page_token) {
            Turn::Next(next) => token = Some(next),
            Turn::Last => break false,
            Turn::Cut => break true,
        }
    };
    Ok(Paged {
        value: values,
        pages,
        cut,
    })
}

/// `GetCostCategories`: names, or the values of one.
pub(crate) async fn cost_categories(
    link: &Link<'_>,
    name: Option<&str>,
    query: &ValuesQuery,
) -> Result<Paged<Vec<String>>, ToolError> {
    let client = link.client().await;
    let filter = query.filter.as_ref().map(expression).transpose()?;
    let (mut pages, mut token, mut values) = (0, None, Vec::new());
    let cut = loop {
        let request = client
            .get_cost_categories()
            .time_period(days(query.period)?)
            .set_cost_category_name(name.map(str::to_owned))
            .set_search_string(query.search.clone())
            .set_filter(filter.clone())
            .set_max_results(query.max_results.and_then(|most| i32::try_from(most).ok()))
            .set_next_page_token(token.take())
            .customize()
            .interceptor(link.meter.clone());
        let page = settle("ce:GetCostCategories", request.send().await)?;
        let found = if name.is_some() {
            page.cost_category_values
        } else {
            page.cost_category_names
        };
        values.extend(found.unwrap_or_default());
        match link.turn(&mut pages, page.next_page_token) {
            Turn::Next(next) => token = Some(next),
            Turn::Last => break false,
            Turn::Cut => break true,
        }
    };
    Ok(Paged {
        value: values,
        pages,
        cut,
    })
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
    link.meter.bill_cost_explorer();
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
    let (mut pages, mut token, mut rows) = (0, None, Vec::new());
    let cut = loop {
        let request = client
            .get_cost_and_usage_comparisons()
            .baseline_time_period(days(query.baseline)?)
            .comparison_time_period(days(query.comparison)?)
            .metric_for_comparison(query.metric.as_str())
            .set_group_by(some(groups.clone()))
            .set_filter(filter.clone())
            .set_max_results(query.max_results.and_then(|most| i32::try_from(most).ok()))
            .set_next_page_token(token.take())
            .customize()
            .interceptor(link.meter.clone());
        let page = settle("ce:GetCostAndUsageComparisons", request.send().await)?;
        for row in page.cost_and_usage_comparisons.unwrap_or_default() {
            let selector = row
                .cost_and_usage_selector
                .as_ref()
                .map(selector)
                .unwrap_or_default();
            rows.extend(comparison(
                selector,
                String::new(),
                row.metrics.as_ref(),
                query.metric,
            )?);
        }
        match link.turn(&mut pages, page.next_page_token) {
            Turn::Next(next) => token = Some(next),
            Turn::Last => break false,
            Turn::Cut => break true,
        }
    };
    Ok(Paged {
        value: rows,
        pages,
        cut,
    })
}

/// `GetCostComparisonDrivers`.
pub(crate) async fn comparison_drivers(
    link: &Link<'_>,
    query: &ComparisonQuery,
) -> Result<Paged<Vec<Comparison>>, ToolError> {
    let client = link.client().await;
    let filter = query.filter.as_ref().map(expression).transpose()?;
    let groups: Vec<_> = query.group_by.iter().map(group_definition).collect();
    let (mut pages, mut token, mut rows) = (0, None, Vec::new());
    let cut = loop {
        let request = client
            .get_cost_comparison_drivers()
            .baseline_time_period(days(query.baseline)?)
            .comparison_time_period(days(query.comparison)?)
            .metric_for_comparison(query.metric.as_str())
            .set_group_by(some(groups.clone()))
            .set_filter(filter.clone())
            .set_max_results(query.max_results.and_then(|most| i32::try_from(most).ok()))
            .set_next_page_token(token.take())
            .customize()
            .interceptor(link.meter.clone());
        let page = settle("ce:GetCostComparisonDrivers", request.send().await)?;
        for row in page.cost_comparison_drivers.unwrap_or_default() {
            let selector = row.cost_selector.as_ref().map(selector).unwrap_or_default();
            rows.extend(comparison(
                selector.clone(),
                String::new(),
                row.metrics.as_ref(),
                query.metric,
            )?);
            for driver in row.cost_drivers.unwrap_or_default() {
                let name = driver.name.unwrap_or_default();
                rows.extend(comparison(
                    selector.clone(),
                    name,
                    driver.metrics.as_ref(),
                    query.metric,
                )?);
            }
        }
        match link.turn(&mut pages, page.next_page_token) {
            Turn::Next(next) => token = Some(next),
            Turn::Last => break false,
            Turn::Cut => break true,
        }
    };
    Ok(Paged {
        value: rows,
        pages,
        cut,
    })
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn granularity(granularity: Granularity) -> AwsGranularity {
    AwsGranularity::from(granularity.as_str())
}

fn interval(start: String, end: String) -> Result<DateInterval, ToolError> {
    DateInterval::builder()
        .start(start)
        .end(end)
        .build()
        .map_err(unbuildable)
}

fn hours_or_days(period: QueryPeriod) -> Result<DateInterval, ToolError> {
    interval(period.start_text(), period.end_text())
}

fn days(period: BillingPeriod) -> Result<DateInterval, ToolError> {
    interval(period.start().to_string(), period.end().to_string())
}

fn unbuildable(error: impl std::fmt::Display) -> ToolError {
    ToolError::OddAnswer {
        problem: format!("the request could not be built: {error}"),
    }
}

fn group_definition(group: &GroupBy) -> GroupDefinition {
    GroupDefinition::builder()
        .r#type(GroupDefinitionType::from(group.kind().as_str()))
        .key(group.key())
        .build()
}

fn expression(filter: &Filter) -> Result<Expression, ToolError> {
    let out = Expression::builder();
    Ok(match filter {
        Filter::And(filters) => out
            .set_and(Some(
                filters.iter().map(expression).collect::<Result<_, _>>()?,
            ))
            .build(),
        Filter::Or(filters) => out
            .set_or(Some(
                filters.iter().map(expression).collect::<Result<_, _>>()?,
            ))
            .build(),
        Filter::Not(filter) => out.not(expression(filter)?).build(),
        Filter::Dimensions(leaf) => out
            .dimensions(
                DimensionValues::builder()
                    .key(Dimension::from(leaf.key.as_str()))
                    .set_values(some(leaf.values.clone()))
                    .set_match_options(matches(leaf))
                    .build(),
            )
            .build(),
        Filter::Tags(leaf) => out
            .tags(
                TagValues::builder()
                    .key(&leaf.key)
                    .set_values(some(leaf.values.clone()))
                    .set_match_options(matches(leaf))
                    .build(),
            )
            .build(),
        Filter::CostCategories(leaf) => out
            .cost_categories(
                CostCategoryValues::builder()
                    .key(&leaf.key)
                    .set_values(some(leaf.values.clone()))
                    .set_match_options(matches(leaf))
                    .build(),
            )
            .build(),
        Filter::ProductAttributes(leaf) => out
            .product_attributes(
                ProductAttributeValues::builder()
                    .key(leaf.key.as_str())
                    .set_values(Some(leaf.values.clone()))
                    .set_match_options(matches(leaf))
                    .build()
                    .map_err(unbuildable)?,
            )
            .build(),
    })
}

fn matches<K>(leaf: &FilterLeaf<K>) -> Option<Vec<AwsMatch>> {
    some(
        leaf.match_options
            .iter()
            .map(|option: &MatchOption| AwsMatch::from(option.as_str()))
            .collect(),
    )
}

/// Reads an amount; AWS writes very small ones with an exponent.
fn decimal(text: &str) -> Result<Decimal, ToolError> {
    Decimal::from_str_exact(text)
        .or_else(|_| text.parse())
        .or_else(|_| Decimal::from_scientific(text))
        .map_err(|_| ToolError::OddAnswer {
            problem: format!("AWS reported the amount {text:?}"),
        })
}

fn amount(value: Option<&MetricValue>) -> Result<Amount, ToolError> {
    match value.and_then(|value| {
        value
            .amount
            .as_deref()
            .map(|text| (text, value.unit.as_deref()))
    }) {
        None => Ok(Amount::zero(USD)),
        Some((text, unit)) => Ok(Amount {
            value: decimal(text)?,
            unit: unit.unwrap_or_default().to_owned(),
        }),
    }
}

fn amounts(
    known: Option<&HashMap<String, MetricValue>>,
    metrics: &[CostMetric],
) -> Result<Vec<Amount>, ToolError> {
    metrics
        .iter()
        .map(|metric| amount(known.and_then(|known| known.get(metric.as_str()))))
        .collect()
}

fn period_parts(
    results: Vec<ResultByTime>,
    metrics: &[CostMetric],
) -> Result<Vec<PeriodPart>, ToolError> {
    results
        .into_iter()
        .map(|result| {
            let (start, end) = result
                .time_period
                .map(|period| (period.start, period.end))
                .unwrap_or_default();
            let groups: Vec<Group> = result
                .groups
                .unwrap_or_default()
                .into_iter()
                .map(|group| {
                    Ok(Group {
                        keys: group.keys.unwrap_or_default(),
                        amounts: amounts(group.metrics.as_ref(), metrics)?,
                    })
                })
                .collect::<Result<_, ToolError>>()?;
            // With groupings AWS leaves the total empty; it is the sum of the groups.
            let total = match result.total.filter(|total| !total.is_empty()) {
                Some(total) => amounts(Some(&total), metrics)?,
                None => Vec::new(),
            };
            Ok(PeriodPart {
                start,
                end,
                estimated: result.estimated,
                total,
                groups,
            })
        })
        .collect()
}

fn forecast_period(
    result: ForecastResult,
) -> Result<(String, Decimal, Option<Decimal>, Option<Decimal>), ToolError> {
    let start = result
        .time_period
        .map(|period| period.start)
        .unwrap_or_default();
    let bound = |text: Option<String>| text.as_deref().map(decimal).transpose();
    Ok((
        start,
        bound(result.mean_value)?.unwrap_or_default(),
        bound(result.prediction_interval_lower_bound)?,
        bound(result.prediction_interval_upper_bound)?,
    ))
}

fn comparison(
    selector: String,
    driver: String,
    metrics: Option<&HashMap<String, ComparisonMetricValue>>,
    metric: CostMetric,
) -> Result<Option<Comparison>, ToolError> {
    let Some(value) = metrics.and_then(|known| known.get(metric.as_str())) else {
        return Ok(None);
    };
    let read = |text: &Option<String>| text.as_deref().map_or(Ok(Decimal::ZERO), decimal);
    Ok(Some(Comparison {
        selector,
        driver,
        baseline: read(&value.baseline_time_period_amount)?,
        comparison: read(&value.comparison_time_period_amount)?,
        difference: read(&value.difference)?,
        unit: value.unit.clone().unwrap_or_default(),
    }))
}

/// A selection of charges as words: `SERVICE = AWS Lambda, REGION = us-east-1`.
fn selector(expression: &Expression) -> String {
    let mut parts = Vec::new();
    words(expression, &mut parts);
    parts.join(", ")
}

fn words(expression: &Expression, parts: &mut Vec<String>) {
    for inner in expression.and().iter().chain(expression.or()) {
        words(inner, parts);
    }
    if let Some(leaf) = &expression.dimensions {
        let key = leaf.key.as_ref().map(Dimension::as_str).unwrap_or_default();
        parts.push(format!("{key} = {}", leaf.values().join(" | ")));
    }
    if let Some(leaf) = &expression.tags {
        parts.push(format!(
            "tag {} = {}",
            leaf.key().unwrap_or_default(),
            leaf.values().join(" | ")
        ));
    }
    if let Some(leaf) = &expression.cost_categories {
        parts.push(format!(
            "category {} = {}",
            leaf.key().unwrap_or_default(),
            leaf.values().join(" | ")
        ));
    }
}
