//! Tests through the real binary: over stdio and HTTP, in each protocol era, against the simulated account.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod account;
mod answers;
mod client;
mod http;
mod program;
mod prompts;
mod stdio;

mod bad_input;
mod command_line;
mod crash;
mod eras;
mod guide;
mod http_guard;
mod prices;
mod profiles;
mod resources;
mod scenarios;
mod spending;
mod state;
mod tidy;
mod toolsnaps;
mod waiting;
