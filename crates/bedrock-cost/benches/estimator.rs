//! How fast a text is read: megabytes a second of one core, by kind of text.
//!
//! `cargo bench -p bedrock-cost --bench estimator`

use bedrock_cost::estimator::{TextProfile, TokenFamily, estimate};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

/// Texts of `tests/fixtures/token_texts`.
const TEXTS: [(&str, &str); 4] = [
    (
        "prose",
        include_str!("../tests/fixtures/token_texts/prose_en.txt"),
    ),
    (
        "csv",
        include_str!("../tests/fixtures/token_texts/csv_1.txt"),
    ),
    (
        "code",
        include_str!("../tests/fixtures/token_texts/code_rust_4.txt"),
    ),
    (
        "cjk",
        include_str!("../tests/fixtures/token_texts/cjk_zh.txt"),
    ),
];

const MEGABYTE: usize = 1_000_000;

fn main() {
    divan::main();
}

#[divan::bench(args = ["prose", "csv", "code", "cjk"])]
fn megabyte(bencher: Bencher, kind: &str) {
    let text = TEXTS
        .iter()
        .find(|(name, _)| *name == kind)
        .map_or(String::new(), |(_, text)| {
            text.repeat(MEGABYTE / text.len())
        });
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| TextProfile::of(black_box(&text)));
}

#[divan::bench]
fn two_kilobytes() {
    let text = TEXTS.first().map_or("", |(_, text)| *text);
    black_box(estimate(black_box(text), TokenFamily::Claude47, None));
}
