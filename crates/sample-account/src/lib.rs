//! A simulated AWS account behind the real AWS wire protocols.

pub mod fault;
pub mod ledger;
