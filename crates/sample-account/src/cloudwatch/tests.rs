//! Metrics equal the ledger, and come in the forms and with the gaps of AWS.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::ledger::place::Account;
use crate::ledger::{Activity, Endpoint};
use crate::model::MODELS;
use crate::output::broken_output;

const AS_OF: &str = "2026-11-22T15:30:00Z";
const HAIKU: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_second()
}

fn ledger() -> Ledger {
    Ledger::new(AS_OF.parse().unwrap())
}

fn try_ask(region: &str, operation: &str, input: &Value) -> Result<Value, Fault> {
    let answer = answer(&ledger(), region, operation, input)?;
    let model = MODELS.service("cloudwatch").unwrap();
    let wrong = broken_output(model, &format!("{operation}Output"), &answer);
    assert!(wrong.is_empty(), "{operation}: {wrong:?}");
    Ok(answer)
}

fn ask(operation: &str, input: &Value) -> Value {
    try_ask("us-east-1", operation, input).unwrap()
}

fn model_id(id: &str) -> Value {
    json!([{ "Name": "ModelId", "Value": id }])
}

/// `GetMetricStatistics` of `AWS/Bedrock`: points by time, and whether they came in order.
fn statistics(
    metric: &str,
    dimensions: &Value,
    range: (&str, &str),
    period: i64,
) -> (BTreeMap<i64, Value>, bool) {
    let answer = ask(
        "GetMetricStatistics",
        &json!({
            "Namespace": "AWS/Bedrock",
            "MetricName": metric,
            "Dimensions": dimensions,
            "StartTime": at(range.0),
            "EndTime": at(range.1),
            "Period": period,
            "Statistics": ["Sum", "SampleCount", "Average", "Minimum", "Maximum"],
        }),
    );
    assert_eq!(answer["Label"], metric);
    let points = answer["Datapoints"].as_array().unwrap();
    let times: Vec<i64> = points
        .iter()
        .map(|p| p["Timestamp"].as_i64().unwrap())
        .collect();
    let by_time = times.iter().copied().zip(points.iter().cloned()).collect();
    (by_time, times.is_sorted())
}

