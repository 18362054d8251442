//! Texts just above a whole text unit: the next unit is paid for a few characters.

use rust_decimal::Decimal;

use super::finding::{Confidence, Effort, Look, Proposal, Verdict};
use crate::guardrail::TEXT_UNIT_CHARS;
use crate::scenario::{Direction, GuardrailArguments};

/// A last unit with at most this many characters in it is called nearly empty: a tenth of a unit, which is about a
/// sentence. Cutting more changes what a text says.
const NEARLY_EMPTY_CHARS: u64 = TEXT_UNIT_CHARS / 10;

pub(super) fn look(look: &Look<'_>) -> Verdict {
    let Some(guardrails) = &look.case.scenario.guardrails else {
        return Verdict::Silent;
    };
    let scanned = |text: Direction| {
        let mut policies = guardrails.policies.iter();
        policies.any(|(_, direction)| *direction == Direction::Both || *direction == text)
    };
    let over = |chars: Option<Decimal>, text| chars.and_then(over).filter(|_| scanned(text));
    let input = over(guardrails.input_chars, Direction::Input);
    let output = over(guardrails.output_chars, Direction::Output);
    let cuts: Vec<String> = [(input, "input"), (output, "output")]
        .into_iter()
        .filter_map(|(over, text)| Some(format!("{} characters less {text}", over?)))
        .collect();
    if cuts.is_empty() {
        return Verdict::Silent;
    }
    let cut = |chars: Option<Decimal>, over: Option<Decimal>| {
        chars.map(|chars| chars - over.unwrap_or_default())
    };
    let shorter = GuardrailArguments {
        input_chars: cut(guardrails.input_chars, input),
        output_chars: cut(guardrails.output_chars, output),
        ..guardrails.clone()
    };
    let cuts = cuts.join(", ");
    Verdict::Proposes(vec![Proposal {
        case: look
            .case
            .with(|scenario| scenario.guardrails = Some(shorter)),
        title: format!("whole text units: {cuts}"),
        evidence: format!("a text unit is {TEXT_UNIT_CHARS} characters, rounded up for each text"),
        assumption: "every text is as long as given, and its last characters can go".to_owned(),
        confidence: Confidence::Medium,
        effort: Effort::Low,
        excludes: &[],
        // Only free policies look at the text.
        caveat: String::new(),
        quiet: true,
    }])
}

/// Returns the characters in the last unit, when it is nearly empty and not the only one.
fn over(chars: Decimal) -> Option<Decimal> {
    let unit = Decimal::from(TEXT_UNIT_CHARS);
    let over = chars.checked_rem(unit)?;
    let is_nearly_empty = !over.is_zero() && over <= NEARLY_EMPTY_CHARS.into() && chars > unit;
    is_nearly_empty.then_some(over)
}
