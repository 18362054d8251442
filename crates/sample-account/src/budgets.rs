//! AWS Budgets' answers: limits that were set once, actuals and forecasts from the ledger.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::cost_explorer::expression::{matches, text};
use crate::cost_explorer::forecast::Outlook;
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::calendar::{Day, midnight};
use crate::ledger::line::{Line, usd};
use crate::ledger::place::Account;

/// Answers one operation of the Budgets API.
///
/// # Errors
///
/// `NotFoundException` for a budget that does not exist, `AccessDeniedException` for another
/// account, `InvalidNextTokenException` for a token that was not given out.
pub fn answer(ledger: &Ledger, operation: &str, input: &Value) -> Result<Value, Fault> {
    let account = text(input, "AccountId").unwrap_or_default();
    if account != Account::PAYER.id() {
        return Err(Fault::new(
            "AccessDeniedException",
            format!("Account {account} is not accessible with these credentials"),
        ));
    }
    let shows_expression = input.get("ShowFilterExpression").and_then(Value::as_bool) == Some(true);
    match operation {
        "DescribeBudgets" => {
            let all = set_up(ledger)
                .map(|budget| budget.describe(ledger, shows_expression))
                .collect::<Result<Vec<_>, _>>()?;
            page(input, "Budgets", all, 100)
        }
        "DescribeBudget" => {
            let budget = find(ledger, input)?.describe(ledger, shows_expression)?;
            Ok(json!({ "Budget": budget }))
        }
        "DescribeBudgetPerformanceHistory" => history(ledger, input),
        "DescribeNotificationsForBudget" => {
            let notifications = find(ledger, input)?.notifications(ledger)?;
            page(input, "Notifications", notifications, 100)
        }
        other => Err(Fault::new(
            "UnknownOperationException",
            format!("The operation {other} is not available in this account"),
        )),
    }
}

/// The period that a budget starts over in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimeUnit {
    Monthly,
    Quarterly,
}

/// What a budget counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Everything, credits and refunds included.
    All,
    /// By `CostFilters`, without credits and refunds.
    Service(&'static str),
    /// By `FilterExpression`: Bedrock under all the names it is billed as.
    EveryModel,
    /// By `FilterExpression`: one application's tag.
    Application(&'static str),
}

/// A budget as somebody once set it up.
#[derive(Clone, Copy, Debug)]
struct Budget {
    name: &'static str,
    limit_usd: i64,
    unit: TimeUnit,
    scope: Scope,
    since: Day,
}

/// The company's budgets, by name.
const BUDGETS: [Budget; 4] = [
    Budget {
        name: "bedrock-monthly",
        limit_usd: 12_000,
        unit: TimeUnit::Monthly,
        scope: Scope::Service("Amazon Bedrock"),
        since: Day::new(2024, 2, 1),
    },
    Budget {
        name: "company-monthly",
        limit_usd: 60_000,
        unit: TimeUnit::Monthly,
        scope: Scope::All,
        since: Day::new(2023, 1, 1),
    },
    Budget {
        name: "generative-ai-monthly",
        limit_usd: 45_000,
        unit: TimeUnit::Monthly,
        scope: Scope::EveryModel,
        since: Day::new(2024, 6, 1),
    },
    Budget {
        name: "returns-agent-quarterly",
        limit_usd: 3_000,
        unit: TimeUnit::Quarterly,
        scope: Scope::Application("returns-agent"),
        since: Day::new(2024, 7, 1),
    },
];

/// The budgets that had been set up by the time the account is looked at.
fn set_up(ledger: &Ledger) -> impl Iterator<Item = &'static Budget> {
    let today = ledger.today();
    BUDGETS.iter().filter(move |budget| budget.since <= today)
}

fn find(ledger: &Ledger, input: &Value) -> Result<&'static Budget, Fault> {
    let name = text(input, "BudgetName").unwrap_or_default();
    set_up(ledger)
        .find(|budget| budget.name == name)
        .ok_or_else(|| {
            Fault::new(
                "NotFoundException",
                format!("Unable to get budget: {name} - the budget doesn't exist."),
            )
        })
}

