//! Costs of tokens, caches, batch shares, text units and units of other kinds.

use super::*;
use crate::guardrail::GuardrailPolicy;

#[test]
fn the_cache_is_written_once_in_every_turn_and_read_otherwise() {
    // Sonnet 4.6 global, 3/15, read 0.30, write 3.75. 1,000 requests, 9 reads a write: 100 writes, 900 reads.
    // 1,000 x 1,000 x 3/1M = 3; 100 x 9,000 x 3.75/1M = 3.375; 900 x 9,000 x 0.30/1M = 2.43; 1,000 x 500 x 15/1M = 7.5.
    let model = "global.anthropic.claude-sonnet-4-6";
    let base = tokens(model, "1000", "10000", "500");
    let estimate = one(cached(model, "9000", "9", None, base.clone()));
    assert_eq!(
        lines(&estimate.components),
        [
            "input tokens 1 1M tokens x 3 = 3",
            "cache write tokens (5m) 0.9 1M tokens x 3.75 = 3.375",
            "cache read tokens 8.1 1M tokens x 0.3 = 2.43",
            "output tokens 0.5 1M tokens x 15 = 7.5",
        ]
    );
    assert_eq!(estimate.monthly.to_string(), "16.305");
    // Without: 1,000 x 10,000 x 3/1M = 30; 30 + 7.5 = 37.5; 37.5 - 16.305 = 21.195.
    assert_eq!(
        plan(&estimate, "without prompt caching"),
        "37.5 (-21.195): the whole prompt is billed as input"
    );
    assert_eq!(
        note(&estimate, "cache_saving"),
        "the prompt cache of Claude Sonnet 4.6 saves 21.195 USD a month at 9 reads a write"
    );
    // 1 hour: writes at 6.00: 0.9 x 6 = 5.4; 16.305 - 3.375 + 5.4 = 18.33.
    assert_eq!(
        plan(&estimate, "prompt caching 1h"),
        "18.33 (-2.025): the prefix lives 1h, a write costs 6 USD per 1M tokens"
    );
    // Never read: 9 x 3.75 = 33.75 for the prefix instead of 27; 44.25, a loss of 6.75.
    let lost = one(cached(model, "9000", "0", None, base));
    assert_eq!(lost.monthly.to_string(), "44.25");
    assert_eq!(
        note(&lost, "cache_loss"),
        "the prompt cache of Claude Sonnet 4.6 loses 6.75 USD a month at 0 reads a write"
    );
}

#[test]
fn there_is_no_part_of_a_cache_write() {
    // 1,000 requests of 2,000 tokens in turns of 3: 334 writes, 666 reads.
    let model = "global.anthropic.claude-sonnet-4-6";
    let estimate = one(cached(
        model,
        "2000",
        "2",
        None,
        tokens(model, "1000", "2000", "0"),
    ));
    assert_eq!(
        lines(&estimate.components),
        [
            "cache write tokens (5m) 0.668 1M tokens x 3.75 = 2.505",
            "cache read tokens 1.332 1M tokens x 0.3 = 0.3996",
        ]
    );
}

#[test]
fn a_batch_share_runs_at_batch_rates_and_without_the_cache() {
    // Haiku 4.5 global: 1/5, read 0.10, write 1.25; batch 0.50/2.50. 400 of 1,000 requests are batch.
    // At once, 600 in turns of 6: 100 writes, 500 reads of 5,000 tokens; the rest of the prompt is 1,000.
    let model = "global.anthropic.claude-haiku-4-5-20251001-v1:0";
    let arguments = ScenarioArguments {
        batch_share: Some(decimal("0.4")),
        ..tokens(model, "1000", "6000", "100")
    };
    let estimate = one(cached(model, "5000", "5", None, arguments));
    assert_eq!(
        lines(&estimate.components),
        [
            "input tokens 0.6 1M tokens x 1 = 0.6",
            "cache write tokens (5m) 0.5 1M tokens x 1.25 = 0.625",
            "cache read tokens 2.5 1M tokens x 0.1 = 0.25",
            "output tokens 0.06 1M tokens x 5 = 0.3",
            "input tokens, batch 2.4 1M tokens x 0.5 = 1.2",
            "output tokens, batch 0.04 1M tokens x 2.5 = 0.1",
        ]
    );
    assert_eq!(estimate.monthly.to_string(), "3.075");
    // All batch: 6 x 0.5 + 0.1 x 2.5 = 3.25.
    assert_eq!(
        plan(&estimate, "batch"),
        "3.25 (-0.175): input 0.5 instead of 1, output 2.5 instead of 5 USD per 1M tokens; the cache is not used"
    );
    // Nothing batch, turns of 6 in 1,000: 167 writes, 833 reads: 1 + 1.04375 + 0.4165 + 0.5 = 2.96025.
    assert_eq!(
        plan(&estimate, "without batch"),
        "2.96025 (0.11475): every request is answered at once"
    );
}

