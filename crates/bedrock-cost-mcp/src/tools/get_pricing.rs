//! `get_pricing`: what a model costs, from the embedded price book or from AWS's Price List.

mod book;
mod codes;
mod filters;
mod list;
mod table;
#[cfg(test)]
mod tests;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, Flag, List, Loose, Whole},
    asking, choices, rate_origin,
    reply::{Correction, Reply, Warning},
    table::{Page, Paging},
};
use crate::{
    aws::{Target, pricing::ProductFilter},
    error::ToolError,
};
use bedrock_cost::{
    inference::{Routing, Tier},
    names::UnknownName,
    price_book::PriceBook,
    price_list::ListedPrice,
    region::{Geography, Region},
};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Pages of each service code and region that are read without `max_pages`; each holds 100 prices.
const PAGES: usize = 30;
/// Regions of one call: each is a request of its own for each service code.
const MOST_REGIONS: usize = 10;

/// Arguments of `get_pricing`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Price List code; none: price book
    service_code: Option<String>,
    /// Default us-east-1
    region: Option<List<String>>,
    /// [{Field, Type, Value}]
    filters: Option<Loose>,
    /// Id, profile, ARN or exact name
    model: Option<List<String>>,
    /// standard, flex, priority, batch
    tier: Option<String>,
    /// regional or global
    routing: Option<String>,
    /// all or exact
    #[schemars(extend("x-hidden" = true))]
    bedrock_scope: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    max_pages: Option<Whole>,
    profile: Option<String>,
    dry_run: Option<Flag>,
    /// full
    detail: Option<String>,
    limit: Option<Whole>,
    cursor: Option<Cursor>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    service_codes_read: Vec<String>,
    prices: Option<usize>,
    models: Option<usize>,
    unit: Option<&'static str>,
    #[schemars(skip)]
    tier: Option<&'static str>,
    #[serde(flatten)]
    page: Page,
    #[schemars(skip)]
    unit_rates: Vec<Value>,
    #[schemars(skip)]
    attribute_values: Map<String, Value>,
    /// The newest day from which AWS lists one of the prices.
    #[schemars(skip)]
    listed_since: Option<String>,
}

impl Tool for Arguments {
    const NAME: &'static str = "get_pricing";
    const TITLE: &'static str = "Bedrock prices";
    const DESCRIPTION: &'static str = "List rates of Bedrock models in USD per 1M tokens, free. model alone: embedded price book, no credentials. \
         service_code: AWS Price List, Claude and others included.";
    const TOOLSET: Toolset = Toolset::Pricing;
    const ALIASES: Aliases = &[
        ("filter", "filters"),
        ("regions", "region"),
        ("models", "model"),
        ("model_id", "model"),
        ("service", "service_code"),
        ("max_results", "limit"),
    ];
    const STRUCTURED: &'static [&'static str] = &["region", "filters", "model"];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let book = call.prices().await?;
        let query = Query::read(&self, book)?;
        let dry_run = self.dry_run.is_some_and(|flag| flag.0);
        let Some(code) = &query.service_code else {
            if dry_run {
                let request = json!({"source": "embedded price book", "requests": 0});
                return Ok(asking::dry_run(
                    request,
                    Decimal::ZERO,
                    "the price book is in this program",
                ));
            }
            let unused = (!query.filters.is_empty()).then(|| {
                Warning::new(
                    "filters_not_applied",
                    "filters are of the Price List: name a service_code to apply them",
                )
            });
            return Ok(book::answer(book, &query, call.today())?.warn(unused));
        };
        if dry_run {
            let note = "the Price List is free of charge";
            return Ok(asking::dry_run(query.request(code), Decimal::ZERO, note));
        }
        let target = Target {
            profile: self.profile.clone(),
            region: None,
        };
        // Boxed: a call that the price book answers does not carry what only AWS needs.
        let live = Box::pin(async {
            let codes = codes::to_read(call, &target, code, query.all_bedrock).await?;
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            list::answer(call, &target, &query, &codes).await
        });
        match live.await {
            Ok(reply) => Ok(reply
                .warn(rate_origin::not_applied(book))
                .effective(query.full.then(|| query.request(code)))),
            Err(
                error @ (ToolError::NoCredentials { .. }
                | ToolError::AccessDenied { .. }
                | ToolError::Throttled { .. }
                | ToolError::Unavailable { .. }),
            ) if codes::is_bedrock(code) => instead(book, &query, call, &error),
            Err(error) => Err(error),
        }
    }
}

/// The price book's answer to a question for the Price List that AWS would not answer.
fn instead(
    book: &'static PriceBook,
    query: &Query,
    call: &Call,
    error: &ToolError,
) -> Result<Reply, ToolError> {
    let mut reason = Warning::new(
        "answered_from_price_book",
        format!(
            "{}; these rates are from the price book, without filters",
            error
                .to_json()
                .get("problem")
                .and_then(Value::as_str)
                .unwrap_or("the Price List was not read")
        ),
    );
    if query.filters.is_empty() {
        reason.message = reason.message.replace(", without filters", "");
    }
    Ok(book::answer(book, query, call.today())?.warn([reason]))
}

/// The arguments, checked.
struct Query {
    service_code: Option<String>,
    regions: Vec<Region>,
    filters: Vec<ProductFilter>,
    models: Vec<book::Wanted>,
    tier: Option<Tier>,
    routing: Option<Routing>,
    all_bedrock: bool,
    max_pages: usize,
    full: bool,
    paging: Paging,
    corrections: Vec<Correction>,
}

