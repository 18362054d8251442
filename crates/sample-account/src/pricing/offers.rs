//! The offers of the simulated Price List, built from the rate tables.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::usage_types::{TokenKind, Variant, usage_type};
use crate::catalog::{CatalogModel, MODELS, Naming};
use crate::ledger::place::Region;
use crate::paging::fnv;
use crate::table;

/// The service codes that hold Bedrock's prices.
pub(super) const SERVICE_CODES: [&str; 4] = [NATIVE, AGENT_CORE, MARKETPLACE, SERVICE];

const NATIVE: &str = "AmazonBedrock";
const MARKETPLACE: &str = "AmazonBedrockFoundationModels";
const SERVICE: &str = "AmazonBedrockService";
const AGENT_CORE: &str = "AmazonBedrockAgentCore";

/// What `GetProducts` returns as `productFamily` for every Bedrock offer.
pub(super) const PRODUCT_FAMILY: &str = "Amazon Bedrock";

/// The offer term of an on-demand price, the same in every service.
const ON_DEMAND: &str = "JRTCKXETXF";
/// The rate of a price without tiers, the same in every service.
const ONE_RATE: &str = "6YS6EN2CT7";

/// One price of one product.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) service_code: &'static str,
    pub(super) sku: String,
    /// Name and value, in the order AWS shows them.
    pub(super) attributes: Vec<(&'static str, String)>,
    unit: &'static str,
    /// USD for one unit.
    pub(super) usd: Decimal,
    description: String,
    from: Date,
    until: Option<Date>,
}

impl Offer {
    /// Tells whether the price list of a day has this price.
    pub(super) fn holds(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|end| day < end)
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.as_str())
    }

    /// The item of the price list of a day, as JSON text.
    pub(super) fn item(&self, day: Date) -> String {
        let attributes: Map<String, Value> = self
            .attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
            .collect();
        let term = format!("{}.{ON_DEMAND}", self.sku);
        let rate = format!("{term}.{ONE_RATE}");
        let effective = day.first_of_month();
        json!({
            "product": {
                "productFamily": PRODUCT_FAMILY,
                "attributes": attributes,
                "sku": self.sku,
            },
            "serviceCode": self.service_code,
            "terms": {
                "OnDemand": {
                    term: {
                        "priceDimensions": {
                            rate.clone(): {
                                "unit": self.unit,
                                "endRange": "Inf",
                                "description": self.description,
                                "appliesTo": [],
                                "rateCode": rate,
                                "beginRange": "0",
                                "pricePerUnit": { "USD": format!("{:.10}", self.usd) },
                            },
                        },
                        "sku": self.sku,
                        "effectiveDate": format!("{effective}T00:00:00Z"),
                        "offerTermCode": ON_DEMAND,
                        "termAttributes": {},
                    },
                },
            },
            "version": format!("{}000000", effective.strftime("%Y%m%d")),
            "publicationDate": format!("{effective}T00:00:00Z"),
        })
        .to_string()
    }
}

/// Every price of every day, in the order of the SKUs, which is no order to a reader.
pub(super) static OFFERS: LazyLock<Vec<Offer>> = LazyLock::new(|| {
    let mut offers: Vec<Offer> = token_offers().chain(unit_offers()).collect();
    offers.sort_by(|a, b| (&a.sku, a.from).cmp(&(&b.sku, b.from)));
    offers
});

/// The regions that a cell of a rate table names; `*` is all of them.
fn regions(cell: &str) -> impl Iterator<Item = Region> {
    Region::ALL
        .into_iter()
        .filter(move |region| cell == "*" || cell.split(' ').any(|named| named == region.code()))
}

/// The standard rates of the table: model id, region, whether global.
static STANDARD: LazyLock<BTreeSet<(&str, &str, bool)>> = LazyLock::new(|| {
    table::rows(include_str!("../../data/token_rates.csv"))
        .filter(|row| row.text("tier") == "standard")
        .flat_map(|row| {
            let global = row.text("routing") == "global";
            let model_id = row.text("model_id");
            regions(row.text("regions")).map(move |region| (model_id, region.code(), global))
        })
        .collect()
});

/// Tells whether the rate table has a standard rate for a model in a region.
pub(super) fn has_rate(model_id: &str, region: &str, global: bool) -> bool {
    STANDARD.contains(&(model_id, region, global))
}

fn sku(service_code: &str, name: &str, usage_type: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789Z";
    let first = fnv(&format!("{service_code}/{name}/{usage_type}"));
    let second = fnv(&format!("{usage_type}/{name}/{service_code}"));
    (0..8)
        .flat_map(|step| [first >> (step * 8), second >> (step * 8)])
        .filter_map(|bits| {
            let index = usize::try_from(bits & 31).ok()?;
            LETTERS.get(index).map(|letter| char::from(*letter))
        })
        .collect()
}

