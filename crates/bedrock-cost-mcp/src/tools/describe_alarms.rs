//! `describe_alarms`: which CloudWatch alarms exist, what they watch and which of them ring.

use super::{
    Call, Tool, Toolset,
    arguments::{Aliases, Cursor, Flag, List, Whole, quoted},
    asking, metric_rules,
    metric_series::number,
    reply::{Correction, Reply, Warning},
    table::{MOST_ROWS, Page, Paging, Room, named},
};
use crate::{
    aws::cloudwatch::{Alarm, AlarmQuery, describe_alarms},
    error::ToolError,
};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt::Write};

/// What is worth a look first.
const STATES: [&str; 3] = ["ALARM", "INSUFFICIENT_DATA", "OK"];
const TYPES: [&str; 3] = ["MetricAlarm", "CompositeAlarm", "LogAlarm"];
/// AWS gives at most so many alarms on a page.
const LARGEST_PAGE: i32 = 100;
/// More alarms than this are not a question about a bill.
const MOST_ALARMS: usize = 5_000;
/// Bytes for the alarms of a short answer: about 450 tokens.
const ROOM: usize = 1_050;
/// How much of a rule or expression is shown unless all of it is asked for.
const SHORT: usize = 60;

/// Arguments of `describe_alarms`.
#[expect(
    clippy::doc_markdown,
    reason = "product text that every conversation pays for"
)]
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    alarm_name_prefix: Option<String>,
    /// Exact names, instead of a prefix
    alarm_names: Option<List<String>>,
    /// ALARM, OK or INSUFFICIENT_DATA
    state_value: Option<String>,
    /// Default all: MetricAlarm, CompositeAlarm, LogAlarm
    alarm_types: Option<List<String>>,
    action_prefix: Option<String>,
    region: Option<String>,
    profile: Option<String>,
    dry_run: Option<Flag>,
    /// full: dimensions, reason too
    detail: Option<String>,
    limit: Option<Whole>,
    cursor: Option<Cursor>,
}

/// Fields of the answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Answer {
    alarms: usize,
    region: String,
    #[serde(flatten)]
    page: Page,
}

impl Tool for Arguments {
    const NAME: &'static str = "describe_alarms";
    const TITLE: &'static str = "CloudWatch alarms";
    const DESCRIPTION: &'static str = "Lists CloudWatch alarms (metric, composite, log) of a region: state, since when, what each watches, threshold. \
         When none match, says which names and states exist.";
    const TOOLSET: Toolset = Toolset::Cloudwatch;
    const ALIASES: Aliases = &[
        ("prefix", "alarm_name_prefix"),
        ("state", "state_value"),
        ("max_items", "limit"),
        ("max_records", "limit"),
    ];
    const STRUCTURED: &'static [&'static str] = &["alarm_names", "alarm_types"];
    type Answer = Answer;

    async fn answer(self, call: &Call) -> Result<Reply, ToolError> {
        let target = asking::target(self.region.as_deref(), self.profile.clone())?;
        let full = asking::wants_full(self.detail.as_deref())?;
        let paging = Paging::read(self.limit, self.cursor.as_ref())?;
        let (query, mut corrections) = self.query()?;
        corrections.extend(paging.correction());
        let region = call.aws.region(&target).await;
        let request = effective(&query, &region);
        if self.dry_run.is_some_and(|flag| flag.0) {
            return Ok(
                asking::dry_run(request, Decimal::ZERO, metric_rules::FREE).corrected(corrections)
            );
        }
        let on_page = |pages| call.progress(pages, None, format!("{pages} pages of alarms read"));
        let (mut found, more) =
            describe_alarms(&call.aws, &call.meter, &target, &query, &on_page).await?;
        let mut warnings = Vec::new();
        if more {
            warnings.push(Warning::new(
                "more_alarms",
                format!(
                    "only the first {} alarms were read: narrow the prefix",
                    found.len()
                ),
            ));
        }
        if found.is_empty() {
            let every = AlarmQuery {
                types: TYPES.map(str::to_owned).into(),
                page_size: LARGEST_PAGE,
                limit: LARGEST_PAGE as usize,
                ..AlarmQuery::default()
            };
            let why = match describe_alarms(&call.aws, &call.meter, &target, &every, &|_| {}).await
            {
                Ok((existing, unread)) => why_none(&query, &existing, unread, &region),
                Err(error) => {
                    format!("none matches, and which alarms exist could not be read: {error}")
                }
            };
            warnings.push(Warning::new("no_alarms", why));
        }
        let ringing = found.iter().filter(|alarm| alarm.state == "ALARM").count();
        let headline = match found.len() {
            0 => format!("no alarm matches in {region}"),
            all => format!("{all} alarms in {region}, {ringing} in ALARM"),
        };
        // Those that ring first, each state in AWS's order.
        found.sort_by_key(|alarm| STATES.iter().position(|state| *state == alarm.state));
        let room = if full {
            Room::Rows(MOST_ROWS)
        } else {
            Room::Bytes(ROOM)
        };
        let (columns, rows) = table(&found, full);
        let mut page = paging.page(columns, rows, room);
        warnings.extend(page.past_end.take());
        let answer = Answer {
            alarms: found.len(),
            region,
            page,
        };
        Ok(Reply::new(headline, &answer)
            .warn(warnings)
            .corrected(corrections)
            .effective(full.then_some(request)))
    }
}

