//! Cheaper models for the task, and newer ones of the same line.

use super::*;

/// 1,000 x (20,000, 1,000): the guide's 20M tokens in and 1M out.
fn guide(model: &str) -> WorkloadArguments {
    workload(model, 1_000, 20_000, 1_000)
}

#[test]
fn a_simple_task_needs_a_small_model() {
    // Claude 3 Opus: 300 + 75 = 375. Nova Micro: 20 x 0.035 + 0.14 = 0.84.
    let simple = WorkloadArguments {
        task: Some(Task::Simple),
        ..guide("Claude 3 Opus")
    };
    let finding = saves(simple, Rule::ModelTier, ["375", "0.84", "374.16"]);
    assert_eq!(finding.title, "Nova Micro instead of Claude 3 Opus");
    assert_eq!(finding.confidence, Confidence::Low);
    assert!(
        finding.assumption.contains("estimate_tokens"),
        "{}",
        finding.assumption
    );
    let complex = WorkloadArguments {
        task: Some(Task::Complex),
        ..guide("Claude 3 Opus")
    };
    assert!(find(complex).is_silent(Rule::ModelTier));
    let unsaid = find(guide("Claude 3 Opus"));
    assert!(unsaid.question(Rule::ModelTier).give.starts_with("task"));
    // Nova Micro is small already; Nova Lite, 20 x 0.06 + 0.24 = 1.44, would cost 0.6 more.
    let small = find(WorkloadArguments {
        task: Some(Task::Simple),
        ..guide("Nova Micro")
    });
    assert_eq!(
        small.reason(Rule::ModelTier),
        "Nova Lite instead of Nova Micro: would cost 0.6 USD more a month"
    );
}

#[test]
fn models_that_would_do_are_compared_and_the_cheapest_counts() {
    let targets = |names: &[&str]| WorkloadArguments {
        target_models: names
            .iter()
            .map(|name| ((*name).to_owned(), None))
            .collect(),
        ..guide("Claude 3 Opus")
    };
    // Nova Lite 1.2 + 0.24 = 1.44; Haiku 3.5 16 + 4 = 20.
    let both = targets(&[HAIKU_3_5, NOVA_LITE]);
    let finding = saves(both, Rule::ModelTier, ["375", "1.44", "373.56"]);
    // Whether they would do was said; how many tokens Nova makes of the text was not.
    assert_eq!(finding.confidence, Confidence::Low);
    // The model in use is no other model.
    assert!(find(targets(&["Claude 3 Opus"])).is_silent(Rule::ModelTier));
    // A longer prompt than the model reads is no option: Nova Micro reads 128,000 tokens.
    let long = find(WorkloadArguments {
        target_models: vec![("Nova Micro".to_owned(), None)],
        ..workload("Claude 3 Opus", 1, 150_000, 1)
    });
    assert!(
        long.reason(Rule::ModelTier).contains("context window"),
        "{:?}",
        long.not_offered
    );
}

#[test]
fn parts_of_the_requests_go_to_their_models() {
    // Half on Nova Lite: 0.72; 0.3 on Haiku 3.5: 6; 0.2 stay on Opus: 75. 81.72.
    let mix = WorkloadArguments {
        target_models: vec![
            (NOVA_LITE.to_owned(), some("0.5")),
            (HAIKU_3_5.to_owned(), some("0.3")),
        ],
        ..guide("Claude 3 Opus")
    };
    let finding = saves(mix, Rule::ModelTier, ["375", "81.72", "293.28"]);
    assert_eq!(
        finding.title,
        "models by task: Nova Lite 50%, Claude 3.5 Haiku 30%"
    );
    assert_eq!(
        finding.lines.first().unwrap(),
        "Nova Lite input tokens: 500 requests x 20000 input tokens / 1000000 x 0.06 USD = 0.6 USD"
    );
    // All of it on two models leaves nothing for the present one: 0.5 x 1.44 + 0.5 x 20 = 10.72.
    let all = WorkloadArguments {
        target_models: vec![
            (NOVA_LITE.to_owned(), some("0.5")),
            (HAIKU_3_5.to_owned(), some("0.5")),
        ],
        ..guide("Claude 3 Opus")
    };
    saves(all, Rule::ModelTier, ["375", "10.72", "364.28"]);
}

#[test]
fn a_global_profile_gives_way_to_a_model_without_one() {
    // Sonnet 4.6 global: 60 + 15 = 75. Nova Lite has no global profile: 1.44 in the region.
    let targets = WorkloadArguments {
        target_models: vec![(NOVA_LITE.to_owned(), None)],
        ..guide(SONNET_4_6)
    };
    saves(targets, Rule::ModelTier, ["75", "1.44", "73.56"]);
}

