//! Everything that is done with the state, one piece of work at a time.

use super::{
    Charge, Intent, Place,
    answers::{self, Digest, Kept, Listed, NewAnswer, Question, digest},
    ledger::{self, Entry},
    limit::{LimitReached, MicroUsd, SpendLimit, Spent},
    store::{Store, StoreError, Whose},
};
use crate::config::{self, Account};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// A file that was of no use is tried again after this time: to find it locked takes five seconds.
const PAUSE: Duration = Duration::from_secs(30);
/// So many cached questions are named where the limit is reached.
const LABELS: u32 = 3;

/// The open file, or why there is none, and what could not be written to it.
#[derive(Debug)]
pub(super) struct Desk {
    account: Account,
    place: Place,
    limit: SpendLimit,
    store: Option<Store>,
    trouble: Option<(String, Instant)>,
    /// What this process spent and the file does not hold.
    unsaved: Vec<(u64, Entry)>,
    begun: u64,
    /// What the file last said of the day and month.
    known: Option<(Date, Spent)>,
}

/// What is to be done about a request.
#[derive(Debug)]
pub(super) enum Begun {
    Kept(Kept),
    Ask(Asking),
    /// Another process is asking the same.
    Wait,
    Refused(LimitReached),
}

/// A request under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asking {
    entry: Option<Reserved>,
    /// The question whose lease is held, and by which number.
    lease: Option<(Digest, i64)>,
}

impl Asking {
    pub(super) fn is_leased(&self) -> bool {
        self.lease.is_some()
    }
}

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reserved {
    InFile(i64),
    Unsaved(u64),
}

/// Why something is done without the file.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Without {
    /// It was asked for.
    Choice,
    Trouble(String),
}

impl Without {
    fn problem(self) -> Option<String> {
        match self {
            Self::Choice => None,
            Self::Trouble(problem) => Some(problem),
        }
    }
}

/// Where the state is, what it holds and what was spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Overview {
    /// None where the state is kept nowhere.
    pub(crate) path: Option<PathBuf>,
    pub(crate) problem: Option<String>,
    pub(crate) file_bytes: u64,
    pub(crate) answers: i64,
    pub(crate) answer_bytes: i64,
    pub(crate) spent: Spent,
    /// Requests of this month that were paid.
    pub(crate) paid: i64,
    /// Requests of this month whose answer never came; they count as spent.
    pub(crate) unanswered: i64,
    pub(crate) limit: SpendLimit,
}

impl Desk {
    pub(super) fn new(account: Account, place: Place, limit: SpendLimit) -> Self {
        Self {
            account,
            place,
            limit,
            store: None,
            trouble: None,
            unsaved: Vec::new(),
            begun: 0,
            known: None,
        }
    }

    /// Looks for a kept answer, or else reserves the price of the request. `waited` is true for whom another process let
    /// wait for too long.
    pub(super) fn begin(
        &mut self,
        intent: &Intent,
        waited: bool,
        now: Timestamp,
    ) -> super::Done<Begun> {
        let question = intent.question.as_deref();
        let looked_for = question.filter(|_| !intent.anew);
        let found = looked_for.map_or(Ok(None), |question| self.find(question, now));
        let done = match found {
            Ok(Some(kept)) => Ok(Begun::Kept(kept)),
            Ok(None) if intent.price == MicroUsd(0) => Ok(Begun::Ask(Asking {
                entry: None,
                lease: None,
            })),
            Ok(None) => self.reserve(intent, looked_for, waited, now),
            Err(without) => Err(without),
        };
        let (mut value, problem) = match done {
            Ok(begun) => (begun, self.began_anew()),
            Err(without) => (self.reserve_unsaved(intent, now), without.problem()),
        };
        if let (Begun::Refused(reached), Some(question)) = (&mut value, question) {
            let found = self.with(|store| {
                store.read(|file| {
                    answers::labels(
                        file,
                        &question.identity,
                        &question.service,
                        now.as_second(),
                        LABELS,
                    )
                })
            });
            reached.cached = found.unwrap_or_default();
        }
        super::Done { value, problem }
    }

