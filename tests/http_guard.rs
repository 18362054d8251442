//! What the HTTP endpoint refuses: foreign pages, foreign names for this machine, and addresses others reach.

use crate::{
    client::{Client as _, Era, rpc},
    http::Http,
    program::run,
};
use serde_json::{Value, json};

#[test]
fn foreign_origins_and_hosts_are_refused() {
    let mut client = Http::open(Era::Modern, None, &[]);
    let params = Era::Modern.params(json!({}));
    let body = rpc(1, "tools/list", &params).to_string();
    let port = client.port();
    let local = |name: &str| format!("{name}:{port}");
    for (header, value, status) in [
        ("Origin", "http://evil.example".to_owned(), 403),
        ("Origin", "https://127.0.0.1.evil.example".to_owned(), 403),
        ("Origin", "null".to_owned(), 403),
        ("Origin", local("http://127.0.0.1"), 200),
        ("Origin", local("http://localhost"), 200),
        ("Host", "evil.example".to_owned(), 403),
        ("Host", local("evil.example"), 403),
        ("Host", local("127.0.0.1.evil.example"), 403),
        ("Host", local("localhost"), 200),
        ("Host", local("127.0.0.1"), 200),
    ] {
        let mut headers = client.headers("tools/list", &params);
        headers.push((header, value.clone()));
        let response = client.post(&headers, &body);
        assert_eq!(response.status, status, "{header}: {value}: {response:?}");
        assert_eq!(response.body.contains("cost_explorer"), status == 200);
    }
    assert!(!client.tools().is_empty());
}

#[test]
fn an_address_that_others_reach_is_refused_at_start() {
    for address in [
        "0.0.0.0:0",
        "[::]:0",
        "192.0.2.1:8080",
        "example.com:80",
        "8080",
    ] {
        let ended = run(None, &["serve", "--http", address]);
        assert_eq!(ended.code, Some(2), "{address}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.contains(address), "{}", ended.stderr);
        assert!(ended.stderr.contains("127.0.0.1"), "{}", ended.stderr);
    }
}

#[test]
fn headers_that_contradict_the_body_are_refused() {
    let client = Http::open(Era::Modern, None, &[]);
    let params = Era::Modern.params(json!({}));
    let body = rpc(1, "tools/list", &params).to_string();
    let headers = client.headers("tools/call", &json!({"name": "cost_explorer"}));
    let response = client.post(&headers, &body);
    assert_eq!(response.status, 400, "{response:?}");
    assert!(response.body.contains("-32020"), "{response:?}");
}

/// Headers and a body; the status, code and id of the answer.
type Case<'a> = (&'a [(&'a str, String)], &'a str, u16, i64, Option<u64>);

#[test]
fn what_is_no_message_is_answered_as_json_and_the_server_goes_on() {
    let mut client = Http::open(Era::Modern, None, &[]);
    let plain = [("Content-Type", "text/plain".to_owned())];
    let html_only = [("Accept", "text/html".to_owned())];
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{}{}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    let listing = rpc(1, "tools/list", &json!({})).to_string();
    let cases: [Case<'_>; 9] = [
        (&[], "{", 400, -32700, None),
        (&[], "hello", 400, -32700, None),
        (&[], "", 400, -32700, None),
        (&[], &deep, 400, -32700, Some(7)),
        (&[], r#"{"jsonrpc":"2.0","id":8}"#, 400, -32600, Some(8)),
        (&[], "[]", 400, -32600, None),
        (&[], r#"{"method":"tools/list"}"#, 400, -32600, None),
        (&plain, &listing, 415, -32600, None),
        (&html_only, &listing, 406, -32600, None),
    ];
    for (headers, body, status, code, id) in cases {
        let response = client.post(headers, body);
        assert_eq!(response.status, status, "{body}: {response:?}");
        assert!(response.head.contains("content-type: application/json"));
        let message: Value = serde_json::from_str(&response.body).unwrap();
        assert_eq!(message["jsonrpc"], "2.0", "{body}: {message}");
        assert_eq!(message["error"]["code"], code, "{body}: {message}");
        assert_ne!(message["error"]["message"].as_str(), Some(""), "{body}");
        assert_eq!(message["id"].as_u64(), id, "{body}: {message}");
        assert!(!client.tools().is_empty());
    }
}
