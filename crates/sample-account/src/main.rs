//! The program `sample-account`: the simulated AWS account on a loopback port.

use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use sample_account::{FaultPlan, FaultRule, SampleAccount, program};

/// A simulated AWS account for any AWS SDK or tool that honours AWS_ENDPOINT_URL.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one. Loopback addresses only.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0", value_parser = loopback)]
    listen: SocketAddr,
    /// The account's present: a date, taken at noon UTC, or an instant. The real present if absent.
    #[arg(long, value_name = "DATE", value_parser = instant)]
    as_of: Option<Timestamp>,
    /// A fault to answer with, such as `ce:GetCostAndUsage#2=throttle`; may be repeated.
    #[arg(long, value_name = "OPERATION[#FIRST[-LAST]]=FAULT")]
    fault: Vec<FaultRule>,
    /// An IAM action to deny, such as `ce:GetCostForecast` or `bedrock:*`; may be repeated.
    #[arg(long, value_name = "ACTION")]
    deny: Vec<String>,
}

/// An address that only this machine can reach: the account knows no secrets and asks for none.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "not of the form ADDRESS:PORT, for example 127.0.0.1:4566".to_owned())?;
    let ip = match address.ip() {
        IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4),
        ip @ IpAddr::V4(_) => ip,
    };
    if ip.is_loopback() {
        Ok(address)
    } else {
        Err("not a loopback address: use 127.0.0.1 or [::1]".to_owned())
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let date: Date = text.parse().map_err(|_| {
        "not a date such as 2024-12-05 or an instant such as 2024-12-05T09:30:00Z".to_owned()
    })?;
    date.to_datetime(time(12, 0, 0, 0))
        .to_zoned(TimeZone::UTC)
        .map(|noon| noon.timestamp())
        .map_err(|error| error.to_string())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let account = SampleAccount::new(arguments.as_of.unwrap_or_else(Timestamp::now));
    account.inject(FaultPlan::from(arguments.fault));
    account.deny(arguments.deny);
    match serve(account, arguments.listen).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(io::stderr(), "sample-account: {error}").ok();
            ExitCode::FAILURE
        }
    }
}

async fn serve(account: SampleAccount, listen: SocketAddr) -> io::Result<()> {
    let listener = program::LoopbackListener::bind(listen).await?;
    let address = listener.address()?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "listening on http://{address} as of {}",
        account.as_of()
    )?;
    writeln!(out, "export AWS_ENDPOINT_URL=http://{address}")?;
    out.flush()?;
    drop(out);
    program::serve(listener, account, async {
        // Without a signal to wait for, the program runs until it is ended.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_loopback_addresses_only() {
        for (text, want) in [
            ("127.0.0.1:4566", true),
            ("127.8.0.1:0", true),
            ("[::1]:4566", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("0.0.0.0:4566", false),
            ("[::]:4566", false),
            ("10.0.0.1:4566", false),
            ("[::ffff:10.0.0.1]:1", false),
            ("localhost:4566", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(loopback(text).is_ok(), want, "{text}");
        }
    }

    #[test]
    fn takes_a_date_at_noon() {
        for (text, want) in [
            ("2024-12-05", Some("2024-12-05T12:00:00Z")),
            ("2024-12-05T09:30:00Z", Some("2024-12-05T09:30:00Z")),
            ("2024-13-05", None),
            ("today", None),
        ] {
            assert_eq!(
                instant(text).ok().map(|t| t.to_string()).as_deref(),
                want,
                "{text}"
            );
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }
}
