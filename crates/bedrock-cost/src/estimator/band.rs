//! How far an estimate can be off: the low-high band, by kind of content and length.

use super::content::Content;
use super::family::Certainty;

/// What 100% is written as.
const WHOLE: u64 = 1_000;

/// How long the words of a text are, each with the space after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WordLength {
    /// Less than four characters on average: of the held-out texts in Chinese, Japanese and Korean only the six old manual
    /// pages with a space after every character or two.
    Short,
    Usual,
    /// More than eight characters on average: of 74 English texts of the held-out ones four have such words, of 14 texts
    /// of programs that read as prose ten.
    Long,
}

impl WordLength {
    pub(super) const fn of(characters: u64, words: u64) -> Self {
        if characters < 4 * words {
            Self::Short
        } else if characters > 8 * words {
            Self::Long
        } else {
            Self::Usual
        }
    }
}

/// Half-width of the band in thousandths of the estimate, on top of the square root of its tokens.
///
/// Fitted so that 94 of 100 counts of each family are inside, and 9 of 10 of every family and kind of held-out text; see
/// `tokens/README.md` for the texts, and for what a band fitted on one half of them holds of the other.
const fn per_mille(content: Content, words: WordLength) -> u64 {
    match (content, words) {
        // Shell, Perl and paths read as prose, and are not.
        (Content::Prose, WordLength::Long) => 142,
        // The estimates of all six texts are too low, by a tenth to a half.
        (Content::Cjk, WordLength::Short) => 951,
        (Content::Json, _) => 50,
        (Content::Html, _) => 51,
        (Content::Markdown | Content::Prose, _) => 57,
        // 38 holds the 31 texts; they are few.
        (Content::Cjk, _) => 60,
        (Content::Config, _) => 69,
        (Content::OtherScript, _) => 74,
        (Content::Code, _) => 91,
        (Content::Logs, _) => 95,
        (Content::Dense, _) => 97,
        (Content::Csv, _) => 122,
        (Content::Latin, _) => 128,
    }
}

/// The least half-width where the vocabulary is not public: the worst of twelve public counts of Nova was 27% off.
const UNCALIBRATED: u64 = 300;

/// Returns the half-width of the band around an estimate, in tokens.
pub(super) fn half_width(
    tokens: u64,
    content: Content,
    words: WordLength,
    certainty: Certainty,
) -> u64 {
    let usual = per_mille(content, words);
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
                half_width(tokens, Content::Code, WordLength::Usual, certainty),
                expected,
                "{tokens} {certainty:?}"
            );
        };
        // 9.1% of 10,000, the root of it and one.
        check(10_000, Certainty::Known, 910 + 100 + 1);
        check(100, Certainty::Known, 10 + 10 + 1);
        check(10_000, Certainty::Assumed, 1_360 + 100 + 1);
        check(10_000, Certainty::Uncalibrated, 3_000 + 100 + 1);
        check(0, Certainty::Known, 1);
    }

    #[test]
    fn words_of_unusual_length_widen_the_band_of_what_they_are_unusual_in() {
        let of = |content, words| half_width(10_000, content, words, Certainty::Known);
        let root = 100 + 1;
        assert_eq!(of(Content::Prose, WordLength::Long), 1_420 + root);
        assert_eq!(of(Content::Prose, WordLength::Usual), 570 + root);
        assert_eq!(of(Content::Cjk, WordLength::Short), 9_510 + root);
        assert_eq!(of(Content::Cjk, WordLength::Long), 600 + root);
        for (characters, expected) in [
            (39, WordLength::Short),
            (40, WordLength::Usual),
            (80, WordLength::Usual),
            (81, WordLength::Long),
        ] {
            assert_eq!(WordLength::of(characters, 10), expected);
        }
    }
}
