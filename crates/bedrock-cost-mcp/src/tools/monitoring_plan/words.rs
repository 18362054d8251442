//! The answer: gaps first, what exists in vain, the plan as a table, and the text that was asked for.

use super::{Answer, Format, Question, read::Found};
use crate::tools::{
    reply::{Reply, Warning, brief, brief_quantity, exact},
    table::{MOST_ROWS, Room, named},
};
use bedrock_cost::monitoring::{Coverage, Need, Notify, Plan, Threshold, leaves_out_budget};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::fmt::Write;

/// Bytes for the rows of a short answer.
const ROOM: usize = 480;
/// What exists in vain, in a short answer; the rest is counted.
const FLAWS_SHOWN: usize = 3;
/// A metric of an alarm, a month, USD (two sources: AWS's pricing page as others quote it, checked 2026-11-23).
const ALARM_METRIC_USD: Decimal = Decimal::from_parts(10, 0, 0, false, 2);

const COLUMNS: [&str; 5] = ["new", "name", "above", "unit", "days_above"];
const FULL_COLUMNS: [&str; 11] = [
    "new",
    "name",
    "above",
    "unit",
    "days_above",
    "days",
    "median",
    "mad",
    "highest",
    "rule",
    "of",
];

pub(super) fn reply(
    question: &Question,
    found: &Found,
    coverage: &Coverage,
    plan: &Plan,
    today: Date,
) -> Reply {
    let mut warnings = found.warnings.clone();
    warnings.extend(about(question, coverage, plan));
    if stands_on_rates(plan) {
        warnings.extend(found.rates.warnings(today));
    }
    let room = if question.full {
        Room::Rows(MOST_ROWS)
    } else {
        Room::Bytes(ROOM)
    };
    let rows = rows(plan, question.full);
    let additions = rows.len();
    let columns = if question.full {
        named(FULL_COLUMNS)
    } else {
        named(COLUMNS)
    };
    // A text says all that the rows say.
    let shows_rows = question.full || question.format.is_none();
    let mut page = if shows_rows {
        question.paging.page(columns, rows, room)
    } else {
        crate::tools::table::Page::default()
    };
    warnings.extend(page.past_end.take());
    if question.format.is_some() {
        warnings.extend(before_applying(question, plan));
    }
    let answer = Answer {
        gaps: gaps(coverage, question.full),
        flaws: flaws(coverage, question.full),
        page,
        basis: Some(basis(found, plan)),
        text: question
            .format
            .map(|format| format.text(plan, &question.notify)),
    };
    let headline = format!(
        "{} gaps, {} flaws of what exists; {} additions, {} of them alarms",
        coverage.gaps.len(),
        coverage.flaws.len(),
        additions,
        plan.alarms.len()
    );
    Reply::new(headline, &answer).warn(warnings)
}

/// One sentence a gap; those of models share one in a short answer, as the rows name each.
fn gaps(coverage: &Coverage, full: bool) -> Vec<String> {
    let is_model = |need: &Need| matches!(need, Need::Model(_));
    let mut out: Vec<String> = coverage
        .gaps
        .iter()
        .filter(|gap| full || !is_model(&gap.need))
        .map(|gap| gap.why.clone())
        .collect();
    let models = coverage.gaps.iter().filter(|gap| is_model(&gap.need));
    match models.count() {
        0 => {}
        _ if full => {}
        1 => out.push("one model has no alarm that tells of a dear day".to_owned()),
        many => out.push(format!(
            "{many} models have no alarm that tells of a dear day"
        )),
    }
    if out.is_empty() {
        out.push("none that could be found".to_owned());
    }
    out
}

fn flaws(coverage: &Coverage, full: bool) -> Vec<String> {
    let shown = if full { usize::MAX } else { FLAWS_SHOWN };
    // What a gap names is not said twice.
    let is_said = |name: &str| {
        let says = |why: &str| why.split([' ', ':']).any(|word| word == name);
        coverage.gaps.iter().any(|gap| says(&gap.why))
    };
    let left = coverage
        .flaws
        .iter()
        .filter(|flaw| full || !is_said(&flaw.name));
    let mut out: Vec<String> = left
        .clone()
        .take(shown)
        .map(|flaw| format!("{} {}: {}", flaw.kind, flaw.name, flaw.problem))
        .collect();
    let more = left.count().saturating_sub(out.len());
    if more > 0 {
        out.push(format!("and {more} more, with detail: full"));
    }
    out
}

