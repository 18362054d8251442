//! The CloudWatch tools against the simulated account: the guide's calls, what they cost, and bad input.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::on_sample::{account, call};
use crate::{aws::Aws, guide};
use serde_json::{Map, Value, json};

const GUIDE: &str = include_str!("../../../../examples/guide-calls.md");
const AS_OF: &str = "2024-12-05";
const HAIKU: &str = "anthropic.claude-3-haiku-20240307-v1:0";

/// Makes the guide's call of this number, from 1, and returns the answer and the operations that AWS was asked.
async fn guide_call(number: usize) -> (Map<String, Value>, Vec<String>) {
    let calls = guide::calls(GUIDE);
    let invocation = calls[number - 1].call.clone().unwrap();
    let aws = account(AS_OF);
    let answer = call(&aws, &invocation.tool, Value::Object(invocation.arguments))
        .await
        .unwrap();
    let asked = operations(&aws);
    assert_eq!(answer["aws_requests"], asked.len());
    let charged = aws.sample_account().counters().charge_usd;
    let told: rust_decimal::Decimal =
        rust_decimal::Decimal::from_scientific(&answer["aws_cost_usd"].to_string())
            .or_else(|_| answer["aws_cost_usd"].to_string().parse())
            .unwrap();
    assert_eq!(told, charged, "what AWS charged and what the answer says");
    (answer, asked)
}

fn operations(aws: &Aws) -> Vec<String> {
    let journal = aws.sample_account().journal();
    let mut names: Vec<String> = journal
        .iter()
        .map(|entry| entry.operation.clone())
        .collect();
    names.sort();
    names
}

async fn november(tool: &str, more: Value) -> Map<String, Value> {
    let mut arguments =
        json!({"start_time": "2024-11-01", "end_time": "2024-12-01", "period": 3600});
    if tool == "get_metric_data" {
        arguments.as_object_mut().unwrap().remove("period");
    }
    let more = more.as_object().unwrap().clone();
    arguments.as_object_mut().unwrap().extend(more);
    call(&account(AS_OF), tool, arguments).await.unwrap()
}

/// The total of a Sum in another form of the question.
async fn total(metric: &str, dimensions: Value, period: i64) -> i64 {
    let answer = november(
        "get_metric_statistics",
        json!({"metric_name": metric, "dimensions": dimensions, "period": period, "statistics": "Sum"}),
    )
    .await;
    answer
        .get("summary")
        .and_then(|summary| summary.pointer("/Sum/total"))
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

fn warnings(answer: &Map<String, Value>) -> Vec<&str> {
    answer
        .get("warnings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|warning| warning["code"].as_str())
        .collect()
}

fn message<'a>(answer: &'a Map<String, Value>, code: &str) -> &'a str {
    answer["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|warning| warning["code"] == code)
        .and_then(|warning| warning["message"].as_str())
        .unwrap()
}

fn ratio(part: i64, whole: i64) -> f64 {
    let float = |number: i64| number.to_string().parse::<f64>().unwrap();
    float(part) / float(whole)
}

#[track_caller]
fn check_close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!(
        (found - expected).abs() <= expected.abs() * 1e-5,
        "{found} is not {expected}"
    );
}

#[tokio::test]
async fn call_4_sums_one_model_in_one_request() {
    let (answer, asked) = guide_call(4).await;
    assert_eq!(asked, ["GetMetricStatistics"]);
    assert_eq!(answer["points"], 720);
    let sum = answer["summary"]["Sum"]["total"].as_i64().unwrap();
    assert!(sum > 0);
    let haiku = json!({"ModelId": HAIKU});
    assert_eq!(sum, total("InputTokenCount", haiku.clone(), 86_400).await);
    let rows: i64 = answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[1].as_i64().unwrap())
        .sum();
    assert_eq!(sum, rows, "the rows add up to the total");
    let invocations = total("Invocations", haiku, 3_600).await;
    check_close(
        &answer["summary"]["Average"]["overall"],
        ratio(sum, invocations),
    );
}

