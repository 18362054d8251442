//! `call TOOL JSON|@FILE`: one answer.

use super::{EXIT_REFUSED, EXIT_USAGE, output};
use crate::{
    aws::Aws,
    files::read_given,
    tools::{Call, Entry},
};
use serde_json::{Map, Value};
use std::{path::Path, process::ExitCode};

pub(super) async fn run(
    aws: &Aws,
    tools: &[&'static Entry],
    tool: &str,
    arguments: &str,
    json: bool,
) -> ExitCode {
    let listed = tool.replace('-', "_");
    let Some(entry) = tools.iter().copied().find(|entry| entry.name == listed) else {
        let names: Vec<_> = tools.iter().map(|entry| entry.name).collect();
        output::error(&format!(
            "there is no tool {tool}; the tools are {}",
            names.join(", ")
        ));
        return ExitCode::from(EXIT_USAGE);
    };
    let arguments = match read(arguments) {
        Ok(arguments) => arguments,
        Err(problem) => {
            output::error(&problem);
            return ExitCode::from(EXIT_USAGE);
        }
    };
    match entry.call(arguments, Call::new(aws.clone(), None)).await {
        Ok(answered) => {
            output::answer(&if json {
                pretty(&answered.json)
            } else {
                super::human::answer(&answered)
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            if json {
                output::answer(&error.to_json().to_string());
            } else {
                output::error(&error.to_text());
            }
            ExitCode::from(EXIT_REFUSED)
        }
    }
}

fn pretty(answer: &Map<String, Value>) -> String {
    serde_json::to_string_pretty(answer).unwrap_or_default()
}

fn read(arguments: &str) -> Result<Map<String, Value>, String> {
    let text = match arguments.strip_prefix('@') {
        Some(path) => {
            read_given(Path::new(path)).map_err(|error| format!("cannot read {path}: {error}"))?
        }
        None => arguments.to_owned(),
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(
            "the arguments are not a JSON object, such as '{\"operation\": \"getCostAndUsage\"}'"
                .to_owned(),
        ),
        Err(error) => Err(format!("the arguments are not valid JSON: {error}")),
    }
}
