//! The flex tier for requests whose answers may take minutes.

use super::Rule;
use super::batch::LATENCY;
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use super::workload::Latency;
use crate::inference::Tier;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    if !look.case.by_tokens() || matches!(look.case.tier(), Tier::Flex | Tier::Batch) {
        return Verdict::Silent;
    }
    match look.workload.given.latency {
        Some(Latency::Minutes | Latency::Hours) => {}
        None if look.lists(Tier::Flex) => return Verdict::Asks(LATENCY),
        Some(Latency::Interactive) | None => return Verdict::Silent,
    }
    let flex = look.case.with(|scenario| scenario.tier = Some(Tier::Flex));
    // Where the tier has no cache rates, it may still be cheaper without the cache.
    let uncached = flex.with(|scenario| scenario.cache = None);
    let proposal = |case, title: &str| Proposal {
        case,
        title: title.to_owned(),
        evidence: "the answers may take minutes".to_owned(),
        assumption: "flex requests wait longer when the service is busy".to_owned(),
        confidence: Confidence::High,
        effort: Effort::Low,
        excludes: &[Rule::PriorityOveruse, Rule::Provisioned, Rule::Reserved],
        caveat: String::new(),
        quiet: false,
    };
    let mut proposals = vec![proposal(flex, "flex tier")];
    if look.case.scenario.cache.is_some() {
        proposals.push(proposal(uncached, "flex tier without the prompt cache"));
    }
    Verdict::Proposes(proposals)
}
