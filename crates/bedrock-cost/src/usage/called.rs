//! Which model a `ModelId` of a metric stands for.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::inference::{Commitment, Routing};
use crate::model::ModelReference;
use crate::price_book::{Model, PriceBook, ResolveError};
use crate::region::Region;

/// An inference profile of the account, as `ListInferenceProfiles` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// The name that its owner gave it.
    pub name: String,
    /// ARNs of the model in each region that it sends to.
    pub models: Vec<String>,
}

/// Provisioned throughput of the account, as `ListProvisionedModelThroughputs` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Throughput {
    /// Its ARN.
    pub arn: String,
    /// The name that its owner gave it.
    pub name: String,
    /// The ARN of the foundation model behind it.
    pub model: String,
    /// Model units.
    pub units: u32,
    /// How long it is committed to.
    pub commitment: Option<Commitment>,
    /// Whether it serves, and so is billed: not while it is made, not after it failed.
    pub in_service: bool,
    /// Since when it exists.
    pub since: Option<Timestamp>,
}

/// What was called by an id.
#[derive(Debug, Clone)]
pub enum Called {
    /// A model by the token.
    Model {
        /// The model.
        model: &'static Model,
        /// The routing whose rates apply.
        routing: Routing,
        /// The id or the name of the profile, as it can be shown.
        name: String,
    },
    /// Provisioned throughput, billed by the hour and not by the token.
    Capacity {
        /// The model behind it, where it is listed.
        model: Option<&'static Model>,
        /// Its name.
        name: String,
    },
    /// Nothing that is known.
    Unknown {
        /// The id as it can be shown.
        name: String,
        /// Why it is not known.
        reason: String,
    },
}

impl Called {
    /// Finds out what an id stands for.
    ///
    /// An application profile and a provisioned throughput say nothing of their model themselves: AWS's lists do.
    #[must_use]
    pub fn of(
        id: &str,
        book: &PriceBook,
        profiles: &[Profile],
        throughputs: &[Throughput],
    ) -> Self {
        if let Some(profile) = profiles.iter().find(|one| one.arn == id || one.id == id) {
            return Self::by_profile(profile, book);
        }
        if let Some(known) = throughputs.iter().find(|one| one.arn == id) {
            return Self::Capacity {
                model: book.resolve(&known.model).ok().map(|found| found.model),
                name: known.name.clone(),
            };
        }
        if id.contains(":provisioned-model/") {
            return Self::Capacity {
                model: None,
                name: last(id).to_owned(),
            };
        }
        match book.resolve(id) {
            Ok(found) => Self::Model {
                model: found.model,
                routing: found.routing().unwrap_or(Routing::Regional),
                name: last(id).to_owned(),
            },
            Err(error) => Self::Unknown {
                name: last(id).to_owned(),
                reason: match error {
                    ResolveError::Unknown(_) => "no such model in the price book".to_owned(),
                    ResolveError::ApplicationProfile => {
                        "an application profile that ListInferenceProfiles does not name".to_owned()
                    }
                    ResolveError::Reference(error) => error.to_string(),
                },
            },
        }
    }

    fn by_profile(profile: &Profile, book: &PriceBook) -> Self {
        let name = profile.name.clone();
        let unknown = |reason: &str| Self::Unknown {
            name: name.clone(),
            reason: reason.to_owned(),
        };
        let mut models = BTreeSet::new();
        for arn in &profile.models {
            match book.resolve(arn) {
                Ok(found) => models.insert(found.model.id()),
                Err(_) => return unknown("its model is not in the price book"),
            };
        }
        match (profile.models.first(), models.len()) {
            (Some(first), 1) => book.resolve(first).map_or_else(
                |_| unknown("its model is not in the price book"),
                |found| Self::Model {
                    model: found.model,
                    routing: routing(&profile.models),
                    name: name.clone(),
                },
            ),
            (Some(_), _) => unknown("a profile of several models"),
            (None, _) => unknown("AWS names no model of the profile"),
        }
    }

    /// Returns what may be shown of the id: the last part of an ARN, or the name that its owner gave.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Model { name, .. } | Self::Capacity { name, .. } | Self::Unknown { name, .. } => {
                name
            }
        }
    }

    /// Returns the model, where it is known.
    #[must_use]
    pub const fn model(&self) -> Option<&'static Model> {
        match self {
            Self::Model { model, .. } => Some(model),
            Self::Capacity { model, .. } => *model,
            Self::Unknown { .. } => None,
        }
    }
}

/// An ARN holds the account; its last part is enough to know the resource by.
fn last(id: &str) -> &str {
    if id.starts_with("arn:") {
        id.rsplit('/').next().unwrap_or(id)
    } else {
        id
    }
}

/// The routing of a profile by the regions that it sends to: those of one geography are billed at regional rates. AWS
/// writes the ARN of a model that may run anywhere without a region.
fn routing(models: &[String]) -> Routing {
    let mut regions: Vec<Option<Region>> = Vec::new();
    for arn in models {
        regions.push(match arn.parse() {
            Ok(ModelReference::InRegion(_, region)) => Some(region),
            _ => None,
        });
    }
    let regions: Option<Vec<Region>> = regions.into_iter().collect();
    let Some(regions) = regions else {
        return Routing::Global;
    };
    let Some((first, others)) = regions.split_first() else {
        return Routing::Regional;
    };
    let shares_geography = first.geographies().iter().any(|geography| {
        others
            .iter()
            .all(|region| region.geographies().contains(geography))
    });
    if others.is_empty() || shares_geography {
        Routing::Regional
    } else {
        Routing::Global
    }
}
