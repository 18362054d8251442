//! The answer: totals with every digit, rows that fit, the change and its cause in words.

use super::Answer;
use super::bill::Bill;
use super::metered::Reconciled;
use super::picture;
use super::question::Question;
use crate::{
    aws::pages::Cut,
    tools::{
        rate_origin::RateOrigins,
        reply::{Reply, Warning, brief, brief_quantity, exact, some_of},
        table::{MOST_ROWS, Page, Room},
    },
};
use bedrock_cost::{
    price_book::PriceBook,
    service_name::{AMAZON_BEDROCK, MARKETPLACE_SUFFIX},
    spend::{By, Cause, Change, Effect, NONE, Row, Spend, When},
};
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Bytes for the rows of a short answer: about 200 tokens, beside totals, change and cause.
const ROOM: usize = 480;
/// Bytes for the days of a month, which are a row each and not much beside.
const TIME_ROOM: usize = 560;
/// Bytes that services around Bedrock and a forecast leave to the rows.
const ROOM_BESIDE: usize = 300;
/// Services around Bedrock that a short answer names.
const AROUND_SHOWN: usize = 4;
/// Tokens that a rate is given for.
const MILLION: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);
/// Decimal places of an effective rate: those of the finest listed one.
const RATE_PLACES: u32 = 4;
/// The column of effective rates.
const RATE_COLUMN: &str = "usd_per_mtok";
/// The column of rates of the price book.
const LIST_COLUMN: &str = "list_per_mtok";
/// Names that one warning shows.
const NAMES_SHOWN: usize = 3;

/// Puts the answer together.
pub(super) fn reply(
    question: &Question,
    bill: &Bill,
    reconciled: Option<&Reconciled>,
    book: &PriceBook,
    today: Date,
) -> Reply {
    let on = question.seen().last_day();
    let spend = &bill.spend;
    let total = spend.total(When::Now);
    let (given_back, _) = bill.given_back;
    let mut rates = RateOrigins::default();
    for (model, basis) in spend.rates_compared(book, on) {
        rates.add(model, &basis);
    }
    let (mut page, at_list) = table(question, bill, book, on);
    let past_end = page.past_end.take();
    let page_has_rates = page.columns.iter().any(|column| column == RATE_COLUMN);
    let around: Decimal = bill.around.iter().map(|(_, now, _)| *now).sum();
    let cause = bill.cause.as_ref().map(|cause| in_words(cause, bill));
    let answer = Answer {
        total_usd: Some(exact(total)),
        credits_and_refunds_usd: (!given_back.is_zero()).then(|| exact(given_back)),
        net_usd: (!given_back.is_zero()).then(|| exact(total.saturating_add(given_back))),
        as_requested_usd: question
            .by_service_name
            .then(|| exact(of_service(spend, AMAZON_BEDROCK, book, on))),
        partial: bill.pages_cut.as_ref().map(Cut::to_string),
        page,
        list_rates: rates
            .checked()
            .filter(|_| page_has_rates)
            .map(|checked| list_rates(at_list, checked)),
        change: question.previous.map(|_| change(&spend.change())),
        cause,
        cache: cache(spend, book, on),
        unclassified_usd: spend.unclassified().map(|unread| exact(unread.cost)),
        around_usd: question.around.then(|| exact(around)),
        around: around_rows(question, bill),
        forecast: bill
            .expected
            .map(|expected| forecast(question, total, expected)),
        reconciliation: reconciled
            .map(|reconciled| reconciled.answer(question, bill.estimated_from.as_deref())),
        period: Some(periods(question)),
    };
    let requests = question.full.then(|| question.shown());
    let picture = question
        .chart
        .then(|| picture::chart(question, bill, book, on));
    Reply::new(headline(question, total, given_back, bill), &answer)
        .warn(warnings(question, bill, book, on))
        .warn(
            reconciled
                .map(|reconciled| reconciled.warnings.clone())
                .unwrap_or_default(),
        )
        .warn(of_rates(question, &rates, today))
        .warn(past_end)
        .effective(requests)
        .drawn(picture)
}

fn periods(question: &Question) -> String {
    let asked = question.period;
    match question.previous {
        Some(before) => format!("{asked} (exclusive), against {before}"),
        None => format!("{asked} (exclusive)"),
    }
}

fn headline(question: &Question, total: Decimal, given_back: Decimal, bill: &Bill) -> String {
    let net = if given_back.is_zero() {
        String::new()
    } else {
        let net = total.saturating_add(given_back);
        format!(", {} after credits and refunds", cents(net))
    };
    let change = question.previous.map_or_else(String::new, |_| {
        let change = bill.spend.change().total();
        let direction = if change.is_sign_negative() {
            "less"
        } else {
            "more"
        };
        format!("; {} {direction} than before", cents(change.abs()))
    });
    format!(
        "{} USD for Bedrock from {}{net}{change}",
        cents(total),
        question.period
    )
}