#[test]
fn a_long_prompt_is_billed_long_as_a_whole() {
    // Haiku 5.5 global: 0.10/0.50; above 100,000 tokens 0.50/2.50.
    let model = "global.anthropic.claude-haiku-5-5";
    let at = one(tokens(model, "1000", "100000", "1000"));
    // 100 x 0.10 + 1 x 0.50 = 10.5.
    assert_eq!(at.monthly.to_string(), "10.5");
    let above = one(tokens(model, "1000", "100001", "1000"));
    // 100.001 x 0.50 + 1 x 2.50 = 52.5005; at ordinary rates 10.0001 + 0.5 = 10.5001; 42.0004 more.
    assert_eq!(
        lines(&above.components),
        [
            "input tokens, long context 100.001 1M tokens x 0.5 = 50.0005",
            "output tokens, long context 1 1M tokens x 2.5 = 2.5",
        ]
    );
    assert_eq!(
        note(&above, "long_context"),
        "the prompt is above 100000 tokens, so the whole request is billed at input 0.5 instead of 0.1, output 2.5 \
         instead of 0.5 USD per 1M tokens: 42.0004 USD of the monthly cost"
    );
    // Of 1,000 requests 100 write the prefix and 900 read it. Writes are five times as dear there too:
    // 0.001 x 0.50 + 10 x 0.625 + 90 x 0.05 = 0.0005 + 6.25 + 4.5.
    let cached = one(cached(
        model,
        "100000",
        "9",
        None,
        tokens(model, "1000", "100001", "0"),
    ));
    assert_eq!(
        lines(&cached.components),
        [
            "input tokens, long context 0.001 1M tokens x 0.5 = 0.0005",
            "cache write tokens (5m), long context 10 1M tokens x 0.625 = 6.25",
            "cache read tokens, long context 90 1M tokens x 0.05 = 4.5",
        ]
    );
    assert_eq!(cached.monthly.to_string(), "10.7505");
    // The rate of India for GPT-5.6 Luna has no long-context rates, and the global one has.
    let india = ScenarioArguments {
        region: Some("ap-south-1".parse().unwrap()),
        ..tokens("in.openai.gpt-5.6-luna", "1", "272001", "1")
    };
    refused(
        india,
        "\"in.openai.gpt-5.6-luna\": prompts of openai.gpt-5.6-luna above 272000 tokens have another rate, which is \
         not listed for regional standard",
    );
}

