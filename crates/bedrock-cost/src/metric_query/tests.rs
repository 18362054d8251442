//! Tests of the CloudWatch rules: one line a case, and that every suggestion is valid.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use proptest::prelude::*;

use super::*;

const NOW: &str = "2024-12-05T10:30:00Z";

fn statistics_of(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn call(start: &str, end: &str, period: Option<i64>) -> MetricArguments {
    MetricArguments {
        namespace: "AWS/Bedrock".to_owned(),
        metric_name: "InputTokenCount".to_owned(),
        start: Some(start.to_owned()),
        end: Some(end.to_owned()),
        period,
        statistics: statistics_of(&["Sum"]),
        ..MetricArguments::default()
    }
}

/// Checks what a range and period become: the period and points, or the problem and after `=>` the suggestion.
fn check(now: &str, start: &str, end: &str, period: impl Into<Option<i64>>, expected: &str) {
    let now = now.parse().unwrap();
    let period = period.into();
    let found = match MetricStatisticsQuery::new(&call(start, end, period), now) {
        Ok((query, _)) => format!("{} s, {} points", query.period, query.points()),
        Err(MetricError {
            problem,
            suggested: Some((range, period)),
        }) => {
            format!(
                "{problem} => {} to {} by {period}",
                range.start(),
                range.end()
            )
        }
        Err(MetricError {
            problem,
            suggested: None,
        }) => problem.to_string(),
    };
    assert_eq!(found, expected, "{start} {end} {period:?}");
}

#[test]
fn the_guide_runs_in_its_own_time_and_is_moved_two_years_later() {
    let (start, end) = ("2024-11-01T00:00:00Z", "2024-12-01T00:00:00Z");
    check(NOW, start, end, 3_600, "3600 s, 720 points");
    check(
        "2026-11-22T12:00:00Z",
        start,
        end,
        3_600,
        "CloudWatch keeps metrics for 455 days, to 2025-08-24T12:00:00Z; the range ends 2024-12-01T00:00:00Z \
         => 2026-10-23T00:00:00Z to 2026-11-22T00:00:00Z by 3600",
    );
}

#[test]
fn a_period_is_a_multiple_of_what_is_kept() {
    check(NOW, "-3h", "now", 60, "60 s, 180 points");
    check(NOW, "-10d", "-9d", 60, "60 s, 1440 points");
    check(
        NOW,
        "-20d",
        "-19d",
        60,
        "period 60 is not a multiple of 300 seconds, the shortest that CloudWatch keeps for a start 20 days ago \
         => 2024-11-15T10:30:00Z to 2024-11-16T10:30:00Z by 300",
    );
    check(
        NOW,
        "-63d",
        "-62d",
        300,
        "period 300 is not a multiple of 3600 seconds, the shortest that CloudWatch keeps for a start 63 days ago \
         => 2024-10-03T10:30:00Z to 2024-10-04T10:30:00Z by 3600",
    );
    check(NOW, "-62d", "-61d", 300, "300 s, 288 points");
    for period in [0, -60, 90, 30, i64::MIN, i64::MAX] {
        let expected = format!(
            "period {period} is not a positive multiple of 60 seconds \
             => 2024-12-05T07:30:00Z to 2024-12-05T10:30:00Z by {}",
            if period == 90 { 300 } else { 60 },
        );
        check(NOW, "-3h", "now", period, &expected);
    }
}

#[test]
fn an_answer_has_at_most_1440_points() {
    check(
        NOW,
        "-7d",
        "now",
        60,
        "a period of 60 seconds gives 10080 points, at most 1440 are accepted \
         => 2024-11-28T10:30:00Z to 2024-12-05T10:30:00Z by 900",
    );
    check(
        NOW,
        "-400d",
        "now",
        3_600,
        "a period of 3600 seconds gives 9600 points, at most 1440 are accepted \
         => 2023-11-01T10:30:00Z to 2024-12-05T10:30:00Z by 43200",
    );
    check(
        NOW,
        "2004-12-05",
        "2024-12-05",
        604_800,
        "604800 s, 1044 points",
    );
    check(
        NOW,
        "1970-01-01",
        "2024-12-05",
        604_800,
        "a period of 604800 seconds gives 2866 points, at most 1440 are accepted \
         => 1970-01-01T00:00:00Z to 2024-12-05T00:00:00Z by 1209600",
    );
}

#[test]
fn an_absent_period_is_chosen() {
    check(NOW, "-3h", "now", None, "60 s, 180 points");
    check(NOW, "-1d", "now", None, "300 s, 288 points");
    check(NOW, "-31d", "now", None, "3600 s, 744 points");
    check(NOW, "-400d", "now", None, "86400 s, 400 points");
}

/// Checks which statistics are read, as one text.
fn check_statistics(plain: &[&str], extended: &[&str], expected: &str) {
    let arguments = MetricArguments {
        statistics: statistics_of(plain),
        extended_statistics: statistics_of(extended),
        ..call("-3h", "now", Some(60))
    };
    let found = MetricStatisticsQuery::new(&arguments, NOW.parse().unwrap()).map_or_else(
        |error| error.to_string(),
        |(query, corrections)| {
            let names: Vec<&str> = query.statistics.iter().map(Stat::as_str).collect();
            format!("{} ({} corrected)", names.join(" "), corrections.len())
        },
    );
    assert_eq!(found, expected, "{plain:?} {extended:?}");
}

#[test]
fn statistics_are_plain_or_extended() {
    check_statistics(&["Sum", "Average"], &[], "Sum Average (0 corrected)");
    check_statistics(&["sum", "AVG", "Sum"], &[], "Sum Average (2 corrected)");
    check_statistics(
        &[],
        &["p99", "p99.9", "TM(10%:90%)", "IQM"],
        "p99 p99.9 TM(10%:90%) IQM (0 corrected)",
    );
    check_statistics(&["P50"], &[], "p50 (1 corrected)");
    check_statistics(&[], &[], "statistics is missing");
    check_statistics(
        &["Sum"],
        &["p99"],
        "one request takes either statistics or extended_statistics, not both",
    );
    let unknown = |name: &str| {
        format!(
            "unknown statistic \"{name}\", expected one of Sum, Average, Maximum, Minimum, SampleCount, \
             or a percentile such as p99"
        )
    };
    for name in [
        "Median", "p101", "p100.1", "p", "px", "TM(:)", "TM(1:2", "é",
    ] {
        check_statistics(&[name], &[], &unknown(name));
    }
    check_statistics(
        &[],
        &[
            "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11",
        ],
        "11 statistics, at most 10 are accepted",
    );
}

/// Checks the problem with a metric's names, empty for none.
fn check_metric(namespace: &str, name: &str, dimensions: &[(&str, &str)], expected: &str) {
    let dimensions: Vec<(String, String)> = dimensions
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let found = Metric::new(namespace, name, &dimensions)
        .err()
        .map(|error| error.to_string());
    assert_eq!(
        found.unwrap_or_default(),
        expected,
        "{namespace} {name} {dimensions:?}"
    );
}

#[test]
fn metrics_have_names() {
    check_metric("AWS/Bedrock", "Invocations", &[("ModelId", "x")], "");
    check_metric("", "Invocations", &[], "namespace is missing");
    check_metric(
        ":AWS",
        "Invocations",
        &[],
        "namespace \":AWS\" begins with a colon",
    );
    check_metric(
        "AWS/Bedrock",
        &"x".repeat(256),
        &[],
        "metric_name is 256 characters long, at most 255 are accepted",
    );
    check_metric(
        "AWS/Bedrock",
        "Invocations",
        &[("ModelId", "")],
        "dimension value is missing",
    );
    check_metric(
        "AWS/Bedrock",
        "Invocations",
        &[("ModelId", "x"), ("ModelId", "y")],
        "dimension \"ModelId\" stands twice",
    );
    check_metric(
        "AWS/Bedrock",
        "Invocations",
        &[("a", "b"); 31],
        "31 dimensions, at most 30 are accepted",
    );
}

fn metric(id: &str) -> RawMetricQuery {
    let metric = RawMetric {
        namespace: "AWS/Bedrock".to_owned(),
        metric_name: "Invocations".to_owned(),
        period: Some(3_600),
        stat: "Sum".to_owned(),
        ..RawMetric::default()
    };
    RawMetricQuery {
        id: Some(id.to_owned()),
        metric: Some(metric),
        ..RawMetricQuery::default()
    }
}

fn expression(id: &str, text: &str) -> RawMetricQuery {
    RawMetricQuery {
        id: Some(id.to_owned()),
        expression: Some(text.to_owned()),
        ..RawMetricQuery::default()
    }
}

/// Checks the ids of valid queries, or the problem.
fn check_data(queries: &[RawMetricQuery], expected: &str) {
    let found = MetricData::new(
        queries,
        Some("2024-11-01"),
        Some("2024-12-01"),
        NOW.parse().unwrap(),
    );
    let found = found.map_or_else(
        |error| error.to_string(),
        |(data, _)| {
            data.queries
                .iter()
                .map(|query| query.id.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        },
    );
    assert_eq!(found, expected, "{queries:?}");
}

#[test]
fn queries_name_each_other() {
    let guide = [
        metric("invocations"),
        metric("input_tokens"),
        expression("avg_tokens_per_request", "input_tokens / invocations"),
    ];
    check_data(&guide, "invocations input_tokens avg_tokens_per_request");
    check_data(
        &[
            metric("m1"),
            RawMetricQuery {
                id: None,
                ..metric("")
            },
        ],
        "m1 q1",
    );
    check_data(
        &[
            RawMetricQuery {
                id: None,
                ..metric("")
            },
            metric("q1"),
        ],
        "q2 q1",
    );
    check_data(
        &[expression(
            "s1",
            "SEARCH('{AWS/Bedrock,ModelId} MetricName=\"Invocations\"', 'Sum', 3600)",
        )],
        "s1",
    );
    check_data(
        &[expression(
            "s1",
            "SELECT SUM(Invocations) FROM SCHEMA(\"AWS/Bedrock\", ModelId) group by x",
        )],
        "s1",
    );
    check_data(
        &[metric("m1"), expression("e1", "FILL(m1, 0) * 1e3 + 2.5e-3")],
        "m1 e1",
    );
    check_data(&[], "metric_data_queries is missing");
    check_data(&[metric("m1"), metric("m1")], "id \"m1\" stands twice");
    for id in ["M1", "1m", "m-1", "mé"] {
        let problem = "does not begin with a lower-case letter, or holds more than letters, digits and underscores";
        check_data(&[metric(id)], &format!("id \"{id}\" {problem}"));
    }
    check_data(
        &[metric("invocations"), expression("e1", "10 * invocation")],
        "expression e1 names \"invocation\", which no other query is called, nearest: invocations",
    );
    check_data(
        &[expression("e1", "e1 + 1")],
        "expression e1 names \"e1\", which no other query is called",
    );
    check_data(
        &[RawMetricQuery {
            expression: Some("m2".to_owned()),
            ..metric("m1")
        }],
        "query m1 has both, it takes exactly one of metric_stat and expression",
    );
    check_data(
        &[RawMetricQuery {
            metric: None,
            ..metric("m1")
        }],
        "query m1 has neither, it takes exactly one of metric_stat and expression",
    );
    check_data(
        &[expression("a", "SELECT 1"), expression("b", "select 2")],
        "2 Metrics Insights queries, at most 1 are accepted",
    );
    check_data(
        &vec![metric("m1"); 501],
        "501 metric_data_queries, at most 500 are accepted",
    );
}

proptest! {
    #[test]
    fn every_suggestion_is_valid(
        start in 0_u64..60_000_000,
        length in 1_u64..60_000_000,
        period in prop_oneof![Just(None), any::<i64>().prop_map(Some), (-100_i64..100_000).prop_map(Some)],
    ) {
        let now: Timestamp = NOW.parse().unwrap();
        let text = |ago: u64| Some((now.as_second() - i64::try_from(ago).unwrap()).to_string());
        let arguments = MetricArguments { start: text(start + length), end: text(start), ..call("", "", period) };
        let query = match MetricStatisticsQuery::new(&arguments, now) {
            Ok((query, _)) => query,
            Err(MetricError { suggested, .. }) => {
                let (range, period) = suggested.unwrap();
                let bound = |instant: Timestamp| Some(instant.as_second().to_string());
                let suggested = MetricArguments {
                    start: bound(range.start()),
                    end: bound(range.end()),
                    period: Some(i64::from(period)),
                    ..arguments
                };
                MetricStatisticsQuery::new(&suggested, now).unwrap().0
            }
        };
        let age = now.as_second() - query.range.start().as_second();
        let finest = if age < 15 * 86_400 { 60 } else if age < 63 * 86_400 { 300 } else { 3_600 };
        prop_assert_eq!(query.period % finest, 0);
        prop_assert!(query.points() <= 1_440);
        prop_assert!(query.range.end() > now - jiff::SignedDuration::from_hours(455 * 24));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}", id in "\\PC{0,10}", stat in "\\PC{0,10}|(p|tm|PR)[(]?[0-9.:%]{0,8}[)]?") {
        let mut raw = metric(&id);
        if let Some(metric) = &mut raw.metric {
            metric.stat = stat;
        }
        let _ = MetricData::new(&[raw], Some(&text), None, NOW.parse().unwrap());
        let _ = MetricData::new(&[metric("m1"), expression("e1", &text)], None, None, NOW.parse().unwrap());
    }
}
