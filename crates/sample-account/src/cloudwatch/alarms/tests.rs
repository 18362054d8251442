//! The alarms follow from the metrics.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;

fn ledger(as_of: &str) -> Ledger {
    Ledger::new(as_of.parse().unwrap())
}

fn ask(as_of: &str, region: &str, input: &Value) -> Value {
    describe(&ledger(as_of), region, input).unwrap()
}

fn names(answer: &Value, member: &str) -> Vec<String> {
    let alarms = answer[member].as_array().unwrap();
    let name = |alarm: &Value| alarm["AlarmName"].as_str().unwrap().to_owned();
    alarms.iter().map(name).collect()
}

const DAYS: [&str; 2] = ["2024-12-05T12:00:00Z", "2026-11-22T15:30:00Z"];

#[test]
fn the_token_alarms_are_in_all_three_states() {
    for day in DAYS {
        let input = json!({ "AlarmNamePrefix": "Bedrock-TokenUsage" });
        let answer = ask(day, "us-east-1", &input);
        let alarms = answer["MetricAlarms"].as_array().unwrap();
        let states: BTreeSet<&str> = alarms
            .iter()
            .map(|alarm| alarm["StateValue"].as_str().unwrap())
            .collect();
        assert_eq!(
            states,
            BTreeSet::from(["ALARM", "INSUFFICIENT_DATA", "OK"]),
            "{day}"
        );
        assert_eq!(answer["CompositeAlarms"], json!([]));
        // What the guide asks for.
        let input = json!({ "AlarmNamePrefix": "Bedrock-TokenUsage", "StateValue": "ALARM" });
        let fired = ask(day, "us-east-1", &input);
        let expected: Vec<&Value> = alarms
            .iter()
            .filter(|alarm| alarm["StateValue"] == "ALARM")
            .collect();
        assert!(!expected.is_empty());
        let fired: Vec<&Value> = fired["MetricAlarms"].as_array().unwrap().iter().collect();
        assert_eq!(fired, expected);
    }
}

/// The state is recomputed here from `GetMetricStatistics` over the alarm's own period.
#[test]
fn a_state_follows_from_the_metric() {
    for (day, start, end) in [
        (DAYS[0], 1_733_270_400, 1_733_356_800),
        (DAYS[1], 1_795_219_200, 1_795_305_600),
    ] {
        let input = json!({ "AlarmNames": ["Bedrock-TokenUsage-Input-Daily"] });
        let answer = ask(day, "us-east-1", &input);
        let alarm = &answer["MetricAlarms"][0];
        let input = json!({
            "Namespace": alarm["Namespace"],
            "MetricName": alarm["MetricName"],
            "StartTime": start,
            "EndTime": end,
            "Period": 86_400,
            "Statistics": ["Sum"],
        });
        let statistics =
            crate::cloudwatch::answer(&ledger(day), "us-east-1", "GetMetricStatistics", &input);
        let sum = statistics.unwrap()["Datapoints"][0]["Sum"]
            .as_f64()
            .unwrap();
        let breaches = sum > alarm["Threshold"].as_f64().unwrap();
        assert_eq!(alarm["StateValue"] == "ALARM", breaches, "{day}: {sum}");
        let reason = alarm["StateReason"].as_str().unwrap();
        assert!(reason.contains(&format!("[{sum:?} (")), "{reason}");
    }
}

#[test]
fn composites_come_when_asked_for_and_follow_their_children() {
    let input = json!({ "AlarmTypes": ["CompositeAlarm"] });
    let answer = ask(DAYS[1], "us-east-1", &input);
    assert_eq!(answer["MetricAlarms"], json!([]));
    assert_eq!(
        names(&answer, "CompositeAlarms"),
        ["Bedrock-Health", "Bedrock-TokenUsage-Any"]
    );
    let any = &answer["CompositeAlarms"][1];
    assert_eq!(any["StateValue"], "ALARM");
    assert!(
        any["AlarmRule"]
            .as_str()
            .unwrap()
            .starts_with("ALARM(\"Bedrock-TokenUsage-")
    );
    assert_eq!(answer["CompositeAlarms"][0]["StateValue"], "OK");
    let input = json!({ "ChildrenOfAlarmName": "Bedrock-Health" });
    let children = ask(DAYS[1], "us-east-1", &input);
    let expected = ["Bedrock-Latency-p99", "Bedrock-ServerErrors"];
    assert_eq!(names(&children, "MetricAlarms"), expected);
}

#[test]
fn alarms_are_regional_and_paged() {
    let all = names(&ask(DAYS[1], "us-east-1", &json!({})), "MetricAlarms");
    assert!(all.len() >= 8 && all.is_sorted());
    let west = names(&ask(DAYS[1], "us-west-2", &json!({})), "MetricAlarms");
    assert_eq!(west, ["Bedrock-TokenUsage-Input-Daily"]);
    let ledger = ledger(DAYS[1]);
    let mut input = json!({ "MaxRecords": 3 });
    let mut paged = Vec::new();
    loop {
        let answer = describe(&ledger, "us-east-1", &input).unwrap();
        paged.extend(names(&answer, "MetricAlarms"));
        match answer.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(paged, all);
    let fault = describe(&ledger, "us-east-1", &json!({ "NextToken": "x" })).unwrap_err();
    assert_eq!(fault.error_type, "InvalidNextToken");
}

/// The surge of 2024-11-12 to 14 drove throttles over their threshold.
#[test]
fn history_tells_when_a_surge_began_and_ended() {
    let ledger = ledger("2024-11-20T12:00:00Z");
    let input = json!({
        "AlarmName": "Bedrock-Throttles",
        "HistoryItemType": "StateUpdate",
        "ScanBy": "TimestampAscending",
    });
    let answer = history(&ledger, "us-east-1", &input).unwrap();
    let items = answer["AlarmHistoryItems"].as_array().unwrap();
    assert!(!items.is_empty());
    let (from, to) = (1_731_369_600, 1_731_628_800 + 3_600);
    for item in items {
        let at = item["Timestamp"].as_i64().unwrap();
        assert!((from..=to).contains(&at), "{item}");
    }
    assert_eq!(items[0]["HistorySummary"], "Alarm updated from OK to ALARM");
    let times: Vec<i64> = items
        .iter()
        .map(|i| i["Timestamp"].as_i64().unwrap())
        .collect();
    assert!(times.is_sorted());
}
