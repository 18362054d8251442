//! What outlives a process: answers of AWS that still hold, and the ledger of what this server spent on requests.
//!
//! Nothing is opened before the first request that is billed or whose answer is kept. All work on the file is done off the
//! thread that answers calls. Where the file is of no use, everything is answered without it: nothing is kept, and the
//! spend limit counts what this process spent.

mod answers;
mod desk;
pub(crate) mod freshness;
mod ledger;
pub(crate) mod limit;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use answers::{
    Answer, Digest, Kept, Listed, MOST_BYTES_OF_ONE, NewAnswer, Question, digest,
};
pub(crate) use desk::Overview;

use crate::config::{self, Account};
use desk::{Asking, Desk};
use limit::{LimitReached, MicroUsd, SpendLimit};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    sync::{Mutex as Turn, OwnedMutexGuard},
    task::spawn_blocking,
    time::{Instant, sleep},
};

/// How long one waits for another process that asks the same; AWS answers within a few seconds, or not at all.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often one looks whether the other has its answer.
const LOOK: Duration = Duration::from_millis(50);

/// Where the state is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the user's data folder.
    DataFolder,
    File(PathBuf),
    /// Nowhere: nothing is kept, and the spend limit counts what this process spent.
    Nowhere,
}

/// The state of an account. Making one does nothing.
#[derive(Clone, Debug)]
pub(crate) struct State(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    place: Place,
    desk: Mutex<Desk>,
    turns: Mutex<HashMap<Digest, Weak<Turn<()>>>>,
}

/// A request before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    /// None where the answer is not kept.
    pub(crate) question: Option<Arc<Question>>,
    pub(crate) operation: String,
    pub(crate) price: MicroUsd,
    /// Ask AWS, whatever is kept.
    pub(crate) anew: bool,
}

/// What is to be done about a request.
#[derive(Debug)]
pub(crate) enum Begun {
    /// Nothing: this is the answer.
    Kept(Kept),
    /// Send it, and settle it with what came.
    Ask(Ticket),
    /// It would go over the spend limit.
    Refused(LimitReached),
}

/// What became of a request that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    /// AWS answered, under this request id, and charges for it.
    Paid(String),
    /// AWS refused it, or it was never sent: it is not charged.
    None,
    /// Nobody knows; it counts as spent.
    Unknown,
}

/// A request under way. Dropped before it is settled, its price stays counted and the next may ask.
#[derive(Debug)]
pub(crate) struct Ticket {
    state: State,
    asking: Option<Asking>,
    question: Option<Arc<Question>>,
    /// Held while nobody else in this process may ask the same.
    _turn: Option<OwnedMutexGuard<()>>,
}

/// What was done, and why it was done without the file where it was.
#[derive(Debug)]
pub(crate) struct Done<T> {
    pub(crate) value: T,
    pub(crate) problem: Option<String>,
}

impl State {
    pub(crate) fn new(account: Account, place: Place, limit: SpendLimit) -> Self {
        Self(Arc::new(Inner {
            desk: Mutex::new(Desk::new(account, place.clone(), limit)),
            place,
            turns: Mutex::default(),
        }))
    }

    /// True where answers are kept.
    pub(crate) fn keeps(&self) -> bool {
        self.0.place != Place::Nowhere
    }

    /// Begins a request: gives the answer that is kept, or leave to send it. Of those who ask the same at the same time,
    /// in this process and others, one asks and the others wait for its answer.
    pub(crate) async fn begin(&self, intent: &Intent) -> Done<Begun> {
        let turn = match &intent.question {
            Some(question) if !intent.anew => Some(self.turn(question.key).await),
            _ => None,
        };
        let started = Instant::now();
        loop {
            let (asked, waited) = (intent.clone(), started.elapsed() >= PATIENCE);
            let done = self
                .at_desk(move |desk| desk.begin(&asked, waited, config::clock()))
                .await;
            let value = match done.value {
                desk::Begun::Kept(kept) => Begun::Kept(kept),
                desk::Begun::Refused(reached) => Begun::Refused(reached),
                desk::Begun::Ask(asking) => Begun::Ask(Ticket {
                    state: self.clone(),
                    asking: Some(asking),
                    question: intent.question.clone(),
                    _turn: turn,
                }),
                desk::Begun::Wait => {
                    sleep(LOOK).await;
                    continue;
                }
            };
            return Done {
                value,
                problem: done.problem,
            };
        }
    }

