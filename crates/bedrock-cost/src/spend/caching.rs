//! What prompt caching saved: cheaper reads, less the premium of writes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Spend;
use super::breakdown::list_rate_of;
use super::change::at_rate_of;
use super::item::Tokens;
use super::{Line, Used};
use crate::price_book::PriceBook;
use crate::tokens::TokenKind;

/// What prompt caching saved in this period, against the same tokens sent as plain input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheSavings {
    /// What reads cost less than plain input, USD.
    pub reads: Decimal,
    /// What writes cost more than plain input, USD; negative where writes are free.
    pub write_premium: Decimal,
    /// Tokens read from and written to a cache for which no rate of plain input is known.
    pub without_rate: Decimal,
    /// Models whose writes cost more than their reads saved, with the loss as a positive amount, largest first.
    pub losing: Vec<(String, Decimal)>,
}

impl CacheSavings {
    /// Returns what was saved net of the write premium, USD; negative for a loss.
    #[must_use]
    pub fn net(&self) -> Decimal {
        self.reads.saturating_sub(self.write_premium)
    }
}

/// Lines that would be billed at one rate if nothing were cached.
#[derive(Default)]
struct Place<'a> {
    model: &'a str,
    model_id: Option<&'static str>,
    tokens: Option<&'a Tokens>,
    input: Used,
    read: Used,
    written: Used,
}

impl Spend {
    /// Works out what prompt caching saved, or `None` where nothing was cached.
    ///
    /// The rate of plain input is the effective one of the same model, tier, routing and region in this period. Where no
    /// plain input was charged there, it is that of the price book.
    #[must_use]
    pub fn caching(&self, book: &PriceBook, on: Date) -> Option<CacheSavings> {
        let mut places: BTreeMap<_, Place<'_>> = BTreeMap::new();
        for line in &self.lines {
            if let Some(tokens) = line.item.tokens.as_ref().filter(|tokens| tokens.is_plain) {
                places
                    .entry(place_of(line, tokens))
                    .or_default()
                    .add(line, tokens);
            }
        }
        let mut out = CacheSavings::default();
        let mut by_model: BTreeMap<&str, Decimal> = BTreeMap::new();
        let mut any = false;
        for place in places.values() {
            let cached = place.read.quantity.saturating_add(place.written.quantity);
            if cached.is_zero() {
                continue;
            }
            any = true;
            let as_input = place.plain_input(book, on).and_then(|input| {
                let at_input = |used: Used| at_rate_of(input, used.quantity);
                Some((at_input(place.read)?, at_input(place.written)?))
            });
            let Some((read, written)) = as_input else {
                out.without_rate = out.without_rate.saturating_add(cached);
                continue;
            };
            let reads = read.saturating_sub(place.read.cost);
            let premium = place.written.cost.saturating_sub(written);
            out.reads = out.reads.saturating_add(reads);
            out.write_premium = out.write_premium.saturating_add(premium);
            let net = by_model.entry(place.model).or_default();
            *net = net.saturating_add(reads).saturating_sub(premium);
        }
        out.losing = by_model
            .into_iter()
            .filter(|(_, net)| net.is_sign_negative() && !net.is_zero())
            .map(|(model, net)| (model.to_owned(), -net))
            .collect();
        out.losing
            .sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        any.then_some(out)
    }
}

/// What tells the rates of plain input apart.
fn place_of<'a>(line: &'a Line, tokens: &'a Tokens) -> impl Ord + use<'a> {
    (
        line.item.model.as_str(),
        line.key.service.as_str(),
        line.item.region.as_str(),
        tokens.tier,
        tokens.routing,
        tokens.long_context,
    )
}

impl<'a> Place<'a> {
    fn add(&mut self, line: &'a Line, tokens: &'a Tokens) {
        self.model = &line.item.model;
        self.model_id = line.item.model_id;
        self.tokens = Some(tokens);
        let used = match tokens.kind {
            TokenKind::Input => &mut self.input,
            TokenKind::CacheRead => &mut self.read,
            TokenKind::CacheWrite5m | TokenKind::CacheWrite30m | TokenKind::CacheWrite1h => {
                &mut self.written
            }
            TokenKind::Output => return,
        };
        used.quantity = used.quantity.saturating_add(line.now.quantity);
        used.cost = used.cost.saturating_add(line.now.cost);
    }

    /// A quantity of plain input and its cost: what was charged here, or a million tokens at the listed rate.
    fn plain_input(&self, book: &PriceBook, on: Date) -> Option<Used> {
        if self.input.quantity > Decimal::ZERO {
            return Some(self.input);
        }
        let tokens = Tokens {
            kind: TokenKind::Input,
            ..self.tokens?.clone()
        };
        let (cost, _) = list_rate_of(self.model_id?, &tokens, book, on)?;
        Some(Used {
            quantity: Decimal::from(1_000_000),
            cost,
        })
    }
}
