//! Optimization rules: what to change about a workload, what each change saves, and what all of them save together.
//!
//! Every rule is one file and one line in `RULES`. A rule prices nothing itself: it returns the workload as it would
//! be, and the same arithmetic prices both. The combined saving applies the findings one after another and asks each
//! rule again about the workload that the ones before left, so that savings compound and are never added up.

mod case;
mod combine;
mod finding;
mod tokenizer;
mod workload;

mod batch;
mod cache_losing;
mod cache_ttl;
mod count_tokens;
mod cross_region_data;
mod distillation;
mod flex;
mod free_filters;
mod global_routing;
mod guardrail_scope;
mod idle_provisioned;
mod legacy_model;
mod long_context;
mod model_tier;
mod output_limit;
mod preprocessing;
mod priority_overuse;
mod prompt_caching;
mod prompt_length;
mod prompt_routing;
mod provisioned;
mod reserved;
mod text_units;
mod untagged_spend;

use rust_decimal::Decimal;

pub use combine::{Combined, LeftOut, Step};
pub use finding::{Ask, Claim, Confidence, Effort, Finding, NotOffered, Question};
pub use workload::{
    Latency, Measured, Probes, Removable, Task, Workload, WorkloadArguments, WorkloadError,
};

use case::{Case, Cost, Line, Prices, Unpriced, difference};
use finding::{Look, Proposal, Verdict};

use crate::money::Usd;
use crate::names::named;
use crate::price_book::{Basis, PriceBook};
use crate::region::Region;
use crate::scenario::{Note, Problem, RefusedModel, ScenarioError, arithmetic, estimate_model};

named! {
    /// An optimization rule.
    pub enum Rule as "rule" {
        /// A newer model of the same line, where it costs less.
        LegacyModel = "legacy_model",
        /// A cheaper model that is good enough for the task.
        ModelTier = "model_tier",
        /// A prompt below the threshold of the long-context rates.
        LongContext = "long_context",
        /// Data cleaned before it is sent.
        Preprocessing = "preprocessing",
        /// Shorter instructions.
        PromptLength = "prompt_length",
        /// Output limits and stop sequences.
        OutputLimit = "output_limit",
        /// A cache that costs more than it saves.
        CacheLosing = "cache_losing",
        /// Another lifetime of the cache.
        CacheTtl = "cache_ttl",
        /// Caching what every prompt begins with.
        PromptCaching = "prompt_caching",
        /// The global profile.
        GlobalRouting = "global_routing",
        /// The standard tier instead of a premium one.
        PriorityOveruse = "priority_overuse",
        /// The flex tier.
        Flex = "flex",
        /// Batch inference.
        Batch = "batch",
        /// Provisioned throughput instead of on-demand, or the other way round.
        Provisioned = "provisioned",
        /// Reserved tokens a minute.
        Reserved = "reserved",
        /// Provisioned throughput that serves nothing for hours.
        IdleProvisioned = "idle_provisioned",
        /// Guardrail policies where they are needed.
        GuardrailScope = "guardrail_scope",
        /// Free filters in place of paid policies.
        FreeFilters = "free_filters",
        /// Texts just above a whole text unit.
        TextUnits = "text_units",
        /// Requests that are sent only to count tokens.
        CountTokens = "count_tokens",
        /// Data moved between regions.
        CrossRegionData = "cross_region_data",
        /// Spend that is assigned to nobody.
        UntaggedSpend = "untagged_spend",
        /// A small model taught by a large one.
        Distillation = "distillation",
        /// AWS's own choice of model for each prompt.
        PromptRouting = "prompt_routing",
    }
}

