//! What exists and what ran, read from AWS. A part that cannot be read is missing, and said to be.

use crate::{
    aws::{
        Target, anomalies, bedrock, budgets,
        cloudwatch::{
            Alarm, AlarmQuery, Ask, DataQuery, Metric, describe_alarms, get_metric_data,
            list_metrics,
        },
        cost_explorer::{Link, cost_and_usage},
        identity,
        pages::{Cut, Paged},
    },
    error::ToolError,
    tools::{
        Call,
        metered::{MOST_QUERIES, is_opaque},
        metric_rules::BEDROCK,
        rate_origin::RateOrigins,
        reply::Warning,
    },
};
use bedrock_cost::{
    cost_query::{CostMetric, DimensionKey, Filter, Granularity, GroupBy, QueryPeriod, UsageQuery},
    cost_report::{CostReport, day_of},
    cost_scope::BedrockCoverage,
    inference::Tier,
    monitoring::{
        CACHE_READ, CACHE_WRITE, Existing, INPUT, INVOCATIONS, MODEL, MeteredSeries, OUTPUT,
        ServiceSpend, Signal, TOKEN_METRICS, Usage, WatchedAlarm, WatchedBudget, WatchedMonitor,
        WatchedSeries, WatchedSubscription,
    },
    period::{BillingPeriod, days_between, midnight, utc_date},
    price_book::{PriceBook, RateQuery},
    region::Region,
    service_name::is_bedrock_service,
    time_range::TimeRange,
    tokens::TokenKind,
    usage::{Called, Profile},
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Every operation that a call may send.
pub(super) const OPERATIONS: [&str; 10] = [
    "sts:GetCallerIdentity",
    "budgets:DescribeBudgets",
    "budgets:DescribeNotificationsForBudget",
    "ce:GetAnomalyMonitors",
    "ce:GetAnomalySubscriptions",
    "ce:GetCostAndUsage",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListMetrics",
    "cloudwatch:GetMetricData",
    "bedrock:ListInferenceProfiles",
];
/// Budgets whose notifications are read: each is a request of its own.
const MOST_NOTIFICATIONS: usize = 20;
/// Cost Explorer answers of each kind; each is billed.
const MOST_PAGES: u32 = 3;
/// More alarms than this are not a question about a bill.
const MOST_ALARMS: usize = 5_000;
/// 1,500 series: more than Bedrock has metrics and models.
const LIST_PAGES: u32 = 3;
/// Seconds in a day.
const DAY: u32 = 86_400;

/// What was read.
pub(super) struct Found {
    pub(super) existing: Existing,
    pub(super) usage: Usage,
    pub(super) warnings: Vec<Warning>,
    /// What the thresholds in USD stand on.
    pub(super) rates: RateOrigins,
}

/// Reads all parts beside one another.
///
/// # Errors
///
/// Only where nothing at all could be read.
pub(super) async fn all(
    call: &Call,
    target: &Target,
    region: &str,
    period: BillingPeriod,
) -> Result<Found, ToolError> {
    let book = call.prices().await?;
    let billing = async {
        // Cost Explorer takes requests one after another.
        let anomalies = anomalies(call, target).await;
        (anomalies, spend(call, target, period).await)
    };
    let (budgets, ((monitors, subscriptions), spend), alarms, metrics) = tokio::join!(
        Box::pin(budgets(call, target)),
        Box::pin(billing),
        Box::pin(alarms(call, target)),
        Box::pin(metrics(call, target, period))
    );
    let mut parts = Parts::default();
    let existing = Existing {
        budgets: parts.take("budgets", budgets),
        monitors: parts.take("anomaly monitors", monitors),
        subscriptions: parts.take("anomaly subscriptions", subscriptions),
        alarms: parts.take("alarms", alarms),
    };
    let (metrics, profiles) = parts.take("metrics", metrics).unzip();
    let mut measured = Usage {
        region: region.to_owned(),
        period,
        spend: parts.take("charges", spend),
        spend_by_day: None,
        metrics,
        names: BTreeMap::new(),
        rates: Vec::new(),
    };
    if let (0, Some(error)) = (parts.read, parts.first_error) {
        return Err(error);
    }
    let rates = add_rates(&mut measured, &profiles.unwrap_or_default(), book, call);
    Ok(Found {
        existing,
        usage: measured,
        warnings: parts.warnings,
        rates,
    })
}

/// One part: what was read, and what there is to say about it.
type Part<T> = Result<(T, Vec<Warning>), ToolError>;

/// Puts parts together, and remembers what could not be read.
#[derive(Default)]
struct Parts {
    warnings: Vec<Warning>,
    read: usize,
    first_error: Option<ToolError>,
}

impl Parts {
    fn take<T>(&mut self, what: &str, part: Part<T>) -> Option<T> {
        match part {
            Ok((found, warnings)) => {
                self.read += 1;
                self.warnings.extend(warnings);
                Some(found)
            }
            Err(error) => {
                self.warnings.push(Warning::new(
                    "not_read",
                    format!(
                        "{what} could not be read, so that nothing is said about them: {error}"
                    ),
                ));
                self.first_error.get_or_insert(error);
                None
            }
        }
    }
}

fn cut_short(what: &str, cut: Option<&Cut>) -> Option<Warning> {
    cut.map(|cut| Warning::new("pages_cut", format!("of the {what} {cut}")))
}

async fn budgets(call: &Call, target: &Target) -> Part<Vec<WatchedBudget>> {
    let account = identity::account_id(&call.aws, &call.meter, target).await?;
    let Paged { value, cut } = budgets::all(
        &call.aws,
        &call.meter,
        target,
        &account,
        call.now(),
        |_, found| call.progress(1, None, format!("{found} budgets read")),
    )
    .await?;
    let mut warnings: Vec<Warning> = cut_short("budgets", cut.as_ref()).into_iter().collect();
    let mut out = Vec::new();
    let mut asked = 0;
    let mut failure = None;
    for budget in value {
        let counts_bedrock = budget.scope.bedrock_coverage() != BedrockCoverage::None;
        let mut notifies = None;
        if budget.kind == "COST"
            && counts_bedrock
            && failure.is_none()
            && asked < MOST_NOTIFICATIONS
        {
            asked += 1;
            let found =
                budgets::notifications(&call.aws, &call.meter, target, &account, &budget.name);
            match found.await {
                Ok(count) => notifies = Some(count > 0),
                Err(error) => failure = Some(error),
            }
        }
        out.push(WatchedBudget {
            counts_cost: budget.kind == "COST",
            name: budget.name,
            scope: budget.scope,
            notifies,
            healthy: budget.unhealthy.is_none(),
        });
    }
    warnings.extend(failure.map(|error| {
        Warning::new(
            "not_read",
            format!("whom budgets notify could not be read: {error}"),
        )
    }));
    Ok((out, warnings))
}

/// Monitors, and the subscriptions where there is a monitor that sees services: others tell nothing of Bedrock.
async fn anomalies(
    call: &Call,
    target: &Target,
) -> (Part<Vec<WatchedMonitor>>, Part<Vec<WatchedSubscription>>) {
    let monitors = match anomalies::monitors(&call.aws, &call.meter, target, MOST_PAGES).await {
        Ok(monitors) => monitors,
        Err(error) => return (Err(error.clone()), Err(error)),
    };
    let warnings = cut_short("anomaly monitors", monitors.cut.as_ref());
    let seeing: Vec<WatchedMonitor> = monitors
        .value
        .into_iter()
        .map(|monitor| WatchedMonitor {
            arn: monitor.arn,
            name: monitor.name,
            by_service: monitor.by_service,
        })
        .collect();
    let subscriptions = if seeing.iter().any(|monitor| monitor.by_service) {
        anomalies::subscriptions(&call.aws, &call.meter, target, MOST_PAGES)
            .await
            .map(|found| {
                let warning = cut_short("anomaly subscriptions", found.cut.as_ref());
                let read = found.value.into_iter().map(|one| WatchedSubscription {
                    name: one.name,
                    monitors: one.monitors,
                    is_received: one.is_received,
                    from_usd: one.from_usd,
                });
                (read.collect(), warning.into_iter().collect())
            })
    } else {
        Ok((Vec::new(), Vec::new()))
    };
    (Ok((seeing, warnings.into_iter().collect())), subscriptions)
}

/// What each Bedrock service cost: months are the fewest rows that tell which services there are.
async fn spend(call: &Call, target: &Target, period: BillingPeriod) -> Part<Vec<ServiceSpend>> {
    let query = usage(period, Granularity::Monthly, Filter::charged());
    let query = UsageQuery {
        group_by: vec![GroupBy::Dimension(DimensionKey::Service)],
        ..query
    };
    let (report, warnings) = ask(call, target, &query).await?;
    let services = report.by_group(0).into_iter();
    let of_bedrock =
        services.filter_map(
            |group| match (group.keys.as_slice(), group.amounts.as_slice()) {
                ([service], [cost]) if is_bedrock_service(service) => Some(ServiceSpend {
                    service: service.clone(),
                    cost: cost.value,
                }),
                _ => None,
            },
        );
    Ok((of_bedrock.collect(), warnings))
}

/// What the services of a usage cost on each day, added to it.
pub(super) async fn spend_by_day(call: &Call, target: &Target, found: &mut Found) {
    let period = found.usage.period;
    let services: Vec<String> = found
        .usage
        .services()
        .iter()
        .map(|one| one.service.clone())
        .collect();
    if services.is_empty() {
        return;
    }
    let filter = Filter::dimension(DimensionKey::Service, services).and(Filter::charged());
    let query = usage(period, Granularity::Daily, filter);
    match ask(call, target, &query).await {
        Ok((report, warnings)) => {
            found.usage.spend_by_day = Some(days(&report, period));
            found.warnings.extend(warnings);
        }
        Err(error) => found.warnings.push(Warning::new(
            "not_read",
            format!(
                "what days cost could not be read, so that no limit in USD is computed: {error}"
            ),
        )),
    }
}

fn usage(period: BillingPeriod, granularity: Granularity, filter: Filter) -> UsageQuery {
    UsageQuery {
        period: QueryPeriod::Days(period),
        granularity,
        metrics: vec![CostMetric::UnblendedCost],
        group_by: Vec::new(),
        filter: Some(filter),
    }
}

async fn ask(call: &Call, target: &Target, query: &UsageQuery) -> Part<CostReport> {
    let on_page = |pages| call.progress(pages, None, format!("{pages} pages of charges read"));
    let link = Link {
        aws: &call.aws,
        meter: &call.meter,
        target,
        max_pages: MOST_PAGES,
        on_page: &on_page,
    };
    let Paged { value, cut } = cost_and_usage(&link, query, false).await?;
    let warnings = cut_short("charges", cut.as_ref());
    Ok((value.report, warnings.into_iter().collect()))
}

fn days(report: &CostReport, period: BillingPeriod) -> Vec<Decimal> {
    let mut out = vec![Decimal::ZERO; usize::try_from(period.days()).unwrap_or_default()];
    for part in report.periods() {
        let at = day_of(&part.start).map(|day| days_between(period.start(), day));
        let day = at.and_then(|at| out.get_mut(usize::try_from(at).ok()?));
        if let (Some(day), Some(cost)) = (day, CostReport::period_total(part).first()) {
            *day = day.saturating_add(cost.value);
        }
    }
    out
}

async fn alarms(call: &Call, target: &Target) -> Part<Vec<WatchedAlarm>> {
    let query = AlarmQuery {
        types: vec!["MetricAlarm".to_owned(), "CompositeAlarm".to_owned()],
        page_size: 100,
        limit: MOST_ALARMS,
        ..AlarmQuery::default()
    };
    let on_page = |pages| call.progress(pages, None, format!("{pages} pages of alarms read"));
    let (found, more) = describe_alarms(&call.aws, &call.meter, target, &query, &on_page).await?;
    let warning = more.then(|| {
        Warning::new(
            "more_alarms",
            format!("only the first {MOST_ALARMS} alarms were read: others may close gaps"),
        )
    });
    let now = call.now();
    let read = found.into_iter().map(|alarm| watched(alarm, now));
    Ok((read.collect(), warning.into_iter().collect()))
}

fn watched(alarm: Alarm, now: Timestamp) -> WatchedAlarm {
    WatchedAlarm {
        rule: (alarm.kind == "composite").then_some(alarm.watches),
        name: alarm.name,
        state: alarm.state,
        days_in_state: alarm
            .since
            .map(|since| (now.as_second() - since.as_second()).max(0) / i64::from(DAY)),
        acts: alarm.acts,
        // Bands of anomaly detection have words of their own, and ring above too.
        rings_above: alarm.comparison.starts_with('>') || alarm.comparison.contains("Upper"),
        series: alarm
            .series
            .into_iter()
            .map(|metric| WatchedSeries {
                namespace: metric.namespace,
                metric: metric.name,
                dimensions: metric
                    .dimensions
                    .into_iter()
                    .map(|one| (one.name, one.value))
                    .collect(),
            })
            .collect(),
    }
}

/// Daily sums of every series that thresholds stand on, of what had values in the last two weeks.
async fn metrics(
    call: &Call,
    target: &Target,
    period: BillingPeriod,
) -> Part<(Vec<MeteredSeries>, Vec<Profile>)> {
    let (listed, _) =
        list_metrics(&call.aws, &call.meter, target, BEDROCK, None, LIST_PAGES).await?;
    let mut warnings = Vec::new();
    let mut wanted: Vec<(Metric, Option<String>)> = listed
        .into_iter()
        .filter_map(|metric| {
            let of_account = metric.name == INVOCATIONS
                || Signal::ALL.iter().any(|one| one.metric() == metric.name);
            match metric.dimensions.as_slice() {
                [] if of_account => Some((metric, None)),
                [only] if only.name == MODEL && TOKEN_METRICS.contains(&metric.name.as_str()) => {
                    let model = only.value.clone();
                    Some((metric, Some(model)))
                }
                _ => None,
            }
        })
        .collect();
    // The account's own series first: where there are too many, models are left out.
    wanted.sort_by(|(a, of_a), (b, of_b)| (of_a, &a.name).cmp(&(of_b, &b.name)));
    if wanted.iter().any(|(_, model)| model.is_some())
        && !wanted.iter().any(|(_, model)| model.is_none())
    {
        warnings.push(Warning::new(
            "no_account_series",
            "CloudWatch has no series over all models here, so that only single models can be watched",
        ));
    }
    if wanted.len() > MOST_QUERIES {
        warnings.push(Warning::new(
            "models_left_out",
            format!(
                "{} series of models were not read",
                wanted.len() - MOST_QUERIES
            ),
        ));
        wanted.truncate(MOST_QUERIES);
    }
    if wanted.is_empty() {
        return Ok(((Vec::new(), Vec::new()), warnings));
    }
    let queries: Vec<DataQuery> = (0..)
        .zip(&wanted)
        .map(|(at, (metric, _))| DataQuery {
            id: format!("q{at}"),
            ask: Ask::Stat {
                metric: metric.clone(),
                period: DAY,
                stat: "Sum".to_owned(),
                unit: None,
            },
            label: None,
            return_data: true,
            account_id: None,
        })
        .collect();
    let range = TimeRange::new(midnight(period.start()), midnight(period.end())).map_err(|_| {
        ToolError::OddAnswer {
            problem: "the days to measure are no range".to_owned(),
        }
    })?;
    let found = get_metric_data(
        &call.aws,
        &call.meter,
        target,
        &queries,
        range,
        MOST_PAGES,
        &|pages| call.progress(pages, None, format!("{pages} pages of metrics read")),
    )
    .await?;
    let length = usize::try_from(period.days()).unwrap_or_default();
    let mut series: Vec<MeteredSeries> = wanted
        .into_iter()
        .map(|(metric, model)| MeteredSeries {
            metric: metric.name,
            model,
            days: vec![Decimal::ZERO; length],
        })
        .collect();
    for line in found.lines {
        let at = line
            .id
            .strip_prefix('q')
            .and_then(|at| at.parse::<usize>().ok());
        let Some(series) = at.and_then(|at| series.get_mut(at)) else {
            continue;
        };
        for (time, value) in line.points {
            let day = usize::try_from(days_between(period.start(), utc_date(time))).ok();
            let value = Decimal::try_from(value).unwrap_or_default();
            if let Some(sum) = day.and_then(|day| series.days.get_mut(day)) {
                *sum = sum.saturating_add(value);
            }
        }
    }
    let mut profiles = Vec::new();
    if series
        .iter()
        .filter_map(|one| one.model.as_deref())
        .any(is_opaque)
    {
        match bedrock::application_profiles(&call.aws, &call.meter, target).await {
            Ok(found) => profiles = found,
            Err(error) => warnings.push(Warning::new(
                "profiles_unknown",
                format!("application profiles could not be listed, so that these are watched by their tokens: {error}"),
            )),
        }
    }
    Ok(((series, profiles), warnings))
}

/// Adds the list rates of every model that is billed by the token, and says what they stand on.
fn add_rates(
    usage: &mut Usage,
    profiles: &[Profile],
    book: &PriceBook,
    call: &Call,
) -> RateOrigins {
    let mut origins = RateOrigins::default();
    let Ok(region) = Region::parse_known(&usage.region) else {
        return origins;
    };
    let mut rates = Vec::new();
    let mut names = BTreeMap::new();
    for id in usage.models() {
        let called = Called::of(id, book, profiles, &[]);
        names.insert(id.to_owned(), called.name().to_owned());
        let Called::Model { model, routing, .. } = &called else {
            continue;
        };
        let query = RateQuery {
            region: region.clone(),
            routing: *routing,
            tier: Tier::Standard,
            date: call.today(),
        };
        let Some(found) = model.rates_if_listed(&query) else {
            continue;
        };
        origins.add(called.name(), &found.basis);
        for (metric, kind) in [
            (INPUT, TokenKind::Input),
            (OUTPUT, TokenKind::Output),
            (CACHE_READ, TokenKind::CacheRead),
            (CACHE_WRITE, TokenKind::CacheWrite5m),
        ] {
            if let Some(rate) = found.get(kind) {
                rates.push((id.to_owned(), metric, rate.usd() / Decimal::from(1_000_000)));
            }
        }
    }
    usage.rates = rates;
    usage.names = names;
    origins
}
