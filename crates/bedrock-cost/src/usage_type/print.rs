//! Prints a usage type in AWS's newest spelling, which reads back to the same value.

use std::fmt;

use super::{Family, GuardrailCheck, GuardrailPolicy, UsageKind, UsageType};
use crate::inference::{Commitment, ReservedTerm, Routing, Tier};
use crate::tokens::TokenKind;

impl fmt::Display for UsageType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.billing_prefix;
        match self.family {
            Family::Marketplace => {
                write!(f, "{prefix}-MP:{prefix}")?;
                self.metric(f, '_')?;
                f.write_str("-Units")
            }
            Family::Native | Family::Mantle => {
                write!(f, "{prefix}-{}", self.model_segment.unwrap_or_default())?;
                if self.family == Family::Mantle {
                    f.write_str("-mantle")?;
                }
                self.metric(f, '-')
            }
            Family::Guardrails | Family::AgentCore | Family::Feature => {
                f.write_str(prefix)?;
                self.metric(f, '-')
            }
        }
    }
}

impl UsageType<'_> {
    /// Writes what is counted and how, each word after `gap`.
    fn metric(&self, f: &mut fmt::Formatter<'_>, gap: char) -> fmt::Result {
        match self.kind {
            UsageKind::Token { kind, modality } => {
                if let Some(modality) = modality {
                    write!(f, "{gap}{modality}")?;
                }
                let (words, lifetime) = match kind {
                    TokenKind::Input => ("input", None),
                    TokenKind::Output => ("output", None),
                    TokenKind::CacheRead => ("cache{}read", None),
                    TokenKind::CacheWrite5m => ("cache{}write", Some("5m")),
                    TokenKind::CacheWrite30m => ("cache{}write", Some("30m")),
                    TokenKind::CacheWrite1h => ("cache{}write", Some("1h")),
                };
                write!(
                    f,
                    "{gap}{}{gap}tokens",
                    words.replace("{}", gap.encode_utf8(&mut [0; 4]))
                )?;
                if let Some(lifetime) = lifetime {
                    write!(f, "{gap}{lifetime}")?;
                }
            }
            UsageKind::TrainingTokens(direction) => {
                write!(f, "{gap}Model{gap}Customization{gap}{direction}{gap}tokens")?;
            }
            UsageKind::ReservedTpm { direction, term } => {
                let months = match term {
                    ReservedTerm::OneMonth => 1,
                    ReservedTerm::ThreeMonths => 3,
                };
                write!(f, "{gap}Reserved{gap}{months}Month{gap}{direction}{gap}TPM")?;
            }
            UsageKind::ProvisionedModelUnits(commitment) => {
                let custom = if self.custom_model { "-Custom" } else { "" };
                let commitment = match commitment {
                    Commitment::None => "NoCommit",
                    Commitment::OneMonth => "1MonthCommit",
                    Commitment::SixMonths => "6MonthsCommit",
                };
                return write!(
                    f,
                    "{gap}ProvisionedThroughput{custom}{gap}{commitment}{gap}ModelUnits"
                );
            }
            UsageKind::GuardrailTextUnits(policy) => {
                return write!(f, "{gap}Guardrail-{}UnitsConsumed", policy_name(policy));
            }
            UsageKind::GuardrailImages => {
                return write!(f, "{gap}Guardrail-ContentPolicyImageUnitsConsumed");
            }
            UsageKind::GuardrailCheckTextUnits(check) => {
                return write!(f, "{gap}GuardrailChecks-{}UnitsConsumed", check_name(check));
            }
            UsageKind::Images {
                variant: Some(variant),
                ..
            } => return write!(f, "{gap}{variant}"),
            UsageKind::Images {
                direction,
                variant: None,
            } => write!(f, "{gap}{direction}{gap}image")?,
            UsageKind::SearchUnits => write!(f, "{gap}search{gap}units")?,
            UsageKind::CacheStorage => write!(f, "{gap}CacheStorage")?,
            UsageKind::CustomModelStorage => write!(f, "{gap}Customization-Storage")?,
            UsageKind::CustomModelTraining => write!(f, "{gap}Customization-Training")?,
            UsageKind::TrainingHours => write!(f, "{gap}RFT-Training-Hours")?,
            UsageKind::WebGrounding => write!(f, "{gap}nova-grounding")?,
            UsageKind::ImportedModelMinutes { version } => {
                return write!(f, "{gap}CustomModelImport-Inference-{version}");
            }
            UsageKind::ImportedModelStorage { version } => {
                return write!(f, "{gap}CustomModelImport-Storage-{version}");
            }
            UsageKind::AgentCore {
                component,
                dimension,
            } => {
                return write!(f, "{gap}{component}:Consumption-based:{dimension}");
            }
            UsageKind::DataAutomation(dimension) => {
                return write!(f, "{gap}DataAutomation-{dimension}");
            }
            UsageKind::KnowledgeBase(dimension) => {
                return write!(f, "{gap}KnowledgeBase-{dimension}");
            }
        }
        self.flags(f, gap)
    }

    fn flags(&self, f: &mut fmt::Formatter<'_>, gap: char) -> fmt::Result {
        if self.long_context {
            write!(f, "{gap}long{gap}ctx")?;
        }
        if self.routing == Routing::Global && self.family == Family::Marketplace {
            write!(f, "{gap}global")?;
        }
        let explicit = matches!(self.family, Family::Marketplace | Family::Mantle);
        if self.tier != Tier::Standard || (explicit && matches!(self.kind, UsageKind::Token { .. }))
        {
            write!(
                f,
                "{gap}{}",
                self.tier
                    .as_str()
                    .replace('_', gap.encode_utf8(&mut [0; 4]))
            )?;
        }
        if self.routing == Routing::Global && self.family != Family::Marketplace {
            write!(f, "{gap}cross{gap}region{gap}global")?;
        }
        if self.custom_model {
            write!(f, "{gap}custom{gap}model")?;
        }
        Ok(())
    }
}

const fn policy_name(policy: GuardrailPolicy) -> &'static str {
    match policy {
        GuardrailPolicy::ContentFilters => "ContentPolicy",
        GuardrailPolicy::DeniedTopics => "TopicPolicy",
        GuardrailPolicy::WordFilters => "WordPolicy",
        GuardrailPolicy::Pii => "SensitiveInformationPolicyPaid",
        GuardrailPolicy::Regex => "SensitiveInformationPolicyFree",
        GuardrailPolicy::ContextualGrounding => "ContextualGroundingPolicy",
        GuardrailPolicy::AutomatedReasoning => "AutomatedReasoningPolicy",
    }
}

const fn check_name(check: GuardrailCheck) -> &'static str {
    match check {
        GuardrailCheck::ContentFilter => "ContentFilterCheck",
        GuardrailCheck::PromptAttack => "PromptAttackCheck",
        GuardrailCheck::SensitiveInformation => "SensitiveInformationCheck",
    }
}
