//! Pairs of letters that are rare, counted apart from the words they stand in: a pass without branches.

#![expect(
    clippy::indexing_slicing,
    reason = "only the compiler evaluates the table: an index out of bounds does not build"
)]

/// For `a` to `z`: the letters that rarely follow, and those that hardly ever do, in English and program text.
///
/// Counted over the texts that the model was fitted on (2026-11-22).
pub(super) const FOLLOWERS: [(&[u8], &[u8]); 26] = [
    (b"aefhjvwxz", b"oq"),
    (b"bcdijkrs", b"fghmnpqtvwxz"),
    (b"cfpsyz", b"bdgjmnqvwx"),
    (b"bcdlnrstuy", b"fghjkmpqvwxz"),
    (b"bhjkoquy", b"z"),
    (b"lnsty", b"bcdghjkmpqvwxz"),
    (b"hlnoprst", b"bcdfgjkmqvwxyz"),
    (b"lmnsu", b"bcdfghjkpqvwxyz"),
    (b"kxz", b"hijquwy"),
    (b"aeosu", b"bcdfghijklmnpqrtvwxyz"),
    (b"ahilnostuw", b"bcdfgjkmpqrvxyz"),
    (b"kmnp", b"bcghjqrvwxz"),
    (b"bdlmsu", b"cfghjknqrtvwxyz"),
    (b"bfklmnpvy", b"hjqrwxz"),
    (b"aegivz", b"hjqxy"),
    (b"hm", b"bcdfgjknqvwxz"),
    (b"", b"abcdefghijklmnopqrstvwxyz"),
    (b"bfhklpvwz", b"jqx"),
    (b"dfklmnrvwyz", b"bgjqx"),
    (b"bflmw", b"gjknqvxz"),
    (b"abcdfgikpx", b"hjoquvwyz"),
    (b"o", b"bcdfghjklmnpqrstuvwxyz"),
    (b"nrsx", b"bcdfgjklmpqtuvwyz"),
    (b"aceimpr", b"bdfghjklnoqsuvwxyz"),
    (b"aceilmnostw", b"bdfghjkqruvxyz"),
    (b"aiosuy", b"bcdfghjklmnpqrtvwxz"),
];

/// What a very rare pair is written as in [`PAIRS`]; a rare one is 1.
const VERY_RARE: u8 = 128;

/// Pairs looked at in one go, a multiple of what the processor takes at once: fewer than [`VERY_RARE`], so that the counts
/// stay apart in the sum.
const BATCH: usize = 96;

/// The mark of each two bytes in a row, the first in the low half of the index. The case of letters does not matter, and
/// whatever is no letter has no mark.
static PAIRS: [u8; 1 << 16] = {
    let mut pairs = [0; 1 << 16];
    let mut first = 0;
    while first < FOLLOWERS.len() {
        let (rare, very_rare) = FOLLOWERS[first];
        let mut k = 0;
        while k < rare.len() + very_rare.len() {
            let (second, mark) = if k < rare.len() {
                (rare[k], 1)
            } else {
                (very_rare[k - rare.len()], VERY_RARE)
            };
            let lower = (second as usize) << 8 | (b'a' as usize + first);
            // The case of a letter is one bit.
            pairs[lower] = mark;
            pairs[lower ^ 0x20] = mark;
            pairs[lower ^ 0x2000] = mark;
            pairs[lower ^ 0x2020] = mark;
            k += 1;
        }
        first += 1;
    }
    pairs
};

/// Counts of pairs of ASCII letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PairCounts {
    pub(super) rare: u64,
    pub(super) very_rare: u64,
    /// `th`, which tells English from other languages.
    pub(super) th: u64,
}

/// Counts the pairs of letters of a text, in any case.
pub(super) fn count_pairs(bytes: &[u8]) -> PairCounts {
    let mut counts = PairCounts::default();
    let mut rest = bytes;
    while rest.len() >= 2 {
        // The last byte of a batch is the first of the next.
        let batch = rest.get(..=BATCH).unwrap_or(rest);
        let marks = marks(batch);
        counts.rare += u64::from(marks % u32::from(VERY_RARE));
        counts.very_rare += u64::from(marks / u32::from(VERY_RARE));
        counts.th += u64::from(th(batch));
        rest = rest.get(batch.len() - 1..).unwrap_or_default();
    }
    counts
}

/// Adds up the marks of a batch.
fn marks(batch: &[u8]) -> u32 {
    let mut sum = 0;
    let mut rest = batch;
    while let Some([start @ .., last]) = rest.first_chunk::<9>() {
        // Every second pair begins in the low half of two bytes, the others when these are moved by one.
        let even = u64::from_le_bytes(*start);
        let odd = even >> 8 | u64::from(*last) << 56;
        sum += four_marks(even) + four_marks(odd);
        rest = rest.get(8..).unwrap_or_default();
    }
    for pair in rest.windows(2) {
        if let [first, second] = pair {
            sum += mark(u16::from_le_bytes([*first, *second]).into());
        }
    }
    sum
}

fn four_marks(eight: u64) -> u32 {
    mark(eight) + mark(eight >> 16) + mark(eight >> 32) + mark(eight >> 48)
}

/// Returns the mark of the pair in the lowest two bytes.
fn mark(bytes: u64) -> u32 {
    // What two bytes hold is never beyond the table.
    u32::from(PAIRS[(bytes & 0xFFFF) as usize])
}

/// Counts `th` in a batch, without a branch so that many bytes are looked at together.
fn th(batch: &[u8]) -> u8 {
    let mut found = 0;
    for (first, second) in batch.iter().zip(batch.iter().skip(1)) {
        found += u8::from(first | 0x20 == b't') & u8::from(second | 0x20 == b'h');
    }
    found
}