    fn find(&mut self, question: &Question, now: Timestamp) -> Result<Option<Kept>, Without> {
        let now = now.as_second();
        let found = self.with(|store| store.read(|file| answers::find(file, question, now)))?;
        let Some(found) = found else {
            return Ok(None);
        };
        if found.note {
            // An answer is not worse for a use that could not be noted.
            let _ =
                self.with(|store| store.write(|file| answers::note_use(file, &question.key, now)));
        }
        Ok(Some(found.kept))
    }

    /// Looks again, now that nobody else can write, and takes the lease and the reservation together.
    fn reserve(
        &mut self,
        intent: &Intent,
        looked_for: Option<&Question>,
        waited: bool,
        now: Timestamp,
    ) -> Result<Begun, Without> {
        self.begun += 1;
        let (account, limit, holder) = (account_name(self.account), self.limit, self.holder(now));
        let entry = entry(intent.operation.clone(), intent.price, now);
        let unsaved = std::mem::take(&mut self.unsaved);
        // What is under way keeps its place; the rest goes into the file where it can be written again.
        let (settled, under_way): (Vec<_>, Vec<_>) = unsaved
            .into_iter()
            .partition(|(_, entry)| entry.request_id.is_some());
        let beside = ledger::sum(under_way.iter().map(|(_, entry)| entry), entry.day);
        let leased = looked_for.filter(|_| !waited);
        let done = self.with(|store| {
            store.write(|file| {
                if let Some(question) = looked_for
                    && let Some(found) = answers::find(file, question, now.as_second())?
                {
                    return Ok(Begun::Kept(found.kept));
                }
                if let Some(question) = leased
                    && !answers::lease(file, &question.key, holder, now.as_millisecond())?
                {
                    return Ok(Begun::Wait);
                }
                let lost = ledger::sum(settled.iter().map(|(_, entry)| entry), entry.day);
                let reserved = match ledger::reserve(file, account, &entry, limit, beside + lost)? {
                    Ok(reserved) => reserved,
                    Err(reached) => {
                        if let Some(question) = leased {
                            answers::end_lease(file, &question.key, holder)?;
                        }
                        return Ok(Begun::Refused(reached));
                    }
                };
                for (_, entry) in &settled {
                    ledger::add(file, account, entry)?;
                }
                Ok(Begun::Ask(Asking {
                    entry: Some(Reserved::InFile(reserved)),
                    lease: leased.map(|question| (question.key, holder)),
                }))
            })
        });
        self.unsaved = under_way;
        if !matches!(done, Ok(Begun::Ask(_))) {
            self.unsaved.extend(settled);
        }
        done
    }

    /// Holds the limit without writing to the file: with what it last said, and what this process spent since.
    fn reserve_unsaved(&mut self, intent: &Intent, now: Timestamp) -> Begun {
        let free = Asking {
            entry: None,
            lease: None,
        };
        if intent.price == MicroUsd(0) {
            return Begun::Ask(free);
        }
        let entry = entry(intent.operation.clone(), intent.price, now);
        let spent = self.spent(entry.day);
        if let Err(reached) = self.limit.admits(spent, entry.price) {
            return Begun::Refused(reached);
        }
        self.begun += 1;
        self.unsaved.push((self.begun, entry));
        Begun::Ask(Asking {
            entry: Some(Reserved::Unsaved(self.begun)),
            ..free
        })
    }

    /// What was spent: in the file as far as it can be read, and beside it.
    fn spent(&mut self, today: Date) -> Spent {
        let account = account_name(self.account);
        // Full and locked files can often still be read.
        if let Some(store) = &mut self.store
            && let Ok(spent) = store.read(|file| ledger::spent(file, account, today))
        {
            self.known = Some((today, spent));
        }
        let known = self.known.map_or(Spent::default(), |(day, spent)| Spent {
            day: if day == today { spent.day } else { MicroUsd(0) },
            month: if day.first_of_month() == today.first_of_month() {
                spent.month
            } else {
                MicroUsd(0)
            },
        });
        known + ledger::sum(self.unsaved.iter().map(|(_, entry)| entry), today)
    }

