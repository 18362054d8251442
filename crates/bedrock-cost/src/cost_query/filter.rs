//! Which charges a request is about: a tree of conditions under AWS's rules.

use super::{Correction, ProductAttribute, QueryProblem};
use crate::cost_report::GIVEN_BACK;
use crate::names::named;
use crate::service_name::{known_name, meant_by};

named! {
    /// A property that every charge has, by AWS's name.
    ///
    /// Source: AWS's API model of Cost Explorer, 36 values, checked 2026-11-22.
    pub enum DimensionKey as "dimension" {
        /// Availability zone.
        Az = "AZ",
        /// Instance type.
        InstanceType = "INSTANCE_TYPE",
        /// Account id.
        LinkedAccount = "LINKED_ACCOUNT" | "account",
        /// Account id of the payer.
        PayerAccount = "PAYER_ACCOUNT",
        /// Account name.
        LinkedAccountName = "LINKED_ACCOUNT_NAME",
        /// Operation.
        Operation = "OPERATION",
        /// Purchase option.
        PurchaseType = "PURCHASE_TYPE",
        /// Region.
        Region = "REGION",
        /// Service name.
        Service = "SERVICE",
        /// Service code.
        ServiceCode = "SERVICE_CODE",
        /// Usage type.
        UsageType = "USAGE_TYPE",
        /// Usage type group.
        UsageTypeGroup = "USAGE_TYPE_GROUP",
        /// Kind of charge, which the console calls charge type.
        RecordType = "RECORD_TYPE" | "CHARGE_TYPE",
        /// Operating system.
        OperatingSystem = "OPERATING_SYSTEM",
        /// Tenancy.
        Tenancy = "TENANCY",
        /// Scope of a reservation.
        Scope = "SCOPE",
        /// Platform.
        Platform = "PLATFORM",
        /// Subscription id.
        SubscriptionId = "SUBSCRIPTION_ID",
        /// Seller.
        LegalEntityName = "LEGAL_ENTITY_NAME",
        /// Deployment option.
        DeploymentOption = "DEPLOYMENT_OPTION",
        /// Database engine.
        DatabaseEngine = "DATABASE_ENGINE",
        /// Cache engine.
        CacheEngine = "CACHE_ENGINE",
        /// Instance type family.
        InstanceTypeFamily = "INSTANCE_TYPE_FAMILY",
        /// Billing entity, such as AWS Marketplace.
        BillingEntity = "BILLING_ENTITY",
        /// Reservation id.
        ReservationId = "RESERVATION_ID",
        /// Resource id.
        ResourceId = "RESOURCE_ID",
        /// Rightsizing type.
        RightsizingType = "RIGHTSIZING_TYPE",
        /// Savings Plans type.
        SavingsPlansType = "SAVINGS_PLANS_TYPE",
        /// Savings Plan.
        SavingsPlanArn = "SAVINGS_PLAN_ARN",
        /// Payment option.
        PaymentOption = "PAYMENT_OPTION",
        /// Agreements that end after a time.
        AgreementEndDateTimeAfter = "AGREEMENT_END_DATE_TIME_AFTER",
        /// Agreements that end before a time.
        AgreementEndDateTimeBefore = "AGREEMENT_END_DATE_TIME_BEFORE",
        /// Invoicing entity.
        InvoicingEntity = "INVOICING_ENTITY",
        /// Anomalies of an impact in dollars.
        AnomalyTotalImpactAbsolute = "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
        /// Anomalies of an impact in percent.
        AnomalyTotalImpactPercentage = "ANOMALY_TOTAL_IMPACT_PERCENTAGE",
        /// An attribute of Bedrock usage.
        ProductAttribute = "PRODUCT_ATTRIBUTE",
    }
}

named! {
    /// How the values of a condition are compared.
    pub enum MatchOption as "match option" {
        /// The whole text.
        Equals = "EQUALS",
        /// The charge has no such key.
        Absent = "ABSENT",
        /// The beginning.
        StartsWith = "STARTS_WITH",
        /// The end.
        EndsWith = "ENDS_WITH",
        /// Any part.
        Contains = "CONTAINS",
        /// With regard to case.
        CaseSensitive = "CASE_SENSITIVE",
        /// Without regard to case.
        CaseInsensitive = "CASE_INSENSITIVE",
        /// A number that is greater or equal.
        GreaterThanOrEqual = "GREATER_THAN_OR_EQUAL",
    }
}

