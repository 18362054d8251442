//! What AWS takes and what it refuses: one line a case.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed test may panic"
)]
#![expect(clippy::needless_pass_by_value, reason = "a case reads as a row")]

use serde_json::{Map, Value, json};

use super::{Context, admit};
use crate::account::OptIns;
use crate::decode::decode;
use crate::fault::Fault;
use crate::service::Service;
use crate::wire::{Call, Protocol, Route};

const AS_OF: &str = "2026-11-22T12:00:00Z";

/// Admits a request as the account does, with everything switched on.
fn asked(service: Service, operation: &str, input: Value, opt_ins: OptIns) -> Result<Value, Fault> {
    let route = Route {
        service: Some(service),
        operation: operation.to_owned(),
        protocol: Protocol::AwsJson11,
    };
    let call = Call::find(&route).unwrap();
    let mut input = decode(call.model, &call.operation.input, input)
        .map_err(|unreadable| Fault::new("SerializationException", unreadable.0))?;
    let context = Context {
        now: AS_OF.parse().unwrap(),
        opt_ins,
    };
    admit(&call, &mut input, &context).map(|()| input)
}

/// `want` is empty where AWS takes the request, else what its error begins with.
#[track_caller]
fn check(service: Service, operation: &str, input: Value, want: &str) {
    let got = asked(service, operation, input.clone(), OptIns::default());
    let got = got.err().map(|fault| fault.to_string()).unwrap_or_default();
    let as_wanted = if want.is_empty() {
        got.is_empty()
    } else {
        got.contains(want)
    };
    assert!(
        as_wanted,
        "{operation} {input}\n got {got:?}\nwant {want:?}"
    );
}

/// The base with members replaced, or removed where the change is null.
fn with(base: &Value, changes: Value) -> Value {
    let mut members: Map<String, Value> = base.as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap().clone() {
        if value.is_null() {
            members.remove(&name);
        } else {
            members.insert(name, value);
        }
    }
    Value::Object(members)
}

fn period(start: &str, end: &str) -> Value {
    json!({"Start": start, "End": end})
}

fn cost(changes: Value, want: &str) {
    let base = json!({
        "TimePeriod": period("2026-10-01", "2026-11-01"),
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
    });
    check(Service::CostExplorer, "GetCostAndUsage", with(&base, changes), want);
}

#[test]
fn cost_explorer_periods() {
    let span = |granularity: &str, start: &str, end: &str, want: &str| {
        cost(json!({"Granularity": granularity, "TimePeriod": period(start, end)}), want);
    };
    span("MONTHLY", "2026-10-01", "2026-11-01", "");
    span("DAILY", "2026-11-22", "2026-11-23", "");
    span("DAILY", "2026-11-01", "2026-12-01", "");
    span("DAILY", "2026-11-01", "2026-12-02", "ValidationException: end date past the beginning of next month");
    span("DAILY", "2026-11-23", "2026-11-24", "Start date cannot be after the current date");
    span("DAILY", "2026-11-02", "2026-11-01", "ValidationException: Start date (and hour) should be before end date (and hour)");
    span("DAILY", "2026-11-01", "2026-11-01", "Start date (and hour) should be before end date (and hour)");
    span("DAILY", "2026-02-30", "2026-03-10", "Start time 2026-02-30 is invalid. Valid format is: yyyy-MM-dd.");
    span("DAILY", "2026-11-01", "2026-13-01", "End time 2026-13-01 is invalid.");
    span("DAILY", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "Valid format is: yyyy-MM-dd.");
    span("DAILY", "11/01/2026", "2026-11-02", "at 'timePeriod.start' failed to satisfy constraint: Member must satisfy regular expression pattern");
    // The current month and the 13 before it.
    span("DAILY", "2025-10-01", "2025-10-02", "");
    span("DAILY", "2025-10-15", "2025-10-16", "");
    span("DAILY", "2025-09-30", "2025-10-02", "To retrieve data beyond the past 14 months, your start date needs to be the first day of the month.");
    span("DAILY", "2025-09-01", "2025-10-01", "monthly granularity only");
    span("MONTHLY", "2025-09-15", "2025-11-01", "To retrieve data beyond the past 14 months");
    span("MONTHLY", "2024-11-01", "2024-12-01", "");
    span("MONTHLY", "2023-10-01", "2023-11-01", "");
    span("MONTHLY", "2023-09-01", "2023-10-01", "38 months");
    span("DAILY", "2024-11-01", "2024-12-01", "monthly granularity only");
    span("HOURLY", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "");
    span("HOURLY", "2026-11-08T00:00:00Z", "2026-11-09T00:00:00Z", "");
    span("HOURLY", "2026-11-07T23:00:00Z", "2026-11-09T00:00:00Z", "ValidationException: Start date is more than 14 days ago for hourly granularity.");
    span("HOURLY", "2026-11-20", "2026-11-21", "Valid format is: yyyy-MM-ddTHH:mm:ssZ.");
    span("HOURLY", "2026-11-20T25:00:00Z", "2026-11-21T00:00:00Z", "Start time 2026-11-20T25:00:00Z is invalid.");
    span("WEEKLY", "2026-10-01", "2026-11-01", "Member must satisfy enum value set: [DAILY, MONTHLY, HOURLY]");
    cost(json!({"TimePeriod": null}), "Value null at 'timePeriod' failed to satisfy constraint: Member must not be null");
    cost(json!({"TimePeriod": "2026-10"}), "SerializationException: Expected structure or null");
}

