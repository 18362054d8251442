//! Made-up accounts whose figures are known by heart.

use super::super::*;
use crate::cost_scope::{Comparison, CostScope, Field, SERVICE, Test};
use crate::period::BillingPeriod;
use rust_decimal::Decimal;

pub(super) const HAIKU: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
pub(super) const NOVA: &str = "amazon.nova-lite-v1:0";
pub(super) const CLAUDE: &str = "Claude Haiku 4.5 (Amazon Bedrock Edition)";

const DAYS: usize = 56;

fn every_day(value: i64) -> Vec<Decimal> {
    vec![value.into(); DAYS]
}

/// 300 USD of Claude and 100 of Nova on each of 56 days, 2,000 requests, no client error.
pub(super) fn usage() -> Usage {
    let of = |metric: &str, model: Option<&str>, value| MeteredSeries {
        metric: metric.to_owned(),
        model: model.map(str::to_owned),
        days: every_day(value),
    };
    let rate = |model: &str, metric, usd: &str| (model.to_owned(), metric, usd.parse().unwrap());
    Usage {
        region: "us-east-1".to_owned(),
        period: BillingPeriod::new("2026-09-27".parse().unwrap(), "2026-11-22".parse().unwrap())
            .unwrap(),
        spend: Some(vec![
            ServiceSpend {
                service: "Amazon Bedrock".to_owned(),
                cost: 5_600.into(),
            },
            ServiceSpend {
                service: CLAUDE.to_owned(),
                cost: 16_800.into(),
            },
        ]),
        spend_by_day: Some(every_day(400)),
        metrics: Some(vec![
            of(INPUT, None, 3_000_000),
            of(OUTPUT, None, 200_000),
            of(INVOCATIONS, None, 2_000),
            of("InvocationThrottles", None, 5),
            of("InvocationServerErrors", None, 0),
            of(INPUT, Some(HAIKU), 2_000_000),
            of(OUTPUT, Some(HAIKU), 100_000),
            of(INPUT, Some(NOVA), 1_000_000),
            of(OUTPUT, Some(NOVA), 100_000),
        ]),
        names: std::collections::BTreeMap::new(),
        rates: vec![
            rate(HAIKU, INPUT, "0.000001"),
            rate(HAIKU, OUTPUT, "0.000005"),
            rate(NOVA, INPUT, "0.00000006"),
            rate(NOVA, OUTPUT, "0.00000024"),
        ],
    }
}

/// Everything was read, and there is nothing.
pub(super) fn bare() -> Existing {
    Existing {
        budgets: Some(Vec::new()),
        monitors: Some(Vec::new()),
        subscriptions: Some(Vec::new()),
        alarms: Some(Vec::new()),
    }
}

pub(super) fn budget_of(name: &str, services: &[&str]) -> WatchedBudget {
    WatchedBudget {
        name: name.to_owned(),
        counts_cost: true,
        scope: CostScope::Is(Test {
            field: Field::Dimension(SERVICE.to_owned()),
            comparison: Comparison::Equals,
            values: services.iter().map(|one| (*one).to_owned()).collect(),
        }),
        notifies: Some(true),
        healthy: true,
    }
}

pub(super) fn alarm_on(name: &str, metric: &str, model: Option<&str>) -> WatchedAlarm {
    WatchedAlarm {
        name: name.to_owned(),
        state: "OK".to_owned(),
        days_in_state: Some(3),
        acts: true,
        rings_above: true,
        series: vec![WatchedSeries {
            namespace: NAMESPACE.to_owned(),
            metric: metric.to_owned(),
            dimensions: model
                .map(|model| (MODEL.to_owned(), model.to_owned()))
                .into_iter()
                .collect(),
        }],
        rule: None,
    }
}

/// Everything is watched.
pub(super) fn sound() -> Existing {
    Existing {
        budgets: Some(vec![budget_of("all", &["Amazon Bedrock", CLAUDE])]),
        monitors: Some(vec![WatchedMonitor {
            arn: "m".to_owned(),
            name: "services".to_owned(),
            by_service: true,
        }]),
        subscriptions: Some(vec![WatchedSubscription {
            name: "all".to_owned(),
            monitors: vec!["m".to_owned()],
            is_received: true,
            from_usd: Some(100.into()),
        }]),
        alarms: Some(vec![
            alarm_on("input", INPUT, None),
            alarm_on("output", OUTPUT, None),
            alarm_on("throttles", "InvocationThrottles", None),
            alarm_on("server", "InvocationServerErrors", None),
            alarm_on("client", "InvocationClientErrors", None),
            alarm_on("haiku", INPUT, Some(HAIKU)),
            alarm_on("nova", OUTPUT, Some(NOVA)),
        ]),
    }
}

/// Something of everything exists, and none of it is of use.
pub(super) fn neglected() -> Existing {
    let mut out = sound();
    out.budgets = Some(vec![budget_of("bedrock", &["Amazon Bedrock"])]);
    for one in out.subscriptions.iter_mut().flatten() {
        one.is_received = false;
    }
    for one in out.alarms.iter_mut().flatten() {
        one.acts = false;
    }
    out
}
