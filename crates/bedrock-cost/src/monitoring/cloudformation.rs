//! The plan as a CloudFormation template, in YAML.

use super::coverage::Need;
use super::plan::{Notify, Plan};
use super::shape::{self, Node, Reference, TOPIC, list, map};
use super::yaml;

const EMAIL: &str = "Email";
const TOPIC_ARN: &str = "TopicArn";
const ALERTS: &str = "AlertTopic";
const POLICY: &str = "AlertTopicPolicy";
const MONITOR: &str = "ServicesMonitor";

/// Regions whose CloudFormation makes budgets (resource specification of cfn-lint 1.58.0, read 2026-11-23).
const WITH_BUDGETS: [&str; 16] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Tells whether the template lacks the planned budget, as CloudFormation cannot make one in the plan's region.
#[must_use]
pub fn leaves_out_budget(plan: &Plan) -> bool {
    plan.budget.is_some() && !WITH_BUDGETS.contains(&plan.region.as_str())
}

/// Writes the template.
#[must_use]
pub fn template(plan: &Plan, notify: &Notify) -> String {
    let mut resources: Vec<(String, Node)> = Vec::new();
    let mut add = |name: &str, kind: &str, properties: Node, needs_policy: bool| {
        let mut fields = vec![("Type".to_owned(), Node::from(kind))];
        if needs_policy && matches!(notify, Notify::Email(_)) {
            fields.push(("DependsOn".to_owned(), POLICY.into()));
        }
        fields.push(("Properties".to_owned(), known(properties, notify)));
        resources.push((name.to_owned(), Node::Map(fields)));
    };
    if matches!(notify, Notify::Email(_)) {
        let topic = || Node::Refer(Reference::Topic);
        add(
            ALERTS,
            "AWS::SNS::Topic",
            map([("TopicName", TOPIC.into())]),
            false,
        );
        add(
            "AlertEmail",
            "AWS::SNS::Subscription",
            map([
                ("TopicArn", topic()),
                ("Protocol", "email".into()),
                ("Endpoint", Node::Refer(Reference::Email)),
            ]),
            false,
        );
        add(
            POLICY,
            "AWS::SNS::TopicPolicy",
            map([
                ("Topics", list([topic()])),
                ("PolicyDocument", shape::policy()),
            ]),
            false,
        );
    }
    if let Some(budget) = plan.budget.as_ref().filter(|_| !leaves_out_budget(plan)) {
        let properties = map([
            (
                "Budget",
                shape::budget(budget, Node::Number(budget.limit.value)),
            ),
            ("NotificationsWithSubscribers", shape::notifications()),
        ]);
        add("BedrockBudget", "AWS::Budgets::Budget", properties, true);
    }
    if let Some(monitor) = &plan.monitor {
        add(
            MONITOR,
            "AWS::CE::AnomalyMonitor",
            shape::monitor(monitor),
            false,
        );
    }
    if let Some(subscription) = &plan.subscription {
        let threshold = Node::Json(Box::new(shape::impact(subscription)));
        let properties = shape::subscription(subscription, threshold);
        add(
            "AnomalySubscription",
            "AWS::CE::AnomalySubscription",
            properties,
            true,
        );
    }
    for (at, alarm) in (1..).zip(&plan.alarms) {
        let name = match &alarm.need {
            Need::Region(signal) => signal.name().split(' ').map(capital).collect(),
            _ => format!("Model{at}"),
        };
        add(
            &format!("{name}Alarm"),
            "AWS::CloudWatch::Alarm",
            shape::alarm(alarm),
            false,
        );
    }
    add(
        "Dashboard",
        "AWS::CloudWatch::Dashboard",
        map([
            ("DashboardName", plan.dashboard.as_str().into()),
            ("DashboardBody", Node::Text(shape::dashboard(plan))),
        ]),
        false,
    );
    let parameter = match notify {
        Notify::Email(given) => (EMAIL, "The address that is told", given),
        Notify::Topic(arn) => (
            TOPIC_ARN,
            "The topic that is told; its policy lets budgets, costalerts and cloudwatch publish",
            &Some(arn.clone()),
        ),
    };
    let (name, description, default) = parameter;
    let mut fields = vec![
        ("Type".to_owned(), Node::from("String")),
        ("Description".to_owned(), description.into()),
    ];
    fields.extend(
        default
            .clone()
            .map(|text| ("Default".to_owned(), Node::Text(text))),
    );
    let about = format!(
        "Watches what Amazon Bedrock costs, in {}. Thresholds were computed from the account's own days.",
        plan.region
    );
    let tree = map([
        ("AWSTemplateFormatVersion", "2010-09-09".into()),
        ("Description", Node::Text(about)),
        (
            "Parameters",
            Node::Map(vec![(name.to_owned(), Node::Map(fields))]),
        ),
        ("Resources", Node::Map(resources)),
    ]);
    let mut out = String::new();
    yaml::write(&tree, &mut out);
    out
}

/// Replaces references by what CloudFormation calls them.
fn known(node: Node, notify: &Notify) -> Node {
    match node {
        Node::List(items) => list(items.into_iter().map(|item| known(item, notify))),
        Node::Map(fields) => Node::Map(
            fields
                .into_iter()
                .map(|(name, value)| (name, known(value, notify)))
                .collect(),
        ),
        Node::Refer(Reference::Monitor) => {
            map([("Fn::GetAtt", list([MONITOR.into(), "MonitorArn".into()]))])
        }
        Node::Refer(reference) => {
            let name = match (reference, notify) {
                (Reference::Account, _) => "AWS::AccountId",
                (Reference::Email, _) => EMAIL,
                (_, Notify::Email(_)) => ALERTS,
                (_, Notify::Topic(_)) => TOPIC_ARN,
            };
            map([("Ref", name.into())])
        }
        Node::Json(inner) => Node::Text(super::cli::json(&inner)),
        other => other,
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}
