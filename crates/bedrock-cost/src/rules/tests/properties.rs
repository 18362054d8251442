//! Properties over the whole domain: no loss is offered, nothing is summed, nothing panics.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::inference::Routing;
use crate::price_book::{RateQuery, TokenRates};
use crate::region::Region;

fn models() -> impl Strategy<Value = String> {
    let ids = PriceBook::embedded().models().iter();
    select(ids.map(|model| model.id().to_owned()).collect::<Vec<_>>())
}

fn share() -> impl Strategy<Value = Decimal> {
    (0_i64..=10_000).prop_map(|parts| Decimal::new(parts, 4))
}

/// A model in a place where it has rates.
#[derive(Debug, Clone)]
struct Served {
    model: &'static str,
    region: Region,
    routing: Routing,
    tier: Tier,
    rates: TokenRates,
    has_batch: bool,
    most_input: i64,
    most_output: i64,
}

/// Every model wherever the price book lists it: by region, routing and tier.
static SERVED: LazyLock<Vec<Vec<Served>>> = LazyLock::new(|| {
    let models = PriceBook::embedded().models().iter();
    let served = models.map(|model| {
        let mut places = Vec::new();
        for region in ["us-east-1", "us-west-2", "eu-west-1", "us-gov-west-1"] {
            for routing in Routing::ALL.iter().copied() {
                for tier in Tier::ALL.iter().copied() {
                    let query = |tier| RateQuery {
                        region: region.parse().unwrap(),
                        routing,
                        tier,
                        date: TODAY,
                    };
                    let Some(rates) = model.rates_if_listed(&query(tier)) else {
                        continue;
                    };
                    places.push(Served {
                        model: model.id(),
                        region: region.parse().unwrap(),
                        routing,
                        tier,
                        rates: rates.tokens,
                        has_batch: model.rates_if_listed(&query(Tier::Batch)).is_some(),
                        most_input: model
                            .context_window()
                            .unwrap_or(250_000)
                            .min(250_000)
                            .into(),
                        most_output: model.max_output().unwrap_or(8_000).min(8_000).into(),
                    });
                }
            }
        }
        places
    });
    served.filter(|places| !places.is_empty()).collect()
});

fn served() -> impl Strategy<Value = Served> {
    let models = select(SERVED.as_slice());
    (models, any::<prop::sample::Index>()).prop_map(|(places, place)| place.get(&places).clone())
}

prop_compose! {
    /// What the model lists, but for one workload in twelve: its place is any.
    fn scenarios()(
        served in served(),
        anywhere in (0_u8..12, prop_oneof![Just("us-east-1"), Just("eu-west-1"), Just("us-gov-west-1")], select(Routing::ALL), select(Tier::ALL)),
        size in (1_i64..250_000, 0_i64..8_000),
        rate in (1_i64..10_000, 1_i64..=24, 1_i64..=31, 1_i64..1_000_000_000, any::<bool>()),
        cache in proptest::option::of((1_i64..=100, 0_i64..2_000)),
        batch in proptest::option::of(share()),
        chars in proptest::option::weighted(0.2, (0_i64..5_000, 0_i64..5_000)),
        units in proptest::option::of((1_i64..50, select(Commitment::ALL))),
    ) -> ScenarioArguments {
        let (any, region, routing, tier) = anywhere;
        let has_cache = served.rates.cache_read.is_some()
            && CacheTtl::ALL.iter().any(|ttl| served.rates.get(ttl.write_kind()).is_some());
        let has_output = served.rates.output.is_some();
        let cache = cache.filter(|_| has_cache);
        let batch = batch.filter(|_| served.has_batch);
        let (input, output) = size;
        let input = input.min(served.most_input);
        let output = if has_output { output.min(served.most_output) } else { 0 };
        let model = served.model.to_owned();
        let (region, routing, tier) = if any == 0 {
            (region.parse().unwrap(), routing, tier)
        } else {
            (served.region, served.routing, served.tier)
        };
        let (per_minute, hours, days, monthly, is_monthly) = rate;
        ScenarioArguments {
            models: vec![model],
            region: Some(region),
            routing: Some(routing),
            input_tokens: Some(input.into()),
            output_tokens: Some(output.into()),
            requests: Some(if is_monthly {
                RequestsArgument::Monthly(monthly.into())
            } else {
                RequestsArgument::Rate(RequestRate {
                    per_minute: Some(Decimal::new(per_minute, 2)),
                    hours_per_day: Some(hours.into()),
                    days_per_month: Some(days.into()),
                    ..RequestRate::default()
                })
            }),
            tier: Some(tier),
            batch_share: batch.filter(|_| tier != Tier::Batch),
            cache: cache.map(|(percent, reads)| CacheArguments {
                prefix_tokens: Decimal::from((input * percent / 100).max(1)),
                reads_per_write: Decimal::new(reads, 1),
                ttl: None,
            }),
            guardrails: chars.map(|(input, output)| GuardrailArguments {
                policies: GuardrailPolicy::ALL.iter().map(|policy| (*policy, Direction::Both)).collect(),
                input_chars: Some(input.into()),
                output_chars: Some(output.into()),
            }),
            provisioned: units.map(|(model_units, commitment)| ProvisionedArguments {
                model_units: model_units.into(),
                commitment,
            }),
            ..ScenarioArguments::default()
        }
    }
}

