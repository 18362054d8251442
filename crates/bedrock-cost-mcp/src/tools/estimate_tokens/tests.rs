//! Estimates as a client asks for them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use crate::{error::ToolError, tools::on_sample};
use serde_json::{Map, Value, json};

pub(super) async fn ask(arguments: Value) -> Result<Map<String, Value>, ToolError> {
    on_sample::call(
        &on_sample::account("2026-11-22"),
        "estimate_tokens",
        arguments,
    )
    .await
}

pub(super) fn number(row: &Value, field: &str) -> u64 {
    row.get(field).and_then(Value::as_u64).unwrap()
}

pub(super) fn rows<'a>(answer: &'a Map<String, Value>, field: &str) -> &'a [Value] {
    answer
        .get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[tokio::test]
async fn a_text_is_estimated_for_every_model_named() {
    let answer = ask(json!({
        "text": "The invoice was three times what the team had planned for.",
        "models": ["us.anthropic.claude-opus-4-7", "anthropic.claude-haiku-4-5-20251001-v1:0", "amazon.nova-lite-v1:0"],
        "requests": 1_000_000,
    }))
    .await
    .unwrap();
    let estimates = rows(&answer, "estimates");
    assert_eq!(estimates.len(), 3);
    for row in estimates {
        assert!(number(row, "low") <= number(row, "tokens"));
        assert!(number(row, "tokens") <= number(row, "high"));
    }
    let [opus, haiku, nova] = estimates else {
        unreachable!("three models were named: {estimates:?}");
    };
    assert!(
        number(opus, "tokens") > number(haiku, "tokens"),
        "4.7 cuts finer"
    );
    // A million requests of a number of tokens cost that many dollars at a dollar per million tokens.
    let rate: f64 = haiku["input_usd_per_mtok"].as_f64().unwrap();
    let cost = haiku["cost_usd"].as_f64().unwrap();
    assert!(
        (cost - rate * f64::from(u32::try_from(number(haiku, "tokens")).unwrap())).abs() < 1e-9
    );
    assert!(nova["method"].as_str().unwrap().contains("uncalibrated"));
    assert_eq!(rows(&answer, "warnings")[0]["code"], "uncalibrated");
    assert_eq!(answer["words"], 11);
    assert_eq!(answer["words_rule_tokens"], 14);
    assert_eq!(answer["content"], "prose");
    assert_eq!(answer["aws_requests"], 0);
}

#[tokio::test]
async fn cleaning_is_offered_where_it_saves() {
    let row = "  <tr class=\"row\">\n    <td>alpha</td>\n    <td>12.50</td>\n  </tr>\n";
    let html = format!(
        "<html><body><table>\n{}</table></body></html>",
        row.repeat(20)
    );
    let answer = ask(json!({"text": html, "models": "amazon.nova-lite-v1:0"}))
        .await
        .unwrap();
    let cleaned = rows(&answer, "cleaned");
    assert_eq!(cleaned[0]["cleaning"], "html_to_csv", "{cleaned:?}");
    assert!(number(&cleaned[0], "saves_percent") > 60);
    // The frame of the message is in both: the figures of an answer add up, with tools too.
    let tools = json!([{"name": "f", "description": "d", "input_schema": {"type": "object"}}]);
    let with_tools = json!({"text": html, "models": "Claude Opus 4.8", "tools": tools});
    for answer in [answer, ask(with_tools).await.unwrap()] {
        let before = number(&rows(&answer, "estimates")[0], "tokens");
        for row in rows(&answer, "cleaned") {
            let (after, saved) = (number(row, "tokens"), number(row, "saves_tokens"));
            assert_eq!(before - saved, after, "{row}");
            assert_eq!(number(row, "saves_percent"), saved * 100 / before, "{row}");
        }
    }
    let answer = ask(json!({"text": "plain words"})).await.unwrap();
    assert!(rows(&answer, "cleaned").is_empty());
    assert_eq!(rows(&answer, "corrections")[0]["field"], "models");
}

