//! What a scenario computes and refuses, one case a line; every figure worked out by hand.

use jiff::civil::{Date, date};

use super::*;
use crate::guardrail::GuardrailPolicy;
use crate::inference::{Commitment, ReservedTerm};

const TODAY: Date = date(2026, 11, 22);

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn tokens(model: &str, requests: &str, input: &str, output: &str) -> ScenarioArguments {
    ScenarioArguments {
        models: vec![model.to_owned()],
        input_tokens: Some(decimal(input)),
        output_tokens: Some(decimal(output)),
        requests: Some(RequestsArgument::Monthly(decimal(requests))),
        ..ScenarioArguments::default()
    }
}

fn cached(
    model: &str,
    prefix: &str,
    reads: &str,
    ttl: Option<CacheTtl>,
    arguments: ScenarioArguments,
) -> ScenarioArguments {
    ScenarioArguments {
        models: vec![model.to_owned()],
        cache: Some(CacheArguments {
            prefix_tokens: decimal(prefix),
            reads_per_write: decimal(reads),
            ttl,
        }),
        ..arguments
    }
}

fn run(arguments: ScenarioArguments) -> Result<Vec<Estimate>, ScenarioError> {
    estimate(PriceBook::embedded(), &Scenario::new(arguments, TODAY)?)
}

fn one(arguments: ScenarioArguments) -> Estimate {
    run(arguments).unwrap().remove(0)
}

/// The components as `name quantity unit x rate = cost`.
fn lines(components: &[CostComponent]) -> Vec<String> {
    components
        .iter()
        .map(|component| {
            format!(
                "{} {} {} x {} = {}",
                component.name,
                component.quantity.normalize(),
                component.unit,
                component.rate,
                component.cost
            )
        })
        .collect()
}

fn plan(estimate: &Estimate, name: &str) -> String {
    let plan = estimate
        .plans
        .iter()
        .find(|plan| plan.kind.to_string() == name);
    let Some(plan) = plan else {
        let missing = estimate
            .not_computed
            .iter()
            .find(|plan| plan.kind.to_string() == name);
        return missing.unwrap().why.to_string();
    };
    let break_even = plan
        .break_even
        .map_or_else(String::new, |known| format!("; {known}"));
    format!(
        "{} ({}): {}{break_even}",
        plan.monthly, plan.saving, plan.change
    )
}

fn note<'a>(estimate: &'a Estimate, code: &str) -> &'a str {
    let note = estimate.notes.iter().find(|note| note.code == code);
    &note.unwrap().text
}

#[track_caller]
fn refused(arguments: ScenarioArguments, expected: &str) {
    assert_eq!(run(arguments).unwrap_err().to_string(), expected);
}

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
    // 1,000 requests in turns of 3: 334 writes, 666 reads.
    let model = "global.anthropic.claude-sonnet-4-6";
    let estimate = one(cached(
        model,
        "1000",
        "2",
        None,
        tokens(model, "1000", "1000", "0"),
    ));
    assert_eq!(
        lines(&estimate.components),
        [
            "cache write tokens (5m) 0.334 1M tokens x 3.75 = 1.2525",
            "cache read tokens 0.666 1M tokens x 0.3 = 0.1998",
        ]
    );
}

#[test]
fn a_batch_share_runs_at_batch_rates_and_without_the_cache() {
    // Haiku 4.5 global: 1/5, read 0.10, write 1.25; batch 0.50/2.50. 400 of 1,000 requests are batch.
    // At once, 600 in turns of 6: 100 writes, 500 reads of 1,000 tokens; the rest of the prompt is 1,000.
    let model = "global.anthropic.claude-haiku-4-5-20251001-v1:0";
    let arguments = ScenarioArguments {
        batch_share: Some(decimal("0.4")),
        ..tokens(model, "1000", "2000", "100")
    };
    let estimate = one(cached(model, "1000", "5", None, arguments));
    assert_eq!(
        lines(&estimate.components),
        [
            "input tokens 0.6 1M tokens x 1 = 0.6",
            "cache write tokens (5m) 0.1 1M tokens x 1.25 = 0.125",
            "cache read tokens 0.5 1M tokens x 0.1 = 0.05",
            "output tokens 0.06 1M tokens x 5 = 0.3",
            "input tokens, batch 0.8 1M tokens x 0.5 = 0.4",
            "output tokens, batch 0.04 1M tokens x 2.5 = 0.1",
        ]
    );
    assert_eq!(estimate.monthly.to_string(), "1.575");
    // All batch: 2 x 0.5 + 0.1 x 2.5 = 1.25.
    assert_eq!(
        plan(&estimate, "batch"),
        "1.25 (0.325): input 0.5 instead of 1, output 2.5 instead of 5 USD per 1M tokens; the cache is not used"
    );
    // Nothing batch, turns of 6 in 1,000: 167 writes, 833 reads: 1 + 0.20875 + 0.0833 + 0.5 = 1.79205.
    assert_eq!(
        plan(&estimate, "without batch"),
        "1.79205 (-0.21705): every request is answered at once"
    );
}

