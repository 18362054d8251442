//! What the rates of an answer stand on: where they were read, how long ago, and which private rates changed them.

use super::reply::{Source, Warning};
use bedrock_cost::price_book::{Basis, PriceBook, STALE_DAYS};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Names that one warning shows.
const NAMES_SHOWN: usize = 3;

/// The rates of one answer, each with the name of what it is the rate of.
#[derive(Debug, Default)]
pub(super) struct RateOrigins {
    rates: Vec<(String, Basis)>,
}

impl RateOrigins {
    /// Adds a rate; one that is there already is not added again.
    pub(super) fn add(&mut self, name: &str, basis: &Basis) {
        let known = |(other, of): &(String, Basis)| other == name && of == basis;
        if !self.rates.iter().any(known) {
            self.rates.push((name.to_owned(), *basis));
        }
    }

    /// Whether one of the rates stands on this.
    pub(super) fn holds(&self, basis: &Basis) -> bool {
        self.rates.iter().any(|(_, of)| of == basis)
    }

    /// The oldest day on which one of the rates was checked.
    pub(super) fn checked(&self) -> Option<Date> {
        self.rates.iter().map(|(_, basis)| basis.checked).min()
    }

    /// The source of the answer; one without rates is as old as `otherwise` says.
    pub(super) fn source(&self, otherwise: Date) -> Source {
        let origins: BTreeSet<&str> = self.rates.iter().map(|(_, basis)| basis.origin()).collect();
        let origins: Vec<&str> = origins.into_iter().rev().collect();
        let origin = match origins.as_slice() {
            [] => "embedded".to_owned(),
            [several, "embedded"] if several.contains("embedded") => (*several).to_owned(),
            names => names.join(" and "),
        };
        Source::Rates {
            origin,
            checked: self.checked().unwrap_or(otherwise).to_string(),
        }
    }

    /// Warns of rates that were not checked for long, and names the private rates that apply.
    pub(super) fn warnings(&self, today: Date) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let stale: Vec<&(String, Basis)> = self
            .rates
            .iter()
            .filter(|(_, basis)| basis.is_stale(today))
            .collect();
        if let Some(oldest) = stale.iter().map(|(_, basis)| basis.checked).min() {
            let names = names(stale.iter().map(|(name, _)| name.as_str()));
            warnings.push(Warning::new(
                "stale_rate",
                format!(
                    "last checked on {oldest}, more than {STALE_DAYS} days ago: {names}; \
                     `bedrock-cost-mcp prices refresh` reads AWS's Price List"
                ),
            ));
        }
        let mut terms: Vec<(String, Vec<&str>)> = Vec::new();
        for (name, basis) in &self.rates {
            let Some(text) = basis.private.map(|terms| terms.to_string()) else {
                continue;
            };
            match terms.iter_mut().find(|(known, _)| *known == text) {
                Some((_, names)) => names.push(name),
                None => terms.push((text, vec![name])),
            }
        }
        for (text, of) in terms {
            let of = names(of.into_iter());
            warnings.push(Warning::new("private_rates", format!("{text}; for {of}")));
        }
        warnings
    }
}

/// Says that private rates were not applied to an answer of AWS's own.
pub(super) fn not_applied(book: &PriceBook) -> Option<Warning> {
    let private = book.private_rates()?;
    Some(Warning::new(
        "private_rates_not_applied",
        format!(
            "these are AWS's list prices; {} of {} is not taken off",
            private.title(),
            private.date()
        ),
    ))
}

fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for name in all {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    let shown: Vec<&str> = distinct.iter().copied().take(NAMES_SHOWN).collect();
    match distinct.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
