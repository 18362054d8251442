//! YAML text of a tree: block style, every text that could be read as anything else in double quotes.

use super::shape::Node;
use std::fmt::Write;

/// Words that YAML 1.1, which CloudFormation reads, takes for something other than text.
const TAKEN: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// Writes a tree whose references were replaced.
pub(super) fn write(node: &Node, out: &mut String) {
    block(node, 0, out);
}

fn block(node: &Node, depth: usize, out: &mut String) {
    match node {
        Node::Map(fields) => {
            for (at, (name, value)) in fields.iter().enumerate() {
                // The first of an item stands behind its dash.
                if at > 0 || !out.ends_with("- ") {
                    indent(depth, out);
                }
                scalar(name, out);
                out.push(':');
                nested(value, depth, out);
            }
        }
        Node::List(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 || !out.ends_with("- ") {
                    indent(depth, out);
                }
                out.push_str("- ");
                if is_block(item) {
                    block(item, depth + 1, out);
                } else {
                    inline(item, out);
                    out.push('\n');
                }
            }
        }
        other => {
            inline(other, out);
            out.push('\n');
        }
    }
}

fn nested(value: &Node, depth: usize, out: &mut String) {
    if is_block(value) {
        out.push('\n');
        block(value, depth + 1, out);
    } else {
        out.push(' ');
        inline(value, out);
        out.push('\n');
    }
}

fn is_block(node: &Node) -> bool {
    match node {
        Node::Map(fields) => !fields.is_empty(),
        Node::List(items) => !items.is_empty(),
        _ => false,
    }
}

fn indent(depth: usize, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

fn inline(node: &Node, out: &mut String) {
    match node {
        Node::Text(text) => scalar(text, out),
        Node::Number(number) => out.push_str(&number.normalize().to_string()),
        Node::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Node::Map(_) => out.push_str("{}"),
        Node::List(_) => out.push_str("[]"),
        // Neither is left when a tree is written.
        Node::Refer(_) | Node::Json(_) => out.push_str("null"),
    }
}

fn scalar(text: &str, out: &mut String) {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_./-".contains(&b))
        && !TAKEN.contains(&text.to_ascii_lowercase().as_str());
    // `AWS::SNS::Topic`: a colon ends a key only where a space or the end follows.
    let is_type = text.starts_with("AWS::")
        && !text.ends_with(':')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b':');
    if is_plain || is_type {
        out.push_str(text);
        return;
    }
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(character),
            // Readers of YAML 1.1 take some of these for line breaks, and refuse others.
            '\u{0}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
