//! Cost anomalies: found in the ledger the way the service finds them, not written down.
//!
//! A service's day is unusual when it costs at least twice and 50 USD more than the median of
//! the two weeks before; unusual days in a row are one anomaly.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::expression::{list, text};
use super::forecast::median;
use super::page::Pager;
use super::period::{date, instant};
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::calendar::{Day, noise, seed};
use crate::ledger::line::{Line, usd};
use crate::ledger::place::Account;

/// How far back anomalies are kept, in days.
const KEPT: i32 = 90;
/// The days that an unusual day is compared with.
const HISTORY: i32 = 14;
/// Days with a charge that the comparison needs; AWS asks for ten.
const NEEDED: usize = 10;
/// The root causes shown.
const CAUSES: usize = 10;

const SERVICE_MONITOR: &str =
    "arn:aws:ce::111122223333:anomalymonitor/5f0f1f1e-2f6c-4a0b-9b35-7c1d0f7f4a11";
const TEAM_MONITOR: &str =
    "arn:aws:ce::111122223333:anomalymonitor/b4b9a7d2-83a5-4f9c-8b0e-21c6f3e86d02";
const SUBSCRIPTION: &str =
    "arn:aws:ce::111122223333:anomalysubscription/0c6c2f9a-57d1-4f43-9d0e-6f5f5a3d9e31";

/// Unusual days of one service in a row.
#[derive(Debug)]
struct Anomaly {
    service: String,
    first: Day,
    last: Day,
    max_impact: Decimal,
    actual: Decimal,
    expected: Decimal,
}

impl Anomaly {
    fn impact(&self) -> Decimal {
        self.actual - self.expected
    }
}

pub(super) fn anomalies(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    let interval = input.get("DateInterval").unwrap_or(&Value::Null);
    let day = |member: &str| -> Result<Option<Day>, Fault> {
        text(interval, member)
            .map(|text| instant(text).map(|instant| Day::of(instant).0))
            .transpose()
    };
    let start = day("StartDate")?.unwrap_or(Day(0));
    // The end date belongs to the interval.
    let end = day("EndDate")?.unwrap_or_else(|| ledger.today());
    let monitor = text(input, "MonitorArn").unwrap_or(SERVICE_MONITOR);
    let found = if monitor == SERVICE_MONITOR && input.get("Feedback").is_none() {
        detect(ledger)
    } else {
        // The other monitor's team spent nothing unusual, and nobody gave feedback.
        Vec::new()
    };
    let shown: Vec<Value> = found
        .into_iter()
        .filter(|anomaly| anomaly.first <= end && anomaly.last >= start)
        .filter(|anomaly| passes_impact(input.get("TotalImpact"), anomaly.impact()))
        .map(|anomaly| describe(ledger, &anomaly))
        .collect();
    page("GetAnomalies", input, "Anomalies", shown)
}

pub(super) fn monitors(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    let today = date(ledger.as_of());
    let month: Vec<&str> = ledger
        .daily(ledger.today().plus(-30), ledger.today())
        .map(|charge| charge.line.service.as_str())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    let all = [
        json!({
            "MonitorArn": SERVICE_MONITOR,
            "MonitorName": "Services",
            "CreationDate": "2023-09-04",
            "LastUpdatedDate": "2023-09-04",
            "LastEvaluatedDate": today.to_string(),
            "MonitorType": "DIMENSIONAL",
            "MonitorDimension": "SERVICE",
            "DimensionalValueCount": month.len(),
        }),
        json!({
            "MonitorArn": TEAM_MONITOR,
            "MonitorName": "Content team",
            "CreationDate": "2024-09-16",
            "LastUpdatedDate": "2024-09-16",
            "LastEvaluatedDate": today.to_string(),
            "MonitorType": "CUSTOM",
            "MonitorSpecification": {
                "Tags": { "Key": "Team", "Values": ["content"], "MatchOptions": ["EQUALS"] }
            },
        }),
    ];
    let wanted: Vec<&str> = list(input, "MonitorArnList")
        .filter_map(Value::as_str)
        .collect();
    let found = pick(&all, "MonitorArn", &wanted).ok_or_else(|| {
        Fault::new(
            "UnknownMonitorException",
            "The cost anomaly monitor does not exist for the account.",
        )
    })?;
    page("GetAnomalyMonitors", input, "AnomalyMonitors", found)
}

