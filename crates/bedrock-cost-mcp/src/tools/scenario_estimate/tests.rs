//! The tool as a client calls it: the answers of the guide's workloads, and refusals with a next step.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use crate::{error::ToolError, tools::on_sample};
use serde_json::{Map, Value, json};

async fn call(arguments: Value) -> Result<Map<String, Value>, ToolError> {
    let aws = on_sample::account("2026-11-22");
    on_sample::call(&aws, "scenario_estimate", arguments).await
}

fn at<'a>(answer: &'a Map<String, Value>, pointer: &str) -> &'a Value {
    let (first, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
    let start = answer.get(first).unwrap();
    if rest.is_empty() {
        start
    } else {
        start.pointer(&format!("/{rest}")).unwrap()
    }
}

#[tokio::test]
async fn the_chatbot_of_the_guide_is_answered_line_by_line() {
    let answer = call(json!({
        "models": ["Claude 3.5 Haiku", "Nova Lite"],
        "input_tokens": 25_000,
        "output_tokens": "1000",
        "requests": "{\"per_minute\": 50, \"hours_per_day\": 8, \"days_per_month\": 30}",
    }))
    .await
    .unwrap();
    // Worked out by hand: 1,080 + 172.80, and 14,400 + 2,880.
    assert_eq!(at(&answer, "estimates/0/model"), "amazon.nova-lite-v1:0");
    assert_eq!(at(&answer, "estimates/0/monthly_usd"), &json!(1252.8));
    assert_eq!(at(&answer, "estimates/1/monthly_usd"), &json!(17280));
    assert_eq!(at(&answer, "estimates/1/per_request_usd"), &json!(0.024));
    assert_eq!(
        at(&answer, "estimates/1/components/0"),
        &json!({"name": "input tokens", "quantity": 18000, "unit": "1M tokens", "rate_usd": 0.8, "cost_usd": 14400})
    );
    let batch = at(&answer, "estimates/1/plans/0");
    assert_eq!(batch.get("plan").unwrap(), "batch");
    assert_eq!(batch.get("saving_usd").unwrap(), &json!(8640));
    let formula = at(&answer, "formula").as_str().unwrap();
    assert!(formula.starts_with("50 a minute x 60 x 8 hours x 30 days = 720000 requests a month"));
    assert_eq!(at(&answer, "source/kind"), "embedded");
    assert_eq!(at(&answer, "aws_requests"), &json!(0));
}

#[tokio::test]
async fn guardrails_are_counted_by_policy_and_direction() {
    let ask = |pii: &'static str| {
        call(json!({
            "models": "Nova Micro",
            "input_tokens": 0,
            "output_tokens": 0,
            "requests": {"per_hour": 500, "hours_per_day": 10, "days_per_month": 21},
            "guardrails": {
                "policies": {"content_filters": "both", "denied_topics": "both", "pii": pii},
                "input_chars": 1_500,
                "output_chars": 400,
            },
        }))
    };
    for (pii, expected) in [
        ("input", json!(115.5)),
        ("both", json!(126)),
        ("output", json!(105)),
    ] {
        let answer = ask(pii).await.unwrap();
        assert_eq!(at(&answer, "estimates/0/monthly_usd"), &expected, "{pii}");
    }
}

