//! Whatever a model sends, it reads what was wrong and what to do next, nothing is billed, and the server goes on.

use crate::{
    account::Account,
    client::{Called, Client, Era},
    http::Http,
    stdio::Stdio,
};
use serde_json::{Value, json};

/// A tool, the arguments sent to it, and what the problem or the next step has to name.
type Case = (&'static str, Value, &'static str);

/// A model pays for every byte of a refusal.
const LONGEST_REFUSAL: usize = 2_000;
const MONTH: (&str, &str) = ("2024-11-01", "2024-12-01");

fn november(more: &Value) -> Value {
    let mut arguments = json!({"start_date": MONTH.0, "end_date": MONTH.1});
    for (name, value) in more.as_object().unwrap() {
        arguments[name] = value.clone();
    }
    arguments
}

fn metric(more: &Value) -> Value {
    let mut arguments = json!({
        "namespace": "AWS/Bedrock", "metric_name": "InputTokenCount", "statistics": ["Sum"],
        "start_time": "2024-11-01T00:00:00Z", "end_time": "2024-12-01T00:00:00Z", "period": 3600,
    });
    for (name, value) in more.as_object().unwrap() {
        arguments[name] = value.clone();
    }
    arguments
}

fn workload(more: &Value) -> Value {
    let mut workload = json!({
        "models": ["Nova Lite"], "input_tokens": 3000, "output_tokens": 500, "requests": 1000,
    });
    for (name, value) in more.as_object().unwrap() {
        workload[name] = value.clone();
    }
    json!({"workload": workload})
}

