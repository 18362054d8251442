//! Scenarios: what a described workload costs each month, line by line, and under which other plan.
//!
//! Everything is exact: a cost is quantity x rate in decimals, and figures that would need rounding are refused.
//! Only the cost of one request, shares and break-evens are quotients; they are shown and never added up.

mod arguments;
pub(crate) mod arithmetic;
mod cache_limits;
mod caching;
mod capacity;
mod claims;
mod component;
mod error;
mod extras;
mod notes;
mod plan;
mod requests;
mod serving;
mod validate;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use arguments::{
    CacheArguments, CacheTtl, CustomImportArguments, CustomModelUnit, Direction,
    GuardrailArguments, ProvisionedArguments, RequestRate, RequestsArgument, ScenarioArguments,
    ServiceArguments,
};
pub use arithmetic::Inexact;
pub(crate) use cache_limits::cache_limits;
pub use caching::CacheBreakEven;
pub use capacity::MONTH_HOURS;
pub use claims::VendorClaim;
pub(crate) use claims::{DISTILLATION, PROMPT_ROUTING};
pub use component::{CostComponent, Factor};
pub use error::{NotListed, Problem, RefusedModel, ScenarioError};
pub use notes::Note;
pub use plan::{BreakEven, NotComputed, Plan, PlanKind, Why};
pub use requests::Requests;
pub use validate::Scenario;
pub(crate) use validate::{Bounds, in_bounds, whole};

use component::total;
use plan::Plans;
use serving::{Place, Served, Serving};

use crate::inference::{Routing, Tier};
use crate::model::ProfileScope;
use crate::money::Usd;
use crate::price_book::{Model, PriceBook};
use crate::region::Region;

/// What a workload costs on one model.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// The model.
    pub model: &'static Model,
    /// The region the requests are sent to.
    pub region: Region,
    /// Regional or global.
    pub routing: Routing,
    /// The tier; batch when every request is batch inference.
    pub tier: Tier,
    /// The lines of the cost as described.
    pub components: Vec<CostComponent>,
    /// US dollars a month: the exact sum of the components.
    pub monthly: Usd,
    /// US dollars a request on average: exact, or to 12 decimal places where the quotient does not end.
    pub per_request: Usd,
    /// Other ways to serve the same workload, cheapest first.
    pub plans: Vec<Plan>,
    /// Plans without a figure: the model does not have them, or something must be said first.
    pub not_computed: Vec<NotComputed>,
    /// The reads that make the prompt cache pay, for each lifetime that is listed.
    pub cache_break_even: Vec<CacheBreakEven>,
    /// What AWS claims and nothing here computes.
    pub claims: &'static [VendorClaim],
    /// What must be said with the figures.
    pub notes: Vec<Note>,
    /// The day the oldest of the rates was checked.
    pub rates_checked: Date,
}

/// Estimates a workload on each of its models, cheapest first; a model that is named twice is estimated once.
///
/// # Errors
/// When any of the models is unknown or lacks what the workload asks for; the error names all of them.
/// An estimate with a gap is never made.
pub fn estimate(book: &PriceBook, scenario: &Scenario) -> Result<Vec<Estimate>, ScenarioError> {
    let mut estimates: Vec<Estimate> = Vec::with_capacity(scenario.models.len());
    let mut refused = Vec::new();
    for name in &scenario.models {
        match estimate_model(book, scenario, name) {
            Ok(estimate) => {
                let served =
                    |known: &Estimate| (known.model.id(), known.region.clone(), known.routing);
                if estimates
                    .iter()
                    .all(|known| served(known) != served(&estimate))
                {
                    estimates.push(estimate);
                }
            }
            Err(problem) => refused.push(RefusedModel {
                model: name.clone(),
                problem,
            }),
        }
    }
    if !refused.is_empty() {
        return Err(ScenarioError::Models(refused));
    }
    estimates.sort_by(|a, b| (a.monthly, a.model.id()).cmp(&(b.monthly, b.model.id())));
    Ok(estimates)
}

