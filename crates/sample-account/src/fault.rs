//! The refusals an AWS service answers with, whatever protocol carries them.

use std::fmt;
use std::time::Duration;

/// A refused request: AWS's error type, its message, and the HTTP status that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The error type without a namespace, such as `DataUnavailableException`.
    pub error_type: String,
    /// The message a caller reads.
    pub message: String,
    /// The HTTP status: 400 for a refusal, 5xx for a failure of the service.
    pub http_status: u16,
    /// How long the caller is asked to wait, where the service says so.
    pub retry_after: Option<Duration>,
}

impl Fault {
    /// Makes a refusal with HTTP status 400.
    pub fn new(error_type: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            error_type: error_type.into(),
            message: message.into(),
            http_status: 400,
            retry_after: None,
        }
    }

    /// Makes a `ValidationException`.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// Makes the `DataUnavailableException` of Cost Explorer.
    pub fn data_unavailable(message: impl Into<String>) -> Self {
        Self::new("DataUnavailableException", message)
    }

    /// Replaces the HTTP status.
    #[must_use]
    pub fn with_status(mut self, http_status: u16) -> Self {
        self.http_status = http_status;
        self
    }

    /// Adds the wait that a throttled caller is asked for.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.message)
    }
}

impl std::error::Error for Fault {}
