//! Where a rate comes from: the embedded rows, an overlay of AWS's Price List, private rates.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::private::PrivateRates;
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

/// What private rates made of a list rate: kept small, as every rate may carry it.
#[derive(Debug, Clone, Copy)]
pub struct PrivateTerms {
    file: &'static PrivateRates,
    /// Places in the file's lists.
    discount: Option<u32>,
    own: Option<u32>,
    /// Whether the rates of long prompts are those of the list, beside own ones of ordinary prompts.
    long_at_list: bool,
}

impl PartialEq for PrivateTerms {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.file, other.file)
            && (self.discount, self.own) == (other.discount, other.own)
            && self.long_at_list == other.long_at_list
    }
}

impl Eq for PrivateTerms {}

impl PrivateTerms {
    pub(super) fn new(
        file: &'static PrivateRates,
        discount: Option<usize>,
        own: Option<usize>,
    ) -> Self {
        let small = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        Self {
            file,
            discount: discount.map(small),
            own: own.map(small),
            long_at_list: false,
        }
    }

    /// Says that the file's own rates are not those of long prompts.
    pub(super) const fn without_long_prompts(mut self) -> Self {
        self.long_at_list = true;
        self
    }

    /// Returns the title that the file gives itself.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.file.title()
    }

    /// Returns the date that the file gives itself.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.file.date()
    }

    /// Returns the percentage off the list rate, where a discount applies.
    #[must_use]
    pub fn percent_off(&self) -> Option<Decimal> {
        self.file.percent_of(self.discount? as usize)
    }

    /// Tells whether some of the rates are the file's own.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Returns where the file's own rates come from, in its words.
    #[must_use]
    pub fn source(&self) -> Option<&'static str> {
        self.file.source_of(self.own? as usize)
    }
}

impl fmt::Display for PrivateTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}: ", self.title(), self.date())?;
        if self.is_own() {
            f.write_str("rates of its own")?;
            if let Some(source) = self.source() {
                write!(f, " ({source})")?;
            }
        }
        match self.percent_off() {
            Some(percent) if self.is_own() => {
                let percent = percent.normalize();
                write!(f, ", {percent}% off the list rate of the others")?;
                if self.long_at_list {
                    f.write_str(", those of long prompts among them")?;
                }
                Ok(())
            }
            Some(percent) => write!(f, "{}% off the list rate", percent.normalize()),
            None if self.long_at_list => f.write_str("; long prompts stay at the list rate"),
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
