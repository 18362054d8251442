//! The period of a request, in days or in hours.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Correction, QueryProblem};
use crate::period::{
    BillingPeriod, PeriodError, midnight, plus_days, plus_months, present, utc_date,
};
use crate::time_range::{TimeRange, iso_instant};

/// The period of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryPeriod {
    /// Whole days.
    Days(BillingPeriod),
    /// Hours.
    Hours(TimeRange),
}

impl QueryPeriod {
    /// Returns the inclusive start as AWS writes it: `2024-11-01` or `2024-11-01T00:00:00Z`.
    #[must_use]
    pub fn start_text(self) -> String {
        match self {
            Self::Days(period) => period.start().to_string(),
            Self::Hours(range) => range.start().to_string(),
        }
    }

    /// Returns the exclusive end as AWS writes it.
    #[must_use]
    pub fn end_text(self) -> String {
        match self {
            Self::Days(period) => period.end().to_string(),
            Self::Hours(range) => range.end().to_string(),
        }
    }

    /// Returns the days that the period touches.
    #[must_use]
    pub fn days(self) -> BillingPeriod {
        match self {
            Self::Days(period) => period,
            Self::Hours(range) => BillingPeriod::touching(range.start(), range.end()),
        }
    }
}

impl fmt::Display for QueryPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.start_text(), self.end_text())
    }
}

/// Two bounds of a period as given, and what to call them in a correction.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    pub(super) start: Option<&'a str>,
    pub(super) end: Option<&'a str>,
    pub(super) fields: [&'static str; 2],
}

impl<'a> Bounds<'a> {
    pub(super) fn new(
        start: Option<&'a String>,
        end: Option<&'a String>,
        fields: [&'static str; 2],
    ) -> Self {
        let text = |bound: Option<&'a String>| present(bound.map(String::as_str));
        Self {
            start: text(start),
            end: text(end),
            fields,
        }
    }

    pub(super) const fn is_absent(self) -> bool {
        self.start.is_none() && self.end.is_none()
    }

    /// Tells whether only the start is given.
    pub(super) const fn is_open(self) -> bool {
        self.start.is_some() && self.end.is_none()
    }

    /// Reads whole days; `absent` is the period where neither bound is given.
    pub(super) fn days(
        self,
        today: Date,
        absent: Option<BillingPeriod>,
        corrections: &mut Vec<Correction>,
    ) -> Result<BillingPeriod, QueryProblem> {
        for bound in [self.start, self.end].into_iter().flatten() {
            if self
                .instant(bound)?
                .is_some_and(|instant| midnight(utc_date(instant)) != instant)
            {
                return Err(QueryProblem::TimeOfDay {
                    given: bound.to_owned(),
                });
            }
        }
        let period = match absent {
            Some(period) if self.is_absent() => period,
            _ => BillingPeriod::parse(self.start, self.end, today)
                .map_err(|error| self.problem(error))?,
        };
        self.note(QueryPeriod::Days(period), corrections);
        Ok(period)
    }

    /// Reads a start alone as the days from it to the end of its month.
    pub(super) fn rest_of_month(
        self,
        today: Date,
        corrections: &mut Vec<Correction>,
    ) -> Result<BillingPeriod, QueryProblem> {
        let start = self.day(self.start.unwrap_or_default(), BillingPeriod::start, today)?;
        let end = plus_months(start.first_of_month(), 1).unwrap_or(start);
        let period = BillingPeriod::new(start, end).map_err(|error| self.problem(error))?;
        self.note(QueryPeriod::Days(period), corrections);
        Ok(period)
    }

    /// Reads hours; without either bound they are the last 7 days.
    pub(super) fn hours(
        self,
        today: Date,
        corrections: &mut Vec<Correction>,
    ) -> Result<TimeRange, QueryProblem> {
        let start = self
            .start
            .map(|text| self.instant(text))
            .transpose()?
            .flatten();
        let end = self
            .end
            .map(|text| self.instant(text))
            .transpose()?
            .flatten();
        let range = if start.is_none() && end.is_none() {
            let days = if self.is_absent() {
                plus_days(today, -7).and_then(|start| BillingPeriod::new(start, today).ok())
            } else {
                None
            };
            let days = match days {
                Some(days) => days,
                None => BillingPeriod::parse(self.start, self.end, today)
                    .map_err(|error| self.problem(error))?,
            };
            TimeRange::new(midnight(days.start()), midnight(days.end()))
        } else {
            // One bound is an instant; the other is one too, or a day that begins or ends at midnight.
            let last = match (end, self.end) {
                (Some(end), _) => end,
                (None, Some(text)) => midnight(self.day(text, BillingPeriod::end, today)?),
                (None, None) => midnight(plus_days(today, 1).unwrap_or(today)),
            };
            let first = match (start, self.start) {
                (Some(start), _) => start,
                (None, Some(text)) => midnight(self.day(text, BillingPeriod::start, today)?),
                (None, None) => last
                    .checked_sub(jiff::Span::new().hours(24))
                    .unwrap_or(last),
            };
            TimeRange::new(first, last)
        };
        let range = range.map_err(|error| self.problem(error))?;
        self.note(QueryPeriod::Hours(range), corrections);
        Ok(range)
    }

    /// Tells whether a bound has a time of day, so that hours are meant.
    pub(super) fn has_time_of_day(self) -> bool {
        [self.start, self.end].into_iter().flatten().any(|bound| {
            let instant = iso_instant(bound).ok().flatten();
            instant.is_some_and(|instant| midnight(utc_date(instant)) != instant)
        })
    }

    fn day(
        self,
        text: &str,
        side: fn(BillingPeriod) -> Date,
        today: Date,
    ) -> Result<Date, QueryProblem> {
        BillingPeriod::parse_bound(text, today, side).map_err(|error| self.problem(error))
    }

    fn instant(self, text: &str) -> Result<Option<Timestamp>, QueryProblem> {
        iso_instant(text).map_err(|error| self.problem(error))
    }

    fn problem(self, error: PeriodError) -> QueryProblem {
        let [start, end] = self.fields;
        let is_end = match &error {
            PeriodError::NotADate { given }
            | PeriodError::NotATime { given }
            | PeriodError::TooFar { given } => {
                self.end == Some(given.as_str()) && self.start != Some(given.as_str())
            }
            PeriodError::Impossible { given, .. } => {
                self.end.is_some_and(|end| end.starts_with(given.as_str()))
                    && !self
                        .start
                        .is_some_and(|start| start.starts_with(given.as_str()))
            }
            PeriodError::Empty { .. } => true,
        };
        QueryProblem::Period {
            field: if is_end { end } else { start },
            error,
        }
    }

    /// Lists the bounds whose text differs from what is asked, or that were absent.
    fn note(self, period: QueryPeriod, corrections: &mut Vec<Correction>) {
        let [start, end] = self.fields;
        for (field, given, to) in [
            (start, self.start, period.start_text()),
            (end, self.end, period.end_text()),
        ] {
            let from = given.unwrap_or_default();
            if from != to {
                corrections.push(Correction {
                    field,
                    from: from.to_owned(),
                    to,
                });
            }
        }
    }
}
