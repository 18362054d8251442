//! Token counts estimated from one pass over a text, with a band, for every model family.
//!
//! A linear model over 141 features of the text, in whole numbers: the same text gives the same estimate on every
//! machine. No vocabulary is inside, nothing is read or parsed at run time, and any text is fine. How good it is and
//! what it was fitted on: `tokens/README.md`.

mod band;
mod bytes;
mod calibration;
mod coefficients;
mod content;
mod estimate;
mod family;
mod features;
mod framing;
mod letters;
mod logged;
mod outside;
mod pairs;
mod scan;
mod words;

pub use calibration::{Calibration, Correction, Factor, FactorError, Spread};
pub use content::Content;
pub use estimate::{Estimate, Method, TextProfile, estimate};
pub use family::{Certainty, ModelTokens, TokenFamily};
pub use framing::{Framing, ToolChoice};
pub use logged::{LoggedCounts, LoggedError};
