//! `estimate_tokens`: how many tokens a text is for a model, what it costs, and what cleaning it would save.

mod calibrating;
mod counting;
mod given;
#[cfg(test)]
mod on_files;
mod pricing;
#[cfg(test)]
mod tests;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Flag, List, Loose, Whole},
    choices,
    rate_origin::RateOrigins,
    reply::{Correction, Reply, Source, Warning},
};
use crate::{aws::Target, error::ToolError, files::AllowedFolders};
use bedrock_cost::{
    clean::cleaned,
    estimator::{
        Calibration, Certainty, Content, Estimate, Framing, ModelTokens, TextProfile, ToolChoice,
    },
    inference::Routing,
    model::{ModelId, ProfileScope},
    price_book::{Model, PriceBook, ResolveError},
    region::{Geography, Region},
    tokens::TokenCount,
};
use calibrating::Calibrating;
use counting::{Counted, Request};
use given::Given;
use jiff::civil::Date;
use pricing::Sending;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The longest text that is read, as the longest file: some ten million tokens, more than any model takes.
const MOST_BYTES: usize = 64 << 20;
/// A longer text is read beside the thread that answers, so that other calls and pings do not wait for it.
const MOST_BYTES_AT_ONCE: usize = 256 << 10;
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
    /// A file to read instead, below --allow-dir
    path: Option<String>,
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
    /// Factor on the estimate, or a CSV file of logged counts
    calibration: Option<Loose>,
    /// Count Claude models by AWS, free
    exact: Option<Flag>,
    #[schemars(extend("x-hidden" = true))]
    profile: Option<String>,
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
    const LONGEST_TEXT: usize = MOST_BYTES;
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let query = Query::read(self, call.prices().await?)?;
        let folders = call.settings().folders.clone();
        let looked = if query.is_quick() {
            query.look(&folders)
        } else {
            tokio::task::spawn_blocking(move || query.look(&folders))
                .await
                .map_err(|_| ToolError::OddAnswer {
                    problem: "the text could not be read to its end".to_owned(),
                })?
        }?;
        let counts = Box::pin(looked.count(call)).await;
        looked.answer(counts, call.today())
    }
}

/// The arguments, checked.
struct Query {
    given: Given,
    calibrating: Calibrating,
    models: Vec<Wanted>,
    content: Option<Content>,
    requests: u64,
    tools: Option<String>,
    messages: u64,
    region: Region,
    /// Whom to ask for exact counts, and where.
    exact: Option<Target>,
    corrections: Vec<Correction>,
}

/// A model whose tokens can be estimated.
struct Wanted {
    model: &'static Model,
    routing: Option<Routing>,
    /// Where a profile such as `eu.` can be called from.
    geography: Option<Geography>,
    tokens: ModelTokens,
    framing: Framing,
}

impl Query {
    fn read(arguments: Arguments, book: &PriceBook) -> Result<Self, ToolError> {
        let mut corrections = Vec::new();
        let given = Given::read(arguments.text, arguments.path)?;
        let calibrating = Calibrating::read(arguments.calibration)?;
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
        let exact = arguments.exact.is_some_and(|flag| flag.0).then(|| Target {
            profile: arguments.profile.clone(),
            region: arguments.region.as_ref().map(|_| region.to_string()),
        });
        let whole = |name, value, least| {
            choices::at_least(name, value, least, 1)
                .map(|number| u64::try_from(number).unwrap_or(u64::MAX))
        };
        let messages = whole("messages", arguments.messages, 1)?;
        if exact.is_some() && messages > 1 {
            return Err(ToolError::invalid(
                "exact counts one message",
                "leave messages out, or exact",
            ));
        }
        Ok(Self {
            given,
            calibrating,
            models,
            content,
            requests: whole("requests", arguments.requests, 1)?,
            tools: arguments.tools.map(|tools| tools.0.to_string()),
            messages,
            region,
            exact,
            corrections,
        })
    }

    /// Whether everything is here and short.
    fn is_quick(&self) -> bool {
        self.given.is_quick() && self.calibrating.is_quick()
    }

    /// Reads the files and the text. It takes time by their length.
    fn look(self, folders: &AllowedFolders) -> Result<Looked, ToolError> {
        let text = self.given.text(folders)?;
        let (calibration, mut warnings) = self.calibrating.calibration(folders, &self.models)?;
        warnings.extend(given::binary(&text));
        let profile = TextProfile::of(&text);
        let profile = match self.content {
            Some(content) => profile.with_content(content),
            None => profile,
        };
        let tools = self.tools.as_deref().map(TextProfile::of);
        let estimate = |wanted: &Wanted, profile: &TextProfile| {
            self.estimate(wanted, profile, tools.as_ref(), &calibration)
        };
        let cleaned = self.cleaned(&text, &profile, estimate);
        Ok(Looked {
            tools,
            profile,
            cleaned,
            calibration,
            warnings,
            request: self.exact.is_some().then(|| {
                let tools = self.tools.as_deref();
                Request::new(
                    &text,
                    tools.and_then(|tools| serde_json::from_str(tools).ok()),
                )
            }),
            query: self,
        })
    }

