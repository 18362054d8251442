//! How many tokens the same text has for another model: counted for some tokenizers, to be found out for the others.

use rust_decimal::Decimal;

use super::case::Case;
use super::finding::{Confidence, Look};
use crate::estimator::{ModelTokens, TokenFamily};
use crate::model::ModelId;
use crate::scenario::arithmetic;

/// Tokens of the same text with one tokenizer for each with another, in thousandths.
struct Counted {
    from: TokenFamily,
    to: TokenFamily,
    median: i64,
    most: i64,
}

/// The medians and the most of the texts in `tests/fixtures/token_texts`, which tell the source of each text; counted on
/// 2026-11-23 as `tokens/README.md` says. A test computes them again from the counts.
const COUNTED: &[Counted] = &[
    Counted {
        from: TokenFamily::Claude3,
        to: TokenFamily::Claude47,
        median: 1_207,
        most: 1_511,
    },
    Counted {
        from: TokenFamily::Claude47,
        to: TokenFamily::Claude3,
        median: 829,
        most: 1_000,
    },
    Counted {
        from: TokenFamily::MistralV3,
        to: TokenFamily::Tekken,
        median: 865,
        most: 1_009,
    },
];

/// How the tokens of the same text relate with two tokenizers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// The tokenizer is the same.
    Same,
    /// Texts were counted with both: the median and the most.
    Counted { median: Decimal, most: Decimal },
    /// Nobody knows.
    Unknown,
}

impl Relation {
    /// Returns what token counts are multiplied with: 1 where that is not known.
    pub(super) fn ratio(self) -> Decimal {
        match self {
            Self::Counted { median, .. } => median,
            Self::Same | Self::Unknown => Decimal::ONE,
        }
    }
}

/// Returns the tokenizer of a model.
pub(super) fn family(model: &str) -> Option<TokenFamily> {
    Some(ModelTokens::of(&ModelId::new(model).ok()?)?.family)
}

/// Returns how the tokens of one model relate to those counted with a tokenizer.
pub(super) fn relation(counted: Option<TokenFamily>, model: &str) -> Relation {
    let (from, to) = match (counted, family(model)) {
        (Some(from), Some(to)) => (from, to),
        // Neither reads text by the token.
        (None, None) => return Relation::Same,
        _ => return Relation::Unknown,
    };
    if from == to {
        return Relation::Same;
    }
    let mut known = COUNTED.iter();
    let known = known.find(|known| known.from == from && known.to == to);
    known.map_or(Relation::Unknown, |known| Relation::Counted {
        median: Decimal::new(known.median, 3),
        most: Decimal::new(known.most, 3),
    })
}

/// What has to hold when other models answer, and how sure that is.
pub(super) struct Change {
    pub(super) assumption: String,
    pub(super) confidence: Confidence,
    /// Why the cost is not that of the token counts as given; empty where it is.
    pub(super) caveat: String,
    /// Whether it saves with the token counts as given and no longer with those of its own tokenizer.
    pub(super) is_lost: bool,
}

/// Returns what has to hold for a case on other models.
pub(super) fn change(look: &Look<'_>, case: &Case, sure: Confidence) -> Change {
    let relation = |model: &str| relation(case.counted, model);
    let others = case.parts.iter().map(|part| relation(&part.model));
    let mut others: Vec<Relation> = others.filter(|known| *known != Relation::Same).collect();
    let quality = "quality holds on your own evaluation";
    let Some(first) = others.pop() else {
        return Change {
            assumption: quality.to_owned(),
            confidence: sure,
            caveat: String::new(),
            is_lost: false,
        };
    };
    let is_unknown = first == Relation::Unknown || others.contains(&Relation::Unknown);
    let pays = break_even(look, case, is_unknown)
        .map_or_else(String::new, |most| format!("fits and pays up to {most} x"));
    if let (false, Relation::Counted { median, most }) = (is_unknown, first) {
        let pays = if pays.is_empty() {
            String::new()
        } else {
            format!("; {pays}")
        };
        return Change {
            assumption: format!(
                "{quality}; priced with {median} x the tokens (median of texts counted on 2026-11-23, at most {most} x){pays}"
            ),
            confidence: sure,
            caveat: format!(" with {median} x the tokens of its tokenizer"),
            is_lost: look.saving(&case.with_ratio(|_| Decimal::ONE)).is_some(),
        };
    }
    let pays = if pays.is_empty() {
        String::new()
    } else {
        format!(": {pays}")
    };
    Change {
        assumption: format!(
            "{quality}; token counts kept for another tokenizer (estimate_tokens){pays}"
        ),
        confidence: Confidence::Low,
        caveat: String::new(),
        is_lost: false,
    }
}

