//! Forecasts of cost and usage.

use super::{Call, PERIOD, Refused};
use crate::cost_query::period::Bounds;
use crate::cost_query::reach::Reach;
use crate::cost_query::{
    CostMetric, CostOperation, DimensionKey, Filter, ForecastQuery, Granularity, QueryProblem,
};
use crate::period::{BillingPeriod, plus_months};

impl Call<'_> {
    pub(super) fn forecast(&mut self) -> Result<ForecastQuery, Refused> {
        let operation = self.operation;
        self.take_no_groups()?;
        self.take_no_values()?;
        let granularity = match self.granularity()? {
            Some(Granularity::Hourly) => {
                let problem = QueryProblem::NotAllowed {
                    operation,
                    field: "granularity",
                    given: Granularity::Hourly.to_string(),
                    allowed: vec!["DAILY", "MONTHLY"],
                };
                return Err(self.refuse(problem, |attempt| {
                    attempt.granularity = Some("DAILY".to_owned());
                }));
            }
            Some(granularity) => granularity,
            None => Granularity::Monthly,
        };
        self.correct(
            "granularity",
            self.arguments.granularity.as_deref().unwrap_or_default(),
            granularity.as_str(),
        );
        let metric = self.forecast_metric()?;
        let filter = self.filter()?;
        if filter.as_ref().is_some_and(Filter::has_product_attributes) {
            return Err(QueryProblem::NotTaken {
                operation,
                what: "a filter by product attributes",
            }
            .into());
        }
        let by_usage_type = |filter: &Filter| {
            filter.has_dimension(DimensionKey::UsageType)
                || filter.has_dimension(DimensionKey::UsageTypeGroup)
        };
        if operation == CostOperation::UsageForecast && !filter.as_ref().is_some_and(by_usage_type)
        {
            return Err(QueryProblem::Missing {
                operation,
                field: "filters by USAGE_TYPE or USAGE_TYPE_GROUP, of one unit",
                example: r#"{"Dimensions": {"Key": "USAGE_TYPE", "Values": ["USE1-NovaMicro-input-tokens"]}}"#,
            }
            .into());
        }
        let prediction_interval = self.prediction_interval()?;
        let period = self.forecast_period(granularity)?;
        Ok(ForecastQuery {
            period,
            granularity,
            metric,
            filter,
            prediction_interval,
        })
    }

    fn prediction_interval(&self) -> Result<Option<u8>, Refused> {
        let Some(given) = self.arguments.prediction_interval else {
            return Ok(None);
        };
        if let Ok(percent @ 51..=99) = u8::try_from(given) {
            return Ok(Some(percent));
        }
        let problem = QueryProblem::OutOfRange {
            field: "prediction_interval",
            given,
            min: 51,
            max: 99,
        };
        Err(self.refuse(problem, |attempt| {
            attempt.prediction_interval = Some(given.clamp(51, 99));
        }))
    }

    fn forecast_metric(&mut self) -> Result<CostMetric, Refused> {
        let operation = self.operation;
        let costs = operation == CostOperation::CostForecast;
        let default = if costs {
            CostMetric::UnblendedCost
        } else {
            CostMetric::UsageQuantity
        };
        let metric = self.one_metric(default)?;
        if metric.is_cost() != costs {
            let allowed = CostMetric::ALL
                .iter()
                .filter(|metric| metric.is_cost() == costs);
            let problem = QueryProblem::NotAllowed {
                operation,
                field: "metric",
                given: metric.forecast_name().to_owned(),
                allowed: allowed.map(|metric| metric.forecast_name()).collect(),
            };
            // The other forecast takes it, so that what the caller wants summed stays.
            let other = if costs {
                CostOperation::UsageForecast
            } else {
                CostOperation::CostForecast
            };
            return Err(self.refuse(problem, |attempt| attempt.operation = other.to_string()));
        }
        let given = self.arguments.metrics.first().cloned().unwrap_or_default();
        self.correct("metrics", &given, metric.forecast_name());
        Ok(metric)
    }

    fn forecast_period(&mut self, granularity: Granularity) -> Result<BillingPeriod, Refused> {
        let Reach {
            today,
            end: month_end,
            ..
        } = self.reach;
        let to_month_end = BillingPeriod::new(today, month_end).ok();
        let bounds = self.bounds();
        let bounds = if bounds.start.is_none() {
            Bounds {
                start: bounds.end.and(Some("today")),
                ..bounds
            }
        } else {
            bounds
        };
        let noted = self.corrections.len();
        let is_assumed = self.bounds().start.is_none();
        let period = self.days(bounds, to_month_end)?;
        if is_assumed {
            // "today" was put there, not given.
            for correction in self.corrections.iter_mut().skip(noted) {
                if correction.field == PERIOD[0] {
                    correction.from.clear();
                }
            }
        }
        if period.start() < today {
            let problem = QueryProblem::ForecastInPast {
                start: period.start(),
                today,
            };
            let instead = BillingPeriod::new(today, period.end())
                .ok()
                .or(to_month_end);
            return Err(self.refuse_period(problem, instead.map(|period| (None, period))));
        }
        let months = if granularity == Granularity::Daily {
            3
        } else {
            18
        };
        let latest = plus_months(today, months).unwrap_or(month_end);
        if period.end() > latest {
            let problem = QueryProblem::ForecastTooFar {
                granularity,
                months,
                end: period.end(),
                latest,
            };
            let instead = BillingPeriod::new(period.start(), latest)
                .or_else(|_| BillingPeriod::new(today, latest));
            return Err(self.refuse_period(problem, instead.ok().map(|period| (None, period))));
        }
        Ok(period)
    }
}
