//! `budgets`: limits, spending so far and forecasts, and which budgets watch Bedrock.

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, Flag, Loose, Whole, quoted},
    asking, choices,
    cost_filter::{self, Misnamed},
    reply::{Reply, Warning, exact},
    table::{MOST_ROWS, Page, Paging, Room, named},
};
use crate::{
    aws::{
        Target,
        budgets::{self, Amount, Budget, Counts},
        identity,
    },
    error::{CorrectedRequest, ToolError},
};
use bedrock_cost::cost_scope::{BedrockCoverage, CostScope};
use bedrock_cost::names::nearest;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::Write;

/// Bytes for the budgets of a short answer: some eight of them, more than most accounts have.
const ROOM: usize = 1_100;
/// The latest past periods of a budget in a short answer; AWS keeps twelve.
const PERIODS_SHOWN: usize = 3;
/// Each history is a request of its own.
const MOST_HISTORIES: usize = 10;
/// Services named in one scope before the rest are counted.
const NAMES_SHOWN: usize = 3;

const COLUMNS: [&str; 11] = [
    "budget",
    "period",
    "limit",
    "actual",
    "forecast",
    "unit",
    "percent_used",
    "status",
    "scope",
    "counts",
    "bedrock",
];
const HISTORY_COLUMNS: [&str; 4] = ["budget", "start", "limit", "actual"];

/// Arguments of `budgets`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    budget_name: Option<String>,
    /// Cost Explorer expression
    filters: Option<Loose>,
    /// all or exact
    bedrock_scope: Option<String>,
    /// Add past periods
    history: Option<Flag>,
    profile: Option<String>,
    dry_run: Option<Flag>,
    /// short or full
    detail: Option<String>,
    limit: Option<Whole>,
    cursor: Option<Cursor>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// Budgets in the account.
    in_account: Option<usize>,
    matching: Option<usize>,
    #[serde(flatten)]
    page: Page,
    history_columns: Option<Vec<&'static str>>,
    history_rows: Vec<Value>,
}

impl Tool for Arguments {
    const NAME: &'static str = "budgets";
    const TITLE: &'static str = "Budgets";
    const DESCRIPTION: &'static str = "AWS budgets: limit, actual, forecast, status, and how much of Bedrock each watches. \
         filters keeps the budgets whose scope overlaps the expression; a budget without a scope covers everything. \
         Free of charge.";
    const TOOLSET: Toolset = Toolset::Billing;
    const ALIASES: Aliases = &[
        ("filter", "filters"),
        ("max_results", "limit"),
        ("name", "budget_name"),
    ];
    const STRUCTURED: &'static [&'static str] = &["filters"];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let query = Query::read(&self)?;
        let request = query.request();
        if self.dry_run.is_some_and(|flag| flag.0) {
            return Ok(asking::dry_run(
                request,
                Decimal::ZERO,
                "reading budgets is free",
            ));
        }
        let target = Target {
            profile: self.profile.clone(),
            region: None,
        };
        let account = identity::account_id(&call.aws, &call.meter, &target).await?;
        let found = budgets::all(
            &call.aws,
            &call.meter,
            &target,
            &account,
            call.now(),
            |page, found| {
                call.progress(page, None, format!("{found} budgets read"));
            },
        )
        .await?;
        let all = found.value;
        let matching = query.select(&all)?;
        let mut warnings = warnings(&all, &matching, &query);
        warnings.extend(found.cut.map(|cut| {
            Warning::new(
                "pages_cut",
                format!("{cut}, so budgets are missing; call again for the rest"),
            )
        }));
        let mut answer = query.table(&all, &matching);
        warnings.extend(answer.page.past_end.take());
        if query.history {
            let shown = query.shown(&matching, &answer.page);
            answer.history_rows =
                history(call, &target, &account, shown, query.full, &mut warnings).await;
            answer.history_columns =
                (!answer.history_rows.is_empty()).then(|| HISTORY_COLUMNS.to_vec());
        }
        let headline = headline(&all, &matching);
        Ok(Reply::new(headline, &answer)
            .warn(warnings)
            .corrected(query.paging.correction())
            .effective(query.full.then_some(request)))
    }
}

