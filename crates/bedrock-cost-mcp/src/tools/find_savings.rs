//! `find_savings`: what to change first about a described workload, and what all of it saves together.

mod account;
mod read;
#[cfg(test)]
mod tests;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, List, Loose, Whole},
    asking,
    rate_origin::RateOrigins,
    reply::{Correction, Reply, Warning, exact},
    scenario_estimate::{self, MINOR, correct},
};
use crate::error::{CorrectedRequest, ToolError};
use bedrock_cost::{
    price_book::PriceBook,
    rules::{
        Claim, Combined, Confidence, Finding, Question, Rule, Savings, Workload, WorkloadArguments,
        WorkloadError, find_savings,
    },
    scenario::{RefusedModel, ScenarioError},
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Findings that a summary tells in full; of more it leaves out what the combined saving does not rest on.
const TOLD: usize = 3;

/// Arguments of `find_savings`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::doc_markdown,
    reason = "product text: backticks cost tokens in every conversation"
)]
pub(crate) struct Arguments {
    /// scenario_estimate's arguments for the one model in use, plus what is known of: task simple|standard|complex; latency interactive|minutes|hours; deferrable_share; target_models: names or {name: share}; shared_prefix_tokens; reads_per_write n or {5m: n, 1h: n}; removable {prompt_tokens, data_tokens, output_tokens}; guardrails_needed {policy: direction}; free_filters_cover: policies; provisioned_in_use; measured {idle_provisioned_hours, untagged_usd, cross_region_usd, token_count_probes {requests, input_tokens, output_tokens}}
    workload: Option<Loose>,
    /// account: what CloudWatch measured, in place of a workload
    source: Option<String>,
    region: Option<List<String>>,
    /// full: evidence, formulas, cost lines
    detail: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    start_time: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    end_time: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    profile: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    limit: Option<Whole>,
    #[schemars(extend("x-hidden" = true))]
    cursor: Option<Cursor>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    findings: Vec<Value>,
    combined: Map<String, Value>,
    #[schemars(skip)]
    not_offered: Vec<String>,
    /// What the caller can say so that more is computed.
    ask: Vec<String>,
    #[schemars(skip)]
    vendor_claims_not_computed: Vec<String>,
    #[schemars(skip)]
    baseline: Vec<String>,
}

impl Tool for Arguments {
    const NAME: &'static str = "find_savings";
    const TITLE: &'static str = "What to save on first";
    const DESCRIPTION: &'static str = "Optimization rules over a described Bedrock workload, without AWS, or over the account: each saving computed, with what it assumes, \
         largest first; combined compounds them, never a sum. ask says what is missing: ask the user, never guess.";
    const TOOLSET: Toolset = Toolset::Estimate;
    const ALIASES: Aliases = &[("scenario", "workload"), ("regions", "region")];
    const STRUCTURED: &'static [&'static str] = &["workload", "region"];
    type Answer = Answer;

    fn reshaped(raw: Map<String, Value>) -> (Map<String, Value>, Option<Correction>) {
        read::wrapped(raw)
    }

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        if account::is_account(self.source.as_deref())? {
            return account::answer(&self, call).await;
        }
        let workload = self.workload.as_ref().ok_or_else(account::missing)?;
        let read = read::read(workload)?;
        let full = asking::wants_full(self.detail.as_deref().or(read.scenario.detail()))?;
        let day = read.scenario.rate_date(call.today())?;
        let arguments = read.arguments()?;
        let book = call.prices().await?;
        let savings = Workload::new(book, arguments.clone(), day)
            .and_then(|workload| find_savings(book, &workload))
            .map_err(|error| {
                let runs = |scenario| {
                    let arguments = WorkloadArguments {
                        scenario,
                        ..arguments.clone()
                    };
                    Workload::new(book, arguments, day)
                        .is_ok_and(|workload| find_savings(book, &workload).is_ok())
                };
                let offered = |workload: Map<String, Value>| {
                    let detail = self.detail.as_ref().map(|detail| ("detail", json!(detail)));
                    let fields = [("workload", workload.into())].into_iter().chain(detail);
                    CorrectedRequest {
                        tool: Self::NAME,
                        arguments: fields
                            .map(|(name, value)| (name.to_owned(), value))
                            .collect(),
                    }
                };
                refused(&error, &read, |models| {
                    correct::corrected(read.workload(), &arguments.scenario, models, runs)
                        .map(|(workload, words)| (offered(workload), words))
                })
            })?;
        Ok(reply(&savings, full, call.today())
            .warn(lifecycle_unknown(book, &arguments, &savings))
            .warn(scenario_estimate::after_today(day, call.today()))
            .corrected(read.corrections))
    }
}

