//! The values of dimensions, tags and cost categories.

use super::{Call, FIRST_ATTRIBUTES, MAX_SEARCH_CHARS, Refused};
use crate::cost_query::{
    CostQuery, DimensionKey, Granularity, ProductAttribute, QueryPeriod, QueryProblem, RawFilter,
    ValuesContext, ValuesQuery,
};
use crate::names::UnknownName;
use crate::service_name::AMAZON_BEDROCK;

impl Call<'_> {
    pub(super) fn dimension_values(&mut self) -> Result<CostQuery, Refused> {
        let operation = self.operation;
        self.take_no_groups()?;
        self.without("tag_key", self.arguments.tag_key.is_some())?;
        self.without("cost_category", self.arguments.cost_category.is_some())?;
        let Some(given) = self.arguments.dimension.as_deref() else {
            let problem = QueryProblem::Missing {
                operation,
                field: "dimension",
                example: "SERVICE",
            };
            return Err(self.refuse(problem, |attempt| {
                attempt.dimension = Some("SERVICE".to_owned());
            }));
        };
        let dimension: DimensionKey = given.parse().map_err(|error: UnknownName| {
            let near = error.nearest().first().map(|name| (*name).to_owned());
            match near {
                Some(near) => self.refuse(error, |attempt| attempt.dimension = Some(near)),
                None => error.into(),
            }
        })?;
        self.correct("dimension", given, dimension.as_str());
        let attribute: Option<ProductAttribute> =
            match (dimension, self.arguments.dimension_key.as_deref()) {
                (DimensionKey::ProductAttribute, Some(key)) => {
                    let attribute: ProductAttribute = key.parse()?;
                    self.correct("dimension_key", key, attribute.as_str());
                    Some(attribute)
                }
                (DimensionKey::ProductAttribute, None) => {
                    let problem = QueryProblem::Missing {
                        operation,
                        field: "dimension_key",
                        example: "model",
                    };
                    return Err(self.refuse(problem, |attempt| {
                        attempt.dimension_key = Some("model".to_owned());
                    }));
                }
                (_, key) => {
                    self.without("dimension_key", key.is_some())?;
                    None
                }
            };
        let context = match self.arguments.context.as_deref() {
            Some(given) => {
                let context: ValuesContext = given.parse()?;
                self.correct("context", given, context.as_str());
                Some(context)
            }
            None => None,
        };
        let values = self.values()?;
        if attribute.is_some() && values.period.start() < FIRST_ATTRIBUTES {
            return Err(self.no_attributes_yet(values.period));
        }
        Ok(CostQuery::DimensionValues {
            dimension,
            attribute,
            context,
            values,
        })
    }

    pub(super) fn tags(&mut self) -> Result<CostQuery, Refused> {
        self.take_no_groups()?;
        self.without("dimension", self.arguments.dimension.is_some())?;
        self.without("cost_category", self.arguments.cost_category.is_some())?;
        let key = self.arguments.tag_key.clone().filter(|key| !key.is_empty());
        Ok(CostQuery::Tags {
            key,
            values: self.values()?,
        })
    }

    pub(super) fn cost_categories(&mut self) -> Result<CostQuery, Refused> {
        self.take_no_groups()?;
        self.without("dimension", self.arguments.dimension.is_some())?;
        self.without("tag_key", self.arguments.tag_key.is_some())?;
        let name = self
            .arguments
            .cost_category
            .clone()
            .filter(|name| !name.is_empty());
        Ok(CostQuery::CostCategories {
            name,
            values: self.values()?,
        })
    }

    fn values(&mut self) -> Result<ValuesQuery, Refused> {
        self.leave_out_rows();
        let search = self
            .arguments
            .search_string
            .clone()
            .filter(|text| !text.is_empty());
        let chars = search.as_deref().map_or(0, |text| text.chars().count());
        if chars > MAX_SEARCH_CHARS {
            let problem = QueryProblem::TooLong {
                field: "search_string",
                given: chars,
                max: MAX_SEARCH_CHARS,
            };
            return Err(problem.into());
        }
        let filter = self.filter()?;
        if let Some(filter) = &filter
            && filter.has_product_attributes()
            && !filter.has_dimension(DimensionKey::Service)
        {
            let problem = QueryProblem::ProductAttributesNeedService {
                operation: self.operation,
            };
            return Err(self.refuse(problem, |attempt| {
                let service = RawFilter::dimension(DimensionKey::Service, [AMAZON_BEDROCK]);
                attempt.filter = attempt.filter.take().map(|filter| RawFilter {
                    and: Some(vec![service, filter]),
                    ..RawFilter::default()
                });
            }));
        }
        let max_results = self.max_results(i64::from(i32::MAX))?;
        let period = self.days(self.bounds(), None)?;
        self.in_reach(Granularity::Monthly, QueryPeriod::Days(period))?;
        self.attributes_recorded(period, &[], filter.as_ref())?;
        Ok(ValuesQuery {
            period,
            search,
            filter,
            max_results,
        })
    }

    /// Leaves out what has no meaning for a list of values and changes nothing about it.
    fn leave_out_rows(&mut self) {
        self.leave_out_granularity();
        if let Some(metric) = self.arguments.metrics.first() {
            self.correct("metrics", metric, "");
        }
    }
}
