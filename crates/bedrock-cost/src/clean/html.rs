//! HTML to the text a reader sees, and its tables to CSV.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, StringReader, Token, Tokenizer};

/// Elements whose content no reader sees.
const UNSEEN: [&[u8]; 6] = [
    b"script",
    b"style",
    b"noscript",
    b"template",
    b"svg",
    b"iframe",
];

/// Elements that begin on a line of their own.
const BLOCKS: [&[u8]; 32] = [
    b"address",
    b"article",
    b"aside",
    b"blockquote",
    b"br",
    b"dd",
    b"div",
    b"dl",
    b"dt",
    b"fieldset",
    b"figure",
    b"footer",
    b"form",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"header",
    b"hr",
    b"li",
    b"main",
    b"nav",
    b"ol",
    b"p",
    b"pre",
    b"section",
    b"table",
    b"title",
    b"tr",
    b"ul",
];

/// A cell spans no more columns than this; the HTML standard says 1,000, which a page of nothing else would fill memory
/// with.
const MAX_SPAN: usize = 64;

/// Returns the text of an HTML page or fragment as a reader sees it: a line for each block, cells of a table row with a
/// tabulator between them, white space run together; no markup, links, images, scripts or styles.
#[must_use]
pub fn text(html: &str) -> String {
    let mut text = Text::default();
    for piece in pieces(html) {
        match piece {
            Piece::Text(part) => text.push(&part),
            Piece::Start(tag) if is_cell(&tag.name) => text.cell(),
            Piece::Start(tag) if BLOCKS.contains(&&**tag.name) => text.line(),
            Piece::End(name) if BLOCKS.contains(&name.as_slice()) => text.line(),
            Piece::Start(_) | Piece::End(_) => {}
        }
    }
    text.written.trim_end().to_owned()
}

/// Returns the tables of an HTML page as CSV, one after another with an empty line between; `None` without a table.
///
/// Every cell stays, with its white space run together; a cell over several columns is followed by empty ones. A table
/// inside a cell is written into that cell as text.
#[must_use]
pub fn table_csv(html: &str) -> Option<String> {
    let mut tables: Vec<Vec<Vec<String>>> = Vec::new();
    let mut depth = 0_usize;
    let mut cell: Option<(Text, usize)> = None;
    for piece in pieces(html) {
        match piece {
            Piece::Start(tag) if **tag.name == *b"table" => {
                depth += 1;
                if depth == 1 {
                    tables.push(Vec::new());
                }
            }
            Piece::End(name) if name == b"table" => {
                if depth == 1 {
                    end_cell(&mut tables, &mut cell);
                }
                depth = depth.saturating_sub(1);
            }
            Piece::Start(tag) if depth == 1 && **tag.name == *b"tr" => {
                end_cell(&mut tables, &mut cell);
                if let Some(table) = tables.last_mut() {
                    table.push(Vec::new());
                }
            }
            Piece::Start(tag) if depth == 1 && is_cell(&tag.name) => {
                end_cell(&mut tables, &mut cell);
                cell = Some((Text::default(), span(&tag)));
            }
            Piece::End(name) if depth == 1 && (is_cell(&name) || name == b"tr") => {
                end_cell(&mut tables, &mut cell);
            }
            Piece::Text(part) => {
                if let Some((text, _)) = &mut cell {
                    text.push(&part);
                }
            }
            Piece::Start(tag) => {
                if let Some((text, _)) = &mut cell
                    && (BLOCKS.contains(&&**tag.name) || is_cell(&tag.name))
                {
                    text.space();
                }
            }
            Piece::End(_) => {}
        }
    }
    end_cell(&mut tables, &mut cell);
    let written: Vec<String> = tables
        .iter()
        .filter_map(|rows| {
            let full = rows.iter().filter(|row| !row.is_empty());
            super::csv::write(full.map(|row| row.iter().map(String::as_str)))
        })
        .collect();
    (!written.is_empty()).then(|| written.join("\n"))
}

/// Puts the cell that was open, if any, at the end of the last row.
fn end_cell(tables: &mut [Vec<Vec<String>>], cell: &mut Option<(Text, usize)>) {
    if let Some((text, span)) = cell.take()
        && let Some(table) = tables.last_mut()
    {
        if table.is_empty() {
            table.push(Vec::new());
        }
        if let Some(row) = table.last_mut() {
            row.push(text.written.trim().to_owned());
            row.resize(row.len() + span - 1, String::new());
        }
    }
}

fn is_cell(name: &[u8]) -> bool {
    name == b"td" || name == b"th"
}

/// Reads `colspan`; anything odd is one column.
fn span(tag: &StartTag<()>) -> usize {
    tag.attributes
        .get(b"colspan".as_slice())
        .and_then(|value| std::str::from_utf8(&value.value).ok())
        .and_then(|value| value.trim().parse().ok())
        .map_or(1, |span: usize| span.clamp(1, MAX_SPAN))
}

/// What cleaning looks at.
enum Piece {
    Text(String),
    Start(StartTag<()>),
    End(Vec<u8>),
}

