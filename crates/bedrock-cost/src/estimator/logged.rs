//! Calibration from an account's own log: what was estimated beside what was billed.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::calibration::{Calibration, Correction, Factor, FactorError, Spread};
use super::family::{ModelTokens, TokenFamily};
use crate::model::ModelId;
use crate::price_book::PriceBook;
use crate::tokens::TokenCount;

/// Fewer counts say where the middle is, but not how far single ones are from it.
const LEAST_FOR_SPREAD: usize = 20;

/// Counts from a log, by token family, as factors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoggedCounts {
    /// In ascending order.
    factors: BTreeMap<TokenFamily, Vec<Factor>>,
    left_out: usize,
}

/// Why a table of logged counts cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoggedError {
    /// A column is missing.
    #[error("the header has no column {0}: model, estimated_tokens and input_tokens are needed")]
    NoColumn(&'static str),
    /// A line cannot be read.
    #[error("line {line}: {problem}")]
    Line {
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// There is no line below the header.
    #[error("there are no counts below the header")]
    Empty,
    /// Most counts are no fraction of their estimate that a vocabulary could explain.
    #[error(
        "{left_out} of {all} counts are outside 0.2 to 5 times their estimate: compare tokens of the same requests, cached ones included"
    )]
    MostlyOutOfBounds {
        /// The counts outside.
        left_out: usize,
        /// All counts.
        all: usize,
    },
}

/// A column by the names it goes by, the first of which is shown.
const MODEL: [&str; 2] = ["model", "modelId"];
const ESTIMATED: [&str; 2] = ["estimated_tokens", "estimate"];
const REAL: [&str; 4] = [
    "input_tokens",
    "inputTokenCount",
    "inputTokens",
    "real_tokens",
];

impl LoggedCounts {
    /// Reads a CSV table with the columns `model` (an id, a name or a token family), `estimated_tokens` and
    /// `input_tokens`; other columns are passed over.
    ///
    /// # Errors
    /// When a column is missing, a line cannot be read, or most counts are out of bounds.
    pub fn read(text: &str) -> Result<Self, LoggedError> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| fault(&error))?.clone();
        let column = |names: &[&'static str]| {
            header
                .iter()
                .position(|column| names.iter().any(|name| name.eq_ignore_ascii_case(column)))
                .ok_or(LoggedError::NoColumn(names.first().copied().unwrap_or("")))
        };
        let (model, estimated, real) = (column(&MODEL)?, column(&ESTIMATED)?, column(&REAL)?);
        let mut counts = Self::default();
        let mut all = 0;
        for record in reader.records() {
            let record = record.map_err(|error| fault(&error))?;
            let line = record.position().map_or(1, csv::Position::line);
            let field = |at: usize| record.get(at).unwrap_or_default();
            let number = |at: usize, name: &str| {
                field(at)
                    .parse::<TokenCount>()
                    .map_err(|error| LoggedError::Line {
                        line,
                        problem: format!("{name}: {error}"),
                    })
            };
            let family =
                family(field(model)).map_err(|problem| LoggedError::Line { line, problem })?;
            all += 1;
            match Factor::of_counts(
                number(real, "input_tokens")?,
                number(estimated, "estimated_tokens")?,
            ) {
                Ok(factor) => counts.factors.entry(family).or_default().push(factor),
                Err(FactorError::OutOfBounds(_) | FactorError::NoEstimate) => counts.left_out += 1,
            }
        }
        if all == 0 {
            return Err(LoggedError::Empty);
        }
        if counts.left_out * 2 > all {
            return Err(LoggedError::MostlyOutOfBounds {
                left_out: counts.left_out,
                all,
            });
        }
        for factors in counts.factors.values_mut() {
            factors.sort_unstable();
        }
        Ok(counts)
    }

    /// Counts that were no possible fraction of their estimate and are in no factor.
    #[must_use]
    pub const fn left_out(&self) -> usize {
        self.left_out
    }

    /// Returns whether there are counts of a family.
    #[must_use]
    pub fn has(&self, family: TokenFamily) -> bool {
        self.factors.contains_key(&family)
    }

    /// Returns the factor of each family: the median, which a few odd requests do not move.
    #[must_use]
    pub fn calibration(&self) -> Calibration {
        let mut calibration = Calibration::default();
        for (family, factors) in &self.factors {
            let Some(factor) = quantile(factors, 50) else {
                continue;
            };
            let spread = quantile(factors, 5)
                .zip(quantile(factors, 95))
                .filter(|_| factors.len() >= LEAST_FOR_SPREAD)
                .map(|(low, high)| Spread {
                    low,
                    high,
                    counts: u32::try_from(factors.len()).unwrap_or(u32::MAX),
                });
            calibration = calibration.with(*family, None, Correction { factor, spread });
        }
        calibration
    }
}