#[test]
fn images_seconds_queries_and_services_have_their_own_units() {
    let of = |model: &str, units: &[(&str, &str)]| ScenarioArguments {
        models: vec![model.to_owned()],
        requests: Some(RequestsArgument::Monthly(10_000.into())),
        units: units
            .iter()
            .map(|(unit, quantity)| ((*unit).to_owned(), decimal(quantity)))
            .collect(),
        ..ScenarioArguments::default()
    };
    let check = |arguments, expected: &[&str]| {
        assert_eq!(lines(&one(arguments).components), expected);
    };
    check(
        of("Stable Image Core 1.1", &[("image", "2")]),
        &["image 20000 image x 0.04 = 800"],
    );
    check(
        of("Amazon Rerank 1.0", &[("queries", "1")]),
        &["queries 10 1,000 queries x 1 = 10"],
    );
    check(
        of(
            "Luma Ray2",
            &[("second of 540p video at 24 frames a second", "5")],
        ),
        &[
            "second of 540p video at 24 frames a second 50000 second of 540p video at 24 frames a second x 0.75 = 37500",
        ],
    );
    // Nova Sonic: speech tokens beside text tokens: 10,000 x 400 x 3.40/1M = 13.6.
    check(
        of("Nova Sonic", &[("speech input tokens", "400")]),
        &["speech input tokens 4 1M speech input tokens x 3.4 = 13.6"],
    );
    // Embeddings have no output.
    check(
        tokens("Titan Text Embeddings V2", "10000", "500", "0"),
        &["input tokens 5 1M tokens x 0.02 = 0.1"],
    );
    let queries = ServiceArguments {
        dimension: "knowledge_bases".to_owned(),
        item: "standard_retrieval".to_owned(),
        quantity: 20_000.into(),
    };
    let with_retrieval = ScenarioArguments {
        services: vec![queries],
        ..tokens("Nova Micro", "10000", "1000", "0")
    };
    check(
        with_retrieval,
        &[
            "input tokens 10 1M tokens x 0.035 = 0.35",
            "knowledge_bases standard_retrieval 20 1,000 queries x 1 = 20",
        ],
    );
    refused(
        tokens("Stable Image Core 1.1", "1", "100", "0"),
        "\"Stable Image Core 1.1\": stability.stable-image-core-v1:1 is not billed by text tokens but per image: give \
         `units`",
    );
    refused(
        of("Stable Image Core 1.1", &[("picture", "1")]),
        "\"Stable Image Core 1.1\": stability.stable-image-core-v1:1 has no rate per \"picture\" in us-east-1; it is \
         billed per image",
    );
    refused(
        tokens("Titan Text Embeddings V2", "1", "1", "1"),
        "\"Titan Text Embeddings V2\": no output rate is listed for amazon.titan-embed-text-v2:0 standard",
    );
}

#[test]
fn text_units_are_rounded_up_for_each_text() {
    // 1,001 characters are 2 units: 100 x 2 x 0.00015 = 0.03; 1,000 are 1: 100 x 0.0001 = 0.01; words are free.
    let arguments = ScenarioArguments {
        guardrails: Some(GuardrailArguments {
            policies: vec![
                (GuardrailPolicy::ContentFilters, Direction::Input),
                (GuardrailPolicy::Pii, Direction::Output),
                (GuardrailPolicy::WordFilters, Direction::Both),
            ],
            input_chars: Some(1_001.into()),
            output_chars: Some(1_000.into()),
        }),
        ..tokens("Nova Micro", "100", "0", "0")
    };
    assert_eq!(
        lines(&one(arguments.clone()).components),
        [
            "guardrail content_filters, input 200 text unit x 0.00015 = 0.03",
            "guardrail pii, output 100 text unit x 0.0001 = 0.01",
            "guardrail word_filters, input 200 text unit x 0 = 0",
            "guardrail word_filters, output 100 text unit x 0 = 0",
        ]
    );
    let elsewhere = ScenarioArguments {
        region: Some("eu-west-1".parse().unwrap()),
        ..arguments
    };
    assert_eq!(
        note(&one(elsewhere), "other_region"),
        "the rate of guardrail content_filters, input is not listed for eu-west-1: that of us-east-1, us-west-2 stands in"
    );
}

