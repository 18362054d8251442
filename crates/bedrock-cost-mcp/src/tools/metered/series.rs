//! The queries that are asked of a region, and what their values are added up to.

use super::{Depth, Guarded, Wanted};
use crate::{
    aws::cloudwatch::{Ask, DataQuery, Dimension, Line, Metric},
    tools::{metric_gaps::model_dimension, metric_rules},
};
use bedrock_cost::{
    region::Region,
    usage::{Counts, Metered},
};
use jiff::Timestamp;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use std::collections::{BTreeMap, BTreeSet};

const MODEL: &str = "ModelId";
const ASKED_TIER: &str = "ServiceTier";
const SERVED_TIER: &str = "ResolvedServiceTier";
/// The tier of requests that name none.
const DEFAULT_TIER: &str = "default";
const GUARDRAILS: &str = "AWS/Bedrock/Guardrails";
const SECONDS_OF_HOUR: i64 = 3_600;
const MINUTE: u64 = 60;

/// What a query is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Requests,
    Input,
    Output,
    CacheRead,
    CacheWrite,
    Throttles,
    ClientErrors,
    ServerErrors,
    Latency,
    Answers,
    SlowAnswers,
    PeakTokens,
    PeakRequests,
    LeastInput,
    MostInput,
    MostCacheRead,
    MostCacheWrite,
    Guarded,
    Intervened,
}

/// The length of a point.
#[derive(Clone, Copy, Debug)]
enum Step {
    Sums,
    Peaks,
    Whole,
}

/// A part, the names that its metric has, the statistic and the length of a point.
type Reading = (Part, &'static [&'static str], &'static str, Step);

/// The cache counts have two names in use: that of the metrics in the documentation, and that of the fields of an answer.
const CACHE_READ: &[&str] = &["CacheReadInputTokens", "CacheReadInputTokenCount"];
const CACHE_WRITE: &[&str] = &["CacheWriteInputTokens", "CacheWriteInputTokenCount"];

const TOKENS: [Reading; 5] = [
    (Part::Requests, &["Invocations"], "Sum", Step::Sums),
    (Part::Input, &["InputTokenCount"], "Sum", Step::Sums),
    (Part::Output, &["OutputTokenCount"], "Sum", Step::Sums),
    (Part::CacheRead, CACHE_READ, "Sum", Step::Sums),
    (Part::CacheWrite, CACHE_WRITE, "Sum", Step::Sums),
];

const BESIDE: [Reading; 8] = [
    (Part::Throttles, &["InvocationThrottles"], "Sum", Step::Sums),
    (
        Part::ClientErrors,
        &["InvocationClientErrors"],
        "Sum",
        Step::Sums,
    ),
    (
        Part::ServerErrors,
        &["InvocationServerErrors"],
        "Sum",
        Step::Sums,
    ),
    (Part::Latency, &["InvocationLatency"], "Sum", Step::Sums),
    (
        Part::Answers,
        &["InvocationLatency"],
        "SampleCount",
        Step::Sums,
    ),
    (
        Part::SlowAnswers,
        &["InvocationLatency"],
        "p99",
        Step::Whole,
    ),
    (
        Part::PeakTokens,
        &["EstimatedTPMQuotaUsage"],
        "Sum",
        Step::Peaks,
    ),
    (Part::PeakRequests, &["Invocations"], "Sum", Step::Peaks),
];

/// Between these lies every prompt.
const PROMPTS: [Reading; 4] = [
    (
        Part::LeastInput,
        &["InputTokenCount"],
        "Minimum",
        Step::Whole,
    ),
    (
        Part::MostInput,
        &["InputTokenCount"],
        "Maximum",
        Step::Whole,
    ),
    (Part::MostCacheRead, CACHE_READ, "Maximum", Step::Whole),
    (Part::MostCacheWrite, CACHE_WRITE, "Maximum", Step::Whole),
];

/// The ids that had data in the last two weeks.
pub(super) fn ids(listed: &[Metric]) -> impl Iterator<Item = &str> {
    listed
        .iter()
        .filter_map(|metric| match metric.dimensions.as_slice() {
            [only] if only.name == MODEL => Some(only.value.as_str()),
            _ => None,
        })
}

/// Whose value a query gives.
#[derive(Clone, Debug)]
struct Asked {
    id: String,
    /// The tier that served; none for all of the id.
    tier: Option<String>,
    part: Part,
    query: DataQuery,
}

/// Everything asked of one region.
pub(super) struct Plan {
    asked: Vec<Asked>,
    ids: BTreeSet<String>,
    peaks: u32,
}

