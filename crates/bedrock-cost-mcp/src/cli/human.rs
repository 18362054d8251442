//! An answer as a person reads it: the headline, each list of rows as a table, then what to know about it.

use super::output;
use crate::tools::Answered;
use serde_json::{Map, Value};
use std::fmt::Write;

/// What every answer carries comes last, in these words.
const ENVELOPE: [&str; 6] = [
    "warnings",
    "corrections",
    "effective_request",
    "source",
    "aws_requests",
    "aws_cost_usd",
];

/// The answer as text.
pub(super) fn answer(answered: &Answered) -> String {
    let mut out = format!("{}\n", answered.headline);
    for (name, value) in &answered.json {
        if ENVELOPE.contains(&name.as_str()) || name.ends_with("columns") {
            continue;
        }
        match value {
            Value::Array(rows) if name.ends_with("rows") => {
                let columns = name.replace("rows", "columns");
                write_columns(&mut out, answered.json.get(&columns), rows);
            }
            Value::Object(shared) if name == "in_every_row" => {
                let shared: Vec<String> = shared
                    .iter()
                    .map(|(column, value)| format!("{column} {}", cell(value)))
                    .collect();
                let _ = writeln!(out, "in every row: {}", shared.join(", "));
            }
            other => write_field(&mut out, name, other, 0),
        }
    }
    for warning in answered
        .json
        .get("warnings")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let part = |key| warning.get(key).and_then(Value::as_str).unwrap_or_default();
        let _ = writeln!(out, "! {}: {}", part("code"), part("message"));
    }
    for correction in answered
        .json
        .get("corrections")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let part = |key| {
            correction
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let _ = writeln!(out, "~ {}: {}", part("field"), part("change"));
    }
    if let Some(request) = answered.json.get("effective_request") {
        let _ = writeln!(out, "asked: {request}");
    }
    let source = answered.json.get("source").and_then(Value::as_object);
    let part = |key| {
        source
            .and_then(|source| source.get(key))
            .map(cell)
            .unwrap_or_default()
    };
    let cost = answered
        .json
        .get("aws_cost_usd")
        .map(cell)
        .unwrap_or_default();
    let requests = answered
        .json
        .get("aws_requests")
        .map(cell)
        .unwrap_or_default();
    // What was kept costs nothing; whoever reads the figures has to see that they are of a while ago.
    let age = source
        .and_then(|source| source.get("age_seconds"))
        .and_then(Value::as_u64)
        .map(|seconds| format!(", kept from {} ago", spoken(seconds)))
        .unwrap_or_default();
    let _ = writeln!(
        out,
        "source: {} {}{age}; {requests} AWS requests, {cost} USD",
        part("kind"),
        part("date")
    );
    out
}

/// `40 seconds`, `12 minutes`, `3 hours`, `2 days`: the largest unit that fits, and no more than that.
fn spoken(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

fn write_columns(out: &mut String, columns: Option<&Value>, rows: &[Value]) {
    let header: Vec<String> = columns
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(cell)
        .collect();
    let mut table = output::table(&header);
    for row in rows {
        table.add_row(row.as_array().into_iter().flatten().map(cell));
    }
    let _ = writeln!(out, "{table}");
}

/// A field on a line of its own; what it holds below it, indented.
fn write_field(out: &mut String, name: &str, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Array(rows) if !rows.is_empty() && rows.iter().all(Value::is_object) => {
            write_objects(out, name, rows);
        }
        Value::Array(rows) if rows.iter().any(Value::is_array) => {
            let _ = writeln!(out, "{indent}{name}");
            for row in rows {
                let cells: Vec<String> = row.as_array().into_iter().flatten().map(cell).collect();
                let _ = writeln!(out, "{indent}  {}", cells.join("  "));
            }
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(cell).collect();
            if items.iter().any(|item| item.contains(", ")) {
                // Commas between sentences would run into those in them.
                let _ = writeln!(out, "{indent}{name}");
                for item in items {
                    let _ = writeln!(out, "{indent}  {item}");
                }
            } else {
                let _ = writeln!(out, "{indent}{name}: {}", items.join(", "));
            }
        }
        Value::Object(fields) => {
            let _ = writeln!(out, "{indent}{name}");
            for (name, value) in fields {
                write_field(out, name, value, depth + 1);
            }
        }
        other => {
            let _ = writeln!(out, "{indent}{name}: {}", cell(other));
        }
    }
}

/// Objects as a table; lists of objects inside them as tables of their own, named after the row they belong to.
fn write_objects(out: &mut String, name: &str, rows: &[Value]) {
    let is_table = |value: &Value| {
        value
            .as_array()
            .is_some_and(|rows| !rows.is_empty() && rows.iter().all(Value::is_object))
    };
    let rows: Vec<&Map<String, Value>> = rows.iter().filter_map(Value::as_object).collect();
    let mut header: Vec<String> = Vec::new();
    for (key, value) in rows.iter().copied().flatten() {
        if !is_table(value) && !header.contains(key) {
            header.push(key.clone());
        }
    }
    let mut table = output::table(&header);
    for row in &rows {
        table.add_row(
            header
                .iter()
                .map(|key| row.get(key).map(cell).unwrap_or_default()),
        );
    }
    let _ = writeln!(out, "{name}\n{table}");
    for row in rows {
        let of = row.values().next().map(cell).unwrap_or_default();
        for (inner, value) in row.iter().filter(|(_, value)| is_table(value)) {
            let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
            write_objects(out, &format!("{inner} of {of}"), list);
        }
    }
}

/// A value on one line; the fields of an object as `name value`.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name} {}", cell(value)))
                .collect();
            fields.join(", ")
        }
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_kept_answer_says_so_and_how_old_it_is() {
        let text = |source: Value| {
            let json = Map::from_iter([
                ("source".to_owned(), source),
                ("aws_requests".to_owned(), json!(0)),
                ("aws_cost_usd".to_owned(), json!(0)),
            ]);
            let headline = String::new();
            super::answer(&Answered {
                json,
                headline,
                picture: None,
            })
        };
        for (seconds, said) in [
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (7_199, "1 hour"),
            (200_000, "2 days"),
        ] {
            let kept = text(json!({"kind": "live", "date": "2026-11-22", "age_seconds": seconds}));
            let expected =
                format!("source: live 2026-11-22, kept from {said} ago; 0 AWS requests, 0 USD");
            assert_eq!(kept.trim(), expected);
        }
        assert!(!text(json!({"kind": "live", "date": "2026-11-22"})).contains("kept"));
    }

    #[test]
    fn lists_inside_rows_are_tables_of_their_own() {
        let Value::Object(answer) = json!({
            "estimates": [{
                "model": "amazon.nova-pro-v1:0",
                "monthly_usd": 320,
                "components": [{"name": "input tokens", "quantity": 200, "rate_usd": 0.8}],
                "plans": [{"plan": "batch", "monthly_usd": 160}],
                "cache_pays_from_reads_per_write": {"5m": 0.3, "1h": 1.1},
            }],
            "in_every_row": {"region": "us-east-1"},
            "columns": ["model"],
            "rows": [["a"]],
            "aws_requests": 0,
        }) else {
            unreachable!("an object")
        };
        let text = super::answer(&Answered {
            json: answer,
            headline: "320 USD a month".to_owned(),
            picture: None,
        });
        for part in [
            "components of amazon.nova-pro-v1:0\n",
            "plans of amazon.nova-pro-v1:0\n",
            "input tokens",
            "5m 0.3, 1h 1.1",
            "in every row: region us-east-1",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        assert!(!text.contains('{') && !text.contains('['), "{text}");
    }
}
