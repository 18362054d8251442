//! The calls of the guide, as they are written there: what each answers, what each sends to AWS, and that the
//! figures are the ledger's.

use crate::{
    account::Account,
    client::{Client, Era},
    http::Http,
    program::{root, run},
    stdio::Stdio,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use sample_account::ledger::{Activity, Endpoint, line::Line};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs};

/// The account that is asked; its budgets, alarms and metrics are its own.
const PAYER: &str = "111122223333";
const HAIKU: &str = "anthropic.claude-3-haiku-20240307-v1:0";

/// The AWS requests of each call by operation, as of 2024-12-05; for the refused one, those of its corrected request.
const SENT: [&[(&str, u64)]; 14] = [
    // Its own question, and the one that finds what AWS bills under other service names.
    &[("ce:GetCostAndUsage", 2)],
    &[("ce:GetCostAndUsage", 2)],
    // Three service codes in two regions; the filter matches nothing in any, so the values that exist are asked for,
    // and the prices once more without it.
    &[
        ("pricing:GetAttributeValues", 3),
        ("pricing:GetProducts", 12),
    ],
    &[("cloudwatch:GetMetricStatistics", 1)],
    &[("cloudwatch:GetMetricData", 1)],
    // The models that have data are named where the call names none.
    &[
        ("cloudwatch:GetMetricData", 1),
        ("cloudwatch:ListMetrics", 1),
    ],
    &[
        ("cloudwatch:GetMetricStatistics", 1),
        ("cloudwatch:ListMetrics", 1),
    ],
    &[("ce:GetCostAndUsage", 2)],
    &[
        ("cloudwatch:GetMetricStatistics", 1),
        ("cloudwatch:ListMetrics", 1),
    ],
    &[("ce:GetCostAndUsage", 2)],
    &[("ce:GetCostAndUsage", 2)],
    // Budgets belong to an account, so who asks is asked first.
    &[("budgets:DescribeBudgets", 1), ("sts:GetCallerIdentity", 1)],
    // Without a monitor an empty list would mean nothing.
    &[("ce:GetAnomalies", 1), ("ce:GetAnomalyMonitors", 1)],
    &[("cloudwatch:DescribeAlarms", 1)],
];
/// The call for a month of hours, counted from 1: Cost Explorer keeps hours for 14 days.
const HOURLY: usize = 10;

struct GuideCall {
    tool: String,
    arguments: Value,
}

/// Reads the calls as a person would: everything between `usePower(` and the bracket that closes it is JSON.
fn calls() -> Vec<GuideCall> {
    let text = fs::read_to_string(root().join("examples/guide-calls.md")).unwrap();
    let mut calls = Vec::new();
    for part in text.split("usePower(").skip(1) {
        let inner = part.split("\n})").next().unwrap();
        let parts: Vec<Value> = serde_json::from_str(&format!("[{inner}\n}}]")).unwrap();
        calls.push(GuideCall {
            tool: parts[2].as_str().unwrap().to_owned(),
            arguments: parts[3].clone(),
        });
    }
    assert_eq!(calls.len(), 14);
    calls
}

/// What became of a call: its answer, whether it took a corrected request, and what was sent to AWS.
struct Outcome {
    answer: Value,
    corrected: bool,
    sent: BTreeMap<String, u64>,
}

/// What a refusal may ask, free of charge: which models are in use, so that the request it offers has data.
const FREE: &str = "cloudwatch:ListMetrics";

/// Makes a call, and where it is refused the one offered instead. A refusal sends nothing that AWS bills.
#[track_caller]
fn make(client: &mut impl Client, account: &Account, call: &GuideCall) -> Outcome {
    account.forget();
    let first = client.call(&call.tool, &call.arguments);
    let corrected = first.is_error;
    let answer = if corrected {
        let sent = account.requests_by_operation();
        assert!(sent.keys().all(|operation| operation == FREE), "{sent:?}");
        account.forget();
        let request = &first.facts["corrected_request"];
        assert_eq!(request["tool"], call.tool, "{}", first.text);
        client.call(&call.tool, &request["arguments"]).answer()
    } else {
        first.answer()
    };
    let sent = account.requests_by_operation();
    let counted: u64 = sent.values().sum();
    assert_eq!(answer["aws_requests"], counted, "{answer}");
    assert_eq!(account.broken_outputs(), 0, "the account broke AWS's model");
    Outcome {
        answer,
        corrected,
        sent,
    }
}

/// Makes every call; gives the outcomes by number, from 1.
fn make_all(client: &mut impl Client, account: &Account) -> BTreeMap<usize, Outcome> {
    calls()
        .iter()
        .enumerate()
        .map(|(index, call)| (index + 1, make(client, account, call)))
        .collect()
}

