//! Tables of answers: columns once, a page of rows, and what all rows of the page share said once.

use super::{
    arguments::{Cursor, Whole, quoted},
    reply::{Correction, Warning},
};
use crate::error::ToolError;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The most rows of one answer: about 20,000 tokens.
pub(crate) const MOST_ROWS: usize = 500;

/// However wide rows are, a short answer has so many: fewer would not be a ranking.
const FEWEST_ROWS: usize = 5;

/// Which rows of a table are wanted: `limit` and `cursor` of every tool that has tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paging {
    limit: Option<usize>,
    from: usize,
    correction: Option<Correction>,
}

/// How many rows an answer has where no `limit` is given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Room {
    /// As many as fit into so many bytes of JSON: three of them are about a token.
    Bytes(usize),
    Rows(usize),
}

impl Paging {
    /// Reads `limit` and `cursor`. More rows than a reader can hold are left to the next page.
    pub(crate) fn read(limit: Option<Whole>, cursor: Option<&Cursor>) -> Result<Self, ToolError> {
        let mut out = Self::default();
        if let Some(Whole(given)) = limit {
            out.limit = match usize::try_from(given) {
                Ok(rows @ 1..=MOST_ROWS) => Some(rows),
                Ok(rows) if rows > MOST_ROWS => {
                    out.correction = Some(Correction::new(
                        "limit",
                        format!("{MOST_ROWS}, the most rows of one answer, instead of {rows}"),
                    ));
                    Some(MOST_ROWS)
                }
                _ => {
                    return Err(ToolError::invalid(
                        format!("limit is {given}"),
                        format!(
                            "give a number of rows from 1 to {MOST_ROWS}, or leave limit out for a short answer"
                        ),
                    ));
                }
            };
        }
        if let Some(Cursor(text)) = cursor {
            out.from = text.trim().parse().map_err(|_| {
                ToolError::invalid(
                    format!("{} is not a cursor", quoted(text)),
                    "give the next_cursor of an answer as it stands, with the same arguments",
                )
            })?;
        }
        Ok(out)
    }

    /// What reading the arguments changed.
    pub(crate) fn correction(&self) -> Option<Correction> {
        self.correction.clone()
    }

    /// Takes the wanted items out of all there are.
    pub(crate) fn cut<T>(&self, all: Vec<T>, most: usize) -> (Vec<T>, Rest) {
        let total = all.len();
        let most = self.limit.unwrap_or(most);
        let items: Vec<T> = all.into_iter().skip(self.from).take(most).collect();
        let seen = self.from.saturating_add(items.len());
        let more = seen < total && !items.is_empty();
        let rest = Rest {
            next_cursor: more.then(|| seen.to_string()),
            more_rows: more.then(|| total - seen),
            past_end: (self.from > 0 && self.from >= total).then(|| {
                Warning::new(
                    "cursor_past_end",
                    format!("there are {total} rows: leave cursor out to begin at the first"),
                )
            }),
        };
        (items, rest)
    }

    /// Makes a page of a table. What its rows share is told over all pages, so that these have the same columns.
    pub(crate) fn page(&self, columns: Vec<String>, rows: Vec<Vec<Value>>, room: Room) -> Page {
        let mut page = Page::of(columns, rows, Rest::default());
        let most = match room {
            Room::Rows(rows) => rows,
            Room::Bytes(bytes) => fitting(page.rows.iter().skip(self.from), bytes),
        };
        let (rows, rest) = self.cut(std::mem::take(&mut page.rows), most);
        Page {
            rows,
            more_rows: rest.more_rows,
            next_cursor: rest.next_cursor,
            past_end: rest.past_end,
            ..page
        }
    }
}

/// How many of the rows fit.
fn fitting<'a>(rows: impl Iterator<Item = &'a Vec<Value>>, bytes: usize) -> usize {
    let mut taken = 0;
    rows.take_while(|row| {
        taken += json!(row).to_string().len() + 1;
        taken <= bytes
    })
    .count()
    .max(FEWEST_ROWS)
}

/// What comes after the items taken.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    pub(crate) next_cursor: Option<String>,
    more_rows: Option<usize>,
    pub(crate) past_end: Option<Warning>,
}

/// A page of a table, as fields of an answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Page {
    /// Text that every row would repeat, by column.
    #[schemars(skip)]
    pub(crate) in_every_row: Map<String, Value>,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
    /// Rows after these.
    #[schemars(skip)]
    more_rows: Option<usize>,
    pub(crate) next_cursor: Option<String>,
    #[serde(skip)]
    #[schemars(skip)]
    pub(crate) past_end: Option<Warning>,
}

