//! The tool as a client calls it: the guide's workloads, questions, and refusals with a next step.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod account;

use crate::{error::ToolError, tools::on_sample};
use serde_json::{Map, Value, json};

async fn call(arguments: Value) -> Result<Map<String, Value>, ToolError> {
    let aws = on_sample::account("2026-11-22");
    on_sample::call(&aws, "find_savings", arguments).await
}

/// The chatbot of the guide with what its solution takes for granted, said: what would do, can go and can wait.
fn chatbot() -> Value {
    let text = include_str!("../../../../../examples/workloads/chatbot.json");
    let call: Value = serde_json::from_str(text).unwrap();
    call.get("workload").unwrap().clone()
}

fn rules(answer: &Map<String, Value>) -> Vec<&str> {
    let findings = answer.get("findings").and_then(Value::as_array).unwrap();
    let rules = findings.iter().map(|known| known.get("rule").unwrap());
    rules.map(|rule| rule.as_str().unwrap()).collect()
}

fn at<'a>(answer: &'a Map<String, Value>, pointer: &str) -> &'a Value {
    let (first, rest) = pointer.split_once('/').unwrap();
    answer
        .get(first)
        .unwrap()
        .pointer(&format!("/{rest}"))
        .unwrap()
}

#[tokio::test]
async fn the_chatbot_of_the_guide_gets_its_findings_in_order() {
    let answer = call(json!({"workload": chatbot()})).await.unwrap();
    assert_eq!(
        rules(&answer),
        [
            "model_tier",
            "legacy_model",
            "preprocessing",
            "batch",
            "prompt_caching"
        ]
    );
    // Worked out by hand beside the core's test of the same workload.
    assert_eq!(
        at(&answer, "findings/0"),
        &json!({
            "rule": "model_tier",
            "title": "Nova Lite instead of Claude 3.5 Haiku",
            "saving_usd": 16027.2,
            "assumption": "quality holds on your own evaluation; token counts kept for another tokenizer (estimate_tokens): fits and pays up to 10 x",
            "confidence": "low",
            "effort": "medium",
        })
    );
    assert_eq!(
        answer.get("combined").unwrap(),
        &json!({
            "baseline_usd": 17280,
            "proposed_usd": 566.99865,
            "saving_usd": 16713.00135,
            "saving_percent": 96.72,
            "lowest_confidence": "low",
            "order": {
                "columns": ["rule", "saving_usd", "left_usd"],
                "rows": [
                    ["model_tier", 16027.2, 1252.8],
                    ["preprocessing", 432, 820.8],
                    ["batch", 205.2, 615.6],
                    ["prompt_caching", 48.60135, 566.99865],
                ],
            },
            "left_out": ["legacy_model: excluded by model_tier"],
        })
    );
    // What the saving rests on is told of every step, the fifth too.
    assert_eq!(
        at(&answer, "findings/4"),
        &json!({
            "rule": "prompt_caching",
            "saving_usd": 1555.1172,
            "assumption": "requests come evenly, 250 in 5m, and each read renews the lifetime: one write a day",
            "confidence": "medium",
        })
    );
    assert_eq!(at(&answer, "source/kind"), "embedded");
    assert_eq!(answer.get("aws_requests").unwrap(), &json!(0));
    let claims = answer.get("vendor_claims_not_computed").unwrap();
    assert_eq!(claims.as_array().unwrap().len(), 2);
    // `tests/clients/token_budget.py` counts its tokens: at most 600.
    let bytes = Value::Object(answer).to_string().len();
    assert!(bytes < 2_400, "{bytes}");
}

#[tokio::test]
async fn the_content_platform_of_the_guide_is_an_example_that_runs() {
    let text = include_str!("../../../../../examples/workloads/content-platform.json");
    let answer = call(serde_json::from_str(text).unwrap()).await.unwrap();
    assert_eq!(
        rules(&answer),
        ["model_tier", "legacy_model", "prompt_length", "batch"]
    );
    assert_eq!(at(&answer, "combined/proposed_usd"), &json!(1137.6));
}

#[tokio::test]
async fn full_detail_shows_every_line() {
    let answer = call(json!({"workload": chatbot(), "detail": "full"}))
        .await
        .unwrap();
    let first = at(&answer, "findings/0");
    for field in [
        "evidence",
        "baseline_usd",
        "proposed_usd",
        "formula",
        "proposed",
        "excludes",
    ] {
        assert!(first.get(field).is_some(), "{field}");
    }
    assert_eq!(
        at(&answer, "findings/0/formula"),
        "(18000 x 0.8 + 720 x 4) - (18000 x 0.06 + 720 x 0.24) = 16027.2 USD"
    );
    assert_eq!(
        at(&answer, "findings/0/proposed/0"),
        "input tokens: 720000 requests x 25000 input tokens / 1000000 x 0.06 USD = 1080 USD"
    );
    assert_eq!(
        at(&answer, "baseline/1"),
        "output tokens: 720000 requests x 1000 output tokens / 1000000 x 4 USD = 2880 USD"
    );
    assert!(
        at(&answer, "vendor_claims_not_computed/0")
            .as_str()
            .unwrap()
            .contains("not computed")
    );
}

