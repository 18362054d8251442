//! The command line: one file per command; without a command the server speaks MCP on stdio.

mod cache;
mod call;
mod doctor;
mod guide_run;
mod human;
mod listing;
pub(crate) mod output;
mod prices;
mod table;

use crate::{
    aws::Aws,
    config::{self, Account, Settings, Timeouts},
    files::AllowedFolders,
    prices::Prices,
    server::Server,
    state::{Place, limit::SpendLimit},
    tools::{self, Entry, Toolset},
    transport,
};
use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use std::{ffi::OsString, iter::once, path::PathBuf, process::ExitCode};

/// A call was refused or failed; the answer says why.
const EXIT_REFUSED: u8 = 1;
/// The command line itself is wrong.
const EXIT_USAGE: u8 = 2;

/// Answers money questions about Amazon Bedrock, for AI assistants over MCP and for the engineer beside them.
///
/// Without a command it serves MCP on stdio.
#[derive(Debug, Parser)]
#[command(name = "bedrock-cost-mcp", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Args, Debug, Default)]
struct Options {
    /// Answer from the built-in simulated account; no AWS account is needed
    #[arg(long, global = true)]
    sample: bool,
    /// The day that counts as today, YYYY-MM-DD
    #[arg(long, global = true, value_name = "DATE")]
    as_of: Option<Date>,
    /// Offer only these groups of tools: billing, pricing, cloudwatch, estimate
    #[arg(long, global = true, value_delimiter = ',', value_name = "NAMES", value_parser = toolset)]
    toolsets: Vec<Toolset>,
    /// Offer only these tools
    #[arg(long, global = true, value_delimiter = ',', value_name = "NAMES", value_parser = tool)]
    tools: Vec<String>,
    /// Private rates that win over list rates: a TOML file of discounts and rates, or a CSV table of rates
    #[arg(long, global = true, value_name = "FILE")]
    rates: Option<PathBuf>,
    /// Let calls name files below this folder to be read; may be given several times, and none is by default
    #[arg(long = "allow-dir", global = true, value_name = "DIR")]
    allowed_folders: Vec<PathBuf>,
    /// Where answers and the ledger of spending are kept: a file, or none; by default the user's data folder, and none with
    /// --sample
    #[arg(long, global = true, value_name = "FILE", value_parser = place, overrides_with = "state")]
    state: Option<Place>,
    /// The most to spend on AWS requests, in USD: 5 or 5/day, 20/month, both with a comma between them, or none
    #[arg(long, global = true, value_name = "USD", default_value = "1/day")]
    spend_limit: SpendLimit,
    /// Leave these tools out; this always wins
    #[arg(long, global = true, value_delimiter = ',', value_name = "NAMES", value_parser = tool)]
    exclude_tools: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve MCP: on stdio, or with --http on a loopback address
    Serve {
        /// Serve streamable HTTP on this address, such as 127.0.0.1:8080
        #[arg(long, value_name = "ADDR")]
        http: Option<String>,
    },
    /// Call one tool and print its answer
    Call {
        /// The tool, such as `cost_explorer`
        tool: String,
        /// Its arguments as a JSON object, @FILE, or @- for standard input
        #[arg(default_value = "{}")]
        arguments: String,
        /// Print the answer as JSON
        #[arg(long)]
        json: bool,
        /// Write its chart to this file, as PNG
        #[arg(long, value_name = "FILE")]
        chart: Option<PathBuf>,
    },
    /// Run every usePower(...) call found in a guide or steering file
    Run {
        /// The file, or - for standard input
        file: PathBuf,
        /// Print the outcomes as JSON
        #[arg(long)]
        json: bool,
    },
    /// List the tools that are switched on
    Tools {
        /// Print the definitions as clients get them
        #[arg(long)]
        json: bool,
    },
    /// List rates, and refresh them from AWS's Price List
    Prices {
        #[command(subcommand)]
        command: prices::Command,
    },
    /// Show or clear the answers of AWS that are kept
    Cache {
        #[command(subcommand)]
        command: cache::Command,
    },
    /// Check identity, region, reachability, permissions and the state file
    Doctor {
        /// Also check what costs 0.01 USD a request (Cost Explorer)
        #[arg(long)]
        billed: bool,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
}

fn toolset(name: &str) -> Result<Toolset, String> {
    Toolset::ALL
        .into_iter()
        .find(|set| set.name() == name.trim())
        .ok_or_else(|| {
            format!(
                "the toolsets are {}",
                Toolset::ALL.map(Toolset::name).join(", ")
            )
        })
}

fn tool(name: &str) -> Result<String, String> {
    let listed = name.trim().replace('-', "_");
    if tools::all().iter().any(|entry| entry.name == listed) {
        return Ok(listed);
    }
    let names: Vec<_> = tools::all().iter().map(|entry| entry.name).collect();
    Err(format!("the tools are {}", names.join(", ")))
}

fn place(text: &str) -> Result<Place, String> {
    match text.trim() {
        "" => Err("give the path of a file, or none".to_owned()),
        "none" => Ok(Place::Nowhere),
        path => Ok(Place::File(PathBuf::from(path))),
    }
}

impl Cli {
    /// Reads the arguments after the program's name.
    fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        // What clients start: it takes no parser, and to build the one of all commands takes longer than all else that
        // the server does before its first answer.
        let plain = match arguments {
            [] => true,
            [only] => only == "serve",
            _ => false,
        };
        if plain {
            return Ok(Self {
                command: None,
                options: Options::default(),
            });
        }
        let name = OsString::from(env!("CARGO_PKG_NAME"));
        Self::try_parse_from(once(&name).chain(arguments))
    }
}

