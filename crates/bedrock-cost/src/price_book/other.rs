//! What is billed beside a model's tokens: guardrails, provisioned throughput, reserved capacity, storage.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::PriceBook;
use super::private::Subject;
use super::rates::Basis;
use super::tables;
use crate::inference::{Commitment, ReservedTerm, Routing};
use crate::money::{HourlyRate, UnitRate, Usd};
use crate::names::{Shown, nearest};
use crate::region::Region;

/// A listed rate, in its raw form.
#[derive(Debug)]
pub(super) struct ListedOther {
    pub(super) dimension: &'static str,
    pub(super) item: &'static str,
    pub(super) term: Option<&'static str>,
    pub(super) routing: Option<Routing>,
    pub(super) models: &'static [&'static str],
    pub(super) usage_type: Option<&'static str>,
    pub(super) usd: Option<Decimal>,
    pub(super) unit: &'static str,
    pub(super) regions: &'static [&'static str],
    pub(super) from: Option<Date>,
    pub(super) basis: u16,
}

/// A rate of something other than a model's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherRate {
    /// The group: `guardrails`, `provisioned_throughput`.
    pub dimension: &'static str,
    /// The item in the group: `content_filters`.
    pub item: &'static str,
    /// The commitment, where there is one: `none`, `1_month`, `6_months`.
    pub term: Option<&'static str>,
    /// The routing, where the rate depends on it.
    pub routing: Option<Routing>,
    /// Ids of the models it applies to; empty where it is not about models.
    pub models: &'static [&'static str],
    /// The middle part of the usage type, where it is known: `ContentPolicyUnitsConsumed`.
    pub usage_type: Option<&'static str>,
    /// US dollars per unit, and the unit.
    pub rate: UnitRate,
    /// The regions it is listed for. Elsewhere it is likely, not known: say so.
    pub regions: &'static [&'static str],
    /// The first day the rate was in force; `None` when it is as old as the records.
    pub in_force_since: Option<Date>,
    /// What the rate is made from.
    pub basis: Basis,
}

impl OtherRate {
    /// Tells whether the rate is listed for this region.
    #[must_use]
    pub fn is_listed_for(&self, region: &Region) -> bool {
        self.regions.contains(&region.as_str())
    }
}

/// Why there is no rate for something other than tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoOtherRate {
    /// No such group.
    #[error("nothing is listed as {}; known are {}", Shown(.given), .known.join(", "))]
    UnknownDimension {
        /// What was asked for.
        given: String,
        /// Every group.
        known: Vec<&'static str>,
    },
    /// No such item in the group.
    #[error("{} is not listed under {dimension}; nearest: {}", Shown(.given), .nearest.join(", "))]
    UnknownItem {
        /// The group.
        dimension: &'static str,
        /// What was asked for.
        given: String,
        /// The nearest items, or all of them.
        nearest: Vec<&'static str>,
    },
    /// The item has several rates, by model, term or routing.
    #[error("{dimension} {item} has several rates, by {}", .by.join(" and "))]
    Ambiguous {
        /// The group.
        dimension: &'static str,
        /// The item.
        item: &'static str,
        /// What tells them apart.
        by: Vec<&'static str>,
    },
    /// The item exists, and no published rate was found.
    #[error("{dimension} {item} has no published rate: {note}")]
    Unpublished {
        /// The group.
        dimension: &'static str,
        /// The item.
        item: &'static str,
        /// What is known.
        note: &'static str,
    },
    /// The model has provisioned throughput, and none with this commitment.
    #[error("no provisioned throughput ({commitment}) rate is listed for {model}; it has {}", Terms(.listed))]
    NoCommitment {
        /// The model.
        model: String,
        /// What was asked for.
        commitment: Commitment,
        /// The commitments that are listed, each with its regions.
        listed: Vec<(&'static str, &'static [&'static str])>,
    },
    /// The model has no such rate.
    #[error("no {what} rate is listed for {model}; models with one: {}", Models(.model, .models))]
    NotForModel {
        /// What was asked for.
        what: String,
        /// The model.
        model: String,
        /// Models that have one.
        models: Vec<&'static str>,
    },
}

/// Terms, those of the same regions together: `1_month, 6_months in us-east-1, us-west-2`.
struct Terms<'a>(&'a [(&'static str, &'static [&'static str])]);

impl std::fmt::Display for Terms<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, of_same) in self.0.chunk_by(|a, b| a.1 == b.1).enumerate() {
            let terms: Vec<&str> = of_same.iter().map(|(term, _)| *term).collect();
            let regions = of_same.first().map_or(&[][..], |(_, regions)| regions);
            let before = if place == 0 { "" } else { "; " };
            write!(f, "{before}{} in {}", terms.join(", "), regions.join(", "))?;
        }
        Ok(())
    }
}

/// Models that are shown in place of one, those of its provider first.
struct Models<'a>(&'a str, &'a [&'static str]);

