//! What holds for a text unlike those the model was fitted on: its parts do not cancel each other, and it has no fewer
//! tokens than it can have.

use super::bytes::{SCRIPTS, Script};
use super::coefficients::FRACTION;
use super::features::{FEATURES, FIRST_SCRIPT, FIRST_SIGN, ONE};
use super::letters;

/// Groups of features: words with Latin letters, digits, marks, white space, and one for each other script.
const GROUPS: usize = 4 + SCRIPTS;

/// The least share of what adds to a group that is left after what takes from it: one in this many.
///
/// Features that take away stand for parts of words and runs that were counted already. Where a group of the held-out
/// texts has a hundred tokens or more, 31% and more of it are left for every family.
const LEAST_LEFT: i128 = 4;

/// No token of any family known is longer: the runs of spaces and dashes of cl100k and what was made from it.
const LONGEST_TOKEN_BYTES: u64 = 128;

/// Fitted texts have up to 12 bytes in a token, those of indented JSON.
const MOST_BYTES_A_TOKEN: u64 = 16;

/// Letters or marks a token has in words and runs longer than any that were fitted on; random letters have two to three.
const RARE_A_TOKEN: u64 = 3;

/// Scripts that no text fitted on had, or too few to tell a coefficient, with the bytes of a character.
const UNFITTED: [(Script, u64); 7] = [
    (Script::FourByte, 4),
    (Script::Other, 3),
    (Script::OtherTwoByte, 2),
    (Script::Oriya, 3),
    (Script::Sinhala, 3),
    (Script::Lao, 3),
    (Script::Khmer, 3),
];

/// Bytes of a kind that the fitted texts had next to none of, beside the features.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rare {
    /// Letters that long words have beyond what is told apart.
    pub(super) letters: u64,
    /// Marks that long runs have beyond what is told apart and that differ from the one before.
    pub(super) marks: u64,
}

/// Returns the group of a feature.
fn group(feature: usize) -> usize {
    const WORDS: usize = 0;
    let of_script = |script: Script| match script {
        Script::Latin | Script::Vietnamese => WORDS,
        other => 4 + other as usize,
    };
    match feature {
        20..26 => 1,
        26..34 => 2,
        34..48 => 3,
        FIRST_SCRIPT..FIRST_SIGN => Script::ALL
            .get((feature - FIRST_SCRIPT) % SCRIPTS)
            .map_or(WORDS, |script| of_script(*script)),
        FIRST_SIGN.. => of_script(letters::script(feature - FIRST_SIGN)),
        _ => WORDS,
    }
}

/// What the features of a text and the coefficients of a family add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    /// Tokens, each group being what it can be.
    pub(super) tokens: u64,
    /// Tokens of the linear model alone.
    linear: u64,
}

/// Adds up features times coefficients by group, so that a part of a text never takes from the tokens of another.
pub(super) fn sum(features: &[i64; FEATURES], coefficients: &[i32; FEATURES], rare: Rare) -> Sum {
    let one = i128::from(ONE) * i128::from(FRACTION);
    let mut groups = [(0_i128, 0_i128); GROUPS];
    for (at, (feature, coefficient)) in features.iter().zip(coefficients).enumerate() {
        let product = i128::from(*feature) * i128::from(*coefficient);
        if let Some((adds, takes)) = groups.get_mut(group(at)) {
            *adds += product.max(0);
            *takes += product.min(0);
        }
    }
    let linear: i128 = groups.iter().map(|(adds, takes)| adds + takes).sum();
    let mut total = 0;
    for (at, (adds, takes)) in groups.iter().enumerate() {
        let left = (adds + takes).max(adds / LEAST_LEFT);
        let unfitted = UNFITTED
            .iter()
            .find(|(script, _)| 4 + *script as usize == at);
        // A character of theirs is a token at least, and a token a byte at least.
        total += unfitted.map_or(left, |(script, bytes)| {
            let each = i128::from(characters(features, *script)) * one;
            left.clamp(each, each * i128::from(*bytes))
        });
    }
    let rounded = |sum: i128| u64::try_from((sum + one / 2).div_euclid(one)).unwrap_or(0);
    Sum {
        tokens: rounded(total).saturating_add((rare.letters + rare.marks) / RARE_A_TOKEN),
        linear: rounded(linear),
    }
}

