//! The price book as a whole: known figures, dates, names, and rules that every row must keep.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use bedrock_cost::inference::{Commitment, ReservedTerm, Routing, Tier};
use bedrock_cost::model::ModelId;
use bedrock_cost::price_book::{Agreement, Model, NoRate, PriceBook, RateQuery, Rates};
use bedrock_cost::region::{Geography, Region};
use bedrock_cost::tokens::{TokenCount, TokenKind, TokenUsage};
use jiff::civil::Date;
use proptest::prelude::*;
use rust_decimal::Decimal;

const TODAY: &str = "2026-11-22";

fn model(name: &str) -> &'static Model {
    PriceBook::embedded().resolve(name).unwrap().model
}

fn query(region: &str, routing: Routing, tier: Tier, date: &str) -> RateQuery {
    RateQuery {
        region: Region::parse_known(region).unwrap(),
        routing,
        tier,
        date: date.parse().unwrap(),
    }
}

fn regional(name: &str) -> Rates {
    model(name)
        .rates(&query(
            "us-east-1",
            Routing::Regional,
            Tier::Standard,
            TODAY,
        ))
        .unwrap()
}

fn global(name: &str) -> Rates {
    model(name)
        .rates(&query("us-east-1", Routing::Global, Tier::Standard, TODAY))
        .unwrap()
}

