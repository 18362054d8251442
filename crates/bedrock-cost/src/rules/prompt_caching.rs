//! Caching what every prompt begins with.

use rust_decimal::Decimal;

use super::Rule;
use super::finding::{Ask, Confidence, Effort, Look, Proposal, Verdict};
use crate::inference::Tier;
use crate::scenario::{CacheArguments, CacheTtl, arithmetic, cache_limits};

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let scenario = &look.case.scenario;
    let ttls = lifetimes(look);
    if !look.case.by_tokens() || look.case.tier() == Tier::Batch || ttls.is_empty() {
        return Verdict::Silent;
    }
    let most = most(look);
    let cached = scenario
        .cache
        .as_ref()
        .map_or(Decimal::ZERO, |cache| cache.prefix_tokens.min(most));
    let Some(prefix) = look.workload.given.shared_prefix_tokens else {
        if cached.is_zero() {
            return Verdict::Asks(Ask::new(
                "shared_prefix_tokens: tokens that every prompt begins with, 0 for none",
            ));
        }
        return Verdict::Silent;
    };
    let prefix = prefix
        .min(scenario.input_tokens.unwrap_or_default())
        .min(most);
    if prefix <= cached {
        return Verdict::Silent;
    }
    for served in &look.cost.served {
        // As the model counts it.
        let own = served.own(prefix);
        if let Some(limits) = cache_limits(served.model).filter(|limits| own < limits.least.into())
        {
            return Verdict::Declines(format!(
                "{} caches a prefix from {} tokens on, the shared one has {own}",
                served.model.name(),
                limits.least
            ));
        }
    }
    let mut proposals = Vec::new();
    for ttl in ttls {
        // A cache in use keeps its lifetime: another one is a rule of its own.
        let known = match &scenario.cache {
            Some(cache) if cache.ttl.is_none_or(|present| present == ttl) => Some(Reads {
                reads: cache.reads_per_write,
                assumption: "the longer prefix is read as often as the present one".to_owned(),
            }),
            Some(_) => None,
            None => reads(look, ttl),
        };
        if let Some(known) = known {
            proposals.push(proposal(look, prefix, ttl, known));
        }
        if scenario.cache.is_some() && !proposals.is_empty() {
            break;
        }
    }
    if proposals.is_empty() {
        return Verdict::Asks(Ask::new(
            "reads_per_write of the shared prefix, or requests as a rate with hours_per_day",
        ));
    }
    Verdict::Proposes(proposals)
}

fn proposal(look: &Look<'_>, prefix: Decimal, ttl: CacheTtl, known: Reads) -> Proposal {
    let Reads {
        reads,
        mut assumption,
    } = known;
    let mut served = look.cost.served.iter();
    if served.any(|served| cache_limits(served.model).is_none()) {
        assumption.push_str("; how long a prefix has to be to be cached is not known");
    }
    Proposal {
        case: look.case.with(|scenario| {
            scenario.cache = Some(CacheArguments {
                prefix_tokens: prefix,
                reads_per_write: reads,
                ttl: Some(ttl),
            });
        }),
        title: format!("cache the first {prefix} tokens for {ttl}"),
        evidence: format!(
            "every prompt begins with the same {prefix} tokens, {reads} reads a write"
        ),
        assumption,
        confidence: Confidence::Medium,
        effort: Effort::Low,
        excludes: &[
            Rule::CacheLosing,
            Rule::CacheTtl,
            Rule::Provisioned,
            Rule::Reserved,
        ],
        caveat: String::new(),
        quiet: false,
    }
}

/// How often a written prefix is read.
pub(super) struct Reads {
    pub(super) reads: Decimal,
    /// Where the number comes from.
    pub(super) assumption: String,
}

/// Returns the reads of a write that lives so long: as given, else from the rate of requests.
///
/// A read renews the lifetime (AWS's guide to prompt caching, November 2026), so that a prefix lives as long as requests
/// come often enough: until the end of the day's hours.
fn reads(look: &Look<'_>, ttl: CacheTtl) -> Option<Reads> {
    if let Some(stated) = stated_reads(look, ttl) {
        return Some(stated);
    }
    let scenario = look.case.checked(look.prices.day).ok()?;
    let requests = scenario.requests();
    // Batch inference does not use the cache, and each model has its own.
    let parts = look.case.parts.iter().map(|part| part.share);
    let at_once = arithmetic::minus(Decimal::ONE, look.case.batch_share()).ok()?;
    let reach = arithmetic::times(at_once, parts.min()?).ok()?;
    let reached = |requests| Some(arithmetic::times(requests, reach).ok()?.floor());
    let window = reached(requests.during(minutes(ttl))?)?;
    let day = reached(requests.in_a_day()?)?;
    // One request in a lifetime may come just too late.
    if window < Decimal::TWO {
        return Some(Reads {
            reads: Decimal::ZERO,
            assumption: format!("requests come evenly, {window} in {ttl}: a prefix expires unread"),
        });
    }
    Some(Reads {
        reads: (day - Decimal::ONE).max(Decimal::ZERO),
        assumption: format!(
            "requests come evenly, {window} in {ttl}, and each read renews the lifetime: one write a day"
        ),
    })
}

/// Returns the reads of a write that lives so long, where they are given.
pub(super) fn stated_reads(look: &Look<'_>, ttl: CacheTtl) -> Option<Reads> {
    let given = &look.workload.given.reads_per_write;
    let of = |wanted: Option<CacheTtl>| given.iter().find(|(known, _)| *known == wanted);
    let is_shortest = lifetimes(look).first() == Some(&ttl);
    let stated = of(Some(ttl)).or_else(|| of(None).filter(|_| is_shortest));
    stated.map(|(_, reads)| Reads {
        reads: *reads,
        assumption: format!("{reads} reads a write within {ttl}, as given"),
    })
}

/// Returns the lifetimes that every model in use lists, shortest first.
pub(super) fn lifetimes(look: &Look<'_>) -> Vec<CacheTtl> {
    let ttls = CacheTtl::ALL.iter().copied();
    ttls.filter(|ttl| {
        look.all_list(|rates| {
            let card = &rates.tokens;
            card.cache_read.is_some() && card.get(ttl.write_kind()).is_some()
        })
    })
    .collect()
}

const fn minutes(ttl: CacheTtl) -> u32 {
    match ttl {
        CacheTtl::FiveMinutes => 5,
        CacheTtl::ThirtyMinutes => 30,
        CacheTtl::OneHour => 60,
    }
}

/// Returns how much of a prefix every model in use caches at most, in tokens as they were given.
fn most(look: &Look<'_>) -> Decimal {
    let served = look.cost.served.iter();
    let most = served.filter_map(|served| Some(served.at_most(cache_limits(served.model)?.most?)));
    most.min().unwrap_or(Decimal::MAX)
}
