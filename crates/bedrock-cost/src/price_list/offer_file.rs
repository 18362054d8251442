//! The bulk files of the Price List, JSON and CSV: all prices of a service code in one region, or in all of them.
//!
//! Form: AWS Billing user guide, "Reading the service price list file", read 2026-11-23.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::{Item, ListedPrice, PriceDimension, PriceListError, Product, Term, Terms, prices};

/// The prices of one bulk file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferFile {
    /// The service code it is of.
    pub service_code: String,
    /// The day AWS published it.
    pub published: Date,
    /// Every dollar price in it.
    pub prices: Vec<ListedPrice>,
}

/// Reads a bulk file, JSON or CSV.
///
/// # Errors
/// When it is neither, or does not say what it is of and when it was published.
pub fn read_offer_file(text: &str) -> Result<OfferFile, PriceListError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        json(text)
    } else {
        csv(text)
    }
}

fn form(problem: impl Into<String>) -> PriceListError {
    PriceListError::Form(problem.into())
}

fn published(text: &str) -> Result<Date, PriceListError> {
    text.get(..10)
        .and_then(|day| day.parse().ok())
        .ok_or_else(|| form("the publication date is not one"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonFile {
    offer_code: String,
    publication_date: String,
    products: BTreeMap<String, Product>,
    terms: JsonTerms,
}

#[derive(Deserialize)]
struct JsonTerms {
    #[serde(rename = "OnDemand", default)]
    on_demand: BTreeMap<String, BTreeMap<String, Term>>,
}

fn json(text: &str) -> Result<OfferFile, PriceListError> {
    let mut file: JsonFile = serde_json::from_str(text).map_err(|error| {
        form(format!(
            "this is not a bulk file of the Price List: {error}"
        ))
    })?;
    let mut all = Vec::new();
    for (sku, product) in file.products {
        let on_demand = file.terms.on_demand.remove(&sku).unwrap_or_default();
        let item = Item {
            product,
            service_code: file.offer_code.clone(),
            terms: Terms { on_demand },
        };
        all.extend(prices(&item)?);
    }
    Ok(OfferFile {
        published: published(&file.publication_date)?,
        service_code: file.offer_code,
        prices: all,
    })
}

/// Lines above the table of a CSV file: name and value.
const CSV_HEADING_LINES: usize = 5;

/// The attributes that prices are told apart by, in the spelling of JSON; a CSV file has them in several.
const ATTRIBUTES: [&str; 7] = [
    "usagetype",
    "regionCode",
    "servicename",
    "model",
    "titanModel",
    "inferenceType",
    "group",
];

fn csv(text: &str) -> Result<OfferFile, PriceListError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader
        .records()
        .map(|record| record.map_err(|error| form(error.to_string())));
    let mut heading = BTreeMap::new();
    for record in records.by_ref().take(CSV_HEADING_LINES) {
        let record = record?;
        if let (Some(name), Some(value)) = (record.get(0), record.get(1)) {
            heading.insert(letters(name), value.to_owned());
        }
    }
    let of_heading = |name: &str| {
        heading.get(name).ok_or_else(|| {
            form(format!(
                "this is not a bulk file of the Price List: no {name}"
            ))
        })
    };
    let service_code = of_heading("offercode")?.clone();
    let published = published(of_heading("publicationdate")?)?;
    let columns = records
        .next()
        .ok_or_else(|| form("the file ends before its table"))??;
    let columns: Vec<String> = columns.iter().map(letters).collect();
    let column = |name: &str| {
        columns
            .iter()
            .position(|column| *column == letters(name))
            .ok_or_else(|| form(format!("the table has no column {name}")))
    };
    let [sku, term_type, unit, usd, currency, effective] = [
        column("SKU")?,
        column("TermType")?,
        column("Unit")?,
        column("PricePerUnit")?,
        column("Currency")?,
        column("EffectiveDate")?,
    ];
    column("usageType")?;
    let attributes: Vec<(&str, usize)> = ATTRIBUTES
        .into_iter()
        .filter_map(|name| Some((name, column(name).ok()?)))
        .collect();
    let mut all = Vec::new();
    for record in records {
        let record = record?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        if cell(term_type) != "OnDemand" {
            continue;
        }
        let term = Term {
            effective_date: cell(effective),
            price_dimensions: BTreeMap::from([(
                String::new(),
                PriceDimension {
                    unit: cell(unit),
                    price_per_unit: BTreeMap::from([(cell(currency), cell(usd))]),
                },
            )]),
        };
        let item = Item {
            product: Product {
                attributes: attributes
                    .iter()
                    .map(|(name, at)| ((*name).to_owned(), cell(*at)))
                    .collect(),
            },
            service_code: service_code.clone(),
            terms: Terms {
                on_demand: BTreeMap::from([(cell(sku), term)]),
            },
        };
        all.extend(prices(&item)?);
    }
    Ok(OfferFile {
        service_code,
        published,
        prices: all,
    })
}

/// `Region Code`, `regionCode` and `Usage Type`, `usagetype` are one name each.
fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
