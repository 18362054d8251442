//! Every figure here was worked out by hand; the properties hold for any charges.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::price_book::PriceBook;

const SONNET: &str = "Claude Sonnet 5 (Amazon Bedrock Edition)";
const HAIKU: &str = "Claude Haiku 4.5 (Amazon Bedrock Edition)";
const INPUT: &str = "USE1-MP:USE1_InputTokenCount-Units";
const OUTPUT: &str = "USE1-MP:USE1_OutputTokenCount-Units";
const READ: &str = "USE1-MP:USE1_CacheReadInputTokenCount-Units";
const WRITE: &str = "USE1-MP:USE1_CacheWriteInputTokenCount-Units";
const NOVA: &str = "USE1-NovaPro-input-tokens";
const HOURS: &str = "USW2-Llama3-1-70B-ProvisionedThroughput-NoCommit-ModelUnits";
const BEDROCK: &str = "Amazon Bedrock";

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// One charge: period, service, usage type, quantity in the bill's unit, USD.
type Given<'a> = (When, &'a str, &'a str, &'a str, &'a str);

fn spend(charges: &[Given<'_>]) -> Spend {
    Spend::new(charges.iter().map(|(when, service, usage, quantity, usd)| {
        let key = ChargeKey {
            service: (*service).to_owned(),
            usage_type: (*usage).to_owned(),
            ..ChargeKey::default()
        };
        let quantity = Amount {
            value: decimal(quantity),
            unit: String::new(),
        };
        (*when, key, quantity, decimal(usd))
    }))
}

/// Checks change, volume, rate and mix.
#[track_caller]
fn check(charges: &[Given<'_>], expected: [&str; 4]) {
    let found = spend(charges).change();
    let parts = [found.total(), found.volume, found.rate, found.mix];
    assert_eq!(parts, expected.map(decimal));
}

use When::{Before, Now};

#[test]
fn nothing_changes_when_nothing_changes() {
    // Thirds of a dollar have no end in a decimal, and still cancel out.
    check(
        &[
            (Before, SONNET, INPUT, "3", "1.000000000001"),
            (Now, SONNET, INPUT, "3", "1.000000000001"),
            (Before, BEDROCK, NOVA, "7", "0.33"),
            (Now, BEDROCK, NOVA, "7", "0.33"),
            (Before, BEDROCK, HOURS, "11", "264"),
            (Now, BEDROCK, HOURS, "11", "264"),
        ],
        ["0", "0", "0", "0"],
    );
}

#[test]
fn models_in_one_line_have_no_rate_that_changes() {
    // By account or tag a Marketplace usage type holds every model: 9 million tokens at 1 USD and 1 at 5 USD before,
    // 5 of each now. No rate changed, 4 million tokens moved to the model that is 4 USD dearer.
    check(
        &[
            (Before, "", INPUT, "10", "14"),
            (Now, "", INPUT, "10", "30"),
        ],
        ["16", "0", "0", "16"],
    );
}

#[test]
fn more_of_the_same_is_volume() {
    // Every quantity and cost two and a half times: 10 + 6 + 40 USD before.
    check(
        &[
            (Before, SONNET, INPUT, "3", "10"),
            (Now, SONNET, INPUT, "7.5", "25"),
            (Before, SONNET, OUTPUT, "1", "6"),
            (Now, SONNET, OUTPUT, "2.5", "15"),
            (Before, BEDROCK, HOURS, "2", "40"),
            (Now, BEDROCK, HOURS, "5", "100"),
        ],
        ["84", "84", "0", "0"],
    );
}

#[test]
fn the_same_at_another_rate_is_rate() {
    // 4 million tokens from 2 to 3 USD, 48 hours from 24 to 20 USD.
    check(
        &[
            (Before, SONNET, INPUT, "4", "8"),
            (Now, SONNET, INPUT, "4", "12"),
            (Before, BEDROCK, HOURS, "48", "1152"),
            (Now, BEDROCK, HOURS, "48", "960"),
        ],
        ["-188", "0", "-188", "0"],
    );
}

#[test]
fn the_same_tokens_on_another_model_are_mix() {
    // 10 million tokens in all, 6 of them moved from 1 to 5 USD a million.
    check(
        &[
            (Before, HAIKU, INPUT, "9", "9"),
            (Now, HAIKU, INPUT, "3", "3"),
            (Before, SONNET, INPUT, "1", "5"),
            (Now, SONNET, INPUT, "7", "35"),
        ],
        ["24", "0", "0", "24"],
    );
}

#[test]
fn all_three_at_once() {
    // Tokens 10 -> 20 million at 14 / 10 = 1.40 USD before: volume 14. Haiku stays at 1 USD; Sonnet goes from 5 to 6 on
    // 10 million: rate 10. 10 + 60 - 14 = 56 in all, so that mix is 32.
    check(
        &[
            (Before, HAIKU, INPUT, "9", "9"),
            (Now, HAIKU, INPUT, "10", "10"),
            (Before, SONNET, INPUT, "1", "5"),
            (Now, SONNET, INPUT, "10", "60"),
        ],
        ["56", "14", "10", "32"],
    );
}

#[test]
fn new_and_gone_lines_are_volume_and_mix() {
    // Tokens 2 -> 4 million at 1 USD: volume 2. The new model costs 12: mix is the other 8. The old one is gone.
    check(
        &[
            (Before, HAIKU, INPUT, "2", "2"),
            (Now, SONNET, INPUT, "4", "12"),
        ],
        ["10", "2", "0", "8"],
    );
    // A unit that was not used before, and one that is not used any more.
    check(
        &[(Now, BEDROCK, HOURS, "10", "240")],
        ["240", "240", "0", "0"],
    );
    check(
        &[(Before, BEDROCK, HOURS, "10", "240")],
        ["-240", "-240", "0", "0"],
    );
}

#[test]
fn tokens_are_not_added_to_hours() {
    // A million tokens less and an hour more would look like no change of quantity.
    check(
        &[
            (Before, SONNET, INPUT, "2", "4"),
            (Now, SONNET, INPUT, "1", "2"),
            (Before, BEDROCK, HOURS, "1", "24"),
            (Now, BEDROCK, HOURS, "2", "48"),
        ],
        ["22", "22", "0", "0"],
    );
}

#[test]
fn a_fee_moves_no_rate() {
    // The fee has no quantity: with it the average rate would be 6 USD instead of 2, and the volume 12 instead of 4.
    check(
        &[
            (Before, SONNET, INPUT, "2", "4"),
            (Now, SONNET, INPUT, "4", "8"),
            (Before, BEDROCK, "USE1-Some-New-Fee", "0", "8"),
            (Now, BEDROCK, "USE1-Some-New-Fee", "0", "9"),
        ],
        ["5", "4", "0", "1"],
    );
}

#[test]
fn thousands_and_millions_of_tokens_are_added_as_tokens() {
    // 500 x 1,000 and 2 x 1,000,000 tokens.
    let rows = spend(&[
        (Now, BEDROCK, NOVA, "500", "0.4"),
        (Now, SONNET, INPUT, "2", "4.4"),
    ])
    .rows(&[], PriceBook::embedded(), date(2026, 10, 31));
    let [row] = rows.as_slice() else {
        unreachable!("one row: {rows:?}")
    };
    assert_eq!(row.tokens, decimal("2500000"));
    assert_eq!(row.per_mtok, Some(decimal("1.92")));
    // The Price List of us-east-1 (2026-11-22): Nova Pro 0.80, Claude Sonnet 5 2.20 regional, so that it is as charged.
    assert_eq!(row.listed_per_mtok, Some(decimal("1.92")));
}

#[test]
fn a_unit_that_the_bill_names_wins_over_the_usual_one() {
    let key = || ChargeKey {
        service: BEDROCK.to_owned(),
        usage_type: NOVA.to_owned(),
        ..ChargeKey::default()
    };
    let amount = |value: &str, unit: &str| Amount {
        value: decimal(value),
        unit: unit.to_owned(),
    };
    let charges = [
        (Now, key(), amount("2", "1M tokens"), decimal("1.6")),
        (Before, key(), amount("2000", "1K tokens"), decimal("1.6")),
    ];
    let change = Spend::new(charges).change();
    assert_eq!((change.volume, change.rate, change.mix), Default::default());
}

#[test]
fn rows_are_cut_by_what_was_asked() {
    let of = |by: &[By]| -> Vec<(String, String)> {
        spend(&[
            (Now, SONNET, INPUT, "2", "4.4"),
            (Before, SONNET, INPUT, "1", "2.2"),
            (Now, SONNET, OUTPUT, "1", "11"),
            (Now, BEDROCK, NOVA, "1000", "0.8"),
            (
                Now,
                BEDROCK,
                "USE1-Guardrail-ContentPolicyUnitsConsumed",
                "1000",
                "0.15",
            ),
            (
                Now,
                BEDROCK,
                "EUC1-NovaPro-output-tokens-flex",
                "10",
                "0.02",
            ),
            (Now, BEDROCK, HOURS, "2", "48"),
            (Now, BEDROCK, "USE1-Tomorrows-Thing", "1", "7"),
        ])
        .rows(by, PriceBook::embedded(), date(2026, 10, 31))
        .into_iter()
        .map(|row| (row.keys.join(" / "), row.change.now.to_string()))
        .collect()
    };
    let expect = |by: &[By], expected: &[(&str, &str)]| {
        let expected: Vec<_> = expected
            .iter()
            .map(|(key, usd)| ((*key).to_owned(), (*usd).to_owned()))
            .collect();
        assert_eq!(of(by), expected);
    };
    expect(
        &[By::Model],
        &[
            ("Llama 3.1 70B", "48"),
            ("Claude Sonnet 5", "15.4"),
            ("(unclassified)", "7"),
            ("Nova Pro", "0.82"),
            ("Guardrails", "0.15"),
        ],
    );
    expect(
        &[By::TokenType, By::Tier],
        &[
            ("provisioned, none / provisioned", "48"),
            ("output / standard", "11"),
            ("(unclassified) / (none)", "7"),
            ("input / standard", "5.2"),
            ("guardrail content_filters / (none)", "0.15"),
            ("output / flex", "0.02"),
        ],
    );
    expect(
        &[By::Region],
        &[
            ("us-west-2", "48"),
            ("us-east-1", "16.35"),
            ("(none)", "7"),
            ("eu-central-1", "0.02"),
        ],
    );
}

#[test]
fn what_is_not_read_is_named_and_counted() {
    let charges = spend(&[
        (Now, SONNET, INPUT, "2", "4.4"),
        (Now, BEDROCK, "USE1-Some-Thing", "1", "2"),
        (Now, BEDROCK, "USE1-Another", "1", "7"),
        (Before, BEDROCK, "USE1-Gone", "1", "9"),
    ]);
    let unread = charges.unclassified().unwrap();
    assert_eq!(unread.cost, decimal("9"));
    assert_eq!(unread.usage_types, ["USE1-Another", "USE1-Some-Thing"]);
    assert_eq!(charges.total(Now), decimal("13.4"));
    assert_eq!(
        spend(&[(Now, SONNET, INPUT, "2", "4.4")]).unclassified(),
        None
    );
}

#[test]
fn caching_saves_what_reads_cost_less_and_writes_more() {
    // Input at 4.40 / 2 = 2.20. 10 million read for 2.20 instead of 22: 19.80. A million written for 2.75: 0.55 more.
    let used = spend(&[
        (Now, SONNET, INPUT, "2", "4.4"),
        (Now, SONNET, READ, "10", "2.2"),
        (Now, SONNET, WRITE, "1", "2.75"),
        // Written, never read, without plain input: 1.10 by the price book, billed 5 x 1.375 = 6.875, which is 1.375 more.
        (Now, HAIKU, WRITE, "5", "6.875"),
        (Before, SONNET, READ, "99", "21.78"),
    ]);
    let saved = used
        .caching(PriceBook::embedded(), date(2026, 10, 31))
        .unwrap();
    assert_eq!(saved.reads, decimal("19.8"));
    assert_eq!(saved.write_premium, decimal("1.925"));
    assert_eq!(saved.net(), decimal("17.875"));
    assert_eq!(
        saved.losing,
        [("Claude Haiku 4.5".to_owned(), decimal("1.375"))]
    );
    assert_eq!(saved.without_rate, Decimal::ZERO);
    let none = spend(&[(Now, SONNET, INPUT, "2", "4.4")]);
    assert_eq!(
        none.caching(PriceBook::embedded(), date(2026, 10, 31)),
        None
    );
}

#[test]
fn cached_tokens_without_a_rate_are_told_and_not_guessed() {
    let unknown = "Tomorrow 1 (Amazon Bedrock Edition)";
    let saved = spend(&[(Now, unknown, READ, "3", "1")])
        .caching(PriceBook::embedded(), date(2026, 10, 31))
        .unwrap();
    assert_eq!(saved.without_rate, decimal("3000000"));
    assert_eq!(saved.net(), Decimal::ZERO);
}

#[test]
fn the_cause_is_what_moved_most_in_the_direction_of_the_whole() {
    let rise = spend(&[
        (Before, SONNET, INPUT, "1", "2"),
        (Now, SONNET, INPUT, "10", "20"),
        (Before, SONNET, OUTPUT, "1", "10"),
        (Now, SONNET, OUTPUT, "6", "60"),
        (Before, HAIKU, INPUT, "70", "70"),
        (Now, HAIKU, INPUT, "10", "10"),
    ]);
    let cause = rise.cause().unwrap();
    assert_eq!(cause.model, "Claude Sonnet 5");
    assert_eq!(cause.change.total(), decimal("68"));
    assert_eq!(cause.token_type, ("output".to_owned(), decimal("50")));
    assert_eq!(cause.change.effect(), Some(Effect::Volume));
    assert_eq!(
        (cause.tokens_before, cause.tokens),
        (decimal("2000000"), decimal("16000000"))
    );
    let names: Vec<&str> = cause
        .charged_as
        .iter()
        .map(|(_, usage)| usage.as_str())
        .collect();
    assert_eq!(names, [INPUT, OUTPUT]);

    let fall = spend(&[
        (Before, SONNET, INPUT, "1", "2"),
        (Now, SONNET, INPUT, "2", "4"),
        (Before, HAIKU, INPUT, "10", "20"),
        (Now, HAIKU, INPUT, "10", "10"),
    ]);
    let cause = fall.cause().unwrap();
    assert_eq!(
        (cause.model.as_str(), cause.change.effect()),
        ("Claude Haiku 4.5", Some(Effect::Rate))
    );

    let still = spend(&[
        (Before, SONNET, INPUT, "1", "2"),
        (Now, SONNET, INPUT, "1", "2"),
    ]);
    assert_eq!(still.cause(), None);
}

#[test]
fn names_of_what_to_cut_by_are_read_loosely() {
    for (text, expected) in [
        ("Model", By::Model),
        ("token-type", By::TokenType),
        ("linked_account", By::Account),
        (" day ", By::Day),
        ("Monthly", By::Month),
        ("tag:Team", By::Tag("Team".to_owned())),
        ("TAG: Cost Center", By::Tag("Cost Center".to_owned())),
    ] {
        let read: By = text.parse().unwrap();
        assert_eq!(read, expected);
        assert_eq!(read.to_string().parse::<By>(), Ok(read));
    }
    for text in ["", "tag", "tag:", "modell", "resource"] {
        let error = text.parse::<By>().unwrap_err();
        assert!(error.to_string().contains("model, token_type"), "{error}");
    }
}

fn series(costs: &[i64]) -> Vec<(Date, Decimal)> {
    costs
        .iter()
        .zip(0_i64..)
        .map(|(cost, day)| {
            let day = crate::period::plus_days(date(2026, 10, 1), day).unwrap();
            (day, Decimal::from(*cost))
        })
        .collect()
}

#[test]
fn days_that_stand_out_are_found() {
    // The median of 10, 10, 12, 8, 90, 100, 11, 9, 10, 10 is 10; 31 and more stand out.
    let peak = Peak::find(&series(&[10, 10, 12, 8, 90, 100, 11, 9, 10, 10])).unwrap();
    assert_eq!(
        (peak.first, peak.last),
        (date(2026, 10, 5), date(2026, 10, 6))
    );
    assert_eq!(peak.cost, decimal("190"));
    assert_eq!(
        (peak.ordinary, peak.excess),
        (decimal("10"), decimal("170"))
    );
    // On the last day, after days without a charge.
    let peak = Peak::find(&series(&[0, 0, 5, 5, 5, 5, 50])).unwrap();
    assert_eq!((peak.first, peak.cost), (date(2026, 10, 7), decimal("50")));
    for quiet in [
        &[10, 10, 12, 8, 30, 11, 9][..],
        &[1, 1, 1, 1, 9, 9, 9, 9, 1][..],
        &[1, 1, 90][..],
        &[0, 0, 0, 0, 0, 0][..],
        &[][..],
    ] {
        assert_eq!(Peak::find(&series(quiet)), None, "{quiet:?}");
    }
}

/// Charges as a bill may have them: any model, unit and period, up to a trillion dollars with up to ten decimal places.
fn charges() -> impl Strategy<Value = Vec<(When, ChargeKey, Amount, Decimal)>> {
    let key = (0..3_usize, 0..7_usize).prop_map(|(service, usage)| ChargeKey {
        service: [SONNET, HAIKU, BEDROCK].get(service).unwrap().to_string(),
        usage_type: [INPUT, OUTPUT, READ, NOVA, HOURS, "USE1-Unknown", ""]
            .get(usage)
            .unwrap()
            .to_string(),
        ..ChargeKey::default()
    });
    let quantity = prop_oneof![
        1 => Just(Decimal::ZERO),
        4 => (0_i64..1_000_000_000_000, 0_u32..7).prop_map(|(units, scale)| Decimal::new(units, scale)),
    ];
    let cost = (-1_000_000_i64..1_000_000_000_000_000, 3_u32..11)
        .prop_map(|(units, scale)| Decimal::new(units, scale));
    let charge = (any::<bool>(), key, quantity, cost).prop_map(|(now, key, value, cost)| {
        let when = if now { Now } else { Before };
        let quantity = Amount {
            value,
            unit: String::new(),
        };
        (when, key, quantity, cost)
    });
    proptest::collection::vec(charge, 0..24)
}

fn sum(parts: impl IntoIterator<Item = Decimal>) -> Decimal {
    parts.into_iter().sum()
}

proptest! {
    #[test]
    fn the_parts_add_up_to_the_change_to_the_last_digit(charges in charges()) {
        let now = sum(charges.iter().filter(|charge| charge.0 == Now).map(|charge| charge.3));
        let before = sum(charges.iter().filter(|charge| charge.0 == Before).map(|charge| charge.3));
        let spend = Spend::new(charges);
        let change = spend.change();
        prop_assert_eq!((change.now, change.before), (now, before));
        prop_assert_eq!(change.volume + change.rate + change.mix, now - before);
        for by in [By::Model, By::TokenType, By::Service, By::Tier] {
            let rows = spend.rows(&[by], PriceBook::embedded(), date(2026, 10, 31));
            prop_assert_eq!(sum(rows.iter().map(|row| row.change.now)), now);
            prop_assert_eq!(sum(rows.iter().map(|row| row.change.rate)), change.rate);
            for row in rows {
                let Change { volume, rate, mix, .. } = row.change;
                prop_assert_eq!(volume + rate + mix, row.change.total());
            }
        }
    }

    #[test]
    fn the_same_charges_twice_are_no_change(charges in charges()) {
        let twice = charges.iter().flat_map(|(_, key, quantity, cost)| {
            [Before, Now].map(|when| (when, key.clone(), quantity.clone(), *cost))
        });
        let change = Spend::new(twice).change();
        prop_assert_eq!((change.volume, change.rate, change.mix), Default::default());
    }

    #[test]
    fn a_multiple_of_the_same_charges_is_volume(charges in charges(), times in 2_i64..50) {
        let times = Decimal::from(times);
        let both = charges.iter().flat_map(|(_, key, quantity, cost)| {
            let more = Amount { value: quantity.value * times, unit: quantity.unit.clone() };
            [(Before, key.clone(), quantity.clone(), *cost), (Now, key.clone(), more, *cost * times)]
        });
        let spend = Spend::new(both);
        let change = spend.change();
        prop_assert_eq!(change.rate, Decimal::ZERO);
        // What has no quantity is mix.
        let without: Decimal = spend.lines.iter()
            .filter(|line| line.now.quantity.is_zero())
            .map(|line| line.now.cost - line.before.cost)
            .sum();
        prop_assert_eq!(change.mix, without);
    }

    #[test]
    fn a_peak_is_part_of_its_series(costs in proptest::collection::vec(0_i64..1_000, 0..40)) {
        let days = series(&costs);
        if let Some(peak) = Peak::find(&days) {
            let inside = sum(days.iter().filter(|(day, _)| (peak.first..=peak.last).contains(day)).map(|(_, cost)| *cost));
            prop_assert_eq!(peak.cost, inside);
            prop_assert!(peak.excess > Decimal::ZERO);
        }
    }
}
