//! Cost Explorer requests that satisfy every rule of AWS before anything is billed.
//!
//! [`CostQuery::new`] turns the raw arguments of a call into a query. What is wrong only in form is corrected and
//! listed; what would change the meaning is refused, with a suggestion that runs wherever one can be made.

mod arguments;
mod error;
mod filter;
mod group_by;
mod period;
mod reach;
mod validate;

pub use arguments::{Correction, CostArguments, CostLimits};
pub use error::{QueryError, QueryProblem};
pub use filter::{DimensionKey, Filter, FilterLeaf, MatchOption, RawFilter, RawLeaf};
pub use group_by::{GroupBy, GroupKind, ProductAttribute};
pub use period::QueryPeriod;

use jiff::civil::Date;

use crate::names::named;
use crate::period::BillingPeriod;

named! {
    /// An operation of Cost Explorer, by the name the `cost_explorer` tool gives it.
    pub enum CostOperation as "operation" {
        /// Cost and usage over time.
        CostAndUsage = "getCostAndUsage",
        /// Cost and usage by resource, of the last 14 days.
        CostAndUsageWithResources = "getCostAndUsageWithResources",
        /// The values a dimension had in a period.
        DimensionValues = "getDimensionValues",
        /// The keys of tags, or the values of one.
        Tags = "getTagsOrValues" | "getTags" | "getTagValues",
        /// The names of cost categories, or the values of one.
        CostCategories = "getCostCategories",
        /// Cost that AWS expects.
        CostForecast = "getCostForecast",
        /// Usage that AWS expects.
        UsageForecast = "getUsageForecast",
        /// Two months side by side.
        CostAndUsageComparisons = "getCostAndUsageComparisons",
        /// Why two months differ.
        CostComparisonDrivers = "getCostComparisonDrivers",
    }
}

impl CostOperation {
    /// Returns the name of AWS's API operation.
    #[must_use]
    pub const fn aws_name(self) -> &'static str {
        match self {
            Self::CostAndUsage => "GetCostAndUsage",
            Self::CostAndUsageWithResources => "GetCostAndUsageWithResources",
            Self::DimensionValues => "GetDimensionValues",
            Self::Tags => "GetTags",
            Self::CostCategories => "GetCostCategories",
            Self::CostForecast => "GetCostForecast",
            Self::UsageForecast => "GetUsageForecast",
            Self::CostAndUsageComparisons => "GetCostAndUsageComparisons",
            Self::CostComparisonDrivers => "GetCostComparisonDrivers",
        }
    }
}

named! {
    /// The length of one row of an answer.
    pub enum Granularity as "granularity" {
        /// An hour.
        Hourly = "HOURLY" | "hour",
        /// A UTC day.
        Daily = "DAILY" | "day",
        /// A calendar month.
        Monthly = "MONTHLY" | "month",
    }
}

named! {
    /// What is summed, by the name that reads of cost and usage use.
    pub enum CostMetric as "metric" {
        /// Charges as they fell due.
        UnblendedCost = "UnblendedCost",
        /// Charges at an organization's average rate.
        BlendedCost = "BlendedCost",
        /// Charges with upfront fees spread over their term.
        AmortizedCost = "AmortizedCost",
        /// Charges after discounts.
        NetUnblendedCost = "NetUnblendedCost",
        /// Charges after discounts, with upfront fees spread over their term.
        NetAmortizedCost = "NetAmortizedCost",
        /// Units used; units of unlike things are summed unless the query keeps usage types apart.
        UsageQuantity = "UsageQuantity",
        /// Usage in the size of a standard instance.
        NormalizedUsageAmount = "NormalizedUsageAmount",
    }
}

impl CostMetric {
    /// Returns the name that forecasts use, such as `UNBLENDED_COST`.
    #[must_use]
    pub const fn forecast_name(self) -> &'static str {
        match self {
            Self::UnblendedCost => "UNBLENDED_COST",
            Self::BlendedCost => "BLENDED_COST",
            Self::AmortizedCost => "AMORTIZED_COST",
            Self::NetUnblendedCost => "NET_UNBLENDED_COST",
            Self::NetAmortizedCost => "NET_AMORTIZED_COST",
            Self::UsageQuantity => "USAGE_QUANTITY",
            Self::NormalizedUsageAmount => "NORMALIZED_USAGE_AMOUNT",
        }
    }

    /// Tells whether the metric is an amount of money.
    #[must_use]
    pub const fn is_cost(self) -> bool {
        !matches!(self, Self::UsageQuantity | Self::NormalizedUsageAmount)
    }
}

