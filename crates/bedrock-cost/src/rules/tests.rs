//! What each rule finds, asks and leaves, every figure worked out by hand.

use jiff::civil::{Date, date};

use super::*;
use crate::guardrail::GuardrailPolicy;
use crate::inference::{Commitment, Tier};
use crate::scenario::{
    CacheArguments, CacheTtl, Direction, GuardrailArguments, ProvisionedArguments, RequestRate,
    RequestsArgument, ScenarioArguments,
};

mod beside;
mod caching;
mod capacity;
mod combined;
mod guardrails;
mod models;
mod properties;
mod refusals;
mod tiers;
mod tokens;

const TODAY: Date = date(2026, 11, 22);

const HAIKU_3_5: &str = "anthropic.claude-3-5-haiku-20241022-v1:0";
const NOVA_LITE: &str = "amazon.nova-lite-v1:0";
const SONNET_4_6: &str = "global.anthropic.claude-sonnet-4-6";

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "short for an argument that is given"
)]
fn some(text: &str) -> Option<Decimal> {
    Some(decimal(text))
}

/// So many requests a month of so many tokens.
fn workload(model: &str, requests: i64, input: i64, output: i64) -> WorkloadArguments {
    WorkloadArguments {
        scenario: ScenarioArguments {
            models: vec![model.to_owned()],
            input_tokens: Some(input.into()),
            output_tokens: Some(output.into()),
            requests: Some(RequestsArgument::Monthly(requests.into())),
            ..ScenarioArguments::default()
        },
        ..WorkloadArguments::default()
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "short for an argument that is given"
)]
fn per_minute(rate: &str, hours: &str, days: &str) -> Option<RequestsArgument> {
    Some(RequestsArgument::Rate(RequestRate {
        per_minute: some(rate),
        hours_per_day: some(hours),
        days_per_month: some(days),
        ..RequestRate::default()
    }))
}

fn find(arguments: WorkloadArguments) -> Savings {
    let book = PriceBook::embedded();
    find_savings(book, &Workload::new(book, arguments, TODAY).unwrap()).unwrap()
}

impl Savings {
    fn of(&self, rule: Rule) -> &Finding {
        let found = self.findings.iter().find(|finding| finding.rule == rule);
        found.unwrap()
    }

    fn has(&self, rule: Rule) -> bool {
        self.findings.iter().any(|finding| finding.rule == rule)
    }

    fn reason(&self, rule: Rule) -> &str {
        let known = self.not_offered.iter().find(|known| known.rule == rule);
        &known.unwrap().reason
    }

    fn question(&self, rule: Rule) -> &Question {
        let mut questions = self.questions.iter();
        let known = questions.find(|question| question.rules.contains(&rule));
        known.unwrap()
    }

    fn is_silent(&self, rule: Rule) -> bool {
        !self.has(rule)
            && self.not_offered.iter().all(|known| known.rule != rule)
            && self
                .questions
                .iter()
                .all(|known| !known.rules.contains(&rule))
    }

    /// The steps as `rule saving monthly`.
    fn steps(&self) -> Vec<String> {
        let steps = self.combined.steps.iter();
        steps
            .map(|step| format!("{} {} {}", step.rule, step.saving, step.monthly))
            .collect()
    }
}

/// Checks baseline, proposed cost and saving of one rule.
#[track_caller]
fn saves(arguments: WorkloadArguments, rule: Rule, expected: [&str; 3]) -> Finding {
    let savings = find(arguments);
    let finding = savings.of(rule);
    let figures = [finding.baseline, finding.proposed, finding.saving].map(|usd| usd.to_string());
    assert_eq!(figures, expected, "{rule}");
    finding.clone()
}

#[test]
fn every_rule_is_in_the_list_once() {
    let listed: Vec<Rule> = RULES.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(listed, Rule::ALL);
}

#[test]
fn the_saving_is_told_as_the_lines_that_go_less_those_that_come() {
    // 1,000 requests of 10,000 and 1,000 tokens on Haiku 3.5: 10 x 0.80 + 1 x 4 = 12; batch is half of it.
    let finding = saves(
        WorkloadArguments {
            latency: Some(Latency::Hours),
            ..workload(HAIKU_3_5, 1_000, 10_000, 1_000)
        },
        Rule::Batch,
        ["12", "6", "6"],
    );
    assert_eq!(
        finding.formula,
        "(10 x 0.8 + 1 x 4) - (10 x 0.4 + 1 x 2) = 6 USD"
    );
    assert_eq!(
        finding.lines,
        [
            "input tokens, batch: 1000 requests x 10000 input tokens / 1000000 x 0.4 USD = 4 USD",
            "output tokens, batch: 1000 requests x 1000 output tokens / 1000000 x 2 USD = 2 USD",
        ]
    );
}
