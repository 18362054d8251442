//! The rules over the account: each waste planted in its ledger, worked out beside it, and what is no waste.

use super::*;
use crate::tools::on_sample::records;
use jiff::Timestamp;
use rust_decimal::{Decimal, RoundingStrategy::MidpointAwayFromZero};
use sample_account::{
    Disturbance, FaultPlan, FaultRule,
    ledger::{Activity, Ledger},
};

/// The default window of the account at noon of 2026-11-22: 336 hours.
const WINDOW: (&str, &str) = ("2026-11-08T12:00:00Z", "2026-11-22T12:00:00Z");
const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1"];

async fn ask(more: Value) -> Map<String, Value> {
    let mut arguments = json!({"source": "account", "region": REGIONS, "detail": "full"});
    arguments
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    call(arguments).await.unwrap()
}

fn usd(value: &Value) -> Decimal {
    match value {
        Value::String(text) => text.parse().unwrap(),
        other => Decimal::from_scientific(&other.to_string())
            .or_else(|_| other.to_string().parse())
            .unwrap(),
    }
}

/// The findings of a rule: what was called, where, and the saving.
fn of_rule(answer: &Map<String, Value>, rule: &str) -> Vec<(String, String, Decimal)> {
    let text = |row: &Map<String, Value>, name: &str| row[name].as_str().unwrap().to_owned();
    records(answer)
        .iter()
        .filter(|row| row["rule"] == rule)
        .map(|row| {
            (
                text(row, "called_as"),
                text(row, "region"),
                usd(&row["saving_usd"]),
            )
        })
        .collect()
}

