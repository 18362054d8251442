//! Alarms of every type in one form.

use super::{Dimension, Metric, OnPage, client, dimensions_from, some};
use crate::{
    aws::{Aws, Meter, Target, settle},
    error::ToolError,
};
use aws_sdk_cloudwatch::{operation::describe_alarms::DescribeAlarmsOutput, types};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// Which alarms to describe. Names and a prefix exclude each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct AlarmQuery {
    pub(crate) names: Vec<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) types: Vec<String>,
    pub(crate) state: Option<String>,
    pub(crate) action_prefix: Option<String>,
    /// The most alarms on a page, 1 to 100.
    pub(crate) page_size: i32,
    /// The most alarms wanted.
    pub(crate) limit: usize,
}

/// One alarm.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Alarm {
    pub(crate) name: String,
    /// `metric`, `composite` or `log`.
    pub(crate) kind: &'static str,
    pub(crate) state: String,
    pub(crate) since: Option<Timestamp>,
    pub(crate) reason: String,
    /// `namespace/metric`, the expression, or the rule of a composite alarm.
    pub(crate) watches: String,
    pub(crate) statistic: String,
    /// Seconds.
    pub(crate) period: Option<i32>,
    pub(crate) comparison: String,
    pub(crate) threshold: Option<f64>,
    /// Breaching periods needed, out of how many.
    pub(crate) periods: Option<(i32, i32)>,
    pub(crate) dimensions: Vec<Dimension>,
    /// Every series that it looks at; none where it is no metric alarm.
    pub(crate) series: Vec<Metric>,
    /// True when changing state does something.
    pub(crate) acts: bool,
}

/// Describes alarms in pages until `limit` are read. The flag is true when there are more.
pub(crate) async fn describe_alarms(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    query: &AlarmQuery,
    on_page: OnPage<'_>,
) -> Result<(Vec<Alarm>, bool), ToolError> {
    let client = client(aws, target).await;
    let mut alarms = Vec::new();
    let mut token: Option<String> = None;
    let mut pages = 0;
    loop {
        let request = client
            .describe_alarms()
            .set_alarm_names(some(query.names.iter().cloned()))
            .set_alarm_name_prefix(query.prefix.clone())
            .set_alarm_types(some(query.types.iter().map(|name| name.as_str().into())))
            .set_state_value(query.state.as_deref().map(types::StateValue::from))
            .set_action_prefix(query.action_prefix.clone())
            .max_records(query.page_size)
            .set_next_token(token.take());
        let output = settle(
            "cloudwatch:DescribeAlarms",
            request.customize().interceptor(meter.clone()).send().await,
        )?;
        token.clone_from(&output.next_token);
        alarms.extend(alarms_from(output));
        if token.is_none() || alarms.len() >= query.limit {
            break;
        }
        pages += 1;
        on_page(pages);
    }
    let more = token.is_some() || alarms.len() > query.limit;
    alarms.truncate(query.limit);
    Ok((alarms, more))
}

