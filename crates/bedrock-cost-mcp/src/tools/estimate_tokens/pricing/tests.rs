//! The cost of long prompts, and of those that have no rate.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use crate::tools::estimate_tokens::tests::{ask, number, rows};
use serde_json::{Map, Value, json};

/// The rates are those of AWS's Price List: Claude Haiku 5.5 in us-east-1 at 0.11 USD a million, 0.55 above 100,000.
#[tokio::test]
async fn a_long_prompt_has_the_rate_of_long_prompts() {
    let estimate = async |text: String, model: &str| {
        ask(json!({"text": text, "models": model, "requests": 1000}))
            .await
            .unwrap()
    };
    let long = estimate(
        "the cat sat on the mat. ".repeat(30_000),
        "us.anthropic.claude-haiku-5-5",
    )
    .await;
    let row = &rows(&long, "estimates")[0];
    assert!(number(row, "low") > 100_000, "{row}");
    assert_eq!(row["input_usd_per_mtok"].as_f64(), Some(0.55));
    assert_eq!(number(row, "long_prompt_above_tokens"), 100_000);
    // A thousand requests at 550 USD per thousand million tokens.
    let cost = row["cost_usd"].as_f64().unwrap();
    let tokens = f64::from(u32::try_from(number(row, "tokens")).unwrap());
    assert!((cost - tokens * 0.000_55).abs() < 1e-6, "{row}");
    assert_eq!(code(&long, "long_context"), None);

    let short = estimate(
        "the cat sat on the mat. ".repeat(300),
        "us.anthropic.claude-haiku-5-5",
    )
    .await;
    let row = &rows(&short, "estimates")[0];
    assert_eq!(row["input_usd_per_mtok"].as_f64(), Some(0.11));
    assert_eq!(row.get("long_prompt_above_tokens"), None);
}

#[tokio::test]
async fn a_band_on_both_sides_of_the_threshold_is_said() {
    // The calibration puts the estimate near 100,000 tokens, whatever the estimator makes of the text.
    let text = "the cat sat on the mat. ".repeat(10_000);
    let plain = ask(json!({"text": text, "models": "anthropic.claude-haiku-5-5"}))
        .await
        .unwrap();
    let tokens = number(&rows(&plain, "estimates")[0], "tokens");
    let factor = format!(
        "{:.3}",
        99_500.0 / f64::from(u32::try_from(tokens).unwrap())
    );
    let near =
        ask(json!({"text": text, "models": "anthropic.claude-haiku-5-5", "calibration": factor}))
            .await
            .unwrap();
    let row = &rows(&near, "estimates")[0];
    assert!(
        number(row, "low") <= 100_000 && number(row, "high") > 100_000,
        "{row}"
    );
    let said = code(&near, "long_context").unwrap();
    assert!(said.contains("above 100000 tokens"), "{said}");
}

#[tokio::test]
async fn a_region_without_a_rate_has_a_reason_and_no_source_of_rates() {
    let answer = ask(json!({"text": "the cat", "models": "meta.llama3-1-405b-instruct-v1:0", "region": "eu-west-3"}))
        .await
        .unwrap();
    assert_eq!(rows(&answer, "estimates")[0].get("cost_usd"), None);
    let said = code(&answer, "no_rate").unwrap();
    assert!(
        said.contains("in eu-west-3") && said.contains("us-"),
        "{said}"
    );
    assert_eq!(answer["source"]["kind"], "computed");
}

fn code<'a>(answer: &'a Map<String, Value>, code: &str) -> Option<&'a str> {
    rows(answer, "warnings")
        .iter()
        .find(|warning| warning["code"] == code)
        .and_then(|warning| warning["message"].as_str())
}
