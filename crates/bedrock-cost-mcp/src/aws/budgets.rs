//! AWS Budgets: budgets with what they cover, and how past periods went.

use super::{
    Aws, HOME_REGION, Meter, Target,
    pages::{self, Cut, Paged},
    settle,
};
use crate::error::ToolError;
use aws_sdk_budgets::{Client, types};
use bedrock_cost::cost_scope::{Comparison, CostScope, Field, Test};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;

/// Every action on budgets that reads is allowed by this one.
const ACTION: &str = "budgets:ViewBudget";

/// One budget.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    pub(crate) name: String,
    /// AWS's word: `COST`, `USAGE`, `RI_UTILIZATION`, ...
    pub(crate) kind: String,
    /// AWS's word: `MONTHLY`, `ANNUALLY`, ...
    pub(crate) period: String,
    pub(crate) limit: Option<Amount>,
    pub(crate) actual: Option<Amount>,
    pub(crate) forecast: Option<Amount>,
    pub(crate) scope: CostScope,
    pub(crate) counts: Counts,
    /// AWS's reason when the budget cannot be kept up to date.
    pub(crate) unhealthy: Option<String>,
}

/// Which amounts a budget of costs adds up. Cost Explorer's totals agree with its own only where these do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// `unblended`, `amortized`, `net unblended`, ...; `None` where the budget is not of costs.
    pub(crate) basis: Option<String>,
    /// Kinds of charge that the budget leaves out: `credits`, `refunds`, `tax`, ...
    pub(crate) without: Vec<&'static str>,
}

/// A figure with its unit: `USD`, or what a usage budget counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) value: Decimal,
    pub(crate) unit: String,
}

/// How one period of a budget went.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    pub(crate) start: Date,
    pub(crate) limit: Option<Amount>,
    pub(crate) actual: Option<Amount>,
}

async fn client(aws: &Aws, target: &Target) -> Client {
    let home = Target {
        profile: target.profile.clone(),
        region: Some(HOME_REGION.to_owned()),
    };
    Client::new(&aws.configuration(&home).await)
}

/// Reads every budget of an account. `page` is told after each page how many budgets there are so far.
pub(crate) async fn all(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    account: &str,
    now: Timestamp,
    page: impl FnMut(u32, usize),
) -> Result<Paged<Vec<Budget>>, ToolError> {
    let client = &client(aws, target).await;
    // Reading is free: what ends it is the last page.
    pages::read(u32::MAX, page, |token| {
        Box::pin(async move {
            let request = client
                .describe_budgets()
                .account_id(account)
                .show_filter_expression(true)
                .set_next_token(token)
                .customize()
                .interceptor(meter.clone());
            let answer = settle(ACTION, request.send().await)?;
            let budgets = answer.budgets().iter().map(|budget| read(budget, now));
            Ok((budgets.collect::<Result<_, _>>()?, answer.next_token))
        })
    })
    .await
}

/// Reads the past periods of one budget, oldest first. AWS keeps 12 months and has none of annual budgets.
pub(crate) async fn history(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    account: &str,
    budget: &str,
) -> Result<Vec<Past>, ToolError> {
    let client = &client(aws, target).await;
    let found = pages::read(
        u32::MAX,
        |_, _| {},
        |token| {
            Box::pin(async move {
                let request = client
                    .describe_budget_performance_history()
                    .account_id(account)
                    .budget_name(budget)
                    .set_next_token(token)
                    .customize()
                    .interceptor(meter.clone());
                let answer = settle(ACTION, request.send().await)?;
                let mut past = Vec::new();
                let periods = answer.budget_performance_history.iter();
                for period in periods
                    .flat_map(types::BudgetPerformanceHistory::budgeted_and_actual_amounts_list)
                {
                    if let Some(start) = first_day(period.time_period.as_ref()) {
                        past.push(Past {
                            start,
                            limit: amount(period.budgeted_amount())?,
                            actual: amount(period.actual_amount())?,
                        });
                    }
                }
                Ok((past, answer.next_token))
            })
        },
    )
    .await?;
    // A history with a hole in it would be read as one without.
    if let Some(Cut::Failed(_, error)) = found.cut {
        return Err(error);
    }
    let mut past = found.value;
    past.sort_by_key(|period| period.start);
    Ok(past)
}

