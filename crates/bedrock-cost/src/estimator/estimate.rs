//! The estimate: features times coefficients, with its band and method.

use super::band::{self, WordLength};
use super::calibration::{Calibration, Correction};
use super::content::{self, Content};
use super::family::{Certainty, ModelTokens};
use super::features::{FEATURES, features};
use super::outside::{self, Rare};
use super::scan::scan;
use super::words::count_words;
use crate::tokens::TokenCount;

/// A value that was estimated, with its band and how it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate<T> {
    /// The most likely value.
    pub value: T,
    /// The true value is above this in at least 9 of 10 cases together with [`Self::high`].
    pub low: T,
    /// The upper end of the band.
    pub high: T,
    /// How the value was made.
    pub method: Method,
}

/// How a count of tokens was estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// The token family whose coefficients were used, and how well it is known to be the model's.
    pub tokens: ModelTokens,
    /// The kind of content the band is for.
    pub content: Content,
    /// The calibration in the value, if any.
    pub calibration: Option<Correction>,
    /// Whether the text is unlike those that the coefficients were fitted on, such as one of emoji, of a rare script or
    /// of one letter repeated: the band is then all that its bytes allow.
    pub is_outside_fit: bool,
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ModelTokens { family, certainty } = self.tokens;
        write!(f, "linear model of {family} on {}", self.content)?;
        match certainty {
            Certainty::Known => {}
            Certainty::Assumed => {
                f.write_str(", vocabulary assumed to be that of the models before")?;
            }
            Certainty::Uncalibrated => f.write_str(", vocabulary not public")?,
        }
        if self.is_outside_fit {
            f.write_str(", unlike the texts it was fitted on")?;
        }
        match self.calibration {
            Some(Correction { factor, spread }) => {
                write!(f, ", calibrated x {}", factor.get())?;
                spread.map_or(Ok(()), |spread| {
                    write!(f, " from {} logged counts", spread.counts)
                })
            }
            None if certainty == Certainty::Uncalibrated => f.write_str(", uncalibrated"),
            None => Ok(()),
        }
    }
}

/// Tokens by which a short text can be off whatever its calibration.
const ROUNDING: u64 = 2;

/// What one pass over a text found: estimates for any number of models come from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextProfile {
    features: [i64; FEATURES],
    rare: Rare,
    bytes: u64,
    characters: u64,
    words: u64,
    content: Content,
}

impl TextProfile {
    /// Reads a text once. The time is linear in its length.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let counts = scan(text);
        let length = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        Self {
            features: features(&counts),
            rare: Rare {
                letters: counts.long_letters,
                marks: counts.varied_marks,
            },
            bytes: length(text.len()),
            characters: length(text.chars().count()),
            words: count_words(text),
            content: content::detect(text, &counts),
        }
    }

    /// Returns this profile with the kind of content given instead of told from the text.
    #[must_use]
    pub const fn with_content(mut self, content: Content) -> Self {
        self.content = content;
        self
    }

    /// Returns the kind of content.
    #[must_use]
    pub const fn content(&self) -> Content {
        self.content
    }

    /// Returns the length in bytes of UTF-8.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the number of characters (code points).
    #[must_use]
    pub const fn characters(&self) -> u64 {
        self.characters
    }

    /// Returns the number of words: runs without white space.
    #[must_use]
    pub const fn words(&self) -> u64 {
        self.words
    }

    const fn word_length(&self) -> WordLength {
        WordLength::of(self.characters, self.words)
    }

    /// Returns words x 1.3, the rule of thumb, rounded to the nearest: for comparison only, it is far too low on
    /// anything but English prose.
    #[must_use]
    pub fn words_rule(&self) -> TokenCount {
        count((self.words * 13 + 5) / 10)
    }

    /// Estimates the tokens of the text alone, without the frame around messages.
    #[must_use]
    pub fn estimate(
        &self,
        tokens: ModelTokens,
        calibration: Option<&Calibration>,
    ) -> Estimate<TokenCount> {
        let correction =
            calibration.and_then(|calibration| calibration.correction(tokens.family, self.content));
        let Raw {
            tokens: raw,
            fewest,
            is_outside,
        } = self.raw(tokens);
        let value = correction.map_or(raw, |correction| correction.factor.times(raw));
        let (low, high) = correction
            .and_then(|correction| correction.spread)
            .map_or_else(
                || {
                    let half =
                        band::half_width(value, self.content, self.word_length(), tokens.certainty);
                    (value.saturating_sub(half), value.saturating_add(half))
                },
                // What was logged says how far off a count can be; a few tokens are rounding.
                |spread| {
                    let (low, high) = (spread.low.times(raw), spread.high.times(raw));
                    (low.saturating_sub(ROUNDING), high.saturating_add(ROUNDING))
                },
            );
        // What is known of a text unlike any fitted on: it has no fewer tokens than it can, and none is less than a byte.
        let (low, high) = if is_outside {
            (fewest.min(value), self.bytes.max(value))
        } else {
            (low, high)
        };
        // An empty text has no tokens, any other at least one.
        let (least, most) = if self.bytes == 0 {
            (0, 0)
        } else {
            (1, u64::MAX)
        };
        Estimate {
            value: count(value.clamp(least, most)),
            low: count(low.clamp(least, most)),
            high: count(high.clamp(least, most)),
            method: Method {
                tokens,
                content: self.content,
                calibration: correction,
                is_outside_fit: is_outside,
            },
        }
    }

    /// The model without calibration.
    fn raw(&self, tokens: ModelTokens) -> Raw {
        let coefficients = tokens.family.coefficients();
        let sum = outside::sum(&self.features, coefficients, self.rare);
        let fewest = outside::fewest(&self.features, self.bytes, self.words);
        Raw {
            // Every token is made of a byte or more.
            tokens: sum.tokens.clamp(fewest, self.bytes),
            fewest,
            is_outside: outside::is_outside(&self.features, self.bytes, self.rare, sum),
        }
    }
}

