//! Cost anomalies and the monitors that find them, from Cost Explorer: every answer is billed.

use super::{
    Aws, HOME_REGION, Meter, Target,
    pages::{self, Paged},
    settle,
};
use crate::error::ToolError;
use aws_sdk_costexplorer::{Client, types};
use bedrock_cost::cost_scope::{Comparison, CostScope, Field, Test};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What a monitor watches.
#[derive(Clone, Debug)]
pub(crate) struct Monitor {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// Everything that it looks at, service by service or as a whole.
    pub(crate) scope: CostScope,
    /// Whether it looks at each service on its own, so that a small service is not lost in the sum.
    pub(crate) by_service: bool,
}

/// Who is told of what some monitors find.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) name: String,
    pub(crate) monitors: Vec<String>,
    /// Whether it has a subscriber who did not decline.
    pub(crate) is_received: bool,
    /// The total impact from which it tells, USD; none where its threshold is no plain amount.
    pub(crate) from_usd: Option<Decimal>,
}

/// Spend that was not expected.
#[derive(Clone, Debug)]
pub(crate) struct Anomaly {
    pub(crate) start: Option<Date>,
    /// Inclusive.
    pub(crate) end: Option<Date>,
    pub(crate) monitor_arn: String,
    /// The value of the dimension that is monitored: a service name, for a monitor of services.
    pub(crate) subject: Option<String>,
    pub(crate) impact_usd: Decimal,
    pub(crate) actual_usd: Option<Decimal>,
    pub(crate) expected_usd: Option<Decimal>,
    pub(crate) causes: Vec<Cause>,
}

/// What one part of the account added to an anomaly. AWS leaves out what it does not know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cause {
    pub(crate) service: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) usage_type: Option<String>,
    pub(crate) contribution_usd: Option<Decimal>,
}

/// Which anomalies to ask for.
#[derive(Clone, Debug)]
pub(crate) struct AnomalyQuery {
    pub(crate) start: Date,
    /// Inclusive.
    pub(crate) end: Date,
    pub(crate) monitor_arn: Option<String>,
    /// AWS's word: `YES`, `NO` or `PLANNED_ACTIVITY`.
    pub(crate) feedback: Option<String>,
    pub(crate) impact: Option<ImpactFilter>,
}

/// A bound on the impact of an anomaly, in USD.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ImpactFilter {
    /// AWS's word: `GREATER_THAN_OR_EQUAL`, `BETWEEN`, ...
    pub(crate) operator: String,
    pub(crate) start: Decimal,
    pub(crate) end: Option<Decimal>,
}

impl ImpactFilter {
    /// Every operator that AWS knows.
    pub(crate) const OPERATORS: [&str; 6] = [
        "GREATER_THAN_OR_EQUAL",
        "GREATER_THAN",
        "LESS_THAN_OR_EQUAL",
        "LESS_THAN",
        "EQUAL",
        "BETWEEN",
    ];
}

async fn client(aws: &Aws, target: &Target) -> Client {
    let home = Target {
        profile: target.profile.clone(),
        region: Some(HOME_REGION.to_owned()),
    };
    Client::new(&aws.configuration(&home).await)
}

/// Reads the monitors of the account, at most `max_pages` answers of them.
pub(crate) async fn monitors(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    max_pages: u32,
) -> Result<Paged<Vec<Monitor>>, ToolError> {
    let client = &client(aws, target).await;
    pages::read(
        max_pages,
        |_, _| {},
        |token| {
            Box::pin(async move {
                let request = client
                    .get_anomaly_monitors()
                    .set_next_page_token(token)
                    .customize()
                    .interceptor(meter.clone());
                let answer = settle("ce:GetAnomalyMonitors", request.send().await)?;
                let monitors = answer.anomaly_monitors().iter().map(read_monitor);
                Ok((monitors.collect(), answer.next_page_token))
            })
        },
    )
    .await
}

/// Reads the subscriptions of the account, at most `max_pages` answers of them.
pub(crate) async fn subscriptions(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    max_pages: u32,
) -> Result<Paged<Vec<Subscription>>, ToolError> {
    let client = &client(aws, target).await;
    pages::read(
        max_pages,
        |_, _| {},
        |token| {
            Box::pin(async move {
                let request = client
                    .get_anomaly_subscriptions()
                    .set_next_page_token(token)
                    .customize()
                    .interceptor(meter.clone());
                let answer = settle("ce:GetAnomalySubscriptions", request.send().await)?;
                let found = answer.anomaly_subscriptions().iter().map(read_subscription);
                Ok((
                    found.collect::<Result<_, ToolError>>()?,
                    answer.next_page_token,
                ))
            })
        },
    )
    .await
}

