//! Finds the function that answers an operation.

use serde_json::Value;

use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::service::Service;
use crate::{bedrock, budgets, cloudwatch, cost_explorer, pricing, sts};

/// What the account answers.
pub(crate) fn answer(
    ledger: &Ledger,
    service: Service,
    operation: &str,
    region: &str,
    input: &Value,
) -> Result<Value, Fault> {
    match service {
        Service::CostExplorer => cost_explorer::answer(ledger, operation, input),
        Service::Budgets => budgets::answer(ledger, operation, input),
        Service::Pricing => pricing::answer(ledger, region, operation, input),
        Service::Bedrock | Service::BedrockRuntime => {
            bedrock::answer(ledger, region, operation, input)
        }
        Service::Sts => sts::answer(ledger, region, operation, input),
        Service::CloudWatch => cloudwatch::answer(ledger, region, operation, input),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::MODELS;
    use crate::output::broken_output;

    /// Every read that needs no more than this has the output shape of AWS's own model.
    #[test]
    fn answers_have_the_shapes_of_the_api() {
        let nova = json!({ "ServiceCode": "AmazonBedrock" });
        let attribute = json!({ "ServiceCode": "AmazonBedrock", "AttributeName": "usagetype" });
        let lists = json!({
            "ServiceCode": "AmazonBedrock", "EffectiveDate": 1_733_000_000, "CurrencyCode": "USD",
        });
        let file = json!({
            "PriceListArn":
                "arn:aws:pricing:::price-list/aws/AmazonBedrock/USD/20241101000000/us-east-1",
            "FileFormat": "csv",
        });
        let own = json!({ "typeEquals": "APPLICATION", "maxResults": 1 });
        let profile = json!({ "inferenceProfileIdentifier": "us.amazon.nova-lite-v1:0" });
        let count = json!({
            "modelId": "anthropic.claude-3-5-haiku-20241022-v1:0",
            "input": { "converse": { "messages": [] } },
        });
        let none = json!({});
        let cases = [
            (Service::Pricing, "DescribeServices", &none),
            (Service::Pricing, "GetProducts", &nova),
            (Service::Pricing, "GetAttributeValues", &attribute),
            (Service::Pricing, "ListPriceLists", &lists),
            (Service::Pricing, "GetPriceListFileUrl", &file),
            (Service::Bedrock, "ListFoundationModels", &none),
            (Service::Bedrock, "ListInferenceProfiles", &none),
            (Service::Bedrock, "ListInferenceProfiles", &own),
            (Service::Bedrock, "GetInferenceProfile", &profile),
            (
                Service::Bedrock,
                "GetModelInvocationLoggingConfiguration",
                &none,
            ),
            (Service::Bedrock, "ListProvisionedModelThroughputs", &none),
            (Service::Bedrock, "ListModelInvocationJobs", &none),
            (Service::Bedrock, "ListGuardrails", &none),
            (Service::BedrockRuntime, "CountTokens", &count),
            (Service::CloudWatch, "ListMetrics", &none),
            (Service::CloudWatch, "DescribeAlarms", &none),
            (Service::Sts, "GetCallerIdentity", &none),
        ];
        for as_of in [
            "2024-12-05T12:00:00Z",
            "2026-01-15T08:00:00Z",
            "2026-11-22T15:30:00Z",
        ] {
            let ledger = Ledger::new(as_of.parse().unwrap());
            for (service, operation, input) in cases {
                for region in ["us-east-1", "us-west-2"] {
                    let is_here = region == "us-east-1" || operation != "GetInferenceProfile";
                    let is_gone = operation == "CountTokens" && as_of > "2026-06";
                    if !is_here || is_gone {
                        continue;
                    }
                    let model = MODELS.service(service.id()).unwrap();
                    let shape = &model.operations.get(operation).unwrap().output;
                    let answer = answer(&ledger, service, operation, region, input);
                    let answer = answer.unwrap();
                    let wrong = broken_output(model, shape, &answer);
                    assert!(wrong.is_empty(), "{as_of} {region} {operation}: {wrong:?}");
                }
            }
        }
    }
}
