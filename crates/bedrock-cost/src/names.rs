//! Closed sets of names: how their text is read loosely, printed exactly, and refused with the nearest match.

use std::fmt;

/// Longest stretch of foreign text repeated in an error, so that a megabyte of input does not come back as one.
const SHOWN_CHARS: usize = 80;

/// Text longer than this is not compared for nearness: no known name comes close to it in length.
const COMPARED_BYTES: usize = 64;

/// A text that is not in a closed set of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// What the name stands for, such as "granularity".
    pub what: &'static str,
    /// The text as it was given.
    pub given: String,
    /// Every accepted name.
    pub allowed: &'static [&'static str],
}

impl UnknownName {
    /// Accepted names that look like the given one, nearest first.
    #[must_use]
    pub fn nearest(&self) -> Vec<&'static str> {
        nearest(&self.given, self.allowed.iter().copied(), 3)
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {} {}", self.what, Shown(&self.given))?;
        let nearest = self.nearest();
        if !nearest.is_empty() && self.allowed.len() > 12 {
            write!(f, ", nearest: {}", nearest.join(", "))
        } else {
            write!(f, ", expected one of {}", self.allowed.join(", "))
        }
    }
}

impl std::error::Error for UnknownName {}

/// Foreign text in quotes for an error message: escaped, and cut after 80 characters.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(SHOWN_CHARS) {
            // What does not print or turns the text around is named, not written.
            if c == '\'' {
                write!(f, "{c}")?;
            } else {
                write!(f, "{}", c.escape_debug())?;
            }
        }
        f.write_str(if chars.next().is_some() {
            "...\""
        } else {
            "\""
        })
    }
}

/// Compares two names without regard to case, spaces, hyphens and underscores.
#[must_use]
pub fn same_name(a: &str, b: &str) -> bool {
    letters(a).eq(letters(b))
}

fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.trim()
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .map(|c| c.to_ascii_lowercase())
}

/// Returns at most `limit` candidates that look like `given`, nearest first, ties in the candidates' order.
pub fn nearest<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    limit: usize,
) -> Vec<&'a str> {
    let given = given.trim();
    if given.is_empty() || given.len() > COMPARED_BYTES {
        return Vec::new();
    }
    let given: String = letters(given).collect();
    let mut scored: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let name: String = letters(candidate).collect();
            let distance = strsim::damerau_levenshtein(&given, &name);
            // Beyond half of the name the likeness is chance.
            (distance * 2 <= name.chars().count().max(2)).then_some((distance, candidate))
        })
        .collect();
    scored.sort_by_key(|(distance, _)| *distance);
    scored
        .into_iter()
        .take(limit)
        .map(|(_, candidate)| candidate)
        .collect()
}

/// Declares a closed enum whose variants each own one exact text, with aliases that are read but never printed.
///
/// Reading ignores case, spaces, hyphens and underscores.
macro_rules! named {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident as $what:literal {
            $( $(#[$variant_meta:meta])* $Variant:ident = $text:literal $(| $alias:literal)* ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Name { $( $(#[$variant_meta])* $Variant ),+ }

        impl $Name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$( Self::$Variant ),+];
            /// Every exact text, in the order of declaration.
            pub const NAMES: &'static [&'static str] = &[$( $text ),+];

            /// Returns the exact text of this value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$Variant => $text ),+ }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $Name {
            type Err = $crate::names::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $(
                    if $crate::names::same_name(text, $text) $(|| $crate::names::same_name(text, $alias))* {
                        return Ok(Self::$Variant);
                    }
                )+
                Err($crate::names::UnknownName { what: $what, given: text.to_owned(), allowed: Self::NAMES })
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use named;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_separators() {
        for (a, b, same) in [
            ("UnblendedCost", "UNBLENDED_COST", true),
            ("unblended-cost", "UnblendedCost", true),
            (" linked account ", "LINKED_ACCOUNT", true),
            ("unblendedcosts", "UnblendedCost", false),
            ("", "UnblendedCost", false),
        ] {
            assert_eq!(same_name(a, b), same, "{a} {b}");
        }
    }

    #[test]
    fn nearest_names_come_first_and_strangers_not_at_all() {
        let names = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1"];
        assert_eq!(nearest("us-eest-1", names, 2), ["us-east-1", "us-east-2"]);
        assert_eq!(nearest("banana", names, 2), Vec::<&str>::new());
        assert_eq!(
            nearest(&"x".repeat(10_000_000), names, 2),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn shown_text_is_escaped_and_cut() {
        assert_eq!(Shown("a\"b\n\u{1}").to_string(), r#""a\"b\n\u{1}""#);
        // Marks that turn text around or are not seen.
        assert_eq!(
            Shown("\u{202E}it's \u{200B}Nóva").to_string(),
            r#""\u{202e}it's \u{200b}Nóva""#
        );
        assert_eq!(Shown(&"x".repeat(10_000)).to_string().len(), 80 + 5);
    }
}