fn has_rows(answer: &Value) -> bool {
    answer["rows"]
        .as_array()
        .is_some_and(|rows| !rows.is_empty())
}

fn check_2024(outcomes: &BTreeMap<usize, Outcome>, account: &Account) {
    for (number, outcome) in outcomes {
        assert_eq!(outcome.corrected, *number == HOURLY, "call {number}");
        assert!(
            has_rows(&outcome.answer),
            "call {number}: {}",
            outcome.answer
        );
        let sent: BTreeMap<String, u64> = SENT[number - 1]
            .iter()
            .map(|(operation, times)| ((*operation).to_owned(), *times))
            .collect();
        assert_eq!(outcome.sent, sent, "call {number}");
    }
    check_figures(outcomes, account);
}

#[test]
fn every_call_is_answered_over_stdio_in_each_era() {
    let account = Account::at("2024-12-05");
    for era in Era::ALL {
        let mut client = Stdio::open(era, Some(&account), &[]);
        check_2024(&make_all(&mut client, &account), &account);
        assert_eq!(client.close().code(), Some(0));
    }
}

#[test]
fn every_call_is_answered_over_http_in_each_era() {
    let account = Account::at("2024-12-05");
    for era in Era::ALL {
        let mut client = Http::open(era, Some(&account), &[]);
        check_2024(&make_all(&mut client, &account), &account);
    }
}

#[test]
fn two_years_later_every_call_is_answered_or_offered_one_that_is() {
    let account = Account::at("2026-11-22");
    let mut client = Stdio::open(Era::Modern, Some(&account), &[]);
    let outcomes = make_all(&mut client, &account);
    for (number, Outcome { answer, .. }) in &outcomes {
        assert!(has_rows(answer), "call {number}: {answer}");
    }
    // Months are kept for 38 months, days for 14, metrics for 455 days and anomalies for 90.
    let corrected: Vec<usize> = outcomes
        .iter()
        .filter(|(_, outcome)| outcome.corrected)
        .map(|(number, _)| *number)
        .collect();
    assert_eq!(corrected, [2, 4, 5, 6, 7, 9, HOURLY, 13]);
}

/// The charges of November 2024 on the lines that are wanted.
fn charged(account: &Account, wanted: impl Fn(&Line) -> bool) -> Decimal {
    let day = |text: &str| -> Date { text.parse().unwrap() };
    account
        .ledger()
        .records(day("2024-11-01"), day("2024-12-01"))
        .filter(|charge| wanted(charge.line))
        .map(|charge| charge.unblended())
        .sum()
}

