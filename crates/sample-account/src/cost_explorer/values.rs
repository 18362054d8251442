//! What values there are: of dimensions, tags and cost categories.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::expression::{
    Aspect, COST_CATEGORIES, TAG_KEYS, asks_product_attributes, list, select, text,
};
use super::page::Pager;
use super::period::{Period, date};
use super::usage::{Sum, line_sums, require_attributes};
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::line::Line;
use crate::ledger::place::Account;

/// How many values a page holds when the request does not say.
const PAGE: usize = 1_000;

pub(super) fn dimension_values(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    let dimension = text(input, "Dimension").unwrap_or_default();
    let aspect = if dimension == "PRODUCT_ATTRIBUTE" {
        Aspect::ProductAttribute(text(input, "DimensionKey").unwrap_or_default().to_owned())
    } else {
        Aspect::Dimension(dimension.to_owned())
    };
    let found = values(ledger, input, &aspect, |line| {
        aspect.value(line).map(str::to_owned)
    })?;
    let (page, token, total) = page("GetDimensionValues", input, found)?;
    let shown: Vec<Value> = page
        .into_iter()
        .map(|value| {
            let name = Account::ALL
                .iter()
                .find(|account| dimension == "LINKED_ACCOUNT" && account.id() == value);
            let mut attributes = Map::new();
            if let Some(account) = name {
                attributes.insert("description".to_owned(), json!(account.name()));
            }
            json!({ "Value": value, "Attributes": attributes })
        })
        .collect();
    Ok(sized("DimensionValues", shown, token, total))
}

pub(super) fn tags(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    let found = if let Some(key) = text(input, "TagKey") {
        let aspect = Aspect::Tag(key.to_owned());
        // What has no tag counts as the empty value, as long as the tag exists at all.
        let known = TAG_KEYS.contains(&key);
        values(ledger, input, &aspect, |line| {
            known.then(|| line.tag(key).unwrap_or_default().to_owned())
        })?
    } else {
        let mut keys = BTreeSet::new();
        for line in charged_lines(ledger, input)? {
            keys.extend(line.tags.iter().map(|(key, _)| (*key).to_owned()));
        }
        let search = text(input, "SearchString").unwrap_or_default();
        keys.into_iter()
            .filter(|key| contains(key, search))
            .collect()
    };
    let (page, token, total) = page("GetTags", input, found)?;
    Ok(sized(
        "Tags",
        page.into_iter().map(Value::from).collect(),
        token,
        total,
    ))
}

pub(super) fn cost_categories(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    let (member, found) = if let Some(name) = text(input, "CostCategoryName") {
        let aspect = Aspect::CostCategory(name.to_owned());
        let found = values(ledger, input, &aspect, |line| {
            aspect.value(line).map(str::to_owned)
        })?;
        ("CostCategoryValues", found)
    } else {
        let lines = charged_lines(ledger, input)?;
        let search = text(input, "SearchString").unwrap_or_default();
        let found = COST_CATEGORIES
            .into_iter()
            .filter(|name| contains(name, search))
            .filter(|name| {
                let aspect = Aspect::CostCategory((*name).to_owned());
                lines.iter().any(|line| aspect.value(line).is_some())
            })
            .map(str::to_owned)
            .collect();
        ("CostCategoryNames", found)
    };
    let (page, token, total) = page("GetCostCategories", input, found)?;
    Ok(sized(
        member,
        page.into_iter().map(Value::from).collect(),
        token,
        total,
    ))
}

