//! MCP prompts: the guide's review cycle and two questions people begin with, each a list of calls that this server answers.
#![expect(
    clippy::unnecessary_wraps,
    reason = "the calls of every prompt are of one type, and some need arguments"
)]

use crate::tools::Entry;
use rmcp::model::{
    GetPromptResult, JsonObject, Prompt as Listed, PromptArgument, PromptMessage, Role,
};
use serde_json::{Value, json};

/// A prompt: its calls are values and not prose, so that a test can make each of them.
struct Prompt {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    arguments: &'static [Argument],
    /// What the calls are for, as the assistant is asked.
    task: &'static str,
    steps: fn(&Given<'_>) -> Result<Vec<Step>, String>,
    /// What to make of the answers.
    then: &'static str,
}

/// An argument of a prompt; clients send every one as text.
struct Argument {
    name: &'static str,
    description: &'static str,
    required: bool,
}

/// One call and what it is for.
struct Step {
    tool: &'static str,
    arguments: Value,
    why: &'static str,
}

impl Step {
    const fn new(tool: &'static str, arguments: Value, why: &'static str) -> Self {
        Self {
            tool,
            arguments,
            why,
        }
    }
}

const MODEL: Argument = Argument {
    name: "model",
    description: "Id or exact name of the model; its calls are looked at alone",
    required: false,
};
const MODELS: Argument = Argument {
    name: "models",
    description: "Ids or exact names to compare, with commas between",
    required: true,
};
const MONTH: Argument = Argument {
    name: "month",
    description: "last_month (default), month_to_date or a month such as 2026-10",
    required: false,
};
const INPUT: Argument = tokens("input_tokens", "Input tokens of a request");
const OUTPUT: Argument = tokens("output_tokens", "Output tokens of a request");
const REQUESTS: Argument = tokens("requests", "Requests a month");

const fn tokens(name: &'static str, description: &'static str) -> Argument {
    Argument {
        name,
        description,
        required: true,
    }
}

static PROMPTS: [Prompt; 6] = [
    Prompt {
        name: "daily_review",
        title: "Daily review of Bedrock",
        description: "Token usage and cost of the last days, and whatever is wrong now",
        arguments: &[],
        task: "Review yesterday's Bedrock usage and cost.",
        steps: daily,
        then: "Say in a few lines: what yesterday cost against the days before, whether tokens, cache hits or throttling stand out, \
               and what is alarming. The newest day of charges is not complete; say so.",
    },
    Prompt {
        name: "weekly_review",
        title: "Weekly review of Bedrock",
        description: "Performance against cost, model by model",
        arguments: &[MODEL],
        task: "Review the last seven days of Bedrock: what each model costs against how it performs.",
        steps: weekly,
        then: "For each dear model: cost, change and its cause (volume, rate or mix), latency, throttles and errors. \
               Name at most three trade-offs worth a test, each with the figure that it rests on.",
    },
    Prompt {
        name: "monthly_review",
        title: "Monthly review of Bedrock",
        description: "Usage patterns and inference plans of a month, against the month before and the budgets",
        arguments: &[MONTH],
        task: "Review a month of Bedrock: usage patterns, and whether tiers and plans fit them.",
        steps: monthly,
        then: "Explain the change with its volume, rate and mix, and what credits hide. Where a workload could wait or repeats \
               a prefix, ask for its tokens and requests and call find_savings with them: figures of plans are computed there, not guessed.",
    },
    Prompt {
        name: "quarterly_review",
        title: "Quarterly review of Bedrock",
        description: "Whether other models or features would do the work for less",
        arguments: &[MODEL],
        task: "Review a quarter of Bedrock, and which models and features are worth evaluating.",
        steps: quarterly,
        then: "Name models in use that are legacy or far dearer than others of their kind. For each candidate give both rates, and \
               call scenario_estimate with the workload's own tokens and requests before any saving is claimed; quality needs a test of its own.",
    },
    Prompt {
        name: "reduce_bedrock_bill",
        title: "Reduce the Bedrock bill",
        description: "What to change first about a workload, with every saving computed",
        arguments: &[MODEL_NEEDED, INPUT, OUTPUT, REQUESTS],
        task: "Find what to change first to lower the Bedrock bill.",
        steps: reduce,
        then: "Ask for what the findings say they need (deferrable share, shared prefix, target models) and call find_savings again with it. \
               Give the combined saving as it is computed, with its assumptions and lowest confidence; never add savings up.",
    },
    Prompt {
        name: "estimate_feature",
        title: "Estimate a feature",
        description: "What a planned feature would cost a month, by model and plan",
        arguments: &[MODELS, INPUT, OUTPUT, REQUESTS],
        task: "Estimate what a planned feature would cost a month.",
        steps: feature,
        then: "Rank the models by monthly cost, name the plan that is cheapest for each and what it asks for, and say which of the \
               numbers given moves the result most.",
    },
];

const MODEL_NEEDED: Argument = Argument {
    name: "model",
    description: "Id or exact name of the model that the workload runs on",
    required: true,
};

fn daily(_: &Given<'_>) -> Result<Vec<Step>, String> {
    Ok(vec![
        Step::new(
            "bedrock_spend",
            json!({"start_date": "-7d", "by": ["day"]}),
            "the cost of each day, and what changed",
        ),
        Step::new(
            "get_metric_data",
            json!({"start_time": "-1d", "metric_data_queries": [
                query("input", "InputTokenCount", "Sum"), query("output", "OutputTokenCount", "Sum"),
                query("requests", "Invocations", "Sum"), query("throttles", "InvocationThrottles", "Sum"),
            ]}),
            "tokens, requests and throttles by the hour",
        ),
        Step::new(
            "get_metric_statistics",
            json!({"metric_name": "CacheHitRate", "start_time": "-1d", "period": 3_600}),
            "the share of input that was read from the cache",
        ),
        Step::new("cost_anomaly", json!({}), "spend that AWS finds unusual"),
        Step::new(
            "describe_alarms",
            json!({"state_value": "ALARM"}),
            "alarms that are on now",
        ),
        Step::new("budgets", json!({}), "budgets and how much of them is used"),
    ])
}

fn weekly(given: &Given<'_>) -> Result<Vec<Step>, String> {
    let mut steps = vec![
        Step::new(
            "bedrock_spend",
            json!({"start_date": "-7d", "by": ["model"]}),
            "the cost of each model against the week before",
        ),
        Step::new(
            "bedrock_spend",
            json!({"start_date": "-7d", "by": ["token_type"]}),
            "which kind of token the money goes into",
        ),
    ];
    let mut latency = json!({"metric_name": "InvocationLatency", "statistics": ["Average", "Maximum"], "start_time": "-7d", "period": 86_400});
    let mut throttles = json!({"metric_name": "InvocationThrottles", "statistics": ["Sum"], "start_time": "-7d", "period": 86_400});
    if let Some(model) = given.text("model") {
        for asked in [&mut latency, &mut throttles] {
            set(
                asked,
                "dimensions",
                json!([{"Name": "ModelId", "Value": model}]),
            );
        }
    }
    steps.push(Step::new(
        "get_metric_statistics",
        latency,
        "latency by the day",
    ));
    steps.push(Step::new(
        "get_metric_statistics",
        throttles,
        "requests that were throttled",
    ));
    Ok(steps)
}

fn monthly(given: &Given<'_>) -> Result<Vec<Step>, String> {
    let month = given.text("month").unwrap_or("last_month");
    Ok(vec![
        Step::new(
            "bedrock_spend",
            json!({"start_date": month, "by": ["model", "token_type"]}),
            "what was used, and why it cost more or less than the month before",
        ),
        Step::new(
            "bedrock_spend",
            json!({"start_date": month, "by": ["tier", "routing"]}),
            "which inference plans carried it",
        ),
        Step::new(
            "cost_explorer",
            json!({"start_date": month, "granularity": "MONTHLY", "group_by": ["SERVICE"]}),
            "Bedrock's part of the whole bill, and what credits hide",
        ),
        Step::new(
            "budgets",
            json!({"history": true}),
            "how the budgets went, month by month",
        ),
        Step::new(
            "cost_explorer",
            json!({"operation": "getCostForecast"}),
            "what the rest of this month is forecast to cost",
        ),
    ])
}

fn quarterly(given: &Given<'_>) -> Result<Vec<Step>, String> {
    let mut steps = vec![
        Step::new(
            "bedrock_spend",
            json!({"start_date": "-90d", "by": ["model"], "granularity": "MONTHLY"}),
            "what each model cost, month by month",
        ),
        Step::new(
            "get_pricing",
            json!({"limit": 20}),
            "the models there are, cheapest first",
        ),
    ];
    if let Some(model) = given.text("model") {
        steps.push(Step::new(
            "get_pricing",
            json!({"model": [model]}),
            "every tier and routing of this model",
        ));
    }
    Ok(steps)
}

fn reduce(given: &Given<'_>) -> Result<Vec<Step>, String> {
    let workload = json!({
        "models": [given.needed("model")?], "input_tokens": given.number("input_tokens")?,
        "output_tokens": given.number("output_tokens")?, "requests": given.number("requests")?,
    });
    Ok(vec![
        Step::new(
            "bedrock_spend",
            json!({"by": ["model", "token_type"]}),
            "where the money goes",
        ),
        Step::new(
            "get_metric_statistics",
            json!({"metric_name": "CacheHitRate", "start_time": "-7d", "period": 86_400}),
            "how much of the input comes from the cache",
        ),
        Step::new(
            "find_savings",
            json!({"workload": workload}),
            "what the rules find, and what they need to know",
        ),
    ])
}

fn feature(given: &Given<'_>) -> Result<Vec<Step>, String> {
    let models: Vec<&str> = given
        .needed("models")?
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let arguments = json!({
        "models": models, "input_tokens": given.number("input_tokens")?,
        "output_tokens": given.number("output_tokens")?, "requests": given.number("requests")?,
    });
    let mut workload = arguments.clone();
    // Savings are looked for on one model; the others are what it may be changed for.
    if let [first, others @ ..] = models.as_slice() {
        set(&mut workload, "models", json!([first]));
        if !others.is_empty() {
            set(&mut workload, "target_models", json!(others));
        }
    }
    Ok(vec![
        Step::new(
            "scenario_estimate",
            arguments,
            "the monthly cost by model, line by line, under every plan",
        ),
        Step::new(
            "find_savings",
            json!({"workload": workload}),
            "what would make it cheaper from the start",
        ),
    ])
}

fn set(arguments: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = arguments {
        fields.insert(name.to_owned(), value);
    }
}

fn query(id: &str, metric: &str, stat: &str) -> Value {
    json!({"id": id, "metric_stat": {"metric": {"namespace": "AWS/Bedrock", "metric_name": metric}, "period": 3_600, "stat": stat}})
}

/// What a client filled in.
struct Given<'a>(&'a JsonObject);

