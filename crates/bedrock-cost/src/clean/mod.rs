//! Cleaning of prompts: the same facts in fewer tokens, computed by doing it.
//!
//! Every cleaning returns the text it makes, so that its tokens can be estimated and its content checked.

mod chat;
mod csv;
mod html;
mod json;

pub use self::chat::without_timestamps;
pub use self::csv::compact as compact_csv;
pub use self::html::{table_csv, text as html_text};
pub use self::json::minified as minified_json;

use crate::estimator::Content;

/// What a cleaning made of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// What was done.
    pub cleaning: Cleaning,
    /// The text that is left.
    pub text: String,
}

/// A way to say the same in fewer tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cleaning {
    /// HTML to its tables as CSV.
    HtmlToCsv,
    /// HTML to the text a reader sees.
    HtmlToText,
    /// CSV without quotes, spaces, rows and columns that hold nothing.
    CompactCsv,
    /// JSON without the white space between its parts.
    MinifiedJson,
    /// A transcript without its time stamps and cue numbers.
    WithoutTimestamps,
}

impl Cleaning {
    /// Returns the name: `html_to_csv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HtmlToCsv => "html_to_csv",
            Self::HtmlToText => "html_to_text",
            Self::CompactCsv => "compact_csv",
            Self::MinifiedJson => "minified_json",
            Self::WithoutTimestamps => "without_timestamps",
        }
    }

    /// Returns what is lost, for the reader to judge whether it matters.
    #[must_use]
    pub const fn drops(self) -> &'static str {
        match self {
            Self::HtmlToCsv => "everything outside tables; markup, links and images",
            Self::HtmlToText => "markup, links, images, scripts and styles",
            Self::CompactCsv => "empty rows and columns, spaces around cells, quotes not needed",
            Self::MinifiedJson => "nothing but white space",
            Self::WithoutTimestamps => {
                "time stamps and cue numbers at the start of lines, blank lines"
            }
        }
    }
}

/// Returns what the cleanings for this kind of content make of a text, where they make it shorter.
///
/// A text of another kind than it says is left alone: what is no valid JSON is not minified.
#[must_use]
pub fn cleaned(text: &str, content: Content) -> Vec<Cleaned> {
    let made = |cleaning, text: Option<String>| text.map(|text| Cleaned { cleaning, text });
    let all = match content {
        Content::Html => vec![
            made(Cleaning::HtmlToCsv, table_csv(text)),
            made(Cleaning::HtmlToText, Some(html_text(text))),
        ],
        Content::Csv => vec![made(Cleaning::CompactCsv, compact_csv(text))],
        Content::Json => vec![made(Cleaning::MinifiedJson, minified_json(text))],
        Content::Prose | Content::Latin | Content::Cjk | Content::OtherScript | Content::Logs => {
            vec![made(Cleaning::WithoutTimestamps, without_timestamps(text))]
        }
        Content::Code | Content::Markdown | Content::Config | Content::Dense => Vec::new(),
    };
    all.into_iter()
        .flatten()
        .filter(|cleaned| cleaned.text.len() < text.len())
        .collect()
}
