//! Data that is cleaned or cut before it is sent.

use super::Rule;
use super::finding::{Ask, Confidence, Effort, Look, Proposal, Verdict};
use super::prompt_length::{shorter, whereabouts};
use rust_decimal::Decimal;

pub(super) const REMOVABLE: Ask = Ask::new(
    "removable {prompt_tokens, data_tokens, output_tokens}: tokens of one request that could go",
);

pub(super) fn look(look: &Look<'_>) -> Verdict {
    if !look.case.by_tokens() || look.has_no_input() {
        return Verdict::Silent;
    }
    match look.workload.given.removable.data_tokens {
        None => Verdict::Asks(REMOVABLE),
        Some(tokens) if tokens.is_zero() => Verdict::Silent,
        Some(tokens) => Verdict::Proposes(vec![proposal(look, tokens)]),
    }
}

fn proposal(look: &Look<'_>, tokens: Decimal) -> Proposal {
    Proposal {
        case: look.case.with(|scenario| shorter(scenario, tokens)),
        title: format!("clean the data: {tokens} input tokens less a request"),
        evidence: format!("{tokens} tokens of the data of a request are not needed"),
        assumption: format!(
            "answers stay as good{}; estimate_tokens counts what cleaning removes",
            whereabouts(look, tokens)
        ),
        confidence: Confidence::Medium,
        effort: Effort::Medium,
        excludes: &[Rule::LongContext],
        caveat: String::new(),
        quiet: false,
    }
}
