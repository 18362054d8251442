//! The arguments of the tool as the core reads them, and a query as AWS writes it.

use super::Arguments;
use crate::{
    error::{CorrectedRequest, ToolError},
    tools::{
        Tool,
        arguments::{List, quoted, shown as shown_value, snake_case},
    },
};
use bedrock_cost::{
    cost_query::{
        ComparisonQuery, CostArguments, CostQuery, Filter, FilterLeaf, GroupBy, QueryError,
        RawFilter, RawLeaf, UsageQuery, ValuesQuery,
    },
    period::BillingPeriod,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Filters nest; deeper ones than this are not read.
const MOST_LEVELS: usize = 32;

/// Reads the arguments without judging them.
pub(super) fn read(arguments: &Arguments) -> Result<CostArguments, ToolError> {
    Ok(CostArguments {
        operation: arguments
            .operation
            .clone()
            .unwrap_or_else(|| "getCostAndUsage".to_owned()),
        start: arguments.start_date.clone(),
        end: arguments.end_date.clone(),
        granularity: arguments.granularity.clone(),
        metrics: arguments.metrics.clone().unwrap_or_default().0,
        group_by: arguments
            .group_by
            .as_ref()
            .map(|loose| groups(&loose.0))
            .transpose()?
            .unwrap_or_default(),
        filter: arguments
            .filters
            .as_ref()
            .map(|loose| filter(&loose.0, 0))
            .transpose()?,
        dimension: arguments.dimension.clone(),
        dimension_key: arguments.dimension_key.clone(),
        context: arguments.context.clone(),
        tag_key: arguments.tag_key.clone(),
        cost_category: arguments.cost_category.clone(),
        search_string: arguments.search_string.clone(),
        prediction_interval: arguments.prediction_interval_level.map(|level| level.0),
        baseline_start: arguments.baseline_start_date.clone(),
        baseline_end: arguments.baseline_end_date.clone(),
        comparison_start: arguments.comparison_start_date.clone(),
        comparison_end: arguments.comparison_end_date.clone(),
        max_results: arguments.max_results.map(|most| most.0),
    })
}

const GROUP_FORM: &str = "use [{\"Type\": \"DIMENSION\", \"Key\": \"SERVICE\"}]";
const FILTER_FORM: &str = "use a Cost Explorer Expression such as {\"Dimensions\": {\"Key\": \"SERVICE\", \"Values\": [\"Amazon Bedrock\"]}}";

fn groups(value: &Value) -> Result<Vec<(String, String)>, ToolError> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut out = Vec::new();
    for item in items {
        match item {
            // Keys of dimensions and tags hold no comma; a tag key that does is written as an object.
            Value::String(text) => {
                let names = text.split(',').map(str::trim);
                let names = names.filter(|name| !name.is_empty() || text.trim().is_empty());
                out.extend(names.map(|key| (String::new(), key.to_owned())));
            }
            item => out.push(group(item)?),
        }
    }
    Ok(out)
}

/// A grouping as an object.
fn group(value: &Value) -> Result<(String, String), ToolError> {
    match value {
        Value::Object(fields) => {
            let (mut kind, mut key) = (String::new(), None);
            for (name, value) in fields {
                match (snake_case(name).as_str(), value) {
                    ("type", Value::String(text)) => kind.clone_from(text),
                    ("key", Value::String(text)) => key = Some(text.clone()),
                    _ => {
                        return Err(ToolError::invalid(
                            format!("group_by holds {} = {}", quoted(name), shown_value(value)),
                            GROUP_FORM,
                        ));
                    }
                }
            }
            match key {
                Some(key) => Ok((kind, key)),
                None => Err(ToolError::invalid("a grouping has no Key", GROUP_FORM)),
            }
        }
        other => Err(ToolError::invalid(
            format!("group_by holds {}", shown_value(other)),
            GROUP_FORM,
        )),
    }
}

