//! STS: which account the credentials belong to.

use super::{Aws, HOME_REGION, Meter, Target, settle};
use crate::error::ToolError;
use std::sync::{Arc, PoisonError};

/// The account id of a profile's credentials, asked once for the life of the process.
pub(crate) async fn account_id(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
) -> Result<String, ToolError> {
    let cell = Arc::clone(
        aws.0
            .account_ids
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(target.profile.clone())
            .or_default(),
    );
    cell.get_or_try_init(|| ask(aws, meter, target))
        .await
        .cloned()
}

async fn ask(aws: &Aws, meter: &Meter, target: &Target) -> Result<String, ToolError> {
    let home = Target {
        profile: target.profile.clone(),
        region: Some(HOME_REGION.to_owned()),
    };
    let client = aws_sdk_sts::Client::new(&aws.configuration(&home).await);
    let identity = settle(
        "sts:GetCallerIdentity",
        client
            .get_caller_identity()
            .customize()
            .interceptor(meter.clone())
            .send()
            .await,
    )?;
    identity.account.ok_or_else(|| ToolError::OddAnswer {
        problem: "AWS named no account for the credentials".to_owned(),
    })
}
