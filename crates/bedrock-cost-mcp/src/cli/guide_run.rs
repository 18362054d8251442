//! `run FILE`: every call of a guide, with a table of outcomes.

use super::{EXIT_REFUSED, EXIT_USAGE, output};
use crate::{
    aws::Aws,
    error::{CorrectedRequest, ToolError},
    guide::{self, GuideCall, Invocation},
    tools::{Answered, Call, Entry, Toolset},
};
use serde_json::{Value, json};
use std::{path::Path, process::ExitCode};

/// How a call of the guide ended.
enum Outcome {
    Answered(Answered),
    /// Refused before anything was billed, and the request offered instead was answered.
    Corrected {
        refused: ToolError,
        request: CorrectedRequest,
        answered: Answered,
    },
    Refused(String, Value),
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Answered(_) => "answered",
            Self::Corrected { .. } => "refused, corrected",
            Self::Refused(..) => "failed",
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Answered(answered) => answered.headline.clone(),
            Self::Corrected {
                refused, answered, ..
            } => {
                let problem = refused
                    .to_json()
                    .get("problem")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned();
                format!("{problem} -> {}", answered.headline)
            }
            Self::Refused(text, _) => text.clone(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Answered(answered) => json!({"answer": answered.json}),
            Self::Corrected {
                refused,
                request,
                answered,
            } => {
                json!({"refused": refused.to_json(), "corrected_request": request.to_json(), "answer": answered.json})
            }
            Self::Refused(_, error) => json!({"refused": error}),
        }
    }

    fn field(&self, name: &str) -> String {
        match self {
            Self::Answered(answered) | Self::Corrected { answered, .. } => answered
                .json
                .get(name)
                .map(ToString::to_string)
                .unwrap_or_default(),
            Self::Refused(..) => String::new(),
        }
    }
}

pub(super) async fn run(aws: &Aws, tools: &[&'static Entry], file: &Path, json: bool) -> ExitCode {
    let text = match crate::files::read_given(file) {
        Ok(text) => text,
        Err(error) => {
            output::error(&format!("cannot read {}: {error}", file.display()));
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let calls = guide::calls(&text);
    if calls.is_empty() {
        output::error(&format!(
            "there is no usePower(\"power\", \"server\", \"tool\", {{...}}) call in {}",
            file.display()
        ));
        return ExitCode::from(EXIT_USAGE);
    }
    let mut outcomes = Vec::new();
    let progress = output::progress();
    let total = u32::try_from(calls.len()).ok();
    for (done, call) in (0..).zip(calls) {
        let tool = call.call.as_ref().map_or("", |call| call.tool.as_str());
        progress(done, total, tool.to_owned());
        let outcome = one(aws, tools, &call).await;
        outcomes.push((call, outcome));
    }
    drop(progress);
    let failed = outcomes
        .iter()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Refused(..)))
        .count();
    output::answer(&if json {
        as_json(&outcomes)
    } else {
        as_table(&outcomes)
    });
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(EXIT_REFUSED)
    }
}

async fn one(aws: &Aws, tools: &[&'static Entry], call: &GuideCall) -> Outcome {
    let invocation = match &call.call {
        Ok(invocation) => invocation,
        Err(problem) => return Outcome::Refused(problem.clone(), json!({"problem": problem})),
    };
    let entry = match resolve(tools, invocation) {
        Ok(entry) => entry,
        Err(problem) => return Outcome::Refused(problem.clone(), json!({"problem": problem})),
    };
    let error = match entry
        .call(invocation.arguments.clone(), Call::new(aws.clone(), None))
        .await
    {
        Ok(answered) => return Outcome::Answered(answered),
        Err(error) => error,
    };
    let offered = error.corrected().and_then(|request| {
        tools
            .iter()
            .copied()
            .find(|entry| entry.name == request.tool)
            .map(|entry| (entry, request.clone()))
    });
    if let Some((entry, request)) = offered
        && let Ok(answered) = entry
            .call(request.arguments.clone(), Call::new(aws.clone(), None))
            .await
    {
        return Outcome::Corrected {
            refused: error,
            request,
            answered,
        };
    }
    Outcome::Refused(error.to_text(), error.to_json())
}

/// Finds the tool a call names; a server of the guide offers the tools of its toolset only.
fn resolve(tools: &[&'static Entry], invocation: &Invocation) -> Result<&'static Entry, String> {
    let listed = invocation.tool.replace('-', "_");
    let entry = tools
        .iter()
        .copied()
        .find(|entry| entry.name == listed)
        .ok_or_else(|| {
            let names: Vec<_> = tools.iter().map(|entry| entry.name).collect();
            format!(
                "there is no tool {}; the tools are {}",
                invocation.tool,
                names.join(", ")
            )
        })?;
    match Toolset::ALL
        .into_iter()
        .find(|set| set.guide_server() == Some(&invocation.server))
    {
        Some(set) if set != entry.toolset => Err(format!(
            "{} does not offer {}; {} does",
            invocation.server,
            entry.name,
            entry
                .toolset
                .guide_server()
                .unwrap_or("no server of the guide")
        )),
        _ => Ok(entry),
    }
}

fn as_table(outcomes: &[(GuideCall, Outcome)]) -> String {
    let mut table = output::table(&["#", "line", "tool", "outcome", "answer", "requests", "USD"]);
    for (index, (call, outcome)) in outcomes.iter().enumerate() {
        let tool = call
            .call
            .as_ref()
            .map_or("?", |invocation| invocation.tool.as_str());
        table.add_row([
            (index + 1).to_string(),
            call.line.to_string(),
            tool.to_owned(),
            outcome.word().to_owned(),
            format!("{}: {}", call.title, outcome.text()),
            outcome.field("aws_requests"),
            outcome.field("aws_cost_usd"),
        ]);
    }
    let count = |word: &str| {
        outcomes
            .iter()
            .filter(|(_, outcome)| outcome.word() == word)
            .count()
    };
    let corrected = count("refused, corrected");
    let answered = count("answered");
    format!(
        "{table}\n{} of {} calls answered: {answered} as written, {corrected} refused before any request and answered as corrected",
        answered + corrected,
        outcomes.len()
    )
}

fn as_json(outcomes: &[(GuideCall, Outcome)]) -> String {
    let rows: Vec<Value> = outcomes
        .iter()
        .map(|(call, outcome)| {
            let mut row = json!({
                "line": call.line,
                "title": call.title,
                "outcome": outcome.word(),
                "headline": outcome.text(),
            });
            if let (Some(row), Value::Object(more)) = (row.as_object_mut(), outcome.json()) {
                if let Ok(invocation) = &call.call {
                    row.insert("power".into(), json!(invocation.power));
                    row.insert("server".into(), json!(invocation.server));
                    row.insert("tool".into(), json!(invocation.tool));
                }
                row.extend(more);
            }
            row
        })
        .collect();
    serde_json::to_string_pretty(&json!({"calls": rows})).unwrap_or_default()
}
