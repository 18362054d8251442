//! How far back and ahead Cost Explorer's data reaches.

use jiff::civil::Date;

use super::Granularity;
use crate::period::{BillingPeriod, plus_days, plus_months};

/// Days that hourly data and data by resource reach back.
///
/// Source: Cost Explorer's documentation and API model, checked 2026-11-22.
const DETAIL_DAYS: i64 = 14;

/// Months before the current one that daily data reaches back: 13 and the current one are the 14 of AWS's message.
const DAILY_MONTHS: i64 = 13;

/// Months before the current one that monthly data reaches back: 37 and the current one are AWS's 38.
const MONTHLY_MONTHS: i64 = 37;

/// The first days and the last day of data as of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) today: Date,
    /// First day of hourly data and of data by resource.
    pub(super) detail: Date,
    /// First day of daily data.
    pub(super) daily: Date,
    /// First day of monthly data where multi-year data is switched on.
    pub(super) monthly: Date,
    /// Latest day that a period may end before: the first of next month.
    pub(super) end: Date,
}

impl Reach {
    pub(super) fn of(today: Date) -> Self {
        let month = today.first_of_month();
        Self {
            today,
            detail: plus_days(today, -DETAIL_DAYS).unwrap_or(today),
            daily: plus_months(month, -DAILY_MONTHS).unwrap_or(month),
            monthly: plus_months(month, -MONTHLY_MONTHS).unwrap_or(month),
            end: plus_months(month, 1).unwrap_or(Date::MAX),
        }
    }

    /// Returns the latest complete period that is most like this one, within the reach of daily data.
    pub(super) fn recent(self, like: BillingPeriod) -> Option<(Granularity, BillingPeriod)> {
        let month = self.today.first_of_month();
        let (granularity, start, end) = if like.is_whole_months() {
            let months = i64::from(like.days().saturating_add(15) / 30).clamp(1, DAILY_MONTHS);
            (Granularity::Monthly, plus_months(month, -months)?, month)
        } else {
            let days = i64::from(like.days()).min(365);
            (
                Granularity::Daily,
                plus_days(self.today, -days)?,
                self.today,
            )
        };
        Some((granularity, BillingPeriod::new(start, end).ok()?))
    }

    /// Returns the period widened to whole months, but not past the end of data.
    pub(super) fn whole_months(self, period: BillingPeriod) -> Option<BillingPeriod> {
        let end = if period.end().day() == 1 {
            period.end()
        } else {
            plus_months(period.end().first_of_month(), 1)?
        };
        BillingPeriod::new(period.start().first_of_month(), end.min(self.end)).ok()
    }
}
