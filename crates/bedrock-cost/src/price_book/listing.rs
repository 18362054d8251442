//! A listed model and the look-up of its rates by region, routing, tier and day.

use std::fmt;

use jiff::civil::Date;

use super::layered::Layer;
use super::rates::{Rates, Scope};
use super::tables::{self, Row};
use super::unit::{ListedUnit, ModelUnitRate};
use crate::inference::{Routing, Tier};
use crate::region::Region;

/// What a model works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelKind {
    /// Text in, text out; many read images too.
    Text,
    /// Embeddings.
    Embedding,
    /// Makes or edits images.
    Image,
    /// Speech in and out.
    Speech,
    /// Makes or reads video.
    Video,
    /// Ranks documents.
    Rerank,
}

impl ModelKind {
    /// Returns the text for answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Embedding => "embedding",
            Self::Image => "image",
            Self::Speech => "speech",
            Self::Video => "video",
            Self::Rerank => "rerank",
        }
    }
}

impl fmt::Display for ModelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What AWS says about a model's future (`ListFoundationModels`, 2026-08-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifecycle {
    /// Offered.
    Active,
    /// On its way out.
    Legacy,
    /// Not named there, though older: likely of the past, and no source that was read says since when.
    Unlisted,
}

impl Lifecycle {
    /// Returns the text for answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Legacy => "legacy",
            Self::Unlisted => "unlisted",
        }
    }
}

/// A model with every rate that is listed for it.
#[derive(Debug)]
pub struct Model {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) provider: &'static str,
    pub(super) aliases: &'static [&'static str],
    pub(super) kind: ModelKind,
    pub(super) context_window: Option<u32>,
    pub(super) max_output: Option<u32>,
    pub(super) lifecycle: Option<Lifecycle>,
    pub(super) end_of_life: Option<Date>,
    pub(super) note: Option<&'static str>,
    pub(super) checked: Date,
    pub(super) first_row: usize,
    pub(super) rows: usize,
    pub(super) units: &'static [ListedUnit],
    /// What lies over the embedded rows.
    pub(super) layer: Option<&'static Layer>,
}

/// What to look up a rate by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateQuery {
    /// The region that the request is sent to: the source region of a profile.
    pub region: Region,
    /// Regional (in-region or the geographic profile) or global.
    pub routing: Routing,
    /// The tier.
    pub tier: Tier,
    /// The day of the request.
    pub date: Date,
}

/// A combination of routing, tier and regions that is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Regional or global.
    pub routing: Routing,
    /// The tier.
    pub tier: Tier,
    /// Regions, geographies, or `*` for every commercial region, in alphabetical order.
    pub places: Vec<&'static str>,
}

/// A rate is not listed. It says what is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRate {
    /// The model.
    pub model: &'static str,
    /// What was asked.
    pub query: RateQuery,
    /// The first day with a rate, when the day asked for is before it.
    pub listed_since: Option<Date>,
    /// Every combination listed for the model.
    pub offers: Vec<Offer>,
    /// Units the model is billed by instead of tokens.
    pub units: Vec<&'static str>,
}

