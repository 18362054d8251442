//! Reads the arguments: numbers as numbers or text, objects with their own names, nothing passed over.

use super::Arguments;
use crate::{
    error::ToolError,
    tools::{
        arguments::{Loose, quoted, shown},
        fields::{Fields, Number, number},
    },
};
use bedrock_cost::{
    guardrail::GuardrailPolicy,
    names::UnknownName,
    region::Region,
    scenario::{
        CacheArguments, CustomImportArguments, Direction, GuardrailArguments, ProvisionedArguments,
        RequestRate, RequestsArgument, ScenarioArguments, ServiceArguments,
    },
};
use rust_decimal::Decimal;
use serde_json::Value;
use std::str::FromStr;

const REQUESTS: &str =
    "1000000 a month, or {\"per_minute\": 50, \"hours_per_day\": 8, \"days_per_month\": 22}";
const CACHE: &str = "{\"prefix_tokens\": 2000, \"reads_per_write\": 9, \"ttl\": \"5m\"}";
const GUARDRAILS: &str =
    "{\"policies\": {\"pii\": \"input\"}, \"input_chars\": 1500, \"output_chars\": 400}";
const PROVISIONED: &str = "{\"model_units\": 2, \"commitment\": \"1_month\"}";
const IMPORT: &str = "{\"model_units\": 2, \"minutes_per_month\": 600, \"version\": \"v1\"}";
const SERVICES: &str =
    "[{\"dimension\": \"knowledge_bases\", \"item\": \"standard_retrieval\", \"quantity\": 20000}]";

impl Arguments {
    /// Returns the workload as it is described; the core checks it.
    pub(in crate::tools) fn scenario(&self) -> Result<ScenarioArguments, ToolError> {
        let decimal = |number: &Option<Number>| number.map(|number| number.0);
        let region = given(self.region.as_ref()).map(Region::parse_known);
        let region = region
            .transpose()
            .map_err(|error| ToolError::invalid(error.to_string(), "give one region"))?;
        Ok(ScenarioArguments {
            models: self.models.0.clone(),
            region,
            routing: named("routing", self.routing.as_ref())?,
            input_tokens: decimal(&self.input_tokens),
            output_tokens: decimal(&self.output_tokens),
            requests: self.requests.as_ref().map(requests).transpose()?,
            tier: named("tier", self.tier.as_ref())?,
            batch_share: decimal(&self.batch_share),
            cache: self.cache.as_ref().map(cache).transpose()?,
            guardrails: self.guardrails.as_ref().map(guardrails).transpose()?,
            provisioned: self.provisioned.as_ref().map(provisioned).transpose()?,
            custom_import: self.custom_import.as_ref().map(custom_import).transpose()?,
            units: self
                .units
                .as_ref()
                .map(units)
                .transpose()?
                .unwrap_or_default(),
            services: self
                .services
                .as_ref()
                .map(services)
                .transpose()?
                .unwrap_or_default(),
        })
    }
}

pub(in crate::tools) fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

pub(in crate::tools) fn named<T: FromStr<Err = UnknownName>>(
    argument: &str,
    text: Option<&String>,
) -> Result<Option<T>, ToolError> {
    given(text)
        .map(|text| {
            text.parse().map_err(|error: UnknownName| {
                ToolError::invalid(
                    error.to_string(),
                    format!("leave {argument} out for the default"),
                )
            })
        })
        .transpose()
}

fn requests(value: &Loose) -> Result<RequestsArgument, ToolError> {
    if let Some(monthly) = number(&value.0) {
        return Ok(RequestsArgument::Monthly(monthly));
    }
    let mut fields = Fields::of("requests", &value.0, REQUESTS)?;
    let rate = RequestRate {
        per_minute: fields.number("per_minute")?,
        per_hour: fields.number("per_hour")?,
        per_day: fields.number("per_day")?,
        hours_per_day: fields.number("hours_per_day")?,
        days_per_month: fields.number("days_per_month")?,
    };
    let monthly = fields.number("per_month")?;
    fields.end()?;
    match monthly {
        Some(monthly) if rate == RequestRate::default() => Ok(RequestsArgument::Monthly(monthly)),
        Some(_) => Err(ToolError::invalid(
            "requests.per_month is given beside a rate",
            "give one of the two",
        )),
        None => Ok(RequestsArgument::Rate(rate)),
    }
}

