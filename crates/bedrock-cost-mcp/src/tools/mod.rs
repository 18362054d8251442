//! The tools: one file each, and THE list of them.

pub(crate) mod arguments;
mod asking;
mod bedrock_spend;
mod bedrock_usage;
mod budgets;
mod cache_hit_rate;
mod choices;
mod cost_anomaly;
pub(crate) mod cost_explorer;
mod cost_filter;
mod describe_alarms;
mod estimate_tokens;
mod fields;
mod find_savings;
mod get_metric_data;
mod get_metric_statistics;
mod get_pricing;
mod metered;
mod metric_expression;
mod metric_gaps;
mod metric_page;
mod metric_rules;
mod metric_series;
#[cfg(test)]
mod metrics_tests;
mod monitoring_plan;
#[cfg(test)]
pub(crate) mod on_sample;
mod rate_origin;
pub(crate) mod reply;
mod scenario_estimate;
mod table;

use crate::{
    aws::{Aws, Meter},
    chart::Chart,
    config::{Account, Settings},
    error::ToolError,
};
use arguments::{Accepted, Aliases, Shape};
use bedrock_cost::price_book::PriceBook;
use jiff::{Timestamp, civil::Date};
use reply::{Correction, Reply, Source, Warning, exact, without_nothing};
use rmcp::model::{JsonObject, Tool as Definition, ToolAnnotations};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
};

/// Every tool, in the order in which they are listed.
static TOOLS: [Entry; 13] = [
    Entry::of::<bedrock_spend::Arguments>(),
    Entry::of::<bedrock_usage::Arguments>(),
    Entry::of::<cost_explorer::Arguments>(),
    Entry::of::<get_pricing::Arguments>(),
    Entry::of::<get_metric_statistics::Arguments>(),
    Entry::of::<get_metric_data::Arguments>(),
    Entry::of::<describe_alarms::Arguments>(),
    Entry::of::<budgets::Arguments>(),
    Entry::of::<cost_anomaly::Arguments>(),
    Entry::of::<monitoring_plan::Arguments>(),
    Entry::of::<scenario_estimate::Arguments>(),
    Entry::of::<estimate_tokens::Arguments>(),
    Entry::of::<find_savings::Arguments>(),
];

/// A group of tools, named after the server of the guide that it stands in for, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolset {
    Billing,
    Pricing,
    Cloudwatch,
    Estimate,
}

impl Toolset {
    pub(crate) const ALL: [Self; 4] = [
        Self::Billing,
        Self::Pricing,
        Self::Cloudwatch,
        Self::Estimate,
    ];

    /// The server of the guide whose tools these are; the guide has none for some.
    pub(crate) fn guide_server(self) -> Option<&'static str> {
        match self {
            Self::Billing => Some("awslabs.billing-cost-management-mcp-server"),
            Self::Pricing => Some("awslabs.aws-pricing-mcp-server"),
            Self::Cloudwatch => Some("awslabs.cloudwatch-mcp-server"),
            Self::Estimate => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Billing => "billing",
            Self::Pricing => "pricing",
            Self::Cloudwatch => "cloudwatch",
            Self::Estimate => "estimate",
        }
    }
}

/// A tool: its arguments are its type.
pub(crate) trait Tool: DeserializeOwned + JsonSchema + Send + 'static {
    const NAME: &'static str;
    const TITLE: &'static str;
    /// Product text, read by models and paid for by users.
    const DESCRIPTION: &'static str;
    const TOOLSET: Toolset;
    /// Other names of arguments.
    const ALIASES: Aliases = &[];
    /// Arguments that are lists or objects.
    const STRUCTURED: &'static [&'static str] = &[];
    /// The longest text in an argument, in bytes.
    const LONGEST_TEXT: usize = arguments::LONGEST_TEXT;
    /// The fields of the answer; [`Reply`] adds what every answer carries.
    type Answer: JsonSchema;

    /// Puts arguments into the form of the tool where only their form is another.
    fn reshaped(raw: Map<String, Value>) -> (Map<String, Value>, Option<Correction>) {
        (raw, None)
    }

    /// Answers, or says why not.
    fn answer(self, call: &Call) -> impl Future<Output = Result<Reply, ToolError>> + Send;
}

/// Reports that a call goes on: `(done, total if known, what)`.
pub(crate) type Progress = Arc<dyn Fn(u32, Option<u32>, String) + Send + Sync>;

/// What a tool may use while it answers one call.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) aws: Aws,
    pub(crate) meter: Meter,
    pub(crate) progress: Option<Progress>,
}

