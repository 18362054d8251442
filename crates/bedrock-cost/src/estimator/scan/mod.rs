//! One pass over a text: counts of what makes tokens.
//!
//! A word is a run of ASCII letters of one case pattern: `getHTTPResponse` is the three words `get`, `HTTP` and `Response`.

use super::bytes::{Class, SCRIPTS, Script};
use super::letters::{SIGNS, sign};
use super::pairs::count_pairs;

#[cfg(test)]
mod alike;
mod lower;
#[cfg(test)]
mod plain;

use lower::lower_run;

/// Lengths told apart; a longer run is counted as one of this length.
pub(super) const LENGTHS: usize = 32;
/// Lengths of runs of marks told apart.
pub(super) const MARK_LENGTHS: usize = 16;

/// Counts of what one pass sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Words by what stands before them, see [`Before`].
    pub(super) words_after: [u64; 7],
    /// Words in lower case or with a capital first letter, by length.
    pub(super) words: [u64; LENGTHS],
    /// Words of two or more capitals, by length.
    pub(super) capitals: [u64; LENGTHS],
    /// Letters that words have beyond the longest length told apart.
    pub(super) long_letters: u64,
    /// Words with a capital first letter.
    pub(super) titles: u64,
    /// Pairs of letters that are rare.
    pub(super) rare_pairs: u64,
    /// Pairs of letters that are very rare.
    pub(super) very_rare_pairs: u64,
    /// `th`, in any case.
    pub(super) th: u64,
    /// Runs of digits by length.
    pub(super) digits: [u64; LENGTHS],
    /// Runs of digits after one space.
    pub(super) digits_after_space: u64,
    /// Runs of digits after a mark.
    pub(super) digits_after_mark: u64,
    /// Changes between letters and digits.
    pub(super) mixed: u64,
    /// Runs of marks by length.
    pub(super) marks: [u64; MARK_LENGTHS],
    /// Marks equal to the one before, and what long runs have beyond 15 but for [`Self::varied_marks`].
    pub(super) repeated_marks: u64,
    /// Marks of a run that differ from the one before, from the seventeenth such on.
    pub(super) varied_marks: u64,
    /// Runs of marks after one space.
    pub(super) marks_after_space: u64,
    /// Single marks in front of a letter.
    pub(super) marks_before_word: u64,
    /// Underscores, up to fifteen of a run.
    pub(super) underscores: u64,
    /// Runs of marks that begin with a quote.
    pub(super) quotes: u64,
    /// Runs of line ends by the class before them.
    pub(super) line_ends_after: [u64; 8],
    /// Line ends after the first of a run.
    pub(super) blank_lines: u64,
    /// Indents of 1, 2 to 4, 5 to 8 and more spaces.
    pub(super) indents: [u64; 4],
    /// Runs of two or more spaces inside a line.
    pub(super) space_runs: u64,
    /// Sixteens of spaces in long runs.
    pub(super) long_spaces: u64,
    /// Indents of one tabulator, of more, and runs of tabulators inside a line.
    pub(super) tabs: [u64; 3],
    /// Runs of spaces at the end of a line.
    pub(super) trailing_spaces: u64,
    /// Characters beyond ASCII by script.
    pub(super) characters: [u64; SCRIPTS],
    /// Runs of characters of one script.
    pub(super) script_runs: [u64; SCRIPTS],
    /// Letters and characters that tell languages apart, see [`sign`].
    pub(super) signs: [u64; SIGNS],
    /// Latin letters with marks inside a word.
    pub(super) inner_latin: u64,
    /// Combining marks.
    pub(super) combining: u64,
}

/// Index of [`Counts::words_after`].
#[derive(Debug, Clone, Copy)]
pub(super) enum Before {
    Space,
    Newline,
    Mark,
    Digit,
    Camel,
    High,
    Tab,
}

/// Counts what makes tokens in a text. Linear in its length; any text is fine.
pub(super) fn scan(text: &str) -> Counts {
    let mut counts = pass(text, Scan::letters);
    let pairs = count_pairs(text.as_bytes());
    counts.rare_pairs = pairs.rare;
    counts.very_rare_pairs = pairs.very_rare;
    counts.th = pairs.th;
    counts
}

/// Counts everything but pairs of letters, which are read by `letters`: from the first one on, as far as it says.
fn pass<'a>(text: &'a str, letters: impl Fn(&mut Scan<'a>, u8) -> usize) -> Counts {
    let mut scan = Scan {
        rest: text.as_bytes(),
        counts: Counts::default(),
        before: Class::Newline,
        after_one_space: false,
        script: None,
    };
    while let Some(&byte) = scan.rest.first() {
        let class = Class::of(byte);
        let length = match class {
            Class::Lower | Class::Upper => letters(&mut scan, byte),
            Class::Digit => scan.digits(),
            Class::Space => scan.spaces(),
            Class::Newline => scan.newlines(),
            Class::Tab => scan.tabs(),
            Class::Mark => scan.marks(byte),
            Class::High => scan.high(byte),
        };
        scan.rest = scan.rest.get(length..).unwrap_or_default();
    }
    scan.counts
}

