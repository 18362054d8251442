//! Letters beyond ASCII that tell one language from another of the same script, and Chinese characters by how common
//! they are.
//!
//! A vocabulary holds many words of the languages it was made for and few of the others: Ukrainian has a fifth more
//! tokens than the same number of Russian words in some, traditional Chinese two fifths more than simplified.

#![expect(
    clippy::indexing_slicing,
    reason = "only the compiler evaluates the table: an index out of bounds does not build"
)]

use super::bytes::Script;

include!(concat!(env!("OUT_DIR"), "/han.rs"));

/// Number of features made of letters and characters.
pub(super) const SIGNS: usize = HAN_GROUPS + GROUPS.len();

/// Letters of two bytes by the languages they are usual in; the names are those of the features.
const GROUPS: [(&str, &str); 16] = [
    ("l_germ", "äöüßÄÖÜ"),
    ("l_nord", "åæøÅÆØ"),
    ("l_acute", "áíóúýÁÍÓÚÝ"),
    ("l_fr", "èêàçùûôîâëïÈÊÀÇÙÛÔÎÂËÏ"),
    ("l_pt", "ãõÃÕ"),
    ("l_es", "ñÑ¿¡"),
    ("l_hu", "őűŐŰ"),
    ("l_ro", "ășțţĂȘȚŢ"),
    ("l_tr", "ığşİĞŞ"),
    ("l_cs", "ěščřžůňťďĚŠČŘŽŮŇŤĎ"),
    ("l_pl", "ąęłśćźżńĄĘŁŚĆŹŻŃ"),
    ("k_ru", "ыэёЫЭЁ"),
    ("k_uk", "іїєґІЇЄҐўЎ"),
    ("k_sr", "јљњћђџЈЉЊЋЂЏ"),
    ("k_bg", "ъщЪЩ"),
    ("a_fa", "پچژگکی"),
];

/// Code points of two bytes in UTF-8 that are no ASCII.
const TWO_BYTES: std::ops::Range<u32> = 0x80..0x800;

/// The position among the features of each letter of two bytes, plus one; 0 for none.
static LETTERS: [u8; 0x780] = {
    let mut letters = [0; 0x780];
    let mut group = 0;
    let mut position = HAN_GROUPS_U8;
    while group < GROUPS.len() {
        position += 1;
        let bytes = GROUPS[group].1.as_bytes();
        let mut k = 0;
        while k < bytes.len() {
            let code = (bytes[k] as usize & 0x1F) << 6 | bytes[k + 1] as usize & 0x3F;
            letters[code - TWO_BYTES.start as usize] = position;
            k += 2;
        }
        group += 1;
    }
    letters
};

/// Returns the position among the features of a code point beyond ASCII, if it is part of one.
pub(super) fn sign(code: u32) -> Option<usize> {
    let position = if code < TWO_BYTES.end {
        let at = usize::try_from(code.checked_sub(TWO_BYTES.start)?).ok()?;
        LETTERS.get(at).copied()?
    } else {
        let at = usize::try_from(code.checked_sub(HAN_START)?).ok()?;
        let two = HAN.get(at / 2)?;
        two >> (at % 2 * 4) & 15
    };
    usize::from(position).checked_sub(1)
}

/// Returns the script that the letters or characters of a feature belong to.
pub(super) fn script(position: usize) -> Script {
    let Some(group) = position.checked_sub(HAN_GROUPS) else {
        return Script::Han;
    };
    match GROUPS.get(group).and_then(|(name, _)| name.chars().next()) {
        Some('k') => Script::Cyrillic,
        Some('a') => Script::Arabic,
        _ => Script::Latin,
    }
}

/// Returns the names of the features, in order.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    HAN_NAMES
        .iter()
        .copied()
        .chain(GROUPS.iter().map(|(name, _)| *name))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    fn name_of(character: char) -> Option<&'static str> {
        sign(character.into()).map(|position| names().nth(position).unwrap())
    }

    #[test]
    fn every_letter_of_a_group_has_its_position() {
        for (name, letters) in GROUPS {
            for letter in letters.chars() {
                assert_eq!(name_of(letter), Some(name), "{letter}");
            }
        }
        assert_eq!(names().count(), SIGNS);
    }

    #[test]
    fn characters_are_told_apart_by_repertoire() {
        let check = |character, expected| {
            assert_eq!(name_of(character), expected, "{character}");
        };
        // The same word for "electricity": simplified and common, traditional.
        check('电', None);
        check('電', Some("h_trad"));
        check('的', None);
        check('們', Some("h_trad"));
        check('円', Some("h_jis"));
        check('龘', Some("h_rare"));
        check('a', None);
        check('é', None);
        check('я', None);
        check('і', Some("k_uk"));
        check('ひ', None);
        check('한', None);
        check('\u{4DFF}', None);
        check('\u{A000}', None);
        check('🙂', None);
    }
}