fn rows(plan: &Plan, full: bool) -> Vec<Vec<Value>> {
    let mut out = Vec::new();
    let mut add = |kind: &str, name: &str, unit: &str, threshold: Option<&Threshold>, of: &str| {
        let above = threshold.map(|threshold| exact(threshold.value));
        let rings = threshold.map(|threshold| threshold.rings);
        let mut row = vec![
            json!(kind),
            json!(name),
            json!(above),
            json!(unit),
            json!(rings),
        ];
        if full {
            let distribution = threshold.map(|threshold| &threshold.distribution);
            row.extend([
                json!(distribution.map(bedrock_cost::monitoring::Distribution::len)),
                json!(distribution.map(|one| brief_quantity(one.median))),
                json!(distribution.map(|one| brief_quantity(one.spread))),
                json!(distribution.map(|one| brief_quantity(one.highest))),
                json!(threshold.map(|threshold| threshold.rule.to_string())),
                json!(of),
            ]);
        }
        out.push(row);
    };
    if let Some(budget) = &plan.budget {
        add(
            "budget",
            &budget.name,
            "USD a month",
            Some(&budget.limit),
            &budget.services.join(" | "),
        );
    }
    if let Some(monitor) = &plan.monitor {
        add(
            "anomaly monitor",
            monitor,
            "",
            None,
            "every service on its own",
        );
    }
    if let Some(subscription) = &plan.subscription {
        add(
            "anomaly subscription",
            &subscription.name,
            "USD over expected",
            Some(&subscription.from),
            subscription.monitor.as_deref().unwrap_or("the new monitor"),
        );
    }
    for alarm in &plan.alarms {
        let terms: Vec<&str> = alarm.terms.iter().map(|term| term.metric).collect();
        add(
            "alarm",
            &alarm.name,
            alarm.unit,
            Some(&alarm.threshold),
            &terms.join(" + "),
        );
    }
    add(
        "dashboard",
        &plan.dashboard,
        "",
        None,
        "tokens, requests, errors, prompt cache",
    );
    out
}

/// What thresholds stand on, and what the alarms cost.
/// Whether a threshold is in USD at list rates.
fn stands_on_rates(plan: &Plan) -> bool {
    let mut alarms = plan.alarms.iter();
    alarms.any(|alarm| matches!(alarm.need, Need::Model(_)))
}

fn basis(found: &Found, plan: &Plan) -> String {
    let metrics: usize = plan.alarms.iter().map(|alarm| alarm.terms.len()).sum();
    let cost = ALARM_METRIC_USD.saturating_mul(Decimal::from(metrics));
    let mut text = format!(
        "days of {} in {}: above is the greater of median + 4.45 MAD and 1.5 x median (failures: 1% of requests), rounded up",
        found.usage.period, found.usage.region
    );
    if let Some(checked) = found.rates.checked().filter(|_| stands_on_rates(plan)) {
        let _ = write!(text, "; list rates checked {checked}");
    }
    if metrics > 0 {
        let _ = write!(text, "; the alarms cost about {} USD a month", brief(cost));
    }
    text
}

fn about(question: &Question, coverage: &Coverage, plan: &Plan) -> Vec<Warning> {
    let mut out = Vec::new();
    if !plan.open.is_empty() {
        let open: Vec<String> = plan.open.iter().map(Need::to_string).collect();
        out.push(Warning::new(
            "too_few_days",
            format!(
                "too little was measured to compute a threshold: {}",
                open.join(", ")
            ),
        ));
    }
    if !coverage.left_out.is_empty() {
        out.push(Warning::new(
            "models_left_out",
            if question.full {
                format!(
                    "models that cost less get no alarm of their own: {}",
                    coverage.left_out.join(", ")
                )
            } else {
                format!(
                    "{} models that cost less get no alarm of their own",
                    coverage.left_out.len()
                )
            },
        ));
    }
    out
}

/// What whoever applies the text has to know.
fn before_applying(question: &Question, plan: &Plan) -> Vec<Warning> {
    let mut out = vec![Warning::new(
        "dashboards_not_read",
        match question.format {
            Some(Format::CloudFormation) => format!(
                "dashboards were not read: the stack fails where {} exists",
                plan.dashboard
            ),
            _ => format!(
                "dashboards were not read: one named {} would be replaced",
                plan.dashboard
            ),
        },
    )];
    if question.format == Some(Format::CloudFormation) && leaves_out_budget(plan) {
        out.push(Warning::new(
            "budget_left_out",
            format!(
                "CloudFormation makes no budgets in {}: the template has none; take that of format cli or terraform",
                plan.region
            ),
        ));
    }
    if plan.budget.is_some() {
        out.push(Warning::new(
            "budget_names_models",
            "the budget names the services charged so far: a model billed under a new name is seen by the anomaly monitor of services only",
        ));
    }
    if matches!(question.notify, Notify::Email(_)) {
        out.push(Warning::new(
            "confirm_subscription",
            "nobody is told before the address has confirmed the e-mail that SNS sends",
        ));
    }
    out
}
