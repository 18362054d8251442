//! The prompt cache: worth it, losing, for another lifetime.

use super::*;

/// Sonnet 4.6 global: 3/15, read 0.30, write 3.75 for 5 minutes and 6 for an hour.
fn sonnet(prefix: Option<&str>) -> WorkloadArguments {
    WorkloadArguments {
        shared_prefix_tokens: prefix.map(decimal),
        ..workload(SONNET_4_6, 1_000, 10_000, 500)
    }
}

fn cached(reads: &str, ttl: Option<CacheTtl>) -> WorkloadArguments {
    let mut arguments = sonnet(None);
    arguments.scenario.cache = Some(CacheArguments {
        prefix_tokens: decimal("9000"),
        reads_per_write: decimal(reads),
        ttl,
    });
    arguments
}

#[test]
fn a_shared_prefix_is_worth_caching_when_it_is_read_often_enough() {
    // Without: 10 x 3 + 0.5 x 15 = 37.5. With 9 reads a write: 100 writes of 9,000 x 3.75 = 3.375, 900 reads x 0.30
    // = 2.43, 1,000 x 1,000 x 3 = 3, output 7.5: 16.305. 37.5 - 16.305 = 21.195.
    let often = WorkloadArguments {
        reads_per_write: vec![(None, decimal("9"))],
        ..sonnet(Some("9000"))
    };
    let finding = saves(often, Rule::PromptCaching, ["37.5", "16.305", "21.195"]);
    assert_eq!(finding.title, "cache the first 9000 tokens for 5m");
    // Never read: 9 x 3.75 instead of 9 x 3 is 6.75 more.
    let never = find(WorkloadArguments {
        reads_per_write: vec![(None, decimal("0"))],
        ..sonnet(Some("9000"))
    });
    assert_eq!(
        never.reason(Rule::PromptCaching),
        "cache the first 9000 tokens for 5m: would cost 6.75 USD more a month"
    );
    // With 1 read in 5 minutes and 9 in an hour: 5m is 500 writes x 3.75 x 9 = 16.875 + 500 x 0.3 x 9 = 1.35: 18.225;
    // 1h is 100 x 6 x 9 = 5.4 + 2.43 = 7.83. The hour wins: 7.83 + 3 + 7.5 = 18.33, 19.17 less.
    let hour = WorkloadArguments {
        reads_per_write: vec![
            (Some(CacheTtl::FiveMinutes), decimal("1")),
            (Some(CacheTtl::OneHour), decimal("9")),
        ],
        ..sonnet(Some("9000"))
    };
    let finding = saves(hour, Rule::PromptCaching, ["37.5", "18.33", "19.17"]);
    assert_eq!(finding.title, "cache the first 9000 tokens for 1h");
}

#[test]
fn reads_come_from_the_rate_of_requests() {
    // 2 a minute for 8 hours on 20 days: 960 a day, 19,200 requests. 10 in 5 minutes, so that one write a day is kept
    // alive by 959 reads: 0.18 x 3.75 = 0.675, 19,180 x 9,000 = 172.62 x 0.30 = 51.786, rest 19.2 x 3 = 57.6, output
    // 9.6 x 15 = 144: 254.061. Without: 192 x 3 + 144 = 720. 465.939 less.
    let mut arguments = sonnet(Some("9000"));
    arguments.scenario.requests = per_minute("2", "8", "20");
    let finding = saves(
        arguments.clone(),
        Rule::PromptCaching,
        ["720", "254.061", "465.939"],
    );
    assert_eq!(finding.title, "cache the first 9000 tokens for 5m");
    assert_eq!(
        finding.assumption,
        "requests come evenly, 10 in 5m, and each read renews the lifetime: one write a day"
    );
    // One in 20 minutes: 5 minutes expire unread, an hour does not. 24 a day, 480 requests, 20 writes x 9,000 x 6 = 1.08,
    // 460 x 9,000 = 4.14 x 0.30 = 1.242, 0.48 x 3 = 1.44, 0.24 x 15 = 3.6: 7.362. Without: 14.4 + 3.6 = 18.
    arguments.scenario.requests = per_minute("0.05", "8", "20");
    let finding = saves(
        arguments.clone(),
        Rule::PromptCaching,
        ["18", "7.362", "10.638"],
    );
    assert_eq!(finding.title, "cache the first 9000 tokens for 1h");
    arguments.scenario.requests = per_minute("2", "8", "20");
    // Half of them deferred: 5 at once in 5 minutes.
    arguments.scenario.models = vec!["global.anthropic.claude-haiku-4-5-20251001-v1:0".to_owned()];
    arguments.scenario.batch_share = some("0.5");
    let savings = find(arguments);
    let finding = savings.of(Rule::PromptCaching);
    assert!(
        finding.assumption.contains("evenly, 5 in 5m"),
        "{finding:?}"
    );
}

