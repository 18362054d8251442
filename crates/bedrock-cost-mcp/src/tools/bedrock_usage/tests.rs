//! `bedrock_usage` against the simulated account, whose ledger is the truth.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::{
    aws::Aws,
    tools::on_sample::{self, records},
};
use jiff::Timestamp;
use sample_account::{
    Disturbance, FaultPlan, FaultRule,
    ledger::{Activity, Endpoint, Ledger, place::Account, stream::Tier},
};
use serde_json::json;
use std::collections::BTreeMap;

const TODAY: &str = "2026-11-22";
/// The window of a call without arguments: the account stands at noon.
const WINDOW: (&str, &str) = ("2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z");

async fn ask_on(aws: &Aws, arguments: Value) -> Map<String, Value> {
    match on_sample::call(aws, Arguments::NAME, arguments).await {
        Ok(answer) => answer,
        Err(error) => unreachable!("{}", error.to_text()),
    }
}

async fn ask(arguments: Value) -> Map<String, Value> {
    ask_on(&on_sample::account(TODAY), arguments).await
}

fn number(value: &Value) -> Decimal {
    match value {
        Value::String(text) => text.parse().unwrap_or_default(),
        other => Decimal::from_scientific(&other.to_string())
            .or_else(|_| other.to_string().parse())
            .unwrap(),
    }
}

fn count(row: &Map<String, Value>, name: &str) -> u64 {
    row.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn text<'a>(row: &'a Map<String, Value>, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn warning(answer: &Map<String, Value>, code: &str) -> Option<String> {
    let warnings = answer.get("warnings").and_then(Value::as_array);
    let found = warnings
        .into_iter()
        .flatten()
        .find(|one| one["code"] == code)?;
    Some(found["message"].as_str().unwrap().to_owned())
}

fn ledger() -> Ledger {
    Ledger::new(on_sample::account(TODAY).settings().now())
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What the caller's account did in a region, as its metrics count it, workload by workload.
fn activity<'a>(ledger: &'a Ledger, region: &str, window: (&str, &str)) -> Vec<Activity<'a>> {
    ledger
        .activity(instant(window.0), instant(window.1))
        .filter(|one| one.endpoint == Endpoint::Runtime && one.account == Account::PAYER)
        .filter(|one| one.region.code() == region)
        .collect()
}

/// Requests, input, output, cache reads and cache writes.
type Five = [u64; 5];

fn five(one: &Activity<'_>) -> Five {
    [
        one.invocations,
        one.input,
        one.output,
        one.cache_read,
        one.cache_write,
    ]
}

fn add(sum: &mut Five, more: Five) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += more;
    }
}

/// The rows of a full answer, by what they were called as.
fn by_id(answer: &Map<String, Value>) -> BTreeMap<(String, String), Five> {
    let kinds = ["requests", "input", "output", "cache_read", "cache_write"];
    records(answer)
        .iter()
        .map(|row| {
            let key = (
                text(row, "region").to_owned(),
                text(row, "called_as").to_owned(),
            );
            (key, kinds.map(|kind| count(row, kind)))
        })
        .collect()
}

const REGIONS: [&str; 4] = ["us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1"];

#[tokio::test]
async fn tokens_are_those_of_the_ledger_in_every_region() {
    let answer = ask(json!({"region": REGIONS, "detail": "full"})).await;
    let ledger = ledger();
    let mut expected: BTreeMap<(String, String), Five> = BTreeMap::new();
    let mut total = [0; 5];
    for region in REGIONS {
        for one in activity(&ledger, region, WINDOW) {
            // A profile is shown by the name that its owner gave, which the account takes from the workload.
            let called_as = if one.model_id.starts_with("arn:") {
                one.stream.key
            } else {
                one.model_id
            };
            let key = (region.to_owned(), called_as.to_owned());
            add(expected.entry(key).or_default(), five(&one));
            add(&mut total, five(&one));
        }
    }
    assert_eq!(by_id(&answer), expected);
    let totals = answer["totals"].as_object().unwrap();
    let found = [
        "requests",
        "input_tokens",
        "output_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
    ]
    .map(|name| count(totals, name));
    assert_eq!(found, total);
    assert!(expected.len() > 15, "{}", expected.len());
}

/// The cost of a model's row in the default region, with every digit.
async fn usd_of(model: &str) -> (Decimal, Decimal) {
    let answer = ask(json!({"detail": "full"})).await;
    let rows = records(&answer);
    let sum = |column: &str| {
        let of = rows.iter().filter(|row| text(row, "model") == model);
        of.map(|row| number(&row[column])).sum()
    };
    (sum("usd"), sum("usd_at_most"))
}

