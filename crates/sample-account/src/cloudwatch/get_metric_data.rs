//! `GetMetricData`: several metrics and expressions at once, in pages.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::math::{Scope, Search, TimeSeries, Value as Computed, evaluate, parse};
use super::series::{Metric, metrics};
use super::statistic::Statistic;
use super::timeline::Timeline;
use super::{dimensions, elements, integer, invalid_token, text, timeline, with_token};
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::place::Account;
use crate::paging::Paging;

/// Points on a page where the request names no number (API reference, 2026-11-22).
const PAGE: usize = 100_800;

/// Series that a `SEARCH` finds at most (user guide, 2026-11-22).
const MOST_FOUND: usize = 500;

pub(super) fn answer(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    let queries: Vec<&Value> = elements(input, "MetricDataQueries").collect();
    let data = Data::new(ledger, region, timeline(ledger, input), queries);
    let mut results = Vec::new();
    for query in &data.queries {
        if query.get("ReturnData").and_then(Value::as_bool) == Some(false) {
            // What is not returned has to make sense all the same.
            data.compute(query)?;
            continue;
        }
        let id = text(query, "Id").unwrap_or_default();
        let label = text(query, "Label");
        let all = match data.compute(query)? {
            Computed::Series(mut series) => {
                if let Some(label) = label {
                    label.clone_into(&mut series.label);
                } else if query.get("Expression").is_some() {
                    id.clone_into(&mut series.label);
                }
                vec![series]
            }
            Computed::Array(mut all) => {
                if let Some(label) = label {
                    for series in &mut all {
                        series.label = format!("{label} {}", series.label);
                    }
                }
                if all.is_empty() {
                    all.push(TimeSeries {
                        label: label.unwrap_or(id).to_owned(),
                        period: 300,
                        points: BTreeMap::new(),
                    });
                }
                all
            }
            Computed::Scalar(_) | Computed::Text(_) => {
                return Err(invalid(id, "the expression does not return a time series"));
            }
        };
        results.extend(all.into_iter().map(|series| (id.to_owned(), series)));
    }
    cut(input, results)
}

fn invalid(id: &str, problem: &str) -> Fault {
    Fault::new(
        "ValidationError",
        format!("Error in expression '{id}': {problem}"),
    )
}

/// Evaluates one expression over metrics as they were at an instant, for an alarm.
pub(super) fn series_of(
    ledger: &Ledger,
    region: &str,
    timeline: Timeline,
    queries: &Value,
    id: &str,
) -> Option<TimeSeries> {
    let queries: Vec<&Value> = queries.as_array().into_iter().flatten().collect();
    let data = Data::new(ledger, region, timeline, queries);
    match data.value(id) {
        Ok(Some(Computed::Series(series))) => Some(series),
        _ => None,
    }
}

/// Everything the queries of a request can see.
struct Data<'a> {
    ledger: &'a Ledger,
    timeline: Timeline,
    metrics: Vec<Metric<'a>>,
    queries: Vec<&'a Value>,
    computed: RefCell<BTreeMap<String, Computed>>,
    /// The ids under evaluation, to find an expression that refers to itself.
    pending: RefCell<BTreeSet<String>>,
}

impl<'a> Data<'a> {
    fn new(ledger: &'a Ledger, region: &str, timeline: Timeline, queries: Vec<&'a Value>) -> Self {
        Self {
            ledger,
            timeline,
            metrics: metrics(ledger, region),
            queries,
            computed: RefCell::default(),
            pending: RefCell::default(),
        }
    }

    fn compute(&self, query: &Value) -> Result<Computed, Fault> {
        let id = text(query, "Id").unwrap_or_default();
        match self.value(id) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(invalid(id, "no such query")),
            Err(problem) => Err(invalid(id, &problem)),
        }
    }

    fn compute_query(&self, query: &Value) -> Result<Computed, String> {
        if let Some(expression) = text(query, "Expression") {
            return evaluate(&parse(expression)?, self);
        }
        let stat = query.get("MetricStat").unwrap_or(&Value::Null);
        let metric = stat.get("Metric").unwrap_or(&Value::Null);
        let name = text(metric, "MetricName").unwrap_or_default();
        let namespace = text(metric, "Namespace").unwrap_or_default();
        let wanted = dimensions(metric);
        let period = integer(stat, "Period").unwrap_or(300);
        let statistic = Statistic::parse(text(stat, "Stat").unwrap_or_default())?;
        let own = text(query, "AccountId").is_none_or(|account| account == Account::PAYER.id());
        let found = self
            .metrics
            .iter()
            .find(|metric| own && metric.is(namespace, name, &wanted))
            .filter(|metric| text(stat, "Unit").is_none_or(|unit| unit == metric.unit));
        Ok(Computed::Series(match found {
            Some(metric) => self.series(metric, statistic, period, name),
            None => TimeSeries {
                label: name.to_owned(),
                period,
                points: BTreeMap::new(),
            },
        }))
    }

    fn series(
        &self,
        metric: &Metric<'_>,
        statistic: Statistic,
        period: i64,
        label: &str,
    ) -> TimeSeries {
        let period = period.max(60);
        TimeSeries {
            label: label.to_owned(),
            period,
            points: self
                .timeline
                .grid(period)
                .filter(|time| self.timeline.is_kept(*time, period))
                .filter_map(|time| {
                    let bucket = metric.bucket(self.ledger, time, time + period)?;
                    Some((time, statistic.of(&bucket)))
                })
                .collect(),
        }
    }
}

