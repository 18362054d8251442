//! CloudWatch: metric statistics, metric data, the list of metrics, and alarms.

mod alarms;

use super::{Aws, Meter, Target, settle};
use crate::error::ToolError;
pub(crate) use alarms::{Alarm, AlarmQuery, describe_alarms};
use aws_sdk_cloudwatch::{
    Client,
    operation::{
        RequestId as _, get_metric_data::GetMetricDataOutput,
        get_metric_statistics::GetMetricStatisticsOutput,
    },
    types,
};
use aws_smithy_types::DateTime;
use bedrock_cost::time_range::TimeRange;
use jiff::Timestamp;

/// Called with the number of pages read so far.
pub(crate) type OnPage<'a> = &'a (dyn Fn(u32) + Send + Sync);

/// One name and value that a metric is published under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dimension {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// One series: CloudWatch matches the dimensions exactly, none meaning the series that has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metric {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: Vec<Dimension>,
}

impl From<bedrock_cost::metric_query::Metric> for Metric {
    fn from(checked: bedrock_cost::metric_query::Metric) -> Self {
        let dimensions = checked.dimensions.into_iter();
        Self {
            namespace: checked.namespace,
            name: checked.name,
            dimensions: dimensions
                .map(|(name, value)| Dimension { name, value })
                .collect(),
        }
    }
}

/// What `GetMetricStatistics` is asked. Either kind of statistic may be empty, not both.
#[derive(Clone, Debug)]
pub(crate) struct StatisticsQuery {
    pub(crate) metric: Metric,
    pub(crate) range: TimeRange,
    /// Seconds.
    pub(crate) period: u32,
    pub(crate) statistics: Vec<String>,
    pub(crate) extended: Vec<String>,
    pub(crate) unit: Option<String>,
}

/// The values of one period, in the order in which the statistics were asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) time: Timestamp,
    pub(crate) values: Vec<Option<f64>>,
}

/// The points of one series, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) unit: Option<String>,
    pub(crate) points: Vec<Point>,
}

/// One query of `GetMetricData`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DataQuery {
    pub(crate) id: String,
    pub(crate) ask: Ask,
    pub(crate) label: Option<String>,
    pub(crate) return_data: bool,
    pub(crate) account_id: Option<String>,
}

/// A series or a calculation over others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ask {
    Stat {
        metric: Metric,
        period: u32,
        stat: String,
        unit: Option<String>,
    },
    Expression {
        text: String,
        period: Option<u32>,
    },
}

/// One result of `GetMetricData`, its pages joined. `SEARCH` gives several with one id and different labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) label: String,
    /// In the order asked for.
    pub(crate) points: Vec<(Timestamp, f64)>,
}

/// The answer of `GetMetricData`.
#[derive(Clone, Debug, Default)]
pub(crate) struct MetricData {
    pub(crate) lines: Vec<Line>,
    /// What CloudWatch said beside the values.
    pub(crate) messages: Vec<String>,
    pub(crate) pages: u32,
    /// True when pages were left unread.
    pub(crate) more: bool,
}

/// Reads one series with up to five statistics, in one request.
pub(crate) async fn get_metric_statistics(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    query: &StatisticsQuery,
) -> Result<Statistics, ToolError> {
    let statistics = query.statistics.iter().map(|name| name.as_str().into());
    let mut request = client(aws, target)
        .await
        .get_metric_statistics()
        .namespace(&query.metric.namespace)
        .metric_name(&query.metric.name)
        .start_time(instant(query.range.start()))
        .end_time(instant(query.range.end()))
        .period(seconds(query.period))
        .set_unit(query.unit.as_deref().map(types::StandardUnit::from))
        .set_dimensions(some(query.metric.dimensions.iter().map(dimension)))
        .set_statistics(some(statistics));
    for name in &query.extended {
        request = request.extended_statistics(name);
    }
    let output = settle(
        "cloudwatch:GetMetricStatistics",
        request.customize().interceptor(meter.clone()).send().await,
    )?;
    statistics_from(output, query)
}

