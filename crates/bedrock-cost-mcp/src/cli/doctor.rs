//! `doctor`: who asks, where, and what each missing permission switches off.

use super::{EXIT_REFUSED, output};
use crate::{
    aws::{
        Aws, Meter, Target, bedrock, budgets, cloudwatch,
        cost_explorer::{self, Link},
        identity, pricing,
    },
    config::Account,
    error::ToolError,
    state::Overview,
};
use bedrock_cost::{
    cost_query::{CostMetric, Granularity, QueryPeriod, UsageQuery},
    period::{BillingPeriod, plus_days},
};
use serde_json::{Value, json};
use std::process::ExitCode;

/// One thing that was looked at.
struct Check {
    name: &'static str,
    finding: Finding,
    /// What does not work without it, the IAM action first.
    without: &'static str,
}

enum Finding {
    Works(String),
    /// What is wrong and what to do about it.
    Missing(String),
    NotChecked(&'static str),
}

impl Finding {
    fn word(&self) -> &'static str {
        match self {
            Self::Works(_) => "ok",
            Self::Missing(_) => "missing",
            Self::NotChecked(_) => "not checked",
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Works(text) | Self::Missing(text) => text,
            Self::NotChecked(text) => text,
        }
    }
}

impl Check {
    fn new(name: &'static str, result: Result<String, ToolError>, without: &'static str) -> Self {
        Self {
            name,
            finding: match result {
                Ok(text) => Finding::Works(text),
                Err(error) => Finding::Missing(error.to_text()),
            },
            without,
        }
    }
}

pub(super) async fn run(aws: &Aws, billed: bool, json: bool) -> ExitCode {
    // An answer that was kept says nothing of what works now.
    let meter = Meter::anew();
    let checks = Box::pin(examine(aws, &meter, billed)).await;
    let missing = checks
        .iter()
        .any(|check| matches!(check.finding, Finding::Missing(_)));
    output::answer(&if json {
        as_json(&checks, &meter)
    } else {
        as_table(&checks, &meter)
    });
    if missing {
        ExitCode::from(EXIT_REFUSED)
    } else {
        ExitCode::SUCCESS
    }
}

/// Looks at everything, the services at once: one that does not answer must not hold up the others.
async fn examine(aws: &Aws, meter: &Meter, billed: bool) -> Vec<Check> {
    let target = Target::default();
    let (region, origin) = aws.region_and_origin(&target).await;
    let account = identity::account_id(aws, meter, &target).await;
    let who = match (&account, aws.settings().account) {
        (Ok(id), Account::Live) => Ok(format!("account {id}")),
        (Ok(id), Account::Sample) => Ok(format!("the simulated account {id}")),
        (Err(error), _) => Err(error.clone()),
    };
    let signed_in = !matches!(account, Err(ToolError::NoCredentials { .. }));
    let mut checks = vec![
        Check::new(
            "identity",
            who,
            "sts:GetCallerIdentity: budgets; without credentials everything but get_pricing by model",
        ),
        Check::new(
            "region",
            Ok(format!("{region}, {origin}")),
            "CloudWatch is asked in this region",
        ),
    ];
    checks.push(kept(&aws.state().overview().await));
    if !signed_in {
        // Each of the others would fail for the same reason, after the same wait.
        return checks;
    }
    let (metrics, budgets, prices, models, charges) = tokio::join!(
        cloudwatch::list_metrics(aws, meter, &target, "AWS/Bedrock", Some("Invocations"), 1),
        read_budgets(aws, meter, &target, account),
        pricing::has_service(aws, meter, &target, "AmazonBedrock"),
        bedrock::model_count(aws, meter, &target),
        yesterday(aws, meter, &target, billed),
    );
    checks.push(Check::new(
        "cloudwatch",
        metrics.map(|(found, more)| match found.len() {
            0 => format!("reached; no Bedrock usage in {region} in the last two weeks"),
            count if more => format!("more than {count} Bedrock series of Invocations"),
            count => format!("{count} Bedrock series of Invocations"),
        }),
        "cloudwatch:ListMetrics: which models are in use; allow cloudwatch:GetMetricData, cloudwatch:GetMetricStatistics \
         and cloudwatch:DescribeAlarms beside it",
    ));
    checks.push(Check::new(
        "budgets",
        budgets.map(|count| format!("{count} budgets")),
        "budgets:ViewBudget: budgets",
    ));
    checks.push(Check::new(
        "price list",
        prices.map(|found| if found { "reached" } else { "reached; it has no AmazonBedrock" }.to_owned()),
        "pricing:DescribeServices: get_pricing by service_code answers from the price book; allow pricing:GetProducts and \
         pricing:GetAttributeValues beside it",
    ));
    checks.push(Check::new(
        "bedrock",
        models.map(|count| format!("{count} models in {region}")),
        "bedrock:ListFoundationModels: which models the region has; allow bedrock:CountTokens for exact counts by \
         estimate_tokens",
    ));
    checks.push(match charges {
        None => Check {
            name: "cost explorer",
            finding: Finding::NotChecked("each request costs 0.01 USD; check it with --billed"),
            without: "ce:GetCostAndUsage: cost_explorer",
        },
        Some(result) => Check::new(
            "cost explorer",
            result.map(|()| "reached, for 0.01 USD".to_owned()),
            "ce:GetCostAndUsage: cost_explorer; allow ce:GetAnomalies and ce:GetAnomalyMonitors for cost_anomaly, \
             and ce:GetAnomalySubscriptions for monitoring_plan",
        ),
    });
    checks
}

