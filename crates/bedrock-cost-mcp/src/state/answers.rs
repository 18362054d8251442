//! Answers of AWS as they came, each under a key of who asked whom for what, and leases on those being asked for.

use super::freshness;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};
use std::io::{Read as _, Write as _};

/// The most bytes of answers that are kept. A page of charges takes four kilobytes: this is years of questions.
const MOST_BYTES: i64 = 64 << 20;
/// A larger answer is not kept: it would push out hundreds.
pub(crate) const MOST_BYTES_OF_ONE: usize = 8 << 20;
/// How exactly it is known when an answer was last used: noting each use would make of every read a write.
const USE_SECONDS: i64 = 3600;
/// How far the clocks of two moments may disagree.
const CLOCK_SECONDS: i64 = 60;
/// How long a lease holds without being renewed: so long others wait for a process that was killed.
const LEASE_MS: i64 = 2_000;

/// Access keys that are remembered.
const MOST_CALLERS: i64 = 1_000;

/// 32 bytes that stand for something.
pub(crate) type Digest = [u8; 32];

/// The digest of some parts, each told from the next by its length.
pub(crate) fn digest(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// What is asked, of whom and by whom.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) key: Digest,
    /// Who asks: never is one caller's answer given to another.
    pub(crate) identity: Digest,
    pub(crate) service: String,
    pub(crate) operation: String,
    /// The question in a few words, without anything that is the account's own.
    pub(crate) label: String,
    /// The token of the page asked for; none for a first page.
    pub(crate) token: Option<Digest>,
}

/// An answer as AWS sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// A JSON list of name and value.
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

/// An answer to keep.
#[derive(Clone, Debug)]
pub(crate) struct NewAnswer {
    pub(crate) answer: Answer,
    pub(crate) holds_seconds: i64,
    /// The token of the page that follows.
    pub(crate) next_token: Option<Digest>,
}

/// A kept answer, and when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) answer: Answer,
    pub(crate) age_seconds: i64,
}

/// What looking for an answer found.
pub(super) struct Found {
    pub(super) kept: Kept,
    /// Its last use is to be noted.
    pub(super) note: bool,
}

/// Looks for an answer that still holds.
pub(super) fn find(
    connection: &Connection,
    question: &Question,
    now: i64,
) -> rusqlite::Result<Option<Found>> {
    let row = connection
        .query_row(
            "SELECT stored_at, used_at, next_token, digest, headers, packed, body FROM answers
             WHERE key = ?1 AND identity = ?2 AND expires_at > ?3 AND stored_at <= ?4",
            // By a clock that was set back an answer would hold for longer.
            params![question.key, question.identity, now, now + CLOCK_SECONDS],
            |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, Option<Digest>>(2)?,
                    row.get::<_, Digest>(3)?,
                    row.get::<_, String>(4)?,
                    row.get::<_, bool>(5)?,
                    row.get::<_, Vec<u8>>(6)?,
                ))
            },
        )
        .optional()?;
    let Some((stored_at, used_at, next_token, written, headers, packed, body)) = row else {
        return Ok(None);
    };
    let Some(body) = (if packed { unpacked(&body) } else { Some(body) }) else {
        return Ok(None);
    };
    let answer = Answer { headers, body };
    // SQLite finds damage to its own pages, not to what is in them.
    if digest(&[answer.headers.as_bytes(), &answer.body]) != written {
        return Ok(None);
    }
    let age_seconds = (now - stored_at).max(0);
    if let Some(next) = next_token
        && age_seconds >= freshness::TOKEN.as_secs().cast_signed()
        && !followed_to_the_end(connection, &question.identity, next, now)?
    {
        return Ok(None);
    }
    Ok(Some(Found {
        kept: Kept {
            answer,
            age_seconds,
        },
        note: now - used_at >= USE_SECONDS,
    }))
}

/// Tells whether all pages from a token on are kept.
fn followed_to_the_end(
    connection: &Connection,
    identity: &Digest,
    first: Digest,
    now: i64,
) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare(
        "SELECT next_token FROM answers WHERE identity = ?1 AND token = ?2 AND expires_at > ?3",
    )?;
    let mut token = first;
    // A chain that came back to its beginning would never end.
    for _ in 0..10_000 {
        let next: Option<Option<Digest>> = statement
            .query_row(params![identity, token, now], |row| row.get(0))
            .optional()?;
        match next {
            None => return Ok(false),
            Some(None) => return Ok(true),
            Some(Some(next)) => token = next,
        }
    }
    Ok(false)
}

/// Notes that an answer is still of use.
pub(super) fn note_use(connection: &Connection, key: &Digest, now: i64) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE answers SET used_at = ?2 WHERE key = ?1",
        params![key, now],
    )?;
    Ok(())
}

/// Keeps an answer, and makes room for it.
pub(super) fn keep(
    connection: &Connection,
    question: &Question,
    new: &NewAnswer,
    now: i64,
) -> rusqlite::Result<()> {
    let NewAnswer { answer, .. } = new;
    let packed = packed(&answer.body);
    let body = packed.as_ref().unwrap_or(&answer.body);
    let size = body.len() + answer.headers.len();
    connection.execute(
        "INSERT OR REPLACE INTO answers (key, identity, service, operation, label, token, next_token,
             stored_at, expires_at, used_at, size, digest, headers, packed, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8, ?10, ?11, ?12, ?13, ?14)",
        params![
            question.key,
            question.identity,
            question.service,
            question.operation,
            question.label,
            question.token,
            new.next_token,
            now,
            now.saturating_add(new.holds_seconds),
            i64::try_from(size).unwrap_or(i64::MAX),
            digest(&[answer.headers.as_bytes(), &answer.body]),
            answer.headers,
            packed.is_some(),
            body,
        ],
    )?;
    make_room(connection, now, MOST_BYTES)
}

