//! What a cost expression covers: whether a budget, a monitor or a filter can speak of the same charge.
//!
//! Budgets and anomaly monitors each carry an expression over the dimensions of a charge. AWS offers no way to ask
//! which of them watch a service, so it is worked out here, by looking for one charge that both expressions accept.

use std::collections::BTreeSet;
use std::fmt;

use crate::service_name::{AMAZON_BEDROCK, MARKETPLACE_SUFFIX, is_bedrock_service};

/// The dimension that holds the service name.
pub const SERVICE: &str = "SERVICE";

/// A value that no expression names, to stand for everything else.
const UNNAMED: &str = "\u{0}";

/// Expressions that multiply out to more alternatives than this are taken to overlap: no console can write them.
const MOST_ALTERNATIVES: usize = 4096;

/// A condition on the dimensions, tags and cost categories of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CostScope {
    /// Every charge.
    Everything,
    /// Charges that every part accepts.
    All(Vec<CostScope>),
    /// Charges that at least one part accepts.
    Any(Vec<CostScope>),
    /// Charges that the part does not accept.
    Not(Box<CostScope>),
    /// Charges whose field passes a test.
    Is(Test),
}

/// A test on one field of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// The field tested.
    pub field: Field,
    /// How a value is compared.
    pub comparison: Comparison,
    /// The values, one of which is enough.
    pub values: Vec<String>,
}

/// A field of a charge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// A dimension, in the spelling of Cost Explorer: `SERVICE`, `LINKED_ACCOUNT`.
    Dimension(String),
    /// A cost allocation tag, without the prefix `user:`.
    Tag(String),
    /// A cost category.
    CostCategory(String),
    /// An attribute of the product, such as `model`.
    ProductAttribute(String),
}

/// How the value of a charge is compared with the values of a test, always without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same text.
    Equals,
    /// The same text, where the service `Amazon Bedrock` also stands for the models that AWS Marketplace bills.
    EqualsOrBedrock,
    /// The text begins so.
    StartsWith,
    /// The text ends so.
    EndsWith,
    /// The text holds it.
    Contains,
    /// The charge has no value in the field.
    Absent,
    /// A comparison that is not known here: it accepts some values and not others.
    Unknown,
}

/// How much of Bedrock an expression covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BedrockCoverage {
    /// Amazon's models and whatever AWS Marketplace bills.
    All,
    /// What is billed as `Amazon Bedrock`, and no model that AWS Marketplace bills.
    NativeOnly,
    /// Some models that AWS Marketplace bills, by name.
    Some,
    /// Nothing of Bedrock.
    None,
}

impl BedrockCoverage {
    /// Returns the name used in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::NativeOnly => "without Marketplace models",
            Self::Some => "some models",
            Self::None => "none",
        }
    }
}

/// One way to satisfy an expression: tests that pass and tests that fail.
type Alternative<'a> = Vec<(&'a Test, bool)>;

impl CostScope {
    /// Makes a scope of one service.
    #[must_use]
    pub fn service(name: &str, comparison: Comparison) -> Self {
        Self::Is(Test {
            field: Field::Dimension(SERVICE.to_owned()),
            comparison,
            values: vec![name.to_owned()],
        })
    }

