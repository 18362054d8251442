//! The account: one endpoint that takes any AWS request and answers as AWS would.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::answer::answer;
use crate::decode::decode;
use crate::fault::Fault;
use crate::fault_plan::{Disturbance, FaultPlan};
use crate::journal::{Counters, Journal, JournalEntry, Outcome};
use crate::ledger::Ledger;
use crate::output::broken_output;
use crate::rules::{self, Context};
use crate::service::Service;
use crate::sts;
use crate::wire::{self, Call, Protocol};

/// A simulated AWS account. Clones share the account, its journal and its faults.
#[derive(Debug, Clone)]
pub struct SampleAccount {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    as_of: Timestamp,
    ledger: OnceLock<Ledger>,
    opt_ins: Mutex<OptIns>,
    denied: Mutex<BTreeSet<String>>,
    faults: Mutex<FaultPlan>,
    journal: Mutex<Journal>,
}

/// Billing features an account switches on before Cost Explorer answers with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptIns {
    /// Monthly data of up to 38 months.
    pub multi_year: bool,
    /// Hourly granularity and resource-level data of the past 14 days.
    pub hourly_and_resources: bool,
}

impl Default for OptIns {
    fn default() -> Self {
        Self {
            multi_year: true,
            hourly_and_resources: true,
        }
    }
}

/// A request that got no complete HTTP response.
#[derive(Debug)]
#[non_exhaustive]
pub enum WireFailure {
    /// The connection was reset before any byte of the response.
    ConnectionReset,
    /// The connection ended in the middle of the body.
    BodyCut {
        /// The response as far as it came: its `content-length` is that of the whole body.
        received: Response<Bytes>,
    },
}

impl std::fmt::Display for WireFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ConnectionReset => "connection reset by peer",
            Self::BodyCut { .. } => "connection closed before the message completed",
        })
    }
}

impl std::error::Error for WireFailure {}

/// What became of one request.
struct Settled {
    response: Response<Bytes>,
    outcome: Outcome,
    input: Option<Value>,
    region: Option<String>,
    charge_usd: Decimal,
}

impl SampleAccount {
    /// Makes the account as it stands at that instant. Nothing is computed before it is asked for.
    #[must_use]
    pub fn new(as_of: Timestamp) -> Self {
        Self {
            inner: Arc::new(Inner {
                as_of,
                ledger: OnceLock::new(),
                opt_ins: Mutex::default(),
                denied: Mutex::default(),
                faults: Mutex::default(),
                journal: Mutex::default(),
            }),
        }
    }

    /// The instant the account takes for the present.
    #[must_use]
    pub fn as_of(&self) -> Timestamp {
        self.inner.as_of
    }

