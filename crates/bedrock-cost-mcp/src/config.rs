//! What the server was told at start: the only place that names an environment variable or reads the clock.

use crate::{
    files::AllowedFolders,
    prices::Prices,
    state::{Place, limit::SpendLimit},
};
use etcetera::{BaseStrategy as _, choose_base_strategy};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{ffi::OsString, path::PathBuf, time::Duration};

/// `AWS_ENDPOINT_URL*`, `AWS_PROFILE`, `AWS_REGION` and the rest of the AWS chain are read by the AWS SDK itself;
/// this server adds these.
const LOG_VARIABLE: &str = "BEDROCK_COST_LOG";
/// Set to 1 to answer from the simulated account, as `--sample` does.
const SAMPLE_VARIABLE: &str = "BEDROCK_COST_SAMPLE";

/// Where answers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// The AWS account of the default credential chain.
    Live,
    /// The built-in simulated account.
    Sample,
}

/// Settings fixed for the life of the process.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) account: Account,
    /// Set by `--as-of`: the day that counts as today.
    pub(crate) as_of: Option<Date>,
    pub(crate) timeouts: Timeouts,
    pub(crate) prices: Prices,
    /// Where files that a call names may be.
    pub(crate) folders: AllowedFolders,
    /// Where answers and the ledger of spending are kept.
    pub(crate) state: Place,
    pub(crate) spend_limit: SpendLimit,
}

/// How long one AWS request may take. Without these the SDK waits for ever on a server that accepts and never answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
    pub(crate) attempt: Duration,
    pub(crate) operation: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            read: Duration::from_secs(15),
            attempt: Duration::from_secs(20),
            operation: Duration::from_secs(45),
        }
    }
}

impl Settings {
    /// Now, or noon of the `--as-of` day: late enough for that day to have begun everywhere the account bills.
    ///
    /// It is a whole minute: what is asked again within it is the same question, and no metric has finer points.
    pub(crate) fn now(&self) -> Timestamp {
        let noon = self.as_of.and_then(|day| {
            let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?;
            Some(noon.timestamp())
        });
        let now = noon.unwrap_or_else(clock);
        let seconds = now.as_second();
        Timestamp::from_second(seconds - seconds.rem_euclid(60)).unwrap_or(now)
    }

    /// Today in UTC, the time zone in which AWS bills.
    pub(crate) fn today(&self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }
}

/// The time by the clock, whatever day counts as today: by it answers age, and by it AWS bills.
pub(crate) fn clock() -> Timestamp {
    Timestamp::now()
}

/// The arguments of the program, without its name.
pub(crate) fn arguments() -> Vec<OsString> {
    std::env::args_os().skip(1).collect()
}

/// True when the environment asks for the simulated account.
pub(crate) fn sample_from_environment() -> bool {
    std::env::var(SAMPLE_VARIABLE)
        .is_ok_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
}

/// The level that the environment asks the log to have: off, error, warn, info, debug or trace.
pub(crate) fn log_level() -> Option<String> {
    std::env::var(LOG_VARIABLE).ok()
}

/// The folder in which this program keeps what its user asked it to keep: in `XDG_DATA_HOME`, or where the system has
/// such files. None where there is no home.
pub(crate) fn data_folder() -> Option<PathBuf> {
    choose_base_strategy()
        .ok()
        .map(|folders| folders.data_dir().join(env!("CARGO_PKG_NAME")))
}
