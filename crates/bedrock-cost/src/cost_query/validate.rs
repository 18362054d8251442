//! The rules of each operation, in the order in which a reader would want to hear of them.

mod comparison;
mod forecast;
mod period;
mod usage;
mod values;

use jiff::civil::Date;

use crate::cost_query::reach::Reach;
use crate::cost_query::{
    Correction, CostArguments, CostLimits, CostMetric, CostOperation, CostQuery, Filter,
    Granularity, GroupBy, QueryProblem,
};
use crate::names::UnknownName;
use crate::period::BillingPeriod;

/// The first day of product attributes, by AWS's API model, checked 2026-11-22.
const FIRST_ATTRIBUTES: Date = jiff::civil::date(2026, 9, 1);

/// Most groupings of a request, by AWS's API model.
const MAX_GROUPS: usize = 2;

/// Longest search text, by AWS's API model.
const MAX_SEARCH_CHARS: usize = 1024;

const PERIOD: [&str; 2] = ["start_date", "end_date"];

/// A broken rule, with arguments that no longer break it where such can be made.
pub(super) struct Refused {
    pub(super) problem: Box<QueryProblem>,
    pub(super) attempt: Option<Box<CostArguments>>,
}

impl<E: Into<QueryProblem>> From<E> for Refused {
    fn from(problem: E) -> Self {
        Self {
            problem: Box::new(problem.into()),
            attempt: None,
        }
    }
}

type Valid = (CostQuery, Vec<Correction>);

pub(super) fn validate(
    arguments: &CostArguments,
    today: Date,
    limits: CostLimits,
) -> Result<Valid, Refused> {
    let operation: CostOperation = arguments.operation.parse().map_err(|error: UnknownName| {
        let nearest = error.nearest().first().map(|name| (*name).to_owned());
        let attempt = nearest.map(|operation| CostArguments {
            operation,
            ..arguments.clone()
        });
        Refused {
            problem: Box::new(error.into()),
            attempt: attempt.map(Box::new),
        }
    })?;
    let mut corrections = Vec::new();
    if operation.as_str() != arguments.operation {
        let to = operation.to_string();
        corrections.push(Correction {
            field: "operation",
            from: arguments.operation.clone(),
            to,
        });
    }
    let mut call = Call {
        arguments,
        operation,
        limits,
        reach: Reach::of(today),
        corrections,
    };
    let query = match operation {
        CostOperation::CostAndUsage => CostQuery::CostAndUsage(call.usage(None)?),
        CostOperation::CostAndUsageWithResources => {
            CostQuery::CostAndUsageWithResources(call.usage_by_resource()?)
        }
        CostOperation::DimensionValues => call.dimension_values()?,
        CostOperation::Tags => call.tags()?,
        CostOperation::CostCategories => call.cost_categories()?,
        CostOperation::CostForecast => CostQuery::CostForecast(call.forecast()?),
        CostOperation::UsageForecast => CostQuery::UsageForecast(call.forecast()?),
        CostOperation::CostAndUsageComparisons => {
            CostQuery::CostAndUsageComparisons(call.comparison(2_000)?)
        }
        CostOperation::CostComparisonDrivers => {
            CostQuery::CostComparisonDrivers(call.comparison(10)?)
        }
    };
    Ok((query, call.corrections))
}

struct Call<'a> {
    arguments: &'a CostArguments,
    operation: CostOperation,
    limits: CostLimits,
    reach: Reach,
    corrections: Vec<Correction>,
}

