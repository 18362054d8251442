//! The days that anomalies are asked for: AWS keeps 90, and the end is inclusive here, unlike in Cost Explorer.

use crate::error::{CorrectedRequest, ToolError};
use bedrock_cost::period::{BillingPeriod, PeriodError, days_between, parse_date, plus_days};
use jiff::civil::Date;
use std::fmt;

/// AWS keeps anomalies for this long (Cost Explorer API reference, read 2026-11-22).
const KEPT_DAYS: i64 = 90;

/// Days from `start` to `end`, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: Date,
    pub(super) end: Date,
}

/// Why days cannot be asked for, and which can.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongWindow {
    problem: String,
    instead: Option<Window>,
}

impl WrongWindow {
    pub(super) fn into_error(self, corrected: impl Fn(Window) -> CorrectedRequest) -> ToolError {
        ToolError::InvalidArgument {
            problem: self.problem,
            accepted: format!(
                "start_date and end_date (inclusive) are YYYY-MM-DD or relative (-30d, last_month), within the last {KEPT_DAYS} days"
            ),
            corrected: self.instead.map(|window| Box::new(corrected(window))),
        }
    }
}

impl Window {
    /// Reads the window; without a start it is the last 90 days, without an end it reaches up to today.
    pub(super) fn read(
        start: Option<&str>,
        end: Option<&str>,
        today: Date,
    ) -> Result<Self, WrongWindow> {
        let first = plus_days(today, 1 - KEPT_DAYS).unwrap_or(today);
        let last_90_days = Self {
            start: first,
            end: today,
        };
        let given = |text: Option<&str>| {
            text.map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let (start, end) = (given(start), given(end));
        let from = start
            .as_deref()
            .map(|text| bounds(text, today))
            .transpose()?;
        let to = end.as_deref().map(|text| bounds(text, today)).transpose()?;
        // A name such as last_month given alone is the whole of that month.
        let named_end = from.and_then(|(from, to)| (from != to).then_some(to));
        let window = Self {
            start: from.map_or(first, |(day, _)| day),
            end: to.map(|(_, day)| day).or(named_end).unwrap_or(today).min(
                // Only a name may be cut: a date in the future is what was asked for, and is refused.
                if to.is_none() { today } else { Date::MAX },
            ),
        };
        if window.end < window.start {
            let turned = Self {
                start: window.end,
                end: window.start,
            };
            return Err(WrongWindow {
                problem: format!(
                    "end_date {} is before start_date {}",
                    window.end, window.start
                ),
                instead: Some(if turned.is_kept(today) {
                    turned
                } else {
                    last_90_days
                }),
            });
        }
        if window.end > today {
            let instead = Self {
                start: window.start.max(first).min(today),
                end: today,
            };
            return Err(WrongWindow {
                problem: format!("end_date {} is in the future: today is {today}", window.end),
                instead: Some(instead),
            });
        }
        if !window.is_kept(today) {
            return Err(WrongWindow {
                problem: format!(
                    "AWS keeps anomalies for {KEPT_DAYS} days, and {} is {} days ago",
                    window.start,
                    days_between(window.start, today)
                ),
                instead: Some(last_90_days),
            });
        }
        Ok(window)
    }

    fn is_kept(self, today: Date) -> bool {
        self.end <= today && days_between(self.start, today) <= KEPT_DAYS
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {} inclusive", self.start, self.end)
    }
}

/// The first and last day that a text names: one day, or a period such as `last_month`.
fn bounds(text: &str, today: Date) -> Result<(Date, Date), WrongWindow> {
    let wrong = |error: PeriodError| WrongWindow {
        problem: error.to_string(),
        instead: None,
    };
    match parse_date(text, today) {
        Ok(day) => Ok((day, day)),
        Err(PeriodError::NotADate { .. }) => {
            let period = BillingPeriod::parse(Some(text), None, today).map_err(wrong)?;
            Ok((period.start(), period.last_day()))
        }
        Err(error) => Err(wrong(error)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    const TODAY: Date = Date::constant(2024, 12, 5);

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(start: Option<&str>, end: Option<&str>, expected: (&str, &str)) {
        let window = Window::read(start, end, TODAY).unwrap();
        assert_eq!(
            (window.start, window.end),
            (date(expected.0), date(expected.1))
        );
    }

    #[track_caller]
    fn check_refused(
        start: Option<&str>,
        end: Option<&str>,
        part: &str,
        instead: Option<(&str, &str)>,
    ) {
        let refused = Window::read(start, end, TODAY).unwrap_err();
        assert!(refused.problem.contains(part), "{}", refused.problem);
        let instead = instead.map(|(start, end)| Window {
            start: date(start),
            end: date(end),
        });
        assert_eq!(refused.instead, instead);
        if let Some(window) = instead {
            let again = Window::read(
                Some(&window.start.to_string()),
                Some(&window.end.to_string()),
                TODAY,
            );
            assert_eq!(again, Ok(window), "what is offered must run");
        }
    }

    #[test]
    fn windows_are_read_with_an_inclusive_end() {
        check(
            Some("2024-11-01"),
            Some("2024-12-01"),
            ("2024-11-01", "2024-12-01"),
        );
        check(
            Some("2024-11-18"),
            Some("2024-11-18"),
            ("2024-11-18", "2024-11-18"),
        );
        check(Some("2024-11-18"), None, ("2024-11-18", "2024-12-05"));
        check(None, None, ("2024-09-07", "2024-12-05"));
        check(Some("last_month"), None, ("2024-11-01", "2024-11-30"));
        check(Some("-30d"), Some("today"), ("2024-11-05", "2024-12-05"));
        check(
            Some("2024-09-06"),
            Some("today"),
            ("2024-09-06", "2024-12-05"),
        );
    }

    #[test]
    fn what_aws_has_no_anomalies_for_is_refused_with_days_it_has() {
        let last_90 = Some(("2024-09-07", "2024-12-05"));
        check_refused(
            Some("2024-09-05"),
            Some("2024-10-01"),
            "2024-09-05 is 91 days ago",
            last_90,
        );
        check_refused(
            Some("2022-11-01"),
            Some("2022-12-01"),
            "keeps anomalies for 90 days",
            last_90,
        );
        check_refused(
            Some("2024-11-01"),
            Some("2024-12-06"),
            "in the future: today is 2024-12-05",
            Some(("2024-11-01", "2024-12-05")),
        );
        check_refused(
            Some("2025-01-01"),
            Some("2025-02-01"),
            "in the future",
            Some(("2024-12-05", "2024-12-05")),
        );
        check_refused(
            Some("2024-12-01"),
            Some("2024-11-01"),
            "end_date 2024-11-01 is before start_date 2024-12-01",
            Some(("2024-11-01", "2024-12-01")),
        );
        check_refused(Some("2024-11-31"), None, "2024-11-31 does not exist", None);
        check_refused(Some("soon"), None, "cannot read \"soon\" as a date", None);
    }
}