named! {
    /// Which data the values of a dimension are taken from.
    pub enum ValuesContext as "context" {
        /// Cost and usage.
        CostAndUsage = "COST_AND_USAGE",
        /// Reservations.
        Reservations = "RESERVATIONS",
        /// Savings Plans.
        SavingsPlans = "SAVINGS_PLANS",
    }
}

/// A valid Cost Explorer request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CostQuery {
    /// `GetCostAndUsage`.
    CostAndUsage(UsageQuery),
    /// `GetCostAndUsageWithResources`; its filter is always there.
    CostAndUsageWithResources(UsageQuery),
    /// `GetDimensionValues`.
    DimensionValues {
        /// Whose values.
        dimension: DimensionKey,
        /// Which product attribute, when the dimension is `PRODUCT_ATTRIBUTE`.
        attribute: Option<ProductAttribute>,
        /// Which data they are taken from.
        context: Option<ValuesContext>,
        /// The rest of the request.
        values: ValuesQuery,
    },
    /// `GetTags`: the keys of tags, or the values of one key.
    Tags {
        /// The key whose values are asked for.
        key: Option<String>,
        /// The rest of the request.
        values: ValuesQuery,
    },
    /// `GetCostCategories`: their names, or the values of one name.
    CostCategories {
        /// The cost category whose values are asked for.
        name: Option<String>,
        /// The rest of the request.
        values: ValuesQuery,
    },
    /// `GetCostForecast`.
    CostForecast(ForecastQuery),
    /// `GetUsageForecast`.
    UsageForecast(ForecastQuery),
    /// `GetCostAndUsageComparisons`.
    CostAndUsageComparisons(ComparisonQuery),
    /// `GetCostComparisonDrivers`.
    CostComparisonDrivers(ComparisonQuery),
}

/// What cost and usage are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuery {
    /// The period; hours exactly when the granularity is hourly.
    pub period: QueryPeriod,
    /// The length of one row.
    pub granularity: Granularity,
    /// At least one metric, none twice.
    pub metrics: Vec<CostMetric>,
    /// At most two.
    pub group_by: Vec<GroupBy>,
    /// Which charges.
    pub filter: Option<Filter>,
}

/// Which values are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuesQuery {
    /// The period that the values must have been charged in.
    pub period: BillingPeriod,
    /// Text that the values must contain.
    pub search: Option<String>,
    /// Which charges.
    pub filter: Option<Filter>,
    /// Values per page, at least 1.
    pub max_results: Option<u32>,
}

/// What forecast is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForecastQuery {
    /// The period, from today or later.
    pub period: BillingPeriod,
    /// Daily or monthly.
    pub granularity: Granularity,
    /// A cost for a cost forecast, a usage for a usage forecast.
    pub metric: CostMetric,
    /// Which charges.
    pub filter: Option<Filter>,
    /// The width of the prediction interval in percent, 51 to 99.
    pub prediction_interval: Option<u8>,
}

/// Which two months are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonQuery {
    /// The month compared with, exactly one.
    pub baseline: BillingPeriod,
    /// The month in question, exactly one.
    pub comparison: BillingPeriod,
    /// What is compared.
    pub metric: CostMetric,
    /// At most two, none of them a product attribute.
    pub group_by: Vec<GroupBy>,
    /// Which charges.
    pub filter: Option<Filter>,
    /// Rows per page: at most 2,000 comparisons or 10 drivers.
    pub max_results: Option<u32>,
}

