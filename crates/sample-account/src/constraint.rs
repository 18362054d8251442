//! Checks a value against the constraints of its shape, in the words of AWS's services.

use serde_json::Value;

use crate::model::{Bounds, ServiceModel, Shape, Text};

/// One broken constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where it is, as AWS writes it: `groupBy.1.member.type`.
    pub(crate) path: String,
    /// The value as text, or none where a required one is missing.
    pub(crate) value: Option<String>,
    /// What the value must be: `Member must not be null`.
    pub(crate) rule: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, value, rule } = self;
        match value {
            Some(value) => write!(f, "Value '{value}' at '{path}'")?,
            None => write!(f, "Value null at '{path}'")?,
        }
        write!(f, " failed to satisfy constraint: {rule}")
    }
}

/// The text AWS sends for one or more broken constraints.
pub(crate) fn message(violations: &[Violation]) -> String {
    let plural = if violations.len() == 1 { "" } else { "s" };
    let list: Vec<String> = violations.iter().map(ToString::to_string).collect();
    format!(
        "{} validation error{plural} detected: {}",
        violations.len(),
        list.join("; ")
    )
}

/// Every constraint that `value` breaks, `value` having been decoded as that shape.
pub(crate) fn violations(model: &ServiceModel, shape: &str, value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    visit(model, shape, value, "", &mut found);
    found
}

fn visit(model: &ServiceModel, name: &str, value: &Value, path: &str, found: &mut Vec<Violation>) {
    match (model.shape(name), value) {
        (
            Shape::Structure {
                members,
                required,
                union,
                document,
            },
            Value::Object(given),
        ) => {
            if *document {
                return;
            }
            for name in required.iter().filter(|name| !given.contains_key(*name)) {
                found.push(Violation {
                    path: join(path, name),
                    value: None,
                    rule: "Member must not be null".to_owned(),
                });
            }
            if *union && given.is_empty() {
                found.push(Violation {
                    path: path.to_owned(),
                    value: None,
                    rule: "Member must have exactly one value set".to_owned(),
                });
            }
            for (name, value) in given {
                if let Some(member) = members.get(name) {
                    visit(model, &member.shape, value, &join(path, name), found);
                }
            }
        }
        (Shape::List { member, bounds }, Value::Array(elements)) => {
            check_length(bounds, elements.len(), value, path, found);
            if let Shape::String(text) = model.shape(&member.shape) {
                // AWS reports the list, not the element, when the elements are plain strings.
                let broken = elements
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|element| !text_rules(text, element).is_empty());
                if broken {
                    let rules = all_text_rules(text).join(", ");
                    found.push(Violation {
                        path: path.to_owned(),
                        value: Some(printed(value)),
                        rule: format!("Member must satisfy constraint: [{rules}]"),
                    });
                }
            } else {
                for (index, element) in elements.iter().enumerate() {
                    let path = format!("{path}.{}.member", index + 1);
                    visit(model, &member.shape, element, &path, found);
                }
            }
        }
        (
            Shape::Map {
                key,
                value: member,
                bounds,
            },
            Value::Object(entries),
        ) => {
            check_length(bounds, entries.len(), value, path, found);
            for (name, value) in entries {
                let path = format!("{path}.{name}.member");
                visit(model, &key.shape, &Value::from(name.as_str()), &path, found);
                visit(model, &member.shape, value, &path, found);
            }
        }
        (Shape::String(text), Value::String(given)) => {
            found.extend(text_rules(text, given).into_iter().map(|rule| Violation {
                path: path.to_owned(),
                value: Some(given.clone()),
                rule,
            }));
        }
        (Shape::Integer(bounds) | Shape::Long(bounds), Value::Number(number)) => {
            let Some(number) = number.as_i64() else {
                return;
            };
            found.extend(bound_rules(bounds, number, "value").map(|rule| Violation {
                path: path.to_owned(),
                value: Some(number.to_string()),
                rule,
            }));
        }
        _ => {}
    }
}

fn check_length(
    bounds: &Bounds,
    length: usize,
    value: &Value,
    path: &str,
    found: &mut Vec<Violation>,
) {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    found.extend(bound_rules(bounds, length, "length").map(|rule| Violation {
        path: path.to_owned(),
        value: Some(printed(value)),
        rule,
    }));
}

fn bound_rules(bounds: &Bounds, number: i64, what: &str) -> impl Iterator<Item = String> {
    let low = bounds.min.filter(|min| number < *min);
    let high = bounds.max.filter(|max| number > *max);
    let low = low.map(|min| format!("Member must have {what} greater than or equal to {min}"));
    let high = high.map(|max| format!("Member must have {what} less than or equal to {max}"));
    high.into_iter().chain(low)
}

