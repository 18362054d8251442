//! The answer to `getCostAndUsage`: totals, groups and periods, with each usage type read.

use super::{
    Answer, MONTH_ROOM, Map, ROOM, Reply, Value, View, Warning, exact, json, pages_cut, scope,
    whole,
};
use crate::tools::reply::brief_quantity;
use crate::{
    aws::cost_explorer::{self, Charges, Link},
    error::ToolError,
};
use bedrock_cost::{
    cost_query::{CostMetric, DimensionKey, Filter, Granularity, GroupBy, UsageQuery},
    cost_report::{Amount, CostReport, Group, PeriodPart},
    price_book::{Model, PriceBook},
    service_name::{is_bedrock_service, model_id},
    usage_type::{Family, UsageType},
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Asks and answers.
pub(super) async fn answer(
    link: &Link<'_>,
    asked: &UsageQuery,
    with_resources: bool,
    finer: Option<&whole::Finer>,
    scope: Option<scope::Companion>,
    view: &View,
) -> Result<Reply, ToolError> {
    let sent = finer.map_or(asked, |finer| &finer.query);
    let asking = cost_explorer::cost_and_usage(link, sent, with_resources);
    let (found, finding) = match &scope {
        Some(companion) => {
            let (found, finding) = tokio::join!(asking, scope::look(link, companion, view));
            (
                found?,
                Some(finding.unwrap_or_else(|error| scope::unseen(companion, &error))),
            )
        }
        None => (asking.await?, None),
    };
    let mut charges = found.value;
    let finding = finding.or_else(|| {
        let looks = !view.exact_scope && !with_resources;
        looks.then(|| whole::look(sent, &charges.report, view))?
    });
    if let Some(finer) = finer {
        charges.report = finer.as_asked(&charges.report);
    }
    let mut warnings = Vec::new();
    if let Some(cut) = &found.cut {
        warnings.push(pages_cut(cut, "the totals are too low"));
    }
    warnings.extend(cautions(asked, &charges.report));
    let (columns, rows, by_period) = table(asked, &charges, view);
    warnings.extend(unclassified(asked, &charges.report));
    warnings.extend(nameless(asked, &charges.report));
    // A row that is only a date and its amounts leaves room for a month of them.
    let room = if asked.group_by.is_empty() {
        MONTH_ROOM
    } else {
        // What is said of the whole bill takes its room from the rows.
        ROOM - finding.as_ref().map_or(0, scope::Finding::taken)
    };
    let mut page = view.paging.page(columns, rows, view.room(room));
    warnings.extend(page.past_end.take());
    let mut headline = headline(asked, &charges.report);
    let mut finding = finding.unwrap_or_default();
    headline.push_str(&finding.headline);
    warnings.append(&mut finding.warnings);
    let last = charges
        .report
        .periods()
        .last()
        .map_or("", |part| short(&part.start));
    let (by_period, by_day_from) = match by_period {
        Some(Series::ByPeriod(pairs)) => (Some(pairs), None),
        Some(Series::ByDay(weeks)) => (None, Some(weeks)),
        None => (None, None),
    };
    let answer = Answer {
        partial: found
            .cut
            .map(|_| format!("only to {last}, and not all of it")),
        total: Some(totals(asked, &charges.report)),
        bill: finding.bill,
        bedrock: (!finding.fields.is_empty()).then_some(finding.fields),
        page,
        by_period,
        by_day_from,
        period: (!view.shows_request).then(|| {
            Map::from_iter([
                ("start".to_owned(), json!(asked.period.start_text())),
                ("end_exclusive".to_owned(), json!(asked.period.end_text())),
                ("granularity".to_owned(), json!(asked.granularity.as_str())),
            ])
        }),
    };
    Ok(Reply::new(headline, &answer).warn(warnings))
}

fn number(amount: &Amount) -> Value {
    exact(amount.value)
}

/// The amounts of a row.
fn numbers(asked: &UsageQuery, amounts: &[Amount], view: &View) -> Vec<Value> {
    amounts
        .iter()
        .zip(&asked.metrics)
        .map(|(amount, metric)| match metric.is_cost() {
            _ if view.full => number(amount),
            true => view.money(amount.value),
            false => brief_quantity(amount.value),
        })
        .collect()
}

fn totals(asked: &UsageQuery, report: &CostReport) -> Map<String, Value> {
    let totals = report.totals();
    asked
        .metrics
        .iter()
        .enumerate()
        .map(|(index, metric)| {
            let value = match totals.get(index) {
                None => json!(0),
                Some(amount) if metric.is_cost() => number(amount),
                Some(amount) if amount.is_meaningful() => {
                    json!({"amount": number(amount), "unit": amount.unit})
                }
                Some(_) => json!({"unit": "mixed units, not added up"}),
            };
            (metric.as_str().to_owned(), value)
        })
        .collect()
}

fn headline(asked: &UsageQuery, report: &CostReport) -> String {
    let totals = report.totals();
    let at = asked
        .metrics
        .iter()
        .position(|metric| metric.is_cost())
        .unwrap_or_default();
    let total = totals.get(at).map_or(Decimal::ZERO, |amount| amount.value);
    let unit = totals.get(at).map_or("USD", |amount| amount.unit.as_str());
    let groups = report.by_group(at);
    let value = |group: &Group| group.amounts.get(at).map(|amount| amount.value);
    // Over a total that credits take away, the largest charge explains nothing.
    let dearest = groups
        .iter()
        .max_by_key(|group| value(group))
        .filter(|group| total > Decimal::ZERO && value(group) > Some(Decimal::ZERO));
    let dearest = dearest.map(|group| {
        format!(
            ", most for {}",
            shown_keys(asked, group).collect::<Vec<_>>().join(" / ")
        )
    });
    format!(
        "{} {unit} from {} to {}{}",
        total.round_dp(2),
        asked.period.start_text(),
        asked.period.end_text(),
        dearest.unwrap_or_default()
    )
}

/// Columns, rows and, where groups run over several periods, the total of each period.
fn table(
    asked: &UsageQuery,
    charges: &Charges,
    view: &View,
) -> (Vec<String>, Vec<Vec<Value>>, Option<Series>) {
    let report = &charges.report;
    let metrics = asked
        .metrics
        .iter()
        .map(|metric| metric.as_str().to_owned());
    let rank = asked
        .metrics
        .iter()
        .position(|metric| metric.is_cost())
        .unwrap_or_default();
    let names = !charges.names.is_empty();
    let usage_at = asked
        .group_by
        .iter()
        .position(|group| *group == GroupBy::Dimension(DimensionKey::UsageType));
    let mut keys: Vec<String> = asked.group_by.iter().map(column).collect();
    if names {
        keys.push("name".to_owned());
    }
    let quantity_at = asked.metrics.iter().position(|metric| !metric.is_cost());
    let mut after: Vec<String> = Vec::new();
    if quantity_at.is_some() {
        after.push("unit".to_owned());
    }
    if usage_at.is_some() {
        after.extend(["model", "kind", "tier", "routing", "region"].map(String::from));
    }
    let cells = |group: &Group| -> Vec<Value> {
        let mut row: Vec<Value> = shown_keys(asked, group).map(Value::from).collect();
        if names {
            let name = group.keys.iter().find_map(|key| charges.names.get(key));
            row.push(json!(name.map_or("", String::as_str)));
        }
        row.extend(numbers(asked, &group.amounts, view));
        if let Some(at) = quantity_at {
            row.push(json!(
                group.amounts.get(at).map_or("", |amount| &amount.unit)
            ));
        }
        if let Some(at) = usage_at {
            row.extend(read_usage(group, at, view));
        }
        row
    };
    if asked.group_by.is_empty() {
        let columns = std::iter::once("start".to_owned()).chain(metrics).collect();
        let starts = || report.periods().iter().map(|part| short(&part.start));
        // Days leave out a year that all of them share; the period of the answer has it.
        let year = |start: &str| start.get(..5).unwrap_or_default().to_owned();
        let same_year = starts().map(year).min() == starts().map(year).max();
        let rows = report.periods().iter().map(|part| {
            let start = short(&part.start);
            let day = if view.full || !same_year || start.len() != "2024-11-01".len() {
                start
            } else {
                start.get(5..).unwrap_or(start)
            };
            let mut row = vec![json!(day)];
            row.extend(numbers(asked, &CostReport::period_total(part), view));
            row
        });
        return (columns, rows.collect(), None);
    }
    if view.full && report.periods().len() > 1 {
        let columns = std::iter::once("start".to_owned())
            .chain(keys)
            .chain(metrics)
            .chain(after)
            .collect();
        let rows = report
            .periods()
            .iter()
            .flat_map(|part| part.groups.iter().map(move |group| (part, group)))
            .map(|(part, group)| {
                let mut row = vec![json!(short(&part.start))];
                row.extend(cells(group));
                row
            });
        return (columns, rows.collect(), None);
    }
    let by_period = (report.periods().len() > 1).then(|| series(asked, report, rank, view));
    let columns = keys.into_iter().chain(metrics).chain(after).collect();
    let rows = report.by_group(rank).iter().map(cells).collect();
    (columns, rows, by_period)
}

/// More days than this are shown a week a line, more periods than the second as months.
const FEW_PERIODS: usize = 14;
const MOST_PERIODS: usize = 31;
const WEEK: usize = 7;

/// The total of each period: as pairs, or a week a line, or of each month where there are many.
fn series(asked: &UsageQuery, report: &CostReport, rank: usize, view: &View) -> Series {
    let periods = report.periods();
    let total = |part: &PeriodPart| {
        let totals = CostReport::period_total(part);
        totals
            .get(rank)
            .map_or(Decimal::ZERO, |amount| amount.value)
    };
    if !view.full
        && asked.granularity == Granularity::Daily
        && (FEW_PERIODS + 1..=MOST_PERIODS).contains(&periods.len())
    {
        let weeks = periods.chunks(WEEK).filter_map(|days| {
            let from = short(&days.first()?.start).to_owned();
            let amounts: Vec<Value> = days.iter().map(|day| view.money(total(day))).collect();
            Some((from, json!(amounts)))
        });
        return Series::ByDay(weeks.collect());
    }
    let by_month = periods.len() > MOST_PERIODS;
    let mut out: BTreeMap<&str, Decimal> = BTreeMap::new();
    for part in periods {
        let start = short(&part.start);
        let start = if by_month {
            start.get(..7).unwrap_or(start)
        } else {
            start
        };
        *out.entry(start).or_default() += total(part);
    }
    let pairs = out.into_iter();
    Series::ByPeriod(
        pairs
            .map(|(start, total)| json!([start, view.money(total)]))
            .collect(),
    )
}

/// How the answer says the total of each period.
enum Series {
    ByPeriod(Vec<Value>),
    /// From each date on, the amount of each day.
    ByDay(Map<String, Value>),
}

/// A day without its midnight.
pub(super) fn short(start: &str) -> &str {
    start.strip_suffix("T00:00:00Z").unwrap_or(start)
}

fn column(group: &GroupBy) -> String {
    match group {
        GroupBy::Dimension(key) => key.as_str().to_ascii_lowercase(),
        GroupBy::Tag(key) => format!("tag:{key}"),
        GroupBy::CostCategory(name) => format!("category:{name}"),
        GroupBy::ProductAttribute(key) => key.as_str().to_owned(),
    }
}

/// The keys of a group; those of tags, categories and product attributes come as `key$value`.
fn shown_keys<'a>(asked: &'a UsageQuery, group: &'a Group) -> impl Iterator<Item = &'a str> {
    group
        .keys
        .iter()
        .zip(&asked.group_by)
        .map(|(key, by)| match (by, key.split_once('$')) {
            (GroupBy::Dimension(_), _) | (_, None) => key.as_str(),
            (_, Some((_, ""))) => "(none)",
            (_, Some((_, value))) => value,
        })
}

/// What a usage type says: model, kind, tier, routing, region. A short answer has the model's name, a full one its id.
fn read_usage(group: &Group, at: usize, view: &View) -> Vec<Value> {
    let text = group.keys.get(at).map_or("", String::as_str);
    let service = group.keys.iter().find(|key| is_bedrock_service(key));
    let Ok(usage) = UsageType::parse(text) else {
        return ["", "unclassified", "", "", ""].map(Value::from).into();
    };
    let model = usage
        .model_id()
        .or_else(|| service.and_then(|service| model_id(service)))
        .map(|id| {
            if view.full {
                id
            } else {
                display_name(id).unwrap_or(id)
            }
        })
        .map(str::to_owned);
    let model = model
        .or_else(|| usage.model_segment.map(str::to_owned))
        .unwrap_or_default();
    let region = usage
        .region
        .as_ref()
        .map_or(usage.billing_prefix, |region| region.as_str());
    vec![
        json!(model),
        json!(usage.kind_name()),
        json!(usage.tier.as_str()),
        json!(usage.routing.as_str()),
        json!(region),
    ]
}

/// The name that every tool accepts in place of the id.
fn display_name(id: &str) -> Option<&'static str> {
    let known = PriceBook::embedded().models();
    known.iter().find(|model| model.id() == id).map(Model::name)
}

