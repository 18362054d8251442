//! The Price List: products with their prices, and the values that their attributes have. Free of charge.

use super::{Aws, HOME_REGION, Meter, Target, settle};
use crate::error::ToolError;
use aws_sdk_pricing::{Client, types};

/// The largest page of products that AWS gives.
const PRODUCTS_A_PAGE: i32 = 100;
/// Attribute values come in larger pages; what is beyond this many pages is not looked at.
const MOST_VALUE_PAGES: usize = 20;

/// A condition on one attribute of a product; all conditions of a query have to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProductFilter {
    pub(crate) field: String,
    /// AWS's word: `EQUALS`, `TERM_MATCH`, `CONTAINS`, `ANY_OF` or `NONE_OF`.
    pub(crate) kind: String,
    /// One value, or several for `ANY_OF` and `NONE_OF`.
    pub(crate) values: Vec<String>,
}

impl ProductFilter {
    /// Every type of filter that AWS knows.
    pub(crate) const KINDS: [&str; 5] = ["EQUALS", "TERM_MATCH", "CONTAINS", "ANY_OF", "NONE_OF"];

    /// Makes the condition that an attribute has this value.
    pub(crate) fn equals(field: &str, value: &str) -> Self {
        Self {
            field: field.to_owned(),
            kind: "EQUALS".to_owned(),
            values: vec![value.to_owned()],
        }
    }

    fn to_input(&self) -> Result<types::Filter, ToolError> {
        types::Filter::builder()
            .field(&self.field)
            .r#type(types::FilterType::from(self.kind.as_str()))
            // AWS reads the values of ANY_OF and NONE_OF from one text.
            .value(self.values.join(","))
            .build()
            .map_err(|error| ToolError::OddAnswer {
                problem: format!("a filter for pricing:GetProducts could not be built: {error}"),
            })
    }
}

/// Products as AWS sends them, each a JSON text.
#[derive(Debug, Default)]
pub(crate) struct Products {
    pub(crate) items: Vec<String>,
    /// Pages were left unread.
    pub(crate) more: bool,
    /// Why reading ended before the last page; the pages before are in `items`.
    pub(crate) failure: Option<ToolError>,
}

/// The Price List has endpoints in three regions only; the host names of others do not exist.
async fn client(aws: &Aws, target: &Target) -> Client {
    let home = Target {
        profile: target.profile.clone(),
        region: Some(HOME_REGION.to_owned()),
    };
    Client::new(&aws.configuration(&home).await)
}

/// Reads the products of a service code, at most `max_pages` pages of them. `page` is told after each.
///
/// # Errors
///
/// Only where a filter cannot be sent; a page that AWS did not give is a [`Products::failure`].
pub(crate) async fn products(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    service_code: &str,
    filters: &[ProductFilter],
    max_pages: usize,
    page: impl Fn() + Send,
) -> Result<Products, ToolError> {
    let client = client(aws, target).await;
    let filters = filters
        .iter()
        .map(ProductFilter::to_input)
        .collect::<Result<Vec<_>, _>>()?;
    let mut items = Vec::new();
    let mut token = None;
    let mut failure = None;
    for _ in 0..max_pages {
        let asked = settle(
            "pricing:GetProducts",
            client
                .get_products()
                .service_code(service_code)
                .set_filters(Some(filters.clone()))
                .format_version("aws_v1")
                .max_results(PRODUCTS_A_PAGE)
                .set_next_token(token)
                .customize()
                .interceptor(meter.clone())
                .send()
                .await,
        );
        let answer = match asked {
            Ok(answer) => answer,
            Err(error) => {
                failure = Some(error);
                token = None;
                break;
            }
        };
        page();
        items.extend(answer.price_list.unwrap_or_default());
        token = answer.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            break;
        }
    }
    Ok(Products {
        items,
        more: token.is_some(),
        failure,
    })
}

/// Reads the values that an attribute has in a service code; `None` where there is no such attribute.
pub(crate) async fn attribute_values(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    service_code: &str,
    attribute: &str,
) -> Result<Option<Vec<String>>, ToolError> {
    let client = client(aws, target).await;
    let mut values = Vec::new();
    let mut token = None;
    for _ in 0..MOST_VALUE_PAGES {
        let answer = client
            .get_attribute_values()
            .service_code(service_code)
            .attribute_name(attribute)
            .set_next_token(token)
            .customize()
            .interceptor(meter.clone())
            .send()
            .await;
        if let Err(error) = &answer
            && error.as_service_error().is_some_and(|error| {
                error.is_not_found_exception() || error.is_invalid_parameter_exception()
            })
        {
            return Ok(None);
        }
        let answer = settle("pricing:GetAttributeValues", answer)?;
        values.extend(
            answer
                .attribute_values
                .unwrap_or_default()
                .into_iter()
                .filter_map(|value| value.value)
                .filter(|value| !value.is_empty()),
        );
        token = answer.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            break;
        }
    }
    Ok(Some(values))
}

/// Tells whether AWS has a service code.
pub(crate) async fn has_service(
    aws: &Aws,
    meter: &Meter,
    target: &Target,
    service_code: &str,
) -> Result<bool, ToolError> {
    let answer = client(aws, target)
        .await
        .describe_services()
        .service_code(service_code)
        .customize()
        .interceptor(meter.clone())
        .send()
        .await;
    if let Err(error) = &answer
        && error.as_service_error().is_some_and(|error| {
            error.is_not_found_exception() || error.is_invalid_parameter_exception()
        })
    {
        return Ok(false);
    }
    settle("pricing:DescribeServices", answer).map(|answer| !answer.services().is_empty())
}