    /// Tells whether some charge is in both scopes.
    ///
    /// Where that cannot be decided the answer is `true`: showing a budget too many misleads less than hiding one.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let (Some(left), Some(right)) = (self.alternatives(true), other.alternatives(true)) else {
            return true;
        };
        if left.len().saturating_mul(right.len()) > MOST_ALTERNATIVES {
            return true;
        }
        left.iter().any(|a| {
            right
                .iter()
                .any(|b| possible(&a.iter().chain(b).copied().collect::<Vec<_>>()))
        })
    }

    /// Tells how much of Bedrock the scope covers.
    #[must_use]
    pub fn bedrock_coverage(&self) -> BedrockCoverage {
        let native = self.overlaps(&Self::service(AMAZON_BEDROCK, Comparison::Equals));
        let unnamed = self.overlaps(&Self::service(&unnamed_edition(), Comparison::Equals));
        let named = self.overlaps(&Self::service(MARKETPLACE_SUFFIX, Comparison::EndsWith));
        match (native, unnamed, named) {
            (true, true, _) => BedrockCoverage::All,
            (true, false, false) => BedrockCoverage::NativeOnly,
            (false, false, false) => BedrockCoverage::None,
            _ => BedrockCoverage::Some,
        }
    }

    /// Tells whether a record is in the scope, given the value of each field, or `None` where it has none.
    pub fn accepts<'a>(&self, value: &impl Fn(&Field) -> Option<&'a str>) -> bool {
        match self {
            Self::Everything => true,
            Self::All(parts) => parts.iter().all(|part| part.accepts(value)),
            Self::Any(parts) => parts.iter().any(|part| part.accepts(value)),
            Self::Not(part) => !part.accepts(value),
            Self::Is(test) => test.passes(value(&test.field)),
        }
    }

    /// Returns every field that the expression tests.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<&Field> {
        match self {
            Self::Everything => BTreeSet::new(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::fields).collect(),
            Self::Not(part) => part.fields(),
            Self::Is(test) => BTreeSet::from([&test.field]),
        }
    }

    /// Returns the services that the expression names.
    #[must_use]
    pub fn services(&self) -> Vec<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::services).collect(),
            Self::Not(part) => part.services(),
            Self::Is(test) if test.field.is_service() => {
                test.values.iter().map(String::as_str).collect()
            }
            Self::Everything | Self::Is(_) => Vec::new(),
        }
    }

    /// Lists the ways to satisfy the expression, or its opposite; `None` when there are too many.
    fn alternatives(&self, wanted: bool) -> Option<Vec<Alternative<'_>>> {
        match (self, wanted) {
            (Self::Everything, true) => Some(vec![Vec::new()]),
            (Self::Everything, false) => Some(Vec::new()),
            (Self::Not(part), _) => part.alternatives(!wanted),
            (Self::Is(test), _) => Some(vec![vec![(test, wanted)]]),
            (Self::Any(parts), true) | (Self::All(parts), false) => {
                let mut out = Vec::new();
                for part in parts {
                    out.extend(part.alternatives(wanted)?);
                    if out.len() > MOST_ALTERNATIVES {
                        return None;
                    }
                }
                Some(out)
            }
            (Self::All(parts), true) | (Self::Any(parts), false) => {
                let mut out: Vec<Alternative<'_>> = vec![Vec::new()];
                for part in parts {
                    let next = part.alternatives(wanted)?;
                    if out.len().saturating_mul(next.len()) > MOST_ALTERNATIVES {
                        return None;
                    }
                    out = out
                        .iter()
                        .flat_map(|head| {
                            next.iter()
                                .map(move |tail| head.iter().chain(tail).copied().collect())
                        })
                        .collect();
                }
                Some(out)
            }
        }
    }
}

/// Tells whether one charge can pass and fail these tests: the fields are independent, so each needs a value of its own.
fn possible(tests: &[(&Test, bool)]) -> bool {
    let fields: BTreeSet<&Field> = tests.iter().map(|(test, _)| &test.field).collect();
    fields.into_iter().all(|field| {
        let of_field: Vec<_> = tests
            .iter()
            .filter(|(test, _)| &test.field == field)
            .collect();
        if of_field
            .iter()
            .any(|(test, _)| test.comparison == Comparison::Unknown)
        {
            return true;
        }
        let fits = |value: Option<&str>| {
            of_field
                .iter()
                .all(|(test, wanted)| test.passes(value) == *wanted)
        };
        fits(None)
            || candidates(field, &of_field)
                .iter()
                .any(|value| fits(Some(value)))
    })
}

/// Values worth trying for a field: the ones the tests name, the ones they spell in parts, and one they do not name.
fn candidates(field: &Field, tests: &[&(&Test, bool)]) -> Vec<String> {
    let named = |comparison| {
        tests
            .iter()
            .filter(move |(test, _)| test.comparison == comparison)
            .flat_map(|(test, _)| test.values.iter().map(String::as_str))
            .chain([""])
    };
    let mut out: Vec<String> = tests
        .iter()
        .flat_map(|(test, _)| test.values.iter().cloned())
        .chain([UNNAMED.to_owned()])
        .collect();
    if field.is_service() {
        out.extend([AMAZON_BEDROCK.to_owned(), unnamed_edition()]);
    }
    for start in named(Comparison::StartsWith) {
        for middle in named(Comparison::Contains) {
            for end in named(Comparison::EndsWith) {
                out.push(format!("{start}{middle}{end}"));
            }
        }
    }
    out
}

