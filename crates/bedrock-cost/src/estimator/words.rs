//! The number of words of a text: runs without white space.

/// Bytes looked at in one go, a multiple of what the processor takes at once: few enough to be counted in one byte.
const BATCH: usize = 224;

/// Counts the words of a text.
pub(super) fn count_words(text: &str) -> u64 {
    ascii_starts(text.as_bytes()).saturating_add_signed(beyond_ascii(text))
}

/// Counts the bytes that are no white space of ASCII and begin the text or follow some.
fn ascii_starts(bytes: &[u8]) -> u64 {
    let Some(first) = bytes.first() else {
        return 0;
    };
    let mut starts = u64::from(!is_space(*first));
    let mut rest = bytes;
    while rest.len() >= 2 {
        // The last byte of a batch is the first of the next.
        let batch = rest.get(..=BATCH).unwrap_or(rest);
        let mut found = 0_u8;
        for (before, byte) in batch.iter().zip(batch.iter().skip(1)) {
            found += u8::from(is_space(*before)) & u8::from(!is_space(*byte));
        }
        starts += u64::from(found);
        rest = rest.get(batch.len() - 1..).unwrap_or_default();
    }
    starts
}

/// Without a branch, so that many bytes are looked at together.
fn is_space(byte: u8) -> bool {
    (byte == b' ') | (byte.wrapping_sub(b'\t') <= b'\r' - b'\t')
}

/// Returns what white space beyond ASCII, such as U+3000, adds to the words that ASCII alone gives.
fn beyond_ascii(text: &str) -> i64 {
    // Such a character begins with one of four bytes.
    let is_candidate = |byte: u8| (byte == 0xC2) | (byte.wrapping_sub(0xE1) <= 2);
    let mut change = 0;
    let mut passed = 0;
    for batch in text.as_bytes().chunks(64) {
        // Without a branch for each byte, so that many are looked at together.
        let mut any = 0;
        for byte in batch {
            any |= u8::from(is_candidate(*byte));
        }
        if any != 0 {
            let places = (passed..).zip(batch);
            change += places
                .filter(|(_, byte)| is_candidate(**byte))
                .filter_map(|(at, _)| text.split_at_checked(at))
                .map(|(before, here)| change_at(before, here))
                .sum::<i64>();
        }
        passed += batch.len();
    }
    change
}

/// Returns what the first character of `here` changes, if it is white space.
fn change_at(before: &str, here: &str) -> i64 {
    let mut characters = here.chars();
    if !characters.next().is_some_and(char::is_whitespace) {
        return 0;
    }
    let last = before.chars().next_back();
    let was_start = last.is_none_or(char::is_whitespace);
    // White space beyond ASCII that follows has its own turn.
    let next = characters.as_str().bytes().next();
    i64::from(next.is_some_and(|byte| !is_space(byte))) - i64::from(was_start)
}
