//! The queries of a `get_metric_data` call: read in every spelling, and refused with ones that would run.

use super::{
    super::{
        arguments::{Flag, Whole, quoted, shown, snake_case},
        asking,
        get_metric_statistics::dimensions_json,
        metric_expression::renamed,
        metric_rules,
        reply::Correction,
    },
    Arguments,
};
use crate::{
    aws::cloudwatch::{Ask, DataQuery},
    error::ToolError,
};
use bedrock_cost::{
    metric_query::{
        MetricData, MetricError, MetricProblem, MetricSource, RawMetric, RawMetricQuery,
    },
    time_range::TimeRange,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The fields of an object by their names in snake case; another name is refused with the nearest.
fn fields<'a>(
    place: &str,
    value: &'a Value,
    accepted: &[&'static str],
) -> Result<BTreeMap<&'static str, &'a Value>, ToolError> {
    let Value::Object(given) = value else {
        return Err(ToolError::invalid(
            format!("{place} is {}, not an object", shown(value)),
            format!("its fields are {}", accepted.join(", ")),
        ));
    };
    let mut out = BTreeMap::new();
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let snake = snake_case(name);
        let Some(known) = accepted.iter().find(|known| **known == snake) else {
            return Err(ToolError::invalid(
                format!("{place} has no field {}", quoted(name)),
                format!("its fields are {}", accepted.join(", ")),
            ));
        };
        out.insert(*known, value);
    }
    Ok(out)
}

fn text<'a>(
    place: &str,
    fields: &BTreeMap<&'static str, &'a Value>,
    name: &str,
) -> Result<Option<&'a str>, ToolError> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::String(text))
            if !text.trim().is_empty() && !text.chars().any(|c| c.is_control() && c != '\n') =>
        {
            Ok(Some(text.trim()))
        }
        Some(other) => Err(ToolError::invalid(
            format!("{place}.{name} is {}", shown(other)),
            "give it as text",
        )),
    }
}

fn whole(place: &str, fields: &BTreeMap<&'static str, &Value>) -> Result<Option<i64>, ToolError> {
    fields
        .get("period")
        .map(|value| {
            Whole::deserialize(*value)
                .map(|whole| whole.0)
                .map_err(|error| {
                    ToolError::invalid(
                        format!("{place}.period: {error}"),
                        "give it in seconds, such as 3600",
                    )
                })
        })
        .transpose()
}

/// Reads the queries in the spelling of the API, of its command line or of this tool.
pub(super) fn read(
    given: &Value,
    corrections: &mut Vec<Correction>,
) -> Result<Vec<Given>, ToolError> {
    let items = match given {
        Value::Array(items) => items.as_slice(),
        Value::Object(_) => std::slice::from_ref(given),
        other => {
            return Err(ToolError::invalid(
                format!("metric_data_queries is {}, not a list", shown(other)),
                "give [{\"id\": \"tokens\", \"metric_stat\": {\"metric\": {\"metric_name\": \"InputTokenCount\"}, \"period\": 3600, \"stat\": \"Sum\"}}]",
            ));
        }
    };
    items
        .iter()
        .enumerate()
        .map(|(index, item)| query(index, item, corrections))
        .collect()
}

/// A query as it was given, with what the core does not read.
#[derive(Clone, Debug)]
pub(super) struct Given {
    raw: RawMetricQuery,
    unit: Option<String>,
    account_id: Option<String>,
}

fn query(
    index: usize,
    item: &Value,
    corrections: &mut Vec<Correction>,
) -> Result<Given, ToolError> {
    let place = format!("metric_data_queries[{index}]");
    let found = fields(
        &place,
        item,
        &[
            "id",
            "metric_stat",
            "expression",
            "label",
            "return_data",
            "period",
            "account_id",
        ],
    )?;
    let (metric, unit) = match found.get("metric_stat") {
        Some(stat) => {
            let (metric, unit) = metric_stat(&format!("{place}.metric_stat"), stat, corrections)?;
            (Some(metric), unit)
        }
        None => (None, None),
    };
    let return_data = found
        .get("return_data")
        .map(|value| {
            Flag::deserialize(*value)
                .map(|flag| flag.0)
                .map_err(|error| {
                    ToolError::invalid(
                        format!("{place}.return_data: {error}"),
                        "give true or false",
                    )
                })
        })
        .transpose()?;
    let owned = |name| Ok::<_, ToolError>(text(&place, &found, name)?.map(str::to_owned));
    Ok(Given {
        raw: RawMetricQuery {
            id: owned("id")?,
            metric,
            expression: owned("expression")?,
            label: owned("label")?,
            period: whole(&place, &found)?,
            return_data,
        },
        unit,
        account_id: owned("account_id")?,
    })
}

