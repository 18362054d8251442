//! A cheaper model that is good enough for the task.

use rust_decimal::Decimal;

use super::Rule;
use super::case::{Case, Part, named_model};
use super::finding::{Ask, Confidence, Effort, Look, Proposal, Verdict};
use super::tokenizer::change;
use super::workload::Task;
use crate::inference::Routing;
use crate::price_book::ModelKind;

/// Models to try first, by task: the tiers of the optimization guide of January 2026 (Nova Micro and Lite for simple
/// tasks, Haiku and its like for standard ones) with the models that have come since.
pub(super) const CANDIDATES: &[(Task, &[&str])] = &[
    (
        Task::Simple,
        &["amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0"],
    ),
    (
        Task::Standard,
        &[
            "amazon.nova-2-lite-v1:0",
            "amazon.nova-pro-v1:0",
            "anthropic.claude-haiku-4-5-20251001-v1:0",
            "anthropic.claude-haiku-5-5",
        ],
    ),
];

const EXCLUDES: &[Rule] = &[
    Rule::LegacyModel,
    Rule::Provisioned,
    Rule::Reserved,
    Rule::IdleProvisioned,
];

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let given = &look.workload.given;
    let [served] = look.cost.served.as_slice() else {
        return Verdict::Silent;
    };
    if !look.case.by_tokens() {
        return Verdict::Silent;
    }
    if given.target_models.iter().any(|(_, share)| share.is_some()) {
        return mix(look);
    }
    if !given.target_models.is_empty() {
        let names = given.target_models.iter().map(|(name, _)| name.as_str());
        let evidence = "the models would do, as given";
        return replace(look, names, evidence, Confidence::Medium);
    }
    if served.model.kind() != ModelKind::Text {
        return Verdict::Silent;
    }
    let Some(task) = given.task else {
        return Verdict::Asks(Ask::new(
            "task: simple, standard or complex; or target_models that would do",
        ));
    };
    let known = CANDIDATES.iter().find(|(known, _)| *known == task);
    let Some((_, candidates)) = known else {
        return Verdict::Silent;
    };
    let evidence = format!("a {task} task on {}", served.model.name());
    let names = candidates.iter().copied();
    replace(look, names, &evidence, Confidence::Low)
}

/// All requests go to one other model.
fn replace<'a>(
    look: &Look<'_>,
    names: impl Iterator<Item = &'a str>,
    evidence: &str,
    confidence: Confidence,
) -> Verdict {
    let mut proposals = Vec::new();
    for name in names {
        let Some(model) = named_model(look.prices, name) else {
            continue;
        };
        if look.case.parts.iter().any(|part| part.model == model.id()) {
            continue;
        }
        for case in fitting(&look.case.on(model.id())) {
            let change = change(look, &case, confidence);
            proposals.push(Proposal {
                case,
                title: format!("{} instead of {}", model.name(), look.models()),
                evidence: evidence.to_owned(),
                assumption: change.assumption,
                confidence: change.confidence,
                effort: Effort::Medium,
                excludes: EXCLUDES,
                caveat: change.caveat,
                quiet: false,
            });
        }
    }
    if proposals.is_empty() {
        return Verdict::Silent;
    }
    Verdict::Proposes(proposals)
}

/// Each target takes its part, and the present model what is left.
fn mix(look: &Look<'_>) -> Verdict {
    let mut parts: Vec<Part> = Vec::new();
    let mut left = Decimal::ONE;
    let mut texts = Vec::new();
    for (name, share) in &look.workload.given.target_models {
        let (Some(model), Some(share)) = (named_model(look.prices, name), share) else {
            continue;
        };
        left -= share;
        let percent = (share * Decimal::ONE_HUNDRED).normalize();
        texts.push(format!("{} {percent}%", model.name()));
        add(&mut parts, look.case.part(model.id(), *share));
    }
    for present in look.case.parts.iter().filter(|_| !left.is_zero()) {
        let part = look.case.part(&present.model, left);
        add(&mut parts, part);
    }
    let case = Case {
        parts,
        ..look.case.clone()
    };
    if case.parts == look.case.parts {
        return Verdict::Silent;
    }
    let proposals = fitting(&case).into_iter().map(|case| {
        let change = change(look, &case, Confidence::Medium);
        Proposal {
            case,
            title: format!("models by task: {}", texts.join(", ")),
            evidence: format!(
                "parts of the requests on {} need less, as given",
                look.models()
            ),
            assumption: change.assumption,
            confidence: change.confidence,
            effort: Effort::Medium,
            excludes: EXCLUDES,
            caveat: change.caveat,
            quiet: false,
        }
    });
    Verdict::Proposes(proposals.collect())
}

/// A model that is named twice takes both parts.
fn add(parts: &mut Vec<Part>, more: Part) {
    match parts.iter_mut().find(|part| part.model == more.model) {
        Some(part) => part.share += more.share,
        None => parts.push(more),
    }
}

/// Returns the ways in which other models may serve a workload: as before, or in its region where they have no global
/// profile, or without a cache that they do not have.
pub(super) fn fitting(case: &Case) -> Vec<Case> {
    let mut cases = vec![case.clone()];
    if case.scenario.routing == Some(Routing::Global) {
        cases.push(case.with(|scenario| scenario.routing = Some(Routing::Regional)));
    }
    if case.scenario.cache.is_some() {
        let mut more = Vec::new();
        for case in &cases {
            more.push(case.with(|scenario| {
                if let Some(cache) = &mut scenario.cache {
                    cache.ttl = None;
                }
            }));
            more.push(case.with(|scenario| scenario.cache = None));
        }
        cases.extend(more);
    }
    cases
}
