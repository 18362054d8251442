//! The figures of the optimization guide of January 2026: each worked out by hand, computed, and told in the document.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod document;
mod golden;
mod savings;
mod workload;