fn dollars(million_tokens_at: &[(u64, &str)]) -> Decimal {
    million_tokens_at
        .iter()
        .map(|(tokens, rate)| Decimal::from(*tokens) * rate.parse::<Decimal>().unwrap())
        .sum::<Decimal>()
        / Decimal::from(1_000_000)
}

#[tokio::test]
async fn costs_are_list_rates_times_tokens() {
    let ledger = ledger();
    let sum = |fits: &dyn Fn(&Activity<'_>) -> bool| {
        let mut sum = [0; 5];
        for one in activity(&ledger, "us-east-1", WINDOW) {
            if fits(&one) {
                add(&mut sum, five(&one));
            }
        }
        sum
    };
    // Nova Micro, in the region and by an application profile: 0.035 in, 0.14 out.
    let [_, input, output, ..] = sum(&|one| one.stream.model.name == "Nova Micro");
    let expected = dollars(&[(input, "0.035"), (output, "0.14")]);
    assert_eq!(usd_of("Nova Micro").await, (expected, expected));
    // gpt-oss-120b: the checkout runs at priority, 1.75 x (0.15, 0.60); the lab is another account.
    let [_, input, output, ..] = sum(&|one| one.tier == Tier::Priority);
    let expected = dollars(&[(input, "0.2625"), (output, "1.05")]);
    assert_eq!(usd_of("gpt-oss-120b").await, (expected, expected));
    // Claude Haiku 4.5: the global profile at 1.00 and 5.00, the geographic one at 1.1 times that; reads a tenth of the
    // input, writes 1.25 times for five minutes and twice for an hour.
    let [_, global_in, global_out, ..] = sum(&|one| {
        one.model_id
            .starts_with("global.anthropic.claude-haiku-4-5")
    });
    let [_, geo_in, geo_out, read, written] =
        sum(&|one| one.model_id.starts_with("us.anthropic.claude-haiku-4-5"));
    let but_writes = [
        (global_in, "1"),
        (global_out, "5"),
        (geo_in, "1.1"),
        (geo_out, "5.5"),
        (read, "0.11"),
    ];
    let least = dollars(&but_writes) + dollars(&[(written, "1.375")]);
    let most = dollars(&but_writes) + dollars(&[(written, "2.2")]);
    assert!(written > 0 && global_in > 0);
    assert_eq!(usd_of("Claude Haiku 4.5").await, (least, most));
}

#[tokio::test]
async fn a_short_answer_has_the_dearest_models_with_what_a_request_costs() {
    let answer = ask(json!({})).await;
    let rows = records(&answer);
    assert!(
        rows.len() >= 5 && answer.contains_key("next_cursor"),
        "{answer:?}"
    );
    let costs: Vec<Decimal> = rows.iter().map(|row| number(&row["usd"])).collect();
    assert!(costs.is_sorted_by(|left, right| left >= right));
    let ledger = ledger();
    for row in &rows {
        let mut sum = [0; 5];
        for one in activity(&ledger, "us-east-1", WINDOW) {
            if one.stream.model.name.replace("Nova 2.0", "Nova 2") == text(row, "model") {
                add(&mut sum, five(&one));
            }
        }
        let [requests, input, output, read, written] = sum;
        for (column, tokens) in [("input_mtok", input), ("output_mtok", output)] {
            let off = number(&row[column]) * Decimal::from(1_000_000) - Decimal::from(tokens);
            assert!(
                off.abs() * Decimal::from(200) <= Decimal::from(tokens),
                "{row:?}"
            );
        }
        assert_eq!(count(row, "requests"), requests);
        let part = |part: u64, whole: u64| (Decimal::from(part) / Decimal::from(whole)).round_dp(4);
        if read > 0 {
            assert_eq!(
                number(&row["cache_hit"]),
                part(read, input + read + written)
            );
        }
        let each = number(&row["usd"]) / Decimal::from(requests);
        let off = (number(&row["usd_per_request"]) - each).abs() / each;
        assert!(off < Decimal::new(1, 2), "{row:?}");
    }
    let all = activity(&ledger, "us-east-1", WINDOW);
    let throttles: u64 = all.iter().map(|one| one.throttles).sum();
    let errors: u64 = all
        .iter()
        .map(|one| one.client_errors + one.server_errors)
        .sum();
    assert_eq!(answer["totals"]["throttles"], throttles);
    assert_eq!(answer["totals"]["errors"], errors);
    // One in a thousand is no trouble, and no column.
    assert!(
        !answer["columns"]
            .as_array()
            .unwrap()
            .contains(&json!("errors"))
    );
    let guardrails = answer["guardrails"].as_object().unwrap();
    let invocations: u64 = all.iter().map(|one| one.guardrail_invocations).sum();
    let interventions: u64 = all.iter().map(|one| one.guardrail_interventions).sum();
    assert_eq!(count(guardrails, "invocations"), invocations);
    assert_eq!(count(guardrails, "interventions"), interventions);
    assert!(interventions > 0);
}

