//! Texts unlike any that was fitted on: emoji, rare scripts, runs of marks and of one letter, in bounds worked out by
//! hand.

#[cfg(test)]
mod tests {
    use super::super::super::family::TokenFamily;
    use super::super::{Estimate, TextProfile, estimate};
    use crate::tokens::TokenCount;
    use proptest::prelude::*;

    /// Checks that every family's value is in the bounds, and the band as wide as what is not known.
    #[track_caller]
    fn check(text: &str, least: u64, most: u64) {
        let bytes = TextProfile::of(text).bytes();
        for family in TokenFamily::ALL {
            let Estimate {
                value,
                low,
                high,
                method,
            } = estimate(text, *family, None);
            let start: String = text.chars().take(20).collect();
            assert!(
                (least..=most).contains(&value.get()),
                "{start} {family}: {value} is not in {least} to {most}"
            );
            assert!(
                low <= value && high.get() == bytes,
                "{start} {family}: {low} to {high}"
            );
            assert!(method.is_outside_fit, "{start} {family}");
            assert!(method.to_string().contains("unlike the texts"), "{method}");
        }
    }

    #[test]
    fn emoji_are_one_token_to_four_each() {
        check(&"😀".repeat(200_000), 200_000, 800_000);
        // In 200 times three lines: three words, four emoji, and three line ends or fewer; a word is a token or two.
        let chat = "ok 👍\nthx 🙏\nlol 😂😂\n".repeat(200);
        check(&chat, 200 * (3 + 4), 200 * (3 * 2 + 4 * 4 + 3 * 2));
        for family in TokenFamily::ALL {
            let low = estimate(&chat, *family, None).low;
            assert!(low.get() >= 200 * 4, "{family}: {low}");
        }
    }

    #[test]
    fn characters_of_rare_scripts_are_a_token_at_least() {
        check(&"𝕳".repeat(5_000), 5_000, 4 * 5_000);
        check(&"ꦀ".repeat(5_000), 5_000, 3 * 5_000);
        check(&"\u{1E900}𞤣 ".repeat(1_000), 2_000, 9_000);
        check(&"བོད་".repeat(1_000), 4_000, 12_000);
    }

    #[test]
    fn marks_that_differ_are_no_repetition() {
        // The row of keys is one token where a vocabulary has it, ten where it has no part of it.
        check(&"!@#$%^&*()".repeat(500), 500, 500 * 10);
    }

    #[test]
    fn a_run_of_one_character_is_not_nothing() {
        // The longest token of any vocabulary has 128 bytes.
        for piece in ["a", "A", "_", "-", "=", " ", "\n", "ab"] {
            let text = piece.repeat(12_800 / piece.len());
            check(&text, 100, 12_800);
        }
    }

    #[test]
    fn usual_texts_are_not_said_to_be_unlike() {
        for text in [
            "Thanks for the update, I will look at the invoice tomorrow morning and let you know 🙂",
            "a",
            "",
            "| name | value |\n|------|-------|\n| one | 1 |\n",
            "----------------------------------------\nTotal: 12.50 USD\n",
            "snake_case_name = another_long_name_here",
        ] {
            for family in TokenFamily::ALL {
                let method = estimate(text, *family, None).method;
                assert!(!method.is_outside_fit, "{text} {family}");
            }
        }
    }

    /// A piece of any kind, many times.
    fn piece() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "The quick brown fox jumps over the lazy dog. ",
            "fn main() { let x = 1; }\n",
            "{\"a\": 1, \"b\": [2, 3]},\n",
            "préfère être là-bas ",
            "цена товара ",
            "価格は高い。",
            "😀",
            "👍🏽 ",
            "𝕳",
            "ꦀ",
            "!@#$%^&*()",
            "_",
            "-",
            "=-",
            "a",
            "ACGT",
            "\n",
            "\t",
            " ",
            "12,345;",
            "7",
            "e\u{301}",
            "\u{FE0F}",
        ]);
        (piece, 1_usize..400).prop_map(|(piece, times)| piece.repeat(times))
    }

    proptest! {
        #[test]
        fn more_text_never_takes_tokens_away(a in piece(), b in piece()) {
            let whole = TextProfile::of(&format!("{a}{b}"));
            let (a, b) = (TextProfile::of(&a), TextProfile::of(&b));
            for family in TokenFamily::ALL {
                let tokens = |profile: &TextProfile| -> TokenCount {
                    profile.estimate((*family).into(), None).value
                };
                let (a, b, whole) = (tokens(&a).get(), tokens(&b).get(), tokens(&whole).get());
                // Shares of accented and foreign words weigh all words of a text: a part may be weighed otherwise.
                prop_assert!(whole + 12 >= a.max(b) * 3 / 4, "{family}: {whole} of {a} and {b}");
            }
        }
    }
}
