//! The database file: opened, given its tables, and set aside where it cannot be read.

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};
use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

/// How long a write waits for those of other processes. Each takes milliseconds.
const BUSY: Duration = Duration::from_secs(5);
/// The version of the tables below, kept in the file.
const VERSION: i64 = 1;
/// The write-ahead log is cut back to this where it grew beyond.
const LOG_BYTES: i64 = 4 << 20;

/// `answers` is the cache, `requests` the ledger of what was billed, `leases` who is asking what right now, `callers`
/// whom an access key stands for. Times are seconds of the Unix epoch, of leases milliseconds.
const TABLES: &str = "
CREATE TABLE answers (
    key BLOB PRIMARY KEY,
    identity BLOB NOT NULL,
    service TEXT NOT NULL,
    operation TEXT NOT NULL,
    label TEXT NOT NULL,
    token BLOB,
    next_token BLOB,
    stored_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    digest BLOB NOT NULL,
    headers TEXT NOT NULL,
    packed INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX answers_by_use ON answers (used_at, size);
CREATE INDEX answers_by_token ON answers (identity, token) WHERE token IS NOT NULL;
CREATE TABLE requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    day TEXT NOT NULL,
    operation TEXT NOT NULL,
    micro_usd INTEGER NOT NULL,
    request_id TEXT
);
CREATE INDEX requests_by_day ON requests (account, day, micro_usd);
CREATE TABLE leases (
    key BLOB PRIMARY KEY,
    holder INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE callers (
    access_key BLOB PRIMARY KEY,
    identity BLOB NOT NULL
);
";

/// Why the file is of no use now, in words that hold no path: answers are read by a model.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    #[error("the folder or file cannot be made: {0}")]
    File(#[from] io::Error),
    #[error("a newer version of this program made it")]
    Newer,
    #[error("it is a file of something else, and left as it is: name another one with --state")]
    NotOurs,
    #[error("it does not begin as a database does")]
    NoDatabase,
    #[error("there is no home folder to keep it in")]
    NoFolder,
}

impl StoreError {
    /// What is wrong, in a few words.
    pub(super) fn problem(&self) -> String {
        let Self::Database(error) = self else {
            return self.to_string();
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "it is locked by another program".to_owned()
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                "it can be read only".to_owned()
            }
            Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
            Some(ErrorCode::CannotOpen) => "it cannot be opened".to_owned(),
            Some(ErrorCode::SystemIoFailure) => "reading or writing it fails".to_owned(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                "it is damaged".to_owned()
            }
            _ => "the database refuses".to_owned(),
        }
    }

    /// True where what the file holds can most likely be read although nothing can be written now.
    pub(super) fn leaves_it_readable(&self) -> bool {
        matches!(self, Self::Database(error) if matches!(
            error.sqlite_error_code(),
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::ReadOnly
                    | ErrorCode::DiskFull
            )
        ))
    }

    fn is_damage(&self) -> bool {
        matches!(self, Self::NoDatabase)
            || matches!(self, Self::Database(error) if matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            ))
    }
}

/// An open database.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
    path: PathBuf,
    /// Which file was opened, since another may take its name.
    file: Option<FileId>,
    /// A damaged file was set aside, and what it held is not here.
    pub(super) began_anew: bool,
    whose: Whose,
}

/// Whose file it is, where nothing in it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// It lies where only this program puts one: what is no database there is damaged.
    Ours,
    /// Somebody named it: what is no database is a file of something else.
    Named,
}

impl Store {
    /// Opens the file, or makes it; what is damaged is set aside first.
    pub(super) fn open(path: &Path, whose: Whose) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let (connection, began_anew) = match open(path, whose) {
            Err(error) if error.is_damage() => (replaced(path, whose)?, true),
            opened => (opened?, false),
        };
        Ok(Self {
            connection,
            path: path.to_owned(),
            file: file_id(path),
            began_anew,
            whose,
        })
    }

    /// Opens a file that is there; makes none.
    pub(super) fn existing(path: &Path, whose: Whose) -> Result<Option<Self>, StoreError> {
        if path.try_exists()? {
            Self::open(path, whose).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Reads.
    pub(super) fn read<T>(
        &mut self,
        work: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        match work(&self.connection).map_err(StoreError::from) {
            Err(error) if error.is_damage() => {
                self.mend()?;
                Ok(work(&self.connection)?)
            }
            done => done,
        }
    }

    /// Does all of some work or nothing of it, alone among the processes that share the file.
    pub(super) fn write<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        if self.file != file_id(&self.path) {
            // It was deleted, or set aside by another process: what is written to it now nobody would read.
            self.connection = open(&self.path, self.whose)?;
            self.file = file_id(&self.path);
        }
        match write(&mut self.connection, &work) {
            Err(error) if error.is_damage() => {
                self.mend()?;
                write(&mut self.connection, &work)
            }
            done => done,
        }
    }

    /// Gives the room that nothing uses back to the disk.
    pub(super) fn shrink(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("VACUUM")?;
        Ok(())
    }

    /// The bytes that the file and its log take on the disk.
    pub(super) fn bytes(&self) -> u64 {
        ["", "-wal"]
            .iter()
            .filter_map(|end| fs::metadata(with_end(&self.path, end)).ok())
            .map(|file| file.len())
            .sum()
    }

    fn mend(&mut self) -> Result<(), StoreError> {
        // The damaged file must not be held open while another takes its place.
        self.connection = Connection::open_in_memory()?;
        self.connection = replaced(&self.path, self.whose)?;
        self.file = file_id(&self.path);
        self.began_anew = true;
        Ok(())
    }
}