#[tokio::test]
async fn trouble_of_a_model_has_columns() {
    // The days of the surge, when the quota refused six of a hundred.
    let aws = on_sample::account("2026-10-22");
    let answer = ask_on(
        &aws,
        json!({"start_time": "2026-10-20", "end_time": "2026-10-21", "limit": 20}),
    )
    .await;
    let rows = records(&answer);
    let row = rows
        .iter()
        .find(|row| text(row, "model") == "Claude Sonnet 5.5")
        .unwrap();
    let ledger = ledger();
    let window = ("2026-10-20T00:00:00Z", "2026-10-21T00:00:00Z");
    let (mut requests, mut throttles, mut errors) = (0, 0, 0);
    for one in activity(&ledger, "us-east-1", window) {
        if one.stream.model.name == "Claude Sonnet 5.5" {
            requests += one.invocations;
            throttles += one.throttles;
            errors += one.client_errors + one.server_errors;
        }
    }
    let part = |part: u64, whole: u64| (Decimal::from(part) / Decimal::from(whole)).round_dp(4);
    assert_eq!(
        number(&row["throttled"]),
        part(throttles, requests + throttles)
    );
    assert_eq!(number(&row["errors"]), part(errors, requests));
    assert!(number(&row["throttled"]) > Decimal::new(5, 2));
}

#[tokio::test]
async fn the_busiest_minute_is_that_of_the_quota() {
    let answer = ask(json!({"detail": "full"})).await;
    let rows = records(&answer);
    let id = "amazon.nova-micro-v1:0";
    let row = rows
        .iter()
        .find(|row| text(row, "called_as") == id)
        .unwrap();
    let ledger = ledger();
    // An output token of Nova takes one token of the quota.
    let start = instant(WINDOW.0).as_second();
    let minutes = (instant(WINDOW.1).as_second() - start) / 60;
    let (mut tokens, mut requests) = (0, 0);
    for minute in 0..minutes {
        let at = |minute: i64| {
            Timestamp::from_second(start + minute * 60)
                .unwrap()
                .to_string()
        };
        let of = activity(&ledger, "us-east-1", (&at(minute), &at(minute + 1)));
        let of = of.iter().filter(|one| one.model_id == id);
        let (mut here, mut calls) = (0, 0);
        for one in of {
            here += one.input + one.cache_write + one.output;
            calls += one.invocations;
        }
        tokens = tokens.max(here);
        requests = requests.max(calls);
    }
    assert_eq!(
        (count(row, "peak_tpm"), count(row, "peak_rpm")),
        (tokens, requests)
    );
    assert!(!answer.contains_key("peaks_over_seconds"));
}

#[tokio::test]
async fn a_region_takes_four_requests_and_none_of_cost_explorer() {
    let aws = on_sample::account(TODAY);
    let answer = ask_on(&aws, json!({})).await;
    let journal = aws.sample_account().journal();
    let mut asked: Vec<&str> = journal
        .iter()
        .map(|entry| entry.operation.as_str())
        .collect();
    asked.sort_unstable();
    assert_eq!(
        asked,
        [
            "GetMetricData",
            "ListInferenceProfiles",
            "ListMetrics",
            "ListProvisionedModelThroughputs",
        ]
    );
    assert_eq!(answer["aws_requests"], 4);
    let charged = aws.sample_account().counters().charge_usd;
    assert_eq!(number(&answer["aws_cost_usd"]), charged);
    assert!(charged < Decimal::new(1, 2), "{charged}");
    // A region without application profiles is not asked for them.
    let aws = on_sample::account(TODAY);
    ask_on(&aws, json!({"region": "ap-northeast-1"})).await;
    assert_eq!(aws.sample_account().journal().len(), 3);
}

