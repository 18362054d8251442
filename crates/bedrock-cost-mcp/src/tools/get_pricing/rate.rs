//! One price of the Price List: read from AWS's JSON, its unit made comparable, its usage type taken apart.

use crate::error::ToolError;
use bedrock_cost::{
    inference::{Routing, Tier},
    model_names::model_id_of,
    price_book::PriceBook,
    service_name::{is_bedrock_service, model_id, model_name},
    tokens::TokenKind,
    usage_type::{BilledUnit, Modality, UsageKind, UsageType},
};
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A price with what it is for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rate {
    pub(super) service_code: String,
    pub(super) region: String,
    pub(super) usage_type: String,
    /// The model's display name, where the product has a model.
    pub(super) model: Option<String>,
    pub(super) model_id: Option<&'static str>,
    /// What is counted: a kind of token, or AWS's own word.
    pub(super) what: String,
    /// The kind of token, when the rate is that of an ordinary request: no long context, no customized model.
    pub(super) plain_token: Option<TokenKind>,
    pub(super) tier: Option<Tier>,
    pub(super) routing: Option<Routing>,
    pub(super) usd: Decimal,
    /// `1M tokens` for tokens, AWS's unit for everything else.
    pub(super) unit: String,
    /// The day from which AWS lists the price.
    pub(super) effective: String,
}