#[test]
fn cost_explorer_history_has_to_be_switched_on() {
    let off = OptIns {
        multi_year: false,
        hourly_and_resources: false,
    };
    let ask = |granularity: &str, start: &str, end: &str| {
        let input = json!({"TimePeriod": period(start, end), "Granularity": granularity,
            "Metrics": ["UnblendedCost"]});
        let got = asked(Service::CostExplorer, "GetCostAndUsage", input, off);
        got.err().map(|fault| fault.to_string()).unwrap_or_default()
    };
    assert_eq!(ask("MONTHLY", "2025-10-01", "2025-11-01"), "");
    assert_eq!(
        ask("MONTHLY", "2024-11-01", "2024-12-01"),
        "ValidationException: You haven't enabled historical data beyond 14 months."
    );
    assert_eq!(
        ask("HOURLY", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"),
        "DataUnavailableException: Hourly and resource-level data is not enabled for this account."
    );
}

#[test]
fn cost_explorer_metrics_and_groups() {
    cost(json!({"Metrics": ["AmortizedCost", "UsageQuantity"]}), "");
    cost(json!({"Metrics": ["UNBLENDED_COST"]}), "");
    cost(json!({"Metrics": []}), "Selected metrics cannot be null.");
    cost(json!({"Metrics": ["Nonsense"]}), "Metric Nonsense is invalid.");
    cost(json!({"Metrics": "UnblendedCost"}), "SerializationException: Expected list or null");
    let groups = |groups: Value, want: &str| cost(json!({"GroupBy": groups}), want);
    let by = |kind: &str, key: &str| json!({"Type": kind, "Key": key});
    groups(json!([by("DIMENSION", "SERVICE"), by("TAG", "ContentType")]), "");
    groups(json!([by("DIMENSION", "REGION")]), "");
    groups(json!([by("DIMENSION", "SERVICE"), by("DIMENSION", "REGION"), by("TAG", "a")]), "Only up to two group definitions");
    groups(json!([by("DIMENSION", "MODEL")]), "Group Definition dimension is invalid.");
    groups(json!([by("DIMENSION", "USAGE_TYPE_GROUP")]), "Group Definition dimension is invalid.");
    groups(json!([by("DIMENSION", "RESOURCE_ID")]), "Dimension RESOURCE_ID is not allowed.");
    groups(json!([by("LINKED_ACCOUNT", "x")]), "at 'groupBy.1.member.type' failed to satisfy constraint");
    groups(json!([{"Type": "DIMENSION"}]), "Group Definition is invalid. Both type an key need to be set to a non-empty value.");
    groups(json!([{"Key": "SERVICE"}]), "Group Definition is invalid.");
    groups(json!(["SERVICE"]), "SerializationException: Expected structure or null");
    groups(json!("[{\"Type\": \"DIMENSION\", \"Key\": \"SERVICE\"}]"), "SerializationException: Expected list or null");
}

#[test]
fn cost_explorer_filters() {
    let filter = |filter: Value, want: &str| cost(json!({"Filter": filter}), want);
    let service = json!({"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Bedrock"]}});
    let region = json!({"Dimensions": {"Key": "REGION", "Values": ["us-east-1"]}});
    filter(service.clone(), "");
    filter(json!({"And": [service, region]}), "");
    filter(json!({"Or": [service, {"And": [region, {"Not": service}]}]}), "");
    filter(json!({"And": [service]}), "ValidationException: And expression must have at least 2 operands");
    filter(json!({"Or": [{"And": [service]}, region]}), "And expression must have at least 2 operands");
    filter(json!({"Or": []}), "Or expression must have at least 2 operands");
    filter(json!({}), "Expression has zero or more than one roots.");
    filter(json!({"Not": {}}), "Expression has zero or more than one roots.");
    filter(with(&service, json!({"Tags": {"Key": "a", "Values": ["b"]}})), "Expression has zero or more than one roots.");
    let dimension = |key: &str, options: Value, want: &str| {
        filter(json!({"Dimensions": {"Key": key, "Values": ["x"], "MatchOptions": options}}), want);
    };
    dimension("SERVICE", json!(["EQUALS", "CASE_SENSITIVE"]), "");
    dimension("SERVICE", json!(["CONTAINS"]), "Match option CONTAINS is not supported for Dimensions.");
    dimension("SERVICE", json!(["LIKE"]), "at 'filter.dimensions.matchOptions' failed to satisfy constraint");
    dimension("CHARGE_TYPE", json!([]), "at 'filter.dimensions.key' failed to satisfy constraint: Member must satisfy enum value set");
    dimension("RECORD_TYPE", json!([]), "");
    dimension("RESOURCE_ID", json!([]), "Dimension RESOURCE_ID is not allowed.");
    dimension("SERVICE_CODE", json!([]), "Dimension SERVICE_CODE is not allowed.");
    filter(json!({"Dimensions": {"Key": "SERVICE"}}), "must have at least one value");
    filter(json!({"Dimensions": {"Values": ["x"]}}), "Dimension key cannot be null or empty.");
    filter(json!({"Tags": {"Key": "Team", "MatchOptions": ["ABSENT"]}}), "");
    filter(json!({"Tags": {"Key": "Team"}}), "");
    filter(json!({"Tags": {"Key": "Team", "Values": ["a"], "MatchOptions": ["ABSENT"]}}), "cannot have values");
    filter(json!({"Tags": {"Key": "Team", "Values": ["a"], "MatchOptions": ["STARTS_WITH"]}}), "Match option STARTS_WITH is not supported for Tags.");
    filter(json!({"CostCategories": {"Key": "Unit", "Values": ["a"]}}), "");
    filter(json!({"Dimensions": {"Key": "SERVICE", "Values": "Amazon Bedrock"}}), "SerializationException: Expected list or null");
}

