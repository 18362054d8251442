//! Bedrock's control plane: which models a region has.

use super::{Aws, Meter, Target, settle};
use crate::error::ToolError;
use aws_sdk_bedrock::Client;

/// The number of foundation models that Bedrock lists in the region.
pub(crate) async fn model_count(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
) -> Result<usize, ToolError> {
    let client = Client::new(&aws.configuration(target).await);
    let answer = settle(
        "bedrock:ListFoundationModels",
        client
            .list_foundation_models()
            .customize()
            .interceptor(meter.clone())
            .send()
            .await,
    )?;
    Ok(answer.model_summaries().len())
}