impl Arguments {
    fn query(&self) -> Result<(AlarmQuery, Vec<Correction>), ToolError> {
        let mut corrections = Vec::new();
        let prefix = self
            .alarm_name_prefix
            .clone()
            .filter(|text| !text.is_empty());
        let names = self.alarm_names.clone().unwrap_or_default().0;
        if !names.is_empty() && prefix.is_some() {
            let mut arguments = Map::new();
            arguments.insert("alarm_names".into(), json!(names));
            if let Some(state) = &self.state_value {
                arguments.insert("state_value".into(), json!(state));
            }
            return Err(asking::refused::<Self>(
                "alarm_names and alarm_name_prefix exclude each other",
                "give one of the two",
                arguments,
            ));
        }
        for name in names.iter().chain(&prefix).chain(&self.action_prefix) {
            if name.chars().any(char::is_control) || name.chars().count() > 255 {
                return Err(ToolError::invalid(
                    format!("{} cannot be the name of an alarm", quoted(name)),
                    "names have up to 255 characters and no control characters",
                ));
            }
        }
        if names.len() > 100 {
            return Err(ToolError::invalid(
                format!("{} alarm names are given", names.len()),
                "name up to 100 alarms, or use alarm_name_prefix",
            ));
        }
        let state = self
            .state_value
            .as_deref()
            .map(|given| one_of("state_value", given, &STATES, &mut corrections))
            .transpose()?;
        let mut types = Vec::new();
        for given in self.alarm_types.iter().flat_map(|list| &list.0) {
            // "metric" and "composite" stand for the types that AWS calls MetricAlarm and CompositeAlarm.
            let long = if given.to_ascii_lowercase().contains("alarm") {
                given.clone()
            } else {
                format!("{given}Alarm")
            };
            types.push(one_of("alarm_types", &long, &TYPES, &mut corrections)?);
        }
        if types.is_empty() {
            types = TYPES.map(str::to_owned).into();
        }
        let query = AlarmQuery {
            names,
            prefix,
            types,
            state,
            action_prefix: self.action_prefix.clone(),
            page_size: LARGEST_PAGE,
            limit: MOST_ALARMS,
        };
        Ok((query, corrections))
    }
}

/// Finds a value whatever its case, separators aside, and lists the change.
fn one_of(
    field: &'static str,
    given: &str,
    accepted: &[&str],
    corrections: &mut Vec<Correction>,
) -> Result<String, ToolError> {
    let plain = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    let found = accepted
        .iter()
        .find(|one| plain(one) == plain(given))
        .ok_or_else(|| {
            ToolError::invalid(
                format!("{field} {} is not known", quoted(given)),
                format!("use {}", accepted.join(", ")),
            )
        })?;
    if *found != given {
        corrections.push(Correction::new(
            field,
            format!("{} read as {found}", quoted(given)),
        ));
    }
    Ok((*found).to_owned())
}

fn effective(query: &AlarmQuery, region: &str) -> Value {
    let mut request = json!({"region": region, "alarm_types": query.types});
    if let Value::Object(fields) = &mut request {
        let mut set = |name: &str, value: Value| {
            fields.insert(name.to_owned(), value);
        };
        if !query.names.is_empty() {
            set("alarm_names", json!(query.names));
        }
        if let Some(prefix) = &query.prefix {
            set("alarm_name_prefix", json!(prefix));
        }
        if let Some(state) = &query.state {
            set("state_value", json!(state));
        }
        if let Some(prefix) = &query.action_prefix {
            set("action_prefix", json!(prefix));
        }
    }
    request
}