#[test]
fn cost_explorer_product_attributes() {
    let model = json!({"Type": "PRODUCT_ATTRIBUTE", "Key": "model"});
    let since = period("2026-09-01", "2026-11-01");
    let service = |name: &str| json!({"Dimensions": {"Key": "SERVICE", "Values": [name]}});
    let attribute = json!({"ProductAttributes": {"Key": "model", "Values": ["Claude Sonnet 5"]}});
    cost(json!({"TimePeriod": since, "GroupBy": [model]}), "");
    cost(json!({"TimePeriod": since, "Filter": attribute}), "");
    cost(json!({"TimePeriod": since, "GroupBy": [model], "Filter": service("Amazon Bedrock")}), "");
    cost(json!({"TimePeriod": since, "GroupBy": [model], "Filter": service("Amazon Simple Storage Service")}), "ValidationException: The SERVICE filter contains services");
    cost(json!({"TimePeriod": since, "Filter": {"And": [attribute, service("AWS Lambda")]}}), "The SERVICE filter contains services");
    cost(json!({"TimePeriod": period("2026-08-01", "2026-11-01"), "GroupBy": [model]}), "DataUnavailableException");
    cost(json!({"TimePeriod": period("2026-08-31", "2026-09-02"), "Granularity": "DAILY", "Filter": attribute}), "DataUnavailableException");
    cost(json!({"TimePeriod": since, "Filter": {"ProductAttributes": {"Key": "model"}}}), "must have at least one value");
    cost(json!({"TimePeriod": since, "Filter": {"ProductAttributes": {"Key": "model", "MatchOptions": ["ABSENT"]}}}), "");

    let values = |changes: Value, want: &str| {
        let base = json!({"TimePeriod": since, "Dimension": "PRODUCT_ATTRIBUTE"});
        check(Service::CostExplorer, "GetDimensionValues", with(&base, changes), want);
    };
    values(json!({}), "");
    values(json!({"DimensionKey": "model"}), "");
    values(json!({"DimensionKey": "model", "Dimension": "SERVICE"}), "DimensionKey can be specified only when");
    values(json!({"SortBy": [{"Key": "UnblendedCost"}]}), "DimensionKey is required when SortBy");
    values(json!({"Context": "RESERVATIONS"}), "only in the COST_AND_USAGE context");
    values(json!({"TimePeriod": period("2026-08-01", "2026-09-01")}), "DataUnavailableException");
    values(json!({"Filter": attribute}), "A SERVICE filter is required");
    values(json!({"Filter": {"And": [attribute, service("Amazon Bedrock")]}}), "");
    let tags = |filter: Value, want: &str| {
        let input = json!({"TimePeriod": since, "Filter": filter});
        check(Service::CostExplorer, "GetTags", input, want);
    };
    tags(json!({"And": [attribute, service("Amazon Bedrock")]}), "");
    tags(attribute.clone(), "A SERVICE filter is required");
}

