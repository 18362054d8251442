//! The constant tables that the build script makes from `prices/*.toml`, and their raw form.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::listing::{Lifecycle, Model, ModelKind};
use super::origin::ListOrigin;
use super::other::{ListedOther, Multiplier};
use super::rates::{Agreement, Basis, LongContext, Rates, Scope, TokenRates};
use super::unit::ListedUnit;
use crate::inference::{Routing, Tier};
use crate::money::TokenRate;

/// One rate card in force in one place from one day on. Numbers are indices into the tables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) scope: Scope,
    pub(super) tier: Tier,
    place: u8,
    from: u8,
    card: u16,
    basis: u16,
}

impl Row {
    pub(super) fn place(self) -> &'static str {
        PLACES
            .get(usize::from(self.place))
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn from(self) -> Option<Date> {
        DAYS.get(usize::from(self.from)).copied().flatten()
    }

    pub(super) fn card(self) -> (TokenRates, Option<LongContext>) {
        let Some(card) = CARDS.get(usize::from(self.card)) else {
            return (TokenRates::default(), None);
        };
        let long_context = card.long_context.map(|(above, rates)| LongContext {
            above_tokens: above,
            rates: token_rates(rates),
        });
        (token_rates(card.rates), long_context)
    }

    pub(super) fn basis(self) -> &'static Basis {
        basis(self.basis)
    }

    pub(super) fn rates(self) -> Rates {
        let (tokens, long_context) = self.card();
        Rates {
            tokens,
            long_context,
            tier: self.tier,
            scope: self.scope,
            in_force_since: self.from(),
            basis: *self.basis(),
        }
    }

    /// Returns the routing through which the row is reached.
    pub(super) const fn routing(self) -> Routing {
        match self.scope {
            Scope::Global => Routing::Global,
            Scope::InRegion | Scope::InRegionAndGeo | Scope::Geo => Routing::Regional,
        }
    }
}

const fn row(scope: Scope, tier: Tier, place: u8, from: u8, card: u16, basis: u16) -> Row {
    Row {
        scope,
        tier,
        place,
        from,
        card,
        basis,
    }
}

/// Rates as indices into [`RATES`], one up: 0 is "not listed". In the order of [`crate::tokens::TokenKind::ALL`].
type RateIndices = [u16; 6];

#[derive(Debug, Clone, Copy)]
struct Card {
    rates: RateIndices,
    long_context: Option<(u32, RateIndices)>,
}

fn token_rates(
    [input, output, cache_read, five_minutes, half_hour, hour]: RateIndices,
) -> TokenRates {
    let rate = |index: u16| RATES.get(usize::from(index).checked_sub(1)?).copied();
    TokenRates {
        input: rate(input),
        output: rate(output),
        cache_read: rate(cache_read),
        cache_write_5m: rate(five_minutes),
        cache_write_30m: rate(half_hour),
        cache_write_1h: rate(hour),
    }
}

const UNLISTED: Basis = Basis {
    checked: date(1, 1, 1),
    sources: "",
    agreement: Agreement::Single,
    note: None,
    list: None,
    private: None,
};

pub(super) fn basis(index: u16) -> &'static Basis {
    BASES.get(usize::from(index)).unwrap_or(&UNLISTED)
}

mod generated {
    #![expect(
        clippy::unreadable_literal,
        reason = "mantissas written by the build script"
    )]
    use super::{
        Agreement, Basis, Card, Date, Decimal, Lifecycle, ListOrigin, ListedOther, ListedUnit,
        Model, ModelKind, Multiplier, Routing, Row, Scope, Tier, TokenRate, date, row,
    };
    include!(concat!(env!("OUT_DIR"), "/price_tables.rs"));
}
use generated::{BASES, CARDS, DAYS, PLACES, RATES};
pub(super) use generated::{MODELS, MULTIPLIERS, NAMES, OTHERS, ROWS};
