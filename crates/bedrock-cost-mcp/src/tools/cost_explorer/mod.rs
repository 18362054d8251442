//! `cost_explorer`: what AWS charged and what is forecast, from Cost Explorer.

mod charges;
mod request;
mod scope;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Flag, List, Loose, Whole},
    asking, choices,
    reply::{Correction, Reply, Warning, exact},
};
use crate::{
    aws::{
        Target,
        cost_explorer::{self, Comparison, Link, Part},
    },
    error::ToolError,
};
use bedrock_cost::cost_query::{CostLimits, CostQuery};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Arguments of `cost_explorer`.
#[expect(
    clippy::doc_markdown,
    clippy::doc_link_with_quotes,
    reason = "the descriptions are product text, read by models"
)]
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// getCostAndUsage (default), getDimensionValues, getTagsOrValues, getCostCategories, getCostForecast, getUsageForecast, getCostAndUsageComparisons, getCostComparisonDrivers, getCostAndUsageWithResources
    operation: Option<String>,
    /// YYYY-MM-DD, -30d, last_month
    start_date: Option<String>,
    /// Exclusive
    end_date: Option<String>,
    /// DAILY, MONTHLY, HOURLY
    granularity: Option<String>,
    /// ["UnblendedCost"]
    metrics: Option<List<String>>,
    /// At most 2 of {Type, Key}: DIMENSION, TAG, COST_CATEGORY, PRODUCT_ATTRIBUTE (model)
    group_by: Option<Loose>,
    /// Cost Explorer Expression
    filters: Option<Loose>,
    dimension: Option<String>,
    tag_key: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    search_string: Option<String>,
    /// all (default) or exact
    bedrock_scope: Option<String>,
    max_pages: Option<Whole>,
    /// full
    detail: Option<String>,
    limit: Option<Whole>,
    cursor: Option<String>,
    profile: Option<String>,
    dry_run: Option<Flag>,
    #[schemars(extend("x-hidden" = true))]
    cost_category: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    dimension_key: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    context: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    max_results: Option<Whole>,
    #[schemars(extend("x-hidden" = true))]
    prediction_interval_level: Option<Whole>,
    #[schemars(extend("x-hidden" = true))]
    baseline_start_date: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    baseline_end_date: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    comparison_start_date: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    comparison_end_date: Option<String>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// Where the figures stop when not every page was read.
    #[schemars(skip)]
    partial: Option<String>,
    /// One per metric.
    total: Option<Map<String, Value>>,
    bedrock: Option<Map<String, Value>>,
    columns: Option<Vec<String>>,
    rows: Option<Vec<Value>>,
    by_period: Option<Vec<Value>>,
    period: Option<Map<String, Value>>,
    more: Option<Map<String, Value>>,
}

/// Pages read unless the call says otherwise: a month by day and usage type is well inside.
const DEFAULT_MAX_PAGES: usize = 10;
/// More than this is an export, not a question.
const MOST_PAGES: usize = 100;
/// Rows of one answer at the most: what a model can still read.
const MOST_ROWS: usize = 1_000;
/// Rows of a default answer, and of a full one, before `cursor`.
const DEFAULT_ROWS: usize = 20;
const FULL_ROWS: usize = 500;

