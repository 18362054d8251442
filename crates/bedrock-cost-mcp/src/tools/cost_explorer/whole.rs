//! The whole bill: how much of it is Bedrock's, and what credits and refunds hide of it.

use super::{Map, Value, View, Warning, exact, json, scope::Finding};
use bedrock_cost::{
    cost_query::{CostMetric, DimensionKey, Filter, Granularity, GroupBy, QueryPeriod, UsageQuery},
    cost_report::{Amount, CostReport, GIVEN_BACK, Group, PeriodPart},
    service_name::{is_bedrock_service, model_name},
};
use rust_decimal::Decimal;

const SERVICE: GroupBy = GroupBy::Dimension(DimensionKey::Service);
const RECORD_TYPE: GroupBy = GroupBy::Dimension(DimensionKey::RecordType);

/// A question told apart by service and record type as well: one request says more, and its sums are the same.
#[derive(Clone, Debug)]
pub(super) struct Finer {
    pub(super) query: UsageQuery,
    /// Where the keys that were asked for stand among those of the query.
    asked: Vec<usize>,
}

impl Finer {
    /// The report as it was asked for.
    pub(super) fn as_asked(&self, report: &CostReport) -> CostReport {
        let nothing: Vec<Amount> = self
            .query
            .metrics
            .iter()
            .map(|_| Amount::zero("USD"))
            .collect();
        report.by_keys(&self.asked, &nothing)
    }
}

/// Tells whether a question is about the charges of every service.
pub(super) fn spans_services(asked: &UsageQuery) -> bool {
    matches!(asked.period, QueryPeriod::Days(_))
        && asked.metrics.iter().any(|metric| metric.is_cost())
        && !asked
            .filter
            .as_ref()
            .is_some_and(|filter| filter.has_dimension(DimensionKey::Service))
}

/// The finer question, where the request stays about one page: days without groups would become a page a fortnight.
pub(super) fn finer(asked: &UsageQuery) -> Option<Finer> {
    // Costs add up over groups; quantities of different units do not.
    if !spans_services(asked) || !asked.metrics.iter().all(|metric| metric.is_cost()) {
        return None;
    }
    let monthly = asked.granularity == Granularity::Monthly;
    let (group_by, places) = match asked.group_by.as_slice() {
        [] if monthly => (vec![SERVICE, RECORD_TYPE], vec![]),
        [one] if *one == SERVICE => (vec![SERVICE, RECORD_TYPE], vec![0]),
        [one] if *one == RECORD_TYPE && monthly => (vec![RECORD_TYPE, SERVICE], vec![0]),
        _ => return None,
    };
    Some(Finer {
        query: UsageQuery {
            group_by,
            ..asked.clone()
        },
        asked: places,
    })
}

/// A second request that tells the days of a bill without groups apart: by month, so that it is one page.
pub(super) fn beside_days(asked: &UsageQuery) -> Option<UsageQuery> {
    (spans_services(asked) && asked.group_by.is_empty() && finer(asked).is_none()).then(|| {
        UsageQuery {
            granularity: Granularity::Monthly,
            metrics: vec![cost_of(asked)],
            group_by: vec![SERVICE, RECORD_TYPE],
            ..asked.clone()
        }
    })
}

/// The first cost among the metrics.
pub(super) fn cost_of(asked: &UsageQuery) -> CostMetric {
    let mut metrics = asked.metrics.iter().copied();
    metrics
        .find(|metric| metric.is_cost())
        .unwrap_or(CostMetric::UnblendedCost)
}

/// What the keys of the rows tell of Bedrock's part and of money given back; nothing where they tell neither.
pub(super) fn look(asked: &UsageQuery, report: &CostReport, view: &View) -> Option<Finding> {
    let at = |key: &GroupBy| asked.group_by.iter().position(|group| group == key);
    let (service, record_type) = (at(&SERVICE), at(&RECORD_TYPE));
    let rank = asked.metrics.iter().position(|metric| metric.is_cost())?;
    if !spans_services(asked) || report.is_empty() || (service.is_none() && record_type.is_none()) {
        return None;
    }
    let charges: Vec<Charge<'_>> = report
        .periods()
        .iter()
        .flat_map(|part| part.groups.iter().map(move |group| (part, group)))
        .map(|(part, group)| Charge::of(part, group, service, record_type, rank))
        .collect();
    let mut finding = Finding::default();
    if service.is_some() {
        bedrock(&charges, &mut finding);
    }
    // Who filters by the record type knows of credits, and left them out or asked for nothing else.
    let by_record_type = asked
        .filter
        .as_ref()
        .is_some_and(|filter: &Filter| filter.has_dimension(DimensionKey::RecordType));
    if record_type.is_some() && !by_record_type {
        let when = match asked.granularity {
            _ if report.periods().len() < 2 => None,
            Granularity::Monthly => Some("in the month from"),
            Granularity::Daily | Granularity::Hourly => Some("on"),
        };
        given_back(&charges, when, view, &mut finding);
    }
    Some(finding)
}