#[tokio::test]
async fn a_text_unlike_any_fitted_on_has_a_band_that_holds_and_a_warning() {
    let emoji = "\u{1F389}\u{1F680}".repeat(100);
    let answer = ask(json!({"text": emoji, "models": "Claude Sonnet 5"}))
        .await
        .unwrap();
    let row = &rows(&answer, "estimates")[0];
    // 200 characters in four bytes each: a token or more, and a byte or more for a token; 6 are the frame.
    assert_eq!(
        (number(row, "low"), number(row, "high")),
        (200 + 6, 800 + 6)
    );
    assert!(row["method"].as_str().unwrap().contains("unlike the texts"));
    let warnings = rows(&answer, "warnings");
    let told = warnings.iter().filter(|told| told["code"] == "outside_fit");
    let told: Vec<&str> = told.map(|told| told["message"].as_str().unwrap()).collect();
    assert_eq!(
        told,
        [
            "the text is unlike those the estimate for anthropic.claude-sonnet-5 was fitted on (emoji, rare scripts, long runs): \
          only low and high are sure"
        ]
    );
    // Tools that are unlike any do the same; a usual text does not.
    let tools = json!([{"name": "f", "description": emoji, "input_schema": {"type": "object"}}]);
    for (tools, is_told) in [(tools, true), (json!([{"name": "f"}]), false)] {
        let answer =
            ask(json!({"text": "How do you do?", "models": "Claude Sonnet 5", "tools": tools}))
                .await
                .unwrap();
        let mut warnings = rows(&answer, "warnings").iter();
        assert_eq!(warnings.any(|told| told["code"] == "outside_fit"), is_told);
    }
}

