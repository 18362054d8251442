//! Counts of tokens, apart by the kind that Amazon Bedrock bills.

use std::fmt;
use std::str::FromStr;

/// A number of tokens, 0 to 10^15.
///
/// The bound is some ten thousand times the largest monthly bill; under it rate x count is exact in a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
#[serde(transparent)]
pub struct TokenCount(u64);

impl TokenCount {
    /// The largest count accepted.
    pub const MAX: u64 = 1_000_000_000_000_000;

    /// No tokens.
    pub const ZERO: Self = Self(0);

    /// Makes a count.
    ///
    /// # Errors
    /// When `tokens` is above [`Self::MAX`].
    pub const fn new(tokens: u64) -> Result<Self, TokenError> {
        if tokens > Self::MAX {
            Err(TokenError::TooMany(tokens))
        } else {
            Ok(Self(tokens))
        }
    }

    /// Returns the number of tokens.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the sum.
    ///
    /// # Errors
    /// When the sum is above [`Self::MAX`].
    pub const fn plus(self, other: Self) -> Result<Self, TokenError> {
        // Two counts under 10^15 cannot overflow 64 bits.
        Self::new(self.0 + other.0)
    }

    /// Returns this count `factor` times: tokens a request x requests.
    ///
    /// # Errors
    /// When the product is above [`Self::MAX`].
    pub const fn times(self, factor: u64) -> Result<Self, TokenError> {
        match self.0.checked_mul(factor) {
            Some(tokens) => Self::new(tokens),
            None => Err(TokenError::TooMany(u64::MAX)),
        }
    }
}

impl fmt::Display for TokenCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for TokenCount {
    type Err = TokenError;
    fn from_str(text: &str) -> Result<Self, TokenError> {
        Self::new(
            text.trim()
                .parse()
                .map_err(|_| TokenError::NotCount(text.to_owned()))?,
        )
    }
}

impl TryFrom<u64> for TokenCount {
    type Error = TokenError;
    fn try_from(tokens: u64) -> Result<Self, TokenError> {
        Self::new(tokens)
    }
}

impl<'de> serde::Deserialize<'de> for TokenCount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(u64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Number(tokens) => Self::new(tokens),
            Form::Text(text) => text.parse(),
        }
        .map_err(serde::de::Error::custom)
    }
}

/// Why a number or text is not a token count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Above the bound.
    #[error("{0} tokens is above the limit of {max}", max = TokenCount::MAX)]
    TooMany(u64),
    /// Not a whole number.
    #[error("`{0}` is not a whole number of tokens")]
    NotCount(String),
}

/// A kind of token that has its own rate.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Input that neither came from nor went into the prompt cache.
    Input,
    /// Output.
    Output,
    /// Input read from the prompt cache.
    CacheRead,
    /// Input written to the prompt cache for 5 minutes: the default lifetime.
    #[serde(rename = "cache_write_5m")]
    CacheWrite5m,
    /// Input written to the prompt cache for 30 minutes (`OpenAI`, Moonshot AI and Z AI models).
    #[serde(rename = "cache_write_30m")]
    CacheWrite30m,
    /// Input written to the prompt cache for 1 hour.
    #[serde(rename = "cache_write_1h")]
    CacheWrite1h,
}

impl TokenKind {
    /// Every kind, in the order an answer lists them.
    pub const ALL: [Self; 6] = [
        Self::Input,
        Self::Output,
        Self::CacheRead,
        Self::CacheWrite5m,
        Self::CacheWrite30m,
        Self::CacheWrite1h,
    ];

