//! The standard tier where a premium tier is paid for and not needed.

use super::Rule;
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use super::workload::Latency;
use crate::inference::Tier;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let tier = look.case.tier();
    if !look.case.by_tokens() || !matches!(tier, Tier::Priority | Tier::LatencyOptimized) {
        return Verdict::Silent;
    }
    let (evidence, confidence) = match look.workload.given.latency {
        Some(Latency::Minutes | Latency::Hours) => {
            ("the answers may take minutes", Confidence::High)
        }
        Some(Latency::Interactive) => ("somebody waits for the answers", Confidence::Low),
        None => (
            "nothing is said about how long answers may take",
            Confidence::Low,
        ),
    };
    Verdict::Proposes(vec![Proposal {
        case: look
            .case
            .with(|scenario| scenario.tier = Some(Tier::Standard)),
        title: format!("standard tier instead of {tier}"),
        evidence: format!("every request is {tier}, and {evidence}"),
        assumption: "the standard tier is fast enough: measure it first".to_owned(),
        confidence,
        effort: Effort::Low,
        excludes: &[Rule::Flex, Rule::Provisioned, Rule::Reserved],
        caveat: String::new(),
        quiet: false,
    }])
}
