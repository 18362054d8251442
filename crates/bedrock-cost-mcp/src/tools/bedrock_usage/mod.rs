//! `bedrock_usage`: what runs on Bedrock now, before the bill arrives, from CloudWatch alone.

mod question;
#[cfg(test)]
mod tests;
mod words;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, Flag, List, Whole},
    asking, metered,
    reply::Reply,
    table::Page,
};
use crate::error::ToolError;
use question::Question;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Arguments of `bedrock_usage`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Default -24h
    start_time: Option<String>,
    end_time: Option<String>,
    /// One or more
    region: Option<List<String>>,
    /// Adds a PNG
    chart: Option<Flag>,
    /// full: by id called, each kind of token
    detail: Option<String>,
    limit: Option<Whole>,
    cursor: Option<Cursor>,
    dry_run: Option<Flag>,
    #[schemars(extend("x-hidden" = true))]
    profile: Option<String>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// Over all rows.
    totals: Map<String, Value>,
    #[serde(flatten)]
    page: Page,
    guardrails: Map<String, Value>,
    /// Provisioned throughput, which is billed by the hour.
    provisioned: Vec<Value>,
    #[schemars(skip)]
    regions: Vec<String>,
    #[schemars(skip)]
    range: String,
    /// Over how long a stretch a peak by the minute is the average, where that is not a minute.
    #[schemars(skip)]
    peaks_over_seconds: Option<u32>,
    /// When the oldest of the rates was checked.
    #[schemars(skip)]
    list_rates: Option<String>,
}

impl Tool for Arguments {
    const NAME: &'static str = "bedrock_usage";
    const TITLE: &'static str = "Bedrock usage now";
    const DESCRIPTION: &'static str = "What runs on Bedrock before the bill arrives, by model, from CloudWatch: requests, tokens, cost at list rates, cache hits, latency, \
         throttles, errors, peaks, guardrails, provisioned. No Cost Explorer charge; batch is not metered.";
    const TOOLSET: Toolset = Toolset::Cloudwatch;
    const ALIASES: Aliases = &[
        ("start", "start_time"),
        ("end", "end_time"),
        ("start_date", "start_time"),
        ("end_date", "end_time"),
        ("regions", "region"),
    ];
    const STRUCTURED: &'static [&'static str] = &["region"];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let (question, corrections) = Question::read(&self, call.now())?;
        if self.dry_run.unwrap_or_default().0 {
            return Ok(asking::dry_run(
                question.shown(),
                Decimal::new(1, 2),
                "at most for 60 ids: some 15 metrics of each at 0.01 USD per 1,000",
            )
            .corrected(corrections));
        }
        let book = call.prices().await?;
        let places = question.places(call, self.profile.as_ref()).await;
        let (found, failed) = metered::regions(call, places, &question.wanted(), book).await?;
        Ok(words::reply(&question, found, &failed, book, call).corrected(corrections))
    }
}
