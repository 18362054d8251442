//! Reads a request body into the shape its operation declares, as AWS's deserializers do.
//!
//! What comes out holds only members the model knows, without nulls, each of the declared type:
//! timestamps as epoch seconds, blobs as base64 text.

use serde_json::{Map, Number, Value};

use crate::model::{ServiceModel, Shape};

/// Why a body cannot be read: the text of a `SerializationException`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) &'static str);

/// Reads `value` as the shape of that name; unknown members are dropped, as AWS drops them.
pub(crate) fn decode(model: &ServiceModel, shape: &str, value: Value) -> Result<Value, Unreadable> {
    match model.shape(shape) {
        Shape::Structure { document: true, .. } => Ok(value),
        Shape::Structure { members, union, .. } => {
            let Value::Object(given) = value else {
                return Err(unexpected(&value, "structure"));
            };
            let mut read = Map::new();
            for (name, value) in given {
                if value.is_null() {
                    continue;
                }
                if let Some(member) = members.get(&name) {
                    read.insert(name, decode(model, &member.shape, value)?);
                } else if *union && name != "__type" {
                    return Err(Unreadable("Unknown union member"));
                }
            }
            if *union && read.len() > 1 {
                return Err(Unreadable("Union must have exactly one member set"));
            }
            Ok(Value::Object(read))
        }
        Shape::List { member, .. } => {
            let Value::Array(given) = value else {
                return Err(unexpected(&value, "list"));
            };
            given
                .into_iter()
                .filter(|element| !element.is_null())
                .map(|element| decode(model, &member.shape, element))
                .collect()
        }
        Shape::Map { value: member, .. } => {
            let Value::Object(given) = value else {
                return Err(unexpected(&value, "structure"));
            };
            let mut read = Map::new();
            for (key, value) in given {
                if !value.is_null() {
                    read.insert(key, decode(model, &member.shape, value)?);
                }
            }
            Ok(Value::Object(read))
        }
        Shape::String(_) if value.is_string() => Ok(value),
        Shape::Boolean if value.is_boolean() => Ok(value),
        Shape::Double | Shape::Timestamp { .. } if value.is_number() => Ok(value),
        Shape::Integer(_) | Shape::Long(_) if value.is_number() => whole(&value),
        Shape::Blob => match &value {
            Value::String(text) if is_base64(text) => Ok(value),
            Value::String(_) => Err(Unreadable("Invalid base64 value")),
            _ => Err(unexpected(&value, "Blob")),
        },
        Shape::String(_) => Err(unexpected(&value, "String")),
        Shape::Boolean => Err(unexpected(&value, "Boolean")),
        Shape::Integer(_) => Err(unexpected(&value, "Integer")),
        Shape::Long(_) => Err(unexpected(&value, "Long")),
        Shape::Double => Err(unexpected(&value, "Double")),
        Shape::Timestamp { .. } => Err(unexpected(&value, "Date")),
    }
}

/// Integers with a fraction are cut, as AWS's Java numbers do.
fn whole(value: &Value) -> Result<Value, Unreadable> {
    let number = value.as_i64().or_else(|| {
        let float = value.as_f64()?.trunc();
        // Beyond 2^53 a float no longer holds every integer.
        #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
        (float.abs() < 9_007_199_254_740_992.0).then_some(float as i64)
    });
    number
        .map(|number| Value::Number(Number::from(number)))
        .ok_or(Unreadable("Number out of range"))
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

fn unexpected(value: &Value, wanted: &str) -> Unreadable {
    Unreadable(match (value, wanted) {
        (Value::Array(_), _) => "Start of list found where not expected",
        (Value::Object(_), _) => "Start of structure or map found where not expected.",
        (_, "list") => "Expected list or null",
        (_, "structure") => "Expected structure or null",
        (Value::String(_), "Integer") => "STRING_VALUE can not be converted to an Integer",
        (Value::String(_), "Long") => "STRING_VALUE can not be converted to a Long",
        (Value::String(_), "Double") => "STRING_VALUE can not be converted to a Double",
        (Value::String(_), "Boolean") => "STRING_VALUE can not be converted to a Boolean",
        (Value::String(_), _) => "STRING_VALUE can not be converted to a Date",
        (Value::Number(_), "String") => "NUMBER_VALUE can not be converted to a String",
        (Value::Number(_), "Boolean") => "NUMBER_VALUE can not be converted to a Boolean",
        (Value::Number(_), _) => "NUMBER_VALUE can not be converted to a Blob",
        (Value::Bool(true), "String") => "TRUE_VALUE can not be converted to a String",
        (Value::Bool(true), _) => "TRUE_VALUE can not be converted to a number",
        (Value::Bool(false), "String") => "FALSE_VALUE can not be converted to a String",
        (Value::Bool(false), _) => "FALSE_VALUE can not be converted to a number",
        (Value::Null, _) => "Unexpected null",
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
#[expect(clippy::needless_pass_by_value, reason = "a case reads as a row")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::MODELS;

    #[track_caller]
    fn check(service: &str, shape: &str, given: &Value, want: Result<Value, &'static str>) {
        let model = MODELS.service(service).unwrap();
        let got = decode(model, shape, given.clone()).map_err(|e| e.0);
        assert_eq!(got, want, "{given}");
    }

    #[test]
    fn reads_what_aws_reads() {
        let period = json!({"Start": "2024-11-01", "End": "2024-12-01"});
        check("ce", "DateInterval", &period, Ok(period.clone()));
        check(
            "ce",
            "DateInterval",
            &json!({"Start": "2024-11-01", "End": null, "Else": 1}),
            Ok(json!({"Start": "2024-11-01"})),
        );
        check("ce", "PredictionIntervalLevel", &json!(80.9), Ok(json!(80)));
        check(
            "bedrock-runtime",
            "Document",
            &json!([1, {"a": 2}]),
            Ok(json!([1, {"a": 2}])),
        );
    }

    #[test]
    fn refuses_other_types() {
        let (list, map) = (
            "Start of list found where not expected",
            "Start of structure or map found where not expected.",
        );
        check("ce", "DateInterval", &json!([]), Err(list));
        check(
            "ce",
            "DateInterval",
            &json!("x"),
            Err("Expected structure or null"),
        );
        check(
            "ce",
            "MetricNames",
            &json!("UnblendedCost"),
            Err("Expected list or null"),
        );
        check("ce", "MetricNames", &json!({}), Err(map));
        check(
            "ce",
            "MetricNames",
            &json!([1]),
            Err("NUMBER_VALUE can not be converted to a String"),
        );
        check(
            "ce",
            "PredictionIntervalLevel",
            &json!("80"),
            Err("STRING_VALUE can not be converted to an Integer"),
        );
        check(
            "cloudwatch",
            "Timestamp",
            &json!("2024-11-01T00:00:00Z"),
            Err("STRING_VALUE can not be converted to a Date"),
        );
        check(
            "ce",
            "PredictionIntervalLevel",
            &json!(1e300),
            Err("Number out of range"),
        );
        check(
            "bedrock-runtime",
            "CountTokensInput",
            &json!({"converse": {}, "invokeModel": {}}),
            Err("Union must have exactly one member set"),
        );
        check(
            "bedrock-runtime",
            "CountTokensInput",
            &json!({"other": {}}),
            Err("Unknown union member"),
        );
    }

    #[test]
    fn base64() {
        for (text, want) in [
            ("", true),
            ("aGk=", true),
            ("aGk", false),
            ("a===", false),
            ("a-k=", false),
        ] {
            assert_eq!(is_base64(text), want, "{text}");
        }
    }
}
