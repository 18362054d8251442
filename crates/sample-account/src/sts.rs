//! STS: who is asking.

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::place::Account;

/// Answers an operation of STS: the caller is a role in the account that pays.
///
/// # Errors
///
/// `InvalidAction` for any operation but `GetCallerIdentity`.
pub fn answer(
    _ledger: &Ledger,
    _region: &str,
    operation: &str,
    _input: &Value,
) -> Result<Value, Fault> {
    if operation != "GetCallerIdentity" {
        return Err(Fault::new(
            "InvalidAction",
            format!("Could not find operation {operation} for version 2011-06-15"),
        ));
    }
    let account = Account::PAYER.id();
    Ok(json!({
        "UserId": "AROASAMPLEFINOPSREAD:analyst",
        "Account": account,
        "Arn": caller_arn(),
    }))
}

/// The role session whose credentials ask.
pub(crate) fn caller_arn() -> String {
    let account = Account::PAYER.id();
    format!("arn:aws:sts::{account}:assumed-role/FinOpsRead/analyst")
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap or index fails the test"
)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_is_in_the_account_that_pays() {
        let ledger = Ledger::new("2026-11-22T15:30:00Z".parse().unwrap());
        let caller = answer(&ledger, "us-east-1", "GetCallerIdentity", &json!({})).unwrap();
        assert_eq!(caller["Account"], "111122223333");
        let arn = caller["Arn"].as_str().unwrap();
        assert!(arn.contains(":111122223333:"));
        let fault = answer(&ledger, "us-east-1", "AssumeRole", &json!({})).unwrap_err();
        assert_eq!(fault.error_type, "InvalidAction");
    }
}
