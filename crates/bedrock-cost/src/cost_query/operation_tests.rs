//! Tests of the rules that single operations have: one line a case.

use super::CostLimits;
use super::tests::{DECEMBER, NOVEMBER_2026, check, check_with};

#[test]
fn forecasts_keep_the_rules() {
    check(
        "operation=getCostForecast start=tomorrow end=2025-03-05 granularity=DAILY metrics=AmortizedCost interval=80",
        DECEMBER,
        "2024-12-06 to 2025-03-05 DAILY AMORTIZED_COST",
    );
    check(
        "operation=getCostForecast start=2024-12-01 end=2025-01-01",
        DECEMBER,
        "a forecast begins today, 2024-12-05, or later; the start is 2024-12-01 \
         => 2024-12-05 to 2025-01-01 MONTHLY UNBLENDED_COST",
    );
    check(
        "operation=getCostForecast start=today end=2025-03-06 granularity=DAILY",
        DECEMBER,
        "a DAILY forecast reaches 3 months ahead, to 2025-03-05; the end is 2025-03-06 \
         => 2024-12-05 to 2025-03-05 DAILY UNBLENDED_COST",
    );
    check(
        "operation=getCostForecast start=today end=2027-01-01 granularity=MONTHLY",
        DECEMBER,
        "a MONTHLY forecast reaches 18 months ahead, to 2026-06-05; the end is 2027-01-01 \
         => 2024-12-05 to 2026-06-05 MONTHLY UNBLENDED_COST",
    );
    check(
        "operation=getCostForecast granularity=HOURLY",
        DECEMBER,
        "getCostForecast does not take granularity HOURLY, expected one of DAILY, MONTHLY \
         => 2024-12-05 to 2025-01-01 DAILY UNBLENDED_COST",
    );
    check(
        "operation=getUsageForecast metrics=UNBLENDED_COST",
        DECEMBER,
        "getUsageForecast does not take metric UNBLENDED_COST, expected one of USAGE_QUANTITY, NORMALIZED_USAGE_AMOUNT \
         => 2024-12-05 to 2025-01-01 MONTHLY UNBLENDED_COST",
    );
    let unit = "getUsageForecast needs filters by USAGE_TYPE or USAGE_TYPE_GROUP, of one unit, for example \
                {\"Dimensions\": {\"Key\": \"USAGE_TYPE\", \"Values\": [\"USE1-NovaMicro-input-tokens\"]}}";
    for (filter, expected) in [
        ("", unit),
        ("service=x", unit),
        (
            "usage_type=x",
            "2024-12-05 to 2025-01-01 MONTHLY USAGE_QUANTITY",
        ),
        (
            "usage_type_group=x",
            "2024-12-05 to 2025-01-01 MONTHLY USAGE_QUANTITY",
        ),
    ] {
        check(
            &format!("operation=getUsageForecast {filter}"),
            DECEMBER,
            expected,
        );
    }
    check(
        "operation=getCostForecast metrics=UsageQuantity usage_type=x",
        DECEMBER,
        "getCostForecast does not take metric USAGE_QUANTITY, expected one of UNBLENDED_COST, BLENDED_COST, \
         AMORTIZED_COST, NET_UNBLENDED_COST, NET_AMORTIZED_COST \
         => 2024-12-05 to 2025-01-01 MONTHLY USAGE_QUANTITY",
    );
    check(
        "operation=getCostForecast interval=50",
        DECEMBER,
        "prediction_interval is 50, accepted are 51 to 99 => 2024-12-05 to 2025-01-01 MONTHLY UNBLENDED_COST",
    );
    check(
        "operation=getCostForecast group_by=DIMENSION:SERVICE",
        DECEMBER,
        "getCostForecast does not take group_by",
    );
    check(
        "operation=getCostForecast end=next_month",
        DECEMBER,
        "2024-12-05 to 2025-02-01 MONTHLY UNBLENDED_COST",
    );
}

