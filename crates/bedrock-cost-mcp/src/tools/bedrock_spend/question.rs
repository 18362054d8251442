//! The arguments, checked: which period, beside which, cut by what.

use super::Arguments;
use crate::{
    error::ToolError,
    tools::{arguments::quoted, asking, choices, reply::Correction, table::Paging},
};
use bedrock_cost::{
    cost_query::{
        CostArguments, CostLimits, CostMetric, CostQuery, Granularity, QueryError, UsageQuery,
    },
    names::UnknownName,
    period::{BillingPeriod, plus_days},
    service_name::AMAZON_BEDROCK,
    spend::By,
};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

/// Pages read of one request unless the call says otherwise: 0.20 USD.
const DEFAULT_MAX_PAGES: usize = 20;
/// More than this is an export, not a question.
const MOST_PAGES: usize = 100;
/// What rows may be told apart by at once: Cost Explorer takes no more groupings.
const MOST_CUTS: usize = 2;
/// A month of days before its own start is looked at for a peak; more days than a quarter are a trend.
const PEAK_DAYS: std::ops::RangeInclusive<u32> = 7..=92;

/// What is asked.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own, and any of them go together"
)]
#[derive(Debug)]
pub(super) struct Question {
    pub(super) period: BillingPeriod,
    /// The period before, where it is compared with.
    pub(super) previous: Option<BillingPeriod>,
    /// Why there is none to compare with, where one was wanted.
    pub(super) no_previous: Option<String>,
    /// What the rows are told apart by, time first where a granularity asks for it.
    pub(super) by: Vec<By>,
    pub(super) metric: CostMetric,
    /// With the services that a workload pulls along.
    pub(super) around: bool,
    /// The call asked for `Amazon Bedrock` by this name.
    pub(super) by_service_name: bool,
    pub(super) forecast: Option<BillingPeriod>,
    /// Whether Cost Explorer has days of the whole period.
    pub(super) has_days: bool,
    pub(super) full: bool,
    /// Whether the bill is compared with CloudWatch.
    pub(super) reconcile: bool,
    /// With a picture of the rows.
    pub(super) chart: bool,
    pub(super) paging: Paging,
    pub(super) max_pages: u32,
    pub(super) today: Date,
}

impl Question {
    pub(super) fn read(
        arguments: &Arguments,
        today: Date,
    ) -> Result<(Self, Vec<Correction>), ToolError> {
        let metric = metric(arguments.metric.as_deref())?;
        let mut by = cuts(arguments)?;
        let (around, by_service_name) = service(arguments.service.as_deref())?;
        let granularity = granularity(arguments, &by)?;
        let raw = usage_arguments(arguments, &by, granularity, metric);
        let (query, _) = CostQuery::new(&raw, today, CostLimits::default())
            .map_err(|error| refused(arguments, &error))?;
        let CostQuery::CostAndUsage(UsageQuery { period, .. }) = query else {
            return Err(ToolError::OddAnswer {
                problem: "a question about spend was read as another operation".to_owned(),
            });
        };
        let asked = period.days();
        let period = of_days_that_are_over(asked, today);
        match granularity {
            Some(Granularity::Daily) if !by.contains(&By::Day) => by.insert(0, By::Day),
            // A row for the one month there is says nothing.
            Some(Granularity::Monthly) if !by.contains(&By::Month) && spans_months(period) => {
                by.insert(0, By::Month);
            }
            _ => {}
        }
        let wants_previous = arguments.compare.is_none_or(|compare| compare.0);
        let (previous, no_previous) = if !wants_previous {
            (None, None)
        } else if period.end() > today {
            let why = "today is not over: there is no whole day to compare".to_owned();
            (None, Some(why))
        } else {
            previous(period, metric, today)
        };
        let forecast = arguments.forecast.is_some_and(|wanted| wanted.0);
        let max_pages = choices::at_least("max_pages", arguments.max_pages, 1, DEFAULT_MAX_PAGES)?;
        if max_pages > MOST_PAGES {
            return Err(ToolError::invalid(
                format!("max_pages is {max_pages}"),
                format!("use 1 to {MOST_PAGES}; every page is billed 0.01 USD"),
            ));
        }
        let paging = Paging::read(arguments.limit, arguments.cursor.as_ref())?;
        let until_today = (period != asked && arguments.end_date.is_some()).then(|| {
            Correction::new(
                "end_date",
                format!("{today}: charges of today are not complete"),
            )
        });
        let corrections = paging.correction().into_iter().chain(until_today).collect();
        let question = Self {
            period,
            previous,
            no_previous,
            by,
            metric,
            around,
            by_service_name,
            forecast: forecast
                .then(|| rest_of_month(arguments, period, today))
                .transpose()?,
            has_days: is_in_reach(period, Granularity::Daily, metric, today),
            full: asking::wants_full(arguments.detail.as_deref())?,
            reconcile: arguments.reconcile.is_some_and(|wanted| wanted.0),
            chart: arguments.chart.unwrap_or_default().0,
            paging,
            max_pages: u32::try_from(max_pages).unwrap_or(u32::MAX),
            today,
        };
        Ok((question, corrections))
    }

