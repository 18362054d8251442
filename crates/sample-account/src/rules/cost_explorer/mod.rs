//! Cost Explorer: periods, metrics, groups, filters, forecasts and comparisons.
//!
//! The words are AWS's where someone has published them; where only the rule is documented, the
//! words follow AWS's manner.

mod expression;
mod period;

use jiff::civil::{Date, date};
use serde_json::Value;

use super::{Context, elements, text};
use crate::fault::Fault;
use expression::{Allowed, Used, check_filter, check_groups, services_all};
use period::{Form, Period, months_from};

/// The first day with product attributes (API reference, 2026-11-22).
const PRODUCT_ATTRIBUTES_FROM: Date = date(2026, 9, 1);
/// The furthest end of a daily forecast, months from today (API reference, 2026-11-22).
const DAILY_FORECAST_MONTHS: i32 = 3;
/// The furthest end of a monthly forecast, months from today (API reference, 2026-11-22).
const MONTHLY_FORECAST_MONTHS: i32 = 18;

/// The metrics, as the reference writes them and as enum values; AWS takes both.
const METRICS: [(&str, &str); 7] = [
    ("AmortizedCost", "AMORTIZED_COST"),
    ("BlendedCost", "BLENDED_COST"),
    ("NetAmortizedCost", "NET_AMORTIZED_COST"),
    ("NetUnblendedCost", "NET_UNBLENDED_COST"),
    ("NormalizedUsageAmount", "NORMALIZED_USAGE_AMOUNT"),
    ("UnblendedCost", "UNBLENDED_COST"),
    ("UsageQuantity", "USAGE_QUANTITY"),
];

/// The metrics that are quantities, not costs.
const QUANTITIES: [&str; 2] = ["USAGE_QUANTITY", "NORMALIZED_USAGE_AMOUNT"];

const COSTS: Allowed = Allowed {
    resources: false,
    product_attributes: true,
};
const PLAIN: Allowed = Allowed {
    resources: false,
    product_attributes: false,
};

/// Checks a request that satisfies the model.
pub(super) fn check(operation: &str, input: &Value, context: &Context) -> Result<(), Fault> {
    match operation {
        "GetCostAndUsage" => cost_and_usage(input, context),
        "GetCostAndUsageWithResources" => with_resources(input, context),
        "GetCostForecast" | "GetUsageForecast" => forecast(operation, input, context),
        "GetDimensionValues" | "GetTags" | "GetCostCategories" => values(operation, input, context),
        "GetCostAndUsageComparisons" | "GetCostComparisonDrivers" => comparison(input, context),
        "GetAnomalies" => anomalies(input),
        _ => Ok(()),
    }
}

/// Writes metric names as the reference does, so that one spelling reaches the ledger.
pub(super) fn normalize(input: &mut Value) {
    let metrics = input.get_mut("Metrics").and_then(Value::as_array_mut);
    for metric in metrics.into_iter().flatten() {
        let given = metric.as_str().unwrap_or_default();
        if let Some((name, _)) = METRICS.iter().find(|(_, upper)| *upper == given) {
            *metric = Value::from(*name);
        }
    }
    if let Some(metric) = input.get_mut("MetricForComparison") {
        let given = metric.as_str().unwrap_or_default();
        if let Some((name, _)) = METRICS.iter().find(|(_, upper)| *upper == given) {
            *metric = Value::from(*name);
        }
    }
}

fn cost_and_usage(input: &Value, context: &Context) -> Result<(), Fault> {
    let granularity = text(input, "Granularity");
    let period = if granularity == "HOURLY" {
        hourly_period(input, context)?
    } else {
        let period = Period::read(&input["TimePeriod"], Form::Date)?;
        period.check_present(context)?;
        period.check_history(context, granularity == "MONTHLY")?;
        period
    };
    metrics(&input["Metrics"])?;
    let used = filter_and_groups(input, COSTS)?;
    product_attributes(input, &period, used, false)
}

