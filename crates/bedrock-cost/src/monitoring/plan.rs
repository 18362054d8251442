//! The plan: new resources that close the gaps, each threshold with the rule and the figures that it stands on.

use super::coverage::{Coverage, Need, Signal};
use super::existing::{
    Existing, WatchedAlarm, WatchedBudget, WatchedMonitor, WatchedSeries, WatchedSubscription,
};
use super::threshold::{Distribution, Threshold};
use super::usage::{INVOCATIONS, MODEL, NAMESPACE, Usage};
use crate::cost_scope::{Comparison, CostScope, Field, SERVICE, Test};
use rust_decimal::Decimal;

/// AWS has no longer names of alarms.
const LONGEST_NAME: usize = 255;
/// CloudFormation would resolve text that begins so, and has no way to write it.
const RESOLVED: &str = "{{resolve:";

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notify {
    /// A new topic with an address that subscribes to it; without one, the texts ask for it.
    Email(Option<String>),
    /// A topic that exists. Its policy has to let AWS's services publish.
    Topic(String),
}

/// A text that is neither an address nor the ARN of a topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("neither an e-mail address nor the ARN of an SNS topic")]
pub struct NotifyError;

impl std::str::FromStr for Notify {
    type Err = NotifyError;

    fn from_str(text: &str) -> Result<Self, NotifyError> {
        let text = text.trim();
        // Nothing that any of the texts would have to escape.
        let is_plain = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"@.:+-_=".contains(&b));
        if !is_plain || text.len() > 254 {
            return Err(NotifyError);
        }
        let parts: Vec<&str> = text.split(':').collect();
        if let ["arn", partition, "sns", region, account, topic] = parts.as_slice() {
            let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
            let is_topic = !topic.is_empty()
                && topic
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
            let known = partition.starts_with("aws") && !region.is_empty();
            return if known && is_account && is_topic {
                Ok(Self::Topic(text.to_owned()))
            } else {
                Err(NotifyError)
            };
        }
        match text.split_once('@') {
            Some((user, host)) if !user.is_empty() && host.contains('.') && !host.contains('@') => {
                Ok(Self::Email(Some(text.to_owned())))
            }
            _ => Err(NotifyError),
        }
    }
}

/// One metric of an alarm, and what each unit of it counts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The metric.
    pub metric: &'static str,
    /// The model; `None` for the whole account.
    pub model: Option<String>,
    /// The factor: USD for a token, or 1.
    pub rate: Decimal,
}

/// An alarm on the daily sum of its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAlarm {
    /// Its name, not used by an alarm that exists.
    pub name: String,
    /// What it tells of.
    pub need: Need,
    /// The same in words.
    pub about: String,
    /// What is added up.
    pub terms: Vec<Term>,
    /// `USD at list rates`, `tokens` or `requests`.
    pub unit: &'static str,
    /// It rings above this.
    pub threshold: Threshold,
}

impl PlannedAlarm {
    /// Returns what is written into the alarm, for whoever it wakes.
    #[must_use]
    pub fn description(&self) -> String {
        let text = format!("{}: {}", self.about, self.threshold);
        text.chars().take(1_024).collect()
    }

    /// Tells whether it adds metrics up, instead of looking at one as it is.
    pub(super) fn is_computed(&self) -> bool {
        !matches!(self.terms.as_slice(), [only] if only.rate == Decimal::ONE)
    }

    /// The expression over its terms, `m1` being the first. A kind of token that was not used on a day counts as 0.
    pub(super) fn expression(&self) -> String {
        let terms = (1..).zip(&self.terms).map(|(at, term)| {
            if term.rate == Decimal::ONE {
                format!("FILL(m{at}, 0)")
            } else {
                format!("FILL(m{at}, 0) * {}", term.rate.normalize())
            }
        });
        terms.collect::<Vec<_>>().join(" + ")
    }
}

/// A monthly budget of every Bedrock service that was charged for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedBudget {
    /// Its name, not used by a budget that exists.
    pub name: String,
    /// Service names, as the bill has them.
    pub services: Vec<String>,
    /// USD.
    pub limit: Threshold,
}

/// A subscription to a monitor of services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSubscription {
    /// Its name.
    pub name: String,
    /// The ARN of a monitor that exists; `None` for the planned one.
    pub monitor: Option<String>,
    /// The impact from which it tells, USD.
    pub from: Threshold,
}

