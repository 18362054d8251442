//! Why a workload cannot be estimated: what was wrong with it, or what a model does not have.

use rust_decimal::Decimal;

use super::arguments::CacheTtl;
use super::arithmetic::Inexact;
use crate::guardrail::GuardrailPolicy;
use crate::inference::{Routing, Tier};
use crate::names::Shown;
use crate::price_book::{Model, NoOtherRate, RateQuery, ResolveError};
use crate::region::{Geography, Region};
use crate::tokens::TokenKind;

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// No model was named.
    #[error("no model was named: give `models`, for example [\"amazon.nova-lite-v1:0\"]")]
    NoModels,
    /// More models than are compared at once.
    #[error("{given} models are more than the {max} that are compared at once")]
    TooManyModels {
        /// How many were named.
        given: usize,
        /// The limit.
        max: usize,
    },
    /// A quantity that must be given.
    #[error("{field} is missing{}", Asking(.field))]
    Missing {
        /// The argument.
        field: &'static str,
    },
    /// More or fewer than one rate of requests.
    #[error("requests need exactly one of per_minute, per_hour and per_day, {given} are given")]
    OneRate {
        /// How many were given.
        given: usize,
    },
    /// Outside the bounds.
    #[error("{field} is {given}, outside {min} to {max}")]
    OutOfRange {
        /// The argument.
        field: &'static str,
        /// What was given.
        given: Decimal,
        /// The smallest value accepted.
        min: Decimal,
        /// The largest value accepted.
        max: Decimal,
    },
    /// Zero where there must be something.
    #[error("{field} is {given}, it must be above 0")]
    NotPositive {
        /// The argument.
        field: &'static str,
        /// What was given.
        given: Decimal,
    },
    /// A fraction where there are only whole numbers.
    #[error("{field} is {given}, which is not a whole number")]
    NotWhole {
        /// The argument.
        field: &'static str,
        /// What was given.
        given: Decimal,
    },
    /// More decimal places than are computed with.
    #[error("{field} is {given}, which has more than {places} decimal places")]
    TooFine {
        /// The argument.
        field: &'static str,
        /// What was given.
        given: Decimal,
        /// The decimal places accepted.
        places: u32,
    },
    /// The cached prefix is part of the prompt.
    #[error(
        "cache.prefix_tokens {prefix} is above input_tokens {input}: the prefix is part of the input"
    )]
    PrefixTooLong {
        /// Tokens of the prefix.
        prefix: Decimal,
        /// Tokens of the prompt.
        input: Decimal,
    },
    /// The tier is batch, and the share says that not everything is.
    #[error(
        "tier batch runs every request as batch inference, which contradicts batch_share {share}"
    )]
    BatchShare {
        /// The share.
        share: Decimal,
    },
    /// A policy is named more than once.
    #[error("guardrails.policies names {0} twice")]
    PolicyTwice(GuardrailPolicy),
    /// Neither tokens nor anything else is used.
    #[error("nothing is used: input_tokens and output_tokens are 0 and there is nothing else")]
    NothingUsed,
    /// The figures do not fit an exact decimal.
    #[error(transparent)]
    Inexact(#[from] Inexact),
    /// Some of the models cannot be estimated.
    #[error("{}", RefusedModels(.0))]
    Models(Vec<RefusedModel>),
}

/// A model that cannot be estimated, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedModel {
    /// The model as it was named.
    pub model: String,
    /// What is in the way.
    pub problem: Problem,
}

