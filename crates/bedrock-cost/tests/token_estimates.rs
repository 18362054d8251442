//! Estimates against counts of the vendors' tokenizers, on texts that the model was not fitted on.
//!
//! `cargo test -p bedrock-cost --test token_estimates -- --nocapture` prints the table. `tokens/README.md` says how the
//! counts were made and what a larger set gives.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(
    clippy::print_stdout,
    reason = "the table is for the reader of the test"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its fixtures; the crate reads nothing"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bedrock_cost::estimator::{TextProfile, TokenFamily};

/// One count of one text for one family.
struct Case {
    kind: String,
    family: TokenFamily,
    tokens: u64,
    estimated: u64,
    is_within: bool,
    words_rule: u64,
    characters_rule: u64,
}

fn per_mille(estimated: u64, tokens: u64) -> u64 {
    estimated.abs_diff(tokens) * 1_000 / tokens
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/token_texts");
    let counts = fs::read_to_string(folder.join("counts.csv")).unwrap();
    let mut lines = counts.lines();
    let families: Vec<TokenFamily> = lines
        .next()
        .unwrap()
        .split(',')
        .skip(4)
        .map(|name| name.parse().unwrap())
        .collect();
    let mut cases = Vec::new();
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let [file, _licence, _source, words, counts @ ..] = fields.as_slice() else {
            unreachable!("a row has four fields and the counts: {line}");
        };
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let profile = TextProfile::of(&text);
        assert_eq!(profile.words(), words.parse::<u64>().unwrap(), "{file}");
        for (family, tokens) in families.iter().zip(counts) {
            let tokens: u64 = tokens.parse().unwrap();
            let estimate = profile.estimate((*family).into(), None);
            cases.push(Case {
                kind: file.split('_').next().unwrap().to_owned(),
                family: *family,
                tokens,
                estimated: estimate.value.get(),
                is_within: (estimate.low.get()..=estimate.high.get()).contains(&tokens),
                words_rule: profile.words_rule().get(),
                characters_rule: profile.characters() / 4,
            });
        }
    }
    cases
}

/// The error that `percent` of the cases do not exceed, in thousandths of the count.
fn quantile(cases: &[&Case], percent: usize, estimated: fn(&Case) -> u64) -> u64 {
    let mut errors: Vec<u64> = cases
        .iter()
        .map(|case| per_mille(estimated(case), case.tokens))
        .collect();
    errors.sort_unstable();
    let at = (errors.len() * percent).div_ceil(100).max(1) - 1;
    errors.get(at).copied().unwrap()
}

fn within(cases: &[&Case]) -> usize {
    cases.iter().filter(|case| case.is_within).count()
}

fn row(name: &str, cases: &[&Case]) {
    let share = within(cases) * 100 / cases.len();
    let figures = [
        quantile(cases, 50, |case| case.estimated),
        quantile(cases, 90, |case| case.estimated),
        quantile(cases, 50, |case| case.words_rule),
        quantile(cases, 50, |case| case.characters_rule),
    ]
    .map(|error| format!("{:>3}.{}", error / 10, error % 10));
    println!(
        "{name:<12} {:>4} counts: median {}%, p90 {}%, in band {share:>3}% | words x 1.3 {}% | characters / 4 {}%",
        cases.len(),
        figures[0],
        figures[1],
        figures[2],
        figures[3],
    );
}

#[test]
fn estimates_are_near_the_counts_of_texts_not_fitted_on() {
    let cases = cases();
    let mut by_family: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    let mut by_kind: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in &cases {
        by_family.entry(case.family.name()).or_default().push(case);
        by_kind.entry(&case.kind).or_default().push(case);
    }
    for (name, cases) in by_kind.iter().chain(&by_family) {
        row(name, cases);
    }
    let all: Vec<&Case> = cases.iter().collect();
    row("all", &all);
    assert_eq!(by_family.len(), 10);
    for (name, cases) in by_family {
        assert!(
            quantile(&cases, 50, |case| case.estimated) <= 40,
            "{name}: median above 4%"
        );
        assert!(
            quantile(&cases, 90, |case| case.estimated) <= 140,
            "{name}: 90th percentile above 14%"
        );
        assert!(
            within(&cases) * 100 >= cases.len() * 85,
            "{name}: less than 85% in the band"
        );
    }
    assert!(
        within(&all) * 10 >= all.len() * 9,
        "less than 9 of 10 in the band"
    );
    // The rule of thumb is no rival.
    assert!(
        quantile(&all, 50, |case| case.words_rule) > 5 * quantile(&all, 50, |case| case.estimated)
    );
}
