//! How the results of a `get_metric_data` call are summed up without saying something false.

use super::super::{
    metric_expression::{over_totals, statistic},
    metric_series::{Column, Fold, Formula, Raw},
};
use crate::aws::cloudwatch::{Ask, DataQuery, Line};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Expressions that use expressions are followed so far.
const DEEPEST: usize = 8;

/// Every line by time; where one has no value at an instant, its cell is empty.
pub(super) fn side_by_side(lines: &[&Line]) -> Raw {
    let mut rows = BTreeMap::<Timestamp, Vec<Option<f64>>>::new();
    for (column, line) in lines.iter().enumerate() {
        for (time, value) in &line.points {
            let row = rows.entry(*time).or_insert_with(|| vec![None; lines.len()]);
            if let Some(cell) = row.get_mut(column) {
                *cell = Some(*value);
            }
        }
    }
    Raw {
        rows: rows.into_iter().collect(),
    }
}

/// How each line is summed up; lines of one `SEARCH` are told apart by their labels.
pub(super) fn columns(lines: &[&Line], queries: &[DataQuery]) -> Vec<Column> {
    lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let alone = lines.iter().filter(|other| other.id == line.id).count() == 1;
            let name = if alone {
                line.id.clone()
            } else {
                format!("{}: {}", line.id, line.label)
            };
            Column::new(name, fold(index, &line.id, lines, queries))
        })
        .collect()
}

fn fold(index: usize, id: &str, lines: &[&Line], queries: &[DataQuery]) -> Fold {
    match queries
        .iter()
        .find(|query| query.id == id)
        .map(|query| &query.ask)
    {
        Some(Ask::Stat {
            metric,
            period,
            stat,
            unit,
        }) => match stat.as_str() {
            "Average" => {
                let other = |wanted: &str| {
                    queries.iter().find_map(|query| match &query.ask {
                        Ask::Stat {
                            metric: m,
                            period: p,
                            stat: s,
                            unit: u,
                        } if (m, p, u) == (metric, period, unit) && s == wanted => {
                            lines.iter().position(|line| line.id == query.id)
                        }
                        _ => None,
                    })
                };
                match (other("Sum"), other("SampleCount")) {
                    (Some(sum), Some(count)) => Fold::Totals(Formula::ratio(sum, count)),
                    _ => Fold::Mean(index),
                }
            }
            other => of_statistic(other, index),
        },
        Some(Ask::Expression { text, .. }) => total(text, lines, queries, 0)
            .map(Fold::Totals)
            .or_else(|| Some(of_statistic(&found_by(text, queries, 0)?, index)))
            .unwrap_or(Fold::Mean(index)),
        None => Fold::Mean(index),
    }
}

/// How the values of one statistic become one, as far as the values themselves say.
fn of_statistic(statistic: &str, index: usize) -> Fold {
    match statistic {
        _ if is_total(statistic) => Fold::Sum(index),
        "Minimum" => Fold::Lowest(index),
        "Average" => Fold::Mean(index),
        _ => Fold::Highest(index),
    }
}

/// The statistic of the series that an expression finds by itself, through other expressions where it names them.
fn found_by(expression: &str, queries: &[DataQuery], depth: usize) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    statistic(expression, &|id| {
        let query = queries.iter().find(|query| query.id == id)?;
        match &query.ask {
            Ask::Stat { stat, .. } => Some(stat.clone()),
            Ask::Expression { text, .. } => found_by(text, queries, depth + 1),
        }
    })
}

/// The formula of an expression over totals, through other expressions where it uses them.
fn total(
    expression: &str,
    lines: &[&Line],
    queries: &[DataQuery],
    depth: usize,
) -> Option<Formula> {
    if depth > DEEPEST {
        return None;
    }
    over_totals(expression, &|id| {
        let query = queries.iter().find(|query| query.id == id)?;
        match &query.ask {
            Ask::Stat { stat, .. } if is_total(stat) => lines
                .iter()
                .position(|line| line.id == id)
                .map(Formula::Total),
            Ask::Stat { .. } => None,
            Ask::Expression { text, .. } => total(text, lines, queries, depth + 1).or_else(|| {
                let found = found_by(text, queries, depth + 1)?;
                let mut places = lines
                    .iter()
                    .enumerate()
                    .filter(|(_, line)| line.id == id)
                    .map(|(place, _)| place);
                match (places.next(), places.next()) {
                    (Some(only), None) if is_total(&found) => Some(Formula::Total(only)),
                    _ => None,
                }
            }),
        }
    })
}

fn is_total(statistic: &str) -> bool {
    matches!(statistic, "Sum" | "SampleCount")
}