/// The same bytes in less room, where that is so: lists of charges shrink to a tenth.
fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut into = DeflateEncoder::new(Vec::new(), Compression::fast());
    into.write_all(bytes).ok()?;
    into.finish()
        .ok()
        .filter(|packed| packed.len() < bytes.len())
}

/// The bytes as they were; none where they are not those that were packed.
fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = MOST_BYTES_OF_ONE as u64;
    let mut from = DeflateDecoder::new(packed).take(most);
    from.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Forgets what holds no longer, then what was not used for the longest time, until the rest is small enough.
pub(super) fn make_room(connection: &Connection, now: i64, most: i64) -> rusqlite::Result<()> {
    let bytes = |connection: &Connection| {
        connection.query_row("SELECT coalesce(sum(size), 0) FROM answers", [], |row| {
            row.get::<_, i64>(0)
        })
    };
    if bytes(connection)? <= most {
        return Ok(());
    }
    connection.execute("DELETE FROM answers WHERE expires_at <= ?1", params![now])?;
    connection.execute(
        "DELETE FROM answers WHERE rowid IN (
             SELECT rowid FROM (
                 SELECT rowid, sum(size) OVER (ORDER BY used_at DESC, rowid DESC) AS kept FROM answers
             ) WHERE kept > ?1
         )",
        params![most],
    )?;
    Ok(())
}

/// Takes the lease of a question; false while another holds it. Times in milliseconds.
pub(super) fn lease(
    connection: &Connection,
    key: &Digest,
    holder: i64,
    now_ms: i64,
) -> rusqlite::Result<bool> {
    // A lease that ends later than one can be made now is of a clock that has been set back.
    let taken = connection.execute(
        "INSERT INTO leases (key, holder, expires_ms) VALUES (?1, ?2, ?3 + ?4)
         ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, expires_ms = excluded.expires_ms
         WHERE holder = excluded.holder OR expires_ms <= ?3 OR expires_ms > ?3 + ?4",
        params![key, holder, now_ms, LEASE_MS],
    )?;
    Ok(taken > 0)
}

/// Ends a lease that one holds.
pub(super) fn end_lease(
    connection: &Connection,
    key: &Digest,
    holder: i64,
) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM leases WHERE key = ?1 AND holder = ?2",
        params![key, holder],
    )?;
    Ok(())
}

/// The newest questions of a caller to a service whose answers hold, in a few words each.
pub(super) fn labels(
    connection: &Connection,
    identity: &Digest,
    service: &str,
    now: i64,
    most: u32,
) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare(
            "SELECT label FROM answers
             WHERE identity = ?1 AND service = ?2 AND expires_at > ?3 AND token IS NULL
             ORDER BY stored_at DESC LIMIT ?4",
        )?
        .query_map(params![identity, service, now, most], |row| row.get(0))?
        .collect()
}

/// One line of what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) service: String,
    pub(crate) label: String,
    pub(crate) age_seconds: i64,
    /// Negative where it holds no longer.
    pub(crate) holds_seconds: i64,
    pub(crate) bytes: i64,
}

/// Everything that is kept, newest first.
pub(super) fn list(connection: &Connection, now: i64) -> rusqlite::Result<Vec<Listed>> {
    connection
        .prepare(
            "SELECT service, label, stored_at, expires_at, size FROM answers ORDER BY stored_at DESC, rowid DESC",
        )?
        .query_map([], |row| {
            Ok(Listed {
                service: row.get(0)?,
                label: row.get(1)?,
                age_seconds: now - row.get::<_, i64>(2)?,
                holds_seconds: row.get::<_, i64>(3)? - now,
                bytes: row.get(4)?,
            })
        })?
        .collect()
}

/// The number of answers, and their bytes.
pub(super) fn totals(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    connection.query_row(
        "SELECT count(*), coalesce(sum(size), 0) FROM answers",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Forgets every answer, and returns how many there were. The ledger stays.
pub(super) fn clear(connection: &Connection) -> rusqlite::Result<usize> {
    connection.execute("DELETE FROM answers", [])
}

/// Whom an access key stands for, where that was asked before.
pub(super) fn caller(
    connection: &Connection,
    access_key: &Digest,
) -> rusqlite::Result<Option<Digest>> {
    connection
        .query_row(
            "SELECT identity FROM callers WHERE access_key = ?1",
            params![access_key],
            |row| row.get(0),
        )
        .optional()
}

/// Remembers whom an access key stands for.
pub(super) fn remember_caller(
    connection: &Connection,
    access_key: &Digest,
    identity: &Digest,
) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO callers (access_key, identity) VALUES (?1, ?2)",
        params![access_key, identity],
    )?;
    // Temporary credentials have a new key every hour.
    connection.execute(
        "DELETE FROM callers WHERE rowid <= (SELECT max(rowid) FROM callers) - ?1",
        params![MOST_CALLERS],
    )?;
    Ok(())
}
