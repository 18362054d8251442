//! What a byte and a code point are to a tokenizer.

#![expect(
    clippy::indexing_slicing,
    reason = "only the compiler evaluates these tables: an index out of bounds does not build"
)]

/// What a byte of UTF-8 is to a tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    /// `a` to `z`.
    Lower,
    /// `A` to `Z`.
    Upper,
    /// `0` to `9`.
    Digit,
    /// A space.
    Space,
    /// A line feed or carriage return.
    Newline,
    /// A tabulator.
    Tab,
    /// Any other ASCII character.
    Mark,
    /// Part of a character beyond ASCII.
    High,
}

impl Class {
    /// Returns the class of a byte.
    pub(super) fn of(byte: u8) -> Self {
        // The table has 256 entries: the default is never taken, and the compiler leaves it out.
        CLASSES
            .get(usize::from(byte))
            .copied()
            .unwrap_or(Self::Mark)
    }

    /// Returns whether a byte is an ASCII letter, from its class.
    pub(super) fn is_letter(self) -> bool {
        matches!(self, Self::Lower | Self::Upper)
    }

    /// Returns the position in [`Self`]'s order.
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

static CLASSES: [Class; 256] = {
    let mut classes = [Class::Mark; 256];
    let mut byte = 0_u8;
    loop {
        classes[byte as usize] = match byte {
            b'a'..=b'z' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            b'0'..=b'9' => Class::Digit,
            b' ' => Class::Space,
            b'\n' | b'\r' => Class::Newline,
            b'\t' => Class::Tab,
            0x80.. => Class::High,
            _ => Class::Mark,
        };
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

/// Declares the scripts in the order of their columns.
macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $column:literal,)*) => {
        /// A group of code points beyond ASCII that tokenizers treat alike.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Script { $($(#[$doc])* $name,)* }

        impl Script {
            /// The ends of the feature names, in order: `han` of `c_han` and `w_han`.
            #[cfg(test)]
            pub(super) const COLUMNS: &[&str] = &[$($column,)*];
            /// Every script, in order.
            pub(super) const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

scripts! {
    /// Rare two-byte letters.
    OtherTwoByte = "oth2",
    /// Latin letters with marks.
    Latin = "latx",
    /// Latin Extended Additional, in which Vietnamese is written.
    Vietnamese = "viet",
    Greek = "grk",
    Cyrillic = "cyr",
    Hebrew = "heb",
    Arabic = "ara",
    Devanagari = "dev",
    Bengali = "ben",
    Gurmukhi = "guru",
    Gujarati = "guj",
    Oriya = "ori",
    Tamil = "tam",
    Telugu = "tel",
    Kannada = "kan",
    Malayalam = "mal",
    Sinhala = "sin",
    Thai = "thai",
    Lao = "lao",
    Myanmar = "mya",
    Georgian = "geo",
    Ethiopic = "eth",
    Khmer = "khm",
    Armenian = "arm",
    Hangul = "hang",
    Kana = "kana",
    Han = "han",
    /// Punctuation and full-width forms of East Asia.
    EastAsianMark = "cjkp",
    /// Typographic punctuation: dashes, quotes, ellipsis.
    Typographic = "gpunct",
    /// Arrows, mathematics, boxes and other symbols.
    Symbol = "sym",
    /// Everything in four bytes, mostly emoji.
    FourByte = "emoji",
    /// Any other three-byte character.
    Other = "oth3",
}

/// Number of scripts.
pub(super) const SCRIPTS: usize = Script::ALL.len();

impl Script {
    /// Returns the script of a code point beyond ASCII.
    pub(super) fn of(code: u32) -> Self {
        match code {
            0x1_0000.. => Self::FourByte,
            0x3000..0x3040 => Self::EastAsianMark,
            _ => usize::try_from(code >> 7)
                .ok()
                .and_then(|block| BLOCKS.get(block))
                .copied()
                .unwrap_or(Self::Other),
        }
    }

    /// Returns whether the script is written without spaces between words in East Asia, or is Hangul.
    pub(super) fn is_east_asian(self) -> bool {
        matches!(self, Self::Han | Self::Kana | Self::Hangul)
    }

    /// Returns whether the script is one of letters other than Latin and East Asian ones.
    pub(super) fn is_other_letter(self) -> bool {
        (Self::Greek as u8..=Self::Armenian as u8).contains(&(self as u8))
            || matches!(self, Self::Other | Self::OtherTwoByte)
    }
}

/// The script of each block of 128 code points below 0x10000.
static BLOCKS: [Script; 512] = {
    let mut blocks = [Script::Other; 512];
    let mut block = 0;
    while block < blocks.len() {
        blocks[block] = match block << 7 {
            0x80..0x280 => Script::Latin,
            0x280 => Script::OtherTwoByte,
            0x300 | 0x380 | 0x1F00 | 0x1F80 => Script::Greek,
            0x400 | 0x480 => Script::Cyrillic,
            0x500 => Script::Armenian,
            0x580 => Script::Hebrew,
            0x600..0x780 | 0xFB00..0xFF00 => Script::Arabic,
            0x900 => Script::Devanagari,
            0x980 => Script::Bengali,
            0xA00 => Script::Gurmukhi,
            0xA80 => Script::Gujarati,
            0xB00 => Script::Oriya,
            0xB80 => Script::Tamil,
            0xC00 => Script::Telugu,
            0xC80 => Script::Kannada,
            0xD00 => Script::Malayalam,
            0xD80 => Script::Sinhala,
            0xE00 => Script::Thai,
            0xE80 => Script::Lao,
            0x1000 => Script::Myanmar,
            0x1080 => Script::Georgian,
            0x1100 | 0x1180 | 0x3100 | 0x3180 | 0xAC00..0xD800 => Script::Hangul,
            0x1200..0x1400 => Script::Ethiopic,
            0x1780 => Script::Khmer,
            0x1E00 | 0x1E80 => Script::Vietnamese,
            0x2000 => Script::Typographic,
            0x2080..0x3000 | 0x3200..0x3400 => Script::Symbol,
            0x3000 | 0x3080 => Script::Kana,
            0x3400..0xA000 | 0xF900..0xFB00 => Script::Han,
            0xFF00 | 0xFF80 => Script::EastAsianMark,
            _ => Script::Other,
        };
        block += 1;
    }
    blocks
};
