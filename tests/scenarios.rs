//! The scenario files under `examples`, through the command line: equal to the sums by hand in the table beside them.

use crate::program::{root, run};
use serde_json::Value;

/// File, model, and US dollars a month as the table in `examples/scenarios/README.md` works them out.
const BY_HAND: &[(&str, &str, &str)] = &[
    (
        "chatbot",
        "anthropic.claude-3-5-haiku-20241022-v1:0",
        "17280",
    ),
    ("chatbot", "amazon.nova-lite-v1:0", "1252.8"),
    ("chatbot", "amazon.nova-micro-v1:0", "730.8"),
    (
        "content-platform",
        "anthropic.claude-3-opus-20240229-v1:0",
        "30000",
    ),
    ("content-platform", "amazon.nova-lite-v1:0", "108"),
    ("model-choice", "amazon.nova-micro-v1:0", "0.84"),
    (
        "model-choice",
        "anthropic.claude-3-opus-20240229-v1:0",
        "375",
    ),
    ("chat-sessions", "amazon.nova-lite-v1:0", "1500"),
    (
        "chat-sessions",
        "anthropic.claude-3-haiku-20240307-v1:0",
        "6875",
    ),
    (
        "chat-sessions",
        "anthropic.claude-3-5-haiku-20241022-v1:0",
        "22000",
    ),
    ("chat-sessions", "anthropic.claude-v2:1", "180000"),
    ("guardrails", "amazon.nova-micro-v1:0", "126"),
    ("prompt-verbose", "anthropic.claude-v2:1", "9.352"),
    ("table-as-html", "anthropic.claude-v2:1", "130.368"),
    ("table-as-csv", "anthropic.claude-v2:1", "17.536"),
    ("table-as-best-csv", "anthropic.claude-v2:1", "10.84"),
];

fn estimates(file: &str) -> Vec<Value> {
    let path = format!("@examples/scenarios/{file}.json");
    let arguments = [
        "--as-of",
        "2026-11-22",
        "call",
        "scenario_estimate",
        &path,
        "--json",
    ];
    let ended = run(None, &arguments);
    assert_eq!(
        ended.code,
        Some(0),
        "{file}: {}{}",
        ended.stdout,
        ended.stderr
    );
    let answer: Value = serde_json::from_str(&ended.stdout).unwrap();
    answer["estimates"].as_array().unwrap().clone()
}

#[test]
fn each_scenario_file_costs_what_it_costs_by_hand() {
    for (file, model, monthly) in BY_HAND {
        let found: Vec<String> = estimates(file)
            .iter()
            .filter(|estimate| estimate["model"] == *model)
            .map(|estimate| estimate["monthly_usd"].to_string())
            .collect();
        assert_eq!(found, [*monthly], "{file} {model}");
    }
}

#[test]
fn each_scenario_file_is_in_the_table_with_its_figures() {
    let folder = root().join("examples/scenarios");
    let table = std::fs::read_to_string(folder.join("README.md")).unwrap();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "json") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(table.contains(&format!("`{name}.json`")), "{name}");
            assert!(BY_HAND.iter().any(|(file, ..)| *file == name), "{name}");
        }
    }
}