/// What is in the way of an estimate, or of one plan of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No such model, or an ARN that says nothing about it.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The combination is not listed. It says what is.
    #[error("{0}")]
    NoRate(NotListed),
    /// A kind of token has no rate.
    #[error("no {kind} rate is listed for {model} {tier}{}", if *.long_context { " above its long-context threshold" } else { "" })]
    MissingRate {
        /// The model.
        model: &'static str,
        /// The tier.
        tier: Tier,
        /// The kind of token.
        kind: TokenKind,
        /// Whether the long-context rates apply.
        long_context: bool,
    },
    /// The cache cannot keep a prefix that long.
    #[error("no cache write of {asked} is listed for {model} {tier}; {}", Lifetimes(.listed))]
    CacheTtl {
        /// The model.
        model: &'static str,
        /// The tier.
        tier: Tier,
        /// The lifetime asked for.
        asked: CacheTtl,
        /// The lifetimes that are listed.
        listed: Vec<CacheTtl>,
    },
    /// Prompt caching is not listed.
    #[error("no prompt caching rates are listed for {model} {tier}")]
    NoCache {
        /// The model.
        model: &'static str,
        /// The tier.
        tier: Tier,
    },
    /// The prompt is longer than the model reads.
    #[error("input_tokens {given} is above the context window of {model}, {window} tokens")]
    ContextWindow {
        /// The model.
        model: &'static str,
        /// Tokens of the prompt.
        given: Decimal,
        /// The context window.
        window: u32,
    },
    /// The answer is longer than the model writes.
    #[error("output_tokens {given} is above the longest output of {model}, {max} tokens")]
    MaxOutput {
        /// The model.
        model: &'static str,
        /// Tokens of the answer.
        given: Decimal,
        /// The longest output.
        max: u32,
    },
    /// The prompt is long enough for another rate, which is not listed for this tier and routing.
    #[error(
        "prompts of {model} above {above_tokens} tokens have another rate, which is not listed for {routing} {tier}"
    )]
    LongContextUnlisted {
        /// The model.
        model: &'static str,
        /// The threshold.
        above_tokens: u32,
        /// The routing.
        routing: Routing,
        /// The tier.
        tier: Tier,
    },
    /// The name of the model says one routing and the argument another.
    #[error("the name of the model means {named} routing, which contradicts routing {asked}")]
    RoutingConflict {
        /// What the name says.
        named: Routing,
        /// What the argument says.
        asked: Routing,
    },
    /// The ARN says one region and the argument another.
    #[error("the ARN names {named}, which contradicts region {asked}")]
    RegionConflict {
        /// What the ARN says.
        named: Region,
        /// What the argument says.
        asked: Region,
    },
    /// A geographic profile outside its geography.
    #[error(
        "{region} is not a source region of {geography}. profiles: give the region the requests are sent to"
    )]
    OutsideGeography {
        /// The geography of the profile.
        geography: Geography,
        /// The region.
        region: Region,
    },
    /// Tokens were given for a model that is billed otherwise.
    #[error("{model} is not billed by text tokens but per {}: give `units`", .units.join(", "))]
    NotByTokens {
        /// The model.
        model: &'static str,
        /// What it is billed by.
        units: Vec<&'static str>,
    },
    /// The model is not billed by the unit given.
    #[error("{model} has no rate per {} in {region}; {}", Shown(.given), Units(.units))]
    UnknownUnit {
        /// The model.
        model: &'static str,
        /// The unit.
        given: String,
        /// The region.
        region: Region,
        /// The units that it has a rate for.
        units: Vec<&'static str>,
    },
    /// Something beside tokens has no rate.
    #[error(transparent)]
    Other(#[from] NoOtherRate),
    /// The figures do not fit an exact decimal.
    #[error(transparent)]
    Inexact(#[from] Inexact),
}

/// A look-up that found nothing. What is listed instead is only looked up to be shown.
#[derive(Debug, Clone)]
pub struct NotListed {
    model: &'static Model,
    query: RateQuery,
}

impl NotListed {
    pub(super) const fn new(model: &'static Model, query: RateQuery) -> Self {
        Self { model, query }
    }

    /// Returns the id of the model.
    #[must_use]
    pub const fn model(&self) -> &'static str {
        self.model.id()
    }

    /// Returns what was asked for.
    #[must_use]
    pub const fn query(&self) -> &RateQuery {
        &self.query
    }
}

impl PartialEq for NotListed {
    fn eq(&self, other: &Self) -> bool {
        (self.model.id(), &self.query) == (other.model.id(), &other.query)
    }
}

impl Eq for NotListed {}

impl std::fmt::Display for NotListed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.model.rates(&self.query) {
            Err(no_rate) => write!(f, "{no_rate}"),
            Ok(_) => Ok(()),
        }
    }
}

struct Asking<'a>(&'a str);

impl std::fmt::Display for Asking<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            "requests.days_per_month" => ": 30 or 22? it is never assumed",
            "requests.hours_per_day" => ": 24 or 8? it is never assumed",
            "requests" => {
                ": give a whole number a month, or {per_minute, hours_per_day, days_per_month}"
            }
            "output_tokens" => ": give the tokens of one answer, 0 for embeddings",
            "input_tokens" => ": give the tokens of one prompt",
            _ => "",
        })
    }
}

struct Units<'a>(&'a [&'static str]);

impl std::fmt::Display for Units<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            f.write_str("none is listed there")
        } else {
            write!(f, "it is billed per {}", self.0.join(", "))
        }
    }
}

struct Lifetimes<'a>(&'a [CacheTtl]);

impl std::fmt::Display for Lifetimes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no cache write is");
        }
        let names: Vec<&str> = self.0.iter().map(|ttl| ttl.as_str()).collect();
        write!(f, "listed are {}", names.join(", "))
    }
}

struct RefusedModels<'a>(&'a [RefusedModel]);

impl std::fmt::Display for RefusedModels<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, refused) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            // Unknown models are named by their own error.
            match &refused.problem {
                Problem::Resolve(error) => write!(f, "{error}")?,
                problem => write!(f, "{}: {problem}", Shown(&refused.model))?,
            }
        }
        Ok(())
    }
}
