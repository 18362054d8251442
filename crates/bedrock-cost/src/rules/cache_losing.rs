//! A prompt cache whose writes cost more than its reads save.

use super::Rule;
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use crate::inference::Tier;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let Some(cache) = &look.case.scenario.cache else {
        return Verdict::Silent;
    };
    if !look.case.by_tokens() || look.case.tier() == Tier::Batch {
        return Verdict::Silent;
    }
    Verdict::Proposes(vec![Proposal {
        case: look.case.with(|scenario| scenario.cache = None),
        title: "stop caching".to_owned(),
        evidence: format!(
            "a written prefix is read {} times, which does not pay for the write",
            cache.reads_per_write
        ),
        assumption: "reads do not become more frequent".to_owned(),
        confidence: Confidence::High,
        effort: Effort::Low,
        excludes: &[Rule::CacheTtl, Rule::PromptCaching],
        // A cache that pays needs no word.
        caveat: String::new(),
        quiet: true,
    }])
}
