//! Lenient in: turns whatever a client sends into the arguments of a tool, and says what it changed in form.

use crate::{error::ToolError, tools::reply::Correction};
use bedrock_cost::names::nearest;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use serde_json::{Map, Value};
use serde_path_to_error::Segment;
use std::borrow::Cow;

/// Names of one argument that differ from the listed one: `(accepted, listed)`, in snake case.
pub(crate) type Aliases = &'static [(&'static str, &'static str)];

/// An argument object larger than this is refused before it is read: no question about a bill needs it.
const MOST_VALUES: usize = 20_000;
/// The longest text in an argument; prompts and filters stay far below.
pub(crate) const LONGEST_TEXT: usize = 1 << 20;
/// A JSON string inside a JSON string inside a JSON string: clients were seen to encode twice, never more.
const MOST_ENCODINGS: usize = 3;

/// What a tool accepts, for reading and for naming the nearest argument.
pub(crate) struct Shape<'a> {
    pub(crate) accepted: &'a [Accepted],
    pub(crate) aliases: &'a [(&'static str, &'static str)],
    /// Arguments that are lists or objects, and so may come as JSON text.
    pub(crate) structured: &'a [&'static str],
    /// The longest text that is read.
    pub(crate) longest_text: usize,
}

/// An argument as its schema has it.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    name: String,
    /// The JSON type; none where several are read.
    kind: Option<String>,
    description: Option<String>,
}

