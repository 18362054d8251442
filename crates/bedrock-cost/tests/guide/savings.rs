//! The two scenarios of the guide under the rules: findings in order, exclusions respected, the saving compounded.
//!
//! The guide gives no share of urgent calls, no common prefix and no volume of the content platform: they are stated here.

use bedrock_cost::price_book::PriceBook;
use bedrock_cost::rules::{Removable, Rule, Savings, Workload, WorkloadArguments, find_savings};
use bedrock_cost::scenario::ScenarioArguments;

use crate::workload::{TODAY, chatbot, decimal, percent_less, tokens};

fn find(arguments: WorkloadArguments) -> Savings {
    let book = PriceBook::embedded();
    let workload = Workload::new(book, arguments, TODAY).unwrap();
    find_savings(book, &workload).unwrap()
}

fn of(scenario: ScenarioArguments) -> WorkloadArguments {
    WorkloadArguments {
        scenario,
        ..WorkloadArguments::default()
    }
}

/// 50 calls a minute for 8 hours on 30 days on Claude 3.5 Haiku. Nova Lite would do, 10,000 of the 25,000 tokens (40%)
/// can be cleaned away, half of the summaries can wait, and every call begins with the same 3,000 tokens.
pub(crate) fn customer_service() -> WorkloadArguments {
    WorkloadArguments {
        target_models: vec![("Nova Lite".to_owned(), None)],
        removable: Removable {
            prompt_tokens: Some(0.into()),
            data_tokens: Some(10_000.into()),
            output_tokens: Some(0.into()),
        },
        deferrable_share: Some(decimal("0.5")),
        shared_prefix_tokens: Some(3_000.into()),
        ..of(chatbot("Claude 3.5 Haiku", 25_000, 30))
    }
}

/// Claude 3 Opus for everything: 200,000 articles of 5,000 tokens in and 1,000 out. Half of them are simple summaries
/// for Nova Lite, 30% are articles for Haiku, the rest is analysis for Sonnet; 60% of the prompt can go, and 40% can wait.
pub(crate) fn content_platform() -> WorkloadArguments {
    let target = |name: &str, share| (name.to_owned(), Some(decimal(share)));
    WorkloadArguments {
        target_models: vec![
            target("Nova Lite", "0.5"),
            target("Claude Haiku 4.5", "0.3"),
            target("Claude Sonnet 4.6", "0.2"),
        ],
        removable: Removable {
            prompt_tokens: Some(3_000.into()),
            data_tokens: Some(0.into()),
            output_tokens: Some(0.into()),
        },
        deferrable_share: Some(decimal("0.4")),
        shared_prefix_tokens: Some(0.into()),
        ..of(tokens("Claude 3 Opus", 200_000, 5_000, 1_000))
    }
}

fn findings(savings: &Savings) -> Vec<String> {
    let findings = savings.findings.iter();
    findings
        .map(|known| {
            format!(
                "{}: {} - {} = {}",
                known.rule, known.baseline, known.proposed, known.saving
            )
        })
        .collect()
}

fn steps(savings: &Savings) -> Vec<String> {
    let steps = savings.combined.steps.iter();
    steps
        .map(|step| format!("{}: {} to {}", step.rule, step.saving, step.monthly))
        .collect()
}

#[test]
fn the_chatbot_saves_more_than_the_guide_says_and_by_other_levers() {
    let savings = find(customer_service());
    // 720,000 calls: 18,000M x 0.80 + 720M x 4 = 17,280.
    // Nova Lite: 18,000 x 0.06 + 720 x 0.24 = 1,252.80.
    // Haiku 5.5, the newest of the line, regional, with 1.207 x the tokens: 21,726 x 0.11 + 869.04 x 0.55 =
    // 2,389.86 + 477.972 = 2,867.832.
    // 10,000 tokens less: 7,200 x 0.80 = 5,760.
    // Half as batch: 17,280 / 2 / 2 = 4,320.
    // Cache: 24,000 calls a day, one write: 30 x 3,000 = 0.09 x 1.00, 719,970 x 3,000 = 2,159.91 x 0.08 = 172.7928,
    // instead of 2,160 x 0.80 = 1,728: 1,555.1172 less.
    assert_eq!(
        findings(&savings),
        [
            "model_tier: 17280 - 1252.8 = 16027.2",
            "legacy_model: 17280 - 2867.832 = 14412.168",
            "preprocessing: 17280 - 11520 = 5760",
            "batch: 17280 - 12960 = 4320",
            "prompt_caching: 17280 - 15724.8828 = 1555.1172",
        ]
    );
    assert_eq!(
        savings.findings.first().unwrap().formula,
        "(18000 x 0.8 + 720 x 4) - (18000 x 0.06 + 720 x 0.24) = 16027.2 USD"
    );
    // On Nova Lite: 7,200 x 0.06 = 432 less; half of 820.80 at half the rates is 205.20 less; 360,000 calls at once,
    // 12,000 a day, writes are free, 359,970 x 3,000 = 1,079.91 x 0.015 = 16.19865 instead of 64.80: 48.60135 less.
    assert_eq!(
        steps(&savings),
        [
            "model_tier: 16027.2 to 1252.8",
            "preprocessing: 432 to 820.8",
            "batch: 205.2 to 615.6",
            "prompt_caching: 48.60135 to 566.99865",
        ]
    );
    let combined = &savings.combined;
    assert_eq!(combined.saving.to_string(), "16713.00135");
    assert_eq!(
        combined.saving_percent,
        percent_less(17_280.into(), decimal("566.99865"))
    );
    let left_out: Vec<_> = combined
        .left_out
        .iter()
        .map(|left| (left.rule, left.excluded_by))
        .collect();
    assert_eq!(left_out, [(Rule::LegacyModel, Some(Rule::ModelTier))]);
    // Added up, the five would save 32,074 of 17,280: what the combined saving must never be.
    let sum: bedrock_cost::money::Usd = savings.findings.iter().map(|known| known.saving).sum();
    assert!(sum > combined.baseline && combined.saving < combined.baseline);
}