/// Checks `input/output/cache read/5-minute write/1-hour write`, as far as `expected` goes.
fn check(rates: &Rates, expected: &str) {
    let kinds = [
        TokenKind::Input,
        TokenKind::Output,
        TokenKind::CacheRead,
        TokenKind::CacheWrite5m,
        TokenKind::CacheWrite1h,
    ];
    let expected: Vec<&str> = expected.split('/').collect();
    let found: Vec<String> = kinds
        .into_iter()
        .take(expected.len())
        .map(|kind| rates.get(kind).unwrap().to_string())
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn rates_of_northern_virginia() {
    // The review of 2026-11-22, each confirmed by two sources or more.
    for (name, expected) in [
        ("Nova Micro", "0.035/0.14/0.00875"),
        ("Nova Lite", "0.06/0.24/0.015"),
        ("Nova Pro", "0.8/3.2/0.2"),
        ("Nova Premier", "2.5/12.5/0.625"),
        ("Nova 2 Lite", "0.33/2.75/0.0825"),
        ("Claude 3 Haiku", "0.25/1.25"),
        ("Claude 3.5 Haiku", "0.8/4/0.08/1"),
        ("Claude 3.7 Sonnet", "3/15/0.3/3.75"),
        ("Claude Sonnet 4", "3/15/0.3/3.75"),
        ("Claude Opus 4.1", "15/75/1.5/18.75"),
        ("Claude Haiku 4.5", "1.1/5.5/0.11/1.375/2.2"),
        ("Claude Sonnet 4.5", "3.3/16.5/0.33/4.125/6.6"),
        ("Claude Opus 4.8", "5.5/27.5/0.55/6.875/11"),
        ("Claude Opus 5", "5.5/27.5/0.55/6.875/11"),
        ("Claude Sonnet 5", "2.2/11/0.22/2.75/4.4"),
        ("Claude Sonnet 5.5", "2.2/11/0.11/2.75/4.4"),
        ("Claude Opus 5.5", "4.4/22/0.22/5.5/8.8"),
        ("Claude Haiku 5.5", "0.11/0.55"),
        ("Claude Fable 5.1", "11/55"),
        ("Llama 3.3 70B", "0.72/0.72"),
        ("Llama 4 Maverick 17B", "0.24/0.97"),
        ("Llama 4 Scout 17B", "0.17/0.66"),
        ("Mistral Large 3", "0.5/1.5"),
        ("DeepSeek-R1", "1.35/5.4"),
        ("DeepSeek-V3.1", "0.58/1.68"),
        ("DeepSeek V3.2", "0.62/1.85"),
        ("Qwen3 32B", "0.15/0.6"),
        ("gpt-oss-20b", "0.07/0.3"),
        ("GPT-6 Sol", "2.2/11"),
        ("Cohere Command R+", "3/15"),
        ("Jamba 1.5 Mini", "0.2/0.4"),
        ("Titan Text G1 - Express", "0.2/0.6"),
        ("Palmyra X5", "0.6/6"),
        ("Kimi K2.5", "0.6/3"),
        ("GLM 5", "1/3.2"),
    ] {
        check(&regional(name), expected);
    }
    for (name, expected) in [
        ("Nova 2 Lite", "0.3/2.5/0.075"),
        ("Claude Haiku 4.5", "1/5/0.1/1.25/2"),
        ("Claude Sonnet 4.6", "3/15/0.3/3.75/6"),
        ("Claude Opus 4.5", "5/25/0.5/6.25/10"),
        ("Claude Sonnet 5.5", "2/10/0.1/2.5/4"),
        ("Claude Opus 5.5", "4/20/0.2/5/8"),
        ("Claude Haiku 5.5", "0.1/0.5/0.01/0.125/0.2"),
        ("Claude Fable 5", "10/50/1"),
        ("GPT-6.1 Sol", "2/10/0.1"),
    ] {
        check(&global(name), expected);
    }
}

#[test]
fn a_rate_is_that_of_its_day() {
    let on = |name: &str, tier, date| {
        model(name).rates(&query("us-east-1", Routing::Regional, tier, date))
    };
    check(
        &on("GPT-5.6 Luna", Tier::Standard, "2026-07-29").unwrap(),
        "1.1/6.6",
    );
    check(
        &on("GPT-5.6 Luna", Tier::Standard, "2026-07-30").unwrap(),
        "0.22/1.32",
    );
    check(
        &on("GPT-5.6 Sol", Tier::Standard, "2026-08-20").unwrap(),
        "5.5/33",
    );
    check(
        &on("GPT-5.6 Sol", Tier::Standard, "2026-08-21").unwrap(),
        "4.4/22",
    );
    check(
        &on("GPT-5.6 Terra", Tier::Standard, "2026-07-29").unwrap(),
        "2.75/16.5",
    );
    check(
        &on("Claude 3.5 Sonnet", Tier::Standard, "2025-11-30").unwrap(),
        "3/15",
    );
    let extended = on("Claude 3.5 Sonnet", Tier::Standard, "2025-12-01").unwrap();
    check(&extended, "6/30");
    assert_eq!(extended.basis.agreement, Agreement::Disagree);
    assert!(extended.basis.note.unwrap().contains("3.00/15.00"));
    check(
        &on("Claude 3.5 Sonnet", Tier::Batch, TODAY).unwrap(),
        "3/15",
    );
    let tokyo = query("ap-northeast-1", Routing::Regional, Tier::Standard, TODAY);
    check(&model("Claude 3.5 Sonnet").rates(&tokyo).unwrap(), "3/15");
    // The global rate before the reduction is not recorded, and today's does not stand in for it.
    let early = query("us-east-1", Routing::Global, Tier::Standard, "2026-07-01");
    let error = model("GPT-5.6 Luna").rates(&early).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no global standard rate of openai.gpt-5.6-luna is listed in us-east-1 on 2026-07-01: the first is of 2026-07-30"
    );
}

