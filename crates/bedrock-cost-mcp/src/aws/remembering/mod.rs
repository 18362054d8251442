//! The HTTP client that every request passes: it answers from what is kept, keeps to the spend limit, counts and remembers.
//!
//! It stands below the SDK, where a request is bytes to an address and an answer is bytes: one place for every service, no
//! second form of any answer, and nothing of a signature or of the time in what is compared.

mod wire;

use super::{Meter, REQUEST_ID};
use crate::{
    config::{self, Account},
    state::{
        Begun, Charge, Digest, Intent, Question, State, Ticket, digest,
        freshness::Subject,
        limit::{LimitReached, MicroUsd},
    },
};
use aws_config::SdkConfig;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        connector_metadata::ConnectorMetadata,
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::{RuntimeComponents, RuntimeComponentsBuilder},
    },
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream, config_bag::ConfigBag};
use bytes::Bytes;
use http_body::Frame;
use jiff::{civil::Date, tz::TimeZone};
use serde_json::Value;
use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use wire::{Signed, authority, canonical_json, label, read_json, to_keep, to_response, token};

/// What Cost Explorer charges for an answer (AWS Cost Explorer pricing, read 2026-11-22).
const COST_EXPLORER_PRICE: MicroUsd = MicroUsd(10_000);
/// What CloudWatch charges for a metric of `GetMetricData` (Amazon CloudWatch pricing, read 2026-11-22).
pub(super) const METRIC_PRICE: MicroUsd = MicroUsd(10);
/// How long it may take to learn whose credentials these are.
const IDENTITY_TIME: Duration = Duration::from_secs(5);

/// What the SDK knows of a request and its bytes do not say; the [`Meter`] puts it there.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) meter: Meter,
    pub(super) service: String,
    pub(super) operation: String,
    /// Metrics that CloudWatch charges for.
    pub(super) metrics: u32,
}

impl Asked {
    fn price(&self) -> MicroUsd {
        if self.service == super::BILLED_SERVICE {
            return COST_EXPLORER_PRICE;
        }
        MicroUsd(METRIC_PRICE.0 * i64::from(self.metrics))
    }
}

/// An HTTP client that asks another one only where it has to.
#[derive(Clone, Debug)]
pub(super) struct RememberingClient {
    inner: SharedHttpClient,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: State,
    account: Account,
    /// The day that counts as today, where it is not that of the clock.
    as_of: Option<Date>,
    /// The configuration whose client this is, to ask whose its credentials are.
    configuration: OnceLock<SdkConfig>,
    callers: Mutex<HashMap<Digest, Digest>>,
}

impl RememberingClient {
    pub(super) fn new(
        inner: SharedHttpClient,
        state: State,
        account: Account,
        as_of: Option<Date>,
    ) -> Self {
        Self {
            inner,
            shared: Arc::new(Shared {
                state,
                account,
                as_of,
                configuration: OnceLock::new(),
                callers: Mutex::default(),
            }),
        }
    }

    /// Names the configuration that this client is part of.
    pub(super) fn serves(&self, configuration: &SdkConfig) {
        // It is named once, when it has been made.
        let _ = self.shared.configuration.set(configuration.clone());
    }
}

impl HttpClient for RememberingClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(RememberingConnector {
            inner: self.inner.http_connector(settings, components),
            shared: Arc::clone(&self.shared),
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        parts: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_base_client_config(components, parts)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        parts: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_final_config(components, parts)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Clone, Debug)]
struct RememberingConnector {
    inner: SharedHttpConnector,
    shared: Arc<Shared>,
}

impl HttpConnector for RememberingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // What no meter counts is the SDK's own: it signs in.
        let Some(asked) = request.extension::<Asked>().cloned() else {
            return self.inner.call(request);
        };
        let connector = self.clone();
        HttpConnectorFuture::new(async move { connector.answer(asked, request).await })
    }
}

impl RememberingConnector {
    async fn answer(
        &self,
        asked: Asked,
        request: HttpRequest,
    ) -> Result<HttpResponse, ConnectorError> {
        let subject =
            Subject::of(&asked.service, &asked.operation).filter(|_| self.shared.state.keeps());
        let price = asked.price();
        let body = read_json(&request);
        let question = match subject {
            Some(_) => self.question(&asked, &request, &body).await.map(Arc::new),
            None => None,
        };
        if question.is_none() && price == MicroUsd(0) {
            asked.meter.sends();
            return self.inner.call(request).await;
        }
        let intent = Intent {
            question,
            operation: format!("{}:{}", asked.service, asked.operation),
            price,
            anew: asked.meter.asks_anew(),
        };
        let begun = self.shared.state.begin(&intent).await;
        asked.meter.state_problem(begun.problem);
        let ticket = match begun.value {
            Begun::Refused(reached) => return Err(ConnectorError::user(Box::new(reached))),
            Begun::Kept(kept) => {
                let response = to_response(&kept.answer)?;
                asked.meter.answered_from_cache(kept.age_seconds);
                return Ok(response);
            }
            Begun::Ask(ticket) => ticket,
        };
        asked.meter.sends();
        let keeping = intent.question.as_deref().zip(subject);
        let sent = self.send(request, keeping.is_some(), &ticket).await;
        let (charge, answer) = match &sent {
            Ok(sent) => {
                let new = keeping
                    .zip(sent.body.as_ref())
                    .and_then(|((_, subject), bytes)| {
                        to_keep(subject, &body, &sent.response, bytes, self.shared.today())
                    });
                (charge(&sent.response), new)
            }
            Err(error) if never_sent(error) => (Charge::None, None),
            Err(_) => (Charge::Unknown, None),
        };
        asked
            .meter
            .state_problem(ticket.settle(charge, answer).await);
        sent.map(|sent| sent.response)
    }