#[test]
fn a_newer_model_of_the_line_costs_less() {
    // Opus 4.1: 300 + 75 = 375, legacy, ends 2027-01-08. Opus 5.5 regional 4.40/22 with 1.207 x the tokens:
    // 24.14 x 4.40 = 106.216, 1.207 x 22 = 26.554: 132.77.
    let finding = saves(
        guide("Claude Opus 4.1"),
        Rule::LegacyModel,
        ["375", "132.77", "242.23"],
    );
    assert_eq!(finding.title, "Claude Opus 5.5 instead of Claude Opus 4.1");
    assert_eq!(
        finding.evidence,
        "Claude Opus 4.1 is a legacy model; Claude Opus 4.1 ends on 2027-01-08"
    );
    // Claude 3.5 Sonnet in extended access: 6/30, 120 + 30 = 150. Sonnet 5.5 regional 2.20/11:
    // 24.14 x 2.20 = 53.108, 1.207 x 11 = 13.277: 66.385.
    let finding = saves(
        guide("Claude 3.5 Sonnet"),
        Rule::LegacyModel,
        ["150", "66.385", "83.615"],
    );
    assert_eq!(
        finding.evidence,
        "Claude 3.5 Sonnet has the surcharge of Public Extended Access"
    );
    // Haiku 3.5, 16 + 4 = 20, is no legacy model, and Haiku 5.5 regional is 0.11/0.55: 24.14 x 0.11 + 1.207 x 0.55 =
    // 2.6554 + 0.66385 = 3.31925.
    saves(
        guide(HAIKU_3_5),
        Rule::LegacyModel,
        ["20", "3.31925", "16.68075"],
    );
    // The newest has no successor; Nova 2 Lite is newer than Nova Lite and dearer, which is no news.
    assert!(find(guide("global.anthropic.claude-opus-5-5")).is_silent(Rule::LegacyModel));
    assert!(find(guide(NOVA_LITE)).is_silent(Rule::LegacyModel));
}

#[test]
fn a_tokenizer_that_needs_more_tokens_is_priced() {
    // Opus 4.6 regional 5.50/27.50: 110 + 27.5 = 137.5. The rates of Opus 5.5 are a fifth lower, its tokens 1.207 x:
    // 106.216 + 26.554 = 132.77, 3.44% less. At 137.5 / 110 = 1.25 x it would cost as much.
    let finding = saves(
        guide("Claude Opus 4.6"),
        Rule::LegacyModel,
        ["137.5", "132.77", "4.73"],
    );
    assert_eq!(
        finding.assumption,
        "quality holds on your own evaluation; priced with 1.207 x the tokens (median of texts counted on 2026-11-23, at most \
         1.511 x); fits and pays up to 1.25 x"
    );
    assert_eq!(
        finding.lines,
        [
            "input tokens: 1000 requests x 24140 input tokens / 1000000 x 4.4 USD = 106.216 USD",
            "output tokens: 1000 requests x 1207 output tokens / 1000000 x 22 USD = 26.554 USD",
        ]
    );
    // Opus 4.7 has the rates of 4.6: 24.14 x 5.50 + 1.207 x 27.50 = 165.9625, 28.4625 more.
    let same_rates = find(WorkloadArguments {
        target_models: vec![("Claude Opus 4.7".to_owned(), None)],
        ..guide("Claude Opus 4.6")
    });
    assert_eq!(
        same_rates.reason(Rule::ModelTier),
        "Claude Opus 4.7 instead of Claude Opus 4.6: would cost 28.4625 USD more a month with 1.207 x the tokens of its tokenizer"
    );
    // Back again it is 0.829 x: 16,580 and 829 tokens, 16.58 x 5.50 + 0.829 x 27.50 = 91.19 + 22.7975 = 113.9875
    // instead of 137.5.
    saves(
        WorkloadArguments {
            target_models: vec![("Claude Opus 4.6".to_owned(), None)],
            ..guide("Claude Opus 4.7")
        },
        Rule::ModelTier,
        ["137.5", "113.9875", "23.5125"],
    );
}

#[test]
fn where_a_tokenizer_is_not_known_the_answer_says_how_much_it_may_need() {
    let on_lite = |workload: WorkloadArguments| {
        let savings = find(WorkloadArguments {
            target_models: vec![(NOVA_LITE.to_owned(), None)],
            ..workload
        });
        savings.of(Rule::ModelTier).clone()
    };
    // 1,000 x (20,000, 100): Haiku 3.5 16 + 0.4 = 16.4, Nova Lite 1.2 + 0.024 = 1.224. 16.4 / 1.224 = 13.398.
    let finding = on_lite(workload(HAIKU_3_5, 1_000, 20_000, 100));
    assert_eq!(
        finding.assumption,
        "quality holds on your own evaluation; token counts kept for another tokenizer (estimate_tokens): fits and pays up to \
         13.39 x"
    );
    assert_eq!(finding.confidence, Confidence::Low);
    // Opus 3 375: 260 x would pay, but Nova Lite writes 10,000 tokens, 10 x 1,000.
    let finding = on_lite(guide("Claude 3 Opus"));
    assert!(finding.assumption.ends_with(" 10 x"), "{finding:?}");
    // Half stays on Opus: 187.5 + 0.72, and 10 x is the end again. With a tenth of the tokens and 10 x the requests,
    // 100 x are written; beyond that nothing is said.
    let half = |workload: WorkloadArguments| WorkloadArguments {
        target_models: vec![(NOVA_LITE.to_owned(), some("0.5"))],
        ..workload
    };
    let mixed = saves(
        half(guide("Claude 3 Opus")),
        Rule::ModelTier,
        ["375", "188.22", "186.78"],
    );
    assert!(mixed.assumption.ends_with(" 10 x"), "{mixed:?}");
    let mixed = saves(
        half(workload("Claude 3 Opus", 10_000, 2_000, 100)),
        Rule::ModelTier,
        ["375", "188.22", "186.78"],
    );
    assert!(mixed.assumption.ends_with(" 100 x"), "{mixed:?}");
}

#[test]
fn every_line_and_candidate_is_in_the_price_book() {
    for id in legacy_model::LINES.iter().flat_map(|line| line.iter()) {
        assert_eq!(PriceBook::embedded().resolve(id).unwrap().model.id(), *id);
    }
    for id in model_tier::CANDIDATES
        .iter()
        .flat_map(|(_, ids)| ids.iter())
    {
        assert_eq!(PriceBook::embedded().resolve(id).unwrap().model.id(), *id);
    }
}