impl Call {
    pub(crate) fn new(aws: Aws, progress: Option<Progress>) -> Self {
        Self {
            aws,
            meter: Meter::default(),
            progress,
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        self.aws.settings()
    }

    pub(crate) fn today(&self) -> Date {
        self.settings().today()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.settings().now()
    }

    /// The price book that answers are made from. Files that were named beside it are read by the first call.
    ///
    /// They are read beside the thread that answers: a disk can be far away.
    pub(crate) async fn prices(&self) -> Result<&'static PriceBook, ToolError> {
        let prices = self.settings().prices.clone();
        if let Some(made) = prices.made() {
            return made;
        }
        tokio::task::spawn_blocking(move || prices.book())
            .await
            .map_err(|_| ToolError::OddAnswer {
                problem: "the files of rates could not be read to their end".to_owned(),
            })?
    }

    pub(crate) fn progress(&self, done: u32, total: Option<u32>, what: impl Into<String>) {
        if let Some(report) = &self.progress {
            report(done, total, what.into());
        }
    }

    /// An error of this call, with what the call cost until then.
    pub(crate) fn spent_on(&self, error: ToolError) -> ToolError {
        error.after(self.meter.requests(), self.meter.cost_usd())
    }

    /// Why what was answered and spent is not in the state file.
    fn of_the_state(&self) -> Option<Warning> {
        let problem = self.meter.problem()?;
        Some(Warning::new(
            "state_unavailable",
            format!(
                "answers and spending may not be in the state file: {problem}; `bedrock-cost-mcp doctor` names the file"
            ),
        ))
    }

    fn finish(&self, reply: Reply, mut corrections: Vec<Correction>) -> Answered {
        let mut out = reply.answer;
        let mut warnings = reply.warnings;
        warnings.extend(self.of_the_state());
        if !warnings.is_empty() {
            out.insert("warnings".into(), json!(warnings));
        }
        corrections.extend(reply.corrections);
        if !corrections.is_empty() {
            out.insert("corrections".into(), json!(Correction::merged(corrections)));
        }
        if let Some(request) = reply.effective_request {
            out.insert("effective_request".into(), without_nothing(request));
        }
        let mut source = match (reply.source, self.settings().account) {
            (Source::Account, Account::Live) => {
                json!({"kind": "live", "date": self.today().to_string()})
            }
            (Source::Account, Account::Sample) => {
                json!({"kind": "sample", "date": self.today().to_string()})
            }
            (Source::Rates { origin, checked }, _) => json!({"kind": origin, "date": checked}),
            (Source::Program, _) => {
                json!({"kind": "computed", "date": self.today().to_string()})
            }
        };
        if let (Some(age), Value::Object(fields)) = (self.meter.age_seconds(), &mut source) {
            fields.insert("age_seconds".into(), age.into());
        }
        out.insert("source".into(), source);
        out.insert("aws_requests".into(), self.meter.requests().into());
        out.insert("aws_cost_usd".into(), exact(self.meter.cost_usd()));
        Answered {
            json: out,
            headline: reply.headline,
            picture: None,
        }
    }
}

/// What a call came to: the answer as clients get it, and one line of it for a person's table.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) json: Map<String, Value>,
    pub(crate) headline: String,
    /// A PNG of the same figures, where one was asked for.
    pub(crate) picture: Option<Vec<u8>>,
}

/// Draws a chart beside the thread that answers. What cannot be drawn is not missing from the answer.
async fn picture(chart: Chart) -> Result<Vec<u8>, Warning> {
    let drawn = tokio::task::spawn_blocking(move || chart.png()).await;
    let problem = match drawn {
        Ok(Ok(png)) => return Ok(png),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the chart was not drawn to its end".to_owned(),
    };
    Err(Warning::new("no_chart", problem))
}

type Answering = Pin<Box<dyn Future<Output = Result<Answered, ToolError>> + Send>>;

/// One row of THE list: everything about a tool that does not depend on a call.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    pub(crate) toolset: Toolset,
    input_schema: fn() -> JsonObject,
    output_schema: fn() -> JsonObject,
    accepted: fn() -> Vec<Accepted>,
    known: OnceLock<Vec<Accepted>>,
    call: fn(Map<String, Value>, &'static [Accepted], Call) -> Answering,
}

impl Entry {
    const fn of<T: Tool>() -> Self {
        Self {
            name: T::NAME,
            title: T::TITLE,
            description: T::DESCRIPTION,
            toolset: T::TOOLSET,
            input_schema: input_schema::<T>,
            output_schema: output_schema::<T::Answer>,
            accepted: accepted_by::<T>,
            known: OnceLock::new(),
            call: run::<T>,
        }
    }