/// Returns the number of characters of a script.
fn characters(features: &[i64; FEATURES], script: Script) -> u64 {
    features
        .get(FIRST_SCRIPT + script as usize)
        .map_or(0, |feature| feature.unsigned_abs() / ONE.unsigned_abs())
}

/// Returns the fewest tokens that a text can have: no family joins words over white space (no count of the held-out
/// texts is below its words), none joins emoji as far as is known, and of other rare scripts at most two characters.
pub(super) fn fewest(features: &[i64; FEATURES], bytes: u64, words: u64) -> u64 {
    let rare = |script| characters(features, script);
    let joined = rare(Script::Other) + rare(Script::OtherTwoByte);
    let rare = rare(Script::FourByte) + joined / 2;
    words
        .max(rare)
        .max(bytes.div_ceil(LONGEST_TOKEN_BYTES))
        .min(bytes)
}

/// Returns whether a text is unlike those that were fitted on, so that its estimate is a guess within its bounds.
pub(super) fn is_outside(features: &[i64; FEATURES], bytes: u64, rare: Rare, sum: Sum) -> bool {
    let unfitted: u64 = UNFITTED
        .iter()
        .map(|(script, bytes)| characters(features, *script) * bytes)
        .sum();
    // Held-out texts have 0.2% of their bytes in emoji at most, and 17% in one kind of repetition.
    let rare_bytes = unfitted + rare.letters + rare.marks;
    let repeats = |feature: usize| {
        let times = features
            .get(feature)
            .map_or(0, |times| times.unsigned_abs());
        times / ONE.unsigned_abs() > bytes / 4 + MOST_BYTES_A_TOKEN
    };
    rare_bytes > bytes / 20
        || REPETITIONS.into_iter().any(repeats)
        || bytes > MOST_BYTES_A_TOKEN * (sum.tokens + 4)
        || sum.tokens - sum.linear.min(sum.tokens) > sum.tokens / 10 + 4
}

/// Features of repetition: equal marks, underscores and blank lines.
const REPETITIONS: [usize; 3] = [29, 32, 37];

#[cfg(test)]
mod tests {
    use super::super::coefficients::FEATURE_NAMES;
    use super::*;

    #[test]
    fn a_feature_is_in_the_group_of_what_it_stands_for() {
        let check = |name: &str, expected: usize| {
            let at = FEATURE_NAMES.iter().position(|other| *other == name);
            assert_eq!(at.map(group), Some(expected), "{name}");
        };
        for words in [
            "w_sp", "caps_w", "rare2", "aw", "x_len8", "comb", "c_latx", "w_viet", "l_cs",
        ] {
            check(words, 0);
        }
        for digits in ["d_runs", "mix"] {
            check(digits, 1);
        }
        for marks in ["p_runs", "quote"] {
            check(marks, 2);
        }
        for white in ["nl_w", "trail"] {
            check(white, 3);
        }
        for (names, script) in [
            (["c_han", "w_han", "h_rare"], Script::Han),
            (["c_cyr", "w_cyr", "k_bg"], Script::Cyrillic),
            (["c_ara", "w_ara", "a_fa"], Script::Arabic),
            (["c_emoji", "w_emoji", "c_emoji"], Script::FourByte),
        ] {
            for name in names {
                check(name, 4 + script as usize);
            }
        }
        let repetitions = REPETITIONS.map(|at| FEATURE_NAMES.get(at).copied());
        assert_eq!(repetitions, ["p_rep", "us", "nl_extra"].map(Some));
    }
}
