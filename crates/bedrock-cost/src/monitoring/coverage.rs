//! Coverage: which needs nothing answers, and what exists in vain.

use super::existing::{Existing, WatchedAlarm, WatchedBudget, WatchedSeries};
use super::threshold::{Distribution, shown};
use super::usage::{INPUT, MODEL, OUTPUT, TOKEN_METRICS, Usage};
use crate::cost_scope::{BedrockCoverage, Comparison, CostScope};
use rust_decimal::Decimal;
use std::fmt;

/// An alarm that has been ringing for so many days tells nobody anything.
const RINGS_IN_VAIN: i64 = 7;
/// Services named in one sentence before the rest are counted.
const NAMED: usize = 2;
/// Stands for every service that is not Bedrock.
const ANOTHER_SERVICE: &str = "(a service that is not Bedrock)";

/// Something of which somebody should be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The month's cost of all of Bedrock, and of nothing else.
    Budget,
    /// A service that costs more than AWS expects.
    Monitor,
    /// Being told of what such a monitor finds.
    Subscription,
    /// A day of the region that is out of the usual.
    Region(Signal),
    /// A day of one model that costs more than usual.
    Model(String),
}

/// What a day of a region is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// Tokens in.
    Input,
    /// Tokens out.
    Output,
    /// Requests refused for want of quota.
    Throttles,
    /// Requests that failed in the service.
    ServerErrors,
    /// Requests that were wrong.
    ClientErrors,
}

impl Signal {
    /// Every signal.
    pub const ALL: [Self; 5] = [
        Self::Input,
        Self::Output,
        Self::Throttles,
        Self::ServerErrors,
        Self::ClientErrors,
    ];

    /// Returns the metric.
    #[must_use]
    pub const fn metric(self) -> &'static str {
        match self {
            Self::Input => INPUT,
            Self::Output => OUTPUT,
            Self::Throttles => "InvocationThrottles",
            Self::ServerErrors => "InvocationServerErrors",
            Self::ClientErrors => "InvocationClientErrors",
        }
    }

    /// Returns what it counts, in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input tokens",
            Self::Output => "output tokens",
            Self::Throttles => "throttles",
            Self::ServerErrors => "server errors",
            Self::ClientErrors => "client errors",
        }
    }

    /// Tells whether it counts failures, which most days have few of.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Input | Self::Output)
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Budget => f.write_str("budget"),
            Self::Monitor => f.write_str("anomaly monitor"),
            Self::Subscription => f.write_str("anomaly subscription"),
            Self::Region(signal) => write!(f, "{} a day", signal.name()),
            Self::Model(model) => write!(f, "cost a day of {}", short(model)),
        }
    }
}

/// A need that nothing answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// What is needed.
    pub need: Need,
    /// Why nothing answers it.
    pub why: String,
}

/// Something that exists and does not do what it was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// `budget`, `subscription` or `alarm`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What is wrong.
    pub problem: String,
}

/// What is watched, and what is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Needs that something answers.
    pub met: Vec<Need>,
    /// Needs that nothing answers.
    pub gaps: Vec<Gap>,
    /// What exists in vain.
    pub flaws: Vec<Flaw>,
    /// Models that ran and get no alarm of their own, since others are dearer.
    pub left_out: Vec<String>,
}

impl Coverage {
    /// Compares what exists with what ran. Where something was not read, nothing is said about it.
    #[must_use]
    pub fn of(existing: &Existing, usage: &Usage) -> Self {
        let mut out = Self::default();
        out.budgets(existing, usage);
        out.anomalies(existing, usage);
        out.alarms(existing, usage);
        out
    }

    /// Tells whether a plan needs what Bedrock cost on each day.
    #[must_use]
    pub fn needs_spend_by_day(&self) -> bool {
        self.gaps
            .iter()
            .any(|gap| matches!(gap.need, Need::Budget | Need::Subscription))
    }

    fn settle(&mut self, need: Need, gap: Option<String>) {
        match gap {
            None => self.met.push(need),
            Some(why) => self.gaps.push(Gap { need, why }),
        }
    }

    fn flaw(&mut self, kind: &'static str, name: &str, problem: impl Into<String>) {
        self.flaws.push(Flaw {
            kind,
            name: name.to_owned(),
            problem: problem.into(),
        });
    }

