//! `GetCostAndUsage`: sums, groups, pages, filters and units.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;

#[test]
fn totals_are_the_ledgers_own() {
    let ledger = now();
    for (granularity, start, end, periods, from, to) in [
        (
            "MONTHLY",
            "2024-09-01",
            "2026-12-01",
            27,
            date(2024, 9, 1),
            date(2026, 12, 1),
        ),
        (
            "DAILY",
            "2026-10-01",
            "2026-11-01",
            31,
            date(2026, 10, 1),
            date(2026, 11, 1),
        ),
        (
            "MONTHLY",
            "2026-09-15",
            "2026-10-10",
            2,
            date(2026, 9, 15),
            date(2026, 10, 10),
        ),
        (
            "HOURLY",
            "2026-11-20T00:00:00Z",
            "2026-11-22T00:00:00Z",
            48,
            date(2026, 11, 20),
            date(2026, 11, 22),
        ),
    ] {
        let answer = ask(
            &ledger,
            "GetCostAndUsage",
            &json!({
                "TimePeriod": period(start, end),
                "Granularity": granularity,
                "Metrics": ["UnblendedCost", "UsageQuantity"],
            }),
        );
        assert_eq!(
            elements(&answer, "ResultsByTime").len(),
            periods,
            "{granularity}"
        );
        assert_eq!(
            total_of(&answer),
            own_sum(&ledger, from, to, |_| true),
            "{granularity}"
        );
    }
}

#[test]
fn groups_add_up_to_the_total() {
    let ledger = now();
    let month = period("2026-10-01", "2026-11-01");
    let whole = own_sum(&ledger, date(2026, 10, 1), date(2026, 11, 1), |_| true);
    for (kind, key) in [
        ("DIMENSION", "SERVICE"),
        ("DIMENSION", "LINKED_ACCOUNT"),
        ("DIMENSION", "REGION"),
        ("DIMENSION", "RECORD_TYPE"),
        ("DIMENSION", "USAGE_TYPE_GROUP"),
        ("DIMENSION", "OPERATION"),
        ("TAG", "ContentType"),
        ("TAG", "NoSuchTag"),
        ("COST_CATEGORY", "CostCenter"),
        ("PRODUCT_ATTRIBUTE", "model"),
    ] {
        let answer = ask(
            &ledger,
            "GetCostAndUsage",
            &json!({
                "TimePeriod": month,
                "Granularity": "MONTHLY",
                "Metrics": ["UnblendedCost"],
                "GroupBy": [{ "Type": kind, "Key": key }],
            }),
        );
        let result = &elements(&answer, "ResultsByTime")[0];
        assert_eq!(result.get("Total"), Some(&json!({})));
        let groups = elements(result, "Groups");
        let sum: Decimal = groups
            .iter()
            .map(|group| amount(group.get("Metrics").unwrap(), "UnblendedCost"))
            .sum();
        assert_eq!(sum, whole, "{key}");
        let keys: Vec<String> = groups
            .iter()
            .map(|group| elements(group, "Keys")[0].as_str().unwrap().to_owned())
            .collect();
        assert!(keys.is_sorted(), "{key}: {keys:?}");
        if kind != "DIMENSION" {
            assert!(
                keys.iter()
                    .all(|group| group.starts_with(&format!("{key}$"))),
                "{keys:?}"
            );
            assert!(keys.contains(&format!("{key}$")), "{keys:?}");
        }
    }
}

