//! Reserved tokens a minute instead of on-demand.

use super::ALL_BY_TOKENS;
use super::case::{Capacity, Case};
use super::finding::{Ask, Confidence, Effort, Look, Proposal, Verdict};
use crate::inference::ReservedTerm;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let [served] = look.cost.served.as_slice() else {
        return Verdict::Silent;
    };
    let day = look.prices.day;
    let listed = look.prices.book.reserved(
        served.model.id(),
        ReservedTerm::OneMonth,
        served.routing,
        &served.region,
        day,
    );
    if !look.case.by_tokens() || listed.is_err() || look.has_no_input() {
        return Verdict::Silent;
    }
    let in_a_minute = look
        .case
        .checked(day)
        .ok()
        .and_then(|scenario| scenario.requests().during(1));
    if in_a_minute.is_none() {
        return Verdict::Asks(Ask::new(
            "requests as {per_minute|per_hour|per_day, hours_per_day, days_per_month}",
        ));
    }
    let terms = ReservedTerm::ALL.iter().copied();
    let proposals = terms.map(|term| Proposal {
        case: Case {
            capacity: Capacity::Reserved(term),
            ..look.case.clone()
        },
        title: format!("reserved capacity, {term}"),
        evidence: "the tokens of a busy minute, reserved for 730 hours, cost less than on-demand"
            .to_owned(),
        assumption:
            "requests come evenly within the hours given: a busier minute is billed on-demand"
                .to_owned(),
        confidence: Confidence::Medium,
        effort: Effort::Medium,
        excludes: ALL_BY_TOKENS,
        caveat: String::new(),
        quiet: false,
    });
    Verdict::Proposes(proposals.collect())
}
