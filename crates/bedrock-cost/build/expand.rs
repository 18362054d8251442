//! Expands the authored rows of a provider into one rate card for each place, tier and day.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use toml::Spanned;

use crate::authored::{self, File, RateRow, Tier};
use crate::places::{Basis, Context, Day, checked_price, day, price};

/// The largest rate per million tokens, as `TokenRate::MAX` has it.
const MAX_TOKEN_RATE: u32 = 10_000;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    InRegion,
    InRegionAndGeo,
    Geo,
    Global,
}

impl Scope {
    /// In-region rates with and without the geographic profile are one key.
    fn key(self) -> u8 {
        match self {
            Self::InRegion | Self::InRegionAndGeo => 0,
            Self::Geo => 1,
            Self::Global => 2,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rates {
    pub(crate) input: Option<Decimal>,
    pub(crate) output: Option<Decimal>,
    pub(crate) cache_read: Option<Decimal>,
    pub(crate) cache_write_5m: Option<Decimal>,
    pub(crate) cache_write_30m: Option<Decimal>,
    pub(crate) cache_write_1h: Option<Decimal>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Card {
    pub(crate) rates: Rates,
    pub(crate) long_context: Option<(u32, Rates)>,
}

impl Rates {
    fn times(self, factor: Decimal) -> Result<Self, String> {
        let times = |rate: Option<Decimal>| {
            rate.map(|rate| checked_price(rate * factor, MAX_TOKEN_RATE))
                .transpose()
        };
        Ok(Self {
            input: times(self.input)?,
            output: times(self.output)?,
            cache_read: times(self.cache_read)?,
            cache_write_5m: times(self.cache_write_5m)?,
            cache_write_30m: times(self.cache_write_30m)?,
            cache_write_1h: times(self.cache_write_1h)?,
        })
    }
}

impl Card {
    fn times(self, factor: Decimal) -> Result<Self, String> {
        let long_context = self
            .long_context
            .map(|(above, rates)| Ok::<_, String>((above, rates.times(factor)?)));
        Ok(Self {
            rates: self.rates.times(factor)?,
            long_context: long_context.transpose()?,
        })
    }

    /// Derives a tier: cache writes and long context are listed for the standard tier only,
    /// and batch inference does not use the cache.
    fn times_for_tier(self, factor: Decimal, tier: Tier) -> Result<Self, String> {
        let Rates {
            input,
            output,
            cache_read,
            ..
        } = self.rates.times(factor)?;
        let cache_read = if tier == Tier::Batch {
            None
        } else {
            cache_read
        };
        Ok(Self {
            rates: Rates {
                input,
                output,
                cache_read,
                ..Rates::default()
            },
            long_context: None,
        })
    }
}

pub(crate) struct Row {
    pub(crate) scope: Scope,
    /// A region, a geography, or `*`.
    pub(crate) place: String,
    pub(crate) tier: Tier,
    pub(crate) from: Option<Day>,
    pub(crate) card: Card,
    pub(crate) basis: Basis,
}

pub(crate) struct Unit {
    pub(crate) regions: Vec<String>,
    pub(crate) from: Option<Day>,
    pub(crate) price: Decimal,
    pub(crate) per: String,
    pub(crate) basis: Basis,
}

pub(crate) struct Model {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) provider: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) kind: authored::Kind,
    pub(crate) limits: authored::Limits,
    pub(crate) lifecycle: Option<authored::Lifecycle>,
    pub(crate) end_of_life: Option<Day>,
    pub(crate) note: Option<String>,
    pub(crate) checked: Day,
    pub(crate) rows: Vec<Row>,
    pub(crate) units: Vec<Unit>,
}

pub(crate) fn provider(
    file: &File<authored::Provider>,
    context: &Context,
) -> Result<Vec<Model>, String> {
    let checked = crate::places::day_of_text(&file.content.checked)?;
    file.content
        .models
        .iter()
        .map(|spanned| model(file, spanned, checked, context))
        .collect()
}

fn model(
    file: &File<authored::Provider>,
    spanned: &Spanned<authored::Model>,
    checked: Day,
    context: &Context,
) -> Result<Model, String> {
    let authored = spanned.get_ref();
    if authored.rates.is_empty() && authored.units.is_empty() {
        return Err(file.error(spanned, "a model without a rate"));
    }
    let mut rows: Vec<Row> = Vec::new();
    // Base rows first: what is derived looks them up.
    let derived =
        |row: &RateRow| u8::from(row.times_global.is_some()) + 2 * u8::from(row.times.is_some());
    for stage in 0..=2 {
        for row in authored
            .rates
            .iter()
            .filter(|row| derived(row.get_ref()) == stage)
        {
            let made = expand_row(row.get_ref(), &rows, authored, context)
                .map_err(|problem| file.error(row, problem))?;
            rows.extend(made);
        }
    }
    check_dates(&rows, authored).map_err(|problem| file.error(spanned, problem))?;
    rows.sort_by(|a, b| {
        (a.tier, a.scope.key(), &a.place, a.from).cmp(&(b.tier, b.scope.key(), &b.place, b.from))
    });
    let mut units = Vec::new();
    for row in &authored.units {
        units.push(
            unit(row.get_ref(), authored, context).map_err(|problem| file.error(row, problem))?,
        );
    }
    let end_of_life = authored.end_of_life.as_ref().map(day).transpose();
    Ok(Model {
        id: authored.id.clone(),
        name: authored.name.clone(),
        provider: file.content.provider.clone(),
        aliases: authored.aliases.clone(),
        kind: authored.kind,
        limits: authored::Limits { ..authored.limits },
        lifecycle: authored.lifecycle,
        end_of_life: end_of_life.map_err(|problem| file.error(spanned, problem))?,
        note: authored.note.clone(),
        checked,
        rows,
        units,
    })
}

fn unit(
    row: &authored::UnitRow,
    model: &authored::Model,
    context: &Context,
) -> Result<Unit, String> {
    Ok(Unit {
        regions: context.regions(&row.in_region)?,
        from: row.from.as_ref().map(day).transpose()?,
        price: price(&row.price, MAX_TOKEN_RATE)?,
        per: row.unit.clone(),
        basis: context.basis(
            &row.sources,
            row.agreement,
            row.note.as_deref(),
            model.note.as_deref(),
        )?,
    })
}

fn expand_row(
    row: &RateRow,
    base: &[Row],
    model: &authored::Model,
    context: &Context,
) -> Result<Vec<Row>, String> {
    let basis = context.basis(
        &row.sources,
        row.agreement,
        row.note.as_deref(),
        model.note.as_deref(),
    )?;
    let from = row.from.as_ref().map(day).transpose()?;
    let listed = listed_card(row)?;
    let mut rows = Vec::new();
    for (scope, place) in places(row, context)? {
        let card = match (listed, &row.times, &row.times_global) {
            (Some(card), None, None) => card,
            (None, Some(times), None) if row.tier != Tier::Standard => {
                let factor = price(times, 100)?;
                standard_card(base, scope, &place, from)?.times_for_tier(factor, row.tier)?
            }
            (None, None, Some(times)) if row.tier == Tier::Standard && scope != Scope::Global => {
                global_card(base, &place, from)?.times(price(times, 100)?)?
            }
            _ => return Err(
                "a row gives rates, or `times` for a tier, or `times_global` for a regional rate"
                    .to_owned(),
            ),
        };
        let card = with_cache_rule(card, row.tier, model)?;
        rows.push(Row {
            scope,
            place,
            tier: row.tier,
            from,
            card,
            basis: basis.clone(),
        });
    }
    Ok(rows)
}

fn places(row: &RateRow, context: &Context) -> Result<Vec<(Scope, String)>, String> {
    let mut places = Vec::new();
    if let Some(list) = &row.global {
        let regions = if list == "*" {
            vec!["*".to_owned()]
        } else {
            context.regions(list)?
        };
        places.extend(regions.into_iter().map(|region| (Scope::Global, region)));
    }
    for (list, scope) in [
        (&row.regional, Scope::InRegionAndGeo),
        (&row.in_region, Scope::InRegion),
    ] {
        if let Some(list) = list {
            places.extend(
                context
                    .regions(list)?
                    .into_iter()
                    .map(|region| (scope, region)),
            );
        }
    }
    if let Some(list) = &row.geo {
        places.extend(
            context
                .geographies_or_regions(list)?
                .into_iter()
                .map(|place| (Scope::Geo, place)),
        );
    }
    if places.is_empty() {
        Err("a row without `global`, `regional`, `in` or `geo`".to_owned())
    } else {
        Ok(places)
    }
}

fn listed_card(row: &RateRow) -> Result<Option<Card>, String> {
    let rate = |text: &Option<String>| {
        text.as_deref()
            .map(|text| price(text, MAX_TOKEN_RATE))
            .transpose()
    };
    let rates = Rates {
        input: rate(&row.input)?,
        output: rate(&row.output)?,
        cache_read: rate(&row.cache_read)?,
        cache_write_5m: rate(&row.cache_write_5m)?,
        cache_write_30m: rate(&row.cache_write_30m)?,
        cache_write_1h: rate(&row.cache_write_1h)?,
    };
    let long_context = match &row.long_context {
        Some(long) => Some((
            long.above,
            Rates {
                input: rate(&long.input)?,
                output: rate(&long.output)?,
                cache_read: rate(&long.cache_read)?,
                cache_write_5m: rate(&long.cache_write_5m)?,
                cache_write_30m: rate(&long.cache_write_30m)?,
                cache_write_1h: rate(&long.cache_write_1h)?,
            },
        )),
        None => None,
    };
    if [rates.input, rates.output].contains(&Some(Decimal::ZERO)) {
        return Err("a rate of 0: leave out what is not listed".to_owned());
    }
    Ok((rates != Rates::default()).then_some(Card {
        rates,
        long_context,
    }))
}

/// Returns the standard rate that a tier in this place is derived from.
fn standard_card(
    base: &[Row],
    scope: Scope,
    place: &str,
    from: Option<Day>,
) -> Result<Card, String> {
    let in_force = |key: u8, at: &str| {
        base.iter()
            .filter(|row| {
                row.tier == Tier::Standard
                    && row.scope.key() == key
                    && row.place == at
                    && row.from <= from
            })
            .max_by_key(|row| row.from)
            .map(|row| row.card)
    };
    let found = match scope {
        Scope::InRegion | Scope::InRegionAndGeo => in_force(0, place),
        // A geographic profile bills the rate of its source region.
        Scope::Geo => in_force(1, place).or_else(|| in_force(0, place)),
        Scope::Global if place == "*" => return global_card(base, place, from),
        Scope::Global => in_force(2, place).or_else(|| in_force(2, "*")),
    };
    found.ok_or_else(|| format!("no standard rate in {place} to derive from"))
}

/// Returns the global standard rate, which must be one for all source regions or listed for this one.
fn global_card(base: &[Row], place: &str, from: Option<Day>) -> Result<Card, String> {
    let global = base
        .iter()
        .filter(|row| row.scope == Scope::Global && row.tier == Tier::Standard && row.from <= from);
    let newest = global
        .clone()
        .map(|row| row.from)
        .max()
        .ok_or("no global rate to derive from")?;
    let cards: BTreeSet<Card> = global
        .clone()
        .filter(|row| row.from == newest)
        .map(|row| row.card)
        .collect();
    if let (Some(card), 1) = (cards.first(), cards.len()) {
        return Ok(*card);
    }
    let here = global
        .filter(|row| row.place == place)
        .max_by_key(|row| row.from);
    here.map(|row| row.card).ok_or_else(|| {
        format!("the global rate differs between regions and is not listed in {place}")
    })
}

fn with_cache_rule(mut card: Card, tier: Tier, model: &authored::Model) -> Result<Card, String> {
    if let (Some(rule), Some(input)) = (&model.cache, card.rates.input)
        && tier != Tier::Batch
    {
        if card.rates.cache_read.is_none() {
            card.rates.cache_read = Some(checked_price(
                input * price(&rule.read_times, 1)?,
                MAX_TOKEN_RATE,
            )?);
        }
        card.rates
            .cache_write_5m
            .get_or_insert(price(&rule.write_5m, MAX_TOKEN_RATE)?);
    }
    Ok(card)
}

/// Refuses two rates for one day, and a tier left behind when the rate it was derived from is superseded.
fn check_dates(rows: &[Row], model: &authored::Model) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for row in rows {
        if !seen.insert((row.tier, row.scope.key(), &row.place, row.from)) {
            return Err(format!("two rates for {} in {}", model.id, row.place));
        }
    }
    for row in rows.iter().filter(|row| row.tier != Tier::Standard) {
        let later = rows.iter().find(|base| {
            let same = (base.scope.key(), &base.place) == (row.scope.key(), &row.place);
            same && base.tier == Tier::Standard && base.from > row.from
        });
        if let Some(base) = later
            && !seen.contains(&(row.tier, row.scope.key(), &row.place, base.from))
        {
            return Err(format!(
                "the standard rate in {} is superseded, but not that of its tier",
                row.place
            ));
        }
    }
    Ok(())
}

/// Sorts the models by id and refuses names that are not unique.
pub(crate) fn check_names(models: &mut [Model]) -> Result<(), String> {
    models.sort_by(|a, b| a.id.cmp(&b.id));
    let mut seen = BTreeSet::new();
    for model in models.iter() {
        for name in [&model.id, &model.name].into_iter().chain(&model.aliases) {
            if !seen.insert(name.to_lowercase()) {
                return Err(format!("two models are named `{name}`"));
            }
        }
    }
    Ok(())
}
