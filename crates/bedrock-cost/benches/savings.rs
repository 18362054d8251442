//! How long the optimization rules take over one workload, the choice between their findings included.
//!
//! `cargo bench -p bedrock-cost --bench savings`

#[expect(dead_code, reason = "texts and scenarios are for other benchmarks")]
mod subject;

use bedrock_cost::{price_book::PriceBook, rules::find_savings};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

#[divan::bench]
fn chatbot(bencher: Bencher) {
    let workload = subject::chatbot();
    bencher.bench(|| {
        let workload = black_box(workload.as_ref())?;
        find_savings(PriceBook::embedded(), workload).ok()
    });
}
