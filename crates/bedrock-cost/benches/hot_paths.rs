//! The hot paths, as often as asked: what `tests/bench/instructions.sh` counts the instructions of.
//!
//! `hot_paths estimator 20` reads 100,000 bytes of English prose 20 times.

mod subject;

use bedrock_cost::{
    estimator::TextProfile,
    price_book::PriceBook,
    rules::find_savings,
    scenario::{estimate, estimate_model},
};
use std::hint::black_box;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` runs it too, with an argument of its own: then there is nothing to do.
    let [path, times] = arguments.as_slice() else {
        return;
    };
    let times = times.parse().unwrap_or(0);
    match path.as_str() {
        "estimator" => {
            let text = subject::text("prose", 100_000);
            repeat(times, || TextProfile::of(black_box(&text)));
        }
        "scenario" => {
            let models = vec!["anthropic.claude-haiku-4-5-20251001-v1:0".to_owned()];
            let scenario = subject::workload(models, None);
            repeat(times, || {
                estimate(PriceBook::embedded(), black_box(scenario.as_ref())?).ok()
            });
        }
        "scenarios" => {
            let all = subject::on_every_model();
            repeat(times, || {
                let ids = all.iter().map(|(scenario, id)| {
                    estimate_model(PriceBook::embedded(), black_box(scenario), id)
                });
                ids.flatten().count()
            });
        }
        "savings" => {
            let workload = subject::chatbot();
            repeat(times, || {
                find_savings(PriceBook::embedded(), black_box(workload.as_ref())?).ok()
            });
        }
        _ => {}
    }
}

fn repeat<T>(times: u32, run: impl Fn() -> T) {
    for _ in 0..times {
        black_box(run());
    }
}
