//! AWS's own API models, trimmed to the operations the account answers.

use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, OnceLock};

use regex_lite::Regex;
use serde::Deserialize;

/// The models, parsed on the first request.
pub(crate) static MODELS: LazyLock<Models> = LazyLock::new(|| {
    #[expect(
        clippy::expect_used,
        reason = "the text is compiled in and every test reads it"
    )]
    serde_json::from_str(include_str!("../models/aws-models.json"))
        .expect("the compiled-in API models are valid JSON of the expected form")
});

/// Every service's model by service id (`ce`, `pricing`, ...).
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Models(BTreeMap<String, ServiceModel>);

impl Models {
    pub(crate) fn service(&self, id: &str) -> Option<&ServiceModel> {
        self.0.get(id)
    }
}

/// One service: its operations and the shapes they use.
#[derive(Debug, Deserialize)]
pub(crate) struct ServiceModel {
    pub(crate) operations: BTreeMap<String, Operation>,
    shapes: HashMap<String, Shape>,
}

impl ServiceModel {
    /// The shape of that name. A name the model lacks allows anything, and a test finds it.
    pub(crate) fn shape(&self, name: &str) -> &Shape {
        static ANYTHING: Shape = Shape::Structure {
            members: BTreeMap::new(),
            required: Vec::new(),
            union: false,
            document: true,
        };
        self.shapes.get(name).unwrap_or(&ANYTHING)
    }
}

/// One operation: where it lives and what goes in and out.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) http: HttpBinding,
    pub(crate) input: String,
    pub(crate) output: String,
    /// The error types the service models for this operation.
    #[serde(default)]
    pub(crate) errors: Vec<String>,
}

/// The HTTP method and path template of an operation.
#[derive(Debug, Deserialize)]
pub(crate) struct HttpBinding {
    pub(crate) method: String,
    #[serde(rename = "requestUri")]
    pub(crate) request_uri: String,
}

/// A member, element, key or value: the shape it has and where REST puts it.
#[derive(Debug, Deserialize)]
pub(crate) struct Member {
    pub(crate) shape: String,
    pub(crate) location: Option<Location>,
    #[serde(rename = "locationName")]
    pub(crate) location_name: Option<String>,
}

/// Where a REST request carries a member that is not in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Location {
    Uri,
    Querystring,
}

/// A type of AWS's modelling language with its constraints.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Shape {
    Structure {
        #[serde(default)]
        members: BTreeMap<String, Member>,
        #[serde(default)]
        required: Vec<String>,
        #[serde(default)]
        union: bool,
        #[serde(default)]
        document: bool,
    },
    List {
        member: Member,
        #[serde(flatten)]
        bounds: Bounds,
    },
    Map {
        key: Member,
        value: Member,
        #[serde(flatten)]
        bounds: Bounds,
    },
    String(Text),
    Integer(Bounds),
    Long(Bounds),
    Double,
    Boolean,
    Blob,
    Timestamp {
        #[serde(rename = "timestampFormat")]
        format: Option<String>,
    },
}

/// The least and greatest value, or length, both inclusive.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Bounds {
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

/// The constraints on a string.
#[derive(Debug, Deserialize)]
pub(crate) struct Text {
    #[serde(flatten)]
    pub(crate) bounds: Bounds,
    #[serde(default, rename = "enum")]
    pub(crate) allowed: Vec<String>,
    pub(crate) pattern: Option<String>,
    #[serde(skip)]
    matcher: OnceLock<Matcher>,
}

impl Text {
    /// Whether the whole text matches the pattern, as AWS's Java services match it.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some(pattern) = &self.pattern else {
            return true;
        };
        match self.matcher.get_or_init(|| Matcher::new(pattern)) {
            Matcher::Regex(regex) => regex.is_match(text),
            Matcher::CostCategory => {
                !text.starts_with(' ')
                    && !text.ends_with(' ')
                    && text
                        .chars()
                        .all(|c| c.is_alphanumeric() || c.is_whitespace() || c == '-' || c == '_')
            }
            Matcher::BudgetName => {
                let script = text.to_lowercase();
                let script = script
                    .find("<script>")
                    .is_some_and(|at| script.get(at..).is_some_and(|t| t.contains("</script>")));
                !text.is_empty()
                    && !text.contains([':', '\\'])
                    && !text.contains("/action/")
                    && !script
            }
            Matcher::Unreadable => false,
        }
    }
}

/// How a pattern is matched.
#[derive(Debug)]
enum Matcher {
    Regex(Regex),
    // Two patterns look around, which the regex-lite crate does not.
    CostCategory,
    BudgetName,
    Unreadable,
}

impl Matcher {
    fn new(pattern: &str) -> Self {
        match pattern {
            r"^(?! )[\p{L}\p{N}\p{Z}-_]*(?<! )$" => Self::CostCategory,
            r"^(?![^:\\]*/action/|(?i).*<script>.*</script>.*)[^:\\]+$" => Self::BudgetName,
            _ => Regex::new(&format!("^(?:{pattern})$")).map_or(Self::Unreadable, Self::Regex),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed test may panic")]
mod tests {
    use super::*;

    #[test]
    fn holds_the_36_operations_and_every_shape_they_name() {
        let mut operations = 0;
        for (id, service) in &MODELS.0 {
            let known = |name: &str| assert!(service.shapes.contains_key(name), "{id}: {name}");
            for operation in service.operations.values() {
                operations += 1;
                known(&operation.input);
                known(&operation.output);
            }
            for shape in service.shapes.values() {
                match shape {
                    Shape::Structure { members, .. } => {
                        for member in members.values() {
                            known(&member.shape);
                        }
                    }
                    Shape::List { member, .. } => known(&member.shape),
                    Shape::Map { key, value, .. } => {
                        known(&key.shape);
                        known(&value.shape);
                    }
                    _ => {}
                }
            }
        }
        assert_eq!(operations, 36);
    }

    #[test]
    fn every_pattern_can_be_matched() {
        for (id, service) in &MODELS.0 {
            for (name, shape) in &service.shapes {
                if let Shape::String(text) = shape
                    && let Some(pattern) = &text.pattern
                {
                    let matcher = Matcher::new(pattern);
                    assert!(
                        !matches!(matcher, Matcher::Unreadable),
                        "{id} {name} {pattern}"
                    );
                }
            }
        }
    }

    #[test]
    fn patterns_with_look_around() {
        #[track_caller]
        fn check(service: &str, shape: &str, text: &str, want: bool) {
            let Shape::String(rule) = MODELS.service(service).unwrap().shape(shape) else {
                unreachable!("{shape} is a string")
            };
            assert_eq!(rule.matches(text), want, "{text:?}");
        }
        check("ce", "CostCategoryName", "Team-A_1 x", true);
        check("ce", "CostCategoryName", " Team", false);
        check("ce", "CostCategoryName", "Team ", false);
        check("ce", "CostCategoryName", "Team/A", false);
        check("budgets", "BudgetName", "Bedrock monthly", true);
        check("budgets", "BudgetName", "a:b", false);
        check("budgets", "BudgetName", "x/action/y", false);
        check("budgets", "BudgetName", "<SCRIPT>x</script>", false);
        check("budgets", "BudgetName", "", false);
        check("ce", "YearMonthDay", "2024-11-01", true);
        check("ce", "YearMonthDay", "x2024-11-01", false);
    }
}