/// New resources that close the gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The region of the alarms, the topic and the dashboard.
    pub region: String,
    /// Alarms, in the order of the gaps.
    pub alarms: Vec<PlannedAlarm>,
    /// A budget.
    pub budget: Option<PlannedBudget>,
    /// The name of a monitor of services.
    pub monitor: Option<String>,
    /// A subscription.
    pub subscription: Option<PlannedSubscription>,
    /// The name of the dashboard.
    pub dashboard: String,
    /// Gaps that too few days were measured for.
    pub open: Vec<Need>,
}

impl Plan {
    /// Plans what closes the gaps.
    #[must_use]
    pub fn of(coverage: &Coverage, existing: &Existing, usage: &Usage) -> Self {
        let mut out = Self {
            region: usage.region.clone(),
            alarms: Vec::new(),
            budget: None,
            monitor: None,
            subscription: None,
            dashboard: format!("bedrock-cost-{}", usage.region),
            open: Vec::new(),
        };
        let spend = Distribution::of(usage.spend_by_day.as_deref().unwrap_or_default());
        for gap in &coverage.gaps {
            let planned = match (&gap.need, &spend) {
                (Need::Budget, Some(spend)) => {
                    out.budget = Some(budget(spend, existing, usage));
                    true
                }
                (Need::Monitor, _) => {
                    out.monitor = Some("bedrock-cost-services".to_owned());
                    true
                }
                (Need::Subscription, Some(spend)) => {
                    out.subscription = Some(subscription(spend, existing));
                    true
                }
                (Need::Budget | Need::Subscription, None) => false,
                (Need::Region(signal), _) => out.alarm(region_alarm(*signal, usage), existing),
                (Need::Model(model), _) => out.alarm(model_alarm(model, usage), existing),
            };
            if !planned {
                out.open.push(gap.need.clone());
            }
        }
        out
    }

    fn alarm(&mut self, alarm: Option<PlannedAlarm>, existing: &Existing) -> bool {
        let Some(mut alarm) = alarm else {
            return false;
        };
        let taken = |name: &str| {
            let is = |known: &str| known == name;
            existing.alarms.iter().flatten().any(|one| is(&one.name))
                || self.alarms.iter().any(|one| is(&one.name))
        };
        alarm.name = free_name(&alarm.name, LONGEST_NAME, taken);
        self.alarms.push(alarm);
        true
    }

    /// Tells whether nothing but the dashboard is planned.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.alarms.is_empty()
            && self.budget.is_none()
            && self.monitor.is_none()
            && self.subscription.is_none()
    }

    /// Returns what exists once the plan is applied.
    #[must_use]
    pub fn applied_to(&self, existing: &Existing) -> Existing {
        let mut out = existing.clone();
        if let Some(alarms) = &mut out.alarms {
            alarms.extend(self.alarms.iter().map(|alarm| WatchedAlarm {
                name: alarm.name.clone(),
                state: "OK".to_owned(),
                days_in_state: Some(0),
                acts: true,
                rings_above: true,
                series: alarm.terms.iter().map(watched).collect(),
                rule: None,
            }));
        }
        if let (Some(budgets), Some(planned)) = (&mut out.budgets, &self.budget) {
            budgets.push(WatchedBudget {
                name: planned.name.clone(),
                counts_cost: true,
                scope: CostScope::Is(Test {
                    field: Field::Dimension(SERVICE.to_owned()),
                    comparison: Comparison::Equals,
                    values: planned.services.clone(),
                }),
                notifies: Some(true),
                healthy: true,
            });
        }
        let planned_arn = "planned".to_owned();
        if let (Some(monitors), Some(name)) = (&mut out.monitors, &self.monitor) {
            monitors.push(WatchedMonitor {
                arn: planned_arn.clone(),
                name: name.clone(),
                by_service: true,
            });
        }
        if let (Some(subscriptions), Some(planned)) = (&mut out.subscriptions, &self.subscription) {
            subscriptions.push(WatchedSubscription {
                name: planned.name.clone(),
                monitors: vec![planned.monitor.clone().unwrap_or(planned_arn)],
                is_received: true,
                from_usd: Some(planned.from.value),
            });
        }
        out
    }
}

