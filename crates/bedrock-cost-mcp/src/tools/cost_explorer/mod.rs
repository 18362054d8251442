//! `cost_explorer`: what AWS charged and what is forecast, from Cost Explorer.

mod charges;
pub(super) mod request;
mod scope;
mod whole;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, Flag, List, Loose, Whole},
    asking, choices,
    reply::{Correction, Reply, Warning, brief, exact},
    table::{MOST_ROWS, Page, Paging, Room, named},
};
use crate::{
    aws::{
        Target,
        cost_explorer::{self, Comparison, Forecast, Link, Part},
        pages::{Cut, Paged},
    },
    error::ToolError,
};
use bedrock_cost::cost_query::{CostLimits, CostQuery, ForecastQuery};
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
    cursor: Option<Cursor>,
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
    /// The total before credits and refunds, and what those take away, where there are any.
    #[serde(flatten)]
    #[schemars(skip)]
    bill: Map<String, Value>,
    bedrock: Option<Map<String, Value>>,
    #[serde(flatten)]
    page: Page,
    by_period: Option<Vec<Value>>,
    /// By date: the amount of that day and of each day after it.
    #[schemars(skip)]
    by_day_from: Option<Map<String, Value>>,
    period: Option<Map<String, Value>>,
}

/// Pages read unless the call says otherwise: a month by day and usage type is well inside.
const DEFAULT_MAX_PAGES: usize = 10;
/// More than this is an export, not a question.
const MOST_PAGES: usize = 100;
/// Bytes for the rows of a short answer: about 250 tokens, beside totals and what is left out of them.
const ROOM: usize = 640;

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
        let mut view = View::read(&self)?;
        let raw = request::read(&self)?;
        let target = Target {
            profile: self.profile.clone(),
            region: None,
        };
        let (query, corrected) = CostQuery::new(&raw, call.today(), CostLimits::default())
            .map_err(|error| request::refused(&self, &error))?;
        // What was assumed, and which days a period means, is no correction: the request that was sent shows it.
        let mut corrections: Vec<Correction> = corrected
            .iter()
            .filter(|made| !made.from.is_empty() && !DATES.contains(&made.field))
            .map(Correction::from)
            .collect();
        let scope = if view.exact_scope {
            None
        } else {
            scope::companion(&query)
        };
        let finer = match &query {
            CostQuery::CostAndUsage(asked) if !view.exact_scope => whole::finer(asked),
            _ => None,
        };
        let differs = !corrected.is_empty() || finer.is_some();
        let sent = finer.as_ref().map_or_else(
            || request::shown(&query),
            |finer| request::shown(&CostQuery::CostAndUsage(finer.query.clone())),
        );
        if self.dry_run.unwrap_or_default().0 {
            return Ok(dry_run(&query, &sent, scope.as_ref()).corrected(corrections));
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
        let shown = (view.full || differs).then_some(sent);
        view.shows_request = shown.is_some();
        corrections.extend(view.paging.correction());
        let reply = match &query {
            CostQuery::CostAndUsage(asked) => {
                Box::pin(charges::answer(
                    &link,
                    asked,
                    false,
                    finer.as_ref(),
                    scope,
                    &view,
                ))
                .await?
            }
            CostQuery::CostAndUsageWithResources(asked) => {
                Box::pin(charges::answer(&link, asked, true, None, None, &view)).await?
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
                listed(&view, found.value, found.cut, dimension.as_str())
            }
            CostQuery::Tags { key, values } => {
                let found = cost_explorer::tags(&link, key.as_deref(), values).await?;
                let what = key.as_deref().unwrap_or("tag keys");
                listed(&view, nameless(found.value), found.cut, what)
            }
            CostQuery::CostCategories { name, values } => {
                let found = cost_explorer::cost_categories(&link, name.as_deref(), values).await?;
                let what = name.as_deref().unwrap_or("cost categories");
                listed(&view, nameless(found.value), found.cut, what)
            }
            CostQuery::CostForecast(asked) | CostQuery::UsageForecast(asked) => {
                forecast(&view, asked, &cost_explorer::forecast(&link, asked).await?)
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

/// The forecast, and which part of its month it leaves out.
fn forecast(view: &View, asked: &ForecastQuery, found: &Forecast) -> Reply {
    let rows = found.periods.iter().map(|(start, mean, lower, upper)| {
        let bound = |amount: &Option<Decimal>| amount.map(|amount| view.money(amount));
        vec![
            json!(start),
            view.money(*mean),
            json!(bound(lower)),
            json!(bound(upper)),
        ]
    });
    let columns = named(["start", "mean", "lower", "upper"]);
    let mut page = view
        .paging
        .page(columns, rows.collect(), view.room(MONTH_ROOM));
    let past_end = page.past_end.take();
    let (start, end) = (asked.period.start(), asked.period.end());
    let name = asked.metric.forecast_name().to_owned();
    let answer = Answer {
        total: Some(Map::from_iter([(name, exact(found.total.value))])),
        page,
        period: (!view.shows_request).then(|| {
            Map::from_iter([
                ("start".to_owned(), json!(start.to_string())),
                ("end_exclusive".to_owned(), json!(end.to_string())),
            ])
        }),
        ..Answer::default()
    };
    let first = start.first_of_month();
    let is_rest = start > first;
    let without = if is_rest {
        format!(", without what was charged from {first} until {start}")
    } else {
        String::new()
    };
    let headline = format!(
        "forecast {} {} for {start} to {end}{without}",
        found.total.value.round_dp(2),
        found.total.unit
    );
    let earlier = is_rest.then(|| {
        Warning::new(
            "rest_of_period",
            format!(
                "only {start} to {end}: what was charged from {first} until {start} is not in it; getCostAndUsage has it (0.01 USD)"
            ),
        )
    });
    Reply::new(headline, &answer).warn(past_end).warn(earlier)
}

/// Arguments whose reading `effective_request` shows.
const DATES: [&str; 2] = ["start_date", "end_date"];

/// How much of an answer is wanted, and at what price.
pub(super) struct View {
    full: bool,
    paging: Paging,
    max_pages: u32,
    exact_scope: bool,
    /// The answer carries the request, and need not say its period again.
    shows_request: bool,
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
        Ok(Self {
            full,
            paging: Paging::read(arguments.limit, arguments.cursor.as_ref())?,
            max_pages: u32::try_from(max_pages).unwrap_or(u32::MAX),
            exact_scope: !choices::all_bedrock(arguments.bedrock_scope.as_deref())?,
            shows_request: false,
        })
    }

    /// How many rows an answer has by itself: a few, or all that a reader can hold.
    fn room(&self, bytes: usize) -> Room {
        if self.full {
            Room::Rows(MOST_ROWS)
        } else {
            Room::Bytes(bytes)
        }
    }

    /// An amount of a row; totals always have every digit.
    fn money(&self, amount: Decimal) -> Value {
        if self.full {
            exact(amount)
        } else {
            brief(amount)
        }
    }
}

/// Bytes for the days of a month, which are a row each and not much beside.
const MONTH_ROOM: usize = 800;

/// The warning that an answer stops before the end, and what that does to it.
pub(super) fn pages_cut(cut: &Cut, effect: &str) -> Warning {
    let advice = match cut {
        Cut::Limit(_) => "ask for MONTHLY, group by less or raise max_pages",
        Cut::Failed(..) => "call again for the whole",
    };
    Warning::new("pages_cut", format!("{cut}, so {effect}; {advice}"))
}

fn nameless(values: Vec<String>) -> Vec<(String, Option<String>)> {
    values.into_iter().map(|value| (value, None)).collect()
}

fn listed(
    view: &View,
    values: Vec<(String, Option<String>)>,
    cut: Option<Cut>,
    what: &str,
) -> Reply {
    let count = values.len();
    let rows = values
        .into_iter()
        .map(|(value, name)| vec![json!(value), json!(name)])
        .collect();
    let columns = named(["value", "name"]);
    let mut page = view.paging.page(columns, rows, view.room(MONTH_ROOM));
    let past_end = page.past_end.take();
    let answer = Answer {
        page,
        ..Answer::default()
    };
    let reply = Reply::new(format!("{count} values of {what}"), &answer).warn(past_end);
    let reply = reply.warn(cut.map(|cut| pages_cut(&cut, "values are missing")));
    let none = (count == 0).then(|| Warning::new(
        "no_values",
        format!("{what} has no values in this period; a tag must be activated for cost allocation first"),
    ));
    reply.warn(none)
}

fn compared(view: &View, found: Paged<Vec<Comparison>>) -> Reply {
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
    let key = common_key(&parts);
    let mut columns = vec![key.map_or("selection".to_owned(), str::to_ascii_lowercase)];
    if drivers {
        columns.extend(named(["driver", "type"]));
    }
    columns.extend(named(["baseline", "comparison", "difference"]));
    let rows = parts
        .iter()
        .map(|row| {
            let selector = key.map_or(row.selector.as_str(), |key| value_of(&row.selector, key));
            let mut cells = vec![json!(selector)];
            match &row.part {
                Part::Driver { name, kind } => cells.extend([json!(name), json!(kind)]),
                Part::Total | Part::Selection if drivers => {
                    cells.extend([json!("(all of it)"), json!("")]);
                }
                Part::Total | Part::Selection => {}
            }
            let amounts = [row.baseline, row.compared, row.difference];
            cells.extend(amounts.map(|amount| view.money(amount)));
            cells
        })
        .collect();
    let mut page = view.paging.page(columns, rows, view.room(MONTH_ROOM));
    let past_end = page.past_end.take();
    let answer = Answer {
        total: total.map(|row| {
            Map::from_iter([
                ("baseline".to_owned(), exact(row.baseline)),
                ("comparison".to_owned(), exact(row.compared)),
                ("difference".to_owned(), exact(row.difference)),
                ("unit".to_owned(), json!(unit)),
            ])
        }),
        page,
        ..Answer::default()
    };
    let missing = |cut: &Cut| pages_cut(cut, "the rows are not all there are");
    Reply::new(headline, &answer)
        .warn(past_end)
        .warn(found.cut.as_ref().map(missing))
}

/// The dimension that every row selects one value of, if there is one: a column of its own says it once.
fn common_key(parts: &[Comparison]) -> Option<&str> {
    let (key, _) = parts.first()?.selector.split_once(" = ")?;
    let plain = |row: &Comparison| {
        value_of(&row.selector, key).len() < row.selector.len() && !row.selector.contains(", ")
    };
    parts.iter().all(plain).then_some(key)
}

/// The value in `KEY = value`.
fn value_of<'a>(selector: &'a str, key: &str) -> &'a str {
    selector
        .strip_prefix(key)
        .and_then(|rest| rest.strip_prefix(" = "))
        .unwrap_or(selector)
}

fn dry_run(query: &CostQuery, sent: &Value, scope: Option<&scope::Companion>) -> Reply {
    let mut requests =
        vec![json!({"action": format!("ce:{}", query.operation().aws_name()), "request": sent})];
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
