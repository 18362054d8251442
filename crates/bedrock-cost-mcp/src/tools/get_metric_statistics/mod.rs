//! `get_metric_statistics`: one CloudWatch metric over time, summed up so that a reader cannot get it wrong.

mod series;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, Flag, List, Loose, Whole, quoted},
    asking, cache_hit_rate, metric_gaps,
    metric_page::Page,
    metric_rules,
    metric_series::{self, Column, Fold, Formula, Step},
    reply::{Correction, Reply, Warning},
};
use crate::{
    aws::{Target, cloudwatch::Metric},
    error::{CorrectedRequest, ToolError},
};
use bedrock_cost::{
    metric_query::{
        MetricArguments, MetricError, MetricProblem, MetricStatisticsQuery, Stat, Statistic,
    },
    period::PeriodError,
    time_range::TimeRange,
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
pub(super) use series::Found;

/// Models named in an answer; a longer list is counted.
const MOST_MODELS: usize = 3;
/// Arguments of `get_metric_statistics`.
#[expect(
    clippy::doc_markdown,
    reason = "product text that every conversation pays for"
)]
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Default AWS/Bedrock
    namespace: Option<String>,
    /// InputTokenCount, Invocations...; CacheHitRate is derived
    metric_name: String,
    /// [{Name, Value}]; none: all models
    dimensions: Option<Loose>,
    /// ISO or -24h
    start_time: Option<String>,
    end_time: Option<String>,
    /// Seconds
    period: Option<Whole>,
    /// Sum, Average...
    statistics: Option<List<String>>,
    /// p99... instead
    extended_statistics: Option<List<String>>,
    unit: Option<String>,
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
    pub(super) metric: String,
    pub(super) scope: String,
    #[schemars(skip)]
    pub(super) range: String,
    #[schemars(skip)]
    pub(super) period_seconds: u32,
    #[schemars(skip)]
    pub(super) points: usize,
    #[schemars(skip)]
    pub(super) unit: Option<String>,
    pub(super) summary: Map<String, Value>,
    #[schemars(skip)]
    pub(super) models: Vec<String>,
    #[schemars(skip)]
    pub(super) models_not_shown: Option<usize>,
    #[schemars(skip)]
    pub(super) rows_are: Option<String>,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Value>>,
    #[schemars(skip)]
    pub(super) next_cursor: Option<String>,
}

/// A call after its arguments were read and found sound.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) metric: Metric,
    pub(super) range: TimeRange,
    pub(super) period: u32,
    pub(super) statistics: Vec<Stat>,
    pub(super) unit: Option<String>,
    pub(super) page: Page,
}

impl Tool for Arguments {
    const NAME: &'static str = "get_metric_statistics";
    const TITLE: &'static str = "Metric statistics";
    const DESCRIPTION: &'static str = "One CloudWatch metric over time: true totals and weighted averages, a short series, and why where there is no data.";
    const TOOLSET: Toolset = Toolset::Cloudwatch;
    const ALIASES: Aliases = &[
        ("metric", "metric_name"),
        ("statistic", "statistics"),
        ("stat", "statistics"),
        ("start", "start_time"),
        ("end", "end_time"),
        ("start_date", "start_time"),
        ("end_date", "end_time"),
        ("dimension", "dimensions"),
    ];
    const STRUCTURED: &'static [&'static str] =
        &["dimensions", "statistics", "extended_statistics"];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let target = asking::target(self.region.as_deref(), self.profile.clone())?;
        let dry = self.dry_run.is_some_and(|flag| flag.0);
        let (asked, corrections) = match self.read(call.now()) {
            Ok(read) => read,
            Err(refusal) if dry => return Err(refusal),
            Err(refusal) => {
                let bounds = (self.start_time.as_deref(), self.end_time.as_deref());
                return Err(metric_gaps::with_current_models(call, &target, bounds, refusal).await);
            }
        };
        if metric_rules::is_cache_hit_rate(&asked.metric) {
            return Ok(Box::pin(cache_hit_rate::answer(call, &target, &asked, dry))
                .await?
                .corrected(corrections));
        }
        let region = call.aws.region(&target).await;
        if dry {
            let request = effective(&asked, &region);
            return Ok(
                asking::dry_run(request, Decimal::ZERO, metric_rules::FREE).corrected(corrections)
            );
        }
        Box::pin(asked.answer(call, &target, &region, corrections)).await
    }
}