impl Given<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name).and_then(Value::as_str).map(str::trim);
        text.filter(|text| !text.is_empty())
    }

    fn needed(&self, name: &str) -> Result<&str, String> {
        self.text(name)
            .ok_or_else(|| format!("the argument {name} is needed, as text"))
    }

    /// A whole number, which some clients send as one and not as text.
    fn number(&self, name: &str) -> Result<u64, String> {
        let sent = self.0.get(name);
        let number = sent.and_then(Value::as_u64);
        let text = || {
            let plain: String = self
                .text(name)?
                .chars()
                .filter(|c| !matches!(c, ',' | '_' | ' '))
                .collect();
            plain.parse().ok()
        };
        number
            .or_else(text)
            .ok_or_else(|| format!("the argument {name} is needed, as a whole number"))
    }
}

fn offers(tools: &[&'static Entry], step: &Step) -> bool {
    tools.iter().any(|entry| entry.name == step.tool)
}

/// An example of every argument, for the calls that a prompt makes whatever is filled in.
fn any_arguments() -> JsonObject {
    JsonObject::from_iter([
        ("model".to_owned(), json!("amazon.nova-lite-v1:0")),
        ("models".to_owned(), json!("amazon.nova-lite-v1:0")),
        ("input_tokens".to_owned(), json!("1000")),
        ("output_tokens".to_owned(), json!("100")),
        ("requests".to_owned(), json!("1000")),
    ])
}

/// The prompts of which at least one call is to a tool that is offered.
pub(crate) fn list(tools: &[&'static Entry]) -> Vec<Listed> {
    let example = any_arguments();
    let is_of_use = |prompt: &&Prompt| {
        let steps = (prompt.steps)(&Given(&example)).unwrap_or_default();
        steps.iter().any(|step| offers(tools, step))
    };
    PROMPTS
        .iter()
        .filter(is_of_use)
        .map(|prompt| {
            let arguments: Vec<PromptArgument> = prompt
                .arguments
                .iter()
                .map(|argument| {
                    PromptArgument::new(argument.name)
                        .with_description(argument.description)
                        .with_required(argument.required)
                })
                .collect();
            let arguments = (!arguments.is_empty()).then_some(arguments);
            Listed::new(prompt.name, Some(prompt.description), arguments).with_title(prompt.title)
        })
        .collect()
}

/// The text of a prompt; its calls are of tools that are offered. The error says what is wrong and what is accepted.
pub(crate) fn get(
    tools: &[&'static Entry],
    name: &str,
    arguments: &JsonObject,
) -> Result<GetPromptResult, String> {
    let prompt = PROMPTS
        .iter()
        .find(|prompt| prompt.name == name)
        .ok_or_else(|| {
            let names: Vec<&str> = PROMPTS.iter().map(|prompt| prompt.name).collect();
            format!("no prompt has this name; there are {}", names.join(", "))
        })?;
    let known: Vec<&str> = prompt
        .arguments
        .iter()
        .map(|argument| argument.name)
        .collect();
    if arguments.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(match known.as_slice() {
            [] => format!("{name} takes no arguments"),
            known => format!("{name} takes {}", known.join(", ")),
        });
    }
    let steps = (prompt.steps)(&Given(arguments))?;
    let offered = steps.iter().filter(|step| offers(tools, step));
    let calls: Vec<String> = offered
        .enumerate()
        .map(|(at, step)| {
            let number = at + 1;
            format!("{number}. `{} {}`: {}", step.tool, step.arguments, step.why)
        })
        .collect();
    let text = format!(
        "{} Call, in this order:\n\n{}\n\nRead the warnings of each answer before its figures, and quote figures as they \
         are. Where a call is refused with a corrected_request, send that.\n\n{}",
        prompt.task,
        calls.join("\n"),
        prompt.then
    );
    let message = PromptMessage::new_text(Role::User, text);
    Ok(GetPromptResult::new(vec![message]).with_description(prompt.description))
}

/// Suggestions for an argument that is being filled in, and how many there are in all.
pub(crate) fn complete(name: &str, argument: &str, begun: &str) -> (Vec<String>, usize) {
    let takes = PROMPTS.iter().any(|prompt| {
        prompt.name == name && prompt.arguments.iter().any(|known| known.name == argument)
    });
    match argument {
        "model" if takes => crate::resources::complete_model(begun),
        "models" if takes => {
            // The last of the list is being written.
            let (before, last) = begun
                .rsplit_once(',')
                .map_or(("", begun), |(before, last)| (before, last.trim_start()));
            let (found, all) = crate::resources::complete_model(last);
            if before.is_empty() {
                return (found, all);
            }
            let whole = found.into_iter().map(|id| format!("{before},{id}"));
            (whole.collect(), all)
        }
        "month" if takes => {
            let months = ["last_month", "month_to_date"].into_iter();
            let fitting = months.filter(|month| month.starts_with(begun));
            let found: Vec<String> = fitting.map(str::to_owned).collect();
            let all = found.len();
            (found, all)
        }
        _ => (Vec::new(), 0),
    }
}
