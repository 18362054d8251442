//! `monitoring_plan` against the simulated account, whose ledger is the truth.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::{
    aws::Aws,
    tools::on_sample::{self, records},
};
use bedrock_cost::monitoring::{Need, Signal};
use jiff::civil::{Date, date};
use sample_account::ledger::{Ledger, line::Line};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const TODAY: &str = "2026-11-22";
const GUIDE_DAY: &str = "2024-12-05";
/// Eight weeks before today.
const FROM: Date = date(2026, 9, 27);
const TO: Date = date(2026, 11, 22);

async fn ask(aws: &Aws, arguments: Value) -> Map<String, Value> {
    match on_sample::call(aws, Arguments::NAME, arguments).await {
        Ok(answer) => answer,
        Err(error) => unreachable!("{}", error.to_text()),
    }
}

fn texts<'a>(answer: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    let list = answer.get(name).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn codes(answer: &Map<String, Value>) -> Vec<&str> {
    let list = answer.get("warnings").and_then(Value::as_array);
    let codes = list.into_iter().flatten().map(|one| one.get("code"));
    codes.filter_map(|code| code?.as_str()).collect()
}

/// What was asked of AWS, in order of name.
fn operations(aws: &Aws) -> Vec<String> {
    let journal = aws.sample_account().journal();
    let mut all: Vec<String> = journal.into_iter().map(|entry| entry.operation).collect();
    all.sort();
    all
}

fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}

/// What the ledger has of Bedrock, before credits and refunds, by something of each charge.
fn ledger<K: Ord>(key: impl Fn(&Line, Date) -> K) -> BTreeMap<K, Decimal> {
    let ledger = Ledger::new(on_sample::account(TODAY).settings().now());
    let mut out = BTreeMap::new();
    for charge in ledger.daily(
        sample_account::ledger::calendar::Day::from(FROM),
        sample_account::ledger::calendar::Day::from(TO),
    ) {
        let line = charge.line;
        let is_back = ["Credit", "Refund"].contains(&line.record_type);
        if bedrock_cost::service_name::is_bedrock_service(&line.service) && !is_back {
            *out.entry(key(line, charge.day.date()))
                .or_insert(Decimal::ZERO) += charge.unblended();
        }
    }
    out
}

#[tokio::test]
async fn the_gaps_of_the_account_are_those_that_were_planted() {
    let answer = ask(&on_sample::account(TODAY), json!({})).await;
    let cost = ledger(|line, _| line.service == "Amazon Bedrock");
    let agents = ledger(|line, _| line.service == "Amazon Bedrock AgentCore");
    let total: Decimal = cost.values().sum();
    let percent = |part: Decimal| (part * Decimal::ONE_HUNDRED / total).floor();
    let gaps = texts(&answer, "gaps");
    assert_eq!(
        gaps,
        [
            &format!(
                "no budget counts all of Bedrock: generative-ai-monthly does not count {}% of Bedrock's cost: \
                 Amazon Bedrock AgentCore",
                percent(*agents.get(&true).unwrap())
            ),
            // Set when the account was small.
            "Bedrock-TokenUsage-Input-Daily: it has been ringing for 30 days",
            "no alarm on InvocationClientErrors of us-east-1",
            "10 models have no alarm that tells of a dear day",
        ]
    );
    let flaws = texts(&answer, "flaws");
    let (claude, pilot) = (flaws.first().unwrap(), flaws.get(1).unwrap());
    let blind = format!(
        "budget bedrock-monthly: does not count {}% of Bedrock's cost: Claude",
        percent(*cost.get(&false).unwrap())
    );
    assert!(claude.starts_with(&blind), "{claude} / {blind}");
    assert!(
        pilot.starts_with("alarm Bedrock-TokenUsage-TitanPremier: "),
        "{pilot}"
    );
    assert_eq!(flaws.len(), 2);
}

#[tokio::test]
async fn the_limit_of_the_budget_stands_on_the_ledgers_days() {
    let aws = on_sample::account(TODAY);
    let answer = ask(&aws, json!({"detail": "full"})).await;
    let row = records(&answer)
        .into_iter()
        .find(|row| row.get("new") == Some(&json!("budget")))
        .unwrap();
    let mut days: Vec<Decimal> = ledger(|_, day| day).into_values().collect();
    assert_eq!(days.len(), 56);
    days.sort();
    let middle = |days: &[Decimal]| (days[27] + days[28]) / Decimal::TWO;
    let median = middle(&days);
    let mut distances: Vec<Decimal> = days.iter().map(|day| (*day - median).abs()).collect();
    distances.sort();
    let month = (median + middle(&distances)) * Decimal::from(31);
    // To two digits of a figure with five.
    let thousand = Decimal::ONE_THOUSAND;
    assert!(
        month > Decimal::from(10_000) && month < Decimal::from(100_000),
        "{month}"
    );
    assert_eq!(
        decimal(row.get("above").unwrap()),
        (month / thousand).ceil() * thousand
    );
    let names = row.get("of").unwrap().as_str().unwrap();
    for service in ledger(|line, _| line.service.clone()).into_keys() {
        assert!(
            names.split(" | ").any(|one| one == service),
            "{service}: {names}"
        );
    }
}

