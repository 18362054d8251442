//! The price book: every model of Amazon Bedrock with its rates, dated, sourced, and looked up without parsing.
//!
//! Its rows are embedded. An overlay of AWS's Price List and private rates may lie over them: see [`PriceBook::layered`].

mod layered;
mod listing;
mod origin;
mod other;
mod overlay;
mod placed;
mod private;
mod rate_line;
mod rates;
mod tables;
mod unit;

pub use listing::{Lifecycle, Model, ModelKind, NoRate, Offer, RateQuery};
pub use origin::{ListOrigin, PrivateTerms, STALE_DAYS};
pub use other::{Multiplier, NoOtherRate, OtherRate, Reserved};
pub use overlay::{Overlay, OverlayKey, OverlayRate};
pub use placed::Placed;
pub use private::PrivateRates;
pub use rate_line::RateFileError;
pub use rates::{Agreement, Basis, LongContext, MissingRate, Rates, Scope, TokenRates};
pub use unit::ModelUnitRate;

use jiff::civil::Date;

use crate::inference::Routing;
use crate::model::{ModelId, ModelReference, ModelReferenceError, ProfileScope};
use crate::names::{Shown, nearest};
use crate::region::Region;

/// Every listed rate. The embedded rows are made at build time from `prices/*.toml`; nothing of them is parsed at run time.
#[derive(Debug)]
pub struct PriceBook {
    models: &'static [Model],
    private: Option<&'static PrivateRates>,
    /// The first and the last day on which rates of the overlay were read.
    refreshed: Option<(Date, Date)>,
}

static EMBEDDED: PriceBook = PriceBook {
    models: tables::MODELS,
    private: None,
    refreshed: None,
};

/// A model that is not in the price book. It is never priced by likeness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown model {}{}", Shown(.given), Nearest(.nearest))]
pub struct UnknownModel {
    /// What was asked for.
    pub given: String,
    /// Ids of known models with a like id or name, nearest first.
    pub nearest: Vec<&'static str>,
}

struct Nearest<'a>(&'a [&'static str]);

impl std::fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, "; nearest: {}", self.0.join(", "))
        }
    }
}

/// Why a text does not name a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// Not in the price book.
    #[error(transparent)]
    Unknown(#[from] UnknownModel),
    /// A text or ARN that cannot name a listed model.
    #[error(transparent)]
    Reference(#[from] ModelReferenceError),
    /// An application inference profile: only AWS knows its model (`GetInferenceProfile`).
    #[error(
        "the model behind an application inference profile is known to AWS only: look it up with GetInferenceProfile or name the model"
    )]
    ApplicationProfile,
}

/// A model and what its name said about routing and region.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The model.
    pub model: &'static Model,
    /// The cross-region profile in front of the model id, where there was one.
    pub profile: Option<ProfileScope>,
    /// The region of the ARN, where it was one.
    pub region: Option<Region>,
}

impl Resolved {
    /// Returns the routing that the name fixes, if any: a bare model id fixes none.
    #[must_use]
    pub fn routing(&self) -> Option<Routing> {
        self.profile.map(ProfileScope::routing)
    }
}

impl PriceBook {
    /// Returns the price book built into this crate.
    #[must_use]
    pub const fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Returns every model, sorted by id.
    #[must_use]
    pub const fn models(&self) -> &'static [Model] {
        self.models
    }

    /// Finds a model by its id, in any case; a context length at the end (`:200k`) is passed over.
    ///
    /// # Errors
    /// When the id is not listed; the error names the nearest ones.
    pub fn model(&self, id: &ModelId) -> Result<&'static Model, UnknownModel> {
        self.find(id.as_str())
            .or_else(|| self.find(id.without_context_length()?))
            .ok_or_else(|| unknown(id.as_str()))
    }

    /// Finds the model that a text names: id, profile id, ARN, or exact display name with or without the provider.
    ///
    /// # Errors
    /// When nothing has exactly this name: a likely one is suggested, never taken.
    pub fn resolve(&self, text: &str) -> Result<Resolved, ResolveError> {
        let found = |model| Resolved {
            model,
            profile: None,
            region: None,
        };
        if let Some(model) = self
            .find(text.trim())
            .or_else(|| self.find_with_provider(text.trim()))
        {
            return Ok(found(model));
        }
        let (reference, region) = match text.parse()? {
            ModelReference::InRegion(reference, region) => (*reference, Some(region)),
            reference => (reference, None),
        };
        match reference {
            ModelReference::Model(id) => Ok(Resolved {
                region,
                ..found(self.model(&id)?)
            }),
            ModelReference::Profile(profile) => {
                let model = self.model(&profile.model)?;
                Ok(Resolved {
                    model,
                    profile: Some(profile.scope),
                    region,
                })
            }
            ModelReference::Name(name) => Err(unknown(&name).into()),
            ModelReference::ApplicationProfile | ModelReference::InRegion(..) => {
                Err(ResolveError::ApplicationProfile)
            }
        }
    }

    fn find(&self, name: &str) -> Option<&'static Model> {
        self.models.get(index_of(name)?)
    }

    /// Finds `Amazon Nova Lite` and `Meta Llama 3.3 70B` under their names without the provider.
    fn find_with_provider(&self, name: &str) -> Option<&'static Model> {
        let (first, rest) = name.split_once(' ')?;
        let model = self.find(rest)?;
        model
            .provider()
            .split(' ')
            .next()
            .is_some_and(|provider| provider.eq_ignore_ascii_case(first))
            .then_some(model)
    }
}

/// Returns the place of a model in every table of models.
fn index_of(name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    let index = tables::NAMES
        .binary_search_by(|(known, _)| (*known).cmp(&name))
        .ok()?;
    let (_, model) = tables::NAMES.get(index)?;
    Some(usize::from(*model))
}

fn unknown(given: &str) -> UnknownModel {
    let lower = given.to_lowercase();
    let candidates = tables::NAMES.iter().map(|(name, _)| *name);
    let mut ids = named_with(&lower);
    if !ids.is_empty() {
        return UnknownModel {
            given: given.to_owned(),
            nearest: ids,
        };
    }
    for name in nearest(&lower, candidates, 6) {
        if let Some(model) = PriceBook::embedded().find(name)
            && !ids.contains(&model.id())
        {
            ids.push(model.id());
        }
    }
    ids.truncate(3);
    UnknownModel {
        given: given.to_owned(),
        nearest: ids,
    }
}

/// The least letters that name a family of models, such as `pro`.
const SHORT_NAME: usize = 3;
/// Models that are offered for a name that many hold.
const MOST_NAMED: usize = 6;

/// Ids of the models whose name holds every word given: those still offered first, and of each the newest version.
fn named_with(lower: &str) -> Vec<&'static str> {
    let words: Vec<&str> = lower.split_whitespace().collect();
    if lower.trim().len() < SHORT_NAME {
        return Vec::new();
    }
    let mut found: Vec<&Model> = PriceBook::embedded()
        .models()
        .iter()
        .filter(|model| {
            let name = model.name().to_lowercase();
            words.iter().all(|word| name.contains(word))
        })
        .collect();
    found.sort_by(|left, right| {
        let gone = |model: &Model| model.lifecycle().unwrap_or(Lifecycle::Active);
        gone(left)
            .cmp(&gone(right))
            .then_with(|| right.name().cmp(left.name()))
    });
    let ids = found.into_iter().map(Model::id);
    ids.take(MOST_NAMED).collect()
}
