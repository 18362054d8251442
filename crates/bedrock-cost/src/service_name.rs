//! The service names under which Cost Explorer and the Price List bill Bedrock.
//!
//! Bedrock has no one service name. Amazon's and some open-weight models are billed as `Amazon Bedrock`; models sold
//! through AWS Marketplace are each a service of their own, such as `Claude Haiku 4.5 (Amazon Bedrock Edition)`.

use crate::model_names::model_id_of;

/// The service name of what AWS itself sells.
pub const AMAZON_BEDROCK: &str = "Amazon Bedrock";

/// What ends the service name of a model that AWS Marketplace sells.
pub const MARKETPLACE_SUFFIX: &str = "(Amazon Bedrock Edition)";

/// Tells whether a service name belongs to Bedrock: its own names, `AgentCore` and every Marketplace model.
#[must_use]
pub fn is_bedrock_service(name: &str) -> bool {
    let name = name.trim();
    if model_name(name).is_some() {
        return true;
    }
    let Some((head, rest)) = name.split_at_checked(AMAZON_BEDROCK.len()) else {
        return false;
    };
    // "Amazon Bedrock Service" and "Amazon Bedrock AgentCore" are Bedrock, "Amazon Bedrocks" is not.
    head.eq_ignore_ascii_case(AMAZON_BEDROCK)
        && (rest.is_empty() || rest.starts_with([' ', '-', ':']))
}

/// Returns the model's display name out of a Marketplace service name: `Claude Haiku 4.5`.
#[must_use]
pub fn model_name(service: &str) -> Option<&str> {
    let service = service.trim();
    let (name, suffix) =
        service.split_at_checked(service.len().checked_sub(MARKETPLACE_SUFFIX.len())?)?;
    let name = name.trim_end();
    (suffix.eq_ignore_ascii_case(MARKETPLACE_SUFFIX) && !name.is_empty()).then_some(name)
}

/// Returns the model id that a Marketplace service name stands for.
#[must_use]
pub fn model_id(service: &str) -> Option<&'static str> {
    model_id_of(model_name(service)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(service: &str, bedrock: bool, model: Option<&str>, id: Option<&str>) {
        assert_eq!(
            (
                is_bedrock_service(service),
                model_name(service),
                model_id(service)
            ),
            (bedrock, model, id)
        );
    }

    #[test]
    fn service_names_tell_bedrock_and_its_models() {
        check("Amazon Bedrock", true, None, None);
        check("Amazon Bedrock Service", true, None, None);
        check("Amazon Bedrock AgentCore", true, None, None);
        check(
            "Claude Haiku 4.5 (Amazon Bedrock Edition)",
            true,
            Some("Claude Haiku 4.5"),
            Some("anthropic.claude-haiku-4-5-20251001-v1:0"),
        );
        check(
            "OpenAI GPT-5.6 Sol (Amazon Bedrock Edition)",
            true,
            Some("OpenAI GPT-5.6 Sol"),
            Some("openai.gpt-5.6-sol"),
        );
        check(
            "Tomorrow 1 (Amazon Bedrock Edition)",
            true,
            Some("Tomorrow 1"),
            None,
        );
        check("(Amazon Bedrock Edition)", false, None, None);
        check("Amazon Bedrocks", false, None, None);
        check("Amazon Elastic Compute Cloud - Compute", false, None, None);
        check("AWS Lambda", false, None, None);
        check("é", false, None, None);
        check("", false, None, None);
    }
}
