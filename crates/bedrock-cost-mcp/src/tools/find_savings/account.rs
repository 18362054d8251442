//! The rules over the account: every id that its metrics name is a workload, and every provisioned throughput too.

use super::{Arguments, read};
use crate::{
    error::ToolError,
    tools::{
        Call, asking,
        metered::{self, Depth, Found, MOST_REGIONS, Wanted, Window, hours_of},
        rate_origin::RateOrigins,
        reply::{Reply, Warning, brief, exact},
        table::{MOST_ROWS, Page, Paging, Room, named},
    },
};
use bedrock_cost::{
    money::Usd,
    price_book::PriceBook,
    rules::{Finding, Rule, Savings, Workload, WorkloadArguments, find_savings},
    scenario::MONTH_HOURS,
    usage::{Called, Metered, differ, idle_capacity, in_words, rows, workload},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// As far back as `ListMetrics` names what was called.
const DEFAULT_START: &str = "-14d";
/// Bytes for the findings of a short answer.
const ROOM: usize = 1_000;
/// The part by which a workload of averages may cost other than what was measured.
const EXACT_ENOUGH: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct Answer {
    combined: Map<String, Value>,
    #[serde(flatten)]
    page: Page,
    stands_on: String,
    not_computed: Vec<String>,
    regions: Vec<String>,
}

/// One workload of the account and what the rules say of it.
struct Looked {
    called_as: String,
    model: String,
    region: String,
    stands_on: String,
    savings: Savings,
}

/// Answers `source: "account"`.
pub(super) async fn answer(arguments: &Arguments, call: &Call) -> Result<Reply, ToolError> {
    let full = asking::wants_full(arguments.detail.as_deref())?;
    let start = arguments.start_time.as_deref();
    let (window, corrections) = Window::read(
        start.or(arguments.end_time.is_none().then_some(DEFAULT_START)),
        arguments.end_time.as_deref(),
        call.now(),
    )?;
    let regions = asking::regions(arguments.region.as_ref(), MOST_REGIONS)?;
    let book = call.prices().await?;
    let places = metered::places(call, &regions, arguments.profile.as_ref()).await;
    let wanted = Wanted {
        window,
        depth: Depth::All,
    };
    let (found, failed) = metered::regions(call, places, &wanted, book).await?;
    let mut warnings: Vec<Warning> = failed
        .iter()
        .map(|(region, error)| Warning::new(error.code(), format!("{region} is left out: {error}")))
        .collect();
    let mut looked = Vec::new();
    let mut answer = Answer {
        stands_on: format!(
            "CloudWatch AWS/Bedrock, {}, as a month of {MONTH_HOURS} hours at list rates",
            window.range
        ),
        ..Answer::default()
    };
    for part in found {
        answer.regions.push(part.region.as_str().to_owned());
        look(&part, window, book, &mut looked, &mut answer.not_computed);
        warnings.extend(part.warnings);
    }
    let paging = Paging::read(arguments.limit, arguments.cursor.as_ref())?;
    let mut origins = RateOrigins::default();
    for (name, basis) in looked.iter().flat_map(|one| &one.savings.rates) {
        origins.add(name, basis);
    }
    let (rows, saved) = table(&looked, full);
    answer.page = paging.page(
        columns(full),
        rows,
        if full {
            Room::Rows(MOST_ROWS)
        } else {
            Room::Bytes(ROOM)
        },
    );
    let past_end = answer.page.past_end.take();
    answer.combined = combined(&looked);
    if !full {
        warnings.extend(of_left_out(&mut answer.not_computed));
    }
    let headline = format!("{saved} findings in {}", answer.regions.join(", "));
    Ok(Reply::new(headline, &answer)
        .warn(warnings)
        .warn(
            origins
                .warnings(call.today())
                .into_iter()
                .filter(|warning| full || warning.code != "stale_rate"),
        )
        .warn(past_end)
        .corrected(corrections)
        .corrected(paging.correction()))
}

/// Looks at every id and every provisioned throughput of a region.
fn look(
    found: &Found,
    window: Window,
    book: &PriceBook,
    looked: &mut Vec<Looked>,
    left_out: &mut Vec<String>,
) {
    let (start, end) = (window.range.start(), window.range.end());
    let day = window.last_day();
    for (called, metered) in &found.usage {
        if metered.is_idle() || matches!(called, Called::Capacity { .. }) {
            continue;
        }
        match of_model(called, metered, window, book, day) {
            Ok(one) => looked.push(one),
            Err(reason) => left_out.push(format!("{}: {reason}", called.name())),
        }
    }
    for throughput in found.throughputs.iter().filter(|one| one.in_service) {
        let metered = found
            .usage
            .iter()
            .find(|(_, one)| one.model_id == throughput.arn);
        let served = metered.map_or(0, |(_, one)| one.hours_served);
        let hours = hours_of(throughput, start, end);
        let Some(arguments) = idle_capacity(book, throughput, &found.region, hours, served) else {
            continue;
        };
        let stands_on = format!(
            "ListProvisionedModelThroughputs and Invocations: served in {served} of {hours} hours"
        );
        let model = arguments
            .scenario
            .models
            .first()
            .cloned()
            .unwrap_or_default();
        match apply(book, arguments, day).map(of_idleness) {
            Ok(savings) => looked.push(Looked {
                called_as: throughput.name.clone(),
                model,
                region: found.region.as_str().to_owned(),
                stands_on,
                savings,
            }),
            Err(reason) => left_out.push(format!("{}: {reason}", throughput.name)),
        }
    }
}

fn of_model(
    called: &Called,
    metered: &Metered,
    window: Window,
    book: &PriceBook,
    day: Date,
) -> Result<Looked, String> {
    let hours = window.range.seconds().div_ceil(3_600);
    let arguments = workload(called, metered, hours)?;
    let model = called
        .model()
        .map_or("", bedrock_cost::price_book::Model::name)
        .to_owned();
    let measured = rows(book, &[(called.clone(), metered.clone())], day, true)
        .pop()
        .ok_or("it answered nothing")?
        .cost?;
    let savings = apply(book, arguments, day)?;
    let month = measured
        .usd
        .checked_mul(MONTH_HOURS.into())
        .and_then(|usd| usd.checked_div(Decimal::from(hours)))
        .unwrap_or_default();
    // A rule sees averages. Where these are billed otherwise than what was measured, its figures would be of another
    // workload: prompts on both sides of a threshold, prefixes that only some requests cache.
    if differ(savings.baseline.amount(), month, EXACT_ENOUGH) {
        return Err(format!(
            "averages cost {} USD a month and the measured tokens {}",
            savings.baseline.amount().round_dp(2),
            month.round_dp(2)
        ));
    }
    Ok(Looked {
        called_as: called.name().to_owned(),
        model,
        region: metered.region.as_str().to_owned(),
        stands_on: in_words(metered.all),
        savings,
    })
}

fn apply(book: &PriceBook, arguments: WorkloadArguments, day: Date) -> Result<Savings, String> {
    Workload::new(book, arguments, day)
        .and_then(|workload| find_savings(book, &workload))
        .map_err(|error| error.to_string())
}

/// What the rules say of capacity alone: nothing is known of the requests it would serve by the token.
fn of_idleness(mut savings: Savings) -> Savings {
    savings
        .findings
        .retain(|finding| finding.rule == Rule::IdleProvisioned);
    savings.combined.saving = savings
        .findings
        .first()
        .map_or(Usd::ZERO, |finding| finding.saving);
    savings
}

fn columns(full: bool) -> Vec<String> {
    let short = [
        "rule",
        "saving_usd",
        "title",
        "called_as",
        "region",
        "confidence",
        "stands_on",
    ];
    let mut out = named(short);
    if full {
        out.extend(named([
            "model",
            "evidence",
            "assumption",
            "effort",
            "formula",
        ]));
    }
    out
}

/// The findings of all workloads, largest first.
fn table(looked: &[Looked], full: bool) -> (Vec<Vec<Value>>, usize) {
    let mut all: Vec<(&Looked, &Finding)> = looked
        .iter()
        .flat_map(|one| {
            one.savings
                .findings
                .iter()
                .map(move |finding| (one, finding))
        })
        .filter(|(_, finding)| finding.saving != Usd::ZERO)
        .collect();
    all.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.saving));
    let count = all.len();
    let row = |(one, finding): (&Looked, &Finding)| {
        let usd = finding.saving.amount();
        let mut out = vec![
            json!(finding.rule.as_str()),
            if full { exact(usd) } else { brief(usd) },
            json!(finding.title),
            json!(one.called_as),
            json!(one.region),
            json!(finding.confidence.as_str()),
            json!(one.stands_on),
        ];
        if full {
            out.extend([
                json!(one.model),
                json!(finding.evidence),
                json!(finding.assumption),
                json!(finding.effort.as_str()),
                json!(finding.formula),
            ]);
        }
        out
    };
    (all.into_iter().map(row).collect(), count)
}

