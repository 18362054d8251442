//! How fast a text is read: megabytes a second of one core, by kind of text. The goal is 200 MB/s on English prose.
//!
//! `cargo bench -p bedrock-cost --bench estimator`

#[expect(dead_code, reason = "the workloads are for another benchmark")]
mod subject;

use bedrock_cost::estimator::{TextProfile, TokenFamily, estimate};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

#[divan::bench(args = ["prose", "code", "csv", "json", "html", "cjk"])]
fn megabyte(bencher: Bencher, kind: &str) {
    let text = subject::text(kind, 1_000_000);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| TextProfile::of(black_box(&text)));
}

#[divan::bench]
fn prompt_of_two_kilobytes(bencher: Bencher) {
    let text = subject::text("prose", 2_000);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| estimate(black_box(&text), TokenFamily::Claude47, None));
}
