//! The `filters` of tools whose AWS operation has none: a Cost Explorer expression, applied here.

use crate::{
    error::{CorrectedRequest, ToolError},
    tools::{
        arguments::{quoted, shown, snake_case},
        cost_explorer::request,
    },
};
use bedrock_cost::{
    cost_query::DimensionKey,
    cost_scope::{Comparison, CostScope, Field, Test},
    names::UnknownName,
};
use serde_json::{Map, Value};

/// Deeper nesting than any console writes; recursion must end.
const MOST_LEVELS: usize = 16;

const ACCEPTED: &str = "filters is a Cost Explorer expression such as {\"Dimensions\": {\"Key\": \"SERVICE\", \"Values\": [\"Amazon Bedrock\"]}}, \
     with And, Or, Not, Dimensions, Tags or CostCategories at its root";

/// Reads an expression. With `all_bedrock` the service `Amazon Bedrock` also stands for what AWS Marketplace bills.
pub(super) fn read(value: &Value, all_bedrock: bool) -> Result<CostScope, ToolError> {
    level(value, all_bedrock, 1)
}

/// An expression with a service name that no bill has, and what it meant.
pub(super) struct Misnamed {
    problem: String,
    /// The same expression by the names that bills have.
    pub(super) meant: Value,
}

impl Misnamed {
    /// Looks through an expression that was read, as Cost Explorer's own filters are looked through.
    pub(super) fn find(value: &Value) -> Option<Self> {
        let mut raw = request::filter(value, 1).ok()?;
        let problem = raw.misnamed_service()?.to_string();
        raw.name_services();
        Some(Self {
            problem,
            meant: request::raw_filter(&raw),
        })
    }

    /// The refusal: nothing matches such a name, which reads as if nothing were there.
    pub(super) fn into_error(self, instead: CorrectedRequest) -> ToolError {
        ToolError::InvalidArgument {
            problem: self.problem,
            accepted: String::new(),
            corrected: Some(Box::new(instead)),
        }
    }
}

fn refused(problem: impl Into<String>) -> ToolError {
    ToolError::invalid(problem, ACCEPTED)
}

fn level(value: &Value, all_bedrock: bool, depth: usize) -> Result<CostScope, ToolError> {
    if depth > MOST_LEVELS {
        return Err(refused(format!(
            "filters nests deeper than {MOST_LEVELS} levels"
        )));
    }
    let Value::Object(fields) = value else {
        return Err(refused(format!(
            "filters holds {} where an expression belongs",
            shown(value)
        )));
    };
    let mut roots = fields.iter().filter(|(_, value)| !value.is_null());
    let (Some((name, inner)), None) = (roots.next(), roots.next()) else {
        return Err(refused(format!(
            "an expression has exactly one root, this one has {}",
            fields.len()
        )));
    };
    let parts = || -> Result<Vec<CostScope>, ToolError> {
        let Value::Array(items) = inner else {
            return Err(refused(format!(
                "{name} is {} and not a list",
                shown(inner)
            )));
        };
        if items.len() < 2 {
            return Err(refused(format!(
                "{name} needs at least two expressions, this one has {}",
                items.len()
            )));
        }
        items
            .iter()
            .map(|item| level(item, all_bedrock, depth + 1))
            .collect()
    };
    match snake_case(name).as_str() {
        "and" => Ok(CostScope::All(parts()?)),
        "or" => Ok(CostScope::Any(parts()?)),
        "not" => Ok(CostScope::Not(Box::new(level(
            inner,
            all_bedrock,
            depth + 1,
        )?))),
        "dimensions" => test(inner, all_bedrock, |key| {
            let key: DimensionKey = key
                .parse()
                .map_err(|error: UnknownName| refused(error.to_string()))?;
            Ok(Field::Dimension(key.as_str().to_owned()))
        }),
        "tags" => test(inner, all_bedrock, |key| {
            Ok(Field::Tag(
                key.strip_prefix("user:").unwrap_or(key).to_owned(),
            ))
        }),
        "cost_categories" => test(inner, all_bedrock, |key| {
            Ok(Field::CostCategory(key.to_owned()))
        }),
        "product_attributes" => test(inner, all_bedrock, |key| {
            Ok(Field::ProductAttribute(key.to_owned()))
        }),
        _ => Err(refused(format!("there is no expression {}", quoted(name)))),
    }
}

