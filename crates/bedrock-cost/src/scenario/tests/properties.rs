//! Properties over the whole domain: exact, additive, monotone, ranked, and never a panic.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::guardrail::GuardrailPolicy;
use crate::price_book::{ModelKind, RateQuery};
use crate::tokens::{TokenCount, TokenKind, TokenUsage};

fn models() -> impl Strategy<Value = &'static Model> {
    select(PriceBook::embedded().models().iter().collect::<Vec<_>>())
}

fn regions() -> impl Strategy<Value = Region> {
    let known = Region::known().iter().map(|facts| facts.name);
    select(known.collect::<Vec<_>>()).prop_map(|name| name.parse().unwrap())
}

/// Half of the time the region with most rates.
fn places() -> impl Strategy<Value = Region> {
    prop_oneof![Just(Region::US_EAST_1), regions()]
}

fn shares() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        Just(Decimal::ZERO),
        (0_i64..=10_000).prop_map(|parts| Decimal::new(parts, 4)),
    ]
}

fn caches() -> impl Strategy<Value = Option<CacheArguments>> {
    let ttl = prop_oneof![Just(None), select(CacheTtl::ALL).prop_map(Some)];
    proptest::option::of(
        (1_i64..3_000, 0_i64..100_000, ttl).prop_map(|(prefix, reads, ttl)| CacheArguments {
            prefix_tokens: prefix.into(),
            reads_per_write: Decimal::new(reads, 2),
            ttl,
        }),
    )
}

prop_compose! {
    /// Workloads that make sense; whether a model has what they ask for is another matter.
    fn workloads()(
        model in models(),
        region in places(),
        routing in select(Routing::ALL),
        tier in prop_oneof![Just(Tier::Standard), select(Tier::ALL)],
        share in shares(),
        cache in caches(),
        input in 3_000_i64..400_000,
        output in 0_i64..4_000,
        requests in 1_i64..1_000_000_000,
        chars in proptest::option::of((0_i64..100_000, 0_i64..100_000)),
    ) -> ScenarioArguments {
        let guardrails = chars.map(|(input, output)| GuardrailArguments {
            policies: GuardrailPolicy::ALL.iter().map(|policy| (*policy, Direction::Both)).collect(),
            input_chars: Some(input.into()),
            output_chars: Some(output.into()),
        });
        ScenarioArguments {
            region: Some(region),
            routing: Some(routing),
            tier: Some(tier),
            batch_share: (tier != Tier::Batch).then_some(share),
            cache,
            guardrails,
            ..tokens(model.id(), &requests.to_string(), &input.to_string(), &output.to_string())
        }
    }
}

/// Adds amounts up in units of 10^-20 dollars.
fn integer_sum(components: &[CostComponent]) -> i128 {
    components
        .iter()
        .map(|component| in_units(component.cost))
        .sum()
}

fn in_units(amount: Usd) -> i128 {
    let amount = amount.amount().normalize();
    assert!(amount.scale() <= 20, "{amount}");
    amount.mantissa() * 10_i128.pow(20 - amount.scale())
}