/// Reads HTML as a browser does, errors and all, and passes over what no reader sees.
fn pieces(html: &str) -> impl Iterator<Item = Piece> {
    let mut emitter = DefaultEmitter::default();
    // Without it the text of a script would be read as markup.
    emitter.naively_switch_states(true);
    let tokenizer: Tokenizer<StringReader<'_>, DefaultEmitter> =
        Tokenizer::new_with_emitter(html, emitter);
    let mut unseen: Option<Vec<u8>> = None;
    tokenizer.filter_map(move |token| {
        let Ok(token) = token;
        match (token, &unseen) {
            (Token::EndTag(tag), Some(open)) => {
                if **tag.name == **open {
                    unseen = None;
                }
                None
            }
            (_, Some(_)) | (Token::Comment(_) | Token::Doctype(_) | Token::Error(_), None) => None,
            (Token::StartTag(tag), None) => {
                if !tag.self_closing && UNSEEN.contains(&&**tag.name) {
                    unseen = Some(tag.name.to_vec());
                    None
                } else {
                    Some(Piece::Start(tag))
                }
            }
            (Token::EndTag(tag), None) => Some(Piece::End(tag.name.to_vec())),
            (Token::String(text), None) => Some(Piece::Text(
                String::from_utf8_lossy(&text.value).into_owned(),
            )),
        }
    })
}

/// Text as it is written: white space is held back until something follows it.
#[derive(Default)]
struct Text {
    written: String,
    pending: Pending,
}

/// White space that waits for text.
#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pending {
    #[default]
    None,
    Space,
    Tab,
    Line,
}

impl Text {
    fn push(&mut self, part: &str) {
        for c in part.chars() {
            if c.is_whitespace() {
                self.space();
                continue;
            }
            let white = match self.pending {
                Pending::None => None,
                Pending::Space => Some(' '),
                Pending::Tab => Some('\t'),
                Pending::Line => Some('\n'),
            };
            if let Some(white) = white
                && !self.written.is_empty()
            {
                self.written.push(white);
            }
            self.pending = Pending::None;
            self.written.push(c);
        }
    }

    fn space(&mut self) {
        self.pending = self.pending.max(Pending::Space);
    }

    fn cell(&mut self) {
        self.pending = self.pending.max(Pending::Tab);
    }

    fn line(&mut self) {
        self.pending = Pending::Line;
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::estimator::{TokenFamily, estimate};

    #[test]
    fn reads_what_a_reader_sees() {
        let check = |html: &str, expected: &str| assert_eq!(text(html), expected, "{html}");
        check(
            "<p>One <b>two</b></p><p>three &amp; four</p>",
            "One two\nthree & four",
        );
        check(
            "<style>p { color: red }</style><p>a</p><script>if (1 < 2) { '<p>' }</script>b",
            "a\nb",
        );
        check("<ul><li>a<li>b</ul>c", "a\nb\nc");
        check(
            "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>",
            "1\t2\n3",
        );
        check("  plain\n\n text ", "plain text");
        check("<p>a<!-- no --> &lt;b&gt;", "a <b>");
        check("", "");
    }

    #[test]
    fn tables_become_rows() {
        let check = |html: &str, expected: Option<&str>| {
            assert_eq!(table_csv(html).as_deref(), expected, "{html}");
        };
        check(
            "<table><thead><tr><th>Name</th><th>Sum</th></tr></thead><tbody><tr><td> a, b </td><td>1</td></tr></tbody></table>",
            Some("Name,Sum\n\"a, b\",1\n"),
        );
        check(
            "<table><tr><td colspan=2>a<td>b<tr><td>c</table>",
            Some("a,,b\nc\n"),
        );
        check(
            "<table><tr><td>a<br>b</td></tr></table><table><tr><td>c</table>",
            Some("a b\n\nc\n"),
        );
        check(
            "<table><tr><td>x<table><tr><td>y</td><td>z</td></tr></table></td><td>w</td></tr></table>",
            Some("x y z,w\n"),
        );
        check("<p>none</p>", None);
        check("<table></table>", None);
    }

    #[test]
    fn spans_cannot_fill_memory() {
        let html = format!(
            "<table><tr>{}</table>",
            "<td colspan=1000000000>".repeat(10_000)
        );
        assert!(table_csv(&html).unwrap().len() <= 10_000 * (MAX_SPAN + 1));
    }

    fn html_of(rows: &[Vec<String>]) -> String {
        let mut html = "<table class=\"data\">\n".to_owned();
        for row in rows {
            html.push_str("  <tr>\n");
            for cell in row {
                let cell = cell.replace('&', "&amp;").replace('<', "&lt;");
                writeln!(html, "    <td>{cell}</td>").unwrap();
            }
            html.push_str("  </tr>\n");
        }
        html + "</table>\n"
    }

    fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
        (1..6_usize).prop_flat_map(|columns| {
            let row = prop::collection::vec("[a-zA-Z0-9é漢 ,;\"'<&.-]{0,16}", columns);
            prop::collection::vec(row, 1..9)
        })
    }

    proptest! {
        #[test]
        fn a_table_as_csv_has_the_same_cells_in_fewer_tokens(rows in table()) {
            let html = html_of(&rows);
            let csv = table_csv(&html).unwrap();
            let read: Vec<Vec<String>> = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(csv.as_bytes())
                .records()
                .map(|record| record.unwrap().iter().map(ToOwned::to_owned).collect())
                .collect();
            let cells: Vec<Vec<String>> = rows
                .iter()
                .map(|row| row.iter().map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).collect())
                .collect();
            prop_assert_eq!(read, cells);
            for family in TokenFamily::ALL {
                let tokens = |text: &str| estimate(text, *family, None).value;
                prop_assert!(tokens(&csv) < tokens(&html), "{family}: {csv}");
            }
        }

        #[test]
        fn no_text_panics(html in any::<String>(), tags in "(<(/?(table|tr|td|p|script|style))>|&[a-z]{1,4};|<!--|x| ){0,40}") {
            for html in [html, tags] {
                let _ = text(&html);
                let _ = table_csv(&html);
            }
        }
    }
}
