//! Smithy RPC-v2-CBOR, the only protocol the Rust SDK speaks to CloudWatch.

use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value};

use crate::decode::Unreadable;
use crate::model::{ServiceModel, Shape};

/// Epoch seconds: the CBOR tag of a timestamp (RFC 8949, section 3.4.2).
const EPOCH_TAG: u64 = 1;

/// Reads a CBOR body; a timestamp becomes its epoch seconds.
pub(super) fn read(body: &[u8]) -> Result<Value, Unreadable> {
    let value: Cbor = ciborium::from_reader(body).map_err(|_| Unreadable(""))?;
    from_cbor(value).ok_or(Unreadable(""))
}

fn from_cbor(value: Cbor) -> Option<Value> {
    Some(match value {
        Cbor::Integer(number) => Value::from(i64::try_from(i128::from(number)).ok()?),
        Cbor::Float(number) => Value::Number(Number::from_f64(number)?),
        Cbor::Text(text) => Value::String(text),
        Cbor::Bool(flag) => Value::Bool(flag),
        Cbor::Null => Value::Null,
        Cbor::Tag(EPOCH_TAG, inner) => from_cbor(*inner)?,
        Cbor::Array(elements) => elements.into_iter().map(from_cbor).collect::<Option<_>>()?,
        Cbor::Map(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                map.insert(key.into_text().ok()?, from_cbor(value)?);
            }
            Value::Object(map)
        }
        _ => return None,
    })
}

/// Writes a value as its shape says: timestamps tagged, doubles as floats.
pub(super) fn write(model: &ServiceModel, shape: &str, value: &Value) -> Vec<u8> {
    bytes(&to_cbor(Some((model, shape)), value))
}

/// Writes a value that has no shape, such as an error.
pub(super) fn write_untyped(value: &Value) -> Vec<u8> {
    bytes(&to_cbor(None, value))
}

fn bytes(value: &Cbor) -> Vec<u8> {
    let mut body = Vec::new();
    // Writing to memory does not fail.
    ciborium::into_writer(value, &mut body).ok();
    body
}

fn to_cbor(typed: Option<(&ServiceModel, &str)>, value: &Value) -> Cbor {
    let shape = typed.map(|(model, name)| model.shape(name));
    match (shape, value) {
        (Some(Shape::Timestamp { .. }), _) => Cbor::Tag(EPOCH_TAG, Box::new(to_cbor(None, value))),
        (Some(Shape::Double), Value::Number(number)) => {
            Cbor::Float(number.as_f64().unwrap_or(f64::NAN))
        }
        (_, Value::Null) => Cbor::Null,
        (_, Value::Bool(flag)) => Cbor::Bool(*flag),
        (_, Value::String(text)) => Cbor::Text(text.clone()),
        (_, Value::Number(number)) => match number.as_i64() {
            Some(number) => Cbor::Integer(number.into()),
            None => Cbor::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        (_, Value::Array(elements)) => {
            let member = match shape {
                Some(Shape::List { member, .. }) => Some(&member.shape),
                _ => None,
            };
            Cbor::Array(
                elements
                    .iter()
                    .map(|e| to_cbor(inner(typed, member), e))
                    .collect(),
            )
        }
        (_, Value::Object(given)) => Cbor::Map(
            given
                .iter()
                .map(|(key, value)| {
                    let member = match shape {
                        Some(Shape::Structure { members, .. }) => {
                            members.get(key).map(|m| &m.shape)
                        }
                        Some(Shape::Map { value, .. }) => Some(&value.shape),
                        _ => None,
                    };
                    (
                        Cbor::Text(key.clone()),
                        to_cbor(inner(typed, member), value),
                    )
                })
                .collect(),
        ),
    }
}

/// The shape of a member, where both it and the value around it have one.
fn inner<'a>(
    typed: Option<(&'a ServiceModel, &str)>,
    member: Option<&'a String>,
) -> Option<(&'a ServiceModel, &'a str)> {
    Some((typed?.0, member?.as_str()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::MODELS;

    #[test]
    fn round_trips_values() {
        let value = json!({"a": [1, -2, 2.5, true, null, "text"], "b": {"c": i64::MAX}});
        assert_eq!(read(&write_untyped(&value)).unwrap(), value);
    }

    #[test]
    fn tags_timestamps_and_writes_doubles_as_floats() {
        let model = MODELS.service("cloudwatch").unwrap();
        let value = json!({"Label": "x", "Datapoints": [{"Timestamp": 1_733_011_200, "Sum": 3}]});
        let body = write(model, "GetMetricStatisticsOutput", &value);
        let text = |t: &str| Cbor::Text(t.to_owned());
        let want = Cbor::Map(vec![
            (text("Label"), text("x")),
            (
                text("Datapoints"),
                Cbor::Array(vec![Cbor::Map(vec![
                    (
                        text("Timestamp"),
                        Cbor::Tag(1, Box::new(Cbor::Integer(1_733_011_200.into()))),
                    ),
                    (text("Sum"), Cbor::Float(3.0)),
                ])]),
            ),
        ]);
        let got: Cbor = ciborium::from_reader(body.as_slice()).unwrap();
        assert_eq!(got, want);
        assert_eq!(
            read(&body).unwrap(),
            json!({"Label": "x",
            "Datapoints": [{"Timestamp": 1_733_011_200, "Sum": 3.0}]})
        );
    }

    #[test]
    fn refuses_what_is_not_cbor_data() {
        for body in [
            &b"{}x"[..],
            b"\xff",
            b"\xa1\x01\x02",
            b"\xfb\x7f\xf8\0\0\0\0\0\0",
            b"",
        ] {
            assert_eq!(read(body), Err(Unreadable("")), "{body:?}");
        }
    }
}