impl Plan {
    /// Asks for every id that is listed, in the metrics that it has, and for `also` in all metrics.
    pub(super) fn new(
        listed: &[Metric],
        also: &[String],
        wanted: &Wanted,
        has_long_rates: impl Fn(&str) -> bool,
    ) -> Self {
        let mut plan = Self {
            asked: Vec::new(),
            ids: BTreeSet::new(),
            peaks: wanted.window.peaks,
        };
        let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for metric in listed {
            if let [only] = metric.dimensions.as_slice()
                && only.name == MODEL
            {
                names.entry(&only.value).or_default().insert(&metric.name);
            }
        }
        let listed_ids: Vec<&str> = names.keys().copied().collect();
        let others = also.iter().map(String::as_str);
        let others = others.filter(|id| !names.contains_key(id));
        for id in listed_ids.into_iter().chain(others) {
            if !plan.ids.insert(id.to_owned()) {
                continue;
            }
            let known = names.get(id);
            let mut readings: Vec<Reading> = TOKENS.into();
            if wanted.depth == Depth::All {
                readings.extend(BESIDE);
                if has_long_rates(id) {
                    readings.extend(PROMPTS);
                }
            }
            for reading in readings {
                plan.ask(id, None, &[model_dimension(id)], reading, known, wanted);
            }
        }
        if wanted.depth == Depth::All {
            plan.ask_tiers(listed, wanted);
            plan.ask_guardrails(wanted);
        }
        plan
    }

    /// Asks for guardrails, which are counted by operation and not by model.
    fn ask_guardrails(&mut self, wanted: &Wanted) {
        let dimensions = [Dimension {
            name: "Operation".to_owned(),
            value: "ApplyGuardrail".to_owned(),
        }];
        for (part, name) in [
            (Part::Guarded, "Invocations"),
            (Part::Intervened, "InvocationsIntervened"),
        ] {
            let metric = (GUARDRAILS, name);
            self.push(
                "",
                None,
                part,
                metric,
                &dimensions,
                ("Sum", wanted.window.sums),
            );
        }
    }

    /// Asks for the parts of an id that another tier than the default served: each has rates of its own.
    fn ask_tiers(&mut self, listed: &[Metric], wanted: &Wanted) {
        let mut seen = BTreeSet::new();
        for metric in listed {
            let of = |name: &str| {
                let mut found = metric.dimensions.iter().filter(|one| one.name == name);
                found.next().map(|one| one.value.as_str())
            };
            let (Some(id), Some(_), Some(served), 3) = (
                of(MODEL),
                of(ASKED_TIER),
                of(SERVED_TIER),
                metric.dimensions.len(),
            ) else {
                continue;
            };
            let mut dimensions = metric.dimensions.clone();
            dimensions.sort();
            if served == DEFAULT_TIER || !seen.insert((dimensions.clone(), metric.name.clone())) {
                continue;
            }
            let known = BTreeSet::from([metric.name.as_str()]);
            for reading in TOKENS {
                if reading.1.contains(&metric.name.as_str()) {
                    self.ask(id, Some(served), &dimensions, reading, Some(&known), wanted);
                }
            }
        }
    }

    fn ask(
        &mut self,
        id: &str,
        tier: Option<&str>,
        dimensions: &[Dimension],
        (part, names, statistic, step): Reading,
        known: Option<&BTreeSet<&str>>,
        wanted: &Wanted,
    ) {
        let window = wanted.window;
        let period = match step {
            Step::Sums => window.sums,
            Step::Peaks => window.peaks,
            Step::Whole => window.whole,
        };
        let mut names = names.iter();
        // What is listed is asked by the name it has. Of an id that is not, every name is tried.
        let chosen: Vec<&str> = match known {
            Some(known) => names
                .find(|name| known.contains(**name))
                .copied()
                .into_iter()
                .collect(),
            None => names.copied().collect(),
        };
        for name in chosen {
            self.push(
                id,
                tier,
                part,
                (metric_rules::BEDROCK, name),
                dimensions,
                (statistic, period),
            );
        }
    }

    fn push(
        &mut self,
        id: &str,
        tier: Option<&str>,
        part: Part,
        (namespace, name): (&str, &str),
        dimensions: &[Dimension],
        (statistic, period): (&str, u32),
    ) {
        let query = DataQuery {
            id: format!("q{}", self.asked.len()),
            ask: Ask::Stat {
                metric: Metric {
                    namespace: namespace.to_owned(),
                    name: name.to_owned(),
                    dimensions: dimensions.to_vec(),
                },
                period,
                stat: statistic.to_owned(),
                unit: None,
            },
            label: None,
            return_data: true,
            account_id: None,
        };
        self.asked.push(Asked {
            id: id.to_owned(),
            tier: tier.map(str::to_owned),
            part,
            query,
        });
    }

    pub(super) fn queries(&self) -> Vec<DataQuery> {
        self.asked.iter().map(|asked| asked.query.clone()).collect()
    }