#[tokio::test]
async fn what_is_missing_is_asked_for() {
    let answer = call(json!({"workload": {
        "model": "Claude 3.5 Haiku", "input_tokens": 25_000, "output_tokens": 1_000, "requests": 720_000,
    }}))
    .await
    .unwrap();
    assert_eq!(rules(&answer), ["legacy_model"]);
    let asked = answer.get("ask").unwrap().to_string();
    for argument in ["task", "latency", "removable", "shared_prefix_tokens"] {
        assert!(asked.contains(argument), "{argument}: {asked}");
    }
}

#[tokio::test]
async fn every_form_of_an_argument_is_read() {
    // The same workload with everything as text, other names and doubly encoded.
    let mut odd = chatbot();
    odd["models"] = json!("Claude 3.5 Haiku");
    odd["target_models"] = json!("\"[\\\"Nova Lite\\\"]\"");
    odd["removable"] =
        json!("{\"promptTokens\": \"0\", \"data-tokens\": \"10,000\", \"output_tokens\": 0}");
    odd["deferrable_share"] = json!("0.5");
    let plain = call(json!({"workload": chatbot()})).await.unwrap();
    let text = call(json!({"scenario": odd.to_string()})).await.unwrap();
    assert_eq!(plain.get("combined"), text.get("combined"));
    let corrected = text.get("corrections").unwrap().to_string();
    for argument in ["workload", "target_models", "removable"] {
        assert!(corrected.contains(argument), "{corrected}");
    }
}

#[tokio::test]
async fn a_workload_without_its_name_is_taken_for_it() {
    let plain = call(json!({"workload": chatbot()})).await.unwrap();
    let flat = call(chatbot()).await.unwrap();
    assert_eq!(plain.get("findings"), flat.get("findings"));
    assert!(plain.get("corrections").is_none());
    assert_eq!(
        flat.get("corrections").unwrap(),
        &json!([{"field": "workload", "change": "the fields of the workload were sent without it"}])
    );
    // detail stays where it belongs.
    let mut full = chatbot();
    full["detail"] = json!("full");
    let full = call(full).await.unwrap();
    assert!(at(&full, "findings/0").get("formula").is_some());
}

#[tokio::test]
async fn a_day_that_is_not_known_is_warned_of() {
    let on = async |day: &str| {
        let mut workload = chatbot();
        workload["rate_date"] = json!(day);
        let answer = call(json!({"workload": workload})).await.unwrap();
        answer
            .get("warnings")
            .map_or_else(String::new, Value::to_string)
    };
    assert!(on("2027-05-01").await.contains("rate_date_after_today"));
    assert!(!on("2026-11-22").await.contains("rate_date_after_today"));
}

#[tokio::test]
async fn shares_guardrails_and_measured_facts_are_read() {
    let answer = call(json!({"workload": {
        "models": ["Claude 3.5 Haiku"],
        "input_tokens": 10_000,
        "output_tokens": 1_000,
        "requests": 1_000,
        "target_models": {"Nova Lite": 0.5},
        "reads_per_write": {"5m": 9, "1h": 30},
        "guardrails": {"policies": {"pii": "both", "denied_topics": "both"}, "input_chars": 900, "output_chars": 900},
        "guardrails_needed": {"pii": "input", "denied_topics": "both"},
        "free_filters_cover": ["denied_topics"],
        "measured": {"untagged_usd": 5, "cross_region_usd": "2.5", "token_count_probes": {"requests": 10, "input_tokens": 1_000}},
    }}))
    .await
    .unwrap();
    // Baseline: 8 + 4 tokens, 0.2 PII, 0.3 topics, 0.008 probes, 2.5 data: 15.008.
    assert_eq!(at(&answer, "combined/baseline_usd"), &json!(15.008));
    let mut found = rules(&answer);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "count_tokens",
            "cross_region_data",
            "free_filters",
            "guardrail_scope",
            "legacy_model",
            "model_tier",
            "untagged_spend",
        ]
    );
}

