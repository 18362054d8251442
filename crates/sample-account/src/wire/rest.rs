//! REST-JSON: members in the path and the query string, the rest in a JSON body.

use bytes::Bytes;
use http::{Method, Request};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::timestamp;
use crate::decode::Unreadable;
use crate::model::{Location, MODELS, Operation, ServiceModel, Shape};
use crate::service::Service;

/// The REST operation at that method and path.
pub(super) fn find(method: &Method, path: &str) -> Option<(Service, &'static str)> {
    [Service::Bedrock, Service::BedrockRuntime]
        .into_iter()
        .find_map(|service| {
            let operations = &MODELS.service(service.id())?.operations;
            operations.iter().find_map(|(name, operation)| {
                let same = operation.http.method == method.as_str()
                    && labels(&operation.http.request_uri, path).is_some();
                same.then_some((service, name.as_str()))
            })
        })
}

/// The labels of a path template such as `/model/{modelId}/count-tokens`, still encoded.
fn labels<'a>(template: &'a str, path: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut found = Vec::new();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(found),
            (Some(wanted), Some(given)) => {
                let label = wanted.strip_prefix('{').and_then(|w| w.strip_suffix('}'));
                match label {
                    Some(label) if !given.is_empty() => found.push((label, given)),
                    None if wanted == given => {}
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
}

/// Gathers the members of a request wherever REST puts them.
pub(super) fn read(
    model: &ServiceModel,
    operation: &Operation,
    request: &Request<Bytes>,
) -> Result<Value, Unreadable> {
    let mut input = if request.body().is_empty() {
        Map::new()
    } else {
        match serde_json::from_slice(request.body()) {
            Ok(Value::Object(body)) => body,
            _ => return Err(Unreadable("")),
        }
    };
    let Shape::Structure { members, .. } = model.shape(&operation.input) else {
        return Ok(Value::Object(input));
    };
    let path = request.uri().path();
    let labels = labels(&operation.http.request_uri, path).unwrap_or_default();
    let query = request.uri().query().unwrap_or_default();
    for (name, member) in members {
        let Some(location) = member.location else {
            continue;
        };
        // A member bound to the path or query is never read from the body.
        input.remove(name);
        let wire_name = member.location_name.as_deref().unwrap_or(name);
        let text = match location {
            Location::Uri => labels
                .iter()
                .find(|(label, _)| *label == wire_name)
                .map(|(_, text)| percent_decode_str(text).decode_utf8_lossy().into_owned()),
            Location::Querystring => form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == wire_name)
                .map(|(_, text)| text.into_owned()),
        };
        if let Some(text) = text {
            input.insert(name.clone(), typed(model.shape(&member.shape), text)?);
        }
    }
    Ok(Value::Object(input))
}

/// Reads the text of a path or query member as its type.
fn typed(shape: &Shape, text: String) -> Result<Value, Unreadable> {
    match shape {
        Shape::Integer(_) | Shape::Long(_) => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| Unreadable("STRING_VALUE can not be converted to an Integer")),
        Shape::Boolean => text
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_| Unreadable("STRING_VALUE can not be converted to a Boolean")),
        Shape::Timestamp { .. } => timestamp::from_text(&text)
            .ok_or(Unreadable("STRING_VALUE can not be converted to a Date")),
        _ => Ok(Value::String(text)),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
#[expect(clippy::needless_pass_by_value, reason = "a case reads as a row")]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(method: Method, uri: &str, body: &'static str, want: Option<(&str, Value)>) {
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .body(Bytes::from(body))
            .unwrap();
        let got = find(request.method(), request.uri().path()).map(|(service, name)| {
            let model = MODELS.service(service.id()).unwrap();
            (
                name,
                read(model, model.operations.get(name).unwrap(), &request)
                    .unwrap_or_else(|e| json!(e.0)),
            )
        });
        assert_eq!(got, want, "{uri}");
    }

    #[test]
    fn finds_and_reads() {
        check(
            Method::GET,
            "/foundation-models?byProvider=Amazon%20Web",
            "",
            Some(("ListFoundationModels", json!({"byProvider": "Amazon Web"}))),
        );
        check(
            Method::GET,
            "/inference-profiles?type=APPLICATION&maxResults=10",
            "",
            Some((
                "ListInferenceProfiles",
                json!({"typeEquals": "APPLICATION", "maxResults": 10}),
            )),
        );
        check(
            Method::GET,
            "/inference-profiles?maxResults=ten",
            "",
            Some((
                "ListInferenceProfiles",
                json!("STRING_VALUE can not be converted to an Integer"),
            )),
        );
        check(
            Method::GET,
            "/inference-profiles/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc",
            "",
            Some((
                "GetInferenceProfile",
                json!({"inferenceProfileIdentifier":
                "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"}),
            )),
        );
        check(
            Method::GET,
            "/model-invocation-jobs?submitTimeAfter=2024-12-01T00%3A00%3A00Z",
            "",
            Some((
                "ListModelInvocationJobs",
                json!({"submitTimeAfter": 1_733_011_200}),
            )),
        );
        check(
            Method::POST,
            "/model/anthropic.claude-3-haiku-20240307-v1%3A0/count-tokens",
            r#"{"input": {"converse": {}}, "modelId": "other"}"#,
            Some((
                "CountTokens",
                json!({"input": {"converse": {}},
                "modelId": "anthropic.claude-3-haiku-20240307-v1:0"}),
            )),
        );
        check(Method::POST, "/foundation-models", "", None);
        check(Method::GET, "/model//count-tokens", "", None);
        check(Method::GET, "/inference-profiles/a/b", "", None);
    }
}
