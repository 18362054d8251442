//! What CloudWatch takes, checked before it is asked: periods, retention, statistics, dimensions, metric names.

use super::{
    arguments::{quoted, shown, snake_case},
    reply::Correction,
};
use crate::{
    aws::cloudwatch::{Dimension, Metric},
    error::ToolError,
};
use bedrock_cost::{
    period::{midnight, utc_date},
    time_range::TimeRange,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

/// The namespace of Bedrock's own metrics.
pub(crate) const BEDROCK: &str = "AWS/Bedrock";
/// `GetMetricStatistics` gives at most so many points (Amazon CloudWatch API reference).
pub(crate) const MOST_POINTS: u64 = 1_440;
/// A request with more dimensions is refused (Amazon CloudWatch API reference).
const MOST_DIMENSIONS: usize = 30;
/// Values are kept for 15 months (Amazon CloudWatch user guide).
const RETENTION_DAYS: i64 = 455;
/// Periods a person would choose, seconds.
const PERIODS: [i32; 11] = [
    60, 300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800,
];

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

/// A range and period that CloudWatch would not answer as asked, with ones that it would.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unfit {
    pub(crate) problem: String,
    pub(crate) accepted: &'static str,
    pub(crate) range: TimeRange,
    pub(crate) period: i32,
}

/// Reads the two bounds; an end before the start is offered the other way round by the caller.
pub(crate) fn range(
    start: Option<&str>,
    end: Option<&str>,
    now: Timestamp,
) -> Result<TimeRange, ToolError> {
    TimeRange::parse(start, end, now).map_err(|error| {
        ToolError::invalid(
            error.to_string(),
            "give start_time before end_time, each as 2024-11-01T00:00:00Z, 2024-11-01, -24h or now",
        )
    })
}

/// Checks a period against the rules of step, retention and, where there is one, the number of points.
pub(crate) fn check_period(
    given: Option<i64>,
    range: TimeRange,
    now: Timestamp,
    most_points: u64,
) -> Result<i32, Unfit> {
    let Some(given) = given else {
        if let Some(moved) = kept(range, now) {
            return Err(expired(fitting(moved, now, 60, most_points), moved));
        }
        // Nobody reads more points than a month of hours.
        return Ok(fitting(range, now, 60, most_points.min(744)));
    };
    let near = kept(range, now).unwrap_or(range);
    let period = fitting(near, now, given, most_points);
    let unfit = |problem: String, accepted| {
        Err(Unfit {
            problem,
            accepted,
            range: near,
            period,
        })
    };
    if near != range {
        return Err(expired(period, near));
    }
    if given < 60 || given % 60 != 0 {
        return unfit(
            format!(
                "period {given} is not a positive multiple of 60 seconds, the resolution of Bedrock's metrics"
            ),
            "give a period such as 60, 300, 3600 or 86400",
        );
    }
    let finest = i64::from(finest(range.start(), now));
    if given % finest != 0 {
        return unfit(
            format!(
                "CloudWatch keeps values that are as old as {} only in steps of {finest} seconds, and the period is {given}",
                range.start()
            ),
            "give a multiple of that step, or a later start_time",
        );
    }
    let points = range.seconds().div_ceil(given.unsigned_abs());
    if points > most_points {
        return unfit(
            format!("{points} points were asked for, and one request gives at most {most_points}"),
            "give a longer period or a shorter range",
        );
    }
    i32::try_from(given).map_err(|_| Unfit {
        problem: format!("period {given} is longer than CloudWatch takes"),
        accepted: "give up to 604800 seconds",
        range,
        period: 86_400,
    })
}

fn expired(period: i32, range: TimeRange) -> Unfit {
    Unfit {
        problem: format!(
            "the whole range lies more than {RETENTION_DAYS} days back, and CloudWatch keeps nothing that old"
        ),
        accepted: "for older months ask cost_explorer",
        range,
        period,
    }
}

/// True when the start of a range has been deleted, and so what is shown is not all there was.
pub(crate) fn partly_expired(range: TimeRange, now: Timestamp) -> bool {
    range.start() < oldest(now)
}

fn oldest(now: Timestamp) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(RETENTION_DAYS * 24))
        .unwrap_or(Timestamp::MIN)
}

