//! What must be said of plans: on what they stand, and why one that was asked for has no figure.

use crate::tools::reply::Warning;
use bedrock_cost::{
    price_book::{Agreement, Basis},
    scenario::{Estimate, PlanKind, Scenario},
};

/// Says which plans stand on one source, on sources that disagree or on the rates of another region; the costs as
/// described have such notes already.
pub(super) fn of_plans(estimate: &Estimate, named: &impl Fn(&str) -> String) -> Vec<Warning> {
    let mut doubts: Vec<(&'static str, Basis, Vec<String>)> = Vec::new();
    let mut elsewhere: Vec<(&[&str], Vec<String>)> = Vec::new();
    for plan in &estimate.plans {
        for line in &plan.components {
            let basis = line.basis;
            let known = estimate.components.iter().any(|line| line.basis == basis);
            if let Some(regions) = line.elsewhere.filter(|_| !known) {
                let kind = plan.kind.to_string();
                match elsewhere.iter_mut().find(|(of, _)| *of == regions) {
                    Some((_, plans)) if plans.contains(&kind) => {}
                    Some((_, plans)) => plans.push(kind),
                    None => elsewhere.push((regions, vec![kind])),
                }
            }
            let code = match basis.agreement {
                Agreement::Agree => continue,
                _ if known => continue,
                Agreement::SingleOfficial | Agreement::Single => "single_source",
                Agreement::Disagree => "sources_disagree",
            };
            let kind = plan.kind.to_string();
            match doubts.iter_mut().find(|(_, of, _)| *of == basis) {
                Some((_, _, plans)) if plans.contains(&kind) => {}
                Some((_, _, plans)) => plans.push(kind),
                None => doubts.push((code, basis, vec![kind])),
            }
        }
    }
    let said = |(code, basis, plans): (&'static str, Basis, Vec<String>)| {
        let what = if code == "single_source" {
            "a single source"
        } else {
            "sources that disagree"
        };
        let note = basis
            .note
            .map_or_else(String::new, |note| format!(": {note}"));
        Warning::new(
            code,
            format!(
                "{} has {what} ({}, {}){note}",
                named(&format!("plan {}", plans.join(", "))),
                basis.sources,
                basis.checked
            ),
        )
    };
    let stands_in = |(regions, plans): (&[&str], Vec<String>)| {
        Warning::new(
            "other_region",
            format!(
                "{} is not listed for {}: the rate of {} stands in; check that AWS offers it there",
                named(&format!("plan {}", plans.join(", "))),
                estimate.region,
                regions.join(", ")
            ),
        )
    };
    let doubts = doubts.into_iter().map(said);
    doubts.chain(elsewhere.into_iter().map(stands_in)).collect()
}

/// Says why a plan that the workload describes has no figure; of plans that nobody asked for full detail does.
pub(super) fn asked_for(
    scenario: &Scenario,
    estimate: &Estimate,
    named: &impl Fn(&str) -> String,
) -> Vec<Warning> {
    let commitment = scenario.provisioned_commitment();
    let absent = estimate.not_computed.iter();
    let absent = absent.filter(|plan| match plan.kind {
        PlanKind::Provisioned(kind) => commitment == Some(kind),
        PlanKind::CustomImport => true,
        _ => false,
    });
    absent
        .map(|plan| {
            let text = format!("{}: {}", named(&format!("plan {}", plan.kind)), plan.why);
            Warning::new("plan_not_computed", text)
        })
        .collect()
}
