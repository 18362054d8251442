//! Reads the workload: the arguments of `scenario_estimate`, and what its owner says beside them.

use crate::{
    error::ToolError,
    tools::{
        Tool, accepted_by,
        arguments::{self, Accepted, Flag, List, Loose, Shape, shown},
        fields::{Fields, Number, number},
        reply::Correction,
        scenario_estimate::{self, read as scenario},
    },
};
use bedrock_cost::{
    names::UnknownName,
    rules::{Measured, Probes, Removable, WorkloadArguments},
    scenario::CacheTtl,
};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What is said of a workload beside the arguments of `scenario_estimate`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::doc_markdown,
    clippy::doc_link_with_quotes,
    reason = "product text: what a refusal says of the accepted form"
)]
struct Said {
    /// simple, standard or complex
    task: Option<String>,
    /// interactive, minutes or hours
    latency: Option<String>,
    /// 0 to 1
    deferrable_share: Option<Number>,
    /// Of every prompt
    shared_prefix_tokens: Option<Number>,
    /// 9, or {"5m": 9, "1h": 30}
    reads_per_write: Option<Loose>,
    /// ["Nova Lite"], or {"Nova Lite": 0.5}
    target_models: Option<Loose>,
    /// {prompt_tokens, data_tokens, output_tokens}
    removable: Option<Loose>,
    /// {"pii": "input"}
    guardrails_needed: Option<Loose>,
    /// ["pii"]
    free_filters_cover: Option<List<String>>,
    /// true or false
    provisioned_in_use: Option<Flag>,
    /// {idle_provisioned_hours, untagged_usd, cross_region_usd, token_count_probes}
    measured: Option<Loose>,
}

/// Arguments of [`Said`] that are lists or objects.
const STRUCTURED: [&str; 6] = [
    "reads_per_write",
    "target_models",
    "removable",
    "guardrails_needed",
    "free_filters_cover",
    "measured",
];

/// Other names of what is said.
const ALIASES: [(&str, &str); 5] = [
    ("targets", "target_models"),
    ("prefix_tokens", "shared_prefix_tokens"),
    ("task_complexity", "task"),
    ("latency_requirement", "latency"),
    ("removable_tokens", "removable"),
];

pub(super) const WORKLOAD: &str = "{\"models\": [\"Claude 3.5 Haiku\"], \"input_tokens\": 3000, \"output_tokens\": 500, \"requests\": 1000000}";
const REMOVABLE: &str = "{\"prompt_tokens\": 200, \"data_tokens\": 1000, \"output_tokens\": 50}";
const READS: &str = "9, or {\"5m\": 9, \"1h\": 30}";
const MEASURED: &str = "{\"idle_provisioned_hours\": 200, \"untagged_usd\": 300, \"cross_region_usd\": 12.5, \"token_count_probes\": {\"requests\": 1000, \"input_tokens\": 3000, \"output_tokens\": 1}}";

/// A workload as it was sent, under the listed names.
pub(super) struct Described {
    pub(super) scenario: scenario_estimate::Arguments,
    said: Said,
    all: Map<String, Value>,
    pub(super) corrections: Vec<Correction>,
}

/// Takes the fields of a workload that were sent without it as its own.
pub(super) fn wrapped(raw: Map<String, Value>) -> (Map<String, Value>, Option<Correction>) {
    let is = |given: &str, names: &[&str]| {
        let mut names = names.iter();
        names.any(|name| given.trim().replace('-', "_").eq_ignore_ascii_case(name))
    };
    let has = |names: &[&str]| raw.keys().any(|given| is(given, names));
    if has(&["workload", "scenario"]) || !has(&["models", "model", "model_id", "model_ids"]) {
        return (raw, None);
    }
    let (workload, mut rest): (Map<String, Value>, Map<String, Value>) = raw
        .into_iter()
        .partition(|(given, _)| !is(given, &["detail"]));
    rest.insert("workload".into(), workload.into());
    let correction = Correction {
        field: "workload".to_owned(),
        change: "the fields of the workload were sent without it".to_owned(),
    };
    (rest, Some(correction))
}

/// Reads the object and tells the two kinds of fields apart.
pub(super) fn read(workload: &Loose) -> Result<Described, ToolError> {
    let Value::Object(raw) = &workload.0 else {
        return Err(ToolError::invalid(
            format!("workload is {}", shown(&workload.0)),
            format!("workload looks like {WORKLOAD}"),
        ));
    };
    let own = accepted_by::<Said>();
    let of_scenario = accepted_by::<scenario_estimate::Arguments>();
    let both: Vec<Accepted> = own.iter().chain(&of_scenario).cloned().collect();
    let aliases: Vec<_> = ALIASES
        .iter()
        .chain(scenario_estimate::Arguments::ALIASES)
        .copied()
        .collect();
    let structured: Vec<_> = STRUCTURED
        .iter()
        .chain(scenario_estimate::Arguments::STRUCTURED)
        .copied()
        .collect();
    let (all, corrections): (Map<String, Value>, _) = arguments::read(
        raw.clone(),
        &Shape {
            accepted: &both,
            aliases: &aliases,
            structured: &structured,
            longest_text: scenario_estimate::Arguments::LONGEST_TEXT,
        },
    )?;
    let (said, rest) = all.clone().into_iter().partition(|(name, _)| {
        let mut names = own.iter().map(Accepted::name);
        names.any(|known| known == name)
    });
    let plain = |accepted| Shape {
        accepted,
        aliases: &[],
        structured: &[],
        longest_text: scenario_estimate::Arguments::LONGEST_TEXT,
    };
    Ok(Described {
        said: arguments::read(said, &plain(&own))?.0,
        scenario: arguments::read(rest, &plain(&of_scenario))?.0,
        all,
        corrections,
    })
}