pub(super) fn subscriptions(input: &Value) -> Result<Value, Fault> {
    let all = [json!({
        "SubscriptionArn": SUBSCRIPTION,
        "AccountId": Account::PAYER.id(),
        "MonitorArnList": [SERVICE_MONITOR, TEAM_MONITOR],
        "Subscribers": [
            { "Address": "finops@example.com", "Type": "EMAIL", "Status": "CONFIRMED" }
        ],
        "Frequency": "DAILY",
        "SubscriptionName": "FinOps daily",
        "ThresholdExpression": {
            "Dimensions": {
                "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                "Values": ["100"],
                "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
            }
        },
    })];
    let wanted: Vec<&str> = list(input, "SubscriptionArnList")
        .filter_map(Value::as_str)
        .collect();
    let mut found = pick(&all, "SubscriptionArn", &wanted).ok_or_else(|| {
        Fault::new(
            "UnknownSubscriptionException",
            "The cost anomaly subscription does not exist for the account.",
        )
    })?;
    if let Some(monitor) = text(input, "MonitorArn") {
        found.retain(|subscription| {
            list(subscription, "MonitorArnList").any(|arn| arn.as_str() == Some(monitor))
        });
    }
    page(
        "GetAnomalySubscriptions",
        input,
        "AnomalySubscriptions",
        found,
    )
}

/// The entries with the wanted ARNs, all of them if none is named; none if one is unknown.
fn pick(all: &[Value], member: &str, wanted: &[&str]) -> Option<Vec<Value>> {
    if wanted.is_empty() {
        return Some(all.to_vec());
    }
    wanted
        .iter()
        .map(|arn| {
            all.iter()
                .find(|entry| text(entry, member) == Some(*arn))
                .cloned()
        })
        .collect()
}

fn page(operation: &str, input: &Value, member: &str, all: Vec<Value>) -> Result<Value, Fault> {
    let pager = Pager::new(operation, input, "NextPageToken")?;
    let size = input
        .get("MaxResults")
        .and_then(Value::as_u64)
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(100);
    let (entries, token) = pager.cut(all, size);
    let mut answer = Map::new();
    answer.insert(member.to_owned(), Value::Array(entries));
    if let Some(token) = token {
        answer.insert("NextPageToken".to_owned(), json!(token));
    }
    Ok(Value::Object(answer))
}

/// The days of a window in order, with a value for each.
fn series<'a, K: Ord>(
    ledger: &'a Ledger,
    from: Day,
    to: Day,
    key: impl Fn(&'a Line) -> Option<K>,
) -> BTreeMap<K, Vec<Decimal>> {
    let length = usize::try_from(to.0 - from.0).unwrap_or(0);
    let mut all: BTreeMap<K, Vec<i128>> = BTreeMap::new();
    for charge in ledger
        .daily(from, to)
        .filter(|charge| charge.line.record_type == "Usage")
    {
        let Some(key) = key(charge.line) else {
            continue;
        };
        let days = all.entry(key).or_insert_with(|| vec![0; length]);
        let index = usize::try_from(charge.day.0 - from.0).unwrap_or(usize::MAX);
        if let Some(day) = days.get_mut(index) {
            *day += charge.pico_usd;
        }
    }
    all.into_iter()
        .map(|(key, days)| (key, days.into_iter().map(usd).collect()))
        .collect()
}

fn detect(ledger: &Ledger) -> Vec<Anomaly> {
    let to = Day::of(ledger.billed_until()).0;
    let from = to.plus(-KEPT - HISTORY);
    let history = usize::try_from(HISTORY).unwrap_or(0);
    let mut found = Vec::new();
    for (service, days) in series(ledger, from, to, |line| Some(line.service.as_str())) {
        let mut open: Option<Anomaly> = None;
        for (index, window) in days.windows(history + 1).enumerate() {
            let Some((actual, before)) = window.split_last() else {
                continue;
            };
            let day = from.plus(HISTORY + i32::try_from(index).unwrap_or(0));
            let seen = before.iter().filter(|value| !value.is_zero()).count();
            let expected = median(before.to_vec());
            let impact = actual - expected;
            let unusual =
                seen >= NEEDED && *actual >= expected * Decimal::TWO && impact >= Decimal::from(50);
            if !unusual {
                found.extend(open.take());
                continue;
            }
            let anomaly = open.get_or_insert_with(|| Anomaly {
                service: service.to_owned(),
                first: day,
                last: day,
                max_impact: Decimal::ZERO,
                actual: Decimal::ZERO,
                expected: Decimal::ZERO,
            });
            anomaly.last = day;
            anomaly.max_impact = anomaly.max_impact.max(impact);
            anomaly.actual += *actual;
            anomaly.expected += expected;
        }
        found.extend(open);
    }
    found.sort_by_key(|anomaly| std::cmp::Reverse(anomaly.first));
    found
}

