//! Price List: service codes and format.

use serde_json::Value;

use super::text;
use crate::fault::Fault;

/// Checks a request that satisfies the model.
pub(super) fn check(input: &Value) -> Result<(), Fault> {
    let code = text(input, "ServiceCode");
    if !code.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Fault::new(
            "InvalidParameterException",
            "ServiceCode can only contain a-z, A-Z, 0-9",
        ));
    }
    let format = text(input, "FormatVersion");
    if !["", "aws_v1"].contains(&format) {
        return Err(Fault::new(
            "InvalidParameterException",
            format!("Input Parameters are invalid. formatVersion {format} is not supported"),
        ));
    }
    Ok(())
}
