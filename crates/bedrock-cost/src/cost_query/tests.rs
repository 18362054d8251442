//! Tests of the Cost Explorer rules: one line a case.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use super::*;
use jiff::civil::{Date, date};

pub(super) const DECEMBER: Date = date(2024, 12, 5);
pub(super) const NOVEMBER_2026: Date = date(2026, 11, 22);

/// Arguments from `name=value` pairs; `group_by` and `metrics` may stand more than once.
pub(super) fn arguments(text: &str) -> CostArguments {
    let mut arguments = CostArguments {
        operation: "getCostAndUsage".to_owned(),
        ..CostArguments::default()
    };
    for (name, value) in text
        .split_whitespace()
        .map(|pair| pair.split_once('=').unwrap())
    {
        let value = value.to_owned();
        match name {
            "operation" => arguments.operation = value,
            "start" => arguments.start = Some(value),
            "end" => arguments.end = Some(value),
            "granularity" => arguments.granularity = Some(value),
            "metrics" => arguments.metrics.push(value),
            "group_by" => {
                let (kind, key) = value.split_once(':').unwrap();
                arguments.group_by.push((kind.to_owned(), key.to_owned()));
            }
            "service" => {
                arguments.filter = Some(RawFilter::dimension(
                    DimensionKey::Service,
                    [&value.replace('_', " ")],
                ));
            }
            "usage_type" => {
                arguments.filter = Some(RawFilter::dimension(DimensionKey::UsageType, [value]));
            }
            "usage_type_group" => {
                arguments.filter =
                    Some(RawFilter::dimension(DimensionKey::UsageTypeGroup, [value]));
            }
            "resource" => {
                arguments.filter = Some(RawFilter::dimension(DimensionKey::ResourceId, [value]));
            }
            "attribute" => arguments.filter = Some(attribute(&value)),
            "dimension" => arguments.dimension = Some(value),
            "dimension_key" => arguments.dimension_key = Some(value),
            "context" => arguments.context = Some(value),
            "tag_key" => arguments.tag_key = Some(value),
            "cost_category" => arguments.cost_category = Some(value),
            "search" => arguments.search_string = Some(value),
            "interval" => arguments.prediction_interval = Some(value.parse().unwrap()),
            "baseline_start" => arguments.baseline_start = Some(value),
            "baseline_end" => arguments.baseline_end = Some(value),
            "comparison_start" => arguments.comparison_start = Some(value),
            "comparison_end" => arguments.comparison_end = Some(value),
            "max_results" => arguments.max_results = Some(value.parse().unwrap()),
            other => unreachable!("{other}"),
        }
    }
    arguments
}

pub(super) fn attribute(key: &str) -> RawFilter {
    let leaf = RawLeaf {
        key: Some(key.to_owned()),
        values: vec!["x".to_owned()],
        match_options: Vec::new(),
    };
    RawFilter {
        product_attributes: Some(leaf),
        ..RawFilter::default()
    }
}

/// Sums a query up in one line.
pub(super) fn summary(query: &CostQuery) -> String {
    let groups = |groups: &[GroupBy]| -> String {
        groups
            .iter()
            .flat_map(|group| [" by ".to_owned(), group.to_string()])
            .collect()
    };
    match query {
        CostQuery::CostAndUsage(query) | CostQuery::CostAndUsageWithResources(query) => {
            let metrics: Vec<&str> = query.metrics.iter().map(|metric| metric.as_str()).collect();
            format!(
                "{} {} {}{}",
                query.period,
                query.granularity,
                metrics.join("+"),
                groups(&query.group_by)
            )
        }
        CostQuery::DimensionValues {
            dimension,
            attribute,
            values,
            ..
        } => {
            format!(
                "{dimension} {} {}",
                attribute.map_or("-", ProductAttribute::as_str),
                values.period
            )
        }
        CostQuery::Tags { key, values } => {
            format!("tags {} {}", key.as_deref().unwrap_or("-"), values.period)
        }
        CostQuery::CostCategories { name, values } => {
            format!(
                "categories {} {}",
                name.as_deref().unwrap_or("-"),
                values.period
            )
        }
        CostQuery::CostForecast(query) | CostQuery::UsageForecast(query) => {
            format!(
                "{} {} {}",
                query.period,
                query.granularity,
                query.metric.forecast_name()
            )
        }
        CostQuery::CostAndUsageComparisons(query) | CostQuery::CostComparisonDrivers(query) => {
            format!(
                "{} against {} {}{}",
                query.comparison,
                query.baseline,
                query.metric,
                groups(&query.group_by)
            )
        }
    }
}

