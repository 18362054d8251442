//! Fewer tokens: prompt, data, output, and the long-context threshold.

use super::*;

fn removable(prompt: &str, data: &str, output: &str) -> Removable {
    let some = |text: &str| (!text.is_empty()).then(|| decimal(text));
    Removable {
        prompt_tokens: some(prompt),
        data_tokens: some(data),
        output_tokens: some(output),
    }
}

/// Nova Pro, 1,000 x (10,000, 1,000): 8 + 3.2 = 11.2.
fn nova(removable: Removable) -> WorkloadArguments {
    WorkloadArguments {
        removable,
        ..workload("amazon.nova-pro-v1:0", 1_000, 10_000, 1_000)
    }
}

#[test]
fn tokens_that_can_go_save_their_rate() {
    // 2,000 x 1,000 x 0.80/1M = 1.6; 5,000: 4; output 250 x 1,000 x 3.20/1M = 0.8.
    let all = nova(removable("2000", "5000", "250"));
    saves(all.clone(), Rule::PromptLength, ["11.2", "9.6", "1.6"]);
    saves(all.clone(), Rule::Preprocessing, ["11.2", "7.2", "4"]);
    saves(all.clone(), Rule::OutputLimit, ["11.2", "10.4", "0.8"]);
    // They concern different tokens: 4 + 1.6 + 0.8.
    assert_eq!(
        find(all).steps(),
        [
            "preprocessing 4 7.2",
            "prompt_length 1.6 5.6",
            "output_limit 0.8 4.8"
        ]
    );
}

#[test]
fn what_can_go_is_asked_once_for_all_three() {
    let savings = find(nova(Removable::default()));
    let question = savings.question(Rule::PromptLength);
    assert!(question.give.starts_with("removable"));
    assert_eq!(
        question.rules,
        [Rule::Preprocessing, Rule::PromptLength, Rule::OutputLimit]
    );
    // Nothing can go, as said.
    let nothing = find(nova(removable("0", "0", "0")));
    for rule in [Rule::Preprocessing, Rule::PromptLength, Rule::OutputLimit] {
        assert!(nothing.is_silent(rule), "{rule}");
    }
}

#[test]
fn the_cached_prefix_shrinks_only_when_nothing_else_is_left() {
    // Sonnet 4.6, 10,000 of which 9,000 cached and read 9 times: 16.305. 5,000 less leave 5,000, all of them prefix:
    // 100 writes x 5,000 x 3.75 = 1.875, 900 x 5,000 x 0.30 = 1.35, output 7.5: 10.725.
    let mut arguments = workload(SONNET_4_6, 1_000, 10_000, 500);
    arguments.scenario.cache = Some(CacheArguments {
        prefix_tokens: decimal("9000"),
        reads_per_write: decimal("9"),
        ttl: None,
    });
    arguments.removable = removable("5000", "", "");
    saves(
        arguments.clone(),
        Rule::PromptLength,
        ["16.305", "10.725", "5.58"],
    );
    let finding = find(arguments.clone());
    assert_eq!(
        finding.of(Rule::PromptLength).assumption,
        "answers stay as good and as long; 4000 of them are cut from the first 9000"
    );
    // 500 less are tokens behind the prefix: 0.5 x 3 = 1.5.
    arguments.removable = removable("500", "", "");
    let finding = saves(
        arguments.clone(),
        Rule::PromptLength,
        ["16.305", "14.805", "1.5"],
    );
    assert_eq!(
        finding.assumption,
        "answers stay as good and as long; they lie behind the first 9000"
    );
    // 9,000 less leave 1,000, which Sonnet 4.6 does not cache: 1 x 3 + 7.5 = 10.5.
    arguments.removable = removable("9000", "", "");
    let finding = saves(arguments, Rule::PromptLength, ["16.305", "10.5", "5.805"]);
    assert_eq!(
        finding.assumption,
        "answers stay as good and as long; 8000 of them are cut from the first 9000, which leaves too little to be cached"
    );
}