/// An amount as a sentence shows it.
pub(super) fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn of_service(spend: &Spend, service: &str, book: &PriceBook, on: Date) -> Decimal {
    let rows = spend.rows(&[By::Service], book, on);
    let of = rows
        .iter()
        .filter(|row| row.keys.iter().any(|key| key == service));
    of.map(|row| row.change.now).sum()
}

fn change(change: &Change) -> Map<String, Value> {
    [
        ("previous_usd", change.before),
        ("change_usd", change.total()),
        ("volume_usd", change.volume),
        ("rate_usd", change.rate),
        ("mix_usd", change.mix),
    ]
    .into_iter()
    .map(|(name, amount)| (name.to_owned(), exact(amount)))
    .collect()
}

fn cache(spend: &Spend, book: &PriceBook, on: Date) -> Option<Map<String, Value>> {
    let saved = spend.caching(book, on)?;
    let amounts = [
        ("saved_usd", saved.net()),
        ("reads_saved_usd", saved.reads),
        ("write_premium_usd", saved.write_premium),
    ];
    let amounts = amounts.map(|(name, amount)| (name.to_owned(), brief(amount)));
    Some(amounts.into_iter().collect())
}

/// The dearest services around Bedrock, and the sum of the others.
fn around_rows(question: &Question, bill: &Bill) -> Vec<Value> {
    let money = |amount: Decimal| {
        if question.full {
            exact(amount)
        } else {
            brief(amount)
        }
    };
    let row = |service: &str, now: Decimal, before: Option<Decimal>| match before {
        Some(before) => json!([service, money(now), money(now.saturating_sub(before))]),
        None => json!([service, money(now)]),
    };
    let all = &bill.around;
    let most = if question.full || all.len() <= AROUND_SHOWN + 1 {
        all.len()
    } else {
        AROUND_SHOWN
    };
    let (named, others) = all.split_at_checked(most).unwrap_or((all, &[]));
    let mut rows: Vec<Value> = named
        .iter()
        .map(|(service, now, before)| row(service, *now, *before))
        .collect();
    if !others.is_empty() {
        let now = others.iter().map(|(_, now, _)| *now).sum();
        let before = others.iter().map(|(_, _, before)| *before).sum();
        rows.push(row(&format!("{} others", others.len()), now, before));
    }
    rows
}

/// What a short answer says of the price book in place of a column that repeats another.
fn list_rates(at_list: bool, checked: Date) -> String {
    let same = if at_list { "as charged, " } else { "" };
    format!("{same}checked {checked}")
}

/// What rates stand on; how old they are is in `list_rates`, and only a full answer names the models.
fn of_rates(question: &Question, rates: &RateOrigins, today: Date) -> Vec<Warning> {
    let mut warnings = rates.warnings(today);
    warnings.retain(|warning| question.full || warning.code != "stale_rate");
    warnings
}

/// What the month comes to: what was charged, and what AWS expects of the days after.
fn forecast(question: &Question, charged: Decimal, expected: Decimal) -> Map<String, Value> {
    let until = question.seen().end();
    Map::from_iter([
        (
            "month_usd".to_owned(),
            brief(charged.saturating_add(expected)),
        ),
        ("expected_usd".to_owned(), brief(expected)),
        ("expected_from".to_owned(), json!(until.to_string())),
    ])
}

/// The rows, and whether a short answer leaves out the rates of the price book because all are as charged.
fn table(question: &Question, bill: &Bill, book: &PriceBook, on: Date) -> (Page, bool) {
    let (spend, compares) = match &bill.cut {
        Some(cut) => (cut, bill.cut_compares),
        None => (&bill.spend, question.previous.is_some()),
    };
    let rows = spend.rows(&question.by, book, on);
    let shown = |rate: Option<Decimal>| rate.map(|rate| rate.round_dp(RATE_PLACES));
    let at_list = !question.full
        && rows
            .iter()
            .all(|row| shown(row.per_mtok) == shown(row.listed_per_mtok));
    let columns = Columns {
        full: question.full,
        names: question.by.contains(&By::Account) && !bill.names.is_empty(),
        compares,
        counts_tokens: rows.iter().any(|row| !row.tokens.is_zero()),
        lists: !at_list,
        year: years(question, &rows),
    };
    let cells = rows
        .iter()
        .map(|row| columns.cells(row, &question.by, bill))
        .collect();
    let room = if question.full {
        Room::Rows(MOST_ROWS)
    } else {
        let beside = if question.around || question.forecast.is_some() || question.reconcile {
            ROOM_BESIDE
        } else {
            0
        };
        let room = if question.by.iter().any(By::is_time) {
            TIME_ROOM
        } else {
            ROOM
        };
        Room::Bytes(room.saturating_sub(beside))
    };
    let page = question
        .paging
        .page(columns.titles(&question.by), cells, room);
    (page, at_list)
}

