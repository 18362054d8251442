//! The price book of this process: the embedded rows, the overlay its user kept, and private rates.

use crate::{
    config::{self, Account},
    error::ToolError,
    files,
};
use bedrock_cost::price_book::{Overlay, PriceBook, PrivateRates};
use std::{
    ffi::OsStr,
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

/// Rates are a few thousand lines; a file beyond this is not one of rates.
const MOST_BYTES: u64 = 20_000_000;

/// The files beside the embedded rows, and the book made of all three.
///
/// Nothing is read before the first call that needs a rate. A file that cannot be read is refused by that call and
/// every later one, not at start: a client shows what a call says, and hides why a server did not start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prices(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    private: Option<PathBuf>,
    /// The account whose overlay is used; none for the embedded rows alone.
    overlay_of: Option<Account>,
    book: OnceLock<Result<&'static PriceBook, ToolError>>,
}

impl Prices {
    /// The overlay kept for an account, and a file of private rates.
    pub(crate) fn new(account: Account, private: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            private,
            overlay_of: Some(account),
            book: OnceLock::new(),
        }))
    }

    /// The book, made on first use.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or understood, with the line: list rates are never answered in place of private ones.
    pub(crate) fn book(&self) -> Result<&'static PriceBook, ToolError> {
        self.0.book.get_or_init(|| self.read()).clone()
    }

    /// The book where it was made before, without reading any file.
    pub(crate) fn made(&self) -> Option<Result<&'static PriceBook, ToolError>> {
        self.0.book.get().cloned()
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
        remedy: "mend the file and start the server again, or start it without --rates for list rates",
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