    /// Writes down what became of a request. Returns what is wrong with the file.
    pub(super) fn settle(
        &mut self,
        asking: &Asking,
        charge: &Charge,
        answer: Option<(&Question, &NewAnswer)>,
        now: Timestamp,
    ) -> Option<String> {
        let mut in_file = None;
        match asking.entry {
            Some(Reserved::InFile(id)) => in_file = Some(id),
            Some(Reserved::Unsaved(number)) => self.settle_unsaved(number, charge),
            None => {}
        }
        if in_file.is_none() && asking.lease.is_none() && answer.is_none() {
            return None;
        }
        let done = self.with(|store| {
            store.write(|file| {
                match (in_file, charge) {
                    (Some(id), Charge::Paid(request_id)) => ledger::confirm(file, id, request_id)?,
                    (Some(id), Charge::None) => ledger::release(file, id)?,
                    (Some(_), Charge::Unknown) | (None, _) => {}
                }
                if let Some((question, new)) = answer {
                    answers::keep(file, question, new, now.as_second())?;
                }
                if let Some((key, holder)) = &asking.lease {
                    answers::end_lease(file, key, *holder)?;
                }
                Ok(())
            })
        });
        done.err().and_then(Without::problem)
    }

    fn settle_unsaved(&mut self, number: u64, charge: &Charge) {
        match charge {
            Charge::None => self.unsaved.retain(|(of, _)| *of != number),
            Charge::Unknown => {}
            Charge::Paid(request_id) => {
                for (_, entry) in self.unsaved.iter_mut().filter(|(of, _)| *of == number) {
                    entry.request_id = Some(request_id.clone());
                }
            }
        }
    }

    /// Adds what was spent already, whatever the limit.
    pub(super) fn spent_more(
        &mut self,
        operation: &str,
        request_id: String,
        price: MicroUsd,
        now: Timestamp,
    ) {
        let mut entry = entry(operation.to_owned(), price, now);
        entry.request_id = Some(request_id);
        let account = account_name(self.account);
        if self
            .with(|store| store.write(|file| ledger::add(file, account, &entry)))
            .is_err()
        {
            self.begun += 1;
            self.unsaved.push((self.begun, entry));
        }
    }

    /// Goes on holding a lease.
    pub(super) fn renew(&mut self, asking: &Asking, now: Timestamp) {
        if let Some((key, holder)) = asking.lease {
            // Others then ask for themselves.
            let _ = self.with(|store| {
                store.write(|file| answers::lease(file, &key, holder, now.as_millisecond()))
            });
        }
    }

    /// Lets others ask; the reservation stays.
    pub(super) fn abandon(&mut self, asking: &Asking) {
        if let Some((key, holder)) = asking.lease {
            // It ends by itself within seconds.
            let _ = self.with(|store| store.write(|file| answers::end_lease(file, &key, holder)));
        }
    }

    pub(super) fn caller(&mut self, access_key: Digest) -> Option<Digest> {
        self.with(|store| store.read(|file| answers::caller(file, &access_key)))
            .ok()?
    }

    pub(super) fn remember_caller(&mut self, access_key: Digest, identity: Digest) {
        // It is asked for again, free of charge, where it cannot be remembered.
        let _ = self.with(|store| {
            store.write(|file| answers::remember_caller(file, &access_key, &identity))
        });
    }

    pub(super) fn overview(&mut self, now: Timestamp) -> Overview {
        let today = day(now);
        let account = account_name(self.account);
        let mut overview = Overview {
            path: self.path().ok(),
            problem: None,
            file_bytes: 0,
            answers: 0,
            answer_bytes: 0,
            spent: self.spent(today),
            paid: 0,
            unanswered: 0,
            limit: self.limit,
        };
        let read = self.existing(|store| {
            let (answers, answer_bytes) = store.read(answers::totals)?;
            let (paid, unanswered) = store.read(|file| ledger::counts(file, account, today))?;
            let spent = store.read(|file| ledger::spent(file, account, today))?;
            Ok((
                answers,
                answer_bytes,
                paid,
                unanswered,
                spent,
                store.bytes(),
            ))
        });
        match read {
            Ok(Some((answers, answer_bytes, paid, unanswered, spent, file_bytes))) => Overview {
                file_bytes,
                answers,
                answer_bytes,
                spent,
                paid,
                unanswered,
                problem: self.began_anew(),
                ..overview
            },
            Ok(None) => overview,
            Err(without) => {
                overview.problem = without.problem();
                overview
            }
        }
    }