/// The year that all days share, which a short answer leaves out of them: its period has it.
fn years(question: &Question, rows: &[Row]) -> Option<String> {
    let at = question.by.iter().position(|by| *by == By::Day)?;
    let mut years = rows
        .iter()
        .map(|row| row.keys.get(at)?.get(.."2026-".len()));
    let first = years.next()??;
    let same = !question.full && years.all(|year| year == Some(first));
    same.then(|| first.to_owned())
}

/// Which columns a table has.
#[expect(
    clippy::struct_excessive_bools,
    reason = "columns are there or not, each for itself"
)]
struct Columns {
    full: bool,
    names: bool,
    compares: bool,
    counts_tokens: bool,
    lists: bool,
    year: Option<String>,
}

impl Columns {
    fn titles(&self, by: &[By]) -> Vec<String> {
        let mut out: Vec<String> = by.iter().map(ToString::to_string).collect();
        let mut put = |names: &[&str]| out.extend(names.iter().map(|name| (*name).to_owned()));
        if self.names {
            put(&["name"]);
        }
        put(&["usd"]);
        if self.compares {
            put(&["change_usd"]);
            if self.full {
                put(&["volume_usd", "rate_usd", "mix_usd"]);
            }
        }
        if self.counts_tokens {
            put(&["mtok", RATE_COLUMN]);
            if self.lists {
                put(&[LIST_COLUMN]);
            }
        }
        out
    }

    fn cells(&self, row: &Row, by: &[By], bill: &Bill) -> Vec<Value> {
        let money = |amount: Decimal| {
            if self.full {
                exact(amount)
            } else {
                brief(amount)
            }
        };
        let mut out: Vec<Value> = row
            .keys
            .iter()
            .zip(by)
            .map(|(key, by)| match (&self.year, by) {
                (Some(year), By::Day) => json!(key.strip_prefix(year.as_str()).unwrap_or(key)),
                _ => json!(key),
            })
            .collect();
        if self.names {
            let name = row.keys.iter().find_map(|key| bill.names.get(key));
            out.push(json!(name.map_or("", String::as_str)));
        }
        let Change {
            now,
            volume,
            rate,
            mix,
            ..
        } = row.change;
        out.push(money(now));
        if self.compares {
            out.push(money(row.change.total()));
            if self.full {
                out.extend([volume, rate, mix].map(exact));
            }
        }
        if self.counts_tokens {
            let mtok = row
                .tokens
                .checked_div(MILLION)
                .filter(|mtok| !mtok.is_zero());
            let count = |mtok| {
                if self.full {
                    exact(mtok)
                } else {
                    brief_quantity(mtok)
                }
            };
            let per = |rate: Option<Decimal>| {
                rate.map(|rate| {
                    if self.full {
                        exact(rate.round_dp(RATE_PLACES))
                    } else {
                        brief(rate)
                    }
                })
            };
            out.push(json!(mtok.map(count)));
            out.push(json!(per(row.per_mtok)));
            if self.lists {
                out.push(json!(per(row.listed_per_mtok)));
            }
        }
        out
    }
}

/// What drove the change, in one sentence or two.
fn in_words(cause: &Cause, bill: &Bill) -> String {
    let Cause { model, change, .. } = cause;
    let moved = change.total();
    let mut out = if change.before.is_zero() {
        format!("{model} is new: {} USD", cents(change.now))
    } else if change.now.is_zero() {
        format!("{model} is gone: {} USD before", cents(change.before))
    } else {
        let way = if moved.is_sign_negative() {
            "fell"
        } else {
            "rose"
        };
        format!(
            "{model} {way} by {} USD to {}",
            cents(moved.abs()),
            cents(change.now)
        )
    };
    let is_both = !change.before.is_zero() && !change.now.is_zero();
    if let Some(effect) = change.effect().filter(|_| is_both) {
        let times = || {
            let times = cause.tokens.checked_div(cause.tokens_before)?;
            Some(format!(
                ", {} times the tokens",
                times.round_sf(2)?.normalize()
            ))
        };
        let what = match effect {
            Effect::Volume => format!("volume{}", times().unwrap_or_default()),
            Effect::Rate => "its effective rates".to_owned(),
            Effect::Mix => "another mix of its kinds of usage".to_owned(),
        };
        let _ = write!(out, ", most of it {what}");
    }
    let (kind, of_kind) = &cause.token_type;
    let _ = write!(out, "; {kind} alone {} USD", signed(*of_kind));
    if let Some(peak) = &bill.peak {
        let days = if peak.first == peak.last {
            peak.first.to_string()
        } else {
            format!("{} to {}", peak.first, peak.last)
        };
        let (cost, ordinary) = (cents(peak.cost), cents(peak.ordinary));
        let _ = write!(out, ". {days} cost {cost} USD, an ordinary day {ordinary}");
    }
    out
}