    /// Adds the values up, by id.
    pub(super) fn read(&self, region: &Region, lines: &[Line]) -> (Vec<Metered>, Guarded) {
        let lines: BTreeMap<&str, &Line> =
            lines.iter().map(|line| (line.id.as_str(), line)).collect();
        let mut guarded = Guarded::default();
        let mut all: BTreeMap<&str, Metered> = self
            .ids
            .iter()
            .map(|id| (id.as_str(), Metered::none(region.clone(), id)))
            .collect();
        for asked in &self.asked {
            let Some(line) = lines.get(asked.query.id.as_str()) else {
                continue;
            };
            match (asked.part, all.get_mut(asked.id.as_str())) {
                (Part::Guarded, _) => guarded.invocations = total(line),
                (Part::Intervened, _) => guarded.interventions = total(line),
                (_, Some(metered)) => self.add(metered, asked, line),
                (_, None) => {}
            }
        }
        (all.into_values().collect(), guarded)
    }

    fn add(&self, metered: &mut Metered, asked: &Asked, line: &Line) {
        if let Some(tier) = &asked.tier {
            let known = metered.by_tier.iter().position(|(name, _)| name == tier);
            let at = known.unwrap_or_else(|| {
                metered.by_tier.push((tier.clone(), Counts::default()));
                metered.by_tier.len() - 1
            });
            if let Some((_, counts)) = metered.by_tier.get_mut(at)
                && let Some(count) = count_of(counts, asked.part)
            {
                *count = count.saturating_add(total(line));
            }
            return;
        }
        if let Some(count) = count_of(&mut metered.all, asked.part) {
            // The same count under another name is not another count.
            *count = (*count).max(total(line));
            return;
        }
        match asked.part {
            Part::Throttles => metered.throttles = total(line),
            Part::ClientErrors => metered.client_errors = total(line),
            Part::ServerErrors => metered.server_errors = total(line),
            Part::Latency => {
                metered.latency.sum = line
                    .points
                    .iter()
                    .filter_map(|(_, value)| Decimal::try_from(*value).ok())
                    .sum();
            }
            Part::Answers => metered.latency.samples = total(line),
            Part::SlowAnswers => {
                metered.latency.p99 =
                    highest(line).and_then(|(_, value)| Decimal::try_from(value).ok());
            }
            Part::PeakTokens => {
                if let Some((at, value)) = highest(line) {
                    metered.peak.tokens = Some(self.by_the_minute(value));
                    metered.peak.at = Some(at);
                }
            }
            Part::PeakRequests => {
                metered.peak.requests = highest(line).map(|(_, value)| self.by_the_minute(value));
                metered.hours_served = hours(line);
            }
            Part::LeastInput => {
                let least = line.points.iter().map(|(_, value)| whole(*value)).min();
                metered.prompt_of_one = least.map(|least| (least, 0));
            }
            Part::MostInput | Part::MostCacheRead | Part::MostCacheWrite => {
                if let (Some((_, most)), Some((_, value))) =
                    (&mut metered.prompt_of_one, highest(line))
                {
                    *most = most.saturating_add(whole(value));
                }
            }
            Part::Requests
            | Part::Input
            | Part::Output
            | Part::CacheRead
            | Part::CacheWrite
            | Part::Guarded
            | Part::Intervened => {}
        }
    }

    /// The value of a stretch as an average by the minute, rounded up.
    fn by_the_minute(&self, value: f64) -> u64 {
        whole(value)
            .saturating_mul(MINUTE)
            .div_ceil(u64::from(self.peaks).max(1))
    }
}

fn count_of(counts: &mut Counts, part: Part) -> Option<&mut u64> {
    Some(match part {
        Part::Requests => &mut counts.requests,
        Part::Input => &mut counts.input,
        Part::Output => &mut counts.output,
        Part::CacheRead => &mut counts.cache_read,
        Part::CacheWrite => &mut counts.cache_write,
        _ => return None,
    })
}

/// A sum of whole numbers: CloudWatch sends them as floats, which are exact up to 2^53.
fn total(line: &Line) -> u64 {
    line.points
        .iter()
        .fold(0, |sum, (_, value)| sum.saturating_add(whole(*value)))
}

fn whole(value: f64) -> u64 {
    Decimal::from_f64_retain(value)
        .and_then(|value| value.round().to_u64())
        .unwrap_or(0)
}

fn highest(line: &Line) -> Option<(Timestamp, f64)> {
    line.points
        .iter()
        .copied()
        .max_by(|left, right| left.1.total_cmp(&right.1))
}

/// Hours in which anything was counted, of points of an hour or less.
fn hours(line: &Line) -> u32 {
    let served = line.points.iter().filter(|(_, value)| *value > 0.0);
    let hours: BTreeSet<i64> = served
        .map(|(time, _)| time.as_second().div_euclid(SECONDS_OF_HOUR))
        .collect();
    u32::try_from(hours.len()).unwrap_or(u32::MAX)
}
