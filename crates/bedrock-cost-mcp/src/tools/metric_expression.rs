//! Metric math, as far as it is read here: ids renamed, and what an expression says of totals.

use super::metric_series::Formula;

/// Deeper nesting than any dashboard has, and shallow enough for the stack.
const DEEPEST: usize = 64;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A name, and whether a bracket follows.
    Name(String, bool),
    Number(f64),
    Sign(char),
    /// What this reader does not follow: text in quotes, comparisons, brackets of lists.
    Other,
}

/// The expression with ids renamed, text in quotes left alone.
pub(super) fn renamed(expression: &str, rename: &dyn Fn(&str) -> String) -> String {
    if is_query(expression) {
        return expression.to_owned();
    }
    let mut out = String::with_capacity(expression.len());
    let mut word = String::new();
    let mut quote = None;
    for character in expression.chars().chain(std::iter::once('\n')) {
        if quote.is_none() && (character.is_ascii_alphanumeric() || character == '_') {
            word.push(character);
            continue;
        }
        if !word.is_empty() {
            out.push_str(&rename(&word));
            word.clear();
        }
        match quote {
            Some(open) if open == character => quote = None,
            None if matches!(character, '"' | '\'') => quote = Some(character),
            _ => {}
        }
        out.push(character);
    }
    out.pop();
    out
}

/// Metrics Insights queries name metrics, not ids.
fn is_query(expression: &str) -> bool {
    let start = expression.trim_start();
    start
        .get(..6)
        .is_some_and(|word| word.eq_ignore_ascii_case("select"))
}

/// The formula over totals that an arithmetic expression stands for, where totals do stand for it.
///
/// `column` gives the formula of the total of an id. Sums of totals and their ratios mean over a month what they mean
/// over an hour; a product of two metrics, or a constant added to a count, does not, and gives `None`.
pub(super) fn over_totals(
    expression: &str,
    column: &dyn Fn(&str) -> Option<Formula>,
) -> Option<Formula> {
    if is_query(expression) {
        return None;
    }
    let tokens = tokens(expression);
    let mut reader = Reader {
        tokens: &tokens,
        column,
    };
    let (formula, degree) = reader.sum(0)?;
    (reader.tokens.is_empty() && degree != Degree::Constant).then_some(formula)
}

/// The statistic of the series that an expression finds by itself: `SEARCH`, a Metrics Insights query, or the `SUM` of
/// either. `named` gives that of an id.
///
/// A sum of sums is a sum; what another function makes of them is none of the statistics.
pub(super) fn statistic(
    expression: &str,
    named: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    let text = expression.trim();
    if is_query(text) {
        let (function, _) = text.get(6..)?.split_once('(')?;
        let name = match function.trim().to_ascii_uppercase().as_str() {
            "SUM" => "Sum",
            "COUNT" => "SampleCount",
            "AVG" => "Average",
            "MIN" => "Minimum",
            "MAX" => "Maximum",
            _ => return None,
        };
        return Some(name.to_owned());
    }
    if let Some(inner) = inside("SEARCH", text) {
        let (_, rest) = quoted(inner)?;
        let (statistic, rest) = quoted(rest.strip_prefix(',')?)?;
        let period = rest.strip_prefix(',').map_or(rest, str::trim);
        return period
            .chars()
            .all(|character| character.is_ascii_digit())
            .then(|| statistic.trim().to_owned());
    }
    // One of several series at each instant: of these values only the highest, or lowest, is one as well.
    for (function, name) in [("MAX", "Maximum"), ("MIN", "Minimum")] {
        if inside(function, text).is_some_and(is_balanced) {
            return Some(name.to_owned());
        }
    }
    if let Some(inner) = inside("SUM", text) {
        let inner = inner.trim();
        let is_id = inner
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_');
        let found = if is_id {
            named(inner)
        } else {
            statistic(inner, named)
        };
        return found.filter(|name| matches!(name.as_str(), "Sum" | "SampleCount"));
    }
    None
}

/// Whether every bracket that closes was opened before: `a) + MAX(b` is not the inside of one call.
fn is_balanced(text: &str) -> bool {
    let mut open = 0_u32;
    text.chars().all(|character| match character {
        '(' => {
            open = open.saturating_add(1);
            true
        }
        ')' => open.checked_sub(1).map(|left| open = left).is_some(),
        _ => true,
    })
}

/// What stands between the brackets of a function, where the text is nothing but its call.
fn inside<'a>(function: &str, text: &'a str) -> Option<&'a str> {
    let (name, rest) = text.split_at_checked(function.len())?;
    if !name.eq_ignore_ascii_case(function) {
        return None;
    }
    rest.trim_start().strip_prefix('(')?.strip_suffix(')')
}

/// A text in quotes and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|first| "'\"".contains(*first))?;
    let (found, rest) = text.get(1..)?.split_once(quote)?;
    Some((found, rest.trim_start()))
}

/// What adding up periods does to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Degree {
    Constant,
    Ratio,
    Total,
}

