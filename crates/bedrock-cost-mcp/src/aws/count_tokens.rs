//! Bedrock Runtime's `CountTokens`: how many input tokens a request would be billed for. It is free.
//!
//! The one operation is run by the machinery that the SDK's own clients run on, so that it signs, retries, waits and is
//! counted as theirs do; `ARCHITECTURE.md` says why it has no client of its own.

use super::{Aws, Meter, Target, settle};
use crate::error::ToolError;
use aws_config::SdkConfig;
use aws_runtime::{
    auth::{
        SigV4OperationSigningConfig,
        sigv4::{SCHEME_ID, SigV4AuthScheme},
    },
    retries::classifiers::AwsErrorCodeClassifier,
};
use aws_smithy_runtime::client::{
    orchestrator::operation::Operation,
    retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        auth::{
            AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
            static_resolver::StaticAuthSchemeOptionResolver,
        },
        identity::SharedIdentityResolver,
        orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
        runtime_components::RuntimeComponentsBuilder,
        runtime_plugin::StaticRuntimePlugin,
    },
};
use aws_smithy_types::{
    body::SdkBody,
    config_bag::Layer,
    error::metadata::{ErrorMetadata, ProvideErrorMetadata},
};
use aws_types::{SigningName, region::SigningRegion, service_config::ServiceConfigKey};
use serde_json::{Value, json};
use std::fmt;

/// The IAM action.
pub(crate) const ACTION: &str = "bedrock:CountTokens";
/// The service as the SDK names it: for its settings, and in its log.
const SERVICE: &str = "Bedrock Runtime";

/// Counts the input tokens of an `InvokeModel` body for a model, by its bare foundation-model id.
pub(crate) async fn count_tokens(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    model: &str,
    body: &Value,
) -> Result<u64, ToolError> {
    let operation = operation(&aws.configuration(target).await, meter);
    let asked = Asked {
        // Nothing but letters, digits and marks that a path may hold stands in an id, but for the colon.
        path: format!("/model/{}/count-tokens", model.replace(':', "%3A")),
        body: json!({"input": {"invokeModel": {"body": aws_smithy_types::base64::encode(body.to_string())}}})
            .to_string(),
    };
    settle(ACTION, operation.invoke(asked).await)
}

/// One request, before it is signed.
#[derive(Clone, Debug)]
struct Asked {
    path: String,
    body: String,
}

fn operation(config: &SdkConfig, meter: &Meter) -> Operation<Asked, u64, Refused> {
    let region = config
        .region()
        .map_or(super::HOME_REGION, AsRef::as_ref)
        .to_owned();
    let mut builder = Operation::builder()
        .service_name(SERVICE)
        .operation_name("CountTokens")
        .endpoint_url(&endpoint(config, &region))
        .interceptor(meter.clone())
        .runtime_plugin(signing(config, region))
        .retry_classifier(TransientErrorClassifier::<Refused>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(AwsErrorCodeClassifier::<Refused>::new());
    if let Some(version) = config.behavior_version() {
        builder = builder.behavior_version(version);
    }
    if let Some(client) = config.http_client() {
        builder = builder.http_client(client);
    }
    if let Some(retries) = config.retry_config() {
        builder = builder.standard_retry(retries);
    }
    if let Some(timeouts) = config.timeout_config() {
        builder = builder.timeout_config(timeouts.clone());
    }
    if let Some(sleep) = config.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(time) = config.time_source() {
        builder = builder.time_source(time);
    }
    builder.serializer(request).deserializer(answer).build()
}

/// The endpoint of `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`, `AWS_ENDPOINT_URL` or the profile, or the region's.
fn endpoint(config: &SdkConfig, region: &str) -> String {
    let key = ServiceConfigKey::builder()
        .service_id(SERVICE)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    config
        .service_config()
        .zip(key.ok())
        .and_then(|(settings, key)| settings.load_config(key))
        .or_else(|| config.endpoint_url().map(ToOwned::to_owned))
        .unwrap_or_else(|| format!("https://bedrock-runtime.{region}.amazonaws.com"))
}

/// Signature version 4 with the credentials of the configuration.
fn signing(config: &SdkConfig, region: String) -> StaticRuntimePlugin {
    let mut settings = Layer::new("CountTokens");
    settings.store_put(AuthSchemeOptionResolverParams::new(()));
    settings.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(aws_config::Region::new(region))),
        name: Some(SigningName::from_static("bedrock")),
        ..SigV4OperationSigningConfig::default()
    });
    let mut components = RuntimeComponentsBuilder::new("CountTokens")
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )));
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
    }
    if let Some(cache) = config.identity_cache() {
        components.set_identity_cache(Some(cache));
    }
    StaticRuntimePlugin::new()
        .with_config(settings.freeze())
        .with_runtime_components(components)
}

fn request(asked: Asked) -> Result<HttpRequest, BoxError> {
    let length = asked.body.len().to_string();
    let mut request = HttpRequest::new(SdkBody::from(asked.body));
    request.set_method("POST")?;
    request.set_uri(asked.path)?;
    let headers = request.headers_mut();
    headers.insert("content-type", "application/json");
    headers.insert("content-length", length);
    Ok(request)
}

fn answer(response: &HttpResponse) -> Result<u64, OrchestratorError<Refused>> {
    let body: Value = response
        .body()
        .bytes()
        .and_then(|bytes| serde_json::from_slice(bytes).ok())
        .unwrap_or_default();
    if response.status().is_success()
        && let Some(tokens) = body.get("inputTokens").and_then(Value::as_u64)
    {
        return Ok(tokens);
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let code = response
        .headers()
        .get("x-amzn-errortype")
        .or_else(|| text("__type"));
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = code {
        metadata = metadata.code(bare(code));
    }
    if let Some(message) = text("message").or_else(|| text("Message")) {
        metadata = metadata.message(message);
    }
    Err(OrchestratorError::operation(Refused(metadata.build())))
}

/// `ValidationException` of `com.amazonaws.bedrockruntime#ValidationException:http://...`.
fn bare(code: &str) -> &str {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.rsplit_once('#').map_or(code, |(_, code)| code)
}

/// What AWS answered in place of a count.
#[derive(Debug)]
struct Refused(ErrorMetadata);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refused {}

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}
