//! What models are used for, as metrics count it: requests, the four kinds of tokens, and what they cost at list rates.
//!
//! A metric names a model by what was called: its id, a cross-region profile, an application profile or a provisioned
//! throughput. [`Called`] says which model that is. Metrics know no price and not everything a price depends on, so that
//! [`Cost`] has a highest value beside the one that is likely, and says what lies between them.

mod called;
mod cost;
mod reconcile;
mod report;
#[cfg(test)]
mod tests;
mod workload;

pub use called::{Called, Profile, Throughput};
pub use cost::{Cost, Doubt};
pub use reconcile::{Compared, MeteredKind, reconcile};
pub use report::{Row, rows};
pub use workload::{differ, idle_capacity, in_a_month, in_words, workload};

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::region::Region;

/// Requests, and their tokens each counted once under its kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests answered.
    pub requests: u64,
    /// Input tokens outside the prompt cache.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Input tokens read from the prompt cache.
    pub cache_read: u64,
    /// Input tokens written to the prompt cache, for any lifetime: metrics do not tell lifetimes apart.
    pub cache_write: u64,
}

impl Counts {
    /// Returns both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write: self.cache_write.saturating_add(other.cache_write),
        }
    }

    /// Returns what is left of these counts without others that are a part of them.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(other.requests),
            input: self.input.saturating_sub(other.input),
            output: self.output.saturating_sub(other.output),
            cache_read: self.cache_read.saturating_sub(other.cache_read),
            cache_write: self.cache_write.saturating_sub(other.cache_write),
        }
    }

    /// Returns the tokens of prompts: fresh, from the cache and into it.
    #[must_use]
    pub const fn prompt(self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
    }

    /// Returns the tokens of every kind.
    #[must_use]
    pub const fn tokens(self) -> u64 {
        self.prompt().saturating_add(self.output)
    }

    /// Returns the part of prompts that was read from the cache, 0 to 1; `None` where no cache was used.
    #[must_use]
    pub fn cache_hit_ratio(self) -> Option<Decimal> {
        let cached = self.cache_read.saturating_add(self.cache_write);
        (cached > 0)
            .then(|| ratio(self.cache_read, self.prompt()))
            .flatten()
    }
}

/// A part of a whole; `None` where there is no whole.
fn ratio(part: u64, whole: u64) -> Option<Decimal> {
    Decimal::from(part).checked_div(Decimal::from(whole))
}

/// What one `ModelId` of a region's metrics counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Metered {
    /// The region that was called.
    pub region: Region,
    /// The dimension `ModelId`, as the metric has it.
    pub model_id: String,
    /// Everything that was called by this id.
    pub all: Counts,
    /// The part of each service tier, by the name that served it (`ResolvedServiceTier`). Empty where only the
    /// default tier served; what is left of [`Self::all`] is of that tier.
    pub by_tier: Vec<(String, Counts)>,
    /// Between which numbers of tokens every prompt was, cached ones included, where that was asked for.
    pub prompt_of_one: Option<(u64, u64)>,
    /// Requests refused for exceeding a quota.
    pub throttles: u64,
    /// Requests refused as wrong.
    pub client_errors: u64,
    /// Requests that failed in the service.
    pub server_errors: u64,
    /// How long answers took.
    pub latency: Latency,
    /// The busiest stretch of time.
    pub peak: Peak,
    /// Hours in which at least one request was answered.
    pub hours_served: u32,
}

impl Metered {
    /// Makes a count of nothing.
    #[must_use]
    pub fn none(region: Region, model_id: impl Into<String>) -> Self {
        Self {
            region,
            model_id: model_id.into(),
            all: Counts::default(),
            by_tier: Vec::new(),
            prompt_of_one: None,
            throttles: 0,
            client_errors: 0,
            server_errors: 0,
            latency: Latency::default(),
            peak: Peak::default(),
            hours_served: 0,
        }
    }

    /// Tells whether nothing was asked, not even in vain.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.all.requests == 0
            && self.throttles == 0
            && self.client_errors == 0
            && self.server_errors == 0
            && self.all.tokens() == 0
    }
}

/// How long answers took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Latency {
    /// Answers measured.
    pub samples: u64,
    /// The sum over all of them.
    pub sum: Decimal,
    /// What 99 of 100 answers stayed below, in the slowest of the stretches that it was asked for.
    pub p99: Option<Decimal>,
}

impl Latency {
    /// Returns the average.
    #[must_use]
    pub fn average(self) -> Option<Decimal> {
        self.sum.checked_div(Decimal::from(self.samples))
    }

    /// Returns both together. Percentiles cannot be added up: the slower one stands for both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            samples: self.samples.saturating_add(other.samples),
            sum: self.sum.saturating_add(other.sum),
            p99: self.p99.max(other.p99),
        }
    }
}

/// The most of what AWS limits by the minute, each in the busiest minute of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Peak {
    /// Tokens of the quota a minute, as AWS counts them (`EstimatedTPMQuotaUsage`).
    pub tokens: Option<u64>,
    /// When that was.
    pub at: Option<Timestamp>,
    /// Requests a minute.
    pub requests: Option<u64>,
}

impl Peak {
    /// Returns the higher of both: quotas are of one id in one region and are not shared.
    #[must_use]
    pub fn or_higher(self, other: Self) -> Self {
        let (tokens, at) = if other.tokens > self.tokens {
            (other.tokens, other.at)
        } else {
            (self.tokens, self.at)
        };
        Self {
            tokens,
            at,
            requests: self.requests.max(other.requests),
        }
    }
}