/// Reads any number of series and calculations, oldest point first, following up to `max_pages` pages.
pub(crate) async fn get_metric_data(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    queries: &[DataQuery],
    range: TimeRange,
    max_pages: u32,
    on_page: OnPage<'_>,
) -> Result<MetricData, ToolError> {
    let client = client(aws, target).await;
    let mut data = MetricData::default();
    let mut token: Option<String> = None;
    let stats = queries
        .iter()
        .filter(|query| matches!(query.ask, Ask::Stat { .. }))
        .count();
    while data.pages < max_pages {
        let request = client
            .get_metric_data()
            .set_metric_data_queries(Some(queries.iter().map(data_query).collect()))
            .start_time(instant(range.start()))
            .end_time(instant(range.end()))
            .scan_by(types::ScanBy::TimestampAscending)
            .set_next_token(token.take());
        let output = settle(
            "cloudwatch:GetMetricData",
            request
                .customize()
                .interceptor(meter.of_metrics(stats))
                .send()
                .await,
        )?;
        // An answer that was kept has no request id, and is not billed again.
        if let Some(request_id) = output.request_id() {
            let searched = searched(queries, &output);
            meter.bill_metrics(stats + searched);
            aws.bill_searched(request_id, searched).await;
        }
        data.pages += 1;
        token.clone_from(&output.next_token);
        join(&mut data, output)?;
        if token.is_none() {
            break;
        }
        on_page(data.pages);
    }
    data.more = token.is_some();
    Ok(data)
}

/// Lists the series of a namespace that had data in the last two weeks, up to `max_pages` pages of 500.
///
/// The flag is true when pages were left unread.
pub(crate) async fn list_metrics(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    namespace: &str,
    name: Option<&str>,
    max_pages: u32,
) -> Result<(Vec<Metric>, bool), ToolError> {
    let client = client(aws, target).await;
    let mut metrics = Vec::new();
    let mut token = None;
    for _ in 0..max_pages {
        let request = client
            .list_metrics()
            .namespace(namespace)
            .set_metric_name(name.map(str::to_owned))
            .set_next_token(token);
        let output = settle(
            "cloudwatch:ListMetrics",
            request.customize().interceptor(meter.clone()).send().await,
        )?;
        metrics.extend(
            output
                .metrics
                .unwrap_or_default()
                .into_iter()
                .map(metric_from),
        );
        token = output.next_token;
        if token.is_none() {
            break;
        }
    }
    Ok((metrics, token.is_some()))
}

async fn client(aws: &Aws, target: &Target) -> Client {
    Client::new(&aws.configuration(target).await)
}

/// No period is longer than the 68 years that fit.
fn seconds(period: u32) -> i32 {
    i32::try_from(period).unwrap_or(i32::MAX)
}

fn instant(time: Timestamp) -> DateTime {
    DateTime::from_secs(time.as_second())
}

fn dimension(one: &Dimension) -> types::Dimension {
    types::Dimension::builder()
        .name(&one.name)
        .value(&one.value)
        .build()
}

/// AWS refuses some empty lists where it accepts none at all.
fn some<T>(items: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.collect();
    (!items.is_empty()).then_some(items)
}

fn data_query(query: &DataQuery) -> types::MetricDataQuery {
    let out = types::MetricDataQuery::builder()
        .id(&query.id)
        .set_label(query.label.clone())
        .set_account_id(query.account_id.clone())
        .return_data(query.return_data);
    match &query.ask {
        Ask::Expression { text, period } => out.expression(text).set_period(period.map(seconds)),
        Ask::Stat {
            metric,
            period,
            stat,
            unit,
        } => out.metric_stat(
            types::MetricStat::builder()
                .metric(
                    types::Metric::builder()
                        .namespace(&metric.namespace)
                        .metric_name(&metric.name)
                        .set_dimensions(some(metric.dimensions.iter().map(dimension)))
                        .build(),
                )
                .period(seconds(*period))
                .stat(stat)
                .set_unit(unit.as_deref().map(types::StandardUnit::from))
                .build(),
        ),
    }
    .build()
}

