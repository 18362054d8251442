//! What watches Bedrock's costs in an account, what nothing watches, and a plan that closes the gaps.
//!
//! Coverage compares what exists with what ran and what it cost. A gap is something that no budget, monitor,
//! subscription or alarm would tell anybody; a flaw is something that exists and does not do what it was made for.
//! The plan holds new resources only, so that applying it changes nothing that exists.

mod cli;
mod cloudformation;
mod coverage;
mod existing;
mod hcl;
mod plan;
mod shape;
mod terraform;
#[cfg(test)]
mod tests;
mod threshold;
mod usage;
mod yaml;

pub use cli::commands;
pub use cloudformation::{leaves_out_budget, template};
pub use coverage::{Coverage, Flaw, Gap, Need, Signal};
pub use existing::{
    Existing, WatchedAlarm, WatchedBudget, WatchedMonitor, WatchedSeries, WatchedSubscription,
};
pub use plan::{Notify, NotifyError, Plan, PlannedAlarm, PlannedBudget, PlannedSubscription, Term};
pub use terraform::configuration;
pub use threshold::{Distribution, Rule, Threshold};
pub use usage::{
    CACHE_READ, CACHE_WRITE, INPUT, INVOCATIONS, MODEL, MeteredSeries, NAMESPACE, OUTPUT,
    ServiceSpend, TOKEN_METRICS, Usage,
};