struct Reader<'a> {
    tokens: &'a [Token],
    column: &'a dyn Fn(&str) -> Option<Formula>,
}

impl Reader<'_> {
    fn sign(&mut self, wanted: &[char]) -> Option<char> {
        match self.tokens.split_first() {
            Some((Token::Sign(sign), rest)) if wanted.contains(sign) => {
                self.tokens = rest;
                Some(*sign)
            }
            _ => None,
        }
    }

    fn sum(&mut self, depth: usize) -> Option<(Formula, Degree)> {
        let (mut left, mut degree) = self.product(depth)?;
        while let Some(sign) = self.sign(&['+', '-']) {
            let (right, other) = self.product(depth)?;
            degree = match (degree, other) {
                (left, right) if left == right => left,
                (Degree::Ratio, Degree::Constant) | (Degree::Constant, Degree::Ratio) => {
                    Degree::Ratio
                }
                _ => return None,
            };
            let (a, b) = (Box::new(left), Box::new(right));
            left = if sign == '+' {
                Formula::Add(a, b)
            } else {
                Formula::Subtract(a, b)
            };
        }
        Some((left, degree))
    }

    fn product(&mut self, depth: usize) -> Option<(Formula, Degree)> {
        let (mut left, mut degree) = self.factor(depth)?;
        while let Some(sign) = self.sign(&['*', '/']) {
            let (right, other) = self.factor(depth)?;
            degree = match (sign, degree, other) {
                (_, degree, Degree::Constant) | ('*', Degree::Constant, degree) => degree,
                ('/', Degree::Total, Degree::Total) => Degree::Ratio,
                _ => return None,
            };
            let (a, b) = (Box::new(left), Box::new(right));
            left = if sign == '*' {
                Formula::Multiply(a, b)
            } else {
                Formula::Divide(a, b)
            };
        }
        Some((left, degree))
    }

    fn factor(&mut self, depth: usize) -> Option<(Formula, Degree)> {
        if depth > DEEPEST {
            return None;
        }
        if self.sign(&['(']).is_some() {
            let inner = self.sum(depth + 1)?;
            self.sign(&[')'])?;
            return Some(inner);
        }
        if self.sign(&['-']).is_some() {
            let (inner, degree) = self.factor(depth + 1)?;
            let minus = Formula::Multiply(Box::new(Formula::Number(-1.0)), Box::new(inner));
            return Some((minus, degree));
        }
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        match first {
            Token::Number(number) => Some((Formula::Number(*number), Degree::Constant)),
            Token::Name(name, false) => {
                let formula = (self.column)(name)?;
                let degree = if is_ratio(&formula) {
                    Degree::Ratio
                } else {
                    Degree::Total
                };
                Some((formula, degree))
            }
            Token::Name(_, true) | Token::Sign(_) | Token::Other => None,
        }
    }
}

/// True for a formula whose value does not grow with the length of time.
fn is_ratio(formula: &Formula) -> bool {
    match formula {
        Formula::Total(_) => false,
        Formula::Number(_) => true,
        Formula::Divide(left, right) => is_ratio(left) || !is_ratio(right),
        Formula::Add(left, right)
        | Formula::Subtract(left, right)
        | Formula::Multiply(left, right) => is_ratio(left) && is_ratio(right),
    }
}

