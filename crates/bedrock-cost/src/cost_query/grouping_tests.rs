//! Tests of how groupings are read, and of what is suggested in the place of those that AWS would refuse.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use super::tests::{DECEMBER, NOVEMBER_2026, arguments, check, summary};
use super::{CostLimits, CostQuery};

#[test]
fn a_key_may_name_its_kind() {
    for (group, read) in [
        (":model", "PRODUCT_ATTRIBUTE model"),
        (":Model", "PRODUCT_ATTRIBUTE model"),
        ("DIMENSION:model", "PRODUCT_ATTRIBUTE model"),
        (
            "dimension:inference_type",
            "PRODUCT_ATTRIBUTE inferenceType",
        ),
        (":provider", "PRODUCT_ATTRIBUTE provider"),
        (":feature", "PRODUCT_ATTRIBUTE feature"),
        (":product_attribute:model", "PRODUCT_ATTRIBUTE model"),
        (":tag:App", "TAG App"),
        ("DIMENSION:tag:App", "TAG App"),
        ("TAG:tag:App", "TAG App"),
        ("COST_CATEGORY:tag:App", "TAG App"),
        (":TAG:aws:createdBy", "TAG aws:createdBy"),
        ("TAG:category:Team", "TAG category:Team"),
        ("TAG:aws:createdBy", "TAG aws:createdBy"),
        ("TAG:model", "TAG model"),
        ("COST_CATEGORY:model", "COST_CATEGORY model"),
        (":category:Team", "COST_CATEGORY Team"),
        ("DIMENSION:category:Team", "COST_CATEGORY Team"),
        (":cost_category:Team", "COST_CATEGORY Team"),
        (":dimension:service", "DIMENSION SERVICE"),
        (":service", "DIMENSION SERVICE"),
    ] {
        let text = format!("start=last_month group_by={group}");
        let (query, corrections) =
            CostQuery::new(&arguments(&text), NOVEMBER_2026, CostLimits::default()).unwrap();
        let expected = format!("2026-10-01 to 2026-11-01 MONTHLY UnblendedCost by {read}");
        assert_eq!(summary(&query), expected, "{group}");
        let listed = corrections.iter().find(|made| made.field == "group_by");
        let given = group.split_once(':').unwrap();
        if read.split_once(' ').unwrap() == given {
            assert_eq!(listed, None, "{group}");
        } else {
            let (kind, key) = given;
            let listed = listed.unwrap();
            assert_eq!(listed.from, format!("{kind} {key}").trim(), "{group}");
            assert_eq!(listed.to, read, "{group}");
        }
    }
}

#[test]
fn no_suggestion_gives_up_a_grouping() {
    let attributes = "product attributes such as the model are recorded from 2026-09-01; the start is 2024-11-01 \
                      => 2024-11-01 to 2024-12-01 MONTHLY UnblendedCost";
    for (groups, by) in [
        (
            "group_by=:model",
            "by DIMENSION SERVICE by DIMENSION USAGE_TYPE",
        ),
        (
            "group_by=:provider",
            "by DIMENSION SERVICE by DIMENSION USAGE_TYPE",
        ),
        ("group_by=:inferenceType", "by DIMENSION USAGE_TYPE"),
        (
            "group_by=:service group_by=:model",
            "by DIMENSION SERVICE by DIMENSION USAGE_TYPE",
        ),
        (
            "group_by=:model group_by=:usage_type",
            "by DIMENSION SERVICE by DIMENSION USAGE_TYPE",
        ),
        (
            "group_by=:model group_by=:inferenceType",
            "by DIMENSION USAGE_TYPE by DIMENSION SERVICE",
        ),
        (
            "group_by=TAG:App group_by=:model",
            "by TAG App by DIMENSION USAGE_TYPE",
        ),
    ] {
        let text = format!("start=2024-11-01 end=2024-12-01 {groups}");
        check(&text, DECEMBER, &format!("{attributes} {by}"));
    }
    let usual = "SERVICE, USAGE_TYPE, LINKED_ACCOUNT, REGION, OPERATION, RECORD_TYPE, BILLING_ENTITY, \
                 provider, model, inferenceType, feature";
    check(
        "group_by=:modle",
        NOVEMBER_2026,
        &format!(
            "unknown dimension \"modle\", expected one of {usual} \
             => 2026-10-23 to 2026-11-22 DAILY UnblendedCost by PRODUCT_ATTRIBUTE model"
        ),
    );
    check(
        "group_by=:whatsoever group_by=:service",
        NOVEMBER_2026,
        &format!("unknown dimension \"whatsoever\", expected one of {usual}"),
    );
    check(
        "group_by=colour:SERVICE",
        DECEMBER,
        "unknown group type \"colour\", expected one of DIMENSION, TAG, COST_CATEGORY, PRODUCT_ATTRIBUTE",
    );
}

#[test]
fn what_lists_of_values_take_is_suggested_as_a_grouping() {
    let usual = "2024-11-05 to 2024-12-05 DAILY UnblendedCost";
    for (given, expected) in [
        (
            "dimension=usage_type",
            format!("dimension; group_by does => {usual} by DIMENSION USAGE_TYPE"),
        ),
        (
            "dimension=SERVICE group_by=:service",
            format!("dimension; group_by does => {usual} by DIMENSION SERVICE"),
        ),
        (
            "dimension=REGION group_by=TAG:App",
            format!("dimension; group_by does => {usual} by TAG App by DIMENSION REGION"),
        ),
        (
            "dimension=REGION group_by=TAG:App group_by=:service",
            "dimension; group_by does".to_owned(),
        ),
        (
            "tag_key=App",
            format!("tag_key; group_by does => {usual} by TAG App"),
        ),
        (
            "cost_category=Team",
            format!("cost_category; group_by does => {usual} by COST_CATEGORY Team"),
        ),
    ] {
        check(
            given,
            DECEMBER,
            &format!("getCostAndUsage does not take {expected}"),
        );
    }
    check(
        "dimension=PRODUCT_ATTRIBUTE dimension_key=model",
        NOVEMBER_2026,
        "getCostAndUsage does not take dimension; group_by does \
         => 2026-10-23 to 2026-11-22 DAILY UnblendedCost by PRODUCT_ATTRIBUTE model",
    );
    check(
        "operation=getCostForecast dimension=SERVICE",
        DECEMBER,
        "getCostForecast does not take dimension",
    );
}
