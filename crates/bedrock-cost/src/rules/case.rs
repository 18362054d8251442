//! A workload as it stands after some changes, and what it costs: the one place where the rules' figures come from.

use std::fmt::Write as _;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::tokenizer::{family, relation};
use super::workload::{Probes, Workload};
use crate::estimator::TokenFamily;
use crate::inference::{Commitment, ReservedTerm, Routing, Tier};
use crate::money::Usd;
use crate::price_book::{Basis, Model, PriceBook};
use crate::region::Region;
use crate::scenario::{
    CostComponent, MONTH_HOURS, Plan, PlanKind, Problem, Scenario, ScenarioArguments,
    ScenarioError, arithmetic, estimate_model, price,
};

/// The rates in force on a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prices<'a> {
    pub(super) book: &'a PriceBook,
    pub(super) day: Date,
}

/// A workload after some changes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    /// The requests and how they are served; its models are those of `parts`.
    pub(super) scenario: ScenarioArguments,
    /// Which model takes which part of the requests; the shares add up to 1.
    pub(super) parts: Vec<Part>,
    /// The tokenizer that the token counts of the scenario are of: that of the model in use.
    pub(super) counted: Option<TokenFamily>,
    /// What the requests are billed by.
    pub(super) capacity: Capacity,
    /// Requests that are sent only to count tokens.
    pub(super) probes: Option<Probes>,
    /// US dollars billed for data between regions.
    pub(super) cross_region: Option<Usd>,
}

/// A part of the requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The id of the model.
    pub(super) model: String,
    /// 0 to 1.
    pub(super) share: Decimal,
    /// Tokens of this model for each token of the scenario.
    pub(super) ratio: Decimal,
}

/// What requests are billed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Capacity {
    /// By tokens.
    Tokens,
    /// By the hour of the scenario's model units.
    Provisioned {
        commitment: Commitment,
        /// Hours of a month that are not paid for.
        off_hours: Decimal,
    },
    /// By the hour of reserved tokens a minute.
    Reserved(ReservedTerm),
}

/// What a case costs in a month.
#[derive(Debug, Clone)]
pub(super) struct Cost {
    pub(super) monthly: Usd,
    pub(super) lines: Vec<Line>,
    /// Who serves the requests, where.
    pub(super) served: Vec<Served>,
}

/// A model in its place.
#[derive(Debug, Clone)]
pub(super) struct Served {
    pub(super) model: &'static Model,
    pub(super) region: Region,
    pub(super) routing: Routing,
    /// The prompt length above which other rates apply, when the prompt is longer.
    pub(super) long_above: Option<u32>,
    /// Tokens of this model for each token of the scenario.
    pub(super) ratio: Decimal,
}

impl Served {
    /// Returns how many tokens this model makes of tokens of the scenario.
    pub(super) fn own(&self, tokens: Decimal) -> Decimal {
        let own = tokens.checked_mul(self.ratio).unwrap_or(tokens);
        own.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
    }

    /// Returns how many tokens of the scenario this model counts as so many of its own, at most.
    pub(super) fn at_most(&self, own_tokens: u32) -> Decimal {
        let tokens = Decimal::from(own_tokens).checked_div(self.ratio);
        tokens.unwrap_or_default().floor()
    }
}

/// One line of a cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Quantity x rate; the model where several share the requests.
    Computed(Option<&'static str>, Box<CostComponent>),
    /// An amount from a bill.
    Billed(&'static str, Usd),
}

/// Why a case has no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unpriced {
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error("{0}")]
    Model(Brief),
    #[error("{0}")]
    Plan(String),
}

impl From<Problem> for Unpriced {
    fn from(problem: Problem) -> Self {
        Self::Model(Brief(problem))
    }
}

impl From<arithmetic::Inexact> for Unpriced {
    fn from(inexact: arithmetic::Inexact) -> Self {
        Self::Scenario(inexact.into())
    }
}

/// A problem without the list of everything that is offered instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Brief(Problem);

