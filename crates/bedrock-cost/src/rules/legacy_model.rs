//! A newer model of the same line where it costs less, above all in place of a legacy model or one with a surcharge.

use super::Rule;
use super::case::named_model;
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use super::model_tier::fitting;
use super::tokenizer::change;
use crate::price_book::{Lifecycle, Model};

/// Lines of models, oldest first: what a provider offers for the same purpose under the same name.
pub(super) const LINES: &[&[&str]] = &[
    &[
        "anthropic.claude-instant-v1",
        "anthropic.claude-3-haiku-20240307-v1:0",
        "anthropic.claude-3-5-haiku-20241022-v1:0",
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "anthropic.claude-haiku-5-5",
    ],
    &[
        "anthropic.claude-v1",
        "anthropic.claude-v2",
        "anthropic.claude-v2:1",
        "anthropic.claude-3-sonnet-20240229-v1:0",
        "anthropic.claude-3-5-sonnet-20240620-v1:0",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "anthropic.claude-3-7-sonnet-20250219-v1:0",
        "anthropic.claude-sonnet-4-20250514-v1:0",
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "anthropic.claude-sonnet-4-6",
        "anthropic.claude-sonnet-5",
        "anthropic.claude-sonnet-5-5",
    ],
    &[
        "anthropic.claude-3-opus-20240229-v1:0",
        "anthropic.claude-opus-4-20250514-v1:0",
        "anthropic.claude-opus-4-1-20250805-v1:0",
        "anthropic.claude-opus-4-5-20251101-v1:0",
        "anthropic.claude-opus-4-6-v1",
        "anthropic.claude-opus-4-7",
        "anthropic.claude-opus-4-8",
        "anthropic.claude-opus-5",
        "anthropic.claude-opus-5-5",
    ],
    &["amazon.nova-lite-v1:0", "amazon.nova-2-lite-v1:0"],
    &["amazon.nova-sonic-v1:0", "amazon.nova-2-sonic-v1:0"],
    &["amazon.nova-reel-v1:0", "amazon.nova-reel-v1:1"],
    &[
        "meta.llama2-70b-chat-v1",
        "meta.llama3-70b-instruct-v1:0",
        "meta.llama3-1-70b-instruct-v1:0",
        "meta.llama3-3-70b-instruct-v1:0",
    ],
    &[
        "meta.llama3-8b-instruct-v1:0",
        "meta.llama3-1-8b-instruct-v1:0",
    ],
    &[
        "mistral.mistral-large-2402-v1:0",
        "mistral.mistral-large-2407-v1:0",
        "mistral.mistral-large-3-675b-instruct",
    ],
    &["deepseek.v3-v1:0", "deepseek.v3.2"],
    &[
        "minimax.minimax-m2",
        "minimax.minimax-m2.1",
        "minimax.minimax-m2.5",
    ],
];

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let [served] = look.cost.served.as_slice() else {
        return Verdict::Silent;
    };
    let present = served.model;
    let line = LINES.iter().find(|line| line.contains(&present.id()));
    let Some(line) = line.filter(|_| look.case.by_tokens()) else {
        return Verdict::Silent;
    };
    let reasons = reasons(look, present);
    let gone = if present.lifecycle() == Some(Lifecycle::Unlisted) {
        ", which AWS's list names no more"
    } else {
        ""
    };
    let newer = line.iter().skip_while(|id| **id != present.id()).skip(1);
    let mut proposals = Vec::new();
    for model in newer.filter_map(|id| named_model(look.prices, id)) {
        // Nobody should move to what is on its way out as well, or likely gone.
        let is_leaving = matches!(
            model.lifecycle(),
            Some(Lifecycle::Legacy | Lifecycle::Unlisted)
        );
        if is_leaving || model.end_of_life().is_some() {
            continue;
        }
        for case in fitting(&look.case.on(model.id())) {
            let change = change(look, &case, Confidence::Medium);
            proposals.push(Proposal {
                case,
                title: format!("{} instead of {}{gone}", model.name(), present.name()),
                evidence: if reasons.is_empty() {
                    format!(
                        "{} is newer, of the same line, and costs less",
                        model.name()
                    )
                } else {
                    reasons.clone()
                },
                assumption: change.assumption,
                confidence: change.confidence,
                effort: Effort::Low,
                excludes: &[
                    Rule::ModelTier,
                    Rule::Provisioned,
                    Rule::Reserved,
                    Rule::IdleProvisioned,
                ],
                caveat: change.caveat,
                // A newer model that costs more is news only for those who have to move, and where its rates promise
                // less than its tokenizer keeps.
                quiet: reasons.is_empty() && !change.is_lost,
            });
        }
    }
    if proposals.is_empty() {
        return Verdict::Silent;
    }
    Verdict::Proposes(proposals)
}

/// Returns why the present model should be left.
fn reasons(look: &Look<'_>, model: &Model) -> String {
    let name = model.name();
    let mut reasons = Vec::new();
    if model.lifecycle() == Some(Lifecycle::Legacy) {
        reasons.push(format!("{name} is a legacy model"));
    }
    reasons.extend(model.lifecycle_unknown());
    if let Some(end) = model.end_of_life() {
        let verb = if end <= look.prices.day {
            "ended"
        } else {
            "ends"
        };
        reasons.push(format!("{name} {verb} on {end}"));
    }
    let mut surcharged = look.cost.lines.iter();
    if surcharged.any(super::case::Line::is_extended_access) {
        reasons.push(format!(
            "{name} has the surcharge of Public Extended Access"
        ));
    }
    reasons.join("; ")
}
