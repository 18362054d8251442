//! The metrics of a region, and what each counted in an interval.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::ledger::calendar::noise;
use crate::ledger::line::Line;
use crate::ledger::place::Account;
use crate::ledger::stream::Stream;
use crate::ledger::upkeep::GUARDRAIL_ID;
use crate::ledger::{Activity, Endpoint, Ledger, Workload};
use crate::paging::fnv;

/// Metrics of model calls, by `ModelId` and for the account.
pub(super) const BEDROCK: &str = "AWS/Bedrock";
const GUARDRAILS: &str = "AWS/Bedrock/Guardrails";
const LAMBDA: &str = "AWS/Lambda";

/// Seconds in an hour, the interval that extremes are drawn for.
const HOUR: i64 = 3_600;

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Invocations,
    Latency,
    ClientErrors,
    ServerErrors,
    Throttles,
    Input,
    Output,
    CacheRead,
    CacheWrite,
    FirstToken,
    QuotaUsage,
    Guarded,
    Intervened,
    TextUnits,
}

/// The metrics of `AWS/Bedrock` and what they count.
const MODEL_METRICS: [(&str, Measure); 11] = [
    ("Invocations", Measure::Invocations),
    ("InvocationLatency", Measure::Latency),
    ("InvocationClientErrors", Measure::ClientErrors),
    ("InvocationServerErrors", Measure::ServerErrors),
    ("InvocationThrottles", Measure::Throttles),
    ("InputTokenCount", Measure::Input),
    ("OutputTokenCount", Measure::Output),
    ("CacheReadInputTokens", Measure::CacheRead),
    ("CacheWriteInputTokens", Measure::CacheWrite),
    ("TimeToFirstToken", Measure::FirstToken),
    ("EstimatedTPMQuotaUsage", Measure::QuotaUsage),
];

/// The metrics of `AWS/Bedrock/Guardrails` and what they count.
const GUARDRAIL_METRICS: [(&str, Measure); 3] = [
    ("Invocations", Measure::Guarded),
    ("InvocationsIntervened", Measure::Intervened),
    ("TextUnitCount", Measure::TextUnits),
];

impl Measure {
    fn unit(self) -> &'static str {
        match self {
            Self::Latency | Self::FirstToken => "Milliseconds",
            _ => "Count",
        }
    }

    /// Samples and their sum in an interval of one workload; no samples where it has none.
    fn of(self, activity: &Activity<'_>) -> (u64, u64) {
        let calls = activity.invocations;
        let per_call = |sum: u64| if sum > 0 { (calls, sum) } else { (0, 0) };
        let events = |count: u64| (count, count);
        match self {
            Self::Invocations => events(calls),
            Self::Latency => per_call(activity.latency_ms),
            Self::ClientErrors => events(activity.client_errors),
            Self::ServerErrors => events(activity.server_errors),
            Self::Throttles => events(activity.throttles),
            Self::Input => per_call(activity.input),
            Self::Output => per_call(activity.output),
            Self::CacheRead => per_call(activity.cache_read),
            Self::CacheWrite => per_call(activity.cache_write),
            Self::FirstToken if activity.output > 0 => per_call(activity.first_token_ms),
            // From Claude 3.7 on, an output token takes five tokens of the quota.
            Self::QuotaUsage => per_call(
                activity.input + activity.cache_write + activity.output * burndown(activity.stream),
            ),
            Self::Guarded => events(activity.guardrail_invocations),
            Self::Intervened => events(activity.guardrail_interventions),
            Self::TextUnits if activity.guardrail_text_units > 0 => (
                activity.guardrail_invocations,
                activity.guardrail_text_units,
            ),
            Self::FirstToken | Self::TextUnits => (0, 0),
        }
    }
}

fn burndown(stream: &Stream) -> u64 {
    let id = stream.model.id;
    let old = [
        "claude-3-haiku",
        "claude-3-sonnet",
        "claude-3-opus",
        "claude-3-5",
        "claude-v2",
    ];
    if id.contains(".claude-") && !old.iter().any(|name| id.contains(name)) {
        5
    } else {
        1
    }
}

