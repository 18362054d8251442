//! Provisioned throughput that is paid for while it serves nothing.

use super::Rule;
use super::case::{Capacity, Case};
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use crate::inference::Commitment;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let Capacity::Provisioned {
        commitment,
        off_hours,
    } = look.case.capacity
    else {
        return Verdict::Silent;
    };
    let idle = look.workload.given.measured.idle_provisioned_hours;
    let Some(idle) = idle.filter(|hours| *hours > off_hours) else {
        return Verdict::Silent;
    };
    if commitment != Commitment::None {
        return Verdict::Declines(format!(
            "{idle} idle hours are billed until the commitment of {commitment} ends: do not renew it"
        ));
    }
    Verdict::Proposes(vec![Proposal {
        case: Case {
            capacity: Capacity::Provisioned {
                commitment,
                off_hours: idle,
            },
            ..look.case.clone()
        },
        title: format!("delete provisioned throughput for {idle} idle hours"),
        evidence: format!("it served nothing in {idle} hours of the month"),
        assumption:
            "the idle hours can be told beforehand, and the units are there again when needed"
                .to_owned(),
        confidence: Confidence::Medium,
        effort: Effort::Medium,
        excludes: &[Rule::Provisioned, Rule::ModelTier, Rule::LegacyModel],
        caveat: String::new(),
        quiet: false,
    }])
}
