//! The form in which prices are authored: what a TOML file may say.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::value::Datetime;

/// One file of rows, with what is needed to name a row in an error.
pub(crate) struct File<T> {
    pub(crate) name: String,
    text: String,
    pub(crate) content: T,
}

impl<T: DeserializeOwned> File<T> {
    #[expect(clippy::disallowed_methods, reason = "a build script reads files")]
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let name = format!(
            "prices/{}",
            path.file_name()
                .and_then(|name| name.to_str())
                .unwrap_or("?")
        );
        let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        Self::parse(&name, text)
    }

    pub(crate) fn parse(name: &str, text: String) -> Result<Self, String> {
        let content = toml::from_str(&text).map_err(|error| {
            let before = error
                .span()
                .and_then(|span| text.get(..span.start))
                .unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            format!("{name}:{line}: {error}")
        })?;
        Ok(Self {
            name: name.to_owned(),
            text,
            content,
        })
    }
}

impl<T> File<T> {
    /// Makes an error that names the file, the line and the row.
    pub(crate) fn error<R>(&self, row: &Spanned<R>, problem: impl std::fmt::Display) -> String {
        let before = self.text.get(..row.span().start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let row = self.text.get(row.span()).unwrap_or_default();
        format!("{}:{line}: {problem}\n  in {row}", self.name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "named after the TOML keys")]
pub(crate) struct Regions {
    pub(crate) regions: Vec<String>,
    pub(crate) geographies: Vec<String>,
    pub(crate) sets: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) checked: String,
    #[serde(default)]
    pub(crate) official: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "named after the TOML keys")]
pub(crate) struct Provider {
    pub(crate) provider: String,
    /// The day the file was compared with its sources.
    pub(crate) checked: String,
    #[serde(rename = "model")]
    pub(crate) models: Vec<Spanned<Model>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    #[serde(default)]
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) limits: Limits,
    pub(crate) lifecycle: Option<Lifecycle>,
    pub(crate) end_of_life: Option<Datetime>,
    pub(crate) note: Option<String>,
    pub(crate) cache: Option<CacheRule>,
    #[serde(default)]
    pub(crate) rates: Vec<Spanned<RateRow>>,
    #[serde(default)]
    pub(crate) units: Vec<Spanned<UnitRow>>,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    #[default]
    Text,
    Embedding,
    Image,
    Speech,
    Video,
    Rerank,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) context_window: Option<u32>,
    pub(crate) max_output: Option<u32>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Lifecycle {
    Active,
    Legacy,
    Unlisted,
}

/// Fills the cache rates that a row does not give, for every tier but batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CacheRule {
    pub(crate) read_times: String,
    pub(crate) write_5m: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tier {
    #[default]
    Standard,
    Flex,
    Priority,
    Batch,
    LatencyOptimized,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Agreement {
    Agree,
    SingleOfficial,
    Single,
    Disagree,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateRow {
    #[serde(default)]
    pub(crate) tier: Tier,
    /// The first day the rate is in force; without it, as far back as is known.
    pub(crate) from: Option<Datetime>,
    /// Source regions of the global profile; `*` for every commercial one.
    pub(crate) global: Option<String>,
    /// Regions with one rate for in-region requests and the geographic profile.
    pub(crate) regional: Option<String>,
    /// Regions where in-region requests have this rate.
    #[serde(rename = "in")]
    pub(crate) in_region: Option<String>,
    /// Geographies, or source regions of a geographic profile.
    pub(crate) geo: Option<String>,
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
    pub(crate) cache_read: Option<String>,
    pub(crate) cache_write_5m: Option<String>,
    pub(crate) cache_write_30m: Option<String>,
    pub(crate) cache_write_1h: Option<String>,
    pub(crate) long_context: Option<LongContext>,
    /// This many times the standard rate of the same place.
    pub(crate) times: Option<String>,
    /// This many times the global standard rate.
    pub(crate) times_global: Option<String>,
    #[serde(default)]
    pub(crate) sources: String,
    pub(crate) agreement: Option<Agreement>,
    pub(crate) note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LongContext {
    pub(crate) above: u32,
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
    pub(crate) cache_read: Option<String>,
    pub(crate) cache_write_5m: Option<String>,
    pub(crate) cache_write_30m: Option<String>,
    pub(crate) cache_write_1h: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitRow {
    pub(crate) from: Option<Datetime>,
    #[serde(rename = "in")]
    pub(crate) in_region: String,
    pub(crate) price: String,
    pub(crate) unit: String,
    #[serde(default)]
    pub(crate) sources: String,
    pub(crate) agreement: Option<Agreement>,
    pub(crate) note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Other {
    pub(crate) checked: String,
    pub(crate) default_in: String,
    #[serde(rename = "dimension")]
    pub(crate) dimensions: Vec<Dimension>,
    #[serde(rename = "multiplier")]
    pub(crate) multipliers: Vec<Spanned<Multiplier>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dimension {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) items: Vec<Spanned<Item>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "named after the TOML keys")]
pub(crate) struct Item {
    pub(crate) item: String,
    pub(crate) from: Option<Datetime>,
    #[serde(rename = "in")]
    pub(crate) in_region: Option<String>,
    pub(crate) term: Option<String>,
    pub(crate) routing: Option<String>,
    pub(crate) models: Option<String>,
    pub(crate) usage_type: Option<String>,
    pub(crate) price: Option<String>,
    pub(crate) unit: Option<String>,
    #[serde(default)]
    pub(crate) sources: String,
    pub(crate) agreement: Option<Agreement>,
    pub(crate) note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Multiplier {
    pub(crate) name: String,
    pub(crate) times: String,
    pub(crate) of: String,
    #[serde(default)]
    pub(crate) sources: String,
    pub(crate) agreement: Option<Agreement>,
    pub(crate) note: Option<String>,
}
