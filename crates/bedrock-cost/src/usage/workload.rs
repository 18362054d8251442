//! What was measured, as a workload that the optimization rules look at.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Called, Counts, Metered, Throughput};
use crate::inference::{Commitment, Tier};
use crate::price_book::PriceBook;
use crate::region::Region;
use crate::rules::{Measured, WorkloadArguments};
use crate::scenario::{
    CacheArguments, MONTH_HOURS, ProvisionedArguments, RequestsArgument, ScenarioArguments,
};

/// Decimal places that a number of reads for a write may have.
const READ_PLACES: u32 = 4;

/// Makes a workload of what one id did in so many hours: the average request, as often as in a month of 730 hours.
///
/// Averages say nothing of the task, of how long answers may take, or of texts; what the rules would have to know of
/// these stays open.
///
/// # Errors
/// Why there is none, in a few words: what is not a model, served nothing, or was served by several tiers.
pub fn workload(
    called: &Called,
    metered: &Metered,
    hours: u64,
) -> Result<WorkloadArguments, String> {
    let Called::Model { model, routing, .. } = called else {
        return Err("it is not a model by the token".to_owned());
    };
    let counts = metered.all;
    let tier = tier(metered)?;
    let each = |count: u64| {
        let each = Decimal::from(count).checked_div(Decimal::from(counts.requests));
        each.map(|each| each.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
            .ok_or_else(|| "it answered nothing".to_owned())
    };
    let cached = counts.cache_read.saturating_add(counts.cache_write);
    let cache = match (cached > 0, counts.cache_write) {
        (false, _) => None,
        (true, 0) => return Err("its cache was read and never written".to_owned()),
        (true, written) => Some(CacheArguments {
            prefix_tokens: each(cached)?,
            reads_per_write: Decimal::from(counts.cache_read)
                .checked_div(Decimal::from(written))
                .unwrap_or_default()
                .round_dp(READ_PLACES),
            ttl: None,
        }),
    };
    Ok(WorkloadArguments {
        scenario: ScenarioArguments {
            models: vec![model.id().to_owned()],
            region: Some(metered.region.clone()),
            routing: Some(*routing),
            input_tokens: Some(each(counts.prompt())?),
            output_tokens: Some(each(counts.output)?),
            requests: Some(RequestsArgument::Monthly(in_a_month(
                counts.requests,
                hours,
            ))),
            tier: Some(tier),
            cache,
            ..ScenarioArguments::default()
        },
        ..WorkloadArguments::default()
    })
}

/// Makes a workload of provisioned throughput that was measured for so many hours and served in some of them.
///
/// It is billed by the hour: what its requests were like changes nothing of its cost. `None` where it served in every
/// hour, or where the price book does not know its model.
#[must_use]
pub fn idle_capacity(
    book: &PriceBook,
    throughput: &Throughput,
    region: &Region,
    hours: u64,
    hours_served: u32,
) -> Option<WorkloadArguments> {
    let model = book.resolve(&throughput.model).ok()?.model;
    let idle = hours
        .checked_sub(hours_served.into())
        .filter(|idle| *idle > 0)?;
    let one = Some(Decimal::ONE);
    Some(WorkloadArguments {
        scenario: ScenarioArguments {
            models: vec![model.id().to_owned()],
            region: Some(region.clone()),
            input_tokens: one,
            output_tokens: one,
            requests: Some(RequestsArgument::Monthly(Decimal::ONE)),
            provisioned: Some(ProvisionedArguments {
                model_units: throughput.units.into(),
                commitment: throughput.commitment.unwrap_or(Commitment::None),
            }),
            ..ScenarioArguments::default()
        },
        provisioned_in_use: true,
        measured: Measured {
            idle_provisioned_hours: Some(in_a_month(idle, hours)),
            ..Measured::default()
        },
        ..WorkloadArguments::default()
    })
}

/// A count of so many hours as one of a month of 730.
#[must_use]
pub fn in_a_month(count: u64, hours: u64) -> Decimal {
    Decimal::from(count)
        .checked_mul(MONTH_HOURS.into())
        .and_then(|count| count.checked_div(Decimal::from(hours)))
        .unwrap_or_default()
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
}

/// The one tier that served.
fn tier(metered: &Metered) -> Result<Tier, String> {
    let others = metered
        .by_tier
        .iter()
        .filter(|(_, counts)| counts.requests > 0);
    let others: Vec<&(String, Counts)> = others.collect();
    match others.as_slice() {
        [] => Ok(Tier::Standard),
        [(name, counts)] if *counts == metered.all => name
            .parse()
            .map_err(|_| format!("tier {name} is not billed by the token")),
        _ => Err("several tiers served it".to_owned()),
    }
}

/// Tells whether two amounts differ by more than a part of the second, 0 to 1.
#[must_use]
pub fn differ(left: Decimal, right: Decimal, part: Decimal) -> bool {
    let allowed = right.abs().checked_mul(part).unwrap_or_default();
    left.saturating_sub(right).abs() > allowed
}

/// What an average request was like, for a reader.
#[must_use]
pub fn in_words(counts: Counts) -> String {
    let each = |count: u64| {
        Decimal::from(count)
            .checked_div(Decimal::from(counts.requests))
            .and_then(|each| each.round().to_u64())
            .unwrap_or(0)
    };
    let mut parts = vec![format!("{} in", each(counts.input))];
    if counts.cache_read > 0 || counts.cache_write > 0 {
        parts.push(format!("{} read", each(counts.cache_read)));
        parts.push(format!("{} written", each(counts.cache_write)));
    }
    parts.push(format!("{} out", each(counts.output)));
    format!(
        "{} requests of {} tokens",
        counts.requests,
        parts.join(", ")
    )
}
