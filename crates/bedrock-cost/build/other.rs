//! Expands what is billed beside tokens: guardrails, provisioned throughput, storage, and the multipliers.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::authored::{self, File};
use crate::expand::Model;
use crate::places::{Basis, Context, Day, day, day_of_text, price};

/// The largest rate per unit of anything.
const MAX_UNIT_RATE: u32 = 1_000_000;

pub(crate) struct Other {
    pub(crate) rows: Vec<Row>,
    pub(crate) multipliers: Vec<Multiplier>,
}

pub(crate) struct Row {
    pub(crate) dimension: String,
    pub(crate) item: String,
    pub(crate) term: Option<String>,
    pub(crate) routing: Option<String>,
    pub(crate) models: Vec<String>,
    pub(crate) usage_type: Option<String>,
    pub(crate) price: Option<Decimal>,
    pub(crate) unit: String,
    pub(crate) regions: Vec<String>,
    pub(crate) from: Option<Day>,
    pub(crate) basis: Basis,
}

pub(crate) struct Multiplier {
    pub(crate) name: String,
    pub(crate) times: Decimal,
    pub(crate) of: String,
    pub(crate) basis: Basis,
}

pub(crate) fn expand(
    file: &File<authored::Other>,
    context: &Context,
    models: &[Model],
) -> Result<Other, String> {
    let authored = &file.content;
    let checked = day_of_text(&authored.checked)?;
    let mut rows = Vec::new();
    for dimension in &authored.dimensions {
        for item in &dimension.items {
            let row = row(
                item.get_ref(),
                dimension,
                &authored.default_in,
                checked,
                context,
                models,
            );
            rows.push(row.map_err(|problem| file.error(item, problem))?);
        }
    }
    let mut seen = BTreeSet::new();
    for row in &rows {
        let key = (
            &row.dimension,
            &row.item,
            &row.term,
            &row.routing,
            &row.models,
            &row.regions,
            row.from,
        );
        if !seen.insert(key) {
            return Err(format!(
                "{}: two prices for {} {}",
                file.name, row.dimension, row.item
            ));
        }
    }
    let mut multipliers = Vec::new();
    for multiplier in &authored.multipliers {
        let authored::Multiplier {
            name,
            times,
            of,
            sources,
            agreement,
            note,
        } = multiplier.get_ref();
        let in_row = |problem| file.error(multiplier, problem);
        multipliers.push(Multiplier {
            name: name.clone(),
            times: price(times, 100).map_err(in_row)?,
            of: of.clone(),
            basis: context
                .basis(sources, *agreement, note.as_deref(), None)
                .map_err(in_row)?,
        });
    }
    rows.sort_by(|a, b| (&a.dimension, &a.item).cmp(&(&b.dimension, &b.item)));
    multipliers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Other { rows, multipliers })
}

fn row(
    item: &authored::Item,
    dimension: &authored::Dimension,
    default_in: &str,
    checked: Day,
    context: &Context,
    models: &[Model],
) -> Result<Row, String> {
    let applies: Vec<String> = item
        .models
        .iter()
        .flat_map(|ids| ids.split_whitespace())
        .map(str::to_owned)
        .collect();
    if let Some(unknown) = applies
        .iter()
        .find(|id| !models.iter().any(|model| model.id == **id))
    {
        return Err(format!("unknown model `{unknown}`"));
    }
    if item
        .routing
        .as_deref()
        .is_some_and(|routing| !["regional", "global"].contains(&routing))
    {
        return Err("routing is `regional` or `global`".to_owned());
    }
    if item
        .term
        .as_deref()
        .is_some_and(|term| !["none", "1_month", "3_months", "6_months"].contains(&term))
    {
        return Err("term is `none`, `1_month`, `3_months` or `6_months`".to_owned());
    }
    let price = item
        .price
        .as_deref()
        .map(|text| price(text, MAX_UNIT_RATE))
        .transpose()?;
    let basis = match (price, &item.note) {
        (Some(_), note) => context.basis(&item.sources, item.agreement, note.as_deref(), None)?,
        // Known to exist, no published rate: nothing was read anywhere.
        (None, Some(note)) => Basis {
            sources: String::new(),
            checked,
            agreement: "Single",
            note: Some(note.clone()),
        },
        (None, None) => return Err("an item without a price needs a note".to_owned()),
    };
    Ok(Row {
        dimension: dimension.name.clone(),
        item: item.item.clone(),
        term: item.term.clone(),
        routing: item.routing.clone(),
        models: applies,
        usage_type: item.usage_type.clone(),
        price,
        unit: item.unit.clone().unwrap_or_else(|| dimension.unit.clone()),
        regions: context.regions(item.in_region.as_deref().unwrap_or(default_in))?,
        from: item.from.as_ref().map(day).transpose()?,
        basis,
    })
}
