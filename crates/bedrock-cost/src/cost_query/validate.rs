//! The rules of each operation, in the order in which a reader would want to hear of them.

mod comparison;
mod forecast;
mod period;
mod usage;
mod values;

use jiff::civil::Date;

use crate::cost_query::reach::Reach;
use crate::cost_query::{
    Correction, CostArguments, CostLimits, CostMetric, CostOperation, CostQuery, DimensionKey,
    Filter, Granularity, GroupBy, GroupKind, ProductAttribute, QueryProblem,
};
use crate::names::{UnknownName, same_name};
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

/// Tells whether a raw grouping says the same as one of these.
fn is_among((kind, key): &(String, String), groups: &[(String, String)]) -> bool {
    let read = |kind: &str, key: &str| GroupBy::read(kind, key, &mut Vec::new()).ok();
    let wanted = read(kind, key);
    wanted.is_some() && groups.iter().any(|(kind, key)| read(kind, key) == wanted)
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
        given.parse().map(Some).map_err(|error: UnknownName| {
            if ["week", "weeks", "weekly"]
                .iter()
                .any(|week| same_name(week, given))
            {
                let given = given.to_owned();
                return self.refuse(QueryProblem::NoWeeks { given }, |attempt| {
                    attempt.granularity = Some(Granularity::Daily.to_string());
                });
            }
            // YEARLY is two letters from HOURLY, and no slip of it.
            let first = |text: &str| text.trim().chars().next().map(|c| c.to_ascii_uppercase());
            let near = error.nearest().first().copied();
            match near.filter(|near| first(near) == first(given)) {
                Some(near) => self.refuse(error, |attempt| {
                    attempt.granularity = Some(near.to_owned());
                }),
                None => error.into(),
            }
        })
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
            all => Err(QueryProblem::TooManyMetrics {
                operation: self.operation,
                given: all.len(),
            }
            .into()),
        }
    }

    fn metric(&self, given: &str) -> Result<CostMetric, Refused> {
        given.parse().map_err(|error: UnknownName| {
            // A cost of no kind is the unblended one; anything else unlike a metric is not guessed at.
            let is_cost = || given.to_ascii_lowercase().contains("cost");
            let near = error
                .nearest()
                .first()
                .copied()
                .or_else(|| is_cost().then_some(CostMetric::UnblendedCost.as_str()));
            let Some(near) = near else {
                return error.into();
            };
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
            // Which of them to give up is the caller's choice.
            return Err(QueryProblem::TooManyGroups { given }.into());
        }
        let mut groups = Vec::new();
        for (at, (kind, key)) in self.arguments.group_by.iter().enumerate() {
            let group = GroupBy::read(kind, key, &mut self.corrections).map_err(|problem| {
                let QueryProblem::Name(error) = &problem else {
                    return Refused::from(problem);
                };
                let is_kind = error.what == "group type";
                let Some(near) = error.nearest().first().copied() else {
                    return Refused::from(problem);
                };
                self.refuse(problem, |attempt| {
                    if let Some((kind, key)) = attempt.group_by.get_mut(at) {
                        near.clone_into(if is_kind { kind } else { key });
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
        let read = Filter::read(raw, &mut self.corrections);
        read.map(Some).map_err(|problem| {
            if matches!(problem, QueryProblem::ServiceName { .. }) {
                return self.refuse(problem, |attempt| {
                    if let Some(filter) = &mut attempt.filter {
                        filter.name_services();
                    }
                });
            }
            problem.into()
        })
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

    /// Refuses attributes that were not recorded yet, and suggests the part of the period that has them.
    fn no_attributes_yet(&self, period: BillingPeriod) -> Refused {
        let problem = QueryProblem::NoProductAttributesYet {
            start: period.start(),
        };
        let instead = BillingPeriod::new(FIRST_ATTRIBUTES, period.end()).ok();
        self.refuse_period(problem, instead.map(|period| (None, period)))
    }

    /// Puts dimensions in the place of product attributes: usage types and services name the model too.
    ///
    /// `group_by` is what the arguments were read as. As many groupings stay as were given, but for the model or
    /// provider alone: usage types of models that Marketplace bills name none, so that the service is told beside.
    fn without_attributes(group_by: &[GroupBy], attempt: &mut CostArguments) {
        if let [GroupBy::ProductAttribute(ProductAttribute::Model | ProductAttribute::Provider)] =
            group_by
        {
            attempt.group_by = [DimensionKey::Service, DimensionKey::UsageType]
                .map(|key| (GroupKind::Dimension.to_string(), key.to_string()))
                .into();
            return;
        }
        let mut instead = [DimensionKey::UsageType, DimensionKey::Service]
            .into_iter()
            .filter(|key| !group_by.contains(&GroupBy::Dimension(*key)));
        for (group, (kind, key)) in group_by.iter().zip(&mut attempt.group_by) {
            if matches!(group, GroupBy::ProductAttribute(_))
                && let Some(dimension) = instead.next()
            {
                GroupKind::Dimension.as_str().clone_into(kind);
                dimension.as_str().clone_into(key);
            }
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
        Err(problem.into())
    }

    /// Refuses what only lists of values take; a dimension, tag or cost category is suggested as a grouping.
    fn take_no_values(&self) -> Result<(), Refused> {
        let CostArguments {
            dimension,
            dimension_key,
            tag_key,
            cost_category,
            ..
        } = self.arguments;
        for (what, kind, key) in [
            ("dimension; group_by does", GroupKind::Dimension, dimension),
            ("tag_key; group_by does", GroupKind::Tag, tag_key),
            (
                "cost_category; group_by does",
                GroupKind::CostCategory,
                cost_category,
            ),
        ] {
            let Some(key) = key else {
                continue;
            };
            let operation = self.operation;
            if matches!(
                operation,
                CostOperation::CostForecast | CostOperation::UsageForecast
            ) {
                let what = what.split_once(';').map_or(what, |(what, _)| what);
                return Err(QueryProblem::NotTaken { operation, what }.into());
            }
            let attribute = dimension_key.as_ref().filter(|_| {
                kind == GroupKind::Dimension && key.parse() == Ok(DimensionKey::ProductAttribute)
            });
            let group = match attribute {
                Some(attribute) => (GroupKind::ProductAttribute, attribute),
                None => (kind, key),
            };
            let group = (group.0.to_string(), group.1.clone());
            let problem = QueryProblem::NotTaken { operation, what };
            return Err(self.refuse(problem, |attempt| {
                match kind {
                    GroupKind::Tag => attempt.tag_key = None,
                    GroupKind::CostCategory => attempt.cost_category = None,
                    GroupKind::Dimension | GroupKind::ProductAttribute => {
                        (attempt.dimension, attempt.dimension_key) = (None, None);
                    }
                }
                if !is_among(&group, &attempt.group_by) {
                    attempt.group_by.push(group);
                }
            }));
        }
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
