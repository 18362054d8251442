//! The rows of an answer as a chart: columns where they are of days or months, else bars.

use super::bill::Bill;
use super::question::Question;
use super::words::cents;
use crate::chart::{Chart, Shape, Unit};
use bedrock_cost::{
    price_book::PriceBook,
    spend::{By, Row, When},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Every row, whatever part of them the table shows.
pub(super) fn chart(question: &Question, bill: &Bill, book: &PriceBook, on: Date) -> Chart {
    let spend = bill.cut.as_ref().unwrap_or(&bill.spend);
    let rows = spend.rows(&question.by, book, on);
    let by: Vec<String> = question.by.iter().map(ToString::to_string).collect();
    let first = question.period.start();
    let last = question.period.last_day();
    Chart {
        title: format!(
            "Bedrock by {}, {first} to {last}: {} USD",
            by.join(" and "),
            cents(bill.spend.total(When::Now))
        ),
        unit: Unit::Usd,
        shape: match question.by.iter().position(By::is_time) {
            Some(at) => over_time(question, at, &rows, bill),
            None => Shape::Bars(
                rows.iter()
                    .map(|row| (name(row, None, bill), row.change.now))
                    .filter(|(_, amount)| !amount.is_zero())
                    .collect(),
            ),
        },
    }
}

/// A column for each time, those without a row too; series in the order of what they add up to.
fn over_time(question: &Question, at: usize, rows: &[Row], bill: &Bill) -> Shape {
    let days = question.by.get(at) == Some(&By::Day);
    let times: Vec<String> = if days {
        let seen = question.seen();
        let last = seen.last_day();
        seen.start()
            .series(jiff::Span::new().days(1))
            .take_while(|day| *day <= last)
            .map(|day| day.to_string())
            .collect()
    } else {
        let mut times: Vec<String> = rows
            .iter()
            .filter_map(|row| row.keys.get(at))
            .cloned()
            .collect();
        times.dedup();
        times
    };
    let mut series: BTreeMap<String, Vec<Decimal>> = BTreeMap::new();
    for row in rows {
        let amounts = series
            .entry(name(row, Some(at), bill))
            .or_insert_with(|| vec![Decimal::ZERO; times.len()]);
        let place = row
            .keys
            .get(at)
            .and_then(|time| times.iter().position(|one| one == time));
        if let Some(amount) = place.and_then(|place| amounts.get_mut(place)) {
            *amount = amount.saturating_add(row.change.now);
        }
    }
    let mut series: Vec<(String, Vec<Decimal>)> = series.into_iter().collect();
    series.sort_by_key(|(_, amounts)| std::cmp::Reverse(amounts.iter().sum::<Decimal>()));
    // Days are named without the year that they share.
    let of_one_year = times
        .first()
        .zip(times.last())
        .is_some_and(|(first, last)| first.get(..4) == last.get(..4));
    let short = |time: &String| {
        let rest = time.get("2026-".len()..).filter(|_| days && of_one_year);
        rest.unwrap_or(time).to_owned()
    };
    Shape::Columns {
        places: times.iter().map(short).collect(),
        series,
    }
}

/// What a row is of, without its time.
fn name(row: &Row, time: Option<usize>, bill: &Bill) -> String {
    let keys: Vec<&str> = row
        .keys
        .iter()
        .enumerate()
        .filter(|(at, _)| Some(*at) != time)
        .map(|(_, key)| bill.names.get(key).unwrap_or(key).as_str())
        .collect();
    if keys.is_empty() {
        "Bedrock".to_owned()
    } else {
        keys.join(" · ")
    }
}
