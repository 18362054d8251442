//! Prices, usage types, scenarios and optimization rules of Amazon Bedrock: pure and exact.
#![warn(clippy::float_arithmetic)]

pub mod inference;
pub mod names;
pub mod region;
