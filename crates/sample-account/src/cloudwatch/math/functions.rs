//! The functions of metric math that a cost tool meets.

use std::collections::BTreeMap;

use super::TimeSeries;
use super::evaluate::{Scope, Value, evaluate, is_true, unary};
use super::parse::Expression;
use super::search::Search;

/// Calls a function by its name in capitals.
///
/// # Errors
///
/// A sentence fragment that says what is wrong.
pub(super) fn call(
    name: &str,
    arguments: &[Expression],
    scope: &dyn Scope,
) -> Result<Value, String> {
    match (name, arguments) {
        ("SUM" | "AVG" | "MIN" | "MAX" | "STDDEV" | "DATAPOINT_COUNT", [argument]) => {
            aggregate(reducer(name)?, evaluate(argument, scope)?)
        }
        ("METRIC_COUNT", [argument]) => match evaluate(argument, scope)? {
            Value::Array(all) => Ok(Value::Scalar(count(all.len()))),
            Value::Series(_) => Ok(Value::Scalar(1.0)),
            _ => Err("METRIC_COUNT takes time series".to_owned()),
        },
        ("ABS", [argument]) => unary(evaluate(argument, scope)?, f64::abs),
        ("CEIL", [argument]) => unary(evaluate(argument, scope)?, f64::ceil),
        ("FLOOR", [argument]) => unary(evaluate(argument, scope)?, f64::floor),
        ("LOG", [argument]) => unary(evaluate(argument, scope)?, f64::ln),
        ("LOG10", [argument]) => unary(evaluate(argument, scope)?, f64::log10),
        ("RATE", [argument]) => each(evaluate(argument, scope)?, |series| {
            differences(series, |change, seconds| change / seconds)
        }),
        ("DIFF", [argument]) => each(evaluate(argument, scope)?, |series| {
            differences(series, |change, _| change)
        }),
        ("RUNNING_SUM", [argument]) => each(evaluate(argument, scope)?, running_sum),
        ("PERIOD", [argument]) => match evaluate(argument, scope)? {
            Value::Series(series) => Ok(Value::Scalar(seconds(series.period))),
            _ => Err("PERIOD takes one time series".to_owned()),
        },
        ("TIME_SERIES", [argument]) => time_series(&evaluate(argument, scope)?, scope),
        ("FILL", [argument, filling]) => fill(evaluate(argument, scope)?, filling, scope),
        ("IF", [condition, then]) => choose(condition, then, None, scope),
        ("IF", [condition, then, otherwise]) => choose(condition, then, Some(otherwise), scope),
        ("METRICS", []) => Ok(Value::Array(named_metrics("", scope))),
        ("METRICS", [Expression::Text(part)]) => Ok(Value::Array(named_metrics(part, scope))),
        ("REMOVE_EMPTY", [argument]) => match evaluate(argument, scope)? {
            Value::Array(mut all) => {
                all.retain(|series| !series.points.is_empty());
                Ok(Value::Array(all))
            }
            other => Ok(other),
        },
        ("SORT", [argument, rest @ ..]) => sort(evaluate(argument, scope)?, rest),
        ("SLICE", [argument, rest @ ..]) => slice(evaluate(argument, scope)?, rest),
        ("SEARCH", arguments) => search(arguments, scope),
        (
            "SUM" | "AVG" | "MIN" | "MAX" | "STDDEV" | "DATAPOINT_COUNT" | "METRIC_COUNT" | "ABS"
            | "CEIL" | "FLOOR" | "LOG" | "LOG10" | "RATE" | "DIFF" | "RUNNING_SUM" | "PERIOD"
            | "TIME_SERIES" | "FILL" | "IF" | "METRICS" | "REMOVE_EMPTY" | "SORT" | "SLICE",
            _,
        ) => Err(format!("wrong arguments for function {name}")),
        _ => Err(format!("unsupported function {name}")),
    }
}

type Reducer = fn(&[f64]) -> f64;

