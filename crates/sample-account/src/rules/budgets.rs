//! Budgets: whose budgets may be read.

use serde_json::Value;

use super::text;
use crate::fault::Fault;
use crate::ledger::place::Account;

/// Checks a request that satisfies the model.
pub(super) fn check(input: &Value) -> Result<(), Fault> {
    let account = text(input, "AccountId");
    if account == Account::PAYER.id() {
        return Ok(());
    }
    Err(Fault::new(
        "AccessDeniedException",
        format!("Account {account} is a linked account or does not belong to the caller."),
    ))
}
