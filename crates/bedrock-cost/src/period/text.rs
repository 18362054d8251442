//! The texts that name dates and periods: `2024-11-01`, `-30d`, `last_month`, `month_to_date`.

use jiff::civil::{Date, Weekday};

use super::{BillingPeriod, PeriodError, plus_days, plus_months, too_far, utc_date};
use crate::time_range::iso_instant;

/// Longest relative distance that is read, in any unit. Ten thousand months reach past every record AWS keeps.
const MAX_DISTANCE: i64 = 10_000;

/// Reads one date: `YYYY-MM-DD`, with a time (its UTC date), `today`, `yesterday`, `tomorrow`, `-30d`, `2 weeks ago`.
///
/// # Errors
///
/// Fails when the text has none of these forms, or names a date that is not in the calendar.
pub fn parse_date(text: &str, today: Date) -> Result<Date, PeriodError> {
    let text = text.trim();
    let given = || text.to_owned();
    if let Some(distance) = day_name(text) {
        return plus_days(today, distance).ok_or_else(|| too_far(text));
    }
    if let Some(date) = calendar_date(text) {
        return date;
    }
    if let Some(instant) = iso_instant(text)? {
        return Ok(utc_date(instant));
    }
    match relative(text) {
        Some((distance, Unit::Days)) => plus_days(today, distance).ok_or_else(|| too_far(text)),
        Some((distance, Unit::Months)) => plus_months(today, distance).ok_or_else(|| too_far(text)),
        Some((_, Unit::Seconds)) | None => Err(PeriodError::NotADate { given: given() }),
    }
}

pub(crate) fn present(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Returns how far the named day lies from today.
pub(crate) fn day_name(text: &str) -> Option<i64> {
    [("yesterday", -1), ("today", 0), ("tomorrow", 1)]
        .into_iter()
        .find_map(|(name, distance)| text.eq_ignore_ascii_case(name).then_some(distance))
}

/// Reads `YYYY-MM-DD`; `None` when the text has another form, an error when no such date exists.
pub(crate) fn calendar_date(text: &str) -> Option<Result<Date, PeriodError>> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    Some(exact_date(text, year, month, day))
}

pub(crate) fn exact_date(
    given: &str,
    year: i16,
    month: i16,
    day: i16,
) -> Result<Date, PeriodError> {
    let impossible = |reason: String| PeriodError::Impossible {
        given: given.to_owned(),
        reason,
    };
    let month = i8::try_from(month).unwrap_or(0);
    let day = i8::try_from(day).unwrap_or(0);
    let Ok(first) = Date::new(year, month, 1) else {
        return Err(impossible("months run from 01 to 12".to_owned()));
    };
    Date::new(year, month, day).map_err(|_| {
        impossible(format!(
            "{} has {} days",
            first.strftime("%B %Y"),
            first.days_in_month()
        ))
    })
}

