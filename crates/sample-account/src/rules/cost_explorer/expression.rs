//! Filters and groups: how an expression is built and what it may name.

use serde_json::Value;

use crate::fault::Fault;
use crate::rules::{elements, text};

/// The members of an expression of which exactly one may be set.
const ROOTS: [&str; 7] = [
    "And",
    "Or",
    "Not",
    "Dimensions",
    "Tags",
    "CostCategories",
    "ProductAttributes",
];

/// Dimensions that cost and usage cannot be filtered by (API reference, 2026-11-22).
const NOT_FILTERS: [&str; 5] = [
    "LINKED_ACCOUNT_NAME",
    "SERVICE_CODE",
    "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
    "ANOMALY_TOTAL_IMPACT_PERCENTAGE",
    "PRODUCT_ATTRIBUTE",
];

/// Dimensions that cost and usage can be grouped by: those the API reference lists and those
/// that Cost Explorer's console offers beside them (2026-11-22).
const GROUPS: [&str; 21] = [
    "AZ",
    "BILLING_ENTITY",
    "CACHE_ENGINE",
    "DATABASE_ENGINE",
    "DEPLOYMENT_OPTION",
    "INSTANCE_TYPE",
    "INSTANCE_TYPE_FAMILY",
    "INVOICING_ENTITY",
    "LEGAL_ENTITY_NAME",
    "LINKED_ACCOUNT",
    "OPERATING_SYSTEM",
    "OPERATION",
    "PLATFORM",
    "PURCHASE_TYPE",
    "RECORD_TYPE",
    "REGION",
    "RESERVATION_ID",
    "SAVINGS_PLAN_ARN",
    "SERVICE",
    "TENANCY",
    "USAGE_TYPE",
];

/// What the operation allows in filters and groups.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowed {
    /// The dimension `RESOURCE_ID`.
    pub(super) resources: bool,
    /// Product attributes.
    pub(super) product_attributes: bool,
}

/// What a filter or a list of groups was found to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is found or not on its own"
)]
pub(super) struct Used {
    pub(super) product_attributes: bool,
    pub(super) resources: bool,
    pub(super) service: bool,
    pub(super) usage_type: bool,
}

impl Used {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            product_attributes: self.product_attributes || other.product_attributes,
            resources: self.resources || other.resources,
            service: self.service || other.service,
            usage_type: self.usage_type || other.usage_type,
        }
    }
}

/// Checks a filter and tells what it uses.
pub(super) fn check_filter(filter: &Value, allowed: Allowed) -> Result<Used, Fault> {
    let mut used = Used::default();
    visit(filter, allowed, &mut used)?;
    Ok(used)
}

fn visit(expression: &Value, allowed: Allowed, used: &mut Used) -> Result<(), Fault> {
    let mut roots = ROOTS
        .iter()
        .filter_map(|root| Some((*root, expression.get(root)?)));
    let (Some((root, value)), None) = (roots.next(), roots.next()) else {
        return Err(Fault::validation(
            "Expression has zero or more than one roots. Only one root operator is allowed for \
             each expression: And, Or, Not, Dimensions, Tags, CostCategories",
        ));
    };
    match root {
        "And" | "Or" => {
            if elements(value).count() < 2 {
                return Err(Fault::validation(format!(
                    "{root} expression must have at least 2 operands"
                )));
            }
            elements(value).try_for_each(|operand| visit(operand, allowed, used))
        }
        "Not" => visit(value, allowed, used),
        "Dimensions" => check_dimension(value, allowed, used),
        kind => {
            if kind == "ProductAttributes" {
                if !allowed.product_attributes {
                    return Err(Fault::validation(
                        "ProductAttributes is not supported for this operation.",
                    ));
                }
                used.product_attributes = true;
            }
            check_key_values(kind, value)
        }
    }
}

