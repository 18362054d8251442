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
    assert_eq!(finding.confidence, Confidence::Medium);
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
    // Opus 4.1: 300 + 75 = 375, legacy, ends 2027-01-08. Opus 5.5 regional 4.40/22: 88 + 22 = 110.
    let finding = saves(
        guide("Claude Opus 4.1"),
        Rule::LegacyModel,
        ["375", "110", "265"],
    );
    assert_eq!(finding.title, "Claude Opus 5.5 instead of Claude Opus 4.1");
    assert_eq!(
        finding.evidence,
        "Claude Opus 4.1 is a legacy model; Claude Opus 4.1 ends on 2027-01-08"
    );
    // Claude 3.5 Sonnet in extended access: 6/30, 120 + 30 = 150. Sonnet 5.5 regional 2.20/11: 44 + 11 = 55.
    let finding = saves(
        guide("Claude 3.5 Sonnet"),
        Rule::LegacyModel,
        ["150", "55", "95"],
    );
    assert_eq!(
        finding.evidence,
        "Claude 3.5 Sonnet has the surcharge of Public Extended Access"
    );
    // Haiku 3.5, 16 + 4 = 20, is no legacy model, and Haiku 5.5 regional is 0.11/0.55: 2.2 + 0.55 = 2.75.
    saves(guide(HAIKU_3_5), Rule::LegacyModel, ["20", "2.75", "17.25"]);
    // The newest has no successor; Nova 2 Lite is newer than Nova Lite and dearer, which is no news.
    assert!(find(guide("global.anthropic.claude-opus-5-5")).is_silent(Rule::LegacyModel));
    assert!(find(guide(NOVA_LITE)).is_silent(Rule::LegacyModel));
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
