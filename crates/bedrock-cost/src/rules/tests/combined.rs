//! Savings applied one after another: compounded, under the exclusions.

use super::*;

#[test]
fn savings_compound_and_are_never_added_up() {
    // Haiku 3.5, 1,000 x (10,000, 1,000) = 12. Data: 5,000 less, 4. Batch for half: 3.
    // Together: 4 + 4 = 8 after cleaning, and half of it at half the rates saves 2, not 3.
    let savings = find(WorkloadArguments {
        deferrable_share: some("0.5"),
        removable: Removable {
            data_tokens: some("5000"),
            ..Removable::default()
        },
        target_models: vec![(HAIKU_3_5.to_owned(), None)],
        ..workload(HAIKU_3_5, 1_000, 10_000, 1_000)
    });
    let alone: Vec<String> = savings
        .findings
        .iter()
        .filter(|known| known.rule != Rule::LegacyModel)
        .map(|known| format!("{} {}", known.rule, known.saving))
        .collect();
    assert_eq!(alone, ["preprocessing 4", "batch 3"]);
    // Haiku 5.5 regional comes first, with 1.207 x the tokens: 12.07 x 0.11 + 1.207 x 0.55 = 1.3277 + 0.66385 = 1.99155;
    // then 5,000 less, which are 6,035 there: 0.66385. It has no batch.
    assert_eq!(
        savings.steps(),
        [
            "legacy_model 10.00845 1.99155",
            "preprocessing 0.66385 1.3277"
        ]
    );
    assert_eq!(savings.combined.saving.to_string(), "10.6723");
    // 10.6723 / 12 = 0.889358.
    assert_eq!(savings.combined.saving_percent, decimal("88.94"));
    assert_eq!(
        savings.combined.left_out,
        [LeftOut {
            rule: Rule::Batch,
            excluded_by: None,
            reason: "no regional batch rate of anthropic.claude-haiku-5-5 is listed in us-east-1"
                .to_owned(),
        }]
    );
}

#[test]
fn an_excluded_finding_is_left_out_and_says_by_what() {
    // Haiku 4.5 global, 1,000 x (10,000, 1,000): 10 + 5 = 15. Batch: 7.5. Caching 9,000 with 9 reads:
    // 0.9 x 1.25 + 8.1 x 0.1 + 1 x 1 + 5 = 1.125 + 0.81 + 6 = 7.935; 7.065 less.
    let savings = find(WorkloadArguments {
        latency: Some(Latency::Hours),
        shared_prefix_tokens: some("9000"),
        reads_per_write: vec![(None, decimal("9"))],
        ..workload(
            "global.anthropic.claude-haiku-4-5-20251001-v1:0",
            1_000,
            10_000,
            1_000,
        )
    });
    assert_eq!(savings.of(Rule::Batch).saving.to_string(), "7.5");
    assert_eq!(savings.of(Rule::PromptCaching).saving.to_string(), "7.065");
    let by = |rule: Rule| {
        let mut left_out = savings.combined.left_out.iter();
        left_out
            .find(|known| known.rule == rule)
            .map(|known| known.excluded_by)
    };
    // Haiku 5.5 saves most, has no batch and caches. With 1.207 x the tokens 12.07 x 0.10 + 1.207 x 0.50 = 1.8105, then
    // a prefix of 10,863: 1.0863 x 0.125 + 9.7767 x 0.01 + 1.207 x 0.10 + 0.6035 = 0.9577545.
    assert_eq!(
        savings.steps(),
        [
            "legacy_model 13.1895 1.8105",
            "prompt_caching 0.8527455 0.9577545"
        ]
    );
    assert_eq!(by(Rule::Batch), Some(None));
    // With nothing newer to move to, batch is first and excludes the cache.
    let nova = find(WorkloadArguments {
        latency: Some(Latency::Hours),
        shared_prefix_tokens: some("5000"),
        reads_per_write: vec![(None, decimal("9"))],
        ..workload("amazon.nova-pro-v1:0", 1_000, 10_000, 1_000)
    });
    // 11.2; batch 5.6; caching 5,000: writes free, 4.5 x 0.20 = 0.9 instead of 4: 3.1. Flex saves as much as batch and
    // comes first in the list; it keeps the cache only where its own cache rate is listed.
    let excluded = nova
        .combined
        .left_out
        .iter()
        .find(|known| known.rule == Rule::Batch);
    assert_eq!(nova.of(Rule::PromptCaching).saving.to_string(), "3.1");
    assert_eq!(excluded.unwrap().excluded_by, Some(Rule::Flex));
}
