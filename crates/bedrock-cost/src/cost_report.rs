//! What Cost Explorer answered: pages merged, charges added up exactly by period and by group.

use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A quantity or a charge as AWS reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Exact, with AWS's digits.
    pub value: Decimal,
    /// `USD`, the unit of usage, or `N/A` where AWS added different units.
    pub unit: String,
}

/// The unit of an amount that adds different units and therefore means nothing.
pub const MIXED_UNIT: &str = "N/A";

impl Amount {
    /// Nothing of a unit.
    #[must_use]
    pub fn zero(unit: &str) -> Self {
        Self {
            value: Decimal::ZERO,
            unit: unit.to_owned(),
        }
    }

    /// Adds another amount; different units make a mixed amount.
    pub fn add(&mut self, other: &Self) {
        self.value = self.value.saturating_add(other.value);
        if self.unit != other.unit {
            MIXED_UNIT.clone_into(&mut self.unit);
        }
    }

    /// False where AWS or the addition put different units together.
    #[must_use]
    pub fn is_meaningful(&self) -> bool {
        self.unit != MIXED_UNIT
    }
}

/// One group of one period: its keys and its metrics, in the order asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// One key per `GroupBy`, as AWS writes it (`key$value` for tags and product attributes).
    pub keys: Vec<String>,
    /// One amount per metric.
    pub amounts: Vec<Amount>,
}

/// The part of one period that one page holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodPart {
    /// First instant of the period, as AWS writes it.
    pub start: String,
    /// First instant after it.
    pub end: String,
    /// True until the bill is final.
    pub estimated: bool,
    /// One amount per metric; empty when grouped.
    pub total: Vec<Amount>,
    /// The groups on this page; a period may go on on the next page.
    pub groups: Vec<Group>,
}

/// A whole answer: every page, each period once, in time order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostReport {
    periods: Vec<PeriodPart>,
}

impl CostReport {
    /// Puts pages together; a period that was split between pages becomes one again.
    #[must_use]
    pub fn from_pages(pages: impl IntoIterator<Item = Vec<PeriodPart>>) -> Self {
        let mut periods: BTreeMap<String, PeriodPart> = BTreeMap::new();
        for part in pages.into_iter().flatten() {
            match periods.get_mut(&part.start) {
                None => {
                    periods.insert(part.start.clone(), part);
                }
                Some(known) => {
                    known.estimated |= part.estimated;
                    if known.total.is_empty() {
                        known.total = part.total;
                    }
                    known.groups.extend(part.groups);
                }
            }
        }
        Self {
            periods: periods.into_values().collect(),
        }
    }

    /// The periods in time order.
    #[must_use]
    pub fn periods(&self) -> &[PeriodPart] {
        &self.periods
    }

    /// The totals of one period, one per metric: AWS's own, or the sum of the groups.
    #[must_use]
    pub fn period_total(part: &PeriodPart) -> Vec<Amount> {
        if part.groups.is_empty() {
            part.total.clone()
        } else {
            sum(part.groups.iter().map(|group| &group.amounts))
        }
    }

    /// The totals over all periods, one per metric.
    #[must_use]
    pub fn totals(&self) -> Vec<Amount> {
        let periods: Vec<_> = self.periods.iter().map(Self::period_total).collect();
        sum(periods.iter())
    }

    /// Each group over all periods, by the size of the metric at `rank`, then by keys.
    ///
    /// A credit counts by what it takes away: cut short, the list still holds what made a total negative.
    #[must_use]
    pub fn by_group(&self, rank: usize) -> Vec<Group> {
        let mut groups: BTreeMap<&[String], Vec<&Vec<Amount>>> = BTreeMap::new();
        for group in self.periods.iter().flat_map(|part| &part.groups) {
            groups.entry(&group.keys).or_default().push(&group.amounts);
        }
        let mut out: Vec<Group> = groups
            .into_iter()
            .map(|(keys, amounts)| Group {
                keys: keys.to_vec(),
                amounts: sum(amounts),
            })
            .collect();
        let value = |group: &Group| {
            group
                .amounts
                .get(rank)
                .map_or(Decimal::ZERO, |amount| amount.value)
        };
        out.sort_by(|left, right| {
            let size = |group: &Group| value(group).abs();
            size(right)
                .cmp(&size(left))
                .then_with(|| left.keys.cmp(&right.keys))
        });
        out
    }