/// Reads a Cost Explorer expression in any case of its member names.
pub(crate) fn filter(value: &Value, level: usize) -> Result<RawFilter, ToolError> {
    let Value::Object(fields) = value else {
        return Err(ToolError::invalid(
            format!("filters is {}", shown_value(value)),
            FILTER_FORM,
        ));
    };
    if level > MOST_LEVELS {
        return Err(ToolError::invalid(
            format!("filters nests deeper than {MOST_LEVELS} levels"),
            FILTER_FORM,
        ));
    }
    let mut out = RawFilter::default();
    for (name, inner) in fields.iter().filter(|(_, inner)| !inner.is_null()) {
        match snake_case(name).as_str() {
            "and" => out.and = Some(operands(inner, level)?),
            "or" => out.or = Some(operands(inner, level)?),
            "not" => out.not = Some(Box::new(filter(inner, level + 1)?)),
            "dimensions" | "dimension" => out.dimensions = Some(leaf(inner)?),
            "tags" | "tag" => out.tags = Some(leaf(inner)?),
            "cost_categories" | "cost_category" => out.cost_categories = Some(leaf(inner)?),
            "product_attributes" | "product_attribute" => {
                out.product_attributes = Some(leaf(inner)?);
            }
            _ => {
                return Err(ToolError::invalid(
                    format!("filters holds {}", quoted(name)),
                    format!(
                        "its members are And, Or, Not, Dimensions, Tags, CostCategories, ProductAttributes; {FILTER_FORM}"
                    ),
                ));
            }
        }
    }
    Ok(out)
}

fn operands(value: &Value, level: usize) -> Result<Vec<RawFilter>, ToolError> {
    match value {
        Value::Array(items) => items.iter().map(|item| filter(item, level + 1)).collect(),
        other => Err(ToolError::invalid(
            format!(
                "And and Or take a list of filters, not {}",
                shown_value(other)
            ),
            FILTER_FORM,
        )),
    }
}

fn leaf(value: &Value) -> Result<RawLeaf, ToolError> {
    let Value::Object(fields) = value else {
        return Err(ToolError::invalid(
            format!("a condition of filters is {}", shown_value(value)),
            FILTER_FORM,
        ));
    };
    let mut out = RawLeaf::default();
    for (name, inner) in fields.iter().filter(|(_, inner)| !inner.is_null()) {
        match (snake_case(name).as_str(), inner) {
            ("key", Value::String(key)) => out.key = Some(key.clone()),
            ("values" | "value", inner) => out.values = texts(name, inner)?,
            ("match_options", inner) => out.match_options = texts(name, inner)?,
            _ => {
                return Err(ToolError::invalid(
                    format!(
                        "a condition of filters holds {} = {}",
                        quoted(name),
                        shown_value(inner)
                    ),
                    FILTER_FORM,
                ));
            }
        }
    }
    Ok(out)
}

fn texts(name: &str, value: &Value) -> Result<Vec<String>, ToolError> {
    // A value may hold a comma, so only a list is taken apart.
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        other => List::<String>::deserialize(other)
            .map(|list| list.0)
            .map_err(|error| ToolError::invalid(format!("{}: {error}", quoted(name)), FILTER_FORM)),
    }
}

/// The refusal of a query, with the request that runs where there is one.
pub(super) fn refused(arguments: &Arguments, error: &QueryError) -> ToolError {
    let corrected = error.suggested.as_ref().map(|suggested| {
        Box::new(CorrectedRequest {
            tool: Arguments::NAME,
            arguments: to_json(arguments, suggested),
        })
    });
    let accepted = if corrected.is_some() {
        String::new()
    } else {
        "change that and call again; nothing was sent".to_owned()
    };
    ToolError::InvalidArgument {
        problem: error.to_string(),
        accepted,
        corrected,
    }
}