pub(super) fn cost_allocation_tags(ledger: &Ledger, input: &Value) -> Result<Value, Fault> {
    let used = date(ledger.as_of()).to_string();
    let mut all: Vec<(&str, &str, &str)> = TAG_KEYS
        .iter()
        .map(|key| (*key, "UserDefined", "Active"))
        .collect();
    all.push(("Owner", "UserDefined", "Inactive"));
    all.push(("aws:createdBy", "AWSGenerated", "Inactive"));
    let keys: Vec<&str> = list(input, "TagKeys").filter_map(Value::as_str).collect();
    let shown: Vec<Value> = all
        .into_iter()
        .filter(|(key, kind, status)| {
            (keys.is_empty() || keys.contains(key))
                && text(input, "Type").is_none_or(|wanted| wanted == *kind)
                && text(input, "Status").is_none_or(|wanted| wanted == *status)
        })
        .map(|(key, kind, status)| {
            json!({
                "TagKey": key,
                "Type": kind,
                "Status": status,
                "LastUpdatedDate": "2023-09-04T10:15:00Z",
                "LastUsedDate": format!("{used}T00:00:00Z"),
            })
        })
        .collect();
    let pager = Pager::new("ListCostAllocationTags", input, "NextToken")?;
    let (page, token) = pager.cut(shown, max_results(input).unwrap_or(100).min(100));
    let mut answer = Map::new();
    answer.insert("CostAllocationTags".to_owned(), json!(page));
    if let Some(token) = token {
        answer.insert("NextToken".to_owned(), json!(token));
    }
    Ok(Value::Object(answer))
}

fn charged_lines<'a>(ledger: &'a Ledger, input: &Value) -> Result<Vec<&'a Line>, Fault> {
    Ok(charged(ledger, input)?
        .into_iter()
        .map(|(line, _)| line)
        .collect())
}

/// The lines with a charge in the period that pass the filter.
fn charged<'a>(ledger: &'a Ledger, input: &Value) -> Result<Vec<(&'a Line, Sum)>, Fault> {
    let period = Period::from_input(input, "TimePeriod")?;
    let filter = input.get("Filter");
    if filter.is_some_and(asks_product_attributes) {
        require_attributes(period, &[], filter)?;
    }
    let passes = select(ledger.lines(), filter)?;
    Ok(ledger
        .lines()
        .iter()
        .zip(passes)
        .zip(line_sums(ledger, period))
        .filter(|((_, passes), _)| *passes)
        .filter_map(|((line, _), sum)| Some((line, sum?)))
        .collect())
}

/// The values of the charged lines that contain the search string, in the order asked for.
fn values(
    ledger: &Ledger,
    input: &Value,
    aspect: &Aspect,
    value: impl Fn(&Line) -> Option<String>,
) -> Result<Vec<String>, Fault> {
    if matches!(aspect, Aspect::ProductAttribute(_)) {
        let period = Period::from_input(input, "TimePeriod")?;
        require_attributes(period, std::slice::from_ref(aspect), None)?;
    }
    let search = text(input, "SearchString").unwrap_or_default();
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for (line, sum) in charged(ledger, input)? {
        if let Some(value) = value(line).filter(|value| contains(value, search)) {
            sums.entry(value).or_default().join(&sum);
        }
    }
    let mut found: Vec<(String, Sum)> = sums.into_iter().collect();
    if let Some(sort) = list(input, "SortBy").next() {
        let metric = text(sort, "Key").unwrap_or_default();
        found.sort_by_key(|(_, sum)| sum.metric(metric).0);
        if text(sort, "SortOrder") != Some("ASCENDING") {
            found.reverse();
        }
    }
    Ok(found.into_iter().map(|(value, _)| value).collect())
}

fn contains(value: &str, search: &str) -> bool {
    value.to_lowercase().contains(&search.to_lowercase())
}

fn max_results(input: &Value) -> Option<usize> {
    usize::try_from(input.get("MaxResults")?.as_u64()?).ok()
}

fn page(
    operation: &str,
    input: &Value,
    all: Vec<String>,
) -> Result<(Vec<String>, Option<String>, usize), Fault> {
    let pager = Pager::new(operation, input, "NextPageToken")?;
    let total = all.len();
    let (page, token) = pager.cut(all, max_results(input).unwrap_or(PAGE));
    Ok((page, token, total))
}

fn sized(member: &str, page: Vec<Value>, token: Option<String>, total: usize) -> Value {
    let mut answer = Map::new();
    answer.insert("ReturnSize".to_owned(), json!(page.len()));
    answer.insert("TotalSize".to_owned(), json!(total));
    answer.insert(member.to_owned(), Value::Array(page));
    if let Some(token) = token {
        answer.insert("NextPageToken".to_owned(), json!(token));
    }
    Value::Object(answer)
}