/// What the model says of a text before a calibration.
struct Raw {
    tokens: u64,
    /// The fewest tokens that the text can have.
    fewest: u64,
    /// Whether it is unlike the texts fitted on.
    is_outside: bool,
}

/// Estimates the tokens of a text for a model or token family; `content` overrides what the text looks like.
#[must_use]
pub fn estimate(
    text: &str,
    tokens: impl Into<ModelTokens>,
    content: Option<Content>,
) -> Estimate<TokenCount> {
    let profile = TextProfile::of(text);
    let profile = match content {
        Some(content) => profile.with_content(content),
        None => profile,
    };
    profile.estimate(tokens.into(), None)
}

/// No text in memory comes near the bound of a count; beyond it the bound is the answer.
fn count(tokens: u64) -> TokenCount {
    TokenCount::new(tokens.min(TokenCount::MAX)).unwrap_or(TokenCount::ZERO)
}

#[cfg(test)]
mod held_out;
#[cfg(test)]
mod unlike;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::super::bytes::Script;
    use super::super::calibration::Factor;
    use super::super::coefficients::{COEFFICIENTS, FEATURE_NAMES};
    use super::super::family::TokenFamily;
    use super::super::features::PLAIN_NAMES;
    use super::super::letters;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn features_are_in_the_order_of_the_rows() {
        let scripts = |start: &'static str| {
            Script::COLUMNS
                .iter()
                .map(move |column| format!("{start}_{column}"))
        };
        let names: Vec<String> = PLAIN_NAMES
            .iter()
            .map(ToString::to_string)
            .chain(scripts("c"))
            .chain(scripts("w"))
            .chain(letters::names().map(ToOwned::to_owned))
            .collect();
        assert_eq!(names, FEATURE_NAMES);
    }

    #[test]
    fn coefficients_are_within_what_a_token_can_be() {
        // A feature stands for a few characters at most: no coefficient is more than six tokens. Letters that tell a
        // language with fewer tokens take some back.
        let extremes = COEFFICIENTS.as_flattened().iter();
        assert!(
            extremes
                .clone()
                .all(|value| (-15_000..=60_000).contains(value))
        );
        assert!(extremes.filter(|value| **value != 0).count() > 1_500);
    }

    #[test]
    fn an_empty_text_has_no_tokens() {
        for family in TokenFamily::ALL {
            let estimate = estimate("", *family, None);
            let none = TokenCount::ZERO;
            assert_eq!(
                (estimate.low, estimate.value, estimate.high),
                (none, none, none)
            );
        }
        assert_eq!(TextProfile::of("").words_rule(), TokenCount::ZERO);
    }

    #[test]
    fn a_text_of_any_characters_is_a_token_at_least() {
        for text in [" ", "\n", "a", "\u{0}", "\u{301}", "\u{10FFFF}", "\u{FFFD}"] {
            let estimate = estimate(text, TokenFamily::Claude3, None);
            assert!(estimate.low.get() >= 1, "{text:?}: {estimate:?}");
        }
    }

    #[test]
    fn the_method_says_what_was_done() {
        let text = "{\"region\": \"us-east-1\"}";
        let nova = ModelTokens::from(TokenFamily::Nova);
        let method = |calibration| {
            TextProfile::of(text)
                .estimate(nova, calibration)
                .method
                .to_string()
        };
        assert_eq!(
            method(None),
            "linear model of nova on json, vocabulary not public, uncalibrated"
        );
        let factor = Factor::new("1.08".parse().unwrap()).unwrap();
        let calibration = Calibration::default().with(TokenFamily::Nova, None, factor);
        assert_eq!(
            method(Some(&calibration)),
            "linear model of nova on json, vocabulary not public, calibrated x 1.08"
        );
        assert_eq!(
            estimate(text, TokenFamily::Claude47, Some(Content::Prose))
                .method
                .to_string(),
            "linear model of claude_4_7 on prose"
        );
    }

    #[test]
    fn words_are_runs_without_white_space() {
        let check = |text: &str, words: u64, rule: u64| {
            let profile = TextProfile::of(text);
            assert_eq!(
                (profile.words(), profile.words_rule().get()),
                (words, rule),
                "{text:?}"
            );
        };
        check("one two  three\tfour\nfive", 5, 7);
        check(" a b c d e f g h i j ", 10, 13);
        check("große\u{A0}Zahl", 2, 3);
        check("   ", 0, 0);
    }

    #[test]
    fn ten_megabytes_of_anything_are_fine() {
        for piece in [
            "a",
            "9",
            " ",
            "\n",
            "\"",
            "é",
            "漢",
            "🙂",
            "th",
            "aB",
            "{\"k\":1},",
        ] {
            let text = piece.repeat(10_000_000 / piece.len());
            let estimate = estimate(&text, TokenFamily::O200k, None);
            let bytes = u64::try_from(text.len()).unwrap();
            assert!(estimate.value.get() <= bytes, "{piece}");
            assert!(estimate.low <= estimate.value && estimate.value <= estimate.high);
        }
    }

    /// Text of every kind: any characters, and pieces of what programs and people write.
    fn text() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "the ",
            "getHTTPResponse",
            "{\"a\": 1},\n",
            "    ",
            "\t",
            "12,345.67;",
            "<td>",
            "Straße ",
            "価格は",
            "цена ",
            "मूल्य ",
            "🙂",
            "\r\n",
            "=====",
            "e\u{301}",
            "0xFFd8",
            "ZWJ\u{200D}",
            "--",
        ]);
        prop_oneof![
            any::<String>(),
            prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat()),
        ]
    }

    proptest! {
        #[test]
        fn any_text_has_an_estimate_within_its_band_and_length(text in text()) {
            let profile = TextProfile::of(&text);
            for family in TokenFamily::ALL {
                let estimate = profile.estimate((*family).into(), None);
                prop_assert!(estimate.low <= estimate.value && estimate.value <= estimate.high);
                prop_assert!(estimate.value.get() <= profile.bytes());
                prop_assert_eq!(estimate.value.get() == 0, text.is_empty());
                prop_assert_eq!(estimate, super::estimate(&text, *family, None));
            }
        }

        #[test]
        fn the_pieces_of_a_text_have_about_its_tokens(a in text(), b in text()) {
            let whole = TextProfile::of(&format!("{a}{b}"));
            let (a, b) = (TextProfile::of(&a), TextProfile::of(&b));
            for family in TokenFamily::ALL {
                let tokens = |profile: &TextProfile| profile.estimate((*family).into(), None);
                let (a, b, whole) = (tokens(&a), tokens(&b), tokens(&whole));
                // A cut can change the runs beside it, and the share of accented words that all others are weighed by.
                let slack = 12 + whole.value.get() / 4;
                prop_assert!(whole.high.get() + slack >= a.value.get().max(b.value.get()), "{a:?} {b:?} {whole:?}");
                prop_assert!(whole.low.get() <= a.high.get() + b.high.get() + slack, "{a:?} {b:?} {whole:?}");
            }
        }

        #[test]
        fn a_calibration_scales_the_value(text in text(), millionths in 200_000_i64..=5_000_000) {
            let factor = Factor::new(rust_decimal::Decimal::new(millionths, 6)).unwrap();
            let calibration = Calibration::default().with(TokenFamily::Nova, None, factor);
            let profile = TextProfile::of(&text);
            let nova = TokenFamily::Nova.into();
            let plain = profile.estimate(nova, None).value.get();
            let scaled = profile.estimate(nova, Some(&calibration)).value.get();
            let exact = u128::from(plain) * u128::from(millionths.unsigned_abs());
            // A text that is not empty is one token at least.
            prop_assert!(exact.abs_diff(u128::from(scaled) * 1_000_000) <= 500_000 || scaled == 1);
        }
    }
}
