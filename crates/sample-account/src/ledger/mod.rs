//! A deterministic ledger: what the simulated company used and was charged, hour by hour.
//!
//! Everything is a pure function of the calendar. A workload's requests on a day follow from its
//! place on a volume curve, the weekday and hashed noise; its tokens follow from its requests;
//! metrics, usage quantities and charges follow from the same tokens. All of it is integers, and
//! a day is split into minutes by differences of a cumulative count, so parts always add up.

pub mod calendar;
pub mod line;
pub mod model;
pub mod place;
pub mod stream;
pub mod upkeep;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use calendar::{Day, MINUTES, Shape, noise, seed, share};
use line::{Line, ProductAttributes, Tokens};
use model::Billing;
use place::{Account, Region};
use stream::{NEVER, Route, STREAMS, Stream, Surge, Tier};
use upkeep::{GUARDRAIL, GUARDRAIL_FROM, UPKEEP};

/// How often Cost Explorer takes up new usage, in minutes.
const BILLING_REFRESH: i64 = 8 * 60;

/// The account's usage and charges up to an instant.
#[derive(Debug)]
pub struct Ledger {
    as_of: Timestamp,
    billed_until: Timestamp,
    lines: Vec<Line>,
    sources: Vec<Source>,
    workloads: Vec<Workload>,
}

/// One charge: a line's usage and cost on a day or in an hour.
#[derive(Clone, Copy, Debug)]
pub struct Charge<'a> {
    /// The line charged.
    pub line: &'a Line,
    /// The day, UTC.
    pub day: Day,
    /// The hour of the day, where hours were asked for.
    pub hour: Option<u8>,
    /// Usage in smallest units.
    pub units: i128,
    /// The unblended cost in 10^-12 USD; negative for credits and refunds.
    pub pico_usd: i128,
}

impl Charge<'_> {
    /// The usage quantity in the line's unit.
    #[must_use]
    pub fn quantity(&self) -> Decimal {
        self.line.quantity(self.units)
    }

    /// The unblended cost in USD, exact.
    #[must_use]
    pub fn unblended(&self) -> Decimal {
        line::usd(self.pico_usd)
    }
}

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
    source: usize,
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

/// Something that produces usage: a volume curve with the lines it is billed on.
#[derive(Debug)]
struct Source {
    seed: u64,
    volume: &'static [(Day, u64)],
    until: Day,
    shape: Shape,
    offset: u64,
    surge: Option<Surge>,
    meters: Vec<Meter>,
}

/// A line that a source is billed on.
#[derive(Debug)]
struct Meter {
    line: usize,
    /// Smallest units for a thousand requests.
    per_thousand: u64,
    /// Seeds the noise on tokens per request; 0 for none.
    jitter: u64,
    from: Day,
    tokens: Option<Tokens>,
}

impl Source {
    fn is_live(&self, day: Day) -> bool {
        self.volume.first().is_some_and(|(first, _)| *first <= day) && day < self.until
    }

    fn requests(&self, day: Day) -> u64 {
        if !self.is_live(day) {
            return 0;
        }
        let volume = interpolate(self.volume, day);
        let surge = self
            .surge
            .filter(|surge| surge.from <= day && day < surge.from.plus(surge.days))
            .map_or(1, |surge| surge.factor);
        volume * self.shape.day_permille(day, self.seed) / 1_000 * surge
    }
}

impl Meter {
    fn units(&self, requests: u64, day: Day) -> u64 {
        if day < self.from {
            return 0;
        }
        let jitter = if self.jitter == 0 {
            1_000
        } else {
            960 + noise(self.jitter, day.0.unsigned_abs().into()) % 80
        };
        requests * self.per_thousand / 1_000 * jitter / 1_000
    }
}

fn interpolate(volume: &[(Day, u64)], day: Day) -> u64 {
    let mut before = None;
    for &(at, value) in volume {
        if at > day {
            return before.map_or(0, |(start, low): (Day, u64)| {
                let part = u64::from((day.0 - start.0).unsigned_abs());
                let whole = u64::from((at.0 - start.0).unsigned_abs());
                if value >= low {
                    low + share(value - low, part, whole)
                } else {
                    low - share(low - value, part, whole)
                }
            });
        }
        before = Some((at, value));
    }
    before.map_or(0, |(_, value)| value)
}

impl Ledger {
    /// The first day of the ledger.
    pub const FIRST: Day = Day::new(2022, 10, 1);

    /// Opens the ledger as it stands at an instant.
    #[must_use]
    pub fn new(as_of: Timestamp) -> Self {
        let minutes =
            as_of.as_second().div_euclid(60).div_euclid(BILLING_REFRESH) * BILLING_REFRESH;
        let mut ledger = Self {
            as_of,
            billed_until: Timestamp::from_second(minutes * 60).unwrap_or(as_of),
            lines: Vec::new(),
            sources: Vec::new(),
            workloads: Vec::new(),
        };
        for stream in STREAMS {
            ledger.add_stream(stream);
        }
        for upkeep in UPKEEP {
            ledger.add_upkeep(upkeep);
        }
        ledger
    }