fn table(alarms: &[Alarm], full: bool) -> (Vec<String>, Vec<Vec<Value>>) {
    if !full {
        let rows = alarms.iter().map(|alarm| {
            vec![
                json!(alarm.name),
                json!(alarm.kind),
                json!(alarm.state),
                json!(since(alarm)),
                json!(short(&without_arns(&alarm.watches))),
                json!(condition(alarm)),
            ]
        });
        return (
            named(["name", "type", "state", "since", "watches", "condition"]),
            rows.collect(),
        );
    }
    let columns = named([
        "name",
        "type",
        "state",
        "since",
        "watches",
        "condition",
        "statistic",
        "dimensions",
        "acts",
        "reason",
    ]);
    let rows = alarms
        .iter()
        .map(|alarm| {
            vec![
                json!(alarm.name),
                json!(alarm.kind),
                json!(alarm.state),
                json!(since(alarm)),
                json!(without_arns(&alarm.watches)),
                json!(condition(alarm)),
                json!(alarm.statistic),
                json!(dimensions(alarm)),
                json!(alarm.acts),
                json!(without_arns(&alarm.reason)),
            ]
        })
        .collect();
    (columns, rows)
}

fn since(alarm: &Alarm) -> String {
    alarm
        .since
        .map_or_else(String::new, |time| time.strftime("%FT%RZ").to_string())
}

/// `> 1000000 for 2 of 3 x 3600 s`.
fn condition(alarm: &Alarm) -> String {
    let Some(threshold) = alarm.threshold else {
        return String::new();
    };
    let mut text = format!("{} {}", alarm.comparison, number(threshold));
    match (alarm.periods, alarm.period) {
        (Some((needed, of)), Some(period)) => {
            let _ = write!(text, " for {needed} of {of} x {period} s");
        }
        (Some((needed, of)), None) => {
            let _ = write!(text, " for {needed} of {of} periods");
        }
        (None, _) => {}
    }
    text
}