prop_compose! {
    /// Workloads that are consistent; whether their model has what they ask for is another matter.
    fn workloads()(
        scenario in scenarios(),
        said in (proptest::option::of(select(Task::ALL)), proptest::option::of(select(Latency::ALL)), proptest::option::of(share())),
        parts in (0_i64..=40, 0_i64..=40, 0_i64..=100, proptest::option::of(0_i64..=100)),
        reads in proptest::collection::vec((proptest::option::of(select(CacheTtl::ALL)), (0_i64..5_000).prop_map(Decimal::from)), 0..3),
        targets in proptest::collection::vec(models(), 0..4),
        shared_out in any::<bool>(),
        needed in proptest::option::of(proptest::collection::vec((select(GuardrailPolicy::ALL), select(Direction::ALL)), 0..4)),
        in_use in any::<bool>(),
        measured in (proptest::option::of(0_i64..=730), proptest::option::of(0_i64..1_000_000), proptest::option::of(0_i64..1_000_000), proptest::option::of((1_i64..1_000_000, 1_i64..100_000))),
    ) -> WorkloadArguments {
        let input = scenario.input_tokens.unwrap();
        let output = scenario.output_tokens.unwrap();
        let (task, latency, deferrable_share) = said;
        let (prompt, data, out, prefix) = parts;
        let part = |tokens: Decimal, percent: i64| (tokens * Decimal::new(percent, 2)).floor();
        let (idle, untagged, data_usd, probes) = measured;
        // Capacity in use has to have a price.
        let is_listed = scenario.provisioned.is_some_and(|units| {
            let book = PriceBook::embedded();
            let model = scenario.models.first().unwrap();
            let region = scenario.region.as_ref().unwrap();
            book.provisioned(model, units.commitment, region, TODAY).is_ok()
        });
        let each = Decimal::new(10_000 / i64::try_from(targets.len().max(1)).unwrap(), 4);
        WorkloadArguments {
            scenario,
            task,
            latency,
            deferrable_share,
            shared_prefix_tokens: prefix.map(|percent| part(input, percent)),
            reads_per_write: reads,
            target_models: targets.into_iter().map(|model| (model, shared_out.then_some(each))).collect(),
            removable: Removable {
                prompt_tokens: Some(part(input, prompt)),
                data_tokens: Some(part(input, data)),
                output_tokens: Some(part(output, out)),
            },
            guardrails_needed: needed,
            free_filters_cover: vec![GuardrailPolicy::DeniedTopics],
            provisioned_in_use: in_use && is_listed,
            measured: Measured {
                idle_provisioned_hours: idle.filter(|_| is_listed && in_use).map(Decimal::from),
                untagged_usd: untagged.map(|cents| Decimal::new(cents, 2)),
                cross_region_usd: data_usd.map(|cents| Decimal::new(cents, 2)),
                token_count_probes: probes.map(|(requests, input_tokens)| Probes {
                    requests: requests.into(),
                    input_tokens: input_tokens.into(),
                    output_tokens: Decimal::ONE,
                }),
            },
        }
    }
}

