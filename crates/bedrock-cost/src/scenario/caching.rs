//! When the prompt cache pays: the reads a write needs before it costs less than no cache.

use rust_decimal::{Decimal, RoundingStrategy};

use super::arguments::CacheTtl;
use crate::price_book::TokenRates;

/// The reads that a written prefix needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheBreakEven {
    /// How long the prefix lives.
    pub ttl: CacheTtl,
    /// Reads a write on average, rounded up to 4 decimal places; 0 when the write costs no more than input.
    pub reads: Decimal,
    /// US dollars per million tokens: input, cache write, cache read.
    pub rates: [Decimal; 3],
}

impl CacheBreakEven {
    /// Returns how the reads were computed: `(1.25 - 1) / (1 - 0.1) = 0.2778 reads a write`.
    #[must_use]
    pub fn formula(&self) -> String {
        let [input, write, read] = self.rates;
        if write <= input {
            return format!("a write at {write} costs no more than input at {input}");
        }
        format!(
            "({write} - {input}) / ({input} - {read}) = {} reads a write",
            self.reads
        )
    }
}

/// Decimal places of a break-even that is shown.
const SHOWN_PLACES: u32 = 4;

/// Returns the break-even of every lifetime that has a rate and can pay at all.
///
/// With r reads, write + r x read = (r + 1) x input.
pub(super) fn break_evens(card: &TokenRates) -> Vec<CacheBreakEven> {
    let (Some(input), Some(read)) = (card.input, card.cache_read) else {
        return Vec::new();
    };
    let (input, read) = (input.usd(), read.usd());
    if read >= input {
        return Vec::new();
    }
    let listed = CacheTtl::listed(card).into_iter();
    listed
        .filter_map(|ttl| {
            let write = card.get(ttl.write_kind())?.usd();
            let reads = ((write - input).max(Decimal::ZERO)).checked_div(input - read)?;
            let reads = reads.round_dp_with_strategy(SHOWN_PLACES, RoundingStrategy::AwayFromZero);
            Some(CacheBreakEven {
                ttl,
                reads: reads.normalize(),
                rates: [input, write, read].map(|rate| rate.normalize()),
            })
        })
        .collect()
}