    /// Tells whether one request of months can keep this period and the one before apart.
    pub(super) fn is_cut_at_a_month(&self) -> bool {
        self.previous.is_none() || self.period.start().day() == 1
    }

    /// The two periods in one, or the one where nothing is compared.
    pub(super) fn whole(&self) -> BillingPeriod {
        self.previous
            .and_then(|previous| BillingPeriod::new(previous.start(), self.period.end()).ok())
            .unwrap_or(self.period)
    }

    /// Tells whether the days of what drove the change may be looked at.
    pub(super) fn looks_for_a_peak(&self) -> bool {
        self.previous.is_some() && self.has_days && PEAK_DAYS.contains(&self.seen().days())
    }

    /// The days of the period that have come.
    pub(super) fn seen(&self) -> BillingPeriod {
        seen(self.period, self.today)
    }
}

/// The period without today and what follows, so that whole days are held against whole days and a forecast goes on from
/// them; a period that begins today or later stays as it is.
fn of_days_that_are_over(period: BillingPeriod, today: Date) -> BillingPeriod {
    if period.end() <= today {
        return period;
    }
    BillingPeriod::new(period.start(), today).unwrap_or(period)
}

fn seen(period: BillingPeriod, today: Date) -> BillingPeriod {
    plus_days(today, 1)
        .filter(|tomorrow| *tomorrow < period.end())
        .and_then(|tomorrow| BillingPeriod::new(period.start(), tomorrow).ok())
        .unwrap_or(period)
}

fn spans_months(period: BillingPeriod) -> bool {
    BillingPeriod::month_of(period.start()).is_some_and(|month| period.end() > month.end())
}

fn metric(given: Option<&str>) -> Result<CostMetric, ToolError> {
    let Some(text) = given.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(CostMetric::UnblendedCost);
    };
    let costs = || CostMetric::ALL.iter().filter(|metric| metric.is_cost());
    let accepted = || {
        let names: Vec<&str> = costs().map(|metric| metric.as_str()).collect();
        format!("use one of {}", names.join(", "))
    };
    match text.parse::<CostMetric>() {
        Ok(metric) if metric.is_cost() => Ok(metric),
        Ok(metric) => Err(ToolError::invalid(
            format!("{metric} is no cost; tokens are in every answer"),
            accepted(),
        )),
        Err(_) => Err(ToolError::invalid(
            format!("there is no metric {}", quoted(text)),
            accepted(),
        )),
    }
}

