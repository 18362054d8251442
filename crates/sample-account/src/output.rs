//! Checks an output against the shape its operation declares, so that no answer strays from AWS.

use serde_json::Value;

use crate::constraint;
use crate::decode::decode;
use crate::model::ServiceModel;

/// Everything wrong with an output: wrong types, unknown members, broken constraints.
pub(crate) fn broken_output(model: &ServiceModel, shape: &str, output: &Value) -> Vec<String> {
    let read = match decode(model, shape, output.clone()) {
        Ok(read) => read,
        Err(unreadable) => return vec![unreadable.0.to_owned()],
    };
    let mut broken: Vec<String> = constraint::violations(model, shape, &read)
        .iter()
        .map(ToString::to_string)
        .collect();
    // Decoding drops what the model does not know, and nulls, which AWS does not send.
    dropped(output, &read, "", &mut broken);
    broken
}

fn dropped(written: &Value, read: &Value, path: &str, broken: &mut Vec<String>) {
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            for (name, value) in written {
                let path = format!("{path}.{name}");
                match read.get(name) {
                    Some(read) => dropped(value, read, &path, broken),
                    None if value.is_null() => broken.push(format!("null at '{path}'")),
                    None => broken.push(format!("unknown member '{path}'")),
                }
            }
        }
        (Value::Array(written), Value::Array(read)) => {
            if written.len() != read.len() {
                broken.push(format!("null in '{path}'"));
            }
            for (index, (written, read)) in written.iter().zip(read).enumerate() {
                dropped(written, read, &format!("{path}.{index}"), broken);
            }
        }
        _ if written != read => broken.push(format!("fraction in an integer at '{path}'")),
        _ => {}
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::MODELS;

    #[track_caller]
    fn check(service: &str, shape: &str, output: &Value, want: &[&str]) {
        let model = MODELS.service(service).unwrap();
        assert_eq!(broken_output(model, shape, output), want, "{output}");
    }

    #[test]
    fn finds_what_aws_would_not_send() {
        let profile = "GetMetricStatisticsOutput";
        check(
            "cloudwatch",
            profile,
            &json!({"Label": "x", "Datapoints": []}),
            &[],
        );
        check(
            "cloudwatch",
            profile,
            &json!({"Labels": "x"}),
            &["unknown member '.Labels'"],
        );
        check(
            "cloudwatch",
            profile,
            &json!({"Label": null}),
            &["null at '.Label'"],
        );
        check(
            "cloudwatch",
            profile,
            &json!({"Datapoints": [{"Sum": "3"}]}),
            &["STRING_VALUE can not be converted to a Double"],
        );
        check(
            "bedrock-runtime",
            "CountTokensResponse",
            &json!({}),
            &["Value null at 'inputTokens' failed to satisfy constraint: Member must not be null"],
        );
        check(
            "bedrock-runtime",
            "CountTokensResponse",
            &json!({"inputTokens": 1.5}),
            &["fraction in an integer at '.inputTokens'"],
        );
    }
}
