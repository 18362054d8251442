//! The answers add up to the ledger, page by page and group by group, in AWS's shapes.

mod insights;
mod usage;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;
use crate::ledger::line::{Line, usd};
use crate::model::MODELS;
use crate::output::broken_output;

fn ledger(as_of: &str) -> Ledger {
    Ledger::new(as_of.parse().unwrap())
}

fn now() -> Ledger {
    ledger("2026-11-22T15:30:00Z")
}

/// Asks, and checks the answer against AWS's own shape.
#[track_caller]
fn ask(ledger: &Ledger, operation: &str, input: &Value) -> Value {
    let output = answer(ledger, operation, input).unwrap();
    let model = MODELS.service("ce").unwrap();
    let shape = &model.operations.get(operation).unwrap().output;
    assert_eq!(
        broken_output(model, shape, &output),
        Vec::<String>::new(),
        "{operation}"
    );
    output
}

fn refused(ledger: &Ledger, operation: &str, input: &Value) -> String {
    answer(ledger, operation, input).unwrap_err().error_type
}

fn period(start: &str, end: &str) -> Value {
    json!({ "Start": start, "End": end })
}

fn elements<'a>(value: &'a Value, member: &str) -> &'a Vec<Value> {
    value.get(member).and_then(Value::as_array).unwrap()
}

fn amount(metrics: &Value, metric: &str) -> Decimal {
    let text = metrics
        .pointer(&format!("/{metric}/Amount"))
        .and_then(Value::as_str);
    text.unwrap().parse().unwrap()
}

fn total_of(answer: &Value) -> Decimal {
    elements(answer, "ResultsByTime")
        .iter()
        .map(|result| amount(result.get("Total").unwrap(), "UnblendedCost"))
        .sum()
}

/// The ledger's own sum of the lines that pass.
fn own_sum(ledger: &Ledger, from: Date, to: Date, pass: impl Fn(&Line) -> bool) -> Decimal {
    let charges = ledger.records(from, to).filter(|charge| pass(charge.line));
    usd(charges.map(|charge| charge.pico_usd).sum())
}

fn service(names: &[&str]) -> Value {
    json!({ "Dimensions": { "Key": "SERVICE", "Values": names } })
}