impl Model {
    /// Returns the Bedrock model id: `anthropic.claude-opus-5`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Returns the display name: `Claude Opus 5`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the provider: `Anthropic`.
    #[must_use]
    pub const fn provider(&self) -> &'static str {
        self.provider
    }

    /// Returns other ids and names of the model.
    #[must_use]
    pub const fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    /// Returns what the model works on.
    #[must_use]
    pub const fn kind(&self) -> ModelKind {
        self.kind
    }

    /// Returns the longest prompt in tokens, where it is known.
    #[must_use]
    pub const fn context_window(&self) -> Option<u32> {
        self.context_window
    }

    /// Returns the longest output in tokens, where it is known.
    #[must_use]
    pub const fn max_output(&self) -> Option<u32> {
        self.max_output
    }

    /// Returns the lifecycle status, where it is known.
    #[must_use]
    pub const fn lifecycle(&self) -> Option<Lifecycle> {
        self.lifecycle
    }

    /// Says that the lifecycle is not known, where a list of AWS's models does not name an older model any more.
    #[must_use]
    pub fn lifecycle_unknown(&self) -> Option<String> {
        (self.lifecycle == Some(Lifecycle::Unlisted)).then(|| {
            format!(
                "{} is likely of the past: ListFoundationModels of 2026-08-21 does not name it (one source); check that AWS still offers it",
                self.name
            )
        })
    }

    /// Returns the day the model ends (one source: litellm 1.109.1).
    #[must_use]
    pub const fn end_of_life(&self) -> Option<Date> {
        self.end_of_life
    }

    /// Returns what every answer about the model must say.
    #[must_use]
    pub const fn note(&self) -> Option<&'static str> {
        self.note
    }

    /// Returns the day the model's rows were compared with their sources.
    #[must_use]
    pub const fn checked(&self) -> Date {
        self.checked
    }

    pub(super) fn listed(&self) -> &'static [Row] {
        tables::ROWS
            .get(self.first_row..self.first_row + self.rows)
            .unwrap_or_default()
    }

    /// Returns the number of tokens above which a prompt has other rates, where a row has such rates.
    pub(super) fn long_above(&self) -> Option<u32> {
        let long = |row: &Row| row.rates().long_context;
        self.listed()
            .iter()
            .find_map(long)
            .map(|long| long.above_tokens)
    }

    /// Returns the rates in force for a request.
    ///
    /// Regional routing takes the in-region rate, else that of the region's geographic profile.
    ///
    /// # Errors
    /// When no such rate is listed; the error says what is.
    pub fn rates(&self, query: &RateQuery) -> Result<Rates, NoRate> {
        self.rates_if_listed(query)
            .ok_or_else(|| self.no_rate(query.clone()))
    }

    /// Returns the rates in force for a request, where they are listed: for asking without the work of an error.
    #[must_use]
    pub fn rates_if_listed(&self, query: &RateQuery) -> Option<Rates> {
        let embedded = self.embedded_rates(query);
        match self.layer {
            None => embedded,
            Some(layer) => layer.rates(self, query, embedded.as_ref()),
        }
    }

    /// Returns the rates of the embedded rows, whatever lies over them.
    pub(super) fn embedded_rates(&self, query: &RateQuery) -> Option<Rates> {
        self.embedded(query).map(|row| row.rates())
    }

    /// Returns the embedded row that is in force for a request.
    fn embedded(&self, query: &RateQuery) -> Option<&'static Row> {
        let region = query.region.as_str();
        let in_force = |wanted: fn(Scope) -> bool, place: &str| {
            self.listed()
                .iter()
                .filter(|row| row.tier == query.tier && wanted(row.scope) && row.place() == place)
                .filter(|row| row.from().is_none_or(|from| from <= query.date))
                .max_by_key(|row| row.from())
        };
        let in_region = |scope| matches!(scope, Scope::InRegion | Scope::InRegionAndGeo);
        let geo = |scope| scope == Scope::Geo;
        let global = |scope| scope == Scope::Global;
        match query.routing {
            Routing::Regional => in_force(in_region, region)
                .or_else(|| in_force(geo, region))
                .or_else(|| {
                    let geographies = query.region.geographies().iter();
                    geographies
                        .copied()
                        .find_map(|geography| in_force(geo, geography.as_str()))
                }),
            Routing::Global if query.region.is_gov_cloud() => None,
            Routing::Global => in_force(global, region).or_else(|| in_force(global, "*")),
        }
    }

    /// Returns the rates per unit in force in a region: images, seconds of video, queries.
    #[must_use]
    pub fn unit_rates(&self, region: &Region, on: Date) -> Vec<ModelUnitRate> {
        let in_force = || {
            self.units
                .iter()
                .filter(|unit| unit.is_in_force(region, on))
        };
        in_force()
            .filter(|unit| {
                !in_force().any(|later| later.unit == unit.unit && later.from > unit.from)
            })
            .map(|unit| self.unit_rate(unit, on))
            .collect()
    }

    fn unit_rate(&self, unit: &ListedUnit, on: Date) -> ModelUnitRate {
        let listed = unit.rate();
        match self.layer {
            None => listed,
            Some(layer) => layer.unit_rate(self, on, listed),
        }
    }

    /// Returns every combination of routing, tier and place that is listed on any day.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        let mut offers: Vec<Offer> = Vec::new();
        for row in self.listed() {
            let routing = row.routing();
            let known = offers
                .iter_mut()
                .find(|offer| (offer.routing, offer.tier) == (routing, row.tier));
            match known {
                Some(offer) => offer.places.push(row.place()),
                None => offers.push(Offer {
                    routing,
                    tier: row.tier,
                    places: vec![row.place()],
                }),
            }
        }
        self.add_layered(&mut offers);
        for offer in &mut offers {
            offer.places.sort_unstable();
            offer.places.dedup();
        }
        offers.sort_by_key(|offer| (offer.tier, offer.routing));
        offers
    }

    /// Tells whether any tokens of the model have a rate.
    #[must_use]
    pub fn has_token_rates(&self) -> bool {
        self.rows > 0
            || self
                .layer
                .is_some_and(|layer| !layer.places(self).is_empty())
    }

    /// Adds what only an overlay or private rates have.
    fn add_layered(&self, offers: &mut Vec<Offer>) {
        for (region, routing, tier) in self.layer.iter().flat_map(|layer| layer.places(self)) {
            let Some(place) = region.facts().map(|facts| facts.name) else {
                continue;
            };
            let known = offers
                .iter_mut()
                .find(|offer| (offer.routing, offer.tier) == (routing, tier));
            match known {
                Some(offer) if offer.places == ["*"] => {}
                Some(offer) => offer.places.push(place),
                None => offers.push(Offer {
                    routing,
                    tier,
                    places: vec![place],
                }),
            }
        }
    }

    fn no_rate(&self, query: RateQuery) -> NoRate {
        let later = RateQuery {
            date: Date::MAX,
            ..query.clone()
        };
        let listed_since = if query.date < Date::MAX {
            self.rates_if_listed(&later)
                .and_then(|rates| rates.in_force_since)
        } else {
            None
        };
        let mut units: Vec<&str> = self.units.iter().map(|unit| unit.unit).collect();
        units.dedup();
        NoRate {
            model: self.id,
            query,
            listed_since,
            offers: self.offers(),
            units,
        }
    }
}