/// Reads `by`: the model where nothing is given.
fn cuts(arguments: &Arguments) -> Result<Vec<By>, ToolError> {
    let given = arguments.by.as_ref().map_or(&[][..], |list| &list.0);
    let mut by: Vec<By> = Vec::new();
    for text in given.iter().filter(|text| !text.trim().is_empty()) {
        let cut: By = text.parse().map_err(|error: UnknownName| {
            ToolError::invalid(
                error.to_string(),
                format!("by takes up to {MOST_CUTS} of {}", By::NAMES.join(", ")),
            )
        })?;
        if !by.contains(&cut) {
            by.push(cut);
        }
    }
    if by.contains(&By::Day) && by.contains(&By::Month) {
        return Err(ToolError::invalid(
            "by has day and month",
            "use one of them: days add up to months",
        ));
    }
    if by.len() > MOST_CUTS {
        let names: Vec<String> = by.iter().map(ToString::to_string).collect();
        let first = names.iter().take(MOST_CUTS).cloned().map(Value::String);
        return Err(asking::refused::<Arguments>(
            format!("by has {}: {}", by.len(), names.join(", ")),
            format!("Cost Explorer tells charges apart by at most {MOST_CUTS} things at once"),
            changed(arguments, &[("by", first.collect())]),
        ));
    }
    if by.is_empty() {
        by.push(By::Model);
    }
    Ok(by)
}

/// Reads `service`: whether the services around Bedrock are wanted, and whether Bedrock was named as AWS does.
fn service(given: Option<&str>) -> Result<(bool, bool), ToolError> {
    let text = given.map(str::trim).unwrap_or_default();
    match text.to_ascii_lowercase().as_str() {
        "" | "bedrock" => Ok((false, false)),
        "all" => Ok((true, false)),
        name if name.eq_ignore_ascii_case(AMAZON_BEDROCK) => Ok((false, true)),
        _ => Err(ToolError::invalid(
            format!("service {} is not Bedrock", quoted(text)),
            "use all for Bedrock and what a workload pulls along, or leave service out; cost_explorer answers for any one service",
        )),
    }
}

/// Reads `granularity`, which has to agree with `by`.
fn granularity(arguments: &Arguments, by: &[By]) -> Result<Option<Granularity>, ToolError> {
    let given = arguments.granularity.as_deref().map(str::trim);
    let Some(text) = given.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let read = text.parse::<Granularity>().ok();
    let time = match read {
        Some(Granularity::Daily) if !by.contains(&By::Month) => read,
        Some(Granularity::Monthly) if !by.contains(&By::Day) => read,
        Some(Granularity::Daily | Granularity::Monthly) => {
            return Err(asking::refused::<Arguments>(
                format!("granularity {text} and by disagree"),
                "leave granularity out: by has day or month",
                changed(arguments, &[("granularity", Value::Null)]),
            ));
        }
        _ => None,
    };
    if time.is_none() {
        return Err(asking::refused::<Arguments>(
            format!("granularity {} is not known here", quoted(text)),
            "use DAILY or MONTHLY; cost_explorer has hours",
            changed(arguments, &[("granularity", json!("DAILY"))]),
        ));
    }
    Ok(time)
}

fn usage_arguments(
    arguments: &Arguments,
    by: &[By],
    granularity: Option<Granularity>,
    metric: CostMetric,
) -> CostArguments {
    let is_given =
        |bound: &Option<String>| bound.as_ref().is_some_and(|text| !text.trim().is_empty());
    let start = if is_given(&arguments.start_date) || is_given(&arguments.end_date) {
        arguments.start_date.clone()
    } else {
        Some("last_month".to_owned())
    };
    let daily = by.contains(&By::Day) || granularity == Some(Granularity::Daily);
    let cut = if daily {
        Granularity::Daily
    } else {
        Granularity::Monthly
    };
    of_period(start, arguments.end_date.clone(), cut, metric)
}

fn of_period(
    start: Option<String>,
    end: Option<String>,
    granularity: Granularity,
    metric: CostMetric,
) -> CostArguments {
    CostArguments {
        operation: "getCostAndUsage".to_owned(),
        start,
        end,
        granularity: Some(granularity.to_string()),
        metrics: vec![metric.to_string()],
        ..CostArguments::default()
    }
}