/// What a workload of the ledger did in the window.
fn did(key: &str, look: impl Fn(&Activity<'_>)) {
    let ledger = Ledger::new(on_sample::account("2026-11-22").settings().now());
    let instant = |text: &str| text.parse::<Timestamp>().unwrap();
    let activity: Vec<_> = ledger
        .activity(instant(WINDOW.0), instant(WINDOW.1))
        .filter(|one| one.stream.key == key)
        .collect();
    let [one] = activity.as_slice() else {
        unreachable!("{key}");
    };
    look(one);
}

fn whole(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(0, MidpointAwayFromZero)
}

/// Requests of 336 hours as those of a month of 730.
fn monthly(requests: u64) -> Decimal {
    whole(Decimal::from(requests) * Decimal::from(730) / Decimal::from(336))
}

fn each(tokens: u64, requests: u64) -> Decimal {
    whole(Decimal::from(tokens) / Decimal::from(requests))
}

fn rate(text: &str) -> Decimal {
    text.parse::<Decimal>().unwrap() / Decimal::from(1_000_000)
}

#[tokio::test]
async fn a_provisioned_unit_that_serves_nothing_is_waste() {
    let answer = ask(json!({})).await;
    // One unit of Llama 3.1 70B without a commitment: 730 hours x 24 USD.
    let expected = (
        "load-test-llama".to_owned(),
        "us-west-2".to_owned(),
        Decimal::from(730 * 24),
    );
    assert_eq!(of_rule(&answer, "idle_provisioned"), [expected]);
    // Nothing is known of requests that it never had.
    assert_eq!(of_rule(&answer, "provisioned"), []);
    let rows = records(&answer);
    let row = rows
        .iter()
        .find(|row| row["rule"] == "idle_provisioned")
        .unwrap();
    assert!(
        row["stands_on"]
            .as_str()
            .unwrap()
            .contains("served in 0 of 336 hours"),
        "{row:?}"
    );
    // Before it was made there was none.
    let aws = on_sample::account("2026-08-20");
    let before = on_sample::call(
        &aws,
        "find_savings",
        json!({"source": "account", "region": "us-west-2", "detail": "full"}),
    )
    .await
    .unwrap();
    assert_eq!(of_rule(&before, "idle_provisioned"), []);
}

#[tokio::test]
async fn a_cache_that_is_written_and_never_read_is_waste_and_those_that_pay_are_not() {
    let answer = ask(json!({})).await;
    let found = of_rule(&answer, "cache_losing");
    did("briefing-sonnet-4-5", |one| {
        assert_eq!(one.cache_read, 0);
        // Regional Claude Sonnet 4.5: a write costs 1.25 x 3.30, plain input 3.30.
        let written = monthly(one.invocations) * each(one.cache_write, one.invocations);
        let expected = written * (rate("4.125") - rate("3.3"));
        let id = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
        assert_eq!(found, [(id.to_owned(), "us-west-2".to_owned(), expected)]);
    });
}

#[tokio::test]
async fn a_legacy_model_is_waste() {
    let answer = ask(json!({})).await;
    let found = of_rule(&answer, "legacy_model");
    let id = "anthropic.claude-3-haiku-20240307-v1:0";
    let found: Vec<_> = found
        .iter()
        .filter(|(called_as, ..)| called_as == id)
        .collect();
    did("order-form-haiku-3", |one| {
        // Claude 3 Haiku at 0.25 and 1.25; Haiku 5.5 at 0.11 and 0.55 with 1.207 times the tokens.
        let (input, output) = (
            each(one.input, one.invocations),
            each(one.output, one.invocations),
        );
        let ratio = Decimal::new(1_207, 3);
        let present = input * rate("0.25") + output * rate("1.25");
        let newer = whole(input * ratio) * rate("0.11") + whole(output * ratio) * rate("0.55");
        let expected = (present - newer) * monthly(one.invocations);
        assert_eq!(found, [&(id.to_owned(), "us-east-1".to_owned(), expected)]);
    });
}

#[tokio::test]
async fn a_paid_priority_is_named_with_low_confidence() {
    let answer = ask(json!({})).await;
    let found = of_rule(&answer, "priority_overuse");
    did("checkout-gpt-oss-priority", |one| {
        // 1.75 x 0.15 and 0.60 against these: 0.1125 and 0.45 less.
        let each = each(one.input, one.invocations) * rate("0.1125")
            + each(one.output, one.invocations) * rate("0.45");
        let expected = each * monthly(one.invocations);
        assert_eq!(
            found,
            [(
                "openai.gpt-oss-120b-1:0".to_owned(),
                "us-east-1".to_owned(),
                expected
            )]
        );
    });
    let rows = records(&answer);
    let row = rows
        .iter()
        .find(|row| row["rule"] == "priority_overuse")
        .unwrap();
    assert_eq!(row["confidence"], "low");
}

#[tokio::test]
async fn what_is_global_already_is_not_sent_there_and_every_finding_says_what_it_stands_on() {
    let answer = ask(json!({})).await;
    for (called_as, ..) in of_rule(&answer, "global_routing") {
        assert!(!called_as.starts_with("global."), "{called_as}");
        // A profile copied from the global one.
        assert_ne!(called_as, "search-sonnet-4-5");
    }
    for row in records(&answer) {
        let stands_on = row["stands_on"].as_str().unwrap();
        assert!(
            stands_on.contains("requests of") || stands_on.contains("served in"),
            "{row:?}"
        );
    }
    assert!(
        answer["stands_on"]
            .as_str()
            .unwrap()
            .contains("2026-11-08T12:00:00Z to 2026-11-22T12:00:00Z")
    );
    // No rule that has to be told something first says anything.
    for rule in [
        "batch",
        "flex",
        "prompt_caching",
        "model_tier",
        "preprocessing",
    ] {
        assert_eq!(of_rule(&answer, rule), []);
    }
}

#[tokio::test]
async fn the_combined_saving_stays_within_the_measured_cost() {
    let answer = ask(json!({})).await;
    let combined = answer["combined"].as_object().unwrap();
    let (baseline, saving) = (usd(&combined["baseline_usd"]), usd(&combined["saving_usd"]));
    assert!(Decimal::ZERO < saving && saving < baseline, "{combined:?}");
    // Of each workload every finding alone saves at most as much as the sum over all.
    let largest = records(&answer)
        .iter()
        .map(|row| usd(&row["saving_usd"]))
        .max()
        .unwrap();
    assert!(largest <= saving);
    // What averages do not tell is left out by name.
    let left_out = answer["not_computed"].as_array().unwrap();
    assert!(
        left_out
            .iter()
            .all(|one| one.as_str().unwrap().contains("averages cost")),
        "{left_out:?}"
    );
}

#[tokio::test]
async fn it_asks_metrics_alone() {
    let aws = on_sample::account("2026-11-22");
    let answer = on_sample::call(&aws, "find_savings", json!({"source": "account"}))
        .await
        .unwrap();
    let journal = aws.sample_account().journal();
    assert!(journal.iter().all(|entry| entry.service != "ce"));
    assert_eq!(answer["aws_requests"], 4);
    // A region that fails is said, and the others are answered.
    let aws = on_sample::account("2026-11-22");
    let rule = FaultRule::nth("cloudwatch:ListMetrics", 2, Disturbance::ExpiredToken);
    aws.sample_account().inject(FaultPlan::from_iter([rule]));
    let answer = on_sample::call(
        &aws,
        "find_savings",
        json!({"source": "account", "region": ["us-east-1", "eu-central-1"]}),
    )
    .await
    .unwrap();
    assert_eq!(answer["warnings"][0]["code"], "no_credentials");
    assert_eq!(answer["regions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn other_sources_and_none_are_refused() {
    for (arguments, part) in [
        (json!({"source": "logs"}), "\"logs\""),
        (json!({}), "source: \"account\""),
        (
            json!({"source": "account", "region": "us-est-1"}),
            "us-est-1",
        ),
        (
            json!({"source": "account", "start_time": "2020-01-01", "end_time": "2020-02-01"}),
            "455 days",
        ),
    ] {
        let error = call(arguments).await.unwrap_err();
        assert!(error.to_text().contains(part), "{}", error.to_text());
    }
}
