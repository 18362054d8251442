//! The command line: what a person or a script reads, and the exit codes.

use crate::{account::Account, program::run};
use serde_json::Value;

const OK: Option<i32> = Some(0);
const REFUSED: Option<i32> = Some(1);
const USAGE: Option<i32> = Some(2);

#[test]
fn exit_codes_tell_an_answer_from_a_refusal_from_a_mistake() {
    for (arguments, code, part) in [
        (&["tools"][..], OK, "cost_explorer"),
        (&["--version"], OK, env!("CARGO_PKG_VERSION")),
        (&["--help"], OK, "doctor"),
        (
            &["call", "cost_explorer", "{\"dry_run\": true}", "--json"],
            OK,
            "\"aws_requests\": 0",
        ),
        (
            &["call", "cost-explorer", "{\"metrik\": 1}"],
            REFUSED,
            "the nearest is metrics",
        ),
        (
            &["call", "cost_explorer", "{\"metrik\": 1}", "--json"],
            REFUSED,
            "invalid_argument",
        ),
        (&["call", "no_such_tool", "{}"], USAGE, "cost_explorer"),
        (&["call", "cost_explorer", "{"], USAGE, "not valid JSON"),
        (&["call", "cost_explorer", "[]"], USAGE, "not a JSON object"),
        (
            &["call", "cost_explorer", "@no/such/file"],
            USAGE,
            "no/such/file",
        ),
        (&["run", "no/such/file.md"], USAGE, "no/such/file.md"),
        (&["run", "Cargo.toml"], USAGE, "no usePower"),
        (&["--toolsets", "nonsense"], USAGE, "billing"),
        (&["--tools", "nonsense"], USAGE, "cost_explorer"),
        (&["--as-of", "2024-02-30", "tools"], USAGE, "--as-of"),
        (&["nonsense"], USAGE, "Usage"),
    ] {
        let ended = run(None, arguments);
        assert_eq!(
            ended.code, code,
            "{arguments:?}: {}{}",
            ended.stdout, ended.stderr
        );
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(
            said.contains(part),
            "{arguments:?} does not say {part:?}: {said}"
        );
    }
}

#[test]
fn selected_tools_are_offered_and_excluded_ones_never() {
    let names = |arguments: &[&str]| -> Vec<String> {
        let listed = run(None, &[arguments, &["tools", "--json"]].concat());
        let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
        let tools = listed["tools"].as_array().unwrap();
        tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = names(&[]);
    assert!(all.contains(&"cost_explorer".to_owned()));
    assert_eq!(names(&["--tools", "cost-explorer"]), ["cost_explorer"]);
    assert!(
        names(&[
            "--tools",
            "cost_explorer",
            "--exclude-tools",
            "cost_explorer"
        ])
        .is_empty()
    );
    assert!(names(&["--exclude-tools", "cost_explorer"]).len() == all.len() - 1);
}

#[test]
fn without_credentials_the_next_step_is_to_sign_in() {
    let ended = run(None, &["call", "describe_alarms"]);
    assert_eq!(ended.code, REFUSED, "{}", ended.stdout);
    assert!(ended.stderr.contains("no_credentials"), "{}", ended.stderr);
    assert!(ended.stderr.contains("sign in"), "{}", ended.stderr);
}

#[test]
fn the_doctor_finds_a_healthy_account_and_bills_nothing() {
    let account = Account::at("2024-12-05");
    let ended = run(Some(&account), &["doctor", "--json"]);
    assert_eq!(ended.code, OK, "{}{}", ended.stdout, ended.stderr);
    let billed = account
        .requests_by_operation()
        .keys()
        .filter(|name| name.starts_with("ce:"))
        .count();
    assert_eq!(
        billed, 0,
        "the doctor billed a Cost Explorer request without being asked"
    );
}

#[test]
fn the_doctor_ends_with_a_code_where_something_is_wrong() {
    let account = Account::at("2024-12-05");
    account.disturb(&["budgets:*=expired-token"]);
    for (account, part) in [(Some(&account), "budgets:ViewBudget"), (None, "sign in")] {
        let table = run(account, &["doctor"]);
        assert_eq!(table.code, REFUSED, "{}{}", table.stdout, table.stderr);
        assert!(table.stdout.contains("missing"), "{}", table.stdout);
        let json = run(account, &["doctor", "--json"]);
        assert_eq!(json.code, REFUSED, "{}{}", json.stdout, json.stderr);
        assert!(json.stdout.contains(part), "{}", json.stdout);
    }
}
