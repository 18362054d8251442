//! Reads a metric-math expression into a tree.

use std::iter::Peekable;
use std::str::Chars;

/// The deepest nesting read; a 2,048-character expression of a person stays far below.
const MAX_DEPTH: usize = 64;

/// A metric-math expression, read but not evaluated.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cloudwatch) enum Expression {
    /// A number.
    Number(f64),
    /// A quoted text, such as the query of `SEARCH`.
    Text(String),
    /// The id of another query, or a keyword such as `REPEAT`.
    Name(String),
    /// `SUM(m1)`; the function's name is in capitals.
    Call(String, Vec<Expression>),
    /// `[m1, m2]`.
    Array(Vec<Expression>),
    /// `-m1`.
    Negate(Box<Expression>),
    /// `m1 / m2`.
    Binary(Operator, Box<Expression>, Box<Expression>),
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cloudwatch) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

impl Operator {
    /// How strongly the operator binds; a higher number binds first.
    fn strength(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide => 6,
            Self::Power => 8,
        }
    }
}

/// What unary minus binds: `-2 * 3` is `(-2) * 3`, `-2 ^ 2` is `-(2 ^ 2)`.
const NEGATION_STRENGTH: u8 = 7;

/// Reads an expression.
///
/// # Errors
///
/// A sentence fragment that says where the text stops making sense.
pub(in crate::cloudwatch) fn parse(text: &str) -> Result<Expression, String> {
    let mut parser = Parser {
        tokens: tokenize(text)?.into_iter().peekable(),
        depth: 0,
    };
    let expression = parser.expression(0)?;
    match parser.tokens.next() {
        None => Ok(expression),
        Some(token) => Err(format!("unexpected {}", token.text())),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Operator(Operator),
    Open,
    Close,
    OpenArray,
    CloseArray,
    Comma,
}

impl Token {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => format!("number {number}"),
            Self::Text(text) => format!("text '{text}'"),
            Self::Name(name) => format!("'{name}'"),
            Self::Operator(operator) => format!("operator {operator:?}"),
            Self::Open => "'('".to_owned(),
            Self::Close => "')'".to_owned(),
            Self::OpenArray => "'['".to_owned(),
            Self::CloseArray => "']'".to_owned(),
            Self::Comma => "','".to_owned(),
        }
    }
}

fn tokenize(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(&next) = rest.peek() {
        if next.is_whitespace() {
            rest.next();
        } else if next.is_ascii_digit() || next == '.' {
            tokens.push(number(&mut rest)?);
        } else if next.is_ascii_alphabetic() || next == '_' {
            tokens.push(word(&mut rest));
        } else if next == '\'' || next == '"' {
            tokens.push(quoted(&mut rest)?);
        } else {
            tokens.push(symbol(&mut rest)?);
        }
    }
    Ok(tokens)
}

fn number(rest: &mut Peekable<Chars<'_>>) -> Result<Token, String> {
    let mut digits = String::new();
    while let Some(digit) = rest.next_if(|next| next.is_ascii_digit() || *next == '.') {
        digits.push(digit);
    }
    if let Some(exponent) = rest.next_if(|next| matches!(next, 'e' | 'E')) {
        digits.push(exponent);
        while let Some(digit) =
            rest.next_if(|next| next.is_ascii_digit() || matches!(next, '+' | '-'))
        {
            digits.push(digit);
        }
    }
    digits
        .parse()
        .map(Token::Number)
        .map_err(|_| format!("'{digits}' is not a number"))
}

fn word(rest: &mut Peekable<Chars<'_>>) -> Token {
    let mut name = String::new();
    while let Some(letter) = rest.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
        name.push(letter);
    }
    match name.as_str() {
        "AND" => Token::Operator(Operator::And),
        "OR" => Token::Operator(Operator::Or),
        _ => Token::Name(name),
    }
}

fn quoted(rest: &mut Peekable<Chars<'_>>) -> Result<Token, String> {
    let quote = rest.next();
    let mut text = String::new();
    for letter in rest.by_ref() {
        if Some(letter) == quote {
            return Ok(Token::Text(text));
        }
        text.push(letter);
    }
    Err(format!("the quotation '{text}' has no end"))
}

fn symbol(rest: &mut Peekable<Chars<'_>>) -> Result<Token, String> {
    let Some(first) = rest.next() else {
        return Err("unexpected end".to_owned());
    };
    let mut then = |second: char| rest.next_if_eq(&second).is_some();
    let token = match first {
        '(' => Token::Open,
        ')' => Token::Close,
        '[' => Token::OpenArray,
        ']' => Token::CloseArray,
        ',' => Token::Comma,
        '+' => Token::Operator(Operator::Add),
        '-' => Token::Operator(Operator::Subtract),
        '*' => Token::Operator(Operator::Multiply),
        '/' => Token::Operator(Operator::Divide),
        '^' => Token::Operator(Operator::Power),
        '&' if then('&') => Token::Operator(Operator::And),
        '|' if then('|') => Token::Operator(Operator::Or),
        '=' if then('=') => Token::Operator(Operator::Equal),
        '!' if then('=') => Token::Operator(Operator::NotEqual),
        '<' if then('=') => Token::Operator(Operator::LessOrEqual),
        '<' => Token::Operator(Operator::Less),
        '>' if then('=') => Token::Operator(Operator::GreaterOrEqual),
        '>' => Token::Operator(Operator::Greater),
        other => return Err(format!("unexpected character '{other}'")),
    };
    Ok(token)
}

