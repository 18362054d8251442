//! The fast pass counts what the plain one does, on every fixture and on any text.

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    #![expect(
        clippy::disallowed_methods,
        reason = "a test reads its fixtures; the crate reads nothing"
    )]

    use super::super::super::words::count_words;
    use super::super::{plain, scan};
    use proptest::prelude::*;
    use std::path::Path;

    #[track_caller]
    fn check(text: &str) {
        assert_eq!(scan(text), plain::scan(text), "{text:?}");
        let words = text.split_whitespace().count();
        assert_eq!(count_words(text), u64::try_from(words).unwrap(), "{text:?}");
    }

    #[test]
    fn every_fixture_has_the_same_counts_from_wherever_it_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/token_texts");
        let mut texts = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            check(&text);
            // Runs meet the eight-byte steps at every offset.
            for (at, _) in text.char_indices().skip(1).take(17) {
                let (start, rest) = text.split_at(at);
                check(start);
                check(rest);
            }
            texts += 1;
        }
        assert!(texts > 30, "{texts} fixtures");
    }

    #[test]
    fn every_pair_of_bytes_is_counted_alike() {
        for first in 0..0x80_u8 {
            for second in 0..0x80_u8 {
                let pair = [first, second].map(char::from);
                check(&String::from_iter(pair));
                check(&format!("a {}{} b", pair[0], pair[1]));
            }
        }
    }

    #[test]
    fn long_runs_are_counted_alike() {
        for piece in [
            "a",
            "A",
            "aB",
            "7",
            " ",
            "\n",
            "\t",
            "#",
            "-_",
            "!@#$%^&*()",
            "é",
            "漢",
            "\u{301}",
            "th",
            "qz",
            "a\u{3000}",
        ] {
            for times in [31, 32, 126, 127, 128, 254, 255, 256, 2_047, 2_048, 5_000] {
                check(&piece.repeat(times));
                check(&format!("x {} y", piece.repeat(times)));
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_counted_alike(text in any::<String>()) {
            check(&text);
        }

        #[test]
        fn any_mixture_is_counted_alike(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "the ", "a", "B", "word", "Word", "HTTP", "12", "345678", " ", "  ", "         ", "\n", "\r\n", "\t", "\u{B}",
                    "\u{C}", "\u{85}", "\u{A0}", "\u{3000}", "\u{2028}", "\u{1680}", "\u{1C}", "_", "==", "\"", "'", ".", ",", "é", "ß",
                    "漢字", "ひ", "цена", "…", "“", "e\u{301}", "🙂",
                ]),
                0..80,
            )
        ) {
            check(&pieces.concat());
        }
    }
}
