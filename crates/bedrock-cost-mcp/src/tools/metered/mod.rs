//! What each model of a region did, read from CloudWatch in as few requests as tell it: the series that exist, what their
//! ids stand for, and all of their values at once.

mod series;
mod window;

use super::{Call, metric_rules, reply::Warning};
use crate::{
    aws::{
        Target, bedrock,
        cloudwatch::{DataQuery, Line, Metric, get_metric_data, list_metrics},
    },
    error::ToolError,
};
use bedrock_cost::{
    price_book::PriceBook,
    region::Region,
    usage::{Called, Metered, Profile, Throughput},
};
use jiff::Timestamp;
use series::Plan;
use tokio::task::JoinSet;
pub(crate) use window::Window;

/// Queries of one `GetMetricData` request (CloudWatch API reference, read 2026-11-22).
pub(crate) const MOST_QUERIES: usize = 500;
/// 5,000 series: some four hundred ids in one region.
const MOST_LISTED_PAGES: u32 = 10;
/// More regions than Bedrock workloads of one account are spread over.
pub(crate) const MOST_REGIONS: usize = 20;
/// Pages of values: each holds 100,800.
const MOST_PAGES: u32 = 20;

/// What is read of each region.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) window: Window,
    pub(crate) depth: Depth,
}

/// How much is read of each id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Requests and tokens, whatever tier served them.
    Tokens,
    /// All that metrics tell.
    All,
}

/// A region to read, and ids that are asked for whether or not they had data lately.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) target: Target,
    pub(crate) region: Region,
    pub(crate) also: Vec<String>,
}

/// What a region's metrics say.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) region: Region,
    pub(crate) usage: Vec<(Called, Metered)>,
    pub(crate) throughputs: Vec<Throughput>,
    pub(crate) guardrails: Guarded,
    pub(crate) warnings: Vec<Warning>,
}

/// What guardrails did, counted for a region and not by model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guarded {
    pub(crate) invocations: u64,
    pub(crate) interventions: u64,
}

/// The hours of a window that provisioned throughput was there for, those that were begun included.
pub(crate) fn hours_of(throughput: &Throughput, start: Timestamp, end: Timestamp) -> u64 {
    let since = throughput.since.map_or(start, |since| since.max(start));
    let seconds = end.as_second().saturating_sub(since.as_second());
    u64::try_from(seconds).unwrap_or(0).div_ceil(3_600)
}

/// Where to ask: each region given, or the configured one.
pub(crate) async fn places(
    call: &Call,
    regions: &[Region],
    profile: Option<&String>,
) -> Vec<Place> {
    let place = |region: &Region, named: bool| Place {
        target: Target {
            profile: profile.cloned(),
            region: named.then(|| region.as_str().to_owned()),
        },
        region: region.clone(),
        also: Vec::new(),
    };
    if regions.is_empty() {
        let configured = Target {
            profile: profile.cloned(),
            region: None,
        };
        let name = call.aws.region(&configured).await;
        let region = Region::parse_known(&name).unwrap_or(Region::US_EAST_1);
        return vec![place(&region, false)];
    }
    regions.iter().map(|region| place(region, true)).collect()
}

/// Reads every region at once. A region that cannot be read is said, and the others are answered.
///
/// # Errors
///
/// Where no region could be read, why the first could not.
pub(crate) async fn regions(
    call: &Call,
    places: Vec<Place>,
    wanted: &Wanted,
    book: &'static PriceBook,
) -> Result<(Vec<Found>, Vec<(Region, ToolError)>), ToolError> {
    let total = u32::try_from(places.len()).unwrap_or(u32::MAX);
    let mut readers: JoinSet<(usize, Region, Result<Found, ToolError>)> = JoinSet::new();
    for (index, place) in places.into_iter().enumerate() {
        let (call, wanted) = (call.clone(), wanted.clone());
        readers.spawn(async move {
            let found = Box::pin(region(&call, &place, &wanted, book)).await;
            (index, place.region, found)
        });
    }
    let mut parts = Vec::new();
    while let Some(part) = readers.join_next().await {
        parts.push(part.map_err(|_| ToolError::Cancelled)?);
        let done = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        call.progress(
            done,
            Some(total),
            format!("metrics of {done} of {total} regions read"),
        );
    }
    // Readers end in any order; the answer must not depend on it.
    parts.sort_by_key(|(index, ..)| *index);
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    for (_, region, part) in parts {
        match part {
            Ok(part) => found.push(part),
            Err(error) => failed.push((region, error)),
        }
    }
    if found.is_empty() && !failed.is_empty() {
        return Err(failed.swap_remove(0).1);
    }
    Ok((found, failed))
}

