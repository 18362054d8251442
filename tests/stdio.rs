//! A client over stdin and stdout.

use crate::{
    account::Account,
    client::{Client, Era, rpc},
    program::{PATIENCE, Running, command},
};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{ChildStdin, Command, ExitStatus},
    sync::mpsc,
    thread,
    time::Duration,
};

/// A server on a pipe and what it has said.
pub(crate) struct Stdio {
    era: Era,
    running: Running,
    input: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
    /// Everything that was no response, in order.
    pub(crate) notifications: Vec<Value>,
    next: u64,
}

impl Stdio {
    /// Starts a server and, where the era has a handshake, makes it.
    pub(crate) fn open(era: Era, account: Option<&Account>, arguments: &[&str]) -> Self {
        let mut command = command(account);
        command.args(arguments);
        Self::over(era, command)
    }

    /// Starts a server by a command of the test's own.
    pub(crate) fn over(era: Era, command: Command) -> Self {
        let mut running = Running::start(command);
        let output = BufReader::new(running.child.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    break;
                }
            }
        });
        let mut opened = Self {
            era,
            input: running.child.stdin.take(),
            running,
            lines,
            notifications: Vec::new(),
            next: 0,
        };
        if let Era::Initialize(version) = era {
            let answer = opened.result("initialize", era.initialize_params());
            assert_eq!(answer["protocolVersion"], version);
            opened.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        }
        opened
    }

    /// Writes one message.
    pub(crate) fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string());
    }

    /// Writes one line, whatever it holds.
    pub(crate) fn send_text(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
    }

    /// Sends a request without waiting for its response.
    pub(crate) fn begin(&mut self, method: &str, params: Value) -> u64 {
        self.next += 1;
        let params = self.era.params(params);
        self.send(&rpc(self.next, method, &params));
        self.next
    }

    /// The next message from the server; stdout carries nothing else.
    #[track_caller]
    pub(crate) fn receive(&mut self) -> Value {
        let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
            panic!("the server is silent; stderr: {}", self.running.stderr());
        };
        let message: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error} in a line of stdout: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        message
    }

    /// The next response, whichever request it answers.
    #[track_caller]
    pub(crate) fn next_response(&mut self) -> Value {
        loop {
            let message = self.receive();
            if message.get("id").is_some() && message.get("method").is_none() {
                return message;
            }
            self.notifications.push(message);
        }
    }

    /// Waits for a message no longer than this; false where none came.
    pub(crate) fn received_within(&mut self, time: Duration) -> bool {
        self.lines.recv_timeout(time).is_ok()
    }

    /// Ends the server at once, in the middle of whatever it does.
    pub(crate) fn kill(&mut self) {
        self.running.child.kill().unwrap();
        self.running.ended();
    }

    /// Ends the input, as a client does that goes away, and waits for the server to end.
    pub(crate) fn close(mut self) -> ExitStatus {
        drop(self.input.take());
        let status = self.running.ended();
        for line in &self.lines {
            assert!(serde_json::from_str::<Value>(&line).is_ok(), "{line}");
        }
        status
    }
}

impl Client for Stdio {
    fn era(&self) -> Era {
        self.era
    }

    #[track_caller]
    fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        let response = self.next_response();
        assert_eq!(response["id"], id, "{response}");
        response
    }
}
