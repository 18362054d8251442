//! Exact counts in place of estimates, by Bedrock's `CountTokens`.

use super::Wanted;
use crate::{
    aws::{Target, count_tokens::count_tokens},
    error::ToolError,
    tools::{Call, reply::Warning},
};
use bedrock_cost::{estimator::Estimate, tokens::TokenCount};
use serde_json::{Value, json};

/// A longer text is more than any model takes; it is not sent.
const MOST_BYTES: usize = 16 << 20;

/// What is sent to be counted: one user message, and tools.
pub(super) struct Request {
    body: Option<Value>,
}

impl Request {
    pub(super) fn new(text: &str, tools: Option<Value>) -> Self {
        let body = (text.len() <= MOST_BYTES).then(|| {
            let mut body = json!({
                "anthropic_version": "bedrock-2023-05-31",
                "max_tokens": 1,
                "messages": [{"role": "user", "content": text}],
            });
            if let (Some(tools), Value::Object(fields)) = (tools, &mut body) {
                fields.insert("tools".into(), tools);
            }
            body
        });
        Self { body }
    }

    /// The count of a model, in place of its estimate; or why the estimate stands.
    pub(super) async fn count(
        &self,
        call: &Call,
        target: &Target,
        wanted: &Wanted,
    ) -> Result<Counted, Stands> {
        let id = wanted.model.id();
        let stands = |why: &str| Stands {
            warning: Warning::new(
                "not_counted",
                format!("{id} was estimated, not counted: {why}"),
            ),
            is_for_all: false,
        };
        // What AWS lists and what users saw counted are Claude models from 3.5 on (read 2026-11-22).
        if !id.starts_with("anthropic.") {
            return Err(stands(
                "CountTokens counts Claude models; it refuses Amazon Nova and all others",
            ));
        }
        let Some(body) = &self.body else {
            return Err(stands("the text is more than any model takes"));
        };
        // A profile's id is refused: the model's own is what is counted.
        let tokens = count_tokens(&call.aws, &call.meter, target, id, body)
            .await
            .map_err(|error| Stands {
                // A refusal is about this model; anything else would be the same for the next.
                is_for_all: !matches!(error, ToolError::InvalidArgument { .. }),
                ..stands(&error.to_text())
            })?;
        TokenCount::new(tokens)
            .map(Counted)
            .map_err(|error| stands(&error.to_string()))
    }
}

/// Why an estimate stands.
pub(super) struct Stands {
    pub(super) warning: Warning,
    /// No other model would be counted either.
    pub(super) is_for_all: bool,
}

/// The tokens that AWS counted.
#[derive(Clone, Copy)]
pub(super) struct Counted(TokenCount);

impl Counted {
    pub(super) const METHOD: &'static str = "counted by CountTokens of Amazon Bedrock";

    /// The estimate with the count for its value and band.
    pub(super) fn instead_of(self, mut estimate: Estimate<TokenCount>) -> Estimate<TokenCount> {
        estimate.value = self.0;
        estimate.low = self.0;
        estimate.high = self.0;
        estimate
    }
}
