//! AWS's own choice of model for each prompt: a claim, since neither its fee nor its choice is known beforehand.

use super::distillation::concerns;
use super::finding::{Look, Verdict};
use crate::scenario::PROMPT_ROUTING;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    if concerns(look) {
        Verdict::Claims(PROMPT_ROUTING)
    } else {
        Verdict::Silent
    }
}
