//! `prices list`: every rate in force, as a table or with all that is known of it.

use crate::{cli::output, config::Settings, error::ToolError, tools::reply::exact};
use bedrock_cost::{
    inference::{Routing, Tier},
    names::{nearest, same_name},
    price_book::{Basis, Model, Placed, PriceBook, TokenRates},
    region::Region,
    tokens::TokenKind,
};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// Which rates to list.
pub(super) struct Filter {
    pub(super) models: Vec<String>,
    pub(super) provider: Option<String>,
    pub(super) region: Option<Region>,
    pub(super) routing: Option<Routing>,
    pub(super) tier: Option<Tier>,
}

pub(super) fn run(
    settings: &Settings,
    filter: &Filter,
    as_json: bool,
) -> Result<String, ToolError> {
    let book = settings.prices.book()?;
    let today = settings.today();
    let models = filter.models(book)?;
    if as_json {
        return Ok(document(book, &models, filter, today).to_string());
    }
    let text = table(&models, filter, today);
    Ok(match (book.refreshed(), book.private_rates()) {
        (_, Some(private)) => format!(
            "{text}\nprivate rates: {} of {}",
            private.title(),
            private.date()
        ),
        (Some(days), None) => {
            format!("{text}\nrefreshed from AWS's Price List of {}", span(days))
        }
        (None, None) => text,
    })
}

/// One day, or the first and the last of several.
fn span((first, last): (Date, Date)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first} to {last}")
    }
}

