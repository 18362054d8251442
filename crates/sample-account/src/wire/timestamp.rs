//! Timestamps as text: REST-JSON writes some as ISO 8601 where the account holds epoch seconds.

use jiff::Timestamp;
use serde_json::{Number, Value};

use crate::model::{ServiceModel, Shape};

/// Epoch seconds of an ISO 8601 text, whole where they are whole.
pub(super) fn from_text(text: &str) -> Option<Value> {
    let time: Timestamp = text.parse().ok()?;
    if time.subsec_nanosecond() == 0 {
        return Some(Value::from(time.as_second()));
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 are below 2^53"
    )]
    let seconds = time.as_millisecond() as f64 / 1000.0;
    Number::from_f64(seconds).map(Value::Number)
}

/// The value with every timestamp its shape declares as ISO 8601 written as such.
pub(super) fn as_text(model: &ServiceModel, name: &str, value: &Value) -> Value {
    match (model.shape(name), value) {
        (
            Shape::Timestamp {
                format: Some(format),
            },
            Value::Number(seconds),
        ) if format == "iso8601" => to_text(seconds).map_or(Value::Null, Value::String),
        (Shape::Structure { members, .. }, Value::Object(given)) => given
            .iter()
            .map(|(name, value)| {
                let value = match members.get(name) {
                    Some(member) => as_text(model, &member.shape, value),
                    None => value.clone(),
                };
                (name.clone(), value)
            })
            .collect(),
        (Shape::List { member, .. }, Value::Array(given)) => given
            .iter()
            .map(|value| as_text(model, &member.shape, value))
            .collect(),
        (Shape::Map { value: member, .. }, Value::Object(given)) => given
            .iter()
            .map(|(name, value)| (name.clone(), as_text(model, &member.shape, value)))
            .collect(),
        _ => value.clone(),
    }
}

fn to_text(seconds: &Number) -> Option<String> {
    if let Some(seconds) = seconds.as_i64() {
        return Some(Timestamp::from_second(seconds).ok()?.to_string());
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "jiff refuses what is out of range"
    )]
    let milliseconds = (seconds.as_f64()? * 1000.0).round() as i64;
    Some(Timestamp::from_millisecond(milliseconds).ok()?.to_string())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::MODELS;

    #[test]
    fn round_trips() {
        for (text, seconds) in [
            ("2024-12-01T00:00:00Z", json!(1_733_011_200)),
            ("2024-12-01T00:00:00.25Z", json!(1_733_011_200.25)),
            ("1970-01-01T00:00:00Z", json!(0)),
        ] {
            assert_eq!(from_text(text), Some(seconds.clone()));
            let Value::Number(seconds) = seconds else {
                unreachable!()
            };
            assert_eq!(to_text(&seconds).unwrap(), text);
        }
        assert_eq!(from_text("yesterday"), None);
    }

    #[test]
    fn follows_the_shape() {
        let model = MODELS.service("bedrock").unwrap();
        let given =
            json!({"guardrails": [{"name": "a", "createdAt": 1_733_011_200}], "nextToken": "x"});
        assert_eq!(
            as_text(model, "ListGuardrailsResponse", &given),
            json!({"guardrails": [{"name": "a", "createdAt": "2024-12-01T00:00:00Z"}], "nextToken": "x"})
        );
    }
}