/// Returns how many times the tokens the same text may have before the case costs as much as now, to two places; none
/// where it costs more already or tokens do not matter.
///
/// Where only some of the tokenizers are unknown, the tokens of those are meant.
fn break_even(look: &Look<'_>, case: &Case, unknown: bool) -> Option<Decimal> {
    let at = |ratio: Decimal| {
        let case = case.with_ratio(|part| {
            let known = relation(case.counted, &part.model);
            let is_meant = known == Relation::Unknown || (!unknown && known != Relation::Same);
            if is_meant { ratio } else { part.ratio }
        });
        Some(look.price(&case).ok()?.monthly.amount())
    };
    let (now, none, once) = (
        look.cost.monthly.amount(),
        at(Decimal::ZERO)?,
        at(Decimal::ONE)?,
    );
    let left = arithmetic::minus(now, none).ok()?;
    let slope = arithmetic::minus(once, none).ok()?;
    if slope <= Decimal::ZERO || left <= Decimal::ZERO {
        return None;
    }
    let hundredths = left
        .checked_mul(Decimal::ONE_HUNDRED)?
        .checked_div(slope)?
        .floor();
    let pays = |hundredths: i64| at(Decimal::new(hundredths, 2)).is_some_and(|cost| cost <= now);
    let mut most = i64::try_from(hundredths).ok()?.min(MOST);
    // Long prompts have other rates, and no model reads any length: the line bends upwards.
    if !pays(most) {
        let mut least = 0;
        while most - least > 1 {
            let middle = i64::midpoint(least, most);
            if pays(middle) {
                least = middle;
            } else {
                most = middle;
            }
        }
        most = least;
    }
    (most > 0).then(|| Decimal::new(most, 2).normalize())
}

/// No tokenizer needs a hundred times the tokens of another.
const MOST: i64 = 10_000;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    const COUNTS: &str = include_str!("../../tests/fixtures/token_texts/counts.csv");

    #[test]
    fn the_ratios_are_those_of_the_counted_texts() {
        let mut lines = COUNTS.lines();
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
        for known in COUNTED {
            let column = |family: TokenFamily| {
                let wanted = |name: &str| name == family.name();
                names.iter().position(|name| wanted(name)).unwrap()
            };
            let (from, to) = (column(known.from), column(known.to));
            let count = |row: &[&str], column: usize| -> Decimal {
                // The source of a text may have commas; the counts are the last columns.
                let from_the_end = names.len() - column;
                row.get(row.len() - from_the_end).unwrap().parse().unwrap()
            };
            let mut ratios: Vec<Decimal> = rows
                .iter()
                .map(|row| count(row, to) / count(row, from))
                .collect();
            ratios.sort_unstable();
            let middle = *ratios.get(ratios.len() / 2).unwrap();
            let round = |ratio: Decimal| {
                let rounding = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
                ratio.round_dp_with_strategy(3, rounding)
            };
            assert_eq!(ratios.len() % 2, 1);
            assert_eq!(round(middle), Decimal::new(known.median, 3), "{}", known.to);
            assert_eq!(round(*ratios.last().unwrap()), Decimal::new(known.most, 3));
        }
    }

    #[test]
    fn models_relate_by_their_tokenizers() {
        let of = |from: &str, to: &str| relation(family(from), to);
        let (opus_4_6, opus_5_5) = ("anthropic.claude-opus-4-6-v1", "anthropic.claude-opus-5-5");
        assert_eq!(of(opus_4_6, opus_5_5).ratio(), Decimal::new(1_207, 3));
        assert_eq!(of(opus_5_5, opus_4_6).ratio(), Decimal::new(829, 3));
        assert_eq!(of(opus_5_5, "anthropic.claude-opus-4-7"), Relation::Same);
        assert_eq!(of(opus_4_6, "amazon.nova-lite-v1:0"), Relation::Unknown);
        assert_eq!(of("anthropic.claude-v2", opus_5_5), Relation::Unknown);
        let (reel, newer) = ("amazon.nova-reel-v1:0", "amazon.nova-reel-v1:1");
        assert_eq!(of(reel, newer), Relation::Same);
    }
}
