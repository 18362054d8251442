//! `docs/guide-checked.md`: every row of its tables is computed here and must stand there word for word.

use std::collections::BTreeSet;

use bedrock_cost::guardrail::GuardrailPolicy;
use bedrock_cost::inference::{Commitment, Tier};
use bedrock_cost::price_book::PriceBook;
use bedrock_cost::region::Region;
use bedrock_cost::scenario::{
    CacheArguments, Direction, Estimate, PlanKind, ProvisionedArguments, ScenarioArguments,
};
use rust_decimal::Decimal;

use crate::workload::{
    BEFORE_EXTENDED_ACCESS, TODAY, chatbot, decimal, guardrail, on, percent_less, plan, ratio,
    sessions, today, tokens, usd,
};

const DOCUMENT: &str = include_str!("../../../../docs/guide-checked.md");

const HEADER: &str = "| The guide says | Computed | From | Verdict |";

/// One row: what the guide says, what it computes to, from what, and what to make of it.
fn row(says: &str, computed: &str, from: &str, verdict: &str) -> String {
    format!("| {says} | {computed} | {from} | {verdict} |")
}

/// How a cost was made, with the model and the day its rates were checked.
fn made(estimate: &Estimate) -> String {
    let lines: Vec<String> = estimate
        .components
        .iter()
        .map(bedrock_cost::scenario::CostComponent::formula)
        .collect();
    format!("{}: {}", subject(estimate), lines.join("; "))
}

fn subject(estimate: &Estimate) -> String {
    format!(
        "{}, {} {}, rates checked {}",
        estimate.model.name(),
        estimate.region,
        estimate.routing,
        estimate.rates_checked
    )
}

fn dollars(estimate: &Estimate) -> String {
    format!("${}", usd(estimate.monthly.amount()))
}

/// The list rates per 1,000 tokens, as the guide gives them.
fn rates(model: &str) -> (String, String) {
    let estimate = today(tokens(model, 1, 1_000, 1_000));
    let costs: Vec<String> = estimate
        .components
        .iter()
        .map(|component| format!("${}", component.cost))
        .collect();
    (costs.join(" / "), subject(&estimate))
}

fn rate_rows() -> Vec<String> {
    let of = |says: &str, model: &str, verdict: &str| {
        let (computed, from) = rates(model);
        row(says, &computed, &from, verdict)
    };
    let (micro, lite) = (
        today(tokens("Nova Micro", 1, 1_000, 0)),
        today(tokens("Nova Lite", 1, 1_000, 0)),
    );
    let rate = |model: &str, line: usize| {
        let estimate = today(tokens(model, 1, 1_000, 1_000));
        estimate.components.get(line).unwrap().rate.amount()
    };
    let (opus, nova) = ("Claude 3 Opus", "Nova Micro");
    let (cross, input, output) = (
        ratio(rate(opus, 1), rate(nova, 0)),
        ratio(rate(opus, 0), rate(nova, 0)),
        ratio(rate(opus, 1), rate(nova, 1)),
    );
    let provisioned: Vec<Decimal> = PriceBook::embedded()
        .others("provisioned_throughput", TODAY)
        .map(|row| row.rate.usd.amount())
        .collect();
    let (low, high) = (
        provisioned.iter().min().unwrap(),
        provisioned.iter().max().unwrap(),
    );
    let typical = today(tokens(nova, 1, 429, 0));
    let call = today(chatbot("Claude 3.5 Haiku", 25_000, 30));
    let policy = |policy| {
        let book = PriceBook::embedded();
        let (rate, _) = book.guardrail(policy, &Region::US_EAST_1, TODAY).unwrap();
        usd(rate.usd() * Decimal::ONE_THOUSAND)
    };
    vec![
        of(
            "Nova Micro $0.000035 / $0.00014 per 1K tokens",
            nova,
            "right",
        ),
        of("Nova Lite $0.00006 / $0.00024", "Nova Lite", "right"),
        of(
            "Claude 3.5 Haiku $0.0008 / $0.004",
            "Claude 3.5 Haiku",
            "right for the standard tier",
        ),
        of(
            "Claude Instant $0.0008 / $0.0024",
            "Claude Instant",
            "right, a model of the past",
        ),
        of(
            "Claude 3.5 Sonnet $0.003 / $0.015",
            "Claude 3.5 Sonnet",
            "out of date: Public Extended Access doubled it on 2025-12-01",
        ),
        of(
            "Claude Opus $0.015 / $0.075",
            opus,
            "right for Claude 3 Opus, 4 and 4.1 only",
        ),
        of(
            "the same, today's Opus",
            "global.anthropic.claude-opus-5-5",
            "out of date",
        ),
        row(
            "costs begin at $0.000035 (Nova Lite input)",
            &format!("Nova Micro ${}, Nova Lite ${}", micro.monthly, lite.monthly),
            &made(&lite),
            "wrong model: it is Nova Micro",
        ),
        row(
            "Nova Micro $0.000035 against Claude Opus $0.075",
            &format!("{cross} x; input {input} x, output {output} x"),
            "75 / 0.035; 15 / 0.035; 75 / 0.14 USD per 1M tokens",
            "misleading: input is compared with output",
        ),
        row(
            "a typical request costs $0.000015",
            &format!("${} buys 429 input tokens and no output", typical.monthly),
            &made(&typical),
            &format!(
                "unsupported: one call of the guide's chatbot costs ${}, {} x as much",
                call.per_request,
                ratio(call.per_request.amount(), decimal("0.000015")).normalize()
            ),
        ),
        row(
            "750 words are 1,000 tokens; multiply words by 1.3",
            &format!(
                "{} tokens; {} tokens a word",
                (decimal("750") * decimal("1.3")).normalize(),
                ratio(decimal("1000"), decimal("750"))
            ),
            "750 x 1.3; 1000 / 750",
            &format!(
                "two rules that differ by {}%",
                percent_less(decimal("1000"), decimal("975")).normalize()
            ),
        ),
        row(
            "provisioned throughput $35 to $230+ an hour",
            &format!("${} to ${}", usd(*low), usd(*high)),
            "every model unit in the price book",
            "low end wrong, high end unsupported",
        ),
        row(
            "guardrails per 1K text units: content $0.15, topics $0.15, grounding $0.10, PII $0.10; words and regex free",
            &format!(
                "content ${}, topics ${}, grounding ${}, PII ${}; words ${}, regex ${}; automated reasoning ${}",
                policy(GuardrailPolicy::ContentFilters),
                policy(GuardrailPolicy::DeniedTopics),
                policy(GuardrailPolicy::ContextualGrounding),
                policy(GuardrailPolicy::Pii),
                policy(GuardrailPolicy::WordFilters),
                policy(GuardrailPolicy::Regex),
                policy(GuardrailPolicy::AutomatedReasoning),
            ),
            "the rate of a text unit x 1000",
            "right; automated reasoning is missing",
        ),
    ]
}