/// The factor that `percent` of the sorted ones do not exceed; the mean of the middle two for an even median.
fn quantile(factors: &[Factor], percent: usize) -> Option<Factor> {
    let at = |rank: usize| factors.get(rank.max(1) - 1).copied();
    let upper = at((factors.len() * percent).div_ceil(100))?;
    if percent == 50 && factors.len().is_multiple_of(2) {
        let above = at(factors.len() / 2 + 1)?;
        return Factor::new((upper.get() + above.get()) / Decimal::TWO).ok();
    }
    Some(upper)
}

/// The family of a model by any of its names, or of a family's own.
fn family(name: &str) -> Result<TokenFamily, String> {
    if let Ok(family) = name.parse() {
        return Ok(family);
    }
    let found = PriceBook::embedded()
        .resolve(name)
        .map_err(|error| error.to_string())?;
    ModelId::new(found.model.id())
        .ok()
        .and_then(|id| ModelTokens::of(&id))
        .map(|tokens| tokens.family)
        .ok_or_else(|| format!("{name} does not read text by the token"))
}

fn fault(error: &csv::Error) -> LoggedError {
    LoggedError::Line {
        line: error.position().map_or(1, csv::Position::line),
        problem: "the line cannot be read as CSV with as many fields as the header".to_owned(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::super::{Content, TextProfile};
    use super::*;

    fn factor(text: &str) -> Factor {
        Factor::new(text.parse().unwrap()).unwrap()
    }

    fn correction(text: &str, family: TokenFamily) -> Option<Correction> {
        let counts = LoggedCounts::read(text).unwrap();
        counts.calibration().correction(family, Content::Prose)
    }

    #[test]
    fn the_factor_is_the_median() {
        let check = |rows: &str, expected: &str| {
            let table = format!("model,estimated_tokens,input_tokens\n{rows}");
            let found = correction(&table, TokenFamily::Nova).unwrap();
            assert_eq!(found.factor, factor(expected), "{rows}");
            assert_eq!(found.spread, None);
        };
        check("amazon.nova-lite-v1:0,1000,1100\n", "1.1");
        // One odd request in three does not move it.
        check("nova,1000,1100\nnova,1000,1120\nnova,1000,4900\n", "1.12");
        check(
            "nova,1000,1100\nus.amazon.nova-pro-v1:0,1000,1200\n",
            "1.15",
        );
        check(
            "nova,1000,1100\nnova,10,900\nnova,0,5\nnova,1000,1100\nnova,1000,1100",
            "1.1",
        );
    }

    #[test]
    fn twenty_counts_make_a_band() {
        use std::fmt::Write as _;
        let mut table = "modelId,other,estimate,inputTokenCount\n".to_owned();
        for tokens in 1..=20 {
            writeln!(table, "amazon.nova-lite-v1:0,x,100,{}", 100 + tokens).unwrap();
        }
        let found = correction(&table, TokenFamily::Nova).unwrap();
        // 1.01 to 1.20: the middle is between 1.10 and 1.11, the first and the nineteenth bound the band.
        assert_eq!(found.factor, factor("1.105"));
        let spread = found.spread.unwrap();
        assert_eq!(
            (spread.low, spread.high, spread.counts),
            (factor("1.01"), factor("1.19"), 20)
        );

        let text = "The invoice was three times what the team had planned for. ".repeat(40);
        let profile = TextProfile::of(&text);
        let calibration = LoggedCounts::read(&table).unwrap().calibration();
        let nova = ModelTokens::from(TokenFamily::Nova);
        let plain = profile.estimate(nova, None);
        let calibrated = profile.estimate(nova, Some(&calibration));
        assert_eq!(
            calibrated.value.get(),
            (plain.value.get() * 1_105 + 500) / 1_000
        );
        assert!(
            calibrated.low > plain.low && calibrated.high < plain.high,
            "narrower than 30%"
        );
        let method = calibrated.method.to_string();
        assert!(
            method.ends_with("calibrated x 1.105 from 20 logged counts"),
            "{method}"
        );
    }

    #[test]
    fn tables_that_say_nothing_are_refused() {
        let check = |table: &str, expected: &str| {
            let error = LoggedCounts::read(table).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("", "no column model");
        check("model,input_tokens\n", "no column estimated_tokens");
        check("model,estimated_tokens,input_tokens\n", "no counts");
        check("model,estimated_tokens,input_tokens\nnova,1000\n", "line 2");
        check(
            "model,estimated_tokens,input_tokens\nnova,1000,many\n",
            "line 2: input_tokens",
        );
        check(
            "model,estimated_tokens,input_tokens\nnova,1000,-3\n",
            "line 2: input_tokens",
        );
        check(
            "model,estimated_tokens,input_tokens\nclaude-99,1,1\n",
            "line 2",
        );
        check(
            "model,estimated_tokens,input_tokens\namazon.nova-canvas-v1:0,1,1\n",
            "by the token",
        );
        check(
            "model,estimated_tokens,input_tokens\nnova,10,900\nnova,10,10\nnova,1,800\n",
            "2 of 3",
        );
    }
}
