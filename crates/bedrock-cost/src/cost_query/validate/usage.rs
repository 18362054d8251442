//! Cost and usage over time, and by resource.

use super::{Call, FIRST_ATTRIBUTES, MAX_GROUPS, Refused};
use crate::cost_query::{
    CostOperation, DimensionKey, Filter, Granularity, GroupBy, QueryPeriod, QueryProblem,
    RawFilter, UsageQuery,
};
use crate::period::BillingPeriod;
use crate::service_name::AMAZON_BEDROCK;

impl Call<'_> {
    /// Reads cost and usage; `absent` is the period where none is given.
    pub(super) fn usage(&mut self, absent: Option<BillingPeriod>) -> Result<UsageQuery, Refused> {
        self.take_no_values()?;
        let asked = self.granularity()?;
        let metrics = self.metrics()?;
        let group_by = self.group_by()?;
        let filter = self.filter()?;
        let bounds = self.bounds();
        let hours =
            asked == Some(Granularity::Hourly) || (asked.is_none() && bounds.has_time_of_day());
        let period = if hours {
            QueryPeriod::Hours(self.hours(bounds)?)
        } else {
            QueryPeriod::Days(self.days(bounds, absent)?)
        };
        let granularity = asked.unwrap_or_else(|| self.granularity_for(period));
        self.correct(
            "granularity",
            self.arguments.granularity.as_deref().unwrap_or_default(),
            granularity.as_str(),
        );
        self.in_reach(granularity, period)?;
        self.attributes_recorded(period.days(), &group_by, filter.as_ref())?;
        Ok(UsageQuery {
            period,
            granularity,
            metrics,
            group_by,
            filter,
        })
    }

    pub(super) fn usage_by_resource(&mut self) -> Result<UsageQuery, Refused> {
        if self.limits.resources == Some(false) {
            let by_resource = self
                .group_by()?
                .contains(&GroupBy::Dimension(DimensionKey::ResourceId));
            if by_resource {
                return Err(QueryProblem::ResourcesOff.into());
            }
            return Err(self.refuse(QueryProblem::ResourcesOff, |attempt| {
                attempt.operation = CostOperation::CostAndUsage.to_string();
            }));
        }
        if self.arguments.filter.is_none() {
            let (operation, field) = (self.operation, "filters");
            let example = r#"{"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Bedrock"]}}"#;
            return Err(self.refuse(
                QueryProblem::Missing {
                    operation,
                    field,
                    example,
                },
                |attempt| {
                    attempt.filter = Some(RawFilter::dimension(
                        DimensionKey::Service,
                        [AMAZON_BEDROCK],
                    ));
                },
            ));
        }
        // The general default of 30 days is more than there is by resource.
        let last = BillingPeriod::new(self.reach.detail, self.reach.today).ok();
        let query = self.usage(last)?;
        let by_resource = query
            .group_by
            .contains(&GroupBy::Dimension(DimensionKey::ResourceId))
            || query
                .filter
                .as_ref()
                .is_some_and(|filter| filter.has_dimension(DimensionKey::ResourceId));
        if !by_resource {
            if query.group_by.len() == MAX_GROUPS {
                return Err(QueryProblem::NoResourceId.into());
            }
            return Err(self.refuse(QueryProblem::NoResourceId, |attempt| {
                attempt
                    .group_by
                    .push(("DIMENSION".to_owned(), "RESOURCE_ID".to_owned()));
            }));
        }
        let start = query.period.days().start();
        if start < self.reach.detail {
            let problem = QueryProblem::ResourcesOutOfReach {
                start,
                earliest: self.reach.detail,
            };
            let end = query.period.days().end();
            let end = if end > self.reach.detail {
                end
            } else {
                self.reach.today
            };
            let instead = BillingPeriod::new(self.reach.detail, end).ok();
            return Err(self.refuse_period(problem, instead.map(|period| (None, period))));
        }
        Ok(query)
    }

    fn granularity_for(&self, period: QueryPeriod) -> Granularity {
        match period {
            QueryPeriod::Hours(_) => Granularity::Hourly,
            QueryPeriod::Days(days)
                if days.is_whole_months()
                    || days.days() > 31
                    || days.start() < self.reach.daily =>
            {
                Granularity::Monthly
            }
            QueryPeriod::Days(_) => Granularity::Daily,
        }
    }

    /// Refuses product attributes of days before AWS recorded them.
    pub(super) fn attributes_recorded(
        &self,
        period: BillingPeriod,
        group_by: &[GroupBy],
        filter: Option<&Filter>,
    ) -> Result<(), Refused> {
        let grouped = group_by
            .iter()
            .any(|group| matches!(group, GroupBy::ProductAttribute(_)));
        let filtered = filter.is_some_and(Filter::has_product_attributes);
        if period.start() >= FIRST_ATTRIBUTES || !(grouped || filtered) {
            return Ok(());
        }
        if filtered {
            return Err(self.no_attributes_yet(period));
        }
        let problem = QueryProblem::NoProductAttributesYet {
            start: period.start(),
        };
        Err(self.refuse(problem, |attempt| {
            Self::without_attributes(group_by, attempt);
        }))
    }
}
