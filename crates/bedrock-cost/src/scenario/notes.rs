//! What an estimate must not be read without: surcharges, losses, doubts about a rate.

use rust_decimal::Decimal;

use super::arithmetic::{self, Inexact};
use super::cache_limits::{self, CacheLimits, Kept};
use super::component::{CostComponent, total};
use super::plan::{Plan, PlanKind};
use super::serving::{Place, Served, Serving, rate_change};
use crate::inference::Tier;
use crate::money::Usd;
use crate::price_book::{Lifecycle, ModelKind, RateQuery};

/// Something that must be said with an estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A stable code: `long_context`, `extended_access`, `cache_loss`.
    pub code: &'static str,
    /// The sentence.
    pub text: String,
}

fn push(notes: &mut Vec<Note>, code: &'static str, text: String) {
    notes.push(Note { code, text });
}

/// Returns what must be said about an estimate.
pub(super) fn notes(
    place: &Place<'_>,
    serving: &Serving,
    served: Option<&Served>,
    components: &[CostComponent],
    plans: &[Plan],
) -> Result<Vec<Note>, Inexact> {
    let mut notes = Vec::new();
    if let Some(served) = served {
        long_context(&mut notes, place, serving, served)?;
        extended_access(&mut notes, place, serving, served)?;
        cache(&mut notes, place, serving, plans)?;
        start(&mut notes, place, served);
        speech(&mut notes, place);
    }
    model(&mut notes, place);
    rates(&mut notes, place, components);
    Ok(notes)
}

fn long_context(
    notes: &mut Vec<Note>,
    place: &Place<'_>,
    serving: &Serving,
    served: &Served,
) -> Result<(), Inexact> {
    let Some(long) = served
        .rates
        .long_context
        .filter(|_| place.is_long(&served.rates))
    else {
        return Ok(());
    };
    let ordinary = Serving {
        long_context: false,
        ..*serving
    };
    let Ok(ordinary) = place.serve(&ordinary) else {
        return Ok(());
    };
    let surcharge = arithmetic::minus(
        total(&served.components)?.amount(),
        total(&ordinary.components)?.amount(),
    )?;
    push(
        notes,
        "long_context",
        format!(
            "the prompt is above {} tokens, so the whole request is billed at {}: {} USD of the monthly cost",
            long.above_tokens,
            rate_change(&served.rates.tokens, &long.rates, served.ttl),
            Usd::new(surcharge)
        ),
    );
    Ok(())
}

fn extended_access(
    notes: &mut Vec<Note>,
    place: &Place<'_>,
    serving: &Serving,
    served: &Served,
) -> Result<(), Inexact> {
    let Some(since) = served.rates.in_force_since else {
        return Ok(());
    };
    if !served.rates.basis.is_extended_access() {
        return Ok(());
    }
    let Ok(day_before) = since.yesterday() else {
        return Ok(());
    };
    let query = RateQuery {
        region: place.region.clone(),
        routing: serving.routing,
        tier: served.rates.tier,
        date: day_before,
    };
    let Some(before) = place.model.rates_if_listed(&query) else {
        return Ok(());
    };
    let scenario = super::Scenario {
        rate_date: day_before,
        ..place.scenario.clone()
    };
    let then = Place {
        scenario: &scenario,
        region: place.region.clone(),
        ..*place
    };
    let surcharge = match then.serve(serving) {
        Ok(then) => arithmetic::minus(
            total(&served.components)?.amount(),
            total(&then.components)?.amount(),
        )?,
        Err(_) => return Ok(()),
    };
    push(
        notes,
        "extended_access",
        format!(
            "Public Extended Access since {since}: {}, {} USD of the monthly cost",
            rate_change(&before.tokens, &served.rates.tokens, served.ttl),
            Usd::new(surcharge)
        ),
    );
    Ok(())
}

