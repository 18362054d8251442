//! The only place that writes to a terminal: answers on stdout, everything else on stderr.

use super::table::Table;
use crate::tools::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{self, IsTerminal as _, Write},
    process::ExitCode,
    sync::Arc,
};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Writes an answer; a reader that went away is not an error.
pub(crate) fn answer(text: &str) {
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        self::error(&format!("cannot write the answer: {error}"));
    }
}

/// Writes a message for the person at the terminal.
pub(crate) fn error(text: &str) {
    // When stderr is gone there is nowhere left to say so.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a message and fails.
pub(crate) fn fail(text: &str) -> ExitCode {
    error(text);
    ExitCode::FAILURE
}

/// Asks a person for a yes. Where nobody sits at the terminal there is no answer.
pub(crate) fn confirmed(question: &str) -> Option<bool> {
    if !io::stdin().is_terminal() {
        return None;
    }
    let mut asking = io::stderr().lock();
    write!(asking, "{question} [y/N] ")
        .and_then(|()| asking.flush())
        .ok()?;
    let mut said = String::new();
    io::stdin().read_line(&mut said).ok()?;
    let said = said.trim();
    Some(said.eq_ignore_ascii_case("y") || said.eq_ignore_ascii_case("yes"))
}

/// Help and version go to stdout, mistakes to stderr.
pub(crate) fn clap(message: &clap::Error) {
    drop(message.print());
}

/// A table without rows.
pub(crate) fn table<H: AsRef<str>>(header: &[H]) -> Table {
    Table::new(header)
}

/// Starts the log on stderr; stdout carries protocol only.
///
/// A level that the environment asks for is that of everything. Without one a server says what it does itself, and of
/// the libraries below what went wrong: `rmcp` tells three lines of each request over HTTP, which is a session of its own
/// to it, and an error where a client no longer waits.
pub(crate) fn start_log(listening: bool) {
    let asked = crate::config::log_level().and_then(|text| text.parse::<LevelFilter>().ok());
    let shown = match asked {
        Some(level) => Targets::new().with_default(level),
        None if listening => Targets::new()
            .with_default(LevelFilter::WARN)
            .with_target(env!("CARGO_CRATE_NAME"), LevelFilter::INFO)
            .with_target("rmcp::service", LevelFilter::OFF),
        None => Targets::new().with_default(LevelFilter::ERROR),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false);
    tracing_subscriber::registry()
        .with(shown)
        .with(lines)
        .init();
}

/// Shows on a terminal's stderr how far a call is; nothing where nobody watches. Its bar goes when the last of it is
/// dropped.
pub(super) fn progress() -> Progress {
    let bar = ProgressBar::new_spinner();
    let spinning = ProgressStyle::with_template("{spinner} {msg}");
    let filling = ProgressStyle::with_template("[{bar:30}] {pos}/{len} {msg}");
    let (Ok(spinning), Ok(filling)) = (spinning, filling) else {
        return Arc::new(|_, _, _| {});
    };
    bar.set_style(spinning);
    let shown = Shown(bar);
    Arc::new(move |done, total, what| {
        if let Some(total) = total {
            shown.0.set_style(filling.clone());
            shown.0.set_length(total.into());
        }
        shown.0.set_position(done.into());
        shown.0.set_message(what);
        shown.0.tick();
    })
}

struct Shown(ProgressBar);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