fn model_rows() -> Vec<String> {
    let of = |model| today(tokens(model, 1_000, 20_000, 1_000));
    let (micro, opus) = (of("Nova Micro"), of("Claude 3 Opus"));
    let newest = of("global.anthropic.claude-opus-5-5");
    let times = |estimate: &Estimate| ratio(estimate.monthly.amount(), micro.monthly.amount());
    vec![
        row(
            "20M in and 1M out: Nova Micro $0.84",
            &dollars(&micro),
            &made(&micro),
            "right",
        ),
        row(
            "the same on Claude Opus $375.00",
            &dollars(&opus),
            &made(&opus),
            "right for Claude 3 Opus",
        ),
        row(
            "446x more expensive",
            &format!("{} x", times(&opus)),
            "375 / 0.84",
            "right as a ratio",
        ),
        row(
            "the same, today's Opus",
            &format!("{}, {} x", dollars(&newest), times(&newest)),
            &made(&newest),
            "out of date",
        ),
    ]
}

fn prompt_rows() -> Vec<String> {
    let of = |input, output| today(tokens("Claude 2.1", 1_000, input, output));
    let (bad, html, html_less) = (of(113, 352), of(16_161, 45), of(16_161, 44));
    let (csv, best) = (of(1_709, 161), of(824, 177));
    let haiku = today(tokens("Claude 3.5 Haiku", 1_000, 113, 352));
    let percent = |from: &str, to: &str| percent_less(decimal(from), decimal(to));
    vec![
        row(
            "113 in and 352 out: $9.35 per 1K runs",
            &dollars(&bad),
            &made(&bad),
            "right at the rates of Claude 2, which is not said",
        ),
        row(
            "the same on Claude 3.5 Haiku",
            &dollars(&haiku),
            &made(&haiku),
            "for comparison",
        ),
        row(
            "$2.84 is 70% less",
            &format!("{}%", percent("9.35", "2.84")),
            "1 - 2.84 / 9.35",
            "consistent",
        ),
        row(
            "16,161 in (HTML): $130.36 per 1K runs",
            &format!(
                "{} with 45 tokens out, {} with 44",
                dollars(&html),
                dollars(&html_less)
            ),
            &made(&html),
            "within a cent",
        ),
        row(
            "1,709 in (CSV): $17.54",
            &dollars(&csv),
            &made(&csv),
            "right with 161 tokens out, more than three times those of the HTML run",
        ),
        row(
            "824 in (best CSV): $10.84",
            &dollars(&best),
            &made(&best),
            "right with 177 tokens out",
        ),
        row(
            "92% less",
            &format!(
                "{}% in dollars, {}% in input tokens",
                percent("130.36", "10.84"),
                percent("16161", "824")
            ),
            "1 - 10.84 / 130.36; 1 - 824 / 16161",
            "right; the outputs differ, so it is not preprocessing alone",
        ),
    ]
}

