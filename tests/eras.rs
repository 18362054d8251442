//! The protocol itself: both eras on both transports, a list that never varies, and a clean end.

use crate::{
    client::{Client, Era, rpc},
    http::Http,
    program::{Running, command, run},
    stdio::Stdio,
};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};

const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
/// Clients cut instructions here (Claude Code, seen 2026-10).
const LONGEST_INSTRUCTIONS: usize = 2_048;
const UNKNOWN_METHOD: i64 = -32_601;
const INVALID_PARAMS: i64 = -32_602;

fn check(client: &mut impl Client) {
    let modern = client.era() == Era::Modern;
    if modern {
        let found = client.result("server/discover", json!({}));
        let versions = found["supportedVersions"].as_array().unwrap();
        for version in Era::ALL.map(Era::version) {
            assert!(versions.contains(&json!(version)), "{found}");
        }
        check_instructions(&found["instructions"]);
        assert!(found["ttlMs"].as_u64().unwrap() > 0, "{found}");
        assert_eq!(found["_meta"][SERVER_INFO]["name"], "bedrock-cost-mcp");
        assert!(found["capabilities"]["tools"].is_object(), "{found}");
    }

    let list = client.result("tools/list", json!({}));
    assert_eq!(list, client.result("tools/list", json!({})));
    assert_eq!(list["tools"], listed_on_the_command_line());
    assert_eq!(list["_meta"].get(SERVER_INFO).is_some(), modern, "{list}");
    assert_eq!(list.get("cacheScope").is_some(), modern, "{list}");

    let unknown = client.request(
        "tools/call",
        json!({"name": "no_such_tool", "arguments": {}}),
    );
    assert_eq!(unknown["error"]["code"], INVALID_PARAMS, "{unknown}");
    assert!(
        unknown["error"]["data"]["tools"]
            .as_array()
            .is_some_and(|tools| !tools.is_empty()),
        "{unknown}"
    );
    let unknown = client.request("no/such/method", json!({}));
    assert_eq!(unknown["error"]["code"], UNKNOWN_METHOD, "{unknown}");

    let dry = client.call("cost-explorer", &json!({"dry_run": true}));
    assert_eq!(dry.answer()["aws_requests"], 0);
}

fn check_instructions(instructions: &Value) {
    let text = instructions.as_str().unwrap();
    assert!(
        !text.is_empty() && text.chars().count() <= LONGEST_INSTRUCTIONS,
        "{text}"
    );
}

fn listed_on_the_command_line() -> Value {
    let listed = run(None, &["tools", "--json"]);
    let mut listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    listed["tools"].take()
}

#[test]
fn every_era_is_spoken_over_stdio() {
    for era in Era::ALL {
        let mut client = Stdio::open(era, None, &["serve"]);
        check(&mut client);
        assert_eq!(client.close().code(), Some(0), "{era:?}");
    }
}

#[test]
fn every_era_is_spoken_over_http() {
    for era in Era::ALL {
        check(&mut Http::open(era, None, &[]));
    }
}

#[test]
fn initialize_tells_who_answers_and_how_to_ask() {
    let mut client = Stdio::open(Era::Modern, None, &[]);
    let initialize = Era::Initialize("2025-11-25").initialize_params();
    client.send(&rpc(900, "initialize", &initialize));
    let answer = client.next_response();
    assert_eq!(answer["result"]["serverInfo"]["name"], "bedrock-cost-mcp");
    assert_eq!(
        answer["result"]["serverInfo"]["version"],
        env!("CARGO_PKG_VERSION")
    );
    check_instructions(&answer["result"]["instructions"]);
}

#[test]
fn a_client_that_goes_away_ends_the_server() {
    let discover = rpc(1, "server/discover", &Era::Modern.params(json!({})));
    for (said, lines) in [(String::new(), 0), (format!("{discover}\n"), 1)] {
        let mut running = Running::start(command(None));
        let mut input = running.child.stdin.take().unwrap();
        input.write_all(said.as_bytes()).unwrap();
        drop(input);
        let mut heard = String::new();
        let mut output = running.child.stdout.take().unwrap();
        output.read_to_string(&mut heard).unwrap();
        assert_eq!(running.ended().code(), Some(0), "{}", running.stderr());
        assert_eq!(heard.lines().count(), lines, "{heard}");
        assert_eq!(running.stderr(), "");
    }
}

#[test]
fn a_line_that_is_no_message_does_not_end_the_server() {
    let mut client = Stdio::open(Era::Initialize("2025-11-25"), None, &[]);
    for line in [
        "{",
        "not JSON",
        "[]",
        "{\"jsonrpc\": \"2.0\"}",
        "\u{0}\u{1b}[2J",
        "",
    ] {
        client.send_text(line);
    }
    // Answered or passed over, but the next request is served.
    let id = client.begin("tools/list", json!({}));
    loop {
        let response = client.receive();
        if response["id"] == id {
            assert!(response["result"]["tools"].is_array(), "{response}");
            break;
        }
        assert!(response["error"]["code"].is_i64(), "{response}");
    }
}

#[test]
fn a_server_of_the_guide_offers_its_own_tools_only() {
    for (toolset, own, other) in [
        ("billing", "cost_explorer", "get_pricing"),
        ("pricing", "get_pricing", "cost_explorer"),
        ("cloudwatch", "describe_alarms", "budgets"),
    ] {
        let mut client = Stdio::open(Era::Modern, None, &["--toolsets", toolset]);
        let tools = client.tools();
        assert!(tools.iter().any(|tool| tool == own), "{toolset}: {tools:?}");
        assert!(
            tools.iter().all(|tool| tool != other),
            "{toolset}: {tools:?}"
        );
        let hidden = client.request("tools/call", json!({"name": other, "arguments": {}}));
        assert_eq!(hidden["error"]["code"], INVALID_PARAMS, "{hidden}");
    }
}
