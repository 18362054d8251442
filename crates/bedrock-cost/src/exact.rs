//! The exact text and JSON form of a decimal: a JSON number when its digits survive a double, else text.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserializer, Serializer, de};

/// Doubles count whole numbers one by one up to 2^53. A JSON reader that takes short cuts, as `serde_json` does, is
/// still exact for a number whose digits, read without the point, are within it.
const MAX_EXACT_INTEGER: i64 = 1 << 53;

/// Parses a plain decimal number; `None` for anything else, and for more digits than a decimal holds.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let text = text.trim();
    if text.contains('_') {
        return None;
    }
    if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str_exact(text).ok()
    }
}

pub(crate) fn serialize<S: Serializer>(value: Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let value = value.normalize();
    let text = value.to_string();
    let digits = i64::try_from(value.mantissa())
        .ok()
        .filter(|digits| (-MAX_EXACT_INTEGER..=MAX_EXACT_INTEGER).contains(digits));
    match (digits, f64::from_str(&text)) {
        (Some(integer), _) if value.scale() == 0 => serializer.serialize_i64(integer),
        (Some(_), Ok(double)) if double.to_string() == text => serializer.serialize_f64(double),
        _ => serializer.serialize_str(&text),
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    deserializer.deserialize_any(DecimalVisitor)
}

struct DecimalVisitor;

impl de::Visitor<'_> for DecimalVisitor {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number, or one in quotes")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Decimal, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Decimal, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Decimal, E> {
        // The shortest text that names this double is what was written in the JSON.
        self.visit_str(&value.to_string())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Decimal, E> {
        parse(value).ok_or_else(|| E::invalid_value(de::Unexpected::Str(value), &self))
    }
}
