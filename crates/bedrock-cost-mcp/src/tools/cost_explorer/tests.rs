//! `cost_explorer` against the simulated account, whose ledger is the truth.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod parts;
mod whole;

use super::*;
use crate::{
    aws::Aws,
    tools::{Answered, all, on_sample},
};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use sample_account::ledger::{Charge, Ledger};

fn aws(as_of: Date) -> Aws {
    on_sample::account(&as_of.to_string())
}

async fn ask(as_of: Date, arguments: Value) -> Result<Answered, ToolError> {
    let entry = all()
        .iter()
        .find(|entry| entry.name == Arguments::NAME)
        .unwrap();
    let Value::Object(arguments) = arguments else {
        unreachable!("the cases are objects")
    };
    entry.call(arguments, Call::new(aws(as_of), None)).await
}

fn at<'a>(answer: &'a Answered, pointer: &str) -> &'a Value {
    static NOTHING: Value = Value::Null;
    let (first, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
    let value = answer.json.get(first).unwrap_or(&NOTHING);
    if rest.is_empty() {
        value
    } else {
        value.pointer(&format!("/{rest}")).unwrap_or(&NOTHING)
    }
}

fn number(value: &Value) -> Decimal {
    match value {
        Value::String(text) => text.parse().unwrap(),
        other => other.to_string().parse().unwrap(),
    }
}

