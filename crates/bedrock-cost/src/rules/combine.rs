//! The combined saving: findings applied one after another, each priced on what the ones before left.

use rust_decimal::Decimal;

use super::case::Cost;
use super::finding::{Finding, Look, Proposal, Verdict};
use super::prompt_caching::lifetimes;
use super::{Best, RULES, Rule, cheapest, percent};
use crate::inference::{Routing, Tier};
use crate::money::Usd;
use crate::scenario::{Inexact, arithmetic};

/// What the findings save together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Combined {
    /// US dollars a month as it is.
    pub baseline: Usd,
    /// US dollars a month after every step.
    pub proposed: Usd,
    /// The difference.
    pub saving: Usd,
    /// The difference as a part of the baseline, with two decimal places.
    pub saving_percent: Decimal,
    /// The findings that were applied, in this order: the largest first.
    pub steps: Vec<Step>,
    /// The findings that were not, and why.
    pub left_out: Vec<LeftOut>,
}

/// One finding, applied to what the ones before left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The rule.
    pub rule: Rule,
    /// US dollars a month that it saves here: less or more than it saves alone.
    pub saving: Usd,
    /// US dollars a month after it.
    pub monthly: Usd,
}

/// A finding that is no part of the combined saving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The rule.
    pub rule: Rule,
    /// The applied rule that excludes it; none where it saves nothing any more.
    pub excluded_by: Option<Rule>,
    /// Why.
    pub reason: String,
}

impl LeftOut {
    fn for_another(rule: Rule, by: Rule) -> Self {
        Self {
            rule,
            excluded_by: Some(by),
            reason: format!("excluded by {by}"),
        }
    }
}

impl Combined {
    pub(super) const fn none(baseline: Usd) -> Self {
        Self {
            baseline,
            proposed: baseline,
            saving: Usd::ZERO,
            saving_percent: Decimal::ZERO,
            steps: Vec::new(),
            left_out: Vec::new(),
        }
    }
}

/// Choices of findings that are tried at most: rules that get in the way of others are few.
const MOST_CHOICES: usize = 64;

/// Rules that change which rates there are, so that another rule may find none.
const CHANGE_RATES: [Rule; 6] = [
    Rule::LegacyModel,
    Rule::ModelTier,
    Rule::GlobalRouting,
    Rule::PriorityOveruse,
    Rule::Flex,
    Rule::Batch,
];

/// Applies the choice of findings that saves most, in their order: the largest first.
///
/// The largest finding may exclude several that save more together. Whatever got in the way of another is therefore left
/// out once; where that saves no more, the choice with the larger findings stands.
pub(super) fn combine(look: &Look<'_>, findings: &[Finding]) -> Result<Combined, Inexact> {
    let mut best = apply(look, findings, &[])?;
    let mut choices: Vec<Vec<Rule>> = in_the_way(&best, findings, &[]);
    let mut next = 0;
    while let Some(without) = choices.get(next).cloned() {
        next += 1;
        // What cannot be computed is no better choice.
        let Ok(other) = apply(look, findings, &without) else {
            continue;
        };
        for choice in in_the_way(&other, findings, &without) {
            if choices.len() < MOST_CHOICES && !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        if other.proposed < best.proposed {
            best = other;
        }
    }
    Ok(best)
}

/// Returns the choices without one more rule that got in the way of another.
fn in_the_way(combined: &Combined, findings: &[Finding], without: &[Rule]) -> Vec<Vec<Rule>> {
    let left_out = |rule: Rule| combined.left_out.iter().find(|left| left.rule == rule);
    let blocks = |rule: Rule| {
        findings
            .iter()
            .filter(|other| !without.contains(&other.rule))
            .filter_map(|other| left_out(other.rule))
            .any(|left| match left.excluded_by {
                Some(by) => by == rule,
                None => CHANGE_RATES.contains(&rule),
            })
    };
    let steps = combined.steps.iter().map(|step| step.rule);
    steps
        .filter(|rule| blocks(*rule))
        .map(|rule| {
            let mut choice = [without, &[rule]].concat();
            choice.sort_unstable();
            choice
        })
        .collect()
}

fn excludes(one: &Finding, other: &Finding) -> bool {
    one.excludes.contains(&other.rule) || other.excludes.contains(&one.rule)
}

/// Applies findings in their order, but for some.
pub(super) fn apply(
    look: &Look<'_>,
    findings: &[Finding],
    without: &[Rule],
) -> Result<Combined, Inexact> {
    let mut combined = Combined::none(look.cost.monthly);
    let (mut case, mut cost) = (look.case.clone(), look.cost.clone());
    let mut applied: Vec<&Finding> = Vec::new();
    let saving = findings
        .iter()
        .filter(|finding| !finding.saving.amount().is_zero());
    let (chosen, others): (Vec<&Finding>, Vec<&Finding>) =
        saving.partition(|finding| !without.contains(&finding.rule));
    for finding in chosen {
        let rule = finding.rule;
        if let Some(other) = applied.iter().find(|other| excludes(other, finding)) {
            combined
                .left_out
                .push(LeftOut::for_another(rule, other.rule));
            continue;
        }
        let look = Look {
            case: &case,
            cost: &cost,
            ..*look
        };
        match again(&look, rule) {
            Ok((proposal, less, saving)) => {
                combined.steps.push(Step {
                    rule,
                    saving,
                    monthly: less.monthly,
                });
                applied.push(finding);
                case = proposal.case;
                cost = less;
            }
            Err(reason) => combined.left_out.push(LeftOut {
                rule,
                excluded_by: None,
                reason,
            }),
        }
    }
    for finding in others {
        let excluding = applied.iter().find(|other| excludes(other, finding));
        combined.left_out.push(excluding.map_or_else(
            || LeftOut {
                rule: finding.rule,
                excluded_by: None,
                reason: "the others save more together without it".to_owned(),
            },
            |other| LeftOut::for_another(finding.rule, other.rule),
        ));
    }
    let saving = arithmetic::minus(combined.baseline.amount(), cost.monthly.amount())?;
    combined.proposed = cost.monthly;
    combined.saving = Usd::new(saving);
    combined.saving_percent = percent(saving, combined.baseline.amount());
    Ok(combined)
}

/// Asks a rule about the workload that others left, and returns why it has nothing to offer any more.
fn again(look: &Look<'_>, rule: Rule) -> Result<(Box<Proposal>, Cost, Usd), String> {
    let nothing = || nothing_left(look, rule);
    let (_, verdict) = RULES
        .iter()
        .find(|(known, _)| *known == rule)
        .ok_or_else(nothing)?;
    match verdict(look) {
        Verdict::Proposes(proposals) => match cheapest(look, proposals) {
            Best::Saves(proposal, cost, saving) => Ok((proposal, cost, saving)),
            Best::SavesNothing(reason) => Err(reason),
            Best::Nothing => Err(nothing()),
        },
        Verdict::Declines(reason) => Err(reason),
        Verdict::Asks(ask) => Err(format!("needs {}", ask.give)),
        Verdict::Silent | Verdict::Claims(_) | Verdict::Reports(_) => Err(nothing()),
    }
}

/// Says why a rule that saved something at first is silent now.
fn nothing_left(look: &Look<'_>, rule: Rule) -> String {
    let lacks = match rule {
        Rule::Flex if !look.lists(Tier::Flex) => "flex",
        Rule::GlobalRouting if !look.lists_routing(Routing::Global) => "global",
        Rule::PromptCaching | Rule::CacheTtl if lifetimes(look).is_empty() => "cache",
        _ => return "nothing left to save".to_owned(),
    };
    format!("{} lists no {lacks} rates", look.models())
}
