//! What a caller reads when a call cannot be answered: a code, the problem and the next step.

use crate::{state::limit::LimitReached, tools::reply::exact};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A call that would have run: the tool and arguments a caller can send as they stand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CorrectedRequest {
    pub(crate) tool: &'static str,
    pub(crate) arguments: Map<String, Value>,
}

impl CorrectedRequest {
    /// The wire form, `{tool, arguments}`.
    pub(crate) fn to_json(&self) -> Value {
        json!({"tool": self.tool, "arguments": self.arguments})
    }
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ToolError {
    /// The arguments cannot be sent as they are; nothing was billed.
    InvalidArgument {
        problem: String,
        accepted: String,
        corrected: Option<Box<CorrectedRequest>>,
    },
    /// The model is not in the price book.
    UnknownModel {
        problem: String,
        nearest: Vec<String>,
    },
    /// The model is known, but no rate is listed for what was asked.
    NoRate {
        problem: String,
        listed: String,
        corrected: Option<Box<CorrectedRequest>>,
    },
    /// A file of rates that answers were to be made from cannot be read.
    PriceFile {
        problem: String,
        remedy: &'static str,
    },
    /// AWS could not be asked, for want of working credentials.
    NoCredentials { problem: String },
    /// The identity may not call the operation.
    AccessDenied { action: &'static str },
    /// AWS asked for fewer requests.
    Throttled {
        action: &'static str,
        retry_after: Duration,
    },
    /// AWS did not answer in time, or answered with a failure of its own.
    Unavailable {
        problem: String,
        retry_after: Duration,
    },
    /// The caller cancelled; the AWS work behind the call was dropped.
    Cancelled,
    /// The request would have cost more than the server may spend; it was not sent.
    SpendLimit(LimitReached),
    /// AWS answered with something this server cannot read.
    OddAnswer { problem: String },
    /// Any of the others, after requests to AWS.
    AfterRequests {
        error: Box<Self>,
        requests: u32,
        cost_usd: Decimal,
    },
}

/// The parts of an error that a model reads.
struct Advice {
    code: &'static str,
    problem: String,
    next_step: String,
    retry_after: Option<Duration>,
}

impl ToolError {
    /// An argument error without a request to offer in its place.
    pub(crate) fn invalid(problem: impl Into<String>, accepted: impl Into<String>) -> Self {
        Self::InvalidArgument {
            problem: problem.into(),
            accepted: accepted.into(),
            corrected: None,
        }
    }

    /// The error with what was asked of AWS before it; as it is where nothing was.
    pub(crate) fn after(self, requests: u32, cost_usd: Decimal) -> Self {
        if requests == 0 {
            return self;
        }
        Self::AfterRequests {
            error: Box::new(self),
            requests,
            cost_usd,
        }
    }

    fn advice(&self) -> Advice {
        match self {
            Self::AfterRequests { error, .. } => error.advice(),
            Self::InvalidArgument { problem, accepted, corrected } => Advice {
                code: "invalid_argument",
                problem: problem.clone(),
                next_step: match corrected {
                    Some(_) if accepted.is_empty() => "send corrected_request as it stands".to_owned(),
                    Some(_) => format!("{accepted}; or send corrected_request as it stands"),
                    None => accepted.clone(),
                },
                retry_after: None,
            },
            Self::UnknownModel { problem, nearest } => Advice {
                code: "unknown_model",
                problem: problem.clone(),
                next_step: if nearest.is_empty() {
                    "use a Bedrock model id, an inference profile id or ARN, or the exact display name".to_owned()
                } else {
                    format!("use the exact id; the nearest known are {}", nearest.join(", "))
                },
                retry_after: None,
            },
            Self::NoRate { problem, listed, .. } => Advice {
                code: "no_rate",
                problem: problem.clone(),
                next_step: format!("ask for what is listed: {listed}"),
                retry_after: None,
            },
            Self::PriceFile { problem, remedy } => Advice {
                code: "price_file",
                problem: problem.clone(),
                next_step: (*remedy).to_owned(),
                retry_after: None,
            },
            Self::NoCredentials { problem } => Advice {
                code: "no_credentials",
                problem: problem.clone(),
                next_step: "sign in (aws sso login, AWS_PROFILE, or the profile argument) and call again; \
                            get_pricing works without credentials, and the server started with --sample answers \
                            from a simulated account"
                    .to_owned(),
                retry_after: None,
            },
            Self::AccessDenied { action } => Advice {
                code: "access_denied",
                problem: format!("the AWS identity may not call {action}"),
                next_step: format!("allow the IAM action {action} for this identity, or name another with the profile argument"),
                retry_after: None,
            },
            Self::Throttled { action, retry_after } => Advice {
                code: "throttled",
                problem: format!("AWS is throttling {action}"),
                next_step: format!("wait {} seconds and call again; one request for a longer period costs less than many", retry_after.as_secs()),
                retry_after: Some(*retry_after),
            },
            Self::Unavailable { problem, retry_after } => Advice {
                code: "unavailable",
                problem: problem.clone(),
                next_step: format!("call again in {} seconds; if it stays so, check the region, the endpoint and the network with `bedrock-cost-mcp doctor`", retry_after.as_secs()),
                retry_after: Some(*retry_after),
            },
            Self::Cancelled => Advice {
                code: "cancelled",
                problem: "the call was cancelled".to_owned(),
                next_step: "call again if the answer is still wanted".to_owned(),
                retry_after: None,
            },
            Self::SpendLimit(reached) => Advice {
                code: "spend_limit",
                problem: reached.to_string(),
                next_step: after_limit(reached),
                retry_after: None,
            },
            Self::OddAnswer { problem } => Advice {
                code: "odd_answer",
                problem: problem.clone(),
                next_step: "this is a defect of bedrock-cost-mcp: report it with the request id from the server's log".to_owned(),
                retry_after: None,
            },
        }
    }

    /// The code of TOOLS.md, stable for scripts.
    pub(crate) fn code(&self) -> &'static str {
        self.advice().code
    }

    /// The structured form: `{code, problem, next_step, retry_after_seconds?, corrected_request?,
    /// aws_requests?, aws_cost_usd?}`.
    pub(crate) fn to_json(&self) -> Value {
        let advice = self.advice();
        let mut out = Map::new();
        out.insert("code".into(), advice.code.into());
        out.insert("problem".into(), advice.problem.into());
        out.insert("next_step".into(), advice.next_step.into());
        if let Some(wait) = advice.retry_after {
            out.insert("retry_after_seconds".into(), wait.as_secs().into());
        }
        if let Some(corrected) = self.corrected() {
            out.insert("corrected_request".into(), corrected.to_json());
        }
        if let Self::AfterRequests {
            requests, cost_usd, ..
        } = self
        {
            out.insert("aws_requests".into(), (*requests).into());
            out.insert("aws_cost_usd".into(), exact(*cost_usd));
        }
        Value::Object(out)
    }

    /// The request offered in place of the refused one.
    pub(crate) fn corrected(&self) -> Option<&CorrectedRequest> {
        match self {
            Self::InvalidArgument { corrected, .. } | Self::NoRate { corrected, .. } => {
                corrected.as_deref()
            }
            Self::AfterRequests { error, .. } => error.corrected(),
            _ => None,
        }
    }

    /// The same facts as [`Self::to_json`], for clients that show a model only the text of an error.
    pub(crate) fn to_text(&self) -> String {
        let advice = self.advice();
        let mut text = format!(
            "{}: {}. Next: {}.",
            advice.code, advice.problem, advice.next_step
        );
        if let Some(corrected) = self.corrected() {
            text.push_str("\ncorrected_request: ");
            text.push_str(&corrected.to_json().to_string());
        }
        if let Self::AfterRequests {
            requests, cost_usd, ..
        } = self
        {
            let cost = cost_usd.normalize();
            let spent = format!("\naws_requests: {requests}, aws_cost_usd: {cost}");
            text.push_str(&spent);
        }
        text
    }
}

/// What can be done where the spend limit is reached.
fn after_limit(reached: &LimitReached) -> String {
    let mut steps = Vec::new();
    if !reached.cached.is_empty() {
        steps.push(format!(
            "ask again for what is cached and costs nothing ({})",
            reached.cached.join("; ")
        ));
    }
    let span = reached.span.name();
    steps.push(format!("wait for the next {span} (UTC)"));
    let more = reached.limit.usd().max(reached.price.usd()) * Decimal::TWO;
    steps.push(format!(
        "start the server with a higher limit, such as --spend-limit {}/{span}, if the user agrees",
        more.normalize()
    ));
    steps.join("; or ")
}

impl std::fmt::Display for ToolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl std::error::Error for ToolError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::limit::{MicroUsd, Span};

