//! Where a rate comes from: the embedded rows, an overlay of AWS's Price List, private rates.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::rates::Basis;

/// Days after which a rate that was checked is called old.
pub const STALE_DAYS: i32 = 90;

/// What a list rate was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListOrigin {
    /// The rows built into this program.
    Embedded,
    /// The overlay that was refreshed from AWS's Price List.
    Refreshed,
    /// Some token kinds from the overlay, the others from the embedded rows.
    Both,
}

impl ListOrigin {
    /// Returns the text for answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Refreshed => "refreshed",
            Self::Both => "refreshed and embedded",
        }
    }
}

/// What private rates made of a list rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivateTerms {
    /// The title that the file gives itself.
    pub title: &'static str,
    /// The date that the file gives itself.
    pub date: Date,
    /// Percent off the list rate, where a discount applies.
    pub percent_off: Option<Decimal>,
    /// Whether some of the rates are the file's own.
    pub own: bool,
    /// Where the file's own rates come from, in its words.
    pub source: Option<&'static str>,
}

impl fmt::Display for PrivateTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}: ", self.title, self.date)?;
        if self.own {
            f.write_str("rates of its own")?;
            if let Some(source) = self.source {
                write!(f, " ({source})")?;
            }
        }
        match self.percent_off {
            Some(percent) if self.own => {
                write!(
                    f,
                    ", {}% off the list rate of the others",
                    percent.normalize()
                )
            }
            Some(percent) => write!(f, "{}% off the list rate", percent.normalize()),
            None => Ok(()),
        }
    }
}

impl Basis {
    /// Tells whether a list rate was checked more than [`STALE_DAYS`] days before a day.
    ///
    /// Rates agreed in private do not age: they end when their file says so.
    #[must_use]
    pub fn is_stale(&self, today: Date) -> bool {
        self.list.is_some()
            && self
                .checked
                .checked_add(STALE_DAYS.days())
                .is_ok_and(|last| last < today)
    }
}
