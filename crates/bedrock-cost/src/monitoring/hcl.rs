//! HCL text of blocks and expressions: the native syntax of Terraform, with nothing in a text that it would interpolate.

use rust_decimal::Decimal;
use std::fmt::Write;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Text(String),
    Number(Decimal),
    Flag(bool),
    List(Vec<Expression>),
    Map(Vec<(String, Expression)>),
    /// `aws_sns_topic.alerts.arn`.
    Name(&'static str),
    /// A function of one value.
    Call(&'static str, Box<Expression>),
    /// Whether a name stands for a text.
    Is(&'static str, String),
}

impl From<&str> for Expression {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Expression {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

/// A block, with its attributes before the blocks inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: &'static str,
    pub(super) labels: Vec<String>,
    pub(super) attributes: Vec<(&'static str, Expression)>,
    pub(super) blocks: Vec<Block>,
}

impl Block {
    pub(super) fn new<const N: usize>(
        kind: &'static str,
        attributes: [(&'static str, Expression); N],
    ) -> Self {
        Self {
            kind,
            labels: Vec::new(),
            attributes: attributes.into(),
            blocks: Vec::new(),
        }
    }

    pub(super) fn labelled<const N: usize>(mut self, labels: [&str; N]) -> Self {
        self.labels = labels.map(str::to_owned).into();
        self
    }

    pub(super) fn holding(mut self, blocks: impl IntoIterator<Item = Self>) -> Self {
        self.blocks.extend(blocks);
        self
    }

    /// Writes the block, indented, with a line break at its end.
    pub(super) fn write(&self, depth: usize, out: &mut String) {
        indent(depth, out);
        out.push_str(self.kind);
        for label in &self.labels {
            out.push(' ');
            text(label, out);
        }
        out.push_str(" {\n");
        // As `terraform fmt` writes them.
        let longest = self.attributes.iter().map(|(name, _)| name.len()).max();
        for (name, value) in &self.attributes {
            indent(depth + 1, out);
            let _ = write!(out, "{name:width$} = ", width = longest.unwrap_or_default());
            expression(value, depth + 1, out);
            out.push('\n');
        }
        for block in &self.blocks {
            if !out.ends_with("{\n") {
                out.push('\n');
            }
            block.write(depth + 1, out);
        }
        indent(depth, out);
        out.push_str("}\n");
    }
}

fn expression(value: &Expression, depth: usize, out: &mut String) {
    match value {
        Expression::Text(value) => text(value, out),
        Expression::Number(number) => out.push_str(&number.normalize().to_string()),
        Expression::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Expression::Name(name) => out.push_str(name),
        Expression::Call(function, argument) => {
            let _ = write!(out, "{function}(");
            expression(argument, depth, out);
            out.push(')');
        }
        Expression::Is(name, value) => {
            let _ = write!(out, "{name} == ");
            text(value, out);
        }
        Expression::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                expression(item, depth, out);
            }
            out.push(']');
        }
        Expression::Map(fields) => {
            out.push_str("{\n");
            for (name, value) in fields {
                indent(depth + 1, out);
                text(name, out);
                out.push_str(" = ");
                expression(value, depth + 1, out);
                out.push('\n');
            }
            indent(depth, out);
            out.push('}');
        }
    }
}

fn indent(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn text(value: &str, out: &mut String) {
    out.push('"');
    let mut rest = value.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // `${` and `%{` begin an interpolation; what is written by its number begins nothing.
            '$' | '%' if rest.peek() == Some(&'{') => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            other if other.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