fn watched(term: &Term) -> WatchedSeries {
    WatchedSeries {
        namespace: NAMESPACE.to_owned(),
        metric: term.metric.to_owned(),
        dimensions: term
            .model
            .iter()
            .map(|model| (MODEL.to_owned(), model.clone()))
            .collect(),
    }
}

fn budget(spend: &Distribution, existing: &Existing, usage: &Usage) -> PlannedBudget {
    let taken = |name: &str| {
        // AWS tells names of budgets apart by case, people do not.
        existing
            .budgets
            .iter()
            .flatten()
            .any(|one| one.name.eq_ignore_ascii_case(name))
    };
    let services = usage.services().into_iter();
    PlannedBudget {
        name: free_name("bedrock-all-models-monthly", 100, taken),
        services: services.map(|one| one.service.clone()).collect(),
        limit: spend.month_limit(),
    }
}

fn subscription(spend: &Distribution, existing: &Existing) -> PlannedSubscription {
    let monitors = existing.monitors.iter().flatten();
    let mut seeing = monitors.filter(|monitor| monitor.by_service);
    let excess = spend.excess_limit();
    PlannedSubscription {
        name: "bedrock-cost-anomalies".to_owned(),
        monitor: seeing.next().map(|monitor| monitor.arn.clone()),
        from: excess,
    }
}

fn region_alarm(signal: Signal, usage: &Usage) -> Option<PlannedAlarm> {
    let days = |metric| usage.days(metric, None).unwrap_or_default();
    let threshold = if signal.is_failure() {
        let requests = Distribution::of(days(INVOCATIONS))?;
        // A region without a failure has as many days without one as it has days with requests.
        let failures = Distribution::of(days(signal.metric()))
            .unwrap_or_else(|| Distribution::none(requests.len()));
        failures.event_limit(requests.median)
    } else {
        Distribution::of(days(signal.metric()))?.volume_limit()
    };
    let name = signal.name().replace(' ', "-");
    Some(PlannedAlarm {
        name: format!("bedrock-{name}-daily"),
        need: Need::Region(signal),
        about: format!("{} of a day in {}", signal.name(), usage.region),
        terms: vec![Term {
            metric: signal.metric(),
            model: None,
            rate: Decimal::ONE,
        }],
        unit: if signal.is_failure() {
            "requests"
        } else {
            "tokens"
        },
        threshold,
    })
}

fn model_alarm(model: &str, usage: &Usage) -> Option<PlannedAlarm> {
    if model.contains(RESOLVED) {
        return None;
    }
    let series = usage.token_series(model);
    let cost = usage.cost_by_day(model);
    let is_priced = cost.is_some();
    let days = cost.unwrap_or_else(|| usage.tokens_by_day(model));
    let terms = series.into_iter().map(|(metric, _)| Term {
        metric,
        model: Some(model.to_owned()),
        rate: if is_priced {
            usage.rate(model, metric).unwrap_or_default()
        } else {
            Decimal::ONE
        },
    });
    // Free tokens, such as cache writes of Nova, add nothing.
    let terms: Vec<Term> = terms.filter(|term| !term.rate.is_zero()).collect();
    let what = if is_priced { "cost" } else { "tokens" };
    Some(PlannedAlarm {
        name: format!("bedrock-{what}-daily-{}", named(usage.name_of(model))),
        need: Need::Model(model.to_owned()),
        about: format!(
            "{} of a day of {}",
            if is_priced {
                "USD at list rates"
            } else {
                "tokens"
            },
            usage.name_of(model)
        ),
        terms,
        unit: if is_priced {
            "USD at list rates"
        } else {
            "tokens"
        },
        threshold: Distribution::of(&days)?.volume_limit(),
    })
}

/// The name of a model as part of the name of an alarm, with nothing in it that such names may not have.
fn named(model: &str) -> String {
    model
        .chars()
        .map(|c| if c.is_whitespace() { '-' } else { c })
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME - 40)
        .collect()
}

/// The name, or the first of its successors that nothing has yet: AWS would overwrite what has it.
fn free_name(wanted: &str, longest: usize, taken: impl Fn(&str) -> bool) -> String {
    let name: String = wanted.chars().take(longest - 10).collect();
    if !taken(&name) {
        return name;
    }
    (2..=9_999)
        .map(|n| format!("{name}-{n}"))
        .find(|name| !taken(name))
        .unwrap_or(name)
}