#[test]
fn long_prompts_have_their_own_rates() {
    let rates = global("Claude Haiku 5.5");
    assert_eq!(rates.for_prompt(100_000).input.unwrap().to_string(), "0.1");
    assert_eq!(rates.for_prompt(100_001).input.unwrap().to_string(), "0.5");
    assert_eq!(rates.for_prompt(100_001).output.unwrap().to_string(), "2.5");
    let written = |kind| {
        let tokens = TokenCount::new(150_000).unwrap();
        let usage = TokenUsage::default().with(kind, tokens).unwrap();
        rates.for_prompt(150_000).cost(&usage)
    };
    // 0.15 x 0.625; an hour's writes at 1.00.
    let short = written(TokenKind::CacheWrite5m).unwrap();
    assert_eq!(short.to_string(), "0.09375");
    let long = written(TokenKind::CacheWrite1h).unwrap();
    assert_eq!(long.to_string(), "0.15");
    // What no source lists is refused, not free.
    assert_eq!(
        written(TokenKind::CacheWrite30m).unwrap_err().to_string(),
        "no cache_write_30m rate is listed"
    );
}

#[test]
fn a_usage_costs_what_its_parts_cost() {
    // 1M fresh input 5.50, 2M output 55.00, 3M reads 1.65, 4M writes 27.50, 5M hourly writes 55.00.
    let usage = [
        (TokenKind::Input, 1_000_000),
        (TokenKind::Output, 2_000_000),
        (TokenKind::CacheRead, 3_000_000),
        (TokenKind::CacheWrite5m, 4_000_000),
        (TokenKind::CacheWrite1h, 5_000_000),
    ]
    .into_iter()
    .try_fold(TokenUsage::default(), |usage, (kind, tokens)| {
        usage.with(kind, TokenCount::new(tokens).unwrap())
    })
    .unwrap();
    assert_eq!(
        regional("Claude Opus 5")
            .tokens
            .cost(&usage)
            .unwrap()
            .to_string(),
        "144.65"
    );
}

#[test]
fn names_of_every_form_reach_the_model() {
    let check = |text: &str, id: &str, routing: Option<Routing>| {
        let resolved = PriceBook::embedded().resolve(text).unwrap();
        assert_eq!(
            (resolved.model.id(), resolved.routing()),
            (id, routing),
            "{text}"
        );
    };
    check("anthropic.claude-opus-5", "anthropic.claude-opus-5", None);
    check("Claude Opus 5", "anthropic.claude-opus-5", None);
    check("anthropic claude opus 5", "anthropic.claude-opus-5", None);
    check("Amazon Nova Micro", "amazon.nova-micro-v1:0", None);
    check(
        "us.anthropic.claude-opus-5",
        "anthropic.claude-opus-5",
        Some(Routing::Regional),
    );
    check(
        "global.anthropic.claude-opus-5",
        "anthropic.claude-opus-5",
        Some(Routing::Global),
    );
    check("amazon.nova-lite-v1:0:300k", "amazon.nova-lite-v1:0", None);
    check("deepseek.v3.1", "deepseek.v3-v1:0", None);
    let arn = "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.amazon.nova-pro-v1:0";
    check(arn, "amazon.nova-pro-v1:0", Some(Routing::Regional));
    let resolved = PriceBook::embedded().resolve(arn).unwrap();
    assert_eq!(resolved.region.unwrap().as_str(), "eu-west-1");
}

#[test]
fn an_unknown_model_names_the_nearest_and_is_not_taken_for_it() {
    let check = |text: &str, expected: &str| {
        assert_eq!(
            PriceBook::embedded().resolve(text).unwrap_err().to_string(),
            expected
        );
    };
    check(
        "anthropic.claude-opus-6",
        "unknown model \"anthropic.claude-opus-6\"; nearest: anthropic.claude-opus-5, anthropic.claude-opus-4-7, anthropic.claude-opus-4-8",
    );
    check(
        "Nova Mikro",
        "unknown model \"Nova Mikro\"; nearest: amazon.nova-micro-v1:0, amazon.nova-2-pro-preview-20251202-v1:0, amazon.nova-pro-v1:0",
    );
    check("weather", "unknown model \"weather\"");
    check(
        "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6",
        "the model behind an application inference profile is known to AWS only: look it up with \
         GetInferenceProfile or name the model",
    );
}