/// Says that nobody knows whether the model in use is still offered, where no finding does.
fn lifecycle_unknown(
    book: &PriceBook,
    arguments: &WorkloadArguments,
    savings: &Savings,
) -> Option<Warning> {
    let mut findings = savings.findings.iter();
    if findings.any(|known| known.rule == Rule::LegacyModel) {
        return None;
    }
    let name = arguments.scenario.models.first()?;
    let unknown = book.resolve(name).ok()?.model.lifecycle_unknown()?;
    Some(Warning::new("lifecycle_unknown", unknown))
}

fn reply(savings: &Savings, full: bool, today: Date) -> Reply {
    let mut warnings: Vec<Warning> = Vec::new();
    for note in &savings.notes {
        if full || !MINOR.contains(&note.code) {
            warnings.push(Warning::new(note.code, note.text.clone()));
        }
    }
    let mut origins = RateOrigins::default();
    for (name, basis) in &savings.rates {
        origins.add(name, basis);
    }
    warnings.extend(origins.warnings(today));
    let checked = origins.checked().unwrap_or(today);
    let told = if full { usize::MAX } else { TOLD };
    let findings = savings.findings.iter().enumerate();
    let Combined {
        baseline,
        proposed,
        saving_percent,
        ..
    } = &savings.combined;
    let mut headline =
        format!("{baseline} USD a month can become {proposed}, {saving_percent}% less");
    if let Some(lowest) = lowest_confidence(savings) {
        let _ = write!(headline, "; lowest confidence: {lowest}");
    }
    let answer = Answer {
        findings: findings
            .map(|(place, known)| {
                let mut left_out = savings.combined.left_out.iter();
                let is_left_out = left_out.any(|left| left.rule == known.rule);
                match (savings.is_applied(known.rule), place < told) {
                    // What another change excludes is told by its title, and the other one in full.
                    (false, _) if !full && is_left_out => titled(known),
                    (_, true) => finding(known, full),
                    (true, false) => applied(known),
                    (false, false) => titled(known),
                }
            })
            .collect(),
        combined: combined(savings),
        not_offered: savings
            .not_offered
            .iter()
            .map(|known| format!("{}: {}", known.rule, known.reason))
            .collect(),
        ask: savings.questions.iter().map(question).collect(),
        vendor_claims_not_computed: savings
            .claims
            .iter()
            .map(|known| claim(known, full))
            .collect(),
        baseline: if full {
            savings.lines.clone()
        } else {
            Vec::new()
        },
    };
    Reply::new(headline, &answer)
        .warn(warnings)
        .from(origins.source(checked))
}

/// A finding; what it was made from and what it excludes take room, so that a summary leaves them to full detail.
fn finding(known: &Finding, full: bool) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("rule", known.rule.as_str().into());
    put("title", known.title.as_str().into());
    put("saving_usd", exact(known.saving.amount()));
    let saves_nothing = known.formula.is_empty();
    if full || saves_nothing {
        put("evidence", known.evidence.as_str().into());
    }
    if full {
        put("baseline_usd", exact(known.baseline.amount()));
        put("proposed_usd", exact(known.proposed.amount()));
        if !saves_nothing {
            put("formula", known.formula.as_str().into());
        }
        if !known.lines.is_empty() {
            put("proposed", known.lines.clone().into());
        }
        let excludes = known.excludes.iter().map(|rule| rule.as_str());
        let excludes: Vec<&str> = excludes.collect();
        if !excludes.is_empty() {
            put("excludes", excludes.into());
        }
    }
    put("assumption", known.assumption.as_str().into());
    put("confidence", known.confidence.as_str().into());
    put("effort", known.effort.as_str().into());
    Value::Object(out)
}

/// A finding that is part of the combined saving: what that rests on.
fn applied(known: &Finding) -> Value {
    json!({
        "rule": known.rule.as_str(),
        "saving_usd": exact(known.saving.amount()),
        "assumption": known.assumption,
        "confidence": known.confidence.as_str(),
    })
}