impl std::fmt::Display for Brief {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Problem::NoRate(listed) => {
                let query = listed.query();
                write!(
                    f,
                    "no {} {} rate of {} is listed in {}",
                    query.routing,
                    query.tier,
                    listed.model(),
                    query.region
                )
            }
            problem => write!(f, "{problem}"),
        }
    }
}

impl Line {
    pub(super) fn cost(&self) -> Usd {
        match self {
            Self::Computed(_, component) => component.cost,
            Self::Billed(_, usd) => *usd,
        }
    }

    /// Returns what it is and what its rate was made from.
    pub(super) fn rate(&self) -> Option<(String, Basis)> {
        match self {
            Self::Computed(model, component) => {
                let name = match model {
                    Some(model) => format!("{model} {}", component.name),
                    None => component.name.to_string(),
                };
                Some((name, component.basis))
            }
            Self::Billed(..) => None,
        }
    }

    /// Returns the regions whose rate stands in, where that of the workload has none.
    pub(super) fn elsewhere(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::Computed(_, component) => component.elsewhere,
            Self::Billed(..) => None,
        }
    }

    /// Tells whether its rate has the surcharge of Public Extended Access.
    pub(super) fn is_extended_access(&self) -> bool {
        match self {
            Self::Computed(_, component) => component.basis.is_extended_access(),
            Self::Billed(..) => false,
        }
    }

    /// Returns the product in short: `18000 x 0.8`.
    fn product(&self) -> String {
        match self {
            Self::Computed(_, component) => {
                format!("{} x {}", component.quantity.normalize(), component.rate)
            }
            Self::Billed(_, usd) => usd.to_string(),
        }
    }

    /// Returns what it is and how it was computed.
    pub(super) fn formula(&self) -> String {
        match self {
            Self::Computed(None, component) => {
                format!("{}: {}", component.name, component.formula())
            }
            Self::Computed(Some(model), component) => {
                format!("{model} {}: {}", component.name, component.formula())
            }
            Self::Billed(name, usd) => format!("{name}: {usd} USD billed"),
        }
    }
}

impl Cost {
    /// Returns the lines that are not in another cost; lines that stand in both say nothing about the difference.
    pub(super) fn less(&self, other: &Self) -> Vec<&Line> {
        let mut left: Vec<&Line> = other.lines.iter().collect();
        let mut mine = Vec::new();
        for line in &self.lines {
            match left.iter().position(|known| *known == line) {
                Some(index) => {
                    left.swap_remove(index);
                }
                None => mine.push(line),
            }
        }
        mine
    }
}

/// Writes what a change saves as the lines that go less those that come: `(18000 x 0.8) - (18000 x 0.06) = 13320`.
pub(super) fn difference(from: &Cost, to: &Cost, saving: Usd) -> String {
    let sum = |lines: &[&Line]| {
        let products: Vec<String> = lines.iter().map(|line| line.product()).collect();
        if products.is_empty() {
            "0".to_owned()
        } else {
            products.join(" + ")
        }
    };
    let (gone, new) = (from.less(to), to.less(from));
    let mut text = sum(&gone);
    if gone.len() > 1 && !new.is_empty() {
        text = format!("({text})");
    }
    match new.as_slice() {
        [] => {}
        [one] => {
            let _ = write!(text, " - {}", one.product());
        }
        new => {
            let _ = write!(text, " - ({})", sum(new));
        }
    }
    let _ = write!(text, " = {saving} USD");
    text
}