impl Query {
    fn read(arguments: &Arguments, book: &PriceBook) -> Result<Self, ToolError> {
        let mut corrections = Vec::new();
        let given = |text: &Option<String>| {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let service_code = arguments
            .service_code
            .as_deref()
            .map(|code| codes::read(code, &mut corrections))
            .transpose()?;
        let (filters, corrected) = match &arguments.filters {
            None => (Vec::new(), Vec::new()),
            Some(filters) => filters::read(&filters.0)?,
        };
        corrections.extend(corrected);
        let mut models: Vec<book::Wanted> = Vec::new();
        let mut profiles: Vec<Geography> = Vec::new();
        for name in arguments.model.iter().flat_map(|names| &names.0) {
            let wanted = book::resolve(book, name)?;
            profiles.extend(wanted.geography);
            // A model by two of its names is one question.
            if !models.contains(&wanted) {
                models.push(wanted);
            }
        }
        let wrong =
            |error: &UnknownName| ToolError::invalid(error.to_string(), "leave it out for all");
        let mut regions = asking::regions(arguments.region.as_ref(), MOST_REGIONS)?;
        let placed = filters
            .iter()
            .any(|filter| ["regionCode", "location"].contains(&filter.field.as_str()));
        if regions.is_empty() && !placed {
            let mut named: Vec<Region> = models.iter().filter_map(|of| of.region.clone()).collect();
            named.sort_unstable();
            named.dedup();
            let (change, place) = if named.is_empty() {
                ("us-east-1, since none was given", vec![Region::US_EAST_1])
            } else {
                ("that of the ARN, since none was given", named)
            };
            corrections.push(Correction::new("region", change));
            regions = place;
        }
        check_geography(arguments, &profiles, &regions)?;
        let paging = Paging::read(arguments.limit, arguments.cursor.as_ref())?;
        corrections.extend(paging.correction());
        Ok(Self {
            service_code,
            regions,
            filters,
            models,
            tier: given(&arguments.tier)
                .map(|text| text.parse().map_err(|error| wrong(&error)))
                .transpose()?,
            routing: given(&arguments.routing)
                .map(|text| text.parse().map_err(|error| wrong(&error)))
                .transpose()?,
            all_bedrock: choices::all_bedrock(arguments.bedrock_scope.as_deref())?,
            max_pages: choices::at_least("max_pages", arguments.max_pages, 1, PAGES)?,
            full: asking::wants_full(arguments.detail.as_deref())?,
            paging,
            corrections,
        })
    }

    fn request(&self, code: &str) -> Value {
        let filters: Vec<Value> = self
            .filters
            .iter()
            .map(|filter| json!({"Field": filter.field, "Type": filter.kind, "Value": filter.values.join(",")}))
            .collect();
        let regions: Vec<&str> = self.regions.iter().map(Region::as_str).collect();
        json!({
            "service": "pricing",
            "operation": "GetProducts",
            "service_codes": if code == codes::NATIVE && self.all_bedrock {
                json!([codes::NATIVE, codes::MARKETPLACE, "AmazonBedrockService"])
            } else {
                json!([code])
            },
            "parameters": {"Filters": filters, "FormatVersion": "aws_v1"},
            "regionCode": regions,
        })
    }

    /// ` in eu-west-1, us-east-1`; nothing where a filter says where.
    fn placed(&self) -> String {
        let regions: Vec<&str> = self.regions.iter().map(Region::as_str).collect();
        if regions.is_empty() {
            return String::new();
        }
        format!(" in {}", regions.join(", "))
    }

    /// Tells whether a rate of the Price List is of the models, tier and routing asked for.
    fn keeps(&self, rate: &ListedPrice) -> bool {
        let of_model = self.models.is_empty()
            || self.models.iter().any(|wanted| {
                rate.model_id.is_some_and(|id| id == wanted.model.id())
                    && wanted
                        .routing
                        .is_none_or(|routing| rate.routing == Some(routing))
            });
        of_model
            && self.tier.is_none_or(|tier| rate.tier == Some(tier))
            && self
                .routing
                .is_none_or(|routing| rate.routing == Some(routing))
    }
}

/// Refuses a profile such as `eu.` where no region asked for can call it: it bills the rate of its source region, and
/// those differ, so that the rate of another place would be wrong.
fn check_geography(
    arguments: &Arguments,
    profiles: &[Geography],
    regions: &[Region],
) -> Result<(), ToolError> {
    let outside = |geography: &Geography| {
        !regions.is_empty()
            && !regions
                .iter()
                .any(|region| region.geographies().contains(geography))
    };
    let Some(geography) = profiles.iter().copied().find(outside) else {
        return Ok(());
    };
    let asked: Vec<&str> = regions.iter().map(Region::as_str).collect();
    let problem = format!(
        "{} is not a source region of {geography}. profiles, which bill the rate of the region that a request is sent to",
        asked.join(", ")
    );
    let source = Region::known()
        .iter()
        .find(|facts| facts.geographies.contains(&geography));
    let Some(source) = source else {
        return Err(ToolError::invalid(
            problem,
            "give the region the requests are sent to",
        ));
    };
    let mut corrected = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            corrected.insert(name.to_owned(), value);
        }
    };
    put("service_code", json!(arguments.service_code));
    put("region", json!(source.name));
    put(
        "filters",
        json!(arguments.filters.as_ref().map(|filters| &filters.0)),
    );
    put(
        "model",
        json!(arguments.model.as_ref().map(|names| &names.0)),
    );
    put("tier", json!(arguments.tier));
    put("routing", json!(arguments.routing));
    put("detail", json!(arguments.detail));
    Err(asking::refused::<Arguments>(
        problem,
        "give the region the requests are sent to",
        corrected,
    ))
}
