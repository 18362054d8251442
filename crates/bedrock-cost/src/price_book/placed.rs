//! Every rate of a model that is in force on a day, with the place it is listed for.

use jiff::civil::Date;

use super::listing::{Model, RateQuery};
use super::rates::Rates;
use crate::inference::{Routing, Tier};
use crate::region::Region;

/// A rate card in the place it is listed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// A region, the geography of a profile, or `*` for every commercial region.
    pub place: &'static str,
    /// Regional or global.
    pub routing: Routing,
    /// The rates.
    pub rates: Rates,
}

impl Model {
    /// Returns every rate card in force on a day, by tier, routing and place.
    #[must_use]
    pub fn in_force(&self, on: Date) -> Vec<Placed> {
        let mut found: Vec<Placed> = Vec::new();
        for row in self.listed() {
            let is_before = row.from().is_some_and(|from| from > on);
            let twin = found.iter().any(|placed| {
                placed.place == row.place()
                    && placed.routing == row.routing()
                    && placed.rates.scope == row.scope
                    && placed.rates.tier == row.tier
            });
            if is_before || twin {
                continue;
            }
            let newest = self
                .listed()
                .iter()
                .filter(|other| {
                    other.scope == row.scope
                        && other.tier == row.tier
                        && other.place() == row.place()
                })
                .filter(|other| other.from().is_none_or(|from| from <= on))
                .max_by_key(|other| other.from())
                .map(|row| row.rates());
            found.extend(self.placed(row.place(), row.routing(), row.tier, on, newest.as_ref()));
        }
        let layered = self.layer.iter().flat_map(|layer| layer.places(self));
        for (region, routing, tier) in layered {
            let Some(place) = region.facts().map(|facts| facts.name) else {
                continue;
            };
            let twin = |placed: &Placed| {
                placed.place == place && placed.routing == routing && placed.rates.tier == tier
            };
            if !found.iter().any(twin) {
                found.extend(self.placed(place, routing, tier, on, None));
            }
        }
        found.sort_by_key(|placed| (placed.rates.tier, placed.routing, placed.place));
        found
    }

    /// A region is asked for as a request would ask; a geography and `*` have no overlay, and the discounts of all.
    fn placed(
        &self,
        place: &'static str,
        routing: Routing,
        tier: Tier,
        on: Date,
        embedded: Option<&Rates>,
    ) -> Option<Placed> {
        let rates = match (self.layer, Region::parse_known(place)) {
            (None, _) => embedded.copied(),
            (Some(layer), Ok(region)) => {
                let query = RateQuery {
                    region,
                    routing,
                    tier,
                    date: on,
                };
                let here = self.embedded_rates(&query);
                layer.rates(self, &query, embedded.or(here.as_ref()))
            }
            (Some(layer), Err(_)) => layer.private(self, (None, routing, tier), on, embedded),
        };
        rates.map(|rates| Placed {
            place,
            routing,
            rates,
        })
    }
}