impl TimeUnit {
    const fn name(self) -> &'static str {
        match self {
            Self::Monthly => "MONTHLY",
            Self::Quarterly => "QUARTERLY",
        }
    }

    fn length(self) -> Span {
        match self {
            Self::Monthly => 1.month(),
            Self::Quarterly => 3.months(),
        }
    }

    /// The first day of the period that holds a day.
    fn start(self, day: Day) -> Date {
        let month = day.date().first_of_month();
        match self {
            Self::Monthly => month,
            Self::Quarterly => month.saturating_sub(i64::from((month.month() - 1) % 3).months()),
        }
    }

    /// The first day of the period after the one that starts on a date.
    fn after(self, start: Date) -> Date {
        start.saturating_add(self.length())
    }
}

impl Budget {
    /// The filter expression; none where the budget counts everything or has `CostFilters`.
    fn expression(&self, ledger: &Ledger) -> Option<Value> {
        match self.scope {
            Scope::All | Scope::Service(_) => None,
            Scope::Application(name) => Some(json!({
                "Tags": { "Key": "Application", "Values": [name], "MatchOptions": ["EQUALS"] }
            })),
            Scope::EveryModel => {
                let services: BTreeSet<String> = ledger
                    .workloads()
                    .iter()
                    .filter(|workload| workload.began_before(ledger.today().plus(1)))
                    .map(|workload| workload.stream.model.service())
                    .collect();
                Some(json!({
                    "Dimensions": { "Key": "SERVICE", "Values": services, "MatchOptions": ["EQUALS"] }
                }))
            }
        }
    }

    /// For every line, whether the budget counts it.
    fn selects(&self, ledger: &Ledger) -> Result<Vec<bool>, Fault> {
        let expression = self.expression(ledger);
        let counts = |line: &Line| -> Result<bool, Fault> {
            match (&self.scope, &expression) {
                (Scope::Service(service), _) => {
                    Ok(line.service == *service && line.record_type == "Usage")
                }
                (_, Some(expression)) => matches(expression, line),
                (_, None) => Ok(true),
            }
        };
        ledger.lines().iter().map(counts).collect()
    }

    /// What was spent from a date up to another.
    fn actual(ledger: &Ledger, selects: &[bool], from: Date, to: Date) -> Decimal {
        let pico = ledger
            .records(from, to)
            .filter(|charge| selects.get(charge.line.id).copied().unwrap_or(false))
            .map(|charge| charge.pico_usd)
            .sum();
        usd(pico)
    }

    /// What the current period has cost and is expected to cost.
    fn spend(&self, ledger: &Ledger) -> Result<(Decimal, Option<Decimal>), Fault> {
        let selects = self.selects(ledger)?;
        let start = self.unit.start(ledger.today());
        let end = self.unit.after(start);
        let actual = Self::actual(ledger, &selects, start, end);
        let forecast = Outlook::learn(ledger, &selects, "UnblendedCost").map(|outlook| {
            // The running day is forecast as a whole; the actuals hold the part already billed.
            let running = Day::of(ledger.billed_until()).0;
            let billed = Self::actual(ledger, &selects, running.date(), running.plus(1).date());
            actual - billed
                + outlook.day(running).max(billed)
                + outlook.days(running.plus(1), Day::from(end))
        });
        Ok((actual, forecast))
    }