async fn region(
    call: &Call,
    place: &Place,
    wanted: &Wanted,
    book: &'static PriceBook,
) -> Result<Found, ToolError> {
    let Place {
        target,
        region,
        also,
    } = place;
    let mut warnings = Vec::new();
    let listing = list_metrics(
        &call.aws,
        &call.meter,
        target,
        metric_rules::BEDROCK,
        None,
        MOST_LISTED_PAGES,
    );
    let capacity = async {
        match wanted.depth {
            Depth::All => bedrock::throughputs(&call.aws, &call.meter, target).await,
            Depth::Tokens => Ok(Vec::new()),
        }
    };
    let (listed, throughputs) = tokio::join!(listing, capacity);
    let (listed, more) = listed?;
    if more {
        warnings.push(Warning::new(
            "series_cut",
            format!("{region} has more series than were listed: some ids are missing"),
        ));
    }
    let throughputs = throughputs.unwrap_or_else(|error| {
        warnings.push(Warning::new(
            "throughputs_unknown",
            format!("provisioned throughput in {region} could not be listed: {error}"),
        ));
        Vec::new()
    });
    let profiles = profiles(call, place, &listed, &mut warnings).await;
    let mut ids: Vec<String> = also.clone();
    ids.extend(throughputs.iter().map(|one| one.arn.clone()));
    if !also.is_empty() {
        // A profile that served in an older period is not among the series of today.
        ids.extend(profiles.iter().map(|one| one.arn.clone()));
    }
    let called = |id: &str| Called::of(id, book, &profiles, &throughputs);
    let plan = Plan::new(&listed, &ids, wanted, |id| {
        called(id)
            .model()
            .is_some_and(|model| has_long_rates(model, region, wanted))
    });
    let lines = values(call, target, plan.queries(), wanted.window).await?;
    let (metered, guardrails) = plan.read(region, &lines);
    let usage = metered
        .into_iter()
        .map(|one| (called(&one.model_id), one))
        .collect();
    Ok(Found {
        region: region.clone(),
        usage,
        throughputs,
        guardrails,
        warnings,
    })
}

/// Whether a price of the model depends on how long each prompt was.
fn has_long_rates(
    model: &bedrock_cost::price_book::Model,
    region: &Region,
    wanted: &Wanted,
) -> bool {
    use bedrock_cost::{
        inference::{Routing, Tier},
        price_book::RateQuery,
    };
    Routing::ALL.iter().any(|routing| {
        let rates = model.rates_if_listed(&RateQuery {
            region: region.clone(),
            routing: *routing,
            tier: Tier::Standard,
            date: wanted.window.last_day(),
        });
        rates.is_some_and(|rates| rates.long_context.is_some())
    })
}

/// Whether an id says nothing of its model: that of a profile of the account's own.
pub(crate) fn is_opaque(id: &str) -> bool {
    id.contains(":application-inference-profile/") || !(id.contains('.') || id.contains('/'))
}

/// The account's own profiles, where a metric names one: their ids say nothing of the model.
async fn profiles(
    call: &Call,
    place: &Place,
    listed: &[Metric],
    warnings: &mut Vec<Warning>,
) -> Vec<Profile> {
    if place.also.is_empty() && !series::ids(listed).any(is_opaque) {
        return Vec::new();
    }
    let found = bedrock::application_profiles(&call.aws, &call.meter, &place.target).await;
    found.unwrap_or_else(|error| {
        warnings.push(Warning::new(
            "profiles_unknown",
            format!(
                "application profiles in {} could not be listed, so that what they called has no model: {error}",
                place.region
            ),
        ));
        Vec::new()
    })
}

/// The values of any number of queries.
async fn values(
    call: &Call,
    target: &Target,
    queries: Vec<DataQuery>,
    window: Window,
) -> Result<Vec<Line>, ToolError> {
    let mut lines = Vec::new();
    for batch in queries.chunks(MOST_QUERIES) {
        let data = get_metric_data(
            &call.aws,
            &call.meter,
            target,
            batch,
            window.range,
            MOST_PAGES,
            &|_| {},
        )
        .await?;
        if data.more {
            return Err(ToolError::invalid(
                format!("the range has more than {MOST_PAGES} pages of values"),
                "ask for a shorter one",
            ));
        }
        lines.extend(data.lines);
    }
    Ok(lines)
}