/// A filter as a caller hands it over: nothing in it is checked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawFilter {
    /// All of these.
    pub and: Option<Vec<RawFilter>>,
    /// Any of these.
    pub or: Option<Vec<RawFilter>>,
    /// None of this.
    pub not: Option<Box<RawFilter>>,
    /// A dimension.
    pub dimensions: Option<RawLeaf>,
    /// A tag.
    pub tags: Option<RawLeaf>,
    /// A cost category.
    pub cost_categories: Option<RawLeaf>,
    /// A product attribute.
    pub product_attributes: Option<RawLeaf>,
}

/// One condition of a filter as a caller hands it over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawLeaf {
    /// What is compared.
    pub key: Option<String>,
    /// The values accepted.
    pub values: Vec<String>,
    /// How they are compared.
    pub match_options: Vec<String>,
}

impl RawFilter {
    /// Makes the condition that a dimension has one of these values.
    #[must_use]
    pub fn dimension(
        key: DimensionKey,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        let leaf = RawLeaf {
            key: Some(key.as_str().to_owned()),
            values,
            match_options: Vec::new(),
        };
        Self {
            dimensions: Some(leaf),
            ..Self::default()
        }
    }
}

impl RawFilter {
    /// Returns what is wrong with the first service name that no bill has, if there is one.
    #[must_use]
    pub fn misnamed_service(&self) -> Option<QueryProblem> {
        let parts = self.and.iter().chain(&self.or).flatten();
        let part = parts.chain(self.not.as_deref());
        self.whole_services()
            .and_then(|leaf| {
                leaf.values.iter().find_map(|value| {
                    Some(QueryProblem::ServiceName {
                        given: value.clone(),
                        names: meant_by(value)?,
                    })
                })
            })
            .or_else(|| part.into_iter().find_map(Self::misnamed_service))
    }

    /// The condition on services, where it compares whole names: a part of a name may be any text.
    fn whole_services(&self) -> Option<&RawLeaf> {
        let leaf = self.dimensions.as_ref()?;
        let is_whole = |option: &String| {
            matches!(
                option.parse(),
                Ok(MatchOption::Equals | MatchOption::CaseSensitive | MatchOption::CaseInsensitive)
            )
        };
        let key = leaf.key.as_deref().unwrap_or_default();
        (key.parse() == Ok(DimensionKey::Service) && leaf.match_options.iter().all(is_whole))
            .then_some(leaf)
    }

    /// Puts the names that bills have in the place of those that only people use for Bedrock and its models.
    pub fn name_services(&mut self) {
        for filter in self.and.iter_mut().chain(&mut self.or).flatten() {
            filter.name_services();
        }
        if let Some(filter) = &mut self.not {
            filter.name_services();
        }
        if self.whole_services().is_none() {
            return;
        }
        let Some(leaf) = &mut self.dimensions else {
            return;
        };
        let mut values = Vec::new();
        for value in std::mem::take(&mut leaf.values) {
            for name in meant_by(&value).unwrap_or_else(|| vec![value]) {
                if !values.contains(&name) {
                    values.push(name);
                }
            }
        }
        leaf.values = values;
    }
}

/// A valid filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of at least two.
    And(Vec<Filter>),
    /// Any of at least two.
    Or(Vec<Filter>),
    /// None of this.
    Not(Box<Filter>),
    /// A dimension.
    Dimensions(FilterLeaf<DimensionKey>),
    /// A tag key.
    Tags(FilterLeaf<String>),
    /// A cost category.
    CostCategories(FilterLeaf<String>),
    /// A product attribute.
    ProductAttributes(FilterLeaf<ProductAttribute>),
}

/// One condition: the key has one of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterLeaf<K> {
    /// What is compared.
    pub key: K,
    /// The values accepted; none only where the key is to be absent.
    pub values: Vec<String>,
    /// How they are compared; AWS's default, equal with regard to case, where none is given.
    pub match_options: Vec<MatchOption>,
}

/// Deepest nesting read. No question about a bill needs more, and recursion must end.
const MAX_LEVELS: usize = 16;

/// Most values read over a whole filter: what AWS's API model accepts in one list of product attributes.
const MAX_VALUES: usize = 6_000;

