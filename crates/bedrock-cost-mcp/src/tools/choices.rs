//! Arguments that several tools share, read alike: `bedrock_scope` and counts.

use super::arguments::{Whole, quoted};
use crate::error::ToolError;

/// Whether `Amazon Bedrock` stands for everything that Bedrock is billed as: `all`, the default, or `exact`.
pub(super) fn all_bedrock(scope: Option<&str>) -> Result<bool, ToolError> {
    let word = scope.map(|text| text.trim().to_ascii_lowercase());
    match word.as_deref() {
        None | Some("all" | "") => Ok(true),
        Some("exact") => Ok(false),
        Some(other) => Err(ToolError::invalid(
            format!("bedrock_scope {} is not known", quoted(other)),
            "bedrock_scope is \"all\" or \"exact\"",
        )),
    }
}

/// Reads a count that has a least value, and a value of its own when it is not given.
pub(super) fn at_least(
    name: &str,
    given: Option<Whole>,
    least: usize,
    default: usize,
) -> Result<usize, ToolError> {
    let Some(Whole(number)) = given else {
        return Ok(default);
    };
    usize::try_from(number)
        .ok()
        .filter(|number| *number >= least)
        .ok_or_else(|| {
            ToolError::invalid(
                format!("{name} is {number}"),
                format!("{name} is a whole number from {least}, {default} when not given"),
            )
        })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn words_and_counts_are_read_or_refused() {
        assert!(all_bedrock(None).unwrap());
        assert!(!all_bedrock(Some("exact")).unwrap());
        assert!(!all_bedrock(Some(" Exact")).unwrap());
        assert!(all_bedrock(Some("ALL")).unwrap());
        assert!(
            all_bedrock(Some("some"))
                .unwrap_err()
                .to_text()
                .contains("\"all\" or \"exact\"")
        );
        assert_eq!(at_least("limit", None, 1, 12).unwrap(), 12);
        assert_eq!(at_least("limit", Some(Whole(1)), 1, 12).unwrap(), 1);
        for number in [0, -5, i64::MIN] {
            let error = at_least("limit", Some(Whole(number)), 1, 12).unwrap_err();
            assert!(error.to_text().contains("from 1"), "{}", error.to_text());
        }
    }
}