    fn describe(&self, ledger: &Ledger, shows_expression: bool) -> Result<Value, Fault> {
        let (actual, forecast) = self.spend(ledger)?;
        let mut calculated = Map::new();
        calculated.insert("ActualSpend".to_owned(), spend(actual));
        if let Some(forecast) = forecast {
            calculated.insert("ForecastedSpend".to_owned(), spend(forecast));
        }
        let mut budget = json!({
            "BudgetName": self.name,
            "BudgetLimit": spend(Decimal::from(self.limit_usd)),
            "TimeUnit": self.unit.name(),
            "TimePeriod": {
                "Start": seconds(self.since.date()),
                // AWS writes "no end" as 2087-06-15.
                "End": seconds(Date::constant(2087, 6, 15)),
            },
            "CalculatedSpend": calculated,
            "BudgetType": "COST",
            "LastUpdatedTime": seconds(self.since.date()),
            "HealthStatus": {
                "Status": "HEALTHY",
                "LastUpdatedTime": ledger.billed_until().as_second(),
            },
        });
        self.add_scope(&mut budget, ledger, shows_expression);
        Ok(budget)
    }

    /// Adds what the budget counts, in the form that it was set up with.
    fn add_scope(&self, object: &mut Value, ledger: &Ledger, shows_expression: bool) {
        let Some(members) = object.as_object_mut() else {
            return;
        };
        if let Some(expression) = self.expression(ledger) {
            if shows_expression {
                members.insert("FilterExpression".to_owned(), expression);
                members.insert("Metrics".to_owned(), json!(["UnblendedCost"]));
            }
        } else {
            let filters = match self.scope {
                Scope::Service(service) => json!({ "Service": [service] }),
                _ => json!({}),
            };
            let counts_returns = self.scope == Scope::All;
            members.insert("CostFilters".to_owned(), filters);
            members.insert(
                "CostTypes".to_owned(),
                json!({
                    "IncludeTax": true,
                    "IncludeSubscription": true,
                    "UseBlended": false,
                    "IncludeRefund": counts_returns,
                    "IncludeCredit": counts_returns,
                    "IncludeUpfront": true,
                    "IncludeRecurring": true,
                    "IncludeOtherSubscription": true,
                    "IncludeSupport": true,
                    "IncludeDiscount": true,
                    "UseAmortized": false,
                }),
            );
        }
    }

    fn notifications(&self, ledger: &Ledger) -> Result<Vec<Value>, Fault> {
        let (actual, forecast) = self.spend(ledger)?;
        Ok(
            [("ACTUAL", 80, Some(actual)), ("FORECASTED", 100, forecast)]
                .into_iter()
                .map(|(kind, percent, spent)| {
                    let threshold = Decimal::from(self.limit_usd * percent) / Decimal::ONE_HUNDRED;
                    let exceeded = spent.is_some_and(|spent| spent > threshold);
                    json!({
                        "NotificationType": kind,
                        "ComparisonOperator": "GREATER_THAN",
                        "Threshold": percent,
                        "ThresholdType": "PERCENTAGE",
                        "NotificationState": if exceeded { "ALARM" } else { "OK" },
                    })
                })
                .collect(),
        )
    }
}

fn history(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    let budget = find(ledger, input)?;
    let selects = budget.selects(ledger)?;
    let bound = |member: &str| {
        let seconds = input.get("TimePeriod")?.get(member)?.as_f64()?;
        // Whole seconds are enough to find a day.
        format!("{seconds:.0}").parse::<i64>().ok()
    };
    let (from, to) = (bound("Start"), bound("End"));
    let mut periods = Vec::new();
    let mut start = budget.unit.start(ledger.today());
    // Twelve months back, or four quarters.
    let count = if budget.unit == TimeUnit::Monthly {
        13
    } else {
        5
    };
    for _ in 0..count {
        let end = budget.unit.after(start);
        let inside =
            from.is_none_or(|from| seconds(end) > from) && to.is_none_or(|to| seconds(start) < to);
        if inside && Day::from(start) >= budget.since {
            periods.push(json!({
                "BudgetedAmount": spend(Decimal::from(budget.limit_usd)),
                "ActualAmount": spend(Budget::actual(ledger, &selects, start, end)),
                "TimePeriod": { "Start": seconds(start), "End": seconds(end) },
            }));
        }
        start = start.saturating_sub(budget.unit.length());
    }
    periods.reverse();
    let mut page = page(input, "BudgetedAndActualAmountsList", periods, 100)?;
    let list = page
        .get_mut("BudgetedAndActualAmountsList")
        .map(Value::take);
    let token = page.get_mut("NextToken").map(Value::take);
    let mut shown = json!({
        "BudgetName": budget.name,
        "BudgetType": "COST",
        "TimeUnit": budget.unit.name(),
        "BudgetedAndActualAmountsList": list,
    });
    budget.add_scope(&mut shown, ledger, true);
    let mut answer = json!({ "BudgetPerformanceHistory": shown });
    if let (Some(members), Some(token)) = (answer.as_object_mut(), token) {
        members.insert("NextToken".to_owned(), token);
    }
    Ok(answer)
}

