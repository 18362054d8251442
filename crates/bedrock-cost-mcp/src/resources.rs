//! MCP resources: what an assistant may read without a call — the checked guide, the IAM policy, each model's rates.

use crate::{
    aws::Aws,
    error::ToolError,
    tools::{self, Call},
};
use bedrock_cost::price_book::{Model, PriceBook};
use percent_encoding::percent_decode_str;
use rmcp::model::{Resource, ResourceContents, ResourceTemplate};
use serde_json::{Map, Value, json};

const MARKDOWN: &str = "text/markdown";
const JSON: &str = "application/json";
/// Where a model's rates are read: its id, profile id or exact name, percent-encoded, fills the gap.
pub(crate) const PRICES_TEMPLATE: &str = "bedrock-cost://prices/{model}";
const PRICES: &str = "bedrock-cost://prices/";
/// The most suggestions that one completion may hold (MCP 2026-07-28, `completion/complete`).
const MOST_SUGGESTIONS: usize = 100;

/// A text that is part of the program.
struct Document {
    uri: &'static str,
    name: &'static str,
    title: &'static str,
    description: &'static str,
    kind: &'static str,
    text: &'static str,
}

static DOCUMENTS: [Document; 3] = [
    Document {
        uri: "bedrock-cost://guide",
        name: "guide-checked",
        title: "The cost optimization guide, checked",
        description: "Every figure of the guide: what it computes to, from what, and the verdict",
        kind: MARKDOWN,
        text: include_str!("../../../docs/guide-checked.md"),
    },
    Document {
        uri: "bedrock-cost://rules",
        name: "savings",
        title: "Savings, by rule",
        description: "Every optimization rule of find_savings: what it proposes, what it needs to know, how savings combine",
        kind: MARKDOWN,
        text: include_str!("../../../docs/savings.md"),
    },
    Document {
        uri: "bedrock-cost://iam-policy",
        name: "iam-policy",
        title: "IAM policy",
        description: "The read-only permissions that the tools use",
        kind: JSON,
        text: include_str!("../../../examples/iam-policy.json"),
    },
];

/// Why a resource was not read.
#[derive(Debug)]
pub(crate) enum NotRead {
    /// No resource has this URI.
    Unknown,
    /// There is such a resource, but not for what fills its gap.
    Refused(ToolError),
}

/// Every resource without a gap.
pub(crate) fn list() -> Vec<Resource> {
    DOCUMENTS
        .iter()
        .map(|document| {
            Resource::new(document.uri, document.name)
                .with_title(document.title)
                .with_description(document.description)
                .with_mime_type(document.kind)
                .with_size(document.text.len() as u64)
        })
        .collect()
}

/// Every resource with a gap.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new(PRICES_TEMPLATE, "prices")
            .with_title("Rates of a model")
            .with_description("Every rate of one model in the price book, USD per 1M tokens")
            .with_mime_type(JSON),
    ]
}

/// Reads one resource. Nothing is asked of AWS.
pub(crate) async fn read(aws: &Aws, uri: &str) -> Result<ResourceContents, NotRead> {
    if let Some(document) = DOCUMENTS.iter().find(|document| document.uri == uri) {
        return Ok(ResourceContents::text(document.text, uri).with_mime_type(document.kind));
    }
    let model = uri.strip_prefix(PRICES).ok_or(NotRead::Unknown)?;
    let model = percent_decode_str(model)
        .decode_utf8()
        .map_err(|_| NotRead::Unknown)?;
    let rates = rates(aws, &model).await.map_err(NotRead::Refused)?;
    Ok(ResourceContents::text(Value::Object(rates).to_string(), uri).with_mime_type(JSON))
}

/// The answer of `get_pricing` for a model, in full.
async fn rates(aws: &Aws, model: &str) -> Result<Map<String, Value>, ToolError> {
    let arguments = json!({"model": [model], "detail": "full", "limit": 500});
    let Value::Object(arguments) = arguments else {
        return Ok(Map::new());
    };
    let call = Call::new(aws.clone(), None);
    let answered = tools::get_pricing().call(arguments, call).await?;
    Ok(answered.json)
}

/// Model ids that begin with a text, then those that hold it, and how many there are in all.
pub(crate) fn complete_model(begun: &str) -> (Vec<String>, usize) {
    let begun = begun.to_lowercase();
    let ids = || PriceBook::embedded().models().iter().map(Model::id);
    let first = ids().filter(|id| id.starts_with(&begun));
    let then = ids().filter(|id| !id.starts_with(&begun) && id.contains(&begun));
    let mut found: Vec<String> = first.chain(then).map(str::to_owned).collect();
    let all = found.len();
    found.truncate(MOST_SUGGESTIONS);
    (found, all)
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use crate::tools::on_sample;

    async fn text(uri: &str) -> Result<String, NotRead> {
        match read(&on_sample::account("2026-11-22"), uri).await? {
            ResourceContents::TextResourceContents { text, .. } => Ok(text),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn each_listed_resource_is_read_and_has_the_size_it_says() {
        for resource in list() {
            let text = text(&resource.uri).await.unwrap();
            assert_eq!(Some(text.len() as u64), resource.size, "{}", resource.uri);
        }
        let guide = text("bedrock-cost://guide").await.unwrap();
        assert!(guide.contains("| The guide says | Computed | From | Verdict |"));
    }

    #[tokio::test]
    async fn rates_are_read_under_every_name_of_a_model() {
        for name in [
            "amazon.nova-micro-v1:0",
            "amazon.nova-micro-v1%3A0",
            "Nova%20Micro",
        ] {
            let text = text(&format!("bedrock-cost://prices/{name}"))
                .await
                .unwrap();
            // 0.035 and 0.14 USD per 1M tokens in us-east-1, AWS's price list.
            assert!(text.contains("0.035") && text.contains("0.14"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_model_that_is_not_listed_is_refused_with_the_nearest() {
        match text("bedrock-cost://prices/nova-mikro").await {
            Err(NotRead::Refused(error)) => assert_eq!(error.code(), "unknown_model"),
            other => panic!("{other:?}"),
        }
        for uri in [
            "bedrock-cost://price",
            "bedrock-cost://prices/%FF",
            "file:///etc/passwd",
            "",
        ] {
            assert!(matches!(text(uri).await, Err(NotRead::Unknown)), "{uri}");
        }
    }

    #[test]
    fn a_begun_model_id_is_completed_with_what_begins_so_first() {
        let (found, all) = complete_model("Amazon.Nova-mi");
        assert_eq!(found, ["amazon.nova-micro-v1:0"]);
        assert_eq!(all, 1);
        let (found, _) = complete_model("micro");
        assert!(found.contains(&"amazon.nova-micro-v1:0".to_owned()));
        let (found, all) = complete_model("");
        assert_eq!(found.len(), MOST_SUGGESTIONS);
        assert_eq!(all, PriceBook::embedded().models().len());
        assert_eq!(complete_model("no such model").0, Vec::<String>::new());
    }
}
