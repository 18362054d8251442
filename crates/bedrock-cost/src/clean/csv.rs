//! CSV without what holds nothing.

use csv::{QuoteStyle, ReaderBuilder, Trim, WriterBuilder};

/// Delimiters tried, the most usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Returns a CSV text with a comma between cells, without spaces around cells, quotes that are not needed, empty rows
/// and empty columns; every other cell stays, in its order. A quote after a space is part of its cell, as the format says. `None` when the rows have no more than one cell.
#[must_use]
pub fn compact(text: &str) -> Option<String> {
    let delimiter = delimiter(text)?;
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().ok()?;
    let mut used: Vec<bool> = Vec::new();
    for row in &rows {
        if used.len() < row.len() {
            used.resize(row.len(), false);
        }
        for (is_used, cell) in used.iter_mut().zip(row) {
            *is_used |= !cell.is_empty();
        }
    }
    let full = rows
        .iter()
        .filter(|row| row.iter().any(|cell| !cell.is_empty()))
        .map(|row| {
            row.iter()
                .zip(&used)
                .filter(|(_, is_used)| **is_used)
                .map(|(cell, _)| cell)
        });
    write(full)
}

/// Returns the delimiter that cuts the first line into most cells.
fn delimiter(text: &str) -> Option<u8> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    DELIMITERS
        .into_iter()
        .rev()
        .map(|delimiter| {
            (
                first.bytes().filter(|&byte| byte == delimiter).count(),
                delimiter,
            )
        })
        .filter(|(cells, _)| *cells > 0)
        .max_by_key(|(cells, _)| *cells)
        .map(|(_, delimiter)| delimiter)
}

/// Writes rows as CSV with line feeds, quoting only where it must. `None` for no rows.
pub(super) fn write<'a, R>(rows: impl Iterator<Item = R>) -> Option<String>
where
    R: Iterator<Item = &'a str>,
{
    let mut writer = WriterBuilder::new()
        .quote_style(QuoteStyle::Necessary)
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).ok()?;
    }
    let bytes = writer.into_inner().ok()?;
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn drops_what_holds_nothing() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(compact(text).as_deref(), expected, "{text}");
        };
        check("\"a\",\"b\"\n 1 ,  2\n", Some("a,b\n1,2\n"));
        check("a;b;;c\r\n1;2;;3\r\n;;;\r\n", Some("a,b,c\n1,2,3\n"));
        check(
            "a\tb\n\"x, y\"\t\"say \"\"hi\"\"\"\n",
            Some("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n"),
        );
        check("a,b,c\n1\n2,3\n", Some("a,b,c\n1\n2,3\n"));
        check("one column\n", None);
        check("", None);
    }

    /// Cells of a table, each row of the same length, with a heading in every column.
    fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
        (2..6_usize).prop_flat_map(|columns| {
            let cell = "[a-zA-Z0-9é漢 ,;\"'\n.-]{0,12}";
            prop::collection::vec(prop::collection::vec(cell, columns), 1..8).prop_map(
                move |mut rows| {
                    rows.insert(0, (0..columns).map(|column| format!("c{column}")).collect());
                    rows
                },
            )
        })
    }

    proptest! {
        #[test]
        fn every_cell_stays(rows in table()) {
            let mut writer = WriterBuilder::new().quote_style(QuoteStyle::Always).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let compact = compact(&text).unwrap();
            prop_assert!(compact.len() <= text.len());
            let trimmed: Vec<Vec<String>> = rows
                .iter()
                .map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
                .filter(|row| row.iter().any(|cell| !cell.is_empty()))
                .collect();
            let read: Vec<Vec<String>> = ReaderBuilder::new()
                .has_headers(false)
                .from_reader(compact.as_bytes())
                .records()
                .map(|record| record.unwrap().iter().map(ToOwned::to_owned).collect())
                .collect();
            prop_assert_eq!(read, trimmed);
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = compact(&text);
        }
    }
}
