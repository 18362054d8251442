//! `get_metric_data`: several CloudWatch metrics and calculations over them, side by side.

mod columns;
mod queries;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, Flag, Loose, Whole, quoted, snake_case},
    asking,
    get_metric_statistics::scope,
    metric_gaps,
    metric_page::Page,
    metric_rules, metric_series,
    reply::{Reply, Warning},
};
use crate::{
    aws::cloudwatch::{Ask, DataQuery, Line, get_metric_data},
    error::ToolError,
};
use columns::{columns, side_by_side};
use queries::{checked, effective, read};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const DEFAULT_PAGES: i64 = 10;
const MOST_PAGES: i64 = 100;

/// Arguments of `get_metric_data`.
#[expect(
    clippy::doc_markdown,
    reason = "product text that every conversation pays for"
)]
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// [{id, metric_stat: {metric: {namespace, metric_name, dimensions}, period, stat}} or {id, expression}]
    metric_data_queries: Loose,
    /// ISO or -24h
    start_time: Option<String>,
    end_time: Option<String>,
    /// Rows are TimestampAscending unless TimestampDescending
    scan_by: Option<String>,
    max_pages: Option<Whole>,
    region: Option<String>,
    profile: Option<String>,
    dry_run: Option<Flag>,
    /// full: every point
    detail: Option<String>,
    limit: Option<Whole>,
    cursor: Option<Cursor>,
}

/// Fields of the answer. The output schema, which every conversation pays for, names those that carry it.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    region: String,
    #[schemars(skip)]
    range: String,
    #[schemars(skip)]
    points: usize,
    summary: Map<String, Value>,
    no_data: Vec<String>,
    #[schemars(skip)]
    rows_are: Option<String>,
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    #[schemars(skip)]
    next_cursor: Option<String>,
}

impl Tool for Arguments {
    const NAME: &'static str = "get_metric_data";
    const TITLE: &'static str = "Metric data";
    const DESCRIPTION: &'static str = "Several CloudWatch metrics and math expressions side by side: totals per id, ratios of totals, a short series. 0.01 USD per 1,000 metrics.";
    const TOOLSET: Toolset = Toolset::Cloudwatch;
    const ALIASES: Aliases = &[
        ("queries", "metric_data_queries"),
        ("metric_queries", "metric_data_queries"),
        ("start", "start_time"),
        ("end", "end_time"),
        ("start_date", "start_time"),
        ("end_date", "end_time"),
    ];
    const STRUCTURED: &'static [&'static str] = &["metric_data_queries"];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let target = asking::target(self.region.as_deref(), self.profile.clone())?;
        let full = asking::wants_full(self.detail.as_deref())?;
        let page = Page::read(full, self.limit, self.cursor.as_ref())?;
        let descending = descending(self.scan_by.as_deref())?;
        let pages = pages(self.max_pages)?;
        let mut corrections = Vec::new();
        let given = read(&self.metric_data_queries.0, &mut corrections)?;
        let bounds = (self.start_time.as_deref(), self.end_time.as_deref());
        let dry = self.dry_run.is_some_and(|flag| flag.0);
        let (queries, range) = match checked(&given, bounds, call.now(), &mut corrections) {
            Ok(sound) => sound,
            Err(refusal) if dry => return Err(refusal),
            Err(refusal) => {
                return Err(metric_gaps::with_current_models(call, &target, bounds, refusal).await);
            }
        };
        let region = call.aws.region(&target).await;
        if dry {
            let stats = queries
                .iter()
                .filter(|query| matches!(query.ask, Ask::Stat { .. }))
                .count();
            let price = Decimal::new(i64::try_from(stats).unwrap_or(i64::MAX), 5);
            let note =
                "0.01 USD per 1,000 metrics on each page; a SEARCH costs as many as it finds";
            return Ok(
                asking::dry_run(effective(&queries, range, &region), price, note)
                    .corrected(corrections),
            );
        }
        let on_page = |done| call.progress(done, None, format!("{done} pages of metric data read"));
        let data = get_metric_data(
            &call.aws,
            &call.meter,
            &target,
            &queries,
            range,
            pages,
            &on_page,
        )
        .await?;

        let mut warnings: Vec<Warning> = data
            .messages
            .iter()
            .map(|text| Warning::new("cloudwatch_says", text.clone()))
            .collect();
        if data.more {
            warnings.push(Warning::new(
                "more_pages",
                format!("only the first {} pages were read, so totals are too low: raise max_pages or the period", data.pages),
            ));
        }
        warnings.extend(metric_rules::partly_expired(range, call.now()));
        let no_data: Vec<String> = queries
            .iter()
            .filter(|query| {
                query.return_data
                    && !data
                        .lines
                        .iter()
                        .any(|line| line.id == query.id && !line.points.is_empty())
            })
            .map(|query| query.id.clone())
            .collect();
        if !no_data.is_empty() {
            warnings.push(Warning::new(
                "no_data",
                why_no_data(&queries, &no_data, &region),
            ));
        }
        let lines: Vec<&Line> = data
            .lines
            .iter()
            .filter(|line| !line.points.is_empty())
            .collect();
        let raw = side_by_side(&lines);
        let columns = columns(&lines, &queries);
        let summary = metric_series::summary(&raw, &columns);
        let headline = headline(&summary, raw.rows.len(), &region);
        let (step, shown, next_cursor) = page.of(&raw, columns.len());
        let mut rows = metric_series::table(&shown, &columns, step);
        if descending {
            rows.reverse();
        }
        let answer = Answer {
            region: region.clone(),
            range: format!("{}/{}", range.start(), range.end()),
            points: raw.rows.len(),
            summary,
            no_data,
            rows_are: (!step.is_point()).then(|| {
                format!(
                    "one row a {}, folded as in summary; a longer period or detail full gives other rows",
 step.each()
                )
            }),
            columns: if rows.is_empty() { Vec::new() } else { metric_series::header(&columns, step) },
            rows,
            next_cursor,
        };
        Ok(Reply::new(headline, &answer)
            .warn(warnings)
            .corrected(corrections)
            .effective(full.then(|| effective(&queries, range, &region))))
    }
}

