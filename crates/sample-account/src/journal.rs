//! What the account was asked, request by request: the evidence tests and benchmarks read.

use std::collections::{BTreeMap, VecDeque};

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Requests kept in full. Counters go on counting, so that a long run stays in bounded memory.
const KEPT: usize = 10_000;

/// One request and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JournalEntry {
    /// The position of the request, from 1.
    pub ordinal: u64,
    /// The `x-amzn-requestid` it was answered with.
    pub request_id: String,
    /// `ce`, `pricing`, `cloudwatch`, `budgets`, `bedrock`, `bedrock-runtime`, `sts`, or empty
    /// where no service was found.
    pub service: String,
    /// The operation, such as `GetCostAndUsage`.
    pub operation: String,
    /// The wire protocol, such as `awsJson1.1`.
    pub protocol: String,
    /// The region it was signed for.
    pub region: Option<String>,
    /// What was asked, once it could be read.
    pub input: Option<Value>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether AWS charges for it.
    pub billed: bool,
    /// What AWS charges for it, USD.
    #[serde(serialize_with = "as_text")]
    pub charge_usd: Decimal,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Answered with the operation's output.
    Answered,
    /// Refused with an error of AWS.
    Refused {
        /// The error type, such as `ValidationException`.
        error_type: String,
        /// Its text.
        message: String,
    },
    /// Ended by a fault that was asked for.
    Disturbed {
        /// The fault, such as `reset`.
        fault: String,
    },
    /// Answered with an `InternalFailure` because the output broke AWS's model: a defect here.
    BrokenOutput {
        /// Each constraint the output broke.
        violations: Vec<String>,
    },
}

/// Counts since the account was made or its journal cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counters {
    /// Every request.
    pub requests: u64,
    /// Those AWS charges for.
    pub billed: u64,
    /// What AWS charges for them, USD.
    #[serde(serialize_with = "as_text")]
    pub charge_usd: Decimal,
    /// Those whose output broke AWS's model: always 0 unless the account has a defect.
    pub broken_outputs: u64,
    /// Requests by `service:Operation`.
    pub by_operation: BTreeMap<String, u64>,
}

/// The journal: counters and the newest entries.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<JournalEntry>,
    counters: Counters,
    issued: u64,
}

impl Journal {
    /// The ordinal of the next request. It goes on growing when the journal is cleared.
    pub(crate) fn next_ordinal(&mut self) -> u64 {
        self.issued += 1;
        self.issued
    }

    pub(crate) fn record(&mut self, entry: JournalEntry) {
        let counters = &mut self.counters;
        counters.requests += 1;
        counters.billed += u64::from(entry.billed);
        counters.charge_usd += entry.charge_usd;
        counters.broken_outputs += u64::from(matches!(entry.outcome, Outcome::BrokenOutput { .. }));
        let name = format!("{}:{}", entry.service, entry.operation);
        *counters.by_operation.entry(name).or_default() += 1;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn entries(&self) -> Vec<JournalEntry> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters.clone()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.counters = Counters::default();
    }
}

/// Exact digits: a JSON number would pass through a float.
fn as_text<S: Serializer>(usd: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(usd)
}
