//! `bedrock_spend` where there is little to answer, or nothing: refusals, empty bills, dry runs.

use super::*;
use crate::tools::Call;
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn an_account_without_bedrock_is_told_so() {
    let answer = ask("2022-10-05", json!({})).await;
    assert_eq!(amount(&answer, "total_usd"), Decimal::ZERO);
    assert!(codes(&answer).contains(&"no_charges"));
    assert_eq!(answer.get("aws_requests"), Some(&json!(1)));
}

#[tokio::test]
async fn a_period_without_one_before_is_answered_alone() {
    // 38 months of data: the first of them has none before it.
    let answer = ask(TODAY, json!({"start_date": "2023-10"})).await;
    assert!(codes(&answer).contains(&"no_previous"));
    assert!(answer.get("change").is_none());
    let october = (date(2023, 10, 1), date(2023, 11, 1));
    assert_eq!(amount(&answer, "total_usd"), total(TODAY, october, usage));
}

#[tokio::test]
async fn a_tag_that_nothing_carries_is_explained() {
    let answer = ask(TODAY, json!({"by": "tag:team"})).await;
    let warnings = json!(answer.get("warnings")).to_string();
    assert!(
        warnings.contains("no charge carries a tag team"),
        "{warnings}"
    );
}

#[tokio::test]
async fn a_dry_run_shows_every_request_and_sends_none() {
    let answer = ask(TODAY, json!({"dry_run": true, "by": "account"})).await;
    assert_eq!(answer.get("aws_requests"), Some(&json!(0)));
    assert_eq!(answer.get("price_usd"), Some(&json!(0.04)));
    let requests = answer
        .get("effective_request")
        .and_then(Value::as_array)
        .unwrap();
    assert_eq!(requests.len(), 4);
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_before_it_is_billed() {
    for (arguments, part) in [
        (json!({"by": ["model", "account", "day"]}), "at most 2"),
        (json!({"by": "team"}), "tag:KEY"),
        (json!({"by": ["day", "month"]}), "days add up to months"),
        (json!({"by": "day", "granularity": "MONTHLY"}), "disagree"),
        (json!({"granularity": "HOURLY"}), "DAILY"),
        (json!({"metric": "UsageQuantity"}), "no cost"),
        (json!({"metric": "Price"}), "NetUnblendedCost"),
        (json!({"service": "AWS Lambda"}), "cost_explorer"),
        (json!({"start_date": "2026-02-30"}), "2026-02-30"),
        (
            json!({"start_date": "2019-01-01", "end_date": "2019-02-01"}),
            "38 months",
        ),
        (json!({"start_date": "2026-12-24"}), "after today"),
        (json!({"start_date": "2024-03", "by": "day"}), "14 months"),
        (json!({"max_pages": 0}), "max_pages"),
        (json!({"limit": 0}), "limit"),
        (json!({"detail": "all"}), "full"),
    ] {
        let refused = refusal(arguments.clone()).await;
        assert!(refused.contains(part), "{arguments}: {refused}");
    }
}

#[tokio::test]
async fn every_corrected_request_runs() {
    for arguments in [
        json!({"by": ["model", "account", "day"]}),
        json!({"by": "day", "granularity": "MONTHLY"}),
        json!({"granularity": "HOURLY"}),
        json!({"start_date": "2026-12-24"}),
        json!({"start_date": "2024-03", "by": "day"}),
        json!({"start_date": "2024-03", "granularity": "DAILY"}),
        json!({"start_date": "last_month", "forecast": true}),
    ] {
        let aws = on_sample::account(TODAY);
        let error = on_sample::call(&aws, Arguments::NAME, arguments.clone())
            .await
            .unwrap_err();
        let ToolError::InvalidArgument {
            corrected: Some(corrected),
            ..
        } = error
        else {
            unreachable!("{arguments} has no corrected request")
        };
        let answer = ask(TODAY, Value::Object(corrected.arguments)).await;
        assert!(amount(&answer, "total_usd") > Decimal::ZERO, "{arguments}");
    }
}

#[tokio::test]
async fn every_page_is_told_as_progress() {
    let told: Arc<Mutex<Vec<u32>>> = Arc::default();
    let seen = Arc::clone(&told);
    let call = Call::new(
        on_sample::account(TODAY),
        Some(Arc::new(move |done, _, _| seen.lock().unwrap().push(done))),
    );
    Arguments::default().answer(&call).await.unwrap();
    assert_eq!(*told.lock().unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn a_chart_adds_a_picture_and_changes_no_fact() {
    let aws = on_sample::account(TODAY);
    let entry = crate::tools::all()
        .iter()
        .find(|entry| entry.name == Arguments::NAME)
        .unwrap();
    for by in [
        json!(["model"]),
        json!(["day", "model"]),
        json!(["month"]),
        json!(["account", "token_type"]),
    ] {
        let ask = async |chart: bool| {
            let arguments = json!({"by": by, "chart": chart});
            let arguments = arguments.as_object().unwrap().clone();
            entry
                .call(arguments, Call::new(aws.clone(), None))
                .await
                .unwrap()
        };
        let (plain, mut drawn) = (ask(false).await, ask(true).await);
        assert!(plain.picture.is_none(), "{by}");
        let png = drawn.picture.take().unwrap();
        assert!(
            png.starts_with(b"\x89PNG") && png.len() < 60_000,
            "{by}: {}",
            png.len()
        );
        for field in ["total_usd", "rows", "change"] {
            assert_eq!(
                plain.json.get(field),
                drawn.json.get(field),
                "{by}: {field}"
            );
        }
    }
}