/// Longest value, by AWS's API model.
const MAX_VALUE_CHARS: usize = 1_024;

/// Longest name of a cost category, by AWS's API model.
const MAX_CATEGORY_CHARS: usize = 50;

const FOR_DIMENSIONS: &[MatchOption] = &[MatchOption::Equals, MatchOption::CaseSensitive];
const FOR_THE_REST: &[MatchOption] = &[
    MatchOption::Equals,
    MatchOption::Absent,
    MatchOption::CaseSensitive,
];

impl Filter {
    /// Makes the condition that leaves out what AWS gave back: credits and refunds say nothing of what was used.
    #[must_use]
    pub fn charged() -> Self {
        Self::Not(Box::new(Self::dimension(
            DimensionKey::RecordType,
            GIVEN_BACK,
        )))
    }

    /// Makes the condition that a dimension has one of these values.
    #[must_use]
    pub fn dimension(
        key: DimensionKey,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self::Dimensions(FilterLeaf {
            key,
            values,
            match_options: Vec::new(),
        })
    }

    /// Makes the condition that both filters hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::And(mut all) => {
                all.push(other);
                Self::And(all)
            }
            one => Self::And(vec![one, other]),
        }
    }

    /// Calls `see` for every condition of the tree, with whether it stands under an odd number of `Not`.
    pub fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Self, bool)) {
        fn walk<'a>(filter: &'a Filter, negated: bool, see: &mut impl FnMut(&'a Filter, bool)) {
            match filter {
                Filter::And(filters) | Filter::Or(filters) => {
                    for filter in filters {
                        walk(filter, negated, see);
                    }
                }
                Filter::Not(filter) => walk(filter, !negated, see),
                leaf => see(leaf, negated),
            }
        }
        walk(self, false, see);
    }

    /// Tells whether any condition is about this dimension.
    #[must_use]
    pub fn has_dimension(&self, key: DimensionKey) -> bool {
        let mut found = false;
        self.visit(&mut |leaf, _| {
            found |= matches!(leaf, Self::Dimensions(leaf) if leaf.key == key);
        });
        found
    }

    /// Tells whether any condition is about a product attribute.
    #[must_use]
    pub fn has_product_attributes(&self) -> bool {
        let mut found = false;
        self.visit(&mut |leaf, _| found |= matches!(leaf, Self::ProductAttributes(_)));
        found
    }

    /// Reads a raw filter.
    pub(super) fn read(
        raw: &RawFilter,
        corrections: &mut Vec<Correction>,
    ) -> Result<Self, QueryProblem> {
        let mut values = 0;
        let read = Self::read_level(raw, 1, &mut values, corrections)?;
        // AWS charges for a request with a name that only people use, and answers 0.
        raw.misnamed_service().map_or(Ok(read), Err)
    }

    fn read_level(
        raw: &RawFilter,
        level: usize,
        values: &mut usize,
        corrections: &mut Vec<Correction>,
    ) -> Result<Self, QueryProblem> {
        if level > MAX_LEVELS {
            return Err(QueryProblem::FilterSize {
                what: "levels",
                max: MAX_LEVELS,
            });
        }
        let roots = [
            raw.and.is_some(),
            raw.or.is_some(),
            raw.not.is_some(),
            raw.dimensions.is_some(),
            raw.tags.is_some(),
            raw.cost_categories.is_some(),
            raw.product_attributes.is_some(),
        ];
        let found = roots.into_iter().filter(|root| *root).count();
        if found != 1 {
            return Err(QueryProblem::FilterRoots { found });
        }
        let mut operands = |operator, raws: &[RawFilter]| {
            if raws.len() < 2 {
                return Err(QueryProblem::FilterOperands {
                    operator,
                    found: raws.len(),
                });
            }
            raws.iter()
                .map(|raw| Self::read_level(raw, level + 1, values, corrections))
                .collect()
        };
        if let Some(raws) = &raw.and {
            return Ok(Self::And(operands("And", raws)?));
        }
        if let Some(raws) = &raw.or {
            return Ok(Self::Or(operands("Or", raws)?));
        }
        if let Some(raw) = &raw.not {
            return Ok(Self::Not(Box::new(Self::read_level(
                raw,
                level + 1,
                values,
                corrections,
            )?)));
        }
        let leaves = [
            ("Dimensions", &raw.dimensions, FOR_DIMENSIONS),
            ("Tags", &raw.tags, FOR_THE_REST),
            ("CostCategories", &raw.cost_categories, FOR_THE_REST),
            ("ProductAttributes", &raw.product_attributes, FOR_THE_REST),
        ];
        let leaf = leaves
            .into_iter()
            .find_map(|(name, leaf, allowed)| Some((name, leaf.as_ref()?, allowed)));
        let Some((name, raw_leaf, allowed)) = leaf else {
            return Err(QueryProblem::FilterRoots { found });
        };
        *values += raw_leaf.values.len().max(1);
        if *values > MAX_VALUES {
            return Err(QueryProblem::FilterSize {
                what: "values",
                max: MAX_VALUES,
            });
        }
        let leaf = read_leaf(name, raw_leaf, allowed, corrections)?;
        Ok(match name {
            "Dimensions" => {
                let key = leaf.key.parse()?;
                let mut leaf = leaf.with_key(key, DimensionKey::as_str, corrections);
                if key == DimensionKey::Service {
                    leaf.correct_services(corrections);
                }
                Self::Dimensions(leaf)
            }
            "ProductAttributes" => {
                let key = leaf.key.parse()?;
                Self::ProductAttributes(leaf.with_key(key, ProductAttribute::as_str, corrections))
            }
            "Tags" => Self::Tags(leaf),
            _ => {
                let given = leaf.key.chars().count();
                if given > MAX_CATEGORY_CHARS {
                    return Err(QueryProblem::TooLong {
                        field: "cost category",
                        given,
                        max: MAX_CATEGORY_CHARS,
                    });
                }
                Self::CostCategories(leaf)
            }
        })
    }
}

