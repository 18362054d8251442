//! Resources: listed, read and completed, in both eras on both transports.

use crate::{
    client::{Client, Era},
    http::Http,
    stdio::Stdio,
};
use serde_json::{Value, json};

const PRICES: &str = "bedrock-cost://prices/{model}";
const INVALID_PARAMS: i64 = -32_602;
/// What eras before 2026-07-28 say of a resource that does not exist.
const NOT_FOUND: i64 = -32_002;

fn text(client: &mut impl Client, uri: &str) -> String {
    let read = client.result("resources/read", json!({"uri": uri}));
    let contents = &read["contents"][0];
    assert_eq!(contents["uri"], uri);
    assert_eq!(
        read.get("cacheScope").is_some(),
        client.era() == Era::Modern
    );
    contents["text"].as_str().unwrap().to_owned()
}

fn check(client: &mut impl Client) {
    let list = client.result("resources/list", json!({}));
    let uris: Vec<&str> = list["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| resource["uri"].as_str().unwrap())
        .collect();
    for (uri, file) in [
        ("bedrock-cost://guide", "docs/guide-checked.md"),
        ("bedrock-cost://rules", "docs/savings.md"),
        ("bedrock-cost://iam-policy", "examples/iam-policy.json"),
    ] {
        assert!(uris.contains(&uri), "{uris:?}");
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
        let written = std::fs::read_to_string(format!("{root}{file}")).unwrap();
        assert_eq!(text(client, uri), written, "{uri}");
    }

    let templates = client.result("resources/templates/list", json!({}));
    assert_eq!(templates["resourceTemplates"][0]["uriTemplate"], PRICES);
    let rates = text(client, "bedrock-cost://prices/amazon.nova-micro-v1%3A0");
    let rates: Value = serde_json::from_str(&rates).unwrap();
    let asked = json!({"model": "amazon.nova-micro-v1:0", "detail": "full", "limit": 500});
    let listed = client.call("get_pricing", &asked).answer();
    assert_eq!(rates["rows"], listed["rows"]);

    for uri in ["bedrock-cost://prices/nova-mikro", "bedrock-cost://prices/"] {
        let refused = client.request("resources/read", json!({"uri": uri}));
        let code = if client.era() == Era::Modern {
            INVALID_PARAMS
        } else {
            NOT_FOUND
        };
        assert_eq!(refused["error"]["code"], code, "{refused}");
        assert_eq!(refused["error"]["data"]["uri"], uri, "{refused}");
    }
    let refused = client.request(
        "resources/read",
        json!({"uri": "bedrock-cost://prices/nova-mikro"}),
    );
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains("amazon.nova-micro-v1:0"), "{message}");

    let begun = json!({"ref": {"type": "ref/resource", "uri": PRICES}, "argument": {"name": "model", "value": "amazon.nova-mi"}});
    let completed = client.result("completion/complete", begun);
    assert_eq!(
        completed["completion"]["values"],
        json!(["amazon.nova-micro-v1:0"])
    );
    let other = json!({"ref": {"type": "ref/prompt", "name": "none"}, "argument": {"name": "model", "value": ""}});
    let completed = client.result("completion/complete", other);
    assert_eq!(completed["completion"]["values"], json!([]));
}

#[test]
fn resources_are_read_over_stdio() {
    for era in Era::ALL {
        check(&mut Stdio::open(era, None, &["serve"]));
    }
}

#[test]
fn resources_are_read_over_http() {
    for era in Era::ALL {
        check(&mut Http::open(era, None, &[]));
    }
}
