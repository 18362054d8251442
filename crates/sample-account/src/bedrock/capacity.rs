//! Provisioned throughputs, batch jobs and guardrails of the caller's account.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{model_arn, paged, resource_id, text};
use crate::fault::Fault;
use crate::ledger::calendar::Day;
use crate::ledger::place::Account;
use crate::ledger::upkeep::{
    GUARDRAIL_FROM, GUARDRAIL_ID, PROVISIONED_ARN, PROVISIONED_FROM, PROVISIONED_MODEL,
};
use crate::ledger::{Endpoint, Ledger, Workload};

/// How many days a batch job stays in the list.
const JOB_DAYS: i32 = 30;

/// The time members of a request that bound a list, in epoch seconds.
fn within(input: &Value, after: &str, before: &str, time: i64) -> bool {
    let bound = |name: &str| input.get(name).and_then(Value::as_f64);
    let time = Timestamp::from_second(time).map_or(0.0, |time| time.as_duration().as_secs_f64());
    bound(after).is_none_or(|after| after < time)
        && bound(before).is_none_or(|before| time < before)
}

fn named(input: &Value, name: &str) -> bool {
    text(input, "nameContains").is_none_or(|part| name.contains(part))
}

/// Puts the newest first, unless the request asks for the oldest.
fn sorted(input: &Value, mut all: Vec<(i64, Value)>) -> Vec<Value> {
    all.sort_by_key(|(time, _)| -*time);
    if text(input, "sortOrder") == Some("Ascending") {
        all.reverse();
    }
    all.into_iter().map(|(_, value)| value).collect()
}

pub(super) fn throughputs(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    let units = throughputs_of(ledger, Account::PAYER, region, input);
    paged(
        "ListProvisionedModelThroughputs",
        "provisionedModelSummaries",
        input,
        units,
    )
}

fn throughputs_of(ledger: &Ledger, account: Account, region: &str, input: &Value) -> Vec<Value> {
    const NAME: &str = "load-test-llama";
    let home = format!("arn:aws:bedrock:{region}:{}:", account.id());
    let model = model_arn(region, PROVISIONED_MODEL);
    let made = PROVISIONED_FROM.start().as_second();
    let is_listed = PROVISIONED_FROM <= ledger.today()
        && PROVISIONED_ARN.starts_with(&home)
        && named(input, NAME)
        && text(input, "statusEquals").is_none_or(|status| status == "InService")
        && text(input, "modelArnEquals").is_none_or(|arn| arn == model)
        && within(input, "creationTimeAfter", "creationTimeBefore", made);
    if !is_listed {
        return Vec::new();
    }
    vec![json!({
        "provisionedModelName": NAME,
        "provisionedModelArn": PROVISIONED_ARN,
        "modelArn": model,
        "desiredModelArn": model,
        "foundationModelArn": model,
        "modelUnits": 1,
        "desiredModelUnits": 1,
        "status": "InService",
        "creationTime": made,
        "lastModifiedTime": made,
    })]
}

pub(super) fn jobs(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    let today = ledger.today();
    let mut all = Vec::new();
    let batches = ledger.workloads().iter().filter(|workload| {
        workload.endpoint == Endpoint::Batch
            && workload.stream.account == Account::PAYER
            && workload.stream.region.code() == region
    });
    for workload in batches {
        for day in (today.0 - JOB_DAYS + 1..=today.0).map(Day) {
            all.extend(job(ledger, workload, region, day));
        }
    }
    all.retain(|(time, job)| {
        text(input, "statusEquals").is_none_or(|status| text(job, "status") == Some(status))
            && named(input, text(job, "jobName").unwrap_or_default())
            && within(input, "submitTimeAfter", "submitTimeBefore", *time)
    });
    let all = sorted(input, all);
    paged(
        "ListModelInvocationJobs",
        "invocationJobSummaries",
        input,
        all,
    )
}

/// The job that a nightly workload submits at 00:50 UTC; it runs from 01:00 to 05:00.
fn job(ledger: &Ledger, workload: &Workload, region: &str, day: Day) -> Option<(i64, Value)> {
    let start = day.start().as_second();
    let submitted = start + 50 * 60;
    let ended = start + 5 * 3_600;
    let now = ledger.as_of().as_second();
    let records = ledger
        .activity_of(workload, day.start(), day.plus(1).start())
        .invocations;
    let is_made = submitted <= now && (records > 0 || now < ended);
    let is_live = workload
        .stream
        .volume
        .first()
        .is_some_and(|(first, _)| *first <= day)
        && day < workload.stream.until;
    if !is_made || !is_live {
        return None;
    }
    let account = Account::PAYER.id();
    let key = workload.stream.key;
    let name = format!("{key}-{}", day.date());
    let is_done = ended <= now;
    let mut job = json!({
        "jobArn": format!(
            "arn:aws:bedrock:{region}:{account}:model-invocation-job/{}",
            resource_id(&name)
        ),
        "jobName": name,
        "modelId": model_arn(region, workload.stream.model.id),
        "roleArn": format!("arn:aws:iam::{account}:role/BedrockBatch"),
        "status": if is_done { "Completed" } else { "InProgress" },
        "submitTime": submitted,
        "lastModifiedTime": if is_done { ended } else { now },
        "inputDataConfig": { "s3InputDataConfig": {
            "s3InputFormat": "JSONL",
            "s3Uri": format!("s3://halden-batch-{region}/{key}/{}/in.jsonl", day.date()),
        }},
        "outputDataConfig": { "s3OutputDataConfig": {
            "s3Uri": format!("s3://halden-batch-{region}/{key}/{}/out/", day.date()),
        }},
        "timeoutDurationInHours": 24,
        "jobExpirationTime": submitted + 24 * 3_600,
    });
    if let (Some(members), true) = (job.as_object_mut(), is_done) {
        members.insert("endTime".to_owned(), ended.into());
        for count in [
            "totalRecordCount",
            "processedRecordCount",
            "successRecordCount",
        ] {
            members.insert(count.to_owned(), records.into());
        }
        members.insert("errorRecordCount".to_owned(), 0.into());
    }
    Some((submitted, job))
}

