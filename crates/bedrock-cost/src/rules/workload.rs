//! What the rules look at: a described workload, what may change about it, and facts that only a bill or a log can give.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::case::Prices;
use crate::guardrail::GuardrailPolicy;
use crate::inference::Commitment;
use crate::money::Usd;
use crate::names::named;
use crate::price_book::PriceBook;
use crate::scenario::{
    Bounds, CacheTtl, Direction, MONTH_HOURS, Problem, RefusedModel, Scenario, ScenarioArguments,
    ScenarioError, in_bounds, whole,
};

named! {
    /// How hard the task is for a model.
    pub enum Task as "task" {
        /// Classification, extraction, short summaries.
        Simple = "simple" | "easy",
        /// Drafting, answering from documents.
        Standard = "standard" | "medium",
        /// Analysis and reasoning that the smaller models fail at.
        Complex = "complex" | "hard",
    }
}

named! {
    /// How long an answer may take.
    pub enum Latency as "latency" {
        /// Somebody waits for it.
        Interactive = "interactive" | "realtime" | "real_time" | "seconds",
        /// Minutes.
        Minutes = "minutes",
        /// Hours: up to a day.
        Hours = "hours" | "offline" | "overnight" | "day",
    }
}

/// A workload as it is described, with what its owner says about it. Nothing in it is checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkloadArguments {
    /// The workload on the one model it runs on now.
    pub scenario: ScenarioArguments,
    /// How hard the task is.
    pub task: Option<Task>,
    /// How long an answer may take.
    pub latency: Option<Latency>,
    /// The part of the requests whose answers may take hours, 0 to 1.
    pub deferrable_share: Option<Decimal>,
    /// Tokens at the start of every prompt that stay the same, cached now or not.
    pub shared_prefix_tokens: Option<Decimal>,
    /// How often a written prefix would be read before it expires, by lifetime; without one, the shortest is meant.
    pub reads_per_write: Vec<(Option<CacheTtl>, Decimal)>,
    /// Models that would do. With shares, each takes that part of the requests and the present model the rest.
    pub target_models: Vec<(String, Option<Decimal>)>,
    /// Tokens of one request that could go.
    pub removable: Removable,
    /// The guardrail policies that are needed, and where; others may go.
    pub guardrails_needed: Option<Vec<(GuardrailPolicy, Direction)>>,
    /// Paid guardrail policies that free word filters, regular expressions or the client's own code could replace.
    pub free_filters_cover: Vec<GuardrailPolicy>,
    /// Whether the workload runs on the provisioned throughput of the scenario now.
    pub provisioned_in_use: bool,
    /// What was measured.
    pub measured: Measured,
}

/// Tokens of one request that could go, by where they are. The parts do not overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removable {
    /// Instructions and examples.
    pub prompt_tokens: Option<Decimal>,
    /// Data that can be cleaned or cut before it is sent.
    pub data_tokens: Option<Decimal>,
    /// Output that a limit or a stop sequence would prevent.
    pub output_tokens: Option<Decimal>,
}

/// Facts of a month that a description does not hold: from a bill, metrics or logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured {
    /// Hours in which provisioned throughput in use served nothing.
    pub idle_provisioned_hours: Option<Decimal>,
    /// US dollars that no cost allocation tag or profile assigns to anybody.
    pub untagged_usd: Option<Decimal>,
    /// US dollars billed for data moved between regions by the workload.
    pub cross_region_usd: Option<Decimal>,
    /// Requests that are sent only to learn how many tokens a text has.
    pub token_count_probes: Option<Probes>,
}

/// Requests that are sent only to count tokens; they come on top of the workload's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probes {
    /// Requests a month.
    pub requests: Decimal,
    /// Tokens of the prompt of one.
    pub input_tokens: Decimal,
    /// Tokens of its answer.
    pub output_tokens: Decimal,
}

