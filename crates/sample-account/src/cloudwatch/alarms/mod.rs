//! Alarms: what watches the metrics, in which state, and how it came there.

mod definitions;
mod evaluate;

use serde_json::{Value, json};

use self::definitions::{ALARMS, Alarm, COMPOSITES, Composite, Watch};
use self::evaluate::{Course, State, course, state_now};
use super::{integer, paged, seconds, text, texts, with_token};
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::place::Account;

/// Alarms on a page where the request names no number (API reference, 2026-11-22).
const PAGE: usize = 50;

/// An alarm that passed the filters.
enum Found {
    Metric(&'static Alarm),
    Composite(&'static Composite, State),
}

impl Found {
    fn name(&self) -> &'static str {
        match self {
            Self::Metric(alarm) => alarm.name,
            Self::Composite(composite, _) => composite.name,
        }
    }
}

pub(super) fn describe(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    let size = integer(input, "MaxRecords").and_then(|size| usize::try_from(size).ok());
    let found = find(ledger, region, input);
    let (page, token) = paged("DescribeAlarms", input, size.unwrap_or(PAGE), found)?;
    let mut metric_alarms = Vec::new();
    let mut composite_alarms = Vec::new();
    for one in page {
        match one {
            Found::Metric(alarm) => metric_alarms.push(shown(ledger, alarm)),
            Found::Composite(composite, state) => {
                composite_alarms.push(shown_composite(ledger, composite, state));
            }
        }
    }
    let answer = json!({ "MetricAlarms": metric_alarms, "CompositeAlarms": composite_alarms });
    Ok(with_token(answer, token))
}

/// The alarms that a request asks for, by name.
fn find(ledger: &Ledger, region: &str, input: &Value) -> Vec<Found> {
    let types = texts(input, "AlarmTypes");
    // Only metric alarms are described unless the request says otherwise.
    let with_metric = types.is_empty() || types.contains(&"MetricAlarm");
    let with_composite = types.contains(&"CompositeAlarm");
    let names = texts(input, "AlarmNames");
    let prefix = text(input, "AlarmNamePrefix").unwrap_or_default();
    let action = text(input, "ActionPrefix");
    let state = text(input, "StateValue");
    let children = text(input, "ChildrenOfAlarmName");
    let parents = text(input, "ParentsOfAlarmName");
    let is_named = |name: &str| {
        (names.is_empty() || names.contains(&name))
            && name.starts_with(prefix)
            && children.is_none_or(|parent| {
                COMPOSITES
                    .iter()
                    .any(|composite| composite.name == parent && composite.children.contains(&name))
            })
            && parents.is_none_or(|child| {
                COMPOSITES
                    .iter()
                    .any(|composite| composite.name == name && composite.children.contains(&child))
            })
    };
    let is_in = |found: State| state.is_none_or(|state| state == found.name());
    let with_relatives = children.is_some() || parents.is_some();
    let mut found = Vec::new();
    if with_metric || with_relatives {
        for alarm in ALARMS {
            let acts = action.is_none_or(|prefix| topic(alarm.region).starts_with(prefix));
            let exists = alarm.region == region && alarm.made <= ledger.today();
            let is_asked = exists && acts && is_named(alarm.name);
            if is_asked && (state.is_none() || is_in(state_now(ledger, alarm))) {
                found.push(Found::Metric(alarm));
            }
        }
    }
    if with_composite || with_relatives {
        for composite in COMPOSITES {
            let acts = action.is_none_or(|prefix| topic(composite.region).starts_with(prefix));
            let exists = composite.region == region && composite.made <= ledger.today();
            if exists && acts && is_named(composite.name) {
                let now = composite_state(ledger, composite);
                if is_in(now) {
                    found.push(Found::Composite(composite, now));
                }
            }
        }
    }
    found.sort_by_key(Found::name);
    found
}

fn children(composite: &Composite) -> impl Iterator<Item = &'static Alarm> {
    ALARMS
        .iter()
        .filter(|alarm| composite.children.contains(&alarm.name))
}

/// A composite alarm is in alarm as soon as one of its children is.
fn composite_state(ledger: &Ledger, composite: &Composite) -> State {
    let is_alarm = children(composite).any(|alarm| state_now(ledger, alarm) == State::Alarm);
    if is_alarm { State::Alarm } else { State::Ok }
}

fn topic(region: &str) -> String {
    format!("arn:aws:sns:{region}:{}:finops-alerts", Account::PAYER.id())
}

fn arn(region: &str, name: &str) -> String {
    format!(
        "arn:aws:cloudwatch:{region}:{}:alarm:{name}",
        Account::PAYER.id()
    )
}

