//! `prices refresh`: reads AWS's Price List, shows what would change, and keeps it when told to.

use super::{beside, changes};
use crate::{
    aws::{
        Aws, Meter, Target,
        pricing::{self, ProductFilter},
    },
    cli::{EXIT_REFUSED, EXIT_USAGE, output},
    config::Account,
    error::ToolError,
    files,
};
use bedrock_cost::{
    price_book::Overlay,
    price_list::{self, Diff, ListedPrice, Reading},
    region::Region,
};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicU32, Ordering},
};

/// The service codes that have token rates.
const SERVICE_CODES: [&str; 3] = [
    "AmazonBedrock",
    "AmazonBedrockFoundationModels",
    "AmazonBedrockService",
];
/// Pages of one service code: far more than there are, so that an endless list ends.
const MOST_PAGES: usize = 5_000;
/// A word on stderr after this many pages: the Price List takes a second for each.
const PAGES_A_WORD: u32 = 20;
/// The largest bulk file: those of all regions are tens of millions of bytes.
const MOST_BYTES: u64 = 512 << 20;
/// Names of what was left out that one line shows.
const NAMES_SHOWN: usize = 3;

/// What the command line asks for.
pub(super) struct Asked {
    pub(super) from: Vec<PathBuf>,
    pub(super) regions: Vec<Region>,
    pub(super) yes: bool,
    pub(super) accept_large: bool,
    pub(super) json: bool,
}

pub(super) async fn run(aws: &Aws, asked: &Asked) -> Result<ExitCode, ToolError> {
    let today = aws.settings().today();
    let (prices, read, source) = if asked.from.is_empty() {
        let prices = from_aws(aws, &asked.regions).await?;
        (prices, today, "AWS Price List")
    } else {
        let files = asked.from.clone();
        let read = tokio::task::spawn_blocking(move || from_files(&files));
        match read.await {
            Ok(Ok((prices, published))) => (prices, published.min(today), "AWS Price List file"),
            Err(_) => {
                return Err(ToolError::OddAnswer {
                    problem: "the files could not be read to their end".to_owned(),
                });
            }
            Ok(Err(problem)) => {
                output::error(&problem);
                return Ok(ExitCode::from(EXIT_USAGE));
            }
        }
    };
    let reading = price_list::reading(&prices, read, source);
    let rates = aws.settings().prices.clone();
    let kept = beside(move || rates.overlay()).await?;
    let diff = price_list::difference(kept.as_ref(), &reading.overlay);
    if asked.json {
        let mut out = changes::json(&reading.overlay, &diff);
        if let Value::Object(out) = &mut out {
            out.insert("prices_read".into(), reading.prices.into());
            out.insert("left_out".into(), left_out_json(&reading));
        }
        output::answer(&out.to_string());
    } else {
        output::answer(&format!(
            "{}\n\n{}",
            changes::text(
                &reading.overlay,
                &diff,
                "the list rates that answers are made from now"
            ),
            left_out(&reading)
        ));
    }
    Ok(decide(
        aws,
        asked,
        kept.unwrap_or_default(),
        &reading,
        &diff,
    ))
}

/// Keeps the reading with what was kept before, or says why it is not kept.
fn decide(aws: &Aws, asked: &Asked, kept: Overlay, reading: &Reading, diff: &Diff) -> ExitCode {
    if reading.overlay.rates.is_empty() {
        output::error("not kept: no rate was understood");
        return ExitCode::from(EXIT_REFUSED);
    }
    let large = diff.large().count();
    if large > 0 && !asked.accept_large {
        output::error(&format!(
            "not kept: {large} rates change more than tenfold, which is likely a misread unit; \
             look at those marked (!) and run it again with --accept-large if they are right"
        ));
        return ExitCode::from(EXIT_REFUSED);
    }
    let keep = if asked.yes {
        true
    } else if let Some(said) = output::confirmed("Keep these rates for the answers from now on?") {
        said
    } else {
        output::error("not kept: run it again with --yes to keep these rates");
        return ExitCode::SUCCESS;
    };
    if !keep {
        output::error("not kept");
        return ExitCode::SUCCESS;
    }
    match aws.settings().prices.keep(&kept.with(&reading.overlay)) {
        Ok(path) => {
            output::error(&format!(
                "kept in {}; {}",
                path.display(),
                match aws.settings().account {
                    Account::Live => "a server that is running answers by them from now on",
                    Account::Sample => {
                        "they are the simulated account's, and apply with --sample only"
                    }
                }
            ));
            ExitCode::SUCCESS
        }
        Err(problem) => output::fail(&problem),
    }
}

/// Asks the Pricing API. Half a list would look like rates that are gone: a page that fails fails all.
async fn from_aws(aws: &Aws, regions: &[Region]) -> Result<Vec<ListedPrice>, ToolError> {
    // What was kept before is what the refresh is to replace.
    let meter = Meter::anew();
    let target = Target::default();
    let pages = AtomicU32::new(0);
    let mut prices = Vec::new();
    for code in SERVICE_CODES {
        let places: Vec<Vec<ProductFilter>> = if regions.is_empty() {
            vec![Vec::new()]
        } else {
            let filter =
                |region: &Region| vec![ProductFilter::equals("regionCode", region.as_str())];
            regions.iter().map(filter).collect()
        };
        for filters in places {
            let page = || {
                let read = pages.fetch_add(1, Ordering::Relaxed) + 1;
                if read.is_multiple_of(PAGES_A_WORD) {
                    output::error(&format!("{code}: page {read} of the Price List"));
                }
            };
            let found =
                pricing::products(aws, &meter, &target, code, &filters, MOST_PAGES, page).await?;
            if let Some(failure) = found.failure {
                return Err(failure);
            }
            for item in &found.items {
                prices.extend(price_list::read_product(item).map_err(|error| {
                    ToolError::OddAnswer {
                        problem: error.to_string(),
                    }
                })?);
            }
        }
    }
    Ok(prices)
}

/// Reads bulk files; together they are as old as the oldest.
fn from_files(files: &[PathBuf]) -> Result<(Vec<ListedPrice>, Date), String> {
    let mut prices = Vec::new();
    let mut published: Option<Date> = None;
    for path in files {
        let named = |problem: String| format!("{}: {problem}", path.display());
        let bytes =
            files::read_named(path, MOST_BYTES).map_err(|error| named(error.to_string()))?;
        let text =
            String::from_utf8(bytes).map_err(|_| named("it is no text in UTF-8".to_owned()))?;
        let file = price_list::read_offer_file(&text).map_err(|error| named(error.to_string()))?;
        prices.extend(file.prices);
        published = Some(published.map_or(file.published, |day| day.min(file.published)));
    }
    published
        .map(|day| (prices, day))
        .ok_or_else(|| "no file was named".to_owned())
}

fn left_out(reading: &Reading) -> String {
    let count: usize = reading.left_out.iter().map(|left| left.prices).sum();
    let mut text = format!("{} prices read, {count} left out", reading.prices);
    for left in &reading.left_out {
        let names: Vec<&str> = left
            .names
            .iter()
            .map(String::as_str)
            .take(NAMES_SHOWN)
            .collect();
        let more = left.names.len().saturating_sub(names.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let _ = write!(
            text,
            "\n  {} {}: {}{more}",
            left.prices,
            left.why,
            names.join(", ")
        );
    }
    text
}

fn left_out_json(reading: &Reading) -> Value {
    let entries = reading.left_out.iter();
    entries
        .map(|left| json!({"why": left.why, "prices": left.prices, "names": left.names}))
        .collect()
}
