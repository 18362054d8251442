//! Why a CloudWatch request is refused before it is sent.

use crate::names::{Shown, UnknownName};
use crate::period::PeriodError;
use crate::time_range::TimeRange;

/// A refused request: what is wrong, and a range and period that are right where only those are wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct MetricError {
    /// What is wrong.
    pub problem: Box<MetricProblem>,
    /// A range, and a period in seconds, that are valid together.
    pub suggested: Option<(TimeRange, u32)>,
}

impl From<MetricProblem> for MetricError {
    fn from(problem: MetricProblem) -> Self {
        Self {
            problem: Box::new(problem),
            suggested: None,
        }
    }
}

/// One broken rule of CloudWatch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricProblem {
    /// The range cannot be read or is empty.
    #[error(transparent)]
    Range(#[from] PeriodError),
    /// A statistic is unknown.
    #[error("{0}, or a percentile such as p99")]
    Statistic(#[from] UnknownName),
    /// Plain and extended statistics stand in one request.
    #[error("one request takes either statistics or extended_statistics, not both")]
    BothStatistics,
    /// Something is absent.
    #[error("{what} is missing")]
    Missing {
        /// What it is.
        what: &'static str,
    },
    /// A text is too long.
    #[error("{what} is {given} characters long, at most {max} are accepted")]
    TooLong {
        /// What it is.
        what: &'static str,
        /// Its length.
        given: usize,
        /// The greatest accepted.
        max: usize,
    },
    /// A list is too long.
    #[error("{given} {what}, at most {max} are accepted")]
    TooMany {
        /// What is listed.
        what: &'static str,
        /// How many are given.
        given: usize,
        /// The greatest accepted.
        max: usize,
    },
    /// Something stands twice where it may stand once.
    #[error("{what} {} stands twice", Shown(.given))]
    Twice {
        /// What it is.
        what: &'static str,
        /// What stands twice.
        given: String,
    },
    /// A namespace begins with a colon.
    #[error("namespace {} begins with a colon", Shown(.given))]
    Namespace {
        /// The namespace.
        given: String,
    },
    /// A period is not a positive multiple of 60 seconds.
    #[error("period {given} is not a positive multiple of 60 seconds")]
    PeriodStep {
        /// The period.
        given: i64,
    },
    /// CloudWatch no longer keeps points that short.
    #[error(
        "period {given} is not a multiple of {finest} seconds, the shortest that CloudWatch keeps for a start {days} days ago"
    )]
    PeriodTooFine {
        /// The period.
        given: i64,
        /// The shortest kept, in seconds.
        finest: u32,
        /// The age of the start.
        days: u64,
    },
    /// The range has more points than one answer.
    #[error("a period of {period} seconds gives {points} points, at most {max} are accepted")]
    TooManyPoints {
        /// The period.
        period: u32,
        /// The points it gives.
        points: u64,
        /// The greatest accepted.
        max: u64,
    },
    /// CloudWatch keeps nothing of the range any more.
    #[error("CloudWatch keeps metrics for 455 days, to {oldest}; the range ends {end}")]
    Expired {
        /// The oldest instant kept.
        oldest: jiff::Timestamp,
        /// The end of the range.
        end: jiff::Timestamp,
    },
    /// An id has a form that CloudWatch refuses.
    #[error("id {} does not begin with a lower-case letter, or holds more than letters, digits and underscores", Shown(.given))]
    Id {
        /// The id.
        given: String,
    },
    /// A query has both a metric and an expression, or neither.
    #[error("query {id} has {}, it takes exactly one of metric_stat and expression", if *.both { "both" } else { "neither" })]
    Source {
        /// The id of the query.
        id: String,
        /// Whether it has both.
        both: bool,
    },
    /// An expression names an id that no other query has.
    #[error("expression {id} names {}, which no other query is called{}", Shown(.unknown), Nearest(.nearest.as_deref()))]
    Reference {
        /// The id of the expression.
        id: String,
        /// The id that it names.
        unknown: String,
        /// An id that looks like it.
        nearest: Option<String>,
    },
}

struct Nearest<'a>(Option<&'a str>);

impl std::fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .map_or(Ok(()), |nearest| write!(f, ", nearest: {nearest}"))
    }
}
