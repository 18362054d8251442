//! The answer: totals with every digit, rows that fit, and what metrics leave open said beside them.

use super::{Answer, question::Question};
use crate::{
    chart::{Chart, Shape, Unit},
    error::ToolError,
    tools::{
        Call,
        metered::{Found, Guarded, hours_of},
        metric_rules,
        rate_origin::RateOrigins,
        reply::{Reply, Warning, brief, exact, some_of},
        table::{MOST_ROWS, Room},
    },
};
use bedrock_cost::{
    price_book::PriceBook,
    region::Region,
    usage::{Called, Cost, Counts, Doubt, Metered, Row, Throughput, rows},
};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// Bytes for the rows of a short answer: about 280 tokens.
const ROOM: usize = 500;
/// Names that one warning shows.
const NAMES_SHOWN: usize = 2;
/// How far back `ListMetrics` sees (CloudWatch API reference, read 2026-11-22).
const LISTED: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Decimal places of a ratio.
const RATIO_PLACES: u32 = 4;
/// Significant digits of a cost for one request in a short answer.
const DIGITS: u32 = 3;
const MINUTE: u32 = 60;
/// A part of the requests that is worth a column.
const TROUBLE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// Puts the answer together.
pub(super) fn reply(
    question: &Question,
    found: Vec<Found>,
    failed: &[(Region, ToolError)],
    book: &PriceBook,
    call: &Call,
) -> Reply {
    let window = question.window;
    let mut warnings = Vec::new();
    for (region, error) in failed {
        let message = format!("{region} is left out: {error}");
        warnings.push(Warning::new(error.code(), message));
    }
    let mut usage: Vec<(Called, Metered)> = Vec::new();
    let mut provisioned = Vec::new();
    let mut guarded = Guarded::default();
    let mut regions = Vec::new();
    for part in found {
        provisioned.extend(capacity(&part, window.range.start(), window.range.end()));
        guarded.invocations = guarded
            .invocations
            .saturating_add(part.guardrails.invocations);
        guarded.interventions = guarded
            .interventions
            .saturating_add(part.guardrails.interventions);
        warnings.extend(part.warnings);
        usage.extend(part.usage);
        regions.push(part.region.as_str().to_owned());
    }
    usage.retain(|(called, _)| !matches!(called, Called::Capacity { .. }));
    let all = rows(book, &usage, window.last_day(), question.full);
    let (total, cost) = sum(&all);
    let refused = refused(&all);
    let mut rates = RateOrigins::default();
    for row in &all {
        for basis in row.cost.iter().flat_map(|cost| &cost.bases) {
            rates.add(&row.model, basis);
        }
    }
    let columns = Columns {
        full: question.full,
        by_token: question.full || regions.len() < 2,
        with_reason: all.iter().any(|row| row.cost.is_err()),
        with_trouble: question.full || all.iter().any(is_troubled),
    };
    let cells = all.iter().map(|row| columns.cells(row)).collect();
    let room = if question.full {
        Room::Rows(MOST_ROWS)
    } else {
        Room::Bytes(ROOM)
    };
    let mut page = question.paging.page(columns.titles(), cells, room);
    let past_end = page.past_end.take();
    warnings.extend(of_cost(&all, &cost));
    warnings.extend(of_reach(question, &all, &regions, call.now()));
    let answer = Answer {
        totals: totals(total, &cost, refused),
        page,
        guardrails: guardrails(guarded),
        provisioned,
        // Those that were asked for by name and answered are known to the reader.
        regions: if question.names(&regions) {
            Vec::new()
        } else {
            regions.clone()
        },
        range: window.range.to_string(),
        peaks_over_seconds: (window.peaks != MINUTE).then_some(window.peaks),
        list_rates: rates.checked().map(|checked| format!("checked {checked}")),
    };
    let requests = question.full.then(|| question.shown());
    let chart = question
        .chart
        .then(|| chart(&all, total, &cost, (&regions.join(", "), &answer.range)));
    Reply::new(headline(total, &cost, &regions), &answer)
        .warn(warnings)
        .warn(of_rates(question, &rates, call))
        .warn(past_end)
        .effective(requests)
        .drawn(chart)
}

/// Every row by its cost, or by its tokens where not all of them have a price.
fn chart(rows: &[Row], total: Counts, cost: &Cost, (regions, range): (&str, &str)) -> Chart {
    let priced: Option<Vec<Decimal>> = rows
        .iter()
        .map(|row| row.cost.as_ref().ok().map(|cost| cost.usd))
        .collect();
    let (unit, title, amounts) = if let Some(costs) = priced {
        let sum = cost.usd.round_dp(2);
        let title = format!("Bedrock at list rates in {regions}, {range}: {sum} USD");
        (Unit::Usd, title, costs)
    } else {
        let title = format!("Bedrock in {regions}, {range}: {} tokens", total.tokens());
        let tokens = rows.iter().map(|row| row.counts.tokens().into()).collect();
        (Unit::Tokens, title, tokens)
    };
    let names = rows.iter().map(|row| row.model.clone());
    Chart {
        title,
        unit,
        shape: Shape::Bars(names.zip(amounts).collect()),
    }
}