impl Described {
    /// Returns the workload; the core checks it.
    pub(super) fn arguments(&self) -> Result<WorkloadArguments, ToolError> {
        let said = &self.said;
        let decimal = |number: &Option<Number>| number.map(|number| number.0);
        let filters = said.free_filters_cover.iter().flat_map(|names| &names.0);
        let filters = filters.map(|name| {
            name.parse().map_err(|error: UnknownName| {
                let looks = "free_filters_cover looks like [\"pii\", \"denied_topics\"]";
                ToolError::invalid(error.to_string(), looks)
            })
        });
        let needed = said
            .guardrails_needed
            .as_ref()
            .map(|needed| scenario::read_policies("guardrails_needed", &needed.0));
        Ok(WorkloadArguments {
            scenario: self.scenario.scenario()?,
            task: scenario::named("task", said.task.as_ref())?,
            latency: scenario::named("latency", said.latency.as_ref())?,
            deferrable_share: decimal(&said.deferrable_share),
            shared_prefix_tokens: decimal(&said.shared_prefix_tokens),
            reads_per_write: or_default(said.reads_per_write.as_ref().map(reads))?,
            target_models: or_default(said.target_models.as_ref().map(targets))?,
            removable: or_default(said.removable.as_ref().map(removable))?,
            guardrails_needed: needed.transpose()?,
            free_filters_cover: filters.collect::<Result<_, _>>()?,
            provisioned_in_use: said.provisioned_in_use.is_some_and(|flag| flag.0),
            measured: or_default(said.measured.as_ref().map(measured))?,
        })
    }

    /// Returns the workload under the listed names.
    pub(super) fn workload(&self) -> Map<String, Value> {
        self.all.clone()
    }

    /// Returns the call with the first model in use and the others as targets, where no targets are given.
    pub(super) fn with_targets(&self) -> Option<Map<String, Value>> {
        let [first, rest @ ..] = self.scenario.models() else {
            return None;
        };
        if self.said.target_models.is_some() {
            return None;
        }
        let mut workload = self.all.clone();
        workload.insert("models".into(), json!([first]));
        workload.insert("target_models".into(), json!(rest));
        Some(Map::from_iter([("workload".to_owned(), workload.into())]))
    }
}

fn or_default<T: Default>(read: Option<Result<T, ToolError>>) -> Result<T, ToolError> {
    read.unwrap_or_else(|| Ok(T::default()))
}

fn reads(value: &Loose) -> Result<Vec<(Option<CacheTtl>, Decimal)>, ToolError> {
    if let Some(reads) = number(&value.0) {
        return Ok(vec![(None, reads)]);
    }
    let fields = Fields::of("reads_per_write", &value.0, READS)?;
    let read = |(ttl, reads): (&String, &Value)| {
        let ttl = ttl.parse();
        let ttl = ttl.map_err(|error: UnknownName| fields.wrong(&format!(": {error}")))?;
        let known = number(reads)
            .ok_or_else(|| fields.wrong(&format!(".{ttl} is {}, not a number", shown(reads))))?;
        Ok((Some(ttl), known))
    };
    fields.left.iter().map(read).collect()
}

fn targets(value: &Loose) -> Result<Vec<(String, Option<Decimal>)>, ToolError> {
    let looks = "target_models looks like [\"Nova Lite\"] or {\"Nova Lite\": 0.5, \"Claude Haiku 4.5\": 0.3}";
    let wrong =
        |value: &Value| ToolError::invalid(format!("target_models holds {}", shown(value)), looks);
    match &value.0 {
        Value::Object(shares) => shares
            .iter()
            .map(|(name, share)| {
                let share = number(share).ok_or_else(|| wrong(share))?;
                Ok((name.clone(), Some(share)))
            })
            .collect(),
        Value::Array(names) => names
            .iter()
            .map(|name| match name {
                Value::String(name) => Ok((name.clone(), None)),
                other => Err(wrong(other)),
            })
            .collect(),
        Value::String(names) => Ok(names
            .split(',')
            .map(|name| (name.trim().to_owned(), None))
            .collect()),
        other => Err(wrong(other)),
    }
}

fn removable(value: &Loose) -> Result<Removable, ToolError> {
    let mut fields = Fields::of("removable", &value.0, REMOVABLE)?;
    let removable = Removable {
        prompt_tokens: fields.number("prompt_tokens")?,
        data_tokens: fields.number("data_tokens")?,
        output_tokens: fields.number("output_tokens")?,
    };
    fields.end()?;
    Ok(removable)
}

fn measured(value: &Loose) -> Result<Measured, ToolError> {
    let mut fields = Fields::of("measured", &value.0, MEASURED)?;
    let probes = fields.left.remove("token_count_probes");
    let measured = Measured {
        idle_provisioned_hours: fields.number("idle_provisioned_hours")?,
        untagged_usd: fields.number("untagged_usd")?,
        cross_region_usd: fields.number("cross_region_usd")?,
        token_count_probes: probes.as_ref().map(token_count_probes).transpose()?,
    };
    fields.end()?;
    Ok(measured)
}

fn token_count_probes(value: &Value) -> Result<Probes, ToolError> {
    let mut fields = Fields::of("measured.token_count_probes", value, MEASURED)?;
    let probes = Probes {
        requests: fields.needed("requests")?,
        input_tokens: fields.needed("input_tokens")?,
        output_tokens: fields.number("output_tokens")?.unwrap_or_default(),
    };
    fields.end()?;
    Ok(probes)
}