/// What the payer's calls on the runtime did in a region in an hour, by the ledger itself.
fn activity(start: i64, pick: impl Fn(&Activity<'_>) -> u64) -> u64 {
    let instant = |seconds| Timestamp::from_second(seconds).unwrap();
    ledger()
        .activity(instant(start), instant(start + 3_600))
        .filter(|activity| {
            activity.account == Account::PAYER
                && activity.region.code() == "us-east-1"
                && activity.endpoint == Endpoint::Runtime
        })
        .map(|activity| pick(&activity))
        .sum()
}

#[test]
fn sums_are_the_activity_of_the_ledger() {
    type Pick = fn(&Activity<'_>) -> u64;
    let metrics: [(&str, Pick); 8] = [
        ("Invocations", |a| a.invocations),
        ("InputTokenCount", |a| a.input),
        ("OutputTokenCount", |a| a.output),
        ("CacheReadInputTokens", |a| a.cache_read),
        ("CacheWriteInputTokens", |a| a.cache_write),
        ("InvocationLatency", |a| a.latency_ms),
        ("InvocationThrottles", |a| a.throttles),
        ("InvocationClientErrors", |a| a.client_errors),
    ];
    let range = ("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z");
    for (metric, pick) in metrics {
        let account = statistics(metric, &json!([]), range, 3_600).0;
        let model = statistics(metric, &model_id(HAIKU), range, 3_600).0;
        for hour in 0..24 {
            let start = at(range.0) + hour * 3_600;
            let sum = |points: &BTreeMap<i64, Value>| {
                points
                    .get(&start)
                    .map_or(0.0, |point| point["Sum"].as_f64().unwrap())
            };
            #[expect(clippy::cast_precision_loss, reason = "an hour's sums are below 2^53")]
            let expected = |pick: &dyn Fn(&Activity<'_>) -> u64| activity(start, pick) as f64;
            assert_eq!(sum(&account), expected(&|a| pick(a)), "{metric} {hour}");
            let of_model = |a: &Activity<'_>| if a.model_id == HAIKU { pick(a) } else { 0 };
            assert_eq!(sum(&model), expected(&of_model), "{metric} {hour}");
        }
        assert!(!account.is_empty(), "{metric}");
    }
}

#[test]
fn a_coarser_period_is_the_sum_of_the_finer_ones() {
    let range = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    let total = |period: i64| {
        let points = statistics("InputTokenCount", &model_id(HAIKU), range, period).0;
        let member = |name: &str| {
            points
                .values()
                .map(|p| p[name].as_f64().unwrap())
                .sum::<f64>()
        };
        (member("Sum"), member("SampleCount"))
    };
    let day = total(86_400);
    assert!(day.1 > 10_000.0, "{day:?}");
    for period in [60, 300, 3_600, 7_200] {
        assert_eq!(total(period), day, "{period}");
    }
}

#[test]
fn averages_lie_between_the_extremes() {
    let range = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    for metric in ["InputTokenCount", "InvocationLatency", "Invocations"] {
        for period in [60, 3_600, 86_400] {
            for point in statistics(metric, &json!([]), range, period).0.values() {
                let value = |name: &str| point[name].as_f64().unwrap();
                assert_eq!(value("Average"), value("Sum") / value("SampleCount"));
                assert!(value("Minimum") <= value("Average"), "{metric} {point}");
                assert!(value("Average") <= value("Maximum"), "{metric} {point}");
            }
        }
    }
}

#[test]
fn points_come_in_no_order_and_only_where_data_is() {
    let range = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    let (points, sorted) = statistics("InputTokenCount", &json!([]), range, 3_600);
    assert_eq!((points.len(), sorted), (24, false));
    // Dimensions have to match exactly; an unknown metric is no error.
    let known = model_id(HAIKU);
    assert!(
        statistics("CacheHitRate", &known, range, 3_600)
            .0
            .is_empty()
    );
    assert!(
        statistics("Invocations", &model_id("nosuch"), range, 3_600)
            .0
            .is_empty()
    );
    let both = json!([
        { "Name": "ModelId", "Value": HAIKU },
        { "Name": "ServiceTier", "Value": "default" },
    ]);
    assert!(statistics("Invocations", &both, range, 3_600).0.is_empty());
    // What has not happened yet has no data.
    let later = ("2026-11-22T15:00:00Z", "2026-11-22T18:00:00Z");
    let ahead = statistics("Invocations", &json!([]), later, 3_600).0;
    assert_eq!(ahead.keys().copied().collect::<Vec<_>>(), [at(later.0)]);
}

#[test]
fn old_data_is_kept_coarsely_and_then_not_at_all() {
    let count = |from: &str, to: &str, period: i64| {
        statistics("Invocations", &json!([]), (from, to), period)
            .0
            .len()
    };
    // 63 days before are 2026-09-20, 455 days before are 2025-08-24.
    assert_eq!(count("2026-10-01T00:00:00Z", "2026-10-01T01:00:00Z", 60), 0);
    assert_eq!(
        count("2026-10-01T00:00:00Z", "2026-10-01T01:00:00Z", 300),
        12
    );
    assert_eq!(
        count("2026-09-19T00:00:00Z", "2026-09-19T01:00:00Z", 300),
        0
    );
    assert_eq!(
        count("2026-09-19T00:00:00Z", "2026-09-19T03:00:00Z", 3_600),
        3
    );
    assert_eq!(
        count("2025-08-26T00:00:00Z", "2025-08-26T03:00:00Z", 3_600),
        3
    );
    assert_eq!(
        count("2025-08-22T00:00:00Z", "2025-08-22T03:00:00Z", 3_600),
        0
    );
}

#[test]
fn metrics_are_those_of_a_region() {
    let input = json!({
        "Namespace": "AWS/Bedrock",
        "MetricName": "Invocations",
        "StartTime": at("2026-11-20T00:00:00Z"),
        "EndTime": at("2026-11-21T00:00:00Z"),
        "Period": 86_400,
        "ExtendedStatistics": ["p50", "p99"],
    });
    let points = |region: &str| {
        let answer = try_ask(region, "GetMetricStatistics", &input).unwrap();
        answer["Datapoints"].clone()
    };
    assert_eq!(points("us-east-2"), json!([]));
    assert_eq!(
        points("eu-central-1")[0]["ExtendedStatistics"],
        json!({"p50": 1.0, "p99": 1.0})
    );
    let mut input = input.clone();
    input["Unit"] = json!("Seconds");
    assert_eq!(ask("GetMetricStatistics", &input)["Datapoints"], json!([]));
}

/// A query for a sum by the hour.
fn query(id: &str, metric: &str, dimensions: &Value) -> Value {
    json!({
        "Id": id,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Bedrock",
                "MetricName": metric,
                "Dimensions": dimensions,
            },
            "Period": 3_600,
            "Stat": "Sum",
        },
    })
}

fn data(queries: &Value, range: (&str, &str)) -> Value {
    json!({
        "MetricDataQueries": queries,
        "StartTime": at(range.0),
        "EndTime": at(range.1),
    })
}

fn points(result: &Value) -> Vec<(i64, f64)> {
    let times = result["Timestamps"].as_array().unwrap();
    let values = result["Values"].as_array().unwrap();
    assert_eq!(times.len(), values.len());
    times
        .iter()
        .zip(values)
        .map(|(time, value)| (time.as_i64().unwrap(), value.as_f64().unwrap()))
        .collect()
}

const DAY: (&str, &str) = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");

#[test]
fn expressions_divide_hour_by_hour() {
    let queries = json!([
        query("invocations", "Invocations", &model_id(HAIKU)),
        query("input_tokens", "InputTokenCount", &model_id(HAIKU)),
        { "Id": "avg_tokens_per_request", "Expression": "input_tokens / invocations" },
    ]);
    let answer = ask("GetMetricData", &data(&queries, DAY));
    let results = answer["MetricDataResults"].as_array().unwrap();
    let [calls, tokens, ratio] = [0, 1, 2].map(|index| points(&results[index]));
    assert_eq!(calls.len(), 24);
    assert!(calls.is_sorted_by(|a, b| a.0 > b.0), "newest first");
    for ((call, token), quotient) in calls.iter().zip(&tokens).zip(&ratio) {
        assert_eq!(quotient, &(call.0, token.1 / call.1));
    }
    assert_eq!(results[1]["Label"], "InputTokenCount");
    assert_eq!(results[2]["Label"], "avg_tokens_per_request");
    assert_eq!(results[2]["StatusCode"], "Complete");
}

#[test]
fn a_search_finds_every_model_and_adds_up_to_the_account() {
    let search = "SEARCH('{AWS/Bedrock,ModelId} MetricName=\"InputTokenCount\"', 'Sum', 3600)";
    let queries = json!([
        { "Id": "all", "Expression": search },
        { "Id": "total", "Expression": "SUM(all)" },
        query("account", "InputTokenCount", &json!([])),
    ]);
    let answer = ask("GetMetricData", &data(&queries, DAY));
    let results = answer["MetricDataResults"].as_array().unwrap();
    let of = |id: &str| results.iter().filter(|r| r["Id"] == id).collect::<Vec<_>>();
    let labels: BTreeSet<&str> = of("all")
        .iter()
        .map(|r| r["Label"].as_str().unwrap())
        .collect();
    assert_eq!(labels.len(), of("all").len());
    assert!(labels.len() > 8 && labels.contains(HAIKU), "{labels:?}");
    assert_eq!(points(of("total")[0]), points(of("account")[0]));
}

#[test]
fn pages_concatenate_to_the_whole() {
    let queries = json!([
        query("a", "InputTokenCount", &json!([])),
        query("nothing", "InputTokenCount", &model_id("nosuch")),
        query("b", "OutputTokenCount", &model_id(HAIKU)),
    ]);
    let mut input = data(&queries, DAY);
    input["ScanBy"] = json!("TimestampAscending");
    let collect = |mut input: Value| {
        let mut all: BTreeMap<String, Vec<(i64, f64)>> = BTreeMap::new();
        let mut pages = 0;
        loop {
            let answer = ask("GetMetricData", &input);
            pages += 1;
            for result in answer["MetricDataResults"].as_array().unwrap() {
                let id = result["Id"].as_str().unwrap().to_owned();
                all.entry(id).or_default().extend(points(result));
            }
            let Some(token) = answer.get("NextToken") else {
                let last = answer["MetricDataResults"]
                    .as_array()
                    .unwrap()
                    .last()
                    .unwrap();
                assert_eq!(last["StatusCode"], "Complete");
                return (pages, all);
            };
            let partial = answer["MetricDataResults"].as_array().unwrap().iter();
            assert!(partial.map(points).map(|p| p.len()).sum::<usize>() <= 10);
            input["NextToken"] = token.clone();
        }
    };
    let (pages, whole) = collect(input.clone());
    assert_eq!((pages, whole["a"].len(), whole["b"].len()), (1, 24, 24));
    assert_eq!(whole["nothing"], []);
    assert!(whole["a"].is_sorted_by(|a, b| a.0 < b.0));
    input["MaxDatapoints"] = json!(10);
    assert_eq!(collect(input.clone()), (5, whole));
    input["NextToken"] = json!("garbage");
    let fault = try_ask("us-east-1", "GetMetricData", &input).unwrap_err();
    assert_eq!(fault.error_type, "InvalidNextToken");
}

#[test]
fn a_broken_expression_names_its_query() {
    let refuse = |expression: &str, expected: &str| {
        let queries = json!([
            query("m1", "Invocations", &json!([])),
            { "Id": "e1", "Expression": expression },
        ]);
        let fault = try_ask("us-east-1", "GetMetricData", &data(&queries, DAY)).unwrap_err();
        assert_eq!(fault.error_type, "ValidationError");
        assert_eq!(
            fault.message,
            format!("Error in expression 'e1': {expected}")
        );
    };
    refuse("m1 / m2", "unknown identifier 'm2'");
    refuse("e1 + 1", "'e1' refers to itself");
    refuse("SUM(m1)", "the expression does not return a time series");
    refuse("m1 +", "the expression ends too early");
}

#[test]
fn listed_metrics_had_data_in_two_weeks() {
    let list = |input: Value| {
        let answer = ask("ListMetrics", &input);
        answer["Metrics"].as_array().unwrap().clone()
    };
    let inputs = list(json!({ "Namespace": "AWS/Bedrock", "MetricName": "InputTokenCount" }));
    let by_model: BTreeSet<&str> = inputs
        .iter()
        .filter(|metric| metric["Dimensions"].as_array().unwrap().len() == 1)
        .map(|metric| metric["Dimensions"][0]["Value"].as_str().unwrap())
        .collect();
    // By the ledger: the model ids of the payer's calls on the runtime since 2026-11-08.
    let ledger = ledger();
    let since = Timestamp::from_second(at("2026-11-08T15:30:00Z")).unwrap();
    let expected: BTreeSet<&str> = ledger
        .activity(since, ledger.as_of())
        .filter(|a| {
            a.account == Account::PAYER
                && a.region.code() == "us-east-1"
                && a.endpoint == Endpoint::Runtime
                && a.input > 0
        })
        .map(|a| a.model_id)
        .collect();
    assert_eq!(by_model, expected);
    assert!(!by_model.iter().any(|id| id.contains("claude-v2")));
    let of_haiku = list(json!({ "Dimensions": [{ "Name": "ModelId", "Value": HAIKU }] }));
    assert!(of_haiku.len() >= 9);
    let namespaces: BTreeSet<String> = list(json!({}))
        .iter()
        .map(|metric| metric["Namespace"].as_str().unwrap().to_owned())
        .collect();
    let expected = ["AWS/Bedrock", "AWS/Bedrock/Guardrails", "AWS/Lambda"];
    assert_eq!(namespaces, expected.map(str::to_owned).into());
}

#[test]
fn other_metrics_follow_the_ledger_too() {
    let sum = |namespace: &str, metric: &str, dimensions: Value| {
        let answer = ask(
            "GetMetricStatistics",
            &json!({
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": dimensions,
                "StartTime": at("2026-11-19T00:00:00Z"),
                "EndTime": at("2026-11-20T00:00:00Z"),
                "Period": 86_400,
                "Statistics": ["Sum"],
            }),
        );
        answer["Datapoints"][0]["Sum"].as_f64().unwrap()
    };
    let operation = json!([{ "Name": "Operation", "Value": "ApplyGuardrail" }]);
    let calls = sum("AWS/Bedrock/Guardrails", "Invocations", operation.clone());
    let stopped = sum("AWS/Bedrock/Guardrails", "InvocationsIntervened", operation);
    assert!(
        0.0 < stopped && stopped < calls / 50.0,
        "{stopped} of {calls}"
    );
    let day = "2026-11-19".parse().unwrap();
    let billed: i128 = ledger()
        .records(day, day.tomorrow().unwrap())
        .filter(|charge| {
            charge.line.service == "AWS Lambda"
                && charge.line.unit == "Requests"
                && charge.line.account == Account::PAYER
        })
        .map(|charge| charge.units)
        .sum();
    #[expect(
        clippy::cast_precision_loss,
        reason = "a day's requests are below 2^53"
    )]
    let billed = billed as f64;
    assert!(billed > 0.0);
    assert_eq!(sum("AWS/Lambda", "Invocations", json!([])), billed);
}

#[test]
fn alarms_and_their_history_have_the_shape_of_the_api() {
    for region in ["us-east-1", "us-west-2", "eu-central-1", "sa-east-1"] {
        let types = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
        try_ask(region, "DescribeAlarms", &types).unwrap();
        try_ask(region, "DescribeAlarmHistory", &json!({})).unwrap();
    }
}
