//! What is asked and kept, without AWS and on the simulated account.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::{aws::anomalies::Cause, tools::on_sample};

const SERVICES: &str = "arn:aws:ce::111122223333:anomalymonitor/1";
const HAIKU: &str = "Claude 3 Haiku (Amazon Bedrock Edition)";

fn monitors() -> Vec<Monitor> {
    vec![Monitor {
        arn: SERVICES.into(),
        name: "Services".into(),
        scope: CostScope::Everything,
        by_service: true,
    }]
}

fn anomaly(service: &str, impact: i64, causes: &[(&str, &str)]) -> Anomaly {
    Anomaly {
        start: None,
        end: None,
        monitor_arn: SERVICES.into(),
        subject: Some(service.into()),
        impact_usd: Decimal::from(impact),
        actual_usd: None,
        expected_usd: None,
        causes: causes
            .iter()
            .map(|(region, usage_type)| Cause {
                region: Some((*region).into()),
                usage_type: Some((*usage_type).into()),
                ..Cause::default()
            })
            .collect(),
    }
}

fn query(filters: Option<&Value>, all_bedrock: bool) -> Query {
    let scope = |all| filters.map(|filters| cost_filter::read(filters, all).unwrap());
    Query {
        window: Window::read(None, None, "2024-12-05".parse().unwrap()).unwrap(),
        scope: scope(all_bedrock),
        other_scope: scope(!all_bedrock),
        all_bedrock,
        monitor: None,
        feedback: None,
        impact: None,
        max_pages: 1,
        full: false,
        paging: Paging::default(),
    }
}

fn dimension(key: &str, value: &str) -> Value {
    json!({"Dimensions": {"Key": key, "Values": [value]}})
}

#[track_caller]
fn check_kept(filters: Option<&Value>, all_bedrock: bool, expected: &[i64]) {
    let found = [
        anomaly(
            "Amazon Bedrock",
            10,
            &[("us-east-1", "USE1-NovaMicro-input-tokens")],
        ),
        anomaly(HAIKU, 30, &[]),
        anomaly(
            "AWS Lambda",
            20,
            &[
                ("eu-west-1", "EU-Lambda-GB-Second"),
                ("us-east-1", "Lambda-GB-Second"),
            ],
        ),
    ];
    let query = query(filters, all_bedrock);
    let kept: Vec<Decimal> = query
        .select(&found, &monitors())
        .into_iter()
        .map(|anomaly| anomaly.impact_usd)
        .collect();
    let expected: Vec<Decimal> = expected.iter().copied().map(Decimal::from).collect();
    assert_eq!(kept, expected);
}

#[test]
fn anomalies_are_kept_by_any_of_their_root_causes() {
    check_kept(None, true, &[30, 20, 10]);
    check_kept(
        Some(&dimension("SERVICE", "Amazon Bedrock")),
        true,
        &[30, 10],
    );
    check_kept(Some(&dimension("SERVICE", "Amazon Bedrock")), false, &[10]);
    check_kept(Some(&dimension("REGION", "us-east-1")), true, &[20, 10]);
    check_kept(
        Some(&json!({"Not": dimension("SERVICE", "AWS Lambda")})),
        true,
        &[30, 10],
    );
    check_kept(
        Some(&dimension("USAGE_TYPE", "EU-Lambda-GB-Second")),
        true,
        &[20],
    );
}

#[test]
fn the_reading_of_amazon_bedrock_is_said() {
    let found = [anomaly(HAIKU, 30, &[])];
    let note = |filters: Option<Value>, all| {
        query(filters.as_ref(), all)
            .bedrock_note(&found, &monitors())
            .map(|warning| warning.code)
    };
    let bedrock = || Some(dimension("SERVICE", "Amazon Bedrock"));
    assert_eq!(note(bedrock(), true), Some("bedrock_scope"));
    assert_eq!(note(bedrock(), false), Some("spend_outside_filter"));
    assert_eq!(note(Some(dimension("SERVICE", "AWS Lambda")), true), None);
    assert_eq!(note(None, true), None);
}