impl Options {
    fn selected(&self) -> Vec<&'static Entry> {
        tools::all()
            .iter()
            .filter(|entry| self.toolsets.is_empty() || self.toolsets.contains(&entry.toolset))
            .filter(|entry| {
                self.tools.is_empty() || self.tools.iter().any(|name| name == entry.name)
            })
            .filter(|entry| !self.exclude_tools.iter().any(|name| name == entry.name))
            .collect()
    }

    fn settings(&self) -> Settings {
        let sample = self.sample || config::sample_from_environment();
        let account = if sample {
            Account::Sample
        } else {
            Account::Live
        };
        Settings {
            account,
            as_of: self.as_of,
            timeouts: Timeouts::default(),
            prices: Prices::new(account, self.rates.clone()),
            folders: AllowedFolders::new(self.allowed_folders.clone()),
            state: self.state.clone().unwrap_or(match account {
                Account::Live => Place::DataFolder,
                // A demonstration leaves nothing behind that nobody asked for.
                Account::Sample => Place::Nowhere,
            }),
            spend_limit: self.spend_limit,
        }
    }
}

/// Reads the command line and does what it says.
pub(crate) async fn run() -> ExitCode {
    let cli = match Cli::read(&config::arguments()) {
        Ok(cli) => cli,
        Err(error) => {
            let usage = error.use_stderr();
            output::clap(&error);
            return if usage {
                ExitCode::from(EXIT_USAGE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    output::start_log(matches!(
        cli.command,
        Some(Command::Serve { http: Some(_) })
    ));
    let aws = Aws::new(cli.options.settings());
    let selected = cli.options.selected();
    match cli.command.unwrap_or(Command::Serve { http: None }) {
        Command::Serve { http: None } => {
            match transport::serve_stdio(Server::new(aws, selected)).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => output::fail(&error.to_string()),
            }
        }
        Command::Serve {
            http: Some(address),
        } => {
            let address = match transport::loopback(&address) {
                Ok(address) => address,
                Err(error) => {
                    output::error(&error.to_string());
                    return ExitCode::from(EXIT_USAGE);
                }
            };
            match transport::serve_http(Server::new(aws, selected), address).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => output::fail(&error.to_string()),
            }
        }
        Command::Call {
            tool,
            arguments,
            json,
            chart,
        } => {
            let wanted = call::Wanted {
                json,
                chart: chart.as_deref(),
            };
            call::run(&aws, &selected, &tool, &arguments, wanted).await
        }
        Command::Run { file, json } => guide_run::run(&aws, &selected, &file, json).await,
        Command::Tools { json } => listing::run(&selected, json),
        Command::Prices { command } => prices::run(&aws, command).await,
        Command::Cache { command } => cache::run(&aws, &command).await,
        Command::Doctor { billed, json } => doctor::run(&aws, billed, json).await,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn arguments_that_need_no_parser_mean_what_it_would_read() {
        let parsed = |arguments: &[&str]| {
            let cli = Cli::try_parse_from(once(&"bedrock-cost-mcp").chain(arguments)).unwrap();
            assert!(matches!(
                cli.command,
                None | Some(Command::Serve { http: None })
            ));
            format!("{:?}", cli.options)
        };
        let read = |arguments: &[&str]| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            let cli = Cli::read(&arguments).unwrap();
            assert!(matches!(
                cli.command,
                None | Some(Command::Serve { http: None })
            ));
            format!("{:?}", cli.options)
        };
        for arguments in [&[][..], &["serve"], &["serve", "--sample"], &["--sample"]] {
            assert_eq!(read(arguments), parsed(arguments), "{arguments:?}");
        }
        assert!(Cli::read(&["serv".into()]).is_err());
    }
}
