//! AWS, read only: one file per service, the only place that names an SDK type.

pub(crate) mod anomalies;
pub(crate) mod bedrock;
pub(crate) mod budgets;
pub(crate) mod cloudwatch;
pub(crate) mod cost_explorer;
pub(crate) mod count_tokens;
mod failure;
pub(crate) mod identity;
pub(crate) mod pages;
pub(crate) mod pricing;
mod remembering;
pub(crate) mod sample;

use crate::{
    config::{Account, Settings},
    error::ToolError,
    state::{State, limit::MicroUsd},
};
use aws_config::{
    BehaviorVersion, SdkConfig,
    environment::region::EnvironmentVariableRegionProvider,
    meta::region::{ProvideRegion as _, RegionProviderChain},
    profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider},
    provider_config::ProviderConfig,
    retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_credential_types::Credentials;
use aws_smithy_http_client::{Builder, Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::SharedHttpClient,
        interceptors::{
            Intercept,
            context::{
                BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
            },
        },
        orchestrator::Metadata,
        result::SdkError,
        runtime_components::RuntimeComponents,
    },
    http::Response,
};
use aws_smithy_types::config_bag::ConfigBag;
use failure::{AwsFailure, read_failure};
use remembering::{Asked, METRIC_PRICE, RememberingClient};
use rust_decimal::Decimal;
use sample_account::SampleAccount;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::sync::OnceCell;

/// Cost Explorer, Budgets and Price List have one endpoint; where nothing names a region, CloudWatch is asked here too.
pub(crate) const HOME_REGION: &str = "us-east-1";

/// The service that bills each answer, by the name that the SDK has for it.
const BILLED_SERVICE: &str = "Cost Explorer";
/// The header that every answer of AWS has.
const REQUEST_ID: &str = "x-amzn-requestid";

/// Counts what answering one call cost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    counts: Arc<Counts>,
    /// The metrics that the next request is billed for.
    metrics: u32,
    anew: bool,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU32,
    cost_explorer: AtomicU32,
    metrics: AtomicU32,
    kept: Mutex<Kept>,
}

/// What was answered without asking AWS, and what stood in the way of it.
#[derive(Debug, Default)]
struct Kept {
    /// How old the oldest kept answer is.
    age_seconds: Option<i64>,
    problem: Option<String>,
}

impl Meter {
    /// Requests sent to AWS, retries included.
    pub(crate) fn requests(&self) -> u32 {
        self.counts.requests.load(Ordering::Relaxed)
    }

    /// Cost Explorer answers received, each billed at 0.01 USD (AWS Cost Explorer pricing, read 2026-11-22).
    pub(crate) fn billed(&self) -> u32 {
        self.counts.cost_explorer.load(Ordering::Relaxed)
    }

    /// What answering cost, USD: Cost Explorer requests, and metrics asked for at 0.01 USD per 1,000
    /// (Amazon CloudWatch pricing, read 2026-11-22). The first million CloudWatch requests of a month cost nothing.
    pub(crate) fn cost_usd(&self) -> Decimal {
        Decimal::new(i64::from(self.billed()), 2)
            + Decimal::new(i64::from(self.counts.metrics.load(Ordering::Relaxed)), 5)
    }

    /// Counts the metrics of one `GetMetricData` answer.
    fn bill_metrics(&self, metrics: usize) {
        let metrics = u32::try_from(metrics).unwrap_or(u32::MAX);
        self.counts.metrics.fetch_add(metrics, Ordering::Relaxed);
    }
}

impl Meter {
    /// A meter of requests that AWS is to answer itself, whatever is kept.
    pub(crate) fn anew() -> Self {
        Self {
            anew: true,
            ..Self::default()
        }
    }

    pub(crate) fn asks_anew(&self) -> bool {
        self.anew
    }

    /// The same meter for a request that is billed for metrics.
    fn of_metrics(&self, metrics: usize) -> Self {
        Self {
            metrics: u32::try_from(metrics).unwrap_or(u32::MAX),
            ..self.clone()
        }
    }

    /// Seconds since AWS gave the oldest answer that was kept and used again; none where AWS gave all of them now.
    pub(crate) fn age_seconds(&self) -> Option<i64> {
        self.kept().age_seconds
    }

    /// Why answers and spending could not be kept, where that is so.
    pub(crate) fn problem(&self) -> Option<String> {
        self.kept().problem.clone()
    }

    fn sends(&self) {
        self.counts.requests.fetch_add(1, Ordering::Relaxed);
    }

    fn answered_from_cache(&self, age_seconds: i64) {
        let mut kept = self.kept();
        kept.age_seconds = kept.age_seconds.max(Some(age_seconds));
    }

    fn state_problem(&self, problem: Option<String>) {
        if problem.is_some() {
            self.kept().problem = problem;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.counts
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    /// Says what the request is to the client that sends it, for this attempt.
    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        parts: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, operation) = parts
            .load::<Metadata>()
            .map(|asked| (asked.service().to_owned(), asked.name().to_owned()))
            .unwrap_or_default();
        context.request_mut().add_extension(Asked {
            meter: self.clone(),
            service,
            operation,
            metrics: self.metrics,
        });
        Ok(())
    }

    /// Counts what Cost Explorer bills: every answer, also one that is then cut short and asked for again.
    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        parts: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let answered = response.status().as_u16() == 200
            // A page of a proxy has none.
            && response.headers().get(REQUEST_ID).is_some();
        let billed = parts
            .load::<Metadata>()
            .is_some_and(|asked| asked.service() == BILLED_SERVICE);
        if answered && billed {
            self.counts.cost_explorer.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// The SDK's HTTP client on rustls with ring, which is a fifth of the build time of the SDK's default and a megabyte less
/// of program. As in the default, proxies are those of the environment, and each caller's own time-outs hold.
fn https() -> SharedHttpClient {
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.tls_provider(provider.clone()).build()
    })
}

