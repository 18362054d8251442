//! An SDK error read for what a caller can do about it; the chain and request id go to the log.

use super::remembering::limit_reached;
use crate::{error::ToolError, state::limit::LimitReached};
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::{client::result::SdkError, http::Response};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::{error::Error, time::Duration};

/// The parts of an SDK error that decide what it means.
#[derive(Debug)]
pub(super) struct AwsFailure {
    action: &'static str,
    kind: Kind,
    code: Option<String>,
    message: Option<String>,
    credentials: bool,
    http_status: Option<u16>,
    limit: Option<LimitReached>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Service,
    Timeout,
    Dispatch,
    Response,
    Construction,
}

impl AwsFailure {
    pub(super) fn new<E>(action: &'static str, error: &SdkError<E, Response>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let kind = match error {
            SdkError::ServiceError(_) => Kind::Service,
            SdkError::TimeoutError(_) => Kind::Timeout,
            SdkError::DispatchFailure(_) => Kind::Dispatch,
            SdkError::ResponseError(_) => Kind::Response,
            _ => Kind::Construction,
        };
        let mut chain = Vec::new();
        let mut credentials = false;
        let mut next: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(cause) = next {
            credentials |= cause.is::<CredentialsError>();
            chain.push(cause.to_string());
            next = cause.source();
        }
        let response = error.raw_response();
        let request_id = response
            .and_then(|raw| raw.headers().get("x-amzn-requestid"))
            .unwrap_or("none");
        let limit = limit_reached(error).cloned();
        tracing::warn!(
            action,
            request_id,
            chain = chain.join(": "),
            "an AWS request failed"
        );
        Self {
            action,
            kind,
            code: error.code().map(str::to_owned),
            message: error.message().map(str::to_owned),
            credentials,
            http_status: response.map(|raw| raw.status().as_u16()),
            limit,
        }
    }
}

/// Cost Explorer publishes no rate; a short pause is enough for its token bucket, CloudWatch refills within a second.
const THROTTLE_PAUSE: Duration = Duration::from_secs(10);
const FAILURE_PAUSE: Duration = Duration::from_secs(30);

pub(super) fn read_failure(failure: &AwsFailure) -> ToolError {
    let action = failure.action;
    let message = plain(failure.message.as_deref().unwrap_or("no reason given"));
    if let Some(reached) = &failure.limit {
        return ToolError::SpendLimit(reached.clone());
    }
    if failure.credentials {
        return ToolError::NoCredentials {
            problem: format!("no working AWS credentials were found to call {action}"),
        };
    }
    match failure.kind {
        Kind::Timeout => ToolError::Unavailable {
            problem: format!("AWS did not answer {action} in time"),
            retry_after: FAILURE_PAUSE,
        },
        Kind::Dispatch => ToolError::Unavailable {
            problem: format!("the AWS endpoint for {action} could not be reached"),
            retry_after: FAILURE_PAUSE,
        },
        Kind::Construction => ToolError::OddAnswer {
            problem: format!("the request for {action} could not be built"),
        },
        Kind::Response => ToolError::Unavailable {
            problem: format!("the answer to {action} was cut short or could not be read"),
            retry_after: FAILURE_PAUSE,
        },
        Kind::Service => match failure.code.as_deref().unwrap_or_default() {
            "AccessDeniedException"
            | "AccessDenied"
            | "UnauthorizedOperation"
            | "NotAuthorized" => ToolError::AccessDenied { action },
            "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "LimitExceededException"
            | "RequestLimitExceeded" => ToolError::Throttled {
                action,
                retry_after: THROTTLE_PAUSE,
            },
            "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => {
                ToolError::NoCredentials {
                    problem: "the AWS credentials have expired".to_owned(),
                }
            }
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "OptInRequired" => ToolError::NoCredentials {
                problem: format!("AWS did not accept the credentials: {message}"),
            },
            "DataUnavailableException" => ToolError::invalid(
                format!("{action} has no data for this request: {message}"),
                "ask for a later period, or without the grouping that has no data yet",
            ),
            "" if failure.http_status.is_some_and(not_from_aws) => ToolError::Unavailable {
                problem: format!(
                    "something other than AWS answered {action}, such as a proxy or a sign-in page: check the proxy \
                     and AWS_ENDPOINT_URL"
                ),
                retry_after: FAILURE_PAUSE,
            },
            _ if failure.http_status.is_some_and(|status| status >= 500) => {
                ToolError::Unavailable {
                    problem: format!("AWS failed to answer {action}"),
                    retry_after: FAILURE_PAUSE,
                }
            }
            code => ToolError::invalid(
                format!(
                    "AWS refused {action}: {}{message}",
                    if code.is_empty() {
                        String::new()
                    } else {
                        format!("{code}: ")
                    }
                ),
                "change what AWS names and call again; a request that AWS refuses is not billed",
            ),
        },
    }
}

