//! Billed against metered: the tokens of a bill beside those that metrics counted, and why they differ.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Called, Counts, Metered};
use crate::inference::Tier;
use crate::region::Region;
use crate::spend::BilledTokens;
use crate::tokens::TokenKind;

/// Kinds of tokens as metrics tell them apart: without the lifetime of a cache write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MeteredKind {
    /// Input outside the cache.
    Input,
    /// Output.
    Output,
    /// Read from the cache.
    CacheRead,
    /// Written to the cache, for any lifetime.
    CacheWrite,
}

impl MeteredKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Input, Self::Output, Self::CacheRead, Self::CacheWrite];

    /// Returns the name for answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::CacheRead => "cache_read",
            Self::CacheWrite => "cache_write",
        }
    }

    const fn of(kind: TokenKind) -> Self {
        match kind {
            TokenKind::Input => Self::Input,
            TokenKind::Output => Self::Output,
            TokenKind::CacheRead => Self::CacheRead,
            TokenKind::CacheWrite5m | TokenKind::CacheWrite30m | TokenKind::CacheWrite1h => {
                Self::CacheWrite
            }
        }
    }

    const fn count(self, counts: Counts) -> u64 {
        match self {
            Self::Input => counts.input,
            Self::Output => counts.output,
            Self::CacheRead => counts.cache_read,
            Self::CacheWrite => counts.cache_write,
        }
    }
}

/// Tokens of one model and kind, billed and metered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The model by its name in the price book, or what stands for it.
    pub model: String,
    /// The kind.
    pub kind: MeteredKind,
    /// Tokens on the bill.
    pub billed: Decimal,
    /// Tokens that metrics counted.
    pub metered: Decimal,
    /// Billed tokens of batch jobs, which are not in the namespace of the metrics.
    pub batch: Decimal,
    /// Billed tokens of the mantle endpoint, which has a namespace of its own.
    pub mantle: Decimal,
    /// Billed tokens of regions whose metrics were not read.
    pub unread: Decimal,
}

impl Compared {
    /// Returns what was billed and not metered; negative where more was metered.
    #[must_use]
    pub fn gap(&self) -> Decimal {
        self.billed.saturating_sub(self.metered)
    }

    /// Returns the part of the gap that batch jobs, the mantle endpoint and unread regions do not explain.
    #[must_use]
    pub fn unexplained(&self) -> Decimal {
        self.gap()
            .saturating_sub(self.batch)
            .saturating_sub(self.mantle)
            .saturating_sub(self.unread)
    }
}

/// Puts the tokens of a bill beside those of metrics, largest gap first. `read` are the regions whose metrics were read.
#[must_use]
pub fn reconcile(
    billed: &[BilledTokens],
    metered: &[(Called, Metered)],
    read: &[Region],
) -> Vec<Compared> {
    let mut all: BTreeMap<(String, MeteredKind), Compared> = BTreeMap::new();
    let mut at = |model: &str, kind: MeteredKind, put: &dyn Fn(&mut Compared)| {
        let compared = all
            .entry((model.to_owned(), kind))
            .or_insert_with(|| Compared {
                model: model.to_owned(),
                kind,
                billed: Decimal::ZERO,
                metered: Decimal::ZERO,
                batch: Decimal::ZERO,
                mantle: Decimal::ZERO,
                unread: Decimal::ZERO,
            });
        put(compared);
    };
    for line in billed {
        at(&line.model, MeteredKind::of(line.kind), &|compared| {
            compared.billed = compared.billed.saturating_add(line.tokens);
            let part = if line.tier == Tier::Batch {
                &mut compared.batch
            } else if line.is_mantle {
                &mut compared.mantle
            } else if line
                .region
                .as_ref()
                .is_none_or(|region| !read.contains(region))
            {
                &mut compared.unread
            } else {
                return;
            };
            *part = part.saturating_add(line.tokens);
        });
    }
    for (called, counted) in metered {
        // What provisioned throughput serves is not billed by the token.
        if matches!(called, Called::Capacity { .. }) {
            continue;
        }
        let model = called
            .model()
            .map_or_else(|| called.name(), |model| model.name());
        for kind in MeteredKind::ALL {
            let tokens = kind.count(counted.all);
            if tokens > 0 {
                at(model, kind, &|compared| {
                    compared.metered = compared.metered.saturating_add(tokens.into());
                });
            }
        }
    }
    let mut rows: Vec<Compared> = all.into_values().collect();
    rows.sort_by_key(|row| Reverse((row.gap().abs(), row.billed)));
    rows
}