#[tokio::test]
async fn call_5_divides_totals_not_hours() {
    let (answer, asked) = guide_call(5).await;
    assert_eq!(asked, ["GetMetricData"]);
    let summary = &answer["summary"];
    let haiku = json!({"ModelId": HAIKU});
    let tokens = total("InputTokenCount", haiku.clone(), 86_400).await;
    let invocations = total("Invocations", haiku, 86_400).await;
    assert_eq!(summary["input_tokens"]["total"], tokens);
    assert_eq!(summary["invocations"]["total"], invocations);
    check_close(
        &summary["avg_tokens_per_request"]["overall"],
        ratio(tokens, invocations),
    );
    assert!(answer.get("no_data").is_none());
}

#[tokio::test]
async fn call_6_derives_the_hit_rate_from_token_counts() {
    let (answer, asked) = guide_call(6).await;
    assert_eq!(asked, ["GetMetricData", "ListMetrics"]);
    assert!(
        answer["corrections"][0]["change"]
            .as_str()
            .unwrap()
            .contains("CacheReadInputTokens /")
    );
    let read = total("CacheReadInputTokens", json!([]), 86_400).await;
    let written = total("CacheWriteInputTokens", json!([]), 86_400).await;
    let input = total("InputTokenCount", json!([]), 86_400).await;
    assert_eq!(answer["summary"]["tokens"]["CacheReadInputTokens"], read);
    check_close(
        &answer["summary"]["CacheHitRate"]["overall"],
        ratio(read, input + read + written),
    );
}

#[tokio::test]
async fn calls_7_and_9_are_about_all_models_once() {
    let (answer, asked) = guide_call(9).await;
    assert_eq!(asked, ["GetMetricStatistics", "ListMetrics"]);
    let (other, asked) = guide_call(7).await;
    assert_eq!(asked, ["GetMetricStatistics", "ListMetrics"]);
    assert_eq!(answer["summary"]["Average"], other["summary"]["Average"]);
    assert!(
        answer["scope"]
            .as_str()
            .unwrap()
            .starts_with("all models in us-east-1")
    );

    let listed = answer["models"].as_array().unwrap();
    assert!(!listed.is_empty());
    let queries = json!([
        {"id": "all", "expression": "SUM(each)"},
        {"id": "each", "expression": "SEARCH('{AWS/Bedrock,ModelId} MetricName=\"InputTokenCount\"', 'Sum', 86400)", "return_data": false},
    ]);
    let summed = november(
        "get_metric_data",
        json!({"metric_data_queries": queries, "detail": "full"}),
    )
    .await;
    let models: f64 = summed["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[1].as_f64().unwrap())
        .sum();
    let account = answer["summary"]["Sum"]["total"].as_f64().unwrap();
    // The rows show six digits.
    assert!(
        (models - account).abs() <= account * 1e-5,
        "{models} over models, {account} for the account"
    );
}

#[tokio::test]
async fn call_14_finds_the_alarms_that_ring() {
    let (answer, asked) = guide_call(14).await;
    assert_eq!(asked, ["DescribeAlarms"]);
    let rows = answer["rows"].as_array().unwrap();
    let state = answer["columns"]
        .as_array()
        .unwrap()
        .iter()
        .position(|name| name == "state")
        .unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        assert!(row[0].as_str().unwrap().starts_with("Bedrock-TokenUsage"));
        assert_eq!(row[state], "ALARM");
        assert!(
            !row.to_string().contains("arn:"),
            "an account's id is in {row}"
        );
    }
    assert!(rows.iter().any(|row| row[1] == "composite"));
}

#[tokio::test]
async fn an_alarm_that_is_not_there_is_answered_with_those_that_are() {
    let aws = account(AS_OF);
    let answer = call(
        &aws,
        "describe_alarms",
        json!({"alarm_name_prefix": "Bedrock-TokenUse", "state_value": "ALARM"}),
    )
    .await
    .unwrap();
    assert!(message(&answer, "no_alarms").contains("Bedrock-TokenUsage"));
    assert_eq!(operations(&aws).len(), 2);
}

