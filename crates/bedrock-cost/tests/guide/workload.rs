//! The workloads of the guide, and short ways to ask what they cost.

use bedrock_cost::guardrail::GuardrailPolicy;
use bedrock_cost::money::Usd;
use bedrock_cost::price_book::PriceBook;
use bedrock_cost::scenario::{
    Direction, Estimate, GuardrailArguments, Plan, PlanKind, RequestRate, RequestsArgument,
    Scenario, ScenarioArguments, estimate,
};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

/// The day whose rates apply: that of the last check of the price book.
pub(crate) const TODAY: Date = date(2026, 11, 22);

/// The last day of the Claude 3.5 Sonnet rates that the guide quotes.
pub(crate) const BEFORE_EXTENDED_ACCESS: Date = date(2025, 11, 30);

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// So many requests a month of so many tokens.
pub(crate) fn tokens(model: &str, requests: i64, input: i64, output: i64) -> ScenarioArguments {
    ScenarioArguments {
        models: vec![model.to_owned()],
        input_tokens: Some(input.into()),
        output_tokens: Some(output.into()),
        requests: Some(RequestsArgument::Monthly(requests.into())),
        ..ScenarioArguments::default()
    }
}

/// The customer service chatbot: 50 calls a minute, 8 hours a day.
pub(crate) fn chatbot(model: &str, input: i64, days: i64) -> ScenarioArguments {
    ScenarioArguments {
        requests: Some(RequestsArgument::Rate(RequestRate {
            per_minute: Some(50.into()),
            hours_per_day: Some(8.into()),
            days_per_month: Some(days.into()),
            ..RequestRate::default()
        })),
        ..tokens(model, 1, input, 1_000)
    }
}

/// The decision matrix: 1M sessions of 5 messages, 3,000 tokens in and 500 out.
pub(crate) fn sessions(model: &str) -> ScenarioArguments {
    tokens(model, 5_000_000, 3_000, 500)
}

/// The guardrail example: 500 requests an hour, 10 hours, 21 days; 1,500 characters in, 400 out.
pub(crate) fn guardrail(pii: Direction) -> ScenarioArguments {
    ScenarioArguments {
        requests: Some(RequestsArgument::Rate(RequestRate {
            per_hour: Some(500.into()),
            hours_per_day: Some(10.into()),
            days_per_month: Some(21.into()),
            ..RequestRate::default()
        })),
        guardrails: Some(GuardrailArguments {
            policies: vec![
                (GuardrailPolicy::ContentFilters, Direction::Both),
                (GuardrailPolicy::DeniedTopics, Direction::Both),
                (GuardrailPolicy::Pii, pii),
            ],
            input_chars: Some(1_500.into()),
            output_chars: Some(400.into()),
        }),
        ..tokens("Nova Micro", 1, 0, 0)
    }
}

pub(crate) fn on(day: Date, arguments: ScenarioArguments) -> Estimate {
    let scenario = Scenario::new(arguments, day).unwrap();
    let mut estimates = estimate(PriceBook::embedded(), &scenario).unwrap();
    assert_eq!(estimates.len(), 1);
    estimates.remove(0)
}

pub(crate) fn today(arguments: ScenarioArguments) -> Estimate {
    on(TODAY, arguments)
}

pub(crate) fn monthly(arguments: ScenarioArguments) -> Decimal {
    today(arguments).monthly.amount()
}

pub(crate) fn plan(estimate: &Estimate, kind: PlanKind) -> &Plan {
    estimate
        .plans
        .iter()
        .find(|plan| plan.kind == kind)
        .unwrap()
}

/// Returns the part of `from` that `to` saves, in percent with two decimal places.
pub(crate) fn percent_less(from: Decimal, to: Decimal) -> Decimal {
    ((from - to) / from * Decimal::ONE_HUNDRED)
        .round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

/// Returns the ratio with two decimal places.
pub(crate) fn ratio(of: Decimal, to: Decimal) -> Decimal {
    (of / to).round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

/// Writes dollars with thousands apart and at least two decimal places.
pub(crate) fn usd(amount: Decimal) -> String {
    let text = Usd::new(amount).to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{fraction:0<2}")
}