impl Tool for Arguments {
    const NAME: &'static str = "cost_explorer";
    const TITLE: &'static str = "Cost Explorer";
    const DESCRIPTION: &'static str = "AWS charges, forecasts and comparisons from Cost Explorer, 0.01 USD a request. \
         Adds the Claude and other spend that SERVICE = \"Amazon Bedrock\" misses.";
    const TOOLSET: Toolset = Toolset::Billing;
    const ALIASES: Aliases = &[
        ("filter", "filters"),
        ("start", "start_date"),
        ("end", "end_date"),
        ("metric", "metrics"),
        ("groupby", "group_by"),
        ("tag", "tag_key"),
        ("cost_category_name", "cost_category"),
        ("prediction_interval", "prediction_interval_level"),
    ];
    const STRUCTURED: &'static [&'static str] = &["group_by", "metrics", "filters"];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let view = View::read(&self)?;
        let raw = request::read(&self)?;
        let target = Target {
            profile: self.profile.clone(),
            region: None,
        };
        let (query, corrected) = CostQuery::new(&raw, call.today(), CostLimits::default())
            .map_err(|error| request::refused(&self, &error))?;
        let corrections: Vec<Correction> = corrected.iter().map(Correction::from).collect();
        let scope = if view.exact_scope {
            None
        } else {
            scope::companion(&query)
        };
        if self.dry_run.unwrap_or_default().0 {
            return Ok(dry_run(&query, scope.as_ref()).corrected(corrections));
        }
        let on_page =
            |pages: u32| call.progress(pages, None, format!("{pages} pages of Cost Explorer read"));
        let link = Link {
            aws: &call.aws,
            meter: &call.meter,
            target: &target,
            max_pages: view.max_pages,
            on_page: &on_page,
        };
        let blind = if view.exact_scope || scope.is_some() {
            None
        } else {
            scope::blind(&query)
        };
        let shown = (view.full || !corrections.is_empty()).then(|| request::shown(&query));
        let reply = match &query {
            CostQuery::CostAndUsage(asked) => {
                Box::pin(charges::answer(&link, asked, false, scope, &view)).await?
            }
            CostQuery::CostAndUsageWithResources(asked) => {
                Box::pin(charges::answer(&link, asked, true, None, &view)).await?
            }
            CostQuery::DimensionValues {
                dimension,
                attribute,
                context,
                values,
            } => {
                let found = cost_explorer::dimension_values(
                    &link, *dimension, *attribute, *context, values,
                )
                .await?;
                let named = found.value.iter().any(|(_, name)| name.is_some());
                let rows = found.value.into_iter().map(|(value, name)| match name {
                    Some(name) => json!([value, name]),
                    None => json!([value]),
                });
                let columns = if named {
                    ["value", "name"].as_slice()
                } else {
                    ["value"].as_slice()
                };
                listed(
                    &view,
                    columns,
                    rows.collect(),
                    found.cut,
                    dimension.as_str(),
                )
            }
            CostQuery::Tags { key, values } => {
                let found = cost_explorer::tags(&link, key.as_deref(), values).await?;
                let rows = found
                    .value
                    .into_iter()
                    .map(|value| json!([value]))
                    .collect();
                let what = key.as_deref().unwrap_or("tag keys");
                listed(&view, &["value"], rows, found.cut, what)
            }
            CostQuery::CostCategories { name, values } => {
                let found = cost_explorer::cost_categories(&link, name.as_deref(), values).await?;
                let rows = found
                    .value
                    .into_iter()
                    .map(|value| json!([value]))
                    .collect();
                listed(
                    &view,
                    &["value"],
                    rows,
                    found.cut,
                    name.as_deref().unwrap_or("cost categories"),
                )
            }
            CostQuery::CostForecast(asked) | CostQuery::UsageForecast(asked) => {
                let forecast = cost_explorer::forecast(&link, asked).await?;
                let rows = forecast.periods.iter().map(|(start, mean, lower, upper)| {
                    json!([start, exact(*mean), lower.map(exact), upper.map(exact)])
                });
                let total = exact(forecast.total.value);
                let answer = Answer {
                    total: Some(Map::from_iter([(
                        asked.metric.forecast_name().to_owned(),
                        total.clone(),
                    )])),
                    columns: Some(["start", "mean", "lower", "upper"].map(String::from).into()),
                    rows: Some(rows.collect()),
                    ..Answer::default()
                };
                Reply::new(format!("forecast {total} {}", forecast.total.unit), &answer)
            }
            CostQuery::CostAndUsageComparisons(asked) => {
                compared(&view, cost_explorer::comparisons(&link, asked).await?)
            }
            CostQuery::CostComparisonDrivers(asked) => compared(
                &view,
                cost_explorer::comparison_drivers(&link, asked).await?,
            ),
        };
        Ok(reply.warn(blind).corrected(corrections).effective(shown))
    }
}

/// How much of an answer is wanted, and at what price.
pub(super) struct View {
    full: bool,
    limit: usize,
    offset: usize,
    max_pages: u32,
    exact_scope: bool,
}

impl View {
    fn read(arguments: &Arguments) -> Result<Self, ToolError> {
        let full = asking::wants_full(arguments.detail.as_deref())?;
        let max_pages = choices::at_least("max_pages", arguments.max_pages, 1, DEFAULT_MAX_PAGES)?;
        if max_pages > MOST_PAGES {
            return Err(ToolError::invalid(
                format!("max_pages is {max_pages}"),
                format!("use 1 to {MOST_PAGES}; every page is billed 0.01 USD"),
            ));
        }
        let rows = if full { FULL_ROWS } else { DEFAULT_ROWS };
        let limit = choices::at_least("limit", arguments.limit, 1, rows)?;
        if limit > MOST_ROWS {
            return Err(ToolError::invalid(
                format!("limit is {limit}"),
                format!("use 1 to {MOST_ROWS}, and cursor for the rows after them"),
            ));
        }
        let offset = match arguments.cursor.as_deref() {
            None => 0,
            Some(text) => text.trim().parse().map_err(|_| {
                ToolError::invalid(
                    format!("cursor is {}", super::arguments::quoted(text)),
                    "use the cursor of the answer before, with the same arguments",
                )
            })?,
        };
        Ok(Self {
            full,
            limit,
            offset,
            max_pages: u32::try_from(max_pages).unwrap_or(u32::MAX),
            exact_scope: !choices::all_bedrock(arguments.bedrock_scope.as_deref())?,
        })
    }