fn plan_rows() -> Vec<String> {
    let mut rows = Vec::new();
    let mut session = |model: &str, day, verdict: &str| {
        let estimate = on(day, sessions(model));
        rows.push(row(
            "1M sessions x 5 messages x (3K in, 500 out), on-demand: no figure",
            &dollars(&estimate),
            &made(&estimate),
            verdict,
        ));
    };
    session("Nova Lite", TODAY, "left out by the guide");
    session("Claude 3 Haiku", TODAY, "left out by the guide");
    session("Claude Instant", TODAY, "left out by the guide");
    session("Claude 3.5 Haiku", TODAY, "left out by the guide");
    session(
        "global.anthropic.claude-sonnet-5-5",
        TODAY,
        "left out by the guide",
    );
    session(
        "Claude 3.5 Sonnet",
        BEFORE_EXTENDED_ACCESS,
        "left out by the guide; the rates before 2025-12-01",
    );
    session("Claude 3.5 Sonnet", TODAY, "left out by the guide");
    session("Claude 2.1", TODAY, "left out by the guide");
    session("Claude 3 Opus", TODAY, "left out by the guide");
    let haiku = today(sessions("Claude 3.5 Haiku"));
    let batch = plan(&haiku, PlanKind::Tier(Tier::Batch));
    let half = percent_less(haiku.monthly.amount(), batch.monthly.amount()).normalize();
    let capacity = |units: i64, commitment| {
        let estimate = today(ScenarioArguments {
            provisioned: Some(ProvisionedArguments {
                model_units: units.into(),
                commitment,
            }),
            ..sessions("Claude 2.1")
        });
        plan(&estimate, PlanKind::Provisioned(commitment)).clone()
    };
    let (month, months) = (
        capacity(5, Commitment::OneMonth),
        capacity(9, Commitment::SixMonths),
    );
    let formula = |plan: &bedrock_cost::scenario::Plan| plan.components.first().unwrap().formula();
    rows.push(row(
        "batch saves 50%",
        &format!("${}, {half}% less", usd(batch.monthly.amount())),
        &format!("Claude 3.5 Haiku: {}", batch.change),
        "right for models that have batch inference",
    ));
    rows.push(row(
        "provisioned throughput for the sessions: $230K a month",
        &format!("${}, or ${}", usd(month.monthly.amount()), usd(months.monthly.amount())),
        &format!("Claude 2.1: {}; or {}", formula(&month), formula(&months)),
        &format!(
            "only at Claude 2 rates, and ${} dearer than on-demand there; model, units and hours are not said",
            usd(-month.saving.amount())
        ),
    ));
    rows
}

fn feature_rows() -> Vec<String> {
    let mut rows = Vec::new();
    let mut caching = |model: &str, verdict: &str| {
        let estimate = today(tokens(model, 1_000, 1_000, 100));
        let known = estimate.cache_break_even.first().unwrap();
        let [input, _, read] = known.rates;
        rows.push(row(
            "prompt caching saves up to 90%",
            &format!(
                "{}% of cached input; pays from {} reads a write",
                percent_less(input, read).normalize(),
                known.reads
            ),
            &format!("{}: {}", subject(&estimate), known.formula()),
            verdict,
        ));
    };
    caching(
        "global.anthropic.claude-sonnet-4-6",
        "right for input that is read, not for the write and the output",
    );
    caching("global.anthropic.claude-opus-5-5", "more");
    caching("global.anthropic.claude-fable-5-1", "more");
    caching("Nova Lite", "less; writes are free");
    let claim =
        |says: &str, verdict: &str| row(says, "not computable", "no published rate", verdict);
    rows.push(claim(
        "caching cuts latency by up to 85%",
        "a vendor's claim, not about cost",
    ));
    rows.push(claim(
        "intelligent prompt routing saves up to 30%",
        "a vendor's claim; it routes inside one model family",
    ));
    rows.push(claim(
        "distillation saves up to 75%, runs up to 500% faster, loses under 2%",
        "a vendor's claim",
    ));
    rows.push(claim("generative AI is 40-60% of AI/ML costs", "no source"));
    rows
}

fn guardrail_rows() -> Vec<String> {
    let mut rows = Vec::new();
    for (pii, verdict) in [
        (
            Direction::Input,
            "right only if PII is looked for in the input alone, which is not said",
        ),
        (Direction::Both, "what the text describes"),
        (Direction::Output, "for comparison"),
    ] {
        let estimate = today(guardrail(pii));
        let lines: Vec<String> = estimate
            .components
            .iter()
            .map(|component| format!("{} {}", component.name, component.cost))
            .collect();
        let requests = "500 x 10 hours x 21 days = 105000 requests";
        rows.push(row(
            &format!("content filters, denied topics and PII ({pii}): $115.50 a month"),
            &dollars(&estimate),
            &format!("{requests}, 2 and 1 text units: {}", lines.join("; ")),
            verdict,
        ));
    }
    rows
}