/// The most places an error names for one offer.
const PLACES_SHOWN: usize = 6;

impl fmt::Display for NoRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RateQuery {
            region,
            routing,
            tier,
            date,
        } = &self.query;
        write!(
            f,
            "no {routing} {tier} rate of {} is listed in {region}",
            self.model
        )?;
        if let Some(since) = self.listed_since {
            return write!(f, " on {date}: the first is of {since}");
        }
        if self.offers.is_empty() {
            return write!(f, "; the model is billed per {}", self.units.join(", "));
        }
        f.write_str("; listed are")?;
        for (index, offer) in self.offers.iter().enumerate() {
            let separator = if index == 0 { "" } else { ";" };
            write!(f, "{separator} {} {} in ", offer.routing, offer.tier)?;
            if offer.places == ["*"] {
                f.write_str("every commercial region")?;
                continue;
            }
            let shown: Vec<&str> = offer.places.iter().copied().take(PLACES_SHOWN).collect();
            f.write_str(&shown.join(", "))?;
            if offer.places.len() > PLACES_SHOWN {
                write!(f, " and {} more", offer.places.len() - PLACES_SHOWN)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for NoRate {}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use crate::price_book::PriceBook;

    #[test]
    fn a_model_that_aws_no_longer_names_says_so() {
        for (name, is_unknown) in [
            ("Claude 2.1", true),
            ("Claude 3 Opus", true),
            ("Claude Instant", true),
            // Legacy by AWS's own word, active, and newer than the list.
            ("Claude 3.5 Sonnet", false),
            ("Claude Sonnet 5", false),
            ("Claude Sonnet 5.5", false),
        ] {
            let model = PriceBook::embedded().resolve(name).unwrap().model;
            assert_eq!(model.lifecycle_unknown().is_some(), is_unknown, "{name}");
        }
    }
}