/// Counts the notifications of a budget. Each has somebody whom it is sent to: AWS keeps none without.
pub(crate) async fn notifications(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    account: &str,
    budget: &str,
) -> Result<usize, ToolError> {
    // A budget has five at most, so that the first page has all of them.
    let request = client(aws, target)
        .await
        .describe_notifications_for_budget()
        .account_id(account)
        .budget_name(budget)
        .customize()
        .interceptor(meter.clone());
    Ok(settle(ACTION, request.send().await)?.notifications().len())
}

fn read(budget: &types::Budget, now: Timestamp) -> Result<Budget, ToolError> {
    let spend = budget.calculated_spend();
    let limit = match budget.budget_limit() {
        Some(limit) => Some(limit),
        None => planned(budget, now),
    };
    Ok(Budget {
        name: budget.budget_name().to_owned(),
        kind: budget.budget_type().as_str().to_owned(),
        period: budget.time_unit().as_str().to_owned(),
        limit: amount(limit)?,
        actual: amount(spend.and_then(types::CalculatedSpend::actual_spend))?,
        forecast: amount(spend.and_then(types::CalculatedSpend::forecasted_spend))?,
        scope: scope(budget),
        counts: counts(budget),
        unhealthy: budget
            .health_status()
            .filter(|health| health.status() == Some(&types::HealthStatusValue::Unhealthy))
            .map(|health| {
                health.status_reason().map_or_else(
                    || "no reason given".to_owned(),
                    |reason| reason.as_str().to_owned(),
                )
            }),
    })
}

/// What the budget counts: its newer `Metrics`, or else its `CostTypes`, where what is not said is included.
#[expect(
    deprecated,
    reason = "budgets that were made before Metrics have only CostTypes"
)]
fn counts(budget: &types::Budget) -> Counts {
    if *budget.budget_type() != types::BudgetType::Cost {
        return Counts::default();
    }
    if !budget.metrics().is_empty() {
        let names = budget.metrics().iter().map(|metric| words(metric.as_str()));
        return Counts {
            basis: Some(names.collect::<Vec<_>>().join(", ")),
            without: Vec::new(),
        };
    }
    let Some(kinds) = budget.cost_types() else {
        return Counts {
            basis: Some("unblended".to_owned()),
            without: Vec::new(),
        };
    };
    let basis = if kinds.use_amortized() == Some(true) {
        "amortized"
    } else if kinds.use_blended() == Some(true) {
        "blended"
    } else {
        "unblended"
    };
    let without = [
        ("credits", kinds.include_credit()),
        ("refunds", kinds.include_refund()),
        ("discounts", kinds.include_discount()),
        ("tax", kinds.include_tax()),
        ("support", kinds.include_support()),
        ("subscriptions", kinds.include_subscription()),
        ("other subscriptions", kinds.include_other_subscription()),
        ("upfront fees", kinds.include_upfront()),
        ("recurring fees", kinds.include_recurring()),
    ];
    Counts {
        basis: Some(basis.to_owned()),
        without: without
            .into_iter()
            .filter(|(_, included)| *included == Some(false))
            .map(|(name, _)| name)
            .collect(),
    }
}

/// `NetUnblendedCost` as `net unblended`.
fn words(metric: &str) -> String {
    let mut out = String::new();
    for character in metric.strip_suffix("Cost").unwrap_or(metric).chars() {
        if character.is_ascii_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}

/// The limit of the period that has begun last: planned limits are kept by the second at which each begins.
fn planned(budget: &types::Budget, now: Timestamp) -> Option<&types::Spend> {
    budget
        .planned_budget_limits()?
        .iter()
        .filter_map(|(begin, limit)| Some((begin.parse::<i64>().ok()?, limit)))
        .filter(|(begin, _)| *begin <= now.as_second())
        .max_by_key(|(begin, _)| *begin)
        .map(|(_, limit)| limit)
}

fn amount(spend: Option<&types::Spend>) -> Result<Option<Amount>, ToolError> {
    let Some(spend) = spend else {
        return Ok(None);
    };
    let text = spend.amount();
    let value = Decimal::from_str_exact(text)
        .or_else(|_| Decimal::from_scientific(text))
        .map_err(|_| ToolError::OddAnswer {
            problem: "an amount of a budget is not a number".to_owned(),
        })?;
    Ok(Some(Amount {
        value,
        unit: spend.unit().to_owned(),
    }))
}

fn first_day(period: Option<&types::TimePeriod>) -> Option<Date> {
    let start = Timestamp::from_second(period?.start()?.secs()).ok()?;
    Some(start.to_zoned(TimeZone::UTC).date())
}

/// What a budget covers: either its older `CostFilters` or its `FilterExpression`.
#[expect(
    deprecated,
    reason = "budgets that were made before FilterExpression have only CostFilters"
)]
fn scope(budget: &types::Budget) -> CostScope {
    if let Some(expression) = budget.filter_expression() {
        return expressed(expression);
    }
    let mut parts: Vec<(&String, CostScope)> = budget
        .cost_filters()
        .into_iter()
        .flatten()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| (name, cost_filter(name, values)))
        .collect();
    // AWS's map has no order of its own.
    parts.sort_by_key(|(name, _)| *name);
    all_of(parts.into_iter().map(|(_, part)| part).collect())
}

