//! Why a metric has no data, and which models do have some.

use super::{Call, get_metric_statistics::Asked, metric_rules, reply::Warning};
use crate::{
    aws::{
        Target,
        cloudwatch::{Dimension, Metric, list_metrics},
    },
    error::ToolError,
};
use bedrock_cost::metric_query::{self, Retention};
use serde_json::Value;
use std::{collections::BTreeSet, fmt::Write};

/// The dimension under which Bedrock publishes each model.
const MODEL: &str = "ModelId";
/// 1,500 series: more than Bedrock has metrics and models.
const MOST_PAGES: u32 = 3;
/// Names in one explanation.
const MOST_NAMES: usize = 5;

pub(crate) fn model_dimension(id: &str) -> Dimension {
    Dimension {
        name: MODEL.to_owned(),
        value: id.to_owned(),
    }
}

/// The models that had data for a Bedrock metric in the last two weeks.
pub(crate) async fn models(
    call: &Call,
    target: &Target,
    metric: &str,
) -> Result<Vec<String>, ToolError> {
    let (series, _) = list_metrics(
        &call.aws,
        &call.meter,
        target,
        metric_rules::BEDROCK,
        Some(metric),
        MOST_PAGES,
    )
    .await?;
    Ok(models_of(&series, metric))
}

/// The values stand without the list of models, and the answer says that it is missing.
pub(crate) fn models_not_listed(error: &ToolError) -> Warning {
    Warning::new(
        "models_not_listed",
        format!(
            "which models have data could not be asked, nor their sum where the account has no series: {error}"
        ),
    )
}