fn token_offers() -> impl Iterator<Item = Offer> {
    table::rows(include_str!("../../data/token_rates.csv")).flat_map(|row| {
        let mut offers = Vec::new();
        let model_id = row.text("model_id");
        for model in MODELS.iter().filter(|model| model.id == model_id) {
            for (kind, column) in TokenKind::COLUMNS {
                let Ok(usd) = row.text(column).parse::<Decimal>() else {
                    continue;
                };
                let variant = Variant {
                    global: row.text("routing") == "global",
                    tier: row.text("tier"),
                    kind,
                };
                for region in regions(row.text("regions")) {
                    let mut found = rows_of(model, region, variant, usd);
                    for offer in &mut found {
                        offer.from = row.date("from").unwrap_or(model.launch);
                        // A model that is gone stays in the list.
                        offer.until = row.date("until");
                    }
                    offers.append(&mut found);
                }
            }
        }
        offers
    })
}

/// The offers for one rate of one model in one region: one, or a twin in another service code.
fn rows_of(model: &CatalogModel, region: Region, variant: Variant<'_>, usd: Decimal) -> Vec<Offer> {
    match model.naming {
        Naming::Native | Naming::Titan | Naming::Mantle => {
            vec![native(model, model.segment, NATIVE, region, variant, usd)]
        }
        Naming::MarketplaceCamel | Naming::MarketplaceSnake => {
            let mut rows = vec![marketplace(model, region, variant, usd)];
            // The Claude 3 rows that were left in AmazonBedrock have no output.
            let is_input = variant.kind == TokenKind::Input;
            if !model.segment.is_empty() && is_input && variant.tier == "standard" {
                rows.push(native(model, model.segment, NATIVE, region, variant, usd));
            }
            let twin = match model.name {
                "Claude Sonnet 4" => Some("Claude4Sonnet"),
                "Claude Sonnet 4.5" => Some("Claude4.5Sonnet"),
                _ => None,
            };
            if let Some(segment) = twin {
                rows.push(native(model, segment, SERVICE, region, variant, usd));
            }
            rows
        }
    }
}

fn native(
    model: &CatalogModel,
    segment: &str,
    service_code: &'static str,
    region: Region,
    variant: Variant<'_>,
    usd: Decimal,
) -> Offer {
    let naming = match model.naming {
        Naming::Mantle => Naming::Mantle,
        _ => Naming::Native,
    };
    let location = region.location();
    let usage_type = usage_type(naming, region.billing_prefix(), segment, variant);
    let inference_type = inference_type(variant);
    let model_attribute = if model.naming == Naming::Titan {
        "titanModel"
    } else {
        "model"
    };
    let mut attributes = vec![
        ("regionCode", region.code().to_owned()),
        ("servicecode", service_code.to_owned()),
        ("servicename", "Amazon Bedrock".to_owned()),
        ("location", region.location().to_owned()),
        ("locationType", "AWS Region".to_owned()),
        ("operation", String::new()),
        ("usagetype", usage_type.clone()),
        ("provider", model.provider().to_owned()),
        (model_attribute, model.name.to_owned()),
        ("inferenceType", inference_type.clone()),
    ];
    if service_code == SERVICE {
        let cross_region = if variant.global { "Global" } else { "Regional" };
        attributes.push(("crossRegion", cross_region.to_owned()));
        attributes.push(("tokenType", inference_type.clone()));
    }
    if model.naming != Naming::Mantle {
        let feature = match variant.tier {
            "batch" => "Batch Inference",
            _ => "On-demand Inference",
        };
        attributes.push(("feature", feature.to_owned()));
    }
    if model.naming == Naming::Mantle || matches!(variant.tier, "flex" | "priority") {
        attributes.push(("service_tier", variant.tier.to_owned()));
    }
    // Rates of the table are per million tokens, these offers per thousand.
    let usd = usd / Decimal::ONE_THOUSAND;
    Offer {
        service_code,
        sku: sku(service_code, model.name, &usage_type),
        attributes,
        unit: "1K tokens",
        usd,
        description: format!(
            "${usd} per 1K {} for {} in {location}",
            inference_type.to_lowercase(),
            model.name
        ),
        from: model.launch,
        until: None,
    }
}

fn inference_type(variant: Variant<'_>) -> String {
    let what = match variant.kind {
        TokenKind::Input => "Input tokens",
        TokenKind::Output => "Output tokens",
        TokenKind::CacheRead => "Prompt cache read input tokens",
        TokenKind::CacheWrite => "Prompt cache write input tokens",
        TokenKind::CacheWrite1h => "Prompt cache write 1h input tokens",
    };
    let routing = if variant.global { " global" } else { "" };
    let tier = match variant.tier {
        "flex" => " flex",
        "priority" => " priority",
        "latency-optimized" => " latency optimized",
        // A batch row names its kind in the feature instead.
        _ => "",
    };
    format!("{what}{routing}{tier}")
}