#[test]
fn missing_monitors_are_named() {
    let codes = |monitors: &[Monitor]| {
        coverage(monitors)
            .iter()
            .map(|warning| warning.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(&[]), ["no_monitor"]);
    assert_eq!(codes(&monitors()), Vec::<&str>::new());
    let lambda = Monitor {
        scope: cost_filter::read(&dimension("SERVICE", "AWS Lambda"), false).unwrap(),
        by_service: false,
        ..monitors().remove(0)
    };
    assert_eq!(codes(&[lambda]), ["no_bedrock_monitor"]);
}

#[test]
fn a_monitor_is_found_by_arn_or_name() {
    assert_eq!(find_monitor("services", &monitors()).unwrap(), SERVICES);
    assert_eq!(find_monitor(SERVICES, &monitors()).unwrap(), SERVICES);
    let error = find_monitor("Servces", &monitors()).unwrap_err().to_text();
    assert!(
        error.contains("monitors of the account are Services"),
        "{error}"
    );
}

#[test]
fn impacts_are_numbers_or_aws_filters() {
    let least = |value: Value| impact(&value).unwrap();
    assert_eq!(least(json!(100)).start, Decimal::from(100));
    assert_eq!(least(json!("99.5")).start.to_string(), "99.5");
    let between = least(json!({"NumericOperator": "between", "StartValue": 1, "EndValue": 2}));
    assert_eq!(
        (between.operator.as_str(), between.end),
        ("BETWEEN", Some(Decimal::TWO))
    );
    for wrong in [
        json!("much"),
        json!([1]),
        json!({"NumericOperator": "ABOUT"}),
        json!({"NumericOperator": "BETWEEN", "StartValue": 2, "EndValue": 1}),
        json!({"Value": 1}),
    ] {
        assert_eq!(
            impact(&wrong).unwrap_err().code(),
            "invalid_argument",
            "{wrong}"
        );
    }
}

/// The guide's call 13, its arguments as they stand there.
fn guide_call() -> Value {
    json!({
        "start_date": "2024-11-01",
        "end_date": "2024-12-01",
        "filters": "{\"Dimensions\": {\"Key\": \"SERVICE\", \"Values\": [\"Amazon Bedrock\"]}}",
    })
}

fn operations(aws: &crate::aws::Aws) -> Vec<String> {
    let journal = aws.sample_account().journal();
    journal.into_iter().map(|entry| entry.operation).collect()
}

fn rows<'a>(answer: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    answer
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[tokio::test]
async fn the_call_of_the_guide_is_answered_in_its_own_time() {
    let aws = on_sample::account("2024-12-05");
    let answer = on_sample::call(&aws, "cost_anomaly", guide_call())
        .await
        .unwrap();
    assert_eq!(operations(&aws), ["GetAnomalyMonitors", "GetAnomalies"]);
    assert_eq!(answer.get("aws_cost_usd").unwrap().to_string(), "0.02");
    let found = rows(&answer, "rows");
    assert!(!found.is_empty());
    for row in found {
        let service = row.get(3).and_then(Value::as_str).unwrap();
        assert!(
            bedrock_cost::service_name::is_bedrock_service(service),
            "{service}"
        );
        let figure =
            |at: usize| Decimal::from_str_exact(&row.get(at).unwrap().to_string()).unwrap();
        assert_eq!(
            figure(4),
            figure(6) - figure(5),
            "impact is actual less expected"
        );
    }
    assert!(!rows(&answer, "cause_rows").is_empty());
    let codes: Vec<_> = rows(&answer, "warnings")
        .iter()
        .filter_map(|one| one.get("code"))
        .collect();
    assert_eq!(codes, ["bedrock_scope"]);
}

#[tokio::test]
async fn two_years_later_it_is_refused_with_a_request_that_runs() {
    let aws = on_sample::account("2026-11-22");
    let error = on_sample::call(&aws, "cost_anomaly", guide_call())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "invalid_argument");
    assert_eq!(
        operations(&aws),
        Vec::<String>::new(),
        "nothing is asked, so nothing is billed"
    );
    let corrected = error.corrected().unwrap().clone();
    assert_eq!(
        corrected.arguments.get("start_date"),
        Some(&json!("2026-08-25"))
    );
    let answer = on_sample::call(&aws, corrected.tool, Value::Object(corrected.arguments))
        .await
        .unwrap();
    assert!(!rows(&answer, "rows").is_empty());
    assert_eq!(operations(&aws).len(), 2);
}

#[tokio::test]
async fn wrong_arguments_and_dry_runs_are_not_billed() {
    let aws = on_sample::account("2024-12-05");
    for wrong in [
        json!({"start_date": "2024-11-31"}),
        json!({"start_date": "2024-12-01", "end_date": "2024-11-01"}),
        json!({"end_date": "2025-06-01"}),
        json!({"start_date": 20_241_101}),
        json!({"filters": {"Tags": {"Key": "Team", "Values": ["x"]}}}),
        json!({"filters": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Credit"]}}}),
        json!({"feedback": "perhaps"}),
        json!({"total_impact": {"NumericOperator": "ABOUT", "StartValue": 1}}),
        json!({"total_impact": -5}),
        json!({"total_impact": {"NumericOperator": "BETWEEN", "StartValue": "-0.01", "EndValue": 5}}),
        json!({"max_pages": 0}),
        json!({"operation": "getAnomalies"}),
    ] {
        let error = on_sample::call(&aws, "cost_anomaly", wrong.clone())
            .await
            .unwrap_err();
        assert_eq!(error.code(), "invalid_argument", "{wrong}");
    }
    let dry = json!({"start_date": "2024-11-01", "dry_run": true});
    let answer = on_sample::call(&aws, "cost_anomaly", dry).await.unwrap();
    assert_eq!(answer.get("price_usd").unwrap().to_string(), "0.02");
    assert_eq!(operations(&aws), Vec::<String>::new());
}

#[tokio::test]
async fn a_monitor_by_name_and_an_impact_narrow_what_aws_is_asked() {
    let aws = on_sample::account("2024-12-05");
    let ask = |arguments: Value| {
        let aws = aws.clone();
        async move { on_sample::call(&aws, "cost_anomaly", arguments).await }
    };
    let team = ask(json!({"monitor_arn": "content team"})).await.unwrap();
    assert!(rows(&team, "rows").is_empty());
    let all = ask(json!({"monitor_arn": "Services", "limit": 100}))
        .await
        .unwrap();
    let least = ask(json!({"total_impact": 1000, "limit": 100}))
        .await
        .unwrap();
    assert!(rows(&least, "rows").len() < rows(&all, "rows").len() || rows(&all, "rows").len() == 1);
    let error = ask(json!({"monitor_arn": "Servces"})).await.unwrap_err();
    assert!(error.to_text().contains("Services"), "{error}");
}
