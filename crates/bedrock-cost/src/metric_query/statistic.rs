//! Statistics of a metric: the five plain ones, and percentiles with their kin.

use std::fmt;
use std::str::FromStr;

use crate::names::{UnknownName, named, same_name};

named! {
    /// A plain statistic.
    pub enum Statistic as "statistic" {
        /// The sum.
        Sum = "Sum" | "total",
        /// The average.
        Average = "Average" | "avg" | "mean",
        /// The greatest value.
        Maximum = "Maximum" | "max",
        /// The least value.
        Minimum = "Minimum" | "min",
        /// The number of values.
        SampleCount = "SampleCount" | "count" | "samples",
    }
}

/// A percentile (`p99`), trimmed mean (`tm90`), winsorized mean, trimmed count or sum, interquartile mean (`IQM`),
/// percentile rank, or one of these over a range (`TM(10%:90%)`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExtendedStatistic(String);

impl ExtendedStatistic {
    /// Returns the statistic as CloudWatch writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads an extended statistic in any case; `None` when the text is none.
    fn read(text: &str) -> Option<Self> {
        if text.len() > 40 {
            return None;
        }
        if same_name(text, "IQM") {
            return Some(Self("IQM".to_owned()));
        }
        if let Some((name, bounds)) = text.split_once('(') {
            let name = name.to_ascii_uppercase();
            let (low, high) = bounds.strip_suffix(')')?.split_once(':')?;
            let sound = ["TM", "WM", "TC", "TS", "PR"].contains(&name.as_str())
                && is_bound(low)
                && is_bound(high)
                && !(low.is_empty() && high.is_empty());
            return sound.then(|| Self(format!("{name}({low}:{high})")));
        }
        let name = text.to_ascii_lowercase();
        let percent = ["p", "tm", "wm", "tc", "ts"]
            .into_iter()
            .find_map(|kind| name.strip_prefix(kind))?;
        is_percent(percent).then_some(Self(name))
    }
}

fn is_number(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(fraction)
}

/// Tells whether the text is a number of 0 to 100 with at most ten decimals.
fn is_percent(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole_number: Option<u32> = whole.parse().ok();
    is_number(text)
        && fraction.len() <= 10
        && whole_number.is_some_and(|whole| {
            whole < 100 || (whole == 100 && fraction.bytes().all(|b| b == b'0'))
        })
}

fn is_bound(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_suffix('%')
            .map_or_else(|| is_number(text), is_percent)
}

/// A statistic of either kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Stat {
    /// One of the five.
    Plain(Statistic),
    /// A percentile or its kin.
    Extended(ExtendedStatistic),
}

impl Stat {
    /// Returns the statistic as CloudWatch writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Plain(statistic) => statistic.as_str(),
            Self::Extended(statistic) => statistic.as_str(),
        }
    }

    /// Tells whether it belongs under `ExtendedStatistics`.
    #[must_use]
    pub const fn is_extended(&self) -> bool {
        matches!(self, Self::Extended(_))
    }
}

impl FromStr for Stat {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::Plain).or_else(|error| {
            ExtendedStatistic::read(text.trim())
                .map(Self::Extended)
                .ok_or(error)
        })
    }
}

impl fmt::Display for Stat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
