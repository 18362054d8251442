//! Spend that is assigned to nobody: it saves nothing by itself, and nobody saves on it either.

use super::finding::{Confidence, Effort, Look, Proposal, Verdict};

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let untagged = look.workload.given.measured.untagged_usd;
    let Some(usd) = untagged.filter(|usd| !usd.is_zero()) else {
        return Verdict::Silent;
    };
    Verdict::Reports(Box::new(Proposal {
        case: look.case.clone(),
        title: "application inference profiles with cost allocation tags".to_owned(),
        evidence: format!("{} USD a month are assigned to nobody", usd.normalize()),
        assumption: "a profile for each application and team, tagged, shows who uses what"
            .to_owned(),
        confidence: Confidence::High,
        effort: Effort::Medium,
        excludes: &[],
        caveat: String::new(),
        quiet: true,
    }))
}
