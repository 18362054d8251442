//! Usage types of Bedrock: what one line of a bill was for, read from its AWS text.
//!
//! AWS writes them in several grammars: `USE1-NovaMicro-input-tokens`, `APN1-zai.glm5-mantle-input-tokens-flex`,
//! `USE1-MP:USE1_InputTokenCount_Global-Units`, `USE1-Guardrail-ContentPolicyUnitsConsumed`,
//! `USE1-Runtime:Consumption-based:vCPU`. What fits none is [`Unclassified`], and its charge stays in every total.

mod kind_name;
mod parse;
mod print;

use crate::inference::{Commitment, ReservedTerm, Routing, Tier};
use crate::model_names::model_id_of;
use crate::names::{named, same_name};
use crate::region::Region;
use crate::tokens::TokenKind;

/// What one usage type says about the usage it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageType<'a> {
    /// The region's billing prefix as written, such as `USE1`.
    pub billing_prefix: &'a str,
    /// The region of the prefix, or `None` for one that is newer than this crate.
    pub region: Option<Region>,
    /// The grammar the text is written in, which decides the unit of a token row.
    pub family: Family,
    /// The model as the text writes it, such as `Claude3Haiku`; a Marketplace row has none, its service name has it.
    pub model_segment: Option<&'a str>,
    /// What is counted.
    pub kind: UsageKind<'a>,
    /// The tier whose rate applies.
    pub tier: Tier,
    /// The routing whose rate applies.
    pub routing: Routing,
    /// Whether the long-context rate applies.
    pub long_context: bool,
    /// Whether the row is for a customized model, whose rates are its own.
    pub custom_model: bool,
}

/// A usage type of none of the known grammars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a usage type of Amazon Bedrock that is known")]
pub struct Unclassified;

named! {
    /// The grammar a usage type is written in.
    pub enum Family as "usage type family" {
        /// Models sold by AWS: `USE1-NovaMicro-input-tokens`.
        Native = "native",
        /// Models served by the OpenAI-compatible endpoint: `USE1-openai.gpt-5.5-mantle-input-tokens-standard`.
        Mantle = "mantle",
        /// Models sold through AWS Marketplace: `USE1-MP:USE1_InputTokenCount-Units`.
        Marketplace = "marketplace",
        /// Guardrails: `USE1-Guardrail-ContentPolicyUnitsConsumed`.
        Guardrails = "guardrails",
        /// AgentCore: `USE1-Runtime:Consumption-based:vCPU`.
        AgentCore = "agentcore",
        /// Features beside the models: `USE1-DataAutomation-Custom-PagesProcessed`.
        Feature = "feature",
    }
}