fn descending(scan_by: Option<&str>) -> Result<bool, ToolError> {
    let plain = scan_by.map(|text| snake_case(text).replace('_', ""));
    match plain.as_deref() {
        None | Some("timestampascending" | "ascending") => Ok(false),
        Some("timestampdescending" | "descending") => Ok(true),
        Some(other) => Err(ToolError::invalid(
            format!("there is no order {}", quoted(other)),
            "use TimestampAscending or TimestampDescending",
        )),
    }
}

fn pages(given: Option<Whole>) -> Result<u32, ToolError> {
    let pages = given.map_or(DEFAULT_PAGES, |whole| whole.0);
    u32::try_from(pages)
        .ok()
        .filter(|_| (1..=MOST_PAGES).contains(&pages))
        .ok_or_else(|| {
            ToolError::invalid(
                format!("max_pages is {pages}"),
                format!("give a number from 1 to {MOST_PAGES}"),
            )
        })
}

fn why_no_data(queries: &[DataQuery], missing: &[String], region: &str) -> String {
    let metrics: Vec<String> = queries
        .iter()
        .filter(|query| missing.contains(&query.id))
        .map(|query| match &query.ask {
            Ask::Stat { metric, .. } => {
                format!("{} ({}, {})", query.id, metric.name, scope(metric))
            }
            Ask::Expression { .. } => format!("{} (expression)", query.id),
        })
        .take(10)
        .collect();
    format!(
        "no values in {region} for {}: no value is not 0; get_metric_statistics says why a metric has none",
        metrics.join(", ")
    )
}

fn headline(summary: &Map<String, Value>, points: usize, region: &str) -> String {
    if summary.is_empty() {
        return format!("no data in {region} for any query");
    }
    let parts: Vec<String> = summary
        .iter()
        .take(4)
        .filter_map(|(id, fields)| {
            let (what, value) = fields.as_object()?.iter().next()?;
            Some(format!("{id} {what} {value}"))
        })
        .collect();
    format!("{} over {points} points in {region}", parts.join(", "))
}
