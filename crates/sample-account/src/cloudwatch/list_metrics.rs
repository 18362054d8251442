//! `ListMetrics`: the metrics that had data in the last two weeks.

use serde_json::{Value, json};

use super::series::{Metric, metrics};
use super::{elements, paged, text, with_token};
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::place::Account;

/// Metrics on a page (API reference, 2026-11-22).
const PAGE: usize = 500;
const TWO_WEEKS: i64 = 14 * 86_400;
const THREE_HOURS: i64 = 3 * 3_600;

pub(super) fn answer(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    let now = ledger.as_of().as_second();
    let reach = match text(input, "RecentlyActive") {
        Some(_) => THREE_HOURS,
        None => TWO_WEEKS,
    };
    let found: Vec<Value> = metrics(ledger, region)
        .iter()
        .filter(|metric| is_asked_for(metric, input))
        .filter(|metric| metric.has_data(ledger, now - reach, now))
        .map(shown)
        .collect();
    let (found, token) = paged("ListMetrics", input, PAGE, found)?;
    let mut answer = json!({ "Metrics": found });
    let linked = input.get("IncludeLinkedAccounts").and_then(Value::as_bool);
    if linked == Some(true)
        && let Some(members) = answer.as_object_mut()
    {
        let owners = vec![Account::PAYER.id(); found.len()];
        members.insert("OwningAccounts".to_owned(), owners.into());
    }
    Ok(with_token(answer, token))
}

fn is_asked_for(metric: &Metric<'_>, input: &Value) -> bool {
    text(input, "Namespace").is_none_or(|namespace| namespace == metric.namespace)
        && text(input, "MetricName").is_none_or(|name| name == metric.name)
        && text(input, "OwningAccount").is_none_or(|account| account == Account::PAYER.id())
        && elements(input, "Dimensions").all(|filter| {
            metric.dimensions.iter().any(|(name, value)| {
                text(filter, "Name") == Some(name)
                    && text(filter, "Value").is_none_or(|wanted| wanted == value)
            })
        })
}

/// A metric as the API shows it.
pub(super) fn shown(metric: &Metric<'_>) -> Value {
    let dimensions: Vec<Value> = metric
        .dimensions
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect();
    json!({
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": dimensions,
    })
}
