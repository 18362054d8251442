//! What a look-up answers: token rates, long-context rates, and what they are made from.

use std::fmt;

use jiff::civil::Date;

use super::origin::{ListOrigin, PrivateTerms};
use crate::inference::Tier;
use crate::money::{TokenRate, Usd};
use crate::tokens::{TokenKind, TokenUsage};

/// Rates in US dollars per million tokens; `None` is "not listed", never free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenRates {
    /// Input outside the prompt cache.
    pub input: Option<TokenRate>,
    /// Output.
    pub output: Option<TokenRate>,
    /// Input read from the prompt cache.
    pub cache_read: Option<TokenRate>,
    /// Input written to the prompt cache for 5 minutes; 0 for Nova, whose writes are free.
    pub cache_write_5m: Option<TokenRate>,
    /// Input written to the prompt cache for 30 minutes.
    pub cache_write_30m: Option<TokenRate>,
    /// Input written to the prompt cache for 1 hour.
    pub cache_write_1h: Option<TokenRate>,
}

impl TokenRates {
    /// Returns the rate of one kind of token.
    #[must_use]
    pub const fn get(&self, kind: TokenKind) -> Option<TokenRate> {
        match kind {
            TokenKind::Input => self.input,
            TokenKind::Output => self.output,
            TokenKind::CacheRead => self.cache_read,
            TokenKind::CacheWrite5m => self.cache_write_5m,
            TokenKind::CacheWrite30m => self.cache_write_30m,
            TokenKind::CacheWrite1h => self.cache_write_1h,
        }
    }

    /// Returns these rates with one of them changed.
    pub(super) const fn with(mut self, kind: TokenKind, rate: TokenRate) -> Self {
        let slot = match kind {
            TokenKind::Input => &mut self.input,
            TokenKind::Output => &mut self.output,
            TokenKind::CacheRead => &mut self.cache_read,
            TokenKind::CacheWrite5m => &mut self.cache_write_5m,
            TokenKind::CacheWrite30m => &mut self.cache_write_30m,
            TokenKind::CacheWrite1h => &mut self.cache_write_1h,
        };
        *slot = Some(rate);
        self
    }

    /// Iterates over the listed rates.
    pub fn iter(&self) -> impl Iterator<Item = (TokenKind, TokenRate)> {
        TokenKind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, self.get(kind)?)))
    }

    /// Returns the cost of a usage, exactly.
    ///
    /// # Errors
    /// When tokens of a kind were used whose rate is not listed: they are never counted as free.
    pub fn cost(&self, usage: &TokenUsage) -> Result<Usd, MissingRate> {
        usage
            .iter()
            .filter(|(_, count)| count.get() > 0)
            .map(|(kind, count)| Ok(self.get(kind).ok_or(MissingRate(kind))?.cost(count)))
            .sum()
    }
}

/// Tokens of a kind were used whose rate is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no {0} rate is listed")]
pub struct MissingRate(pub TokenKind);

/// The rates of a request whose prompt is longer than a threshold. They apply to the whole request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LongContext {
    /// Prompts above this many tokens, cached ones included, have these rates.
    pub above_tokens: u32,
    /// The rates.
    pub rates: TokenRates,
}

/// How a rate is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In the region itself.
    InRegion,
    /// In the region itself and through its geographic profile, at one rate.
    InRegionAndGeo,
    /// Through a geographic profile.
    Geo,
    /// Through the global profile.
    Global,
}

impl Scope {
    /// Returns the text for answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InRegion => "in-region",
            Self::InRegionAndGeo => "in-region and geographic profile",
            Self::Geo => "geographic profile",
            Self::Global => "global profile",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How far the sources of a rate agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agreement {
    /// Two sources or more give the rate.
    Agree,
    /// One source gives it, and it is AWS's own.
    SingleOfficial,
    /// One source gives it, and it is not AWS's own.
    Single,
    /// Sources give different rates; this is the one believed, and the note says why.
    Disagree,
}

impl Agreement {
    /// Returns the text for answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::SingleOfficial => "single official source",
            Self::Single => "single source",
            Self::Disagree => "sources disagree",
        }
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a rate is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// The day the rate was last read in a source.
    pub checked: Date,
    /// The sources, in words.
    pub sources: &'static str,
    /// How far they agree.
    pub agreement: Agreement,
    /// What every answer made from the rate must say; always present unless the sources agree.
    pub note: Option<&'static str>,
    /// What the list rate was read from; `None` where the rate is all private.
    pub list: Option<ListOrigin>,
    /// What private rates made of it, where they apply.
    pub private: Option<PrivateTerms>,
}

impl Basis {
    /// Tells whether the rate has the surcharge of Public Extended Access: AWS's word for models past their time.
    #[must_use]
    pub fn is_extended_access(&self) -> bool {
        self.note
            .is_some_and(|note| note.contains("Extended Access"))
    }

    /// Returns what an answer must doubt: a code, and the end of a sentence that begins with the rate. None where sources
    /// agree.
    #[must_use]
    pub fn doubt(&self) -> Option<(&'static str, String)> {
        let (code, has) = match self.agreement {
            Agreement::Agree => return None,
            Agreement::SingleOfficial => ("single_source", "a single source"),
            Agreement::Single => ("single_source", "a single source, not AWS's own"),
            Agreement::Disagree => ("sources_disagree", "sources that disagree"),
        };
        let note = self.note.unwrap_or_default();
        let (first, rest) = note.split_once("; ").unwrap_or((note, ""));
        // Where the note begins with the same, it is said once.
        let is_said = first.starts_with("one source") || first == "sources disagree";
        let more = if is_said { rest } else { note };
        let before = if more.is_empty() { "" } else { ": " };
        let text = format!(
            "has {has} ({}, {}){before}{more}",
            self.sources, self.checked
        );
        Some((code, text))
    }
}

/// The rates of one model in one place, tier and on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// The rates of an ordinary request.
    pub tokens: TokenRates,
    /// The rates of a request with a long prompt, where there are any.
    pub long_context: Option<LongContext>,
    /// The tier.
    pub tier: Tier,
    /// How the rate is reached.
    pub scope: Scope,
    /// The first day the rate was in force; `None` when it is as old as the records.
    pub in_force_since: Option<Date>,
    /// What the rates are made from.
    pub basis: Basis,
}

impl Rates {
    /// Returns the rate of one kind of token in an ordinary request.
    #[must_use]
    pub const fn get(&self, kind: TokenKind) -> Option<TokenRate> {
        self.tokens.get(kind)
    }

    /// Returns the rates of a request whose prompt has this many tokens, cached ones included.
    #[must_use]
    pub fn for_prompt(&self, prompt_tokens: u64) -> &TokenRates {
        match &self.long_context {
            Some(long) if prompt_tokens > u64::from(long.above_tokens) => &long.rates,
            _ => &self.tokens,
        }
    }
}
