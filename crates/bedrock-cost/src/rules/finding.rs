//! What a rule comes to: a finding with its saving, a question, a claim of a vendor, or nothing.

use rust_decimal::Decimal;

use super::Rule;
use super::case::{Case, Cost, Prices, Unpriced};
use super::workload::Workload;
use crate::inference::{Routing, Tier};
use crate::money::Usd;
use crate::names::named;
use crate::price_book::{RateQuery, Rates};
use crate::scenario::{VendorClaim, arithmetic};

named! {
    /// How sure it is that the saving arrives.
    pub enum Confidence as "confidence" {
        /// It depends on something nobody has tried yet, such as the quality of another model.
        Low = "low",
        /// It depends on what the caller says about the workload.
        Medium = "medium",
        /// It follows from the rates.
        High = "high",
    }
}

named! {
    /// How much work the change is.
    pub enum Effort as "effort" {
        /// A setting.
        Low = "low",
        /// Days: a pipeline, an evaluation.
        Medium = "medium",
        /// Weeks.
        High = "high",
    }
}

/// What a rule looks at.
pub(super) struct Look<'a> {
    pub(super) prices: Prices<'a>,
    pub(super) workload: &'a Workload,
    /// The workload after the changes made so far.
    pub(super) case: &'a Case,
    /// What the case costs.
    pub(super) cost: &'a Cost,
}

impl Look<'_> {
    /// Prices another case.
    pub(super) fn price(&self, case: &Case) -> Result<Cost, Unpriced> {
        case.price(self.prices)
    }

    /// Returns what a case would save, when it has a price and saves something.
    pub(super) fn saving(&self, case: &Case) -> Option<Usd> {
        let proposed = self.price(case).ok()?.monthly.amount();
        let saving = arithmetic::minus(self.cost.monthly.amount(), proposed).ok()?;
        (saving > Decimal::ZERO).then(|| Usd::new(saving))
    }

    /// Tells whether every model in use has rates at this tier.
    pub(super) fn lists(&self, tier: Tier) -> bool {
        self.all_have(tier, None, |_| true)
    }

    /// Tells whether every model in use has rates with this routing.
    pub(super) fn lists_routing(&self, routing: Routing) -> bool {
        self.all_have(self.case.tier(), Some(routing), |_| true)
    }

    /// Tells whether the present rates of every model in use are so.
    pub(super) fn all_list(&self, wanted: impl Fn(&Rates) -> bool) -> bool {
        self.all_have(self.case.tier(), None, wanted)
    }

    fn all_have(
        &self,
        tier: Tier,
        routing: Option<Routing>,
        wanted: impl Fn(&Rates) -> bool,
    ) -> bool {
        !self.cost.served.is_empty()
            && self.cost.served.iter().all(|served| {
                let query = RateQuery {
                    region: served.region.clone(),
                    routing: routing.unwrap_or(served.routing),
                    tier,
                    date: self.prices.day,
                };
                let rates = served.model.rates_if_listed(&query);
                rates.is_some_and(|rates| wanted(&rates))
            })
    }

    /// Tells whether the requests have no prompt tokens.
    pub(super) fn has_no_input(&self) -> bool {
        let input = self.case.scenario.input_tokens;
        input.is_none_or(|tokens| tokens.is_zero())
    }

    /// Names the models that serve the requests.
    pub(super) fn models(&self) -> String {
        let names = self.cost.served.iter().map(|served| served.model.name());
        names.collect::<Vec<_>>().join(", ")
    }
}

/// What a rule says about a workload.
pub(super) enum Verdict {
    /// It does not concern the workload.
    Silent,
    /// It cannot be computed before something is said.
    Asks(Ask),
    /// The change is not to be had, and why.
    Declines(String),
    /// A vendor claims a saving that nothing computes.
    Claims(VendorClaim),
    /// Something to know that saves nothing by itself.
    Reports(Box<Proposal>),
    /// Changes of which one can be made: the cheapest counts.
    Proposes(Vec<Proposal>),
}

/// A change that a rule proposes.
pub(super) struct Proposal {
    /// The workload after the change.
    pub(super) case: Case,
    /// What to do, in a few words.
    pub(super) title: String,
    /// What in the workload speaks for it.
    pub(super) evidence: String,
    /// What has to hold for the saving.
    pub(super) assumption: String,
    pub(super) confidence: Confidence,
    pub(super) effort: Effort,
    /// Rules that cannot be applied beside this one.
    pub(super) excludes: &'static [Rule],
    /// What the cost depends on, said where it saves nothing; mostly empty.
    pub(super) caveat: String,
    /// Whether nobody needs to hear of it when it saves nothing.
    pub(super) quiet: bool,
}

/// A saving, computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What to do, in a few words.
    pub title: String,
    /// What in the workload speaks for it.
    pub evidence: String,
    /// US dollars a month of the whole workload as it is.
    pub baseline: Usd,
    /// US dollars a month of the whole workload with this change alone.
    pub proposed: Usd,
    /// The difference: above zero, or zero for what is only to be known.
    pub saving: Usd,
    /// The saving as the cost lines that go less those that come.
    pub formula: String,
    /// The cost lines that come, each with its name and formula.
    pub lines: Vec<String>,
    /// What has to hold for the saving.
    pub assumption: String,
    /// How sure it is that the saving arrives.
    pub confidence: Confidence,
    /// How much work the change is.
    pub effort: Effort,
    /// Rules that cannot be applied beside this one.
    pub excludes: Vec<Rule>,
}

/// A change that would raise the cost, or is not to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOffered {
    /// The rule.
    pub rule: Rule,
    /// Why.
    pub reason: String,
}

/// What a rule would have to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The argument and its form.
    pub give: &'static str,
    /// What is known already that depends on it, where there is something.
    pub because: String,
}

impl Ask {
    pub(super) const fn new(give: &'static str) -> Self {
        Self {
            give,
            because: String::new(),
        }
    }
}

/// A question and the rules that wait for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The argument and its form.
    pub give: &'static str,
    /// What is known already that depends on it, where there is something.
    pub because: String,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// A claim that is never part of a saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The rule.
    pub rule: Rule,
    /// The vendor's words.
    pub claim: VendorClaim,
}
