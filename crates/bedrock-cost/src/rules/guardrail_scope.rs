//! Guardrail policies only where they are needed: which ones, and on which text.

use super::finding::{Ask, Confidence, Effort, Look, Proposal, Verdict};
use crate::scenario::{Direction, GuardrailArguments};

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let Some(guardrails) = &look.case.scenario.guardrails else {
        return Verdict::Silent;
    };
    if guardrails.policies.is_empty() {
        return Verdict::Silent;
    }
    let Some(needed) = &look.workload.given.guardrails_needed else {
        return Verdict::Asks(Ask::new(
            "guardrails_needed {policy: input|output|both}: policies left out are not needed",
        ));
    };
    let mut kept = Vec::new();
    let mut dropped = Vec::new();
    for (policy, present) in &guardrails.policies {
        let wanted = needed.iter().find(|(known, _)| known == policy);
        let both = wanted.and_then(|(_, wanted)| in_both(*present, *wanted));
        match both {
            Some(direction) if direction == *present => kept.push((*policy, direction)),
            Some(direction) => {
                kept.push((*policy, direction));
                dropped.push(format!("{policy} on {direction} only"));
            }
            None => dropped.push(format!("no {policy}")),
        }
    }
    if dropped.is_empty() {
        return Verdict::Silent;
    }
    let policies = GuardrailArguments {
        policies: kept,
        ..guardrails.clone()
    };
    let dropped = dropped.join(", ");
    Verdict::Proposes(vec![Proposal {
        case: look
            .case
            .with(|scenario| scenario.guardrails = Some(policies)),
        title: format!("guardrail: {dropped}"),
        evidence: "policies look at texts that do not need them".to_owned(),
        assumption: "the policies are not needed there, as given".to_owned(),
        confidence: Confidence::High,
        effort: Effort::Low,
        excludes: &[],
        caveat: String::new(),
        quiet: false,
    }])
}

fn in_both(present: Direction, wanted: Direction) -> Option<Direction> {
    match (present, wanted) {
        (Direction::Both, other) | (other, Direction::Both) => Some(other),
        (present, wanted) => (present == wanted).then_some(present),
    }
}
