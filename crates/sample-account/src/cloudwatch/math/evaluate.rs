//! Evaluates a metric-math tree.
//!
//! Source: "Using math expressions with CloudWatch metrics", CloudWatch user guide.

use super::parse::{Expression, Operator};
use super::search::Search;
use super::{TimeSeries, functions};

/// What an expression, or a part of one, stands for.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cloudwatch) enum Value {
    /// One number.
    Scalar(f64),
    /// One time series.
    Series(TimeSeries),
    /// Several time series.
    Array(Vec<TimeSeries>),
    /// A text argument.
    Text(String),
}

/// What an expression may refer to, and the time range it is evaluated over.
pub(in crate::cloudwatch) trait Scope {
    /// The value of the query `id`; `None` if the request has no such query.
    ///
    /// # Errors
    ///
    /// What is wrong with that query.
    fn value(&self, id: &str) -> Result<Option<Value>, String>;

    /// The queries of the request that are metrics, with their ids.
    fn metrics(&self) -> Vec<(String, TimeSeries)>;

    /// The series that a `SEARCH` finds.
    ///
    /// # Errors
    ///
    /// What is wrong with the statistic.
    fn search(&self, search: &Search) -> Result<Vec<TimeSeries>, String>;

    /// The timestamps of a grid over the request's time range, in epoch seconds.
    fn grid(&self, period: i64) -> Vec<i64>;
}

/// Evaluates an expression.
///
/// # Errors
///
/// A sentence fragment that says what is wrong.
pub(in crate::cloudwatch) fn evaluate(
    expression: &Expression,
    scope: &dyn Scope,
) -> Result<Value, String> {
    match expression {
        Expression::Number(number) => Ok(Value::Scalar(*number)),
        Expression::Text(text) => Ok(Value::Text(text.clone())),
        Expression::Name(name) => scope
            .value(name)?
            .ok_or_else(|| format!("unknown identifier '{name}'")),
        Expression::Array(items) => {
            let mut all = Vec::new();
            for item in items {
                match evaluate(item, scope)? {
                    Value::Series(series) => all.push(series),
                    Value::Array(several) => all.extend(several),
                    Value::Scalar(_) | Value::Text(_) => {
                        return Err("an array holds time series only".to_owned());
                    }
                }
            }
            Ok(Value::Array(all))
        }
        Expression::Negate(inner) => unary(evaluate(inner, scope)?, |value| -value),
        Expression::Binary(operator, left, right) => {
            binary(*operator, &evaluate(left, scope)?, &evaluate(right, scope)?)
        }
        Expression::Call(name, arguments) => functions::call(name, arguments, scope),
    }
}

/// Applies a change to each number of a value.
pub(super) fn unary(value: Value, change: impl Fn(f64) -> f64) -> Result<Value, String> {
    match value {
        Value::Scalar(number) => Ok(Value::Scalar(change(number))),
        Value::Series(series) => Ok(Value::Series(series.map(change))),
        Value::Array(all) => Ok(Value::Array(
            all.iter().map(|series| series.map(&change)).collect(),
        )),
        Value::Text(text) => Err(format!("'{text}' is not a number")),
    }
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Result<Value, String> {
    let apply = |a: f64, b: f64| compute(operator, a, b);
    match (left, right) {
        (Value::Scalar(a), Value::Scalar(b)) => {
            let result = apply(*a, *b);
            if result.is_finite() {
                Ok(Value::Scalar(result))
            } else {
                Err("the expression divides by zero".to_owned())
            }
        }
        (Value::Series(a), Value::Scalar(b)) => Ok(Value::Series(a.map(|a| apply(a, *b)))),
        (Value::Scalar(a), Value::Series(b)) => Ok(Value::Series(b.map(|b| apply(*a, b)))),
        (Value::Series(a), Value::Series(b)) => Ok(Value::Series(combine(a, b, apply))),
        (Value::Array(all), Value::Scalar(b)) => Ok(Value::Array(
            all.iter().map(|a| a.map(|a| apply(a, *b))).collect(),
        )),
        (Value::Scalar(a), Value::Array(all)) => Ok(Value::Array(
            all.iter().map(|b| b.map(|b| apply(*a, b))).collect(),
        )),
        (Value::Array(all), Value::Series(b)) => Ok(Value::Array(
            all.iter().map(|a| combine(a, b, apply)).collect(),
        )),
        (Value::Series(a), Value::Array(all)) => Ok(Value::Array(
            all.iter()
                .map(|b| TimeSeries {
                    label: b.label.clone(),
                    ..combine(a, b, apply)
                })
                .collect(),
        )),
        (Value::Array(_), Value::Array(_)) => {
            Err("an operator does not combine two arrays of time series".to_owned())
        }
        (Value::Text(text), _) | (_, Value::Text(text)) => Err(format!("'{text}' is not a number")),
    }
}

/// Combines two series where both have data: a gap in either is a gap in the result.
fn combine(left: &TimeSeries, right: &TimeSeries, apply: impl Fn(f64, f64) -> f64) -> TimeSeries {
    TimeSeries {
        period: left.period.max(right.period),
        ..left.with_points(
            left.points
                .iter()
                .filter_map(|(time, a)| right.points.get(time).map(|b| (*time, apply(*a, *b)))),
        )
    }
}

fn compute(operator: Operator, a: f64, b: f64) -> f64 {
    let truth = |condition: bool| if condition { 1.0 } else { 0.0 };
    match operator {
        Operator::Or => truth(is_true(a) || is_true(b)),
        Operator::And => truth(is_true(a) && is_true(b)),
        Operator::Equal => truth(a.total_cmp(&b).is_eq()),
        Operator::NotEqual => truth(a.total_cmp(&b).is_ne()),
        Operator::Less => truth(a < b),
        Operator::LessOrEqual => truth(a <= b),
        Operator::Greater => truth(a > b),
        Operator::GreaterOrEqual => truth(a >= b),
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Power => a.powf(b),
    }
}

/// Tells whether a number counts as true: anything but 0.
pub(super) fn is_true(value: f64) -> bool {
    value.abs() > 0.0
}
