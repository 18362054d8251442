//! What a scenario computes and refuses, one case a line; every figure worked out by hand.

use jiff::civil::{Date, date};

use super::*;

mod capacity;
mod costs;
mod properties;
mod refusals;

const TODAY: Date = date(2026, 11, 22);

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn tokens(model: &str, requests: &str, input: &str, output: &str) -> ScenarioArguments {
    ScenarioArguments {
        models: vec![model.to_owned()],
        input_tokens: Some(decimal(input)),
        output_tokens: Some(decimal(output)),
        requests: Some(RequestsArgument::Monthly(decimal(requests))),
        ..ScenarioArguments::default()
    }
}

fn cached(
    model: &str,
    prefix: &str,
    reads: &str,
    ttl: Option<CacheTtl>,
    arguments: ScenarioArguments,
) -> ScenarioArguments {
    ScenarioArguments {
        models: vec![model.to_owned()],
        cache: Some(CacheArguments {
            prefix_tokens: decimal(prefix),
            reads_per_write: decimal(reads),
            ttl,
        }),
        ..arguments
    }
}

fn run(arguments: ScenarioArguments) -> Result<Vec<Estimate>, ScenarioError> {
    estimate(PriceBook::embedded(), &Scenario::new(arguments, TODAY)?)
}

fn one(arguments: ScenarioArguments) -> Estimate {
    run(arguments).unwrap().remove(0)
}

/// The components as `name quantity unit x rate = cost`.
fn lines(components: &[CostComponent]) -> Vec<String> {
    components
        .iter()
        .map(|component| {
            format!(
                "{} {} {} x {} = {}",
                component.name,
                component.quantity.normalize(),
                component.unit,
                component.rate,
                component.cost
            )
        })
        .collect()
}

fn plan(estimate: &Estimate, name: &str) -> String {
    let plan = estimate
        .plans
        .iter()
        .find(|plan| plan.kind.to_string() == name);
    let Some(plan) = plan else {
        let missing = estimate
            .not_computed
            .iter()
            .find(|plan| plan.kind.to_string() == name);
        return missing.unwrap().why.to_string();
    };
    let break_even = plan
        .break_even
        .map_or_else(String::new, |known| format!("; {known}"));
    format!(
        "{} ({}): {}{break_even}",
        plan.monthly, plan.saving, plan.change
    )
}

fn note<'a>(estimate: &'a Estimate, code: &str) -> &'a str {
    let note = estimate.notes.iter().find(|note| note.code == code);
    &note.unwrap().text
}

#[track_caller]
fn refused(arguments: ScenarioArguments, expected: &str) {
    assert_eq!(run(arguments).unwrap_err().to_string(), expected);
}