struct Parser {
    tokens: Peekable<std::vec::IntoIter<Token>>,
    depth: usize,
}

impl Parser {
    fn expression(&mut self, weakest: u8) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("the expression is nested too deeply".to_owned());
        }
        let mut left = self.operand()?;
        while let Some(&Token::Operator(operator)) = self.tokens.peek() {
            let strength = operator.strength();
            if strength <= weakest {
                break;
            }
            self.tokens.next();
            // A power is right-associative: 2 ^ 3 ^ 2 is 2 ^ (3 ^ 2).
            let floor = if operator == Operator::Power {
                strength - 1
            } else {
                strength
            };
            let right = self.expression(floor)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expression, String> {
        match self.tokens.next() {
            None => Err("the expression ends too early".to_owned()),
            Some(Token::Number(number)) => Ok(Expression::Number(number)),
            Some(Token::Text(text)) => Ok(Expression::Text(text)),
            Some(Token::Name(name)) => {
                if self.tokens.next_if_eq(&Token::Open).is_some() {
                    let arguments = self.list(&Token::Close)?;
                    Ok(Expression::Call(name.to_ascii_uppercase(), arguments))
                } else {
                    Ok(Expression::Name(name))
                }
            }
            Some(Token::Open) => {
                let inner = self.expression(0)?;
                match self.tokens.next() {
                    Some(Token::Close) => Ok(inner),
                    _ => Err("a '(' has no ')'".to_owned()),
                }
            }
            Some(Token::OpenArray) => Ok(Expression::Array(self.list(&Token::CloseArray)?)),
            Some(Token::Operator(Operator::Subtract)) => Ok(Expression::Negate(Box::new(
                self.expression(NEGATION_STRENGTH)?,
            ))),
            Some(token) => Err(format!("unexpected {}", token.text())),
        }
    }

    fn list(&mut self, end: &Token) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        if self.tokens.next_if_eq(end).is_some() {
            return Ok(items);
        }
        loop {
            items.push(self.expression(0)?);
            match self.tokens.next() {
                Some(Token::Comma) => {}
                Some(token) if token == *end => return Ok(items),
                Some(token) => return Err(format!("unexpected {}", token.text())),
                None => return Err(format!("{} is missing", end.text())),
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;

    /// Prints the tree with every bracket, so that a case shows what binds what.
    fn print(expression: &Expression) -> String {
        let list = |items: &[Expression]| items.iter().map(print).collect::<Vec<_>>().join(",");
        match expression {
            Expression::Number(number) => number.to_string(),
            Expression::Text(text) => format!("'{text}'"),
            Expression::Name(name) => name.clone(),
            Expression::Call(name, arguments) => format!("{name}({})", list(arguments)),
            Expression::Array(items) => format!("[{}]", list(items)),
            Expression::Negate(inner) => format!("(-{})", print(inner)),
            Expression::Binary(operator, left, right) => {
                format!("({} {operator:?} {})", print(left), print(right))
            }
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(print(&parse(text).unwrap()), expected, "{text}");
    }

    fn refuse(text: &str, expected: &str) {
        assert_eq!(parse(text).unwrap_err(), expected, "{text}");
    }

    #[test]
    fn precedence_is_the_usual_one() {
        check(
            "input_tokens / invocations",
            "(input_tokens Divide invocations)",
        );
        check("a + b * c", "(a Add (b Multiply c))");
        check("a - b - c", "((a Subtract b) Subtract c)");
        check(
            "100 * r / (r + i + w)",
            "((100 Multiply r) Divide ((r Add i) Add w))",
        );
        check("-a ^ 2 * b", "((-(a Power 2)) Multiply b)");
        check("2 ^ 3 ^ 2", "(2 Power (3 Power 2))");
        check(
            "a > 1 AND b <= 2 || c == 3",
            "(((a Greater 1) And (b LessOrEqual 2)) Or (c Equal 3))",
        );
    }

    #[test]
    fn calls_arrays_and_texts_are_read() {
        check("sum([m1, m2])", "SUM([m1,m2])");
        check("METRICS()", "METRICS()");
        check("FILL(m1, REPEAT)", "FILL(m1,REPEAT)");
        check("m1 * 1.5e-3", "(m1 Multiply 0.0015)");
        check(
            r#"SEARCH('{AWS/Bedrock,ModelId} MetricName="Invocations"', 'Sum', 3600)"#,
            r#"SEARCH('{AWS/Bedrock,ModelId} MetricName="Invocations"','Sum',3600)"#,
        );
    }

    #[test]
    fn broken_text_is_refused_with_the_place() {
        refuse("", "the expression ends too early");
        refuse("a +", "the expression ends too early");
        refuse("(a", "a '(' has no ')'");
        refuse("SUM(a", "')' is missing");
        refuse("a b", "unexpected 'b'");
        refuse("a = b", "unexpected character '='");
        refuse("'a", "the quotation 'a' has no end");
        refuse("1.2.3", "'1.2.3' is not a number");
        refuse(&"(".repeat(2000), "the expression is nested too deeply");
        refuse(&"-".repeat(2000), "the expression is nested too deeply");
    }
}