fn with_resources(input: &Value, context: &Context) -> Result<(), Fault> {
    let period = if text(input, "Granularity") == "HOURLY" {
        hourly_period(input, context)?
    } else {
        let period = Period::read(&input["TimePeriod"], Form::Date)?;
        period.check_present(context)?;
        period.check_recent(context)?;
        opted_in(context)?;
        period
    };
    metrics(&input["Metrics"])?;
    let allowed = Allowed {
        resources: true,
        ..COSTS
    };
    let used = filter_and_groups(input, allowed)?;
    if !used.resources {
        return Err(Fault::validation(
            "The request must either group by or filter by a ResourceId.",
        ));
    }
    product_attributes(input, &period, used, false)
}

fn hourly_period(input: &Value, context: &Context) -> Result<Period, Fault> {
    let period = Period::read(&input["TimePeriod"], Form::Hour)?;
    period.check_present(context)?;
    period.check_recent(context)?;
    opted_in(context)?;
    Ok(period)
}

fn opted_in(context: &Context) -> Result<(), Fault> {
    if context.opt_ins.hourly_and_resources {
        Ok(())
    } else {
        Err(Fault::data_unavailable(
            "Hourly and resource-level data is not enabled for this account.",
        ))
    }
}

fn metrics(metrics: &Value) -> Result<(), Fault> {
    if elements(metrics).next().is_none() {
        return Err(Fault::validation("Selected metrics cannot be null."));
    }
    elements(metrics)
        .filter_map(Value::as_str)
        .try_for_each(metric)
}

fn metric(metric: &str) -> Result<(), Fault> {
    if METRICS
        .iter()
        .any(|(name, upper)| metric == *name || metric == *upper)
    {
        return Ok(());
    }
    let valid: Vec<&str> = METRICS.iter().map(|(_, upper)| *upper).collect();
    Err(Fault::validation(format!(
        "Metric {metric} is invalid. Valid values are {}",
        valid.join(", ")
    )))
}

fn filter_and_groups(input: &Value, allowed: Allowed) -> Result<Used, Fault> {
    let groups = check_groups(&input["GroupBy"], allowed)?;
    let filter = match input.get("Filter") {
        Some(filter) => check_filter(filter, allowed)?,
        None => Used::default(),
    };
    Ok(groups.and(filter))
}

fn product_attributes(
    input: &Value,
    period: &Period,
    used: Used,
    service_required: bool,
) -> Result<(), Fault> {
    if !used.product_attributes {
        return Ok(());
    }
    if period.start.date() < PRODUCT_ATTRIBUTES_FROM {
        return Err(Fault::data_unavailable(
            "Product attribute data is available for time periods that start on or after \
             2026-09-01.",
        ));
    }
    if service_required && !used.service {
        return Err(Fault::validation(
            "A SERVICE filter is required when the filter includes ProductAttributes.",
        ));
    }
    // Bedrock is the one supported service; its costs appear under several service names.
    let supported = |service: &str| service.contains("Bedrock");
    if !services_all(&input["Filter"], supported) {
        return Err(Fault::validation(
            "The SERVICE filter contains services that do not support product attributes.",
        ));
    }
    Ok(())
}

fn forecast(operation: &str, input: &Value, context: &Context) -> Result<(), Fault> {
    let granularity = text(input, "Granularity");
    if !["DAILY", "MONTHLY"].contains(&granularity) {
        return Err(Fault::validation(
            "Granularity should be either 'MONTHLY' or 'DAILY'",
        ));
    }
    let given = &input["TimePeriod"];
    let (start, end) = (text(given, "Start"), text(given, "End"));
    if start.len() == end.len() && start >= end {
        return Err(Fault::validation(format!(
            "Requested Start: {start} must be before requested End: {end}"
        )));
    }
    let period = Period::read(given, Form::Date)?;
    let today = context.today();
    if period.start.date() < today {
        return Err(Fault::validation(format!(
            "Requested Start: {start} must not be before the current date: {today}"
        )));
    }
    let months = if granularity == "DAILY" {
        DAILY_FORECAST_MONTHS
    } else {
        MONTHLY_FORECAST_MONTHS
    };
    // The last month forecast may end whole.
    if period.end.date() > months_from(today, months + 1) {
        return Err(Fault::validation(format!(
            "Requested End: {end} is too far in the future: {granularity} forecasts go {months} \
             months ahead"
        )));
    }
    let metric = text(input, "Metric");
    let of_usage = operation == "GetUsageForecast";
    if of_usage != QUANTITIES.contains(&metric) {
        return Err(Fault::validation(format!(
            "Metric {metric} is not supported by {operation}."
        )));
    }
    let used = filter_and_groups(input, PLAIN)?;
    if of_usage && !used.usage_type {
        return Err(Fault::new(
            "UnresolvableUsageUnitException",
            "Cost Explorer was unable to identify the usage unit. Provide UsageType/UsageTypeGroup \
             filter selections that contain matching units, for example: hours.",
        ));
    }
    Ok(())
}

