//! One snapshot per tool: the public surface, reviewed as a diff, and the rules every tool keeps.

use crate::program::{root, run};
use serde_json::Value;
use std::{collections::BTreeSet, env, fs, path::PathBuf};

/// Set to 1 to write the snapshots anew, then read the difference.
const UPDATE: &str = "UPDATE_TOOLSNAPS";
/// A cheap stand-in for the budget of 4,000 tokens, which `.ci/run` counts: these definitions run to
/// more than four bytes a token.
const MOST_BYTES: usize = 4 * 4_000;

/// Arguments whose names say all: every tool gives them the same meaning, or AWS does. A description would be paid for
/// in every conversation.
const SPEAKING: [&str; 14] = [
    "action_prefix",
    "alarm_name_prefix",
    "budget_name",
    "cursor",
    "dimension",
    "dry_run",
    "end_time",
    "limit",
    "max_pages",
    "profile",
    "region",
    "service_code",
    "tag_key",
    "unit",
];

fn definitions() -> Vec<Value> {
    let listed = run(None, &["tools", "--json"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    listed["tools"].as_array().unwrap().clone()
}

fn folder() -> PathBuf {
    root().join("crates/bedrock-cost-mcp/toolsnaps")
}

fn name(tool: &Value) -> &str {
    tool["name"].as_str().unwrap()
}

#[test]
fn every_tool_is_as_its_snapshot_says() {
    let update = env::var(UPDATE).is_ok_and(|value| value == "1");
    let mut expected = BTreeSet::new();
    for tool in definitions() {
        let file = format!("{}.json", name(&tool));
        let path = folder().join(&file);
        let text = format!("{}\n", serde_json::to_string_pretty(&tool).unwrap());
        if update {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let snapshot = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            snapshot == text,
            "{file} differs: run the tests with {UPDATE}=1 and read the difference"
        );
        expected.insert(file);
    }
    for entry in fs::read_dir(folder()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            expected.contains(&file),
            "{file} is the snapshot of no tool"
        );
    }
}

#[test]
fn every_tool_keeps_the_rules() {
    let tools = definitions();
    let names: BTreeSet<&str> = tools.iter().map(name).collect();
    assert_eq!(names.len(), tools.len(), "two tools share a name");
    for tool in &tools {
        let name = name(tool);
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(name.chars().all(allowed), "{name}");
        for field in ["title", "description"] {
            let text = tool[field].as_str().unwrap_or_default();
            assert!(text.len() > 3, "{name} has no {field}");
        }
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{name}");
        // A tool that only reads destroys nothing: the hint would say so twice, in every conversation.
        assert_ne!(tool["annotations"]["destructiveHint"], true, "{name}");
        check_schema(name, "input", &tool["inputSchema"]);
        check_schema(name, "output", &tool["outputSchema"]);
        // Strict clients hold the structured content of a refused call against the schema too.
        assert!(tool["outputSchema"].get("required").is_none(), "{name}");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}");
        for (argument, schema) in tool["inputSchema"]["properties"].as_object().unwrap() {
            let text = schema["description"].as_str().unwrap_or_default();
            assert!(
                !text.is_empty() || SPEAKING.contains(&argument.as_str()),
                "{name}: {argument} is not described"
            );
        }
    }
}

#[track_caller]
fn check_schema(tool: &str, which: &str, schema: &Value) {
    assert_eq!(schema["type"], "object", "{tool}: {which} schema");
    let text = schema.to_string();
    for foreign in [
        "$ref",
        "$defs",
        "\"null\"",
        "$schema",
        "\"nullable\"",
        "\"default\":null",
    ] {
        assert!(
            !text.contains(foreign),
            "{tool}: {foreign} in the {which} schema"
        );
    }
}

#[test]
fn the_list_stays_small() {
    let bytes: usize = definitions()
        .iter()
        .map(|tool| tool.to_string().len())
        .sum();
    assert!(
        bytes <= MOST_BYTES,
        "the definitions take {bytes} bytes, more than {MOST_BYTES}"
    );
}
