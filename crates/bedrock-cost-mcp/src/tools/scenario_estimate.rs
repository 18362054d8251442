//! `scenario_estimate`: what a described workload costs each month, and under which other plan.

pub(super) mod correct;
mod doubts;
pub(super) mod read;
#[cfg(test)]
mod tests;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, List, Loose},
    asking,
    fields::Number,
    rate_origin::RateOrigins,
    reply::{Correction, Reply, Warning, exact},
};
use crate::error::{CorrectedRequest, ToolError};
use bedrock_cost::{
    price_book::ResolveError,
    scenario::{
        CostComponent, Estimate, Plan, Problem, RefusedModel, Scenario, ScenarioError, estimate,
    },
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// With more models than this, a summary shows their totals and best plans only.
const MODELS_IN_FULL: usize = 3;

/// Warnings that a summary of many models leaves out: each rate says them in full detail.
pub(super) const MINOR: [&str; 2] = ["single_source", "cache_saving"];

/// Arguments of `scenario_estimate`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::doc_markdown,
    reason = "product text: backticks cost tokens in every conversation"
)]
pub(crate) struct Arguments {
    /// Ids or exact names
    #[serde(default)]
    models: List<String>,
    /// Default us-east-1
    region: Option<String>,
    /// regional or global
    routing: Option<String>,
    /// Of one request
    input_tokens: Option<Number>,
    /// Of its answer
    output_tokens: Option<Number>,
    /// A month, or {per_minute|per_hour|per_day, hours_per_day, days_per_month}: ask, never assume
    requests: Option<Loose>,
    /// standard, flex, priority, batch, latency_optimized
    tier: Option<String>,
    /// 0 to 1
    batch_share: Option<Number>,
    /// {prefix_tokens, reads_per_write, ttl: 5m|1h}
    cache: Option<Loose>,
    /// {policies: {content_filters|denied_topics|pii|contextual_grounding|automated_reasoning: input|output|both}, input_chars, output_chars}
    guardrails: Option<Loose>,
    /// {model_units, commitment: none|1_month|6_months}
    provisioned: Option<Loose>,
    /// Of one request: {"image": 1}
    units: Option<Loose>,
    /// {model_units, minutes_per_month, version}
    #[schemars(extend("x-hidden" = true))]
    custom_import: Option<Loose>,
    /// [{dimension, item, quantity}] a month
    #[schemars(extend("x-hidden" = true))]
    services: Option<Loose>,
    /// Default today
    rate_date: Option<String>,
    /// full
    detail: Option<String>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    estimates: Vec<Value>,
    formula: String,
    rates_checked: String,
    #[schemars(skip)]
    vendor_claims: Vec<String>,
}

impl Tool for Arguments {
    const NAME: &'static str = "scenario_estimate";
    const TITLE: &'static str = "Cost of a workload";
    const DESCRIPTION: &'static str = "Monthly cost of a described Bedrock workload, without AWS: cost lines, models ranked, every plan that exists \
         with its saving and break-even.";
    const TOOLSET: Toolset = Toolset::Estimate;
    const ALIASES: Aliases = &[
        ("model", "models"),
        ("model_id", "models"),
        ("model_ids", "models"),
        ("requests_per_month", "requests"),
        ("service_tier", "tier"),
        ("guardrail", "guardrails"),
        ("caching", "cache"),
        ("prompt_caching", "cache"),
        ("date", "rate_date"),
    ];
    const STRUCTURED: &'static [&'static str] = &[
        "models",
        "requests",
        "cache",
        "guardrails",
        "provisioned",
        "units",
        "custom_import",
        "services",
    ];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let full = asking::wants_full(self.detail.as_deref())?;
        let day = self.rate_date(call.today())?;
        let (workload, book) = (self.scenario()?, call.prices().await?);
        let scenario = Scenario::new(workload.clone(), day).map_err(|error| refused(&error))?;
        let estimates = estimate(book, &scenario).map_err(|error| match &error {
            ScenarioError::Models(models) => {
                let runs = |workload| {
                    Scenario::new(workload, day)
                        .is_ok_and(|scenario| estimate(book, &scenario).is_ok())
                };
                let instead = correct::corrected(self.to_map(), &workload, models, runs);
                let instead = instead.map(|(arguments, words)| {
                    let tool = Self::NAME;
                    (CorrectedRequest { tool, arguments }, words)
                });
                refused_models(error.to_string(), models, instead)
            }
            other => refused(other),
        })?;
        let named_twice = (estimates.len() < scenario.models().len())
            .then(|| Correction::new("models", "a model that is named twice is told once"));
        let reply = reply(&scenario, &estimates, full, call.today());
        Ok(reply
            .corrected(named_twice)
            .warn(after_today(day, call.today())))
    }
}

/// Warns of a day whose rates nobody can know yet.
pub(super) fn after_today(day: Date, today: Date) -> Vec<Warning> {
    if day <= today {
        return Vec::new();
    }
    let text = format!("{day} is after today: the rates are those known on {today}");
    vec![Warning::new("rate_date_after_today", text)]
}

