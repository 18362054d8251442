//! Budgets judged without AWS, and read from the simulated account.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::tools::on_sample;
use bedrock_cost::cost_scope::Comparison;
use sample_account::FaultPlan;
use serde_json::Map;

fn budget(kind: &str, limit: Option<&str>, actual: Option<&str>, forecast: Option<&str>) -> Budget {
    let amount = |text: Option<&str>| {
        text.map(|text| Amount {
            value: text.parse().unwrap(),
            unit: "USD".into(),
        })
    };
    Budget {
        name: "b".into(),
        kind: kind.into(),
        period: "MONTHLY".into(),
        limit: amount(limit),
        actual: amount(actual),
        forecast: amount(forecast),
        scope: CostScope::Everything,
        counts: Counts::default(),
        unhealthy: None,
    }
}

#[track_caller]
fn check(kind: &str, figures: [Option<&str>; 3], expected: Status) {
    let [limit, actual, forecast] = figures;
    assert_eq!(status(&budget(kind, limit, actual, forecast)), expected);
}

#[test]
fn a_budget_is_judged_by_what_it_is_for() {
    check("COST", [Some("100"), Some("50"), Some("90")], Status::Ok);
    check("COST", [Some("100"), Some("100"), Some("100")], Status::Ok);
    check(
        "COST",
        [Some("100"), Some("50"), Some("100.01")],
        Status::ForecastToExceed,
    );
    check(
        "COST",
        [Some("100"), Some("100.01"), None],
        Status::Exceeded,
    );
    check("COST", [None, Some("1"), None], Status::Unknown);
    check(
        "RI_UTILIZATION",
        [Some("100"), Some("93"), None],
        Status::BelowTarget,
    );
    check(
        "SAVINGS_PLANS_COVERAGE",
        [Some("80"), Some("93"), None],
        Status::Ok,
    );
}

#[test]
fn the_share_used_is_exact_and_never_divides_by_nothing() {
    let share = |limit, actual| used(&budget("COST", limit, actual, None));
    assert_eq!(share(Some("12000"), Some("3000")), Some(Decimal::from(25)));
    assert_eq!(share(Some("0"), Some("3000")), None);
    assert_eq!(share(None, Some("3000")), None);
}

fn scoped(name: &str, service: &str) -> Budget {
    Budget {
        name: name.into(),
        scope: CostScope::service(service, Comparison::Equals),
        ..budget("COST", Some("1"), Some("0"), None)
    }
}

fn codes(all: &[Budget]) -> Vec<&'static str> {
    let query = Query {
        name: None,
        scope: None,
        history: false,
        full: false,
        paging: Paging::default(),
    };
    let matching: Vec<&Budget> = all.iter().collect();
    warnings(all, &matching, &query)
        .iter()
        .map(|warning| warning.code)
        .collect()
}

#[test]
fn blind_spots_are_named() {
    assert_eq!(codes(&[]), ["no_budgets"]);
    assert_eq!(codes(&[scoped("l", "AWS Lambda")]), ["no_bedrock_budget"]);
    assert_eq!(
        codes(&[scoped("b", "Amazon Bedrock")]),
        ["budget_misses_marketplace_models"]
    );
    assert_eq!(
        codes(&[budget("COST", None, None, None)]),
        Vec::<&str>::new()
    );
}

#[test]
fn a_budget_that_lists_services_is_not_said_to_cover_some_models() {
    let CostScope::Is(mut test) = CostScope::service(
        "Claude 3 Haiku (Amazon Bedrock Edition)",
        Comparison::Equals,
    ) else {
        unreachable!("service makes a test")
    };
    test.values.push("Amazon Bedrock".to_owned());
    assert_eq!(coverage(&CostScope::Is(test)), "the services it names");
    assert_eq!(coverage(&CostScope::Everything), "all");
}

#[test]
fn what_is_not_counted_is_said_in_words() {
    let check = |basis: Option<&str>, without: &[&'static str], expected: &str| {
        let counts = Counts {
            basis: basis.map(str::to_owned),
            without: without.to_vec(),
        };
        assert_eq!(counted(&counts), expected);
    };
    check(None, &[], "");
    check(Some("amortized"), &[], "amortized");
    check(Some("unblended"), &["tax"], "unblended without tax");
    check(
        Some("unblended"),
        &["credits", "refunds", "tax"],
        "unblended without credits, refunds and tax",
    );
}

#[test]
fn long_scopes_are_cut_unless_asked_for() {
    let CostScope::Is(mut test) = CostScope::service("a", Comparison::Equals) else {
        unreachable!("service makes a test")
    };
    test.values = ["a", "b", "c", "d", "e"].map(String::from).into();
    assert_eq!(
        short_scope(&CostScope::Is(test)),
        "SERVICE = a | b | c and 2 more"
    );
}

