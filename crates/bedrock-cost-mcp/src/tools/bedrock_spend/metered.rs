//! Billed against metered: what the bill has of the caller's own account, beside what CloudWatch counted there.

use super::bill::{Bill, read};
use super::question::Question;
use crate::{
    aws::{
        Target,
        cost_explorer::{self, Link},
        identity,
    },
    error::ToolError,
    tools::{
        Call,
        metered::{self, Depth, Found, Place, Wanted, Window},
        reply::{Warning, exact},
        table::{MOST_ROWS, Page, Paging, Room, named},
    },
};
use bedrock_cost::{
    model::ProfileScope,
    price_book::PriceBook,
    region::Region,
    spend::{BilledTokens, Spend},
    usage::{Called, Compared, Metered, reconcile},
};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes for the gaps of a short answer.
const ROOM: usize = 400;

/// Both sides, put together.
#[derive(Debug, Default)]
pub(super) struct Reconciled {
    rows: Vec<Compared>,
    /// Tokens that other accounts were billed, whose metrics the caller does not see, where the periods are the same.
    others: Decimal,
    pub(super) warnings: Vec<Warning>,
}

/// Asks for the bill of the caller's account and for the metrics of every region in it.
pub(super) async fn collect(
    call: &Call,
    link: &Link<'_>,
    question: &Question,
    bill: &Bill,
    book: &'static PriceBook,
) -> Result<Reconciled, ToolError> {
    let mut out = Reconciled::default();
    let Some(window) = Window::of_days(question.period, call.now()) else {
        return Ok(out);
    };
    if bill.services.is_empty() {
        return Ok(out);
    }
    let account = identity::account_id(&call.aws, &call.meter, link.target).await?;
    let query = question.lines_of_account(&bill.services, &account);
    let own = cost_explorer::cost_and_usage(link, &query, false).await?;
    if let Some(cut) = own.cut {
        out.warnings
            .push(Warning::new("reconcile_cut", cut.to_string()));
    }
    let from = question.period.start();
    let billed = Spend::new(read(&query, &own.value.report, from, false)).billed_tokens();
    let sum = |billed: &[BilledTokens]| -> Decimal { billed.iter().map(|one| one.tokens).sum() };
    out.others = sum(&bill.spend.billed_tokens()).saturating_sub(sum(&billed));
    let places = places(&billed, link.target);
    if places.is_empty() {
        return Ok(out);
    }
    let wanted = Wanted {
        window,
        depth: Depth::Tokens,
    };
    let (found, failed) = metered::regions(call, places, &wanted, book).await?;
    for (region, error) in failed {
        out.warnings.push(Warning::new(
            error.code(),
            format!("metrics of {region} are left out: {error}"),
        ));
    }
    let mut usage: Vec<(Called, Metered)> = Vec::new();
    let mut regions: Vec<Region> = Vec::new();
    for Found {
        region,
        usage: part,
        warnings,
        ..
    } in found
    {
        out.warnings.extend(warnings);
        usage.extend(part);
        regions.push(region);
    }
    out.rows = reconcile(&billed, &usage, &regions);
    Ok(out)
}

/// Each region of the bill, with every id that its models can be called by: of a closed month, `ListMetrics` names only
/// those that still are called.
fn places(billed: &[BilledTokens], target: &Target) -> Vec<Place> {
    let mut models: BTreeMap<Region, BTreeSet<&str>> = BTreeMap::new();
    for line in billed {
        if let (Some(region), Some(model)) = (&line.region, line.model_id) {
            models.entry(region.clone()).or_default().insert(model);
        }
    }
    models
        .into_iter()
        .map(|(region, models)| {
            let geographies = region.geographies().iter();
            let scopes: Vec<ProfileScope> = geographies
                .map(|geography| ProfileScope::Geography(*geography))
                .chain([ProfileScope::Global])
                .collect();
            let also = models
                .into_iter()
                .flat_map(|model| {
                    let profiles = scopes
                        .iter()
                        .map(move |scope| format!("{}.{model}", scope.as_str()));
                    std::iter::once(model.to_owned()).chain(profiles)
                })
                .collect();
            Place {
                target: Target {
                    region: Some(region.as_str().to_owned()),
                    ..target.clone()
                },
                region,
                also,
            }
        })
        .collect()
}

impl Reconciled {
    /// The totals, and a row for each gap with its likely reason.
    pub(super) fn answer(
        &self,
        question: &Question,
        open_from: Option<&str>,
    ) -> Map<String, Value> {
        let sum = |part: fn(&Compared) -> Decimal| -> Decimal { self.rows.iter().map(part).sum() };
        let gaps: Vec<&Compared> = self
            .rows
            .iter()
            .filter(|row| !row.gap().is_zero())
            .collect();
        let mut out = Map::new();
        let mut put = |name: &str, value: Value| {
            out.insert(name.to_owned(), value);
        };
        put("billed_tokens", exact(sum(|row| row.billed)));
        put("metered_tokens", exact(sum(|row| row.metered)));
        put("batch_tokens", exact(sum(|row| row.batch)));
        for (name, part) in [
            ("mantle_tokens", sum(|row| row.mantle)),
            ("unread_tokens", sum(|row| row.unread)),
        ] {
            if !part.is_zero() {
                put(name, exact(part));
            }
        }
        put("unexplained_tokens", exact(sum(Compared::unexplained)));
        put(
            "equal",
            json!(format!(
                "{} of {} kinds of tokens of models",
                self.rows.len() - gaps.len(),
                self.rows.len()
            )),
        );
        if !self.others.is_zero() {
            put("of_other_accounts_tokens", exact(self.others));
        }
        let cells = gaps.iter().map(|row| {
            vec![
                json!(row.model),
                json!(row.kind.name()),
                exact(row.billed),
                exact(row.metered),
                exact(row.gap()),
                json!(reason(row, open_from)),
            ]
        });
        let columns = named([
            "model",
            "token_type",
            "billed",
            "metered",
            "gap",
            "likely_reason",
        ]);
        let room = if question.full {
            Room::Rows(MOST_ROWS)
        } else {
            Room::Bytes(ROOM)
        };
        let Page {
            in_every_row,
            columns,
            rows,
            ..
        } = Paging::default().page(columns, cells.collect(), room);
        let more = gaps.len() - rows.len();
        if !in_every_row.is_empty() {
            put("in_every_row", in_every_row.into());
        }
        put("columns", json!(columns));
        put("rows", json!(rows));
        if more > 0 {
            put("more_rows", more.into());
        }
        out
    }
}

/// What is known to be billed and not metered, and what may be behind the rest.
fn reason(row: &Compared, open_from: Option<&str>) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for (part, what) in [
        (row.batch, "batch jobs are not in the metrics"),
        (row.mantle, "the mantle endpoint has metrics of its own"),
        (row.unread, "a region was not read"),
    ] {
        if !part.is_zero() {
            reasons.push(if part == row.gap() {
                what.to_owned()
            } else {
                format!("{} of it: {what}", part.normalize())
            });
        }
    }
    let rest = row.unexplained();
    if !rest.is_zero() {
        reasons.push(match (open_from, rest.is_sign_negative()) {
            (Some(from), true) => format!("the bill is not final from {from} on and lags by hours"),
            (_, true) => "metered and not billed: calls that failed or were retried, or a profile counted under another model".to_owned(),
            (_, false) => "billed and not metered: ids that metrics no longer name, or another endpoint".to_owned(),
        });
    }
    reasons.join("; ")
}