impl Models<'_> {
    /// As many as help; all of them are in the price book.
    const SHOWN: usize = 4;
}

impl std::fmt::Display for Models<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(model, models) = self;
        let provider = model.split('.').next();
        let mut all = models.to_vec();
        all.sort_by_key(|id| id.split('.').next() != provider);
        let shown = all.get(..Self::SHOWN).unwrap_or(&all);
        f.write_str(&shown.join(", "))?;
        match all.len() - shown.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// A factor by which AWS derives one rate from another.
#[derive(Debug, Clone, Copy)]
pub struct Multiplier {
    pub(super) name: &'static str,
    pub(super) times: Decimal,
    pub(super) of: &'static str,
    pub(super) basis_index: u16,
}

impl Multiplier {
    /// Returns the name: `batch`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the factor.
    #[must_use]
    pub const fn times(&self) -> Decimal {
        self.times
    }

    /// Returns what is multiplied, in words: `the standard rate`.
    #[must_use]
    pub const fn of(&self) -> &'static str {
        self.of
    }

    /// Returns what the factor is made from; its note names the exceptions.
    #[must_use]
    pub fn basis(&self) -> &'static Basis {
        tables::basis(self.basis_index)
    }
}

impl ListedOther {
    fn rate(&self) -> Option<OtherRate> {
        Some(OtherRate {
            dimension: self.dimension,
            item: self.item,
            term: self.term,
            routing: self.routing,
            models: self.models,
            usage_type: self.usage_type,
            rate: UnitRate {
                usd: Usd::new(self.usd?),
                unit: self.unit,
            },
            regions: self.regions,
            in_force_since: self.from,
            basis: *tables::basis(self.basis),
        })
    }

    fn is_superseded(&self, group: &[Self], on: Date) -> bool {
        let key = |row: &Self| {
            (
                row.dimension,
                row.item,
                row.term,
                row.routing,
                row.models,
                row.regions,
            )
        };
        group.iter().any(|later| {
            later.from > self.from
                && later.from.is_none_or(|from| from <= on)
                && key(later) == key(self)
        })
    }
}

/// Returns the rows of a group: the table is sorted by group.
fn rows(dimension: &str) -> &'static [ListedOther] {
    let start = tables::OTHERS.partition_point(|row| row.dimension < dimension);
    let rest = tables::OTHERS.get(start..).unwrap_or_default();
    let length = rest.partition_point(|row| row.dimension == dimension);
    rest.get(..length).unwrap_or_default()
}

fn in_force(dimension: &str, on: Date) -> impl Iterator<Item = &'static ListedOther> + Clone {
    let group = rows(dimension);
    group
        .iter()
        .filter(move |row| row.from.is_none_or(|from| from <= on) && !row.is_superseded(group, on))
}

fn rows_of_item(row: &ListedOther, on: Date) -> impl Iterator<Item = &'static ListedOther> + Clone {
    in_force(row.dimension, on).filter(|other| other.item == row.item)
}

/// Prefers the row listed for the region; elsewhere the one of the default regions stands in.
fn nearest_region(
    rows: impl Iterator<Item = &'static ListedOther> + Clone,
    region: &Region,
) -> Option<&'static ListedOther> {
    let here = rows
        .clone()
        .find(|row| row.regions.contains(&region.as_str()));
    here.or_else(|| rows.max_by_key(|row| row.regions.contains(&Region::US_EAST_1.as_str())))
}