#[test]
fn what_is_not_known_is_asked() {
    let savings = find(sonnet(None));
    let question = savings.question(Rule::PromptCaching);
    assert!(question.give.starts_with("shared_prefix_tokens"));
    let savings = find(sonnet(Some("9000")));
    let question = savings.question(Rule::PromptCaching);
    assert!(question.give.starts_with("reads_per_write"));
    // None shared is an answer, and models without a cache are not asked about it.
    let none = find(WorkloadArguments {
        shared_prefix_tokens: some("0"),
        ..sonnet(None)
    });
    assert!(none.is_silent(Rule::PromptCaching));
    let claude_3 = "anthropic.claude-3-haiku-20240307-v1:0";
    assert!(find(workload(claude_3, 1, 1, 1)).is_silent(Rule::PromptCaching));
}

#[test]
fn a_prefix_below_the_least_is_not_cached() {
    let check = |model: &str, prefix: &str, expected: &str| {
        let savings = find(WorkloadArguments {
            shared_prefix_tokens: some(prefix),
            reads_per_write: vec![(None, decimal("9"))],
            ..workload(model, 1_000, 10_000, 500)
        });
        assert_eq!(savings.reason(Rule::PromptCaching), expected);
    };
    check(
        SONNET_4_6,
        "1023",
        "Claude Sonnet 4.6 caches a prefix from 1024 tokens on, the shared one has 1023",
    );
    check(
        "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        "4095",
        "Claude Haiku 4.5 caches a prefix from 4096 tokens on, the shared one has 4095",
    );
    check(
        NOVA_LITE,
        "999",
        "Nova Lite caches a prefix from 1000 tokens on, the shared one has 999",
    );
}

#[test]
fn a_cache_that_is_not_read_is_stopped() {
    // 0.1 reads a write, 1,000 requests in turns of 1.1: 910 writes (909.09 rounded up), 90 reads.
    // 8.19 x 3.75 = 30.7125, 0.81 x 0.30 = 0.243, 3 + 7.5: 41.4555 against 37.5.
    saves(
        cached("0.1", None),
        Rule::CacheLosing,
        ["41.4555", "37.5", "3.9555"],
    );
    // At 9 reads it pays: nothing to say.
    assert!(find(cached("9", None)).is_silent(Rule::CacheLosing));
}

#[test]
fn the_lifetime_is_changed_when_the_other_is_cheaper() {
    // In use: 1h with 9 reads, 18.33. With 5m read as often: 16.305, 2.025 less.
    let hour = WorkloadArguments {
        reads_per_write: vec![(Some(CacheTtl::FiveMinutes), decimal("9"))],
        ..cached("9", Some(CacheTtl::OneHour))
    };
    let finding = saves(hour, Rule::CacheTtl, ["18.33", "16.305", "2.025"]);
    assert_eq!(finding.title, "cache for 5m instead of 1h");
    // In use: 5m with 1 read: 18.225 + 10.5 = 28.725. With 1h and 9 reads: 18.33, 10.395 less.
    let minutes = WorkloadArguments {
        reads_per_write: vec![(Some(CacheTtl::OneHour), decimal("9"))],
        ..cached("1", None)
    };
    saves(minutes, Rule::CacheTtl, ["28.725", "18.33", "10.395"]);
    // The right one is in use.
    let right = WorkloadArguments {
        reads_per_write: vec![(Some(CacheTtl::OneHour), decimal("9"))],
        ..cached("9", None)
    };
    assert!(find(right).is_silent(Rule::CacheTtl));
    let unknown = find(cached("9", None));
    assert!(
        unknown
            .question(Rule::CacheTtl)
            .give
            .starts_with("reads_per_write")
    );
}