/// Estimates a workload on one model, which need not be one of its own.
///
/// # Errors
/// When the model is unknown or lacks what the workload asks for.
pub fn estimate_model(
    book: &PriceBook,
    scenario: &Scenario,
    name: &str,
) -> Result<Estimate, Problem> {
    let place = place(book, scenario, name)?;
    let Described {
        serving,
        served,
        extras,
        components,
        monthly,
    } = describe(&place)?;
    let mut plans = Plans {
        place: &place,
        extras: &extras,
        described: monthly,
        computed: Vec::new(),
        not_computed: Vec::new(),
    };
    if let Some(served) = &served {
        plans.variants(&serving, served)?;
        plans.capacity(&serving)?;
    }
    let Plans {
        mut computed,
        not_computed,
        ..
    } = plans;
    computed.sort_by_key(|plan| (plan.monthly, plan.kind));
    let notes = notes::notes(&place, &serving, served.as_ref(), &components, &computed)?;
    let requests = scenario.requests.monthly();
    let per_request = arithmetic::quotient(monthly.amount(), requests, PER_REQUEST_PLACES);
    let checked = components.iter().map(|component| component.basis.checked);
    Ok(Estimate {
        model: place.model,
        routing: place.routing,
        tier: scenario.tier,
        monthly,
        per_request: Usd::new(per_request.ok_or(Inexact)?),
        plans: computed,
        not_computed,
        cache_break_even: served.map_or_else(Vec::new, |served| {
            caching::break_evens(place.card(&served.rates))
        }),
        claims: claims::claims(place.model),
        notes,
        rates_checked: checked.min().unwrap_or(place.model.checked()),
        components,
        region: place.region,
    })
}

/// What a workload costs on one model as it is described, without a look at other plans.
#[derive(Debug, Clone)]
pub struct Price {
    /// The model.
    pub model: &'static Model,
    /// The region the requests are sent to.
    pub region: Region,
    /// Regional or global.
    pub routing: Routing,
    /// The prompt length above which other rates apply, when the prompt is longer.
    pub long_above: Option<u32>,
    /// The lines of the cost.
    pub components: Vec<CostComponent>,
}

/// Prices a workload on one model.
///
/// # Errors
/// As [`estimate_model`].
pub fn price(book: &PriceBook, scenario: &Scenario, name: &str) -> Result<Price, Problem> {
    let place = place(book, scenario, name)?;
    let components = describe(&place)?.components;
    Ok(Price {
        model: place.model,
        region: place.region,
        routing: place.routing,
        long_above: place.long_above,
        components,
    })
}

/// A workload as it is described, priced.
struct Described {
    serving: Serving,
    served: Option<Served>,
    /// What every plan has beside tokens.
    extras: Vec<CostComponent>,
    components: Vec<CostComponent>,
    monthly: Usd,
}

fn describe(place: &Place<'_>) -> Result<Described, Problem> {
    limits(place)?;
    let extras = place.extras()?;
    let scenario = place.scenario;
    let serving = Serving {
        routing: place.routing,
        tier: scenario.tier,
        batch_share: scenario.batch_share,
        cache: scenario
            .cache
            .and_then(|cache| cache_limits::used(place.model, cache)),
        long_context: true,
    };
    let served = if place.uses_tokens() {
        Some(place.serve(&serving)?)
    } else {
        None
    };
    let mut components = served
        .as_ref()
        .map(|served| served.components.clone())
        .unwrap_or_default();
    components.extend_from_slice(&extras);
    Ok(Described {
        monthly: total(&components)?,
        serving,
        served,
        extras,
        components,
    })
}

/// Decimal places of the cost of one request.
const PER_REQUEST_PLACES: u32 = 12;

/// Finds the model, and the region and routing that its name and the workload agree on.
fn place<'a>(
    book: &'a PriceBook,
    scenario: &'a Scenario,
    name: &str,
) -> Result<Place<'a>, Problem> {
    let resolved = book.resolve(name)?;
    let routing = match (resolved.routing(), scenario.routing) {
        (Some(named), Some(asked)) if named != asked => {
            return Err(Problem::RoutingConflict { named, asked });
        }
        (named, asked) => asked.or(named).unwrap_or(Routing::Regional),
    };
    let region = match (resolved.region, &scenario.region) {
        (Some(named), Some(asked)) if named != *asked => {
            return Err(Problem::RegionConflict {
                named,
                asked: asked.clone(),
            });
        }
        (named, asked) => asked.clone().or(named).unwrap_or(Region::US_EAST_1),
    };
    if let Some(ProfileScope::Geography(geography)) = resolved.profile
        && !region.geographies().contains(&geography)
    {
        return Err(Problem::OutsideGeography { geography, region });
    }
    let mut place = Place {
        book,
        scenario,
        model: resolved.model,
        region,
        routing,
        long_above: None,
    };
    place.long_above = place.long_above();
    Ok(place)
}

fn limits(place: &Place<'_>) -> Result<(), Problem> {
    let model = place.model;
    let Scenario {
        input_tokens,
        output_tokens,
        ..
    } = *place.scenario;
    if let Some(window) = model.context_window()
        && input_tokens > Decimal::from(window)
    {
        return Err(Problem::ContextWindow {
            model: model.id(),
            given: input_tokens,
            window,
        });
    }
    if let Some(max) = model.max_output()
        && output_tokens > Decimal::from(max)
    {
        return Err(Problem::MaxOutput {
            model: model.id(),
            given: output_tokens,
            max,
        });
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests;
