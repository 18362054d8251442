//! The service names under which Cost Explorer and the Price List bill Bedrock.
//!
//! Bedrock has no one service name. Amazon's and some open-weight models are billed as `Amazon Bedrock`; models sold
//! through AWS Marketplace are each a service of their own, such as `Claude Haiku 4.5 (Amazon Bedrock Edition)`.

use crate::model_names::model_id_of;
use crate::price_book::{Model, PriceBook};

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

/// What AWS bills Bedrock's `AgentCore` as.
const AGENT_CORE: &str = "Amazon Bedrock AgentCore";

/// Providers whose models AWS bills as `Amazon Bedrock` (Price List `AmazonBedrock`, checked 2026-11-22).
const NATIVE: [&str; 5] = ["Amazon", "DeepSeek", "Meta", "Mistral AI", "Qwen"];

/// Words of which one at least names Anthropic's models: without any, a text may be anyone's product.
const FAMILIES: [&str; 6] = ["claude", "haiku", "sonnet", "opus", "fable", "mythos"];

/// Words that people put around the name of a model and that tell no models apart.
const AROUND: [&str; 11] = [
    "amazon",
    "anthropic",
    "aws",
    "bedrock",
    "by",
    "edition",
    "in",
    "marketplace",
    "model",
    "models",
    "on",
];

/// Returns what AWS bills as, where the text is a name of Bedrock or its models that no bill has.
///
/// `Bedrock` is billed as `Amazon Bedrock`, `Claude Sonnet 5` as `Claude Sonnet 5 (Amazon Bedrock Edition)`, and
/// `Anthropic` as every one of its models. Returns `None` for names that bills do have, and for every text that may
/// be the name of a service not known here: the list of AWS's services is open, and so is its Marketplace.
#[must_use]
pub fn meant_by(service: &str) -> Option<Vec<String>> {
    // A name whose parts are right may still lack the space between them.
    let is_whole =
        model_name(service).is_none_or(|name| edition(name).eq_ignore_ascii_case(service.trim()));
    if (is_bedrock_service(service) && is_whole) || service.len() > LONGEST_NAME {
        return None;
    }
    let letters: String = service
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    match letters.as_str() {
        "bedrock"
        | "awsbedrock"
        | "amazonbedrock"
        | "bedrockruntime"
        | "amazonbedrockruntime"
        | "bedrockservice"
        | "amazonbedrockservice" => {
            return Some(vec![AMAZON_BEDROCK.to_owned()]);
        }
        "bedrockagentcore" | "awsbedrockagentcore" | "amazonbedrockagentcore" => {
            return Some(vec![AGENT_CORE.to_owned()]);
        }
        _ => {}
    }
    let words = words(service);
    let telling: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !AROUND.contains(word))
        .collect();
    if let Some(model) = model_id_of(&telling.join(" ")).and_then(listed) {
        if model.provider() == "Anthropic" {
            return Some(vec![edition(model.name())]);
        }
        return NATIVE
            .contains(&model.provider())
            .then(|| vec![AMAZON_BEDROCK.to_owned()]);
    }
    let is_anthropic = words.iter().any(|word| word == "anthropic");
    if !is_anthropic && !telling.iter().any(|word| FAMILIES.contains(word)) {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    for model in PriceBook::embedded().models() {
        let of_model = self::words(model.name());
        let fits = telling
            .iter()
            .all(|word| of_model.iter().any(|own| own == word));
        if model.provider() == "Anthropic" && fits {
            let name = edition(model.name());
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    (!names.is_empty()).then_some(names)
}

/// Longer than any service name.
const LONGEST_NAME: usize = 128;

fn listed(id: &str) -> Option<&'static Model> {
    PriceBook::embedded()
        .models()
        .iter()
        .find(|model| model.id() == id)
}

fn edition(name: &str) -> String {
    format!("{name} {MARKETPLACE_SUFFIX}")
}

/// Words in lower case; the point in a version belongs to its word.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}

/// Returns the service name in AWS's case where the text differs from a known one in case, or spaces around it, alone.
///
/// Known are `Amazon Bedrock` and the Marketplace names of Anthropic's models: those of other providers are not always
/// the model's name in the price book.
#[must_use]
pub fn known_name(service: &str) -> Option<String> {
    let service = service.trim();
    if service.eq_ignore_ascii_case(AMAZON_BEDROCK) {
        return Some(AMAZON_BEDROCK.to_owned());
    }
    let name = model_name(service)?;
    let model = PriceBook::embedded()
        .models()
        .iter()
        .find(|model| model.provider() == "Anthropic" && model.name().eq_ignore_ascii_case(name))?;
    let known = edition(model.name());
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
            ("Amazon Bedrock ", Some("Amazon Bedrock")),
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

    #[track_caller]
    fn check_meant(service: &str, expected: &[&str]) {
        assert_eq!(meant_by(service).unwrap_or_default(), expected, "{service}");
    }

    #[test]
    fn names_that_no_bill_has_stand_for_those_that_one_has() {
        for service in [
            "Bedrock",
            "bedrock",
            "AmazonBedrock",
            "AWS Bedrock",
            "bedrock-runtime",
            "AmazonBedrockService",
        ] {
            check_meant(service, &["Amazon Bedrock"]);
        }
        check_meant("AmazonBedrockAgentCore", &["Amazon Bedrock AgentCore"]);
        for service in [
            "Claude Sonnet 5",
            "Anthropic Claude Sonnet 5",
            "anthropic.claude-sonnet-5",
            "Claude Sonnet 5(Amazon Bedrock Edition)",
            "Claude Sonnet 5 (Bedrock Edition)",
            "Claude Sonnet 5 on Amazon Bedrock",
        ] {
            check_meant(service, &["Claude Sonnet 5 (Amazon Bedrock Edition)"]);
        }
        for service in [
            "Nova Pro",
            "Amazon Nova Pro",
            "Llama 3.3 70B",
            "amazon.nova-pro-v1:0",
        ] {
            check_meant(service, &["Amazon Bedrock"]);
        }
    }

    #[test]
    fn a_family_stands_for_each_of_its_models() {
        let haiku = meant_by("Claude Haiku").unwrap_or_default();
        assert!(
            haiku.contains(&"Claude Haiku 4.5 (Amazon Bedrock Edition)".to_owned()),
            "{haiku:?}"
        );
        assert!(
            haiku.contains(&"Claude 3 Haiku (Amazon Bedrock Edition)".to_owned()),
            "{haiku:?}"
        );
        assert!(haiku.iter().all(|name| name.contains("Haiku")), "{haiku:?}");
        let all = meant_by("Anthropic").unwrap_or_default();
        assert_eq!(
            meant_by("claude models on bedrock")
                .unwrap_or_default()
                .len(),
            all.len()
        );
        assert!(haiku.iter().all(|name| all.contains(name)));
        assert!(all.iter().all(|name| is_bedrock_service(name)));
    }

    #[test]
    fn what_may_be_a_service_is_left_alone() {
        for service in [
            "Amazon Bedrock",
            "amazon bedrock",
            "Amazon Bedrock Service",
            "Claude Sonnet 5 (Amazon Bedrock Edition)",
            "Tomorrow 1 (Amazon Bedrock Edition)",
            "Amazon Elastic Compute Cloud - Compute",
            "AWS Lambda",
            "EC2 - Other",
            "Tax",
            "Amazon Nova Act",
            "Claude Code for Enterprise",
            "Bedrock Data Platform",
            "Instant",
            "3",
            "Amazon",
            "",
        ] {
            check_meant(service, &[]);
        }
        check_meant(&"Bedrock".repeat(10_000), &[]);
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