#[test]
fn a_missing_rate_says_what_is_listed() {
    let check = |error: NoRate, expected: &str| assert_eq!(error.to_string(), expected);
    check(
        model("Claude Opus 4.8")
            .rates(&query("us-east-1", Routing::Regional, Tier::Batch, TODAY))
            .unwrap_err(),
        "no regional batch rate of anthropic.claude-opus-4-8 is listed in us-east-1; listed are regional standard in \
         ap-northeast-1, ap-northeast-3, ap-southeast-2, ap-southeast-4, ca-central-1, ca-west-1 and 15 more; \
         global standard in af-south-1, ap-east-2, ap-northeast-1, ap-northeast-2, ap-northeast-3, ap-south-1 and 27 more",
    );
    check(
        model("Nova Canvas")
            .rates(&query(
                "us-east-1",
                Routing::Regional,
                Tier::Standard,
                TODAY,
            ))
            .unwrap_err(),
        "no regional standard rate of amazon.nova-canvas-v1:0 is listed in us-east-1; the model is billed per \
         image up to 1024x1024, standard quality, image up to 1024x1024, premium quality, \
         image up to 2048x2048, standard quality, image up to 2048x2048, premium quality",
    );
    // GovCloud has no global profile.
    assert!(
        model("Claude Opus 5.5")
            .rates(&query(
                "us-gov-west-1",
                Routing::Global,
                Tier::Standard,
                TODAY
            ))
            .is_err()
    );
}

#[test]
fn a_geographic_profile_bills_the_rate_of_its_source_region() {
    let input = |region| {
        let rates = model("Nova Pro")
            .rates(&query(region, Routing::Regional, Tier::Standard, TODAY))
            .unwrap();
        rates.tokens.input.unwrap().to_string()
    };
    assert_eq!(input("eu-west-1"), "0.92");
    assert_eq!(input("eu-central-1"), "1.05");
    assert_eq!(input("ap-northeast-1"), "0.96");
    assert_eq!(input("eu-south-1"), "1.28");
}

#[test]
fn other_rates() {
    let book = PriceBook::embedded();
    let region = Region::US_EAST_1;
    let on = |date: &str| date.parse::<Date>().unwrap();
    let price = |dimension, item, date| {
        let rate = book.other(dimension, item, &region, on(date)).unwrap();
        (rate.rate.usd.to_string(), rate.rate.unit)
    };
    let is = |usd: &str, unit| (usd.to_owned(), unit);
    assert_eq!(
        price("guardrails", "content_filters", TODAY),
        is("0.00015", "text unit")
    );
    assert_eq!(
        price("guardrails", "content_filters", "2024-11-30"),
        is("0.00075", "text unit")
    );
    assert_eq!(
        price("guardrails", "denied_topics", "2024-11-30"),
        is("0.001", "text unit")
    );
    assert_eq!(price("guardrails", "regex", TODAY), is("0", "text unit"));
    assert_eq!(
        price("flows", "node_transitions", TODAY),
        is("0.035", "1,000 node transitions")
    );
    let frankfurt = Region::parse_known("eu-central-1").unwrap();
    let cmu = |region| {
        book.other("custom_model_import", "cmu_v1", region, on(TODAY))
            .unwrap()
    };
    assert_eq!(cmu(&region).rate.usd.to_string(), "0.05718");
    assert_eq!(cmu(&frankfurt).rate.usd.to_string(), "0.07144");
    let pii = book
        .other("guardrails", "pii", &frankfurt, on(TODAY))
        .unwrap();
    assert!(!pii.is_listed_for(&frankfurt) && pii.is_listed_for(&region));
    let error = |dimension, item| {
        book.other(dimension, item, &region, on(TODAY))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error("guardrails", "piii"),
        "\"piii\" is not listed under guardrails; nearest: pii"
    );
    assert!(error("intelligent_prompt_routing", "routed_requests").contains("no published rate"));
    assert_eq!(
        error("customization", "training"),
        "customization training has several rates, by model"
    );
    assert_eq!(
        error("provisioned_throughput", "Llama 3.2 90B"),
        "provisioned_throughput Llama 3.2 90B has several rates, by term"
    );
    assert_eq!(
        error("reserved", "input"),
        "reserved input has several rates, by model and routing"
    );
    let training = |id| book.other_for_model("customization", "training", id, &region, on(TODAY));
    assert_eq!(
        training("meta.llama3-1-8b-instruct-v1:0")
            .unwrap()
            .rate
            .usd
            .to_string(),
        "1.49"
    );
    assert!(
        training("anthropic.claude-opus-5")
            .unwrap_err()
            .to_string()
            .starts_with("no customization training rate")
    );
    assert!(error("guard", "pii").starts_with("nothing is listed as \"guard\"; known are "));
}

