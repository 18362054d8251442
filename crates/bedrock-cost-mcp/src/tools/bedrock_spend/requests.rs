//! The Cost Explorer requests that answer a question: as few as tell what was asked.

use super::question::Question;
use crate::tools::cost_explorer::request;
use bedrock_cost::{
    cost_query::{
        CostMetric, CostQuery, DimensionKey, Filter, ForecastQuery, Granularity, GroupBy,
        QueryPeriod, UsageQuery,
    },
    period::BillingPeriod,
    service_name::model_name,
    spend::By,
};
use serde_json::{Value, json};

/// What a dry run shows in the place of the services that the first request finds, of AWS and of its Marketplace.
const FOUND_SERVICES: [&str; 2] = [
    "(what the first request finds of Amazon Bedrock)",
    "(each model that the first request finds) (Amazon Bedrock Edition)",
];

/// A request for rows that the question's own lines do not have.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) query: UsageQuery,
    /// Whether its rows are of both periods.
    pub(super) compares: bool,
}

impl Question {
    /// Which services were charged, for what record type: everything Bedrock is billed under, and what was given back.
    pub(super) fn services(&self, period: BillingPeriod) -> UsageQuery {
        let groups = [DimensionKey::Service, DimensionKey::RecordType];
        self.usage(
            period,
            Granularity::Monthly,
            groups.map(GroupBy::Dimension).into(),
            None,
        )
    }

    /// The finest charges: by service and usage type, each with its quantity.
    pub(super) fn lines(&self, period: BillingPeriod, services: &[String]) -> UsageQuery {
        let groups = [DimensionKey::Service, DimensionKey::UsageType];
        let query = self.usage(
            period,
            Granularity::Monthly,
            groups.map(GroupBy::Dimension).into(),
            Some(charged(services)),
        );
        with_quantity(query)
    }

    /// The lines of one account.
    pub(super) fn lines_of_account(&self, services: &[String], account: &str) -> UsageQuery {
        let mut query = self.lines(self.period, services);
        let own = Filter::dimension(DimensionKey::LinkedAccount, [account]);
        query.filter = query.filter.map(|filter| filter.and(own));
        query
    }

    /// The periods that lines are asked of, one request each.
    pub(super) fn line_periods(&self) -> Vec<BillingPeriod> {
        match self.previous {
            Some(previous) if !self.is_cut_at_a_month() => vec![previous, self.period],
            _ => vec![self.whole()],
        }
    }

    /// The requests for rows by something that usage types and services do not tell; none where they do.
    pub(super) fn cuts(&self, services: &[String]) -> Vec<Cut> {
        let by_day = self.by.contains(&By::Day);
        let mut outer: Vec<GroupBy> = Vec::new();
        let (mut service, mut usage_type) = (false, false);
        for by in &self.by {
            match by {
                By::Account => outer.push(GroupBy::Dimension(DimensionKey::LinkedAccount)),
                By::Tag(key) => outer.push(GroupBy::Tag(key.clone())),
                By::Model => (service, usage_type) = (true, true),
                By::Service => service = true,
                By::TokenType | By::Tier | By::Routing | By::Region => usage_type = true,
                By::Day | By::Month => {}
            }
        }
        if outer.is_empty() && !by_day {
            return Vec::new();
        }
        let compares = !by_day && self.is_cut_at_a_month() && !self.by.contains(&By::Month);
        let period = if compares { self.whole() } else { self.period };
        let granularity = if by_day {
            Granularity::Daily
        } else {
            Granularity::Monthly
        };
        let ask = |inner: &[DimensionKey], services: &[String]| {
            let inner = inner.iter().copied().map(GroupBy::Dimension);
            let groups: Vec<GroupBy> = outer.iter().cloned().chain(inner).collect();
            let has_usage_type = groups.contains(&GroupBy::Dimension(DimensionKey::UsageType));
            let query = self.usage(period, granularity, groups, Some(charged(services)));
            Cut {
                query: if has_usage_type {
                    with_quantity(query)
                } else {
                    query
                },
                compares,
            }
        };
        match (outer.len(), service, usage_type) {
            // Two groupings are all that there are: models are told apart by service, or by usage type.
            (1, true, true) => {
                let (marketplace, native): (Vec<String>, Vec<String>) = services
                    .iter()
                    .cloned()
                    .partition(|service| model_name(service).is_some());
                [
                    (DimensionKey::Service, marketplace),
                    (DimensionKey::UsageType, native),
                ]
                .into_iter()
                .filter(|(_, services)| !services.is_empty())
                .map(|(inner, services)| ask(&[inner], &services))
                .collect()
            }
            (_, true, true) => vec![ask(
                &[DimensionKey::Service, DimensionKey::UsageType],
                services,
            )],
            (_, true, false) => vec![ask(&[DimensionKey::Service], services)],
            (_, false, true) => vec![ask(&[DimensionKey::UsageType], services)],
            // Of days the cost alone: with usage types they would be pages of rows.
            (1, false, false) if !by_day => vec![ask(&[DimensionKey::UsageType], services)],
            (_, false, false) => vec![ask(&[], services)],
        }
    }

