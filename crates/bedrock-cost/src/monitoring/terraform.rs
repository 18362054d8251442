//! The plan as Terraform configuration: resources of the provider `hashicorp/aws`.
//!
//! Resource types and arguments are those of its version 6.25.0 (schema published with its CDK bindings of that version,
//! read 2026-11-23); none of them is newer than version 5.

use super::coverage::Need;
use super::hcl::{Block, Expression};
use super::plan::{Notify, Plan, PlannedAlarm, PlannedBudget, PlannedSubscription};
use super::shape::{self, AT_LEAST, DAY, IMPACT, NOTIFICATIONS, Node, Reference, TOPIC};
use super::usage::{MODEL, NAMESPACE};

const TOPIC_NAME: &str = "aws_sns_topic.bedrock_cost.arn";
const TOPIC_VARIABLE: &str = "var.topic_arn";
const EMAIL: &str = "var.email";
const ACCOUNT: &str = "data.aws_caller_identity.current.account_id";
const MONITOR: &str = "aws_ce_anomaly_monitor.services.arn";
const POLICY: &str = "aws_sns_topic_policy.bedrock_cost";

/// Writes the configuration. Where the provider's region is not the plan's, it stops before anything is made.
#[must_use]
pub fn configuration(plan: &Plan, notify: &Notify) -> String {
    let topic = match notify {
        Notify::Email(_) => TOPIC_NAME,
        Notify::Topic(_) => TOPIC_VARIABLE,
    };
    let mut blocks = vec![right_region(&plan.region)];
    blocks.extend(told(notify));
    blocks.extend(plan.budget.as_ref().map(|one| budget(one, topic, notify)));
    blocks.extend(plan.monitor.as_ref().map(|name| {
        Block::new(
            "resource",
            [
                ("name", name.as_str().into()),
                ("monitor_type", "DIMENSIONAL".into()),
                ("monitor_dimension", "SERVICE".into()),
            ],
        )
        .labelled(["aws_ce_anomaly_monitor", "services"])
    }));
    blocks.extend(
        plan.subscription
            .as_ref()
            .map(|one| subscription(one, topic, notify)),
    );
    blocks.extend(
        (1..)
            .zip(&plan.alarms)
            .map(|(at, one)| alarm(one, at, topic)),
    );
    blocks.push(
        Block::new(
            "resource",
            [
                ("dashboard_name", plan.dashboard.as_str().into()),
                ("dashboard_body", Expression::Text(shape::dashboard(plan))),
            ],
        )
        .labelled(["aws_cloudwatch_dashboard", "bedrock_cost"]),
    );
    let mut out = String::from("# Terraform 1.2, provider hashicorp/aws 5, or later.\n");
    for block in blocks {
        out.push('\n');
        block.write(0, &mut out);
    }
    out
}

/// An alarm looks at the metrics of its own region.
fn right_region(region: &str) -> Block {
    let message = format!("this plan is for {region}: give it a provider of that region");
    Block::new("data", [])
        .labelled(["aws_region", "current"])
        .holding([Block::new("lifecycle", []).holding([Block::new(
            "postcondition",
            [
                ("condition", Expression::Is("self.id", region.to_owned())),
                ("error_message", Expression::Text(message)),
            ],
        )])])
}

/// Who is told: a variable, and a topic of its own where none is given.
fn told(notify: &Notify) -> Vec<Block> {
    let variable = |name, about: &str, default: Option<&String>| {
        let mut block = Block::new(
            "variable",
            [
                ("type", Expression::Name("string")),
                ("description", about.into()),
            ],
        )
        .labelled([name]);
        block
            .attributes
            .extend(default.map(|text| ("default", Expression::Text(text.clone()))));
        block
    };
    match notify {
        Notify::Topic(arn) => vec![variable(
            "topic_arn",
            "The topic that is told; its policy lets budgets, costalerts and cloudwatch publish",
            Some(arn),
        )],
        Notify::Email(given) => vec![
            variable("email", "The address that is told", given.as_ref()),
            Block::new("data", []).labelled(["aws_caller_identity", "current"]),
            Block::new("resource", [("name", TOPIC.into())])
                .labelled(["aws_sns_topic", "bedrock_cost"]),
            Block::new(
                "resource",
                [
                    ("topic_arn", Expression::Name(TOPIC_NAME)),
                    ("protocol", "email".into()),
                    ("endpoint", Expression::Name(EMAIL)),
                ],
            )
            .labelled(["aws_sns_topic_subscription", "bedrock_cost"]),
            Block::new(
                "resource",
                [
                    ("arn", Expression::Name(TOPIC_NAME)),
                    (
                        "policy",
                        Expression::Call("jsonencode", Box::new(expression(&shape::policy()))),
                    ),
                ],
            )
            .labelled(["aws_sns_topic_policy", "bedrock_cost"]),
        ],
    }
}

/// What is told needs the topic's policy first, or AWS refuses the address.
fn after_policy(mut block: Block, notify: &Notify) -> Block {
    if matches!(notify, Notify::Email(_)) {
        let policy = Expression::List(vec![Expression::Name(POLICY)]);
        block.attributes.push(("depends_on", policy));
    }
    block
}

fn texts(items: &[String]) -> Expression {
    Expression::List(items.iter().cloned().map(Expression::Text).collect())
}