#[tokio::test]
async fn four_answers_are_billed_and_three_where_no_budget_is_needed() {
    let of_guide_day = [
        "DescribeAlarms",
        "DescribeBudgets",
        "DescribeNotificationsForBudget",
        "DescribeNotificationsForBudget",
        "DescribeNotificationsForBudget",
        "DescribeNotificationsForBudget",
        "GetAnomalyMonitors",
        "GetAnomalySubscriptions",
        "GetCallerIdentity",
        "GetCostAndUsage",
        "GetMetricData",
        "ListMetrics",
    ];
    for (day, billed, more) in [
        (GUIDE_DAY, 3, vec![]),
        // What days cost, for the limit of a budget; and which models application profiles are of.
        (TODAY, 4, vec!["GetCostAndUsage", "ListInferenceProfiles"]),
    ] {
        let aws = on_sample::account(day);
        let answer = ask(&aws, json!({})).await;
        let mut expected: Vec<&str> = of_guide_day.to_vec();
        expected.extend(more);
        expected.sort_unstable();
        assert_eq!(operations(&aws), expected, "{day}");
        assert_eq!(answer.get("aws_requests"), Some(&json!(expected.len())));
        let journal = aws.sample_account().journal();
        let metrics = journal
            .iter()
            .find(|entry| entry.operation == "GetMetricData")
            .and_then(|entry| entry.input.as_ref()?.get("MetricDataQueries")?.as_array())
            .unwrap();
        // 0.01 USD an answer of Cost Explorer, 0.01 USD for 1,000 metrics.
        let price =
            Decimal::new(billed, 2) + Decimal::new(i64::try_from(metrics.len()).unwrap(), 5);
        assert_eq!(decimal(answer.get("aws_cost_usd").unwrap()), price);
    }
}

#[tokio::test]
async fn applied_to_the_account_the_plan_leaves_no_gap() {
    for (day, region) in [
        (TODAY, "us-east-1"),
        (TODAY, "eu-central-1"),
        (GUIDE_DAY, "us-east-1"),
        (GUIDE_DAY, "us-west-2"),
    ] {
        let call = Call::new(on_sample::account(day), None);
        let target = asking::target(Some(region), None).unwrap();
        let question = Question::read(&Arguments::default(), call.today()).unwrap();
        let mut found = read::all(&call, &target, region, question.period)
            .await
            .unwrap();
        let before = Coverage::of(&found.existing, &found.usage);
        assert!(!before.gaps.is_empty(), "{day} {region}");
        if before.needs_spend_by_day() {
            read::spend_by_day(&call, &target, &mut found).await;
        }
        let plan = Plan::of(&before, &found.existing, &found.usage);
        assert_eq!(plan.open, []);
        let after = Coverage::of(&plan.applied_to(&found.existing), &found.usage);
        assert_eq!(after.gaps, [], "{day} {region}");
        assert_eq!(after.met.len(), before.met.len() + before.gaps.len());
        // What exists in vain is left for its owner to mend.
        assert_eq!(after.flaws, before.flaws);
    }
}

#[tokio::test]
async fn the_spike_is_above_the_threshold_and_ordinary_days_are_not() {
    let call = Call::new(on_sample::account(TODAY), None);
    let target = asking::target(None, None).unwrap();
    let question = Question::read(&Arguments::default(), call.today()).unwrap();
    let found = read::all(&call, &target, "us-east-1", question.period)
        .await
        .unwrap();
    let coverage = Coverage::of(&found.existing, &found.usage);
    let plan = Plan::of(&coverage, &found.existing, &found.usage);
    let alarm = |need: Need| plan.alarms.iter().find(|one| one.need == need).unwrap();
    let spiked = alarm(Need::Model("us.anthropic.claude-sonnet-5-5".to_owned()));
    let distribution = &spiked.threshold.distribution;
    assert!(distribution.highest > distribution.median * Decimal::from(10));
    assert!(
        (1..=5).contains(&spiked.threshold.rings),
        "{}",
        spiked.threshold.rings
    );
    assert_eq!(alarm(Need::Region(Signal::Input)).threshold.rings, 0);
    // Application profiles are called as their owners call them.
    assert!(
        plan.alarms
            .iter()
            .any(|one| one.name == "bedrock-cost-daily-search-sonnet-4-5")
    );
}

