//! What outlives a process: a second process answers from what the first was told, and both hold one spend limit.

use crate::{
    account::Account,
    client::{Called, Client as _, Era},
    program::{self, ended},
    stdio::Stdio,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

const TODAY: &str = "2024-12-05";

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("state")
        .join(name);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A server that keeps its state in a file.
fn open(account: &Account, state: &Path, more: &[&str]) -> Stdio {
    let mut arguments = vec!["--state", state.to_str().unwrap()];
    arguments.extend(more);
    Stdio::open(Era::Modern, Some(account), &arguments)
}

/// A question of one page, another for each text.
fn search(text: &str) -> Value {
    json!({
        "operation": "getDimensionValues", "dimension": "SERVICE", "search_string": text,
        "start_date": "2024-11-01", "end_date": "2024-12-01",
    })
}

/// A question whose answer comes in several pages.
fn many_pages() -> Value {
    json!({
        "start_date": "2024-10-01", "end_date": "2024-12-01", "granularity": "DAILY",
        "group_by": ["USAGE_TYPE", "LINKED_ACCOUNT"], "max_pages": 20,
    })
}

/// An answer without what says when and at which price it came.
fn content(mut answer: Value) -> Value {
    let fields = answer.as_object_mut().unwrap();
    for field in ["aws_requests", "aws_cost_usd", "source"] {
        assert!(fields.remove(field).is_some(), "{field}");
    }
    answer
}

#[track_caller]
fn warned(answer: &Value, code: &str) -> String {
    let warnings = answer["warnings"].as_array().cloned().unwrap_or_default();
    let found: Vec<_> = warnings
        .iter()
        .filter(|warning| warning["code"] == code)
        .collect();
    assert_eq!(found.len(), 1, "{answer}");
    found[0]["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_new_process_answers_without_a_billed_request() {
    let account = Account::at(TODAY);
    let state = folder("second").join("state");
    let metrics = json!({
        "metric_data_queries": [
            {"id": "in", "metric_stat": {"metric": {"namespace": "AWS/Bedrock", "metric_name": "InputTokenCount"},
                "period": 86400, "stat": "Sum"}},
            {"id": "all", "expression": "SEARCH('{AWS/Bedrock,ModelId} MetricName=\"Invocations\"', 'Sum', 86400)"},
        ],
        "start_time": "-7d",
    });
    for (tool, question) in [
        ("cost_explorer", search("Claude")),
        ("cost_explorer", many_pages()),
        ("get_metric_data", metrics),
    ] {
        account.forget();
        let first = open(&account, &state, &[]).call(tool, &question).answer();
        assert!(account.billed() > 0, "{first}");
        assert_eq!(first["source"]["age_seconds"], Value::Null, "{first}");
        account.forget();
        let second = open(&account, &state, &[]).call(tool, &question).answer();
        assert_eq!(
            account.requests(),
            0,
            "{:?}",
            account.requests_by_operation()
        );
        assert_eq!(second["aws_requests"], 0, "{second}");
        assert_eq!(second["aws_cost_usd"], 0, "{second}");
        assert!(second["source"]["age_seconds"].is_u64(), "{second}");
        assert_eq!(content(first), content(second));
    }
}

#[test]
fn the_ledger_is_what_aws_charged_to_the_last_digit() {
    let account = Account::at(TODAY);
    let state = folder("books").join("state");
    let state_text = state.to_str().unwrap();
    let mut client = open(&account, &state, &[]);
    client.call("cost_explorer", &many_pages()).answer();
    account.disturb(&["ce:GetDimensionValues#1=throttle"]);
    client.call("cost_explorer", &search("Claude")).answer();
    client.call("cost_anomaly", &json!({})).answer();
    let guide = ["run", "examples/guide-calls.md", "--state", state_text];
    assert_eq!(program::run(Some(&account), &guide).code, Some(0));
    let books = rusqlite::Connection::open(&state).unwrap();
    let charged: Vec<(i64, Option<String>)> = books
        .prepare("SELECT micro_usd, request_id FROM requests")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let sum: i64 = charged.iter().map(|(micro_usd, _)| micro_usd).sum();
    assert!(account.billed() > 10);
    assert_eq!(Decimal::new(sum, 6), account.charge_usd());
    let journal: BTreeSet<String> = account
        .journal()
        .into_iter()
        .filter(|entry| entry.billed)
        .map(|entry| entry.request_id)
        .collect();
    let paid: BTreeSet<String> = charged.into_iter().filter_map(|(_, id)| id).collect();
    assert_eq!(paid, journal);
}

#[test]
fn the_simulated_account_in_the_process_is_kept_alike() {
    let state = folder("sample").join("state");
    let arguments = |day| {
        let state = state.to_str().unwrap();
        ["--sample", "--as-of", day, "--state", state]
    };
    let ask = |day| {
        Stdio::open(Era::Modern, None, &arguments(day))
            .call("cost_explorer", &search("Claude"))
            .answer()
    };
    assert_eq!(ask(TODAY)["aws_requests"], 1);
    assert_eq!(ask(TODAY)["aws_requests"], 0);
    // On another day it is another account.
    assert_eq!(ask("2024-12-06")["aws_requests"], 1);
    // AWS's answers and dollars are apart from it.
    let account = Account::at(TODAY);
    open(&account, &state, &["--spend-limit", "0.01"])
        .call("cost_explorer", &search("Claude"))
        .answer();
    assert_eq!(account.billed(), 1);
}

#[test]
fn a_new_access_key_of_the_same_caller_is_answered_and_asks_who_it_is_once() {
    let account = Account::at(TODAY);
    let state = folder("keys").join("state");
    let ask = |key: &str| {
        let mut command = program::keeping(Some(&account));
        command
            .env("AWS_ACCESS_KEY_ID", key)
            .args(["--state", state.to_str().unwrap()])
            .args([
                "call",
                "cost_explorer",
                &search("Claude").to_string(),
                "--json",
            ]);
        account.forget();
        let ended = ended(command);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(answer["aws_requests"], account.requests(), "{answer}");
        account
            .requests_by_operation()
            .into_iter()
            .collect::<Vec<_>>()
    };
    let (who, what) = (
        ("sts:GetCallerIdentity".to_owned(), 1),
        ("ce:GetDimensionValues".to_owned(), 1),
    );
    assert_eq!(ask("AKIDFIRST00000000000"), [what, who.clone()]);
    assert_eq!(ask("AKIDSECOND0000000000"), [who]);
    assert_eq!(ask("AKIDFIRST00000000000"), []);
    assert_eq!(ask("AKIDSECOND0000000000"), []);
}

#[test]
fn by_default_the_file_is_the_users_own() {
    let account = Account::at(TODAY);
    let home = folder("default");
    let run = |arguments: &[&str]| {
        let mut command = program::keeping(Some(&account));
        command.env("XDG_DATA_HOME", &home).args(arguments);
        ended(command)
    };
    // Nothing that does not need the file makes it.
    assert_eq!(run(&["tools"]).code, Some(0));
    assert_eq!(run(&["cache", "show"]).stdout.trim(), "nothing is kept");
    assert!(!home.join("bedrock-cost-mcp").exists());
    let asked = run(&["call", "cost_explorer", &search("Claude").to_string()]);
    assert_eq!(asked.code, Some(0), "{}", asked.stderr);
    let file = home.join("bedrock-cost-mcp").join("state.sqlite3");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let shown: Value = serde_json::from_str(&run(&["cache", "show", "--json"]).stdout).unwrap();
    assert_eq!(
        shown[0]["question"],
        "GetDimensionValues SERVICE 2024-11-01 to 2024-12-01"
    );
    let doctor = || {
        let found: Value = serde_json::from_str(&run(&["doctor", "--json"]).stdout).unwrap();
        let checks = found["checks"].as_array().unwrap();
        let state = checks
            .iter()
            .find(|check| check["check"] == "state")
            .unwrap();
        assert_eq!(state["result"], "ok");
        state["found"].as_str().unwrap().to_owned()
    };
    let before = doctor();
    assert!(before.contains(file.to_str().unwrap()), "{before}");
    for part in [
        "0.01 USD spent today and 0.01 USD this month",
        "limit 1 USD a day",
        "1 requests paid",
    ] {
        assert!(before.contains(part), "{before}");
    }
    let cleared = run(&["cache", "clear"]);
    assert!(
        cleared.stdout.contains("answers were forgotten"),
        "{}",
        cleared.stdout
    );
    assert_eq!(run(&["cache", "show"]).stdout.trim(), "nothing is kept");
    let after = doctor();
    assert!(after.contains("0.01 USD spent today"), "{after}");
}

#[test]
fn at_the_limit_the_next_request_is_refused_with_what_to_do() {
    let account = Account::at(TODAY);
    let state = folder("limit").join("state");
    let limit = ["--spend-limit", "0.02"];
    let mut first = open(&account, &state, &limit);
    first.call("cost_explorer", &search("a")).answer();
    first.call("cost_explorer", &search("b")).answer();
    // A new process starts with what was spent before.
    let mut second = open(&account, &state, &limit);
    let refused = second.call("cost_explorer", &search("c"));
    assert_eq!(refused.facts["code"], "spend_limit", "{}", refused.text);
    for part in [
        "0.02 USD a day",
        "0.02 USD spent",
        "GetDimensionValues SERVICE 2024-11-01 to 2024-12-01",
        "--spend-limit 0.04/day",
    ] {
        assert!(refused.text.contains(part), "{}", refused.text);
    }
    assert_eq!(account.billed(), 2);
    // What is cached, and what is free of charge, is answered all the same.
    second.call("cost_explorer", &search("a")).answer();
    second.call("describe_alarms", &json!({})).answer();
    assert_eq!(account.billed(), 2);
    // What was refused was not spent.
    open(&account, &state, &["--spend-limit", "0.03"])
        .call("cost_explorer", &search("c"))
        .answer();
    assert_eq!(account.billed(), 3);
    // Without a file the limit holds in the process.
    let mut unkept = Stdio::open(Era::Modern, Some(&account), &["--spend-limit", "0"]);
    let refused = unkept.call("cost_explorer", &search("a"));
    assert_eq!(refused.facts["code"], "spend_limit", "{}", refused.text);
    let mistaken = program::run(None, &["--spend-limit", "much", "tools"]);
    assert_eq!(mistaken.code, Some(2));
    assert!(mistaken.stderr.contains("20/month"), "{}", mistaken.stderr);
}

#[test]
fn pages_left_unread_for_the_limit_are_said_and_read_later() {
    let account = Account::at(TODAY);
    let state = folder("chain").join("state");
    let mut client = open(&account, &state, &["--spend-limit", "0.02"]);
    let answer = client.call("cost_explorer", &many_pages()).answer();
    assert_eq!(account.billed(), 2);
    let said = warned(&answer, "pages_cut");
    assert!(said.contains("spend limit"), "{said}");
    // With a higher limit only the pages that are missing are paid for.
    let whole = open(&account, &state, &[])
        .call("cost_explorer", &many_pages())
        .answer();
    let pages = account.requests_by_operation()["ce:GetCostAndUsage"];
    assert_eq!(account.billed(), pages);
    assert_eq!(whole["aws_requests"].as_u64().unwrap(), pages - 2);
    let fresh = Stdio::open(Era::Modern, Some(&account), &[])
        .call("cost_explorer", &many_pages())
        .answer();
    assert_eq!(content(whole), content(fresh));
}

/// Does the same in several threads at once.
fn at_once<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let work = &work;
        let started: Vec<_> = (0..threads)
            .map(|number| scope.spawn(move || work(number)))
            .collect();
        started.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn eight_processes_hold_one_limit() {
    let account = Account::at(TODAY);
    let state = folder("eight").join("state");
    let refused = at_once(8, |client| {
        let mut server = open(&account, &state, &["--spend-limit", "0.13"]);
        (0..4)
            .map(|question| server.call("cost_explorer", &search(&format!("{client} {question}"))))
            .filter(|called: &Called| called.facts["code"] == "spend_limit")
            .count()
    });
    assert_eq!(account.billed(), 13);
    assert_eq!(refused.into_iter().sum::<usize>(), 32 - 13);
}

#[test]
fn processes_that_ask_the_same_at_once_pay_once() {
    let account = Account::at(TODAY);
    let state = folder("together").join("state");
    account.disturb(&["ce:*=delay-700"]);
    let answers = at_once(4, |_| {
        let mut server = open(&account, &state, &[]);
        content(server.call("cost_explorer", &search("Claude")).answer())
    });
    assert_eq!(account.billed(), 1);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[test]
fn what_is_refused_or_cut_short_is_not_kept() {
    let account = Account::at(TODAY);
    let state = folder("failures").join("state");
    let mut client = open(&account, &state, &[]);
    for (fault, code, cost) in [
        ("ce:GetDimensionValues=throttle", "throttled", json!(0)),
        (
            "ce:GetDimensionValues=half-body",
            "unavailable",
            json!(0.03),
        ),
        (
            "ce:GetDimensionValues=wrong-content",
            "unavailable",
            json!(0),
        ),
    ] {
        account.disturb(&[fault]);
        let called = client.call("cost_explorer", &search("Claude"));
        assert_eq!(called.facts["code"], code, "{}", called.text);
        if cost != 0 {
            assert_eq!(called.facts["aws_cost_usd"], cost, "{}", called.text);
        }
    }
    account.disturb(&[]);
    let answer = client.call("cost_explorer", &search("Claude")).answer();
    assert_eq!(answer["aws_requests"], 1, "{answer}");
    assert_eq!(account.billed(), 4);
    let found = program::run(
        Some(&account),
        &["doctor", "--json", "--state", state.to_str().unwrap()],
    );
    assert!(
        found.stdout.contains("0.04 USD spent today"),
        "{}",
        found.stdout
    );
    assert!(
        found
            .stdout
            .contains("4 requests paid and 0 never answered"),
        "{}",
        found.stdout
    );
}

#[test]
fn a_connection_that_never_came_about_costs_nothing() {
    let account = Account::at(TODAY);
    let state = folder("refused").join("state");
    let mut command = program::keeping(Some(&account));
    command
        .env("AWS_ENDPOINT_URL_COST_EXPLORER", "http://127.0.0.1:1")
        .args(["--state", state.to_str().unwrap()])
        .args([
            "call",
            "cost_explorer",
            &search("Claude").to_string(),
            "--json",
        ]);
    let ended = ended(command);
    assert!(ended.stdout.contains("\"unavailable\""), "{}", ended.stdout);
    let found = program::run(
        Some(&account),
        &["doctor", "--json", "--state", state.to_str().unwrap()],
    );
    assert!(
        found.stdout.contains("0 USD spent today"),
        "{}",
        found.stdout
    );
    assert!(
        found.stdout.contains("and 0 never answered"),
        "{}",
        found.stdout
    );
}

/// An answer is given, and says that the file is of no use.
#[track_caller]
fn check_answered_without(account: &Account, command: Command, problem: &str) {
    account.forget();
    let mut client = Stdio::over(Era::Modern, command);
    let answer = client.call("cost_explorer", &search("Claude")).answer();
    let said = warned(&answer, "state_unavailable");
    assert!(said.contains(problem), "{said}");
    assert_eq!(account.billed(), 1);
}

#[test]
fn without_a_usable_file_every_answer_is_given_and_says_so_once() {
    let account = Account::at(TODAY);
    let folder = folder("unusable");
    let with_state = |state: &Path| {
        let mut command = program::keeping(Some(&account));
        command.args(["--state", state.to_str().unwrap()]);
        command
    };
    // A file where the folder should be.
    fs::write(folder.join("file"), "").unwrap();
    check_answered_without(
        &account,
        with_state(&folder.join("file/state")),
        "cannot be made",
    );
    // A folder where the file should be.
    check_answered_without(&account, with_state(&folder), "cannot be opened");
    // A place where nobody may write.
    #[cfg(target_os = "linux")]
    check_answered_without(
        &account,
        with_state(Path::new("/proc/state")),
        "cannot be made",
    );
    let garbage = folder.join("garbage");
    fs::write(
        &garbage,
        "no database, and longer than a header of one has to be",
    )
    .unwrap();
    let before = fs::read(&garbage).unwrap();
    check_answered_without(&account, with_state(&garbage), "something else");
    assert_eq!(fs::read(&garbage).unwrap(), before);
}

#[test]
fn a_file_that_is_locked_for_long_keeps_no_answer_waiting_for_longer_than_some_seconds() {
    let account = Account::at(TODAY);
    let state = folder("locked").join("state");
    open(&account, &state, &[])
        .call("cost_explorer", &search("Other"))
        .answer();
    let locking = rusqlite::Connection::open(&state).unwrap();
    locking.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut command = program::keeping(Some(&account));
    command.args(["--state", state.to_str().unwrap()]);
    check_answered_without(&account, command, "locked by another program");
}

/// A shell in which no file may grow beyond some blocks stands for a full disk.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_keeps_nothing_and_answers() {
    let account = Account::at(TODAY);
    let state = folder("full").join("state");
    let inner = program::keeping(Some(&account));
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\""])
        .arg(inner.get_program())
        .args(inner.get_args())
        .args(["--state", state.to_str().unwrap()])
        .env_clear()
        .envs(
            inner
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(program::root());
    check_answered_without(&account, command, "");
}