fn reducer(name: &str) -> Result<Reducer, String> {
    match name {
        "SUM" => Ok(sum),
        "AVG" => Ok(mean),
        "MIN" => Ok(|values| values.iter().copied().fold(f64::INFINITY, f64::min)),
        "MAX" => Ok(|values| values.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        "STDDEV" => Ok(|values| {
            let middle = mean(values);
            let squares: Vec<f64> = values.iter().map(|v| (v - middle).powi(2)).collect();
            mean(&squares).sqrt()
        }),
        "DATAPOINT_COUNT" => Ok(|values| count(values.len())),
        _ => Err(format!("unsupported function {name}")),
    }
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

fn mean(values: &[f64]) -> f64 {
    sum(values) / count(values.len())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a request has far fewer than 2^52 points"
)]
fn count(length: usize) -> f64 {
    length as f64
}

#[expect(clippy::cast_precision_loss, reason = "a period is at most a day")]
fn seconds(period: i64) -> f64 {
    period as f64
}

/// Reduces one series to a number, or several to one series over the points that exist.
fn aggregate(reduce: Reducer, value: Value) -> Result<Value, String> {
    match value {
        Value::Series(series) if series.points.is_empty() => Ok(Value::Scalar(0.0)),
        Value::Series(series) => {
            let values: Vec<f64> = series.points.into_values().collect();
            Ok(Value::Scalar(reduce(&values)))
        }
        Value::Array(all) => {
            let mut by_time: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
            let mut period = 0;
            for series in all {
                period = period.max(series.period);
                for (time, value) in series.points {
                    by_time.entry(time).or_default().push(value);
                }
            }
            Ok(Value::Series(TimeSeries {
                label: String::new(),
                period,
                points: by_time
                    .into_iter()
                    .map(|(time, values)| (time, reduce(&values)))
                    .collect(),
            }))
        }
        Value::Scalar(_) | Value::Text(_) => Err("the function takes time series".to_owned()),
    }
}

fn each(value: Value, change: impl Fn(&TimeSeries) -> TimeSeries) -> Result<Value, String> {
    match value {
        Value::Series(series) => Ok(Value::Series(change(&series))),
        Value::Array(all) => Ok(Value::Array(all.iter().map(change).collect())),
        Value::Scalar(_) | Value::Text(_) => Err("the function takes time series".to_owned()),
    }
}

/// Compares each point with the one before it: the value's change and the seconds between.
fn differences(series: &TimeSeries, compare: impl Fn(f64, f64) -> f64) -> TimeSeries {
    let later = series.points.iter().skip(1);
    series.with_points(
        series
            .points
            .iter()
            .zip(later)
            .map(|((before, old), (time, new))| {
                (*time, compare(new - old, seconds(time - before)))
            }),
    )
}

fn running_sum(series: &TimeSeries) -> TimeSeries {
    let mut total = 0.0;
    series.map_in_order(|value| {
        total += value;
        total
    })
}

impl TimeSeries {
    fn map_in_order(&self, mut change: impl FnMut(f64) -> f64) -> Self {
        let points: Vec<(i64, f64)> = self
            .points
            .iter()
            .map(|(time, value)| (*time, change(*value)))
            .collect();
        self.with_points(points)
    }
}

/// The shortest period of the request's metrics; 5 minutes when it has none.
fn request_period(scope: &dyn Scope) -> i64 {
    scope
        .metrics()
        .iter()
        .map(|(_, series)| series.period)
        .min()
        .unwrap_or(300)
}

fn time_series(value: &Value, scope: &dyn Scope) -> Result<Value, String> {
    let Value::Scalar(number) = value else {
        return Err("TIME_SERIES takes a number".to_owned());
    };
    let period = request_period(scope);
    Ok(Value::Series(TimeSeries {
        label: String::new(),
        period,
        points: scope
            .grid(period)
            .into_iter()
            .map(|time| (time, *number))
            .collect(),
    }))
}

enum Filling {
    Constant(f64),
    Repeat,
    Linear,
    Series(TimeSeries),
}

fn fill(value: Value, filling: &Expression, scope: &dyn Scope) -> Result<Value, String> {
    let filling = match filling {
        Expression::Name(name) if name == "REPEAT" => Filling::Repeat,
        Expression::Name(name) if name == "LINEAR" => Filling::Linear,
        other => match evaluate(other, scope)? {
            Value::Scalar(number) => Filling::Constant(number),
            Value::Series(series) => Filling::Series(series),
            _ => return Err("FILL takes a number, a metric, REPEAT or LINEAR".to_owned()),
        },
    };
    each(value, |series| {
        series.with_points(scope.grid(series.period).into_iter().filter_map(|time| {
            let value = series
                .points
                .get(&time)
                .copied()
                .or_else(|| match &filling {
                    Filling::Constant(number) => Some(*number),
                    Filling::Series(other) => other.points.get(&time).copied(),
                    Filling::Repeat => series.points.range(..time).next_back().map(|(_, v)| *v),
                    Filling::Linear => between(series, time),
                });
            value.map(|value| (time, value))
        }))
    })
}

/// The value on the straight line between the neighbours of `time`; none outside them.
fn between(series: &TimeSeries, time: i64) -> Option<f64> {
    let (before, low) = series.points.range(..time).next_back()?;
    let (after, high) = series.points.range(time..).next()?;
    Some(low + (high - low) * seconds(time - before) / seconds(after - before))
}

fn choose(
    condition: &Expression,
    then: &Expression,
    otherwise: Option<&Expression>,
    scope: &dyn Scope,
) -> Result<Value, String> {
    let then = evaluate(then, scope)?;
    let otherwise = otherwise.map(|value| evaluate(value, scope)).transpose()?;
    match evaluate(condition, scope)? {
        Value::Scalar(number) => {
            let chosen = if is_true(number) {
                Some(then)
            } else {
                otherwise
            };
            chosen.ok_or_else(|| "IF with a number as condition needs a value for 0".to_owned())
        }
        Value::Series(series) => {
            let mut points = Vec::new();
            for (time, number) in &series.points {
                let chosen = if is_true(*number) {
                    Some(&then)
                } else {
                    otherwise.as_ref()
                };
                let value = match chosen {
                    None => None,
                    Some(Value::Scalar(number)) => Some(*number),
                    Some(Value::Series(series)) => series.points.get(time).copied(),
                    Some(_) => return Err("IF chooses between numbers and time series".to_owned()),
                };
                points.extend(value.map(|value| (*time, value)));
            }
            Ok(Value::Series(series.with_points(points)))
        }
        _ => Err("IF takes a number or one time series as condition".to_owned()),
    }
}

fn named_metrics(part: &str, scope: &dyn Scope) -> Vec<TimeSeries> {
    scope
        .metrics()
        .into_iter()
        .filter(|(id, _)| id.contains(part))
        .map(|(_, series)| series)
        .collect()
}

/// `SORT(array, function, direction, limit)`.
fn sort(value: Value, rest: &[Expression]) -> Result<Value, String> {
    let Value::Array(mut all) = value else {
        return Err("SORT takes an array of time series".to_owned());
    };
    let [
        Expression::Name(function),
        Expression::Name(direction),
        limit @ ..,
    ] = rest
    else {
        return Err("SORT takes a function and ASC or DESC".to_owned());
    };
    let reduce = reducer(&function.to_ascii_uppercase())?;
    // A series without data sorts as 0, as it shows on a dashboard.
    let key = |series: &TimeSeries| {
        let values: Vec<f64> = series.points.values().copied().collect();
        if values.is_empty() {
            0.0
        } else {
            reduce(&values)
        }
    };
    match direction.as_str() {
        "ASC" => all.sort_by(|a, b| key(a).total_cmp(&key(b))),
        "DESC" => all.sort_by(|a, b| key(b).total_cmp(&key(a))),
        other => return Err(format!("'{other}' is neither ASC nor DESC")),
    }
    match limit {
        [] => {}
        [limit] => all.truncate(index(limit)?),
        _ => return Err("wrong arguments for function SORT".to_owned()),
    }
    Ok(Value::Array(all))
}

/// `SLICE(array, from, to)`, `to` excluded; with `from` alone, one series.
fn slice(value: Value, rest: &[Expression]) -> Result<Value, String> {
    let Value::Array(all) = value else {
        return Err("SLICE takes an array of time series".to_owned());
    };
    match rest {
        [from] => all
            .into_iter()
            .nth(index(from)?)
            .map(Value::Series)
            .ok_or_else(|| "SLICE starts after the last time series".to_owned()),
        [from, to] => {
            let (from, to) = (index(from)?, index(to)?);
            let length = to.saturating_sub(from);
            Ok(Value::Array(
                all.into_iter().skip(from).take(length).collect(),
            ))
        }
        _ => Err("wrong arguments for function SLICE".to_owned()),
    }
}

fn index(expression: &Expression) -> Result<usize, String> {
    match expression {
        Expression::Number(number) => format!("{number}")
            .parse()
            .map_err(|_| format!("{number} is not a position")),
        _ => Err("a position is a whole number".to_owned()),
    }
}

fn search(arguments: &[Expression], scope: &dyn Scope) -> Result<Value, String> {
    let search = match arguments {
        [Expression::Text(query), Expression::Text(statistic)] => {
            Search::parse(query, statistic, 300)?
        }
        [Expression::Text(query), Expression::Text(statistic), period] => {
            let period = index(period)?;
            let period = i64::try_from(period).map_err(|_| "the period is too long".to_owned())?;
            Search::parse(query, statistic, period)?
        }
        _ => return Err("SEARCH takes a query, a statistic and a period".to_owned()),
    };
    Ok(Value::Array(scope.search(&search)?))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::super::parse::parse;
    use super::*;

    /// Four hours; `tokens` has a gap at the third, `requests` at the fourth and a zero at the
    /// second.
    struct Fixture;

    fn series(label: &str, points: &[(i64, f64)]) -> TimeSeries {
        TimeSeries {
            label: label.to_owned(),
            period: 3600,
            points: points.iter().copied().collect(),
        }
    }

    fn tokens() -> TimeSeries {
        series("tokens", &[(0, 1200.0), (3600, 500.0), (10800, 800.0)])
    }

    fn requests() -> TimeSeries {
        series("requests", &[(0, 4.0), (3600, 0.0), (7200, 2.0)])
    }

    impl Scope for Fixture {
        fn value(&self, id: &str) -> Result<Option<Value>, String> {
            Ok(match id {
                "tokens" => Some(Value::Series(tokens())),
                "requests" => Some(Value::Series(requests())),
                _ => None,
            })
        }
        fn metrics(&self) -> Vec<(String, TimeSeries)> {
            vec![
                ("tokens".to_owned(), tokens()),
                ("requests".to_owned(), requests()),
            ]
        }
        fn search(&self, search: &Search) -> Result<Vec<TimeSeries>, String> {
            assert_eq!((search.statistic.as_str(), search.period), ("Sum", 3600));
            Ok(vec![tokens()])
        }
        fn grid(&self, period: i64) -> Vec<i64> {
            (0..4).map(|step| step * period).collect()
        }
    }

    fn run(text: &str) -> Result<Value, String> {
        evaluate(&parse(text).unwrap(), &Fixture)
    }

    fn check(text: &str, expected: &[(i64, f64)]) {
        let Value::Series(result) = run(text).unwrap() else {
            unreachable!("{text} is one time series");
        };
        let points: Vec<(i64, f64)> = result.points.into_iter().collect();
        assert_eq!(points, expected, "{text}");
    }

    fn check_number(text: &str, expected: f64) {
        assert_eq!(run(text).unwrap(), Value::Scalar(expected), "{text}");
    }

    fn refuse(text: &str, expected: &str) {
        assert_eq!(run(text).unwrap_err(), expected, "{text}");
    }

    #[test]
    fn operators_keep_only_the_hours_where_both_have_data() {
        // Hour 2 divides by zero, hours 3 and 4 lack one operand.
        check("tokens / requests", &[(0, 300.0)]);
        check("tokens + requests", &[(0, 1204.0), (3600, 500.0)]);
        check(
            "100 * tokens / (tokens + requests * 200)",
            &[(0, 60.0), (3600, 100.0)],
        );
        check("tokens > 600", &[(0, 1.0), (3600, 0.0), (10800, 1.0)]);
        check("-requests ^ 2", &[(0, -16.0), (3600, -0.0), (7200, -4.0)]);
    }

    #[test]
    fn one_series_reduces_to_a_number() {
        check_number("SUM(tokens)", 2500.0);
        check_number("AVG(requests)", 2.0);
        check_number("MIN(tokens)", 500.0);
        check_number("MAX(tokens) / 2", 600.0);
        check_number("DATAPOINT_COUNT(tokens)", 3.0);
        check_number("PERIOD(tokens)", 3600.0);
        check_number("METRIC_COUNT(METRICS())", 2.0);
        check(
            "tokens / MAX(tokens)",
            &[(0, 1.0), (3600, 500.0 / 1200.0), (10800, 800.0 / 1200.0)],
        );
    }

    #[test]
    fn several_series_reduce_over_the_points_that_exist() {
        let all = &[(0, 1204.0), (3600, 500.0), (7200, 2.0), (10800, 800.0)];
        check("SUM(METRICS())", all);
        check("SUM([tokens, requests])", all);
        check("MAX(METRICS('req'))", &[(0, 4.0), (3600, 0.0), (7200, 2.0)]);
        check(
            "AVG([tokens, requests])",
            &[(0, 602.0), (3600, 250.0), (7200, 2.0), (10800, 800.0)],
        );
    }

    #[test]
    fn gaps_are_filled_on_the_grid() {
        check(
            "FILL(tokens, 0)",
            &[(0, 1200.0), (3600, 500.0), (7200, 0.0), (10800, 800.0)],
        );
        check(
            "FILL(tokens, REPEAT)",
            &[(0, 1200.0), (3600, 500.0), (7200, 500.0), (10800, 800.0)],
        );
        check(
            "FILL(tokens, LINEAR)",
            &[(0, 1200.0), (3600, 500.0), (7200, 650.0), (10800, 800.0)],
        );
        check(
            "FILL(requests, tokens)",
            &[(0, 4.0), (3600, 0.0), (7200, 2.0), (10800, 800.0)],
        );
    }

    #[test]
    fn changes_run_from_point_to_point() {
        check(
            "RATE(tokens)",
            &[(3600, -700.0 / 3600.0), (10800, 300.0 / 7200.0)],
        );
        check("DIFF(requests)", &[(3600, -4.0), (7200, 2.0)]);
        check(
            "RUNNING_SUM(tokens)",
            &[(0, 1200.0), (3600, 1700.0), (10800, 2500.0)],
        );
    }

    #[test]
    fn conditions_choose_by_hour() {
        check(
            "IF(requests > 0, tokens / requests, 0)",
            &[(0, 300.0), (3600, 0.0)],
        );
        check("IF(requests, requests)", &[(0, 4.0), (7200, 2.0)]);
        check(
            "TIME_SERIES(5)",
            &[(0, 5.0), (3600, 5.0), (7200, 5.0), (10800, 5.0)],
        );
    }

    #[test]
    fn arrays_sort_slice_and_search() {
        check(
            "SLICE(SORT(METRICS(), SUM, ASC), 0)",
            &[(0, 4.0), (3600, 0.0), (7200, 2.0)],
        );
        check(
            "SUM(SORT(METRICS(), MAX, DESC, 1))",
            &[(0, 1200.0), (3600, 500.0), (10800, 800.0)],
        );
        check(
            "SUM(SEARCH('{AWS/Bedrock,ModelId} InputTokenCount', 'Sum', 3600))",
            &[(0, 1200.0), (3600, 500.0), (10800, 800.0)],
        );
    }

    #[test]
    fn what_cannot_be_computed_is_refused() {
        refuse("tokens / nothing", "unknown identifier 'nothing'");
        refuse(
            "METRICS() + METRICS()",
            "an operator does not combine two arrays of time series",
        );
        refuse("SUM(1)", "the function takes time series");
        refuse("SUM(tokens, requests)", "wrong arguments for function SUM");
        refuse("MEDIAN(tokens)", "unsupported function MEDIAN");
        refuse("1 / 0", "the expression divides by zero");
        refuse("tokens + 'x'", "'x' is not a number");
    }
}
