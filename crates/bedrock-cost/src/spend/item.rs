//! What one line of the bill was for: model, kind of usage, tier, routing, region and unit.

use rust_decimal::Decimal;

use crate::cost_report::Amount;
use crate::inference::{Routing, Tier};
use crate::price_book::PriceBook;
use crate::region::Region;
use crate::service_name;
use crate::tokens::TokenKind;
use crate::usage_type::{BilledUnit, Family, Modality, UsageKind, UsageType};

/// What stands where a charge has no value: a guardrail has no model, storage has no tier.
pub const NONE: &str = "(none)";

/// What stands for the model of a usage type that cannot be read.
const UNCLASSIFIED: &str = "(unclassified)";

/// The unit that quantities are added in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum UnitFamily {
    /// Tokens of every kind.
    Tokens,
    /// Another unit that several usage types share.
    Unit(BilledUnit),
    /// A unit that nothing else is known to be counted in.
    Own(String, String),
}

/// What a line was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) model: String,
    pub(super) model_id: Option<&'static str>,
    pub(super) token_type: String,
    pub(super) tier: &'static str,
    pub(super) routing: &'static str,
    pub(super) region: String,
    pub(super) unit: UnitFamily,
    pub(super) tokens: Option<Tokens>,
    /// Whether it holds several models: a Marketplace usage type names none, and the service that does was not asked for.
    pub(super) merges_models: bool,
    /// Smallest units in one of the bill's; `None` where the bill's own text may say otherwise.
    fixed_scale: Option<u32>,
    scale: u32,
    classified: bool,
}

/// What decides the rate of tokens of inference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tokens {
    pub(super) kind: TokenKind,
    pub(super) tier: Tier,
    pub(super) routing: Routing,
    pub(super) region: Option<Region>,
    pub(super) long_context: bool,
    /// Text for a model as its provider made it: what the price book lists.
    pub(super) is_plain: bool,
}

impl Item {
    /// Reads a service and a usage type; either may be empty where a question did not ask for it.
    pub(super) fn read(service: &str, usage_type: &str) -> Self {
        match UsageType::parse(usage_type) {
            Ok(usage) => Self::of(service, usage_type, &usage),
            Err(_) => Self {
                model: model_of_service(service)
                    .map_or_else(|| UNCLASSIFIED.to_owned(), |(name, _)| name),
                model_id: service_name::model_id(service),
                token_type: UNCLASSIFIED.to_owned(),
                tier: NONE,
                routing: NONE,
                region: NONE.to_owned(),
                unit: UnitFamily::Own(service.to_owned(), usage_type.to_owned()),
                tokens: None,
                merges_models: false,
                fixed_scale: Some(1),
                scale: 1,
                // A row that was not asked by usage type has nothing to read.
                classified: usage_type.is_empty(),
            },
        }
    }

    fn of(service: &str, usage_type: &str, usage: &UsageType<'_>) -> Self {
        let (model, model_id) = model(service, usage);
        let tokens = match usage.kind {
            UsageKind::Token { kind, modality } => Some(Tokens {
                kind,
                tier: usage.tier,
                routing: usage.routing,
                region: usage.region.clone(),
                long_context: usage.long_context,
                is_plain: !usage.custom_model
                    && modality.is_none_or(|modality| modality == Modality::Text),
            }),
            _ => None,
        };
        let (tier, routing) = match usage.kind {
            UsageKind::Token { .. } => (usage.tier.as_str(), usage.routing.as_str()),
            UsageKind::ProvisionedModelUnits(_) => ("provisioned", NONE),
            UsageKind::ReservedTpm { .. } => ("reserved", usage.routing.as_str()),
            _ => (NONE, NONE),
        };
        let (unit, scale) = match usage.unit() {
            BilledUnit::Tokens { per_unit } => (UnitFamily::Tokens, per_unit),
            BilledUnit::Other => (
                UnitFamily::Own(service.to_owned(), usage_type.to_owned()),
                1,
            ),
            unit => (UnitFamily::Unit(unit), 1),
        };
        Self {
            model,
            model_id,
            token_type: token_type(usage),
            tier,
            routing,
            region: usage
                .region
                .as_ref()
                .map_or(usage.billing_prefix, |region| region.as_str())
                .to_owned(),
            unit,
            tokens,
            merges_models: usage.family == Family::Marketplace && service.is_empty(),
            // The unit that Marketplace rows name is not the one they count in.
            fixed_scale: (usage.family == Family::Marketplace).then_some(scale),
            scale,
            classified: true,
        }
    }

    /// Tells whether the usage type was understood.
    pub(super) const fn is_classified(&self) -> bool {
        self.classified
    }

    /// Returns a quantity of the bill in the smallest unit: single tokens.
    pub(super) fn smallest_units(&self, quantity: &Amount) -> Decimal {
        if self.unit != UnitFamily::Tokens {
            return quantity.value;
        }
        let scale =
            self.fixed_scale
                .unwrap_or_else(|| match BilledUnit::from_aws(&quantity.unit) {
                    Some(BilledUnit::Tokens { per_unit }) => per_unit,
                    _ => self.scale,
                });
        quantity.value.saturating_mul(Decimal::from(scale))
    }
}

fn token_type(usage: &UsageType<'_>) -> String {
    let UsageKind::Token { kind, modality } = usage.kind else {
        return usage.kind_name();
    };
    let mut out = kind.name().to_owned();
    if let Some(modality) = modality.filter(|modality| *modality != Modality::Text) {
        out.push(' ');
        out.push_str(modality.as_str());
    }
    if usage.long_context {
        out.push_str(" long context");
    }
    out
}

/// The model's name and id, or what stands in place of a model.
fn model(service: &str, usage: &UsageType<'_>) -> (String, Option<&'static str>) {
    if let Some(found) = model_of_service(service) {
        return found;
    }
    if let Some(id) = usage.model_id() {
        return (display_name(id), Some(id));
    }
    if let Some(segment) = usage.model_segment {
        return (segment.to_owned(), None);
    }
    let name = match usage.family {
        Family::Guardrails => "Guardrails",
        Family::AgentCore => "AgentCore",
        Family::Feature => match usage.kind {
            UsageKind::KnowledgeBase(_) => "Knowledge Bases",
            UsageKind::DataAutomation(_) => "Data Automation",
            _ => NONE,
        },
        Family::Native | Family::Mantle | Family::Marketplace => NONE,
    };
    (name.to_owned(), None)
}

/// The model that a Marketplace service bills, under the name of the bill where it is not a known one.
fn model_of_service(service: &str) -> Option<(String, Option<&'static str>)> {
    let name = service_name::model_name(service)?;
    let id = service_name::model_id(service);
    Some((id.map_or_else(|| name.to_owned(), display_name), id))
}

fn display_name(id: &'static str) -> String {
    let models = PriceBook::embedded().models();
    models
        .binary_search_by(|model| model.id().cmp(id))
        .ok()
        .and_then(|at| models.get(at))
        .map_or(id, |model| model.name())
        .to_owned()
}
