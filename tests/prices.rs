//! Private rates and the `prices` commands through the real binary.

use crate::program::{Ended, command, root, run};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

const AS_OF: &str = "2026-11-23";

/// A folder of its own for one test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("prices")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn file(folder: &str, name: &str, text: &str) -> String {
    let path = self::folder(folder).join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[track_caller]
fn call(tool: &str, arguments: &Value, rates: &[&str]) -> Value {
    let asked = arguments.to_string();
    let call = ["call", tool, &asked, "--json", "--as-of", AS_OF];
    let ended = run(None, &[&call, rates].concat());
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

fn warning<'a>(answer: &'a Value, code: &str) -> Option<&'a str> {
    let mut warnings = answer["warnings"].as_array()?.iter();
    warnings.find(|warning| warning["code"] == code)?["message"].as_str()
}

/// The example: 5% off, 9% off Amazon's models, 15% off guardrails, and Claude Sonnet 5 at 1.80 and 9.
#[test]
fn the_example_of_private_rates_prices_every_kind_of_answer() {
    let example = root().join("examples/private-rates.toml");
    let rates = ["--rates", example.to_str().unwrap()];
    let pricing = call(
        "get_pricing",
        &json!({"model": "Claude Sonnet 5", "routing": "regional", "tier": "standard"}),
        &rates,
    );
    let columns = pricing["columns"].as_array().unwrap();
    let at = |name: &str| columns.iter().position(|column| column == name).unwrap();
    assert_eq!(pricing["rows"][0][at("input")], json!(1.8));
    // The list rate of 0.22, less 5%.
    assert_eq!(pricing["rows"][0][at("cache_read")], json!(0.209));
    assert_eq!(pricing["source"]["kind"], "private");
    let said = warning(&pricing, "private_rates").unwrap();
    assert_eq!(
        said,
        "Example enterprise agreement of 2026-10-01: rates of its own (order form 7), \
         5% off the list rate of the others; for anthropic.claude-sonnet-5"
    );
    assert!(
        !pricing.to_string().contains("private-rates.toml"),
        "{pricing}"
    );

    // A million requests of 1,000 and 100 tokens at 0.035 and 0.14: 35 + 14 = 49, less 9% = 44.59.
    // Content filters on 1,000 characters: a million text units at 0.00015, less 15% = 127.50.
    let scenario = call(
        "scenario_estimate",
        &json!({
            "models": "Nova Micro", "input_tokens": 1000, "output_tokens": 100, "requests": 1_000_000,
            "guardrails": {"policies": {"content_filters": "input"}, "input_chars": 1000},
        }),
        &rates,
    );
    assert_eq!(scenario["estimates"][0]["monthly_usd"], json!(172.09));
    assert_eq!(scenario["source"]["kind"], "private");
    assert!(
        warning(&scenario, "private_rates")
            .unwrap()
            .contains("9% off the list rate")
    );

    let tokens = call(
        "estimate_tokens",
        &json!({"text": "one two three", "models": "Nova Pro"}),
        &rates,
    );
    // 0.80 less 9%.
    assert_eq!(tokens["estimates"][0]["input_usd_per_mtok"], json!(0.728));
    assert_eq!(tokens["source"]["kind"], "private");
}

#[test]
fn rates_of_aws_are_not_discounted_and_say_so() {
    let example = root().join("examples/private-rates.toml");
    let rates = ["--sample", "--rates", example.to_str().unwrap()];
    let asked = json!({"service_code": "AmazonBedrock", "model": "Nova Micro"});
    let answer = call("get_pricing", &asked, &rates);
    assert!(
        warning(&answer, "private_rates_not_applied")
            .unwrap()
            .contains("Example enterprise agreement of 2026-10-01")
    );
}

#[track_caller]
fn refused(ended: &Ended, parts: &[&str]) {
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    for part in parts {
        assert!(ended.stderr.contains(part), "{part:?}: {}", ended.stderr);
    }
}

#[test]
fn a_file_of_rates_that_cannot_be_used_is_refused_by_what_needs_it_and_nothing_else() {
    let wrong = file(
        "wrong",
        "rates.toml",
        "title = \"T\"\ndate = 2026-10-01\n\n[[discount]]\npercent = 120\n",
    );
    let with =
        |arguments: &[&str], rates: &str| run(None, &[arguments, &["--rates", rates]].concat());
    let ask = ["call", "get_pricing", "{\"model\": \"Nova Micro\"}"];
    refused(
        &with(&ask, &wrong),
        &[
            "price_file",
            "line 4: percent 120 is outside 0 to 100",
            "--rates",
        ],
    );
    refused(
        &with(&ask, "no/such/file.toml"),
        &["price_file", "cannot be used", "without --rates"],
    );
    // What needs no rates goes on working.
    assert_eq!(with(&["tools"], &wrong).code, Some(0));
    let other = ["call", "cost_explorer", "{\"dry_run\": true}"];
    assert_eq!(with(&other, &wrong).code, Some(0));
}

#[test]
fn rates_that_were_not_checked_for_long_are_named_with_the_way_out() {
    // Public Extended Access of Claude 3.5 Sonnet was read on 2026-07-24; 90 days later is 2026-10-22.
    let ask = |as_of: &str| {
        let asked = json!({"model": "Claude 3.5 Sonnet", "tier": "standard"}).to_string();
        let ended = run(
            None,
            &["call", "get_pricing", &asked, "--json", "--as-of", as_of],
        );
        let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
        warning(&answer, "stale_rate").map(str::to_owned)
    };
    assert_eq!(ask("2026-10-22"), None);
    assert_eq!(
        ask("2026-10-23").unwrap(),
        "last checked on 2026-07-24, more than 90 days ago: anthropic.claude-3-5-sonnet-20240620-v1:0; \
         `bedrock-cost-mcp prices refresh` reads AWS's Price List"
    );
    let asked = json!({
        "models": "Claude 3.5 Sonnet", "input_tokens": 1, "output_tokens": 1, "requests": 1,
        "rate_date": "2026-10-01",
    });
    let scenario = call("scenario_estimate", &asked, &[]);
    assert!(
        warning(&scenario, "stale_rate")
            .unwrap()
            .contains("2026-07-24, more than 90 days ago: input tokens, output tokens")
    );
    let asked = json!({"text": "x", "models": "Claude 3.5 Sonnet"});
    assert!(warning(&call("estimate_tokens", &asked, &[]), "stale_rate").is_some());
}

#[test]
fn nothing_is_read_before_a_call_needs_a_rate() {
    // A folder in the place of the overlay cannot be read as a file: what does not look does not notice.
    let home = folder("unread");
    fs::create_dir_all(home.join("bedrock-cost-mcp/price-overlay.csv")).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = command(None);
        command.env("XDG_DATA_HOME", &home).args(arguments);
        let done = command.output().unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    assert_eq!(run(&["tools"]).0, Some(0));
    assert_eq!(
        run(&["call", "cost_explorer", "{\"dry_run\": true}"]).0,
        Some(0)
    );
    let (code, said) = run(&["call", "get_pricing", "{\"model\": \"Nova Micro\"}"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("the overlay of refreshed rates cannot be used"),
        "{said}"
    );
    assert!(said.contains("prices refresh"), "{said}");
}
