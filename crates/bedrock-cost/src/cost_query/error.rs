//! Why a Cost Explorer request is refused before it is sent.

use std::fmt;

use jiff::civil::Date;

use super::{CostArguments, CostOperation, Granularity};
use crate::names::{Shown, UnknownName};
use crate::period::{BillingPeriod, PeriodError};

/// A refused request: what is wrong, and a request that runs where one can be made of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}{}", .further.as_ref().map(|further| format!("; {further}")).unwrap_or_default())]
pub struct QueryError {
    /// What is wrong.
    pub problem: Box<QueryProblem>,
    /// What would be wrong with the nearest day that exists, where the day asked for does not.
    pub further: Option<Box<QueryProblem>>,
    /// A request of another meaning that is valid as it stands.
    pub suggested: Option<Box<CostArguments>>,
}

/// One broken rule of Cost Explorer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryProblem {
    /// A name is in none of the accepted sets.
    #[error(transparent)]
    Name(#[from] UnknownName),
    /// Weeks are asked for.
    #[error(
        "granularity {} is not there: Cost Explorer has no weeks, only HOURLY, DAILY and MONTHLY; days add up to weeks",
        Shown(.given)
    )]
    NoWeeks {
        /// The text as it was given.
        given: String,
    },
    /// A date cannot be read, does not exist, or the end is not after the start.
    #[error("{field}: {error}")]
    Period {
        /// The argument.
        field: &'static str,
        /// What is wrong with it.
        error: PeriodError,
    },
    /// An argument that the operation needs is absent.
    #[error("{operation} needs {field}, for example {example}")]
    Missing {
        /// The operation.
        operation: CostOperation,
        /// The argument.
        field: &'static str,
        /// An accepted value.
        example: &'static str,
    },
    /// An argument has no meaning for the operation.
    #[error("{operation} does not take {what}")]
    NotTaken {
        /// The operation.
        operation: CostOperation,
        /// The argument or what stands in it.
        what: &'static str,
    },
    /// A name is known but not accepted here.
    #[error("{operation} does not take {field} {given}, expected one of {}", .allowed.join(", "))]
    NotAllowed {
        /// The operation.
        operation: CostOperation,
        /// The argument.
        field: &'static str,
        /// The name as it was given.
        given: String,
        /// What is accepted.
        allowed: Vec<&'static str>,
    },
    /// A time of day stands where only whole days are asked.
    #[error("{} has a time of day, which only HOURLY granularity takes", Shown(.given))]
    TimeOfDay {
        /// The text as it was given.
        given: String,
    },
    /// The period begins after today.
    #[error(
        "the start {start} is after today, {today}; cost of days to come is what getCostForecast answers"
    )]
    StartInFuture {
        /// The first day asked for.
        start: Date,
        /// The current day.
        today: Date,
    },
    /// The period ends after the month does.
    #[error("the end {end} is past {latest}, the first day of next month")]
    EndTooLate {
        /// The day after the last, as asked.
        end: Date,
        /// The latest accepted.
        latest: Date,
    },
    /// Hourly data does not reach back so far.
    #[error(
        "HOURLY data reaches back 14 days, to {earliest}, and has to be switched on; the start is {start}. \
         DAILY reaches back to {daily}; hours can be had only of the last 14 days"
    )]
    HourlyOutOfReach {
        /// The first day asked for.
        start: Date,
        /// The first day of hourly data.
        earliest: Date,
        /// The first day of daily data.
        daily: Date,
    },
    /// Hourly data is not switched on.
    #[error("HOURLY data is not switched on for this account")]
    HourlyOff,
    /// Daily data does not reach back so far.
    #[error(
        "DAILY data reaches back 14 months, to {earliest}; the start is {start}. \
         MONTHLY reaches back 38 months from the first of a month, where multi-year data is switched on"
    )]
    DailyOutOfReach {
        /// The first day asked for.
        start: Date,
        /// The first day of daily data.
        earliest: Date,
    },
    /// Monthly data of long ago begins on the first of a month only.
    #[error(
        "beyond the past 14 months a period begins on the first of a month; the start is {start}"
    )]
    NotFirstOfMonth {
        /// The first day asked for.
        start: Date,
    },
    /// The account has no data of more than 14 months.
    #[error(
        "multi-year data is not switched on for this account: data reaches back to {earliest}, the start is {start}"
    )]
    MultiYearOff {
        /// The first day asked for.
        start: Date,
        /// The first day of data.
        earliest: Date,
    },
    /// No data reaches back so far.
    #[error("data reaches back 38 months at most, to {earliest}; the start is {start}")]
    OutOfReach {
        /// The first day asked for.
        start: Date,
        /// The first day of data.
        earliest: Date,
    },
    /// Data by resource does not reach back so far.
    #[error("data by resource reaches back 14 days, to {earliest}; the start is {start}")]
    ResourcesOutOfReach {
        /// The first day asked for.
        start: Date,
        /// The first day of data.
        earliest: Date,
    },
    /// Data by resource is not switched on.
    #[error("data by resource is not switched on for this account")]
    ResourcesOff,
    /// More than two groupings.
    #[error(
        "at most 2 groupings, {given} given; SERVICE or USAGE_TYPE tells more than one thing at once"
    )]
    TooManyGroups {
        /// How many were given.
        given: usize,
    },
    /// More than one metric where one is asked.
    #[error("{operation} takes one metric, {given} given")]
    TooManyMetrics {
        /// The operation.
        operation: CostOperation,
        /// How many were given.
        given: usize,
    },
    /// A forecast begins before today.
    #[error("a forecast begins today, {today}, or later; the start is {start}")]
    ForecastInPast {
        /// The first day asked for.
        start: Date,
        /// The current day.
        today: Date,
    },
    /// A forecast reaches too far.
    #[error(
        "a {granularity} forecast reaches {months} months ahead, to {latest}; the end is {end}"
    )]
    ForecastTooFar {
        /// The length of a row.
        granularity: Granularity,
        /// How many months it reaches.
        months: i64,
        /// The day after the last, as asked.
        end: Date,
        /// The latest accepted.
        latest: Date,
    },
    /// A number is out of its range.
    #[error("{field} is {given}, accepted are {min} to {max}")]
    OutOfRange {
        /// The argument.
        field: &'static str,
        /// The number as it was given.
        given: i64,
        /// The least accepted.
        min: i64,
        /// The greatest accepted.
        max: i64,
    },
    /// A text is too long.
    #[error("{field} is {given} characters long, at most {max} are accepted")]
    TooLong {
        /// The argument.
        field: &'static str,
        /// Its length.
        given: usize,
        /// The greatest accepted.
        max: usize,
    },
    /// A period to compare is not one month.
    #[error("the {which} period {period} is not exactly one month, from the first to the first")]
    NotOneMonth {
        /// "baseline" or "comparison".
        which: &'static str,
        /// The period as read.
        period: BillingPeriod,
    },
    /// Data by resource is neither grouped nor filtered by resource.
    #[error("getCostAndUsageWithResources is grouped or filtered by RESOURCE_ID")]
    NoResourceId,
    /// Product attributes are asked for before AWS recorded them.
    #[error(
        "product attributes such as the model are recorded from 2026-09-01; the start is {start}"
    )]
    NoProductAttributesYet {
        /// The first day asked for.
        start: Date,
    },
    /// A product attribute is filtered by without a service.
    #[error("a filter by product attributes needs a filter by SERVICE beside it in {operation}")]
    ProductAttributesNeedService {
        /// The operation.
        operation: CostOperation,
    },
    /// A filter has not exactly one root.
    #[error(
        "a filter has exactly one of And, Or, Not, Dimensions, Tags, CostCategories, ProductAttributes; {found} found"
    )]
    FilterRoots {
        /// How many were found.
        found: usize,
    },
    /// `And` or `Or` has fewer than two operands.
    #[error("{operator} needs at least 2 operands, {found} found")]
    FilterOperands {
        /// `And` or `Or`.
        operator: &'static str,
        /// How many were found.
        found: usize,
    },
    /// A leaf of a filter has no key.
    #[error("a filter by {leaf} needs a Key")]
    FilterKey {
        /// The kind of leaf.
        leaf: &'static str,
    },
    /// A leaf of a filter has no values.
    #[error("the filter by {leaf} {} needs Values", Shown(.key))]
    FilterValues {
        /// The kind of leaf.
        leaf: &'static str,
        /// Its key.
        key: String,
    },
    /// A match option that the leaf does not take.
    #[error("a filter by {leaf} does not take MatchOptions {given}, expected {}", .allowed.join(", "))]
    FilterMatch {
        /// The kind of leaf.
        leaf: &'static str,
        /// The option.
        given: &'static str,
        /// What is accepted.
        allowed: Vec<&'static str>,
    },
    /// A service is named as people name it, and as no bill does.
    #[error(
        "no bill has the service {}: nothing would match it. Bills say {}",
        Shown(.given),
        Listed(.names)
    )]
    ServiceName {
        /// The name as it was given.
        given: String,
        /// What bills say instead, at least one.
        names: Vec<String>,
    },
    /// A filter is nested too deep or holds too many values.
    #[error("a filter holds at most {max} {what}")]
    FilterSize {
        /// "levels" or "values".
        what: &'static str,
        /// The greatest accepted.
        max: usize,
    },
}

impl QueryProblem {
    /// Tells whether a date names a day that its month does not have.
    pub(super) const fn is_no_such_day(&self) -> bool {
        matches!(
            self,
            Self::Period {
                error: PeriodError::Impossible { .. },
                ..
            }
        )
    }
}

/// Names shown before the rest are counted.
const NAMES_SHOWN: usize = 3;

/// Names in quotes: the first few, and how many more there are.
struct Listed<'a>(&'a [String]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().take(NAMES_SHOWN).enumerate() {
            write!(f, "{}{}", if at > 0 { ", " } else { "" }, Shown(name))?;
        }
        match self.0.len().saturating_sub(NAMES_SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
