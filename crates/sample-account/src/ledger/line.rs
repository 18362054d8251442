//! The lines of the bill: everything about a charge that does not change from day to day.

use rust_decimal::Decimal;

use super::calendar::{Day, noise, seed};
use super::model::{Billing, Rates};
use super::place::{Account, Region};
use super::stream::{Stream, Tier};

/// What kind of tokens a line counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tokens {
    /// Input outside the cache.
    Input,
    /// Output.
    Output,
    /// Cache reads.
    CacheRead,
    /// Five-minute cache writes.
    CacheWrite5m,
    /// One-hour cache writes.
    CacheWrite1h,
}

impl Tokens {
    /// All five, in the order of [`Rates`].
    pub const ALL: [Self; 5] = [
        Self::Input,
        Self::Output,
        Self::CacheRead,
        Self::CacheWrite5m,
        Self::CacheWrite1h,
    ];

    /// The rate of these tokens.
    #[must_use]
    pub const fn rate(self, rates: &Rates) -> i64 {
        match self {
            Self::Input => rates.input,
            Self::Output => rates.output,
            Self::CacheRead => rates.cache_read,
            Self::CacheWrite5m => rates.cache_write_5m,
            Self::CacheWrite1h => rates.cache_write_1h,
        }
    }
}

/// The product attributes that Cost Explorer holds for Bedrock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductAttributes {
    /// The company behind the model.
    pub provider: Option<String>,
    /// The model's name.
    pub model: Option<String>,
    /// Such as `Input tokens`.
    pub inference_type: Option<String>,
    /// Such as `On-demand Inference`.
    pub feature: Option<String>,
}

impl ProductAttributes {
    /// The value of an attribute by the name AWS uses.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        match name {
            "provider" => self.provider.as_deref(),
            "model" => self.model.as_deref(),
            "inferenceType" => self.inference_type.as_deref(),
            "feature" => self.feature.as_deref(),
            _ => None,
        }
    }
}

/// One line of the bill: a service, a usage type and an operation in an account and a region,
/// with the same tags.
#[derive(Clone, Debug)]
pub struct Line {
    /// The position in [`super::Ledger::lines`].
    pub id: usize,
    /// The account charged.
    pub account: Account,
    /// The region, or none where AWS shows `NoRegion`.
    pub region: Option<Region>,
    /// The SERVICE.
    pub service: String,
    /// The `SERVICE_CODE`; Marketplace listings have an opaque product code.
    pub service_code: String,
    /// The `USAGE_TYPE`.
    pub usage_type: String,
    /// The OPERATION.
    pub operation: String,
    /// The `RECORD_TYPE`: `Usage`, `Credit` or `Refund`.
    pub record_type: &'static str,
    /// The unit of the usage quantity.
    pub unit: &'static str,
    /// Decimal places of the usage quantity: a line counted per 1K tokens has 3.
    pub scale: u32,
    /// Whether the usage quantity counts; credits and refunds have none.
    pub has_quantity: bool,
    /// Activated cost allocation tags.
    pub tags: &'static [(&'static str, &'static str)],
    /// What Cost Explorer knows of the product.
    pub attributes: ProductAttributes,
    /// The resource charged, where AWS names one.
    pub resource_id: Option<String>,
    /// Rates in 10^-12 USD per smallest unit, each from a day on, the earliest first.
    pub rates: Vec<(Day, i64)>,
}

impl Line {
    /// The rate on a day in 10^-12 USD per smallest unit (a token, a request).
    #[must_use]
    pub fn rate(&self, day: Day) -> i64 {
        self.rates
            .iter()
            .rev()
            .find(|(from, _)| *from <= day)
            .or_else(|| self.rates.first())
            .map_or(0, |(_, rate)| *rate)
    }

    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&'static str> {
        self.tags
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| *value)
    }

    /// Whether AWS Marketplace is the seller.
    #[must_use]
    pub fn is_marketplace(&self) -> bool {
        self.service.ends_with("(Amazon Bedrock Edition)")
    }

    /// Whether this is a charge for Bedrock under any of its service names.
    #[must_use]
    pub fn is_bedrock(&self) -> bool {
        self.service == "Amazon Bedrock" || self.is_marketplace()
    }

    /// A count of smallest units as the usage quantity shows it.
    #[must_use]
    pub fn quantity(&self, units: i128) -> Decimal {
        if !self.has_quantity {
            return Decimal::ZERO;
        }
        Decimal::try_from_i128_with_scale(units, self.scale)
            .unwrap_or_default()
            .normalize()
    }
}

/// The code of a service, as the Price List and `SERVICE_CODE` have it.
pub(super) fn service_code(service: &str) -> String {
    let code = match service {
        "Amazon Bedrock" => "AmazonBedrock",
        "Amazon Bedrock AgentCore" => "AmazonBedrockAgentCore",
        "AWS Lambda" => "AWSLambda",
        "Amazon Simple Storage Service" => "AmazonS3",
        "Amazon API Gateway" => "AmazonApiGateway",
        "Amazon Elastic Compute Cloud - Compute" => "AmazonEC2",
        "Amazon OpenSearch Service" => "AmazonES",
        "AWS Data Transfer" => "AWSDataTransfer",
        "AmazonCloudWatch" => "AmazonCloudWatch",
        listing => return product_code(listing),
    };
    code.to_owned()
}

