//! The state as several processes share it, and as it is when something is wrong with the file.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use super::{
    answers::{self, Answer, Digest, NewAnswer, Question, digest},
    desk::{Asking, Begun, Desk},
    limit::{LimitReached, MicroUsd, Span, SpendLimit},
    *,
};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
};

const CENT: MicroUsd = MicroUsd(10_000);

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("OUT_DIR")).join("state").join(name);
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn desk(path: &Path, limit: &str) -> Desk {
    let place = Place::File(path.to_owned());
    Desk::new(Account::Live, place, limit.parse().unwrap())
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2024-12-05T12:00:00Z")
}

fn later(seconds: i64) -> Timestamp {
    now() + jiff::SignedDuration::from_secs(seconds)
}

fn question(text: &str) -> Question {
    let identity = digest(&[b"me"]);
    Question {
        key: digest(&[&identity, text.as_bytes()]),
        identity,
        service: "Cost Explorer".to_owned(),
        operation: "GetTags".to_owned(),
        label: text.to_owned(),
        token: None,
    }
}

fn token(name: &str) -> Digest {
    digest(&[name.as_bytes()])
}

fn new_answer(body: &str) -> NewAnswer {
    NewAnswer {
        answer: Answer {
            headers: "[]".to_owned(),
            body: body.as_bytes().to_vec(),
        },
        holds_seconds: 3600,
        next_token: None,
    }
}

fn intent(question: Option<Question>) -> Intent {
    Intent {
        question: question.map(Arc::new),
        operation: "Cost Explorer:GetTags".to_owned(),
        price: CENT,
        anew: false,
    }
}

fn paid(id: &str) -> Charge {
    Charge::Paid(id.to_owned())
}

