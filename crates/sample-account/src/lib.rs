//! A simulated AWS account behind the real AWS wire protocols.
//!
//! [`SampleAccount`] takes HTTP requests as the AWS SDKs send them and answers as AWS would: it
//! refuses what AWS refuses, with AWS's error types, and answers the rest from one deterministic
//! ledger. It runs inside another program, or as the program `sample-account` on a loopback port.

mod account;
mod answer;
pub mod bedrock;
pub mod budgets;
mod catalog;
pub mod cloudwatch;
mod constraint;
pub mod cost_explorer;
mod decode;
pub mod fault;
mod fault_plan;
mod journal;
pub mod ledger;
mod model;
mod output;
mod paging;
pub mod pricing;
pub mod program;
mod rules;
mod service;
pub mod sts;
mod table;
mod wire;

pub use account::{OptIns, SampleAccount, WireFailure};
pub use fault_plan::{Disturbance, FaultPlan, FaultRule, FaultRuleError};
pub use journal::{Counters, JournalEntry, Outcome};
