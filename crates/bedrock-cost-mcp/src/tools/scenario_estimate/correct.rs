//! A workload that runs in place of one that some model cannot serve: the fewest changes, tried before they are offered.

use super::Arguments;
use crate::tools::{arguments::Loose, reply::exact};
use bedrock_cost::{
    inference::{Routing, Tier},
    region::Region,
    scenario::{CacheTtl, Problem, RefusedModel, ScenarioArguments},
    tokens::TokenKind,
};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// Where most models are listed; tried before any other region.
const FIRST_REGIONS: [&str; 2] = ["us-east-1", "us-west-2"];

/// One change to a workload.
#[derive(Clone, Debug)]
enum Change {
    Tier(Tier),
    /// None: whichever the model is served by.
    Routing(Option<Routing>),
    Ttl(CacheTtl),
    NoCache,
    /// Embeddings answer with no tokens.
    NoOutput,
    Region(Region),
    Models(Vec<String>),
}

impl Change {
    fn apply(&self, workload: &mut ScenarioArguments) {
        match self {
            Self::Tier(tier) => workload.tier = Some(*tier),
            Self::Routing(routing) => workload.routing = *routing,
            Self::Ttl(ttl) => {
                if let Some(cache) = &mut workload.cache {
                    cache.ttl = Some(*ttl);
                }
            }
            Self::NoCache => workload.cache = None,
            Self::NoOutput => workload.output_tokens = Some(Decimal::ZERO),
            Self::Region(region) => workload.region = Some(region.clone()),
            Self::Models(models) => workload.models.clone_from(models),
        }
    }

    fn write(&self, arguments: &mut Map<String, Value>) {
        let mut set = |name: &str, value: Value| arguments.insert(name.to_owned(), value);
        match self {
            Self::Tier(tier) => {
                set("tier", json!(tier.as_str()));
            }
            Self::Routing(Some(routing)) => {
                set("routing", json!(routing.as_str()));
            }
            Self::Routing(None) => {
                arguments.remove("routing");
            }
            Self::Ttl(ttl) => {
                if let Some(Value::Object(cache)) = arguments.get_mut("cache") {
                    cache.retain(|name, _| !name.eq_ignore_ascii_case("ttl"));
                    cache.insert("ttl".to_owned(), json!(ttl.as_str()));
                }
            }
            Self::NoCache => {
                arguments.remove("cache");
            }
            Self::NoOutput => {
                set("output_tokens", json!(0));
            }
            Self::Region(region) => {
                set("region", json!(region.as_str()));
            }
            Self::Models(models) => {
                set("models", json!(models));
            }
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Tier(tier) => format!("tier {tier}"),
            Self::Routing(Some(routing)) => format!("routing {routing}"),
            Self::Routing(None) => "no routing".to_owned(),
            Self::Ttl(ttl) => format!("cache ttl {ttl}"),
            Self::NoCache => "no cache".to_owned(),
            Self::NoOutput => "output_tokens 0".to_owned(),
            Self::Region(region) => format!("region {region}"),
            Self::Models(_) => "only the other models".to_owned(),
        }
    }
}