    #[track_caller]
    fn check(error: &ToolError, expected: &str) {
        assert_eq!(error.to_text(), expected);
        let json = error.to_json();
        for field in ["code", "problem", "next_step"] {
            let part = json.get(field).and_then(Value::as_str).unwrap_or_default();
            assert!(
                !part.is_empty() && error.to_text().contains(part),
                "{field} is missing from the text"
            );
        }
    }

    #[test]
    fn every_error_reads_as_a_problem_and_a_next_step() {
        check(
            &ToolError::invalid("start_date 2024-02-30 is not a date", "use YYYY-MM-DD"),
            "invalid_argument: start_date 2024-02-30 is not a date. Next: use YYYY-MM-DD.",
        );
        check(
            &ToolError::InvalidArgument {
                problem: "p".into(),
                accepted: "a".into(),
                corrected: Some(Box::new(CorrectedRequest {
                    tool: "cost_explorer",
                    arguments: Map::from_iter([("granularity".to_owned(), json!("DAILY"))]),
                })),
            },
            "invalid_argument: p. Next: a; or send corrected_request as it stands.\ncorrected_request: {\"tool\":\"cost_explorer\",\"arguments\":{\"granularity\":\"DAILY\"}}",
        );
        check(
            &ToolError::UnknownModel {
                problem: "no model x".into(),
                nearest: vec!["y".into()],
            },
            "unknown_model: no model x. Next: use the exact id; the nearest known are y.",
        );
        check(
            &ToolError::NoRate {
                problem: "no batch rate for x".into(),
                listed: "standard".into(),
                corrected: None,
            },
            "no_rate: no batch rate for x. Next: ask for what is listed: standard.",
        );
        check(
            &ToolError::NoCredentials {
                problem: "no credentials were found".into(),
            },
            "no_credentials: no credentials were found. Next: sign in (aws sso login, AWS_PROFILE, or the profile argument) and call again; get_pricing works without credentials, and the server started with --sample answers from a simulated account.",
        );
        check(
            &ToolError::AccessDenied {
                action: "ce:GetCostAndUsage",
            },
            "access_denied: the AWS identity may not call ce:GetCostAndUsage. Next: allow the IAM action ce:GetCostAndUsage for this identity, or name another with the profile argument.",
        );
        check(
            &ToolError::Throttled {
                action: "ce:GetCostAndUsage",
                retry_after: Duration::from_secs(30),
            },
            "throttled: AWS is throttling ce:GetCostAndUsage. Next: wait 30 seconds and call again; one request for a longer period costs less than many.",
        );
        check(
            &ToolError::Unavailable {
                problem: "no answer in 45 seconds".into(),
                retry_after: Duration::from_mins(1),
            },
            "unavailable: no answer in 45 seconds. Next: call again in 60 seconds; if it stays so, check the region, the endpoint and the network with `bedrock-cost-mcp doctor`.",
        );
        check(
            &ToolError::Cancelled.after(2, Decimal::new(10, 3)),
            "cancelled: the call was cancelled. Next: call again if the answer is still wanted.\naws_requests: 2, aws_cost_usd: 0.01",
        );
        assert_eq!(
            ToolError::Cancelled.after(0, Decimal::ZERO),
            ToolError::Cancelled
        );
        check(
            &ToolError::Cancelled,
            "cancelled: the call was cancelled. Next: call again if the answer is still wanted.",
        );
        check(
            &ToolError::SpendLimit(LimitReached {
                span: Span::Day,
                limit: MicroUsd(1_000_000),
                spent: MicroUsd(995_000),
                price: MicroUsd(10_000),
                cached: vec!["GetTags 2024-11-01 to 2024-12-01".into()],
            }),
            "spend_limit: the spend limit of 1 USD a day is reached: 0.995 USD spent, 0.01 USD more asked for. Next: ask again for what is cached and costs nothing (GetTags 2024-11-01 to 2024-12-01); or wait for the next day (UTC); or start the server with a higher limit, such as --spend-limit 2/day, if the user agrees.",
        );
        check(
            &ToolError::OddAnswer {
                problem: "amount \"x\" is not a number".into(),
            },
            "odd_answer: amount \"x\" is not a number. Next: this is a defect of bedrock-cost-mcp: report it with the request id from the server's log.",
        );
    }
}
