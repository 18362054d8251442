//! The guide's own CloudWatch calls: how many requests each takes, and that its figures agree with other questions.

use super::*;

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
    assert!(
        (models - account).abs() <= account * 1e-5,
        "{models} over models, {account} for the account"
    );
    check_close(&summed["summary"]["all"]["total"], account);
    assert!(summed["summary"]["all"].get("mean_of_points").is_none());
}

#[tokio::test]
async fn a_search_for_sums_is_totalled_in_whole_tokens() {
    let queries = json!([
        {"id": "each", "expression": "SEARCH('{AWS/Bedrock,ModelId} MetricName=\"InputTokenCount\"','Sum',86400)"},
        {"id": "tokens", "expression": "SUM(each)"},
        {"id": "requests", "metric_stat": {"metric": {"metric_name": "Invocations"}, "period": 86_400, "stat": "Sum"}},
        {"id": "per_request", "expression": "tokens / requests"},
    ]);
    let answer = november("get_metric_data", json!({"metric_data_queries": queries})).await;
    let summary = answer["summary"].as_object().unwrap();
    let each: Vec<&Value> = summary
        .iter()
        .filter(|(name, _)| name.starts_with("each"))
        .map(|(_, fields)| fields)
        .collect();
    assert!(each.len() > 1);
    let haiku = summary
        .iter()
        .find(|(name, _)| name.contains(HAIKU))
        .unwrap();
    assert_eq!(
        haiku.1["total"],
        total("InputTokenCount", json!({"ModelId": HAIKU}), 3_600).await
    );
    let sum: i64 = each.iter().map(|one| one["total"].as_i64().unwrap()).sum();
    assert_eq!(summary["tokens"]["total"], sum);
    let requests = summary["requests"]["total"].as_i64().unwrap();
    check_close(&summary["per_request"]["overall"], ratio(sum, requests));
    for cell in answer["rows"].as_array().unwrap().iter().flat_map(|row| {
        let cells = row.as_array().unwrap();
        cells.get(1..cells.len() - 1).unwrap()
    }) {
        assert!(cell.is_i64() || *cell == "", "{cell} is no whole count");
    }
}

#[tokio::test]
async fn call_14_finds_the_alarms_that_ring() {
    let (answer, asked) = guide_call(14).await;
    assert_eq!(asked, ["DescribeAlarms"]);
    let rows = records(&answer);
    assert!(!rows.is_empty());
    for row in &rows {
        assert!(
            row["name"]
                .as_str()
                .unwrap()
                .starts_with("Bedrock-TokenUsage")
        );
        assert_eq!(row["state"], "ALARM");
        assert!(
            !json!(row).to_string().contains("arn:"),
            "an account's id is in {row:?}"
        );
    }
    assert!(rows.iter().any(|row| row["type"] == "composite"));
}
