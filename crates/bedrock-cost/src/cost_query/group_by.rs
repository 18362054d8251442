//! What the rows of an answer are told apart by.

use std::fmt;

use super::{Correction, DimensionKey, QueryProblem};
use crate::names::{UnknownName, named};

named! {
    /// The kind of a grouping.
    pub enum GroupKind as "group type" {
        /// A dimension.
        Dimension = "DIMENSION" | "dimensions",
        /// A cost allocation tag.
        Tag = "TAG" | "tags",
        /// A cost category.
        CostCategory = "COST_CATEGORY" | "cost_categories" | "category",
        /// An attribute of Bedrock usage, recorded from 2026-09-01.
        ProductAttribute = "PRODUCT_ATTRIBUTE" | "product_attributes",
    }
}

named! {
    /// An attribute of Bedrock usage; the model is the only true grouping by model.
    pub enum ProductAttribute as "product attribute" {
        /// The provider of the model.
        Provider = "provider",
        /// The model.
        Model = "model",
        /// The kind of token and tier.
        InferenceType = "inferenceType",
        /// The feature of Bedrock.
        Feature = "feature",
    }
}

/// One grouping of an answer's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupBy {
    /// By a dimension.
    Dimension(DimensionKey),
    /// By the values of a tag key.
    Tag(String),
    /// By the values of a cost category.
    CostCategory(String),
    /// By an attribute of Bedrock usage.
    ProductAttribute(ProductAttribute),
}

/// Longest key of a grouping, by AWS's API model.
const MAX_KEY_CHARS: usize = 1024;

impl GroupBy {
    /// Reads a grouping of this kind (empty for a dimension) and key.
    ///
    /// The key may carry its kind: `tag:App`, `category:Team`. Product attributes need no kind, for no dimension has
    /// the name of one.
    pub(super) fn read(
        kind: &str,
        key: &str,
        corrections: &mut Vec<Correction>,
    ) -> Result<Self, QueryProblem> {
        let chars = key.chars().count();
        if chars > MAX_KEY_CHARS {
            return Err(QueryProblem::TooLong {
                field: "group_by key",
                given: chars,
                max: MAX_KEY_CHARS,
            });
        }
        let given_kind = if kind.trim().is_empty() {
            GroupKind::Dimension
        } else {
            kind.parse()?
        };
        let (read_kind, name) = prefixed(given_kind, key).unwrap_or((given_kind, key));
        let read = match read_kind {
            GroupKind::Dimension => dimension_or_attribute(name)?,
            GroupKind::Tag => Self::Tag(not_empty(name)?),
            GroupKind::CostCategory => Self::CostCategory(not_empty(name)?),
            GroupKind::ProductAttribute => Self::ProductAttribute(name.parse()?),
        };
        if read.kind().as_str() != kind || read.key() != key {
            let from = if kind.is_empty() {
                key.to_owned()
            } else {
                format!("{kind} {key}")
            };
            corrections.push(Correction {
                field: "group_by",
                from,
                to: read.to_string(),
            });
        }
        Ok(read)
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> GroupKind {
        match self {
            Self::Dimension(_) => GroupKind::Dimension,
            Self::Tag(_) => GroupKind::Tag,
            Self::CostCategory(_) => GroupKind::CostCategory,
            Self::ProductAttribute(_) => GroupKind::ProductAttribute,
        }
    }

    /// Returns the key as AWS writes it.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Dimension(key) => key.as_str(),
            Self::Tag(key) | Self::CostCategory(key) => key,
            Self::ProductAttribute(key) => key.as_str(),
        }
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.key())
    }
}

/// What a grouping is nearly always by, for a name that is like no other.
const USUAL_KEYS: &[&str] = &[
    "SERVICE",
    "USAGE_TYPE",
    "LINKED_ACCOUNT",
    "REGION",
    "OPERATION",
    "RECORD_TYPE",
    "BILLING_ENTITY",
    "provider",
    "model",
    "inferenceType",
    "feature",
];

/// Reads `tag:App` as a tag of any given kind, and other kinds before a colon where the key itself can hold none.
fn prefixed(kind: GroupKind, key: &str) -> Option<(GroupKind, &str)> {
    let (prefix, name) = key.split_once(':')?;
    let named: GroupKind = prefix.parse().ok()?;
    let is_free_text = matches!(kind, GroupKind::Tag | GroupKind::CostCategory);
    (named == GroupKind::Tag || named == kind || !is_free_text).then_some((named, name.trim()))
}

fn dimension_or_attribute(key: &str) -> Result<GroupBy, UnknownName> {
    let error: UnknownName = match key.parse() {
        Ok(dimension) => return groupable(dimension).map(GroupBy::Dimension),
        Err(error) => error,
    };
    if let Ok(attribute) = key.parse() {
        return Ok(GroupBy::ProductAttribute(attribute));
    }
    Err(if error.nearest().is_empty() {
        UnknownName {
            allowed: USUAL_KEYS,
            ..error
        }
    } else {
        error
    })
}

fn not_empty(key: &str) -> Result<String, QueryProblem> {
    if key.trim().is_empty() {
        return Err(QueryProblem::FilterKey { leaf: "group_by" });
    }
    Ok(key.to_owned())
}

/// Refuses the dimensions that are thresholds and no properties of a charge.
fn groupable(key: DimensionKey) -> Result<DimensionKey, UnknownName> {
    let is_threshold = matches!(
        key,
        DimensionKey::AgreementEndDateTimeAfter
            | DimensionKey::AgreementEndDateTimeBefore
            | DimensionKey::AnomalyTotalImpactAbsolute
            | DimensionKey::AnomalyTotalImpactPercentage
            | DimensionKey::ProductAttribute
    );
    if is_threshold {
        return Err(UnknownName {
            what: "dimension to group by",
            given: key.as_str().to_owned(),
            allowed: USUAL_KEYS,
        });
    }
    Ok(key)
}
