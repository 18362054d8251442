//! What was spent on requests to AWS, by UTC day: reserved before a request is sent, settled by its answer.
//!
//! A reservation is an entry without a request id. It counts as spent until AWS is known to have charged nothing, so that
//! a process which ends in the middle leaves the sum too high and never too low.

use super::limit::{LimitReached, MicroUsd, SpendLimit, Spent};
use jiff::civil::Date;
use rusqlite::{Connection, params};
use std::ops::Add as _;

/// Entries are kept so long, which is as far back as Cost Explorer looks.
const KEPT_DAYS: i32 = 400;

/// One request that is to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) day: Date,
    pub(super) operation: String,
    pub(super) price: MicroUsd,
    /// AWS's, once the request was answered.
    pub(super) request_id: Option<String>,
}

impl Entry {
    /// What this entry adds to the sums of a day.
    fn counts_on(&self, today: Date) -> Spent {
        let if_so = |counts| if counts { self.price } else { MicroUsd(0) };
        Spent {
            day: if_so(self.day == today),
            month: if_so(self.day.first_of_month() == today.first_of_month()),
        }
    }
}

/// What some entries add up to.
pub(super) fn sum<'a>(entries: impl IntoIterator<Item = &'a Entry>, today: Date) -> Spent {
    let parts = entries.into_iter().map(|entry| entry.counts_on(today));
    parts.fold(Spent::default(), Spent::add)
}

/// What an account's entries of this day and month add up to.
pub(super) fn spent(
    connection: &Connection,
    account: &str,
    today: Date,
) -> rusqlite::Result<Spent> {
    // Dates sort as text.
    connection.query_row(
        "SELECT coalesce(sum(micro_usd) FILTER (WHERE day = ?3), 0), coalesce(sum(micro_usd), 0)
         FROM requests WHERE account = ?1 AND day BETWEEN ?2 AND ?4",
        params![
            account,
            today.first_of_month().to_string(),
            today.to_string(),
            today.last_of_month().to_string(),
        ],
        |row| {
            Ok(Spent {
                day: MicroUsd(row.get(0)?),
                month: MicroUsd(row.get(1)?),
            })
        },
    )
}

/// The number of an account's requests this month that were paid, and of those whose answer never came.
pub(super) fn counts(
    connection: &Connection,
    account: &str,
    today: Date,
) -> rusqlite::Result<(i64, i64)> {
    connection.query_row(
        "SELECT count(request_id), count(*) - count(request_id)
         FROM requests WHERE account = ?1 AND day BETWEEN ?2 AND ?3",
        params![
            account,
            today.first_of_month().to_string(),
            today.last_of_month().to_string(),
        ],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Reserves the price of a request, inside a transaction that no other process can write beside. `unsaved` is what this
/// process spent and could not write down.
pub(super) fn reserve(
    connection: &Connection,
    account: &str,
    entry: &Entry,
    limit: SpendLimit,
    unsaved: Spent,
) -> rusqlite::Result<Result<i64, LimitReached>> {
    let spent = spent(connection, account, entry.day)? + unsaved;
    if let Err(reached) = limit.admits(spent, entry.price) {
        return Ok(Err(reached));
    }
    if spent.day == MicroUsd(0) {
        forget_old(connection, entry.day)?;
    }
    add(connection, account, entry).map(Ok)
}

/// Adds an entry without asking whether it fits: it was spent already.
pub(super) fn add(connection: &Connection, account: &str, entry: &Entry) -> rusqlite::Result<i64> {
    connection.execute(
        "INSERT INTO requests (account, day, operation, micro_usd, request_id) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            account,
            entry.day.to_string(),
            entry.operation,
            entry.price.0,
            entry.request_id,
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// Marks a reservation as paid.
pub(super) fn confirm(connection: &Connection, id: i64, request_id: &str) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE requests SET request_id = ?2 WHERE id = ?1",
        params![id, request_id],
    )?;
    Ok(())
}

/// Gives a reservation back that AWS did not charge.
pub(super) fn release(connection: &Connection, id: i64) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM requests WHERE id = ?1 AND request_id IS NULL",
        params![id],
    )?;
    Ok(())
}

fn forget_old(connection: &Connection, today: Date) -> rusqlite::Result<()> {
    if let Ok(last) = today.checked_sub(jiff::Span::new().days(KEPT_DAYS)) {
        connection.execute(
            "DELETE FROM requests WHERE day < ?1",
            params![last.to_string()],
        )?;
    }
    Ok(())
}
