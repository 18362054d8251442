//! `estimate_tokens`: how many tokens a text is for a model, what it costs, and what cleaning it would save.

#[cfg(test)]
mod tests;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Flag, List, Loose, Whole},
    choices,
    rate_origin::RateOrigins,
    reply::{Correction, Reply, Warning, exact},
};
use crate::error::ToolError;
use bedrock_cost::{
    clean::cleaned,
    estimator::{Certainty, Content, Estimate, Framing, ModelTokens, TextProfile, ToolChoice},
    inference::{Routing, Tier},
    model::ModelId,
    price_book::{Basis, Model, PriceBook, RateQuery, ResolveError},
    region::Region,
    tokens::TokenCount,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The longest text that is read: some ten million tokens, more than any model takes.
const MOST_BYTES: usize = 50_000_000;
/// Cleaning is tried on texts up to this length: it reads them several times.
const MOST_CLEANED_BYTES: usize = 4_000_000;
/// Models of one call.
const MOST_MODELS: usize = 20;
/// The model of a call that names none.
const DEFAULT_MODEL: &str = "anthropic.claude-sonnet-5";

/// Arguments of `estimate_tokens`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The prompt or document
    text: Option<String>,
    /// Ids, profiles, ARNs or exact names
    models: Option<List<String>>,
    /// prose, code, json, csv, html, ...; default auto
    content: Option<String>,
    /// Times it is sent, for the cost
    requests: Option<Whole>,
    /// Tool definitions sent along
    #[schemars(extend("x-hidden" = true))]
    tools: Option<Loose>,
    #[schemars(extend("x-hidden" = true))]
    messages: Option<Whole>,
    #[schemars(extend("x-hidden" = true))]
    region: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    path: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    exact: Option<Flag>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    estimates: Vec<Value>,
    content: &'static str,
    words: u64,
    characters: u64,
    words_rule_tokens: u64,
    cleaned: Vec<Value>,
}

impl Tool for Arguments {
    const NAME: &'static str = "estimate_tokens";
    const TITLE: &'static str = "Token estimate";
    const DESCRIPTION: &'static str = "Input tokens of a text by model, offline: estimate, 90% band, cost, and what cleaning \
         (HTML to CSV, minified JSON) would save.";
    const TOOLSET: Toolset = Toolset::Estimate;
    const ALIASES: Aliases = &[
        ("model", "models"),
        ("model_id", "models"),
        ("prompt", "text"),
        ("content_type", "content"),
    ];
    const STRUCTURED: &'static [&'static str] = &["models", "tools"];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let query = Query::read(self, call.prices()?)?;
        query.answer(call.today())
    }
}

/// The arguments, checked.
struct Query {
    text: String,
    models: Vec<Wanted>,
    content: Option<Content>,
    requests: u64,
    tools: Option<String>,
    messages: u64,
    region: Region,
    corrections: Vec<Correction>,
}

/// A model whose tokens can be estimated.
struct Wanted {
    model: &'static Model,
    routing: Option<Routing>,
    tokens: ModelTokens,
    framing: Framing,
}