#[tokio::test]
async fn the_calls_of_a_past_year_are_refused_with_ones_that_run() {
    for number in [6, 7, 9] {
        let invocation = guide::calls(GUIDE)[number - 1].call.clone().unwrap();
        let aws = account("2026-11-22");
        let error = call(&aws, &invocation.tool, Value::Object(invocation.arguments))
            .await
            .unwrap_err();
        assert!(operations(&aws).is_empty(), "nothing was asked");
        let corrected = error.corrected().unwrap().clone();
        let answer = call(&aws, corrected.tool, Value::Object(corrected.arguments))
            .await
            .unwrap();
        assert!(
            answer["points"].as_i64().unwrap() > 0,
            "call {number} has no data: {answer:?}"
        );
    }
}

#[tokio::test]
async fn no_data_is_explained() {
    let empty = |more: Value| async move { november("get_metric_statistics", more).await };
    let answer = empty(json!({"metric_name": "InputTokenCount", "dimensions": {"ModelId": "anthropic.claude-3-haiku"}})).await;
    assert!(message(&answer, "no_data").contains(HAIKU));
    assert_eq!(answer["points"], 0);
    assert!(answer.get("rows").is_none(), "no value is not 0");
    let answer =
        empty(json!({"metric_name": "InputTokens2", "dimensions": {"ModelId": HAIKU}})).await;
    assert!(message(&answer, "no_data").contains("no metric InputTokens2"));
    let answer = empty(json!({"metric_name": "InputTokenCount", "region": "ap-northeast-3"})).await;
    assert!(message(&answer, "no_data").contains("another region"));
    let answer =
        empty(json!({"metric_name": "InputTokenCount", "dimensions": {"Model": HAIKU}})).await;
    assert!(message(&answer, "no_data").contains("ModelId"));

    let queries = json!([
        {"Id": "a", "MetricStat": {"Metric": {"Namespace": "AWS/Bedrock", "MetricName": "Invocations", "Dimensions": [{"Name": "ModelId", "Value": HAIKU}]}, "Period": 3600, "Stat": "Sum"}},
        {"Id": "b", "MetricStat": {"Metric": {"Namespace": "AWS/Bedrock", "MetricName": "Invocations", "Dimensions": [{"Name": "ModelId", "Value": "x"}]}, "Period": 3600, "Stat": "Sum"}},
    ]);
    let answer = november("get_metric_data", json!({"metric_data_queries": queries})).await;
    assert_eq!(answer["no_data"], json!(["b"]));
    assert!(message(&answer, "no_data").contains("no value is not 0"));
}

#[tokio::test]
async fn a_name_from_the_logs_finds_its_metric() {
    let answer = november(
        "get_metric_statistics",
        json!({"metric_name": "CacheReadInputTokenCount", "statistics": ["Sum"]}),
    )
    .await;
    assert_eq!(answer["metric"], "AWS/Bedrock/CacheReadInputTokens");
    assert_eq!(
        answer["summary"]["Sum"]["total"],
        total("CacheReadInputTokens", json!([]), 3_600).await
    );
    assert!(
        answer["corrections"]
            .to_string()
            .contains("invocation logs")
    );
}

#[tokio::test]
async fn a_model_that_caches_nothing_has_a_rate_of_zero_and_says_so() {
    let answer = november(
        "get_metric_statistics",
        json!({"metric_name": "CacheHitRate", "dimensions": {"ModelId": HAIKU}}),
    )
    .await;
    assert_eq!(answer["summary"]["CacheHitRate"]["overall"], 0);
    assert!(warnings(&answer).contains(&"no_cache_tokens"));
}

#[tokio::test]
async fn every_point_is_reached_page_by_page() {
    let mut arguments = json!({
        "metric_name": "InputTokenCount", "dimensions": {"ModelId": HAIKU}, "statistics": "Sum",
        "start_time": "2024-11-01", "end_time": "2024-12-01", "period": 3600, "detail": "full", "limit": 300,
    });
    let mut sum = 0;
    let mut sizes = Vec::new();
    loop {
        let answer = call(&account(AS_OF), "get_metric_statistics", arguments.clone())
            .await
            .unwrap();
        let rows = answer["rows"].as_array().unwrap();
        sizes.push(rows.len());
        sum += rows.iter().map(|row| row[1].as_i64().unwrap()).sum::<i64>();
        match answer.get("next_cursor") {
            Some(cursor) => arguments["cursor"] = cursor.clone(),
            None => break,
        }
    }
    assert_eq!(sizes, [300, 300, 120]);
    assert_eq!(
        sum,
        total("InputTokenCount", json!({"ModelId": HAIKU}), 86_400).await
    );
}

