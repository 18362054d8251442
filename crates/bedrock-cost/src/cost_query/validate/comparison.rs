//! Two months side by side.

use super::{Call, PERIOD, Refused};
use crate::cost_query::period::Bounds;
use crate::cost_query::reach::Reach;
use crate::cost_query::{ComparisonQuery, CostMetric, Filter, GroupBy, QueryProblem};
use crate::period::{BillingPeriod, plus_months};

impl Call<'_> {
    pub(super) fn comparison(&mut self, most_rows: i64) -> Result<ComparisonQuery, Refused> {
        let operation = self.operation;
        self.take_no_values()?;
        let metric = self.one_metric(CostMetric::UnblendedCost)?;
        let given = self.arguments.metrics.first().cloned().unwrap_or_default();
        self.correct("metrics", &given, metric.as_str());
        let group_by = self.group_by()?;
        if group_by
            .iter()
            .any(|group| matches!(group, GroupBy::ProductAttribute(_)))
        {
            let problem = QueryProblem::NotTaken {
                operation,
                what: "a grouping by product attribute",
            };
            return Err(self.refuse(problem, |attempt| {
                Self::without_attributes(&group_by, attempt);
            }));
        }
        let filter = self.filter()?;
        if filter.as_ref().is_some_and(Filter::has_product_attributes) {
            return Err(QueryProblem::NotTaken {
                operation,
                what: "a filter by product attributes",
            }
            .into());
        }
        let max_results = self.max_results(most_rows)?;
        self.leave_out_granularity();
        let (baseline, comparison) = self.two_months()?;
        Ok(ComparisonQuery {
            baseline,
            comparison,
            metric,
            group_by,
            filter,
            max_results,
        })
    }

    /// Reads the two months; the one that is absent is the month before or after the other.
    fn two_months(&mut self) -> Result<(BillingPeriod, BillingPeriod), Refused> {
        let arguments = self.arguments;
        let today = self.reach.today;
        let month = today.first_of_month();
        let last = plus_months(month, -1).and_then(BillingPeriod::month_of);
        let mut later = Bounds::new(
            arguments.comparison_start.as_ref(),
            arguments.comparison_end.as_ref(),
            ["comparison_start", "comparison_end"],
        );
        if later.is_absent() {
            // A caller that knows only one period means the month in question.
            later = Bounds {
                fields: PERIOD,
                ..self.bounds()
            };
        } else if !self.bounds().is_absent() {
            let problem = QueryProblem::NotTaken {
                operation: self.operation,
                what: "start_date beside comparison_start",
            };
            return Err(self.refuse(problem, |attempt| {
                (attempt.start, attempt.end) = (None, None);
            }));
        }
        let comparison = self.month(later, "comparison", last)?;
        let earlier = Bounds::new(
            arguments.baseline_start.as_ref(),
            arguments.baseline_end.as_ref(),
            ["baseline_start", "baseline_end"],
        );
        let baseline = self.month(earlier, "baseline", comparison.previous())?;
        for (which, period) in [("baseline", baseline), ("comparison", comparison)] {
            self.month_in_reach(which, period)?;
        }
        Ok((baseline, comparison))
    }

    fn month(
        &mut self,
        bounds: Bounds<'_>,
        which: &'static str,
        absent: Option<BillingPeriod>,
    ) -> Result<BillingPeriod, Refused> {
        // A start alone stands for its whole month; to a reader of months it has no other meaning.
        let period = if bounds.start.is_some() && bounds.end.is_none() {
            bounds.rest_of_month(self.reach.today, &mut self.corrections)?
        } else {
            bounds.days(self.reach.today, absent, &mut self.corrections)?
        };
        if period.is_one_month() {
            return Ok(period);
        }
        let problem = QueryProblem::NotOneMonth { which, period };
        Err(self.refuse_month(problem, which, BillingPeriod::month_of(period.start())))
    }

    fn refuse_month(
        &self,
        problem: QueryProblem,
        which: &str,
        instead: Option<BillingPeriod>,
    ) -> Refused {
        let Some(month) = instead else {
            return problem.into();
        };
        let (start, end) = (
            Some(month.start().to_string()),
            Some(month.end().to_string()),
        );
        self.refuse(problem, |attempt| {
            if which == "baseline" {
                (attempt.baseline_start, attempt.baseline_end) = (start, end);
            } else {
                (attempt.comparison_start, attempt.comparison_end) = (start, end);
                (attempt.start, attempt.end) = (None, None);
            }
        })
    }

    fn month_in_reach(&self, which: &'static str, period: BillingPeriod) -> Result<(), Refused> {
        let Reach {
            today,
            daily,
            monthly,
            ..
        } = self.reach;
        let recent = plus_months(
            today.first_of_month(),
            if which == "baseline" { -2 } else { -1 },
        );
        let recent = recent.and_then(BillingPeriod::month_of);
        let start = period.start();
        let problem = if start > today {
            QueryProblem::StartInFuture { start, today }
        } else if start >= daily {
            return Ok(());
        } else if start < monthly {
            QueryProblem::OutOfReach {
                start,
                earliest: monthly,
            }
        } else if self.limits.multi_year == Some(false) {
            QueryProblem::MultiYearOff {
                start,
                earliest: daily,
            }
        } else {
            return Ok(());
        };
        Err(self.refuse_month(problem, which, recent))
    }
}
