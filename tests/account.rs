//! The simulated account on a loopback port of this process, so that a test reads what it was asked.

use jiff::{civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use sample_account::{FaultPlan, JournalEntry, SampleAccount, ledger::Ledger, program};
use std::{collections::BTreeMap, sync::mpsc, thread};
use tokio::sync::oneshot;

/// An account that answers until it is dropped.
pub(crate) struct Account {
    simulated: SampleAccount,
    as_of: Date,
    url: String,
    stop: Option<oneshot::Sender<()>>,
}

impl Account {
    /// Opens the account at noon of a day, such as `2024-12-05`.
    pub(crate) fn at(day: &str) -> Self {
        let as_of: Date = day.parse().unwrap();
        let noon = as_of.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap();
        let account = SampleAccount::new(noon.timestamp());
        let (tell_url, url) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = account.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let address = "127.0.0.1:0".parse().unwrap();
                let listener = program::LoopbackListener::bind(address).await.unwrap();
                let url = format!("http://{}", listener.address().unwrap());
                tell_url.send(url).unwrap();
                tokio::select! {
                    served = program::serve(listener, served, std::future::pending()) => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self {
            simulated: account,
            as_of,
            url: url.recv().unwrap(),
            stop: Some(stop),
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn as_of(&self) -> Date {
        self.as_of
    }

    /// Requests received since the last [`Self::forget`].
    pub(crate) fn requests(&self) -> u64 {
        self.simulated.counters().requests
    }

    /// The same by `service:Operation`.
    pub(crate) fn requests_by_operation(&self) -> BTreeMap<String, u64> {
        self.simulated.counters().by_operation
    }

    /// The newest requests, oldest first, at most 10,000.
    pub(crate) fn journal(&self) -> Vec<JournalEntry> {
        self.simulated.journal()
    }

    /// Answers that AWS charges for.
    pub(crate) fn billed(&self) -> u64 {
        self.simulated.counters().billed
    }

    /// What AWS charges for them, USD.
    pub(crate) fn charge_usd(&self) -> Decimal {
        self.simulated.counters().charge_usd
    }

    /// Answers that broke AWS's own model: a defect of the simulated account.
    pub(crate) fn broken_outputs(&self) -> u64 {
        self.simulated.counters().broken_outputs
    }

    pub(crate) fn forget(&self) {
        self.simulated.clear_journal();
    }

    /// Replaces the faults to come, such as `ce:GetCostAndUsage#2=throttle`.
    pub(crate) fn disturb(&self, rules: &[&str]) {
        let rules = rules.iter().map(|rule| rule.parse().unwrap());
        self.simulated.inject(rules.collect::<FaultPlan>());
    }

    /// The books behind the account.
    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::new(self.simulated.as_of())
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread has ended already where a test made it fail.
            stop.send(()).ok();
        }
    }
}
