//! What the HTTP endpoint says of a request that reaches no tool: always a JSON-RPC error, where rmcp says plain text.

use super::lines::unreadable;
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use http_body::Frame;
use rmcp::{ErrorData, RoleServer, model::RequestId, service::TxJsonRpcMessage};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

/// Longer than any refusal of rmcp's.
const LONGEST_REFUSAL: usize = 1 << 16;

/// Turns a refusal in plain text into a JSON-RPC error with the same status; a body that cannot be read gets 400.
pub(super) async fn in_json(request: Request, next: Next) -> Response {
    let seen = Seen::default();
    let copy = seen.clone();
    let request = request.map(|body| Body::new(Copied { body, seen: copy }));
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_json(response.headers()) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let said = to_bytes(body, LONGEST_REFUSAL).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    // A wrong content type is refused before anything of the body is read.
    let (error, id) = match seen.take() {
        Some(message) if status == StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            head.status = StatusCode::BAD_REQUEST;
            unreadable(&message).unwrap_or_else(|| invalid(&said))
        }
        _ if status.is_server_error() => (
            ErrorData::internal_error(said.trim().to_owned(), None),
            None,
        ),
        _ => invalid(&said),
    };
    tracing::info!(status = %head.status, message = %error.message, "a request was not read");
    let answer = TxJsonRpcMessage::<RoleServer>::error(error, id);
    let answer = serde_json::to_vec(&answer).unwrap_or_default();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    Response::from_parts(head, Body::from(answer))
}

fn invalid(said: &str) -> (ErrorData, Option<RequestId>) {
    let error = ErrorData::invalid_request(said.trim().to_owned(), None);
    (error, None)
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

/// The body as far as it was read; nothing where nobody asked for it.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Option<Vec<Bytes>>>>);

impl Seen {
    fn begin(&self) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get_or_insert_default();
    }

    fn add(&self, part: &Bytes) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get_or_insert_default().push(part.clone());
    }

    fn take(&self) -> Option<Vec<u8>> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.take().map(|parts| parts.concat())
    }
}

/// A body whose parts are kept while it is read: they are shared, not copied.
struct Copied {
    body: Body,
    seen: Seen,
}

impl http_body::Body for Copied {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.seen.begin();
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(part) = frame.data_ref()
        {
            self.seen.add(part);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