#[test]
fn capacity_by_the_hour() {
    let book = PriceBook::embedded();
    let (region, today) = (Region::US_EAST_1, TODAY.parse().unwrap());
    let provisioned = |id, term| book.provisioned(id, term, &region, today);
    let (hourly, row) = provisioned("meta.llama3-1-70b-instruct-v1:0", Commitment::None).unwrap();
    assert_eq!(
        (hourly.to_string().as_str(), row.rate.unit),
        ("24", "model unit-hour")
    );
    let (hourly, _) = provisioned("cohere.command-text-v14", Commitment::SixMonths).unwrap();
    assert_eq!(hourly.to_string(), "23.77");
    assert!(provisioned("anthropic.claude-opus-5", Commitment::None).is_err());
    let reserved = |term, routing| {
        let rates = book
            .reserved("anthropic.claude-sonnet-4-6", term, routing, &region, today)
            .unwrap();
        (rates.input.0.to_string(), rates.output.0.to_string())
    };
    assert_eq!(
        reserved(ReservedTerm::OneMonth, Routing::Global),
        ("0.18".to_owned(), "0.9".to_owned())
    );
    assert_eq!(
        reserved(ReservedTerm::ThreeMonths, Routing::Regional),
        ("0.1782".to_owned(), "0.891".to_owned())
    );
    assert!(
        book.reserved(
            "amazon.nova-lite-v1:0",
            ReservedTerm::OneMonth,
            Routing::Global,
            &region,
            today
        )
        .is_err()
    );
    assert_eq!(
        book.multiplier("regional").unwrap().times().to_string(),
        "1.1"
    );
}

/// Every query of a listed routing and tier, in every known region, on today's date.
fn every_query() -> impl Iterator<Item = (&'static Model, RateQuery)> {
    let date: Date = TODAY.parse().unwrap();
    PriceBook::embedded()
        .models()
        .iter()
        .flat_map(move |model| {
            model.offers().into_iter().flat_map(move |offer| {
                Region::known().iter().map(move |facts| {
                    let region = Region::parse_known(facts.name).unwrap();
                    (
                        model,
                        RateQuery {
                            region,
                            routing: offer.routing,
                            tier: offer.tier,
                            date,
                        },
                    )
                })
            })
        })
}

#[test]
fn every_listed_rate_is_positive_dated_and_sourced() {
    let mut found = 0;
    for (model, query) in every_query() {
        let Ok(rates) = model.rates(&query) else {
            continue;
        };
        found += 1;
        for (kind, rate) in rates
            .tokens
            .iter()
            .chain(rates.long_context.iter().flat_map(|long| long.rates.iter()))
        {
            let is_free = rate.usd().is_zero();
            let may_be_free =
                kind == TokenKind::CacheWrite5m && model.id().starts_with("amazon.nova");
            assert!(!is_free || may_be_free, "{} {kind}", model.id());
        }
        assert!(rates.tokens.iter().next().is_some(), "{}", model.id());
        assert!(
            rates.basis.checked.year() == 2026 && !rates.basis.sources.is_empty(),
            "{}",
            model.id()
        );
        assert!(
            rates.basis.agreement == Agreement::Agree || rates.basis.note.is_some(),
            "{}",
            model.id()
        );
    }
    assert!(found > 2_500, "{found}");
}

