//! Calls that take their time: several at once, progress while pages come, and an end when nobody waits any more.

use crate::{
    account::Account,
    client::{Called, Client as _, Era},
    http::Http,
    program::wait,
    stdio::Stdio,
};
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Every answer of AWS takes this long.
const SLOW: &str = "*=delay-1000";
/// Four calls, one after another, would take four seconds. The simulated account itself takes its time without
/// optimization.
const TOGETHER: Duration =
    Duration::from_millis(if cfg!(debug_assertions) { 3_000 } else { 1_800 });

/// Four calls that ask AWS one question each.
fn four_questions() -> [(&'static str, Value); 4] {
    let november = json!({
        "start_date": "2024-11-01", "end_date": "2024-12-01", "granularity": "MONTHLY", "group_by": "SERVICE"
    });
    let metric = |name| {
        json!({
            "namespace": "AWS/Bedrock", "metric_name": name, "statistics": ["Sum"], "period": 86400,
            "dimensions": [{"Name": "ModelId", "Value": "anthropic.claude-3-haiku-20240307-v1:0"}],
            "start_time": "2024-11-01T00:00:00Z", "end_time": "2024-12-01T00:00:00Z",
        })
    };
    [
        ("cost_explorer", november),
        ("get_metric_statistics", metric("Invocations")),
        ("get_metric_statistics", metric("OutputTokenCount")),
        ("get_metric_statistics", metric("InputTokenCount")),
    ]
}

/// A question whose answer comes in several pages.
fn many_pages() -> Value {
    json!({
        "start_date": "2024-10-01", "end_date": "2024-12-01", "granularity": "DAILY",
        "group_by": ["USAGE_TYPE", "LINKED_ACCOUNT"],
    })
}

#[test]
fn four_slow_calls_take_little_longer_than_one_over_stdio() {
    let account = Account::at("2024-12-05");
    let mut client = Stdio::open(Era::Modern, Some(&account), &[]);
    account.disturb(&[SLOW]);
    let started = Instant::now();
    for (tool, arguments) in four_questions() {
        client.begin("tools/call", json!({"name": tool, "arguments": arguments}));
    }
    for _ in 0..4 {
        let response = client.next_response();
        Called::read(&response["result"]).answer();
    }
    let took = started.elapsed();
    assert!(
        took >= Duration::from_secs(1),
        "AWS was not waited for: {took:?}"
    );
    assert!(took < TOGETHER, "{took:?}");
}

#[test]
fn four_slow_calls_take_little_longer_than_one_over_http() {
    let account = Account::at("2024-12-05");
    let mut client = Http::open(Era::Modern, Some(&account), &[]);
    account.disturb(&[SLOW]);
    let started = Instant::now();
    let streams = four_questions().map(|(tool, arguments)| {
        client.begin("tools/call", json!({"name": tool, "arguments": arguments}))
    });
    for mut stream in streams {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut stream, &mut text).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        let response: Value = serde_json::from_str(body).unwrap();
        Called::read(&response["result"]).answer();
    }
    let took = started.elapsed();
    assert!(took < TOGETHER, "{took:?}");
}

#[test]
fn progress_is_told_while_pages_come() {
    let account = Account::at("2024-12-05");
    let meta = json!({"progressToken": "pages"});
    let params = json!({"name": "cost_explorer", "arguments": many_pages(), "_meta": meta});

    let mut stdio = Stdio::open(Era::Modern, Some(&account), &[]);
    let result = stdio.result("tools/call", params.clone());
    check_progress(&Called::read(&result).answer(), &stdio.notifications);

    let mut http = Http::open(Era::Modern, Some(&account), &[]);
    let result = http.result("tools/call", params);
    check_progress(&Called::read(&result).answer(), &http.notifications);
}

#[track_caller]
fn check_progress(answer: &Value, notifications: &[Value]) {
    let pages = answer["aws_requests"].as_u64().unwrap();
    assert!(pages >= 3, "the question has only {pages} pages");
    let told: Vec<f64> = notifications
        .iter()
        .filter(|note| note["method"] == "notifications/progress")
        .inspect(|note| assert_eq!(note["params"]["progressToken"], "pages", "{note}"))
        .filter_map(|note| note["params"]["progress"].as_f64())
        .collect();
    assert!(told.len() >= 2, "{notifications:?}");
    assert!(
        told.is_sorted_by(|before, after| before < after),
        "{told:?}"
    );
}

#[test]
fn a_cancelled_call_asks_for_no_further_page_over_stdio() {
    let account = Account::at("2024-12-05");
    let mut client = Stdio::open(Era::Initialize("2025-11-25"), Some(&account), &[]);
    account.disturb(&["ce:GetCostAndUsage#2-=delay-700"]);
    let id = client.begin(
        "tools/call",
        json!({"name": "cost_explorer", "arguments": many_pages()}),
    );
    wait("the first page", || (account.requests() == 1).then_some(()));
    client.send(&json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id, "reason": "enough"}
    }));
    check_stopped(&account);
    // The cancelled request has no response; the next one has.
    account.disturb(&[]);
    let next = client.begin("tools/list", json!({}));
    let response = client.next_response();
    assert_eq!(response["id"], next, "{response}");
}

#[test]
fn a_closed_stream_asks_for_no_further_page_over_http() {
    let account = Account::at("2024-12-05");
    let mut client = Http::open(Era::Modern, Some(&account), &[]);
    account.disturb(&["ce:GetCostAndUsage#2-=delay-700"]);
    let stream = client.begin(
        "tools/call",
        json!({"name": "cost_explorer", "arguments": many_pages()}),
    );
    wait("the first page", || (account.requests() == 1).then_some(()));
    drop(stream);
    check_stopped(&account);
    assert!(!client.tools().is_empty());
    // A client that no longer waits is no failure of the server, and neither request is worth more than a line.
    let log = client.log();
    assert!(!log.contains("ERROR"), "{log}");
    let (_, since) = log.split_once("listening on").unwrap();
    assert!(since.matches(" INFO ").count() <= 2, "{log}");
}

/// The second page was under way: given the time for two more, at most that one was received.
#[track_caller]
fn check_stopped(account: &Account) {
    thread::sleep(Duration::from_secs(2));
    assert!(
        account.requests() <= 2,
        "{:?}",
        account.requests_by_operation()
    );
}
