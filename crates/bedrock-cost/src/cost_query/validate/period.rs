//! The period of a request: what there is data of, and what could have been meant instead.

use jiff::civil::Date;

use super::{Call, PERIOD, Refused};
use crate::cost_query::period::Bounds;
use crate::cost_query::reach::Reach;
use crate::cost_query::{Granularity, QueryPeriod, QueryProblem};
use crate::period::{BillingPeriod, PeriodError, plus_days};
use crate::time_range::TimeRange;

impl<'a> Call<'a> {
    /// Refuses with another period, and another granularity where one is given.
    pub(super) fn refuse_period(
        &self,
        problem: QueryProblem,
        instead: Option<(Option<Granularity>, BillingPeriod)>,
    ) -> Refused {
        let Some((granularity, period)) = instead else {
            return problem.into();
        };
        self.refuse(problem, |attempt| {
            attempt.start = Some(period.start().to_string());
            // A start alone means until today, and goes on to mean that.
            let open = Bounds::is_open(self.bounds()) && period.end() > self.reach.today;
            attempt.end = (!open).then(|| period.end().to_string());
            if let Some(granularity) = granularity {
                attempt.granularity = Some(granularity.to_string());
            }
        })
    }

    pub(super) fn bounds(&self) -> Bounds<'a> {
        Bounds::new(
            self.arguments.start.as_ref(),
            self.arguments.end.as_ref(),
            PERIOD,
        )
    }

    /// Reads whole days, and suggests what could have been meant where they make no period.
    pub(super) fn days(
        &mut self,
        bounds: Bounds<'_>,
        absent: Option<BillingPeriod>,
    ) -> Result<BillingPeriod, Refused> {
        let today = self.reach.today;
        bounds
            .days(today, absent, &mut self.corrections)
            .map_err(|problem| match &problem {
                QueryProblem::TimeOfDay { .. } => {
                    let hours = bounds.hours(today, &mut Vec::new()).ok();
                    let days =
                        hours.map(|range| BillingPeriod::touching(range.start(), range.end()));
                    self.refuse_period(problem, days.map(|days| (None, days)))
                }
                _ => self.refuse_bounds(problem),
            })
    }

    pub(super) fn hours(&mut self, bounds: Bounds<'_>) -> Result<TimeRange, Refused> {
        bounds
            .hours(self.reach.today, &mut self.corrections)
            .map_err(|problem| self.refuse_bounds(problem))
    }

    /// Suggests the dates the other way round, one day more, or the nearest day that exists.
    fn refuse_bounds(&self, problem: QueryProblem) -> Refused {
        match &problem {
            QueryProblem::Period {
                error: PeriodError::Empty { start, end },
                ..
            } => {
                let (start, end) = (start.clone(), end.clone());
                self.refuse(problem, |attempt| {
                    if start == end {
                        let next = start
                            .parse::<Date>()
                            .ok()
                            .and_then(|date| plus_days(date, 1));
                        attempt.start = Some(start);
                        attempt.end = next.map(|date| date.to_string());
                    } else {
                        attempt.start = Some(end);
                        attempt.end = Some(start);
                    }
                })
            }
            QueryProblem::Period {
                field,
                error: PeriodError::Impossible { given, .. },
            } => {
                // The last day of the month is what 2024-02-30 was taken for; as an end, the day after it.
                let month = given
                    .get(..7)
                    .and_then(|month| format!("{month}-01").parse::<Date>().ok());
                let Some(month) = month.and_then(BillingPeriod::month_of) else {
                    return problem.into();
                };
                let (is_end, date) = if *field == "end_date" {
                    (true, month.end())
                } else {
                    (false, month.last_day())
                };
                self.refuse(problem, |attempt| {
                    let bound = if is_end {
                        &mut attempt.end
                    } else {
                        &mut attempt.start
                    };
                    *bound = Some(date.to_string());
                })
            }
            _ => problem.into(),
        }
    }

    /// Refuses a period that Cost Explorer has no data of at this granularity.
    pub(super) fn in_reach(
        &self,
        granularity: Granularity,
        period: QueryPeriod,
    ) -> Result<(), Refused> {
        let Reach {
            today,
            detail,
            daily,
            monthly,
            end: latest,
        } = self.reach;
        let days = period.days();
        let (start, end) = (days.start(), days.end());
        let recent = || {
            self.reach
                .recent(days)
                .map(|(granularity, period)| (Some(granularity), period))
        };
        if start > today {
            return Err(self.refuse_period(QueryProblem::StartInFuture { start, today }, recent()));
        }
        if end > latest {
            let tomorrow = plus_days(today, 1).unwrap_or(latest);
            let end_at = if granularity == Granularity::Monthly {
                latest
            } else {
                tomorrow
            };
            let instead = BillingPeriod::new(start, end_at)
                .ok()
                .map(|period| (None, period));
            return Err(self.refuse_period(QueryProblem::EndTooLate { end, latest }, instead));
        }
        match granularity {
            Granularity::Hourly => {
                if start < detail {
                    let problem = QueryProblem::HourlyOutOfReach {
                        start,
                        earliest: detail,
                        daily,
                    };
                    let as_days = (start >= daily).then_some((Some(Granularity::Daily), days));
                    return Err(self.refuse_period(
                        problem,
                        as_days.or_else(|| self.as_months(days)).or_else(recent),
                    ));
                }
                if self.limits.hourly == Some(false) {
                    let instead = Some((Some(Granularity::Daily), days));
                    return Err(self.refuse_period(QueryProblem::HourlyOff, instead));
                }
                Ok(())
            }
            Granularity::Daily if start < daily => {
                let problem = QueryProblem::DailyOutOfReach {
                    start,
                    earliest: daily,
                };
                Err(self.refuse_period(problem, self.as_months(days).or_else(recent)))
            }
            Granularity::Monthly if start < daily => {
                let instead = self.as_months(days).or_else(recent);
                let problem = if self.limits.multi_year == Some(false) {
                    QueryProblem::MultiYearOff {
                        start,
                        earliest: daily,
                    }
                } else if start < monthly {
                    QueryProblem::OutOfReach {
                        start,
                        earliest: monthly,
                    }
                } else if start.day() == 1 {
                    return Ok(());
                } else {
                    QueryProblem::NotFirstOfMonth { start }
                };
                Err(self.refuse_period(problem, instead))
            }
            Granularity::Daily | Granularity::Monthly => Ok(()),
        }
    }

    /// Returns the same period in whole months, where there is data of all of them.
    fn as_months(&self, days: BillingPeriod) -> Option<(Option<Granularity>, BillingPeriod)> {
        let months = self.reach.whole_months(days)?;
        let earliest = if self.limits.multi_year == Some(false) {
            self.reach.daily
        } else {
            self.reach.monthly
        };
        (months.start() >= earliest).then_some((Some(Granularity::Monthly), months))
    }
}