impl Call<'_> {
    /// Refuses with arguments changed by `change`.
    fn refuse(
        &self,
        problem: impl Into<QueryProblem>,
        change: impl FnOnce(&mut CostArguments),
    ) -> Refused {
        let mut attempt = self.arguments.clone();
        change(&mut attempt);
        Refused {
            problem: Box::new(problem.into()),
            attempt: Some(Box::new(attempt)),
        }
    }

    fn correct(&mut self, field: &'static str, from: &str, to: &str) {
        if from != to {
            self.corrections.push(Correction {
                field,
                from: from.to_owned(),
                to: to.to_owned(),
            });
        }
    }

    fn granularity(&self) -> Result<Option<Granularity>, Refused> {
        let Some(given) = self
            .arguments
            .granularity
            .as_deref()
            .filter(|text| !text.trim().is_empty())
        else {
            return Ok(None);
        };
        given
            .parse()
            .map(Some)
            .map_err(|error: UnknownName| self.refuse(error, |attempt| attempt.granularity = None))
    }

    fn metrics(&mut self) -> Result<Vec<CostMetric>, Refused> {
        let mut metrics = Vec::new();
        for given in &self.arguments.metrics {
            let metric = self.metric(given)?;
            if !metrics.contains(&metric) {
                self.correct("metrics", given, metric.as_str());
                metrics.push(metric);
            }
        }
        if metrics.is_empty() {
            metrics.push(CostMetric::UnblendedCost);
            self.correct("metrics", "", CostMetric::UnblendedCost.as_str());
        }
        Ok(metrics)
    }

    fn one_metric(&self, default: CostMetric) -> Result<CostMetric, Refused> {
        match self.arguments.metrics.as_slice() {
            [] => Ok(default),
            [given] => self.metric(given),
            [first, ..] => {
                let given = self.arguments.metrics.len();
                let problem = QueryProblem::TooManyMetrics {
                    operation: self.operation,
                    given,
                };
                Err(self.refuse(problem, |attempt| attempt.metrics = vec![first.clone()]))
            }
        }
    }

    fn metric(&self, given: &str) -> Result<CostMetric, Refused> {
        given.parse().map_err(|error: UnknownName| {
            let near = error
                .nearest()
                .first()
                .copied()
                .unwrap_or(CostMetric::UnblendedCost.as_str());
            self.refuse(error, |attempt| {
                for metric in &mut attempt.metrics {
                    if metric == given {
                        near.clone_into(metric);
                    }
                }
            })
        })
    }

    fn group_by(&mut self) -> Result<Vec<GroupBy>, Refused> {
        let given = self.arguments.group_by.len();
        if given > MAX_GROUPS {
            return Err(
                self.refuse(QueryProblem::TooManyGroups { given }, |attempt| {
                    attempt.group_by.truncate(MAX_GROUPS);
                }),
            );
        }
        let mut groups = Vec::new();
        for (at, (kind, key)) in self.arguments.group_by.iter().enumerate() {
            let group = GroupBy::read(kind, key, &mut self.corrections).map_err(|problem| {
                let QueryProblem::Name(error) = &problem else {
                    return Refused::from(problem);
                };
                let near = error.nearest().first().copied();
                let is_kind = error.what == "group type";
                self.refuse(problem, |attempt| {
                    match (near, attempt.group_by.get_mut(at)) {
                        (Some(near), Some((kind, key))) => {
                            near.clone_into(if is_kind { kind } else { key });
                        }
                        _ => {
                            attempt.group_by.remove(at);
                        }
                    }
                })
            })?;
            groups.push(group);
        }
        Ok(groups)
    }

    fn filter(&mut self) -> Result<Option<Filter>, Refused> {
        let Some(raw) = &self.arguments.filter else {
            return Ok(None);
        };
        Ok(Some(Filter::read(raw, &mut self.corrections)?))
    }

    fn max_results(&self, max: i64) -> Result<Option<u32>, Refused> {
        let Some(given) = self.arguments.max_results else {
            return Ok(None);
        };
        match u32::try_from(given) {
            Ok(rows) if (1..=max).contains(&given) => Ok(Some(rows)),
            _ => {
                let problem = QueryProblem::OutOfRange {
                    field: "max_results",
                    given,
                    min: 1,
                    max,
                };
                Err(self.refuse(problem, |attempt| {
                    attempt.max_results = Some(given.clamp(1, max));
                }))
            }
        }
    }

    fn no_attributes_yet(
        &self,
        period: BillingPeriod,
        otherwise: impl FnOnce(&CostArguments) -> Option<CostArguments>,
    ) -> Refused {
        let problem = QueryProblem::NoProductAttributesYet {
            start: period.start(),
        };
        match BillingPeriod::new(FIRST_ATTRIBUTES, period.end()) {
            Ok(period) => self.refuse_period(problem, Some((None, period))),
            Err(_) => Refused {
                problem: Box::new(problem),
                attempt: otherwise(self.arguments).map(Box::new),
            },
        }
    }

    fn take_no_groups(&self) -> Result<(), Refused> {
        if self.arguments.group_by.is_empty() {
            return Ok(());
        }
        let problem = QueryProblem::NotTaken {
            operation: self.operation,
            what: "group_by",
        };
        Err(self.refuse(problem, |attempt| attempt.group_by.clear()))
    }

    fn take_no_values(&self) -> Result<(), Refused> {
        self.without("dimension", self.arguments.dimension.is_some())?;
        self.without("tag_key", self.arguments.tag_key.is_some())?;
        self.without("cost_category", self.arguments.cost_category.is_some())?;
        self.without("search_string", self.arguments.search_string.is_some())
    }

    /// Refuses an argument that another operation takes, because leaving it out changes the question.
    fn without(&self, what: &'static str, is_given: bool) -> Result<(), Refused> {
        if !is_given {
            return Ok(());
        }
        let problem = QueryProblem::NotTaken {
            operation: self.operation,
            what,
        };
        Err(self.refuse(problem, |attempt| match what {
            "dimension" => attempt.dimension = None,
            "dimension_key" => attempt.dimension_key = None,
            "tag_key" => attempt.tag_key = None,
            "cost_category" => attempt.cost_category = None,
            _ => attempt.search_string = None,
        }))
    }

    fn leave_out_granularity(&mut self) {
        if let Some(granularity) = self.arguments.granularity.as_deref() {
            self.correct("granularity", granularity, "");
        }
    }
}
