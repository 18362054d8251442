//! A body that ends before its announced length.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Sends its bytes, then fails, so that the connection closes in the middle of the body.
#[derive(Debug)]
pub(super) struct CutBody {
    bytes: Option<Bytes>,
    flushed: bool,
}

impl CutBody {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self {
            bytes: Some(bytes),
            flushed: false,
        }
    }
}

impl Body for CutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if !self.flushed {
            // What is waiting to be written goes out while the body is pending.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