fn test(
    value: &Value,
    all_bedrock: bool,
    field: impl Fn(&str) -> Result<Field, ToolError>,
) -> Result<CostScope, ToolError> {
    let Value::Object(fields) = value else {
        return Err(refused(format!(
            "{} is not an object with Key and Values",
            shown(value)
        )));
    };
    let get = |wanted: &str| {
        fields
            .iter()
            .find(|(name, _)| snake_case(name) == wanted)
            .map(|(_, value)| value)
    };
    refuse_unknown(fields)?;
    let key = get("key")
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|key| !key.is_empty())
        .ok_or_else(|| refused("a condition of filters has no Key"))?;
    let values = texts(get("values"), "Values")?;
    let field = field(key)?;
    let comparison = comparison(
        &texts(get("match_options"), "MatchOptions")?,
        all_bedrock && field.is_service(),
    )?;
    if values.is_empty() && comparison != Comparison::Absent {
        return Err(refused(format!("the condition on {key} has no Values")));
    }
    Ok(CostScope::Is(Test {
        field,
        comparison,
        values,
    }))
}

fn refuse_unknown(fields: &Map<String, Value>) -> Result<(), ToolError> {
    let known = ["key", "values", "match_options"];
    match fields
        .keys()
        .find(|name| !known.contains(&snake_case(name).as_str()))
    {
        None => Ok(()),
        Some(name) => Err(refused(format!(
            "a condition has Key, Values and MatchOptions, not {}",
            quoted(name)
        ))),
    }
}

fn texts(value: Option<&Value>, name: &str) -> Result<Vec<String>, ToolError> {
    let wrong = |value: &Value| refused(format!("{name} holds {} and not text", shown(value)));
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| wrong(item)))
            .collect(),
        Some(other) => Err(wrong(other)),
    }
}

