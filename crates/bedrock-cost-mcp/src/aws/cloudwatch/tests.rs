//! What goes to CloudWatch and what is read from its answers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{alarms::alarms_from, *};
use aws_sdk_cloudwatch::{
    operation::describe_alarms::DescribeAlarmsOutput,
    types::{CompositeAlarm, Datapoint, MetricAlarm, MetricDataResult, MetricStat, StateValue},
};

fn time(hour: i64) -> DateTime {
    DateTime::from_secs(1_730_419_200 + hour * 3_600)
}

fn value(hour: i64) -> f64 {
    f64::from(i32::try_from(hour).unwrap())
}

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(time(hour).secs()).unwrap()
}

fn query(statistics: &[&str], extended: &[&str]) -> StatisticsQuery {
    let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    StatisticsQuery {
        metric: Metric {
            namespace: "AWS/Bedrock".to_owned(),
            name: "InputTokenCount".to_owned(),
            dimensions: Vec::new(),
        },
        range: TimeRange::new(at(0), at(24)).unwrap(),
        period: 3_600,
        statistics: owned(statistics),
        extended: owned(extended),
        unit: None,
    }
}

#[test]
fn points_come_out_oldest_first_whatever_order_aws_gives() {
    let point = |hour: i64| {
        Datapoint::builder()
            .timestamp(time(hour))
            .sum(value(hour))
            .build()
    };
    let output = GetMetricStatisticsOutput::builder()
        .set_datapoints(Some(vec![point(3), point(1), point(2)]))
        .build();
    let found = statistics_from(output, &query(&["SampleCount", "Sum"], &[])).unwrap();
    let expected: Vec<Point> = (1..4)
        .map(|hour| Point {
            time: at(hour),
            values: vec![None, Some(value(hour))],
        })
        .collect();
    assert_eq!(found.points, expected);
}

#[test]
fn percentiles_are_read_by_name() {
    let output = GetMetricStatisticsOutput::builder()
        .datapoints(
            Datapoint::builder()
                .timestamp(time(0))
                .extended_statistics("p99", 9.0)
                .extended_statistics("p50", 5.0)
                .build(),
        )
        .build();
    let found = statistics_from(output, &query(&[], &["p50", "p90", "p99"])).unwrap();
    assert_eq!(found.points[0].values, [Some(5.0), None, Some(9.0)]);
}

#[test]
fn a_point_without_a_time_is_odd_not_dropped() {
    let output = GetMetricStatisticsOutput::builder()
        .datapoints(Datapoint::builder().sum(1.0).build())
        .build();
    let error = statistics_from(output, &query(&["Sum"], &[])).unwrap_err();
    assert_eq!(error.code(), "odd_answer");
}

#[test]
fn pages_are_joined_by_id_and_label() {
    let page = |results: &[(&str, &str, i64)]| {
        let results = results
            .iter()
            .map(|(id, label, hour)| {
                MetricDataResult::builder()
                    .id(*id)
                    .label(*label)
                    .timestamps(time(*hour))
                    .values(value(*hour))
                    .build()
            })
            .collect();
        GetMetricDataOutput::builder()
            .set_metric_data_results(Some(results))
            .build()
    };
    let mut data = MetricData::default();
    join(&mut data, page(&[("s", "one", 0), ("s", "two", 0)])).unwrap();
    join(&mut data, page(&[("s", "one", 1)])).unwrap();
    let found: Vec<(&str, usize)> = data
        .lines
        .iter()
        .map(|line| (line.label.as_str(), line.points.len()))
        .collect();
    assert_eq!(found, [("one", 2), ("two", 1)]);
}

#[test]
fn an_expression_and_a_metric_are_asked_as_they_are() {
    let sent = data_query(&DataQuery {
        id: "a".to_owned(),
        ask: Ask::Expression {
            text: "m / n".to_owned(),
            period: None,
        },
        label: None,
        return_data: true,
        account_id: None,
    });
    assert_eq!(sent.expression(), Some("m / n"));
    assert!(sent.metric_stat().is_none() && sent.period().is_none());
    let sent = data_query(&DataQuery {
        id: "m".to_owned(),
        ask: Ask::Stat {
            metric: query(&[], &[]).metric,
            period: 300,
            stat: "p99".to_owned(),
            unit: Some("Count".to_owned()),
        },
        label: None,
        return_data: false,
        account_id: None,
    });
    let stat = sent.metric_stat().unwrap();
    assert_eq!((stat.period(), stat.stat()), (Some(300), Some("p99")));
    assert_eq!(sent.return_data(), Some(false));
}

#[test]
fn alarms_of_every_type_are_read_alike() {
    let math = MetricAlarm::builder()
        .alarm_name("ratio")
        .state_value(StateValue::Ok)
        .metrics(
            types::MetricDataQuery::builder()
                .id("m")
                .metric_stat(MetricStat::builder().stat("Sum").period(60).build())
                .return_data(false)
                .build(),
        )
        .metrics(
            types::MetricDataQuery::builder()
                .id("e")
                .expression("m * 2")
                .build(),
        )
        .build();
    let composite = CompositeAlarm::builder()
        .alarm_name("any")
        .alarm_rule("ALARM(ratio)")
        .state_value(StateValue::Alarm)
        .build();
    let output = DescribeAlarmsOutput::builder()
        .metric_alarms(math)
        .composite_alarms(composite)
        .build();
    let found: Vec<(String, &str, String, String)> = alarms_from(output)
        .into_iter()
        .map(|alarm| (alarm.name, alarm.kind, alarm.state, alarm.watches))
        .collect();
    let row = |name: &str, kind, state: &str, watches: &str| {
        (name.to_owned(), kind, state.to_owned(), watches.to_owned())
    };
    assert_eq!(
        found,
        [
            row("any", "composite", "ALARM", "ALARM(ratio)"),
            row("ratio", "metric", "OK", "m * 2"),
        ]
    );
}
