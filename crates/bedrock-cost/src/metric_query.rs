//! CloudWatch requests that satisfy its rules before they are sent.
//!
//! CloudWatch answers many a wrong request with an empty list instead of an error. What would come back empty for a
//! reason that is known beforehand is refused here, with a range and a period that have data where there are some.

mod data;
mod error;
mod period;
mod statistic;

pub use data::{MetricData, MetricDataQuery, MetricSource, RawMetric, RawMetricQuery};
pub use error::{MetricError, MetricProblem};
pub use period::{Retention, fitting_period};
pub use statistic::{ExtendedStatistic, Stat, Statistic};

use jiff::Timestamp;

use crate::cost_query::Correction;
use crate::time_range::TimeRange;

/// Most points of one `GetMetricStatistics` answer, by CloudWatch's API reference, checked 2026-11-22.
pub const MAX_POINTS: u64 = 1_440;

/// Most statistics of one request, by CloudWatch's API model.
const MAX_STATISTICS: usize = 5;

/// Most extended statistics of one request, by CloudWatch's API model.
const MAX_EXTENDED: usize = 10;

/// Most dimensions of one metric, by CloudWatch's API model.
const MAX_DIMENSIONS: usize = 30;

/// Longest namespace, metric name and dimension name, by CloudWatch's API model.
const MAX_NAME_CHARS: usize = 255;

/// Longest dimension value, by CloudWatch's API model.
const MAX_VALUE_CHARS: usize = 1_024;

/// One metric: a name in a namespace under exactly these dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Such as `AWS/Bedrock`.
    pub namespace: String,
    /// Such as `InputTokenCount`.
    pub name: String,
    /// Names and values; none means the metric that was recorded without any, not the sum over all.
    pub dimensions: Vec<(String, String)>,
}

impl Metric {
    /// Checks the names of a metric.
    ///
    /// # Errors
    ///
    /// Fails when a name is empty or too long, or when there are too many dimensions or one twice.
    pub fn new(
        namespace: &str,
        name: &str,
        dimensions: &[(String, String)],
    ) -> Result<Self, MetricProblem> {
        check_text("namespace", namespace, MAX_NAME_CHARS)?;
        check_text("metric_name", name, MAX_NAME_CHARS)?;
        if namespace.starts_with(':') {
            return Err(MetricProblem::Namespace {
                given: namespace.to_owned(),
            });
        }
        if dimensions.len() > MAX_DIMENSIONS {
            return Err(MetricProblem::TooMany {
                what: "dimensions",
                given: dimensions.len(),
                max: MAX_DIMENSIONS,
            });
        }
        for (at, (name, value)) in dimensions.iter().enumerate() {
            check_text("dimension name", name, MAX_NAME_CHARS)?;
            check_text("dimension value", value, MAX_VALUE_CHARS)?;
            if dimensions
                .iter()
                .take(at)
                .any(|(earlier, _)| earlier == name)
            {
                return Err(MetricProblem::Twice {
                    what: "dimension",
                    given: name.clone(),
                });
            }
        }
        Ok(Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions.to_vec(),
        })
    }
}

fn check_text(what: &'static str, text: &str, max: usize) -> Result<(), MetricProblem> {
    if text.trim().is_empty() {
        return Err(MetricProblem::Missing { what });
    }
    let given = text.chars().count();
    if given > max {
        return Err(MetricProblem::TooLong { what, given, max });
    }
    Ok(())
}

/// The raw arguments of one `GetMetricStatistics` call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetricArguments {
    /// Such as `AWS/Bedrock`.
    pub namespace: String,
    /// Such as `InputTokenCount`.
    pub metric_name: String,
    /// Names and values.
    pub dimensions: Vec<(String, String)>,
    /// First instant: ISO 8601, epoch seconds, a relative form or the name of a period.
    pub start: Option<String>,
    /// Instant after the last.
    pub end: Option<String>,
    /// Length of one point in seconds.
    pub period: Option<i64>,
    /// `Sum`, `Average`, `Maximum`, `Minimum`, `SampleCount`.
    pub statistics: Vec<String>,
    /// Percentiles and their kin, such as `p99`.
    pub extended_statistics: Vec<String>,
}

