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
    // 500 less are tokens behind the prefix: 0.5 x 3 = 1.5.
    arguments.removable = removable("500", "", "");
    saves(arguments, Rule::PromptLength, ["16.305", "14.805", "1.5"]);
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