struct Scan<'a> {
    rest: &'a [u8],
    counts: Counts,
    /// Class of the byte before `rest`.
    before: Class,
    /// Whether exactly one space that is no indent stands before `rest`.
    after_one_space: bool,
    /// Script of the last character beyond ASCII.
    script: Option<Script>,
}

/// Adds one to the slot of `index`, or to the last slot when there are fewer.
fn count<const N: usize>(slots: &mut [u64; N], index: usize) {
    if let Some(slot) = slots.get_mut(index.min(N - 1)) {
        *slot += 1;
    }
}

fn widen(length: usize) -> u64 {
    // A slice is never longer than 2^63 - 1 bytes.
    u64::try_from(length).unwrap_or(u64::MAX)
}

impl Scan<'_> {
    /// Length of the run at the start of `rest` that `belongs` holds for.
    fn run(&self, belongs: impl Fn(u8) -> bool) -> usize {
        self.rest
            .iter()
            .position(|&byte| !belongs(byte))
            .unwrap_or(self.rest.len())
    }

    fn moved(&mut self, class: Class) {
        self.before = class;
        self.after_one_space = false;
    }

    fn word(&mut self, before: Before, first: u8, length: usize) {
        count(&mut self.counts.words_after, before as usize);
        count(&mut self.counts.words, length);
        self.counts.long_letters += widen(length.saturating_sub(LENGTHS - 1));
        self.counts.titles += u64::from(first.is_ascii_uppercase());
    }

    fn capitals(&mut self, before: Before, length: usize) {
        count(&mut self.counts.words_after, before as usize);
        count(&mut self.counts.capitals, length);
        self.counts.long_letters += widen(length.saturating_sub(LENGTHS - 1));
    }

    /// Begins a run of letters; returns what stands before it.
    fn begin_letters(&mut self) -> Before {
        let before = match self.before {
            Class::Newline => Before::Newline,
            Class::Tab => Before::Tab,
            Class::Mark => Before::Mark,
            Class::Digit => Before::Digit,
            Class::High => Before::High,
            Class::Space | Class::Lower | Class::Upper => Before::Space,
        };
        self.counts.mixed += u64::from(self.before == Class::Digit);
        self.moved(Class::Lower);
        before
    }

    /// Reads words: most texts are words of small letters with one space between them.
    fn letters(&mut self, first: u8) -> usize {
        let mut before = self.begin_letters();
        let mut first = first;
        loop {
            let capital = usize::from(first.is_ascii_uppercase());
            let small = self.rest.get(capital..).map_or(0, lower_run);
            let length = capital + small;
            let Some(after) = self.rest.get(length..) else {
                return length;
            };
            if small == 0 || after.first().is_some_and(u8::is_ascii_uppercase) {
                return self.mixed_letters(before, first);
            }
            self.word(before, first, length);
            let [b' ', behind @ ..] = after else {
                return length;
            };
            match behind {
                [next, ..] if Class::of(*next).is_letter() => {
                    before = Before::Space;
                    first = *next;
                    self.rest = behind;
                }
                _ => return length,
            }
        }
    }

    /// Reads a run of letters of any case.
    fn mixed_letters(&mut self, mut before: Before, first: u8) -> usize {
        let mut class = Class::of(first);
        let mut all_capitals = class == Class::Upper;
        let (mut word_first, mut word_length) = (first, 1);
        let (mut last, mut length) = (first, 1);
        for &byte in self.rest.iter().skip(1) {
            let next = Class::of(byte);
            if !next.is_letter() {
                break;
            }
            if next != class {
                if next == Class::Upper {
                    self.word(before, word_first, word_length);
                    before = Before::Camel;
                    (word_first, word_length) = (byte, 0);
                    all_capitals = true;
                } else {
                    if word_length >= 2 {
                        // In `HTTPResponse` the last capital begins the next word.
                        self.capitals(before, word_length - 1);
                        before = Before::Camel;
                        (word_first, word_length) = (last, 1);
                    }
                    all_capitals = false;
                }
                class = next;
            }
            word_length += 1;
            length += 1;
            last = byte;
        }
        if all_capitals && word_length >= 2 {
            self.capitals(before, word_length);
        } else {
            self.word(before, word_first, word_length);
        }
        length
    }

    fn digits(&mut self) -> usize {
        let length = self.run(|byte| byte.is_ascii_digit());
        count(&mut self.counts.digits, length);
        if let Some(beyond) = length.checked_sub(LENGTHS - 1)
            && let Some(threes) = self.counts.digits.get_mut(3)
        {
            *threes += widen(beyond / 3);
        }
        self.counts.digits_after_space += u64::from(self.after_one_space);
        self.counts.digits_after_mark += u64::from(self.before == Class::Mark);
        self.counts.mixed += u64::from(self.before == Class::Lower);
        self.moved(Class::Digit);
        length
    }

    fn spaces(&mut self) -> usize {
        let length = self.run(|byte| byte == b' ');
        let at_line_start = self.before == Class::Newline;
        self.before = Class::Space;
        self.after_one_space = false;
        let is_trailing = matches!(self.rest.get(length), None | Some(b'\n' | b'\r'));
        if is_trailing {
            self.counts.trailing_spaces += 1;
        } else if at_line_start {
            let slot = match length {
                1 => 0,
                2..=4 => 1,
                5..=8 => 2,
                _ => 3,
            };
            count(&mut self.counts.indents, slot);
        } else if length == 1 {
            self.after_one_space = true;
        } else {
            self.counts.space_runs += 1;
        }
        if length > 16 && !is_trailing {
            self.counts.long_spaces += widen(length / 16);
        }
        length
    }

    fn newlines(&mut self) -> usize {
        let length = self.run(|byte| matches!(byte, b'\n' | b'\r'));
        count(&mut self.counts.line_ends_after, self.before.index());
        self.counts.blank_lines += widen(length - 1);
        self.moved(Class::Newline);
        length
    }

    fn tabs(&mut self) -> usize {
        let length = self.run(|byte| byte == b'\t');
        let slot = match (self.before == Class::Newline, length) {
            (true, 1) => 0,
            (true, _) => 1,
            (false, _) => 2,
        };
        count(&mut self.counts.tabs, slot);
        self.moved(Class::Tab);
        length
    }

    fn marks(&mut self, first: u8) -> usize {
        let (mut length, mut repeated, mut underscores) = (0, 0, 0);
        let mut last = None;
        for &byte in self.rest {
            if Class::of(byte) != Class::Mark {
                break;
            }
            repeated += u64::from(last == Some(byte));
            underscores += u64::from(byte == b'_');
            last = Some(byte);
            length += 1;
        }
        count(&mut self.counts.marks, length);
        // The first of a run is like none before it; a run has as many varied marks as a fitted one, and more.
        let varied = widen(length - 1) - repeated;
        let varied = varied.saturating_sub(widen(MARK_LENGTHS));
        self.counts.varied_marks += varied;
        self.counts.repeated_marks += length
            .checked_sub(MARK_LENGTHS)
            .map_or(repeated, |beyond| widen(beyond) + 1 - varied);
        self.counts.underscores += underscores.min(widen(MARK_LENGTHS - 1));
        self.counts.quotes += u64::from(matches!(first, b'"' | b'\''));
        self.counts.marks_after_space += u64::from(self.after_one_space);
        let before_word = length == 1
            && self
                .rest
                .get(1)
                .is_some_and(|&byte| Class::of(byte).is_letter());
        self.counts.marks_before_word += u64::from(before_word);
        self.moved(Class::Mark);
        length
    }

    fn high(&mut self, first: u8) -> usize {
        let tail = |at: usize| u32::from(self.rest.get(at).copied().unwrap_or_default() & 0x3F);
        let (code, length) = match first {
            0xF0.. => (0x1_0000, 4),
            0xE0.. => (u32::from(first & 0x0F) << 12 | tail(1) << 6 | tail(2), 3),
            _ => (u32::from(first & 0x1F) << 6 | tail(1), 2),
        };
        if (0x300..0x370).contains(&code) {
            // It stays in the word it marks.
            self.counts.combining += 1;
            return length;
        }
        let script = Script::of(code);
        let continues = self.before == Class::High && self.script == Some(script);
        count(&mut self.counts.characters, script as usize);
        if let Some(slot) = sign(code).and_then(|at| self.counts.signs.get_mut(at)) {
            *slot += 1;
        }
        if !continues {
            count(&mut self.counts.script_runs, script as usize);
        }
        let is_latin = matches!(script, Script::Latin | Script::Vietnamese);
        self.counts.inner_latin +=
            u64::from(is_latin && (self.before == Class::Lower || continues));
        let is_mark = matches!(script, Script::EastAsianMark | Script::Typographic);
        self.moved(if is_mark { Class::Mark } else { Class::High });
        self.script = Some(script);
        length
    }
}
