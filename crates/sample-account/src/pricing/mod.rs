//! The Price List API: the same service codes, attributes and units as AWS's, per as-of day.

mod filter;
mod offers;
mod usage_types;

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value, json};

use self::filter::Filter;
use self::offers::{OFFERS, Offer, SERVICE_CODES};
use crate::fault::Fault;
use crate::ledger::Ledger;
use crate::ledger::place::Region;
use crate::paging::{Paging, page};

/// The members of a request that change from page to page.
const CHANGING: [&str; 2] = ["NextToken", "MaxResults"];

/// Answers an operation of the Price List API from the price list of the ledger's day.
///
/// # Errors
///
/// The fault that AWS answers: an unknown service code, attribute, price list or page token.
pub fn answer(
    ledger: &Ledger,
    _region: &str,
    operation: &str,
    input: &Value,
) -> Result<Value, Fault> {
    answer_on(ledger.today().date(), operation, input)
}

/// Tells whether the rate table has a price for a model's input in a region, whatever the day.
pub(crate) fn is_priced_in(model_id: &str, region: &str, global: bool) -> bool {
    offers::has_rate(model_id, region, global)
}

fn answer_on(day: Date, operation: &str, input: &Value) -> Result<Value, Fault> {
    match operation {
        "DescribeServices" => describe_services(day, input),
        "GetAttributeValues" => attribute_values(day, input),
        "GetProducts" => products(day, input),
        "ListPriceLists" => price_lists(day, input),
        "GetPriceListFileUrl" => price_list_file_url(input),
        other => Err(Fault::new(
            "UnknownOperationException",
            format!("unknown operation {other}"),
        )),
    }
}

fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

/// The part of a list that a request asks for, and the token of the next part.
fn paged<T>(
    operation: &str,
    input: &Value,
    all: Vec<T>,
) -> Result<(Vec<T>, Option<String>), Fault> {
    let paging = Paging::of(operation, input, &CHANGING);
    let start = match text(input, "NextToken") {
        None => 0,
        Some(token) => paging.position(token).ok_or_else(|| {
            Fault::new(
                "InvalidNextTokenException",
                "The pagination token is invalid.",
            )
        })?,
    };
    let size = input.get("MaxResults").and_then(Value::as_u64);
    let size = size
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(100);
    let (items, next) = page(all, start, size);
    Ok((items, next.map(|position| paging.token(position))))
}

fn with_token(mut answer: Value, token: Option<String>) -> Value {
    if let (Some(members), Some(token)) = (answer.as_object_mut(), token) {
        members.insert("NextToken".to_owned(), Value::from(token));
    }
    answer
}

fn check_service_code(code: &str) -> Result<(), Fault> {
    if SERVICE_CODES.contains(&code) {
        Ok(())
    } else {
        Err(Fault::new(
            "NotFoundException",
            format!("Service code {code} is not found."),
        ))
    }
}

/// The offers of the service code that a request names, on a day.
fn offers_of(day: Date, input: &Value) -> Result<impl Iterator<Item = &'static Offer>, Fault> {
    let code = text(input, "ServiceCode").unwrap_or_default().to_owned();
    check_service_code(&code)?;
    Ok(OFFERS
        .iter()
        .filter(move |offer| offer.service_code == code && offer.holds(day)))
}

fn attribute_names(day: Date, code: &str) -> BTreeSet<&'static str> {
    OFFERS
        .iter()
        .filter(|offer| offer.service_code == code && offer.holds(day))
        .flat_map(|offer| offer.attributes.iter().map(|(name, _)| *name))
        .chain(["productFamily", "termType"])
        .collect()
}

fn describe_services(day: Date, input: &Value) -> Result<Value, Fault> {
    let codes = match text(input, "ServiceCode") {
        None => SERVICE_CODES.to_vec(),
        Some(code) => {
            check_service_code(code)?;
            vec![code]
        }
    };
    let (codes, token) = paged("DescribeServices", input, codes)?;
    let services: Vec<Value> = codes
        .into_iter()
        .map(|code| json!({ "ServiceCode": code, "AttributeNames": attribute_names(day, code) }))
        .collect();
    let answer = json!({ "Services": services, "FormatVersion": "aws_v1" });
    Ok(with_token(answer, token))
}