impl Arguments {
    fn read(&self, now: Timestamp) -> Result<(Asked, Vec<Correction>), ToolError> {
        let mut corrections = Vec::new();
        let dimensions = match &self.dimensions {
            Some(given) => metric_rules::dimensions(&given.0, &mut corrections)?,
            None => Vec::new(),
        };
        let metric = metric_rules::metric(
            self.namespace.as_deref(),
            &self.metric_name,
            dimensions,
            &mut corrections,
        )?;
        if let Some(unit) = &self.unit {
            check_unit(unit)?;
        }
        let page = Page::read(
            asking::wants_full(self.detail.as_deref())?,
            self.limit,
            self.cursor.as_ref(),
        )?;
        let list = |given: &Option<List<String>>| given.clone().unwrap_or_default().0;
        let mut raw = MetricArguments {
            namespace: metric.namespace.clone(),
            metric_name: metric.name.clone(),
            dimensions: metric_rules::pairs(&metric.dimensions),
            start: self.start_time.clone(),
            end: self.end_time.clone(),
            period: self.period.map(|whole| whole.0),
            statistics: list(&self.statistics),
            extended_statistics: list(&self.extended_statistics),
        };
        if raw.statistics.is_empty() && raw.extended_statistics.is_empty() {
            raw.statistics = vec![metric_rules::usual_statistic(&metric.name).to_owned()];
        }
        let asked = |range, period, statistics| Asked {
            metric: metric.clone(),
            range,
            period,
            statistics,
            unit: self.unit.clone(),
            page: page.clone(),
        };
        match MetricStatisticsQuery::new(&raw, now) {
            Ok((query, made)) => {
                corrections.extend(made.iter().map(Correction::from));
                Ok((
                    asked(query.range, query.period, query.statistics),
                    corrections,
                ))
            }
            Err(error) => Err(refused(&raw, &error, &asked, now)),
        }
    }
}

/// The refusal of a request, with one that runs where there is one.
fn refused(
    raw: &MetricArguments,
    error: &MetricError,
    asked: &dyn Fn(TimeRange, u32, Vec<Stat>) -> Asked,
    now: Timestamp,
) -> ToolError {
    let statistics: Vec<Stat> = raw
        .statistics
        .iter()
        .chain(&raw.extended_statistics)
        .filter_map(|given| given.parse().ok())
        .collect();
    let offer = match error.problem.as_ref() {
        // Both kinds of statistic live together in `get_metric_data`.
        MetricProblem::BothStatistics => {
            let plain = MetricArguments {
                statistics: vec!["Sum".to_owned()],
                extended_statistics: Vec::new(),
                ..raw.clone()
            };
            return match MetricStatisticsQuery::new(&plain, now) {
                Ok((query, _)) => {
                    as_metric_data(error, &asked(query.range, query.period, statistics))
                }
                Err(other) => refused(&plain, &other, asked, now),
            };
        }
        MetricProblem::Range(PeriodError::Empty { .. }) => {
            let turned = MetricArguments {
                start: raw.end.clone(),
                end: raw.start.clone(),
                ..raw.clone()
            };
            MetricStatisticsQuery::new(&turned, now)
                .ok()
                .map(|(query, _)| (query.range, query.period))
        }
        _ => error.suggested,
    };
    match offer {
        Some((range, period)) => asking::refused::<Arguments>(
            error.to_string(),
            metric_rules::accepted(&error.problem),
            asked(range, period, statistics).arguments(),
        ),
        None => metric_rules::refusal(&error.problem),
    }
}