#[tokio::test]
async fn full_detail_says_what_each_rate_was_made_from() {
    let answer = call(json!({
        "model": "global.anthropic.claude-sonnet-4-6",
        "input_tokens": 10_000,
        "output_tokens": 500,
        "requests": 1_000,
        "cache": {"prefixTokens": 9_000, "reads_per_write": 0.1},
        "detail": "full",
    }))
    .await
    .unwrap();
    let line = at(&answer, "estimates/0/components/0");
    assert_eq!(
        line.get("formula").unwrap(),
        "1000 requests x 1000 input tokens after the prefix / 1000000 x 3 USD = 3 USD"
    );
    assert_eq!(line.get("checked").unwrap(), "2026-11-22");
    let codes: Vec<&Value> = at(&answer, "warnings")
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning.get("code").unwrap())
        .collect();
    assert!(codes.contains(&&json!("cache_loss")), "{codes:?}");
    assert_eq!(
        at(&answer, "estimates/0/cache_pays_from_reads_per_write"),
        &json!({"5m": 0.2778, "1h": 1.1112})
    );
    assert_eq!(at(&answer, "vendor_claims").as_array().unwrap().len(), 2);
    assert!(
        at(&answer, "estimates/0/not_computed")
            .get("flex")
            .is_some()
    );
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_never_assumed() {
    let base = json!({"models": ["Nova Lite"], "input_tokens": 1, "output_tokens": 1});
    let check = async |change: Value, code: &str, part: &str| {
        let mut arguments = base.as_object().unwrap().clone();
        arguments.extend(change.as_object().unwrap().clone());
        let error = call(Value::Object(arguments)).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_text().contains(part), "{error}");
    };
    let rate = json!({"requests": {"per_minute": 50, "hours_per_day": 8}});
    check(rate, "invalid_argument", "30 or 22?").await;
    check(json!({}), "invalid_argument", "requests is missing").await;
    check(
        json!({"requests": {"per_second": 5}}),
        "invalid_argument",
        "no field \"per_second\"",
    )
    .await;
    check(
        json!({"requests": "many"}),
        "invalid_argument",
        "requests is \"many\"",
    )
    .await;
    check(
        json!({"requests": 1.5}),
        "invalid_argument",
        "not a whole number",
    )
    .await;
    check(
        json!({"requests": 1, "tier": "spot"}),
        "invalid_argument",
        "unknown tier",
    )
    .await;
    check(
        json!({"requests": 1, "tier": "flex"}),
        "no_rate",
        "listed are regional standard",
    )
    .await;
    check(
        json!({"requests": 1, "models": ["Nova Mikro"]}),
        "unknown_model",
        "amazon.nova-micro-v1:0",
    )
    .await;
    check(
        json!({"requests": 1, "batch_share": 2}),
        "invalid_argument",
        "outside 0 to 1",
    )
    .await;
    check(
        json!({"requests": 1, "cache": {"prefix_tokens": 9, "reads_per_write": 1}}),
        "invalid_argument",
        "part of the input",
    )
    .await;
    check(
        json!({"requests": 1, "guardrails": {"policies": {"magic": "both"}}}),
        "invalid_argument",
        "unknown guardrail policy",
    )
    .await;
    check(
        json!({"requests": 1, "provisioned": {"model_units": 1}}),
        "invalid_argument",
        "commitment is missing",
    )
    .await;
    check(
        json!({"requests": 1, "rate_date": "soon"}),
        "invalid_argument",
        "is not a date",
    )
    .await;
}

#[tokio::test]
async fn many_models_are_a_ranking() {
    let answer = call(json!({
        "models": ["Nova Micro", "Nova Lite", "Nova Pro", "Nova Premier", "Claude 3 Haiku"],
        "input_tokens": 1_000,
        "output_tokens": 100,
        "requests": 1_000,
    }))
    .await
    .unwrap();
    let estimates = at(&answer, "estimates").as_array().unwrap();
    let models: Vec<&str> = estimates
        .iter()
        .map(|estimate| estimate.get("model").unwrap().as_str().unwrap())
        .collect();
    assert_eq!(
        models,
        [
            "amazon.nova-micro-v1:0",
            "amazon.nova-lite-v1:0",
            "anthropic.claude-3-haiku-20240307-v1:0",
            "amazon.nova-pro-v1:0",
            "amazon.nova-premier-v1:0"
        ]
    );
    assert!(
        estimates
            .iter()
            .all(|estimate| estimate.get("components").is_none())
    );
}

#[tokio::test]
async fn a_common_answer_is_short() {
    let answer = call(json!({
        "models": ["Claude Haiku 4.5"],
        "input_tokens": 3_000,
        "output_tokens": 500,
        "requests": 5_000_000,
    }))
    .await
    .unwrap();
    // A token of JSON is some 3 bytes: 600 tokens.
    let text = Value::Object(answer).to_string();
    assert!(text.len() < 1_800, "{} bytes: {text}", text.len());
}

#[tokio::test]
async fn a_refused_workload_comes_with_one_that_runs() {
    let base = json!({"models": ["Nova Lite"], "input_tokens": 1000, "output_tokens": 100, "requests": 1000});
    for (change, field, expected) in [
        (
            json!({"tier": "latency_optimized"}),
            "tier",
            json!("standard"),
        ),
        (
            json!({"models": ["Nova Lite", "Claude Sonnet 5"], "tier": "flex"}),
            "tier",
            json!("standard"),
        ),
        (
            json!({"models": ["Nova Pro"], "routing": "global"}),
            "routing",
            Value::Null,
        ),
        (
            json!({"models": ["Nova Premier"], "region": "eu-west-2"}),
            "region",
            json!("us-east-1"),
        ),
        (
            json!({"models": ["Claude Sonnet 5.5"], "cache": {"prefix_tokens": 600, "reads_per_write": 9, "ttl": "30m"}}),
            "cache",
            json!({"prefix_tokens": 600, "reads_per_write": 9, "ttl": "5m"}),
        ),
        (
            json!({"models": "Titan Text Embeddings V2"}),
            "output_tokens",
            json!(0),
        ),
    ] {
        let mut arguments = base.as_object().unwrap().clone();
        arguments.extend(change.as_object().unwrap().clone());
        let error = call(Value::Object(arguments)).await.unwrap_err();
        let offered = error.corrected().unwrap_or_else(|| panic!("{error}"));
        let given = offered.arguments.get(field).cloned().unwrap_or_default();
        assert_eq!(given, expected, "{change}: {error}");
        assert_eq!(offered.arguments["requests"], 1000);
        call(Value::Object(offered.arguments.clone()))
            .await
            .unwrap_or_else(|error| panic!("{change}: {error}"));
    }
}