/// Multiplies two decimals as integers and compares with a third.
fn is_product(left: Decimal, right: Decimal, product: Decimal) -> bool {
    let (left, right, product) = (left.normalize(), right.normalize(), product.normalize());
    let scale = left.scale() + right.scale();
    let product = product.mantissa() * 10_i128.pow(scale - product.scale());
    left.mantissa() * right.mantissa() == product
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn costs_are_exact_and_add_up(arguments in workloads()) {
        let Ok(estimates) = run(arguments) else { return Ok(()); };
        for estimate in estimates {
            prop_assert_eq!(integer_sum(&estimate.components), in_units(estimate.monthly));
            for component in &estimate.components {
                prop_assert!(is_product(component.quantity, component.rate.amount(), component.cost.amount()));
                let counted = component.factors.iter().map(|factor| factor.value).product::<Decimal>();
                prop_assert_eq!(component.quantity * Decimal::from(component.per), counted);
            }
            for plan in &estimate.plans {
                prop_assert_eq!(integer_sum(&plan.components), in_units(plan.monthly));
                prop_assert_eq!(in_units(plan.saving), in_units(estimate.monthly) - in_units(plan.monthly));
            }
            prop_assert!(estimate.plans.is_sorted_by_key(|plan| plan.monthly));
        }
    }

    #[test]
    fn plain_tokens_cost_what_the_price_book_says(arguments in workloads()) {
        let arguments = ScenarioArguments { batch_share: None, cache: None, guardrails: None, ..arguments };
        let query = RateQuery {
            region: arguments.region.clone().unwrap(),
            routing: arguments.routing.unwrap(),
            tier: arguments.tier.unwrap(),
            date: TODAY,
        };
        let number = |value: Option<Decimal>| u64::try_from(value.unwrap()).unwrap();
        let (input, output) = (number(arguments.input_tokens), number(arguments.output_tokens));
        let Some(RequestsArgument::Monthly(requests)) = arguments.requests else { unreachable!() };
        let requests = number(Some(requests));
        let Ok(estimates) = run(arguments) else { return Ok(()); };
        let estimate = estimates.first().unwrap();
        let rates = estimate.model.rates(&query).unwrap();
        let count = |tokens: u64| TokenCount::new(tokens).unwrap().times(requests).unwrap();
        let usage = TokenUsage::default().with(TokenKind::Input, count(input)).unwrap();
        let usage = usage.with(TokenKind::Output, count(output)).unwrap();
        prop_assert_eq!(estimate.monthly, rates.for_prompt(input).cost(&usage).unwrap());
    }

    #[test]
    fn more_tokens_never_cost_less(arguments in workloads(), more_input in 0_i64..200_000, more_output in 0_i64..2_000) {
        let more = ScenarioArguments {
            input_tokens: arguments.input_tokens.map(|tokens| tokens + Decimal::from(more_input)),
            output_tokens: arguments.output_tokens.map(|tokens| tokens + Decimal::from(more_output)),
            ..arguments.clone()
        };
        if let (Ok(few), Ok(many)) = (run(arguments), run(more)) {
            prop_assert!(few.first().unwrap().monthly <= many.first().unwrap().monthly);
        }
    }

    #[test]
    fn batch_is_never_dearer_than_on_demand(arguments in workloads()) {
        let arguments = ScenarioArguments { tier: None, batch_share: None, cache: None, ..arguments };
        let batch = ScenarioArguments { tier: Some(Tier::Batch), ..arguments.clone() };
        if let (Ok(on_demand), Ok(batch)) = (run(arguments), run(batch)) {
            let (on_demand, batch) = (on_demand.first().unwrap(), batch.first().unwrap());
            prop_assert!(batch.monthly <= on_demand.monthly);
            // The plan and the scenario are two ways to ask the same.
            let plan = on_demand.plans.iter().find(|plan| plan.kind == PlanKind::Tier(Tier::Batch));
            prop_assert_eq!(plan.unwrap().monthly, batch.monthly);
        }
    }

    #[test]
    fn the_cache_pays_from_its_break_even_on(arguments in workloads(), reads in 0_i64..20, turns in 1_i64..100_000) {
        let arguments = ScenarioArguments {
            tier: None,
            batch_share: None,
            requests: Some(RequestsArgument::Monthly((turns * (reads + 1)).into())),
            cache: arguments.cache.map(|cache| CacheArguments { reads_per_write: reads.into(), ..cache }),
            ..arguments
        };
        let Ok(estimates) = run(arguments) else { return Ok(()); };
        let estimate = estimates.first().unwrap();
        let Some(without) = estimate.plans.iter().find(|plan| plan.kind == PlanKind::WithoutCache) else { return Ok(()); };
        let written = estimate.components.iter().find(|component| component.name.starts_with("cache write")).unwrap();
        let known = estimate.cache_break_even.iter().find(|known| written.name.contains(known.ttl.as_str())).unwrap();
        if known.reads <= reads.into() {
            prop_assert!(without.monthly >= estimate.monthly);
        } else {
            prop_assert!(without.monthly < estimate.monthly);
        }
    }

    #[test]
    fn ranking_is_sorting(names in proptest::collection::vec(models(), 1..12), input in 1_i64..3_000, output in 0_i64..3_000) {
        let mut costs = Vec::new();
        let mut known = Vec::new();
        for model in names {
            let arguments = tokens(model.id(), "1000", &input.to_string(), &output.to_string());
            if let Ok(estimates) = run(arguments) {
                costs.push((estimates.first().unwrap().monthly, model.id()));
                known.push(model.id().to_owned());
            }
        }
        costs.sort_unstable();
        // Once, however often a model is named.
        costs.dedup();
        prop_assume!(!known.is_empty());
        let arguments = ScenarioArguments { models: known, ..tokens("", "1000", &input.to_string(), &output.to_string()) };
        let ranked: Vec<_> = run(arguments).unwrap().iter().map(|estimate| (estimate.monthly, estimate.model.id())).collect();
        prop_assert_eq!(ranked, costs);
    }

    #[test]
    fn an_unknown_model_is_never_priced(name in "\\PC{0,40}|(us|global)\\.[a-z]{2,9}\\.[a-z0-9.:-]{1,30}") {
        let book = PriceBook::embedded();
        let known = book.models().iter().any(|model| {
            let names = [model.id(), model.name()].into_iter().chain(model.aliases().iter().copied());
            names.into_iter().any(|known| name.to_lowercase().contains(&known.to_lowercase()))
        });
        prop_assume!(!known);
        prop_assert!(run(tokens(&name, "1", "1", "1")).is_err());
    }
}