/// A count over the payer's requests in us-east-1 in November 2024, of one model or all.
fn counted(account: &Account, model: Option<&str>, count: impl Fn(&Activity<'_>) -> u64) -> u64 {
    let instant = |text: &str| text.parse().unwrap();
    account
        .ledger()
        .activity(
            instant("2024-11-01T00:00:00Z"),
            instant("2024-12-01T00:00:00Z"),
        )
        .filter(|activity| activity.endpoint == Endpoint::Runtime)
        .filter(|activity| activity.account.id() == PAYER && activity.region.code() == "us-east-1")
        .filter(|activity| model.is_none_or(|model| activity.model_id == model))
        .map(|activity| count(&activity))
        .sum()
}

/// An amount as an answer writes it, a number or text.
#[track_caller]
fn amount(value: &Value) -> Decimal {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    Decimal::from_str_exact(&text).unwrap_or_else(|_| panic!("{value} is no amount"))
}

/// A ratio as an answer writes it, to six significant digits.
#[track_caller]
fn check_ratio(value: &Value, over: u64, under: u64) {
    let expected = Decimal::from(over) / Decimal::from(under);
    assert_eq!(
        amount(value),
        expected.round_sf(6).unwrap().normalize(),
        "{over} / {under}"
    );
}

/// Compares the answers with the ledger, which no tool has seen.
fn check_figures(outcomes: &BTreeMap<usize, Outcome>, account: &Account) {
    let answer = |number: usize| &outcomes[&number].answer;
    let bedrock = charged(account, |line| line.service == "Amazon Bedrock");
    let all_bedrock = charged(account, Line::is_bedrock);
    assert!(bedrock > Decimal::ZERO && all_bedrock > bedrock);
    for number in [1, 2, 8, 10] {
        assert_eq!(amount(&answer(number)["total"]["UnblendedCost"]), bedrock);
        let both = &answer(number)["bedrock"];
        assert_eq!(amount(&both["as_requested_usd"]), bedrock);
        assert_eq!(amount(&both["with_all_bedrock_usd"]), all_bedrock);
        assert_eq!(amount(&both["difference_usd"]), all_bedrock - bedrock);
    }
    let around = [
        "Amazon Bedrock",
        "AWS Lambda",
        "Amazon Simple Storage Service",
        "Amazon API Gateway",
    ];
    let pulled_along = charged(account, |line| around.contains(&line.service.as_str()));
    assert_eq!(amount(&answer(11)["total"]["UnblendedCost"]), pulled_along);

    let input = counted(account, Some(HAIKU), |activity| activity.input);
    let invocations = counted(account, Some(HAIKU), |activity| activity.invocations);
    assert_eq!(answer(4)["summary"]["Sum"]["total"], input);
    check_ratio(
        &answer(4)["summary"]["Average"]["overall"],
        input,
        invocations,
    );
    let summary = &answer(5)["summary"];
    assert_eq!(summary["input_tokens"]["total"], input);
    assert_eq!(summary["invocations"]["total"], invocations);
    check_ratio(
        &summary["avg_tokens_per_request"]["overall"],
        input,
        invocations,
    );

    let input = counted(account, None, |activity| activity.input);
    let read = counted(account, None, |activity| activity.cache_read);
    let written = counted(account, None, |activity| activity.cache_write);
    let summary = &answer(6)["summary"]["CacheHitRate"];
    check_ratio(&summary["overall"], read, input + read + written);
    assert_eq!(answer(9)["summary"]["Sum"]["total"], input);

    assert_eq!(answer(14)["in_every_row"]["state"], "ALARM");
    let alarms = answer(14)["rows"].as_array().unwrap();
    assert!(alarms.len() > 1);
    for alarm in alarms {
        assert!(
            alarm[0].as_str().unwrap().starts_with("Bedrock-TokenUsage"),
            "{alarm}"
        );
    }
}

#[test]
fn the_command_line_runs_the_guide_and_shows_a_table() {
    let day = ["--sample", "--as-of", "2024-12-05"];
    let table = run(
        None,
        &[&["run", "examples/guide-calls.md"][..], &day].concat(),
    );
    let closing = "14 of 14 calls answered: 13 as written, 1 refused before any request";
    assert!(table.stdout.contains(closing), "{}", table.stdout);
    assert_eq!(table.code, Some(0), "{}", table.stderr);

    let json = run(
        None,
        &[&["run", "examples/guide-calls.md", "--json"][..], &day].concat(),
    );
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["calls"].as_array().unwrap().len(), 14);
}

#[test]
fn the_power_names_the_servers_of_the_guide_and_its_own_calls_run() {
    let power = fs::read_to_string(root().join("examples/power/mcp.json")).unwrap();
    let power: Value = serde_json::from_str(&power).unwrap();
    let guide = fs::read_to_string(root().join("examples/guide-calls.md")).unwrap();
    let servers = power["mcpServers"].as_object().unwrap();
    assert_eq!(servers.len(), 3);
    for (name, server) in servers {
        assert!(guide.contains(&format!("\"{name}\"")), "{name}");
        assert_eq!(server["command"], "bedrock-cost-mcp");
        let arguments: Vec<&str> = server["args"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(
            run(None, &[&arguments[1..], &["tools"]].concat()).code,
            Some(0)
        );
    }
    let steering = "examples/power/steering/bedrock-cost.md";
    let outcome = run(
        None,
        &[
            "run",
            steering,
            "--json",
            "--sample",
            "--as-of",
            "2026-11-22",
        ],
    );
    let outcome: Value = serde_json::from_str(&outcome.stdout).unwrap();
    for call in outcome["calls"].as_array().unwrap() {
        assert_eq!(call["outcome"], "answered", "{call}");
    }
}

#[test]
fn a_call_whose_arguments_come_as_json_is_the_same_call() {
    let account = Account::at("2024-12-05");
    let mut client = Stdio::open(Era::Modern, Some(&account), &[]);
    let call = &calls()[0];
    let as_text = client.call(&call.tool, &call.arguments).answer();
    let mut plain = call.arguments.clone();
    let mut twice = call.arguments.clone();
    for name in ["group_by", "metrics", "filters"] {
        let text = call.arguments[name].as_str().unwrap();
        plain[name] = serde_json::from_str(text).unwrap();
        twice[name] = json!(json!(text).to_string());
    }
    for arguments in [plain, twice] {
        let answer = client.call(&call.tool, &arguments).answer();
        for field in ["total", "bedrock", "rows", "effective_request"] {
            assert_eq!(answer[field], as_text[field], "{field}");
        }
    }
}
