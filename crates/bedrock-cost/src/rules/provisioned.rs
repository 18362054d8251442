//! Provisioned throughput instead of on-demand, or on-demand instead of it.

use rust_decimal::Decimal;

use super::case::{Capacity, Case};
use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use super::{ALL_BY_TOKENS, Rule};
use crate::inference::Tier;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let Some(asked) = look.case.scenario.provisioned else {
        return Verdict::Silent;
    };
    let units = format!("{} model units, {}", asked.model_units, asked.commitment);
    match look.case.capacity {
        Capacity::Tokens => Verdict::Proposes(vec![Proposal {
            case: Case {
                capacity: Capacity::Provisioned {
                    commitment: asked.commitment,
                    off_hours: Decimal::ZERO,
                },
                ..look.case.clone()
            },
            title: format!("provisioned throughput: {units}"),
            evidence: format!("{units} at 730 hours a month cost less than the tokens"),
            assumption: "the units carry the load: the throughput of a unit is not published"
                .to_owned(),
            confidence: Confidence::Low,
            effort: Effort::High,
            excludes: ALL_BY_TOKENS,
            caveat: String::new(),
            quiet: false,
        }]),
        Capacity::Provisioned { commitment, .. } => {
            let case = Case {
                capacity: Capacity::Tokens,
                ..look
                    .case
                    .with(|scenario| scenario.tier = Some(Tier::Standard))
            };
            Verdict::Proposes(vec![Proposal {
                case,
                title: "on-demand instead of provisioned throughput".to_owned(),
                evidence: format!(
                    "{units}, are billed for every hour and cost more than the tokens"
                ),
                assumption: format!(
                    "no customized model needs the units, on-demand quotas suffice, and the commitment ({commitment}) is over"
                ),
                confidence: Confidence::Medium,
                effort: Effort::Low,
                excludes: &[Rule::IdleProvisioned, Rule::ModelTier, Rule::LegacyModel],
                caveat: String::new(),
                quiet: false,
            }])
        }
        Capacity::Reserved(_) => Verdict::Silent,
    }
}