fn headline(total: Counts, cost: &Cost, regions: &[String]) -> String {
    format!(
        "{} requests, {} tokens, {} USD at list rates in {}",
        total.requests,
        total.tokens(),
        cost.usd.round_dp(2),
        regions.join(", ")
    )
}

/// What is counted and what of it has a price.
fn sum(rows: &[Row]) -> (Counts, Cost) {
    let mut counts = Counts::default();
    let mut cost = Cost::default();
    for row in rows {
        counts = counts.plus(row.counts);
        if let Ok(part) = &row.cost {
            cost = cost.plus(part);
        }
    }
    (counts, cost)
}

fn totals(counts: Counts, cost: &Cost, refused: (u64, u64)) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("requests", counts.requests.into());
    put("input_tokens", counts.input.into());
    put("output_tokens", counts.output.into());
    put("cache_read_tokens", counts.cache_read.into());
    put("cache_write_tokens", counts.cache_write.into());
    put("cost_usd", exact(cost.usd));
    if let Some(hits) = counts.cache_hit_ratio() {
        put("cache_hit_ratio", ratio(hits));
    }
    put("throttles", refused.0.into());
    put("errors", refused.1.into());
    out
}

/// Throttles and errors of all rows.
fn refused(rows: &[Row]) -> (u64, u64) {
    rows.iter().fold((0, 0), |(throttles, errors), row| {
        (
            throttles.saturating_add(row.throttles),
            errors
                .saturating_add(row.client_errors)
                .saturating_add(row.server_errors),
        )
    })
}

fn guardrails(guarded: Guarded) -> Map<String, Value> {
    let mut out = Map::new();
    if guarded.invocations > 0 {
        out.insert("invocations".to_owned(), guarded.invocations.into());
        out.insert("interventions".to_owned(), guarded.interventions.into());
    }
    out
}

/// What each provisioned throughput of a region served.
fn capacity(found: &Found, start: Timestamp, end: Timestamp) -> Vec<Value> {
    let row = |one: &Throughput| {
        let mut usage = found.usage.iter();
        let (called, metered) = usage.find(|(_, metered)| metered.model_id == one.arn)?;
        let hours = hours_of(one, start, end);
        let served = metered.hours_served;
        Some(json!({
            "name": one.name,
            "model": called.model().map(bedrock_cost::price_book::Model::name),
            "region": found.region.as_str(),
            "model_units": one.units,
            "hours": hours,
            "hours_served": served,
            "utilisation": Decimal::from(served).checked_div(Decimal::from(hours)).map(ratio),
            "requests": metered.all.requests,
        }))
    };
    let units = found.throughputs.iter().filter(|one| one.in_service);
    units.filter_map(row).collect()
}

fn ratio(value: Decimal) -> Value {
    exact(value.round_dp(RATIO_PLACES))
}

/// More than one of a hundred requests was throttled or failed.
fn is_troubled(row: &Row) -> bool {
    let parts = [row.throttled(), row.error_rate()];
    parts.into_iter().flatten().any(|part| part > TROUBLE)
}

/// Millions of tokens, to three digits where there are fewer than a hundred million.
fn millions(count: u64) -> Value {
    if count == 0 {
        return Value::Null;
    }
    let millions = Decimal::from(count) / Decimal::from(1_000_000);
    exact(if millions < Decimal::ONE_HUNDRED {
        millions.round_sf(DIGITS).unwrap_or(millions)
    } else {
        millions.round()
    })
}

/// Which columns a table has.
#[expect(
    clippy::struct_excessive_bools,
    reason = "columns are there or not, each for itself"
)]
struct Columns {
    full: bool,
    /// Whether the cost of 1,000 tokens stands beside that of a request: several regions leave no room for both.
    by_token: bool,
    with_reason: bool,
    /// Whether more was throttled or failed than happens anyway; where not, the totals say how little.
    with_trouble: bool,
}

impl Columns {
    fn titles(&self) -> Vec<String> {
        let mut out = vec!["model", "region"];
        if self.full {
            out.push("called_as");
        }
        out.push("requests");
        out.extend(if self.full {
            ["input", "output", "cache_read", "cache_write"]
        } else {
            ["input_mtok", "output_mtok", "read_mtok", "write_mtok"]
        });
        out.push("usd");
        if self.full {
            out.extend(["usd_at_most"]);
        }
        out.push("usd_per_request");
        if self.by_token {
            out.push("usd_per_1k_tokens");
        }
        out.push("cache_hit");
        if self.full {
            out.push("avg_ms");
        }
        out.push("p99_ms");
        if self.full {
            out.push("throttles");
        }
        if self.with_trouble {
            out.push("throttled");
        }
        if self.full {
            out.extend(["client_errors", "server_errors"]);
        }
        if self.with_trouble {
            out.push("errors");
        }
        out.push("peak_tpm");
        if self.full {
            out.extend(["peak_at", "peak_rpm"]);
            if self.with_reason {
                out.push("unpriced");
            }
        }
        out.into_iter().map(str::to_owned).collect()
    }

