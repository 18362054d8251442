//! Shorter instructions and examples.

use rust_decimal::Decimal;

use super::Rule;
use super::case::Served;
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use super::preprocessing::REMOVABLE;
use crate::scenario::{ScenarioArguments, cache_limits};

pub(super) fn look(look: &Look<'_>) -> Verdict {
    if !look.case.by_tokens() || look.has_no_input() {
        return Verdict::Silent;
    }
    let tokens = match look.workload.given.removable.prompt_tokens {
        None => return Verdict::Asks(REMOVABLE),
        Some(tokens) if tokens.is_zero() => return Verdict::Silent,
        Some(tokens) => tokens,
    };
    Verdict::Proposes(vec![Proposal {
        case: look.case.with(|scenario| shorter(scenario, tokens)),
        title: format!("shorter prompt: {tokens} input tokens less a request"),
        evidence: format!("{tokens} tokens of the instructions of a request are not needed"),
        assumption: format!(
            "answers stay as good and as long{}",
            whereabouts(look, tokens)
        ),
        confidence: Confidence::Medium,
        effort: Effort::Low,
        excludes: &[Rule::LongContext],
        caveat: String::new(),
        quiet: false,
    }])
}

/// Takes tokens off every prompt: first those behind what all prompts begin with, then the end of that.
pub(super) fn shorter(scenario: &mut ScenarioArguments, tokens: Decimal) {
    let input = scenario.input_tokens.unwrap_or_default();
    let left = (input - tokens).max(Decimal::ZERO);
    scenario.input_tokens = Some(left);
    if left.is_zero() {
        scenario.cache = None;
    } else if let Some(cache) = &mut scenario.cache {
        cache.prefix_tokens = cache.prefix_tokens.min(left);
    }
}

/// Says where tokens that go are taken to lie, for prompts that begin alike, and what the cache loses by it.
///
/// A prefix that becomes too short for the cache is priced as input, as in every scenario.
pub(super) fn whereabouts(look: &Look<'_>, tokens: Decimal) -> String {
    let scenario = &look.case.scenario;
    let cached = scenario.cache.as_ref().map(|cache| cache.prefix_tokens);
    let prefix = cached.or(look.workload.given.shared_prefix_tokens);
    let Some(prefix) = prefix.filter(|prefix| !prefix.is_zero()) else {
        return String::new();
    };
    let input = scenario.input_tokens.unwrap_or_default();
    let prefix = prefix.min(input);
    let left = (input - tokens).max(Decimal::ZERO);
    if left >= prefix {
        return format!("; they lie behind the first {prefix}");
    }
    let mut text = format!(
        "; {} of them are cut from the first {prefix}",
        prefix - left
    );
    let is_short = |served: &Served| {
        let limits = cache_limits(served.model);
        limits.is_some_and(|limits| served.own(left) < limits.least.into())
    };
    if cached.is_some() && look.cost.served.iter().any(is_short) {
        text.push_str(", which leaves too little to be cached");
    }
    text
}
