//! Values, forecasts, comparisons and anomalies.

use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;

#[test]
fn values_are_those_with_charges() {
    let ledger = now();
    let values = |input: Value| -> Vec<String> {
        let answer = ask(&ledger, "GetDimensionValues", &input);
        let found = elements(&answer, "DimensionValues");
        assert_eq!(answer.get("ReturnSize"), Some(&json!(found.len())));
        found
            .iter()
            .map(|value| {
                value
                    .get("Value")
                    .and_then(Value::as_str)
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    let november = period("2024-11-01", "2024-12-01");
    let haiku = values(json!({
        "TimePeriod": november, "Dimension": "SERVICE", "SearchString": "haiku"
    }));
    assert_eq!(
        haiku,
        [
            "Claude 3 Haiku (Amazon Bedrock Edition)",
            "Claude 3.5 Haiku (Amazon Bedrock Edition)"
        ]
    );
    let by_cost = values(json!({
        "TimePeriod": november, "Dimension": "SERVICE",
        "SortBy": [{ "Key": "UnblendedCost", "SortOrder": "DESCENDING" }], "MaxResults": 2,
    }));
    let full = values(json!({
        "TimePeriod": november, "Dimension": "SERVICE",
        "SortBy": [{ "Key": "UnblendedCost", "SortOrder": "DESCENDING" }],
    }));
    assert_eq!(by_cost, full[..2]);
    let cost = |name: &str| {
        own_sum(&ledger, date(2024, 11, 1), date(2024, 12, 1), |line| {
            line.service == name
        })
    };
    assert!(
        full.iter()
            .map(|name| cost(name))
            .is_sorted_by(|a, b| a >= b),
        "{full:?}"
    );
    let accounts = ask(
        &ledger,
        "GetDimensionValues",
        &json!({ "TimePeriod": november, "Dimension": "LINKED_ACCOUNT" }),
    );
    assert_eq!(
        accounts.pointer("/DimensionValues/0"),
        Some(
            &json!({ "Value": "111122223333", "Attributes": { "description": "halden-production" } })
        )
    );
    assert_eq!(
        refused(
            &ledger,
            "GetDimensionValues",
            &json!({
                "TimePeriod": november, "Dimension": "PRODUCT_ATTRIBUTE", "DimensionKey": "model"
            })
        ),
        "DataUnavailableException"
    );
}

#[test]
fn tags_and_categories_are_listed() {
    let ledger = now();
    let october = period("2026-10-01", "2026-11-01");
    let keys = ask(&ledger, "GetTags", &json!({ "TimePeriod": october }));
    assert_eq!(
        keys.get("Tags"),
        Some(&json!([
            "Application",
            "ContentType",
            "Environment",
            "Team"
        ]))
    );
    let types = ask(
        &ledger,
        "GetTags",
        &json!({ "TimePeriod": october, "TagKey": "ContentType" }),
    );
    assert_eq!(
        types.get("Tags"),
        Some(&json!([
            "",
            "analysis",
            "article",
            "chat",
            "summary",
            "transcript"
        ]))
    );
    let categories = ask(
        &ledger,
        "GetCostCategories",
        &json!({ "TimePeriod": october }),
    );
    assert_eq!(
        categories.get("CostCategoryNames"),
        Some(&json!(["CostCenter", "Workload"]))
    );
    let workloads = ask(
        &ledger,
        "GetCostCategories",
        &json!({ "TimePeriod": october, "CostCategoryName": "Workload" }),
    );
    assert_eq!(
        workloads.get("CostCategoryValues"),
        Some(&json!(["Generative AI", "Platform"]))
    );
    let active = ask(
        &ledger,
        "ListCostAllocationTags",
        &json!({ "Status": "Active" }),
    );
    assert_eq!(elements(&active, "CostAllocationTags").len(), 4);
}

#[test]
fn a_forecast_comes_near_to_what_happens() {
    // What the ledger says a month later is the truth that the forecast could not see.
    let (before, after) = (
        ledger("2026-06-10T00:00:00Z"),
        ledger("2026-07-20T00:00:00Z"),
    );
    for filter in [
        service(&["Amazon Bedrock"]),
        service(&["Claude Haiku 4.5 (Amazon Bedrock Edition)"]),
        service(&["AWS Lambda"]),
    ] {
        let request = |granularity: &str| {
            json!({
                "TimePeriod": period("2026-06-10", "2026-07-08"),
                "Granularity": granularity,
                "Metric": "UNBLENDED_COST",
                "Filter": filter,
                "PredictionIntervalLevel": 90,
            })
        };
        let daily = ask(&before, "GetCostForecast", &request("DAILY"));
        let monthly = ask(&before, "GetCostForecast", &request("MONTHLY"));
        assert_eq!(elements(&daily, "ForecastResultsByTime").len(), 28);
        assert_eq!(elements(&monthly, "ForecastResultsByTime").len(), 2);
        let total = |answer: &Value| amount(answer, "Total");
        assert_eq!(total(&daily), total(&monthly));
        let actual = total_of(&ask(
            &after,
            "GetCostAndUsage",
            &json!({
                "TimePeriod": period("2026-06-10", "2026-07-08"),
                "Granularity": "MONTHLY",
                "Metrics": ["UnblendedCost"],
                "Filter": filter,
            }),
        ));
        let miss = (total(&daily) - actual).abs() / actual;
        assert!(
            miss < Decimal::new(10, 2),
            "{filter}: {} against {actual}",
            total(&daily)
        );
        for result in elements(&daily, "ForecastResultsByTime") {
            let bound = |name: &str| -> Decimal {
                result
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap()
                    .parse()
                    .unwrap()
            };
            let mean = bound("MeanValue");
            assert!(bound("PredictionIntervalLowerBound") < mean);
            assert!(bound("PredictionIntervalUpperBound") > mean);
        }
    }
}

#[test]
fn forecasts_need_a_history_and_one_unit() {
    let ledger = now();
    let request = |metric: &str, filter: Value| {
        json!({
            "TimePeriod": period("2026-11-23", "2026-12-01"),
            "Granularity": "DAILY",
            "Metric": metric,
            "Filter": filter,
        })
    };
    assert_eq!(
        refused(
            &ledger,
            "GetCostForecast",
            &request("UNBLENDED_COST", service(&["Amazon Q"]))
        ),
        "DataUnavailableException"
    );
    assert_eq!(
        refused(
            &ledger,
            "GetUsageForecast",
            &request("USAGE_QUANTITY", service(&["Amazon Bedrock"]))
        ),
        "UnresolvableUsageUnitException"
    );
    let micro =
        json!({ "Dimensions": { "Key": "USAGE_TYPE", "Values": ["USE1-NovaMicro-input-tokens"] } });
    let answer = ask(
        &ledger,
        "GetUsageForecast",
        &request("USAGE_QUANTITY", micro),
    );
    assert_eq!(answer.pointer("/Total/Unit"), Some(&json!("1K tokens")));
}

#[test]
fn comparisons_and_their_drivers_add_up() {
    let ledger = now();
    let request = json!({
        "BaselineTimePeriod": period("2026-09-01", "2026-10-01"),
        "ComparisonTimePeriod": period("2026-10-01", "2026-11-01"),
        "MetricForComparison": "UnblendedCost",
        "GroupBy": [{ "Type": "DIMENSION", "Key": "SERVICE" }],
        "MaxResults": 10,
    });
    let difference = |metrics: &Value| -> Decimal {
        let text = metrics
            .pointer("/UnblendedCost/Difference")
            .and_then(Value::as_str);
        text.unwrap().parse().unwrap()
    };
    let mut all = Decimal::ZERO;
    let mut paged = request.clone();
    loop {
        let answer = ask(&ledger, "GetCostAndUsageComparisons", &paged);
        for entry in elements(&answer, "CostAndUsageComparisons") {
            all += difference(entry.get("Metrics").unwrap());
        }
        let Some(token) = answer.get("NextPageToken") else {
            assert_eq!(all, difference(answer.get("TotalCostAndUsage").unwrap()));
            break;
        };
        paged
            .as_object_mut()
            .unwrap()
            .insert("NextPageToken".to_owned(), token.clone());
    }
    let own = own_sum(&ledger, date(2026, 10, 1), date(2026, 11, 1), |_| true)
        - own_sum(&ledger, date(2026, 9, 1), date(2026, 10, 1), |_| true);
    assert_eq!(all, own);
    let answer = ask(&ledger, "GetCostComparisonDrivers", &request);
    for entry in elements(&answer, "CostComparisonDrivers") {
        let parts: Decimal = elements(entry, "CostDrivers")
            .iter()
            .map(|driver| difference(driver.get("Metrics").unwrap()))
            .sum();
        assert_eq!(parts, difference(entry.get("Metrics").unwrap()));
    }
}

#[test]
fn anomalies_are_the_surges() {
    for (as_of, from, to, want, first, last) in [
        (
            "2024-12-05T00:00:00Z",
            "2024-11-01",
            "2024-12-01",
            "Claude 3.5 Sonnet (Amazon Bedrock Edition)",
            "2024-11-12T00:00:00Z",
            "2024-11-14T00:00:00Z",
        ),
        (
            "2026-11-22T15:30:00Z",
            "2026-10-01",
            "2026-11-01",
            "Claude Sonnet 5.5 (Amazon Bedrock Edition)",
            "2026-10-20T00:00:00Z",
            "2026-10-22T00:00:00Z",
        ),
    ] {
        let answer = ask(
            &ledger(as_of),
            "GetAnomalies",
            &json!({ "DateInterval": { "StartDate": from, "EndDate": to } }),
        );
        let found = elements(&answer, "Anomalies");
        let services: Vec<_> = found
            .iter()
            .map(|anomaly| anomaly.get("DimensionValue").unwrap())
            .collect();
        let surge = found
            .iter()
            .find(|anomaly| anomaly.get("DimensionValue") == Some(&json!(want)))
            .unwrap_or_else(|| panic!("{services:?}"));
        assert!(found.len() <= 3, "{services:?}");
        assert_eq!(surge.get("AnomalyStartDate"), Some(&json!(first)));
        assert_eq!(surge.get("AnomalyEndDate"), Some(&json!(last)));
        assert_eq!(
            surge.pointer("/RootCauses/0/LinkedAccountName"),
            Some(&json!("halden-production"))
        );
        assert_eq!(
            surge.pointer("/RootCauses/0/Region"),
            Some(&json!("us-east-1"))
        );
    }
}

#[test]
fn anomalies_can_be_narrowed() {
    let ledger = now();
    let count = |mut input: Value| {
        input.as_object_mut().unwrap().insert(
            "DateInterval".to_owned(),
            json!({ "StartDate": "2026-09-01" }),
        );
        elements(&ask(&ledger, "GetAnomalies", &input), "Anomalies").len()
    };
    let all = count(json!({}));
    assert!(all >= 1);
    assert_eq!(
        count(json!({ "TotalImpact": { "NumericOperator": "GREATER_THAN", "StartValue": 1e9 } })),
        0
    );
    assert_eq!(
        count(json!({ "TotalImpact": { "NumericOperator": "GREATER_THAN", "StartValue": 1.5 } })),
        all
    );
    assert_eq!(count(json!({ "Feedback": "YES" })), 0);
    let monitors = ask(&ledger, "GetAnomalyMonitors", &json!({}));
    let arn = monitors
        .pointer("/AnomalyMonitors/0/MonitorArn")
        .cloned()
        .unwrap();
    assert_eq!(count(json!({ "MonitorArn": arn })), all);
    assert_eq!(
        refused(
            &ledger,
            "GetAnomalyMonitors",
            &json!({ "MonitorArnList": ["arn:none"] })
        ),
        "UnknownMonitorException"
    );
    let subscriptions = ask(
        &ledger,
        "GetAnomalySubscriptions",
        &json!({ "MonitorArn": arn }),
    );
    assert_eq!(elements(&subscriptions, "AnomalySubscriptions").len(), 1);
}
