//! Free word filters and regular expressions in place of paid guardrail policies.

use super::finding::{Ask, Confidence, Effort, Look, Proposal, Verdict};
use super::workload::has_free_filter;
use crate::scenario::GuardrailArguments;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let Some(guardrails) = &look.case.scenario.guardrails else {
        return Verdict::Silent;
    };
    let policies = &guardrails.policies;
    if !policies.iter().any(|(policy, _)| has_free_filter(*policy)) {
        return Verdict::Silent;
    }
    let covered = &look.workload.given.free_filters_cover;
    if covered.is_empty() {
        return Verdict::Asks(Ask::new(
            "free_filters_cover [policies]: paid ones that word filters, regex or own code can replace",
        ));
    }
    let (replaced, kept): (Vec<_>, Vec<_>) = policies
        .iter()
        .partition(|(policy, _)| covered.contains(policy));
    if replaced.is_empty() {
        return Verdict::Silent;
    }
    let names: Vec<&str> = replaced.iter().map(|(policy, _)| policy.as_str()).collect();
    let names = names.join(", ");
    let left = GuardrailArguments {
        policies: kept,
        ..guardrails.clone()
    };
    Verdict::Proposes(vec![Proposal {
        case: look.case.with(|scenario| scenario.guardrails = Some(left)),
        title: format!("free filters instead of {names}"),
        evidence: format!("word filters and regular expressions are free, {names} is not"),
        assumption: "the free filters find what matters, as given: test them on real texts"
            .to_owned(),
        confidence: Confidence::Medium,
        effort: Effort::Medium,
        excludes: &[],
        caveat: String::new(),
        quiet: false,
    }])
}
