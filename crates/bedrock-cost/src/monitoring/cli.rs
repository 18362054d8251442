//! The plan as commands of the AWS CLI, for a POSIX shell.

use super::plan::{Notify, Plan};
use super::shape::{self, Node, Reference, TOPIC, map};
use std::fmt::Write;

/// Writes the commands, as a script that stops at the first that fails.
#[must_use]
pub fn commands(plan: &Plan, notify: &Notify) -> String {
    let mut out = String::from("set -eu\n");
    if plan.budget.is_some() || matches!(notify, Notify::Email(_)) {
        out.push_str("ACCOUNT=$(aws sts get-caller-identity --query Account --output text)\n");
    }
    match notify {
        Notify::Topic(arn) => {
            let _ = writeln!(out, "TOPIC={}", quoted(arn));
        }
        Notify::Email(given) => {
            match given {
                Some(address) => {
                    let _ = writeln!(out, "EMAIL={}", quoted(address));
                }
                None => out.push_str(": \"${EMAIL:?set it to the address that is told}\"\n"),
            }
            let topic = || Node::Refer(Reference::Topic);
            let created = command(
                "sns create-topic",
                Some(&plan.region),
                &map([("Name", TOPIC.into())]),
            );
            let _ = writeln!(out, "TOPIC=$({created} --query TopicArn --output text)");
            let mut send = |operation: &str, input: &Node| {
                let _ = writeln!(out, "{}", command(operation, Some(&plan.region), input));
            };
            send(
                "sns set-topic-attributes",
                &map([
                    ("TopicArn", topic()),
                    ("AttributeName", "Policy".into()),
                    ("AttributeValue", Node::Json(Box::new(shape::policy()))),
                ]),
            );
            send(
                "sns subscribe",
                &map([
                    ("TopicArn", topic()),
                    ("Protocol", "email".into()),
                    ("Endpoint", Node::Refer(Reference::Email)),
                ]),
            );
        }
    }
    if let Some(budget) = &plan.budget {
        let amount = budget.limit.value.normalize().to_string();
        let input = map([
            ("AccountId", Node::Refer(Reference::Account)),
            ("Budget", shape::budget(budget, Node::Text(amount))),
            ("NotificationsWithSubscribers", shape::notifications()),
        ]);
        let _ = writeln!(out, "{}", command("budgets create-budget", None, &input));
    }
    if let Some(name) = &plan.monitor {
        let input = map([("AnomalyMonitor", shape::monitor(name))]);
        let created = command("ce create-anomaly-monitor", None, &input);
        let _ = writeln!(out, "MONITOR=$({created} --query MonitorArn --output text)");
    }
    if let Some(planned) = &plan.subscription {
        let input = map([(
            "AnomalySubscription",
            shape::subscription(planned, shape::impact(planned)),
        )]);
        let _ = writeln!(
            out,
            "{}",
            command("ce create-anomaly-subscription", None, &input)
        );
    }
    for alarm in &plan.alarms {
        let input = shape::alarm(alarm);
        let _ = writeln!(
            out,
            "{}",
            command("cloudwatch put-metric-alarm", Some(&plan.region), &input)
        );
    }
    let input = map([
        ("DashboardName", plan.dashboard.as_str().into()),
        ("DashboardBody", Node::Text(shape::dashboard(plan))),
    ]);
    let _ = writeln!(
        out,
        "{}",
        command("cloudwatch put-dashboard", Some(&plan.region), &input)
    );
    out
}

fn command(operation: &str, region: Option<&str>, input: &Node) -> String {
    let mut pieces = Vec::new();
    pieces_of(input, &mut pieces);
    let region = region.map_or_else(String::new, |region| {
        format!(" --region {}", quoted(region))
    });
    format!(
        "aws {operation}{region} --cli-input-json {}",
        joined(&pieces)
    )
}

/// A piece of an argument.
enum Piece {
    Text(String),
    Variable(&'static str),
}

/// Literal pieces in single quotes, variables in double ones, with nothing between: one word to the shell.
fn joined(pieces: &[Piece]) -> String {
    let mut out = String::new();
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(more) => text.push_str(more),
            Piece::Variable(name) => {
                if !text.is_empty() {
                    out.push_str(&quoted(&std::mem::take(&mut text)));
                }
                let _ = write!(out, "\"${name}\"");
            }
        }
    }
    if !text.is_empty() {
        out.push_str(&quoted(&text));
    }
    out
}

/// Text as one word of a POSIX shell, where nothing in it means anything.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// JSON of a tree without references.
pub(super) fn json(node: &Node) -> String {
    let mut pieces = Vec::new();
    pieces_of(node, &mut pieces);
    pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Variable(name) => name.to_owned(),
        })
        .collect()
}

/// Writes JSON. What references stand for has no character that JSON would have to escape.
fn pieces_of(node: &Node, out: &mut Vec<Piece>) {
    let text = |out: &mut Vec<Piece>, text: &str| out.push(Piece::Text(text.to_owned()));
    match node {
        Node::Text(value) => text(out, &string(value)),
        Node::Number(number) => text(out, &number.normalize().to_string()),
        Node::Flag(flag) => text(out, if *flag { "true" } else { "false" }),
        Node::Refer(reference) => {
            text(out, "\"");
            out.push(Piece::Variable(match reference {
                Reference::Topic => "TOPIC",
                Reference::Account => "ACCOUNT",
                Reference::Email => "EMAIL",
                Reference::Monitor => "MONITOR",
            }));
            text(out, "\"");
        }
        Node::Json(inner) => {
            let mut pieces = Vec::new();
            pieces_of(inner, &mut pieces);
            text(out, "\"");
            out.extend(pieces.into_iter().map(|piece| match piece {
                Piece::Text(inside) => {
                    let quoted = string(&inside);
                    let bare = quoted
                        .strip_prefix('"')
                        .and_then(|rest| rest.strip_suffix('"'));
                    Piece::Text(bare.unwrap_or(&quoted).to_owned())
                }
                variable @ Piece::Variable(_) => variable,
            }));
            text(out, "\"");
        }
        Node::List(items) => {
            text(out, "[");
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text(out, ",");
                }
                pieces_of(item, out);
            }
            text(out, "]");
        }
        Node::Map(fields) => {
            text(out, "{");
            for (at, (name, value)) in fields.iter().enumerate() {
                if at > 0 {
                    text(out, ",");
                }
                text(out, &string(name));
                text(out, ":");
                pieces_of(value, out);
            }
            text(out, "}");
        }
    }
}

fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