#[test]
fn pages_join_to_the_whole() {
    let ledger = now();
    let mut request = json!({
        "TimePeriod": period("2026-10-01", "2026-11-01"),
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost", "UsageQuantity"],
        "GroupBy": [
            { "Type": "DIMENSION", "Key": "USAGE_TYPE" },
            { "Type": "DIMENSION", "Key": "LINKED_ACCOUNT" },
        ],
    });
    let mut joined: BTreeMap<(String, String, String), Decimal> = BTreeMap::new();
    let mut pages = 0;
    let mut ends = Vec::new();
    loop {
        let page = ask(&ledger, "GetCostAndUsage", &request);
        pages += 1;
        let results = elements(&page, "ResultsByTime");
        for result in results {
            let day = result
                .pointer("/TimePeriod/Start")
                .and_then(Value::as_str)
                .unwrap();
            for group in elements(result, "Groups") {
                let keys = elements(group, "Keys");
                let key = |index: usize| keys[index].as_str().unwrap().to_owned();
                let cost = amount(group.get("Metrics").unwrap(), "UnblendedCost");
                let before = joined.insert((day.to_owned(), key(0), key(1)), cost);
                assert!(before.is_none(), "a group came twice");
            }
        }
        ends.push((
            results
                .first()
                .unwrap()
                .pointer("/TimePeriod/Start")
                .cloned(),
            results
                .last()
                .unwrap()
                .pointer("/TimePeriod/Start")
                .cloned(),
        ));
        let Some(token) = page.get("NextPageToken") else {
            break;
        };
        request
            .as_object_mut()
            .unwrap()
            .insert("NextPageToken".to_owned(), token.clone());
    }
    let mut own: BTreeMap<(String, String, String), i128> = BTreeMap::new();
    for charge in ledger.records(date(2026, 10, 1), date(2026, 11, 1)) {
        let key = (
            charge.day.date().to_string(),
            charge.line.usage_type.clone(),
            charge.line.account.id().to_owned(),
        );
        *own.entry(key).or_default() += charge.pico_usd;
    }
    let own: BTreeMap<_, _> = own
        .into_iter()
        .map(|(key, pico)| (key, usd(pico)))
        .collect();
    assert_eq!(joined, own);
    assert!(pages >= 3, "{pages} pages");
    assert!(
        ends.windows(2).any(|pair| pair[0].1 == pair[1].0),
        "some day begins on one page and ends on the next"
    );
}

#[test]
fn a_token_is_refused_for_another_request() {
    let ledger = now();
    let mut request = json!({
        "TimePeriod": period("2026-10-01", "2026-11-01"),
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{ "Type": "DIMENSION", "Key": "USAGE_TYPE" }],
    });
    let token = ask(&ledger, "GetCostAndUsage", &request)
        .get("NextPageToken")
        .cloned()
        .unwrap();
    let members = request.as_object_mut().unwrap();
    members.insert("NextPageToken".to_owned(), token);
    members.insert("Metrics".to_owned(), json!(["UsageQuantity"]));
    assert_eq!(
        refused(&ledger, "GetCostAndUsage", &request),
        "RequestChangedException"
    );
    request
        .as_object_mut()
        .unwrap()
        .insert("NextPageToken".to_owned(), json!("bm90IGl0"));
    assert_eq!(
        refused(&ledger, "GetCostAndUsage", &request),
        "InvalidNextTokenException"
    );
}

#[test]
fn filters_select_what_they_say() {
    let ledger = now();
    let check = |filter: Value, pass: fn(&Line) -> bool| {
        let answer = ask(
            &ledger,
            "GetCostAndUsage",
            &json!({
                "TimePeriod": period("2026-10-01", "2026-11-01"),
                "Granularity": "MONTHLY",
                "Metrics": ["UnblendedCost"],
                "Filter": filter,
            }),
        );
        let own = own_sum(&ledger, date(2026, 10, 1), date(2026, 11, 1), pass);
        assert_eq!(total_of(&answer), own, "{filter}");
        own
    };
    let native = check(service(&["Amazon Bedrock"]), |line| {
        line.service == "Amazon Bedrock"
    });
    let marketplace = check(
        json!({ "Dimensions": { "Key": "SERVICE", "Values": ["(Amazon Bedrock Edition)"], "MatchOptions": ["ENDS_WITH"] } }),
        Line::is_marketplace,
    );
    assert!(native > Decimal::from(1_000) && marketplace > Decimal::from(1_000));
    assert!(check(service(&["amazon bedrock"]), |_| false).is_zero());
    check(
        json!({ "Dimensions": { "Key": "SERVICE", "Values": ["amazon bedrock"], "MatchOptions": ["CASE_INSENSITIVE"] } }),
        |line| line.service == "Amazon Bedrock",
    );
    check(json!({ "Not": service(&["Amazon Bedrock"]) }), |line| {
        line.service != "Amazon Bedrock"
    });
    check(
        json!({ "And": [service(&["Amazon Bedrock"]), { "Tags": { "Key": "Team", "MatchOptions": ["ABSENT"] } }] }),
        |line| line.service == "Amazon Bedrock" && line.tag("Team").is_none(),
    );
    check(
        json!({ "Or": [
            { "Tags": { "Key": "Team", "Values": ["search", "content"] } },
            { "Dimensions": { "Key": "REGION", "Values": ["ap-northeast-1"] } },
        ] }),
        |line| {
            matches!(line.tag("Team"), Some("search" | "content"))
                || line.usage_type.starts_with("APN1")
        },
    );
    check(
        json!({ "ProductAttributes": { "Key": "provider", "Values": ["Anthropic"] } }),
        |line| line.attributes.provider.as_deref() == Some("Anthropic"),
    );
    check(
        json!({ "Dimensions": { "Key": "RECORD_TYPE", "Values": ["Credit"] } }),
        |line| line.record_type == "Credit",
    );
    check(
        json!({ "Tags": { "Key": "Team", "Values": [""] } }),
        |line| line.tag("Team").is_none(),
    );
}

