//! Anomalies and their root causes as rows.

use super::{
    Anomaly, Answer, MOST_ROWS, Monitor, Page, Query, SHOWN, cause_matches, monitor_of,
    window::Window,
};
use crate::{
    aws::anomalies::Cause,
    tools::{reply::exact, table::named},
};
use bedrock_cost::{
    inference::{Routing, Tier},
    service_name::model_name,
    usage_type::{UsageKind, UsageType},
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

const COLUMNS: [&str; 8] = [
    "row",
    "start",
    "end",
    "subject",
    "impact_usd",
    "expected_usd",
    "actual_usd",
    "monitor",
];
const CAUSE_COLUMNS: [&str; 6] = [
    "row",
    "account",
    "region",
    "usage_type",
    "what",
    "impact_usd",
];
/// Root causes of one anomaly in a short answer.
const CAUSES_SHOWN: usize = 3;

/// Adds the first matching anomalies, and the root causes of each that the filter keeps.
pub(super) fn fill(
    answer: &mut Answer,
    query: &Query,
    matching: &[&Anomaly],
    monitors: &[Monitor],
) {
    answer.matching = Some(matching.len());
    let numbered: Vec<(usize, &Anomaly)> = (1..).zip(matching.iter().copied()).collect();
    let shown = if query.full { MOST_ROWS } else { SHOWN };
    let (shown, rest) = query.paging.cut(numbered, shown);
    let mut rows = Vec::new();
    for (number, anomaly) in shown {
        rows.push(row(number, anomaly, monitors));
        let kept = anomaly.causes.iter().enumerate().filter(|(index, _)| {
            cause_matches(query.scope.as_ref(), anomaly, Some(*index), monitors)
        });
        let most = if query.full { usize::MAX } else { CAUSES_SHOWN };
        for (_, cause) in kept.take(most) {
            answer.cause_rows.push(cause_row(number, anomaly, cause));
        }
    }
    answer.page = Page::of(named(COLUMNS), rows, rest);
    if !answer.cause_rows.is_empty() {
        answer.cause_columns = Some(CAUSE_COLUMNS.to_vec());
    }
}

/// The answer in a line.
pub(super) fn headline(matching: &[&Anomaly], window: Window) -> String {
    match matching.first() {
        None => format!("no matching anomalies from {window}"),
        Some(greatest) => format!(
            "{} {} from {window}, the greatest {} USD above expected in {}",
            matching.len(),
            if matching.len() == 1 {
                "anomaly"
            } else {
                "anomalies"
            },
            greatest.impact_usd.round_dp(2),
            subject(greatest).unwrap_or("an unnamed part of the account")
        ),
    }
}

fn subject(anomaly: &Anomaly) -> Option<&str> {
    anomaly.subject.as_deref().or_else(|| {
        anomaly
            .causes
            .iter()
            .find_map(|cause| cause.service.as_deref())
    })
}

fn row(number: usize, anomaly: &Anomaly, monitors: &[Monitor]) -> Vec<Value> {
    [
        json!(number),
        json!(anomaly.start.map(|day| day.to_string())),
        json!(anomaly.end.map(|day| day.to_string())),
        json!(subject(anomaly)),
        exact(anomaly.impact_usd),
        json!(anomaly.expected_usd.map(exact)),
        json!(anomaly.actual_usd.map(exact)),
        json!(monitor_of(anomaly, monitors).map(|monitor| monitor.name.as_str())),
    ]
    .into()
}

fn cause_row(number: usize, anomaly: &Anomaly, cause: &Cause) -> Value {
    json!([
        number,
        cause.account,
        cause.region,
        cause.usage_type,
        what(anomaly, cause),
        cause.contribution_usd.map(|amount: Decimal| exact(amount)),
    ])
}

/// What a usage type stands for, in words: `Claude 3 Haiku output, batch`.
fn what(anomaly: &Anomaly, cause: &Cause) -> Option<String> {
    let usage = UsageType::parse(cause.usage_type.as_deref()?).ok()?;
    let kind = match usage.kind {
        UsageKind::Token { kind, .. } => kind.name().to_owned(),
        UsageKind::ProvisionedModelUnits(commitment) => {
            format!("provisioned, commitment {commitment}")
        }
        UsageKind::GuardrailTextUnits(policy) => return Some(format!("guardrail {policy}")),
        _ => return None,
    };
    let service = cause.service.as_deref().or(anomaly.subject.as_deref());
    let model = service
        .and_then(model_name)
        .or_else(|| usage.model_id())
        .or(usage.model_segment)?;
    let mut words = format!("{model} {kind}");
    if usage.tier != Tier::Standard {
        words.push_str(", ");
        words.push_str(usage.tier.as_str());
    }
    if usage.routing == Routing::Global {
        words.push_str(", global");
    }
    if usage.long_context {
        words.push_str(", long context");
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(service: &str, usage_type: &str, expected: Option<&str>) {
        let anomaly = Anomaly {
            start: None,
            end: None,
            monitor_arn: String::new(),
            subject: Some(service.to_owned()),
            impact_usd: Decimal::ONE,
            actual_usd: None,
            expected_usd: None,
            causes: Vec::new(),
        };
        let cause = Cause {
            usage_type: Some(usage_type.to_owned()),
            ..Cause::default()
        };
        assert_eq!(what(&anomaly, &cause).as_deref(), expected);
    }

    #[test]
    fn usage_types_are_put_in_words() {
        check(
            "Amazon Bedrock",
            "USE1-NovaMicro-input-tokens-batch",
            Some("amazon.nova-micro-v1:0 input, batch"),
        );
        check(
            "Claude Haiku 4.5 (Amazon Bedrock Edition)",
            "USE1-MP:USE1_OutputTokenCount_Global-Units",
            Some("Claude Haiku 4.5 output, global"),
        );
        check(
            "Amazon Bedrock",
            "USW2-Llama3-1-70B-ProvisionedThroughput-NoCommit-ModelUnits",
            Some("meta.llama3-1-70b-instruct-v1:0 provisioned, commitment none"),
        );
        check(
            "Amazon Bedrock",
            "USE1-Guardrail-ContentPolicyUnitsConsumed",
            Some("guardrail content_filters"),
        );
        check("AWS Lambda", "Lambda-GB-Second", None);
    }
}