#[test]
fn every_tier_and_routing_is_computed_or_refused_by_name() {
    // Nova Pro us-east-1: 0.80/3.20; 1M in and 1M out is 4.00; flex 0.40/1.60, priority 1.40/5.60, batch as flex,
    // latency-optimized 1.00/4.00.
    let estimate = one(tokens("Nova Pro", "1000", "1000", "1000"));
    assert_eq!(
        plan(&estimate, "flex"),
        "2 (2): input 0.4 instead of 0.8, output 1.6 instead of 3.2 USD per 1M tokens"
    );
    assert!(plan(&estimate, "priority").starts_with("7 (-3): "));
    assert!(plan(&estimate, "batch").starts_with("2 (2): "));
    assert!(plan(&estimate, "latency_optimized").starts_with("5 (-1): "));
    assert!(
        plan(&estimate, "global routing").starts_with(
            "no global standard rate of amazon.nova-pro-v1:0 is listed in us-east-1; listed are regional standard in "
        )
    );
    assert!(
        plan(&estimate, "provisioned, no commitment").starts_with(
            "no provisioned throughput (none) rate is listed for amazon.nova-pro-v1:0; models with one: "
        )
    );
    let kinds: Vec<String> = estimate
        .plans
        .iter()
        .map(|plan| plan.kind.to_string())
        .collect();
    assert_eq!(kinds, ["flex", "batch", "latency_optimized", "priority"]);
    // Asked for as the plan itself, it is refused: Claude has no flex.
    let flex = ScenarioArguments {
        tier: Some(Tier::Flex),
        ..tokens("Claude 3.5 Haiku", "1", "1", "1")
    };
    refused(
        flex,
        "\"Claude 3.5 Haiku\": no regional flex rate of anthropic.claude-3-5-haiku-20241022-v1:0 is listed in \
         us-east-1; listed are regional standard in eu, us-east-1, us-east-2, us-west-2; regional batch in us-east-1, \
         us-west-2; regional latency_optimized in us-east-2",
    );
    // Claude 4.5 and later are dearer regionally by a tenth: 1.1 + 5.5 = 6.6 against 6.
    let haiku = one(tokens("Claude Haiku 4.5", "1000", "1000", "1000"));
    assert_eq!(haiku.monthly.to_string(), "6.6");
    assert!(plan(&haiku, "global routing").starts_with("6 (0.6): input 1 instead of 1.1, "));
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
    // No source lists what a cache write costs there, so it has no figure.
    refused(
        cached(
            model,
            "100000",
            "9",
            None,
            tokens(model, "1000", "100001", "0"),
        ),
        "\"global.anthropic.claude-haiku-5-5\": no cache_write_5m rate is listed for anthropic.claude-haiku-5-5 \
         standard above its long-context threshold",
    );
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
fn lifetimes_are_those_of_the_model() {
    // GPT-6 Sol global: 2/10, read 0.20, writes of 30 minutes 2.50.
    let model = "global.openai.gpt-6-sol";
    let base = tokens(model, "100", "1000", "0");
    // 10 x 1,000 x 2.5/1M = 0.025; 90 x 1,000 x 0.2/1M = 0.018.
    let estimate = one(cached(model, "1000", "9", None, base.clone()));
    assert_eq!(
        lines(&estimate.components),
        [
            "cache write tokens (30m) 0.01 1M tokens x 2.5 = 0.025",
            "cache read tokens 0.09 1M tokens x 0.2 = 0.018",
        ]
    );
    refused(
        cached(
            model,
            "1000",
            "9",
            Some(CacheTtl::FiveMinutes),
            base.clone(),
        ),
        "\"global.openai.gpt-6-sol\": no cache write of 5m is listed for openai.gpt-6-sol standard; listed are 30m",
    );
    refused(
        cached("Llama 3.3 70B", "1000", "9", None, base.clone()),
        "\"Llama 3.3 70B\": no prompt caching rates are listed for meta.llama3-3-70b-instruct-v1:0 standard",
    );
    // Flex lists no write for Kimi K3, so that plan goes without the cache: 100 x 1,000 x 1.5/1M = 0.15.
    let estimate = one(cached("global.moonshotai.kimi-k3", "1000", "9", None, base));
    assert!(plan(&estimate, "flex").starts_with("0.15 ("));
    assert!(plan(&estimate, "flex").ends_with("; the cache is not used"));
}

#[test]
fn reserved_capacity_is_for_the_busy_minute() {
    // Sonnet 4.6 global, 50 requests a minute of 4,000 in and 300 out: 200,000 and 15,000 tokens a minute.
    // 1 month: (200 x 0.18 + 15 x 0.90) x 730 = (36 + 13.5) x 730 = 36,135.
    // Used to the full: 43.8M tokens a month for each 1,000 a minute: 8,760 x 3 + 657 x 15 = 26,280 + 9,855 = 36,135.
    let arguments = ScenarioArguments {
        requests: Some(RequestsArgument::Rate(RequestRate {
            per_minute: Some(50.into()),
            hours_per_day: Some(8.into()),
            days_per_month: Some(22.into()),
            ..RequestRate::default()
        })),
        ..tokens("global.anthropic.claude-sonnet-4-6", "1", "4000", "300")
    };
    let estimate = one(arguments.clone());
    // 528,000 requests: 2,112 x 3 + 158.4 x 15 = 6,336 + 2,376 = 8,712; 8,712/36,135 = 0.24110.
    assert_eq!(estimate.monthly.to_string(), "8712");
    assert_eq!(
        plan(&estimate, "reserved 1_month"),
        "36135 (-27423): 200,000 input and 15,000 output tokens a minute for 730 hours instead of tokens; a busier \
         minute is billed on-demand; pays above 100% utilisation around the clock, the workload has 24.11%"
    );
    // 3 months: 0.9 x 36,135 = 32,521.5.
    assert!(plan(&estimate, "reserved 3_months").starts_with("32521.5 (-23809.5): "));
    assert!(plan(&estimate, "reserved 3_months").contains("pays above 90% utilisation"));
    // Small workloads reserve at least 100,000 and 10,000: (100 x 0.18 + 10 x 0.90) x 730 = 27 x 730 = 19,710.
    let small = ScenarioArguments {
        input_tokens: Some(100.into()),
        output_tokens: Some(1.into()),
        ..arguments
    };
    assert!(plan(&one(small), "reserved 1_month").starts_with("19710 ("));
    let monthly = one(tokens("global.anthropic.claude-sonnet-4-6", "1", "1", "1"));
    assert_eq!(
        plan(&monthly, "reserved 1_month"),
        "needs requests as a rate with hours_per_day: it is bought for the busy minutes"
    );
    assert_eq!(
        plan(
            &one(tokens("Llama 3.1 8B", "1", "1", "1")),
            "provisioned, no commitment"
        ),
        "needs provisioned {model_units, commitment}"
    );
}

#[test]
fn provisioned_throughput_lists_every_commitment_and_refuses_by_name() {
    let of = |model: &str, commitment| ScenarioArguments {
        provisioned: Some(ProvisionedArguments {
            model_units: Decimal::TWO,
            commitment,
        }),
        ..tokens(model, "1000000", "1000", "1000")
    };
    // Llama 3.1 70B: 2 x 24.00 x 730 = 35,040; 2 x 21.18 x 730 = 30,922.80; 2 x 13.08 x 730 = 19,096.80.
    let estimate = one(of("Llama 3.1 70B", Commitment::None));
    for (name, expected) in [
        ("provisioned, no commitment", "35040 ("),
        ("provisioned 1_month", "30922.8 ("),
        ("provisioned 6_months", "19096.8 ("),
    ] {
        assert!(plan(&estimate, name).starts_with(expected), "{name}");
    }
    // Claude 2.1 has no rate without commitment.
    let estimate = one(of("Claude 2.1", Commitment::None));
    assert!(plan(&estimate, "provisioned, no commitment").starts_with(
        "no provisioned throughput (none) rate is listed for anthropic.claude-v2:1; models with one: "
    ));
    assert!(plan(&estimate, "provisioned 1_month").starts_with("91980 ("));
}

#[test]
fn imported_weights_are_billed_in_windows_of_five_minutes() {
    // 2 units for 61 minutes: 13 windows, 65 minutes: 130 x 0.05718 = 7.4334; stored 2 x 1.95 = 3.90; 11.3334.
    let arguments = ScenarioArguments {
        custom_import: Some(CustomImportArguments {
            model_units: 2.into(),
            minutes_per_month: 61.into(),
            version: None,
        }),
        ..tokens("Llama 3.3 70B", "1000", "1000", "1000")
    };
    let estimate = one(arguments);
    // On-demand 1 x 0.72 + 1 x 0.72 = 1.44; 11.3334 x 1,000 / 1.44 = 7,870.4 requests.
    assert_eq!(
        plan(&estimate, "custom model import"),
        "11.3334 (-9.8934): your own weights on 2 custom model units (v1) for 65 minutes in windows of 5; quality is \
         not compared; pays from 7871 requests a month, 7.8704 x those given; throughput of a unit is not published"
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
        "the rate of guardrail content_filters, input is not listed for eu-west-1: that of another region stands in"
    );
}

#[test]
fn models_are_ranked_cheapest_first_and_none_is_left_out() {
    let models = [
        "Claude 3 Opus",
        "Nova Micro",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "Nova Lite",
    ];
    let of = |models: &[&str]| ScenarioArguments {
        models: models.iter().map(|model| (*model).to_owned()).collect(),
        ..tokens("", "1000", "1000", "1000")
    };
    let ranked: Vec<String> = run(of(&models))
        .unwrap()
        .iter()
        .map(|estimate| format!("{} {}", estimate.model.name(), estimate.monthly))
        .collect();
    // 0.035 + 0.14; 0.06 + 0.24; 1.1 + 5.5; 15 + 75.
    assert_eq!(
        ranked,
        [
            "Nova Micro 0.175",
            "Nova Lite 0.3",
            "Claude Haiku 4.5 6.6",
            "Claude 3 Opus 90"
        ]
    );
    let text = run(of(&["Nova Micro", "Nova Mikro", "Claude Opus 17"]))
        .unwrap_err()
        .to_string();
    assert!(
        text.starts_with("unknown model \"Nova Mikro\"; nearest: amazon.nova-micro-v1:0"),
        "{text}"
    );
    assert!(
        text.contains("; unknown model \"Claude Opus 17\""),
        "{text}"
    );
}

#[test]
fn names_fix_routing_and_region() {
    let of = |model: &str, region: Option<&str>, routing| ScenarioArguments {
        region: region.map(|region| region.parse().unwrap()),
        routing,
        ..tokens(model, "1000", "1000", "1000")
    };
    let arn = "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0";
    // Nova Pro in Ireland: 0.92 + 3.68.
    assert_eq!(one(of(arn, None, None)).monthly.to_string(), "4.6");
    refused(
        of(arn, Some("us-east-1"), None),
        &format!("\"{arn}\": the ARN names eu-west-1, which contradicts region us-east-1"),
    );
    refused(
        of(
            "global.anthropic.claude-opus-5",
            None,
            Some(Routing::Regional),
        ),
        "\"global.anthropic.claude-opus-5\": the name of the model means global routing, which contradicts routing \
         regional",
    );
    refused(
        of("eu.amazon.nova-pro-v1:0", None, None),
        "\"eu.amazon.nova-pro-v1:0\": us-east-1 is not a source region of eu. profiles: give the region the requests \
         are sent to",
    );
}

#[test]
fn bad_numbers_are_refused_by_name() {
    let base = tokens("Nova Micro", "1000", "1000", "100");
    let check = |change: fn(&mut ScenarioArguments), expected: &str| {
        let mut arguments = base.clone();
        change(&mut arguments);
        refused(arguments, expected);
    };
    check(
        |arguments| arguments.models.clear(),
        "no model was named: give `models`, for example [\"amazon.nova-lite-v1:0\"]",
    );
    check(
        |arguments| arguments.requests = None,
        "requests is missing: give a whole number a month, or {per_minute, hours_per_day, days_per_month}",
    );
    check(
        |arguments| arguments.input_tokens = None,
        "input_tokens is missing: give the tokens of one prompt",
    );
    check(
        |arguments| arguments.output_tokens = None,
        "output_tokens is missing: give the tokens of one answer, 0 for embeddings",
    );
    check(
        |arguments| arguments.input_tokens = Some(decimal("-1")),
        "input_tokens is -1, outside 0 to 1000000000",
    );
    check(
        |arguments| arguments.input_tokens = Some(decimal("0.5")),
        "input_tokens is 0.5, which is not a whole number",
    );
    check(
        |arguments| arguments.input_tokens = Some(decimal("79228162514264337593543950335")),
        "input_tokens is 79228162514264337593543950335, outside 0 to 1000000000",
    );
    check(
        |arguments| arguments.input_tokens = Some(128_001.into()),
        "\"Nova Micro\": input_tokens 128001 is above the context window of amazon.nova-micro-v1:0, 128000 tokens",
    );
    check(
        |arguments| arguments.output_tokens = Some(10_001.into()),
        "\"Nova Micro\": output_tokens 10001 is above the longest output of amazon.nova-micro-v1:0, 10000 tokens",
    );
    check(
        |arguments| {
            (arguments.input_tokens, arguments.output_tokens) = (Some(0.into()), Some(0.into()))
        },
        "nothing is used: input_tokens and output_tokens are 0 and there is nothing else",
    );
    check(
        |arguments| arguments.batch_share = Some(decimal("1.01")),
        "batch_share is 1.01, outside 0 to 1",
    );
    check(
        |arguments| arguments.batch_share = Some(decimal("0.33333")),
        "batch_share is 0.33333, which has more than 4 decimal places",
    );
    check(
        |arguments| {
            (arguments.tier, arguments.batch_share) = (Some(Tier::Batch), Some(decimal("0.5")))
        },
        "tier batch runs every request as batch inference, which contradicts batch_share 0.5",
    );
    refused(
        cached("Nova Micro", "1001", "1", None, base.clone()),
        "cache.prefix_tokens 1001 is above input_tokens 1000: the prefix is part of the input",
    );
    refused(
        cached("Nova Micro", "1000", "-1", None, base.clone()),
        "cache.reads_per_write is -1, outside 0 to 1000000000",
    );
    check(
        |arguments| {
            arguments.guardrails = Some(GuardrailArguments {
                policies: vec![(GuardrailPolicy::Pii, Direction::Both)],
                input_chars: Some(1.into()),
                output_chars: None,
            });
        },
        "guardrails.output_chars is missing",
    );
    check(
        |arguments| {
            arguments.guardrails = Some(GuardrailArguments {
                policies: vec![
                    (GuardrailPolicy::Pii, Direction::Input),
                    (GuardrailPolicy::Pii, Direction::Output),
                ],
                input_chars: Some(1.into()),
                output_chars: Some(1.into()),
            });
        },
        "guardrails.policies names pii twice",
    );
}

#[test]
fn doubts_about_a_rate_are_said() {
    let estimate = one(tokens("Claude Fable 5.2", "1", "1", "1"));
    assert!(
        note(&estimate, "single_source")
            .starts_with("the rate of input tokens has a single source (genai-prices")
    );
    let estimate = one(tokens("Claude 3.5 Sonnet", "1", "1", "1"));
    // Checked on 2026-07-24: 121 days before.
    assert_eq!(
        note(&estimate, "stale_rate"),
        "the rate of input tokens was last checked on 2026-07-24"
    );
    assert!(note(&estimate, "sources_disagree").contains("Public Extended Access"));
    let claims: Vec<&str> = estimate.claims.iter().map(|claim| claim.feature).collect();
    assert_eq!(claims, ["intelligent prompt routing", "model distillation"]);
    assert!(
        one(tokens("Titan Text Embeddings V2", "1", "1", "0"))
            .claims
            .is_empty()
    );
}

#[test]
fn every_reserved_term_is_offered_for_every_reserved_model() {
    let book = PriceBook::embedded();
    for model in book.models() {
        for term in ReservedTerm::ALL.iter().copied() {
            for routing in Routing::ALL.iter().copied() {
                let one = book.reserved(
                    model.id(),
                    ReservedTerm::OneMonth,
                    routing,
                    &Region::US_EAST_1,
                    TODAY,
                );
                let this = book.reserved(model.id(), term, routing, &Region::US_EAST_1, TODAY);
                assert_eq!(one.is_ok(), this.is_ok(), "{} {term} {routing}", model.id());
            }
        }
    }
}
