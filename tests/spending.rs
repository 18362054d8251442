//! What a call cost is said truly: billed answers that were lost on the way, and refusals, are counted too.

use crate::{
    account::Account,
    client::{Called, Client, Era},
    stdio::Stdio,
};
use serde_json::{Value, json};

/// One question to Cost Explorer, whose answer is one page.
fn services() -> Value {
    json!({
        "operation": "getDimensionValues", "dimension": "SERVICE",
        "start_date": "2024-11-01", "end_date": "2024-12-01",
    })
}

#[track_caller]
fn check(fault: &str, code: Option<&str>, requests: u64, cost: &Value) -> Called {
    let account = Account::at("2024-12-05");
    let mut client = Stdio::open(Era::Modern, Some(&account), &[]);
    account.disturb(&[fault]);
    let called = client.call("cost_explorer", &services());
    assert_eq!(called.facts["code"].as_str(), code, "{}", called.text);
    assert_eq!(account.requests(), requests, "{}", called.text);
    assert_eq!(called.facts["aws_requests"], requests, "{}", called.text);
    assert_eq!(&called.facts["aws_cost_usd"], cost, "{}", called.text);
    called
}

#[test]
fn an_answer_that_was_cut_short_is_billed_too() {
    check("ce:GetDimensionValues#1=half-body", None, 2, &json!(0.02));
}

#[test]
fn a_refused_call_says_what_it_cost() {
    let cut = "ce:GetDimensionValues=half-body";
    let called = check(cut, Some("unavailable"), 3, &json!(0.03));
    assert!(called.text.contains("aws_requests: 3, aws_cost_usd: 0.03"));
    let throttled = "ce:GetDimensionValues=throttle";
    check(throttled, Some("throttled"), 3, &json!(0));
}

#[test]
fn a_page_that_is_not_from_aws_is_named_as_that() {
    let account = Account::at("2024-12-05");
    let mut client = Stdio::open(Era::Modern, Some(&account), &[]);
    account.disturb(&["ce:GetDimensionValues=wrong-content"]);
    let called = client.call("cost_explorer", &services());
    assert_eq!(called.facts["code"], "unavailable", "{}", called.text);
    assert!(called.text.contains("other than AWS"), "{}", called.text);
}
