//! What is known of Bedrock's metrics and how callers write them; CloudWatch's own rules are the core's.

use super::{
    arguments::{quoted, shown, snake_case},
    reply::{Correction, Warning},
};
use crate::{
    aws::cloudwatch::{Dimension, Metric},
    error::ToolError,
};
use bedrock_cost::{
    metric_query::{MetricProblem, Retention},
    time_range::TimeRange,
};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The namespace of Bedrock's own metrics.
pub(crate) const BEDROCK: &str = "AWS/Bedrock";

/// What a request that is not `GetMetricData` costs (Amazon CloudWatch pricing, read 2026-11-22).
pub(super) const FREE: &str = "of the million CloudWatch requests a month that cost nothing";

/// Bedrock's metrics (Amazon Bedrock user guide, read 2026-11-22).
const METRICS: [&str; 13] = [
    "Invocations",
    "InputTokenCount",
    "OutputTokenCount",
    "CacheReadInputTokens",
    "CacheWriteInputTokens",
    "InvocationLatency",
    "TimeToFirstToken",
    "InvocationThrottles",
    "InvocationClientErrors",
    "InvocationServerErrors",
    "OutputImageCount",
    "LegacyModelInvocations",
    "EstimatedTPMQuotaUsage",
];

/// Names from model invocation logs, and the metrics that hold the same.
const LOG_FIELDS: [(&str, &str); 4] = [
    ("CacheReadInputTokenCount", "CacheReadInputTokens"),
    ("CacheWriteInputTokenCount", "CacheWriteInputTokens"),
    ("InputTokens", "InputTokenCount"),
    ("OutputTokens", "OutputTokenCount"),
];

/// What to do about a refusal of the core.
pub(crate) fn accepted(problem: &MetricProblem) -> &'static str {
    match problem {
        MetricProblem::Range(_) => {
            "give start_time before end_time, each as 2024-11-01T00:00:00Z, 2024-11-01, -24h or now"
        }
        MetricProblem::Statistic(_) | MetricProblem::BothStatistics => {
            "use Sum, Average, Maximum, Minimum and SampleCount, or percentiles such as p99"
        }
        MetricProblem::PeriodStep { .. } | MetricProblem::TooManyPoints { .. } => {
            "give a period such as 300, 3600 or 86400, or a shorter range"
        }
        MetricProblem::PeriodTooFine { .. } => "give a longer period, or a later start_time",
        MetricProblem::Expired { .. } => "for older months ask cost_explorer",
        MetricProblem::Id { .. } => "name it like input_tokens",
        MetricProblem::Reference { .. } => "use the ids of other queries",
        MetricProblem::Source { .. } => "give one of the two in each query",
        MetricProblem::Missing { .. }
        | MetricProblem::TooLong { .. }
        | MetricProblem::TooMany { .. }
        | MetricProblem::Twice { .. }
        | MetricProblem::Namespace { .. } => "change that and call again",
    }
}

/// The refusal of the core where there is no request to offer in its place.
pub(crate) fn refusal(problem: &MetricProblem) -> ToolError {
    ToolError::invalid(problem.to_string(), accepted(problem))
}

/// Says so where the start of a range is no longer kept, and what is shown is not all there was.
pub(crate) fn partly_expired(range: TimeRange, now: Timestamp) -> Option<Warning> {
    (Retention::of(range, now) == Retention::Partial).then(|| {
        Warning::new(
            "partly_expired",
            "CloudWatch keeps 455 days: the start of the range is no longer there",
        )
    })
}

/// The statistic that a metric is asked for when none is named: times are averaged, counts are added up.
pub(crate) fn usual_statistic(metric: &str) -> &'static str {
    if metric.contains("Latency") || metric.starts_with("TimeTo") || metric.ends_with("Time") {
        "Average"
    } else {
        "Sum"
    }
}

/// Reads dimensions: a list of `{Name, Value}`, or an object of names and values.
pub(crate) fn dimensions(
    given: &Value,
    corrections: &mut Vec<Correction>,
) -> Result<Vec<Dimension>, ToolError> {
    let mut found = Vec::new();
    match given {
        Value::Null => {}
        Value::Object(fields) if pair(fields).is_some() => found.extend(pair(fields)),
        Value::Object(fields) => {
            corrections.push(Correction::new(
                "dimensions",
                "read from an object of names and values",
            ));
            from_map(fields, &mut found)?;
        }
        Value::Array(items) => {
            for item in items {
                match item {
                    Value::Object(fields) => match pair(fields) {
                        Some(one) => found.push(one),
                        None => from_map(fields, &mut found)?,
                    },
                    other => return Err(not_a_dimension(other)),
                }
            }
        }
        other => return Err(not_a_dimension(other)),
    }
    for one in &found {
        for text in [&one.name, &one.value] {
            if text.is_empty() || text.chars().any(char::is_control) {
                return Err(ToolError::invalid(
                    format!("{} cannot stand in a dimension", quoted(text)),
                    "give a Name and a Value, such as ModelId and anthropic.claude-3-haiku-20240307-v1:0",
                ));
            }
        }
    }
    Ok(found)
}