impl Query {
    fn read(arguments: Arguments, book: &PriceBook) -> Result<Self, ToolError> {
        let mut corrections = Vec::new();
        if arguments.path.is_some() {
            return Err(ToolError::invalid(
                "path: no folder is configured that files may be read from",
                "send the text itself as text",
            ));
        }
        if arguments.exact.is_some_and(|flag| flag.0) {
            return Err(ToolError::invalid(
                "exact: counting by Bedrock's CountTokens is not built in",
                "leave exact out: the estimate carries its band",
            ));
        }
        let text = arguments.text.ok_or_else(|| {
            ToolError::invalid(
                "text is missing",
                "{\"text\": \"Summarise ...\", \"models\": [\"us.amazon.nova-lite-v1:0\"]}",
            )
        })?;
        if text.len() > MOST_BYTES {
            return Err(ToolError::invalid(
                format!("text has {} bytes", text.len()),
                format!("send at most {MOST_BYTES} bytes; for more, estimate a part and multiply"),
            ));
        }
        let content = arguments
            .content
            .as_deref()
            .map(str::trim)
            .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("auto"))
            .map(|name| {
                name.parse::<Content>().map_err(|error| {
                    ToolError::invalid(
                        error.to_string(),
                        "leave it out to have it told from the text",
                    )
                })
            })
            .transpose()?;
        let mut names = arguments.models.map(|list| list.0).unwrap_or_default();
        if names.is_empty() {
            names.push(DEFAULT_MODEL.to_owned());
            corrections.push(Correction::new(
                "models",
                format!("{DEFAULT_MODEL}, since none was given"),
            ));
        }
        if names.len() > MOST_MODELS {
            return Err(ToolError::invalid(
                format!("{} models were given", names.len()),
                format!("name at most {MOST_MODELS} in one call"),
            ));
        }
        let models = names
            .iter()
            .map(|name| wanted(book, name))
            .collect::<Result<_, _>>()?;
        let region = arguments
            .region
            .as_deref()
            .map_or(Ok(Region::US_EAST_1), |region| {
                Region::parse_known(region.trim()).map_err(|error| {
                    ToolError::invalid(error.to_string(), "region is one such as us-east-1")
                })
            })?;
        let whole = |name, value, least| {
            choices::at_least(name, value, least, 1)
                .map(|number| u64::try_from(number).unwrap_or(u64::MAX))
        };
        Ok(Self {
            text,
            models,
            content,
            requests: whole("requests", arguments.requests, 1)?,
            tools: arguments.tools.map(|tools| tools.0.to_string()),
            messages: whole("messages", arguments.messages, 1)?,
            region,
            corrections,
        })
    }

    fn profile(&self, text: &str) -> TextProfile {
        let profile = TextProfile::of(text);
        match self.content {
            Some(content) => profile.with_content(content),
            None => profile,
        }
    }

    fn answer(&self, today: Date) -> Result<Reply, ToolError> {
        let profile = self.profile(&self.text);
        let tools = self.tools.as_deref().map(TextProfile::of);
        let mut warnings = Vec::new();
        let mut estimates = Vec::new();
        let mut headline = String::new();
        let mut origins = RateOrigins::default();
        for wanted in &self.models {
            let estimate = wanted.estimate(&profile, tools.as_ref(), self.messages);
            let (row, basis) = self.row(wanted, estimate, today)?;
            if headline.is_empty() {
                headline = format!("{} tokens for {}", estimate.value, wanted.model.id());
            }
            if wanted.tokens.certainty == Certainty::Uncalibrated {
                warnings.push(Warning::new(
                    "uncalibrated",
                    format!(
                        "the vocabulary of {} is not public: expect up to 30% off, and correct by inputTokenCount of the invocation logs",
                        wanted.model.id()
                    ),
                ));
            }
            if let Some(basis) = basis {
                origins.add(wanted.model.id(), &basis);
            }
            estimates.push(row);
        }
        let answer = Answer {
            estimates,
            content: profile.content().name(),
            words: profile.words(),
            characters: profile.characters(),
            words_rule_tokens: profile.words_rule().get(),
            cleaned: self.cleaned(&profile),
        };
        warnings.extend(origins.warnings(today));
        Ok(Reply::new(headline, &answer)
            .warn(warnings)
            .corrected(self.corrections.clone())
            .from(origins.source(today)))
    }

    /// One model's line, and what its rate is made from.
    fn row(
        &self,
        wanted: &Wanted,
        estimate: Estimate<TokenCount>,
        today: Date,
    ) -> Result<(Value, Option<Basis>), ToolError> {
        let mut row = Map::new();
        row.insert("model".into(), wanted.model.id().into());
        row.insert("tokens".into(), estimate.value.get().into());
        row.insert("low".into(), estimate.low.get().into());
        row.insert("high".into(), estimate.high.get().into());
        row.insert("method".into(), estimate.method.to_string().into());
        let window = wanted.model.context_window();
        if window.is_some_and(|window| u64::from(window) < estimate.high.get()) {
            row.insert("context_window".into(), window.into());
        }
        let rates = |routing| {
            wanted.model.rates_if_listed(&RateQuery {
                region: self.region.clone(),
                routing,
                tier: Tier::Standard,
                date: today,
            })
        };
        let rates = match wanted.routing {
            Some(routing) => rates(routing),
            None => rates(Routing::Regional).or_else(|| rates(Routing::Global)),
        };
        let mut basis = None;
        if let Some((rates, rate)) = rates.and_then(|rates| Some((rates, rates.tokens.input?))) {
            let tokens = estimate
                .value
                .times(self.requests)
                .map_err(|error| ToolError::invalid(error.to_string(), "give fewer requests"))?;
            row.insert("input_usd_per_mtok".into(), exact(rate.usd()));
            row.insert("cost_usd".into(), exact(rate.cost(tokens).amount()));
            basis = Some(rates.basis);
        }
        Ok((Value::Object(row), basis))
    }

    /// What cleaning would leave, in tokens of the first model.
    fn cleaned(&self, profile: &TextProfile) -> Vec<Value> {
        let Some(first) = self.models.first() else {
            return Vec::new();
        };
        if self.text.len() > MOST_CLEANED_BYTES {
            return Vec::new();
        }
        let before = profile.estimate(first.tokens, None).value.get();
        cleaned(&self.text, profile.content())
            .into_iter()
            .filter_map(|made| {
                let tokens = TextProfile::of(&made.text)
                    .estimate(first.tokens, None)
                    .value
                    .get();
                let saved = before.checked_sub(tokens).filter(|saved| *saved > 0)?;
                Some(json!({
                    "cleaning": made.cleaning.name(),
                    "model": first.model.id(),
                    "tokens": tokens,
                    "saves_tokens": saved,
                    "saves_percent": saved * 100 / before,
                    "drops": made.cleaning.drops(),
                }))
            })
            .collect()
    }
}

