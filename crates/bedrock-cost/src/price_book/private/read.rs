//! Reads private rates: a TOML file with discounts and rates, or a comma-separated table of rates.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::{Discount, On, OwnRate, PrivateRates};
use crate::exact;
use crate::inference::{Routing, Tier};
use crate::money::TokenRate;
use crate::names::{Shown, nearest, same_name};
use crate::price_book::PriceBook;
use crate::price_book::rate_line::{
    RateFileError, date_heading, day as cell_day, heading, model_id, rate, region, table,
    token_kind,
};
use crate::tokens::TokenKind;

/// Decimal places of a percentage.
const PERCENT_DECIMALS: u32 = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Spanned<String>,
    date: Spanned<Datetime>,
    #[serde(default)]
    discount: Vec<Spanned<DiscountRow>>,
    #[serde(default)]
    rate: Vec<Spanned<RateRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DiscountRow {
    percent: Percent,
    model: Option<String>,
    provider: Option<String>,
    dimension: Option<String>,
    from: Option<Datetime>,
    until: Option<Datetime>,
}

/// A percentage, as a number or in quotes.
struct Percent(Decimal);

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        exact::deserialize(deserializer).map(Self)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RateRow {
    model: String,
    region: Option<String>,
    routing: Option<String>,
    tier: Option<String>,
    input: Option<TokenRate>,
    output: Option<TokenRate>,
    cache_read: Option<TokenRate>,
    cache_write_5m: Option<TokenRate>,
    cache_write_30m: Option<TokenRate>,
    cache_write_1h: Option<TokenRate>,
    long_input: Option<TokenRate>,
    long_output: Option<TokenRate>,
    long_cache_read: Option<TokenRate>,
    long_cache_write_5m: Option<TokenRate>,
    long_cache_write_30m: Option<TokenRate>,
    long_cache_write_1h: Option<TokenRate>,
    from: Option<Datetime>,
    until: Option<Datetime>,
    source: Option<String>,
}

impl RateRow {
    /// Every rate that is given, and whether it is one of long prompts.
    fn rates(&self) -> Vec<(TokenKind, bool, TokenRate)> {
        let ordinary = [
            self.input,
            self.output,
            self.cache_read,
            self.cache_write_5m,
            self.cache_write_30m,
            self.cache_write_1h,
        ];
        let long = [
            self.long_input,
            self.long_output,
            self.long_cache_read,
            self.long_cache_write_5m,
            self.long_cache_write_30m,
            self.long_cache_write_1h,
        ];
        let given = |long: bool, rates: [Option<TokenRate>; 6]| {
            let kinds = TokenKind::ALL.into_iter().zip(rates);
            kinds.filter_map(move |(kind, rate)| Some((kind, long, rate?)))
        };
        given(false, ordinary).chain(given(true, long)).collect()
    }
}

#[derive(Deserialize)]
struct TableRow {
    model: String,
    region: Option<String>,
    routing: Option<String>,
    tier: Option<String>,
    token: String,
    /// `long` for the rate of long prompts.
    prompt: Option<String>,
    usd_per_million: String,
    from: Option<String>,
    until: Option<String>,
    source: Option<String>,
}

