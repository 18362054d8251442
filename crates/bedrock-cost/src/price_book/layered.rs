//! A price book with more than the embedded rows: the overlay over them, and private rates over both.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::listing::{Model, RateQuery};
use super::origin::ListOrigin;
use super::overlay::{Overlay, OverlayRate, named};
use super::private::{PrivateRates, Subject};
use super::rates::{Agreement, Basis, LongContext, Rates, Scope, TokenRates};
use super::unit::ModelUnitRate;
use super::{PriceBook, tables};
use crate::inference::{Routing, Tier};
use crate::money::UnitRate;
use crate::region::Region;
use crate::tokens::TokenKind;

/// What lies over the embedded rows of one model.
#[derive(Debug)]
pub(super) struct Layer {
    refreshed: Vec<RefreshedRow>,
    private: Option<&'static PrivateRates>,
}

/// A rate card made of the overlay and what the embedded row adds to it.
#[derive(Debug)]
struct RefreshedRow {
    region: Region,
    routing: Routing,
    /// The last day that a rate of it was read: an embedded row that comes into force later replaces it.
    read: Date,
    rates: Rates,
}

impl PriceBook {
    /// Makes a price book with an overlay and private rates.
    ///
    /// It lives as long as the process, as the embedded one does: make one, not one for every question.
    #[must_use]
    pub fn layered(overlay: Option<&Overlay>, private: Option<PrivateRates>) -> &'static Self {
        if overlay.is_none() && private.is_none() {
            return Self::embedded();
        }
        let private: Option<&'static PrivateRates> =
            private.map(|private| &*Box::leak(Box::new(private)));
        let mut words = Words::default();
        let mut refreshed =
            overlay.map_or_else(BTreeMap::new, |overlay| cards(overlay, &mut words));
        let models: Vec<Model> = tables::MODELS
            .iter()
            .map(|model| Model {
                layer: Some(Box::leak(Box::new(Layer {
                    refreshed: refreshed.remove(model.id).unwrap_or_default(),
                    private,
                }))),
                ..*model
            })
            .collect();
        Box::leak(Box::new(Self {
            models: models.leak(),
            private,
            refreshed: overlay.and_then(|overlay| {
                let readings = overlay.readings();
                Some((readings.first()?.0, readings.last()?.0))
            }),
        }))
    }

    /// Returns the private rates, where there are any.
    #[must_use]
    pub const fn private_rates(&self) -> Option<&'static PrivateRates> {
        self.private
    }

    /// Returns the first and the last day on which rates of the overlay were read, where there is one.
    #[must_use]
    pub const fn refreshed(&self) -> Option<(Date, Date)> {
        self.refreshed
    }
}

/// Sentences that many rates share, each kept once.
#[derive(Default)]
struct Words(BTreeSet<&'static str>);

impl Words {
    fn keep(&mut self, text: String) -> &'static str {
        if let Some(kept) = self.0.get(text.as_str()) {
            return kept;
        }
        let kept: &'static str = text.leak();
        self.0.insert(kept);
        kept
    }
}

/// Makes the rate cards of an overlay, by model. What the embedded book read later than a rate is left to it.
fn cards(overlay: &Overlay, words: &mut Words) -> BTreeMap<&'static str, Vec<RefreshedRow>> {
    type Place<'a> = (&'static str, &'a Region, Routing, Tier);
    let mut by_place: BTreeMap<Place<'_>, Vec<&OverlayRate>> = BTreeMap::new();
    for rate in &overlay.rates {
        let key = &rate.key;
        by_place
            .entry((key.model, &key.region, key.routing, key.tier))
            .or_default()
            .push(rate);
    }
    let mut cards: BTreeMap<&'static str, Vec<RefreshedRow>> = BTreeMap::new();
    for ((model, region, routing, tier), mut found) in by_place {
        let Ok(resolved) = PriceBook::embedded().resolve(model) else {
            continue;
        };
        let Some(read) = found.iter().map(|rate| rate.read).max() else {
            continue;
        };
        let query = RateQuery {
            region: region.clone(),
            routing,
            tier,
            date: read,
        };
        let embedded = resolved.model.rates_if_listed(&query);
        if let Some(embedded) = &embedded {
            let since = embedded.in_force_since;
            found.retain(|rate| {
                embedded.basis.checked <= rate.read && since.is_none_or(|since| since <= rate.read)
            });
        }
        let Some(oldest) = found.iter().map(|rate| rate.read).min() else {
            continue;
        };
        cards.entry(model).or_default().push(RefreshedRow {
            region: region.clone(),
            routing,
            read,
            rates: card(oldest, &query, embedded.as_ref(), &found, words),
        });
    }
    cards
}

fn card(
    oldest: Date,
    query: &RateQuery,
    embedded: Option<&Rates>,
    found: &[&OverlayRate],
    words: &mut Words,
) -> Rates {
    let ordinary = || found.iter().filter(|rate| !rate.key.long_context);
    let mut tokens = embedded.map_or_else(TokenRates::default, |embedded| embedded.tokens);
    for rate in ordinary() {
        tokens = tokens.with(rate.key.kind, rate.rate);
    }
    let mut long_context = embedded.and_then(|embedded| embedded.long_context);
    if let Some(long) = &mut long_context {
        for rate in found.iter().filter(|rate| rate.key.long_context) {
            long.rates = long.rates.with(rate.key.kind, rate.rate);
        }
    }
    Rates {
        basis: basis(oldest, embedded, tokens, long_context, found, words),
        tokens,
        long_context,
        tier: query.tier,
        scope: embedded.map_or(
            match query.routing {
                Routing::Global => Scope::Global,
                Routing::Regional => Scope::InRegion,
            },
            |embedded| embedded.scope,
        ),
        in_force_since: found.iter().map(|rate| rate.in_force_since).max().flatten(),
    }
}

