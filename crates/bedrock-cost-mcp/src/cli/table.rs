//! Tables as text: lines wrap at spaces, and an id or a number is broken only where a table has no room for it.

use comfy_table::{Column, ColumnConstraint, ContentArrangement, Row, Width, presets};
use std::fmt;

/// Columns of a terminal that a table takes at most, unless there are too many columns even for a character each.
const WIDEST: usize = 120;

/// Rows under a header.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    pub(super) fn new<H: AsRef<str>>(header: &[H]) -> Self {
        let mut table = comfy_table::Table::new();
        table
            .load_preset(presets::UTF8_HORIZONTAL_ONLY)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(header.iter().map(AsRef::as_ref));
        Self(table)
    }

    pub(crate) fn add_row(&mut self, row: impl Into<Row>) {
        self.0.add_row(row);
    }

    /// The longest word of each column.
    fn words(&self) -> Vec<usize> {
        let mut longest = vec![0; self.0.column_iter().count()];
        for row in self.0.header().into_iter().chain(self.0.row_iter()) {
            for (longest, cell) in longest.iter_mut().zip(row.cell_iter()) {
                let content = cell.content();
                let words = content.split_whitespace();
                let word = words.map(|word| word.chars().count()).max();
                *longest = word.unwrap_or_default().max(*longest);
            }
        }
        longest
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = self.0.clone();
        let padding: usize = table
            .column_iter()
            .map(|column| usize::from(column.padding_width()))
            .sum();
        let wanted = table.column_max_content_widths();
        let wanted: Vec<usize> = wanted.into_iter().map(usize::from).collect();
        // A space stands between two columns, beside what pads each.
        let beside = padding + wanted.len().saturating_sub(1);
        let widths = widths(&self.words(), &wanted, WIDEST.saturating_sub(beside));
        for (column, width) in table.column_iter_mut().zip(widths) {
            fix(column, width);
        }
        write!(f, "{table}")
    }
}

fn fix(column: &mut Column, width: usize) {
    let width = u16::try_from(width).unwrap_or(u16::MAX);
    let padded = width.saturating_add(column.padding_width());
    column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(padded)));
}

/// Shares `room` among columns, given the longest word and the longest line of each.
///
/// A column gets its longest word, and of what is left a part of what its longest line wants more. Where the words alone
/// do not fit, the longest of them give way, so that short ones and numbers stay whole.
fn widths(words: &[usize], wanted: &[usize], room: usize) -> Vec<usize> {
    let cut = |most: usize| words.iter().map(move |word| (*word).min(most));
    let longest = words.iter().copied().max().unwrap_or_default();
    let most = (1..=longest)
        .rev()
        .find(|most| cut(*most).sum::<usize>() <= room)
        .unwrap_or(1);
    let least: Vec<usize> = cut(most).map(|width| width.max(1)).collect();
    let more: Vec<usize> = wanted
        .iter()
        .zip(&least)
        .map(|(wanted, least)| wanted.saturating_sub(*least))
        .collect();
    let all = more.iter().sum::<usize>().max(1);
    let spare = room.saturating_sub(least.iter().sum()).min(all);
    least
        .iter()
        .zip(more)
        .map(|(least, more)| least + more * spare / all)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[usize], wanted: &[usize], room: usize, expected: &[usize]) {
        assert_eq!(widths(words, wanted, room), expected);
    }

    #[test]
    fn words_come_first_and_lines_share_what_is_left() {
        // All of it fits.
        check(&[3, 4], &[10, 20], 30, &[10, 20]);
        // 22 are left beside the words; the lines want 20 and 40 more.
        check(&[8, 10], &[28, 50], 40, &[8 + 7, 10 + 14]);
        // Nothing is left.
        check(&[8, 10], &[28, 50], 18, &[8, 10]);
        // The longest word gives way alone, then those that are longest together.
        check(&[59, 9, 5], &[59, 40, 5], 40, &[26, 9, 5]);
        check(&[30, 30, 5], &[30, 30, 5], 45, &[20, 20, 5]);
        // Less room than columns.
        check(&[5, 5, 5], &[5, 5, 5], 2, &[1, 1, 1]);
        check(&[0, 2], &[0, 2], 10, &[1, 2]);
        check(&[], &[], 10, &[]);
    }

    #[test]
    fn ids_and_numbers_stay_whole_and_no_line_is_too_long() {
        let row = [
            "Claude Haiku 4.5 (Amazon Bedrock Edition)",
            "anthropic.claude-haiku-4-5-20251001-v1:0",
            "3459.0712345678",
            "input tokens that were written to the cache and read from it again, and those that were not",
            "us-gov-west-1",
        ];
        let mut table = Table::new(&["service", "model", "UnblendedCost", "kind", "region"]);
        table.add_row(row);
        let text = table.to_string();
        let printed: Vec<&str> = text.split_whitespace().collect();
        for word in row.iter().flat_map(|cell| cell.split_whitespace()) {
            assert!(printed.contains(&word), "{word} is broken in\n{text}");
        }
        for line in text.lines() {
            assert!(line.chars().count() <= WIDEST, "{line}");
        }
    }

    #[test]
    fn what_has_no_room_is_broken_where_it_is_longest() {
        let usage = "USW2-Llama3-1-70B-ProvisionedThroughput-NoCommit-ModelUnits";
        let mut table = Table::new(&["usage_type", "again", "UnblendedCost"]);
        table.add_row([usage, usage, "17856.0000000001"]);
        let text = table.to_string();
        assert!(text.contains(" 17856.0000000001"), "{text}");
        assert!(text.contains("UnblendedCost"), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDEST),
            "{text}"
        );
    }
}
