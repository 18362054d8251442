//! Private rates: discounts and rates of its own that a file states, which win over every list rate.

mod read;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::origin::{ListOrigin, PrivateTerms};
use super::rates::{Agreement, Basis, LongContext, Rates, Scope};
use crate::inference::{Routing, Tier};
use crate::money::{MAX_RATE_DECIMALS, TokenRate, Usd};
use crate::region::Region;
use crate::tokens::TokenKind;

/// Discounts and own rates, as one file states them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateRates {
    title: String,
    date: Date,
    discounts: Vec<Discount>,
    own: Vec<OwnRate>,
}

/// What a discount is on; the narrowest one that fits wins, and discounts are never compounded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum On {
    Everything,
    /// A group of rates beside the models: `guardrails`.
    Dimension(&'static str),
    Provider(&'static str),
    Model(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Discount {
    on: On,
    percent: Decimal,
    from: Option<Date>,
    until: Option<Date>,
}

/// A rate of one kind of token.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OwnRate {
    model: &'static str,
    /// `None` is every region in which the model has a list rate.
    region: Option<Region>,
    /// `None` is either.
    routing: Option<Routing>,
    tier: Tier,
    kind: TokenKind,
    /// The threshold of a rate of long prompts.
    above_tokens: Option<u32>,
    rate: TokenRate,
    from: Option<Date>,
    /// The last day in force.
    until: Option<Date>,
    source: Option<String>,
}

fn is_in_force(from: Option<Date>, until: Option<Date>, on: Date) -> bool {
    from.is_none_or(|from| from <= on) && until.is_none_or(|until| on <= until)
}

/// What a list rate is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) model: Option<(&'static str, &'static str)>,
    pub(super) dimension: Option<&'a str>,
}

impl Subject<'_> {
    /// A model by its id, and its provider.
    pub(super) const fn model(id: &'static str, provider: &'static str) -> Self {
        Self {
            model: Some((id, provider)),
            dimension: None,
        }
    }
}

impl PrivateRates {
    /// Returns the title that the file gives itself.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the date that the file gives itself.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }

