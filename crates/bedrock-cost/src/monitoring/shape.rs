//! Planned resources in the shape of AWS's API, which CloudFormation shares: one tree for several texts.

use super::plan::{Plan, PlannedAlarm, PlannedBudget, PlannedSubscription, Term};
use super::usage::{CACHE_READ, CACHE_WRITE, INPUT, MODEL, NAMESPACE, OUTPUT, TOKEN_METRICS};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Seconds in a day, the period of every planned alarm.
pub(super) const DAY: u32 = 86_400;
/// The name of a planned topic.
pub(super) const TOPIC: &str = "bedrock-cost-alerts";
/// Why the topic has a policy.
pub(super) const PUBLISHERS: [&str; 3] = [
    "budgets.amazonaws.com",
    "cloudwatch.amazonaws.com",
    "costalerts.amazonaws.com",
];
/// When a budget tells: AWS's kind of notification, and percent of the limit.
pub(super) const NOTIFICATIONS: [(&str, u32); 3] =
    [("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)];
/// What the impact of an anomaly is called.
pub(super) const IMPACT: &str = "ANOMALY_TOTAL_IMPACT_ABSOLUTE";
/// How it is compared.
pub(super) const AT_LEAST: &str = "GREATER_THAN_OR_EQUAL";

/// A value of a request, which may name what is known only when the plan is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Number(Decimal),
    Flag(bool),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    Refer(Reference),
    /// Text that holds the JSON of a tree.
    Json(Box<Node>),
}

/// What is known only when the plan is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// The ARN of the topic.
    Topic,
    /// The id of the account.
    Account,
    /// The address that subscribes to the topic.
    Email,
    /// The ARN of the planned monitor.
    Monitor,
}

