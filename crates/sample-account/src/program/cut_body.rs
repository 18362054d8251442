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
}

impl CutBody {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes) }
    }
}

impl Body for CutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(match self.bytes.take() {
            Some(bytes) => Ok(Frame::data(bytes)),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
