//! Service codes of the Price List: where Bedrock's prices are, and which codes are refused before AWS is asked.

use crate::{
    aws::{Target, pricing},
    error::ToolError,
    tools::{Call, arguments::quoted, reply::Correction},
};
use bedrock_cost::names::{nearest, same_name};

/// What AWS itself sells.
pub(super) const NATIVE: &str = "AmazonBedrock";
/// Models sold through AWS Marketplace: Claude, Cohere, AI21, Stability and others.
pub(super) const MARKETPLACE: &str = "AmazonBedrockFoundationModels";
/// A few models of both kinds.
const SERVICE: &str = "AmazonBedrockService";
const AGENT_CORE: &str = "AmazonBedrockAgentCore";

/// Every attribute of a price in [`MARKETPLACE`], and the fields that every product has.
pub(super) const MARKETPLACE_ATTRIBUTES: [&str; 11] = [
    "location",
    "locationType",
    "operation",
    "productFamily",
    "regionCode",
    "ServiceCode",
    "servicecode",
    "servicename",
    "sku",
    "termType",
    "usagetype",
];

/// Bedrock's codes, and those of services that work beside it.
const KNOWN: [&str; 12] = [
    NATIVE,
    MARKETPLACE,
    SERVICE,
    AGENT_CORE,
    "AWSLambda",
    "AmazonApiGateway",
    "AmazonCloudWatch",
    "AmazonDynamoDB",
    "AmazonEC2",
    "AmazonES",
    "AmazonS3",
    "AmazonSageMaker",
];

/// A code this close to a known one is a slip; AWS has hundreds of other codes, many a few letters apart.
const MOST_SLIPS: usize = 2;

/// Reads a service code; one in another spelling is corrected, and one that looks like a known one is refused.
pub(super) fn read(given: &str, corrections: &mut Vec<Correction>) -> Result<String, ToolError> {
    let text = given.trim();
    if KNOWN.contains(&text) {
        return Ok(text.to_owned());
    }
    let aliased = if same_name(text, "bedrock") {
        NATIVE
    } else {
        text
    };
    if let Some(known) = KNOWN.into_iter().find(|known| same_name(known, aliased)) {
        corrections.push(Correction::new(
            "service_code",
            format!("{} read as {known}", quoted(text)),
        ));
        return Ok(known.to_owned());
    }
    let near: Vec<&str> = nearest(text, KNOWN, 3)
        .into_iter()
        .filter(|known| strsim::damerau_levenshtein(known, text) <= MOST_SLIPS)
        .collect();
    let well_formed = !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !well_formed || !near.is_empty() || text.to_ascii_lowercase().contains("bedrock") {
        return Err(unknown(text, &near));
    }
    Ok(text.to_owned())
}

fn unknown(given: &str, near: &[&str]) -> ToolError {
    let near = if near.is_empty() {
        &[NATIVE, MARKETPLACE, SERVICE, AGENT_CORE]
    } else {
        near
    };
    ToolError::invalid(
        format!("there is no service code {}", quoted(given)),
        format!(
            "the nearest are {}; leave service_code out and name a model for the price book",
            near.join(", ")
        ),
    )
}

/// The codes to read: all of Bedrock's where only `AmazonBedrock` was named, unless that was to be exact.
pub(super) async fn to_read(
    call: &Call,
    target: &Target,
    code: &str,
    all_bedrock: bool,
) -> Result<Vec<String>, ToolError> {
    if code == NATIVE && all_bedrock {
        return Ok([NATIVE, MARKETPLACE, SERVICE].map(str::to_owned).into());
    }
    // A code that is not known here is looked up first: that is free, and AWS answers an unknown one with an error.
    if !KNOWN.contains(&code) && !pricing::has_service(&call.aws, &call.meter, target, code).await?
    {
        return Err(unknown(code, &[]));
    }
    Ok(vec![code.to_owned()])
}

/// Tells whether the prices of a code are Bedrock's, for which the price book can stand in.
pub(super) fn is_bedrock(code: &str) -> bool {
    [NATIVE, MARKETPLACE, SERVICE].contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, expected: Result<&str, &str>) {
        let mut corrections = Vec::new();
        let found = read(given, &mut corrections).map_err(|error| error.to_text());
        match expected {
            Ok(code) => {
                assert_eq!(found.as_deref(), Ok(code));
                assert_eq!(corrections.is_empty(), code == given, "{given}");
            }
            Err(part) => assert!(
                found.as_ref().is_err_and(|text| text.contains(part)),
                "{found:?}"
            ),
        }
    }

    #[test]
    fn service_codes_are_read_corrected_or_refused() {
        check("AmazonBedrock", Ok("AmazonBedrock"));
        check("Amazon Bedrock", Ok("AmazonBedrock"));
        check("bedrock", Ok("AmazonBedrock"));
        check("amazons3", Ok("AmazonS3"));
        check("AmazonLightsail", Ok("AmazonLightsail"));
        check("AmazonBedrok", Err("the nearest are AmazonBedrock"));
        check("BedrockRuntime", Err("there is no service code"));
        check("", Err("there is no service code \"\""));
        check("Amazon\u{7}Bedrock!", Err("there is no service code"));
    }
}
