//! Makes an overlay of what the Price List says, and tells what it changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{ListedPrice, MILLION_TOKENS};
use crate::inference::{Routing, Tier};
use crate::money::TokenRate;
use crate::price_book::{Overlay, OverlayKey, OverlayRate, PriceBook, RateQuery, Rates};
use crate::region::Region;
use crate::tokens::TokenKind;
use crate::usage_type::{Modality, UsageKind, UsageType};

/// A change by more than this, up or down, is more likely a unit that was misread than a price that was changed.
const LARGE: Decimal = Decimal::TEN;

/// An overlay and what was not taken into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The rates that were understood.
    pub overlay: Overlay,
    /// Prices that were read.
    pub prices: usize,
    /// What was left out and why, the most frequent reason first.
    pub left_out: Vec<LeftOut>,
}

/// Prices that were not taken for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The reason.
    pub why: &'static str,
    /// How many prices.
    pub prices: usize,
    /// What they are of, each once, in alphabetical order: usage types, models.
    pub names: BTreeSet<String>,
}

/// Reads an overlay out of prices. What is not understood is left out and named, never guessed.
///
/// `read` is the day the prices are of: today for the Pricing API, the day of publication for a file.
#[must_use]
pub fn reading(prices: &[ListedPrice], read: Date, source: &str) -> Reading {
    let mut left_out: BTreeMap<&'static str, LeftOut> = BTreeMap::new();
    let mut leave = |why: &'static str, name: String| {
        let entry = left_out.entry(why).or_insert_with(|| LeftOut {
            why,
            prices: 0,
            names: BTreeSet::new(),
        });
        entry.prices += 1;
        entry.names.insert(name);
    };
    // The newest rates of each key that are in force on the day; more than one where the list contradicts itself.
    let mut found: BTreeMap<OverlayKey, (Option<Date>, BTreeSet<TokenRate>)> = BTreeMap::new();
    for price in prices {
        let (key, rate) = match token_rate(price) {
            Ok(read) => read,
            Err((why, name)) => {
                leave(why, name);
                continue;
            }
        };
        let since: Option<Date> = price.effective.parse().ok();
        if since.is_some_and(|since| since > read) {
            leave("not yet in force", price.usage_type.clone());
            continue;
        }
        let known = found.entry(key).or_default();
        if known.1.is_empty() || since > known.0 {
            *known = (since, BTreeSet::from([rate]));
        } else if since == known.0 {
            known.1.insert(rate);
        }
    }
    let mut rates = Vec::new();
    for (key, (in_force_since, listed)) in found {
        let mut distinct = listed.iter();
        let (Some(rate), None) = (distinct.next(), distinct.next()) else {
            let all: Vec<String> = listed.iter().map(ToString::to_string).collect();
            leave(
                "two prices for the same",
                format!("{} {}: {}", place(&key), key.kind, all.join(" or ")),
            );
            continue;
        };
        if key.long_context
            && standing(&key, PriceBook::embedded(), read)
                .is_none_or(|rates| rates.long_context.is_none())
        {
            leave(
                "a long-context rate whose threshold is not known",
                format!("{} {}", place(&key), key.kind),
            );
            continue;
        }
        rates.push(OverlayRate {
            key,
            rate: *rate,
            in_force_since,
            read,
            source: source.to_owned(),
        });
    }
    let mut left_out: Vec<LeftOut> = left_out.into_values().collect();
    left_out.sort_by(|a, b| b.prices.cmp(&a.prices).then(a.why.cmp(b.why)));
    Reading {
        overlay: Overlay { rates },
        prices: prices.len(),
        left_out,
    }
}

fn place(key: &OverlayKey) -> String {
    format!(
        "{} {} {} in {}",
        key.model,
        key.routing,
        key.tier,
        key.region.as_str()
    )
}

/// Reads one price as a token rate of a known model, or says why it is none.
fn token_rate(price: &ListedPrice) -> Result<(OverlayKey, TokenRate), (&'static str, String)> {
    let name = || price.usage_type.clone();
    let usage = UsageType::parse(&price.usage_type)
        .map_err(|_| ("the usage type is not understood", name()))?;
    let UsageKind::Token { kind, modality } = usage.kind else {
        return Err(("not a token rate", price.what.clone()));
    };
    if !matches!(modality, None | Some(Modality::Text)) {
        return Err(("tokens of speech, images or video", name()));
    }
    if usage.custom_model {
        return Err(("a customized model", name()));
    }
    let model = price.model_id.ok_or_else(|| {
        let of = price.model.clone().unwrap_or_else(name);
        ("the model is not in the price book", of)
    })?;
    let region = Region::parse_known(&price.region)
        .map_err(|_| ("the region is not known", price.region.clone()))?;
    if usage
        .region
        .as_ref()
        .is_some_and(|billed| *billed != region)
    {
        return Err((
            "the usage type is of another region than the product",
            name(),
        ));
    }
    if price.unit != MILLION_TOKENS {
        return Err((
            "the unit is not one of tokens",
            format!("{} per {}", name(), price.unit),
        ));
    }
    if price.usd.is_zero() && matches!(kind, TokenKind::Input | TokenKind::Output) {
        return Err(("input or output at no price", name()));
    }
    let rate = TokenRate::new(price.usd)
        .map_err(|error| ("the rate is out of bounds", format!("{}: {error}", name())))?;
    let key = OverlayKey {
        model,
        region,
        routing: usage.routing,
        tier: usage.tier,
        kind,
        long_context: usage.long_context,
    };
    Ok((key, rate))
}