impl Scope for Data<'_> {
    fn value(&self, id: &str) -> Result<Option<Computed>, String> {
        if let Some(value) = self.computed.borrow().get(id) {
            return Ok(Some(value.clone()));
        }
        let Some(query) = self
            .queries
            .iter()
            .find(|query| text(query, "Id") == Some(id))
        else {
            return Ok(None);
        };
        if !self.pending.borrow_mut().insert(id.to_owned()) {
            return Err(format!("'{id}' refers to itself"));
        }
        let value = self.compute_query(query);
        self.pending.borrow_mut().remove(id);
        let value = value?;
        self.computed
            .borrow_mut()
            .insert(id.to_owned(), value.clone());
        Ok(Some(value))
    }

    fn metrics(&self) -> Vec<(String, TimeSeries)> {
        self.queries
            .iter()
            .filter(|query| query.get("MetricStat").is_some())
            .filter_map(|query| {
                let id = text(query, "Id")?;
                match self.value(id) {
                    Ok(Some(Computed::Series(series))) => Some((id.to_owned(), series)),
                    _ => None,
                }
            })
            .collect()
    }

    fn search(&self, search: &Search) -> Result<Vec<TimeSeries>, String> {
        let statistic = Statistic::parse(&search.statistic)?;
        // A search sees what ListMetrics lists.
        let reach = 14 * 86_400;
        let now = self.timeline.now;
        let found: Vec<&Metric<'_>> = self
            .metrics
            .iter()
            .filter(|metric| search.finds(metric.namespace, metric.name, &metric.dimensions))
            .filter(|metric| metric.has_data(self.ledger, now - reach, now))
            .take(MOST_FOUND)
            .collect();
        let names: BTreeSet<&str> = found.iter().map(|metric| metric.name).collect();
        Ok(found
            .into_iter()
            .map(|metric| {
                // The label is what tells the found series apart.
                let values: Vec<&str> = metric
                    .dimensions
                    .iter()
                    .map(|(_, value)| value.as_str())
                    .collect();
                let label = match (names.len(), values.as_slice()) {
                    (_, []) => metric.name.to_owned(),
                    (1, values) => values.join(" "),
                    (_, values) => format!("{} {}", values.join(" "), metric.name),
                };
                self.series(metric, statistic, search.period, &label)
            })
            .collect())
    }

    fn grid(&self, period: i64) -> Vec<i64> {
        self.timeline.grid(period).collect()
    }
}

/// Cuts the page out of the results that a request asks for.
fn cut(input: &Value, results: Vec<(String, TimeSeries)>) -> Result<Value, Fault> {
    let paging = Paging::of("GetMetricData", input, &["NextToken", "MaxDatapoints"]);
    let start = match text(input, "NextToken") {
        None => 0,
        Some(token) => paging.position(token).ok_or_else(invalid_token)?,
    };
    let size = integer(input, "MaxDatapoints").and_then(|size| usize::try_from(size).ok());
    let end = start + size.unwrap_or(PAGE).clamp(1, PAGE);
    let ascending = text(input, "ScanBy") == Some("TimestampAscending");
    let mut shown = Vec::new();
    let mut before = 0;
    for (id, series) in results {
        let mut points: Vec<(i64, f64)> = series.points.into_iter().collect();
        if !ascending {
            points.reverse();
        }
        let (first, last) = (before, before + points.len());
        before = last;
        // A series without points is told on the first page.
        let is_here = if points.is_empty() {
            start == 0
        } else {
            first < end && last > start
        };
        if !is_here {
            continue;
        }
        let skip = start.saturating_sub(first);
        let part = points
            .iter()
            .skip(skip)
            .take(end.min(last).saturating_sub(start.max(first)));
        let (times, values): (Vec<i64>, Vec<f64>) = part.copied().unzip();
        shown.push(json!({
            "Id": id,
            "Label": series.label,
            "Timestamps": times,
            "Values": values,
            "StatusCode": if last > end { "PartialData" } else { "Complete" },
        }));
    }
    let token = (before > end).then(|| paging.token(end));
    Ok(with_token(
        json!({ "MetricDataResults": shown, "Messages": [] }),
        token,
    ))
}