/// A range of the same length that ends today, where nothing of this one is kept.
fn kept(range: TimeRange, now: Timestamp) -> Option<TimeRange> {
    if range.end() > oldest(now) {
        return None;
    }
    let end = midnight(utc_date(now));
    let longest = (RETENTION_DAYS - 1) * 86_400;
    let length = i64::try_from(range.seconds())
        .unwrap_or(longest)
        .min(longest);
    let start = end.checked_sub(SignedDuration::from_secs(length)).ok()?;
    TimeRange::new(start, end).ok()
}

/// The finest step in which values of an age are kept, seconds (Amazon CloudWatch user guide).
fn finest(start: Timestamp, now: Timestamp) -> i32 {
    let days = now.duration_since(start).as_secs().div_euclid(86_400);
    match days {
        ..15 => 60,
        15..63 => 300,
        _ => 3_600,
    }
}

/// The shortest sensible period, not under the one wanted, that the rules allow.
fn fitting(range: TimeRange, now: Timestamp, wanted: i64, most_points: u64) -> i32 {
    let finest = finest(range.start(), now);
    PERIODS
        .into_iter()
        .find(|period| {
            i64::from(*period) >= wanted
                && period % finest == 0
                && range.seconds().div_ceil(u64::from(period.unsigned_abs())) <= most_points
        })
        .unwrap_or(604_800)
}

/// A statistic as CloudWatch spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Statistic {
    Standard(&'static str),
    /// A percentile, a trimmed mean and their kin.
    Extended(String),
}

impl Statistic {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Standard(name) => name,
            Self::Extended(name) => name,
        }
    }
}

/// Reads a statistic in any case, and the short names people use.
pub(crate) fn statistic(
    given: &str,
    corrections: &mut Vec<Correction>,
) -> Result<Statistic, ToolError> {
    let plain: String = given
        .chars()
        .filter(|character| !matches!(character, ' ' | '_' | '-'))
        .collect::<String>()
        .to_ascii_lowercase();
    let standard = match plain.as_str() {
        "sum" | "total" => Some("Sum"),
        "average" | "avg" | "mean" => Some("Average"),
        "maximum" | "max" => Some("Maximum"),
        "minimum" | "min" => Some("Minimum"),
        "samplecount" | "count" | "samples" => Some("SampleCount"),
        _ => None,
    };
    let found = standard
        .map(Statistic::Standard)
        .or_else(|| extended(&plain).map(Statistic::Extended))
        .ok_or_else(|| {
            ToolError::invalid(
                format!("there is no statistic {}", quoted(given)),
                "use Sum, Average, Maximum, Minimum, SampleCount or a percentile such as p99",
            )
        })?;
    if found.name() != given {
        corrections.push(Correction::new(
            "statistics",
            format!("{} read as {}", quoted(given), found.name()),
        ));
    }
    Ok(found)
}

