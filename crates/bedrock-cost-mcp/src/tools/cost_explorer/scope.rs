//! The Marketplace blind spot: what a filter on SERVICE = "Amazon Bedrock" does not see.

use super::{Map, Value, View, Warning, exact, json, whole};
use crate::{
    aws::{
        cost_explorer::{self, Link},
        pages::Cut,
    },
    error::ToolError,
};
use bedrock_cost::{
    cost_query::{CostQuery, DimensionKey, Filter, Granularity, GroupBy, QueryPeriod, UsageQuery},
    cost_report::{BedrockScope, ServiceCharge},
    service_name::{AMAZON_BEDROCK, MARKETPLACE_SUFFIX},
};
use rust_decimal::Decimal;

/// A second request about the same charges, whatever service they are billed under, by service and record type.
#[derive(Clone, Debug)]
pub(super) struct Companion {
    pub(super) query: UsageQuery,
    /// The services that were asked for; none where every one of them was.
    services: Option<Vec<String>>,
}

/// The companion of a query that asks for Amazon Bedrock by its service name, or for days of the whole bill.
pub(super) fn companion(query: &CostQuery) -> Option<Companion> {
    let CostQuery::CostAndUsage(asked) = query else {
        return None;
    };
    let QueryPeriod::Days(period) = asked.period else {
        return None;
    };
    if let Some(query) = whole::beside_days(asked) {
        return Some(Companion {
            query,
            services: None,
        });
    }
    let (services, rest) = without_service(asked.filter.as_ref()?)?;
    if !services.iter().any(|service| service == AMAZON_BEDROCK) {
        return None;
    }
    Some(Companion {
        query: UsageQuery {
            period: QueryPeriod::Days(period),
            // Only the total is needed: months make the fewest rows.
            granularity: Granularity::Monthly,
            metrics: vec![whole::cost_of(asked)],
            group_by: vec![
                GroupBy::Dimension(DimensionKey::Service),
                GroupBy::Dimension(DimensionKey::RecordType),
            ],
            filter: rest,
        },
        services: Some(services),
    })
}

/// Takes the condition on SERVICE out of a filter: the services, and what remains.
///
/// Only a condition that holds for every charge can be taken out; under `Or` or `Not` it says something else.
fn without_service(filter: &Filter) -> Option<(Vec<String>, Option<Filter>)> {
    match filter {
        Filter::Dimensions(leaf) if leaf.key == DimensionKey::Service => {
            Some((leaf.values.clone(), None))
        }
        Filter::And(filters) => {
            let at = filters
                .iter()
                .position(|inner| matches!(inner, Filter::Dimensions(leaf) if leaf.key == DimensionKey::Service))?;
            let mut rest = filters.clone();
            let Filter::Dimensions(leaf) = rest.remove(at) else {
                return None;
            };
            let rest = if rest.len() > 1 {
                Some(Filter::And(rest))
            } else {
                rest.pop()
            };
            if rest
                .as_ref()
                .is_some_and(|rest| rest.has_dimension(DimensionKey::Service))
            {
                return None;
            }
            Some((leaf.values, rest))
        }
        _ => None,
    }
}

/// The warning for a question about Amazon Bedrock that no second request can complete.
pub(super) fn blind(query: &CostQuery) -> Option<Warning> {
    let mut asked = false;
    query.filter()?.visit(&mut |leaf, negated| {
        asked |= !negated
            && matches!(leaf, Filter::Dimensions(leaf)
                if leaf.key == DimensionKey::Service && leaf.values.iter().any(|value| value == AMAZON_BEDROCK));
    });
    asked.then(|| {
        Warning::new(
            "marketplace_not_included",
            format!(
                "models billed through Marketplace as \"<model> (Amazon Bedrock Edition)\" are not in these figures: \
                 name those services in the filter beside \"{AMAZON_BEDROCK}\" \
                 (getDimensionValues of SERVICE with search_string \"Bedrock Edition\" lists them)"
            ),
        )
    })
}

/// What was found of Bedrock's part, as the answer says it.
#[derive(Default)]
pub(super) struct Finding {
    pub(super) fields: Map<String, Value>,
    /// What is said of everything that was asked for.
    pub(super) bill: Map<String, Value>,
    pub(super) warnings: Vec<Warning>,
    /// One clause for the headline; empty when the filter saw everything.
    pub(super) headline: String,
}

/// Bytes that credits take of the room for rows, which is what an answer is short of where it has all three.
const CREDITS_ROOM: usize = 300;

impl Finding {
    /// Bytes of a short answer that rows have to leave.
    pub(super) fn taken(&self) -> usize {
        if self.bill.is_empty() {
            0
        } else {
            CREDITS_ROOM
        }
    }
}