fn shown(ledger: &Ledger, alarm: &Alarm) -> Value {
    let Course {
        state,
        since,
        reason,
        data,
        ..
    } = course(ledger, alarm);
    let mut shown = json!({
        "AlarmName": alarm.name,
        "AlarmArn": arn(alarm.region, alarm.name),
        "AlarmDescription": alarm.description,
        "AlarmConfigurationUpdatedTimestamp": alarm.made.start().as_second(),
        "ActionsEnabled": true,
        "OKActions": [],
        "AlarmActions": [topic(alarm.region)],
        "InsufficientDataActions": [],
        "StateValue": state.name(),
        "StateReason": reason,
        "StateReasonData": data,
        "StateUpdatedTimestamp": since,
        "StateTransitionedTimestamp": since,
        "EvaluationPeriods": alarm.periods,
        "DatapointsToAlarm": alarm.breaching_periods,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison.name(),
        "TreatMissingData": alarm.missing.name(),
    });
    if let Some(members) = shown.as_object_mut() {
        match alarm.watch {
            Watch::Metric {
                namespace,
                metric,
                statistic,
                dimensions,
            } => {
                let dimensions: Vec<Value> = dimensions
                    .iter()
                    .map(|(name, value)| json!({ "Name": name, "Value": value }))
                    .collect();
                members.insert("MetricName".to_owned(), metric.into());
                members.insert("Namespace".to_owned(), namespace.into());
                let kind = if statistic.starts_with('p') {
                    "ExtendedStatistic"
                } else {
                    "Statistic"
                };
                members.insert(kind.to_owned(), statistic.into());
                members.insert("Dimensions".to_owned(), dimensions.into());
                members.insert("Period".to_owned(), alarm.period.into());
            }
            Watch::Expression { .. } => {
                members.insert("Metrics".to_owned(), alarm.queries());
            }
        }
    }
    shown
}

fn shown_composite(ledger: &Ledger, composite: &Composite, state: State) -> Value {
    let courses: Vec<(&Alarm, Course)> = children(composite)
        .map(|alarm| (alarm, course(ledger, alarm)))
        .collect();
    let since = courses.iter().map(|(_, course)| course.since).max();
    let since = since.unwrap_or_else(|| composite.made.start().as_second());
    let cause = courses.iter().find(|(_, course)| course.state == state);
    let reason = cause.map_or_else(
        || "no child alarm changed its state".to_owned(),
        |(alarm, course)| {
            format!(
                "{} transitioned to {} at {}",
                arn(alarm.region, alarm.name),
                state.name(),
                evaluate::stamp(course.since)
            )
        },
    );
    json!({
        "AlarmName": composite.name,
        "AlarmArn": arn(composite.region, composite.name),
        "AlarmDescription": composite.description,
        "AlarmConfigurationUpdatedTimestamp": composite.made.start().as_second(),
        "ActionsEnabled": true,
        "OKActions": [],
        "AlarmActions": [topic(composite.region)],
        "InsufficientDataActions": [],
        "AlarmRule": composite.rule(),
        "StateValue": state.name(),
        "StateReason": reason,
        "StateUpdatedTimestamp": since,
        "StateTransitionedTimestamp": since,
    })
}

/// What happened to the alarms of a region in the last 30 days, the newest first.
pub(super) fn history(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    let types = texts(input, "AlarmTypes");
    let is_asked = types.is_empty() || types.contains(&"MetricAlarm");
    let mut items: Vec<(i64, Value)> = Vec::new();
    for alarm in ALARMS {
        let is_named = text(input, "AlarmName").is_none_or(|name| name == alarm.name);
        if !is_asked || !is_named || alarm.region != region || alarm.made > ledger.today() {
            continue;
        }
        let transitions = course(ledger, alarm).transitions;
        items.extend(transitions.iter().map(|change| {
            let summary = format!(
                "Alarm updated from {} to {}",
                change.from.name(),
                change.to.name()
            );
            (
                change.at,
                item(alarm, change.at, "StateUpdate", &summary, &change.data),
            )
        }));
        items.extend(transitions.iter().filter(|c| c.to == State::Alarm).map(|change| {
            let summary = format!("Successfully executed action {}", topic(alarm.region));
            let data = json!({ "actionState": "Succeeded", "notificationResource": topic(alarm.region) });
            (change.at, item(alarm, change.at, "Action", &summary, &data.to_string()))
        }));
    }
    let kind = text(input, "HistoryItemType");
    let from = seconds(input, "StartDate");
    let to = seconds(input, "EndDate");
    items.retain(|(at, item)| {
        kind.is_none_or(|kind| text(item, "HistoryItemType") == Some(kind))
            && from.is_none_or(|from| from <= *at)
            && to.is_none_or(|to| *at <= to)
    });
    items.sort_by_key(|(at, _)| *at);
    if text(input, "ScanBy") != Some("TimestampAscending") {
        items.reverse();
    }
    let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    let size = integer(input, "MaxRecords").and_then(|size| usize::try_from(size).ok());
    let (items, token) = paged("DescribeAlarmHistory", input, size.unwrap_or(PAGE), items)?;
    Ok(with_token(json!({ "AlarmHistoryItems": items }), token))
}

fn item(alarm: &Alarm, at: i64, kind: &str, summary: &str, data: &str) -> Value {
    json!({
        "AlarmName": alarm.name,
        "AlarmType": "MetricAlarm",
        "Timestamp": at,
        "HistoryItemType": kind,
        "HistorySummary": summary,
        "HistoryData": data,
    })
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap or index fails the test"
)]
mod tests;
