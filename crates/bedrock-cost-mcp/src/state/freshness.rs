//! How long an answer of AWS may be given again, by what was asked.

use jiff::civil::Date;
use serde_json::Value;
use std::time::Duration;

/// Charges of a period that AWS may still change.
///
/// AWS refreshes billing data up to three times a day (Cost Explorer best practices, read 2026-11-22), so that an answer
/// is old after eight hours.
const OPEN_PERIOD: Duration = Duration::from_hours(8);
/// Charges of a period that is closed. They change through late credits and refunds only.
const CLOSED_PERIOD: Duration = Duration::from_hours(14 * 24);
/// Days after its end from which a period counts as closed, where AWS does not mark it as estimated. AWS closes a month
/// within days of its end.
const DAYS_TO_CLOSE: i32 = 10;
/// What somebody set up, such as anomaly monitors. Whoever changes it asks soon after whether it worked.
const SETTINGS: Duration = Duration::from_hours(1);
/// List prices. They change a few times a month, and each answer says the date it was read.
const PRICE_LIST: Duration = Duration::from_hours(3 * 24);
/// Metrics. A minute's value is complete a few minutes later.
const METRICS: Duration = Duration::from_mins(5);
/// How long AWS is trusted to take the token of a next page. A page that names one is given again after this time only
/// together with all pages that follow it: nothing of AWS says how long a token holds, and pages read apart may not fit.
pub(super) const TOKEN: Duration = Duration::from_mins(10);

/// What an operation answers, which decides how long the answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Charges and everything drawn from them.
    Charges,
    Settings,
    PriceList,
    Metrics,
}

/// Every operation whose answers are kept: those that are billed, and those that are slow.
///
/// What is free and quick, or is asked to see that something changed, is always asked: alarms, budgets, identity.
const KEPT: [(&str, &str, Subject); 18] = [
    ("Cost Explorer", "GetCostAndUsage", Subject::Charges),
    (
        "Cost Explorer",
        "GetCostAndUsageWithResources",
        Subject::Charges,
    ),
    ("Cost Explorer", "GetDimensionValues", Subject::Charges),
    ("Cost Explorer", "GetTags", Subject::Charges),
    ("Cost Explorer", "GetCostCategories", Subject::Charges),
    ("Cost Explorer", "GetCostForecast", Subject::Charges),
    ("Cost Explorer", "GetUsageForecast", Subject::Charges),
    (
        "Cost Explorer",
        "GetCostAndUsageComparisons",
        Subject::Charges,
    ),
    (
        "Cost Explorer",
        "GetCostComparisonDrivers",
        Subject::Charges,
    ),
    ("Cost Explorer", "GetAnomalies", Subject::Charges),
    ("Cost Explorer", "GetAnomalyMonitors", Subject::Settings),
    (
        "Cost Explorer",
        "GetAnomalySubscriptions",
        Subject::Settings,
    ),
    ("Pricing", "GetProducts", Subject::PriceList),
    ("Pricing", "GetAttributeValues", Subject::PriceList),
    ("Pricing", "DescribeServices", Subject::PriceList),
    ("CloudWatch", "GetMetricData", Subject::Metrics),
    ("CloudWatch", "GetMetricStatistics", Subject::Metrics),
    ("CloudWatch", "ListMetrics", Subject::Metrics),
];

impl Subject {
    /// What an operation answers; none where its answers are not kept.
    pub(crate) fn of(service: &str, operation: &str) -> Option<Self> {
        KEPT.iter()
            .find(|(of, name, _)| *of == service && *name == operation)
            .map(|(_, _, subject)| *subject)
    }

