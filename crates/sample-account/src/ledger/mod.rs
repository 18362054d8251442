//! A deterministic ledger: what the simulated company used and was charged, hour by hour.
//!
//! Everything is a pure function of the calendar. A workload's requests on a day follow from its
//! place on a volume curve, the weekday and hashed noise; its tokens follow from its requests;
//! metrics, usage quantities and charges follow from the same tokens. All of it is integers, and
//! a day is split into minutes by differences of a cumulative count, so parts always add up.

mod activity;
pub mod calendar;
pub mod line;
pub mod model;
pub mod place;
mod source;
pub mod stream;
pub mod upkeep;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use calendar::{Day, MINUTES, noise, seed, share};
use line::{Line, ProductAttributes, Tokens};
use model::Billing;
use place::Region;
use source::{Meter, Source};
use stream::{NEVER, Route, STREAMS, Stream, Tier};

pub use activity::{Activity, Endpoint, Workload};
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
    ///
    /// It is the answer for every kind of cost: one account pays without reservations and private discounts, so that
    /// blended and amortized costs are the same, and net costs, which are after discounts, are too. Credits and refunds
    /// are charges of their own with a negative cost, in unblended and net costs alike.
    #[must_use]
    pub fn unblended(&self) -> Decimal {
        line::usd(self.pico_usd)
    }
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