/// AWS names a code with every refusal; a page that is none of its answers comes with success or asks for a proxy's.
fn not_from_aws(http_status: u16) -> bool {
    http_status < 400 || http_status == 407
}

/// AWS's words without account ids and ARNs, on one line and not too long.
fn plain(message: &str) -> String {
    let words: Vec<String> = message
        .split_whitespace()
        .take(80)
        .map(without_accounts)
        .collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

/// A word whose ARNs and account ids, runs of exactly twelve digits, are named and not shown.
fn without_accounts(word: &str) -> String {
    const ENDS_OF_ARN: [char; 12] = ['"', '\'', '`', ',', ';', '(', ')', '[', ']', '{', '}', '>'];
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    let mut inside_name = false;
    while let Some(first) = rest.chars().next() {
        if !inside_name && rest.starts_with("arn:") {
            out.push_str("[arn]");
            rest = rest.trim_start_matches(|character| !ENDS_OF_ARN.contains(&character));
            continue;
        }
        let after_digits = rest.trim_start_matches(|character: char| character.is_ascii_digit());
        let digits = rest.len() - after_digits.len();
        let (taken, after) = rest.split_at(digits.max(first.len_utf8()));
        if digits == 12 {
            out.push_str("[account]");
        } else {
            out.extend(taken.chars().filter(|character| !character.is_control()));
        }
        inside_name = first.is_alphanumeric();
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, code: &str, status: u16, expected_code: &str, expected_part: &str) {
        let error = read_failure(&AwsFailure {
            action: "ce:GetCostAndUsage",
            kind,
            code: Some(code.to_owned()),
            message: Some(
                "User: arn:aws:iam::123456789012:user/x in 123456789012 did it.".to_owned(),
            ),
            credentials: false,
            http_status: Some(status),
            limit: None,
        });
        assert_eq!(error.code(), expected_code, "{code}");
        let text = error.to_text();
        assert!(text.contains(expected_part), "{text}");
        assert!(
            !text.contains("123456789012"),
            "an account id reached the model: {text}"
        );
    }

    #[test]
    fn aws_errors_become_advice() {
        check(
            Kind::Service,
            "AccessDeniedException",
            400,
            "access_denied",
            "IAM action ce:GetCostAndUsage",
        );
        check(
            Kind::Service,
            "LimitExceededException",
            400,
            "throttled",
            "wait 10 seconds",
        );
        check(
            Kind::Service,
            "ExpiredTokenException",
            400,
            "no_credentials",
            "expired",
        );
        check(
            Kind::Service,
            "DataUnavailableException",
            400,
            "invalid_argument",
            "later period",
        );
        check(
            Kind::Service,
            "ValidationException",
            400,
            "invalid_argument",
            "ValidationException: User: [arn]",
        );
        check(
            Kind::Service,
            "InternalFailure",
            500,
            "unavailable",
            "failed to answer",
        );
        check(Kind::Service, "", 200, "unavailable", "other than AWS");
        check(Kind::Service, "", 407, "unavailable", "check the proxy");
        check(Kind::Service, "", 400, "invalid_argument", "AWS refused");
        check(Kind::Service, "", 503, "unavailable", "failed to answer");
        check(Kind::Timeout, "", 0, "unavailable", "in time");
        check(Kind::Dispatch, "", 0, "unavailable", "reached");
        check(Kind::Response, "", 200, "unavailable", "cut short");
    }

    #[test]
    fn account_ids_and_arns_are_named_wherever_they_stand() {
        for (word, shown) in [
            ("accountId:111122223333", "accountId:[account]"),
            ("(account=111122223333),", "(account=[account]),"),
            ("a111122223333b444455556666", "a[account]b[account]"),
            ("1111222233334", "1111222233334"),
            ("11112222333", "11112222333"),
            (
                "{\"role\":\"arn:aws:iam::111122223333:role/x\",\"n\":1}",
                "{\"role\":\"[arn]\",\"n\":1}",
            ),
            ("on=arn:aws:ce::111122223333:anomalymonitor/1-2", "on=[arn]"),
            ("warn:\u{1b}[31m", "warn:[31m"),
        ] {
            assert_eq!(plain(word), shown);
        }
    }
}
