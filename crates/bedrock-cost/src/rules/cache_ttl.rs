//! Another lifetime of a prompt cache that is in use.

use super::Rule;
use super::finding::{Ask, Confidence, Effort, Look, Proposal, Verdict};
use super::prompt_caching::{lifetimes, stated_reads};
use crate::inference::Tier;
use crate::scenario::CacheTtl;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let Some(cache) = &look.case.scenario.cache else {
        return Verdict::Silent;
    };
    let listed = lifetimes(look);
    let present = cache.ttl.or_else(|| listed.first().copied());
    let others: Vec<CacheTtl> = listed
        .into_iter()
        .filter(|ttl| Some(*ttl) != present)
        .collect();
    if !look.case.by_tokens() || look.case.tier() == Tier::Batch || others.is_empty() {
        return Verdict::Silent;
    }
    let mut proposals = Vec::new();
    for ttl in others {
        let Some(known) = stated_reads(look, ttl) else {
            continue;
        };
        let case = look.case.with(|scenario| {
            if let Some(cache) = &mut scenario.cache {
                cache.ttl = Some(ttl);
                cache.reads_per_write = known.reads;
            }
        });
        proposals.push(Proposal {
            case,
            title: format!("cache for {ttl} instead of {}", present.unwrap_or(ttl)),
            evidence: format!(
                "{} reads a write with {ttl}, {} now",
                known.reads, cache.reads_per_write
            ),
            assumption: known.assumption,
            confidence: Confidence::Medium,
            effort: Effort::Low,
            excludes: &[Rule::CacheLosing, Rule::PromptCaching],
            // The lifetime in use being right needs no word.
            caveat: String::new(),
            quiet: true,
        });
    }
    if proposals.is_empty() {
        return Verdict::Asks(Ask::new(
            "reads_per_write {\"5m\": n, \"1h\": n}: reads of a written prefix before it expires",
        ));
    }
    Verdict::Proposes(proposals)
}
