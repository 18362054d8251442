//! The models that the simulated Bedrock offers, with their life on it.
//!
//! Launch and retirement dates were read from AWS's announcements and lifecycle page where they
//! are public (2026-11-22); the day of a launch after February 2026 is approximate.

use std::sync::LazyLock;

use jiff::civil::Date;

use crate::table;

/// How a model's Price List and usage-type rows are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// `USE1-NovaLite-input-tokens`, attribute `model`.
    Native,
    /// As native, attribute `titanModel`.
    Titan,
    /// `USE1-zai.glm5-mantle-input-tokens-standard`.
    Mantle,
    /// `USE1-MP:USE1_InputTokenCount-Units`.
    MarketplaceCamel,
    /// `USE1-MP:USE1_input_tokens_standard-Units`.
    MarketplaceSnake,
}

/// A foundation model.
#[derive(Clone, Debug)]
pub(crate) struct CatalogModel {
    /// Such as `anthropic.claude-3-haiku-20240307-v1:0`.
    pub(crate) id: &'static str,
    /// Such as `Claude 3 Haiku`.
    pub(crate) name: &'static str,
    /// The name in `ListFoundationModels`, where 20 characters are the most.
    pub(crate) brand: &'static str,
    /// How its rows are named.
    pub(crate) naming: Naming,
    /// The model's part of a native usage type; empty if it has none.
    pub(crate) segment: &'static str,
    /// The first day on Bedrock.
    pub(crate) launch: Date,
    /// The day from which it is marked as legacy.
    pub(crate) legacy: Option<Date>,
    /// The day from which it answers no more.
    pub(crate) end_of_life: Option<Date>,
}

impl CatalogModel {
    /// The company behind the model.
    pub(crate) fn provider(&self) -> &'static str {
        match self.id.split('.').next().unwrap_or_default() {
            "amazon" => "Amazon",
            "anthropic" => "Anthropic",
            "cohere" => "Cohere",
            "deepseek" => "DeepSeek",
            "google" => "Google",
            "meta" => "Meta",
            "mistral" => "Mistral AI",
            "moonshotai" => "Moonshot AI",
            "openai" => "OpenAI",
            "qwen" => "Qwen",
            "zai" => "Z AI",
            other => other,
        }
    }

    /// Tells whether the model turns text into vectors.
    pub(crate) fn is_embedding(&self) -> bool {
        self.id.contains("embed")
    }

    /// Tells whether a geographic inference profile stands in front of the model.
    pub(crate) fn has_geographic_profile(&self) -> bool {
        let first = Date::constant(2024, 3, 1);
        match self.provider() {
            "Anthropic" => self.launch >= first,
            "Amazon" => self.id.contains(".nova-"),
            "Meta" => !self.id.contains("llama3-8b") && !self.id.contains("llama3-70b"),
            _ => self.id.contains("deepseek.r1") || self.id.contains("pixtral"),
        }
    }

    /// Tells whether the model is called through an inference profile only.
    pub(crate) fn is_profile_only(&self) -> bool {
        let recent = Date::constant(2025, 2, 24);
        self.has_geographic_profile() && self.launch >= recent
    }

    /// Tells whether the model can be called on a day.
    pub(crate) fn is_offered(&self, day: Date) -> bool {
        self.launch <= day && self.end_of_life.is_none_or(|end| day < end)
    }
}

/// Every model, also those that are gone; a model with two kinds of rows comes twice.
pub(crate) static MODELS: LazyLock<Vec<CatalogModel>> = LazyLock::new(|| {
    table::rows(include_str!("../data/models.csv"))
        .filter_map(|row| {
            Some(CatalogModel {
                id: row.text("model_id"),
                name: row.text("name"),
                brand: row.text("brand"),
                naming: match row.text("billing") {
                    "native" => Naming::Native,
                    "titan" => Naming::Titan,
                    "mantle" => Naming::Mantle,
                    "market-camel" => Naming::MarketplaceCamel,
                    "market-snake" => Naming::MarketplaceSnake,
                    _ => return None,
                },
                segment: row.text("segment"),
                launch: row.date("launch")?,
                legacy: row.date("legacy"),
                end_of_life: row.date("end_of_life"),
            })
        })
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_model_with_a_life_in_order() {
        let lines = include_str!("../data/models.csv").lines().count() - 1;
        assert_eq!(MODELS.len(), lines);
        for model in MODELS.iter() {
            let life = [Some(model.launch), model.legacy, model.end_of_life];
            let life: Vec<Date> = life.into_iter().flatten().collect();
            assert!(life.is_sorted(), "{}", model.id);
            assert!(
                model.provider().starts_with(char::is_uppercase),
                "{}",
                model.id
            );
        }
    }
}