impl Arguments {
    /// The same call with other filters.
    fn with_filters(&self, filters: &Value) -> CorrectedRequest {
        let whole = |number: &Option<Whole>| number.map(|Whole(number)| number);
        let flag = |flag: &Option<Flag>| flag.as_ref().map(|flag| flag.0);
        let given = [
            ("filters", json!(filters)),
            ("budget_name", json!(self.budget_name)),
            ("bedrock_scope", json!(self.bedrock_scope)),
            ("history", json!(flag(&self.history))),
            ("profile", json!(self.profile)),
            ("dry_run", json!(flag(&self.dry_run))),
            ("detail", json!(self.detail)),
            ("limit", json!(whole(&self.limit))),
            (
                "cursor",
                json!(self.cursor.as_ref().map(|Cursor(text)| text)),
            ),
        ];
        CorrectedRequest {
            tool: Self::NAME,
            arguments: given
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }
}

/// The arguments, checked.
struct Query {
    name: Option<String>,
    scope: Option<CostScope>,
    history: bool,
    full: bool,
    paging: Paging,
}

impl Query {
    fn read(arguments: &Arguments) -> Result<Self, ToolError> {
        let all_bedrock = choices::all_bedrock(arguments.bedrock_scope.as_deref())?;
        let scope = arguments
            .filters
            .as_ref()
            .map(|filters| cost_filter::read(&filters.0, all_bedrock))
            .transpose()?;
        let read = Self {
            name: arguments.budget_name.clone(),
            scope,
            history: arguments.history.is_some_and(|flag| flag.0),
            full: asking::wants_full(arguments.detail.as_deref())?,
            paging: Paging::read(arguments.limit, arguments.cursor.as_ref())?,
        };
        // Last, so that the request offered is right in all else.
        let filters = arguments.filters.as_ref();
        match filters.and_then(|Loose(filters)| Misnamed::find(filters)) {
            None => Ok(read),
            Some(misnamed) => {
                let instead = arguments.with_filters(&misnamed.meant);
                Err(misnamed.into_error(instead))
            }
        }
    }

    fn request(&self) -> Value {
        let mut request = json!({
            "service": "budgets",
            "operation": "DescribeBudgets",
            "parameters": {"AccountId": "the caller's, by sts:GetCallerIdentity", "ShowFilterExpression": true},
        });
        if let (Some(scope), Some(request)) = (&self.scope, request.as_object_mut()) {
            request.insert(
                "applied_here".into(),
                format!("scope overlaps {scope}").into(),
            );
        }
        request
    }

    fn select<'a>(&self, all: &'a [Budget]) -> Result<Vec<&'a Budget>, ToolError> {
        let mut found: Vec<&Budget> = all.iter().collect();
        if let Some(name) = &self.name {
            found.retain(|budget| budget.name.eq_ignore_ascii_case(name.trim()));
            if found.is_empty() {
                let names = || all.iter().map(|budget| budget.name.as_str());
                let mut near = nearest(name, names(), 3);
                if near.is_empty() {
                    near = names().take(5).collect();
                }
                return Err(ToolError::invalid(
                    format!("there is no budget {}", quoted(name)),
                    if near.is_empty() {
                        "the account has no budgets".to_owned()
                    } else {
                        format!("budgets of the account are {}", near.join(", "))
                    },
                ));
            }
        }
        if let Some(scope) = &self.scope {
            found.retain(|budget| budget.scope.overlaps(scope));
        }
        found.sort_by(|left, right| {
            used(right)
                .cmp(&used(left))
                .then(left.name.cmp(&right.name))
        });
        Ok(found)
    }

    fn table(&self, all: &[Budget], matching: &[&Budget]) -> Answer {
        let rows = matching.iter().map(|budget| self.row(budget)).collect();
        let room = if self.full {
            Room::Rows(MOST_ROWS)
        } else {
            Room::Bytes(ROOM)
        };
        Answer {
            in_account: Some(all.len()),
            matching: Some(matching.len()),
            page: self.paging.page(named(COLUMNS), rows, room),
            ..Answer::default()
        }
    }

    /// The budgets of a page.
    fn shown<'a>(&self, matching: &[&'a Budget], page: &Page) -> Vec<&'a Budget> {
        self.paging.cut(matching.to_vec(), page.rows.len()).0
    }

    fn row(&self, budget: &Budget) -> Vec<Value> {
        let figure = |amount: &Option<Amount>| amount.as_ref().map(|amount| exact(amount.value));
        let unit = [&budget.limit, &budget.actual]
            .into_iter()
            .find_map(|amount| amount.as_ref().map(|amount| amount.unit.as_str()));
        vec![
            json!(budget.name),
            json!(format!("{} {}", budget.period, budget.kind).to_lowercase()),
            json!(figure(&budget.limit)),
            json!(figure(&budget.actual)),
            json!(figure(&budget.forecast)),
            json!(unit),
            json!(used(budget).map(|share| exact(share.round_dp(1)))),
            json!(status(budget).name()),
            json!(if self.full {
                budget.scope.to_string()
            } else {
                short_scope(&budget.scope)
            }),
            json!(counted(&budget.counts)),
            json!(coverage(&budget.scope)),
        ]
    }
}