    /// The days of what was charged under some services and usage types.
    pub(super) fn days_of(&self, charged_as: &[(String, String)]) -> UsageQuery {
        let distinct = |names: Vec<&String>| {
            let mut names: Vec<String> = names.into_iter().cloned().collect();
            names.sort();
            names.dedup();
            names
        };
        let services = distinct(charged_as.iter().map(|(service, _)| service).collect());
        let usage_types = distinct(
            charged_as
                .iter()
                .map(|(_, usage_type)| usage_type)
                .collect(),
        );
        let filter =
            charged(&services).and(Filter::dimension(DimensionKey::UsageType, usage_types));
        self.usage(self.seen(), Granularity::Daily, Vec::new(), Some(filter))
    }

    /// What AWS expects of the days to come.
    pub(super) fn outlook(&self, services: &[String]) -> Option<ForecastQuery> {
        Some(ForecastQuery {
            period: self.forecast?,
            granularity: Granularity::Daily,
            metric: self.metric,
            filter: Some(charged(services)),
            prediction_interval: None,
        })
    }

    /// How many requests the answer takes at most, before pages.
    pub(super) fn most_requests(&self) -> u32 {
        let services = if self.is_cut_at_a_month() { 1 } else { 2 };
        let cuts = self.cuts(&FOUND_SERVICES.map(str::to_owned));
        let others = self.line_periods().len() + cuts.len();
        services
            + u32::try_from(others).unwrap_or(u32::MAX)
            + u32::from(self.looks_for_a_peak())
            + u32::from(self.forecast.is_some())
            + u32::from(self.reconcile)
    }

    /// The requests as AWS writes them, as far as they are known before the first.
    pub(super) fn shown(&self) -> Value {
        let found = FOUND_SERVICES.map(str::to_owned);
        let mut requests = vec![self.services(self.whole())];
        requests.extend(
            self.line_periods()
                .into_iter()
                .map(|period| self.lines(period, &found)),
        );
        requests.extend(self.cuts(&found).into_iter().map(|cut| cut.query));
        let mut shown: Vec<Value> = requests
            .into_iter()
            .map(|query| request::shown(&CostQuery::CostAndUsage(query)))
            .collect();
        if self.looks_for_a_peak() {
            shown.push(json!(
                "GetCostAndUsage by day of the model that drove the change, where it rose"
            ));
        }
        if self.reconcile {
            let query = self.lines_of_account(&found, "(the caller's)");
            shown.push(request::shown(&CostQuery::CostAndUsage(query)));
            shown.push(json!(
                "of each region with charges: cloudwatch:ListMetrics, bedrock:ListInferenceProfiles, cloudwatch:GetMetricData"
            ));
        }
        if let Some(query) = self.outlook(&found) {
            shown.push(request::shown(&CostQuery::CostForecast(query)));
        }
        Value::Array(shown)
    }

    fn usage(
        &self,
        period: BillingPeriod,
        granularity: Granularity,
        group_by: Vec<GroupBy>,
        filter: Option<Filter>,
    ) -> UsageQuery {
        UsageQuery {
            period: QueryPeriod::Days(period),
            granularity,
            metrics: vec![self.metric],
            group_by,
            filter,
        }
    }
}

fn with_quantity(mut query: UsageQuery) -> UsageQuery {
    query.metrics.push(CostMetric::UsageQuantity);
    query
}

/// What was charged under some services, before what was given back.
fn charged(services: &[String]) -> Filter {
    Filter::dimension(DimensionKey::Service, services).and(Filter::charged())
}
