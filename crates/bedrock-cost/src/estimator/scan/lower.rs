//! The length of a run of lower-case letters, eight bytes at a time.

/// One in each byte of a word.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte of a word.
const TOPS: u64 = 0x80 * ONES;

/// Returns the number of bytes `a` to `z` that a slice begins with.
pub(super) fn lower_run(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    let mut length = 0;
    while let Some((eight, behind)) = rest.split_first_chunk::<8>() {
        let others = not_lower(u64::from_le_bytes(*eight));
        if others != 0 {
            // The first byte is the lowest; eight bits for each before the one that ends the run.
            return length + others.trailing_zeros() as usize / 8;
        }
        length += 8;
        rest = behind;
    }
    length
        + rest
            .iter()
            .take_while(|byte| byte.is_ascii_lowercase())
            .count()
}

/// Returns the highest bit of each byte that is no lower-case letter.
const fn not_lower(eight: u64) -> u64 {
    let low = eight & !TOPS;
    // Seven bits and less than 2^7 stay within their byte: the highest bit says whether the limit was reached.
    let from_a = low + (0x80 - b'a' as u64) * ONES;
    let beyond_z = low + (0x80 - b'z' as u64 - 1) * ONES;
    (!from_a | beyond_z | eight) & TOPS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_byte_but_a_letter_ends_a_run() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut bytes = [b'm'; 8];
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = byte;
                }
                let expected = if byte.is_ascii_lowercase() { 8 } else { at };
                assert_eq!(lower_run(&bytes), expected, "{byte} at {at}");
            }
        }
    }

    #[test]
    fn runs_of_any_length_are_measured_with_anything_behind() {
        for length in 0..40 {
            for behind in ["", "Z", "{zz", "`zzzzzzzzzzz", "é", "   and more words"] {
                let text = "az".repeat(length).split_at(length).0.to_owned() + behind;
                assert_eq!(lower_run(text.as_bytes()), length, "{text}");
            }
        }
    }
}