/// Reads the anomalies of a window, at most `max_pages` answers of them. `page` is told after each how many there are.
pub(crate) async fn anomalies(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    query: &AnomalyQuery,
    max_pages: u32,
    page: impl FnMut(u32, usize),
) -> Result<Paged<Vec<Anomaly>>, ToolError> {
    let client = &client(aws, target).await;
    pages::read(max_pages, page, |token| {
        Box::pin(async move {
            let feedback = query.feedback.as_deref();
            let request = client
                .get_anomalies()
                .date_interval(interval(query)?)
                .set_monitor_arn(query.monitor_arn.clone())
                .set_feedback(feedback.map(types::AnomalyFeedbackType::from))
                .set_total_impact(query.impact.as_ref().map(impact_filter).transpose()?)
                .set_next_page_token(token)
                .customize()
                .interceptor(meter.clone());
            let answer = settle("ce:GetAnomalies", request.send().await)?;
            let anomalies = answer.anomalies().iter().map(read_anomaly);
            Ok((anomalies.collect::<Result<_, _>>()?, answer.next_page_token))
        })
    })
    .await
}

fn unbuilt(error: &dyn std::fmt::Display) -> ToolError {
    ToolError::OddAnswer {
        problem: format!("the request for ce:GetAnomalies could not be built: {error}"),
    }
}

fn interval(query: &AnomalyQuery) -> Result<types::AnomalyDateInterval, ToolError> {
    types::AnomalyDateInterval::builder()
        .start_date(query.start.to_string())
        .end_date(query.end.to_string())
        .build()
        .map_err(|error| unbuilt(&error))
}

fn impact_filter(filter: &ImpactFilter) -> Result<types::TotalImpactFilter, ToolError> {
    // The API has only doubles here.
    let double = |amount: Decimal| amount.to_string().parse::<f64>().unwrap_or(f64::MAX);
    types::TotalImpactFilter::builder()
        .numeric_operator(types::NumericOperator::from(filter.operator.as_str()))
        .start_value(double(filter.start))
        .set_end_value(filter.end.map(double))
        .build()
        .map_err(|error| unbuilt(&error))
}

/// A double as the decimal that its shortest text form has, which is what AWS rounded it to.
fn decimal(double: f64) -> Result<Decimal, ToolError> {
    double
        .to_string()
        .parse()
        .map_err(|_| ToolError::OddAnswer {
            problem: "an amount of an anomaly is not a number".to_owned(),
        })
}

/// Anomalies carry dates, and instants where the rest of Cost Explorer has dates.
fn day(text: Option<&str>) -> Option<Date> {
    text?.get(..10)?.parse().ok()
}

fn read_anomaly(anomaly: &types::Anomaly) -> Result<Anomaly, ToolError> {
    let Some(impact) = anomaly.impact() else {
        return Err(ToolError::OddAnswer {
            problem: "an anomaly has no impact".to_owned(),
        });
    };
    let named = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let causes = anomaly
        .root_causes()
        .iter()
        .map(|cause| {
            Ok(Cause {
                service: named(cause.service()),
                region: named(cause.region()),
                account: named(cause.linked_account()),
                usage_type: named(cause.usage_type()),
                contribution_usd: cause
                    .impact()
                    .map(|impact| decimal(impact.contribution()))
                    .transpose()?,
            })
        })
        .collect::<Result<_, ToolError>>()?;
    Ok(Anomaly {
        start: day(anomaly.anomaly_start_date()),
        end: day(anomaly.anomaly_end_date()),
        monitor_arn: anomaly.monitor_arn().to_owned(),
        subject: named(anomaly.dimension_value()),
        impact_usd: decimal(impact.total_impact())?,
        actual_usd: impact.total_actual_spend().map(decimal).transpose()?,
        expected_usd: impact.total_expected_spend().map(decimal).transpose()?,
        causes,
    })
}

fn read_monitor(monitor: &types::AnomalyMonitor) -> Monitor {
    let by_service = monitor.monitor_dimension() == Some(&types::MonitorDimension::Service);
    Monitor {
        arn: monitor.monitor_arn().unwrap_or_default().to_owned(),
        name: monitor.monitor_name().to_owned(),
        // A monitor without an expression looks at every value of its dimension.
        scope: monitor
            .monitor_specification()
            .map_or(CostScope::Everything, expressed),
        by_service,
    }
}