fn check_dimension(dimension: &Value, allowed: Allowed, used: &mut Used) -> Result<(), Fault> {
    let key = text(dimension, "Key");
    if key.is_empty() {
        return Err(Fault::validation("Dimension key cannot be null or empty."));
    }
    if NOT_FILTERS.contains(&key) || (key == "RESOURCE_ID" && !allowed.resources) {
        return Err(Fault::validation(format!(
            "Dimension {key} is not allowed."
        )));
    }
    if elements(&dimension["Values"]).next().is_none() {
        return Err(Fault::validation(format!(
            "Dimension {key} must have at least one value."
        )));
    }
    match_options(dimension, "Dimensions", &["EQUALS", "CASE_SENSITIVE"])?;
    used.resources |= key == "RESOURCE_ID";
    used.service |= key == "SERVICE";
    used.usage_type |= ["USAGE_TYPE", "USAGE_TYPE_GROUP"].contains(&key);
    Ok(())
}

fn check_key_values(kind: &str, filter: &Value) -> Result<(), Fault> {
    let allowed = ["EQUALS", "ABSENT", "CASE_SENSITIVE"];
    match_options(filter, kind, &allowed)?;
    let absent = elements(&filter["MatchOptions"]).any(|option| option == "ABSENT");
    let values = elements(&filter["Values"]).next().is_some();
    if absent && values {
        return Err(Fault::validation(format!(
            "{kind} with match option ABSENT cannot have values."
        )));
    }
    // A tag without values stands for what lacks the tag.
    if !absent && !values && kind != "Tags" {
        return Err(Fault::validation(format!(
            "{kind} must have at least one value."
        )));
    }
    Ok(())
}

fn match_options(filter: &Value, kind: &str, allowed: &[&str]) -> Result<(), Fault> {
    let other = elements(&filter["MatchOptions"])
        .filter_map(Value::as_str)
        .find(|option| !allowed.contains(option));
    other.map_or(Ok(()), |option| {
        Err(Fault::validation(format!(
            "Match option {option} is not supported for {kind}. Valid values are {}.",
            allowed.join(", ")
        )))
    })
}

/// Checks the groups of a request and tells what they use.
pub(super) fn check_groups(groups: &Value, allowed: Allowed) -> Result<Used, Fault> {
    if elements(groups).count() > 2 {
        return Err(Fault::validation(
            "Only up to two group definitions are supported.",
        ));
    }
    let mut used = Used::default();
    for group in elements(groups) {
        let (kind, key) = (text(group, "Type"), text(group, "Key"));
        if kind.is_empty() || key.is_empty() {
            return Err(Fault::validation(
                "Group Definition is invalid. Both type an key need to be set to a non-empty \
                 value.",
            ));
        }
        match kind {
            "DIMENSION" if key == "RESOURCE_ID" && allowed.resources => used.resources = true,
            "DIMENSION" if key == "RESOURCE_ID" => {
                return Err(Fault::validation("Dimension RESOURCE_ID is not allowed."));
            }
            "DIMENSION" if !GROUPS.contains(&key) => {
                return Err(Fault::validation(format!(
                    "Group Definition dimension is invalid. Valid values are {}",
                    GROUPS.join(", ")
                )));
            }
            "PRODUCT_ATTRIBUTE" if !allowed.product_attributes => {
                return Err(Fault::validation("Group Definition type is invalid."));
            }
            "PRODUCT_ATTRIBUTE" => used.product_attributes = true,
            _ => {}
        }
    }
    Ok(used)
}

/// Whether every value of each `SERVICE` filter passes `known`.
pub(super) fn services_all(filter: &Value, known: impl Fn(&str) -> bool + Copy) -> bool {
    let dimension = &filter["Dimensions"];
    let own = text(dimension, "Key") != "SERVICE"
        || elements(&dimension["Values"])
            .filter_map(Value::as_str)
            .all(known);
    let inner = ["And", "Or"]
        .iter()
        .flat_map(|root| elements(&filter[*root]))
        .chain(filter.get("Not"))
        .all(|operand| services_all(operand, known));
    own && inner
}