    fn cells(&self, row: &Row) -> Vec<Value> {
        let cost = row.cost.as_ref().ok();
        let short = |value: Option<Decimal>| {
            value.map(|value| {
                if self.full {
                    exact(value)
                } else {
                    exact(value.round_sf(DIGITS).unwrap_or(value))
                }
            })
        };
        let counts = row.counts;
        let mut out = vec![json!(row.model), json!(row.region.as_str())];
        if self.full {
            out.push(json!(row.called_as.join(", ")));
        }
        out.push(json!(counts.requests));
        let kinds = [
            counts.input,
            counts.output,
            counts.cache_read,
            counts.cache_write,
        ];
        out.extend(kinds.map(|count| {
            if self.full {
                json!(count)
            } else {
                millions(count)
            }
        }));
        out.push(json!(cost.map(|cost| if self.full {
            exact(cost.usd)
        } else {
            brief(cost.usd)
        })));
        if self.full {
            out.push(json!(cost.map(|cost| exact(cost.highest))));
        }
        out.push(json!(short(row.per_request())));
        if self.by_token {
            out.push(json!(short(row.per_thousand_tokens())));
        }
        out.push(json!(counts.cache_hit_ratio().map(ratio)));
        let whole = |value: Option<Decimal>| value.map(|value| exact(value.round()));
        if self.full {
            out.push(json!(whole(row.latency.average())));
        }
        out.push(json!(whole(row.latency.p99)));
        if self.full {
            out.push(json!(row.throttles));
        }
        if self.with_trouble {
            out.push(json!(row.throttled().map(ratio)));
        }
        if self.full {
            out.extend([json!(row.client_errors), json!(row.server_errors)]);
        }
        if self.with_trouble {
            out.push(json!(row.error_rate().map(ratio)));
        }
        out.push(json!(row.peak.tokens));
        if self.full {
            out.push(json!(row.peak.at.map(|at| at.to_string())));
            out.push(json!(row.peak.requests));
            if self.with_reason {
                out.push(json!(row.cost.as_ref().err()));
            }
        }
        out
    }
}

/// What a cost leaves out, and between which bounds it lies.
fn of_cost(rows: &[Row], cost: &Cost) -> Vec<Warning> {
    let mut out = Vec::new();
    let unpriced: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let reason = row.cost.as_ref().err()?;
            Some(format!(
                "{} ({reason}; {} tokens)",
                row.model,
                row.counts.tokens()
            ))
        })
        .collect();
    if !unpriced.is_empty() {
        out.push(Warning::new(
            "unpriced",
            format!("in no cost: {}", some_of(&unpriced, NAMES_SHOWN)),
        ));
    }
    let names = |doubt: Doubt| -> Vec<String> {
        let doubted = |row: &&Row| {
            row.cost
                .as_ref()
                .is_ok_and(|cost| cost.doubts.contains(&doubt))
        };
        let mut names: Vec<String> = rows
            .iter()
            .filter(doubted)
            .map(|row| row.model.clone())
            .collect();
        names.dedup();
        names
    };
    let mut open = Vec::new();
    if cost.doubts.contains(&Doubt::CacheLifetime) {
        open.push("cache writes for an hour (priced as for 5 minutes)".to_owned());
    }
    if cost.doubts.contains(&Doubt::LongPrompts) {
        let names = some_of(&names(Doubt::LongPrompts), NAMES_SHOWN);
        open.push(format!("long prompts (priced as the average one: {names})"));
    }
    if !open.is_empty() {
        out.push(Warning::new(
            "cost_range",
            format!(
                "{} to {} USD: metrics do not tell apart {}",
                cost.lowest.round_dp(2),
                cost.highest.round_dp(2),
                open.join(", or ")
            ),
        ));
    }
    out
}

/// What the metrics that were asked do not have.
fn of_reach(question: &Question, rows: &[Row], regions: &[String], now: Timestamp) -> Vec<Warning> {
    let window = question.window;
    let mut out: Vec<Warning> = metric_rules::partly_expired(window.range, now)
        .into_iter()
        .collect();
    if now.duration_since(window.range.start()) > LISTED {
        out.push(Warning::new(
            "older_ids",
            "CloudWatch lists what had data in the last two weeks: what was called only before is missing; bedrock_spend has it",
        ));
    }
    if rows.is_empty() {
        out.push(Warning::new(
            "no_data",
            format!(
                "no model was called in {} in this time: metrics stay in the region and account that was called",
                regions.join(", ")
            ),
        ));
    }
    out
}

/// How old rates are is in `list_rates`; only a full answer names the models.
fn of_rates(question: &Question, rates: &RateOrigins, call: &Call) -> Vec<Warning> {
    let mut warnings = rates.warnings(call.today());
    warnings.retain(|warning| question.full || warning.code != "stale_rate");
    warnings
}
