//! What the benchmarks measure: texts and workloads.

use bedrock_cost::{
    inference::Routing,
    price_book::PriceBook,
    rules::{Latency, Removable, Task, Workload, WorkloadArguments},
    scenario::{RequestRate, RequestsArgument, Scenario, ScenarioArguments, estimate_model},
};
use jiff::civil::date;
use rust_decimal::Decimal;

/// Kinds of text with a sample from `tests/fixtures/token_texts`.
pub(crate) const TEXTS: [(&str, &str); 6] = [
    (
        "prose",
        include_str!("../../tests/fixtures/token_texts/prose_en.txt"),
    ),
    (
        "code",
        include_str!("../../tests/fixtures/token_texts/code_rust_4.txt"),
    ),
    (
        "csv",
        include_str!("../../tests/fixtures/token_texts/csv_2.txt"),
    ),
    (
        "json",
        include_str!("../../tests/fixtures/token_texts/json_2.txt"),
    ),
    (
        "html",
        include_str!("../../tests/fixtures/token_texts/html_1.txt"),
    ),
    (
        "cjk",
        include_str!("../../tests/fixtures/token_texts/cjk_zh.txt"),
    ),
];

/// Makes a text of about `bytes` bytes of a kind.
///
/// The words of the sample come in an order that does not repeat: a processor learns a repeated text by heart.
pub(crate) fn text(kind: &str, bytes: usize) -> String {
    let sample = TEXTS.iter().find(|(name, _)| *name == kind);
    let pieces: Vec<&str> = sample.map_or_else(Vec::new, |(_, text)| {
        text.split_inclusive(char::is_whitespace).collect()
    });
    let mut text = String::with_capacity(bytes + 1_000);
    let mut state: u64 = 1;
    while text.len() < bytes && !pieces.is_empty() {
        // The multiplier of Knuth's MMIX generator.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = usize::try_from(state >> 33).unwrap_or(0) % pieces.len();
        text.push_str(pieces.get(at).copied().unwrap_or(" "));
    }
    text
}

/// A million requests a month of 1,500 tokens in and 300 out.
pub(crate) fn workload(models: Vec<String>, routing: Option<Routing>) -> Option<Scenario> {
    let arguments = ScenarioArguments {
        models,
        routing,
        input_tokens: Some(Decimal::from(1_500)),
        output_tokens: Some(Decimal::from(300)),
        requests: Some(RequestsArgument::Monthly(Decimal::from(1_000_000))),
        ..ScenarioArguments::default()
    };
    Scenario::new(arguments, date(2026, 11, 22)).ok()
}

/// Returns the workload on each model of the price book that is billed by tokens, with the model's id.
pub(crate) fn on_every_model() -> Vec<(Scenario, &'static str)> {
    let book = PriceBook::embedded();
    let scenario = |id: &'static str| {
        [Routing::Regional, Routing::Global]
            .into_iter()
            .filter_map(|routing| workload(vec![id.to_owned()], Some(routing)))
            .find(|scenario| estimate_model(book, scenario, id).is_ok())
            .map(|scenario| (scenario, id))
    };
    book.models()
        .iter()
        .filter_map(|model| scenario(model.id()))
        .collect()
}

/// The chatbot of the guide, 50 calls a minute for 8 hours on 30 days, with everything said that rules ask for: many of
/// them find something and several get in each other's way.
pub(crate) fn chatbot() -> Option<Workload> {
    let arguments = WorkloadArguments {
        scenario: ScenarioArguments {
            models: vec!["anthropic.claude-3-5-haiku-20241022-v1:0".to_owned()],
            input_tokens: Some(Decimal::from(25_000)),
            output_tokens: Some(Decimal::from(1_000)),
            requests: Some(RequestsArgument::Rate(RequestRate {
                per_minute: Some(Decimal::from(50)),
                hours_per_day: Some(Decimal::from(8)),
                days_per_month: Some(Decimal::from(30)),
                ..RequestRate::default()
            })),
            ..ScenarioArguments::default()
        },
        task: Some(Task::Simple),
        latency: Some(Latency::Hours),
        shared_prefix_tokens: Some(Decimal::from(3_000)),
        removable: Removable {
            prompt_tokens: Some(Decimal::from(500)),
            data_tokens: Some(Decimal::from(10_000)),
            output_tokens: Some(Decimal::from(100)),
        },
        ..WorkloadArguments::default()
    };
    Workload::new(PriceBook::embedded(), arguments, date(2026, 11, 22)).ok()
}