pub(super) fn map<const N: usize>(fields: [(&str, Node); N]) -> Node {
    Node::Map(
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

pub(super) fn list(items: impl IntoIterator<Item = Node>) -> Node {
    Node::List(items.into_iter().collect())
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Node {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

/// `PutMetricAlarm`, and the properties of `AWS::CloudWatch::Alarm`.
pub(super) fn alarm(alarm: &PlannedAlarm) -> Node {
    let mut fields = vec![
        ("AlarmName", alarm.name.as_str().into()),
        ("AlarmDescription", alarm.description().as_str().into()),
        ("AlarmActions", list([Node::Refer(Reference::Topic)])),
    ];
    match alarm.terms.as_slice() {
        [only] if !alarm.is_computed() => fields.extend([
            ("Namespace", NAMESPACE.into()),
            ("MetricName", only.metric.into()),
            ("Dimensions", dimensions(only)),
            ("Statistic", "Sum".into()),
            ("Period", DAY.into()),
        ]),
        _ => fields.push(("Metrics", metrics(alarm))),
    }
    fields.extend([
        ("EvaluationPeriods", 1.into()),
        ("DatapointsToAlarm", 1.into()),
        ("Threshold", Node::Number(alarm.threshold.value)),
        ("ComparisonOperator", "GreaterThanThreshold".into()),
        // A day without a request is no reason to ring, or to forget that one rang.
        ("TreatMissingData", "notBreaching".into()),
    ]);
    Node::Map(
        fields
            .into_iter()
            .filter(|(_, value)| *value != Node::List(Vec::new()))
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn dimensions(term: &Term) -> Node {
    list(
        term.model
            .iter()
            .map(|model| map([("Name", MODEL.into()), ("Value", Node::Text(model.clone()))])),
    )
}

fn metrics(alarm: &PlannedAlarm) -> Node {
    let total = map([
        ("Id", "total".into()),
        ("Expression", alarm.expression().as_str().into()),
        ("Label", alarm.unit.into()),
        ("ReturnData", Node::Flag(true)),
    ]);
    let parts = (1..).zip(&alarm.terms).map(|(at, term)| {
        map([
            ("Id", format!("m{at}").as_str().into()),
            (
                "MetricStat",
                map([
                    (
                        "Metric",
                        map([
                            ("Namespace", NAMESPACE.into()),
                            ("MetricName", term.metric.into()),
                            ("Dimensions", dimensions(term)),
                        ]),
                    ),
                    ("Period", DAY.into()),
                    ("Stat", "Sum".into()),
                ]),
            ),
            ("ReturnData", Node::Flag(false)),
        ])
    });
    list(std::iter::once(total).chain(parts))
}

/// The budget itself. The API takes the amount as text, CloudFormation as a number.
pub(super) fn budget(budget: &PlannedBudget, amount: Node) -> Node {
    let services = budget.services.iter().cloned().map(Node::Text);
    map([
        ("BudgetName", budget.name.as_str().into()),
        ("BudgetType", "COST".into()),
        ("TimeUnit", "MONTHLY".into()),
        (
            "BudgetLimit",
            map([("Amount", amount), ("Unit", "USD".into())]),
        ),
        ("CostFilters", map([("Service", list(services))])),
        // Credits would hide what is used until the day they end.
        (
            "CostTypes",
            map([
                ("IncludeCredit", Node::Flag(false)),
                ("IncludeRefund", Node::Flag(false)),
            ]),
        ),
    ])
}

/// When a budget tells, and whom.
pub(super) fn notifications() -> Node {
    list(NOTIFICATIONS.into_iter().map(|(kind, percent)| {
        map([
            (
                "Notification",
                map([
                    ("NotificationType", kind.into()),
                    ("ComparisonOperator", "GREATER_THAN".into()),
                    ("Threshold", percent.into()),
                    ("ThresholdType", "PERCENTAGE".into()),
                ]),
            ),
            (
                "Subscribers",
                list([map([
                    ("SubscriptionType", "SNS".into()),
                    ("Address", Node::Refer(Reference::Topic)),
                ])]),
            ),
        ])
    }))
}

/// A monitor of every service on its own: the one that sees a model that is billed for the first time.
pub(super) fn monitor(name: &str) -> Node {
    map([
        ("MonitorName", name.into()),
        ("MonitorType", "DIMENSIONAL".into()),
        ("MonitorDimension", "SERVICE".into()),
    ])
}

/// The subscription. The API takes the threshold as an expression, CloudFormation as its text.
pub(super) fn subscription(planned: &PlannedSubscription, threshold: Node) -> Node {
    let monitor = planned
        .monitor
        .clone()
        .map_or(Node::Refer(Reference::Monitor), Node::Text);
    map([
        ("SubscriptionName", planned.name.as_str().into()),
        ("MonitorArnList", list([monitor])),
        (
            "Subscribers",
            list([map([
                ("Type", "SNS".into()),
                ("Address", Node::Refer(Reference::Topic)),
            ])]),
        ),
        // Only topics are told at once.
        ("Frequency", "IMMEDIATE".into()),
        ("ThresholdExpression", threshold),
    ])
}

pub(super) fn impact(planned: &PlannedSubscription) -> Node {
    let from = planned.from.value.normalize().to_string();
    map([(
        "Dimensions",
        map([
            ("Key", IMPACT.into()),
            ("MatchOptions", list([AT_LEAST.into()])),
            ("Values", list([from.as_str().into()])),
        ]),
    )])
}

/// The policy that lets AWS's services publish to the topic, of this account alone.
pub(super) fn policy() -> Node {
    map([
        ("Version", "2012-10-17".into()),
        (
            "Statement",
            list([map([
                ("Effect", "Allow".into()),
                (
                    "Principal",
                    map([("Service", list(PUBLISHERS.map(Node::from)))]),
                ),
                ("Action", "sns:Publish".into()),
                ("Resource", Node::Refer(Reference::Topic)),
                (
                    "Condition",
                    map([(
                        "StringEquals",
                        map([("aws:SourceAccount", Node::Refer(Reference::Account))]),
                    )]),
                ),
            ])]),
        ),
    ])
}

/// The dashboard's body, as text of JSON. Searches find models that begin to run later.
pub(super) fn dashboard(plan: &Plan) -> String {
    let total = |metric: &str| json!([NAMESPACE, metric]);
    let by_model = |metric: &str| {
        let search =
            format!("SEARCH('{{{NAMESPACE},{MODEL}}} MetricName=\"{metric}\"', 'Sum', {DAY})");
        json!([{ "expression": search, "label": "" }])
    };
    let widgets = [
        ("Input tokens by model", vec![by_model(INPUT)]),
        ("Output tokens by model", vec![by_model(OUTPUT)]),
        (
            "Tokens of every kind",
            TOKEN_METRICS.iter().map(|metric| total(metric)).collect(),
        ),
        (
            "Throttles and errors",
            vec![
                total("InvocationThrottles"),
                total("InvocationServerErrors"),
                total("InvocationClientErrors"),
            ],
        ),
        ("Requests by model", vec![by_model("Invocations")]),
        (
            "Prompt cache",
            vec![total(CACHE_READ), total(CACHE_WRITE), total(INPUT)],
        ),
    ];
    let shown = (0_u32..).zip(widgets).map(|(at, (title, metrics))| {
        json!({
            "type": "metric", "width": 12, "height": 6, "x": at % 2 * 12, "y": at / 2 * 6,
            "properties": {
                "title": title, "region": plan.region, "stat": "Sum", "period": DAY, "view": "timeSeries",
                "metrics": metrics,
            },
        })
    });
    json!({ "start": "-P56D", "widgets": shown.collect::<Vec<Value>>() }).to_string()
}
