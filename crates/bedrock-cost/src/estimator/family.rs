//! Token families: models that cut text into the same tokens, and which model belongs to which.

use std::fmt;
use std::str::FromStr;

use crate::model::ModelId;
use crate::names::UnknownName;

use super::coefficients::COEFFICIENTS;
use super::features::FEATURES;

/// Declares the families in the order of the columns of `tokens/coefficients.csv`.
macro_rules! families {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Models that cut text into the same tokens.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TokenFamily { $($(#[$doc])* $name,)* }

        impl TokenFamily {
            /// Every family.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            const NAMES: &[&str] = &[$($text,)*];

            /// Returns the name: `claude_4_7`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

families! {
    /// Claude 2 and Claude Instant.
    Claude2 = "claude_2",
    /// Claude 3 to Claude Opus 4.6, Sonnet 4.6 and Haiku 4.5.
    Claude3 = "claude_3",
    /// Claude Opus 4.7 and later: some 22% more tokens than before.
    Claude47 = "claude_4_7",
    /// Llama 3 to 3.3.
    Llama3 = "llama3",
    /// Llama 4.
    Llama4 = "llama4",
    /// Mistral's `SentencePiece` vocabulary: Mistral 7B, Mixtral, Mistral Large to 24.11, Pixtral Large.
    MistralV3 = "mistral_v3",
    /// Mistral's Tekken vocabulary: Ministral, Magistral, Devstral, Voxtral, Mistral Large 3.
    Tekken = "tekken",
    /// Qwen 2 and 3.
    Qwen3 = "qwen3",
    /// Qwen 3.5 and 3.6.
    Qwen36 = "qwen36",
    /// `DeepSeek` V3 and R1.
    DeepSeek = "deepseek",
    /// `OpenAI` o200k: gpt-oss and GPT-4o to GPT-5.
    O200k = "o200k",
    /// `OpenAI` cl100k: GPT-4. No model of Bedrock has it; it stands in for Titan.
    Cl100k = "cl100k",
    /// Command R and R+.
    CommandR = "command_r",
    /// Gemma 3.
    Gemma3 = "gemma3",
    /// Kimi K2.
    KimiK2 = "kimi_k2",
    /// GLM 4 and 5.
    Glm4 = "glm4",
    /// `MiniMax` M2.
    MiniMaxM2 = "minimax_m2",
    /// Amazon Nova. Its vocabulary is not published: a mixture that fits the few public counts.
    Nova = "nova",
}

impl TokenFamily {
    pub(super) fn coefficients(self) -> &'static [i32; FEATURES] {
        static NONE: [i32; FEATURES] = [0; FEATURES];
        COEFFICIENTS.get(self as usize).unwrap_or(&NONE)
    }
}

impl fmt::Display for TokenFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for TokenFamily {
    type Err = UnknownName;
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .iter()
            .copied()
            .find(|family| crate::names::same_name(family.name(), text))
            .ok_or_else(|| UnknownName {
                what: "token family",
                given: text.to_owned(),
                allowed: Self::NAMES,
            })
    }
}

/// How well it is known that a model has the vocabulary of its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// The vendor published the vocabulary, or the API's counts agree with it.
    Known,
    /// Assumed from the models before it; the band is half as wide again.
    Assumed,
    /// The vocabulary is not public and differs: the band is 30% and more, until calibrated with logged counts.
    Uncalibrated,
}

impl Certainty {
    /// Returns the name: `uncalibrated`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Assumed => "assumed",
            Self::Uncalibrated => "uncalibrated",
        }
    }
}

/// The token family of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModelTokens {
    /// The family.
    pub family: TokenFamily,
    /// How well that is known.
    pub certainty: Certainty,
}

impl From<TokenFamily> for ModelTokens {
    /// A family asked for by name is taken at its word, except Nova's, which nobody outside AWS knows.
    fn from(family: TokenFamily) -> Self {
        let certainty = if family == TokenFamily::Nova {
            Certainty::Uncalibrated
        } else {
            Certainty::Known
        };
        Self { family, certainty }
    }
}

impl ModelTokens {
    /// Returns the token family of a model; `None` for models that read no text by the token, and for vendors that are
    /// not known.
    ///
    /// A model newer than the vocabularies known (2026-11-22) is taken to have that of the model before it.
    #[must_use]
    pub fn of(model: &ModelId) -> Option<Self> {
        use Certainty::{Assumed, Known, Uncalibrated};
        use TokenFamily as Family;
        let (provider, name) = model.as_str().split_once('.')?;
        let has = |part: &str| name.starts_with(part);
        let (family, certainty) = match provider {
            "anthropic" => claude(name),
            "meta" if has("llama4") => (Family::Llama4, Known),
            "meta" if has("llama3") => (Family::Llama3, Known),
            "meta" if has("llama2") => (Family::MistralV3, Uncalibrated),
            "meta" => (Family::Llama4, Assumed),
            "mistral" if MISTRAL_SENTENCE_PIECE.iter().any(|part| has(part)) => {
                (Family::MistralV3, Known)
            }
            "mistral" => (Family::Tekken, Known),
            "qwen" if has("qwen3.5") || has("qwen3.6") => (Family::Qwen36, Known),
            "qwen" if has("qwen3") => (Family::Qwen3, Known),
            "qwen" => (Family::Qwen36, Assumed),
            "deepseek" => (Family::DeepSeek, Known),
            "openai" if has("gpt-oss") => (Family::O200k, Known),
            "openai" => (Family::O200k, Assumed),
            "google" if has("gemma-3") => (Family::Gemma3, Known),
            "google" => (Family::Gemma3, Assumed),
            "moonshot" | "moonshotai" if has("kimi-k2") => (Family::KimiK2, Known),
            "moonshot" | "moonshotai" => (Family::KimiK2, Assumed),
            "zai" if has("glm-4") => (Family::Glm4, Known),
            "zai" => (Family::Glm4, Assumed),
            "minimax" if has("minimax-m2") => (Family::MiniMaxM2, Known),
            "minimax" => (Family::MiniMaxM2, Assumed),
            "cohere" if has("command-r") && !has("command-r7b") => (Family::CommandR, Known),
            "cohere" => (Family::CommandR, Uncalibrated),
            // Nemotron has a vocabulary of Tekken's size, made from it.
            "nvidia" => (Family::Tekken, Assumed),
            "amazon" if has("nova-canvas") || has("nova-reel") || has("titan-image") => {
                return None;
            }
            "amazon" if has("nova") => (Family::Nova, Uncalibrated),
            "amazon" => (Family::Cl100k, Uncalibrated),
            "ai21" | "writer" | "xai" | "twelvelabs" => (Family::O200k, Uncalibrated),
            _ => return None,
        };
        Some(Self { family, certainty })
    }
}

