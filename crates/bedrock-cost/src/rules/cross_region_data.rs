//! Data that the workload moves between regions.

use super::case::Case;
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let Some(usd) = look.case.cross_region else {
        return Verdict::Silent;
    };
    Verdict::Proposes(vec![Proposal {
        case: Case {
            cross_region: None,
            ..look.case.clone()
        },
        title: "keep data and calls in one region".to_owned(),
        evidence: format!("{usd} USD a month were billed for data between regions"),
        assumption: "storage and callers can move to the region of the calls; a cross-region profile itself adds no transfer charge".to_owned(),
        confidence: Confidence::Medium,
        effort: Effort::Medium,
        excludes: &[],
        caveat: String::new(),
        quiet: false,
    }])
}