fn basis(
    oldest: Date,
    embedded: Option<&Rates>,
    tokens: TokenRates,
    long_context: Option<LongContext>,
    found: &[&OverlayRate],
    words: &mut Words,
) -> Basis {
    let list = named(found.iter().copied());
    let Some(embedded) = embedded else {
        return Basis {
            checked: oldest,
            agreement: Agreement::SingleOfficial,
            note: Some(words.keep(format!("one source: {list}"))),
            sources: words.keep(list),
            list: Some(ListOrigin::Refreshed),
            private: None,
        };
    };
    let before = embedded.basis;
    let same = tokens == embedded.tokens && long_context == embedded.long_context;
    let (agreement, note) = if same {
        let note = before
            .note
            .filter(|_| before.agreement == Agreement::Disagree);
        (Agreement::Agree, note)
    } else {
        let was: Vec<String> = found
            .iter()
            .filter(|rate| !rate.key.long_context)
            .filter_map(|rate| {
                let was = embedded.tokens.get(rate.key.kind)?;
                (was != rate.rate).then(|| format!("{} {was}", rate.key.kind))
            })
            .collect();
        let note = if was.is_empty() {
            format!("one source: {list}")
        } else {
            format!(
                "one source: {list}; the embedded rates, checked {}, are {}",
                before.checked,
                was.join(", ")
            )
        };
        (Agreement::SingleOfficial, Some(words.keep(note)))
    };
    let refreshed = |kind: TokenKind| {
        found
            .iter()
            .any(|rate| rate.key.kind == kind && !rate.key.long_context)
    };
    let rest: Vec<&str> = embedded
        .tokens
        .iter()
        .filter(|(kind, _)| !refreshed(*kind))
        .map(|(kind, _)| kind.name())
        .collect();
    if rest.is_empty() {
        return Basis {
            checked: oldest,
            sources: words.keep(list),
            agreement,
            note,
            list: Some(ListOrigin::Refreshed),
            private: None,
        };
    }
    let sources = format!("{list}; {} from {}", rest.join(", "), before.sources);
    Basis {
        checked: before.checked,
        sources: words.keep(sources),
        agreement,
        note,
        list: Some(ListOrigin::Both),
        private: None,
    }
}

impl Layer {
    /// Returns the rates in force for a request, given those of the embedded rows.
    pub(super) fn rates(
        &self,
        model: &Model,
        query: &RateQuery,
        embedded: Option<&Rates>,
    ) -> Option<Rates> {
        let refreshed = self.refreshed(query, embedded);
        self.private(
            model,
            (Some(&query.region), query.routing, query.tier),
            query.date,
            refreshed.as_ref().or(embedded),
        )
    }

    /// Returns the card of the overlay, unless an embedded row came into force after it was read.
    fn refreshed(&self, query: &RateQuery, embedded: Option<&Rates>) -> Option<Rates> {
        let row = self.refreshed.iter().find(|row| {
            row.region == query.region
                && row.routing == query.routing
                && row.rates.tier == query.tier
                && row
                    .rates
                    .in_force_since
                    .is_none_or(|since| since <= query.date)
        })?;
        let later = embedded
            .and_then(|embedded| embedded.in_force_since)
            .is_some_and(|since| since > row.read);
        (!later).then_some(row.rates)
    }

    /// Returns the rates with what private rates make of them.
    pub(super) fn private(
        &self,
        model: &Model,
        place: (Option<&Region>, Routing, Tier),
        on: Date,
        listed: Option<&Rates>,
    ) -> Option<Rates> {
        match self.private {
            Some(private) => private.apply((model.id, model.provider), place, on, listed),
            None => listed.copied(),
        }
    }

    /// Returns a rate per unit with what private rates make of it.
    pub(super) fn unit_rate(
        &self,
        model: &Model,
        on: Date,
        listed: ModelUnitRate,
    ) -> ModelUnitRate {
        let Some(private) = self.private else {
            return listed;
        };
        let subject = Subject::model(model.id, model.provider);
        let (usd, basis) = private.discounted(subject, on, listed.rate.usd, listed.basis);
        ModelUnitRate {
            rate: UnitRate { usd, ..listed.rate },
            basis,
            ..listed
        }
    }

    /// Returns every region, routing and tier that this layer has rates for.
    pub(super) fn places(&self, model: &Model) -> BTreeSet<(Region, Routing, Tier)> {
        let refreshed = self
            .refreshed
            .iter()
            .map(|row| (row.region.clone(), row.routing, row.rates.tier));
        let own = self.private.into_iter().flat_map(|private| {
            private
                .own_places(model.id)
                .flat_map(|(routing, tier, region)| {
                    let routings = routing.as_ref().map_or(Routing::ALL, std::slice::from_ref);
                    let places: Vec<_> = routings
                        .iter()
                        .map(|routing| (region.clone(), *routing, tier))
                        .collect();
                    places
                })
        });
        refreshed.chain(own).collect()
    }
}