/// The refusal of a period, with the call that runs where there is one.
fn refused(arguments: &Arguments, error: &QueryError) -> ToolError {
    let Some(suggested) = &error.suggested else {
        return ToolError::invalid(
            error.to_string(),
            "give dates such as 2026-10-01, -30d, last_month or month_to_date",
        );
    };
    let mut instead = vec![
        ("start_date", json!(suggested.start)),
        ("end_date", json!(suggested.end)),
    ];
    // Where there are no days so long ago, months are offered in their place.
    if suggested.granularity.as_deref() == Some(Granularity::Monthly.as_str()) {
        let given = arguments.by.iter().flat_map(|by| &by.0);
        let kept: Vec<&String> = given
            .filter(|text| text.parse::<By>() != Ok(By::Day))
            .collect();
        instead.push((
            "by",
            if kept.is_empty() {
                Value::Null
            } else {
                json!(kept)
            },
        ));
        instead.push(("granularity", json!("MONTHLY")));
    }
    asking::refused::<Arguments>(
        error.to_string(),
        String::new(),
        changed(arguments, &instead),
    )
}

/// The arguments as they were given, some of them changed or, with null, left out.
fn changed(arguments: &Arguments, instead: &[(&str, Value)]) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        let value = instead
            .iter()
            .find(|(changed, _)| *changed == name)
            .map_or(value, |(_, instead)| instead.clone());
        if !value.is_null() {
            out.insert(name.to_owned(), value);
        }
    };
    put("start_date", json!(arguments.start_date));
    put("end_date", json!(arguments.end_date));
    put("by", json!(arguments.by.as_ref().map(|by| &by.0)));
    put("granularity", json!(arguments.granularity));
    put("metric", json!(arguments.metric));
    put("compare", json!(arguments.compare.map(|flag| flag.0)));
    put("service", json!(arguments.service));
    put("forecast", json!(arguments.forecast.map(|flag| flag.0)));
    put("reconcile", json!(arguments.reconcile.map(|flag| flag.0)));
    put("chart", json!(arguments.chart.map(|flag| flag.0)));
    put("detail", json!(arguments.detail));
    put("limit", json!(arguments.limit.map(|limit| limit.0)));
    put("profile", json!(arguments.profile));
    put("max_pages", json!(arguments.max_pages.map(|pages| pages.0)));
    out
}

/// The period before, or why there is none.
fn previous(
    period: BillingPeriod,
    metric: CostMetric,
    today: Date,
) -> (Option<BillingPeriod>, Option<String>) {
    let Some(before) = period.previous() else {
        return (None, Some("there is no period before".to_owned()));
    };
    if is_in_reach(before, Granularity::Monthly, metric, today) {
        (Some(before), None)
    } else {
        let why = format!("Cost Explorer has no data of {before} to compare with");
        (None, Some(why))
    }
}

fn is_in_reach(
    period: BillingPeriod,
    granularity: Granularity,
    metric: CostMetric,
    today: Date,
) -> bool {
    let raw = of_period(
        Some(period.start().to_string()),
        Some(period.end().to_string()),
        granularity,
        metric,
    );
    CostQuery::new(&raw, today, CostLimits::default()).is_ok()
}

/// The days from today to the end of the month, for a period that begins with the month.
fn rest_of_month(
    arguments: &Arguments,
    period: BillingPeriod,
    today: Date,
) -> Result<BillingPeriod, ToolError> {
    let month = BillingPeriod::month_of(today);
    let is_open = month.is_some_and(|month| month.start() == period.start());
    let reaches = period.end() >= today;
    let rest = month.and_then(|month| BillingPeriod::new(today, month.end()).ok());
    match rest {
        Some(rest) if is_open && reaches => Ok(rest),
        _ => Err(asking::refused::<Arguments>(
            format!("a forecast to month end goes on from this month's charges, not from {period}"),
            "leave forecast out, or ask for month_to_date",
            changed(
                arguments,
                &[
                    ("start_date", json!("month_to_date")),
                    ("end_date", Value::Null),
                ],
            ),
        )),
    }
}
