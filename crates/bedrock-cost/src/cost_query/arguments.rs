//! What a caller hands over, and what is reported back about it.

use super::RawFilter;

/// The raw arguments of one Cost Explorer call, as text: nothing in them is checked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostArguments {
    /// The operation in any spelling: `getCostAndUsage`, `GetCostAndUsage`, `get_cost_and_usage`.
    pub operation: String,
    /// First day or hour: a date, a relative form or the name of a period.
    pub start: Option<String>,
    /// Day or hour after the last.
    pub end: Option<String>,
    /// `HOURLY`, `DAILY` or `MONTHLY`.
    pub granularity: Option<String>,
    /// Names of metrics.
    pub metrics: Vec<String>,
    /// Kind (`DIMENSION`, `TAG`, `COST_CATEGORY`, `PRODUCT_ATTRIBUTE`, or empty) and key; the key may name the kind
    /// itself, as in `tag:App` and `model`.
    pub group_by: Vec<(String, String)>,
    /// Which charges.
    pub filter: Option<RawFilter>,
    /// The dimension whose values are asked for.
    pub dimension: Option<String>,
    /// The product attribute, when that dimension is `PRODUCT_ATTRIBUTE`.
    pub dimension_key: Option<String>,
    /// `COST_AND_USAGE`, `RESERVATIONS` or `SAVINGS_PLANS`.
    pub context: Option<String>,
    /// The tag key whose values are asked for.
    pub tag_key: Option<String>,
    /// The cost category whose values are asked for.
    pub cost_category: Option<String>,
    /// Text that values must contain.
    pub search_string: Option<String>,
    /// Width of a forecast's prediction interval in percent.
    pub prediction_interval: Option<i64>,
    /// First day of the month compared with.
    pub baseline_start: Option<String>,
    /// Day after it.
    pub baseline_end: Option<String>,
    /// First day of the month in question.
    pub comparison_start: Option<String>,
    /// Day after it.
    pub comparison_end: Option<String>,
    /// Rows per page.
    pub max_results: Option<i64>,
}

/// What is known about the account's settings; `None` where nothing is, and AWS then decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CostLimits {
    /// Whether monthly data of up to 38 months is switched on.
    pub multi_year: Option<bool>,
    /// Whether hourly data is switched on.
    pub hourly: Option<bool>,
    /// Whether data by resource is switched on.
    pub resources: Option<bool>,
}

/// One argument whose form was corrected, or that was absent and assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The argument, by its name in the tool.
    pub field: &'static str,
    /// The text as it was given; empty where the argument was absent.
    pub from: String,
    /// The text as it is asked; empty where the argument has no meaning for the operation and was left out.
    pub to: String,
}
