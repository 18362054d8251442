//! A small model taught by a large one: a claim of AWS, since no rate of a distilled model is listed.

use super::finding::{Look, Verdict};
use crate::price_book::ModelKind;
use crate::scenario::DISTILLATION;

/// Providers whose models distillation and prompt routing are offered for (AWS's product pages, January 2026).
const PROVIDERS: &[&str] = &["Amazon", "Anthropic", "Meta"];

pub(super) fn look(look: &Look<'_>) -> Verdict {
    if concerns(look) {
        Verdict::Claims(DISTILLATION)
    } else {
        Verdict::Silent
    }
}

/// Tells whether every model in use is a text model of these providers, paid by tokens.
pub(super) fn concerns(look: &Look<'_>) -> bool {
    let mut served = look.cost.served.iter();
    look.case.by_tokens()
        && !look.has_no_input()
        && served.all(|served| {
            served.model.kind() == ModelKind::Text && PROVIDERS.contains(&served.model.provider())
        })
}