/// Checks what the arguments become: the query in one line, or the problem and after `=>` the suggested query.
pub(super) fn check_with(text: &str, today: Date, limits: CostLimits, expected: &str) {
    let found = match CostQuery::new(&arguments(text), today, limits) {
        Ok((query, _)) => summary(&query),
        Err(error) => match &error.suggested {
            Some(suggested) => {
                let (query, _) = CostQuery::new(suggested, today, limits).unwrap();
                format!("{error} => {}", summary(&query))
            }
            None => error.to_string(),
        },
    };
    assert_eq!(found, expected, "{text}");
}

pub(super) fn check(text: &str, today: Date, expected: &str) {
    check_with(text, today, CostLimits::default(), expected);
}

#[test]
fn the_guide_runs_in_its_own_time() {
    let november = "start=2024-11-01 end=2024-12-01 service=Amazon_Bedrock";
    let by = |rest: &str| format!("{november} {rest}");
    check(
        &by("granularity=MONTHLY metrics=UnblendedCost group_by=DIMENSION:SERVICE"),
        DECEMBER,
        "2024-11-01 to 2024-12-01 MONTHLY UnblendedCost by DIMENSION SERVICE",
    );
    check(
        &by(
            "granularity=DAILY metrics=UsageQuantity metrics=UnblendedCost group_by=DIMENSION:LINKED_ACCOUNT",
        ),
        DECEMBER,
        "2024-11-01 to 2024-12-01 DAILY UsageQuantity+UnblendedCost by DIMENSION LINKED_ACCOUNT",
    );
    check(
        &by("granularity=HOURLY metrics=UnblendedCost group_by=TAG:ContentType"),
        DECEMBER,
        "HOURLY data reaches back 14 days, to 2024-11-21, and has to be switched on; the start is 2024-11-01. \
         DAILY reaches back to 2023-11-01; hours can be had only of the last 14 days \
         => 2024-11-01 to 2024-12-01 DAILY UnblendedCost by TAG ContentType",
    );
}

#[test]
fn the_guide_two_years_later_is_answered_or_repaired() {
    let november = "start=2024-11-01 end=2024-12-01";
    check(
        &format!("{november} granularity=MONTHLY"),
        NOVEMBER_2026,
        "2024-11-01 to 2024-12-01 MONTHLY UnblendedCost",
    );
    check(
        &format!("{november} granularity=DAILY"),
        NOVEMBER_2026,
        "DAILY data reaches back 14 months, to 2025-10-01; the start is 2024-11-01. \
         MONTHLY reaches back 38 months from the first of a month, where multi-year data is switched on \
         => 2024-11-01 to 2024-12-01 MONTHLY UnblendedCost",
    );
    check(
        &format!("{november} granularity=HOURLY group_by=TAG:ContentType"),
        NOVEMBER_2026,
        "HOURLY data reaches back 14 days, to 2026-11-08, and has to be switched on; the start is 2024-11-01. \
         DAILY reaches back to 2025-10-01; hours can be had only of the last 14 days \
         => 2024-11-01 to 2024-12-01 MONTHLY UnblendedCost by TAG ContentType",
    );
    let off = CostLimits {
        multi_year: Some(false),
        ..CostLimits::default()
    };
    check_with(
        &format!("{november} granularity=MONTHLY"),
        NOVEMBER_2026,
        off,
        "multi-year data is not switched on for this account: data reaches back to 2025-10-01, \
         the start is 2024-11-01 => 2026-10-01 to 2026-11-01 MONTHLY UnblendedCost",
    );
}

#[test]
fn what_is_absent_is_assumed() {
    check(
        "start=",
        DECEMBER,
        "2024-11-05 to 2024-12-05 DAILY UnblendedCost",
    );
    check(
        "start=last_month",
        DECEMBER,
        "2024-11-01 to 2024-12-01 MONTHLY UnblendedCost",
    );
    check(
        "start=-60d",
        DECEMBER,
        "2024-10-06 to 2024-12-05 MONTHLY UnblendedCost",
    );
    check(
        "start=month_to_date",
        DECEMBER,
        "2024-12-01 to 2024-12-06 DAILY UnblendedCost",
    );
    check(
        "start=2023-01-01 end=2023-01-15",
        DECEMBER,
        "2023-01-01 to 2023-01-15 MONTHLY UnblendedCost",
    );
    check(
        "granularity=hourly",
        DECEMBER,
        "2024-11-28T00:00:00Z to 2024-12-05T00:00:00Z HOURLY UnblendedCost",
    );
    check(
        "operation=getTags",
        DECEMBER,
        "tags - 2024-11-05 to 2024-12-05",
    );
    check(
        "operation=getCostForecast",
        DECEMBER,
        "2024-12-05 to 2025-01-01 MONTHLY UNBLENDED_COST",
    );
    check(
        "operation=getUsageForecast usage_type=USE1-NovaMicro-input-tokens",
        DECEMBER,
        "2024-12-05 to 2025-01-01 MONTHLY USAGE_QUANTITY",
    );
    check(
        "operation=getCostAndUsageComparisons",
        DECEMBER,
        "2024-11-01 to 2024-12-01 against 2024-10-01 to 2024-11-01 UnblendedCost",
    );
}

