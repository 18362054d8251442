//! `GetMetricData`: many metrics at once, and expressions over them.

use jiff::Timestamp;

use super::{Metric, MetricError, MetricProblem, Stat, period, range};
use crate::cost_query::Correction;
use crate::names::nearest;
use crate::time_range::TimeRange;

/// Most queries of one request, by CloudWatch's API reference, checked 2026-11-22.
const MAX_QUERIES: usize = 500;

/// Longest id, by CloudWatch's API model.
const MAX_ID_CHARS: usize = 255;

/// Longest expression, by CloudWatch's API model.
const MAX_EXPRESSION_CHARS: usize = 2_048;

/// One query as a caller hands it over: nothing in it is checked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawMetricQuery {
    /// The name that expressions call it by.
    pub id: Option<String>,
    /// A metric.
    pub metric: Option<RawMetric>,
    /// Metric math, a search, or a Metrics Insights query.
    pub expression: Option<String>,
    /// The name of the line.
    pub label: Option<String>,
    /// Length of one point in seconds, for an expression.
    pub period: Option<i64>,
    /// Whether the points are wanted, or only what expressions make of them.
    pub return_data: Option<bool>,
}

/// A metric and its statistic as a caller hands it over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawMetric {
    /// Such as `AWS/Bedrock`.
    pub namespace: String,
    /// Such as `InputTokenCount`.
    pub metric_name: String,
    /// Names and values.
    pub dimensions: Vec<(String, String)>,
    /// Length of one point in seconds.
    pub period: Option<i64>,
    /// A plain or extended statistic.
    pub stat: String,
}

/// A valid `GetMetricData` request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricData {
    /// Which time.
    pub range: TimeRange,
    /// One to 500 queries, their ids all different.
    pub queries: Vec<MetricDataQuery>,
}

/// One valid query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricDataQuery {
    /// The name that expressions call it by.
    pub id: String,
    /// Where the points come from.
    pub source: MetricSource,
    /// The name of the line.
    pub label: Option<String>,
    /// Whether the points are wanted.
    pub return_data: bool,
}

/// Where the points of a query come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetricSource {
    /// A metric.
    Metric {
        /// Which one.
        metric: Metric,
        /// Length of one point in seconds, a multiple of 60.
        period: u32,
        /// The statistic.
        stat: Stat,
    },
    /// An expression.
    Expression {
        /// Its text.
        text: String,
        /// Length of one point in seconds; the one of its metrics where none is given.
        period: Option<u32>,
    },
}

impl MetricData {
    /// Makes a valid request out of raw queries, with what was corrected in form or assumed on the way.
    ///
    /// A query without an id gets one (`q1`, `q2`). `now` is the current time.
    ///
    /// # Errors
    ///
    /// Fails where CloudWatch would refuse the request or answer it with nothing. The error carries a range and a
    /// period that are valid together, where only those are wrong.
    pub fn new(
        queries: &[RawMetricQuery],
        start: Option<&str>,
        end: Option<&str>,
        now: Timestamp,
    ) -> Result<(Self, Vec<Correction>), MetricError> {
        if queries.is_empty() {
            return Err(MetricProblem::Missing {
                what: "metric_data_queries",
            }
            .into());
        }
        if queries.len() > MAX_QUERIES {
            let (what, given) = ("metric_data_queries", queries.len());
            return Err(MetricProblem::TooMany {
                what,
                given,
                max: MAX_QUERIES,
            }
            .into());
        }
        let range = range(start, end, now)?;
        let mut corrections = Vec::new();
        let ids = ids(queries, &mut corrections)?;
        let mut valid = Vec::with_capacity(queries.len());
        for (raw, id) in queries.iter().zip(&ids) {
            let source = match (&raw.metric, &raw.expression) {
                (Some(metric), None) => read_metric(metric, range, now, &mut corrections)?,
                (None, Some(text)) => read_expression(raw, text, id, &ids, range, now)?,
                (metric, _) => {
                    return Err(MetricProblem::Source {
                        id: id.clone(),
                        both: metric.is_some(),
                    }
                    .into());
                }
            };
            valid.push(MetricDataQuery {
                id: id.clone(),
                source,
                label: raw.label.clone().filter(|label| !label.is_empty()),
                return_data: raw.return_data.unwrap_or(true),
            });
        }
        let insights = valid.iter().filter(|query| query.is_insights()).count();
        if insights > 1 {
            return Err(MetricProblem::TooMany {
                what: "Metrics Insights queries",
                given: insights,
                max: 1,
            }
            .into());
        }
        Ok((
            Self {
                range,
                queries: valid,
            },
            corrections,
        ))
    }
}

