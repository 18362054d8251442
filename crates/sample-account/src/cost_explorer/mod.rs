//! Cost Explorer's answers over the ledger: AWS's JSON in, AWS's JSON out.
//!
//! The shape of a request and the service rules that need no data are checked before; what is
//! refused here depends on the data: tokens of another request, attributes before they existed,
//! forecasts without a history.

mod anomaly;
mod comparison;
pub(crate) mod expression;
pub(crate) mod forecast;
mod page;
mod period;
mod usage;
mod values;

pub(crate) use page::Pager;

use serde_json::Value;

use crate::fault::Fault;
use crate::ledger::Ledger;

/// Answers one operation of the Cost Explorer API.
///
/// # Errors
///
/// The errors that AWS declares for the operation, and `ValidationException` for input that no
/// answer can be made from.
pub fn answer(ledger: &Ledger, operation: &str, input: &Value) -> Result<Value, Fault> {
    match operation {
        "GetCostAndUsage" | "GetCostAndUsageWithResources" => {
            usage::cost_and_usage(ledger, operation, input)
        }
        "GetDimensionValues" => values::dimension_values(ledger, input),
        "GetTags" => values::tags(ledger, input),
        "GetCostCategories" => values::cost_categories(ledger, input),
        "ListCostAllocationTags" => values::cost_allocation_tags(ledger, input),
        "GetCostForecast" => forecast::cost_forecast(ledger, input),
        "GetUsageForecast" => forecast::usage_forecast(ledger, input),
        "GetCostAndUsageComparisons" => comparison::comparisons(ledger, input),
        "GetCostComparisonDrivers" => comparison::drivers(ledger, input),
        "GetAnomalies" => anomaly::anomalies(ledger, input),
        "GetAnomalyMonitors" => anomaly::monitors(ledger, input),
        "GetAnomalySubscriptions" => anomaly::subscriptions(input),
        other => Err(Fault::new(
            "UnknownOperationException",
            format!("The operation {other} is not available in this account"),
        )),
    }
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is a failing test"
)]
mod tests;