/// Series that a `SEARCH` found on this page: AWS bills each as a metric requested.
fn searched(queries: &[DataQuery], output: &GetMetricDataOutput) -> usize {
    let searches = |id: &str| {
        queries.iter().any(|query| {
            query.id == id
                && matches!(&query.ask, Ask::Expression { text, .. } if text.contains("SEARCH("))
        })
    };
    output
        .metric_data_results()
        .iter()
        .filter(|result| result.id().is_some_and(searches))
        .count()
}

fn time_from(time: Option<DateTime>) -> Result<Timestamp, ToolError> {
    time.and_then(|time| Timestamp::from_second(time.secs()).ok())
        .ok_or_else(|| ToolError::OddAnswer {
            problem: "CloudWatch gave a point without a readable time".to_owned(),
        })
}

fn statistics_from(
    output: GetMetricStatisticsOutput,
    query: &StatisticsQuery,
) -> Result<Statistics, ToolError> {
    let mut unit = None;
    let mut points = Vec::new();
    for found in output.datapoints.unwrap_or_default() {
        let standard = query.statistics.iter().map(|name| match name.as_str() {
            "Sum" => found.sum,
            "Average" => found.average,
            "SampleCount" => found.sample_count,
            "Minimum" => found.minimum,
            "Maximum" => found.maximum,
            _ => None,
        });
        let extended = query
            .extended
            .iter()
            .map(|name| found.extended_statistics.as_ref()?.get(name).copied());
        let values = standard.chain(extended).collect();
        points.push(Point {
            time: time_from(found.timestamp)?,
            values,
        });
        unit = unit.or_else(|| found.unit.map(|unit| unit.as_str().to_owned()));
    }
    points.sort_by_key(|point| point.time);
    Ok(Statistics { unit, points })
}

/// Adds a page to what was read before it.
fn join(data: &mut MetricData, output: GetMetricDataOutput) -> Result<(), ToolError> {
    for message in output.messages.unwrap_or_default() {
        data.messages.extend(message.value);
    }
    for result in output.metric_data_results.unwrap_or_default() {
        let id = result.id.unwrap_or_default();
        let label = result.label.unwrap_or_default();
        for message in result.messages.unwrap_or_default() {
            if let Some(text) = message.value {
                data.messages.push(format!("{id}: {text}"));
            }
        }
        match result.status_code {
            Some(types::StatusCode::InternalError) => data
                .messages
                .push(format!("{id}: CloudWatch could not read it")),
            Some(types::StatusCode::Forbidden) => data
                .messages
                .push(format!("{id}: not allowed by the account that owns it")),
            _ => {}
        }
        let points = result
            .timestamps
            .unwrap_or_default()
            .into_iter()
            .zip(result.values.unwrap_or_default())
            .map(|(time, value)| Ok((time_from(Some(time))?, value)))
            .collect::<Result<Vec<_>, ToolError>>()?;
        match data
            .lines
            .iter_mut()
            .find(|line| line.id == id && line.label == label)
        {
            Some(line) => line.points.extend(points),
            None => data.lines.push(Line { id, label, points }),
        }
    }
    Ok(())
}

fn dimensions_from(dimensions: Option<Vec<types::Dimension>>) -> Vec<Dimension> {
    dimensions
        .unwrap_or_default()
        .into_iter()
        .map(|one| Dimension {
            name: one.name.unwrap_or_default(),
            value: one.value.unwrap_or_default(),
        })
        .collect()
}

fn metric_from(metric: types::Metric) -> Metric {
    Metric {
        namespace: metric.namespace.unwrap_or_default(),
        name: metric.metric_name.unwrap_or_default(),
        dimensions: dimensions_from(metric.dimensions),
    }
}

#[cfg(test)]
mod tests;