/// Where a metric's numbers come from.
enum Source<'a> {
    Workloads(Vec<&'a Workload>, Measure),
    /// Units that lines of the bill count, such as requests.
    Lines(Vec<&'a Line>),
}

/// A metric: one name in one namespace with one set of dimensions.
pub(super) struct Metric<'a> {
    pub(super) namespace: &'static str,
    pub(super) name: &'static str,
    /// Name and value, sorted by name.
    pub(super) dimensions: Vec<(String, String)>,
    pub(super) unit: &'static str,
    source: Source<'a>,
}

/// What a metric counted in an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bucket {
    pub(super) count: u64,
    pub(super) sum: u64,
    pub(super) minimum: u64,
    pub(super) maximum: u64,
}

impl Bucket {
    fn join(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
    }
}

/// All metrics of the caller's account in a region, also those without recent data.
pub(super) fn metrics<'a>(ledger: &'a Ledger, region: &str) -> Vec<Metric<'a>> {
    let workloads: Vec<&Workload> = ledger
        .workloads()
        .iter()
        .filter(|workload| {
            workload.endpoint == Endpoint::Runtime
                && workload.stream.account == Account::PAYER
                && workload.stream.region.code() == region
        })
        .collect();
    let mut all = Vec::new();
    for dimensions in model_dimensions(&workloads) {
        let members: Vec<&Workload> = workloads
            .iter()
            .copied()
            .filter(|workload| {
                let own = dimensions_of(workload);
                dimensions.iter().all(|dimension| own.contains(dimension))
            })
            .collect();
        for (name, measure) in MODEL_METRICS {
            all.push(Metric {
                namespace: BEDROCK,
                name,
                dimensions: dimensions.clone(),
                unit: measure.unit(),
                source: Source::Workloads(members.clone(), measure),
            });
        }
    }
    let guarded: Vec<&Workload> = workloads
        .into_iter()
        .filter(|workload| workload.stream.guarded)
        .collect();
    if !guarded.is_empty() {
        for dimensions in guardrail_dimensions(region) {
            for (name, measure) in GUARDRAIL_METRICS {
                all.push(Metric {
                    namespace: GUARDRAILS,
                    name,
                    dimensions: dimensions.clone(),
                    unit: measure.unit(),
                    source: Source::Workloads(guarded.clone(), measure),
                });
            }
        }
    }
    let lines: Vec<&Line> = ledger
        .lines()
        .iter()
        .filter(|line| {
            line.service == "AWS Lambda"
                && line.unit == "Requests"
                && line.account == Account::PAYER
                && line.region.is_some_and(|found| found.code() == region)
        })
        .collect();
    if !lines.is_empty() {
        all.push(Metric {
            namespace: LAMBDA,
            name: "Invocations",
            dimensions: Vec::new(),
            unit: "Count",
            source: Source::Lines(lines),
        });
    }
    all
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The dimensions of a workload's calls at the finest level.
fn dimensions_of(workload: &Workload) -> Vec<(String, String)> {
    let tier = workload.stream.tier.name();
    vec![
        pair("ModelId", &workload.model_id),
        pair("ResolvedServiceTier", tier),
        pair("ServiceTier", tier),
    ]
}

/// The sets of dimensions under which calls are counted: none, the model, the model and tier.
fn model_dimensions(workloads: &[&Workload]) -> BTreeSet<Vec<(String, String)>> {
    workloads
        .iter()
        .flat_map(|workload| {
            let finest = dimensions_of(workload);
            let model = finest.iter().take(1).cloned().collect();
            [Vec::new(), model, finest]
        })
        .collect()
}

fn guardrail_dimensions(region: &str) -> [Vec<(String, String)>; 2] {
    let arn = format!(
        "arn:aws:bedrock:{region}:{}:guardrail/{GUARDRAIL_ID}",
        Account::PAYER.id()
    );
    [
        vec![pair("GuardrailArn", &arn), pair("GuardrailVersion", "1")],
        vec![pair("Operation", "ApplyGuardrail")],
    ]
}