/// `unblended without credits and refunds`: why an actual can differ from Cost Explorer's total.
fn counted(counts: &Counts) -> String {
    let mut text = counts.basis.clone().unwrap_or_default();
    if let Some((last, others)) = counts.without.split_last() {
        let before = if others.is_empty() {
            String::new()
        } else {
            format!("{} and ", others.join(", "))
        };
        let _ = write!(text, " without {before}{last}");
    }
    text
}

/// How much of Bedrock a scope counts. One that names Marketplace models misses every model it does not name.
fn coverage(scope: &CostScope) -> &'static str {
    match scope.bedrock_coverage() {
        BedrockCoverage::Some => "the services it names",
        other => other.name(),
    }
}

/// A scope as text, with long lists of services cut: an account that names each Marketplace model names dozens.
fn short_scope(scope: &CostScope) -> String {
    match scope {
        CostScope::Is(test) if test.values.len() > NAMES_SHOWN => {
            let mut short = test.clone();
            short.values.truncate(NAMES_SHOWN);
            let more = test.values.len() - short.values.len();
            format!("{short} and {more} more")
        }
        other => other.to_string(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Ok,
    ForecastToExceed,
    Exceeded,
    BelowTarget,
    Unknown,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ForecastToExceed => "forecast to exceed",
            Self::Exceeded => "exceeded",
            Self::BelowTarget => "below target",
            Self::Unknown => "unknown",
        }
    }
}

fn status(budget: &Budget) -> Status {
    let (Some(limit), Some(actual)) = (&budget.limit, &budget.actual) else {
        return Status::Unknown;
    };
    // Utilization and coverage are targets to reach, not limits to stay under.
    if budget.kind.ends_with("UTILIZATION") || budget.kind.ends_with("COVERAGE") {
        return if actual.value < limit.value {
            Status::BelowTarget
        } else {
            Status::Ok
        };
    }
    if actual.value > limit.value {
        Status::Exceeded
    } else if budget
        .forecast
        .as_ref()
        .is_some_and(|forecast| forecast.value > limit.value)
    {
        Status::ForecastToExceed
    } else {
        Status::Ok
    }
}

/// Percent of the limit used.
fn used(budget: &Budget) -> Option<Decimal> {
    let limit = budget.limit.as_ref()?.value;
    let actual = budget.actual.as_ref()?.value;
    actual.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(limit)
}

