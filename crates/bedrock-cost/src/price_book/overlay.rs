//! The overlay: token rates read from AWS's Price List on a day, newer than the embedded rows, and the file they are kept in.

use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Deserialize;

use super::rate_line::{
    Line, RateFileError, date_heading, day, heading, model_id, rate, region, table, token_kind,
};
use crate::inference::{Routing, Tier};
use crate::money::TokenRate;
use crate::names::UnknownName;
use crate::region::Region;
use crate::tokens::TokenKind;

/// The first line of the file: a newer form is refused, not misread.
const FORM: &str = "# bedrock-cost-mcp price overlay 1";

/// Token rates that were read from the Price List.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// The day it was read.
    pub read: Date,
    /// What it was read from, in words: `AWS Price List`.
    pub source: String,
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
}

impl Overlay {
    /// Returns the text of the file to keep it in.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{FORM}\n# read: {}\n# from: {}\nmodel,region,routing,tier,token,prompt,usd_per_million,in_force_since\n",
            self.read, self.source
        );
        for OverlayRate {
            key,
            rate,
            in_force_since,
        } in &self.rates
        {
            let prompt = if key.long_context { "long" } else { "" };
            let since = in_force_since.map_or_else(String::new, |day| day.to_string());
            // No id, region or name holds a comma or a quote.
            let _ = writeln!(
                text,
                "{},{},{},{},{},{prompt},{rate},{since}",
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
        let read = date_heading(text, "read")?;
        let source = heading(text, "from").unwrap_or("AWS Price List").to_owned();
        let mut rates: Vec<OverlayRate> = Vec::new();
        for Line { number, content } in table::<Row>(text)? {
            let fault = |problem: String| RateFileError::new(number, problem);
            let Ok(model) = model_id(&content.model) else {
                continue;
            };
            let key = content.key(model).map_err(fault)?;
            rates.push(OverlayRate {
                key,
                rate: rate(&content.usd_per_million).map_err(fault)?,
                in_force_since: day(content.in_force_since.as_deref()).map_err(fault)?,
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
        Ok(Self {
            read,
            source,
            rates,
        })
    }
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