impl Accepted {
    pub(crate) fn of(name: &str, schema: &Value) -> Self {
        let text = |field| schema.get(field).and_then(Value::as_str).map(str::to_owned);
        Self {
            name: name.to_owned(),
            kind: text("type"),
            description: text("description"),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The accepted form in a few words.
    fn form(&self) -> String {
        let kind = match self.kind.as_deref() {
            Some("string") => "text",
            Some("integer") => "a whole number",
            Some("number") => "a number",
            Some("boolean") => "true or false",
            _ => "JSON",
        };
        match &self.description {
            Some(description) => format!("{} takes {kind}: {description}", self.name),
            None => format!("{} takes {kind}", self.name),
        }
    }
}

impl Shape<'_> {
    fn find(&self, name: &str) -> Option<&Accepted> {
        self.accepted.iter().find(|accepted| accepted.name == name)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.accepted.iter().map(|accepted| accepted.name.as_str())
    }

    fn list(&self) -> String {
        self.names().collect::<Vec<_>>().join(", ")
    }

    /// Whether an argument is a time or a date as text.
    fn is_time(&self, name: &str) -> bool {
        let kind = self
            .find(name)
            .and_then(|accepted| accepted.kind.as_deref());
        kind == Some("string") && (name.ends_with("_time") || name.ends_with("_date"))
    }

    fn form(&self, name: &str) -> String {
        self.find(name).map_or_else(
            || format!("the arguments are {}", self.list()),
            Accepted::form,
        )
    }
}

/// Reads the arguments of a call.
pub(crate) fn read<T: DeserializeOwned>(
    raw: Map<String, Value>,
    shape: &Shape<'_>,
) -> Result<(T, Vec<Correction>), ToolError> {
    measure(&raw, shape.longest_text)?;
    let mut corrections = Vec::new();
    let mut arguments = Map::new();
    for (given, value) in raw {
        if value.is_null() {
            continue;
        }
        let name = listed_name(&given, shape)?;
        let value = if shape.structured.contains(&name.as_str()) {
            decoded(&name, value, &mut corrections)?
        } else {
            match value {
                // Epoch seconds are digits, also as text.
                Value::Number(number) if shape.is_time(&name) => Value::String(number.to_string()),
                other => other,
            }
        };
        if arguments.insert(name.clone(), value).is_some() {
            return Err(ToolError::invalid(
                format!(
                    "the argument {name} is given twice, the second time as {}",
                    quoted(&given)
                ),
                format!("give {name} once"),
            ));
        }
    }
    serde_path_to_error::deserialize(Value::Object(arguments))
        .map(|read| (read, corrections))
        .map_err(|error| unreadable(&error, shape))
}

/// Says which argument has the wrong form, or is missing, and what its form is.
fn unreadable(
    error: &serde_path_to_error::Error<serde_json::Error>,
    shape: &Shape<'_>,
) -> ToolError {
    let problem = error.inner().to_string();
    if let Some(Segment::Map { key }) = error.path().iter().next() {
        return ToolError::invalid(format!("{}: {problem}", error.path()), shape.form(key));
    }
    let missing = problem
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    match missing {
        Some(name) => ToolError::invalid(format!("{name} is missing"), shape.form(name)),
        None => ToolError::invalid(problem, format!("the arguments are {}", shape.list())),
    }
}

/// Refuses arguments of a size no tool needs, before anything walks them again.
fn measure(raw: &Map<String, Value>, longest_text: usize) -> Result<(), ToolError> {
    let mut waiting: Vec<&Value> = raw.values().collect();
    let mut seen = 0_usize;
    while let Some(value) = waiting.pop() {
        seen += 1;
        match value {
            Value::Array(items) => waiting.extend(items.iter().take(MOST_VALUES + 1)),
            Value::Object(fields) => waiting.extend(fields.values().take(MOST_VALUES + 1)),
            Value::String(text) if text.len() > longest_text => {
                return Err(ToolError::invalid(
                    format!("an argument holds {} bytes of text", text.len()),
                    format!("keep each text under {longest_text} bytes"),
                ));
            }
            _ => {}
        }
        if seen > MOST_VALUES || waiting.len() > MOST_VALUES {
            return Err(ToolError::invalid(
                format!("the arguments hold more than {MOST_VALUES} values"),
                "name fewer values, or leave the filter out and group instead",
            ));
        }
    }
    Ok(())
}

fn listed_name(given: &str, shape: &Shape<'_>) -> Result<String, ToolError> {
    let snake = snake_case(given);
    if shape.find(&snake).is_some() {
        return Ok(snake);
    }
    if let Some((_, listed)) = shape.aliases.iter().find(|(alias, _)| *alias == snake) {
        return Ok((*listed).to_owned());
    }
    let nearest = nearest(&snake, shape.names(), 1).first().copied();
    Err(ToolError::invalid(
        format!("there is no argument {}", quoted(given)),
        match nearest {
            Some(nearest) => format!(
                "the nearest is {nearest}; the arguments are {}",
                shape.list()
            ),
            None => format!("the arguments are {}", shape.list()),
        },
    ))
}

/// `StartDate`, `startDate` and `start-date` are all `start_date`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for character in name.trim().chars() {
        if character == '-' || character == ' ' {
            out.push('_');
            after_lower = false;
        } else if character.is_ascii_uppercase() {
            if after_lower {
                out.push('_');
            }
            out.push(character.to_ascii_lowercase());
            after_lower = false;
        } else {
            out.push(character);
            after_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
        }
    }
    out
}

/// Text from a caller as it may stand in a message: quoted, on one line, not too long.
pub(crate) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(60).is_some() {
        "..."
    } else {
        ""
    };
    format!("\"{short}{more}\"")
}

fn decoded(
    name: &str,
    value: Value,
    corrections: &mut Vec<Correction>,
) -> Result<Value, ToolError> {
    let mut value = value;
    let mut times = 0;
    while let Value::String(text) = &value {
        let trimmed = text.trim();
        if !trimmed.starts_with(['[', '{', '"']) || times == MOST_ENCODINGS {
            break;
        }
        value = serde_json::from_str(trimmed).map_err(|error| {
            ToolError::invalid(
                format!("{name} is not valid JSON: {error}"),
                format!("send {name} as a JSON value, or as a string that holds valid JSON"),
            )
        })?;
        measure(
            &Map::from_iter([(name.to_owned(), value.clone())]),
            LONGEST_TEXT,
        )?;
        times += 1;
    }
    if times > 0 {
        corrections.push(Correction {
            field: name.to_owned(),
            change: if times == 1 {
                "parsed from a JSON string"
            } else {
                "parsed from a doubly encoded JSON string"
            }
            .to_owned(),
        });
    }
    Ok(value)
}

