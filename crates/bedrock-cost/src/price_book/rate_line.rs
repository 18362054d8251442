//! Lines of a rate file: a comma-separated table under a heading of `# key: value` lines, read with the line of every fault.

use jiff::civil::Date;
use serde::de::DeserializeOwned;

use super::PriceBook;
use crate::money::TokenRate;
use crate::names::{Shown, nearest};
use crate::region::Region;
use crate::tokens::TokenKind;

/// Why a file of rates is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RateFileError {
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
}

impl RateFileError {
    pub(super) fn new(line: u64, problem: impl Into<String>) -> Self {
        Self {
            line,
            problem: problem.into(),
        }
    }
}

/// A rate of one kind of token, as a line of a file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<T> {
    pub(super) number: u64,
    pub(super) content: T,
}

/// Returns the value of a `# key: value` line above the table.
pub(super) fn heading<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .map_while(|line| line.strip_prefix('#'))
        .filter_map(|line| line.split_once(':'))
        .find_map(|(name, value)| name.trim().eq_ignore_ascii_case(key).then(|| value.trim()))
        .filter(|value| !value.is_empty())
}

/// Returns the date of a `# key: YYYY-MM-DD` line above the table.
pub(super) fn date_heading(text: &str, key: &str) -> Result<Date, RateFileError> {
    let value = heading(text, key).ok_or_else(|| {
        RateFileError::new(
            1,
            format!("there is no line `# {key}: YYYY-MM-DD` above the table"),
        )
    })?;
    let line = text
        .lines()
        .take_while(|line| !line.contains(value))
        .count()
        + 1;
    value.parse().map_err(|_| {
        let line = u64::try_from(line).unwrap_or(1);
        RateFileError::new(
            line,
            format!("{} is not a date such as 2026-10-01", Shown(value)),
        )
    })
}

/// Reads the table.
pub(super) fn table<T: DeserializeOwned>(text: &str) -> Result<Vec<Line<T>>, RateFileError> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let fault = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        let problem = match error.kind() {
            csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
            csv::ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => {
                format!("{len} cells, and the table has {expected_len} columns")
            }
            _ => error.to_string(),
        };
        RateFileError::new(line, problem)
    };
    let header = reader.headers().map_err(|error| fault(&error))?.clone();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| fault(&error))?;
        let number = record.position().map_or(1, csv::Position::line);
        let content = record
            .deserialize(Some(&header))
            .map_err(|error| RateFileError::new(number, deserialize_problem(&error)))?;
        lines.push(Line { number, content });
    }
    Ok(lines)
}

fn deserialize_problem(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
        _ => error.to_string(),
    }
}

/// Returns the id of the model that a text names.
pub(super) fn model_id(name: &str) -> Result<&'static str, String> {
    let found = PriceBook::embedded()
        .resolve(name)
        .map_err(|error| error.to_string())?;
    if found.profile.is_some() || found.region.is_some() {
        return Err(format!(
            "{} names a profile or a region: give the model as {}, and routing and region beside it",
            Shown(name),
            found.model.id()
        ));
    }
    Ok(found.model.id())
}

/// Reads a region; `*` and nothing are every region.
pub(super) fn region(text: Option<&str>) -> Result<Option<Region>, String> {
    match text.map(str::trim) {
        None | Some("" | "*") => Ok(None),
        Some(text) => Region::parse_known(text)
            .map(Some)
            .map_err(|error| error.to_string()),
    }
}

/// Reads a kind of token by its name in answers.
pub(super) fn token_kind(text: &str) -> Result<TokenKind, String> {
    TokenKind::ALL
        .into_iter()
        .find(|kind| kind.name().eq_ignore_ascii_case(text.trim()))
        .ok_or_else(|| {
            let names = TokenKind::ALL.map(TokenKind::name);
            let near = nearest(text, names, 2);
            let near = if near.is_empty() {
                names.to_vec()
            } else {
                near
            };
            format!(
                "{} is not a kind of token: {}",
                Shown(text),
                near.join(", ")
            )
        })
}

/// Reads a rate in US dollars per million tokens.
pub(super) fn rate(text: &str) -> Result<TokenRate, String> {
    text.parse::<TokenRate>().map_err(|error| error.to_string())
}

/// Reads the date of a cell; an empty one has none.
pub(super) fn day(text: Option<&str>) -> Result<Option<Date>, String> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|_| format!("{} is not a date such as 2026-10-01", Shown(text))),
    }
}
