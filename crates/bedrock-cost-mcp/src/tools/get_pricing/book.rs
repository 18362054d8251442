//! Rates from the price book: no request, no credentials, each with its date, sources and agreement.

use super::{Answer, Query};
use crate::{
    error::ToolError,
    tools::{
        rate_origin::RateOrigins,
        reply::{Reply, Warning, exact},
        table::Page,
    },
};
use bedrock_cost::{
    inference::{Routing, Tier},
    model::ProfileScope,
    price_book::{
        Agreement, Lifecycle, Model, PriceBook, RateQuery, Rates, ResolveError, TokenRates,
    },
    region::{Geography, Region},
    tokens::TokenKind,
};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Models without a name are shown cheapest first, this many without `limit`.
const MODELS_SHOWN: usize = 12;

/// A model that was asked for, with the routing that its name fixes.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) model: &'static Model,
    pub(super) routing: Option<Routing>,
    /// Where a profile such as `eu.` can be called from.
    pub(super) geography: Option<Geography>,
    /// The region that an ARN names.
    pub(super) region: Option<Region>,
}

impl PartialEq for Wanted {
    fn eq(&self, other: &Self) -> bool {
        self.model.id() == other.model.id() && self.routing == other.routing
    }
}

/// Finds a model by its id, profile, ARN or exact name.
pub(super) fn resolve(book: &PriceBook, name: &str) -> Result<Wanted, ToolError> {
    book.resolve(name)
        .map(|found| Wanted {
            model: found.model,
            routing: found.routing(),
            geography: match found.profile {
                Some(ProfileScope::Geography(geography)) => Some(geography),
                _ => None,
            },
            region: found.region,
        })
        .map_err(|error| match error {
            ResolveError::Unknown(unknown) => ToolError::UnknownModel {
                problem: unknown.to_string(),
                nearest: unknown.nearest.iter().map(|id| (*id).to_owned()).collect(),
            },
            other => ToolError::invalid(
                other.to_string(),
                "use a Bedrock model id, an inference profile id or ARN, or the exact display name",
            ),
        })
}

/// One line of the answer: a rate card, or what it becomes above a length of the prompt.
struct Line {
    model: &'static Model,
    region: String,
    rates: Rates,
    routing: Routing,
    above_tokens: Option<u32>,
}

impl Line {
    /// Names the row, not the model alone: other rows of it can be fresh.
    fn row(&self) -> String {
        format!("{} {} {}", self.model.id(), self.routing, self.rates.tier)
    }

    fn tokens(&self) -> &TokenRates {
        match (&self.rates.long_context, self.above_tokens) {
            (Some(long), Some(_)) => &long.rates,
            _ => &self.rates.tokens,
        }
    }
}

/// Answers from the price book, as of a day.
pub(super) fn answer(
    book: &'static PriceBook,
    query: &Query,
    today: Date,
) -> Result<Reply, ToolError> {
    let mut warnings = Vec::new();
    let mut lines = Vec::new();
    let mut units: Vec<Value> = Vec::new();
    let mut origins = RateOrigins::default();
    if query.models.is_empty() {
        lines = every_model(book, query, today);
    }
    for wanted in &query.models {
        let found = of_model(query, wanted, today, &mut units, &mut origins)?;
        warnings.extend(found.missing);
        warnings.extend(about_model(wanted.model));
        lines.extend(found.lines);
    }
    let total = lines.len();
    if total == 0 && units.is_empty() {
        warnings.push(Warning::new(
            "no_prices",
            "the price book has no such rate: ask for another region, tier or routing",
        ));
    }
    let shown = if query.models.is_empty() {
        MODELS_SHOWN
    } else {
        total
    };
    let headline = headline(&lines, query);
    let (lines, mut rest) = query.paging.cut(lines, shown);
    warnings.extend(rest.past_end.take());
    warnings.extend(doubts(&lines));
    for line in &lines {
        origins.add(&line.row(), &line.rates.basis);
    }
    warnings.extend(origins.warnings(today));
    let brief = query.models.is_empty() && !query.full;
    let prices = (lines.len() < total).then_some(total);
    let (columns, rows) = table(&lines, brief);
    let answer = Answer {
        unit: (!rows.is_empty()).then_some("USD per 1M tokens"),
        page: Page::of(columns, rows, rest),
        unit_rates: units,
        prices,
        ..Answer::default()
    };
    Ok(Reply::new(headline, &answer)
        .warn(warnings)
        .corrected(query.corrections.clone())
        .from(origins.source(checked(book, query))))
}

