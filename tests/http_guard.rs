//! What the HTTP endpoint refuses: foreign pages, foreign names for this machine, and addresses others reach.

use crate::{
    client::{Client as _, Era, rpc},
    http::Http,
    program::run,
};
use serde_json::json;

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
    let mut headers = client.headers("tools/call", &json!({"name": "cost_explorer"}));
    let response = client.post(&headers, &body);
    assert_eq!(response.status, 400, "{response:?}");
    assert!(response.body.contains("-32020"), "{response:?}");
    headers.clear();
    let response = client.post(&headers, "{");
    assert!((400..500).contains(&response.status), "{response:?}");
}
