//! `bedrock_spend`: what Bedrock cost, by what, and why it changed, in one call.

mod bill;
mod metered;
mod picture;
mod question;
mod requests;
#[cfg(test)]
mod tests;
mod words;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, Flag, List, Whole},
    asking,
    reply::Reply,
    table::Page,
};
use crate::{
    aws::{Target, cost_explorer::Link},
    error::ToolError,
};
use question::Question;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicU32, Ordering};

/// Arguments of `bedrock_spend`.
#[expect(
    clippy::doc_markdown,
    reason = "the descriptions are product text, read by models"
)]
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Default last_month
    start_date: Option<String>,
    /// Exclusive
    end_date: Option<String>,
    /// Up to 2: model, token_type, tier, routing, account, region, service, day, month, tag:KEY
    by: Option<List<String>>,
    #[schemars(extend("x-hidden" = true))]
    granularity: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    metric: Option<String>,
    /// Default true
    compare: Option<Flag>,
    /// all adds Lambda, S3, ...
    service: Option<String>,
    /// Month end
    forecast: Option<Flag>,
    /// Billed beside CloudWatch's tokens
    reconcile: Option<Flag>,
    /// Adds a PNG
    chart: Option<Flag>,
    /// full
    detail: Option<String>,
    limit: Option<Whole>,
    cursor: Option<Cursor>,
    dry_run: Option<Flag>,
    #[schemars(extend("x-hidden" = true))]
    profile: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    max_pages: Option<Whole>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// Before credits and refunds.
    total_usd: Option<Value>,
    #[schemars(skip)]
    credits_and_refunds_usd: Option<Value>,
    #[schemars(skip)]
    net_usd: Option<Value>,
    /// Of the service name that was asked for, where it is not all of Bedrock.
    #[schemars(skip)]
    as_requested_usd: Option<Value>,
    /// What the answer lacks where not every page was read.
    #[schemars(skip)]
    partial: Option<String>,
    #[serde(flatten)]
    page: Page,
    /// Whether the rates charged are those of the price book, and when these were checked.
    #[schemars(skip)]
    list_rates: Option<String>,
    change: Option<Map<String, Value>>,
    cause: Option<String>,
    cache: Option<Map<String, Value>>,
    #[schemars(skip)]
    unclassified_usd: Option<Value>,
    #[schemars(skip)]
    around_usd: Option<Value>,
    #[schemars(skip)]
    around: Vec<Value>,
    #[schemars(skip)]
    forecast: Option<Map<String, Value>>,
    #[schemars(skip)]
    reconciliation: Option<Map<String, Value>>,
    #[schemars(skip)]
    period: Option<String>,
}

impl Tool for Arguments {
    const NAME: &'static str = "bedrock_spend";
    const TITLE: &'static str = "Bedrock spend";
    const DESCRIPTION: &'static str = "What Bedrock cost, by what, and why it changed: under every service name, with tokens, \
         effective and list USD per 1M, cache savings, and volume, rate and mix. About 0.03 USD.";
    const TOOLSET: Toolset = Toolset::Billing;
    const ALIASES: Aliases = &[
        ("start", "start_date"),
        ("end", "end_date"),
        ("group_by", "by"),
        ("metrics", "metric"),
        ("services", "service"),
    ];
    const STRUCTURED: &'static [&'static str] = &["by"];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let (question, corrections) = Question::read(&self, call.today())?;
        if self.dry_run.unwrap_or_default().0 {
            let price = Decimal::new(i64::from(question.most_requests()), 2);
            return Ok(asking::dry_run(
                question.shown(),
                price,
                "at most, and 0.01 USD for each page after the first of a request",
            )
            .corrected(corrections));
        }
        let book = call.prices().await?;
        let target = Target {
            profile: self.profile.clone(),
            region: None,
        };
        let read = AtomicU32::new(0);
        let on_page = |_: u32| {
            let pages = read.fetch_add(1, Ordering::Relaxed) + 1;
            call.progress(pages, None, format!("{pages} pages of Cost Explorer read"));
        };
        let link = Link {
            aws: &call.aws,
            meter: &call.meter,
            target: &target,
            max_pages: question.max_pages,
            on_page: &on_page,
        };
        let mut bill = bill::collect(&link, &question).await?;
        let reconciled = if question.reconcile {
            // The bill stands without the metrics beside it.
            match metered::collect(call, &link, &question, &bill, book).await {
                Ok(reconciled) => Some(reconciled),
                Err(error) => {
                    bill.not_reconciled(&error);
                    None
                }
            }
        } else {
            None
        };
        let reply = words::reply(&question, &bill, reconciled.as_ref(), book, call.today());
        Ok(reply.corrected(corrections))
    }
}
