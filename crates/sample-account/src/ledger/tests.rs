//! The ledger adds up, says the same every time, and holds what the guide asks about.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::date;
use regex_lite::Regex;

use super::*;

fn ledger(as_of: &str) -> Ledger {
    Ledger::new(as_of.parse().unwrap())
}

fn today() -> Ledger {
    ledger("2026-11-22T15:30:00Z")
}

#[test]
fn hours_add_up_to_days_in_every_line() {
    let ledger = today();
    for (year, month, day) in [
        (2024, 11, 12),
        (2025, 12, 1),
        (2026, 10, 21),
        (2026, 11, 22),
    ] {
        let day = date(year, month, day);
        let mut hours: BTreeMap<usize, (i128, i128)> = BTreeMap::new();
        let start = calendar::midnight(day);
        for charge in ledger.hourly(start, start + 24.hours()) {
            let sum = hours.entry(charge.line.id).or_default();
            sum.0 += charge.units;
            sum.1 += charge.pico_usd;
        }
        let days: BTreeMap<usize, (i128, i128)> = ledger
            .records(day, day.tomorrow().unwrap())
            .map(|charge| (charge.line.id, (charge.units, charge.pico_usd)))
            .collect();
        assert!(days.len() > 40, "{day}: {} lines", days.len());
        assert_eq!(hours, days, "{day}");
    }
}

#[test]
fn metrics_and_charges_count_the_same_tokens() {
    let ledger = today();
    let (from, to) = (date(2026, 9, 1), date(2026, 10, 1));
    let mut billed: BTreeMap<&str, i128> = BTreeMap::new();
    for charge in ledger
        .records(from, to)
        .filter(|charge| charge.line.is_bedrock())
    {
        let kind = charge
            .line
            .attributes
            .inference_type
            .as_deref()
            .unwrap_or_default();
        if charge.line.attributes.feature.as_deref() == Some("Batch Inference") {
            continue;
        }
        let kind = if kind.starts_with("Input") {
            "input"
        } else if kind.starts_with("Output") {
            "output"
        } else if kind.contains("cache read") {
            "read"
        } else if kind.contains("cache write") {
            "write"
        } else {
            continue;
        };
        *billed.entry(kind).or_default() += charge.units;
    }
    let mut metered: BTreeMap<&str, i128> = BTreeMap::new();
    let start = calendar::midnight(from);
    for hour in 0..30 * 24 {
        let hour = start + hour.hours();
        for activity in ledger.activity(hour, hour + 1.hour()) {
            *metered.entry("input").or_default() += i128::from(activity.input);
            *metered.entry("output").or_default() += i128::from(activity.output);
            *metered.entry("read").or_default() += i128::from(activity.cache_read);
            *metered.entry("write").or_default() += i128::from(activity.cache_write);
        }
    }
    assert_eq!(billed, metered);
    assert!(billed.values().all(|tokens| *tokens > 1_000_000));
}

#[test]
fn minutes_add_up_to_an_hour_of_activity() {
    let ledger = today();
    let start: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    let sums = |step: i64| {
        let mut sums = [0_u64; 8];
        for minute in (0..60).step_by(usize::try_from(step).unwrap()) {
            let from = start + minute.minutes();
            for activity in ledger.activity(from, from + step.minutes()) {
                for (sum, value) in sums.iter_mut().zip([
                    activity.invocations,
                    activity.input,
                    activity.output,
                    activity.cache_read,
                    activity.cache_write,
                    activity.throttles,
                    activity.client_errors,
                    activity.guardrail_text_units,
                ]) {
                    *sum += value;
                }
            }
        }
        sums
    };
    assert_eq!(sums(1), sums(60));
    assert_eq!(sums(5), sums(60));
}

#[test]
fn the_past_does_not_depend_on_when_it_is_looked_at() {
    let early = ledger("2024-12-05T00:00:00Z");
    let late = today();
    let (from, to) = (date(2022, 10, 1), date(2024, 12, 5));
    let seen = |ledger: &Ledger| -> Vec<(usize, Day, i128, i128)> {
        ledger
            .records(from, to)
            .map(|charge| (charge.line.id, charge.day, charge.units, charge.pico_usd))
            .collect()
    };
    assert_eq!(seen(&early), seen(&late));
    assert_eq!(early.records(to, date(2027, 1, 1)).count(), 0);
}

#[test]
fn the_bill_stops_at_the_last_refresh() {
    let ledger = today();
    assert_eq!(
        ledger.billed_until(),
        "2026-11-22T08:00:00Z".parse().unwrap()
    );
    let last = ledger
        .hourly("2026-11-22T00:00:00Z".parse().unwrap(), Timestamp::MAX)
        .filter_map(|charge| charge.hour)
        .max();
    assert_eq!(last, Some(7));
}

/// The sum of a month's charges on the lines that pass, in whole dollars.
fn month(ledger: &Ledger, year: i16, month: i8, pass: impl Fn(&Line) -> bool) -> i128 {
    let first = date(year, month, 1);
    ledger
        .records(first, first.checked_add(1.month()).unwrap())
        .filter(|charge| pass(charge.line))
        .map(|charge| charge.pico_usd)
        .sum::<i128>()
        / 1_000_000_000_000
}

