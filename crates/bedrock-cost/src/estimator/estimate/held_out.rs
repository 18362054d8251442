//! How far estimates are off on 740 texts that nothing was fitted on.
//!
//! `tokens/errors.md` is the table, and `UPDATE_TOKEN_ERRORS=1 cargo test -p bedrock-cost --lib held_out` writes it. The
//! texts belong to others and are not here: `tests/fixtures/held_out.csv` has their features and the counts of the
//! vendors' tokenizers.

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    #![expect(
        clippy::disallowed_methods,
        reason = "a test reads its fixtures; the crate reads nothing"
    )]

    use super::super::super::band::WordLength;
    use super::super::super::coefficients::FRACTION;
    use super::super::super::content::Content;
    use super::super::super::family::TokenFamily;
    use super::super::super::features::ONE;
    use super::super::{FEATURES, Rare, TextProfile};
    use std::collections::{BTreeMap, BTreeSet};
    use std::env;
    use std::fs;
    use std::path::Path;

    /// Features that are shares, stored in 1,024ths; the others are stored in ones.
    const SHARES: [usize; 6] = [49, 50, 51, 53, 54, 55];
    /// Texts of fewer tokens are in no quantile: one token more or less is a large share of them.
    const LEAST_TOKENS: u64 = 100;

    /// One text: what was read from it, and its tokens by family.
    struct Row {
        name: String,
        profile: TextProfile,
        tokens: Vec<(TokenFamily, u64)>,
    }

    fn folder() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
    }

    fn rows() -> Vec<Row> {
        let table = fs::read_to_string(folder().join("held_out.csv")).unwrap();
        let mut lines = table.lines();
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        let [_, _, _, _, _, _, families @ ..] = header.as_slice() else {
            unreachable!("the header names six fields and the families: {header:?}");
        };
        lines
            .map(|line| {
                let fields: Vec<&str> = line.split(',').collect();
                let [
                    name,
                    content,
                    bytes,
                    characters,
                    words,
                    features,
                    counts @ ..,
                ] = fields.as_slice()
                else {
                    unreachable!("a row has six fields and the counts: {line}");
                };
                let number = |text: &str| text.parse::<u64>().unwrap();
                Row {
                    name: (*name).to_owned(),
                    profile: TextProfile {
                        features: read_features(features),
                        rare: Rare::default(),
                        bytes: number(bytes),
                        characters: number(characters),
                        words: number(words),
                        content: content.parse().unwrap(),
                    },
                    tokens: families
                        .iter()
                        .zip(counts)
                        .map(|(family, count)| (family.parse().unwrap(), number(count)))
                        .collect(),
                }
            })
            .collect()
    }

    /// Reads `0:12 7:3`: the features that are not 0.
    fn read_features(text: &str) -> [i64; FEATURES] {
        let mut features = [0; FEATURES];
        for pair in text.split(' ') {
            let (at, value) = pair.split_once(':').unwrap();
            let at: usize = at.parse().unwrap();
            let value: i64 = value.parse().unwrap();
            *features.get_mut(at).unwrap() = if SHARES.contains(&at) {
                value
            } else {
                value * ONE
            };
        }
        features
    }

    /// One count of one text for one family.
    struct Case {
        kind: String,
        content: Content,
        words: WordLength,
        /// Which half of the texts: every second of a kind is in the other.
        half: usize,
        family: &'static str,
        tokens: u64,
        estimated: u64,
        is_within: bool,
        words_rule: u64,
        characters_rule: u64,
    }

    impl Case {
        /// What `band.rs` tells apart.
        fn band(&self) -> (Content, WordLength) {
            let words = match (self.content, self.words) {
                (Content::Prose, WordLength::Long) | (Content::Cjk, WordLength::Short) => {
                    self.words
                }
                _ => WordLength::Usual,
            };
            (self.content, words)
        }
    }

    fn cases() -> Vec<Case> {
        let mut cases = Vec::new();
        for (place, row) in rows().into_iter().enumerate() {
            let Some((kind, _)) = row.name.split_once("__") else {
                continue;
            };
            for (family, tokens) in row.tokens {
                if tokens < LEAST_TOKENS {
                    continue;
                }
                let estimate = row.profile.estimate(family.into(), None);
                cases.push(Case {
                    kind: kind.to_owned(),
                    content: row.profile.content(),
                    words: row.profile.word_length(),
                    half: place % 2,
                    family: family.name(),
                    tokens,
                    estimated: estimate.value.get(),
                    is_within: (estimate.low.get()..=estimate.high.get()).contains(&tokens),
                    words_rule: row.profile.words_rule().get(),
                    characters_rule: row.profile.characters() / 4,
                });
            }
        }
        cases
    }

    /// The absolute error that `percent` of the cases do not exceed, in thousandths of the count.
    fn quantile(cases: &[&Case], percent: usize, estimated: fn(&Case) -> u64) -> u64 {
        let mut errors: Vec<u64> = cases
            .iter()
            .map(|case| estimated(case).abs_diff(case.tokens) * 1_000 / case.tokens)
            .collect();
        errors.sort_unstable();
        let at = (errors.len() * percent).div_ceil(100).max(1) - 1;
        errors.get(at).copied().unwrap_or(0)
    }

    fn within(cases: &[&Case]) -> usize {
        cases.iter().filter(|case| case.is_within).count() * 1_000 / cases.len().max(1)
    }

    /// `2.8% | 12.6%`: median and 95th percentile.
    fn both(cases: &[&Case], estimated: fn(&Case) -> u64) -> String {
        let [median, high] = [50, 95].map(|percent| quantile(cases, percent, estimated));
        let percent = |error: u64| format!("{}.{}%", error / 10, error % 10);
        format!("{} | {}", percent(median), percent(high))
    }

    /// A line of the tables of `tokens/errors.md`.
    fn row(name: &str, cases: &[&Case]) -> String {
        let in_band = within(cases);
        format!(
            "| {name} | {} | {} | {}.{}% | {} | {} |\n",
            cases.len(),
            both(cases, |case| case.estimated),
            in_band / 10,
            in_band % 10,
            both(cases, |case| case.words_rule),
            both(cases, |case| case.characters_rule),
        )
    }

    /// A table of `tokens/errors.md`.
    fn table<'a>(
        title: &str,
        first: &str,
        groups: impl Iterator<Item = (String, &'a Vec<&'a Case>)>,
    ) -> String {
        let rows: String = groups.map(|(name, cases)| row(&name, cases)).collect();
        format!(
            "\n## {title}\n\n| {first} | counts | median | 95% | in band | words x 1.3: median | 95% | characters / 4: median | 95% |\n\
             |{}\n{rows}",
            "---|".repeat(9)
        )
    }

    /// What `tokens/errors.md` begins with.
    const ABOUT: &str = "# Errors of the token estimates\n\n\
        Absolute errors on texts that nothing was fitted on but the width of the band, of 100 tokens and more: median and 95th percentile, \
        the counts inside the stated band, and the same for the rules of thumb.\n\
        Computed from `tests/fixtures/held_out.csv`, and compared with this page, by `src/estimator/estimate/held_out.rs`; [README.md](README.md) says what the texts are.\n";

    #[test]
    fn held_out_texts_are_estimated_within_the_goals() {
        let cases = cases();
        let mut by_family: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
        let mut by_kind: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
        let mut by_both: BTreeMap<(&str, &str), Vec<&Case>> = BTreeMap::new();
        for case in &cases {
            by_family.entry(case.family).or_default().push(case);
            by_kind.entry(&case.kind).or_default().push(case);
            by_both
                .entry((case.family, &case.kind))
                .or_default()
                .push(case);
        }
        let all: Vec<&Case> = cases.iter().collect();
        let total = [("all".to_owned(), &all)];
        let named = |(name, cases): (&&str, _)| ((*name).to_owned(), cases);
        let document = [
            ABOUT.to_owned(),
            table(
                "By family",
                "family",
                by_family
                    .iter()
                    .map(|(name, cases)| (format!("`{name}`"), cases))
                    .chain(total),
            ),
            table("By kind of text", "kind", by_kind.iter().map(named)),
            table(
                "By family and kind of text",
                "family, kind",
                by_both
                    .iter()
                    .map(|((family, kind), cases)| (format!("`{family}` {kind}"), cases)),
            ),
        ]
        .concat();
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("tokens/errors.md");
        if env::var_os("UPDATE_TOKEN_ERRORS").is_some() {
            fs::write(&page, &document).unwrap();
        }
        let kept = fs::read_to_string(&page).unwrap();
        let differs = document.lines().zip(kept.lines()).find(|(a, b)| a != b);
        assert_eq!(differs, None, "UPDATE_TOKEN_ERRORS=1 writes the page anew");
        assert_eq!(document, kept);
        assert_eq!(by_family.len(), 10);
        for ((family, kind), cases) in &by_both {
            let inside = within(cases);
            assert!(inside >= 900, "{family} {kind}: {inside} per mille");
        }
        for (name, cases) in &by_family {
            assert!(cases.len() > 600, "{name}: {} counts", cases.len());
            let median = quantile(cases, 50, |case| case.estimated);
            assert!(median <= 33, "{name}: median {median} per mille");
            let high = quantile(cases, 95, |case| case.estimated);
            assert!(high <= 130, "{name}: 95th percentile {high} per mille");
            assert!(within(cases) >= 900, "{name}: less than 90% in the band");
            // The rules of thumb are no rivals.
            assert!(quantile(cases, 50, |case| case.words_rule) > 5 * median);
            assert!(quantile(cases, 50, |case| case.characters_rule) > 4 * median);
        }
    }

    /// The half-width in thousandths of the estimate that 94 of 100 cases of each content need in every family, which is
    /// where the widths of `band.rs` begin.
    fn widths(cases: &[&Case]) -> BTreeMap<(Content, WordLength), u64> {
        let mut needed: BTreeMap<_, Vec<u64>> = BTreeMap::new();
        for case in cases {
            let off = case.estimated.abs_diff(case.tokens);
            let beyond = off.saturating_sub(case.estimated.isqrt() + 1);
            let share = (beyond * 1_000).div_ceil(case.estimated.max(1));
            let of_family = (case.band(), case.family);
            needed.entry(of_family).or_default().push(share);
        }
        let of = |mut shares: Vec<u64>| {
            shares.sort_unstable();
            let at = (shares.len() * 94).div_ceil(100).max(1) - 1;
            shares.get(at).copied().unwrap_or(0)
        };
        let mut widths = BTreeMap::new();
        for ((band, _), shares) in needed {
            let widest = widths.entry(band).or_insert(0);
            *widest = of(shares).max(*widest);
        }
        widths
    }

    /// The widths of `band.rs` were fitted on all of these texts. Fitted on one half, they are judged by the other.
    #[test]
    fn a_band_fitted_on_one_half_holds_nine_of_ten_counts_of_the_other() {
        let cases = cases();
        let mut by_kind: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for fitted in [0, 1] {
            let half: Vec<&Case> = cases.iter().filter(|case| case.half == fitted).collect();
            let widths = widths(&half);
            for case in cases.iter().filter(|case| case.half != fitted) {
                let share = widths.get(&case.band()).copied().unwrap_or(0);
                let width = (case.estimated * share).div_ceil(1_000) + case.estimated.isqrt() + 1;
                let is_within = case.estimated.abs_diff(case.tokens) <= width;
                for kind in [case.kind.as_str(), "all"] {
                    let (inside, total) = by_kind.entry(kind).or_default();
                    *inside += usize::from(is_within);
                    *total += 1;
                }
            }
        }
        for (kind, (inside, total)) in &by_kind {
            let share = inside * 1_000 / total;
            assert!(share >= 900, "{kind}: {inside} of {total}");
        }
        let (inside, total) = by_kind.get("all").copied().unwrap_or_default();
        assert!(
            total > 6_000 && inside * 10 >= total * 9,
            "{inside} of {total}"
        );
    }

    #[test]
    fn bounds_and_groups_change_no_usual_text() {
        let mut changed = BTreeSet::new();
        let mut outside = BTreeSet::new();
        let mut counts = 0;
        for row in rows() {
            for (family, tokens) in &row.tokens {
                let raw = row.profile.raw((*family).into());
                assert!(raw.fewest <= *tokens, "{} {family}: {tokens}", row.name);
                let linear: i128 = row
                    .profile
                    .features
                    .iter()
                    .zip(family.coefficients())
                    .map(|(feature, coefficient)| i128::from(*feature) * i128::from(*coefficient))
                    .sum();
                let one = i128::from(ONE) * i128::from(FRACTION);
                // A token has a byte or more.
                let linear = linear.min(i128::from(row.profile.bytes) * one);
                let off = i128::from(raw.tokens) * one - linear;
                if off.abs() > 4 * one + linear / 100 {
                    changed.insert(row.name.clone());
                }
                if raw.is_outside {
                    outside.insert(row.name.clone());
                }
                counts += 1;
            }
        }
        assert!(counts > 7_000, "{counts} counts");
        // One text has 72 characters of a script that no other has.
        assert!(changed.len() <= 3, "{changed:?}");
        assert!(outside.len() <= 3, "{outside:?}");
    }

    #[test]
    fn the_features_of_the_table_are_those_that_a_text_has() {
        let texts = folder().join("token_texts");
        let mut checked = 0;
        for row in rows() {
            // The texts of these rows are here.
            let Some(file) = row.name.strip_prefix("token_texts/") else {
                continue;
            };
            let text = fs::read_to_string(texts.join(file)).unwrap();
            assert_eq!(TextProfile::of(&text), row.profile, "{file}");
            checked += 1;
        }
        assert!(checked > 30, "{checked} texts");
    }
}
