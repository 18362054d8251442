//! Two months side by side: what differs, and by which usage types.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::expression::{Aspect, list, select, text};
use super::page::Pager;
use super::period::Period;
use super::usage::{Sum, line_sums};
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::line::Line;

/// How many entries a page holds when the request does not say.
const PAGE: usize = 10;

/// One line's sums in both months.
#[derive(Clone, Copy)]
struct Pair<'a> {
    line: &'a Line,
    baseline: Sum,
    comparison: Sum,
}

/// Lines of one group with the sums of both months.
#[derive(Default)]
struct Group<'a> {
    lines: Vec<Pair<'a>>,
    baseline: Sum,
    comparison: Sum,
}

impl<'a> Group<'a> {
    fn push(&mut self, pair: Pair<'a>) {
        self.lines.push(pair);
        self.baseline.join(&pair.baseline);
        self.comparison.join(&pair.comparison);
    }

    fn difference(&self, metric: &str) -> Decimal {
        self.comparison.metric(metric).0 - self.baseline.metric(metric).0
    }

    fn metrics(&self, metric: &str) -> Value {
        let (before, unit) = self.baseline.metric(metric);
        let (after, after_unit) = self.comparison.metric(metric);
        // A month without usage has no unit of its own.
        let unit = if before.is_zero() { after_unit } else { unit };
        json!({
            metric: {
                "BaselineTimePeriodAmount": before.to_string(),
                "ComparisonTimePeriodAmount": after.to_string(),
                "Difference": (after - before).normalize().to_string(),
                "Unit": unit,
            }
        })
    }
}

pub(super) fn comparisons(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    let metric = text(input, "MetricForComparison").unwrap_or("UnblendedCost");
    let mut total = Group::default();
    let pairs = pairs(ledger, input)?;
    for pair in &pairs {
        total.push(*pair);
    }
    let mut entries = Vec::new();
    if let Some(aspect) = aspect(input)? {
        for group in ordered(pairs, metric, |line| aspect.group_key(line)) {
            let Some(first) = group.lines.first() else {
                continue;
            };
            entries.push(json!({
                "CostAndUsageSelector": aspect.selector(first.line),
                "Metrics": group.metrics(metric),
            }));
        }
    }
    let mut answer = page(
        "GetCostAndUsageComparisons",
        input,
        "CostAndUsageComparisons",
        entries,
    )?;
    answer.insert("TotalCostAndUsage".to_owned(), total.metrics(metric));
    Ok(Value::Object(answer))
}

pub(super) fn drivers(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    let metric = text(input, "MetricForComparison").unwrap_or("UnblendedCost");
    let aspect = aspect(input)?.unwrap_or_else(|| Aspect::Dimension("SERVICE".to_owned()));
    let mut entries = Vec::new();
    for group in ordered(pairs(ledger, input)?, metric, |line| aspect.group_key(line)) {
        let Some(first) = group.lines.first() else {
            continue;
        };
        let selector = aspect.selector(first.line);
        let total = group.metrics(metric);
        let drivers: Vec<Value> = ordered(group.lines, metric, |line| {
            (line.record_type, line.usage_type.clone())
        })
        .into_iter()
        .filter_map(|driver| {
            let line = driver.lines.first()?.line;
            Some(json!({
                "Type": match line.record_type {
                    "Credit" => "CREDIT",
                    "Refund" => "REFUND",
                    _ => "USAGE_CHANGE",
                },
                "Name": line.usage_type,
                "Metrics": driver.metrics(metric),
            }))
        })
        .collect();
        entries.push(json!({
            "CostSelector": selector,
            "Metrics": total,
            "CostDrivers": drivers,
        }));
    }
    page(
        "GetCostComparisonDrivers",
        input,
        "CostComparisonDrivers",
        entries,
    )
    .map(Value::Object)
}

fn aspect(input: &Value) -> Result<Option<Aspect>, Fault> {
    list(input, "GroupBy")
        .next()
        .map(Aspect::from_group)
        .transpose()
}

fn pairs<'a>(ledger: &'a Ledger, input: &Value) -> Result<Vec<Pair<'a>>, Fault> {
    let baseline = Period::from_input(input, "BaselineTimePeriod")?;
    let comparison = Period::from_input(input, "ComparisonTimePeriod")?;
    let passes = select(ledger.lines(), input.get("Filter"))?;
    let before = line_sums(ledger, baseline);
    let after = line_sums(ledger, comparison);
    Ok(ledger
        .lines()
        .iter()
        .zip(passes)
        .zip(before.into_iter().zip(after))
        .filter(|((_, passes), (before, after))| *passes && (before.is_some() || after.is_some()))
        .map(|((line, _), (before, after))| Pair {
            line,
            baseline: before.unwrap_or_default(),
            comparison: after.unwrap_or_default(),
        })
        .collect())
}

/// Groups lines by a key, those that changed most first.
fn ordered<'a, K: Ord>(
    pairs: Vec<Pair<'a>>,
    metric: &str,
    key: impl Fn(&Line) -> K,
) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<K, Group<'a>> = BTreeMap::new();
    for pair in pairs {
        groups.entry(key(pair.line)).or_default().push(pair);
    }
    let mut groups: Vec<Group<'a>> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.difference(metric).abs()));
    groups
}

fn page(
    operation: &str,
    input: &Value,
    member: &str,
    entries: Vec<Value>,
) -> Result<Map<String, Value>, Fault> {
    let pager = Pager::new(operation, input, "NextPageToken")?;
    let size = input
        .get("MaxResults")
        .and_then(Value::as_u64)
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(PAGE);
    let (entries, token) = pager.cut(entries, size);
    let mut answer = Map::new();
    answer.insert(member.to_owned(), Value::Array(entries));
    if let Some(token) = token {
        answer.insert("NextPageToken".to_owned(), json!(token));
    }
    Ok(answer)
}