    /// Returns the name used in answers: `cache_write_5m`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::CacheRead => "cache_read",
            Self::CacheWrite5m => "cache_write_5m",
            Self::CacheWrite30m => "cache_write_30m",
            Self::CacheWrite1h => "cache_write_1h",
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Input => 0,
            Self::Output => 1,
            Self::CacheRead => 2,
            Self::CacheWrite5m => 3,
            Self::CacheWrite30m => 4,
            Self::CacheWrite1h => 5,
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Tokens used, each counted once under its kind: `Input` is what was neither read from nor written to the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TokenUsage {
    counts: [TokenCount; 6],
}

impl TokenUsage {
    /// Returns this usage with `count` more tokens of `kind`.
    ///
    /// # Errors
    /// When all kinds together are above [`TokenCount::MAX`].
    pub fn with(mut self, kind: TokenKind, count: TokenCount) -> Result<Self, TokenError> {
        self.total()?.plus(count)?;
        for (known, slot) in TokenKind::ALL.into_iter().zip(&mut self.counts) {
            if known == kind {
                *slot = slot.plus(count)?;
            }
        }
        Ok(self)
    }

    /// Returns both usages together.
    ///
    /// # Errors
    /// When all kinds together are above [`TokenCount::MAX`].
    pub fn plus(self, other: Self) -> Result<Self, TokenError> {
        other
            .iter()
            .try_fold(self, |sum, (kind, count)| sum.with(kind, count))
    }

    /// Returns the count of one kind.
    #[must_use]
    pub fn get(&self, kind: TokenKind) -> TokenCount {
        self.counts.get(kind.index()).copied().unwrap_or_default()
    }

    /// Iterates over every kind and its count, zeros included.
    pub fn iter(&self) -> impl Iterator<Item = (TokenKind, TokenCount)> {
        TokenKind::ALL.into_iter().zip(self.counts)
    }

    /// Returns all tokens the model read: fresh, from the cache and into the cache.
    ///
    /// # Errors
    /// Never in practice: every way to add tokens keeps the sum of all kinds within the bound.
    pub fn prompt(&self) -> Result<TokenCount, TokenError> {
        self.iter()
            .filter(|(kind, _)| *kind != TokenKind::Output)
            .try_fold(TokenCount::ZERO, |sum, (_, count)| sum.plus(count))
    }

    fn total(&self) -> Result<TokenCount, TokenError> {
        self.counts
            .iter()
            .try_fold(TokenCount::ZERO, |sum, count| sum.plus(*count))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn counts_are_bounded() {
        assert_eq!(
            TokenCount::new(TokenCount::MAX).unwrap().get(),
            1_000_000_000_000_000
        );
        assert_eq!(
            TokenCount::new(TokenCount::MAX + 1)
                .unwrap_err()
                .to_string(),
            "1000000000000001 tokens is above the limit of 1000000000000000"
        );
        assert!(TokenCount::new(2).unwrap().times(u64::MAX).is_err());
        assert_eq!(
            TokenCount::new(3_000).unwrap().times(5).unwrap().get(),
            15_000
        );
    }

    #[test]
    fn reads_numbers_and_text() {
        assert_eq!(serde_json::from_str::<TokenCount>("42").unwrap().get(), 42);
        assert_eq!(
            serde_json::from_str::<TokenCount>("\"42\"").unwrap().get(),
            42
        );
        for refused in ["-1", "1.5", "\"many\"", "1000000000000001", "null"] {
            assert!(
                serde_json::from_str::<TokenCount>(refused).is_err(),
                "{refused}"
            );
        }
    }

    #[test]
    fn usage_keeps_kinds_apart() {
        let count = |tokens| TokenCount::new(tokens).unwrap();
        let usage = TokenKind::ALL
            .into_iter()
            .zip([1, 20, 300, 4_000, 50_000, 600_000])
            .try_fold(TokenUsage::default(), |usage, (kind, tokens)| {
                usage.with(kind, count(tokens))
            })
            .unwrap();
        assert_eq!(usage.get(TokenKind::Output), count(20));
        assert_eq!(usage.get(TokenKind::CacheWrite30m), count(50_000));
        assert_eq!(usage.prompt().unwrap(), count(654_301));
        assert_eq!(
            usage.plus(usage).unwrap().get(TokenKind::CacheWrite1h),
            count(1_200_000)
        );
    }

    #[test]
    fn refuses_an_impossible_sum() {
        let half = TokenCount::new(TokenCount::MAX / 2 + 1).unwrap();
        let usage = TokenUsage::default().with(TokenKind::Input, half).unwrap();
        assert!(usage.with(TokenKind::Output, half).is_err());
    }
}
