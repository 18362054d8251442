//! Private rates and the `prices` commands through the real binary.

use crate::{
    client::{Client as _, Era},
    program::{Ended, command, root, run, wait},
    stdio::Stdio,
};
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
         5% off the list rate of the others; for anthropic.claude-sonnet-5 regional standard"
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
        "last checked on 2026-07-24, more than 90 days ago: anthropic.claude-3-5-sonnet-20240620-v1:0 regional standard; \
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
    // In Ireland the standard rates of Nova Lite are of 2026-11-22, and those of batch of 2026-08-20 and of one source.
    let asked = json!({
        "models": "Nova Lite", "region": "eu-west-1", "input_tokens": 1_000, "output_tokens": 100, "requests": 1_000,
    });
    let scenario = call("scenario_estimate", &asked, &[]);
    assert_eq!(
        warning(&scenario, "stale_rate").unwrap(),
        "last checked on 2026-08-20, more than 90 days ago: plan batch; \
         `bedrock-cost-mcp prices refresh` reads AWS's Price List"
    );
    let doubt = warning(&scenario, "single_source").unwrap();
    assert!(
        doubt.starts_with("plan batch has a single source"),
        "{doubt}"
    );
    assert_eq!(scenario["source"]["date"], "2026-08-20");
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

/// The program with a data folder of its own.
struct Home(PathBuf);

impl Home {
    fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = command(None);
        command.env("XDG_DATA_HOME", &self.0).args(arguments);
        let done = command.output().unwrap();
        Ended {
            code: done.status.code(),
            stdout: String::from_utf8(done.stdout).unwrap(),
            stderr: String::from_utf8(done.stderr).unwrap(),
        }
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
        serde_json::from_str(&ended.stdout).unwrap()
    }

    fn kept(&self) -> Vec<String> {
        let Ok(folder) = fs::read_dir(self.0.join("bedrock-cost-mcp")) else {
            return Vec::new();
        };
        folder
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// Kind of source and regional input rate of a model in us-east-1.
    fn input(&self, model: &str, more: &[&str]) -> (Value, Value) {
        let asked = json!({"model": model, "routing": "regional", "tier": "standard"}).to_string();
        let answer = self.json(&[&["call", "get_pricing", &asked, "--json"], more].concat());
        let columns = answer["columns"].as_array().unwrap();
        let at = columns.iter().position(|column| column == "input").unwrap();
        (
            answer["source"]["kind"].clone(),
            answer["rows"][0][at].clone(),
        )
    }
}

const SAMPLE: [&str; 3] = ["--sample", "--as-of", AS_OF];

#[test]
fn a_refresh_is_shown_first_and_kept_when_told_to() {
    let home = Home(folder("refresh"));
    let shown = home.run(&[&["prices", "refresh"], &SAMPLE[..]].concat());
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("the same"), "{}", shown.stdout);
    assert!(
        shown.stdout.contains("not a token rate: "),
        "{}",
        shown.stdout
    );
    assert!(
        shown.stderr.contains("run it again with --yes"),
        "{}",
        shown.stderr
    );
    assert!(home.kept().is_empty());
    assert_eq!(
        home.input("Nova Micro", &SAMPLE),
        (json!("embedded"), json!(0.035))
    );

    let kept = home.run(&[&["prices", "refresh", "--yes"], &SAMPLE[..]].concat());
    assert_eq!(kept.code, Some(0), "{}", kept.stderr);
    assert_eq!(home.kept(), ["price-overlay-sample.csv"]);
    assert_eq!(
        home.input("Nova Micro", &SAMPLE),
        (json!("refreshed"), json!(0.035))
    );
    // What the simulated account lists is nothing for an answer about AWS.
    assert_eq!(
        home.input("Nova Micro", &["--as-of", AS_OF]).0,
        json!("embedded")
    );

    // Read again, nothing changes.
    let again = home.json(&[&["prices", "refresh", "--json"], &SAMPLE[..]].concat());
    assert_eq!((&again["changed"], &again["new"]), (&json!([]), &json!([])));
    let diff = home.json(&[&["prices", "diff", "--json"], &SAMPLE[..]].concat());
    assert_eq!(diff["overlay"]["read"], AS_OF);
    assert_eq!(diff["overlay"]["rates"], again["overlay"]["rates"]);
    // A rate of 2026-07-24 that the list confirms is a rate of today.
    let asked = json!({"model": "Claude 3.5 Sonnet", "tier": "standard"}).to_string();
    let call = ["call", "get_pricing", &asked, "--json"];
    let answer = home.json(&[&call, &SAMPLE[..]].concat());
    assert_eq!(warning(&answer, "stale_rate"), None, "{answer}");
}