#[tokio::test]
async fn full_detail_gives_every_field_of_each_finding() {
    let mut workload = chatbot();
    workload["measured"] = json!({"untagged_usd": 300, "cross_region_usd": 12.5});
    workload["removable"] =
        json!({"prompt_tokens": 200, "data_tokens": 10000, "output_tokens": 50});
    let answer = call(json!({"workload": workload, "detail": "full"}))
        .await
        .unwrap();
    let findings = answer.get("findings").and_then(Value::as_array).unwrap();
    assert!(findings.len() >= 8, "{}", rules(&answer).join(", "));
    for finding in findings {
        for field in [
            "rule",
            "title",
            "evidence",
            "baseline_usd",
            "proposed_usd",
            "saving_usd",
            "assumption",
            "confidence",
            "effort",
        ] {
            assert!(finding.get(field).is_some(), "{field}: {finding}");
        }
        // What saves nothing has no formula, and what excludes nothing no empty list.
        let saves = finding["saving_usd"] != json!(0);
        assert_eq!(finding.get("formula").is_some(), saves, "{finding}");
    }
    let excludes = |rule: &str| {
        let finding = findings.iter().find(|known| known["rule"] == rule).unwrap();
        finding.get("excludes").cloned()
    };
    assert_eq!(excludes("preprocessing"), Some(json!(["long_context"])));
    assert_eq!(excludes("cross_region_data"), None);
}

#[tokio::test]
async fn what_the_model_lacks_is_refused_with_a_workload_that_runs() {
    let base = json!({
        "models": "Nova Lite", "input_tokens": 1000, "output_tokens": 100, "requests": 1000,
        "removable": {"data_tokens": 200}, "latency": "hours",
    });
    for (change, field, expected) in [
        (
            json!({"tier": "latency_optimized"}),
            "tier",
            json!("standard"),
        ),
        (
            json!({"models": "Nova Premier", "region": "eu-west-2"}),
            "region",
            json!("us-east-1"),
        ),
        (json!({"routing": "global"}), "routing", Value::Null),
        (
            json!({"models": "Claude Sonnet 5.5", "cache": "{\"prefix_tokens\": 600, \"reads_per_write\": 9, \"ttl\": \"30m\"}"}),
            "cache",
            json!({"prefix_tokens": 600, "reads_per_write": 9, "ttl": "5m"}),
        ),
    ] {
        let mut workload = base.as_object().unwrap().clone();
        workload.extend(change.as_object().unwrap().clone());
        let sent = json!({"workload": workload, "detail": "full"});
        let error = call(sent).await.unwrap_err();
        assert_eq!(error.code(), "no_rate", "{change}");
        let offered = error.corrected().unwrap();
        assert_eq!(offered.tool, "find_savings");
        let workload = offered.arguments.get("workload").unwrap();
        let given = workload.get(field).cloned().unwrap_or_default();
        assert_eq!(given, expected, "{change}");
        // What was said beside the scenario stays.
        assert_eq!(workload["removable"], json!({"data_tokens": 200}));
        let again = call(Value::Object(offered.arguments.clone()))
            .await
            .unwrap();
        assert!(rules(&again).contains(&"preprocessing"), "{change}");
        assert!(at(&again, "findings/0").get("evidence").is_some());
    }
}

#[tokio::test]
async fn a_model_that_aws_lists_no_more_is_a_reason_to_leave_it() {
    let find = async |model: &str| {
        let workload =
            json!({"models": model, "input_tokens": 3000, "output_tokens": 500, "requests": 1000});
        call(json!({"workload": workload, "detail": "full"}))
            .await
            .unwrap()
    };
    let ask = async |model: &str| {
        let answer = find(model).await;
        let findings = answer.get("findings").and_then(Value::as_array).unwrap();
        let mut findings = findings.iter();
        let newer = findings.find(|known| known["rule"] == "legacy_model");
        let text = |field: &str| newer.unwrap()[field].as_str().unwrap().to_owned();
        (text("title"), text("evidence"))
    };
    // ListFoundationModels of 2026-08-21 does not name Claude 2.1; it names Claude Opus 4.1 as a legacy model.
    let (title, evidence) = ask("Claude 2.1").await;
    assert_eq!(
        title,
        "Claude Sonnet 5 instead of Claude 2.1, which AWS's list names no more"
    );
    assert!(
        evidence.starts_with("Claude 2.1 is likely of the past: "),
        "{evidence}"
    );
    let (title, evidence) = ask("Claude Opus 4.1").await;
    assert!(!title.contains("no more") && !evidence.contains("likely"));
    // Where there is nothing newer of the same line, a warning says it.
    let jamba = find("Jamba-Instruct").await;
    let warnings = jamba.get("warnings").unwrap().to_string();
    assert!(warnings.contains("lifecycle_unknown"), "{warnings}");
}

#[tokio::test]
async fn two_models_in_use_are_refused_with_a_call_that_runs() {
    let mut two = chatbot();
    two["models"] = json!(["Claude 3.5 Haiku", "Nova Micro"]);
    two.as_object_mut().unwrap().remove("target_models");
    let error = call(json!({"workload": two.clone()})).await.unwrap_err();
    let corrected = error.corrected().unwrap();
    assert_eq!(corrected.tool, "find_savings");
    let again = call(Value::Object(corrected.arguments.clone()))
        .await
        .unwrap();
    assert_eq!(
        at(&again, "findings/0/title"),
        "Nova Micro instead of Claude 3.5 Haiku"
    );
    // With targets given, nothing can be offered.
    two["target_models"] = json!(["Nova Lite"]);
    let error = call(json!({"workload": two})).await.unwrap_err();
    assert!(error.corrected().is_none());
    assert_eq!(error.code(), "invalid_argument");
}