fn write<T>(
    connection: &mut Connection,
    work: impl Fn(&Transaction<'_>) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    // A transaction that reads first and writes later could find that another wrote in between.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

fn open(path: &Path, whose: Whose) -> Result<Connection, StoreError> {
    if !may_be_a_database(path)? {
        return Err(match whose {
            Whose::Ours => StoreError::NoDatabase,
            Whose::Named => StoreError::NotOurs,
        });
    }
    make_private(path)?;
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    if holds_other_tables(&connection)? {
        return Err(StoreError::NotOurs);
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // A reservation has to be on the disk before the request it stands for is sent.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))?;
    if version(&connection)? == 0 {
        write(&mut connection, |transaction| {
            // Another process may have been first.
            if version(transaction)? == 0 {
                transaction.execute_batch(TABLES)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            Ok(())
        })?;
    }
    if version(&connection)? == VERSION {
        Ok(connection)
    } else {
        Err(StoreError::Newer)
    }
}

/// Whether a file is new, empty, or begins as a database does: anything else was never the state file.
fn may_be_a_database(path: &Path) -> io::Result<bool> {
    const BEGINNING: &[u8] = b"SQLite format 3\0";
    // What is no file at all, the database itself refuses.
    if !path.is_file() {
        return Ok(true);
    }
    let mut beginning = Vec::new();
    fs::File::open(path)?
        .take(BEGINNING.len() as u64)
        .read_to_end(&mut beginning)?;
    Ok(beginning.is_empty() || beginning == BEGINNING)
}

/// Whether another program made the database.
fn holds_other_tables(connection: &Connection) -> rusqlite::Result<bool> {
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0))?;
    // The tables and the version of ours come at once.
    Ok(tables > 0 && version(connection)? == 0)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Makes the file, for its owner alone: it says what an account spends. The log beside it gets the same
/// permissions.
fn make_private(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Sets a damaged file aside, under a name that is free, and opens a new one in its place.
fn replaced(path: &Path, whose: Whose) -> Result<Connection, StoreError> {
    // Of several processes that find the damage one at a time looks again, so that none sets a new file aside.
    let lock = fs::File::create(with_end(path, ".lock"))?;
    lock.lock()?;
    match open(path, whose).and_then(sound) {
        Err(error) if error.is_damage() => {}
        other => return other,
    }
    let mut place = None;
    for number in 1..1_000 {
        let free = with_end(path, &format!(".damaged-{number}"));
        if !free.try_exists()? {
            place = Some(free);
            break;
        }
    }
    let place = place.ok_or_else(|| io::Error::other("a thousand damaged files lie beside it"))?;
    tracing::warn!(
        "the state file is damaged: it was set aside as {}",
        place.display()
    );
    for end in ["", "-wal", "-shm"] {
        match fs::rename(with_end(path, end), with_end(&place, end)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    let mut fresh = open(path, whose)?;
    match salvage(&place, &mut fresh) {
        Ok(count) => {
            tracing::warn!("{count} entries of the ledger were read from the damaged file");
        }
        Err(error) => tracing::warn!(%error, "the ledger of the damaged file cannot be read"),
    }
    Ok(fresh)
}

/// Takes over what can still be read of the ledger, so that what was spent stays counted.
fn salvage(damaged: &Path, fresh: &mut Connection) -> Result<usize, StoreError> {
    let damaged = Connection::open_with_flags(damaged, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut entries =
        damaged.prepare("SELECT account, day, operation, micro_usd, request_id FROM requests")?;
    let mut rows = entries.query([])?;
    let mut read = Vec::new();
    // The rows before the damage count.
    while let Ok(Some(row)) = rows.next() {
        read.push((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, i64>(3)?,
            row.get::<_, Option<String>>(4)?,
        ));
    }
    write(fresh, |transaction| {
        for (account, day, operation, micro_usd, request_id) in &read {
            transaction.execute(
                "INSERT INTO requests (account, day, operation, micro_usd, request_id) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![account, day, operation, micro_usd, request_id],
            )?;
        }
        Ok(())
    })?;
    Ok(read.len())
}

#[cfg(unix)]
type FileId = (u64, u64);
#[cfg(not(unix))]
type FileId = ();

/// What tells a file from another of the same name.
#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    let file = fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}

/// An open file keeps its name where it cannot be renamed.
#[cfg(not(unix))]
fn file_id(_: &Path) -> Option<FileId> {
    Some(())
}

/// The connection, where nothing is wrong with what it holds.
fn sound(connection: Connection) -> Result<Connection, StoreError> {
    let verdict: String =
        connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(connection);
    }
    let damage = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(damage, Some(verdict)).into())
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
