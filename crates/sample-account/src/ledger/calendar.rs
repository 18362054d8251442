//! Days as integers, the shape of a day and a week, and noise that is the same on every run.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// Minutes in a day; the ledger knows nothing finer.
pub const MINUTES: u64 = 1_440;

/// A UTC day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// Makes a day of the proleptic Gregorian calendar; the parts are not checked.
    #[must_use]
    pub const fn new(year: i32, month: i32, day: i32) -> Self {
        // Years start in March here, so that the leap day comes last.
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let month_from_march = (month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    /// The calendar date of this day.
    #[must_use]
    pub fn date(self) -> Date {
        EPOCH.saturating_add(self.0.days())
    }

    /// The first instant of this day, UTC.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp::from_second(i64::from(self.0) * 86_400).unwrap_or(Timestamp::MAX)
    }

    /// The day that holds an instant, UTC, and the minute in it.
    #[must_use]
    pub fn of(instant: Timestamp) -> (Self, u64) {
        let minutes = instant.as_second().div_euclid(60);
        let day = minutes.div_euclid(1_440);
        let minute = minutes.rem_euclid(1_440);
        (
            Self(i32::try_from(day).unwrap_or(i32::MAX)),
            u64::try_from(minute).unwrap_or(0),
        )
    }

    /// The next day but `count`.
    #[must_use]
    pub const fn plus(self, count: i32) -> Self {
        Self(self.0 + count)
    }

    /// 0 for Monday to 6 for Sunday.
    #[must_use]
    pub const fn weekday(self) -> i32 {
        // 1970-01-01 was a Thursday.
        (self.0 + 3).rem_euclid(7)
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self::new(
            i32::from(date.year()),
            i32::from(date.month()),
            i32::from(date.day()),
        )
    }
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// The first instant of a date, UTC.
#[must_use]
pub fn midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// How a workload spreads over the week and the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// People at work: office hours of the region, little at weekends.
    Office,
    /// Customers: busy from morning to late evening, a little more at weekends.
    Customers,
    /// Machines: every hour alike, with some noise from day to day.
    Machines,
    /// A nightly run between 01:00 and 05:00 UTC.
    Nightly,
    /// Exactly alike every hour: what is billed for existing.
    Flat,
    /// All of it in the first minute of the day: credits, refunds.
    Midnight,
}

const OFFICE: [u64; 24] = [
    2, 1, 1, 1, 1, 2, 4, 12, 40, 72, 90, 96, 70, 84, 98, 94, 82, 58, 26, 12, 8, 6, 4, 3,
];
const CUSTOMERS: [u64; 24] = [
    14, 9, 7, 6, 6, 8, 16, 30, 46, 56, 62, 66, 64, 62, 60, 62, 66, 72, 80, 88, 84, 66, 42, 24,
];
const NIGHTLY: [u64; 24] = [
    0, 30, 40, 40, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];
const LEVEL: [u64; 24] = [1; 24];
const FIRST: [u64; 24] = [
    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

impl Shape {
    const fn hours(self) -> &'static [u64; 24] {
        match self {
            Self::Office => &OFFICE,
            Self::Customers => &CUSTOMERS,
            Self::Nightly => &NIGHTLY,
            Self::Machines | Self::Flat => &LEVEL,
            Self::Midnight => &FIRST,
        }
    }

    /// The share of an ordinary day's volume that falls on this day, in thousandths.
    pub(super) fn day_permille(self, day: Day, seed: u64) -> u64 {
        let noise =
            |width: u64| 1_000 - width / 2 + noise(seed, day.0.unsigned_abs().into()) % width;
        match self {
            Self::Flat | Self::Midnight => 1_000,
            Self::Machines | Self::Nightly => noise(60),
            Self::Office if day.weekday() >= 5 => noise(240) * 190 / 1_000,
            Self::Office => noise(180) * 1_040 / 1_000,
            Self::Customers if day.weekday() >= 5 => noise(160) * 1_120 / 1_000,
            Self::Customers => noise(140) * 970 / 1_000,
        }
    }

    /// How much of `total` lies before a minute of the day (0 to 1,440); `ahead` hours move
    /// the profile from local time to UTC.
    ///
    /// Differences of this function split a day exactly, whatever the cuts.
    pub(super) fn before(self, total: u64, minute: u64, ahead: u64) -> u64 {
        if minute >= MINUTES {
            return total;
        }
        let profile = self.hours();
        let shifted = matches!(self, Self::Office | Self::Customers);
        let weight = |hour: u64| {
            let hour = if shifted { (hour + ahead) % 24 } else { hour };
            usize::try_from(hour)
                .ok()
                .and_then(|hour| profile.get(hour))
                .copied()
                .unwrap_or(0)
        };
        let sum: u64 = profile.iter().sum();
        let hour = minute / 60;
        let until_hour: u64 = (0..hour).map(weight).sum();
        let start = share(total, until_hour, sum);
        let end = share(total, until_hour + weight(hour), sum);
        if self == Self::Midnight {
            return if minute == 0 { 0 } else { end };
        }
        start + share(end - start, minute % 60, 60)
    }
}

/// `total * part / whole`, rounded down; `part <= whole`.
pub(super) fn share(total: u64, part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    u64::try_from(u128::from(total) * u128::from(part) / u128::from(whole)).unwrap_or(u64::MAX)
}

/// Hashes two numbers into one that looks random (the finalizer of splitmix64).
#[must_use]
pub fn noise(seed: u64, position: u64) -> u64 {
    let mut z = seed.wrapping_add(position.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A seed from a name, so that adding a row elsewhere changes nothing here (FNV-1a).
#[must_use]
pub fn seed(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a failing expect is a failing test")]
mod tests {
    use super::*;

    #[test]
    fn days_follow_the_calendar() {
        for (year, month, day) in [(1970, 1, 1), (2000, 2, 29), (2024, 12, 31), (2026, 11, 22)] {
            let date = Date::new(year, month, day).expect("a date");
            assert_eq!(Day::from(date).date(), date);
        }
        assert_eq!(Day::new(1970, 1, 1), Day(0));
        // 2026-11-22 is a Sunday.
        assert_eq!(Day::new(2026, 11, 22).weekday(), 6);
    }

    #[test]
    fn every_cut_of_a_day_adds_up() {
        for shape in [
            Shape::Office,
            Shape::Customers,
            Shape::Machines,
            Shape::Nightly,
            Shape::Flat,
            Shape::Midnight,
        ] {
            for total in [0, 1, 23, 1_000, 987_654_321] {
                for ahead in [0, 9] {
                    let minutes: u64 = (0..MINUTES)
                        .map(|m| shape.before(total, m + 1, ahead) - shape.before(total, m, ahead))
                        .sum();
                    assert_eq!(minutes, total, "{shape:?} {total}");
                    assert_eq!(shape.before(total, 0, ahead), 0);
                }
            }
        }
    }
}
