//! Finds the function that answers an operation.

use serde_json::Value;

use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::service::Service;
use crate::{bedrock, budgets, cost_explorer, pricing, sts};

/// What the account answers, or none where it does not answer for the service at all.
pub(crate) fn answer(
    ledger: &Ledger,
    service: Service,
    operation: &str,
    region: &str,
    input: &Value,
) -> Option<Result<Value, Fault>> {
    Some(match service {
        Service::CostExplorer => cost_explorer::answer(ledger, operation, input),
        Service::Budgets => budgets::answer(ledger, operation, input),
        Service::Pricing => pricing::answer(ledger, region, operation, input),
        Service::Bedrock | Service::BedrockRuntime => {
            bedrock::answer(ledger, region, operation, input)
        }
        Service::Sts => sts::answer(ledger, region, operation, input),
        Service::CloudWatch => return None,
    })
}
