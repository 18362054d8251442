//! Tokens around the text: the frame of messages, and the system prompt that tools switch on.

use super::estimate::{Estimate, Method};
use super::family::{Certainty, ModelTokens, TokenFamily, version};
use crate::model::ModelId;
use crate::tokens::TokenCount;

/// Whether the model may answer without calling a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ToolChoice {
    /// The model decides: `auto` or `none`.
    #[default]
    Auto,
    /// It must call one: `any` or a named tool.
    Forced,
}

/// What is put around the texts of a request, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Framing {
    start: u64,
    per_message: u64,
    tool_prompt: u64,
    /// Whether the numbers are the vendor's or measured, rather than those of a model like it.
    is_known: bool,
    tokens: ModelTokens,
}

impl Framing {
    /// Returns the frame of a model; `None` where no token family is known for it.
    ///
    /// Claude: measured with the API for one user message (2026-11-22: 7 tokens before 4.7, 11 for 4.7, 6 from 4.8 on),
    /// and Anthropic's table of tool system prompts (tool use overview, read 2026-11-23). Open models: their published
    /// chat templates, counted by hand.
    #[must_use]
    pub fn of(model: &ModelId, choice: ToolChoice) -> Option<Self> {
        let tokens = ModelTokens::of(model)?;
        let version = model
            .as_str()
            .split_once('.')
            .filter(|(provider, _)| *provider == "anthropic")
            .and_then(|(_, name)| version(name));
        let (start, per_message) = frame(tokens.family, version);
        let prompts = tool_prompts(tokens.family, model.as_str(), version);
        let tool_prompt = prompts.map_or(0, |(auto, forced)| match choice {
            ToolChoice::Auto => auto,
            ToolChoice::Forced => forced,
        });
        let is_claude = model.provider() == "anthropic";
        let is_known = tokens.certainty == Certainty::Known && (!is_claude || prompts.is_some());
        Some(Self {
            start,
            per_message,
            tool_prompt,
            is_known,
            tokens,
        })
    }

    /// Adds the frame of `messages` messages to the estimate of their texts, and with `has_tools` the tools' system
    /// prompt; the text of the tool definitions belongs in the estimate already.
    #[must_use]
    pub fn around(
        &self,
        texts: Estimate<TokenCount>,
        messages: u64,
        has_tools: bool,
    ) -> Estimate<TokenCount> {
        let frame = self
            .start
            .saturating_add(self.per_message.saturating_mul(messages));
        let tools = if has_tools { self.tool_prompt } else { 0 };
        // Only the frame of one message is measured; each further one may be a token or two off.
        let unsure = if self.is_known {
            messages.saturating_sub(1)
        } else {
            frame / 2 + tools / 2
        };
        let exact = frame.saturating_add(tools);
        let plus = |count: TokenCount, more: u64| {
            let sum = count.get().saturating_add(more).min(TokenCount::MAX);
            TokenCount::new(sum).unwrap_or(count)
        };
        Estimate {
            value: plus(texts.value, exact),
            low: plus(texts.low, exact.saturating_sub(unsure)),
            high: plus(texts.high, exact.saturating_add(unsure)),
            method: Method {
                tokens: self.tokens,
                ..texts.method
            },
        }
    }
}

/// Tokens at the start of a request with the opening of the answer, and tokens around each message.
fn frame(family: TokenFamily, claude: Option<(u8, u8)>) -> (u64, u64) {
    match family {
        TokenFamily::Claude47 if claude == Some((4, 7)) => (7, 4),
        TokenFamily::Claude47 => (2, 4),
        // Nova's and Titan's are not published.
        TokenFamily::Claude2 | TokenFamily::Claude3 | TokenFamily::Nova | TokenFamily::Cl100k => {
            (3, 4)
        }
        TokenFamily::Llama3 | TokenFamily::Llama4 => (5, 5),
        TokenFamily::MistralV3 => (1, 4),
        TokenFamily::Tekken => (1, 2),
        TokenFamily::Qwen3 | TokenFamily::Qwen36 => (3, 5),
        TokenFamily::DeepSeek => (2, 1),
        // The harmony format always has a system message: 57 tokens of text and 3 around it.
        TokenFamily::O200k => (62, 4),
        TokenFamily::Gemma3 => (4, 5),
        TokenFamily::CommandR => (3, 3),
        // Its template has a system message of its own.
        TokenFamily::KimiK2 => (18, 4),
        TokenFamily::MiniMaxM2 => (20, 5),
        TokenFamily::Glm4 => (4, 2),
    }
}

/// Tokens of the system prompt that tools switch on: when the model decides, and when it must call one.
fn tool_prompts(family: TokenFamily, id: &str, claude: Option<(u8, u8)>) -> Option<(u64, u64)> {
    let is = |part: &str| id.contains(part);
    match claude {
        Some((3, 0)) if is("opus") => Some((530, 281)),
        Some((3, 0)) if is("sonnet") => Some((159, 235)),
        Some((3, 0)) => Some((264, 340)),
        Some((3, 5)) if is("haiku") => Some((264, 355)),
        Some((3, 5)) if is("20240620") => Some((294, 261)),
        Some((3, _)) => Some((346, 313)),
        Some((4, 0..=1)) => Some((313, 315)),
        Some((4, 5)) => Some((496, 588)),
        Some((4, 6)) => Some((497, 589)),
        Some((4, 7)) => Some((675, 804)),
        Some((4, 8)) => Some((290, 410)),
        Some((5, 0)) if is("sonnet") => Some((354, 474)),
        // Nothing is published for these yet: that of the model before them.
        _ if family == TokenFamily::Claude47 => Some((354, 474)),
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::estimator::estimate;

    #[test]
    fn one_message_has_the_measured_frame() {
        let check = |id: &str, has_tools: bool, expected: u64| {
            let id = ModelId::new(id).unwrap();
            let texts = estimate("", ModelTokens::of(&id).unwrap(), None);
            let framing = Framing::of(&id, ToolChoice::Auto).unwrap();
            let all = framing.around(texts, 1, has_tools);
            assert_eq!(all.value.get(), expected, "{id}");
            assert!(all.low <= all.value && all.value <= all.high);
        };
        check("anthropic.claude-haiku-4-5-20251001-v1:0", false, 7);
        check("anthropic.claude-opus-4-7", false, 11);
        check("anthropic.claude-opus-4-8", false, 6);
        check("anthropic.claude-opus-5", false, 6);
        check("anthropic.claude-3-opus-20240229-v1:0", true, 537);
        check("anthropic.claude-sonnet-4-6", true, 504);
        check("anthropic.claude-opus-4-7", true, 686);
        check("deepseek.v3-v1:0", false, 3);
    }

    #[test]
    fn a_frame_cannot_overflow() {
        let id = ModelId::new("meta.llama3-8b-instruct-v1:0").unwrap();
        let texts = estimate("a", TokenFamily::Llama3, None);
        let framing = Framing::of(&id, ToolChoice::Forced).unwrap();
        let all = framing.around(texts, u64::MAX, true);
        assert_eq!(all.high.get(), TokenCount::MAX);
    }
}
