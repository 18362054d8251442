//! What ids stand for and what counted tokens cost, every figure worked out by hand.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use jiff::civil::{Date, date};

use super::*;
use crate::inference::Routing;
use crate::price_book::PriceBook;

const TODAY: Date = date(2026, 11, 22);
const ARN: &str = "arn:aws:bedrock:us-east-1:111122223333";

fn book() -> &'static PriceBook {
    PriceBook::embedded()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn called(id: &str) -> Called {
    Called::of(id, book(), &profiles(), &throughputs())
}

fn profiles() -> Vec<Profile> {
    let profile = |id: &str, name: &str, models: &[&str]| Profile {
        id: id.to_owned(),
        arn: format!("{ARN}:application-inference-profile/{id}"),
        name: name.to_owned(),
        models: models
            .iter()
            .map(|model| format!("arn:aws:bedrock:{model}"))
            .collect(),
    };
    let sonnet = "foundation-model/anthropic.claude-sonnet-5-5";
    let here = format!("us-east-1::{sonnet}");
    let there = format!("us-west-2::{sonnet}");
    let far = format!("eu-west-1::{sonnet}");
    let anywhere = format!("::{sonnet}");
    vec![
        profile("a1", "chat", &[&here]),
        profile("b2", "review", &[&here, &there]),
        profile("c3", "search", &[&here, &far]),
        profile("d4", "search-2", &[&here, &anywhere]),
        profile(
            "e5",
            "both",
            &[&here, "us-east-1::foundation-model/amazon.nova-lite-v1:0"],
        ),
        profile("f6", "empty", &[]),
    ]
}

fn throughputs() -> Vec<Throughput> {
    vec![Throughput {
        arn: format!("{ARN}:provisioned-model/4tq0h9x1lama"),
        name: "load-test".to_owned(),
        model: "arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-1-70b-instruct-v1:0"
            .to_owned(),
        units: 1,
        commitment: None,
        in_service: true,
        since: None,
    }]
}

#[track_caller]
fn check_model(id: &str, model: &str, routing: Routing, name: &str) {
    let Called::Model {
        model: found,
        routing: by,
        name: shown,
    } = called(id)
    else {
        unreachable!("{id} is {:?}", called(id));
    };
    assert_eq!(
        (found.id(), by, shown.as_str()),
        (model, routing, name),
        "{id}"
    );
}

#[test]
fn ids_profiles_and_arns_stand_for_models() {
    let sonnet = "anthropic.claude-sonnet-5-5";
    check_model(sonnet, sonnet, Routing::Regional, sonnet);
    for (prefix, routing) in [("us", Routing::Regional), ("global", Routing::Global)] {
        let id = format!("{prefix}.{sonnet}");
        check_model(&id, sonnet, routing, &id);
        check_model(
            &format!("{ARN}:inference-profile/{id}"),
            sonnet,
            routing,
            &id,
        );
    }
    let own = |id: &str| format!("{ARN}:application-inference-profile/{id}");
    // By ARN or by id; one region, several of a geography, several of none, and anywhere.
    check_model(&own("a1"), sonnet, Routing::Regional, "chat");
    check_model("a1", sonnet, Routing::Regional, "chat");
    check_model(&own("b2"), sonnet, Routing::Regional, "review");
    check_model(&own("c3"), sonnet, Routing::Global, "search");
    check_model(&own("d4"), sonnet, Routing::Global, "search-2");
}

#[test]
fn what_is_not_known_is_named_without_the_account() {
    for (id, name, reason) in [
        ("acme.model-v1", "acme.model-v1", "no such model"),
        (
            "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/zz",
            "zz",
            "does not name",
        ),
        (
            "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/e5",
            "both",
            "several models",
        ),
        (
            "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/f6",
            "empty",
            "no model",
        ),
        (
            "arn:aws:bedrock:us-east-1:111122223333:custom-model-deployment/q1",
            "q1",
            "custom-model-deployment",
        ),
    ] {
        let Called::Unknown {
            name: shown,
            reason: why,
        } = called(id)
        else {
            unreachable!("{id} is {:?}", called(id));
        };
        assert_eq!(shown, name);
        assert!(why.contains(reason) && !why.contains("1111"), "{why}");
    }
    let known = called(&format!("{ARN}:provisioned-model/4tq0h9x1lama"));
    assert!(
        matches!(&known, Called::Capacity { model: Some(model), name } if name == "load-test" && model.name() == "Llama 3.1 70B"),
        "{known:?}"
    );
    let other = called(&format!("{ARN}:provisioned-model/gone"));
    assert!(matches!(&other, Called::Capacity { model: None, name } if name == "gone"));
}

