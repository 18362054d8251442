//! The query protocol's XML answers, and the error codes services kept from it.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::Value;

use crate::fault::Fault;

const STS_NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The result of an operation whose members are all text.
pub(super) fn result(operation: &str, output: &Value, request_id: &str) -> Vec<u8> {
    let mut members = String::new();
    for (name, value) in output.as_object().into_iter().flatten() {
        let text = escape(value.as_str().unwrap_or_default());
        // Writing to a string does not fail.
        writeln!(members, "    <{name}>{text}</{name}>").ok();
    }
    format!(
        "<{operation}Response xmlns=\"{STS_NAMESPACE}\">\n  <{operation}Result>\n{members}  \
         </{operation}Result>\n  <ResponseMetadata>\n    <RequestId>{request_id}</RequestId>\n  \
         </ResponseMetadata>\n</{operation}Response>\n"
    )
    .into_bytes()
}

/// An error document.
pub(super) fn error(fault: &Fault, request_id: &str) -> Vec<u8> {
    let side = if fault.http_status >= 500 {
        "Receiver"
    } else {
        "Sender"
    };
    let (code, message) = (escape(code(&fault.error_type)), escape(&fault.message));
    format!(
        "<ErrorResponse xmlns=\"{STS_NAMESPACE}\">\n  <Error>\n    <Type>{side}</Type>\n    \
         <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  \
         <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
    )
    .into_bytes()
}

/// The code the query protocol has for an error type (CloudWatch's are from botocore 1.44.5).
pub(super) fn code(error_type: &str) -> &str {
    match error_type {
        "InvalidParameterValueException" => "InvalidParameterValue",
        "InvalidParameterCombinationException" => "InvalidParameterCombination",
        "MissingRequiredParameterException" => "MissingParameter",
        "InternalServiceFault" => "InternalServiceError",
        "ValidationException" => "ValidationError",
        "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
        "IncompleteSignatureException" => "IncompleteSignature",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        "ExpiredTokenException" => "ExpiredToken",
        "AccessDeniedException" => "AccessDenied",
        "ThrottlingException" => "Throttling",
        "ServiceUnavailableException" => "ServiceUnavailable",
        "UnknownOperationException" => "InvalidAction",
        other => other,
    }
}

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_results_and_errors() {
        let output = json!({"Account": "123456789012", "Arn": "arn:aws:iam::1:user/<a&b>"});
        let xml = String::from_utf8(result("GetCallerIdentity", &output, "id-1")).unwrap();
        assert!(xml.contains("<GetCallerIdentityResult>\n    <Account>123456789012</Account>"));
        assert!(xml.contains("<Arn>arn:aws:iam::1:user/&lt;a&amp;b&gt;</Arn>"));
        assert!(xml.contains("<RequestId>id-1</RequestId>"));

        let fault = Fault::new("ExpiredTokenException", "it's over").with_status(403);
        let xml = String::from_utf8(error(&fault, "id-2")).unwrap();
        assert!(xml.contains("<Type>Sender</Type>\n    <Code>ExpiredToken</Code>"));
        assert!(xml.contains("<Message>it&#39;s over</Message>"));
    }
}