/// What a usage type counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageKind<'a> {
    /// Tokens of inference; no modality means text, or a model that does not tell them apart.
    Token {
        /// Direction and cache lifetime. A cache write without a lifetime is for 5 minutes.
        kind: TokenKind,
        /// What the tokens stand for.
        modality: Option<Modality>,
    },
    /// Tokens that a model was trained on.
    TrainingTokens(Direction),
    /// Reserved tokens per minute.
    ReservedTpm {
        /// Input or output.
        direction: Direction,
        /// How long they are committed to.
        term: ReservedTerm,
    },
    /// Hours of provisioned model units.
    ProvisionedModelUnits(Commitment),
    /// Text units that a guardrail policy evaluated.
    GuardrailTextUnits(GuardrailPolicy),
    /// Images that a guardrail's content filter evaluated.
    GuardrailImages,
    /// Text units of guardrail checks without a guardrail.
    GuardrailCheckTextUnits(GuardrailCheck),
    /// Images read or made, with the size and quality where they decide the rate, such as `T2I-1024-Standard`.
    Images {
        /// Read or made.
        direction: Direction,
        /// Size and quality as the text writes them.
        variant: Option<&'a str>,
    },
    /// Queries to a reranking model.
    SearchUnits,
    /// Storage of a prompt cache.
    CacheStorage,
    /// Storage of a customized model.
    CustomModelStorage,
    /// Training of a customized model.
    CustomModelTraining,
    /// Hours of reinforcement fine-tuning.
    TrainingHours,
    /// Requests that were grounded on the web.
    WebGrounding,
    /// Minutes of custom model units that served an imported model.
    ImportedModelMinutes {
        /// Version of the custom model unit, such as `v1:0`.
        version: &'a str,
    },
    /// Storage of an imported model.
    ImportedModelStorage {
        /// Version of the custom model unit, such as `v1:0`.
        version: &'a str,
    },
    /// Consumption of AgentCore.
    AgentCore {
        /// The component, such as `Runtime`.
        component: &'a str,
        /// What is counted, such as `vCPU`.
        dimension: &'a str,
    },
    /// Data Automation, such as `Custom-PagesProcessed`.
    DataAutomation(&'a str),
    /// Knowledge Bases, such as `Storage-Hours`.
    KnowledgeBase(&'a str),
}

named! {
    /// Whether something went into a model or came out of it.
    pub enum Direction as "direction" {
        /// Into the model.
        Input = "input",
        /// Out of the model.
        Output = "output",
    }
}

named! {
    /// What tokens stand for, where a model bills it apart.
    pub enum Modality as "modality" {
        /// Text.
        Text = "text",
        /// Speech.
        Speech = "speech",
        /// Images.
        Image = "image",
        /// Sound other than speech.
        Audio = "audio",
        /// Video.
        Video = "video",
    }
}

named! {
    /// A guardrail policy, by what it is called in answers; the alias is what a usage type calls it.
    pub enum GuardrailPolicy as "guardrail policy" {
        /// Content filters on text.
        ContentFilters = "content_filters" | "ContentPolicy",
        /// Denied topics.
        DeniedTopics = "denied_topics" | "TopicPolicy",
        /// Word filters, free of charge.
        WordFilters = "word_filters" | "WordPolicy",
        /// Personal data.
        Pii = "pii" | "SensitiveInformationPolicyPaid",
        /// Regular expressions, free of charge.
        Regex = "regex" | "SensitiveInformationPolicyFree",
        /// Contextual grounding.
        ContextualGrounding = "contextual_grounding" | "ContextualGroundingPolicy",
        /// Automated reasoning.
        AutomatedReasoning = "automated_reasoning" | "AutomatedReasoningPolicy",
    }
}

named! {
    /// A check of `InvokeGuardrailChecks`, by what it is called in answers; the alias is what a usage type calls it.
    pub enum GuardrailCheck as "guardrail check" {
        /// Content filter.
        ContentFilter = "content_filter" | "ContentFilterCheck",
        /// Prompt attack.
        PromptAttack = "prompt_attack" | "PromptAttackCheck",
        /// Personal data.
        SensitiveInformation = "sensitive_information" | "SensitiveInformationCheck",
    }
}

/// The unit in which a usage quantity is counted and a rate is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BilledUnit {
    /// Tokens, by the thousand or by the million.
    Tokens {
        /// How many tokens one unit is.
        per_unit: u32,
    },
    /// Text units of up to 1,000 characters.
    TextUnit,
    /// Images.
    Image,
    /// Hours of one model unit.
    ModelUnitHour,
    /// Hours of 1,000 reserved tokens per minute.
    ThousandTpmHour,
    /// Search units.
    SearchUnit,
    /// Hours.
    Hour,
    /// Months of one stored model.
    ModelMonth,
    /// Minutes of one custom model unit.
    CustomModelUnitMinute,
    /// Requests.
    Request,
    /// A unit that the usage type does not give away.
    Other,
}

