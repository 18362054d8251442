//! The checked workload: every number within bounds that keep its cost exact, and nothing assumed.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::arguments::{
    CacheArguments, CacheTtl, CustomImportArguments, CustomModelUnit, Direction,
    GuardrailArguments, ProvisionedArguments, ScenarioArguments, ServiceArguments,
};
use super::arithmetic::{self, Inexact};
use super::error::ScenarioError;
use super::requests::Requests;
use crate::guardrail::{GuardrailPolicy, text_units};
use crate::inference::{Commitment, Routing, Tier};
use crate::region::Region;

/// The most models compared at once: all that are listed fit.
const MAX_MODELS: usize = 500;

/// The most tokens of one prompt or answer: a thousand times the longest context window.
const MAX_TOKENS_PER_REQUEST: i64 = 1_000_000_000;

/// The most characters of one text.
const MAX_CHARS: i64 = 1_000_000_000_000;

/// The most reads of one cache entry.
const MAX_READS: i64 = 1_000_000_000;

/// The most units of capacity.
const MAX_CAPACITY_UNITS: i64 = 1_000_000;

/// The minutes of the longest month.
const MAX_MINUTES: i64 = 31 * 24 * 60;

/// The most of anything else used in a month.
const MAX_QUANTITY: i64 = 1_000_000_000_000;

/// Shares, reads and quantities have at most this many decimal places, so that costs stay exact.
const PLACES: u32 = 4;

/// A workload that was checked: how many requests of which size, served how, on the rates of which day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    pub(super) models: Vec<String>,
    pub(super) region: Option<Region>,
    pub(super) routing: Option<Routing>,
    pub(super) input_tokens: Decimal,
    pub(super) output_tokens: Decimal,
    pub(super) requests: Requests,
    pub(super) tier: Tier,
    pub(super) batch_share: Decimal,
    pub(super) cache: Option<CacheUse>,
    pub(super) guardrails: Vec<GuardrailUse>,
    pub(super) provisioned: Option<Provisioned>,
    pub(super) custom_import: Option<CustomImport>,
    pub(super) units: Vec<(String, Decimal)>,
    pub(super) services: Vec<ServiceArguments>,
    pub(super) rate_date: Date,
}

/// How the prompt cache is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CacheUse {
    pub(super) prefix_tokens: Decimal,
    pub(super) reads_per_write: Decimal,
    pub(super) ttl: Option<CacheTtl>,
}

/// One policy looking at one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GuardrailUse {
    pub(super) policy: GuardrailPolicy,
    pub(super) direction: &'static str,
    pub(super) chars: Decimal,
    pub(super) text_units: Decimal,
}

/// Model units with their commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Provisioned {
    pub(super) model_units: Decimal,
    pub(super) commitment: Commitment,
}

/// Custom model units and the minutes they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CustomImport {
    pub(super) model_units: Decimal,
    pub(super) minutes: Decimal,
    pub(super) version: Option<CustomModelUnit>,
}

impl Scenario {
    /// Checks a workload; `rate_date` is the day whose rates apply.
    ///
    /// # Errors
    /// When something needed is missing or a number is out of its bounds. Whether a model has what the workload
    /// asks for is checked by [`super::estimate`].
    pub fn new(arguments: ScenarioArguments, rate_date: Date) -> Result<Self, ScenarioError> {
        if arguments.models.is_empty() {
            return Err(ScenarioError::NoModels);
        }
        if arguments.models.len() > MAX_MODELS {
            return Err(ScenarioError::TooManyModels {
                given: arguments.models.len(),
                max: MAX_MODELS,
            });
        }
        let requests = arguments
            .requests
            .as_ref()
            .ok_or(ScenarioError::Missing { field: "requests" })?;
        let requests = Requests::new(requests)?;
        // What is billed by the image or the second may have no tokens at all.
        let has_units = !arguments.units.is_empty();
        let input_tokens = tokens("input_tokens", arguments.input_tokens, has_units)?;
        let output_tokens = tokens("output_tokens", arguments.output_tokens, has_units)?;
        let (tier, batch_share) = share(arguments.tier.unwrap_or(Tier::Standard), &arguments)?;
        let cache = arguments
            .cache
            .map(|cache| cache_use(&cache, input_tokens))
            .transpose()?;
        let guardrails = arguments
            .guardrails
            .as_ref()
            .map(guardrail_uses)
            .transpose()?
            .unwrap_or_default();
        let mut units = Vec::with_capacity(arguments.units.len());
        for (unit, quantity) in arguments.units {
            units.push((unit, in_bounds("units", quantity, quantities())?));
        }
        let mut services = Vec::with_capacity(arguments.services.len());
        for service in arguments.services {
            let quantity = in_bounds("services.quantity", service.quantity, quantities())?;
            services.push(ServiceArguments {
                quantity,
                ..service
            });
        }
        let nothing = input_tokens.is_zero() && output_tokens.is_zero();
        if nothing && guardrails.is_empty() && units.is_empty() && services.is_empty() {
            return Err(ScenarioError::NothingUsed);
        }
        Ok(Self {
            models: arguments.models,
            region: arguments.region,
            routing: arguments.routing,
            input_tokens,
            output_tokens,
            requests,
            tier,
            batch_share,
            cache,
            guardrails,
            provisioned: arguments.provisioned.map(provisioned).transpose()?,
            custom_import: arguments.custom_import.map(custom_import).transpose()?,
            units,
            services,
            rate_date,
        })
    }