pub(super) fn guardrails(ledger: &Ledger, region: &str, input: &Value) -> Result<Value, Fault> {
    let arn = format!(
        "arn:aws:bedrock:{region}:{}:guardrail/{GUARDRAIL_ID}",
        Account::PAYER.id()
    );
    let exists = GUARDRAIL_FROM <= ledger.today()
        && ledger.workloads().iter().any(|workload| {
            let stream = workload.stream;
            stream.guarded && stream.account == Account::PAYER && stream.region.code() == region
        });
    let versions: &[&str] = match text(input, "guardrailIdentifier") {
        None if exists => &["DRAFT"],
        None => &[],
        Some(id) if exists && (id == GUARDRAIL_ID || id == arn) => &["DRAFT", "1"],
        Some(id) => {
            return Err(Fault::new(
                "ResourceNotFoundException",
                format!("The guardrail {id} was not found."),
            )
            .with_status(404));
        }
    };
    let made = GUARDRAIL_FROM.start().as_second();
    let all = versions
        .iter()
        .map(|version| {
            json!({
                "id": GUARDRAIL_ID,
                "arn": arn,
                "status": "READY",
                "name": "storefront",
                "description": "Keeps the assistants of the shop on topic.",
                "version": version,
                "createdAt": made,
                "updatedAt": made,
            })
        })
        .collect();
    paged("ListGuardrails", "guardrails", input, all)
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap or index fails the test"
)]
mod tests {
    use super::*;

    fn today() -> Ledger {
        Ledger::new("2026-11-22T15:30:00Z".parse().unwrap())
    }

    #[test]
    fn batch_jobs_count_the_records_that_were_billed() {
        let ledger = today();
        let list = |input: Value| {
            let answer = jobs(&ledger, "us-east-1", &input).unwrap();
            answer["invocationJobSummaries"].as_array().unwrap().clone()
        };
        let name = "summaries-haiku-4-5-batch-2026-11-20";
        let found = list(json!({ "nameContains": name }));
        assert_eq!(found.len(), 1);
        // 430 output tokens a record, give or take 4 %, at batch rates on the bill.
        let day = "2026-11-20".parse().unwrap();
        let tokens: i128 = ledger
            .records(day, day.tomorrow().unwrap())
            .filter(|charge| {
                charge.line.service.starts_with("Claude Haiku 4.5")
                    && charge.line.usage_type == "USE1-MP:USE1_OutputTokenCount_Batch-Units"
            })
            .map(|charge| charge.units)
            .sum();
        let records = i128::from(found[0]["totalRecordCount"].as_u64().unwrap());
        assert!(records > 1_000);
        let thousandths = tokens * 1_000 / records / 430;
        assert!((955..1_045).contains(&thousandths), "{thousandths}");

        let all = list(json!({ "maxResults": 1_000 }));
        assert!(all.len() >= 60, "{}", all.len());
        let times: Vec<i64> = all
            .iter()
            .map(|job| job["submitTime"].as_i64().unwrap())
            .collect();
        assert!(times.is_sorted_by(|a, b| a >= b));
        let none = list(json!({ "statusEquals": "Failed" }));
        assert!(none.is_empty());
        let after = times[0] - 1;
        assert!(list(json!({ "submitTimeAfter": after })).len() < 4);
    }

    #[test]
    fn the_throughput_belongs_to_the_account_that_made_it() {
        let ledger = today();
        let count = |account, region: &str, input: Value| {
            throughputs_of(&ledger, account, region, &input).len()
        };
        let owners = Account::ALL.map(|account| count(account, "us-west-2", json!({})));
        assert_eq!(owners.iter().sum::<usize>(), 1);
        let owner = Account::ALL[owners.iter().position(|count| *count == 1).unwrap()];
        assert_eq!(count(owner, "us-east-1", json!({})), 0);
        assert_eq!(
            count(owner, "us-west-2", json!({ "statusEquals": "Creating" })),
            0
        );
        let before = Ledger::new("2026-08-30T12:00:00Z".parse().unwrap());
        assert!(throughputs_of(&before, owner, "us-west-2", &json!({})).is_empty());
    }

    #[test]
    fn the_guardrail_is_where_it_is_used() {
        let ledger = today();
        let list = |region: &str, input: Value| guardrails(&ledger, region, &input);
        let here = list("us-east-1", json!({})).unwrap();
        assert_eq!(here["guardrails"].as_array().unwrap().len(), 1);
        let there = list("ap-northeast-1", json!({})).unwrap();
        assert_eq!(there["guardrails"], json!([]));
        let input = json!({ "guardrailIdentifier": GUARDRAIL_ID });
        let versions = list("us-east-1", input).unwrap();
        assert_eq!(versions["guardrails"].as_array().unwrap().len(), 2);
        let fault = list("us-east-1", json!({ "guardrailIdentifier": "nosuch" })).unwrap_err();
        assert_eq!(fault.error_type, "ResourceNotFoundException");
    }
}
