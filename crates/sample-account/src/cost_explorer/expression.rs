//! Filter expressions and grouping keys: how a line of the bill looks to Cost Explorer.

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::ledger::line::Line;
use crate::ledger::place::{Account, Region};

/// What a charge can be grouped or filtered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// A dimension such as `SERVICE`.
    Dimension(String),
    /// A cost allocation tag.
    Tag(String),
    /// A cost category.
    CostCategory(String),
    /// A product attribute.
    ProductAttribute(String),
}

impl Aspect {
    /// Reads one member of `GroupBy`.
    pub(crate) fn from_group(group: &Value) -> Result<Self, Fault> {
        let key = text(group, "Key").unwrap_or_default().to_owned();
        match text(group, "Type").unwrap_or("DIMENSION") {
            "DIMENSION" => Ok(Self::Dimension(key)),
            "TAG" => Ok(Self::Tag(key)),
            "COST_CATEGORY" => Ok(Self::CostCategory(key)),
            "PRODUCT_ATTRIBUTE" => Ok(Self::ProductAttribute(key)),
            other => Err(Fault::validation(format!(
                "Group Definition type {other} is invalid"
            ))),
        }
    }

    /// The value a line has; none where it has none.
    pub(crate) fn value<'a>(&self, line: &'a Line) -> Option<&'a str> {
        match self {
            Self::Dimension(name) => dimension(name, line),
            Self::Tag(key) => line.tag(key),
            Self::CostCategory(name) => cost_category(name, line),
            Self::ProductAttribute(name) => line.attributes.get(name),
        }
    }

    /// The key of a line's group in a result.
    pub(crate) fn group_key(&self, line: &Line) -> String {
        let value = self.value(line);
        match self {
            Self::Dimension(name) => value.map_or_else(|| without(name), str::to_owned),
            Self::Tag(key) | Self::CostCategory(key) | Self::ProductAttribute(key) => {
                format!("{key}${}", value.unwrap_or_default())
            }
        }
    }

    /// The expression that selects the lines of one group.
    pub(crate) fn selector(&self, line: &Line) -> Value {
        let (member, key) = match self {
            Self::Dimension(key) => ("Dimensions", key),
            Self::Tag(key) => ("Tags", key),
            Self::CostCategory(key) => ("CostCategories", key),
            Self::ProductAttribute(key) => ("ProductAttributes", key),
        };
        let value = match self {
            Self::Dimension(_) => self.group_key(line),
            _ => self.value(line).unwrap_or_default().to_owned(),
        };
        json!({ member: { "Key": key, "Values": [value], "MatchOptions": ["EQUALS"] } })
    }
}

/// The names of the company's cost categories.
pub(crate) const COST_CATEGORIES: [&str; 2] = ["CostCenter", "Workload"];

/// The activated tags.
pub(crate) const TAG_KEYS: [&str; 4] = ["Application", "ContentType", "Environment", "Team"];

fn dimension<'a>(name: &str, line: &'a Line) -> Option<&'a str> {
    match name {
        "SERVICE" => Some(&line.service),
        "SERVICE_CODE" => Some(&line.service_code),
        "USAGE_TYPE" => Some(&line.usage_type),
        "USAGE_TYPE_GROUP" => usage_type_group(line),
        "OPERATION" => Some(&line.operation),
        "RECORD_TYPE" => Some(line.record_type),
        "LINKED_ACCOUNT" => Some(line.account.id()),
        "LINKED_ACCOUNT_NAME" => Some(line.account.name()),
        "PAYER_ACCOUNT" => Some(Account::PAYER.id()),
        "REGION" => line.region.map(Region::code),
        "INSTANCE_TYPE" => line
            .usage_type
            .split_once("BoxUsage:")
            .map(|(_, size)| size),
        "INSTANCE_TYPE_FAMILY" => {
            dimension("INSTANCE_TYPE", line).and_then(|size| size.split('.').next())
        }
        "PURCHASE_TYPE" => Some("On Demand Instances"),
        "BILLING_ENTITY" if line.is_marketplace() => Some("AWS Marketplace"),
        "BILLING_ENTITY" => Some("AWS"),
        "LEGAL_ENTITY_NAME" | "INVOICING_ENTITY" => Some("Amazon Web Services, Inc."),
        "RESOURCE_ID" => line.resource_id.as_deref(),
        _ => None,
    }
}