fn text_rules(text: &Text, given: &str) -> Vec<String> {
    let length = i64::try_from(given.chars().count()).unwrap_or(i64::MAX);
    let mut rules: Vec<String> = bound_rules(&text.bounds, length, "length").collect();
    if !text.allowed.is_empty() && !text.allowed.iter().any(|allowed| allowed == given) {
        rules.push(enum_rule(text));
    }
    if let Some(pattern) = &text.pattern
        && !text.matches(given)
    {
        rules.push(pattern_rule(pattern));
    }
    rules
}

fn all_text_rules(text: &Text) -> Vec<String> {
    let bounds = &text.bounds;
    let high = bounds
        .max
        .map(|max| format!("Member must have length less than or equal to {max}"));
    let low = bounds
        .min
        .map(|min| format!("Member must have length greater than or equal to {min}"));
    let pattern = text.pattern.as_deref().map(pattern_rule);
    let allowed = (!text.allowed.is_empty()).then(|| enum_rule(text));
    [high, low, pattern, allowed]
        .into_iter()
        .flatten()
        .collect()
}

fn enum_rule(text: &Text) -> String {
    format!(
        "Member must satisfy enum value set: [{}]",
        text.allowed.join(", ")
    )
}

fn pattern_rule(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

/// A path in AWS's validation messages starts each name with a small letter.
fn join(path: &str, name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_ascii_lowercase());
    let name: String = first.into_iter().chain(letters).collect();
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}

/// A list as Java prints it: `[a, b]`.
fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(printed).collect();
            format!("[{}]", elements.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::MODELS;

    #[track_caller]
    fn check(service: &str, shape: &str, given: &Value, want: &str) {
        let model = MODELS.service(service).unwrap();
        let found = violations(model, shape, given);
        let got = if found.is_empty() {
            String::new()
        } else {
            message(&found)
        };
        assert_eq!(got, want, "{given}");
    }

    #[test]
    fn words_each_constraint_as_aws_does() {
        let period = json!({"Start": "2024-11-01", "End": "2024-12-01"});
        check(
            "ce",
            "GetCostAndUsageRequest",
            &json!({"TimePeriod": period, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"]}),
            "",
        );
        check(
            "ce",
            "GetCostAndUsageRequest",
            &json!({"TimePeriod": period, "Granularity": "WEEKLY", "Metrics": []}),
            "1 validation error detected: Value 'WEEKLY' at 'granularity' failed to satisfy \
             constraint: Member must satisfy enum value set: [DAILY, MONTHLY, HOURLY]",
        );
        check(
            "ce",
            "GetCostAndUsageRequest",
            &json!({"TimePeriod": {"Start": "1/11/2024"}, "Granularity": "DAILY"}),
            "3 validation errors detected: Value null at 'metrics' failed to satisfy constraint: \
             Member must not be null; Value null at 'timePeriod.end' failed to satisfy \
             constraint: Member must not be null; Value '1/11/2024' at 'timePeriod.start' failed \
             to satisfy constraint: Member must satisfy regular expression pattern: \
             (\\d{4}-\\d{2}-\\d{2})(T\\d{2}:\\d{2}:\\d{2}Z)?",
        );
        check(
            "pricing",
            "GetProductsRequest",
            &json!({"ServiceCode": "AmazonBedrock", "MaxResults": 101,
                "Filters": [{"Type": "LIKE", "Field": "a", "Value": "b"}]}),
            "2 validation errors detected: Value '101' at 'maxResults' failed to satisfy \
             constraint: Member must have value less than or equal to 100; Value 'LIKE' at \
             'filters.1.member.type' failed to satisfy constraint: Member must satisfy enum \
             value set: [TERM_MATCH, EQUALS, CONTAINS, ANY_OF, NONE_OF]",
        );
        check(
            "cloudwatch",
            "Statistics",
            &json!(["Sum", "Median"]),
            "1 validation error detected: Value '[Sum, Median]' at '' failed to satisfy \
             constraint: Member must satisfy constraint: [Member must satisfy enum value set: \
             [SampleCount, Average, Sum, Minimum, Maximum]]",
        );
        check(
            "budgets",
            "DescribeBudgetsRequest",
            &json!({"AccountId": "12345678901"}),
            "2 validation errors detected: Value '12345678901' at 'accountId' failed to satisfy \
             constraint: Member must have length greater than or equal to 12; Value \
             '12345678901' at 'accountId' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: \\d{12}",
        );
        check(
            "bedrock-runtime",
            "CountTokensRequest",
            &json!({"modelId": "anthropic.claude-3-haiku-20240307-v1:0", "input": {}}),
            "1 validation error detected: Value null at 'input' failed to satisfy constraint: \
             Member must have exactly one value set",
        );
    }
}