/// A finding that is no part of it.
fn titled(known: &Finding) -> Value {
    json!({
        "rule": known.rule.as_str(),
        "title": known.title,
        "saving_usd": exact(known.saving.amount()),
    })
}

/// Returns the least sure of the findings that the combined saving is made of.
fn lowest_confidence(savings: &Savings) -> Option<Confidence> {
    let findings = savings.findings.iter();
    let applied = findings.filter(|known| savings.is_applied(known.rule));
    applied.map(|known| known.confidence).min()
}

fn combined(savings: &Savings) -> Map<String, Value> {
    let known = &savings.combined;
    let rows = known.steps.iter().map(|step| {
        json!([
            step.rule.as_str(),
            exact(step.saving.amount()),
            exact(step.monthly.amount())
        ])
    });
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("baseline_usd", exact(known.baseline.amount()));
    put("proposed_usd", exact(known.proposed.amount()));
    put("saving_usd", exact(known.saving.amount()));
    put("saving_percent", exact(known.saving_percent));
    if let Some(lowest) = lowest_confidence(savings) {
        put("lowest_confidence", lowest.as_str().into());
    }
    if !known.steps.is_empty() {
        put(
            "order",
            json!({"columns": ["rule", "saving_usd", "left_usd"], "rows": rows.collect::<Vec<_>>()}),
        );
    }
    if !known.left_out.is_empty() {
        let left_out = known.left_out.iter();
        let left_out = left_out.map(|left| format!("{}: {}", left.rule, left.reason));
        put("left_out", left_out.collect::<Vec<_>>().into());
    }
    out
}

fn question(known: &Question) -> String {
    let rules: Vec<&str> = known.rules.iter().map(|rule| rule.as_str()).collect();
    let because = if known.because.is_empty() {
        String::new()
    } else {
        format!("; {}", known.because)
    };
    format!("{} ({}){because}", known.give, rules.join(", "))
}

fn claim(known: &Claim, full: bool) -> String {
    let claim = &known.claim;
    if full {
        format!("{}: {} ({})", claim.feature, claim.claim, claim.caveat)
    } else {
        // The part about money; the rest is not what is asked here.
        let about_money = claim.claim.split(',').next().unwrap_or_default();
        format!("{}: {about_money}", claim.feature)
    }
}

/// Says why nothing is looked for, and what to do about it.
fn refused(
    error: &WorkloadError,
    read: &read::Described,
    instead: impl FnOnce(&[RefusedModel]) -> Option<(CorrectedRequest, String)>,
) -> ToolError {
    let problem = error.to_string();
    match error {
        WorkloadError::Scenario(ScenarioError::Models(models)) => {
            scenario_estimate::refused_models(problem, models, instead(models))
        }
        WorkloadError::Scenario(error) => scenario_estimate::refused(error),
        WorkloadError::OneModel { .. } => match read.with_targets() {
            Some(arguments) => asking::refused::<Arguments>(
                problem,
                "name the model in use, and the others as target_models",
                arguments,
            ),
            None => ToolError::invalid(problem, "name only the model in use"),
        },
        WorkloadError::MixedTargets { .. } => ToolError::invalid(
            problem,
            "target_models looks like [\"Nova Lite\"] or {\"Nova Lite\": 0.5, \"Claude Haiku 4.5\": 0.3}",
        ),
        WorkloadError::SharesAboveOne { .. } => ToolError::invalid(
            problem,
            "each share is a part of the requests; the model in use takes the rest",
        ),
        WorkloadError::MoreThanThereIs { .. } => ToolError::invalid(
            problem,
            "give tokens of one request, within input_tokens and output_tokens",
        ),
        WorkloadError::NoFreeFilter(_) => ToolError::invalid(
            problem,
            "free filters can stand for content_filters, denied_topics and pii",
        ),
        WorkloadError::NoPrice(_) => ToolError::NoRate {
            problem,
            listed: "leave provisioned_in_use out, or name another model or commitment".to_owned(),
            corrected: None,
        },
        WorkloadError::NoCapacity { .. } => ToolError::invalid(
            problem,
            "give provisioned {\"model_units\": 1, \"commitment\": \"none\"} in the workload",
        ),
    }
}
