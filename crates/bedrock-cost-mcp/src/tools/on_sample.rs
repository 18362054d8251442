//! For tests: one call of a listed tool on the simulated account, as a client would make it.

use super::Call;
use crate::{
    aws::Aws,
    config::{Account, Settings, Timeouts},
    error::ToolError,
    files::AllowedFolders,
    prices::Prices,
    state::{Place, limit::SpendLimit},
};
use serde_json::{Map, Value};

/// The account as it stands on a day.
pub(crate) fn account(as_of: &str) -> Aws {
    account_with(as_of, AllowedFolders::default())
}

/// The account as it stands on a day, for calls that name files.
pub(crate) fn account_with(as_of: &str, folders: AllowedFolders) -> Aws {
    Aws::new(Settings {
        account: Account::Sample,
        as_of: as_of.parse().ok(),
        timeouts: Timeouts::default(),
        prices: Prices::default(),
        folders,
        state: Place::Nowhere,
        spend_limit: SpendLimit::default(),
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

/// The rows of an answer as objects, with what all of them share.
pub(crate) fn records(answer: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let list = |name: &str| {
        answer
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let shared = answer.get("in_every_row").and_then(Value::as_object);
    list("rows")
        .map(|row| {
            let cells = row.as_array().into_iter().flatten().cloned();
            let names = list("columns").filter_map(Value::as_str).map(str::to_owned);
            names
                .zip(cells)
                .chain(shared.cloned().into_iter().flatten())
                .collect()
        })
        .collect()
}
