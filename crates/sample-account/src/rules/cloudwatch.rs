//! CloudWatch: periods, statistics, data points and metric data queries.
//!
//! The words are AWS's where someone has published them; where only the rule is documented, the
//! words follow AWS's manner.

use std::collections::HashSet;

use serde_json::Value;

use super::{Context, elements, text};
use crate::fault::Fault;

const DAY: f64 = 86_400.0;
/// The most data points of `GetMetricStatistics` (API reference, 2026-11-22).
const MOST_POINTS: f64 = 1_440.0;
/// The most queries of one `GetMetricData` (API reference, 2026-11-22).
const MOST_QUERIES: usize = 500;
/// Periods of high-resolution metrics, seconds (API reference, 2026-11-22).
const SHORT_PERIODS: [i64; 5] = [1, 5, 10, 20, 30];
/// The least period by age of the start: older than so many seconds, at least so many seconds
/// (API reference, 2026-11-22). Metrics are kept at that resolution only.
const LEAST_PERIODS: [(f64, i64); 3] = [(63.0 * DAY, 3_600), (15.0 * DAY, 300), (DAY / 8.0, 60)];
/// How far back Metrics Insights queries reach, seconds (user guide, 2026-11-22).
const INSIGHTS_REACH: f64 = 14.0 * DAY;

/// Checks a request that satisfies the model.
pub(super) fn check(operation: &str, input: &Value, context: &Context) -> Result<(), Fault> {
    match operation {
        "GetMetricStatistics" => statistics(input, context),
        "GetMetricData" => metric_data(input, context),
        "DescribeAlarms" => alarms(input),
        _ => Ok(()),
    }
}

fn invalid_value(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterValueException", message)
}

fn invalid_combination(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterCombinationException", message)
}

fn statistics(input: &Value, context: &Context) -> Result<(), Fault> {
    let (start, end) = times(input)?;
    let period = input["Period"].as_i64().unwrap_or_default();
    if !is_period(period) {
        return Err(invalid_value(
            "The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.",
        ));
    }
    let given = |name: &str| elements(&input[name]).next().is_some();
    match (given("Statistics"), given("ExtendedStatistics")) {
        (false, false) => {
            return Err(invalid_combination(
                "At least one of the parameters Statistics and ExtendedStatistics must be \
                 specified.",
            ));
        }
        (true, true) => {
            return Err(invalid_combination(
                "The parameters Statistics and ExtendedStatistics cannot be used together.",
            ));
        }
        _ => {}
    }
    for (index, statistic) in elements(&input["ExtendedStatistics"]).enumerate() {
        let statistic = statistic.as_str().unwrap_or_default();
        if !is_extended(statistic) {
            return Err(invalid_value(format!(
                "The value {statistic} for parameter ExtendedStatistics.member.{} is not a valid \
                 statistic.",
                index + 1
            )));
        }
    }
    let least = least_period(start, context);
    if period < least {
        return Err(invalid_value(format!(
            "The parameter Period must be a multiple of {least} for the given StartTime."
        )));
    }
    if period % least != 0 && !SHORT_PERIODS.contains(&period) {
        return Err(invalid_value(format!(
            "The parameter Period must be a multiple of {least} for the given StartTime."
        )));
    }
    #[expect(clippy::cast_precision_loss, reason = "a period is far below 2^53")]
    let points = ((end - start) / period as f64).ceil();
    if points > MOST_POINTS {
        return Err(invalid_combination(format!(
            "You have requested up to {points} datapoints, which exceeds the limit of 1440. You \
             may reduce the datapoints requested by increasing Period, or decreasing the time \
             range."
        )));
    }
    Ok(())
}