#[tokio::test]
async fn a_region_that_fails_is_said_and_the_others_are_answered() {
    let aws = on_sample::account(TODAY);
    let rule = FaultRule::nth("cloudwatch:ListMetrics", 2, Disturbance::ExpiredToken);
    aws.sample_account().inject(FaultPlan::from_iter([rule]));
    let answer = ask_on(&aws, json!({"region": "us-east-1, eu-central-1"})).await;
    let regions = answer["regions"].as_array().unwrap();
    assert_eq!(regions.len(), 1);
    let left_out = warning(&answer, "no_credentials").unwrap();
    let here = regions[0].as_str().unwrap();
    let gone = if here == "us-east-1" {
        "eu-central-1"
    } else {
        "us-east-1"
    };
    assert!(
        left_out.starts_with(&format!("{gone} is left out")),
        "{left_out}"
    );
    // Where all fail there is nothing to answer with.
    let aws = on_sample::account(TODAY);
    aws.sample_account().deny(["cloudwatch:ListMetrics"]);
    let error = on_sample::call(
        &aws,
        Arguments::NAME,
        json!({"region": ["us-east-1", "eu-central-1"]}),
    )
    .await
    .unwrap_err();
    assert_eq!(error.code(), "access_denied");
}

#[tokio::test]
async fn without_a_permission_the_rest_is_answered() {
    let aws = on_sample::account(TODAY);
    aws.sample_account().deny([
        "bedrock:ListInferenceProfiles",
        "bedrock:ListProvisionedModelThroughputs",
    ]);
    let answer = ask_on(&aws, json!({"detail": "full"})).await;
    for (code, action) in [
        ("profiles_unknown", "bedrock:ListInferenceProfiles"),
        (
            "throughputs_unknown",
            "bedrock:ListProvisionedModelThroughputs",
        ),
    ] {
        assert!(
            warning(&answer, code).unwrap().contains(action),
            "{answer:?}"
        );
    }
    // What its profiles called has no model and so no price, and is named by the part of its ARN that is no account.
    let unpriced = warning(&answer, "unpriced").unwrap();
    assert!(
        unpriced.contains("c4llsum55h02") && !unpriced.contains("111122223333"),
        "{unpriced}"
    );
    let rows = records(&answer);
    let row = rows
        .iter()
        .find(|row| text(row, "called_as") == "q7m2short0cp1")
        .unwrap();
    assert_eq!(row["usd"], "");
    assert!(count(row, "input") > 0);
}

#[tokio::test]
async fn a_month_of_days_is_that_of_the_ledger_too() {
    let answer = ask(json!({"start_time": "2026-11-01", "end_time": "2026-11-20", "region": "us-west-2", "detail": "full"})).await;
    let ledger = ledger();
    let mut expected: BTreeMap<(String, String), Five> = BTreeMap::new();
    for one in activity(
        &ledger,
        "us-west-2",
        ("2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z"),
    ) {
        let key = ("us-west-2".to_owned(), one.model_id.to_owned());
        add(expected.entry(key).or_default(), five(&one));
    }
    assert_eq!(by_id(&answer), expected);
    assert_eq!(answer["peaks_over_seconds"], 3_600);
    assert!(warning(&answer, "older_ids").is_some());
}

#[tokio::test]
async fn an_empty_region_says_so() {
    let answer = ask(json!({"region": "eu-west-3"})).await;
    assert!(warning(&answer, "no_data").unwrap().contains("eu-west-3"));
    assert_eq!(answer["totals"]["requests"], 0);
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let aws = on_sample::account(TODAY);
    let answer = ask_on(&aws, json!({"dry_run": true, "region": "us-east-1"})).await;
    assert_eq!(aws.sample_account().journal().len(), 0);
    assert_eq!(answer["effective_request"]["regions"], json!(["us-east-1"]));
}

#[tokio::test]
async fn provisioned_throughput_has_the_hours_that_it_served() {
    let answer = ask(json!({"region": "us-west-2"})).await;
    assert_eq!(
        answer["provisioned"],
        json!([{
            "name": "load-test-llama",
            "model": "Llama 3.1 70B",
            "region": "us-west-2",
            "model_units": 1,
            "hours": 24,
            "hours_served": 0,
            "utilisation": 0,
            "requests": 0,
        }])
    );
    // It was made on August 31 at midnight: of the day before it has none, of the first days those since.
    let aws = on_sample::account("2026-09-01");
    let first = ask_on(
        &aws,
        json!({"region": "us-west-2", "start_time": "2026-08-30"}),
    )
    .await;
    assert_eq!(first["provisioned"][0]["hours"], 36);
}