/// Whom to ask and where: the `profile` and `region` arguments of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    pub(crate) profile: Option<String>,
    pub(crate) region: Option<String>,
}

/// The connection to AWS. Building one does nothing: configuration is read on the first request that needs it.
#[derive(Clone, Debug)]
pub(crate) struct Aws(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    state: State,
    sample: std::sync::OnceLock<SampleAccount>,
    configurations: Mutex<HashMap<Option<String>, Arc<OnceCell<SdkConfig>>>>,
    account_ids: Mutex<HashMap<Option<String>, Arc<OnceCell<String>>>>,
}

impl Aws {
    pub(crate) fn new(settings: Settings) -> Self {
        let state = State::new(
            settings.account,
            settings.state.clone(),
            settings.spend_limit,
        );
        Self(Arc::new(Inner {
            settings,
            state,
            sample: std::sync::OnceLock::new(),
            configurations: Mutex::default(),
            account_ids: Mutex::default(),
        }))
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// What is kept between processes.
    pub(crate) fn state(&self) -> &State {
        &self.0.state
    }

    /// Notes series that a search found, for which AWS charges like for metrics that were named. How many they are is
    /// known from the answer only, so that they may take the sum over the spend limit, by half a cent at most.
    async fn bill_searched(&self, request_id: &str, metrics: usize) {
        if metrics > 0 {
            let metrics = i64::try_from(metrics).unwrap_or(i64::MAX);
            let price = MicroUsd(METRIC_PRICE.0.saturating_mul(metrics));
            let operation = "CloudWatch:GetMetricData";
            self.0.state.spent_more(operation, request_id, price).await;
        }
    }

    /// The simulated account, made when it is first asked.
    pub(crate) fn sample_account(&self) -> &SampleAccount {
        self.0
            .sample
            .get_or_init(|| SampleAccount::new(self.0.settings.now()))
    }

    /// The SDK configuration of a profile, with the region that the call names, or the environment or the profile does.
    async fn configuration(&self, target: &Target) -> SdkConfig {
        let cell = Arc::clone(
            self.0
                .configurations
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(target.profile.clone())
                .or_default(),
        );
        let shared = cell
            .get_or_init(|| self.load(target.profile.as_deref()))
            .await;
        match &target.region {
            None => shared.clone(),
            Some(region) => shared
                .to_builder()
                .region(aws_config::Region::new(region.clone()))
                .build(),
        }
    }

    async fn load(&self, profile: Option<&str>) -> SdkConfig {
        let limits = self.0.settings.timeouts;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(limits.connect)
            .read_timeout(limits.read)
            .operation_attempt_timeout(limits.attempt)
            .operation_timeout(limits.operation)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(timeouts);
        if self.0.settings.account == Account::Sample {
            let sample = sample::SampleClient::new(self.sample_account().clone());
            return loader
                .region(HOME_REGION)
                .empty_test_environment()
                .credentials_provider(Credentials::from_keys(
                    "AKIDSAMPLEACCOUNT000",
                    "sample",
                    None,
                ))
                .http_client(self.remembering(SharedHttpClient::new(sample)))
                .load()
                .await;
        }
        let client = self.remembering(https());
        loader = loader.http_client(client.clone());
        let mut from_profile = ProfileFileRegionProvider::builder();
        if let Some(name) = profile {
            loader = loader.profile_name(name);
            from_profile = from_profile.profile_name(name);
        }
        // The instance metadata service is not asked for a region: where there is none, that costs three seconds.
        let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
            .or_else(from_profile.build())
            .or_else(HOME_REGION);
        let region = region.region().await;
        if let Some(name) = profile {
            // As with --profile of the AWS command line, the profile that is named wins over keys in the environment.
            let provided_by = ProviderConfig::without_region()
                .with_region(region.clone())
                .with_http_client(client.clone());
            let credentials = ProfileFileCredentialsProvider::builder()
                .configure(&provided_by)
                .profile_name(name)
                .build();
            loader = loader.credentials_provider(credentials);
        }
        let configuration = loader.region(region).load().await;
        client.serves(&configuration);
        configuration
    }

    fn remembering(&self, inner: SharedHttpClient) -> RememberingClient {
        let settings = &self.0.settings;
        RememberingClient::new(
            inner,
            self.0.state.clone(),
            settings.account,
            settings.as_of,
        )
    }

    /// The region that a regional service would be asked in, and where it is set.
    pub(crate) async fn region_and_origin(&self, target: &Target) -> (String, &'static str) {
        let region = self.region(target).await;
        let mut profile = ProfileFileRegionProvider::builder();
        if let Some(name) = &target.profile {
            profile = profile.profile_name(name);
        }
        let origin = if target.region.is_some() {
            "as the call names it"
        } else if self.0.settings.account == Account::Sample {
            "that of the simulated account"
        } else if EnvironmentVariableRegionProvider::new()
            .region()
            .await
            .is_some()
        {
            "from the environment"
        } else if profile.build().region().await.is_some() {
            "from the profile"
        } else {
            "since nothing names one"
        };
        (region, origin)
    }

    /// The region that a regional service would be asked in.
    pub(crate) async fn region(&self, target: &Target) -> String {
        self.configuration(target)
            .await
            .region()
            .map_or_else(|| HOME_REGION.to_owned(), ToString::to_string)
    }
}

/// Turns the answer of one SDK operation into its output or an error a model can act on.
fn settle<T, E>(
    action: &'static str,
    result: Result<T, SdkError<E, Response>>,
) -> Result<T, ToolError>
where
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + 'static,
{
    result.map_err(|error| read_failure(&AwsFailure::new(action, &error)))
}
