//! Prompts above the threshold of the long-context rates, which apply to the whole request.

use super::Rule;
use super::finding::{Ask, Confidence, Effort, Look, Proposal, Verdict};
use super::preprocessing::REMOVABLE;
use super::prompt_length::{shorter, whereabouts};

pub(super) fn look(look: &Look<'_>) -> Verdict {
    // In tokens as they were given, which the model counts in its own way.
    let thresholds = look.cost.served.iter();
    let thresholds = thresholds.filter_map(|served| Some(served.at_most(served.long_above?)));
    let Some(threshold) = thresholds.min() else {
        return Verdict::Silent;
    };
    if !look.case.by_tokens() {
        return Verdict::Silent;
    }
    let input = look.case.scenario.input_tokens.unwrap_or_default();
    let excess = input - threshold;
    let removable = &look.workload.given.removable;
    let given =
        removable.prompt_tokens.unwrap_or_default() + removable.data_tokens.unwrap_or_default();
    if given < excess {
        let short = look.case.with(|scenario| shorter(scenario, excess));
        let because = look.saving(&short).map(|saving| {
            format!("{excess} tokens less stay below the long-context rates above {threshold}: {saving} USD a month")
        });
        return Verdict::Asks(Ask {
            because: because.unwrap_or_default(),
            ..REMOVABLE
        });
    }
    Verdict::Proposes(vec![Proposal {
        case: look.case.with(|scenario| shorter(scenario, given)),
        title: format!("stay below {threshold} input tokens: {given} less a request"),
        evidence: format!(
            "prompts of {input} tokens are {excess} above the threshold, so that the whole request has long-context rates"
        ),
        assumption: format!(
            "everything that was said to be removable goes, and answers stay as good{}",
            whereabouts(look, given)
        ),
        confidence: Confidence::Medium,
        effort: Effort::Medium,
        excludes: &[Rule::Preprocessing, Rule::PromptLength],
        caveat: String::new(),
        quiet: false,
    }])
}
