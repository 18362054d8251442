//! The bill beside the metrics: every gap of the account's ledger, with its reason.

use super::*;
use sample_account::{
    Disturbance, FaultPlan, FaultRule,
    ledger::{Endpoint, calendar::midnight, line::Tokens, place::Account},
};

/// Tokens by model and kind: what the payer was billed for, what its metrics counted, and what of the bill was batch.
type Sides = BTreeMap<(String, String), [u64; 3]>;

fn kind(tokens: Tokens) -> &'static str {
    match tokens {
        Tokens::Input => "input",
        Tokens::Output => "output",
        Tokens::CacheRead => "cache_read",
        Tokens::CacheWrite5m | Tokens::CacheWrite1h => "cache_write",
    }
}

/// The tokens of each workload of the payer, by what it was asked through: batch jobs leave no metrics.
fn sides((from, to): (Date, Date)) -> Sides {
    let ledger = Ledger::new(on_sample::account(TODAY).settings().now());
    let mut sides = Sides::new();
    for workload in ledger.workloads() {
        if workload.stream.account != Account::PAYER {
            continue;
        }
        let did = ledger.activity_of(workload, midnight(from), midnight(to));
        for (tokens, count) in [
            (Tokens::Input, did.input),
            (Tokens::Output, did.output),
            (Tokens::CacheRead, did.cache_read),
            (Tokens::CacheWrite5m, did.cache_write),
        ] {
            if count == 0 {
                continue;
            }
            let model = workload.stream.model.name.replace("Nova 2.0", "Nova 2");
            let side = sides.entry((model, kind(tokens).to_owned())).or_default();
            side[0] += count;
            if workload.endpoint == Endpoint::Batch {
                side[2] += count;
            } else {
                side[1] += count;
            }
        }
    }
    sides
}

async fn reconciled(arguments: Value) -> (Map<String, Value>, Map<String, Value>) {
    let answer = ask(TODAY, arguments).await;
    let found = answer["reconciliation"].as_object().unwrap().clone();
    (answer, found)
}

#[tokio::test]
async fn batch_is_the_gap_of_a_closed_month_and_nothing_else_is() {
    let (answer, found) = reconciled(json!({"reconcile": true, "detail": "full"})).await;
    let sides = sides(OCTOBER);
    let sum = |at: usize| -> Decimal { sides.values().map(|side| Decimal::from(side[at])).sum() };
    assert_eq!(amount(&found, "billed_tokens"), sum(0));
    assert_eq!(amount(&found, "metered_tokens"), sum(1));
    assert_eq!(amount(&found, "batch_tokens"), sum(2));
    assert_eq!(amount(&found, "unexplained_tokens"), Decimal::ZERO);
    let rows: BTreeMap<(String, String), [Decimal; 3]> = records(&found)
        .iter()
        .map(|row| {
            assert_eq!(
                text(row, "likely_reason"),
                "batch jobs are not in the metrics"
            );
            let key = (
                text(row, "model").to_owned(),
                text(row, "token_type").to_owned(),
            );
            (
                key,
                ["billed", "metered", "gap"].map(|name| amount(row, name)),
            )
        })
        .collect();
    let expected: BTreeMap<_, _> = sides
        .iter()
        .filter(|(_, side)| side[2] > 0)
        .map(|(key, side)| (key.clone(), side.map(Decimal::from)))
        .collect();
    assert!(expected.len() > 4);
    assert_eq!(rows, expected);
    let equal = sides.len() - expected.len();
    assert_eq!(
        text(&found, "equal"),
        format!("{equal} of {} kinds of tokens of models", sides.len())
    );
    // A model that was called last on October 13 is compared too, though no list of metrics names it any more.
    assert!(sides.contains_key(&("Claude Sonnet 4".to_owned(), "input".to_owned())));
    assert!(amount(&found, "of_other_accounts_tokens") > Decimal::ZERO);
    assert!(!codes(&answer).contains(&"not_reconciled"));
}

#[tokio::test]
async fn of_a_month_that_is_not_over_the_days_before_today_are_compared() {
    let (_, found) =
        reconciled(json!({"reconcile": true, "start_date": "month_to_date", "detail": "full"}))
            .await;
    let sides = sides((date(2026, 11, 1), date(2026, 11, 22)));
    let metered: Decimal = sides.values().map(|side| Decimal::from(side[1])).sum();
    assert_eq!(amount(&found, "metered_tokens"), metered);
    assert_eq!(amount(&found, "unexplained_tokens"), Decimal::ZERO);
}

#[tokio::test]
async fn it_costs_one_billed_request_and_metrics() {
    let operations = |aws: &crate::aws::Aws| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for entry in aws.sample_account().journal() {
            *counts.entry(entry.operation).or_default() += 1;
        }
        counts
    };
    let without = on_sample::account(TODAY);
    on_sample::call(&without, Arguments::NAME, json!({}))
        .await
        .unwrap();
    let with = on_sample::account(TODAY);
    let answer = on_sample::call(&with, Arguments::NAME, json!({"reconcile": true}))
        .await
        .unwrap();
    let (without, with_it) = (operations(&without), operations(&with));
    assert_eq!(with_it["GetCostAndUsage"], without["GetCostAndUsage"] + 1);
    // Four regions, each listed, its profiles too, and read in one request of up to 500 metrics or two.
    assert_eq!(
        (with_it["ListMetrics"], with_it["ListInferenceProfiles"]),
        (4, 4)
    );
    assert!(with_it["GetMetricData"] <= 5, "{with_it:?}");
    let charged = with.sample_account().counters().charge_usd;
    assert_eq!(number(&answer["aws_cost_usd"]), charged);
}

#[tokio::test]
async fn a_region_that_was_not_read_is_a_reason() {
    let aws = on_sample::account(TODAY);
    let rule = FaultRule::nth("cloudwatch:ListMetrics", 1, Disturbance::ExpiredToken);
    aws.sample_account().inject(FaultPlan::from_iter([rule]));
    let answer = on_sample::call(
        &aws,
        Arguments::NAME,
        json!({"reconcile": true, "detail": "full"}),
    )
    .await
    .unwrap();
    let found = answer["reconciliation"].as_object().unwrap();
    assert!(codes(&answer).contains(&"no_credentials"));
    assert!(amount(found, "unread_tokens") > Decimal::ZERO);
    assert_eq!(amount(found, "unexplained_tokens"), Decimal::ZERO);
    assert!(
        records(found)
            .iter()
            .any(|row| text(row, "likely_reason").contains("a region was not read"))
    );
}

#[tokio::test]
async fn without_metrics_the_bill_stands() {
    let aws = on_sample::account(TODAY);
    aws.sample_account().deny(["cloudwatch:GetMetricData"]);
    let answer = on_sample::call(&aws, Arguments::NAME, json!({"reconcile": true}))
        .await
        .unwrap();
    assert_eq!(
        codes(&answer)
            .iter()
            .filter(|code| **code == "not_reconciled")
            .count(),
        1
    );
    assert_eq!(amount(&answer, "total_usd"), total(TODAY, OCTOBER, usage));
}
