//! The account behind HTTP/1.1, with a small interface of its own under `/_sample/`.

mod connection;
mod cut_body;

use std::collections::BTreeMap;
use std::future::Future;
use std::io;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, RawQuery, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use http::StatusCode;
use http_body::Body as _;
use jiff::civil::Date;
use serde_json::{Value, json};

pub use connection::LoopbackListener;
use connection::ResetSwitch;
use cut_body::CutBody;

use crate::ledger::place::Region;
use crate::ledger::{Ledger, line};
use crate::{FaultPlan, FaultRule, SampleAccount, WireFailure};

/// The longest request body, bytes; no AWS request the account answers comes near it.
const LONGEST_BODY: usize = 16 << 20;

/// Answers until `stop` ends, then lets the requests under way finish.
///
/// # Errors
///
/// Where the listener fails for good.
pub async fn serve(
    listener: LoopbackListener,
    account: SampleAccount,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = Router::new()
        .route("/_sample/requests", get(requests).delete(forget_requests))
        .route(
            "/_sample/faults",
            put(replace_faults).post(replace_faults).delete(no_faults),
        )
        .route("/_sample/ledger", get(bill))
        .fallback(aws)
        .with_state(account);
    let app = app.into_make_service_with_connect_info::<ResetSwitch>();
    axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await
}

/// Everything that is not the program's own: a request for AWS.
async fn aws(
    State(account): State<SampleAccount>,
    ConnectInfo(switch): ConnectInfo<ResetSwitch>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    // A body announced as too long is refused before it is waited for.
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > LONGEST_BODY {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match account
        .respond(http::Request::from_parts(parts, body))
        .await
    {
        Ok(response) => response.map(Body::from),
        Err(WireFailure::BodyCut { received }) => {
            received.map(|body| Body::new(CutBody::new(body)))
        }
        Err(_) => {
            switch.reset();
            // The connection is gone before this is written.
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Every line of the bill with its usage and charge over some days, straight from the ledger: what
/// the answers of the AWS services have to add up to. `start` and `end` are half-open, UTC.
async fn bill(
    State(account): State<SampleAccount>,
    RawQuery(query): RawQuery,
) -> Result<axum::Json<Value>, (StatusCode, &'static str)> {
    let query = query.unwrap_or_default();
    let day = |name| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .and_then(|(_, value)| value.parse::<Date>().ok())
            .ok_or((
                StatusCode::BAD_REQUEST,
                "wanted ?start=2024-11-01&end=2024-12-01\n",
            ))
    };
    let (start, end) = (day("start")?, day("end")?);
    let ledger = Ledger::new(account.as_of());
    let mut sums = vec![(0_i128, 0_i128); ledger.lines().len()];
    for charge in ledger.records(start, end) {
        if let Some((units, pico_usd)) = sums.get_mut(charge.line.id) {
            *units += charge.units;
            *pico_usd += charge.pico_usd;
        }
    }
    let lines: Vec<Value> = ledger
        .lines()
        .iter()
        .zip(sums)
        .filter(|(_, sums)| *sums != (0, 0))
        .map(|(line, (units, pico_usd))| {
            json!({
                "account": line.account.id(),
                "region": line.region.map(Region::code),
                "service": line.service,
                "usage_type": line.usage_type,
                "operation": line.operation,
                "record_type": line.record_type,
                "tags": line.tags.iter().copied().collect::<BTreeMap<_, _>>(),
                "unit": line.unit,
                "quantity": line.quantity(units).to_string(),
                "unblended_usd": line::usd(pico_usd).to_string(),
            })
        })
        .collect();
    Ok(axum::Json(json!({ "lines": lines })))
}

async fn requests(State(account): State<SampleAccount>) -> axum::Json<Value> {
    axum::Json(json!({
        "as_of": account.as_of().to_string(),
        "counters": account.counters(),
        "requests": account.journal(),
    }))
}

async fn forget_requests(State(account): State<SampleAccount>) -> StatusCode {
    account.clear_journal();
    StatusCode::NO_CONTENT
}

async fn replace_faults(
    State(account): State<SampleAccount>,
    body: axum::body::Bytes,
) -> Result<StatusCode, (StatusCode, String)> {
    let rules: Vec<FaultRule> = serde_json::from_slice(&body).map_err(|error| {
        let wanted = r#"wanted a list such as ["ce:GetCostAndUsage#2=throttle"]"#;
        (StatusCode::BAD_REQUEST, format!("{error}; {wanted}\n"))
    })?;
    account.inject(FaultPlan::from(rules));
    Ok(StatusCode::NO_CONTENT)
}

async fn no_faults(State(account): State<SampleAccount>) -> StatusCode {
    account.inject(FaultPlan::default());
    StatusCode::NO_CONTENT
}