impl PriceBook {
    /// Returns the groups of [`PriceBook::other`]: `guardrails`, `provisioned_throughput`, and so on.
    #[must_use]
    pub fn dimensions(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = tables::OTHERS.iter().map(|row| row.dimension).collect();
        names.dedup();
        names
    }

    /// Iterates over every rate of a group in force on a day.
    pub fn others(&self, dimension: &str, on: Date) -> impl Iterator<Item = OtherRate> {
        in_force(dimension, on)
            .filter_map(ListedOther::rate)
            .map(move |row| self.private_other(row, None, on))
    }

    /// Returns the rate of an item: `("guardrails", "content_filters")`.
    ///
    /// The row of another region stands in where the region has none: see [`OtherRate::is_listed_for`].
    ///
    /// # Errors
    /// When nothing of the name is listed, no rate was ever published, or the item has several rates:
    /// [`PriceBook::other_for_model`], [`PriceBook::provisioned`] and [`PriceBook::reserved`] tell those apart.
    pub fn other(
        &self,
        dimension: &str,
        item: &str,
        region: &Region,
        on: Date,
    ) -> Result<OtherRate, NoOtherRate> {
        let Some(known) = self
            .dimensions()
            .into_iter()
            .find(|known| *known == dimension)
        else {
            return Err(NoOtherRate::UnknownDimension {
                given: dimension.to_owned(),
                known: self.dimensions(),
            });
        };
        let rows = in_force(known, on);
        let Some(row) = nearest_region(rows.clone().filter(|row| row.item == item), region) else {
            let mut items: Vec<&str> = rows.map(|row| row.item).collect();
            items.dedup();
            let near = nearest(item, items.iter().copied(), 3);
            let nearest = if near.is_empty() { items } else { near };
            return Err(NoOtherRate::UnknownItem {
                dimension: known,
                given: item.to_owned(),
                nearest,
            });
        };
        let same_item = rows_of_item(row, on);
        let differs = |differs: fn(&ListedOther, &ListedOther) -> bool| {
            same_item.clone().any(|other| differs(other, row))
        };
        let by: Vec<&str> = [
            ("model", differs(|a, b| a.models != b.models)),
            ("term", differs(|a, b| a.term != b.term)),
            ("routing", differs(|a, b| a.routing != b.routing)),
        ]
        .into_iter()
        .filter_map(|(what, differs)| differs.then_some(what))
        .collect();
        if !by.is_empty() {
            return Err(NoOtherRate::Ambiguous {
                dimension: known,
                item: row.item,
                by,
            });
        }
        let rate = row.rate().ok_or_else(|| NoOtherRate::Unpublished {
            dimension: known,
            item: row.item,
            note: tables::basis(row.basis).note.unwrap_or_default(),
        })?;
        Ok(self.private_other(rate, None, on))
    }

    /// Returns a rate with what private rates make of it; a row of one model alone has that model's discount.
    fn private_other(&self, row: OtherRate, model_id: Option<&str>, on: Date) -> OtherRate {
        let Some(private) = self.private else {
            return row;
        };
        let only = match row.models {
            [only] => Some(*only),
            _ => None,
        };
        let model = model_id.or(only).and_then(|id| self.find(id));
        let subject = Subject {
            model: model.map(|model| (model.id(), model.provider())),
            dimension: Some(row.dimension),
        };
        let (usd, basis) = private.discounted(subject, on, row.rate.usd, row.basis);
        OtherRate {
            rate: UnitRate { usd, ..row.rate },
            basis,
            ..row
        }
    }

    /// Returns the rate of an item for one model: `("customization", "training", "meta.llama3-1-8b-instruct-v1:0")`.
    ///
    /// # Errors
    /// When the item has no rate for the model.
    pub fn other_for_model(
        &self,
        dimension: &str,
        item: &str,
        model_id: &str,
        region: &Region,
        on: Date,
    ) -> Result<OtherRate, NoOtherRate> {
        let rows = in_force(dimension, on).filter(|row| row.item == item);
        let row = for_model(rows, model_id, region, || format!("{dimension} {item}"))?;
        Ok(self.private_other(row, Some(model_id), on))
    }