prop_compose! {
    fn any_decimal()(low in any::<u32>(), middle in any::<u32>(), high in any::<u32>(), negative in any::<bool>(), scale in 0_u32..=28, zeroed in 0_u8..4) -> Decimal {
        // Small numbers as often as astronomic ones.
        match zeroed {
            0 => Decimal::from_parts(low % 100, 0, 0, negative, scale % 4),
            1 => Decimal::from_parts(low, 0, 0, negative, scale),
            2 => Decimal::from_parts(low, middle, 0, negative, scale),
            _ => Decimal::from_parts(low, middle, high, negative, scale),
        }
    }
}

fn maybe() -> impl Strategy<Value = Option<Decimal>> {
    proptest::option::weighted(0.8, any_decimal())
}

prop_compose! {
    fn any_requests()(rates in proptest::array::uniform5(maybe()), monthly in any_decimal(), is_rate in any::<bool>()) -> RequestsArgument {
        let [per_minute, per_hour, per_day, hours_per_day, days_per_month] = rates;
        if is_rate {
            RequestsArgument::Rate(RequestRate { per_minute, per_hour, per_day, hours_per_day, days_per_month })
        } else {
            RequestsArgument::Monthly(monthly)
        }
    }
}

prop_compose! {
    fn anything()(
        names in proptest::collection::vec(prop_oneof![models().prop_map(|model| model.id().to_owned()), ".*"], 0..4),
        requests in proptest::option::of(any_requests()),
        numbers in proptest::array::uniform9(maybe()),
        more in proptest::array::uniform4(any_decimal()),
        place in (proptest::option::of(regions()), proptest::option::of(select(Routing::ALL)), proptest::option::of(select(Tier::ALL))),
        text in ".*",
        commitment in select(crate::inference::Commitment::ALL),
    ) -> ScenarioArguments {
        let [input_tokens, output_tokens, batch_share, prefix, reads, units, input_chars, output_chars, import] = numbers;
        let [model_units, quantity, minutes, service] = more;
        let (region, routing, tier) = place;
        ScenarioArguments {
            models: names,
            region,
            routing,
            input_tokens,
            output_tokens,
            requests,
            tier,
            batch_share,
            cache: prefix.zip(reads).map(|(prefix_tokens, reads_per_write)| CacheArguments { prefix_tokens, reads_per_write, ttl: None }),
            guardrails: Some(GuardrailArguments {
                policies: vec![(GuardrailPolicy::Pii, Direction::Both)],
                input_chars,
                output_chars,
            }),
            provisioned: Some(ProvisionedArguments { model_units, commitment }),
            custom_import: import.map(|model_units| CustomImportArguments { model_units, minutes_per_month: minutes, version: None }),
            units: units.map(|_| (text.clone(), quantity)).into_iter().collect(),
            services: vec![ServiceArguments { dimension: text.clone(), item: text, quantity: service }],
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_panics(arguments in anything()) {
        match run(arguments) {
            Ok(estimates) => for estimate in estimates {
                for component in &estimate.components {
                    let _ = component.formula();
                }
                for plan in &estimate.not_computed {
                    let _ = plan.why.to_string();
                }
            },
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn no_number_in_a_sound_workload_panics(arguments in workloads(), numbers in proptest::array::uniform6(maybe()), requests in any_requests()) {
        let [input, output, share, prefix, reads, chars] = numbers;
        let mut changed = arguments;
        changed.input_tokens = input.or(changed.input_tokens);
        changed.output_tokens = output.or(changed.output_tokens);
        changed.batch_share = share.or(changed.batch_share);
        changed.requests = Some(requests);
        if let Some(cache) = &mut changed.cache {
            cache.prefix_tokens = prefix.unwrap_or(cache.prefix_tokens);
            cache.reads_per_write = reads.unwrap_or(cache.reads_per_write);
        }
        if let Some(guardrails) = &mut changed.guardrails {
            guardrails.input_chars = chars.or(guardrails.input_chars);
        }
        let _ = run(changed);
    }
}

#[test]
fn batch_rates_are_never_above_standard_ones_anywhere() {
    let mut pairs = 0;
    for model in PriceBook::embedded().models() {
        for facts in Region::known() {
            for routing in Routing::ALL.iter().copied() {
                let query = |tier| RateQuery {
                    region: facts.name.parse().unwrap(),
                    routing,
                    tier,
                    date: TODAY,
                };
                let (standard, batch) = (
                    model.rates(&query(Tier::Standard)),
                    model.rates(&query(Tier::Batch)),
                );
                if let (Ok(standard), Ok(batch)) = (standard, batch) {
                    for kind in [TokenKind::Input, TokenKind::Output] {
                        if let (Some(standard), Some(batch)) = (standard.get(kind), batch.get(kind))
                        {
                            assert!(batch <= standard, "{} {} {kind}", model.id(), facts.name);
                            pairs += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(pairs > 1_000, "{pairs}");
}

#[test]
fn nearly_every_text_model_has_an_estimate() {
    let text = PriceBook::embedded()
        .models()
        .iter()
        .filter(|model| model.kind() == ModelKind::Text && model.has_token_rates());
    let mut missing = Vec::new();
    let mut estimated = 0;
    for model in text {
        let somewhere = [
            "us-east-1",
            "us-west-2",
            "us-east-2",
            "eu-west-1",
            "us-gov-west-1",
        ]
        .iter()
        .any(|region| {
            Routing::ALL.iter().any(|routing| {
                run(ScenarioArguments {
                    region: Some(region.parse().unwrap()),
                    routing: Some(*routing),
                    ..tokens(model.id(), "1", "100", "10")
                })
                .is_ok()
            })
        });
        if somewhere {
            estimated += 1;
        } else {
            missing.push(model.id());
        }
    }
    // Claude 2.0 has no listed output rate and Pegasus no input rate: neither is priced by halves.
    assert_eq!(
        missing,
        [
            "anthropic.claude-v2",
            "twelvelabs.pegasus-1-2-v1:0",
            "twelvelabs.pegasus-1-5-v1:0"
        ]
    );
    assert!(estimated > 120, "{estimated}");
}
