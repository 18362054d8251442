//! What is compared of a request and kept of an answer, read off their bytes.

use super::REQUEST_ID;
use crate::state::{Answer, Digest, MOST_BYTES_OF_ONE, NewAnswer, digest, freshness::Subject};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use jiff::civil::Date;
use serde_json::Value;

/// Headers that belong to one answer, or to the way it came. Without a request id an answer counts as none of AWS's, so
/// that a kept one is not billed again.
const NOT_KEPT: [&str; 6] = [
    REQUEST_ID,
    "connection",
    "content-length",
    "date",
    "set-cookie",
    "transfer-encoding",
];

/// Who signed a request, and for which region.
pub(super) struct Signed<'a> {
    pub(super) key: &'a str,
    pub(super) region: &'a str,
}

impl<'a> Signed<'a> {
    /// Reads `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...`.
    pub(super) fn of(request: &'a HttpRequest) -> Option<Self> {
        let header = request.headers().get("authorization")?;
        let (_, scope) = header.split_once("Credential=")?;
        let mut parts = scope.split(['/', ',']);
        let key = parts.next()?;
        let region = parts.nth(1)?;
        Some(Self { key, region })
    }
}

/// Host and port of a URI.
pub(super) fn authority(uri: &str) -> &str {
    let (_, rest) = uri.split_once("://").unwrap_or(("", uri));
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// What a request asks for in JSON; null where it speaks another protocol.
pub(super) fn read_json(request: &HttpRequest) -> Value {
    let is_json = request
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind.contains("json"));
    let bytes = request.body().bytes().filter(|_| is_json);
    bytes
        .and_then(|bytes| serde_json::from_slice(bytes).ok())
        .unwrap_or_default()
}

/// A JSON text in which only what is said counts, not the order in which fields are written.
pub(super) fn canonical_json(value: &Value) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let mut names: Vec<_> = fields.iter().collect();
                names.sort_by_key(|(name, _)| *name);
                names
                    .into_iter()
                    .map(|(name, field)| (name.clone(), sorted(field)))
                    .collect()
            }
            Value::Array(items) => items.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    sorted(value).to_string()
}

/// The token of a page, in a request as the one asked for and in an answer as the one that follows.
pub(super) fn token(json: &Value) -> Option<Digest> {
    ["NextPageToken", "NextToken"]
        .iter()
        .filter_map(|name| json.get(name)?.as_str())
        .find(|token| !token.is_empty())
        .map(|token| digest(&[token.as_bytes()]))
}

/// A question in a few words: operation, period, granularity and grouping. What filters hold stays out of it.
pub(super) fn label(operation: &str, request: &Value) -> String {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let mut label = operation.to_owned();
    let mut say = |part: &str| {
        label.push(' ');
        label.push_str(part);
    };
    for name in ["ServiceCode", "AttributeName", "Dimension", "Metric"] {
        text(name).into_iter().for_each(&mut say);
    }
    for (period, start, end) in [
        ("TimePeriod", "Start", "End"),
        ("BaselineTimePeriod", "Start", "End"),
        ("ComparisonTimePeriod", "Start", "End"),
        ("DateInterval", "StartDate", "EndDate"),
    ] {
        let day = |name| request.get(period)?.get(name)?.as_str();
        if let Some((start, end)) = day(start).zip(day(end)) {
            say(&format!("{start} to {end}"));
        }
    }
    text("Granularity").into_iter().for_each(&mut say);
    let groups: Vec<&str> = request
        .get("GroupBy")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|group| group.get("Key")?.as_str())
        .collect();
    if !groups.is_empty() {
        say(&format!("by {}", groups.join(", ")));
    }
    if request.get("Filter").is_some() {
        say("filtered");
    }
    label
}

/// What to keep of an answer: nothing unless it is whole, and AWS's.
pub(super) fn to_keep(
    subject: Subject,
    request: &Value,
    response: &HttpResponse,
    bytes: &Bytes,
    today: Date,
) -> Option<NewAnswer> {
    if bytes.len() > MOST_BYTES_OF_ONE {
        return None;
    }
    let kind = response.headers().get("content-type").unwrap_or_default();
    let answer: Value = if kind.contains("json") {
        serde_json::from_slice(bytes).ok()?
    } else if kind.contains("cbor") {
        ciborium::from_reader::<serde::de::IgnoredAny, _>(bytes.as_ref()).ok()?;
        Value::Null
    } else {
        return None;
    };
    let headers: Vec<(&str, &str)> = response
        .headers()
        .iter()
        .filter(|(name, _)| !NOT_KEPT.contains(&name.to_ascii_lowercase().as_str()))
        .collect();
    Some(NewAnswer {
        answer: Answer {
            headers: serde_json::to_string(&headers).ok()?,
            body: bytes.to_vec(),
        },
        holds_seconds: subject
            .holds(request, &answer, today)
            .as_secs()
            .cast_signed(),
        next_token: token(&answer),
    })
}

