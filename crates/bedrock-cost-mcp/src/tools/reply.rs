//! What every answer carries beside the answer itself: warnings, corrections, source and cost.

use super::arguments::quoted;
use crate::chart::Chart;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Number, Value, json};

/// Something that would mislead a reader of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Warning {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Warning {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// A change of form, never of meaning, made before AWS was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Correction {
    pub(crate) field: String,
    pub(crate) change: String,
}

impl Correction {
    pub(crate) fn new(field: impl Into<String>, change: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            change: change.into(),
        }
    }
}

impl Correction {
    /// The same change of several fields is said once.
    pub(crate) fn merged(all: Vec<Self>) -> Vec<Self> {
        let mut out: Vec<Self> = Vec::new();
        for one in all {
            match out.iter_mut().find(|before| before.change == one.change) {
                Some(before) if before.field.split(", ").any(|field| field == one.field) => {}
                Some(before) => {
                    before.field.push_str(", ");
                    before.field.push_str(&one.field);
                }
                None => out.push(one),
            }
        }
        out
    }
}

impl From<&bedrock_cost::cost_query::Correction> for Correction {
    /// What the core corrected or assumed, in words.
    fn from(made: &bedrock_cost::cost_query::Correction) -> Self {
        let change = match (made.from.is_empty(), made.to.is_empty()) {
            (true, _) => format!("assumed {}", made.to),
            (false, true) => format!("left out {}", quoted(&made.from)),
            (false, false) => format!("{} read as {}", quoted(&made.from), made.to),
        };
        Self::new(made.field, change)
    }
}

/// Where an answer came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// AWS, or the simulated account that stands for it: decided by how the server was started.
    Account,
    /// Rates, and what they were read from; the oldest was checked on this date.
    Rates { origin: String, checked: String },
    /// This program alone: neither AWS nor a rate is in the answer.
    Program,
}

/// The answer of a tool.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The tool's own fields, first in what the caller reads.
    pub(crate) answer: Map<String, Value>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) corrections: Vec<Correction>,
    pub(crate) effective_request: Option<Value>,
    pub(crate) source: Source,
    /// The answer in one line, for a person's table.
    pub(crate) headline: String,
    /// The same figures as a picture, where one was asked for.
    pub(crate) chart: Option<Chart>,
}

impl Reply {
    /// A reply from the account with only the tool's own fields.
    pub(crate) fn new(headline: impl Into<String>, answer: &impl Serialize) -> Self {
        Self {
            headline: headline.into(),
            answer: fields(answer),
            warnings: Vec::new(),
            corrections: Vec::new(),
            effective_request: None,
            source: Source::Account,
            chart: None,
        }
    }

    pub(crate) fn drawn(mut self, chart: Option<Chart>) -> Self {
        self.chart = chart;
        self
    }