impl Wanted {
    fn estimate(
        &self,
        profile: &TextProfile,
        tools: Option<&TextProfile>,
        messages: u64,
    ) -> Estimate<TokenCount> {
        let mut texts = profile.estimate(self.tokens, None);
        if let Some(tools) = tools {
            let tools = tools.estimate(self.tokens, None);
            let plus = |a: TokenCount, b: TokenCount| a.plus(b).unwrap_or(a);
            texts.value = plus(texts.value, tools.value);
            texts.low = plus(texts.low, tools.low);
            texts.high = plus(texts.high, tools.high);
        }
        self.framing.around(texts, messages, tools.is_some())
    }
}

fn wanted(book: &PriceBook, name: &str) -> Result<Wanted, ToolError> {
    let found = book.resolve(name).map_err(|error| match error {
        ResolveError::Unknown(unknown) => ToolError::UnknownModel {
            problem: unknown.to_string(),
            nearest: unknown.nearest.iter().map(|id| (*id).to_owned()).collect(),
        },
        other => ToolError::invalid(
            other.to_string(),
            "use a Bedrock model id, an inference profile id or ARN, or the exact display name",
        ),
    })?;
    let model = found.model;
    let of_model = ModelId::new(model.id())
        .ok()
        .and_then(|id| Some((ModelTokens::of(&id)?, Framing::of(&id, ToolChoice::Auto)?)));
    let (tokens, framing) = of_model.ok_or_else(|| {
        ToolError::invalid(
            format!("{} does not read text by the token", model.id()),
            "name a text model",
        )
    })?;
    Ok(Wanted {
        model,
        routing: found.routing(),
        tokens,
        framing,
    })
}