/// A rate that an overlay brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the rate is of.
    pub key: OverlayKey,
    /// The rate that stands now, where there is one.
    pub was: Option<TokenRate>,
    /// The rate of the overlay.
    pub now: TokenRate,
}

impl Change {
    /// Tells whether the rate changes more than tenfold, up or down: likely a slip of the unit.
    #[must_use]
    pub fn is_large(&self) -> bool {
        let Some(was) = self.was else {
            return false;
        };
        let (was, now) = (was.usd(), self.now.usd());
        now > was * LARGE || was > now * LARGE
    }
}

/// What a reading would change of the list rates in force.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diff {
    /// Rates that stand and would be others.
    pub changed: Vec<Change>,
    /// Rates that nothing stands for.
    pub new: Vec<Change>,
    /// Rates that stay as they are, and are checked anew.
    pub same: usize,
    /// Rates of the reading that one read later keeps out, embedded or kept before.
    pub outdated: usize,
    /// Rates kept before that the reading has no word of: they stay.
    pub untouched: usize,
    /// Those of them whose place, routing and tier the reading does list, so that AWS may list them no more.
    pub unlisted: Vec<OverlayRate>,
}

/// Compares a reading with the list rates that stand on its day: the embedded rows, and what was kept before.
#[must_use]
pub fn difference(kept: Option<&Overlay>, reading: &Overlay) -> Diff {
    let book = PriceBook::layered(kept, None);
    let kept: BTreeMap<&OverlayKey, &OverlayRate> = kept
        .iter()
        .flat_map(|kept| &kept.rates)
        .map(|rate| (&rate.key, rate))
        .collect();
    let mut diff = Diff::default();
    for OverlayRate {
        key, rate, read, ..
    } in &reading.rates
    {
        let embedded = standing(key, PriceBook::embedded(), *read);
        let is_outdated = embedded.is_some_and(|rates| rates.basis.checked > *read)
            || kept.get(key).is_some_and(|kept| kept.read > *read);
        if is_outdated {
            diff.outdated += 1;
            continue;
        }
        let was = standing(key, book, *read).and_then(|rates| {
            if key.long_context {
                rates.long_context?.rates.get(key.kind)
            } else {
                rates.get(key.kind)
            }
        });
        let change = Change {
            key: key.clone(),
            was,
            now: *rate,
        };
        match was {
            None => diff.new.push(change),
            Some(was) if was == *rate => diff.same += 1,
            Some(_) => diff.changed.push(change),
        }
    }
    let covered: BTreeSet<&OverlayKey> = reading.rates.iter().map(|rate| &rate.key).collect();
    let mut places: BTreeMap<_, Date> = BTreeMap::new();
    for rate in &reading.rates {
        let read = places.entry(card_of(&rate.key)).or_insert(rate.read);
        *read = rate.read.max(*read);
    }
    for (key, rate) in kept {
        if covered.contains(key) {
            continue;
        }
        diff.untouched += 1;
        if places
            .get(&card_of(key))
            .is_some_and(|read| *read >= rate.read)
        {
            diff.unlisted.push(rate.clone());
        }
    }
    diff
}

/// What AWS lists the rates of together.
fn card_of(key: &OverlayKey) -> (&'static str, &Region, Routing, Tier) {
    (key.model, &key.region, key.routing, key.tier)
}

/// Returns the card that a price book has for what a rate is of.
fn standing(key: &OverlayKey, book: &PriceBook, on: Date) -> Option<Rates> {
    let model = book.resolve(key.model).ok()?.model;
    model.rates_if_listed(&RateQuery {
        region: key.region.clone(),
        routing: key.routing,
        tier: key.tier,
        date: on,
    })
}

impl Diff {
    /// Iterates over the changes that are likely slips of the unit.
    pub fn large(&self) -> impl Iterator<Item = &Change> {
        self.changed.iter().filter(|change| change.is_large())
    }
}