    /// Returns the same workload with this part of its requests and of what is used beside them.
    pub(crate) fn part(&self, share: Decimal) -> Result<Self, Inexact> {
        if share == Decimal::ONE {
            return Ok(self.clone());
        }
        let mut part = self.clone();
        part.requests = self.requests.part(share)?;
        for service in &mut part.services {
            service.quantity = arithmetic::times(service.quantity, share)?;
        }
        Ok(part)
    }

    /// Returns the same workload with so many tokens for each of its own, in whole tokens: what the same texts are to
    /// another tokenizer.
    pub(crate) fn in_tokens_of(mut self, ratio: Decimal) -> Result<Self, Inexact> {
        if ratio == Decimal::ONE {
            return Ok(self);
        }
        let scaled = |tokens| {
            let tokens: Decimal = arithmetic::times(tokens, ratio)?;
            let rounding = RoundingStrategy::MidpointAwayFromZero;
            Ok(tokens.round_dp_with_strategy(0, rounding))
        };
        self.input_tokens = scaled(self.input_tokens)?;
        self.output_tokens = scaled(self.output_tokens)?;
        if let Some(cache) = &mut self.cache {
            cache.prefix_tokens = scaled(cache.prefix_tokens)?;
        }
        Ok(self)
    }

    /// Returns the requests of a month.
    #[must_use]
    pub const fn requests(&self) -> &Requests {
        &self.requests
    }

    /// Returns the day whose rates apply.
    #[must_use]
    pub const fn rate_date(&self) -> Date {
        self.rate_date
    }

    /// Returns the commitment of the provisioned throughput that is asked about.
    #[must_use]
    pub fn provisioned_commitment(&self) -> Option<Commitment> {
        self.provisioned.map(|provisioned| provisioned.commitment)
    }

    /// Returns the models as they were named.
    #[must_use]
    pub fn models(&self) -> &[String] {
        &self.models
    }
}

fn tokens(
    field: &'static str,
    given: Option<Decimal>,
    may_be_missing: bool,
) -> Result<Decimal, ScenarioError> {
    match given {
        Some(tokens) => whole(field, tokens, Decimal::ZERO, MAX_TOKENS_PER_REQUEST.into()),
        None if may_be_missing => Ok(Decimal::ZERO),
        None => Err(ScenarioError::Missing { field }),
    }
}

fn share(tier: Tier, arguments: &ScenarioArguments) -> Result<(Tier, Decimal), ScenarioError> {
    let given = arguments
        .batch_share
        .map(|share| {
            in_bounds(
                "batch_share",
                share,
                Bounds {
                    min: Decimal::ZERO,
                    above_min: false,
                    max: Decimal::ONE,
                    places: PLACES,
                },
            )
        })
        .transpose()?;
    match (tier, given) {
        (Tier::Batch, Some(share)) if share != Decimal::ONE => {
            Err(ScenarioError::BatchShare { share })
        }
        (Tier::Batch, _) => Ok((Tier::Batch, Decimal::ONE)),
        (_, Some(share)) if share == Decimal::ONE => Ok((Tier::Batch, share)),
        (_, share) => Ok((tier, share.unwrap_or_default())),
    }
}

