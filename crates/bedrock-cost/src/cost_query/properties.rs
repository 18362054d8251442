//! Properties over arguments that break any number of rules at once.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::tests::{DECEMBER, NOVEMBER_2026, attribute};
use super::*;

fn texts(values: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    sometimes(0.7, values)
}

/// One of the texts with this probability, so that most arguments break a rule or two and not ten.
fn sometimes(
    probability: f64,
    values: &'static [&'static str],
) -> impl Strategy<Value = Option<String>> {
    proptest::option::weighted(
        probability,
        proptest::sample::select(values).prop_map(str::to_owned),
    )
}

/// Arguments that break any number of rules at once.
fn any_arguments() -> impl Strategy<Value = CostArguments> {
    const DATES: &[&str] = &[
        "2019-01-01",
        "2021-11-15",
        "2023-10-31",
        "2024-02-30",
        "2024-11-01",
        "2024-11-25T06:00:00Z",
        "2024-12-01",
        "2024-12-05",
        "2025-01-01",
        "2026-08-15",
        "2026-10-10",
        "2027-06-01",
        "last_month",
        "2024-11",
        "-7d",
        "tomorrow",
        "next_3_months",
        "soon",
    ];
    const METRICS: &[&str] = &[
        "UnblendedCost",
        "USAGE_QUANTITY",
        "NetAmortisedCost",
        "cost",
    ];
    let operation = proptest::sample::select(CostOperation::NAMES).prop_map(str::to_owned);
    let kinds =
        proptest::sample::select(&["DIMENSION", "TAG", "PRODUCT_ATTRIBUTE", "", "DIMENSIN"][..]);
    let keys = proptest::sample::select(
        &[
            "SERVICE",
            "RESOURCE_ID",
            "model",
            "App",
            "tag:App",
            "whatsoever",
            "USAGE_TYP",
            "PRODUCT_ATTRIBUTE",
        ][..],
    );
    let groups = proptest::collection::vec(
        (kinds, keys).prop_map(|(a, b)| (a.to_owned(), b.to_owned())),
        0..4,
    );
    let metrics = proptest::collection::vec(
        proptest::sample::select(METRICS).prop_map(str::to_owned),
        0..3,
    );
    let filter = proptest::option::of(prop_oneof![
        8 => Just(RawFilter::dimension(
            DimensionKey::Service,
            ["Amazon Bedrock"]
        )),
        3 => Just(attribute("model")),
        1 => Just(RawFilter::default()),
    ]);
    let period = (
        texts(DATES),
        texts(DATES),
        texts(&["HOURLY", "DAILY", "MONTHLY", "WEEKLY"]),
    );
    let month = || sometimes(0.15, DATES);
    let months = (month(), month(), month(), month());
    let values = (
        sometimes(0.2, &["SERVICE", "PRODUCT_ATTRIBUTE", "x"]),
        sometimes(0.1, &["model", "x"]),
        sometimes(0.1, &["App", ""]),
    );
    let numbers = (
        proptest::option::of(-5_i64..200),
        proptest::option::of(-5_i64..3_000),
    );
    (
        operation,
        period,
        (metrics, groups, filter),
        months,
        values,
        numbers,
    )
        .prop_map(
            |(
                operation,
                (start, end, granularity),
                (metrics, group_by, filter),
                months,
                values,
                numbers,
            )| CostArguments {
                operation,
                start,
                end,
                granularity,
                metrics,
                group_by,
                filter,
                dimension: values.0,
                dimension_key: values.1,
                tag_key: values.2,
                baseline_start: months.0,
                baseline_end: months.1,
                comparison_start: months.2,
                comparison_end: months.3,
                prediction_interval: numbers.0,
                max_results: numbers.1,
                ..CostArguments::default()
            },
        )
}

fn any_limits() -> impl Strategy<Value = CostLimits> {
    (
        any::<Option<bool>>(),
        any::<Option<bool>>(),
        any::<Option<bool>>(),
    )
        .prop_map(|(multi_year, hourly, resources)| CostLimits {
            multi_year,
            hourly,
            resources,
        })
}

