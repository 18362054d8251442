//! A client over streamable HTTP, written out so that a test can send what no library would.

use crate::{
    account::Account,
    client::{Client, Era, rpc},
    program::{PATIENCE, Running, command},
};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

/// A server on a loopback port.
pub(crate) struct Http {
    era: Era,
    address: SocketAddr,
    next: u64,
    /// Everything that was no response, in order.
    pub(crate) notifications: Vec<Value>,
    running: Running,
}

/// An HTTP response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    /// The JSON-RPC messages in the body, whether it is JSON or an event stream.
    pub(crate) fn messages(&self) -> Vec<Value> {
        if self.head.contains("text/event-stream") {
            let data = self
                .body
                .lines()
                .filter_map(|line| line.strip_prefix("data:"));
            data.filter(|data| !data.trim().is_empty())
                .map(|data| serde_json::from_str(data).unwrap())
                .collect()
        } else {
            vec![serde_json::from_str(&self.body).unwrap()]
        }
    }
}

impl Http {
    /// Starts a server and, where the era has a handshake, makes it.
    pub(crate) fn open(era: Era, account: Option<&Account>, arguments: &[&str]) -> Self {
        let mut command = command(account);
        command
            .args(["serve", "--http", "127.0.0.1:0"])
            .args(arguments);
        let running = Running::start(command);
        let line = running.wait_for_stderr("listening on http://");
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .unwrap();
        let mut opened = Self {
            era,
            address: address.parse().unwrap(),
            next: 0,
            notifications: Vec::new(),
            running,
        };
        if let Era::Initialize(version) = era {
            let answer = opened.result("initialize", era.initialize_params());
            assert_eq!(answer["protocolVersion"], version);
            let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
            let accepted = opened.post(&[], &initialized.to_string());
            assert_eq!(accepted.status, 202, "{accepted:?}");
        }
        opened
    }

    /// What the server wrote to its log.
    pub(crate) fn log(&self) -> String {
        self.running.stderr()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The headers that this era wants on a request.
    pub(crate) fn headers(&self, method: &str, params: &Value) -> Vec<(&'static str, String)> {
        if method == "initialize" {
            return Vec::new();
        }
        let mut headers = vec![("MCP-Protocol-Version", self.era.version().to_owned())];
        if self.era == Era::Modern {
            headers.push(("Mcp-Method", method.to_owned()));
            let name = params["name"].as_str().or(params["uri"].as_str());
            headers.extend(name.map(|name| ("Mcp-Name", name.to_owned())));
        }
        headers
    }

    /// Posts a body; a header given here replaces the usual one of that name.
    pub(crate) fn post(&self, headers: &[(&str, String)], body: &str) -> Response {
        let mut stream = self.send(headers, body);
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Response {
            status,
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// Posts a body and leaves the response unread. HTTP/1.0, so that the body ends with the connection.
    pub(crate) fn send(&self, headers: &[(&str, String)], body: &str) -> TcpStream {
        let usual = [
            ("Host", self.address.to_string()),
            ("Content-Type", "application/json".to_owned()),
            ("Accept", "application/json, text/event-stream".to_owned()),
            ("Content-Length", body.len().to_string()),
        ];
        let mut head = String::from("POST /mcp HTTP/1.0\r\n");
        let replaced = |name: &str| headers.iter().any(|(given, _)| *given == name);
        let kept = usual.iter().filter(|(name, _)| !replaced(name));
        for (name, value) in kept
            .map(|(name, value)| (*name, value))
            .chain(headers.iter().map(|(name, value)| (*name, value)))
        {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses a request early need not read all of it.
        stream.write_all(body.as_bytes()).ok();
        stream
    }

    /// Begins a request whose response stays unread until the returned stream is.
    pub(crate) fn begin(&mut self, method: &str, params: Value) -> TcpStream {
        self.next += 1;
        let params = self.era.params(params);
        let headers = self.headers(method, &params);
        self.send(&headers, &rpc(self.next, method, &params).to_string())
    }
}

impl Client for Http {
    fn era(&self) -> Era {
        self.era
    }

    #[track_caller]
    fn request(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let params = self.era.params(params);
        let headers = self.headers(method, &params);
        let response = self.post(&headers, &rpc(self.next, method, &params).to_string());
        let mut messages = response.messages();
        let last = messages.pop().unwrap();
        assert_eq!(last["id"], self.next, "{response:?}");
        self.notifications.append(&mut messages);
        last
    }
}
