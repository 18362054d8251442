//! The `profile` argument: the profile that a call names is asked for, whatever keys the environment holds.

use crate::{
    account::Account,
    program::{self, Ended},
};
use std::{fs, path::Path};

const TODAY: &str = "2026-11-22";

/// Calls a tool for a profile, with keys in the environment and a credentials file that has `prod`.
fn ask(account: &Account, profile: &str) -> Ended {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("credentials-of-profiles");
    let keys =
        "[prod]\naws_access_key_id = AKIDPROD000000000000\naws_secret_access_key = not-a-secret\n";
    fs::write(&file, keys).unwrap();
    let mut command = program::command(Some(account));
    let arguments = format!("{{\"profile\": \"{profile}\"}}");
    command
        .env("AWS_SHARED_CREDENTIALS_FILE", &file)
        .args(["call", "budgets", &arguments, "--json"]);
    program::ended(command)
}

#[test]
fn a_profile_that_does_not_exist_is_not_answered_with_the_keys_of_the_environment() {
    let account = Account::at(TODAY);
    let refused = ask(&account, "nope");
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(
        refused.stdout.contains("no_credentials"),
        "{}",
        refused.stdout
    );
    assert_eq!(account.requests(), 0);
    let answered = ask(&account, "prod");
    assert_eq!(answered.code, Some(0), "{}", answered.stdout);
    assert!(account.requests() > 0);
}