    /// The same charges told apart by less: only the keys at these places, in this order.
    ///
    /// A period without a charge has `nothing` as its total where no key is left.
    #[must_use]
    pub fn by_keys(&self, places: &[usize], nothing: &[Amount]) -> Self {
        let periods = self.periods.iter().map(|part| {
            let mut groups: BTreeMap<Vec<String>, Vec<&Vec<Amount>>> = BTreeMap::new();
            for group in &part.groups {
                let keys = places
                    .iter()
                    .map(|place| group.keys.get(*place).cloned().unwrap_or_default());
                groups
                    .entry(keys.collect())
                    .or_default()
                    .push(&group.amounts);
            }
            let summed = groups.into_iter().map(|(keys, amounts)| Group {
                keys,
                amounts: sum(amounts),
            });
            let (total, groups) = if places.is_empty() {
                let total = summed.map(|group| group.amounts).next();
                (total.unwrap_or_else(|| nothing.to_vec()), Vec::new())
            } else {
                (Vec::new(), summed.collect())
            };
            PeriodPart {
                start: part.start.clone(),
                end: part.end.clone(),
                estimated: part.estimated,
                total,
                groups,
            }
        });
        Self {
            periods: periods.collect(),
        }
    }

    /// The first day whose charges are not final yet.
    #[must_use]
    pub fn estimated_from(&self) -> Option<&str> {
        self.periods
            .iter()
            .find(|part| part.estimated)
            .map(|part| part.start.as_str())
    }

    /// True when AWS gave no charge and no usage at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.totals().iter().all(|amount| amount.value.is_zero())
            && self.periods.iter().all(|part| part.groups.is_empty())
    }
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a Vec<Amount>>) -> Vec<Amount> {
    let mut out: Vec<Amount> = Vec::new();
    for row in rows {
        for (index, amount) in row.iter().enumerate() {
            match out.get_mut(index) {
                Some(known) => known.add(amount),
                None => out.push(amount.clone()),
            }
        }
    }
    out
}

/// Record types of money that AWS gives back.
pub const GIVEN_BACK: [&str; 2] = ["Credit", "Refund"];

/// One service of the bill, by record type, as the scope check reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCharge {
    /// The SERVICE of Cost Explorer.
    pub service: String,
    /// `Usage`, `Credit`, `Refund`, ...
    pub record_type: String,
    /// USD; credits and refunds are negative.
    pub charge: Decimal,
}

/// What a filter on services saw of the Bedrock bill, and what it did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BedrockScope {
    /// Charges of the services that were asked for, net of credits and refunds.
    pub as_requested: Decimal,
    /// Charges of those and of every other service that bills Bedrock.
    pub with_all_bedrock: Decimal,
    /// Bedrock services that the filter leaves out, dearest first.
    pub left_out: Vec<(String, Decimal)>,
    /// Credits and refunds inside `as_requested`: zero or negative.
    pub credits_as_requested: Decimal,
    /// Credits and refunds inside `with_all_bedrock`: zero or negative.
    pub credits_with_all: Decimal,
}

impl BedrockScope {
    /// Compares the services asked for with all that bill Bedrock.
    #[must_use]
    pub fn compare(charges: &[ServiceCharge], asked: impl Fn(&str) -> bool) -> Self {
        let mut left_out: BTreeMap<&str, Decimal> = BTreeMap::new();
        let mut scope = Self {
            as_requested: Decimal::ZERO,
            with_all_bedrock: Decimal::ZERO,
            left_out: Vec::new(),
            credits_as_requested: Decimal::ZERO,
            credits_with_all: Decimal::ZERO,
        };
        for row in charges {
            let requested = asked(&row.service);
            if requested {
                scope.as_requested += row.charge;
            } else if crate::service_name::is_bedrock_service(&row.service) {
                *left_out.entry(&row.service).or_default() += row.charge;
            } else {
                continue;
            }
            scope.with_all_bedrock += row.charge;
            if GIVEN_BACK.contains(&row.record_type.as_str()) {
                scope.credits_with_all += row.charge;
                if requested {
                    scope.credits_as_requested += row.charge;
                }
            }
        }
        scope.left_out = left_out
            .into_iter()
            .filter(|(_, charge)| !charge.is_zero())
            .map(|(service, charge)| (service.to_owned(), charge))
            .collect();
        scope
            .left_out
            .sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
        scope
    }
}

