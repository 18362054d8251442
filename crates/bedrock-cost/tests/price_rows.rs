//! Rows taken from the merged source table of 2026-11-22, looked up in the price book to the digit.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;

use bedrock_cost::inference::{Routing, Tier};
use bedrock_cost::model::ModelId;
use bedrock_cost::money::TokenRate;
use bedrock_cost::price_book::{PriceBook, RateQuery, Rates, TokenRates};
use bedrock_cost::region::Region;
use bedrock_cost::tokens::TokenKind;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Rows of the source table: not made by this program. An empty field is "not listed".
const ROWS: &str = include_str!("fixtures/price_rows.csv");

/// Rows that the price book differs from on purpose, each with the reason.
const DIFFERENCES: &str = include_str!("fixtures/price_differences.csv");

/// One row of the source table.
struct Listed<'a> {
    line: usize,
    fields: BTreeMap<&'a str, &'a str>,
}

impl<'a> Listed<'a> {
    fn text(&self, column: &str) -> &'a str {
        self.fields.get(column).copied().unwrap()
    }

    fn number(&self, column: &str) -> Option<Decimal> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.parse().unwrap())
    }

    /// The source region that stands for a geography or for "everywhere".
    ///
    /// Sources that give one Nova rate for a geography took it from these regions.
    fn region(&self) -> Region {
        let name = match self.text("region") {
            "*" | "geo:us" => "us-east-1",
            "geo:eu" => "eu-central-1",
            "geo:apac" | "geo:au" => "ap-southeast-2",
            "geo:jp" => "ap-northeast-1",
            "geo:in" => "ap-south-1",
            "geo:ca" => "ca-central-1",
            "geo:us-gov" => "us-gov-west-1",
            region => region,
        };
        Region::parse_known(name).unwrap()
    }

    fn date(&self) -> Date {
        self.text("date").parse().unwrap()
    }

    fn key(&self) -> [&'a str; 4] {
        ["model", "region", "scope", "tier"].map(|column| self.text(column))
    }
}

fn listed() -> Vec<Listed<'static>> {
    let mut lines = ROWS.lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row = |(index, line): (usize, &'static str)| {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields.len(), columns.len(), "line {}", index + 2);
        Listed {
            line: index + 2,
            fields: columns.iter().copied().zip(fields).collect(),
        }
    };
    lines.enumerate().map(row).collect()
}

/// Says how the price book differs from a row; `None` when it does not.
fn difference(row: &Listed<'_>) -> Option<String> {
    if row.text("unit") == "1M tokens" {
        token_difference(row)
    } else {
        unit_difference(row)
    }
}

fn token_difference(row: &Listed<'_>) -> Option<String> {
    let routing = if row.text("scope") == "global" {
        Routing::Global
    } else {
        Routing::Regional
    };
    let query = RateQuery {
        region: row.region(),
        routing,
        tier: row.text("tier").parse::<Tier>().unwrap(),
        date: row.date(),
    };
    let model = PriceBook::embedded()
        .model(&ModelId::new(row.text("model")).unwrap())
        .unwrap();
    let rates = match model.rates(&query) {
        Ok(rates) => rates,
        Err(error) => return Some(error.to_string()),
    };
    let found = columns_of(&rates);
    // A geographic row may be answered by the fuller row of its source region, and Nova has a rule for the cache.
    let may_add = row.text("scope") == "geo" || model.id().starts_with("amazon.nova");
    for (column, value) in &found {
        let expected = row.number(column);
        if *value != expected && !(expected.is_none() && may_add) {
            return Some(format!("{column}: {value:?}, the source has {expected:?}"));
        }
    }
    let agreement = row.text("agreement");
    if row.text("scope") != "geo"
        && !agreement.is_empty()
        && agreement != rates.basis.agreement.as_str()
    {
        return Some(format!(
            "agreement: {}, the source has {agreement}",
            rates.basis.agreement
        ));
    }
    let has_note = rates.basis.note.is_some();
    (!has_note && rates.basis.agreement.as_str() != "agree").then(|| "no note".to_owned())
}

fn columns_of(rates: &Rates) -> BTreeMap<&'static str, Option<Decimal>> {
    let usd = |rates: &TokenRates, kind| rates.get(kind).map(TokenRate::usd);
    let long = |kind| rates.long_context.and_then(|long| usd(&long.rates, kind));
    let tokens = &rates.tokens;
    // The sources give one cache write rate; its lifetime comes from the usage types.
    let write = usd(tokens, TokenKind::CacheWrite5m).or(usd(tokens, TokenKind::CacheWrite30m));
    BTreeMap::from([
        ("input", usd(tokens, TokenKind::Input)),
        ("output", usd(tokens, TokenKind::Output)),
        ("cache_read", usd(tokens, TokenKind::CacheRead)),
        ("cache_write", write),
        ("cache_write_1h", usd(tokens, TokenKind::CacheWrite1h)),
        (
            "long_above",
            rates.long_context.map(|long| long.above_tokens.into()),
        ),
        ("long_input", long(TokenKind::Input)),
        ("long_output", long(TokenKind::Output)),
        ("long_cache_read", long(TokenKind::CacheRead)),
    ])
}

fn unit_difference(row: &Listed<'_>) -> Option<String> {
    let unit = row.text("unit").replace('_', ",");
    let (price, agreement) = if let Some(other) = row.text("model").strip_prefix("other:") {
        let (dimension, item) = other.split_once('/').unwrap();
        let found = PriceBook::embedded()
            .other(dimension, item, &row.region(), row.date())
            .unwrap();
        assert_eq!(found.rate.unit, unit, "line {}", row.line);
        (found.rate.usd.amount(), found.basis.agreement)
    } else {
        let model = PriceBook::embedded()
            .model(&ModelId::new(row.text("model")).unwrap())
            .unwrap();
        let found = model
            .unit_rates(&row.region(), row.date())
            .into_iter()
            .find(|found| found.rate.unit == unit);
        let Some(found) = found else {
            return Some(format!("no rate per {unit}"));
        };
        (found.rate.usd.amount(), found.basis.agreement)
    };
    let expected = row.number("price").unwrap();
    if price != expected {
        return Some(format!("{price} per {unit}, the source has {expected}"));
    }
    let listed = row.text("agreement");
    (!listed.is_empty() && listed != agreement.as_str())
        .then(|| format!("agreement: {agreement}, the source has {listed}"))
}

#[test]
fn every_row_is_found_to_the_digit_or_differs_for_a_stated_reason() {
    let mut reasons: BTreeMap<[&str; 4], &str> = BTreeMap::new();
    for line in DIFFERENCES.lines().filter(|line| !line.starts_with('#')) {
        let [model, region, scope, tier, reason] =
            line.splitn(5, ',').collect::<Vec<_>>().try_into().unwrap();
        assert!(reason.len() > 10, "a difference without a reason: {line}");
        reasons.insert([model, region, scope, tier], reason);
    }
    let mut wrong = Vec::new();
    let rows = listed();
    assert!(rows.len() > 300, "{} rows", rows.len());
    for row in &rows {
        match (difference(row), reasons.remove(&row.key())) {
            (Some(difference), None) => {
                wrong.push(format!("line {} {:?}: {difference}", row.line, row.key()));
            }
            (None, Some(_)) => wrong.push(format!(
                "line {} {:?}: listed as different and is not",
                row.line,
                row.key()
            )),
            _ => {}
        }
    }
    wrong.extend(
        reasons
            .keys()
            .map(|key| format!("{key:?}: a difference of a row that is not there")),
    );
    assert!(
        wrong.is_empty(),
        "{} rows:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