struct Found {
    lines: Vec<Line>,
    missing: Option<Warning>,
}

/// The rates of one model in every region asked for; an error only where none of them has a rate.
fn of_model(
    query: &Query,
    wanted: &Wanted,
    today: Date,
    units: &mut Vec<Value>,
    origins: &mut RateOrigins,
) -> Result<Found, ToolError> {
    let model = wanted.model;
    let routing = query.routing.or(wanted.routing);
    let routings: &[Routing] = routing.as_ref().map_or(Routing::ALL, std::slice::from_ref);
    let tiers: &[Tier] = query.tier.as_ref().map_or(Tier::ALL, std::slice::from_ref);
    let mut lines = Vec::new();
    let mut unmet = None;
    let mut without = Vec::new();
    for region in &query.regions {
        let before = lines.len() + units.len();
        for &tier in tiers {
            for &routing in routings {
                let wish = RateQuery {
                    region: region.clone(),
                    routing,
                    tier,
                    date: today,
                };
                match model.rates_if_listed(&wish) {
                    Some(rates) => lines.extend(with_long_context(model, region, routing, &rates)),
                    // The first wish is the plainest.
                    None => unmet = unmet.or(Some(wish)),
                }
            }
        }
        for unit in model.unit_rates(region, today) {
            origins.add(model.id(), &unit.basis);
            units.push(json!({
                "model": model.id(),
                "region": region.as_str(),
                "usd": exact(unit.rate.usd.amount()),
                "unit": unit.rate.unit,
            }));
        }
        if lines.len() + units.len() == before {
            without.push(region.as_str());
        }
    }
    if lines.is_empty()
        && units.is_empty()
        && let Some(Err(refused)) = unmet.map(|wish| model.rates(&wish))
    {
        let problem = refused.to_string();
        let (problem, listed) = problem
            .split_once("; ")
            .unwrap_or((problem.as_str(), "another day"));
        return Err(ToolError::NoRate {
            problem: problem.to_owned(),
            listed: listed.trim_start_matches("listed are ").to_owned(),
            corrected: None,
        });
    }
    let missing = (!without.is_empty()).then(|| {
        Warning::new(
            "no_rate",
            format!("{} has no such rate in {}", model.id(), without.join(", ")),
        )
    });
    Ok(Found { lines, missing })
}

fn with_long_context(
    model: &'static Model,
    region: &Region,
    routing: Routing,
    rates: &Rates,
) -> Vec<Line> {
    let line = |above_tokens| Line {
        model,
        region: region.to_string(),
        rates: *rates,
        routing,
        above_tokens,
    };
    let mut lines = vec![line(None)];
    lines.extend(rates.long_context.map(|long| line(Some(long.above_tokens))));
    lines
}

/// Every model's rate of one tier, cheapest input first.
fn every_model(book: &'static PriceBook, query: &Query, today: Date) -> Vec<Line> {
    let routings: &[Routing] = query
        .routing
        .as_ref()
        .map_or(Routing::ALL, std::slice::from_ref);
    let mut lines = Vec::new();
    for model in book.models() {
        for region in &query.regions {
            for &routing in routings {
                let wish = RateQuery {
                    region: region.clone(),
                    routing,
                    tier: query.tier.unwrap_or(Tier::Standard),
                    date: today,
                };
                if let Ok(rates) = model.rates(&wish) {
                    lines.push(Line {
                        model,
                        region: region.to_string(),
                        rates,
                        routing,
                        above_tokens: None,
                    });
                }
            }
        }
    }
    lines.sort_by_key(|line| {
        let rate = |kind| {
            line.tokens()
                .get(kind)
                .map(bedrock_cost::money::TokenRate::usd)
        };
        // A model without a rate for input is billed by something else, and is not the cheapest for that.
        (
            rate(TokenKind::Input).is_none(),
            rate(TokenKind::Input),
            rate(TokenKind::Output),
            line.model.id(),
        )
    });
    lines
}