#[derive(Deserialize)]
struct Item {
    product: Product,
    #[serde(rename = "serviceCode", default)]
    service_code: String,
    #[serde(default)]
    terms: Terms,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
struct Terms {
    #[serde(rename = "OnDemand", default)]
    on_demand: BTreeMap<String, Term>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    #[serde(default)]
    effective_date: String,
    #[serde(default)]
    price_dimensions: BTreeMap<String, PriceDimension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PriceDimension {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    price_per_unit: BTreeMap<String, String>,
}

/// Reads every dollar price of one product.
pub(super) fn read(item: &str) -> Result<Vec<Rate>, ToolError> {
    let item: Item = serde_json::from_str(item).map_err(|error| ToolError::OddAnswer {
        problem: format!("a product of the Price List could not be read: {error}"),
    })?;
    let mut rates = Vec::new();
    for term in item.terms.on_demand.values() {
        for dimension in term.price_dimensions.values() {
            let Some(usd) = dimension.price_per_unit.get("USD") else {
                continue;
            };
            let usd = usd.parse::<Decimal>().map_err(|_| ToolError::OddAnswer {
                problem: "a price of the Price List is not a number".to_owned(),
            })?;
            rates.push(rate(&item, term, &dimension.unit, usd));
        }
    }
    Ok(rates)
}

fn rate(item: &Item, term: &Term, unit: &str, usd: Decimal) -> Rate {
    let attribute = |name: &str| {
        item.product
            .attributes
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    };
    let usage_type = attribute("usagetype").unwrap_or_default();
    let service = attribute("servicename").unwrap_or_default();
    let is_bedrock = is_bedrock_service(service) || item.service_code.starts_with("AmazonBedrock");
    let usage = UsageType::parse(usage_type).ok().filter(|_| is_bedrock);
    let (usd, unit) = comparable(usd, unit, usage.as_ref());
    let (model, model_id) = model(&attribute, service, usage.as_ref());
    Rate {
        service_code: item.service_code.clone(),
        region: attribute("regionCode")
            .map(str::to_owned)
            .or_else(|| Some(usage.as_ref()?.region.as_ref()?.as_str().to_owned()))
            .unwrap_or_default(),
        model,
        model_id,
        what: usage
            .as_ref()
            .map(what)
            .or_else(|| attribute("inferenceType").map(str::to_owned))
            .or_else(|| attribute("group").map(str::to_owned))
            .unwrap_or_default(),
        plain_token: usage.as_ref().and_then(plain_token),
        tier: usage.as_ref().map(|usage| usage.tier),
        routing: usage.as_ref().map(|usage| usage.routing),
        usd,
        unit,
        usage_type: usage_type.to_owned(),
        effective: term.effective_date.get(..10).unwrap_or_default().to_owned(),
    }
}

/// Makes a token price that of a million tokens, whichever of AWS's units it is in; other units stay as they are.
fn comparable(usd: Decimal, unit: &str, usage: Option<&UsageType<'_>>) -> (Decimal, String) {
    // "Units" says nothing: then the grammar of the usage type does.
    let billed = BilledUnit::from_aws(unit).or_else(|| usage.map(UsageType::unit));
    if let Some(BilledUnit::Tokens { per_unit }) = billed
        && let Some(factor) = Decimal::from(1_000_000).checked_div(Decimal::from(per_unit))
        && let Some(usd) = usd.checked_mul(factor)
    {
        return (usd.normalize(), "1M tokens".to_owned());
    }
    (usd.normalize(), unit.to_owned())
}

/// The model of a product: by its attribute, by the name of the Marketplace service, or by the usage type.
fn model<'a>(
    attribute: &impl Fn(&str) -> Option<&'a str>,
    service: &str,
    usage: Option<&UsageType<'_>>,
) -> (Option<String>, Option<&'static str>) {
    let named = attribute("model")
        .or_else(|| attribute("titanModel"))
        .or_else(|| model_name(service));
    let id = model_id(service)
        .or_else(|| usage.and_then(UsageType::model_id))
        .or_else(|| named.and_then(model_id_of));
    // Service codes spell one model in several ways; the price book's name makes them one.
    let known = id.and_then(|id| PriceBook::embedded().resolve(id).ok());
    let name = known
        .map(|known| known.model.name().to_owned())
        .or_else(|| named.map(str::to_owned))
        .or_else(|| Some(usage?.model_segment?.to_owned()));
    (name, id)
}

fn plain_token(usage: &UsageType<'_>) -> Option<TokenKind> {
    match usage.kind {
        UsageKind::Token {
            kind,
            modality: None | Some(Modality::Text),
        } if !usage.long_context && !usage.custom_model => Some(kind),
        _ => None,
    }
}

fn what(usage: &UsageType<'_>) -> String {
    let mut words = match usage.kind {
        UsageKind::Token { kind, modality } => match modality {
            None => kind.name().to_owned(),
            Some(modality) => format!("{} {modality}", kind.name()),
        },
        UsageKind::TrainingTokens(_) => "training".to_owned(),
        UsageKind::ReservedTpm { direction, term } => format!("reserved {direction} {term}"),
        UsageKind::ProvisionedModelUnits(commitment) => format!("provisioned {commitment}"),
        UsageKind::GuardrailTextUnits(policy) => format!("guardrail {policy}"),
        UsageKind::GuardrailImages => "guardrail images".to_owned(),
        UsageKind::GuardrailCheckTextUnits(check) => format!("guardrail check {check}"),
        UsageKind::Images { direction, variant } => match variant {
            None => format!("{direction} images"),
            Some(variant) => format!("{direction} images {variant}"),
        },
        UsageKind::SearchUnits => "search units".to_owned(),
        UsageKind::CacheStorage => "cache storage".to_owned(),
        UsageKind::CustomModelStorage => "custom model storage".to_owned(),
        UsageKind::CustomModelTraining => "custom model training".to_owned(),
        UsageKind::TrainingHours => "training hours".to_owned(),
        UsageKind::WebGrounding => "web grounding".to_owned(),
        UsageKind::ImportedModelMinutes { version } => format!("imported model {version}"),
        UsageKind::ImportedModelStorage { version } => format!("imported model storage {version}"),
        UsageKind::AgentCore {
            component,
            dimension,
        } => format!("{component} {dimension}"),
        UsageKind::DataAutomation(what) => format!("data automation {what}"),
        UsageKind::KnowledgeBase(what) => format!("knowledge base {what}"),
    };
    if usage.long_context {
        words.push_str(" long context");
    }
    if usage.custom_model {
        words.push_str(" custom model");
    }
    words
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    fn item(
        code: &str,
        usage_type: &str,
        attributes: &[(&str, &str)],
        unit: &str,
        usd: &str,
    ) -> String {
        let mut all = BTreeMap::from([("usagetype", usage_type), ("regionCode", "us-east-1")]);
        all.extend(attributes.iter().copied());
        json!({
            "serviceCode": code,
            "product": {"sku": "S", "productFamily": "Amazon Bedrock", "attributes": all},
            "terms": {"OnDemand": {"S.T": {
                "effectiveDate": "2026-08-01T00:00:00Z",
                "priceDimensions": {"S.T.R": {"unit": unit, "pricePerUnit": {"USD": usd}}},
            }}},
        })
        .to_string()
    }

    #[track_caller]
    fn check(item: &str, expected: &str) {
        let [rate] = <[Rate; 1]>::try_from(read(item).unwrap()).unwrap();
        let found = format!(
            "{} | {} | {} | {} | {} per {}",
            rate.model.as_deref().unwrap_or("-"),
            rate.what,
            rate.tier.map_or("-", Tier::as_str),
            rate.routing.map_or("-", Routing::as_str),
            rate.usd,
            rate.unit
        );
        assert_eq!(found, expected);
    }

    /// Prices of real items of 2026-08-26: a thousand and a million tokens come out alike.
    #[test]
    fn every_unit_is_made_comparable() {
        check(
            &item(
                "AmazonBedrock",
                "APN1-NovaPro-input-tokens",
                &[("model", "Nova Pro")],
                "1K tokens",
                "0.0009600000",
            ),
            "Nova Pro | input | standard | regional | 0.96 per 1M tokens",
        );
        let haiku = [("servicename", "Claude Haiku 4.5 (Amazon Bedrock Edition)")];
        let code = "AmazonBedrockFoundationModels";
        check(
            &item(
                code,
                "USE1-MP:USE1_InputTokenCount_Global-Units",
                &haiku,
                "1M tokens",
                "1.0000000000",
            ),
            "Claude Haiku 4.5 | input | standard | global | 1 per 1M tokens",
        );
        check(
            &item(
                code,
                "USE1-MP:USE1_InputTokenCount-Units",
                &haiku,
                "Units",
                "1.1",
            ),
            "Claude Haiku 4.5 | input | standard | regional | 1.1 per 1M tokens",
        );
        check(
            &item(
                "AmazonBedrock",
                "APN1-zai.glm5-mantle-input-tokens-flex",
                &[],
                "1K tokens",
                "0.0006",
            ),
            "GLM 5 | input | flex | regional | 0.6 per 1M tokens",
        );
        check(
            &item(
                "AmazonBedrock",
                "USE1-Guardrail-ContentPolicyUnitsConsumed",
                &[],
                "TextUnit",
                "0.00015",
            ),
            "- | guardrail content_filters | standard | regional | 0.00015 per TextUnit",
        );
        check(
            &item(
                "AWSLambda",
                "Lambda-GB-Second",
                &[("group", "AWS-Lambda-Duration")],
                "seconds",
                "0.0000166667",
            ),
            "- | AWS-Lambda-Duration | - | - | 0.0000166667 per seconds",
        );
    }

    #[test]
    fn prices_that_are_not_of_an_ordinary_request_are_not_taken_for_one() {
        let plain = |usage_type: &str| {
            let rates = read(&item("AmazonBedrock", usage_type, &[], "1K tokens", "1")).unwrap();
            rates.first().unwrap().plain_token
        };
        assert_eq!(plain("USE1-NovaPro-output-tokens"), Some(TokenKind::Output));
        assert_eq!(plain("USE1-Nova2.0Lite-input-tokens-custom-model"), None);
        assert_eq!(plain("USE1-Guardrail-TopicPolicyUnitsConsumed"), None);
    }

    #[test]
    fn what_is_no_product_is_an_odd_answer() {
        assert_eq!(read("{").unwrap_err().code(), "odd_answer");
        assert_eq!(
            read(&item("AmazonBedrock", "x", &[], "1K tokens", "free"))
                .unwrap_err()
                .code(),
            "odd_answer"
        );
        let yuan = item("AmazonBedrock", "x", &[], "1K tokens", "1").replace("USD", "CNY");
        assert_eq!(read(&yuan).unwrap(), []);
    }
}
