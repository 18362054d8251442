//! What must be said of plans: on what they stand, and why one that was asked for has no figure.

use crate::tools::reply::Warning;
use bedrock_cost::scenario::{CostComponent, Estimate, PlanKind, Scenario};

/// Says which plans stand on one source, on sources that disagree or on the rates of another region; the costs as
/// described have such notes already.
pub(super) fn of_plans(estimate: &Estimate, named: &impl Fn(&str) -> String) -> Vec<Warning> {
    let mut said: Vec<(&'static str, String, Vec<String>)> = Vec::new();
    for plan in &estimate.plans {
        let kind = plan.kind.to_string();
        let is_known = |line: &&CostComponent| {
            let mut described = estimate.components.iter();
            described.any(|known| known.basis == line.basis)
        };
        for line in plan.components.iter().filter(|line| !is_known(line)) {
            let elsewhere = line.elsewhere.map(|regions| {
                let text = format!(
                    "is not listed for {}: the rate of {} stands in; check that AWS offers it there",
                    estimate.region,
                    regions.join(", ")
                );
                ("other_region", text)
            });
            for (code, text) in line.basis.doubt().into_iter().chain(elsewhere) {
                match said.iter_mut().find(|(_, of, _)| *of == text) {
                    Some((_, _, plans)) if plans.contains(&kind) => {}
                    Some((_, _, plans)) => plans.push(kind.clone()),
                    None => said.push((code, text, vec![kind.clone()])),
                }
            }
        }
    }
    let warning = |(code, text, plans): (_, String, Vec<String>)| {
        let plans = named(&format!("plan {}", plans.join(", ")));
        Warning::new(code, format!("{plans} {text}"))
    };
    said.into_iter().map(warning).collect()
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