impl PrivateRates {
    /// Reads a TOML file: `title`, `date`, `[[discount]]` and `[[rate]]`.
    ///
    /// # Errors
    /// With the line and the reason when anything in it cannot be right: an unknown model, region or key, a percentage
    /// outside 0 to 100, two rates for the same tokens.
    pub fn from_toml(text: &str) -> Result<Self, RateFileError> {
        let line_of = |offset: usize| {
            let before = text.get(..offset).unwrap_or_default();
            u64::try_from(before.matches('\n').count() + 1).unwrap_or(u64::MAX)
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let line = line_of(error.span().map_or(0, |span| span.start));
            RateFileError::new(line, error.message().to_owned())
        })?;
        let at = |row: usize| move |problem: String| RateFileError::new(line_of(row), problem);
        let mut rates = Self {
            title: title(file.title.get_ref()).map_err(at(file.title.span().start))?,
            date: day(file.date.get_ref()).map_err(at(file.date.span().start))?,
            discounts: Vec::new(),
            own: Vec::new(),
        };
        for row in &file.discount {
            let discount = discount(row.get_ref()).map_err(at(row.span().start))?;
            let twice = rates.discounts.iter().any(|other| {
                other.on == discount.on
                    && start_together((other.from, other.until), (discount.from, discount.until))
            });
            if twice {
                let problem = "a second discount on the same in the same time".to_owned();
                return Err(at(row.span().start)(problem));
            }
            rates.discounts.push(discount);
        }
        for row in &file.rate {
            for own in own_rates(row.get_ref()).map_err(at(row.span().start))? {
                rates.add(own).map_err(at(row.span().start))?;
            }
        }
        rates.not_empty()
    }

    /// Reads a comma-separated table under `# title:` and `# date:`, with the columns `model`, `token` and
    /// `usd_per_million`, and where wanted `region`, `routing`, `tier`, `prompt` (`long`), `from`, `until` and `source`.
    ///
    /// # Errors
    /// With the line and the reason when anything in it cannot be right.
    pub fn from_csv(text: &str) -> Result<Self, RateFileError> {
        let named = heading(text, "title").ok_or_else(|| {
            RateFileError::new(1, "there is no line `# title: ...` above the table")
        })?;
        let mut rates = Self {
            title: title(named).map_err(|problem| RateFileError::new(1, problem))?,
            date: date_heading(text, "date")?,
            discounts: Vec::new(),
            own: Vec::new(),
        };
        for line in table::<TableRow>(text)? {
            let row = line.content;
            let own = OwnRow {
                model: &row.model,
                region: row.region.as_deref(),
                routing: row.routing.as_deref(),
                tier: row.tier.as_deref(),
                source: row.source,
                from: cell_day(row.from.as_deref()),
                until: cell_day(row.until.as_deref()),
            };
            let made = token_kind(&row.token)
                .and_then(|kind| {
                    let long = is_long(row.prompt.as_deref())?;
                    own.read(kind, long, rate(&row.usd_per_million)?)
                })
                .and_then(|own| rates.add(own));
            made.map_err(|problem| RateFileError::new(line.number, problem))?;
        }
        rates.not_empty()
    }

    fn add(&mut self, own: OwnRate) -> Result<(), String> {
        let key = |own: &OwnRate| {
            (
                own.model,
                own.region.clone(),
                own.routing,
                own.tier,
                own.kind,
                own.above_tokens,
            )
        };
        let twice = self.own.iter().any(|other| {
            key(other) == key(&own)
                && start_together((other.from, other.until), (own.from, own.until))
        });
        if twice {
            let long = if own.above_tokens.is_some() {
                "long-prompt "
            } else {
                ""
            };
            return Err(format!("a second {long}{} rate of {}", own.kind, own.model));
        }
        self.own.push(own);
        Ok(())
    }

    fn not_empty(self) -> Result<Self, RateFileError> {
        if self.discounts.is_empty() && self.own.is_empty() {
            return Err(RateFileError::new(1, "there is no discount and no rate"));
        }
        Ok(self)
    }
}

fn title(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 80 || text.chars().any(char::is_control) {
        return Err("the title is shown in answers: give 1 to 80 characters".to_owned());
    }
    Ok(text.to_owned())
}

fn day(datetime: &Datetime) -> Result<Date, String> {
    datetime
        .date
        .filter(|_| datetime.time.is_none())
        .and_then(|date| {
            Date::new(
                i16::try_from(date.year).ok()?,
                i8::try_from(date.month).ok()?,
                i8::try_from(date.day).ok()?,
            )
            .ok()
        })
        .ok_or_else(|| format!("{datetime} is not a date such as 2026-10-01"))
}

/// Times from a first to a last day, both open where they are not given.
type Span = (Option<Date>, Option<Date>);

/// Tells whether two rows contradict each other: what starts later replaces what started before.
fn start_together((from, _): Span, (other, _): Span) -> bool {
    from == other
}

fn ordered(from: Option<Date>, until: Option<Date>) -> Result<Span, String> {
    match (from, until) {
        (Some(from), Some(until)) if until < from => Err(format!("until {until} is before {from}")),
        span => Ok(span),
    }
}

