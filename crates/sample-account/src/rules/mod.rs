//! The rules of each service that its API model does not hold.

mod budgets;
mod cloudwatch;
mod cost_explorer;
mod pricing;
#[cfg(test)]
#[rustfmt::skip] // One line a case.
mod tests;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::account::OptIns;
use crate::constraint::{self, Violation};
use crate::fault::Fault;
use crate::service::Service;
use crate::wire::Call;

/// What the rules need to know besides the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    /// The present.
    pub(crate) now: Timestamp,
    /// What the account has switched on.
    pub(crate) opt_ins: OptIns,
}

impl Context {
    /// Today's date in UTC, the zone of every AWS bill.
    fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.now).date()
    }
}

/// Checks a decoded request against its model, then against the service's own rules, and gives
/// values that AWS takes in several spellings the one the answers expect.
pub(crate) fn admit(call: &Call, input: &mut Value, context: &Context) -> Result<(), Fault> {
    let broken = constraint::violations(call.model, &call.operation.input, input);
    if !broken.is_empty() {
        return Err(broken_constraints(call.service, &broken));
    }
    match call.service {
        Service::CostExplorer => {
            cost_explorer::check(call.name, input, context)?;
            cost_explorer::normalize(input);
            Ok(())
        }
        Service::CloudWatch => cloudwatch::check(call.name, input, context),
        Service::Pricing => pricing::check(input),
        Service::Budgets => budgets::check(input),
        // What these refuse beyond their models depends on what the account holds.
        Service::Bedrock | Service::BedrockRuntime | Service::Sts => Ok(()),
    }
}

/// The error a service answers to values that break its model.
fn broken_constraints(service: Service, broken: &[Violation]) -> Fault {
    let message = constraint::message(broken);
    let missing = |violation: &&Violation| violation.value.is_none();
    match service {
        Service::Pricing => match broken.iter().find(missing) {
            Some(violation) => Fault::new(
                "InvalidParameterException",
                format!(
                    "Input Parameters are invalid. {} cannot be null or empty",
                    violation.path
                ),
            ),
            None => Fault::new("InvalidParameterException", message),
        },
        Service::Budgets => Fault::new("InvalidParameterException", message),
        Service::CloudWatch => match broken.iter().find(missing) {
            Some(violation) => Fault::new(
                "MissingRequiredParameterException",
                format!("The parameter {} is required.", as_query(&violation.path)),
            ),
            None => Fault::validation(message),
        },
        _ => Fault::validation(message),
    }
}

/// A path as the query protocol wrote it: `MetricDataQueries.member.1.Id`.
fn as_query(path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.split('.') {
        if part == "member" {
            // The index came first.
            let at = parts.len().saturating_sub(1);
            parts.insert(at, "member".to_owned());
            continue;
        }
        let mut letters = part.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        parts.push(first.into_iter().chain(letters).collect());
    }
    parts.join(".")
}

/// The text of a member, or an empty one where it is absent.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The elements of a list, or none where it is absent.
fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