/// The guide's call 12, its arguments as they stand there.
fn guide_call() -> Value {
    json!({"filters": "{\"Dimensions\": {\"Key\": \"SERVICE\", \"Values\": [\"Amazon Bedrock\"]}}"})
}

fn cell<'a>(answer: &'a Map<String, Value>, budget: &str, column: &str) -> &'a Value {
    let list = |name: &str| answer.get(name).and_then(Value::as_array).unwrap();
    let at = list("columns")
        .iter()
        .position(|name| name == column)
        .unwrap();
    list("rows")
        .iter()
        .find(|row| row.get(0).is_some_and(|name| name == budget))
        .and_then(|row| row.get(at))
        .unwrap()
}

fn warned(answer: &Map<String, Value>) -> Vec<&str> {
    answer
        .get("warnings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|warning| warning.get("code").and_then(Value::as_str))
        .collect()
}

fn operations(aws: &crate::aws::Aws) -> Vec<String> {
    let journal = aws.sample_account().journal();
    journal.into_iter().map(|entry| entry.operation).collect()
}

#[tokio::test]
async fn the_call_of_the_guide_is_answered_on_both_days() {
    for day in ["2024-12-05", "2026-11-22"] {
        let aws = on_sample::account(day);
        let answer = on_sample::call(&aws, "budgets", guide_call())
            .await
            .unwrap();
        assert_eq!(
            operations(&aws),
            ["GetCallerIdentity", "DescribeBudgets"],
            "{day}"
        );
        assert_eq!(answer.get("aws_requests"), Some(&json!(2)));
        assert_eq!(answer.get("aws_cost_usd"), Some(&json!(0)));
        assert_eq!(warned(&answer), ["budget_misses_marketplace_models"]);
        assert_eq!(
            cell(&answer, "bedrock-monthly", "bedrock"),
            "without Marketplace models"
        );
        assert_eq!(cell(&answer, "company-monthly", "scope"), "everything");
        assert_eq!(
            cell(&answer, "bedrock-monthly", "counts"),
            "unblended without credits and refunds"
        );
        assert_eq!(cell(&answer, "company-monthly", "counts"), "unblended");
        // The account is asked once for the life of the process.
        on_sample::call(&aws, "budgets", guide_call())
            .await
            .unwrap();
        assert_eq!(operations(&aws).len(), 3);
        let text = Value::Object(answer).to_string();
        assert!(
            !text.contains("111122223333"),
            "the account id is in the answer: {text}"
        );
    }
}

#[tokio::test]
async fn a_budget_and_cost_explorer_tell_the_same_spend() {
    let aws = on_sample::account("2024-12-05");
    let budgets = on_sample::call(&aws, "budgets", guide_call())
        .await
        .unwrap();
    let charges = on_sample::call(
        &aws,
        "cost_explorer",
        json!({
            "operation": "getCostAndUsage",
            "start_date": "2024-12-01",
            "end_date": "2024-12-06",
            "granularity": "DAILY",
            "metrics": ["UnblendedCost"],
            "bedrock_scope": "exact",
            "filters": {"And": [
                {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Bedrock"]}},
                {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage"]}},
            ]},
        }),
    )
    .await
    .unwrap();
    let number =
        |value: &Value| Decimal::from_str_exact(value.to_string().trim_matches('"')).unwrap();
    let total = charges
        .get("total")
        .and_then(|total| total.get("UnblendedCost"))
        .unwrap();
    let budgeted = number(cell(&budgets, "bedrock-monthly", "actual"));
    assert!(budgeted > Decimal::ZERO);
    assert_eq!(number(total).round_dp(budgeted.scale()), budgeted);
}

#[tokio::test]
async fn filters_and_names_choose_budgets() {
    let aws = on_sample::account("2026-11-22");
    let names = |answer: &Map<String, Value>| -> Vec<String> {
        let rows = answer.get("rows").and_then(Value::as_array);
        let mut names: Vec<String> = rows
            .into_iter()
            .flatten()
            .filter_map(|row| Some(row.get(0)?.as_str()?.to_owned()))
            .collect();
        names.sort();
        names
    };
    let lambda = json!({"filters": {"Dimensions": {"Key": "SERVICE", "Values": ["AWS Lambda"]}}});
    let answer = on_sample::call(&aws, "budgets", lambda).await.unwrap();
    // A tag says nothing about the service, so the budget of the application may count Lambda too.
    assert_eq!(
        names(&answer),
        ["company-monthly", "returns-agent-quarterly"]
    );

    let exact =
        json!({"bedrock_scope": "exact", "history": true, "budget_name": "Bedrock-Monthly"});
    let answer = on_sample::call(&aws, "budgets", exact).await.unwrap();
    assert_eq!(names(&answer), ["bedrock-monthly"]);
    let history = answer
        .get("history_rows")
        .and_then(Value::as_array)
        .unwrap();
    assert_eq!(
        history.len(),
        3,
        "the latest two months and the one that runs"
    );
    let full = json!({"history": true, "budget_name": "bedrock-monthly", "detail": "full"});
    let full = on_sample::call(&aws, "budgets", full).await.unwrap();
    let all = full["history_rows"].as_array().unwrap();
    assert_eq!(all.len(), 13, "twelve months and the one that runs");
    assert!(all.ends_with(history));

    assert_eq!(warned(&answer), ["budget_misses_marketplace_models"]);
    let company = json!({"budget_name": "company-monthly"});
    let company = on_sample::call(&aws, "budgets", company).await.unwrap();
    assert_eq!(
        warned(&company),
        Vec::<&str>::new(),
        "another budget's blind spot is not this one's"
    );

    let error = on_sample::call(&aws, "budgets", json!({"budget_name": "bedrock-montly"}))
        .await
        .unwrap_err();
    assert!(error.to_text().contains("bedrock-monthly"), "{error}");
}

#[tokio::test]
async fn a_service_that_no_bill_has_is_refused_with_the_whole_call_mended() {
    let aws = on_sample::account("2026-11-22");
    let service = |name: &str| json!({"Dimensions": {"Key": "SERVICE", "Values": [name]}});
    let mut call = json!({
        "budget_name": "bedrock-monthly", "bedrock_scope": "exact", "history": "true", "profile": "p",
        "detail": "full", "limit": "3", "dry_run": false, "filters": service("bedrock"),
    });
    let error = on_sample::call(&aws, "budgets", call.clone())
        .await
        .unwrap_err();
    assert!(error.to_text().contains("nothing would match"), "{error}");
    assert_eq!(operations(&aws), Vec::<String>::new());
    let corrected = error.corrected().unwrap();
    assert_eq!(corrected.tool, "budgets");
    call["filters"] = service("Amazon Bedrock");
    call["history"] = true.into();
    call["limit"] = 3.into();
    assert_eq!(Value::Object(corrected.arguments.clone()), call);
}

#[tokio::test]
async fn wrong_arguments_and_dry_runs_reach_no_one() {
    let aws = on_sample::account("2024-12-05");
    for wrong in [
        json!({"filters": "{\"Dimensions\": "}),
        json!({"filters": [1, 2]}),
        json!({"filters": {"Dimensions": {"Key": "SERVICE", "Values": []}}}),
        json!({"limit": -1}),
        json!({"detail": "all"}),
        json!({"bedrock_scope": "some"}),
        json!({"history": "maybe"}),
        json!({"budget": "x", "budgetname": "y"}),
        json!({"budget_name": 5}),
    ] {
        let error = on_sample::call(&aws, "budgets", wrong.clone())
            .await
            .unwrap_err();
        assert_eq!(error.code(), "invalid_argument", "{wrong}");
    }
    let mut dry = guide_call();
    dry.as_object_mut()
        .unwrap()
        .insert("dry_run".into(), true.into());
    let answer = on_sample::call(&aws, "budgets", dry).await.unwrap();
    assert!(answer.contains_key("effective_request"));
    assert_eq!(operations(&aws), Vec::<String>::new());
}

#[tokio::test]
async fn budgets_are_told_although_their_history_cannot_be_read() {
    let everything = json!({"history": true});
    let aws = on_sample::account("2026-11-22");
    let whole = on_sample::call(&aws, "budgets", everything.clone())
        .await
        .unwrap();
    let aws = on_sample::account("2026-11-22");
    aws.sample_account().inject(FaultPlan::from(vec![
        "budgets:DescribeBudgetPerformanceHistory#2-=throttle"
            .parse()
            .unwrap(),
    ]));
    let answer = on_sample::call(&aws, "budgets", everything).await.unwrap();
    assert_eq!(answer.get("rows"), whole.get("rows"));
    let history = |answer: &Map<String, Value>| {
        let rows = answer.get("history_rows").and_then(Value::as_array);
        rows.unwrap().clone()
    };
    let (first, all) = (history(&answer), history(&whole));
    assert!(!first.is_empty() && first.len() < all.len());
    assert!(all.starts_with(&first), "what was read is kept");
    let warning = answer
        .get("warnings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|warning| {
            warning
                .get("code")
                .is_some_and(|code| code == "history_not_read")
        })
        .unwrap();
    let missing = all.get(first.len()).and_then(|row| row.get(0)).unwrap();
    assert!(
        warning.to_string().contains(missing.as_str().unwrap()),
        "{warning}"
    );
    // The second history is tried three times, and no other after it.
    let asked = operations(&aws);
    let tries = asked.iter().filter(|name| name.contains("History"));
    assert_eq!(tries.count(), 4);
}

#[tokio::test]
async fn what_may_not_be_read_is_named_by_its_action() {
    let aws = on_sample::account("2024-12-05");
    aws.sample_account().deny(["budgets:ViewBudget"]);
    let error = on_sample::call(&aws, "budgets", guide_call())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "access_denied");
    assert!(error.to_text().contains("budgets:ViewBudget"), "{error}");
}