/// What is kept on this machine, and what the server spent.
fn kept(state: &Overview) -> Check {
    let spent = format!(
        "{} spent today and {} this month (UTC), limit {}",
        state.spent.day, state.spent.month, state.limit
    );
    let place = match &state.path {
        None => "kept nowhere".to_owned(),
        Some(path) => path.display().to_string(),
    };
    let finding = match &state.problem {
        Some(problem) => Finding::Missing(format!("{place}: {problem}; {spent}")),
        None if state.path.is_none() => Finding::Works(format!("{place}; {spent} by this process")),
        None => Finding::Works(format!(
            "{place}, {} KB, {} answers of {} KB; {spent}, {} requests paid and {} never answered this month",
            state.file_bytes.div_ceil(1024),
            state.answers,
            (state.answer_bytes + 1023) / 1024,
            state.paid,
            state.unanswered,
        )),
    };
    Check {
        name: "state",
        finding,
        without: "answers kept from one process to the next, and a spend limit that all of them hold together",
    }
}

async fn read_budgets(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    account: Result<String, ToolError>,
) -> Result<usize, ToolError> {
    let all = budgets::all(
        aws,
        meter,
        target,
        &account?,
        aws.settings().now(),
        |_, _| {},
    )
    .await?;
    Ok(all.value.len())
}

/// Asks for one day's charges, only when that was paid for.
async fn yesterday(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    billed: bool,
) -> Option<Result<(), ToolError>> {
    let today = aws.settings().today();
    let period = plus_days(today, -1)
        .and_then(BillingPeriod::day)
        .filter(|_| billed)?;
    let query = UsageQuery {
        period: QueryPeriod::Days(period),
        granularity: Granularity::Daily,
        metrics: vec![CostMetric::UnblendedCost],
        group_by: Vec::new(),
        filter: None,
    };
    let link = Link {
        aws,
        meter,
        target,
        max_pages: 1,
        on_page: &|_| {},
    };
    Some(
        cost_explorer::cost_and_usage(&link, &query, false)
            .await
            .map(|_| ()),
    )
}

fn as_table(checks: &[Check], meter: &Meter) -> String {
    let mut table = output::table(&["check", "result", "found", "needed for"]);
    for check in checks {
        table.add_row([
            check.name,
            check.finding.word(),
            check.finding.text(),
            check.without,
        ]);
    }
    format!(
        "{table}\n{} AWS requests, {} USD",
        meter.requests(),
        meter.cost_usd().normalize()
    )
}

fn as_json(checks: &[Check], meter: &Meter) -> String {
    let rows: Vec<Value> = checks
        .iter()
        .map(|check| {
            json!({
                "check": check.name,
                "result": check.finding.word(),
                "found": check.finding.text(),
                "needed_for": check.without,
            })
        })
        .collect();
    let all = json!({
        "checks": rows,
        "aws_requests": meter.requests(),
        "aws_cost_usd": crate::tools::reply::exact(meter.cost_usd()),
    });
    serde_json::to_string_pretty(&all).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::on_sample;

    async fn results(aws: &Aws, billed: bool) -> Vec<(&'static str, &'static str)> {
        let checks = Box::pin(examine(aws, &Meter::default(), billed)).await;
        checks
            .iter()
            .map(|check| (check.name, check.finding.word()))
            .collect()
    }

    fn billed(aws: &Aws) -> usize {
        aws.sample_account()
            .journal()
            .iter()
            .filter(|entry| entry.billed)
            .count()
    }

    #[tokio::test]
    async fn a_healthy_account_costs_nothing_to_examine_unless_asked() {
        let aws = on_sample::account("2024-12-05");
        assert_eq!(
            results(&aws, false).await,
            [
                ("identity", "ok"),
                ("region", "ok"),
                ("state", "ok"),
                ("cloudwatch", "ok"),
                ("budgets", "ok"),
                ("price list", "ok"),
                ("bedrock", "ok"),
                ("cost explorer", "not checked"),
            ]
        );
        assert_eq!(billed(&aws), 0);
        assert_eq!(
            results(&aws, true).await.last(),
            Some(&("cost explorer", "ok"))
        );
        assert_eq!(billed(&aws), 1);
    }

    #[tokio::test]
    async fn each_missing_permission_is_found_on_its_own() {
        for (action, name) in [
            ("cloudwatch:ListMetrics", "cloudwatch"),
            ("budgets:ViewBudget", "budgets"),
            ("pricing:DescribeServices", "price list"),
            ("bedrock:ListFoundationModels", "bedrock"),
            ("ce:GetCostAndUsage", "cost explorer"),
        ] {
            let aws = on_sample::account("2024-12-05");
            aws.sample_account().deny([action]);
            let checks = Box::pin(examine(&aws, &Meter::default(), true)).await;
            let missing: Vec<_> = checks
                .iter()
                .filter(|check| matches!(check.finding, Finding::Missing(_)))
                .map(|check| (check.name, check.finding.text().contains(action)))
                .collect();
            assert_eq!(missing, [(name, true)], "{action}");
        }
    }
}
