//! Capacity billed by the hour whether it is used or not: provisioned, reserved, and imported weights.

use rust_decimal::Decimal;

use super::arguments::CustomModelUnit;
use super::arithmetic::{self, Inexact};
use super::component::{CostComponent, Factor, total};
use super::error::Problem;
use super::plan::{BreakEven, PlanKind, Plans};
use super::serving::Serving;
use crate::inference::{Commitment, ReservedTerm, Tier};
use crate::price_book::{OtherRate, Reserved};

/// The hours of a month that AWS's own estimates use: 365 x 24 / 12.
pub const MONTH_HOURS: u32 = 730;

/// The least that can be reserved, in thousands of input and output tokens a minute (AWS pricing page of 2026-07-24).
const LEAST_RESERVED: (i64, i64) = (100, 10);

/// Minutes of a billing window of imported models (AWS pricing page of 2026-07-24).
const WINDOW_MINUTES: u32 = 5;

/// Decimal places of a break-even that is shown.
const SHOWN_PLACES: u32 = 4;

impl Plans<'_> {
    /// Adds the plans whose cost does not depend on the tokens used.
    pub(super) fn capacity(&mut self, serving: &Serving) -> Result<(), Inexact> {
        let on_demand = Serving {
            tier: Tier::Standard,
            batch_share: Decimal::ZERO,
            ..*serving
        };
        let standard = self.place.serve(&on_demand).ok();
        let on_demand = match &standard {
            Some(served) => total(&served.components)?.amount(),
            None => Decimal::ZERO,
        };
        self.provisioned(on_demand)?;
        self.reserved(serving)?;
        self.custom_import(on_demand)
    }

    fn provisioned(&mut self, on_demand: Decimal) -> Result<(), Inexact> {
        let place = self.place;
        let rate = |commitment| {
            let date = place.scenario.rate_date;
            place
                .book
                .provisioned(place.model.id(), commitment, &place.region, date)
        };
        let Some(asked) = place.scenario.provisioned else {
            let is_listed = place
                .book
                .others("provisioned_throughput", place.scenario.rate_date)
                .any(|row| row.models.contains(&place.model.id()));
            // The first commitment that exists stands for all of them, and one refusal too.
            let mut commitments = Commitment::ALL.iter().copied();
            let offered = if is_listed {
                commitments.find(|commitment| rate(*commitment).is_ok())
            } else {
                None
            };
            if let Some(commitment) = offered {
                let kind = PlanKind::Provisioned(commitment);
                self.needs(kind, "provisioned {model_units, commitment}");
            } else if let Err(problem) = rate(Commitment::None) {
                self.absent(PlanKind::Provisioned(Commitment::None), problem.into());
            }
            return Ok(());
        };
        for commitment in Commitment::ALL.iter().copied() {
            let kind = PlanKind::Provisioned(commitment);
            match rate(commitment) {
                Ok((_, row)) => {
                    let factors = vec![
                        Factor::new(asked.model_units, "model units"),
                        Factor::new(MONTH_HOURS.into(), "hours"),
                    ];
                    let name = format!("provisioned throughput, {commitment}");
                    let component = CostComponent::new(name, factors, place.price(&row))?;
                    let break_even = self.requests(component.cost.amount(), on_demand)?;
                    let change = format!(
                        "{} x {} USD an hour for {MONTH_HOURS} hours instead of tokens{}",
                        asked.model_units,
                        component.rate,
                        noted(&row)
                    );
                    self.add(kind, vec![component], change, break_even)?;
                }
                Err(problem) if commitment == asked.commitment => {
                    self.absent(kind, problem.into());
                }
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn reserved(&mut self, serving: &Serving) -> Result<(), Inexact> {
        let place = self.place;
        let scenario = place.scenario;
        for term in ReservedTerm::ALL.iter().copied() {
            let kind = PlanKind::Reserved(term);
            let reserved = place.book.reserved(
                place.model.id(),
                term,
                serving.routing,
                &place.region,
                scenario.rate_date,
            );
            let rates = match reserved {
                Ok(rates) => rates,
                Err(problem) => {
                    // One line says it for both terms.
                    self.absent(kind, problem.into());
                    return Ok(());
                }
            };
            let input = scenario
                .requests
                .thousand_tokens_a_minute(scenario.input_tokens)?;
            let output = scenario
                .requests
                .thousand_tokens_a_minute(scenario.output_tokens)?;
            if let (Some(input), Some(output)) = (input, output) {
                let input = input.max(LEAST_RESERVED.0.into());
                let output = output.max(LEAST_RESERVED.1.into());
                self.add_reserved(kind, serving, &rates, input, output)?;
            } else if term == ReservedTerm::OneMonth {
                self.needs(
                    kind,
                    "requests as a rate with hours_per_day: it is bought for the busy minutes",
                );
            }
        }
        Ok(())
    }

    fn add_reserved(
        &mut self,
        kind: PlanKind,
        serving: &Serving,
        rates: &Reserved,
        input: Decimal,
        output: Decimal,
    ) -> Result<(), Inexact> {
        let place = self.place;
        let component = |name: &'static str, units: Decimal, row: &OtherRate| {
            let factors = vec![
                Factor::new(units, "x 1,000 tokens a minute"),
                Factor::new(MONTH_HOURS.into(), "hours"),
            ];
            CostComponent::new(name, factors, place.price(row))
        };
        let components = vec![
            component("reserved input capacity", input, &rates.input.1)?,
            component("reserved output capacity", output, &rates.output.1)?,
        ];
        let reserved = total(&components)?.amount();
        let uncached = Serving {
            tier: Tier::Standard,
            batch_share: Decimal::ZERO,
            cache: None,
            ..*serving
        };
        let break_even = match place.serve(&uncached) {
            Ok(served) => {
                let used = total(&served.components)?.amount();
                let card = place.card(&served.rates);
                let rate = |rate: Option<crate::money::TokenRate>| {
                    rate.map_or(Decimal::ZERO, crate::money::TokenRate::usd)
                };
                // 1,000 tokens in each minute of the month, in millions.
                let millions = Decimal::new(i64::from(MONTH_HOURS) * 60, 3);
                let full = arithmetic::plus(
                    arithmetic::times(arithmetic::times(input, millions)?, rate(card.input))?,
                    arithmetic::times(arithmetic::times(output, millions)?, rate(card.output))?,
                )?;
                let part = |cost| arithmetic::quotient(cost, full, SHOWN_PLACES);
                part(reserved)
                    .zip(part(used))
                    .map(|(needed, given)| BreakEven::Utilisation { needed, given })
            }
            Err(_) => None,
        };
        let change = format!(
            "{} input and {} output tokens a minute for {MONTH_HOURS} hours instead of tokens; a busier minute is billed on-demand",
            grouped(input),
            grouped(output)
        );
        self.add(kind, components, change, break_even)
    }

    fn custom_import(&mut self, on_demand: Decimal) -> Result<(), Inexact> {
        let place = self.place;
        let kind = PlanKind::CustomImport;
        let Some(import) = place.scenario.custom_import else {
            return Ok(());
        };
        let version = import.version.unwrap_or_else(|| {
            if place.model.provider() == "OpenAI" {
                CustomModelUnit::V2
            } else {
                CustomModelUnit::V1
            }
        });
        let item = match version {
            CustomModelUnit::V1 => "cmu_v1",
            CustomModelUnit::V2 => "cmu_v2",
        };
        let row = |item| {
            place.book.other(
                "custom_model_import",
                item,
                &place.region,
                place.scenario.rate_date,
            )
        };
        let (minute, storage) = match (row(item), row("storage")) {
            (Ok(minute), Ok(storage)) => (minute, storage),
            (Err(problem), _) | (_, Err(problem)) => {
                self.absent(kind, Problem::from(problem));
                return Ok(());
            }
        };
        let windows = arithmetic::whole_times(import.minutes, WINDOW_MINUTES.into())?;
        let minutes = arithmetic::times(windows, WINDOW_MINUTES.into())?;
        let units = Factor::new(import.model_units, "custom model units");
        let running = vec![units, Factor::new(minutes, "minutes")];
        let components = vec![
            CostComponent::new("imported model, running", running, place.price(&minute))?,
            CostComponent::new("imported model, stored", vec![units], place.price(&storage))?,
        ];
        let break_even = self.requests(total(&components)?.amount(), on_demand)?;
        let change = format!(
            "your own weights on {} custom model units ({version}) for {minutes} minutes in windows of {WINDOW_MINUTES}; quality is not compared",
            import.model_units
        );
        self.add(kind, components, change, break_even)
    }

    fn requests(
        &self,
        capacity: Decimal,
        on_demand: Decimal,
    ) -> Result<Option<BreakEven>, Inexact> {
        if on_demand.is_zero() {
            return Ok(None);
        }
        let requests = self.place.scenario.requests.monthly();
        let a_month = arithmetic::whole_times(arithmetic::times(capacity, requests)?, on_demand)?;
        let times_given = arithmetic::quotient(capacity, on_demand, SHOWN_PLACES);
        Ok(times_given.map(|times_given| BreakEven::Requests {
            a_month,
            times_given,
        }))
    }
}

/// Writes thousands of tokens in full, in groups of three digits: `2,400,000`.
fn grouped(thousands: Decimal) -> String {
    let tokens = thousands
        .checked_mul(Decimal::ONE_THOUSAND)
        .unwrap_or(Decimal::MAX);
    let digits = tokens.round().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn noted(row: &OtherRate) -> String {
    row.basis
        .note
        .map_or_else(String::new, |note| format!("; {note}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_written_in_full() {
        assert_eq!(grouped(Decimal::from(15)), "15,000");
        assert_eq!(grouped(Decimal::from(100)), "100,000");
        assert_eq!(grouped(Decimal::from(2_400)), "2,400,000");
        assert_eq!(grouped(Decimal::from(1_234_567)), "1,234,567,000");
    }
}
