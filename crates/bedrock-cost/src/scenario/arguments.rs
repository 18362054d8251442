//! What a caller says about a workload, before any of it is checked.

use rust_decimal::Decimal;

use crate::guardrail::GuardrailPolicy;
use crate::inference::{Commitment, Routing, Tier};
use crate::names::named;
use crate::region::Region;

named! {
    /// How long a prefix stays in the prompt cache.
    pub enum CacheTtl as "cache ttl" {
        /// 5 minutes: the default of most models.
        FiveMinutes = "5m" | "5min" | "5_minutes" | "5",
        /// 30 minutes: how writes of `OpenAI`, Moonshot AI and Z AI models are billed.
        ThirtyMinutes = "30m" | "30min" | "30_minutes" | "30",
        /// 1 hour.
        OneHour = "1h" | "1_hour" | "60m" | "60",
    }
}

named! {
    /// The texts that a guardrail policy looks at.
    pub enum Direction as "guardrail direction" {
        /// What the user sends.
        Input = "input",
        /// What the model answers.
        Output = "output",
        /// Both.
        Both = "both" | "input_and_output",
    }
}

named! {
    /// The hardware generation of a custom model unit.
    pub enum CustomModelUnit as "custom model unit" {
        /// The first.
        V1 = "v1" | "1" | "cmu_v1",
        /// The second: `OpenAI` architectures.
        V2 = "v2" | "2" | "cmu_v2",
    }
}

/// A workload as it is described: nothing in it is checked, numbers may be negative, fractional or absurd.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScenarioArguments {
    /// Models by id, profile id, ARN or exact display name.
    pub models: Vec<String>,
    /// The region the requests are sent to; `us-east-1` where it is left out.
    pub region: Option<Region>,
    /// Regional or global; regional where neither this nor the name of the model says otherwise.
    pub routing: Option<Routing>,
    /// Tokens of the prompt of one request, cached ones included.
    pub input_tokens: Option<Decimal>,
    /// Tokens of the answer to one request; 0 for embeddings.
    pub output_tokens: Option<Decimal>,
    /// How many requests there are.
    pub requests: Option<RequestsArgument>,
    /// The tier; standard where it is left out.
    pub tier: Option<Tier>,
    /// The part of the requests that runs as batch inference, 0 to 1.
    pub batch_share: Option<Decimal>,
    /// How the prompt cache is used.
    pub cache: Option<CacheArguments>,
    /// The guardrail, if there is one.
    pub guardrails: Option<GuardrailArguments>,
    /// Provisioned throughput to compare with.
    pub provisioned: Option<ProvisionedArguments>,
    /// Capacity for imported weights to compare with.
    pub custom_import: Option<CustomImportArguments>,
    /// Units other than text tokens that one request uses: `("image", 1)`, `("second of video input", 90)`.
    pub units: Vec<(String, Decimal)>,
    /// What the workload uses beside models each month: knowledge bases, flows, data automation.
    pub services: Vec<ServiceArguments>,
}

/// How many requests there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestsArgument {
    /// A whole number each month.
    Monthly(Decimal),
    /// A rate and how long it lasts.
    Rate(RequestRate),
}

/// A rate of requests. One of the three rates is given; hours and days are never assumed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestRate {
    /// Requests in a minute.
    pub per_minute: Option<Decimal>,
    /// Requests in an hour.
    pub per_hour: Option<Decimal>,
    /// Requests in a day.
    pub per_day: Option<Decimal>,
    /// Hours of a day in which requests come; not needed for a rate per day.
    pub hours_per_day: Option<Decimal>,
    /// Days of a month in which requests come.
    pub days_per_month: Option<Decimal>,
}

/// How the prompt cache is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheArguments {
    /// Tokens at the start of every prompt that stay the same. They are part of the input tokens.
    pub prefix_tokens: Decimal,
    /// How often a written prefix is read before it expires.
    pub reads_per_write: Decimal,
    /// How long it lives; the shortest lifetime that is listed for the model where it is left out.
    pub ttl: Option<CacheTtl>,
}

/// A guardrail: which policies look at which texts, and how long the texts are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardrailArguments {
    /// The policies, each once.
    pub policies: Vec<(GuardrailPolicy, Direction)>,
    /// Characters of what the user sends in one request.
    pub input_chars: Option<Decimal>,
    /// Characters of the answer to one request.
    pub output_chars: Option<Decimal>,
}

/// Provisioned throughput.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvisionedArguments {
    /// Model units.
    pub model_units: Decimal,
    /// The commitment.
    pub commitment: Commitment,
}

/// Capacity for a model of one's own weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomImportArguments {
    /// Custom model units that run at once, over all copies.
    pub model_units: Decimal,
    /// Minutes of a month in which they run. They are billed in windows of 5 minutes.
    pub minutes_per_month: Decimal,
    /// The generation; that of the model's architecture where it is left out.
    pub version: Option<CustomModelUnit>,
}

/// Something billed beside models, by its names in the price book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceArguments {
    /// The group: `knowledge_bases`, `flows`, `data_automation`.
    pub dimension: String,
    /// The item: `standard_retrieval`, `node_transitions`.
    pub item: String,
    /// How much of it is used in a month: queries, transitions, pages.
    pub quantity: Decimal,
}
