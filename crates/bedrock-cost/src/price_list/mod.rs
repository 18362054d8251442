//! Prices of AWS's Price List: read from AWS's JSON, their unit made comparable, their usage type taken apart.

mod offer_file;
mod overlay;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

pub use offer_file::{OfferFile, read_offer_file};
pub use overlay::{Change, Diff, LeftOut, Reading, difference, reading};

use crate::inference::{Routing, Tier};
use crate::model_names::model_id_of;
use crate::price_book::PriceBook;
use crate::service_name::{is_bedrock_service, model_id, model_name};
use crate::tokens::TokenKind;
use crate::usage_type::{BilledUnit, Modality, UsageKind, UsageType};

/// The unit that every token price is brought to.
pub const MILLION_TOKENS: &str = "1M tokens";

/// A price with what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPrice {
    /// The service code it is listed under: `AmazonBedrock`.
    pub service_code: String,
    /// The region's name; empty where the product has none.
    pub region: String,
    /// The usage type, as AWS writes it.
    pub usage_type: String,
    /// The model's display name, where the product has a model.
    pub model: Option<String>,
    /// The model's id, where it is known.
    pub model_id: Option<&'static str>,
    /// What is counted: a kind of token, or AWS's own word.
    pub what: String,
    /// The kind of token, when the rate is that of an ordinary request: no long context, no customized model.
    pub plain_token: Option<TokenKind>,
    /// The tier, where the usage type is understood.
    pub tier: Option<Tier>,
    /// The routing, where the usage type is understood.
    pub routing: Option<Routing>,
    /// US dollars per unit.
    pub usd: Decimal,
    /// [`MILLION_TOKENS`] for tokens, AWS's unit for everything else.
    pub unit: String,
    /// The day from which AWS lists the price, `YYYY-MM-DD`; empty where it does not say.
    pub effective: String,
}

/// Why a text is not one of the Price List's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceListError {
    /// Not the JSON or CSV of the Price List.
    #[error("{0}")]
    Form(String),
    /// A price that is not a number.
    #[error("the price of {sku} is not a number")]
    NotNumber {
        /// The product's SKU, or its usage type.
        sku: String,
    },
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

/// Reads every dollar price of one product, as `GetProducts` gives it.
///
/// # Errors
/// When the text is not such a product.
pub fn read_product(item: &str) -> Result<Vec<ListedPrice>, PriceListError> {
    let item: Item = serde_json::from_str(item).map_err(|error| {
        PriceListError::Form(format!(
            "a product of the Price List could not be read: {error}"
        ))
    })?;
    prices(&item)
}

fn prices(item: &Item) -> Result<Vec<ListedPrice>, PriceListError> {
    let mut rates = Vec::new();
    for term in item.terms.on_demand.values() {
        for dimension in term.price_dimensions.values() {
            let Some(usd) = dimension.price_per_unit.get("USD") else {
                continue;
            };
            let usd = usd
                .parse::<Decimal>()
                .map_err(|_| PriceListError::NotNumber {
                    sku: item
                        .attribute("usagetype")
                        .unwrap_or("a product")
                        .to_owned(),
                })?;
            rates.push(price(item, term, &dimension.unit, usd));
        }
    }
    Ok(rates)
}

impl Item {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.product
            .attributes
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

fn price(item: &Item, term: &Term, unit: &str, usd: Decimal) -> ListedPrice {
    let attribute = |name: &str| item.attribute(name);
    let usage_type = attribute("usagetype").unwrap_or_default();
    let service = attribute("servicename").unwrap_or_default();
    let is_bedrock = is_bedrock_service(service) || item.service_code.starts_with("AmazonBedrock");
    let usage = UsageType::parse(usage_type).ok().filter(|_| is_bedrock);
    let (usd, unit) = comparable(usd, unit, usage.as_ref());
    let (model, model_id) = model(&attribute, service, usage.as_ref());
    ListedPrice {
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
    // "Units" says nothing: then the grammar of the usage type does. A unit that is not known stays as it is.
    let billed = if unit.eq_ignore_ascii_case("Units") {
        usage.map(UsageType::unit)
    } else {
        BilledUnit::from_aws(unit)
    };
    if let Some(BilledUnit::Tokens { per_unit }) = billed
        && let Some(factor) = Decimal::from(1_000_000).checked_div(Decimal::from(per_unit))
        && let Some(usd) = usd.checked_mul(factor)
    {
        return (usd.normalize(), MILLION_TOKENS.to_owned());
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
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use serde_json::json;

    use super::*;

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
        let [rate] = <[ListedPrice; 1]>::try_from(read_product(item).unwrap()).unwrap();
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
            let rates =
                read_product(&item("AmazonBedrock", usage_type, &[], "1K tokens", "1")).unwrap();
            rates.first().unwrap().plain_token
        };
        assert_eq!(plain("USE1-NovaPro-output-tokens"), Some(TokenKind::Output));
        assert_eq!(plain("USE1-Nova2.0Lite-input-tokens-custom-model"), None);
        assert_eq!(plain("USE1-Guardrail-TopicPolicyUnitsConsumed"), None);
    }

    #[test]
    fn what_is_no_product_is_refused() {
        assert!(matches!(read_product("{"), Err(PriceListError::Form(_))));
        assert_eq!(
            read_product(&item("AmazonBedrock", "x", &[], "1K tokens", "free"))
                .unwrap_err()
                .to_string(),
            "the price of x is not a number"
        );
        let yuan = item("AmazonBedrock", "x", &[], "1K tokens", "1").replace("USD", "CNY");
        assert_eq!(read_product(&yuan).unwrap(), []);
    }
}
