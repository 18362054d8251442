//! STS: which account the credentials belong to.

use super::{Aws, HOME_REGION, Meter, Target, settle};
use crate::error::ToolError;
use aws_config::SdkConfig;
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
    let (account, _) = caller(&aws.configuration(&home).await, meter).await?;
    Ok(account)
}

/// The account and the user or role that a configuration's credentials belong to. The name of a session says nothing of
/// what it may see, and is left out.
pub(super) async fn principal(
    configuration: &SdkConfig,
    meter: &Meter,
) -> Result<(String, String), ToolError> {
    let home = configuration
        .to_builder()
        .region(aws_config::Region::new(HOME_REGION))
        .build();
    let (account, arn) = caller(&home, meter).await?;
    Ok((account, without_session(&arn).to_owned()))
}

/// An ARN up to the name of the role, where it is of a session.
fn without_session(arn: &str) -> &str {
    match (arn.contains(":assumed-role/"), arn.rsplit_once('/')) {
        (true, Some((role, _session))) => role,
        _ => arn,
    }
}

async fn caller(configuration: &SdkConfig, meter: &Meter) -> Result<(String, String), ToolError> {
    let client = aws_sdk_sts::Client::new(configuration);
    let identity = settle(
        "sts:GetCallerIdentity",
        client
            .get_caller_identity()
            .customize()
            .interceptor(meter.clone())
            .send()
            .await,
    )?;
    let account = identity.account.ok_or_else(|| ToolError::OddAnswer {
        problem: "AWS named no account for the credentials".to_owned(),
    })?;
    Ok((account, identity.arn.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_of_one_role_are_one_caller_and_users_are_themselves() {
        for (arn, expected) in [
            (
                "arn:aws:sts::111122223333:assumed-role/FinOps/anna@example.com",
                "arn:aws:sts::111122223333:assumed-role/FinOps",
            ),
            (
                "arn:aws:iam::111122223333:user/team/anna",
                "arn:aws:iam::111122223333:user/team/anna",
            ),
            (
                "arn:aws:iam::111122223333:root",
                "arn:aws:iam::111122223333:root",
            ),
            ("", ""),
        ] {
            assert_eq!(without_session(arn), expected);
        }
    }
}