fn page(input: &Value, member: &str, all: Vec<Value>, size: usize) -> Result<Value, Fault> {
    let size = input
        .get("MaxResults")
        .and_then(Value::as_u64)
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(size);
    let pager = crate::cost_explorer::Pager::new(member, &without_size(input), "NextToken")?;
    let (page, token) = pager.cut(all, size);
    let mut answer = Map::new();
    answer.insert(member.to_owned(), Value::Array(page));
    if let Some(token) = token {
        answer.insert("NextToken".to_owned(), json!(token));
    }
    Ok(Value::Object(answer))
}

/// Budgets lets the page size change between pages.
fn without_size(input: &Value) -> Value {
    let mut input = input.clone();
    if let Some(members) = input.as_object_mut() {
        members.remove("MaxResults");
    }
    input
}

/// An amount as Budgets shows it, to a tenth of a cent.
fn spend(amount: Decimal) -> Value {
    json!({ "Amount": amount.max(Decimal::ZERO).round_dp(3).normalize().to_string(), "Unit": "USD" })
}

/// A date in the seconds that Budgets' timestamps are.
fn seconds(date: Date) -> i64 {
    midnight(date).as_second()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::MODELS;
    use crate::output::broken_output;

    fn ledger(as_of: &str) -> Ledger {
        Ledger::new(as_of.parse().unwrap())
    }

    /// Asks for the payer, and checks the answer against AWS's own shape.
    fn ask(ledger: &Ledger, operation: &str, mut input: Value) -> Value {
        let members = input.as_object_mut().unwrap();
        members.insert("AccountId".to_owned(), json!("111122223333"));
        let output = answer(ledger, operation, &input).unwrap();
        let model = MODELS.service("budgets").unwrap();
        let shape = &model.operations.get(operation).unwrap().output;
        assert_eq!(
            broken_output(model, shape, &output),
            Vec::<String>::new(),
            "{operation}"
        );
        output
    }

    fn number(value: &Value, pointer: &str) -> Decimal {
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap()
            .parse()
            .unwrap()
    }

    #[test]
    fn actuals_come_from_the_ledger() {
        let ledger = ledger("2026-11-22T15:30:00Z");
        let (from, to) = (date(2026, 11, 1), date(2026, 12, 1));
        let own = |pass: fn(&Line) -> bool| {
            let charges = ledger.records(from, to).filter(|charge| pass(charge.line));
            usd(charges.map(|charge| charge.pico_usd).sum()).round_dp(3)
        };
        let budget = |name: &str| ask(&ledger, "DescribeBudget", json!({ "BudgetName": name }));
        let actual =
            |name: &str| number(&budget(name), "/Budget/CalculatedSpend/ActualSpend/Amount");
        let blind = actual("bedrock-monthly");
        let seeing = actual("generative-ai-monthly");
        assert_eq!(
            blind,
            own(|line| line.service == "Amazon Bedrock" && line.record_type == "Usage")
        );
        assert_eq!(seeing, own(Line::is_bedrock));
        assert_eq!(actual("company-monthly"), own(|_| true));
        assert!(seeing > blind + Decimal::from(5_000), "{seeing} {blind}");
    }

    #[test]
    fn one_budget_is_exceeded_at_either_date() {
        for as_of in ["2024-12-05T00:00:00Z", "2026-11-22T15:30:00Z"] {
            let answer = ask(&ledger(as_of), "DescribeBudgets", json!({}));
            let exceeded: Vec<&str> = answer
                .get("Budgets")
                .and_then(Value::as_array)
                .unwrap()
                .iter()
                .filter(|budget| {
                    number(budget, "/CalculatedSpend/ActualSpend/Amount")
                        > number(budget, "/BudgetLimit/Amount")
                })
                .filter_map(|budget| text(budget, "BudgetName"))
                .collect();
            assert!(
                exceeded.contains(&"returns-agent-quarterly"),
                "{as_of}: {exceeded:?}"
            );
            assert!(
                !exceeded.contains(&"company-monthly"),
                "{as_of}: {exceeded:?}"
            );
        }
    }

    #[test]
    fn expressions_are_shown_on_request_only() {
        let ledger = ledger("2026-11-22T15:30:00Z");
        let names = |shows: bool, member: &str| -> Vec<String> {
            let answer = ask(
                &ledger,
                "DescribeBudgets",
                json!({ "ShowFilterExpression": shows }),
            );
            let budgets = answer
                .get("Budgets")
                .and_then(Value::as_array)
                .unwrap()
                .clone();
            budgets
                .iter()
                .filter(|budget| budget.get(member).is_some())
                .filter_map(|budget| text(budget, "BudgetName").map(str::to_owned))
                .collect()
        };
        assert_eq!(names(false, "FilterExpression"), Vec::<String>::new());
        assert_eq!(
            names(true, "FilterExpression"),
            ["generative-ai-monthly", "returns-agent-quarterly"]
        );
        assert_eq!(
            names(true, "CostFilters"),
            ["bedrock-monthly", "company-monthly"]
        );
    }

    #[test]
    fn history_and_notifications_follow_the_ledger() {
        let ledger = ledger("2026-11-22T15:30:00Z");
        let named = json!({ "BudgetName": "company-monthly" });
        let answer = ask(&ledger, "DescribeBudgetPerformanceHistory", named);
        let october = "/BudgetPerformanceHistory/BudgetedAndActualAmountsList/11";
        assert_eq!(
            answer.pointer(&format!("{october}/TimePeriod/Start")),
            Some(&json!(midnight(date(2026, 10, 1)).as_second()))
        );
        let own: i128 = ledger
            .records(date(2026, 10, 1), date(2026, 11, 1))
            .map(|charge| charge.pico_usd)
            .sum();
        assert_eq!(
            number(&answer, &format!("{october}/ActualAmount/Amount")),
            usd(own).round_dp(3)
        );
        let named = json!({ "BudgetName": "returns-agent-quarterly" });
        let answer = ask(&ledger, "DescribeNotificationsForBudget", named);
        assert_eq!(
            answer.pointer("/Notifications/0/NotificationState"),
            Some(&json!("ALARM"))
        );
    }

    #[test]
    fn unknown_budgets_and_foreign_accounts_are_refused() {
        let ledger = ledger("2026-11-22T15:30:00Z");
        let refused = |account: &str, name: &str| {
            let input = json!({ "AccountId": account, "BudgetName": name });
            answer(&ledger, "DescribeBudget", &input)
                .unwrap_err()
                .error_type
        };
        assert_eq!(refused("111122223333", "none"), "NotFoundException");
        assert_eq!(
            refused("123456789012", "company-monthly"),
            "AccessDeniedException"
        );
    }

    #[test]
    fn budgets_exist_from_the_day_they_were_set_up() {
        let count = |as_of: &str| {
            let answer = ask(&ledger(as_of), "DescribeBudgets", json!({}));
            answer
                .get("Budgets")
                .and_then(Value::as_array)
                .unwrap()
                .len()
        };
        assert_eq!(count("2024-06-30T23:59:00Z"), 3);
        assert_eq!(count("2024-07-01T00:00:00Z"), 4);
    }
}
