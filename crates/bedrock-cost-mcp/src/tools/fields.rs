//! The fields of an object argument, and exact numbers: as numbers or text, under their own names, nothing passed over.

use super::arguments::{quoted, shown, snake_case};
use crate::error::ToolError;
use bedrock_cost::names::UnknownName;
use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};
use std::{borrow::Cow, str::FromStr};

/// An exact number, also as text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number(pub(super) Decimal);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        number(&value)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{} is not a number", shown(&value))))
    }
}

impl JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number"})
    }
}

/// The shortest text that names a double is what was written in the JSON.
pub(super) fn number(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().replace(['_', ','], ""),
        _ => return None,
    };
    if text.contains(['e', 'E']) {
        Decimal::from_scientific(&text).ok()
    } else {
        Decimal::from_str_exact(&text).ok()
    }
}

/// The fields of an object argument, each taken once.
pub(super) struct Fields {
    argument: &'static str,
    known: &'static str,
    pub(super) left: Map<String, Value>,
}

impl Fields {
    /// `known` is what the object looks like, for messages.
    pub(super) fn of(
        argument: &'static str,
        value: &Value,
        known: &'static str,
    ) -> Result<Self, ToolError> {
        let Value::Object(fields) = value else {
            return Err(ToolError::invalid(
                format!("{argument} is {}", shown(value)),
                format!("{argument} looks like {known}"),
            ));
        };
        let fields = fields.iter();
        Ok(Self {
            argument,
            known,
            left: fields
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (snake_case(name), value.clone()))
                .collect(),
        })
    }

    pub(super) fn wrong(&self, problem: &str) -> ToolError {
        let Self {
            argument, known, ..
        } = self;
        ToolError::invalid(
            format!("{argument}{problem}"),
            format!("{argument} looks like {known}"),
        )
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<Decimal>, ToolError> {
        let Some(value) = self.left.remove(name) else {
            return Ok(None);
        };
        number(&value)
            .map(Some)
            .ok_or_else(|| self.wrong(&format!(".{name} is {}, not a number", shown(&value))))
    }

    pub(super) fn needed(&mut self, name: &str) -> Result<Decimal, ToolError> {
        self.number(name)?
            .ok_or_else(|| self.wrong(&format!(".{name} is missing")))
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, ToolError> {
        match self.left.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(other) => Err(self.wrong(&format!(".{name} is {}", shown(&other)))),
        }
    }

    pub(super) fn name<T: FromStr<Err = UnknownName>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, ToolError> {
        self.text(name)?
            .map(|text| {
                text.parse()
                    .map_err(|error: UnknownName| self.wrong(&format!(".{name}: {error}")))
            })
            .transpose()
    }

    /// Refuses what was not taken.
    pub(super) fn end(self) -> Result<(), ToolError> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(name) => Err(self.wrong(&format!(" has no field {}", quoted(name)))),
        }
    }
}
