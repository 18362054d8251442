//! Time periods: what `TimePeriod` and `Granularity` ask for, cut into results.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::expression::text;
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::calendar::{Day, midnight};

/// How finely results are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Granularity {
    /// By day.
    Daily,
    /// By calendar month.
    Monthly,
    /// By hour.
    Hourly,
}

/// A half-open period of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    /// The first instant.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

impl Granularity {
    pub(super) fn from_input(input: &Value) -> Result<Self, Fault> {
        match text(input, "Granularity").unwrap_or("MONTHLY") {
            "DAILY" => Ok(Self::Daily),
            "MONTHLY" => Ok(Self::Monthly),
            "HOURLY" => Ok(Self::Hourly),
            other => Err(Fault::validation(format!("Granularity {other} is invalid"))),
        }
    }

    /// Cuts a period at the bounds of this granularity.
    pub(super) fn cut(self, whole: Period) -> Vec<Period> {
        let mut periods = Vec::new();
        let mut start = whole.start;
        while start < whole.end {
            let next = match self {
                Self::Hourly => start.checked_add(1.hour()).unwrap_or(Timestamp::MAX),
                Self::Daily => midnight(date(start).saturating_add(1.day())),
                Self::Monthly => midnight(date(start).first_of_month().saturating_add(1.month())),
            };
            let end = next.min(whole.end);
            periods.push(Period { start, end });
            start = end;
        }
        periods
    }
}

impl Period {
    /// Reads a date interval member of a request.
    pub(super) fn from_input(input: &Value, member: &str) -> Result<Self, Fault> {
        let interval = input.get(member).unwrap_or(&Value::Null);
        let start = instant(text(interval, "Start").unwrap_or_default())?;
        let end = instant(text(interval, "End").unwrap_or_default())?;
        if start >= end {
            return Err(Fault::validation(
                "Start date (and hour) should be before end date (and hour)",
            ));
        }
        Ok(Self { start, end })
    }

    /// The `TimePeriod` of a result.
    pub(super) fn to_json(self, granularity: Granularity) -> Value {
        let show = |instant: Timestamp| match granularity {
            Granularity::Hourly => instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Granularity::Daily | Granularity::Monthly => date(instant).to_string(),
        };
        json!({ "Start": show(self.start), "End": show(self.end) })
    }

    /// Whether the bill of this period may still change: its month is not closed before the
    /// third day of the next.
    pub(super) fn is_estimated(self, ledger: &Ledger) -> bool {
        let last = self.end.checked_sub(1.second()).unwrap_or(self.end);
        let closed = midnight(
            date(last)
                .first_of_month()
                .saturating_add(1.month())
                .saturating_add(2.days()),
        );
        ledger.as_of() < closed
    }

    /// The first and the first following day.
    pub(super) fn days(self) -> (Day, Day) {
        let (end, minute) = Day::of(self.end);
        (
            Day::of(self.start).0,
            if minute == 0 { end } else { end.plus(1) },
        )
    }
}

/// The UTC date of an instant.
pub(super) fn date(instant: Timestamp) -> Date {
    instant.to_zoned(TimeZone::UTC).date()
}

/// Reads `2026-11-01` or `2026-11-01T05:00:00Z`.
pub(super) fn instant(text: &str) -> Result<Timestamp, Fault> {
    let refused = || Fault::validation(format!("Date {text:?} is not a valid date"));
    if text.len() == 10 {
        return text.parse().map(midnight).map_err(|_| refused());
    }
    let civil: DateTime = text
        .strip_suffix('Z')
        .and_then(|text| text.parse().ok())
        .ok_or_else(refused)?;
    civil
        .to_zoned(TimeZone::UTC)
        .map(|zoned| zoned.timestamp())
        .map_err(|_| refused())
}