fn cautions(asked: &UsageQuery, report: &CostReport) -> Vec<Warning> {
    let mut out = Vec::new();
    if let Some(start) = report.estimated_from() {
        out.push(Warning::new(
            "estimated",
            format!("charges from {} on are not final", short(start)),
        ));
    }
    let totals = report.totals();
    for (metric, amount) in asked.metrics.iter().zip(&totals) {
        if !metric.is_cost() && !amount.is_meaningful() {
            out.push(Warning::new(
                "mixed_units",
                format!(
                    "{} adds tokens, text units, hours and requests: the number means nothing; group or filter by USAGE_TYPE",
                    metric.as_str()
                ),
            ));
        }
    }
    if report.is_empty() {
        out.push(nothing(asked));
    }
    for group in &asked.group_by {
        if let GroupBy::Tag(key) = group {
            out.extend(untagged(asked, report, key));
        }
    }
    let by_service = asked
        .group_by
        .contains(&GroupBy::Dimension(DimensionKey::Service));
    if by_service
        && asked.group_by.len() == 1
        && asked
            .filter
            .as_ref()
            .is_some_and(|filter| filter.has_dimension(DimensionKey::Service))
    {
        out.push(Warning::new(
            "service_is_not_model",
            "SERVICE tells models apart only where AWS bills them through Marketplace; for every model group by PRODUCT_ATTRIBUTE model (from 2026-09-01) or USAGE_TYPE",
        ));
    }
    out
}