/// What a rule is: it looks at a workload and says something.
type Looks = fn(&Look<'_>) -> Verdict;

/// Every rule. Findings that save the same are listed in this order.
const RULES: &[(Rule, Looks)] = &[
    (Rule::LegacyModel, legacy_model::look),
    (Rule::ModelTier, model_tier::look),
    (Rule::LongContext, long_context::look),
    (Rule::Preprocessing, preprocessing::look),
    (Rule::PromptLength, prompt_length::look),
    (Rule::OutputLimit, output_limit::look),
    (Rule::CacheLosing, cache_losing::look),
    (Rule::CacheTtl, cache_ttl::look),
    (Rule::PromptCaching, prompt_caching::look),
    (Rule::GlobalRouting, global_routing::look),
    (Rule::PriorityOveruse, priority_overuse::look),
    (Rule::Flex, flex::look),
    (Rule::Batch, batch::look),
    (Rule::Provisioned, provisioned::look),
    (Rule::Reserved, reserved::look),
    (Rule::IdleProvisioned, idle_provisioned::look),
    (Rule::GuardrailScope, guardrail_scope::look),
    (Rule::FreeFilters, free_filters::look),
    (Rule::TextUnits, text_units::look),
    (Rule::CountTokens, count_tokens::look),
    (Rule::CrossRegionData, cross_region_data::look),
    (Rule::UntaggedSpend, untagged_spend::look),
    (Rule::Distillation, distillation::look),
    (Rule::PromptRouting, prompt_routing::look),
];

/// Token rules have nothing to say about capacity that is billed by the hour, and the other way round.
const ALL_BY_TOKENS: &[Rule] = &[
    Rule::LegacyModel,
    Rule::ModelTier,
    Rule::LongContext,
    Rule::Preprocessing,
    Rule::PromptLength,
    Rule::OutputLimit,
    Rule::CacheLosing,
    Rule::CacheTtl,
    Rule::PromptCaching,
    Rule::GlobalRouting,
    Rule::PriorityOveruse,
    Rule::Flex,
    Rule::Batch,
    Rule::Provisioned,
    Rule::Reserved,
];

/// What the rules say about a workload.
#[derive(Debug, Clone)]
pub struct Savings {
    /// US dollars a month of the workload as it is, with what was measured beside it.
    pub baseline: Usd,
    /// The lines of the baseline, each with its name and formula.
    pub lines: Vec<String>,
    /// The savings, largest first; what is only to be known comes last.
    pub findings: Vec<Finding>,
    /// What the findings save when they are applied one after another.
    pub combined: Combined,
    /// What would raise the cost or is not to be had.
    pub not_offered: Vec<NotOffered>,
    /// What must be said before more can be computed.
    pub questions: Vec<Question>,
    /// Claims of vendors: no part of any figure.
    pub claims: Vec<Claim>,
    /// What must be said with the baseline.
    pub notes: Vec<Note>,
    /// The rates that the baseline and the findings were made from, each with what it is the rate of.
    pub rates: Vec<(String, Basis)>,
}

/// Applies every rule to a workload.
///
/// # Errors
/// When the workload as it is has no price: its model is unknown or lacks what the workload asks for.
pub fn find_savings(book: &PriceBook, workload: &Workload) -> Result<Savings, WorkloadError> {
    let unpriced = |problem: Unpriced| match problem {
        Unpriced::Scenario(error) => WorkloadError::Scenario(error),
        problem => WorkloadError::NoPrice(problem.to_string()),
    };
    let prices = Prices {
        book,
        day: workload.rate_date,
    };
    let base = Case::of(prices, workload).map_err(unpriced)?;
    let cost = base.price(prices).map_err(unpriced)?;
    let look = Look {
        prices,
        workload,
        case: &base,
        cost: &cost,
    };
    let mut savings = Savings {
        baseline: cost.monthly,
        lines: cost.lines.iter().map(Line::formula).collect(),
        findings: Vec::new(),
        combined: Combined::none(cost.monthly),
        not_offered: Vec::new(),
        questions: Vec::new(),
        claims: Vec::new(),
        notes: Vec::new(),
        rates: Vec::new(),
    };
    savings.use_rates(&cost.lines);
    for (rule, verdict) in RULES {
        savings.take(*rule, verdict(&look), &look);
    }
    // Equal savings stay in the order of the rules: the sort is stable.
    savings
        .findings
        .sort_by_key(|finding| std::cmp::Reverse(finding.saving));
    savings.combined = combine::combine(&look, &savings.findings).map_err(ScenarioError::from)?;
    let doubts = std::mem::take(&mut savings.notes);
    savings.notes = notes(&look)?;
    for doubt in doubts {
        if !savings.notes.contains(&doubt) {
            savings.notes.push(doubt);
        }
    }
    Ok(savings)
}

impl Savings {
    /// Tells whether the combined saving has a step of a rule.
    #[must_use]
    pub fn is_applied(&self, rule: Rule) -> bool {
        self.combined.steps.iter().any(|step| step.rule == rule)
    }

    fn take(&mut self, rule: Rule, verdict: Verdict, look: &Look<'_>) {
        match verdict {
            Verdict::Silent => {}
            Verdict::Asks(Ask { give, because }) => {
                let known = self
                    .questions
                    .iter_mut()
                    .find(|question| question.give == give);
                match known {
                    Some(question) => {
                        question.rules.push(rule);
                        if question.because.is_empty() {
                            question.because = because;
                        }
                    }
                    None => self.questions.push(Question {
                        give,
                        because,
                        rules: vec![rule],
                    }),
                }
            }
            Verdict::Declines(reason) => self.not_offered.push(NotOffered { rule, reason }),
            Verdict::Claims(claim) => self.claims.push(Claim { rule, claim }),
            Verdict::Reports(proposal) => {
                let finding = finding(rule, *proposal, look.cost, look.cost, Usd::ZERO);
                self.findings.push(finding);
            }
            Verdict::Proposes(proposals) => match cheapest(look, proposals) {
                Best::Saves(proposal, cost, saving) => {
                    self.doubts(&cost.less(look.cost));
                    if let Some(served) = look.cost.served.first() {
                        self.elsewhere(rule, &cost.less(look.cost), &served.region);
                    }
                    self.use_rates(cost.less(look.cost));
                    self.findings
                        .push(finding(rule, *proposal, look.cost, &cost, saving));
                }
                Best::SavesNothing(reason) => self.not_offered.push(NotOffered { rule, reason }),
                Best::Nothing => {}
            },
        }
    }
}

impl Savings {
    fn use_rates<'a>(&mut self, lines: impl IntoIterator<Item = &'a Line>) {
        for (name, basis) in lines.into_iter().filter_map(Line::rate) {
            let is_known = |(other, of): &(String, Basis)| *other == name && *of == basis;
            if !self.rates.iter().any(is_known) {
                self.rates.push((name, basis));
            }
        }
    }

    /// Notes rates of a proposal that are of another region; those of the baseline are in its own notes.
    fn elsewhere(&mut self, rule: Rule, lines: &[&Line], region: &Region) {
        let regions = lines.iter().find_map(|line| line.elsewhere());
        if let Some(regions) = regions {
            let text = format!(
                "{rule} rests on a rate that is not listed for {region}: that of {} stands in; check that AWS offers it there",
                regions.join(", ")
            );
            self.notes.push(Note {
                code: "other_region",
                text,
            });
        }
    }

    /// Notes rates of a proposal on which sources disagree; those of the baseline are in its own notes.
    fn doubts(&mut self, lines: &[&Line]) {
        let mut told: Vec<Basis> = Vec::new();
        for (name, basis) in lines.iter().filter_map(|line| line.rate()) {
            let is_known = self.rates.iter().any(|(_, known)| *known == basis);
            let doubt = basis
                .doubt()
                .filter(|(code, _)| *code == "sources_disagree");
            if let Some((code, has)) = doubt
                && !is_known
                && !told.contains(&basis)
            {
                told.push(basis);
                let text = format!("the rate of {name} {has}");
                self.notes.push(Note { code, text });
            }
        }
    }
}