/// `p99`, `tm90`, `wm`, `tc`, `ts` with a percentage, `iqm`, or a range in brackets such as `PR(100:200)`.
fn extended(plain: &str) -> Option<String> {
    if plain == "iqm" {
        return Some("IQM".to_owned());
    }
    if let Some((name, rest)) = plain.split_once('(') {
        let bounds = rest.strip_suffix(')')?;
        let sound = bounds.contains(':')
            && bounds
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'%'));
        return (sound && ["tm", "wm", "pr", "tc", "ts"].contains(&name))
            .then(|| plain.to_ascii_uppercase());
    }
    let digits = ["p", "tm", "wm", "tc", "ts"].into_iter().find_map(|name| {
        plain
            .strip_prefix(name)
            .filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    })?;
    let number: f64 = digits.parse().ok()?;
    (digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && number <= 100.0)
        .then(|| plain.to_owned())
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
    if found.len() > MOST_DIMENSIONS {
        return Err(ToolError::invalid(
            format!("{} dimensions are given", found.len()),
            format!("CloudWatch takes up to {MOST_DIMENSIONS}"),
        ));
    }
    for one in &found {
        for (text, longest) in [(&one.name, 255), (&one.value, 1_024)] {
            if text.is_empty()
                || text.chars().count() > longest
                || text.chars().any(char::is_control)
            {
                return Err(ToolError::invalid(
                    format!("{} cannot stand in a dimension", quoted(text)),
                    "give a Name and a Value, such as ModelId and anthropic.claude-3-haiku-20240307-v1:0",
                ));
            }
        }
        if found.iter().filter(|other| other.name == one.name).count() > 1 {
            return Err(ToolError::invalid(
                format!("the dimension {} is given twice", quoted(&one.name)),
                "ask for one value at a time, or for several with get_metric_data",
            ));
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
        if text.is_empty() || text.chars().count() > 255 || text.chars().any(char::is_control) {
            return Err(ToolError::invalid(
                format!(
                    "{field} {} is empty, too long or not plain text",
                    quoted(text)
                ),
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

    const NOW: &str = "2024-12-05T12:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn between(start: &str, end: &str) -> TimeRange {
        range(Some(start), Some(end), now()).unwrap()
    }

    #[track_caller]
    fn check_unfit(start: &str, end: &str, given: i64, part: &str, period: i32, from: &str) {
        let unfit = check_period(Some(given), between(start, end), now(), MOST_POINTS).unwrap_err();
        assert!(unfit.problem.contains(part), "{}", unfit.problem);
        assert_eq!(
            (unfit.period, unfit.range.start().to_string()),
            (period, from.to_owned())
        );
        // What is offered passes the same rules.
        assert_eq!(
            check_period(Some(period.into()), unfit.range, now(), MOST_POINTS),
            Ok(period)
        );
    }

    #[test]
    fn a_period_that_cannot_be_answered_comes_with_one_that_can() {
        let month = ("2024-11-05", "2024-12-05", "2024-11-05T00:00:00Z");
        check_unfit(month.0, month.1, 60, "steps of 300", 1_800, month.2);
        check_unfit(month.0, month.1, 300, "8640 points", 1_800, month.2);
        check_unfit(month.0, month.1, 90, "multiple of 60", 1_800, month.2);
        check_unfit(month.0, month.1, -60, "multiple of 60", 1_800, month.2);
        check_unfit(month.0, month.1, 0, "multiple of 60", 1_800, month.2);
        check_unfit(
            "2024-09-01",
            "2024-09-02",
            300,
            "steps of 3600",
            3_600,
            "2024-09-01T00:00:00Z",
        );
        check_unfit(
            "2024-12-04",
            "2024-12-05",
            30,
            "multiple of 60",
            60,
            "2024-12-04T00:00:00Z",
        );
        check_unfit(
            "2022-11-01",
            "2022-12-01",
            3_600,
            "455 days",
            3_600,
            month.2,
        );
    }

    #[test]
    fn what_cloudwatch_takes_is_left_as_it_is() {
        for (start, end, period) in [
            ("2024-11-01", "2024-12-01", 3_600),
            ("2024-12-04", "2024-12-05", 60),
            ("2024-11-10", "2024-11-12", 300),
            ("2023-09-10", "2024-12-05", 86_400),
        ] {
            assert_eq!(
                check_period(Some(period.into()), between(start, end), now(), MOST_POINTS),
                Ok(period)
            );
        }
        assert_eq!(
            check_period(None, between("-1d", "now"), now(), MOST_POINTS),
            Ok(300)
        );
        assert_eq!(
            check_period(
                None,
                between("2024-11-01", "2024-12-01"),
                now(),
                MOST_POINTS
            ),
            Ok(3_600)
        );
        assert!(partly_expired(between("2023-09-01", "now"), now()));
        assert!(!partly_expired(between("2024-11-01", "now"), now()));
    }

    #[test]
    fn statistics_are_read_in_any_spelling() {
        let mut corrections = Vec::new();
        for (given, expected) in [
            ("Sum", "Sum"),
            ("avg", "Average"),
            ("sample_count", "SampleCount"),
            ("P99.9", "p99.9"),
            ("tm90", "tm90"),
            ("TM(10%:90%)", "TM(10%:90%)"),
            ("iqm", "IQM"),
        ] {
            assert_eq!(statistic(given, &mut corrections).unwrap().name(), expected);
        }
        assert_eq!(corrections.len(), 4, "{corrections:?}");
        for wrong in ["median", "p101", "p", "PR(1)", "p9x", ""] {
            assert!(statistic(wrong, &mut corrections).is_err(), "{wrong}");
        }
    }

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
            json!([{"ModelId": "a"}, {"ModelId": "b"}]),
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
