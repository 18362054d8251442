//! The rules of each service that its API model does not hold.

mod cost_explorer;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::account::OptIns;
use crate::fault::Fault;
use crate::service::Service;

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
    pub(crate) fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.now).date()
    }
}

/// Checks a request that already satisfies its model.
pub(crate) fn check(
    service: Service,
    operation: &str,
    input: &Value,
    context: &Context,
) -> Result<(), Fault> {
    match service {
        Service::CostExplorer => cost_explorer::check(operation, input, context),
        _ => Ok(()),
    }
}

/// The error a service answers to a value that breaks its model.
pub(crate) fn broken_constraint(service: Service, message: String) -> Fault {
    match service {
        Service::Pricing | Service::Budgets => Fault::new("InvalidParameterException", message),
        _ => Fault::validation(message),
    }
}