fn comparison(options: &[String], all_bedrock: bool) -> Result<Comparison, ToolError> {
    let mut found = if all_bedrock {
        Comparison::EqualsOrBedrock
    } else {
        Comparison::Equals
    };
    for option in options {
        found = match option.to_ascii_uppercase().as_str() {
            "EQUALS" | "CASE_SENSITIVE" | "CASE_INSENSITIVE" => continue,
            "STARTS_WITH" => Comparison::StartsWith,
            "ENDS_WITH" => Comparison::EndsWith,
            "CONTAINS" => Comparison::Contains,
            "ABSENT" => Comparison::Absent,
            _ => {
                return Err(refused(format!(
                    "{} is not a match option that can be applied here (EQUALS, STARTS_WITH, ENDS_WITH, CONTAINS, ABSENT)",
                    quoted(option)
                )));
            }
        };
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(value: &Value, expected: &str) {
        assert_eq!(read(value, true).unwrap().to_string(), expected);
    }

    #[track_caller]
    fn check_refused(value: &Value, part: &str) {
        let error = read(value, true).unwrap_err();
        assert_eq!(error.code(), "invalid_argument");
        assert!(error.to_text().contains(part), "{}", error.to_text());
    }

    fn bedrock() -> Value {
        json!({"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Bedrock"]}})
    }

    #[test]
    fn expressions_are_read_in_any_spelling() {
        check(&bedrock(), "SERVICE = Amazon Bedrock");
        check(
            &json!({"dimensions": {"key": "service", "values": "Amazon Bedrock", "match_options": ["EQUALS"]}}),
            "SERVICE = Amazon Bedrock",
        );
        check(
            &json!({"And": [bedrock(), {"Not": {"Tags": {"Key": "user:Team", "MatchOptions": ["ABSENT"]}}}]}),
            "SERVICE = Amazon Bedrock and not (tag Team absent)",
        );
        check(
            &json!({"Or": [{"CostCategories": {"Key": "Unit", "Values": ["a", "b"]}}, bedrock()]}),
            "cost category Unit = a | b or SERVICE = Amazon Bedrock",
        );
    }

    #[test]
    fn amazon_bedrock_stands_for_all_of_bedrock_only_when_asked() {
        let haiku = CostScope::service(
            "Claude 3 Haiku (Amazon Bedrock Edition)",
            Comparison::Equals,
        );
        assert!(read(&bedrock(), true).unwrap().overlaps(&haiku));
        assert!(!read(&bedrock(), false).unwrap().overlaps(&haiku));
    }

    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an expected value is written where it is expected"
    )]
    fn check_meant(value: &Value, expected: Option<Value>) {
        read(value, true).unwrap();
        let found = Misnamed::find(value).map(|misnamed| misnamed.meant);
        assert_eq!(found, expected, "{value}");
    }

    #[test]
    fn names_that_no_bill_has_are_found_wherever_they_stand() {
        let service = |names: &[&str]| json!({"Dimensions": {"Key": "SERVICE", "Values": names}});
        let sonnet = "Claude Sonnet 5 (Amazon Bedrock Edition)";
        check_meant(&bedrock(), None);
        check_meant(&service(&["Tax", "Amazon Bedrock"]), None);
        check_meant(&service(&["Bedrock"]), Some(bedrock()));
        check_meant(
            &json!({"dimensions": {"key": "service", "values": "Bedrock", "match_options": null}, "And": null}),
            Some(json!({"Dimensions": {"Key": "service", "Values": ["Amazon Bedrock"]}})),
        );
        let region = json!({"Dimensions": {"Key": "REGION", "Values": ["us-east-1"]}});
        check_meant(
            &json!({"And": [region, {"Not": service(&["Tax", "Claude Sonnet 5"])}]}),
            Some(json!({"And": [region, {"Not": service(&["Tax", sonnet])}]})),
        );
        for option in ["CONTAINS", "STARTS_WITH", "ENDS_WITH"] {
            let part = json!({"Dimensions": {"Key": "SERVICE", "Values": ["Bedrock"], "MatchOptions": [option]}});
            check_meant(&part, None);
            check_meant(
                &json!({"Or": [part, service(&["Bedrock"])]}),
                Some(json!({"Or": [part, bedrock()]})),
            );
        }
        check_meant(
            &json!({"Tags": {"Key": "SERVICE", "Values": ["Bedrock"]}}),
            None,
        );
    }

    #[test]
    fn what_is_not_an_expression_is_refused() {
        check_refused(&json!("Amazon Bedrock"), "where an expression belongs");
        check_refused(&json!({}), "exactly one root, this one has 0");
        check_refused(
            &json!({"Not": bedrock(), "Dimensions": {}}),
            "this one has 2",
        );
        check_refused(&json!({"And": [bedrock()]}), "at least two");
        check_refused(&json!({"And": bedrock()}), "not a list");
        check_refused(&json!({"Dimension": {}}), "no expression \"Dimension\"");
        check_refused(&json!({"Dimensions": {"Key": "SERVICE"}}), "no Values");
        check_refused(&json!({"Dimensions": {"Values": ["x"]}}), "no Key");
        check_refused(
            &json!({"Dimensions": {"Key": "SERVICE", "Values": [1]}}),
            "1 and not text",
        );
        check_refused(
            &json!({"Dimensions": {"Key": "SERVISE", "Values": ["x"]}}),
            "nearest: SERVICE",
        );
        check_refused(
            &json!({"Dimensions": {"Key": "SERVICE", "Value": ["x"]}}),
            "not \"Value\"",
        );
        check_refused(
            &json!({"Dimensions": {"Key": "SERVICE", "Values": ["x"], "MatchOptions": ["LIKE"]}}),
            "\"LIKE\" is not a match option",
        );
        let deep = (0..40).fold(bedrock(), |inner, _| json!({"Not": inner}));
        check_refused(&deep, "nests deeper");
    }
}