    /// What cleaning would leave of the whole request, in tokens of the first model.
    fn cleaned(
        &self,
        text: &str,
        profile: &TextProfile,
        estimate: impl Fn(&Wanted, &TextProfile) -> Estimate<TokenCount>,
    ) -> Vec<Value> {
        let Some(first) = self.models.first() else {
            return Vec::new();
        };
        if text.len() > MOST_CLEANED_BYTES {
            return Vec::new();
        }
        let tokens = |profile: &TextProfile| estimate(first, profile).value.get();
        let before = tokens(profile);
        cleaned(text, profile.content())
            .into_iter()
            .filter_map(|made| {
                let tokens = tokens(&TextProfile::of(&made.text));
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

/// A query whose texts were read.
struct Looked {
    query: Query,
    profile: TextProfile,
    tools: Option<TextProfile>,
    calibration: Calibration,
    cleaned: Vec<Value>,
    warnings: Vec<Warning>,
    /// What is counted, where exact counts were asked for.
    request: Option<Request>,
}

/// A count for each model, none where its estimate stands.
#[derive(Default)]
struct Counts {
    counted: Vec<Option<Counted>>,
    warnings: Vec<Warning>,
}

impl Looked {
    /// Asks AWS, one model after another; where it cannot be asked at all, once.
    async fn count(&self, call: &Call) -> Counts {
        let mut counts = Counts::default();
        let Some((request, target)) = self.request.as_ref().zip(self.query.exact.as_ref()) else {
            return counts;
        };
        let mut is_vain = false;
        for wanted in &self.query.models {
            let counted = if is_vain {
                None
            } else {
                match request.count(call, target, wanted).await {
                    Ok(counted) => Some(counted),
                    Err(stands) => {
                        is_vain = stands.is_for_all;
                        counts.warnings.push(stands.warning);
                        None
                    }
                }
            };
            counts.counted.push(counted);
        }
        counts
    }

    fn answer(self, counts: Counts, today: Date) -> Result<Reply, ToolError> {
        let mut warnings = self.warnings.clone();
        warnings.extend(counts.warnings);
        let mut estimates = Vec::new();
        let mut headline = String::new();
        let mut origins = RateOrigins::default();
        let sending = Sending {
            region: &self.query.region,
            requests: self.query.requests,
            today,
        };
        let is_counted = counts.counted.iter().any(Option::is_some);
        let mut counted = counts.counted.into_iter();
        for wanted in &self.query.models {
            let counted = counted.next().flatten();
            let tools = self.tools.as_ref();
            let offline = self
                .query
                .estimate(wanted, &self.profile, tools, &self.calibration);
            let estimate = counted.map_or(offline, |counted| counted.instead_of(offline));
            let mut row = Query::row(wanted, estimate);
            let basis = sending.price(wanted, estimate, &mut row, &mut warnings)?;
            if counted.is_some() {
                row.insert("method".into(), Counted::METHOD.into());
                row.insert("estimated_tokens".into(), offline.value.get().into());
            }
            if headline.is_empty() {
                headline = format!("{} tokens for {}", estimate.value, wanted.model.id());
            }
            let is_calibrated = estimate.method.calibration.is_some();
            if wanted.tokens.certainty == Certainty::Uncalibrated
                && !is_calibrated
                && counted.is_none()
            {
                warnings.push(Warning::new(
                    "uncalibrated",
                    format!(
                        "the vocabulary of {} is not public: expect up to 30% off, and correct by inputTokenCount of the invocation logs (calibration)",
                        wanted.model.id()
                    ),
                ));
            }
            if offline.method.is_outside_fit && counted.is_none() {
                warnings.push(Warning::new(
                    "outside_fit",
                    format!(
                        "the text is unlike those the estimate for {} was fitted on (emoji, rare scripts, long runs): only low and high are sure",
                        wanted.model.id()
                    ),
                ));
            }
            if let Some(basis) = basis {
                origins.add(wanted.model.id(), &basis);
            }
            estimates.push(Value::Object(row));
        }
        let answer = Answer {
            estimates,
            content: self.profile.content().name(),
            words: self.profile.words(),
            characters: self.profile.characters(),
            words_rule_tokens: self.profile.words_rule().get(),
            cleaned: self.cleaned,
        };
        warnings.extend(origins.warnings(today));
        let source = match (origins.checked(), is_counted) {
            (Some(checked), _) => origins.source(checked),
            (None, true) => Source::Account,
            (None, false) => Source::Program,
        };
        Ok(Reply::new(headline, &answer)
            .warn(warnings)
            .corrected(self.query.corrections)
            .from(source))
    }
}

impl Query {
    /// A text and the tools, with the frame around them.
    fn estimate(
        &self,
        wanted: &Wanted,
        text: &TextProfile,
        tools: Option<&TextProfile>,
        calibration: &Calibration,
    ) -> Estimate<TokenCount> {
        let mut texts = text.estimate(wanted.tokens, Some(calibration));
        if let Some(tools) = tools {
            let tools = tools.estimate(wanted.tokens, Some(calibration));
            let plus = |a: TokenCount, b: TokenCount| a.plus(b).unwrap_or(a);
            texts.value = plus(texts.value, tools.value);
            texts.low = plus(texts.low, tools.low);
            texts.high = plus(texts.high, tools.high);
            texts.method.is_outside_fit |= tools.method.is_outside_fit;
        }
        wanted.framing.around(texts, self.messages, tools.is_some())
    }

    /// One model's line, without its cost.
    fn row(wanted: &Wanted, estimate: Estimate<TokenCount>) -> Map<String, Value> {
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
        row
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
        geography: match found.profile {
            Some(ProfileScope::Geography(geography)) => Some(geography),
            _ => None,
        },
        tokens,
        framing,
    })
}