/// One row of one period.
struct Charge<'a> {
    start: &'a str,
    service: Option<&'a str>,
    given_back: bool,
    usd: Decimal,
}

impl<'a> Charge<'a> {
    fn of(
        part: &'a PeriodPart,
        group: &'a Group,
        service: Option<usize>,
        record_type: Option<usize>,
        rank: usize,
    ) -> Self {
        let key = |at: Option<usize>| at.and_then(|at| group.keys.get(at)).map(String::as_str);
        Self {
            start: super::charges::short(&part.start),
            service: key(service),
            given_back: key(record_type).is_some_and(|kind| GIVEN_BACK.contains(&kind)),
            usd: group
                .amounts
                .get(rank)
                .map_or(Decimal::ZERO, |amount| amount.value),
        }
    }

    fn is_bedrock(&self) -> bool {
        self.service.is_some_and(is_bedrock_service)
    }

    fn is_marketplace(&self) -> bool {
        self.service.is_some_and(|name| model_name(name).is_some())
    }
}

fn sum<'a>(charges: &[Charge<'a>], counts: impl Fn(&Charge<'a>) -> bool) -> Decimal {
    let counted = charges.iter().filter(|charge| counts(charge));
    counted.map(|charge| charge.usd).sum()
}

/// Bedrock's part, under every name that AWS bills it by.
fn bedrock(charges: &[Charge<'_>], finding: &mut Finding) {
    let total = sum(charges, Charge::is_bedrock);
    finding.headline = format!("; {} of it Bedrock", total.round_dp(2));
    finding.fields.insert("total_usd".into(), exact(total));
    let marketplace = sum(charges, Charge::is_marketplace);
    if !marketplace.is_zero() {
        finding
            .fields
            .insert("marketplace_usd".into(), exact(marketplace));
    }
    let back = sum(charges, |charge| charge.given_back && charge.is_bedrock());
    if !back.is_zero() {
        finding
            .fields
            .insert("credits_and_refunds_usd".into(), exact(back));
    }
}

/// What the total is before credits and refunds, and which of them is the largest.
///
/// `when` comes before the start of its period, where there are several.
fn given_back(charges: &[Charge<'_>], when: Option<&str>, view: &View, finding: &mut Finding) {
    let back = sum(charges, |charge| charge.given_back);
    if back.is_zero() {
        return;
    }
    let net = sum(charges, |_| true);
    let gross = net - back;
    finding.bill = Map::from_iter([
        ("gross_usd".to_owned(), view.money(gross)),
        ("credits_and_refunds_usd".to_owned(), exact(back)),
    ]);
    let largest = charges
        .iter()
        .filter(|charge| charge.given_back)
        .min_by_key(|charge| charge.usd)
        .map(|charge| {
            let of = charge
                .service
                .map(|name| format!(" of {name}"))
                .unwrap_or_default();
            let on = when
                .map(|when| format!(" {when} {}", charge.start))
                .unwrap_or_default();
            format!("; the largest is {}{of}{on}", charge.usd.round_dp(2))
        });
    finding.warnings.push(Warning::new(
        "credits",
        format!(
            "{} USD before credits and refunds, {} after{}",
            gross.round_dp(2),
            net.round_dp(2),
            largest.unwrap_or_default()
        ),
    ));
}

/// What a second request about the whole bill is, beside the fields that it gave.
pub(super) fn asked_beside() -> (String, Value) {
    (
        "from".to_owned(),
        json!("a second request, by SERVICE and RECORD_TYPE; bedrock_scope exact leaves it out"),
    )
}
