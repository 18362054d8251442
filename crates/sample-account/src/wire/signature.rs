//! The scope a request is signed for: its region and service.
//!
//! The signature itself is not checked, since the account knows no secret key.

use http::{HeaderMap, header::AUTHORIZATION};

use super::Protocol;
use crate::fault::Fault;
use crate::service::Service;

/// What a signed request says about where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The region in the credential scope, such as `us-east-1`.
    pub(crate) region: String,
}

/// Reads the `Authorization` header, refusing what AWS refuses before it looks at a request.
pub(crate) fn scope(
    headers: &HeaderMap,
    service: Service,
    protocol: Protocol,
) -> Result<Scope, Fault> {
    let refused = match protocol {
        Protocol::RestJson | Protocol::Query => 403,
        _ => 400,
    };
    let Some(header) = headers.get(AUTHORIZATION) else {
        let fault = Fault::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        );
        return Err(fault.with_status(refused));
    };
    let incomplete =
        |message: String| Fault::new("IncompleteSignatureException", message).with_status(refused);
    let header = header.to_str().unwrap_or_default();
    let Some(parameters) = header.strip_prefix("AWS4-HMAC-SHA256 ") else {
        return Err(incomplete(format!(
            "Unsupported authorization type or algorithm: '{header}'."
        )));
    };
    let parameter = |name: &str| {
        parameters
            .split(',')
            .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
            .filter(|value| !value.is_empty())
    };
    for name in ["Credential", "Signature", "SignedHeaders"] {
        if parameter(name).is_none() {
            return Err(incomplete(format!(
                "Authorization header requires '{name}' parameter."
            )));
        }
    }
    if !headers.contains_key("x-amz-date") && !headers.contains_key("date") {
        return Err(incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
                .to_owned(),
        ));
    }
    let credential = parameter("Credential").unwrap_or_default();
    let parts: Vec<&str> = credential.rsplitn(5, '/').collect();
    let invalid =
        |message: String| Fault::new("InvalidSignatureException", message).with_status(refused);
    let &["aws4_request", signed_for, region, _date, _key] = parts.as_slice() else {
        return Err(invalid(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term, got '{credential}'"
        )));
    };
    if signed_for != service.signing_name() {
        return Err(invalid(format!(
            "Credential should be scoped to correct service: '{}'.",
            service.signing_name()
        )));
    }
    if !service.is_in(region) {
        return Err(invalid(format!(
            "Credential should be scoped to a valid region, not '{region}'."
        )));
    }
    Ok(Scope {
        region: region.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(authorization: Option<&'static str>, service: Service, want: Result<&str, &str>) {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-date", HeaderValue::from_static("20261122T000000Z"));
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
        }
        let got = scope(&headers, service, Protocol::AwsJson11);
        let got = got
            .map(|scope| scope.region)
            .map_err(|fault| fault.error_type);
        assert_eq!(
            got.as_deref().map_err(String::as_str),
            want,
            "{authorization:?}"
        );
    }

    #[test]
    fn takes_only_requests_signed_for_the_service() {
        use Service::{Bedrock, BedrockRuntime, CloudWatch, CostExplorer, Pricing};
        macro_rules! signed {
            ($scope:literal) => {
                Some(concat!(
                    "AWS4-HMAC-SHA256 Credential=AKID/20261122/",
                    $scope,
                    "/aws4_request, SignedHeaders=host, Signature=ab"
                ))
            };
        }
        let invalid = Err("InvalidSignatureException");
        let incomplete = Err("IncompleteSignatureException");
        check(signed!("us-east-1/ce"), CostExplorer, Ok("us-east-1"));
        check(signed!("eu-west-1/ce"), CostExplorer, invalid);
        check(signed!("us-east-1/monitoring"), CostExplorer, invalid);
        check(signed!("eu-west-1/monitoring"), CloudWatch, Ok("eu-west-1"));
        check(signed!("mars-north-1/monitoring"), CloudWatch, invalid);
        check(signed!("us-east-1/cloudwatch"), CloudWatch, invalid);
        check(signed!("ap-south-1/pricing"), Pricing, Ok("ap-south-1"));
        check(signed!("us-west-2/pricing"), Pricing, invalid);
        check(signed!("us-west-2/bedrock"), Bedrock, Ok("us-west-2"));
        check(
            signed!("us-west-2/bedrock"),
            BedrockRuntime,
            Ok("us-west-2"),
        );
        check(signed!("us-east-1"), CostExplorer, invalid);
        check(
            None,
            CostExplorer,
            Err("MissingAuthenticationTokenException"),
        );
        check(Some("Bearer abc"), CostExplorer, incomplete);
        check(
            Some("AWS4-HMAC-SHA256 Credential=AKID/1/2/3/4"),
            CostExplorer,
            incomplete,
        );
    }
}
