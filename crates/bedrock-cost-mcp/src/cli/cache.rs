//! `cache show|clear`: the answers of AWS that are kept from one process to the next.

use super::{EXIT_REFUSED, output};
use crate::{aws::Aws, state::Listed};
use clap::Subcommand;
use serde_json::{Value, json};
use std::process::ExitCode;

/// What can be done with what is kept.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the answers that are kept, newest first
    Show {
        /// Print the list as JSON
        #[arg(long)]
        json: bool,
    },
    /// Forget every answer; the ledger of what was spent stays
    Clear,
}

pub(super) async fn run(aws: &Aws, command: &Command) -> ExitCode {
    let done = match command {
        Command::Show { json } => aws.state().list().await.map(|kept| {
            if *json {
                as_json(&kept)
            } else {
                as_table(&kept)
            }
        }),
        Command::Clear => aws
            .state()
            .clear()
            .await
            .map(|forgotten| format!("{forgotten} answers were forgotten; the ledger stays")),
    };
    match done {
        Ok(text) => {
            output::answer(&text);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            output::error(&format!("the state file cannot be used: {problem}"));
            ExitCode::from(EXIT_REFUSED)
        }
    }
}

fn as_table(kept: &[Listed]) -> String {
    if kept.is_empty() {
        return "nothing is kept".to_owned();
    }
    let mut table = output::table(&["service", "question", "age", "holds for", "size"]);
    for one in kept {
        let holds = match one.holds_seconds {
            seconds if seconds > 0 => for_people(seconds),
            _ => "no longer".to_owned(),
        };
        table.add_row([
            one.service.clone(),
            one.label.clone(),
            for_people(one.age_seconds),
            holds,
            format!("{} KB", (one.bytes + 1023) / 1024),
        ]);
    }
    table.to_string()
}

fn as_json(kept: &[Listed]) -> String {
    let rows: Vec<Value> = kept
        .iter()
        .map(|one| {
            json!({
                "service": one.service,
                "question": one.label,
                "age_seconds": one.age_seconds,
                "holds_seconds": one.holds_seconds.max(0),
                "bytes": one.bytes,
            })
        })
        .collect();
    serde_json::to_string_pretty(&rows).unwrap_or_default()
}

/// A time in its largest unit, without its rest.
fn for_people(seconds: i64) -> String {
    let (length, unit) = match seconds {
        ..120 => (1, "s"),
        120..7_200 => (60, "min"),
        7_200..172_800 => (3_600, "h"),
        172_800.. => (86_400, "days"),
    };
    format!("{} {unit}", seconds.max(0) / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_their_largest_unit() {
        for (seconds, expected) in [
            (-3, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7_199, "119 min"),
            (28_800, "8 h"),
            (1_209_600, "14 days"),
        ] {
            assert_eq!(for_people(seconds), expected);
        }
    }
}