impl MetricDataQuery {
    /// Tells whether the query is in the language of Metrics Insights, which reaches back two weeks.
    #[must_use]
    pub fn is_insights(&self) -> bool {
        matches!(&self.source, MetricSource::Expression { text, .. } if is_insights(text))
    }
}

fn is_insights(text: &str) -> bool {
    let first = text.split_whitespace().next();
    first.is_some_and(|word| word.eq_ignore_ascii_case("SELECT"))
}

/// Reads the ids, and gives one to every query that has none.
fn ids(
    queries: &[RawMetricQuery],
    corrections: &mut Vec<Correction>,
) -> Result<Vec<String>, MetricProblem> {
    let mut ids: Vec<String> = Vec::with_capacity(queries.len());
    let is_given = |name: &str| {
        queries
            .iter()
            .any(|query| query.id.as_deref() == Some(name))
    };
    for query in queries {
        let id = if let Some(id) = query.id.as_deref().filter(|id| !id.is_empty()) {
            if !is_id(id) {
                return Err(MetricProblem::Id {
                    given: id.to_owned(),
                });
            }
            if ids.iter().any(|earlier| earlier == id) {
                return Err(MetricProblem::Twice {
                    what: "id",
                    given: id.to_owned(),
                });
            }
            id.to_owned()
        } else {
            let free = (1..).map(|number| format!("q{number}"));
            let id = free
                .into_iter()
                .find(|name| !is_given(name) && !ids.contains(name))
                .unwrap_or_default();
            corrections.push(Correction {
                field: "id",
                from: String::new(),
                to: id.clone(),
            });
            id
        };
        ids.push(id);
    }
    Ok(ids)
}

fn is_id(text: &str) -> bool {
    text.len() <= MAX_ID_CHARS
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn read_metric(
    raw: &RawMetric,
    range: TimeRange,
    now: Timestamp,
    corrections: &mut Vec<Correction>,
) -> Result<MetricSource, MetricError> {
    let metric = Metric::new(&raw.namespace, &raw.metric_name, &raw.dimensions)?;
    if raw.stat.trim().is_empty() {
        return Err(MetricProblem::Missing { what: "stat" }.into());
    }
    let stat: Stat = raw.stat.parse().map_err(MetricProblem::from)?;
    if stat.as_str() != raw.stat {
        corrections.push(Correction {
            field: "stat",
            from: raw.stat.clone(),
            to: stat.to_string(),
        });
    }
    let period = period::check(range, raw.period, now, None)?;
    if raw.period.is_none() {
        corrections.push(Correction {
            field: "period",
            from: String::new(),
            to: period.to_string(),
        });
    }
    Ok(MetricSource::Metric {
        metric,
        period,
        stat,
    })
}

fn read_expression(
    raw: &RawMetricQuery,
    text: &str,
    id: &str,
    ids: &[String],
    range: TimeRange,
    now: Timestamp,
) -> Result<MetricSource, MetricError> {
    super::check_text("expression", text, MAX_EXPRESSION_CHARS)?;
    if !is_insights(text) {
        for name in references(text) {
            let others = || ids.iter().map(String::as_str).filter(|other| *other != id);
            if !others().any(|other| other == name) {
                let nearest = nearest(name, others(), 1)
                    .first()
                    .map(|name| (*name).to_owned());
                let (id, unknown) = (id.to_owned(), name.to_owned());
                return Err(MetricProblem::Reference {
                    id,
                    unknown,
                    nearest,
                }
                .into());
            }
        }
    }
    let period = raw
        .period
        .map(|given| period::check(range, Some(given), now, None))
        .transpose()?;
    Ok(MetricSource::Expression {
        text: text.to_owned(),
        period,
    })
}

/// Returns the ids that a metric math expression names: its words in lower case, outside of quotes.
///
/// Functions are in upper case, and what stands in quotes is a search.
fn references(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => {
                let after = rest.get(1..).unwrap_or_default();
                after.find(first).map_or(rest.len(), |end| end + 2)
            }
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
                end.unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        let (word, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if first.is_lowercase() {
            names.push(word);
        }
        rest = tail;
    }
    names
}
