//! Finds the function that answers an operation.

use serde_json::Value;

use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::service::Service;

/// What the account answers, or none where it does not answer for the service at all.
pub(crate) fn answer(
    _ledger: &Ledger,
    _service: Service,
    _operation: &str,
    _region: &str,
    _input: &Value,
) -> Option<Result<Value, Fault>> {
    None
}
