//! `doctor`: who asks, where, and what is missing.

use super::output;
use crate::aws::{Aws, Target};
use std::process::ExitCode;

pub(super) async fn run(aws: &Aws, _billed: bool, _json: bool) -> ExitCode {
    output::answer(&format!("region: {}", aws.region(&Target::default()).await));
    ExitCode::SUCCESS
}
