//! Metric values as an answer shows them: numbers without noise, a summary, and rows condensed to a readable few.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::Offset,
};
use serde_json::{Map, Value, json};

/// So few points are shown as they are: a month of days.
const FEW_POINTS: usize = 31;
/// Condensed rows have room for so many values, labels included, in the 600 tokens of a short answer.
const MOST_CELLS: usize = 64;
/// From here on a fraction says nothing: counts and their means are shown whole, never with fewer digits than they have.
const WHOLE_FROM: f64 = 100_000.0;
/// Digits of a value that is not whole, as shown: more say nothing about a metric.
const DIGITS: usize = 6;

/// The values of one instant.
pub(crate) type Row = (Timestamp, Vec<Option<f64>>);

/// The raw values that an answer is made from: one row an instant, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Raw {
    pub(crate) rows: Vec<Row>,
}

/// How the values of several periods become one without saying something false.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fold {
    /// Added up.
    Sum(usize),
    Highest(usize),
    Lowest(usize),
    /// The plain mean of the points, for what cannot be weighted; it is labelled as such.
    Mean(usize),
    /// Calculated from totals: a weighted average, a ratio.
    Totals(Formula),
}

/// A calculation over the totals of raw columns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Formula {
    Total(usize),
    Number(f64),
    Add(Box<Formula>, Box<Formula>),
    Subtract(Box<Formula>, Box<Formula>),
    Multiply(Box<Formula>, Box<Formula>),
    Divide(Box<Formula>, Box<Formula>),
}

impl Formula {
    /// The total of one column over that of another.
    pub(crate) fn ratio(part: usize, whole: usize) -> Self {
        Self::Divide(Box::new(Self::Total(part)), Box::new(Self::Total(whole)))
    }

    fn value(&self, rows: &[Row]) -> Option<f64> {
        let both = |left: &Self, right: &Self| Some((left.value(rows)?, right.value(rows)?));
        match self {
            Self::Total(column) => {
                let mut found = values(rows, *column).peekable();
                found.peek()?;
                Some(found.sum())
            }
            Self::Number(number) => Some(*number),
            Self::Add(left, right) => both(left, right).map(|(left, right)| left + right),
            Self::Subtract(left, right) => both(left, right).map(|(left, right)| left - right),
            Self::Multiply(left, right) => both(left, right).map(|(left, right)| left * right),
            Self::Divide(left, right) => {
                let (left, right) = both(left, right)?;
                (right != 0.0).then(|| left / right)
            }
        }
        .filter(|value| value.is_finite())
    }
}

impl Fold {
    /// The one value that stands for these rows, if they hold any.
    pub(crate) fn over(&self, rows: &[Row]) -> Option<f64> {
        match self {
            Self::Sum(column) => Formula::Total(*column).value(rows),
            Self::Highest(column) => values(rows, *column).reduce(f64::max),
            Self::Lowest(column) => values(rows, *column).reduce(f64::min),
            Self::Mean(column) => {
                let (sum, count) = values(rows, *column)
                    .fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
                (count > 0).then(|| sum / f64::from(count))
            }
            Self::Totals(formula) => formula.value(rows),
        }
    }

    /// What the value over all points is called.
    fn overall_name(&self) -> &'static str {
        match self {
            Self::Sum(_) => "total",
            Self::Highest(_) | Self::Lowest(_) => "",
            Self::Mean(_) => "mean_of_points",
            Self::Totals(_) => "overall",
        }
    }
}

fn values(rows: &[Row], column: usize) -> impl Iterator<Item = f64> + '_ {
    rows.iter()
        .filter_map(move |(_, values)| values.get(column).copied().flatten())
}

/// A column of the answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) fold: Fold,
}

impl Column {
    pub(crate) fn new(name: impl Into<String>, fold: Fold) -> Self {
        Self {
            name: name.into(),
            fold,
        }
    }
}

/// The length of time that one row of an answer stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// One of a page of points, with its whole time.
    Point,
    /// One of a few points, with as little of its time as tells them apart.
    Few,
    Hour,
    Day,
    Week,
    Month,
}

impl Step {
    /// The finest step whose rows, of this many columns, fit into a short answer.
    pub(crate) fn fitting(raw: &Raw, columns: usize) -> Self {
        if raw.rows.len() <= FEW_POINTS {
            return Self::Few;
        }
        [Self::Hour, Self::Day, Self::Week]
            .into_iter()
            .find(|step| buckets(raw, *step).len() * (columns + 1) <= MOST_CELLS)
            .unwrap_or(Self::Month)
    }

    /// Whether a row is a point as AWS gave it.
    pub(crate) fn is_point(self) -> bool {
        matches!(self, Self::Point | Self::Few)
    }

