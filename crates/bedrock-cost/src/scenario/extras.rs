//! What is billed beside text tokens: guardrails, images, seconds of video, queries, services.

use std::borrow::Cow;

use super::component::{CostComponent, Factor, Price, counted};
use super::error::Problem;
use super::serving::Place;
use crate::names::same_name;
use crate::price_book::OtherRate;

impl Place<'_> {
    /// Returns the components that every plan has.
    pub(super) fn extras(&self) -> Result<Vec<CostComponent>, Problem> {
        let mut components = Vec::new();
        self.units(&mut components)?;
        self.guardrails(&mut components)?;
        self.services(&mut components)?;
        Ok(components)
    }

    fn units(&self, components: &mut Vec<CostComponent>) -> Result<(), Problem> {
        let listed = self.model.unit_rates(&self.region, self.scenario.rate_date);
        let names = || {
            listed
                .iter()
                .map(|unit| counted(unit.rate.unit).1)
                .collect()
        };
        if self.scenario.units.is_empty() && !self.model.has_token_rates() && self.uses_tokens() {
            return Err(Problem::NotByTokens {
                model: self.model.id(),
                units: names(),
            });
        }
        let requests = Factor::new(self.scenario.requests.monthly(), "requests");
        for (given, quantity) in &self.scenario.units {
            let found = listed.iter().find(|unit| {
                same_name(given, unit.rate.unit) || same_name(given, counted(unit.rate.unit).1)
            });
            let unit = found.ok_or_else(|| Problem::UnknownUnit {
                model: self.model.id(),
                given: given.clone(),
                region: self.region.clone(),
                units: names(),
            })?;
            let (per, what) = counted(unit.rate.unit);
            let price = Price {
                usd: unit.rate.usd.amount(),
                unit: unit.rate.unit,
                per,
                basis: &unit.basis,
                elsewhere: None,
            };
            let factors = vec![requests, Factor::new(*quantity, what)];
            components.push(CostComponent::new(what, factors, price)?);
        }
        Ok(())
    }

    fn guardrails(&self, components: &mut Vec<CostComponent>) -> Result<(), Problem> {
        let requests = Factor::new(self.scenario.requests.monthly(), "requests");
        for guardrail in &self.scenario.guardrails {
            if guardrail.text_units.is_zero() {
                continue;
            }
            let (rate, row) =
                self.book
                    .guardrail(guardrail.policy, &self.region, self.scenario.rate_date)?;
            let name = format!("guardrail {}, {}", guardrail.policy, guardrail.direction);
            let factors = vec![requests, Factor::new(guardrail.text_units, "text units")];
            let price = Price {
                usd: rate.usd(),
                ..self.price(&row)
            };
            components.push(CostComponent::new(name, factors, price)?);
        }
        Ok(())
    }

    fn services(&self, components: &mut Vec<CostComponent>) -> Result<(), Problem> {
        for service in &self.scenario.services {
            let row = self.book.other(
                &service.dimension,
                &service.item,
                &self.region,
                self.scenario.rate_date,
            )?;
            let name = format!("{} {}", row.dimension, row.item);
            components.push(self.other(name, vec![service.quantity], &row)?);
        }
        Ok(())
    }

    /// Makes a component of a rate that is not a model's own; the last number is what the rate counts.
    pub(super) fn other(
        &self,
        name: impl Into<Cow<'static, str>>,
        numbers: Vec<rust_decimal::Decimal>,
        row: &OtherRate,
    ) -> Result<CostComponent, Problem> {
        let (_, what) = counted(row.rate.unit);
        let factors = numbers
            .into_iter()
            .map(|value| Factor::new(value, what))
            .collect();
        Ok(CostComponent::new(name, factors, self.price(row))?)
    }

    /// Returns the price of a row as it is listed.
    pub(super) fn price<'b>(&self, row: &'b OtherRate) -> Price<'b> {
        Price {
            usd: row.rate.usd.amount(),
            unit: row.rate.unit,
            per: counted(row.rate.unit).0,
            basis: &row.basis,
            elsewhere: (!row.is_listed_for(&self.region)).then_some(row.regions),
        }
    }
}