    /// How long an answer holds. Request and answer are those of JSON services; `today` is in UTC.
    pub(crate) fn holds(self, request: &Value, answer: &Value, today: Date) -> Duration {
        match self {
            Self::Charges => {
                let closed = last_day(request).is_some_and(|end| {
                    end.until(today)
                        .is_ok_and(|since| since.get_days() >= DAYS_TO_CLOSE)
                });
                if closed && !is_estimated(answer) {
                    CLOSED_PERIOD
                } else {
                    OPEN_PERIOD
                }
            }
            Self::Settings => SETTINGS,
            Self::PriceList => PRICE_LIST,
            Self::Metrics => METRICS,
        }
    }
}

/// The latest end of the periods in a request to Cost Explorer.
fn last_day(request: &Value) -> Option<Date> {
    let ends = [
        ("TimePeriod", "End"),
        ("BaselineTimePeriod", "End"),
        ("ComparisonTimePeriod", "End"),
        ("DateInterval", "EndDate"),
    ];
    ends.iter()
        .filter_map(|(period, end)| request.get(period)?.get(end)?.as_str())
        .filter_map(|end| end.get(..10)?.parse().ok())
        .max()
}

/// True where AWS says of any part that it is not final.
fn is_estimated(answer: &Value) -> bool {
    answer
        .get("ResultsByTime")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|part| part.get("Estimated").and_then(Value::as_bool) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    #[track_caller]
    fn check(subject: Subject, request: &Value, answer: &Value, expected: Duration) {
        let today = date(2024, 12, 15);
        assert_eq!(subject.holds(request, answer, today), expected, "{request}");
    }

    fn period(start: &str, end: &str) -> Value {
        json!({"TimePeriod": {"Start": start, "End": end}})
    }

    #[test]
    fn closed_months_hold_for_weeks_and_the_open_period_for_hours() {
        let hours = Duration::from_hours(8);
        let weeks = Duration::from_hours(336);
        let final_part = json!({"ResultsByTime": [{"Estimated": false}]});
        let open_part = json!({"ResultsByTime": [{"Estimated": false}, {"Estimated": true}]});
        let november = period("2024-11-01", "2024-12-01");
        check(Subject::Charges, &november, &final_part, weeks);
        check(Subject::Charges, &november, &open_part, hours);
        check(Subject::Charges, &november, &json!({}), weeks);
        // Ten days have to pass: the sixth is nine days ago, the fifth ten.
        let almost = period("2024-12-01", "2024-12-06");
        check(Subject::Charges, &almost, &final_part, hours);
        let just = period("2024-12-01T00:00:00Z", "2024-12-05T00:00:00Z");
        check(Subject::Charges, &just, &final_part, weeks);
        let to_come = period("2024-12-15", "2025-01-01");
        check(Subject::Charges, &to_come, &json!({}), hours);
        check(Subject::Charges, &json!({}), &json!({}), hours);
        let two = json!({
            "BaselineTimePeriod": {"Start": "2024-10-01", "End": "2024-11-01"},
            "ComparisonTimePeriod": {"Start": "2024-12-01", "End": "2025-01-01"},
        });
        check(Subject::Charges, &two, &json!({}), hours);
        let anomalies =
            json!({"DateInterval": {"StartDate": "2024-10-01", "EndDate": "2024-10-31"}});
        check(Subject::Charges, &anomalies, &json!({}), weeks);
    }

    #[test]
    fn only_reads_that_cost_money_or_time_are_kept() {
        for (service, operation, expected) in [
            ("Cost Explorer", "GetCostAndUsage", Some(Subject::Charges)),
            (
                "Cost Explorer",
                "GetAnomalyMonitors",
                Some(Subject::Settings),
            ),
            ("Pricing", "GetProducts", Some(Subject::PriceList)),
            ("CloudWatch", "GetMetricData", Some(Subject::Metrics)),
            ("CloudWatch", "DescribeAlarms", None),
            ("Budgets", "DescribeBudgets", None),
            ("STS", "GetCallerIdentity", None),
            ("Cost Explorer", "CreateAnomalyMonitor", None),
            ("CloudWatch", "GetCostAndUsage", None),
        ] {
            assert_eq!(Subject::of(service, operation), expected, "{operation}");
        }
    }
}