fn values(operation: &str, input: &Value, context: &Context) -> Result<(), Fault> {
    let period = Period::read(&input["TimePeriod"], Form::Date)?;
    period.check_present(context)?;
    // Values carry no granularity, so that months as a whole can be asked for.
    period.check_history(context, true)?;
    let cost_and_usage = ["", "COST_AND_USAGE"].contains(&text(input, "Context"));
    let dimension = text(input, "Dimension");
    let allowed = Allowed {
        resources: false,
        product_attributes: cost_and_usage,
    };
    let mut used = match input.get("Filter") {
        Some(filter) => check_filter(filter, allowed)?,
        None => Used::default(),
    };
    let sorted = elements(&input["SortBy"]).next().is_some();
    if sorted && !text(input, "SearchString").is_empty() {
        return Err(Fault::validation(
            "SortBy and SearchString cannot be used together.",
        ));
    }
    let service_required = used.product_attributes;
    if operation == "GetDimensionValues" {
        let key = text(input, "DimensionKey");
        if dimension == "PRODUCT_ATTRIBUTE" {
            if !cost_and_usage {
                return Err(Fault::validation(
                    "Dimension PRODUCT_ATTRIBUTE is supported only in the COST_AND_USAGE context.",
                ));
            }
            if sorted && key.is_empty() {
                return Err(Fault::validation(
                    "DimensionKey is required when SortBy is specified.",
                ));
            }
            used.product_attributes = true;
        } else if !key.is_empty() {
            return Err(Fault::validation(
                "DimensionKey can be specified only when Dimension is PRODUCT_ATTRIBUTE.",
            ));
        }
        let never = ["LINKED_ACCOUNT_NAME", "SERVICE_CODE"];
        if never.contains(&dimension) || dimension.starts_with("ANOMALY_") {
            return Err(Fault::validation(format!(
                "Dimension {dimension} is not allowed."
            )));
        }
        if dimension == "RESOURCE_ID" {
            period.check_recent(context)?;
        }
    }
    product_attributes(input, &period, used, service_required)
}

fn comparison(input: &Value, context: &Context) -> Result<(), Fault> {
    for name in ["BaselineTimePeriod", "ComparisonTimePeriod"] {
        let period = Period::read(&input[name], Form::Date)?;
        if !period.is_one_month() {
            return Err(Fault::validation(format!(
                "{name} must start and end on the first day of a month, with a duration of \
                 exactly one month."
            )));
        }
        period.check_present(context)?;
        period.check_history(context, true)?;
    }
    metric(text(input, "MetricForComparison"))?;
    filter_and_groups(input, PLAIN)?;
    Ok(())
}

fn anomalies(input: &Value) -> Result<(), Fault> {
    let given = &input["DateInterval"];
    let (start, end) = (text(given, "StartDate"), text(given, "EndDate"));
    for (name, day) in [("StartDate", start), ("EndDate", end)] {
        let absent = name == "EndDate" && day.is_empty();
        if !absent && (day.len() != 10 || day.parse::<Date>().is_err()) {
            return Err(Fault::validation(format!(
                "{name} {day} is invalid. Valid format is: yyyy-MM-dd."
            )));
        }
    }
    // Both days count, so that they may be the same.
    if !end.is_empty() && end < start {
        return Err(Fault::validation(
            "Start date should be before or equal to end date",
        ));
    }
    let impact = &input["TotalImpact"];
    if text(impact, "NumericOperator") == "BETWEEN" && impact.get("EndValue").is_none() {
        return Err(Fault::validation(
            "EndValue is required for the numeric operator BETWEEN.",
        ));
    }
    Ok(())
}