fn all_of(mut parts: Vec<CostScope>) -> CostScope {
    match parts.len() {
        0 => CostScope::Everything,
        1 => parts.remove(0),
        _ => CostScope::All(parts),
    }
}

fn any_of(mut parts: Vec<CostScope>) -> CostScope {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        CostScope::Any(parts)
    }
}

/// Reads one entry of `CostFilters`, whose names are not those of Cost Explorer: `LinkedAccount`, `TagKeyValue`.
fn cost_filter(name: &str, values: &[String]) -> CostScope {
    let keyed = |field: fn(String) -> Field| {
        let tests = values.iter().map(|value| {
            let (key, value) = value.split_once('$').unwrap_or((value, ""));
            let key = key.strip_prefix("user:").unwrap_or(key);
            is(
                field(key.to_owned()),
                Comparison::Equals,
                vec![value.to_owned()],
            )
        });
        any_of(tests.collect())
    };
    match name {
        "TagKeyValue" => keyed(Field::Tag),
        "CostCategory" => keyed(Field::CostCategory),
        _ => is(
            Field::Dimension(dimension(name)),
            Comparison::Equals,
            values.to_vec(),
        ),
    }
}

/// The Cost Explorer spelling of a name in `CostFilters`: `LinkedAccount` is `LINKED_ACCOUNT`, `AZ` is `AZ`.
fn dimension(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && after_lower {
            out.push('_');
        }
        after_lower = character.is_ascii_lowercase();
        out.push(character.to_ascii_uppercase());
    }
    out
}

fn is(field: Field, comparison: Comparison, values: Vec<String>) -> CostScope {
    CostScope::Is(Test {
        field,
        comparison,
        values,
    })
}

fn expressed(expression: &types::Expression) -> CostScope {
    let mut parts = Vec::new();
    if !expression.or().is_empty() {
        parts.push(any_of(expression.or().iter().map(expressed).collect()));
    }
    parts.extend(expression.and().iter().map(expressed));
    if let Some(inner) = expression.not() {
        parts.push(CostScope::Not(Box::new(expressed(inner))));
    }
    if let Some(test) = expression.dimensions() {
        let field = Field::Dimension(test.key().as_str().to_owned());
        parts.push(is(
            field,
            comparison(test.match_options()),
            test.values().to_vec(),
        ));
    }
    if let Some(test) = expression.tags() {
        let key = test.key().unwrap_or_default();
        let field = Field::Tag(key.strip_prefix("user:").unwrap_or(key).to_owned());
        parts.push(is(
            field,
            comparison(test.match_options()),
            test.values().to_vec(),
        ));
    }
    if let Some(test) = expression.cost_categories() {
        let field = Field::CostCategory(test.key().unwrap_or_default().to_owned());
        parts.push(is(
            field,
            comparison(test.match_options()),
            test.values().to_vec(),
        ));
    }
    if let Some(test) = expression.product_attributes() {
        let field = Field::ProductAttribute(test.key().to_owned());
        parts.push(is(
            field,
            comparison(test.match_options()),
            test.values().to_vec(),
        ));
    }
    all_of(parts)
}