/// Columns that no line has a rate in cost tokens and say nothing; a brief table is about input and output only.
fn table(lines: &[Line], brief: bool) -> (Vec<String>, Vec<Vec<Value>>) {
    let kinds: Vec<TokenKind> = TokenKind::ALL
        .into_iter()
        .filter(|kind| !brief || matches!(kind, TokenKind::Input | TokenKind::Output))
        .filter(|kind| lines.iter().any(|line| line.tokens().get(*kind).is_some()))
        .collect();
    let long = lines.iter().any(|line| line.above_tokens.is_some());
    let mut columns = vec!["model", "region", "routing", "tier"];
    if long {
        columns.push("prompt_above_tokens");
    }
    columns.extend(kinds.iter().map(|kind| kind.name()));
    let rows = lines
        .iter()
        .map(|line| {
            let mut row = vec![
                json!(line.model.id()),
                json!(line.region),
                json!(line.routing.as_str()),
                json!(line.rates.tier.as_str()),
            ];
            if long {
                row.push(line.above_tokens.map_or(json!(""), |tokens| json!(tokens)));
            }
            row.extend(kinds.iter().map(|kind| {
                line.tokens()
                    .get(*kind)
                    .map_or(json!(""), |rate| exact(rate.usd()))
            }));
            row
        })
        .collect();
    let columns = columns.into_iter().map(str::to_owned).collect();
    (columns, rows)
}

/// Rates that only one source gives, or on which sources disagree, carry that mark into the answer.
fn doubts(lines: &[Line]) -> Vec<Warning> {
    let mut found: BTreeMap<(Agreement, &str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for line in lines {
        let basis = &line.rates.basis;
        if basis.agreement != Agreement::Agree {
            let models = found
                .entry((basis.agreement, basis.sources, basis.note))
                .or_default();
            if !models.contains(&line.model.id()) {
                models.push(line.model.id());
            }
        }
    }
    found
        .into_iter()
        .map(|((agreement, sources, note), models)| {
            let code = match agreement {
                Agreement::Disagree => "sources_disagree",
                _ => "single_source",
            };
            let models = match models.as_slice() {
                [first, second, third, rest @ ..] if !rest.is_empty() => {
                    format!("{first}, {second}, {third} and {} more", rest.len())
                }
                few => few.join(", "),
            };
            let note = note.map_or_else(String::new, |note| format!("; {note}"));
            Warning::new(code, format!("{models}: {agreement} ({sources}){note}"))
        })
        .collect()
}

fn about_model(model: &Model) -> Vec<Warning> {
    let mut out = Vec::new();
    if let Some(note) = model.note() {
        out.push(Warning::new(
            "model_note",
            format!("{}: {note}", model.id()),
        ));
    }
    if model.lifecycle() == Some(Lifecycle::Legacy) {
        let end = model
            .end_of_life()
            .map_or_else(String::new, |day| format!(" and ends on {day}"));
        out.push(Warning::new(
            "model_legacy",
            format!("{} is legacy{end}", model.id()),
        ));
    }
    out.extend(
        model
            .lifecycle_unknown()
            .map(|text| Warning::new("lifecycle_unknown", text)),
    );
    out
}

/// An answer without rates is as old as its models, or the book.
fn checked(book: &PriceBook, query: &Query) -> Date {
    let of_models = query.models.iter().map(|wanted| wanted.model.checked());
    let of_book = || book.models().iter().map(Model::checked).min();
    of_models.min().or_else(of_book).unwrap_or_default()
}

fn headline(lines: &[Line], query: &Query) -> String {
    let [first, rest @ ..] = lines else {
        return "rates from the price book".to_owned();
    };
    if query.models.is_empty() {
        return format!(
            "{} standard rates from the price book, cheapest first",
            lines.len()
        );
    }
    let rate = |kind| {
        first
            .tokens()
            .get(kind)
            .map_or_else(|| "-".to_owned(), |rate| rate.usd().normalize().to_string())
    };
    let others = match rest.len() {
        0 => String::new(),
        1 => ", and 1 more row of rates".to_owned(),
        more => format!(", and {more} more rows of rates"),
    };
    format!(
        "{} {} {} in {}: {} in, {} out USD per 1M tokens{others}; from the price book",
        first.model.name(),
        first.routing,
        first.rates.tier,
        first.region,
        rate(TokenKind::Input),
        rate(TokenKind::Output),
    )
}