/// The day a period of a report begins on; AWS writes `2026-11-01` or `2026-11-01T00:00:00Z`.
#[must_use]
pub fn day_of(start: &str) -> Option<Date> {
    start.get(..10).and_then(|day| day.parse().ok())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn usd(text: &str) -> Amount {
        Amount {
            value: Decimal::from_str_exact(text).unwrap(),
            unit: "USD".into(),
        }
    }

    fn part(start: &str, groups: &[(&str, &str)]) -> PeriodPart {
        PeriodPart {
            start: start.into(),
            end: String::new(),
            estimated: start > "2026-11",
            total: Vec::new(),
            groups: groups
                .iter()
                .map(|(key, amount)| Group {
                    keys: vec![(*key).to_owned()],
                    amounts: vec![usd(amount)],
                })
                .collect(),
        }
    }

    #[test]
    fn a_period_split_between_pages_becomes_one() {
        let report = CostReport::from_pages([
            vec![part("2026-10-01", &[("a", "1.10"), ("b", "2.20")])],
            vec![
                part("2026-10-01", &[("c", "3.30")]),
                part("2026-11-01", &[("a", "0.05")]),
            ],
        ]);
        assert_eq!(report.periods().len(), 2);
        assert_eq!(report.totals(), [usd("6.65")]);
        let groups = report.by_group(0);
        let keys: Vec<_> = groups.iter().map(|group| group.keys.concat()).collect();
        assert_eq!(keys, ["c", "b", "a"]);
        assert_eq!(groups.last().unwrap().amounts, [usd("1.15")]);
        assert_eq!(report.estimated_from(), Some("2026-11-01"));
    }

    #[test]
    fn fewer_keys_add_up_to_the_same_and_a_credit_ranks_by_its_size() {
        let mut part = part("2026-10-01", &[("a", "5"), ("b", "1.5"), ("c", "-7")]);
        for (group, kind) in part.groups.iter_mut().zip(["x", "x", "y"]) {
            group.keys.push(kind.into());
        }
        let empty = PeriodPart {
            start: "2026-11-01".into(),
            groups: Vec::new(),
            ..part.clone()
        };
        let report = CostReport::from_pages([vec![part, empty]]);
        let first: Vec<_> = report
            .by_group(0)
            .into_iter()
            .map(|group| group.keys)
            .collect();
        assert_eq!(first, [["c", "y"], ["a", "x"], ["b", "x"]]);
        let by_kind = report.by_keys(&[1], &[]);
        let rows: Vec<_> = by_kind
            .by_group(0)
            .into_iter()
            .map(|group| (group.keys.concat(), group.amounts))
            .collect();
        assert_eq!(
            rows,
            [
                ("y".into(), vec![usd("-7")]),
                ("x".into(), vec![usd("6.5")])
            ]
        );
        assert_eq!(by_kind.totals(), report.totals());
        let plain = report.by_keys(&[], &[Amount::zero("USD")]);
        assert_eq!(plain.totals(), [usd("-0.5")]);
        let totals: Vec<_> = plain
            .periods()
            .iter()
            .map(|part| part.total.clone())
            .collect();
        assert_eq!(totals, [vec![usd("-0.5")], vec![usd("0")]]);
    }

    #[test]
    fn different_units_make_no_sum() {
        let mut tokens = Amount {
            value: Decimal::ONE,
            unit: "1K tokens".into(),
        };
        tokens.add(&Amount {
            value: Decimal::TWO,
            unit: "Requests".into(),
        });
        assert!(!tokens.is_meaningful());
    }

    #[test]
    fn the_scope_names_what_a_service_filter_leaves_out() {
        let row = |service: &str, record_type: &str, charge: &str| ServiceCharge {
            service: service.into(),
            record_type: record_type.into(),
            charge: Decimal::from_str_exact(charge).unwrap(),
        };
        let charges = [
            row("Amazon Bedrock", "Usage", "10.5"),
            row("Amazon Bedrock", "Credit", "-2"),
            row(
                "Claude Sonnet 5 (Amazon Bedrock Edition)",
                "Usage",
                "100.25",
            ),
            row("Claude 3 Haiku (Amazon Bedrock Edition)", "Usage", "1"),
            row("Claude Sonnet 5 (Amazon Bedrock Edition)", "Refund", "-3"),
            row("AWS Lambda", "Usage", "7"),
        ];
        let scope = BedrockScope::compare(&charges, |service| service == "Amazon Bedrock");
        assert_eq!(scope.as_requested.to_string(), "8.5");
        assert_eq!(scope.with_all_bedrock.to_string(), "106.75");
        assert_eq!(scope.credits_as_requested.to_string(), "-2");
        assert_eq!(scope.credits_with_all.to_string(), "-5");
        let names: Vec<_> = scope
            .left_out
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "Claude Sonnet 5 (Amazon Bedrock Edition)",
                "Claude 3 Haiku (Amazon Bedrock Edition)"
            ]
        );
        let wide = BedrockScope::compare(&charges, |service| {
            service == "Amazon Bedrock" || service == "AWS Lambda"
        });
        assert_eq!(wide.with_all_bedrock.to_string(), "113.75");
    }
}
