//! The calibration of a call: a factor, or an account's logged counts.

use super::{Loose, Wanted};
use crate::{
    error::ToolError,
    files::AllowedFolders,
    tools::{arguments::quoted, reply::Warning},
};
use bedrock_cost::estimator::{Calibration, Factor, LoggedCounts};
use rust_decimal::Decimal;
use serde_json::Value;

/// What the estimates are corrected by.
pub(super) enum Calibrating {
    Nothing,
    /// One factor for every model of the call.
    Factor(Factor),
    /// A CSV file below the allowed folders.
    File(String),
}

impl Calibrating {
    pub(super) fn read(given: Option<Loose>) -> Result<Self, ToolError> {
        let text = match given.map(|loose| loose.0) {
            None | Some(Value::Null) => return Ok(Self::Nothing),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) => text,
            Some(other) => {
                return Err(ToolError::invalid(
                    format!(
                        "calibration {} is no factor and no file",
                        quoted(&other.to_string())
                    ),
                    ACCEPTED,
                ));
            }
        };
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::Nothing);
        }
        match text
            .parse::<Decimal>()
            .or_else(|_| Decimal::from_scientific(text))
        {
            Ok(number) => Factor::new(number)
                .map(Self::Factor)
                .map_err(|error| ToolError::invalid(error.to_string(), ACCEPTED)),
            Err(_) => Ok(Self::File(text.to_owned())),
        }
    }

    /// Whether nothing has to be read.
    pub(super) fn is_quick(&self) -> bool {
        !matches!(self, Self::File(_))
    }

    /// The factors for the models of the call, and what to say about them.
    pub(super) fn calibration(
        &self,
        folders: &AllowedFolders,
        models: &[Wanted],
    ) -> Result<(Calibration, Vec<Warning>), ToolError> {
        match self {
            Self::Nothing => Ok((Calibration::default(), Vec::new())),
            Self::Factor(factor) => {
                let all = models.iter().fold(Calibration::default(), |all, wanted| {
                    all.with(wanted.tokens.family, None, *factor)
                });
                Ok((all, Vec::new()))
            }
            Self::File(path) => {
                let bytes = folders.read(path)?;
                let table = String::from_utf8_lossy(&bytes);
                let counts = LoggedCounts::read(&table).map_err(|error| {
                    ToolError::invalid(format!("the calibration file: {error}"), ACCEPTED)
                })?;
                let mut warnings = Vec::new();
                if counts.left_out() > 0 {
                    warnings.push(Warning::new(
                        "counts_left_out",
                        format!(
                            "{} logged counts are outside 0.2 to 5 times their estimate and were left out",
                            counts.left_out()
                        ),
                    ));
                }
                let calibration = counts.calibration();
                for wanted in models {
                    let family = wanted.tokens.family;
                    if !counts.has(family) {
                        warnings.push(Warning::new(
                            "not_calibrated",
                            format!(
                                "the calibration file has no counts for {} ({family})",
                                wanted.model.id()
                            ),
                        ));
                    }
                }
                Ok((calibration, warnings))
            }
        }
    }
}

const ACCEPTED: &str = "calibration is a factor from 0.2 to 5, or a CSV file below --allow-dir with the columns model, \
                        estimated_tokens and input_tokens";