fn cache(value: &Loose) -> Result<CacheArguments, ToolError> {
    let mut fields = Fields::of("cache", &value.0, CACHE)?;
    let cache = CacheArguments {
        prefix_tokens: fields.needed("prefix_tokens")?,
        reads_per_write: fields.needed("reads_per_write")?,
        ttl: fields.name("ttl")?,
    };
    fields.end()?;
    Ok(cache)
}

fn guardrails(value: &Loose) -> Result<GuardrailArguments, ToolError> {
    let mut fields = Fields::of("guardrails", &value.0, GUARDRAILS)?;
    let policies = fields.left.remove("policies");
    let policies = policies.ok_or_else(|| fields.wrong(".policies is missing"))?;
    let guardrails = GuardrailArguments {
        policies: read_policies("guardrails.policies", &policies)?,
        input_chars: fields.number("input_chars")?,
        output_chars: fields.number("output_chars")?,
    };
    fields.end()?;
    Ok(guardrails)
}

/// Reads policies and the texts they look at.
pub(in crate::tools) fn read_policies(
    argument: &str,
    value: &Value,
) -> Result<Vec<(GuardrailPolicy, Direction)>, ToolError> {
    let wrong = |problem: String| {
        ToolError::invalid(
            format!("{argument}{problem}"),
            format!("{argument} looks like {{\"pii\": \"input\", \"denied_topics\": \"both\"}}"),
        )
    };
    let Value::Object(policies) = value else {
        return Err(wrong(format!(" is {}", shown(value))));
    };
    let read = |(policy, direction): (&String, &Value)| {
        let policy: GuardrailPolicy = policy
            .parse()
            .map_err(|error: UnknownName| wrong(format!(": {error}")))?;
        let Value::String(direction) = direction else {
            return Err(wrong(format!(".{policy} is {}", shown(direction))));
        };
        let direction = direction
            .parse()
            .map_err(|error: UnknownName| wrong(format!(".{policy}: {error}")))?;
        Ok((policy, direction))
    };
    policies.iter().map(read).collect()
}

fn provisioned(value: &Loose) -> Result<ProvisionedArguments, ToolError> {
    let mut fields = Fields::of("provisioned", &value.0, PROVISIONED)?;
    let model_units = fields.needed("model_units")?;
    let commitment = fields.name("commitment")?;
    let provisioned = ProvisionedArguments {
        model_units,
        commitment: commitment.ok_or_else(|| fields.wrong(".commitment is missing"))?,
    };
    fields.end()?;
    Ok(provisioned)
}

fn custom_import(value: &Loose) -> Result<CustomImportArguments, ToolError> {
    let mut fields = Fields::of("custom_import", &value.0, IMPORT)?;
    let import = CustomImportArguments {
        model_units: fields.needed("model_units")?,
        minutes_per_month: fields.needed("minutes_per_month")?,
        version: fields.name("version")?,
    };
    fields.end()?;
    Ok(import)
}

fn units(value: &Loose) -> Result<Vec<(String, Decimal)>, ToolError> {
    let looks = "units looks like {\"image\": 1}";
    let Value::Object(units) = &value.0 else {
        let problem = format!("units is {}", shown(&value.0));
        return Err(ToolError::invalid(problem, looks));
    };
    units
        .iter()
        .map(|(unit, quantity)| {
            let quantity = number(quantity).ok_or_else(|| {
                let problem = format!("units {} is {}", quoted(unit), shown(quantity));
                ToolError::invalid(problem, looks)
            })?;
            Ok((unit.clone(), quantity))
        })
        .collect()
}

fn services(value: &Loose) -> Result<Vec<ServiceArguments>, ToolError> {
    let listed = match &value.0 {
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    };
    let read = |value| {
        let mut fields = Fields::of("services", value, SERVICES)?;
        let (dimension, item) = (fields.text("dimension")?, fields.text("item")?);
        let service = ServiceArguments {
            dimension: dimension.ok_or_else(|| fields.wrong(".dimension is missing"))?,
            item: item.ok_or_else(|| fields.wrong(".item is missing"))?,
            quantity: fields.needed("quantity")?,
        };
        fields.end()?;
        Ok(service)
    };
    listed.into_iter().map(read).collect()
}
