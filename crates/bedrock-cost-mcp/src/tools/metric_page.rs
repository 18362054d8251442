//! Which rows of metric values an answer shows: a condensed few, or every point page by page.

use super::{
    arguments::{Cursor, Whole, quoted},
    metric_series::{Raw, Step},
};
use crate::error::ToolError;
use jiff::Timestamp;

/// Rows on a page of all points.
const DEFAULT_LIMIT: i64 = 200;
/// The most rows on a page: the points of the longest `GetMetricStatistics` answer.
const MOST_ROWS: usize = 1_440;

/// Which rows are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) full: bool,
    limit: usize,
    from: Option<Timestamp>,
}

impl Page {
    /// Reads `detail`, `limit` and `cursor`.
    pub(crate) fn read(
        full: bool,
        limit: Option<Whole>,
        cursor: Option<&Cursor>,
    ) -> Result<Self, ToolError> {
        let given_limit = limit.is_some();
        let given = limit.map_or(DEFAULT_LIMIT, |whole| whole.0);
        let Ok(limit @ 1..=MOST_ROWS) = usize::try_from(given) else {
            return Err(ToolError::invalid(
                format!("limit is {given}"),
                format!("give a number of rows from 1 to {MOST_ROWS}"),
            ));
        };
        let from = cursor
            .map(|Cursor(text)| {
                text.parse().map_err(|_| {
                    ToolError::invalid(
                        format!("{} is not a cursor", quoted(text)),
                        "give the next_cursor of an answer as it stands",
                    )
                })
            })
            .transpose()?;
        // Who asks for a page, or so many rows, asks for points.
        let full = full || from.is_some() || given_limit;
        Ok(Self { full, limit, from })
    }

    /// The step of the rows, the values they are made from, and where the next page starts.
    pub(crate) fn of(&self, raw: &Raw, columns: usize) -> (Step, Raw, Option<String>) {
        if !self.full {
            return (Step::fitting(raw, columns), raw.clone(), None);
        }
        let wanted = raw
            .rows
            .iter()
            .filter(|(time, _)| self.from.is_none_or(|from| *time >= from));
        let next = wanted
            .clone()
            .nth(self.limit)
            .map(|(time, _)| time.to_string());
        let rows = wanted.take(self.limit).cloned().collect();
        (Step::Point, Raw { rows }, next)
    }
}
