//! How far an estimate can be off: the low-high band, by kind of content and length.

use super::content::Content;
use super::family::Certainty;

/// What 100% is written as.
const WHOLE: u64 = 1_000;

/// Half-width of the band in thousandths of the estimate, on top of the square root of its tokens.
///
/// Fitted so that 94 of 100 counts are inside, over ten families together; see `tokens/README.md` for the texts, and for
/// what a band fitted on one half of them holds of the other.
const fn per_mille(content: Content, has_long_words: bool) -> u64 {
    match content {
        // Shell, Perl and paths read as prose, and are not.
        Content::Prose if has_long_words => 120,
        Content::Html => 35,
        Content::Json => 37,
        Content::Config => 38,
        Content::Code | Content::Markdown | Content::OtherScript => 46,
        Content::Logs => 51,
        Content::Prose => 53,
        Content::Dense => 68,
        Content::Csv => 91,
        Content::Latin => 104,
        Content::Cjk => 337,
    }
}

/// The least half-width where the vocabulary is not public: the worst of twelve public counts of Nova was 27% off.
const UNCALIBRATED: u64 = 300;

/// Returns the half-width of the band around an estimate, in tokens.
pub(super) fn half_width(
    tokens: u64,
    content: Content,
    has_long_words: bool,
    certainty: Certainty,
) -> u64 {
    let usual = per_mille(content, has_long_words);
    let share = match certainty {
        Certainty::Known => usual,
        Certainty::Assumed => usual * 3 / 2,
        Certainty::Uncalibrated => UNCALIBRATED.max(usual * 2),
    };
    // A short text has few features to average over: its error shrinks with the square root of its length.
    (tokens * share).div_ceil(WHOLE) + tokens.isqrt() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_relatively_wider_for_short_texts_and_unknown_vocabularies() {
        let check = |tokens, certainty, expected| {
            assert_eq!(
                half_width(tokens, Content::Code, false, certainty),
                expected,
                "{tokens} {certainty:?}"
            );
        };
        // 4.6% of 10,000, the root of it and one.
        check(10_000, Certainty::Known, 460 + 100 + 1);
        check(100, Certainty::Known, 5 + 10 + 1);
        check(10_000, Certainty::Assumed, 690 + 100 + 1);
        check(10_000, Certainty::Uncalibrated, 3_000 + 100 + 1);
        check(0, Certainty::Known, 1);
        // 12% and 5.3% of 10,000.
        for (has_long_words, expected) in [(true, 1_200 + 100 + 1), (false, 530 + 100 + 1)] {
            assert_eq!(
                half_width(10_000, Content::Prose, has_long_words, Certainty::Known),
                expected
            );
        }
    }
}
