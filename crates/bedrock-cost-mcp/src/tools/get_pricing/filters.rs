//! The `filters` of `get_pricing`, in every spelling that callers use for AWS's `Field`, `Type` and `Value`.

use crate::{
    aws::pricing::ProductFilter,
    error::ToolError,
    tools::{
        arguments::{quoted, shown, snake_case},
        reply::Correction,
    },
};
use serde_json::Value;

/// AWS takes this many filters (Price List API reference, read 2026-11-22).
const MOST_FILTERS: usize = 50;

/// Reads one filter or a list of them.
pub(super) fn read(value: &Value) -> Result<(Vec<ProductFilter>, Vec<Correction>), ToolError> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    if items.len() > MOST_FILTERS {
        return Err(refused(format!(
            "there are {} filters and AWS takes {MOST_FILTERS}",
            items.len()
        )));
    }
    let mut filters = Vec::new();
    let mut corrections = Vec::new();
    for item in items {
        filters.push(one(item, &mut corrections)?);
    }
    Ok((filters, corrections))
}

fn refused(problem: impl Into<String>) -> ToolError {
    ToolError::invalid(
        problem,
        format!(
            "filters is a list such as [{{\"Field\": \"model\", \"Type\": \"EQUALS\", \"Value\": \"Nova Pro\"}}]; Type is {}",
            ProductFilter::KINDS.join(", ")
        ),
    )
}

fn one(item: &Value, corrections: &mut Vec<Correction>) -> Result<ProductFilter, ToolError> {
    let Value::Object(members) = item else {
        return Err(refused(format!(
            "filters holds {} where a filter belongs",
            shown(item)
        )));
    };
    let (mut field, mut kind, mut values) = (None, None, Vec::new());
    for (name, value) in members {
        match snake_case(name).as_str() {
            "field" | "name" => {
                field = value
                    .as_str()
                    .map(str::trim)
                    .filter(|text| !text.is_empty());
            }
            "type" => kind = Some(kind_of(value)?),
            "value" | "values" => values = texts(value)?,
            _ => {
                return Err(refused(format!(
                    "a filter has Field, Type and Value, not {}",
                    quoted(name)
                )));
            }
        }
    }
    let field = field.ok_or_else(|| refused("a filter has no Field"))?;
    if values.is_empty() {
        return Err(refused(format!(
            "the filter on {} has no Value",
            quoted(field)
        )));
    }
    let several = values.len() > 1;
    let kind = match kind {
        Some(kind @ ("ANY_OF" | "NONE_OF")) => kind,
        Some("CONTAINS") if several => {
            return Err(refused(format!(
                "CONTAINS takes one Value, {} has {}",
                quoted(field),
                values.len()
            )));
        }
        given if several => {
            corrections.push(Correction::new(
                "filters",
                format!(
                    "{} of {field} with {} values read as ANY_OF",
                    given.unwrap_or("filter"),
                    values.len()
                ),
            ));
            "ANY_OF"
        }
        given => given.unwrap_or("EQUALS"),
    };
    Ok(ProductFilter {
        field: field.to_owned(),
        kind: kind.to_owned(),
        values,
    })
}

fn kind_of(value: &Value) -> Result<&'static str, ToolError> {
    let given = value
        .as_str()
        .map(snake_case)
        .unwrap_or_default()
        .to_ascii_uppercase();
    ProductFilter::KINDS
        .into_iter()
        .find(|kind| *kind == given)
        .ok_or_else(|| refused(format!("there is no filter type {}", shown(value))))
}

