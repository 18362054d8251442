//! `bedrock-cost-mcp`: answers money questions about Amazon Bedrock over MCP and on the command line.

mod aws;
mod chart;
mod cli;
mod config;
mod error;
mod files;
mod guide;
mod prices;
mod prompts;
mod resources;
mod server;
mod state;
mod tools;
mod transport;

use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return cli::output::fail(&format!("cannot start: {error}")),
    };
    let code = runtime.block_on(cli::run());
    // A read of stdin that is still pending would otherwise hold the process.
    runtime.shutdown_background();
    code
}