/// The combined savings of workloads that share nothing, so that they do add up.
fn combined(looked: &[Looked]) -> Map<String, Value> {
    let sum = |of: fn(&Savings) -> Decimal| -> Decimal {
        looked.iter().map(|one| of(&one.savings)).sum()
    };
    let baseline = sum(|savings| savings.combined.baseline.amount());
    let saving = sum(|savings| savings.combined.saving.amount());
    let percent = saving
        .saturating_mul(Decimal::ONE_HUNDRED)
        .checked_div(baseline);
    Map::from_iter([
        ("workloads".to_owned(), json!(looked.len())),
        ("baseline_usd".to_owned(), exact(baseline)),
        ("saving_usd".to_owned(), exact(saving)),
        (
            "saving_percent".to_owned(),
            exact(percent.unwrap_or_default().round_dp(2)),
        ),
    ])
}

/// A short answer names how many workloads were left out, and two of them.
fn of_left_out(left_out: &mut Vec<String>) -> Option<Warning> {
    let count = left_out.len();
    left_out.truncate(2);
    (count > left_out.len()).then(|| {
        Warning::new(
            "not_computed",
            format!("{count} workloads are not computed; detail full names them"),
        )
    })
}

/// Refuses a source that is not known here.
pub(super) fn is_account(source: Option<&str>) -> Result<bool, ToolError> {
    let word = source.map(|text| text.trim().to_ascii_lowercase());
    match word.as_deref() {
        None | Some("" | "workload") => Ok(false),
        Some("account") => Ok(true),
        Some(other) => Err(ToolError::invalid(
            format!(
                "there is no source {}",
                crate::tools::arguments::quoted(other)
            ),
            "source is \"account\", or left out for a described workload",
        )),
    }
}

/// The refusal of a call that says nothing of a workload.
pub(super) fn missing() -> ToolError {
    ToolError::invalid(
        "workload is missing",
        format!(
            "describe one, such as {}, or give source: \"account\"",
            read::WORKLOAD
        ),
    )
}
