//! The features of a text: what the linear model multiplies, in whole numbers so that every machine gets the same.

use super::bytes::{Class, SCRIPTS, Script};
use super::letters::SIGNS;
use super::scan::{Before, Counts};

/// Number of features.
pub(super) const FEATURES: usize = PLAIN + 2 * SCRIPTS + SIGNS;

/// The first feature of a script: characters of each, then runs of each.
pub(super) const FIRST_SCRIPT: usize = PLAIN;

/// The first feature of letters that tell languages apart.
pub(super) const FIRST_SIGN: usize = PLAIN + 2 * SCRIPTS;

/// Number of features of ASCII.
const PLAIN: usize = 56;

/// What 1 is written as in a feature: shares have a fraction, counts are multiples of it.
pub(super) const ONE: i64 = 1 << 10;

/// The features of ASCII, in the order of the columns of `tokens/coefficients.csv`.
///
/// `w` is a word, by what stands before it; `len` what words have beyond that length; `d` digits, `p` runs of marks, `nl`
/// line ends by what stands before them, `ind` indents; `q` and `x` are words of text in other Latin languages, with and
/// without accents.
#[cfg(test)]
pub(super) const PLAIN_NAMES: [&str; PLAIN] = [
    "w_sp", "w_nl", "w_pu", "w_dg", "w_camel", "w_hi", "w_tab", "len2", "len4", "len6", "len8",
    "len10", "len13", "single", "title", "caps_w", "caps_l2", "caps_l5", "rare1", "rare2",
    "d_runs", "d_n", "d_ceil3", "d_sp", "d_pu", "mix", "p_runs", "p_2", "p_x", "p_rep", "p_sp",
    "p_w", "us", "quote", "nl_w", "nl_p", "nl_o", "nl_extra", "ind1", "ind4", "ind8", "indx",
    "spr", "splong", "tab1", "tab2", "tabo", "trail", "aw", "q_w", "q_len4", "q_len8", "comb",
    "x_w", "x_len4", "x_len8",
];

/// Counts that several features and the kind of content are made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Totals {
    /// Letters of ASCII.
    pub(super) letters: u64,
    /// Words of ASCII letters that do not follow a digit.
    pub(super) words: u64,
    /// Words of capitals.
    pub(super) capitals: u64,
    /// Runs of digits.
    pub(super) digit_runs: u64,
    /// Digits.
    pub(super) digits: u64,
    /// Runs of marks.
    pub(super) mark_runs: u64,
    /// Latin letters with marks.
    pub(super) accented: u64,
}

impl Totals {
    pub(super) fn of(counts: &Counts) -> Self {
        let before = |before: Before| at(&counts.words_after, before as usize);
        let script = |script: Script| at(&counts.characters, script as usize);
        Self {
            letters: weighted(&counts.words, |length| length)
                + weighted(&counts.capitals, |length| length),
            words: counts.words_after.iter().sum::<u64>() - before(Before::Digit),
            capitals: counts.capitals.iter().sum(),
            digit_runs: counts.digits.iter().sum(),
            digits: weighted(&counts.digits, |length| length),
            mark_runs: counts.marks.iter().sum(),
            accented: script(Script::Latin) + script(Script::Vietnamese),
        }
    }

    /// Returns whether a text reads as prose of another language than English with Latin letters.
    pub(super) fn is_foreign(&self, counts: &Counts) -> bool {
        self.letters >= 60
            && (self.accented * 250 > self.letters || self.foreign_share(counts) * 4 > ONE_U64)
    }

    /// Share of words that belong to another language than English, in [`ONE`]ths, judged by accents.
    fn accented_share(&self) -> u64 {
        // One accent in twenty letters is as many as any Latin language writes.
        share(20 * self.accented, self.letters)
    }

    /// How much a text reads as prose of another language than English in plain letters, in [`ONE`]ths: it has few
    /// digits, marks, camel case and capitals, and `th` is rare.
    fn foreign_share(&self, counts: &Counts) -> u64 {
        let camel = at(&counts.words_after, Before::Camel as usize);
        let words = self.words + 1;
        let is_plain = ONE_U64 - share(8 * (self.mark_runs + self.digit_runs), 5 * words);
        let is_lower = ONE_U64 - share(3 * (camel + self.capitals), words);
        // English prose has 16 `th` in 1,000 letters or more.
        let is_english = share(counts.th * 1_000, 16 * (self.letters + 1));
        is_plain * is_lower * (ONE_U64 - is_english) / (ONE_U64 * ONE_U64)
    }
}