fn warnings(all: &[Budget], matching: &[&Budget], query: &Query) -> Vec<Warning> {
    let mut out = Vec::new();
    let covers = |budget: &Budget, wanted| budget.scope.bedrock_coverage() == wanted;
    if all.is_empty() {
        out.push(Warning::new(
            "no_budgets",
            "the account has no budgets: nothing warns before the bill",
        ));
        return out;
    }
    // Where budgets were chosen, the others are not what the answer is about.
    let native: Vec<&str> = matching
        .iter()
        .filter(|budget| covers(budget, BedrockCoverage::NativeOnly))
        .map(|budget| budget.name.as_str())
        .collect();
    if !native.is_empty() {
        out.push(Warning::new(
            "budget_misses_marketplace_models",
            format!(
                "{} counts only what AWS bills as Amazon Bedrock: Claude, Cohere and other models billed as \
                 \"<model> (Amazon Bedrock Edition)\" are outside {}",
                native.join(", "),
                if native.len() == 1 { "it" } else { "them" },
            ),
        ));
    }
    let chosen = query.scope.is_some() || query.name.is_some();
    if !chosen
        && all
            .iter()
            .all(|budget| covers(budget, BedrockCoverage::None))
    {
        out.push(Warning::new(
            "no_bedrock_budget",
            "no budget of the account counts any Bedrock charge",
        ));
    }
    if query.scope.is_some() && matching.is_empty() {
        out.push(Warning::new(
            "no_match",
            "no budget's scope overlaps filters",
        ));
    }
    for budget in matching {
        if let Some(reason) = &budget.unhealthy {
            out.push(Warning::new(
                "budget_unhealthy",
                format!("AWS does not keep {} up to date: {reason}", budget.name),
            ));
        }
    }
    out
}

async fn history(
    call: &Call,
    target: &Target,
    account: &str,
    shown: Vec<&Budget>,
    full: bool,
    warnings: &mut Vec<Warning>,
) -> Vec<Value> {
    let all = shown.len();
    let kept: Vec<&Budget> = shown
        .into_iter()
        .filter(|budget| budget.period != "ANNUALLY")
        .collect();
    if kept.len() < all {
        warnings.push(Warning::new(
            "no_annual_history",
            "AWS keeps no history of annual budgets",
        ));
    }
    if kept.len() > MOST_HISTORIES {
        warnings.push(Warning::new(
            "history_cut",
            format!(
                "history of the first {MOST_HISTORIES} of {} budgets; name one with budget_name",
                kept.len()
            ),
        ));
    }
    let total = u32::try_from(kept.len().min(MOST_HISTORIES)).ok();
    let mut rows = Vec::new();
    let mut unread = Vec::new();
    let mut failure: Option<ToolError> = None;
    for (done, budget) in (1..).zip(kept.into_iter().take(MOST_HISTORIES)) {
        if failure.as_ref().is_some_and(repeats) {
            unread.push(budget.name.as_str());
            continue;
        }
        let past = budgets::history(&call.aws, &call.meter, target, account, &budget.name).await;
        let past = match past {
            Ok(past) => past,
            Err(error) => {
                unread.push(budget.name.as_str());
                failure = Some(error);
                continue;
            }
        };
        let earlier = if full {
            0
        } else {
            past.len().saturating_sub(PERIODS_SHOWN)
        };
        for period in past.into_iter().skip(earlier) {
            rows.push(json!([
                budget.name,
                period.start.to_string(),
                period.limit.map(|amount| exact(amount.value)),
                period.actual.map(|amount| exact(amount.value)),
            ]));
        }
        call.progress(done, total, format!("history of {}", budget.name));
    }
    if let Some(error) = failure {
        warnings.push(Warning::new(
            "history_not_read",
            format!(
                "the past periods of {} could not be read: {error}",
                unread.join(", ")
            ),
        ));
    }
    rows
}

/// Tells whether the next request would fail like the last.
fn repeats(error: &ToolError) -> bool {
    matches!(
        error,
        ToolError::NoCredentials { .. }
            | ToolError::AccessDenied { .. }
            | ToolError::Throttled { .. }
            | ToolError::Unavailable { .. }
            | ToolError::Cancelled
    )
}

fn headline(all: &[Budget], matching: &[&Budget]) -> String {
    let count = |wanted| {
        matching
            .iter()
            .filter(|budget| status(budget) == wanted)
            .count()
    };
    format!(
        "{} of {} budgets: {} exceeded, {} forecast to exceed",
        matching.len(),
        all.len(),
        count(Status::Exceeded),
        count(Status::ForecastToExceed)
    )
}

#[cfg(test)]
mod tests;