impl BilledUnit {
    /// Reads the unit as Cost Explorer, a usage report or the Price List writes it, such as `1K tokens`.
    ///
    /// Returns `None` where that text does not settle the unit, as with `Units`.
    #[must_use]
    pub fn from_aws(text: &str) -> Option<Self> {
        [
            ("1K tokens", Self::Tokens { per_unit: 1_000 }),
            ("1000 tokens", Self::Tokens { per_unit: 1_000 }),
            (
                "1M tokens",
                Self::Tokens {
                    per_unit: 1_000_000,
                },
            ),
            (
                "1000000 tokens",
                Self::Tokens {
                    per_unit: 1_000_000,
                },
            ),
            ("tokens", Self::Tokens { per_unit: 1 }),
            ("TextUnit", Self::TextUnit),
            ("TextUnits", Self::TextUnit),
            ("image", Self::Image),
            ("images", Self::Image),
            ("hour", Self::Hour),
            ("hours", Self::Hour),
            ("1KTPMHour", Self::ThousandTpmHour),
            ("Model/month", Self::ModelMonth),
            ("Custom Model Unit per Min", Self::CustomModelUnitMinute),
            ("Requests", Self::Request),
            ("Search units", Self::SearchUnit),
        ]
        .into_iter()
        .find_map(|(name, unit)| same_name(name, text).then_some(unit))
    }
}

/// Tokens in one unit of a Marketplace row, whatever unit its line names.
///
/// Source: Price List descriptions "Million Input Tokens", checked 2026-11-22.
const MARKETPLACE_TOKENS: u32 = 1_000_000;

/// Tokens in one unit of a row sold by AWS, but for the models below.
const NATIVE_TOKENS: u32 = 1_000;

/// Models sold by AWS whose rows count millions of tokens.
///
/// Source: Price List of us-east-1, 2026-07-27: 828 of 840 token rows are per 1K, the other 12 are all of this model.
const NATIVE_BY_THE_MILLION: &[&str] = &["xai.grok-4.3"];

impl<'a> UsageType<'a> {
    /// Reads a usage type.
    ///
    /// # Errors
    ///
    /// Fails when the text fits none of the known grammars.
    pub fn parse(text: &'a str) -> Result<Self, Unclassified> {
        parse::usage_type(text).ok_or(Unclassified)
    }

    /// Returns the id of the model in the text, or `None` where the text has no model or one that is not known.
    #[must_use]
    pub fn model_id(&self) -> Option<&'static str> {
        model_id_of(self.model_segment?)
    }

    /// Returns the unit that one of the row's usage quantity is.
    #[must_use]
    pub fn unit(&self) -> BilledUnit {
        match self.kind {
            UsageKind::Token { .. } | UsageKind::TrainingTokens(_) => BilledUnit::Tokens {
                per_unit: self.tokens_per_unit(),
            },
            UsageKind::ReservedTpm { .. } => BilledUnit::ThousandTpmHour,
            UsageKind::ProvisionedModelUnits(_) => BilledUnit::ModelUnitHour,
            UsageKind::GuardrailTextUnits(_) | UsageKind::GuardrailCheckTextUnits(_) => {
                BilledUnit::TextUnit
            }
            UsageKind::GuardrailImages | UsageKind::Images { .. } => BilledUnit::Image,
            UsageKind::SearchUnits => BilledUnit::SearchUnit,
            UsageKind::CustomModelStorage | UsageKind::ImportedModelStorage { .. } => {
                BilledUnit::ModelMonth
            }
            UsageKind::TrainingHours => BilledUnit::Hour,
            UsageKind::WebGrounding => BilledUnit::Request,
            UsageKind::ImportedModelMinutes { .. } => BilledUnit::CustomModelUnitMinute,
            UsageKind::CacheStorage
            | UsageKind::CustomModelTraining
            | UsageKind::AgentCore { .. }
            | UsageKind::DataAutomation(_)
            | UsageKind::KnowledgeBase(_) => BilledUnit::Other,
        }
    }

    fn tokens_per_unit(&self) -> u32 {
        let by_the_million = self.family == Family::Marketplace
            || self
                .model_segment
                .is_some_and(|segment| NATIVE_BY_THE_MILLION.contains(&segment));
        if by_the_million {
            MARKETPLACE_TOKENS
        } else {
            NATIVE_TOKENS
        }
    }

    /// Returns the kind of token that is counted, or `None` where something else is.
    #[must_use]
    pub const fn token_kind(&self) -> Option<TokenKind> {
        match self.kind {
            UsageKind::Token { kind, .. } => Some(kind),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
