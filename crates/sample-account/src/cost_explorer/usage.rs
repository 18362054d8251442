//! `GetCostAndUsage`, with and without resources.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::expression::{Aspect, asks_product_attributes, list, select};
use super::page::Pager;
use super::period::{Granularity, Period};
use crate::fault::Fault;
use crate::ledger::calendar::Day;
use crate::ledger::line::{Line, usd};
use crate::ledger::place::Account;
use crate::ledger::{Charge, Ledger};

/// How many groups, or periods without groups, one page holds.
pub(super) const PAGE: usize = 400;
/// Decimal places in which usage quantities of different lines are added.
const QUANTITY_SCALE: u32 = 6;
/// The first day with product attributes.
const ATTRIBUTES_FROM: Day = Day::new(2026, 9, 1);

/// Cost and usage added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pico_usd: i128,
    quantity: i128,
    unit: Unit,
}

/// The unit of a sum of usage quantities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Unit {
    #[default]
    None,
    One(&'static str),
    Mixed,
}

impl Sum {
    pub(super) fn add(&mut self, charge: &Charge<'_>) {
        self.pico_usd += charge.pico_usd;
        let line = charge.line;
        if !line.has_quantity {
            return;
        }
        self.quantity += charge.units * 10_i128.pow(QUANTITY_SCALE.saturating_sub(line.scale));
        self.unit = match self.unit {
            Unit::None => Unit::One(line.unit),
            Unit::One(unit) if unit == line.unit => self.unit,
            Unit::One(_) | Unit::Mixed => Unit::Mixed,
        };
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.pico_usd += other.pico_usd;
        self.quantity += other.quantity;
        self.unit = match (self.unit, other.unit) {
            (Unit::None, unit) | (unit, Unit::None) => unit,
            (Unit::One(one), Unit::One(two)) if one == two => self.unit,
            _ => Unit::Mixed,
        };
    }

    /// The amount of a metric and its unit.
    ///
    /// Without reservations, savings plans or negotiated discounts the costs are all alike.
    pub(super) fn metric(&self, name: &str) -> (Decimal, &'static str) {
        match name {
            "UsageQuantity" | "USAGE_QUANTITY" => (
                Decimal::try_from_i128_with_scale(self.quantity, QUANTITY_SCALE)
                    .unwrap_or_default()
                    .normalize(),
                match self.unit {
                    Unit::One(unit) => unit,
                    Unit::None | Unit::Mixed => "N/A",
                },
            ),
            "NormalizedUsageAmount" | "NORMALIZED_USAGE_AMOUNT" => (Decimal::ZERO, "N/A"),
            _ => (usd(self.pico_usd), "USD"),
        }
    }
}

/// Groups of each period, keyed by their keys.
type Groups = Vec<BTreeMap<Vec<String>, Sum>>;

pub(super) fn cost_and_usage(
    ledger: &Ledger,
    operation: &str,
    input: &Value,
) -> Result<Value, Fault> {
    let pager = Pager::new(operation, input, "NextPageToken")?;
    let granularity = Granularity::from_input(input)?;
    let whole = Period::from_input(input, "TimePeriod")?;
    let aspects: Vec<Aspect> = list(input, "GroupBy")
        .map(Aspect::from_group)
        .collect::<Result<_, _>>()?;
    require_attributes(whole, &aspects, input.get("Filter"))?;
    let metrics: Vec<&str> = list(input, "Metrics").filter_map(Value::as_str).collect();
    // With resources, the metrics may be left out.
    let metrics = if metrics.is_empty() {
        vec!["UnblendedCost"]
    } else {
        metrics
    };
    let periods = granularity.cut(whole);
    let groups = group(ledger, granularity, &periods, &aspects, input.get("Filter"))?;
    let attributes = account_names(&aspects, &groups);
    let (results, next) = page(&pager, &aspects, groups, |index, groups| {
        let Some(period) = periods.get(index) else {
            return Value::Null;
        };
        let mut total = Map::new();
        let mut shown = Vec::new();
        for (keys, sum) in groups {
            if aspects.is_empty() {
                total = amounts(sum, &metrics);
            } else {
                shown.push(json!({ "Keys": keys, "Metrics": amounts(sum, &metrics) }));
            }
        }
        if total.is_empty() && shown.is_empty() {
            total = amounts(&Sum::default(), &metrics);
        }
        json!({
            "TimePeriod": period.to_json(granularity),
            "Total": total,
            "Groups": shown,
            "Estimated": period.is_estimated(ledger),
        })
    });
    let mut answer = Map::new();
    if let Some(token) = next {
        answer.insert("NextPageToken".to_owned(), json!(token));
    }
    if !aspects.is_empty() {
        let definitions: Vec<&Value> = list(input, "GroupBy").collect();
        answer.insert("GroupDefinitions".to_owned(), json!(definitions));
    }
    answer.insert("ResultsByTime".to_owned(), json!(results));
    answer.insert("DimensionValueAttributes".to_owned(), json!(attributes));
    Ok(Value::Object(answer))
}