#[test]
fn comparisons_take_two_whole_months() {
    let drivers = "operation=getCostComparisonDrivers";
    let usual = "2024-11-01 to 2024-12-01 against 2024-10-01 to 2024-11-01 UnblendedCost";
    check(
        &format!("{drivers} comparison_start=2024-11 baseline_start=2024-10"),
        DECEMBER,
        usual,
    );
    check(
        &format!("{drivers} comparison_start=2024-11-01"),
        DECEMBER,
        usual,
    );
    check(
        &format!("{drivers} start=2024-11-01 end=2024-12-01 granularity=MONTHLY"),
        DECEMBER,
        usual,
    );
    check(
        &format!("{drivers} comparison_start=2024-11-01 comparison_end=2024-11-30"),
        DECEMBER,
        &format!(
            "the comparison period 2024-11-01 to 2024-11-30 is not exactly one month, from the first to the first => {usual}"
        ),
    );
    check(
        &format!("{drivers} baseline_start=2024-09-15 baseline_end=2024-10-15"),
        DECEMBER,
        "the baseline period 2024-09-15 to 2024-10-15 is not exactly one month, from the first to the first \
         => 2024-11-01 to 2024-12-01 against 2024-09-01 to 2024-10-01 UnblendedCost",
    );
    check(
        &format!("{drivers} baseline_start=2020-01"),
        DECEMBER,
        &format!(
            "data reaches back 38 months at most, to 2021-11-01; the start is 2020-01-01 => {usual}"
        ),
    );
    check(
        &format!("{drivers} max_results=11"),
        DECEMBER,
        &format!("max_results is 11, accepted are 1 to 10 => {usual}"),
    );
    check(
        &format!("{drivers} group_by=PRODUCT_ATTRIBUTE:model"),
        NOVEMBER_2026,
        "getCostComparisonDrivers does not take a grouping by product attribute \
         => 2026-10-01 to 2026-11-01 against 2026-09-01 to 2026-10-01 UnblendedCost by DIMENSION SERVICE by DIMENSION USAGE_TYPE",
    );
    check(
        &format!("{drivers} group_by=:model group_by=DIMENSION:USAGE_TYPE"),
        NOVEMBER_2026,
        "getCostComparisonDrivers does not take a grouping by product attribute \
         => 2026-10-01 to 2026-11-01 against 2026-09-01 to 2026-10-01 UnblendedCost by DIMENSION SERVICE \
         by DIMENSION USAGE_TYPE",
    );
    check(
        &format!("{drivers} metrics=UnblendedCost metrics=UsageQuantity"),
        DECEMBER,
        "getCostComparisonDrivers takes one metric, 2 given",
    );
}

#[test]
fn resources_need_a_filter_and_a_resource() {
    let call = "operation=getCostAndUsageWithResources";
    let usual = "2024-11-21 to 2024-12-05 DAILY UnblendedCost by DIMENSION RESOURCE_ID";
    check(
        &format!("{call} service=x group_by=DIMENSION:RESOURCE_ID"),
        DECEMBER,
        usual,
    );
    check(
        &format!("{call} resource=arn"),
        DECEMBER,
        "2024-11-21 to 2024-12-05 DAILY UnblendedCost",
    );
    check(
        &format!("{call} group_by=DIMENSION:RESOURCE_ID"),
        DECEMBER,
        &format!(
            "getCostAndUsageWithResources needs filters, for example \
             {{\"Dimensions\": {{\"Key\": \"SERVICE\", \"Values\": [\"Amazon Bedrock\"]}}}} => {usual}"
        ),
    );
    check(
        &format!("{call} service=x"),
        DECEMBER,
        &format!("getCostAndUsageWithResources is grouped or filtered by RESOURCE_ID => {usual}"),
    );
    check(
        &format!("{call} service=x group_by=DIMENSION:RESOURCE_ID start=2024-11-01 end=2024-12-01"),
        DECEMBER,
        "data by resource reaches back 14 days, to 2024-11-21; the start is 2024-11-01 \
         => 2024-11-21 to 2024-12-01 DAILY UnblendedCost by DIMENSION RESOURCE_ID",
    );
    let off = CostLimits {
        resources: Some(false),
        ..CostLimits::default()
    };
    check_with(
        &format!("{call} service=x group_by=DIMENSION:RESOURCE_ID"),
        DECEMBER,
        off,
        "data by resource is not switched on for this account",
    );
    check_with(
        &format!("{call} service=x group_by=DIMENSION:USAGE_TYPE"),
        DECEMBER,
        off,
        "data by resource is not switched on for this account \
         => 2024-11-05 to 2024-12-05 DAILY UnblendedCost by DIMENSION USAGE_TYPE",
    );
    check(
        &format!("{call} service=x group_by=DIMENSION:USAGE_TYPE group_by=TAG:App"),
        DECEMBER,
        "getCostAndUsageWithResources is grouped or filtered by RESOURCE_ID",
    );
}

