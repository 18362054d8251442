//! What Cost Explorer answered, put together: charges of both periods, what was given back, and what lies around.

use super::question::Question;
use crate::{
    aws::{
        cost_explorer::{self, Charges, Link},
        pages::{Cut, Paged},
    },
    error::ToolError,
    tools::reply::Warning,
};
use bedrock_cost::{
    cost_query::{DimensionKey, GroupBy, UsageQuery},
    cost_report::{Amount, CostReport, GIVEN_BACK, PeriodPart, day_of},
    service_name::is_bedrock_service,
    spend::{By, Cause, ChargeKey, Peak, Spend, When},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Services that workloads on Bedrock commonly pull along, by the names that bills have.
const AROUND: [&str; 11] = [
    "AWS Lambda",
    "AWS Step Functions",
    "Amazon API Gateway",
    "Amazon DynamoDB",
    "Amazon Kendra",
    "Amazon OpenSearch Service",
    "Amazon Simple Queue Service",
    "Amazon Simple Storage Service",
    "Amazon Textract",
    "Amazon Transcribe",
    "AmazonCloudWatch",
];
/// A rise of less than this, USD, is not worth a request to find its days.
const WORTH_A_LOOK: Decimal = Decimal::ONE;
/// What an absent usage type is called, so that its dollars are named.
const NO_USAGE_TYPE: &str = "NoUsageType";

/// What was asked of Cost Explorer, and what came back.
#[derive(Debug, Default)]
pub(super) struct Bill {
    /// Every Bedrock charge of both periods, by service and usage type.
    pub(super) spend: Spend,
    /// The charges by what else was asked, where service and usage type do not tell it.
    pub(super) cut: Option<Spend>,
    /// Whether those are of both periods.
    pub(super) cut_compares: bool,
    /// Names of accounts.
    pub(super) names: BTreeMap<String, String>,
    /// Credits and refunds of this period and, where it is known, of the one before: zero or negative.
    pub(super) given_back: (Decimal, Option<Decimal>),
    /// Services around Bedrock: this period's charges and, where they are known, those of the period before.
    pub(super) around: Vec<(String, Decimal, Option<Decimal>)>,
    pub(super) cause: Option<Cause>,
    pub(super) peak: Option<Peak>,
    /// What AWS expects of the days after those charged, USD.
    pub(super) expected: Option<Decimal>,
    /// The first day of this period that is not final.
    pub(super) estimated_from: Option<String>,
    /// Why not every page was read.
    pub(super) pages_cut: Option<Cut>,
    pub(super) warnings: Vec<Warning>,
    /// The names that Bedrock is billed under.
    pub(super) services: Vec<String>,
}

/// One charge as the core reads it.
pub(super) type Charge = (When, ChargeKey, Amount, Decimal);

/// Asks what the question takes, one request after another.
pub(super) async fn collect(link: &Link<'_>, question: &Question) -> Result<Bill, ToolError> {
    let mut bill = Bill::default();
    let query = question.services(question.whole());
    let found = Services::of(
        &bill.ask(link, &query).await?.report,
        question.period.start(),
    );
    let services = found.of_bedrock();
    bill.services.clone_from(&services);
    if !services.is_empty() {
        bill.ask_lines(link, question, &services).await?;
        bill.ask_cuts(link, question, &services).await?;
    }
    bill.check(question, &found);
    bill.ask_beside(link, question, found).await;
    bill.find_cause(link, question).await;
    if !services.is_empty() {
        bill.look_ahead(link, question, &services).await;
    }
    Ok(bill)
}

impl Bill {
    /// Asks one request, every page of it.
    async fn ask(&mut self, link: &Link<'_>, query: &UsageQuery) -> Result<Charges, ToolError> {
        let Paged { value, cut } = cost_explorer::cost_and_usage(link, query, false).await?;
        self.pages_cut = self.pages_cut.take().or(cut);
        self.names.extend(
            value
                .names
                .iter()
                .map(|(id, name)| (id.clone(), name.clone())),
        );
        Ok(value)
    }

    async fn ask_lines(
        &mut self,
        link: &Link<'_>,
        question: &Question,
        services: &[String],
    ) -> Result<(), ToolError> {
        let from = question.period.start();
        let (mut charges, mut by_month) = (Vec::new(), Vec::new());
        for period in question.line_periods() {
            let query = question.lines(period, services);
            let answer = self.ask(link, &query).await?;
            self.note_estimated(&answer.report, from);
            charges.extend(read(&query, &answer.report, from, false));
            by_month.extend(read(&query, &answer.report, from, true));
        }
        self.spend = Spend::new(charges);
        if question.by.contains(&By::Month) {
            by_month.retain(|(when, ..)| *when == When::Now);
            self.cut = Some(Spend::new(by_month));
        }
        Ok(())
    }

    async fn ask_cuts(
        &mut self,
        link: &Link<'_>,
        question: &Question,
        services: &[String],
    ) -> Result<(), ToolError> {
        let cuts = question.cuts(services);
        if cuts.is_empty() {
            return Ok(());
        }
        let from = question.period.start();
        let in_time = question.by.iter().any(By::is_time);
        let mut charges = Vec::new();
        for cut in cuts {
            let answer = self.ask(link, &cut.query).await?;
            if in_time {
                self.note_estimated(&answer.report, from);
            }
            charges.extend(read(&cut.query, &answer.report, from, in_time));
            self.cut_compares = cut.compares && question.previous.is_some();
        }
        self.cut = Some(Spend::new(charges));
        Ok(())
    }

    /// Works out credits, refunds and what lies around, with one request more where months cannot tell the periods apart.
    async fn ask_beside(&mut self, link: &Link<'_>, question: &Question, found: Services) {
        let is_back =
            |service: &str, kind: &str| is_bedrock_service(service) && is_given_back(kind);
        let mut found = found;
        if !question.is_cut_at_a_month() {
            if !question.around && !found.any(is_back) {
                return;
            }
            let query = question.services(question.period);
            match self.ask(link, &query).await {
                Ok(answer) => found = Services::of(&answer.report, question.period.start()),
                Err(error) => {
                    return self.warn(
                        "not_asked",
                        format!("credits, refunds and other services could not be asked: {error}"),
                    );
                }
            }
        }
        let knows_before = question.previous.is_some() && question.is_cut_at_a_month();
        let (before, now) = found.sum(is_back);
        self.given_back = (now, knows_before.then_some(before));
        if !question.around {
            return;
        }
        for service in AROUND {
            let charged = |name: &str, kind: &str| name == service && !is_given_back(kind);
            if found.any(charged) {
                let (before, now) = found.sum(charged);
                let row = (service.to_owned(), now, knows_before.then_some(before));
                self.around.push(row);
            }
        }
        self.around
            .sort_by_key(|(_, now, _)| std::cmp::Reverse(*now));
    }

    /// Warns where the requests do not add up to one another: the bill moved between them, or pages are missing.
    fn check(&mut self, question: &Question, found: &Services) {
        let (before, now) =
            found.sum(|service, kind| is_bedrock_service(service) && !is_given_back(kind));
        let (lines_before, lines_now) =
            (self.spend.total(When::Before), self.spend.total(When::Now));
        let agree = if question.is_cut_at_a_month() {
            (before, now) == (lines_before, lines_now)
        } else {
            before.saturating_add(now) == lines_before.saturating_add(lines_now)
        };
        let cut = self
            .cut
            .as_ref()
            .map_or(lines_now, |cut| cut.total(When::Now));
        if self.pages_cut.is_none() && !(agree && cut == lines_now) {
            self.warn(
                "does_not_add_up",
                "AWS updated the bill between two requests: total and rows are of different moments; call again",
            );
        }
    }

    async fn find_cause(&mut self, link: &Link<'_>, question: &Question) {
        if question.previous.is_none() {
            return;
        }
        self.cause = self.spend.cause();
        let Some(cause) = &self.cause else { return };
        if !question.looks_for_a_peak() || cause.change.total() < WORTH_A_LOOK {
            return;
        }
        let query = question.days_of(&cause.charged_as);
        match self.ask(link, &query).await {
            Ok(answer) => self.peak = Peak::find(&days(&answer.report)),
            // Without its days the cause still stands.
            Err(error) => self.warn(
                "no_days",
                format!("the days of what drove the change could not be asked: {error}"),
            ),
        }
    }

    async fn look_ahead(&mut self, link: &Link<'_>, question: &Question, services: &[String]) {
        let Some(query) = question.outlook(services) else {
            return;
        };
        match cost_explorer::forecast(link, &query).await {
            Ok(forecast) => {
                let charged_until = question.seen().end();
                let expected = forecast
                    .periods
                    .iter()
                    .filter(|(start, ..)| day_of(start).is_some_and(|day| day >= charged_until))
                    .map(|(_, mean, ..)| *mean);
                self.expected = Some(expected.sum());
            }
            Err(error) => self.warn("no_forecast", format!("the forecast failed: {error}")),
        }
    }

    fn note_estimated(&mut self, report: &CostReport, from: Date) {
        let first = report
            .periods()
            .iter()
            .find(|part| part.estimated && when(part, from) == When::Now);
        if let Some(part) = first {
            self.estimated_from = day_of(&part.start).map(|day| day.to_string());
        }
    }

    /// Says why the bill is not compared with metrics.
    pub(super) fn not_reconciled(&mut self, error: &ToolError) {
        self.warn(
            "not_reconciled",
            format!("the bill could not be compared with metrics: {error}"),
        );
    }

    fn warn(&mut self, code: &'static str, message: impl Into<String>) {
        self.warnings.push(Warning::new(code, message));
    }
}

/// What each service was charged by record type, in the period before and in this one.
struct Services(BTreeMap<(String, String), (Decimal, Decimal)>);

impl Services {
    fn of(report: &CostReport, from: Date) -> Self {
        let mut sums: BTreeMap<(String, String), (Decimal, Decimal)> = BTreeMap::new();
        for part in report.periods() {
            for group in &part.groups {
                if let ([service, kind], Some(amount)) =
                    (group.keys.as_slice(), group.amounts.first())
                {
                    let (before, now) = sums.entry((service.clone(), kind.clone())).or_default();
                    let sum = match when(part, from) {
                        When::Before => before,
                        When::Now => now,
                    };
                    *sum = sum.saturating_add(amount.value);
                }
            }
        }
        Self(sums)
    }

    /// Each service that Bedrock is billed under.
    fn of_bedrock(&self) -> Vec<String> {
        let names = self.0.keys().map(|(service, _)| service);
        let mut names: Vec<String> = names
            .filter(|service| is_bedrock_service(service))
            .cloned()
            .collect();
        names.dedup();
        names
    }

    fn any(&self, fits: impl Fn(&str, &str) -> bool) -> bool {
        self.0.keys().any(|(service, kind)| fits(service, kind))
    }

    fn sum(&self, fits: impl Fn(&str, &str) -> bool) -> (Decimal, Decimal) {
        let (mut before, mut now) = (Decimal::ZERO, Decimal::ZERO);
        for ((service, kind), sums) in &self.0 {
            if fits(service, kind) {
                before = before.saturating_add(sums.0);
                now = now.saturating_add(sums.1);
            }
        }
        (before, now)
    }
}

fn is_given_back(record_type: &str) -> bool {
    GIVEN_BACK.contains(&record_type)
}

fn when(part: &PeriodPart, from: Date) -> When {
    match day_of(&part.start) {
        Some(start) if start < from => When::Before,
        _ => When::Now,
    }
}

/// The cost of each day of an answer without groups.
fn days(report: &CostReport) -> Vec<(Date, Decimal)> {
    let day = |part: &PeriodPart| {
        let total = CostReport::period_total(part);
        Some((day_of(&part.start)?, total.first()?.value))
    };
    report.periods().iter().filter_map(day).collect()
}

/// The charges of an answer; with the first day of each period where time is told apart.
pub(super) fn read(
    query: &UsageQuery,
    report: &CostReport,
    from: Date,
    in_time: bool,
) -> Vec<Charge> {
    let mut out = Vec::new();
    for part in report.periods() {
        let start = day_of(&part.start).filter(|_| in_time);
        if query.group_by.is_empty() {
            let amounts = CostReport::period_total(part);
            out.extend(charge(
                when(part, from),
                ChargeKey {
                    start,
                    ..ChargeKey::default()
                },
                &amounts,
            ));
        }
        for group in &part.groups {
            let key = key(query, &group.keys, start);
            out.extend(charge(when(part, from), key, &group.amounts));
        }
    }
    out
}

/// The cost, and the quantity where it was asked for.
fn charge(when: When, key: ChargeKey, amounts: &[Amount]) -> Option<Charge> {
    let (cost, quantity) = (amounts.first()?, amounts.get(1));
    let quantity = quantity.cloned().unwrap_or_else(|| Amount::zero(""));
    Some((when, key, quantity, cost.value))
}

fn key(query: &UsageQuery, keys: &[String], start: Option<Date>) -> ChargeKey {
    let mut out = ChargeKey {
        start,
        ..ChargeKey::default()
    };
    for (group, value) in query.group_by.iter().zip(keys) {
        match group {
            GroupBy::Dimension(DimensionKey::Service) => out.service.clone_from(value),
            GroupBy::Dimension(DimensionKey::UsageType) if value.is_empty() => {
                NO_USAGE_TYPE.clone_into(&mut out.usage_type);
            }
            GroupBy::Dimension(DimensionKey::UsageType) => out.usage_type.clone_from(value),
            GroupBy::Tag(name) => {
                // AWS writes `key$value`.
                let value = value
                    .split_once('$')
                    .map_or(value.as_str(), |(_, value)| value);
                out.tags.push((name.clone(), value.to_owned()));
            }
            GroupBy::Dimension(_) => out.account.clone_from(value),
            GroupBy::CostCategory(_) | GroupBy::ProductAttribute(_) => {}
        }
    }
    out
}