const ONE_U64: u64 = ONE.unsigned_abs();

/// Returns `part / whole` in [`ONE`]ths, at most 1.
fn share(part: u64, whole: u64) -> u64 {
    (part * ONE_U64)
        .checked_div(whole)
        .map_or(0, |share| share.min(ONE_U64))
}

fn at<const N: usize>(slots: &[u64; N], index: usize) -> u64 {
    slots.get(index).copied().unwrap_or_default()
}

/// Sums `weight(length)` over the runs.
fn weighted(runs: &[u64], weight: impl Fn(u64) -> u64) -> u64 {
    (0..)
        .zip(runs)
        .map(|(length, runs)| runs * weight(length))
        .sum()
}

/// Returns the features of a text in [`ONE`]ths.
pub(super) fn features(counts: &Counts) -> [i64; FEATURES] {
    let totals = Totals::of(counts);
    let after = |before: Before| at(&counts.words_after, before as usize);
    let beyond = |limit: u64| weighted(&counts.words, |length| length.saturating_sub(limit));
    let capitals_beyond =
        |limit: u64| weighted(&counts.capitals, |length| length.saturating_sub(limit));
    let line_ends = |class: Class| at(&counts.line_ends_after, class.index());
    let single = at(&counts.words, 1);
    let long_marks = totals.mark_runs - at(&counts.marks, 1);
    let more_marks = weighted(&counts.marks, |length| length.saturating_sub(2));
    let other_line_ends = counts.line_ends_after.iter().sum::<u64>()
        - line_ends(Class::Lower)
        - line_ends(Class::Mark);
    let [indent_1, indent_4, indent_8, indent_more] = counts.indents;
    let [tab_1, tab_more, tab_inside] = counts.tabs;
    let accented = totals.accented_share();
    let foreign = totals.foreign_share(counts);
    let spaced = after(Before::Space) + after(Before::Newline);
    // Everything up to the shares counts in ones; the shares are in ONEths already.
    let ones = [
        after(Before::Space),
        after(Before::Newline),
        after(Before::Mark),
        after(Before::Digit),
        after(Before::Camel),
        after(Before::High),
        after(Before::Tab),
        beyond(2),
        beyond(4),
        beyond(6),
        beyond(8),
        beyond(10),
        beyond(13),
        single,
        counts.titles,
        totals.capitals,
        capitals_beyond(2),
        capitals_beyond(5),
        counts.rare_pairs,
        counts.very_rare_pairs,
        totals.digit_runs,
        totals.digits,
        weighted(&counts.digits, |length| length.div_ceil(3)),
        counts.digits_after_space,
        counts.digits_after_mark,
        counts.mixed,
        totals.mark_runs,
        long_marks,
        more_marks.saturating_sub(counts.repeated_marks),
        counts.repeated_marks,
        counts.marks_after_space,
        counts.marks_before_word,
        counts.underscores,
        counts.quotes,
        line_ends(Class::Lower),
        line_ends(Class::Mark),
        other_line_ends,
        counts.blank_lines,
        indent_1,
        indent_4,
        indent_8,
        indent_more,
        counts.space_runs,
        counts.long_spaces,
        tab_1,
        tab_more,
        tab_inside,
        counts.trailing_spaces,
        counts.inner_latin,
    ];
    let before_marks = [
        accented * spaced,
        accented * beyond(4),
        accented * beyond(8),
    ];
    let combining = [counts.combining * ONE_U64];
    let after_marks = [foreign * spaced, foreign * beyond(4), foreign * beyond(8)];
    let scripts = counts.characters.iter().chain(&counts.script_runs);
    let beyond_ascii = scripts.chain(&counts.signs);
    let values = ones
        .iter()
        .map(|count| count * ONE_U64)
        .chain(before_marks)
        .chain(combining)
        .chain(after_marks)
        .chain(beyond_ascii.map(|count| count * ONE_U64));
    let mut features = [0; FEATURES];
    for (feature, value) in features.iter_mut().zip(values) {
        *feature = i64::try_from(value).unwrap_or(i64::MAX);
    }
    features
}
