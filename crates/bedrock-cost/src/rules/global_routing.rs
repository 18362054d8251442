//! The global profile, where it costs less than the region's own rate.

use super::Rule;
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use crate::inference::Routing;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let is_regional = look.case.scenario.routing != Some(Routing::Global);
    if !look.case.by_tokens() || !is_regional || !look.lists_routing(Routing::Global) {
        return Verdict::Silent;
    }
    let global = look
        .case
        .with(|scenario| scenario.routing = Some(Routing::Global));
    Verdict::Proposes(vec![Proposal {
        case: global,
        title: "the global profile".to_owned(),
        evidence: format!("{} has a global profile", look.models()),
        assumption: "requests may run in any commercial region".to_owned(),
        confidence: Confidence::High,
        effort: Effort::Low,
        excludes: &[Rule::Provisioned, Rule::Reserved],
        caveat: String::new(),
        quiet: false,
    }])
}
