//! Prices, usage types, scenarios and optimization rules of Amazon Bedrock: pure and exact.
#![warn(clippy::float_arithmetic)]