    fn accepted(&'static self) -> &'static [Accepted] {
        self.known.get_or_init(self.accepted)
    }

    /// Reads the arguments, answers and adds what every answer carries.
    pub(crate) fn call(&'static self, arguments: Map<String, Value>, call: Call) -> Answering {
        (self.call)(arguments, self.accepted(), call)
    }

    /// The definition that clients list.
    pub(crate) fn definition(&self) -> Definition {
        Definition::new(self.name, self.description, Arc::new((self.input_schema)()))
            .with_title(self.title)
            .with_raw_output_schema(Arc::new((self.output_schema)()))
            // The destructive and idempotent hints mean nothing on a read-only tool.
            .with_annotations(ToolAnnotations::new().read_only(true).open_world(true))
    }
}

/// What a model is told about the server before it sees a tool.
pub(crate) fn instructions(tools: &[&'static Entry]) -> String {
    let mut text = String::from(
        "Money questions about Amazon Bedrock, read-only and computed exactly: quote the figures, do not recompute them. \
         AWS bills most third-party models (Claude, Cohere, ...) under their own service names, \
         \"<model> (Amazon Bedrock Edition)\", outside SERVICE = \"Amazon Bedrock\"; answers here include both. \
         Each Cost Explorer request costs 0.01 USD; dry_run: true shows the request and sends nothing. \
         Read warnings before the figures. When a call is refused with a corrected_request, send that as it stands. Tools:",
    );
    for entry in tools {
        text.push(' ');
        text.push_str(entry.name);
    }
    text.push('.');
    text
}

/// Every tool, in list order.
pub(crate) fn all() -> &'static [Entry] {
    &TOOLS
}

/// The tool that answers from the price book.
pub(crate) fn get_pricing() -> &'static Entry {
    static GET_PRICING: Entry = Entry::of::<get_pricing::Arguments>();
    &GET_PRICING
}

fn run<T: Tool>(raw: Map<String, Value>, accepted: &'static [Accepted], call: Call) -> Answering {
    Box::pin(async move {
        let shape = Shape {
            accepted,
            aliases: T::ALIASES,
            structured: T::STRUCTURED,
            longest_text: T::LONGEST_TEXT,
        };
        let (raw, reshaped) = T::reshaped(raw);
        let (arguments, mut corrections) = arguments::read::<T>(raw, &shape)?;
        corrections.extend(reshaped);
        match arguments.answer(&call).await {
            Ok(mut reply) => {
                let picture = match reply.chart.take() {
                    Some(chart) => picture(chart)
                        .await
                        .map_err(|warning| reply.warnings.push(warning))
                        .ok(),
                    None => None,
                };
                Ok(Answered {
                    picture,
                    ..call.finish(reply, corrections)
                })
            }
            Err(error) => Err(call.spent_on(error)),
        }
    })
}

fn schema_of<T: JsonSchema>() -> JsonObject {
    let generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    lighten(&mut schema);
    match schema {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

fn input_schema<T: Tool>() -> JsonObject {
    let mut schema = schema_of::<T>();
    schema.remove("title");
    schema.remove("description");
    schema.insert("additionalProperties".into(), false.into());
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        // Arguments that few questions need are accepted, but not paid for in every conversation.
        properties.retain(|_, property| property.get(HIDDEN).is_none());
    }
    schema
}

/// Every argument that a tool accepts, listed or not.
fn accepted_by<T: JsonSchema>() -> Vec<Accepted> {
    let schema = schema_of::<T>();
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, property)| Accepted::of(name, property))
        .collect()
}

/// Marks an argument that is accepted and not listed.
const HIDDEN: &str = "x-hidden";

/// An output schema names the fields and their types; what stands inside them is for the answer itself to show.
///
/// It requires none: strict clients hold the structured content of a refused call against it too.
fn output_schema<A: JsonSchema>() -> JsonObject {
    let mut properties = Map::new();
    let schema = schema_of::<A>();
    let own = schema
        .get("properties")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    // Names without types: every tool repeats them, and every conversation pays for them.
    let shared = ["warnings", "source", "aws_cost_usd"];
    for (name, property) in own {
        let kind = property.get("type").map(|kind| match kind {
            Value::Array(kinds) => kinds
                .iter()
                .find(|one| *one != "null")
                .cloned()
                .unwrap_or_default(),
            one => one.clone(),
        });
        properties.insert(
            name,
            kind.map_or_else(|| json!({}), |kind| json!({"type": kind})),
        );
    }
    properties.extend(shared.map(|name| (name.to_owned(), json!({}))));
    json!({"type": "object", "properties": properties})
        .as_object()
        .cloned()
        .unwrap_or_default()
}

/// Drops what costs tokens and makes clients warn: `$schema`, number formats and the null that `Option` adds.
fn lighten(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.remove("$schema");
            fields.remove("format");
            fields.remove("default");
            if let Some(Value::Array(kinds)) = fields.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [only] = kinds.as_slice() {
                    let only = only.clone();
                    fields.insert("type".into(), only);
                }
            }
            for (name, value) in fields {
                match value {
                    // Its keys are names of arguments, of which one may be `format` or `default` too.
                    Value::Object(arguments) if name == "properties" => {
                        arguments.values_mut().for_each(lighten);
                    }
                    other => lighten(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(lighten),
        _ => {}
    }
}
