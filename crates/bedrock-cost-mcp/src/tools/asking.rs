//! What calls to AWS share: where to ask, how much detail to show, what a dry run and a refusal carry.

use super::{
    Tool,
    arguments::{List, quoted},
    reply::{Reply, exact},
};
use crate::{
    aws::Target,
    error::{CorrectedRequest, ToolError},
};
use bedrock_cost::region::Region;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// Reads the two arguments. A region that AWS does not have is refused here: no endpoint would answer for it.
pub(crate) fn target(region: Option<&str>, profile: Option<String>) -> Result<Target, ToolError> {
    let region = region
        .map(|text| Region::parse_known(text.trim()))
        .transpose()
        .map_err(|error| {
            ToolError::invalid(
                error.to_string(),
                "give one region such as us-east-1, or leave region out for the configured one",
            )
        })?
        .map(|region| region.as_str().to_owned());
    Ok(Target { profile, region })
}

/// Reads one region or several, by id or by the name that AWS shows, each once.
pub(crate) fn regions(given: Option<&List<String>>, most: usize) -> Result<Vec<Region>, ToolError> {
    let mut regions: Vec<Region> = Vec::new();
    for text in given.iter().flat_map(|list| &list.0) {
        let region = Region::parse_known(text.trim())
            .or_else(|error| Region::from_display_name(text).ok_or(error))
            .map_err(|error| {
                ToolError::invalid(error.to_string(), "region is one or more such as us-east-1")
            })?;
        if !regions.contains(&region) {
            regions.push(region);
        }
    }
    if regions.len() > most {
        return Err(ToolError::invalid(
            format!("{} regions were given", regions.len()),
            format!("ask for at most {most} regions in one call"),
        ));
    }
    Ok(regions)
}

/// Reads `detail`: true for `full`, false for `summary` and nothing.
pub(crate) fn wants_full(detail: Option<&str>) -> Result<bool, ToolError> {
    let word = detail.map(|text| text.trim().to_ascii_lowercase());
    match word.as_deref() {
        None | Some("" | "summary" | "short") => Ok(false),
        Some("full") => Ok(true),
        Some(other) => Err(ToolError::invalid(
            format!("there is no detail {}", quoted(other)),
            "use full, or leave detail out for the summary",
        )),
    }
}

/// The answer to a dry run: the request as it would be sent, and what it would cost.
pub(crate) fn dry_run(request: Value, price_usd: Decimal, note: &str) -> Reply {
    Reply::new(
        format!("nothing was sent; it would cost {price_usd} USD"),
        &json!({"dry_run": true, "price_usd": exact(price_usd), "price_note": note}),
    )
    .effective(Some(request))
}

/// Refuses a call of tool `T` and offers other arguments for it.
pub(crate) fn refused<T: Tool>(
    problem: impl Into<String>,
    accepted: impl Into<String>,
    arguments: Map<String, Value>,
) -> ToolError {
    ToolError::InvalidArgument {
        problem: problem.into(),
        accepted: accepted.into(),
        corrected: Some(Box::new(CorrectedRequest {
            tool: T::NAME,
            arguments,
        })),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn the_case_of_detail_does_not_matter() {
        assert!(wants_full(Some(" FULL")).unwrap());
        assert!(!wants_full(Some("Summary")).unwrap());
        assert!(wants_full(Some("all")).is_err());
    }

    #[test]
    fn regions_are_checked_before_anything_is_sent() {
        assert_eq!(
            target(Some(" EU-WEST-1 "), None).unwrap().region.as_deref(),
            Some("eu-west-1")
        );
        assert_eq!(target(None, None).unwrap(), Target::default());
        for wrong in [
            "us-est-1",
            "mars-north-1",
            "",
            "us-east-1\u{7}",
            "us-east-1, us-west-2",
        ] {
            let error = target(Some(wrong), None).unwrap_err();
            assert_eq!(error.code(), "invalid_argument", "{wrong:?}");
            assert!(!error.to_text().contains('\u{7}'));
        }
        assert!(
            target(Some("us-est-1"), None)
                .unwrap_err()
                .to_text()
                .contains("us-east-1")
        );
    }
}