/// Why the rules cannot look at a workload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkloadError {
    /// The workload itself is wrong, or has no price.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// More than one model.
    #[error(
        "{given} models are named: savings are looked for on the one model in use, others are target_models"
    )]
    OneModel {
        /// How many were named.
        given: usize,
    },
    /// Some targets have a share and others do not.
    #[error("target_models names {model} without a share beside others that have one")]
    MixedTargets {
        /// A target without a share.
        model: String,
    },
    /// More than all requests are assigned.
    #[error("the shares of target_models add up to {sum}, which is above 1")]
    SharesAboveOne {
        /// The sum.
        sum: Decimal,
    },
    /// More is cut than there is.
    #[error("{field} is {given}, above the {tokens} tokens there are")]
    MoreThanThereIs {
        /// The argument.
        field: &'static str,
        /// What was given.
        given: Decimal,
        /// The tokens of one request.
        tokens: Decimal,
    },
    /// No free filter does what the policy does.
    #[error("free_filters_cover names {0}, which no word filter or regular expression replaces")]
    NoFreeFilter(GuardrailPolicy),
    /// The workload as it runs now is not to be had as described.
    #[error("the workload as it is has no price: {0}")]
    NoPrice(String),
    /// Capacity in use that is not described.
    #[error("{field} needs provisioned {{model_units, commitment}}")]
    NoCapacity {
        /// The argument.
        field: &'static str,
    },
}

/// A workload that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    pub(super) given: WorkloadArguments,
    pub(super) rate_date: Date,
}

/// The largest amount of dollars a month: far above any bill, and exact beside every cost.
const MAX_USD: i64 = 1_000_000_000_000;

/// Decimal places of shares, reads, hours and dollars.
const PLACES: u32 = 4;

fn bounds(min: Decimal, max: i64) -> Bounds {
    Bounds {
        min,
        above_min: false,
        max: max.into(),
        places: PLACES,
    }
}

impl Workload {
    /// Checks a workload; `rate_date` is the day whose rates apply.
    ///
    /// # Errors
    /// When the workload itself is wrong, or what is said about it contradicts it or names an unknown model.
    pub fn new(
        book: &PriceBook,
        arguments: WorkloadArguments,
        rate_date: Date,
    ) -> Result<Self, WorkloadError> {
        let prices = Prices {
            book,
            day: rate_date,
        };
        let given = arguments.scenario.models.len();
        if given > 1 {
            return Err(WorkloadError::OneModel { given });
        }
        Scenario::new(arguments.scenario.clone(), rate_date)?;
        let share = |field, value: &Option<Decimal>| -> Result<(), ScenarioError> {
            value.map_or(Ok(()), |value| {
                in_bounds(field, value, bounds(Decimal::ZERO, 1)).map(|_| ())
            })
        };
        share("deferrable_share", &arguments.deferrable_share)?;
        for (_, reads) in &arguments.reads_per_write {
            in_bounds(
                "reads_per_write",
                *reads,
                bounds(Decimal::ZERO, 1_000_000_000),
            )?;
        }
        targets(prices, &arguments.target_models)?;
        tokens(&arguments)?;
        let filters = &arguments.free_filters_cover;
        if let Some(policy) = filters.iter().find(|policy| !has_free_filter(**policy)) {
            return Err(WorkloadError::NoFreeFilter(*policy));
        }
        measured(&arguments)?;
        Ok(Self {
            given: arguments,
            rate_date,
        })
    }

    /// Returns the day whose rates apply.
    #[must_use]
    pub const fn rate_date(&self) -> Date {
        self.rate_date
    }
}

/// Personal data can be found by patterns, words and topics by lists of words; whether an answer is grounded cannot.
pub(super) fn has_free_filter(policy: GuardrailPolicy) -> bool {
    matches!(
        policy,
        GuardrailPolicy::ContentFilters | GuardrailPolicy::DeniedTopics | GuardrailPolicy::Pii
    )
}

