//! The only place that writes to a terminal: answers on stdout, everything else on stderr.

use crate::tools::Progress;
use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{self, IsTerminal as _, Write},
    process::ExitCode,
    sync::Arc,
};
use tracing_subscriber::filter::LevelFilter;

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

/// A table that fits the terminal.
pub(crate) fn table<H: AsRef<str>>(header: &[H]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.iter().map(AsRef::as_ref));
    if table.width().is_none() {
        table.set_width(120);
    }
    table
}

/// Starts the log on stderr; stdout carries protocol only.
pub(crate) fn start_log(listening: bool) {
    let level = crate::config::log_level()
        .and_then(|text| text.parse::<LevelFilter>().ok())
        .unwrap_or(if listening {
            LevelFilter::INFO
        } else {
            LevelFilter::ERROR
        });
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(false)
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