impl CostQuery {
    /// Makes a valid request out of raw arguments, with what was corrected in form or assumed on the way.
    ///
    /// `today` is the current UTC date. Without dates the period is the last 30 complete days; without granularity
    /// it is monthly for whole months and for more than 31 days, daily otherwise; without metrics it is the
    /// unblended cost. Forecasts reach to the end of the month; comparisons take the last two complete months.
    ///
    /// A suggestion never leaves out a grouping, a filter or a metric.
    ///
    /// # Errors
    ///
    /// Fails where AWS would refuse the request, or would answer something else than was asked. The error carries
    /// the offending value, what is accepted, and where there is one, a suggestion that itself is valid.
    pub fn new(
        arguments: &CostArguments,
        today: Date,
        limits: CostLimits,
    ) -> Result<(Self, Vec<Correction>), QueryError> {
        let refused = match validate::validate(arguments, today, limits) {
            Ok(valid) => return Ok(valid),
            Err(refused) => refused,
        };
        // A suggestion may itself break the next rule; it is taken further until it runs.
        let problem = refused.problem;
        let mut weeks = matches!(*problem, QueryProblem::NoWeeks { .. });
        let mut attempt = refused.attempt;
        let mut suggested = None;
        let mut further = None;
        for _ in 0..MAX_REPAIRS {
            let Some(candidate) = attempt.take() else {
                break;
            };
            match validate::validate(&candidate, today, limits) {
                Ok(_) => {
                    suggested = Some(candidate);
                    break;
                }
                Err(refused) => {
                    weeks |= matches!(*refused.problem, QueryProblem::NoWeeks { .. });
                    attempt = refused.attempt;
                    // Without it, the month in the place of a day that does not exist would come from nowhere.
                    if problem.is_no_such_day() {
                        further.get_or_insert(refused.problem);
                    }
                }
            }
        }
        // Days stand for weeks; months, which longer ago is all there is, do not.
        let days = |suggested: &CostArguments| {
            suggested.granularity.as_deref() == Some(Granularity::Daily.as_str())
        };
        let suggested = suggested.filter(|suggested| !weeks || days(suggested));
        Err(QueryError {
            problem,
            further,
            suggested,
        })
    }

    /// Returns the operation.
    #[must_use]
    pub const fn operation(&self) -> CostOperation {
        match self {
            Self::CostAndUsage(_) => CostOperation::CostAndUsage,
            Self::CostAndUsageWithResources(_) => CostOperation::CostAndUsageWithResources,
            Self::DimensionValues { .. } => CostOperation::DimensionValues,
            Self::Tags { .. } => CostOperation::Tags,
            Self::CostCategories { .. } => CostOperation::CostCategories,
            Self::CostForecast(_) => CostOperation::CostForecast,
            Self::UsageForecast(_) => CostOperation::UsageForecast,
            Self::CostAndUsageComparisons(_) => CostOperation::CostAndUsageComparisons,
            Self::CostComparisonDrivers(_) => CostOperation::CostComparisonDrivers,
        }
    }

    /// Returns the filter.
    #[must_use]
    pub const fn filter(&self) -> Option<&Filter> {
        match self {
            Self::CostAndUsage(query) | Self::CostAndUsageWithResources(query) => {
                query.filter.as_ref()
            }
            Self::DimensionValues { values, .. }
            | Self::Tags { values, .. }
            | Self::CostCategories { values, .. } => values.filter.as_ref(),
            Self::CostForecast(query) | Self::UsageForecast(query) => query.filter.as_ref(),
            Self::CostAndUsageComparisons(query) | Self::CostComparisonDrivers(query) => {
                query.filter.as_ref()
            }
        }
    }

    /// Returns this query with another filter, for a second request about what the first one leaves out.
    #[must_use]
    pub fn with_filter(mut self, filter: Option<Filter>) -> Self {
        match &mut self {
            Self::CostAndUsage(query) | Self::CostAndUsageWithResources(query) => {
                query.filter = filter;
            }
            Self::DimensionValues { values, .. }
            | Self::Tags { values, .. }
            | Self::CostCategories { values, .. } => {
                values.filter = filter;
            }
            Self::CostForecast(query) | Self::UsageForecast(query) => query.filter = filter,
            Self::CostAndUsageComparisons(query) | Self::CostComparisonDrivers(query) => {
                query.filter = filter;
            }
        }
        self
    }
}

/// How many rules in a row a suggestion may be carried over; one request breaks only a few at once.
const MAX_REPAIRS: usize = 8;

#[cfg(test)]
mod grouping_tests;
#[cfg(test)]
mod operation_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