fn tokens(expression: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            _ if first.is_whitespace() => first.len_utf8(),
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = rest
                    .find(|character: char| {
                        !(character.is_ascii_alphanumeric() || character == '_')
                    })
                    .unwrap_or(rest.len());
                let (name, after) = rest.split_at(length);
                out.push(Token::Name(
                    name.to_owned(),
                    after.trim_start().starts_with('('),
                ));
                length
            }
            '0'..='9' | '.' => {
                let length = number_length(rest);
                let number = rest.get(..length).and_then(|text| text.parse().ok());
                out.push(number.map_or(Token::Other, Token::Number));
                length
            }
            '+' | '-' | '*' | '/' | '(' | ')' => {
                out.push(Token::Sign(first));
                1
            }
            '"' | '\'' => {
                out.push(Token::Other);
                rest.get(1..)
                    .and_then(|inside| inside.find(first))
                    .map_or(rest.len(), |end| end + 2)
            }
            _ => {
                out.push(Token::Other);
                first.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

/// The length of a number such as `1000`, `.5` or `1.5e-3`.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        let after_exponent = length > 0
            && matches!(bytes.get(length - 1), Some(b'e' | b'E'))
            && bytes.get(length + 1).is_some_and(u8::is_ascii_digit);
        let exponent = matches!(byte, b'e' | b'E')
            && bytes
                .get(length + 1)
                .is_some_and(|next| next.is_ascii_digit() || matches!(next, b'+' | b'-'));
        if byte.is_ascii_digit()
            || *byte == b'.'
            || exponent
            || (after_exponent && matches!(byte, b'+' | b'-'))
        {
            length += 1;
        } else {
            break;
        }
    }
    length.max(1)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::tools::metric_series::{Fold, Raw};
    use proptest::prelude::*;

    /// Totals over the period: a = 6, b = 3, c = 0.
    #[track_caller]
    fn check(expression: &str, expected: Option<f64>) {
        let rows = vec![
            (
                "2024-11-01T00:00:00Z".parse().unwrap(),
                vec![Some(2.0), Some(1.0), Some(0.0)],
            ),
            (
                "2024-11-01T01:00:00Z".parse().unwrap(),
                vec![Some(4.0), Some(2.0), Some(0.0)],
            ),
        ];
        let raw = Raw { rows };
        let formula = over_totals(expression, &|id| match id {
            "a" => Some(Formula::Total(0)),
            "b" => Some(Formula::Total(1)),
            "c" => Some(Formula::Total(2)),
            "rate" => Some(Formula::ratio(0, 1)),
            _ => None,
        });
        let found = formula.and_then(|formula| Fold::Totals(formula).over(&raw.rows));
        assert_eq!(found, expected, "{expression}");
    }

    #[test]
    fn totals_stand_for_sums_and_ratios_only() {
        check("a / b", Some(2.0));
        check("a/b*100", Some(200.0));
        check("100*a/(a+b)", Some(600.0 / 9.0));
        check("(a + b) * 1.5e-3 / 3", Some(9.0 * 1.5e-3 / 3.0));
        check("1 - b / a", Some(0.5));
        check("rate * 2", Some(4.0));
        check("-a", Some(-6.0));
        check("a - b - b", Some(0.0));
        check("a / b / 2", Some(1.0));
        check("a / c", None);
        for meaningless in [
            "a * b",
            "a + 1",
            "a / b + a",
            "1 / a",
            "rate * a",
            "a / rate",
            "7",
            "",
            "a b",
            "(a",
            "a /",
            "METRICS()",
            "SUM(METRICS())",
            "a > b",
            "x / y",
            "IF(a>b, a)",
        ] {
            check(meaningless, None);
        }
    }

    #[track_caller]
    fn check_statistic(expression: &str, expected: Option<&str>) {
        let named = |id: &str| (id == "each").then(|| "Sum".to_owned());
        assert_eq!(
            statistic(expression, &named).as_deref(),
            expected,
            "{expression}"
        );
    }

    #[test]
    fn the_statistic_of_a_search_is_read_out_of_it() {
        let search =
            r#"SEARCH('{AWS/Bedrock,ModelId} MetricName="InputTokenCount"', 'Sum', 86400)"#;
        check_statistic(search, Some("Sum"));
        check_statistic(&format!(" sum( {search} )"), Some("Sum"));
        check_statistic("SEARCH('x','p99',60)", Some("p99"));
        check_statistic("search ( \"x\" , \"SampleCount\" )", Some("SampleCount"));
        check_statistic("SUM(each)", Some("Sum"));
        // One series at each instant: only its highest, or lowest, says something of all of them.
        check_statistic(&format!("MAX({search})"), Some("Maximum"));
        check_statistic("min([each, other])", Some("Minimum"));
        check_statistic("MAX(each) + MAX(other)", None);
        check_statistic("MAXIMUM(each)", None);
        check_statistic(
            "SELECT AVG(InputTokenCount) FROM \"AWS/Bedrock\"",
            Some("Average"),
        );
        check_statistic(
            "select sum (InputTokenCount) FROM \"AWS/Bedrock\"",
            Some("Sum"),
        );
        for other in [
            "SUM(SEARCH('x', 'Maximum', 60))",
            "SEARCH('x', 'Sum', 60) / 2",
            "SEARCH('x', 'Sum', 60) + SEARCH('y', 'Sum', 60)",
            "SUM(SEARCH('x', 'Sum', 60)) + SUM(SEARCH('y', 'Sum', 60))",
            "SUM(other)",
            "SUM(METRICS())",
            "SEARCH('x')",
            "SEARCH('x', 'Sum",
            "SELECT MEDIAN(x)",
            "SELECT",
            "each",
            "",
        ] {
            check_statistic(other, None);
        }
    }

    #[test]
    fn ids_are_renamed_outside_quotes() {
        let lower = |id: &str| {
            if id == "Aa" {
                "aa".to_owned()
            } else {
                id.to_owned()
            }
        };
        assert_eq!(
            renamed("Aa + SUM(Aa) / 'Aa' + Aab", &lower),
            "aa + SUM(aa) / 'Aa' + Aab"
        );
        assert_eq!(
            renamed("SELECT Aa FROM \"Aa\"", &lower),
            "SELECT Aa FROM \"Aa\""
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}|[-+*/() a-c0-9.e\"']{0,60}") {
            let _ = over_totals(&text, &|_| Some(Formula::Total(0)));
            let _ = statistic(&text, &|_| Some("Sum".to_owned()));
            prop_assert_eq!(renamed(&text, &str::to_owned), text);
        }
    }
}