#[tokio::test]
async fn bad_input_is_refused_before_aws_is_asked() {
    let aws = account(AS_OF);
    let stat = |period: Value| json!([{"id": "a", "metric_stat": {"metric": {"metric_name": "Invocations"}, "period": period, "stat": "Sum"}}]);
    let cases = [
        ("get_metric_statistics", json!({}), "metric_name"),
        (
            "get_metric_statistics",
            json!({"metric_name": 7}),
            "metric_name",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": ""}),
            "metric_name",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "a\u{0}b"}),
            "metric_name",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "period": -60}),
            "multiple of 60",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "period": "hour"}),
            "whole number",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "period": i64::MAX}),
            "period",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "statistics": ["Median"]}),
            "Median",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "statistics": "[\"Sum\""}),
            "not valid JSON",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "start_time": "2024-02-30"}),
            "2024-02-30",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "start_time": "2024-12-02", "end_time": "2024-12-01"}),
            "not after",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "region": "us-moon-1"}),
            "us-moon-1",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "unit": "Tokens"}),
            "Tokens",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "dimensions": "ModelId"}),
            "dimension",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "limit": 0}),
            "limit",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "cursor": "next"}),
            "cursor",
        ),
        (
            "get_metric_statistics",
            json!({"metric_name": "Invocations", "colour": "red"}),
            "colour",
        ),
        ("get_metric_data", json!({}), "metric_data_queries"),
        (
            "get_metric_data",
            json!({"metric_data_queries": []}),
            "metric_data_queries",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": "x"}),
            "metric_data_queries",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": vec![json!({"id": "a", "expression": "1"}); 501]}),
            "500",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": [{"id": "a"}]}),
            "neither",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": [{"id": "a", "metric_stat": {"metric": {"metric_name": "X"}, "period": 60, "stat": "Sum"}, "expression": "b"}]}),
            "both",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": [{"id": "a", "expression": "a * 2"}]}),
            "a",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": [{"id": "a", "expression": "b / c"}]}),
            "\"b\"",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": [{"id": "a", "expression": "1"}, {"id": "a", "expression": "2"}]}),
            "twice",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": [{"id": "a", "metricStat": {"metric": {"name": "X"}}}]}),
            "metric_name",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": stat(json!(0))}),
            "multiple of 60",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": stat(json!("x"))}),
            "period",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": stat(json!(60)), "scan_by": "sideways"}),
            "TimestampAscending",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": stat(json!(60)), "max_pages": 0}),
            "max_pages",
        ),
    ];
    for (tool, arguments, part) in cases {
        let error = call(&aws, tool, arguments.clone()).await.unwrap_err();
        assert_eq!(error.code(), "invalid_argument", "{arguments}");
        assert!(
            error.to_text().contains(part),
            "{arguments}: {}",
            error.to_text()
        );
    }
    assert!(operations(&aws).is_empty());
    let answer = call(
        &aws,
        "get_metric_statistics",
        json!({"metric_name": "Invocations"}),
    )
    .await
    .unwrap();
    assert!(
        answer["points"].as_i64().unwrap() > 0,
        "the next call is answered"
    );
}

/// Refused, and what is offered instead runs as it stands and has data.
async fn check_corrected(tool: &str, arguments: Value) {
    let aws = account(AS_OF);
    let error = call(&aws, tool, arguments.clone()).await.unwrap_err();
    assert!(operations(&aws).is_empty());
    let corrected = error
        .corrected()
        .unwrap_or_else(|| unreachable!("nothing is offered for {arguments}: {error}"))
        .clone();
    let answer = call(&aws, corrected.tool, Value::Object(corrected.arguments))
        .await
        .unwrap();
    assert!(answer["points"].as_i64().unwrap() > 0, "{answer:?}");
}