fn targets(prices: Prices<'_>, targets: &[(String, Option<Decimal>)]) -> Result<(), WorkloadError> {
    let mut refused = Vec::new();
    for (name, _) in targets {
        if let Err(error) = prices.book.resolve(name) {
            let problem = Problem::from(error);
            refused.push(RefusedModel {
                model: name.clone(),
                problem,
            });
        }
    }
    if !refused.is_empty() {
        return Err(ScenarioError::Models(refused).into());
    }
    let mut sum = Decimal::ZERO;
    for (_, share) in targets {
        if let Some(share) = share {
            let more_than_none = Bounds {
                above_min: true,
                ..bounds(Decimal::ZERO, 1)
            };
            sum += in_bounds("target_models", *share, more_than_none)?;
        }
    }
    if sum > Decimal::ONE {
        return Err(WorkloadError::SharesAboveOne { sum });
    }
    let without = targets.iter().find(|(_, share)| share.is_none());
    match without {
        Some((model, _)) if !sum.is_zero() => Err(WorkloadError::MixedTargets {
            model: model.clone(),
        }),
        _ => Ok(()),
    }
}

fn tokens(arguments: &WorkloadArguments) -> Result<(), WorkloadError> {
    let input = arguments.scenario.input_tokens.unwrap_or_default();
    let output = arguments.scenario.output_tokens.unwrap_or_default();
    let Removable {
        prompt_tokens,
        data_tokens,
        output_tokens,
    } = arguments.removable;
    let read = |field, given: Option<Decimal>, tokens: Decimal| -> Result<Decimal, WorkloadError> {
        let Some(given) = given else {
            return Ok(Decimal::ZERO);
        };
        let given = whole(field, given, Decimal::ZERO, 1_000_000_000_i64.into())?;
        if given > tokens {
            Err(WorkloadError::MoreThanThereIs {
                field,
                given,
                tokens,
            })
        } else {
            Ok(given)
        }
    };
    let prefix = arguments.shared_prefix_tokens;
    read("shared_prefix_tokens", prefix, input)?;
    let prompt = read("removable.prompt_tokens", prompt_tokens, input)?;
    read("removable.data_tokens", data_tokens, input - prompt)?;
    read("removable.output_tokens", output_tokens, output)?;
    Ok(())
}

fn measured(arguments: &WorkloadArguments) -> Result<(), WorkloadError> {
    let Measured {
        idle_provisioned_hours,
        untagged_usd,
        cross_region_usd,
        token_count_probes,
    } = &arguments.measured;
    if let Some(hours) = idle_provisioned_hours {
        let field = "measured.idle_provisioned_hours";
        in_bounds(field, *hours, bounds(Decimal::ZERO, MONTH_HOURS.into()))?;
        if arguments.scenario.provisioned.is_none() {
            return Err(WorkloadError::NoCapacity { field });
        }
    }
    if arguments.provisioned_in_use && arguments.scenario.provisioned.is_none() {
        let field = "provisioned_in_use";
        return Err(WorkloadError::NoCapacity { field });
    }
    for (field, usd) in [
        ("measured.untagged_usd", untagged_usd),
        ("measured.cross_region_usd", cross_region_usd),
    ] {
        if let Some(usd) = usd {
            in_bounds(field, *usd, bounds(Decimal::ZERO, MAX_USD))?;
        }
    }
    if let Some(probes) = token_count_probes {
        let most = Decimal::from(1_000_000_000_i64);
        for (field, number) in [
            ("measured.token_count_probes.requests", probes.requests),
            (
                "measured.token_count_probes.input_tokens",
                probes.input_tokens,
            ),
        ] {
            whole(field, number, Decimal::ONE, most)?;
        }
        let field = "measured.token_count_probes.output_tokens";
        whole(field, probes.output_tokens, Decimal::ZERO, most)?;
    }
    Ok(())
}

impl WorkloadArguments {
    /// Returns the commitment of the provisioned throughput that serves the workload now; hours in which it stood idle
    /// say that it does.
    pub(super) fn capacity_in_use(&self) -> Option<Commitment> {
        let in_use = self.provisioned_in_use || self.measured.idle_provisioned_hours.is_some();
        self.scenario
            .provisioned
            .filter(|_| in_use)
            .map(|provisioned| provisioned.commitment)
    }
}

impl Measured {
    /// Returns the dollars of data moved between regions, where any were billed.
    pub(super) fn cross_region(&self) -> Option<Usd> {
        let usd = self.cross_region_usd.filter(|usd| !usd.is_zero());
        usd.map(Usd::new)
    }
}
