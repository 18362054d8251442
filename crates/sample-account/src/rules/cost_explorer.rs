//! Cost Explorer's own rules.

use serde_json::Value;

use super::Context;
use crate::fault::Fault;

/// Checks a request that satisfies the model.
pub(super) fn check(_operation: &str, input: &Value, _context: &Context) -> Result<(), Fault> {
    let day = |end| input.pointer(&format!("/TimePeriod/{end}"))?.as_str();
    match (day("Start"), day("End")) {
        (Some(start), Some(end)) if start >= end => Err(Fault::validation(
            "Start date (and hour) should be before end date (and hour)",
        )),
        _ => Ok(()),
    }
}
