//! Shorter instructions and examples.

use rust_decimal::Decimal;

use super::Rule;
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use super::preprocessing::REMOVABLE;
use crate::scenario::ScenarioArguments;

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
        assumption: "answers stay as good and as long".to_owned(),
        confidence: Confidence::Medium,
        effort: Effort::Low,
        excludes: &[Rule::LongContext],
        caveat: String::new(),
        quiet: false,
    }])
}

/// Takes tokens off every prompt: first what is not cached, as instructions behind the prefix are.
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
