//! What a client does on any transport: requests, and calls of tools whose answers are checked for form.

use serde_json::{Value, json};

/// A way to speak MCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// From 2026-07-28 on: no handshake, each request says its version.
    Modern,
    /// Before: the version is agreed in `initialize`.
    Initialize(&'static str),
}

impl Era {
    pub(crate) const ALL: [Self; 3] = [
        Self::Modern,
        Self::Initialize("2025-11-25"),
        Self::Initialize("2025-06-18"),
    ];

    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::Modern => "2026-07-28",
            Self::Initialize(version) => version,
        }
    }

    /// The parameters of a request with what this era adds to them.
    pub(crate) fn params(self, mut params: Value) -> Value {
        if self == Self::Modern {
            params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(self.version());
            params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
            params["_meta"]["io.modelcontextprotocol/clientInfo"] = client_info();
        }
        params
    }

    pub(crate) fn initialize_params(self) -> Value {
        json!({"protocolVersion": self.version(), "capabilities": {}, "clientInfo": client_info()})
    }
}

fn client_info() -> Value {
    json!({"name": "test", "version": "1.0.0"})
}

/// A JSON-RPC request.
pub(crate) fn rpc(id: u64, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

/// How a call of a tool ended.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub(crate) is_error: bool,
    /// The structured content.
    pub(crate) facts: Value,
    pub(crate) text: String,
}

impl Called {
    /// Reads the result of `tools/call` and checks that text and structured content carry the same facts.
    #[track_caller]
    pub(crate) fn read(result: &Value) -> Self {
        let facts = result["structuredContent"].clone();
        assert!(facts.is_object(), "no structured content: {result}");
        let blocks = result["content"].as_array().unwrap();
        assert_eq!(blocks.len(), 1, "{result}");
        let text = blocks[0]["text"].as_str().unwrap().to_owned();
        let is_error = result["isError"].as_bool().unwrap_or_default();
        if is_error {
            for field in ["code", "problem", "next_step"] {
                let part = facts[field].as_str().unwrap_or_default();
                assert!(
                    !part.is_empty() && text.contains(part),
                    "{field} is not in the text of {result}"
                );
            }
            if let Some(corrected) = facts.get("corrected_request") {
                assert!(text.contains(&corrected.to_string()), "{text}");
            }
        } else {
            let same: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(same, facts);
            assert!(facts["source"]["kind"].is_string(), "{facts}");
            assert!(facts["aws_requests"].is_u64(), "{facts}");
            assert_eq!(empty_in(&facts, "answer"), None, "nothing is there");
        }
        Self {
            is_error,
            facts,
            text,
        }
    }

    /// The answer; fails where the call was refused.
    #[track_caller]
    pub(crate) fn answer(self) -> Value {
        assert!(!self.is_error, "refused: {}", self.text);
        self.facts
    }
}

/// Where something is null, or a list or object without anything in it: an answer leaves out what says nothing.
fn empty_in(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Null => Some(path.to_owned()),
        Value::Array(items) if items.is_empty() => Some(path.to_owned()),
        Value::Object(fields) if fields.is_empty() => Some(path.to_owned()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(at, item)| empty_in(item, &format!("{path}/{at}"))),
        Value::Object(fields) => fields
            .iter()
            .find_map(|(name, field)| empty_in(field, &format!("{path}/{name}"))),
        _ => None,
    }
}

/// A client on some transport.
pub(crate) trait Client {
    fn era(&self) -> Era;

    /// Sends a request and returns the whole response.
    fn request(&mut self, method: &str, params: Value) -> Value;

    /// Sends a request and returns its result.
    #[track_caller]
    fn result(&mut self, method: &str, params: Value) -> Value {
        let mut response = self.request(method, params);
        assert!(response.get("error").is_none(), "{response}");
        if self.era() == Era::Modern {
            assert_eq!(response["result"]["resultType"], "complete", "{response}");
        }
        response["result"].take()
    }

    /// Calls a tool.
    #[track_caller]
    fn call(&mut self, tool: &str, arguments: &Value) -> Called {
        let result = self.result("tools/call", json!({"name": tool, "arguments": arguments}));
        Called::read(&result)
    }

    /// The names of the tools on offer.
    fn tools(&mut self) -> Vec<String> {
        let list = self.result("tools/list", json!({}));
        let tools = list["tools"].as_array().unwrap();
        tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect()
    }
}