/// Starts of the Mistral models that have the `SentencePiece` vocabulary.
const MISTRAL_SENTENCE_PIECE: [&str; 7] = [
    "mistral-7b",
    "mixtral",
    "mistral-large-2402",
    "mistral-large-2407",
    "mistral-large-2411",
    "mistral-small-2402",
    "pixtral-large",
];

/// Claude's generation decides: 2, 3 to 4.6, or 4.7 and later.
fn claude(name: &str) -> (TokenFamily, Certainty) {
    use Certainty::{Assumed, Known};
    match version(name) {
        Some((1 | 2, _)) => (TokenFamily::Claude2, Known),
        Some((3, _) | (4, 0..=6)) => (TokenFamily::Claude3, Known),
        Some((4, 7 | 8) | (5, 0)) => (TokenFamily::Claude47, Known),
        Some(_) | None => (TokenFamily::Claude47, Assumed),
    }
}

/// Reads the version of a Claude id: (4, 7) of `claude-opus-4-7`, (3, 5) of `claude-3-5-haiku-20241022-v1:0`.
pub(super) fn version(name: &str) -> Option<(u8, u8)> {
    let parts = || {
        name.split('-')
            .skip(1)
            .skip_while(|part| number(part).is_none())
    };
    let major = parts().next().and_then(number)?;
    // A date has eight digits and is no version.
    let minor = parts().nth(1).and_then(number).unwrap_or(0);
    Some((major, minor))
}

/// Reads `5`, `v2` or `v2:1` as one small number.
fn number(part: &str) -> Option<u8> {
    let digits = part.strip_prefix('v').unwrap_or(part);
    let digits = digits.split(':').next()?;
    (digits.len() <= 2).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::super::coefficients::FAMILY_NAMES;
    use super::Certainty::{Assumed, Known, Uncalibrated};
    use super::*;
    use crate::price_book::{ModelKind, PriceBook};

    #[test]
    fn families_are_in_the_order_of_the_columns() {
        let names: Vec<_> = TokenFamily::ALL
            .iter()
            .map(|family| family.name())
            .collect();
        assert_eq!(names, FAMILY_NAMES);
        for (position, family) in TokenFamily::ALL.iter().enumerate() {
            assert_eq!(*family as usize, position);
            assert_eq!(family.name().parse(), Ok(*family));
        }
    }

    #[test]
    fn models_have_the_family_of_their_generation() {
        let check = |id: &str, expected: Option<(TokenFamily, Certainty)>| {
            let tokens = ModelTokens::of(&ModelId::new(id).unwrap());
            assert_eq!(tokens.map(|t| (t.family, t.certainty)), expected, "{id}");
        };
        check("anthropic.claude-v2:1", Some((TokenFamily::Claude2, Known)));
        check(
            "anthropic.claude-instant-v1",
            Some((TokenFamily::Claude2, Known)),
        );
        let claude3 = Some((TokenFamily::Claude3, Known));
        check("anthropic.claude-3-haiku-20240307-v1:0", claude3);
        check("anthropic.claude-opus-4-20250514-v1:0", claude3);
        check("anthropic.claude-haiku-4-5-20251001-v1:0", claude3);
        check("anthropic.claude-opus-4-6-v1", claude3);
        check(
            "anthropic.claude-opus-4-7",
            Some((TokenFamily::Claude47, Known)),
        );
        check(
            "anthropic.claude-sonnet-5",
            Some((TokenFamily::Claude47, Known)),
        );
        check(
            "anthropic.claude-haiku-5-5",
            Some((TokenFamily::Claude47, Assumed)),
        );
        check(
            "anthropic.claude-mythos-preview",
            Some((TokenFamily::Claude47, Assumed)),
        );
        check(
            "mistral.mixtral-8x7b-instruct-v0:1",
            Some((TokenFamily::MistralV3, Known)),
        );
        check(
            "mistral.ministral-3-8b-instruct",
            Some((TokenFamily::Tekken, Known)),
        );
        check("openai.gpt-oss-120b-1:0", Some((TokenFamily::O200k, Known)));
        check("openai.gpt-6-sol", Some((TokenFamily::O200k, Assumed)));
        check(
            "amazon.nova-lite-v1:0",
            Some((TokenFamily::Nova, Uncalibrated)),
        );
        check("amazon.nova-canvas-v1:0", None);
        check("stability.stable-image-ultra-v1:1", None);
    }

    #[test]
    fn every_listed_text_model_has_a_family() {
        for model in PriceBook::embedded().models() {
            if model.kind() == ModelKind::Text {
                let id = ModelId::new(model.id()).unwrap();
                assert!(ModelTokens::of(&id).is_some(), "{}", model.id());
            }
        }
    }
}
