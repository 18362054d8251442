//! Processes killed in the middle of spending: nothing they were charged is lost from the ledger or counted twice, the
//! limit holds, and the database stays sound.
//!
//! `BEDROCK_COST_CRASHES=1000 cargo test --test it crash -- --nocapture` runs it at length.

use crate::{account::Account, client::Era, program::PATIENCE, stdio::Stdio};
use rusqlite::Connection;
use serde_json::json;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Processes that spend at the same time.
const TOGETHER: u64 = 8;
/// Without the environment asking for more.
const CRASHES: u64 = 48;
/// A process lives for less than this: long enough for some answers.
const LONGEST_LIFE_MS: u64 = 300;

/// What the processes share.
struct Spending {
    account: Account,
    state: PathBuf,
    /// Each question is another, so that none is answered from the cache.
    asked: AtomicU64,
    kills: AtomicU64,
    limit_cents: u64,
}

impl Spending {
    /// Starts a process, lets it spend, and kills it at a moment that nobody chose: one of four perhaps before it had its
    /// first answer, the others after it.
    fn crash(&self, random: &mut u64) {
        let (dollars, cents) = (self.limit_cents / 100, self.limit_cents % 100);
        // Of a month, since a day may end while this runs.
        let limit = format!("{dollars}.{cents:02}/month");
        let state = self.state.to_str().unwrap();
        let arguments = ["--state", state, "--spend-limit", limit.as_str()];
        let mut client = Stdio::open(Era::Modern, Some(&self.account), &arguments);
        // Two requests are under way at any time.
        let begin = |client: &mut Stdio| {
            let number = self.asked.fetch_add(1, Ordering::Relaxed);
            let arguments = json!({
                "operation": "getDimensionValues", "dimension": "SERVICE", "search_string": format!("q{number}"),
                "start_date": "2024-11-01", "end_date": "2024-12-01",
            });
            client.begin(
                "tools/call",
                json!({"name": "cost_explorer", "arguments": arguments}),
            );
        };
        begin(&mut client);
        begin(&mut client);
        if !next(random).is_multiple_of(4) && client.received_within(PATIENCE) {
            begin(&mut client);
        }
        let ends = Instant::now() + Duration::from_millis(next(random) % LONGEST_LIFE_MS);
        while let Some(left) = ends.checked_duration_since(Instant::now()) {
            if client.received_within(left) {
                begin(&mut client);
            }
        }
        client.kill();
        self.kills.fetch_add(1, Ordering::Relaxed);
    }
}

/// The next number of a linear congruential generator (Knuth's MMIX), without its weak low bits.
fn next(random: &mut u64) -> u64 {
    *random = random
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *random >> 33
}

#[test]
fn processes_killed_while_they_spend_lose_and_double_nothing() {
    let crashes = std::env::var("BEDROCK_COST_CRASHES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(CRASHES);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crash");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    let spending = Spending {
        account: Account::at("2024-12-05"),
        state: folder.join("state"),
        asked: AtomicU64::new(0),
        kills: AtomicU64::new(0),
        // It is reached before the end.
        limit_cents: crashes,
    };
    thread::scope(|scope| {
        for number in 0..TOGETHER {
            let spending = &spending;
            scope.spawn(move || {
                let mut random = 0x5eed + number;
                for _ in 0..crashes.div_ceil(TOGETHER) {
                    spending.crash(&mut random);
                }
            });
        }
    });
    check(&spending);
}

#[expect(clippy::print_stdout, reason = "a long run is made for its counts")]
fn check(spending: &Spending) {
    let kills = spending.kills.load(Ordering::Relaxed);
    let charged: BTreeSet<String> = spending
        .account
        .journal()
        .into_iter()
        .filter(|entry| entry.billed)
        .map(|entry| entry.request_id)
        .collect();
    let ledger = Connection::open(&spending.state).unwrap();
    let verdict: String = ledger
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    let mut entries = ledger
        .prepare("SELECT request_id, micro_usd FROM requests")
        .unwrap();
    let entries: Vec<(Option<String>, i64)> = entries
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let paid: Vec<&String> = entries.iter().filter_map(|(id, _)| id.as_ref()).collect();
    let unanswered = entries.len() - paid.len();
    println!(
        "{kills} kills of {TOGETHER} processes: {} requests charged, {} in the ledger as paid, {unanswered} as never \
         answered, limit {} requests",
        charged.len(),
        paid.len(),
        spending.limit_cents,
    );
    let distinct: BTreeSet<&String> = paid.iter().copied().collect();
    assert_eq!(distinct.len(), paid.len(), "a request is counted twice");
    let unknown: Vec<_> = distinct
        .iter()
        .filter(|id| !charged.contains(**id))
        .collect();
    assert!(unknown.is_empty(), "AWS charged nothing for {unknown:?}");
    let lost = charged.len() - distinct.len();
    assert!(
        lost <= unanswered,
        "{lost} charges for {unanswered} entries"
    );
    assert!(
        unanswered as u64 <= 2 * kills,
        "each process had two requests under way"
    );
    let spent: i64 = entries.iter().map(|(_, price)| price).sum();
    let limit = i64::try_from(spending.limit_cents).unwrap() * 10_000;
    assert!(spent <= limit, "{spent} of {limit}");
    assert!(charged.len() as u64 <= spending.limit_cents);
    assert!(!paid.is_empty(), "nothing was spent");
    assert!(
        entries.iter().all(|(_, price)| *price == 10_000),
        "a price is wrong"
    );
}
