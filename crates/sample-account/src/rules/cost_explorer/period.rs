//! Which time periods Cost Explorer answers for.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::Value;

use crate::fault::Fault;
use crate::rules::{Context, text};

/// How far back hourly and resource-level data goes (API reference, 2026-11-22).
const HOURLY_DAYS: i64 = 14;
/// Calendar months with daily data, the current one included (API reference, 2026-11-22).
const DAILY_MONTHS: i32 = 14;
/// Calendar months with monthly data where multi-year data is on (API reference, 2026-11-22).
const MULTI_YEAR_MONTHS: i32 = 38;

/// A time period whose ends are both of the form its granularity asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) start: DateTime,
    pub(super) end: DateTime,
}

/// The form of a period's ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Date,
    Hour,
}

impl Period {
    /// Reads a period and checks that its start lies before its end.
    pub(super) fn read(period: &Value, form: Form) -> Result<Self, Fault> {
        let read = Self {
            start: end_of("Start", text(period, "Start"), form)?,
            end: end_of("End", text(period, "End"), form)?,
        };
        if read.start >= read.end {
            return Err(Fault::validation(
                "Start date (and hour) should be before end date (and hour)",
            ));
        }
        Ok(read)
    }

    /// Checks that a period has begun and ends with this month at the latest.
    pub(super) fn check_present(&self, context: &Context) -> Result<(), Fault> {
        let today = context.today();
        if self.start.date() > today {
            return Err(Fault::validation(
                "Start date cannot be after the current date",
            ));
        }
        let next_month = months_from(today, 1).to_datetime(jiff::civil::Time::midnight());
        if self.end > next_month {
            return Err(Fault::validation(
                "end date past the beginning of next month",
            ));
        }
        Ok(())
    }

    /// Checks how far back a period of daily or monthly data reaches.
    pub(super) fn check_history(&self, context: &Context, monthly: bool) -> Result<(), Fault> {
        let today = context.today();
        let start = self.start.date();
        if start >= months_from(today, 1 - DAILY_MONTHS) {
            return Ok(());
        }
        if !context.opt_ins.multi_year {
            return Err(Fault::validation(
                "You haven't enabled historical data beyond 14 months.",
            ));
        }
        if start.day() != 1 {
            return Err(Fault::validation(
                "To retrieve data beyond the past 14 months, your start date needs to be the \
                 first day of the month.",
            ));
        }
        if !monthly {
            return Err(Fault::validation(
                "Data beyond the past 14 months is available at monthly granularity only.",
            ));
        }
        if start < months_from(today, 1 - MULTI_YEAR_MONTHS) {
            return Err(Fault::validation(
                "Start date is more than 38 months ago. Data is available for the past 38 months.",
            ));
        }
        Ok(())
    }

    /// Checks that a period lies within the past 14 days, where hourly and resource data is.
    pub(super) fn check_recent(&self, context: &Context) -> Result<(), Fault> {
        let oldest = context.now - Span::new().hours(24 * HOURLY_DAYS);
        // The day 14 days ago counts in full.
        let oldest = TimeZone::UTC.to_datetime(oldest).date();
        if self.start.date() < oldest {
            return Err(Fault::validation(
                "Start date is more than 14 days ago for hourly granularity. Please adjust start \
                 date as we support only 14 days of data at hourly granularity.",
            ));
        }
        Ok(())
    }

    /// Whether the period is one calendar month, from its first day to the next one's.
    pub(super) fn is_one_month(&self) -> bool {
        let start = self.start.date();
        start.day() == 1 && self.end.date() == months_from(start, 1)
    }
}

/// The first day of the month that many months from the month of `date`.
pub(super) fn months_from(date: Date, months: i32) -> Date {
    let moved = date
        .first_of_month()
        .checked_add(Span::new().months(months));
    moved.unwrap_or(if months < 0 { Date::MIN } else { Date::MAX })
}

fn end_of(name: &str, given: &str, form: Form) -> Result<DateTime, Fault> {
    let read = match form {
        Form::Date if given.len() == 10 => given.parse::<Date>().ok().map(DateTime::from),
        Form::Hour if given.contains('T') => given
            .parse::<Timestamp>()
            .ok()
            .map(|instant| TimeZone::UTC.to_datetime(instant)),
        _ => None,
    };
    let valid = match form {
        Form::Date => "yyyy-MM-dd",
        Form::Hour => "yyyy-MM-ddTHH:mm:ssZ",
    };
    read.ok_or_else(|| {
        Fault::validation(format!(
            "{name} time {given} is invalid. Valid format is: {valid}."
        ))
    })
}
