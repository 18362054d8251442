//! Batch inference for the requests whose answers may take hours.

use rust_decimal::Decimal;

use super::Rule;
use super::finding::{Ask, Confidence, Effort, Look, Proposal, Verdict};
use super::workload::Latency;
use crate::inference::Tier;

pub(super) const LATENCY: Ask =
    Ask::new("latency: interactive, minutes or hours; or deferrable_share 0 to 1");

/// Batch inference is a way of its own to serve a request: nothing else that changes how it is served applies.
const EXCLUDED_BY_ALL: &[Rule] = &[
    Rule::CacheLosing,
    Rule::CacheTtl,
    Rule::PromptCaching,
    Rule::PriorityOveruse,
    Rule::Flex,
    Rule::Provisioned,
    Rule::Reserved,
];

/// The rest is served as before.
const EXCLUDED_BY_PART: &[Rule] = &[Rule::Provisioned, Rule::Reserved];

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let given = &look.workload.given;
    let present = look.case.batch_share();
    if !look.case.by_tokens() || present == Decimal::ONE {
        return Verdict::Silent;
    }
    let share = match (given.deferrable_share, given.latency) {
        (Some(share), _) => share,
        (None, Some(Latency::Hours)) => Decimal::ONE,
        (None, None) if look.lists(Tier::Batch) => return Verdict::Asks(LATENCY),
        (None, _) => return Verdict::Silent,
    };
    if share <= present {
        return Verdict::Silent;
    }
    let is_all = share == Decimal::ONE;
    let percent = (share * Decimal::ONE_HUNDRED).normalize();
    let case = look.case.with(|scenario| {
        if is_all {
            scenario.tier = Some(Tier::Batch);
            scenario.batch_share = None;
            scenario.cache = None;
        } else {
            scenario.batch_share = Some(share);
        }
    });
    Verdict::Proposes(vec![Proposal {
        case,
        title: format!("batch inference for {percent}% of the requests"),
        evidence: format!("{percent}% of the answers may take hours"),
        assumption: "answers may take up to 24 hours; batch does not use the prompt cache"
            .to_owned(),
        confidence: Confidence::High,
        effort: Effort::Medium,
        excludes: if is_all {
            EXCLUDED_BY_ALL
        } else {
            EXCLUDED_BY_PART
        },
        caveat: String::new(),
        quiet: false,
    }])
}