/// What AWS would refuse, checked against the query itself and apart from how it was made.
fn breaks_a_rule(query: &CostQuery, today: Date) -> Option<&'static str> {
    match query {
        CostQuery::CostAndUsage(query) | CostQuery::CostAndUsageWithResources(query) => {
            let days = query.period.days();
            let hours = matches!(query.period, QueryPeriod::Hours(_));
            let age = crate::period::days_between(days.start(), today);
            [
                (query.metrics.is_empty(), "no metric"),
                (query.group_by.len() > 2, "groups"),
                (days.start() > today, "future"),
                (
                    days.end()
                        > today
                            .first_of_month()
                            .saturating_add(jiff::Span::new().months(1)),
                    "end",
                ),
                (hours != (query.granularity == Granularity::Hourly), "hours"),
                (hours && age > 14, "hourly age"),
                (
                    query.granularity == Granularity::Daily && age > 427,
                    "daily age",
                ),
                (age > 427 && days.start().day() != 1, "first of month"),
            ]
            .into_iter()
            .find_map(|(broken, rule)| broken.then_some(rule))
        }
        CostQuery::CostForecast(query) | CostQuery::UsageForecast(query) => {
            (query.period.start() < today).then_some("forecast start")
        }
        CostQuery::CostAndUsageComparisons(query) | CostQuery::CostComparisonDrivers(query) => {
            (!query.baseline.is_one_month() || !query.comparison.is_one_month())
                .then_some("one month")
        }
        _ => None,
    }
}

/// What a caller gave and a suggestion no longer asks for.
fn gives_up(given: &CostArguments, suggested: &CostArguments) -> Option<&'static str> {
    let group = |(kind, key): &(String, String)| GroupBy::read(kind, key, &mut Vec::new()).ok();
    let replaced = |group: &GroupBy| matches!(group, GroupBy::ProductAttribute(_));
    let kept = suggested.group_by.iter().map(group).collect::<Vec<_>>();
    let lost_group = given
        .group_by
        .iter()
        .filter_map(group)
        .any(|group| !replaced(&group) && !kept.contains(&Some(group)));
    let metric = |text: &String| text.parse::<CostMetric>().ok();
    let lost_metric = given.metrics.iter().filter_map(metric).any(|metric| {
        !suggested
            .metrics
            .iter()
            .any(|kept| kept.parse() == Ok(metric))
    });
    let keeps_filter = |given: &RawFilter| {
        suggested.filter.as_ref().is_some_and(|kept| {
            let all = kept.and.as_ref();
            kept == given || all.is_some_and(|all| all.contains(given))
        })
    };
    // The other operations have no rows of a length, and leave a granularity out.
    let has_rows = matches!(
        suggested.operation.parse(),
        Ok(CostOperation::CostAndUsage
            | CostOperation::CostAndUsageWithResources
            | CostOperation::CostForecast
            | CostOperation::UsageForecast)
    );
    let weeks = has_rows && given.granularity.as_deref() == Some("WEEKLY");
    [
        (given.group_by.len() > 2, "one of more than two groupings"),
        (given.group_by.len() > kept.len(), "the number of groupings"),
        (lost_group, "a grouping"),
        (
            given.metrics.len() > suggested.metrics.len(),
            "the number of metrics",
        ),
        (lost_metric, "a metric"),
        (!given.filter.as_ref().is_none_or(keeps_filter), "a filter"),
        (
            weeks && !matches!(suggested.granularity.as_deref(), Some("DAILY")),
            "weeks",
        ),
    ]
    .into_iter()
    .find_map(|(lost, what)| lost.then_some(what))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_suggestion_is_valid_and_every_query_keeps_the_rules(
        arguments in any_arguments(),
        today in proptest::sample::select(vec![DECEMBER, NOVEMBER_2026, date(2026, 8, 31), date(2024, 2, 29)]),
        limits in any_limits(),
    ) {
        match CostQuery::new(&arguments, today, limits) {
            Ok((query, _)) => prop_assert_eq!(breaks_a_rule(&query, today), None, "{:?}", query),
            Err(QueryError { suggested: Some(suggested), .. }) => {
                prop_assert_ne!(&*suggested, &arguments);
                prop_assert_eq!(gives_up(&arguments, &suggested), None, "{:?}", suggested);
                let (query, _) = CostQuery::new(&suggested, today, limits).unwrap();
                prop_assert_eq!(breaks_a_rule(&query, today), None, "{:?}", query);
            }
            Err(QueryError { suggested: None, .. }) => {}
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(
        texts in proptest::collection::vec("\\PC{0,30}", 12),
        operation in proptest::sample::select(CostOperation::NAMES),
        number in any::<i64>(),
    ) {
        let text = |at: usize| texts.get(at).cloned();
        let arguments = CostArguments {
            operation: operation.to_owned(),
            start: text(0),
            end: text(1),
            granularity: text(2),
            metrics: text(3).into_iter().collect(),
            group_by: text(4).zip(text(5)).into_iter().collect(),
            filter: Some(RawFilter { tags: Some(RawLeaf { key: text(6), values: text(7).into_iter().collect(), match_options: Vec::new() }), ..RawFilter::default() }),
            dimension: text(8),
            baseline_start: text(9),
            comparison_start: text(10),
            search_string: text(11),
            prediction_interval: Some(number),
            max_results: Some(number),
            ..CostArguments::default()
        };
        if let Err(error) = CostQuery::new(&arguments, DECEMBER, CostLimits::default()) {
            prop_assert!(error.to_string().len() < 2_000);
        }
    }
}
