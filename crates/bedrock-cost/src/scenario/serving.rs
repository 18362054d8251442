//! What a model's tokens cost when they are served one way: routing, tier, batch share, cache.

use std::borrow::Cow;
use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::arguments::CacheTtl;
use super::arithmetic;
use super::component::{CostComponent, Factor, Price};
use super::error::{NotListed, Problem};
use super::validate::{CacheUse, Scenario};
use crate::inference::{Routing, Tier};
use crate::money::TokenRate;
use crate::price_book::{Model, PriceBook, RateQuery, Rates, TokenRates};
use crate::region::Region;
use crate::tokens::TokenKind;

/// A model in the place it is asked for.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) book: &'a PriceBook,
    pub(super) scenario: &'a Scenario,
    pub(super) model: &'static Model,
    pub(super) region: Region,
    pub(super) routing: Routing,
    /// The prompt length above which other rates apply, when the prompt is longer.
    pub(super) long_above: Option<u32>,
}

/// One way to serve the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Serving {
    pub(super) routing: Routing,
    pub(super) tier: Tier,
    pub(super) batch_share: Decimal,
    pub(super) cache: Option<CacheUse>,
    /// False computes a long prompt at the ordinary rates, to tell what its surcharge is.
    pub(super) long_context: bool,
}

/// The token costs of one way to serve, and the rates they were made from.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) components: Vec<CostComponent>,
    /// The rates of the requests that are answered at once; those of batch inference when none is.
    pub(super) rates: Rates,
    /// The lifetime the cache was written for, when it was used.
    pub(super) ttl: Option<CacheTtl>,
}

impl CacheTtl {
    pub(crate) const fn write_kind(self) -> TokenKind {
        match self {
            Self::FiveMinutes => TokenKind::CacheWrite5m,
            Self::ThirtyMinutes => TokenKind::CacheWrite30m,
            Self::OneHour => TokenKind::CacheWrite1h,
        }
    }

    /// Returns the lifetimes that have a rate, shortest first.
    pub(super) fn listed(rates: &TokenRates) -> Vec<Self> {
        let listed = |ttl: &Self| rates.get(ttl.write_kind()).is_some();
        Self::ALL.iter().copied().filter(listed).collect()
    }
}

