//! The other ways to serve the same workload: what each costs a month and what it changes.

use std::fmt;

use rust_decimal::Decimal;

use super::arguments::CacheTtl;
use super::arithmetic::Inexact;
use super::component::{CostComponent, total};
use super::error::Problem;
use super::serving::{Place, Served, Serving, rate_change};
use crate::inference::{Commitment, ReservedTerm, Routing, Tier};
use crate::money::Usd;
use crate::tokens::TokenKind;

/// A way to serve a workload that differs in one thing from the workload as it is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanKind {
    /// Another tier; batch runs every request as batch inference.
    Tier(Tier),
    /// The other routing.
    Routing(Routing),
    /// Nothing as batch inference.
    WithoutBatch,
    /// Without the prompt cache.
    WithoutCache,
    /// The prompt cache with another lifetime.
    Cache(CacheTtl),
    /// Provisioned throughput.
    Provisioned(Commitment),
    /// Reserved tokens a minute.
    Reserved(ReservedTerm),
    /// One's own weights on custom model units.
    CustomImport,
}

impl fmt::Display for PlanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tier(tier) => write!(f, "{tier}"),
            Self::Routing(routing) => write!(f, "{routing} routing"),
            Self::WithoutBatch => f.write_str("without batch"),
            Self::WithoutCache => f.write_str("without prompt caching"),
            Self::Cache(ttl) => write!(f, "prompt caching {ttl}"),
            Self::Provisioned(Commitment::None) => f.write_str("provisioned, no commitment"),
            Self::Provisioned(commitment) => write!(f, "provisioned {commitment}"),
            Self::Reserved(term) => write!(f, "reserved {term}"),
            Self::CustomImport => f.write_str("custom model import"),
        }
    }
}

/// What a plan costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it is.
    pub kind: PlanKind,
    /// US dollars a month, everything included.
    pub monthly: Usd,
    /// The cost as described less that of the plan: below zero when the plan is dearer.
    pub saving: Usd,
    /// The lines of the cost.
    pub components: Vec<CostComponent>,
    /// What changes, in one line.
    pub change: String,
    /// From where on it pays, for capacity that is billed whether used or not.
    pub break_even: Option<BreakEven>,
}

/// From where on capacity is cheaper than on-demand inference at the standard tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakEven {
    /// Capacity whose throughput is not published.
    Requests {
        /// Requests of this size a month, rounded up.
        a_month: Decimal,
        /// The same as a multiple of the requests given, to 4 decimal places.
        times_given: Decimal,
    },
    /// Capacity in tokens a minute.
    Utilisation {
        /// The part of the capacity, by on-demand cost, that must be used around the clock; above 1 it never pays.
        needed: Decimal,
        /// The part that the workload uses.
        given: Decimal,
    },
}

impl fmt::Display for BreakEven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requests {
                a_month,
                times_given,
            } => write!(
                f,
                "pays from {a_month} requests a month, {times_given} x those given; throughput of a unit is not published"
            ),
            Self::Utilisation { needed, given } => {
                let percent = |part: &Decimal| (*part * Decimal::ONE_HUNDRED).normalize();
                write!(
                    f,
                    "pays above {}% utilisation around the clock, the workload has {}%",
                    percent(needed),
                    percent(given)
                )
            }
        }
    }
}

/// A plan that has no figure, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotComputed {
    /// The plan.
    pub kind: PlanKind,
    /// Why it has no figure.
    pub why: Why,
}

/// Why a plan has no figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It does not exist for the model. The text says what does.
    Absent(Problem),
    /// It exists, and something must be said before it can be computed.
    Needs(&'static str),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(problem) => write!(f, "{problem}"),
            Self::Needs(what) => write!(f, "needs {what}"),
        }
    }
}

/// Collects plans beside the cost they are compared with.
#[derive(Debug)]
pub(super) struct Plans<'a> {
    pub(super) place: &'a Place<'a>,
    pub(super) extras: &'a [CostComponent],
    /// The monthly cost as described.
    pub(super) described: Usd,
    pub(super) computed: Vec<Plan>,
    pub(super) not_computed: Vec<NotComputed>,
}

