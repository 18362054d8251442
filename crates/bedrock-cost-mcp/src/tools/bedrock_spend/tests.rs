//! `bedrock_spend` against the simulated account, whose ledger is the truth.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod edges;
mod reconciled;

use super::*;
use crate::tools::on_sample::{self, records};
use jiff::civil::{Date, date};
use sample_account::ledger::{Charge, Ledger, line::Line};
use serde_json::json;
use std::collections::BTreeMap;

const TODAY: &str = "2026-11-22";
const GUIDE_DAY: &str = "2024-12-05";
const SEPTEMBER: (Date, Date) = (date(2026, 9, 1), date(2026, 10, 1));
const OCTOBER: (Date, Date) = (date(2026, 10, 1), date(2026, 11, 1));
const EDITION: &str = " (Amazon Bedrock Edition)";

async fn ask(as_of: &str, arguments: Value) -> Map<String, Value> {
    let aws = on_sample::account(as_of);
    match on_sample::call(&aws, Arguments::NAME, arguments).await {
        Ok(answer) => answer,
        Err(error) => unreachable!("{}", error.to_text()),
    }
}

async fn refusal(arguments: Value) -> String {
    let aws = on_sample::account(TODAY);
    let error = on_sample::call(&aws, Arguments::NAME, arguments)
        .await
        .unwrap_err();
    error.to_text()
}

/// An amount of an answer with every digit; 0 where there is none.
fn number(value: &Value) -> Decimal {
    match value {
        Value::Null => Decimal::ZERO,
        Value::String(text) => text.parse().unwrap(),
        other => other.to_string().parse().unwrap(),
    }
}

fn amount(answer: &Map<String, Value>, name: &str) -> Decimal {
    number(answer.get(name).unwrap_or(&Value::Null))
}

fn text<'a>(answer: &'a Map<String, Value>, name: &str) -> &'a str {
    answer.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn codes(answer: &Map<String, Value>) -> Vec<&str> {
    let warnings = answer.get("warnings").and_then(Value::as_array);
    warnings
        .into_iter()
        .flatten()
        .filter_map(|warning| warning.get("code")?.as_str())
        .collect()
}

fn bedrock(line: &Line) -> bool {
    line.is_bedrock() || line.service == "Amazon Bedrock AgentCore"
}

fn usage(line: &Line) -> bool {
    bedrock(line) && line.record_type == "Usage"
}

