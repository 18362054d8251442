//! Between the core's queries and reports and the shapes of the Cost Explorer SDK.

use super::{Comparison, Part, USD};
use crate::error::ToolError;
use aws_sdk_costexplorer::types::{
    ComparisonMetricValue, CostCategoryValues, DateInterval, Dimension, DimensionValues,
    DimensionValuesWithAttributes, Expression, ForecastResult, Granularity as AwsGranularity,
    GroupDefinition, GroupDefinitionType, MatchOption as AwsMatch, MetricValue,
    ProductAttributeValues, ResultByTime, TagValues,
};
use bedrock_cost::{
    cost_query::{CostMetric, Filter, FilterLeaf, Granularity, GroupBy, MatchOption, QueryPeriod},
    cost_report::{Amount, Group, PeriodPart},
    period::BillingPeriod,
};
use rust_decimal::Decimal;
use std::collections::HashMap;

pub(super) fn page_size(most: Option<u32>) -> Option<i32> {
    most.and_then(|most| i32::try_from(most).ok())
}

pub(super) fn value_and_name(
    named: DimensionValuesWithAttributes,
) -> (Option<String>, Option<String>) {
    let name = named
        .attributes
        .and_then(|known| known.get("description").cloned());
    (named.value, name)
}

pub(super) fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

pub(super) fn granularity(granularity: Granularity) -> AwsGranularity {
    AwsGranularity::from(granularity.as_str())
}

pub(super) fn interval(start: String, end: String) -> Result<DateInterval, ToolError> {
    DateInterval::builder()
        .start(start)
        .end(end)
        .build()
        .map_err(unbuildable)
}

pub(super) fn hours_or_days(period: QueryPeriod) -> Result<DateInterval, ToolError> {
    interval(period.start_text(), period.end_text())
}

pub(super) fn days(period: BillingPeriod) -> Result<DateInterval, ToolError> {
    interval(period.start().to_string(), period.end().to_string())
}

pub(super) fn unbuildable(error: impl std::fmt::Display) -> ToolError {
    ToolError::OddAnswer {
        problem: format!("the request could not be built: {error}"),
    }
}

pub(super) fn group_definition(group: &GroupBy) -> GroupDefinition {
    GroupDefinition::builder()
        .r#type(GroupDefinitionType::from(group.kind().as_str()))
        .key(group.key())
        .build()
}

pub(super) fn expression(filter: &Filter) -> Result<Expression, ToolError> {
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

pub(super) fn matches<K>(leaf: &FilterLeaf<K>) -> Option<Vec<AwsMatch>> {
    some(
        leaf.match_options
            .iter()
            .map(|option: &MatchOption| AwsMatch::from(option.as_str()))
            .collect(),
    )
}

/// Reads an amount; AWS writes very small ones with an exponent.
pub(super) fn decimal(text: &str) -> Result<Decimal, ToolError> {
    Decimal::from_str_exact(text)
        .or_else(|_| text.parse())
        .or_else(|_| Decimal::from_scientific(text))
        .map_err(|_| ToolError::OddAnswer {
            problem: format!("AWS reported the amount {text:?}"),
        })
}

pub(super) fn amount(value: Option<&MetricValue>) -> Result<Amount, ToolError> {
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

pub(super) fn amounts(
    known: Option<&HashMap<String, MetricValue>>,
    metrics: &[CostMetric],
) -> Result<Vec<Amount>, ToolError> {
    metrics
        .iter()
        .map(|metric| amount(known.and_then(|known| known.get(metric.as_str()))))
        .collect()
}

pub(super) fn period_parts(
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

pub(super) fn forecast_period(
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

pub(super) fn comparison(
    selector: String,
    part: Part,
    metrics: Option<&HashMap<String, ComparisonMetricValue>>,
    metric: CostMetric,
) -> Result<Option<Comparison>, ToolError> {
    let Some(value) = metrics.and_then(|known| known.get(metric.as_str())) else {
        return Ok(None);
    };
    let read = |text: &Option<String>| text.as_deref().map_or(Ok(Decimal::ZERO), decimal);
    Ok(Some(Comparison {
        selector,
        part,
        baseline: read(&value.baseline_time_period_amount)?,
        compared: read(&value.comparison_time_period_amount)?,
        difference: read(&value.difference)?,
        unit: value.unit.clone().unwrap_or_default(),
    }))
}

/// A selection of charges as words: `SERVICE = AWS Lambda, REGION = us-east-1`.
pub(super) fn selector(expression: &Expression) -> String {
    let mut parts: Vec<String> = expression.and().iter().map(selector).collect();
    if !expression.or().is_empty() {
        let any: Vec<String> = expression.or().iter().map(selector).collect();
        parts.push(format!("({})", any.join(" or ")));
    }
    if let Some(inner) = &expression.not {
        parts.push(format!("not ({})", selector(inner)));
    }
    let mut is =
        |key: &str, values: &[String]| parts.push(format!("{key} = {}", values.join(" | ")));
    if let Some(leaf) = &expression.dimensions {
        is(
            leaf.key.as_ref().map(Dimension::as_str).unwrap_or_default(),
            leaf.values(),
        );
    }
    if let Some(leaf) = &expression.tags {
        is(
            &format!("tag {}", leaf.key().unwrap_or_default()),
            leaf.values(),
        );
    }
    if let Some(leaf) = &expression.cost_categories {
        is(
            &format!("category {}", leaf.key().unwrap_or_default()),
            leaf.values(),
        );
    }
    if let Some(leaf) = &expression.product_attributes {
        is(leaf.key(), leaf.values());
    }
    parts.join(", ")
}
