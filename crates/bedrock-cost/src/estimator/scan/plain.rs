//! The pass over a text as it is meant, letter by letter: what the fast one is held against.

use super::super::pairs::FOLLOWERS;
use super::{Counts, pass};

/// Counts letter by letter what makes tokens in a text.
pub(super) fn scan(text: &str) -> Counts {
    let mut counts = pass(text, |scan, first| {
        let before = scan.begin_letters();
        scan.mixed_letters(before, first)
    });
    for pair in text.as_bytes().windows(2) {
        let &[first, second] = pair else {
            continue;
        };
        let (first, second) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
        if !first.is_ascii_lowercase() || !second.is_ascii_lowercase() {
            continue;
        }
        let row = usize::from(first - b'a');
        let (rare, very_rare) = FOLLOWERS.get(row).copied().unwrap_or_default();
        counts.rare_pairs += u64::from(rare.contains(&second));
        counts.very_rare_pairs += u64::from(very_rare.contains(&second));
        counts.th += u64::from((first, second) == (b't', b'h'));
    }
    counts
}