fn comparison(options: &[types::MatchOption]) -> Comparison {
    let mut found = Comparison::Equals;
    for option in options {
        match option {
            types::MatchOption::Absent => found = Comparison::Absent,
            types::MatchOption::StartsWith => found = Comparison::StartsWith,
            types::MatchOption::EndsWith => found = Comparison::EndsWith,
            types::MatchOption::Contains => found = Comparison::Contains,
            types::MatchOption::Equals
            | types::MatchOption::CaseSensitive
            | types::MatchOption::CaseInsensitive => {}
            _ => found = Comparison::Unknown,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    #![expect(deprecated, reason = "older budgets have only CostFilters")]
    use super::*;
    use types::{
        Budget as AwsBudget, BudgetType, CostTypes, Dimension, Expression,
        ExpressionDimensionValues, Spend, TimeUnit,
    };

    const NOW: Timestamp = Timestamp::constant(1_733_400_000, 0);

    fn budget() -> types::builders::BudgetBuilder {
        AwsBudget::builder()
            .budget_name("b")
            .time_unit(TimeUnit::Monthly)
            .budget_type(BudgetType::Cost)
    }

    fn usd(amount: &str) -> Spend {
        Spend::builder().amount(amount).unit("USD").build().unwrap()
    }

    #[track_caller]
    fn check_scope(builder: types::builders::BudgetBuilder, expected: &str) {
        let read = read(&builder.build().unwrap(), NOW).unwrap();
        assert_eq!(read.scope.to_string(), expected);
    }

    #[test]
    fn both_ways_of_writing_a_scope_read_alike() {
        check_scope(budget(), "everything");
        check_scope(
            budget()
                .cost_filters("Service", vec!["Amazon Bedrock".into()])
                .cost_filters(
                    "LinkedAccount",
                    vec!["111122223333".into(), "444455556666".into()],
                ),
            "LINKED_ACCOUNT = 111122223333 | 444455556666 and SERVICE = Amazon Bedrock",
        );
        check_scope(
            budget().cost_filters(
                "TagKeyValue",
                vec!["user:Team$content".into(), "user:Team$ops".into()],
            ),
            "tag Team = content or tag Team = ops",
        );
        let service = ExpressionDimensionValues::builder()
            .key(Dimension::Service)
            .values("Amazon Bedrock")
            .build()
            .unwrap();
        check_scope(
            budget().filter_expression(
                Expression::builder()
                    .not(Expression::builder().dimensions(service).build())
                    .build(),
            ),
            "not (SERVICE = Amazon Bedrock)",
        );
    }

    #[track_caller]
    fn check_counts(
        builder: types::builders::BudgetBuilder,
        basis: Option<&str>,
        without: &[&str],
    ) {
        let found = read(&builder.build().unwrap(), NOW).unwrap().counts;
        assert_eq!((found.basis.as_deref(), &*found.without), (basis, without));
    }

    #[test]
    fn what_a_budget_leaves_out_is_read_in_both_forms() {
        let kinds = CostTypes::builder;
        check_counts(budget(), Some("unblended"), &[]);
        check_counts(
            budget().cost_types(kinds().include_tax(true).include_credit(true).build()),
            Some("unblended"),
            &[],
        );
        check_counts(
            budget().cost_types(
                kinds()
                    .use_amortized(true)
                    .include_credit(false)
                    .include_refund(false)
                    .include_tax(false)
                    .build(),
            ),
            Some("amortized"),
            &["credits", "refunds", "tax"],
        );
        check_counts(
            budget().cost_types(kinds().use_blended(true).build()),
            Some("blended"),
            &[],
        );
        check_counts(
            budget().metrics(types::Metric::NetUnblendedCost),
            Some("net unblended"),
            &[],
        );
        check_counts(budget().budget_type(BudgetType::Usage), None, &[]);
    }

    #[test]
    fn a_planned_limit_is_that_of_the_period_that_runs() {
        let planned = budget()
            .planned_budget_limits("1730419200", usd("100"))
            .planned_budget_limits("1733011200", usd("200.50"))
            .planned_budget_limits("1735689600", usd("300"))
            .build()
            .unwrap();
        let limit = read(&planned, NOW).unwrap().limit.unwrap();
        assert_eq!(
            (limit.value.to_string(), limit.unit),
            ("200.50".to_owned(), "USD".to_owned())
        );
    }

    #[test]
    fn an_amount_that_is_no_number_is_not_taken_for_zero() {
        let odd = budget().budget_limit(usd("many")).build().unwrap();
        assert_eq!(read(&odd, NOW).unwrap_err().code(), "odd_answer");
    }
}