    /// Adds what an answered request turned out to cost beyond its price.
    pub(crate) async fn spent_more(
        &self,
        operation: &'static str,
        request_id: &str,
        price: MicroUsd,
    ) {
        let request_id = request_id.to_owned();
        self.at_desk(move |desk| desk.spent_more(operation, request_id, price, config::clock()))
            .await;
    }

    /// Whom an access key stands for, where that is known.
    pub(crate) async fn caller(&self, access_key: Digest) -> Option<Digest> {
        self.at_desk(move |desk| desk.caller(access_key)).await
    }

    /// Remembers whom an access key stands for.
    pub(crate) async fn remember_caller(&self, access_key: Digest, identity: Digest) {
        self.at_desk(move |desk| desk.remember_caller(access_key, identity))
            .await;
    }

    /// Where the state is, what it holds and what was spent.
    pub(crate) async fn overview(&self) -> Overview {
        self.at_desk(|desk| desk.overview(config::clock())).await
    }

    /// Everything that is kept, newest first.
    ///
    /// # Errors
    ///
    /// What is wrong with the file.
    pub(crate) async fn list(&self) -> Result<Vec<Listed>, String> {
        self.at_desk(|desk| desk.list(config::clock())).await
    }

    /// Forgets every answer, and returns how many there were. The ledger stays.
    ///
    /// # Errors
    ///
    /// What is wrong with the file.
    pub(crate) async fn clear(&self) -> Result<usize, String> {
        self.at_desk(Desk::clear).await
    }

    /// Does something with the file, which may take as long as other processes write to it.
    async fn at_desk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Desk) -> T + Send + 'static,
    ) -> T {
        if !self.keeps() {
            // Without a file nothing takes time, and requests go out in the order in which they were made.
            return work(&mut self.0.desk.lock().unwrap_or_else(PoisonError::into_inner));
        }
        let inner = Arc::clone(&self.0);
        let done = spawn_blocking(move || {
            work(&mut inner.desk.lock().unwrap_or_else(PoisonError::into_inner))
        });
        match done.await {
            Ok(value) => value,
            // The runtime ends, or the work failed as no work does: there is nothing to answer with.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => std::future::pending().await,
            },
        }
    }

    async fn turn(&self, key: Digest) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let waiting = turns.get(&key).and_then(Weak::upgrade);
            waiting.unwrap_or_else(|| {
                let turn = Arc::default();
                turns.insert(key, Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }
}

impl Ticket {
    /// How often [`Self::renew`] has to be called while the request is under way.
    pub(crate) const RENEWED_EVERY: Duration = Duration::from_millis(700);

    /// Says that the request is still under way, so that others go on waiting for its answer.
    pub(crate) fn renew(&self) {
        if let Some(asking) = self.asking.clone().filter(Asking::is_leased) {
            self.without_waiting(move |desk| desk.renew(&asking, config::clock()));
        }
    }

    /// Writes down what the request cost, and keeps its answer. Returns what is wrong with the file.
    pub(crate) async fn settle(
        mut self,
        charge: Charge,
        answer: Option<NewAnswer>,
    ) -> Option<String> {
        let asking = self.asking.take()?;
        let question = self.question.clone();
        self.state
            .at_desk(move |desk| {
                let kept = question.as_deref().zip(answer.as_ref());
                desk.settle(&asking, &charge, kept, config::clock())
            })
            .await
    }

    fn without_waiting(&self, work: impl FnOnce(&mut Desk) + Send + 'static) {
        let inner = Arc::clone(&self.state.0);
        // Outside a runtime the program is at its end.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn_blocking(move || {
                work(&mut inner.desk.lock().unwrap_or_else(PoisonError::into_inner));
            });
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(asking) = self.asking.take().filter(Asking::is_leased) {
            self.without_waiting(move |desk| desk.abandon(&asking));
        }
    }
}
