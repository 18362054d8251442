//! Reads `usePower("power", "server", "tool", {arguments})` calls out of a guide or steering file.

use serde_json::{Map, Value};

/// One call found in a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GuideCall {
    /// The line the call begins on, from 1.
    pub(crate) line: usize,
    /// The nearest line of text above the call: what it is for.
    pub(crate) title: String,
    pub(crate) call: Result<Invocation, String>,
}

/// The four parts of a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Invocation {
    pub(crate) power: String,
    pub(crate) server: String,
    pub(crate) tool: String,
    pub(crate) arguments: Map<String, Value>,
}

const OPENING: &str = "usePower(";

/// Every call in the text, in order; one that cannot be read says why and does not hide the others.
pub(crate) fn calls(text: &str) -> Vec<GuideCall> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(OPENING)) {
        let start = from + at;
        let before = text.get(..start).unwrap_or_default();
        let after = text.get(start + OPENING.len()..).unwrap_or_default();
        found.push(GuideCall {
            line: before.matches('\n').count() + 1,
            title: title(before),
            call: invocation(after),
        });
        from = start + OPENING.len();
    }
    found
}

fn title(before: &str) -> String {
    let above = before
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with("```"));
    above
        .unwrap_or_default()
        .trim_start_matches(['/', '#', '*', '-', ' '])
        .trim_end_matches([':', '*'])
        .to_owned()
}

fn invocation(text: &str) -> Result<Invocation, String> {
    let mut rest = text;
    let power = part(&mut rest, "the power", false)?;
    let server = part(&mut rest, "the server", false)?;
    let tool = part(&mut rest, "the tool", false)?;
    let arguments = if rest.trim_start().starts_with(')') {
        Value::Object(Map::new())
    } else {
        part(&mut rest, "the arguments", true)?
    };
    let name = |value: Value, what: &str| match value {
        Value::String(text) => Ok(text),
        other => Err(format!("{what} is not a string but {other}")),
    };
    match arguments {
        Value::Object(arguments) => Ok(Invocation {
            power: name(power, "the power")?,
            server: name(server, "the server")?,
            tool: name(tool, "the tool")?,
            arguments,
        }),
        other => Err(format!("the arguments are not an object but {other}")),
    }
}

/// Reads one JSON value and the comma or bracket behind it.
fn part(rest: &mut &str, what: &str, last: bool) -> Result<Value, String> {
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    let value = match values.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(format!("{what} is not valid JSON: {error}")),
        None => return Err(format!("{what} is missing")),
    };
    let behind = rest
        .get(values.byte_offset()..)
        .unwrap_or_default()
        .trim_start();
    *rest = match behind.strip_prefix(',') {
        Some(next) => next,
        None if behind.starts_with(')') => behind,
        None if last => return Err("the call is not closed with a bracket".to_owned()),
        None => return Err(format!("{what} is not followed by a comma")),
    };
    Ok(value)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_is_read_with_its_line_and_title() {
        let text = "# Costs\n\nGet costs by model:\nusePower(\"p\", \"s\",\n\"t\", {\n\"a\": \"[1]\",\n\"b\": [2]\n})\nmore";
        let found = calls(text);
        assert_eq!(found.len(), 1);
        let first = found.first().unwrap();
        assert_eq!(
            (first.line, first.title.as_str()),
            (4, "Get costs by model")
        );
        let call = first.call.as_ref().unwrap();
        assert_eq!(
            (
                call.power.as_str(),
                call.server.as_str(),
                call.tool.as_str()
            ),
            ("p", "s", "t")
        );
        assert_eq!(
            Value::Object(call.arguments.clone()),
            json!({"a": "[1]", "b": [2]})
        );
    }

    #[track_caller]
    fn check_unreadable(text: &str, part: &str) {
        let found = calls(text);
        let reason = found.first().unwrap().call.clone().unwrap_err();
        assert!(reason.contains(part), "{reason}");
    }

    #[test]
    fn a_broken_call_says_what_is_wrong_and_hides_no_other() {
        check_unreadable(
            "usePower(\"p\", \"s\", \"t\", {\"a\": })",
            "the arguments is not valid JSON",
        );
        check_unreadable("usePower(\"p\" \"s\")", "not followed by a comma");
        check_unreadable("usePower(\"p\", \"s\", 3, {})", "the tool is not a string");
        check_unreadable("usePower(\"p\", \"s\", \"t\", [])", "not an object");
        check_unreadable("usePower(", "is missing");
        assert_eq!(
            calls("usePower(\"p\", {) usePower(\"p\", \"s\", \"t\")").len(),
            2
        );
        assert!(
            calls("usePower(\"p\", \"s\", \"t\")")
                .first()
                .unwrap()
                .call
                .is_ok()
        );
        assert!(calls("nothing here").is_empty());
    }
}