fn try_find(arguments: WorkloadArguments) -> Option<Savings> {
    let book = PriceBook::embedded();
    let workload = Workload::new(book, arguments, TODAY).ok()?;
    find_savings(book, &workload).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn no_loss_is_offered_and_the_combined_saving_stays_below_the_baseline(arguments in workloads()) {
        let Some(savings) = try_find(arguments) else { return Ok(()); };
        for finding in &savings.findings {
            prop_assert_eq!(finding.baseline, savings.baseline);
            prop_assert!(finding.proposed >= Usd::ZERO);
            prop_assert!(finding.saving > Usd::ZERO || finding.rule == Rule::UntaggedSpend);
            prop_assert_eq!(finding.proposed + finding.saving, finding.baseline);
            prop_assert!(!finding.title.is_empty() && !finding.assumption.is_empty() && !finding.evidence.is_empty());
        }
        prop_assert!(savings.findings.is_sorted_by_key(|finding| std::cmp::Reverse(finding.saving)));
        let combined = &savings.combined;
        prop_assert_eq!(combined.baseline, savings.baseline);
        prop_assert!(combined.proposed >= Usd::ZERO && combined.proposed <= combined.baseline);
        prop_assert!(combined.saving_percent <= Decimal::ONE_HUNDRED);
    }

    #[test]
    fn the_combined_saving_is_its_steps_and_no_less_than_the_best_of_them(arguments in workloads()) {
        let Some(savings) = try_find(arguments) else { return Ok(()); };
        let combined = &savings.combined;
        let mut monthly = combined.baseline;
        for step in &combined.steps {
            prop_assert!(step.saving > Usd::ZERO);
            monthly -= step.saving;
            prop_assert_eq!(step.monthly, monthly);
        }
        prop_assert_eq!(combined.proposed, monthly);
        prop_assert_eq!(combined.saving, combined.baseline - monthly);
        // The first step is the largest finding as it is.
        let best = savings.findings.first().map_or(Usd::ZERO, |finding| finding.saving);
        prop_assert!(combined.saving >= best);
        // Every saving is applied or left out, once.
        let known = combined.steps.iter().map(|step| step.rule).chain(combined.left_out.iter().map(|left| left.rule));
        let mut known: Vec<Rule> = known.collect();
        known.sort_unstable();
        let mut found: Vec<Rule> = savings.findings.iter().filter(|finding| finding.saving > Usd::ZERO).map(|finding| finding.rule).collect();
        found.sort_unstable();
        prop_assert_eq!(known, found);
    }

    #[test]
    fn no_two_applied_findings_exclude_each_other(arguments in workloads()) {
        let Some(savings) = try_find(arguments) else { return Ok(()); };
        let applied: Vec<&Finding> = savings.combined.steps.iter().map(|step| savings.of(step.rule)).collect();
        for one in &applied {
            for other in &applied {
                prop_assert!(!one.excludes.contains(&other.rule), "{} {}", one.rule, other.rule);
            }
        }
        for left in &savings.combined.left_out {
            if let Some(by) = left.excluded_by {
                let (left, by) = (savings.of(left.rule), savings.of(by));
                prop_assert!(left.excludes.contains(&by.rule) || by.excludes.contains(&left.rule));
            }
        }
    }

    #[test]
    fn a_rule_speaks_once_and_a_claim_is_no_finding(arguments in workloads()) {
        let Some(savings) = try_find(arguments) else { return Ok(()); };
        let mut rules: Vec<Rule> = savings.findings.iter().map(|finding| finding.rule).collect();
        rules.extend(savings.not_offered.iter().map(|known| known.rule));
        rules.extend(savings.questions.iter().flat_map(|known| known.rules.iter().copied()));
        rules.extend(savings.claims.iter().map(|claim| claim.rule));
        let count = rules.len();
        rules.sort_unstable();
        rules.dedup();
        prop_assert_eq!(rules.len(), count);
        for claim in &savings.claims {
            prop_assert!(!savings.has(claim.rule));
        }
    }

    #[test]
    fn more_requests_never_save_less_by_shorter_prompts(arguments in workloads(), requests in 1_i64..1_000_000, more in 0_i64..1_000_000) {
        let with = |requests: i64| {
            let mut arguments = arguments.clone();
            arguments.scenario.requests = Some(RequestsArgument::Monthly(requests.into()));
            arguments.scenario.cache = None;
            arguments.scenario.provisioned = None;
            arguments.provisioned_in_use = false;
            arguments.measured = Measured::default();
            try_find(arguments)
        };
        let (Some(few), Some(many)) = (with(requests), with(requests + more)) else { return Ok(()); };
        for rule in [Rule::PromptLength, Rule::Preprocessing, Rule::OutputLimit, Rule::GuardrailScope] {
            let saving = |savings: &Savings| savings.findings.iter().find(|known| known.rule == rule).map_or(Usd::ZERO, |known| known.saving);
            prop_assert!(saving(&few) <= saving(&many), "{rule}");
        }
    }

    #[test]
    fn more_tokens_to_remove_never_save_less(arguments in workloads(), percent in 0_i64..=40, more in 0_i64..=40) {
        let input = arguments.scenario.input_tokens.unwrap();
        let with = |percent: i64| {
            let mut arguments = arguments.clone();
            // A cut may leave too little for the cache.
            arguments.scenario.cache = None;
            arguments.removable = Removable {
                data_tokens: Some((input * Decimal::new(percent, 2)).floor()),
                ..Removable::default()
            };
            try_find(arguments)
        };
        let (Some(less), Some(more)) = (with(percent), with(percent + more)) else { return Ok(()); };
        let saving = |savings: &Savings| savings.findings.iter().find(|known| known.rule == Rule::Preprocessing).map_or(Usd::ZERO, |known| known.saving);
        prop_assert!(saving(&less) <= saving(&more));
    }

    #[test]
    fn an_unknown_model_is_never_priced(name in "(us|global)?\\.?[a-z]{3,9}\\.[a-z0-9-]{1,30}", as_target in any::<bool>()) {
        let book = PriceBook::embedded();
        prop_assume!(book.resolve(&name).is_err());
        let mut arguments = workload(if as_target { NOVA_LITE } else { &name }, 1, 1, 1);
        if as_target {
            arguments.target_models = vec![(name, None)];
        }
        prop_assert!(try_find(arguments).is_none());
    }
}

