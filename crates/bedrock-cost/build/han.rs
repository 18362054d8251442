//! Turns the groups of Chinese characters in `tokens/han.csv` into a table of four bits for each.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The characters that the table covers: CJK Unified Ideographs.
const CHARACTERS: std::ops::Range<u32> = 0x4E00..0xA000;

pub(crate) fn rust(file: &Path) -> Result<String, Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    let mut groups = vec![None; usize::try_from(CHARACTERS.end - CHARACTERS.start)?];
    let mut names = String::new();
    // The group after those of the file is for all others.
    let mut count = 0_u8;
    for line in text.lines() {
        let (name, characters) = line.split_once(',').ok_or("a group has no characters")?;
        if count > 0 {
            write!(names, "\"{name}\", ")?;
        }
        for character in characters.chars() {
            let slot = u32::from(character)
                .checked_sub(CHARACTERS.start)
                .and_then(|at| groups.get_mut(usize::try_from(at).ok()?))
                .ok_or_else(|| format!("{character} of {name} is no Chinese character"))?;
            if slot.replace(count).is_some() {
                return Err(format!("{character} is in two groups").into());
            }
        }
        count += 1;
    }
    if count > 15 {
        return Err("a group has four bits".into());
    }
    write!(names, "\"h_rare\", ")?;
    let code = |group: &Option<u8>| group.unwrap_or(count);
    let mut table = String::new();
    for pair in groups.chunks(2) {
        let [low, high] = pair else {
            return Err("the characters are no whole bytes".into());
        };
        write!(table, "{}, ", code(low) | code(high) << 4)?;
    }
    Ok(format!(
        "/// Names of the features, in order: each group but the first, which is of the most common characters.\n\
         #[cfg(test)]\npub(super) static HAN_NAMES: [&str; HAN_GROUPS] = [{names}];\n\
         /// Number of groups that are a feature.\npub(super) const HAN_GROUPS: usize = {count};\n\
         /// The same in a byte.\nconst HAN_GROUPS_U8: u8 = {count};\n\
         /// The first character of the table.\nconst HAN_START: u32 = {};\n\
         /// The group of each character, two in a byte, the first in the low half.\nstatic HAN: [u8; {}] = [{table}];\n",
        CHARACTERS.start,
        groups.len() / 2,
    ))
}