/// The service name of a Marketplace model that no expression names.
fn unnamed_edition() -> String {
    format!("{UNNAMED} {MARKETPLACE_SUFFIX}")
}

impl Test {
    fn passes(&self, value: Option<&str>) -> bool {
        let Some(value) = value else {
            return self.comparison == Comparison::Absent;
        };
        let lower = value.to_ascii_lowercase();
        let any = |test: &dyn Fn(&str) -> bool| {
            self.values
                .iter()
                .any(|named| test(&named.to_ascii_lowercase()))
        };
        match self.comparison {
            Comparison::Equals => any(&|named| named == lower),
            Comparison::EqualsOrBedrock => any(&|named| {
                named == lower
                    || (named.eq_ignore_ascii_case(AMAZON_BEDROCK) && is_bedrock_service(value))
            }),
            Comparison::StartsWith => any(&|named| lower.starts_with(named)),
            Comparison::EndsWith => any(&|named| lower.ends_with(named)),
            Comparison::Contains => any(&|named| lower.contains(named)),
            Comparison::Absent => value.is_empty(),
            Comparison::Unknown => true,
        }
    }
}

impl Field {
    /// Tells whether this is the service name.
    #[must_use]
    pub fn is_service(&self) -> bool {
        matches!(self, Self::Dimension(name) if name == SERVICE)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dimension(name) => f.write_str(name),
            Self::Tag(key) => write!(f, "tag {key}"),
            Self::CostCategory(name) => write!(f, "cost category {name}"),
            Self::ProductAttribute(name) => write!(f, "product attribute {name}"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.comparison {
            Comparison::Equals | Comparison::EqualsOrBedrock => "=",
            Comparison::StartsWith => "starts with",
            Comparison::EndsWith => "ends with",
            Comparison::Contains => "contains",
            Comparison::Absent => return write!(f, "{} absent", self.field),
            Comparison::Unknown => "~",
        };
        write!(f, "{} {word} {}", self.field, self.values.join(" | "))
    }
}

impl fmt::Display for CostScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                match part {
                    Self::All(_) | Self::Any(_) => write!(f, "({part})")?,
                    _ => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::Everything => f.write_str("everything"),
            Self::All(parts) => joined(f, parts, "and"),
            Self::Any(parts) => joined(f, parts, "or"),
            Self::Not(part) => write!(f, "not ({part})"),
            Self::Is(test) => write!(f, "{test}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HAIKU: &str = "Claude 3 Haiku (Amazon Bedrock Edition)";

    fn is(field: Field, comparison: Comparison, values: &[&str]) -> CostScope {
        CostScope::Is(Test {
            field,
            comparison,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        })
    }

    fn services(values: &[&str]) -> CostScope {
        is(Field::Dimension(SERVICE.into()), Comparison::Equals, values)
    }

    fn accounts(values: &[&str]) -> CostScope {
        is(
            Field::Dimension("LINKED_ACCOUNT".into()),
            Comparison::Equals,
            values,
        )
    }

    fn not(scope: CostScope) -> CostScope {
        CostScope::Not(Box::new(scope))
    }

    fn all(parts: &[CostScope]) -> CostScope {
        CostScope::All(parts.to_vec())
    }

    #[track_caller]
    fn check(left: &CostScope, right: &CostScope, expected: bool) {
        assert_eq!(left.overlaps(right), expected, "{left} / {right}");
        assert_eq!(right.overlaps(left), expected, "{right} / {left}");
    }

    #[test]
    fn scopes_overlap_when_one_charge_can_be_in_both() {
        let bedrock = services(&[AMAZON_BEDROCK]);
        check(&bedrock, &CostScope::Everything, true);
        check(&bedrock, &services(&["amazon bedrock", "AWS Lambda"]), true);
        check(&bedrock, &services(&["AWS Lambda"]), false);
        check(&bedrock, &not(services(&["AWS Lambda"])), true);
        check(&bedrock, &not(bedrock.clone()), false);
        check(&bedrock, &accounts(&["111122223333"]), true);
        check(&not(CostScope::Everything), &CostScope::Everything, false);
        let first = all(&[bedrock.clone(), accounts(&["111122223333"])]);
        check(&first, &accounts(&["444455556666"]), false);
        check(&first, &not(accounts(&["111122223333"])), false);
        check(
            &first,
            &CostScope::Any(vec![accounts(&["444455556666"]), bedrock.clone()]),
            true,
        );
        check(
            &not(all(&[bedrock.clone(), accounts(&["1"])])),
            &first,
            true,
        );
    }

    #[test]
    fn patterns_and_absent_tags_are_weighed_too() {
        let service =
            |comparison, text: &str| is(Field::Dimension(SERVICE.into()), comparison, &[text]);
        check(
            &service(Comparison::StartsWith, "Amazon"),
            &services(&[AMAZON_BEDROCK]),
            true,
        );
        check(
            &service(Comparison::StartsWith, "AWS"),
            &services(&[AMAZON_BEDROCK]),
            false,
        );
        check(
            &service(Comparison::StartsWith, "Claude"),
            &service(Comparison::EndsWith, "Edition)"),
            true,
        );
        check(
            &service(Comparison::Unknown, "x"),
            &services(&["AWS Lambda"]),
            true,
        );
        let tag = |comparison, values: &[&str]| is(Field::Tag("Team".into()), comparison, values);
        check(
            &tag(Comparison::Absent, &[]),
            &tag(Comparison::Equals, &["a"]),
            false,
        );
        check(
            &tag(Comparison::Absent, &[]),
            &not(tag(Comparison::Equals, &["a"])),
            true,
        );
    }

    #[test]
    fn amazon_bedrock_can_stand_for_its_marketplace_models() {
        let wide = CostScope::service(AMAZON_BEDROCK, Comparison::EqualsOrBedrock);
        check(&wide, &services(&[HAIKU]), true);
        check(&wide, &not(services(&[AMAZON_BEDROCK])), true);
        check(&wide, &services(&["AWS Lambda"]), false);
        check(&services(&[AMAZON_BEDROCK]), &services(&[HAIKU]), false);
    }

    #[track_caller]
    fn check_coverage(scope: &CostScope, expected: BedrockCoverage) {
        assert_eq!(scope.bedrock_coverage(), expected, "{scope}");
    }

    #[test]
    fn coverage_tells_marketplace_models_apart() {
        check_coverage(&CostScope::Everything, BedrockCoverage::All);
        check_coverage(&accounts(&["1"]), BedrockCoverage::All);
        check_coverage(&not(services(&["AWS Lambda"])), BedrockCoverage::All);
        check_coverage(&services(&[AMAZON_BEDROCK]), BedrockCoverage::NativeOnly);
        check_coverage(&services(&[AMAZON_BEDROCK, HAIKU]), BedrockCoverage::Some);
        check_coverage(&services(&[HAIKU]), BedrockCoverage::Some);
        check_coverage(&not(services(&[AMAZON_BEDROCK])), BedrockCoverage::Some);
        check_coverage(&services(&["AWS Lambda"]), BedrockCoverage::None);
    }

    #[test]
    fn an_expression_too_wide_to_multiply_out_counts_as_overlapping() {
        let pair = CostScope::Any(vec![accounts(&["1"]), accounts(&["2"])]);
        let wide = CostScope::All(vec![pair; 40]);
        check(&wide, &accounts(&["3"]), true);
    }

    #[test]
    fn records_are_accepted_by_their_fields() {
        let record = |field: &Field| match field {
            Field::Dimension(name) if name == SERVICE => Some(HAIKU),
            _ => None,
        };
        assert!(CostScope::service(AMAZON_BEDROCK, Comparison::EqualsOrBedrock).accepts(&record));
        assert!(!services(&[AMAZON_BEDROCK]).accepts(&record));
        assert!(not(accounts(&["1"])).accepts(&record));
        assert!(!all(&[services(&[HAIKU]), accounts(&["1"])]).accepts(&record));
    }

    #[test]
    fn scopes_read_as_text() {
        let scope = all(&[
            services(&[AMAZON_BEDROCK, HAIKU]),
            CostScope::Any(vec![accounts(&["1"]), not(accounts(&["2"]))]),
        ]);
        assert_eq!(
            scope.to_string(),
            "SERVICE = Amazon Bedrock | Claude 3 Haiku (Amazon Bedrock Edition) and (LINKED_ACCOUNT = 1 or not (LINKED_ACCOUNT = 2))"
        );
    }
}