#[test]
fn a_running_server_answers_from_the_overlay_as_it_stands() {
    let home = Home(folder("running"));
    let mut command = command(None);
    command.env("XDG_DATA_HOME", &home.0).args(SAMPLE);
    let mut server = Stdio::over(Era::Modern, command);
    let asked = json!({"model": "Nova Micro", "routing": "regional", "tier": "standard"});
    let mut kind = || {
        let called = server.call("get_pricing", &asked);
        if called.is_error {
            called.facts["code"].clone()
        } else {
            called.facts["source"]["kind"].clone()
        }
    };
    assert_eq!(kind(), "embedded");
    let kept = home.run(&[&["prices", "refresh", "--yes"], &SAMPLE[..]].concat());
    assert_eq!(kept.code, Some(0), "{}", kept.stderr);
    let mut becomes = |expected: &str| {
        wait(&format!("rates that are {expected}"), || {
            (kind() == expected).then_some(())
        });
    };
    becomes("refreshed");
    // Neither one that is no overlay nor the one before it is answered from.
    let overlay = home.0.join("bedrock-cost-mcp/price-overlay-sample.csv");
    fs::write(&overlay, "model,rate\n").unwrap();
    becomes("price_file");
    fs::remove_file(&overlay).unwrap();
    becomes("embedded");
    assert!(server.close().success());
}

fn fixture(name: &str) -> String {
    let path = root()
        .join("crates/bedrock-cost/tests/price_list")
        .join(name);
    path.to_str().unwrap().to_owned()
}

