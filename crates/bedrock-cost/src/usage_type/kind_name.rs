//! What a usage type counts, in the words of answers.

use super::{BilledUnit, UsageKind, UsageType};

impl UsageType<'_> {
    /// Returns what is counted, in a few words: `cache_read tokens`, `guardrail pii`, `images`.
    #[must_use]
    pub fn kind_name(&self) -> String {
        if let Some(token) = self.token_kind() {
            let long = if self.long_context {
                " long context"
            } else {
                ""
            };
            return format!("{}{long} tokens", token.name());
        }
        match self.kind {
            UsageKind::GuardrailTextUnits(policy) => format!("guardrail {}", policy.as_str()),
            UsageKind::GuardrailCheckTextUnits(check) => {
                format!("guardrail check {}", check.as_str())
            }
            UsageKind::ProvisionedModelUnits(commitment) => {
                format!("provisioned, {}", commitment.as_str())
            }
            UsageKind::ReservedTpm { .. } => "reserved tokens per minute".to_owned(),
            UsageKind::KnowledgeBase(what) => format!("knowledge base {what}"),
            UsageKind::AgentCore {
                component,
                dimension,
            } => format!("AgentCore {component} {dimension}"),
            UsageKind::DataAutomation(what) => format!("data automation {what}"),
            UsageKind::WebGrounding => "web grounding requests".to_owned(),
            _ => match self.unit() {
                BilledUnit::Image => "images".to_owned(),
                BilledUnit::SearchUnit => "search units".to_owned(),
                BilledUnit::ModelMonth => "model storage".to_owned(),
                BilledUnit::Hour => "hours".to_owned(),
                BilledUnit::CustomModelUnitMinute => "custom model unit minutes".to_owned(),
                _ => "other".to_owned(),
            },
        }
    }
}