#[test]
fn the_content_platform_saves_by_tiers_whose_shares_are_said() {
    let savings = find(content_platform());
    // Opus: 1,000M x 15 + 200M x 75 = 30,000.
    // Mix: Nova Lite 500 x 0.06 + 100 x 0.24 = 54; Haiku 4.5 regional 300 x 1.10 + 60 x 5.50 = 660;
    // Sonnet 4.6 regional 200 x 3.30 + 40 x 16.50 = 1,320: 2,034.
    // Opus 5.5 regional with 1.207 x the tokens: 1,207 x 4.40 + 241.4 x 22 = 5,310.80 + 5,310.80 = 10,621.60.
    // 3,000 tokens less: 600 x 15 = 9,000.
    // 40% as batch: 30,000 x 0.4 / 2 = 6,000.
    assert_eq!(
        findings(&savings),
        [
            "model_tier: 30000 - 2034 = 27966",
            "legacy_model: 30000 - 10621.6 = 19378.4",
            "prompt_length: 30000 - 21000 = 9000",
            "batch: 30000 - 24000 = 6000",
        ]
    );
    // On the mix: 300 x 0.06 + 180 x 1.10 + 120 x 3.30 = 18 + 198 + 396 = 612 less; 1,422 x 0.4 / 2 = 284.40 less.
    assert_eq!(
        steps(&savings),
        [
            "model_tier: 27966 to 2034",
            "prompt_length: 612 to 1422",
            "batch: 284.4 to 1137.6",
        ]
    );
    assert_eq!(savings.combined.saving.to_string(), "28862.4");
    // 28,862.40 / 30,000 = 0.96208.
    assert_eq!(savings.combined.saving_percent, decimal("96.21"));
}

#[test]
fn without_answers_there_are_questions_and_claims_but_no_inventions() {
    let savings = find(of(chatbot("Claude 3.5 Haiku", 25_000, 30)));
    // Only the rates are known: the newest model of the line.
    assert_eq!(
        findings(&savings),
        ["legacy_model: 17280 - 2867.832 = 14412.168"]
    );
    let asked: Vec<&str> = savings
        .questions
        .iter()
        .map(|question| question.give)
        .collect();
    let begin = |text: &str| asked.iter().any(|give| give.starts_with(text));
    for argument in ["task", "removable", "shared_prefix_tokens", "latency"] {
        assert!(begin(argument), "{argument}: {asked:?}");
    }
    let claims: Vec<Rule> = savings.claims.iter().map(|claim| claim.rule).collect();
    assert_eq!(claims, [Rule::Distillation, Rule::PromptRouting]);
}

const DOCUMENT: &str = include_str!("../../../../docs/savings.md");

/// The tables and the sum of a workload as the document has them.
fn told(savings: &Savings) -> Vec<String> {
    let mut rows = Vec::new();
    for known in &savings.findings {
        rows.push(format!(
            "| `{}` | {} | {} |",
            known.rule, known.saving, known.formula
        ));
    }
    let combined = &savings.combined;
    for step in &combined.steps {
        rows.push(format!(
            "| `{}` | {} | {} |",
            step.rule, step.saving, step.monthly
        ));
    }
    let left_out: Vec<String> = combined
        .left_out
        .iter()
        .map(|left| {
            format!(
                "`{}` is left out, excluded by `{}`",
                left.rule,
                left.excluded_by.unwrap()
            )
        })
        .collect();
    rows.push(format!(
        "{} becomes {}, {}% less; {}.",
        combined.baseline,
        combined.proposed,
        combined.saving_percent,
        left_out.join(", ")
    ));
    rows
}

#[test]
fn the_document_tells_what_is_computed() {
    let lines: Vec<&str> = DOCUMENT.lines().collect();
    let mut known = Vec::new();
    for arguments in [customer_service(), content_platform()] {
        known.extend(told(&find(arguments)));
    }
    for row in &known {
        assert!(lines.contains(&row.as_str()), "the document lacks: {row}");
    }
    // The other way round: no figure stands there that is not computed.
    let starts = Rule::ALL.iter().map(|rule| format!("| `{rule}` |"));
    for start in starts {
        let rows = lines.iter().filter(|line| line.starts_with(&start));
        let figures = rows.filter(|line| {
            line.split(" | ")
                .nth(1)
                .is_some_and(|cell| cell.parse::<rust_decimal::Decimal>().is_ok())
        });
        for row in figures {
            assert!(
                known.iter().any(|computed| computed == row),
                "not computed: {row}"
            );
        }
        let described = lines
            .iter()
            .filter(|line| line.starts_with(&start) && line.matches(" | ").count() == 2);
        assert!(described.count() > 0, "{start} is not described");
    }
}