    /// Returns the number of discounts and of own rates.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.discounts.len(), self.own.len())
    }

    pub(super) fn percent_of(&self, discount: usize) -> Option<Decimal> {
        self.discounts
            .get(discount)
            .map(|discount| discount.percent)
    }

    pub(super) fn source_of(&self, own: usize) -> Option<&str> {
        self.own.get(own)?.source.as_deref()
    }

    /// Returns the discount on a list rate on a day, by its place in the list, and its percentage.
    fn discount(&self, subject: Subject<'_>, on: Date) -> Option<(usize, Decimal)> {
        let fits = |discount: &Discount| match &discount.on {
            On::Everything => true,
            On::Dimension(name) => subject.dimension == Some(*name),
            On::Provider(name) => subject.model.is_some_and(|(_, provider)| provider == *name),
            On::Model(id) => subject.model.is_some_and(|(model, _)| model == *id),
        };
        self.discounts
            .iter()
            .enumerate()
            .filter(|(_, discount)| fits(discount))
            .filter(|(_, discount)| is_in_force(discount.from, discount.until, on))
            .max_by_key(|(_, discount)| (&discount.on, discount.from))
            .map(|(place, discount)| (place, discount.percent))
    }

    /// Returns the amount after the discount, and its basis saying so.
    pub(super) fn discounted(
        &'static self,
        subject: Subject<'_>,
        on: Date,
        usd: Usd,
        basis: Basis,
    ) -> (Usd, Basis) {
        let Some((place, percent)) = self.discount(subject, on) else {
            return (usd, basis);
        };
        let basis = Basis {
            private: Some(PrivateTerms::new(self, Some(place), None)),
            ..basis
        };
        (Usd::new(off(usd.amount(), percent)), basis)
    }

    /// Returns the rates after the discount and with the own rates; `listed` is what they were.
    ///
    /// `region` is `None` for the rates of a geography or of every region.
    pub(super) fn apply(
        &'static self,
        (model, provider): (&'static str, &'static str),
        (region, routing, tier): (Option<&Region>, Routing, Tier),
        on: Date,
        listed: Option<&Rates>,
    ) -> Option<Rates> {
        let discount = self.discount(Subject::model(model, provider), on);
        let mut rates = listed.map(|listed| match discount {
            Some((_, percent)) => discounted(*listed, percent),
            None => *listed,
        });
        let discount = discount.map(|(place, _)| place);
        if let (Some(rates), Some(_)) = (&mut rates, discount) {
            rates.basis.private = Some(PrivateTerms::new(self, discount, None));
        }
        // An own rate for a region goes before one for every region, and a later one before an earlier.
        let mut own: Vec<(usize, &OwnRate)> = self
            .own
            .iter()
            .enumerate()
            .filter(|(_, own)| own.model == model && own.tier == tier)
            .filter(|(_, own)| own.routing.is_none_or(|of| of == routing))
            .filter(|(_, own)| is_in_force(own.from, own.until, on))
            .filter(|(_, own)| match &own.region {
                None => listed.is_some(),
                Some(of) => Some(of) == region,
            })
            .collect();
        own.sort_by_key(|(_, own)| (own.region.is_some(), own.routing.is_some(), own.from));
        let Some((place, first)) = own.last().copied() else {
            return rates;
        };
        let has_own = |kind: TokenKind, long: bool| {
            let same = |own: &OwnRate| own.kind == kind && own.above_tokens.is_some() == long;
            own.iter().any(|(_, own)| same(own))
        };
        let listed_long = listed.and_then(|listed| listed.long_context);
        let all_own = listed
            .iter()
            .flat_map(|listed| listed.tokens.iter())
            .all(|(kind, _)| has_own(kind, false))
            && listed_long
                .iter()
                .flat_map(|long| long.rates.iter())
                .all(|(kind, _)| has_own(kind, true));
        let mut rates = rates.unwrap_or_else(|| self.without_list(routing, tier, first));
        for (_, own) in &own {
            match own.above_tokens {
                None => rates.tokens = rates.tokens.with(own.kind, own.rate),
                Some(above_tokens) => {
                    let long = rates.long_context.get_or_insert(LongContext {
                        above_tokens,
                        rates: super::TokenRates::default(),
                    });
                    long.rates = long.rates.with(own.kind, own.rate);
                }
            }
            rates.in_force_since = rates.in_force_since.max(own.from);
        }
        let has_own_long = own.iter().any(|(_, own)| own.above_tokens.is_some());
        let mut terms = PrivateTerms::new(self, discount.filter(|_| !all_own), Some(place));
        if listed_long.is_some() && !has_own_long {
            terms = terms.without_long_prompts();
        }
        if all_own {
            rates.basis = self.own_basis();
        }
        rates.basis.private = Some(terms);
        Some(rates)
    }

    /// The card of a rate that no list has.
    fn without_list(&'static self, routing: Routing, tier: Tier, own: &OwnRate) -> Rates {
        Rates {
            tokens: super::TokenRates::default(),
            long_context: None,
            tier,
            scope: match routing {
                Routing::Global => Scope::Global,
                Routing::Regional => Scope::InRegionAndGeo,
            },
            in_force_since: own.from,
            basis: self.own_basis(),
        }
    }

    fn own_basis(&'static self) -> Basis {
        Basis {
            checked: self.date,
            sources: &self.title,
            agreement: Agreement::Agree,
            note: None,
            list: None,
            private: None,
        }
    }

    /// The models that have rates of their own in a region: `(routing, tier, region)`.
    pub(super) fn own_places(
        &self,
        model: &str,
    ) -> impl Iterator<Item = (Option<Routing>, Tier, &Region)> {
        self.own
            .iter()
            .filter(move |own| own.model == model)
            .filter_map(|own| Some((own.routing, own.tier, own.region.as_ref()?)))
    }
}

fn discounted(mut rates: Rates, percent: Decimal) -> Rates {
    let less = |rate: TokenRate| TokenRate::new(off(rate.usd(), percent)).unwrap_or(rate);
    for (kind, rate) in rates.tokens.iter().collect::<Vec<_>>() {
        rates.tokens = rates.tokens.with(kind, less(rate));
    }
    if let Some(long) = &mut rates.long_context {
        for (kind, rate) in long.rates.iter().collect::<Vec<_>>() {
            long.rates = long.rates.with(kind, less(rate));
        }
    }
    rates
}

/// Takes a percentage off. What a rate cannot hold, from the ninth decimal place on, is rounded half up.
fn off(usd: Decimal, percent: Decimal) -> Decimal {
    let factor = (Decimal::ONE_HUNDRED - percent) * Decimal::new(1, 2);
    (usd * factor).round_dp_with_strategy(
        MAX_RATE_DECIMALS,
        rust_decimal::RoundingStrategy::MidpointAwayFromZero,
    )
}

impl Basis {
    /// Returns where the rate comes from, for answers: `embedded`, `refreshed`, `private`.
    #[must_use]
    pub const fn origin(&self) -> &'static str {
        match (self.private, self.list) {
            (Some(_), _) => "private",
            (None, Some(list)) => ListOrigin::as_str(list),
            (None, None) => ListOrigin::Embedded.as_str(),
        }
    }
}