    fn budgets(&mut self, existing: &Existing, usage: &Usage) {
        let Some(budgets) = &existing.budgets else {
            return;
        };
        let mut wide = None;
        let mut nearest: Option<(Decimal, String)> = None;
        let mut met = false;
        for budget in budgets.iter().filter(|budget| budget.counts_cost) {
            let outside = missed(budget, usage);
            let misses = !outside.is_empty();
            let names_services = budget.scope.fields().iter().any(|field| field.is_service());
            if budget.scope.bedrock_coverage() == BedrockCoverage::None {
                continue;
            }
            let alone = !budget
                .scope
                .overlaps(&CostScope::service(ANOTHER_SERVICE, Comparison::Equals));
            if misses && names_services {
                let problem = not_counted(&outside, usage);
                let cost = outside.iter().map(|(_, cost)| *cost).sum();
                if nearest.as_ref().is_none_or(|(least, _)| cost < *least) {
                    nearest = Some((cost, format!("{} {problem}", budget.name)));
                }
                self.flaw("budget", &budget.name, problem);
            } else if !misses && !alone {
                wide = wide.or(Some(budget.name.as_str()));
            }
            if !budget.healthy {
                self.flaw("budget", &budget.name, "AWS does not keep it up to date");
            }
            if budget.notifies == Some(false) {
                self.flaw("budget", &budget.name, "it notifies nobody");
            }
            let tells = budget.healthy && budget.notifies != Some(false);
            met |= !misses && alone && tells;
        }
        if usage.services().is_empty() {
            return;
        }
        let why = match (nearest, wide) {
            (Some((_, nearest)), _) => format!("no budget counts all of Bedrock: {nearest}"),
            (None, Some(wide)) => {
                format!("no budget counts Bedrock alone: in {wide} it is lost among other services")
            }
            (None, None) => "no budget that notifies somebody counts all of Bedrock".to_owned(),
        };
        self.settle(Need::Budget, (!met).then_some(why));
    }

    fn anomalies(&mut self, existing: &Existing, usage: &Usage) {
        let Some(monitors) = &existing.monitors else {
            return;
        };
        let seeing: Vec<&str> = monitors
            .iter()
            .filter(|monitor| monitor.by_service)
            .map(|monitor| monitor.arn.as_str())
            .collect();
        let why = if monitors.is_empty() {
            "no anomaly monitor exists"
        } else {
            "no anomaly monitor looks at services one by one, so that Bedrock is lost in a sum"
        };
        self.settle(Need::Monitor, seeing.is_empty().then(|| why.to_owned()));
        let Some(subscriptions) = &existing.subscriptions else {
            return;
        };
        let days = Decimal::from(usage.period.days());
        let usual = usage.spend_total().checked_div(days);
        let mut met = false;
        let mut why = "nobody subscribes to the anomalies of Bedrock's services".to_owned();
        for subscription in subscriptions {
            if !subscription.is_received {
                self.flaw("subscription", &subscription.name, "nobody receives it");
                continue;
            }
            let watches = |arn: &String| seeing.contains(&arn.as_str());
            if !subscription.monitors.iter().any(watches) {
                continue;
            }
            match (subscription.from_usd, usual) {
                (Some(from), Some(usual)) if from > usual && usual > Decimal::ZERO => {
                    let problem = format!(
                        "it tells only of {} USD and more, and all of Bedrock costs {} a day",
                        shown(from),
                        shown(usual)
                    );
                    why = format!("{}: {problem}", subscription.name);
                    self.flaw("subscription", &subscription.name, problem);
                }
                _ => met = true,
            }
        }
        self.settle(Need::Subscription, (!met).then_some(why));
    }

    fn alarms(&mut self, existing: &Existing, usage: &Usage) {
        let (Some(alarms), Some(_)) = (&existing.alarms, &usage.metrics) else {
            return;
        };
        let mut sound: Vec<&WatchedAlarm> = Vec::new();
        for alarm in alarms {
            if !alarm.series.iter().any(WatchedSeries::is_of_bedrock) {
                continue;
            }
            let acts = alarm.acts
                || alarms
                    .iter()
                    .any(|parent| parent.acts && parent.rings_with(&alarm.name));
            match problem(alarm, acts, usage) {
                Some(problem) => self.flaw("alarm", &alarm.name, problem),
                None => sound.push(alarm),
            }
        }
        let above = || sound.iter().filter(|alarm| alarm.rings_above);
        let ran = |metric| {
            let days = usage.days(metric, None).unwrap_or_default();
            Distribution::of(days).is_some()
        };
        for signal in Signal::ALL {
            // Failures are published when there are some: that there were none is no reason not to be told of the first.
            let has_days = ran(signal.metric()) || (signal.is_failure() && ran(INPUT));
            if !has_days {
                continue;
            }
            let met = above().any(|alarm| {
                alarm.series.iter().any(|series| {
                    series.is_of_bedrock()
                        && series.metric == signal.metric()
                        && series.dimensions.is_empty()
                })
            });
            let why = || self.none_on(signal.metric(), alarms, &usage.region);
            let why = (!met).then(why);
            self.settle(Need::Region(signal), why);
        }
        let (models, rest) = usage.worth_watching();
        self.left_out = rest
            .into_iter()
            .map(|model| usage.name_of(model).to_owned())
            .collect();
        for model in models {
            let met = above().any(|alarm| {
                alarm
                    .series
                    .iter()
                    .any(|series| counts_tokens_of(series, model))
            });
            let why = || format!("no alarm tells of a dear day of {}", usage.name_of(model));
            self.settle(Need::Model(model.to_owned()), (!met).then(why));
        }
    }

