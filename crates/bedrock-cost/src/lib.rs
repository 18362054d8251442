//! Prices, usage types, scenarios and optimization rules of Amazon Bedrock: pure and exact.
#![warn(clippy::float_arithmetic)]

pub mod clean;
pub mod cost_query;
pub mod cost_report;
pub mod cost_scope;
pub mod estimator;
mod exact;
pub mod guardrail;
pub mod inference;
pub mod metric_query;
pub mod model;
pub mod model_names;
pub mod money;
pub mod monitoring;
pub mod names;
pub mod period;
pub mod price_book;
pub mod price_list;
pub mod region;
pub mod rules;
pub mod scenario;
pub mod service_name;
pub mod spend;
pub mod time_range;
pub mod tokens;
pub mod usage;
pub mod usage_type;