fn budget(planned: &PlannedBudget, topic: &'static str, notify: &Notify) -> Block {
    let notifications = NOTIFICATIONS.map(|(kind, percent)| {
        Block::new(
            "notification",
            [
                ("comparison_operator", "GREATER_THAN".into()),
                ("notification_type", kind.into()),
                (
                    "subscriber_sns_topic_arns",
                    Expression::List(vec![Expression::Name(topic)]),
                ),
                ("threshold", percent.into()),
                ("threshold_type", "PERCENTAGE".into()),
            ],
        )
    });
    let amount = planned.limit.value.normalize().to_string();
    let block = Block::new(
        "resource",
        [
            ("name", planned.name.as_str().into()),
            ("budget_type", "COST".into()),
            ("time_unit", "MONTHLY".into()),
            ("limit_amount", amount.as_str().into()),
            ("limit_unit", "USD".into()),
        ],
    )
    .labelled(["aws_budgets_budget", "bedrock"])
    .holding([
        Block::new(
            "cost_filter",
            [
                ("name", "Service".into()),
                ("values", texts(&planned.services)),
            ],
        ),
        Block::new(
            "cost_types",
            [
                ("include_credit", Expression::Flag(false)),
                ("include_refund", Expression::Flag(false)),
            ],
        ),
    ])
    .holding(notifications);
    after_policy(block, notify)
}

fn subscription(planned: &PlannedSubscription, topic: &'static str, notify: &Notify) -> Block {
    let monitor = planned
        .monitor
        .clone()
        .map_or(Expression::Name(MONITOR), Expression::Text);
    let from = planned.from.value.normalize().to_string();
    let block = Block::new(
        "resource",
        [
            ("name", planned.name.as_str().into()),
            ("frequency", "IMMEDIATE".into()),
            ("monitor_arn_list", Expression::List(vec![monitor])),
        ],
    )
    .labelled(["aws_ce_anomaly_subscription", "bedrock_cost"])
    .holding([
        Block::new(
            "subscriber",
            [("type", "SNS".into()), ("address", Expression::Name(topic))],
        ),
        Block::new("threshold_expression", []).holding([Block::new(
            "dimension",
            [
                ("key", IMPACT.into()),
                ("match_options", texts(&[AT_LEAST.to_owned()])),
                ("values", texts(&[from])),
            ],
        )]),
    ]);
    after_policy(block, notify)
}

fn alarm(planned: &PlannedAlarm, at: usize, topic: &'static str) -> Block {
    let dimensions = |model: &Option<String>| {
        model.clone().map(|model| {
            let named = vec![(MODEL.to_owned(), Expression::Text(model))];
            ("dimensions", Expression::Map(named))
        })
    };
    let mut block = Block::new(
        "resource",
        [
            ("alarm_name", planned.name.as_str().into()),
            ("alarm_description", Expression::Text(planned.description())),
            (
                "alarm_actions",
                Expression::List(vec![Expression::Name(topic)]),
            ),
            ("comparison_operator", "GreaterThanThreshold".into()),
            ("threshold", Expression::Number(planned.threshold.value)),
            ("evaluation_periods", 1.into()),
            ("datapoints_to_alarm", 1.into()),
            ("treat_missing_data", "notBreaching".into()),
        ],
    );
    let name = match &planned.need {
        Need::Region(signal) => signal.name().replace(' ', "_"),
        _ => format!("model_{at}"),
    };
    block = block.labelled(["aws_cloudwatch_metric_alarm", &name]);
    match planned.terms.as_slice() {
        [only] if !planned.is_computed() => {
            block.attributes.extend([
                ("namespace", NAMESPACE.into()),
                ("metric_name", only.metric.into()),
                ("statistic", "Sum".into()),
                ("period", DAY.into()),
            ]);
            block.attributes.extend(dimensions(&only.model));
            block
        }
        terms => {
            let total = Block::new(
                "metric_query",
                [
                    ("id", "total".into()),
                    ("expression", Expression::Text(planned.expression())),
                    ("label", planned.unit.into()),
                    ("return_data", Expression::Flag(true)),
                ],
            );
            let parts = (1..).zip(terms).map(|(at, term)| {
                let mut metric = Block::new(
                    "metric",
                    [
                        ("namespace", NAMESPACE.into()),
                        ("metric_name", term.metric.into()),
                        ("stat", "Sum".into()),
                        ("period", DAY.into()),
                    ],
                );
                metric.attributes.extend(dimensions(&term.model));
                Block::new("metric_query", [("id", Expression::Text(format!("m{at}")))])
                    .holding([metric])
            });
            block.holding(std::iter::once(total)).holding(parts)
        }
    }
}

/// A tree as an expression, its references as Terraform names them.
fn expression(node: &Node) -> Expression {
    match node {
        Node::Text(text) => Expression::Text(text.clone()),
        Node::Number(number) => Expression::Number(*number),
        Node::Flag(flag) => Expression::Flag(*flag),
        Node::List(items) => Expression::List(items.iter().map(expression).collect()),
        Node::Map(fields) => Expression::Map(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), expression(value)))
                .collect(),
        ),
        Node::Refer(Reference::Topic) => Expression::Name(TOPIC_NAME),
        Node::Refer(Reference::Account) => Expression::Name(ACCOUNT),
        Node::Refer(Reference::Email) => Expression::Name(EMAIL),
        Node::Refer(Reference::Monitor) => Expression::Name(MONITOR),
        Node::Json(inner) => Expression::Call("jsonencode", Box::new(expression(inner))),
    }
}