fn cache_use(cache: &CacheArguments, input_tokens: Decimal) -> Result<CacheUse, ScenarioError> {
    let prefix_tokens = whole(
        "cache.prefix_tokens",
        cache.prefix_tokens,
        Decimal::ONE,
        MAX_TOKENS_PER_REQUEST.into(),
    )?;
    if prefix_tokens > input_tokens {
        return Err(ScenarioError::PrefixTooLong {
            prefix: prefix_tokens,
            input: input_tokens,
        });
    }
    let reads = Bounds {
        min: Decimal::ZERO,
        above_min: false,
        max: MAX_READS.into(),
        places: PLACES,
    };
    Ok(CacheUse {
        prefix_tokens,
        reads_per_write: in_bounds("cache.reads_per_write", cache.reads_per_write, reads)?,
        ttl: cache.ttl,
    })
}

fn guardrail_uses(guardrails: &GuardrailArguments) -> Result<Vec<GuardrailUse>, ScenarioError> {
    let mut uses = Vec::with_capacity(guardrails.policies.len() * 2);
    for (index, &(policy, direction)) in guardrails.policies.iter().enumerate() {
        let mut before = guardrails.policies.iter().take(index);
        if before.any(|(earlier, _)| *earlier == policy) {
            return Err(ScenarioError::PolicyTwice(policy));
        }
        for (text, field, chars) in [
            ("input", "guardrails.input_chars", guardrails.input_chars),
            ("output", "guardrails.output_chars", guardrails.output_chars),
        ] {
            if direction != Direction::Both && direction.as_str() != text {
                continue;
            }
            let chars = chars.ok_or(ScenarioError::Missing { field })?;
            let chars = whole(field, chars, Decimal::ZERO, MAX_CHARS.into())?;
            let count = u64::try_from(chars).unwrap_or_default();
            uses.push(GuardrailUse {
                policy,
                direction: text,
                chars,
                text_units: text_units(count).into(),
            });
        }
    }
    Ok(uses)
}

fn provisioned(arguments: ProvisionedArguments) -> Result<Provisioned, ScenarioError> {
    let model_units = whole(
        "provisioned.model_units",
        arguments.model_units,
        Decimal::ONE,
        MAX_CAPACITY_UNITS.into(),
    )?;
    Ok(Provisioned {
        model_units,
        commitment: arguments.commitment,
    })
}

fn custom_import(arguments: CustomImportArguments) -> Result<CustomImport, ScenarioError> {
    let model_units = whole(
        "custom_import.model_units",
        arguments.model_units,
        Decimal::ONE,
        MAX_CAPACITY_UNITS.into(),
    )?;
    let minutes = Bounds {
        min: Decimal::ZERO,
        above_min: true,
        max: MAX_MINUTES.into(),
        places: PLACES,
    };
    let minutes = in_bounds(
        "custom_import.minutes_per_month",
        arguments.minutes_per_month,
        minutes,
    )?;
    Ok(CustomImport {
        model_units,
        minutes,
        version: arguments.version,
    })
}

/// What a number must lie in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) min: Decimal,
    /// Whether the smallest value itself is refused.
    pub(crate) above_min: bool,
    pub(crate) max: Decimal,
    pub(crate) places: u32,
}

fn quantities() -> Bounds {
    Bounds {
        min: Decimal::ZERO,
        above_min: true,
        max: MAX_QUANTITY.into(),
        places: PLACES,
    }
}

pub(crate) fn in_bounds(
    field: &'static str,
    given: Decimal,
    bounds: Bounds,
) -> Result<Decimal, ScenarioError> {
    let given = given.normalize();
    if bounds.above_min && given == bounds.min {
        return Err(ScenarioError::NotPositive { field, given });
    }
    if given < bounds.min || given > bounds.max {
        return Err(ScenarioError::OutOfRange {
            field,
            given,
            min: bounds.min,
            max: bounds.max,
        });
    }
    if given.scale() > bounds.places {
        return Err(ScenarioError::TooFine {
            field,
            given,
            places: bounds.places,
        });
    }
    Ok(given)
}

pub(crate) fn whole(
    field: &'static str,
    given: Decimal,
    min: Decimal,
    max: Decimal,
) -> Result<Decimal, ScenarioError> {
    let bounds = Bounds {
        min,
        above_min: false,
        max,
        places: Decimal::MAX_SCALE,
    };
    let given = in_bounds(field, given, bounds)?;
    if given.is_integer() {
        Ok(given)
    } else {
        Err(ScenarioError::NotWhole { field, given })
    }
}