impl Place<'_> {
    pub(super) fn uses_tokens(&self) -> bool {
        !(self.scenario.input_tokens.is_zero() && self.scenario.output_tokens.is_zero())
    }

    pub(super) fn query(&self, routing: Routing, tier: Tier) -> RateQuery {
        RateQuery {
            region: self.region.clone(),
            routing,
            tier,
            date: self.scenario.rate_date,
        }
    }

    /// Returns the threshold that the prompt is above, where the standard tier lists one in any routing.
    pub(super) fn long_above(&self) -> Option<u32> {
        Routing::ALL.iter().find_map(|routing| {
            let query = self.query(*routing, Tier::Standard);
            let long = self.model.rates_if_listed(&query)?.long_context?;
            let is_above = self.scenario.input_tokens > long.above_tokens.into();
            is_above.then_some(long.above_tokens)
        })
    }

    pub(super) fn rates(&self, routing: Routing, tier: Tier) -> Result<Rates, Problem> {
        let query = self.query(routing, tier);
        let rates = self.model.rates_if_listed(&query);
        let rates = rates.ok_or_else(|| Problem::NoRate(NotListed::new(self.model, query)))?;
        // A row without long-context rates beside one that has them does not mean that they do not apply.
        if let (None, Some(above_tokens)) = (rates.long_context, self.long_above) {
            return Err(Problem::LongContextUnlisted {
                model: self.model.id(),
                above_tokens,
                routing,
                tier,
            });
        }
        Ok(rates)
    }

    /// Returns the rates that apply to a prompt of this length.
    pub(super) fn card<'r>(&self, rates: &'r Rates) -> &'r TokenRates {
        match &rates.long_context {
            Some(long) if self.is_long(rates) => &long.rates,
            _ => &rates.tokens,
        }
    }

    /// Returns whether the prompt is long enough for the long-context rates.
    pub(super) fn is_long(&self, rates: &Rates) -> bool {
        rates
            .long_context
            .is_some_and(|long| self.scenario.input_tokens > long.above_tokens.into())
    }

    /// Computes the token costs.
    pub(super) fn serve(&self, serving: &Serving) -> Result<Served, Problem> {
        let requests = self.scenario.requests.monthly();
        let share = if serving.tier == Tier::Batch {
            Decimal::ONE
        } else {
            serving.batch_share
        };
        let batch_requests = arithmetic::times(requests, share)?;
        let at_once = arithmetic::minus(requests, batch_requests)?;
        let mut components = Vec::with_capacity(6);
        let mut used = None;
        let mut ttl = None;
        if at_once > Decimal::ZERO {
            let rates = self.rates(serving.routing, serving.tier)?;
            ttl = self.tokens(&mut components, &rates, at_once, serving)?;
            used = Some(rates);
        }
        if batch_requests > Decimal::ZERO {
            let rates = self.rates(serving.routing, Tier::Batch)?;
            let uncached = Serving {
                cache: None,
                ..*serving
            };
            self.tokens(&mut components, &rates, batch_requests, &uncached)?;
            used.get_or_insert(rates);
        }
        let rates = match used {
            Some(rates) => rates,
            None => self.rates(serving.routing, serving.tier)?,
        };
        Ok(Served {
            components,
            rates,
            ttl,
        })
    }

    /// Adds the components of requests that share their rates.
    fn tokens(
        &self,
        components: &mut Vec<CostComponent>,
        rates: &Rates,
        requests: Decimal,
        serving: &Serving,
    ) -> Result<Option<CacheTtl>, Problem> {
        let long_context = serving.long_context && self.is_long(rates);
        let card = match &rates.long_context {
            Some(long) if long_context => &long.rates,
            _ => &rates.tokens,
        };
        let requests_of = |what| Factor::new(requests, what);
        let mut add = |kind: TokenKind, requests: Factor, tokens: Factor| -> Result<(), Problem> {
            if tokens.value.is_zero() || requests.value.is_zero() {
                return Ok(());
            }
            let rate = card.get(kind).ok_or(Problem::MissingRate {
                model: self.model.id(),
                tier: rates.tier,
                kind,
                long_context,
            })?;
            let price = Price {
                usd: rate.usd(),
                unit: "1M tokens",
                per: 1_000_000,
                basis: &rates.basis,
                elsewhere: None,
            };
            let name = component_name(kind, rates.tier, long_context);
            components.push(CostComponent::new(name, vec![requests, tokens], price)?);
            Ok(())
        };
        let input = self.scenario.input_tokens;
        let output = Factor::new(self.scenario.output_tokens, "output tokens");
        let Some(cache) = &serving.cache else {
            let input = Factor::new(input, "input tokens");
            add(TokenKind::Input, requests_of("requests"), input)?;
            add(TokenKind::Output, requests_of("requests"), output)?;
            return Ok(None);
        };
        let ttl = self.lifetime(rates, card, cache, long_context)?;
        // One of every `reads_per_write` + 1 requests writes; there is no part of a write.
        let turn = arithmetic::plus(cache.reads_per_write, Decimal::ONE)?;
        let writes = arithmetic::whole_times(requests, turn)?.min(requests);
        let reads = arithmetic::minus(requests, writes)?;
        let prefix = Factor::new(cache.prefix_tokens, "prefix tokens");
        let rest = arithmetic::minus(input, cache.prefix_tokens)?;
        let rest = Factor::new(rest, "input tokens after the prefix");
        add(TokenKind::Input, requests_of("requests"), rest)?;
        add(
            ttl.write_kind(),
            Factor::new(writes, "cache writes"),
            prefix,
        )?;
        add(
            TokenKind::CacheRead,
            Factor::new(reads, "cache reads"),
            prefix,
        )?;
        add(TokenKind::Output, requests_of("requests"), output)?;
        Ok(Some(ttl))
    }

    fn lifetime(
        &self,
        rates: &Rates,
        card: &TokenRates,
        cache: &CacheUse,
        long_context: bool,
    ) -> Result<CacheTtl, Problem> {
        let model = self.model.id();
        let tier = rates.tier;
        if card.cache_read.is_none() {
            return Err(Problem::NoCache { model, tier });
        }
        let listed = CacheTtl::listed(card);
        match (cache.ttl, listed.first()) {
            (Some(asked), _) if listed.contains(&asked) => Ok(asked),
            (Some(asked), Some(_)) => Err(Problem::CacheTtl {
                model,
                tier,
                asked,
                listed,
            }),
            (None, Some(shortest)) => Ok(*shortest),
            (asked, None) => Err(Problem::MissingRate {
                model,
                tier,
                kind: asked.unwrap_or(CacheTtl::FiveMinutes).write_kind(),
                long_context,
            }),
        }
    }
}

fn component_name(kind: TokenKind, tier: Tier, long_context: bool) -> Cow<'static, str> {
    let name = match kind {
        TokenKind::Input => "input tokens",
        TokenKind::Output => "output tokens",
        TokenKind::CacheRead => "cache read tokens",
        TokenKind::CacheWrite5m => "cache write tokens (5m)",
        TokenKind::CacheWrite30m => "cache write tokens (30m)",
        TokenKind::CacheWrite1h => "cache write tokens (1h)",
    };
    match (tier, long_context) {
        (Tier::Standard, false) => Cow::Borrowed(name),
        (Tier::Standard, true) => Cow::Owned(format!("{name}, long context")),
        (tier, false) => Cow::Owned(format!("{name}, {tier}")),
        (tier, true) => Cow::Owned(format!("{name}, {tier}, long context")),
    }
}

/// Writes what differs between the rates of two ways to serve: `input 0.4 instead of 0.8, output ...`.
pub(super) fn rate_change(from: &TokenRates, to: &TokenRates, ttl: Option<CacheTtl>) -> String {
    let mut text = String::new();
    for kind in TokenKind::ALL {
        let is_used = match kind {
            TokenKind::Input | TokenKind::Output => true,
            TokenKind::CacheRead => ttl.is_some(),
            kind => ttl.is_some_and(|ttl| ttl.write_kind() == kind),
        };
        if !is_used {
            continue;
        }
        let (Some(old), Some(new)) = (from.get(kind), to.get(kind)) else {
            continue;
        };
        if old != new {
            push_change(&mut text, kind, old, new);
        }
    }
    if text.is_empty() {
        return "the same token rates".to_owned();
    }
    text.push_str(" USD per 1M tokens");
    text
}

fn push_change(text: &mut String, kind: TokenKind, old: TokenRate, new: TokenRate) {
    if !text.is_empty() {
        text.push_str(", ");
    }
    let _ = write!(text, "{kind} {new} instead of {old}");
}
