//! The queries of a `get_metric_data` call: read in every spelling, and refused with ones that would run.

use super::{
    super::{
        arguments::{Flag, Whole, quoted, shown, snake_case},
        asking,
        get_metric_statistics::dimensions_json,
        metric_expression::{references, renamed},
        metric_rules::{self, Statistic},
        reply::Correction,
    },
    Arguments,
};
use crate::{
    aws::cloudwatch::{Ask, DataQuery},
    error::ToolError,
};
use bedrock_cost::time_range::TimeRange;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Queries in one request (Amazon CloudWatch API reference).
const MOST_QUERIES: usize = 500;
/// Points of all queries on one page (Amazon CloudWatch API reference).
const POINTS_PER_PAGE: u64 = 100_800;

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
    range: TimeRange,
    now: Timestamp,
    corrections: &mut Vec<Correction>,
) -> Result<Vec<DataQuery>, ToolError> {
    let one = std::slice::from_ref(given);
    let items = match given {
        Value::Array(items) => items.as_slice(),
        Value::Object(_) => one,
        other => {
            return Err(ToolError::invalid(
                format!("metric_data_queries is {}, not a list", shown(other)),
                "give [{\"id\": \"tokens\", \"metric_stat\": {\"metric\": {\"metric_name\": \"InputTokenCount\"}, \"period\": 3600, \"stat\": \"Sum\"}}]",
            ));
        }
    };
    if items.is_empty() || items.len() > MOST_QUERIES {
        return Err(ToolError::invalid(
            format!("metric_data_queries holds {} queries", items.len()),
            format!("give from 1 to {MOST_QUERIES}"),
        ));
    }
    items
        .iter()
        .enumerate()
        .map(|(index, item)| query(index, item, range, now, corrections))
        .collect()
}