#[tokio::test]
async fn what_may_not_be_read_is_said_and_the_rest_is_answered() {
    let aws = on_sample::account(TODAY);
    aws.sample_account()
        .deny(["ce:GetAnomalyMonitors", "cloudwatch:DescribeAlarms"]);
    let answer = ask(&aws, json!({})).await;
    let warnings = answer.get("warnings").unwrap().to_string();
    for action in ["ce:GetAnomalyMonitors", "cloudwatch:DescribeAlarms"] {
        assert!(warnings.contains(action), "{warnings}");
    }
    assert_eq!(
        codes(&answer)
            .iter()
            .filter(|code| **code == "not_read")
            .count(),
        3
    );
    let gaps = texts(&answer, "gaps");
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps.first().unwrap().starts_with("no budget"), "{gaps:?}");
    // Nothing can be said about alarms that were not read.
    let kinds: Vec<_> = records(&answer)
        .iter()
        .map(|row| row.get("new").cloned())
        .collect();
    assert_eq!(kinds, [Some(json!("budget")), Some(json!("dashboard"))]);

    let aws = on_sample::account(TODAY);
    aws.sample_account()
        .deny(["ce:GetCostAndUsage", "budgets:ViewBudget"]);
    let answer = ask(&aws, json!({})).await;
    let gaps = texts(&answer, "gaps").join("; ");
    assert!(
        !gaps.contains("budget") && gaps.contains("models"),
        "{gaps}"
    );

    let aws = on_sample::account(TODAY);
    aws.sample_account().deny([
        "ce:GetAnomalyMonitors",
        "ce:GetCostAndUsage",
        "sts:GetCallerIdentity",
        "budgets:ViewBudget",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:ListMetrics",
    ]);
    let error = on_sample::call(&aws, Arguments::NAME, json!({}))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "access_denied", "{error}");
}

#[tokio::test]
async fn texts_are_given_in_the_language_asked_for() {
    let aws = on_sample::account(TODAY);
    for (format, opens) in [
        ("cloudformation", "AWSTemplateFormatVersion: "),
        ("YAML", "AWSTemplateFormatVersion: "),
        ("terraform", "# Terraform"),
        ("tf", "# Terraform"),
        ("cli", "set -eu\n"),
    ] {
        let answer = ask(
            &aws,
            json!({"format": format, "notify": "finops@example.com"}),
        )
        .await;
        let text = answer.get("text").and_then(Value::as_str).unwrap();
        assert!(text.starts_with(opens), "{format}: {text}");
        assert!(text.contains("finops@example.com"), "{format}");
        assert_eq!(answer.get("rows"), None, "the text says what the rows say");
        assert!(codes(&answer).contains(&"dashboards_not_read"));
    }
    assert_eq!(ask(&aws, json!({})).await.get("text"), None);
}

#[tokio::test]
async fn wrong_arguments_and_dry_runs_are_not_billed() {
    let aws = on_sample::account(TODAY);
    for (wrong, says) in [
        (
            json!({"format": "pulumi"}),
            "cloudformation, terraform or cli",
        ),
        (json!({"notify": "finops"}), "arn:aws:sns"),
        (
            json!({"notify": "a@example.com; rm -rf ~"}),
            "finops@example.com",
        ),
        (json!({"weeks": 1}), "from 2"),
        (json!({"weeks": 27}), "from 2 to 26"),
        (json!({"region": "mars-north-1"}), "region"),
        (json!({"limit": 0}), "limit"),
    ] {
        let error = on_sample::call(&aws, Arguments::NAME, wrong.clone())
            .await
            .unwrap_err();
        assert_eq!(error.code(), "invalid_argument", "{wrong}");
        assert!(error.to_text().contains(says), "{wrong}: {error}");
    }
    let dry = ask(&aws, json!({"dry_run": true})).await;
    assert_eq!(dry.get("price_usd").unwrap().to_string(), "0.04");
    assert_eq!(operations(&aws), Vec::<String>::new());
}

#[tokio::test]
async fn a_region_without_models_has_no_need_of_alarms() {
    let answer = ask(
        &on_sample::account(GUIDE_DAY),
        json!({"region": "sa-east-1"}),
    )
    .await;
    assert_eq!(texts(&answer, "gaps"), ["none that could be found"]);
    let rows = records(&answer);
    assert_eq!(rows.len(), 1, "{rows:?}");
}