/// Only series with the model and nothing else: the others hold parts of the same values.
fn models_of(series: &[Metric], metric: &str) -> Vec<String> {
    series
        .iter()
        .filter(|one| one.name == metric)
        .filter_map(|one| match one.dimensions.as_slice() {
            [only] if only.name == MODEL => Some(only.value.clone()),
            _ => None,
        })
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// The refusal of a range that is no longer kept, with models that are still in use in the request it offers.
///
/// The month of a guide is moved to this year by the core; its model may be gone by then.
pub(crate) async fn with_current_models(
    call: &Call,
    target: &Target,
    (start, end): (Option<&str>, Option<&str>),
    refusal: ToolError,
) -> ToolError {
    let expired = metric_query::range(start, end, call.now())
        .is_ok_and(|range| Retention::of(range, call.now()) == Retention::Expired);
    let ToolError::InvalidArgument {
        mut problem,
        accepted,
        corrected: Some(mut corrected),
    } = refusal
    else {
        return refusal;
    };
    let mut arguments = Value::Object(std::mem::take(&mut corrected.arguments));
    let mut asked = Vec::new();
    each_model(&mut arguments, &mut |id| asked.push(id.clone()));
    if expired && !asked.is_empty() {
        let current = models(call, target, "Invocations")
            .await
            .unwrap_or_else(|_| {
                let _ = write!(
                    problem,
                    "; whether {} had data in the last two weeks could not be asked",
                    asked.join(", ")
                );
                Vec::new()
            });
        for gone in asked
            .iter()
            .filter(|id| !current.contains(id))
            .collect::<BTreeSet<_>>()
        {
            let Some(nearest) = nearest_first(current.iter().map(String::as_str), gone)
                .first()
                .copied()
            else {
                break;
            };
            each_model(&mut arguments, &mut |id| {
                if id == gone {
                    nearest.clone_into(id);
                }
            });
            let _ = write!(
                problem,
                "; {gone} had no data in the last two weeks, so corrected_request names {nearest}, the nearest that had"
            );
        }
    }
    if let Value::Object(arguments) = arguments {
        corrected.arguments = arguments;
    }
    ToolError::InvalidArgument {
        problem,
        accepted,
        corrected: Some(corrected),
    }
}

/// Visits the model of every `{Name: ModelId, Value}` in some arguments.
fn each_model(arguments: &mut Value, visit: &mut dyn FnMut(&mut String)) {
    match arguments {
        Value::Object(fields) => {
            let is_model = fields.get("Name").is_some_and(|name| name == MODEL);
            for (name, value) in fields {
                match value {
                    Value::String(id) if is_model && name == "Value" => visit(id),
                    other => each_model(other, visit),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                each_model(item, visit);
            }
        }
        _ => {}
    }
}

/// Asks what does exist and says why the series asked for gave nothing.
pub(crate) async fn explain(call: &Call, target: &Target, region: &str, asked: &Asked) -> String {
    let listed = list_metrics(
        &call.aws,
        &call.meter,
        target,
        &asked.metric.namespace,
        None,
        MOST_PAGES,
    )
    .await;
    match listed {
        Ok((series, _)) => why(&series, &asked.metric, region),
        Err(ToolError::AccessDenied { action }) => format!(
            "CloudWatch has no such series in {region} for this period; allow {action} to learn which exist"
        ),
        Err(error) => format!(
            "CloudWatch has no such series in {region} for this period, and which exist could not be asked: {error}"
        ),
    }
}

/// The explanation, from the series that had data in the last two weeks.
fn why(series: &[Metric], wanted: &Metric, region: &str) -> String {
    let namespace = &wanted.namespace;
    if series.is_empty() {
        return format!(
            "nothing in {namespace} had data in {region} in the last two weeks: metrics stay in the region that was called, so try another region or profile"
        );
    }
    let names: BTreeSet<&str> = series.iter().map(|one| one.name.as_str()).collect();
    if !names.contains(wanted.name.as_str()) {
        let known = if metric_rules::is_documented(wanted) {
            format!(
                "{} had no data in {region} in the last two weeks",
                wanted.name
            )
        } else {
            format!("{namespace} has no metric {}", wanted.name)
        };
        return format!("{known}; with data: {}", nearest(names, &wanted.name));
    }
    let same: Vec<&Metric> = series
        .iter()
        .filter(|one| one.name == wanted.name)
        .collect();
    let sorted = |metric: &Metric| {
        let mut dimensions = metric.dimensions.clone();
        dimensions.sort();
        dimensions
    };
    if same.iter().any(|one| sorted(one) == sorted(wanted)) {
        return format!(
            "the series exists in {region} but has no value in this period: ask for another start_time and end_time"
        );
    }
    for one in &wanted.dimensions {
        let values: BTreeSet<&str> = same
            .iter()
            .flat_map(|series| &series.dimensions)
            .filter(|other| other.name == one.name)
            .map(|other| other.value.as_str())
            .collect();
        if values.is_empty() {
            return format!(
                "{} is not published under the dimension {}; dimensions in use: {}",
                wanted.name,
                one.name,
                sets(&same)
            );
        }
        if !values.contains(one.value.as_str()) {
            return format!(
                "no {} {} in {region} in the last two weeks; those with data, nearest first: {}",
                one.name,
                one.value,
                nearest(values, &one.value)
            );
        }
    }
    format!(
        "CloudWatch matches dimensions exactly, and {} is published under: {}",
        wanted.name,
        sets(&same)
    )
}

/// The sets of dimension names in use.
fn sets(series: &[&Metric]) -> String {
    series
        .iter()
        .map(|one| {
            let mut names: Vec<&str> = one.dimensions.iter().map(|one| one.name.as_str()).collect();
            names.sort_unstable();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(" + ")
            }
        })
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
        .join("; ")
}

fn nearest(names: BTreeSet<&str>, wanted: &str) -> String {
    let mut names = nearest_first(names.into_iter(), wanted);
    let more = names.len().saturating_sub(MOST_NAMES);
    names.truncate(MOST_NAMES);
    let mut text = names.join(", ");
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

fn nearest_first<'a>(names: impl Iterator<Item = &'a str>, wanted: &str) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_by(|left, right| {
        strsim::jaro_winkler(right, wanted).total_cmp(&strsim::jaro_winkler(left, wanted))
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, dimensions: &[(&str, &str)]) -> Metric {
        Metric {
            namespace: "AWS/Bedrock".to_owned(),
            name: name.to_owned(),
            dimensions: dimensions
                .iter()
                .map(|(name, value)| Dimension {
                    name: (*name).to_owned(),
                    value: (*value).to_owned(),
                })
                .collect(),
        }
    }

    fn listed() -> Vec<Metric> {
        vec![
            series("Invocations", &[]),
            series("InputTokenCount", &[]),
            series(
                "InputTokenCount",
                &[("ModelId", "anthropic.claude-3-haiku-20240307-v1:0")],
            ),
            series(
                "InputTokenCount",
                &[("ModelId", "amazon.titan-text-lite-v1")],
            ),
            series(
                "InputTokenCount",
                &[
                    ("ModelId", "amazon.titan-text-lite-v1"),
                    ("ServiceTier", "flex"),
                    ("ResolvedServiceTier", "flex"),
                ],
            ),
        ]
    }

    #[track_caller]
    fn check(wanted: &Metric, parts: &[&str]) {
        let text = why(&listed(), wanted, "us-east-1");
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in {text:?}");
        }
    }

    #[test]
    fn an_empty_series_is_explained_by_what_exists() {
        check(
            &series(
                "InputTokenCount",
                &[("ModelId", "anthropic.claude-3-haiku")],
            ),
            &[
                "no ModelId anthropic.claude-3-haiku in us-east-1",
                "nearest first: anthropic.claude-3-haiku-20240307-v1:0",
            ],
        );
        check(
            &series("InputTokensCount", &[]),
            &["no metric InputTokensCount", "with data: InputTokenCount"],
        );
        check(
            &series("OutputImageCount", &[]),
            &["OutputImageCount had no data", "last two weeks"],
        );
        check(
            &series("InputTokenCount", &[]),
            &["has no value in this period"],
        );
        check(
            &series("InputTokenCount", &[("Model", "x")]),
            &[
                "not published under the dimension Model",
                "dimensions in use: ModelId",
            ],
        );
        check(
            &series("InputTokenCount", &[("ServiceTier", "flex")]),
            &["exactly", "ModelId + ResolvedServiceTier + ServiceTier"],
        );
        assert!(why(&[], &series("Invocations", &[]), "eu-west-3").contains("try another region"));
    }

    #[test]
    fn a_model_is_counted_once() {
        assert_eq!(
            models_of(&listed(), "InputTokenCount"),
            [
                "amazon.titan-text-lite-v1",
                "anthropic.claude-3-haiku-20240307-v1:0"
            ]
        );
    }
}