/// Product attributes exist from 2026-09-01 on.
pub(super) fn require_attributes(
    period: Period,
    aspects: &[Aspect],
    filter: Option<&Value>,
) -> Result<(), Fault> {
    let asked = filter.is_some_and(asks_product_attributes)
        || aspects
            .iter()
            .any(|aspect| matches!(aspect, Aspect::ProductAttribute(_)));
    if asked && Day::of(period.start).0 < ATTRIBUTES_FROM {
        return Err(Fault::data_unavailable(
            "Product attribute data is available from 2026-09-01. Choose a later start date.",
        ));
    }
    Ok(())
}

/// The metrics of a sum, as AWS shows them.
pub(super) fn amounts(sum: &Sum, metrics: &[&str]) -> Map<String, Value> {
    metrics
        .iter()
        .map(|name| {
            let (amount, unit) = sum.metric(name);
            (
                (*name).to_owned(),
                json!({ "Amount": amount.to_string(), "Unit": unit }),
            )
        })
        .collect()
}

/// The sum of every line in a period of whole days; none for lines without a charge.
pub(super) fn line_sums(ledger: &Ledger, period: Period) -> Vec<Option<Sum>> {
    let mut sums: Vec<Option<Sum>> = vec![None; ledger.lines().len()];
    let (from, to) = period.days();
    for charge in ledger.daily(from, to) {
        if let Some(slot) = sums.get_mut(charge.line.id) {
            slot.get_or_insert_default().add(&charge);
        }
    }
    sums
}

fn group(
    ledger: &Ledger,
    granularity: Granularity,
    periods: &[Period],
    aspects: &[Aspect],
    filter: Option<&Value>,
) -> Result<Groups, Fault> {
    let passes = select(ledger.lines(), filter)?;
    let (slots, keys) = slots(ledger.lines(), &passes, aspects);
    let mut sums: Vec<Option<Sum>> = vec![None; keys.len()];
    let mut groups: Groups = Vec::with_capacity(periods.len());
    for period in periods {
        sums.fill(None);
        let mut add = |charge: Charge<'_>| {
            if let Some(Some(slot)) = slots.get(charge.line.id)
                && let Some(sum) = sums.get_mut(*slot)
            {
                sum.get_or_insert_default().add(&charge);
            }
        };
        let cut_inside = |instant: Timestamp| Day::of(instant).1 != 0;
        if granularity == Granularity::Hourly || cut_inside(period.start) || cut_inside(period.end)
        {
            ledger.hourly(period.start, period.end).for_each(&mut add);
        } else {
            let (from, to) = period.days();
            ledger.daily(from, to).for_each(&mut add);
        }
        groups.push(
            keys.iter()
                .zip(&sums)
                .filter_map(|(keys, sum)| sum.map(|sum| (keys.clone(), sum)))
                .collect(),
        );
    }
    Ok(groups)
}

/// For every line the position of its group, and the keys of each group.
fn slots(
    lines: &[Line],
    passes: &[bool],
    aspects: &[Aspect],
) -> (Vec<Option<usize>>, Vec<Vec<String>>) {
    let mut positions: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut keys = Vec::new();
    let slots = lines
        .iter()
        .zip(passes)
        .map(|(line, passes)| {
            passes.then(|| {
                let key: Vec<String> = aspects
                    .iter()
                    .map(|aspect| aspect.group_key(line))
                    .collect();
                *positions.entry(key.clone()).or_insert_with(|| {
                    keys.push(key);
                    keys.len() - 1
                })
            })
        })
        .collect();
    (slots, keys)
}

/// Cuts a page out of all groups: a period may begin on one page and end on the next.
fn page(
    pager: &Pager,
    aspects: &[Aspect],
    groups: Groups,
    mut show: impl FnMut(usize, &[(Vec<String>, Sum)]) -> Value,
) -> (Vec<Value>, Option<String>) {
    let end = pager.offset.saturating_add(PAGE);
    let mut position = 0;
    let mut results = Vec::new();
    for (index, groups) in groups.into_iter().enumerate() {
        let groups: Vec<(Vec<String>, Sum)> = groups.into_iter().collect();
        let size = if aspects.is_empty() {
            1
        } else {
            groups.len().max(1)
        };
        let (first, last) = (position.max(pager.offset), (position + size).min(end));
        if first < last {
            let part = groups
                .get(first - position..(last - position).min(groups.len()))
                .unwrap_or_default();
            results.push(show(index, part));
        }
        position += size;
    }
    (results, (end < position).then(|| pager.token(end)))
}

fn account_names(aspects: &[Aspect], groups: &Groups) -> Vec<Value> {
    let Some(place) = aspects
        .iter()
        .position(|aspect| *aspect == Aspect::Dimension("LINKED_ACCOUNT".to_owned()))
    else {
        return Vec::new();
    };
    let seen: BTreeSet<&String> = groups
        .iter()
        .flat_map(|groups| groups.keys().filter_map(|keys| keys.get(place)))
        .collect();
    Account::ALL
        .iter()
        .filter(|account| seen.contains(&account.id().to_owned()))
        .map(|account| {
            json!({ "Value": account.id(), "Attributes": { "description": account.name() } })
        })
        .collect()
}