#[test]
fn batch_and_flex_are_never_dearer_than_standard_and_priority_never_cheaper() {
    let mut compared = 0;
    for (model, query) in every_query() {
        let (Ok(rates), Ok(standard)) = (
            model.rates(&query),
            model.rates(&RateQuery {
                tier: Tier::Standard,
                ..query.clone()
            }),
        ) else {
            continue;
        };
        for kind in [TokenKind::Input, TokenKind::Output] {
            let (Some(rate), Some(base)) = (rates.get(kind), standard.get(kind)) else {
                continue;
            };
            compared += 1;
            let ordered = match query.tier {
                Tier::Standard => rate == base,
                Tier::Flex | Tier::Batch => rate < base,
                Tier::Priority | Tier::LatencyOptimized => rate > base,
            };
            assert!(ordered, "{} {query:?}: {rate} {base}", model.id());
        }
    }
    assert!(compared > 5_000, "{compared}");
}

#[test]
fn regional_claude_is_a_tenth_dearer_than_global() {
    let mut compared = 0;
    for (model, query) in every_query() {
        let is_claude =
            model.id().starts_with("anthropic.claude") && !model.id().contains("sonnet-4-20250514");
        if !is_claude || query.routing == Routing::Global || query.region.is_gov_cloud() {
            continue;
        }
        let on_global = RateQuery {
            routing: Routing::Global,
            ..query.clone()
        };
        let (Ok(regional), Ok(global)) = (model.rates(&query), model.rates(&on_global)) else {
            continue;
        };
        for (kind, rate) in regional.tokens.iter() {
            let expected = global.get(kind).unwrap().usd() * Decimal::new(11, 1);
            assert_eq!(rate.usd(), expected, "{} {query:?} {kind}", model.id());
            compared += 1;
        }
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn every_place_of_an_offer_is_a_known_region_or_geography() {
    for model in PriceBook::embedded().models() {
        for place in model.offers().into_iter().flat_map(|offer| offer.places) {
            let is_known = place == "*"
                || Region::parse_known(place).is_ok()
                || Geography::ALL
                    .iter()
                    .any(|geography| geography.as_str() == place);
            assert!(is_known, "{} {place}", model.id());
        }
        let id = ModelId::new(model.id()).unwrap();
        assert_eq!(PriceBook::embedded().model(&id).unwrap().id(), model.id());
        assert!(
            model.has_token_rates()
                || !model
                    .unit_rates(&Region::US_EAST_1, TODAY.parse().unwrap())
                    .is_empty()
        );
    }
    assert_eq!(PriceBook::embedded().models().len(), 171);
}

proptest! {
    // Each case compares the text with every name.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_name_that_is_not_listed_is_never_priced(text in "[a-zA-Z0-9 .:_-]{0,40}") {
        if let Ok(resolved) = PriceBook::embedded().resolve(&text) {
            let model = resolved.model;
            let known = [model.id(), model.name()].into_iter().chain(model.aliases().iter().copied());
            let lower = text.to_lowercase();
            prop_assert!(known.map(str::to_lowercase).any(|name| lower.contains(&name)));
        }
    }

    #[test]
    fn a_listed_id_with_one_letter_changed_is_never_priced(index in 0_usize..171, at in 0_usize..60, letter in "[a-z]") {
        let models = PriceBook::embedded().models();
        let id = models.get(index).unwrap().id();
        let changed: String = id.char_indices().map(|(i, c)| if i == at % id.len() { letter.chars().next().unwrap() } else { c }).collect();
        let is_listed = models.iter().any(|model| model.id() == changed || model.aliases().contains(&changed.as_str()));
        prop_assert_eq!(PriceBook::embedded().resolve(&changed).is_ok(), is_listed);
    }
}
