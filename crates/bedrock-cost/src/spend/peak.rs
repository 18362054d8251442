//! Days that stand out of a series.

use jiff::civil::Date;
use rust_decimal::Decimal;

/// Fewer days with a charge than this have no ordinary day to stand out from.
const FEWEST_DAYS: usize = 5;
/// A day stands out from this many ordinary days on: above a week's ups and downs.
const TIMES: Decimal = Decimal::from_parts(3, 0, 0, false, 0);

/// A run of days that stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peak {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// What the days cost together, USD.
    pub cost: Decimal,
    /// What they cost more than as many ordinary days, USD.
    pub excess: Decimal,
    /// The cost of an ordinary day, USD: the median of the days with a charge.
    pub ordinary: Decimal,
}

impl Peak {
    /// Finds the days around the dearest one that cost more than three ordinary days each.
    ///
    /// Days come in order. A run of more than a third of the days is a level of its own, not a peak.
    #[must_use]
    pub fn find(days: &[(Date, Decimal)]) -> Option<Self> {
        let mut charged: Vec<Decimal> = days
            .iter()
            .map(|(_, cost)| *cost)
            .filter(|cost| *cost > Decimal::ZERO)
            .collect();
        if charged.len() < FEWEST_DAYS {
            return None;
        }
        charged.sort_unstable();
        // Of an even number the lower of the two in the middle, so that it is a day that was charged.
        let ordinary = *charged.get((charged.len() - 1) / 2)?;
        let limit = ordinary.checked_mul(TIMES)?;
        let stands_out = |at: usize| days.get(at).is_some_and(|(_, cost)| *cost > limit);
        let (dearest, _) = days
            .iter()
            .enumerate()
            .rev()
            .max_by_key(|(_, (_, cost))| *cost)?;
        if !stands_out(dearest) {
            return None;
        }
        let mut first = dearest;
        while let Some(before) = first.checked_sub(1).filter(|at| stands_out(*at)) {
            first = before;
        }
        let mut last = dearest;
        while stands_out(last + 1) {
            last += 1;
        }
        let run = days.get(first..=last)?;
        if run.len() * 3 > days.len() {
            return None;
        }
        let cost: Decimal = run.iter().map(|(_, cost)| *cost).sum();
        Some(Self {
            first: days.get(first)?.0,
            last: days.get(last)?.0,
            cost,
            excess: cost.saturating_sub(ordinary.checked_mul(Decimal::from(run.len()))?),
            ordinary,
        })
    }
}