fn query(
    index: usize,
    item: &Value,
    range: TimeRange,
    now: Timestamp,
    corrections: &mut Vec<Correction>,
) -> Result<DataQuery, ToolError> {
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
    let id = match text(&place, &found, "id")? {
        Some(id) => id.to_owned(),
        None => {
            let id = format!("q{index}");
            corrections.push(Correction::new(
                format!("{place}.id"),
                format!("missing, named {id}"),
            ));
            id
        }
    };
    let ask = match (
        found.get("metric_stat"),
        text(&place, &found, "expression")?,
    ) {
        (Some(stat), None) => metric_stat(
            &format!("{place}.metric_stat"),
            stat,
            range,
            now,
            corrections,
        )?,
        (None, Some(expression)) => Ask::Expression {
            text: expression.to_owned(),
            period: whole(&place, &found)?
                .map(|period| {
                    i32::try_from(period)
                        .ok()
                        .filter(|period| *period > 0)
                        .ok_or_else(|| {
                            ToolError::invalid(
                                format!("{place}.period is {period}"),
                                "give it in seconds, such as 3600",
                            )
                        })
                })
                .transpose()?,
        },
        (Some(_), Some(_)) => {
            return Err(ToolError::invalid(
                format!("{place} has both metric_stat and expression"),
                "give one of the two in each query",
            ));
        }
        (None, None) => {
            return Err(ToolError::invalid(
                format!("{place} has neither metric_stat nor expression"),
                "give a metric_stat {metric, period, stat}, or an expression over the ids of other queries",
            ));
        }
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
        .transpose()?
        .unwrap_or(true);
    Ok(DataQuery {
        id,
        ask,
        label: text(&place, &found, "label")?.map(str::to_owned),
        return_data,
        account_id: text(&place, &found, "account_id")?.map(str::to_owned),
    })
}

fn metric_stat(
    place: &str,
    value: &Value,
    range: TimeRange,
    now: Timestamp,
    corrections: &mut Vec<Correction>,
) -> Result<Ask, ToolError> {
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
    let metric = metric_rules::metric(
        text(&inner, &names, "namespace")?,
        name,
        dimensions,
        corrections,
    )?;
    let stat = match text(place, &found, "stat")? {
        Some(given) => metric_rules::statistic(given, corrections)?,
        None => Statistic::Standard(metric_rules::usual_statistic(&metric.name)),
    };
    // A wrong period is refused for all queries at once, with a request in which every one is right.
    let period = match whole(place, &found)? {
        Some(period) => i32::try_from(period).unwrap_or(i32::MAX),
        None => metric_rules::check_period(None, range, now, metric_rules::MOST_POINTS)
            .unwrap_or_else(|unfit| unfit.period),
    };
    Ok(Ask::Stat {
        metric,
        period,
        stat: stat.name().to_owned(),
        unit: text(place, &found, "unit")?.map(str::to_owned),
    })
}

fn is_id(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.len() <= 255
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Refuses ids that CloudWatch does not take, and expressions over ids that no query has.
pub(super) fn check_ids(queries: &[DataQuery], range: TimeRange) -> Result<(), ToolError> {
    if let Some(twice) = queries.iter().enumerate().find(|(index, query)| {
        queries
            .iter()
            .take(*index)
            .any(|other| other.id == query.id)
    }) {
        return Err(ToolError::invalid(
            format!("the id {} is given twice", quoted(&twice.1.id)),
            "give each query an id of its own",
        ));
    }
    if let Some(wrong) = queries.iter().find(|query| !is_id(&query.id)) {
        let problem = format!(
            "the id {} does not start with a small letter, or holds more than letters, digits and _",
            quoted(&wrong.id)
        );
        let ids: Vec<String> = queries.iter().map(|query| query.id.clone()).collect();
        let rename = |word: &str| {
            if ids.iter().any(|id| id == word) {
                sound_id(word)
            } else {
                word.to_owned()
            }
        };
        let mut fixed = queries.to_vec();
        for query in &mut fixed {
            query.id = sound_id(&query.id);
            if let Ask::Expression { text, .. } = &mut query.ask {
                *text = renamed(text, &rename);
            }
        }
        let sound = fixed.iter().all(|query| is_id(&query.id)) && check_ids(&fixed, range).is_ok();
        return Err(if sound {
            asking::refused::<Arguments>(
                problem,
                "name it like input_tokens",
                arguments(&fixed, range),
            )
        } else {
            ToolError::invalid(problem, "name it like input_tokens")
        });
    }
    for query in queries {
        let Ask::Expression { text, .. } = &query.ask else {
            continue;
        };
        for id in references(text) {
            if queries.iter().any(|other| other.id == id) {
                continue;
            }
            let problem = format!(
                "the expression of {} uses {}, and no query has that id",
                quoted(&query.id),
                quoted(&id)
            );
            let ids: Vec<&str> = queries
                .iter()
                .filter(|other| other.id != query.id)
                .map(|other| other.id.as_str())
                .collect();
            let accepted = format!("the ids are {}", ids.join(", "));
            let nearest = ids
                .iter()
                .map(|known| (strsim::jaro_winkler(known, &id), *known))
                .filter(|(likeness, _)| *likeness > 0.85)
                .max_by(|left, right| left.0.total_cmp(&right.0));
            let Some((_, nearest)) = nearest else {
                return Err(ToolError::invalid(problem, accepted));
            };
            let mut fixed = queries.to_vec();
            for other in &mut fixed {
                if let Ask::Expression { text, .. } = &mut other.ask {
                    *text = renamed(text, &|word| {
                        if word == id {
                            nearest.to_owned()
                        } else {
                            word.to_owned()
                        }
                    });
                }
            }
            return Err(if check_ids(&fixed, range).is_ok() {
                asking::refused::<Arguments>(problem, accepted, arguments(&fixed, range))
            } else {
                ToolError::invalid(problem, accepted)
            });
        }
        if references(text).contains(&query.id) {
            return Err(ToolError::invalid(
                format!("the expression of {} uses itself", quoted(&query.id)),
                "use the ids of other queries",
            ));
        }
    }
    Ok(())
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
    if let Some(first) = out.chars().next() {
        if first.is_ascii_uppercase() {
            out.replace_range(..1, &first.to_ascii_lowercase().to_string());
        } else if !first.is_ascii_lowercase() {
            out.insert(0, 'q');
        }
    }
    out
}

/// Refuses periods that CloudWatch would not answer, with a request in which every one is right.
pub(super) fn check_periods(
    queries: &[DataQuery],
    range: TimeRange,
    now: Timestamp,
) -> Result<TimeRange, ToolError> {
    let mut fixed = queries.to_vec();
    let mut first = None;
    for query in &mut fixed {
        if let Ask::Stat { metric, period, .. } = &mut query.ask {
            if metric_rules::is_cache_hit_rate(metric) {
                return Err(ToolError::invalid(
                    format!("Bedrock publishes no metric {}", metric.name),
                    "ask get_metric_statistics for CacheHitRate, or divide the Sums of CacheReadInputTokens, InputTokenCount and CacheWriteInputTokens",
                ));
            }
            if let Err(unfit) =
                metric_rules::check_period(Some(i64::from(*period)), range, now, POINTS_PER_PAGE)
            {
                *period = unfit.period;
                first.get_or_insert((query.id.clone(), unfit));
            }
        }
    }
    match first {
        None => Ok(range),
        Some((id, unfit)) => Err(asking::refused::<Arguments>(
            format!("{id}: {}", unfit.problem),
            unfit.accepted,
            arguments(&fixed, unfit.range),
        )),
    }
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
