//! Questions about the whole bill: Bedrock's part is beside it, and what credits hide is said.

use super::*;
use bedrock_cost::service_name::is_bedrock_service;

/// What the ledger says of a period: all, Bedrock's part, Marketplace's part of that, and what was given back.
struct Truth {
    total: Decimal,
    bedrock: Decimal,
    marketplace: Decimal,
    back: Decimal,
}

fn truth(as_of: Date, from: Date, to: Date) -> Truth {
    let sum = |fits: fn(&Charge<'_>) -> bool| ledger(as_of, from, to, fits);
    Truth {
        total: sum(|_| true),
        bedrock: sum(|charge| is_bedrock_service(&charge.line.service)),
        marketplace: sum(|charge| charge.line.service.ends_with("(Amazon Bedrock Edition)")),
        back: sum(|charge| matches!(charge.line.record_type, "Credit" | "Refund")),
    }
}

fn message(answer: &Answered, code: &str) -> String {
    let warnings = at(answer, "warnings").as_array().unwrap();
    let found = warnings.iter().find(|warning| warning["code"] == code);
    found.unwrap()["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn bedrock_s_part_and_the_gross_stand_beside_the_bill() {
    let (from, to) = (date(2024, 11, 1), date(2024, 12, 1));
    let truth = truth(DECEMBER, from, to);
    assert!(truth.back < Decimal::ZERO && truth.marketplace > Decimal::ZERO);
    for (more, requests) in [
        (json!({}), 1),
        (json!({"group_by": "SERVICE"}), 1),
        (json!({"group_by": "RECORD_TYPE"}), 1),
        // A second page of days, or a second request, and no third.
        (json!({"group_by": "SERVICE", "granularity": "DAILY"}), 2),
        (json!({"granularity": "DAILY"}), 2),
    ] {
        let mut question = json!({"start_date": "2024-11-01", "end_date": "2024-12-01"});
        for (name, value) in more.as_object().unwrap() {
            question[name] = value.clone();
        }
        let answer = ask(DECEMBER, question).await.unwrap();
        assert_eq!(number(at(&answer, "total/UnblendedCost")), truth.total);
        assert_eq!(
            number(at(&answer, "bedrock/total_usd")),
            truth.bedrock,
            "{more}"
        );
        assert_eq!(
            number(at(&answer, "bedrock/marketplace_usd")),
            truth.marketplace
        );
        let gross = truth.total - truth.back;
        assert_eq!(number(at(&answer, "gross_usd")), gross.round_dp(2));
        assert_eq!(number(at(&answer, "credits_and_refunds_usd")), truth.back);
        let credits = message(&answer, "credits");
        for amount in [gross, truth.total] {
            assert!(
                credits.contains(&amount.round_dp(2).to_string()),
                "{credits}"
            );
        }
        assert_eq!(at(&answer, "aws_requests"), &json!(requests), "{more}");
        assert!(answer.headline.contains("of it Bedrock"));
    }
}

#[tokio::test]
async fn the_sums_of_rows_and_periods_are_those_of_the_question_asked() {
    let question = json!({"start_date": "2024-09-01", "end_date": "2024-12-01", "granularity": "MONTHLY", "detail": "full"});
    let answer = ask(DECEMBER, question).await.unwrap();
    let rows = on_sample::records(&answer.json);
    for (row, month) in rows.iter().zip([9, 10, 11]) {
        let from = date(2024, month, 1);
        let expected = truth(DECEMBER, from, date(2024, month + 1, 1)).total;
        assert_eq!(row["start"], from.to_string());
        assert_eq!(number(&row["UnblendedCost"]), expected);
    }
    assert_eq!(rows.len(), 3);
    // The request that was sent is the one shown.
    assert_eq!(
        at(&answer, "effective_request/GroupBy"),
        &json!([{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "RECORD_TYPE"}])
    );
}

#[tokio::test]
async fn what_was_asked_exactly_stays_so() {
    let question = json!({"start_date": "2024-11-01", "end_date": "2024-12-01", "bedrock_scope": "exact", "detail": "full"});
    let answer = ask(DECEMBER, question).await.unwrap();
    for absent in ["bedrock", "gross_usd", "effective_request/GroupBy"] {
        assert_eq!(at(&answer, absent), &Value::Null, "{absent}");
    }
    assert_eq!(at(&answer, "aws_requests"), &json!(1));
}

#[tokio::test]
async fn a_total_below_nothing_names_its_cause_and_no_dearest() {
    // Only what was given back: the filter is another way to a day of a refund larger than its usage.
    let back = json!({"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit", "Refund"]}});
    let question = json!({"start_date": "2026-11-01", "end_date": "2026-11-10", "granularity": "DAILY", "group_by": "SERVICE", "filters": back});
    let answer = ask(TODAY, question).await.unwrap();
    assert!(number(at(&answer, "total/UnblendedCost")) < Decimal::ZERO);
    assert!(!answer.headline.contains("most for"), "{}", answer.headline);
    let rows = on_sample::records(&answer.json);
    // The refund of 5 November is the largest thing there is, and comes first.
    assert_eq!(
        rows.first().unwrap()["service"],
        "Claude Sonnet 5.5 (Amazon Bedrock Edition)"
    );

    let question = json!({"start_date": "2026-11-01", "end_date": "2026-11-10", "granularity": "DAILY", "group_by": "SERVICE"});
    let answer = ask(TODAY, question).await.unwrap();
    let credits = message(&answer, "credits");
    assert!(
        credits.contains("-900 of Claude Sonnet 5.5") && credits.contains("on 2026-11-05"),
        "{credits}"
    );
}

#[tokio::test]
async fn a_dry_run_names_the_second_request() {
    let question = json!({"start_date": "2024-11-01", "end_date": "2024-12-01", "granularity": "DAILY", "dry_run": true});
    let answer = ask(DECEMBER, question).await.unwrap();
    assert_eq!(at(&answer, "price_usd"), &json!(0.02));
    let requests = at(&answer, "effective_request").as_array().unwrap();
    assert_eq!(requests[1]["request"]["Granularity"], "MONTHLY");
}

#[tokio::test]
async fn a_second_request_that_fails_leaves_the_bill_as_it_is() {
    let account = aws(DECEMBER);
    let rule: sample_account::FaultRule = "ce:GetCostAndUsage#2-4=throttle".parse().unwrap();
    account.sample_account().inject(vec![rule].into());
    let question =
        json!({"start_date": "2024-11-01", "end_date": "2024-12-01", "granularity": "DAILY"});
    let answer = on_sample::call(&account, Arguments::NAME, question)
        .await
        .unwrap();
    let text = answer["warnings"].to_string();
    assert!(
        text.contains("scope_not_checked") && !text.contains("are not in these figures"),
        "{text}"
    );
    let expected = truth(DECEMBER, date(2024, 11, 1), date(2024, 12, 1)).total;
    assert_eq!(number(&answer["total"]["UnblendedCost"]), expected);
}
