//! What AWS promises and nothing computes: named as claims, never part of a saving.

use crate::price_book::{Model, ModelKind};

/// A promise of AWS that no rate backs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorClaim {
    /// The feature.
    pub feature: &'static str,
    /// What AWS claims, with its "up to".
    pub claim: &'static str,
    /// Why it is not computed.
    pub caveat: &'static str,
}

/// What AWS's product page claims of intelligent prompt routing, as the optimization guide of January 2026 repeats it.
pub(crate) const PROMPT_ROUTING: VendorClaim = VendorClaim {
    feature: "intelligent prompt routing",
    claim: "up to 30% lower cost",
    caveat: "AWS's claim, not computed: it routes inside one model family only, and no fee is published",
};

/// What AWS's product page claims of model distillation, as the same guide repeats it.
pub(crate) const DISTILLATION: VendorClaim = VendorClaim {
    feature: "model distillation",
    claim: "up to 75% lower cost, up to 500% faster, below 2% accuracy loss",
    caveat: "AWS's claim, not computed: the student's rate, its training and its capacity are not listed",
};

const TEXT_CLAIMS: &[VendorClaim] = &[PROMPT_ROUTING, DISTILLATION];

/// Returns the claims that may concern a model.
pub(super) fn claims(model: &Model) -> &'static [VendorClaim] {
    if model.kind() == ModelKind::Text {
        TEXT_CLAIMS
    } else {
        &[]
    }
}