/// The ledger's sums over the lines that fit, by a name of each.
fn ledger(
    as_of: &str,
    (from, to): (Date, Date),
    fits: impl Fn(&Line) -> bool,
    name: impl Fn(&Charge<'_>) -> String,
) -> BTreeMap<String, Decimal> {
    let ledger = Ledger::new(on_sample::account(as_of).settings().now());
    let mut sums = BTreeMap::new();
    for charge in ledger.records(from, to) {
        if fits(charge.line) {
            *sums.entry(name(&charge)).or_default() += charge.unblended();
        }
    }
    sums.retain(|_, sum| *sum != Decimal::ZERO);
    sums
}

fn total(as_of: &str, period: (Date, Date), fits: impl Fn(&Line) -> bool) -> Decimal {
    ledger(as_of, period, fits, |_| String::new())
        .values()
        .sum()
}

/// The rows of an answer by their first columns; rows that cost nothing are left out.
fn rows(answer: &Map<String, Value>, keys: &[&str]) -> BTreeMap<String, Decimal> {
    records(answer)
        .iter()
        .map(|row| {
            let key: Vec<&str> = keys.iter().map(|key| text(row, key)).collect();
            (key.join(" / "), amount(row, "usd"))
        })
        .filter(|(_, usd)| *usd != Decimal::ZERO)
        .collect()
}

/// The model as the ledger knows it: what Marketplace sells by its service, the rest by the product's attribute.
fn model(charge: &Charge<'_>) -> String {
    let line = charge.line;
    if line.service == "Amazon Bedrock AgentCore" {
        return "AgentCore".to_owned();
    }
    let name = line
        .service
        .strip_suffix(EDITION)
        .or(line.attributes.model.as_deref())
        .unwrap_or("Guardrails");
    // What the bill and the price book call differently.
    let listed = match name {
        "Cohere Embed 3 Model - English" => "Cohere Embed 3 English",
        "DeepSeek v3.2" => "DeepSeek V3.2",
        "Mistral Large" => "Mistral Large 2402",
        "Nova 2.0 Lite" => "Nova 2 Lite",
        "Rerank 1.0" => "Amazon Rerank 1.0",
        same => same,
    };
    listed.to_owned()
}

#[tokio::test]
async fn last_month_by_model_is_the_ledger_to_the_last_digit() {
    for (as_of, month) in [
        (TODAY, OCTOBER),
        (GUIDE_DAY, (date(2024, 11, 1), date(2024, 12, 1))),
    ] {
        let answer = ask(as_of, json!({"detail": "full"})).await;
        let expected = ledger(as_of, month, usage, model);
        assert_eq!(rows(&answer, &["model"]), expected);
        let gross = total(as_of, month, usage);
        let net = total(as_of, month, bedrock);
        assert_eq!(amount(&answer, "total_usd"), gross);
        assert_eq!(amount(&answer, "net_usd"), net);
        assert_eq!(amount(&answer, "credits_and_refunds_usd"), net - gross);
        assert!(net < gross && codes(&answer).contains(&"credits"));
        // Marketplace models are in it, and most of it.
        let editions = total(as_of, month, |line| usage(line) && line.is_marketplace());
        assert!(editions * Decimal::from(4) > gross, "{editions} of {gross}");
        assert!(
            expected.contains_key("Claude 3.5 Sonnet")
                || expected.contains_key("Claude Sonnet 5.5")
        );
        assert_eq!(answer.get("aws_requests"), Some(&json!(3)));
        assert_eq!(answer.get("aws_cost_usd"), Some(&json!(0.03)));
    }
}

#[tokio::test]
async fn the_change_adds_up_for_the_whole_and_for_every_row() {
    let answer = ask(TODAY, json!({"detail": "full"})).await;
    let change = answer.get("change").unwrap().as_object().unwrap();
    let part = |name| amount(change, name);
    assert_eq!(part("previous_usd"), total(TODAY, SEPTEMBER, usage));
    assert_eq!(
        part("change_usd"),
        total(TODAY, OCTOBER, usage) - total(TODAY, SEPTEMBER, usage)
    );
    assert_eq!(
        part("volume_usd") + part("rate_usd") + part("mix_usd"),
        part("change_usd")
    );
    let mut changed = Decimal::ZERO;
    for row in records(&answer) {
        let part = |name| amount(&row, name);
        assert_eq!(
            part("volume_usd") + part("rate_usd") + part("mix_usd"),
            part("change_usd"),
            "{row:?}"
        );
        changed += part("change_usd");
    }
    assert_eq!(changed, part("change_usd"));
    // List rates did not move between the two months, and the account has no discounts.
    assert_eq!(part("rate_usd"), Decimal::ZERO);
}

#[tokio::test]
async fn the_cause_names_the_planted_spike_and_its_days() {
    for (as_of, model, days) in [
        (TODAY, "Claude Sonnet 5.5", "2026-10-20 to 2026-10-22"),
        (GUIDE_DAY, "Claude 3.5 Sonnet", "2024-11-12 to 2024-11-14"),
    ] {
        let answer = ask(as_of, json!({})).await;
        let cause = text(&answer, "cause");
        assert!(cause.starts_with(model), "{cause}");
        assert!(cause.contains(days), "{cause}");
    }
}

#[tokio::test]
async fn effective_rates_stand_beside_those_of_the_price_book() {
    let answer = ask(
        TODAY,
        json!({"by": ["model", "token_type"], "detail": "full", "compare": false}),
    )
    .await;
    let rows = records(&answer);
    let found = |model: &str, kind: &str| {
        rows.iter()
            .find(|row| text(row, "model") == model && text(row, "token_type") == kind)
            .unwrap()
    };
    // The account pays list price: 2.20 for input of Claude Sonnet 5.5 by its geographic profile, 0.11 for cache reads.
    let input = found("Claude Sonnet 5.5", "input");
    assert_eq!(input.get("usd_per_mtok"), Some(&json!(2.2)));
    assert_eq!(input.get("list_per_mtok"), Some(&json!(2.2)));
    let read = found("Claude Sonnet 5.5", "cache_read");
    assert_eq!(read.get("usd_per_mtok"), Some(&json!(0.11)));
    for row in &rows {
        let (charged, listed) = (row.get("usd_per_mtok"), row.get("list_per_mtok"));
        if listed.is_some_and(|listed| listed != "") {
            assert_eq!(charged, listed, "{row:?}");
        }
    }
    assert_eq!(answer.get("aws_requests"), Some(&json!(2)));
    assert!(answer.get("change").is_none() && answer.get("cause").is_none());
}

#[tokio::test]
async fn tokens_are_those_of_the_ledger() {
    let answer = ask(TODAY, json!({"by": "token_type", "detail": "full"})).await;
    let book = Ledger::new(on_sample::account(TODAY).settings().now());
    for (kind, word) in [
        ("input", "Input tokens"),
        ("output", "Output tokens"),
        ("cache_read", "Prompt cache read"),
    ] {
        let counted: i128 = book
            .records(OCTOBER.0, OCTOBER.1)
            .filter(|charge| {
                let of = &charge.line.attributes.inference_type;
                charge.line.record_type == "Usage"
                    && !charge.line.usage_type.contains("long_ctx")
                    && of.as_ref().is_some_and(|of| of.starts_with(word))
            })
            .map(|charge| charge.units)
            .sum();
        let rows = records(&answer);
        let row = rows
            .iter()
            .find(|row| text(row, "token_type") == kind)
            .unwrap();
        let tokens = amount(row, "mtok") * Decimal::from(1_000_000);
        assert_eq!(
            tokens,
            Decimal::try_from_i128_with_scale(counted, 0).unwrap(),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn every_cut_adds_up_to_the_ledger() {
    type Name = fn(&Charge<'_>) -> String;
    let day: Name = |charge| charge.day.date().to_string();
    let account: Name = |charge| charge.line.account.id().to_owned();
    let region: Name = |charge| {
        charge
            .line
            .region
            .map_or_else(String::new, |region| region.code().to_owned())
    };
    let service: Name = |charge| charge.line.service.clone();
    let team: Name = |charge| charge.line.tag("Team").unwrap_or("(none)").to_owned();
    let cases: [(Value, &[&str], &[Name], u32); 7] = [
        (json!("account"), &["account"], &[account], 4),
        (json!("region"), &["region"], &[region], 3),
        (json!("service"), &["service"], &[service], 3),
        (json!("tag:Team"), &["tag:Team"], &[team], 4),
        (json!("day"), &["day"], &[day], 4),
        (
            json!(["day", "account"]),
            &["day", "account"],
            &[day, account],
            4,
        ),
        (
            json!(["tag:Team", "account"]),
            &["tag:Team", "account"],
            &[team, account],
            4,
        ),
    ];
    for (by, keys, names, requests) in cases {
        let answer = ask(TODAY, json!({"by": by, "detail": "full"})).await;
        let expected = ledger(TODAY, OCTOBER, usage, |charge| {
            let names: Vec<String> = names.iter().map(|name| name(charge)).collect();
            names.join(" / ")
        });
        assert_eq!(rows(&answer, keys), expected, "{by}");
        assert!(!codes(&answer).contains(&"does_not_add_up"), "{by}");
        assert_eq!(answer.get("aws_requests"), Some(&json!(requests)), "{by}");
    }
}

#[tokio::test]
async fn models_of_an_account_take_one_request_for_each_way_of_billing() {
    let answer = ask(TODAY, json!({"by": ["account", "model"], "detail": "full"})).await;
    let expected = ledger(TODAY, OCTOBER, usage, |charge| {
        format!("{} / {}", charge.line.account.id(), model(charge))
    });
    assert_eq!(rows(&answer, &["account", "model"]), expected);
    assert_eq!(answer.get("aws_requests"), Some(&json!(5)));
}

#[tokio::test]
async fn months_come_without_a_request_more() {
    let quarter = (date(2026, 7, 1), date(2026, 10, 1));
    let answer = ask(
        TODAY,
        json!({"start_date": "last_quarter", "granularity": "MONTHLY", "by": "region", "detail": "full"}),
    )
    .await;
    let expected = ledger(TODAY, quarter, usage, |charge| {
        let month = charge.day.date().strftime("%Y-%m");
        let region = charge.line.region.map_or("", |region| region.code());
        format!("{month} / {region}")
    });
    assert_eq!(rows(&answer, &["month", "region"]), expected);
}

#[tokio::test]
async fn periods_that_months_cannot_tell_apart_are_asked_one_by_one() {
    // The days of the spike, and as many before it in the same month.
    let period = (date(2026, 10, 15), date(2026, 10, 25));
    let before = (date(2026, 10, 5), date(2026, 10, 15));
    let answer = ask(
        TODAY,
        json!({"start_date": "2026-10-15", "end_date": "2026-10-25", "detail": "full"}),
    )
    .await;
    assert_eq!(amount(&answer, "total_usd"), total(TODAY, period, usage));
    assert_eq!(amount(&answer, "net_usd"), total(TODAY, period, bedrock));
    let change = answer.get("change").unwrap().as_object().unwrap();
    assert_eq!(amount(change, "previous_usd"), total(TODAY, before, usage));
    // Services, two periods, credits of this one, and the days of what rose.
    assert_eq!(answer.get("aws_requests"), Some(&json!(5)));
}

#[tokio::test]
async fn an_open_month_is_held_against_as_many_days_and_is_not_final() {
    let answer = ask(TODAY, json!({"start_date": "this_month", "detail": "full"})).await;
    // 21 days of November are over; the 21 days before them.
    let before = (date(2026, 10, 11), date(2026, 11, 1));
    let change = answer.get("change").unwrap().as_object().unwrap();
    assert_eq!(amount(change, "previous_usd"), total(TODAY, before, usage));
    let over = (date(2026, 11, 1), date(2026, 11, 22));
    assert_eq!(amount(&answer, "total_usd"), total(TODAY, over, usage));
    // An end that reaches further is said to be cut, and changes nothing.
    let further = ask(
        TODAY,
        json!({"start_date": "2026-11-01", "end_date": "2026-12-01", "detail": "full"}),
    )
    .await;
    assert_eq!(further.get("change"), answer.get("change"));
    assert!(further.contains_key("corrections"));
    // Today alone is not compared with a whole day.
    let today = ask(TODAY, json!({"start_date": TODAY})).await;
    assert!(!today.contains_key("change"));
    assert!(
        codes(&today).contains(&"no_previous"),
        "{:?}",
        codes(&today)
    );
    assert!(codes(&answer).contains(&"estimated"));
    let closed = ask(TODAY, json!({"start_date": "2026-09"})).await;
    assert!(!codes(&closed).contains(&"estimated"));
}

#[tokio::test]
async fn a_forecast_goes_on_after_the_days_that_were_charged() {
    let answer = ask(
        TODAY,
        json!({"start_date": "month_to_date", "forecast": true}),
    )
    .await;
    let forecast = answer.get("forecast").unwrap().as_object().unwrap();
    assert_eq!(text(forecast, "expected_from"), TODAY);
    let sum = (amount(&answer, "total_usd") + amount(forecast, "expected_usd")).round_dp(1);
    assert_eq!(amount(forecast, "month_usd").round_dp(1), sum);
    // Nine days, today among them, at the level of the month: a day more or less would not pass.
    let daily = amount(&answer, "total_usd") / Decimal::from(21);
    let expected = amount(forecast, "expected_usd") / Decimal::from(9);
    let tenth = daily / Decimal::TEN;
    assert!(
        expected > daily - tenth && expected < daily + tenth,
        "{expected} {daily}"
    );
    let without = ask(TODAY, json!({"start_date": "month_to_date"})).await;
    let requests = |answer: &Map<String, Value>| amount(answer, "aws_requests");
    assert_eq!(requests(&answer), requests(&without) + Decimal::ONE);
    let refused = refusal(json!({"start_date": "last_month", "forecast": true})).await;
    assert!(refused.contains("month_to_date"), "{refused}");
}

#[tokio::test]
async fn what_a_workload_pulls_along_takes_no_request_more() {
    let answer = ask(TODAY, json!({"service": "all", "detail": "full"})).await;
    let expected = ledger(
        TODAY,
        OCTOBER,
        |line| {
            [
                "AWS Lambda",
                "Amazon Simple Storage Service",
                "Amazon API Gateway",
                "Amazon OpenSearch Service",
                "AmazonCloudWatch",
            ]
            .contains(&line.service.as_str())
        },
        |charge| charge.line.service.clone(),
    );
    let around: BTreeMap<String, Decimal> = answer
        .get("around")
        .and_then(Value::as_array)
        .unwrap()
        .iter()
        .map(|row| {
            let cell = |at: usize| row.get(at).unwrap();
            (cell(0).as_str().unwrap().to_owned(), number(cell(1)))
        })
        .collect();
    assert_eq!(around, expected);
    assert_eq!(
        amount(&answer, "around_usd"),
        expected.values().sum::<Decimal>()
    );
    assert_eq!(amount(&answer, "total_usd"), total(TODAY, OCTOBER, usage));
    assert_eq!(answer.get("aws_requests"), Some(&json!(3)));
    assert!(codes(&answer).contains(&"around_is_whole"));
}

#[tokio::test]
async fn the_name_that_misses_models_is_answered_beside_the_whole() {
    let answer = ask(TODAY, json!({"service": "Amazon Bedrock"})).await;
    let native = total(TODAY, OCTOBER, |line| {
        usage(line) && line.service == "Amazon Bedrock"
    });
    assert_eq!(amount(&answer, "as_requested_usd"), native);
    assert_eq!(amount(&answer, "total_usd"), total(TODAY, OCTOBER, usage));
    assert!(codes(&answer).contains(&"marketplace_left_out"));
}

#[tokio::test]
async fn caching_is_what_reads_saved_less_what_writes_cost_more() {
    // Every cached token against the rate of plain input of its own workload, over the ledger's lines.
    let book = Ledger::new(on_sample::account(TODAY).settings().now());
    let rate_of_input = |charge: &Charge<'_>| {
        let plain = |line: &Line| {
            let kind = line
                .attributes
                .inference_type
                .as_deref()
                .unwrap_or_default();
            kind.starts_with("Input")
                && kind.contains("global") == is_global(charge.line)
                && line.service == charge.line.service
                && line.attributes.model == charge.line.attributes.model
                && line.attributes.feature == charge.line.attributes.feature
                && line.region == charge.line.region
                && !line.usage_type.contains("long_ctx")
        };
        let found = book.lines().iter().find(|line| plain(line)).unwrap();
        i128::from(found.rate(charge.day))
    };
    let (mut reads, mut premium) = (0_i128, 0_i128);
    for charge in book.records(OCTOBER.0, OCTOBER.1) {
        let kind = charge
            .line
            .attributes
            .inference_type
            .clone()
            .unwrap_or_default();
        if kind.contains("cache read") {
            reads += charge.units * rate_of_input(&charge) - charge.pico_usd;
        } else if kind.contains("cache write") {
            premium += charge.pico_usd - charge.units * rate_of_input(&charge);
        }
    }
    let usd = |pico: i128| sample_account::ledger::line::usd(pico).round_dp(2);
    let answer = ask(TODAY, json!({})).await;
    let cache = answer.get("cache").unwrap().as_object().unwrap();
    assert_eq!(amount(cache, "reads_saved_usd"), usd(reads));
    assert_eq!(amount(cache, "write_premium_usd"), usd(premium));
    assert_eq!(amount(cache, "saved_usd"), usd(reads - premium));
}

fn is_global(line: &Line) -> bool {
    let kind = line
        .attributes
        .inference_type
        .as_deref()
        .unwrap_or_default();
    kind.contains("global")
}

#[tokio::test]
async fn pages_add_up_to_the_whole() {
    let whole = ask(TODAY, json!({"by": ["model", "region"], "detail": "full"})).await;
    let mut seen = BTreeMap::new();
    let mut cursor: Option<Value> = None;
    loop {
        let mut arguments = json!({"by": ["model", "region"], "detail": "full", "limit": 7});
        if let (Some(cursor), Some(arguments)) = (&cursor, arguments.as_object_mut()) {
            arguments.insert("cursor".to_owned(), cursor.clone());
        }
        let page = ask(TODAY, arguments).await;
        seen.extend(rows(&page, &["model", "region"]));
        cursor = page.get("next_cursor").cloned();
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, rows(&whole, &["model", "region"]));
    assert!(seen.len() > 14);
}

#[tokio::test]
async fn pages_that_were_not_read_are_told() {
    let answer = ask(TODAY, json!({"by": ["day", "model"], "max_pages": 1})).await;
    assert!(codes(&answer).contains(&"pages_cut"));
    assert!(!text(&answer, "partial").is_empty());
}