prop_compose! {
    fn any_decimal()(low in any::<u32>(), middle in any::<u32>(), high in any::<u32>(), negative in any::<bool>(), scale in 0_u32..=28, size in 0_u8..4) -> Decimal {
        match size {
            0 => Decimal::from_parts(low % 100, 0, 0, negative, scale % 4),
            1 => Decimal::from_parts(low, 0, 0, negative, scale),
            2 => Decimal::from_parts(low, middle, 0, negative, scale),
            _ => Decimal::from_parts(low, middle, high, negative, scale),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn no_number_panics(arguments in workloads(), numbers in proptest::array::uniform12(proptest::option::weighted(0.3, any_decimal())), name in ".*") {
        let mut changed = arguments;
        let [input, output, share, prefix, reads, prompt, data, out, idle, untagged, probes, target] = numbers;
        let scenario = &mut changed.scenario;
        scenario.input_tokens = input.or(scenario.input_tokens);
        scenario.output_tokens = output.or(scenario.output_tokens);
        changed.deferrable_share = share.or(changed.deferrable_share);
        changed.shared_prefix_tokens = prefix.or(changed.shared_prefix_tokens);
        changed.reads_per_write.extend(reads.map(|reads| (None, reads)));
        changed.removable.prompt_tokens = prompt.or(changed.removable.prompt_tokens);
        changed.removable.data_tokens = data.or(changed.removable.data_tokens);
        changed.removable.output_tokens = out.or(changed.removable.output_tokens);
        changed.measured.idle_provisioned_hours = idle.or(changed.measured.idle_provisioned_hours);
        changed.measured.untagged_usd = untagged.or(changed.measured.untagged_usd);
        if let (Some(known), Some(requests)) = (&mut changed.measured.token_count_probes, probes) {
            known.requests = requests;
        }
        changed.target_models.extend(target.map(|share| (name, Some(share))));
        let book = PriceBook::embedded();
        match Workload::new(book, changed, TODAY) {
            Ok(workload) => if let Err(error) = find_savings(book, &workload) {
                prop_assert!(!error.to_string().is_empty());
            },
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn more_than_half_of_the_workloads_of_the_properties_are_priced_and_most_of_those_have_findings() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut priced, mut refused, mut with_findings, mut with_steps) = (0, 0, 0, 0);
    let mut seen: Vec<Rule> = Vec::new();
    for _ in 0..600 {
        let arguments = workloads().new_tree(&mut runner).unwrap().current();
        let Some(savings) = try_find(arguments) else {
            refused += 1;
            continue;
        };
        priced += 1;
        with_findings += usize::from(!savings.findings.is_empty());
        with_steps += usize::from(savings.combined.steps.len() > 1);
        seen.extend(savings.findings.iter().map(|known| known.rule));
    }
    seen.sort_unstable();
    seen.dedup();
    // A property over workloads that are all refused would hold for nothing.
    assert!(priced > 300, "{priced}");
    assert!(refused > 10, "{refused}");
    assert!(with_findings * 2 > priced, "{with_findings} of {priced}");
    assert!(with_steps * 3 > priced, "{with_steps} of {priced}");
    assert!(seen.len() > 16, "{seen:?}");
}
