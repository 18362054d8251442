//! What the tokens of one model cost: the rate that a prompt of their length has.

#[cfg(test)]
mod tests;

use super::Wanted;
use crate::{
    error::ToolError,
    tools::reply::{Warning, exact},
};
use bedrock_cost::{
    estimator::Estimate,
    inference::{Routing, Tier},
    money::TokenRate,
    price_book::{Basis, RateQuery, Rates},
    region::Region,
    tokens::TokenCount,
};
use jiff::civil::Date;
use serde_json::{Map, Value};

/// Where and when the tokens are sent.
pub(super) struct Sending<'a> {
    pub(super) region: &'a Region,
    pub(super) requests: u64,
    pub(super) today: Date,
}

impl Sending<'_> {
    /// Adds the rate and the cost to a model's line. The basis of the rate, or why there is none, is returned.
    pub(super) fn price(
        &self,
        wanted: &Wanted,
        estimate: Estimate<TokenCount>,
        row: &mut Map<String, Value>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<Basis>, ToolError> {
        let id = wanted.model.id();
        let unknown = wanted.model.lifecycle_unknown();
        warnings.extend(unknown.map(|text| Warning::new("lifecycle_unknown", text)));
        let mut without = |why: String| {
            warnings.push(Warning::new("no_rate", format!("no cost: {why}")));
            Ok(None)
        };
        if let Some(geography) = wanted.geography
            && !self.region.geographies().contains(&geography)
        {
            return without(format!(
                "{} is not a source region of {geography}. profiles: give the region the requests are sent to",
                self.region
            ));
        }
        let rates = match self.rates(wanted) {
            Ok(rates) => rates,
            Err(why) => return without(why),
        };
        let above = self.threshold(wanted, &rates);
        let is_long = |tokens: TokenCount| above.is_some_and(|above| tokens.get() > above.into());
        let rate_of = |long: bool| -> Option<TokenRate> {
            if long {
                rates.long_context?.rates.input
            } else {
                rates.tokens.input
            }
        };
        let long = is_long(estimate.value);
        let Some(rate) = rate_of(long) else {
            return without(match above {
                Some(above) if long => format!(
                    "prompts of {id} above {above} tokens have a rate of their own, which is not listed for this routing in {}",
                    self.region
                ),
                _ => format!("{id} has no input rate in {}", self.region),
            });
        };
        let cost = |rate: TokenRate, tokens: TokenCount| {
            tokens
                .times(self.requests)
                .map(|tokens| rate.cost(tokens).amount())
                .map_err(|error| ToolError::invalid(error.to_string(), "give fewer requests"))
        };
        row.insert("input_usd_per_mtok".into(), exact(rate.usd()));
        if let Some(above) = above.filter(|_| long) {
            row.insert("long_prompt_above_tokens".into(), above.into());
        }
        row.insert("cost_usd".into(), exact(cost(rate, estimate.value)?));
        if let Some(above) = above.filter(|_| is_long(estimate.low) != is_long(estimate.high)) {
            let at = |long: bool, tokens: TokenCount| -> Result<String, ToolError> {
                rate_of(long).map_or(Ok("not listed".to_owned()), |rate| {
                    Ok(format!("{} USD", cost(rate, tokens)?.normalize()))
                })
            };
            warnings.push(Warning::new(
                "long_context",
                format!(
                    "{id} bills the whole prompt at another rate above {above} tokens, and the band of the estimate is on both sides: \
                     {} at {} tokens, {} at {}",
                    at(false, estimate.low)?,
                    estimate.low,
                    at(true, estimate.high)?,
                    estimate.high
                ),
            ));
        }
        Ok(Some(rates.basis))
    }

    /// The rates of the routing that the name says; of a name that says none, the regional ones before the global.
    fn rates(&self, wanted: &Wanted) -> Result<Rates, String> {
        let rates = |routing| wanted.model.rates(&self.query(routing));
        match wanted.routing {
            Some(routing) => rates(routing),
            None => rates(Routing::Regional)
                .or_else(|regional| rates(Routing::Global).map_err(|_| regional)),
        }
        .map_err(|none| none.to_string())
    }

    /// The threshold of long prompts. A card without one beside a card that has one does not mean that there is none.
    fn threshold(&self, wanted: &Wanted, rates: &Rates) -> Option<u32> {
        let beside = || {
            Routing::ALL.iter().find_map(|routing| {
                let rates = wanted.model.rates_if_listed(&self.query(*routing))?;
                rates.long_context
            })
        };
        let long = rates.long_context.or_else(beside)?;
        Some(long.above_tokens)
    }

    fn query(&self, routing: Routing) -> RateQuery {
        RateQuery {
            region: self.region.clone(),
            routing,
            tier: Tier::Standard,
            date: self.today,
        }
    }
}
