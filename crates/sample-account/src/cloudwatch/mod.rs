//! CloudWatch: the metrics and alarms that the account's activity leaves behind.

mod alarms;
mod get_metric_data;
mod get_metric_statistics;
mod list_metrics;
mod math;
mod series;
mod statistic;
mod timeline;

use serde_json::Value;

use self::timeline::Timeline;
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::paging::{Paging, page};

/// Answers an operation of CloudWatch in a region, for the account that pays.
///
/// # Errors
///
/// The fault that AWS answers: a broken expression, an unknown statistic or page token.
pub fn answer(
    ledger: &Ledger,
    region: &str,
    operation: &str,
    input: &Value,
) -> Result<Value, Fault> {
    match operation {
        "GetMetricStatistics" => get_metric_statistics::answer(ledger, region, input),
        "GetMetricData" => get_metric_data::answer(ledger, region, input),
        "ListMetrics" => list_metrics::answer(ledger, region, input),
        "DescribeAlarms" => alarms::describe(ledger, region, input),
        "DescribeAlarmHistory" => alarms::history(ledger, region, input),
        other => Err(Fault::new(
            "UnknownOperationException",
            format!("unknown operation {other}"),
        )),
    }
}

fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn elements<'a>(input: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    input
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn texts<'a>(input: &'a Value, name: &str) -> Vec<&'a str> {
    elements(input, name).filter_map(Value::as_str).collect()
}

fn integer(input: &Value, name: &str) -> Option<i64> {
    input.get(name).and_then(Value::as_i64)
}

/// A point in time of a request, in whole epoch seconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, and no data lies at the ends of time"
)]
fn seconds(input: &Value, name: &str) -> Option<i64> {
    let value = input.get(name)?;
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64))
}

/// The time range of a request for data.
fn timeline(ledger: &Ledger, input: &Value) -> Timeline {
    let start = seconds(input, "StartTime").unwrap_or_default();
    let end = seconds(input, "EndTime").unwrap_or_default();
    Timeline::new(start, end, ledger.as_of().as_second())
}

/// The `Dimensions` of a metric as pairs, sorted by name.
fn dimensions(metric: &Value) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = elements(metric, "Dimensions")
        .filter_map(|dimension| {
            let name = text(dimension, "Name")?.to_owned();
            Some((name, text(dimension, "Value")?.to_owned()))
        })
        .collect();
    pairs.sort();
    pairs
}

/// One page of a list as the members of an answer, with the token of the next.
fn paged<T>(
    operation: &str,
    input: &Value,
    size: usize,
    all: Vec<T>,
) -> Result<(Vec<T>, Option<String>), Fault> {
    let paging = Paging::of(operation, input, &["NextToken", "MaxRecords"]);
    let start = match text(input, "NextToken") {
        None => 0,
        Some(token) => paging.position(token).ok_or_else(invalid_token)?,
    };
    let (items, next) = page(all, start, size);
    Ok((items, next.map(|position| paging.token(position))))
}

fn invalid_token() -> Fault {
    Fault::new(
        "InvalidNextToken",
        "The value for parameter NextToken is not valid.",
    )
}

fn with_token(mut answer: Value, token: Option<String>) -> Value {
    if let (Some(members), Some(token)) = (answer.as_object_mut(), token) {
        members.insert("NextToken".to_owned(), Value::from(token));
    }
    answer
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::float_cmp,
    reason = "a failed unwrap or index fails the test; sums of whole numbers are exact in a double"
)]
mod tests;
