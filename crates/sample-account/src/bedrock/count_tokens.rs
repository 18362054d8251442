//! `CountTokens`: a deterministic count that behaves as a tokenizer does.
//!
//! It is no model's real tokenizer: the count grows with words, digits and symbols as such
//! counts do, and is the same on every run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;

use super::models::offered;
use super::text;
use crate::catalog::{MODELS, Naming};
use crate::fault::Fault;
use crate::ledger::Ledger;

/// Tokens around each message for its role.
const PER_MESSAGE: u64 = 4;
/// Tokens of a request before its first message.
const PER_REQUEST: u64 = 3;
/// Tokens of one picture of ordinary size.
const PER_IMAGE: u64 = 1_600;

/// Counts the input tokens of a request.
///
/// # Errors
///
/// `ValidationException` for a model that does not count, for a profile, and for a body that is
/// not JSON.
pub(super) fn count(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    check_model(ledger, region, text(input, "modelId").unwrap_or_default())?;
    let request = input.get("input").unwrap_or(&Value::Null);
    let tokens = if let Some(converse) = request.get("converse") {
        tokens_of(converse)
    } else {
        let body = request
            .get("invokeModel")
            .and_then(|invoke| text(invoke, "body"))
            .and_then(|body| STANDARD.decode(body).ok())
            .and_then(|body| serde_json::from_slice::<Value>(&body).ok())
            .filter(Value::is_object)
            .ok_or_else(|| {
                Fault::validation("Malformed input request, please reformat your input.")
            })?;
        tokens_of(&body)
    };
    Ok(json!({ "inputTokens": PER_REQUEST + tokens }))
}

/// Anthropic models by their bare id, from Claude 3.5 Haiku to the last that is called without
/// a profile's name.
fn check_model(ledger: &Ledger, region: &str, id: &str) -> Result<(), Fault> {
    let day = ledger.today().date();
    if offered(day, region).any(|model| model.id == id && does_count(model.id)) {
        return Ok(());
    }
    let foundation = id.split_once('.').map_or(id, |(_, rest)| rest);
    let is_known = MODELS
        .iter()
        .any(|model| model.id == id || model.id == foundation);
    Err(Fault::validation(if is_known {
        "The provided model doesn't support counting tokens."
    } else {
        "The provided model identifier is invalid."
    }))
}

fn does_count(id: &str) -> bool {
    MODELS.iter().any(|model| {
        model.id == id
            && model.provider() == "Anthropic"
            && model.naming == Naming::MarketplaceCamel
            && model.launch >= jiff::civil::Date::constant(2024, 10, 22)
    })
}

/// Counts every text of a request that a model reads.
fn tokens_of(value: &Value) -> u64 {
    match value {
        Value::String(text) => tokens_of_text(text),
        Value::Array(items) => items.iter().map(tokens_of).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match name.as_str() {
                // Settings and markers that do not reach the prompt.
                "type" | "anthropic_version" | "max_tokens" | "temperature" | "cachePoint"
                | "cache_control" | "toolUseId" | "tool_use_id" | "format" => 0,
                "role" => PER_MESSAGE,
                "image" | "source" if value.is_object() => PER_IMAGE,
                // The names of a tool's arguments are part of the prompt, values of a schema too.
                "json" | "inputSchema" | "input_schema" | "input" if !value.is_string() => {
                    tokens_of_text(&value.to_string())
                }
                _ => tokens_of(value),
            })
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Counts a text: a token for every four letters of a word, three digits of a number, every
/// symbol and every character of a script without blanks.
fn tokens_of_text(text: &str) -> u64 {
    #[derive(PartialEq, Clone, Copy)]
    enum Run {
        Word,
        Number,
        Blank,
        Single,
    }
    let mut tokens = 0;
    let mut length = 0;
    let mut last = Run::Blank;
    for letter in text.chars() {
        let run = if letter.is_ascii_digit() {
            Run::Number
        } else if letter.is_alphabetic() && u32::from(letter) < 0x2E80 {
            Run::Word
        } else if letter.is_whitespace() {
            Run::Blank
        } else {
            Run::Single
        };
        length = if run == last { length + 1 } else { 1 };
        last = run;
        tokens += match run {
            Run::Word if length % 4 == 1 => 1,
            Run::Number if length % 3 == 1 => 1,
            // Blanks between words cost nothing; an indentation costs one token.
            Run::Blank if length == 2 => 1,
            Run::Single => 1,
            Run::Word | Run::Number | Run::Blank => 0,
        };
    }
    tokens
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;

    const HAIKU: &str = "anthropic.claude-haiku-4-5-20251001-v1:0";

    fn ask(model: &str, input: &Value) -> Result<Value, Fault> {
        let ledger = Ledger::new("2026-11-22T15:30:00Z".parse().unwrap());
        count(
            &ledger,
            "us-east-1",
            &json!({ "modelId": model, "input": input }),
        )
    }

    fn hello(text: &str) -> Value {
        json!({ "converse": { "messages": [{ "role": "user", "content": [{ "text": text }] }] } })
    }

    #[test]
    fn texts_are_counted_by_words_digits_and_symbols() {
        let check =
            |text: &str, expected: u64| assert_eq!(tokens_of_text(text), expected, "{text}");
        check("", 0);
        check("Hello", 2);
        check("the cat sat", 3);
        check("2026-11-22", 2 + 1 + 1 + 1 + 1);
        check("a, b", 3);
        check("東京タワー", 5);
        check("if x:\n    y", 1 + 1 + 1 + 1 + 1);
    }

    #[test]
    fn both_forms_of_a_request_are_counted() {
        // 3 for the request, 4 for the role, 3 words.
        let expected = json!({ "inputTokens": 10 });
        assert_eq!(ask(HAIKU, &hello("the cat sat")).unwrap(), expected);
        let body = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":100,
            "messages":[{"role":"user","content":"the cat sat"}]}"#;
        let body = STANDARD.encode(body);
        let answer = ask(HAIKU, &json!({ "invokeModel": { "body": body } })).unwrap();
        assert_eq!(answer, expected);
    }

    #[test]
    fn models_that_do_not_count_say_so() {
        let refuse = |model: &str, expected: &str| {
            let fault = ask(model, &hello("x")).unwrap_err();
            assert_eq!(fault.error_type, "ValidationException");
            assert_eq!(fault.message, expected, "{model}");
        };
        let unsupported = "The provided model doesn't support counting tokens.";
        refuse("amazon.nova-lite-v1:0", unsupported);
        refuse(&format!("us.{HAIKU}"), unsupported);
        refuse("anthropic.claude-opus-5-5", unsupported);
        refuse(
            "acme.model-v1:0",
            "The provided model identifier is invalid.",
        );
    }

    #[test]
    fn a_body_that_is_not_json_is_refused() {
        let body = STANDARD.encode("hello");
        let fault = ask(HAIKU, &json!({ "invokeModel": { "body": body } })).unwrap_err();
        assert_eq!(fault.error_type, "ValidationException");
    }
}
