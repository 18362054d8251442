//! What holds for the answers of every tool: nothing empty in them, and one form of paging.

use crate::{
    client::{Client as _, Era},
    stdio::Stdio,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const TODAY: &str = "2026-11-22";

fn month(more: &Value) -> Value {
    let mut arguments = json!({"start_date": "2026-10-01", "end_date": "2026-11-01"});
    for (name, value) in more.as_object().unwrap() {
        arguments[name] = value.clone();
    }
    arguments
}

fn metric(more: &Value) -> Value {
    let mut arguments = json!({
        "namespace": "AWS/Bedrock", "metric_name": "InputTokenCount", "statistics": ["Sum"],
        "start_time": "-7d", "period": 3600,
    });
    for (name, value) in more.as_object().unwrap() {
        arguments[name] = value.clone();
    }
    arguments
}

/// Every tool, each of its operations, with and without something to find.
fn questions() -> Vec<(&'static str, Value)> {
    let ce = |more: Value| ("cost_explorer", month(&more));
    let queries = json!([{"id": "m1", "metric_stat": {"metric": {"namespace": "AWS/Bedrock",
        "metric_name": "Invocations"}, "period": 3600, "stat": "Sum"}}]);
    let workload = json!({"models": ["Nova Pro", "Claude Sonnet 5"], "input_tokens": 2000,
        "output_tokens": 500, "requests": 100_000});
    vec![
        ce(json!({"group_by": ["SERVICE"]})),
        ce(json!({"group_by": ["USAGE_TYPE"], "metrics": ["UnblendedCost", "UsageQuantity"]})),
        ce(json!({"granularity": "DAILY", "group_by": ["LINKED_ACCOUNT"]})),
        ce(json!({"filters": {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Bedrock"]}}})),
        ce(json!({"filters": {"Tags": {"Key": "NoSuch", "Values": ["tag"]}}})),
        ce(json!({"operation": "getDimensionValues", "dimension": "SERVICE"})),
        ce(
            json!({"operation": "getDimensionValues", "dimension": "SERVICE", "search_string": "none"}),
        ),
        ce(json!({"operation": "getTagsOrValues"})),
        ce(json!({"operation": "getCostCategories"})),
        ce(json!({"operation": "getCostAndUsageComparisons", "group_by": ["SERVICE"]})),
        ce(json!({"operation": "getCostComparisonDrivers"})),
        ("cost_explorer", json!({"operation": "getCostForecast"})),
        (
            "cost_explorer",
            json!({"operation": "getCostForecast", "prediction_interval_level": 80}),
        ),
        (
            "cost_explorer",
            json!({"operation": "getUsageForecast", "filters": {"Dimensions":
            {"Key": "USAGE_TYPE", "Values": ["USE1-NovaMicro-input-tokens"]}}}),
        ),
        ("bedrock_spend", json!({})),
        ("bedrock_spend", json!({"by": "day", "compare": false})),
        (
            "bedrock_spend",
            json!({"start_date": "month_to_date", "by": ["account", "model"], "service": "all", "forecast": true}),
        ),
        ("bedrock_usage", json!({})),
        ("find_savings", json!({"source": "account"})),
        (
            "bedrock_usage",
            json!({"region": "us-east-1, eu-central-1", "detail": "full"}),
        ),
        ("get_pricing", json!({"model": "Nova Pro"})),
        ("get_pricing", json!({})),
        ("get_pricing", json!({"service_code": "AmazonBedrock"})),
        ("get_metric_statistics", metric(&json!({}))),
        (
            "get_metric_statistics",
            metric(&json!({"metric_name": "CacheHitRate"})),
        ),
        (
            "get_metric_statistics",
            metric(&json!({"metric_name": "NoSuchMetric"})),
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": queries, "start_time": "-7d"}),
        ),
        ("describe_alarms", json!({})),
        (
            "describe_alarms",
            json!({"alarm_name_prefix": "none-is-called-so"}),
        ),
        ("budgets", json!({"history": true})),
        ("cost_anomaly", json!({})),
        ("monitoring_plan", json!({})),
        ("monitoring_plan", json!({"format": "cli"})),
        ("scenario_estimate", workload),
        (
            "find_savings",
            json!({"workload": {"models": ["Nova Pro"], "input_tokens": 2000,
            "output_tokens": 500, "requests": 100_000, "task": "simple", "latency": "hours"}}),
        ),
        (
            "estimate_tokens",
            json!({"text": "What did Bedrock cost last month?"}),
        ),
    ]
}

#[test]
fn answers_hold_nothing_empty() {
    let mut client = Stdio::open(Era::Modern, None, &["serve", "--sample", "--as-of", TODAY]);
    let mut asked = BTreeSet::new();
    for (tool, arguments) in questions() {
        for detail in ["short", "full"] {
            let mut arguments = arguments.clone();
            if !["scenario_estimate", "estimate_tokens"].contains(&tool) {
                arguments["detail"] = json!(detail);
            }
            // Reading the answer checks it.
            client.call(tool, &arguments).answer();
            asked.insert(tool.to_owned());
        }
    }
    let tools: BTreeSet<String> = client.tools().into_iter().collect();
    assert_eq!(asked, tools, "a tool was not asked");
}

#[test]
fn every_table_is_paged_alike() {
    let mut client = Stdio::open(Era::Modern, None, &["serve", "--sample", "--as-of", TODAY]);
    for (tool, arguments) in [
        ("cost_explorer", month(&json!({"group_by": ["SERVICE"]}))),
        ("cost_explorer", month(&json!({"granularity": "DAILY"}))),
        (
            "cost_explorer",
            month(&json!({"operation": "getDimensionValues", "dimension": "SERVICE"})),
        ),
        (
            "cost_explorer",
            month(&json!({"operation": "getCostAndUsageComparisons", "group_by": ["SERVICE"]})),
        ),
        ("bedrock_spend", json!({"by": ["model", "region"]})),
        (
            "bedrock_usage",
            json!({"start_time": "-3d", "end_time": "yesterday"}),
        ),
        ("get_pricing", json!({})),
        ("get_pricing", json!({"service_code": "AmazonBedrock"})),
        ("get_metric_statistics", metric(&json!({}))),
        ("describe_alarms", json!({})),
        ("budgets", json!({})),
        ("cost_anomaly", json!({})),
        ("monitoring_plan", json!({})),
    ] {
        let mut page = |limit: u64, cursor: Option<&Value>| {
            let mut arguments = arguments.clone();
            arguments["limit"] = json!(limit);
            if let Some(cursor) = cursor {
                arguments["cursor"] = cursor.clone();
            }
            client.call(tool, &arguments).answer()
        };
        let both = page(2, None);
        let first = page(1, None);
        let cursor = &first["next_cursor"];
        assert!(cursor.is_string(), "{tool} {arguments}: {first}");
        let second = page(1, Some(cursor));
        let rows = [&first, &second].map(cells).concat();
        assert_eq!(rows, cells(&both), "{tool} {arguments}");
    }
}

/// Every row with what all of them share: what that is may differ between a page of two and one of one.
fn cells(answer: &Value) -> Vec<BTreeSet<String>> {
    let texts = |value: &Value| match value {
        Value::Object(fields) => fields.values().map(Value::to_string).collect(),
        Value::Array(items) => items.iter().map(Value::to_string).collect(),
        _ => Vec::new(),
    };
    let shared = texts(&answer["in_every_row"]);
    let rows = answer["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            let cells = texts(row).into_iter().chain(shared.clone());
            // A column that is empty on a whole page is not there.
            cells.filter(|cell| cell != "\"\"").collect()
        })
        .collect()
}