#[test]
fn november_2024_holds_what_the_guide_asks_about() {
    let ledger = ledger("2024-12-05T00:00:00Z");
    let native = month(&ledger, 2024, 11, |line| line.service == "Amazon Bedrock");
    let marketplace = month(&ledger, 2024, 11, Line::is_marketplace);
    let haiku = month(&ledger, 2024, 11, |line| {
        line.usage_type.contains("Claude3Haiku")
    });
    let haiku_marketplace = month(&ledger, 2024, 11, |line| {
        line.service == "Claude 3 Haiku (Amazon Bedrock Edition)"
    });
    let tagged = month(&ledger, 2024, 11, |line| {
        line.service == "Amazon Bedrock" && line.tag("ContentType").is_some()
    });
    let credits = month(&ledger, 2024, 11, |line| line.record_type == "Credit");
    assert!((3_000..20_000).contains(&native), "{native}");
    assert!((3_000..20_000).contains(&marketplace), "{marketplace}");
    assert!(
        haiku > 500 && haiku_marketplace > 500,
        "{haiku} {haiku_marketplace}"
    );
    assert!(tagged > 100 && tagged < native, "{tagged}");
    assert_eq!(credits, -900);
}

#[test]
fn the_surges_stand_out() {
    let ledger = today();
    for (stream, first) in [
        ("returns-sonnet-3-5", Day::new(2024, 11, 12)),
        ("returns-sonnet-5-5", Day::new(2026, 10, 20)),
    ] {
        let workload = ledger
            .workloads()
            .iter()
            .find(|workload| workload.stream.key == stream)
            .unwrap();
        let input = |day: Day| {
            ledger
                .activity_of(workload, day.start(), day.plus(1).start())
                .input
        };
        for day in 0..3 {
            assert!(
                input(first.plus(day)) > 6 * input(first.plus(day - 7)),
                "{stream}"
            );
        }
        assert!(input(first.plus(3)) < 2 * input(first.plus(-1)), "{stream}");
    }
}

#[test]
fn usage_types_follow_the_grammar_of_the_bill() {
    let marketplace = Regex::new(
        "^(?:[A-Z0-9]+-MP:)?[A-Z0-9]+_(?:\
         (?:input|output|cache_read|cache_write)_tokens(?:_5m|_30m|_1h)?(?:_long_ctx)?(?:_global)?(?:_standard|_batch|_flex|_priority)?|\
         (?:Input|Output|CacheReadInput|CacheWrite(?:1h|5m)?Input)TokenCount(?:_Global)?(?:_Batch|_LatencyOptimized)?\
         )-Units$",
    )
    .unwrap();
    let native = Regex::new(
        "^[A-Z0-9]+-[A-Za-z0-9.-]+?(?:-mantle)?-(?:\
         (?:input|output)-tokens(?:-standard|-batch|-flex|-priority)?(?:-cross-region-global)?(?:-batch)?|\
         cache-(?:read|write)-input-token-count(?:-cross-region-global)?)$",
    )
    .unwrap();
    let other = Regex::new(
        "^[A-Z0-9]+-(?:Guardrail-(?:ContentPolicy|TopicPolicy|WordPolicy|SensitiveInformationPolicy(?:Paid|Free)|ContextualGroundingPolicy)UnitsConsumed|\
         [A-Za-z0-9.-]+-ProvisionedThroughput-(?:NoCommit|1month|6months)-ModelUnits|[A-Za-z0-9.]+-Customization-Storage|AmazonRerank-v1-searchunits)$",
    )
    .unwrap();
    for line in today().lines().iter().filter(|line| line.is_bedrock()) {
        let fits = if line.is_marketplace() {
            marketplace.is_match(&line.usage_type)
        } else {
            native.is_match(&line.usage_type) || other.is_match(&line.usage_type)
        };
        assert!(fits, "{} / {}", line.service, line.usage_type);
    }
}

#[test]
fn usage_never_goes_below_zero_and_money_back_has_no_quantity() {
    let ledger = today();
    let mut kinds = BTreeSet::new();
    for charge in ledger.records(date(2024, 9, 1), date(2026, 11, 22)) {
        kinds.insert(charge.line.record_type);
        if charge.line.record_type == "Usage" {
            assert!(charge.pico_usd >= 0, "{}", charge.line.usage_type);
        } else {
            assert!(charge.pico_usd < 0, "{}", charge.line.usage_type);
            assert!(charge.quantity().is_zero());
        }
    }
    assert_eq!(kinds, BTreeSet::from(["Credit", "Refund", "Usage"]));
}

#[test]
fn cost_is_quantity_times_rate() {
    // Nova Pro in us-east-1: 0.80 USD per million input tokens, batch half of it.
    let ledger = today();
    let mut seen = 0;
    for charge in ledger.records(date(2026, 6, 1), date(2026, 6, 2)) {
        let rate = match charge.line.usage_type.as_str() {
            "USE1-NovaPro-input-tokens" => "0.0008",
            "USE1-NovaPro-input-tokens-batch" => "0.0004",
            "USE1-MP:USE1_InputTokenCount_Global-Units"
                if charge.line.service.starts_with("Claude Sonnet 4.5") =>
            {
                "3.00"
            }
            _ => continue,
        };
        if charge.line.record_type != "Usage" {
            continue;
        }
        seen += 1;
        assert_eq!(
            charge.unblended(),
            charge.quantity() * rate.parse::<Decimal>().unwrap()
        );
    }
    assert_eq!(seen, 3);
}

#[test]
fn one_prompt_cache_is_written_and_never_read() {
    let ledger = today();
    let wasted = |stream: &Stream| {
        stream.per_request.cache_write_5m > 0 && stream.per_request.cache_read == 0
    };
    assert_eq!(
        ledger
            .workloads()
            .iter()
            .filter(|workload| wasted(workload.stream))
            .count(),
        1
    );
}