fn metric_stat(
    place: &str,
    value: &Value,
    corrections: &mut Vec<Correction>,
) -> Result<(RawMetric, Option<String>), ToolError> {
    let found = fields(place, value, &["metric", "period", "stat", "unit"])?;
    let inner = format!("{place}.metric");
    let Some(metric) = found.get("metric") else {
        return Err(ToolError::invalid(
            format!("{place} names no metric"),
            "give metric as {namespace, metric_name, dimensions}",
        ));
    };
    let names = fields(&inner, metric, &["namespace", "metric_name", "dimensions"])?;
    let Some(name) = text(&inner, &names, "metric_name")? else {
        return Err(ToolError::invalid(
            format!("{inner} has no metric_name"),
            "give one such as InputTokenCount or Invocations",
        ));
    };
    let dimensions = match names.get("dimensions") {
        Some(given) => metric_rules::dimensions(given, corrections)?,
        None => Vec::new(),
    };
    let namespace = text(&inner, &names, "namespace")?;
    let metric = metric_rules::metric(namespace, name, dimensions, corrections)?;
    if metric_rules::is_cache_hit_rate(&metric) {
        return Err(ToolError::invalid(
            format!("Bedrock publishes no metric {}", metric.name),
            "ask get_metric_statistics for CacheHitRate, or divide the Sums of CacheReadInputTokens, InputTokenCount and CacheWriteInputTokens",
        ));
    }
    let raw = RawMetric {
        stat: text(place, &found, "stat")?
            .unwrap_or_else(|| metric_rules::usual_statistic(&metric.name))
            .to_owned(),
        dimensions: metric_rules::pairs(&metric.dimensions),
        namespace: metric.namespace,
        metric_name: metric.name,
        period: whole(place, &found)?,
    };
    Ok((raw, text(place, &found, "unit")?.map(str::to_owned)))
}

/// The bounds of a range as they were given.
pub(super) type Bounds<'a> = (Option<&'a str>, Option<&'a str>);

/// Checks the queries against CloudWatch's rules; what it would refuse is refused with queries that would run.
pub(super) fn checked(
    given: &[Given],
    bounds: Bounds<'_>,
    now: Timestamp,
    corrections: &mut Vec<Correction>,
) -> Result<(Vec<DataQuery>, TimeRange), ToolError> {
    let error = match valid(given, bounds, now) {
        Ok((queries, range, made)) => {
            corrections.extend(made);
            return Ok((queries, range));
        }
        Err(error) => error,
    };
    let accepted = metric_rules::accepted(&error.problem);
    Err(match mended(given, &error, bounds, now) {
        Some((queries, range)) => {
            asking::refused::<Arguments>(error.to_string(), accepted, arguments(&queries, range))
        }
        None => metric_rules::refusal(&error.problem),
    })
}

fn valid(
    given: &[Given],
    (start, end): Bounds<'_>,
    now: Timestamp,
) -> Result<(Vec<DataQuery>, TimeRange, Vec<Correction>), MetricError> {
    let raw: Vec<RawMetricQuery> = given.iter().map(|one| one.raw.clone()).collect();
    let (data, made) = MetricData::new(&raw, start, end, now)?;
    let queries = data
        .queries
        .into_iter()
        .zip(given)
        .map(|(query, given)| DataQuery {
            id: query.id,
            ask: match query.source {
                MetricSource::Metric {
                    metric,
                    period,
                    stat,
                } => Ask::Stat {
                    metric: metric.into(),
                    period,
                    stat: stat.to_string(),
                    unit: given.unit.clone(),
                },
                MetricSource::Expression { text, period } => Ask::Expression { text, period },
            },
            label: query.label,
            return_data: query.return_data,
            account_id: given.account_id.clone(),
        })
        .collect();
    Ok((
        queries,
        data.range,
        made.iter().map(Correction::from).collect(),
    ))
}