pub(super) fn alarms_from(output: DescribeAlarmsOutput) -> Vec<Alarm> {
    let state = |state: Option<types::StateValue>| {
        state
            .map(|state| state.as_str().to_owned())
            .unwrap_or_default()
    };
    let since = |changed: Option<DateTime>, updated: Option<DateTime>| {
        changed
            .or(updated)
            .and_then(|time| Timestamp::from_second(time.secs()).ok())
    };
    let metric = output
        .metric_alarms
        .unwrap_or_default()
        .into_iter()
        .map(|alarm| {
            let acts = alarm.actions_enabled.unwrap_or(true)
                && alarm
                    .alarm_actions
                    .as_ref()
                    .is_some_and(|actions| !actions.is_empty());
            let watched = watched(&alarm);
            Alarm {
                acts,
                name: alarm.alarm_name.unwrap_or_default(),
                kind: "metric",
                state: state(alarm.state_value),
                since: since(
                    alarm.state_transitioned_timestamp,
                    alarm.state_updated_timestamp,
                ),
                reason: alarm.state_reason.unwrap_or_default(),
                comparison: comparison(alarm.comparison_operator.as_ref()),
                threshold: alarm.threshold,
                periods: alarm
                    .evaluation_periods
                    .map(|of| (alarm.datapoints_to_alarm.unwrap_or(of), of)),
                ..watched
            }
        });
    let composite = output
        .composite_alarms
        .unwrap_or_default()
        .into_iter()
        .map(|alarm| Alarm {
            acts: alarm.actions_enabled.unwrap_or(true)
                && alarm
                    .alarm_actions
                    .as_ref()
                    .is_some_and(|actions| !actions.is_empty()),
            name: alarm.alarm_name.unwrap_or_default(),
            kind: "composite",
            state: state(alarm.state_value),
            since: since(
                alarm.state_transitioned_timestamp,
                alarm.state_updated_timestamp,
            ),
            reason: alarm.state_reason.unwrap_or_default(),
            watches: alarm.alarm_rule.unwrap_or_default(),
            ..Alarm::default()
        });
    let log = output
        .log_alarms
        .unwrap_or_default()
        .into_iter()
        .map(|alarm| Alarm {
            acts: alarm.actions_enabled.unwrap_or(true)
                && alarm
                    .alarm_actions
                    .as_ref()
                    .is_some_and(|actions| !actions.is_empty()),
            name: alarm.alarm_name.unwrap_or_default(),
            kind: "log",
            state: state(alarm.state_value),
            since: since(
                alarm.state_transitioned_timestamp,
                alarm.state_updated_timestamp,
            ),
            reason: alarm.state_reason.unwrap_or_default(),
            watches: "a scheduled log query".to_owned(),
            comparison: comparison(alarm.comparison_operator.as_ref()),
            threshold: alarm.threshold,
            ..Alarm::default()
        });
    composite.chain(metric).chain(log).collect()
}

/// What a metric alarm watches: its own metric, or the query of its metric math that returns data.
fn watched(alarm: &types::MetricAlarm) -> Alarm {
    let path = |namespace: Option<&str>, name: Option<&str>| {
        [namespace, name]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("/")
    };
    if alarm.metric_name.is_some() {
        return Alarm {
            watches: path(alarm.namespace(), alarm.metric_name()),
            statistic: alarm
                .statistic
                .as_ref()
                .map(|statistic| statistic.as_str().to_owned())
                .or_else(|| alarm.extended_statistic.clone())
                .unwrap_or_default(),
            period: alarm.period,
            dimensions: dimensions_from(alarm.dimensions.clone()),
            series: vec![Metric {
                namespace: alarm.namespace().unwrap_or_default().to_owned(),
                name: alarm.metric_name().unwrap_or_default().to_owned(),
                dimensions: dimensions_from(alarm.dimensions.clone()),
            }],
            ..Alarm::default()
        };
    }
    let queries = alarm.metrics();
    let shown = queries
        .iter()
        .find(|query| query.return_data != Some(false))
        .or_else(|| queries.first());
    let stat = shown
        .and_then(types::MetricDataQuery::metric_stat)
        .or_else(|| queries.iter().find_map(types::MetricDataQuery::metric_stat));
    let metric = stat.and_then(types::MetricStat::metric);
    Alarm {
        watches: shown
            .and_then(types::MetricDataQuery::expression)
            .map_or_else(
                || {
                    metric.map_or_else(String::new, |metric| {
                        path(metric.namespace(), metric.metric_name())
                    })
                },
                str::to_owned,
            ),
        statistic: stat
            .and_then(types::MetricStat::stat)
            .unwrap_or_default()
            .to_owned(),
        period: stat.and_then(types::MetricStat::period),
        dimensions: dimensions_from(metric.and_then(|metric| metric.dimensions.clone())),
        series: queries
            .iter()
            .filter_map(|query| query.metric_stat()?.metric())
            .map(|metric| Metric {
                namespace: metric.namespace().unwrap_or_default().to_owned(),
                name: metric.metric_name().unwrap_or_default().to_owned(),
                dimensions: dimensions_from(metric.dimensions.clone()),
            })
            .collect(),
        ..Alarm::default()
    }
}

fn comparison(operator: Option<&types::ComparisonOperator>) -> String {
    use types::ComparisonOperator as Operator;
    match operator {
        Some(Operator::GreaterThanThreshold) => ">".to_owned(),
        Some(Operator::GreaterThanOrEqualToThreshold) => ">=".to_owned(),
        Some(Operator::LessThanThreshold) => "<".to_owned(),
        Some(Operator::LessThanOrEqualToThreshold) => "<=".to_owned(),
        Some(other) => other.as_str().to_owned(),
        None => String::new(),
    }
}