#[test]
fn a_cut_that_loses_the_cache_is_left_out_when_it_costs_more() {
    // Sonnet 4.6, 1,000 x (1,100, 0), 1,024 cached with 999 reads: 1 write x 1,024 x 3.75 = 0.00384, 999 x 1,024 x 0.30
    // = 0.3068928, 76,000 x 3 = 0.228: 0.5387328. 100 less leave 1,000 that are not cached: 1 x 3 = 3, 2.4612672 more.
    let mut arguments = workload(SONNET_4_6, 1_000, 1_100, 0);
    arguments.scenario.cache = Some(CacheArguments {
        prefix_tokens: decimal("1024"),
        reads_per_write: decimal("999"),
        ttl: None,
    });
    arguments.removable = removable("100", "", "");
    assert_eq!(
        find(arguments).reason(Rule::PromptLength),
        "shorter prompt: 100 input tokens less a request: would cost 2.4612672 USD more a month"
    );
}

#[test]
fn a_prefix_that_is_cut_is_looked_at_again_before_it_is_cached() {
    // Sonnet 5.5 global 2/10, read 0.10, write 2.50. 1,000 x (2,000, 0) = 4, all of it shared and read 19 times:
    // 50 x 2,000 x 2.50 = 0.25, 950 x 2,000 x 0.10 = 0.19: 0.44. 1,500 tokens less alone: 1. After the cache they leave
    // 500, and from 512 on a prefix is cached: 1 as input, 0.56 more.
    let mut arguments = workload("global.anthropic.claude-sonnet-5-5", 1_000, 2_000, 0);
    arguments.shared_prefix_tokens = some("2000");
    arguments.reads_per_write = vec![(None, decimal("19"))];
    arguments.removable = removable("1500", "", "");
    let savings = find(arguments);
    assert_eq!(savings.of(Rule::PromptLength).saving.to_string(), "3");
    assert_eq!(savings.steps(), ["prompt_caching 3.56 0.44"]);
    assert_eq!(
        savings.combined.left_out,
        [LeftOut {
            rule: Rule::PromptLength,
            excluded_by: None,
            reason:
                "shorter prompt: 1500 input tokens less a request: would cost 0.56 USD more a month"
                    .to_owned(),
        }]
    );
}

/// Haiku 5.5 global: 0.10/0.50, above 100,000 tokens 0.50/2.50. 1,000 x (120,000, 1,000): 60 + 2.5 = 62.5.
fn long(removable: Removable) -> WorkloadArguments {
    WorkloadArguments {
        removable,
        ..workload("global.anthropic.claude-haiku-5-5", 1_000, 120_000, 1_000)
    }
}

#[test]
fn below_the_threshold_the_whole_request_is_cheaper() {
    // 5,000 and 20,000 can go: 95 x 0.10 + 1 x 0.50 = 10. 52.5 less.
    let finding = saves(
        long(removable("5000", "20000", "")),
        Rule::LongContext,
        ["62.5", "10", "52.5"],
    );
    assert_eq!(
        finding.title,
        "stay below 100000 input tokens: 25000 less a request"
    );
    // Data alone goes to 100,000: 10 + 0.5 = 10.5, 52 less. Both rules count the same tokens: one is applied.
    let savings = find(long(removable("5000", "20000", "")));
    assert_eq!(savings.of(Rule::Preprocessing).saving.to_string(), "52");
    assert_eq!(savings.steps(), ["long_context 52.5 10"]);
    let left_out: Vec<_> = savings
        .combined
        .left_out
        .iter()
        .map(|left| left.rule)
        .collect();
    assert_eq!(left_out, [Rule::Preprocessing, Rule::PromptLength]);
}

#[test]
fn a_surcharge_is_told_when_nothing_is_known_to_be_removable() {
    // 20,000 less: 10.5; 52 a month depend on it.
    let savings = find(long(Removable::default()));
    let question = savings.question(Rule::LongContext);
    assert_eq!(
        question.because,
        "20000 tokens less stay below the long-context rates above 100000: 52 USD a month"
    );
    assert!(!savings.has(Rule::LongContext));
    let short = find(workload(
        "global.anthropic.claude-haiku-5-5",
        1_000,
        100_000,
        1_000,
    ));
    assert!(short.is_silent(Rule::LongContext));
}