#[test]
fn a_prefix_outside_the_limits_of_the_cache_is_billed_as_input() {
    // Haiku 4.5 global, 1/5: 4,095 of 10,000 tokens are not cached. 1,000 x 10,000 x 1 + 1,000 x 100 x 5 = 10.5.
    let haiku = "global.anthropic.claude-haiku-4-5-20251001-v1:0";
    let of = |model: &str, prefix: &str, input: &str| {
        one(cached(
            model,
            prefix,
            "9",
            None,
            tokens(model, "1000", input, "100"),
        ))
    };
    let short = of(haiku, "4095", "10000");
    assert_eq!(short.monthly.to_string(), "10.5");
    assert_eq!(
        note(&short, "cache_too_short"),
        "Claude Haiku 4.5 caches a prefix from 4096 tokens on (AWS guide to prompt caching, October 2026): 4095 tokens \
         are not cached and are billed as input"
    );
    assert!(short.notes.iter().all(|note| note.code != "cache_saving"));
    // One token more: 100 x 4,096 x 1.25/1M = 0.512, 900 x 4,096 x 0.1/1M = 0.36864, 5.904 and 0.5: 7.28464.
    let enough = of(haiku, "4096", "10000");
    assert_eq!(enough.monthly.to_string(), "7.28464");
    assert!(
        enough
            .notes
            .iter()
            .all(|note| note.code != "cache_too_short")
    );
    // Nova Pro caches 20,000 of 30,000 tokens; writes are free: 900 x 20,000 x 0.20/1M = 3.6, 1,000 x 20,000 x 0.80/1M
    // = 16 after the prefix, 0.1 x 3.20 = 0.32: 19.92.
    let long = of("amazon.nova-pro-v1:0", "30000", "40000");
    assert_eq!(long.monthly.to_string(), "19.92");
    assert_eq!(
        note(&long, "cache_too_long"),
        "Nova Pro caches at most 20000 tokens (AWS model cards of Amazon Nova, October 2026): the rest of the prefix of \
         30000 is billed as input"
    );
    // Nobody says what Haiku 5.5 needs: 100 x 100 x 0.125 + 900 x 100 x 0.01, in millionths.
    let unknown = of("global.anthropic.claude-haiku-5-5", "100", "100");
    assert_eq!(unknown.monthly.to_string(), "0.05215");
    assert_eq!(
        note(&unknown, "cache_minimum_unknown"),
        "how long a prefix has to be for the prompt cache of Claude Haiku 5.5 is not known: 100 tokens are taken to do"
    );
}

#[test]
fn text_rates_are_not_taken_for_those_of_speech() {
    // 1,000 x 1,000 x 0.06/1M = 0.06; as speech it would be 3.4.
    let sonic = one(tokens("Nova Sonic", "1000", "1000", "0"));
    assert_eq!(sonic.monthly.to_string(), "0.06");
    assert_eq!(
        note(&sonic, "speech_as_text"),
        "all tokens are priced as text: speech costs 3.4 USD per 1M speech input tokens, 13.6 USD per 1M speech output \
         tokens; give its tokens as units, as in {\"speech input tokens\": 400}"
    );
    let newest = one(tokens("Nova 2.5 Sonic", "1000", "1000", "0"));
    assert_eq!(
        note(&newest, "speech_as_text"),
        "all tokens are priced as text: the rates of speech of Nova 2.5 Sonic are not known in us-east-1"
    );
    let with_speech = one(ScenarioArguments {
        units: vec![("speech input tokens".to_owned(), decimal("400"))],
        ..tokens("Nova Sonic", "1000", "1000", "0")
    });
    assert!(
        with_speech
            .notes
            .iter()
            .all(|note| note.code != "speech_as_text")
    );
}

#[test]
fn rates_of_a_day_before_their_first_reading_are_doubted() {
    let on = |model: &str, day| {
        let scenario = Scenario::new(tokens(model, "1", "1000", "0"), day).unwrap();
        estimate(PriceBook::embedded(), &scenario)
            .unwrap()
            .remove(0)
    };
    let early = on("Claude Opus 5.5", date(2024, 1, 1));
    let text = note(&early, "rate_start_unknown");
    assert!(
        text.starts_with("the first day of these rates of Claude Opus 5.5 is not recorded: they were read on 2026-")
            && text.ends_with("it is not known that they were in force on 2024-01-01"),
        "{text}"
    );
    // Neither today nor where the first day is recorded: GPT-5.6 Luna has its rates since 2026-07-30.
    for (model, day) in [
        ("Claude Opus 5.5", TODAY),
        ("global.openai.gpt-5.6-luna", date(2026, 7, 30)),
    ] {
        let estimate = on(model, day);
        assert!(
            estimate
                .notes
                .iter()
                .all(|note| note.code != "rate_start_unknown"),
            "{model}"
        );
    }
}