/// The best of some proposals.
enum Best {
    Saves(Box<Proposal>, Cost, Usd),
    /// The best would raise the cost or has no price, and why.
    SavesNothing(String),
    /// There is nothing to say.
    Nothing,
}

fn cheapest(look: &Look<'_>, proposals: Vec<Proposal>) -> Best {
    let mut best: Option<(Proposal, Cost, Decimal)> = None;
    let mut problem = None;
    for proposal in proposals {
        let cost = look.price(&proposal.case);
        let saving = cost.and_then(|cost| {
            let saving = arithmetic::minus(look.cost.monthly.amount(), cost.monthly.amount())?;
            Ok((cost, saving))
        });
        match saving {
            Ok((cost, saving)) => {
                if best.as_ref().is_none_or(|(_, _, known)| saving > *known) {
                    best = Some((proposal, cost, saving));
                }
            }
            Err(unpriced) if !proposal.quiet => {
                problem.get_or_insert_with(|| unpriced.to_string());
            }
            Err(_) => {}
        }
    }
    match (best, problem) {
        (Some((proposal, cost, saving)), _) if saving > Decimal::ZERO => {
            Best::Saves(Box::new(proposal), cost, Usd::new(saving))
        }
        (Some((proposal, ..)), _) if proposal.quiet => Best::Nothing,
        (Some((proposal, _, saving)), _) => {
            let Proposal { title, caveat, .. } = proposal;
            let more = -Usd::new(saving);
            Best::SavesNothing(if saving.is_zero() {
                format!("{title}: costs the same{caveat}")
            } else {
                format!("{title}: would cost {more} USD more a month{caveat}")
            })
        }
        (None, Some(problem)) => Best::SavesNothing(problem),
        (None, None) => Best::Nothing,
    }
}

fn finding(rule: Rule, proposal: Proposal, from: &Cost, to: &Cost, saving: Usd) -> Finding {
    Finding {
        rule,
        title: proposal.title,
        evidence: proposal.evidence,
        baseline: from.monthly,
        proposed: to.monthly,
        saving,
        formula: if saving == Usd::ZERO {
            String::new()
        } else {
            difference(from, to, saving)
        },
        lines: to.less(from).into_iter().map(Line::formula).collect(),
        assumption: proposal.assumption,
        confidence: proposal.confidence,
        effort: proposal.effort,
        excludes: others(rule, proposal.excludes),
    }
}

/// Returns what a finding excludes: a list that several rules share may name the rule itself.
fn others(rule: Rule, excluded: &[Rule]) -> Vec<Rule> {
    let others = excluded.iter().filter(|other| **other != rule);
    others.copied().collect()
}

/// Returns what must be said with the baseline: surcharges, doubts about rates.
fn notes(look: &Look<'_>) -> Result<Vec<Note>, WorkloadError> {
    let scenario = look.case.checked(look.prices.day)?;
    let mut notes = Vec::new();
    for part in &look.case.parts {
        let estimate = estimate_model(look.prices.book, &scenario, &part.model)
            .map_err(|problem| refused(part.model.clone(), problem))?;
        notes.extend(estimate.notes);
    }
    Ok(notes)
}

fn refused(model: String, problem: Problem) -> WorkloadError {
    ScenarioError::Models(vec![RefusedModel { model, problem }]).into()
}

/// Returns the part of an amount that another is, in percent with two decimal places.
fn percent(part: Decimal, of: Decimal) -> Decimal {
    let percent = part
        .checked_mul(Decimal::ONE_HUNDRED)
        .and_then(|part| arithmetic::quotient(part, of, 2));
    percent.unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests;