/// Looks for the workload that runs, writes it over the arguments that were sent, and says what it asks for instead.
pub(in crate::tools) fn corrected(
    mut sent: Map<String, Value>,
    workload: &ScenarioArguments,
    refused: &[RefusedModel],
    runs: impl Fn(ScenarioArguments) -> bool,
) -> Option<(Map<String, Value>, String)> {
    // No change of the workload names a model.
    if refused
        .iter()
        .any(|model| matches!(model.problem, Problem::Resolve(_)))
    {
        return None;
    }
    let runs = |changes: &[Change]| {
        let mut workload = workload.clone();
        for change in changes {
            change.apply(&mut workload);
        }
        runs(workload)
    };
    let single = changes(workload, refused);
    let one = single.iter().map(|change| vec![change.clone()]);
    // Two at once where no one is enough: another tier in another region. Leaving models out is the last resort.
    let (models, of_all): (Vec<Change>, Vec<Change>) = single
        .iter()
        .cloned()
        .partition(|change| matches!(change, Change::Models(_)));
    let two = of_all.iter().enumerate().flat_map(|(at, first)| {
        let others = of_all.get(at + 1..).unwrap_or_default().iter();
        others
            // There is one region: two of them are one.
            .filter(move |second| {
                !matches!((first, second), (Change::Region(_), Change::Region(_)))
            })
            .map(move |second| vec![first.clone(), second.clone()])
    });
    let last = models.iter().map(|change| vec![change.clone()]);
    let found = one
        .filter(|changes| !matches!(changes.as_slice(), [Change::Models(_)]))
        .chain(two)
        .chain(last)
        .find(|changes| runs(changes))?;
    for change in &found {
        change.write(&mut sent);
    }
    let words: Vec<String> = found.iter().map(Change::words).collect();
    Some((sent, words.join(" and ")))
}

/// What could be changed, what was asked for most specially first.
fn changes(workload: &ScenarioArguments, refused: &[RefusedModel]) -> Vec<Change> {
    let mut out = Vec::new();
    if workload.tier.is_some_and(|tier| tier != Tier::Standard) {
        out.push(Change::Tier(Tier::Standard));
    }
    if let Some(given) = workload.routing {
        out.push(Change::Routing(None));
        let others = Routing::ALL.iter().copied();
        out.extend(
            others
                .filter(|routing| *routing != given)
                .map(|routing| Change::Routing(Some(routing))),
        );
    } else {
        out.extend(
            Routing::ALL
                .iter()
                .map(|routing| Change::Routing(Some(*routing))),
        );
    }
    for model in refused {
        match &model.problem {
            Problem::CacheTtl { listed, .. } => out.extend(listed.iter().copied().map(Change::Ttl)),
            Problem::NoCache { .. } => out.push(Change::NoCache),
            Problem::MissingRate {
                kind: TokenKind::Output,
                ..
            } => out.push(Change::NoOutput),
            Problem::RegionConflict { named, .. } => out.push(Change::Region(named.clone())),
            _ => {}
        }
    }
    let first = FIRST_REGIONS.iter().copied();
    let known = Region::known().iter().map(|region| region.name);
    out.extend(
        first
            .chain(known)
            .filter_map(|code| Region::parse_known(code).ok())
            .map(Change::Region),
    );
    let is_refused = |name: &String| refused.iter().any(|model| model.model == *name);
    let models = workload.models.iter();
    let others: Vec<String> = models.filter(|name| !is_refused(name)).cloned().collect();
    if !others.is_empty() {
        out.push(Change::Models(others));
    }
    out
}

impl Arguments {
    /// The arguments as a call would carry them.
    pub(super) fn to_map(&self) -> Map<String, Value> {
        let mut out = Map::new();
        out.insert("models".to_owned(), json!(self.models.0));
        for (name, text) in [
            ("region", &self.region),
            ("routing", &self.routing),
            ("tier", &self.tier),
            ("rate_date", &self.rate_date),
            ("detail", &self.detail),
        ] {
            out.extend(text.iter().map(|text| (name.to_owned(), json!(text))));
        }
        for (name, number) in [
            ("input_tokens", self.input_tokens),
            ("output_tokens", self.output_tokens),
            ("batch_share", self.batch_share),
        ] {
            out.extend(number.map(|number| (name.to_owned(), exact(number.0))));
        }
        for (name, value) in [
            ("requests", &self.requests),
            ("cache", &self.cache),
            ("guardrails", &self.guardrails),
            ("provisioned", &self.provisioned),
            ("units", &self.units),
            ("custom_import", &self.custom_import),
            ("services", &self.services),
        ] {
            if let Some(Loose(value)) = value {
                out.insert(name.to_owned(), value.clone());
            }
        }
        out
    }
}
