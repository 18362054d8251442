//! `monitoring_plan`: what nothing watches of Bedrock's costs, and new alarms, budgets and monitors that would.

mod read;
#[cfg(test)]
mod tests;
mod words;

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, Flag, Whole, quoted},
    asking, choices,
    reply::Reply,
    table::{Page, Paging},
};
use crate::error::ToolError;
use bedrock_cost::{
    monitoring::{Coverage, Notify, Plan, commands, configuration, template},
    period::{BillingPeriod, plus_days},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Weeks that thresholds stand on unless the call says otherwise.
const WEEKS: usize = 8;
/// Bedrock's daily sums are kept for longer; what a year ago was usual is not what is usual now.
const MOST_WEEKS: usize = 26;

/// Arguments of `monitoring_plan`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// cloudformation, terraform or cli
    format: Option<String>,
    /// E-mail or topic ARN
    notify: Option<String>,
    region: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    weeks: Option<Whole>,
    #[schemars(extend("x-hidden" = true))]
    profile: Option<String>,
    /// full
    detail: Option<String>,
    #[schemars(extend("x-hidden" = true))]
    limit: Option<Whole>,
    #[schemars(extend("x-hidden" = true))]
    cursor: Option<Cursor>,
    dry_run: Option<Flag>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    /// What nothing watches.
    gaps: Vec<String>,
    /// What exists in vain.
    flaws: Vec<String>,
    #[serde(flatten)]
    page: Page,
    /// What the thresholds stand on.
    #[schemars(skip)]
    basis: Option<String>,
    #[schemars(skip)]
    text: Option<String>,
}

/// The language of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    CloudFormation,
    Terraform,
    Cli,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Terraform => "terraform",
            Self::Cli => "cli",
        }
    }

    fn read(given: &str) -> Result<Self, ToolError> {
        match given.trim().to_ascii_lowercase().as_str() {
            "cloudformation" | "cfn" | "yaml" => Ok(Self::CloudFormation),
            "terraform" | "tf" | "hcl" => Ok(Self::Terraform),
            "cli" | "aws-cli" | "aws cli" | "shell" | "bash" => Ok(Self::Cli),
            _ => Err(ToolError::invalid(
                format!("format {} is not known", quoted(given)),
                "use cloudformation, terraform or cli, or leave format out for the plan without text",
            )),
        }
    }

    fn text(self, plan: &Plan, notify: &Notify) -> String {
        match self {
            Self::CloudFormation => template(plan, notify),
            Self::Terraform => configuration(plan, notify),
            Self::Cli => commands(plan, notify),
        }
    }
}

/// The arguments, checked.
struct Question {
    format: Option<Format>,
    notify: Notify,
    full: bool,
    paging: Paging,
    /// Whole days, up to yesterday.
    period: BillingPeriod,
}

impl Question {
    fn read(arguments: &Arguments, today: Date) -> Result<Self, ToolError> {
        let given = arguments.format.as_deref().map(str::trim);
        let format = given
            .filter(|text| !text.is_empty())
            .map(Format::read)
            .transpose()?;
        let notify = match arguments.notify.as_deref().map(str::trim) {
            None | Some("") => Notify::Email(None),
            Some(text) => text.parse().map_err(|error| {
                ToolError::invalid(
                    format!("notify {} is {error}", quoted(text)),
                    "give finops@example.com or arn:aws:sns:REGION:ACCOUNT:TOPIC, or leave notify out: the text then asks for an address",
                )
            })?,
        };
        let weeks = choices::at_least("weeks", arguments.weeks, 2, WEEKS)?;
        if weeks > MOST_WEEKS {
            return Err(ToolError::invalid(
                format!("weeks is {weeks}"),
                format!("weeks is a whole number from 2 to {MOST_WEEKS}, {WEEKS} when not given"),
            ));
        }
        let days = i64::try_from(weeks).unwrap_or_default() * 7;
        let period = plus_days(today, -days)
            .and_then(|start| BillingPeriod::new(start, today).ok())
            .ok_or_else(|| ToolError::OddAnswer {
                problem: "there are no weeks before today".to_owned(),
            })?;
        Ok(Self {
            format,
            notify,
            full: asking::wants_full(arguments.detail.as_deref())?,
            paging: Paging::read(arguments.limit, arguments.cursor.as_ref())?,
            period,
        })
    }
}

impl Tool for Arguments {
    const NAME: &'static str = "monitoring_plan";
    const TITLE: &'static str = "Monitoring plan";
    const DESCRIPTION: &'static str = "What budgets, anomaly monitors and alarms do not see of Bedrock's costs, and new ones that do, \
         with thresholds from the account's own days. Writes nothing. About 0.04 USD.";
    const TOOLSET: Toolset = Toolset::Billing;
    const ALIASES: Aliases = &[
        ("output", "format"),
        ("email", "notify"),
        ("topic_arn", "notify"),
    ];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let target = asking::target(self.region.as_deref(), self.profile.clone())?;
        let question = Question::read(&self, call.today())?;
        let region = call.aws.region(&target).await;
        let request = json!({
            "region": region,
            "period": question.period.to_string(),
            "format": question.format.map(Format::name),
            "operations": read::OPERATIONS,
        });
        if self.dry_run.is_some_and(|flag| flag.0) {
            return Ok(asking::dry_run(
                request,
                Decimal::new(4, 2),
                "at most four Cost Explorer requests, 0.01 USD for each further page, and 0.01 USD for 1,000 daily metrics",
            )
            .corrected(question.paging.correction()));
        }
        let mut found = read::all(call, &target, &region, question.period).await?;
        let coverage = Coverage::of(&found.existing, &found.usage);
        if coverage.needs_spend_by_day() {
            read::spend_by_day(call, &target, &mut found).await;
        }
        let plan = Plan::of(&coverage, &found.existing, &found.usage);
        Ok(
            words::reply(&question, &found, &coverage, &plan, call.today())
                .corrected(question.paging.correction())
                .effective(question.full.then_some(request)),
        )
    }
}