/// Checks the corrections, each as `field: from -> to`.
fn check_corrections(text: &str, expected: &[&str]) {
    let (_, corrections) =
        CostQuery::new(&arguments(text), DECEMBER, CostLimits::default()).unwrap();
    let found: Vec<String> = corrections
        .iter()
        .map(|c| format!("{}: {} -> {}", c.field, c.from, c.to))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn form_is_corrected_and_listed() {
    let plain = "start=2024-11-01 end=2024-12-01 granularity=DAILY metrics=UnblendedCost";
    check_corrections(plain, &[]);
    check_corrections(
        "operation=get_cost_and_usage start=2024-11-01T00:00:00Z end=2024-12-01 granularity=daily metrics=UNBLENDED_COST \
         group_by=dimension:usage_type group_by=:service",
        &[
            "operation: get_cost_and_usage -> getCostAndUsage",
            "metrics: UNBLENDED_COST -> UnblendedCost",
            "group_by: dimension usage_type -> DIMENSION USAGE_TYPE",
            "group_by: service -> DIMENSION SERVICE",
            "start_date: 2024-11-01T00:00:00Z -> 2024-11-01",
            "granularity: daily -> DAILY",
        ],
    );
    check_corrections(
        "start=2024-12-01 end=2024-12-02 granularity=HOURLY metrics=UnblendedCost",
        &[
            "start_date: 2024-12-01 -> 2024-12-01T00:00:00Z",
            "end_date: 2024-12-02 -> 2024-12-02T00:00:00Z",
        ],
    );
    check_corrections(
        "start=last_month",
        &[
            "metrics:  -> UnblendedCost",
            "start_date: last_month -> 2024-11-01",
            "end_date:  -> 2024-12-01",
            "granularity:  -> MONTHLY",
        ],
    );
    check_corrections(
        "operation=getCostForecast end=2025-01-01 granularity=MONTHLY metrics=UNBLENDED_COST",
        &["start_date:  -> 2024-12-05"],
    );
    check_corrections(
        "operation=getCostForecast start=today end=2025-01-01 granularity=MONTHLY metrics=UNBLENDED_COST",
        &["start_date: today -> 2024-12-05"],
    );
    check_corrections(
        "operation=getCostForecast granularity=MONTHLY metrics=UNBLENDED_COST",
        &["start_date:  -> 2024-12-05", "end_date:  -> 2025-01-01"],
    );
    check_corrections(
        "operation=GetDimensionValues dimension=charge_type start=2024-11-01 end=2024-12-01 granularity=DAILY",
        &[
            "operation: GetDimensionValues -> getDimensionValues",
            "dimension: charge_type -> RECORD_TYPE",
            "granularity: DAILY -> ",
        ],
    );
}

#[test]
fn operations_are_read_in_every_spelling() {
    for operation in CostOperation::ALL {
        let camel = operation.as_str();
        let snake: String = camel
            .chars()
            .map(|c| {
                if c.is_ascii_uppercase() {
                    format!("_{}", c.to_ascii_lowercase())
                } else {
                    c.to_string()
                }
            })
            .collect();
        for text in [
            camel,
            operation.aws_name(),
            &snake,
            &snake.replace('_', "-"),
        ] {
            assert_eq!(text.parse(), Ok(*operation), "{text}");
        }
    }
}

#[test]
fn periods_keep_the_rules() {
    let thirty = "2024-11-05 to 2024-12-05 DAILY UnblendedCost";
    check(
        "start=2024-12-06 end=2025-01-05",
        DECEMBER,
        &format!(
            "the start 2024-12-06 is after today, 2024-12-05; cost of days to come is what getCostForecast answers \
             => {thirty}"
        ),
    );
    check(
        "start=2024-12-05 end=2025-01-01",
        DECEMBER,
        "2024-12-05 to 2025-01-01 DAILY UnblendedCost",
    );
    check(
        "start=2024-12-01 end=2025-01-02 granularity=DAILY",
        DECEMBER,
        "the end 2025-01-02 is past 2025-01-01, the first day of next month \
         => 2024-12-01 to 2024-12-06 DAILY UnblendedCost",
    );
    check(
        "start=2024-12-01 end=2025-02-01 granularity=MONTHLY",
        DECEMBER,
        "the end 2025-02-01 is past 2025-01-01, the first day of next month \
         => 2024-12-01 to 2025-01-01 MONTHLY UnblendedCost",
    );
    check(
        "start=2024-12-01 end=2024-11-01",
        DECEMBER,
        "end_date: the end 2024-11-01 is not after the start 2024-12-01 (the end is exclusive) \
         => 2024-11-01 to 2024-12-01 MONTHLY UnblendedCost",
    );
    check(
        "start=2024-11-30 end=2024-11-30",
        DECEMBER,
        "end_date: the end 2024-11-30 is not after the start 2024-11-30 (the end is exclusive) \
         => 2024-11-30 to 2024-12-01 DAILY UnblendedCost",
    );
    // The start alone stays alone: it runs to today, and not to the end of a month that is not over.
    check(
        "start=2024-02-30",
        NOVEMBER_2026,
        "start_date: 2024-02-30 does not exist: February 2024 has 29 days; \
         beyond the past 14 months a period begins on the first of a month; the start is 2024-02-29 \
         => 2024-02-01 to 2026-11-22 MONTHLY UnblendedCost",
    );
    check(
        "start=2026-02-30",
        NOVEMBER_2026,
        "start_date: 2026-02-30 does not exist: February 2026 has 28 days \
         => 2026-02-28 to 2026-11-22 MONTHLY UnblendedCost",
    );
    check(
        "start=2024-02-30 end=2024-03-10",
        DECEMBER,
        "start_date: 2024-02-30 does not exist: February 2024 has 29 days \
         => 2024-02-29 to 2024-03-10 DAILY UnblendedCost",
    );
    check(
        "start=2024-11-01 end=2024-11-31",
        DECEMBER,
        "end_date: 2024-11-31 does not exist: November 2024 has 30 days \
         => 2024-11-01 to 2024-12-01 MONTHLY UnblendedCost",
    );
    check(
        "start=christmas",
        DECEMBER,
        "start_date: cannot read \"christmas\" as a date, expected a form like 2024-11-01, today, -30d, last_month \
         or month_to_date",
    );
}

#[test]
fn reach_is_counted_from_the_first_of_the_month() {
    check(
        "start=2023-11-01 end=2023-11-10 granularity=DAILY",
        DECEMBER,
        "2023-11-01 to 2023-11-10 DAILY UnblendedCost",
    );
    check(
        "start=2023-10-31 end=2023-11-10 granularity=DAILY",
        DECEMBER,
        "DAILY data reaches back 14 months, to 2023-11-01; the start is 2023-10-31. \
         MONTHLY reaches back 38 months from the first of a month, where multi-year data is switched on \
         => 2023-10-01 to 2023-12-01 MONTHLY UnblendedCost",
    );
    check(
        "start=2023-11-15 end=2024-11-15 granularity=MONTHLY",
        DECEMBER,
        "2023-11-15 to 2024-11-15 MONTHLY UnblendedCost",
    );
    check(
        "start=2023-10-15 end=2024-11-15 granularity=MONTHLY",
        DECEMBER,
        "beyond the past 14 months a period begins on the first of a month; the start is 2023-10-15 \
         => 2023-10-01 to 2024-12-01 MONTHLY UnblendedCost",
    );
    check(
        "start=2021-11-01 end=2024-11-01 granularity=MONTHLY",
        DECEMBER,
        "2021-11-01 to 2024-11-01 MONTHLY UnblendedCost",
    );
    check(
        "start=2021-10-01 end=2021-12-01 granularity=MONTHLY",
        DECEMBER,
        "data reaches back 38 months at most, to 2021-11-01; the start is 2021-10-01 \
         => 2024-10-01 to 2024-12-01 MONTHLY UnblendedCost",
    );
}

#[test]
fn hours_are_whole_instants_of_the_last_14_days() {
    check(
        "start=2024-11-21T00:00:00Z end=2024-11-21T06:00:00Z granularity=HOURLY",
        DECEMBER,
        "2024-11-21T00:00:00Z to 2024-11-21T06:00:00Z HOURLY UnblendedCost",
    );
    check(
        "start=2024-12-04T06:00:00+02:00 end=2024-12-04T18:00:00Z",
        DECEMBER,
        "2024-12-04T04:00:00Z to 2024-12-04T18:00:00Z HOURLY UnblendedCost",
    );
    check(
        "start=2024-12-04T06:00:00Z end=2024-12-04T18:00:00Z granularity=DAILY",
        DECEMBER,
        "\"2024-12-04T06:00:00Z\" has a time of day, which only HOURLY granularity takes \
         => 2024-12-04 to 2024-12-05 DAILY UnblendedCost",
    );
    let off = CostLimits {
        hourly: Some(false),
        ..CostLimits::default()
    };
    check_with(
        "start=2024-12-04 end=2024-12-05 granularity=HOURLY",
        DECEMBER,
        off,
        "HOURLY data is not switched on for this account => 2024-12-04 to 2024-12-05 DAILY UnblendedCost",
    );
}

#[test]
fn names_outside_the_sets_are_refused() {
    check(
        "metrics=UnblendedCosts",
        DECEMBER,
        "unknown metric \"UnblendedCosts\", expected one of UnblendedCost, BlendedCost, AmortizedCost, \
         NetUnblendedCost, NetAmortizedCost, UsageQuantity, NormalizedUsageAmount \
         => 2024-11-05 to 2024-12-05 DAILY UnblendedCost",
    );
    check(
        "granularity=WEEKLY",
        DECEMBER,
        "granularity \"WEEKLY\" is not there: Cost Explorer has no weeks, only HOURLY, DAILY and MONTHLY; \
         days add up to weeks => 2024-11-05 to 2024-12-05 DAILY UnblendedCost",
    );
    check(
        "granularity=week start=last_month",
        DECEMBER,
        "granularity \"week\" is not there: Cost Explorer has no weeks, only HOURLY, DAILY and MONTHLY; \
         days add up to weeks => 2024-11-01 to 2024-12-01 DAILY UnblendedCost",
    );
    check(
        "granularity=WEEKLY start=2023-01-01 end=2023-04-01",
        DECEMBER,
        "granularity \"WEEKLY\" is not there: Cost Explorer has no weeks, only HOURLY, DAILY and MONTHLY; \
         days add up to weeks",
    );
    check(
        "granularity=YEARLY",
        DECEMBER,
        "unknown granularity \"YEARLY\", expected one of HOURLY, DAILY, MONTHLY",
    );
    check(
        "granularity=MONTHY start=last_month",
        DECEMBER,
        "unknown granularity \"MONTHY\", expected one of HOURLY, DAILY, MONTHLY \
         => 2024-11-01 to 2024-12-01 MONTHLY UnblendedCost",
    );
    check(
        "metrics=cost",
        DECEMBER,
        "unknown metric \"cost\", expected one of UnblendedCost, BlendedCost, AmortizedCost, \
         NetUnblendedCost, NetAmortizedCost, UsageQuantity, NormalizedUsageAmount \
         => 2024-11-05 to 2024-12-05 DAILY UnblendedCost",
    );
    check(
        "metrics=tokens",
        DECEMBER,
        "unknown metric \"tokens\", expected one of UnblendedCost, BlendedCost, AmortizedCost, \
         NetUnblendedCost, NetAmortizedCost, UsageQuantity, NormalizedUsageAmount",
    );
    check(
        "group_by=DIMENSION:SERVICES",
        DECEMBER,
        "unknown dimension \"SERVICES\", nearest: SERVICE, SERVICE_CODE \
         => 2024-11-05 to 2024-12-05 DAILY UnblendedCost by DIMENSION SERVICE",
    );
    check(
        "group_by=DIMENSION:SERVICE group_by=TAG:App group_by=DIMENSION:REGION",
        DECEMBER,
        "at most 2 groupings, 3 given; SERVICE or USAGE_TYPE tells more than one thing at once",
    );
    let error = CostQuery::new(
        &arguments("operation=deleteEverything"),
        DECEMBER,
        CostLimits::default(),
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("unknown operation \"deleteEverything\""),
        "{error}"
    );
    assert_eq!(error.suggested, None);
}

#[test]
fn arguments_without_measure_are_refused_or_cut_down() {
    let many = |text: &str, count: usize| CostArguments {
        metrics: vec![text.to_owned(); count],
        ..arguments("start=last_month")
    };
    let (_, corrections) = CostQuery::new(
        &many("unblended_cost", 100_000),
        DECEMBER,
        CostLimits::default(),
    )
    .unwrap();
    assert_eq!(corrections.len(), 4);
    let long = CostArguments {
        start: Some("9".repeat(10_000_000)),
        ..many(&"x".repeat(10_000_000), 1)
    };
    let error = CostQuery::new(&long, DECEMBER, CostLimits::default()).unwrap_err();
    assert!(error.to_string().len() < 400, "{}", error.to_string().len());
}
