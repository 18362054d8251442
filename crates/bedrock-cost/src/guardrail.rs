//! Guardrail policies, their list rates, and the text units they are billed in.

use jiff::civil::Date;

use crate::money::TextUnitRate;
use crate::names::named;
use crate::price_book::{NoOtherRate, OtherRate, PriceBook};
use crate::region::Region;

named! {
    /// A policy of a guardrail that is billed by the text unit.
    pub enum GuardrailPolicy as "guardrail policy" {
        /// Harmful content and prompt attacks.
        ContentFilters = "content_filters" | "content_filter" | "content" | "content_policy",
        /// Topics the application must not speak about.
        DeniedTopics = "denied_topics" | "denied_topic" | "topics" | "topic_policy",
        /// Names, addresses and other personal data found by a model.
        Pii = "pii" | "sensitive_information" | "sensitive_information_policy",
        /// Personal data found by patterns of one's own; free.
        Regex = "regex" | "sensitive_information_regex",
        /// Answers that the source or the question does not support.
        ContextualGrounding = "contextual_grounding" | "grounding" | "contextual_grounding_policy",
        /// Answers that contradict formal rules.
        AutomatedReasoning = "automated_reasoning" | "automated_reasoning_policy",
        /// Words and phrases; free.
        WordFilters = "word_filters" | "word_filter" | "words" | "word_policy",
    }
}

/// The characters of one text unit (AWS pricing page of 2026-07-24).
pub const TEXT_UNIT_CHARS: u64 = 1_000;

/// Returns the text units that a text of this many characters is billed as: whole thousands, rounded up.
#[must_use]
pub const fn text_units(chars: u64) -> u64 {
    chars.div_ceil(TEXT_UNIT_CHARS)
}

impl PriceBook {
    /// Returns the rate of a guardrail policy per text unit, and the row it comes from.
    ///
    /// # Errors
    /// When no rate is listed.
    pub fn guardrail(
        &self,
        policy: GuardrailPolicy,
        region: &Region,
        on: Date,
    ) -> Result<(TextUnitRate, OtherRate), NoOtherRate> {
        let row = self.other("guardrails", policy.as_str(), region, on)?;
        let rate =
            TextUnitRate::new(row.rate.usd.amount()).map_err(|_| NoOtherRate::Unpublished {
                dimension: row.dimension,
                item: row.item,
                note: "the listed rate is outside the bounds of a text unit",
            })?;
        Ok((rate, row))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn text_units_are_rounded_up() {
        for (chars, units) in [(0, 0), (1, 1), (1_000, 1), (1_001, 2), (5_600, 6)] {
            assert_eq!(text_units(chars), units, "{chars}");
        }
    }

    #[test]
    fn every_policy_has_the_rate_of_its_day() {
        let check = |policy, on, expected: &str| {
            let (rate, row) = PriceBook::embedded()
                .guardrail(policy, &Region::US_EAST_1, on)
                .unwrap();
            assert_eq!(
                (rate.to_string().as_str(), row.rate.unit),
                (expected, "text unit"),
                "{policy} {on}"
            );
        };
        // AWS Price List of 2026-09-01.
        let today = date(2026, 11, 22);
        check(GuardrailPolicy::ContentFilters, today, "0.00015");
        check(GuardrailPolicy::DeniedTopics, today, "0.00015");
        check(GuardrailPolicy::Pii, today, "0.0001");
        check(GuardrailPolicy::Regex, today, "0");
        check(GuardrailPolicy::ContextualGrounding, today, "0.0001");
        check(GuardrailPolicy::AutomatedReasoning, today, "0.00017");
        check(GuardrailPolicy::WordFilters, today, "0");
        // The rates that older texts still quote per 1,000: 0.75 and 1.00.
        check(
            GuardrailPolicy::ContentFilters,
            date(2024, 11, 30),
            "0.00075",
        );
        check(GuardrailPolicy::DeniedTopics, date(2024, 11, 30), "0.001");
    }

    #[test]
    fn free_policies_are_listed_as_free_by_two_sources() {
        for policy in [GuardrailPolicy::Regex, GuardrailPolicy::WordFilters] {
            let (_, row) = PriceBook::embedded()
                .guardrail(policy, &Region::US_EAST_1, date(2026, 11, 22))
                .unwrap();
            assert_eq!(row.basis.agreement, crate::price_book::Agreement::Agree);
        }
    }
}