fn texts(value: &Value) -> Result<Vec<String>, ToolError> {
    let text = |value: &Value| match value {
        Value::String(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(refused(format!(
            "the Value of a filter is {}",
            shown(other)
        ))),
    };
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

/// Tells whether a value of an attribute passes a filter, as AWS compares: without regard to case.
pub(super) fn passes(filter: &ProductFilter, value: &str) -> bool {
    let value = value.to_lowercase();
    let any = |test: &dyn Fn(&str) -> bool| {
        filter
            .values
            .iter()
            .any(|named| test(&named.to_lowercase()))
    };
    match filter.kind.as_str() {
        "CONTAINS" => any(&|named| value.contains(named)),
        "NONE_OF" => !any(&|named| value == named),
        _ => any(&|named| value == named),
    }
}

/// The filter as text: `productFamily = Machine Learning`.
pub(super) fn described(filter: &ProductFilter) -> String {
    let word = match filter.kind.as_str() {
        "EQUALS" | "TERM_MATCH" => "=",
        "CONTAINS" => "contains",
        "NONE_OF" => "none of",
        _ => "any of",
    };
    format!("{} {word} {}", filter.field, filter.values.join(", "))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(value: &Value, expected: &[&str], corrections: usize) {
        let (filters, corrected) = read(value).unwrap();
        assert_eq!(filters.iter().map(described).collect::<Vec<_>>(), expected);
        assert_eq!(corrected.len(), corrections, "{corrected:?}");
    }

    #[track_caller]
    fn check_refused(value: &Value, part: &str) {
        let error = read(value).unwrap_err();
        assert_eq!(error.code(), "invalid_argument");
        assert!(error.to_text().contains(part), "{}", error.to_text());
    }

    #[test]
    fn filters_are_read_in_every_spelling() {
        check(
            &json!([{"Field": "productFamily", "Value": "Machine Learning", "Type": "EQUALS"}]),
            &["productFamily = Machine Learning"],
            0,
        );
        check(
            &json!({"field": "model", "value": "Nova Pro"}),
            &["model = Nova Pro"],
            0,
        );
        check(
            &json!([{"Field": "model", "Value": ["Nova Pro", "Nova Lite"], "Type": "any_of"}]),
            &["model any of Nova Pro, Nova Lite"],
            0,
        );
        check(
            &json!([{"Field": "model", "Value": ["a", "b"]}]),
            &["model any of a, b"],
            1,
        );
        check(
            &json!([{"Field": "usagetype", "Type": "Contains", "Value": "Nova"}]),
            &["usagetype contains Nova"],
            0,
        );
        check(&json!([]), &[], 0);
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        check_refused(&json!("Nova"), "where a filter belongs");
        check_refused(&json!([{"Value": "x"}]), "no Field");
        check_refused(&json!([{"Field": "model"}]), "no Value");
        check_refused(&json!([{"Field": "model", "Value": []}]), "no Value");
        check_refused(&json!([{"Field": "model", "Value": {"a": 1}}]), "an object");
        check_refused(
            &json!([{"Field": "model", "Value": "x", "Type": "LIKE"}]),
            "no filter type \"LIKE\"",
        );
        check_refused(
            &json!([{"Field": "model", "Value": "x", "Operator": "EQ"}]),
            "not \"Operator\"",
        );
        check_refused(
            &json!([{"Field": "model", "Value": ["x", "y"], "Type": "CONTAINS"}]),
            "takes one Value",
        );
        let many: Vec<Value> = (0..51)
            .map(|_| json!({"Field": "model", "Value": "x"}))
            .collect();
        check_refused(&json!(many), "51 filters");
    }

    #[test]
    fn values_pass_as_aws_compares_them() {
        let filter = |kind: &str, values: &[&str]| ProductFilter {
            field: "model".into(),
            kind: kind.into(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        assert!(passes(&filter("EQUALS", &["nova pro"]), "Nova Pro"));
        assert!(!passes(&filter("TERM_MATCH", &["Nova"]), "Nova Pro"));
        assert!(passes(&filter("CONTAINS", &["nova"]), "Nova Pro"));
        assert!(passes(&filter("ANY_OF", &["x", "Nova Pro"]), "Nova Pro"));
        assert!(!passes(&filter("NONE_OF", &["x", "Nova Pro"]), "Nova Pro"));
    }
}