    /// Says that no alarm is on a metric of the account, and which one would be if it worked.
    fn none_on(&self, metric: &str, alarms: &[WatchedAlarm], region: &str) -> String {
        let is_on = |alarm: &&WatchedAlarm| {
            alarm.rings_above
                && alarm.series.iter().any(|series| {
                    series.is_of_bedrock()
                        && series.metric == metric
                        && series.dimensions.is_empty()
                })
        };
        let broken = alarms.iter().find(is_on).and_then(|alarm| {
            self.flaws
                .iter()
                .find(|flaw| flaw.kind == "alarm" && flaw.name == alarm.name)
        });
        match broken {
            Some(flaw) => format!("{}: {}", flaw.name, flaw.problem),
            None => format!("no alarm on {metric} of {region}"),
        }
    }
}

/// A model by the last part of its ARN, which holds the account's id and says no more.
pub(super) fn short(model: &str) -> &str {
    if model.starts_with("arn:") {
        model.rsplit('/').next().unwrap_or(model)
    } else {
        model
    }
}

fn model_of(series: &WatchedSeries) -> Option<&str> {
    let of_model = |(name, value): &(String, String)| (name == MODEL).then_some(value.clone());
    series
        .dimensions
        .iter()
        .find(|pair| of_model(pair).is_some())
        .map(|(_, value)| value.as_str())
}

fn counts_tokens_of(series: &WatchedSeries, model: &str) -> bool {
    series.is_of_bedrock()
        && TOKEN_METRICS.contains(&series.metric.as_str())
        && model_of(series) == Some(model)
}

/// What is wrong with an alarm on Bedrock.
fn problem(alarm: &WatchedAlarm, acts: bool, usage: &Usage) -> Option<String> {
    let since = alarm
        .days_in_state
        .map_or_else(String::new, |days| format!(" for {days} days"));
    let running = usage.models();
    let gone = alarm
        .series
        .iter()
        .filter(|series| series.is_of_bedrock())
        .filter_map(model_of)
        .find(|model| !running.contains(model));
    if let Some(model) = gone {
        return Some(format!(
            "{} has not run for two weeks: the alarm is {}{since}",
            short(model),
            alarm.state
        ));
    }
    if !acts {
        return Some("it does nothing when it rings".to_owned());
    }
    let counts_tokens = alarm
        .series
        .iter()
        .any(|series| TOKEN_METRICS.contains(&series.metric.as_str()));
    if alarm.state == "INSUFFICIENT_DATA" && counts_tokens {
        return Some(format!("it has had too little data{since}"));
    }
    (alarm.state == "ALARM"
        && alarm
            .days_in_state
            .is_some_and(|days| days >= RINGS_IN_VAIN))
    .then(|| format!("it has been ringing{since}"))
}

/// The services that were charged for and that a budget does not count, whatever else it leaves out of them.
fn missed<'a>(budget: &WatchedBudget, usage: &'a Usage) -> Vec<(&'a str, Decimal)> {
    let others = CostScope::Not(Box::new(budget.scope.clone()));
    usage
        .services()
        .into_iter()
        .filter(|one| others.overlaps(&CostScope::service(&one.service, Comparison::Equals)))
        .map(|one| (one.service.as_str(), one.cost))
        .collect()
}

/// `it does not count 93% of Bedrock's cost: A, B and 5 more`.
fn not_counted(missed: &[(&str, Decimal)], usage: &Usage) -> String {
    let cost: Decimal = missed.iter().map(|(_, cost)| *cost).sum();
    let share = (cost * Decimal::ONE_HUNDRED)
        .checked_div(usage.spend_total())
        .unwrap_or_default();
    let share = if share < Decimal::ONE {
        "less than 1".to_owned()
    } else {
        share.floor().normalize().to_string()
    };
    let names: Vec<&str> = missed.iter().take(NAMED).map(|(name, _)| *name).collect();
    let more = missed.len() - names.len();
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "does not count {share}% of Bedrock's cost: {}{rest}",
        names.join(", ")
    )
}