/// The queries with what is wrong put right, where that leaves no doubt about what is meant.
fn mended(
    given: &[Given],
    error: &MetricError,
    bounds: Bounds<'_>,
    now: Timestamp,
) -> Option<(Vec<DataQuery>, TimeRange)> {
    let mut fixed = given.to_vec();
    let mut rename_all = |rename: &dyn Fn(&str) -> String| {
        for one in &mut fixed {
            if let Some(text) = &mut one.raw.expression {
                *text = renamed(text, rename);
            }
        }
    };
    let mut range = None;
    match (error.problem.as_ref(), error.suggested) {
        (_, Some((suggested, _))) => {
            range = Some((suggested.start().to_string(), suggested.end().to_string()));
            let bounds = range
                .as_ref()
                .map(|(start, end)| (Some(start.as_str()), Some(end.as_str())))?;
            for one in &mut fixed {
                // Each query is tried alone, so that only periods that are wrong change.
                let mut alone = one.clone();
                alone.raw.expression = alone.raw.expression.map(|_| "1".to_owned());
                if let Err(MetricError {
                    suggested: Some((_, period)),
                    ..
                }) = valid(std::slice::from_ref(&alone), bounds, now)
                {
                    let period = Some(i64::from(period));
                    match &mut one.raw.metric {
                        Some(metric) => metric.period = period,
                        None => one.raw.period = period,
                    }
                }
            }
        }
        (MetricProblem::Id { .. }, None) => {
            let ids: Vec<String> = given.iter().filter_map(|one| one.raw.id.clone()).collect();
            rename_all(&|word| {
                if ids.iter().any(|id| id == word) {
                    sound_id(word)
                } else {
                    word.to_owned()
                }
            });
            for one in &mut fixed {
                one.raw.id = one.raw.id.as_deref().map(sound_id);
            }
        }
        (
            MetricProblem::Reference {
                unknown,
                nearest: Some(nearest),
                ..
            },
            None,
        ) => rename_all(&|word| if word == unknown { nearest } else { word }.to_owned()),
        _ => return None,
    }
    let bounds = match &range {
        Some((start, end)) => (Some(start.as_str()), Some(end.as_str())),
        None => bounds,
    };
    let (queries, range, _) = valid(&fixed, bounds, now).ok()?;
    Some((queries, range))
}

fn sound_id(id: &str) -> String {
    let mut out: String = id
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '_'
            }
        })
        .collect();
    match out.chars().next() {
        Some(first) if first.is_ascii_uppercase() => {
            out.replace_range(..1, &first.to_ascii_lowercase().to_string());
        }
        Some(first) if first.is_ascii_lowercase() => {}
        _ => out.insert(0, 'q'),
    }
    out
}

/// The same call in arguments that say everything.
fn arguments(queries: &[DataQuery], range: TimeRange) -> Map<String, Value> {
    let queries: Vec<Value> = queries
        .iter()
        .map(|query| {
            let mut out = Map::from_iter([("id".to_owned(), json!(query.id))]);
            match &query.ask {
                Ask::Expression { text, period } => {
                    out.insert("expression".into(), json!(text));
                    if let Some(period) = period {
                        out.insert("period".into(), json!(period));
                    }
                }
                Ask::Stat {
                    metric,
                    period,
                    stat,
                    unit,
                } => {
                    let mut inner = json!({
                        "metric": {
                            "namespace": metric.namespace,
                            "metric_name": metric.name,
                            "dimensions": dimensions_json(metric),
                        },
                        "period": period,
                        "stat": stat,
                    });
                    if let (Some(unit), Value::Object(fields)) = (unit, &mut inner) {
                        fields.insert("unit".into(), json!(unit));
                    }
                    out.insert("metric_stat".into(), inner);
                }
            }
            if let Some(label) = &query.label {
                out.insert("label".into(), json!(label));
            }
            if let Some(account) = &query.account_id {
                out.insert("account_id".into(), json!(account));
            }
            if !query.return_data {
                out.insert("return_data".into(), json!(false));
            }
            Value::Object(out)
        })
        .collect();
    Map::from_iter([
        ("metric_data_queries".to_owned(), json!(queries)),
        ("start_time".to_owned(), json!(range.start().to_string())),
        ("end_time".to_owned(), json!(range.end().to_string())),
    ])
}

pub(super) fn effective(queries: &[DataQuery], range: TimeRange, region: &str) -> Value {
    let mut request = Map::from_iter([("region".to_owned(), json!(region))]);
    request.extend(arguments(queries, range));
    request.insert("scan_by".into(), json!("TimestampAscending"));
    Value::Object(request)
}