fn cases() -> Vec<Case> {
    let spend = |more: Value, part| ("bedrock_spend", november(&more), part);
    let savings = |more: Value, part| ("find_savings", workload(&more), part);
    let ce = |more: Value, part| ("cost_explorer", november(&more), part);
    let series = |more: Value, part| ("get_metric_statistics", metric(&more), part);
    vec![
        // Wrong types.
        ce(json!({"granularity": 5}), "granularity"),
        ce(json!({"metrics": {"UnblendedCost": true}}), "metrics"),
        ce(json!({"group_by": 7}), "group_by"),
        ce(json!({"filters": ["SERVICE"]}), "filters"),
        ce(json!({"max_pages": "many"}), "not a whole number"),
        ce(json!({"dry_run": "perhaps"}), "true or false"),
        series(json!({"period": "often"}), "not a whole number"),
        series(json!({"dimensions": "ModelId"}), "dimensions"),
        (
            "get_metric_data",
            json!({"metric_data_queries": "none"}),
            "metric_data_queries",
        ),
        ("describe_alarms", json!({"state_value": 3}), "state_value"),
        ("budgets", json!({"filters": 3}), "filters"),
        ("cost_anomaly", november(&json!({"filters": 3})), "filters"),
        (
            "monitoring_plan",
            json!({"format": "pulumi"}),
            "cloudformation, terraform or cli",
        ),
        (
            "monitoring_plan",
            json!({"notify": "$(id)@example.com"}),
            "finops@example.com",
        ),
        ("monitoring_plan", json!({"weeks": 1}), "from 2"),
        ("monitoring_plan", json!({"weeks": 500}), "from 2 to 26"),
        (
            "get_pricing",
            json!({"service_code": ["x"], "filters": 1}),
            "service_code",
        ),
        // Unknown arguments and operations.
        ce(json!({"metrik": "UnblendedCost"}), "the nearest is metrics"),
        (
            "get_pricing",
            json!({"servicecode": "AmazonBedrock"}),
            "service_code",
        ),
        (
            "describe_alarms",
            json!({"alarm_name_prefix": "Bedrock", "colour": "red"}),
            "colour",
        ),
        ce(json!({"operation": "dropTables"}), "getCostAndUsage"),
        ce(json!({"granularity": "WEEKLY"}), "DAILY"),
        ("describe_alarms", json!({"state_value": "FINE"}), "ALARM"),
        // Malformed JSON, also inside a string inside a string.
        ce(
            json!({"group_by": "[{\"Type\": \"DIMENSION\", \"Key\": }]"}),
            "not valid JSON",
        ),
        ce(
            json!({"filters": "\"{\\\"Dimensions\\\": {\\\"Key\\\": }\""}),
            "not valid JSON",
        ),
        (
            "budgets",
            json!({"filters": "{\"Dimensions\":"}),
            "not valid JSON",
        ),
        // Times that are not.
        (
            "cost_explorer",
            json!({"start_date": MONTH.1, "end_date": MONTH.0}),
            "after",
        ),
        (
            "cost_explorer",
            json!({"start_date": "2024-02-30", "end_date": "2024-03-01"}),
            "2024-02-30",
        ),
        (
            "cost_explorer",
            json!({"start_date": "someday"}),
            "2024-11-01",
        ),
        (
            "cost_anomaly",
            json!({"start_date": MONTH.1, "end_date": MONTH.0}),
            "before",
        ),
        (
            "cost_anomaly",
            json!({"start_date": "2024-13-01", "end_date": "2024-12-01"}),
            "2024-13-01",
        ),
        series(
            json!({"start_time": "2024-12-01T00:00:00Z", "end_time": "2024-11-01T00:00:00Z"}),
            "after",
        ),
        series(json!({"start_time": "2024-11-31T00:00:00Z"}), "2024-11-31"),
        // What Cost Explorer refuses.
        ce(json!({"granularity": "HOURLY"}), "14 days"),
        ce(
            json!({"group_by": ["SERVICE", "USAGE_TYPE", "REGION"]}),
            "at most 2",
        ),
        ce(json!({"metrics": ["DreamCost"]}), "UnblendedCost"),
        ce(
            json!({"group_by": [{"Type": "DIMENSION", "Key": "COLOUR"}]}),
            "COLOUR",
        ),
        ce(
            json!({"filters": {"Dimensions": {"Key": "COLOUR", "Values": ["x"]}}}),
            "COLOUR",
        ),
        // A service as people say it, which AWS would bill a request for and answer with nothing.
        ce(
            json!({"filters": {"Dimensions": {"Key": "SERVICE", "Values": ["Bedrock"]}}}),
            "\"Amazon Bedrock\"",
        ),
        ce(
            json!({"filters": {"Not": {"Dimensions": {"Key": "SERVICE", "Values": ["Anthropic"]}}}}),
            "(Amazon Bedrock Edition)",
        ),
        (
            "budgets",
            json!({"filters": {"Dimensions": {"Key": "SERVICE", "Values": ["Claude Sonnet 5"]}}, "limit": 3}),
            "Claude Sonnet 5 (Amazon Bedrock Edition)",
        ),
        (
            "cost_anomaly",
            json!({"start_date": "2024-11-01", "filters": {"And": [
                {"Dimensions": {"Key": "REGION", "Values": ["us-east-1"]}},
                {"Dimensions": {"Key": "SERVICE", "Values": ["Bedrock"]}},
            ]}}),
            "\"Amazon Bedrock\"",
        ),
        // Wrong in two ways: what is offered is right in both.
        (
            "cost_anomaly",
            json!({"start_date": "2023-11-01", "filters": {"Dimensions": {"Key": "SERVICE", "Values": ["Bedrock"]}}}),
            "90 days",
        ),
        // What CloudWatch refuses, and metrics it does not have.
        series(json!({"period": -60}), "period"),
        series(json!({"period": 0}), "period"),
        series(json!({"period": 61}), "60"),
        series(json!({"statistics": ["Median"]}), "Average"),
        series(
            json!({"statistics": ["Sum"], "extended_statistics": ["p99"]}),
            "extended_statistics",
        ),
        series(json!({"period": 60}), "300 seconds"),
        // Regions that do not exist, models nobody knows.
        series(json!({"region": "mars-north-1"}), "mars-north-1"),
        (
            "get_pricing",
            json!({"service_code": "AmazonBedrock", "region": "mars-north-1"}),
            "mars-north-1",
        ),
        (
            "get_pricing",
            json!({"model": "anthropic.claude-99-epic-v1:0"}),
            "unknown_model",
        ),
        // Cuts and periods of the bill that do not exist, or contradict one another.
        spend(json!({"by": {"model": true}}), "by"),
        spend(json!({"by": ["model", "account", "region"]}), "at most 2"),
        spend(json!({"by": "modle"}), "tag:KEY"),
        spend(json!({"by": "month", "granularity": "DAILY"}), "disagree"),
        spend(json!({"granularity": "WEEKLY"}), "DAILY"),
        spend(json!({"metric": "UsageQuantity"}), "UnblendedCost"),
        spend(json!({"service": "Lambda"}), "cost_explorer"),
        spend(json!({"compare": "perhaps"}), "true or false"),
        spend(json!({"reconcile": "perhaps"}), "true or false"),
        spend(json!({"forecast": true}), "month_to_date"),
        (
            "bedrock_spend",
            json!({"start_date": "2024-02-30"}),
            "2024-02-30",
        ),
        (
            "bedrock_spend",
            json!({"start_date": MONTH.1, "end_date": MONTH.0}),
            "after",
        ),
        (
            "bedrock_spend",
            json!({"start_date": "2022-01", "by": "day"}),
            "14 months",
        ),
        // Usage in times and places that metrics do not have.
        (
            "bedrock_usage",
            json!({"start_time": "2020-01-01", "end_time": "2020-02-01"}),
            "455 days",
        ),
        (
            "bedrock_usage",
            json!({"start_time": "yesterdy"}),
            "yesterdy",
        ),
        (
            "bedrock_usage",
            json!({"start_time": "2031-01-01", "end_time": "2031-01-02"}),
            "not over yet",
        ),
        (
            "bedrock_usage",
            json!({"region": ["us-east-1", "us-est-2"]}),
            "us-est-2",
        ),
        (
            "bedrock_usage",
            json!({"region": {"name": "us-east-1"}}),
            "region",
        ),
        ("bedrock_usage", json!({"limit": 0}), "limit is 0"),
        ("bedrock_usage", json!({"detail": "more"}), "detail"),
        // Workloads that are none, or that contradict themselves.
        ("find_savings", json!({}), "workload is missing"),
        ("find_savings", json!({"source": "logs"}), "account"),
        ("find_savings", json!({"workload": 3}), "workload is 3"),
        savings(json!({"models": "Nova Lihte"}), "unknown_model"),
        savings(
            json!({"models": ["Nova Lite", "Nova Micro"]}),
            "target_models",
        ),
        savings(json!({"requests": {"per_day": 5}}), "30 or 22"),
        savings(json!({"requests": -1}), "outside 1"),
        savings(
            json!({"removable": {"data_tokens": 99_999}}),
            "tokens there are",
        ),
        savings(json!({"target_models": {"Nova Micro": 1.5}}), "0 to 1"),
        savings(json!({"tier": "priorty"}), "priority"),
        savings(json!({"measured": {"untagged": 3}}), "untagged"),
        // More than any question needs.
        ce(json!({"filters": "x".repeat(10_000_000)}), "bytes of text"),
        ce(
            json!({"metrics": vec!["UnblendedCost"; 1_000_000]}),
            "20000 values",
        ),
        (
            "get_metric_data",
            json!({"metric_data_queries": vec![0; 1_000_000]}),
            "20000 values",
        ),
        // Control characters reach nobody's terminal.
        ce(json!({"operation": "\u{1b}[2J\u{7}"}), "operation"),
        ce(json!({"\u{1b}[31m": 1}), "no argument"),
    ]
}