fn metered(id: &str, all: Counts) -> (Called, Metered) {
    let mut metered = Metered::none(Region::US_EAST_1, id);
    metered.all = all;
    (called(id), metered)
}

fn counts(requests: u64, input: u64, output: u64, cache_read: u64, cache_write: u64) -> Counts {
    Counts {
        requests,
        input,
        output,
        cache_read,
        cache_write,
    }
}

fn only(usage: (Called, Metered)) -> Row {
    let mut rows = rows(book(), &[usage], TODAY, false);
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

#[test]
fn tokens_cost_their_list_rates() {
    // 700M x 0.035 / 1M + 40M x 0.14 / 1M = 24.50 + 5.60
    let row = only(metered(
        "amazon.nova-micro-v1:0",
        counts(1_000_000, 700_000_000, 40_000_000, 0, 0),
    ));
    let cost = row.cost.clone().unwrap();
    assert_eq!(
        (cost.usd, cost.lowest, cost.highest),
        (decimal("30.1"), decimal("30.1"), decimal("30.1"))
    );
    assert!(cost.doubts.is_empty());
    assert_eq!(row.per_request(), Some(decimal("0.0000301")));
    // 30.10 / 740,000 thousands of tokens
    assert_eq!(
        row.per_thousand_tokens().unwrap().round_dp(9),
        decimal("0.000040676")
    );
    assert_eq!(row.counts.cache_hit_ratio(), None);
}

#[test]
fn a_cache_write_of_unknown_lifetime_has_a_lowest_and_a_highest_cost() {
    // Regional is 1.1 x global: 2M x 2.20 + 1M x 11.00 + 10M x 0.11 + 1M x 2.75 (5 minutes) or 4.40 (1 hour).
    let usage = metered(
        "us.anthropic.claude-sonnet-5-5",
        counts(1_000, 2_000_000, 1_000_000, 10_000_000, 1_000_000),
    );
    let row = only(usage);
    let cost = row.cost.unwrap();
    assert_eq!(
        (cost.usd, cost.highest),
        (decimal("19.25"), decimal("20.90"))
    );
    assert_eq!(cost.doubts, [Doubt::CacheLifetime]);
    assert_eq!(
        row.counts.cache_hit_ratio().unwrap().round_dp(4),
        decimal("0.7692")
    );
    // Nova writes for nothing: 1M x 0.06 + 4M x 0.015.
    let row = only(metered(
        "amazon.nova-lite-v1:0",
        counts(10, 1_000_000, 0, 4_000_000, 1_000_000),
    ));
    let cost = row.cost.unwrap();
    assert_eq!((cost.usd, cost.doubts), (decimal("0.12"), Vec::new()));
}

#[test]
fn each_tier_has_its_own_rates_and_the_rest_is_standard() {
    let (called, mut usage) = metered(
        "openai.gpt-oss-120b-1:0",
        counts(60, 60_000_000, 6_000_000, 0, 0),
    );
    usage.by_tier = vec![
        ("flex".to_owned(), counts(20, 20_000_000, 2_000_000, 0, 0)),
        (
            "priority".to_owned(),
            counts(10, 10_000_000, 1_000_000, 0, 0),
        ),
    ];
    // Flex: 20 x 0.075 + 2 x 0.30 = 2.10. Priority: 10 x 0.2625 + 1 x 1.05 = 3.675. Standard: 30 x 0.15 + 3 x 0.60 = 6.30.
    let row = only((called.clone(), usage.clone()));
    assert_eq!(row.cost.unwrap().usd, decimal("12.075"));
    usage.by_tier = vec![("reserved".to_owned(), counts(1, 1, 1, 0, 0))];
    assert_eq!(
        only((called, usage)).cost.unwrap_err(),
        "tier reserved is not billed by the token"
    );
}

#[test]
fn long_prompts_are_priced_as_far_as_metrics_tell_them() {
    // Ordinary 1.1 x (0.10, 0.50), above 100,000 tokens five times that: 28M in and 0.4M out are
    // 28 x 0.11 + 0.4 x 0.55 = 3.30, or 16.50.
    let id = "us.anthropic.claude-haiku-5-5";
    let many = counts(200, 28_000_000, 400_000, 0, 0);
    let few = counts(28_000, 28_000_000, 400_000, 0, 0);
    let cost = |counts: Counts, of_one: Option<(u64, u64)>| {
        let (called, mut usage) = metered(id, counts);
        usage.prompt_of_one = of_one;
        let cost = only((called, usage)).cost.unwrap();
        (cost.usd, cost.lowest, cost.highest, cost.doubts)
    };
    let (low, high) = (decimal("3.3"), decimal("16.5"));
    assert_eq!(cost(few, Some((10, 100_000))), (low, low, low, vec![]));
    assert_eq!(
        cost(many, Some((100_001, 300_000))),
        (high, high, high, vec![])
    );
    // Some are long: as the average is, 1,000 tokens or 140,000.
    assert_eq!(
        cost(few, Some((10, 300_000))),
        (low, low, high, vec![Doubt::LongPrompts])
    );
    assert_eq!(
        cost(many, Some((10, 300_000))),
        (high, low, high, vec![Doubt::LongPrompts])
    );
    assert_eq!(
        cost(many, None),
        (high, low, high, vec![Doubt::LongPrompts])
    );
}

#[test]
fn what_has_no_rate_is_never_free() {
    for (id, all, reason) in [
        (
            "acme.model-v1",
            counts(1, 5, 5, 0, 0),
            "no such model in the price book",
        ),
        (
            "global.amazon.nova-lite-v1:0",
            counts(1, 5, 5, 0, 0),
            "no standard global rates in us-east-1",
        ),
        (
            "meta.llama3-3-70b-instruct-v1:0",
            counts(1, 5, 5, 5, 0),
            "no cache_read rate is listed",
        ),
    ] {
        let row = only(metered(id, all));
        assert_eq!(row.cost.clone().unwrap_err(), reason);
        assert_eq!((row.per_request(), row.per_thousand_tokens()), (None, None));
    }
}

#[test]
fn ids_of_one_model_make_one_row_and_the_highest_peak_stands() {
    let at = |second: i64| Timestamp::from_second(second).ok();
    let peak = |tokens, second, requests| Peak {
        tokens: Some(tokens),
        at: at(second),
        requests: Some(requests),
    };
    let nova = "amazon.nova-micro-v1:0";
    let (by_id, mut first) = metered(nova, counts(90, 700, 40, 0, 0));
    first.peak = peak(500, 60, 9);
    first.throttles = 10;
    first.client_errors = 2;
    first.server_errors = 1;
    first.latency = Latency {
        samples: 90,
        sum: decimal("9000"),
        p99: Some(decimal("250")),
    };
    let (_, mut second) = metered(nova, counts(10, 300, 60, 0, 0));
    second.peak = peak(800, 120, 3);
    second.latency = Latency {
        samples: 10,
        sum: decimal("4000"),
        p99: Some(decimal("900")),
    };
    let idle = metered("amazon.nova-lite-v1:0", Counts::default());
    let unknown = metered("acme.model-v1", counts(1, 99_999, 0, 0, 0));
    let capacity = metered(
        &format!("{ARN}:provisioned-model/4tq0h9x1lama"),
        Counts::default(),
    );
    let usage = [
        unknown,
        idle,
        capacity,
        (by_id.clone(), first),
        (by_id, second),
    ];

    let rows = rows(book(), &usage, TODAY, false);
    let names: Vec<&str> = rows.iter().map(|row| row.model.as_str()).collect();
    // What nobody called is left out, unless it costs money by the hour; both counts of one id are one row.
    assert_eq!(names, ["Nova Micro", "acme.model-v1", "Llama 3.1 70B"]);
    let [row, _, capacity] = rows.as_slice() else {
        unreachable!("{rows:?}");
    };
    assert_eq!(row.counts, counts(100, 1_000, 100, 0, 0));
    assert_eq!(row.peak, peak(800, 120, 9));
    assert_eq!(row.latency.average(), Some(decimal("130")));
    assert_eq!(row.latency.p99, Some(decimal("900")));
    assert_eq!(row.error_rate(), Some(decimal("0.03")));
    assert_eq!(row.throttled().unwrap().round_dp(4), decimal("0.0909"));
    assert_eq!(capacity.hours_served, Some(0));
    assert_eq!(super::rows(book(), &usage, TODAY, true).len(), 3);
}

#[test]
fn a_bill_and_metrics_are_compared_by_model_and_kind() {
    use crate::cost_report::Amount;
    use crate::spend::{ChargeKey, Spend, When};
    let charge = |usage_type: &str, thousands: &str| {
        let key = ChargeKey {
            service: "Amazon Bedrock".to_owned(),
            usage_type: usage_type.to_owned(),
            ..ChargeKey::default()
        };
        let quantity = Amount {
            value: decimal(thousands),
            unit: "1K tokens".to_owned(),
        };
        (When::Now, key, quantity, Decimal::ONE)
    };
    let spend = Spend::new([
        charge("USE1-NovaLite-input-tokens", "5000"),
        charge("USE1-NovaLite-output-tokens", "700"),
        charge("USE1-NovaLite-input-tokens-batch", "300"),
        charge("EUC1-NovaLite-input-tokens", "20"),
        charge("USE1-zai.glm5-mantle-input-tokens-standard", "40"),
        // Hours are no tokens.
        charge(
            "USW2-Llama3-1-70B-ProvisionedThroughput-NoCommit-ModelUnits",
            "24",
        ),
    ]);
    let usage = [
        metered("amazon.nova-lite-v1:0", counts(1, 5_000_000, 690_000, 0, 0)),
        metered("acme.model-v1", counts(1, 7, 0, 0, 0)),
        metered(
            &format!("{ARN}:provisioned-model/4tq0h9x1lama"),
            counts(1, 9, 9, 0, 0),
        ),
    ];
    let rows = reconcile(&spend.billed_tokens(), &usage, &[Region::US_EAST_1]);
    let found: Vec<_> = rows
        .iter()
        .map(|row| {
            let parts = [
                row.gap(),
                row.batch,
                row.mantle,
                row.unread,
                row.unexplained(),
            ];
            (
                row.model.as_str(),
                row.kind.name(),
                parts.map(|part| part.to_string()),
            )
        })
        .collect();
    let parts = |parts: [&str; 5]| parts.map(str::to_owned);
    assert_eq!(
        found,
        [
            // 5,320,000 billed: 300,000 by batch, 20,000 in a region that was not read.
            (
                "Nova Lite",
                "input",
                parts(["320000", "300000", "0", "20000", "0"])
            ),
            ("GLM 5", "input", parts(["40000", "0", "40000", "0", "0"])),
            // Nothing explains these.
            (
                "Nova Lite",
                "output",
                parts(["10000", "0", "0", "0", "10000"])
            ),
            ("acme.model-v1", "input", parts(["-7", "0", "0", "0", "-7"])),
        ]
    );
}

#[test]
fn capacity_that_serves_in_every_hour_is_not_idle() {
    let throughputs = throughputs();
    let [one] = throughputs.as_slice() else {
        unreachable!("{throughputs:?}");
    };
    let idle = |hours, served| {
        let workload = idle_capacity(book(), one, &Region::US_EAST_1, hours, served)?;
        workload.measured.idle_provisioned_hours
    };
    assert_eq!(idle(336, 336), None);
    assert_eq!(idle(336, 0), Some(decimal("730")));
    // A quarter of the hours, of a month of 730: 182.5.
    assert_eq!(idle(336, 252), Some(decimal("183")));
    let unknown = Throughput {
        model: "arn:aws:bedrock:us-east-1::foundation-model/acme.model-v1".to_owned(),
        ..one.clone()
    };
    assert!(idle_capacity(book(), &unknown, &Region::US_EAST_1, 336, 0).is_none());
}

#[test]
fn an_average_request_is_that_of_the_month() {
    use crate::scenario::RequestsArgument;
    let (called, usage) = metered(
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        counts(4, 10, 6, 30, 10),
    );
    let workload = workload(&called, &usage, 365).unwrap();
    let scenario = workload.scenario;
    // 50 / 4 prompt tokens is 12.5, 6 / 4 is 1.5; twice the requests of half a month; 40 / 4 cached, 3 reads a write.
    assert_eq!(scenario.input_tokens, Some(decimal("13")));
    assert_eq!(scenario.output_tokens, Some(decimal("2")));
    assert_eq!(
        scenario.requests,
        Some(RequestsArgument::Monthly(decimal("8")))
    );
    let cache = scenario.cache.unwrap();
    assert_eq!(
        (cache.prefix_tokens, cache.reads_per_write),
        (decimal("10"), decimal("3"))
    );
    let (called, mut usage) = metered("openai.gpt-oss-120b-1:0", counts(4, 10, 6, 0, 0));
    usage.by_tier = vec![("flex".to_owned(), counts(1, 1, 1, 0, 0))];
    assert_eq!(
        super::workload(&called, &usage, 365).unwrap_err(),
        "several tiers served it"
    );
    let (called, usage) = metered("acme.model-v1", counts(4, 10, 6, 0, 0));
    assert!(super::workload(&called, &usage, 365).is_err());
}