fn signed(amount: Decimal) -> String {
    let sign = if amount.is_sign_negative() { "" } else { "+" };
    format!("{sign}{}", cents(amount))
}

fn warnings(question: &Question, bill: &Bill, book: &PriceBook, on: Date) -> Vec<Warning> {
    let mut out = bill.warnings.clone();
    let mut warn = |code, message: String| out.push(Warning::new(code, message));
    if let Some(cut) = &bill.pages_cut {
        let advice = match cut {
            Cut::Limit(_) => "cut by less or raise max_pages",
            Cut::Failed(..) => "call again for the whole",
        };
        warn(
            "pages_cut",
            format!("{cut}, so figures are too low; {advice}"),
        );
    }
    if let Some(from) = &bill.estimated_from {
        warn("estimated", format!("charges from {from} on are not final"));
    }
    if !bill.given_back.0.is_zero() {
        let before = match bill.given_back.1 {
            Some(before) if question.previous.is_some() => {
                format!(", which were {} USD in the period before", cents(before))
            }
            _ => String::new(),
        };
        warn(
            "credits",
            format!("total, rows and change are before credits and refunds{before}"),
        );
    }
    if let Some(why) = &question.no_previous {
        warn("no_previous", why.clone());
    }
    let total = bill.spend.total(When::Now);
    if total.is_zero() && bill.spend.total(When::Before).is_zero() {
        warn(
            "no_charges",
            format!(
                "no service that Bedrock is billed under was charged in {}",
                question.whole()
            ),
        );
    }
    if let Some(unread) = bill.spend.unclassified() {
        warn(
            "unclassified",
            format!(
                "usage types that are not known cost {} USD, in every total: {}",
                cents(unread.cost),
                some_of(&unread.usage_types, NAMES_SHOWN)
            ),
        );
    }
    if let Some(saved) = bill.spend.caching(book, on) {
        let losing: Vec<String> = saved
            .losing
            .iter()
            .map(|(model, loss)| format!("{model} ({} USD)", cents(*loss)))
            .collect();
        if !losing.is_empty() {
            warn(
                "cache_loss",
                format!(
                    "cache writes cost more than reads saved: {}",
                    some_of(&losing, NAMES_SHOWN)
                ),
            );
        }
        if !saved.without_rate.is_zero() {
            warn(
                "cache_not_counted",
                format!(
                    "{} cached tokens have no known input rate and are not in cache",
                    saved.without_rate.normalize()
                ),
            );
        }
    }
    if question.by_service_name {
        let rest = total.saturating_sub(of_service(&bill.spend, AMAZON_BEDROCK, book, on));
        warn(
            "marketplace_left_out",
            format!(
                "{} USD more are billed under other names, such as \"... {MARKETPLACE_SUFFIX}\"; they are in the total",
                cents(rest)
            ),
        );
    }
    if question.around {
        warn(
            "around_is_whole",
            "around is all that these services were charged, whoever used them".to_owned(),
        );
    }
    out.extend(untagged(question, bill, book, on));
    out
}

/// Dollars that no tag tells apart; where that is all of them, the key may be another's spelling.
fn untagged(question: &Question, bill: &Bill, book: &PriceBook, on: Date) -> Vec<Warning> {
    let Some(cut) = &bill.cut else {
        return Vec::new();
    };
    let tags = question.by.iter().filter_map(|by| match by {
        By::Tag(key) => Some((by, key)),
        _ => None,
    });
    tags.filter_map(|(by, key)| {
        let rows = cut.rows(std::slice::from_ref(by), book, on);
        let (without, with): (Vec<&Row>, Vec<&Row>) = rows
            .iter()
            .partition(|row| row.keys.iter().any(|key| key == NONE));
        let sum: Decimal = without.iter().map(|row| row.change.now).sum();
        if sum.is_zero() {
            return None;
        }
        let message = if with.is_empty() {
            format!(
                "no charge carries a tag {key}; its case matters, and tags count from their activation for cost allocation on"
            )
        } else {
            format!("{} USD carry no tag {key}", cents(sum))
        };
        Some(Warning::new("untagged", message))
    })
    .collect()
}
