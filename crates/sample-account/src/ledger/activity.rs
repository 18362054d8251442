//! What the workloads did, as metrics see it: the same tokens that are charged.

use jiff::Timestamp;

use super::Ledger;
use super::calendar::{Day, MINUTES, noise, share};
use super::line::Tokens;
use super::place::{Account, Region};
use super::source::Source;
use super::stream::{Stream, Tier};
use super::upkeep::GUARDRAIL_FROM;

/// Which endpoint took the requests, and so which namespace shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `bedrock-runtime`: metrics in `AWS/Bedrock`.
    Runtime,
    /// `bedrock-mantle`: metrics in `AWS/BedrockMantle`.
    Mantle,
    /// Batch jobs: billed, but not in `AWS/Bedrock`.
    Batch,
}

/// A workload with what metrics call it.
#[derive(Debug)]
pub struct Workload {
    /// The workload.
    pub stream: &'static Stream,
    /// The `ModelId` dimension.
    pub model_id: String,
    /// The endpoint.
    pub endpoint: Endpoint,
    pub(super) source: usize,
}

impl Workload {
    /// Whether the workload had begun before a day.
    #[must_use]
    pub fn began_before(&self, day: Day) -> bool {
        self.stream
            .volume
            .first()
            .is_some_and(|(first, _)| *first < day)
    }
}

/// What one workload did in an interval.
#[derive(Clone, Copy, Debug)]
pub struct Activity<'a> {
    /// The account.
    pub account: Account,
    /// The region called.
    pub region: Region,
    /// The `ModelId` dimension.
    pub model_id: &'a str,
    /// The service tier.
    pub tier: Tier,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The workload.
    pub stream: &'static Stream,
    /// Requests answered.
    pub invocations: u64,
    /// Input tokens outside the cache.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Input tokens read from the cache.
    pub cache_read: u64,
    /// Input tokens written to the cache, for five minutes or an hour.
    pub cache_write: u64,
    /// The sum of invocation latencies in milliseconds.
    pub latency_ms: u64,
    /// The sum of times to the first token in milliseconds.
    pub first_token_ms: u64,
    /// Requests refused for exceeding a quota.
    pub throttles: u64,
    /// Requests refused as invalid.
    pub client_errors: u64,
    /// Requests that failed in the service.
    pub server_errors: u64,
    /// Text units of the guardrail's content policy; 0 for unguarded workloads.
    pub guardrail_text_units: u64,
    /// Requests the guardrail looked at.
    pub guardrail_invocations: u64,
    /// Requests the guardrail stopped.
    pub guardrail_interventions: u64,
    /// A hash of the workload and the interval's start, to shape extremes with.
    pub noise: u64,
}

impl Ledger {
    /// What each workload on the runtime and mantle endpoints did in a half-open interval of
    /// whole minutes, up to [`Ledger::as_of`]; workloads that did nothing are left out.
    pub fn activity(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Activity<'_>> {
        self.workloads
            .iter()
            .filter(|workload| workload.endpoint != Endpoint::Batch)
            .map(move |workload| self.activity_of(workload, from, to))
            .filter(|activity| activity.invocations + activity.throttles > 0)
    }

    /// What one workload did in a half-open interval of whole minutes, up to [`Ledger::as_of`].
    #[must_use]
    pub fn activity_of<'a>(
        &self,
        workload: &'a Workload,
        from: Timestamp,
        to: Timestamp,
    ) -> Activity<'a> {
        let stream = workload.stream;
        let from = from.max(Self::FIRST.start());
        let (first, first_minute) = Day::of(from);
        let (last, last_minute) = Day::of(to.min(self.as_of).max(from));
        let source = self.sources.get(workload.source);
        let mut activity = Activity {
            account: stream.account,
            region: stream.region,
            model_id: &workload.model_id,
            tier: stream.tier,
            endpoint: workload.endpoint,
            stream,
            invocations: 0,
            input: 0,
            output: 0,
            cache_read: 0,
            cache_write: 0,
            latency_ms: 0,
            first_token_ms: 0,
            throttles: 0,
            client_errors: 0,
            server_errors: 0,
            guardrail_text_units: 0,
            guardrail_invocations: 0,
            guardrail_interventions: 0,
            noise: source.map_or(0, |source| {
                noise(source.seed, from.as_second().unsigned_abs() / 60)
            }),
        };
        let Some(source) = source else {
            return activity;
        };
        for day in (first.0..=last.0)
            .map(Day)
            .filter(|day| source.is_live(*day))
        {
            let start = if day == first { first_minute } else { 0 };
            let end = if day == last { last_minute } else { MINUTES };
            activity.add(source, day, start, end);
        }
        activity
    }
}

impl Activity<'_> {
    fn add(&mut self, source: &Source, day: Day, start: u64, end: u64) {
        let requests = source.requests(day);
        let low = source.shape.before(requests, start, source.offset);
        let high = source.shape.before(requests, end, source.offset);
        let of_day = |total: u64| share(total, high, requests) - share(total, low, requests);
        self.invocations += high - low;
        let mut output = 0;
        for meter in &source.meters {
            let units = of_day(meter.units(requests, day));
            match meter.tokens {
                Some(Tokens::Input) => self.input += units,
                Some(Tokens::Output) => output = units,
                Some(Tokens::CacheRead) => self.cache_read += units,
                Some(Tokens::CacheWrite5m | Tokens::CacheWrite1h) => self.cache_write += units,
                None => {}
            }
        }
        self.output += output;
        let surging = source
            .surge
            .is_some_and(|surge| surge.from <= day && day < surge.from.plus(surge.days));
        let model = self.stream.model;
        self.first_token_ms += (high - low) * model.first_token_ms;
        self.latency_ms +=
            (high - low) * model.first_token_ms + output * model.hundred_tokens_ms / 100;
        self.throttles += of_day(requests * if surging { 60 } else { 1 } / 1_000);
        self.client_errors += of_day(requests * 3 / 1_000);
        self.server_errors += of_day(requests / 5_000);
        if self.stream.guarded && day >= GUARDRAIL_FROM {
            self.guardrail_invocations += high - low;
            self.guardrail_text_units += of_day(requests);
            self.guardrail_interventions += of_day(requests * 7 / 1_000);
        }
    }
}