fn reply(scenario: &Scenario, estimates: &[Estimate], full: bool, today: Date) -> Reply {
    let few = estimates.len() <= MODELS_IN_FULL;
    let mut warnings: Vec<Warning> = Vec::new();
    for estimate in estimates {
        for note in &estimate.notes {
            if !few && !full && MINOR.contains(&note.code) {
                continue;
            }
            let message = if estimates.len() > 1 {
                format!("{}: {}", estimate.model.name(), note.text)
            } else {
                note.text.clone()
            };
            warnings.push(Warning::new(note.code, message));
        }
    }
    let mut vendor_claims = Vec::new();
    if full {
        for claim in estimates.iter().flat_map(|estimate| estimate.claims) {
            let text = format!("{}: {} ({})", claim.feature, claim.claim, claim.caveat);
            if !vendor_claims.contains(&text) {
                vendor_claims.push(text);
            }
        }
    }
    let mut origins = RateOrigins::default();
    for estimate in estimates {
        let named = |name: &str| {
            if estimates.len() > 1 {
                format!("{} {name}", estimate.model.name())
            } else {
                name.to_owned()
            }
        };
        for line in &estimate.components {
            origins.add(&named(&line.name), &line.basis);
        }
        // The plans stand beside the costs in the answer, and on rows of their own.
        for plan in &estimate.plans {
            for line in &plan.components {
                if !origins.holds(&line.basis) {
                    origins.add(&named(&format!("plan {}", plan.kind)), &line.basis);
                }
            }
        }
        if estimates.len() == 1 || full {
            warnings.extend(doubts::of_plans(estimate, &named));
        }
        warnings.extend(doubts::asked_for(scenario, estimate, &named));
        let unknown = estimate.model.lifecycle_unknown();
        warnings.extend(unknown.map(|text| Warning::new("lifecycle_unknown", text)));
    }
    warnings.extend(origins.warnings(today));
    let checked = estimates.iter().map(|estimate| estimate.rates_checked);
    let checked = checked.chain(origins.checked()).min().unwrap_or(today);
    let headline = match estimates {
        [only] => format!("{} USD a month", only.monthly),
        [first, .., last] => format!(
            "{} {} USD to {} {} USD a month",
            first.model.name(),
            first.monthly,
            last.model.name(),
            last.monthly
        ),
        [] => String::new(),
    };
    let answer = Answer {
        estimates: estimates
            .iter()
            .map(|estimate| Value::Object(one(estimate, few || full, estimates.len() > 1, full)))
            .collect(),
        formula: format!(
            "{}; cost = quantity x rate, rates in force on {}",
            scenario.requests().formula(),
            scenario.rate_date()
        ),
        rates_checked: checked.to_string(),
        vendor_claims,
    };
    Reply::new(headline, &answer)
        .warn(warnings)
        .from(origins.source(checked))
}

fn one(
    estimate: &Estimate,
    with_lines: bool,
    beside_others: bool,
    full: bool,
) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("model", estimate.model.id().into());
    put(
        "served",
        format!("{} {} {}", estimate.region, estimate.routing, estimate.tier).into(),
    );
    put("monthly_usd", exact(estimate.monthly.amount()));
    put("per_request_usd", exact(estimate.per_request.amount()));
    if !with_lines {
        let best = estimate.plans.first();
        let best = best.filter(|plan| plan.saving.amount() > Decimal::ZERO);
        put(
            "plans",
            best.map(|plan| plan_line(plan, false))
                .into_iter()
                .collect(),
        );
        return out;
    }
    let lines = estimate.components.iter();
    // Beside other models only what is cheaper is told, and not how: one model alone says all.
    let brief = beside_others && !full;
    put(
        "components",
        lines.map(|line| component(line, full)).collect(),
    );
    let cheaper = |plan: &&Plan| !brief || plan.saving.amount() > Decimal::ZERO;
    let plans = estimate.plans.iter().filter(cheaper);
    let plans = plans.map(|plan| {
        let mut line = plan_line(plan, full);
        if brief && let Value::Object(line) = &mut line {
            line.remove("note");
        }
        line
    });
    put("plans", plans.collect());
    if !estimate.cache_break_even.is_empty() {
        let mut reads = Map::new();
        for known in &estimate.cache_break_even {
            reads.insert(known.ttl.to_string(), exact(known.reads));
        }
        put("cache_pays_from_reads_per_write", Value::Object(reads));
    }
    if full {
        let mut reasons = Map::new();
        for plan in &estimate.not_computed {
            reasons.insert(plan.kind.to_string(), plan.why.to_string().into());
        }
        put("not_computed", Value::Object(reasons));
    } else if !brief {
        let names: Vec<String> = estimate
            .not_computed
            .iter()
            .map(|plan| plan.kind.to_string())
            .collect();
        put("not_computed", names.join("; ").into());
    }
    out
}