/// Suggested arguments as a call would carry them; what is about the answer and not the query stays as it was.
fn to_json(given: &Arguments, suggested: &CostArguments) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            out.insert(name.to_owned(), value);
        }
    };
    put("operation", json!(suggested.operation));
    put("start_date", json!(suggested.start));
    put("end_date", json!(suggested.end));
    put("granularity", json!(suggested.granularity));
    if !suggested.metrics.is_empty() {
        put("metrics", json!(suggested.metrics));
    }
    if !suggested.group_by.is_empty() {
        let groups: Vec<Value> = suggested
            .group_by
            .iter()
            .map(|(kind, key)| json!({"Type": if kind.is_empty() { "DIMENSION" } else { kind }, "Key": key}))
            .collect();
        put("group_by", json!(groups));
    }
    put(
        "filters",
        suggested.filter.as_ref().map_or(Value::Null, raw_filter),
    );
    put("dimension", json!(suggested.dimension));
    put("dimension_key", json!(suggested.dimension_key));
    put("context", json!(suggested.context));
    put("tag_key", json!(suggested.tag_key));
    put("cost_category", json!(suggested.cost_category));
    put("search_string", json!(suggested.search_string));
    put(
        "prediction_interval_level",
        json!(suggested.prediction_interval),
    );
    put("baseline_start_date", json!(suggested.baseline_start));
    put("baseline_end_date", json!(suggested.baseline_end));
    put("comparison_start_date", json!(suggested.comparison_start));
    put("comparison_end_date", json!(suggested.comparison_end));
    put("max_results", json!(suggested.max_results));
    put("profile", json!(given.profile));
    put("bedrock_scope", json!(given.bedrock_scope));
    put("detail", json!(given.detail));
    put("max_pages", json!(given.max_pages.map(|pages| pages.0)));
    out
}

/// A filter that was not judged yet as AWS writes one.
pub(crate) fn raw_filter(filter: &RawFilter) -> Value {
    let mut out = Map::new();
    let list = |filters: &Vec<RawFilter>| Value::Array(filters.iter().map(raw_filter).collect());
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    };
    put("And", filter.and.as_ref().map(list));
    put("Or", filter.or.as_ref().map(list));
    put("Not", filter.not.as_deref().map(raw_filter));
    put("Dimensions", filter.dimensions.as_ref().map(raw_leaf));
    put("Tags", filter.tags.as_ref().map(raw_leaf));
    put(
        "CostCategories",
        filter.cost_categories.as_ref().map(raw_leaf),
    );
    put(
        "ProductAttributes",
        filter.product_attributes.as_ref().map(raw_leaf),
    );
    Value::Object(out)
}

fn raw_leaf(leaf: &RawLeaf) -> Value {
    condition(
        leaf.key.as_deref(),
        &leaf.values,
        &leaf
            .match_options
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    )
}

fn condition(key: Option<&str>, values: &[String], options: &[&str]) -> Value {
    let mut out = Map::new();
    if let Some(key) = key {
        out.insert("Key".into(), key.into());
    }
    if !values.is_empty() {
        out.insert("Values".into(), json!(values));
    }
    if !options.is_empty() {
        out.insert("MatchOptions".into(), json!(options));
    }
    Value::Object(out)
}

/// A valid filter as AWS writes it.
pub(crate) fn shown_filter(filter: &Filter) -> Value {
    fn leaf<K>(leaf: &FilterLeaf<K>, key: &str) -> Value {
        condition(
            Some(key),
            &leaf.values,
            &leaf
                .match_options
                .iter()
                .map(|option| option.as_str())
                .collect::<Vec<_>>(),
        )
    }
    match filter {
        Filter::And(filters) => {
            json!({"And": filters.iter().map(shown_filter).collect::<Vec<_>>()})
        }
        Filter::Or(filters) => json!({"Or": filters.iter().map(shown_filter).collect::<Vec<_>>()}),
        Filter::Not(inner) => json!({"Not": shown_filter(inner)}),
        Filter::Dimensions(inner) => json!({"Dimensions": leaf(inner, inner.key.as_str())}),
        Filter::Tags(inner) => json!({"Tags": leaf(inner, &inner.key)}),
        Filter::CostCategories(inner) => json!({"CostCategories": leaf(inner, &inner.key)}),
        Filter::ProductAttributes(inner) => {
            json!({"ProductAttributes": leaf(inner, inner.key.as_str())})
        }
    }
}