#[tokio::test]
async fn unknown_models_are_refused_without_a_search_for_another_workload() {
    let names: Vec<String> = (0..100).map(|number| format!("q{number}")).collect();
    let arguments =
        json!({"models": names, "input_tokens": 1000, "output_tokens": 100, "requests": 1000});
    let begun = std::time::Instant::now();
    let error = call(arguments).await.unwrap_err();
    assert_eq!(error.code(), "unknown_model");
    // Milliseconds in release; a search for a workload that runs took minutes.
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn days_whose_rates_are_not_known_are_warned_of() {
    let on = async |day: &str| {
        let answer = call(json!({
            "models": ["Claude Opus 5.5"],
            "input_tokens": 3_000,
            "output_tokens": 500,
            "requests": 1_000,
            "rate_date": day,
        }))
        .await
        .unwrap();
        answer
            .get("warnings")
            .map_or_else(String::new, Value::to_string)
    };
    let after = on("2027-05-01").await;
    assert!(
        after.contains("2027-05-01 is after today: the rates are those known on 2026-11-22"),
        "{after}"
    );
    let before = on("2024-01-01").await;
    assert!(before.contains("rate_start_unknown"), "{before}");
    let today = on("2026-11-22").await;
    assert!(!today.contains("rate_date_after_today") && !today.contains("rate_start_unknown"));
}

#[tokio::test]
async fn a_model_that_is_named_twice_is_told_once() {
    let answer = call(json!({
        "models": ["Nova Lite", "amazon.nova-lite-v1:0", "Claude Haiku 4.5", "global.anthropic.claude-haiku-4-5-20251001-v1:0"],
        "input_tokens": 1000,
        "output_tokens": 100,
        "requests": 1000,
    }))
    .await
    .unwrap();
    // The global profile is another rate, so that it is no repetition.
    let estimates = at(&answer, "estimates").as_array().unwrap();
    assert_eq!(estimates.len(), 3);
    assert_eq!(at(&answer, "corrections/0/field"), "models");
}

#[tokio::test]
async fn a_plan_that_was_asked_for_and_is_not_to_be_had_says_why_and_what_is() {
    let ask = async |model: &str, region: &str, commitment: &str| {
        let answer = call(json!({
            "models": model,
            "region": region,
            "input_tokens": 3_000,
            "output_tokens": 500,
            "requests": 1_000_000,
            "provisioned": {"model_units": 5, "commitment": commitment},
        }))
        .await
        .unwrap();
        let warnings = answer.get("warnings").and_then(Value::as_array).cloned();
        let said = |code: &str| {
            let mut of_code = warnings.iter().flatten();
            let found = of_code.find(|warning| warning["code"] == code);
            found.map(|warning| warning["message"].as_str().unwrap().to_owned())
        };
        (said("plan_not_computed"), said("other_region"))
    };
    // Claude 3.7 Sonnet: one month in us-west-2, nothing else.
    let (absent, elsewhere) = ask("Claude 3.7 Sonnet", "eu-central-1", "none").await;
    assert_eq!(
        absent.unwrap(),
        "plan provisioned, no commitment: no provisioned throughput (none) rate is listed for \
         anthropic.claude-3-7-sonnet-20250219-v1:0; it has 1_month in us-west-2"
    );
    assert_eq!(
        elsewhere.unwrap(),
        "plan provisioned 1_month is not listed for eu-central-1: the rate of us-west-2 stands in; \
         check that AWS offers it there"
    );
    let (absent, elsewhere) = ask("Claude 3.7 Sonnet", "us-west-2", "1_month").await;
    assert_eq!((absent, elsewhere), (None, None));
    let absent = ask("Nova Pro", "us-east-1", "1_month").await.0.unwrap();
    assert!(
        absent.contains("no provisioned throughput (1_month) rate is listed for amazon.nova-pro-v1:0; models with one: amazon."),
        "{absent}"
    );
    // What a model lists nowhere is said for it alone.
    let answer = call(json!({
        "models": ["Nova Pro", "Llama 3.1 70B"],
        "input_tokens": 3_000,
        "output_tokens": 500,
        "requests": 1_000,
        "provisioned": {"model_units": 1, "commitment": "6_months"},
    }))
    .await
    .unwrap();
    let warnings = at(&answer, "warnings").to_string();
    assert_eq!(warnings.matches("plan_not_computed").count(), 1);
    assert!(warnings.contains("Nova Pro plan provisioned 6_months: "));
}
