//! Requests that are sent only to count tokens, which `CountTokens` does for free.

use super::case::Case;
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let Some(probes) = look.case.probes else {
        return Verdict::Silent;
    };
    let is_counted = |provider: &str| provider == "Anthropic";
    let mut served = look.cost.served.iter();
    // AWS counts for Claude only (its documentation of CountTokens, November 2026).
    let (instead, assumption, confidence) =
        if served.all(|served| is_counted(served.model.provider())) {
            (
                "CountTokens",
                "CountTokens is offered for the model in its region, and is free",
                Confidence::High,
            )
        } else {
            (
                "estimate_tokens",
                "CountTokens counts for Claude only: an estimate with a band is enough",
                Confidence::Medium,
            )
        };
    Verdict::Proposes(vec![Proposal {
        case: Case {
            probes: None,
            ..look.case.clone()
        },
        title: format!("{instead} instead of billed requests"),
        evidence: format!(
            "{} requests of {} tokens a month only count tokens",
            probes.requests, probes.input_tokens
        ),
        assumption: assumption.to_owned(),
        confidence,
        effort: Effort::Low,
        excludes: &[],
        caveat: String::new(),
        quiet: false,
    }])
}