fn attribute_values(day: Date, input: &Value) -> Result<Value, Fault> {
    let name = text(input, "AttributeName").unwrap_or_default();
    let code = text(input, "ServiceCode").unwrap_or_default();
    let offers = offers_of(day, input)?;
    if !attribute_names(day, code).contains(name) {
        return Err(Fault::new(
            "NotFoundException",
            format!("Attribute {name} is not found for service code {code}."),
        ));
    }
    let values: BTreeSet<&str> = match name {
        "productFamily" => BTreeSet::from([offers::PRODUCT_FAMILY]),
        "termType" => BTreeSet::from(["OnDemand"]),
        _ => offers.filter_map(|offer| offer.attribute(name)).collect(),
    };
    let values: Vec<Value> = values
        .into_iter()
        .map(|value| json!({ "Value": value }))
        .collect();
    let (values, token) = paged("GetAttributeValues", input, values)?;
    Ok(with_token(json!({ "AttributeValues": values }), token))
}

fn products(day: Date, input: &Value) -> Result<Value, Fault> {
    let filters = Filter::read(input)?;
    let found: Vec<&Offer> = offers_of(day, input)?
        .filter(|offer| filters.iter().all(|filter| filter.passes(offer)))
        .collect();
    let (found, token) = paged("GetProducts", input, found)?;
    let items: Vec<String> = found.into_iter().map(|offer| offer.item(day)).collect();
    let answer = json!({ "FormatVersion": "aws_v1", "PriceList": items });
    Ok(with_token(answer, token))
}

fn price_lists(day: Date, input: &Value) -> Result<Value, Fault> {
    let code = text(input, "ServiceCode").unwrap_or_default();
    check_service_code(code)?;
    let currency = text(input, "CurrencyCode").unwrap_or_default();
    let wanted = text(input, "RegionCode");
    let asked = input.get("EffectiveDate").and_then(Value::as_f64);
    let asked = asked.map_or(day, |seconds| civil_day(seconds).min(day));
    // A price list is published for each month, and each holds one region.
    let version = asked.first_of_month().strftime("%Y%m%d").to_string();
    let lists: Vec<Value> = Region::ALL
        .into_iter()
        .map(Region::code)
        .filter(|region| currency == "USD" && wanted.is_none_or(|code| code == *region))
        .filter(|region| {
            OFFERS.iter().any(|offer| {
                offer.service_code == code
                    && offer.attribute("regionCode") == Some(region)
                    && offer.holds(asked)
            })
        })
        .map(|region| {
            json!({
                "PriceListArn":
                    format!("{ARN_PREFIX}{code}/{currency}/{version}000000/{region}"),
                "RegionCode": region,
                "CurrencyCode": currency,
                "FileFormats": ["json", "csv"],
            })
        })
        .collect();
    if lists.is_empty() {
        return Err(Fault::new(
            "ResourceNotFoundException",
            format!("No price list of {code} matches the request."),
        ));
    }
    let (lists, token) = paged("ListPriceLists", input, lists)?;
    Ok(with_token(json!({ "PriceLists": lists }), token))
}

const ARN_PREFIX: &str = "arn:aws:pricing:::price-list/aws/";

/// The UTC day of an epoch second.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, and the range of dates is checked after it"
)]
fn civil_day(seconds: f64) -> Date {
    jiff::Timestamp::from_second(seconds as i64).map_or(Date::MIN, |instant| {
        instant.to_zoned(jiff::tz::TimeZone::UTC).date()
    })
}

