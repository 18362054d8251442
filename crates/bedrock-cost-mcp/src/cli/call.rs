//! `call TOOL JSON|@FILE`: one answer.

use super::{EXIT_REFUSED, EXIT_USAGE, output};
use crate::{
    aws::Aws,
    files::read_given,
    tools::{Call, Entry},
};
use serde_json::{Map, Value};
use std::{path::Path, process::ExitCode};

/// How the answer is wanted.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) json: bool,
    /// The file for its chart.
    pub(super) chart: Option<&'a Path>,
}

pub(super) async fn run(
    aws: &Aws,
    tools: &[&'static Entry],
    tool: &str,
    arguments: &str,
    wanted: Wanted<'_>,
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
    let mut arguments = match read(arguments) {
        Ok(arguments) => arguments,
        Err(problem) => {
            output::error(&problem);
            return ExitCode::from(EXIT_USAGE);
        }
    };
    if wanted.chart.is_some() {
        arguments.insert("chart".to_owned(), true.into());
    }
    match entry
        .call(arguments, Call::new(aws.clone(), Some(output::progress())))
        .await
    {
        Ok(answered) => {
            output::answer(&if wanted.json {
                pretty(&answered.json)
            } else {
                super::human::answer(&answered)
            });
            match (wanted.chart, answered.picture) {
                (Some(path), Some(png)) => match std::fs::write(path, png) {
                    Ok(()) => ExitCode::SUCCESS,
                    Err(error) => {
                        output::fail(&format!("cannot write {}: {error}", path.display()))
                    }
                },
                // A warning of the answer says why there is none.
                (Some(_), None) => ExitCode::from(EXIT_REFUSED),
                (None, _) => ExitCode::SUCCESS,
            }
        }
        Err(error) => {
            if wanted.json {
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