/// A valid `GetMetricStatistics` request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricStatisticsQuery {
    /// Which metric.
    pub metric: Metric,
    /// Which time.
    pub range: TimeRange,
    /// Length of one point in seconds, a multiple of 60.
    pub period: u32,
    /// At least one, all plain or all extended, none twice.
    pub statistics: Vec<Stat>,
}

impl MetricStatisticsQuery {
    /// Makes a valid request out of raw arguments, with what was corrected in form or assumed on the way.
    ///
    /// `now` is the current time. Without bounds the range is the last 24 hours; without a period it is the shortest
    /// of the usual ones that CloudWatch keeps and that gives no more points than a month has hours.
    ///
    /// # Errors
    ///
    /// Fails where CloudWatch would refuse the request or answer it with nothing. The error carries a range and a
    /// period that are valid together, where only those are wrong.
    pub fn new(
        arguments: &MetricArguments,
        now: Timestamp,
    ) -> Result<(Self, Vec<Correction>), MetricError> {
        let mut corrections = Vec::new();
        let metric = Metric::new(
            &arguments.namespace,
            &arguments.metric_name,
            &arguments.dimensions,
        )?;
        let statistics = statistics(arguments, &mut corrections)?;
        let range = range(arguments.start.as_deref(), arguments.end.as_deref(), now)?;
        let period = period::check(range, arguments.period, now, Some(MAX_POINTS))?;
        if arguments.period.is_none() {
            corrections.push(Correction {
                field: "period",
                from: String::new(),
                to: period.to_string(),
            });
        }
        Ok((
            Self {
                metric,
                range,
                period,
                statistics,
            },
            corrections,
        ))
    }

    /// Returns the most points that the answer can have.
    #[must_use]
    pub fn points(&self) -> u64 {
        self.range.seconds().div_ceil(u64::from(self.period))
    }
}

/// Reads a range of time.
///
/// # Errors
///
/// Fails when a bound cannot be read, or when the end is not after the start.
pub fn range(
    start: Option<&str>,
    end: Option<&str>,
    now: Timestamp,
) -> Result<TimeRange, MetricError> {
    TimeRange::parse(start, end, now).map_err(|error| MetricProblem::Range(error).into())
}

/// Reads plain or extended statistics; an extended one among the plain is read as what it is.
fn statistics(
    arguments: &MetricArguments,
    corrections: &mut Vec<Correction>,
) -> Result<Vec<Stat>, MetricProblem> {
    let mut stats: Vec<Stat> = Vec::new();
    for (field, given) in [
        ("statistics", &arguments.statistics),
        ("extended_statistics", &arguments.extended_statistics),
    ] {
        for given in given {
            let stat: Stat = given.parse()?;
            let its_field = if stat.is_extended() {
                "extended_statistics"
            } else {
                "statistics"
            };
            if stat.as_str() != given || its_field != field {
                corrections.push(Correction {
                    field,
                    from: given.clone(),
                    to: format!("{its_field} {stat}"),
                });
            }
            if !stats.contains(&stat) {
                stats.push(stat);
            }
        }
    }
    let extended = stats.iter().filter(|stat| stat.is_extended()).count();
    if stats.is_empty() {
        return Err(MetricProblem::Missing { what: "statistics" });
    }
    if extended != 0 && extended != stats.len() {
        return Err(MetricProblem::BothStatistics);
    }
    let max = if extended == 0 {
        MAX_STATISTICS
    } else {
        MAX_EXTENDED
    };
    if stats.len() > max {
        return Err(MetricProblem::TooMany {
            what: "statistics",
            given: stats.len(),
            max,
        });
    }
    Ok(stats)
}

#[cfg(test)]
mod tests;