fn chatbot_rows() -> Vec<String> {
    let haiku = "Claude 3.5 Haiku";
    let of = |model, input, days| today(chatbot(model, input, days));
    let month = of(haiku, 25_000, 30);
    let less =
        |estimate: &Estimate| percent_less(month.monthly.amount(), estimate.monthly.amount());
    let (short, long) = (of(haiku, 25_000, 21), of(haiku, 25_000, 22));
    let (lite, micro) = (of("Nova Lite", 25_000, 30), of("Nova Micro", 25_000, 30));
    let cached = today(ScenarioArguments {
        cache: Some(CacheArguments {
            prefix_tokens: 25_000.into(),
            reads_per_write: 719_999.into(),
            ttl: None,
        }),
        ..chatbot(haiku, 25_000, 30)
    });
    let fewer = of(haiku, 15_000, 30);
    let levers = today(ScenarioArguments {
        tier: Some(Tier::Batch),
        ..chatbot("Nova Lite", 15_000, 30)
    });
    vec![
        row(
            "50 calls a minute, 8-hour workdays: $17,280 a month",
            &dollars(&month),
            &made(&month),
            "right with 30 days, which are not workdays",
        ),
        row(
            "the same with 21 workdays",
            &dollars(&short),
            &made(&short),
            "what a month of workdays costs",
        ),
        row(
            "the same with 22 workdays",
            &dollars(&long),
            &made(&long),
            "what a month of workdays costs",
        ),
        row(
            "Nova Lite is 95% cheaper",
            &format!("{}, {}% less", dollars(&lite), less(&lite)),
            &made(&lite),
            "wrong",
        ),
        row(
            "the same with Nova Micro",
            &format!("{}, {}% less", dollars(&micro), less(&micro)),
            &made(&micro),
            "the nearest to 95%",
        ),
        row(
            "caching reduced costs by 85%",
            &format!(
                "{}, {}% less at the very most",
                dollars(&cached),
                less(&cached)
            ),
            &made(&cached),
            "impossible: even if every call had the same 25,000 tokens, the output remains; transcripts do not repeat",
        ),
        row(
            "preprocessing cut input by 40%",
            &format!("{}, {}% less", dollars(&fewer), less(&fewer)),
            &made(&fewer),
            "fine as tokens; a third of the cost",
        ),
        row(
            "$3,456, 80% less",
            &format!("${}", usd(month.monthly.amount() * decimal("0.2"))),
            "17280 x 0.2",
            "the arithmetic is right; none of the levers leads there",
        ),
        row(
            "all levers together",
            &format!("{}, {}% less", dollars(&levers), less(&levers)),
            &made(&levers),
            "Nova Lite, 15,000 tokens, batch: contradicts 80%",
        ),
        row(
            "content platform: routing saved 65%",
            "not computable",
            "no figures are given",
            "unverifiable, and above the guide's own 30%",
        ),
    ]
}

#[test]
fn every_row_of_the_document_is_computed() {
    let tables = [
        rate_rows(),
        model_rows(),
        prompt_rows(),
        plan_rows(),
        feature_rows(),
        guardrail_rows(),
        chatbot_rows(),
    ];
    let expected = tables.concat();
    let written: Vec<&str> = DOCUMENT
        .lines()
        .filter(|line| line.starts_with('|') && *line != HEADER && !line.starts_with("|---"))
        .collect();
    for (index, line) in expected.iter().enumerate() {
        assert_eq!(written.get(index), Some(&line.as_str()), "row {index}");
    }
    assert_eq!(written.len(), expected.len());
}

/// Returns every number in a text, without the commas between thousands.
fn numbers(text: &str) -> BTreeSet<String> {
    let text = text.replace(',', "");
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|number| number.trim_matches('.').to_owned())
        .filter(|number| number.bytes().any(|byte| byte.is_ascii_digit()))
        .collect()
}

#[test]
fn the_prose_has_no_figure_of_its_own() {
    let (table, prose): (Vec<&str>, Vec<&str>) =
        DOCUMENT.lines().partition(|line| line.starts_with('|'));
    let known = numbers(&table.join("\n"));
    let mut strangers = numbers(&prose.join("\n"));
    for date in [TODAY.to_string(), "January 2026".to_owned()] {
        assert!(DOCUMENT.contains(&date), "{date}");
        for number in numbers(&date) {
            strangers.remove(&number);
        }
    }
    strangers.retain(|number| !known.contains(number));
    assert_eq!(strangers, BTreeSet::new());
}
