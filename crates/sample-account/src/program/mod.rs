//! The account behind HTTP/1.1, with a small interface of its own under `/_sample/`.

mod connection;
mod cut_body;

use std::future::Future;
use std::io;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use http::StatusCode;
use sample_account::{FaultPlan, FaultRule, SampleAccount, WireFailure};
use serde_json::{Value, json};

pub(crate) use connection::LoopbackListener;
use connection::ResetSwitch;
use cut_body::CutBody;

/// The longest request body, bytes; no AWS request the account answers comes near it.
const LONGEST_BODY: usize = 16 << 20;

/// Answers until `stop` ends, then lets the requests under way finish.
pub(crate) async fn serve(
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

async fn requests(State(account): State<SampleAccount>) -> axum::Json<Value> {
    axum::Json(json!({ "counters": account.counters(), "requests": account.journal() }))
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