fn discount(row: &DiscountRow) -> Result<Discount, String> {
    let Percent(percent) = row.percent;
    if percent < Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
        return Err(format!("percent {percent} is outside 0 to 100"));
    }
    if percent.normalize().scale() > PERCENT_DECIMALS {
        return Err(format!(
            "percent {percent} has more than {PERCENT_DECIMALS} decimal places"
        ));
    }
    let on = match (&row.model, &row.provider, &row.dimension) {
        (None, None, None) => On::Everything,
        (Some(model), None, None) => On::Model(model_id(model)?),
        (None, Some(name), None) => On::Provider(provider(name)?),
        (None, None, Some(name)) => On::Dimension(dimension(name)?),
        _ => return Err("a discount is on one model, provider or dimension, or on all".to_owned()),
    };
    let optional = |day_of: &Option<Datetime>| day_of.as_ref().map(day).transpose();
    let (from, until) = ordered(optional(&row.from)?, optional(&row.until)?)?;
    Ok(Discount {
        on,
        percent,
        from,
        until,
    })
}

fn provider(name: &str) -> Result<&'static str, String> {
    let mut providers: Vec<&str> = PriceBook::embedded()
        .models()
        .iter()
        .map(super::super::Model::provider)
        .collect();
    providers.dedup();
    one_of("provider", name, providers)
}

fn dimension(name: &str) -> Result<&'static str, String> {
    one_of("dimension", name, PriceBook::embedded().dimensions())
}

fn one_of(what: &str, name: &str, known: Vec<&'static str>) -> Result<&'static str, String> {
    if let Some(found) = known.iter().find(|known| same_name(known, name)) {
        return Ok(found);
    }
    let near = nearest(name, known.iter().copied(), 3);
    let near = if near.is_empty() { known } else { near };
    Err(format!(
        "unknown {what} {}; nearest: {}",
        Shown(name),
        near.join(", ")
    ))
}

/// An own rate as it is written, but for the token.
struct OwnRow<'a> {
    model: &'a str,
    region: Option<&'a str>,
    routing: Option<&'a str>,
    tier: Option<&'a str>,
    from: Result<Option<Date>, String>,
    until: Result<Option<Date>, String>,
    source: Option<String>,
}

impl OwnRow<'_> {
    fn read(&self, kind: TokenKind, long: bool, rate: TokenRate) -> Result<OwnRate, String> {
        let given = |text: Option<&str>| {
            text.map(str::trim)
                .filter(|text| !text.is_empty() && *text != "*")
                .map(str::to_owned)
        };
        let (from, until) = ordered(self.from.clone()?, self.until.clone()?)?;
        let routing = given(self.routing)
            .map(|text| text.parse::<Routing>().map_err(|error| error.to_string()));
        let tier =
            given(self.tier).map(|text| text.parse::<Tier>().map_err(|error| error.to_string()));
        let model = model_id(self.model)?;
        Ok(OwnRate {
            model,
            above_tokens: long.then(|| threshold(model)).transpose()?,
            region: region(self.region)?,
            routing: routing.transpose()?,
            tier: tier.transpose()?.unwrap_or(Tier::Standard),
            kind,
            rate,
            from,
            until,
            source: given(self.source.as_deref()),
        })
    }
}

fn own_rates(row: &RateRow) -> Result<Vec<OwnRate>, String> {
    let own = OwnRow {
        model: &row.model,
        region: row.region.as_deref(),
        routing: row.routing.as_deref(),
        tier: row.tier.as_deref(),
        from: row.from.as_ref().map(day).transpose(),
        until: row.until.as_ref().map(day).transpose(),
        source: row.source.clone(),
    };
    let rates = row.rates();
    if rates.is_empty() {
        return Err("a rate without input, output or a cache rate".to_owned());
    }
    rates
        .into_iter()
        .map(|(kind, long, rate)| own.read(kind, long, rate))
        .collect()
}

/// Tells whether a cell says that the rate is one of long prompts.
fn is_long(prompt: Option<&str>) -> Result<bool, String> {
    match prompt.map(str::trim) {
        None | Some("") => Ok(false),
        Some("long") => Ok(true),
        Some(other) => Err(format!(
            "prompt is {}, neither empty nor long",
            Shown(other)
        )),
    }
}

/// Returns the number of tokens above which the prompts of a model are long.
fn threshold(model: &'static str) -> Result<u32, String> {
    PriceBook::embedded()
        .resolve(model)
        .ok()
        .and_then(|found| found.model.long_above())
        .ok_or_else(|| {
            format!("{model} has no rates of long prompts: its rates are of every prompt")
        })
}
