//! The CloudWatch tools against the simulated account: the guide's calls, what they cost, and bad input.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod questions;

use super::on_sample::{account, call, records};
use crate::{aws::Aws, guide};
use serde_json::{Map, Value, json};

const GUIDE: &str = include_str!("../../../../../examples/guide-calls.md");
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