/// An opaque Marketplace product code: 25 letters and digits that follow from the name.
fn product_code(listing: &str) -> String {
    let seed = seed(listing);
    (0..25)
        .filter_map(|position| {
            char::from_digit(u32::try_from(noise(seed, position) % 36).ok()?, 36)
        })
        .collect()
}

/// A cost in 10^-12 USD as a decimal, without trailing zeros.
#[must_use]
pub fn usd(pico: i128) -> Decimal {
    Decimal::try_from_i128_with_scale(pico, 12)
        .unwrap_or_default()
        .normalize()
}

/// The usage type of one kind of tokens of a workload; none where AWS has no such usage type.
pub(super) fn usage_type(stream: &Stream, tokens: Tokens) -> String {
    let prefix = stream.region.billing_prefix();
    let global = stream.is_global();
    match stream.model.billing {
        Billing::Native(segment) => {
            let what = match tokens {
                Tokens::Input => "input-tokens",
                Tokens::Output => "output-tokens",
                Tokens::CacheRead => "cache-read-input-token-count",
                Tokens::CacheWrite5m | Tokens::CacheWrite1h => "cache-write-input-token-count",
            };
            let tier = match stream.tier {
                Tier::Flex => "-flex",
                Tier::Priority => "-priority",
                Tier::Standard | Tier::Batch => "",
            };
            let routing = if global { "-cross-region-global" } else { "" };
            let batch = if stream.tier == Tier::Batch {
                "-batch"
            } else {
                ""
            };
            format!("{prefix}-{segment}-{what}{tier}{routing}{batch}")
        }
        Billing::Mantle(segment) => {
            let what = match tokens {
                Tokens::Input => "input-tokens",
                Tokens::Output => "output-tokens",
                Tokens::CacheRead => "cache-read-tokens",
                Tokens::CacheWrite5m | Tokens::CacheWrite1h => "cache-write-tokens-30m",
            };
            let tier = match stream.tier {
                Tier::Standard => "standard",
                Tier::Flex => "flex",
                Tier::Priority => "priority",
                Tier::Batch => "batch",
            };
            format!("{prefix}-{segment}-mantle-{what}-{tier}")
        }
        Billing::Marketplace(_) => {
            let what = match tokens {
                Tokens::Input => "InputTokenCount",
                Tokens::Output => "OutputTokenCount",
                Tokens::CacheRead => "CacheReadInputTokenCount",
                Tokens::CacheWrite5m => "CacheWriteInputTokenCount",
                Tokens::CacheWrite1h => "CacheWrite1hInputTokenCount",
            };
            let routing = if global { "_Global" } else { "" };
            let batch = if stream.tier == Tier::Batch {
                "_Batch"
            } else {
                ""
            };
            format!("{prefix}-MP:{prefix}_{what}{routing}{batch}-Units")
        }
        Billing::MarketplaceTiered(_) => {
            let (what, ttl) = match tokens {
                Tokens::Input => ("input_tokens", ""),
                Tokens::Output => ("output_tokens", ""),
                Tokens::CacheRead => ("cache_read_tokens", ""),
                Tokens::CacheWrite5m => ("cache_write_tokens", "_5m"),
                Tokens::CacheWrite1h => ("cache_write_tokens", "_1h"),
            };
            let length = if stream.long_context { "_long_ctx" } else { "" };
            let routing = if global { "_global" } else { "" };
            let tier = if stream.tier == Tier::Batch {
                "batch"
            } else {
                "standard"
            };
            format!("{prefix}-MP:{prefix}_{what}{ttl}{length}{routing}_{tier}-Units")
        }
    }
}

/// The product attributes of one kind of tokens of a workload.
pub(super) fn attributes(stream: &Stream, tokens: Tokens) -> ProductAttributes {
    let base = match tokens {
        Tokens::Input => "Input tokens",
        Tokens::Output => "Output tokens",
        Tokens::CacheRead => "Prompt cache read input tokens",
        Tokens::CacheWrite5m => "Prompt cache write input tokens",
        Tokens::CacheWrite1h => "Prompt cache write 1h input tokens",
    };
    // A batch row names its kind in the feature instead.
    let tier = match stream.tier {
        Tier::Standard | Tier::Batch => "",
        Tier::Flex => " flex",
        Tier::Priority => " priority",
    };
    let routing = if stream.is_global() { " global" } else { "" };
    let feature = match (stream.model.billing, stream.tier) {
        (Billing::Mantle(_), _) => None,
        (_, Tier::Batch) => Some("Batch Inference"),
        _ => Some("On-demand Inference"),
    };
    ProductAttributes {
        provider: Some(stream.model.provider.to_owned()),
        model: Some(stream.model.name.to_owned()),
        inference_type: Some(format!("{base}{routing}{tier}")),
        feature: feature.map(str::to_owned),
    }
}