impl Page {
    /// Rows that were taken already, without the columns that say nothing or the same in each.
    pub(crate) fn of(columns: Vec<String>, rows: Vec<Vec<Value>>, rest: Rest) -> Self {
        let mut out = Self {
            more_rows: rest.more_rows,
            next_cursor: rest.next_cursor,
            past_end: rest.past_end,
            ..Self::default()
        };
        if rows.is_empty() {
            return out;
        }
        let mut kept = Vec::new();
        for (at, column) in columns.into_iter().enumerate() {
            let first = rows.first().and_then(|row| row.get(at));
            let text = first.map(|cell| cell.as_str().unwrap_or_default());
            let same = rows.iter().all(|row| row.get(at) == first);
            match (first, text) {
                // Empty in every row.
                (None | Some(Value::Null), _) | (Some(Value::String(_)), Some("")) if same => {}
                (Some(Value::String(text)), _) if same && rows.len() > 1 => {
                    out.in_every_row.insert(column, text.as_str().into());
                }
                _ => {
                    out.columns.push(column);
                    kept.push(at);
                }
            }
        }
        out.rows = rows
            .into_iter()
            .map(|row| {
                let cell = |at: &usize| row.get(*at).cloned().unwrap_or_default();
                kept.iter().map(cell).collect()
            })
            .collect();
        out
    }
}

/// `columns` from names.
pub(crate) fn named<const N: usize>(columns: [&str; N]) -> Vec<String> {
    columns.map(str::to_owned).into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn rows(count: usize) -> Vec<Vec<Value>> {
        (0..count)
            .map(|n| vec![json!(n), json!("us-east-1"), json!(""), Value::Null])
            .collect()
    }

    fn read(limit: Option<i64>, cursor: Option<&str>) -> Paging {
        let cursor = cursor.map(|text| Cursor(text.to_owned()));
        Paging::read(limit.map(Whole), cursor.as_ref()).unwrap()
    }

    fn columns() -> Vec<String> {
        named(["n", "region", "tier", "note"])
    }

    #[test]
    fn pages_make_up_the_whole() {
        let mut seen = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = read(Some(3), cursor.as_deref()).page(columns(), rows(10), Room::Rows(99));
            assert_eq!(page.columns, ["n"]);
            seen.extend(page.rows);
            assert_eq!(
                page.more_rows,
                page.next_cursor.as_ref().map(|_| 10 - seen.len())
            );
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        let whole: Vec<Vec<Value>> = (0..10).map(|n| vec![json!(n)]).collect();
        assert_eq!(seen, whole);
    }

    #[test]
    fn what_all_rows_share_is_said_once_and_what_none_has_is_not() {
        let page = read(None, None).page(columns(), rows(2), Room::Rows(9));
        assert_eq!(json!(page.in_every_row), json!({"region": "us-east-1"}));
        assert_eq!(page.columns, ["n"]);
        // One row has nothing to share.
        let page = read(None, None).page(columns(), rows(1), Room::Rows(9));
        assert_eq!(page.columns, ["n", "region"]);
        assert!(page.in_every_row.is_empty());
        // Amounts that happen to be the same are amounts.
        let same = vec![vec![json!("a"), json!(0)], vec![json!("b"), json!(0)]];
        let page = read(None, None).page(named(["service", "usd"]), same, Room::Rows(9));
        assert_eq!(page.columns, ["service", "usd"]);
        let none = read(None, None).page(columns(), Vec::new(), Room::Rows(9));
        assert!(none.columns.is_empty() && none.past_end.is_none());
    }

    #[test]
    fn a_short_answer_has_the_rows_that_fit() {
        let cell = |n: usize, width: usize| format!("{n:02}{}", "x".repeat(width - 2));
        let wide = |width: usize| -> Vec<Vec<Value>> {
            (0..100).map(|n| vec![json!(cell(n, width))]).collect()
        };
        let fits = |width| {
            let page = read(None, None);
            page.page(named(["x"]), wide(width), Room::Bytes(1_000))
                .rows
                .len()
        };
        // `["00xxx"],` is 10 bytes.
        assert_eq!(fits(5), 100);
        assert_eq!(fits(95), 10);
        assert_eq!(fits(2_000), FEWEST_ROWS);
    }

    #[test]
    fn cursors_and_limits_are_checked() {
        let past = read(None, Some("40")).page(columns(), rows(10), Room::Rows(9));
        assert_eq!(past.past_end.unwrap().code, "cursor_past_end");
        assert!(past.rows.is_empty() && past.next_cursor.is_none());
        assert!(read(Some(9_999), None).correction().is_some());
        for (limit, cursor, part) in [
            (Some(0), None, "limit is 0"),
            (Some(-4), None, "limit is -4"),
            (None, Some("abc"), "\"abc\" is not a cursor"),
            (None, Some("-1"), "is not a cursor"),
        ] {
            let cursor = cursor.map(|text: &str| Cursor(text.to_owned()));
            let error = Paging::read(limit.map(Whole), cursor.as_ref()).unwrap_err();
            assert!(error.to_text().contains(part), "{}", error.to_text());
        }
    }
}
