//! `prices`: what rates there are, and whether they are still true.

mod changes;
mod list;
mod refresh;

use super::{EXIT_REFUSED, output};
use crate::{aws::Aws, error::ToolError, prices::Prices};
use bedrock_cost::{
    inference::{Routing, Tier},
    price_list::difference,
    region::Region,
};
use clap::Subcommand;
use serde_json::json;
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the rates in force, private ones included
    List {
        /// Models by id or exact name; all without
        models: Vec<String>,
        /// Only models of this provider
        #[arg(long, value_name = "NAME")]
        provider: Option<String>,
        /// Only rates listed for this region
        #[arg(long, value_name = "REGION", value_parser = Region::parse_known)]
        region: Option<Region>,
        /// regional or global
        #[arg(long)]
        routing: Option<Routing>,
        /// standard, flex, priority, batch, `latency_optimized`
        #[arg(long)]
        tier: Option<Tier>,
        /// Print every figure, with dates and sources, as JSON
        #[arg(long)]
        json: bool,
    },
    /// Read AWS's Price List, show what would change, and keep it when told to
    Refresh {
        /// Read these bulk files of the Price List, JSON or CSV, instead of asking AWS
        #[arg(long, value_name = "FILE", num_args = 1..)]
        from: Vec<PathBuf>,
        /// Only these regions; what was kept of others stays
        #[arg(long, value_name = "REGION", value_parser = Region::parse_known, conflicts_with = "from")]
        region: Vec<Region>,
        /// Keep it without being asked
        #[arg(long)]
        yes: bool,
        /// Also keep changes of more than tenfold, which are likely a misread unit
        #[arg(long)]
        accept_large: bool,
        /// Print what would change as JSON
        #[arg(long)]
        json: bool,
    },
    /// Compare the rates that were kept with the built-in ones
    Diff {
        /// Print the differences as JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(aws: &Aws, command: Command) -> ExitCode {
    match command {
        Command::List {
            models,
            provider,
            region,
            routing,
            tier,
            json,
        } => {
            let filter = list::Filter {
                models,
                provider,
                region,
                routing,
                tier,
            };
            let settings = aws.settings().clone();
            ended(beside(move || list::run(&settings, &filter, json)).await)
        }
        Command::Refresh {
            from,
            region,
            yes,
            accept_large,
            json,
        } => {
            let asked = refresh::Asked {
                from,
                regions: region,
                yes,
                accept_large,
                json,
            };
            match refresh::run(aws, &asked).await {
                Ok(code) => code,
                Err(error) => refused(&error),
            }
        }
        Command::Diff { json } => {
            let prices = aws.settings().prices.clone();
            ended(beside(move || diff(&prices, json)).await)
        }
    }
}

/// Reads files of rates beside the thread that answers, as calls do: a disk can be far away.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ToolError> + Send + 'static,
) -> Result<T, ToolError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| ToolError::OddAnswer {
            problem: "the files of rates could not be read to their end".to_owned(),
        })?
}

fn diff(prices: &Prices, json: bool) -> Result<String, ToolError> {
    let Some(overlay) = prices.overlay()? else {
        return Ok(if json {
            json!({"overlay": null}).to_string()
        } else {
            "no rates were kept: every list rate is a built-in one; `prices refresh` reads AWS's Price List".to_owned()
        });
    };
    let found = difference(None, &overlay);
    Ok(if json {
        changes::json(&overlay, &found).to_string()
    } else {
        changes::text(&overlay, &found, "the built-in rates")
    })
}

fn ended(result: Result<String, ToolError>) -> ExitCode {
    match result {
        Ok(text) => {
            output::answer(&text);
            ExitCode::SUCCESS
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &ToolError) -> ExitCode {
    output::error(&error.to_text());
    ExitCode::from(EXIT_REFUSED)
}