impl Metric<'_> {
    /// Tells whether this is the metric of a name and of exactly these dimensions.
    pub(super) fn is(&self, namespace: &str, name: &str, dimensions: &[(String, String)]) -> bool {
        self.namespace == namespace && self.name == name && self.dimensions == dimensions
    }

    /// What was counted in the half-open interval of epoch seconds; none if nothing was.
    pub(super) fn bucket(&self, ledger: &Ledger, from: i64, to: i64) -> Option<Bucket> {
        let mut all: Option<Bucket> = None;
        let mut add = |bucket: Bucket| match &mut all {
            Some(all) => all.join(bucket),
            None => all = Some(bucket),
        };
        match &self.source {
            Source::Lines(lines) => {
                let count = line_units(ledger, lines, from, to);
                if count > 0 {
                    add(Bucket {
                        count,
                        sum: count,
                        minimum: 1,
                        maximum: 1,
                    });
                }
            }
            Source::Workloads(members, measure) => {
                for workload in members {
                    // Hour by hour, so that a day's extremes are those of its hours.
                    let mut start = from;
                    while start < to {
                        let end = to.min((start.div_euclid(HOUR) + 1) * HOUR);
                        let activity = activity(ledger, workload, start, end);
                        let (count, sum) = measure.of(&activity);
                        if count > 0 {
                            let share = end - start;
                            add(spread(workload, *measure, start, share, count, sum));
                        }
                        start = end;
                    }
                }
            }
        }
        all
    }

    /// Tells whether anything was counted in the half-open interval of epoch seconds.
    pub(super) fn has_data(&self, ledger: &Ledger, from: i64, to: i64) -> bool {
        match &self.source {
            Source::Lines(lines) => line_units(ledger, lines, from, to) > 0,
            Source::Workloads(members, measure) => members
                .iter()
                .any(|workload| measure.of(&activity(ledger, workload, from, to)).0 > 0),
        }
    }
}

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

fn activity<'a>(ledger: &Ledger, workload: &'a Workload, from: i64, to: i64) -> Activity<'a> {
    ledger.activity_of(workload, instant(from), instant(to))
}

/// The units of lines in an interval; an hour's units lie evenly in it.
fn line_units(ledger: &Ledger, lines: &[&Line], from: i64, to: i64) -> u64 {
    let first = from.div_euclid(HOUR) * HOUR;
    ledger
        .hourly(instant(first), instant(to))
        .filter(|charge| lines.iter().any(|line| line.id == charge.line.id))
        .map(|charge| {
            let hour = i64::from(charge.hour.unwrap_or(0)) * HOUR;
            let start = charge.day.start().as_second() + hour;
            let before = |second: i64| {
                charge.units * i128::from((second - start).clamp(0, HOUR)) / i128::from(HOUR)
            };
            u64::try_from(before(to) - before(from)).unwrap_or(0)
        })
        .sum()
}

/// Draws the least and the greatest sample around the mean.
///
/// They hang on the workload and the hour; the extremes of a part of an hour lie within those of
/// the hour, up to rounding.
fn spread(
    workload: &Workload,
    measure: Measure,
    start: i64,
    length: i64,
    count: u64,
    sum: u64,
) -> Bucket {
    let is_event = count == sum;
    if count == 1 || is_event {
        let only = if is_event { 1 } else { sum };
        return Bucket {
            count,
            sum,
            minimum: only,
            maximum: only,
        };
    }
    let seed = fnv(workload.stream.key) ^ fnv(&format!("{measure:?}"));
    let hour = noise(seed, start.div_euclid(HOUR).unsigned_abs());
    // Permille of the mean: 180 to 580 below it at the least, 2,200 to 4,200 at the most.
    let (mut low, mut high) = (180 + hour % 400, 2_200 + (hour >> 20) % 2_000);
    if length < HOUR {
        let part = 300 + noise(seed, start.unsigned_abs()) % 700;
        low = 1_000 - (1_000 - low) * part / 1_000;
        high = 1_000 + (high - 1_000) * part / 1_000;
    }
    let of_mean = |permille: u64| {
        let exact = u128::from(sum) * u128::from(permille) / (u128::from(count) * 1_000);
        u64::try_from(exact).unwrap_or(u64::MAX)
    };
    Bucket {
        count,
        sum,
        minimum: of_mean(low),
        maximum: of_mean(high) + 1,
    }
}