/// Offers several statistics of one metric as queries side by side.
fn as_metric_data(error: &MetricError, asked: &Asked) -> ToolError {
    let queries: Vec<Value> = asked
        .statistics
        .iter()
        .enumerate()
        .map(|(index, one)| {
            json!({"id": format!("s{index}"), "label": one.as_str(), "metric_stat": {
                "metric": {
                    "namespace": asked.metric.namespace,
                    "metric_name": asked.metric.name,
                    "dimensions": dimensions_json(&asked.metric),
                },
                "period": asked.period,
                "stat": one.as_str(),
            }})
        })
        .collect();
    ToolError::InvalidArgument {
        problem: error.to_string(),
        accepted: "give one of the two".to_owned(),
        corrected: Some(Box::new(CorrectedRequest {
            tool: "get_metric_data",
            arguments: Map::from_iter([
                ("metric_data_queries".to_owned(), json!(queries)),
                (
                    "start_time".to_owned(),
                    json!(asked.range.start().to_string()),
                ),
                ("end_time".to_owned(), json!(asked.range.end().to_string())),
            ]),
        })),
    }
}

/// Units that CloudWatch knows are words, with `/Second` after some.
fn check_unit(unit: &str) -> Result<(), ToolError> {
    const BASES: [&str; 14] = [
        "Seconds",
        "Microseconds",
        "Milliseconds",
        "Bytes",
        "Kilobytes",
        "Megabytes",
        "Gigabytes",
        "Terabytes",
        "Bits",
        "Kilobits",
        "Megabits",
        "Gigabits",
        "Terabits",
        "Count",
    ];
    let base = unit.strip_suffix("/Second").unwrap_or(unit);
    if BASES.contains(&base) || ["Percent", "None"].contains(&unit) {
        return Ok(());
    }
    Err(ToolError::invalid(
        format!("there is no unit {}", quoted(unit)),
        "leave unit out, or use Count, Milliseconds, Percent, Bytes, None and the like",
    ))
}

impl Asked {
    /// The same call in arguments that say everything.
    fn arguments(&self) -> Map<String, Value> {
        let mut out = Map::new();
        let (standard, extended): (Vec<_>, Vec<_>) =
            self.statistics.iter().partition(|one| !one.is_extended());
        let names = |list: &[&Stat]| json!(list.iter().map(|one| one.as_str()).collect::<Vec<_>>());
        out.insert("namespace".into(), json!(self.metric.namespace));
        out.insert("metric_name".into(), json!(self.metric.name));
        if !self.metric.dimensions.is_empty() {
            out.insert("dimensions".into(), dimensions_json(&self.metric));
        }
        out.insert("start_time".into(), json!(self.range.start().to_string()));
        out.insert("end_time".into(), json!(self.range.end().to_string()));
        out.insert("period".into(), json!(self.period));
        if !standard.is_empty() {
            out.insert("statistics".into(), names(&standard));
        }
        if !extended.is_empty() {
            out.insert("extended_statistics".into(), names(&extended));
        }
        if let Some(unit) = &self.unit {
            out.insert("unit".into(), json!(unit));
        }
        out
    }

    /// What AWS is asked: an average is computed from its sum and count, so that it can be weighted.
    fn measured(&self) -> Vec<Stat> {
        let mut out: Vec<Stat> = Vec::new();
        for one in &self.statistics {
            let parts = match one {
                Stat::Plain(Statistic::Average) => vec![
                    Stat::Plain(Statistic::Sum),
                    Stat::Plain(Statistic::SampleCount),
                ],
                other => vec![other.clone()],
            };
            for part in parts {
                if !out.contains(&part) {
                    out.push(part);
                }
            }
        }
        out
    }

    /// The columns of the answer over raw values in the order of [`Self::measured`].
    fn columns(&self) -> Vec<Column> {
        let measured = self.measured();
        let place = |name: &str| {
            measured
                .iter()
                .position(|one| one.as_str() == name)
                .unwrap_or(usize::MAX)
        };
        self.statistics
            .iter()
            .map(|one| {
                let fold = match one.as_str() {
                    "Sum" | "SampleCount" => Fold::Sum(place(one.as_str())),
                    "Average" => Fold::Totals(Formula::ratio(place("Sum"), place("SampleCount"))),
                    "Minimum" => Fold::Lowest(place("Minimum")),
                    name => Fold::Highest(place(name)),
                };
                Column::new(one.as_str(), fold)
            })
            .collect()
    }