#[track_caller]
fn asking(begun: Begun) -> Asking {
    match begun {
        Begun::Ask(asking) => asking,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(begun: Begun) -> LimitReached {
    match begun {
        Begun::Refused(reached) => reached,
        other => panic!("{other:?}"),
    }
}

/// Asks a question of AWS and keeps what it says.
#[track_caller]
fn ask(desk: &mut Desk, question: &Question, answer: &NewAnswer, when: Timestamp) {
    let asking = asking(
        desk.begin(&intent(Some(question.clone())), false, when)
            .value,
    );
    let problem = desk.settle(&asking, &paid("id"), Some((question, answer)), when);
    assert_eq!(problem, None);
}

/// The kept answer to a question; none where AWS would be asked.
#[track_caller]
fn kept(desk: &mut Desk, question: &Question, when: Timestamp) -> Option<(String, i64)> {
    match desk
        .begin(&intent(Some(question.clone())), false, when)
        .value
    {
        Begun::Kept(kept) => Some((
            String::from_utf8(kept.answer.body).unwrap(),
            kept.age_seconds,
        )),
        Begun::Ask(asking) => {
            desk.settle(&asking, &Charge::None, None, when);
            None
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_is_given_again_while_it_holds_to_whom_it_was_given() {
    let path = folder("holds").join("state");
    let mut first = desk(&path, "1");
    ask(&mut first, &question("q"), &new_answer("a"), now());
    let mut second = desk(&path, "1");
    let answer = kept(&mut second, &question("q"), later(3599));
    assert_eq!(answer, Some(("a".to_owned(), 3599)));
    assert_eq!(kept(&mut second, &question("q"), later(3600)), None);
    assert_eq!(kept(&mut second, &question("other"), later(1)), None);
    let mut of_another = question("q");
    of_another.identity = digest(&[b"another"]);
    assert_eq!(kept(&mut second, &of_another, later(1)), None);
    // A clock set back by an hour would make the answer hold for twice as long.
    assert_eq!(kept(&mut second, &question("q"), later(-3600)), None);
    assert_eq!(second.clear(), Ok(1));
    assert_eq!(kept(&mut second, &question("q"), later(1)), None);
    assert_eq!(second.overview(now()).spent.day, CENT, "the ledger stays");
}

#[test]
fn an_old_page_is_given_again_only_with_all_that_follow_it() {
    let path = folder("pages").join("state");
    let mut desk = desk(&path, "1");
    let page = |number: &str, asked: Option<Digest>, next: Option<Digest>| {
        let mut question = question(number);
        question.token = asked;
        let mut answer = new_answer(number);
        answer.next_token = next;
        (question, answer)
    };
    let (first, first_answer) = page("1", None, Some(token("t1")));
    let (second, second_answer) = page("2", Some(token("t1")), Some(token("t2")));
    let (third, third_answer) = page("3", Some(token("t2")), None);
    ask(&mut desk, &first, &first_answer, now());
    ask(&mut desk, &second, &second_answer, now());
    assert!(kept(&mut desk, &first, later(599)).is_some());
    assert!(kept(&mut desk, &first, later(600)).is_none());
    ask(&mut desk, &third, &third_answer, now());
    assert!(kept(&mut desk, &first, later(3000)).is_some());
}

#[test]
fn what_is_damaged_inside_a_sound_file_is_asked_for_again() {
    let path = folder("flipped").join("state");
    let mut desk = desk(&path, "1");
    ask(&mut desk, &question("q"), &new_answer("12.50"), now());
    let beside = Connection::open(&path).unwrap();
    beside
        .execute("UPDATE answers SET body = ?1", params![b"92.50".to_vec()])
        .unwrap();
    assert_eq!(kept(&mut desk, &question("q"), later(1)), None);
    let long = "12.50 ".repeat(100);
    ask(&mut desk, &question("long"), &new_answer(&long), now());
    let bytes: i64 = beside
        .query_row("SELECT max(length(body)) FROM answers", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(bytes < 100, "{bytes}");
    let answer = kept(&mut desk, &question("long"), later(1));
    assert_eq!(answer, Some((long, 1)));
    beside
        .execute("UPDATE answers SET body = substr(body, 1, 10)", [])
        .unwrap();
    assert_eq!(kept(&mut desk, &question("long"), later(1)), None);
}

#[test]
fn the_answers_unused_for_longest_make_room() {
    let path = folder("room").join("state");
    let mut desk = desk(&path, "1");
    for name in ["a", "b", "c"] {
        ask(&mut desk, &question(name), &new_answer("0123456789"), now());
    }
    // A use is noted once an hour.
    let mut long = new_answer("0123456789");
    long.holds_seconds = 100_000;
    ask(&mut desk, &question("d"), &long, now());
    let beside = Connection::open(&path).unwrap();
    beside
        .execute("UPDATE answers SET expires_at = expires_at + 100000", [])
        .unwrap();
    assert!(kept(&mut desk, &question("a"), later(4000)).is_some());
    let size = i64::try_from("[]0123456789".len()).unwrap();
    answers::make_room(&beside, later(4000).as_second(), 2 * size).unwrap();
    let left: Vec<String> = desk
        .list(later(4000))
        .unwrap()
        .into_iter()
        .map(|one| one.label)
        .collect();
    assert_eq!(left, ["d", "a"]);
    // What holds no longer goes first.
    answers::make_room(&beside, later(500_000).as_second(), 0).unwrap();
    assert_eq!(desk.list(now()).unwrap(), []);
}

#[test]
fn a_price_is_counted_until_aws_is_known_to_have_charged_nothing() {
    let path = folder("ledger").join("state");
    let mut desk = desk(&path, "0.03");
    let intent = intent(None);
    let first = asking(desk.begin(&intent, false, now()).value);
    let second = asking(desk.begin(&intent, false, now()).value);
    let third = asking(desk.begin(&intent, false, now()).value);
    let reached = refused(desk.begin(&intent, false, now()).value);
    assert_eq!((reached.span, reached.spent), (Span::Day, MicroUsd(30_000)));
    desk.settle(&first, &paid("1"), None, now());
    desk.settle(&second, &Charge::Unknown, None, now());
    refused(desk.begin(&intent, false, now()).value);
    desk.settle(&third, &Charge::None, None, now());
    asking(desk.begin(&intent, false, now()).value);
    let overview = desk.overview(now());
    assert_eq!((overview.paid, overview.unanswered), (1, 2));
    assert_eq!(overview.spent.day, MicroUsd(30_000));
    // A paid request cannot be given back.
    desk.settle(&first, &Charge::None, None, now());
    assert_eq!(desk.overview(now()).paid, 1);
}

#[test]
fn days_and_months_begin_at_midnight_in_utc() {
    let path = folder("midnight").join("state");
    let mut desk = desk(&path, "0.01/day,0.02/month");
    let intent = intent(None);
    asking(desk.begin(&intent, false, at("2024-11-29T23:59:59Z")).value);
    let reached = refused(desk.begin(&intent, false, at("2024-11-29T23:59:59Z")).value);
    assert_eq!(reached.span, Span::Day);
    asking(desk.begin(&intent, false, at("2024-11-30T00:00:00Z")).value);
    let reached = refused(desk.begin(&intent, false, at("2024-11-30T23:00:00Z")).value);
    assert_eq!(reached.span, Span::Month);
    asking(desk.begin(&intent, false, at("2024-12-01T00:00:00Z")).value);
}

#[test]
fn simulated_dollars_are_counted_apart() {
    let path = folder("apart").join("state");
    let place = Place::File(path.clone());
    let limit: SpendLimit = "0.01".parse().unwrap();
    let mut sample = Desk::new(Account::Sample, place, limit);
    asking(sample.begin(&intent(None), false, now()).value);
    refused(sample.begin(&intent(None), false, now()).value);
    asking(desk(&path, "0.01").begin(&intent(None), false, now()).value);
}

#[test]
fn a_refusal_names_what_is_cached() {
    let path = folder("refusal").join("state");
    let mut desk = desk(&path, "0.02");
    ask(&mut desk, &question("first"), &new_answer("a"), now());
    ask(&mut desk, &question("second"), &new_answer("b"), later(1));
    let next = intent(Some(question("third")));
    let reached = refused(desk.begin(&next, false, later(2)).value);
    assert_eq!(reached.cached, ["second", "first"]);
    assert!(kept(&mut desk, &question("first"), later(2)).is_some());
    // Nobody is left waiting for a question that was not asked.
    refused(desk.begin(&next, false, later(2)).value);
}

#[test]
fn the_limit_holds_between_many_who_spend_at_once() {
    let path = folder("many").join("state");
    let admitted: usize = thread_scope(8, |_| {
        let mut desk = desk(&path, "0.2");
        (0..25)
            .filter(|_| {
                let begun = desk.begin(&intent(None), false, now());
                assert_eq!(begun.problem, None);
                matches!(begun.value, Begun::Ask(_))
            })
            .count()
    });
    assert_eq!(admitted, 20);
    assert_eq!(
        desk(&path, "1").overview(now()).spent.day,
        MicroUsd(200_000)
    );
}

fn thread_scope(threads: usize, work: impl Fn(usize) -> usize + Sync) -> usize {
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|number| {
                let work = &work;
                scope.spawn(move || work(number))
            })
            .collect();
        started.into_iter().map(|one| one.join().unwrap()).sum()
    })
}

#[test]
fn one_asks_and_the_others_wait_for_its_answer() {
    let path = folder("lease").join("state");
    let (mut one, mut other) = (desk(&path, "1"), desk(&path, "1"));
    let question = question("q");
    let intent = intent(Some(question.clone()));
    let first = asking(one.begin(&intent, false, now()).value);
    assert!(first.is_leased());
    assert!(matches!(
        other.begin(&intent, false, later(1)).value,
        Begun::Wait
    ));
    one.renew(&first, later(1));
    assert!(matches!(
        other.begin(&intent, false, later(2)).value,
        Begun::Wait
    ));
    one.settle(
        &first,
        &paid("id"),
        Some((&question, &new_answer("a"))),
        later(2),
    );
    assert!(matches!(
        other.begin(&intent, false, later(2)).value,
        Begun::Kept(_)
    ));
    assert_eq!(one.overview(now()).spent.day, CENT);
}

#[test]
fn who_was_killed_lets_others_wait_for_seconds_and_stays_counted() {
    let path = folder("killed").join("state");
    let (mut one, mut other) = (desk(&path, "1"), desk(&path, "1"));
    let intent = intent(Some(question("q")));
    asking(one.begin(&intent, false, now()).value);
    assert!(matches!(
        other.begin(&intent, false, later(1)).value,
        Begun::Wait
    ));
    // Who has waited for too long asks without a lease.
    let impatient = asking(other.begin(&intent, true, later(1)).value);
    assert!(!impatient.is_leased());
    other.settle(&impatient, &Charge::None, None, later(1));
    let second = asking(other.begin(&intent, false, later(2)).value);
    other.abandon(&second);
    let third = asking(one.begin(&intent, false, later(2)).value);
    assert!(third.is_leased());
    let overview = one.overview(now());
    assert_eq!((overview.paid, overview.unanswered), (0, 3));
}

#[test]
fn a_file_of_something_else_is_left_as_it_is() {
    let folder = folder("foreign");
    let notes = folder.join("notes.md");
    fs::write(&notes, "these are notes, and longer than a header").unwrap();
    let other = folder.join("other.sqlite3");
    let database = rusqlite::Connection::open(&other).unwrap();
    database
        .execute_batch("CREATE TABLE bookmarks (url TEXT)")
        .unwrap();
    drop(database);
    for path in [notes, other] {
        let before = fs::read(&path).unwrap();
        let mut desk = desk(&path, "1");
        let begun = desk.begin(&intent(None), false, now());
        assert!(
            begun.problem.unwrap().contains("something else"),
            "{path:?}"
        );
        asking(begun.value);
        drop(desk);
        assert_eq!(fs::read(&path).unwrap(), before, "{path:?}");
    }
    let left: Vec<_> = fs::read_dir(&folder).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn what_can_be_read_of_a_damaged_ledger_stays_counted() {
    let folder = folder("damaged");
    let path = folder.join("state");
    let mut writer = desk(&path, "1");
    for number in 0..40 {
        let question = question(&number.to_string());
        ask(&mut writer, &question, &new_answer("a"), now());
    }
    drop(writer);
    let open = Connection::open(&path).unwrap();
    open.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let root: u64 = open
        .query_row(
            "SELECT rootpage FROM sqlite_master WHERE name = 'answers'",
            [],
            |row| row.get::<_, i64>(0),
        )
        .unwrap()
        .cast_unsigned();
    drop(open);
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start((root - 1) * 4096)).unwrap();
    file.write_all(&[0xff; 4096]).unwrap();
    drop(file);
    let mut reader = desk(&path, "0.41");
    let begun = reader.begin(&intent(Some(question("1"))), false, later(1));
    assert!(begun.problem.unwrap().contains("set aside"));
    asking(begun.value);
    let reached = refused(reader.begin(&intent(None), false, later(1)).value);
    assert_eq!(reached.spent, MicroUsd(410_000));
    assert!(folder.join("state.damaged-1").exists());
}

#[test]
fn a_file_of_ours_without_its_beginning_is_set_aside_and_one_that_was_named_is_not() {
    use super::store::{Store, Whose};
    let folder = folder("header");
    let path = folder.join("state.sqlite3");
    fs::write(&path, b"\0\0\0\0 format 3\0 and what was left").unwrap();
    let before = fs::read(&path).unwrap();
    assert!(Store::open(&path, Whose::Named).is_err());
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(Store::open(&path, Whose::Ours).unwrap().began_anew);
    let aside = folder.join("state.sqlite3.damaged-1");
    assert_eq!(fs::read(aside).unwrap(), before);
    assert!(!Store::open(&path, Whose::Ours).unwrap().began_anew);
}

#[test]
fn a_file_that_is_gone_is_made_again() {
    let path = folder("gone").join("state");
    let mut desk = desk(&path, "1");
    asking(desk.begin(&intent(None), false, now()).value);
    for end in ["", "-wal", "-shm"] {
        fs::remove_file(format!("{}{end}", path.display())).ok();
    }
    asking(desk.begin(&intent(None), false, now()).value);
    let entries: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM requests", [], |row| row.get(0))
        .unwrap();
    assert_eq!(entries, 1);
}

#[test]
fn without_a_file_the_limit_counts_this_process() {
    let folder = folder("nowhere");
    let place = folder.join("file");
    fs::write(&place, "").unwrap();
    // A file where the folder should be.
    let mut desk = desk(&place.join("state"), "0.02");
    for _ in 0..2 {
        let begun = desk.begin(&intent(Some(question("q"))), false, now());
        assert!(begun.problem.is_some());
        let asking = asking(begun.value);
        desk.settle(&asking, &paid("1"), None, now());
    }
    let begun = desk.begin(&intent(None), false, now());
    assert_eq!(refused(begun.value).spent, MicroUsd(20_000));
    let overview = desk.overview(now());
    assert!(overview.problem.is_some());
    assert_eq!(overview.spent.day, MicroUsd(20_000));
    let mut unkept = Desk::new(
        Account::Live,
        Place::Nowhere,
        "0.01".parse::<SpendLimit>().unwrap(),
    );
    let begun = unkept.begin(&intent(None), false, now());
    assert_eq!(begun.problem, None, "it was asked for");
    refused(unkept.begin(&intent(None), false, now()).value);
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let path = folder("newer").join("state");
    let made = Connection::open(&path).unwrap();
    made.pragma_update(None, "user_version", 99).unwrap();
    let begun = desk(&path, "1").begin(&intent(None), false, now());
    assert_eq!(
        begun.problem.as_deref(),
        Some("a newer version of this program made it")
    );
    asking(begun.value);
}

#[test]
fn what_could_not_be_written_is_written_later_and_counted_once() {
    let path = folder("later").join("state");
    let mut desk = desk(&path, "0.04");
    asking(desk.begin(&intent(None), false, now()).value);
    let locking = Connection::open(&path).unwrap();
    locking.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = desk.begin(&intent(None), false, now());
    assert_eq!(
        begun.problem.as_deref(),
        Some("it is locked by another program")
    );
    let unsaved = asking(begun.value);
    desk.settle(&unsaved, &paid("2"), None, now());
    locking.execute_batch("ROLLBACK").unwrap();
    assert_eq!(desk.overview(now()).spent.day, MicroUsd(20_000));
    desk.try_again();
    let begun = desk.begin(&intent(None), false, now());
    assert_eq!(begun.problem, None);
    asking(begun.value);
    assert_eq!(desk.overview(now()).spent.day, MicroUsd(30_000));
    asking(desk.begin(&intent(None), false, now()).value);
    refused(desk.begin(&intent(None), false, now()).value);
    let entries: i64 = locking
        .query_row("SELECT count(*) FROM requests", [], |row| row.get(0))
        .unwrap();
    assert_eq!(entries, 4);
}

#[tokio::test]
async fn in_one_process_and_in_two_the_same_question_is_asked_once() {
    let path = folder("flight").join("state");
    let state = || {
        let place = Place::File(path.clone());
        State::new(Account::Live, place, SpendLimit::default())
    };
    let (one, two) = (state(), state());
    let question = question("q");
    let intent = intent(Some(question.clone()));
    let super::Begun::Ask(ticket) = begun(&one, &intent).await else {
        panic!("nothing was kept before");
    };
    let waiting = async {
        tokio::join!(
            begun(&one, &intent),
            begun(&one, &intent),
            begun(&two, &intent),
            async {
                sleep(Duration::from_millis(200)).await;
                ticket.settle(paid("1"), Some(new_answer("a"))).await
            }
        )
    };
    let (first, second, third, problem) = waiting.await;
    assert_eq!(problem, None);
    for begun in [first, second, third] {
        assert!(matches!(begun, super::Begun::Kept(_)), "{begun:?}");
    }
    assert_eq!(two.overview().await.spent.day, CENT);
}

#[tokio::test]
async fn who_gives_up_lets_the_next_ask_at_once() {
    let path = folder("given-up").join("state");
    let state = State::new(Account::Live, Place::File(path), SpendLimit::default());
    let intent = intent(Some(question("q")));
    let first = begun(&state, &intent).await;
    assert!(matches!(first, super::Begun::Ask(_)));
    let started = Instant::now();
    drop(first);
    assert!(matches!(begun(&state, &intent).await, super::Begun::Ask(_)));
    assert!(started.elapsed() < Duration::from_secs(1));
    let overview = state.overview().await;
    assert_eq!(overview.unanswered, 2);
}

async fn begun(state: &State, intent: &Intent) -> super::Begun {
    let done = state.begin(intent).await;
    assert_eq!(done.problem, None);
    done.value
}