    /// Answers one HTTP request as AWS would.
    ///
    /// # Errors
    ///
    /// Only where a fault was injected that leaves no complete response.
    pub async fn respond(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireFailure> {
        let route = wire::route(&request);
        let service = route.service.map_or("", Service::id);
        let disturbance = lock(&self.inner.faults).next(service, &route.operation);
        if let Some(Disturbance::Delay(time)) = disturbance {
            tokio::time::sleep(time).await;
        }
        let ordinal = lock(&self.inner.journal).next_ordinal();
        let request_id = format!("5a3b1e00-ac00-4000-8000-{ordinal:012x}");
        let mut settled = self.settle(&route, &request, disturbance, &request_id);

        let cut = match disturbance {
            Some(Disturbance::Reset) => Some(WireFailure::ConnectionReset),
            Some(Disturbance::HalfBody) => {
                let mut received = settled.response.clone();
                let half = received.body().len() / 2;
                received.body_mut().truncate(half);
                Some(WireFailure::BodyCut { received })
            }
            _ => None,
        };
        if matches!(cut, Some(WireFailure::ConnectionReset)) {
            // It is reset before the service sees it.
            settled.charge_usd = Decimal::ZERO;
        }
        if let (Some(_), Some(disturbance)) = (&cut, disturbance) {
            settled.outcome = Outcome::Disturbed {
                fault: disturbance.to_string(),
            };
        }
        lock(&self.inner.journal).record(JournalEntry {
            ordinal,
            request_id,
            service: service.to_owned(),
            operation: route.operation,
            protocol: route.protocol.name().to_owned(),
            region: settled.region,
            input: settled.input,
            outcome: settled.outcome,
            billed: !settled.charge_usd.is_zero(),
            charge_usd: settled.charge_usd,
        });
        cut.map_or(Ok(settled.response), Err)
    }

    /// Replaces the faults to come; the ordinals of the new rules count from now.
    pub fn inject(&self, plan: FaultPlan) {
        *lock(&self.inner.faults) = plan;
    }

    /// Replaces the IAM actions the caller is denied, such as `ce:GetCostAndUsage`, `ce:*` or `*`.
    pub fn deny(&self, actions: impl IntoIterator<Item = impl Into<String>>) {
        *lock(&self.inner.denied) = actions.into_iter().map(Into::into).collect();
    }

    /// Replaces what the account has switched on; everything is on at first.
    pub fn set_opt_ins(&self, opt_ins: OptIns) {
        *lock(&self.inner.opt_ins) = opt_ins;
    }

    /// The newest requests, oldest first, at most 10,000.
    #[must_use]
    pub fn journal(&self) -> Vec<JournalEntry> {
        lock(&self.inner.journal).entries()
    }

    /// The counts of all requests since the account was made or its journal cleared.
    #[must_use]
    pub fn counters(&self) -> Counters {
        lock(&self.inner.journal).counters()
    }

    /// Empties the journal and its counters.
    pub fn clear_journal(&self) {
        lock(&self.inner.journal).clear();
    }

    fn settle(
        &self,
        route: &wire::Route,
        request: &Request<Bytes>,
        disturbance: Option<Disturbance>,
        request_id: &str,
    ) -> Settled {
        let call = Call::find(route);
        let mut input = None;
        let mut region = None;
        let result = match &call {
            Some(call) => self.answer(call, request, disturbance, &mut region, &mut input),
            None => Err(Failure::Refused(wire::unknown_operation(route))),
        };
        let refuse = |fault: &Fault| {
            let operation = call.map(|call| call.operation);
            wire::write_fault(route, operation, fault, request_id)
        };
        let (response, outcome, charge_usd) = match (result, &call) {
            (Ok(output), Some(call)) => (
                wire::write_output(call, &output, request_id),
                Outcome::Answered,
                charge(call, input.as_ref()),
            ),
            (Ok(_), None) => (
                refuse(&internal_failure()),
                Outcome::Answered,
                Decimal::ZERO,
            ),
            (Err(Failure::Refused(fault)), _) => {
                let response = refuse(&fault);
                let outcome = Outcome::Refused {
                    error_type: fault.error_type,
                    message: fault.message,
                };
                (response, outcome, Decimal::ZERO)
            }
            (Err(Failure::Disturbed(fault, disturbance)), _) => {
                let fault = fault
                    .as_ref()
                    .map_or_else(|| wrong_content(request_id), refuse);
                let outcome = Outcome::Disturbed {
                    fault: disturbance.to_string(),
                };
                (fault, outcome, Decimal::ZERO)
            }
            (Err(Failure::BrokenOutput(violations)), _) => (
                refuse(&internal_failure()),
                Outcome::BrokenOutput { violations },
                Decimal::ZERO,
            ),
        };
        Settled {
            response,
            outcome,
            input,
            region,
            charge_usd,
        }
    }

    /// Refuses in the order AWS does: signature, credentials, form, permission, values, rules.
    fn answer(
        &self,
        call: &Call,
        request: &Request<Bytes>,
        disturbance: Option<Disturbance>,
        region: &mut Option<String>,
        read: &mut Option<Value>,
    ) -> Result<Value, Failure> {
        let scope = wire::scope(request.headers(), call.service, call.protocol)?;
        let region = region.insert(scope.region).as_str();
        if let Some(disturbance) = disturbance {
            match disturbance {
                Disturbance::WrongContent => return Err(Failure::Disturbed(None, disturbance)),
                Disturbance::Delay(_) | Disturbance::Reset | Disturbance::HalfBody => {}
                _ => {
                    let fault = injected(call, disturbance);
                    return Err(Failure::Disturbed(Some(fault), disturbance));
                }
            }
        }
        let serialization = |message| Fault::new("SerializationException", message);
        let input = wire::read_input(call, request).map_err(|e| serialization(e.0))?;
        let input =
            decode(call.model, &call.operation.input, input).map_err(|e| serialization(e.0))?;
        let input = read.insert(input);
        self.permit(call)?;
        let context = Context {
            now: self.inner.as_of,
            opt_ins: *lock(&self.inner.opt_ins),
        };
        rules::admit(call, input, &context)?;
        let output = answer(self.ledger(), call.service, call.name, region, input)?;
        let violations = broken_output(call.model, &call.operation.output, &output);
        if violations.is_empty() {
            Ok(output)
        } else {
            Err(Failure::BrokenOutput(violations))
        }
    }

    /// The ledger, opened by the first request that is answered from it.
    fn ledger(&self) -> &Ledger {
        self.inner
            .ledger
            .get_or_init(|| Ledger::new(self.inner.as_of))
    }

    fn permit(&self, call: &Call) -> Result<(), Fault> {
        // Everyone may ask who they are.
        if call.service == Service::Sts {
            return Ok(());
        }
        let action = call.service.iam_action(call.name);
        let denied = lock(&self.inner.denied)
            .iter()
            .any(|denied| match denied.strip_suffix('*') {
                Some(prefix) => action.starts_with(prefix),
                None => *denied == action,
            });
        if !denied {
            return Ok(());
        }
        let status = if call.protocol == Protocol::RestJson {
            403
        } else {
            400
        };
        let message = format!(
            "User: {} is not authorized to perform: {action} on resource: * because no \
             identity-based policy allows the {action} action",
            sts::caller_arn()
        );
        Err(Fault::new("AccessDeniedException", message).with_status(status))
    }
}

/// Why there is no output to answer with.
enum Failure {
    Refused(Fault),
    /// Without a fault of AWS the answer is a page that no AWS service wrote.
    Disturbed(Option<Fault>, Disturbance),
    BrokenOutput(Vec<String>),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it holds a lock, and what a lock guards is whole after each statement.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn internal_failure() -> Fault {
    Fault::new("InternalFailure", "").with_status(500)
}

/// The error of AWS that a disturbance stands for.
fn injected(call: &Call, disturbance: Disturbance) -> Fault {
    let forbidden = match call.protocol {
        Protocol::RestJson | Protocol::Query => 403,
        _ => 400,
    };
    match disturbance {
        Disturbance::Throttle if call.service == Service::CostExplorer => {
            Fault::new("LimitExceededException", "Rate limit exceeded")
        }
        Disturbance::Throttle => {
            let status = if call.protocol == Protocol::RestJson {
                429
            } else {
                400
            };
            Fault::new("ThrottlingException", "Rate exceeded").with_status(status)
        }
        Disturbance::ExpiredToken => Fault::new(
            "ExpiredTokenException",
            "The security token included in the request is expired",
        )
        .with_status(forbidden),
        Disturbance::DataUnavailable => {
            Fault::data_unavailable("The requested data is unavailable.")
        }
        Disturbance::Error503 => {
            Fault::new("ServiceUnavailableException", "Service is unavailable").with_status(503)
        }
        _ => {
            let error_type = match call.service {
                Service::CloudWatch => "InternalServiceFault",
                Service::Bedrock | Service::BedrockRuntime => "InternalServerException",
                Service::Pricing | Service::Budgets => "InternalErrorException",
                Service::CostExplorer | Service::Sts => "InternalFailure",
            };
            Fault::new(error_type, "").with_status(500)
        }
    }
}

/// The page of a proxy or captive portal.
fn wrong_content(request_id: &str) -> Response<Bytes> {
    let page =
        format!("<!DOCTYPE html><html><body>Sign in to continue. {request_id}</body></html>");
    let length = page.len();
    let mut response = Response::new(Bytes::from(page));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// What AWS charges for an answered request, USD (price lists read on 2026-11-22).
fn charge(call: &Call, input: Option<&Value>) -> Decimal {
    match (call.service, call.name) {
        // $0.01 for each request, every page of a result being one.
        (Service::CostExplorer, _) => Decimal::new(1, 2),
        // $0.01 per 1,000 metrics requested.
        (Service::CloudWatch, "GetMetricData") => {
            let queries = input.and_then(|input| input.get("MetricDataQueries")?.as_array());
            let metrics = queries
                .into_iter()
                .flatten()
                .filter(|query| query.get("MetricStat").is_some());
            Decimal::new(1, 5) * Decimal::from(metrics.count())
        }
        _ => Decimal::ZERO,
    }
}
