//! The overlay: token rates read from AWS's Price List, each on its day, and the file they are kept in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Deserialize;

use super::rate_line::{Line, RateFileError, day, model_id, rate, region, table, token_kind};
use crate::inference::{Routing, Tier};
use crate::money::TokenRate;
use crate::names::UnknownName;
use crate::region::Region;
use crate::tokens::TokenKind;

/// The first line of the file: a newer form is refused, not misread.
const FORM: &str = "# bedrock-cost-mcp price overlay 2";
/// The columns of the table under it.
const COLUMNS: &str =
    "model,region,routing,tier,token,prompt,usd_per_million,in_force_since,read,source";

/// Token rates that were read from the Price List, at once or one reading after another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overlay {
    /// The rates, one for each place, routing, tier and kind of token.
    pub rates: Vec<OverlayRate>,
}

/// What a rate of an overlay is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OverlayKey {
    /// The model's id.
    pub model: &'static str,
    /// The region of the request, also where it is served by the global profile.
    pub region: Region,
    /// Regional or global.
    pub routing: Routing,
    /// The tier.
    pub tier: Tier,
    /// The kind of token.
    pub kind: TokenKind,
    /// Whether the rate is that of a long prompt.
    pub long_context: bool,
}

/// A rate of an overlay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayRate {
    /// What it is of.
    pub key: OverlayKey,
    /// US dollars per million tokens.
    pub rate: TokenRate,
    /// The day from which AWS lists it.
    pub in_force_since: Option<Date>,
    /// The day it was read.
    pub read: Date,
    /// What it was read from, in words: `AWS Price List`.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    model: String,
    region: String,
    routing: String,
    tier: String,
    token: String,
    prompt: String,
    usd_per_million: String,
    in_force_since: Option<String>,
    read: String,
    source: String,
}

impl Overlay {
    /// Returns every reading that a rate is of, by its day and in words, the oldest first.
    #[must_use]
    pub fn readings(&self) -> BTreeSet<(Date, &str)> {
        readings(&self.rates)
    }

    /// Names every reading, for people: `AWS Price List of 2026-12-01`.
    #[must_use]
    pub fn origin(&self) -> String {
        named(&self.rates)
    }

    /// Adds a reading: it replaces what it covers, rate by rate, unless what stands was read later. The rest stays.
    #[must_use]
    pub fn with(self, reading: &Self) -> Self {
        let keyed = |rate: OverlayRate| (rate.key.clone(), rate);
        let mut rates: BTreeMap<OverlayKey, OverlayRate> =
            self.rates.into_iter().map(keyed).collect();
        for rate in &reading.rates {
            let is_later = rates
                .get(&rate.key)
                .is_none_or(|standing| standing.read <= rate.read);
            if is_later {
                rates.insert(rate.key.clone(), rate.clone());
            }
        }
        Self {
            rates: rates.into_values().collect(),
        }
    }

    /// Returns the text of the file to keep it in.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{FORM}\n{COLUMNS}\n");
        for OverlayRate {
            key,
            rate,
            in_force_since,
            read,
            source,
        } in &self.rates
        {
            let prompt = if key.long_context { "long" } else { "" };
            let since = in_force_since.map_or_else(String::new, |day| day.to_string());
            // No id, region or name holds a comma or a quote.
            let _ = writeln!(
                text,
                "{},{},{},{},{},{prompt},{rate},{since},{read},{source}",
                key.model,
                key.region.as_str(),
                key.routing,
                key.tier,
                key.kind
            );
        }
        text
    }

    /// Reads the text of a kept file. Models that this program does not know are passed over: nothing is priced by them.
    ///
    /// # Errors
    /// With the line and the reason when it is not what [`Overlay::to_text`] writes.
    pub fn from_text(text: &str) -> Result<Self, RateFileError> {
        if text.lines().next().map(str::trim_end) != Some(FORM) {
            return Err(RateFileError::new(
                1,
                format!("the first line is not `{FORM}`"),
            ));
        }
        let mut rates: Vec<OverlayRate> = Vec::new();
        for Line { number, content } in table::<Row>(text)? {
            let fault = |problem: String| RateFileError::new(number, problem);
            let Ok(model) = model_id(&content.model) else {
                continue;
            };
            let key = content.key(model).map_err(fault)?;
            let read = day(Some(&content.read)).map_err(fault)?;
            rates.push(OverlayRate {
                key,
                rate: rate(&content.usd_per_million).map_err(fault)?,
                in_force_since: day(content.in_force_since.as_deref()).map_err(fault)?,
                read: read.ok_or_else(|| fault("no day on which it was read".to_owned()))?,
                source: content.source,
            });
        }
        rates.sort_by(|a, b| a.key.cmp(&b.key));
        if let Some(twice) = rates
            .windows(2)
            .find(|pair| matches!(pair, [a, b] if a.key == b.key))
            .and_then(|pair| pair.first())
        {
            let problem = format!(
                "two {} rates of {} in {}",
                twice.key.kind,
                twice.key.model,
                twice.key.region.as_str()
            );
            return Err(RateFileError::new(1, problem));
        }
        Ok(Self { rates })
    }
}

/// Returns every reading that some rates are of, the oldest first.
fn readings<'a>(rates: impl IntoIterator<Item = &'a OverlayRate>) -> BTreeSet<(Date, &'a str)> {
    rates
        .into_iter()
        .map(|rate| (rate.read, rate.source.as_str()))
        .collect()
}

/// Names the readings of some rates: `AWS Price List of 2026-12-01`.
pub(super) fn named<'a>(rates: impl IntoIterator<Item = &'a OverlayRate>) -> String {
    let names: Vec<String> = readings(rates)
        .into_iter()
        .map(|(read, source)| format!("{source} of {read}"))
        .collect();
    names.join(" and ")
}

impl Row {
    fn key(&self, model: &'static str) -> Result<OverlayKey, String> {
        let long_context = match self.prompt.as_str() {
            "" => false,
            "long" => true,
            other => return Err(format!("prompt is {other:?}, neither empty nor long")),
        };
        Ok(OverlayKey {
            model,
            region: region(Some(&self.region))?.ok_or("no region")?,
            routing: self
                .routing
                .parse()
                .map_err(|error: UnknownName| error.to_string())?,
            tier: self
                .tier
                .parse()
                .map_err(|error: UnknownName| error.to_string())?,
            kind: token_kind(&self.token)?,
            long_context,
        })
    }
}