/// Why nothing fits.
///
/// Whether a tag or a service exists at all would take a second request, which AWS bills like the first. The caller is
/// told of it and decides: a charge of nothing is often the truth.
fn nothing(asked: &UsageQuery) -> Warning {
    let mut tags = Vec::new();
    if let Some(filter) = &asked.filter {
        filter.visit(&mut |leaf, _| {
            if let Filter::Tags(leaf) = leaf {
                tags.push(leaf.key.clone());
            }
        });
    }
    let message = if tags.is_empty() {
        "nothing was charged that fits; a filter value that does not exist gives the same answer: getDimensionValues with search_string lists those that do (0.01 USD)".to_owned()
    } else {
        format!(
            "nothing was charged that fits; {}: getTagsOrValues lists the keys, with tag_key the values (0.01 USD)",
            as_spelled(&tags.join(", "))
        )
    };
    Warning::new("no_charges", message)
}

/// Tag keys in another case are other tags, so that none is ever corrected here.
fn as_spelled(keys: &str) -> String {
    format!(
        "tag keys and values are matched with regard to case, as {keys} is spelled, and count from their activation for cost allocation on"
    )
}

/// Dollars without the tag; where that is all of them, the key may be another's spelling.
fn untagged(asked: &UsageQuery, report: &CostReport, key: &str) -> Option<Warning> {
    let rank = asked
        .metrics
        .iter()
        .position(|metric: &CostMetric| metric.is_cost())?;
    let empty = format!("{key}$");
    let groups = report.by_group(rank);
    let amount = |group: &Group| group.amounts.get(rank).map(|amount| amount.value);
    let (without, with): (Vec<&Group>, Vec<&Group>) =
        groups.iter().partition(|group| group.keys.contains(&empty));
    let sum: Decimal = without.into_iter().filter_map(amount).sum();
    if sum <= Decimal::ZERO {
        return None;
    }
    let message = if with.is_empty() {
        format!(
            "no charge carries a tag {key}; {}: getTagsOrValues lists the keys (0.01 USD)",
            as_spelled(key)
        )
    } else {
        format!(
            "{} USD carry no tag {key}; tags count from their activation for cost allocation on",
            exact(sum)
        )
    };
    Some(Warning::new("untagged", message))
}

