//! Regions, geographies and sources: what a row may refer to, and the basis it gets from its sources.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use rust_decimal::Decimal;
use toml::value::Datetime;

use crate::authored::{self, Agreement, File};

/// Everything the rows share.
pub(crate) struct Context {
    regions: Vec<String>,
    geographies: Vec<String>,
    sets: BTreeMap<String, String>,
    sources: BTreeMap<String, authored::Source>,
}

/// A calendar day, year-month-day.
pub(crate) type Day = (u16, u8, u8);

/// Where a rate comes from and how far its sources agree.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Basis {
    pub(crate) sources: String,
    pub(crate) checked: Day,
    pub(crate) agreement: &'static str,
    pub(crate) note: Option<String>,
}

impl Context {
    pub(crate) fn read(regions: &Path, sources: &Path) -> Result<Self, String> {
        let File {
            content:
                authored::Regions {
                    regions,
                    geographies,
                    sets,
                },
            ..
        } = File::read(regions)?;
        let sources: File<BTreeMap<String, authored::Source>> = File::read(sources)?;
        for (key, source) in &sources.content {
            day_of_text(&source.checked)
                .map_err(|problem| format!("{}: {key}: {problem}", sources.name))?;
        }
        Ok(Self {
            regions,
            geographies,
            sets,
            sources: sources.content,
        })
    }

    /// Expands a list of regions, sets and `-` exclusions; `also` accepts names that are no region.
    fn expand(&self, list: &str, also: &[String]) -> Result<Vec<String>, String> {
        let mut places: Vec<String> = Vec::new();
        for word in list.split_whitespace() {
            if let Some(excluded) = word.strip_prefix('-') {
                let before = places.len();
                places.retain(|place| place != excluded);
                if places.len() == before {
                    return Err(format!("`-{excluded}` excludes what is not in the set"));
                }
            } else if let Some(set) = self.sets.get(word) {
                places.extend(self.expand(set, &[])?);
            } else if self.regions.iter().chain(also).any(|known| known == word) {
                places.push(word.to_owned());
            } else {
                return Err(format!("unknown region `{word}`"));
            }
        }
        let mut sorted = places.clone();
        sorted.sort();
        if let Some(pair) = sorted.windows(2).find(|pair| pair.first() == pair.last()) {
            return Err(format!("region {} stands twice", pair.concat()));
        }
        if places.is_empty() {
            Err("no region".to_owned())
        } else {
            Ok(places)
        }
    }

    pub(crate) fn regions(&self, list: &str) -> Result<Vec<String>, String> {
        self.expand(list, &[])
    }

    pub(crate) fn geographies_or_regions(&self, list: &str) -> Result<Vec<String>, String> {
        self.expand(list, &self.geographies)
    }

    /// Derives the basis of a row; `row_note` and `model_note` go into every answer made from it.
    pub(crate) fn basis(
        &self,
        sources: &str,
        agreement: Option<Agreement>,
        row_note: Option<&str>,
        model_note: Option<&str>,
    ) -> Result<Basis, String> {
        let mut known = Vec::new();
        for key in sources.split_whitespace() {
            known.push(
                self.sources
                    .get(key)
                    .ok_or_else(|| format!("unknown source `{key}`"))?,
            );
        }
        let Some(newest) = known.iter().map(|source| source.checked.as_str()).max() else {
            return Err("no source".to_owned());
        };
        let names: Vec<&str> = known.iter().map(|source| source.name.as_str()).collect();
        let agreement = agreement.unwrap_or(match known.as_slice() {
            [only] if only.official => Agreement::SingleOfficial,
            [_] => Agreement::Single,
            _ => Agreement::Agree,
        });
        let (agreement, caveat) = match agreement {
            Agreement::Agree => ("Agree", None),
            Agreement::SingleOfficial => (
                "SingleOfficial",
                Some(format!("one source: {}", names.join(", "))),
            ),
            Agreement::Single => (
                "Single",
                Some(format!("one source, not AWS's own: {}", names.join(", "))),
            ),
            Agreement::Disagree if row_note.is_none() => {
                return Err("`disagree` without a note".to_owned());
            }
            Agreement::Disagree => ("Disagree", Some("sources disagree".to_owned())),
        };
        let note: Vec<String> = [caveat.as_deref(), row_note, model_note]
            .into_iter()
            .flatten()
            .map(str::to_owned)
            .collect();
        Ok(Basis {
            sources: names.join(", "),
            checked: day_of_text(newest)?,
            agreement,
            note: (!note.is_empty()).then(|| note.join("; ")),
        })
    }
}

pub(crate) fn day_of_text(text: &str) -> Result<Day, String> {
    let datetime = Datetime::from_str(text).map_err(|error| format!("{text}: {error}"))?;
    day(&datetime)
}

pub(crate) fn day(datetime: &Datetime) -> Result<Day, String> {
    match (datetime.date, datetime.time) {
        (Some(date), None) => Ok((date.year, date.month, date.day)),
        _ => Err(format!("{datetime} is not a day")),
    }
}

/// Reads a price: 0 to `max` dollars with at most 8 decimal places.
pub(crate) fn price(text: &str, max: u32) -> Result<Decimal, String> {
    let value =
        Decimal::from_str_exact(text).map_err(|error| format!("price `{text}`: {error}"))?;
    checked_price(value, max)
}

pub(crate) fn checked_price(value: Decimal, max: u32) -> Result<Decimal, String> {
    let value = value.normalize();
    if value < Decimal::ZERO || value > Decimal::from(max) {
        return Err(format!("price {value} is outside 0 to {max}"));
    }
    if value.scale() > 8 {
        return Err(format!("price {value} has more than 8 decimal places"));
    }
    Ok(value)
}