fn usage_type_group(line: &Line) -> Option<&'static str> {
    let usage_type = line.usage_type.as_str();
    [
        ("BoxUsage:", "EC2: Running Hours"),
        ("TimedStorage-ByteHrs", "S3: Storage - Standard"),
        ("Requests-Tier1", "S3: API Requests - Standard"),
        ("Requests-Tier2", "S3: API Requests - Standard"),
        (
            "DataTransfer-Out-Bytes",
            "EC2: Data Transfer - Internet (Out)",
        ),
    ]
    .into_iter()
    .find(|(part, _)| usage_type.contains(part))
    .map(|(_, group)| group)
}

fn cost_category(name: &str, line: &Line) -> Option<&'static str> {
    match name {
        "Workload" => Some(
            if line.is_bedrock()
                || line.service == "Amazon Bedrock AgentCore"
                || line.service == "Amazon OpenSearch Service"
            {
                "Generative AI"
            } else {
                "Platform"
            },
        ),
        "CostCenter" => match line.tag("Team")? {
            "customer-care" | "content" | "search" => Some("Commerce"),
            "logistics" | "retail" => Some("Operations"),
            "platform" | "data-science" => Some("Engineering"),
            _ => None,
        },
        _ => None,
    }
}

/// What Cost Explorer shows where a line has no value: `NoRegion`, `NoInstanceType`.
fn without(dimension: &str) -> String {
    if dimension == "AZ" {
        return "NoAZ".to_owned();
    }
    let words = dimension.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_string() + &letters.as_str().to_ascii_lowercase()
        })
    });
    std::iter::once("No".to_owned()).chain(words).collect()
}

/// Whether a line passes a filter; no filter passes everything.
pub(crate) fn matches(filter: &Value, line: &Line) -> Result<bool, Fault> {
    let Some(members) = filter.as_object() else {
        return Ok(true);
    };
    let Some((member, operand)) = members.iter().next() else {
        return Ok(true);
    };
    let operands = || {
        operand
            .as_array()
            .ok_or_else(|| Fault::validation(format!("{member} takes a list of expressions")))
    };
    match member.as_str() {
        "And" => {
            for part in operands()? {
                if !matches(part, line)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        "Or" => {
            for part in operands()? {
                if matches(part, line)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        "Not" => Ok(!matches(operand, line)?),
        _ => {
            let key = text(operand, "Key").unwrap_or_default().to_owned();
            let aspect = match member.as_str() {
                "Dimensions" => Aspect::Dimension(key),
                "Tags" => Aspect::Tag(key),
                "CostCategories" => Aspect::CostCategory(key),
                "ProductAttributes" => Aspect::ProductAttribute(key),
                other => {
                    return Err(Fault::validation(format!("Unknown expression {other}")));
                }
            };
            Ok(matches_values(&aspect, operand, line))
        }
    }
}

fn matches_values(aspect: &Aspect, operand: &Value, line: &Line) -> bool {
    let options: Vec<&str> = list(operand, "MatchOptions")
        .filter_map(Value::as_str)
        .collect();
    let has = |option: &str| options.contains(&option);
    let found = match aspect {
        Aspect::Dimension(_) => Some(aspect.group_key(line)),
        _ => aspect.value(line).map(str::to_owned),
    };
    if has("ABSENT") {
        return found.is_none();
    }
    let fold = |text: &str| {
        if has("CASE_INSENSITIVE") {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    // An empty string asks for what has no value.
    let found = fold(&found.unwrap_or_default());
    list(operand, "Values")
        .filter_map(Value::as_str)
        .map(fold)
        .any(|wanted| {
            if has("STARTS_WITH") {
                found.starts_with(&wanted)
            } else if has("ENDS_WITH") {
                found.ends_with(&wanted)
            } else if has("CONTAINS") {
                found.contains(&wanted)
            } else {
                found == wanted
            }
        })
}

/// Whether an expression asks for product attributes anywhere.
pub(crate) fn asks_product_attributes(filter: &Value) -> bool {
    match filter {
        Value::Object(members) => members
            .iter()
            .any(|(name, operand)| name == "ProductAttributes" || asks_product_attributes(operand)),
        Value::Array(parts) => parts.iter().any(asks_product_attributes),
        _ => false,
    }
}

/// For every line, whether the filter of a request passes it.
pub(crate) fn select(lines: &[Line], filter: Option<&Value>) -> Result<Vec<bool>, Fault> {
    lines
        .iter()
        .map(|line| filter.map_or(Ok(true), |filter| matches(filter, line)))
        .collect()
}

/// A string member of an object.
pub(crate) fn text<'a>(object: &'a Value, member: &str) -> Option<&'a str> {
    object.get(member).and_then(Value::as_str)
}

/// The elements of a list member; none where it is absent.
pub(crate) fn list<'a>(object: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    object
        .get(member)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
