//! The filters of `GetProducts`.

use serde_json::Value;

use super::offers::{Offer, PRODUCT_FAMILY};
use crate::fault::Fault;

/// One condition on one field; a request's conditions all have to hold.
pub(super) struct Filter {
    field: String,
    condition: Condition,
}

enum Condition {
    Equals(String),
    Contains(String),
    AnyOf(Vec<String>),
    NoneOf(Vec<String>),
}

impl Filter {
    /// Reads the `Filters` of a request.
    ///
    /// # Errors
    ///
    /// `InvalidParameterException` for an unknown filter type.
    pub(super) fn read(input: &Value) -> Result<Vec<Self>, Fault> {
        let filters = input.get("Filters").and_then(Value::as_array);
        filters
            .into_iter()
            .flatten()
            .map(|filter| {
                let text = |name: &str| filter.get(name).and_then(Value::as_str).unwrap_or("");
                let value = text("Value").to_lowercase();
                let list = || {
                    value
                        .split(',')
                        .map(|part| part.trim().to_owned())
                        .collect()
                };
                let condition = match text("Type") {
                    "TERM_MATCH" | "EQUALS" => Condition::Equals(value),
                    "CONTAINS" => Condition::Contains(value),
                    "ANY_OF" => Condition::AnyOf(list()),
                    "NONE_OF" => Condition::NoneOf(list()),
                    other => {
                        return Err(Fault::new(
                            "InvalidParameterException",
                            format!("Input Parameters are invalid: filter type {other}"),
                        ));
                    }
                };
                Ok(Self {
                    field: text("Field").to_owned(),
                    condition,
                })
            })
            .collect()
    }

    /// Tells whether an offer passes; letter case makes no difference in values.
    pub(super) fn passes(&self, offer: &Offer) -> bool {
        let found = match self.field.as_str() {
            "ServiceCode" | "serviceCode" => Some(offer.service_code),
            "productFamily" => Some(PRODUCT_FAMILY),
            "sku" => Some(offer.sku.as_str()),
            "termType" => Some("OnDemand"),
            name => offer.attribute(name),
        };
        let found = found.map(str::to_lowercase);
        match (&self.condition, found) {
            (Condition::Equals(value), Some(found)) => found == *value,
            (Condition::Contains(value), Some(found)) => found.contains(value.as_str()),
            (Condition::AnyOf(values), Some(found)) => values.contains(&found),
            (Condition::NoneOf(values), Some(found)) => !values.contains(&found),
            (Condition::NoneOf(_), None) => true,
            (_, None) => false,
        }
    }
}
