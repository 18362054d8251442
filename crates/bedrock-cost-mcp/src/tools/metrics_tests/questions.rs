//! Other questions of the CloudWatch tools: no data, bad input, refusals that offer a request, pages.

use super::*;
use rust_decimal::Decimal;
use sample_account::FaultPlan;

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

/// The account with some of its answers failing.
fn disturbed(rule: &str) -> Aws {
    let aws = account(AS_OF);
    aws.sample_account()
        .inject(FaultPlan::from(vec![rule.parse().unwrap()]));
    aws
}

#[tokio::test]
async fn what_was_read_is_told_although_the_second_request_fails() {
    let aws = disturbed("cloudwatch:DescribeAlarms#2-=throttle");
    let ask = json!({"alarm_name_prefix": "Bedrock-TokenUse", "state_value": "ALARM"});
    let answer = call(&aws, "describe_alarms", ask).await.unwrap();
    assert_eq!(answer["alarms"], 0);
    assert!(message(&answer, "no_alarms").contains("could not be read"));

    let month = json!({"metric_name": "InputTokenCount", "start_time": "2024-11-01", "end_time": "2024-12-01", "period": 86_400});
    let whole = call(&account(AS_OF), "get_metric_statistics", month.clone())
        .await
        .unwrap();
    assert!(whole["models"].is_array());
    for rule in [
        "cloudwatch:ListMetrics=throttle",
        "cloudwatch:ListMetrics=error-500",
    ] {
        let answer = call(&disturbed(rule), "get_metric_statistics", month.clone())
            .await
            .unwrap();
        assert_eq!(answer["summary"], whole["summary"]);
        assert!(message(&answer, "models_not_listed").contains("ListMetrics"));
    }
    let aws = disturbed("cloudwatch:ListMetrics=throttle");
    let mut unknown = month;
    unknown["dimensions"] = json!({"ModelId": "x"});
    let answer = call(&aws, "get_metric_statistics", unknown).await.unwrap();
    assert!(message(&answer, "no_data").contains("could not be asked"));
}

#[tokio::test]
async fn a_long_list_of_models_is_counted_in_a_field_of_its_own() {
    let answer = november(
        "get_metric_statistics",
        json!({"metric_name": "InputTokenCount"}),
    )
    .await;
    let shown = answer["models"].as_array().unwrap();
    assert!(
        shown.iter().all(|id| !id.as_str().unwrap().contains(' ')),
        "{shown:?}"
    );
    let search = json!([{"id": "each", "expression": "SEARCH('{AWS/Bedrock,ModelId} MetricName=\"InputTokenCount\"', 'Sum', 86400)"}]);
    let all = november("get_metric_data", json!({"metric_data_queries": search})).await;
    let unshown = answer["models_not_shown"].as_u64().unwrap();
    let found = all["summary"].as_object().unwrap().len();
    assert!(unshown > 0);
    assert_eq!(shown.len() + usize::try_from(unshown).unwrap(), found);
}

#[tokio::test]
async fn the_calls_of_a_past_year_are_refused_with_ones_that_run() {
    for number in [4, 5, 6, 7, 9] {
        let invocation = guide::calls(GUIDE)[number - 1].call.clone().unwrap();
        let aws = account("2026-11-22");
        let error = call(&aws, &invocation.tool, Value::Object(invocation.arguments))
            .await
            .unwrap_err();
        assert_eq!(aws.sample_account().counters().charge_usd, Decimal::ZERO);
        let asked = operations(&aws);
        assert!(asked.iter().all(|name| name == "ListMetrics"), "{asked:?}");
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