impl Plans<'_> {
    /// Adds a plan made of token or capacity components; the extras are the same in every plan.
    pub(super) fn add(
        &mut self,
        kind: PlanKind,
        mut components: Vec<CostComponent>,
        change: String,
        break_even: Option<BreakEven>,
    ) -> Result<(), Inexact> {
        components.extend_from_slice(self.extras);
        let monthly = total(&components)?;
        let saving = super::arithmetic::minus(self.described.amount(), monthly.amount())?;
        self.computed.push(Plan {
            kind,
            monthly,
            saving: Usd::new(saving),
            components,
            change,
            break_even,
        });
        Ok(())
    }

    pub(super) fn absent(&mut self, kind: PlanKind, problem: Problem) {
        let why = Why::Absent(problem);
        self.not_computed.push(NotComputed { kind, why });
    }

    pub(super) fn needs(&mut self, kind: PlanKind, what: &'static str) {
        let why = Why::Needs(what);
        self.not_computed.push(NotComputed { kind, why });
    }

    /// Adds the tiers, routings and cache lifetimes that differ from what is described.
    pub(super) fn variants(
        &mut self,
        serving: &Serving,
        described: &Served,
    ) -> Result<(), Inexact> {
        let at_once = if serving.tier == Tier::Batch {
            Decimal::ZERO
        } else {
            serving.batch_share
        };
        for tier in Tier::ALL.iter().copied() {
            if tier != serving.tier {
                let other = Serving {
                    tier,
                    batch_share: at_once,
                    ..*serving
                };
                self.variant(PlanKind::Tier(tier), &other, described)?;
            }
        }
        let routing = match serving.routing {
            Routing::Regional => Routing::Global,
            Routing::Global => Routing::Regional,
        };
        let other = Serving {
            routing,
            ..*serving
        };
        self.variant(PlanKind::Routing(routing), &other, described)?;
        if serving.tier == Tier::Batch {
            return Ok(());
        }
        if !serving.batch_share.is_zero() {
            let other = Serving {
                batch_share: Decimal::ZERO,
                ..*serving
            };
            self.variant(PlanKind::WithoutBatch, &other, described)?;
        }
        let Some(cache) = serving.cache else {
            return Ok(());
        };
        let other = Serving {
            cache: None,
            ..*serving
        };
        self.variant(PlanKind::WithoutCache, &other, described)?;
        for ttl in CacheTtl::listed(self.place.card(&described.rates)) {
            if described.ttl != Some(ttl) {
                let cache = Some(super::validate::CacheUse {
                    ttl: Some(ttl),
                    ..cache
                });
                let other = Serving { cache, ..*serving };
                self.variant(PlanKind::Cache(ttl), &other, described)?;
            }
        }
        Ok(())
    }

    fn variant(
        &mut self,
        kind: PlanKind,
        serving: &Serving,
        described: &Served,
    ) -> Result<(), Inexact> {
        let mut uncached = false;
        let served = self.place.serve(serving).or_else(|problem| {
            if serving.cache.is_none() || !is_about_the_cache(&problem) {
                return Err(problem);
            }
            // The tier exists, only its cache does not.
            uncached = true;
            self.place.serve(&Serving {
                cache: None,
                ..*serving
            })
        });
        let served = match served {
            Ok(served) => served,
            Err(Problem::Inexact(inexact)) => return Err(inexact),
            Err(problem) => {
                self.absent(kind, problem);
                return Ok(());
            }
        };
        let change = self.change(kind, serving, described, &served, uncached);
        self.add(kind, served.components, change, None)
    }

    fn change(
        &self,
        kind: PlanKind,
        serving: &Serving,
        described: &Served,
        served: &Served,
        uncached: bool,
    ) -> String {
        let (old, new) = (
            self.place.card(&described.rates),
            self.place.card(&served.rates),
        );
        match kind {
            PlanKind::WithoutCache => "the whole prompt is billed as input".to_owned(),
            PlanKind::WithoutBatch => "every request is answered at once".to_owned(),
            PlanKind::Cache(ttl) => {
                let rate = new.get(ttl.write_kind());
                rate.map_or_else(String::new, |rate| {
                    format!("the prefix lives {ttl}, a write costs {rate} USD per 1M tokens")
                })
            }
            _ => {
                let mut text = rate_change(old, new, described.ttl);
                if serving.cache.is_some() && (uncached || serving.tier == Tier::Batch) {
                    text.push_str("; the cache is not used");
                }
                text
            }
        }
    }
}

fn is_about_the_cache(problem: &Problem) -> bool {
    match problem {
        Problem::NoCache { .. } | Problem::CacheTtl { .. } => true,
        Problem::MissingRate { kind, .. } => !matches!(kind, TokenKind::Input | TokenKind::Output),
        _ => false,
    }
}
