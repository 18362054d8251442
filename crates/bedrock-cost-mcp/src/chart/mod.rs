//! Small pictures of an answer's figures, as PNG: bars of a breakdown, columns over time.

mod draw;

use rust_decimal::{Decimal, RoundingStrategy};

/// Bars or parts of a column that are told apart; what is smaller goes into one more.
const TOLD: usize = 7;

/// Figures to draw. Amounts are in `unit`; what a negative one takes away is drawn below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chart {
    /// One line above the picture: what is shown, of which period, and its total.
    pub(crate) title: String,
    pub(crate) unit: Unit,
    pub(crate) shape: Shape,
}

/// What the figures count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Usd,
    Tokens,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A bar for each name, in the order given.
    Bars(Vec<(String, Decimal)>),
    /// A column for each place in time, made of the series' amounts there: as many in each series as there are places.
    Columns {
        places: Vec<String>,
        series: Vec<(String, Vec<Decimal>)>,
    },
}

/// Why a picture was not made: the words of the drawing or encoding library.
#[derive(Debug, thiserror::Error)]
#[error("the chart could not be drawn: {0}")]
pub(crate) struct NotDrawn(String);

impl Chart {
    /// Draws the chart; PNG of 24-bit colour on white, readable on a light and on a dark page.
    pub(crate) fn png(&self) -> Result<Vec<u8>, NotDrawn> {
        draw::png(&self.summed_up())
    }

    /// The same chart with no more names than can be told apart.
    fn summed_up(&self) -> Self {
        let shape = match &self.shape {
            Shape::Bars(bars) => {
                let [told, rest] = largest(bars, Decimal::abs);
                let others = (!rest.is_empty()).then(|| {
                    let sum = rest.iter().map(|(_, amount)| *amount).sum();
                    (others(rest.len()), sum)
                });
                Shape::Bars(told.into_iter().chain(others).collect())
            }
            Shape::Columns { places, series } => {
                let size = |amounts: &Vec<Decimal>| amounts.iter().map(Decimal::abs).sum();
                let [told, rest] = largest(series, size);
                let others = (!rest.is_empty()).then(|| {
                    let sums = (0..places.len())
                        .map(|place| {
                            rest.iter()
                                .filter_map(|(_, amounts)| amounts.get(place))
                                .sum()
                        })
                        .collect();
                    (others(rest.len()), sums)
                });
                Shape::Columns {
                    places: places.clone(),
                    series: told.into_iter().chain(others).collect(),
                }
            }
        };
        Self {
            shape,
            ..self.clone()
        }
    }
}

fn others(count: usize) -> String {
    format!("{count} more")
}

/// The largest of some named amounts, in the order given, and the rest; one alone is not summed up.
fn largest<A: Clone>(named: &[(String, A)], size: impl Fn(&A) -> Decimal) -> [Vec<(String, A)>; 2] {
    if named.len() <= TOLD + 1 {
        return [named.to_vec(), Vec::new()];
    }
    let mut sizes: Vec<Decimal> = named.iter().map(|(_, amount)| size(amount)).collect();
    sizes.sort_unstable_by(|one, other| other.cmp(one));
    let least = sizes.get(TOLD - 1).copied().unwrap_or_default();
    let (mut told, mut rest) = (Vec::new(), Vec::new());
    for one in named {
        let among = told.len() < TOLD && size(&one.1) >= least;
        if among { &mut told } else { &mut rest }.push(one.clone());
    }
    [told, rest]
}

impl Unit {
    /// An amount as a label shows it: three digits that count, or to the cent where it is money.
    fn label(self, amount: Decimal) -> String {
        let (divisor, suffix) = match (self, amount.abs()) {
            (_, size) if size >= Decimal::from(1_000_000_000) => {
                (Decimal::from(1_000_000_000), "B")
            }
            (_, size) if size >= Decimal::from(1_000_000) => (Decimal::from(1_000_000), "M"),
            (Self::Tokens, size) if size >= Decimal::ONE_THOUSAND => (Decimal::ONE_THOUSAND, "k"),
            (Self::Usd, size) if size >= Decimal::from(10_000) => (Decimal::ONE_THOUSAND, "k"),
            _ => (Decimal::ONE, ""),
        };
        let sign = if amount.is_sign_negative() { "-" } else { "" };
        let money = if self == Self::Usd { "$" } else { "" };
        let shown = amount.abs() / divisor;
        let digits = if self == Self::Usd && suffix.is_empty() && shown >= Decimal::ONE {
            // `{:.2}` alone cuts a decimal off, and the table beside the picture rounds.
            let cents = shown.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
            format!("{cents:.2}")
        } else {
            shown.round_sf(3).unwrap_or(shown).normalize().to_string()
        };
        format!("{sign}{money}{digits}{suffix}")
    }
}

#[cfg(test)]
mod tests;