pub(crate) fn digits(text: &str, count: usize) -> Option<i16> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Reads the name of a period, such as `last_month`, `last_7_days`, `2024-11`; `None` when the text is no such name.
pub(crate) fn named_period(text: &str, today: Date) -> Result<Option<BillingPeriod>, PeriodError> {
    if text.len() > 40 {
        return Ok(None);
    }
    if let Some((year, month)) = text.split_once('-')
        && let (Some(year), Some(month)) = (digits(year, 4), digits(month, 2))
    {
        return exact_date(text, year, month, 1).map(BillingPeriod::month_of);
    }
    if let Some(distance) = day_name(text) {
        return Ok(plus_days(today, distance).and_then(BillingPeriod::day));
    }
    let name = text.to_ascii_lowercase().replace([' ', '-'], "_");
    let month = today.first_of_month();
    let week = today
        .nth_weekday(-1, Weekday::Monday)
        .ok()
        .filter(|_| today.weekday() != Weekday::Monday)
        .unwrap_or(today);
    let quarter = plus_months(month, -i64::from((month.month() - 1) % 3));
    let year = today.first_of_year();
    let of = |start: Option<Date>, end: Option<Date>| {
        start
            .zip(end)
            .map(|(start, end)| BillingPeriod { start, end })
    };
    let months = |start: Option<Date>, count: i64| {
        of(start, start.and_then(|start| plus_months(start, count)))
    };
    let days = |start: Option<Date>, count: i64| {
        of(start, start.and_then(|start| plus_days(start, count)))
    };
    let back = |start: Option<Date>, count: i64| start.and_then(|start| plus_months(start, -count));
    let found = match name.as_str() {
        "this_week" | "current_week" => days(Some(week), 7),
        "last_week" | "previous_week" => days(plus_days(week, -7), 7),
        "this_month" | "current_month" => months(Some(month), 1),
        "last_month" | "previous_month" => months(back(Some(month), 1), 1),
        "next_month" => months(plus_months(month, 1), 1),
        "rest_of_month" => of(Some(today), plus_months(month, 1)),
        "this_quarter" | "current_quarter" => months(quarter, 3),
        "last_quarter" | "previous_quarter" => months(back(quarter, 3), 3),
        "this_year" | "current_year" => months(Some(year), 12),
        "last_year" | "previous_year" => months(back(Some(year), 12), 12),
        "week_to_date" => of(Some(week), plus_days(today, 1)),
        "month_to_date" | "mtd" => of(Some(month), plus_days(today, 1)),
        "quarter_to_date" | "qtd" => of(quarter, plus_days(today, 1)),
        "year_to_date" | "ytd" => of(Some(year), plus_days(today, 1)),
        _ => {
            let Some((past, count, unit)) = counted_period(&name) else {
                return Ok(None);
            };
            match (past, unit) {
                (true, Unit::Days) => of(plus_days(today, -count), Some(today)),
                (true, Unit::Months) => of(back(Some(month), count), Some(month)),
                (false, Unit::Days) => days(Some(today), count),
                (false, Unit::Months) => months(plus_months(month, 1), count),
                (_, Unit::Seconds) => return Ok(None),
            }
        }
    };
    found.map(Some).ok_or_else(|| too_far(text))
}

/// Reads `last_7_days`, `past_3_months`, `next_2_weeks` as (past, count, unit).
pub(crate) fn counted_period(name: &str) -> Option<(bool, i64, Unit)> {
    let (direction, rest) = name.split_once('_')?;
    let past = match direction {
        "last" | "past" | "previous" => true,
        "next" => false,
        _ => return None,
    };
    let (count, unit) = rest.split_once('_')?;
    let (count, unit) = counted(count, unit)?;
    (count > 0).then_some((past, count, unit))
}

/// A unit of relative distance after weeks, years, minutes and hours are turned into these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Days,
    Months,
}

/// Reads `-30d`, `+1w`, `3 hours ago` as a signed distance.
pub(crate) fn relative(text: &str) -> Option<(i64, Unit)> {
    if text.len() > 40 {
        return None;
    }
    let text = text.trim();
    let (sign, rest) = if let Some(rest) = text.strip_prefix('-') {
        (-1, rest)
    } else if let Some(rest) = text.strip_prefix('+') {
        (1, rest)
    } else {
        (-1, text.strip_suffix("ago")?)
    };
    let rest = rest.trim();
    let split = rest.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = rest.split_at_checked(split)?;
    let (count, unit) = counted(count, unit.trim())?;
    Some((sign * count, unit))
}

pub(crate) fn counted(count: &str, unit: &str) -> Option<(i64, Unit)> {
    let count: i64 = count.parse().ok()?;
    if !(0..=MAX_DISTANCE).contains(&count) {
        return None;
    }
    let (factor, unit) = match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => (1, Unit::Seconds),
        "m" | "min" | "minute" | "minutes" => (60, Unit::Seconds),
        "h" | "hr" | "hour" | "hours" => (3_600, Unit::Seconds),
        "d" | "day" | "days" => (1, Unit::Days),
        "w" | "week" | "weeks" => (7, Unit::Days),
        "mo" | "month" | "months" => (1, Unit::Months),
        "y" | "year" | "years" => (12, Unit::Months),
        _ => return None,
    };
    Some((count * factor, unit))
}
