//! The service names under which Cost Explorer and the Price List bill Bedrock.
//!
//! Bedrock has no one service name. Amazon's and some open-weight models are billed as `Amazon Bedrock`; models sold
//! through AWS Marketplace are each a service of their own, such as `Claude Haiku 4.5 (Amazon Bedrock Edition)`.

use crate::model_names::model_id_of;
use crate::price_book::PriceBook;

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

/// Returns the service name in AWS's case where the text differs from a known one in case alone.
///
/// Known are `Amazon Bedrock` and the Marketplace names of Anthropic's models: those of other providers are not always
/// the model's name in the price book.
#[must_use]
pub fn known_name(service: &str) -> Option<String> {
    if service.eq_ignore_ascii_case(AMAZON_BEDROCK) {
        return Some(AMAZON_BEDROCK.to_owned());
    }
    let name = model_name(service)?;
    let model = PriceBook::embedded()
        .models()
        .iter()
        .find(|model| model.provider() == "Anthropic" && model.name().eq_ignore_ascii_case(name))?;
    let known = format!("{} {MARKETPLACE_SUFFIX}", model.name());
    known.eq_ignore_ascii_case(service).then_some(known)
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
    fn known_names_are_found_in_any_case_and_by_nothing_else() {
        for (service, expected) in [
            ("amazon bedrock", Some("Amazon Bedrock")),
            (
                "CLAUDE HAIKU 4.5 (AMAZON BEDROCK EDITION)",
                Some("Claude Haiku 4.5 (Amazon Bedrock Edition)"),
            ),
            (
                "Claude Sonnet 5 (Amazon Bedrock Edition)",
                Some("Claude Sonnet 5 (Amazon Bedrock Edition)"),
            ),
            ("Claude Sonnet 5", None),
            ("Claude Sonnet 5(Amazon Bedrock Edition)", None),
            ("Tomorrow 1 (amazon bedrock edition)", None),
            ("bedrock", None),
            ("", None),
        ] {
            assert_eq!(known_name(service).as_deref(), expected, "{service}");
        }
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