/// The model alone where that is all there is, as in most Bedrock alarms.
fn dimensions(alarm: &Alarm) -> String {
    alarm
        .dimensions
        .iter()
        .map(|one| format!("{}={}", one.name, one.value))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Names alarms and models by their last part: an ARN holds the account's id, and says no more.
fn without_arns(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("arn:") {
        let (before, arn) = rest.split_at(start);
        let end = arn
            .find(|character: char| character.is_whitespace() || "\"'(),".contains(character))
            .unwrap_or(arn.len());
        let (arn, after) = arn.split_at(end);
        out.push_str(before);
        out.push_str(arn.rsplit(':').next().unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
    out
}

fn short(long: &str) -> String {
    let mut text: String = long.chars().take(SHORT).collect();
    if text.len() < long.len() {
        text.push_str("...");
    }
    text
}

/// Says what would have matched: the same names in other states, or the names that do exist.
fn why_none(query: &AlarmQuery, existing: &[Alarm], unread: bool, region: &str) -> String {
    if existing.is_empty() {
        return format!(
            "{region} has no alarms at all: alarms are regional, and each account has its own; name another region or profile"
        );
    }
    let named = |alarm: &&Alarm| {
        query
            .prefix
            .as_ref()
            .is_none_or(|prefix| alarm.name.starts_with(prefix.as_str()))
            && (query.names.is_empty() || query.names.contains(&alarm.name))
    };
    let matching: Vec<&Alarm> = existing.iter().filter(named).collect();
    let count = format!("{}{}", existing.len(), if unread { " or more" } else { "" });
    if !matching.is_empty() {
        let mut states = BTreeMap::<&str, usize>::new();
        for alarm in &matching {
            *states.entry(alarm.state.as_str()).or_default() += 1;
        }
        let states: Vec<String> = states
            .iter()
            .map(|(state, n)| format!("{n} {state}"))
            .collect();
        return format!(
            "{} alarms have such a name ({}), none of them in the state, type or with the action asked for: {}",
            matching.len(),
            states.join(", "),
            names(matching.iter().map(|alarm| alarm.name.as_str()))
        );
    }
    let wanted = query
        .prefix
        .as_deref()
        .or(query.names.first().map(String::as_str))
        .unwrap_or_default();
    let mut nearest: Vec<&str> = existing.iter().map(|alarm| alarm.name.as_str()).collect();
    nearest.sort_by(|left, right| {
        strsim::jaro_winkler(right, wanted).total_cmp(&strsim::jaro_winkler(left, wanted))
    });
    format!(
        "no alarm has such a name; {region} has {count} alarms, the nearest are {}",
        names(nearest.into_iter())
    )
}

fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    all.take(5).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::{aws::cloudwatch::Dimension, tools::on_sample};

    fn alarm(name: &str, state: &str) -> Alarm {
        Alarm {
            name: name.to_owned(),
            kind: "metric",
            state: state.to_owned(),
            watches: "AWS/Bedrock/InputTokenCount".to_owned(),
            statistic: "Sum".to_owned(),
            period: Some(3600),
            comparison: ">".to_owned(),
            threshold: Some(1_000_000.0),
            periods: Some((2, 3)),
            dimensions: vec![Dimension {
                name: "ModelId".to_owned(),
                value: "m".to_owned(),
            }],
            ..Alarm::default()
        }
    }

    fn by_prefix(prefix: &str) -> AlarmQuery {
        AlarmQuery {
            prefix: Some(prefix.to_owned()),
            state: Some("ALARM".to_owned()),
            ..AlarmQuery::default()
        }
    }

    #[track_caller]
    fn check_none(query: &AlarmQuery, existing: &[Alarm], parts: &[&str]) {
        let text = why_none(query, existing, false, "us-east-1");
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in {text:?}");
        }
    }

    #[test]
    fn an_empty_answer_says_what_would_have_matched() {
        let all = [
            alarm("Bedrock-TokenUsage-Haiku", "OK"),
            alarm("Bedrock-TokenUsage-Sonnet", "OK"),
            alarm("Disk", "ALARM"),
        ];
        check_none(
            &by_prefix("Bedrock-TokenUsage"),
            &all,
            &["2 alarms", "2 OK", "Bedrock-TokenUsage-Haiku"],
        );
        check_none(
            &by_prefix("bedrock-tokenusage"),
            &all,
            &[
                "no alarm has such a name",
                "3 alarms",
                "nearest are Bedrock-TokenUsage-",
            ],
        );
        check_none(
            &by_prefix("Bedrock"),
            &[],
            &["no alarms at all", "another region"],
        );
    }

    #[test]
    fn the_account_stays_out_of_what_a_model_reads() {
        for (given, expected) in [
            (
                "arn:aws:cloudwatch:us-east-1:111122223333:alarm:Tokens went to ALARM",
                "Tokens went to ALARM",
            ),
            (
                "ALARM(\"arn:aws:cloudwatch:us-east-1:111122223333:alarm:A\") OR ALARM(B)",
                "ALARM(\"A\") OR ALARM(B)",
            ),
            ("no name in it", "no name in it"),
        ] {
            assert_eq!(without_arns(given), expected);
        }
    }

    #[test]
    fn a_row_says_what_rings_and_when() {
        let (columns, rows) = table(&[alarm("a", "ALARM")], true);
        let row = rows.first().unwrap();
        assert_eq!(columns.len(), row.len());
        let (short, rows) = table(&[alarm("a", "ALARM")], false);
        let less = rows.first().unwrap();
        assert_eq!(short.len(), less.len());
        assert!(columns.starts_with(&short) && row.starts_with(less));
        assert!(
            row.contains(&json!("> 1000000 for 2 of 3 x 3600 s")),
            "{row:?}"
        );
        assert!(row.contains(&json!("ModelId=m")));
        assert!(!row.contains(&Value::Null));
    }

    #[tokio::test]
    async fn a_dry_run_sends_nothing() {
        let aws = on_sample::account("2024-12-05");
        let answer = on_sample::call(
            &aws,
            "describe_alarms",
            json!({"alarmNamePrefix": "B", "state": "alarm", "alarm_types": "[\"metric\"]", "dry_run": true}),
        )
        .await
        .unwrap();
        let request = &answer["effective_request"];
        assert_eq!(request["state_value"], "ALARM");
        assert_eq!(request["alarm_types"], json!(["MetricAlarm"]));
        assert_eq!(answer["aws_requests"], 0);
        assert_eq!(aws.sample_account().journal().len(), 0);
    }

    #[tokio::test]
    async fn what_aws_would_refuse_is_refused_before_it_is_sent() {
        let aws = on_sample::account("2024-12-05");
        for (arguments, part) in [
            (
                json!({"alarm_names": ["a"], "alarm_name_prefix": "b"}),
                "exclude each other",
            ),
            (
                json!({"state_value": "RINGING"}),
                "ALARM, INSUFFICIENT_DATA, OK",
            ),
            (json!({"alarm_types": ["Loud"]}), "CompositeAlarm"),
            (json!({"max_records": 0}), "from 1 to 500"),
            (json!({"limit": -3}), "from 1 to 500"),
            (json!({"cursor": "next"}), "not a cursor"),
            (
                json!({"alarm_name_prefix": "a\u{0}b"}),
                "control characters",
            ),
            (json!({"alarm_names": vec!["x"; 101]}), "up to 100"),
            (json!({"region": "mars-north-1"}), "mars-north-1"),
            (json!({"detail": "much"}), "use full"),
            (json!({"alarm_name_prefix": 7}), "alarm_name_prefix"),
            (json!({"prefixes": "a"}), "the nearest is"),
        ] {
            let error = on_sample::call(&aws, "describe_alarms", arguments)
                .await
                .unwrap_err();
            assert_eq!(error.code(), "invalid_argument");
            assert!(error.to_text().contains(part), "{}", error.to_text());
        }
        assert_eq!(aws.sample_account().journal().len(), 0);
    }
}
