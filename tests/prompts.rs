//! Prompts: listed, filled in and completed, and every call that one names is answered.

use crate::{
    client::{Client, Era},
    http::Http,
    stdio::Stdio,
};
use serde_json::{Value, json};

const TODAY: &str = "2026-11-22";

/// Arguments that a person could fill in, by the name of the argument.
fn filled(argument: &str) -> &'static str {
    match argument {
        "model" => "Claude Haiku 4.5",
        "models" => "Nova Pro, anthropic.claude-haiku-4-5-20251001-v1:0",
        "month" => "2026-09",
        "input_tokens" => "25,000",
        "output_tokens" => "1000",
        "requests" => "720000",
        other => panic!("no value for the argument {other}"),
    }
}

/// The calls that a text names: `tool {arguments}` between backticks.
fn calls(text: &str) -> Vec<(&str, Value)> {
    text.lines()
        .filter_map(|line| line.split_once('`')?.1.rsplit_once('`'))
        .map(|(call, _)| {
            let (tool, arguments) = call.split_once(' ').unwrap();
            (tool, serde_json::from_str(arguments).unwrap())
        })
        .collect()
}

fn text(client: &mut impl Client, name: &str, arguments: &Value) -> String {
    let got = client.result("prompts/get", json!({"name": name, "arguments": arguments}));
    let message = &got["messages"][0];
    assert_eq!(message["role"], "user");
    message["content"]["text"].as_str().unwrap().to_owned()
}

#[test]
fn every_call_of_every_prompt_is_answered() {
    let mut client = Stdio::open(Era::Modern, None, &["serve", "--sample", "--as-of", TODAY]);
    let list = client.result("prompts/list", json!({}));
    let prompts = list["prompts"].as_array().unwrap();
    let names: Vec<&str> = prompts.iter().filter_map(|p| p["name"].as_str()).collect();
    assert_eq!(
        names,
        [
            "daily_review",
            "weekly_review",
            "monthly_review",
            "quarterly_review",
            "reduce_bedrock_bill",
            "estimate_feature"
        ]
    );
    let mut made = 0;
    for prompt in prompts {
        let name = prompt["name"].as_str().unwrap();
        let arguments = prompt["arguments"].as_array().cloned().unwrap_or_default();
        for all in [true, false] {
            let given: serde_json::Map<String, Value> = arguments
                .iter()
                .filter(|argument| all || argument["required"] == true)
                .map(|argument| argument["name"].as_str().unwrap())
                .map(|argument| (argument.to_owned(), json!(filled(argument))))
                .collect();
            let text = text(&mut client, name, &Value::Object(given));
            let calls = calls(&text);
            assert!(calls.len() >= 2, "{name}: {text}");
            for (tool, arguments) in calls {
                let called = client.call(tool, &arguments);
                assert!(
                    !called.is_error,
                    "{name}: {tool} {arguments}: {}",
                    called.text
                );
                made += 1;
            }
        }
    }
    assert!(made > 30, "{made} calls");
}

fn check(client: &mut impl Client) {
    let modern = client.era() == Era::Modern;
    let list = client.result("prompts/list", json!({}));
    assert_eq!(list.get("cacheScope").is_some(), modern);
    for (params, part) in [
        (json!({"name": "yearly_review"}), "daily_review"),
        (
            json!({"name": "daily_review", "arguments": {"model": "x"}}),
            "no arguments",
        ),
        (
            json!({"name": "weekly_review", "arguments": {"modle": "x"}}),
            "takes model",
        ),
        (json!({"name": "estimate_feature"}), "models is needed"),
        (
            json!({"name": "estimate_feature", "arguments": {"models": "Nova Pro", "input_tokens": "many"}}),
            "input_tokens is needed, as a whole number",
        ),
    ] {
        let refused = client.request("prompts/get", params);
        assert_eq!(refused["error"]["code"], -32_602, "{refused}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains(part), "{message}");
    }
    for (prompt, argument, begun, expected) in [
        (
            "weekly_review",
            "model",
            "amazon.nova-mi",
            json!(["amazon.nova-micro-v1:0"]),
        ),
        (
            "estimate_feature",
            "models",
            "Nova Pro, amazon.nova-mi",
            json!(["Nova Pro,amazon.nova-micro-v1:0"]),
        ),
        ("monthly_review", "month", "last", json!(["last_month"])),
        ("daily_review", "model", "", json!([])),
    ] {
        let begun = json!({"ref": {"type": "ref/prompt", "name": prompt}, "argument": {"name": argument, "value": begun}});
        let completed = client.result("completion/complete", begun);
        assert_eq!(completed["completion"]["values"], expected, "{prompt}");
    }
}

#[test]
fn prompts_are_filled_in_over_stdio() {
    for era in Era::ALL {
        check(&mut Stdio::open(era, None, &["serve"]));
    }
}

#[test]
fn prompts_are_filled_in_over_http() {
    for era in Era::ALL {
        check(&mut Http::open(era, None, &[]));
    }
}

#[test]
fn a_prompt_names_only_tools_that_are_offered() {
    let mut client = Stdio::open(
        Era::Modern,
        None,
        &[
            "serve",
            "--sample",
            "--as-of",
            TODAY,
            "--toolsets",
            "cloudwatch",
        ],
    );
    let list = client.result("prompts/list", json!({}));
    let names: Vec<&str> = list["prompts"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|prompt| prompt["name"].as_str())
        .collect();
    assert_eq!(
        names,
        ["daily_review", "weekly_review", "reduce_bedrock_bill"]
    );
    let text = text(&mut client, "daily_review", &json!({}));
    assert!(
        !text.contains("bedrock_spend") && text.contains("`describe_alarms"),
        "{text}"
    );
}
