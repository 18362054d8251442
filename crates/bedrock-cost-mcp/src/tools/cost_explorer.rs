//! `cost_explorer`: what AWS charged and what is forecast, from Cost Explorer.

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Flag, List, Loose, Whole},
    reply::Reply,
};
use crate::error::ToolError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Arguments of `cost_explorer`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// getCostAndUsage (default)
    operation: Option<String>,
    start_date: Option<String>,
    max_pages: Option<Whole>,
    metrics: Option<List<String>>,
    filters: Option<Loose>,
    dry_run: Option<Flag>,
}

/// Fields of the answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Answer {
    total: Option<String>,
}

impl Tool for Arguments {
    const NAME: &'static str = "cost_explorer";
    const TITLE: &'static str = "Cost Explorer";
    const DESCRIPTION: &'static str = "x";
    const TOOLSET: Toolset = Toolset::Billing;
    const ALIASES: Aliases = &[("filter", "filters")];
    const STRUCTURED: &'static [&'static str] = &["group_by", "metrics", "filters"];
    type Answer = Answer;

    async fn answer(self, _call: &Call) -> Result<Reply, ToolError> {
        Ok(Reply::new(
            "x",
            &Answer {
                total: self.operation,
            },
        ))
    }
}