fn codes(answer: &Answered) -> Vec<&str> {
    answer
        .json
        .get("warnings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|warning| warning.get("code")?.as_str())
        .collect()
}

/// The ledger's own sum over the charges of a period that fit.
fn ledger(as_of: Date, from: Date, to: Date, fits: impl Fn(&Charge<'_>) -> bool) -> Decimal {
    let ledger = Ledger::new(aws(as_of).settings().now());
    ledger
        .records(from, to)
        .filter(|charge| fits(charge))
        .map(|charge| charge.unblended())
        .sum()
}

const BEDROCK: &str = "{\"Dimensions\": {\"Key\": \"SERVICE\", \"Values\": [\"Amazon Bedrock\"]}}";
const DECEMBER: Date = date(2024, 12, 5);
const TODAY: Date = date(2026, 11, 22);

/// The question of the guide, with what a case changes.
fn guide(changes: &Value) -> Value {
    let mut arguments = json!({
        "operation": "getCostAndUsage", "start_date": "2024-11-01", "end_date": "2024-12-01",
        "granularity": "MONTHLY", "group_by": "[{\"Type\": \"DIMENSION\", \"Key\": \"SERVICE\"}]",
        "metrics": "[\"UnblendedCost\"]", "filters": BEDROCK,
    });
    for (name, value) in changes.as_object().unwrap() {
        arguments
            .as_object_mut()
            .unwrap()
            .insert(name.clone(), value.clone());
    }
    arguments
}

#[tokio::test]
async fn both_totals_of_a_service_filter_equal_the_ledger() {
    for as_of in [DECEMBER, TODAY] {
        let answer = ask(as_of, guide(&json!({}))).await.unwrap();
        let (from, to) = (date(2024, 11, 1), date(2024, 12, 1));
        let native = ledger(as_of, from, to, |charge| {
            charge.line.service == "Amazon Bedrock"
        });
        let editions = ledger(as_of, from, to, |charge| {
            charge.line.service.ends_with("(Amazon Bedrock Edition)")
        });
        assert_eq!(number(at(&answer, "total/UnblendedCost")), native);
        assert_eq!(number(at(&answer, "bedrock/as_requested_usd")), native);
        assert_eq!(
            number(at(&answer, "bedrock/with_all_bedrock_usd")),
            native + editions
        );
        assert_eq!(number(at(&answer, "bedrock/difference_usd")), editions);
        assert!(editions > Decimal::ZERO && codes(&answer).contains(&"marketplace_left_out"));
        assert_eq!(
            (at(&answer, "aws_requests"), at(&answer, "aws_cost_usd")),
            (&json!(2), &json!(0.02))
        );
    }
}

#[tokio::test]
async fn the_exact_scope_asks_one_question() {
    let answer = ask(DECEMBER, guide(&json!({"bedrock_scope": "exact"})))
        .await
        .unwrap();
    assert_eq!(at(&answer, "aws_requests"), &json!(1));
    assert_eq!(at(&answer, "bedrock"), &Value::Null);
}

#[tokio::test]
async fn usage_types_are_read_beside_their_charge() {
    let answer = ask(
        DECEMBER,
        guide(&json!({"group_by": ["USAGE_TYPE"], "limit": 100})),
    )
    .await
    .unwrap();
    let haiku = |answer: &Answered| {
        let mut rows = on_sample::records(&answer.json).into_iter();
        rows.find(|row| row["usage_type"] == "USE1-Claude3Haiku-output-tokens")
            .unwrap()
    };
    let row = haiku(&answer);
    for (column, expected) in [
        ("model", "Claude 3 Haiku"),
        ("kind", "output tokens"),
        ("tier", "standard"),
        ("routing", "regional"),
        ("region", "us-east-1"),
    ] {
        assert_eq!(row[column], expected);
    }
    let full = json!({"group_by": ["USAGE_TYPE"], "detail": "full"});
    let full = haiku(&ask(DECEMBER, guide(&full)).await.unwrap());
    assert_eq!(full["model"], "anthropic.claude-3-haiku-20240307-v1:0");
    // Every digit, of which a short answer shows the cents.
    let exact = number(&full["UnblendedCost"]);
    assert_eq!(number(&row["UnblendedCost"]), exact.round_dp(2));
    assert_ne!(number(&row["UnblendedCost"]), exact);
}

#[tokio::test]
async fn marketplace_rows_get_their_model_from_the_service() {
    let question = |groups: Value| json!({"start_date": "2024-11-01", "end_date": "2024-12-01", "granularity": "MONTHLY", "group_by": groups, "limit": 500});
    let without = ask(DECEMBER, question(json!(["USAGE_TYPE"])))
        .await
        .unwrap();
    assert!(codes(&without).contains(&"model_not_named"));
    let with = ask(DECEMBER, question(json!(["SERVICE", "USAGE_TYPE"])))
        .await
        .unwrap();
    assert!(!codes(&with).contains(&"model_not_named"));
    let rows = on_sample::records(&with.json);
    let opus = rows
        .iter()
        .find(|row| row["service"] == "Claude 3 Opus (Amazon Bedrock Edition)");
    assert_eq!(opus.unwrap()["model"], "Claude 3 Opus");
}

#[tokio::test]
async fn hours_of_a_month_are_refused_before_any_request_and_the_correction_runs() {
    let tag = "[{\"Type\": \"TAG\", \"Key\": \"ContentType\"}]";
    for (as_of, expected) in [(DECEMBER, "DAILY"), (TODAY, "MONTHLY")] {
        let error = ask(
            as_of,
            guide(&json!({"granularity": "HOURLY", "group_by": tag})),
        )
        .await
        .unwrap_err();
        assert_eq!(error.code(), "invalid_argument");
        let corrected = error.corrected().unwrap().clone();
        assert_eq!(
            corrected.arguments.get("granularity"),
            Some(&json!(expected))
        );
        let answer = ask(as_of, Value::Object(corrected.arguments))
            .await
            .unwrap();
        let tagged = ledger(as_of, date(2024, 11, 1), date(2024, 12, 1), |charge| {
            charge.line.service == "Amazon Bedrock"
        });
        assert_eq!(number(at(&answer, "total/UnblendedCost")), tagged);
        assert!(
            at(&answer, "rows").as_array().unwrap().len() > 2,
            "no tag values"
        );
    }
}

#[tokio::test]
async fn the_model_of_every_charge_is_known_from_september_2026() {
    let arguments = json!({
        "start_date": "2026-10-01", "end_date": "2026-11-01", "granularity": "MONTHLY",
        "group_by": [{"Type": "PRODUCT_ATTRIBUTE", "Key": "model"}],
    });
    let answer = ask(TODAY, arguments).await.unwrap();
    assert!(at(&answer, "rows").as_array().unwrap().len() > 5);
    let early = ask(
        DECEMBER,
        guide(&json!({"group_by": [{"Type": "PRODUCT_ATTRIBUTE", "Key": "model"}]})),
    )
    .await;
    assert_eq!(early.unwrap_err().code(), "invalid_argument");
}

#[tokio::test]
async fn names_joined_by_a_comma_are_groupings_of_their_own() {
    for groups in [json!("SERVICE,USAGE_TYPE"), json!(["service, usage_type"])] {
        let asked =
            json!({"start_date": "2024-11-01", "end_date": "2024-12-01", "group_by": groups});
        let answer = ask(DECEMBER, asked).await.unwrap();
        let columns = at(&answer, "columns").to_string();
        assert!(
            columns.starts_with(r#"["service","usage_type""#),
            "{columns}"
        );
    }
    // The model was not recorded then: what tells Marketplace's models apart is offered, and runs.
    let question =
        json!({"start_date": "2024-11-01", "end_date": "2024-12-01", "group_by": "model"});
    let error = ask(DECEMBER, question).await.unwrap_err();
    let corrected = error.corrected().unwrap().clone();
    let answer = ask(DECEMBER, Value::Object(corrected.arguments)).await;
    let answer = answer.unwrap();
    assert!(!codes(&answer).contains(&"model_not_named"));
    let columns = at(&answer, "columns").to_string();
    assert!(
        columns.starts_with(r#"["service","usage_type""#),
        "{columns}"
    );
}

#[tokio::test]
async fn a_forecast_names_its_period_and_what_is_not_in_it() {
    let question = json!({"operation": "getCostForecast"});
    let answer = ask(DECEMBER, question).await.unwrap();
    for part in [
        "2024-12-05 to 2025-01-01",
        "from 2024-12-01 until 2024-12-05",
    ] {
        assert!(answer.headline.contains(part), "{}", answer.headline);
    }
    assert!(codes(&answer).contains(&"rest_of_period"));
    // A month that has not begun has nothing behind it.
    let question = json!({"operation": "getCostForecast", "start_date": "2025-01-01", "end_date": "2025-02-01"});
    let answer = ask(DECEMBER, question).await.unwrap();
    assert!(
        answer.headline.ends_with("2025-01-01 to 2025-02-01"),
        "{}",
        answer.headline
    );
    assert!(!codes(&answer).contains(&"rest_of_period"));
}

#[tokio::test]
async fn every_operation_answers() {
    for (arguments, least) in [
        (
            json!({"operation": "getDimensionValues", "dimension": "SERVICE", "start_date": "2024-11-01", "end_date": "2024-12-01"}),
            8,
        ),
        (
            json!({"operation": "getTagsOrValues", "tag_key": "ContentType", "start_date": "2024-11-01", "end_date": "2024-12-01"}),
            2,
        ),
        (
            json!({"operation": "get_tags", "start_date": "2024-11-01", "end_date": "2024-12-01"}),
            2,
        ),
        (
            json!({"operation": "getCostForecast", "start_date": "today", "end_date": "2025-01-01", "granularity": "MONTHLY"}),
            1,
        ),
        (
            json!({"operation": "getCostAndUsageComparisons", "group_by": ["SERVICE"]}),
            5,
        ),
        (
            json!({"operation": "getCostComparisonDrivers", "group_by": ["SERVICE"]}),
            1,
        ),
    ] {
        let answer = ask(DECEMBER, arguments.clone())
            .await
            .unwrap_or_else(|error| panic!("{arguments}: {error}"));
        assert!(
            at(&answer, "rows").as_array().map_or(0, Vec::len) >= least,
            "{arguments}: {:?}",
            answer.json
        );
    }
}

#[track_caller]
fn check_refused(error: &ToolError, part: &str) {
    assert_eq!(error.code(), "invalid_argument");
    assert!(
        error.to_text().contains(part),
        "{} in {}",
        part,
        error.to_text()
    );
}

#[tokio::test]
async fn bad_questions_are_refused_before_aws_is_asked() {
    let account = aws(DECEMBER);
    for (changes, part) in [
        (json!({"operation": "deleteEverything"}), "operation"),
        (json!({"start_date": "2024-02-30"}), "2024-02-30"),
        (
            json!({"start_date": "2024-12-01", "end_date": "2024-11-01"}),
            "end",
        ),
        (
            json!({"group_by": ["SERVICE", "REGION", "USAGE_TYPE"]}),
            "at most 2",
        ),
        (json!({"metrics": ["FooCost"]}), "FooCost"),
        (json!({"filters": "{\"Dimensions\": "}), "not valid JSON"),
        (
            json!({"filters": "\"{\\\"Dimensions\\\": }\""}),
            "not valid JSON",
        ),
        (
            json!({"filters": {"Dimensions": {"Key": "SERVICE", "Values": ["a"]}, "Tags": {"Key": "b", "Values": ["c"]}}}),
            "exactly one of",
        ),
        (json!({"filters": [1, 2]}), "filters is a list"),
        (json!({"group_by": 7}), "group_by holds 7"),
        (json!({"granularity": "WEEKLY"}), "WEEKLY"),
        (json!({"max_pages": 0}), "max_pages is 0"),
        (json!({"limit": -1}), "limit is -1"),
        (json!({"cursor": "abc"}), "cursor"),
        (json!({"granularity": 5}), "granularity"),
        (
            json!({"filters": {"Dimensions": {"Key": "NO_SUCH", "Values": ["x\u{0}y"]}}}),
            "NO_SUCH",
        ),
    ] {
        let entry = all()
            .iter()
            .find(|entry| entry.name == Arguments::NAME)
            .unwrap();
        let Value::Object(arguments) = guide(&changes) else {
            unreachable!("an object")
        };
        let error = entry
            .call(arguments, Call::new(account.clone(), None))
            .await
            .unwrap_err();
        check_refused(&error, part);
    }
    assert_eq!(account.sample_account().counters().requests, 0);
}

#[tokio::test]
async fn a_filter_that_no_second_request_completes_is_named() {
    let bedrock: Value = serde_json::from_str(BEDROCK).unwrap();
    for arguments in [
        json!({"operation": "getCostForecast", "filters": bedrock}),
        json!({"operation": "getCostAndUsageComparisons", "filters": bedrock}),
        guide(
            &json!({"filters": {"Or": [bedrock, {"Dimensions": {"Key": "SERVICE", "Values": ["AWS Lambda"]}}]}}),
        ),
    ] {
        let answer = ask(DECEMBER, arguments.clone()).await.unwrap();
        assert!(
            codes(&answer).contains(&"marketplace_not_included"),
            "{arguments}"
        );
    }
    let lambda = json!({"Dimensions": {"Key": "SERVICE", "Values": ["AWS Lambda"]}});
    let answer = ask(DECEMBER, guide(&json!({"filters": lambda})))
        .await
        .unwrap();
    assert!(!codes(&answer).contains(&"marketplace_not_included"));
}

#[tokio::test]
async fn two_months_compare_to_their_ledger_totals() {
    let question = json!({"operation": "getCostAndUsageComparisons"});
    let answer = ask(DECEMBER, question).await.unwrap();
    let month = |from, to| ledger(DECEMBER, from, to, |_| true);
    let (october, november) = (
        month(date(2024, 10, 1), date(2024, 11, 1)),
        month(date(2024, 11, 1), date(2024, 12, 1)),
    );
    assert_eq!(number(at(&answer, "total/baseline")), october);
    assert_eq!(number(at(&answer, "total/comparison")), november);
    assert_eq!(number(at(&answer, "total/difference")), november - october);
}

#[tokio::test]
async fn credits_belong_to_the_total_they_are_netted_in() {
    let (from, to) = (date(2026, 11, 1), date(2026, 11, 22));
    let question = guide(&json!({"start_date": "2026-11-01", "end_date": "2026-11-22"}));
    let answer = ask(TODAY, question).await.unwrap();
    let netted = |native: bool| {
        ledger(TODAY, from, to, |charge| {
            matches!(charge.line.record_type, "Credit" | "Refund")
                && (charge.line.service == "Amazon Bedrock") == native
                && bedrock_cost::service_name::is_bedrock_service(&charge.line.service)
        })
    };
    assert!(netted(true) < Decimal::ZERO && netted(false) < Decimal::ZERO);
    assert_eq!(
        number(at(&answer, "bedrock/credits_and_refunds_usd")),
        netted(true)
    );
    let all = number(at(&answer, "bedrock/all_bedrock_credits_and_refunds_usd"));
    assert_eq!(all, netted(true) + netted(false));
}

#[tokio::test]
async fn usage_has_its_unit_in_every_row() {
    let question = guide(&json!({"metrics": ["UsageQuantity"], "group_by": ["USAGE_TYPE"]}));
    let answer = ask(DECEMBER, question).await.unwrap();
    let rows = at(&answer, "rows").as_array().unwrap();
    let haiku = rows
        .iter()
        .find(|row| row.get(0) == Some(&json!("USE1-Claude3Haiku-input-tokens")))
        .unwrap();
    assert_eq!(haiku.get(2), Some(&json!("1K tokens")));
    assert_eq!(at(&answer, "total/UsageQuantity/amount"), &Value::Null);
}

#[tokio::test]
async fn the_answer_stands_when_only_the_second_request_fails() {
    let account = aws(DECEMBER);
    // Three attempts of the second request; the first was sent before it.
    let rule: sample_account::FaultRule = "ce:GetCostAndUsage#2-4=throttle".parse().unwrap();
    account.sample_account().inject(vec![rule].into());
    let entry = all()
        .iter()
        .find(|entry| entry.name == Arguments::NAME)
        .unwrap();
    let Value::Object(arguments) = guide(&json!({})) else {
        unreachable!("an object")
    };
    let answer = entry
        .call(arguments, Call::new(account.clone(), None))
        .await
        .unwrap();
    assert!(codes(&answer).contains(&"scope_not_checked"));
    assert!(number(at(&answer, "total/UnblendedCost")) > Decimal::ZERO);
    assert_eq!(at(&answer, "aws_cost_usd"), &json!(0.01));
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let account = aws(DECEMBER);
    let entry = all()
        .iter()
        .find(|entry| entry.name == Arguments::NAME)
        .unwrap();
    let Value::Object(arguments) = guide(&json!({"dry_run": true})) else {
        unreachable!("an object")
    };
    let answer = entry
        .call(arguments, Call::new(account.clone(), None))
        .await
        .unwrap();
    assert_eq!(at(&answer, "price_usd"), &json!(0.02));
    assert_eq!(account.sample_account().counters().requests, 0);
}

#[tokio::test]
async fn a_service_that_only_people_say_is_refused_before_it_is_billed() {
    let account = aws(DECEMBER);
    let service = |name: &str| json!({"Dimensions": {"Key": "SERVICE", "Values": [name]}});
    for (given, billed) in [
        ("Bedrock", "Amazon Bedrock"),
        ("Claude 3 Haiku", "Claude 3 Haiku (Amazon Bedrock Edition)"),
    ] {
        let asked = guide(&json!({"filters": service(given), "bedrock_scope": "exact"}));
        let error = on_sample::call(&account, Arguments::NAME, asked)
            .await
            .unwrap_err();
        check_refused(&error, given);
        assert_eq!(account.sample_account().counters().requests, 0);
        let corrected = error.corrected().unwrap();
        assert_eq!(corrected.arguments["filters"], service(billed));
        assert_eq!(corrected.tool, Arguments::NAME);
        let answer = ask(DECEMBER, Value::Object(corrected.arguments.clone()))
            .await
            .unwrap();
        let expected = ledger(DECEMBER, date(2024, 11, 1), date(2024, 12, 1), |charge| {
            charge.line.service == billed
        });
        assert!(expected > Decimal::ZERO);
        assert_eq!(number(at(&answer, "total/UnblendedCost")), expected);
    }
}

#[tokio::test]
async fn a_tag_in_another_case_is_named_and_costs_no_second_request() {
    for (changes, code) in [
        (
            json!({"filters": {"Tags": {"Key": "contenttype", "Values": ["invoice"]}}, "group_by": []}),
            "no_charges",
        ),
        (
            json!({"group_by": [{"Type": "TAG", "Key": "contenttype"}], "bedrock_scope": "exact"}),
            "untagged",
        ),
    ] {
        let answer = ask(DECEMBER, guide(&changes)).await.unwrap();
        let warnings = at(&answer, "warnings").as_array().unwrap();
        let text = warnings
            .iter()
            .find(|warning| warning["code"] == code)
            .unwrap()["message"]
            .to_string();
        assert!(
            text.contains("contenttype") && text.contains("regard to case"),
            "{text}"
        );
        assert!(text.contains("getTagsOrValues"), "{text}");
        assert_eq!(at(&answer, "aws_requests"), &json!(1));
    }
}
