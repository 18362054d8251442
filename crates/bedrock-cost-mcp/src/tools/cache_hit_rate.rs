//! The cache hit rate, which Bedrock does not publish: computed from the token counts that it does.

use super::{
    Call, asking,
    get_metric_statistics::{Asked, Found, scope},
    metric_gaps, metric_rules,
    metric_series::{self, Column, Fold, Formula, Raw},
    reply::{Correction, Reply, Warning},
};
use crate::{
    aws::{
        Target,
        cloudwatch::{Ask, DataQuery, Line, Metric, get_metric_data},
    },
    error::ToolError,
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The parts of the ratio, in the order of the raw values.
const PARTS: [&str; 3] = [
    "CacheReadInputTokens",
    "InputTokenCount",
    "CacheWriteInputTokens",
];
/// The same as text: Bedrock counts input tokens without those read from or written to the cache.
const FORMULA: &str =
    "CacheReadInputTokens / (InputTokenCount + CacheReadInputTokens + CacheWriteInputTokens)";

fn rate() -> Formula {
    let total = |place| Box::new(Formula::Total(place));
    Formula::Divide(
        total(0),
        Box::new(Formula::Add(
            total(0),
            Box::new(Formula::Add(total(1), total(2))),
        )),
    )
}

/// Answers a question for the metric `CacheHitRate`.
pub(super) async fn answer(
    call: &Call,
    target: &Target,
    asked: &Asked,
    dry_run: bool,
) -> Result<Reply, ToolError> {
    let region = call.aws.region(target).await;
    let correction = Correction::new(
        "metric_name",
        format!(
            "Bedrock publishes no {}: derived from one GetMetricData request as {FORMULA}, each a Sum",
            asked.metric.name
        ),
    );
    let queries = queries(&asked.metric, asked.period, "t");
    let request = effective(asked.period, &region);
    if dry_run {
        let price = Decimal::new(3, 5);
        return Ok(
            asking::dry_run(request, price, "3 metrics at 0.01 USD per 1,000")
                .corrected([correction]),
        );
    }
    let everywhere = asked.metric.dimensions.is_empty();
    let listing = async {
        if everywhere {
            metric_gaps::models(call, target, "InputTokenCount").await
        } else {
            Ok(Vec::new())
        }
    };
    let (data, listed) = tokio::join!(
        get_metric_data(
            &call.aws,
            &call.meter,
            target,
            &queries,
            asked.range,
            10,
            &|_| {}
        ),
        listing
    );
    let mut found = Found {
        raw: raw(&data?.lines),
        scope: format!("{} in {region}", scope(&asked.metric)),
        ..Found::default()
    };
    match listed {
        Ok(models) => found.models = models,
        Err(error) => found.warnings.push(metric_gaps::models_not_listed(&error)),
    }
    if everywhere {
        found.scope = format!("all models in {region} (the account-level series)");
    }
    if found.raw.rows.is_empty() && !found.models.is_empty() {
        found = over_models(call, target, asked, found, &region).await?;
    }
    if found.raw.rows.is_empty() {
        let wanted = Asked {
            metric: Metric {
                name: "InputTokenCount".to_owned(),
                ..asked.metric.clone()
            },
            ..asked.clone()
        };
        let why = metric_gaps::explain(call, target, &region, &wanted).await;
        found.warnings.push(Warning::new("no_data", why));
        return Ok(asked
            .present(found, &[], call.now())
            .corrected([correction])
            .effective(asked.page.full.then_some(request)));
    }
    Ok(present(call.now(), asked, found)
        .corrected([correction])
        .effective(asked.page.full.then_some(request)))
}

fn present(now: Timestamp, asked: &Asked, mut found: Found) -> Reply {
    let totals: Vec<f64> = (0..PARTS.len())
        .filter_map(|place| Fold::Sum(place).over(&found.raw.rows))
        .collect();
    if let [read, _, written] = totals.as_slice()
        && *read == 0.0
        && *written == 0.0
    {
        found.warnings.push(Warning::new(
            "no_cache_tokens",
            "no cache reads or writes were recorded in this period: the rate is 0 because nothing was cached, or the models report no cache metrics",
        ));
    }
    let columns = vec![Column::new("CacheHitRate", Fold::Totals(rate()))];
    let mut reply = asked.present(found, &columns, now);
    let tokens: serde_json::Map<String, Value> = PARTS
        .iter()
        .zip(totals)
        .map(|(name, total)| ((*name).to_owned(), metric_series::number(total)))
        .collect();
    if let Some(summary) = reply
        .answer
        .get_mut("summary")
        .and_then(Value::as_object_mut)
    {
        summary.insert("tokens".to_owned(), Value::Object(tokens));
    }
    reply
}

/// Adds up the models where the account-level series is missing.
async fn over_models(
    call: &Call,
    target: &Target,
    asked: &Asked,
    mut found: Found,
    region: &str,
) -> Result<Found, ToolError> {
    let queries: Vec<DataQuery> = found
        .models
        .iter()
        .enumerate()
        .flat_map(|(place, id)| {
            let metric = Metric {
                dimensions: vec![metric_gaps::model_dimension(id)],
                ..asked.metric.clone()
            };
            queries(&metric, asked.period, &format!("m{place}"))
        })
        .take(498)
        .collect();
    let data = get_metric_data(
        &call.aws,
        &call.meter,
        target,
        &queries,
        asked.range,
        10,
        &|_| {},
    )
    .await?;
    found.raw = raw(&data.lines);
    found.scope = format!(
        "all models in {region}: the sum of {} ModelId series, as there is no account-level series",
        found.models.len()
    );
    found.warnings.push(Warning::new(
        "models_may_be_missing",
        "CloudWatch lists only models with data in the last two weeks; one retired before is not in the sum",
    ));
    Ok(found)
}

/// The three token counts of one series; ids end in the place of the part.
fn queries(metric: &Metric, period: u32, id: &str) -> Vec<DataQuery> {
    PARTS
        .iter()
        .enumerate()
        .map(|(place, name)| DataQuery {
            id: format!("{id}_{place}"),
            ask: Ask::Stat {
                metric: Metric {
                    namespace: metric_rules::BEDROCK.to_owned(),
                    name: (*name).to_owned(),
                    dimensions: metric.dimensions.clone(),
                },
                period,
                stat: "Sum".to_owned(),
                unit: None,
            },
            label: None,
            return_data: true,
            account_id: None,
        })
        .collect()
}

/// Adds up the parts. Where a period has one of them, a part without a value counted no tokens.
fn raw(lines: &[Line]) -> Raw {
    let mut rows = BTreeMap::<Timestamp, Vec<Option<f64>>>::new();
    for line in lines {
        let place = line
            .id
            .rsplit_once('_')
            .and_then(|(_, place)| place.parse::<usize>().ok());
        for (time, value) in &line.points {
            let row = rows
                .entry(*time)
                .or_insert_with(|| vec![Some(0.0); PARTS.len()]);
            if let Some(Some(cell)) = place.and_then(|place| row.get_mut(place)) {
                *cell += value;
            }
        }
    }
    Raw {
        rows: rows.into_iter().collect(),
    }
}

/// The request that differs from the one asked for; range and dimensions are as they were given.
fn effective(period: u32, region: &str) -> Value {
    json!({
        "action": "cloudwatch:GetMetricData", "region": region,
        "metrics": PARTS, "stat": "Sum", "period": period,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn line(id: &str, points: &[(&str, f64)]) -> Line {
        Line {
            id: id.to_owned(),
            label: String::new(),
            points: points
                .iter()
                .map(|(time, value)| (time.parse().unwrap(), *value))
                .collect(),
        }
    }

    const ONE: &str = "2024-11-01T00:00:00Z";
    const TWO: &str = "2024-11-01T01:00:00Z";

    #[test]
    fn the_rate_is_reads_over_all_input_not_a_mean_of_rates() {
        let values = raw(&[
            line("t_0", &[(ONE, 900.0), (TWO, 10.0)]),
            line("t_1", &[(ONE, 50.0), (TWO, 9_990.0)]),
            line("t_2", &[(ONE, 50.0)]),
        ]);
        let fold = Fold::Totals(rate());
        assert_eq!(fold.over(&values.rows[..1]), Some(0.9));
        assert_eq!(fold.over(&values.rows[1..]), Some(0.001));
        // 910 of 11,000 tokens; the mean of the two rates would be 0.45.
        assert_eq!(fold.over(&values.rows), Some(910.0 / 11_000.0));
    }

    #[test]
    fn series_of_several_models_are_added_before_dividing() {
        let values = raw(&[
            line("m0_0", &[(ONE, 100.0)]),
            line("m0_1", &[(ONE, 100.0)]),
            line("m1_1", &[(ONE, 200.0)]),
        ]);
        assert_eq!(Fold::Totals(rate()).over(&values.rows), Some(0.25));
    }

    #[test]
    fn no_cache_is_a_rate_of_zero_and_no_tokens_at_all_is_no_rate() {
        assert_eq!(
            Fold::Totals(rate()).over(&raw(&[line("t_1", &[(ONE, 5.0)])]).rows),
            Some(0.0)
        );
        assert_eq!(Fold::Totals(rate()).over(&raw(&[]).rows), None);
        assert_eq!(
            Fold::Totals(rate()).over(&raw(&[line("t_1", &[(ONE, 0.0)])]).rows),
            None
        );
    }
}