    /// The rows to show, and what is left: how many and the cursor to them.
    pub(super) fn cut(&self, rows: Vec<Value>) -> (Vec<Value>, Option<Map<String, Value>>) {
        let all = rows.len();
        let shown: Vec<Value> = rows
            .into_iter()
            .skip(self.offset)
            .take(self.limit)
            .collect();
        let seen = self.offset + shown.len();
        let more = (seen < all).then(|| {
            Map::from_iter([
                ("rows".to_owned(), json!(all - seen)),
                ("cursor".to_owned(), json!(seen.to_string())),
            ])
        });
        (shown, more)
    }
}

/// The warning that an answer stops before the end, and what that does to it.
pub(super) fn pages_cut(max_pages: u32, effect: &str) -> Warning {
    Warning::new(
        "pages_cut",
        format!(
            "only the first {max_pages} pages were read, so {effect}; ask for MONTHLY, group by less or raise max_pages"
        ),
    )
}

/// The warning that the cursor leads past the last row.
fn past_the_end(view: &View, rows: usize) -> Option<Warning> {
    (view.offset > 0 && view.offset >= rows).then(|| {
        Warning::new(
            "cursor_past_end",
            format!("there are {rows} rows: leave cursor out to begin at the first"),
        )
    })
}

fn listed(view: &View, columns: &[&str], rows: Vec<Value>, cut: bool, what: &str) -> Reply {
    let count = rows.len();
    let (rows, more) = view.cut(rows);
    let answer = Answer {
        columns: Some(columns.iter().copied().map(String::from).collect()),
        rows: Some(rows),
        more,
        ..Answer::default()
    };
    let mut reply = Reply::new(format!("{count} values of {what}"), &answer);
    if cut {
        reply = reply.warn([pages_cut(view.max_pages, "values are missing")]);
    }
    if count == 0 {
        reply = reply.warn([Warning::new(
            "no_values",
            format!("{what} has no values in this period; a tag must be activated for cost allocation first"),
        )]);
    }
    reply
}

fn compared(view: &View, found: cost_explorer::Paged<Vec<Comparison>>) -> Reply {
    let mut total = None;
    let mut parts: Vec<Comparison> = Vec::new();
    for row in found.value {
        match row.part {
            Part::Total => total = total.or(Some(row)),
            Part::Selection | Part::Driver { .. } => parts.push(row),
        }
    }
    parts.sort_by(|left, right| {
        let size = |row: &Comparison| row.difference.abs();
        size(right).cmp(&size(left))
    });
    let unit = total.as_ref().or(parts.first()).map(|row| row.unit.clone());
    let unit = unit.unwrap_or_default();
    let headline = total.as_ref().map_or_else(
        || format!("{} differences, in {unit}", parts.len()),
        |row| {
            let (before, after) = (row.baseline.round_dp(2), row.compared.round_dp(2));
            format!(
                "{before} {unit} before, {after} after: {} more",
                row.difference.round_dp(2)
            )
        },
    );
    let drivers = parts
        .iter()
        .any(|row| matches!(row.part, Part::Driver { .. }));
    let mut columns = vec!["selection"];
    if drivers {
        columns.extend(["driver", "type"]);
    }
    columns.extend(["baseline", "comparison", "difference"]);
    let rows = parts
        .iter()
        .map(|row| {
            let mut cells = vec![json!(row.selector)];
            match &row.part {
                Part::Driver { name, kind } => cells.extend([json!(name), json!(kind)]),
                Part::Total | Part::Selection if drivers => {
                    cells.extend([json!("(all of the selection)"), json!("")]);
                }
                Part::Total | Part::Selection => {}
            }
            cells.extend([
                exact(row.baseline),
                exact(row.compared),
                exact(row.difference),
            ]);
            Value::Array(cells)
        })
        .collect();
    let (rows, more) = view.cut(rows);
    let answer = Answer {
        total: total.map(|row| {
            Map::from_iter([
                ("baseline".to_owned(), exact(row.baseline)),
                ("comparison".to_owned(), exact(row.compared)),
                ("difference".to_owned(), exact(row.difference)),
                ("unit".to_owned(), json!(unit)),
            ])
        }),
        columns: Some(columns.into_iter().map(String::from).collect()),
        rows: Some(rows),
        more,
        ..Answer::default()
    };
    let reply = Reply::new(headline, &answer);
    if found.cut {
        reply.warn([pages_cut(view.max_pages, "the rows are not all there are")])
    } else {
        reply
    }
}

fn dry_run(query: &CostQuery, scope: Option<&scope::Companion>) -> Reply {
    let mut requests = vec![
        json!({"action": format!("ce:{}", query.operation().aws_name()), "request": request::shown(query)}),
    ];
    if let Some(scope) = scope {
        let companion = CostQuery::CostAndUsage(scope.query.clone());
        requests
            .push(json!({"action": "ce:GetCostAndUsage", "request": request::shown(&companion)}));
    }
    let cost = Decimal::new(i64::try_from(requests.len()).unwrap_or_default(), 2);
    asking::dry_run(
        json!(requests),
        cost,
        "0.01 USD per request; further pages cost as much",
    )
}

#[cfg(test)]
mod tests;