    /// The instant at which the account is looked at.
    #[must_use]
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// The day that [`Ledger::as_of`] lies in, UTC.
    #[must_use]
    pub fn today(&self) -> Day {
        Day::of(self.as_of).0
    }

    /// The instant up to which usage is on the bill: Cost Explorer takes it up every eight hours.
    #[must_use]
    pub fn billed_until(&self) -> Timestamp {
        self.billed_until
    }

    /// Every line the bill ever had.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Every workload, past and present.
    #[must_use]
    pub fn workloads(&self) -> &[Workload] {
        &self.workloads
    }

    /// The charges of each day from `from` up to but not including `to`, one for a line and day,
    /// days in order.
    pub fn records(&self, from: Date, to: Date) -> impl Iterator<Item = Charge<'_>> {
        self.daily(Day::from(from), Day::from(to))
    }

    /// As [`Ledger::records`], by day number.
    pub fn daily(&self, from: Day, to: Day) -> impl Iterator<Item = Charge<'_>> {
        let (last, minute) = Day::of(self.billed_until);
        (from.max(Self::FIRST).0..to.0.min(last.0 + 1))
            .map(Day)
            .flat_map(move |day| {
                let end = if day == last { minute } else { MINUTES };
                self.charges(day, 0, end, None)
            })
    }

    /// The charges of each hour that starts in the half-open interval, hours in order.
    pub fn hourly(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Charge<'_>> {
        let hour = |instant: Timestamp, up: i64| (instant.as_second() + up).div_euclid(3_600);
        let first = hour(from.max(Self::FIRST.start()), 3_599);
        let end = hour(to.min(self.billed_until), 3_599);
        (first..end).flat_map(move |hour| {
            let day = Day(i32::try_from(hour.div_euclid(24)).unwrap_or(i32::MAX));
            let of_day = u8::try_from(hour.rem_euclid(24)).unwrap_or(0);
            let start = u64::from(of_day) * 60;
            self.charges(day, start, start + 60, Some(of_day))
        })
    }

    fn charges(
        &self,
        day: Day,
        start: u64,
        end: u64,
        hour: Option<u8>,
    ) -> impl Iterator<Item = Charge<'_>> {
        self.sources
            .iter()
            .filter(move |source| source.is_live(day))
            .flat_map(move |source| {
                let requests = source.requests(day);
                // Whole days are what most questions add up, and need no splitting.
                let part = (start > 0 || end < MINUTES).then(|| {
                    let before = |minute| source.shape.before(requests, minute, source.offset);
                    (before(start), before(end))
                });
                source.meters.iter().filter_map(move |meter| {
                    let all = meter.units(requests, day);
                    let units = part.map_or(all, |(low, high)| {
                        share(all, high, requests) - share(all, low, requests)
                    });
                    let line = self.lines.get(meter.line)?;
                    (units > 0).then(|| Charge {
                        line,
                        day,
                        hour,
                        units: i128::from(units),
                        pico_usd: i128::from(units) * i128::from(line.rate(day)),
                    })
                })
            })
    }

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

    fn add_line(&mut self, make: impl FnOnce(usize) -> Line) -> usize {
        let id = self.lines.len();
        self.lines.push(make(id));
        id
    }

    fn add_stream(&mut self, stream: &'static Stream) {
        let key = seed(stream.key);
        let model_id = stream.model_id();
        let mut meters = Vec::new();
        let per_request = &stream.per_request;
        let counts = [
            per_request.input,
            per_request.output,
            per_request.cache_read,
            per_request.cache_write_5m,
            per_request.cache_write_1h,
        ];
        for (tokens, count) in Tokens::ALL.into_iter().zip(counts) {
            if count == 0 {
                continue;
            }
            let line = self.add_line(|id| token_line(id, stream, tokens, &model_id));
            meters.push(Meter {
                line,
                per_thousand: count * 1_000,
                jitter: noise(key, 900 + tokens as u64) | 1,
                from: Self::FIRST,
                tokens: Some(tokens),
            });
        }
        if stream.guarded {
            for policy in GUARDRAIL {
                let line = self.add_line(|id| guardrail_line(id, stream, policy));
                meters.push(Meter {
                    line,
                    per_thousand: policy.units_per_thousand,
                    jitter: 0,
                    from: GUARDRAIL_FROM,
                    tokens: None,
                });
            }
        }
        self.workloads.push(Workload {
            stream,
            model_id,
            endpoint: match (stream.tier, stream.model.billing) {
                (Tier::Batch, _) => Endpoint::Batch,
                (_, Billing::Mantle(_)) => Endpoint::Mantle,
                _ => Endpoint::Runtime,
            },
            source: self.sources.len(),
        });
        self.sources.push(Source {
            seed: key,
            volume: stream.volume,
            until: stream.until,
            shape: stream.shape,
            offset: stream.region.hours_ahead(),
            surge: stream.surge,
            meters,
        });
    }

    fn add_upkeep(&mut self, upkeep: &'static upkeep::Upkeep) {
        let line = self.add_line(|id| Line {
            id,
            account: upkeep.account,
            region: upkeep.region,
            service: upkeep.service.to_owned(),
            service_code: line::service_code(upkeep.service),
            usage_type: upkeep.usage_type.to_owned(),
            operation: upkeep.operation.to_owned(),
            record_type: upkeep.record_type,
            unit: upkeep.unit,
            scale: upkeep.scale,
            has_quantity: upkeep.record_type == "Usage",
            tags: upkeep.tags,
            attributes: upkeep.model.map_or_else(
                ProductAttributes::default,
                |(provider, model)| ProductAttributes {
                    provider: Some(provider.to_owned()),
                    model: Some(model.to_owned()),
                    inference_type: None,
                    feature: None,
                },
            ),
            resource_id: upkeep.resource_id.map(str::to_owned),
            rates: vec![(Self::FIRST, upkeep.rate)],
        });
        self.sources.push(Source {
            seed: seed(upkeep.key),
            volume: upkeep.volume,
            until: upkeep.until.min(NEVER),
            shape: upkeep.shape,
            offset: upkeep.region.map_or(0, Region::hours_ahead),
            surge: None,
            meters: vec![Meter {
                line,
                per_thousand: 1_000,
                jitter: 0,
                from: Self::FIRST,
                tokens: None,
            }],
        });
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

fn token_line(id: usize, stream: &'static Stream, tokens: Tokens, model_id: &str) -> Line {
    let per_thousand_tokens = matches!(
        stream.model.billing,
        Billing::Native(_) | Billing::Mantle(_)
    );
    let mut rates: Vec<(Day, i64)> = stream
        .model
        .prices
        .iter()
        .map(|price| {
            let rates = stream
                .model
                .rates(stream.region, stream.is_global(), price.from);
            let rate = tokens.rate(&rates);
            let rate = match stream.tier {
                Tier::Standard => rate,
                Tier::Flex | Tier::Batch => rate / 2,
                Tier::Priority => rate * 7 / 4,
            };
            // Five times the rate above 100K input tokens, the one such model in use.
            (
                price.from,
                if stream.long_context { rate * 5 } else { rate },
            )
        })
        .collect();
    rates.sort_by_key(|(from, _)| *from);
    rates.dedup();
    let region = stream.region.code();
    let account = stream.account.id();
    Line {
        id,
        account: stream.account,
        region: Some(stream.region),
        service: stream.model.service(),
        service_code: line::service_code(&stream.model.service()),
        usage_type: line::usage_type(stream, tokens),
        operation: if per_thousand_tokens {
            "InvokeModelInference"
        } else {
            "Usage"
        }
        .to_owned(),
        record_type: "Usage",
        unit: match stream.model.billing {
            Billing::Native(_) | Billing::Mantle(_) => "1K tokens",
            Billing::Marketplace(_) => "Units",
            Billing::MarketplaceTiered(_) => "1M tokens",
        },
        scale: if per_thousand_tokens { 3 } else { 6 },
        has_quantity: true,
        tags: stream.tags,
        attributes: line::attributes(stream, tokens),
        resource_id: Some(match stream.route {
            Route::InRegion => format!("arn:aws:bedrock:{region}::foundation-model/{model_id}"),
            Route::Geo | Route::Global => {
                format!("arn:aws:bedrock:{region}:{account}:inference-profile/{model_id}")
            }
            Route::Application(_) | Route::ApplicationGlobal(_) => model_id.to_owned(),
        }),
        rates,
    }
}

fn guardrail_line(id: usize, stream: &'static Stream, policy: &upkeep::GuardrailPolicy) -> Line {
    let region = stream.region;
    Line {
        id,
        account: stream.account,
        region: Some(region),
        service: "Amazon Bedrock".to_owned(),
        service_code: line::service_code("Amazon Bedrock"),
        usage_type: format!(
            "{}-Guardrail-{}UnitsConsumed",
            region.billing_prefix(),
            policy.name
        ),
        operation: "ApplyGuardrail".to_owned(),
        record_type: "Usage",
        unit: "TextUnit",
        scale: 0,
        has_quantity: true,
        tags: &[],
        attributes: ProductAttributes {
            provider: Some("Amazon".to_owned()),
            model: None,
            inference_type: None,
            feature: Some("Guardrails".to_owned()),
        },
        resource_id: Some(format!(
            "arn:aws:bedrock:{}:{}:guardrail/{}",
            region.code(),
            stream.account.id(),
            upkeep::GUARDRAIL_ID
        )),
        rates: policy.rates.to_vec(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
mod tests;
