//! Bedrock's control plane and `CountTokens`: what exists in the caller's account and region.

mod capacity;
mod count_tokens;
mod models;
mod profiles;

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::place::{Account, Region};
use crate::paging::{Paging, page};

/// Answers an operation of Bedrock or of its runtime in a region.
///
/// # Errors
///
/// The fault that AWS answers: an unknown profile, model or page token.
pub fn answer(
    ledger: &Ledger,
    region: &str,
    operation: &str,
    input: &Value,
) -> Result<Value, Fault> {
    match operation {
        "ListFoundationModels" => Ok(models::list(ledger, region, input)),
        "ListInferenceProfiles" => profiles::list(ledger, region, input),
        "GetInferenceProfile" => profiles::get(ledger, region, input),
        "GetModelInvocationLoggingConfiguration" => Ok(logging(region)),
        "ListProvisionedModelThroughputs" => capacity::throughputs(ledger, region, input),
        "ListModelInvocationJobs" => capacity::jobs(ledger, region, input),
        "ListGuardrails" => capacity::guardrails(ledger, region, input),
        "CountTokens" => count_tokens::count(ledger, region, input),
        other => Err(Fault::new(
            "UnknownOperationException",
            format!("unknown operation {other}"),
        )),
    }
}

/// Invocation logs are written where production runs.
fn logging(region: &str) -> Value {
    if region != Region::UsEast1.code() && region != Region::EuCentral1.code() {
        return json!({});
    }
    let account = Account::PAYER.id();
    json!({
        "loggingConfig": {
            "cloudWatchConfig": {
                "logGroupName": "/aws/bedrock/invocations",
                "roleArn": format!("arn:aws:iam::{account}:role/BedrockInvocationLogging"),
            },
            "s3Config": {
                "bucketName": format!("halden-bedrock-logs-{region}"),
                "keyPrefix": "invocations",
            },
            "textDataDeliveryEnabled": true,
            "imageDataDeliveryEnabled": false,
            "embeddingDataDeliveryEnabled": false,
            "videoDataDeliveryEnabled": false,
            "audioDataDeliveryEnabled": false,
        },
    })
}

fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn model_arn(region: &str, model_id: &str) -> String {
    format!("arn:aws:bedrock:{region}::foundation-model/{model_id}")
}

/// An id of 12 letters and digits, as Bedrock gives to what an account makes.
fn resource_id(name: &str) -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut bits = crate::ledger::calendar::noise(crate::paging::fnv(name), 0);
    (0..12)
        .filter_map(|_| {
            let index = usize::try_from(bits % 36).ok()?;
            bits /= 36;
            LETTERS.get(index).map(|letter| char::from(*letter))
        })
        .collect()
}

/// One page of a list as the member `name`, with the token of the next.
fn paged(operation: &str, name: &str, input: &Value, all: Vec<Value>) -> Result<Value, Fault> {
    let paging = Paging::of(operation, input, &["nextToken", "maxResults"]);
    let start = match text(input, "nextToken") {
        None => 0,
        Some(token) => paging
            .position(token)
            .ok_or_else(|| Fault::validation("The provided token is invalid."))?,
    };
    let size = input.get("maxResults").and_then(Value::as_u64);
    let size = size
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(100);
    let (items, next) = page(all, start, size);
    let mut answer = json!({ name: items });
    if let (Some(members), Some(position)) = (answer.as_object_mut(), next) {
        members.insert("nextToken".to_owned(), Value::from(paging.token(position)));
    }
    Ok(answer)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;

    #[test]
    fn logging_is_on_where_production_runs() {
        let on = |region: &str| logging(region).get("loggingConfig").is_some();
        assert_eq!(
            ["us-east-1", "us-west-2", "eu-central-1"].map(on),
            [true, false, true]
        );
    }

    #[test]
    fn a_page_token_of_another_list_is_refused() {
        let input = json!({ "nextToken": Paging::of("X", &json!({}), &[]).token(1) });
        let fault = paged("Y", "items", &input, Vec::new()).unwrap_err();
        assert_eq!(fault.error_type, "ValidationException");
    }
}