fn metric_data(input: &Value, context: &Context) -> Result<(), Fault> {
    let (start, _) = times(input)?;
    let queries = elements(&input["MetricDataQueries"]);
    let count = elements(&input["MetricDataQueries"]).count();
    if count == 0 {
        return Err(Fault::new(
            "MissingRequiredParameterException",
            "The parameter MetricDataQueries is required.",
        ));
    }
    if count > MOST_QUERIES {
        return Err(Fault::validation(format!(
            "The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
        )));
    }
    let mut ids = HashSet::new();
    let mut insights = 0;
    let mut returned = false;
    let mut problems = Vec::new();
    for (index, query) in queries.enumerate() {
        let at = format!("MetricDataQueries.member.{}", index + 1);
        let id = text(query, "Id");
        if !is_id(id) {
            problems.push(format!(
                "The value {id} for parameter {at}.Id is not matching the expected pattern \
                 ^[a-z][a-zA-Z0-9_]*$."
            ));
        }
        if !ids.insert(id) {
            problems.push(format!(
                "The values for parameter Id in MetricDataQueries are not unique: {id}."
            ));
        }
        returned |= query
            .get("ReturnData")
            .and_then(Value::as_bool)
            .unwrap_or(true);
        match (query.get("MetricStat"), query.get("Expression")) {
            (Some(metric), None) => metric_stat(metric, &at, &mut problems),
            (None, Some(_)) => {
                let expression = text(query, "Expression").trim_start();
                insights += usize::from(
                    expression
                        .get(..7)
                        .is_some_and(|word| word.eq_ignore_ascii_case("SELECT ")),
                );
                if let Some(period) = query.get("Period").and_then(Value::as_i64)
                    && !is_period(period)
                {
                    problems.push(format!(
                        "Period in {at} must be 1, 5, 10, 20, 30, or a multiple of 60."
                    ));
                }
            }
            (Some(_), Some(_)) => problems.push(format!(
                "The parameters {at}.Expression and {at}.MetricStat are mutually exclusive and \
                 you have specified both."
            )),
            (None, None) => problems.push(format!(
                "The parameters {at}.Expression or {at}.MetricStat must be specified."
            )),
        }
    }
    if !problems.is_empty() {
        return Err(Fault::validation(problems.join("\n")));
    }
    if !returned {
        return Err(Fault::validation(
            "At least one of the MetricDataQueries must have ReturnData set to true.",
        ));
    }
    if insights > 1 {
        return Err(Fault::validation(
            "A request can contain only one Metrics Insights query.",
        ));
    }
    if insights == 1 && seconds(context) - start > INSIGHTS_REACH {
        return Err(Fault::validation(
            "Metrics Insights queries can only query data of the past two weeks.",
        ));
    }
    Ok(())
}

fn metric_stat(metric: &Value, at: &str, problems: &mut Vec<String>) {
    let stat = text(metric, "Stat");
    let plain = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
    if !plain.contains(&stat) && !is_extended(stat) {
        problems.push(format!(
            "The value {stat} for parameter {at}.MetricStat.Stat is not a valid statistic."
        ));
    }
    let period = metric["Period"].as_i64().unwrap_or_default();
    if !is_period(period) {
        problems.push(format!(
            "Period in {at}.MetricStat must be 1, 5, 10, 20, 30, or a multiple of 60."
        ));
    }
    for name in ["Namespace", "MetricName"] {
        if text(&metric["Metric"], name).is_empty() {
            problems.push(format!(
                "The parameter {at}.MetricStat.Metric.{name} is required."
            ));
        }
    }
}

fn alarms(input: &Value) -> Result<(), Fault> {
    let given = |name: &str| input.get(name).is_some();
    if given("AlarmNames") && given("AlarmNamePrefix") {
        return Err(invalid_combination(
            "AlarmNames and AlarmNamePrefix are mutually exclusive.",
        ));
    }
    for relative in ["ChildrenOfAlarmName", "ParentsOfAlarmName"] {
        let alone = [
            "AlarmNames",
            "AlarmNamePrefix",
            "AlarmTypes",
            "StateValue",
            "ActionPrefix",
        ];
        if given(relative) && alone.iter().any(|name| given(name)) {
            return Err(invalid_combination(format!(
                "{relative} cannot be used with other parameters than MaxRecords and NextToken."
            )));
        }
    }
    Ok(())
}

fn times(input: &Value) -> Result<(f64, f64), Fault> {
    let time = |name: &str| input[name].as_f64().unwrap_or_default();
    let (start, end) = (time("StartTime"), time("EndTime"));
    if start >= end {
        return Err(invalid_value(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    Ok((start, end))
}

fn seconds(context: &Context) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds since 1970 are far below 2^53"
    )]
    let seconds = context.now.as_second() as f64;
    seconds
}

fn least_period(start: f64, context: &Context) -> i64 {
    let age = seconds(context) - start;
    LEAST_PERIODS
        .iter()
        .find(|(older, _)| age > *older)
        .map_or(1, |(_, least)| *least)
}

fn is_period(period: i64) -> bool {
    SHORT_PERIODS.contains(&period) || (period > 0 && period % 60 == 0)
}

fn is_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Percentiles, trimmed statistics and their kin: `p95`, `tm90`, `TM(10%:90%)`, `PR(:300)`, `IQM`.
fn is_extended(statistic: &str) -> bool {
    if statistic == "IQM" {
        return true;
    }
    let name: String = statistic
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    let rest = statistic.get(name.len()..).unwrap_or_default();
    match rest
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        None => {
            let percent = rest
                .parse::<f64>()
                .is_ok_and(|p| (0.0..=100.0).contains(&p));
            ["p", "tm", "wm", "tc", "ts"].contains(&name.as_str()) && percent
        }
        Some(range) => {
            let bound = |text: &str| {
                let number = text.strip_suffix('%').unwrap_or(text);
                text.is_empty() || number.parse::<f64>().is_ok()
            };
            ["TM", "WM", "PR", "TC", "TS"].contains(&name.as_str())
                && range.len() > 1
                && range
                    .split_once(':')
                    .is_some_and(|(low, high)| bound(low) && bound(high))
        }
    }
}
