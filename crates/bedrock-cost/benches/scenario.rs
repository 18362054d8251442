//! How long a scenario takes: one model, with a goal of 50 microseconds, and every model with its plans, 10 milliseconds.
//!
//! `cargo bench -p bedrock-cost --bench scenario`

#[expect(dead_code, reason = "the texts are for another benchmark")]
mod subject;

use bedrock_cost::{
    price_book::PriceBook,
    scenario::{estimate, estimate_model},
};
use divan::{Bencher, black_box, counter::ItemsCount};

fn main() {
    divan::main();
}

#[divan::bench]
fn one_model(bencher: Bencher) {
    let models = vec!["anthropic.claude-haiku-4-5-20251001-v1:0".to_owned()];
    let scenario = subject::workload(models, None);
    bencher.bench(|| {
        let scenario = black_box(scenario.as_ref())?;
        estimate(PriceBook::embedded(), scenario).ok()
    });
}

#[divan::bench]
fn every_model(bencher: Bencher) {
    let all = subject::on_every_model();
    bencher.counter(ItemsCount::new(all.len())).bench(|| {
        for (scenario, id) in black_box(&all) {
            let _ = black_box(estimate_model(PriceBook::embedded(), scenario, id));
        }
    });
}