impl FilterLeaf<String> {
    fn with_key<K: Copy>(
        self,
        key: K,
        name: fn(K) -> &'static str,
        corrections: &mut Vec<Correction>,
    ) -> FilterLeaf<K> {
        if name(key) != self.key {
            corrections.push(Correction {
                field: "filters",
                from: self.key,
                to: name(key).to_owned(),
            });
        }
        FilterLeaf {
            key,
            values: self.values,
            match_options: self.match_options,
        }
    }
}

impl FilterLeaf<DimensionKey> {
    /// Writes known names of Bedrock's services in AWS's case, because AWS compares with regard to case.
    fn correct_services(&mut self, corrections: &mut Vec<Correction>) {
        if self.match_options.contains(&MatchOption::CaseSensitive) {
            return;
        }
        for value in &mut self.values {
            if let Some(name) = known_name(value)
                && name != *value
            {
                corrections.push(Correction {
                    field: "filters",
                    from: std::mem::replace(value, name.clone()),
                    to: name,
                });
            }
        }
    }
}

fn read_leaf(
    name: &'static str,
    raw: &RawLeaf,
    allowed: &[MatchOption],
    corrections: &mut Vec<Correction>,
) -> Result<FilterLeaf<String>, QueryProblem> {
    let key = raw.key.as_deref().filter(|key| !key.trim().is_empty());
    let key = key
        .ok_or(QueryProblem::FilterKey { leaf: name })?
        .to_owned();
    let longest = raw
        .values
        .iter()
        .chain([&key])
        .map(|value| value.chars().count())
        .max()
        .unwrap_or(0);
    if longest > MAX_VALUE_CHARS {
        return Err(QueryProblem::TooLong {
            field: "filter value",
            given: longest,
            max: MAX_VALUE_CHARS,
        });
    }
    let mut match_options = Vec::new();
    for given in &raw.match_options {
        let option: MatchOption = given.parse()?;
        if !allowed.contains(&option) {
            let allowed = allowed.iter().map(|option| option.as_str()).collect();
            return Err(QueryProblem::FilterMatch {
                leaf: name,
                given: option.as_str(),
                allowed,
            });
        }
        if option.as_str() != given {
            corrections.push(Correction {
                field: "filters",
                from: given.clone(),
                to: option.to_string(),
            });
        }
        if !match_options.contains(&option) {
            match_options.push(option);
        }
    }
    if raw.values.is_empty() && !match_options.contains(&MatchOption::Absent) {
        return Err(QueryProblem::FilterValues { leaf: name, key });
    }
    Ok(FilterLeaf {
        key,
        values: raw.values.clone(),
        match_options,
    })
}

#[cfg(test)]
mod tests;