    /// Returns the hourly rate of one model unit of provisioned throughput, and the row it comes from.
    ///
    /// # Errors
    /// When the model has none with this commitment.
    pub fn provisioned(
        &self,
        model_id: &str,
        commitment: Commitment,
        region: &Region,
        on: Date,
    ) -> Result<(HourlyRate, OtherRate), NoOtherRate> {
        let rows = in_force("provisioned_throughput", on);
        let of_term = rows.filter(move |row| row.term == Some(commitment.as_str()));
        let found = for_model(of_term, model_id, region, || {
            format!("provisioned throughput ({commitment})")
        });
        let row = found.map_err(|without| {
            let mine = in_force("provisioned_throughput", on);
            let mine = mine.filter(|row| row.models.contains(&model_id) && row.usd.is_some());
            let listed: Vec<_> = mine
                .filter_map(|row| Some((row.term?, row.regions)))
                .collect();
            if listed.is_empty() {
                return without;
            }
            NoOtherRate::NoCommitment {
                model: model_id.to_owned(),
                commitment,
                listed,
            }
        })?;
        let row = self.private_other(row, Some(model_id), on);
        Ok((hourly(&row)?, row))
    }

    /// Returns the hourly rates of 1,000 reserved input and output tokens a minute, and the rows they come from.
    ///
    /// The term of 3 months is 0.9 x that of 1 month (AWS pricing page of 2026-07-24).
    ///
    /// # Errors
    /// When the model has no reserved tier with this routing.
    pub fn reserved(
        &self,
        model_id: &str,
        term: ReservedTerm,
        routing: Routing,
        region: &Region,
        on: Date,
    ) -> Result<Reserved, NoOtherRate> {
        let rate = |item: &'static str| {
            let rows = in_force("reserved", on).filter(move |row| row.item == item);
            let rows = rows.filter(move |row| row.routing == Some(routing));
            let mut row = for_model(rows, model_id, region, || {
                format!("{routing} reserved {item}")
            })?;
            if term == ReservedTerm::ThreeMonths {
                row.rate.usd = Usd::new(row.rate.usd.amount() * THREE_MONTHS);
                row.term = Some(term.as_str());
            }
            let row = self.private_other(row, Some(model_id), on);
            Ok((hourly(&row)?, row))
        };
        Ok(Reserved {
            input: rate("input")?,
            output: rate("output")?,
        })
    }

    /// Returns the factors by which AWS derives rates from one another, for reading a bill.
    #[must_use]
    pub fn multipliers(&self) -> &'static [Multiplier] {
        tables::MULTIPLIERS
    }

    /// Returns a factor by name: `batch`, `regional`.
    #[must_use]
    pub fn multiplier(&self, name: &str) -> Option<&'static Multiplier> {
        tables::MULTIPLIERS
            .iter()
            .find(|multiplier| multiplier.name == name)
    }
}

/// 3 months of reserved capacity cost 0.9 x as much an hour as 1 month (AWS pricing page of 2026-07-24).
const THREE_MONTHS: Decimal = Decimal::from_parts(9, 0, 0, false, 1);

/// The hourly rates of 1,000 reserved tokens a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved {
    /// For input: US dollars an hour, and the row.
    pub input: (HourlyRate, OtherRate),
    /// For output: US dollars an hour, and the row.
    pub output: (HourlyRate, OtherRate),
}

fn for_model(
    rows: impl Iterator<Item = &'static ListedOther> + Clone,
    model_id: &str,
    region: &Region,
    what: impl Fn() -> String,
) -> Result<OtherRate, NoOtherRate> {
    let mine = rows.clone().filter(|row| row.models.contains(&model_id));
    let found = nearest_region(mine, region).and_then(ListedOther::rate);
    found.ok_or_else(|| NoOtherRate::NotForModel {
        what: what(),
        model: model_id.to_owned(),
        models: rows.flat_map(|row| row.models.iter().copied()).collect(),
    })
}

fn hourly(row: &OtherRate) -> Result<HourlyRate, NoOtherRate> {
    HourlyRate::new(row.rate.usd.amount()).map_err(|_| NoOtherRate::Unpublished {
        dimension: row.dimension,
        item: row.item,
        note: "the listed rate is outside the bounds of an hourly rate",
    })
}