fn interval(period: BillingPeriod) -> Value {
    json!({"Start": period.start().to_string(), "End": period.end().to_string()})
}

fn shown_groups(groups: &[GroupBy]) -> Value {
    groups
        .iter()
        .map(|group| json!({"Type": group.kind().as_str(), "Key": group.key()}))
        .collect()
}

/// A query as AWS writes it, with its operation.
pub(crate) fn shown(query: &CostQuery) -> Value {
    let mut out = Map::new();
    out.insert("operation".into(), query.operation().aws_name().into());
    match query {
        CostQuery::CostAndUsage(asked) | CostQuery::CostAndUsageWithResources(asked) => {
            usage(&mut out, asked);
        }
        CostQuery::DimensionValues {
            dimension,
            attribute,
            context,
            values,
        } => {
            out.insert("Dimension".into(), dimension.as_str().into());
            if let Some(attribute) = attribute {
                out.insert("DimensionKey".into(), attribute.as_str().into());
            }
            if let Some(context) = context {
                out.insert("Context".into(), context.as_str().into());
            }
            listing(&mut out, values);
        }
        CostQuery::Tags { key, values } => {
            if let Some(key) = key {
                out.insert("TagKey".into(), key.as_str().into());
            }
            listing(&mut out, values);
        }
        CostQuery::CostCategories { name, values } => {
            if let Some(name) = name {
                out.insert("CostCategoryName".into(), name.as_str().into());
            }
            listing(&mut out, values);
        }
        CostQuery::CostForecast(asked) | CostQuery::UsageForecast(asked) => {
            out.insert("TimePeriod".into(), interval(asked.period));
            out.insert("Granularity".into(), asked.granularity.as_str().into());
            out.insert("Metric".into(), asked.metric.forecast_name().into());
            if let Some(level) = asked.prediction_interval {
                out.insert("PredictionIntervalLevel".into(), level.into());
            }
        }
        CostQuery::CostAndUsageComparisons(asked) | CostQuery::CostComparisonDrivers(asked) => {
            comparison(&mut out, asked);
        }
    }
    if let Some(filter) = query.filter() {
        out.insert("Filter".into(), shown_filter(filter));
    }
    Value::Object(out)
}

fn usage(out: &mut Map<String, Value>, asked: &UsageQuery) {
    out.insert(
        "TimePeriod".into(),
        json!({"Start": asked.period.start_text(), "End": asked.period.end_text()}),
    );
    out.insert("Granularity".into(), asked.granularity.as_str().into());
    let metrics: Vec<_> = asked.metrics.iter().map(|metric| metric.as_str()).collect();
    out.insert("Metrics".into(), json!(metrics));
    if !asked.group_by.is_empty() {
        out.insert("GroupBy".into(), shown_groups(&asked.group_by));
    }
}

fn listing(out: &mut Map<String, Value>, asked: &ValuesQuery) {
    out.insert("TimePeriod".into(), interval(asked.period));
    if let Some(search) = &asked.search {
        out.insert("SearchString".into(), search.as_str().into());
    }
}

fn comparison(out: &mut Map<String, Value>, asked: &ComparisonQuery) {
    out.insert("BaselineTimePeriod".into(), interval(asked.baseline));
    out.insert("ComparisonTimePeriod".into(), interval(asked.comparison));
    out.insert("MetricForComparison".into(), asked.metric.as_str().into());
    if !asked.group_by.is_empty() {
        out.insert("GroupBy".into(), shown_groups(&asked.group_by));
    }
}