impl Filter {
    fn models(&self, book: &'static PriceBook) -> Result<Vec<&'static Model>, ToolError> {
        let mut models: Vec<&'static Model> = book.models().iter().collect();
        if !self.models.is_empty() {
            models = Vec::new();
            for name in &self.models {
                let found = book.resolve(name).map_err(|error| {
                    ToolError::invalid(
                        error.to_string(),
                        "`prices list` without a name lists every model",
                    )
                })?;
                models.push(found.model);
            }
        }
        if let Some(provider) = &self.provider {
            let known: Vec<&str> = book.models().iter().map(Model::provider).collect();
            if !known.iter().any(|known| same_name(known, provider)) {
                let mut known = known;
                known.dedup();
                let near = nearest(provider, known.iter().copied(), 3);
                let shown = if near.is_empty() { known } else { near };
                return Err(ToolError::invalid(
                    format!("there is no provider {provider}"),
                    format!("the providers are {}", shown.join(", ")),
                ));
            }
            models.retain(|model| same_name(model.provider(), provider));
        }
        Ok(models)
    }

    /// Tells whether nothing is left out.
    fn is_all(&self) -> bool {
        let none = self.region.is_none() && self.routing.is_none() && self.tier.is_none();
        none && self.models.is_empty() && self.provider.is_none()
    }

    /// A card of a geography or of every region is one of each of its regions.
    fn keeps(&self, placed: &Placed) -> bool {
        let here = self.region.as_ref().is_none_or(|region| {
            placed.place == region.as_str()
                || (placed.place == "*" && !region.is_gov_cloud())
                || region
                    .geographies()
                    .iter()
                    .any(|geography| geography.as_str() == placed.place)
        });
        here && self.routing.is_none_or(|routing| placed.routing == routing)
            && self.tier.is_none_or(|tier| placed.rates.tier == tier)
    }
}

fn table(models: &[&Model], filter: &Filter, today: Date) -> String {
    let mut table = output::table(&[
        "model",
        "place",
        "routing",
        "tier",
        "input",
        "output",
        "cache read",
        "cache write",
        "checked",
        "origin",
    ]);
    let mut rows = 0;
    for model in models {
        for placed in model
            .in_force(today)
            .iter()
            .filter(|placed| filter.keeps(placed))
        {
            rows += 1;
            table.add_row(row(model, placed));
        }
    }
    format!("{table}\n{rows} rate cards in force on {today}, USD per 1M tokens")
}

fn row(model: &Model, placed: &Placed) -> [String; 10] {
    let rates = &placed.rates;
    let rate = |kind| {
        rates
            .get(kind)
            .map_or_else(String::new, |rate| rate.to_string())
    };
    let writes: Vec<String> = [
        TokenKind::CacheWrite5m,
        TokenKind::CacheWrite30m,
        TokenKind::CacheWrite1h,
    ]
    .into_iter()
    .map(rate)
    .filter(|rate| !rate.is_empty())
    .collect();
    [
        model.id().to_owned(),
        placed.place.to_owned(),
        placed.routing.to_string(),
        rates.tier.to_string(),
        rate(TokenKind::Input),
        rate(TokenKind::Output),
        rate(TokenKind::CacheRead),
        writes.join(" / "),
        rates.basis.checked.to_string(),
        rates.basis.origin().to_owned(),
    ]
}

fn document(book: &PriceBook, models: &[&Model], filter: &Filter, today: Date) -> Value {
    let mut rows = Vec::new();
    let mut units = Vec::new();
    for model in models {
        for placed in model
            .in_force(today)
            .iter()
            .filter(|placed| filter.keeps(placed))
        {
            rows.push(card(model, placed));
        }
        let regions = match &filter.region {
            Some(region) => vec![region.clone()],
            None => Region::known()
                .iter()
                .filter_map(|facts| Region::parse_known(facts.name).ok())
                .collect(),
        };
        for region in regions {
            for unit in model.unit_rates(&region, today) {
                let mut out = Map::new();
                out.insert("model".into(), model.id().into());
                out.insert("place".into(), region.as_str().into());
                out.insert("usd".into(), exact(unit.rate.usd.amount()));
                out.insert("unit".into(), unit.rate.unit.into());
                basis(&mut out, &unit.basis);
                units.push(Value::Object(out));
            }
        }
    }
    json!({
        "date": today.to_string(),
        "unit": "USD per 1M tokens",
        "refreshed": book.refreshed().map(span),
        "private_rates": book
            .private_rates()
            .map(|private| json!({"title": private.title(), "date": private.date().to_string()})),
        "rates": rows,
        "unit_rates": units,
        "other_rates": if filter.is_all() { others(book, today) } else { Vec::new() },
    })
}

/// What is billed beside the models: guardrails, provisioned throughput, reserved capacity, storage.
fn others(book: &PriceBook, today: Date) -> Vec<Value> {
    let rates = book
        .dimensions()
        .into_iter()
        .flat_map(|dimension| book.others(dimension, today));
    rates
        .map(|rate| {
            let mut out = Map::new();
            out.insert("dimension".into(), rate.dimension.into());
            out.insert("item".into(), rate.item.into());
            if let Some(term) = rate.term {
                out.insert("term".into(), term.into());
            }
            if let Some(routing) = rate.routing {
                out.insert("routing".into(), routing.as_str().into());
            }
            if !rate.models.is_empty() {
                out.insert("models".into(), json!(rate.models));
            }
            out.insert("places".into(), json!(rate.regions));
            out.insert("usd".into(), exact(rate.rate.usd.amount()));
            out.insert("unit".into(), rate.rate.unit.into());
            basis(&mut out, &rate.basis);
            Value::Object(out)
        })
        .collect()
}

fn card(model: &Model, placed: &Placed) -> Value {
    let rates = &placed.rates;
    let mut out = Map::new();
    out.insert("model".into(), model.id().into());
    out.insert("name".into(), model.name().into());
    out.insert("provider".into(), model.provider().into());
    out.insert("place".into(), placed.place.into());
    out.insert("routing".into(), placed.routing.as_str().into());
    out.insert("scope".into(), rates.scope.as_str().into());
    out.insert("tier".into(), rates.tier.as_str().into());
    out.insert("rates".into(), tokens(&rates.tokens));
    if let Some(long) = rates.long_context {
        out.insert("prompt_above_tokens".into(), long.above_tokens.into());
        out.insert("long_context_rates".into(), tokens(&long.rates));
    }
    if let Some(since) = rates.in_force_since {
        out.insert("in_force_since".into(), since.to_string().into());
    }
    basis(&mut out, &rates.basis);
    Value::Object(out)
}

fn tokens(rates: &TokenRates) -> Value {
    let rates = rates
        .iter()
        .map(|(kind, rate)| (kind.name().to_owned(), exact(rate.usd())));
    Value::Object(rates.collect())
}

fn basis(out: &mut Map<String, Value>, basis: &Basis) {
    out.insert("origin".into(), basis.origin().into());
    out.insert("checked".into(), basis.checked.to_string().into());
    out.insert("sources".into(), basis.sources.into());
    out.insert("agreement".into(), basis.agreement.as_str().into());
    if let Some(note) = basis.note {
        out.insert("note".into(), note.into());
    }
    if let Some(private) = basis.private {
        out.insert("private".into(), private.to_string().into());
    }
}