fn marketplace(model: &CatalogModel, region: Region, variant: Variant<'_>, usd: Decimal) -> Offer {
    let usage_type = usage_type(model.naming, region.billing_prefix(), "", variant);
    let kind = match variant.kind {
        TokenKind::Input => "Input Tokens",
        TokenKind::Output => "Response Tokens",
        TokenKind::CacheRead => "Cache Read Input Tokens",
        TokenKind::CacheWrite => "Cache Write Input Tokens",
        TokenKind::CacheWrite1h => "1h Cache Write Input Tokens",
    };
    let routing = if variant.global { "Global" } else { "Regional" };
    let batch = match variant.tier {
        "batch" => " Batch",
        "latency-optimized" => " Latency Optimized",
        "long-context" => " Long Context",
        _ => "",
    };
    Offer {
        from: model.launch,
        ..marketplace_offer(
            model.name,
            region,
            usage_type,
            "1M tokens",
            usd,
            &format!("Million {kind} {routing}{batch}"),
        )
    }
}

fn marketplace_offer(
    name: &str,
    region: Region,
    usage_type: String,
    unit: &'static str,
    usd: Decimal,
    what: &str,
) -> Offer {
    Offer {
        service_code: MARKETPLACE,
        sku: sku(MARKETPLACE, name, &usage_type),
        attributes: vec![
            ("regionCode", region.code().to_owned()),
            ("termType", "OnDemand".to_owned()),
            ("location", region.location().to_owned()),
            ("locationType", "AWS Region".to_owned()),
            ("servicename", format!("{name} (Amazon Bedrock Edition)")),
            ("usagetype", usage_type),
            ("operation", "Usage".to_owned()),
        ],
        unit,
        usd,
        description: format!("AWS Marketplace software usage|{}|{what}", region.code()),
        from: Date::MIN,
        until: None,
    }
}

fn unit_offers() -> impl Iterator<Item = Offer> {
    table::rows(include_str!("../../data/unit_rates.csv")).flat_map(|row| {
        let mut offers = Vec::new();
        let code = row.text("service_code");
        let service_code = SERVICE_CODES.into_iter().find(|known| *known == code);
        let usd = row.text("usd").parse::<Decimal>();
        if let (Some(service_code), Ok(usd), Some(from)) = (service_code, usd, row.date("from")) {
            for region in regions(row.text("regions")) {
                offers.push(Offer {
                    from,
                    until: row.date("until"),
                    ..unit_offer(&row, service_code, region, usd)
                });
            }
        }
        offers
    })
}

fn unit_offer(
    row: &table::Row<'static>,
    service_code: &'static str,
    region: Region,
    usd: Decimal,
) -> Offer {
    let (prefix, location) = (region.billing_prefix(), region.location());
    let (name, what, unit) = (row.text("name"), row.text("usage_type"), row.text("unit"));
    if service_code == MARKETPLACE {
        let usage_type = format!("{prefix}-MP:{prefix}_{what}-Units");
        let description = row.text("description");
        return marketplace_offer(name, region, usage_type, unit, usd, description);
    }
    let usage_type = format!("{prefix}-{what}");
    let service_name = if service_code == AGENT_CORE {
        "Amazon Bedrock AgentCore"
    } else {
        "Amazon Bedrock"
    };
    let mut attributes = vec![
        ("regionCode", region.code().to_owned()),
        ("servicecode", service_code.to_owned()),
        ("servicename", service_name.to_owned()),
        ("location", region.location().to_owned()),
        ("locationType", "AWS Region".to_owned()),
        ("operation", String::new()),
        ("usagetype", usage_type.clone()),
    ];
    let optional = [
        ("provider", "provider"),
        ("model", "name"),
        ("inferenceType", "inference_type"),
        ("feature", "feature"),
    ];
    for (attribute, column) in optional {
        let value = row.text(column);
        if !value.is_empty() {
            attributes.push((attribute, value.to_owned()));
        }
    }
    Offer {
        service_code,
        sku: sku(service_code, name, &usage_type),
        attributes,
        unit,
        usd,
        description: format!("${usd} {} in {location}", row.text("description")),
        from: Date::MIN,
        until: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_prices_of_a_day_share_a_sku() {
        for day in ["2024-12-05", "2025-12-01", "2026-11-22"] {
            let day: Date = day.parse().unwrap_or(Date::MIN);
            let offers: Vec<&Offer> = OFFERS.iter().filter(|offer| offer.holds(day)).collect();
            let skus: BTreeSet<&str> = offers.iter().map(|offer| offer.sku.as_str()).collect();
            assert_eq!(skus.len(), offers.len());
            assert!(skus.iter().all(|sku| sku.len() == 16));
        }
    }

    #[test]
    fn every_line_of_both_tables_gives_offers_in_each_of_its_regions() {
        let rates = table::rows(include_str!("../../data/token_rates.csv"));
        for row in rates {
            assert!(MODELS.iter().any(|model| model.id == row.text("model_id")));
            for region in row.text("regions").split(' ') {
                assert!(Region::from_code(region).is_some(), "{region}");
            }
        }
        let unit_rows: usize = table::rows(include_str!("../../data/unit_rates.csv"))
            .map(|row| regions(row.text("regions")).count())
            .sum();
        assert_eq!(unit_offers().count(), unit_rows);
    }
}
