//! The invariants of ARCHITECTURE.md that a reader of the sources can hold.

use crate::program::root;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A file is about one thing; with more lines than this before its tests it is about two.
const LONGEST_FILE: usize = 600;

struct Source {
    /// From the root, with forward slashes.
    path: String,
    text: String,
}

impl Source {
    fn before_tests(&self) -> &str {
        let tests = self.text.find("\nmod tests {");
        self.text.get(..tests.unwrap_or(self.text.len())).unwrap()
    }

    /// The lines of code, without comments and without the tests at the end.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.before_tests()
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The places in code where any of these texts stands.
    fn places(&self, texts: &[&str]) -> Vec<String> {
        self.code()
            .filter(|(_, line)| texts.iter().any(|text| line.contains(text)))
            .map(|(number, line)| format!("{}:{number}: {}", self.path, line.trim()))
            .collect()
    }
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for folder in ["crates", "tests", "examples"] {
        walk(&root().join(folder), &mut found);
    }
    assert!(found.len() > 50, "only {} sources were found", found.len());
    found
}

fn walk(folder: &Path, found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            walk(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap();
            found.push(Source {
                path: path.to_string_lossy().replace('\\', "/"),
                text,
            });
        }
    }
}

/// The files that the sources declare as test modules: what runs in a test alone may read files and print.
fn test_modules(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let folder = source
            .path
            .strip_suffix("/mod.rs")
            .or_else(|| source.path.strip_suffix("/lib.rs"))
            .or_else(|| source.path.strip_suffix("/main.rs"))
            .or_else(|| source.path.strip_suffix(".rs"))
            .unwrap_or(&source.path);
        let mut is_for_tests = false;
        for line in source.text.lines().map(str::trim) {
            if line == "#[cfg(test)]" {
                is_for_tests = true;
            } else if !line.starts_with('#') {
                let module = line
                    .strip_prefix("mod ")
                    .and_then(|line| line.strip_suffix(';'));
                found.extend(
                    module
                        .filter(|_| is_for_tests)
                        .map(|name| format!("{folder}/{name}")),
                );
                is_for_tests = false;
            }
        }
    }
    found
}

/// Fails where code outside the allowed places holds one of the texts.
#[track_caller]
fn check_only_in(texts: &[&str], under: &str, allowed: &[&str]) {
    // A rule about a path that is gone holds for nothing, and would hold again for whatever takes its name.
    for path in allowed.iter().chain([&under]) {
        assert!(root().join(path).exists(), "{path} does not exist");
    }
    let sources = sources();
    let modules = test_modules(&sources);
    let is_a_test = |path: &str| {
        let of = |module: &String| path.strip_prefix(module.as_str());
        modules
            .iter()
            .filter_map(of)
            .any(|rest| rest.starts_with(['.', '/']))
    };
    let places: Vec<String> = sources
        .iter()
        .filter(|source| source.path.starts_with(under) && !is_a_test(&source.path))
        .filter(|source| !allowed.iter().any(|place| source.path.starts_with(place)))
        .flat_map(|source| source.places(texts))
        .collect();
    assert!(places.is_empty(), "{}", places.join("\n"));
}

#[test]
fn only_one_folder_names_the_aws_sdk() {
    let aws = "crates/bedrock-cost-mcp/src/aws/";
    let texts = [
        "aws_sdk_",
        "aws_config",
        "aws_smithy",
        "aws_credential_types",
        "aws_runtime",
        "aws_types",
    ];
    check_only_in(&texts, "crates/", &[aws]);
    let used = sources()
        .iter()
        .any(|source| source.path.starts_with(aws) && !source.places(&["aws_sdk_"]).is_empty());
    assert!(
        used,
        "the rule looks for nothing: {aws} names no SDK type either"
    );
}

#[test]
fn only_the_configuration_reads_the_environment_and_the_clock() {
    let server = "crates/bedrock-cost-mcp/src/";
    let config = "crates/bedrock-cost-mcp/src/config.rs";
    check_only_in(&["std::env", "env::var"], server, &[config]);
    check_only_in(
        &["Timestamp::now", "SystemTime", "Zoned::now"],
        server,
        &[config],
    );
}

#[test]
fn nothing_prints_but_the_transport_and_the_command_line() {
    let texts = ["println!", "print!(", "dbg!", "io::stdout", "io::stderr"];
    let output = "crates/bedrock-cost-mcp/src/cli/output.rs";
    check_only_in(&texts, "crates/bedrock-cost-mcp/src/", &[output]);
    check_only_in(&texts, "crates/bedrock-cost/src/", &[]);
}

#[test]
fn the_core_does_no_input_or_output() {
    let texts = [
        "std::fs",
        "std::io",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "std::time::Instant",
        "SystemTime",
        "Timestamp::now",
        "Zoned::now",
        "tokio",
    ];
    check_only_in(&texts, "crates/bedrock-cost/src/", &[]);
    let manifest = fs::read_to_string(root().join("crates/bedrock-cost/Cargo.toml")).unwrap();
    let pure: BTreeSet<&str> = [
        "csv",
        "html5gum",
        "jiff",
        "rust_decimal",
        "serde",
        "serde_json",
        "strsim",
        "thiserror",
        "toml",
    ]
    .into();
    let section = manifest.split("[dependencies]").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    for line in section.lines().filter(|line| line.contains('=')) {
        let name = line.split(['.', ' ', '=']).next().unwrap();
        assert!(
            pure.contains(name),
            "the core depends on {name}, which may do more than compute"
        );
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for source in sources() {
        let first = source.text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//! "),
            "{} opens with {first:?}",
            source.path
        );
    }
}

#[test]
fn no_file_is_about_two_things() {
    for source in sources() {
        let lines = source.before_tests().lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines", source.path);
    }
}

#[test]
fn lints_are_expected_with_a_reason_and_never_switched_off() {
    let attributes = [concat!("#[", "allow("), concat!("#![", "allow(")];
    for source in sources() {
        for attribute in attributes {
            assert!(
                !source.text.contains(attribute),
                "{} holds {attribute}",
                source.path
            );
        }
        let expected = source.text.matches(concat!("[", "expect(")).count();
        let reasons = source.text.matches("reason = \"").count();
        assert!(
            reasons >= expected,
            "{} expects a lint without a reason",
            source.path
        );
    }
}

#[test]
fn names_are_the_words_of_the_field() {
    let words = ["manager", "helper", "util", "utils", "common", "misc"];
    for source in sources() {
        let stem = Path::new(&source.path)
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        assert!(!words.contains(&stem.as_str()), "{}", source.path);
        let named = source.places(&[concat!("fn ", "handle_")]);
        assert!(named.is_empty(), "{}", named.join("\n"));
    }
}
