//! `GetMetricStatistics`: the statistics of one metric, in no order.

use serde_json::{Map, Value, json};

use super::series::metrics;
use super::statistic::Statistic;
use super::{dimensions, integer, text, texts, timeline};
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::calendar::noise;

pub(super) fn answer(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    let name = text(input, "MetricName").unwrap_or_default();
    let namespace = text(input, "Namespace").unwrap_or_default();
    let wanted = dimensions(input);
    let period = integer(input, "Period").unwrap_or(300).max(60);
    let parse = |names: Vec<&str>| {
        names
            .into_iter()
            .map(|name| Ok((name.to_owned(), Statistic::parse(name)?)))
            .collect::<Result<Vec<_>, String>>()
            .map_err(|problem| Fault::new("InvalidParameterValueException", problem))
    };
    let plain = parse(texts(input, "Statistics"))?;
    let extended = parse(texts(input, "ExtendedStatistics"))?;
    let timeline = timeline(ledger, input);
    let mut points = Vec::new();
    let all = metrics(ledger, region);
    let metric = all
        .iter()
        .find(|metric| metric.is(namespace, name, &wanted))
        .filter(|metric| text(input, "Unit").is_none_or(|unit| unit == metric.unit));
    if let Some(metric) = metric {
        for time in timeline
            .grid(period)
            .filter(|time| timeline.is_kept(*time, period))
        {
            let Some(bucket) = metric.bucket(ledger, time, time + period) else {
                continue;
            };
            let mut point = Map::new();
            point.insert("Timestamp".to_owned(), time.into());
            for (name, statistic) in &plain {
                point.insert(name.clone(), statistic.of(&bucket).into());
            }
            point.insert("Unit".to_owned(), metric.unit.into());
            if !extended.is_empty() {
                let values: Map<String, Value> = extended
                    .iter()
                    .map(|(name, statistic)| (name.clone(), statistic.of(&bucket).into()))
                    .collect();
                point.insert("ExtendedStatistics".to_owned(), values.into());
            }
            points.push((
                noise(period.unsigned_abs(), time.unsigned_abs()),
                Value::from(point),
            ));
        }
    }
    // AWS promises no order, and keeps that promise.
    points.sort_by_key(|(place, _)| *place);
    let points: Vec<Value> = points.into_iter().map(|(_, point)| point).collect();
    Ok(json!({ "Label": name, "Datapoints": points }))
}
