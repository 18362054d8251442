//! Which series a question about one metric means, and their values: one, the account's, or all models together.

use super::{
    super::{Call, metric_gaps, metric_rules::BEDROCK, metric_series::Raw, reply::Warning},
    Asked, scope,
};
use crate::{
    aws::{
        Target,
        cloudwatch::{
            Ask, DataQuery, Line, Metric, StatisticsQuery, get_metric_data, get_metric_statistics,
        },
    },
    error::ToolError,
};
use bedrock_cost::metric_query::Stat;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The most results of one `GetMetricData` request (Amazon CloudWatch API reference).
const MOST_QUERIES: usize = 500;

/// Values found, and which series they are.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Found {
    pub(in super::super) raw: Raw,
    pub(in super::super) scope: String,
    pub(in super::super) unit: Option<String>,
    pub(in super::super) models: Vec<String>,
    pub(in super::super) warnings: Vec<Warning>,
}

impl Asked {
    /// Reads the series asked for; without dimensions, that of the account or else the sum of all models, never both.
    pub(in super::super) async fn look(
        &self,
        call: &Call,
        target: &Target,
        region: &str,
    ) -> Result<Found, ToolError> {
        let measured = self.measured();
        let (standard, extended): (Vec<_>, Vec<_>) =
            measured.iter().cloned().partition(|one| !one.is_extended());
        let names = |list: Vec<Stat>| list.iter().map(|one| one.as_str().to_owned()).collect();
        let query = StatisticsQuery {
            metric: self.metric.clone(),
            range: self.range,
            period: self.period,
            statistics: names(standard),
            extended: names(extended),
            unit: self.unit.clone(),
        };
        let series = get_metric_statistics(&call.aws, &call.meter, target, &query);
        if !self.is_for_all_models() {
            let series = series.await?;
            return Ok(Found {
                raw: Raw {
                    rows: series
                        .points
                        .into_iter()
                        .map(|point| (point.time, point.values))
                        .collect(),
                },
                scope: format!("{} in {region}", scope(&self.metric)),
                unit: series.unit,
                ..Found::default()
            });
        }
        let (series, listed) =
            tokio::join!(series, metric_gaps::models(call, target, &self.metric.name));
        let series = series?;
        let mut found = Found {
            scope: format!("all models in {region} (the account-level series)"),
            unit: series.unit,
            ..Found::default()
        };
        let models = listed.unwrap_or_else(|error| {
            found.warnings.push(metric_gaps::models_not_listed(&error));
            Vec::new()
        });
        found.models.clone_from(&models);
        found.raw.rows = series
            .points
            .into_iter()
            .map(|point| (point.time, point.values))
            .collect();
        if found.raw.rows.is_empty() && !models.is_empty() {
            if let Some(extended) = measured.iter().find(|one| one.is_extended()) {
                found.warnings.push(Warning::new("one_model_at_a_time", format!("{} cannot be computed over several models: name one of models in dimensions", extended.as_str())));
                return Ok(found);
            }
            let queries = per_model(&self.metric, &models, &measured, self.period);
            let lines = get_metric_data(
                &call.aws,
                &call.meter,
                target,
                &queries,
                self.range,
                10,
                &|_| {},
            )
            .await?;
            found.raw = together(&lines.lines, &measured);
            found.scope = format!(
                "all models in {region}: the sum of {} ModelId series, as there is no account-level series",
                models.len()
            );
            found.warnings.push(Warning::new(
                "models_may_be_missing",
                "CloudWatch lists only models with data in the last two weeks; one retired before is not in the sum",
            ));
        }
        Ok(found)
    }

    fn is_for_all_models(&self) -> bool {
        self.metric.dimensions.is_empty() && self.metric.namespace == BEDROCK
    }
}

/// One query for each model and statistic; the statistic's place stands in the label.
pub(in super::super) fn per_model(
    metric: &Metric,
    models: &[String],
    measured: &[Stat],
    period: u32,
) -> Vec<DataQuery> {
    models
        .iter()
        .enumerate()
        .flat_map(|(model, id)| {
            measured
                .iter()
                .enumerate()
                .map(move |(place, one)| DataQuery {
                    id: format!("m{model}_{place}"),
                    ask: Ask::Stat {
                        metric: Metric {
                            dimensions: vec![metric_gaps::model_dimension(id)],
                            ..metric.clone()
                        },
                        period,
                        stat: one.as_str().to_owned(),
                        unit: None,
                    },
                    label: None,
                    return_data: true,
                    account_id: None,
                })
        })
        .take(MOST_QUERIES)
        .collect()
}

/// Joins the series of [`per_model`]: sums and counts are added up, the highest and lowest are kept.
fn together(lines: &[Line], measured: &[Stat]) -> Raw {
    let mut rows = BTreeMap::<Timestamp, Vec<Option<f64>>>::new();
    for line in lines {
        let Some(place) = line
            .id
            .rsplit_once('_')
            .and_then(|(_, place)| place.parse::<usize>().ok())
        else {
            continue;
        };
        let name = measured.get(place).map(Stat::as_str);
        for (time, value) in &line.points {
            let row = rows
                .entry(*time)
                .or_insert_with(|| vec![None; measured.len()]);
            if let Some(cell) = row.get_mut(place) {
                *cell = Some(match (*cell, name) {
                    (None, _) => *value,
                    (Some(before), Some("Maximum")) => before.max(*value),
                    (Some(before), Some("Minimum")) => before.min(*value),
                    (Some(before), _) => before + value,
                });
            }
        }
    }
    Raw {
        rows: rows.into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn models_are_added_up_and_their_extremes_kept() {
        let measured: Vec<Stat> = ["Sum", "SampleCount", "Maximum", "Minimum"]
            .iter()
            .map(|name| name.parse().unwrap())
            .collect();
        let metric = Metric {
            namespace: BEDROCK.to_owned(),
            name: "InputTokenCount".to_owned(),
            dimensions: Vec::new(),
        };
        let models = ["a".to_owned(), "b".to_owned()];
        let queries = per_model(&metric, &models, &measured, 3_600);
        let time: Timestamp = "2024-11-01T00:00:00Z".parse().unwrap();
        // Model a: 1 request of 100 tokens; model b: 3 requests of 20 tokens together.
        let values = [100.0, 1.0, 100.0, 100.0, 20.0, 3.0, 9.0, 5.0];
        let lines: Vec<Line> = queries
            .iter()
            .zip(values)
            .map(|(query, value)| Line {
                id: query.id.clone(),
                label: String::new(),
                points: vec![(time, value)],
            })
            .collect();
        let raw = together(&lines, &measured);
        let expected = [120.0, 4.0, 100.0, 5.0].map(Some).to_vec();
        assert_eq!(raw.rows, [(time, expected)]);
    }
}