/// What is wrong with how a call was refused.
fn faults(called: &Called, part: &str, sent: u64) -> Vec<String> {
    if !called.is_error {
        return vec![format!("answered: {}", called.text)];
    }
    let mut faults = Vec::new();
    let code = called.facts["code"].as_str().unwrap();
    if !["invalid_argument", "unknown_model", "no_rate"].contains(&code) {
        faults.push(format!("the code is {code}: {}", called.text));
    }
    if !called.text.contains(part) {
        faults.push(format!("does not say {part:?}: {}", called.text));
    }
    if called.text.len() > LONGEST_REFUSAL {
        faults.push(format!("says too much: {} bytes", called.text.len()));
    }
    if called.text.contains(|c: char| c.is_control() && c != '\n') {
        faults.push(format!("repeats control characters: {:?}", called.text));
    }
    if sent > 0 {
        faults.push(format!("{sent} requests were sent"));
    }
    faults
}

fn check_all(client: &mut impl Client, account: &Account) {
    let mut wrong = Vec::new();
    for (tool, arguments, part) in cases() {
        let called = client.call(tool, &arguments);
        let mut faults = faults(&called, part, account.requests());
        if let Some(corrected) = called.facts.get("corrected_request") {
            let again = client.call(corrected["tool"].as_str().unwrap(), &corrected["arguments"]);
            if again.is_error {
                faults.push(format!("what it offers is refused too: {}", again.text));
            }
        }
        account.forget();
        let sent: String = arguments.to_string().chars().take(200).collect();
        wrong.extend(faults.iter().map(|fault| format!("{tool} {sent}: {fault}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let goes_on = client.call("cost_explorer", &november(&json!({"dry_run": true})));
    assert_eq!(goes_on.answer()["aws_requests"], 0);
}

#[test]
fn bad_arguments_are_refused_before_anything_is_sent_over_stdio() {
    let account = Account::at("2024-12-05");
    check_all(&mut Stdio::open(Era::Modern, Some(&account), &[]), &account);
}

#[test]
fn bad_arguments_are_refused_before_anything_is_sent_over_http() {
    let account = Account::at("2024-12-05");
    check_all(
        &mut Http::open(Era::Initialize("2025-11-25"), Some(&account), &[]),
        &account,
    );
}

fn check_no_object(client: &mut impl Client) {
    for (arguments, part) in [
        (json!([1]), "arguments is a list"),
        (json!("{}"), "arguments is \"{}\""),
        (json!(3), "arguments is 3"),
    ] {
        let called = client.call("cost_explorer", &arguments);
        assert_eq!(faults(&called, part, 0), [""; 0]);
    }
    let params = json!({"name": "no_such_tool", "arguments": [1]});
    let response = client.request("tools/call", params);
    assert_eq!(response["error"]["code"], -32602, "{response}");
    let response = client.request("tools/call", json!({"name": 3}));
    assert_eq!(response["error"]["code"], -32602, "{response}");
    let response = client.request("tools/cull", json!({}));
    assert_eq!(response["error"]["code"], -32601, "{response}");
    assert!(!client.tools().is_empty());
}

#[test]
fn arguments_that_are_no_object_are_refused() {
    for era in Era::ALL {
        check_no_object(&mut Stdio::open(era, None, &[]));
    }
}

#[test]
fn lines_that_cannot_be_read_are_answered_and_the_next_ones_too() {
    let account = Account::at("2024-12-05");
    let mut client = Stdio::open(Era::Initialize("2025-11-25"), Some(&account), &[]);
    let call = r#"{"jsonrpc":"2.0","id":900,"method":"tools/call","params":{"name":"budgets","arguments":"#;
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for (line, code, id) in [
        (
            format!("{call}{{\"filters\":{}}}}}}}", deep(130)),
            -32700,
            json!(900),
        ),
        (
            format!("{call}{{\"filters\":{}}}}}}}", deep(10_000)),
            -32700,
            json!(900),
        ),
        (format!("{call}{{\"limit\":1e400}}}}}}"), -32700, json!(900)),
        (
            format!("{call}{{\"profile\":\"\\ud800\"}}}}}}"),
            -32700,
            json!(900),
        ),
        (call.to_owned(), -32700, json!(900)),
        ("hello".to_owned(), -32700, Value::Null),
        ("x".repeat(40 << 20), -32600, Value::Null),
    ] {
        client.send_text(&line);
        let response = client.receive();
        assert_eq!(response["error"]["code"], code, "{response}");
        assert_eq!(response["id"], id, "{response}");
    }
    let goes_on = client.call("cost_explorer", &november(&json!({"dry_run": true})));
    assert_eq!(goes_on.answer()["aws_requests"], 0);
}