#[tokio::test]
async fn a_refusal_offers_a_request_that_runs() {
    let month = |more: Value| {
        let mut arguments = json!({"metric_name": "InputTokenCount", "start_time": "2024-11-01", "end_time": "2024-12-01"});
        arguments
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        arguments
    };
    check_corrected("get_metric_statistics", month(json!({"period": 300}))).await;
    check_corrected("get_metric_statistics", month(json!({"period": 60}))).await;
    check_corrected("get_metric_statistics", month(json!({"period": 3_599}))).await;
    check_corrected(
        "get_metric_statistics",
        month(json!({"start_time": "2024-12-01", "end_time": "2024-11-01"})),
    )
    .await;
    check_corrected(
        "get_metric_statistics",
        month(json!({"statistics": ["Sum", "p99"]})),
    )
    .await;
    check_corrected(
        "get_metric_statistics",
        month(json!({"start_time": "2020-01-01", "end_time": "2020-01-03"})),
    )
    .await;
    let query = |id: &str, period: i64, expression: &str| {
        json!({"start_time": "2024-11-01", "end_time": "2024-12-01", "metric_data_queries": [
            {"id": id, "metric_stat": {"metric": {"metric_name": "Invocations"}, "period": period, "stat": "Sum"}},
            {"id": "twice", "expression": expression},
        ]})
    };
    check_corrected(
        "get_metric_data",
        query("invocations", 60, "invocations * 2"),
    )
    .await;
    check_corrected(
        "get_metric_data",
        query("Invocations", 3_600, "Invocations * 2"),
    )
    .await;
    check_corrected(
        "get_metric_data",
        query("invocations", 3_600, "invocation * 2"),
    )
    .await;
}

#[tokio::test]
async fn a_dry_run_names_the_price_and_sends_nothing() {
    let aws = account(AS_OF);
    let arguments = json!({"metric_name": "CacheHitRate", "dry_run": true});
    let answer = call(&aws, "get_metric_statistics", arguments)
        .await
        .unwrap();
    assert_eq!(answer["price_usd"].as_f64(), Some(0.000_03));
    let queries = json!([{"id": "a", "metric_stat": {"metric": {"metric_name": "Invocations"}, "period": 60, "stat": "Sum"}}]);
    let answer = call(
        &aws,
        "get_metric_data",
        json!({"metric_data_queries": queries, "dry_run": "true"}),
    )
    .await
    .unwrap();
    assert_eq!(answer["price_usd"].as_f64(), Some(0.000_01));
    assert_eq!(answer["aws_cost_usd"], 0);
    assert!(operations(&aws).is_empty());
}

#[tokio::test]
async fn pages_are_followed_and_a_limit_on_them_is_said() {
    // A metric and five calculations over 20,160 minutes are 120,960 points: two pages.
    let stat = json!({"id": "m", "metric_stat": {"metric": {"metric_name": "Invocations"}, "period": 60, "stat": "Sum"}});
    let queries: Vec<Value> = std::iter::once(stat)
        .chain((1..6).map(
            |factor| json!({"id": format!("e{factor}"), "expression": format!("m * {factor}")}),
        ))
        .collect();
    let arguments = json!({"metric_data_queries": queries, "start_time": "2024-11-21T12:00:00Z", "end_time": "2024-12-05T12:00:00Z"});
    let aws = account(AS_OF);
    let answer = call(&aws, "get_metric_data", arguments.clone())
        .await
        .unwrap();
    assert_eq!(operations(&aws).len(), 2);
    assert_eq!(answer["points"], 20_160);
    let total = |id: &str, what: &str| answer["summary"][id][what].as_i64().unwrap();
    assert_eq!(total("e5", "overall"), 5 * total("m", "total"));
    let mut short = arguments;
    short["max_pages"] = json!(1);
    let answer = call(&aws, "get_metric_data", short).await.unwrap();
    assert!(warnings(&answer).contains(&"more_pages"));
}