#[test]
fn bulk_files_are_read_and_a_likely_slip_of_the_unit_is_not_kept() {
    let home = Home(folder("files"));
    let (native, slip) = (fixture("AmazonBedrock.json"), fixture("unit_slip.csv"));
    let today = ["--as-of", "2026-12-20"];
    let refresh = |files: &[&str], more: &[&str]| {
        home.run(&[&["prices", "refresh", "--from"], files, more, &today].concat())
    };
    // 1.10 per 1K tokens where 1.10 per 1M was.
    let refused = refresh(&[&slip], &["--yes"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stdout.contains("x1000 (!)"), "{}", refused.stdout);
    assert!(
        refused.stderr.contains("--accept-large"),
        "{}",
        refused.stderr
    );
    assert!(home.kept().is_empty());

    let kept = refresh(&[&native], &["--yes"]);
    assert_eq!(kept.code, Some(0), "{}", kept.stderr);
    let words: Vec<&str> = kept.stdout.split_whitespace().collect();
    assert!(
        words.join(" ").contains("input 0.8 0.72 -10% us-east-1"),
        "{}",
        kept.stdout
    );
    assert_eq!(
        home.input("Nova Pro", &today),
        (json!("refreshed and embedded"), json!(0.72))
    );
    // Before AWS lists it, and before the file was published, the built-in rate stands.
    assert_eq!(
        home.input("Nova Pro", &["--as-of", "2026-10-31"]).1,
        json!(0.8)
    );
    let diff = home.json(&[&["prices", "diff", "--json"], &today[..]].concat());
    assert_eq!(diff["overlay"]["read"], "2026-12-15");
    assert_eq!(
        diff["changed"],
        json!([{"model": "amazon.nova-pro-v1:0", "region": "us-east-1", "routing": "regional",
                "tier": "standard", "token": "input", "was": 0.8, "now": 0.72}])
    );
    // Private rates are taken off what was refreshed: 0.72 less 9%.
    let example = root().join("examples/private-rates.toml");
    let private = [
        "--as-of",
        "2026-12-20",
        "--rates",
        example.to_str().unwrap(),
    ];
    assert_eq!(
        home.input("Nova Pro", &private),
        (json!("private"), json!(0.6552))
    );
    let listed = home.json(
        &[
            &[
                "prices",
                "list",
                "Nova Pro",
                "--region",
                "us-east-1",
                "--tier",
                "standard",
                "--json",
            ],
            &today[..],
        ]
        .concat(),
    );
    assert_eq!(listed["rates"][0]["rates"]["input"], json!(0.72));
    assert_eq!(listed["rates"][0]["origin"], "refreshed and embedded");

    let accepted = refresh(&[&slip], &["--yes", "--accept-large"]);
    assert_eq!(accepted.code, Some(0), "{}", accepted.stderr);
    assert_eq!(home.input("Claude Haiku 4.5", &today).1, json!(1100));
}

#[test]
fn a_second_file_keeps_what_the_first_one_brought() {
    let home = Home(folder("sequence"));
    let today = ["--as-of", "2026-12-20"];
    let refresh = |name: &str, more: &[&str]| {
        let file = fixture(name);
        let ended = home.run(&[&["prices", "refresh", "--from", &file], more, &today].concat());
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
        ended.stdout
    };
    refresh("AmazonBedrock.json", &["--yes"]);
    let shown: Value =
        serde_json::from_str(&refresh("AmazonBedrockFoundationModels.csv", &["--json"])).unwrap();
    assert_eq!(shown["kept_before_and_not_read"], 6);
    assert_eq!(shown["unlisted"], json!([]));
    let said = refresh("AmazonBedrockFoundationModels.csv", &["--yes"]);
    assert!(
        said.contains("6 kept before are not in this reading and stay"),
        "{said}"
    );
    // Nova Pro of the first file, at 0.72 instead of 0.80.
    assert_eq!(
        home.input("Nova Pro", &today),
        (json!("refreshed and embedded"), json!(0.72))
    );
    let diff = home.json(&[&["prices", "diff", "--json"], &today[..]].concat());
    assert_eq!(diff["overlay"]["rates"], 10);
    assert_eq!(diff["overlay"]["oldest_read"], "2026-12-15");
    assert_eq!(diff["overlay"]["read"], "2026-12-16");
    // The first file again is the older reading of what both hold, and changes nothing.
    let again: Value = serde_json::from_str(&refresh("AmazonBedrock.json", &["--json"])).unwrap();
    assert_eq!((&again["changed"], &again["new"]), (&json!([]), &json!([])));
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_in_the_place_of_a_file_is_refused_at_once() {
    let pipe = folder("pipe").join("rates.toml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    let mut paths = vec!["/dev/zero"];
    if made.is_ok_and(|status| status.success()) {
        paths.push(pipe.to_str().unwrap());
    }
    for path in paths {
        let call = ["call", "get_pricing", "{\"model\": \"Nova Micro\"}"];
        let ended = run(None, &[&call[..], &["--rates", path]].concat());
        refused(&ended, &["price_file", "not a file", "--rates"]);
        let ended = run(None, &["prices", "refresh", "--from", path]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains("not a file"), "{}", ended.stderr);
    }
}

#[test]
fn an_overlay_that_was_damaged_is_refused_by_line() {
    let home = Home(folder("damaged"));
    let native = fixture("AmazonBedrock.json");
    home.run(&[
        "prices", "refresh", "--from", &native, "--yes", "--as-of", AS_OF,
    ]);
    let path = home.0.join("bedrock-cost-mcp/price-overlay.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(",0.72,", ",0,72,")).unwrap();
    let ended = home.run(&["call", "get_pricing", "{\"model\": \"Nova Micro\"}"]);
    refused(
        &ended,
        &[
            "price_file",
            "line 7: 11 cells, and the table has 10 columns",
            "prices refresh",
        ],
    );
}

#[test]
fn the_prices_commands_say_what_is_wrong() {
    for (arguments, code, part) in [
        (
            &["prices", "refresh", "--from", "no/such/file.json"][..],
            2,
            "no/such/file.json",
        ),
        (
            &["prices", "refresh", "--from", "Cargo.toml"],
            2,
            "not a bulk file of the Price List",
        ),
        (
            &["prices", "refresh", "--region", "us-eest-1"],
            2,
            "us-east-1",
        ),
        (&["prices", "refresh"], 1, "no_credentials"),
        (
            &["prices", "list", "Nova Mikro"],
            1,
            "amazon.nova-micro-v1:0",
        ),
        (
            &["prices", "list", "--provider", "Antropic"],
            1,
            "Anthropic",
        ),
        (&["prices", "diff"], 0, "no rates were kept"),
    ] {
        let ended = run(None, arguments);
        assert_eq!(
            ended.code,
            Some(code),
            "{arguments:?}: {}{}",
            ended.stdout,
            ended.stderr
        );
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(
            said.contains(part),
            "{arguments:?} does not say {part:?}: {said}"
        );
    }
}
