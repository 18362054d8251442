//! The tokens of a bill, apart by all that decides where else they are counted.

use rust_decimal::Decimal;

use super::Spend;
use crate::inference::{Routing, Tier};
use crate::region::Region;
use crate::tokens::TokenKind;
use crate::usage_type::{Family, UsageType};

/// Tokens of one usage type in this period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledTokens {
    /// The model by its name in the price book, or what the bill has.
    pub model: String,
    /// The model's id, where it is listed.
    pub model_id: Option<&'static str>,
    /// The region.
    pub region: Option<Region>,
    /// The kind.
    pub kind: TokenKind,
    /// The tier.
    pub tier: Tier,
    /// The routing.
    pub routing: Routing,
    /// Whether these are tokens of requests above the threshold of long prompts.
    pub long_context: bool,
    /// Whether the mantle endpoint served them.
    pub is_mantle: bool,
    /// Tokens.
    pub tokens: Decimal,
    /// USD.
    pub cost: Decimal,
}

impl Spend {
    /// Returns the tokens of this period, one entry for each usage type of a service that had any.
    #[must_use]
    pub fn billed_tokens(&self) -> Vec<BilledTokens> {
        let lines = self
            .lines
            .iter()
            .filter(|line| !line.now.quantity.is_zero());
        lines
            .filter_map(|line| {
                let tokens = line.item.tokens.as_ref()?;
                let usage = UsageType::parse(&line.key.usage_type).ok()?;
                Some(BilledTokens {
                    model: line.item.model.clone(),
                    model_id: line.item.model_id,
                    region: tokens.region.clone(),
                    kind: tokens.kind,
                    tier: tokens.tier,
                    routing: tokens.routing,
                    long_context: tokens.long_context,
                    is_mantle: usage.family == Family::Mantle,
                    tokens: line.now.quantity,
                    cost: line.now.cost,
                })
            })
            .collect()
    }
}