fn component(line: &CostComponent, full: bool) -> Value {
    let mut out = json!({
        "name": line.name,
        "quantity": exact(line.quantity),
        "unit": line.unit,
        "rate_usd": exact(line.rate.amount()),
        "cost_usd": exact(line.cost.amount()),
    });
    if full && let Value::Object(out) = &mut out {
        out.insert("formula".into(), line.formula().into());
        out.insert("checked".into(), line.basis.checked.to_string().into());
        out.insert("sources".into(), line.basis.sources.into());
        out.insert("agreement".into(), line.basis.agreement.as_str().into());
        if line.basis.origin() != "embedded" {
            out.insert("origin".into(), line.basis.origin().into());
        }
        if let Some(note) = line.basis.note {
            out.insert("note".into(), note.into());
        }
    }
    out
}

fn plan_line(plan: &Plan, full: bool) -> Value {
    let note = match plan.break_even {
        Some(known) => format!("{}; {known}", plan.change),
        None => plan.change.clone(),
    };
    let mut out = json!({
        "plan": plan.kind.to_string(),
        "monthly_usd": exact(plan.monthly.amount()),
        "saving_usd": exact(plan.saving.amount()),
        "note": note,
    });
    if full && let Value::Object(out) = &mut out {
        let formulas = plan.components.iter().map(CostComponent::formula);
        let formulas: Vec<String> = formulas.collect();
        out.insert("formula".into(), formulas.join("; ").into());
    }
    out
}

/// Says why there is no estimate, and what to do about it.
pub(super) fn refused(error: &ScenarioError) -> ToolError {
    let problem = error.to_string();
    let next = match error {
        ScenarioError::Models(refused) => return refused_models(problem, refused, None),
        ScenarioError::NoModels | ScenarioError::TooManyModels { .. } => {
            "name the models to compare"
        }
        ScenarioError::Missing { .. } | ScenarioError::OneRate { .. } => {
            "ask for what is missing and send the call again with it"
        }
        ScenarioError::OutOfRange { .. }
        | ScenarioError::NotPositive { .. }
        | ScenarioError::NotWhole { .. }
        | ScenarioError::TooFine { .. }
        | ScenarioError::Inexact(_) => "give a number within these bounds",
        ScenarioError::PrefixTooLong { .. } => {
            "count the cached prefix in input_tokens, or make prefix_tokens smaller"
        }
        ScenarioError::BatchShare { .. } => "give tier batch or batch_share, not both",
        ScenarioError::PolicyTwice(_) => "name each policy once; both covers input and output",
        ScenarioError::NothingUsed => "give tokens, units, guardrails or services",
    };
    ToolError::invalid(problem, next)
}

pub(super) fn refused_models(
    problem: String,
    refused: &[RefusedModel],
    instead: Option<(CorrectedRequest, String)>,
) -> ToolError {
    let mut nearest: Vec<String> = Vec::new();
    let mut unknown = false;
    let mut listed = false;
    for model in refused {
        match &model.problem {
            Problem::Resolve(ResolveError::Unknown(error)) => {
                unknown = true;
                nearest.extend(error.nearest.iter().map(|id| (*id).to_owned()));
            }
            Problem::NoRate(_)
            | Problem::MissingRate { .. }
            | Problem::NoCache { .. }
            | Problem::CacheTtl { .. }
            | Problem::LongContextUnlisted { .. }
            | Problem::Other(_) => listed = true,
            Problem::Resolve(_)
            | Problem::ContextWindow { .. }
            | Problem::MaxOutput { .. }
            | Problem::RoutingConflict { .. }
            | Problem::RegionConflict { .. }
            | Problem::OutsideGeography { .. }
            | Problem::NotByTokens { .. }
            | Problem::UnknownUnit { .. }
            | Problem::Inexact(_) => {}
        }
    }
    if unknown {
        return ToolError::UnknownModel { problem, nearest };
    }
    let (corrected, asks) = instead.map_or((None, String::new()), |(request, words)| {
        let asks = format!("; corrected_request asks for {words}");
        (Some(Box::new(request)), asks)
    });
    if listed {
        let runs = corrected.as_ref().map_or("", |_| ", and runs as it stands");
        return ToolError::NoRate {
            problem,
            listed: format!(
                "another tier, routing, region or cache lifetime, or leave these models out{asks}{runs}"
            ),
            corrected,
        };
    }
    ToolError::InvalidArgument {
        problem,
        accepted: format!("change this, or leave these models out{asks}"),
        corrected,
    }
}

impl Arguments {
    /// Returns the models as they were named.
    pub(super) fn models(&self) -> &[String] {
        &self.models.0
    }

    /// Returns how much is to be shown.
    pub(super) fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Returns the day whose rates apply: today where none is given.
    pub(super) fn rate_date(&self, today: Date) -> Result<Date, ToolError> {
        let Some(text) = self.rate_date.as_deref().map(str::trim) else {
            return Ok(today);
        };
        if text.is_empty() || text.eq_ignore_ascii_case("today") {
            return Ok(today);
        }
        // A time after the day does not change the day.
        let day = text.get(..10).unwrap_or(text);
        day.parse().map_err(|_| {
            ToolError::invalid(
                format!("rate_date {} is not a date", super::arguments::quoted(text)),
                "use YYYY-MM-DD",
            )
        })
    }
}
