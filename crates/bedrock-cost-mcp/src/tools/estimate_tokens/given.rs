//! The text of a call: sent along, or in a file that the server may read.

use super::{MOST_BYTES, MOST_BYTES_AT_ONCE};
use crate::{error::ToolError, files::AllowedFolders, tools::reply::Warning};
use std::borrow::Cow;

/// Where the text is.
pub(super) enum Given {
    Text(String),
    File(String),
}

impl Given {
    pub(super) fn read(text: Option<String>, path: Option<String>) -> Result<Self, ToolError> {
        match (text, path) {
            (Some(_), Some(_)) => Err(ToolError::invalid(
                "text and path are both given",
                "send the text, or name the file",
            )),
            (None, Some(path)) => Ok(Self::File(path)),
            (Some(text), None) if text.len() > MOST_BYTES => Err(ToolError::invalid(
                format!("text has {} bytes", text.len()),
                format!("send at most {MOST_BYTES} bytes; for more, estimate a part and multiply"),
            )),
            (Some(text), None) => Ok(Self::Text(text)),
            (None, None) => Err(ToolError::invalid(
                "text is missing",
                "{\"text\": \"Summarise ...\", \"models\": [\"us.amazon.nova-lite-v1:0\"]}",
            )),
        }
    }

    /// Whether the text is here and short.
    pub(super) fn is_quick(&self) -> bool {
        match self {
            Self::Text(text) => text.len() <= MOST_BYTES_AT_ONCE,
            Self::File(_) => false,
        }
    }

    /// The text; of a file, bytes that are no UTF-8 are replaced.
    pub(super) fn text(&self, folders: &AllowedFolders) -> Result<Cow<'_, str>, ToolError> {
        match self {
            Self::Text(text) => Ok(Cow::Borrowed(text)),
            Self::File(path) => Ok(Cow::Owned(
                String::from_utf8(folders.read(path)?)
                    .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            )),
        }
    }
}

/// How much of the start of a text is looked at.
const SAMPLE_BYTES: usize = 1 << 16;

/// Says so where a text is no text: it has characters that nobody writes, or bytes that were no UTF-8.
pub(super) fn binary(text: &str) -> Option<Warning> {
    let sample = text
        .get(..text.floor_char_boundary(SAMPLE_BYTES))
        .unwrap_or(text);
    let odd = sample
        .chars()
        .filter(|character| is_odd(*character))
        .count();
    (odd * 100 > sample.chars().count()).then(|| {
        Warning::new(
            "binary_text",
            format!(
                "this reads as binary data, not as text: {odd} of the first {} characters are none that people write; \
                 a model is sent the text of such a file, or the file as a document or image, which is billed otherwise",
                sample.chars().count()
            ),
        )
    })
}

fn is_odd(character: char) -> bool {
    character == char::REPLACEMENT_CHARACTER
        || character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{C}' | '\u{1B}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_data_is_told_from_text() {
        let check = |text: &str, expected: bool| {
            assert_eq!(binary(text).is_some(), expected, "{text:?}");
        };
        check("", false);
        check(
            "Plain text,\twith a tab\r\nand \u{1B}[31mcolour\u{1B}[0m.",
            false,
        );
        check("The café serves 日本茶 🙂", false);
        check("\u{7F}ELF\u{2}\u{1}\u{1}\0\0\0\0", true);
        check("PNG\u{FFFD}\u{FFFD}IHDR", true);
        check(
            &format!("{}\0", "one odd character in many ".repeat(10)),
            false,
        );
    }
}
