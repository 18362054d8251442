//! Bedrock's control plane: which models a region has, and what the account made of them.

use super::{Aws, Meter, Target, settle};
use crate::error::ToolError;
use aws_sdk_bedrock::{
    Client,
    types::{CommitmentDuration, InferenceProfileType, ProvisionedModelStatus},
};
use bedrock_cost::{
    inference::Commitment,
    usage::{Profile, Throughput},
};
use jiff::Timestamp;

/// The most of a page that AWS gives.
const PAGE: i32 = 1_000;
/// More pages than any quota of profiles or throughputs fills.
const MOST_PAGES: usize = 5;

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

/// The application inference profiles that the account has in the region.
pub(crate) async fn application_profiles(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
) -> Result<Vec<Profile>, ToolError> {
    let client = Client::new(&aws.configuration(target).await);
    let mut profiles = Vec::new();
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let request = client
            .list_inference_profiles()
            .type_equals(InferenceProfileType::Application)
            .max_results(PAGE)
            .set_next_token(token);
        let output = settle(
            "bedrock:ListInferenceProfiles",
            request.customize().interceptor(meter.clone()).send().await,
        )?;
        let found = output.inference_profile_summaries.unwrap_or_default();
        profiles.extend(found.into_iter().map(|one| {
            Profile {
                id: one.inference_profile_id,
                arn: one.inference_profile_arn,
                name: one.inference_profile_name,
                models: one
                    .models
                    .into_iter()
                    .filter_map(|model| model.model_arn)
                    .collect(),
            }
        }));
        token = output.next_token;
        if token.is_none() {
            break;
        }
    }
    Ok(profiles)
}

/// The provisioned throughputs that the account has in the region.
pub(crate) async fn throughputs(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
) -> Result<Vec<Throughput>, ToolError> {
    let client = Client::new(&aws.configuration(target).await);
    let mut throughputs = Vec::new();
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let request = client
            .list_provisioned_model_throughputs()
            .max_results(PAGE)
            .set_next_token(token);
        let output = settle(
            "bedrock:ListProvisionedModelThroughputs",
            request.customize().interceptor(meter.clone()).send().await,
        )?;
        let found = output.provisioned_model_summaries.unwrap_or_default();
        throughputs.extend(found.into_iter().map(|one| Throughput {
            arn: one.provisioned_model_arn,
            name: one.provisioned_model_name,
            model: one.foundation_model_arn,
            units: u32::try_from(one.model_units).unwrap_or(0),
            commitment: match one.commitment_duration {
                Some(CommitmentDuration::OneMonth) => Some(Commitment::OneMonth),
                Some(CommitmentDuration::SixMonths) => Some(Commitment::SixMonths),
                _ => None,
            },
            in_service: matches!(
                one.status,
                ProvisionedModelStatus::InService | ProvisionedModelStatus::Updating
            ),
            since: Timestamp::from_second(one.creation_time.secs()).ok(),
        }));
        token = output.next_token;
        if token.is_none() {
            break;
        }
    }
    Ok(throughputs)
}