fn pair(fields: &Map<String, Value>) -> Option<Dimension> {
    let part = |wanted: &str| {
        fields
            .iter()
            .find(|(name, _)| snake_case(name) == wanted)
            .and_then(|(_, value)| value.as_str())
            .map(|text| text.trim().to_owned())
    };
    (fields.len() == 2).then_some(())?;
    Some(Dimension {
        name: part("name")?,
        value: part("value")?,
    })
}

fn from_map(fields: &Map<String, Value>, found: &mut Vec<Dimension>) -> Result<(), ToolError> {
    for (name, value) in fields {
        let Value::String(value) = value else {
            return Err(not_a_dimension(value));
        };
        found.push(Dimension {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
        });
    }
    Ok(())
}

fn not_a_dimension(given: &Value) -> ToolError {
    ToolError::invalid(
        format!("{} is not a dimension", shown(given)),
        "give dimensions as [{\"Name\": \"ModelId\", \"Value\": \"anthropic.claude-3-haiku-20240307-v1:0\"}]",
    )
}

/// Checks what AWS checks of a namespace and a metric's name.
pub(crate) fn metric(
    namespace: Option<&str>,
    name: &str,
    dimensions: Vec<Dimension>,
    corrections: &mut Vec<Correction>,
) -> Result<Metric, ToolError> {
    let namespace = namespace.map_or(BEDROCK, str::trim);
    for (field, text) in [("namespace", namespace), ("metric_name", name.trim())] {
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(ToolError::invalid(
                format!("{field} {} is empty or not plain text", quoted(text)),
                format!(
                    "use namespace {BEDROCK} and a metric such as {}",
                    METRICS.get(..5).unwrap_or_default().join(", ")
                ),
            ));
        }
    }
    let mut name = name.trim().to_owned();
    if namespace == BEDROCK
        && let Some(known) = METRICS
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(&name))
        && known != name
    {
        corrections.push(Correction::new(
            "metric_name",
            format!("{} read as {known}", quoted(&name)),
        ));
        known.clone_into(&mut name);
    }
    Ok(Metric {
        namespace: namespace.to_owned(),
        name,
        dimensions,
    })
}

/// The dimensions as the core takes them.
pub(crate) fn pairs(dimensions: &[Dimension]) -> Vec<(String, String)> {
    dimensions
        .iter()
        .map(|one| (one.name.clone(), one.value.clone()))
        .collect()
}

/// True for the ratio that people expect Bedrock to publish and that it does not.
pub(crate) fn is_cache_hit_rate(metric: &Metric) -> bool {
    let plain = snake_case(&metric.name).replace('_', "");
    metric.namespace == BEDROCK
        && ["cachehitrate", "cachehitratio", "cachehitpercentage"].contains(&plain.as_str())
}

/// The metric that holds what an invocation log calls by this name.
pub(crate) fn log_field(metric: &Metric) -> Option<&'static str> {
    LOG_FIELDS
        .into_iter()
        .find(|(field, _)| metric.namespace == BEDROCK && field.eq_ignore_ascii_case(&metric.name))
        .map(|(_, name)| name)
}

/// True when Bedrock's documentation lists the metric.
pub(crate) fn is_documented(metric: &Metric) -> bool {
    metric.namespace != BEDROCK || METRICS.contains(&metric.name.as_str())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    #[test]
    fn dimensions_are_read_in_every_form() {
        let expected = vec![Dimension {
            name: "ModelId".into(),
            value: "m".into(),
        }];
        for given in [
            json!([{"Name": "ModelId", "Value": "m"}]),
            json!([{"name": "ModelId", "value": "m"}]),
            json!({"Name": "ModelId", "Value": "m"}),
            json!({"ModelId": "m"}),
            json!([{"ModelId": "m"}]),
        ] {
            assert_eq!(
                dimensions(&given, &mut Vec::new()).unwrap(),
                expected,
                "{given}"
            );
        }
        for wrong in [
            json!("ModelId"),
            json!([["ModelId", "m"]]),
            json!([{"ModelId": 7}]),
            json!([{"Name": "ModelId", "Value": ""}]),
            json!([{"Name": "ModelId", "Value": "a\u{7}"}]),
        ] {
            assert!(dimensions(&wrong, &mut Vec::new()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn metric_names_are_matched_as_cloudwatch_spells_them() {
        let mut corrections = Vec::new();
        let read = |name: &str, corrections: &mut Vec<Correction>| {
            metric(None, name, Vec::new(), corrections).unwrap()
        };
        assert_eq!(
            read("inputtokencount", &mut corrections).name,
            "InputTokenCount"
        );
        assert_eq!(corrections.len(), 1);
        assert!(is_cache_hit_rate(&read("CacheHitRate", &mut corrections)));
        assert!(is_cache_hit_rate(&read("cache_hit_rate", &mut corrections)));
        assert_eq!(
            log_field(&read("CacheReadInputTokenCount", &mut corrections)),
            Some("CacheReadInputTokens")
        );
        assert!(metric(Some("AWS/Bedrock"), "a\u{0}", Vec::new(), &mut corrections).is_err());
    }
}