    async fn answer(
        mut self,
        call: &Call,
        target: &Target,
        region: &str,
        mut corrections: Vec<Correction>,
    ) -> Result<Reply, ToolError> {
        let mut found = Box::pin(self.look(call, target, region)).await?;
        if found.raw.rows.is_empty()
            && let Some(real) = metric_rules::log_field(&self.metric)
        {
            corrections.push(Correction::new(
                "metric_name",
                format!(
                    "no metric {} has data; that is its name in invocation logs, {real} is the metric",
                    self.metric.name
                ),
            ));
            real.clone_into(&mut self.metric.name);
            found = Box::pin(self.look(call, target, region)).await?;
        }
        if self.statistics.contains(&Stat::Plain(Statistic::Average)) {
            corrections.push(Correction::new(
                "statistics",
                "Average computed as Sum / SampleCount, so that longer spans are weighted",
            ));
        }
        if found.raw.rows.is_empty() {
            let why = metric_gaps::explain(call, target, region, &self).await;
            found.warnings.push(Warning::new("no_data", why));
        }
        let columns = self.columns();
        let effective = self.page.full.then(|| effective(&self, region));
        let answer = self.present(found, &columns, call.now());
        Ok(answer.corrected(corrections).effective(effective))
    }

    /// Turns values into an answer: a summary, and rows that are condensed or a page of all points.
    pub(super) fn present(&self, found: Found, columns: &[Column], now: Timestamp) -> Reply {
        let Found {
            raw,
            scope,
            unit,
            mut models,
            mut warnings,
        } = found;
        if !raw.rows.is_empty() {
            warnings.extend(metric_rules::partly_expired(self.range, now));
        }
        let summary = metric_series::summary(&raw, columns);
        let headline = headline(&self.metric.name, &scope, &summary, raw.rows.len());
        let (step, shown, next_cursor) = self.page.of(&raw, columns.len());
        let rows_are = (!step.is_point()).then(|| condensed(&self.statistics, step));
        let more = models.len().saturating_sub(MOST_MODELS);
        models.truncate(MOST_MODELS);
        let rows = metric_series::table(&shown, columns, step);
        let answer = Answer {
            metric: format!("{}/{}", self.metric.namespace, self.metric.name),
            scope,
            range: format!("{}/{}", self.range.start(), self.range.end()),
            period_seconds: self.period,
            points: raw.rows.len(),
            unit: unit.filter(|unit| unit != "None"),
            summary,
            models,
            models_not_shown: (more > 0).then_some(more),
            rows_are,
            columns: if rows.is_empty() {
                Vec::new()
            } else {
                metric_series::header(columns, step)
            },
            rows,
            next_cursor,
        };
        Reply::new(headline, &answer).warn(warnings)
    }
}

/// Says what one condensed row stands for.
fn condensed(statistics: &[Stat], step: Step) -> String {
    let note = if statistics.iter().any(Stat::is_extended) {
        ", percentiles at their highest point"
    } else {
        ""
    };
    format!(
        "one row a {}{note}; a longer period or detail full gives other rows",
        step.each()
    )
}

fn headline(name: &str, scope: &str, summary: &Map<String, Value>, points: usize) -> String {
    let parts: Vec<String> = summary
        .iter()
        .filter_map(|(statistic, fields)| {
            let (what, value) = fields.as_object()?.iter().next()?;
            Some(format!("{statistic} {what} {value}"))
        })
        .collect();
    if parts.is_empty() {
        format!("{name}: no data for {scope}")
    } else {
        format!("{name}, {scope}: {} over {points} points", parts.join(", "))
    }
}

pub(super) fn scope(metric: &Metric) -> String {
    if metric.dimensions.is_empty() {
        return "the series without dimensions".to_owned();
    }
    metric
        .dimensions
        .iter()
        .map(|one| format!("{} {}", one.name, one.value))
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn dimensions_json(metric: &Metric) -> Value {
    metric
        .dimensions
        .iter()
        .map(|one| json!({"Name": one.name, "Value": one.value}))
        .collect()
}

fn effective(asked: &Asked, region: &str) -> Value {
    let mut request = Map::from_iter([("region".to_owned(), json!(region))]);
    let sent = Asked {
        statistics: asked.measured(),
        ..asked.clone()
    };
    request.extend(sent.arguments());
    Value::Object(request)
}
