//! Output limits and stop sequences, for output that nobody needs.

use rust_decimal::Decimal;

use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use super::preprocessing::REMOVABLE;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let output = look.case.scenario.output_tokens.unwrap_or_default();
    if !look.case.by_tokens() || output.is_zero() {
        return Verdict::Silent;
    }
    let tokens = match look.workload.given.removable.output_tokens {
        None => return Verdict::Asks(REMOVABLE),
        Some(tokens) if tokens.is_zero() => return Verdict::Silent,
        Some(tokens) => tokens,
    };
    let left = (output - tokens).max(Decimal::ZERO);
    Verdict::Proposes(vec![Proposal {
        case: look
            .case
            .with(|scenario| scenario.output_tokens = Some(left)),
        title: format!("limit the output: {tokens} tokens less an answer"),
        evidence: format!("{tokens} of {output} output tokens are not needed"),
        assumption: "a token limit, stop sequences or a shorter form keep the answers complete"
            .to_owned(),
        confidence: Confidence::Medium,
        effort: Effort::Low,
        excludes: &[],
        caveat: String::new(),
        quiet: false,
    }])
}