    pub(crate) fn warn(mut self, warnings: impl IntoIterator<Item = Warning>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    pub(crate) fn corrected(mut self, corrections: impl IntoIterator<Item = Correction>) -> Self {
        self.corrections.extend(corrections);
        self
    }

    pub(crate) fn effective(mut self, request: Option<Value>) -> Self {
        self.effective_request = request;
        self
    }

    pub(crate) fn from(mut self, source: Source) -> Self {
        self.source = source;
        self
    }
}

/// The fields of a serializable struct, without nulls and empty lists, which cost tokens and say nothing.
pub(crate) fn fields(answer: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(answer).map(without_nothing) {
        Ok(Value::Object(object)) => object,
        Ok(other) => Map::from_iter([("answer".to_owned(), other)]),
        Err(error) => Map::from_iter([("answer_error".to_owned(), json!(error.to_string()))]),
    }
}

/// Leaves fields out that hold nothing. In a list the place counts, so that empty text stands there.
pub(crate) fn without_nothing(mut value: Value) -> Value {
    leave_out_nothing(&mut value);
    value
}

fn leave_out_nothing(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.retain(|_, value| {
            leave_out_nothing(value);
            !is_empty(value)
        }),
        Value::Array(items) => {
            for item in items {
                leave_out_nothing(item);
                if is_empty(item) {
                    *item = Value::String(String::new());
                }
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// An exact amount as JSON: a number where the digits survive every JSON reader, else the same digits as text.
///
/// A reader that uses 64-bit floats keeps 15 significant digits always and 17 sometimes.
pub(crate) fn exact(amount: Decimal) -> Value {
    let plain = amount.normalize();
    if plain.scale() == 0
        && let Ok(whole) = i64::try_from(plain.mantissa())
    {
        return json!(whole);
    }
    let text = plain.to_string();
    if let Ok(number) = serde_json::from_str::<Number>(&text)
        && (plain.mantissa().unsigned_abs() < FIFTEEN_DIGITS || survives(&number, plain))
    {
        return Value::Number(number);
    }
    Value::String(text)
}

/// Below it are numbers of at most fifteen digits.
const FIFTEEN_DIGITS: u128 = 1_000_000_000_000_000;

/// Whether a number, written as `serde_json` writes it, is still this amount.
fn survives(number: &Number, amount: Decimal) -> bool {
    written(&number.to_string()).is_ok_and(|survived| survived == amount)
}

/// Reads a number as `serde_json` writes it: what is below 0.00001 has an exponent, as in `6e-7`.
fn written(number: &str) -> Result<Decimal, rust_decimal::Error> {
    Decimal::from_str_exact(number).or_else(|_| Decimal::from_scientific(number))
}

/// An amount of money as a short answer shows it: to the cent, or to three digits where it is less than a dollar.
pub(crate) fn brief(amount: Decimal) -> Value {
    exact(if amount.abs() < Decimal::ONE {
        amount.round_sf(3).unwrap_or(amount)
    } else {
        amount.round_dp(2)
    })
}

/// A quantity as a short answer shows it: whole from a thousand on, like an amount of money below.
pub(crate) fn brief_quantity(quantity: Decimal) -> Value {
    if quantity.abs() < Decimal::ONE_THOUSAND {
        return brief(quantity);
    }
    exact(quantity.round_dp(0))
}

/// Names for a sentence: the first of them, and how many more there are.
pub(crate) fn some_of(names: &[String], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(String::as_str).collect();
    match names.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn amounts_keep_every_digit() {
        for (given, expected) in [
            ("0", "0"),
            ("375.00", "375"),
            ("0.84", "0.84"),
            ("0.000035", "0.000035"),
            ("0.0000006", "6e-7"),
            ("-0.00000875", "-8.75e-6"),
            // More digits than a 64-bit float has.
            (
                "0.000000123456789012345678",
                "\"0.000000123456789012345678\"",
            ),
            ("12345.1234567891", "12345.1234567891"),
            ("123456789.1234567891234", "\"123456789.1234567891234\""),
            ("-3.5", "-3.5"),
        ] {
            assert_eq!(
                exact(Decimal::from_str_exact(given).unwrap()).to_string(),
                expected
            );
        }
    }

    #[test]
    fn short_answers_round_what_says_nothing() {
        for (given, money, quantity) in [
            ("0", "0", "0"),
            ("4236.15912981", "4236.16", "4236"),
            ("-900", "-900", "-900"),
            ("14257480.977", "14257480.98", "14257481"),
            ("12.3456", "12.35", "12.35"),
            ("0.99999", "1", "1"),
            ("0.000123456", "0.000123", "0.000123"),
        ] {
            let given = Decimal::from_str_exact(given).unwrap();
            assert_eq!(brief(given).to_string(), money);
            assert_eq!(brief_quantity(given).to_string(), quantity);
        }
    }

    #[test]
    fn the_same_change_of_several_fields_is_said_once() {
        let made = [("a", "x"), ("b", "y"), ("c", "x"), ("c", "x")];
        let merged = Correction::merged(made.map(|(f, c)| Correction::new(f, c)).into());
        assert_eq!(
            merged,
            [Correction::new("a, c", "x"), Correction::new("b", "y")]
        );
    }

    #[test]
    fn nulls_and_empty_lists_are_left_out() {
        assert_eq!(
            Value::Object(fields(
                &json!({"a": 1, "b": null, "c": [], "d": {"e": {}}, "f": [[1, null], {"g": []}]})
            )),
            json!({"a": 1, "f": [[1, ""], ""]})
        );
    }
}