fn cache(
    notes: &mut Vec<Note>,
    place: &Place<'_>,
    serving: &Serving,
    plans: &[Plan],
) -> Result<(), Inexact> {
    let Some(given) = place.scenario.cache else {
        return Ok(());
    };
    if serving.tier == Tier::Batch {
        let text = "batch inference does not use the prompt cache".to_owned();
        push(notes, "cache_unused", text);
        return Ok(());
    }
    limits(notes, place, given.prefix_tokens);
    let Some(cache) = serving.cache else {
        return Ok(());
    };
    let without = plans
        .iter()
        .find(|plan| plan.kind == PlanKind::WithoutCache);
    let Some(without) = without else {
        return Ok(());
    };
    // What no cache would save is what the cache loses.
    let saved = arithmetic::times(without.saving.amount(), Decimal::NEGATIVE_ONE)?;
    let model = place.model.name();
    let reads = cache.reads_per_write;
    if saved < Decimal::ZERO {
        let text = format!(
            "the prompt cache of {model} loses {} USD a month at {reads} reads a write",
            without.saving
        );
        push(notes, "cache_loss", text);
    } else {
        let text = format!(
            "the prompt cache of {model} saves {} USD a month at {reads} reads a write",
            Usd::new(saved)
        );
        push(notes, "cache_saving", text);
    }
    Ok(())
}

/// Says what the model does not cache of the prefix.
fn limits(notes: &mut Vec<Note>, place: &Place<'_>, prefix: Decimal) {
    let model = place.model.name();
    match cache_limits::kept(place.model, prefix) {
        Kept::Whole => {}
        Kept::Unknown => push(
            notes,
            "cache_minimum_unknown",
            format!(
                "how long a prefix has to be for the prompt cache of {model} is not known: {prefix} tokens are taken to do"
            ),
        ),
        Kept::TooShort(CacheLimits { least, source, .. }) => push(
            notes,
            "cache_too_short",
            format!(
                "{model} caches a prefix from {least} tokens on ({source}): {prefix} tokens are not cached and are billed as input"
            ),
        ),
        Kept::Beginning(CacheLimits { source, .. }, most) => push(
            notes,
            "cache_too_long",
            format!(
                "{model} caches at most {most} tokens ({source}): the rest of the prefix of {prefix} is billed as input"
            ),
        ),
    }
}

/// Says that rates may not have been in force yet on a day in the past.
fn start(notes: &mut Vec<Note>, place: &Place<'_>, served: &Served) {
    let (rates, day) = (&served.rates, place.scenario.rate_date);
    if rates.in_force_since.is_some() || day >= rates.basis.checked {
        return;
    }
    let text = format!(
        "the first day of these rates of {} is not recorded: they were read on {}, and it is not known that they were in force on {day}",
        place.model.name(),
        rates.basis.checked
    );
    push(notes, "rate_start_unknown", text);
}

/// Says that tokens of speech are not those of text, where none were given.
fn speech(notes: &mut Vec<Note>, place: &Place<'_>) {
    if place.model.kind() != ModelKind::Speech || !place.scenario.units.is_empty() {
        return;
    }
    let listed = place
        .model
        .unit_rates(&place.region, place.scenario.rate_date);
    let rates: Vec<String> = listed
        .iter()
        .map(|unit| format!("{} USD per {}", unit.rate.usd, unit.rate.unit))
        .collect();
    let text = if rates.is_empty() {
        format!(
            "all tokens are priced as text: the rates of speech of {} are not known in {}",
            place.model.name(),
            place.region
        )
    } else {
        format!(
            "all tokens are priced as text: speech costs {}; give its tokens as units, as in {{\"speech input tokens\": 400}}",
            rates.join(", ")
        )
    };
    push(notes, "speech_as_text", text);
}

fn model(notes: &mut Vec<Note>, place: &Place<'_>) {
    let model = place.model;
    if let Some(end) = model.end_of_life() {
        let text = if end <= place.scenario.rate_date {
            format!("{} ended on {end}", model.name())
        } else {
            format!("{} ends on {end}", model.name())
        };
        push(notes, "end_of_life", text);
    } else if model.lifecycle() == Some(Lifecycle::Legacy) {
        push(
            notes,
            "legacy",
            format!("{} is a legacy model", model.name()),
        );
    }
}

/// One sentence for each row behind the estimate that is not plainly agreed on.
fn rates(notes: &mut Vec<Note>, place: &Place<'_>, components: &[CostComponent]) {
    let mut seen: Vec<&CostComponent> = Vec::new();
    for component in components {
        let basis = &component.basis;
        if seen.iter().any(|earlier| earlier.basis == *basis) {
            continue;
        }
        seen.push(component);
        let name = &component.name;
        if let Some((code, has)) = basis.doubt() {
            push(notes, code, format!("the rate of {name} {has}"));
        }
        if let Some(regions) = component.elsewhere {
            let text = format!(
                "the rate of {name} is not listed for {}: that of {} stands in",
                place.region,
                regions.join(", ")
            );
            push(notes, "other_region", text);
        }
    }
}
