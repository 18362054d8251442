//! How the results of a `get_metric_data` call are summed up without saying something false.

use super::super::{
    metric_expression::over_totals,
    metric_series::{Column, Fold, Formula, Raw},
};
use crate::aws::cloudwatch::{Ask, DataQuery, Line};
use jiff::Timestamp;
use std::collections::BTreeMap;

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
            "Sum" | "SampleCount" => Fold::Sum(index),
            "Minimum" => Fold::Lowest(index),
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
            _ => Fold::Highest(index),
        },
        Some(Ask::Expression { text, .. }) => {
            total(text, lines, queries, 0).map_or(Fold::Mean(index), Fold::Totals)
        }
        None => Fold::Mean(index),
    }
}

/// The formula of an expression over totals, through other expressions where it uses them.
fn total(
    expression: &str,
    lines: &[&Line],
    queries: &[DataQuery],
    depth: usize,
) -> Option<Formula> {
    if depth > 8 {
        return None;
    }
    over_totals(expression, &|id| {
        let query = queries.iter().find(|query| query.id == id)?;
        match &query.ask {
            Ask::Stat { stat, .. } if stat == "Sum" || stat == "SampleCount" => lines
                .iter()
                .position(|line| line.id == id)
                .map(Formula::Total),
            Ask::Stat { .. } => None,
            Ask::Expression { text, .. } => total(text, lines, queries, depth + 1),
        }
    })
}