#[test]
fn cost_explorer_values() {
    let values = |changes: Value, want: &str| {
        let base =
            json!({"TimePeriod": period("2026-10-01", "2026-11-01"), "Dimension": "SERVICE"});
        check(Service::CostExplorer, "GetDimensionValues", with(&base, changes), want);
    };
    values(json!({}), "");
    values(json!({"SearchString": "Bedrock", "MaxResults": 10}), "");
    values(json!({"MaxResults": 0}), "Member must have value greater than or equal to 1");
    values(json!({"Dimension": "MODEL"}), "at 'dimension' failed to satisfy constraint: Member must satisfy enum value set");
    values(json!({"Dimension": "LINKED_ACCOUNT_NAME"}), "Dimension LINKED_ACCOUNT_NAME is not allowed.");
    values(json!({"SearchString": "a", "SortBy": [{"Key": "UnblendedCost"}]}), "cannot be used together");
    values(json!({"TimePeriod": period("2026-11-01", "2027-01-01")}), "end date past the beginning of next month");
    let categories =
        json!({"TimePeriod": period("2026-10-01", "2026-11-01"), "CostCategoryName": " Team"});
    check(Service::CostExplorer, "GetCostCategories", categories, "at 'costCategoryName' failed to satisfy constraint");
}

#[test]
fn cost_explorer_resources() {
    let ask = |changes: Value, want: &str| {
        let base = json!({
            "TimePeriod": period("2026-11-10", "2026-11-20"),
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"],
            "Filter": {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Bedrock"]}},
            "GroupBy": [{"Type": "DIMENSION", "Key": "RESOURCE_ID"}],
        });
        check(Service::CostExplorer, "GetCostAndUsageWithResources", with(&base, changes), want);
    };
    ask(json!({}), "");
    ask(json!({"Filter": null}), "Value null at 'filter' failed to satisfy constraint: Member must not be null");
    ask(json!({"GroupBy": null}), "group by or filter by a ResourceId");
    ask(json!({"GroupBy": null, "Filter": {"Dimensions": {"Key": "RESOURCE_ID", "Values": ["a"]}}}), "");
    ask(json!({"GroupBy": [{"Type": "PRODUCT_ATTRIBUTE", "Key": "model"}]}), "group by or filter by a ResourceId");
    ask(json!({"TimePeriod": period("2026-11-01", "2026-11-20")}), "Start date is more than 14 days ago for hourly granularity.");
    ask(json!({"Metrics": null}), "Selected metrics cannot be null.");
}

#[test]
fn cost_explorer_forecasts() {
    let ask = |operation: &str, changes: Value, want: &str| {
        let base = json!({"TimePeriod": period("2026-11-22", "2026-12-01"), "Metric": "UNBLENDED_COST", "Granularity": "MONTHLY"});
        check(Service::CostExplorer, operation, with(&base, changes), want);
    };
    let costs = |changes: Value, want: &str| ask("GetCostForecast", changes, want);
    costs(json!({}), "");
    costs(json!({"PredictionIntervalLevel": 80}), "");
    costs(json!({"PredictionIntervalLevel": 50}), "Value '50' at 'predictionIntervalLevel' failed to satisfy constraint: Member must have value greater than or equal to 51");
    costs(json!({"PredictionIntervalLevel": 100}), "less than or equal to 99");
    costs(json!({"Granularity": "HOURLY"}), "Granularity should be either 'MONTHLY' or 'DAILY'");
    costs(json!({"TimePeriod": period("2026-11-21", "2026-12-01")}), "Requested Start: 2026-11-21 must not be before the current date");
    costs(json!({"TimePeriod": period("2026-12-01", "2026-12-01")}), "Requested Start: 2026-12-01 must be before requested End: 2026-12-01");
    costs(json!({"Granularity": "DAILY", "TimePeriod": period("2026-11-22", "2027-02-22")}), "");
    costs(json!({"Granularity": "DAILY", "TimePeriod": period("2026-11-22", "2027-04-01")}), "too far in the future");
    costs(json!({"TimePeriod": period("2026-12-01", "2028-05-01")}), "");
    costs(json!({"TimePeriod": period("2026-12-01", "2028-07-01")}), "too far in the future");
    costs(json!({"Metric": "UnblendedCost"}), "at 'metric' failed to satisfy constraint: Member must satisfy enum value set");
    costs(json!({"Metric": "USAGE_QUANTITY"}), "Metric USAGE_QUANTITY is not supported by GetCostForecast.");
    costs(json!({"Filter": {"ProductAttributes": {"Key": "model", "Values": ["x"]}}}), "ProductAttributes is not supported");
    let usage = |changes: Value, want: &str| ask("GetUsageForecast", changes, want);
    let of_type = json!({"Dimensions": {"Key": "USAGE_TYPE", "Values": ["USE1-InputTokenCount"]}});
    usage(json!({"Metric": "USAGE_QUANTITY", "Filter": of_type}), "");
    usage(json!({"Metric": "USAGE_QUANTITY"}), "UnresolvableUsageUnitException");
    usage(json!({"Filter": of_type}), "Metric UNBLENDED_COST is not supported by GetUsageForecast.");
}

#[test]
fn cost_explorer_comparisons() {
    let ask = |changes: Value, want: &str| {
        let base = json!({
            "BaselineTimePeriod": period("2026-09-01", "2026-10-01"),
            "ComparisonTimePeriod": period("2026-10-01", "2026-11-01"),
            "MetricForComparison": "UnblendedCost",
        });
        check(Service::CostExplorer, "GetCostAndUsageComparisons", with(&base, changes.clone()), want);
        check(Service::CostExplorer, "GetCostComparisonDrivers", with(&base, changes), want);
    };
    ask(json!({}), "");
    ask(json!({"BaselineTimePeriod": period("2025-12-01", "2026-01-01")}), "");
    ask(json!({"BaselineTimePeriod": period("2026-08-01", "2026-10-01")}), "BaselineTimePeriod must start and end on the first day of a month");
    ask(json!({"ComparisonTimePeriod": period("2026-10-02", "2026-11-02")}), "ComparisonTimePeriod must start and end on the first day of a month");
    ask(json!({"MetricForComparison": "Cost"}), "Metric Cost is invalid.");
    ask(json!({"GroupBy": [{"Type": "PRODUCT_ATTRIBUTE", "Key": "model"}]}), "Group Definition type is invalid.");
    ask(json!({"BaselineTimePeriod": null}), "Value null at 'baselineTimePeriod'");
}

#[test]
fn cost_explorer_anomalies() {
    let ask = |changes: Value, want: &str| {
        let base = json!({"DateInterval": {"StartDate": "2026-10-01", "EndDate": "2026-11-01"}});
        check(Service::CostExplorer, "GetAnomalies", with(&base, changes), want);
    };
    ask(json!({}), "");
    ask(json!({"DateInterval": {"StartDate": "2026-10-01"}}), "");
    ask(json!({"DateInterval": {"StartDate": "2026-10-01", "EndDate": "2026-10-01"}}), "");
    ask(json!({"DateInterval": {"StartDate": "2026-10-02", "EndDate": "2026-10-01"}}), "Start date should be before or equal to end date");
    ask(json!({"DateInterval": {"StartDate": "2026-10-32"}}), "StartDate 2026-10-32 is invalid.");
    ask(json!({"TotalImpact": {"NumericOperator": "GREATER_THAN", "StartValue": 100}}), "");
    ask(json!({"TotalImpact": {"NumericOperator": "BETWEEN", "StartValue": 100}}), "EndValue is required");
    ask(json!({"TotalImpact": {"NumericOperator": "ABOUT", "StartValue": 100}}), "at 'totalImpact.numericOperator' failed to satisfy constraint");
    ask(json!({"TotalImpact": {"NumericOperator": "EQUAL"}}), "Value null at 'totalImpact.startValue'");
    ask(json!({"filters": {"service": "Bedrock"}}), "");
}

#[test]
fn cloudwatch_statistics() {
    // 2026-11-22T12:00:00Z is 1,795,348,800.
    let now = 1_795_348_800;
    let day = 86_400;
    let ask = |changes: Value, want: &str| {
        let base = json!({
            "Namespace": "AWS/Bedrock", "MetricName": "InputTokenCount",
            "StartTime": now - 14 * day, "EndTime": now, "Period": 3600, "Statistics": ["Sum"],
        });
        check(Service::CloudWatch, "GetMetricStatistics", with(&base, changes), want);
    };
    ask(json!({}), "");
    ask(json!({"Period": null}), "MissingRequiredParameterException: The parameter Period is required.");
    ask(json!({"Namespace": ":x"}), "at 'namespace' failed to satisfy constraint");
    ask(json!({"Statistics": null}), "InvalidParameterCombinationException: At least one of the parameters Statistics and ExtendedStatistics must be specified.");
    ask(json!({"ExtendedStatistics": ["p95"]}), "InvalidParameterCombinationException: The parameters Statistics and ExtendedStatistics");
    ask(json!({"Statistics": null, "ExtendedStatistics": ["p95", "tm90", "TM(10%:90%)", "PR(:300)", "IQM"]}), "");
    ask(json!({"Statistics": null, "ExtendedStatistics": ["p101"]}), "not a valid statistic");
    ask(json!({"Statistics": null, "ExtendedStatistics": ["median"]}), "not a valid statistic");
    ask(json!({"Statistics": ["Median"]}), "at 'statistics' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set");
    ask(json!({"Statistics": []}), "at 'statistics' failed to satisfy constraint: Member must have length greater than or equal to 1");
    ask(json!({"StartTime": now, "EndTime": now}), "InvalidParameterValueException: The parameter StartTime must be less than the parameter EndTime.");
    ask(json!({"Period": 90}), "InvalidParameterValueException: The parameter Period must be");
    ask(json!({"Period": 0}), "at 'period' failed to satisfy constraint: Member must have value greater than or equal to 1");
    ask(json!({"Period": "3600"}), "SerializationException: STRING_VALUE can not be converted to an Integer");
    ask(json!({"Period": 60, "StartTime": now - day}), "");
    ask(json!({"Period": 60, "StartTime": now - day - 60}), "InvalidParameterCombinationException: You have requested up to 1441 datapoints, which exceeds the limit of 1440.");
    ask(json!({"Period": 1, "StartTime": now - 600}), "");
    ask(json!({"Period": 1, "StartTime": now - 4 * 3600, "EndTime": now - 4 * 3600 + 600}), "multiple of 60 for the given StartTime");
    ask(json!({"Period": 60, "StartTime": now - 16 * day, "EndTime": now - 16 * day + 3600}), "multiple of 300 for the given StartTime");
    ask(json!({"Period": 300, "StartTime": now - 16 * day, "EndTime": now - 16 * day + 3600}), "");
    ask(json!({"Period": 300, "StartTime": now - 64 * day, "EndTime": now - 64 * day + 3600}), "multiple of 3600 for the given StartTime");
    ask(json!({"Period": 3600, "StartTime": now - 500 * day, "EndTime": now - 470 * day}), "");
}

#[test]
fn cloudwatch_metric_data() {
    let now = 1_795_348_800;
    let stat = json!({"Metric": {"Namespace": "AWS/Bedrock", "MetricName": "Invocations"}, "Period": 3600, "Stat": "Sum"});
    let ask = |queries: Value, want: &str| {
        let input =
            json!({"StartTime": now - 86_400, "EndTime": now, "MetricDataQueries": queries});
        check(Service::CloudWatch, "GetMetricData", input, want);
    };
    ask(json!([{"Id": "a", "MetricStat": stat}, {"Id": "b", "Expression": "a / 2"}]), "");
    ask(json!([]), "The parameter MetricDataQueries is required.");
    ask(json!([{"MetricStat": stat}]), "MissingRequiredParameterException: The parameter MetricDataQueries.member.1.Id is required.");
    ask(json!([{"Id": "A", "MetricStat": stat}]), "The value A for parameter MetricDataQueries.member.1.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.");
    ask(json!([{"Id": "a", "MetricStat": stat}, {"Id": "a", "MetricStat": stat}]), "not unique");
    ask(json!([{"Id": "a"}]), "must be specified");
    ask(json!([{"Id": "a", "MetricStat": stat, "Expression": "1"}]), "mutually exclusive");
    ask(json!([{"Id": "a", "MetricStat": with(&stat, json!({"Stat": "Total"}))}]), "The value Total for parameter MetricDataQueries.member.1.MetricStat.Stat is not a valid statistic.");
    ask(json!([{"Id": "a", "MetricStat": with(&stat, json!({"Stat": "p99.9"}))}]), "");
    ask(json!([{"Id": "a", "MetricStat": with(&stat, json!({"Period": 61}))}]), "multiple of 60");
    ask(json!([{"Id": "a", "MetricStat": with(&stat, json!({"Metric": {"Namespace": "AWS/Bedrock"}}))}]), "MetricStat.Metric.MetricName is required");
    ask(json!([{"Id": "a", "MetricStat": stat, "ReturnData": false}]), "ReturnData");
    let select = |id: &str| json!({"Id": id, "Expression": "SELECT SUM(Invocations) FROM \"AWS/Bedrock\"", "Period": 3600});
    ask(json!([select("a")]), "");
    ask(json!([select("a"), select("b")]), "only one Metrics Insights query");
    let many = |count: usize| -> Value {
        (0..count)
            .map(|n| json!({"Id": format!("m{n}"), "MetricStat": stat}))
            .collect()
    };
    ask(many(500), "");
    ask(many(501), "must not have a size greater than 500");
    let old =
        json!({"StartTime": now - 20 * 86_400, "EndTime": now, "MetricDataQueries": [select("a")]});
    check(Service::CloudWatch, "GetMetricData", old, "past two weeks");
}

#[test]
fn cloudwatch_alarms() {
    let ask = |input: Value, want: &str| check(Service::CloudWatch, "DescribeAlarms", input, want);
    ask(json!({}), "");
    ask(json!({"AlarmNamePrefix": "Bedrock-TokenUsage", "StateValue": "ALARM", "AlarmTypes": ["CompositeAlarm"]}), "");
    ask(json!({"AlarmNames": ["a"], "AlarmNamePrefix": "a"}), "InvalidParameterCombinationException: AlarmNames and AlarmNamePrefix");
    ask(json!({"StateValue": "alarm"}), "Member must satisfy enum value set: [OK, ALARM, INSUFFICIENT_DATA]");
    ask(json!({"MaxRecords": 101}), "Value '101' at 'maxRecords' failed to satisfy constraint: Member must have value less than or equal to 100");
    ask(json!({"ChildrenOfAlarmName": "a", "StateValue": "OK"}), "ChildrenOfAlarmName cannot be used");
}

#[test]
fn price_list() {
    let ask = |changes: Value, want: &str| {
        let base = json!({"ServiceCode": "AmazonBedrock", "FormatVersion": "aws_v1"});
        check(Service::Pricing, "GetProducts", with(&base, changes), want);
    };
    let filters = |count: usize| -> Value {
        (0..count)
            .map(|_| json!({"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"}))
            .collect()
    };
    ask(json!({"Filters": filters(50), "MaxResults": 100}), "");
    ask(json!({"Filters": filters(51)}), "at 'filters' failed to satisfy constraint: Member must have length less than or equal to 50");
    ask(json!({"MaxResults": 101}), "InvalidParameterException: 1 validation error detected: Value '101' at 'maxResults'");
    ask(json!({"ServiceCode": null}), "InvalidParameterException: Input Parameters are invalid. serviceCode cannot be null or empty");
    ask(json!({"ServiceCode": "Compute Instance"}), "InvalidParameterException: ServiceCode can only contain a-z, A-Z, 0-9");
    ask(json!({"FormatVersion": "aws_v2"}), "formatVersion aws_v2 is not supported");
    ask(json!({"Filters": [{"Type": "LIKE", "Field": "a", "Value": "b"}]}), "at 'filters.1.member.type'");
    let list = json!({"ServiceCode": "AmazonBedrock", "EffectiveDate": 1_795_348_800, "CurrencyCode": "USD"});
    check(Service::Pricing, "ListPriceLists", list.clone(), "");
    check(Service::Pricing, "ListPriceLists", with(&list, json!({"CurrencyCode": "usd"})), "at 'currencyCode' failed to satisfy constraint");
    check(Service::Pricing, "ListPriceLists", with(&list, json!({"EffectiveDate": null})), "effectiveDate cannot be null or empty");
}

#[test]
fn budgets() {
    let ask = |input: Value, want: &str| check(Service::Budgets, "DescribeBudgets", input, want);
    ask(json!({"AccountId": "111122223333"}), "");
    ask(json!({"AccountId": "111122223333", "MaxResults": 1000, "ShowFilterExpression": true}), "");
    ask(json!({"AccountId": "111122223333", "MaxResults": 1001}), "InvalidParameterException: 1 validation error detected: Value '1001' at 'maxResults'");
    ask(json!({}), "Value null at 'accountId' failed to satisfy constraint: Member must not be null");
    ask(json!({"AccountId": "11112222333"}), "at 'accountId' failed to satisfy constraint");
    ask(json!({"AccountId": "444455556666"}), "AccessDeniedException");
    ask(json!({"AccountId": 111_122_223_333_u64}), "SerializationException: NUMBER_VALUE can not be converted to a String");
    let history = json!({"AccountId": "111122223333", "BudgetName": "a:b"});
    check(Service::Budgets, "DescribeBudgetPerformanceHistory", history, "at 'budgetName' failed to satisfy constraint");
}

#[test]
fn bedrock() {
    let list =
        |input: Value, want: &str| check(Service::Bedrock, "ListFoundationModels", input, want);
    list(json!({"byProvider": "Anthropic", "byInferenceType": "ON_DEMAND"}), "");
    list(json!({"byInferenceType": "BATCH"}), "at 'byInferenceType' failed to satisfy constraint");
    check(Service::Bedrock, "ListInferenceProfiles", json!({"maxResults": 1001}), "less than or equal to 1000");
    let message = json!({"messages": [{"role": "user", "content": [{"text": "hello"}]}]});
    let count =
        |input: Value, want: &str| check(Service::BedrockRuntime, "CountTokens", input, want);
    let model = "anthropic.claude-sonnet-4-20250514-v1:0";
    count(json!({"modelId": model, "input": {"converse": message}}), "");
    count(json!({"modelId": model, "input": {}}), "ValidationException");
    count(json!({"modelId": model, "input": {"invokeModel": {"body": "not base64!"}}}), "SerializationException");
    count(json!({"modelId": model, "input": {"converse": {"messages": [{"role": "robot", "content": []}]}}}), "at 'input.converse.messages.1.member.role' failed to satisfy constraint");
}

#[test]
fn metric_names_reach_the_ledger_in_one_spelling() {
    let input = json!({"TimePeriod": period("2026-10-01", "2026-11-01"), "Granularity": "MONTHLY",
        "Metrics": ["UNBLENDED_COST", "UsageQuantity"]});
    let got = asked(
        Service::CostExplorer,
        "GetCostAndUsage",
        input,
        OptIns::default(),
    )
    .unwrap();
    assert_eq!(got["Metrics"], json!(["UnblendedCost", "UsageQuantity"]));
}
