//! Ranking, and what is refused by name.

use super::*;
use crate::guardrail::GuardrailPolicy;

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
            (arguments.input_tokens, arguments.output_tokens) = (Some(0.into()), Some(0.into()));
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
            (arguments.tier, arguments.batch_share) = (Some(Tier::Batch), Some(decimal("0.5")));
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
            "no provisioned throughput (none) rate is listed for amazon.nova-pro-v1:0; models with one: amazon."
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
fn doubts_about_a_rate_are_said() {
    let estimate = one(tokens("Claude Fable 5.2", "1", "1", "1"));
    assert!(
        note(&estimate, "single_source").starts_with(
            "the rate of input tokens has a single source, not AWS's own (genai-prices"
        )
    );
    let estimate = one(tokens("Claude 3.5 Sonnet", "1", "1", "1"));
    assert!(note(&estimate, "sources_disagree").contains("Public Extended Access"));
    let claims: Vec<&str> = estimate.claims.iter().map(|claim| claim.feature).collect();
    assert_eq!(claims, ["intelligent prompt routing", "model distillation"]);
    assert!(
        one(tokens("Titan Text Embeddings V2", "1", "1", "0"))
            .claims
            .is_empty()
    );
}
