//! What exists in an account that could tell somebody of a cost.

use super::usage::NAMESPACE;
use crate::cost_scope::CostScope;
use rust_decimal::Decimal;

/// Everything that was read. What could not be read is `None`, so that it is never taken for missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Existing {
    /// Budgets of the account.
    pub budgets: Option<Vec<WatchedBudget>>,
    /// Cost anomaly monitors.
    pub monitors: Option<Vec<WatchedMonitor>>,
    /// Subscriptions to anomalies.
    pub subscriptions: Option<Vec<WatchedSubscription>>,
    /// Alarms of the region.
    pub alarms: Option<Vec<WatchedAlarm>>,
}

/// A budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedBudget {
    /// Its name.
    pub name: String,
    /// Whether it counts money.
    pub counts_cost: bool,
    /// What it counts.
    pub scope: CostScope,
    /// Whether it notifies anybody; `None` where that was not read.
    pub notifies: Option<bool>,
    /// Whether AWS says that it is kept up to date.
    pub healthy: bool,
}

/// A cost anomaly monitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedMonitor {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Whether it looks at each service on its own.
    pub by_service: bool,
}

/// A subscription to the anomalies of some monitors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedSubscription {
    /// Its name.
    pub name: String,
    /// The ARNs of its monitors.
    pub monitors: Vec<String>,
    /// Whether somebody receives it.
    pub is_received: bool,
    /// The impact from which it tells of an anomaly, USD; `None` where that is no plain amount.
    pub from_usd: Option<Decimal>,
}

/// One series that an alarm looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedSeries {
    /// The namespace.
    pub namespace: String,
    /// The metric.
    pub metric: String,
    /// Names and values of the dimensions.
    pub dimensions: Vec<(String, String)>,
}

impl WatchedSeries {
    /// Tells whether this counts model calls.
    #[must_use]
    pub fn is_of_bedrock(&self) -> bool {
        self.namespace == NAMESPACE
    }
}

/// An alarm of any type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WatchedAlarm {
    /// Its name.
    pub name: String,
    /// AWS's word: `OK`, `ALARM`, `INSUFFICIENT_DATA`.
    pub state: String,
    /// Whole days it has been in this state.
    pub days_in_state: Option<i64>,
    /// Whether changing its state does something.
    pub acts: bool,
    /// Whether it rings when a value is too high.
    pub rings_above: bool,
    /// What it looks at; empty for a composite alarm.
    pub series: Vec<WatchedSeries>,
    /// The rule of a composite alarm.
    pub rule: Option<String>,
}

impl WatchedAlarm {
    /// Tells whether this is a composite alarm that rings when the named one does.
    pub(super) fn rings_with(&self, name: &str) -> bool {
        self.rule.iter().any(|rule| {
            rule.split("ALARM(").skip(1).any(|rest| {
                let inner = rest.split_once(')').map_or(rest, |(inner, _)| inner);
                let child = inner.trim().trim_matches(['"', '\'']);
                child.rsplit_once(":alarm:").map_or(child, |(_, name)| name) == name
            })
        })
    }
}
