//! Writes the expanded prices as constant Rust tables: rates and cards are stored once and referred to by index.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_decimal::Decimal;

use crate::authored::{Kind, Lifecycle, Tier};
use crate::expand::{Card, Model, Rates, Scope, Unit};
use crate::other::Other;
use crate::places::{Basis, Day};

/// Gives each distinct value an index in the order of first use.
struct Interned<T> {
    indices: BTreeMap<T, usize>,
}

impl<T: Ord + Clone> Interned<T> {
    fn new() -> Self {
        Self {
            indices: BTreeMap::new(),
        }
    }

    fn index(&mut self, value: &T) -> usize {
        let next = self.indices.len();
        *self.indices.entry(value.clone()).or_insert(next)
    }

    fn in_order(&self) -> Vec<&T> {
        let mut values: Vec<_> = self.indices.iter().collect();
        values.sort_by_key(|(_, index)| **index);
        values.into_iter().map(|(value, _)| value).collect()
    }
}

struct Tables {
    rates: Interned<Decimal>,
    cards: Interned<Card>,
    bases: Interned<Basis>,
    places: Interned<String>,
    days: Interned<Option<Day>>,
    rows: String,
    row_count: usize,
    models: String,
    names: BTreeMap<String, usize>,
}

pub(crate) fn rust(models: &[Model], other: &Other) -> String {
    let mut tables = Tables {
        rates: Interned::new(),
        cards: Interned::new(),
        bases: Interned::new(),
        places: Interned::new(),
        days: Interned::new(),
        rows: String::new(),
        row_count: 0,
        models: String::new(),
        names: BTreeMap::new(),
    };
    // Index 0 stands for "as far back as is known".
    tables.days.index(&None);
    for (index, model) in models.iter().enumerate() {
        tables.model(index, model);
    }
    tables.text(other)
}

impl Tables {
    fn model(&mut self, index: usize, model: &Model) {
        let first = self.row_count;
        for row in &model.rows {
            let scope = match row.scope {
                Scope::InRegion => "InRegion",
                Scope::InRegionAndGeo => "InRegionAndGeo",
                Scope::Geo => "Geo",
                Scope::Global => "Global",
            };
            let tier = match row.tier {
                Tier::Standard => "Standard",
                Tier::Flex => "Flex",
                Tier::Priority => "Priority",
                Tier::Batch => "Batch",
                Tier::LatencyOptimized => "LatencyOptimized",
            };
            let (place, from) = (self.places.index(&row.place), self.days.index(&row.from));
            let (card, basis) = (self.cards.index(&row.card), self.bases.index(&row.basis));
            _ = writeln!(
                self.rows,
                "row(Scope::{scope}, Tier::{tier}, {place}, {from}, {card}, {basis}),"
            );
        }
        self.row_count += model.rows.len();
        for name in [&model.id, &model.name].into_iter().chain(&model.aliases) {
            self.names.insert(name.to_lowercase(), index);
        }
        let kind = match model.kind {
            Kind::Text => "Text",
            Kind::Embedding => "Embedding",
            Kind::Image => "Image",
            Kind::Speech => "Speech",
            Kind::Video => "Video",
            Kind::Rerank => "Rerank",
        };
        let lifecycle = match model.lifecycle {
            Some(Lifecycle::Active) => "Some(Lifecycle::Active)",
            Some(Lifecycle::Legacy) => "Some(Lifecycle::Legacy)",
            Some(Lifecycle::Unlisted) => "Some(Lifecycle::Unlisted)",
            None => "None",
        };
        let units: String = model.units.iter().map(|unit| self.unit(unit)).collect();
        _ = writeln!(
            self.models,
            "Model {{ id: {:?}, name: {:?}, provider: {:?}, aliases: &{:?}, kind: ModelKind::{kind}, \
             context_window: {:?}, max_output: {:?}, lifecycle: {lifecycle}, end_of_life: {}, note: {:?}, \
             checked: {}, first_row: {first}, rows: {}, units: &[{units}], layer: None }},",
            model.id,
            model.name,
            model.provider,
            model.aliases,
            model.limits.context_window,
            model.limits.max_output,
            some_day(model.end_of_life),
            model.note,
            a_day(model.checked),
            model.rows.len(),
        );
    }

    fn unit(&mut self, unit: &Unit) -> String {
        let basis = self.bases.index(&unit.basis);
        format!(
            "ListedUnit {{ regions: &{:?}, from: {}, usd: {}, unit: {:?}, basis: {basis} }}, ",
            unit.regions,
            some_day(unit.from),
            decimal(unit.price),
            unit.per,
        )
    }