/// Dollars of usage types that no grammar reads: they stay in the total and are named.
fn unclassified(asked: &UsageQuery, report: &CostReport) -> Option<Warning> {
    let at = asked
        .group_by
        .iter()
        .position(|group| *group == GroupBy::Dimension(DimensionKey::UsageType))?;
    let rank = asked.metrics.iter().position(|metric| metric.is_cost())?;
    let unread: Vec<Group> = report
        .by_group(rank)
        .into_iter()
        .filter(|group| {
            group
                .keys
                .get(at)
                .is_some_and(|text| UsageType::parse(text).is_err())
        })
        .collect();
    let sum: Decimal = unread
        .iter()
        .filter_map(|group| group.amounts.get(rank))
        .map(|amount| amount.value)
        .sum();
    let first = unread.first()?.keys.get(at).cloned()?;
    Some(Warning::new(
        "unclassified",
        format!(
            "{} usage types are not Bedrock's or not known, {} USD, such as {first}; they are in the total",
            unread.len(),
            exact(sum)
        ),
    ))
}

/// Usage types of Marketplace rows do not name their model; the service they are billed under does.
fn nameless(asked: &UsageQuery, report: &CostReport) -> Option<Warning> {
    let by = |key| {
        asked
            .group_by
            .iter()
            .position(|group| *group == GroupBy::Dimension(key))
    };
    let at = by(DimensionKey::UsageType)?;
    if by(DimensionKey::Service).is_some() {
        return None;
    }
    let rows = report.by_group(0);
    let marketplace = rows.iter().any(|group| {
        group.keys.get(at).is_some_and(|text| {
            UsageType::parse(text).is_ok_and(|usage| usage.family == Family::Marketplace)
        })
    });
    marketplace.then(|| {
        Warning::new(
            "model_not_named",
            "usage types of models billed through Marketplace name no model: group by SERVICE and USAGE_TYPE",
        )
    })
}