    pub(super) fn list(&mut self, now: Timestamp) -> Result<Vec<Listed>, String> {
        self.existing(|store| store.read(|file| answers::list(file, now.as_second())))
            .map(Option::unwrap_or_default)
            .or_else(nothing_by_choice)
    }

    pub(super) fn clear(&mut self) -> Result<usize, String> {
        self.existing(|store| {
            let forgotten = store.write(|file| answers::clear(file))?;
            store.shrink()?;
            Ok(forgotten)
        })
        .map(Option::unwrap_or_default)
        .or_else(nothing_by_choice)
    }

    /// A number that no other process holds leases by.
    fn holder(&self, now: Timestamp) -> i64 {
        let hash = digest(&[
            &std::process::id().to_le_bytes(),
            &now.as_nanosecond().to_le_bytes(),
            &self.begun.to_le_bytes(),
        ]);
        hash.first_chunk()
            .map_or(0, |bytes| i64::from_le_bytes(*bytes))
    }

    fn path(&self) -> Result<PathBuf, Without> {
        match &self.place {
            Place::Nowhere => Err(Without::Choice),
            Place::File(path) => Ok(path.clone()),
            Place::DataFolder => config::data_folder()
                .map(|folder| folder.join("state.sqlite3"))
                .ok_or_else(|| Without::Trouble(StoreError::NoFolder.problem())),
        }
    }

    fn whose(&self) -> Whose {
        match self.place {
            Place::DataFolder => Whose::Ours,
            Place::Nowhere | Place::File(_) => Whose::Named,
        }
    }

    /// Does something with the file, which is opened or made first. After a failure it is left alone for a while.
    fn with<T>(
        &mut self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreError>,
    ) -> Result<T, Without> {
        let (path, whose) = (self.path()?, self.whose());
        if let Some((problem, since)) = &self.trouble
            && since.elapsed() < PAUSE
        {
            return Err(Without::Trouble(problem.clone()));
        }
        let done = match &mut self.store {
            Some(store) => work(store),
            none => Store::open(&path, whose).and_then(|store| work(none.insert(store))),
        };
        match done {
            Ok(value) => {
                self.trouble = None;
                Ok(value)
            }
            Err(error) => {
                tracing::warn!(%error, "the state file cannot be used");
                if !error.leaves_it_readable() {
                    self.store = None;
                }
                self.trouble = Some((error.problem(), Instant::now()));
                Err(Without::Trouble(error.problem()))
            }
        }
    }

    /// Does something with a file that is there; makes none.
    fn existing<T>(
        &mut self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreError>,
    ) -> Result<Option<T>, Without> {
        if self.store.is_none() {
            let path = self.path()?;
            match Store::existing(&path, self.whose()) {
                Ok(Some(store)) => self.store = Some(store),
                Ok(None) => return Ok(None),
                Err(error) => return Err(Without::Trouble(error.problem())),
            }
        }
        self.with(work).map(Some)
    }

    /// Forgets the last failure.
    #[cfg(test)]
    pub(super) fn try_again(&mut self) {
        self.trouble = None;
    }

    /// Says once that a damaged file was set aside.
    fn began_anew(&mut self) -> Option<String> {
        let store = self.store.as_mut()?;
        std::mem::take(&mut store.began_anew).then(|| {
            "it was damaged and set aside, a new one was begun; of what was spent before, what could be read is counted"
                .to_owned()
        })
    }
}

/// The ledgers of AWS and of the simulated account are apart: the dollars of the one are not real.
fn account_name(account: Account) -> &'static str {
    match account {
        Account::Live => "aws",
        Account::Sample => "sample",
    }
}

fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

fn entry(operation: String, price: MicroUsd, now: Timestamp) -> Entry {
    Entry {
        day: day(now),
        operation,
        price,
        request_id: None,
    }
}

fn nothing_by_choice<T: Default>(without: Without) -> Result<T, String> {
    without.problem().map_or_else(|| Ok(T::default()), Err)
}
