//! For tests: one call of a listed tool on the simulated account, as a client would make it.

use super::Call;
use crate::{
    aws::Aws,
    config::{Account, Settings, Timeouts},
    error::ToolError,
    prices::Prices,
};
use serde_json::{Map, Value};

/// The account as it stands on a day.
pub(crate) fn account(as_of: &str) -> Aws {
    Aws::new(Settings {
        account: Account::Sample,
        as_of: as_of.parse().ok(),
        timeouts: Timeouts::default(),
        prices: Prices::default(),
    })
}

/// Calls a listed tool.
pub(crate) async fn call(
    aws: &Aws,
    tool: &str,
    arguments: Value,
) -> Result<Map<String, Value>, ToolError> {
    let entry = super::all()
        .iter()
        .find(|entry| entry.name == tool)
        .ok_or_else(|| ToolError::invalid(format!("no tool {tool}"), ""))?;
    let Value::Object(arguments) = arguments else {
        return Err(ToolError::invalid("the arguments are not an object", ""));
    };
    entry
        .call(arguments, Call::new(aws.clone(), None))
        .await
        .map(|answered| answered.json)
}