impl Case {
    /// Makes the case of a workload as it runs now.
    pub(super) fn of(prices: Prices<'_>, workload: &Workload) -> Result<Self, Unpriced> {
        let given = &workload.given;
        let name = given.scenario.models.first();
        let name = name.ok_or(ScenarioError::NoModels)?;
        // A profile or ARN fixes routing and region; changes are made on the bare model id.
        let scenario = Scenario::new(given.scenario.clone(), prices.day)?;
        let place = match price(prices.book, &scenario, name) {
            Ok(place) => place,
            Err(problem) => {
                let refused = crate::scenario::RefusedModel {
                    model: name.clone(),
                    problem,
                };
                return Err(ScenarioError::Models(vec![refused]).into());
            }
        };
        Ok(Self {
            scenario: ScenarioArguments {
                models: Vec::new(),
                region: Some(place.region),
                routing: Some(place.routing),
                ..given.scenario.clone()
            },
            parts: vec![Part {
                model: place.model.id().to_owned(),
                share: Decimal::ONE,
                ratio: Decimal::ONE,
            }],
            counted: family(place.model.id()),
            capacity: given
                .capacity_in_use()
                .map_or(Capacity::Tokens, |commitment| Capacity::Provisioned {
                    commitment,
                    off_hours: Decimal::ZERO,
                }),
            probes: given.measured.token_count_probes,
            cross_region: given.measured.cross_region(),
        })
    }

    /// Returns the case on one other model.
    pub(super) fn on(&self, model: &str) -> Self {
        Self {
            parts: vec![self.part(model, Decimal::ONE)],
            ..self.clone()
        }
    }

    /// Returns a part of the requests on a model, with the tokens of its tokenizer where that is known.
    pub(super) fn part(&self, model: &str, share: Decimal) -> Part {
        Part {
            model: model.to_owned(),
            share,
            ratio: relation(self.counted, model).ratio(),
        }
    }

    /// Returns the case with other numbers of tokens for the same texts.
    pub(super) fn with_ratio(&self, ratio: impl Fn(&Part) -> Decimal) -> Self {
        let mut case = self.clone();
        for part in &mut case.parts {
            part.ratio = ratio(part);
        }
        case
    }

    /// Returns the case with changed arguments.
    pub(super) fn with(&self, change: impl FnOnce(&mut ScenarioArguments)) -> Self {
        let mut case = self.clone();
        change(&mut case.scenario);
        case
    }

    pub(super) fn by_tokens(&self) -> bool {
        self.capacity == Capacity::Tokens
    }

    pub(super) fn tier(&self) -> Tier {
        self.scenario.tier.unwrap_or(Tier::Standard)
    }

    /// Returns the part of the requests that is batch inference now.
    pub(super) fn batch_share(&self) -> Decimal {
        if self.tier() == Tier::Batch {
            Decimal::ONE
        } else {
            self.scenario.batch_share.unwrap_or_default()
        }
    }

    /// Returns the checked scenario of the whole.
    pub(super) fn checked(&self, day: Date) -> Result<Scenario, ScenarioError> {
        let models = self.parts.iter().map(|part| part.model.clone()).collect();
        Scenario::new(
            ScenarioArguments {
                models,
                ..self.scenario.clone()
            },
            day,
        )
    }

    /// Prices the case.
    pub(super) fn price(&self, prices: Prices<'_>) -> Result<Cost, Unpriced> {
        let mut cost = Cost {
            monthly: Usd::ZERO,
            lines: Vec::new(),
            served: Vec::new(),
        };
        match self.checked(prices.day) {
            Ok(scenario) => self.requests(prices, &scenario, &mut cost)?,
            // A guardrail without a policy and without a model call is nothing, which is free.
            Err(ScenarioError::NothingUsed) => {}
            Err(error) => return Err(error.into()),
        }
        self.probes(prices, &mut cost)?;
        if let Some(usd) = self.cross_region {
            cost.lines.push(Line::Billed("data between regions", usd));
        }
        let mut sum = Decimal::ZERO;
        for line in &cost.lines {
            sum = arithmetic::plus(sum, line.cost().amount())?;
        }
        cost.monthly = Usd::new(sum);
        Ok(cost)
    }