/// Asks the second request and compares.
pub(super) async fn look(
    link: &Link<'_>,
    companion: &Companion,
    view: &View,
) -> Result<Finding, ToolError> {
    let found = cost_explorer::cost_and_usage(link, &companion.query, false).await?;
    let Some(services) = &companion.services else {
        let report = &found.value.report;
        let mut finding = whole::look(&companion.query, report, view).unwrap_or_default();
        finding.fields.extend([whole::asked_beside()]);
        finding.warnings.extend(cut_short(found.cut.as_ref()));
        return Ok(finding);
    };
    let charges: Vec<ServiceCharge> = found
        .value
        .report
        .by_group(0)
        .into_iter()
        .filter_map(
            |group| match (group.keys.as_slice(), group.amounts.first()) {
                ([service, record_type], Some(amount)) => Some(ServiceCharge {
                    service: service.clone(),
                    record_type: record_type.clone(),
                    charge: amount.value,
                }),
                _ => None,
            },
        )
        .collect();
    let scope = BedrockScope::compare(&charges, |service| {
        services.iter().any(|asked| asked == service)
    });
    Ok(describe(&scope, found.cut.as_ref(), view))
}

/// The second request failed: the answer to the first stands, and says what it may miss.
pub(super) fn unseen(companion: &Companion, error: &ToolError) -> Finding {
    let what = match companion.services {
        Some(_) => {
            "models that AWS bills through Marketplace are not in these figures, and how much they are"
        }
        None => "how much of this is Bedrock's, and what credits hide of it,",
    };
    let message = format!("{what} could not be asked: {error}");
    Finding {
        warnings: vec![Warning::new("scope_not_checked", message)],
        ..Finding::default()
    }
}

fn cut_short(cut: Option<&Cut>) -> Option<Warning> {
    cut.map(|cut| super::pages_cut(cut, "what is said of Bedrock's part is not complete"))
}

/// Services that a short answer names of those that the filter leaves out.
const NAMED: usize = 2;

/// The dearest services that the filter leaves out, and the sum of the others.
fn left_out(services: &[(String, Decimal)], view: &View) -> Value {
    let most = if view.full || services.len() <= NAMED + 1 {
        services.len()
    } else {
        NAMED
    };
    let (named, others) = services.split_at_checked(most).unwrap_or((services, &[]));
    let mut rows: Vec<Value> = named
        .iter()
        .map(|(service, charge)| json!([service, view.money(*charge)]))
        .collect();
    if !others.is_empty() {
        let sum = others.iter().map(|(_, charge)| *charge).sum();
        rows.push(json!([format!("{} others", others.len()), view.money(sum)]));
    }
    json!(rows)
}

fn describe(scope: &BedrockScope, cut: Option<&Cut>, view: &View) -> Finding {
    let difference = scope.with_all_bedrock - scope.as_requested;
    let mut fields = Map::new();
    let mut put = |name: &str, amount: Value| {
        fields.insert(name.to_owned(), amount);
    };
    put("as_requested_usd", exact(scope.as_requested));
    put("with_all_bedrock_usd", exact(scope.with_all_bedrock));
    put("difference_usd", exact(difference));
    let mut warnings = Vec::new();
    let mut headline = String::new();
    if scope.credits_as_requested < Decimal::ZERO {
        let gross = scope.as_requested - scope.credits_as_requested;
        put("credits_and_refunds_usd", exact(scope.credits_as_requested));
        put("gross_usd", view.money(gross));
        warnings.push(Warning::new(
            "credits",
            "credits and refunds are netted in: gross_usd is before them",
        ));
    }
    if scope.credits_with_all < scope.credits_as_requested {
        put(
            "all_bedrock_credits_and_refunds_usd",
            exact(scope.credits_with_all),
        );
    }
    if !scope.left_out.is_empty() {
        fields.insert("left_out".into(), left_out(&scope.left_out, view));
        let marketplace = scope
            .left_out
            .iter()
            .any(|(service, _)| service.ends_with(MARKETPLACE_SUFFIX));
        let (code, what) = if marketplace {
            (
                "marketplace_left_out",
                "the models billed through Marketplace",
            )
        } else {
            ("bedrock_left_out", "other Bedrock services")
        };
        headline = format!("; {} with {what}", scope.with_all_bedrock.round_dp(2));
        warnings.push(Warning::new(
            code,
            format!(
                "the filter leaves out {what}: {} USD, in left_out",
                difference.round_dp(2)
            ),
        ));
    }
    warnings.extend(cut_short(cut));
    Finding {
        fields,
        warnings,
        headline,
        ..Finding::default()
    }
}