fn read_subscription(subscription: &types::AnomalySubscription) -> Result<Subscription, ToolError> {
    let declined =
        |one: &types::Subscriber| one.status() == Some(&types::SubscriberStatus::Declined);
    Ok(Subscription {
        name: subscription.subscription_name().to_owned(),
        monitors: subscription.monitor_arn_list().to_vec(),
        is_received: subscription.subscribers().iter().any(|one| !declined(one)),
        from_usd: threshold(subscription)?,
    })
}

/// The impact in USD from which a subscription tells, in its older form or as an expression of this alone.
#[expect(
    deprecated,
    reason = "subscriptions that were made before ThresholdExpression have only Threshold"
)]
fn threshold(subscription: &types::AnomalySubscription) -> Result<Option<Decimal>, ToolError> {
    let absolute = subscription
        .threshold_expression()
        .and_then(types::Expression::dimensions)
        .filter(|test| test.key() == Some(&types::Dimension::AnomalyTotalImpactAbsolute));
    match (
        absolute.map(types::DimensionValues::values),
        subscription.threshold(),
    ) {
        (Some([usd]), _) => Ok(usd.parse().ok()),
        (None, Some(usd)) if subscription.threshold_expression().is_none() => {
            decimal(usd).map(Some)
        }
        _ => Ok(None),
    }
}

fn expressed(expression: &types::Expression) -> CostScope {
    let mut parts = Vec::new();
    let is = |field, options: &[types::MatchOption], values: &[String]| {
        CostScope::Is(Test {
            field,
            comparison: comparison(options),
            values: values.to_vec(),
        })
    };
    if !expression.or().is_empty() {
        parts.push(CostScope::Any(
            expression.or().iter().map(expressed).collect(),
        ));
    }
    parts.extend(expression.and().iter().map(expressed));
    if let Some(inner) = expression.not() {
        parts.push(CostScope::Not(Box::new(expressed(inner))));
    }
    if let Some(test) = expression.dimensions() {
        let key = test.key().map_or("", types::Dimension::as_str);
        parts.push(is(
            Field::Dimension(key.to_owned()),
            test.match_options(),
            test.values(),
        ));
    }
    if let Some(test) = expression.tags() {
        let key = test.key().unwrap_or_default();
        let key = key.strip_prefix("user:").unwrap_or(key);
        parts.push(is(
            Field::Tag(key.to_owned()),
            test.match_options(),
            test.values(),
        ));
    }
    if let Some(test) = expression.cost_categories() {
        let key = test.key().unwrap_or_default();
        parts.push(is(
            Field::CostCategory(key.to_owned()),
            test.match_options(),
            test.values(),
        ));
    }
    match parts.len() {
        0 => CostScope::Everything,
        1 => parts.remove(0),
        _ => CostScope::All(parts),
    }
}

fn comparison(options: &[types::MatchOption]) -> Comparison {
    let mut found = Comparison::Equals;
    for option in options {
        match option {
            types::MatchOption::Absent => found = Comparison::Absent,
            types::MatchOption::StartsWith => found = Comparison::StartsWith,
            types::MatchOption::EndsWith => found = Comparison::EndsWith,
            types::MatchOption::Contains => found = Comparison::Contains,
            types::MatchOption::Equals
            | types::MatchOption::CaseSensitive
            | types::MatchOption::CaseInsensitive => {}
            _ => found = Comparison::Unknown,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn doubles_become_the_decimals_they_stand_for() {
        for (double, text) in [
            (0.1, "0.1"),
            (1234.56, "1234.56"),
            (-3.0, "-3"),
            (99.99, "99.99"),
        ] {
            assert_eq!(decimal(double).unwrap().normalize().to_string(), text);
        }
        assert_eq!(decimal(f64::NAN).unwrap_err().code(), "odd_answer");
    }

    #[test]
    fn days_are_read_from_dates_and_instants() {
        assert_eq!(day(Some("2024-11-18")), Some(Date::constant(2024, 11, 18)));
        assert_eq!(
            day(Some("2024-11-18T00:00:00Z")),
            Some(Date::constant(2024, 11, 18))
        );
        assert_eq!(day(Some("soon")), None);
    }
}