/// The answer as it came, but for its request id.
pub(super) fn to_response(kept: &Answer) -> Result<HttpResponse, ConnectorError> {
    let unreadable = |error: BoxError| ConnectorError::other(error, None);
    let status = StatusCode::try_from(200).map_err(|error| unreadable(error.into()))?;
    let mut response = HttpResponse::new(status, SdkBody::from(kept.body.clone()));
    let headers: Vec<(String, String)> =
        serde_json::from_str(&kept.headers).map_err(|error| unreadable(error.into()))?;
    for (name, value) in headers {
        response
            .headers_mut()
            .try_append(name, value)
            .map_err(|error| unreadable(error.into()))?;
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_fields_makes_no_other_question_and_that_of_lists_does() {
        let one = json!({"b": [{"d": 1, "c": "x"}, 2], "a": null});
        let same = json!({"a": null, "b": [{"c": "x", "d": 1}, 2]});
        let other = json!({"a": null, "b": [2, {"c": "x", "d": 1}]});
        assert_eq!(
            canonical_json(&one),
            "{\"a\":null,\"b\":[{\"c\":\"x\",\"d\":1},2]}"
        );
        assert_eq!(canonical_json(&one), canonical_json(&same));
        assert_ne!(canonical_json(&one), canonical_json(&other));
    }

    #[test]
    fn a_request_says_who_signed_it_and_for_which_region() {
        let mut request = HttpRequest::new(SdkBody::empty());
        assert!(Signed::of(&request).is_none());
        request.headers_mut().insert(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20241205/eu-west-1/monitoring/aws4_request, SignedHeaders=host",
        );
        let signed = Signed::of(&request).unwrap();
        assert_eq!((signed.key, signed.region), ("AKIDEXAMPLE", "eu-west-1"));
        for (uri, expected) in [
            (
                "https://ce.us-east-1.amazonaws.com/",
                "ce.us-east-1.amazonaws.com",
            ),
            ("http://127.0.0.1:80?x=/y", "127.0.0.1:80"),
            ("/", ""),
        ] {
            assert_eq!(authority(uri), expected);
        }
    }

    #[test]
    fn a_question_is_named_without_what_it_filters_by() {
        let request = json!({
            "TimePeriod": {"Start": "2024-11-01", "End": "2024-12-01"}, "Granularity": "MONTHLY",
            "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "TAG", "Key": "team"}],
            "Filter": {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": ["111122223333"]}},
        });
        assert_eq!(
            label("GetCostAndUsage", &request),
            "GetCostAndUsage 2024-11-01 to 2024-12-01 MONTHLY by SERVICE, team filtered"
        );
        assert_eq!(label("ListMetrics", &Value::Null), "ListMetrics");
    }

    #[test]
    fn only_whole_answers_are_kept_and_without_what_was_theirs_alone() {
        let answer = |kind: &'static str, body: &'static [u8]| {
            let status = StatusCode::try_from(200).unwrap();
            let mut response = HttpResponse::new(status, SdkBody::empty());
            response.headers_mut().insert("content-type", kind);
            response.headers_mut().insert("date", "today");
            response.headers_mut().insert(REQUEST_ID, "id");
            let today = jiff::civil::date(2024, 12, 5);
            let bytes = Bytes::from_static(body);
            to_keep(Subject::PriceList, &Value::Null, &response, &bytes, today)
        };
        let json = "application/x-amz-json-1.1";
        let kept = answer(json, b"{\"NextToken\": \"t\"}").unwrap();
        assert_eq!(
            kept.answer.headers,
            format!("[[\"content-type\",\"{json}\"]]")
        );
        assert_eq!(kept.next_token, Some(digest(&[b"t"])));
        let again = to_response(&kept.answer).unwrap();
        assert_eq!(again.headers().get("content-type"), Some(json));
        assert_eq!(again.headers().get(REQUEST_ID), None);
        assert!(answer(json, b"{\"NextToken\": \"t").is_none());
        assert!(answer("text/html", b"<html></html>").is_none());
        // {"a": 1}, and cut short.
        assert!(answer("application/cbor", b"\xa1\x61\x61\x01").is_some());
        assert!(answer("application/cbor", b"\xa1\x61\x61").is_none());
    }
}