#[test]
fn product_attributes_begin_in_september_2026() {
    let by_model = "group_by=PRODUCT_ATTRIBUTE:model";
    check(
        &format!("{by_model} start=2026-09-01 end=2026-11-01"),
        NOVEMBER_2026,
        "2026-09-01 to 2026-11-01 MONTHLY UnblendedCost by PRODUCT_ATTRIBUTE model",
    );
    check(
        &format!("{by_model} start=2026-08-01 end=2026-11-01"),
        NOVEMBER_2026,
        "product attributes such as the model are recorded from 2026-09-01; the start is 2026-08-01 \
         => 2026-08-01 to 2026-11-01 MONTHLY UnblendedCost by DIMENSION SERVICE by DIMENSION USAGE_TYPE",
    );
    check(
        "attribute=model start=2026-08-01 end=2026-11-01",
        NOVEMBER_2026,
        "product attributes such as the model are recorded from 2026-09-01; the start is 2026-08-01 \
         => 2026-09-01 to 2026-11-01 MONTHLY UnblendedCost",
    );
    check(
        &format!("{by_model} start=2024-11-01 end=2024-12-01"),
        DECEMBER,
        "product attributes such as the model are recorded from 2026-09-01; the start is 2024-11-01 \
         => 2024-11-01 to 2024-12-01 MONTHLY UnblendedCost by DIMENSION SERVICE by DIMENSION USAGE_TYPE",
    );
    check(
        "group_by=PRODUCT_ATTRIBUTE:modle",
        NOVEMBER_2026,
        "unknown product attribute \"modle\", expected one of provider, model, inferenceType, feature \
         => 2026-10-23 to 2026-11-22 DAILY UnblendedCost by PRODUCT_ATTRIBUTE model",
    );
    check(
        "operation=getDimensionValues dimension=PRODUCT_ATTRIBUTE",
        NOVEMBER_2026,
        "getDimensionValues needs dimension_key, for example model => PRODUCT_ATTRIBUTE model 2026-10-23 to 2026-11-22",
    );
    check(
        "operation=getTags attribute=model",
        NOVEMBER_2026,
        "a filter by product attributes needs a filter by SERVICE beside it in getTagsOrValues \
         => tags - 2026-10-23 to 2026-11-22",
    );
    check(
        "operation=getCostForecast attribute=model",
        NOVEMBER_2026,
        "getCostForecast does not take a filter by product attributes",
    );
}

#[test]
fn values_are_asked_by_name() {
    check(
        "operation=getDimensionValues",
        DECEMBER,
        "getDimensionValues needs dimension, for example SERVICE => SERVICE - 2024-11-05 to 2024-12-05",
    );
    check(
        "operation=getDimensionValues dimension=usage_type",
        DECEMBER,
        "USAGE_TYPE - 2024-11-05 to 2024-12-05",
    );
    check(
        "operation=getTagsOrValues tag_key=App",
        DECEMBER,
        "tags App 2024-11-05 to 2024-12-05",
    );
    check(
        "operation=getCostCategories cost_category=Team",
        DECEMBER,
        "categories Team 2024-11-05 to 2024-12-05",
    );
    check(
        "operation=getTags group_by=DIMENSION:SERVICE",
        DECEMBER,
        "getTagsOrValues does not take group_by",
    );
    check(
        "operation=getTags max_results=0",
        DECEMBER,
        "max_results is 0, accepted are 1 to 2147483647 => tags - 2024-11-05 to 2024-12-05",
    );
}
