//! Reads the small comma-separated tables that are compiled into the crate.
//!
//! The tables hold no quotation marks and no commas inside a cell.

use std::collections::BTreeMap;

use jiff::civil::Date;

/// One line of a table, by column name.
pub(crate) struct Row<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Row<'a> {
    /// The text of a cell; empty if there is no such column.
    pub(crate) fn text(&self, column: &str) -> &'a str {
        self.0.get(column).copied().unwrap_or_default()
    }

    /// The date of a cell; none if it is empty.
    pub(crate) fn date(&self, column: &str) -> Option<Date> {
        self.text(column).parse().ok()
    }
}

/// The lines of a table under its head line.
pub(crate) fn rows(table: &str) -> impl Iterator<Item = Row<'_>> {
    let mut lines = table.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    lines.map(move |line| Row(head.iter().copied().zip(line.split(',')).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_has_all_its_cells() {
        for table in [
            include_str!("../data/models.csv"),
            include_str!("../data/token_rates.csv"),
            include_str!("../data/unit_rates.csv"),
        ] {
            let columns = |line: &str| line.split(',').count();
            let width = columns(table.lines().next().unwrap_or_default());
            assert!(table.lines().count() > 40);
            for line in table.lines() {
                assert_eq!(columns(line), width, "{line}");
            }
        }
    }

    #[test]
    fn dates_are_dates() {
        for row in rows(include_str!("../data/models.csv")) {
            assert!(row.date("launch").is_some(), "{}", row.text("model_id"));
            for column in ["legacy", "end_of_life"] {
                assert_eq!(row.date(column).is_some(), !row.text(column).is_empty());
            }
        }
    }
}