    fn text(mut self, other: &Other) -> String {
        let mut others = String::new();
        for row in &other.rows {
            let basis = self.bases.index(&row.basis);
            _ = writeln!(
                others,
                "ListedOther {{ dimension: {:?}, item: {:?}, term: {:?}, routing: {}, models: &{:?}, \
                 usage_type: {:?}, usd: {}, unit: {:?}, regions: &{:?}, from: {}, basis: {basis} }},",
                row.dimension,
                row.item,
                row.term,
                match row.routing.as_deref() {
                    Some("global") => "Some(Routing::Global)",
                    Some(_) => "Some(Routing::Regional)",
                    None => "None",
                },
                row.models,
                row.usage_type,
                row.price.map_or("None".to_owned(), |price| format!(
                    "Some({})",
                    decimal(price)
                )),
                row.unit,
                row.regions,
                some_day(row.from),
            );
        }
        let mut multipliers = String::new();
        for multiplier in &other.multipliers {
            let basis = self.bases.index(&multiplier.basis);
            _ = writeln!(
                multipliers,
                "Multiplier {{ name: {:?}, times: {}, of: {:?}, basis_index: {basis} }},",
                multiplier.name,
                decimal(multiplier.times),
                multiplier.of,
            );
        }
        let cards: Vec<Card> = self.cards.in_order().into_iter().copied().collect();
        let cards: String = cards.into_iter().map(|card| self.card(card)).collect();
        let rates = lines(self.rates.in_order(), |rate| {
            format!(
                "TokenRate::listed({}, {}, {})",
                low(*rate),
                high(*rate),
                rate.scale()
            )
        });
        let bases = lines(self.bases.in_order(), |basis| {
            let Basis {
                sources,
                checked,
                agreement,
                note,
            } = basis;
            let checked = a_day(*checked);
            format!(
                "Basis {{ checked: {checked}, sources: {sources:?}, agreement: Agreement::{agreement}, note: {note:?}, list: Some(ListOrigin::Embedded), private: None }}"
            )
        });
        let days = lines(self.days.in_order(), |day| some_day(*day));
        let places = lines(self.places.in_order(), |place| format!("{place:?}"));
        let names = lines(&self.names, |name| format!("{name:?}"));
        let mut text = String::new();
        slice(&mut text, "RATES", "TokenRate", &rates);
        slice(&mut text, "CARDS", "Card", &cards);
        slice(&mut text, "BASES", "Basis", &bases);
        slice(&mut text, "DAYS", "Option<Date>", &days);
        slice(&mut text, "PLACES", "&str", &places);
        slice(&mut text, "ROWS", "Row", &self.rows);
        slice(&mut text, "MODELS", "Model", &self.models);
        slice(&mut text, "NAMES", "(&str, u16)", &names);
        slice(&mut text, "OTHERS", "ListedOther", &others);
        slice(&mut text, "MULTIPLIERS", "Multiplier", &multipliers);
        text
    }

    fn card(&mut self, card: Card) -> String {
        let long_context = match card.long_context {
            Some((above, rates)) => format!("Some(({above}, {}))", self.rates(rates)),
            None => "None".to_owned(),
        };
        format!(
            "Card {{ rates: {}, long_context: {long_context} }},\n",
            self.rates(card.rates)
        )
    }

    /// Writes indices into the table of rates, one up: 0 is "not listed".
    fn rates(&mut self, rates: Rates) -> String {
        let Rates {
            input,
            output,
            cache_read,
            cache_write_5m,
            cache_write_30m,
            cache_write_1h,
        } = rates;
        let indices: Vec<usize> = [
            input,
            output,
            cache_read,
            cache_write_5m,
            cache_write_30m,
            cache_write_1h,
        ]
        .iter()
        .map(|rate| rate.map_or(0, |rate| self.rates.index(&rate) + 1))
        .collect();
        format!("{indices:?}")
    }
}

/// Writes one element a line.
fn lines<T>(values: impl IntoIterator<Item = T>, element: impl Fn(T) -> String) -> String {
    let mut text = String::new();
    for value in values {
        text += &element(value);
        text += ",\n";
    }
    text
}

fn slice(text: &mut String, name: &str, element: &str, content: &str) {
    _ = writeln!(
        text,
        "pub(in crate::price_book) static {name}: &[{element}] = &[\n{content}];\n"
    );
}

fn low(value: Decimal) -> u32 {
    value.unpack().lo
}

fn high(value: Decimal) -> u32 {
    value.unpack().mid
}

fn decimal(value: Decimal) -> String {
    format!(
        "Decimal::from_parts({}, {}, 0, false, {})",
        low(value),
        high(value),
        value.scale()
    )
}

fn a_day((year, month, day): Day) -> String {
    format!("date({year}, {month}, {day})")
}

fn some_day(day: Option<Day>) -> String {
    day.map_or("None".to_owned(), |day| format!("Some({})", a_day(day)))
}