fn price_list_file_url(input: &Value) -> Result<Value, Fault> {
    let arn = text(input, "PriceListArn").unwrap_or_default();
    let format = text(input, "FileFormat").unwrap_or_default();
    let parts: Vec<&str> = arn
        .strip_prefix(ARN_PREFIX)
        .unwrap_or_default()
        .split('/')
        .collect();
    match parts.as_slice() {
        [code, "USD", version, region]
            if SERVICE_CODES.contains(code)
                && Region::from_code(region).is_some()
                && matches!(format, "json" | "csv") =>
        {
            Ok(json!({
                "Url": format!(
                    "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{code}/{version}/{region}/index.{format}"
                ),
            }))
        }
        _ => Err(Fault::new(
            "ResourceNotFoundException",
            format!("The price list {arn} in format {format} does not exist."),
        )),
    }
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap or index fails the test"
)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    const TODAY: Date = Date::constant(2026, 11, 22);

    fn get(input: &Value) -> Vec<Value> {
        let mut all = Vec::new();
        let mut input = input.clone();
        loop {
            let answer = answer_on(TODAY, "GetProducts", &input).unwrap();
            let items = answer["PriceList"].as_array().unwrap();
            assert!(items.len() <= 100);
            all.extend(
                items
                    .iter()
                    .map(|item| serde_json::from_str::<Value>(item.as_str().unwrap()).unwrap()),
            );
            match answer.get("NextToken") {
                None => return all,
                Some(token) => input["NextToken"] = token.clone(),
            }
        }
    }

    fn filter(kind: &str, field: &str, value: &str) -> Value {
        json!({ "Type": kind, "Field": field, "Value": value })
    }

    fn one(code: &str, usage_type: &str, name: Option<&str>) -> Value {
        let mut filters = vec![filter("TERM_MATCH", "usagetype", usage_type)];
        filters.extend(name.map(|name| filter("TERM_MATCH", "servicename", name)));
        let found = get(&json!({ "ServiceCode": code, "Filters": filters }));
        assert_eq!(found.len(), 1, "{usage_type}");
        found[0].clone()
    }

    /// The one price dimension of an item, its key checked against the item's own ids.
    fn rate(item: &Value) -> (String, String) {
        let sku = item["product"]["sku"].as_str().unwrap();
        let terms = item["terms"]["OnDemand"].as_object().unwrap();
        let (term, offer) = terms.iter().next().unwrap();
        assert_eq!(term, &format!("{sku}.JRTCKXETXF"));
        let dimensions = offer["priceDimensions"].as_object().unwrap();
        let (code, dimension) = dimensions.iter().next().unwrap();
        assert_eq!(code, &format!("{sku}.JRTCKXETXF.6YS6EN2CT7"));
        assert_eq!((terms.len(), dimensions.len()), (1, 1));
        (
            dimension["unit"].as_str().unwrap().to_owned(),
            dimension["pricePerUnit"]["USD"]
                .as_str()
                .unwrap()
                .to_owned(),
        )
    }

    /// Items read from the real Price List on 2026-08-26: usage type, attributes, USD.
    #[test]
    fn items_equal_those_of_the_real_price_list() {
        let item = one("AmazonBedrock", "APN1-NovaPro-input-tokens", None);
        let attributes = &item["product"]["attributes"];
        assert_eq!(attributes["regionCode"], "ap-northeast-1");
        assert_eq!(attributes["inferenceType"], "Input tokens");
        assert_eq!(attributes["usagetype"], "APN1-NovaPro-input-tokens");
        assert_eq!(attributes["model"], "Nova Pro");
        assert_eq!(attributes["feature"], "On-demand Inference");
        assert_eq!(
            rate(&item),
            ("1K tokens".to_owned(), "0.0009600000".to_owned())
        );

        let item = one("AmazonBedrock", "APN1-NovaPro-input-tokens-batch", None);
        assert_eq!(
            item["product"]["attributes"]["inferenceType"],
            "Input tokens"
        );
        assert_eq!(item["product"]["attributes"]["feature"], "Batch Inference");
        assert_eq!(rate(&item).1, "0.0004800000");

        let item = one(
            "AmazonBedrock",
            "APN1-NovaPro-cache-read-input-token-count",
            None,
        );
        assert_eq!(rate(&item).1, "0.0002400000");
        let item = one(
            "AmazonBedrock",
            "APN1-zai.glm5-mantle-input-tokens-flex",
            None,
        );
        assert_eq!(item["product"]["attributes"]["service_tier"], "flex");
        assert_eq!(item["product"]["attributes"].get("feature"), None);
        assert_eq!(rate(&item).1, "0.0006000000");
        assert_eq!(item["product"]["productFamily"], "Amazon Bedrock");
    }

    #[test]
    fn marketplace_items_have_seven_attributes_and_prices_per_million() {
        let name = "Claude Haiku 4.5 (Amazon Bedrock Edition)";
        let code = "AmazonBedrockFoundationModels";
        let item = one(code, "USE1-MP:USE1_InputTokenCount-Units", Some(name));
        let names: BTreeSet<&str> = item["product"]["attributes"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let seven = [
            "location",
            "locationType",
            "operation",
            "regionCode",
            "servicename",
            "termType",
            "usagetype",
        ];
        assert_eq!(names, BTreeSet::from(seven));
        assert_eq!(
            rate(&item),
            ("1M tokens".to_owned(), "1.1000000000".to_owned())
        );
        let item = one(
            code,
            "USE1-MP:USE1_InputTokenCount_Global-Units",
            Some(name),
        );
        assert_eq!(rate(&item).1, "1.0000000000");
    }

    #[test]
    fn a_price_list_shows_what_was_offered_on_its_day() {
        let ask = |day: &str, name: &str| {
            let name = format!("{name} (Amazon Bedrock Edition)");
            let input = json!({
                "ServiceCode": "AmazonBedrockFoundationModels",
                "Filters": [
                    filter("EQUALS", "servicename", &name),
                    filter("EQUALS", "usagetype", "USE1-MP:USE1_InputTokenCount-Units"),
                ],
            });
            let answer = answer_on(day.parse().unwrap(), "GetProducts", &input).unwrap();
            let items = answer["PriceList"].as_array().unwrap().clone();
            let item = items
                .first()
                .map(|item| serde_json::from_str::<Value>(item.as_str().unwrap()).unwrap());
            item.map(|item| rate(&item).1)
        };
        assert_eq!(ask("2024-12-05", "Claude Haiku 4.5"), None);
        // Public extended access doubled the price of an old model.
        let sonnet = "Claude 3.5 Sonnet";
        assert_eq!(ask("2025-11-30", sonnet).as_deref(), Some("3.0000000000"));
        assert_eq!(ask("2025-12-01", sonnet).as_deref(), Some("6.0000000000"));
        assert_eq!(ask("2026-11-22", "Claude").as_deref(), Some("8.0000000000"));
    }

    /// Every rate that the ledger charges for Bedrock is the price that the list shows that day.
    #[test]
    fn the_bill_and_the_price_list_agree() {
        for day in ["2024-11-15", "2024-12-05", "2025-12-15", "2026-11-20"] {
            let day: Date = day.parse().unwrap();
            let ledger = Ledger::new("2026-11-22T15:30:00Z".parse().unwrap());
            let mut wrong = Vec::new();
            let mut checked = 0;
            for charge in ledger.records(day, day.tomorrow().unwrap()) {
                let line = charge.line;
                let is_agent_core = line.service == "Amazon Bedrock AgentCore";
                if line.record_type != "Usage" || !(line.is_bedrock() || is_agent_core) {
                    continue;
                }
                checked += 1;
                let listed: Vec<Decimal> = OFFERS
                    .iter()
                    .filter(|offer| {
                        offer.holds(day)
                            && offer.attribute("usagetype") == Some(&line.usage_type)
                            && offer.attribute("servicename") == Some(&line.service)
                    })
                    .map(|offer| offer.usd)
                    .collect();
                let unit = Decimal::from(10_i64.pow(line.scale));
                let charged = crate::ledger::line::usd(line.rate(charge.day).into()) * unit;
                // The real list, too, has only the input rows of the old native Claude names.
                let is_gap = line.usage_type.ends_with("-Claude3Haiku-output-tokens");
                if (is_gap && !listed.is_empty()) || (!is_gap && listed != [charged]) {
                    wrong.push(format!(
                        "{} {}: charged {charged}, listed {listed:?}",
                        line.service, line.usage_type
                    ));
                }
            }
            assert!(checked > 20, "{checked}");
            assert!(wrong.is_empty(), "{day}: {wrong:#?}");
        }
    }

    #[test]
    fn filters_work_as_in_the_api() {
        let count = |filters: Value| {
            get(&json!({ "ServiceCode": "AmazonBedrock", "Filters": filters })).len()
        };
        let nova = json!([filter("TERM_MATCH", "model", "nova micro")]);
        let all = count(nova);
        let parts: usize = ["us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1"]
            .iter()
            .map(|region| {
                count(json!([
                    filter("EQUALS", "model", "Nova Micro"),
                    filter("EQUALS", "regionCode", region),
                ]))
            })
            .sum();
        assert!(all > 0);
        assert_eq!(parts, all);
        let us = json!([
            filter("EQUALS", "model", "Nova Micro"),
            filter("ANY_OF", "regionCode", "us-east-1,us-west-2"),
        ]);
        let rest = json!([
            filter("EQUALS", "model", "Nova Micro"),
            filter("NONE_OF", "regionCode", "us-east-1,us-west-2"),
        ]);
        assert_eq!(count(us) + count(rest), all);
        let contains = json!([
            filter("CONTAINS", "usagetype", "novamicro"),
            filter("EQUALS", "productFamily", "Amazon Bedrock"),
        ]);
        assert_eq!(count(contains), all);
        // What the guide asks for matches nothing, as on AWS.
        assert_eq!(
            count(json!([filter(
                "EQUALS",
                "productFamily",
                "Machine Learning"
            )])),
            0
        );
        assert_eq!(count(json!([filter("EQUALS", "nonsense", "x")])), 0);
    }

    #[test]
    fn pages_add_up_and_fit_their_request_only() {
        let input = json!({ "ServiceCode": "AmazonBedrock" });
        let whole: BTreeSet<String> = get(&input).iter().map(Value::to_string).collect();
        let small = json!({ "ServiceCode": "AmazonBedrock", "MaxResults": 7 });
        let parts = get(&small);
        assert_eq!(parts.len(), whole.len());
        assert_eq!(whole, parts.iter().map(Value::to_string).collect());
        assert!(whole.len() > 300, "{}", whole.len());
        let first = answer_on(TODAY, "GetProducts", &input).unwrap();
        let other = json!({
            "ServiceCode": "AmazonBedrockAgentCore",
            "NextToken": first["NextToken"],
        });
        let fault = answer_on(TODAY, "GetProducts", &other).unwrap_err();
        assert_eq!(fault.error_type, "InvalidNextTokenException");
    }

    #[test]
    fn services_attributes_and_files_are_listed() {
        let services = answer_on(TODAY, "DescribeServices", &json!({})).unwrap();
        let services = services["Services"].as_array().unwrap();
        assert_eq!(services.len(), 4);
        let input = json!({ "ServiceCode": "AmazonBedrock", "AttributeName": "regionCode" });
        let regions = answer_on(TODAY, "GetAttributeValues", &input).unwrap();
        let expected = ["ap-northeast-1", "eu-central-1", "us-east-1", "us-west-2"];
        let expected: Vec<Value> = expected
            .iter()
            .map(|code| json!({ "Value": code }))
            .collect();
        assert_eq!(regions["AttributeValues"], Value::from(expected));
        let input = json!({
            "ServiceCode": "AmazonBedrock",
            "EffectiveDate": 1_764_547_200,
            "CurrencyCode": "USD",
            "RegionCode": "eu-central-1",
        });
        let lists = answer_on(TODAY, "ListPriceLists", &input).unwrap();
        let list = &lists["PriceLists"][0];
        assert_eq!(
            list["PriceListArn"],
            "arn:aws:pricing:::price-list/aws/AmazonBedrock/USD/20251201000000/eu-central-1"
        );
        let input = json!({ "PriceListArn": list["PriceListArn"], "FileFormat": "json" });
        let url = answer_on(TODAY, "GetPriceListFileUrl", &input).unwrap();
        assert!(
            url["Url"]
                .as_str()
                .unwrap()
                .ends_with("/20251201000000/eu-central-1/index.json")
        );
    }

    #[test]
    fn unknown_names_are_faults() {
        let refuse = |operation: &str, input: Value, expected: &str| {
            let fault = answer_on(TODAY, operation, &input).unwrap_err();
            assert_eq!(fault.error_type, expected, "{operation}");
        };
        refuse(
            "GetProducts",
            json!({ "ServiceCode": "Bedrock" }),
            "NotFoundException",
        );
        refuse(
            "DescribeServices",
            json!({ "ServiceCode": "Bedrock" }),
            "NotFoundException",
        );
        refuse(
            "GetAttributeValues",
            json!({ "ServiceCode": "AmazonBedrock", "AttributeName": "modelId" }),
            "NotFoundException",
        );
        refuse(
            "ListPriceLists",
            json!({ "ServiceCode": "AmazonBedrock", "EffectiveDate": 0, "CurrencyCode": "USD" }),
            "ResourceNotFoundException",
        );
        refuse(
            "GetPriceListFileUrl",
            json!({ "PriceListArn": "arn:aws:pricing:::price-list/aws/X/USD/1/us-east-1", "FileFormat": "json" }),
            "ResourceNotFoundException",
        );
    }
}
