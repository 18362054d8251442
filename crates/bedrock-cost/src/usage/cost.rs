//! What counted tokens cost at list rates, and what of it metrics leave open.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Called, Counts, Metered};
use crate::inference::{Routing, Tier};
use crate::money::TokenRate;
use crate::price_book::{Basis, Model, PriceBook, RateQuery, TokenRates};
use crate::tokens::TokenKind;

/// Tokens that a rate is given for.
const MILLION: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// Something that a price depends on and metrics do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// For how long prefixes were written to the cache: priced at the cheapest lifetime that is listed.
    CacheLifetime,
    /// Which requests had a long prompt: priced as the average prompt is, since there are prompts on both sides.
    LongPrompts,
}

/// A cost at list rates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cost {
    /// USD.
    pub usd: Decimal,
    /// The least it can be, where metrics leave something open.
    pub lowest: Decimal,
    /// The most it can be, where metrics leave something open.
    pub highest: Decimal,
    /// What is open.
    pub doubts: Vec<Doubt>,
    /// What the rates stand on.
    pub bases: Vec<Basis>,
}

impl Cost {
    /// Returns both together.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        self.add(other.clone());
        self
    }

    pub(super) fn add(&mut self, other: Self) {
        self.usd = self.usd.saturating_add(other.usd);
        self.lowest = self.lowest.saturating_add(other.lowest);
        self.highest = self.highest.saturating_add(other.highest);
        for doubt in other.doubts {
            if !self.doubts.contains(&doubt) {
                self.doubts.push(doubt);
            }
        }
        for basis in other.bases {
            if !self.bases.contains(&basis) {
                self.bases.push(basis);
            }
        }
    }

    /// Prices what was counted under one id.
    ///
    /// # Errors
    /// Why it has no price, in a few words: it is never 0 for want of a rate.
    pub(super) fn of(
        book: &PriceBook,
        called: &Called,
        metered: &Metered,
        on: Date,
    ) -> Result<Self, String> {
        let (model, routing) = match called {
            Called::Model { model, routing, .. } => (*model, *routing),
            Called::Capacity { .. } => {
                return Err("provisioned throughput is billed by the hour".to_owned());
            }
            Called::Unknown { reason, .. } => return Err(reason.clone()),
        };
        // The model as this book has it, with its layers.
        let model = book.resolve(model.id()).map_or(model, |found| found.model);
        let mut rest = metered.all;
        let mut cost = Self::default();
        for (name, counts) in &metered.by_tier {
            rest = rest.less(*counts);
            let tier = name
                .parse::<Tier>()
                .map_err(|_| format!("tier {name} is not billed by the token"))?;
            cost.add(Self::at(model, routing, tier, *counts, metered, on)?);
        }
        cost.add(Self::at(model, routing, Tier::Standard, rest, metered, on)?);
        Ok(cost)
    }

    fn at(
        model: &Model,
        routing: Routing,
        tier: Tier,
        counts: Counts,
        metered: &Metered,
        on: Date,
    ) -> Result<Self, String> {
        if counts.tokens() == 0 {
            return Ok(Self::default());
        }
        let query = RateQuery {
            region: metered.region.clone(),
            routing,
            tier,
            date: on,
        };
        let rates = model
            .rates_if_listed(&query)
            .ok_or_else(|| format!("no {tier} {routing} rates in {}", metered.region.as_str()))?;
        let mut out = priced(&rates.tokens, counts)?;
        if let Some(long) = rates.long_context {
            let is_long = |prompt: u64| prompt > u64::from(long.above_tokens);
            let (least, most) = metered.prompt_of_one.unwrap_or((0, u64::MAX));
            let average = counts.prompt().checked_div(counts.requests).unwrap_or(0);
            let dear = priced(&long.rates, counts)?;
            if is_long(least) {
                out = dear;
            } else if is_long(most) {
                let (lowest, highest) =
                    (out.lowest.min(dear.lowest), out.highest.max(dear.highest));
                if is_long(average) {
                    out = dear;
                }
                out.lowest = lowest;
                out.highest = highest;
                out.doubts.push(Doubt::LongPrompts);
            }
        }
        out.bases.push(rates.basis);
        Ok(out)
    }
}

fn priced(rates: &TokenRates, counts: Counts) -> Result<Cost, String> {
    let mut out = Cost::default();
    for (kind, count) in [
        (TokenKind::Input, counts.input),
        (TokenKind::Output, counts.output),
        (TokenKind::CacheRead, counts.cache_read),
    ] {
        if count > 0 {
            let rate = rates
                .get(kind)
                .ok_or_else(|| format!("no {kind} rate is listed"))?;
            let usd = at_rate(rate.usd(), count);
            out.add(Cost {
                usd,
                lowest: usd,
                highest: usd,
                ..Cost::default()
            });
        }
    }
    if counts.cache_write > 0 {
        let lifetimes = [
            TokenKind::CacheWrite5m,
            TokenKind::CacheWrite30m,
            TokenKind::CacheWrite1h,
        ];
        let listed = lifetimes.into_iter().filter_map(|kind| rates.get(kind));
        let listed: Vec<Decimal> = listed.map(TokenRate::usd).collect();
        let (Some(low), Some(high)) = (listed.iter().min(), listed.iter().max()) else {
            return Err("no cache write rate is listed".to_owned());
        };
        let usd = at_rate(*low, counts.cache_write);
        out.add(Cost {
            usd,
            lowest: usd,
            highest: at_rate(*high, counts.cache_write),
            doubts: if low == high {
                Vec::new()
            } else {
                vec![Doubt::CacheLifetime]
            },
            bases: Vec::new(),
        });
    }
    Ok(out)
}

fn at_rate(usd_per_million: Decimal, count: u64) -> Decimal {
    usd_per_million
        .checked_mul(Decimal::from(count))
        .and_then(|cost| cost.checked_div(MILLION))
        .unwrap_or(Decimal::MAX)
}