#[tokio::test]
async fn bad_workloads_are_refused_with_a_next_step() {
    let check = async |change: fn(&mut Value), code: &str, part: &str| {
        let mut workload = chatbot();
        change(&mut workload);
        let error = call(json!({"workload": workload})).await.unwrap_err();
        assert_eq!(error.code(), code, "{}", error.to_text());
        assert!(
            error.to_text().contains(part),
            "{part}: {}",
            error.to_text()
        );
    };
    check(
        |w| w["models"] = json!(["amazon.nova-light-v1:0"]),
        "unknown_model",
        "amazon.nova-lite-v1:0",
    )
    .await;
    check(
        |w| w["target_models"] = json!(["Claude 99"]),
        "unknown_model",
        "Claude 99",
    )
    .await;
    check(
        |w| w["target_models"] = json!({"Nova Lite": 0.7, "Nova Micro": 0.7}),
        "invalid_argument",
        "1.4",
    )
    .await;
    check(
        |w| w["target_models"] = json!({"Nova Lite": "many"}),
        "invalid_argument",
        "many",
    )
    .await;
    check(
        |w| w["target_models"] = json!([1]),
        "invalid_argument",
        "target_models holds 1",
    )
    .await;
    check(
        |w| w["task"] = json!("trivial"),
        "invalid_argument",
        "simple, standard, complex",
    )
    .await;
    check(
        |w| w["latency"] = json!("weeks"),
        "invalid_argument",
        "interactive, minutes, hours",
    )
    .await;
    check(
        |w| w["deferrable_share"] = json!(50),
        "invalid_argument",
        "0 to 1",
    )
    .await;
    check(
        |w| w["deferrable_share"] = json!(-0.5),
        "invalid_argument",
        "0 to 1",
    )
    .await;
    check(
        |w| w["shared_prefix_tokens"] = json!(30_000),
        "invalid_argument",
        "25000 tokens there are",
    )
    .await;
    check(
        |w| w["removable"] = json!({"data_tokens": 1e30}),
        "invalid_argument",
        "removable.data_tokens",
    )
    .await;
    check(
        |w| w["removable"] = json!({"tokens": 5}),
        "invalid_argument",
        "has no field",
    )
    .await;
    check(
        |w| w["removable"] = json!(5),
        "invalid_argument",
        "removable is 5",
    )
    .await;
    check(
        |w| w["reads_per_write"] = json!({"2m": 5}),
        "invalid_argument",
        "cache ttl",
    )
    .await;
    check(
        |w| w["guardrails_needed"] = json!({"magic": "both"}),
        "invalid_argument",
        "magic",
    )
    .await;
    check(
        |w| w["free_filters_cover"] = json!(["contextual_grounding"]),
        "invalid_argument",
        "contextual_grounding",
    )
    .await;
    check(
        |w| w["measured"] = json!({"idle_provisioned_hours": 5}),
        "invalid_argument",
        "provisioned",
    )
    .await;
    check(
        |w| w["measured"] = json!({"untagged_usd": -5}),
        "invalid_argument",
        "-5",
    )
    .await;
    check(
        |w| w["provisioned_in_use"] = json!(true),
        "invalid_argument",
        "model_units",
    )
    .await;
    check(|w| w["tier"] = json!("flex"), "no_rate", "flex").await;
    check(
        |w| w["region"] = json!("us-gov-west-1"),
        "no_rate",
        "us-gov-west-1",
    )
    .await;
    check(
        |w| w["input_tokens"] = json!(300_000),
        "invalid_argument",
        "context window",
    )
    .await;
    check(
        |w| w["requests"] = json!({"per_minute": 50, "hours_per_day": 8}),
        "invalid_argument",
        "30 or 22",
    )
    .await;
    check(
        |w| w["requests"] = json!(0),
        "invalid_argument",
        "outside 1",
    )
    .await;
    check(
        |w| w["inputs"] = json!(1),
        "invalid_argument",
        "input_tokens",
    )
    .await;
    for wrong in [json!(5), json!([1]), json!("text"), json!({})] {
        let error = call(json!({"workload": wrong})).await.unwrap_err();
        assert_eq!(error.code(), "invalid_argument", "{}", error.to_text());
    }
    let error = call(json!({})).await.unwrap_err();
    assert!(
        error.to_text().contains("workload is missing"),
        "{}",
        error.to_text()
    );
}
