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

#[test]
fn the_largest_finding_is_left_out_where_the_others_save_more_without_it() {
    // Haiku 3.5, 1,000 x (110,000, 1,000): 88 + 4 = 92. Batch: 46. 50,000 tokens less: 52, so 40 less.
    // Haiku 5.5 regional has no batch, and with 1.207 x the tokens a prompt of 132,770 is above its 100,000:
    // 132.77 x 0.55 + 1.207 x 2.75 = 73.0235 + 3.31925 = 76.34275, so 15.65725 less.
    let savings = find(WorkloadArguments {
        latency: Some(Latency::Hours),
        removable: Removable {
            data_tokens: some("50000"),
            ..Removable::default()
        },
        ..workload(HAIKU_3_5, 1_000, 110_000, 1_000)
    });
    let alone = [Rule::Batch, Rule::Preprocessing, Rule::LegacyModel];
    let alone = alone.map(|rule| savings.of(rule).saving.to_string());
    assert_eq!(alone, ["46", "40", "15.65725"]);
    // Batch first would end at 60 x 0.40 + 2 = 26. Cleaned first, the prompt is short enough for Haiku 5.5:
    // 72.42 x 0.11 + 1.207 x 0.55 = 7.9662 + 0.66385 = 8.63005.
    assert_eq!(
        savings.steps(),
        ["preprocessing 40 52", "legacy_model 43.36995 8.63005"]
    );
    assert_eq!(
        savings.combined.left_out,
        [LeftOut {
            rule: Rule::Batch,
            excluded_by: None,
            reason: "the others save more together without it".to_owned(),
        }]
    );
}

/// What every choice of the findings would leave of the cost, tried one by one, and what the combined saving leaves.
fn by_every_choice(arguments: WorkloadArguments) -> (Usd, Savings) {
    let book = PriceBook::embedded();
    let workload = Workload::new(book, arguments, TODAY).unwrap();
    let prices = Prices { book, day: TODAY };
    let case = Case::of(prices, &workload).unwrap();
    let cost = case.price(prices).unwrap();
    let look = Look {
        prices,
        workload: &workload,
        case: &case,
        cost: &cost,
    };
    let savings = find_savings(book, &workload).unwrap();
    let findings = savings.findings.as_slice();
    assert!(findings.len() <= 10, "{} findings", findings.len());
    let least = (0_u32..1 << findings.len()).map(|choice| {
        let without = findings.iter().enumerate();
        let without = without.filter(|(place, _)| choice >> place & 1 == 1);
        let without: Vec<Rule> = without.map(|(_, finding)| finding.rule).collect();
        let tried = combine::apply(&look, findings, &without).unwrap();
        tried.proposed
    });
    (least.min().unwrap(), savings)
}

#[test]
fn no_other_choice_of_the_findings_saves_more() {
    let chatbot = WorkloadArguments {
        task: Some(Task::Simple),
        latency: Some(Latency::Minutes),
        deferrable_share: some("0.5"),
        shared_prefix_tokens: some("3000"),
        removable: Removable {
            prompt_tokens: some("500"),
            data_tokens: some("10000"),
            output_tokens: some("100"),
        },
        ..workload(HAIKU_3_5, 720_000, 25_000, 1_000)
    };
    let cached = |model: &str, ttl| {
        let mut cached = workload(model, 100_000, 20_000, 500);
        cached.scenario.cache = Some(CacheArguments {
            prefix_tokens: 10_000.into(),
            reads_per_write: Decimal::ONE,
            ttl: Some(ttl),
        });
        cached.reads_per_write = vec![
            (Some(CacheTtl::FiveMinutes), Decimal::ONE),
            (Some(CacheTtl::OneHour), decimal("9")),
        ];
        cached.latency = Some(Latency::Hours);
        cached
    };
    let mut premium = workload("amazon.nova-pro-v1:0", 1_000_000, 9_000, 700);
    premium.scenario.tier = Some(Tier::Priority);
    premium.latency = Some(Latency::Hours);
    premium.shared_prefix_tokens = some("5000");
    premium.reads_per_write = vec![(None, decimal("9"))];
    premium.target_models = vec![(NOVA_LITE.to_owned(), some("0.2"))];
    let mut long = workload("anthropic.claude-haiku-5-5", 1_000_000, 120_000, 2_000);
    long.removable = Removable {
        prompt_tokens: some("15000"),
        data_tokens: some("60000"),
        output_tokens: some("500"),
    };
    let mut units = workload(
        "meta.llama3-1-8b-instruct-v1:0",
        1_000_000_000,
        10_000,
        1_000,
    );
    units.scenario.provisioned = Some(ProvisionedArguments {
        model_units: Decimal::TWO,
        commitment: Commitment::None,
    });
    units.measured.idle_provisioned_hours = some("600");
    units.deferrable_share = some("0.9");
    let mut idle = units.clone();
    idle.provisioned_in_use = true;
    let mut busy = workload(SONNET_4_6, 1, 20_000, 1_000);
    busy.scenario.requests = per_minute("60", "24", "30");
    busy.latency = Some(Latency::Hours);
    busy.shared_prefix_tokens = some("15000");
    busy.reads_per_write = vec![(None, decimal("50"))];
    let workloads = [
        chatbot,
        cached(SONNET_4_6, CacheTtl::FiveMinutes),
        cached(
            "global.anthropic.claude-haiku-4-5-20251001-v1:0",
            CacheTtl::OneHour,
        ),
        premium,
        long,
        units,
        idle,
        busy,
    ];
    for (place, arguments) in workloads.into_iter().enumerate() {
        let (least, savings) = by_every_choice(arguments);
        assert_eq!(
            savings.combined.proposed, least,
            "{place}: {:?}",
            savings.combined
        );
    }
}