    /// Sends the request, and reads the answer to its end where it may be kept.
    async fn send(
        &self,
        request: HttpRequest,
        whole: bool,
        ticket: &Ticket,
    ) -> Result<Sent, ConnectorError> {
        let asking = async {
            let mut response = self.inner.call(request).await?;
            if !whole || charge(&response) == Charge::None {
                return Ok(Sent {
                    response,
                    body: None,
                });
            }
            let stream = std::mem::replace(response.body_mut(), SdkBody::taken());
            let body = match ByteStream::new(stream).collect().await {
                Ok(read) => Some(read.into_bytes()),
                Err(error) => {
                    *response.body_mut() = SdkBody::from_body_1_x(Cut(Some(error.into())));
                    return Ok(Sent {
                        response,
                        body: None,
                    });
                }
            };
            *response.body_mut() = body.clone().map_or_else(SdkBody::empty, SdkBody::from);
            Ok(Sent { response, body })
        };
        let mut asking = std::pin::pin!(asking);
        loop {
            tokio::select! {
                sent = &mut asking => return sent,
                () = tokio::time::sleep(Ticket::RENEWED_EVERY) => ticket.renew(),
            }
        }
    }

    /// The question that a request is, without what changes from one time to the next.
    async fn question(
        &self,
        asked: &Asked,
        request: &HttpRequest,
        body: &Value,
    ) -> Option<Question> {
        let signed = Signed::of(request)?;
        let authority = authority(request.uri());
        let identity = self.identity(asked, &signed, authority).await;
        let canonical;
        let bytes = if body.is_null() {
            request.body().bytes()?
        } else {
            canonical = canonical_json(body);
            canonical.as_bytes()
        };
        let key = digest(&[
            b"1",
            &identity,
            request.uri().as_bytes(),
            signed.region.as_bytes(),
            asked.service.as_bytes(),
            asked.operation.as_bytes(),
            bytes,
        ]);
        Some(Question {
            key,
            identity,
            service: asked.service.clone(),
            operation: asked.operation.clone(),
            label: label(&asked.operation, body),
            token: token(body),
        })
    }

    /// Who asks: the account and the user or role. A kept answer is for whom it was asked for, since another may not see
    /// it. Credentials of a sign-in are new every hour, so that their key alone says too little.
    async fn identity(&self, asked: &Asked, signed: &Signed<'_>, authority: &str) -> Digest {
        if self.shared.account == Account::Sample {
            let day = self.shared.as_of.map(|day| day.to_string());
            let version = env!("CARGO_PKG_VERSION");
            return digest(&[
                b"sample",
                version.as_bytes(),
                day.unwrap_or_default().as_bytes(),
            ]);
        }
        let access_key = digest(&[b"access key", authority.as_bytes(), signed.key.as_bytes()]);
        if let Some(known) = self.shared.callers().get(&access_key) {
            return *known;
        }
        let identity = match self.shared.state.caller(access_key).await {
            Some(known) => known,
            None => match self.ask_identity(&asked.meter).await {
                Some(identity) => {
                    self.shared
                        .state
                        .remember_caller(access_key, identity)
                        .await;
                    identity
                }
                None => access_key,
            },
        };
        self.shared.callers().insert(access_key, identity);
        identity
    }

    async fn ask_identity(&self, meter: &Meter) -> Option<Digest> {
        let configuration = self.shared.configuration.get()?;
        let asking = super::identity::principal(configuration, meter);
        let found = tokio::time::timeout(IDENTITY_TIME, asking).await;
        let (account, principal) = found.ok()?.ok()?;
        Some(digest(&[
            b"caller",
            account.as_bytes(),
            principal.as_bytes(),
        ]))
    }
}

impl Shared {
    fn callers(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Digest>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The day by which a period is closed: a day to come closes nothing.
    fn today(&self) -> Date {
        let today = config::clock().to_zoned(TimeZone::UTC).date();
        self.as_of.map_or(today, |day| day.min(today))
    }
}

/// An answer, and its body where it was read to its end.
struct Sent {
    response: HttpResponse,
    body: Option<Bytes>,
}

/// What AWS charges for an answer: nothing for a refusal, nor for a page that is none of its own.
fn charge(response: &HttpResponse) -> Charge {
    match response.headers().get(REQUEST_ID) {
        Some(id) if response.status().as_u16() == 200 => Charge::Paid(id.to_owned()),
        _ => Charge::None,
    }
}

/// True where no connection came about, so that AWS cannot have seen the request.
///
/// By its text, since smithy tells no other way: its `ConnectorError` has one kind, io, for a connection that did not
/// come about and for one that broke, and its `NeverConnected` is private to it and set by nobody (1.20). Hyper's own error has
/// `is_connect`, but only in the version that smithy is built with. Where the text changes, a request counts as spent
/// that was not: the sum stays on the safe side, and the test of an unreachable address fails.
fn never_sent(error: &ConnectorError) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if text.contains("(Connect)") || text.contains("connect timeout") {
            return true;
        }
        next = cause.source();
    }
    false
}

/// The spend limit that kept a request from being sent, where that is why it failed.
pub(super) fn limit_reached<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a LimitReached> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(reached) = cause.downcast_ref() {
            return Some(reached);
        }
        next = cause.source();
    }
    None
}

/// The body of an answer that broke off.
struct Cut(Option<BoxError>);

impl http_body::Body for Cut {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(self.0.take().map(Err))
    }
}
