//! Metric math: expressions of `GetMetricData` over time series, with AWS's rules for gaps.

mod evaluate;
mod functions;
mod parse;
mod search;

pub(super) use evaluate::{Scope, Value, evaluate};
pub(super) use parse::parse;
pub(super) use search::Search;

use std::collections::BTreeMap;

/// A series of points on a regular grid; a timestamp without data has no point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TimeSeries {
    /// What AWS shows as the series' label.
    pub label: String,
    /// Seconds between two neighbouring timestamps of the grid.
    pub period: i64,
    /// Value by epoch second.
    pub points: BTreeMap<i64, f64>,
}

impl TimeSeries {
    fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        self.with_points(
            self.points
                .iter()
                .map(|(time, value)| (*time, change(*value))),
        )
    }

    /// The same series with other points; a value that is not a finite number is no point.
    fn with_points(&self, points: impl IntoIterator<Item = (i64, f64)>) -> Self {
        Self {
            label: self.label.clone(),
            period: self.period,
            points: points
                .into_iter()
                .filter(|(_, value)| value.is_finite())
                .collect(),
        }
    }
}