#[test]
fn units_are_named_where_they_agree() {
    let ledger = now();
    let unit = |filter: Value| {
        let answer = ask(
            &ledger,
            "GetCostAndUsage",
            &json!({
                "TimePeriod": period("2026-10-01", "2026-11-01"),
                "Granularity": "MONTHLY",
                "Metrics": ["UsageQuantity"],
                "Filter": filter,
            }),
        );
        answer
            .pointer("/ResultsByTime/0/Total/UsageQuantity/Unit")
            .cloned()
            .unwrap()
    };
    let usage_type =
        |name: &str| json!({ "Dimensions": { "Key": "USAGE_TYPE", "Values": [name] } });
    assert_eq!(
        unit(usage_type("USE1-NovaPro-input-tokens-batch")),
        "1K tokens"
    );
    assert_eq!(
        unit(usage_type("USE1-MP:USE1_input_tokens_standard-Units")),
        "1M tokens"
    );
    assert_eq!(unit(service(&["Amazon Bedrock"])), "N/A");
    assert_eq!(unit(service(&["No Such Service"])), "N/A");
}

#[test]
fn attributes_exist_from_september_2026() {
    let ledger = now();
    let request = |start: &str| {
        json!({
            "TimePeriod": period(start, "2026-11-01"),
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": [{ "Type": "PRODUCT_ATTRIBUTE", "Key": "model" }],
        })
    };
    assert_eq!(
        refused(&ledger, "GetCostAndUsage", &request("2026-08-31")),
        "DataUnavailableException"
    );
    let answer = ask(&ledger, "GetCostAndUsage", &request("2026-09-01"));
    let keys: BTreeSet<&str> = elements(&elements(&answer, "ResultsByTime")[1], "Groups")
        .iter()
        .filter_map(|group| elements(group, "Keys")[0].as_str())
        .collect();
    assert!(
        keys.contains("model$Claude Sonnet 5.5") && keys.contains("model$Nova Micro"),
        "{keys:?}"
    );
}

#[test]
fn only_open_months_are_estimated() {
    let estimated = |as_of: &str| {
        let answer = ask(
            &ledger(as_of),
            "GetCostAndUsage",
            &json!({
                "TimePeriod": period("2024-10-01", "2025-01-01"),
                "Granularity": "MONTHLY",
                "Metrics": ["UnblendedCost"],
            }),
        );
        elements(&answer, "ResultsByTime")
            .iter()
            .map(|result| result.get("Estimated").and_then(Value::as_bool).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(estimated("2024-12-05T00:00:00Z"), [false, false, true]);
    assert_eq!(estimated("2024-12-02T23:59:00Z"), [false, true, true]);
}

#[test]
fn resources_are_named() {
    let ledger = now();
    let answer = ask(
        &ledger,
        "GetCostAndUsageWithResources",
        &json!({
            "TimePeriod": period("2026-11-15", "2026-11-20"),
            "Granularity": "DAILY",
            "Filter": service(&["Amazon Bedrock"]),
            "GroupBy": [{ "Type": "DIMENSION", "Key": "RESOURCE_ID" }],
        }),
    );
    let first = &elements(&answer, "ResultsByTime")[0];
    let keys: Vec<&str> = elements(first, "Groups")
        .iter()
        .filter_map(|group| elements(group, "Keys")[0].as_str())
        .collect();
    assert!(
        keys.contains(&crate::ledger::upkeep::PROVISIONED_ARN),
        "{keys:?}"
    );
}
