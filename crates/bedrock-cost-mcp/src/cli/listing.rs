//! `tools`: what is switched on.

use super::output;
use crate::tools::Entry;
use serde_json::json;
use std::process::ExitCode;

pub(super) fn run(tools: &[&'static Entry], json: bool) -> ExitCode {
    if json {
        let definitions: Vec<_> = tools.iter().map(|entry| entry.definition()).collect();
        output::answer(&json!({"tools": definitions}).to_string());
    } else {
        let mut table = output::table(&["tool", "toolset", "answers"]);
        for entry in tools {
            table.add_row([entry.name, entry.toolset.name(), entry.description]);
        }
        output::answer(&table.to_string());
    }
    ExitCode::SUCCESS
}
