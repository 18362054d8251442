//! JSON without the white space between its parts.

use serde::de::IgnoredAny;

/// Returns a JSON document without white space outside strings: numbers, escapes and repeated keys stay as written.
/// Several documents one after another, such as JSON Lines, become one line each. `None` when the text is not JSON.
#[must_use]
pub fn minified(text: &str) -> Option<String> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut minified = String::new();
    let mut start = 0;
    while let Some(document) = documents.next() {
        document.ok()?;
        let end = documents.byte_offset();
        if !minified.is_empty() {
            minified.push('\n');
        }
        push_minified(&mut minified, text.get(start..end)?);
        start = end;
    }
    (!minified.is_empty()).then_some(minified)
}

/// Adds a valid document without its white space.
fn push_minified(minified: &mut String, document: &str) {
    let mut in_string = false;
    let mut is_escaped = false;
    minified.extend(document.chars().filter(|&c| {
        let was_in_string = in_string;
        if in_string {
            in_string = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
        } else {
            in_string = c == '"';
        }
        was_in_string || !matches!(c, ' ' | '\t' | '\n' | '\r')
    }));
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn keeps_all_but_white_space() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(minified(text).as_deref(), expected, "{text}");
        };
        check("{ \"a\" : [ 1 , 2.50 ] }", Some("{\"a\":[1,2.50]}"));
        check("\"a \\\" b\\\\\"  ", Some("\"a \\\" b\\\\\""));
        check("{\"a\": 1e400, \"a\": 2}", Some("{\"a\":1e400,\"a\":2}"));
        check("{\"a\": 1}\n{\"b\": 2}\n", Some("{\"a\":1}\n{\"b\":2}"));
        check("{\"a\": 1,}", None);
        check("", None);
        check("not json", None);
    }

    #[test]
    fn deep_nesting_is_refused_not_crashed_on() {
        assert_eq!(minified(&"[".repeat(1_000_000)), None);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_minified_document_is_the_same_document(value in value()) {
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            let minified = minified(&pretty).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&minified).unwrap(), value);
            prop_assert!(minified.len() <= pretty.len());
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = minified(&text);
        }
    }
}
