//! The price book of this process: the embedded rows, the overlay its user kept, and private rates.

use crate::{
    config::{self, Account},
    error::ToolError,
    files,
};
use bedrock_cost::price_book::{Overlay, PriceBook, PrivateRates};
use jiff::Timestamp;
use std::{
    ffi::OsStr,
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Rates are a few thousand lines; a file beyond this is not one of rates.
const MOST_BYTES: u64 = 20_000_000;

/// For so long a book is used without a look at its files.
const UNWATCHED: Duration = Duration::from_secs(1);

/// The files beside the embedded rows, and the book made of all three.
///
/// Nothing is read before the first call that needs a rate, and nothing again before a file changed. A file that cannot
/// be read is refused by that call and every later one until it can, not at start: a client shows what a call says, and
/// hides why a server did not start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prices(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    private: Option<PathBuf>,
    /// The account whose overlay is used; none for the embedded rows alone.
    overlay_of: Option<Account>,
    made: Mutex<Option<Made>>,
}

/// A book, the files it was made of, and when they were looked at.
#[derive(Debug)]
struct Made {
    book: Result<&'static PriceBook, ToolError>,
    files: [Option<Version>; 2],
    looked: Instant,
}

/// What tells one version of a file from another: when it was written, and its length.
type Version = (Option<Timestamp>, u64);

impl Prices {
    /// The overlay kept for an account, and a file of private rates.
    pub(crate) fn new(account: Account, private: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            private,
            overlay_of: Some(account),
            made: Mutex::default(),
        }))
    }

    /// The book, made on first use and again when a file of it changed.
    ///
    /// A book lives as long as the process, so that answers under way keep theirs: each change leaves one behind.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or understood, with the line: list rates are never answered in place of private ones.
    pub(crate) fn book(&self) -> Result<&'static PriceBook, ToolError> {
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at before they are read: a change in between is seen at the next look.
        let (files, looked) = (self.versions(), Instant::now());
        let book = match made.take() {
            Some(known) if known.files == files => known.book,
            _ => self.read(),
        };
        *made = Some(Made {
            book: book.clone(),
            files,
            looked,
        });
        book
    }

    /// The book where its files were looked at within a second, without touching the disk.
    pub(crate) fn made(&self) -> Option<Result<&'static PriceBook, ToolError>> {
        // Whoever holds it reads the files, which may be far away.
        let made = self.0.made.try_lock().ok()?;
        let known = made.as_ref()?;
        (known.looked.elapsed() < UNWATCHED).then(|| known.book.clone())
    }

    /// The files as they stand, none for one that is not there.
    fn versions(&self) -> [Option<Version>; 2] {
        [self.0.private.clone(), self.overlay_path()].map(|path| {
            let found = fs::metadata(path?).ok()?;
            let written = found.modified().ok();
            let written = written.and_then(|time| Timestamp::try_from(time).ok());
            Some((written, found.len()))
        })
    }

    fn read(&self) -> Result<&'static PriceBook, ToolError> {
        let private = self.0.private.as_deref().map(private).transpose()?;
        Ok(PriceBook::layered(self.overlay()?.as_ref(), private))
    }

    /// The overlay that was kept, if any.
    pub(crate) fn overlay(&self) -> Result<Option<Overlay>, ToolError> {
        let Some(path) = self.overlay_path() else {
            return Ok(None);
        };
        let refused = |problem: String| ToolError::PriceFile {
            problem: format!("the overlay of refreshed rates cannot be used: {problem}"),
            remedy: "run `bedrock-cost-mcp prices refresh` to make a new one, or delete the file price-overlay.csv",
        };
        match text(&path) {
            Ok(text) => Overlay::from_text(&text)
                .map(Some)
                .map_err(|error| refused(error.to_string())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refused(error.to_string())),
        }
    }

    /// Where the overlay is kept. What comes from the simulated account is kept apart, and never answers for AWS.
    pub(crate) fn overlay_path(&self) -> Option<PathBuf> {
        let name = match self.0.overlay_of? {
            Account::Live => "price-overlay.csv",
            Account::Sample => "price-overlay-sample.csv",
        };
        Some(config::data_folder()?.join(name))
    }

    /// Keeps an overlay in the place of the one before, which stays whole until the new one is.
    pub(crate) fn keep(&self, overlay: &Overlay) -> Result<PathBuf, String> {
        let path = self
            .overlay_path()
            .ok_or("there is no home folder to keep it in: set XDG_DATA_HOME")?;
        let written = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let beside = path.with_extension(format!("{}.tmp", std::process::id()));
            let mut file = fs::File::create(&beside)?;
            let done = file
                .write_all(overlay.to_text().as_bytes())
                .and_then(|()| file.sync_all())
                .and_then(|()| fs::rename(&beside, &path));
            if done.is_err() {
                // What is half written is no use; the error to tell is the one before.
                let _ = fs::remove_file(&beside);
            }
            done
        };
        written()
            .map(|()| path.clone())
            .map_err(|error| format!("cannot write {}: {error}", path.display()))
    }
}

/// Reads a file of private rates. What it says of the path is left out: answers are read by a model.
fn private(path: &Path) -> Result<PrivateRates, ToolError> {
    let refused = |problem: String| ToolError::PriceFile {
        problem: format!("the file of private rates that --rates names cannot be used: {problem}"),
        remedy: "mend the file, or start the server without --rates for list rates",
    };
    let text = text(path).map_err(|error| refused(error.to_string()))?;
    let is_table = path
        .extension()
        .and_then(OsStr::to_str)
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let read = if is_table {
        PrivateRates::from_csv(&text)
    } else {
        PrivateRates::from_toml(&text)
    };
    read.map_err(|error| refused(error.to_string()))
}

fn text(path: &Path) -> std::io::Result<String> {
    String::from_utf8(files::read_named(path, MOST_BYTES)?)
        .map_err(|_| std::io::Error::other("it is no text in UTF-8"))
}