    fn requests(
        &self,
        prices: Prices<'_>,
        scenario: &Scenario,
        cost: &mut Cost,
    ) -> Result<(), Unpriced> {
        for part in &self.parts {
            let scenario = scenario.part(part.share)?.in_tokens_of(part.ratio)?;
            let place = price(prices.book, &scenario, &part.model)?;
            let label = (self.parts.len() > 1).then(|| place.model.name());
            let components = match self.capacity {
                Capacity::Tokens => place.components,
                Capacity::Provisioned {
                    commitment,
                    off_hours,
                } => {
                    let kind = PlanKind::Provisioned(commitment);
                    let plan = plan(prices, &scenario, &part.model, kind)?;
                    without_hours(plan.components, off_hours)?
                }
                Capacity::Reserved(term) => {
                    plan(prices, &scenario, &part.model, PlanKind::Reserved(term))?.components
                }
            };
            let lines = components.into_iter();
            cost.lines
                .extend(lines.map(|component| Line::Computed(label, Box::new(component))));
            cost.served.push(Served {
                model: place.model,
                region: place.region,
                routing: place.routing,
                long_above: place.long_above,
                ratio: part.ratio,
            });
        }
        Ok(())
    }

    fn probes(&self, prices: Prices<'_>, cost: &mut Cost) -> Result<(), Unpriced> {
        let (Some(probes), Some(part)) = (self.probes, self.parts.first()) else {
            return Ok(());
        };
        let scenario = ScenarioArguments {
            models: vec![part.model.clone()],
            region: self.scenario.region.clone(),
            routing: self.scenario.routing,
            input_tokens: Some(probes.input_tokens),
            output_tokens: Some(probes.output_tokens),
            requests: Some(crate::scenario::RequestsArgument::Monthly(probes.requests)),
            ..ScenarioArguments::default()
        };
        let scenario = Scenario::new(scenario, prices.day)?.in_tokens_of(part.ratio)?;
        let place = price(prices.book, &scenario, &part.model)?;
        for component in place.components {
            cost.lines.push(Line::Computed(
                Some("token count probes,"),
                Box::new(component),
            ));
        }
        Ok(())
    }
}

/// Returns a plan of an estimate, or why there is none.
fn plan(
    prices: Prices<'_>,
    scenario: &Scenario,
    model: &str,
    kind: PlanKind,
) -> Result<Plan, Unpriced> {
    let estimate = estimate_model(prices.book, scenario, model)?;
    let found = estimate.plans.into_iter().find(|plan| plan.kind == kind);
    found.ok_or_else(|| {
        let why = estimate.not_computed.iter().find(|plan| match kind {
            PlanKind::Reserved(_) => matches!(plan.kind, PlanKind::Reserved(_)),
            kind => plan.kind == kind,
        });
        let why = why.map_or_else(
            || format!("{kind} is not listed for {model}"),
            |plan| plan.why.to_string(),
        );
        Unpriced::Plan(why)
    })
}

/// Leaves hours out of what is billed by the hour of a month.
fn without_hours(
    components: Vec<CostComponent>,
    hours: Decimal,
) -> Result<Vec<CostComponent>, Unpriced> {
    if hours.is_zero() {
        return Ok(components);
    }
    let month = Decimal::from(MONTH_HOURS);
    let mut out = Vec::with_capacity(components.len());
    for mut component in components {
        let mut left = None;
        for factor in &mut component.factors {
            if factor.what == "hours" && factor.value == month {
                factor.value = arithmetic::minus(month, hours)?;
                left = Some(factor.value);
            }
        }
        if left.is_some() {
            let mut factors = component.factors.iter();
            component.quantity = factors.try_fold(Decimal::ONE, |product, factor| {
                arithmetic::times(product, factor.value)
            })?;
            let cost = arithmetic::times(component.quantity, component.rate.amount())?;
            component.cost = Usd::new(cost);
        }
        out.push(component);
    }
    Ok(out)
}

/// Returns the model that a name stands for.
pub(super) fn named_model(prices: Prices<'_>, name: &str) -> Option<&'static Model> {
    prices
        .book
        .resolve(name)
        .ok()
        .map(|resolved| resolved.model)
}