    /// What one row stands for.
    pub(crate) fn each(self) -> &'static str {
        match self {
            Self::Point | Self::Few => "point",
            Self::Hour => "hour",
            Self::Day => "UTC day",
            Self::Week => "week from Monday, the first and last cut to the range",
            Self::Month => "month, the first and last cut to the range",
        }
    }

    /// The first column of the rows.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Point => "time",
            Self::Few => "time_utc",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week_from",
            Self::Month => "month",
        }
    }

    fn start(self, time: Timestamp) -> Date {
        let date = Offset::UTC.to_datetime(time).date();
        match self {
            Self::Point | Self::Few | Self::Hour | Self::Day => date,
            Self::Week => {
                let back = date.weekday().since(Weekday::Monday);
                date.checked_sub(i64::from(back).days()).unwrap_or(date)
            }
            Self::Month => date.first_of_month(),
        }
    }

    /// The name of a bucket. Days and hours leave out a year that all of them share.
    fn label(self, time: Timestamp, same_year: bool) -> String {
        let clock = Offset::UTC.to_datetime(time).time();
        let start = self.start(time);
        let day = || start.strftime(if same_year { "%m-%d" } else { "%F" });
        match self {
            Self::Point => time.to_string(),
            Self::Few if clock == Time::midnight() => day().to_string(),
            Self::Few if clock.second() == 0 => format!("{}T{}", day(), clock.strftime("%R")),
            Self::Few => format!("{}T{clock}", day()),
            Self::Hour => format!("{}T{:02}", day(), clock.hour()),
            Self::Day => day().to_string(),
            Self::Week => start.to_string(),
            Self::Month => start.strftime("%Y-%m").to_string(),
        }
    }
}

/// The rows of one step each, oldest first, with their labels.
fn buckets(raw: &Raw, step: Step) -> Vec<(String, &[Row])> {
    let year = |row: Option<&Row>| row.map(|(time, _)| Offset::UTC.to_datetime(*time).year());
    let same_year = year(raw.rows.first()) == year(raw.rows.last());
    let label = |time: Timestamp| step.label(time, same_year);
    raw.rows
        .chunk_by(|(left, _), (right, _)| !step.is_point() && label(*left) == label(*right))
        .filter_map(|rows| Some((label(rows.first()?.0), rows)))
        .collect()
}

/// `columns`: the step, then the values.
pub(crate) fn header(columns: &[Column], step: Step) -> Vec<String> {
    std::iter::once(step.name().to_owned())
        .chain(columns.iter().map(|column| column.name.clone()))
        .collect()
}

/// One row a step: its label, then each column's value, empty text where there is none.
pub(crate) fn table(raw: &Raw, columns: &[Column], step: Step) -> Vec<Vec<Value>> {
    buckets(raw, step)
        .into_iter()
        .map(|(label, rows)| {
            std::iter::once(json!(label))
                .chain(columns.iter().map(|column| shown(column.fold.over(rows))))
                .collect()
        })
        .collect()
}

/// Each column over all its points: the value that may stand for them, and the highest and lowest point.
pub(crate) fn summary(raw: &Raw, columns: &[Column]) -> Map<String, Value> {
    let mut out = Map::new();
    for column in columns {
        let mut fields = Map::new();
        let name = column.fold.overall_name();
        if let (false, Some(value)) = (name.is_empty(), column.fold.over(&raw.rows)) {
            fields.insert(name.to_owned(), number(value));
        }
        let points = || {
            raw.rows.iter().filter_map(|row| {
                let value = column.fold.over(std::slice::from_ref(row))?;
                Some((row.0, value))
            })
        };
        let highest = points().reduce(|best, next| if next.1 > best.1 { next } else { best });
        let lowest = points().map(|(_, value)| value).reduce(f64::min);
        if let (Some((time, value)), Some(lowest)) = (highest, lowest) {
            if !matches!(column.fold, Fold::Lowest(_)) {
                fields.insert("highest".to_owned(), number(value));
                fields.insert("highest_at".to_owned(), json!(time.to_string()));
            }
            if !matches!(column.fold, Fold::Highest(_)) {
                fields.insert("lowest".to_owned(), number(lowest));
            }
            out.insert(column.name.clone(), Value::Object(fields));
        }
    }
    out
}

fn shown(value: Option<f64>) -> Value {
    value.map_or_else(|| json!(""), number)
}