/// A list argument: an array, or one element that stands for a list of one.
#[derive(Clone, Debug, Default)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::Array(items) => items
                .into_iter()
                .enumerate()
                .map(|(index, item)| {
                    T::deserialize(item)
                        .map_err(|error| D::Error::custom(format!("element {index}: {error}")))
                })
                .collect::<Result<_, _>>()
                .map(Self),
            Value::String(text) if text.contains(',') => text
                .split(',')
                .map(|part| {
                    T::deserialize(Value::String(part.trim().to_owned())).map_err(D::Error::custom)
                })
                .collect::<Result<_, _>>()
                .map(Self),
            one => Ok(Self(vec![T::deserialize(one).map_err(D::Error::custom)?])),
        }
    }
}

/// Any JSON: read by the tool itself, so that every spelling AWS documents is understood.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Loose(pub(crate) Value);

/// A whole number, also as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole(pub(crate) i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let read = match &value {
            Value::Number(number) => number.as_i64().or_else(|| {
                let text = number.to_string();
                text.strip_suffix(".0").and_then(|whole| whole.parse().ok())
            }),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        read.map(Self)
            .ok_or_else(|| D::Error::custom(format!("{} is not a whole number", shown(&value))))
    }
}

/// Where the next page of an answer begins: as the answer gave it, or the same as a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor(pub(crate) String);

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            other => Err(D::Error::custom(format!(
                "{} is not a cursor",
                shown(&other)
            ))),
        }
    }
}

/// Yes or no, also as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        match &value {
            Value::Bool(flag) => Ok(Self(*flag)),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Self(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Self(false)),
            other => Err(D::Error::custom(format!(
                "{} is not true or false",
                shown(other)
            ))),
        }
    }
}

/// A JSON value as it may stand in a message.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