fn passes_impact(filter: Option<&Value>, impact: Decimal) -> bool {
    let Some(filter) = filter else {
        return true;
    };
    let number = |member: &str| -> Option<Decimal> {
        let value = filter.get(member)?;
        value.to_string().parse().ok()
    };
    let Some(start) = number("StartValue") else {
        return true;
    };
    match text(filter, "NumericOperator") {
        Some("EQUAL") => impact == start,
        Some("GREATER_THAN_OR_EQUAL") => impact >= start,
        Some("LESS_THAN_OR_EQUAL") => impact <= start,
        Some("GREATER_THAN") => impact > start,
        Some("LESS_THAN") => impact < start,
        Some("BETWEEN") => impact >= start && number("EndValue").is_none_or(|end| impact <= end),
        _ => true,
    }
}

fn describe(ledger: &Ledger, anomaly: &Anomaly) -> Value {
    let hash = noise(
        seed(&anomaly.service),
        anomaly.first.0.unsigned_abs().into(),
    );
    let percent = if anomaly.expected.is_zero() {
        Decimal::ZERO
    } else {
        anomaly.impact() / anomaly.expected * Decimal::ONE_HUNDRED
    };
    let score = (anomaly.impact() / anomaly.actual).round_dp(2);
    json!({
        "AnomalyId": uuid(hash),
        "AnomalyStartDate": midnight(anomaly.first),
        "AnomalyEndDate": midnight(anomaly.last),
        "DimensionValue": anomaly.service,
        "RootCauses": root_causes(ledger, anomaly),
        "AnomalyScore": { "MaxScore": double(score), "CurrentScore": double(score) },
        "Impact": {
            "MaxImpact": double(anomaly.max_impact.round_dp(2)),
            "TotalImpact": double(anomaly.impact().round_dp(2)),
            "TotalActualSpend": double(anomaly.actual.round_dp(2)),
            "TotalExpectedSpend": double(anomaly.expected.round_dp(2)),
            "TotalImpactPercentage": double(percent.round_dp(2)),
        },
        "MonitorArn": SERVICE_MONITOR,
    })
}

/// The usage types, by account and region, that rose most.
fn root_causes(ledger: &Ledger, anomaly: &Anomaly) -> Vec<Value> {
    let from = anomaly.first.plus(-HISTORY);
    let history = usize::try_from(HISTORY).unwrap_or(0);
    let parts = series(ledger, from, anomaly.last.plus(1), |line| {
        (line.service == anomaly.service).then_some((
            line.account,
            line.region,
            line.usage_type.as_str(),
        ))
    });
    let mut causes: Vec<(Decimal, Value)> = Vec::new();
    for ((account, region, usage_type), days) in parts {
        let Some((before, during)) = days.split_at_checked(history) else {
            continue;
        };
        let expected = median(before.to_vec()) * Decimal::from(during.len());
        let excess = (during.iter().sum::<Decimal>() - expected).round_dp(2);
        // Less than a hundredth of the impact explains nothing.
        if excess * Decimal::ONE_HUNDRED < anomaly.impact() {
            continue;
        }
        let cause = json!({
            "Service": anomaly.service,
            "Region": region.map_or("", |region| region.code()),
            "LinkedAccount": account.id(),
            "LinkedAccountName": account.name(),
            "UsageType": usage_type,
            "Impact": { "Contribution": double(excess) },
        });
        causes.push((excess, cause));
    }
    causes.sort_by_key(|(excess, _)| std::cmp::Reverse(*excess));
    causes
        .into_iter()
        .take(CAUSES)
        .map(|(_, cause)| cause)
        .collect()
}

/// Anomalies carry instants where the rest of the service carries dates.
fn midnight(day: Day) -> String {
    format!("{}T00:00:00Z", day.date())
}

fn uuid(hash: u64) -> String {
    let rest = noise(hash, 1);
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        hash >> 32,
        hash >> 16 & 0xFFFF,
        hash & 0xFFF,
        rest >> 52,
        rest & 0xFFFF_FFFF_FFFF,
    )
}

/// A JSON number, the only form the API has for these.
fn double(value: Decimal) -> Value {
    value
        .to_string()
        .parse::<f64>()
        .map_or(Value::Null, Value::from)
}