/// A metric value as JSON: whole numbers and large ones whole, others with six significant digits.
pub(crate) fn number(value: f64) -> Value {
    let text = if value.abs() >= WHOLE_FROM {
        format!("{value:.0}")
    } else {
        format!("{value:.*e}", DIGITS - 1)
    };
    let short = text.parse::<f64>().unwrap_or(value);
    let whole = format!("{short:.0}");
    match whole.parse::<i64>() {
        Ok(integer) if whole.parse::<f64>() == Ok(short) => json!(integer),
        _ => json!(short),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Hourly points over days from 2024-11-01: the sum is the hour's number, the count is 1 at noon and 3 else.
    fn hours(count: i64) -> Raw {
        let start = at("2024-11-01T00:00:00Z");
        let rows = (0..count)
            .map(|hour| {
                let samples = if hour % 24 == 12 { 1.0 } else { 3.0 };
                let sum = f64::from(i32::try_from(hour).unwrap());
                (start + hour.hours(), vec![Some(sum), Some(samples)])
            })
            .collect();
        Raw { rows }
    }

    fn columns() -> Vec<Column> {
        vec![
            Column::new("Sum", Fold::Sum(0)),
            Column::new("Average", Fold::Totals(Formula::ratio(0, 1))),
            Column::new("Maximum", Fold::Highest(0)),
            Column::new("Minimum", Fold::Lowest(0)),
        ]
    }

    #[test]
    fn a_month_of_hours_is_shown_by_day_and_loses_nothing() {
        let raw = hours(720);
        assert_eq!(Step::fitting(&raw, 1), Step::Day);
        let rows = table(&raw, &columns(), Step::Day);
        assert_eq!(rows.len(), 30);
        // 0 + 1 + ... + 23 = 276; 23 hours of 3 samples and one of 1 are 70.
        let average = 276.0_f64 / 70.0;
        assert_eq!(
            rows.first().unwrap(),
            &vec![
                json!("11-01"),
                json!(276),
                number(average),
                json!(23),
                json!(0)
            ]
        );
        let total: i64 = rows.iter().map(|row| row[1].as_i64().unwrap()).sum();
        // 0 + 1 + ... + 719.
        assert_eq!(total, 258_840);
        let summary = summary(&raw, &columns());
        assert_eq!(summary["Sum"]["total"], 258_840);
        assert_eq!(summary["Sum"]["highest_at"], "2024-11-30T23:00:00Z");
        // 258,840 over 30 x 70 samples, where the mean of the hourly averages would be larger.
        assert_eq!(summary["Average"]["overall"], number(258_840.0 / 2_100.0));
        assert_eq!(summary["Minimum"], json!({"lowest": 0}));
        assert!(summary["Maximum"].get("total").is_none());
    }

    #[test]
    fn the_step_leaves_a_readable_number_of_rows() {
        for (count, columns, step, rows) in [
            (31, 9, Step::Few, 31),
            (32, 1, Step::Hour, 32),
            (33, 1, Step::Day, 2),
            (720, 1, Step::Day, 30),
            (720, 2, Step::Week, 5),
            (24 * 300, 1, Step::Month, 10),
        ] {
            let raw = hours(count);
            assert_eq!(Step::fitting(&raw, columns), step, "{count}");
            assert_eq!(buckets(&raw, step).len(), rows, "{count}");
        }
        let few = |time| Step::Few.label(at(time), true);
        assert_eq!(few("2024-11-01T00:00:00Z"), "11-01");
        assert_eq!(few("2024-11-01T13:05:00Z"), "11-01T13:05");
        assert_eq!(few("2024-11-01T13:05:07Z"), "11-01T13:05:07");
        assert_eq!(
            Step::Few.label(at("2024-11-01T13:05:00Z"), false),
            "2024-11-01T13:05"
        );
        // 2024-11-01 is a Friday, so its week starts on the Monday before.
        assert_eq!(
            Step::Week.label(at("2024-11-01T00:00:00Z"), true),
            "2024-10-28"
        );
        assert_eq!(
            Step::Month.label(at("2024-11-30T23:00:00Z"), true),
            "2024-11"
        );
    }

    #[test]
    fn what_has_no_value_is_never_a_zero() {
        let raw = Raw {
            rows: vec![(at("2024-11-01T00:00:00Z"), vec![None, Some(0.0)])],
        };
        for fold in [
            Fold::Sum(0),
            Fold::Mean(0),
            Fold::Highest(0),
            Fold::Totals(Formula::ratio(0, 1)),
            Fold::Totals(Formula::ratio(1, 1)),
            Fold::Sum(7),
        ] {
            assert_eq!(fold.over(&raw.rows), None, "{fold:?}");
        }
        assert_eq!(Fold::Sum(1).over(&raw.rows), Some(0.0));
        assert!(summary(&Raw::default(), &columns()).is_empty());
    }

    #[test]
    fn numbers_are_shown_without_noise() {
        for (value, expected) in [
            (24.0, "24"),
            (-3.0, "-3"),
            (0.1 + 0.2, "0.3"),
            (1_234.567_89, "1234.57"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (0.000_123_456_78, "0.000123457"),
            // A mean of counts: its fraction is noise, its digits are not.
            (89_744_899.6, "89744900"),
            (123_456_789.25, "123456789"),
            (99_999.94, "99999.9"),
            (0.999_999_99, "1"),
            (-0.0, "0"),
        ] {
            assert_eq!(number(value).to_string(), expected);
        }
    }
}