macro_rules! schema {
    ($type:ty, $name:literal, $schema:tt) => {
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

// Lists and objects carry no type: clients that check types would refuse the JSON text that others send.
schema!(Loose, "Loose", {});
schema!(Whole, "Whole", {"type": "integer"});
schema!(Flag, "Flag", {"type": "boolean"});
schema!(Cursor, "Cursor", {"type": "string"});

impl<T> JsonSchema for List<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "List".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[serde(default)]
        metrics: List<String>,
        filters: Option<Loose>,
        period: Option<Whole>,
        dry_run: Option<Flag>,
        start_time: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    struct Needy {
        #[expect(dead_code, reason = "only its absence is looked at")]
        metrics: List<String>,
    }

    fn read_sample<T: DeserializeOwned>(
        arguments: Value,
    ) -> Result<(T, Vec<Correction>), ToolError> {
        let accepted = [
            ("metrics", json!({"description": "[\"UnblendedCost\"]"})),
            ("filters", json!({})),
            (
                "period",
                json!({"type": "integer", "description": "Seconds"}),
            ),
            ("dry_run", json!({"type": "boolean"})),
            (
                "start_time",
                json!({"type": "string", "description": "ISO or -24h"}),
            ),
        ]
        .map(|(name, schema)| Accepted::of(name, &schema));
        let shape = Shape {
            accepted: &accepted,
            aliases: &[("filter", "filters")],
            structured: &["metrics", "filters"],
            longest_text: LONGEST_TEXT,
        };
        let Value::Object(raw) = arguments else {
            unreachable!("the cases are objects")
        };
        read(raw, &shape)
    }

    #[track_caller]
    fn check_metrics(arguments: Value, expected: &[&str]) {
        assert_eq!(
            read_sample::<Sample>(arguments).unwrap().0.metrics.0,
            expected
        );
    }

    #[track_caller]
    fn check_refused(arguments: Value, part: &str) {
        let error = read_sample::<Sample>(arguments).unwrap_err();
        assert_eq!(error.code(), "invalid_argument");
        assert!(error.to_text().contains(part), "{}", error.to_text());
    }

    #[test]
    fn lists_come_in_every_form_clients_were_seen_to_send() {
        check_metrics(json!({"metrics": ["A", "B"]}), &["A", "B"]);
        check_metrics(json!({"metrics": "[\"A\", \"B\"]"}), &["A", "B"]);
        check_metrics(json!({"metrics": "\"[\\\"A\\\"]\""}), &["A"]);
        check_metrics(json!({"metrics": "A"}), &["A"]);
        check_metrics(json!({"metrics": "A, B"}), &["A", "B"]);
        check_metrics(json!({"Metrics": ["A"]}), &["A"]);
        check_metrics(json!({"metrics": null}), &[]);
    }

    #[test]
    fn scalars_come_as_text_too() {
        let (read, corrections) = read_sample::<Sample>(
            json!({"period": "3600", "dryRun": "true", "filter": "{\"a\":1}"}),
        )
        .unwrap();
        assert_eq!(
            (read.period, read.dry_run),
            (Some(Whole(3600)), Some(Flag(true)))
        );
        assert_eq!(read.filters.unwrap().0, json!({"a": 1}));
        assert_eq!(corrections.len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        check_refused(json!({"metrik": "A"}), "the nearest is metrics");
        check_refused(json!({"metrics": "[\"A\", "}), "metrics is not valid JSON");
        check_refused(
            json!({"filters": "\"{\\\"a\\\": }\""}),
            "filters is not valid JSON",
        );
        check_refused(json!({"period": 3.5}), "period: 3.5 is not a whole number");
        check_refused(json!({"period": [1]}), "a list is not a whole number");
        check_refused(json!({"dry_run": "maybe"}), "not true or false");
        check_refused(json!({"filter": {}, "filters": {}}), "given twice");
        check_refused(json!({"metrics": [1, 2]}), "element 0");
        check_refused(json!({"a\u{7}b": 1}), "\\u{7}");
    }

    #[test]
    fn a_refusal_shows_the_form_of_the_argument_it_is_about() {
        check_refused(
            json!({"period": 3.5}),
            "Next: period takes a whole number: Seconds.",
        );
        check_refused(
            json!({"metrics": [1]}),
            "Next: metrics takes JSON: [\"UnblendedCost\"].",
        );
        check_refused(
            json!({"start_time": {"from": 1}}),
            "Next: start_time takes text: ISO or -24h.",
        );
        let missing = read_sample::<Needy>(json!({"period": 60})).unwrap_err();
        assert_eq!(
            missing.to_text(),
            "invalid_argument: metrics is missing. Next: metrics takes JSON: [\"UnblendedCost\"]."
        );
        let far = read_sample::<Sample>(json!({"colour": 1})).unwrap_err();
        assert!(!far.to_text().contains("nearest"), "{far}");
    }

    #[test]
    fn epoch_seconds_come_as_numbers_too() {
        let (read, _) = read_sample::<Sample>(json!({"start_time": 1_730_419_200})).unwrap();
        assert_eq!(read.start_time.as_deref(), Some("1730419200"));
    }

    #[test]
    fn arguments_that_no_question_needs_are_refused() {
        check_refused(
            json!({"filters": vec![1; 1_000_000]}),
            "more than 20000 values",
        );
        check_refused(json!({"metrics": "x".repeat(10_000_000)}), "bytes of text");
        check_refused(
            json!({"metrics": format!("[{}1]", "1,".repeat(100_000))}),
            "more than 20000 values",
        );
    }

    #[test]
    fn names_resolve_whatever_their_case() {
        for name in [
            "start_date",
            "StartDate",
            "startDate",
            "start-date",
            " start date ",
        ] {
            assert_eq!(snake_case(name), "start_date");
        }
    }
}