#[tokio::test]
async fn tools_and_messages_are_counted() {
    let tokens = async |extra: Value| {
        let mut arguments = json!({"text": "hello", "models": "anthropic.claude-opus-4-8"});
        for (name, value) in extra.as_object().unwrap() {
            arguments[name] = value.clone();
        }
        let answer = ask(arguments).await.unwrap();
        number(&rows(&answer, "estimates")[0], "tokens")
    };
    let alone = tokens(json!({})).await;
    let tools = json!([{"name": "f", "description": "d", "input_schema": {"type": "object"}}]);
    assert!(
        tokens(json!({"tools": tools})).await > alone + 290,
        "the tools' system prompt alone is 290"
    );
    assert!(tokens(json!({"messages": 5})).await > alone);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_the_way_out() {
    let refused = async |arguments: Value, code: &str, says: &str| {
        let error = ask(arguments.clone()).await.unwrap_err();
        assert_eq!(error.code(), code, "{arguments}");
        assert!(error.to_text().contains(says), "{}", error.to_text());
    };
    refused(json!({}), "invalid_argument", "text is missing").await;
    refused(
        json!({"path": "/etc/passwd"}),
        "invalid_argument",
        "--allow-dir DIR",
    )
    .await;
    refused(
        json!({"path": "a.txt", "text": "a"}),
        "invalid_argument",
        "both given",
    )
    .await;
    for calibration in [
        json!(0.1),
        json!(6),
        json!("-1"),
        json!("1e9"),
        json!([1.1]),
    ] {
        refused(
            json!({"text": "a", "calibration": calibration}),
            "invalid_argument",
            "0.2 to 5",
        )
        .await;
    }
    refused(
        json!({"text": "a", "calibration": "counts.csv"}),
        "invalid_argument",
        "--allow-dir DIR",
    )
    .await;
    refused(
        json!({"text": "a", "exact": true, "messages": 3}),
        "invalid_argument",
        "one message",
    )
    .await;
    refused(
        json!({"text": "a", "models": "claude-99"}),
        "unknown_model",
        "claude-99",
    )
    .await;
    refused(
        json!({"text": "a", "models": "amazon.nova-canvas-v1:0"}),
        "invalid_argument",
        "text model",
    )
    .await;
    refused(
        json!({"text": "a", "content": "poetry"}),
        "invalid_argument",
        "poetry",
    )
    .await;
    refused(
        json!({"text": "a", "requests": 0}),
        "invalid_argument",
        "requests",
    )
    .await;
    refused(
        json!({"text": "a", "requests": i64::MAX}),
        "invalid_argument",
        "requests",
    )
    .await;
    refused(
        json!({"text": "a", "region": "moon-1"}),
        "invalid_argument",
        "moon-1",
    )
    .await;
    let empty = ask(json!({"text": "", "models": "anthropic.claude-opus-4-8"}))
        .await
        .unwrap();
    assert_eq!(
        number(&rows(&empty, "estimates")[0], "tokens"),
        6,
        "the frame of one message"
    );
}

const HAIKU: &str = "anthropic.claude-haiku-4-5-20251001-v1:0";

#[tokio::test]
async fn exact_counts_are_aws_s_own() {
    let profile = format!("us.{HAIKU}");
    let aws = on_sample::account("2026-11-22");
    let arguments = json!({
        "text": "the cat sat on the mat, 2026-11-22", "models": [profile, "amazon.nova-lite-v1:0"], "exact": true,
        "requests": 1000,
    });
    let answer = on_sample::call(&aws, "estimate_tokens", arguments)
        .await
        .unwrap();
    let [haiku, nova] = rows(&answer, "estimates") else {
        unreachable!("two models were named");
    };
    // The simulated account counts 3 for the request, 4 for the role, 6 words, 4 for the digits and 3 marks.
    for field in ["tokens", "low", "high"] {
        assert_eq!(haiku[field], 20, "{field}");
    }
    assert_eq!(haiku["method"], "counted by CountTokens of Amazon Bedrock");
    let text = "the cat sat on the mat, 2026-11-22";
    let plain = ask(json!({"text": text, "models": HAIKU})).await.unwrap();
    assert_eq!(
        haiku["estimated_tokens"],
        rows(&plain, "estimates")[0]["tokens"]
    );
    // 20,000 tokens at 1.10 USD a million: a regional profile has the premium of 10%.
    assert_eq!(haiku["cost_usd"].as_f64(), Some(0.022));
    assert!(nova["method"].as_str().unwrap().contains("linear model"));
    let codes: Vec<&Value> = rows(&answer, "warnings")
        .iter()
        .map(|warning| &warning["code"])
        .collect();
    assert_eq!(codes, ["not_counted", "uncalibrated"]);
    assert_eq!(answer["aws_requests"], 1);
    assert_eq!(answer["aws_cost_usd"].as_f64(), Some(0.0));
}

#[tokio::test]
async fn a_profile_has_no_cost_where_it_cannot_be_called() {
    // The rate of a profile is that of its source region: 1.05 USD a million in Frankfurt, and none in Virginia.
    let model = "eu.amazon.nova-pro-v1:0";
    let answer = ask(json!({"text": "the cat sat", "models": model}))
        .await
        .unwrap();
    assert_eq!(rows(&answer, "estimates")[0].get("cost_usd"), None);
    let codes = rows(&answer, "warnings")
        .iter()
        .map(|warning| &warning["code"]);
    assert!(
        codes.into_iter().any(|code| code == "no_rate"),
        "{answer:?}"
    );
    let frankfurt = json!({"text": "the cat sat", "models": model, "region": "eu-central-1"});
    let frankfurt = ask(frankfurt).await.unwrap();
    let rate = &rows(&frankfurt, "estimates")[0]["input_usd_per_mtok"];
    assert_eq!(rate.as_f64(), Some(1.05));
}

#[tokio::test]
async fn tools_are_counted_with_the_text() {
    let count = async |extra: Value| {
        let mut arguments = json!({"text": "the cat sat", "models": HAIKU, "exact": true});
        for (name, value) in extra.as_object().unwrap() {
            arguments[name] = value.clone();
        }
        let answer = ask(arguments).await.unwrap();
        number(&rows(&answer, "estimates")[0], "tokens")
    };
    let tools =
        json!([{"name": "f", "description": "one two", "input_schema": {"type": "object"}}]);
    assert!(count(json!({"tools": tools})).await > count(json!({})).await);
}

#[tokio::test]
async fn where_aws_does_not_count_the_estimate_stands() {
    let aws = on_sample::account("2026-11-22");
    aws.sample_account().deny(["bedrock:CountTokens"]);
    let arguments = json!({"text": "the cat sat", "models": [HAIKU, "anthropic.claude-opus-4-7"], "exact": true});
    let answer = on_sample::call(&aws, "estimate_tokens", arguments)
        .await
        .unwrap();
    let warnings = rows(&answer, "warnings");
    assert_eq!(warnings[0]["code"], "not_counted");
    let message = warnings[0]["message"].as_str().unwrap();
    assert!(
        message.contains("IAM action bedrock:CountTokens"),
        "{message}"
    );
    // What is denied for one model is not asked for the next.
    assert_eq!(answer["aws_requests"], 1);
    let plain = ask(json!({"text": "the cat sat", "models": [HAIKU, "anthropic.claude-opus-4-7"]}))
        .await
        .unwrap();
    assert_eq!(answer["estimates"], plain["estimates"]);

    // A model that can only be called by a profile's name.
    let answer = ask(json!({"text": "a", "models": "anthropic.claude-opus-4-7", "exact": true}))
        .await
        .unwrap();
    let message = rows(&answer, "warnings")[0]["message"].as_str().unwrap();
    assert!(
        message.contains("doesn't support counting tokens"),
        "{message}"
    );
}
